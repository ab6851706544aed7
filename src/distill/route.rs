//! The URL of a request in, its route with ids masked out.

use std::borrow::Cow;

/// Segments of a route that are kept; the rest becomes `...`.
const KEPT_SEGMENTS: usize = 16;
/// Longer segments carry data, not names.
const LONGEST_NAME: usize = 48;

/// Shorter ones with letters and digits are names: `s3`, `24x7`.
const SHORTEST_CODE: usize = 6;

/// The path of a URL with everything masked that names one thing rather than a kind of thing.
pub(super) fn route(url: &str) -> Cow<'_, str> {
    let path = path(url);
    let mut text = String::new();
    // How much of the path is told by the text, and where the next segment starts.
    let (mut told, mut start) = (0, 0);
    for _ in 0..=KEPT_SEGMENTS {
        let segment = Segment::until(b'/', path.get(start..).unwrap_or_default());
        let end = start + segment.text.len();
        if let Some(masked) = segment.placeholder() {
            text.reserve(path.len());
            text.push_str(path.get(told..start).unwrap_or_default());
            text.push_str(&masked);
            told = end;
        }
        if end == path.len() {
            if told == 0 {
                return Cow::Borrowed(path);
            }
            text.push_str(path.get(told..).unwrap_or_default());
            return Cow::Owned(text);
        }
        start = end + 1;
    }
    text.push_str(path.get(told..start).unwrap_or_default());
    text.push_str("...");
    Cow::Owned(text)
}

fn path(url: &str) -> &str {
    let bytes = url.as_bytes();
    let end = memchr::memchr3(b'?', b'#', b';', bytes).unwrap_or(bytes.len());
    let url = url.get(..end).unwrap_or_default();
    match memchr::memchr_iter(b':', url.as_bytes()).find_map(|at| url.get(at..)?.strip_prefix("://")) {
        Some(rest) => memchr::memchr(b'/', rest.as_bytes()).and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => url,
    }
}

/// A part of a path, and the kinds of bytes it is made of.
#[derive(Clone, Copy)]
struct Segment<'a> {
    text: &'a str,
    kinds: u16,
}

// Kinds of bytes.
const DIGIT: u16 = 1;
const HEX_LETTER: u16 = 1 << 1;
/// Letters of times.
const TIME_LETTER: u16 = 1 << 2;
const LETTER: u16 = 1 << 3;
const DOT: u16 = 1 << 4;
const DASH: u16 = 1 << 5;
const COLON: u16 = 1 << 6;
const AT: u16 = 1 << 7;
const PERCENT: u16 = 1 << 8;
const OTHER: u16 = 1 << 9;

fn kind(byte: u8) -> u16 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'a'..=b'f' | b'A'..=b'F' => HEX_LETTER,
        b'T' | b'Z' => TIME_LETTER,
        b'a'..=b'z' | b'A'..=b'Z' => LETTER,
        b'.' => DOT,
        b'-' | b'_' => DASH,
        b':' => COLON,
        b'@' => AT,
        b'%' => PERCENT,
        _ => OTHER,
    }
}

