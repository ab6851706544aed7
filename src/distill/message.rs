//! A JSON payload in, what it says by role out, in one scan over its members.

use std::borrow::Cow;

use crate::model::Value;

use super::access::{self, Access};
use super::member::{Member, OF_ERROR, Slot, Zone, members};
use super::place::{Place, line_text};
use super::reading::Endpoint;
use super::{trace, words};

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
    /// A list of the lines of a stack trace, or an exception or its frames as objects.
    pub(super) thrown: Option<Value<'a>>,
    /// What an error block calls the error, and what it says of it.
    pub(super) error: [&'a str; 2],
    /// What stands for the error in an error block that says no more: `ECONNREFUSED`.
    code: &'a str,
    /// Level of the record itself (never of an error block inside it).
    pub(super) level: Option<Value<'a>>,
    /// Places: of a source object, of `labels`, of the payload's own members.
    places: [Place<'a>; 3],
    /// The class that speaks, where its thread is called `module`.
    class: &'a str,
    pub(super) logger: &'a str,
    pub(super) user: &'a str,
    pub(super) connection: &'a str,
    pub(super) request: &'a str,
    pub(super) service: &'a str,
    pub(super) access: Access<'a>,
    pub(super) kind: &'a str,
    pub(super) reason: &'a str,
    pub(super) details: &'a str,
    pub(super) involved: Option<Value<'a>>,
    /// Whether what was asked for, and the answer, are told together.
    exchanged: [bool; 2],
    /// Whether it is a Windows event.
    pub(super) windows: bool,
    /// Whether it is an audit record in the wrong field.
    pub(super) audit: bool,
}

/// The rank up to which a text is an exception, with or without its trace.
const OF_EXCEPTIONS: u8 = 2;

/// The rank of a text that others print for people, the trace included: all else is better.
const OF_PRINTED: u8 = 64;

/// Reads the members of a payload once, and those of the objects known to hold a part of the record.
pub(super) fn scan(payload: Value<'_>) -> Said<'_> {
    let mut said = Said::default();
    members(payload, &mut |member| said.take(&member));
    said
}

impl<'a> Said<'a> {
    /// Takes what a member says.
    pub(super) fn take(&mut self, member: &Member<'a>) {
        let Member { slot, zone, value } = *member;
        match slot {
            Slot::Name if zone == Zone::Level => self.level = self.level.or(Some(value)),
            Slot::Level if matches!(zone, Zone::Top | Zone::Record) => {
                let stated = Some(value).filter(|level| !level.is_null() && !level.is_object());
                // What a number means, its name tells.
                let named = stated.is_some_and(|level| level.as_str().is_some_and(|name| !name.is_empty()));
                let numbered = self.level.is_some_and(|level| level.as_str().is_none());
                self.level = if named && numbered { stated } else { self.level.or(stated) };
            }
            Slot::Involved | Slot::EventId | Slot::Audit if zone == Zone::Top => self.take_event(slot, value),
            Slot::HttpLine | Slot::HttpStatus | Slot::Method | Slot::Url | Slot::Answer(_) | Slot::Took(_)
                if zone == Zone::Top =>
            {
                self.access.take(slot, value);
            }
            Slot::Method | Slot::Url if zone == Zone::Asked => self.take_exchanged(0, slot, value),
            Slot::Answer(_) if zone == Zone::Answered => self.take_exchanged(1, slot, value),
            Slot::Initial if zone == Zone::Top => {
                // Anything may be called `s`.
                let is_level = |text: &str| matches!(text, "F" | "E" | "W" | "I");
                self.level = self.level.or(Some(value).filter(|value| value.as_str().is_some_and(is_level)));
            }
            Slot::Line => {
                if let Some(place) = self.place(zone) {
                    fill(&mut place.line, line_text(value));
                }
            }
            Slot::Errors if matches!(zone, Zone::Top | Zone::Record) => {
                // The others are counted by the entry as well, but have no room.
                let first = value.elements().next();
                let said = first.and_then(|first| first.as_str().or_else(|| first.text("message")));
                let [_, says] = &mut self.error;
                fill(says, said.unwrap_or_default());
            }
            Slot::Thrown => self.thrown = self.thrown.or(Some(value)),
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
                let [_, says] = &mut self.error;
                fill(says, text);
                offer(&mut self.trace, 12, text);
                self.offer_message(13, text, zone);
            }
            Zone::Record => self.offer_message(14, text, zone),
            Zone::User => fill(&mut self.user, text),
            Zone::Source if zone == Zone::Top && is_class(text) => fill(&mut self.class, text),
            _ => {}
        }
    }

    fn take_exchanged(&mut self, side: usize, slot: Slot, value: Value<'a>) {
        self.access.take(slot, value);
        if let Some(told) = self.exchanged.get_mut(side) {
            *told = true;
        }
    }

    fn take_event(&mut self, slot: Slot, value: Value<'a>) {
        match slot {
            Slot::Involved => self.involved = Some(value),
            Slot::EventId => self.windows = true,
            _ => self.audit = true,
        }
    }

    /// Takes what a member says that is a text.
    pub(super) fn take_text(&mut self, slot: Slot, zone: Zone, text: &'a str) {
        match slot {
            Slot::Inside(inner) => self.take_inside(inner, text, zone),
            Slot::Message(rank) => {
                if zone == Zone::Error || rank == OF_ERROR {
                    let [_, says] = &mut self.error;
                    fill(says, text);
                }
                self.offer_message(rank, text, zone);
            }
            Slot::Text => {
                if matches!(zone, Zone::Top | Zone::Record) {
                    offer(&mut self.trace, OF_PRINTED, text);
                }
                self.offer_message(4, text, zone);
            }
            Slot::Trace(rank) => offer(&mut self.trace, rank + u8::from(zone != Zone::Top) * 8, text),
            // Elsewhere it is the method of a request.
            Slot::Method if matches!(zone, Zone::Source | Zone::Labels) => self.take_place(Slot::Function, text, zone),
            Slot::Module | Slot::File | Slot::Function | Slot::Caller => self.take_place(slot, text, zone),
            Slot::Class if zone == Zone::Top => fill(&mut self.class, text),
            Slot::Logger => fill(&mut self.logger, text),
            Slot::Name => match zone {
                Zone::Context | Zone::Record => fill(&mut self.logger, text),
                Zone::User => fill(&mut self.user, text),
                Zone::Top if !text.contains(' ') => fill(&mut self.logger, text),
                Zone::Error => {
                    let [name, _] = &mut self.error;
                    fill(name, text);
                }
                _ => {}
            },
            Slot::Type if zone != Zone::Error => {}
            Slot::Type | Slot::ErrorType => {
                let [name, _] = &mut self.error;
                fill(name, text);
            }
            Slot::HttpStatus if zone == Zone::Error => fill(&mut self.code, text),
            Slot::User => fill(&mut self.user, text),
            Slot::Connection => fill(&mut self.connection, text),
            Slot::Request => fill(&mut self.request, text),
            Slot::Service if zone != Zone::Context => fill(&mut self.service, text),
            Slot::Kind if zone == Zone::Top => fill(&mut self.kind, text),
            Slot::Reason if zone == Zone::Top => fill(&mut self.reason, text),
            Slot::Details if zone == Zone::Top => fill(&mut self.details, access::details(text)),
            _ => {}
        }
    }

    fn take_place(&mut self, slot: Slot, text: &'a str, zone: Zone) {
        let Some(place) = self.place(zone) else { return };
        match slot {
            Slot::Module => place.module = text,
            Slot::File => match text.rsplit_once(':') {
                Some((file, line)) if !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()) => {
                    fill(&mut place.module, file);
                    fill(&mut place.line, line);
                }
                _ => fill(&mut place.module, text),
            },
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
            _ => return None,
        };
        self.places.get_mut(index)
    }

    /// The places, the likeliest first: the ops agent calls the thread of Java programs `module`, beside their class.
    pub(super) fn places(&self) -> [Place<'a>; 3] {
        let [source, labels, mut own] = self.places;
        if !own.module.is_empty() && !self.class.is_empty() {
            own.module = self.class;
        }
        [source, labels, own]
    }

    /// The request that a message tells, where it is the line of an access log and nothing else is said of an error.
    pub(super) fn access_line(&self, message: &'a str) -> Option<Endpoint<'a>> {
        let [kind, says] = self.error;
        let is_plain = kind.is_empty() && says.is_empty() && self.involved.is_none();
        if is_plain { access::of_line(message) } else { None }
    }

    /// Whether something is said of an error.
    pub(super) fn tells_an_error(&self) -> bool {
        self.trace.is_some() || self.error.iter().any(|said| !said.is_empty())
    }

    /// The request that ended with this entry, where a server tells what was asked for and the answer; and whether an error
    /// beside it says no more than that it failed.
    pub(super) fn exchange(&self) -> Option<(Endpoint<'a>, bool)> {
        let [_, says] = self.error;
        let told = if self.exchanged == [true; 2] { self.access.request() } else { None };
        told.map(|told| (told, says.is_empty() || says.starts_with("failed with status code ")))
    }

    /// A message with what another member says of the error: `Query failed` and `connection refused` are one text, as
    /// loggers write them that know no members. What one of the two repeats of the other is said once.
    pub(super) fn with_error(&self, message: Cow<'a, str>) -> Cow<'a, str> {
        let [kind, says] = self.error.map(str::trim);
        // An exception without a trace.
        let thrown = self.trace.filter(|trace| says.is_empty() && trace.rank <= OF_EXCEPTIONS);
        let says = thrown.map_or(says, |trace| trace.text.trim().lines().next().unwrap_or_default());
        // Node's errors have a code alone where a logger lists their members.
        let is_silent = !words::names_an_error(kind) && !words::tells_an_error(says);
        with_error(message, if is_silent { self.code } else { kind }, says)
    }

    /// The first line of a message that stands before a stack trace, with what another member says of the error where the
    /// trace does not: loggers of Go write a trace of calls alone beside it. Empty if the trace says it all.
    pub(super) fn before_trace(&self, message: &'a str, trace: &str) -> Cow<'a, str> {
        let first_line = |text: &'a str| text.trim().lines().next().unwrap_or_default();
        let (message, [kind, says]) = (first_line(message), self.error.map(first_line));
        // Line breaks may be written out.
        let says = says.split("\\n").next().unwrap_or_default();
        // An error that names its type has a trace that names it too.
        if kind.is_empty() && !trace::repeats(trace, says) {
            return with_error(Cow::Borrowed(message), "", says);
        }
        Cow::Borrowed(if trace::repeats(trace, message) { "" } else { message })
    }

    fn offer_message(&mut self, rank: u8, text: &'a str, zone: Zone) {
        let behind = match zone {
            Zone::Top => 0,
            Zone::Record => 3,
            Zone::Error => 16,
            // A description of a label or a context is not what the entry says.
            _ => return,
        };
        offer(&mut self.message, rank + behind, text);
    }
}

/// `org.apache.catalina.core.StandardService`, `master.HMaster`.
fn is_class(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$'));
    plain && text.split('.').skip(1).any(|segment| segment.starts_with(|letter: char| letter.is_ascii_uppercase()))
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

/// A message with what its error is and says, each of which is said once.
pub(super) fn with_error<'a>(message: Cow<'a, str>, kind: &'a str, says: &'a str) -> Cow<'a, str> {
    let (named, told) = (words::names_an_error(kind) && !says.contains(kind), words::tells_an_error(says));
    let said = if told { trace::repeats(&message, says) } else { message.contains(kind) };
    if said && !(named && *message == *says) || !told && !named {
        return message;
    }
    let error = match (named, told) {
        (true, true) => Cow::Owned(format!("{kind}: {says}")),
        (_, true) => Cow::Borrowed(says),
        _ => Cow::Borrowed(kind),
    };
    match message.trim_end_matches([' ', '.', ':']) {
        message if says.contains(message) => error,
        message => Cow::Owned(format!("{message}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_beside_a_message_is_said_with_it_once() {
        for (message, kind, says, expected) in [
            ("Query failed", "", "pq: refused", "Query failed: pq: refused"),
            ("Query failed.", "TimeoutError", "took 3 s", "Query failed: TimeoutError: took 3 s"),
            ("Query failed", "TimeoutError", "TimeoutError: took 3 s", "Query failed: TimeoutError: took 3 s"),
            ("Query failed", "*pq.Error", "refused", "Query failed: refused"),
            ("Query failed", "invalid_request", "", "Query failed: invalid_request"),
            ("Query failed: invalid_request", "invalid_request", "", "Query failed: invalid_request"),
            ("Query failed: refused", "E", "refused", "Query failed: refused"),
            ("Query failed", "", "Query failed: refused", "Query failed: refused"),
            ("refused", "NetError", "refused", "NetError: refused"),
            ("refused", "str", "refused", "refused"),
            ("ready", "", "", "ready"),
            ("ready", "", "<nil>", "ready"),
            ("ready", "Error", "None", "ready"),
            ("ready", "", "0", "ready"),
            ("...", "", "refused", "refused"),
        ] {
            assert_eq!(with_error(Cow::Borrowed(message), kind, says), expected, "{message} {kind} {says}");
        }
    }
}
