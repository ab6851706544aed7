//! Text that holds records somewhere in, the place of each record out; what is neither record nor separator is junk.
//!
//! The walk goes from record to record. Behind a broken one it looks for the next place where a whole entry stands, so
//! that damage costs the record it hit. It takes time linear in the text: a place that was open when a scan failed is
//! known to fail as well, and is not scanned again.
#![expect(clippy::indexing_slicing, reason = "every index is compared with the length of the slice just before")]

use hashbrown::HashMap;
use memchr::{memchr, memmem::Finder};

use super::scan::{Scan, Scanner, scalar_end, skip_blank, string_end};
use crate::model::Severity;

/// A stretch of an input, as the walk judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its first byte, from the start of the input.
    pub from: u64,
    /// The first byte behind it.
    pub to: u64,
    pub kind: Kind,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole JSON object; with the severity of the group it stands in, if it stands in one.
    Record(Option<Severity>),
    /// Bytes that hold no record, and why.
    Junk(&'static str),
}

/// What a step found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A piece; the walk goes on at this index.
    Piece(Piece, usize),
    /// The text has to go on before one can say; what stands before this index is no longer needed.
    More(usize),
    /// The end.
    Done,
}

pub(super) const NOT_JSON: &str = "not valid JSON";
pub(super) const CUT_OFF: &str = "cut off at the end of the input";
pub(super) const TOO_LONG: &str = "longer than the limit for one record";
pub(super) const STRAY: &str = "text between records";
pub(super) const NULS: &str = "NUL bytes";

/// How far an object is looked into before it is taken for the container of the records.
const ENVELOPE_HEAD: usize = 1 << 20;

/// Goes through the text of an input.
pub(super) struct Walker {
    scanner: Scanner,
    /// Records may stand inside objects (`{"entries": [...]}`); keys and scalars around them are separators.
    pub(super) envelope: bool,
    max_record: usize,
    /// Where junk began that has not ended, and why it is junk.
    junk: Option<(u64, &'static str)>,
    /// Braces that are known to open nothing whole, from the start of the input, and why.
    doomed: HashMap<u64, &'static str>,
    group: Option<Severity>,
    /// How many arrays are open around the records.
    pub(super) depth: i64,
    /// A byte order mark stood between records.
    pub(super) inner_mark: bool,
}

impl Walker {
    pub(super) fn new(envelope: bool, max_record: usize) -> Self {
        Self {
            scanner: Scanner::default(),
            envelope,
            max_record,
            junk: None,
            doomed: HashMap::new(),
            group: None,
            depth: 0,
            inner_mark: false,
        }
    }

    /// Walks a text that is whole and stands at `base`; every piece goes to `take`.
    pub(super) fn all(&mut self, bytes: &[u8], base: u64, lines: Option<&Finder<'_>>, mut take: impl FnMut(Piece)) {
        self.junk = None;
        self.doomed.clear();
        let mut at = 0;
        while let Step::Piece(piece, next) = self.step(Text { bytes, base, ended: true, lines }, at) {
            take(piece);
            at = next;
        }
    }

    /// Goes on at index `at`.
    pub(super) fn step(&mut self, text: Text<'_>, mut at: usize) -> Step {
        loop {
            let went = if self.junk.is_some() { self.through_junk(text, at) } else { self.between(text, at) };
            match went {
                Went::On(next) => at = next,
                Went::Found(from, to) => {
                    let kind = Kind::Record(self.group);
                    return Step::Piece(Piece { from: text.base + from as u64, to: text.base + to as u64, kind }, to);
                }
                Went::Junk(to, next) => {
                    if let Some(piece) = self.end_junk(text, to) {
                        return Step::Piece(piece, next);
                    }
                    at = next;
                }
                Went::More(keep) => return Step::More(keep),
                Went::Done => return Step::Done,
            }
        }
    }

    /// Between records, nothing amiss.
    fn between(&mut self, text: Text<'_>, at: usize) -> Went {
        let Text { bytes, base, ended, .. } = text;
        let Some(at) = skip_blank(bytes, at) else { return if ended { Went::Done } else { Went::More(bytes.len()) } };
        match bytes[at] {
            b',' => {}
            b'[' => self.depth += 1,
            b']' => self.depth -= 1,
            b'{' => return self.candidate(text, at),
            b'}' | b':' if self.envelope => {}
            b'"' if self.envelope => return self.key(text, at),
            0xef | 0xe2 if !ended && bytes.len() < at + 3 => return Went::More(at),
            0xef if bytes[at..].starts_with(b"\xef\xbb\xbf") => {
                self.inner_mark |= base + at as u64 > 0;
                return Went::On(at + 3);
            }
            // The separators of lines and paragraphs that Unicode has.
            0xe2 if matches!(bytes[at..], [_, 0x80, 0xa8 | 0xa9, ..]) => return Went::On(at + 3),
            _ if self.envelope => match scalar_end(bytes, at) {
                Some(end) if end < bytes.len() || ended => return Went::On(end),
                Some(_) => return Went::More(at),
                None => self.junk = Some((base + at as u64, STRAY)),
            },
            0 => self.junk = Some((base + at as u64, NULS)),
            _ => self.junk = Some((base + at as u64, STRAY)),
        }
        Went::On(if self.junk.is_some() { at } else { at + 1 })
    }

