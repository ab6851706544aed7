//! Every kind of bad input, through the command: what is recovered, what is skipped and where, exit code, time, memory.
//!
//! docs/trust.md lists the rows; the details of each are tested on the stage they belong to.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start the program under limits and measure time, which the library never does"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What a run has of address space, in KiB: unoptimised code, its threads and windows, and little more.
const MEMORY: u32 = 2_500_000;
/// What a run has of time, unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One kind of bad input.
struct Row<'a> {
    name: &'a str,
    bytes: Vec<u8>,
    analysed: u64,
    duplicates: u64,
    /// What each skip starts with, and what its reason says.
    skipped: &'a [(&'a [u8], &'a str)],
    /// What a note says.
    note: &'a str,
}

fn row(name: &str, bytes: impl Into<Vec<u8>>, analysed: u64) -> Row<'_> {
    Row { name, bytes: bytes.into(), analysed, duplicates: 0, skipped: &[], note: "" }
}

impl<'a> Row<'a> {
    fn skips(self, skipped: &'a [(&'a [u8], &'a str)]) -> Self {
        Self { skipped, ..self }
    }

    fn notes(self, note: &'a str) -> Self {
        Self { note, ..self }
    }

    fn copies(self, duplicates: u64) -> Self {
        Self { duplicates, ..self }
    }

    /// Runs it, and asserts what is promised for any input: figures that add up, places, exit code, time and memory.
    fn check(&self, folder: &Path) -> Value {
        std::fs::write(folder.join("in"), &self.bytes).unwrap();
        let (code, result, said) = analyze(folder, &["in"]);
        let name = self.name;
        let expected = if self.skipped.is_empty() && self.note != NEVER_CLOSED { 0 } else { 2 };
        assert_eq!(code, Some(expected), "{name}: {said}");
        let total = |part: &str| result["totals"][part].as_u64().unwrap();
        assert_eq!((total("analysed"), total("duplicates")), (self.analysed, self.duplicates), "{name}: {result:#}");
        assert_eq!(total("entries"), total("analysed") + total("duplicates") + total("skipped"), "{name}");
        let skipped = result["skipped"].as_array().unwrap();
        assert_eq!(skipped.len(), self.skipped.len(), "{name}: {skipped:?}");
        for (skip, (start, reason)) in skipped.iter().zip(self.skipped) {
            assert!(skip["reason"].as_str().unwrap().contains(reason), "{name}: {skip}");
            let offset = skip["offset"].as_u64().unwrap() as usize;
            assert!(self.bytes[offset.min(self.bytes.len())..].starts_with(start), "{name}: {skip}");
            let line = self.bytes[..offset.min(self.bytes.len())].split(|byte| *byte == b'\n').count();
            assert_eq!(skip["line"], line as u64, "{name}: {skip}");
        }
        assert!(result["inputs"][0]["notes"].to_string().contains(self.note), "{name}: {}", result["inputs"]);
        result
    }
}

/// Runs the program within limits of memory and time; exit code, result and talk.
fn analyze(folder: &Path, inputs: &[&str]) -> (Option<i32>, Value, String) {
    let script = format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-c", &script, env!("CARGO_BIN_EXE_log-gardener")]);
    command.args(["analyze", "--format", "json", "-j", "2"]).args(inputs);
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(started.elapsed() < PATIENCE, "{inputs:?} took {:?}", started.elapsed());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}

fn entry(id: &str) -> Value {
    json!({
        "insertId": id, "logName": "projects/p/logs/l", "severity": "ERROR", "textPayload": "the disk is full",
        "timestamp": "2025-09-14T03:01:24.144344Z", "resource": {"type": "global", "labels": {}},
    })
}

fn lines(ids: &[&str]) -> String {
    ids.iter().fold(String::new(), |mut lines, id| {
        let _ = writeln!(lines, "{}", entry(id));
        lines
    })
}

/// Three entries, with something between the first and the others.
fn around(middle: impl AsRef<[u8]>) -> Vec<u8> {
    [lines(&["a"]).as_bytes(), middle.as_ref(), b"\n", lines(&["b", "c"]).as_bytes()].concat()
}

/// An entry with a field of any JSON text.
fn with(field: &str) -> String {
    entry("x").to_string().replacen('{', &format!("{{{field},"), 1)
}

