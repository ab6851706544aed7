//! Chunks in, what one worker counted out.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::Plan;
use super::copies::Copies;
use super::harvest::{Assigned, ChunkFacts, Harvest};
use super::keys::{Key, Keys};
use crate::collect::{Chunk, RecordReader, Sink};
use crate::distill::{Again, Distiller, Fate, Place, Record};
use crate::model::{Digest, InputTally, LISTED_SKIPS, Laid, LogEntry, Skip, Timestamp, Zone};

/// Counts the entries of chunk after chunk.
pub(super) struct Worker<'p> {
    distiller: Distiller<'p>,
    reader: RecordReader,
    only: Option<&'p Copies>,
    assign: bool,
    /// What all workers handed over so far.
    pool: &'p Mutex<Digest>,
    harvest: Harvest,
    keys: Keys,
}

impl<'p> Worker<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, only: Option<&'p Copies>, pool: &'p Mutex<Digest>) -> Self {
        Self {
            distiller: Distiller::new(plan.distill).remembering_coarser(plan.assignments),
            reader: RecordReader::new(&plan.collect),
            only,
            assign: plan.assignments,
            pool,
            harvest: Harvest::default(),
            keys: Keys::default(),
        }
    }

    /// Counts the entries of one chunk.
    pub(super) fn take(&mut self, number: u32, chunk: &Chunk) {
        let place =
            Place { path: chunk.path(), input: chunk.input(), chunk: number, bytes: chunk.bytes(), from: chunk.base() };
        let mut counting = Counting {
            place,
            name: chunk.name(),
            only: self.only.map(|copies| copies.offsets(chunk.path())),
            distiller: &mut self.distiller,
            harvest: &mut self.harvest,
            keys: &mut self.keys,
            assign: self.assign,
            input: InputTally::default(),
            lines_before: chunk.lines_before(),
            lines: (chunk.lines_before(), 0),
            asked: (u64::MAX, 0),
            zone: (chunk.from(), None),
        };
        self.reader.read(chunk, &mut counting);
        counting.end_zone(chunk.to());
        counting.count_lines(chunk.bytes().len());
        let Counting { input, lines: (lines, _), .. } = counting;
        self.distiller.end_chunk(&place);
        if self.distiller.is_full() {
            self.settle();
        }
        let facts = ChunkFacts {
            number,
            path: chunk.name().clone(),
            input: chunk.input(),
            from: chunk.from(),
            base: chunk.base(),
            lines,
            records: input.entries,
        };
        self.harvest.chunks.push(facts);
        self.harvest.add_input(chunk.name(), input);
    }

    /// One pool for all: what has collapsed for one worker has collapsed for the others too.
    fn settle(&mut self) {
        self.distiller.pack();
        self.distiller.settle(&mut self.pool.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What it counted and did not hand over.
    pub(super) fn finish(mut self) -> Harvest {
        self.distiller.settle(&mut self.harvest.digest);
        self.harvest.keys.push(self.keys.sorted());
        self.harvest.coarser = self.distiller.take_coarser();
        self.harvest
    }
}

/// One chunk's records on their way into the counts.
struct Counting<'a, 'p> {
    place: Place<'a>,
    /// The input's path, to be kept.
    name: &'a Arc<str>,
    only: Option<BTreeSet<u64>>,
    distiller: &'a mut Distiller<'p>,
    harvest: &'a mut Harvest,
    keys: &'a mut Keys,
    assign: bool,
    input: InputTally,
    /// Newlines between the start of the chunk and its bytes.
    lines_before: u64,
    /// Newlines up to some byte of the chunk, and which.
    lines: (u64, usize),
    /// The byte of the input that was asked for last, and the newlines of the chunk before it.
    asked: (u64, u64),
    /// Where the zone starts that is being read, and its earliest and latest time.
    zone: (u64, Option<(Timestamp, Timestamp)>),
}

/// Zones are about so long: fine enough that the second look reads little, and few enough to be kept.
const ZONE_BYTES: u64 = 128 << 10;

impl Counting<'_, '_> {
    fn end_zone(&mut self, to: u64) {
        let (from, times) = std::mem::replace(&mut self.zone, (to, None));
        // Now, while the bytes are at hand.
        self.count_lines(self.at(to));
        if let Some((first, last)) = times {
            let zone = Zone { path: self.name.clone(), from, to, first: Some(first), last: Some(last) };
            self.harvest.zones.push(zone);
        }
    }
}

impl Counting<'_, '_> {
    /// Counts newlines on to some byte of the chunk.
    fn count_lines(&mut self, to: usize) {
        let (lines, from) = &mut self.lines;
        *lines += newlines(self.place.bytes, *from..to);
        *from = to.max(*from);
    }

    /// How many newlines of the chunk are before a byte of the input.
    fn line(&mut self, offset: u64) -> u64 {
        let at = self.at(offset);
        self.count_lines(at);
        let line = match (self.lines, self.asked) {
            ((lines, to), _) if to == at => lines,
            // It is the start of the record that was counted last, or inside of it.
            (_, (asked, line)) if asked == offset => line,
            _ => self.lines_before + newlines(self.place.bytes, 0..at),
        };
        self.asked = (offset, line);
        line
    }

    /// Takes the newlines of a record from its layout, once those before it are counted.
    fn take_lines(&mut self, record: &Laid<'_>, raw: &[u8], offset: u64) {
        let (lines, to) = &mut self.lines;
        if self.place.holds(raw) && *to == at(&self.place, offset) {
            *lines += u64::from(record.lines);
            *to += raw.len();
        }
    }

    /// Where a byte of the input stands among those of the chunk.
    fn at(&self, offset: u64) -> usize {
        at(&self.place, offset)
    }

    /// Whether the entry at this place is one to count.
    fn wants(&self, offset: u64) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&offset))
    }

    fn note_fate(&mut self, fate: Fate, offset: u64, time: Option<Timestamp>, insert_id: &str) {
        let index = self.input.entries;
        if offset >= self.zone.0 + ZONE_BYTES {
            self.end_zone(offset);
        }
        if let Some(time) = time {
            let (first, last) = self.zone.1.unwrap_or((time, time));
            self.zone.1 = Some((first.min(time), last.max(time)));
        }
        match fate {
            Fate::Filtered => self.input.filtered += 1,
            Fate::Counted { fingerprint, duplicate_key } => {
                if let (Some(hash), None) = (duplicate_key, &self.only) {
                    let at = u32::try_from(offset.saturating_sub(self.place.from)).unwrap_or(u32::MAX);
                    self.keys.push(Key { hash, chunk: self.place.chunk, at });
                }
                if self.assign && self.only.is_none() {
                    let (chunk, insert_id) = (self.place.chunk, insert_id.into());
                    self.harvest.assigned.push(Assigned { chunk, offset, index, insert_id, fingerprint });
                }
            }
        }
        // Last, so that an entry that the distiller fails on is counted once, as the skip that becomes of it.
        self.input.entries += 1;
    }
}