impl<'a> Segment<'a> {
    /// The text up to the first `end`, or all of it.
    fn until(end: u8, text: &'a str) -> Self {
        let mut kinds = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte == end {
                return Self { text: text.get(..at).unwrap_or_default(), kinds };
            }
            kinds |= kind(byte);
        }
        Self { text, kinds }
    }

    fn has(self, kinds: u16) -> bool {
        self.kinds & kinds != 0
    }

    fn has_only(self, kinds: u16) -> bool {
        self.kinds & !kinds == 0
    }

    /// Whether it is, or contains, an address of mail.
    fn is_email(self) -> bool {
        self.has(AT) || (self.has(PERCENT) && self.text.contains("%40"))
    }

    /// What stands for a segment that names one thing, `None` for a name.
    fn placeholder(self) -> Option<Cow<'static, str>> {
        let Self { text, .. } = self;
        if !self.has(DIGIT) {
            return self.without_digits().map(Cow::Borrowed);
        }
        let fixed = if self.has_only(DIGIT) {
            "<num>"
        } else if is_uuid(text.as_bytes()) {
            "<uuid>"
        } else if self.is_email() {
            "<email>"
        } else if self.has_only(DIGIT | DOT) {
            if text.split('.').count() == 4 { "<ip>" } else { "<num>" }
        } else if self.has_only(DIGIT | DASH | COLON | TIME_LETTER | DOT) {
            "<ts>"
        } else if text.len() >= 8 && self.has_only(DIGIT | HEX_LETTER) {
            "<hex>"
        } else if self.has(DOT) && text.len() <= 2 * LONGEST_NAME {
            return file_name(text).map(Cow::Owned);
        } else if is_version(text) || self.is_plain() {
            return None;
        } else {
            "<id>"
        };
        Some(Cow::Borrowed(fixed))
    }

    fn without_digits(self) -> Option<&'static str> {
        let length = self.text.len();
        if self.is_email() {
            Some("<email>")
        } else if length >= 16 && self.has_only(HEX_LETTER) {
            Some("<hex>")
        } else {
            let long = length > LONGEST_NAME || self.has(PERCENT);
            let mixed = length >= 20 && !self.has(DASH | DOT) && is_random(self.text);
            (long || mixed).then_some("<id>")
        }
    }

    /// A name with few digits in it: `oauth2`, `s3`.
    fn is_plain(self) -> bool {
        let Self { text, .. } = self;
        self.has_only(DIGIT | HEX_LETTER | TIME_LETTER | LETTER)
            && text.len() < 24
            && text.bytes().filter(u8::is_ascii_digit).count() <= 3
            && !(text.len() >= 12 && is_random(text))
            && !self.is_code()
    }

    /// A short id with few digits, such as `AD3DA3` and `3f2a9cb`: names have their digits in one place (`oauth2`, `x509`,
    /// `face3d`), and are seldom capitals that are all digits of a number.
    fn is_code(self) -> bool {
        let bytes = self.text.as_bytes();
        let is_upper = || !bytes.iter().any(u8::is_ascii_lowercase);
        let starts = |pair: &[u8]| matches!(pair, [left, right] if !left.is_ascii_digit() && right.is_ascii_digit());
        let runs = || {
            bytes.windows(2).filter(|pair| starts(pair)).count()
                + usize::from(bytes.first().is_some_and(u8::is_ascii_digit))
        };
        let is_hex = self.has_only(DIGIT | HEX_LETTER);
        bytes.len() >= SHORTEST_CODE && if is_hex { is_upper() || runs() > 1 } else { runs() > 1 && is_upper() }
    }
}

/// Whether small letters and others take turns all the time, as they do in random tokens and seldom in names.
fn is_random(segment: &str) -> bool {
    let pairs = segment.bytes().zip(segment.bytes().skip(1));
    pairs.filter(|(left, right)| left.is_ascii_lowercase() != right.is_ascii_lowercase()).count() * 3 > segment.len()
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
fn file_name(name: &str) -> Option<String> {
    let mut text = String::with_capacity(name.len());
    let mut masked = false;
    let mut rest = name;
    loop {
        let part = Segment::until(b'.', rest);
        let placeholder = part.placeholder();
        masked |= placeholder.is_some();
        text.push_str(placeholder.as_deref().unwrap_or(part.text));
        let Some(behind) = rest.get(part.text.len() + 1..) else { break };
        text.push('.');
        rest = behind;
    }
    masked.then_some(text)
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
            ("/products/AD3DA3", "/products/<id>"),
            ("/products/CBFE57/image", "/products/<id>/image"),
            ("/commits/3f2a9cb", "/commits/<id>"),
            ("/parcels/X7K2MV", "/parcels/<id>"),
            ("/v1/oauth2/token", "/v1/oauth2/token"),
            ("/api/s3/list", "/api/s3/list"),
            ("/mp3/list", "/mp3/list"),
            ("/v2beta3/x509/face3d", "/v2beta3/x509/face3d"),
            ("/log4j2/24x7/i18n", "/log4j2/24x7/i18n"),
            ("/EC2/SHA256/UTF8/K8S/OAUTH2", "/EC2/SHA256/UTF8/K8S/OAUTH2"),
            ("/static/app.3f2a9c1b.js", "/static/app.<hex>.js"),
            ("/static/jquery.min.js", "/static/jquery.min.js"),
            ("https://example.com", "/"),
            ("/reports/2025-09-14", "/reports/<ts>"),
            ("/a/10.0.0.1/b;jsessionid=12", "/a/<ip>/b"),
            ("/t/eyJhbGciOiJIUzI1NiJ9", "/t/<id>"),
            ("/healthz", "/healthz"),
            ("/a/127.0.0.1:8080/1.5", "/a/<ts>/<num>"),
            ("/mail/jane%40example.com/caf%C3%A9", "/mail/<email>/<id>"),
            ("/v1beta1/s3/abc1234567x/deadbeef1", "/v1beta1/s3/<id>/<hex>"),
            ("/go?to=http://example.com/1", "/go"),
            ("/go/http://example.com/1/", "/<num>/"),
            ("grpc://host:50/a//b#c", "/a//b"),
            ("/1/.2./x.y", "/<num>/<num>/x.y"),
            ("", ""),
        ] {
            assert_eq!(route(url), expected, "{url}");
        }
        assert!(matches!(route("/healthz"), Cow::Borrowed(_)));
        assert!(route(&"/x".repeat(100)).ends_with("/..."));
    }
}
