//! The text of an input in, runs of whole records out.
//!
//! A cut falls only where the reader has nothing in mind of what came before: in front of a record that stands whole
//! and alone on its lines, or (where records may stand anywhere) between two pieces of the walk. So the records found
//! do not depend on where the cuts fall.

use std::sync::Arc;

use memchr::{memchr_iter, memmem};

use super::{
    Settings,
    map::Window,
    scan::{Scan, Scanner, skip_blank},
    shape::Shape,
    text::Text,
    walk::{self, Piece, Step, Walker},
};

/// A run of whole records, cut off the text.
pub(super) struct Cut {
    pub from: u64,
    pub to: u64,
    /// Where the window starts; later than `from`, if bytes without a record were let go.
    pub base: u64,
    /// The newlines among the bytes that were let go.
    pub lines: u64,
    pub window: Window,
    /// The pieces, where the walk has found them; otherwise the reader cuts at lines.
    pub pieces: Option<Vec<Piece>>,
    /// Whether the input ends with it.
    pub last: bool,
}

/// Cuts one input.
pub(super) struct Cutter {
    shape: Arc<Shape>,
    /// Whether it is cut at lines; not any longer, once they do not do it.
    lines: bool,
    window: usize,
    max_record: usize,
    scanner: Scanner,
    walker: Walker,
    /// Where the walk stands in the window.
    walked: usize,
    /// The last byte before the window that is not blank.
    previous: u8,
    /// Whether the last run is cut off.
    ended: bool,
    /// Whether the input ends inside its array.
    pub(super) never_closed: bool,
}

/// How far beyond the size of a chunk the next record is looked for at first.
const AHEAD: usize = 512 << 10;
/// Junk and blanks beyond this are let go while they go on.
const HELD_JUNK: usize = 1 << 20;

impl Cutter {
    pub(super) fn new(shape: Arc<Shape>, settings: &Settings) -> Self {
        Self {
            lines: shape.lines.is_some(),
            walker: Walker::new(shape.envelope, settings.max_record_bytes),
            shape,
            window: settings.window_bytes.max(1),
            max_record: settings.max_record_bytes,
            scanner: Scanner::default(),
            walked: 0,
            previous: 0,
            ended: false,
            never_closed: false,
        }
    }

    /// Cuts off the next run; nothing at the end.
    pub(super) fn next(&mut self, text: &mut Text) -> Option<Cut> {
        if self.lines {
            match self.at_lines(text) {
                Some(0) => self.lines = false,
                Some(length) => {
                    let last = self.ended;
                    let from = text.at();
                    let window = text.take(length);
                    return Some(Cut {
                        from,
                        to: from + length as u64,
                        base: from,
                        lines: 0,
                        window,
                        pieces: None,
                        last,
                    });
                }
                None => return None,
            }
        }
        self.at_pieces(text)
    }

    /// Goes on at a byte of the input that no record reaches over, if what was met before does not matter there.
    pub(super) fn jump(&mut self, text: &mut Text, to: u64) {
        if !self.lines && !self.shape.envelope && to > text.at() {
            text.skip_to(to);
            (self.walked, self.walker) = (0, Walker::new(false, self.max_record));
        }
    }

    /// How many bytes to cut off so that a record starts the next run; 0 if lines do not do it any longer.
    fn at_lines(&mut self, text: &mut Text) -> Option<usize> {
        let finder = self.shape.lines.as_deref()?;
        let mut want = self.window.saturating_add(AHEAD);
        loop {
            let (bytes, ended) = text.fill(want);
            if bytes.is_empty() {
                return None;
            }
            if let Some(cut) = boundary(bytes, self.window, finder, &mut self.scanner, (ended, self.max_record)) {
                self.previous = last_byte(bytes.get(..cut).unwrap_or_default()).unwrap_or(self.previous);
                return Some(cut);
            }
            if ended {
                self.ended = true;
                self.never_closed = self.shape.array && is_open(bytes, self.previous, finder, &mut self.scanner);
                return Some(bytes.len());
            }
            if bytes.len() > self.window.saturating_add(self.max_record).saturating_add(AHEAD) {
                let last = memmem::rfind(bytes, finder.needle()).map_or(0, |found| found + 1);
                return Some(last);
            }
            want = bytes.len().saturating_mul(2);
        }
    }

