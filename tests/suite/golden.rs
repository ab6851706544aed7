//! Entries in, the pattern and the fingerprint of each out: what `lg1:` promises to keep.
//!
//! `tests/golden/patterns.tsv` holds an entry, its pattern and its fingerprint a line. A change of one of them cuts off
//! every ledger and baseline that people have saved: it needs a new prefix or, before a release, a line in the changelog.
#![expect(clippy::unwrap_used, reason = "test support code: broken data is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::accounting::program;

#[test]
fn patterns_and_fingerprints_never_change() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/patterns.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert!(rows.len() >= 30);
    let folder = tempfile::tempdir().unwrap();
    let (dump, assignments) = (folder.path().join("dump.json"), folder.path().join("assignments.ndjson"));
    let lines: Vec<String> = (0..).zip(&rows).map(|(number, row)| entry(number, row.first().unwrap())).collect();
    std::fs::write(&dump, lines.join("\n")).unwrap();
    let run = program()
        .args(["analyze", "-q", "--min-severity", "DEFAULT", "--format", "json", "--assignments"])
        .args([&assignments, &dump])
        .output()
        .unwrap();
    let result: Value = serde_json::from_slice(&run.stdout).unwrap();
    let patterns: BTreeMap<&str, &str> = result["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|cluster| cluster["variants"].as_array().unwrap())
        .map(|variant| (variant["fingerprint"].as_str().unwrap(), variant["pattern"].as_str().unwrap()))
        .collect();
    let found: BTreeMap<String, String> = std::fs::read_to_string(&assignments)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["insert_id"].as_str().unwrap().to_owned(), line["fingerprint"].as_str().unwrap().to_owned()))
        .collect();
    let actual: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(number, row)| {
            let fingerprint = found.get(&format!("golden{number}")).unwrap();
            format!("{}\t{}\t{fingerprint}", row.first().unwrap(), patterns.get(fingerprint.as_str()).unwrap())
        })
        .collect();
    assert_eq!(actual.join("\n"), text.trim_end(), "actual lines:\n{}", actual.join("\n"));
}

/// The first column: members of an entry where it is an object, else a message.
fn entry(number: usize, text: &str) -> String {
    let mut entry = json!({
        "insertId": format!("golden{number}"),
        "logName": "projects/demo/logs/golden",
        "timestamp": format!("2025-05-01T00:00:{number:02}Z"),
        "severity": "ERROR",
        "resource": {"type": "global", "labels": {}},
    });
    let payload = if text.starts_with('{') {
        serde_json::from_str(text).unwrap()
    } else {
        json!({"textPayload": serde_json::from_str::<String>(&format!("\"{text}\"")).unwrap()})
    };
    entry.as_object_mut().unwrap().extend(payload.as_object().unwrap().clone());
    entry.to_string()
}
