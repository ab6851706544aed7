//! The flags that choose entries, and `inspect`, through the command.

use std::fmt::Write as _;
use std::path::PathBuf;

use predicates::prelude::*;
use serde_json::{Value, json};

use super::accounting::program;

/// A dump of ten entries, an hour apart, the newest at 09:00, every other one of service `api`.
fn dump(folder: &tempfile::TempDir) -> PathBuf {
    let mut text = String::new();
    for hour in 0..10 {
        let service = if hour % 2 == 0 { "api" } else { "web" };
        let severity = if hour == 3 { "ERROR" } else { "INFO" };
        writeln!(
            text,
            r#"{{"logName":"projects/p/logs/run.googleapis.com%2Fstdout","insertId":"i{hour}","severity":"{severity}","timestamp":"2025-09-14T{hour:02}:00:00Z","resource":{{"type":"cloud_run_revision","labels":{{"service_name":"{service}"}}}},"jsonPayload":{{"message":"step number {hour} done","hour":{hour},"user":"person{hour}@example.com"}}}}"#
        )
        .unwrap();
    }
    let path = folder.path().join("dump.json");
    std::fs::write(&path, text).unwrap();
    path
}

fn analysed(flags: &[&str]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let run =
        program().arg("analyze").arg(dump(&folder)).args(flags).args(["--format", "json", "-q"]).output().unwrap();
    let result: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(|error| {
        panic!("{flags:?}: {error}: {}", String::from_utf8_lossy(&run.stderr));
    });
    let totals = &result["totals"];
    assert_eq!(totals["analysed"].as_u64().unwrap() + totals["filtered"].as_u64().unwrap(), 10, "{flags:?}");
    totals["analysed"].as_u64().unwrap()
}

#[test]
fn flags_choose_entries() {
    for (flags, expected) in [
        (&[][..], 10),
        (&["--service", "api"], 5),
        (&["--filter", "severity>=ERROR"], 1),
        (&["--filter", "jsonPayload.hour>=8 OR jsonPayload.hour=3", "--service", "web"], 2),
        (&["--since", "2025-09-14T07:00:00Z"], 3),
        (&["--until", "2025-09-14T02:00:00+02:00"], 0),
        (&["--since", "2h"], 3),
        (&["--freshness", "90m"], 2),
        (&["--since", "3h", "--until", "1h"], 2),
        (&["--freshness", "1h", "--service", "api"], 1),
        (&["--freshness", "1h", "--now", "2025-09-14T05:30:00Z"], 5),
        (&["--since", "2025-09-15"], 0),
    ] {
        assert_eq!(analysed(flags), expected, "{flags:?}");
    }
}

#[test]
fn a_clock_that_runs_ahead_does_not_empty_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let path = dump(&folder);
    let text = std::fs::read_to_string(&path).unwrap();
    let last = text.lines().last().unwrap().replace("2025-09-14", "2099-01-01").replace("i9", "i10");
    std::fs::write(&path, format!("{last}\n{text}")).unwrap();
    for flags in [["--freshness", "90m"], ["--since", "90m"]] {
        let run = program().arg("analyze").arg(&path).args(flags).args(["--format", "json", "-q"]).output().unwrap();
        let result: Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!((&result["totals"]["analysed"], &result["totals"]["filtered"]), (&json!(2), &json!(9)));
        let warning = &result["coverage"]["warnings"][0];
        assert_eq!(warning["kind"], "stray");
        assert!(
            warning["text"].as_str().unwrap().starts_with("1 entry bears a time far later than all others (up to 2099")
        );
    }
    let copied = program().arg("redact").arg(&path).args(["--freshness", "90m"]).output().unwrap();
    assert_eq!(String::from_utf8(copied.stdout).unwrap().lines().count(), 2);
    assert!(String::from_utf8(copied.stderr).unwrap().contains("1 entry bears a time far later"));
}

#[test]
fn a_wrong_filter_stops_before_anything_is_read() {
    program()
        .args(["analyze", "no-such-file.json", "--filter", "serverity>=ERROR"])
        .assert()
        .code(4)
        .stderr(predicate::str::contains("^^^^^^^^^").and(predicate::str::contains("did you mean `severity`?")))
        .stdout("");
    for flags in [["--since", "yesterday"], ["--freshness", "soon"], ["--now", "2h"]] {
        program()
            .args(["analyze", "no-such-file.json"])
            .args(flags)
            .assert()
            .code(4)
            .stderr(predicate::str::contains("is no time").and(predicate::str::contains(flags[0])));
    }
}

#[test]
fn traps_are_warned_of_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let path = dump(&folder);
    let run = |quiet: bool| {
        let mut command = program();
        command.arg("analyze").arg(&path).args(["--filter", "insertId=\"i1\" OR \"i2\""]);
        if quiet {
            command.arg("-q");
        }
        command.assert().code(0)
    };
    run(false).stderr(predicate::str::contains("warning").and(predicate::str::contains("insertId=(\"i1\" OR \"i2\")")));
    run(true).stderr("");
}

