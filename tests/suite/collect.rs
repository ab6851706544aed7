//! Archives of every form, whole and damaged, in; the entries, skips and notes that collecting gives out.

use std::{collections::BTreeSet, io::Write, path::Path};

use log_gardener::{
    collect::{Chunk, Feed, InputReport, RecordReader, Settings, Sink, discover, parse_record},
    model::LogEntry,
};

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
        let facts = |entry: &LogEntry<'_>| format!("{entry:?}");
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

fn run(arguments: &[&Path], settings: &Settings) -> Seen {
    let arguments: Vec<String> = arguments.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    let found = discover(&arguments, settings).unwrap();
    let mut seen = Seen { passed_over: found.passed_over.clone(), ..Seen::default() };
    let mut feed = Feed::new(found, settings.clone());
    let mut reader = RecordReader::new(settings);
    let mut last: Option<(String, u64)> = None;
    while let Some(chunk) = feed.next_chunk() {
        in_order(&mut last, &chunk);
        reader.read(&chunk, &mut seen);
    }
    seen.reports = feed.finish();
    seen
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
