//! Killed, starved and interrupted runs: every file is the old one or the new one, and what could be read is reported.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start the program, wait and send it signals, which the library never does"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_log-gardener");

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A dump of errors with some message.
fn dump(folder: &Path, name: &str, entries: usize, message: &str) {
    let lines = (0..entries).fold(String::new(), |mut lines, number| {
        let entry = json!({
            "insertId": format!("{name}{number}"), "severity": "ERROR", "textPayload": format!("{message} {number}"),
            "timestamp": format!("2025-09-15T10:{:02}:{:02}Z", number / 60 % 60, number % 60),
            "logName": "projects/p/logs/stderr", "resource": {"type": "global", "labels": {}},
        });
        let _ = writeln!(lines, "{entry}");
        lines
    });
    std::fs::write(folder.join(name), lines).unwrap();
}

/// The names of what a folder holds, temporary files of killed runs left out.
fn names(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder)
        .map(|entries| {
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
        })
        .unwrap_or_default()
        .into_iter()
        .filter(|name| !name.starts_with(".log-gardener-"))
        .collect()
}

/// What every file of the outputs holds.
fn held(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let out = folder.join("out");
    let mut held: Vec<_> =
        names(&out).into_iter().map(|name| (name.clone(), std::fs::read(out.join(name)).unwrap())).collect();
    held.extend(std::fs::read(folder.join("shard.digest")).map(|bytes| ("shard.digest".to_owned(), bytes)));
    held
}

fn analyze(name: &str) -> Vec<&str> {
    vec![
        "analyze",
        name,
        "-q",
        "-o",
        "out",
        "--force",
        "--now",
        "2025-09-16T00:00:00Z",
        "-t",
        "worklog.md",
        "-t",
        "agent.md",
        "--ledger",
        "ledger.json",
    ]
}

#[test]
fn killed_at_any_moment_a_run_leaves_old_files_or_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    dump(folder, "old.json", 40, "disk of node is full, try");
    dump(folder, "new.json", 90, "the gateway refused request");
    let digest = |name| ["digest", name, "-q", "-o", "shard.digest", "--force"];
    let mut states = Vec::new();
    let mut longest = Duration::ZERO;
    for name in ["old.json", "new.json"] {
        let started = Instant::now();
        assert!(run(folder, &analyze(name)).status.success());
        longest = longest.max(started.elapsed());
        assert!(run(folder, &digest(name)).status.success());
        states.push(held(folder));
    }
    let (mut killed, mut kills, mut span) = (0, 0, longest);
    for round in 0..24_u32 {
        let name = ["old.json", "new.json"][round as usize % 2];
        let arguments = if round % 3 == 0 { digest(name).to_vec() } else { analyze(name) };
        let mut child = program(folder, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Most moments lie in the last part of a run, where files are written.
        std::thread::sleep(span * (round * 5 % 24 + 4) / 26);
        child.kill().unwrap();
        kills += 1;
        let in_time = !child.wait().unwrap().success();
        killed += usize::from(in_time);
        // The machine may be faster now than when the first runs were timed, or slower.
        span = if in_time { span * 9 / 8 } else { span * 3 / 4 };
        for (name, bytes) in held(folder) {
            let known = states.iter().flatten().any(|(other, content)| *other == name && *content == bytes);
            assert!(known, "round {round}: {name} is neither the old one nor the new one");
        }
        let ledger = run(folder, &["ledger", "verify", "--ledger", "ledger.json"]);
        assert!(ledger.status.success(), "round {round}: {}", said(&ledger));
    }
    assert!(killed > 3, "{killed} of {kills} runs were killed before their end");
    // The next run does as if nothing had happened.
    assert!(run(folder, &analyze("new.json")).status.success());
    for (name, bytes) in held(folder).iter().filter(|(name, _)| name != "shard.digest") {
        assert!(states[1].contains(&(name.clone(), bytes.clone())), "{name}");
    }
}

/// Runs under a limit on the size of files, which fails writes half-way as a full disk does.
fn starved(folder: &Path, blocks: u32, arguments: &[&str]) -> Output {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.current_dir(folder).arg("-c").arg(script).arg(PROGRAM).args(arguments).output().unwrap()
}

