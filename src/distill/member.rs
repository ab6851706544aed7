//! A member of a JSON payload in, what loggers mean by it out: its name and the object it stands in decide.

use crate::model::Value;

use super::access::Unit;
use super::printed;

/// What a member means, wherever it stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    /// Text for people; the smaller the rank, the better.
    Message(u8),
    /// Text that may hold a stack trace; the smaller the rank, the better.
    Trace(u8),
    /// An exception whose frames are objects or lists.
    Thrown,
    Level,
    /// The class that speaks, beside a `module` that is its thread.
    Class,
    Module,
    File,
    Function,
    Method,
    Line,
    Caller,
    Logger,
    Name,
    User,
    Connection,
    Request,
    Service,
    /// `GET /path HTTP/1.1` of access logs.
    HttpLine,
    HttpStatus,
    /// What was asked for.
    Url,
    /// The status of an answer, and the unit of a plain `duration` beside it.
    Answer(Unit),
    /// How long an answer took.
    Took(Unit),
    Kind,
    /// What type an error is, in a block about one.
    Type,
    /// The same, named so wherever it stands.
    ErrorType,
    Reason,
    EventId,
    Involved,
    Details,
    Audit,
    Inside(Zone),
}

/// Which object a member stands in: the same name means different things in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Top,
    /// Another object in which a logger nests the whole record.
    Record,
    Labels,
    Context,
    Error,
    Source,
    User,
    Service,
    Level,
}

/// The rank of messages that tell of an error.
pub(super) const OF_ERROR: u8 = 6;

