//! An exemplar's entry in, what it says about itself out: hints, causes, impact, JSON inside its message.

use std::collections::BTreeMap;

use crate::model::{Exception, LogEntry, PatternKind, Value};

use super::message::{self, Said};
use super::reading::{self, Reading};
use super::trace;

/// What an entry says beyond its pattern; looked for in exemplars alone.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The whole text of the entry.
    pub message: String,
    /// What its pattern is made of: with what other members say of the error.
    pub grouped_by: String,
    /// The stack trace in it.
    pub exception: Option<Exception>,
    /// What the entry says about itself, by the name of the member.
    pub embedded: BTreeMap<String, Vec<String>>,
    /// The JSON inside its message.
    pub unpacked: Option<serde_json::Value>,
}

/// Members in which programs say what is wrong and what to do.
const PROMOTED: &[&str] = &[
    "debug_hints",
    "debug_hint",
    "next_steps",
    "next_step",
    "likely_cause",
    "probable_cause",
    "root_cause",
    "cause",
    "stage",
    "failure_stage",
    "auth_failure_stage",
    "error_type",
    "error_code",
    "hint",
    "hints",
    "recommendation",
    "recommendations",
    "recommended_action",
    "suggestion",
    "suggestions",
    "suggested_fix",
    "remediation",
    "resolution",
    "help",
    "impact",
];

const DEEPEST: usize = 8;
const KEPT_NAMES: usize = 32;
const KEPT_VALUES: usize = 32;
const LONGEST_VALUE: usize = 2_000;
/// JSON inside a message is looked for at this many places, in this many bytes.
const TRIED_STARTS: usize = 16;
const LONGEST_JSON: usize = 256 * 1024;

/// Reads everything that an exemplar shows.
pub fn detail(entry: &LogEntry<'_>) -> Detail {
    let read = reading::read(entry);
    let payload = entry.payload_value();
    let said = payload.map(message::scan).unwrap_or_default();
    let message = whole_message(entry, &read, &said);
    let exception = if read.kind == PatternKind::Trace {
        trace::parse(&read.text)
    } else {
        trace::parse(&message).or_else(|| trace::parse(said.trace?.text))
    };
    let unpacked = unpack(&message);
    let mut found = BTreeMap::new();
    if let Some(payload) = payload {
        promote_value(payload, 0, &mut found);
        let status = payload.get("status").filter(|_| read.kind == PatternKind::Audit);
        if let Some(message) = status.and_then(|status| status.text("message")) {
            keep("status_message", &message.into(), &mut found);
        }
    }
    if let Some(json) = &unpacked {
        promote_json(json, 0, &mut found);
    }
    Detail { message, grouped_by: read.text.into_owned(), exception, embedded: found, unpacked }
}

/// An entry's message with the blanks it begins with, and the JSON inside of it.
pub fn unpacked(entry: &LogEntry<'_>) -> (String, Option<serde_json::Value>) {
    let said = entry.payload_value().map(message::scan).unwrap_or_default();
    let message = whole_message(entry, &reading::read(entry), &said);
    let unpacked = unpack(&message);
    let written = match entry.payload {
        crate::model::Payload::Text(text) => Some(text),
        _ => said.message.map(|message| message.text),
    };
    (written.map_or(message, str::to_owned), unpacked)
}

fn whole_message(entry: &LogEntry<'_>, read: &Reading<'_>, said: &Said<'_>) -> String {
    match (entry.payload, read.kind) {
        (crate::model::Payload::Text(text), _) => text.trim().to_owned(),
        (_, PatternKind::Message | PatternKind::Trace) => {
            said.message.as_ref().map_or_else(|| read.text.to_string(), |message| message.text.trim().to_owned())
        }
        _ => read.text.to_string(),
    }
}

fn is_promoted(key: &str) -> bool {
    PROMOTED.iter().any(|name| name.eq_ignore_ascii_case(key)) || key.ends_with("_impact")
}

fn promote_value(value: Value<'_>, depth: usize, found: &mut BTreeMap<String, Vec<String>>) {
    if depth >= DEEPEST {
        return;
    }
    for (key, value) in value.members() {
        if is_promoted(key) {
            keep(key, &value.to_json(), found);
        } else if value.is_object() {
            promote_value(value, depth + 1, found);
        }
    }
}

fn promote_json(value: &serde_json::Value, depth: usize, found: &mut BTreeMap<String, Vec<String>>) {
    let serde_json::Value::Object(members) = value else { return };
    if depth >= DEEPEST {
        return;
    }
    for (key, value) in members {
        if is_promoted(key) {
            keep(key, value, found);
        } else {
            promote_json(value, depth + 1, found);
        }
    }
}

fn keep(key: &str, value: &serde_json::Value, found: &mut BTreeMap<String, Vec<String>>) {
    if found.len() >= KEPT_NAMES && !found.contains_key(key) {
        return;
    }
    let mut texts = Vec::new();
    match value {
        serde_json::Value::Array(items) => texts.extend(items.iter().take(KEPT_VALUES).filter_map(sentence)),
        other => texts.extend(sentence(other)),
    }
    if texts.is_empty() {
        return;
    }
    let kept = found.entry(key.to_owned()).or_default();
    for text in texts {
        if kept.len() < KEPT_VALUES && !kept.contains(&text) {
            kept.push(text);
        }
    }
}

fn sentence(value: &serde_json::Value) -> Option<String> {
    let text = match value {
        serde_json::Value::Null => return None,
        serde_json::Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    (!text.is_empty()).then(|| text.chars().take(LONGEST_VALUE).collect())
}

/// The first JSON object or array inside a text that holds at least one member or object.
fn unpack(text: &str) -> Option<serde_json::Value> {
    let starts = text.match_indices(['{', '[']).take(TRIED_STARTS);
    for (at, _) in starts {
        let rest = text.get(at..).filter(|rest| rest.len() <= LONGEST_JSON)?;
        let unescaped = rest.starts_with("{\\\"").then(|| rest.replace("\\\"", "\"").replace("\\n", "\n"));
        let rest = unescaped.as_deref().unwrap_or(rest);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
        match values.next() {
            Some(Ok(serde_json::Value::Object(members))) if !members.is_empty() => {
                return Some(serde_json::Value::Object(members));
            }
            Some(Ok(serde_json::Value::Array(items))) if items.iter().any(serde_json::Value::is_object) => {
                return Some(serde_json::Value::Array(items));
            }
            _ => {}
        }
    }
    None
}
