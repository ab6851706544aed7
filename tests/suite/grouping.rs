//! Labelled messages in, GA and FGA of the clustering out; floors hold what was reached.
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

use log_gardener::distill::canon::canonicalize;
use log_gardener::distill::mask::Masker;
use log_gardener::examine::cluster::{Settings, cluster};
use log_gardener::model::{Fingerprint, PatternKind, PatternTally};

/// A message, the group a person puts it in, and its place in the code.
struct Labelled {
    message: String,
    truth: String,
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

fn load(folder: &Path) -> Vec<(String, Vec<Labelled>)> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    names.sort();
    names
        .into_iter()
        .map(|path| {
            let entries: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let mut labels = csv::Reader::from_path(path.with_extension("labels.csv")).unwrap();
            let columns = labels.headers().unwrap().clone();
            let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
            let (id, group) = (column("insertId"), column("EventId"));
            let truth: BTreeMap<String, String> = labels
                .records()
                .map(|row| row.unwrap())
                .map(|row| (row[id].to_owned(), row[group].to_owned()))
                .collect();
            let labelled = entries.iter().map(|entry| {
                let message = entry["jsonPayload"]["message"].as_str().or(entry["textPayload"].as_str()).unwrap();
                let truth = truth[entry["insertId"].as_str().unwrap()].clone();
                Labelled { message: message.replace("@TOKEN@", &token()), truth }
            });
            (path.file_stem().unwrap().to_string_lossy().into_owned(), labelled.collect())
        })
        .collect()
}

/// Looks like a bearer token; assembled here so that no file holds one.
fn token() -> String {
    ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N"].join(".")
}

/// The patterns of the messages, and the one of each.
fn distilled(labelled: &[Labelled]) -> (BTreeMap<Fingerprint, PatternTally>, Vec<Fingerprint>) {
    let masker = Masker::new(&[]).unwrap();
    let mut canon = masker.canon();
    let mut patterns = BTreeMap::new();
    let fingerprints = labelled
        .iter()
        .map(|entry| {
            canonicalize(&entry.message, &mut canon);
            let pattern = masker.mask(&canon).pattern;
            let fingerprint = Fingerprint::of(&["message", &pattern, "", ""]);
            patterns
                .entry(fingerprint)
                .or_insert_with(|| PatternTally::new(PatternKind::Message, pattern, ("", ""), true));
            fingerprint
        })
        .collect();
    (patterns, fingerprints)
}

/// The cluster of each message.
fn grouped(labelled: &[Labelled]) -> Vec<String> {
    let (patterns, fingerprints) = distilled(labelled);
    let mut home = BTreeMap::new();
    for group in cluster(&patterns, &Settings::default()) {
        for member in group.members {
            assert!(home.insert(member, format!("{} {}", group.id, group.pattern)).is_none(), "{member} twice");
        }
    }
    fingerprints.iter().map(|fingerprint| home[fingerprint].clone()).collect()
}

fn score(labelled: &[Labelled]) -> Score {
    let predicted = grouped(labelled);
    let (mut members, mut clusters) =
        (BTreeMap::<&str, BTreeSet<usize>>::new(), BTreeMap::<&str, BTreeSet<usize>>::new());
    for (index, (entry, cluster)) in labelled.iter().zip(&predicted).enumerate() {
        members.entry(&entry.truth).or_default().insert(index);
        clusters.entry(cluster).or_default().insert(index);
    }
    let mut score = Score::default();
    let (mut exact, mut entries) = (0, 0);
    for (truth, group) in &members {
        let homes: BTreeSet<&str> = group.iter().map(|index| predicted[*index].as_str()).collect();
        let first = homes.first().unwrap();
        if clusters[first] == *group {
            exact += 1;
            entries += group.len();
        }
        if homes.len() > 1 {
            score.split += 1;
            score.detail.push_str(&format!(
                "split {truth} ({} entries):\n  {}\n",
                group.len(),
                Vec::from_iter(homes).join("\n  ")
            ));
        }
    }
    for (cluster, group) in &clusters {
        let truths: BTreeMap<&str, &str> =
            group.iter().map(|index| (labelled[*index].truth.as_str(), labelled[*index].message.as_str())).collect();
        if truths.len() > 1 {
            score.mixed += 1;
            let truths: Vec<String> = truths.iter().map(|(truth, message)| format!("{truth}: {message}")).collect();
            score.detail.push_str(&format!("mixed {cluster} ({} entries):\n  {}\n", group.len(), truths.join("\n  ")));
        }
    }
    let (precision, recall) = (f64::from(exact) / clusters.len() as f64, f64::from(exact) / members.len() as f64);
    score.ga = entries as f64 / labelled.len() as f64;
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
    for (name, labelled) in &systems {
        let score = score(labelled);
        show(name, &score);
        ga += score.ga / systems.len() as f64;
        fga += score.fga / systems.len() as f64;
    }
    say(&format!("average        GA {ga:.4}  FGA {fga:.4}"));
    let mixed: Vec<Labelled> = systems
        .into_iter()
        .flat_map(|(name, labelled)| {
            labelled.into_iter().map(move |entry| Labelled { truth: format!("{name} {}", entry.truth), ..entry })
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
    assert!(ga >= 0.98 && fga >= 0.97, "GA {ga:.4}, FGA {fga:.4}");
    assert!(mixed.ga >= 0.98 && mixed.fga >= 0.97, "in one dump {:.4}, {:.4}", mixed.ga, mixed.fga);
}

/// Clusters of half a dump, then of all of it: how many ids stay, of how many. All are found by their fingerprints.
fn lasting_ids(folder: &Path) -> (usize, usize) {
    let (mut kept, mut all) = (0, 0);
    for (name, labelled) in load(folder) {
        let (half, _) = labelled.split_at(labelled.len() / 2);
        let whole = cluster(&distilled(&labelled).0, &Settings::default());
        let before = cluster(&distilled(half).0, &Settings::default());
        let gone: Vec<&str> = before
            .iter()
            .filter(|before| whole.iter().all(|after| after.id != before.id))
            .map(|before| before.pattern.as_str())
            .collect();
        let linked = |member: &Fingerprint| whole.iter().any(|after| after.members.contains(member));
        assert!(before.iter().all(|before| before.members.iter().any(linked)), "{name}: a cluster is gone");
        say(&format!("{name:14} ids kept {} of {}: without {gone:?}", before.len() - gone.len(), before.len()));
        (kept, all) = (kept + before.len() - gone.len(), all + before.len());
    }
    (kept, all)
}

#[test]
fn ids_last_when_a_dump_grows() {
    let (kept, all) = lasting_ids(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/grouping"));
    assert!(kept * 100 >= all * 90, "{kept} of {all}");
    if let Some(folder) = public_logs() {
        let (kept, all) = lasting_ids(&folder);
        assert!(kept * 100 >= all * 95, "{kept} of {all}");
    }
}
