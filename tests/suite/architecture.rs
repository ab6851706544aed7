//! The house holds: dependencies point down, words stay home, every file says what it is.

use std::fs;
use std::path::{Path, PathBuf};

/// Lower floors first: a file may use those before it, never those after it.
const FLOORS: [&str; 11] =
    ["model", "error", "save", "query", "collect", "distill", "examine", "follow", "report", "analyze", "cli"];
/// Stages speak through the model and never name each other.
const STAGES: [&str; 5] = ["collect", "distill", "examine", "follow", "report"];
/// Words that stay at home: the word, and the only places that may use it.
const FENCES: [(&str, &[&str]); 7] = [
    ("rayon::", &["analyze/mod.rs"]),
    ("memmap2::", &["collect/"]),
    ("clap::", &["cli/", "main.rs"]),
    ("indicatif::", &["cli/"]),
    ("minijinja::", &["report/"]),
    ("walkdir::", &["collect/"]),
    ("unsafe {", &["collect/"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(files.len() > 20, "the walk over src found only {files:?}");
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The code of a file: no comments, no tests.
fn code(text: &str) -> String {
    let before_tests = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn home(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// Whether code names a module of the crate: `crate::x`, `log_gardener::x`, or in a grouped import.
fn names(code: &str, module: &str) -> bool {
    ["crate::", "log_gardener::"].iter().any(|root| {
        code.contains(&format!("{root}{module}::"))
            || code.contains(&format!("{root}{module};"))
            || code.split(&format!("{root}{{")).skip(1).any(|group| {
                let group = group.split(';').next().unwrap_or_default();
                group
                    .split([',', '{', '}'])
                    .any(|item| item.trim() == module || item.trim().starts_with(&format!("{module}::")))
            })
    })
}

#[test]
fn dependencies_point_down() {
    for (file, text) in sources() {
        let (home, code) = (home(&file), code(&text));
        let Some(floor) = FLOORS.iter().position(|name| *name == home) else { continue };
        for upper in &FLOORS[floor + 1..] {
            assert!(!names(&code, upper), "{file} names the floor above it: {upper}");
        }
        for stage in STAGES.iter().filter(|stage| STAGES.contains(&home) && **stage != home) {
            assert!(!names(&code, stage), "{file} names another stage: {stage}");
        }
    }
}

#[test]
fn words_stay_home() {
    for (file, text) in sources() {
        let code = code(&text);
        for (word, homes) in FENCES {
            let at_home = homes.iter().any(|home| file.starts_with(home));
            assert!(at_home || !code.contains(word), "{file} uses {word}, which stays in {homes:?}");
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (file, text) in sources() {
        assert!(text.starts_with("//! "), "{file} does not start with what comes in and what goes out");
    }
}

#[test]
fn files_can_be_held_in_the_head() {
    for (file, text) in sources() {
        let own = code(&text).lines().count();
        assert!(own <= 600, "{file} has {own} lines of code: give it a folder");
    }
}

#[test]
fn the_checks_can_fail() {
    assert!(names("use crate::{error::Result, report};", "report"));
    assert!(names("let x = crate::report::to_json(&y);", "report"));
    assert!(names("use log_gardener::{analyze::{A, B}, report::C};", "report"));
    assert!(!names("use crate::model::report_of;", "report"));
}
