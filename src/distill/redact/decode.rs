//! A text in, the same text with one layer of escapes taken off or put on out, and from where in the text each part came.
//!
//! Secrets hide behind JSON escapes, URL encoding, HTML entities, escaped Markdown, terminal colours and blanks that are
//! not the plain one. Detectors look at decoded views; what they find is mapped back, so that exactly the disguised
//! value is replaced.

#![expect(clippy::indexing_slicing, reason = "every index is checked against the length in the line before it")]

use std::borrow::Cow;
use std::ops::Range;

/// A text with one layer of escapes taken off, or put on.
#[derive(Debug)]
pub(super) struct View {
    /// The text without them, or with them.
    pub(super) text: String,
    pieces: Vec<Piece>,
}

/// How an output writes a letter that it does not show as it is.
pub type Spelling = fn(char) -> Option<Cow<'static, str>>;

/// How long an escape is, and what it stands for.
pub(super) type Escape = (usize, Option<char>);

/// A stretch of the decoded text and where it comes from.
#[derive(Debug)]
struct Piece {
    view: usize,
    origin: Range<usize>,
    verbatim: bool,
}

impl View {
    /// The text without one layer of escapes, or `None` if it has none. What shows as nothing is a layer by itself: it
    /// may cut a value in two that a blank of another layer would end.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let hidden = bytes.iter().fold(0, |any, byte| any | may_hide(*byte)) != 0;
        let hides = |from: usize| bytes.get(from..)?.iter().position(|byte| may_hide(*byte) != 0);
        let unhidden =
            hidden.then(|| Self::take_off(text, |from| hides(from).map(|found| from + found), hidden_at)).flatten();
        let rare = !text.is_ascii();
        unhidden.or_else(|| Self::take_off(text, |from| next_candidate(bytes, from, rare), escape_at))
    }

    /// The text with what `is_one` says stands for something else where `next` says it may begin.
    fn take_off(
        text: &str,
        next: impl Fn(usize) -> Option<usize>,
        is_one: fn(&str, usize) -> Option<Escape>,
    ) -> Option<Self> {
        let mut view = Self { text: String::new(), pieces: Vec::new() };
        let mut done = 0;
        let mut at = 0;
        while let Some(step) = next(at) {
            at = step;
            let Some((length, decoded)) = is_one(text, at) else {
                at += 1;
                continue;
            };
            if done < at {
                view.push(text, done..at);
            }
            view.pieces.push(Piece { view: view.text.len(), origin: at..at + length, verbatim: false });
            view.text.extend(decoded);
            at += length;
            done = at;
        }
        if view.pieces.is_empty() {
            return None;
        }
        view.push(text, done..text.len());
        Some(view)
    }

    /// The text as an output shows it, if that spells any of its letters out.
    pub(super) fn spelled(text: &str, spelling: Spelling) -> Option<Self> {
        let mut view = Self { text: String::new(), pieces: Vec::new() };
        let mut done = 0;
        for (at, letter) in text.char_indices() {
            let Some(shown) = spelling(letter) else { continue };
            if done < at {
                view.push(text, done..at);
            }
            done = at + letter.len_utf8();
            view.pieces.push(Piece { view: view.text.len(), origin: at..done, verbatim: false });
            view.text.push_str(&shown);
        }
        if view.pieces.is_empty() {
            return None;
        }
        view.push(text, done..text.len());
        Some(view)
    }

    fn push(&mut self, text: &str, origin: Range<usize>) {
        self.pieces.push(Piece { view: self.text.len(), origin: origin.clone(), verbatim: true });
        self.text.push_str(text.get(origin).unwrap_or_default());
    }

    /// Where a stretch of the decoded text stands in the original.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.piece(range.start).map_or(0, |piece| {
            if piece.verbatim { piece.origin.start + (range.start - piece.view) } else { piece.origin.start }
        });
        let end = self.piece(range.end.saturating_sub(1)).map_or(start, |piece| {
            if piece.verbatim { piece.origin.start + (range.end - piece.view) } else { piece.origin.end }
        });
        start..end.max(start)
    }

    /// The last piece that starts at or before a place of the decoded text.
    fn piece(&self, at: usize) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.view <= at);
        self.pieces.get(behind.checked_sub(1)?)
    }
}

/// Not 0 for control characters, but for line breaks and tabs, and for what begins those beyond ASCII.
fn may_hide(byte: u8) -> u8 {
    let is = |other: u8| u8::from(byte == other);
    (u8::from(byte < 0x20) & !(is(b'\n') | is(b'\r') | is(b'\t'))) | is(0x7f) | is(0xc2)
}

/// What shows as nothing, or acts on a terminal, at `at`: its length.
fn hidden_at(text: &str, at: usize) -> Option<Escape> {
    let letter = text.get(at..)?.chars().next().filter(|letter| letter.is_control())?;
    let sequence = terminal_sequence(text.as_bytes().get(at..)?).filter(|_| letter == '\u{1b}');
    Some((sequence.unwrap_or_else(|| letter.len_utf8()), None))
}

/// Not 0 for the bytes that begin escapes and rare blanks; without a branch, so that many are asked at once.
fn may_begin(byte: u8) -> u8 {
    let is = |other: u8| u8::from(byte == other);
    is(b'\\') | is(b'%') | is(b'&') | is(0xc2) | is(0xe1) | is(0xe2) | is(0xe3)
}

