//! Chunks in, what one worker counted out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

use super::copies::{Copies, Key};
use super::{Assignment, Plan};
use crate::collect::{Chunk, RecordReader, Sink};
use crate::distill::{Again, Distiller, Fate, Place, Record};
use crate::model::{Digest, Fingerprint, InputTally, LISTED_SKIPS, Laid, LogEntry, Skip, Timestamp, Zone};

/// Counts the entries of chunk after chunk.
pub(super) struct Worker<'p> {
    distiller: Distiller<'p>,
    reader: RecordReader,
    only: Option<&'p Copies>,
    assign: bool,
    /// What all workers counted so far.
    pool: &'p Mutex<Digest>,
    harvest: Harvest,
}

/// What workers counted.
#[derive(Default)]
pub(super) struct Harvest {
    pub(super) digest: Digest,
    /// Duplicate keys of all counted entries.
    pub(super) keys: Vec<Key>,
    /// The chunks, by number.
    pub(super) chunks: BTreeMap<u32, ChunkFacts>,
    /// Skipped records, their line counted from the start of their chunk.
    pub(super) skips: Vec<Skip>,
    pub(super) assigned: Vec<Assigned>,
    /// For every pattern that entries were assigned to, the keys it has where its group has collapsed.
    pub(super) coarser: HashMap<Fingerprint, [Fingerprint; 3]>,
}

/// What has to be known of a chunk once it is gone.
pub(super) struct ChunkFacts {
    pub(super) path: String,
    /// The number of its input, in the order of paths.
    pub(super) input: u64,
    pub(super) from: u64,
    /// Where the bytes start that were held of it.
    pub(super) base: u64,
    /// Newlines in it.
    pub(super) lines: u64,
    /// Records in it.
    pub(super) records: u64,
}

/// The pattern of an entry and where it stands.
pub(super) struct Assigned {
    pub(super) chunk: u32,
    pub(super) offset: u64,
    /// The record's number in its chunk.
    pub(super) index: u64,
    pub(super) insert_id: Box<str>,
    pub(super) fingerprint: Fingerprint,
}

impl Harvest {
    /// Adds what another worker counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.digest.merge(other.digest);
        self.keys.extend(other.keys);
        self.chunks.extend(other.chunks);
        self.skips.extend(other.skips);
        self.assigned.extend(other.assigned);
        self.coarser.extend(other.coarser);
    }

    /// Ends collecting, once copies are taken back.
    pub(super) fn finish(&mut self) {
        self.digest.overall.times.finish();
        for pattern in self.digest.patterns.values_mut() {
            pattern.tally.times.finish();
        }
    }

    /// Line and record numbers from the start of each input.
    pub(super) fn lines(&self) -> Lines {
        let mut by_path: BTreeMap<String, Vec<Start>> = BTreeMap::new();
        for (number, chunk) in &self.chunks {
            let start = Start { from: chunk.from, lines: chunk.lines, records: chunk.records, chunk: *number };
            by_path.entry(chunk.path.clone()).or_default().push(start);
        }
        let mut records_before = BTreeMap::new();
        for starts in by_path.values_mut() {
            starts.sort_unstable_by_key(|start| start.from);
            let (mut lines, mut records) = (0, 0);
            for start in starts {
                records_before.insert(start.chunk, records);
                records += start.records;
                lines += std::mem::replace(&mut start.lines, lines);
            }
        }
        let paths = self.chunks.iter().map(|(number, chunk)| (*number, chunk.path.clone())).collect();
        Lines { by_path, records_before, paths }
    }
}

/// Where a chunk starts in its input.
struct Start {
    from: u64,
    /// Newlines before it.
    lines: u64,
    records: u64,
    chunk: u32,
}

/// Line and record numbers of all chunks.
pub(super) struct Lines {
    by_path: BTreeMap<String, Vec<Start>>,
    records_before: BTreeMap<u32, u64>,
    paths: BTreeMap<u32, String>,
}

impl Lines {
    /// The line, from 1, of a byte that has `in_chunk` newlines before it in its chunk.
    fn line(&self, path: &str, offset: u64, in_chunk: u64) -> u64 {
        let starts = self.by_path.get(path).map(Vec::as_slice).unwrap_or_default();
        let at = starts.partition_point(|start| start.from <= offset);
        at.checked_sub(1).and_then(|at| starts.get(at)).map_or(0, |start| start.lines) + in_chunk + 1
    }

    /// Gives exemplars and skips their lines.
    pub(super) fn resolve(&self, digest: &mut Digest, skips: Vec<Skip>) {
        for pattern in digest.patterns.values_mut() {
            let exemplars = std::mem::take(&mut pattern.exemplars);
            pattern.exemplars = exemplars
                .into_iter()
                .map(|mut exemplar| {
                    exemplar.source.line =
                        self.line(&exemplar.source.path, exemplar.source.offset, exemplar.source.line);
                    exemplar
                })
                .collect();
        }
        for mut skip in skips {
            skip.line = self.line(&skip.path, skip.offset, skip.line);
            digest.skips.listed.insert(skip);
        }
        while digest.skips.listed.len() > LISTED_SKIPS {
            digest.skips.listed.pop_last();
        }
    }

    /// Assignments in input order; `home` tells where in the Digest the entries of a pattern are.
    pub(super) fn assignments(
        &self,
        assigned: Vec<Assigned>,
        home: impl Fn(Fingerprint) -> Fingerprint,
    ) -> Vec<Assignment> {
        let mut assignments: Vec<Assignment> = assigned
            .into_iter()
            .map(|entry| Assignment {
                path: self.paths.get(&entry.chunk).cloned().unwrap_or_default(),
                index: self.records_before.get(&entry.chunk).copied().unwrap_or_default() + entry.index,
                insert_id: entry.insert_id.into(),
                fingerprint: home(entry.fingerprint),
            })
            .collect();
        assignments.sort();
        assignments
    }
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
        }
    }

    /// Counts the entries of one chunk.
    pub(super) fn take(&mut self, number: u32, chunk: &Chunk) {
        let place =
            Place { path: chunk.path(), input: chunk.input(), chunk: number, bytes: chunk.bytes(), from: chunk.base() };
        let mut counting = Counting {
            place,
            only: self.only.map(|copies| copies.offsets(chunk.path())),
            distiller: &mut self.distiller,
            harvest: &mut self.harvest,
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
            path: chunk.path().to_owned(),
            input: chunk.input(),
            from: chunk.from(),
            base: chunk.base(),
            lines,
            records: input.entries,
        };
        self.harvest.chunks.insert(number, facts);
        self.harvest.digest.inputs.entry(chunk.path().to_owned()).or_default().merge(input);
    }

    /// One pool for all: what has collapsed for one worker has collapsed for the others too.
    fn settle(&mut self) {
        self.distiller.settle(&mut self.pool.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn finish(mut self) -> Harvest {
        self.settle();
        self.harvest.coarser = self.distiller.take_coarser();
        self.harvest
    }
}

/// One chunk's records on their way into the counts.
struct Counting<'a, 'p> {
    place: Place<'a>,
    only: Option<BTreeSet<u64>>,
    distiller: &'a mut Distiller<'p>,
    harvest: &'a mut Harvest,
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
            let zone = Zone { path: self.place.path.to_owned(), from, to, first: Some(first), last: Some(last) };
            self.harvest.digest.zones.insert(zone);
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
                    self.harvest.keys.push(Key { hash, chunk: self.place.chunk, at });
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
