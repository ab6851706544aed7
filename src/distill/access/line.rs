//! A line of an access log in, the request that it tells out: as web servers, proxies and frameworks print them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::reading::Endpoint;
use super::super::route::route;
use super::{is_method, nanos, written};

/// The methods that are believed where no quotes stand around the request.
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
/// So many names may stand before a request (hosts, users, loggers); more are a sentence.
const MOST_NAMES: usize = 3;
/// The longest word before a request.
const LONGEST_HEAD: usize = 96;
/// So many bytes of a text are looked at for a quote, behind so many quotes, and so many words behind a request.
const FARTHEST: usize = 512;
const MOST_QUOTES: usize = 8;
const MOST_WORDS: usize = 24;

/// The request of a line that tells one and nothing else; `None` for any other text.
pub(in crate::distill) fn request(text: &str) -> Option<Endpoint<'_>> {
    let bytes = text.as_bytes();
    // Most texts have no quote and begin with another letter, and are done here.
    let near = bytes.get(..FARTHEST).unwrap_or(bytes);
    let quote = if may_be_quoted(bytes) { memchr::memchr(b'"', near) } else { None };
    let told = quote.and_then(|quote| quoted(text, quote)).or_else(|| match bytes {
        // A method, colours, and the arrows of koa.
        [b'C'..=b'T', b'A'..=b'Z', b'A'..=b'Z', ..] | [b'\x1b', b'[', ..] | [b'-', b'-', b'>', ..] => bare(text),
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b' ', ..] => by_tornado(text),
        [b'R', b'e', b'q', ..] => by_kestrel(text),
        [b'[', ..] => match memchr::memchr2(b']', b'|', bytes) {
            Some(end) if bytes.get(end) == Some(&b']') => {
                by_tornado(text.get(end + 1..)?.trim_start()).or_else(|| in_columns(text))
            }
            _ => in_columns(text),
        },
        [b'0'..=b'9', ..] => in_columns(text),
        _ => None,
    });
    // What stands below it, as a stack trace, is what the text tells.
    told.filter(|_| memchr::memchr(b'\n', bytes).is_none())
}

/// Whether a text may begin like a line with a request in quotes: with an address, a time, a host, a program or a level
/// (`INFO:`). Hardly any message of people does.
fn may_be_quoted(bytes: &[u8]) -> bool {
    if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return true;
    }
    let near = bytes.get(..LONGEST_HEAD).unwrap_or(bytes);
    match memchr::memchr(b' ', near).and_then(|end| Some((near.get(..end)?, near.get(end + 1)?))) {
        Some(([.., b'A'..=b'Z' | b']', b':'] | [.., b']' | b'0'..=b'9'], _)) => true,
        // Behind a host stands the address of a client, or a dash for none.
        Some((_, next)) => matches!(next, b'0'..=b'9' | b'-' | b'[' | b':'),
        None => false,
    }
}

/// A method and what it asked for.
struct Asked<'a> {
    method: &'a str,
    url: &'a str,
}

impl<'a> Asked<'a> {
    fn new(method: &'a str, url: &'a str) -> Option<Self> {
        let is_url = url.starts_with('/') || memchr::memmem::find(url.as_bytes(), b"://").is_some();
        (is_url && is_method(method)).then_some(Self { method, url })
    }

    /// `GET /path HTTP/1.1`, or without the version.
    fn of_line(line: &'a str) -> Option<Self> {
        let (method, rest) = line.split_once(' ')?;
        match rest.rsplit_once(' ') {
            Some((url, version)) => Self::new(method, url).filter(|_| version.starts_with("HTTP/")),
            None => Self::new(method, rest),
        }
    }

    fn answered(self, status: u64, latency_nanos: Option<u64>) -> Endpoint<'a> {
        Endpoint { method: self.method, route: route(self.url), status, latency_nanos, user_agent: "" }
    }
}