#[test]
fn a_full_disk_fails_the_run_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    dump(folder, "old.json", 40, "disk of node is full, try");
    dump(folder, "new.json", 400, "the gateway refused request");
    assert!(run(folder, &analyze("old.json")).status.success());
    assert!(run(folder, &["digest", "old.json", "-q", "-o", "shard.digest"]).status.success());
    let (before, ledger) = (held(folder), std::fs::read(folder.join("ledger.json")).unwrap());
    let digest = ["digest", "new.json", "-q", "-o", "shard.digest", "--force"];
    let copy = ["redact", "new.json", "-o", "copy.ndjson"];
    for arguments in [&analyze("new.json")[..], &digest, &copy] {
        let output = starved(folder, 4, arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {}", said(&output));
        assert_eq!(held(folder), before, "{arguments:?}");
        assert_eq!(std::fs::read(folder.join("ledger.json")).unwrap(), ledger);
        assert!(!folder.join("copy.ndjson").exists());
        let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".log-gardener-")), "{left:?}");
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program(folder, &["analyze", "old.json", "-q"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
}

#[test]
fn devices_and_unreadable_files_are_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    dump(folder, "good.json", 40, "disk of node is full, try");
    std::fs::create_dir(folder.join("loop")).unwrap();
    std::os::unix::fs::symlink(folder.join("loop"), folder.join("loop/again")).unwrap();
    std::os::unix::fs::symlink(folder.join("nowhere"), folder.join("loop/dangling.json")).unwrap();
    dump(&folder.join("loop"), "more.json", 10, "disk of node is full, try");
    for (wrong, named) in [("/dev/zero", "/dev/zero"), ("/dev/null", "/dev/null"), ("/proc/self/mem", "/proc/self/mem")]
    {
        let output = run(folder, &["analyze", "good.json", wrong, "loop", "--format", "json"]);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {}", said(&output));
        let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(result["totals"]["analysed"], 50, "{wrong}");
        assert!(said(&output).contains(named), "{wrong}: {}", said(&output));
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn the_first_signal_stops_a_run_and_says_where_and_nothing_is_written() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let folder = tempfile::tempdir().unwrap();
        dump(folder.path(), "good.json", 400, "disk of node is full, try");
        let lines = std::fs::read(folder.path().join("good.json")).unwrap();
        let arguments = ["analyze", "-", "-o", "out", "--ledger", "ledger.json"];
        let mut child = program(folder.path(), &arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // Entries go on coming until the program closes its end.
        let feeder = std::thread::spawn(move || {
            let started = Instant::now();
            while input.write_all(&lines).is_ok() && started.elapsed() < Duration::from_secs(60) {}
        });
        std::thread::sleep(Duration::from_millis(400));
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains("interrupted: after "), "{}", said(&output));
        assert!(!said(&output).contains("of 0 bytes"), "{}", said(&output));
        assert!(!folder.path().join("out").exists() && !folder.path().join("ledger.json").exists());
    }
}

#[test]
fn a_signal_ends_a_run_that_waits_for_input() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["analyze", "-", "-o", "out", "--ledger", "ledger.json"];
        let mut child = program(folder.path(), &arguments).stdin(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        std::thread::sleep(Duration::from_millis(400));
        signal(&child, name);
        let started = Instant::now();
        let output = child.wait_with_output().unwrap();
        drop(input);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains("after 0 bytes of input; nothing was written"), "{}", said(&output));
        assert!(started.elapsed() < Duration::from_secs(20));
        assert!(!folder.path().join("out").exists() && !folder.path().join("ledger.json").exists());
    }
}

