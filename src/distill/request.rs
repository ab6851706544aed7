//! An HTTP request in, its method, its route with ids masked, its status and latency out.

use std::borrow::Cow;
use std::fmt::Write as _;

use simd_json::Node;

use crate::model::Value;

use super::reading::Endpoint;

/// Segments of a route that are kept; the rest becomes `...`.
const KEPT_SEGMENTS: usize = 16;
/// Longer segments carry data, not names.
const LONGEST_NAME: usize = 48;

/// A member of an `httpRequest` object that is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Method,
    Url,
    Status,
    Latency,
    UserAgent,
}

/// The members of an `httpRequest` object that are read.
pub(super) fn parts(request: Value<'_>) -> impl Iterator<Item = (Part, Value<'_>)> {
    request.members().filter_map(|(key, value)| {
        let part = match key {
            "requestMethod" | "request_method" | "method" => Part::Method,
            "requestUrl" | "request_url" | "url" => Part::Url,
            "status" => Part::Status,
            "latency" => Part::Latency,
            "userAgent" | "user_agent" => Part::UserAgent,
            _ => return None,
        };
        Some((part, value))
    })
}

/// Reads an `httpRequest` object; `None` if it says nothing.
pub(super) fn of_object(request: Value<'_>) -> Option<Endpoint<'_>> {
    endpoint(parts(request).map(|(part, value)| (part, value.head())))
}

/// Reads an `httpRequest` by its parts; `None` if it says nothing.
pub(super) fn endpoint<'a>(parts: impl Iterator<Item = (Part, Node<'a>)>) -> Option<Endpoint<'a>> {
    let mut endpoint =
        Endpoint { method: "", route: Cow::Borrowed(""), status: 0, latency_nanos: None, user_agent: "" };
    let mut url = None;
    for (part, node) in parts {
        let text = if let Node::String(text) = node { Some(text) } else { None };
        match part {
            Part::Method => endpoint.method = text.unwrap_or_default(),
            Part::Url => url = text,
            Part::Status => endpoint.status = status(Value::new(&[node])),
            Part::Latency => endpoint.latency_nanos = text.and_then(duration_nanos),
            Part::UserAgent => endpoint.user_agent = text.unwrap_or_default(),
        }
    }
    if endpoint.method.is_empty() && url.is_none() && endpoint.status == 0 {
        return None;
    }
    endpoint.route = route(url.unwrap_or_default());
    Some(endpoint)
}

/// Reads the request line of an access log: `GET /path HTTP/1.1`.
pub(super) fn from_line<'a>(line: &'a str, state: Option<Value<'a>>) -> Option<Endpoint<'a>> {
    let (method, rest) = line.split_once(' ')?;
    let is_method = (3..=8).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let url = rest.split(' ').next().unwrap_or_default();
    (is_method && (url.starts_with('/') || url.contains("://"))).then(|| Endpoint {
        method,
        route: route(url),
        status: state.map(status).unwrap_or_default(),
        latency_nanos: None,
        user_agent: "",
    })
}

fn status(value: Value<'_>) -> u64 {
    value.as_lenient_i64().and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
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
        status @ 100..=599 => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}xx", status / 100);
        }
        status => {
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

/// The path of a URL with everything masked that names one thing rather than a kind of thing.
pub(super) fn route(url: &str) -> Cow<'_, str> {
    let path = path(url);
    let masked = path.split('/').take(KEPT_SEGMENTS + 1).any(|segment| placeholder(segment).is_some());
    if !masked && path.split('/').count() <= KEPT_SEGMENTS + 1 {
        return Cow::Borrowed(path);
    }
    let mut text = String::with_capacity(path.len());
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            text.push('/');
        }
        if index > KEPT_SEGMENTS {
            text.push_str("...");
            break;
        }
        match placeholder(segment) {
            Some(masked) => text.push_str(&masked),
            None => text.push_str(segment),
        }
    }
    Cow::Owned(text)
}

fn path(url: &str) -> &str {
    let url = url.split(['?', '#', ';']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((_, rest)) => match rest.find('/') {
            Some(at) => rest.get(at..).unwrap_or("/"),
            None => "/",
        },
        None => url,
    }
}

