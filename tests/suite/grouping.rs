//! Labelled entries in, GA and FGA of the program's clusters out; floors hold what was reached.
//!
//! `LOG_GARDENER_DATA` names a folder whose `loghub` holds `*.json` (arrays of entries) beside `*.labels.csv`
//! (`insertId`, `EventId`). `LOG_GARDENER_DETAIL=1` lists each group that came out wrong.
#![expect(
    clippy::disallowed_methods,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::explicit_write,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "test support code: the environment names the data, figures are small, broken data is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::accounting::program;

/// Entries of one system, each with the group that a person puts it in.
struct System {
    name: String,
    entries: Vec<(Value, String)>,
}

/// What the program made of entries.
struct Outcome {
    /// The cluster of each entry, by its place in the list of entries.
    homes: Vec<String>,
    /// Id, pattern and fingerprints of each cluster.
    clusters: Vec<(String, String, BTreeSet<String>)>,
}

/// How well a grouping agrees with the labels.
#[derive(Debug, Default)]
struct Score {
    /// Share of entries in exactly right clusters.
    ga: f64,
    /// F1 over groups.
    fga: f64,
    split: usize,
    mixed: usize,
    detail: String,
}

fn load(folder: &Path) -> Vec<System> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    names.sort();
    names
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap().replace("@TOKEN@", &token());
            let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
            let mut labels = csv::Reader::from_path(path.with_extension("labels.csv")).unwrap();
            let columns = labels.headers().unwrap().clone();
            let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
            let (id, group) = (column("insertId"), column("EventId"));
            let truth: BTreeMap<String, String> = labels
                .records()
                .map(|row| row.unwrap())
                .map(|row| (row[id].to_owned(), row[group].to_owned()))
                .collect();
            let labelled = entries.into_iter().map(|entry| {
                let truth = truth[entry["insertId"].as_str().unwrap()].clone();
                (entry, truth)
            });
            System { name: path.file_stem().unwrap().to_string_lossy().into_owned(), entries: labelled.collect() }
        })
        .collect()
}

/// Looks like a bearer token; assembled here so that no file holds one.
fn token() -> String {
    ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N"].join(".")
}

/// Runs the program over entries, as anyone would, with `flags`.
fn analysed(entries: &[(Value, String)], flags: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (dump, assignments) = (folder.path().join("dump.json"), folder.path().join("assignments.ndjson"));
    let lines: Vec<String> = entries.iter().map(|(entry, _)| entry.to_string()).collect();
    std::fs::write(&dump, lines.join("\n")).unwrap();
    let run = program()
        .args(["analyze", "-q", "--min-severity", "DEFAULT", "--format", "json", "--assignments"])
        .arg(&assignments)
        .args(flags)
        .arg(&dump)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let home: BTreeMap<String, String> = std::fs::read_to_string(&assignments)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["insert_id"].as_str().unwrap().to_owned(), line["cluster"].as_str().unwrap().to_owned()))
        .collect();
    let result: Value = serde_json::from_slice(&run.stdout).unwrap();
    let clusters = result["clusters"].as_array().unwrap().iter().map(|cluster| {
        let text = |key: &str| cluster[key].as_str().unwrap().to_owned();
        let fingerprints = cluster["fingerprints"].as_array().unwrap().iter().map(ToString::to_string);
        (text("id"), text("pattern"), fingerprints.collect())
    });
    let homes = entries.iter().map(|(entry, _)| home[entry["insertId"].as_str().unwrap()].clone());
    Outcome { homes: homes.collect(), clusters: clusters.collect() }
}

/// The first words of what an entry says.
fn said(entry: &Value) -> String {
    let text = entry["jsonPayload"]["message"].as_str().or(entry["textPayload"].as_str());
    text.map_or_else(|| entry["jsonPayload"].to_string(), str::to_owned).chars().take(300).collect()
}

fn score(entries: &[(Value, String)]) -> Score {
    let outcome = analysed(entries, &[]);
    let names: BTreeMap<&str, &str> =
        outcome.clusters.iter().map(|(id, pattern, _)| (id.as_str(), pattern.as_str())).collect();
    let described = |id: &str| format!("{id} {}", names.get(id).copied().unwrap_or_default());
    let (mut members, mut clusters) =
        (BTreeMap::<&str, BTreeSet<usize>>::new(), BTreeMap::<&str, BTreeSet<usize>>::new());
    for (index, ((_, truth), home)) in entries.iter().zip(&outcome.homes).enumerate() {
        members.entry(truth).or_default().insert(index);
        clusters.entry(home).or_default().insert(index);
    }
    let mut score = Score::default();
    let (mut exact, mut right) = (0, 0);
    for (truth, group) in &members {
        let homes: BTreeSet<&str> = group.iter().map(|index| outcome.homes[*index].as_str()).collect();
        let first = homes.first().unwrap();
        if clusters[first] == *group {
            exact += 1;
            right += group.len();
        }
        if homes.len() > 1 {
            score.split += 1;
            let homes: Vec<String> = homes.into_iter().map(described).collect();
            score.detail.push_str(&format!("split {truth} ({} entries):\n  {}\n", group.len(), homes.join("\n  ")));
        }
    }
    for (cluster, group) in &clusters {
        let truths: BTreeMap<&str, String> =
            group.iter().map(|index| (entries[*index].1.as_str(), said(&entries[*index].0))).collect();
        if truths.len() > 1 {
            score.mixed += 1;
            let truths: Vec<String> = truths.iter().map(|(truth, said)| format!("{truth}: {said}")).collect();
            let cluster = described(cluster);
            score.detail.push_str(&format!("mixed {cluster} ({} entries):\n  {}\n", group.len(), truths.join("\n  ")));
        }
    }
    let (precision, recall) = (f64::from(exact) / clusters.len() as f64, f64::from(exact) / members.len() as f64);
    score.ga = right as f64 / entries.len() as f64;
    score.fga = if exact > 0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
    score
}

fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").unwrap();
}

fn show(name: &str, score: &Score) {
    say(&format!(
        "{name:14} GA {:.4}  FGA {:.4}  split {:3}  mixed {:3}",
        score.ga, score.fga, score.split, score.mixed
    ));
    if std::env::var("LOG_GARDENER_DETAIL").is_ok() {
        say(&score.detail);
    }
}

/// Each system alone, then all in one dump.
fn judged(folder: &Path) -> (f64, f64, Score) {
    let systems = load(folder);
    let (mut ga, mut fga) = (0.0, 0.0);
    for system in &systems {
        let score = score(&system.entries);
        show(&system.name, &score);
        ga += score.ga / systems.len() as f64;
        fga += score.fga / systems.len() as f64;
    }
    say(&format!("average        GA {ga:.4}  FGA {fga:.4}"));
    let mixed: Vec<(Value, String)> = systems
        .into_iter()
        .flat_map(|system| {
            let name = system.name;
            system.entries.into_iter().map(move |(entry, truth)| (entry, format!("{name} {truth}")))
        })
        .collect();
    let mixed = score(&mixed);
    show("one dump", &mixed);
    (ga, fga, mixed)
}

/// The folder of labelled public logs, if it is there.
fn public_logs() -> Option<PathBuf> {
    let root = std::env::var("LOG_GARDENER_DATA")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = root.join("loghub");
    if !folder.is_dir() {
        say(&format!("SKIPPED: no labelled logs in {} (set LOG_GARDENER_DATA)", folder.display()));
        return None;
    }
    Some(folder)
}

#[test]
fn people_agree_on_public_logs() {
    let Some(folder) = public_logs() else { return };
    let (ga, fga, mixed) = judged(&folder);
    assert!(ga >= 0.995 && fga >= 0.985, "GA {ga:.4}, FGA {fga:.4}");
    assert!(mixed.ga >= 0.995 && mixed.fga >= 0.985, "in one dump {:.4}, {:.4}", mixed.ga, mixed.fga);
}

#[test]
fn people_agree_on_our_own_messages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/grouping");
    let (ga, fga, mixed) = judged(&folder);
    assert!(ga >= 0.99 && fga >= 0.985, "GA {ga:.4}, FGA {fga:.4}");
    assert!(mixed.ga >= 0.99 && mixed.fga >= 0.985, "in one dump {:.4}, {:.4}", mixed.ga, mixed.fga);
}

/// Clusters of half a dump, then of all of it: how many ids stay, of how many. All are found by their fingerprints.
fn lasting_ids(folder: &Path) -> (usize, usize) {
    let (mut kept, mut all) = (0, 0);
    for System { name, entries } in load(folder) {
        let whole = analysed(&entries, &[]).clusters;
        let before = analysed(&entries[..entries.len() / 2], &[]).clusters;
        let ids: BTreeSet<&str> = whole.iter().map(|(id, ..)| id.as_str()).collect();
        let gone: Vec<&str> = before
            .iter()
            .filter(|(id, ..)| !ids.contains(id.as_str()))
            .map(|(_, pattern, _)| pattern.as_str())
            .collect();
        let found: BTreeSet<&String> = whole.iter().flat_map(|(.., fingerprints)| fingerprints).collect();
        let linked = |fingerprints: &BTreeSet<String>| fingerprints.iter().any(|print| found.contains(print));
        assert!(before.iter().all(|(.., fingerprints)| linked(fingerprints)), "{name}: a cluster is gone");
        say(&format!("{name:14} ids kept {} of {}: without {gone:?}", before.len() - gone.len(), before.len()));
        (kept, all) = (kept + before.len() - gone.len(), all + before.len());
    }
    (kept, all)
}

#[test]
fn ids_last_when_a_dump_grows() {
    let (kept, all) = lasting_ids(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/grouping"));
    assert!(kept * 100 >= all * 95, "{kept} of {all}");
    if let Some(folder) = public_logs() {
        let (kept, all) = lasting_ids(&folder);
        assert!(kept * 100 >= all * 95, "{kept} of {all}");
    }
}
