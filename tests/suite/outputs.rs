//! Files that stand where outputs go, and worklogs that people write in, through the command.

use std::fs;

use predicates::prelude::*;

use super::accounting::program;
use super::determinism::record;

fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(|number| record(number) + "\n").collect()
}

#[test]
fn no_output_replaces_an_archive_that_a_folder_or_a_pattern_names() {
    let home = tempfile::tempdir().unwrap();
    let archive = home.path().join("logs/a.json");
    fs::create_dir(home.path().join("logs")).unwrap();
    fs::write(&archive, lines(0..60)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program();
        command.current_dir(home.path()).args(arguments);
        command.assert()
    };
    for arguments in [
        &["analyze", "logs", "-t", "summary.txt:logs/a.json", "--force"][..],
        &["analyze", "logs/*.json", "-t", "summary.txt:logs/a.json", "--force"],
        &["analyze", "logs/a.json", "-t", "summary.txt:new/../logs/a.json", "--force"],
        &["analyze", "logs", "--assignments", "logs/a.json", "--force"],
        &["digest", "logs", "-o", "logs/a.json", "--force"],
        &["redact", "logs", "-o", "logs/a.json", "--force"],
        &["redact", "logs/a.json", "-o", "./logs/../logs/a.json", "--force"],
    ] {
        run(arguments).code(4).stderr(predicate::str::contains("read as well"));
        assert_eq!(fs::read_to_string(&archive).unwrap(), lines(0..60), "{arguments:?}");
    }
    // What was written beside the archive is replaced all the same.
    for _ in 0..2 {
        run(&["analyze", "logs/a.json", "logs", "-t", "summary.txt:logs/summary.txt", "--force"]);
        assert!(fs::read_to_string(home.path().join("logs/summary.txt")).unwrap().contains("60"));
    }
    assert_eq!(fs::read_to_string(&archive).unwrap(), lines(0..60));
}

#[test]
fn a_file_that_stands_in_the_way_is_refused_before_anything_is_read() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program();
        command.current_dir(home.path()).args(arguments);
        command.assert()
    };
    fs::create_dir(home.path().join("out")).unwrap();
    let dated = "out/GCP-LOG-GARDENER-WORKLOG-latest-2025-09-14-0400.json";
    for name in ["one.txt", "a.csv", "shard.digest", "out/summary.txt", dated] {
        fs::write(home.path().join(name), "mine").unwrap();
    }
    for arguments in [
        &["analyze", "no-such.json", "-t", "summary.txt:one.txt"][..],
        &["analyze", "no-such.json", "-o", "out", "-t", "summary.txt"],
        &["analyze", "no-such.json", "--assignments", "a.csv"],
        // The time of the worklog is given, so its name is known.
        &["analyze", "no-such.json", "-o", "out", "--now", "2025-09-14T04:00:00Z"],
        &["digest", "no-such.json", "-o", "shard.digest"],
        &["merge", "no-such.digest", "-t", "summary.txt:one.txt"],
    ] {
        run(arguments).code(3).stderr(predicate::str::contains("it exists; --force replaces it"));
    }
    // Otherwise the entries have to be read first.
    fs::write(home.path().join("dump.json"), lines(0..60)).unwrap();
    let name = "out/GCP-LOG-GARDENER-WORKLOG-latest-2025-09-14-0300.json";
    fs::write(home.path().join(name), "mine").unwrap();
    run(&["analyze", "dump.json", "-o", "out"]).code(3).stderr(predicate::str::contains(name));
    assert_eq!(fs::read(home.path().join(name)).unwrap(), b"mine");
    run(&["analyze", "dump.json", "-o", "out", "--force"]).code(0);
    assert_ne!(fs::read(home.path().join(name)).unwrap(), b"mine");
}

