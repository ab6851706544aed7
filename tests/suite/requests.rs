//! Figures of requests, through the command: made-up dumps whose figures are known.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::accounting::program;

/// One request that Cloud Run logged: its number, and so many seconds after midnight.
pub(crate) fn request(
    service: &str,
    (number, seconds): (u64, u64),
    route: &str,
    status: u64,
    millis: Option<u64>,
) -> String {
    let severity = if status >= 500 { "ERROR" } else { "INFO" };
    let mut http = json!({"requestMethod": "GET", "requestUrl": format!("https://x.example{route}"), "status": status});
    if let Some(millis) = millis {
        http["latency"] = format!("{}.{:03}s", millis / 1_000, millis % 1_000).into();
    }
    let time =
        format!("2026-03-02T{:02}:{:02}:{:02}.{:03}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60, number % 997);
    let resource = json!({"type": "cloud_run_revision", "labels": {"service_name": service, "revision_name": "r-1"}});
    json!({"insertId": format!("{service}{number}"), "httpRequest": http, "resource": resource, "severity": severity,
        "timestamp": time, "logName": "projects/p/logs/run.googleapis.com%2Frequests"})
    .to_string()
        + "\n"
}

/// Two hours in which `api` is slow at 200 OK from 10:20 to 10:45, `pay` fails from 11:00 to 11:10, and `chat` holds sockets.
fn two_hours() -> Vec<String> {
    let mut lines = Vec::new();
    for number in 0..3_600_u64 {
        let seconds = 36_000 + number * 2;
        let slow = (37_200..38_700).contains(&seconds) && !number.is_multiple_of(3);
        let spread = number % 7 * 10;
        let route = ["/healthz", "/orders", "/orders/17"][usize::try_from(number % 3).unwrap()];
        lines.push(request("api", (number, seconds), route, 200, Some(if slow { 2_000 } else { 200 } + spread)));
        let fails = (39_600..40_200).contains(&seconds) && number.is_multiple_of(4);
        lines.push(request("pay", (number, seconds), "/pay", if fails { 502 } else { 201 }, None));
        if number.is_multiple_of(20) {
            lines.push(request("chat", (number, seconds), "/ws", 101, Some(3_600_000)));
        }
    }
    lines.push(request("tiny", (0, 40_000), "/", 200, Some(31)));
    lines
}

fn run(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = program();
    command.current_dir(folder).args(arguments).assert().code(0).get_output().stdout.clone()
}

fn result(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_slice(&run(folder, &[arguments, &["--format", "json"]].concat())).unwrap()
}

fn of<'a>(result: &'a Value, service: &str) -> &'a Value {
    result["requests"].as_array().unwrap().iter().find(|one| one["service"] == service).unwrap()
}

#[test]
fn a_slow_rise_and_a_burst_of_failures_are_told() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("dump.json"), two_hours().concat()).unwrap();
    let told = result(folder, &["analyze", "-q", "dump.json"]);
    let (api, pay, chat) = (of(&told, "api"), of(&told, "pay"), of(&told, "chat"));
    let worst = &api["worst"][0];
    assert_eq!([&worst["what"], &worst["start"]], ["latency", "2026-03-02T10:20:00Z"]);
    assert_eq!((&worst["end"], &worst["requests"]), (&json!("2026-03-02T10:45:00Z"), &json!(750)));
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() / expected - 1.0).abs() < 0.07;
    assert!(near(&worst["value"], 2_060.0) && near(&worst["rest"], 260.0), "{worst}");
    assert_eq!(api["latency_ms"]["max"], 2_060);
    assert_eq!(api["routes"].as_array().unwrap().len(), 3);
    assert!(near(&api["routes"][0]["p95_ms"], 2_050.0) && near(&api["routes"][2]["p95_ms"], 260.0), "{api}");
    assert_eq!(pay["worst"][0]["what"], "errors");
    assert_eq!((&pay["worst"][0]["value"], &pay["worst"][0]["rest"]), (&json!(0.25), &json!(0.0)));
    assert_eq!((&pay["by_class"]["5xx"], &pay["latency_ms"]), (&json!(75), &Value::Null));
    assert_eq!((&chat["by_class"]["1xx"], &chat["latency_ms"]), (&json!(180), &Value::Null));
    assert_eq!((&chat["remarkable"], of(&told, "tiny")["latency_ms"]["p50"].as_u64()), (&json!(false), Some(31)));

    let summary = String::from_utf8(run(folder, &["analyze", "-q", "dump.json", "--format", "txt"])).unwrap();
    assert!(summary.contains("api: 3,600; p95 about 2"), "{summary}");
    assert!(summary.contains("from 2026-03-02 10:20:00 to 10:45:00, about 2"), "{summary}");
    assert!(!summary.contains("tiny: ") && !summary.contains("chat: "), "{summary}");
    let worklog = String::from_utf8(run(folder, &["analyze", "-q", "dump.json"])).unwrap();
    assert!(worklog.contains("[Requests](#requests) of `pay`, `api` stand out."), "{worklog}");
    assert!(worklog.contains(
        "- `pay`: 25% failed by 5xx from 2026-03-02 11:00:00 to 11:10:00 UTC (75 of 300 requests, all 502), 0%"
    ));
}

