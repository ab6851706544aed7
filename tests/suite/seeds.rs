//! Dumps that could have stood behind five hand-written worklogs: the result must hold every issue once, exact.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde::Deserialize;
use serde_json::Value;

/// What the generator of a dump counted while it wrote.
#[derive(Deserialize)]
struct Expected {
    entries: u64,
    clusters: Vec<ExpectedCluster>,
}

#[derive(Deserialize)]
struct ExpectedCluster {
    /// Words that stand in the pattern, or the type of the exception.
    key: String,
    count: u64,
    severities: std::collections::BTreeMap<String, u64>,
    revisions: std::collections::BTreeMap<String, u64>,
    first_seen: String,
    last_seen: String,
    #[serde(default)]
    module: String,
    #[serde(default)]
    function: String,
    #[serde(default)]
    lines: Vec<u64>,
    #[serde(default)]
    embedded: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    context: Vec<String>,
    exception: Option<Value>,
    #[serde(default)]
    error_group: String,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/seeds").join(name)
}

fn worklog(dump: &str) -> Value {
    let output = Command::cargo_bin("log-gardener")
        .unwrap()
        .args(["analyze", "--format", "json", "--quiet"])
        .arg(fixture(dump))
        .output()
        .unwrap();
    assert!(output.status.success(), "{dump}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn time(value: &Value) -> jiff::Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// Whether a cluster is about these words: in its pattern, a variant, or the message of a sample.
fn is_about(cluster: &Value, key: &str) -> bool {
    let says = |value: &Value| value.as_str().is_some_and(|text| text.contains(key));
    says(&cluster["pattern"])
        || list(cluster, "variants").iter().any(|variant| says(&variant["pattern"]))
        || list(cluster, "samples").iter().any(|sample| {
            says(&sample["message"])
                || says(&sample["entry"]["jsonPayload"]["message"])
                || says(&sample["entry"]["textPayload"])
        })
}

fn check(name: &str, dump: &str) {
    let expected: Expected =
        serde_json::from_slice(&std::fs::read(fixture(&format!("{name}.expected.json"))).unwrap()).unwrap();
    let result = worklog(dump);
    assert_eq!(result["totals"]["entries"], expected.entries, "{name}");
    assert_eq!(result["totals"]["analysed"], expected.entries, "{name}");
    let clusters = list(&result, "clusters");
    for expected in &expected.clusters {
        let found: Vec<&Value> = clusters.iter().filter(|cluster| is_about(cluster, &expected.key)).collect();
        let patterns: Vec<&Value> = found.iter().map(|cluster| &cluster["pattern"]).collect();
        assert_eq!(found.len(), 1, "{name}: {:?} stands in {patterns:?}", expected.key);
        check_cluster(name, found[0], expected);
    }
    let listed: u64 = clusters.iter().map(|cluster| cluster["count"].as_u64().unwrap()).sum();
    let wanted: u64 = expected.clusters.iter().map(|cluster| cluster.count).sum();
    assert_eq!(listed, wanted, "{name}: nothing else is an issue");
}

fn check_cluster(name: &str, found: &Value, expected: &ExpectedCluster) {
    let about = format!("{name}: {}", expected.key);
    assert_eq!(found["count"], expected.count, "{about}");
    for (severity, count) in &expected.severities {
        assert_eq!(found["severities"][severity], *count, "{about}");
    }
    assert_eq!(time(&found["first_seen"]), time(&expected.first_seen.as_str().into()), "{about}");
    assert_eq!(time(&found["last_seen"]), time(&expected.last_seen.as_str().into()), "{about}");
    for (revision, count) in &expected.revisions {
        let span = list(found, "revisions").iter().find(|span| span["name"] == **revision);
        assert_eq!(span.map(|span| &span["count"]), Some(&Value::from(*count)), "{about}: {revision}");
    }
    if !expected.module.is_empty() {
        let place = list(found, "locations")
            .iter()
            .find(|place| place["module"] == *expected.module && place["function"] == *expected.function);
        let place = place.unwrap_or_else(|| panic!("{about}: no {} in {}", expected.function, found["locations"]));
        assert_eq!(place["line_min"].as_u64(), expected.lines.first().copied(), "{about}");
        assert_eq!(place["line_max"].as_u64(), expected.lines.last().copied(), "{about}");
    }
    for (field, text) in &expected.embedded {
        let values = list(&found["embedded"], field);
        assert!(values.iter().any(|value| value == text), "{about}: {field} in {}", found["embedded"]);
    }
    if let Some(exception) = &expected.exception {
        assert_eq!(found["exception"]["type"], exception["type"], "{about}");
    }
    if !expected.error_group.is_empty() {
        assert!(found["error_groups"].to_string().contains(&expected.error_group), "{about}");
    }
    for key in &expected.context {
        let near = list(found, "context").iter().any(|near| near["entry"].to_string().contains(key.as_str()));
        assert!(near, "{about}: no {key} around it");
    }
}

/// What is to be said of a cluster without any rule, in the order of the worklog.
struct Judged {
    key: &'static str,
    priority: &'static str,
    category: &'static str,
    /// Level, and whether the log declares it.
    impact: (&'static str, &'static str),
    frequency: &'static str,
}

const fn judged(
    key: &'static str,
    priority: &'static str,
    category: &'static str,
    impact: (&'static str, &'static str),
    frequency: &'static str,
) -> Judged {
    Judged { key, priority, category, impact, frequency }
}

/// Priority order, category, impact and frequency; every figure of the summary adds up to the clusters.
fn check_judgement(dump: &str, expected: &[Judged]) {
    let result = worklog(dump);
    let clusters = list(&result, "clusters");
    assert_eq!(clusters.len(), expected.len(), "{dump}");
    let order: Vec<&Value> = clusters.iter().map(|cluster| &cluster["priority"]).collect();
    assert_eq!(order, expected.iter().map(|one| one.priority).collect::<Vec<_>>(), "{dump}");
    for expected in expected {
        let cluster = clusters.iter().find(|cluster| is_about(cluster, expected.key));
        let cluster = cluster.unwrap_or_else(|| panic!("{dump}: nothing is about {}", expected.key));
        let about = format!("{dump}: {} is {}", expected.key, cluster["title"]);
        assert_eq!(cluster["priority"], expected.priority, "{about}: {}", cluster["priority_reasons"]);
        assert_eq!(cluster["category"], expected.category, "{about}");
        let impact = &cluster["impact"];
        assert_eq!(
            (&impact["level"], &impact["source"]),
            (&expected.impact.0.into(), &expected.impact.1.into()),
            "{about}"
        );
        assert_eq!(cluster["rate"]["word"], expected.frequency, "{about}");
        assert!(
            !list(cluster, "priority_reasons").is_empty() && !list(cluster, "grouped_because").is_empty(),
            "{about}"
        );
        assert_eq!(cluster["impact"]["business"], "", "nobody told what it costs");
    }
    let counted: u64 = result["totals"]["by_priority"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(counted, clusters.len() as u64);
}

const LOG: &str = "log";
const OURS: &str = "default";

#[test]
fn what_kills_the_service_comes_first() {
    check_judgement(
        "websocket-state.json.gz",
        &[
            judged("Message loop error", "P0", "availability", ("CRITICAL", LOG), "intermittent"),
            judged("ROUTING FAILURE: Message", "P0", "other", ("CRITICAL", LOG), "intermittent"),
            judged("object has no attribute", "P1", "code-defect", ("HIGH", OURS), "intermittent"),
            judged("Session access failed", "P3", "configuration", ("LOW", OURS), "intermittent"),
            judged("permissive authentication", "P3", "other", ("LOW", OURS), "intermittent"),
            judged("LOOP ERROR CONTEXT", "P4", "other", ("CRITICAL", LOG), "intermittent"),
            judged("ROUTING FAILURE CONTEXT", "P4", "other", ("CRITICAL", LOG), "intermittent"),
        ],
    );
    check_judgement(
        "service-authentication.ndjson.gz",
        &[
            judged("CRITICAL_AUTH_FAILURE", "P0", "access", ("CRITICAL", OURS), "burst"),
            judged("Message loop error", "P0", "availability", ("CRITICAL", LOG), "sporadic"),
            judged("unknown message ack", "P2", "other", ("MEDIUM", OURS), "sporadic"),
            judged("SSOT validation issues", "P3", "other", ("LOW", OURS), "constant stream"),
            judged("permissive authentication", "P3", "other", ("LOW", OURS), "intermittent"),
            judged("LOOP ERROR CONTEXT", "P4", "other", ("CRITICAL", LOG), "sporadic"),
        ],
    );
    check_judgement(
        "import-errors.tar.gz",
        &[
            judged("manager creation failed", "P0", "code-defect", ("CRITICAL", OURS), "brief"),
            judged("No module named", "P0", "code-defect", ("CRITICAL", OURS), "brief"),
            judged("KeyError", "P1", "code-defect", ("HIGH", OURS), "burst"),
            judged("create_error_message", "P1", "code-defect", ("HIGH", OURS), "brief"),
            judged("create_server_message", "P1", "code-defect", ("HIGH", OURS), "brief"),
            judged("Failed to extract", "P3", "configuration", ("LOW", OURS), "burst"),
            judged("has invalid format", "P3", "other", ("LOW", OURS), "brief"),
            judged("Redis readiness", "P3", "code-defect", ("LOW", OURS), "single"),
        ],
    );
}

#[test]
fn warnings_come_behind_failures() {
    check_judgement(
        "message-routing.json",
        &[
            judged("can_handle", "P1", "code-defect", ("HIGH", OURS), "brief"),
            judged("Session access failed", "P3", "configuration", ("LOW", OURS), "frequent"),
            judged("Optional authentication failed", "P3", "code-defect", ("LOW", OURS), "intermittent"),
            judged("Thread ID mismatch", "P3", "other", ("LOW", OURS), "sporadic"),
            judged("BUFFER UTILIZATION", "P4", "availability", ("LOW", OURS), "single"),
        ],
    );
    check_judgement(
        "legacy-messages.zip",
        &[
            judged("legacy_response", "P2", "other", ("MEDIUM", OURS), "sporadic"),
            judged("SSOT validation issues", "P4", "other", ("LOW", OURS), "sporadic"),
            judged("Session access failed", "P4", "configuration", ("LOW", OURS), "single"),
        ],
    );
}

/// What the log itself says is told: hints, steps as actions, the likely cause, the stage, and the impact it declares.
#[test]
fn what_the_log_says_is_promoted() {
    let result = worklog("service-authentication.ndjson.gz");
    let refused = &list(&result, "clusters")[0];
    assert_eq!(list(&refused["embedded"], "debug_hints").len(), 5);
    assert_eq!(refused["embedded"]["likely_cause"][0], "authentication_middleware_blocked_service_user");
    assert_eq!(refused["embedded"]["auth_failure_stage"][0], "session_factory_call");
    let actions: Vec<&Value> = list(refused, "actions").iter().map(|action| &action["text"]).collect();
    assert_eq!(actions, list(&refused["embedded"], "next_steps").iter().collect::<Vec<_>>());
    assert!(list(refused, "actions").iter().all(|action| action["source"] == "log"));
    let lost = &list(&result, "clusters")[1];
    assert_eq!(lost["impact"]["text"], "Message loop crashed");
    let details = list(&result, "clusters").iter().find(|cluster| is_about(cluster, "LOOP ERROR CONTEXT")).unwrap();
    assert_eq!(details["details_of"], lost["id"]);
}

/// Every cluster stands in the worklog once with its exact count, and the first screen says what, how bad, since when
/// and what to do first.
#[test]
fn the_worklog_tells_them_all() {
    for (dump, start) in [
        ("websocket-state.json.gz", "**Start here**: [cluster 1]"),
        ("service-authentication.ndjson.gz", "- Check authentication middleware logs (cluster 1, log)"),
        ("import-errors.tar.gz", "**Start here**: [cluster 1]"),
        ("message-routing.json", "--limit=50"),
        ("legacy-messages.zip", "logged at `netra_backend.app.routes.websocket_ssot._legacy_message_loop:1619`"),
    ] {
        let output =
            Command::cargo_bin("log-gardener").unwrap().args(["analyze", "-q"]).arg(fixture(dump)).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let screen: String =
            text.lines().take_while(|line| !line.contains("begin table")).collect::<Vec<_>>().join("\n");
        assert!(screen.lines().count() <= 50 && screen.contains(start), "{screen}");
        // Titles are the log's own words.
        let titled = |line: &str| {
            line.split_once("**: [").and_then(|(_, rest)| rest.split_once("](#")).map(|(title, _)| title.to_owned())
        };
        let ours = screen.lines().map(|line| titled(line).map_or(line.to_owned(), |title| line.replace(&title, "")));
        let ours = ours.collect::<String>().to_lowercase();
        for vague in ["multiple", "many ", "several", "10+"] {
            assert!(!ours.contains(vague), "{vague}: {screen}");
        }
        let result = worklog(dump);
        for cluster in list(&result, "clusters") {
            let anchor = cluster["id"].as_str().unwrap().to_lowercase();
            assert_eq!(text.matches(&format!("<a id=\"{anchor}\">")).count(), 1, "{dump}: {anchor}");
            let listed = screen.contains(&format!("](#{anchor})<br>"));
            let in_full = text.contains(&format!("begin {anchor} -->"));
            // Of an incident the first cluster is told, with the others.
            let is_led = cluster["incident"] != "" && cluster["incident"] != cluster["id"];
            assert_eq!(listed, in_full && !is_led, "{dump}: {anchor} is in the summary or in a line of its own");
            if listed {
                let since = cluster["first_seen"].as_str().unwrap().replacen('T', " ", 1);
                let since: String = since.chars().take(16).collect();
                assert!(
                    screen.contains(&format!("{} entries in", cluster["count"])) && screen.contains(&since),
                    "{screen}"
                );
            }
        }
        for section in
            ["Executive Summary", "Severity Distribution", "Component Health", "Technical Context", "Next Steps"]
        {
            assert_eq!(text.matches(&format!("\n## {section}\n")).count(), 1, "{dump}: {section}");
        }
    }
}

#[test]
fn websocket_state() {
    check("websocket-state", "websocket-state.json.gz");
}

#[test]
fn service_authentication() {
    check("service-authentication", "service-authentication.ndjson.gz");
}

#[test]
fn import_errors() {
    check("import-errors", "import-errors.tar.gz");
}

#[test]
fn message_routing() {
    check("message-routing", "message-routing.json");
}

#[test]
fn legacy_messages() {
    check("legacy-messages", "legacy-messages.zip");
}
