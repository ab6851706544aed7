//! Field paths in, places in a LogEntry out: the schema of LogEntry, and did-you-mean for what it lacks.

use Kind::{Bool, Duration, Integer, Map, Message, Payload, Proto, Severity, Text, TextPayload, Time};

/// A field that a filter may name: where it is read and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// The first segment, Google's spelling.
    pub(super) root: &'static str,
    /// The segments after it.
    pub(super) keys: Vec<Key>,
    /// What stands at the end.
    pub(super) kind: Kind,
}

/// One segment after the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// As LogEntry spells it, or as written where LogEntry leaves the name to the writer.
    pub(super) name: String,
    /// Other spellings of a name of LogEntry's, where they differ: the `snake_case` of some clients, and the lower case
    /// of some exports.
    pub(super) twins: Vec<String>,
}

/// What a field holds, and thereby how it is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Text, empty by default.
    Text,
    /// The text payload: text, but missing rather than empty where there is none.
    TextPayload,
    /// A number, 0 by default; int64 stands as text in exports.
    Integer,
    /// `false` by default.
    Bool,
    /// An instant.
    Time,
    /// A duration, 0 by default.
    Duration,
    /// A LogSeverity.
    Severity,
    /// An object (or a list of them) with fields of LogEntry's.
    Message(&'static [Schema]),
    /// Labels: any key, the rest of the path is one key.
    Map,
    /// Any JSON below.
    Payload,
    /// Any JSON below, letter case of keys does not matter.
    Proto,
}

/// A field of LogEntry.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// Static tables are compared by their place, which is as good as by their content.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

const fn field(name: &'static str, kind: Kind) -> Schema {
    Schema { name, kind }
}

pub(super) static ENTRY: &[Schema] = &[
    field("logName", Text),
    field("resource", Message(&[field("type", Text), field("labels", Map)])),
    field("timestamp", Time),
    field("receiveTimestamp", Time),
    field("severity", Severity),
    field("insertId", Text),
    field("httpRequest", Message(REQUEST)),
    field("labels", Map),
    field("metadata", Message(&[field("systemLabels", Payload), field("userLabels", Map)])),
    field(
        "operation",
        Message(&[field("id", Text), field("producer", Text), field("first", Bool), field("last", Bool)]),
    ),
    field("trace", Text),
    field("spanId", Text),
    field("traceSampled", Bool),
    field("sourceLocation", Message(&[field("file", Text), field("line", Integer), field("function", Text)])),
    field("split", Message(&[field("uid", Text), field("index", Integer), field("totalSplits", Integer)])),
    field("errorGroups", Message(&[field("id", Text)])),
    field("apphub", Message(APPHUB)),
    field("apphubDestination", Message(APPHUB)),
    field("apphubSource", Message(APPHUB)),
    field("otel", Payload),
    field("textPayload", TextPayload),
    field("jsonPayload", Payload),
    field("protoPayload", Proto),
];

static REQUEST: &[Schema] = &[
    field("requestMethod", Text),
    field("requestUrl", Text),
    field("requestSize", Integer),
    field("status", Integer),
    field("responseSize", Integer),
    field("userAgent", Text),
    field("remoteIp", Text),
    field("serverIp", Text),
    field("referer", Text),
    field("latency", Duration),
    field("cacheLookup", Bool),
    field("cacheHit", Bool),
    field("cacheValidatedWithOriginServer", Bool),
    field("cacheFillBytes", Integer),
    field("protocol", Text),
];

static APPHUB: &[Schema] = &[field("application", Payload), field("service", Payload), field("workload", Payload)];

/// Labels of monitored resources that people name without `resource.labels`.
static RESOURCE_LABELS: &[&str] = &[
    "cluster_name",
    "configuration_name",
    "container_name",
    "database_id",
    "function_name",
    "instance_id",
    "job_name",
    "location",
    "module_id",
    "namespace_name",
    "pod_name",
    "project_id",
    "region",
    "revision_name",
    "service_name",
    "version_id",
    "worker_pool_name",
    "zone",
];

/// Names that other log systems use, and Google's field for them.
static ALIASES: &[(&str, &str)] = &[
    ("message", "jsonPayload.message"),
    ("msg", "jsonPayload.message"),
    ("text", "textPayload"),
    ("payload", "jsonPayload"),
    ("level", "severity"),
    ("time", "timestamp"),
    ("log", "logName"),
    ("service", "resource.labels.service_name"),
    ("revision", "resource.labels.revision_name"),
    ("host", "httpRequest.requestUrl"),
    ("url", "httpRequest.requestUrl"),
    ("method", "httpRequest.requestMethod"),
    ("file", "sourceLocation.file"),
    ("function", "sourceLocation.function"),
];

/// A path that LogEntry does not have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// Which segment is wrong.
    pub(super) index: usize,
    /// What could be there instead.
    pub(super) expected: String,
    /// The nearest path that exists.
    pub(super) suggestion: Option<String>,
}

impl Field {
    /// The field that `path` names, in Google's spelling or in `snake_case`.
    pub(super) fn resolve(path: &[String]) -> Result<Self, Unknown> {
        let (first, mut left) = path.split_first().ok_or_else(|| unknown_root(""))?;
        let schema = find(ENTRY, first).ok_or_else(|| unknown_root(first))?;
        let mut field = Self { root: schema.name, keys: Vec::new(), kind: schema.kind };
        while let Some((segment, rest)) = left.split_first() {
            match field.kind {
                Message(schemas) => {
                    let schema = find(schemas, segment)
                        .ok_or_else(|| unknown_below(&field, schemas, segment, path.len() - left.len()))?;
                    field.keys.push(Key { name: schema.name.to_owned(), twins: twins(schema.name) });
                    field.kind = schema.kind;
                    left = rest;
                }
                Map => {
                    field.keys.push(Key { name: left.join("."), twins: Vec::new() });
                    field.kind = Payload;
                    break;
                }
                Payload | Proto => {
                    field.keys.extend(left.iter().map(|name| Key { name: name.clone(), twins: Vec::new() }));
                    break;
                }
                _ => return Err(below_a_scalar(&field, path.len() - left.len())),
            }
        }
        Ok(field)
    }