/// Six hours: `api` answers 429 from 12:00 to 12:30, `pay` fails fast on one of two routes from 13:00 on, `mail` times out from
/// 14:00 to 14:20, and sockets are held open for minutes.
pub(crate) fn six_hours() -> String {
    let mut lines = String::new();
    for number in 0..4_320_u64 {
        let (at, between) = ((number, 36_000 + number * 5), |from: u64, to: u64| (from..to).contains(&(number * 5)));
        let status = if between(7_200, 9_000) && number.is_multiple_of(2) { 429 } else { 200 };
        lines += &request("api", at, "/orders", status, Some(if status == 429 { 2 } else { 90 + number % 40 }));
        let (route, status, millis) = match number.is_multiple_of(3) {
            true if number * 5 >= 10_800 => ("/refund", 500, 4),
            true => ("/refund", 200, 900),
            false => ("/pay", 200, 80 + number % 30),
        };
        lines += &request("pay", at, route, status, Some(millis));
        let slow = between(14_400, 15_600);
        lines += &request("mail", at, "/send", if slow { 504 } else { 202 }, Some(if slow { 30_000 } else { 150 }));
        if number.is_multiple_of(10) {
            lines += &request("chat", at, "/ws", 101, Some(600_000));
            lines += &request("chat", (number + 1, at.1), "/login", 200, Some(40));
            let socket = request("chat", (number + 2, at.1), "/ws", 200, Some(600_000));
            lines += &socket.replace("https://", "wss://");
        }
    }
    lines
}

#[test]
fn errors_that_are_fast_or_slow_refusals_and_sockets_are_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("dump.json"), six_hours()).unwrap();
    let told = result(folder, &["analyze", "-q", "dump.json"]);
    let whats = |service| {
        of(&told, service)["worst"].as_array().unwrap().iter().map(|one| one["what"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((whats("api"), whats("pay")), (vec![json!("client_errors")], vec![json!("errors")]));
    let refused = &of(&told, "api")["worst"][0];
    assert_eq!([&refused["start"], &refused["end"]], ["2026-03-02T12:00:00Z", "2026-03-02T12:30:00Z"]);
    let figures = |one: &Value| ["count", "requests", "status", "status_count"].map(|name| one[name].as_u64());
    assert_eq!(figures(refused), [180, 360, 429, 180].map(Some));
    let mail = of(&told, "mail");
    assert_eq!(figures(&mail["worst"][0]), [240, 240, 504, 240].map(Some));
    assert_eq!((&mail["worst"][1]["what"], &mail["worst"][1]["slow_errors"]), (&json!("latency"), &json!(240)));
    let latency = |one: &Value, which: &str| ["requests", "max"].map(|name| one[which][name].as_u64());
    assert_eq!(mail["errors_skew_latency"], true);
    assert_eq!(latency(mail, "latency_success_ms"), [4_080, 150].map(Some));
    assert_eq!(latency(mail, "latency_error_ms"), [240, 30_000].map(Some));
    let chat = of(&told, "chat");
    assert_eq!((&chat["requests"], latency(chat, "latency_ms")), (&json!(1_296), [432, 40].map(Some)));

    let text = |arguments: &[&str]| {
        String::from_utf8(run(folder, &[&["analyze", "-q", "dump.json"], arguments].concat())).unwrap()
    };
    let worklog = text(&[]);
    for expected in [
        "- `api`: 50% were answered by 4xx from 2026-03-02 12:00:00 to 12:30:00 UTC (180 of 360 requests, all 429), 0% in the rest (3,960)",
        "in the rest (4,080); all slow ones were answered by 4xx or 5xx",
        "- `mail`, successes apart from errors: median 142 ms",
    ] {
        assert!(worklog.contains(expected), "{expected}: {worklog}");
    }
    assert!(text(&["--format", "html"]).contains("successes apart from errors: median"));
    assert!(
        text(&["--format", "txt"])
            .contains("50% answered by 4xx (429) from 2026-03-02 12:00:00 to 12:30:00, 0% in the rest")
    );
}

#[test]
fn inspect_postmortem_and_health_tell_of_requests() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("dump.json"), six_hours()).unwrap();
    let text = |arguments: &[&str]| String::from_utf8(run(folder, arguments)).unwrap();
    let screen = text(&["inspect", "-q", "dump.json"]);
    let row = |words: &str| screen.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") == words);
    assert!(row("REQUESTS service requests 4xx 5xx p50 p95 p99"), "{screen}");
    assert!(row("mail 4,320 0 240 142 ms 29 s 29 s") && row("api 4,320 180 0 104 ms 129 ms 129 ms"), "{screen}");
    assert_eq!(
        result(folder, &["inspect", "-q", "dump.json"])["requests"],
        result(folder, &["analyze", "-q", "dump.json"])["requests"]
    );

    let postmortem = text(&["analyze", "-q", "dump.json", "--template", "postmortem.md"]);
    for expected in [
        "- `mail`: 240 of 240 requests failed by 5xx from 2026-03-02 14:00:00 to 14:20:00 UTC (100%, all 504); 240 of 4,320 in all",
        "- `api`: 50% were answered by 4xx from 2026-03-02 12:00:00",
        "| `pay` | 4,320 | 0 | 720 | 96 ms |",
    ] {
        assert!(postmortem.contains(expected), "{expected}: {postmortem}");
    }

    // Nothing is a cluster here, so requests alone tell.
    let told = result(folder, &["analyze", "-q", "dump.json", "--min-severity", "CRITICAL"]);
    let health =
        told["health"].as_array().unwrap().iter().map(|one| [&one["component"], &one["status"], &one["reasons"][0]]);
    let health: Vec<_> = health.map(|one| one.map(|text| text.as_str().unwrap().to_owned())).collect();
    let [mail, pay, api, chat] = &health[..] else { panic!("{health:?}") };
    assert_eq!(
        mail,
        &["mail", "DEGRADED", "240 of 240 requests failed by 5xx (100%), 2026-03-02 14:00:00 to 14:20:00 UTC"]
    );
    assert_eq!(pay[..2], ["pay", "DEGRADED"]);
    assert_eq!(
        api[1..],
        ["INTERMITTENT", "180 of 360 requests answered by 4xx, most by 429, 2026-03-02 12:00:00 to 12:30:00 UTC"]
    );
    assert_eq!(chat[..2], ["chat", "OPERATIONAL"]);
}

