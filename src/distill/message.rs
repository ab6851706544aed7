//! A JSON payload in, the members that loggers put things into out, in one scan over its members.

use std::borrow::Cow;

use crate::model::Value;

use super::place::{Place, line_text};

/// What a member means, wherever it stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    /// Text for people; the smaller the rank, the better.
    Message(u8),
    /// Text that may hold a stack trace; the smaller the rank, the better.
    Trace(u8),
    Level,
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
    Kind,
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
}

/// Names in any case, and what they mean. Order is the order of preference where a slot can be filled once.
const NAMES: &[(&str, Slot)] = &[
    ("message", Slot::Message(0)),
    ("msg", Slot::Message(1)),
    ("log", Slot::Message(2)),
    ("text", Slot::Message(3)),
    ("textPayload", Slot::Message(4)),
    ("logMessage", Slot::Message(4)),
    ("short_message", Slot::Message(4)),
    ("@message", Slot::Message(4)),
    ("event", Slot::Message(5)),
    ("errorMessage", Slot::Message(6)),
    ("error_message", Slot::Message(6)),
    ("exception.message", Slot::Message(6)),
    ("error.message", Slot::Message(6)),
    ("err", Slot::Inside(Zone::Error)),
    ("error", Slot::Inside(Zone::Error)),
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
    ("loglevel", Slot::Level),
    ("log_level", Slot::Level),
    ("log.level", Slot::Level),
    ("lvl", Slot::Level),
    ("priority", Slot::Level),
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
    ("code.lineno", Slot::Line),
    ("code.line.number", Slot::Line),
    ("caller", Slot::Caller),
    ("logger", Slot::Logger),
    ("logger_name", Slot::Logger),
    ("loggerName", Slot::Logger),
    ("python_logger", Slot::Logger),
    ("log.logger", Slot::Logger),
    ("target", Slot::Logger),
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
    ("kind", Slot::Kind),
    ("reason", Slot::Reason),
    ("EventID", Slot::EventId),
    ("involvedObject", Slot::Involved),
    ("statusDetails", Slot::Details),
    ("methodName", Slot::Audit),
    ("authenticationInfo", Slot::Audit),
    ("labels", Slot::Inside(Zone::Labels)),
    ("logging.googleapis.com/labels", Slot::Inside(Zone::Labels)),
    ("context", Slot::Inside(Zone::Context)),
    ("extra", Slot::Inside(Zone::Context)),
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

/// A text with its rank; the smaller the rank, the more likely it is what the logger wanted to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked<'a> {
    rank: u8,
    /// The text.
    pub(super) text: &'a str,
}

/// What a payload says, by role; texts that are absent are empty.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    /// The best text for people.
    pub(super) message: Option<Ranked<'a>>,
    /// The best text of a member made for stack traces.
    pub(super) trace: Option<Ranked<'a>>,
    /// Level of the record itself (never of an error block inside it).
    pub(super) level: Option<Value<'a>>,
    /// Places: of a source object, of `labels`, of the payload's own members.
    pub(super) places: [Place<'a>; 3],
    pub(super) logger: &'a str,
    pub(super) user: &'a str,
    pub(super) connection: &'a str,
    pub(super) request: &'a str,
    pub(super) service: &'a str,
    /// `GET /path HTTP/1.1`.
    pub(super) http_line: &'a str,
    pub(super) http_status: Option<Value<'a>>,
    pub(super) kind: &'a str,
    pub(super) reason: &'a str,
    pub(super) details: &'a str,
    pub(super) involved: Option<Value<'a>>,
    /// Whether it is a Windows event.
    pub(super) windows: bool,
    /// Whether it is an audit record in the wrong field.
    pub(super) audit: bool,
}

/// A member that means something: what it is, the object it stands in, and its value.
pub(super) struct Member<'a> {
    pub(super) slot: Slot,
    pub(super) zone: Zone,
    pub(super) value: Value<'a>,
}

