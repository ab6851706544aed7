//! Saved digests, and what comparing says of them and of archives, through the command.

use std::fs;
use std::path::Path;

use assert_cmd::assert::Assert;
use log_gardener::model::{Digest, Portable};
use predicates::prelude::*;
use serde_json::Value;

use super::accounting::program;
use super::determinism::record;

fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(|number| record(number) + "\n").collect()
}

fn run(folder: &Path, arguments: &[&str]) -> Assert {
    let mut command = program();
    command.current_dir(folder).args(arguments).assert()
}

fn said(text: &str) -> impl Predicate<str> + use<> {
    predicate::str::contains(text.to_owned())
}

fn result(assert: &Assert) -> Value {
    serde_json::from_slice(&assert.get_output().stdout).unwrap()
}

#[test]
fn a_digest_knows_how_it_was_made() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("dump.json"), lines(0..60)).unwrap();
    let errors = "severity>=ERROR";
    for (name, flags) in [
        ("on.dig", &[][..]),
        ("off.dig", &["--redact", "off"]),
        ("strict.dig", &["--redact", "strict"]),
        ("errors.dig", &["--filter", errors]),
        ("masked.dig", &["--mask", "person=person[0-9]+"]),
    ] {
        run(folder, &[&["digest", "dump.json", "-q", "-o", name], flags].concat()).code(0);
    }
    for (arguments, why) in [
        (&["merge", "off.dig"][..], "was made with --redact off"),
        (&["merge", "on.dig", "--redact", "strict"], "make it anew with --redact strict"),
        (&["diff", "off.dig", "on.dig"], "was made with --redact off"),
        (&["analyze", "dump.json", "--baseline", "off.dig"], "was made with --redact off"),
        (
            &["merge", "on.dig", "errors.dig"],
            "on.dig was made without --filter, errors.dig with --filter severity>=ERROR",
        ),
        (&["merge", "on.dig", "off.dig", "--redact", "off"], "make them alike"),
        (&["merge", "on.dig", "masked.dig"], "with --mask person=person[0-9]+"),
        (&["merge", "on.dig", "--mask", "person=person[0-9]+"], "give it to `digest`"),
        (&["merge", "on.dig", "--min-severity", "ERROR"], "give it to `digest`"),
    ] {
        run(folder, arguments).code(4).stderr(said(why)).stdout("");
    }
    for (name, policy, filter) in [("strict.dig", "strict", ""), ("errors.dig", "on", errors)] {
        let merged = result(&run(folder, &["merge", name, "--format", "json"]).code(0));
        assert_eq!((&merged["redaction"]["policy"], &merged["method"]["filter"]), (&policy.into(), &filter.into()));
    }
    run(folder, &["merge", "off.dig", "--redact", "off"]).code(0);
    run(folder, &["merge", "masked.dig", "--mask", "person=person[0-9]+"]).code(0);
}

#[test]
fn what_a_filter_left_out_is_not_gone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("old.json"), lines(0..300)).unwrap();
    fs::write(folder.join("new.json"), lines(300..600)).unwrap();
    run(folder, &["digest", "old.json", "-q", "-o", "old.dig"]).code(0);
    run(folder, &["digest", "new.json", "-q", "-o", "new.dig", "--filter", "severity>=ERROR"]).code(0);
    let diff = run(folder, &["diff", "old.dig", "new.dig"]).code(0);
    diff.stdout(said("filtered differently").and(said("gone ").not()));
}

#[test]
fn digests_of_earlier_versions_are_read() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("dump.json"), lines(0..60)).unwrap();
    run(folder, &["digest", "dump.json", "-q", "-o", "new.dig"]).code(0);
    let digest = Digest::from_bytes(&fs::read(folder.join("new.dig")).unwrap()).unwrap();
    let mut body = serde_json::to_value(&digest).unwrap();
    body.as_object_mut().unwrap().remove("made").unwrap();
    let body = body.to_string();
    let blake3 = blake3::hash(body.as_bytes()).to_hex();
    let old = format!("{{\"format\":\"log-gardener digest\",\"version\":1,\"blake3\":\"{blake3}\"}}\n{body}\n");
    fs::write(folder.join("old.dig"), old).unwrap();
    run(folder, &["merge", "old.dig"]).code(0).stderr(said("saved by an earlier version"));
    run(folder, &["merge", "old.dig", "--redact", "strict"]).code(4);
}

