//! A chunk in, its log entries out: records are cut, parsed, and handed to a sink with their place.

use std::{
    collections::BTreeSet,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
};

use memchr::memmem::Finder;

use super::{
    Settings, Sink,
    chunk::{Chunk, Cutting},
    cut::{next_start, stands_alone},
    entry,
    envelope::{self, Inside},
    parse::{Parser, Strict},
    repair::repair,
    scan::{Scan, Scanner, skip_blank},
    walk::{CUT_OFF, Kind, NOT_JSON, Piece, Walker},
};
use crate::model::{LayoutId, LogEntry, Severity, Value};

/// Reads chunks; one per worker, with the buffers it reuses.
pub struct RecordReader {
    parser: Parser,
    fields: entry::Fields,
    scanner: Scanner,
    max_record: usize,
    /// From which byte to which stands what is being read.
    at: (u64, u64),
}

/// A record's bytes, and where they stand.
#[derive(Clone, Copy)]
struct Record<'a> {
    raw: &'a [u8],
    offset: u64,
    /// The severity of the group it stands in.
    group: Option<Severity>,
    /// Whether entries inside of it are looked for.
    outer: bool,
}

/// What became of a parsed record.
enum Found {
    Done,
    Inside(Inside),
    /// An entry that takes its severity from its group.
    Grouped(Severity),
}

const NO_ENTRY: &str = "not a log entry";
const REPEATED_KEY: &str = "a key stands twice in some objects; the last one counts";
/// The reason of a skip that no input should ever cause.
const FAILED: &str = "log-gardener failed on it: a defect, please report it";

impl RecordReader {
    /// A reader with empty buffers.
    pub fn new(settings: &Settings) -> Self {
        Self {
            parser: Parser::new(),
            fields: entry::Fields::default(),
            scanner: Scanner::default(),
            max_record: settings.max_record_bytes,
            at: (0, 0),
        }
    }

    /// Reads every record of a chunk that is wanted: each is one entry or one skip.
    ///
    /// A panic, here or in the sink, costs the record that caused it: it is a skip, and reading goes on behind it.
    pub fn read(&mut self, chunk: &Chunk, sink: &mut impl Sink) {
        let mut from = chunk.from();
        while catch_unwind(AssertUnwindSafe(|| self.read_from(chunk, from, sink))).is_err() {
            // The buffers were left half-way; layouts keep their numbers, which sinks know them by.
            self.parser.renew();
            self.scanner = Scanner::default();
            let (at, to) = self.at;
            from = to.max(from + 1);
            sink.skip(at, from - at, FAILED);
        }
    }

    /// Reads the records from some byte of the input on.
    fn read_from(&mut self, chunk: &Chunk, from: u64, sink: &mut impl Sink) {
        self.at = (from, chunk.to());
        match (&chunk.cutting, chunk.shape.lines.as_deref()) {
            (Cutting::Lines, Some(finder)) => self.lines(chunk, from, finder, sink),
            (Cutting::Lines, None) => {}
            (Cutting::Pieces(pieces), _) => {
                let left = pieces.iter().filter(|piece| piece.from >= from);
                for piece in left.filter(|piece| chunk.wants(piece.from, piece.to)) {
                    self.piece(chunk.bytes(), chunk.base(), *piece, sink);
                }
            }
        }
    }

    /// Cuts at the lines that start like a record; what is then no record of its own is walked through.
    fn lines(&mut self, chunk: &Chunk, from: u64, finder: &Finder<'_>, sink: &mut impl Sink) {
        let bytes = chunk.bytes();
        let mut start = usize::try_from(from - chunk.from()).unwrap_or(usize::MAX);
        let mut checked = Checked::default();
        while start < bytes.len() {
            if let Some(next) = self.repeated(chunk, start, &mut checked, sink) {
                start = next;
                continue;
            }
            let end = next_start(bytes, start, finder).unwrap_or(bytes.len());
            let segment = bytes.get(start..end).unwrap_or_default();
            if !chunk.wants(chunk.from() + start as u64, chunk.from() + end as u64) {
                start = end;
                continue;
            }
            self.at = (chunk.from() + start as u64, chunk.from() + end as u64);
            if segment.len() <= self.max_record && self.segment(segment, chunk.from() + start as u64, sink) {
                start = end;
                continue;
            }
            let end = self.stretch_end(bytes, start, end, finder);
            self.stretch(chunk, start..end, sink);
            start = end;
        }
    }

