//! Archives of every form, whole and damaged, in; the entries, skips and notes that collecting gives out.

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

#[test]
fn shapes_of_exports() {
    check_clean(pretty(&entries(), b"  "), &ABC, "json array");
    check_clean(pretty(&entries(), b"    "), &ABC, "json array");
    check_clean(pretty(&entries(), b"\t"), &ABC, "json array");
    check_clean(pretty(&entries(), b""), &ABC, "json array");
    check_clean(pretty(&entries(), b"  ").replace('\n', "\r\n"), &ABC, "json array");
    check_clean(entries().to_string(), &ABC, "compact json array");
    check_clean(ndjson(), &ABC, "ndjson");
    check_clean(ndjson().trim_end(), &ABC, "ndjson");
    check_clean(ndjson().replace('\n', "\r\n"), &ABC, "ndjson");
    check_clean(ndjson().replace('\n', ""), &ABC, "ndjson");
    check_clean(format!("[{}]", ndjson().trim_end().replace('\n', ",\n")), &ABC, "compact json array");
    check_clean(format!("[\n{}\n]", ndjson().trim_end().replace('\n', "\n,")), &ABC, "compact json array");
    let pasted = ABC.map(|id| pretty(&entry(id), b"  ") + "\n").concat();
    check_clean(&pasted, &ABC, "json objects");
    check_clean(format!("\n\n{pasted}\n"), &ABC, "json objects");
    check_clean(ABC.map(|id| pretty(&entry(id), b"")).concat(), &ABC, "json objects");
    let answer = serde_json::json!({"entries": entries(), "nextPageToken": "x}{", "n": 1.5});
    for indent in [&b"  "[..], b"", b"\t"] {
        check_clean(pretty(&answer, indent), &ABC, "entries answer");
    }
    check_clean(answer.to_string(), &ABC, "entries answer");
    check_clean(
        format!("[{},{}]", entry("a"), serde_json::json!([[entry("b")], entry("c")])),
        &ABC,
        "compact json array",
    );
}

#[test]
fn pages_one_a_line() {
    let page =
        |ids: &[&str]| serde_json::json!({"entries": ids.iter().map(|id| entry(id)).collect::<Vec<_>>()}).to_string();
    let seen = check(format!("{}\n{}\n", page(&["a", "b"]), page(&["c"])), &ABC, &[]);
    assert_eq!(seen.all_notes(), BTreeSet::new());
    check(format!("{}\n{}\n", entry("a"), page(&["b", "c"])), &ABC, &[]);
}

#[test]
fn grouped_by_severity() {
    let mut bare = entry("b");
    bare["severity"] = "INFO".into();
    let dump = serde_json::json!({"collection_time": "x", "logs_by_severity": {"ERROR": [entry("a"), bare], "WARNING": [entry("c")]}});
    for text in [dump.to_string(), pretty(&dump, b"  ")] {
        let seen = check(text, &ABC, &[]);
        let severities: Vec<String> = seen
            .entries
            .iter()
            .map(|(_, text)| parse_record(text.as_bytes(), |entry| entry.severity.to_string()).unwrap())
            .collect();
        assert_eq!(severities, ["ERROR", "INFO", "WARNING"]);
        assert_eq!(seen.reports[0].format, "entries grouped by severity");
    }
}

#[test]
fn pubsub_envelopes() {
    use base64::Engine;
    let data = |id: &str| base64::engine::general_purpose::STANDARD.encode(entry(id).to_string());
    let push = |id: &str| serde_json::json!({"message": {"data": data(id), "messageId": "1"}, "subscription": "s"});
    check(format!("{}\n{}\n", push("a"), push("b")), &["a", "b"], &[]);
    check(pretty(&serde_json::json!([push("a"), push("b")]), b"  "), &["a", "b"], &[]);
    check(serde_json::json!({"data": data("a"), "messageId": "1"}).to_string(), &["a"], &[]);
    let pulled = serde_json::json!({"receivedMessages": [{"ackId": "1", "message": {"data": data("a")}}]});
    check(pulled.to_string(), &["a"], &[]);
    check(pretty(&pulled, b"  "), &["a"], &[]);
    let odd = serde_json::json!({"message": {"data": "aGVsbG8=", "messageId": "1"}});
    check(format!("{}\n{odd}\n", push("a")), &["a"], &["not a log entry"]);
}

#[test]
fn truncated_exports_keep_every_complete_entry() {
    let never = "the array is never closed: the export was interrupted or cut off";
    let cut_off = "cut off at the end of the input";
    for text in [pretty(&entries(), b"  "), entries().to_string(), pretty(&entries(), b"")] {
        let third = text.rfind("\"insertId\":").unwrap();
        let brace = text[..third].rfind('{').unwrap();
        for end in [third + 3, third + 30, text.rfind('}').unwrap()] {
            let seen = check(&text[..end], &["a", "b"], &[cut_off]);
            assert!(seen.all_notes().contains(never), "{:?}", seen.all_notes());
        }
        // In the middle of a character.
        let end = text.rfind('é').unwrap() + 1;
        check(&text.as_bytes()[..end], &["a", "b"], &[cut_off]);
        // Behind a comma.
        let seen = check(&text[..brace], &["a", "b"], &[]);
        assert!(seen.all_notes().contains(never));
    }
    let text = ndjson();
    check(&text[..text.len() - 10], &["a", "b"], &[cut_off]);
    let text = ABC.map(|id| pretty(&entry(id), b"  ")).concat();
    let seen = check(&text[..text.len() - 10], &["a", "b"], &[cut_off]);
    assert_eq!(seen.all_notes(), BTreeSet::new());
    // What follows a closed array is not in it.
    let text = format!("{}{}", pretty(&entries(), b"  "), pretty(&entry("d"), b"  "));
    assert_eq!(check(text, &["a", "b", "c", "d"], &[]).all_notes(), BTreeSet::new());
}