/// `10.0.0.1 - - [14/Sep/2025:03:01:24 +0000] "GET /path HTTP/1.1" 200 512 "-" "curl/8"`: as Apache, nginx, Envoy, gunicorn,
/// uvicorn and many others write it, and `HAProxy`, which has the status before the request.
fn quoted(text: &str, first: usize) -> Option<Endpoint<'_>> {
    let quotes = memchr::memchr_iter(b'"', text.as_bytes().get(first..)?).take(MOST_QUOTES);
    let (before, asked, behind) = quotes.map(|at| first + at).find_map(|at| {
        let rest = text.get(at + 1..).filter(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))?;
        let (line, behind) = rest.split_once('"')?;
        Some((text.get(..at)?, Asked::of_line(line)?, behind))
    })?;
    if behind.is_empty() {
        let (status, millis) = by_haproxy(before)?;
        return Some(asked.answered(status, nanos(millis / 1e3)));
    }
    // chi tells the client behind the request.
    let behind = behind.strip_prefix(' ')?;
    let client = behind.strip_prefix("from ").and_then(|rest| rest.split_once(" - "));
    let (behind, is_told) = client.map_or((behind, false), |(_, rest)| (rest, true));
    let status = status(behind.split(' ').next()?)?;
    (is_told || is_head(before))
        .then(|| Endpoint { user_agent: user_agent(behind), ..asked.answered(status, latency(behind)) })
}

/// What `HAProxy` writes before the request: `... 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {} {}`, of which the fifth
/// number is the time of all in milliseconds.
fn by_haproxy(before: &str) -> Option<(u64, f64)> {
    let mut words = before.split_ascii_whitespace().skip_while(|word| word.split('/').count() != 5);
    let all = words.next()?.split('/').next_back()?;
    Some((status(words.next()?)?, all.trim_start_matches('+').parse().ok()?))
}

/// Whether a text is what stands before the request in an access log: the address of a client or a time in brackets, and
/// no sentence. A URL there is that of another service, which was asked.
fn is_head(before: &str) -> bool {
    if memchr::memmem::find(before.as_bytes(), b"://").is_some() {
        return false;
    }
    let (mut is_anchored, mut is_bracketed, mut names) = (false, false, 0);
    for word in before.split_ascii_whitespace() {
        // `[14/Sep/2025:03:01:24 +0000]` is two words.
        is_bracketed |= word.starts_with('[');
        if word.bytes().any(|byte| byte.is_ascii_digit()) {
            let is_time = || is_bracketed && word.bytes().any(|byte| matches!(byte, b':' | b'/'));
            is_anchored = is_anchored || is_time() || is_address(word);
        } else {
            names += usize::from(!is_bracketed && word.bytes().any(|byte| byte.is_ascii_alphabetic()));
        }
        is_bracketed &= !word.ends_with(']');
    }
    is_anchored && names <= MOST_NAMES
}

/// `10.0.0.1`, `10.0.0.1:5000`, `::1`, `INFO:uvicorn.access:10.0.0.1:5000`.
fn is_address(word: &str) -> bool {
    let word = word.trim_end_matches(',');
    word.split(':').any(|part| part.parse::<Ipv4Addr>().is_ok()) || word.parse::<Ipv6Addr>().is_ok()
}

/// `GET /path 200 12.3 ms - 512`, `--> GET /path 200 12ms`, `GET /path 200 in 12ms`: as morgan, koa and Next.js print it.
fn bare(text: &str) -> Option<Endpoint<'_>> {
    let mut words = text.split_ascii_whitespace().take(MOST_WORDS).map(uncoloured);
    let method = words.next().filter(|first| *first != "-->").or_else(|| words.next())?;
    let asked = METHODS.contains(&method).then(|| Asked::new(method, words.next()?))??;
    let status = status(words.next()?)?;
    let is_figure = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_digit()) || matches!(word, "-" | "in" | "ms" | "s" | "bytes")
    };
    let took = words.clone().all(is_figure).then(|| duration(words))??;
    Some(asked.answered(status, Some(took)))
}

/// `200 GET /path (10.0.0.1) 1.23ms`.
fn by_tornado(text: &str) -> Option<Endpoint<'_>> {
    let mut words = text.split_ascii_whitespace().take(MOST_WORDS);
    let status = words.next().and_then(status)?;
    let method = words.next().filter(|method| METHODS.contains(method))?;
    let asked = Asked::new(method, words.next()?)?;
    words.next().filter(|client| client.starts_with('('))?;
    duration(words).map(|took| asked.answered(status, Some(took)))
}