    /// Walks on until a run is long enough.
    fn at_pieces(&mut self, text: &mut Text) -> Option<Cut> {
        let mut pieces = Vec::new();
        let first = self.window.max(64 << 10).saturating_add(AHEAD);
        let mut want = first;
        // Where the last piece ends in the window.
        let mut done = 0;
        let (mut from, mut lines) = (text.at(), 0);
        loop {
            let base = text.at();
            let (bytes, ended) = text.fill(want);
            let window = walk::Text { bytes, base, ended, lines: None };
            let length = match self.walker.step(window, self.walked) {
                Step::Piece(piece, next) => {
                    from = from.min(piece.from);
                    pieces.push(piece);
                    (self.walked, done) = (next, next);
                    if next < self.window {
                        continue;
                    }
                    next
                }
                Step::More(keep) => {
                    self.walked = keep;
                    want = bytes.len().saturating_add((bytes.len() / 2).max(64 << 10));
                    // The walk looks back a little for what stands before a brace. What it left behind without a
                    // record (junk, blanks) is let go.
                    let spare = keep.saturating_sub(512);
                    if spare < done + HELD_JUNK {
                        continue;
                    }
                    if pieces.is_empty() {
                        lines += memchr_iter(b'\n', bytes.get(..spare).unwrap_or_default()).count() as u64;
                        text.discard(spare);
                        self.walked -= spare;
                        want = first;
                        continue;
                    }
                    done
                }
                Step::Done => {
                    self.never_closed = self.shape.array && self.walker.depth > 0;
                    bytes.len()
                }
            };
            if length == 0 && pieces.is_empty() {
                return None;
            }
            self.walked = self.walked.saturating_sub(length);
            let window = text.take(length);
            return Some(Cut {
                from,
                to: base + length as u64,
                base,
                lines,
                window,
                pieces: Some(pieces),
                last: false,
            });
        }
    }

    /// Whether a byte order mark stood between records.
    pub(super) fn inner_mark(&self) -> bool {
        self.walker.inner_mark
    }
}

/// Where a record starts that nothing before it can reach into, at `nominal` or later.
fn boundary(
    bytes: &[u8],
    nominal: usize,
    finder: &memmem::Finder<'_>,
    scanner: &mut Scanner,
    (ended, max_record): (bool, usize),
) -> Option<usize> {
    let mut start = next_start(bytes, nominal.saturating_sub(1), finder)?;
    loop {
        let end = match next_start(bytes, start, finder) {
            Some(end) => end,
            None if ended => bytes.len(),
            None => return None,
        };
        if stands_alone(bytes.get(start..end).unwrap_or_default(), scanner, max_record) {
            return Some(start);
        }
        if end == bytes.len() {
            return None;
        }
        start = end;
    }
}

/// Whether a segment starts with a whole entry, or is too long for any record to span it.
pub(super) fn stands_alone(segment: &[u8], scanner: &mut Scanner, max_record: usize) -> bool {
    if segment.len() > max_record {
        return true;
    }
    let Some(brace) = skip_blank(segment, 0) else { return false };
    matches!(scanner.object(segment, brace), Scan::End(_)) && scanner.entry_like()
}

/// Where the next line starts that starts like a record, after index `at`.
pub(super) fn next_start(bytes: &[u8], at: usize, finder: &memmem::Finder<'_>) -> Option<usize> {
    let found = finder.find(bytes.get(at..)?)?;
    Some(at + found + 1)
}

/// Whether the array is still open at the end of these last bytes.
fn is_open(bytes: &[u8], previous: u8, finder: &memmem::Finder<'_>, scanner: &mut Scanner) -> bool {
    let start = memmem::rfind(bytes, finder.needle()).map_or(0, |found| found + 1);
    let last = bytes.get(start..).unwrap_or_default();
    let before = last_byte(bytes.get(..start).unwrap_or_default()).unwrap_or(previous);
    // A record behind the array, not in it.
    if !matches!(before, b',' | b'[' | 0) {
        return false;
    }
    let brace = skip_blank(last, 0).unwrap_or_default();
    match scanner.object(last, brace) {
        Scan::End(_) if last.get(brace) == Some(&b'[') => false,
        Scan::End(end) => !last.get(end..).unwrap_or_default().contains(&b']'),
        Scan::Broken(_) => last_byte(last) != Some(b']'),
        Scan::Open => true,
    }
}

fn last_byte(bytes: &[u8]) -> Option<u8> {
    bytes.trim_ascii_end().last().copied()
}