#[test]
fn files_put_together() {
    let (array, lines) = (pretty(&entries(), b"  "), ndjson());
    let six = ["a", "b", "c", "a", "b", "c"];
    check(format!("{array}{array}"), &six, &[]);
    check(format!("{array}{lines}"), &six, &[]);
    check(format!("{lines}{array}"), &six, &[]);
    check(format!("{lines}{}", pretty(&entries(), b"")), &six, &[]);
    check(format!("{}{lines}", entries()), &six, &[]);
    check(format!("{lines}{}", entries()), &six, &[]);
    let seen = check(format!("\u{feff}{array}\u{feff}{array}"), &six, &[]);
    assert_eq!(seen.all_notes(), BTreeSet::from(["a byte order mark stands inside the file"]));
    assert_eq!(check(format!("\u{feff}{lines}"), &ABC, &[]).all_notes(), BTreeSet::new());
}

#[test]
fn text_around_records() {
    let stray = "text between records";
    for text in [pretty(&entries(), b"  "), ndjson(), entries().to_string()] {
        check(format!("WARNING: [ok] \"quoted {{\nListed 0 items.\n{text}"), &ABC, &[stray]);
        check(format!("{text}\nListed 3 items.\n"), &ABC, &[stray]);
        check(format!("\x1b[1mfetching\x1b[0m\n{text}$ \n"), &ABC, &[stray, stray]);
        let seen = check([text.as_bytes(), &[0; 5000]].concat(), &ABC, &["NUL bytes"]);
        assert_eq!(
            (seen.skips[0].0 as usize, seen.skips[0].1),
            (text.trim_end().len() + usize::from(text.ends_with('\n')), 5000)
        );
    }
    let lines = ndjson();
    let (first, rest) = lines.split_once('\n').unwrap();
    check(format!("{first}\nTraceback: \"\n  at x\n{rest}"), &ABC, &[stray]);
    check(format!("{first}\n\0\0\0{rest}"), &ABC, &["NUL bytes"]);
}

#[test]
fn broken_records_cost_themselves_alone() {
    let broken = "not valid JSON";
    let lines = ndjson();
    let all: Vec<&str> = lines.lines().collect();
    for bad in [
        "{\"insertId\":\"x",
        "{\"insertId\":x}",
        "{\"insertId\":\"x\",\"a\":[{\"b\":1}",
        "{insertId: 1}",
        "{\"a\":\"\u{7}\",\"b\":}",
        "{{{{",
        "{\"a\":[[[[",
    ] {
        check(format!("{}\n{bad}\n{}\n", all[0], all[1]), &["a", "b"], &[broken]);
        check(
            format!("{bad}\n{}\n{bad}\n", all[0]),
            &["a"],
            &[
                broken,
                if read(format!("{}\n{bad}\n", all[0]).as_bytes()).reasons() == [broken] {
                    broken
                } else {
                    "cut off at the end of the input"
                },
            ],
        );
        check(format!("[{},{bad},{}]", all[0], all[1]), &["a", "b"], &[broken]);
    }
    check(format!("{}\n{}{}\n{}", all[0], &all[1][..40], all[1], all[2]), &ABC, &[broken]);
    check(format!("{}\n{{\"x\":1}}\n{}", all[0], all[1]), &["a", "b"], &["not a log entry"]);
}

/// Panics on entries of one id.
#[derive(Default)]
struct Failing {
    seen: Seen,
}

impl Sink for Failing {
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        assert!(entry.insert_id != "fatal", "made to fail");
        self.seen.entry(entry, raw, offset);
    }

    fn skip(&mut self, offset: u64, length: u64, reason: &str) {
        self.seen.skip(offset, length, reason);
    }

    fn note(&mut self, note: &str) {
        self.seen.note(note);
    }
}

#[test]
fn a_panic_costs_one_record_wherever_it_stands() {
    let ids = ["fatal", "a", "fatal", "fatal", "b", "c", "fatal"];
    let list = serde_json::Value::from_iter(ids.map(entry));
    let lines = ids.map(|id| entry(id).to_string() + "\n").concat();
    let glued = lines.replace('\n', "");
    let grouped = serde_json::json!({"logs_by_severity": {"ERROR": list.clone()}}).to_string();
    for text in [pretty(&list, b"  "), list.to_string(), lines, glued, pretty(&list, b""), grouped] {
        for window_bytes in [1, 40, 700, 1 << 20] {
            let file = write(text.as_bytes());
            let settings = Settings { window_bytes, ..Settings::default() };
            let found = discover(&[file.path().to_str().unwrap().to_owned()], &settings).unwrap();
            let mut feed = Feed::new(found, settings.clone());
            let mut reader = RecordReader::new(&settings);
            let mut failing = Failing::default();
            while let Some(chunk) = feed.next_chunk() {
                reader.read(&chunk, &mut failing);
            }
            assert_eq!(failing.seen.ids(), ABC, "{text}");
            let skips = &failing.seen.skips;
            assert!(skips.len() == 4 && skips.iter().all(|(.., reason)| reason.contains("defect")), "{skips:?}");
            assert!(skips.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "{skips:?}");
        }
    }
}