/// Rows of BigQuery spell fields in their own way; filters, and what inspect lists, use Google's names.
/// A generated filter of a thousand parts would fill the terminal.
#[test]
fn of_many_warnings_the_first_are_told() {
    let filter = ["severity>=loud"; 40].join(" ");
    let folder = tempfile::tempdir().unwrap();
    let run = program().arg("analyze").arg(dump(&folder)).args(["--filter", &filter]).assert().code(0);
    let talk = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert_eq!(talk.matches("one of DEFAULT").count(), 5, "{talk}");
    assert!(talk.contains("--filter: and 35 more warnings"), "{talk}");
}

#[test]
fn inspect_tells_entries_without_time_from_none_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let run = program().arg("inspect").arg(dump(&folder)).args(["--filter", "severity=EMERGENCY"]).assert();
    run.stdout(predicate::str::contains("no entry was chosen"));
}

#[test]
fn fields_of_big_query_rows_are_found_by_their_own_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.ndjson");
    let rows = concat!(
        r#"{"logname":"projects/p/logs/x","insertid":"a","severity":"ERROR","timestamp":"2025-09-14 03:00:00 UTC","#,
        r#""httprequest":{"remoteip":"10.0.0.1","requestmethod":"GET"},"jsonpayload":{"usercount":7}}"#,
        "\n",
        r#"{"logname":"projects/p/logs/y","insertid":"b","severity":"NOTICE","timestamp":"2025-09-14 03:00:01 UTC","#,
        r#""protopayload_auditlog":{"methodName":"v1.insert"}}"#,
        "\n"
    );
    std::fs::write(&path, rows).unwrap();
    for (filter, analysed) in [
        ("ip_in_net(httpRequest.remoteIp, \"10.0.0.0/8\")", 1),
        ("httpRequest.requestMethod=GET", 1),
        ("jsonPayload.usercount>6", 1),
        ("protoPayload.methodName:insert", 1),
        ("-insertId=b", 1),
        ("logName:*", 2),
    ] {
        let assert =
            program().arg("inspect").arg(&path).args(["--format", "json", "--filter", filter]).assert().code(0);
        let seen: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
        assert_eq!(seen["totals"]["analysed"], analysed, "{filter}");
    }
    let assert = program().arg("inspect").arg(&path).assert().code(0);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    for part in ["httpRequest.remoteIp", "jsonPayload.usercount", "protoPayload.methodName", "jsonPayload 50%"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

/// What can be read once is kept for the look ahead; where there is no room for it, that is said.
#[test]
fn relative_times_count_from_the_newest_entry_of_stdin_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = dump(&folder);
    let text = std::fs::read(&path).unwrap();
    let totals = |command: &mut assert_cmd::Command| -> Value {
        let flags = ["--freshness", "90m", "--format", "json", "--min-severity", "DEFAULT"];
        let assert = command.args(flags).assert().code(0);
        let result: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
        result["totals"].clone()
    };
    let read = totals(program().args(["analyze", "-"]).write_stdin(text.clone()));
    assert_eq!(read["analysed"], 2);
    assert_eq!(read, totals(program().arg("analyze").arg(&path)));

    let crowded = folder.path().join("no-such-folder");
    let run = |flags: &[&str]| {
        let mut command = program();
        command.env("TMPDIR", &crowded).args(["inspect", "-"]).args(flags).write_stdin(text.clone()).assert()
    };
    run(&["--freshness", "1h"])
        .code(4)
        .stderr(predicate::str::contains("--now").and(predicate::str::contains("- can")));
    run(&["--freshness", "1h", "--now", "2025-09-14T09:00:00Z"]).code(0);
}

#[test]
fn inspect_shows_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = dump(&folder);
    let text = program().arg("inspect").arg(&path).arg("-q").assert().code(0);
    let text = String::from_utf8(text.get_output().stdout.clone()).unwrap();
    for part in [
        "10 entries",
        "2025-09-14T00:00:00Z to 2025-09-14T09:00:00Z",
        "ERROR 1",
        "api 5",
        "web 5",
        "jsonPayload.hour",
        "number",
        "cloud_run_revision 10",
        "log-gardener analyze",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains("@example.com"), "{text}");

    let json = program().arg("inspect").arg(&path).args(["--format", "json"]).assert().code(0);
    let seen: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(seen["totals"]["analysed"], 10);
    assert_eq!(seen["payloads"][0]["name"], "jsonPayload");
    let hour = seen["fields"].as_array().unwrap().iter().find(|field| field["path"] == "jsonPayload.hour").unwrap();
    assert_eq!(hour["entries"], 10);
}