#[test]
fn what_may_not_be_read_is_named_and_the_rest_is_read() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = tempfile::tempdir().unwrap();
    dump(folder.path(), "good.json", 40, "disk of node is full, try");
    dump(folder.path(), "secret.json", 10, "disk of node is full, try");
    std::fs::create_dir(folder.path().join("closed")).unwrap();
    for (name, mode) in [(".", 0o755), ("secret.json", 0), ("closed", 0)] {
        std::fs::set_permissions(folder.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let copy = folder.path().join("log-gardener");
    std::fs::copy(PROGRAM, &copy).unwrap();
    let mut command = Command::new(&copy);
    command.current_dir(folder.path()).args(["analyze", ".", "--format", "json"]).stdin(Stdio::null());
    if std::fs::read(folder.path().join("secret.json")).is_ok() {
        // Whoever may read everything runs it as nobody.
        command.uid(65_534).gid(65_534);
    }
    let Ok(output) = command.output() else {
        eprintln!("SKIPPED: cannot run the program as another user here");
        return;
    };
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(result["totals"]["analysed"], 40, "{}", said(&output));
    for name in ["secret.json", "closed"] {
        assert!(said(&output).contains(name), "{}", said(&output));
    }
}

#[test]
fn files_that_go_away_and_few_descriptors() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..120 {
        dump(folder.path(), &format!("{number:03}.json"), 2, "disk of node is full, try");
    }
    let script = "ulimit -n 24; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .current_dir(folder.path())
        .args(["-c", script, PROGRAM, "analyze", ".", "-q", "--format", "json", "-j", "2"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["totals"]["analysed"], 240);
    // Files vanish and are replaced while a run is under way: one thread waits for standard input first.
    let arguments = ["analyze", ".", "-", "-q", "--format", "json", "-j", "1"];
    let mut child = program(folder.path(), &arguments).stdin(Stdio::piped()).spawn().unwrap();
    let input = child.stdin.take();
    std::thread::sleep(Duration::from_millis(500));
    for number in 60..120 {
        let path = folder.path().join(format!("{number:03}.json"));
        if number % 2 == 0 {
            std::fs::remove_file(path).unwrap();
        } else {
            std::fs::rename(path, folder.path().join("000.json")).unwrap();
        }
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let total = |part: &str| result["totals"][part].as_u64().unwrap();
    assert_eq!(total("entries"), total("analysed") + total("duplicates") + total("skipped"), "{}", result["totals"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(result["skipped"].to_string().contains("cannot be read"), "{}", result["skipped"]);
}

#[test]
fn an_input_that_waits_keeps_no_other_thread_waiting() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..20 {
        dump(folder.path(), &format!("{number:02}.json"), 2, "disk of node is full, try");
    }
    let arguments = ["analyze", ".", "-", "-q", "--format", "json", "-j", "2"];
    let mut child = program(folder.path(), &arguments).stdin(Stdio::piped()).spawn().unwrap();
    let input = child.stdin.take();
    // They are gone when standard input ends, and were read before.
    std::thread::sleep(Duration::from_millis(2_500));
    for number in 0..20 {
        std::fs::remove_file(folder.path().join(format!("{number:02}.json"))).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["totals"]["analysed"], 40, "{}", said(&output));
}

#[test]
fn a_file_that_grows_is_read_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    // It comes before standard input, which waits.
    dump(folder.path(), "+a.json", 40, "disk of node is full, try");
    let mut child =
        program(folder.path(), &["analyze", "+a.json", "-", "--format", "json"]).stdin(Stdio::piped()).spawn().unwrap();
    let input = child.stdin.take();
    std::thread::sleep(Duration::from_millis(800));
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path().join("+a.json")).unwrap();
    file.write_all(b"{\"insertId\": \"late\"}\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["totals"]["analysed"], 40, "{}", said(&output));
    assert!(said(&output).contains("grew while being read: 21 bytes more"), "{}", said(&output));
}

#[test]
fn nobody_listening_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    dump(folder.path(), "good.json", 40, "disk of node is full, try");
    let mut child = program(folder.path(), &["analyze", "good.json", "-", "-q"]).stdin(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""));
}

