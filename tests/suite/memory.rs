//! Four archives, one ledger and one export of the tracker, through the command: what the sample worklogs tell, replayed.

use std::fmt::Write as _;
use std::path::PathBuf;

use assert_cmd::Command;
use log_gardener::model::{Cluster, Timestamp, Worklog};
use serde_json::{Value, json};

const SESSION: &str =
    "Session access failed (middleware not installed?): SessionMiddleware must be installed to access request.session";
const ACCEPT: &str = "[MAIN MODE] Message loop error: WebSocket is not connected. Need to call \"accept\" first.";

/// Entries like one another, evenly spread over a window.
struct Stream<'a> {
    service: &'a str,
    revision: &'a str,
    severity: &'a str,
    module: &'a str,
    line: u32,
    count: u32,
    message: &'a dyn Fn(u32) -> String,
}

fn archive(start: &str, minutes: u32, streams: &[Stream<'_>]) -> String {
    let start = Timestamp::parse(start).unwrap().nanos();
    let mut entries = Vec::new();
    for (place, stream) in streams.iter().enumerate() {
        for number in 0..stream.count {
            let share = i64::from(minutes) * 60_000_000_000 * i64::from(number) / i64::from(stream.count.max(2) - 1);
            let time = Timestamp::from_nanos(start + share).to_string();
            entries.push((time.clone(), entry(stream, &time, &format!("{place}-{number}"), &(stream.message)(number))));
        }
    }
    entries.sort_by(|one, other| other.0.cmp(&one.0));
    let entries: Vec<Value> = entries.into_iter().map(|(_, entry)| entry).collect();
    serde_json::to_string_pretty(&entries).unwrap()
}

fn entry(stream: &Stream<'_>, time: &str, id: &str, message: &str) -> Value {
    json!({
        "insertId": id,
        "jsonPayload": {
            "labels": {"function": "run", "line": stream.line.to_string(), "module": stream.module},
            "message": message,
        },
        "logName": "projects/shop/logs/run.googleapis.com%2Fstderr",
        "resource": {
            "labels": {
                "configuration_name": stream.service, "location": "us-central1", "project_id": "shop",
                "revision_name": stream.revision, "service_name": stream.service,
            },
            "type": "cloud_run_revision",
        },
        "severity": stream.severity,
        "timestamp": time,
    })
}

fn session(revision: &'static str, count: u32) -> Stream<'static> {
    let message = &|_| SESSION.to_string();
    Stream { service: "backend", revision, severity: "WARNING", module: "app.auth.session", line: 88, count, message }
}

fn accept(revision: &'static str, line: u32) -> Stream<'static> {
    let message = &|_| ACCEPT.to_string();
    Stream { service: "backend", revision, severity: "ERROR", module: "app.routes.websocket", line, count: 42, message }
}

fn breaker(revision: &'static str, count: u32) -> Stream<'static> {
    let message = &|number| {
        format!(
            "GOLDEN PATH AUTH permissive authentication with circuit breaker for connection main_{:08x}",
            number * 77_777 + 0xa000_0000
        )
    };
    Stream {
        service: "backend",
        revision,
        severity: "CRITICAL",
        module: "app.routes.websocket",
        line: 741,
        count,
        message,
    }
}

fn traffic(revision: &'static str) -> Stream<'static> {
    let message = &|number| format!("served request {number} in 12 ms");
    Stream { service: "backend", revision, severity: "INFO", module: "app.http", line: 5, count: 200, message }
}

pub(super) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        let auth = Stream {
            service: "auth",
            revision: "auth-00184-vhc",
            severity: "ERROR",
            module: "app.login",
            line: 9,
            count: 60,
            message: &|_| "Token store refused the lookup of the signing key".to_string(),
        };
        desk.write(
            "11.json",
            &archive(
                "2025-09-11T05:00:00Z",
                60,
                &[session("backend-00580-abc", 20), auth, traffic("backend-00580-abc")],
            ),
        );
        desk.write(
            "12.json",
            &archive(
                "2025-09-12T22:00:00Z",
                60,
                &[session("backend-00588-bcd", 18), breaker("backend-00588-bcd", 50), traffic("backend-00588-bcd")],
            ),
        );
        desk.write(
            "14-night.json",
            &archive(
                "2025-09-14T02:00:00Z",
                60,
                &[
                    session("backend-00597-hxd", 22),
                    accept("backend-00597-hxd", 1489),
                    breaker("backend-00597-hxd", 55),
                    traffic("backend-00597-hxd"),
                ],
            ),
        );
        desk.write(
            "14-day.json",
            &archive(
                "2025-09-14T13:47:00Z",
                60,
                &[accept("backend-00611-cr5", 1490), breaker("backend-00611-cr5", 900), traffic("backend-00611-cr5")],
            ),
        );
        desk.write("issues.json", &tracker("CLOSED", "COMPLETED"));
        desk
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the command here; exit code, stdout, stderr.
    pub(super) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_log-gardener"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    pub(super) fn analyze(&self, archive: &str, more: &[&str]) -> Worklog {
        let mut arguments = vec![
            "analyze",
            archive,
            "-q",
            "--format",
            "json",
            "--ledger",
            "ledger.json",
            "--known-issues",
            "issues.json",
        ];
        arguments.extend(more);
        let (code, out, error) = self.run(&arguments);
        assert_eq!(code, 0, "{error}");
        self.write("model.json", &out);
        serde_json::from_str(&out).unwrap()
    }
}

fn tracker(state: &str, reason: &str) -> String {
    let closed = (state == "CLOSED").then_some("2025-09-11T18:00:00Z");
    json!([
        {"number": 169, "title": "GCP-staging | P2 | SessionMiddleware high-frequency warnings", "state": state, "stateReason": reason,
         "body": format!("Every few seconds:\n```\n{{\"message\": \"{SESSION}\"}}\n```\n"), "labels": [{"name": "log-gardener"}],
         "createdAt": "2025-09-01T00:00:00Z", "closedAt": closed, "url": "https://github.com/shop/shop/issues/169",
         "closedByPullRequestsReferences": [{"number": 421}]},
        {"number": 394, "title": "Performance baseline missing", "state": "OPEN", "body": "", "labels": [],
         "createdAt": "2025-09-01T00:00:00Z", "url": "https://github.com/shop/shop/issues/394"}
    ])
    .to_string()
}

pub(super) fn named<'a>(worklog: &'a Worklog, words: &str) -> &'a Cluster {
    let titles: Vec<&String> = worklog.clusters.iter().map(|cluster| &cluster.pattern).collect();
    worklog
        .clusters
        .iter()
        .find(|cluster| cluster.pattern.contains(words))
        .unwrap_or_else(|| panic!("no {words} in {titles:?}"))
}

pub(super) fn told(cluster: &Cluster) -> (&str, &str, Option<u64>) {
    let issue = cluster.issue.as_ref().unwrap();
    (cluster.state.as_str(), issue.action.as_str(), issue.number)
}

fn absent(worklog: &Worklog, words: &str) -> String {
    let listed = &worklog.comparison.as_ref().unwrap().absent;
    listed
        .iter()
        .find(|one| one.title.contains(words))
        .map(|one| format!("{}: {}", one.state, one.reason))
        .unwrap_or_default()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_story_of_the_sample_worklogs() {
    let desk = Desk::new();
    let first = desk.analyze("11.json", &[]);
    assert_eq!(told(named(&first, "SessionMiddleware")), ("recurring", "link", Some(169)));
    assert_eq!(told(named(&first, "Token store")).1, "create");
    let ledger = desk.read("ledger.json");
    let again = desk.analyze("11.json", &[]);
    assert_eq!(desk.read("ledger.json"), ledger, "the same archive twice changes nothing");
    assert_eq!(named(&again, "SessionMiddleware").state, "recurring");

    let second = desk.analyze("12.json", &[]);
    let back = named(&second, "SessionMiddleware");
    assert_eq!(told(back), ("regressed", "reopen", Some(169)), "{:?}", back.state_reasons);
    assert!(
        back.state_reasons.iter().any(|reason| reason.contains("backend-00588-bcd is newer")),
        "{:?}",
        back.state_reasons
    );
    assert!(back.issue.as_ref().unwrap().evidence.iter().any(|reason| reason.contains("#421")));
    assert!(absent(&second, "Token store").starts_with("not_observed: this export holds no entry of service auth"));

    // People reopen it by the script, and call the breaker expected.
    let (code, _, error) = desk.run(&["issues", "draft", "model.json", "--repo", "shop/shop", "--output", "drafts"]);
    assert_eq!(code, 0, "{error}");
    assert!(desk.read("drafts/apply.sh").contains("reopen '"));
    let id = &back.id;
    desk.write("apply.log", &format!("run {id} reopen\t{id}\t169\treopened\n"));
    let (code, _, error) = desk.run(&[
        "issues",
        "record",
        "model.json",
        "--log",
        "apply.log",
        "--ledger",
        "ledger.json",
        "--repo",
        "shop/shop",
    ]);
    assert_eq!(code, 0, "{error}");
    let recorded: Worklog = serde_json::from_str(&desk.read("model.json")).unwrap();
    assert_eq!(recorded.issues_summary.by_result.get("reopened"), Some(&1));
    assert_eq!(recorded.issues_summary.by_result.values().sum::<u64>(), recorded.totals.clusters);
    let breaker = named(&second, "circuit breaker").id.clone();
    let (code, _, error) = desk.run(&["ledger", "mark", &breaker, "--reason", "of nothing", "--ledger", "ledger.json"]);
    assert!(code == 4 && error.contains("<STATUS|--priority"), "{error}");
    assert!(!error.contains("|ID|"), "{error}");
    let (code, _, error) = desk.run(&[
        "ledger",
        "mark",
        &breaker,
        "expected",
        "--reason",
        "staging",
        "--by",
        "ops",
        "--ledger",
        "ledger.json",
    ]);
    assert_eq!(code, 0, "{error}");

    desk.write("issues.json", &tracker("OPEN", "REOPENED"));
    let third = desk.analyze("14-night.json", &[]);
    assert_eq!(named(&third, "SessionMiddleware").state, "regressed");
    assert!(["comment", "retitle"].contains(&told(named(&third, "SessionMiddleware")).1));
    assert_eq!(
        (named(&third, "circuit breaker").state.as_str(), &named(&third, "circuit breaker").id),
        ("expected", &breaker)
    );
    assert_eq!(named(&third, "circuit breaker").issue.as_ref().unwrap().action, "skip");
    assert_eq!(named(&third, "accept").state, "new");

    let fourth = desk.analyze("14-day.json", &[]);
    let moved = named(&fourth, "accept");
    assert_eq!(
        (moved.state.as_str(), &moved.id),
        ("recurring", &named(&third, "accept").id),
        "line 1490 is no new cluster"
    );
    let jumped = named(&fourth, "circuit breaker");
    assert_eq!((jumped.state.as_str(), &jumped.expected), ("escalating", &None), "{:?}", jumped.state_reasons);
    assert!(absent(&fourth, "Session").starts_with("quiet"));
    assert!(absent(&fourth, "Token store").starts_with("not_observed"));
    let (code, shown, _) = desk.run(&["ledger", "history", &breaker, "--ledger", "ledger.json"]);
    assert_eq!(code, 0);
    assert!(shown.contains("marked expected: staging") && shown.contains("escalating"), "{shown}");
    assert_eq!(desk.run(&["ledger", "verify", "--ledger", "ledger.json"]).0, 0);
}

/// On the first run everything would be new: it scores nothing, names no category, and the worklog says why.
#[test]
fn the_first_run_with_a_ledger_is_no_news() {
    let desk = Desk::new();
    let judged = |arguments: &[&str]| -> Vec<(String, String, String)> {
        let (_, text, error) = desk.run(&[&["analyze", "14-night.json", "-q", "--format", "json"], arguments].concat());
        let worklog: Worklog = serde_json::from_str(&text).expect(&error);
        let clusters = worklog.clusters.into_iter();
        clusters.map(|one| (one.id, one.priority, one.category)).collect()
    };
    assert_eq!(judged(&["--ledger", "fresh.json", "--dry-run"]), judged(&[]));
    let (_, first, _) = desk.run(&["analyze", "12.json", "-q", "--ledger", "ledger.json"]);
    assert!(
        first.contains("The ledger holds no earlier run") && !first.contains("NEW") && !first.contains("| new |"),
        "{first}"
    );
    assert!(!first.contains("- : "), "{first}");
    let (_, second, _) = desk.run(&["analyze", "14-night.json", "-q", "--ledger", "ledger.json"]);
    assert!(second.contains("- NEW: [") && second.contains("- P1 - NEW)"), "{second}");
    let news = judged(&["--ledger", "ledger.json", "--dry-run"]);
    assert_eq!(news.iter().filter(|(_, _, category)| category == "new").count(), 1, "{news:?}");
}

/// What the ledger knows stays known when the runs that saw it are swept.
#[test]
fn swept_runs_make_nothing_new() {
    let desk = Desk::new();
    let worklog = desk.analyze("12.json", &[]);
    let breaker = &named(&worklog, "circuit breaker").id;
    assert_eq!(desk.run(&["ledger", "mark", breaker, "open", "--reason", "x", "--ledger", "ledger.json"]).0, 0);
    assert_eq!(desk.run(&["ledger", "gc", "--keep", "0", "--ledger", "ledger.json"]).0, 0);
    let (_, shown, _) = desk.run(&["ledger", "show", breaker, "--ledger", "ledger.json"]);
    assert!(shown.contains("first seen  2025-09-12T22:00:00Z") && shown.contains("fingerprint lg1:"), "{shown}");
    let next = desk.analyze("14-night.json", &[]);
    assert_eq!(named(&next, "circuit breaker").state, "recurring");
}

/// What a rule calls expected stays so with a ledger, too, until its rate jumps.
#[test]
fn an_expected_rule_gives_way_when_the_rate_jumps() {
    let desk = Desk::new();
    desk.write(
        "rules.toml",
        "[[rule]]\nname = \"breaker\"\npattern = \"*circuit breaker*\"\nexpected = \"staging lets everyone in\"\n\
         [[flow]]\nname = \"chat\"\nmodules = [\"app.*\"]\npoints = 25\n",
    );
    let rules = ["--rules", "rules.toml"];
    for archive in ["12.json", "14-night.json"] {
        let worklog = desk.analyze(archive, &rules);
        let breaker = named(&worklog, "circuit breaker");
        assert_eq!((breaker.state.as_str(), breaker.priority.as_str()), ("expected", "P4"), "{archive}");
        assert_eq!(breaker.expected.as_ref().unwrap().source, "rule breaker");
    }
    let worklog = desk.analyze("14-day.json", &rules);
    let breaker = named(&worklog, "circuit breaker");
    assert_eq!((breaker.state.as_str(), &breaker.expected), ("escalating", &None), "{:?}", breaker.state_reasons);
    assert_ne!(breaker.priority, "P4", "{:?}", breaker.priority_reasons);
    assert!(breaker.state_reasons[0].contains("was expected by rule breaker"), "{:?}", breaker.state_reasons);
}

/// A ledger that was edited by hand on purpose is sealed, private as before; where there is none, that is said.
#[test]
fn an_edited_ledger_is_sealed() {
    let desk = Desk::new();
    let (code, _, error) = desk.run(&["ledger", "show", "--ledger", "none.json"]);
    assert!(code == 4 && error.contains("there is no ledger"), "{error}");
    desk.analyze("12.json", &[]);
    let edited = desk.read("ledger.json").replacen("\"renamed\": \"\"", "\"renamed\": \"By hand\"", 1);
    desk.write("ledger.json", &edited);
    assert_eq!(desk.run(&["ledger", "show", "--ledger", "ledger.json"]).0, 4);
    let (code, _, error) = desk.run(&["ledger", "verify", "--accept", "--ledger", "ledger.json"]);
    assert_eq!(code, 0, "{error}");
    let (_, shown, _) = desk.run(&["ledger", "show", "--ledger", "ledger.json"]);
    assert!(shown.starts_with("1 run, ") && shown.contains("By hand"), "{shown}");
}

#[test]
fn a_damaged_ledger_stops_the_run_before_anything_is_read() {
    let desk = Desk::new();
    desk.analyze("12.json", &[]);
    let damaged = desk.read("ledger.json").replacen("CRITICAL", "CRITICAI", 1);
    desk.write("ledger.json", &damaged);
    let (code, out, error) = desk.run(&["analyze", "14-day.json", "--ledger", "ledger.json"]);
    assert_eq!((code, out.as_str()), (4, ""), "{error}");
    assert!(error.contains("ledger.json") && error.contains(".previous"), "{error}");
    assert_eq!(desk.read("ledger.json"), damaged);
}

#[test]
fn a_dry_run_leaves_the_ledger() {
    let desk = Desk::new();
    desk.analyze("12.json", &[]);
    let before = desk.read("ledger.json");
    let worklog = desk.analyze("14-night.json", &["--dry-run"]);
    assert_eq!(named(&worklog, "circuit breaker").state, "recurring");
    assert_eq!(desk.read("ledger.json"), before);
}

#[test]
fn archives_results_and_cuts_compare() {
    let desk = Desk::new();
    let (code, out, error) = desk.run(&["diff", "14-night.json", "14-day.json", "-q"]);
    assert_eq!(code, 0, "{error}");
    let mut verdicts = String::new();
    for line in out.lines().skip(1).take_while(|line| !line.starts_with("note")) {
        let _ = write!(verdicts, "{} ", line.split_whitespace().next().unwrap());
    }
    assert_eq!(verdicts, "up steady gone ", "{out}");
    let (_, model, _) = desk.run(&["analyze", "14-night.json", "-q", "--format", "json"]);
    desk.write("night.json", &model);
    let (code, by_result, error) = desk.run(&["diff", "night.json", "14-day.json", "-q"]);
    assert_eq!(code, 0, "{error}");
    assert_eq!(by_result.lines().skip(1).collect::<Vec<_>>(), out.lines().skip(1).collect::<Vec<_>>());
    for (archive, digest) in [("14-night.json", "night.digest"), ("14-day.json", "day.digest")] {
        assert_eq!(desk.run(&["digest", archive, "-q", "-o", digest]).0, 0);
    }
    for (old, new) in [("night.digest", "day.digest"), ("night.json", "day.digest"), ("night.digest", "14-day.json")] {
        let (code, by_digest, error) = desk.run(&["diff", old, new, "-q"]);
        assert_eq!(code, 0, "{error}");
        assert_eq!(by_digest.lines().skip(1).collect::<Vec<_>>(), out.lines().skip(1).collect::<Vec<_>>());
    }
    let (code, out, error) = desk.run(&["diff", "night.json", "14-night.json", "-q"]);
    assert_eq!((code, out.as_str()), (4, ""));
    assert!(error.contains("same archive"), "{error}");
    let (code, out, error) = desk.run(&["diff", "14-night.json", "--cut-at", "2025-09-14T02:30:00Z", "-q"]);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("steady"), "{out}");
    for baseline in ["night.json", "night.digest"] {
        let (_, text, error) = desk.run(&["analyze", "14-day.json", "-q", "--format", "json", "--baseline", baseline]);
        let worklog: Worklog = serde_json::from_str(&text).expect(&error);
        assert_eq!(named(&worklog, "circuit breaker").delta.as_ref().unwrap().verdict, "up");
    }
}