/// The next byte that may begin an escape; rare blanks are looked for in texts that may have any.
fn next_candidate(bytes: &[u8], from: usize, rare: bool) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = if rare {
        let none = |block: &&[u8; 16]| block.iter().fold(0, |any, byte| any | may_begin(*byte)) == 0;
        let passed = rest.as_chunks().0.iter().take_while(none).count() * 16;
        rest.get(passed..)?.iter().position(|byte| may_begin(*byte) != 0).map(|found| passed + found)
    } else {
        memchr::memchr3(b'\\', b'%', b'&', rest)
    };
    found.map(|found| from + found)
}

/// The escape that starts at `at`: its length and what it stands for.
pub(super) fn escape_at(text: &str, at: usize) -> Option<Escape> {
    let rest = &text.as_bytes()[at..];
    match rest.first()? {
        b'\\' => backslash(rest),
        b'%' => hex_byte(rest.get(1..3)?).map(|decoded| (3, Some(decoded))),
        b'&' => entity(rest),
        0xc2 | 0xe1..=0xe3 => {
            let blank = text.get(at..)?.chars().next().filter(|letter| letter.is_whitespace())?;
            Some((blank.len_utf8(), Some(' ')))
        }
        _ => None,
    }
}

fn hex_byte(digits: &[u8]) -> Option<char> {
    let value = hex(digits)?;
    // Bytes beyond ASCII are part of some encoding; that something stands there is all that detectors need.
    Some(char::from_u32(value).filter(char::is_ascii).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits.iter().try_fold(0_u32, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

fn backslash(rest: &[u8]) -> Option<Escape> {
    let next = *rest.get(1)?;
    match next {
        b'n' => Some((2, Some('\n'))),
        b'r' => Some((2, Some('\r'))),
        b't' => Some((2, Some('\t'))),
        b'x' => hex_byte(rest.get(2..4)?).map(|decoded| (4, Some(decoded))),
        b'u' if rest.get(2) == Some(&b'{') => {
            let close = rest.iter().take(10).position(|byte| *byte == b'}')?;
            let decoded = char::from_u32(hex(rest.get(3..close)?)?)?;
            Some((close + 1, Some(decoded)))
        }
        b'u' => {
            let unit = hex(rest.get(2..6)?)?;
            Some((6, Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))))
        }
        b'0' if rest.get(2..4) == Some(b"33") => Some((4, Some('\u{1b}'))),
        b'e' if rest.get(2) == Some(&b'[') => Some((2, Some('\u{1b}'))),
        _ if next.is_ascii_punctuation() => Some((2, Some(char::from(next)))),
        _ => None,
    }
}

/// HTML entities, the ones that escapers write.
fn entity(rest: &[u8]) -> Option<Escape> {
    let close = rest.iter().take(10).position(|byte| *byte == b';')?;
    let decoded = match rest.get(1..close)? {
        b"quot" => '"',
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"apos" => '\'',
        name => {
            let digits = name.strip_prefix(b"#")?;
            let value = match digits.strip_prefix(b"x").or_else(|| digits.strip_prefix(b"X")) {
                Some(digits) => hex(digits)?,
                None => std::str::from_utf8(digits).ok()?.parse().ok()?,
            };
            char::from_u32(value)?
        }
    };
    Some((close + 1, Some(decoded)))
}

/// The length of a terminal control sequence: `ESC [ ... letter` or `ESC ] ... BEL`.
fn terminal_sequence(rest: &[u8]) -> Option<usize> {
    match rest.get(1)? {
        b'[' => {
            let parameters = rest.get(2..)?.iter().take(32).take_while(|byte| matches!(byte, 0x20..=0x3f)).count();
            rest.get(2 + parameters).filter(|last| matches!(last, 0x40..=0x7e))?;
            Some(3 + parameters)
        }
        b']' => rest.iter().take(256).position(|byte| *byte == 0x07).map(|bell| bell + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_kind_of_escape_is_taken_off_once() {
        for (text, decoded) in [
            (r#"a\"b"#, "a\"b"),
            (r"a\\nb", r"a\nb"),
            (r"x\u003dy\u0026z", "x=y&z"),
            ("x%3Dy%2526z", "x=y%26z"),
            ("&quot;a&quot;&#39;&#x26;", "\"a\"'&"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("a\u{85}b\u{1}c\u{b}d\u{7f}\u{1b}e\nf\u{a0}g", "abcde\nf\u{a0}g"),
            (r"\u{1b}[0m", "\u{1b}[0m"),
            (r"my\_key\.x", "my_key.x"),
            ("auth\u{a0}=\u{3000}x\u{2028}é", "auth = x é"),
        ] {
            assert_eq!(View::decode(text).unwrap().text, decoded, "{text}");
        }
        for text in ["", "plain", "größer – 漢字", "100% sure", "a & b", "C:\\dir", "&nothing", "\\"] {
            assert!(View::decode(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_found_maps_back_to_the_disguised_text() {
        let text = r"user\u003da%40b.example&x";
        let view = View::decode(text).unwrap();
        let found = view.text.find("a@b.example").unwrap();
        assert_eq!(text.get(view.origin(&(found..found + 11))).unwrap(), "a%40b.example");
    }

    proptest! {
        #[test]
        fn every_range_maps_to_a_range_of_the_text(text in r#"(?:[a-zé\u{a0}\u{2003}\u{3000}]|\\["nux]|%[0-9a-f]{2}|&amp;|\PC){0,40}"#, a: usize, b: usize) {
            if let Some(view) = View::decode(&text) {
                let places: Vec<usize> = (0..=view.text.len()).filter(|at| view.text.is_char_boundary(*at)).collect();
                let (from, to) = (places[a % places.len()], places[b % places.len()]);
                let origin = view.origin(&(from.min(to)..from.max(to)));
                prop_assert!(text.get(origin).is_some());
            }
        }
    }
}
