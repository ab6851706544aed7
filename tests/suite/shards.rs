//! The second look at shards of an archive, one by one, through the command.

use std::fs;
use std::path::Path;

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use serde_json::{Value, json};

use super::accounting::program;
use super::determinism::record;

fn run(folder: &Path, arguments: &[&str]) -> Assert {
    let mut command = program();
    command.current_dir(folder).args(arguments).assert()
}

fn result(folder: &Path, arguments: &[&str]) -> Value {
    let done = run(folder, &[arguments, &["--format", "json"]].concat()).code(0);
    serde_json::from_slice(&done.get_output().stdout).unwrap()
}

/// Entries of several instances, and a stack trace whose lines are entries of their own, dealt out in turns.
fn deal(folder: &Path, files: &[&str]) {
    let mut records: Vec<String> = (0..240).map(record).collect();
    let trace = [
        "payment of order 4711 failed with KeyError",
        "Traceback (most recent call last):",
        "  File \"/srv/shop/pay.py\", line 31, in charge",
        "    total = order['total']",
        "KeyError: 'total'",
        "next request",
    ];
    for (number, text) in trace.into_iter().enumerate() {
        let entry = json!({
            "insertId": format!("line{number}"), "severity": if number == 0 { "ERROR" } else { "DEFAULT" },
            "logName": "projects/p/logs/stderr", "timestamp": format!("2025-09-14T03:00:10.{:03}Z", 500 + number),
            "resource": {"type": "k8s_container", "labels": {"pod_name": "pay-1", "container_name": "pay"}}, "textPayload": text,
        });
        records.push(entry.to_string());
    }
    for (at, file) in files.iter().enumerate() {
        let own = records.iter().skip(at).step_by(files.len()).map(|record| record.clone() + "\n");
        fs::write(folder.join(file), own.collect::<String>()).unwrap();
    }
}

#[test]
fn shards_looked_at_one_by_one_tell_what_the_archive_tells() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let files = ["a.json", "b.json", "c.json"];
    deal(folder, &files);
    let whole = result(folder, &[&["analyze"], &files[..]].concat());
    for file in files {
        run(folder, &["digest", file, "-q", "-o", &file.replace("json", "digest")]).code(0);
    }
    let digests = ["merge", "c.digest", "a.digest", "b.digest"];
    let without = result(folder, &[&digests[..], &["--moments", "moments"]].concat());
    let contexts = |result: &Value| -> usize {
        result["clusters"].as_array().unwrap().iter().map(|cluster| cluster["context"].as_array().unwrap().len()).sum()
    };
    assert_eq!(contexts(&without), 0);
    assert!(contexts(&whole) > 6 && whole.to_string().contains("\"across_entries\":true"));
    for file in files {
        let name = file.replace("json", "context");
        run(folder, &["digest", file, "--moments", "moments", "-q", "-o", &name]).code(0);
    }
    let merged = result(folder, &[&digests[..], &["b.context", "c.context", "a.context"]].concat());
    assert_eq!(serde_json::to_string_pretty(&merged).unwrap(), serde_json::to_string_pretty(&whole).unwrap());
}

#[test]
fn what_a_second_look_misses_is_said() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let files = ["a.json", "b.json"];
    deal(folder, &files);
    for file in files {
        run(folder, &["digest", file, "-q", "-o", &file.replace("json", "digest")]).code(0);
    }
    run(folder, &["merge", "a.digest", "b.digest", "--moments", "both", "-q"]).code(0);
    run(folder, &["merge", "a.digest", "--moments", "one", "-q"]).code(0);
    run(folder, &["digest", "a.json", "--moments", "both", "-q", "-o", "a.context"]).code(0);
    let merged = result(folder, &["merge", "a.digest", "b.digest", "a.context"]);
    let notes = |path: &str| {
        let inputs = merged["inputs"].as_array().unwrap();
        inputs.iter().find(|input| input["path"] == path).unwrap()["notes"].to_string()
    };
    assert!(notes("b.json").contains("could not be read a second time"), "{}", notes("b.json"));
    assert_eq!(notes("a.json"), "[]");
    let refused = |arguments: &[&str], why: &str| {
        run(folder, arguments).code(4).stdout("").stderr(predicate::str::contains(why.to_owned()));
    };
    refused(&["merge", "a.digest", "a.context"], "a.context: it was made for other moments");
    refused(&["merge", "a.context"], "give the digests as well");
    refused(&["digest", "a.json", "--moments", "a.digest", "-o", "x"], "no moments of log-gardener");
    refused(&["digest", "a.json", "--moments", "both", "--filter", "severity>=ERROR", "-o", "x"], "make them alike");
    refused(&["digest", "a.json", "--moments", "both", "-o", "both"], "is read as well");
    assert!(!folder.join("x").exists());
    let read = run(folder, &["analyze", "a.context"]).code(2);
    read.stderr(predicate::str::contains("not a log export: a context of log-gardener"));
    run(folder, &["merge", "a.digest", "--moments", "one", "-q"]).code(3).stdout("");
}
