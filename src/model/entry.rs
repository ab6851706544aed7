//! One LogEntry, borrowed from the record it was parsed from.

use super::{Laid, Severity, Timestamp, Value};

/// What an entry carries: Google allows at most one of the three, and none at all (request entries).
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// No payload.
    None,
    /// `textPayload`.
    Text(&'a str),
    /// `jsonPayload`.
    Json(Value<'a>),
    /// `protoPayload`: audit entries, App Engine request logs.
    Proto(Value<'a>),
}

/// A Google Cloud LogEntry. Text fields that are absent are empty; everything borrows from the worker's scratch.
///
/// Field names are Google's. What the model does not name is reached through [`LogEntry::record`].
#[derive(Clone, Copy, Debug)]
pub struct LogEntry<'a> {
    /// `projects/P/logs/LOG_ID`, the id URL-encoded.
    pub log_name: &'a str,
    /// Duplicate key, together with log name and timestamp.
    pub insert_id: &'a str,
    /// Event time; `None` where the record has none that can be read.
    pub timestamp: Option<Timestamp>,
    /// When the service received it, as the record has it.
    pub received: Option<Value<'a>>,
    /// As the entry says; `Default` where it says nothing or an unknown word.
    pub severity: Severity,
    /// `resource.type`.
    pub resource_type: &'a str,
    /// `resource.labels`, an object.
    pub resource_labels: Option<Value<'a>>,
    /// The entry's own `labels`, an object.
    pub labels: Option<Value<'a>>,
    /// `projects/P/traces/T`.
    pub trace: &'a str,
    /// 16 hexadecimal digits.
    pub span_id: &'a str,
    /// `httpRequest`, an object.
    pub http_request: Option<Value<'a>>,
    /// `operation`, an object.
    pub operation: Option<Value<'a>>,
    /// `sourceLocation`, an object.
    pub source_location: Option<Value<'a>>,
    /// `split`, an object: this entry is a part of a larger one.
    pub split: Option<Value<'a>>,
    /// `errorGroups`, an array of objects with `id`.
    pub error_groups: Option<Value<'a>>,
    /// The payload.
    pub payload: Payload<'a>,
    /// The whole record as parsed, for fields the model does not name.
    pub record: Value<'a>,
    /// The record as laid out, if its reader has met that layout before.
    pub laid: Option<Laid<'a>>,
}

impl<'a> LogEntry<'a> {
    /// The text of a resource label, empty where there is none.
    pub fn resource_label(&self, key: &str) -> &'a str {
        self.resource_labels.and_then(|labels| labels.text(key)).unwrap_or_default()
    }

    /// The text of one of the entry's own labels, empty where there is none.
    pub fn label(&self, key: &str) -> &'a str {
        self.labels.and_then(|labels| labels.text(key)).unwrap_or_default()
    }

    /// The log id with its encoding as in the record: what stands behind `/logs/`, or the whole name.
    pub fn log_id(&self) -> &'a str {
        self.log_name.rsplit_once("/logs/").map_or(self.log_name, |(_, id)| id)
    }

    /// The JSON payload, whichever kind.
    pub fn payload_value(&self) -> Option<Value<'a>> {
        match self.payload {
            Payload::Json(value) | Payload::Proto(value) => Some(value),
            Payload::None | Payload::Text(_) => None,
        }
    }
}

/// The id of a log in its name, as people read it: `run.googleapis.com/stderr`.
pub fn log_id(name: &str) -> String {
    let id = name.rsplit_once("/logs/").map_or(name, |(_, id)| id);
    id.replace("%2F", "/").replace("%2f", "/")
}
