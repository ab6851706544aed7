//! A run of letters, digits, dashes and underscores in, the fixed text of its class out.
#![expect(clippy::indexing_slicing, reason = "every index is below the length of the run, which is not empty")]

use crate::distill::words;

/// How many bytes of each kind are in a run.
#[derive(Clone, Copy, Default)]
pub(super) struct Shape(u64);

/// What each byte adds to a shape: nothing, if it stands in no run. Sixteen bits a kind, more than a message is long.
static KIND: [u64; 256] = kinds();

const DIGIT: u64 = 1;
/// `a` to `f` in either case.
const HEX_LETTER: u64 = 1 << 16;
const OTHER_LETTER: u64 = 1 << 32;
const MARK: u64 = 1 << 48;

const fn kinds() -> [u64; 256] {
    let mut table = [0; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        table[byte as usize] = match byte {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX_LETTER,
            b'g'..=b'z' | b'G'..=b'Z' => OTHER_LETTER,
            b'-' | b'_' => MARK,
            _ => 0,
        };
        byte += 1;
    }
    table
}

impl Shape {
    /// Counts a byte; false if it stands in no run.
    pub(super) fn add(&mut self, byte: u8) -> bool {
        let kind = KIND[usize::from(byte)];
        self.0 += kind;
        kind > 0
    }

    /// Whether there is a digit.
    pub(super) fn has_digits(self) -> bool {
        self.count(DIGIT) > 0
    }

    fn count(self, kind: u64) -> usize {
        usize::try_from((self.0 / kind) & 0xffff).unwrap_or_default()
    }
}

/// Whether a byte stands in runs.
pub(super) fn is_word_byte(byte: u8) -> bool {
    KIND[usize::from(byte)] > 0
}

/// Dashes and underscores at both ends are punctuation, except the sign of a number.
pub(super) fn trimmed(bytes: &[u8], (from, to): (usize, usize), shape: &mut Shape) -> (usize, usize) {
    let (mut start, mut end) = (from, to);
    while matches!(bytes[start], b'-' | b'_') {
        start += 1;
    }
    while matches!(bytes[end - 1], b'-' | b'_') {
        end -= 1;
    }
    let signed = start == from + 1 && bytes[from] == b'-' && shape.count(DIGIT) == end - start;
    if signed {
        start = from;
    }
    shape.0 -= ((start - from) + (to - end)) as u64 * MARK;
    (start, end)
}

/// Appends the canonical text of a run.
#[inline]
pub(super) fn write(run: &[u8], shape: Shape, text: &mut String) {
    let number = run.strip_prefix(b"-").unwrap_or(run);
    if shape.count(DIGIT) == number.len() {
        text.push('0');
        return;
    }
    write_mixed(run, shape, text);
}

fn write_mixed(run: &[u8], shape: Shape, text: &mut String) {
    let class = if shape.count(OTHER_LETTER) == 0 { hexadecimal(run, shape) } else { lettered(run, shape) };
    if let Some(class) = class {
        text.push_str(class);
    } else if words::is_spelled_with_digit(run) {
        text.extend(run.iter().map(|byte| char::from(*byte)));
    } else if let Some(stem) = stem(run) {
        text.extend(run[..stem].iter().map(|byte| char::from(*byte)));
        text.push('0');
    } else {
        text.push_str("Id0");
    }
}

/// Runs of digits, dashes, underscores and the letters `a` to `f`.
fn hexadecimal(run: &[u8], shape: Shape) -> Option<&'static str> {
    if shape.count(MARK) == 0 {
        return match run.len() {
            _ if is_exponent(run) => Some("0e0"),
            // From seven on as short hashes of commits and objects are written, whatever letters they begin with.
            7.. => Some("0000000a"),
            ..=4 if !words::is_spelled_with_digit(run) && stem(run).is_none() => Some("0a"),
            _ => None,
        };
    }
    if is_uuid(run, shape) {
        return Some("00000000-0000-0000-0000-000000000000");
    }
    if shape.count(HEX_LETTER) == 0 {
        return Some(date(run).unwrap_or("0-0"));
    }
    is_exponent(run).then_some("0e0")
}

/// Runs with other letters.
fn lettered(run: &[u8], shape: Shape) -> Option<&'static str> {
    if shape.count(MARK) == 0 {
        return if shape.count(OTHER_LETTER) == 1 && is_prefixed_hex(run) { Some("0x0") } else { unit(run) };
    }
    if shape.count(MARK) == 2 { date(run) } else { None }
}

/// How long the short name in front of a number of one or two digits is, as in `eth0`; the name stays.
fn stem(run: &[u8]) -> Option<usize> {
    let digits = run.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let stem = run.len() - digits;
    let plain = run[..stem].iter().all(u8::is_ascii_lowercase);
    (plain && (1..=2).contains(&digits) && (2..=6).contains(&stem)).then_some(stem)
}

fn is_uuid(run: &[u8], shape: Shape) -> bool {
    run.len() == 36 && shape.count(MARK) == 4 && [8, 13, 18, 23].iter().all(|at| run[*at] == b'-')
}

fn is_prefixed_hex(run: &[u8]) -> bool {
    run.len() > 2 && run[0] == b'0' && matches!(run[1], b'x' | b'X')
}

/// `1e9`, `1E-9`, and `1e` where a plus sign cut the rest off is no such number.
fn is_exponent(run: &[u8]) -> bool {
    let Some(at) = run.iter().position(|byte| matches!(byte, b'e' | b'E')) else { return false };
    let power = run[at + 1..].strip_prefix(b"-").unwrap_or(&run[at + 1..]);
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    digits(&run[..at]) && digits(power) && power.len() <= 3
}

/// Dates and the date part of date-times.
fn date(run: &[u8]) -> Option<&'static str> {
    const FORMS: [(&str, &str); 8] = [
        ("9999-99-99", "2000-01-01"),
        ("9999-99-99T99", "2000-01-01T00"),
        ("9999-99-99_99", "2000-01-01T00"),
        ("99-99-9999", "2000-01-01"),
        ("9999-99-99T999999Z", "20000101T000000Z"),
        ("9999-99-99T999999", "20000101T000000Z"),
        ("9999-99-99-99", "2000-01-01T00"),
        ("9999-99-99_99-99-99", "20000101T000000Z"),
    ];
    FORMS.iter().find(|(form, _)| fits(run, form)).map(|(_, canonical)| *canonical)
}

fn fits(run: &[u8], form: &str) -> bool {
    run.len() == form.len()
        && run.iter().zip(form.as_bytes()).all(|(byte, form)| match form {
            b'9' => byte.is_ascii_digit(),
            form => byte == form,
        })
}

/// Digits with a unit (`15ms`, `1h30m`, `4KB`), and basic date-times.
fn unit(run: &[u8]) -> Option<&'static str> {
    if fits(run, "99999999T999999Z") || fits(run, "99999999T999999") || fits(run, "99999999T99999999Z") {
        return Some("20000101T000000Z");
    }
    if !run[0].is_ascii_digit() {
        return None;
    }
    let (mut rest, mut kind) = (run, None);
    while !rest.is_empty() {
        let letters = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let end = rest[letters..].iter().position(u8::is_ascii_digit).map_or(rest.len(), |at| letters + at);
        let found = words::unit_kind(&rest[letters..end])?;
        if letters == 0 || kind.is_some_and(|kind| kind != found) {
            return None;
        }
        kind = Some(found);
        rest = &rest[end..];
        if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit) && found == "0s" {
            return Some("0s");
        }
    }
    kind
}
