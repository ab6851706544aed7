//! The place of a JSON text, number, `true`, `false` or `null` in, what it says and where it ends out.
//!
//! Only plain forms are read; whatever is doubtful (a lone surrogate, a huge number, a raw control byte) is left to the
//! strict parser.

use simd_json::StaticNode;

use super::vector::{Portable, Vector};
use crate::model::{Form, Literal};

/// The texts and scalars that the literals of a record refer to.
#[derive(Default)]
pub(super) struct Told {
    /// The texts whose escapes were resolved, behind each other.
    pub(super) unescaped: String,
    pub(super) scalars: Vec<StaticNode>,
}

impl Told {
    pub(super) fn clear(&mut self) {
        self.unescaped.clear();
        self.scalars.clear();
    }

    /// Reads the text whose first byte behind the quote is at `from`; it ends at its closing quote.
    pub(super) fn text(&mut self, record: &str, from: usize) -> Option<Literal> {
        let at = Portable::special(record.as_bytes(), from)?;
        if record.as_bytes().get(at) == Some(&b'"') {
            return Some(Literal { from: offset(from)?, to: offset(at)?, form: Form::Plain });
        }
        self.escaped(record, from, at)
    }

    /// The same for a text with the first escape at `at`.
    #[cold]
    fn escaped(&mut self, record: &str, from: usize, mut at: usize) -> Option<Literal> {
        let Self { unescaped, .. } = self;
        let start = unescaped.len();
        let mut copied = from;
        loop {
            unescaped.push_str(record.get(copied..at)?);
            match record.as_bytes().get(at)? {
                b'"' => {
                    let form = Form::Escaped(offset(start)?, offset(unescaped.len())?);
                    return Some(Literal { from: offset(from)?, to: offset(at)?, form });
                }
                b'\\' => {
                    let (character, end) = escape(record.as_bytes(), at + 1)?;
                    unescaped.push(character);
                    copied = end;
                }
                _ => return None,
            }
            at = Portable::special(record.as_bytes(), copied)?;
        }
    }

    /// Reads the number, `true`, `false` or `null` at `from`; it ends before the first byte behind it.
    pub(super) fn scalar(&mut self, record: &str, from: usize) -> Option<Literal> {
        let rest = record.as_bytes().get(from..)?;
        let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'))?;
        let node = match rest.get(..length)? {
            b"true" => StaticNode::Bool(true),
            b"false" => StaticNode::Bool(false),
            b"null" => StaticNode::Null,
            digits => integer(digits).or_else(|| float(digits))?,
        };
        let form = Form::Scalar(offset(self.scalars.len())?);
        self.scalars.push(node);
        Some(Literal { from: offset(from)?, to: offset(from + length)?, form })
    }
}

/// A whole number that needs no care: up to 18 digits, no leading zero, no negative zero.
fn integer(text: &[u8]) -> Option<StaticNode> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    match digits {
        [] | [b'0', _, ..] => return None,
        [b'0'] if negative => return None,
        _ => {}
    }
    let number = digits.iter().fold(0, |number: u64, digit| number * 10 + u64::from(digit - b'0'));
    Some(if negative { StaticNode::I64(-number.cast_signed()) } else { StaticNode::U64(number) })
}

/// A number with a fraction, without an exponent: up to 17 digits in all.
fn float(text: &[u8]) -> Option<StaticNode> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let point = digits.iter().position(|byte| *byte == b'.')?;
    let (whole, fraction) = (digits.get(..point)?, digits.get(point + 1..)?);
    let leading_zero = whole.len() > 1 && whole.first() == Some(&b'0');
    if whole.is_empty() || fraction.is_empty() || leading_zero || digits.len() > 18 {
        return None;
    }
    if !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().map(StaticNode::F64)
}

pub(super) fn offset(at: usize) -> Option<u32> {
    u32::try_from(at).ok()
}

/// The character of the escape behind a backslash, and the first byte behind it.
fn escape(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let character = match bytes.get(at)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes, at + 1),
        _ => return None,
    };
    Some((character, at + 1))
}

/// The character of four hexadecimal digits, or of two such escapes that are a surrogate pair.
fn unicode(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let high = hexadecimal(bytes, at)?;
    if !(0xd800..0xdc00).contains(&high) {
        return Some((char::from_u32(high)?, at + 4));
    }
    if bytes.get(at + 4..at + 6)? != b"\\u" {
        return None;
    }
    let low = hexadecimal(bytes, at + 6)?;
    if !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    Some((char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, at + 10))
}

fn hexadecimal(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}