    /// The segments in Google's spelling.
    pub(super) fn path(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.root).chain(self.keys.iter().map(|key| key.name.as_str()))
    }
}

/// Whether a bare word is the name of a field.
pub(super) fn is_root(word: &str) -> bool {
    find(ENTRY, word).is_some()
}

/// The table of LogEntry that `segment` names.
fn find(schemas: &'static [Schema], segment: &str) -> Option<&'static Schema> {
    schemas.iter().find(|schema| schema.name == segment || (segment.contains('_') && schema.name == camel(segment)))
}

/// `log_name` as `logName`.
fn camel(name: &str) -> String {
    let mut raise = false;
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '_' => raise = true,
            _ if std::mem::take(&mut raise) => text.push(letter.to_ascii_uppercase()),
            _ => text.push(letter),
        }
    }
    text
}

/// `logName` as `log_name` and `logname`, if they differ.
fn twins(name: &str) -> Vec<String> {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    if text == name { Vec::new() } else { vec![text, name.to_ascii_lowercase()] }
}

fn unknown_root(segment: &str) -> Unknown {
    let wanted = camel(segment).to_ascii_lowercase();
    let label = RESOURCE_LABELS.iter().find(|label| **label == segment).map(|label| format!("resource.labels.{label}"));
    let alias = || ALIASES.iter().find(|(name, _)| *name == wanted).map(|(_, path)| (*path).to_owned());
    let inner = || {
        let mut paths = ENTRY.iter().filter_map(|root| {
            let Message(schemas) = root.kind else { return None };
            let inner = schemas.iter().find(|schema| schema.name.to_ascii_lowercase() == wanted)?;
            Some(format!("{}.{}", root.name, inner.name))
        });
        paths.next()
    };
    let near = || nearest(&wanted, ENTRY).map(str::to_owned);
    Unknown {
        index: 0,
        expected: "a field of LogEntry".to_owned(),
        suggestion: label.or_else(alias).or_else(inner).or_else(near),
    }
}

fn unknown_below(field: &Field, schemas: &'static [Schema], segment: &str, index: usize) -> Unknown {
    let parent = field.to_string();
    let near = nearest(&camel(segment).to_ascii_lowercase(), schemas).map(str::to_owned);
    let label = || (parent == "resource" && RESOURCE_LABELS.contains(&segment)).then(|| format!("labels.{segment}"));
    let names: Vec<&str> = schemas.iter().map(|schema| schema.name).collect();
    Unknown {
        index,
        expected: format!("a field of {parent} ({})", names.join(", ")),
        suggestion: label().or(near).map(|name| format!("{parent}.{name}")),
    }
}

fn below_a_scalar(field: &Field, index: usize) -> Unknown {
    let suggestion = matches!(field.kind, TextPayload).then(|| "jsonPayload".to_owned());
    Unknown { index, expected: format!("a comparison: {field} has no fields below it"), suggestion }
}

/// The name closest to `wanted` (lower case), if it is close at all.
fn nearest(wanted: &str, schemas: &'static [Schema]) -> Option<&'static str> {
    let scored = schemas.iter().map(|schema| {
        let closeness = strsim::jaro_winkler(wanted, &schema.name.to_ascii_lowercase());
        (schema.name, closeness)
    });
    let best = scored.max_by(|one, other| one.1.total_cmp(&other.1).then_with(|| other.0.cmp(one.0)))?;
    (best.1 > 0.8).then_some(best.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(path: &str) -> Result<Field, Unknown> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        Field::resolve(&path)
    }

    #[test]
    fn paths_that_exist() {
        for (written, printed) in [
            ("severity", "severity"),
            ("log_name", "logName"),
            ("http_request.request_method", "httpRequest.requestMethod"),
            ("resource.labels.service_name", "resource.labels.service_name"),
            ("json_payload.snake_case.stays", "jsonPayload.snake_case.stays"),
            ("labels.compute.googleapis.com/name", "labels.\"compute.googleapis.com/name\""),
            ("apphub.service.id", "apphub.service.id"),
        ] {
            assert_eq!(resolve(written).unwrap().to_string(), printed);
        }
        assert_eq!(resolve("httpRequest.latency").unwrap().kind, Duration);
        assert_eq!(resolve("httpRequest.status").unwrap().kind, Integer);
    }

    #[test]
    fn paths_that_do_not_exist_get_a_neighbour() {
        for (written, index, suggestion) in [
            ("serverity", 0, Some("severity")),
            ("Severity", 0, Some("severity")),
            ("jsonPayloads.x", 0, Some("jsonPayload")),
            ("service_name", 0, Some("resource.labels.service_name")),
            ("status", 0, Some("httpRequest.status")),
            ("level", 0, Some("severity")),
            ("resource.service_name", 1, Some("resource.labels.service_name")),
            ("httpRequest.stauts", 1, Some("httpRequest.status")),
            ("operation.thud", 1, None),
            ("textPayload.x", 1, Some("jsonPayload")),
            ("timestamp.seconds", 1, None),
            ("zzz", 0, None),
        ] {
            let unknown = resolve(written).unwrap_err();
            assert_eq!((unknown.index, unknown.suggestion.as_deref()), (index, suggestion), "{written}");
        }
    }
}
