//! A text in, where e-mail addresses, payment cards, account numbers, phone numbers, ids and IP addresses stand out.
//!
//! Only forms that hardly anything else has are taken: numbers need a check digit, a form of their own or a `+`.

#![expect(clippy::indexing_slicing, reason = "every index is checked against the length in the line before it")]

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::checks::{luhn, mod97};

/// The longest address looked at, to each side of its `@`.
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 253;
/// Endings behind a dot that make no address of a mail server.
const NO_DOMAINS: &[&str] = &[
    "service",
    "socket",
    "timer",
    "mount",
    "target",
    "slice",
    "scope",
    "device",
    "local",
    "internal",
    "js",
    "ts",
    "py",
    "go",
    "rs",
    "java",
    "rb",
    "php",
    "json",
    "yaml",
    "yml",
    "toml",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "html",
    "css",
    "txt",
    "md",
    "log",
    "conf",
    "cfg",
    "sh",
    "jar",
    "class",
    "localdomain",
    "localhost",
];

/// E-mail addresses. Those of service accounts name programs, not people, and count in the strict policy alone.
pub(super) fn emails(text: &str, strict: bool, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b'@', bytes) {
        let local = bytes[..at].iter().rev().take(LONGEST_LOCAL).take_while(|byte| in_local(**byte)).count();
        let mut start = at - local;
        start += bytes[start..at]
            .iter()
            .take_while(|byte| matches!(byte, b'.' | b'-' | b'+' | b'%' | b'\'' | b'=' | b'/'))
            .count();
        // `key=user@host` and paths: the address starts behind them.
        if let Some(sign) = bytes[start..at].iter().rposition(|byte| matches!(byte, b'=' | b'/')) {
            start += sign + 1;
        }
        start = super::rules::floor(text, start);
        let host = bytes[at + 1..].iter().take(LONGEST_DOMAIN).take_while(|byte| in_domain(**byte)).count();
        let mut end = super::rules::floor(text, at + 1 + host);
        while end > at + 1 && matches!(bytes[end - 1], b'.' | b'-' | b'_') {
            end -= 1;
        }
        let Some(domain) = text.get(at + 1..end) else { continue };
        let remote = is_remote(bytes, start, at);
        if start < at && is_mail_domain(domain, strict) && !remote {
            found.push(start..end);
        }
    }
}

/// `git@host` names a repository.
fn is_remote(bytes: &[u8], start: usize, at: usize) -> bool {
    matches!(&bytes[start..at], b"git" | b"hg" | b"svn")
}

fn in_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-'=/".contains(&byte) || byte >= 0x80
}

fn in_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || byte >= 0x80
}

fn is_mail_domain(domain: &str, strict: bool) -> bool {
    let Some((rest, last)) = domain.rsplit_once('.') else { return false };
    let lower = last.to_ascii_lowercase();
    let labels = rest.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    labels
        && last.chars().count() >= 2
        && last.chars().count() <= 24
        && (last.chars().all(char::is_alphabetic) || lower.starts_with("xn--"))
        && !NO_DOMAINS.contains(&lower.as_str())
        && (strict || !(domain.ends_with("gserviceaccount.com") || domain.ends_with("googleusercontent.com")))
}

/// What a number with the digits of an identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Card,
    Iban,
    Phone,
    NationalId,
}

impl Number {
    /// The kind of its mark.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Phone => "phone",
            Self::NationalId => "national_id",
        }
    }
}

/// Cards, IBANs, phone numbers and national ids.
pub(super) fn numbers(text: &str, found: &mut Vec<(Range<usize>, Number)>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = group_end(bytes, at);
        if let Some(hit) = iban_at(text, at).or_else(|| number_in(text, at..end)) {
            at = hit.0.end.max(at + 1);
            found.push(hit);
        } else {
            at = end;
        }
    }
}