#[test]
fn what_was_skipped_is_said_by_all_that_read() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("old.json"), lines(0..60)).unwrap();
    fs::write(folder.join("new.json"), lines(60..120) + "{\"insertId\": broken}\n").unwrap();
    fs::write(folder.join("rules.toml"), "[[rule]]\nname = 'all'\npattern = '*'\nnote = 'seen'\n").unwrap();
    run(folder, &["digest", "new.json", "-q", "-o", "new.dig"]).code(2);
    for arguments in [
        &["diff", "old.json", "new.json"][..],
        &["diff", "old.json", "new.dig"],
        &["diff", "new.json", "--cut-at", "2025-09-14T03:01:30Z"],
        &["merge", "new.dig"],
        &["rules", "explain", "rules.toml", "new.json", "--cluster", "1"],
    ] {
        run(folder, arguments).code(2).stderr(said("skipped new.json:61"));
    }
    run(folder, &["diff", "-", "--cut-at", "2025-09-14T03:01:30Z"]).code(4).stderr(said("only once"));
}

#[test]
fn an_array_that_is_never_closed_is_partial_to_all_that_read() {
    let home = tempfile::tempdir().unwrap();
    let entries = lines(0..3).lines().collect::<Vec<_>>().join(",\n");
    fs::write(home.path().join("cut.json"), format!("[{entries},\n")).unwrap();
    for arguments in [
        &["analyze", "cut.json"][..],
        &["inspect", "cut.json"],
        &["digest", "cut.json", "-o", "cut.digest"],
        &["merge", "cut.digest"],
        &["redact", "cut.json"],
    ] {
        run(home.path(), arguments).code(2);
    }
}

#[test]
fn a_baseline_tells_states() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("old.json"), lines(0..300)).unwrap();
    let fresh = lines(300..600).replace("[ERROR] worker failed to boot", "disk quota of the volume exceeded");
    fs::write(folder.join("new.json"), fresh).unwrap();
    let old = run(folder, &["analyze", "old.json", "--format", "json"]).code(0);
    fs::write(folder.join("base.json"), &old.get_output().stdout).unwrap();
    let condition = ["--fail-on", "state in (new,regressed)"];
    let with = |name: &'static str| {
        run(folder, &[&["analyze", name, "--format", "json", "--baseline", "base.json"], &condition[..]].concat())
    };
    let failed = with("new.json").code(1);
    let clusters = result(&failed)["clusters"].as_array().unwrap().clone();
    let states: Vec<(&str, bool)> = clusters
        .iter()
        .map(|cluster| (cluster["state"].as_str().unwrap(), cluster["pattern"].to_string().contains("disk quota")))
        .collect();
    assert!(states.contains(&("new", true)) && !states.contains(&("new", false)), "{states:?}");
    assert!(states.contains(&("recurring", false)), "{states:?}");
    let alone = [&["analyze", "new.json"], &condition[..]].concat();
    run(folder, &alone).code(0).stderr(said("without --ledger or --baseline"));
    run(folder, &["analyze", "no-such.json", "--fail-on", "state=nwe"]).code(4).stderr(said("no state of a cluster"));
}

#[test]
fn the_example_of_the_rules_passes_its_own_check() {
    let home = tempfile::tempdir().unwrap();
    let page = include_str!("../../docs/rules.md");
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    fs::write(home.path().join("rules.toml"), example).unwrap();
    run(home.path(), &["rules", "check", "rules.toml"]).code(0);
    run(home.path(), &["rules", "test", "rules.toml"]).code(0).stdout(said("WRONG").not());
}