#[test]
fn the_entries_of_a_saved_result_can_be_filtered() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    let result = program().arg("analyze").arg(dump(&folder)).args(["--format", "json", "-q"]).output().unwrap();
    std::fs::write(&model, result.stdout).unwrap();
    let show = |filter: &str| program().arg("show").arg(&model).arg("1").arg(format!("--entries={filter}")).assert();
    let lines = |filter: &str| -> usize {
        let text = String::from_utf8(show(filter).code(0).get_output().stdout.clone()).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
        text.lines().count()
    };
    assert!(lines("") >= lines("severity>=ERROR"));
    assert_eq!(lines("severity>=ERROR jsonPayload.hour=3"), 1);
    assert_eq!(lines("severity=EMERGENCY"), 0);
    show("serverity=1").code(4).stderr(predicate::str::contains("--entries"));
}

#[test]
fn a_configuration_gives_defaults_and_what_is_typed_wins() {
    let home = tempfile::tempdir().unwrap();
    let run = |config: &str, arguments: &[&str]| {
        std::fs::write(home.path().join("c.toml"), config).unwrap();
        let mut command = program();
        command
            .arg("--config")
            .arg(home.path().join("c.toml"))
            .args(arguments)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/samples"));
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (_, typed, _) = run("", &["analyze", "--format", "csv", "--min-severity", "ERROR"]);
    assert_eq!(run("format = \"csv\"\nmin-severity = \"ERROR\"\nissues = 1\n", &["analyze"]).0, Some(4));
    assert_eq!(run("format = \"csv\"\nmin-severity = \"ERROR\"\n", &["analyze"]).1, typed);
    assert_eq!(run("ledger = \"l.json\"\n", &["analyze", "--format", "csv"]).0, Some(0));
    assert!(home.path().join("l.json").exists(), "paths count from the folder of the file");
    assert_eq!(run("format = \"json\"\nmin-severity = \"ERROR\"\n", &["analyze", "--format", "csv"]).1, typed);
    assert_eq!(
        run("quiet = true\nformat = \"csv\"\nmemory-limit = \"64M\"\nmin-severity = \"ERROR\"\n", &["analyze"]).1,
        typed
    );
    let (code, _, said) = run("\nmin-severty = \"ERROR\"\n", &["analyze"]);
    assert_eq!(code, Some(4));
    assert!(said.contains("c.toml:2: min-severty is no flag of any command; did you mean min-severity?"), "{said}");
    assert_eq!(run("quiet = 3", &["analyze"]).0, Some(4));
    assert_eq!(run("jobs = ", &["analyze"]).0, Some(4));
}

/// A default gives way to what it cannot stand beside, says what is missing, and leaves alone what does not take it.
#[test]
fn defaults_fit_the_command_and_what_is_typed() {
    let home = tempfile::tempdir().unwrap();
    let issue = r#"[{"number": 1, "title": "Something else", "state": "OPEN", "body": ""}]"#;
    std::fs::write(home.path().join("issues.json"), issue).unwrap();
    let later = std::fs::read_to_string(dump(&home)).unwrap().replace("2025-09-14", "2025-09-15");
    std::fs::write(home.path().join("later.json"), later).unwrap();
    let run = |config: &str, arguments: &[&str]| {
        std::fs::write(home.path().join("c.toml"), config).unwrap();
        let mut command = program();
        command.current_dir(home.path()).args(["--config", "c.toml"]).args(arguments).assert()
    };
    let model = run("format = 'json'", &["analyze", "dump.json"]).code(0).get_output().stdout.clone();
    std::fs::write(home.path().join("model.json"), model).unwrap();
    for (config, arguments) in [
        ("known-issues = 'issues.json'", &["issues", "plan", "model.json", "--empty-tracker"][..]),
        ("output = 'shard.digest'", &["digest", "dump.json"]),
        ("since = '1h'", &["analyze", "dump.json", "--freshness", "2h"]),
        ("cut-at = '2025-09-14'", &["diff", "dump.json", "later.json"]),
        ("output = 'copy.json'", &["redact", "--check", "--redact", "off", "dump.json"]),
        ("format = 'md'", &["inspect", "dump.json"]),
        ("format = 'html'", &["show", "model.json", "1"]),
        ("verbose = true", &["analyze", "dump.json", "-q"]),
    ] {
        run(config, arguments).code(0);
    }
    assert!(home.path().join("shard.digest").exists());
    // The file says what is missing.
    run("known-issues = 'issues.json'", &["issues", "plan", "model.json"]).code(0);
    run("", &["issues", "plan", "model.json"]).code(4).stderr(predicate::str::contains("--known-issues"));
    run("format = 'xml'", &["inspect", "dump.json"]).code(4).stderr(predicate::str::contains("xml"));
    program().env("LOG_GARDENER_CONFIG", "").args(["templates", "list"]).assert().code(0);
}

/// A limit below what the program takes by itself is a mistake, and says so before anything is read.
#[test]
fn a_limit_of_memory_is_one_that_can_be_kept() {
    for (limit, code, said) in
        [("3", 4, "at least 32M"), ("31M", 4, "at least 32M"), ("x", 4, "200M or 1G"), ("32M", 0, "")]
    {
        let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/chat-sockets.json");
        let output = program().args(["analyze", samples, "--format", "csv", "--memory-limit", limit]).output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), talk.contains(said)), (Some(code), true), "{limit}: {talk}");
    }
}