/// `Request finished HTTP/1.1 GET http://host/path - 200 - text/plain 1.2ms`; type and size of what was sent may stand before
/// the bare dash.
fn by_kestrel(text: &str) -> Option<Endpoint<'_>> {
    let mut words = text.strip_prefix("Request finished HTTP/")?.split_ascii_whitespace().take(MOST_WORDS).skip(1);
    let asked = Asked::new(words.next()?, words.next()?)?;
    let mut answer = words.skip_while(|word| *word != "-").skip_while(|word| *word == "-");
    let status = answer.next().and_then(status)?;
    Some(asked.answered(status, duration(answer)))
}

/// `[GIN] 2025/09/14 - 03:01:24 | 200 | 1.2ms | 10.0.0.1 | GET "/path"`, `03:01:24 | 200 | 1ms | 10.0.0.1 | GET | /path | -`.
fn in_columns(text: &str) -> Option<Endpoint<'_>> {
    let (_, columns) = text.split_once('|').filter(|(time, _)| time.contains(':'))?;
    let mut columns = columns.split('|').map(|column| uncoloured(column.trim()).trim());
    let status = columns.next().and_then(status)?;
    let took = columns.next().and_then(written);
    let mut columns = columns.skip_while(|column| !METHODS.iter().any(|method| column.starts_with(method)));
    let asked = columns.next()?;
    let (method, url) = match asked.split_once(char::is_whitespace) {
        Some((method, url)) => (uncoloured(method), url.trim().trim_matches('"')),
        None => (asked, columns.next()?),
    };
    Some(Asked::new(method, url)?.answered(status, took.and_then(nanos)))
}

/// Three digits, or the zero of an answer that never came.
fn status(word: &str) -> Option<u64> {
    let is_whole = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    let status = word.parse().ok().filter(|_| is_whole || word == "0")?;
    (status == 0 || (100..600).contains(&status)).then_some(status)
}

/// How long the request took, where what stands behind it tells its unit, or is of a program that is known by it: Envoy
/// writes status, flags, bytes in, bytes out and milliseconds (details may stand behind the flags), the ingress controller
/// of nginx the size of the request, seconds and `[name-of-the-upstream]`.
fn latency(behind: &str) -> Option<u64> {
    // The words of the status alone.
    if !behind.bytes().skip(3).any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let is_whole = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let (mut before, mut by_envoy, mut numbers) = ("", false, 0);
    let words = behind.split('"').step_by(2).flat_map(str::split_ascii_whitespace);
    for (index, word) in words.take(MOST_WORDS).enumerate() {
        by_envoy |= index == 1 && (word == "-" || word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b','));
        numbers += u8::from(by_envoy && is_whole(word));
        let seconds = match word.as_bytes() {
            _ if numbers == 3 => word.parse().ok().map(|millis: f64| millis / 1e3),
            [b'[', ..] if before.contains('.') => before.parse().ok(),
            _ => timed(before, word),
        };
        if let Some(nanos) = seconds.and_then(nanos) {
            return Some(nanos);
        }
        before = word;
    }
    None
}

/// The first time with a unit.
fn duration<'a>(words: impl Iterator<Item = &'a str>) -> Option<u64> {
    let mut before = "";
    for word in words {
        if let Some(nanos) = timed(before, word).and_then(nanos) {
            return Some(nanos);
        }
        before = word;
    }
    None
}

/// Seconds, of `1.2ms`, or `ms` behind `1.2`.
fn timed(before: &str, word: &str) -> Option<f64> {
    match word.as_bytes() {
        [b'0'..=b'9', ..] => written(word),
        b"ms" => before.parse().ok().map(|millis: f64| millis / 1e3),
        _ => None,
    }
}

/// The client program: the second text in quotes behind status and size.
fn user_agent(behind: &str) -> &str {
    let mut parts = behind.split('"');
    let is_combined = parts.next().is_some_and(|figures| figures.split_ascii_whitespace().count() == 2);
    let agent = parts.nth(2).filter(|agent| is_combined && *agent != "-");
    agent.unwrap_or_default()
}