#[test]
fn what_is_wanted_is_read_again_wherever_it_stands() {
    let ids: Vec<String> = (0..400).map(|number| format!("id {number}")).collect();
    let list: serde_json::Value = ids.iter().map(|id| entry(id)).collect();
    let lines: String = ids.iter().map(|id| entry(id).to_string() + "\n").collect();
    let broken = list.to_string().replacen("\"id 7\"", "\"id 7", 1);
    let grouped = serde_json::json!({"logs_by_severity": {"ERROR": list.clone()}}).to_string();
    let glued = lines.replace('\n', "");
    for text in [pretty(&list, b"  "), list.to_string(), broken, lines, glued, grouped] {
        for packed in [false, true] {
            let bytes = if packed { gzip(text.as_bytes()) } else { text.clone().into_bytes() };
            let file = write(&bytes);
            let path = file.path().to_str().unwrap().to_owned();
            let settings = Settings { window_bytes: 3_000, ..Settings::default() };
            let whole = run(&[file.path()], &settings);
            let wanted: Vec<&(u64, String)> = [0, 20, 21, 200, 350].iter().map(|at| &whole.entries[*at]).collect();
            let ranges = wanted.iter().map(|(offset, _)| (*offset, offset + 1)).collect();
            let found = discover(std::slice::from_ref(&path), &settings).unwrap();
            let mut feed = Feed::new(found, settings.clone()).restrict([(path.into(), ranges)].into());
            let (mut reader, mut again) = (RecordReader::new(&settings), Seen::default());
            while let Some(chunk) = feed.next_chunk() {
                reader.read(&chunk, &mut again);
            }
            assert!(again.entries.iter().all(|entry| whole.entries.contains(entry)), "{text}");
            assert!(wanted.iter().all(|entry| again.entries.contains(entry)), "{text}");
            assert!(again.entries.len() < 60, "{}", again.entries.len());
        }
    }
}

#[test]
fn one_damaged_byte_costs_at_most_its_record() {
    let short = |id: &str| serde_json::json!({"insertId": id, "n": [{"a": 1.5}], "textPayload": "{\"[\\"});
    let list = serde_json::json!([short("a"), short("b"), short("c")]);
    let lines = ["a", "b", "c"].map(|id| short(id).to_string() + "\n").concat();
    for text in [pretty(&list, b"  "), list.to_string(), lines, pretty(&list, b"")] {
        for at in 0..text.len() {
            for change in
                [Some(b'"'), Some(b'{'), Some(b'}'), Some(b'\\'), Some(b'\n'), Some(0), Some(0xff), Some(b'x'), None]
            {
                let mut bytes = text.clone().into_bytes();
                match change {
                    Some(byte) => bytes[at] = byte,
                    None => drop(bytes.remove(at)),
                }
                let file = write(&bytes);
                let seen = run(&[file.path()], &Settings::default());
                let narrow = run(&[file.path()], &Settings { window_bytes: 30, ..Settings::default() });
                let shown = String::from_utf8_lossy(&bytes);
                assert_eq!(seen, narrow, "{shown}");
                let record = seen_record(&text, at);
                for (number, id) in ABC.iter().enumerate() {
                    let found = seen
                        .entries
                        .iter()
                        .filter(|(_, text)| text.contains(&format!("\"insertId\":\"{id}\"")))
                        .count();
                    assert!(
                        found == 1 || (found == 0 && record == Some(number)),
                        "{id} {found} times, byte {at} {change:?}\n{shown}\n{seen:?}"
                    );
                }
            }
        }
    }
}