/// What stands for a segment that names one thing, `None` for a name.
fn placeholder(segment: &str) -> Option<Cow<'static, str>> {
    let bytes = segment.as_bytes();
    if bytes.is_empty() {
        return None;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return without_digits(segment).map(Cow::Borrowed);
    }
    let fixed = if digits == bytes.len() {
        "<num>"
    } else if is_uuid(bytes) {
        "<uuid>"
    } else if segment.contains('@') || segment.contains("%40") {
        "<email>"
    } else if bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        if segment.split('.').count() == 4 { "<ip>" } else { "<num>" }
    } else if bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T' | b'Z' | b'_' | b'.'))
    {
        "<ts>"
    } else if bytes.len() >= 8 && bytes.iter().all(u8::is_ascii_hexdigit) {
        "<hex>"
    } else if segment.contains('.') && bytes.len() <= 2 * LONGEST_NAME {
        return file_name(segment).map(Cow::Owned);
    } else if is_version(segment) || (digits <= 3 && is_plain(segment)) {
        return None;
    } else {
        "<id>"
    };
    Some(Cow::Borrowed(fixed))
}

fn without_digits(segment: &str) -> Option<&'static str> {
    let hidden = segment.contains('@') || segment.contains("%40");
    let long = segment.len() > LONGEST_NAME || segment.contains('%');
    let hex = segment.len() >= 16 && segment.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mixed = segment.len() >= 20 && !segment.contains(['-', '_', '.']) && is_random(segment);
    if hidden {
        Some("<email>")
    } else if hex {
        Some("<hex>")
    } else {
        (long || mixed).then_some("<id>")
    }
}

/// Whether small letters and others take turns all the time, as they do in random tokens and seldom in names.
fn is_random(segment: &str) -> bool {
    let pairs = segment.bytes().zip(segment.bytes().skip(1));
    pairs.filter(|(left, right)| left.is_ascii_lowercase() != right.is_ascii_lowercase()).count() * 3 > segment.len()
}

/// A name with few digits in it: `oauth2`, `s3`.
fn is_plain(segment: &str) -> bool {
    let plain = segment.len() < 24 && segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain && !(segment.len() >= 12 && is_random(segment))
}

/// `v1`, `v1beta1`, `2.0` is a number.
fn is_version(segment: &str) -> bool {
    segment.len() <= 10
        && segment.strip_prefix(['v', 'V']).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `app.3f2a9c1b.js` becomes `app.<hex>.js`; a name whose parts are all names stays.
fn file_name(segment: &str) -> Option<String> {
    let mut masked = false;
    let mut text = String::with_capacity(segment.len());
    for (index, part) in segment.split('.').enumerate() {
        if index > 0 {
            text.push('.');
        }
        match placeholder(part) {
            Some(placeholder) => {
                masked = true;
                text.push_str(&placeholder);
            }
            None => text.push_str(part),
        }
    }
    masked.then_some(text)
}

/// `3.786648988s` in nanoseconds.
fn duration_nanos(text: &str) -> Option<u64> {
    let (seconds, fraction) = match text.strip_suffix('s')?.split_once('.') {
        Some((seconds, fraction)) => (seconds, fraction),
        None => (text.strip_suffix('s')?, ""),
    };
    let mut nanos = 0u64;
    for index in 0..9 {
        let digit = fraction.as_bytes().get(index).map_or(Some(0), |byte| (*byte as char).to_digit(10))?;
        nanos = nanos * 10 + u64::from(digit);
    }
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_routes_are_masked_and_names_stay() {
        for (url, expected) in [
            ("https://api.example.com/api/users/42?full=1", "/api/users/<num>"),
            ("/api/v1/orders/3f2504e0-4f89-11d3-9a0c-0305e82c3301/items", "/api/v1/orders/<uuid>/items"),
            ("/users/jane.doe@example.com/mail", "/users/<email>/mail"),
            ("/blobs/9f86d081884c7d659a2feaa0c55ad015", "/blobs/<hex>"),
            ("/ws/main_b9ceb17a", "/ws/<id>"),
            ("/oauth2/callback", "/oauth2/callback"),
            ("/static/app.3f2a9c1b.js", "/static/app.<hex>.js"),
            ("/static/jquery.min.js", "/static/jquery.min.js"),
            ("https://example.com", "/"),
            ("/reports/2025-09-14", "/reports/<ts>"),
            ("/a/10.0.0.1/b;jsessionid=12", "/a/<ip>/b"),
            ("/t/eyJhbGciOiJIUzI1NiJ9", "/t/<id>"),
            ("/healthz", "/healthz"),
            ("", ""),
        ] {
            assert_eq!(route(url), expected, "{url}");
        }
        assert!(matches!(route("/healthz"), Cow::Borrowed(_)));
        assert!(route(&"/x".repeat(100)).ends_with("/..."));
    }

    #[test]
    fn durations() {
        assert_eq!(duration_nanos("3.786648988s"), Some(3_786_648_988));
        assert_eq!(duration_nanos("0.5s"), Some(500_000_000));
        assert_eq!(duration_nanos("2s"), Some(2_000_000_000));
        assert_eq!(duration_nanos("x"), None);
        assert_eq!(duration_nanos("99999999999999999s"), None);
    }
}
