//! An HTTP request in, its method, its route with ids masked, its status and latency out.

use std::borrow::Cow;
use std::fmt::Write as _;

use simd_json::Node;

use crate::model::Value;

use super::reading::Endpoint;
use super::route::route;

/// A member of an `httpRequest` object that is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Method,
    Url,
    Status,
    Latency,
    /// Of a latency that is an object.
    LatencySeconds,
    LatencyNanos,
    UserAgent,
}

/// The members of an `httpRequest` object that are read.
pub(super) fn parts(request: Value<'_>) -> impl Iterator<Item = (Part, Value<'_>)> {
    request.members().flat_map(|(key, value)| {
        let part = match key {
            "requestMethod" | "request_method" | "method" => Part::Method,
            "requestUrl" | "request_url" | "url" => Part::Url,
            "status" => Part::Status,
            "latency" if value.is_object() => {
                let member = |part, name| value.get(name).map(|value| (part, value));
                return [member(Part::LatencySeconds, "seconds"), member(Part::LatencyNanos, "nanos")]
                    .into_iter()
                    .flatten();
            }
            "latency" => Part::Latency,
            "userAgent" | "user_agent" => Part::UserAgent,
            _ => return [None, None].into_iter().flatten(),
        };
        [Some((part, value)), None].into_iter().flatten()
    })
}

/// Reads an `httpRequest` object; `None` if it says nothing.
pub(super) fn of_object(request: Value<'_>) -> Option<Endpoint<'_>> {
    endpoint(parts(request).map(|(part, value)| (part, value.head())))
}

/// Reads an `httpRequest` by its parts; `None` if it says nothing, or no more than a status: what was asked is told by the
/// payload then, as Cloud Scheduler and App Engine do.
pub(super) fn endpoint<'a>(parts: impl Iterator<Item = (Part, Node<'a>)>) -> Option<Endpoint<'a>> {
    let mut endpoint =
        Endpoint { method: "", route: Cow::Borrowed(""), status: 0, latency_nanos: None, user_agent: "" };
    let mut url = None;
    for (part, node) in parts {
        let text = if let Node::String(text) = node { Some(text) } else { None };
        match part {
            Part::Method => endpoint.method = text.unwrap_or_default(),
            Part::Url => url = text,
            Part::Status => endpoint.status = whole(Value::new(&[node])).unwrap_or_default(),
            Part::Latency => endpoint.latency_nanos = text.map_or_else(|| seconds_nanos(node), duration_nanos),
            Part::LatencySeconds | Part::LatencyNanos => {
                let unit = if matches!(part, Part::LatencySeconds) { 1_000_000_000 } else { 1 };
                let more = whole(Value::new(&[node])).and_then(|number| number.checked_mul(unit));
                let sum = more.and_then(|more| endpoint.latency_nanos.unwrap_or_default().checked_add(more));
                endpoint.latency_nanos = sum.or(endpoint.latency_nanos);
            }
            Part::UserAgent => endpoint.user_agent = text.unwrap_or_default(),
        }
    }
    if endpoint.method.is_empty() && url.is_none() {
        return None;
    }
    let url = url.unwrap_or_default();
    if url.starts_with("ws://") || url.starts_with("wss://") {
        // How long a socket was open says nothing of how long anybody waited.
        endpoint.latency_nanos = None;
    }
    endpoint.route = route(url);
    Some(endpoint)
}

fn whole(value: Value<'_>) -> Option<u64> {
    value.as_lenient_i64().and_then(|number| u64::try_from(number).ok())
}

/// `METHOD route class`, the finished pattern of a request.
pub(super) fn pattern(endpoint: &Endpoint<'_>, details: &str) -> String {
    let mut text = String::with_capacity(endpoint.method.len() + endpoint.route.len() + details.len() + 12);
    for word in [endpoint.method, &endpoint.route] {
        if !word.is_empty() {
            text.push_str(word);
            text.push(' ');
        }
    }
    match endpoint.status {
        0 => text.push_str("no status"),
        100..=199 => text.push_str("1xx"),
        200..=299 => text.push_str("2xx"),
        300..=399 => text.push_str("3xx"),
        400..=499 => text.push_str("4xx"),
        500..=599 => text.push_str("5xx"),
        status => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{status}");
        }
    }
    if !details.is_empty() && details != "response_sent_by_backend" {
        text.push_str(": ");
        mask_words(details, &mut text);
    }
    text
}

/// Appends the first sentence of an explaining text, words with digits masked.
fn mask_words(details: &str, into: &mut String) {
    let line = details.trim().lines().next().unwrap_or_default();
    let sentence = line.split_once(". ").map_or(line, |(sentence, _)| sentence).trim_end_matches('.');
    for (index, word) in sentence.split_ascii_whitespace().take(40).enumerate() {
        if index > 0 {
            into.push(' ');
        }
        into.push_str(if word.bytes().any(|byte| byte.is_ascii_digit()) || word.len() > 64 { "<*>" } else { word });
    }
}

/// `3.786648988s` in nanoseconds.
fn duration_nanos(text: &str) -> Option<u64> {
    let text = text.strip_suffix('s').unwrap_or(text);
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut nanos = 0u64;
    for index in 0..9 {
        let digit = fraction.as_bytes().get(index).map_or(Some(0), |byte| (*byte as char).to_digit(10))?;
        nanos = nanos * 10 + u64::from(digit);
    }
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// Seconds as a number.
fn seconds_nanos(node: Node<'_>) -> Option<u64> {
    let seconds = Value::new(&[node]).as_number()?.as_f64();
    u64::try_from(std::time::Duration::try_from_secs_f64(seconds).ok()?.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration_nanos("3.786648988s"), Some(3_786_648_988));
        assert_eq!(duration_nanos("0.5s"), Some(500_000_000));
        assert_eq!(duration_nanos("2s"), Some(2_000_000_000));
        assert_eq!(duration_nanos("0.5"), Some(500_000_000));
        assert_eq!(duration_nanos("5ms"), None);
        assert_eq!(duration_nanos("x"), None);
        assert_eq!(duration_nanos("99999999999999999s"), None);
    }
}