/// Reads the members of a payload once, and those of the objects known to hold a part of the record.
pub(super) fn scan(payload: Value<'_>) -> Said<'_> {
    let mut said = Said::default();
    members(payload, &mut |member| said.take(&member));
    said
}

/// The members of a payload that mean something. Which ones there are depends on its layout alone.
pub(super) fn members<'a>(payload: Value<'a>, found: &mut impl FnMut(Member<'a>)) {
    members_of(payload, Zone::Top, found);
}

fn members_of<'a>(object: Value<'a>, zone: Zone, found: &mut impl FnMut(Member<'a>)) {
    for (key, value) in object.members() {
        let Some(slot) = slot(key) else { continue };
        match slot.inside(zone).filter(|_| value.is_object()) {
            Some(inner) => members_of(value, inner, found),
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
    /// What hangs on such a member of an entry that has a message or an `httpRequest`; [`Said`] and its readers
    /// decide.
    pub(super) fn weight(self, zone: Zone) -> Weight {
        match self {
            Self::Involved | Self::EventId | Self::Audit => {
                if zone == Zone::Top {
                    Weight::Kind
                } else {
                    Weight::None
                }
            }
            // Access logs without a message are told apart by these, and events of Kubernetes, which are a kind.
            Self::HttpLine | Self::HttpStatus | Self::Kind | Self::Reason => Weight::None,
            Self::Message(_)
            | Self::Trace(_)
            | Self::User
            | Self::Connection
            | Self::Request
            | Self::Details
            | Self::Inside(_) => Weight::Text,
            Self::Name if zone == Zone::User => Weight::Text,
            _ => Weight::Standing,
        }
    }

    /// What the members of such a member are about, if it is an object in `zone` that holds a part of the record.
    fn inside(self, zone: Zone) -> Option<Zone> {
        match self {
            Self::Message(_) if zone == Zone::Top => Some(Zone::Record),
            Self::Trace(_) if zone != Zone::Error => Some(Zone::Error),
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

impl<'a> Said<'a> {
    /// Takes what a member says.
    pub(super) fn take(&mut self, member: &Member<'a>) {
        let Member { slot, zone, value } = *member;
        match slot {
            Slot::Level if matches!(zone, Zone::Top | Zone::Record) => {
                self.level = self.level.or(Some(value).filter(|level| !level.is_null() && !level.is_object()));
            }
            Slot::HttpStatus | Slot::Involved | Slot::EventId | Slot::Audit if zone == Zone::Top => {
                self.take_event(slot, value);
            }
            Slot::Line => {
                if let Some(place) = self.place(zone) {
                    fill(&mut place.line, line_text(value));
                }
            }
            _ => {
                if let Some(text) = value.as_str() {
                    self.take_text(slot, zone, text);
                }
            }
        }
    }

    /// A text where others write an object.
    fn take_inside(&mut self, inner: Zone, text: &'a str, zone: Zone) {
        match inner {
            Zone::Error => {
                offer(&mut self.trace, 12, text);
                self.offer_message(13, text, zone);
            }
            Zone::Record => self.offer_message(14, text, zone),
            Zone::User => fill(&mut self.user, text),
            _ => {}
        }
    }

    fn take_event(&mut self, slot: Slot, value: Value<'a>) {
        match slot {
            Slot::HttpStatus => self.http_status = self.http_status.or(Some(value)),
            Slot::Involved => self.involved = Some(value),
            Slot::EventId => self.windows = true,
            _ => self.audit = true,
        }
    }

    /// Takes what a member says that is a text.
    pub(super) fn take_text(&mut self, slot: Slot, zone: Zone, text: &'a str) {
        match slot {
            Slot::Inside(inner) => self.take_inside(inner, text, zone),
            Slot::Message(rank) => self.offer_message(rank, text, zone),
            Slot::Trace(rank) => offer(&mut self.trace, rank + u8::from(zone != Zone::Top) * 8, text),
            // Elsewhere it is the method of a request.
            Slot::Method if matches!(zone, Zone::Source | Zone::Labels) => self.take_place(Slot::Function, text, zone),
            Slot::Module | Slot::File | Slot::Function | Slot::Caller => self.take_place(slot, text, zone),
            Slot::Logger => fill(&mut self.logger, text),
            Slot::Name => match zone {
                Zone::Context | Zone::Record => fill(&mut self.logger, text),
                Zone::User => fill(&mut self.user, text),
                Zone::Top if !text.contains(' ') => fill(&mut self.logger, text),
                _ => {}
            },
            Slot::User => fill(&mut self.user, text),
            Slot::Connection => fill(&mut self.connection, text),
            Slot::Request => fill(&mut self.request, text),
            Slot::Service if zone != Zone::Context => fill(&mut self.service, text),
            Slot::HttpLine if zone == Zone::Top => fill(&mut self.http_line, text),
            Slot::Kind if zone == Zone::Top => fill(&mut self.kind, text),
            Slot::Reason if zone == Zone::Top => fill(&mut self.reason, text),
            Slot::Details if zone == Zone::Top => fill(&mut self.details, text),
            _ => {}
        }
    }

    fn take_place(&mut self, slot: Slot, text: &'a str, zone: Zone) {
        let Some(place) = self.place(zone) else { return };
        match slot {
            Slot::Module => place.module = text,
            Slot::File => fill(&mut place.module, text),
            Slot::Function => fill(&mut place.function, text),
            _ => {
                let (file, line) = text.rsplit_once(':').unwrap_or((text, ""));
                fill(&mut place.module, file);
                fill(&mut place.line, line);
            }
        }
    }

    fn place(&mut self, zone: Zone) -> Option<&mut Place<'a>> {
        let index = match zone {
            Zone::Source => 0,
            Zone::Labels | Zone::Context => 1,
            Zone::Top | Zone::Record => 2,
            Zone::Error | Zone::User | Zone::Service => return None,
        };
        self.places.get_mut(index)
    }

    fn offer_message(&mut self, rank: u8, text: &'a str, zone: Zone) {
        let behind = match zone {
            Zone::Top => 0,
            Zone::Record => 4,
            Zone::Error => 16,
            // A description of a label or a context is not what the entry says.
            Zone::Labels | Zone::Context | Zone::Source | Zone::User | Zone::Service => return,
        };
        offer(&mut self.message, rank + behind, text);
    }
}

fn fill<'a>(slot: &mut &'a str, text: &'a str) {
    if slot.is_empty() {
        *slot = text;
    }
}

fn offer<'a>(slot: &mut Option<Ranked<'a>>, rank: u8, text: &'a str) {
    if slot.is_none_or(|best| rank < best.rank) && !text.trim_ascii().is_empty() {
        *slot = Some(Ranked { rank, text });
    }
}

/// The message of a text that is one JSON object as a whole, as loggers print it where nobody parses it.
pub(super) fn inside_json(text: &str) -> Option<Cow<'_, str>> {
    if !text.starts_with('{') || !text.ends_with('}') {
        return None;
    }
    for key in ["\"message\"", "\"msg\"", "\"event\""] {
        let Some((_, rest)) = text.split_once(key) else { continue };
        let Some(value) = rest.trim_start().strip_prefix(':').map(str::trim_start) else { continue };
        let Some(value) = value.strip_prefix('"') else { continue };
        let (plain, _) = value.split_once('"')?;
        if plain.trim().is_empty() {
            continue;
        }
        if !plain.contains('\\') {
            return Some(Cow::Borrowed(plain));
        }
        let quoted = rest.trim_start().strip_prefix(':')?;
        let text = serde_json::Deserializer::from_str(quoted).into_iter::<String>().next()?.ok()?;
        return (!text.trim().is_empty()).then_some(Cow::Owned(text));
    }
    None
}