fn check_all(rows: &[Row<'_>]) {
    let folder = tempfile::tempdir().unwrap();
    for row in rows {
        row.check(folder.path());
    }
}

const NEVER_CLOSED: &str = "the array is never closed";

#[test]
fn what_was_cut_or_put_together() {
    let array = serde_json::to_string_pretty(&json!([entry("a"), entry("b"), entry("c")])).unwrap();
    let last = array.rfind("  {").unwrap();
    let cut: &[(&[u8], &str)] = &[(b"{", "cut off")];
    check_all(&[
        row("B1 never closed", &array[..array.len() - 9], 2).skips(cut).notes(NEVER_CLOSED),
        row("B1 closed behind a comma", &array[..last], 2).notes(NEVER_CLOSED),
        row("B1 closed behind an entry", array.trim_end_matches(['\n', ']']), 3).notes(NEVER_CLOSED),
        row("B1 a second array", format!("[{}]\n[{},", entry("a"), entry("b")), 2).notes(NEVER_CLOSED),
        row("B2 in a string", &array[..last + 30], 2).skips(cut).notes(NEVER_CLOSED),
        row("B2 in a character", [lines(&["a"]).as_bytes(), b"{\"insertId\":\"\xc3"].concat(), 1).skips(cut),
        row("B2 in an escape", lines(&["a"]) + "{\"insertId\":\"\\u00", 1).skips(cut),
        row("B2 in a number", lines(&["a"]) + "{\"insertId\":\"x\",\"n\":12", 1).skips(cut),
        row("B3 arrays behind arrays", format!("[{}][{}]", entry("a"), entry("b")), 2),
        row("B3 an array and lines", format!("[{}]\n{}", entry("a"), lines(&["b", "c"])), 3),
        row("B3 arrays in arrays", format!("[[{}],[[{}]]]", entry("a"), entry("b")), 2),
        row("B4 twice", lines(&["a", "b"]).repeat(2), 2).copies(2),
        row("B8 commas", format!("[{},,{} {},]", entry("a"), entry("b"), entry("c")), 3),
        row("B10 an open quote", around("{\"insertId\": \"x"), 3).skips(&[(b"{\"insertId\": \"x\n", "not valid JSON")]),
        row("B11 pretty", array.clone(), 3),
    ]);
}

#[test]
fn marks_encodings_and_bytes_between_records() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let stray: &[(&[u8], &str)] = &[(b"Listed 0 items.", "text between records")];
    let colours: &[(&[u8], &str)] = &[(b"\x1b[1m", "text between records")];
    check_all(&[
        row("B5 a mark", format!("\u{feff}{}", lines(&["a"])), 1),
        row("B5 marks", format!("{}\u{feff}{}", lines(&["a"]), lines(&["b"])), 2).notes("byte order mark"),
        row("B6 marked", wide(&format!("\u{feff}{}", lines(&["a", "b"]))), 2).notes("UTF-16"),
        row("B6 unmarked", wide(&lines(&["a", "b"])), 2).notes("UTF-16"),
        row("B7 CRLF", lines(&["a", "b"]).replace('\n', "\r\n"), 2),
        row("B7 CR", lines(&["a", "b"]).replace('\n', "\r"), 2),
        row("B7 U+2028", lines(&["a", "b"]).replace('\n', "\u{2028}"), 2),
        row("B7 NULs", around(vec![0; 70_000]), 3).skips(&[(b"\0\0\0", "NUL bytes")]),
        row("B9 stray text", around("Listed 0 items."), 3).skips(stray),
        row("B9 colours", around("\u{1b}[1mfetching\u{1b}[0m"), 3).skips(colours),
        row("nothing", "", 0).notes("empty"),
        row("blanks", " \n\t\n", 0).notes("white space"),
        row("an empty array", "[]", 0).notes("empty array"),
    ]);
}