    /// A brace where a record may start.
    fn candidate(&mut self, text: Text<'_>, at: usize) -> Went {
        let Text { bytes, base, ended, .. } = text;
        if self.envelope && !self.is_doomed(base, at) {
            let head = &bytes[..bytes.len().min(at + ENVELOPE_HEAD)];
            let whole = ended || head.len() < bytes.len();
            match self.scanner.object(head, at) {
                Scan::Open if !whole => return Went::More(at),
                Scan::Open | Scan::End(_) if !self.scanner.entry_like() => return Went::On(at + 1),
                _ => {}
            }
        }
        let reason = match self.scan(text, at) {
            Ok(end) => return Went::Found(at, end),
            Err(Some(reason)) => reason,
            Err(None) => return Went::More(at),
        };
        self.junk = Some((base + at as u64, reason));
        Went::On(at + 1)
    }

    /// The end of the object at `at`, or why there is none; no reason if the text has to go on first.
    fn scan(&mut self, text: Text<'_>, at: usize) -> Result<usize, Option<&'static str>> {
        let Text { bytes, base, ended, .. } = text;
        if let Some(reason) = self.doomed.get(&(base + at as u64)) {
            return Err(Some(reason));
        }
        let reach = bytes.len().min(at.saturating_add(self.max_record));
        let reason = match self.scanner.object(&bytes[..reach], at) {
            Scan::End(end) => return Ok(end),
            Scan::Broken(_) => NOT_JSON,
            Scan::Open if reach < bytes.len() => TOO_LONG,
            Scan::Open if ended => CUT_OFF,
            Scan::Open => return Err(None),
        };
        // The object itself is behind the walk from here on.
        let inner = self.scanner.open_objects().filter(|offset| *offset > 0);
        self.doomed.extend(inner.map(|offset| (base + (at + offset) as u64, reason)));
        Err(Some(reason))
    }

    /// Behind something broken: looks for the next record.
    fn through_junk(&mut self, text: Text<'_>, at: usize) -> Went {
        let Text { bytes, ended, lines, .. } = text;
        let brace = bytes.get(at..).and_then(|rest| memchr(b'{', rest)).map(|found| at + found);
        let Some(brace) = brace else {
            return if ended { Went::Junk(bytes.len(), bytes.len()) } else { Went::More(bytes.len()) };
        };
        if lines.is_some_and(|lines| bytes[..=brace].ends_with(lines.needle())) {
            return Went::Junk(brace, brace);
        }
        // A separator that is damaged itself is a short stray text in front of the next record.
        let near = self.junk.is_some_and(|(from, kind)| kind == STRAY && text.base + brace as u64 <= from + 16);
        if !(near || may_start(bytes, brace)) || self.is_doomed(text.base, brace) {
            return Went::On(brace + 1);
        }
        match self.scan(text, brace) {
            Ok(_) | Err(Some(TOO_LONG)) if self.scanner.surely_entry() => Went::Junk(brace, brace),
            Ok(end) => Went::On(end),
            Err(None) => Went::More(brace),
            Err(Some(_)) => Went::On(brace + 1),
        }
    }

    /// Ends the junk before index `to`, without the separators in front of it; nothing, if it was separators alone.
    fn end_junk(&mut self, text: Text<'_>, to: usize) -> Option<Piece> {
        let (from, kind) = self.junk.take()?;
        // What something follows is not at the end.
        let kind = if kind == CUT_OFF && to < text.bytes.len() { NOT_JSON } else { kind };
        let start = usize::try_from(from.saturating_sub(text.base)).unwrap_or(usize::MAX).min(to);
        let junk = &text.bytes[start..to];
        let separator = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b'[' | b']');
        let tail = junk.iter().rev().take_while(|byte| separator(byte)).count();
        self.depth += brackets(&junk[junk.len() - tail..]);
        let to = text.base + (to - tail) as u64;
        (to > from).then_some(Piece { from, to, kind: Kind::Junk(kind) })
    }

    /// A key or text around the records of an envelope; a key that names a severity groups what follows.
    fn key(&mut self, text: Text<'_>, at: usize) -> Went {
        let Text { bytes, base, ended, .. } = text;
        let end = match string_end(bytes, at) {
            Some(end) if end - at <= ENVELOPE_HEAD => end,
            None if !ended && bytes.len() - at <= ENVELOPE_HEAD => return Went::More(at),
            _ => {
                self.junk = Some((base + at as u64, STRAY));
                return Went::On(at + 1);
            }
        };
        match skip_blank(bytes, end) {
            Some(colon) if bytes[colon] == b':' => {
                let key = std::str::from_utf8(&bytes[at + 1..end - 1]).unwrap_or_default();
                self.group = Severity::parse(key).filter(|_| !key.starts_with(|first: char| first.is_ascii_digit()));
            }
            None if !ended => return Went::More(at),
            _ => {}
        }
        Went::On(end)
    }

    fn is_doomed(&self, base: u64, at: usize) -> bool {
        !self.doomed.is_empty() && self.doomed.contains_key(&(base + at as u64))
    }
}

/// The text a walk goes through.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub bytes: &'a [u8],
    /// Where the bytes stand in the input.
    pub base: u64,
    /// Whether nothing follows.
    pub ended: bool,
    /// Finds newlines that start a record, where the input has such.
    pub lines: Option<&'a Finder<'a>>,
}

enum Went {
    /// On to this index.
    On(usize),
    /// A record.
    Found(usize, usize),
    /// Junk ends before the first index, the walk goes on at the second.
    Junk(usize, usize),
    More(usize),
    Done,
}

/// Whether a record may start at a brace: the first thing on its line, or behind a bracket, a comma or another record.
pub(super) fn may_start(bytes: &[u8], brace: usize) -> bool {
    let before = bytes[..brace].iter().rev().take(256).find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    matches!(before, None | Some(b'\n' | b'[' | b',' | b'}' | b'{' | 0))
}

fn brackets(separators: &[u8]) -> i64 {
    separators.iter().map(|byte| i64::from(*byte == b'[') - i64::from(*byte == b']')).sum()
}
