//! The same entries give the same bytes: any order, split, chunk size, thread count, saved or not.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use log_gardener::analyze::{Plan, analyze};
use log_gardener::collect::{self, discover};
use log_gardener::distill::{self, Held, Masker, Policy, Redactor, UserRules};
use log_gardener::model::{Digest, Severity};
use log_gardener::query::Query;
use proptest::prelude::*;

use super::requests::request;

/// A record as a Cloud Run service may write it; equal numbers give equal records.
pub(crate) fn record(number: u64) -> String {
    let revision = if number % 7 < 4 { "api-00010-abc" } else { "api-00011-def" };
    let severity = ["INFO", "ERROR", "WARNING", "DEFAULT"][usize::try_from(number % 4).unwrap()];
    let message = match number % 5 {
        0 => format!("Error routing message from user-{}: timeout after {}ms", number % 13, number * 7 % 900),
        1 => format!("connection main_{:08x} closed", number * 2_654_435_761 % 4_294_967_296),
        2 => "[ERROR] worker failed to boot".to_owned(),
        3 => format!(
            "Traceback (most recent call last):\\n  File \\\"app/main.py\\\", line {number}, in run\\n    go()\\nKeyError: 'x{number}'"
        ),
        _ => format!("listing {} items for person{}@example.com", number % 3, number % 11),
    };
    format!(
        r#"{{"insertId":"id{number}","logName":"projects/p/logs/run.googleapis.com%2Fstdout","severity":"{severity}","timestamp":"2025-09-14T03:{:02}:{:02}.{:03}Z","trace":"projects/p/traces/{}","resource":{{"type":"cloud_run_revision","labels":{{"service_name":"api","revision_name":"{revision}","project_id":"p","location":"us-central1"}}}},"labels":{{"instanceId":"inst{}"}},"jsonPayload":{{"message":"{message}","user_id":"user-{}"}}}}"#,
        number / 60 % 60,
        number % 60,
        number % 1_000,
        number / 3,
        number % 2,
        number % 13,
    )
}

/// The digest of files, each a list of records, without what names files and chunks.
fn digest(folder: &Path, files: &[(String, String)], window_bytes: usize, threads: usize) -> Digest {
    fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    let settings = collect::Settings { window_bytes, ..collect::Settings::default() };
    let inputs = discover(&[folder.display().to_string()], &settings).unwrap();
    let distill = distill::Settings {
        masker: Masker::new(&[]).unwrap(),
        min_severity: Severity::Notice,
        query: Query::everything(),
        service: None,
        // What a worker remembers is as small as the window, and shows as little.
        held: if window_bytes < 10_000 { Held { texts: 3, patterns: 2, records: 0 } } else { Held::default() },
    };
    let plan = Plan {
        collect: settings,
        distill: &distill,
        redactor: &Redactor::new(Policy::On, &UserRules::default()).unwrap(),
        threads,
        assignments: false,
        progress: &|_, _| {},
        interrupted: &AtomicBool::new(false),
    };
    let mut digest = analyze(&inputs, &plan).unwrap().digest;
    digest.inputs.clear();
    digest.zones.clear();
    for pattern in digest.patterns.values_mut() {
        let exemplars = std::mem::take(&mut pattern.exemplars);
        pattern.exemplars = exemplars
            .into_iter()
            .map(|mut exemplar| {
                exemplar.source = log_gardener::model::Source::default();
                exemplar.length = 0;
                exemplar
            })
            .collect();
    }
    digest
}

fn bytes(digest: &Digest) -> String {
    serde_json::to_string(digest).unwrap()
}

fn ndjson(numbers: &[u64]) -> String {
    numbers.iter().map(|number| record(*number) + "\n").collect()
}

