//! Bytes in, the end of a JSON object out: a validating scan without a tree, and a walk over text of many objects.
//!
//! The scan judges structure alone (what the tolerant path can repair passes); values are judged by the strict parser.
#![expect(clippy::indexing_slicing, reason = "every index is compared with the length of the slice just before")]

use super::vector::{Portable, Vector};
use crate::model::Field;

/// What a scan from an opening brace found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The object is whole; this is the first byte behind it.
    End(usize),
    /// This byte cannot stand where it stands.
    Broken(usize),
    /// The bytes end before the object does.
    Open,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Key,
    Colon,
    Value,
    After,
}

const ARRAY: u32 = 1 << 31;
/// Nesting beyond this is no longer followed; the record counts as broken.
const DEEPEST: usize = 4 << 20;

/// Scans objects; its stack is reused from one to the next.
#[derive(Default)]
pub(super) struct Scanner {
    /// Offsets (from the start of the scan) of the containers that are open, arrays marked by the top bit.
    stack: Vec<u32>,
    /// How many of the keys of the object itself (of those seen) are fields of a log entry.
    fields: u32,
    /// How many of them are `labels`, which issues and pictures have as well.
    labels: u32,
    /// Whether one of them stands in hardly anything else.
    telling: bool,
    /// Whether the key that came last is `message`: an object as its value is a Pub/Sub envelope.
    message: bool,
}

impl Scanner {
    /// Scans the object that starts at `start` (its brace).
    pub(super) fn object(&mut self, bytes: &[u8], start: usize) -> Scan {
        self.stack.clear();
        (self.fields, self.labels, self.telling, self.message) = (0, 0, false, false);
        let bytes = &bytes[..bytes.len().min(start.saturating_add(ARRAY as usize - 1))];
        let mut at = start;
        let mut want = Want::Value;
        loop {
            if bytes.get(at).is_none_or(|byte| *byte <= b' ') {
                let Some(next) = skip_blank(bytes, at) else { return Scan::Open };
                at = next;
            }
            let step = match (want, bytes[at]) {
                (Want::Value, b'{') => {
                    self.telling |= self.message && self.stack.len() == 1;
                    self.open(at - start, 0, Want::Key)
                }
                (Want::Value, b'[') => self.open(at - start, ARRAY, Want::Value),
                (Want::Value | Want::Key, b'"') => {
                    let Some(end) = string_end(bytes, at) else { return Scan::Open };
                    if want == Want::Key && self.stack.len() == 1 {
                        self.key(&bytes[at + 1..end - 1]);
                    }
                    let (last, step) = self.behind_string(bytes, end, want == Want::Key);
                    at = last;
                    Some(step)
                }
                (Want::Colon, b':') => Some(Want::Value),
                (Want::After, b',') => Some(self.inside()),
                (_, close @ (b'}' | b']')) => self.close(want, close),
                (Want::Value, _) => match scalar_end(bytes, at) {
                    Some(end) if end < bytes.len() => {
                        at = end - 1;
                        Some(Want::After)
                    }
                    Some(_) => return Scan::Open,
                    None => None,
                },
                // A comma that is missing between two lines.
                (Want::After, b'"') if self.inside() == Want::Key && bytes[at - 1].is_ascii_whitespace() => {
                    want = Want::Key;
                    continue;
                }
                _ => None,
            };
            let Some(step) = step else { return Scan::Broken(at) };
            want = step;
            at += 1;
            if self.stack.is_empty() {
                return Scan::End(at);
            }
        }
    }

    /// The objects that were open when the scan ended without an end, as offsets from its start.
    pub(super) fn open_objects(&self) -> impl Iterator<Item = usize> {
        self.stack.iter().filter(|open| **open & ARRAY == 0).map(|open| *open as usize)
    }

    /// Whether the object has a field of a log entry, or carries one in an envelope.
    pub(super) fn entry_like(&self) -> bool {
        self.fields > self.labels || self.telling
    }

    /// Whether the object has a key that stands in hardly anything but a log entry.
    pub(super) fn telling(&self) -> bool {
        self.telling
    }

    /// Whether the object is a log entry for all one can see, wherever it stands.
    pub(super) fn surely_entry(&self) -> bool {
        self.fields > 1 || self.telling
    }

    fn key(&mut self, key: &[u8]) {
        let field = Field::named(key);
        self.fields += u32::from(field.is_some());
        self.labels += u32::from(field == Some(Field::Labels));
        self.telling |= super::entry::is_telling(key, field);
        self.message = key == b"message";
    }

    /// The last byte that is passed with a string that ends before `end`, and what is wanted then: its colon or comma
    /// mostly follows at once.
    fn behind_string(&self, bytes: &[u8], end: usize, key: bool) -> (usize, Want) {
        let follows = if key { b':' } else { b',' };
        match (bytes.get(end) == Some(&follows) && !self.stack.is_empty(), key) {
            (true, true) => (end, Want::Value),
            (true, false) => (end, self.inside()),
            (false, true) => (end - 1, Want::Colon),
            (false, false) => (end - 1, Want::After),
        }
    }

    fn open(&mut self, offset: usize, kind: u32, want: Want) -> Option<Want> {
        if self.stack.len() >= DEEPEST {
            return None;
        }
        self.stack.push(u32::try_from(offset).ok()? | kind);
        Some(want)
    }

    fn inside(&self) -> Want {
        if self.stack.last().is_some_and(|open| open & ARRAY != 0) { Want::Value } else { Want::Key }
    }

    /// Closing fits after a value, in an empty container, and behind a trailing comma; not behind a key or a colon.
    fn close(&mut self, want: Want, close: u8) -> Option<Want> {
        let inside = self.inside();
        let fits = want == Want::After || want == inside;
        let matches = (close == b']') == (inside == Want::Value);
        // `{"a": }` also wants a value, yet inside an object.
        if !fits || !matches {
            return None;
        }
        self.stack.pop()?;
        Some(Want::After)
    }
}

/// The first byte from `at` on that is not JSON white space.
pub(super) fn skip_blank(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).map(|index| at + index)
}

/// The first byte behind the string whose opening quote is at `start`.
pub(super) fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        // Most strings are too short for a search that has to be prepared.
        let found = Portable::special(bytes, at)?;
        match bytes[found] {
            b'"' => return Some(found + 1),
            b'\\' => at = found + 2,
            _ => at = found + 1,
        }
    }
}

/// The first byte behind a literal or number; also what some writers take for numbers (`NaN`).
pub(super) fn scalar_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let length = rest
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')))
        .unwrap_or(rest.len());
    let word = &rest[..length];
    let open = length == rest.len();
    let fits = match word.first()? {
        b'-' | b'0'..=b'9' => {
            word == b"-Infinity"
                || word.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        }
        _ => [&b"true"[..], b"false", b"null", b"NaN", b"Infinity"]
            .iter()
            .any(|known| *known == word || (open && known.starts_with(word))),
    };
    (fits && length > 0).then_some(start + length)
}