#[test]
fn what_is_no_dump() {
    let named = |name, bytes: &[u8], what| (name, bytes.to_vec(), what);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, what) in [
        named("YAML", b"insertId: abc\nlogName: projects/p/logs/l\n---\ninsertId: b\n", "YAML"),
        named("CSV", b"insertId,logName,severity\na,b,c\n", "CSV"),
        named("text", b"Sep 14 03:01:24 host app[1]: started\n", "plain text"),
        named("HTML", b"<!doctype html><html><body>403</body></html>", "HTML"),
        named("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR{", "PNG"),
        named("binary", &(0..=255).cycle().take(5_000).collect::<Vec<u8>>(), "binary"),
        named("a lock file", b"{\"lockfileVersion\":3,\"packages\":{\"\":{}}}", "lockfileVersion"),
        named("a state", b"{\"version\":4,\"terraform_version\":\"1.9\",\"resources\":[]}", "terraform_version"),
        named("issues", b"[\n  {\n    \"labels\": [{\"name\": \"bug\"}],\n    \"number\": 1\n  }\n]\n", "labels"),
        named("entries deep inside", DEEP_INSIDE, "properties"),
        named("scalars", b"1\n2\nnull\n", "not a log export"),
    ] {
        let result = Row { skipped: &[(b"", "not a log export")], ..row(name, bytes, 0) }.check(folder.path());
        assert!(result["skipped"][0]["reason"].as_str().unwrap().contains(what), "{name}: {}", result["skipped"]);
    }
}

/// What looks like an entry at the start of a line, and is a part of something else.
const DEEP_INSIDE: &[u8] =
    b"{\n  \"properties\": {\n    \"a\": [\n      {\n        \"severity\": \"ERROR\"\n      }\n    ]\n  }\n}\n";

#[test]
fn entries_far_from_the_start_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for (name, start) in [
        ("a hole that a shortened log left", vec![0; 1_300_000]),
        ("plain text", b"Sep 14 03:01:24 host app[1]: started\n".repeat(60_000)),
        ("other JSON", format!("{{\"foo\":\"{}\"}}\n", "x".repeat(2_000)).repeat(600).into_bytes()),
    ] {
        std::fs::write(folder.path().join("in"), [start, lines(&["a", "b", "c"]).into_bytes()].concat()).unwrap();
        let (code, result, said) = analyze(folder.path(), &["in"]);
        assert_eq!((code, &result["totals"]["analysed"]), (Some(2), &json!(3)), "{name}: {said}");
        assert!(result["totals"]["skipped"].as_u64() > Some(0), "{name}: {said}");
    }
}

#[test]
fn what_the_program_wrote_is_no_dump() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    std::fs::write(folder.join("dump.json"), lines(&["a", "b"])).unwrap();
    let (_, result, _) = analyze(folder, &["dump.json", "--ledger", "ledger.json"]);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_log-gardener"));
        command.current_dir(folder).args(arguments).output().unwrap()
    };
    assert!(run(&["digest", "dump.json", "-o", "shard.digest"]).status.success());
    std::fs::write(folder.join("ledger.json.lock"), "process 12").unwrap();
    let (code, alone, said) = analyze(folder, &["."]);
    assert_eq!((code, &alone["totals"]["entries"]), (Some(0), &json!(2)), "{said}");
    assert_eq!(alone["inputs"].as_array().unwrap().len(), 1, "{}", alone["inputs"]);
    // Where it is named, it is told what it is.
    let (code, _, said) = analyze(folder, &["shard.digest"]);
    assert!(code == Some(2) && said.contains("a digest of log-gardener"), "{said}");
    std::fs::write(folder.join("model.json"), serde_json::to_string_pretty(&result).unwrap()).unwrap();
    std::fs::write(folder.join("seen.json"), run(&["inspect", "dump.json", "--format", "json"]).stdout).unwrap();
    let (code, again, said) = analyze(folder, &["."]);
    assert_eq!(
        (code, &again["totals"]["entries"], &again["totals"]["analysed"]),
        (Some(2), &json!(4), &json!(2)),
        "{said}"
    );
}

