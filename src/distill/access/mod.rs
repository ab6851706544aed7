//! What an access log says in, the request that it tells out: here members of a record, a line `GET /path HTTP/1.1` or its
//! parts as Envoy, nginx and frameworks name them; lines as they are printed in `line`.

mod line;

use std::time::Duration;

use crate::model::{Number, Value};

use super::member::Slot;
use super::reading::Endpoint;
use super::route::route;

pub(super) use line::request as of_line;

/// What a member says that tells how long a request took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Millis,
    /// Written behind the number: `1.5s`, `20ms`.
    Written,
    /// That of the program which names the status so; of others nobody knows.
    Unknown,
}

/// What an access log says of a request, in the words of the log.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Access<'a> {
    /// `GET /path HTTP/1.1`.
    line: &'a str,
    method: &'a str,
    url: &'a str,
    /// From a member that anything may have, such as `status`.
    state: Option<Value<'a>>,
    /// From a member that answers alone have, and the unit that goes with its name.
    answer: Option<(Value<'a>, Unit)>,
    took: Option<(Value<'a>, Unit)>,
}

impl<'a> Access<'a> {
    /// Takes a member, if it is one of those.
    pub(super) fn take(&mut self, slot: Slot, value: Value<'a>) {
        let fill = |text: &mut &'a str| {
            if text.is_empty() {
                *text = value.as_str().unwrap_or_default();
            }
        };
        match slot {
            Slot::HttpLine => fill(&mut self.line),
            Slot::Method => fill(&mut self.method),
            Slot::Url => fill(&mut self.url),
            Slot::HttpStatus => self.state = self.state.or(Some(value)),
            Slot::Answer(unit) => self.answer = self.answer.or(Some((value, unit))),
            Slot::Took(unit) => self.took = self.took.or(Some((value, unit))),
            _ => {}
        }
    }

    /// The request; `None` where it takes a guess.
    pub(super) fn request(&self) -> Option<Endpoint<'a>> {
        let status = || self.answer.map(|(value, _)| value).or(self.state).and_then(whole);
        // A line is a request by itself, its parts are with each other. With a host they may be one that was made elsewhere.
        let (method, url, status) = match self.line.split_once(' ') {
            Some((method, rest)) => (method, rest.split(' ').next()?, status().unwrap_or_default()),
            None if self.url.starts_with('/') => {
                (self.method, self.url, status().filter(|status| (100..600).contains(status))?)
            }
            None => return None,
        };
        (is_method(method) && (url.starts_with('/') || url.contains("://"))).then(|| Endpoint {
            method,
            route: route(url),
            status,
            latency_nanos: self.latency(),
            user_agent: "",
        })
    }

    fn latency(&self) -> Option<u64> {
        let (value, unit) = self.took?;
        let of_answer = self.answer.map(|(_, unit)| unit).filter(|_| unit == Unit::Unknown);
        match of_answer.unwrap_or(unit) {
            Unit::Seconds => nanos(number(value)?),
            Unit::Millis => nanos(number(value)? / 1e3),
            Unit::Written => nanos(written(value.as_str()?)?),
            Unit::Unknown => None,
        }
    }
}

fn is_method(word: &str) -> bool {
    (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn whole(value: Value<'_>) -> Option<u64> {
    value.as_lenient_i64().and_then(|number| u64::try_from(number).ok())
}

fn number(value: Value<'_>) -> Option<f64> {
    match value.as_str() {
        Some(text) => text.parse().ok(),
        None => value.as_number().map(Number::as_f64),
    }
}

/// Seconds, of a number with its unit behind it.
fn written(text: &str) -> Option<f64> {
    let (digits, unit) = text.split_at(text.find(|letter: char| !matches!(letter, '0'..='9' | '.'))?);
    let scale = match unit.trim() {
        "s" => 1.0,
        "ms" => 1e3,
        "µs" | "μs" | "us" => 1e6,
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? / scale)
}

fn nanos(seconds: f64) -> Option<u64> {
    u64::try_from(Duration::try_from_secs_f64(seconds).ok()?.as_nanos()).ok()
}

/// What Envoy says of how an answer came about, without what it puts in braces; empty if the answer is that of the service.
pub(super) fn details(text: &str) -> &str {
    let text = text.split('{').next().unwrap_or_default();
    if text == "via_upstream" { "" } else { text }
}
