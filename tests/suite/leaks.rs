//! Secrets of every class planted in every field, in every disguise: none of them may stand in a redacted copy.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

/// The labelled notations and the examples of all rules; parts are put together here, so none stands in full.
const SHIPPED: [&str; 2] =
    [include_str!("../../src/distill/redact/labelled.toml"), include_str!("../../src/distill/redact/rules.toml")];

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    case: Vec<Example>,
    #[serde(default)]
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    matches: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    #[serde(default)]
    before: String,
    parts: Vec<String>,
    #[serde(default)]
    after: String,
}

/// A text with a secret in it.
struct Planted {
    text: String,
    secret: String,
}

/// `~CLASS:N` stands for N characters of a class; other ones for every `salt`.
fn fill(part: &str, salt: u64) -> String {
    let Some((before, rest)) = part.split_once('~') else { return part.to_owned() };
    let Some((class, rest)) = rest.split_once(':') else { return part.to_owned() };
    let (upper, lower, digits) = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789");
    let alphabet = match class {
        "b62" => format!("{upper}{lower}{digits}"),
        "b64" => format!("{upper}{lower}{digits}+/"),
        "url" => format!("{upper}{lower}{digits}-_"),
        "hex" => format!("{digits}abcdef"),
        "HEX" => format!("{digits}ABCDEF"),
        "low" => format!("{lower}{digits}"),
        "UP" => format!("{upper}{digits}"),
        "B32" => format!("{upper}234567"),
        _ => digits.trim_start_matches('0').to_owned(),
    };
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (length, rest) = rest.split_at(count);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ salt.wrapping_mul(0xff51_afd7_ed55_8ccd) ^ rest.len() as u64;
    let letters = alphabet.as_bytes();
    let filled: String = (0..length.parse::<usize>().unwrap())
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(letters[usize::try_from(state >> 40).unwrap() % letters.len()])
        })
        .collect();
    format!("{before}{filled}{}", fill(rest, salt + 1))
}