    /// Reads the record whose line starts at `start`, if it is laid out like one met before and the line of the next record
    /// comes behind it: where that starts.
    fn repeated<'c>(
        &mut self,
        chunk: &'c Chunk,
        start: usize,
        checked: &mut Checked<'c>,
        sink: &mut impl Sink,
    ) -> Option<usize> {
        let (bytes, needle) = (chunk.bytes(), chunk.shape.lines.as_deref()?.needle());
        let line = needle.get(1..)?;
        if chunk.wanted.is_some() || !bytes.get(start..)?.starts_with(line) {
            return None;
        }
        let brace = start + line.len() - 1;
        let found = self.parser.find_first(checked.text(bytes, brace)?)?;
        let (_, record) = found;
        let rest = bytes.get(brace + record.len()..)?;
        let rest = rest.strip_prefix(b",").unwrap_or(rest);
        let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        if !rest.starts_with(needle) || record.len() > self.max_record {
            return None;
        }
        let next = bytes.len() - rest.len() + 1;
        self.at = (chunk.from() + start as u64, chunk.from() + next as u64);
        let offset = chunk.from() + brace as u64;
        let record = Record { raw: record.as_bytes(), offset, group: None, outer: true };
        self.known(Some(found), record, sink).ok()?;
        Some(next)
    }

    /// Reads a segment that holds one record and nothing else; false if it does not.
    fn segment(&mut self, segment: &[u8], base: u64, sink: &mut impl Sink) -> bool {
        let raw = trim_record(segment);
        if raw.first() != Some(&b'{') {
            return false;
        }
        let blank = segment.len() - segment.trim_ascii_start().len();
        self.record(Record { raw, offset: base + blank as u64, group: None, outer: true }, sink).is_ok()
    }

    /// A record that is still open at the end of its segment may go on up to the next one that stands alone.
    fn stretch_end(&mut self, bytes: &[u8], start: usize, mut end: usize, finder: &Finder<'_>) -> usize {
        let open = skip_blank(bytes, start).is_some_and(|brace| {
            matches!(self.scanner.object(bytes.get(..end).unwrap_or_default(), brace), Scan::Open)
        });
        while open && end < bytes.len() {
            let next = next_start(bytes, end, finder).unwrap_or(bytes.len());
            if stands_alone(bytes.get(end..next).unwrap_or_default(), &mut self.scanner, self.max_record) {
                break;
            }
            end = next;
        }
        end
    }

    fn stretch(&mut self, chunk: &Chunk, range: Range<usize>, sink: &mut impl Sink) {
        let base = chunk.from() + range.start as u64;
        self.at = (base, base + range.len() as u64);
        let cut_off = chunk.last && range.end == chunk.bytes().len();
        let bytes = chunk.bytes().get(range).unwrap_or_default();
        let mut walker = Walker::new(chunk.shape.envelope, self.max_record);
        let mut pieces = Vec::new();
        walker.all(bytes, base, chunk.shape.lines.as_deref(), |piece| pieces.push(piece));
        for mut piece in pieces {
            if piece.kind == Kind::Junk(CUT_OFF) && !cut_off {
                piece.kind = Kind::Junk(NOT_JSON);
            }
            self.piece(bytes, base, piece, sink);
        }
        if walker.inner_mark {
            sink.note("a byte order mark stands inside the file");
        }
    }

    fn piece(&mut self, bytes: &[u8], base: u64, piece: Piece, sink: &mut impl Sink) {
        let Piece { from, to, kind } = piece;
        self.at = (from, to);
        let group = match kind {
            Kind::Junk(reason) => return sink.skip(from, to - from, reason),
            Kind::Record(group) => group,
        };
        let index = |at: u64| usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
        let raw = bytes.get(index(from)..index(to)).unwrap_or_default();
        if let Err(reason) = self.record(Record { raw, offset: from, group, outer: true }, sink) {
            sink.skip(from, to - from, &reason);
        }
    }

    /// Reads one record, strictly, else mended; if that fails too, nothing was handed to the sink.
    fn record(&mut self, record: Record<'_>, sink: &mut impl Sink) -> Result<(), String> {
        let reason = match self.strict(record, sink) {
            Ok(()) => return Ok(()),
            Err(reason) => reason,
        };
        let Some((mended, notes)) = repair(record.raw, &mut self.scanner) else { return Err(reason) };
        self.strict(Record { raw: &mended, ..record }, sink)?;
        note_all(&notes, sink);
        Ok(())
    }

    fn strict(&mut self, record: Record<'_>, sink: &mut impl Sink) -> Result<(), String> {
        let known = self.parser.find(record.raw);
        self.known(known, record, sink)
    }

    /// Reads a record that the parser has found, or has not.
    fn known(
        &mut self,
        known: Option<(LayoutId, &str)>,
        record: Record<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), String> {
        let fields = &mut self.fields;
        if known.is_some_and(|(layout, _)| self.parser.repeats_a_key(layout)) {
            sink.note(REPEATED_KEY);
        }
        let found = match known {
            Some(found)
                if record.group.is_none() && sink.again(&self.parser.laid(found), record.raw, record.offset) =>
            {
                return Ok(());
            }
            Some(found) => self
                .parser
                .read(found, |value, laid| look(value, entry::read(value, laid, fields).as_ref(), record, sink)),
            None => {
                let read = |value: Value<'_>| {
                    if value.repeats_a_key() {
                        sink.note(REPEATED_KEY);
                    }
                    look(value, entry::read(value, None, fields).as_ref(), record, sink)
                };
                self.parser.parse(record.raw, read)?
            }
        };
        match found {
            Found::Done => {}
            Found::Grouped(severity) => {
                let mut raw = format!("{{\"severity\":\"{severity}\",").into_bytes();
                raw.extend_from_slice(record.raw.get(1..).unwrap_or_default());
                self.strict(Record { raw: &raw, group: None, ..record }, sink)?;
            }
            Found::Inside(Inside::Message(text)) => {
                if self.record(Record { raw: &text, outer: false, ..record }, sink).is_err() {
                    sink.skip(record.offset, record.raw.len() as u64, "a Pub/Sub message without a log entry");
                }
            }
            Found::Inside(Inside::List) => self.list(record, sink),
            Found::Inside(Inside::Nothing) => sink.skip(record.offset, record.raw.len() as u64, NO_ENTRY),
        }
        Ok(())
    }

    /// Reads the entries in a list inside of an object.
    fn list(&mut self, record: Record<'_>, sink: &mut impl Sink) {
        let mut walker = Walker::new(true, self.max_record);
        let mut pieces = Vec::new();
        walker.all(record.raw, record.offset, None, |piece| pieces.push(piece));
        for Piece { from, to, kind } in pieces {
            let index = |at: u64| usize::try_from(at - record.offset).unwrap_or(usize::MAX);
            let result = match kind {
                Kind::Junk(reason) => Err(reason.to_owned()),
                Kind::Record(group) => {
                    let raw = record.raw.get(index(from)..index(to)).unwrap_or_default();
                    self.record(Record { raw, offset: from, group, outer: false }, sink)
                }
            };
            if let Err(reason) = result {
                sink.skip(from, to - from, &reason);
            }
        }
    }
}

