//! A field and an entry in, the values that stand there out, each with the type it is compared as.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::SignedDuration;

use super::fields::{Field, Key, Kind};
use super::functions::{decimal, duration, truth};
use crate::model::{LogEntry, Number, Payload, Severity, Timestamp, Value};

/// Lists within lists deeper than this are not looked into; no export nests so deep.
const DEEPEST: usize = 512;

/// One value of an entry, typed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf<'a> {
    Text(&'a str),
    Number(Number),
    Bool(bool),
    Time(Timestamp),
    Duration(SignedDuration),
    Severity(Severity),
    Null,
    /// What a field of LogEntry's cannot hold: it is there, and nothing can be said of it.
    Unreadable,
    /// An object.
    Tree(Value<'a>),
}

impl<'a> Leaf<'a> {
    /// A value of a payload, by its JSON type alone.
    fn dynamic(value: Value<'a>) -> Self {
        match (value.as_str(), value.as_number(), value.as_bool()) {
            (Some(text), ..) => Self::Text(text),
            (_, Some(number), _) => Self::Number(number),
            (_, _, Some(truth)) => Self::Bool(truth),
            _ if value.is_null() => Self::Null,
            _ => Self::Tree(value),
        }
    }

    /// A value of a field of LogEntry's, by the type given there; `None` if it is no such thing.
    fn typed(value: Value<'a>, kind: Kind) -> Option<Self> {
        match kind {
            Kind::Integer => match value.as_str() {
                Some(text) => text.parse().map(Number::Signed).ok().or_else(|| decimal(text).map(Number::Float)),
                None => value.as_number(),
            }
            .map(Self::Number),
            Kind::Bool => value.as_bool().or_else(|| truth(value.as_str()?)).map(Self::Bool),
            Kind::Time => value.as_str().and_then(Timestamp::parse).map(Self::Time),
            Kind::Duration => span(value).map(Self::Duration),
            _ => Some(Self::dynamic(value)),
        }
    }

    /// What a field of this kind is compared as where an entry lacks it.
    pub(super) fn default_of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Text => Some(Self::Text("")),
            Kind::Integer => Some(Self::Number(Number::Signed(0))),
            Kind::Bool => Some(Self::Bool(false)),
            Kind::Duration => Some(Self::Duration(SignedDuration::ZERO)),
            Kind::Severity => Some(Self::Severity(Severity::Default)),
            _ => None,
        }
    }

    /// The value as text.
    pub(super) fn to_text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => with_digits(number, |text| Cow::Owned(text.to_owned())),
            Self::Bool(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
            Self::Time(time) => Cow::Owned(time.to_string()),
            Self::Duration(duration) => Cow::Owned(format!("{}s", duration.as_secs_f64())),
            Self::Severity(severity) => Cow::Borrowed(severity.name()),
            Self::Null => Cow::Borrowed("null"),
            Self::Unreadable => Cow::Borrowed(""),
            Self::Tree(value) => Cow::Owned(value.to_json().to_string()),
        }
    }

    /// Hands over every text in the value: itself, or all that an object holds.
    pub(super) fn texts(self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Text(text) => visit(text),
            Self::Tree(value) => each_text(value, visit),
            Self::Null | Self::Unreadable => {}
            other => visit(&other.to_text()),
        }
    }
}

/// A duration of an entry: text with its unit, a bare number of seconds, or seconds and nanoseconds apart.
fn span(value: Value<'_>) -> Option<SignedDuration> {
    let number = |value: Value<'_>| value.as_number().map(Number::as_f64).or_else(|| decimal(value.as_str()?));
    if value.is_object() {
        let part = |name: &str| value.get(name).map(|part| number(part).ok_or(()));
        let (seconds, nanos) = match (part("seconds"), part("nanos")) {
            (None, None) => return None,
            (seconds, nanos) => (seconds.unwrap_or(Ok(0.0)).ok()?, nanos.unwrap_or(Ok(0.0)).ok()?),
        };
        let seconds = SignedDuration::try_from_secs_f64(seconds).ok()?;
        return seconds.checked_add(SignedDuration::try_from_secs_f64(nanos / 1e9).ok()?);
    }
    let with_unit = value.as_str().and_then(duration);
    with_unit.or_else(|| SignedDuration::try_from_secs_f64(number(value)?).ok())
}