/// The end of digits with single separators between them.
fn group_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    let mut at = start;
    while at < bytes.len() && at - start < 64 {
        match bytes[at] {
            byte if byte.is_ascii_digit() => end = at + 1,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' if at < end + 2 => {}
            _ => break,
        }
        at += 1;
    }
    end
}

fn number_in(text: &str, group: Range<usize>) -> Option<(Range<usize>, Number)> {
    let bytes = text.as_bytes();
    let shown = text.get(group.clone())?;
    if shown.len() < 9 {
        return None;
    }
    let before = group.start.checked_sub(1).map(|at| bytes[at]);
    let behind = bytes.get(group.end).copied();
    let glued = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if glued(before) || glued(behind) {
        return None;
    }
    let digits: Vec<u8> = shown.bytes().filter(u8::is_ascii_digit).collect();
    let opened = usize::from(before == Some(b'(')) + usize::from(before == Some(b'+'));
    if before == Some(b'+') && is_international(&digits, shown) {
        return Some((group.start - opened..group.end, Number::Phone));
    }
    let alone = !matches!(before, Some(b'-' | b'.' | b'/' | b':' | b'#' | b'=' | b'@' | b'+'));
    let alone = alone || matches!(before, Some(b'=' | b':'));
    let alone = alone && !matches!(behind, Some(b'-' | b'/' | b':')) && !decimal(bytes, group.end);
    if alone && is_card(&digits, shown) && !is_measure(bytes, group.end) {
        return Some((group, Number::Card));
    }
    if alone && is_national_id(shown, &digits) {
        return Some((group, Number::NationalId));
    }
    (alone && is_north_american(shown, &digits, before))
        .then(|| (group.start - usize::from(before == Some(b'('))..group.end, Number::Phone))
}

/// Whether a unit stands behind a number.
fn is_measure(bytes: &[u8], end: usize) -> bool {
    let behind = bytes.get(end..).unwrap_or_default();
    let behind = behind.strip_prefix(b" ").unwrap_or(behind);
    let word = behind.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    [&b"ns"[..], b"us", b"ms", b"s", b"bytes", b"nanoseconds", b"microseconds", b"ticks"]
        .contains(&behind.get(..word).unwrap_or_default())
}

/// Whether a fraction goes on behind a number.
fn decimal(bytes: &[u8], end: usize) -> bool {
    bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
}

/// `+49 30 1234567`: country code and eight digits or more, no time zone, no sum.
fn is_international(digits: &[u8], shown: &str) -> bool {
    (10..=15).contains(&digits.len())
        && digits.first() != Some(&b'0')
        && !shown.contains('/')
        && shown.matches('.').count() != 1
}

/// `(555) 234-5678`, `555-234-5678`: area code and exchange start with 2 to 9.
fn is_north_american(shown: &str, digits: &[u8], before: Option<u8>) -> bool {
    let form: String = shown.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let known = matches!(form.as_str(), "000-000-0000" | "0-000-000-0000" | "000.000.0000")
        || (before == Some(b'(') && matches!(form.as_str(), "000) 000-0000" | "000)000-0000" | "000) 000 0000"));
    let local = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    known && [0, 3].iter().all(|place| local.get(*place).is_some_and(|digit| (b'2'..=b'9').contains(digit)))
}

