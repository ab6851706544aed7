//! Of runs: files that vanish, records that make a worker panic.

use super::*;
use crate::distill::{Held, Masker, Policy, UserRules};
use crate::model::Severity;
use crate::query::Query;

/// A worker panics on a record that holds this.
pub(super) const FATAL: &[u8] = b"fatal to workers";

fn analysed(archive: &str, window_bytes: usize, threads: usize) -> Digest {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), archive).unwrap();
    analysed_while(&file, window_bytes, threads, &|_, _| ())
}

fn analysed_while(
    file: &tempfile::NamedTempFile,
    window_bytes: usize,
    threads: usize,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Digest {
    let settings = collect::Settings { window_bytes, ..collect::Settings::default() };
    let inputs = collect::discover(&[file.path().display().to_string()], &settings).unwrap();
    let plan = Plan {
        collect: settings,
        distill: &distill::Settings {
            masker: Masker::new(&[]).unwrap(),
            min_severity: Severity::Default,
            query: Query::everything(),
            service: None,
            held: Held::default(),
        },
        redactor: &Redactor::new(Policy::On, &UserRules::default()).unwrap(),
        threads,
        assignments: false,
        progress,
        interrupted: &AtomicBool::new(false),
    };
    analyze(&inputs, &plan).unwrap().digest
}

#[test]
fn copies_that_cannot_be_read_again_are_said_to_be_counted() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let line = "{\"insertId\":\"a\",\"severity\":\"ERROR\",\"textPayload\":\"disk is full\"}\n";
    std::fs::write(file.path(), line.repeat(3)).unwrap();
    // The file is gone once its only chunk is handed out.
    let digest = analysed_while(&file, 4 << 20, 1, &|_, _| drop(std::fs::remove_file(file.path())));
    let input = digest.inputs.values().next().unwrap();
    assert_eq!((input.entries, input.skipped, input.duplicates, digest.overall.count), (4, 1, 0, 3));
    assert!(input.notes.iter().any(|note| note.starts_with("2 copies of entries")), "{:?}", input.notes);
    assert!(digest.skips.listed.iter().any(|skip| skip.reason.contains("cannot be read")), "{:?}", digest.skips);
}

#[test]
fn a_panic_costs_the_record_that_caused_it() {
    let line = |number: usize| {
        let text = if number % 10 == 3 { std::str::from_utf8(FATAL).unwrap() } else { "disk is full" };
        let twin = if number % 10 == 5 { number - 1 } else { number };
        format!("{{\"insertId\":\"{twin}\",\"severity\":\"ERROR\",\"textPayload\":\"{text}\"}}\n")
    };
    let archive: String = (0..200).map(line).collect();
    let array = format!("[{}]", archive.trim_end().replace('\n', ","));
    for (archive, window_bytes, threads) in [(&archive, 4 << 20, 1), (&archive, 300, 3), (&array, 500, 2)] {
        let digest = analysed(archive, window_bytes, threads);
        let input = digest.inputs.values().next().unwrap();
        assert_eq!((input.entries, input.skipped, input.duplicates), (200, 20, 20), "{window_bytes}");
        assert_eq!(digest.overall.count, 160);
        assert_eq!((digest.skips.total, digest.skips.listed.len()), (20, 20));
        for (skip, number) in digest.skips.listed.iter().zip((3_usize..).step_by(10)) {
            assert!(skip.reason.contains("defect"), "{skip:?}");
            assert_eq!(skip.offset, archive.match_indices("{\"insertId").nth(number).unwrap().0 as u64);
        }
    }
}