/// Each would be lost to the other, or the archive to both.
#[test]
fn no_two_outputs_share_a_file_and_none_is_one_that_is_read() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("dump.json"), lines(0..60)).unwrap();
    fs::create_dir(home.path().join("here")).unwrap();
    for arguments in [
        &["analyze", "dump.json", "-t", "summary.txt:a.txt", "-t", "postmortem.md:here/../a.txt"][..],
        &["analyze", "dump.json", "-t", "summary.txt:a.txt", "-t", "postmortem.md:a.txt", "--force"],
        &["analyze", "dump.json", "--ledger", "a.txt", "--assignments", "a.txt"],
        &["analyze", "dump.json", "-o", "out", "-t", "summary.txt", "--assignments", "./out/summary.txt"],
        &["analyze", "dump.json", "-t", "worklog.md:a.txt", "--update", "a.txt"],
        &["analyze", "dump.json", "-t", "summary.txt:dump.json", "--force"],
        &["analyze", "no-such.json", "--baseline", "dump.json", "--assignments", "dump.json", "--force"],
        &["digest", "dump.json", "-o", "here/../dump.json", "--force"],
        &["merge", "dump.json", "-t", "summary.txt:dump.json", "--force"],
        &["render", "dump.json", "-t", "summary.txt:dump.json", "--force"],
    ] {
        let run = program().current_dir(home.path()).args(arguments).assert();
        run.code(4).stderr(predicate::str::contains("as well; name another file"));
        assert!(!home.path().join("a.txt").exists(), "{arguments:?}");
    }
    assert_eq!(fs::read_to_string(home.path().join("dump.json")).unwrap(), lines(0..60));
}

/// A regular file in place of `/dev/null` would break the machine.
#[cfg(unix)]
#[test]
fn devices_and_pipes_take_outputs_and_stay_what_they_are() {
    use std::os::unix::fs::FileTypeExt;
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("dump.json"), lines(0..60)).unwrap();
    let make = |command: &str, arguments: &[&str]| {
        let made = assert_cmd::Command::new(command).current_dir(home.path()).args(arguments).output();
        made.is_ok_and(|output| output.status.success())
    };
    let kind = |name: &str| fs::metadata(home.path().join(name)).unwrap().file_type();
    let run = |arguments: &[&str]| {
        program()
            .current_dir(home.path())
            .args(arguments)
            .arg("-q")
            .timeout(std::time::Duration::from_secs(60))
            .assert()
    };
    if make("mkfifo", &["pipe"]) {
        let pipe = home.path().join("pipe");
        for force in [&[][..], &["--force"]] {
            let pipe = pipe.clone();
            let heard = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
            run(&[&["analyze", "dump.json", "-t", "summary.txt:pipe"], force].concat()).code(0);
            assert!(kind("pipe").is_fifo());
            assert!(heard.join().unwrap().contains("entries"));
        }
    } else {
        eprintln!("skipped: no mkfifo here");
    }
    let device = make("mknod", &["null", "c", "1", "3"]);
    if device && fs::write(home.path().join("null"), "").is_ok() {
        for arguments in [
            &["digest", "dump.json", "-o", "null"][..],
            &["digest", "dump.json", "-o", "null", "--force"],
            &["analyze", "dump.json", "-t", "summary.txt:null", "--assignments", "null", "--force"],
            &["analyze", "dump.json", "--update", "null"],
        ] {
            run(arguments).code(0);
            assert!(kind("null").is_char_device(), "{arguments:?}");
        }
    } else {
        eprintln!("skipped: no device can be made here");
    }
}

#[test]
fn what_people_wrote_about_a_cluster_that_is_gone_says_which() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("worklog.md");
    let entry = |number: u64, minute: u64, text: &str| {
        format!(
            r#"{{"insertId":"{number}","severity":"ERROR","timestamp":"2025-09-14T03:{minute:02}:{:02}Z","textPayload":"{text}"}}"#,
            number % 60
        ) + "\n"
    };
    let dump = |minute: u64, texts: &[&str]| -> String {
        let entries = texts.iter().flat_map(|text| (0..20).map(move |number| (number, *text)));
        entries.zip(0..).map(|((_, text), number)| entry(number, minute, text)).collect()
    };
    let update = |dump: String| {
        fs::write(home.path().join("dump.json"), dump).unwrap();
        program()
            .current_dir(home.path())
            .args(["analyze", "dump.json", "-q", "--update", "worklog.md"])
            .assert()
            .code(0);
        fs::read_to_string(&path).unwrap()
    };
    let first = update(dump(1, &["disk of the printer is full", "cannot reach the moon"]));
    let start = first.find("CLUSTER").and_then(|_| first.find("Disk of the printer is full (")).unwrap();
    let end = start + first[start..].find("<!-- log-gardener:end").unwrap();
    let line_end = end + first[end..].find('\n').unwrap() + 1;
    fs::write(&path, format!("{}\nI bought paper.\n{}", &first[..line_end], &first[line_end..])).unwrap();
    let second = update(dump(2, &["cannot reach the moon"]));
    let about = "*About Disk of the printer is full (";
    let kept = &second[second.find(about).unwrap()..];
    assert!(
        kept.starts_with(about) && kept.contains("gone in the update of 2025-09-14 03:02 UTC:*\n\nI bought paper.\n"),
        "{kept}"
    );
    let third = update(dump(3, &["the sun is hot"]));
    assert_eq!(third.matches("*About ").count(), 1, "{third}");
    assert!(third.contains("\n\nI bought paper.\n"));
}

