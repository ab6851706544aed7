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