#[test]
fn odd_values() {
    let lone = ["\\ud", "83d"].concat();
    let ending = |field: &str| format!("{}\n", with(field));
    let odd: &[(&str, &str, &str)] = &[
        ("B13 no time", "\"timestamp\":\"soon\"", ""),
        ("B13 far times", "\"timestamp\":\"10000-01-01T00:00:00Z\"", ""),
        ("B13 a number", "\"receiveTimestamp\":1e300", ""),
        ("B18 one name twice", "\"severity\":\"INFO\"", "stands twice"),
        ("B20 a lone surrogate", &format!("\"a\":\"{lone} x\""), "lone surrogates"),
        ("B22 control bytes", "\"a\":\"\u{1b}[31m\u{1}\"", "control bytes"),
        ("B23 numbers", "\"n\":[1e999,-1e999,123456789012345678901234567890,-0,1.10,1e-400]", "numbers"),
        ("B24 directions", "\"a\":\"\u{202e}\u{2066}\u{200b}\"", ""),
        ("B24 combining marks", &format!("\"a\":\"e{}\"", "\u{301}".repeat(300_000)), ""),
        ("B21 mojibake", "\"a\":\"\u{fc}\u{f6}\u{ae} \u{f0}\u{178}\"", ""),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, field, note) in odd {
        row(name, ending(field), 1).notes(note).check(folder.path());
    }
    row(
        "B19 Latin-1",
        [b"{\"insertId\":\"a\",\"textPayload\":\"caf\xe9 \xed\xa0\x80 \xc0\x80\"}\n".as_slice()].concat(),
        1,
    )
    .notes("invalid UTF-8")
    .check(folder.path());
    let twice = row("B18 the last one counts", ending("\"severity\":\"INFO\""), 1).check(folder.path());
    assert_eq!(twice["totals"]["by_severity"]["ERROR"], 1, "{}", twice["totals"]);
    let layout = |id: &str| format!("{{\"severity\":\"INFO\",{}\n", entry(id).to_string().trim_start_matches('{'));
    let known = ["a", "b", "c", "d"].map(layout).concat();
    row("B18 in records of one layout", known, 4).notes("stands twice").check(folder.path());
    let exact =
        row("B23 digits stay", ending("\"n\":1.10,\"m\":123456789012345678901234567890"), 1).check(folder.path());
    let sample = exact["clusters"][0]["samples"][0]["entry"].to_string();
    assert!(sample.contains("1.10") && sample.contains("123456789012345678901234567890"), "{sample}");
    let parts = (0..3).fold(String::new(), |mut parts, part| {
        let mut entry = entry(&format!("s{part}"));
        entry["split"] = json!({"uid": "u", "index": part, "totalSplits": 3});
        let _ = writeln!(parts, "{entry}");
        parts
    });
    row("B14 split entries", parts, 3).check(folder.path());
}

#[test]
fn depth_and_length_without_end() {
    let deep = |levels: usize| format!("\"x\":{}{}", "[".repeat(levels), "]".repeat(levels));
    let long = |bytes: usize| with(&format!("\"x\":\"{}\"", "y".repeat(bytes)));
    let kept = "nested deeper";
    check_all(&[
        row("B17 1,025", with(&deep(1_025)), 1).notes(kept),
        row("B17 100,000", with(&deep(100_000)), 1).notes(kept),
        row("B17 1,000,000", with(&deep(1_000_000)), 1).notes(kept),
        row("B17 open", around(format!("{{\"insertId\":{}", "[".repeat(1_000_000))), 3)
            .skips(&[(b"{\"insertId\":[[[", "not valid JSON")]),
        row(
            "B17 in a message",
            with("\"jsonPayload\":null").replace("the disk is full", &"{\\\"a\\\":".repeat(50_000)),
            1,
        ),
        row("B14 at the quota", with(&format!("\"x\":\"{}\"", "z".repeat(600 << 10))), 1),
        row("B15 a long line", around(long(70 << 20)), 3).skips(&[(b"{\"x\":\"yyy", "longer than the limit")]),
        row("braces", "{".repeat(400_000), 0).skips(&[(b"{{{", "not a log export")]),
        row("open records", "{\"insertId\":\n".repeat(50_000), 0).skips(&[(b"{\"insertId\":\n{", "cut off")]),
    ]);
}

#[test]
fn samples_of_large_entries_are_short() {
    let pods: Vec<Value> = (0..5_000).map(|pod| json!({"name": format!("pod-{pod}"), "ready": true})).collect();
    let mut large = entry("x");
    large["jsonPayload"] = json!({"message": "no pod is ready", "pods": pods, "password": "hunter2hunter2", "code": 7});
    large.as_object_mut().unwrap().remove("textPayload");
    let folder = tempfile::tempdir().unwrap();
    let result = row("a large entry", large.to_string(), 1).check(folder.path());
    let sample = &result["clusters"][0]["samples"][0]["entry"];
    assert!(sample.to_string().len() < 20_000, "{}", sample.to_string().len());
    let payload = &sample["jsonPayload"];
    assert_eq!((&payload["message"], &payload["code"]), (&json!("no pod is ready"), &json!(7)));
    assert!(payload["password"].as_str().unwrap().starts_with("<password:"), "{}", payload["password"]);
    assert!(payload["pods"].as_array().unwrap().last().unwrap().as_str().unwrap().ends_with(" more)"));
}