#[test]
fn flags_that_cannot_be_met_are_refused_before_anything_is_read() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("broken.md"), "{% if %}").unwrap();
    fs::write(home.path().join("undefined.md"), "{{ no_such_field }}").unwrap();
    for (arguments, said) in [
        (&["analyze", "no-such.json", "-t", "no-such.md"][..], "no such file, and no built-in template"),
        (&["analyze", "no-such.json", "-t", "broken.md"], "broken.md"),
        (&["analyze", "no-such.json", "-j", "1025"], "a number from 0 to 1024"),
        (&["diff", "no-such.json", "-j", "99999999999999999999"], "a number from 0 to 1024"),
        (&["analyze", "no-such.json", "-o", "-"], "without --output everything is printed"),
        (&["analyze", "no-such.json", "-t", "undefined.md"], "undefined"),
        (&["analyze", "no-such.json", "-t", "summary.txt:-"], "without it the template is printed"),
        (&["analyze", "no-such.json", "--assignments", "-"], "this names a file"),
        (&["digest", "no-such.json", "-o", "-"], "this names a file"),
        (&["analyze", "no-such.json", "-q", "-v"], "cannot be used with"),
        (&["show", "no-such.json", "1", "--format=html"], "possible values: md, json"),
        (&["diff", "no-such.json", "no-such.json", "--format=csv"], "possible values: txt, json"),
        (&["issues", "plan", "no-such.json", "--format=md"], "possible values: txt, json"),
        (&["ledger", "show", "--format", "html"], "possible values: txt, json"),
    ] {
        let run = program().current_dir(home.path()).args(arguments).assert().code(4);
        run.stderr(predicate::str::contains(said));
    }
}

/// `merge` reports as `analyze` does: with memory, judgement and a worklog that people write in.
#[test]
fn what_was_merged_is_reported_as_what_was_analysed() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| program().current_dir(home.path()).args(arguments).arg("-q").assert();
    for (name, numbers) in [("one", 0..60), ("two", 60..120)] {
        fs::write(home.path().join("dump.json"), lines(numbers)).unwrap();
        run(&["digest", "dump.json", "-o", name]).code(0);
    }
    let merge = ["merge", "one", "two", "--ledger", "led.json", "--update", "w.md", "--now", "2025-10-01"];
    run(&[&merge[..], &["--fail-on", "severity>=DEFAULT"]].concat()).code(1);
    assert!(fs::read_to_string(home.path().join("w.md")).unwrap().contains("2025-10-01"));
    assert!(fs::read_to_string(home.path().join("led.json")).unwrap().contains("LG-"));
    run(&["merge", "one", "two", "--fail-on", "priority<=nothing"]).code(4);
    let baseline = run(&["merge", "one", "two", "--baseline", "one", "--format", "json"]).code(0);
    let result: serde_json::Value = serde_json::from_slice(&baseline.get_output().stdout).unwrap();
    assert_eq!(result["comparison"]["baseline"], "one");
}

/// What `render` says it is about, title and name say.
#[test]
fn a_saved_result_can_get_another_focus() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("dump.json"), lines(0..60)).unwrap();
    let run = |arguments: &[&str]| program().current_dir(home.path()).args(arguments).arg("-q").assert().code(0);
    let model = run(&["analyze", "dump.json", "--format", "json"]).get_output().stdout.clone();
    fs::write(home.path().join("model.json"), model).unwrap();
    run(&["render", "model.json", "--focus", "night shift"]).stdout(predicate::str::contains("Worklog - night shift"));
    run(&["render", "model.json"]).stdout(predicate::str::contains("Worklog - latest"));
    run(&["render", "model.json", "--focus", "night shift", "-o", "out"]);
    assert!(fs::exists(home.path().join("out/GCP-LOG-GARDENER-WORKLOG-night-shift-2025-09-14-0300.md")).unwrap());
}

