//! A canonical text met before and a message in, whether the message has that text out, without making it.
//!
//! The messages of one statement differ in their values alone. So what stands between the values is compared, many bytes
//! at once, and only the values are looked at byte by byte.
#![expect(clippy::indexing_slicing, reason = "values are ranges of the text they were made with")]

use super::value::{Shape, is_word_byte, trimmed, write};
use super::{Canon, Class, MESSAGE_LIMIT, Run, class, narrow};

/// Where values stand in a canonical text of which everything else is the same in all messages that have it.
pub(in crate::distill) struct Stencil {
    values: Box<[Value]>,
}

struct Value {
    start: u32,
    end: u32,
    /// How many dashes and underscores stand before it, which belong to its run.
    marks: usize,
}

impl Canon {
    /// The stencil of the canonical text made last; `None` if more than values may vary in messages that have it.
    pub(in crate::distill) fn stencil(&self) -> Option<Stencil> {
        let text = self.text.as_str();
        let bytes = text.as_bytes();
        if !self.masks.is_empty() || !starts_plainly(bytes) || text.contains("[U+") {
            return None;
        }
        let mut values = Vec::with_capacity(self.runs.len());
        let mut at = 0;
        for Run { canon_start, canon_end, .. } in &self.runs {
            let (start, end) = (*canon_start as usize, *canon_end as usize);
            let constant = text.get(at..start).filter(|constant| stays(constant, bytes.get(start)))?;
            let before = constant.trim_end_matches(['-', '_']);
            let ends_a_word = before.bytes().next_back().map_or(at > 0, is_word_byte);
            if ends_a_word || !bytes[start..end].iter().any(u8::is_ascii_digit) {
                return None;
            }
            values.push(Value { start: *canon_start, end: *canon_end, marks: constant.len() - before.len() });
            at = end;
        }
        stays(text.get(at..)?, None).then(|| Stencil { values: values.into() })
    }

    /// Whether a message has the canonical text of this stencil; the runs are then those of the message, while
    /// [`text`](Self::text) is still another one's.
    pub(in crate::distill) fn fits(&mut self, message: &str, text: &str, stencil: &Stencil) -> bool {
        let Self { runs, value, .. } = self;
        runs.clear();
        let (bytes, text) = (message.as_bytes(), text.as_bytes());
        if bytes.len() > MESSAGE_LIMIT {
            return false;
        }
        let (mut at, mut canon_at) = (0, 0);
        for known in &stencil.values {
            let constant = &text[canon_at..known.start as usize];
            if !bytes[at..].starts_with(constant) {
                return false;
            }
            at += constant.len();
            let from = at - known.marks;
            let mut shape = Shape::default();
            let to = from + bytes[from..].iter().take_while(|byte| shape.add(**byte)).count();
            if !shape.has_digits() {
                return false;
            }
            let (start, end) = trimmed(bytes, (from, to), &mut shape);
            value.clear();
            write(&bytes[start..end], shape, value);
            if start != at || value.as_bytes() != &text[known.start as usize..known.end as usize] {
                return false;
            }
            runs.push(Run { start: narrow(start), end: narrow(end), canon_start: known.start, canon_end: known.end });
            (at, canon_at) = (end, known.end as usize);
        }
        bytes[at..] == text[canon_at..]
    }
}

/// Whether a text starts with no decoration, whatever its values are.
fn starts_plainly(text: &[u8]) -> bool {
    match text {
        [b'[', next, ..] => next.is_ascii_alphanumeric(),
        [first, ..] => first.is_ascii_graphic() && !matches!(first, b'[' | b'?'),
        [] => false,
    }
}

/// Whether a part of a canonical text is kept in every message, whatever follows; `next` is the byte behind it.
fn stays(constant: &str, next: Option<&u8>) -> bool {
    let bytes = constant.as_bytes();
    constant.char_indices().all(|(at, character)| match character {
        '[' => bytes.get(at + 1).or(next).is_none_or(u8::is_ascii),
        // What may begin a pictogram whose bytes were read as other characters.
        'â' | 'ï' | 'ð' => false,
        character => u8::try_from(character).map_or(true, |byte| class(byte) != Class::Digit),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::canonicalize;
    use super::*;

    fn made(message: &str) -> Canon {
        let mut canon = Canon::new();
        canonicalize(message, &mut canon);
        canon
    }

    fn fits(known: &str, message: &str) -> bool {
        let known = made(known);
        let Some(stencil) = known.stencil() else { return false };
        let mut found = Canon::new();
        let fits = found.fits(message, known.text(), &stencil);
        let expected = made(message);
        if fits {
            assert_eq!((known.text(), found.runs()), (expected.text(), expected.runs()), "{message:?}");
        }
        fits
    }

    #[test]
    fn messages_that_differ_in_their_values_fit() {
        for (known, message) in [
            ("took 160 ms, -7 left", "took 9 ms, 12345 left"),
            ("[12] worker (pid:7) IPv6 größe 5", "[-3] worker (pid:98765) IPv6 größe 77"),
            ("req_17_ab3: x", "main_0a1b2c3d: x"),
            ("--5-- a-_7", "--66-- b-_c9"),
            ("no value at all", "no value at all"),
        ] {
            assert!(fits(known, message), "{message}");
        }
        for (known, message) in [
            ("took 160 ms", "took 160 ms "),
            ("took 160 ms", "took x ms"),
            ("took 160 ms", "took 16f ms"),
            ("a -b5", "a -5"),
            ("? 5", "? 6"),
            ("[5", "[🔑"),
        ] {
            assert!(!fits(known, message), "{message}");
        }
    }

    proptest! {
        #[test]
        fn what_fits_has_the_same_text_and_runs(
            known in "[ab5 _:\\[\\]?U+é🔑â\u{1b}-]{0,12}",
            message in "[ab7 _:\\[\\]?U+é🔑â\u{1b}-]{0,12}",
            parts in prop::collection::vec(("[a_:\\[(é -]{0,3}", "[-_]{0,2}[a-f0-9]{0,3}[0-9][a-f0-9_-]{0,3}", "[-_]{0,2}[a-f0-9]{0,3}[0-9][a-f0-9_-]{0,3}"), 0..4),
        ) {
            fits(&known, &message);
            let [one, other] = parts.iter().fold([String::new(), String::new()], |[one, other], (text, left, right)| {
                [one + text + left, other + text + right]
            });
            fits(&one, &other);
            prop_assert!(made(&one).stencil().is_none() || fits(&one, &one));
        }
    }
}