/// A stretch of a chunk that is UTF-8, checked at once for many records.
#[derive(Default)]
struct Checked<'c> {
    text: &'c str,
    from: usize,
}

/// How much is checked at once, and with how much left of it there is a new check.
const CHECKED: [usize; 2] = [64 << 10, 8 << 10];

impl<'c> Checked<'c> {
    /// The text from some byte of the chunk on, as far as it is checked.
    fn text(&mut self, bytes: &'c [u8], at: usize) -> Option<&'c str> {
        let end = self.from + self.text.len();
        if end < bytes.len() && at + CHECKED[1] > end {
            let stretch = bytes.get(at..)?;
            let stretch = stretch.get(..CHECKED[0]).unwrap_or(stretch);
            self.from = at;
            self.text = match simdutf8::compat::from_utf8(stretch) {
                Ok(text) => text,
                // It may end inside of a character.
                Err(error) => simdutf8::basic::from_utf8(stretch.get(..error.valid_up_to())?).ok()?,
            };
        }
        self.text.get(at.checked_sub(self.from)?..)
    }
}

fn look(value: Value<'_>, entry: Option<&LogEntry<'_>>, record: Record<'_>, sink: &mut impl Sink) -> Found {
    let Some(entry) = entry else {
        let inside = if record.outer { envelope::look(value) } else { Inside::Nothing };
        return Found::Inside(inside);
    };
    match record.group {
        Some(severity) if value.get("severity").is_none_or(Value::is_null) => Found::Grouped(severity),
        _ => {
            sink.entry(entry, record.raw, record.offset);
            Found::Done
        }
    }
}

fn note_all(notes: &BTreeSet<&'static str>, sink: &mut impl Sink) {
    for note in notes {
        sink.note(note);
    }
}

/// The record of a segment without what stands around it: blanks, the comma, the end of the array.
fn trim_record(segment: &[u8]) -> &[u8] {
    let text = segment.trim_ascii();
    let text = text.strip_suffix(b",").unwrap_or(text).trim_ascii_end();
    match text.strip_suffix(b"]") {
        Some(inner) if inner.trim_ascii_end().ends_with(b"}") => inner.trim_ascii_end(),
        _ => text,
    }
}

/// Reads one record again, as a [`RecordReader`] handed it to its sink.
pub fn parse_record<R>(raw: &[u8], look: impl FnOnce(&LogEntry<'_>) -> R) -> Result<R, String> {
    Strict::new().parse(raw, |record| {
        let entry = entry::read(record, None, &mut entry::Fields::default());
        entry.map(|entry| look(&entry)).ok_or_else(|| NO_ENTRY.to_owned())
    })?
}