/// Which record (from 0) the byte at `at` belongs to; the bytes between two belong to none.
fn seen_record(text: &str, at: usize) -> Option<usize> {
    let starts: Vec<usize> =
        text.match_indices("\"insertId\"").map(|(index, _)| text[..index].rfind('{').unwrap()).collect();
    let ends: Vec<usize> = starts
        .iter()
        .map(|start| {
            let mut values = serde_json::Deserializer::from_str(&text[*start..]).into_iter::<serde_json::Value>();
            values.next().unwrap().unwrap();
            start + values.byte_offset()
        })
        .collect();
    // The line start in front of a record tells where it starts: damage there counts as damage to the record.
    starts.iter().zip(&ends).position(|(start, end)| (start.saturating_sub(3)..end + 1).contains(&at))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(members: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes, packed) in members {
        let method = if *packed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[test]
fn packed_exports() {
    let lines = ndjson();
    let (head, tail) = lines.split_at(lines.len() / 2);
    for text in [pretty(&entries(), b"  "), entries().to_string(), lines.clone()] {
        for (packed, name) in [
            (gzip(text.as_bytes()), "gzip"),
            (zstd::encode_all(text.as_bytes(), 3).unwrap(), "zstd"),
            (gzip(&gzip(text.as_bytes())), "gzip+gzip"),
        ] {
            let seen = check(&packed, &ABC, &[]);
            assert_eq!(seen.reports[0].compression, name);
            assert_eq!(seen.reports[0].bytes, packed.len() as u64);
            assert!(seen.file_skips().is_empty() && seen.all_notes().is_empty(), "{seen:?}");
        }
    }
    check([gzip(head.as_bytes()), gzip(tail.as_bytes())].concat(), &ABC, &[]);
    let frames = [zstd::encode_all(head.as_bytes(), 3).unwrap(), zstd::encode_all(tail.as_bytes(), 3).unwrap()];
    check(frames.concat(), &ABC, &[]);
    let seen = check([gzip(lines.as_bytes()), vec![0; 700]].concat(), &ABC, &[]);
    assert!(seen.all_notes().contains("bytes behind the last gzip member are passed over"), "{seen:?}");
}

#[test]
fn damaged_packing_keeps_what_came_before() {
    let lines: String =
        (0..2000).map(|number| entry(&format!("id-{}", number * 7919 % 2000)).to_string() + "\n").collect();
    for packed in [gzip(lines.as_bytes()), zstd::encode_all(lines.as_bytes(), 3).unwrap()] {
        let file = write(&packed[..packed.len() * 2 / 3]);
        let seen = run(&[file.path()], &Settings::default());
        assert!(seen.entries.len() > 100 || packed.len() < 60_000, "{}", seen.entries.len());
        assert!(
            seen.file_skips()[0].contains("data are cut off") || seen.file_skips()[0].contains("damaged"),
            "{seen:?}"
        );
    }
    let mut bad = gzip(lines.as_bytes());
    let crc = bad.len() - 6;
    bad[crc] ^= 1;
    let file = write(&bad);
    let seen = run(&[file.path()], &Settings::default());
    assert_eq!(seen.entries.len(), 2000);
    assert!(seen.file_skips()[0].contains("damaged"), "{:?}", seen.file_skips());
}

#[test]
fn a_bomb_is_given_up() {
    let line = entry("a").to_string() + "\n";
    let packed = zstd::encode_all(line.repeat(20_000).as_bytes(), 3).unwrap();
    let file = write(&packed);
    let settings = Settings { max_expanded_bytes: 1 << 20, ..Settings::default() };
    let seen = run(&[file.path()], &settings);
    assert!(seen.entries.len() > 1000 && seen.entries.len() < 20_000, "{}", seen.entries.len());
    assert!(seen.file_skips()[0].contains("given up"), "{:?}", seen.file_skips());
}

#[test]
fn members_of_archives_are_inputs_of_their_own() {
    let (array, lines) = (pretty(&entries(), b"  "), ndjson());
    let long = format!("{}/b.ndjson", "folder".repeat(30));
    let packed = gzip(array.as_bytes());
    let members: Vec<(&str, &[u8])> = vec![
        ("a.json", array.as_bytes()),
        (&long, lines.as_bytes()),
        ("c.json.gz", &packed),
        ("notes.txt", b"hello\n"),
    ];
    let nested = tar(&[("inner.tar.gz", &gzip(&tar(&members)))]);
    for (bytes, layers) in [(tar(&members), "tar"), (gzip(&tar(&members)), "gzip+tar"), (nested, "tar+gzip+tar")] {
        let seen = read(&bytes);
        assert_eq!(seen.ids(), [ABC, ABC, ABC].concat(), "{seen:?}");
        let names: Vec<&str> = seen.reports.iter().filter_map(|report| report.path.rsplit('!').next()).collect();
        assert_eq!(names, ["a.json", &long, "c.json.gz", "notes.txt"]);
        assert_eq!(seen.reports[0].compression, layers);
        assert_eq!(seen.reports[2].compression, format!("{layers}+gzip"));
        assert!(seen.file_skips()[0].starts_with("not a log export: plain text"));
    }
    let members =
        [("a.json", array.as_bytes(), true), ("../b.ndjson", lines.as_bytes(), false), ("c.gz", &packed, true)];
    let seen = read(&zip(&members));
    assert_eq!(seen.ids(), [ABC, ABC, ABC].concat(), "{seen:?}");
    let layers: Vec<&str> = seen.reports.iter().map(|report| report.compression.as_ref()).collect();
    assert_eq!(layers, ["zip+deflate", "zip", "zip+deflate+gzip"]);
    let whole = tar(&[("a.ndjson", lines.as_bytes())]);
    let seen = read(&whole[..512 + lines.len() - 30]);
    assert_eq!(seen.ids(), ["a", "b"]);
    assert!(seen.file_skips()[0].contains("ends early"), "{seen:?}");
    let seen = read(&gzip(&whole[..512 + lines.len() - 30]));
    assert_eq!(seen.ids(), ["a", "b"], "{seen:?}");
    assert!(seen.file_skips()[0].contains("cut off"), "{seen:?}");
}

#[test]
fn zips_with_wrong_sums_and_zips_in_archives_are_named() {
    let lines = ndjson();
    for deflated in [true, false] {
        let mut packed = zip(&[("a.ndjson", lines.as_bytes(), deflated), ("b.ndjson", lines.as_bytes(), deflated)]);
        // The sum of the first member, in its own header and in the list at the end.
        let list = packed.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        for sum in [14, list + 16] {
            packed[sum] ^= 1;
        }
        let seen = read(&packed);
        let ids = seen.ids();
        assert_eq!(ids, [ABC, ABC].concat());
        assert!(seen.file_skips().iter().any(|skip| skip.contains("checksum")), "{:?}", seen.file_skips());
    }
    let inner = zip(&[("a.ndjson", lines.as_bytes(), true)]);
    for outer in [tar(&[("inner.zip", &inner[..]), ("c.ndjson", lines.as_bytes())]), gzip(&inner)] {
        let seen = read(&outer);
        assert!(
            seen.file_skips().iter().any(|skip| skip.contains("unpack the outer one first")),
            "{:?}",
            seen.file_skips()
        );
    }
}

#[test]
fn records_behind_much_that_is_none_have_their_lines() {
    let junk = "starting up, please wait\n".repeat(60_000);
    let text = format!("{}{junk}{{\"insertId\": \"broken\n{}", ndjson(), ndjson());
    let seen = run(&[write(text.as_bytes()).path()], &Settings::default());
    assert_eq!(seen.ids(), [ABC, ABC].concat());
    accounted(text.as_bytes(), &seen);
}

#[test]
fn other_encodings() {
    for text in [pretty(&entries(), b"  ").replace('\n', "\r\n"), ndjson(), entries().to_string()] {
        for little in [true, false] {
            let mark = utf16("\u{feff}", little);
            let seen = check([mark, utf16(&text, little)].concat(), &ABC, &[]);
            assert!(seen.all_notes().contains("encoded as UTF-16; offsets count bytes of UTF-8"));
            check(utf16(&text, little), &ABC, &[]);
        }
        check(gzip(&utf16(&text, true)), &ABC, &[]);
        for little in [true, false] {
            let unit =
                |letter: char| if little { u32::from(letter).to_le_bytes() } else { u32::from(letter).to_be_bytes() };
            let marked: Vec<u8> = std::iter::once('\u{feff}').chain(text.chars()).flat_map(unit).collect();
            let seen = check(&marked, &ABC, &[]);
            assert!(seen.all_notes().contains("encoded as UTF-32; offsets count bytes of UTF-8"));
            check(&marked[4..], &ABC, &[]);
        }
    }
}

#[test]
fn records_that_the_strict_parser_refuses_are_mended() {
    let with = |inner: &[u8]| [b"{\"insertId\":\"a\",\"textPayload\":\"", inner, b"\"}\n"].concat();
    let field = |value: &str| format!("{{\"insertId\":\"a\",\"x\":{value},\"y\":[1]}}\n").into_bytes();
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let lone = ["\\ud", "83d"].concat();
    for (record, wanted, note) in [
        (with(b"caf\xe9 \xff"), "caf\u{fffd} \u{fffd}", "UTF-8"),
        (with(b"a\xed\xa0\x80b\xc0\x80"), "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}\u{fffd}", "UTF-8"),
        (with(format!("{lone} x").as_bytes()), "\u{fffd} x", "surrogates"),
        (with(b"a\x1bb\x00c\td"), "a\x1bb\0c\td", "control"),
        (with(b"two\nlines"), "two\nlines", "control"),
        (with(b"\\x41 \\'"), "\\x41 \\'", "escapes"),
    ] {
        let bytes = [&record[..], entry("b").to_string().as_bytes(), b"\n"].concat();
        let seen = check(&bytes, &["a", "b"], &[]);
        let (_, text) = &seen.entries[0];
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(value["textPayload"], wanted);
        assert!(seen.notes.iter().any(|found| found.contains(note)), "{note} {:?}", seen.notes);
        let array = [b"[", &record[..record.len() - 1], b",", entry("b").to_string().as_bytes(), b"]"].concat();
        check(&array, &["a", "b"], &[]);
    }
    for (value, wanted) in [
        ("1e400", "\"1e400\""),
        ("NaN", "\"NaN\""),
        ("-Infinity", "\"-Infinity\""),
        ("007", "\"007\""),
        ("[1,]", "[1]"),
        ("{\"a\":1,}", "{\"a\":1}"),
        ("{\"a\":1\n\"b\":2}", "{\"a\":1,\"b\":2}"),
        ("-0", "0"),
        ("1.10", "1.1"),
    ] {
        let seen = check([field(value), entry("b").to_string().into_bytes()].concat(), &["a", "b"], &[]);
        assert!(seen.entries[0].1.contains(&format!("\"x\":{wanted}")), "{value}: {}", seen.entries[0].1);
    }
    let seen = check(field(&deep(100_000)), &["a"], &[]);
    assert!(seen.notes.iter().any(|note| note.contains("nested deeper")));
    assert!(seen.entries[0].1.len() > 200_000, "kept as text");
    let value: serde_json::Value = serde_json::from_str(&seen.entries[0].1).unwrap();
    assert_eq!(value["y"][0], 1);
}

#[test]
fn odd_fields_are_read_leniently() {
    let facts = |text: &str| {
        parse_record(text.as_bytes(), |entry| {
            let payload = format!("{:?}", entry.payload);
            let kind = payload.split(['(', ' ']).next().unwrap_or_default().to_owned();
            format!("{} {} {:?} {kind}", entry.severity, entry.insert_id, entry.timestamp.map(|time| time.to_string()))
        })
        .unwrap()
    };
    for (record, wanted) in [
        (
            r#"{"severity":"error","insertId":"a","timestamp":"2025-09-14T03:01:24Z","textPayload":"x"}"#,
            "ERROR a Some(\"2025-09-14T03:01:24Z\") Text",
        ),
        (
            r#"{"severity":500,"insert_id":"a","timestamp":"2025-09-14T03:01:24+00:00","json_payload":{}}"#,
            "ERROR a Some(\"2025-09-14T03:01:24Z\") Json",
        ),
        (
            r#"{"severity":200.0,"insertid":"a","timestamp":"2025-09-14 03:01:24 UTC","protopayload_auditlog":{}}"#,
            "INFO a Some(\"2025-09-14T03:01:24Z\") Proto",
        ),
        (
            r#"{"severity":"400","insertId":null,"timestamp":"now","jsonPayload":null,"textPayload":"x"}"#,
            "WARNING  None Text",
        ),
        (
            r#"{"severity":"loud","httpRequest":{"status":500},"timestamp":{"seconds":"1","nanos":5}}"#,
            "DEFAULT  Some(\"1970-01-01T00:00:01.000000005Z\") None",
        ),
        (
            r#"{"severity":"INFO","severity":"ERROR","insertId":"a","insertId":"b","jsonPayload":{"textPayload":"no"}}"#,
            "ERROR b None Json",
        ),
    ] {
        assert_eq!(facts(record), wanted, "{record}");
    }
    assert!(parse_record(br#"{"a":1}"#, |_| ()).is_err());
    assert!(parse_record(b"[]", |_| ()).is_err());
}

#[test]
fn what_is_no_export_is_named() {
    let named = |bytes: &[u8], what: &str| {
        let seen = read(bytes);
        assert!(seen.entries.is_empty() && seen.skips.is_empty(), "{seen:?}");
        let skips = seen.file_skips();
        assert!(skips.len() == 1 && skips[0].contains(what), "{what}: {skips:?}");
        assert!(skips[0].contains("gcloud logging read"));
    };
    named(b"insertId,logName,severity\na,b,c\nd,e,f\n", "CSV");
    named(b"TIMESTAMP            SEVERITY  TEXT\n2025-09-14T03:01:24  ERROR     it broke\n", "table for people");
    named(b"---\ninsertId: abc\nlogName: projects/p/logs/l\nresource:\n  labels:\n    a: b\n", "YAML");
    named(b"insertId: abc\nlogName: projects/p/logs/l\nseverity: ERROR\n---\ninsertId: b\n", "YAML");
    named(b"<!DOCTYPE html>\n<html><body>{\"error\": 1}</body></html>\n", "HTML");
    named(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR{", "PNG");
    named(
        b"{\"name\": \"x\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"version\": \"1\"}}}",
        "name, lockfileVersion, packages",
    );
    named(b"[1, 2, 3]", "JSON");
    named(&[0; 3000], "NUL");
    named(&(0..=255).cycle().take(5000).collect::<Vec<u8>>(), "binary");
    named(b"Sep 14 03:01:24 host app[1]: started\nSep 14 03:01:25 host app[1]: stopped\n", "plain text");
    named(b"BZh91AY&SY\x00", "bzip2");
    for (bytes, note) in
        [(&b""[..], "the file is empty"), (b" \n\n", "white space"), (b"[]\n", "empty array"), (b"[\n]\n", "")]
    {
        let seen = read(bytes);
        assert!(seen.entries.is_empty() && seen.skips.is_empty() && seen.file_skips().is_empty(), "{seen:?}");
        assert!(seen.all_notes().iter().any(|found| found.contains(note)), "{note} {seen:?}");
    }
}

#[test]
fn long_records_are_passed_over_in_flat_memory() {
    let settings = Settings { max_record_bytes: 2000, ..Settings::default() };
    let windows = [1, 300, 1999, 5000];
    let long = |id: &str| {
        let mut long = entry(id);
        long["textPayload"] = "x{\"".repeat(3000).into();
        long["jsonPayload"] = serde_json::json!({"list": vec![serde_json::json!({"a": [1]}); 100]});
        long
    };
    let list = serde_json::json!([entry("a"), long("x"), entry("b"), long("y"), long("z"), entry("c")]);
    let lines: String = list.as_array().unwrap().iter().map(|entry| entry.to_string() + "\n").collect();
    for text in [lines, pretty(&list, b"  "), list.to_string(), pretty(&list, b"")] {
        let seen = read_with(text.as_bytes(), &settings, &windows);
        assert_eq!(seen.ids(), ABC, "{:?}", seen.skips);
        assert_eq!(seen.reasons(), ["longer than the limit for one record"; 3], "{:?}", seen.skips);
        assert!(seen.skips.iter().all(|(_, length, _)| *length > 9000), "{:?}", seen.skips);
    }
    let text = format!("{}\n{}\n{}\n", entry("a"), "no json ".repeat(2000), entry("b"));
    let seen = read_with(text.as_bytes(), &settings, &windows);
    assert_eq!(
        (seen.ids().as_slice(), seen.skips.len()),
        (["a".to_owned(), "b".to_owned()].as_slice(), 1),
        "{:?}",
        seen.skips
    );
}

#[test]
fn folders_globs_links_and_pipes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("logs/2025")).unwrap();
    std::fs::write(at("logs/2025/a.json"), ndjson()).unwrap();
    std::fs::write(at("logs/b.json"), pretty(&entries(), b"  ")).unwrap();
    std::fs::write(at("logs/c [1].txt"), "x").unwrap();
    std::fs::hard_link(at("logs/b.json"), at("logs/z.json")).unwrap();
    std::os::unix::fs::symlink(at("logs"), at("logs/2025/loop")).unwrap();
    std::os::unix::fs::symlink(at("nowhere"), at("logs/dangling")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("logs/socket")).unwrap();
    let seen = run(&[&at("logs")], &Settings::default());
    assert_eq!(seen.ids().len(), 6);
    let paths: Vec<&str> = seen.reports.iter().map(|report| report.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(paths, ["a.json", "b.json", "c [1].txt"]);
    let reasons: Vec<&str> = seen.passed_over.iter().map(|(_, reason)| reason.as_str()).collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for (reason, wanted) in
        reasons.iter().zip(["a link back to", "cannot be read", "not a regular file", "the same file as"])
    {
        assert!(reason.contains(wanted), "{reason}");
    }
    let both = run(&[&at("logs"), &at("logs/b.json"), &at("logs/**/*.json")], &Settings::default());
    assert_eq!(both.ids().len(), 6);
    assert_eq!(run(&[&at("logs/**/*.json")], &Settings::default()).ids().len(), 6);
    assert_eq!(run(&[&at("logs/*.json")], &Settings::default()).ids().len(), 3);
    assert_eq!(run(&[&at("logs/c [1].txt")], &Settings::default()).file_skips().len(), 1);
    let fails =
        |name: &str| discover(&[at(name).to_str().unwrap().to_owned()], &Settings::default()).unwrap_err().to_string();
    assert!(fails("nowhere").contains("cannot read"));
    assert!(fails("*.nope").contains("no file fits"), "{}", fails("*.nope"));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_keeps_what_was_read() {
    let line = entry("a").to_string() + "\n";
    let text = line.repeat((1 << 20) / line.len());
    for (mmap, left) in [(true, 5_000), (true, 400_000), (true, 0), (false, 400_000)] {
        let file = write(text.as_bytes());
        let settings = Settings { mmap, window_bytes: 256 << 10, ..Settings::default() };
        let found = discover(&[file.path().to_str().unwrap().to_owned()], &settings).unwrap();
        let mut feed = Feed::new(found, settings.clone());
        let mut reader = RecordReader::new(&settings);
        let mut seen = Seen::default();
        let first = feed.next_chunk().unwrap();
        // The first chunk is mapped already, and then its file is cut.
        file.as_file().set_len(left).unwrap();
        reader.read(&first, &mut seen);
        drop(first);
        while let Some(chunk) = feed.next_chunk() {
            reader.read(&chunk, &mut seen);
        }
        seen.reports = feed.finish();
        assert!(seen.entries.len() as u64 >= left / line.len() as u64, "{left}: {}", seen.entries.len());
        assert!(seen.file_skips()[0].contains("ends early"), "{:?}", seen.file_skips());
    }
}

#[test]
fn a_pipe_is_read_once_and_looked_at_again_from_its_copy() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    #[expect(clippy::disallowed_methods, reason = "a test may start a program")]
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no mkfifo here");
        return;
    }
    let text: String = (0..500).map(|number| entry(&number.to_string()).to_string() + "\n").collect();
    let writer = std::thread::spawn({
        let (pipe, text) = (pipe.clone(), text.clone());
        move || std::fs::write(pipe, text).unwrap()
    });
    let settings = Settings { window_bytes: 1000, ..Settings::default() };
    let path = pipe.to_str().unwrap().to_owned();
    let found = discover(std::slice::from_ref(&path), &settings).unwrap();
    let mut feed = Feed::new(found.clone(), settings.clone());
    let mut reader = RecordReader::new(&settings);
    let mut seen = Seen::default();
    while let Some(chunk) = feed.next_chunk() {
        reader.read(&chunk, &mut seen);
    }
    writer.join().unwrap();
    assert_eq!(seen.entries.len(), 500);
    assert_eq!(feed.finish().len(), 1);
    let wanted = seen.entries[300].0;
    let mut feed = Feed::new(found, settings.clone()).restrict([(path.into(), vec![(wanted, wanted + 1)])].into());
    let mut again = Seen::default();
    while let Some(chunk) = feed.next_chunk() {
        assert!(chunk.from() <= wanted && wanted < chunk.to());
        reader.read(&chunk, &mut again);
    }
    assert!(again.entries.contains(&seen.entries[300]) && again.entries.len() < 20);
}

#[test]
fn a_pipe_that_outgrows_its_copy_is_said_to() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    #[expect(clippy::disallowed_methods, reason = "a test may start a program")]
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no mkfifo here");
        return;
    }
    for (spool_bytes, said) in [(1 << 20, false), (2_000, true), (0, true)] {
        let text: String = (0..500).map(|number| entry(&number.to_string()).to_string() + "\n").collect();
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, text).unwrap()
        });
        let seen = run(&[&pipe], &Settings { spool_bytes, ..Settings::default() });
        writer.join().unwrap();
        assert_eq!(seen.entries.len(), 500);
        assert_eq!(seen.all_notes().iter().any(|note| note.contains("no copy of all of it")), said, "{spool_bytes}");
    }
}

