//! A key of a record in, the LogEntry field it names out: as the API, the Python client and BigQuery write them.

use super::Value;

/// The fields of a LogEntry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `logName`.
    LogName,
    /// `insertId`.
    InsertId,
    /// `timestamp`.
    Timestamp,
    /// `receiveTimestamp`.
    ReceiveTimestamp,
    /// `severity`.
    Severity,
    /// `resource`.
    Resource,
    /// `resource.type`.
    ResourceType,
    /// `resource.labels`.
    ResourceLabels,
    /// `labels`.
    Labels,
    /// `trace`.
    Trace,
    /// `spanId`.
    SpanId,
    /// `httpRequest`.
    HttpRequest,
    /// `operation`.
    Operation,
    /// `sourceLocation`.
    SourceLocation,
    /// `split`.
    Split,
    /// `errorGroups`.
    ErrorGroups,
    /// `textPayload`.
    Text,
    /// `jsonPayload`.
    Json,
    /// `protoPayload`.
    Proto,
    /// A field that marks a LogEntry and is reached through the record alone.
    Other,
}

impl Field {
    /// The field that a key at the top of a record (its raw bytes) names.
    pub fn named(key: &[u8]) -> Option<Self> {
        Some(match key {
            b"logName" | b"log_name" | b"logname" => Self::LogName,
            b"insertId" | b"insert_id" | b"insertid" => Self::InsertId,
            b"timestamp" => Self::Timestamp,
            b"receiveTimestamp" | b"receive_timestamp" | b"receivetimestamp" => Self::ReceiveTimestamp,
            b"severity" => Self::Severity,
            b"resource" => Self::Resource,
            b"labels" => Self::Labels,
            b"trace" => Self::Trace,
            b"spanId" | b"span_id" | b"spanid" => Self::SpanId,
            b"httpRequest" | b"http_request" | b"httprequest" => Self::HttpRequest,
            b"operation" => Self::Operation,
            b"sourceLocation" | b"source_location" | b"sourcelocation" => Self::SourceLocation,
            b"split" => Self::Split,
            b"errorGroups" | b"error_groups" | b"errorgroups" => Self::ErrorGroups,
            b"textPayload" | b"text_payload" | b"textpayload" => Self::Text,
            b"jsonPayload" | b"json_payload" | b"jsonpayload" | b"structPayload" => Self::Json,
            b"protoPayload" | b"proto_payload" | b"protopayload" => Self::Proto,
            b"traceSampled" | b"trace_sampled" | b"tracesampled" => Self::Other,
            // BigQuery names the columns of typed payloads after their type.
            _ if starts(key, b"protopayload_") || starts(key, b"protoPayload_") => Self::Proto,
            _ if starts(key, b"jsonpayload_") || starts(key, b"jsonPayload_") => Self::Json,
            _ => return None,
        })
    }

    /// The members of a record that are fields, and behind a resource its own. Which ones there are depends on the
    /// layout of the record alone.
    pub fn all(record: Value<'_>) -> impl Iterator<Item = (Self, Value<'_>)> {
        let fields = record.members().filter_map(|(key, value)| Some((Self::named(key.as_bytes())?, value)));
        fields.flat_map(|(field, value)| {
            let inner = (field == Self::Resource).then(|| value.members()).into_iter().flatten();
            let inner = inner.filter_map(|(key, value)| match key {
                "type" => Some((Self::ResourceType, value)),
                "labels" => Some((Self::ResourceLabels, value)),
                _ => None,
            });
            std::iter::once((field, value)).chain(inner)
        })
    }
}

fn starts(key: &[u8], prefix: &[u8]) -> bool {
    key.len() > prefix.len() && key.starts_with(prefix)
}
