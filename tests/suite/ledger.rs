//! One ledger under several processes: held, killed, run at once.
#![expect(clippy::disallowed_methods, reason = "processes are started, and waited for within a limit")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Entries of one message, a minute apart from an hour of a day on.
fn archive(day: u32, words: &str) -> String {
    let entry = |minute: u32| {
        format!(
            "{{\"logName\":\"projects/p/logs/app\",\"timestamp\":\"2025-09-{day:02}T05:{minute:02}:00Z\",\"severity\":\"ERROR\",\
             \"insertId\":\"{words}-{day}-{minute}\",\"textPayload\":\"{words} could not be saved\"}}\n"
        )
    };
    (0..30).map(entry).collect()
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_log-gardener"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Exit code and what was said.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = program(folder, arguments).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).unwrap())
}

fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn runs_in(folder: &Path) -> usize {
    let text = std::fs::read(folder.join("ledger.json")).unwrap();
    log_gardener::follow::Ledger::parse(&text).unwrap().runs.len()
}

/// A run that waits for its archive on stdin holds the ledger; another one is told who does, and changes nothing.
#[test]
fn the_second_process_is_told_who_holds_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("12.ndjson"), archive(12, "Order")).unwrap();
    let mut first: Child = program(folder.path(), &["analyze", "-", "-q", "--ledger", "ledger.json"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let lock: PathBuf = folder.path().join("ledger.json.lock");
    wait_for(&lock);
    let holder = format!("process {}", first.id());
    let start = Instant::now();
    while std::fs::read_to_string(&lock).unwrap() != holder {
        assert!(start.elapsed() < Duration::from_secs(30));
    }
    let (code, said) = run(folder.path(), &["analyze", "12.ndjson", "-q", "--ledger", "ledger.json"]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("another run holds this ledger") && said.contains(&holder), "{said}");
    assert!(!folder.path().join("ledger.json").exists());
    first.stdin.take().unwrap().write_all(archive(11, "Order").as_bytes()).unwrap();
    assert!(first.wait().unwrap().success());
    assert_eq!(runs_in(folder.path()), 1);
    let (code, said) = run(folder.path(), &["analyze", "12.ndjson", "-q", "--ledger", "ledger.json"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(runs_in(folder.path()), 2);
}

/// Deciding takes a moment, and so nobody is sent away.
#[test]
fn who_wants_the_ledger_for_a_moment_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("12.ndjson"), archive(12, "Order")).unwrap();
    let flags = ["analyze", "12.ndjson", "-q", "--ledger", "ledger.json", "--format", "json"];
    let output = program(folder.path(), &flags).stdout(Stdio::piped()).output().unwrap();
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = result["clusters"][0]["id"].as_str().unwrap();
    let mark = ["ledger", "mark", id, "expected", "--ledger", "ledger.json", "--reason", "known"];
    let marking: Vec<Child> = (0..4).map(|_| program(folder.path(), &mark).spawn().unwrap()).collect();
    for mut child in marking {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    let none = ["ledger", "mark", id, "--ledger", "ledger.json", "--issue", "0"];
    assert_eq!(run(folder.path(), &none).0, 4, "there is no issue 0");
}

fn run_until_let_in(folder: &Path, day: u32) {
    let name = format!("{day}.ndjson");
    std::fs::write(folder.join(&name), archive(day, "Order")).unwrap();
    for attempt in 0.. {
        let (code, said) = run(folder, &["analyze", &name, "-q", "--ledger", "ledger.json"]);
        if code == 0 {
            return;
        }
        assert!(said.contains("holds this ledger") && attempt < 500, "{said}");
    }
}

/// Several at once, each tried again while it is refused: every run is in the ledger in the end.
#[test]
fn processes_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::thread::scope(|scope| {
        for day in 10..14 {
            scope.spawn(move || run_until_let_in(path, day));
        }
    });
    assert_eq!(runs_in(path), 4);
}

/// Killed at any moment, a run leaves the ledger as it was or as it was to be, and the next run can have it.
#[test]
fn a_killed_run_leaves_a_whole_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("11.ndjson"), archive(11, "Order")).unwrap();
    std::fs::write(path.join("12.ndjson"), archive(12, "Order") + &archive(12, "Invoice")).unwrap();
    assert_eq!(run(path, &["analyze", "11.ndjson", "-q", "--ledger", "ledger.json"]).0, 0);
    let before = std::fs::read(path.join("ledger.json")).unwrap();
    let start = Instant::now();
    assert_eq!(run(path, &["analyze", "12.ndjson", "-q", "--ledger", "ledger.json"]).0, 0);
    let whole = start.elapsed();
    let after = std::fs::read(path.join("ledger.json")).unwrap();
    assert_ne!(before, after);
    for step in 0..24 {
        std::fs::write(path.join("ledger.json"), &before).unwrap();
        let mut killed = program(path, &["analyze", "12.ndjson", "-q", "--ledger", "ledger.json"]).spawn().unwrap();
        std::thread::sleep(whole * (step + 1) / 22);
        drop(killed.kill());
        killed.wait().unwrap();
        let held = std::fs::read(path.join("ledger.json")).unwrap();
        assert!(held == before || held == after, "killed at step {step}");
    }
    let (code, said) = run(path, &["ledger", "verify", "--ledger", "ledger.json"]);
    assert_eq!(code, 0, "{said}");
}

/// One-off messages, of which the next run can say nothing, do not hide what stopped, and take few lines.
#[test]
fn what_stopped_is_told_before_the_few_of_what_cannot_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let said = [
        "Disk is full",
        "Lease was lost",
        "Mail bounced",
        "Quota file missing",
        "Printer on fire",
        "Token store locked",
        "Cache poisoned by peer",
    ];
    let lone = |(minute, words): (usize, &&str)| {
        archive(12, words).lines().nth(minute).unwrap_or_default().replace(" could not be saved", "") + "\n"
    };
    let first = archive(12, "Order") + &archive(12, "Cart") + &said.iter().enumerate().map(lone).collect::<String>();
    std::fs::write(folder.path().join("12.ndjson"), first).unwrap();
    std::fs::write(folder.path().join("13.ndjson"), archive(13, "Order")).unwrap();
    for day in ["12", "13"] {
        let (input, output) = (format!("{day}.ndjson"), format!("worklog.md:{day}.md"));
        let (code, told) = run(folder.path(), &["analyze", &input, "--ledger", "ledger.json", "-t", &output]);
        assert_eq!(code, 0, "{told}");
    }
    let worklog = std::fs::read_to_string(folder.path().join("13.md")).unwrap();
    let told: Vec<&str> = worklog
        .lines()
        .filter(|line| ["- QUIET", "- NOT OBSERVED"].iter().any(|head| line.starts_with(head)))
        .collect();
    assert_eq!(told.len(), 7, "{told:#?}");
    assert!(told[0].starts_with("- QUIET: Cart could not be saved"), "{told:#?}");
    assert_eq!(told[6], "- NOT OBSERVED: 2 more");
}