fn pretty(numbers: &[u64]) -> String {
    let records: Vec<serde_json::Value> =
        numbers.iter().map(|number| serde_json::from_str(&record(*number)).unwrap()).collect();
    serde_json::to_string_pretty(&records).unwrap() + "\n"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_split_in_any_order_on_any_threads(
        mut numbers in prop::collection::vec(0u64..400, 1..120),
        shuffle in any::<u64>(),
        parts in 1usize..5,
        window in 64usize..20_000,
        threads in 1usize..4,
    ) {
        numbers.sort_unstable();
        numbers.dedup();
        let home = tempfile::tempdir().unwrap();
        let whole = digest(&home.path().join("whole"), &[("all.json".to_owned(), pretty(&numbers))], 4 << 20, 1);
        let mut shuffled = numbers.clone();
        shuffled.sort_unstable_by_key(|number| (number ^ shuffle).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let size = shuffled.len().div_ceil(parts);
        let files: Vec<(String, String)> = shuffled
            .chunks(size)
            .enumerate()
            .map(|(index, part)| if index % 2 == 0 {
                (format!("part{index}.ndjson"), ndjson(part))
            } else {
                (format!("part{index}.json"), pretty(part))
            })
            .collect();
        let split = digest(&home.path().join("split"), &files, window, threads);
        prop_assert!(bytes(&split) == bytes(&whole), "the split shows");
    }

    #[test]
    fn overlapping_exports_count_once(numbers in prop::collection::vec(0u64..200, 1..60), cut in 0usize..60, window in 64usize..20_000) {
        let mut once = numbers.clone();
        once.sort_unstable();
        once.dedup();
        let home = tempfile::tempdir().unwrap();
        let expected = digest(&home.path().join("once"), &[("all.ndjson".to_owned(), ndjson(&once))], 4 << 20, 1);
        let (left, _) = numbers.split_at(cut.min(numbers.len()));
        let files = [("a.ndjson".to_owned(), ndjson(left)), ("b.json".to_owned(), pretty(&once)), ("c.ndjson".to_owned(), ndjson(&numbers))];
        let overlapping = digest(&home.path().join("overlapping"), &files, window, 2);
        prop_assert!(bytes(&overlapping) == bytes(&expected), "copies show");
    }

    #[test]
    fn requests_are_counted_alike_in_any_split(cut in 1u64..900, window in 400usize..20_000) {
        let lines = |numbers: std::ops::Range<u64>| -> String {
            let line = |number: u64| {
                let service = if number.is_multiple_of(3) { "api" } else { "person1@example.com" };
                let status = [200, 101, 503][usize::try_from(number % 7 % 3).unwrap()];
                // More minutes than a service keeps apart, in no order.
                let seconds = number * 1_021 % 80_000;
                let took = (!number.is_multiple_of(5)).then_some(number * 37 % 4_000);
                request(service, (number, seconds), "/orders/17", status, took).replace("Id\":\"person1@example.com", "Id\":\"p")
            };
            numbers.map(line).collect()
        };
        let home = tempfile::tempdir().unwrap();
        let whole = digest(&home.path().join("whole"), &[("all.ndjson".to_owned(), lines(0..900))], 4 << 20, 1);
        let files = [("a.ndjson".to_owned(), lines(cut..900)), ("b.ndjson".to_owned(), lines(0..(cut + 9).min(900)))];
        let split = digest(&home.path().join("split"), &files, window, 2);
        prop_assert!(bytes(&split) == bytes(&whole), "the split or the copies show");
        let part = |name: &str, text: String| digest(&home.path().join(name), &[("x.ndjson".to_owned(), text)], 4 << 20, 1);
        let mut merged = part("right", lines(cut..900));
        merged.merge(part("left", lines(0..cut)));
        prop_assert!(bytes(&merged) == bytes(&whole), "merging shows");
        prop_assert!(!bytes(&whole).contains("person1"), "not redacted");
    }

    #[test]
    fn saved_digests_merge_to_the_whole(numbers in prop::collection::btree_set(0u64..300, 2..80), cut in 1usize..79) {
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let (left, right) = numbers.split_at(cut.min(numbers.len()));
        let home = tempfile::tempdir().unwrap();
        let part = |name: &str, numbers: &[u64]| {
            let made = digest(&home.path().join(name), &[("x.ndjson".to_owned(), ndjson(numbers))], 4 << 20, 1);
            serde_json::from_str::<Digest>(&bytes(&made)).unwrap()
        };
        let mut merged = part("right", right);
        merged.merge(part("left", left));
        prop_assert!(bytes(&merged) == bytes(&part("whole", &numbers)), "saving shows");
    }
}

#[test]
fn redacted_digests_of_many_users_merge_to_the_whole() {
    let home = tempfile::tempdir().unwrap();
    let of_person = |number: u64| {
        let user = format!("\"user_id\":\"user-{}\"", number * 5 % 13);
        record(number * 5).replace(&user, &format!("\"user_id\":\"person{number}@example.com\""))
    };
    let part = |name: &str, numbers: &mut dyn Iterator<Item = u64>| {
        let text: String = numbers.map(|number| of_person(number) + "\n").collect();
        digest(&home.path().join(name), &[("x.ndjson".to_owned(), text)], 4 << 20, 1)
    };
    let whole = part("whole", &mut (0..500));
    let mut merged = part("odd", &mut (0..500).filter(|number| number % 3 == 1));
    merged.merge(part("rest", &mut (0..500).filter(|number| number % 3 == 2)));
    merged.merge(part("even", &mut (0..500).filter(|number| number % 3 == 0)));
    assert!(bytes(&merged) == bytes(&whole), "splitting shows");
    let users = whole.patterns.values().map(|pattern| pattern.users.distinct()).max().unwrap();
    assert!((150..400).contains(&users), "{users}");
    assert!(!bytes(&whole).contains("person1"), "not redacted");
}

/// A free text of its own for every number, from one place.
fn free_text(number: u64) -> String {
    let letters = |mut number: u64| -> String {
        let mut word = String::new();
        for _ in 0..5 {
            word.push(char::from(b'a' + (number % 26) as u8));
            number = number / 26 + number * 7;
        }
        word
    };
    let words = format!("{} {} {}", letters(number), letters(number * 31 + 5), letters(number * 977 + 11));
    format!(
        r#"{{"insertId":"f{number}","severity":"ERROR","timestamp":"2025-09-14T03:{:02}:{:02}Z","jsonPayload":{{"message":"note {words}"}}}}"#,
        number / 60 % 60,
        number % 60,
    ) + "\n"
}

#[test]
fn an_archive_of_free_texts_collapses_alike_however_it_is_read() {
    let home = tempfile::tempdir().unwrap();
    let text: String = (0..4_300).map(free_text).collect();
    let whole = digest(&home.path().join("whole"), &[("all.ndjson".to_owned(), text.clone())], 4 << 20, 1);
    assert_eq!(whole.patterns.len(), 1, "more than the limit of one group");
    // Workers that settle after every chunk know of the collapse long before the end.
    let early = digest(&home.path().join("early"), &[("all.ndjson".to_owned(), text)], 9_000, 3);
    assert!(bytes(&early) == bytes(&whole), "when it collapsed shows");
}
