//! Archives of every form, whole and damaged, in; the entries, skips and notes that collecting gives out.

mod any;
mod damage;
mod files;
mod packed;
mod shapes;

use std::{collections::BTreeSet, io::Write, path::Path};

use log_gardener::{
    collect::{Chunk, Feed, InputReport, RecordReader, Settings, Sink, discover, parse_record},
    distill::{
        self,
        reading::{Plans, read_planned},
    },
    model::LogEntry,
};
use proptest::prelude::*;

/// What a run over some inputs gave, in an order of its own.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Place, and what the entry says.
    entries: Vec<(u64, String)>,
    /// Place, length and reason.
    skips: Vec<(u64, u64, String)>,
    notes: BTreeSet<String>,
    reports: Vec<InputReport>,
    passed_over: Vec<(String, String)>,
}

impl Seen {
    fn ids(&self) -> Vec<String> {
        let id = |text: &String| parse_record(text.as_bytes(), |entry| entry.insert_id.to_owned()).unwrap();
        self.entries.iter().map(|(_, text)| id(text)).collect()
    }

    fn reasons(&self) -> Vec<&str> {
        self.skips.iter().map(|(_, _, reason)| reason.as_str()).collect()
    }

    fn all_notes(&self) -> BTreeSet<&str> {
        self.notes.iter().chain(self.reports.iter().flat_map(|report| &report.notes)).map(String::as_str).collect()
    }

    fn file_skips(&self) -> Vec<&str> {
        self.reports.iter().flat_map(|report| &report.skips).map(|(_, reason)| reason.as_str()).collect()
    }
}

impl Sink for Seen {
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        let text = entry.record.to_json().to_string();
        let facts = |entry: &LogEntry<'_>| format!("{:?}", LogEntry { laid: None, ..*entry });
        let again = parse_record(raw, facts).unwrap_or_else(|reason| panic!("{reason}: {text}"));
        assert_eq!(again, facts(entry), "the raw record says the same");
        self.entries.push((offset, text));
    }

    fn skip(&mut self, offset: u64, length: u64, reason: &str) {
        assert!(length > 0, "a skip of nothing: {reason}");
        self.skips.push((offset, length, reason.to_owned()));
    }

    fn note(&mut self, note: &str) {
        self.notes.insert(note.to_owned());
    }
}

/// Asserts that a record of a known layout is understood like any other.
#[derive(Default)]
struct Judged {
    seen: Seen,
    plans: Plans,
}

impl Sink for Judged {
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        let planned = format!("{:?}", read_planned(entry, &mut self.plans));
        assert_eq!(planned, format!("{:?}", distill::read(entry)));
        self.seen.entry(entry, raw, offset);
    }

    fn skip(&mut self, offset: u64, length: u64, reason: &str) {
        self.seen.skip(offset, length, reason);
    }

    fn note(&mut self, note: &str) {
        self.seen.note(note);
    }
}

fn run(arguments: &[&Path], settings: &Settings) -> Seen {
    let arguments: Vec<String> = arguments.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    let found = discover(&arguments, settings).unwrap();
    let passed_over = found.passed_over.iter().chain(&found.aliases).cloned().collect();
    let mut judged = Judged { seen: Seen { passed_over, ..Seen::default() }, ..Judged::default() };
    let mut feed = Feed::new(found, settings.clone());
    let mut reader = RecordReader::new(settings);
    let mut last: Option<(String, u64)> = None;
    while let Some(chunk) = feed.next_chunk() {
        in_order(&mut last, &chunk);
        reader.read(&chunk, &mut judged);
    }
    judged.seen.reports = feed.finish();
    judged.seen
}

/// Chunks of one input join without gap or overlap.
fn in_order(last: &mut Option<(String, u64)>, chunk: &Chunk) {
    let expected = match last {
        Some((path, to)) if path == chunk.path() => *to,
        _ => 0,
    };
    assert_eq!(chunk.from(), expected, "{}", chunk.path());
    assert!(chunk.to() > chunk.from());
    *last = Some((chunk.path().to_owned(), chunk.to()));
}

fn write(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().write_all(bytes).unwrap();
    file
}

/// Reads one file with several sizes of window, mapped and read, and asserts that all agree.
fn read(bytes: &[u8]) -> Seen {
    read_with(bytes, &Settings::default(), &[1, 2, 3, 17, 100, 1000])
}

fn read_with(bytes: &[u8], settings: &Settings, windows: &[usize]) -> Seen {
    let file = write(bytes);
    let whole = run(&[file.path()], settings);
    for window_bytes in windows {
        for mmap in [true, false] {
            let other = run(&[file.path()], &Settings { window_bytes: *window_bytes, mmap, ..settings.clone() });
            assert_eq!(other, whole, "window {window_bytes} {mmap}\n{}", String::from_utf8_lossy(bytes));
        }
    }
    accounted(bytes, &whole);
    whole
}

/// Every byte of a plain file belongs to an entry, a skip or separators, and to one of them only.
fn accounted(bytes: &[u8], seen: &Seen) {
    if seen.reports.iter().any(|report| report.compression != "none" || report.format != "ndjson") {
        return;
    }
    let mut spans: Vec<(usize, usize)> =
        seen.skips.iter().map(|(at, length, _)| (*at as usize, *length as usize)).collect();
    spans.extend(seen.entries.iter().map(|(at, _)| (*at as usize, 1)));
    spans.sort_unstable();
    for pair in spans.windows(2) {
        assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{pair:?} overlap in {}", String::from_utf8_lossy(bytes));
    }
}

#[track_caller]
fn check(bytes: impl AsRef<[u8]>, ids: &[&str], reasons: &[&str]) -> Seen {
    let seen = read(bytes.as_ref());
    let text = String::from_utf8_lossy(bytes.as_ref()).chars().take(2000).collect::<String>();
    assert_eq!(seen.ids(), ids, "{text}\n{seen:?}");
    assert_eq!(seen.reasons(), reasons, "{text}\n{seen:?}");
    seen
}

#[track_caller]
fn check_clean(bytes: impl AsRef<[u8]>, ids: &[&str], format: &str) {
    let seen = check(bytes, ids, &[]);
    assert_eq!(seen.reports[0].format, format);
    assert_eq!(seen.all_notes(), BTreeSet::new());
    assert_eq!(seen.file_skips(), Vec::<&str>::new());
}

fn entry(id: &str) -> serde_json::Value {
    serde_json::json!({
        "insertId": id, "labels": {"k": "} { [ ] , \" \\"}, "errorGroups": [{"id": "x"}, {"id": "y"}],
        "logName": "projects/p/logs/l", "resource": {"type": "t", "labels": {"a": "b"}}, "textPayload": "é [{\"insertId\":1}] ",
        "timestamp": "2025-09-14T03:01:24.144344Z"
    })
}

fn entries() -> serde_json::Value {
    serde_json::json!([entry("a"), entry("b"), entry("c")])
}

fn pretty(value: &serde_json::Value, indent: &[u8]) -> String {
    use serde::Serialize;
    let mut out = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(indent);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, format)).unwrap();
    String::from_utf8(out).unwrap() + "\n"
}

fn ndjson() -> String {
    ["a", "b", "c"].map(|id| entry(id).to_string() + "\n").concat()
}

const ABC: [&str; 3] = ["a", "b", "c"];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}