#[test]
fn figures_are_the_same_for_any_split_thread_count_and_copies() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let lines = two_hours();
    fs::write(folder.join("dump.json"), lines.concat()).unwrap();
    let (mut one, mut other) = (String::new(), String::new());
    for (number, line) in lines.iter().enumerate().rev() {
        if number.is_multiple_of(3) { &mut one } else { &mut other }.push_str(line);
        if number.is_multiple_of(5) {
            // Copies are counted once.
            one.push_str(line);
        }
    }
    fs::write(folder.join("one.json"), one).unwrap();
    fs::write(folder.join("other.json"), other).unwrap();
    let whole = result(folder, &["analyze", "-q", "-j", "1", "dump.json"])["requests"].clone();
    assert_eq!(whole.as_array().unwrap().len(), 4);
    assert_eq!(result(folder, &["analyze", "-q", "-j", "2", "dump.json"])["requests"], whole);
    let both = result(folder, &["analyze", "-q", "-j", "2", "one.json", "other.json"])["requests"].clone();
    assert_eq!(both, whole);
    let parts: Vec<String> = lines.chunks(2_500).map(<[String]>::concat).collect();
    let mut names = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        fs::write(folder.join("part.json"), part).unwrap();
        names.push(format!("{number}.dig"));
        run(folder, &["digest", "-q", "part.json", "-o", &names[number]]);
    }
    names.reverse();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(result(folder, &[&["merge"], &names[..]].concat())["requests"], whole);
}

#[test]
fn a_dump_without_requests_has_no_section() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("dump.json"), super::determinism::record(1) + "\n").unwrap();
    assert_eq!(result(folder, &["analyze", "-q", "dump.json"])["requests"], json!([]));
    for format in ["md", "html", "txt"] {
        let text = String::from_utf8(run(folder, &["analyze", "-q", "dump.json", "--format", format])).unwrap();
        assert!(!text.contains("Requests"), "{text}");
    }
}

#[test]
fn a_message_that_names_its_request_is_not_counted_as_one_more() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let mut said: Value = serde_json::from_str(&request("api", (1, 40_000), "/a", 500, Some(5))).unwrap();
    said["jsonPayload"] = json!({"message": "cannot reach the database"});
    said["logName"] = "projects/p/logs/run.googleapis.com%2Fstderr".into();
    let lines = format!("{said}\n{}", request("api", (2, 40_000), "/a", 500, Some(5)));
    fs::write(folder.join("dump.json"), lines).unwrap();
    let told = result(folder, &["analyze", "-q", "dump.json"]);
    assert_eq!((of(&told, "api")["requests"].as_u64(), told["requests"].as_array().unwrap().len()), (Some(1), 1));
}