/// Names in any case, and what they mean. Order is the order of preference where a slot can be filled once.
const NAMES: &[(&str, Slot)] = &[
    ("message", Slot::Message(0)),
    ("msg", Slot::Message(1)),
    ("log", Slot::Message(2)),
    ("text", Slot::Message(4)),
    ("@m", Slot::Message(4)),
    ("RenderedMessage", Slot::Message(4)),
    ("textPayload", Slot::Message(4)),
    ("logMessage", Slot::Message(4)),
    ("short_message", Slot::Message(4)),
    ("@message", Slot::Message(4)),
    ("event", Slot::Message(5)),
    ("@mt", Slot::Message(5)),
    ("MessageTemplate", Slot::Message(5)),
    ("errorMessage", Slot::Message(OF_ERROR)),
    ("error_message", Slot::Message(OF_ERROR)),
    ("exception.message", Slot::Message(OF_ERROR)),
    ("error.message", Slot::Message(OF_ERROR)),
    ("err", Slot::Inside(Zone::Error)),
    ("error", Slot::Inside(Zone::Error)),
    // Of executions of Workflows.
    ("failure", Slot::Inside(Zone::Error)),
    ("body", Slot::Inside(Zone::Record)),
    ("full_message", Slot::Message(8)),
    ("description", Slot::Message(9)),
    ("detail", Slot::Message(10)),
    ("summary", Slot::Message(10)),
    ("content", Slot::Message(10)),
    ("statusMessage", Slot::Message(10)),
    ("rawMessage", Slot::Message(11)),
    ("title", Slot::Message(11)),
    ("output", Slot::Message(12)),
    ("stack_trace", Slot::Trace(0)),
    ("stackTrace", Slot::Trace(0)),
    ("stacktrace", Slot::Trace(0)),
    ("extendedStackTrace", Slot::Trace(0)),
    ("@x", Slot::Trace(1)),
    ("exception", Slot::Trace(1)),
    ("exception.stacktrace", Slot::Trace(1)),
    ("error.stack_trace", Slot::Trace(1)),
    ("error.stack", Slot::Trace(1)),
    ("traceback", Slot::Trace(2)),
    ("exc_info", Slot::Trace(2)),
    ("exc_text", Slot::Trace(2)),
    ("backtrace", Slot::Trace(2)),
    ("stack", Slot::Trace(3)),
    ("throwable", Slot::Trace(3)),
    ("thrown", Slot::Inside(Zone::Error)),
    ("severity", Slot::Level),
    ("level", Slot::Level),
    ("levelname", Slot::Level),
    ("level_name", Slot::Level),
    ("severity_text", Slot::Level),
    ("severityText", Slot::Level),
    ("@l", Slot::Level),
    ("loglevel", Slot::Level),
    ("log_level", Slot::Level),
    ("log.level", Slot::Level),
    ("lvl", Slot::Level),
    ("priority", Slot::Level),
    ("javaClass", Slot::Class),
    ("module", Slot::Module),
    ("file", Slot::File),
    ("filename", Slot::File),
    ("pathname", Slot::File),
    ("code.filepath", Slot::File),
    ("code.file.path", Slot::File),
    ("function", Slot::Function),
    ("functionName", Slot::Function),
    ("func", Slot::Function),
    ("funcName", Slot::Function),
    ("code.function", Slot::Function),
    ("code.function.name", Slot::Function),
    ("method", Slot::Method),
    ("line", Slot::Line),
    ("lineno", Slot::Line),
    ("lineNumber", Slot::Line),
    ("line_number", Slot::Line),
    ("code.lineno", Slot::Line),
    ("code.line.number", Slot::Line),
    ("caller", Slot::Caller),
    ("logger", Slot::Logger),
    ("logger_name", Slot::Logger),
    ("loggerName", Slot::Logger),
    ("python_logger", Slot::Logger),
    ("log.logger", Slot::Logger),
    ("target", Slot::Logger),
    ("SourceContext", Slot::Logger),
    ("name", Slot::Name),
    ("user_id", Slot::User),
    ("userId", Slot::User),
    ("uid", Slot::User),
    ("username", Slot::User),
    ("user_email", Slot::User),
    ("principalEmail", Slot::User),
    ("enduser.id", Slot::User),
    ("user", Slot::Inside(Zone::User)),
    ("connection_id", Slot::Connection),
    ("connectionId", Slot::Connection),
    ("conn_id", Slot::Connection),
    ("websocket_id", Slot::Connection),
    ("session_id", Slot::Connection),
    ("sessionId", Slot::Connection),
    ("request_id", Slot::Request),
    ("requestId", Slot::Request),
    ("req_id", Slot::Request),
    ("x_request_id", Slot::Request),
    ("correlation_id", Slot::Request),
    ("correlationId", Slot::Request),
    ("execution_id", Slot::Request),
    ("executionId", Slot::Request),
    ("service", Slot::Service),
    ("service_name", Slot::Service),
    ("SYSLOG_IDENTIFIER", Slot::Service),
    ("request", Slot::HttpLine),
    ("code", Slot::HttpStatus),
    ("status", Slot::HttpStatus),
    ("request_method", Slot::Method),
    ("requestMethod", Slot::Method),
    ("http_method", Slot::Method),
    ("http.method", Slot::Method),
    ("http.request.method", Slot::Method),
    ("path", Slot::Url),
    ("url", Slot::Url),
    ("uri", Slot::Url),
    ("request_uri", Slot::Url),
    ("requestUri", Slot::Url),
    ("requestUrl", Slot::Url),
    ("request_url", Slot::Url),
    ("request_path", Slot::Url),
    ("requestPath", Slot::Url),
    ("http.target", Slot::Url),
    ("http.url", Slot::Url),
    ("url.path", Slot::Url),
    // Envoy's: its duration is in milliseconds.
    ("response_code", Slot::Answer(Unit::Millis)),
    ("statusCode", Slot::Answer(Unit::Unknown)),
    ("status_code", Slot::Answer(Unit::Unknown)),
    ("http.status_code", Slot::Answer(Unit::Unknown)),
    ("http.response.status_code", Slot::Answer(Unit::Unknown)),
    ("duration", Slot::Took(Unit::Unknown)),
    // Nginx's.
    ("request_time", Slot::Took(Unit::Seconds)),
    ("duration_ms", Slot::Took(Unit::Millis)),
    ("durationMs", Slot::Took(Unit::Millis)),
    ("latency_ms", Slot::Took(Unit::Millis)),
    ("latencyMs", Slot::Took(Unit::Millis)),
    ("response_time_ms", Slot::Took(Unit::Millis)),
    ("responseTime", Slot::Took(Unit::Millis)),
    ("latency", Slot::Took(Unit::Written)),
    ("kind", Slot::Kind),
    ("type", Slot::Type),
    ("class", Slot::Type),
    ("exception.type", Slot::ErrorType),
    ("error.type", Slot::ErrorType),
    ("error.kind", Slot::ErrorType),
    ("reason", Slot::Reason),
    ("EventID", Slot::EventId),
    ("involvedObject", Slot::Involved),
    ("statusDetails", Slot::Details),
    ("response_code_details", Slot::Details),
    ("methodName", Slot::Audit),
    ("authenticationInfo", Slot::Audit),
    ("labels", Slot::Inside(Zone::Labels)),
    ("logging.googleapis.com/labels", Slot::Inside(Zone::Labels)),
    ("context", Slot::Inside(Zone::Context)),
    ("extra", Slot::Inside(Zone::Context)),
    ("attributes", Slot::Inside(Zone::Context)),
    ("mdc", Slot::Inside(Zone::Context)),
    ("contextMap", Slot::Inside(Zone::Context)),
    ("fields", Slot::Inside(Zone::Record)),
    ("record", Slot::Inside(Zone::Record)),
    ("source", Slot::Inside(Zone::Source)),
    ("sourceLocation", Slot::Inside(Zone::Source)),
    ("source_location", Slot::Inside(Zone::Source)),
    ("logging.googleapis.com/sourceLocation", Slot::Inside(Zone::Source)),
    ("reportLocation", Slot::Inside(Zone::Source)),
    ("serviceContext", Slot::Inside(Zone::Service)),
];

const TABLE_SIZE: usize = 1024;

/// Open addressing, built at compile time: 0 is free, else the place in [`NAMES`] plus one.
static TABLE: [u8; TABLE_SIZE] = table();