fn planted() -> Vec<Planted> {
    let files = SHIPPED.map(|text| toml::from_str::<File>(text).unwrap());
    files
        .iter()
        .flat_map(|file| file.case.iter().chain(file.rule.iter().flat_map(|rule| &rule.matches)))
        .map(|example| {
            let secret: String = example.parts.iter().map(|part| fill(part, 0)).collect();
            Planted { text: format!("{}{secret}{}", fill(&example.before, 0), fill(&example.after, 0)), secret }
        })
        // Shorter ones stand in any output by chance.
        .filter(|planted| planted.secret.len() >= 6)
        .collect()
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// What a text goes through before it reaches a field.
fn disguise(text: &str, number: usize) -> String {
    match number % 6 {
        0 => text.to_owned(),
        1 => json!({ "msg": text }).to_string(),
        2 => json!(json!({ "msg": text }).to_string()).to_string(),
        3 => format!("/x?next={}", percent(text)),
        4 => format!("body {}", STANDARD.encode(json!({ "msg": text }).to_string())),
        _ => format!("\u{1b}[31m{text}\u{1b}[0m"),
    }
}

/// An entry with the text in the field of that number.
#[expect(clippy::too_many_lines, reason = "a table of fields")]
fn entry(number: usize, field: usize, text: &str) -> Value {
    let mut entry = json!({
        "insertId": format!("id{number:06}"),
        "timestamp": format!("2025-09-15T10:{:02}:{:02}.{:06}Z", number / 60 % 60, number % 60, number),
        "severity": "ERROR",
        "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "backend", "revision_name": "backend-00001-abc", "project_id": "p", "location": "eu"}},
    });
    let message = format!("step {} of the import failed", ["one", "two", "three"][number % 3]);
    match field {
        0 => entry["textPayload"] = json!(format!("import failed: {text}")),
        1 => entry["jsonPayload"] = json!({ "message": format!("import failed: {text}"), "module": "app.import" }),
        2 => entry["jsonPayload"] = json!({ "message": message, "detail": { "deep": [text] } }),
        3 => entry["jsonPayload"] = json!({ "message": message, text: 1 }),
        4 => {
            entry["textPayload"] = json!(message);
            entry["labels"] = json!({ "note": text });
        }
        5 => {
            entry["textPayload"] = json!(message);
            entry["labels"] = json!({ text: "note" });
        }
        6 => {
            entry["httpRequest"] = json!({ "requestMethod": "GET", "requestUrl": format!("https://api.example/p?q={text}"), "status": 500 });
        }
        7 => {
            entry["httpRequest"] = json!({ "requestMethod": "GET", "requestUrl": "https://api.example/", "referer": text, "userAgent": text, "status": 500 });
        }
        8 => {
            entry["textPayload"] = json!(message);
            entry["trace"] = json!(text);
            entry["insertId"] = json!(text);
        }
        9 => {
            entry["textPayload"] = json!(message);
            entry["resource"]["labels"]["service_name"] = json!(text);
            entry["resource"]["labels"]["revision_name"] = json!(text);
        }
        10 => {
            entry["textPayload"] = json!(message);
            entry["sourceLocation"] = json!({ "file": text, "line": "7", "function": text });
        }
        11 => {
            entry["jsonPayload"] = json!({ "message": format!("boom\nTraceback (most recent call last):\n  File \"/app/{number}.py\", line 3, in run\n    connect('{text}')\nValueError: {text}") });
        }
        12 => {
            entry["protoPayload"] = json!({ "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "storage.googleapis.com", "methodName": "storage.get", "resourceName": text, "status": { "code": 7, "message": text }, "authenticationInfo": { "principalEmail": text } });
        }
        13 => {
            entry["jsonPayload"] = json!({ "message": message, "user_id": text, "request_id": text, "logger": text });
        }
        14 => {
            entry["textPayload"] = json!(message);
            entry["operation"] = json!({ "id": text, "producer": text });
            entry["errorGroups"] = json!([{ "id": text }]);
        }
        _ => {
            entry["textPayload"] = json!(message);
            entry["logName"] = json!(format!("projects/p/logs/{}", percent(text)));
        }
    }
    entry
}

const FIELDS: usize = 16;

/// The secrets that stand in a text, as they are or as JSON, HTML, URLs or base64 write them.
fn leaked<'s>(text: &str, secrets: &BTreeSet<&'s str>) -> Vec<&'s str> {
    let undone = text
        .replace("\\\\", "\\")
        .replace("\\\"", "\"")
        .replace("&amp;", "&")
        .replace("&#x2f;", "/")
        .replace("\\/", "/");
    secrets
        .iter()
        .copied()
        .filter(|secret| text.contains(*secret) || undone.contains(*secret) || text.contains(&percent(secret)))
        .collect()
}

#[test]
fn a_redacted_copy_has_every_entry_and_no_secret() {
    let planted = planted();
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump.ndjson");
    let lines: Vec<String> = planted
        .iter()
        .enumerate()
        .map(|(number, planted)| entry(number, number % FIELDS, &disguise(&planted.text, number / FIELDS)).to_string())
        .collect();
    std::fs::write(&dump, lines.join("\n")).unwrap();
    let redact = |path: &Path, flags: &[&str]| {
        Command::cargo_bin("log-gardener").unwrap().arg("redact").arg(path).args(flags).output().unwrap()
    };
    let copy = folder.path().join("copy.ndjson");
    let output = redact(&dump, &["-o", copy.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&copy).unwrap();
    assert_eq!(text.lines().count(), lines.len());
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let secrets: BTreeSet<&str> = planted.iter().map(|planted| planted.secret.as_str()).collect();
    assert_eq!(leaked(&text, &secrets), Vec::<&str>::new());
    assert_eq!(
        redact(&copy, &["--check"]).status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&redact(&copy, &["--check"]).stdout)
    );
    let found = redact(&dump, &["--check"]);
    assert_eq!(found.status.code(), Some(5));
    assert_eq!(leaked(&String::from_utf8_lossy(&found.stdout), &secrets), Vec::<&str>::new());
    // What stands there is not overwritten.
    assert_eq!(redact(&dump, &["-o", copy.to_str().unwrap()]).status.code(), Some(3));
}
