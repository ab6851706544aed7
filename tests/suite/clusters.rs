//! How clusters are steered and explained through the command: `--similarity`, `--mask`, `show`.
#![expect(clippy::unwrap_used, reason = "test support code: broken data is a failed test")]

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::accounting::program;

fn dump(folder: &Path, messages: &[String]) -> String {
    let mut text = String::new();
    for (number, message) in messages.iter().enumerate() {
        let entry = json!({
            "insertId": format!("id{number}"),
            "logName": "projects/demo/logs/app",
            "timestamp": format!("2025-05-01T{:02}:{:02}:{:02}Z", number / 3600, number / 60 % 60, number % 60),
            "severity": "ERROR",
            "resource": {"type": "global", "labels": {}},
            "textPayload": message,
        });
        writeln!(text, "{entry}").unwrap();
    }
    let path = folder.join("dump.json");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn analysed(messages: &[&str], flags: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
    let dump = dump(folder.path(), &messages);
    let run = program().args(["analyze", "-q", "--format", "json"]).args(flags).arg(dump).output().unwrap();
    serde_json::from_slice(&run.stdout).unwrap()
}

fn patterns(result: &Value) -> Vec<&str> {
    let mut patterns: Vec<&str> =
        result["clusters"].as_array().unwrap().iter().map(|cluster| cluster["pattern"].as_str().unwrap()).collect();
    patterns.sort_unstable();
    patterns
}

#[test]
fn similarity_makes_clusters_coarser_and_finer() {
    let few = ["ward alpha shut", "ward beta shut", "ward gamma shut"];
    let many = ["ward alpha shut", "ward beta shut", "ward gamma shut", "ward delta shut", "ward zeta shut"];
    for (messages, flags, clusters) in [
        (&few[..], &[][..], 3),
        (&few, &["--similarity", "0"], 1),
        (&many, &[], 1),
        (&many, &["--similarity", "0.9"], 5),
        (&many, &["--similarity", "1"], 5),
    ] {
        assert_eq!(patterns(&analysed(messages, flags)).len(), clusters, "{flags:?}");
    }
}

#[test]
fn masks_of_the_user_name_their_values() {
    let messages = ["batch north-A of plan ready", "batch south-B of plan ready"];
    assert_eq!(patterns(&analysed(&messages, &[])).len(), 2);
    let result = analysed(&messages, &["--mask", "site=(north|south)-[A-Z]"]);
    assert_eq!(patterns(&result), ["batch <site> of plan ready"]);
    let slot = &result["clusters"][0]["slots"][0];
    assert_eq!((slot["placeholder"].as_str(), slot["distinct"].as_u64()), (Some("<site>"), Some(2)));
    for broken in ["site=(", "Site=x", "x"] {
        program().args(["analyze", "--mask", broken, "-"]).assert().code(4);
    }
}

#[test]
fn show_explains_why_entries_are_one_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let messages: Vec<String> = ["alpha", "beta", "gamma", "delta", "zeta", "zeta"]
        .iter()
        .zip(100..)
        .map(|(name, number)| format!("ward {name} shut after {} s", if number > 103 { 7 } else { number }))
        .collect();
    let dump = dump(folder.path(), &messages);
    let model = folder.path().join("model.json");
    let result = program().args(["analyze", "-q", "--format", "json", &dump]).output().unwrap();
    std::fs::write(&model, &result.stdout).unwrap();
    let shown = program().arg("show").arg(&model).arg("1").output().unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    for part in [
        "ward <*> shut after <dur>",
        "One cluster: 5 patterns differ in one word alone: alpha, beta, delta, gamma, zeta",
        "5 patterns",
        "`ward zeta shut after <dur>`",
        "`<dur>`: 5 values, `7 s` (2)",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn a_place_that_breeds_patterns_collapses_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let letters = |number: usize| {
        let letter = |digit: usize| {
            char::from(b'a' + u8::try_from(number / 26usize.pow(u32::try_from(digit).unwrap()) % 26).unwrap())
        };
        (0..3).map(letter).collect::<String>()
    };
    let messages: Vec<String> =
        (0..5_000).map(|number| format!("Free {} text {}", letters(number), letters(number * 7))).collect();
    let dump = dump(folder.path(), &messages);
    let run = program().args(["analyze", "-q", "--format", "json", &dump]).output().unwrap();
    let result: Value = serde_json::from_slice(&run.stdout).unwrap();
    let because = result["clusters"][0]["grouped_because"].to_string();
    assert!(because.contains("too many patterns"), "{because}");
    let warnings = result["coverage"]["warnings"].to_string();
    assert!(warnings.contains("patterns"), "{warnings}");
}
