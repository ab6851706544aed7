//! A redacted LogEntry in, the part of it that tells something out: as pretty JSON, as one line, as its time.

use serde_json::{Map, Value};

/// Texts in samples are cut here; the full entry stands in the result.
const LONGEST_TEXT: usize = 1_200;
const MOST_ITEMS: usize = 12;
const MOST_FIELDS: usize = 40;
const DEEPEST: usize = 8;
/// Fields that say nothing a cluster's facts do not say better.
const DULL: [&str; 12] = [
    "insertId",
    "receiveTimestamp",
    "logName",
    "traceSampled",
    "spanId",
    "@type",
    "split",
    "requestMetadata",
    "authorizationInfo",
    "serialNumber",
    "project_id",
    "configuration_name",
];

/// The entry as pretty JSON without what the facts of its cluster say already; JSON from its message is unpacked.
pub(super) fn reduced(entry: &Value, unpacked: Option<&Value>) -> String {
    let mut small = reduce(entry, 0);
    if let Some(unpacked) = unpacked {
        for path in ["/jsonPayload/message", "/textPayload"] {
            if let Some(Value::String(text)) = small.pointer_mut(path) {
                *text = without_json(text);
            }
        }
        if let Value::Object(fields) = &mut small {
            fields.insert("message unpacked".into(), reduce(unpacked, 0));
        }
    }
    serde_json::to_string_pretty(&small).unwrap_or_default()
}

/// What stands before the JSON in a text whose JSON is shown unpacked.
fn without_json(text: &str) -> String {
    match text.split_once('{') {
        Some((before, _)) => format!("{before}{{…}}"),
        None => text.to_string(),
    }
}

fn reduce(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) if depth >= DEEPEST => Value::from("…"),
        Value::Object(fields) => Value::Object(reduce_fields(fields, depth)),
        Value::Array(items) => {
            let mut kept: Vec<Value> = items.iter().take(MOST_ITEMS).map(|item| reduce(item, depth + 1)).collect();
            if items.len() > MOST_ITEMS {
                kept.push(Value::from(format!("… {} more", items.len() - MOST_ITEMS)));
            }
            Value::Array(kept)
        }
        Value::String(text) => Value::from(super::escape::truncate(text, LONGEST_TEXT)),
        other => other.clone(),
    }
}

fn reduce_fields(fields: &Map<String, Value>, depth: usize) -> Map<String, Value> {
    let mut kept = Map::new();
    // What is read first comes first, wherever the export put it.
    let first = if depth == 0 {
        ["timestamp", "severity", "message", "textPayload", "jsonPayload"].as_slice()
    } else {
        &["message"]
    };
    let ahead = first.iter().filter_map(|name| fields.get_key_value(*name));
    let rest = fields.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    for (name, field) in ahead.chain(rest) {
        if DULL.contains(&name.as_str()) || is_empty(field) {
            continue;
        }
        if kept.len() == MOST_FIELDS {
            kept.insert("…".into(), Value::from(format!("{} fields in all", fields.len())));
            break;
        }
        kept.insert(name.clone(), reduce(field, depth + 1));
    }
    kept
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What the entry says, on one line.
pub(super) fn line(entry: &Value) -> String {
    let at = |path: &str| entry.pointer(path).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = [
        "/jsonPayload/message",
        "/textPayload",
        "/jsonPayload/msg",
        "/jsonPayload/error",
        "/protoPayload/status/message",
        "/protoPayload/methodName",
        "/protoPayload/line/0/logMessage",
    ]
    .into_iter()
    .find_map(at)
    .map_or_else(|| request_line(entry), str::to_string);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn request_line(entry: &Value) -> String {
    let part = |path: &str| match entry.pointer(path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let requests = [
        ["/httpRequest/requestMethod", "/httpRequest/requestUrl", "/httpRequest/status"],
        // App Engine says it in words of its own.
        ["/protoPayload/method", "/protoPayload/resource", "/protoPayload/status"],
    ];
    let mut requests = requests.iter().map(|request| request.map(part).join(" ").trim().to_string());
    // A status alone tells nothing.
    if let Some(request) = requests.find(|request| request.bytes().any(|byte| !byte.is_ascii_digit())) {
        return request;
    }
    let payload = entry.get("jsonPayload").or_else(|| entry.get("protoPayload"));
    payload.map(ToString::to_string).unwrap_or_default()
}

/// The time of the entry, as the entry writes it.
pub(super) fn time(entry: &Value) -> String {
    entry.get("timestamp").and_then(Value::as_str).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sample_keeps_what_tells() {
        let entry = json!({
            "insertId": "x", "logName": "projects/p/logs/l", "severity": "ERROR", "labels": {},
            "jsonPayload": {"a": 1, "message": "m".repeat(2_000)}, "timestamp": "2025-09-14T03:00:00Z",
        });
        let text = reduced(&entry, Some(&json!({"error_type": "RuntimeError"})));
        assert!(text.starts_with("{\n  \"timestamp\""), "{text}");
        assert!(!text.contains("insertId") && !text.contains("labels") && text.contains('…'));
        assert!(text.contains("RuntimeError"));
    }

    #[test]
    fn deep_and_wide_entries_stay_short() {
        let mut deep = json!("end");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(reduced(&json!({"deep": deep, "wide": vec![1; 10_000]}), None).len() < 2_000);
    }

    #[test]
    fn every_kind_of_entry_says_something() {
        assert_eq!(line(&json!({"textPayload": "one\n  two"})), "one two");
        assert_eq!(
            line(&json!({"httpRequest": {"requestMethod": "GET", "requestUrl": "/a", "status": 503}})),
            "GET /a 503"
        );
        assert_eq!(line(&json!({"protoPayload": {"methodName": "storage.setIam"}})), "storage.setIam");
        let app = |line: Value| json!({"protoPayload": {"method": "GET", "resource": "/a", "status": 500, "line": line}, "httpRequest": {"status": 500}});
        assert_eq!(line(&app(json!([]))), "GET /a 500");
        assert_eq!(line(&app(json!([{"logMessage": "too slow"}]))), "too slow");
        assert_eq!(line(&json!({"protoPayload": {"jobName": "load"}})), "{\"jobName\":\"load\"}");
        assert_eq!(line(&json!({"httpRequest": {"requestUrl": "/a"}})), "/a");
        assert_eq!(line(&json!({})), "");
    }
}
