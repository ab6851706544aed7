//! The values of a record in, a LogEntry out; the names of fields as the API, the Python client and BigQuery write them.

use crate::model::{ByLayout, LayoutId, LogEntry, Number, Payload, Severity, Value};

/// The fields of a LogEntry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    LogName,
    InsertId,
    Timestamp,
    ReceiveTimestamp,
    Severity,
    Resource,
    ResourceType,
    ResourceLabels,
    Labels,
    Trace,
    SpanId,
    HttpRequest,
    Operation,
    SourceLocation,
    Split,
    ErrorGroups,
    Text,
    Json,
    Proto,
    /// A field that marks a LogEntry and is reached through the record alone.
    Other,
}

fn field(key: &[u8]) -> Option<Field> {
    Some(match key {
        b"logName" | b"log_name" | b"logname" => Field::LogName,
        b"insertId" | b"insert_id" | b"insertid" => Field::InsertId,
        b"timestamp" => Field::Timestamp,
        b"receiveTimestamp" | b"receive_timestamp" | b"receivetimestamp" => Field::ReceiveTimestamp,
        b"severity" => Field::Severity,
        b"resource" => Field::Resource,
        b"labels" => Field::Labels,
        b"trace" => Field::Trace,
        b"spanId" | b"span_id" | b"spanid" => Field::SpanId,
        b"httpRequest" | b"http_request" | b"httprequest" => Field::HttpRequest,
        b"operation" => Field::Operation,
        b"sourceLocation" | b"source_location" | b"sourcelocation" => Field::SourceLocation,
        b"split" => Field::Split,
        b"errorGroups" | b"error_groups" | b"errorgroups" => Field::ErrorGroups,
        b"textPayload" | b"text_payload" | b"textpayload" => Field::Text,
        b"jsonPayload" | b"json_payload" | b"jsonpayload" | b"structPayload" => Field::Json,
        b"protoPayload" | b"proto_payload" | b"protopayload" => Field::Proto,
        b"traceSampled" | b"trace_sampled" | b"tracesampled" => Field::Other,
        // BigQuery names the columns of typed payloads after their type.
        _ if starts(key, b"protopayload_") || starts(key, b"protoPayload_") => Field::Proto,
        _ if starts(key, b"jsonpayload_") || starts(key, b"jsonPayload_") => Field::Json,
        _ => return None,
    })
}

fn starts(key: &[u8], prefix: &[u8]) -> bool {
    key.len() > prefix.len() && key.starts_with(prefix)
}

/// Whether a key (its raw bytes) names a field of a LogEntry.
pub(super) fn is_field(key: &[u8]) -> bool {
    field(key).is_some()
}

/// Whether a key stands in hardly anything but a LogEntry, or the Pub/Sub envelope of one.
pub(super) fn is_telling(key: &[u8]) -> bool {
    use Field::{InsertId, Json, LogName, Proto, ReceiveTimestamp, Text};
    matches!(field(key), Some(LogName | InsertId | ReceiveTimestamp | Text | Json | Proto))
        || matches!(key, b"ackId" | b"messageId" | b"message_id" | b"publishTime")
}

/// The members of a record that are fields, by layout: what they are, and where.
pub(super) type Fields = ByLayout<Box<[(Field, usize)]>>;

/// Reads a record as a LogEntry; `None` if it has none of the fields of one.
pub(super) fn read<'a>(record: Value<'a>, layout: Option<LayoutId>, fields: &mut Fields) -> Option<LogEntry<'a>> {
    let mut entry = empty(record, layout);
    let mut known = false;
    let mut take = |(field, value): (Field, Value<'a>)| {
        known = true;
        if !value.is_null() {
            set(&mut entry, field, value);
        }
    };
    let places = || of(record).map(|(field, value)| (field, value.place_in(record))).collect();
    match layout.and_then(|layout| fields.get_or_insert_with(layout, places)) {
        Some(fields) => fields.iter().filter_map(|(field, at)| Some((*field, record.part(*at)?))).for_each(&mut take),
        None => of(record).for_each(&mut take),
    }
    known.then_some(entry)
}

/// Whether a record has a field of a LogEntry.
pub(super) fn is_entry(record: Value<'_>) -> bool {
    of(record).next().is_some()
}

/// The members of a record that are fields, and behind a resource its own. Which ones there are depends on the layout
/// alone.
fn of(record: Value<'_>) -> impl Iterator<Item = (Field, Value<'_>)> {
    let fields = record.members().filter_map(|(key, value)| Some((field(key.as_bytes())?, value)));
    fields.flat_map(|(field, value)| {
        let inner = (field == Field::Resource).then(|| value.members()).into_iter().flatten();
        let inner = inner.filter_map(|(key, value)| match key {
            "type" => Some((Field::ResourceType, value)),
            "labels" => Some((Field::ResourceLabels, value)),
            _ => None,
        });
        std::iter::once((field, value)).chain(inner)
    })
}

fn empty(record: Value<'_>, layout: Option<LayoutId>) -> LogEntry<'_> {
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
        layout,
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
