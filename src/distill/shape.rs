//! A JSON payload without a message in, its telling members and its keys as a pattern out.

use std::fmt::Write as _;

use crate::model::{Number, Value};

/// Members whose value says what happened, most telling first.
const TELLING: &[&str] = &[
    "event",
    "event_type",
    "eventType",
    "event_subtype",
    "eventName",
    "eventSource",
    "type",
    "kind",
    "reason",
    "action",
    "op",
    "operation",
    "method",
    "category",
    "name",
    "status",
    "state",
    "result",
    "outcome",
    "code",
    "error_code",
    "errno",
    "responseCode",
    "queryType",
    "statusDetails",
    "disposition",
    "allocation_status",
    "healthState",
    "reporter",
    "Logger",
    "Type",
];

/// Objects that hold the record proper.
const NESTED: &[&str] =
    &["Fields", "fields", "request", "response", "rule_details", "healthCheckProbeResult", "enforcedSecurityPolicy"];

const KEPT_TELLING: usize = 6;
const KEPT_KEYS: usize = 32;
const LONGEST_WORD: usize = 60;

/// `event=GCE_API_CALL {actor,event,operation}`: telling members, then the sorted keys of the top level.
///
/// Values of other members never enter, so the pattern of a record does not depend on what it was about.
pub(super) fn pattern(payload: Value<'_>) -> Option<String> {
    let mut keys: Vec<&str> = payload.members().map(|(key, _)| key).take(4 * KEPT_KEYS).collect();
    if keys.is_empty() {
        return None;
    }
    keys.sort_unstable();
    keys.dedup();
    let mut told: Vec<(usize, &str, &str, String)> = Vec::new();
    tell(payload, "", &mut told);
    for (key, value) in payload.members().take(4 * KEPT_KEYS).filter(|(key, _)| NESTED.contains(key)) {
        tell(value, key, &mut told);
    }
    told.sort_unstable();
    told.dedup();
    told.truncate(KEPT_TELLING);
    let mut text = String::new();
    for (_, parent, key, value) in &told {
        let dot = if parent.is_empty() { "" } else { "." };
        // Writing to a string cannot fail.
        let _ = write!(text, "{parent}{dot}{key}={value} ");
    }
    text.push('{');
    for (index, key) in keys.iter().take(KEPT_KEYS).enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_key(key, &mut text);
    }
    text.push_str(if keys.len() > KEPT_KEYS { ",...}" } else { "}" });
    Some(text)
}

/// Keys are chosen by programs, but a map keyed by ids has a new key in every record.
fn push_key(key: &str, text: &mut String) {
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    if key.len() > LONGEST_WORD || digits >= 4 || key.contains(char::is_control) {
        text.push_str("<id>");
    } else {
        text.push_str(key);
    }
}

fn tell<'a>(object: Value<'a>, parent: &'a str, told: &mut Vec<(usize, &'a str, &'a str, String)>) {
    for (key, value) in object.members().take(4 * KEPT_KEYS) {
        if let Some(rank) = TELLING.iter().position(|name| *name == key)
            && let Some(word) = word(value)
        {
            told.push((rank, parent, key, word));
        }
    }
}

/// The value as a word that names a kind of thing; `None` for data.
fn word(value: Value<'_>) -> Option<String> {
    if let Some(truth) = value.as_bool() {
        return Some(truth.to_string());
    }
    if let Some(number) = value.as_number().and_then(Number::as_i64) {
        return (0..1000).contains(&number).then(|| number.to_string());
    }
    let text = value.as_str()?;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_word =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/'));
    (!text.is_empty() && text.len() <= LONGEST_WORD && is_word && digits <= 3).then(|| text.to_owned())
}