#[expect(clippy::indexing_slicing, reason = "runs at compile time, where an index out of bounds is a build error")]
#[expect(clippy::cast_possible_truncation, reason = "there are fewer than 255 names, or the build fails")]
const fn table() -> [u8; TABLE_SIZE] {
    assert!(NAMES.len() < 255, "names are numbered by one byte");
    let mut table = [0u8; TABLE_SIZE];
    let mut index = 0;
    while index < NAMES.len() {
        let mut at = hash(NAMES[index].0.as_bytes());
        while table[at] != 0 {
            at = (at + 1) % TABLE_SIZE;
        }
        table[at] = index as u8 + 1;
        index += 1;
    }
    table
}

/// Length, first, middle and last letter, in any case.
const fn hash(key: &[u8]) -> usize {
    let (Some(first), Some(last), Some((_, tail))) = (key.first(), key.last(), key.split_at_checked(key.len() / 2))
    else {
        return 0;
    };
    let middle = match tail.first() {
        Some(byte) => *byte,
        None => 0,
    };
    let letters = ((*first | 0x20) as usize * 31 + (middle | 0x20) as usize) * 31 + (*last | 0x20) as usize;
    (letters * 31 + key.len()) % TABLE_SIZE
}

fn slot(key: &str) -> Option<Slot> {
    let mut at = hash(key.as_bytes());
    loop {
        let number = *TABLE.get(at)?;
        let (name, slot) = NAMES.get(usize::from(number.checked_sub(1)?))?;
        if name.len() == key.len() && name.eq_ignore_ascii_case(key) {
            return Some(*slot);
        }
        at = (at + 1) % TABLE_SIZE;
    }
}

/// A member that means something: what it is, the object it stands in, and its value.
pub(super) struct Member<'a> {
    pub(super) slot: Slot,
    pub(super) zone: Zone,
    pub(super) value: Value<'a>,
}

/// The members of a payload that mean something. Which ones there are depends on its layout alone.
pub(super) fn members<'a>(payload: Value<'a>, found: &mut impl FnMut(Member<'a>)) {
    members_of(payload, Zone::Top, found);
}

fn members_of<'a>(object: Value<'a>, zone: Zone, found: &mut impl FnMut(Member<'a>)) {
    for (key, value) in object.members() {
        let Some(slot) = slot(key) else { continue };
        match slot.inside(zone).filter(|_| value.is_object()) {
            Some(inner) => {
                if inner == Zone::Error && printed::has_frames(value) {
                    found(Member { slot: Slot::Thrown, zone, value });
                }
                members_of(value, inner, found);
            }
            None if matches!(slot, Slot::Trace(_) | Slot::Inside(Zone::Error)) && value.is_array() => {
                found(Member { slot: Slot::Thrown, zone, value });
            }
            None => found(Member { slot, zone, value }),
        }
    }
}

/// What hangs on a member, in an entry that has a message or an `httpRequest`.
pub(super) enum Weight {
    /// Nothing.
    None,
    /// Text that differs from entry to entry: what is said, and whom it names.
    Text,
    /// What many entries share.
    Standing,
    /// What kind of entry it is.
    Kind,
}

impl Slot {
    /// What hangs on such a member of an entry that has a message or an `httpRequest`; [`Said`](super::message::Said) and its readers
    /// decide.
    pub(super) fn weight(self, zone: Zone) -> Weight {
        match self {
            Self::Thrown => Weight::Kind,
            Self::Involved | Self::EventId | Self::Audit => {
                if zone == Zone::Top {
                    Weight::Kind
                } else {
                    Weight::None
                }
            }
            Self::HttpStatus if zone == Zone::Error => Weight::Text,
            Self::Name | Self::Type if matches!(zone, Zone::User | Zone::Error) => Weight::Text,
            Self::Method if zone == Zone::Top => Weight::None,
            // Access logs without a message are told apart by these, and events of Kubernetes, which are a kind.
            Self::HttpLine
            | Self::HttpStatus
            | Self::Url
            | Self::Answer(_)
            | Self::Took(_)
            | Self::Kind
            | Self::Type
            | Self::Reason => Weight::None,
            // A text where others write an object of the place.
            Self::Inside(Zone::Source) => Weight::Standing,
            Self::Message(_)
            | Self::Trace(_)
            | Self::Inside(_)
            | Self::ErrorType
            | Self::User
            | Self::Connection
            | Self::Request
            | Self::Details => Weight::Text,
            _ => Weight::Standing,
        }
    }

    /// What the members of such a member are about, if it is an object in `zone` that holds a part of the record.
    fn inside(self, zone: Zone) -> Option<Zone> {
        match self {
            Self::Message(_) if zone == Zone::Top => Some(Zone::Record),
            Self::Trace(_) if zone != Zone::Error => Some(Zone::Error),
            Self::Level if matches!(zone, Zone::Top | Zone::Record) => Some(Zone::Level),
            // Contexts may stand in contexts without end; one level is what loggers write.
            Self::Inside(inner) if zone != inner => match zone {
                Zone::Top => Some(inner),
                Zone::Record | Zone::Context => {
                    matches!(inner, Zone::Error | Zone::User | Zone::Source | Zone::Context).then_some(inner)
                }
                _ => None,
            },
            _ => None,
        }
    }
}