impl Sink for Counting<'_, '_> {
    fn again(&mut self, record: &Laid<'_>, raw: &[u8], offset: u64) -> bool {
        let line = self.line(offset);
        self.take_lines(record, raw, offset);
        if !self.wants(offset) {
            return true;
        }
        #[cfg(test)]
        fail_if_told(raw);
        let again = self.distiller.add_again(record, &Record { raw, offset, line }, &self.place);
        if let Some(Again { fate, time, insert_id }) = again {
            self.note_fate(fate, offset, time, insert_id);
        }
        again.is_some()
    }

    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        #[cfg(test)]
        fail_if_told(raw);
        if self.wants(offset) {
            let line = self.line(offset);
            let fate = self.distiller.add(entry, &Record { raw, offset, line }, &self.place);
            self.note_fate(fate, offset, entry.timestamp, entry.insert_id);
        }
    }

    fn skip(&mut self, offset: u64, _length: u64, reason: &str) {
        if self.only.is_some() {
            return;
        }
        self.input.entries += 1;
        self.input.skipped += 1;
        let skips = &mut self.harvest.digest.skips;
        skips.total += 1;
        *skips.by_reason.entry(reason.to_owned()).or_default() += 1;
        if self.input.skipped <= LISTED_SKIPS as u64 {
            let line = if offset < self.place.from { 0 } else { self.line(offset) };
            self.harvest.skips.push(Skip { path: self.place.path.to_owned(), offset, line, reason: reason.to_owned() });
        }
    }

    fn note(&mut self, note: &str) {
        // Some notes come with every record of an input.
        if self.only.is_none() && !self.input.notes.contains(note) {
            self.input.notes.insert(note.to_owned());
        }
    }
}

/// Where a byte of the input stands among those of the chunk.
fn at(place: &Place<'_>, offset: u64) -> usize {
    usize::try_from(offset.saturating_sub(place.from)).unwrap_or(usize::MAX).min(place.bytes.len())
}

fn newlines(bytes: &[u8], range: Range<usize>) -> u64 {
    memchr::memchr_iter(b'\n', bytes.get(range).unwrap_or_default()).count() as u64
}

/// Stands in for a defect that some record brings to light.
#[cfg(test)]
fn fail_if_told(raw: &[u8]) {
    assert!(memchr::memmem::find(raw, super::tests::FATAL).is_none(), "made to fail");
}