fn entries(texts: &[(&str, &str, &str)]) -> String {
    let entry = |(number, (time, severity, payload)): (usize, &(&str, &str, &str))| {
        format!(r#"{{"insertId":"{number}","severity":"{severity}","timestamp":"{time}","jsonPayload":{payload}}}"#)
            + "\n"
    };
    texts.iter().enumerate().map(entry).collect()
}

fn result(dump: &str, flags: &[&str]) -> serde_json::Value {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("dump.json"), dump).unwrap();
    let mut command = program();
    command.current_dir(home.path()).args(["analyze", "dump.json", "-q", "--format", "json"]).args(flags);
    serde_json::from_slice(&command.assert().code(0).get_output().stdout).unwrap()
}

#[test]
fn the_thread_that_the_ops_agent_calls_module_is_no_place() {
    for (payload, place) in [
        (
            r#"{"level":"SEVERE","message":"servlet failed","module":"http-nio-8080-exec-7","source":"org.apache.catalina.core.StandardWrapperValve"}"#,
            "org.apache.catalina.core.StandardWrapperValve",
        ),
        (
            r#"{"javaClass":"CommitLog.java","lineNumber":"874","message":"commit log sync failed","module":"ScheduledTasks:1"}"#,
            "CommitLog.java",
        ),
        (r#"{"message":"order failed","module":"shop.orders","source":"web"}"#, "shop.orders"),
    ] {
        let dump = entries(&[("2025-09-14T03:00:00Z", "ERROR", payload), ("2025-09-14T03:05:00Z", "ERROR", payload)]);
        let result = result(&dump, &[]);
        assert_eq!(result["clusters"][0]["locations"][0]["module"], place, "{payload}");
    }
}

#[test]
fn a_filter_that_shortens_the_window_is_said_to() {
    let plain = r#"{"message":"fine"}"#;
    let broken = r#"{"message":"disk full"}"#;
    let dump = entries(&[
        ("2025-09-14T00:00:00Z", "INFO", plain),
        ("2025-09-14T03:00:00Z", "ERROR", broken),
        ("2025-09-14T03:15:00Z", "ERROR", broken),
        ("2025-09-14T10:00:00Z", "INFO", plain),
    ]);
    let said = |flags: &[&str]| {
        let result = result(&dump, flags);
        let warnings = result["coverage"]["warnings"].as_array().unwrap().clone();
        warnings
            .iter()
            .filter(|one| one["kind"] == "window")
            .map(|one| one["text"].as_str().unwrap().to_owned())
            .collect()
    };
    let none: Vec<String> = said(&[]);
    assert!(none.is_empty(), "{none:?}");
    assert_eq!(
        said(&["--filter", "severity>=ERROR"]),
        [
            "The entries that pass the filter cover 15 min of the 10 h that all entries cover (2%): rates are those of the time covered."
        ]
    );
}

#[test]
fn inspect_suggests_what_can_be_typed_and_nothing_where_nothing_is() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("odd\nname.json"), lines(0..1)).unwrap();
    fs::write(home.path().join("empty.json"), "").unwrap();
    let run = |name: &str| {
        let run = program().current_dir(home.path()).args(["inspect", "-q", name]).assert().code(0);
        String::from_utf8(run.get_output().stdout.clone()).unwrap()
    };
    let odd = run("odd\nname.json");
    assert!(odd.contains(" 1 entry\n") && odd.contains("NEXT        log-gardener analyze 'odd?name.json'\n"), "{odd}");
    program().current_dir(home.path()).args(["analyze", "-q", "odd?name.json"]).assert().code(0);
    let empty = run("empty.json");
    assert!(["NEXT", "SEVERITIES", "PAYLOADS"].iter().all(|title| !empty.contains(title)), "{empty}");
}

#[test]
fn entries_without_a_time_have_no_rate() {
    let dump = entries(&[("", "ERROR", r#"{"message":"disk full"}"#); 5]);
    let result = result(&dump, &[]);
    assert_eq!(result["clusters"][0]["count"], 5);
    assert_eq!(result["clusters"][0]["rate"]["per_hour"], 0.0);
}
