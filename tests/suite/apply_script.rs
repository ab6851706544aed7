//! The drafted script, run against a stand-in for `gh` that records its calls.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use log_gardener::follow::KnownIssues;
use log_gardener::follow::{PlanSettings, drafts, plan, read_results};
use log_gardener::model::{Cluster, Fingerprint, Timestamp, Window, Worklog};

/// Stands in for `gh`: writes its arguments down, one call a line, and answers like a tracker with little in it.
const STAND_IN: &str = r#"#!/usr/bin/env bash
set -euo pipefail
here="$(dirname -- "$0")"
for word in "$@"; do printf '%q ' "$word"; done >> "$here/calls"
printf '\n' >> "$here/calls"
count=$(wc -l < "$here/calls")
if [ "${FAIL_AT:-0}" = "$count" ]; then echo 'HTTP 502' >&2; exit 1; fi
case "$1 $2" in
  'issue list') if [ -f "$here/found" ]; then cat "$here/found"; fi ;;
  'issue create') echo "https://github.com/o/r/issues/$((600 + count))" ;;
esac
"#;

const HOSTILE: [&str; 4] =
    ["'; touch pwned; '", "$(touch pwned) `touch pwned`", "-R other/repo --web", "a\nb \\' \"quoted\" 😀"];

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(desk.path("bin")).unwrap();
        std::fs::create_dir(desk.path("drafts")).unwrap();
        std::fs::write(desk.path("bin/gh"), STAND_IN).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(desk.path("bin/gh"), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let texts = drafts(&worklog(), "o/r", &|cluster, _| Ok(format!("## Problem\n{}\n", cluster.title))).unwrap();
        for (name, text) in texts {
            std::fs::write(desk.path("drafts").join(name), text).unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn apply(&self, fail_at: u32) -> bool {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display());
        let mut command = Command::new("bash");
        command.arg(self.path("drafts/apply.sh")).current_dir("/").env_clear().env("PATH", path);
        command.env("FAIL_AT", fail_at.to_string());
        command.output().unwrap().status.success()
    }

    fn calls(&self) -> Vec<String> {
        read(&self.path("bin/calls")).lines().map(str::to_string).collect()
    }

    fn log(&self) -> String {
        read(&self.path("drafts/apply.log"))
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Four clusters with hostile titles to file, one open issue to comment, one to retitle, one closed one to reopen.
fn worklog() -> Worklog {
    let names =
        HOSTILE.iter().copied().chain(["Open issue with words", "Moved issue with words", "Closed issue with words"]);
    let time = |text: &str| Timestamp::parse(text);
    let clusters = names
        .map(|title| Cluster {
            id: format!("LG-{:010x}", Fingerprint::of(&[title]).bits() >> 88),
            fingerprints: vec![Fingerprint::of(&[title])],
            title: title.into(),
            category: "new".into(),
            priority: "P1".into(),
            count: 5,
            first_seen: time("2025-09-14T01:00:00Z"),
            last_seen: time("2025-09-14T03:00:00Z"),
            ..Cluster::default()
        })
        .collect();
    let mut worklog = Worklog {
        window: Window { start: time("2025-09-14T01:00:00Z"), end: time("2025-09-14T03:00:00Z"), seconds: 7200.0 },
        clusters,
        ..Worklog::default()
    };
    let issues = r#"[{"number":1,"title":"Open issue with words","body":"","state":"OPEN"},
        {"number":2,"title":"GCP-new | P3 | Moved issue with words","body":"","state":"OPEN"},
        {"number":3,"title":"Closed issue with words","body":"","state":"CLOSED","closedAt":"2025-09-11T00:00:00Z"}]"#;
    let (known, _) = KnownIssues::parse(issues.as_bytes()).unwrap();
    plan(&mut worklog, &known, None, &PlanSettings::default());
    worklog
}

#[test]
fn applied_once_and_only_once() {
    let desk = Desk::new();
    assert!(desk.apply(0));
    let calls = desk.calls();
    let kinds = |kind: &str| calls.iter().filter(|call| call.starts_with(kind)).count();
    assert_eq!((kinds("issue list"), kinds("issue create")), (4, 4), "{calls:#?}");
    assert_eq!((kinds("issue comment"), kinds("issue reopen"), kinds("issue edit")), (3, 1, 1), "{calls:#?}");
    assert!(calls.iter().all(|call| call.contains("-R o/r ")), "{calls:#?}");
    assert!(!desk.path("drafts/pwned").exists() && !Path::new("/pwned").exists());
    let results = read_results(&desk.log());
    assert_eq!(results.problems, Vec::<String>::new());
    let count = |word: &str| results.results.values().filter(|(_, result)| result == word).count();
    assert_eq!((count("created"), count("updated"), count("reopened")), (4, 2, 1));
    assert!(desk.apply(0));
    assert_eq!(desk.calls(), calls, "a second run calls nothing");
}

/// What was done long ago stands at the beginning of a long log.
#[test]
fn a_long_log_is_no_reason_to_do_it_again() {
    let desk = Desk::new();
    assert!(desk.apply(0));
    let (calls, log) = (desk.calls(), desk.log());
    let filler =
        (0..20_000).fold(String::new(), |all, line| all + &format!("run LG-{line:010x} create\tLG-0\t1\tcreated\n"));
    std::fs::write(desk.path("drafts/apply.log"), log + &filler).unwrap();
    assert!(desk.apply(0));
    assert_eq!(desk.calls(), calls, "a second run calls nothing");
}

/// The tracker fails at every call once: the script stops there, and running it again completes the rest only.
#[test]
fn a_failure_stops_it_and_running_again_completes_it() {
    let whole = Desk::new();
    assert!(whole.apply(0));
    for fail_at in 1..=whole.calls().len() {
        let desk = Desk::new();
        assert!(!desk.apply(u32::try_from(fail_at).unwrap()));
        assert_eq!(desk.calls().len(), fail_at, "it stops at the first error");
        assert!(desk.apply(0));
        let results = read_results(&desk.log()).results;
        assert_eq!(results.len(), 7);
        let creates = desk.calls().iter().filter(|call| call.starts_with("issue create")).count();
        assert!(creates <= 5, "only the call that failed is repeated");
    }
}

#[test]
fn an_issue_that_carries_the_mark_is_not_filed_again() {
    let desk = Desk::new();
    std::fs::write(desk.path("bin/found"), "77\n").unwrap();
    assert!(desk.apply(0));
    assert!(desk.calls().iter().all(|call| !call.starts_with("issue create")));
    let results = read_results(&desk.log()).results;
    assert_eq!(results.values().filter(|(number, result)| *number == 77 && result == "maintained").count(), 4);
}