/// Small files are read by one call that counts on the size they had when they were found.
#[test]
fn small_files_are_read_as_they_are_when_opened() {
    let line =
        |id: usize| format!("{{\"insertId\":\"{id}\",\"severity\":\"ERROR\",\"textPayload\":\"disk is full\"}}\n");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for number in 0..60 {
        std::fs::write(at(&format!("{number:02}.json")), line(number)).unwrap();
    }
    std::fs::write(at("empty.json"), "").unwrap();
    std::fs::write(at("filled.json"), "").unwrap();
    std::fs::write(at("packed.json"), gzip(line(60).as_bytes())).unwrap();
    std::fs::write(
        at("wide.json"),
        [b'\xff', b'\xfe'].into_iter().chain(line(61).bytes().flat_map(|byte| [byte, 0])).collect::<Vec<u8>>(),
    )
    .unwrap();
    std::fs::write(at("note.md"), "what these are").unwrap();
    let settings = Settings::default();
    let found = discover(&[folder.path().to_str().unwrap().to_owned()], &settings).unwrap();
    // Between finding and reading them.
    std::fs::write(at("00.json"), line(0) + &line(100)).unwrap();
    std::fs::write(at("01.json"), line(2)).unwrap();
    std::fs::write(at("02.json"), "").unwrap();
    std::fs::write(at("filled.json"), line(101)).unwrap();
    std::fs::remove_file(at("03.json")).unwrap();
    let mut feed = Feed::new(found, settings.clone());
    let (mut reader, mut seen) = (RecordReader::new(&settings), Seen::default());
    while let Some(chunk) = feed.next_chunk() {
        reader.read(&chunk, &mut seen);
    }
    assert_eq!((seen.entries.len(), seen.skips.len()), (58 + 1 + 2 + 1, 0));
    let reports = feed.finish();
    let names: Vec<&str> = reports.iter().map(|report| report.path.rsplit('/').next().unwrap()).collect();
    let numbered = (0..60).map(|number| format!("{number:02}.json"));
    let others = ["empty.json", "filled.json", "packed.json", "wide.json"].map(str::to_owned);
    assert_eq!(names, numbered.chain(others).collect::<Vec<_>>());
    assert_eq!((reports[2].format.as_ref(), reports[60].format.as_ref()), ("empty", "empty"));
    assert!(reports[3].skips[0].1.contains("cannot be read"), "{:?}", reports[3]);
    assert_eq!(reports[62].compression, "gzip");
}