#[test]
fn names_without_end() {
    let labels: Vec<String> = (0..100_000).map(|number| format!("\"k{number}\":\"v{number}\"")).collect();
    let wide = with(&format!("\"labels\":{{{}}}", labels.join(",")));
    let many = (0..6_000).fold(String::new(), |mut lines, number| {
        let _ = writeln!(
            lines,
            "{{\"insertId\":\"{number}\",\"severity\":\"ERROR\",\"textPayload\":\"x\",\"labels\":{{\"k{number}\":\"v\"}},\
             \"resource\":{{\"type\":\"cloud_run_revision\",\"labels\":{{\"service_name\":\"s{number}\"}}}}}}"
        );
        lines
    });
    check_all(&[row("B25, B26 100,000 labels", wide, 1), row("B26 6,000 services and labels", many, 6_000)]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// So many MiB of one byte, packed.
fn bomb(byte: u8, mebibytes: usize) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let block = vec![byte; 1 << 20];
    (0..mebibytes).for_each(|_| packer.write_all(&block).unwrap());
    packer.finish().unwrap()
}

#[test]
fn packed_and_damaged() {
    let packed = gzip(lines(&["a", "b", "c"]).repeat(200).as_bytes());
    let mut sum = packed.clone();
    let at = sum.len() - 6;
    sum[at] ^= 1;
    let frame = zstd::encode_all(lines(&["a"]).as_bytes(), 3).unwrap();
    let nested = (0..9).fold(lines(&["a"]).into_bytes(), |bytes, _| gzip(&bytes));
    let folder = tempfile::tempdir().unwrap();
    let skip = |reason| [(&b""[..], reason)];
    for (name, bytes, analysed, copies, reason) in [
        ("F18 padding", [gzip(lines(&["a"]).as_bytes()), vec![0; 500]].concat(), 1, 0, None),
        ("F18 members", [gzip(lines(&["a"]).as_bytes()), gzip(lines(&["b"]).as_bytes())].concat(), 2, 0, None),
        ("F18 a bad sum", sum, 3, 597, Some("damaged")),
        ("F19 a skippable frame", [b"\x50\x2a\x4d\x18\x04\0\0\0abcd", &frame[..]].concat(), 1, 0, None),
        // A frame that declares a window of 2 GiB.
        ("F19 a wide window", b"\x28\xb5\x2f\xfd\0\xa8\x01\0\0".to_vec(), 0, 0, Some("too much memory")),
        ("F20 layers", nested, 0, 0, Some("not a log export")),
        ("F20 blanks", bomb(b' ', 300), 0, 0, Some("the limit on the ratio")),
        ("F20 NULs", bomb(0, 4), 0, 0, Some("nothing but NUL bytes")),
    ] {
        std::fs::write(folder.path().join("in"), &bytes).unwrap();
        let (code, result, said) = analyze(folder.path(), &["in"]);
        assert_eq!(code, Some(if reason.is_some() { 2 } else { 0 }), "{name}: {said}");
        let totals = &result["totals"];
        assert_eq!(
            (totals["analysed"].as_u64(), totals["duplicates"].as_u64()),
            (Some(analysed), Some(copies)),
            "{name}"
        );
        for (_, reason) in reason.map(skip).into_iter().flatten() {
            assert!(result["skipped"].to_string().contains(reason), "{name}: {}", result["skipped"]);
        }
    }
}

#[test]
fn names_of_files_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let names =
        ["-rf.json", "a\nb\u{1b}[31m.json", "$(touch pwned) `x` '\".json", "<img src=x>.json", "\u{202e}nosj.x"];
    for name in names {
        std::fs::write(folder.path().join(name), lines(&[name])).unwrap();
    }
    let odd = std::ffi::OsStr::new("x");
    #[cfg(target_os = "linux")]
    let odd = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"latin\xe9.json").max(odd);
    std::fs::write(folder.path().join(odd), lines(&["odd"])).unwrap();
    let (code, result, said) = analyze(folder.path(), &["."]);
    assert_eq!(code, Some(0), "B27: {said}");
    assert_eq!(result["totals"]["analysed"], 6, "{said}");
    let (code, _, said) =
        analyze(folder.path(), &["--", "-rf.json", "a\nb\u{1b}[31m.json", "nowhere\u{1b}[2J\u{202e}"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.chars().all(|letter| letter == '\n' || !letter.is_control()) && !said.contains('\u{202e}'),
        "{said:?}"
    );
    assert!(!folder.path().join("pwned").exists());
}