/// What is printed is one output of several: who closed it misses that one, and where it fails nothing is in place.
#[test]
fn what_is_printed_decides_nothing_about_what_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    dump(folder, "good.json", 40, "disk of node is full, try");
    dump(folder, "more.json", 50, "the gateway refused request");
    let saved = ["ledger.json", "worklog.md", "one.txt"];
    let flags = ["-q", "--ledger", saved[0], "--update", saved[1], "--format", "txt", "-t", "summary.txt:one.txt"];
    let analyze = |archive, more: &[&str]| program(folder, &[&["analyze", archive][..], &flags, more].concat());
    let mut child = analyze("good.json", &["--fail-on", "severity>=ERROR"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), ""));
    let held = || saved.map(|name| std::fs::read(folder.join(name)).unwrap());
    let before = held();
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: no /dev/full here");
        return;
    };
    let output = analyze("more.json", &["--force"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(held() == before, "old files are whole where printing fails");
}

#[test]
fn an_error_while_reading_is_an_error_about_that_file() {
    const ENTRIES: usize = 4_000;
    let folder = tempfile::tempdir().unwrap();
    // Calls are counted by thread; the first ones tell the form of the file, and the loader of the program makes some.
    dump(folder.path(), "good.json", ENTRIES, &format!("disk of node {} is full, try", "x".repeat(3_000)));
    for call in 3..=5 {
        let inject = format!("inject=pread64:error=EIO:when={call}");
        let traced = Command::new("strace")
            .current_dir(folder.path())
            .args(["-f", "-o", "/dev/null", "-e", "trace=pread64", "-e", &inject, PROGRAM])
            .args(["analyze", "good.json", "--no-mmap", "-j", "1", "-q", "--format", "json"])
            .output();
        let Ok(output) = traced else {
            eprintln!("SKIPPED: no strace here");
            return;
        };
        if said(&output).contains("error while loading shared libraries") {
            eprintln!("SKIPPED: call {call} is made by the loader here");
            continue;
        }
        let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2), "{call}: {}", said(&output));
        assert!(result["skipped"].to_string().contains("Input/output error"), "{call}: {}", result["skipped"]);
        let analysed = usize::try_from(result["totals"]["analysed"].as_u64().unwrap()).unwrap();
        assert!(analysed < ENTRIES && (analysed == 0) == (call == 3), "{call}: {analysed}");
    }
}

#[test]
fn neither_time_zone_nor_locale_shows() {
    let folder = tempfile::tempdir().unwrap();
    dump(folder.path(), "good.json", 90, "disk of node is full, try");
    let output = |zone: &str, locale: &str| {
        let arguments = ["analyze", "good.json", "--now", "2025-09-16T00:00:00Z"];
        program(folder.path(), &arguments).env("TZ", zone).env("LC_ALL", locale).output().unwrap().stdout
    };
    let first = output("UTC", "C");
    assert!(first.len() > 500);
    for (zone, locale) in [("Asia/Kathmandu", "de_DE.UTF-8"), ("America/St_Johns", "tr_TR.UTF-8"), ("nonsense", "x")] {
        assert!(output(zone, locale) == first, "{zone} {locale}");
    }
}

#[test]
fn the_second_signal_ends_a_run_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = program(folder.path(), &["analyze", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    // Nothing ever comes: the program waits for its input.
    let input = child.stdin.take();
    std::thread::sleep(Duration::from_millis(400));
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, "INT");
    let started = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(started.elapsed() < Duration::from_secs(20));
    drop(input);
}

#[test]
fn runs_at_the_same_time_lose_nothing_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for number in 0..5 {
        dump(folder, &format!("{number}.json"), 30 + number, "disk of node is full, try");
    }
    let children: Vec<Child> = (0..5)
        .map(|number| {
            let name = format!("{number}.json");
            program(folder, &["analyze", &name, "-q", "--ledger", "ledger.json", "-o", "out", "--force"])
                .spawn()
                .unwrap()
        })
        .collect();
    let done = children
        .into_iter()
        .map(|child| child.wait_with_output().unwrap())
        .filter(|output| {
            // Who cannot have the ledger says who holds it.
            assert!(output.status.success() || said(output).contains("process "), "{}", said(output));
            output.status.success()
        })
        .count();
    assert!(done >= 1);
    let shown = run(folder, &["ledger", "show", "--ledger", "ledger.json"]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert_eq!(text.split(' ').next(), Some(done.to_string().as_str()), "{text}");
    for name in names(&folder.join("out")).iter().filter(|name| name.rsplit('.').next() == Some("json")) {
        let bytes = std::fs::read(folder.join("out").join(name)).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok(), "{name}");
    }
}
