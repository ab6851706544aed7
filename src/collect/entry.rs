//! The values of a record in, a LogEntry out.

use crate::model::{ByLayout, Field, Laid, LogEntry, Number, Payload, Severity, Value};

/// Whether a key stands in hardly anything but a LogEntry, or the Pub/Sub envelope of one.
pub(super) fn is_telling(key: &[u8], field: Option<Field>) -> bool {
    use Field::{InsertId, Json, LogName, Proto, ReceiveTimestamp, Text};
    matches!(field, Some(LogName | InsertId | ReceiveTimestamp | Text | Json | Proto))
        || matches!(key, b"ackId" | b"messageId" | b"message_id" | b"publishTime")
}

/// The members of a record that are fields, by layout: what they are, and where.
pub(super) type Fields = ByLayout<Box<[(Field, usize)]>>;

/// Reads a record as a LogEntry; `None` if it has none of the fields of one.
pub(super) fn read<'a>(record: Value<'a>, laid: Option<Laid<'a>>, fields: &mut Fields) -> Option<LogEntry<'a>> {
    let mut entry = empty(record, laid);
    let mut known = false;
    let mut take = |(field, value): (Field, Value<'a>)| {
        known = true;
        if !value.is_null() {
            set(&mut entry, field, value);
        }
    };
    let places = || Field::all(record).map(|(field, value)| (field, value.place_in(record))).collect();
    match laid.and_then(|laid| fields.get_or_insert_with(laid.layout, places)) {
        Some(fields) => fields.iter().filter_map(|(field, at)| Some((*field, record.part(*at)?))).for_each(&mut take),
        None => Field::all(record).for_each(&mut take),
    }
    known.then_some(entry)
}

fn empty<'a>(record: Value<'a>, laid: Option<Laid<'a>>) -> LogEntry<'a> {
    LogEntry {
        log_name: "",
        insert_id: "",
        timestamp: None,
        received: None,
        severity: Severity::Default,
        resource_type: "",
        resource_labels: None,
        labels: None,
        trace: "",
        span_id: "",
        http_request: None,
        operation: None,
        source_location: None,
        split: None,
        error_groups: None,
        payload: Payload::None,
        record,
        laid,
    }
}

fn set<'a>(entry: &mut LogEntry<'a>, field: Field, value: Value<'a>) {
    let text = value.as_str().unwrap_or_default();
    let object = value.is_object().then_some(value);
    match field {
        Field::LogName => entry.log_name = text,
        Field::InsertId => entry.insert_id = text,
        Field::Timestamp => entry.timestamp = value.as_time(),
        Field::ReceiveTimestamp => entry.received = Some(value),
        Field::Severity => entry.severity = severity(value),
        Field::Resource => (entry.resource_type, entry.resource_labels) = ("", None),
        Field::ResourceType => entry.resource_type = text,
        Field::ResourceLabels => entry.resource_labels = object,
        Field::Labels => entry.labels = object,
        Field::Trace => entry.trace = text,
        Field::SpanId => entry.span_id = text,
        Field::HttpRequest => entry.http_request = object,
        Field::Operation => entry.operation = object,
        Field::SourceLocation => entry.source_location = object,
        Field::Split => entry.split = object,
        Field::ErrorGroups => entry.error_groups = value.is_array().then_some(value),
        Field::Text | Field::Json | Field::Proto => set_payload(entry, field, value),
        Field::Other => {}
    }
}

/// Of several payloads, which Google does not allow, the richest wins; of two of one kind, the last.
fn set_payload<'a>(entry: &mut LogEntry<'a>, field: Field, value: Value<'a>) {
    let payload = match (field, value.as_str()) {
        (_, Some(text)) => Payload::Text(text),
        (Field::Json, None) if value.is_object() => Payload::Json(value),
        (Field::Proto, None) if value.is_object() => Payload::Proto(value),
        _ => return,
    };
    if rank(&payload) >= rank(&entry.payload) {
        entry.payload = payload;
    }
}

fn rank(payload: &Payload<'_>) -> u8 {
    match payload {
        Payload::None => 0,
        Payload::Text(_) => 1,
        Payload::Json(_) => 2,
        Payload::Proto(_) => 3,
    }
}

/// A name in any case, an integer, a float, or either as text; an unknown word is `Default`.
fn severity(value: Value<'_>) -> Severity {
    let known = match value.as_str() {
        Some(name) => Severity::parse(name),
        None => value.as_number().map(Number::as_f64).and_then(Severity::from_number),
    };
    known.unwrap_or_default()
}
