//! A record that the strict parser refuses in, one that it accepts out, or nothing; what was changed is named.
//!
//! The tolerant path does not parse: it mends bytes and hands them to the strict parser, so both paths agree on what
//! both accept. No bracket and no quote is ever invented.
#![expect(clippy::indexing_slicing, reason = "every index is compared with the length of the slice just before")]

use std::{collections::BTreeSet, io::Write};

use super::scan::{Scan, Scanner, scalar_end, skip_blank, string_end};

/// Values nested deeper than this are kept as text.
const DEEPEST: usize = 100;

const UTF8: &str = "invalid UTF-8 was replaced by U+FFFD";
const CONTROL: &str = "raw control bytes in strings were escaped";
const SURROGATE: &str = "lone surrogates were replaced by U+FFFD";
const ESCAPE: &str = "unknown escapes are kept as text";
const NUMBER: &str = "numbers that are not JSON or too large are kept as text";
const COMMA: &str = "missing or trailing commas were mended";
const DEPTH: &str = "values nested deeper than 100 levels are kept as text";

/// Mends a record; `None` if it is not an object that only small things are wrong with.
pub(super) fn repair(text: &[u8], scanner: &mut Scanner) -> Option<(Vec<u8>, BTreeSet<&'static str>)> {
    let mut mender = Mender { out: Vec::with_capacity(text.len() + 64), stack: Vec::new(), notes: BTreeSet::new() };
    if text.first() != Some(&b'{') {
        return None;
    }
    let end = mender.object(text, scanner)?;
    (end == text.len()).then_some((mender.out, mender.notes))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Key,
    Colon,
    Value,
    After,
}

struct Mender {
    out: Vec<u8>,
    /// Whether each open container is an array.
    stack: Vec<bool>,
    notes: BTreeSet<&'static str>,
}

impl Mender {
    fn object(&mut self, text: &[u8], scanner: &mut Scanner) -> Option<usize> {
        let (mut at, mut want) = (0, Want::Value);
        // Where a comma stands in the output that is wrong if the container closes next.
        let mut comma: Option<usize> = None;
        loop {
            let next = skip_blank(text, at)?;
            self.out.extend_from_slice(&text[at..next]);
            at = next;
            let byte = text[at];
            if matches!(byte, b'}' | b']') {
                self.close(byte, want, comma.take())?;
                (at, want) = (at + 1, Want::After);
                if self.stack.is_empty() {
                    return Some(at);
                }
                continue;
            }
            match (want, byte) {
                (Want::After, b',') => {
                    comma = Some(self.out.len());
                    self.out.push(b',');
                    (at, want) = (at + 1, self.inside());
                    continue;
                }
                (Want::After, b'"') if self.inside() == Want::Key && text[at - 1].is_ascii_whitespace() => {
                    self.notes.insert(COMMA);
                    self.out.push(b',');
                    want = Want::Key;
                }
                (Want::Colon, b':') => {
                    self.out.push(b':');
                    (at, want) = (at + 1, Want::Value);
                }
                (Want::Value, b'{' | b'[') if self.stack.len() < DEEPEST => {
                    self.stack.push(byte == b'[');
                    self.out.push(byte);
                    (at, want) = (at + 1, self.inside());
                }
                (Want::Value, b'{' | b'[') => {
                    let Scan::End(end) = scanner.object(text, at) else { return None };
                    self.notes.insert(DEPTH);
                    self.quote(&text[at..end]);
                    (at, want) = (end, Want::After);
                }
                (Want::Value | Want::Key, b'"') => {
                    let end = string_end(text, at)?;
                    self.string(&text[at + 1..end - 1]);
                    (at, want) = (end, if want == Want::Key { Want::Colon } else { Want::After });
                }
                (Want::Value, _) => {
                    let end = scalar_end(text, at)?;
                    self.scalar(&text[at..end]);
                    (at, want) = (end, Want::After);
                }
                _ => return None,
            }
            comma = None;
        }
    }

    fn inside(&self) -> Want {
        if self.stack.last() == Some(&true) { Want::Value } else { Want::Key }
    }

    fn close(&mut self, byte: u8, want: Want, comma: Option<usize>) -> Option<()> {
        let inside = self.inside();
        if (want != Want::After && want != inside) || (byte == b']') != (inside == Want::Value) {
            return None;
        }
        if let Some(comma) = comma {
            self.out.remove(comma);
            self.notes.insert(COMMA);
        }
        self.stack.pop()?;
        self.out.push(byte);
        Some(())
    }

    /// Numbers that the strict parser would refuse keep their digits as a string.
    fn scalar(&mut self, word: &[u8]) {
        let literal = matches!(word, b"true" | b"false" | b"null");
        if literal || is_number(word) {
            self.out.extend_from_slice(word);
        } else {
            self.notes.insert(NUMBER);
            self.quote(word);
        }
    }

    /// Any bytes as a JSON string.
    fn quote(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        self.plain(bytes, true);
        self.out.push(b'"');
    }

    /// The inside of a JSON string.
    fn string(&mut self, inner: &[u8]) {
        self.out.push(b'"');
        let mut at = 0;
        while let Some(found) = memchr::memchr(b'\\', &inner[at..]) {
            let slash = at + found;
            self.plain(&inner[at..slash], false);
            at = slash + self.escape(&inner[slash..]);
        }
        self.plain(&inner[at..], false);
        self.out.push(b'"');
    }

    /// Text without escapes: valid UTF-8 passes, control bytes are escaped; backslashes and quotes too, if `all`.
    fn plain(&mut self, bytes: &[u8], all: bool) {
        for chunk in bytes.utf8_chunks() {
            if !all && chunk.valid().bytes().any(|byte| byte < 32) {
                self.notes.insert(CONTROL);
            }
            for byte in chunk.valid().bytes() {
                // Writing to a vector cannot fail.
                let _ = match byte {
                    0..32 => write!(self.out, "\\u{byte:04x}"),
                    b'"' | b'\\' if all => self.out.write_all(&[b'\\', byte]),
                    _ => self.out.write_all(&[byte]),
                };
            }
            if !chunk.invalid().is_empty() {
                self.notes.insert(UTF8);
                self.out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }

    /// One escape; gives how many bytes it is long.
    fn escape(&mut self, text: &[u8]) -> usize {
        match text.get(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.out.extend_from_slice(&text[..2]);
                2
            }
            Some(b'u') => self.unicode(text),
            _ => {
                self.notes.insert(ESCAPE);
                self.out.extend_from_slice(b"\\\\");
                1
            }
        }
    }

    fn unicode(&mut self, text: &[u8]) -> usize {
        match (unit(text), unit(text.get(6..).unwrap_or_default())) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => {
                self.out.extend_from_slice(&text[..12]);
                12
            }
            (Some(0xd800..0xe000), _) => {
                self.notes.insert(SURROGATE);
                self.out.extend_from_slice(b"\\ufffd");
                6
            }
            (Some(_), _) => {
                self.out.extend_from_slice(&text[..6]);
                6
            }
            (None, _) => {
                self.notes.insert(ESCAPE);
                self.out.extend_from_slice(b"\\\\");
                1
            }
        }
    }
}

/// The code unit of a `\uXXXX` at the start of `text`.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Whether the strict parser takes a word for a number: JSON's grammar, and within the range of a double.
fn is_number(word: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(word) else { return false };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let run = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    run(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(run)
        && exponent.is_none_or(run)
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}
