//! The README's first command works, and what the samples say stays as it was read and accepted.

use std::path::Path;

use crate::accounting::program;

const SAMPLES: [&str; 6] = [
    "samples/bad-deploy",
    "samples/chat-sockets.json",
    "samples/downloaded-logs-20250914-101500.json",
    "samples/nightly.zip",
    "samples/platform.tar.gz",
    "samples/service-auth.ndjson.gz",
];

fn run(arguments: &[&str]) -> String {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let assert = program().current_dir(home).arg("analyze").args(arguments).assert().code(0);
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

#[test]
fn the_first_command_of_the_readme() {
    let worklog = run(&["samples"]);
    assert!(worklog.contains("# GCP Log Gardener Worklog") && worklog.contains("CRITICAL_AUTH_FAILURE"));
    let readme = include_str!("../../README.md");
    for fact in [
        "3,524 analysed of 3,687 seen",
        "**42 issues need attention** (7 P0 critical, 13 P1 high, 8 P2 medium, 11 P3 low, 3 P4 minor)",
        "64 entries in `orders-api`, since 2025-09-13 21:15 UTC, last seen 22:36:16.",
    ] {
        assert!(readme.contains(fact) && worklog.contains(fact), "README and worklog do not both say: {fact}");
    }
}

#[test]
fn every_sample_on_one_screen() {
    for sample in SAMPLES {
        let name = sample.trim_start_matches("samples/").split('.').next().unwrap();
        insta::assert_snapshot!(format!("sample-{name}"), run(&[sample, "--format", "txt"]));
    }
}