/// Brand, length, grouping and check digit of payment cards.
fn is_card(digits: &[u8], shown: &str) -> bool {
    let number = |length: usize| {
        digits.get(..length).map_or(0, |head| head.iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    };
    let brand = match digits.len() {
        16 => {
            matches!(number(1), 4)
                || matches!(number(2), 51..=55 | 62 | 65)
                || matches!(number(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(number(3), 644..=649)
        }
        15 => matches!(number(2), 34 | 37),
        14 => matches!(number(2), 36 | 38) || matches!(number(3), 300..=305),
        _ => false,
    };
    let separators: Vec<char> = shown.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let grouped = match separators.len() {
        0 => true,
        2 => matches!(digits.len(), 14 | 15),
        3 => digits.len() == 16 && shown.split([' ', '-']).all(|group| group.len() == 4),
        _ => false,
    };
    let uniform = separators
        .first()
        .is_none_or(|first| matches!(first, ' ' | '-') && separators.iter().all(|other| other == first));
    let varied = digits.iter().any(|digit| Some(digit) != digits.first());
    brand && grouped && uniform && varied && luhn(digits)
}

/// Forms of their own: US social security numbers, Brazilian CPF with its check digits.
fn is_national_id(shown: &str, digits: &[u8]) -> bool {
    let form: String = shown.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    match form.as_str() {
        "000-00-0000" => {
            let (area, group, serial) = (digits.get(..3), digits.get(3..5), digits.get(5..));
            area != Some(b"000")
                && area != Some(b"666")
                // Numbers of taxpayers start with 9, and have groups of their own.
                && (digits.first() != Some(&b'9') || group.is_some_and(|group| group >= b"50".as_slice()))
                && group != Some(b"00")
                && serial != Some(b"0000")
        }
        "000.000.000-00" => cpf(digits),
        _ => false,
    }
}

fn cpf(digits: &[u8]) -> bool {
    let check = |length: usize| -> Option<u8> {
        let sum: usize = digits
            .get(..length)?
            .iter()
            .enumerate()
            .map(|(place, digit)| usize::from(digit - b'0') * (length + 1 - place))
            .sum();
        u8::try_from((sum * 10) % 11 % 10).ok()
    };
    let at = |place: usize| digits.get(place).map(|digit| digit - b'0');
    check(9).is_some()
        && check(9) == at(9)
        && check(10) == at(10)
        && digits.iter().any(|digit| Some(digit) != digits.first())
}

/// An IBAN whose first digit stands at `digit`: two capitals before it, length by country, rest 1 by 97.
fn iban_at(text: &str, digit: usize) -> Option<(Range<usize>, Number)> {
    let bytes = text.as_bytes();
    let start = digit.checked_sub(2)?;
    let glued = start.checked_sub(1).is_some_and(|at| bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_');
    if glued || !bytes[start..digit].iter().all(u8::is_ascii_uppercase) || !bytes.get(digit + 1)?.is_ascii_digit() {
        return None;
    }
    let length = iban_length(text.get(start..digit)?)?;
    let mut compact = String::new();
    let mut at = start;
    while compact.len() < length {
        match *bytes.get(at)? {
            byte if byte.is_ascii_digit() || byte.is_ascii_uppercase() => compact.push(char::from(byte)),
            b' ' | b'-' if compact.len().is_multiple_of(4) && !compact.is_empty() => {}
            _ => return None,
        }
        at += 1;
    }
    let ends = bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (ends && mod97(&compact)).then_some((start..at, Number::Iban))
}

fn iban_length(country: &str) -> Option<usize> {
    let at = IBAN_LENGTHS.binary_search_by_key(&country, |(code, _)| *code).ok()?;
    IBAN_LENGTHS.get(at).map(|(_, length)| *length)
}

/// How long the IBANs of each country are.
const IBAN_LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

/// IPv4 and IPv6 addresses, those of the machine itself and of no one excepted.
pub(super) fn addresses(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let in_address = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let mut at = 0;
    while at < bytes.len() {
        if !in_address(bytes[at]) {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|byte| in_address(**byte)).count();
        let run = at..at + length;
        at = run.end;
        let glued = run.start.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphabetic())
            || bytes.get(run.end).is_some_and(u8::is_ascii_alphabetic);
        if !(3..=80).contains(&length) || glued {
            continue;
        }
        if let Some(address) = address_in(text, run) {
            found.push(address);
        }
    }
}

/// The address in a run of digits, dots and colons: all of it, or without a port or a full stop behind it.
fn address_in(text: &str, run: Range<usize>) -> Option<Range<usize>> {
    let shown = text.get(run.clone())?;
    let trimmed = shown.trim_end_matches(['.', ':']);
    let without_port = trimmed.rsplit_once(':').map_or(trimmed, |(host, _)| host);
    for part in [trimmed, without_port] {
        let part = part.trim_start_matches(if part.starts_with("::") { '.' } else { ':' });
        let Some(offset) = shown.find(part) else { continue };
        let four = part
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified() && !address.is_broadcast());
        let six = part.len() >= 6
            && part.contains(':')
            && part.parse::<Ipv6Addr>().is_ok_and(|address| !address.is_loopback() && !address.is_unspecified());
        if four || six {
            return Some(run.start + offset..run.start + offset + part.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mails(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        emails(text, false, &mut found);
        found.into_iter().map(|range| text.get(range).unwrap()).collect()
    }

    fn kinds(text: &str) -> Vec<(&str, Number)> {
        let mut found = Vec::new();
        numbers(text, &mut found);
        found.into_iter().map(|(range, number)| (text.get(range).unwrap(), number)).collect()
    }

    #[test]
    fn addresses_of_people_and_what_only_has_an_at_sign() {
        assert_eq!(
            mails("to=Ann.Lee+x@mail.example.org, cc <b@c.example>."),
            ["Ann.Lee+x@mail.example.org", "b@c.example"]
        );
        assert_eq!(mails("jörg@bücher.example"), ["jörg@bücher.example"]);
        for text in [
            "image@sha256:abc",
            "getty@tty1.service",
            "git@github.com:org/repo",
            "@decorator",
            "a@b",
            "pkg@1.2.3",
            "icon@2x.png",
            "robot@project.iam.gserviceaccount.com",
            "x@",
            "@y.example",
            "com.example.Thing@1a2b3c",
        ] {
            assert!(mails(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn numbers_with_the_form_of_an_identity() {
        let card = ["4111 1111", " 1111 1111"].concat();
        assert_eq!(kinds(&format!("card {card}.")), [(card.as_str(), Number::Card)]);
        let plain = ["37828", "2246310005"].concat();
        assert_eq!(kinds(&plain), [(plain.as_str(), Number::Card)]);
        let iban = ["DE89 3704 0044", " 0532 0130 00"].concat();
        assert_eq!(kinds(&format!("IBAN {iban} ok")), [(iban.as_str(), Number::Iban)]);
        assert_eq!(kinds("call +49 30 12345678 now"), [("+49 30 12345678", Number::Phone)]);
        assert_eq!(kinds("call (415) 555-2671"), [("(415) 555-2671", Number::Phone)]);
        assert_eq!(kinds("ssn 123-45-6789,"), [("123-45-6789", Number::NationalId)]);
    }

    #[test]
    fn ordinary_numbers_are_no_identity() {
        for text in [
            "1758000000123456",
            "blk_-1608999687919862906",
            "2024-01-02 03:04:05 +0100",
            "10.0.0.1:8080",
            "took 1234567890123456 ns",
            "550e8400-e29b-41d4-a716-446655440000",
            "1.2.3-45-6789",
            "000-00-0000",
            "attempt_1445144423722_0020",
            "0000000000000000",
            "4111111111111112",
            "2025-09-15-1234",
            "node-4111111111111111",
        ] {
            assert!(kinds(text).is_empty(), "{text}: {:?}", kinds(text));
        }
    }

    #[test]
    fn ip_addresses() {
        let ips = |text: &'static str| {
            let mut found = Vec::new();
            addresses(text, &mut found);
            found.into_iter().map(|range| text.get(range).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ips("from 203.0.113.9:443 and 2001:db8::1."), ["203.0.113.9", "2001:db8::1"]);
        assert!(ips("127.0.0.1 ::1 12:30:45 1.2.3 deadbeef v1.2.3.4").is_empty());
    }
}
