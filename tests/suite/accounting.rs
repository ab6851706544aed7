//! Every record is accounted for: seen = analysed + filtered + duplicates + skipped, in the result and the worklog.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

use crate::determinism::record;

/// The program, with a known environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_log-gardener"));
    command.env_clear();
    command
}

fn result(arguments: &[&str], code: i32) -> Value {
    let assert = program().args(["analyze", "--format", "json"]).args(arguments).assert().code(code);
    serde_json::from_slice(&assert.get_output().stdout).unwrap()
}

fn sum(result: &Value) -> u64 {
    ["analysed", "filtered", "duplicates", "skipped"].iter().map(|part| result["totals"][part].as_u64().unwrap()).sum()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn all_figures_add_up() {
    let home = tempfile::tempdir().unwrap();
    let lines = |numbers: std::ops::Range<u64>| numbers.map(|number| record(number) + "\n").collect::<String>();
    let first = write(home.path(), "first.ndjson", &lines(0..100));
    let broken = lines(50..120) + "{\"insertId\": \"broken\n" + &lines(120..130);
    let second = write(home.path(), "second.ndjson", &broken);
    let filter = "severity!=WARNING";
    let result = result(&[&first, &second, "--filter", filter], 2);
    let totals = &result["totals"];
    assert_eq!(totals["entries"], 181);
    assert_eq!(sum(&result), 181, "{totals}");
    assert_eq!(totals["skipped"], 1);
    let filtered = (0..100).chain(50..130).filter(|number| number % 4 == 2).count();
    assert_eq!(totals["filtered"], filtered);
    let copies = (50..100).filter(|number| number % 4 != 2).count();
    assert_eq!(totals["duplicates"], copies);
    let skip = &result["skipped"][0];
    assert_eq!((skip["path"].as_str().unwrap(), skip["line"].as_u64().unwrap()), (second.as_str(), 71));
    let per_input: u64 =
        result["inputs"].as_array().unwrap().iter().map(|input| input["entries"].as_u64().unwrap()).sum();
    assert_eq!(per_input, 181);
    let clustered: u64 =
        result["clusters"].as_array().unwrap().iter().map(|cluster| cluster["count"].as_u64().unwrap()).sum();
    assert_eq!(clustered, totals["clustered"].as_u64().unwrap());
    let informational = result["informational"]["count"].as_u64().unwrap();
    assert_eq!(clustered + informational, totals["analysed"].as_u64().unwrap());
    let by_severity: u64 =
        totals["by_severity"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(by_severity, totals["analysed"].as_u64().unwrap());
}

#[test]
fn an_export_and_itself_again_is_one_export() {
    let home = tempfile::tempdir().unwrap();
    let text: String = (0..60).map(|number| record(number) + "\n").collect();
    let once = write(home.path(), "once.ndjson", &text);
    let again = write(home.path(), "twice.ndjson", &text);
    let alone = result(&[&once], 0);
    let both = result(&[&once, &again], 0);
    assert_eq!(both["totals"]["duplicates"], 60);
    assert_eq!(both["totals"]["analysed"], alone["totals"]["analysed"]);
    for (left, right) in alone["clusters"].as_array().unwrap().iter().zip(both["clusters"].as_array().unwrap()) {
        assert_eq!(left["id"], right["id"]);
        for field in ["count", "first_seen", "last_seen", "rate", "slots", "samples", "revisions", "priority"] {
            assert!(
                left[field] == right[field],
                "{field} of {}: {:#} or {:#}",
                left["title"],
                left[field],
                right[field]
            );
        }
    }
}

/// A group that bred patterns without end is one cluster, whether its entries came before it collapsed or after.
#[test]
fn assignments_name_the_cluster_that_patterns_collapsed_to() {
    let home = tempfile::tempdir().unwrap();
    let letters = |number: u32| number.to_string().bytes().map(|digit| char::from(digit + 49)).collect::<String>();
    let entry = |number: u32| {
        let (minute, second) = (number / 60 % 60, number % 60);
        let text =
            if number.is_multiple_of(500) { "disk is full".to_owned() } else { format!("said {}", letters(number)) };
        format!(
            "{{\"insertId\":\"i{number}\",\"logName\":\"l\",\"severity\":\"ERROR\",\"textPayload\":\"{text}\",\
             \"timestamp\":\"2025-09-14T01:{minute:02}:{second:02}Z\"}}\n"
        )
    };
    let text: String = (0..9_000).map(entry).collect();
    let path = write(home.path(), "dump.ndjson", &text);
    let target = home.path().join("assignments.ndjson").display().to_string();
    for threads in ["1", "4"] {
        let result = result(&[&path, "--assignments", &target, "--force", "-j", threads], 0);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for line in fs::read_to_string(&target).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            *counts.entry(line["cluster"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let clusters = result["clusters"].as_array().unwrap();
        assert!(clusters.iter().any(|cluster| cluster["pattern"] == "said <*>"));
        let told: BTreeMap<String, u64> = clusters
            .iter()
            .map(|cluster| (cluster["id"].as_str().unwrap().to_owned(), cluster["count"].as_u64().unwrap()))
            .collect();
        assert_eq!(counts, told);
    }
}

#[test]
fn assignments_name_every_analysed_entry_in_order() {
    let home = tempfile::tempdir().unwrap();
    let text: String = (0..40).map(|number| record(number) + "\n").collect();
    let path = write(home.path(), "dump.ndjson", &text);
    let target = home.path().join("assignments.ndjson").display().to_string();
    let result = result(&[&path, "--assignments", &target, "--min-severity", "DEFAULT"], 0);
    let lines: Vec<Value> =
        fs::read_to_string(&target).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 40);
    let ids: Vec<&str> =
        result["clusters"].as_array().unwrap().iter().map(|cluster| cluster["id"].as_str().unwrap()).collect();
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line["index"], number);
        assert_eq!(line["insert_id"], format!("id{number}"));
        assert!(ids.contains(&line["cluster"].as_str().unwrap()));
    }
}

#[test]
fn what_stands_behind_a_long_stretch_of_junk_has_its_place() {
    let home = tempfile::tempdir().unwrap();
    let lines = |numbers: std::ops::Range<u64>| numbers.map(record).collect::<Vec<_>>().join(",");
    let text = format!("[{},{}{}]", lines(0..20), "neither here nor there\n".repeat(200_000), lines(20..60));
    let input = write(home.path(), "dump.json", &text);
    let result = result(&[&input], 2);
    assert_eq!((&result["totals"]["entries"], &result["totals"]["analysed"]), (&61.into(), &60.into()));
    let samples =
        result["clusters"].as_array().unwrap().iter().flat_map(|cluster| cluster["samples"].as_array().unwrap());
    let mut behind = 0;
    for sample in samples {
        let source = &sample["source"];
        let offset = usize::try_from(source["offset"].as_u64().unwrap()).unwrap();
        assert_eq!(source["line"], text[..offset].matches('\n').count() + 1);
        let id = format!("\"insertId\":{}", sample["entry"]["insertId"]);
        let found = text[offset..].replace(' ', "").find(&id).unwrap();
        assert!(found < 200, "{source}");
        behind += usize::from(offset > 4_000_000);
    }
    assert!(behind > 2, "{behind}");
}