/// Hands over every text, number and truth value below `value`, as text; keys are not values.
pub(super) fn each_text(value: Value<'_>, visit: &mut dyn FnMut(&str)) {
    any_text(value, 0, &mut |text| {
        visit(text);
        false
    });
}

/// Whether `accept` holds for one of the texts, numbers or truth values below `value`.
pub(super) fn any_text(value: Value<'_>, depth: usize, accept: &mut dyn FnMut(&str) -> bool) -> bool {
    if let Some(text) = value.as_str() {
        return accept(text);
    }
    if value.is_object() {
        return depth < DEEPEST && value.members().any(|(_, member)| any_text(member, depth + 1, accept));
    }
    if value.is_array() {
        return depth < DEEPEST && value.elements().any(|element| any_text(element, depth + 1, accept));
    }
    match (value.as_number(), value.as_bool()) {
        (Some(number), _) => with_digits(number, accept),
        (_, Some(truth)) => accept(if truth { "true" } else { "false" }),
        _ => false,
    }
}

/// Room for the digits of any number, so that searching numbers allocates nothing.
struct Digits {
    bytes: [u8; 400],
    length: usize,
}

impl std::fmt::Write for Digits {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = self.bytes.get_mut(self.length..self.length + text.len()).ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

fn with_digits<R>(number: Number, look: impl FnOnce(&str) -> R) -> R {
    let mut digits = Digits { bytes: [0; 400], length: 0 };
    let _ = match number {
        Number::Signed(number) => write!(digits, "{number}"),
        Number::Unsigned(number) => write!(digits, "{number}"),
        Number::Float(number) => write!(digits, "{number}"),
    };
    look(digits.bytes.get(..digits.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default())
}

impl Field {
    /// Whether `accept` holds for one of the field's values in `entry`, its default included where it has one.
    pub(super) fn any(&self, entry: &LogEntry<'_>, accept: &mut dyn FnMut(Leaf<'_>) -> bool) -> bool {
        let mut met = false;
        let kind = self.kind;
        let found = self.each(entry, &mut |leaf| {
            met = true;
            accept(leaf)
        });
        found || (!met && Leaf::default_of(kind).is_some_and(accept))
    }

    /// Whether the entry really has the field.
    pub(super) fn is_present(&self, entry: &LogEntry<'_>) -> bool {
        match self.root {
            "severity" => entry.severity != Severity::Default || record_has(entry, &["severity"]),
            "timestamp" => entry.timestamp.is_some(),
            "receiveTimestamp" => entry.received.and_then(Value::as_time).is_some(),
            _ => match start(self, entry) {
                Start::Text(text) => !text.is_empty(),
                Start::Payload(_) => true,
                Start::Value(value, keys) => has_path(value, keys, self, 0),
                Start::Nothing => false,
            },
        }
    }

    fn each(&self, entry: &LogEntry<'_>, accept: &mut dyn FnMut(Leaf<'_>) -> bool) -> bool {
        match self.root {
            "severity" => accept(Leaf::Severity(entry.severity)),
            "timestamp" => entry.timestamp.is_some_and(|time| accept(Leaf::Time(time))),
            "receiveTimestamp" => entry.received.and_then(Value::as_time).is_some_and(|time| accept(Leaf::Time(time))),
            _ => match start(self, entry) {
                Start::Text("") | Start::Nothing => false,
                Start::Text(text) | Start::Payload(text) => accept(Leaf::Text(text)),
                Start::Value(value, keys) => walk(value, keys, &mut Walk { kind: self.kind, accept }, 0),
            },
        }
    }

    fn is_loose(&self) -> bool {
        self.kind == Kind::Proto
    }

    /// Whether null says something there: in payloads and for labels it does, a field of LogEntry's is unset by it.
    fn may_be_null(&self) -> bool {
        match self.kind {
            Kind::Payload | Kind::Proto => true,
            Kind::Map => !self.keys.is_empty(),
            _ => false,
        }
    }
}

fn record_has(entry: &LogEntry<'_>, path: &[&str]) -> bool {
    entry.record.at(path).is_some_and(|value| !value.is_null())
}