/// A word without the colours that a terminal would show it in.
fn uncoloured(word: &str) -> &str {
    let mut word = word;
    while let Some((_, rest)) = word.strip_prefix("\u{1b}[").and_then(|rest| rest.split_once('m')) {
        word = rest;
    }
    word.split('\u{1b}').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const GET: &str = "GET /a/<num>";

    /// What was asked, the status and the milliseconds.
    type Told = (&'static str, u64, Option<f64>);

    /// Holds each line to what it tells.
    fn check(lines: &[(&str, Told)]) {
        for (line, expected) in lines {
            let told = request(line).unwrap_or_else(|| panic!("no request: {line}"));
            let millis = told.latency_nanos.map(|nanos| Duration::from_nanos(nanos).as_secs_f64() * 1e3);
            assert_eq!((&*format!("{} {}", told.method, told.route), told.status, millis), *expected, "{line}");
        }
    }

    #[test]
    fn requests_in_quotes() {
        check(&[
            (
                r#"10.0.0.1 - - [14/Sep/2025:03:01:24 +0000] "GET /a/7?b=1 HTTP/1.1" 503 512 "-" "curl/8""#,
                (GET, 503, None),
            ),
            (r#"10.0.0.1 - - [14/Sep/2025 03:01:24] "GET /a/7 HTTP/1.1" 200 -"#, (GET, 200, None)),
            (
                r#"shop.example:443 10.0.0.1 - ann [14/Sep/2025:03:01:24 +0000] "GET /a/7 HTTP/2.0" 404 7"#,
                (GET, 404, None),
            ),
            (r#"- - [14/Sep/2025:03:01:24 +0000] "GET /a/7 HTTP/1.1" 500 0 "-" "-""#, (GET, 500, None)),
            (r#"[14/Sep/2025 03:01:24] "GET /a/7 HTTP/1.1" 500 145"#, (GET, 500, None)),
            (r#"INFO:     10.0.0.1:5000 - "GET /a/7 HTTP/1.1" 500 Internal Server Error"#, (GET, 500, None)),
            (r#"2001:db8::1 - - [14/Sep/2025:03:01:24 +0000] "GET /a/7 HTTP/1.1" 200 5"#, (GET, 200, None)),
            (r#"172.17.0.1 -  14/Sep/2025:03:01:24 +0000 "GET /a/7" 200"#, (GET, 200, None)),
            (
                r#"[2025-09-14T03:01:24.000Z] "GET /a/7 HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "agent" "id" "locations" "tcp://10.0.2.1:80""#,
                (GET, 204, Some(226.0)),
            ),
            (
                r#"[2025-09-14T03:01:24.000Z] "GET /a/7 HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 91 4 - "-" "curl/8" "id" "shop" "-""#,
                (GET, 503, Some(4.0)),
            ),
            (r#"[2025-09-14T03:01:24.000Z] "GET /a/7 HTTP/1.1" 0 DC - 0 91 4 - "-" "-""#, (GET, 0, Some(4.0))),
            (
                r#"10.0.0.1 - - [14/Sep/2025:03:01:24 +0000] "GET /a/7 HTTP/1.1" 200 5 "-" "x" 300 0.040 [shop-web-80] [] 10.0.0.2:80 5 0.036 200 4f"#,
                (GET, 200, Some(40.0)),
            ),
            (
                r#"10.0.0.1 - - [14/Sep/2025:03:01:24 +0000] "GET /a/7 HTTP/1.1" 404 19 "-" "-" 1 "web@docker" "http://10.0.0.2" 3ms"#,
                (GET, 404, Some(3.0)),
            ),
            (
                r#"2025/09/14 03:01:24 [host/x-000001] "GET http://shop.example/a/7 HTTP/1.1" from 10.0.0.1:5000 - 200 12B in 1.5ms"#,
                (GET, 200, Some(1.5)),
            ),
            (
                r#"haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 503 2750 - - ---- 1/1/1/1/0 0/0 {} {} "GET /a/7 HTTP/1.1""#,
                (GET, 503, Some(109.0)),
            ),
        ]);
    }

    #[test]
    fn requests_without_quotes() {
        check(&[
            ("GET /a/7 200 12.5 ms - 512", (GET, 200, Some(12.5))),
            ("\u{1b}[0mGET /a/7 \u{1b}[31m500\u{1b}[0m 12.5 ms - 512\u{1b}[0m", (GET, 500, Some(12.5))),
            ("GET /a/7 500 - - 3.5 ms", (GET, 500, Some(3.5))),
            ("--> GET /a/7 200 12ms 5b", (GET, 200, Some(12.0))),
            ("GET /a/7 200 in 12ms", (GET, 200, Some(12.0))),
            ("500 GET /a/7 (10.0.0.1) 1.5ms", (GET, 500, Some(1.5))),
            ("[E 250914 03:01:24 web:2271] 500 GET /a/7 (10.0.0.1) 1.5ms", (GET, 500, Some(1.5))),
            (
                "Request finished HTTP/1.1 GET http://localhost:5000/a/7 - - - 500 - text/plain 12.5ms",
                (GET, 500, Some(12.5)),
            ),
            ("Request finished HTTP/2 GET https://shop.example/a/7 - 200 12 text/plain 12.5ms", (GET, 200, Some(12.5))),
            (
                "Request finished HTTP/1.1 POST http://localhost/a application/json 123 - 200 - text/html 3ms",
                ("POST /a", 200, Some(3.0)),
            ),
            (r#"[GIN] 2025/09/14 - 03:01:24 | 500 |    1.5ms |  10.0.0.1 | GET      "/a/7""#, (GET, 500, Some(1.5))),
            ("03:01:24 | 200 |      2ms |       10.0.0.1 | GET     | /a/7       | -", (GET, 200, Some(2.0))),
        ]);
    }

    #[test]
    fn other_texts_do_not() {
        for text in [
            r#"2025/09/14 03:01:24 [error] 7#7: *1 connect() failed, client: 10.0.0.1, server: x, request: "GET /a HTTP/1.1", upstream: "http://10.0.0.2/a""#,
            r#"https://api.example:443 "GET /v1/charges HTTP/1.1" 503 None"#,
            r#"10.0.0.1 "GET /v2/servers HTTP/1.1" status: 200 len: 1893 time: 0.2477829"#,
            r#"Retry 3 for "GET /a HTTP/1.1" 503 failed"#,
            r#"upstream of the shop answered a client at 10.0.0.1 "GET /a HTTP/1.1" 503"#,
            r#"10.0.0.1 - - [14/Sep/2025:03:01:24 +0000] "\x16\x03\x01" 400 150"#,
            r#"10.0.0.1 - - [14/Sep/2025:03:01:24 +0000] "GET /a HTTP/1.1" 2000 150"#,
            r#"{"request": "GET /a HTTP/1.1", "status": 200}"#,
            "INFO: 10.0.0.1:5000 - \"GET /a HTTP/1.1\" 500 Internal Server Error\nTraceback (most recent call last):",
            "GET /a 503 failed, next try in 5s",
            "GET /a 503 Service Unavailable",
            "GET /a 503",
            "GET a/b 503 5ms",
            "--> GET /a",
            "POST",
            "503 errors in 5ms",
            "500 GET /a took 5ms",
            "Request finished in 5ms 200 text/plain",
            "Request finished HTTP/1.1 GET",
            "03:01:24 | worker 7 | 200 | done",
            "[GIN-debug] GET    /a                --> main.main.func1 (3 handlers)",
            "\u{1b}[",
            "|||",
            "",
        ] {
            assert!(request(text).is_none(), "{text}: {:?}", request(text));
        }
    }

    #[test]
    fn programs_of_clients_are_told() {
        let agent = |line: &str| request(line).map(|told| told.user_agent.to_owned());
        let head = r#"10.0.0.1 - - [14/Sep/2025:03:01:24 +0000] "GET /a HTTP/1.1" 200 5"#;
        assert_eq!(agent(&format!("{head} \"-\" \"curl/8\"")), Some("curl/8".to_owned()));
        assert_eq!(agent(&format!("{head} \"-\" \"-\"")), Some(String::new()));
        assert_eq!(agent(head), Some(String::new()));
    }
}