/// The log entries of other people's projects: every line is one entry, and none is lost.
#[test]
fn every_entry_of_the_shared_data_is_accounted_for() {
    #[expect(clippy::disallowed_methods, reason = "a test may be told where data are")]
    let root = std::env::var("LOG_GARDENER_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let root = if Path::new(&root).exists() { Path::new(&root).to_owned() } else { Path::new("..").join(&root) };
    if !root.join("gcp").exists() {
        eprintln!("SKIPPED: no sample data at {}; set LOG_GARDENER_DATA", root.display());
        return;
    }
    let seen = run(&[&root.join("gcp")], &Settings::default());
    let lines = |report: &InputReport| {
        let text = std::fs::read_to_string(&*report.path).unwrap();
        text.lines().filter(|line| !line.trim().is_empty()).count()
    };
    let exports = seen.reports.iter().filter(|report| report.path.ends_with(".ndjson"));
    assert_eq!(seen.entries.len(), exports.map(lines).sum::<usize>());
    assert_eq!(seen.skips, Vec::new());
    for report in &seen.reports {
        assert_eq!(report.path.ends_with(".ndjson"), report.skips.is_empty(), "{report:?}");
    }
    let seen = run(&[&root.join("loghub")], &Settings { window_bytes: 100_000, ..Settings::default() });
    assert_eq!((seen.entries.len(), seen.skips.len()), (16_000, 0));
}

fn any_json(depth: u32) -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[ -~]{0,12}".prop_map(|text| serde_json::Value::from(text).to_string()),
        Just(["\"\\ud8", "3d\\ude00\""].concat()),
        Just("\"é\\n\\/\"".to_owned()),
    ];
    let leaf = prop_oneof![
        text,
        prop_oneof![Just("null"), Just("true"), Just("-0"), Just("1e5"), Just("18446744073709551616"), Just("-1.50")]
            .prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| format!("{number:e}")),
    ];
    leaf.prop_recursive(depth, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(" ,"))),
            prop::collection::vec(("[a-z{}\\[]{0,3}", inner), 0..5).prop_map(|members| {
                let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// What another parser accepts is read, wherever it is cut, and says the same.
    #[test]
    fn records_are_read_as_another_parser_reads_them(values in prop::collection::vec(any_json(4), 1..6), shape in 0..4, window in 1usize..200) {
        let records: Vec<String> = values.iter().enumerate().map(|(number, value)| format!("{{\"insertId\":\"{number}\",\"x\":{value}}}")).collect();
        let text = match shape {
            0 => records.join("\n"),
            1 => format!("[{}]", records.join(",")),
            2 => format!("[\n  {}\n]\n", records.join(",\n  ")),
            _ => format!("{{\"entries\": [{}]}}", records.join(", ")),
        };
        let file = write(text.as_bytes());
        let seen = run(&[file.path()], &Settings { window_bytes: window, ..Settings::default() });
        prop_assert_eq!(seen.entries.len(), records.len(), "{:?}", seen);
        prop_assert!(seen.skips.is_empty());
        for ((_, found), record) in seen.entries.iter().zip(&records) {
            let found: serde_json::Value = serde_json::from_str(found).unwrap();
            let wanted: serde_json::Value = serde_json::from_str(record).unwrap();
            prop_assert!(same(&found, &wanted), "{} {}", found, wanted);
        }
    }

    /// No bytes make it panic, lose its place, or depend on where it is cut.
    #[test]
    fn any_bytes_are_survived(pieces in prop::collection::vec(0usize..20, 0..40), window in 1usize..60) {
        let words: [&[u8]; 20] = [
            b"{", b"}", b"[", b"]", b",", b":", b"\"", b"\\", b"\n", b" ", b"\n  {", b"\n{", b"{\"insertId\":\"a\"}", b"\"insertId\":",
            b"1", b"\0", b"\xff", b"\xef\xbb\xbf", b"{\"entries\":[", b"{\"a\":[",
        ];
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| words[*piece].iter().copied()).collect();
        let file = write(&bytes);
        let whole = run(&[file.path()], &Settings::default());
        let cut = run(&[file.path()], &Settings { window_bytes: window, ..Settings::default() });
        prop_assert_eq!(whole, cut);
    }
}

/// Equal but for how numbers are written.
fn same(left: &serde_json::Value, right: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