/// Where the way to a value begins.
enum Start<'e, 'k> {
    /// A text of the model, empty where the entry has none.
    Text(&'e str),
    /// The text payload.
    Payload(&'e str),
    /// A value and the keys to go from there.
    Value(Value<'e>, &'k [Key]),
    Nothing,
}

/// The model's own fields come first; what it does not name is read from the record.
fn start<'e, 'k>(field: &'k Field, entry: &LogEntry<'e>) -> Start<'e, 'k> {
    let keys = field.keys.as_slice();
    let value = match field.root {
        "logName" => return Start::Text(entry.log_name),
        "insertId" => return Start::Text(entry.insert_id),
        "trace" => return Start::Text(entry.trace),
        "spanId" => return Start::Text(entry.span_id),
        "textPayload" => {
            let Payload::Text(text) = entry.payload else { return Start::Nothing };
            return Start::Payload(text);
        }
        "jsonPayload" => match entry.payload {
            Payload::Json(value) => Some(value),
            _ => None,
        },
        "protoPayload" => match entry.payload {
            Payload::Proto(value) => Some(value),
            _ => None,
        },
        "resource" => match keys.split_first() {
            Some((first, _)) if first.name == "type" => return Start::Text(entry.resource_type),
            Some((_, rest)) => {
                return entry.resource_labels.map_or(Start::Nothing, |labels| Start::Value(labels, rest));
            }
            None => entry.record.get("resource").or(entry.resource_labels),
        },
        "labels" => entry.labels,
        "httpRequest" => entry.http_request,
        "operation" => entry.operation,
        "sourceLocation" => entry.source_location,
        "split" => entry.split,
        "errorGroups" => entry.error_groups,
        "traceSampled" => {
            ["traceSampled", "trace_sampled", "tracesampled"].into_iter().find_map(|name| entry.record.get(name))
        }
        other => entry.record.get(other),
    };
    value.map_or(Start::Nothing, |value| Start::Value(value, keys))
}

/// What a walk looks for at the end of its path.
struct Walk<'t> {
    kind: Kind,
    accept: &'t mut dyn FnMut(Leaf<'_>) -> bool,
}

/// Goes down `keys` from `value`, into every element of lists on the way.
fn walk(value: Value<'_>, keys: &[Key], goal: &mut Walk<'_>, depth: usize) -> bool {
    if value.is_array() {
        return depth < DEEPEST && value.elements().any(|element| walk(element, keys, goal, depth + 1));
    }
    let Some((key, rest)) = keys.split_first() else {
        // gcloud writes null where a field of LogEntry is unset.
        let unset = value.is_null() && Leaf::default_of(goal.kind).is_some();
        return match Leaf::typed(value, goal.kind) {
            Some(leaf) => !unset && (goal.accept)(leaf),
            None => !value.is_null() && (goal.accept)(Leaf::Unreadable),
        };
    };
    let loose = goal.kind == Kind::Proto;
    if let Some(next) = step(value, key, loose) {
        return walk(next, rest, goal, depth);
    }
    wrapped(value, loose).is_some_and(|inner| depth < DEEPEST && walk(inner, keys, goal, depth + 1))
}

/// Whether something stands at the end of the path; null only where it says something.
fn has_path(value: Value<'_>, keys: &[Key], field: &Field, depth: usize) -> bool {
    let Some((key, rest)) = keys.split_first() else { return field.may_be_null() || !value.is_null() };
    if value.is_array() {
        return depth < DEEPEST && value.elements().any(|element| has_path(element, keys, field, depth + 1));
    }
    if let Some(next) = step(value, key, field.is_loose()) {
        return has_path(next, rest, field, depth);
    }
    let inner = wrapped(value, field.is_loose());
    inner.is_some_and(|inner| depth < DEEPEST && has_path(inner, keys, field, depth + 1))
}

/// The member called `key`: as written first, then in its other spellings, then (audit payloads) in any letter case.
fn step<'a>(value: Value<'a>, key: &Key, loose: bool) -> Option<Value<'a>> {
    let found = value.get(&key.name).or_else(|| key.twins.iter().find_map(|twin| value.get(twin)));
    if found.is_some() || !loose {
        return found;
    }
    value.members().filter(|(name, _)| is_same_name(name, &key.name)).last().map(|(_, member)| member)
}

/// Equal but for letter case and underscores.
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
    }
    letters(one).eq(letters(other))
}

/// The `value` of an `Any`, which paths skip.
fn wrapped(value: Value<'_>, loose: bool) -> Option<Value<'_>> {
    if loose { value.get("@type").and_then(|_| value.get("value")) } else { None }
}
