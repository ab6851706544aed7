//! The head of an input that is no log export in, what it is and what to export instead out.

use super::shape::{LONGEST_HEAD, Verdict};

const ADVICE: &str = "export with `gcloud logging read FILTER --format=json > FILE`";

/// Files that are known by their first bytes.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF media file"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC table"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"BZh", "bzip2-compressed; unpack it first"),
    (b"\xfd7zXZ\0", "xz-compressed; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\x1f\x9d", "compress-compressed; unpack it first"),
    (b"\x04\x22\x4d\x18", "lz4-compressed; unpack it first"),
];

/// Names what a head without any log entry is.
pub(super) fn name(head: &[u8], start: usize, whole: bool) -> Verdict {
    let text = head.get(start..).unwrap_or_default();
    if !whole && head.len() >= LONGEST_HEAD && text.iter().all(|byte| *byte == 0) {
        // What a log was cut down to while it was written: a hole as long as it was, and then what came since.
        return Verdict::Unclear;
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Verdict::Known(reason(what));
    }
    if matches!(text.first(), Some(b'{' | b'[')) {
        return json(text, whole);
    }
    let control =
        text.iter().filter(|byte| **byte < 32 && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x1b | 0x0c)).count();
    if control * 50 > text.len() {
        let zeros = text.iter().all(|byte| *byte == 0);
        return foreign(if zeros { "nothing but NUL bytes" } else { "a binary file" });
    }
    foreign(plain_text(&String::from_utf8_lossy(text)))
}

/// Names a file that the program itself wrote: entries that are quoted in it were counted when it was made.
pub(super) fn own(head: &[u8], start: usize) -> Option<Verdict> {
    let object = head.get(start..)?.strip_prefix(b"{")?.trim_ascii_start();
    if object.starts_with(b"\"schema_version\"") {
        let what = "a result of log-gardener, which `log-gardener render` and `show` read";
        return Some(Verdict::Known(format!("not a log export: {what}")));
    }
    let format = object.strip_prefix(b"\"format\"")?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let name = format.strip_prefix(b"\"log-gardener ")?.split(|byte| *byte == b'"').next()?;
    let kind = String::from_utf8_lossy(name.get(..name.len().min(20))?).into_owned();
    Some(Verdict::Own(format!("not a log export: a {kind} of log-gardener")))
}

fn foreign(what: &str) -> Verdict {
    Verdict::Foreign(reason(what))
}

fn reason(what: &str) -> String {
    format!("not a log export: {what} ({ADVICE})")
}

/// JSON without a log entry: named by its first keys. If it may be a record that is merely long, that is left open.
fn json(text: &[u8], whole: bool) -> Verdict {
    let parsed: Option<serde_json::Value> =
        serde_json::Deserializer::from_slice(text).into_iter().next().and_then(Result::ok);
    let Some(value) = parsed else {
        return if whole { foreign("text that starts like JSON but is not") } else { Verdict::Unclear };
    };
    let object = value.as_array().and_then(|list| list.first()).unwrap_or(&value).as_object();
    let keys: Vec<&str> = object.into_iter().flatten().map(|(key, _)| key.as_str()).take(4).collect();
    let keys: Vec<String> = keys.iter().map(|key| key.chars().take(40).collect()).collect();
    if keys.is_empty() {
        return foreign("JSON without any log entry");
    }
    foreign(&format!("other JSON, with the keys {}", keys.join(", ")))
}

fn plain_text(text: &str) -> &'static str {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(20).collect();
    let first = lines.first().copied().unwrap_or_default();
    let lower = first.trim_start().to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return "an HTML page";
    }
    if lower.starts_with("<?xml") || lower.starts_with('<') {
        return "XML";
    }
    if first == "---" || is_yaml(&lines) {
        return "YAML, gcloud's default format";
    }
    for (separator, what) in [(',', "a CSV table"), ('\t', "a table of tab-separated values"), (';', "a CSV table")] {
        let columns = first.matches(separator).count();
        if columns >= 1
            && lines.len() > 1
            && lines.iter().skip(1).any(|line| line.matches(separator).count() >= columns)
            && first.split(separator).all(|name| name.len() < 60 && !name.contains(": "))
        {
            return what;
        }
    }
    let capitals = first.split_whitespace().all(|word| !word.chars().any(char::is_lowercase));
    if capitals && first.contains("  ") && lines.len() > 1 {
        return "a table for people (`--format=table`)";
    }
    "plain text"
}

fn is_yaml(lines: &[&str]) -> bool {
    let pairs = lines
        .iter()
        .filter(|line| {
            let line = line.trim_start().trim_start_matches("- ");
            line.split_once(':').is_some_and(|(key, rest)| {
                !key.is_empty()
                    && key.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./@'\"".contains(letter))
                    && (rest.is_empty() || rest.starts_with(' '))
            })
        })
        .count();
    lines.len() > 1 && pairs * 2 > lines.len()
}
