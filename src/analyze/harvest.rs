//! What workers counted, as one; where each chunk stood, for the lines and numbers of records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;

use super::Assignment;
use super::keys::Keys;
use crate::collect::InputReport;
use crate::model::{Digest, Fingerprint, InputTally, LISTED_SKIPS, PatternTally, Skip, Zone};

/// What workers counted. What there is of each input or chunk is held in rows: of many small files there are many.
#[derive(Default)]
pub(super) struct Harvest {
    /// Without inputs and zones, until [`Harvest::arrange`].
    pub(super) digest: Digest,
    /// Duplicate keys of all counted entries, worker by worker.
    pub(super) keys: Vec<Keys>,
    /// The chunks; by number, once arranged.
    pub(super) chunks: Vec<ChunkFacts>,
    inputs: Vec<(Arc<str>, InputTally)>,
    pub(super) zones: Vec<Zone>,
    /// Skipped records, their line counted from the start of their chunk.
    pub(super) skips: Vec<Skip>,
    pub(super) assigned: Vec<Assigned>,
    /// For every pattern that entries were assigned to, the keys it has where its group has collapsed.
    pub(super) coarser: HashMap<Fingerprint, [Fingerprint; 3]>,
}

/// What has to be known of a chunk once it is gone.
pub(super) struct ChunkFacts {
    pub(super) number: u32,
    pub(super) path: Arc<str>,
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
    /// Adds what was counted of a part of an input.
    pub(super) fn add_input(&mut self, path: &Arc<str>, part: InputTally) {
        match self.inputs.last_mut() {
            Some((last, tally)) if Arc::ptr_eq(last, path) => tally.merge(part),
            _ => self.inputs.push((path.clone(), part)),
        }
    }

    /// Adds what another worker counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.digest.merge(other.digest);
        self.keys.extend(other.keys);
        self.chunks.extend(other.chunks);
        self.inputs.extend(other.inputs);
        self.zones.extend(other.zones);
        self.skips.extend(other.skips);
        self.assigned.extend(other.assigned);
        self.coarser.extend(other.coarser);
    }

    /// Puts what all workers counted in order.
    pub(super) fn arrange(&mut self) {
        self.chunks.sort_unstable_by_key(|chunk| chunk.number);
        let mut inputs = std::mem::take(&mut self.inputs);
        inputs.sort_by(|(one, _), (other, _)| one.cmp(other));
        inputs.dedup_by(|(path, later), (first, tally)| {
            let same = path == first;
            if same {
                tally.merge(std::mem::take(later));
            }
            same
        });
        self.digest.inputs = inputs.into_iter().map(|(path, tally)| (path.as_ref().to_owned(), tally)).collect();
        self.digest.zones = std::mem::take(&mut self.zones).into_iter().collect();
    }

    /// The chunk of a number.
    pub(super) fn chunk(&self, number: u32) -> Option<&ChunkFacts> {
        self.chunks.get(self.chunks.binary_search_by_key(&number, |chunk| chunk.number).ok()?)
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
        let mut chunks: Vec<&ChunkFacts> = self.chunks.iter().collect();
        chunks.sort_unstable_by_key(|chunk| (chunk.input, chunk.from));
        let mut found = Lines::default();
        // Of an input that is one chunk there is nothing to add.
        for chunks in chunks.chunk_by(|one, other| one.input == other.input).filter(|chunks| chunks.len() > 1) {
            let (mut lines, mut records) = (0, 0);
            for chunk in chunks {
                let starts = found.by_path.entry(chunk.path.clone()).or_default();
                starts.push(Start { from: chunk.from, lines });
                found.records_before.insert(chunk.number, records);
                lines += chunk.lines;
                records += chunk.records;
            }
        }
        if !self.assigned.is_empty() {
            found.paths = self.chunks.iter().map(|chunk| (chunk.number, chunk.path.clone())).collect();
        }
        found
    }
}

/// Where a chunk starts in its input.
struct Start {
    from: u64,
    /// Newlines before it.
    lines: u64,
}

/// Line and record numbers of all chunks.
#[derive(Default)]
pub(super) struct Lines {
    by_path: BTreeMap<Arc<str>, Vec<Start>>,
    records_before: HashMap<u32, u64>,
    paths: HashMap<u32, Arc<str>>,
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
                path: self.paths.get(&entry.chunk).map(|path| path.as_ref().to_owned()).unwrap_or_default(),
                index: self.records_before.get(&entry.chunk).copied().unwrap_or_default() + entry.index,
                insert_id: entry.insert_id.into(),
                fingerprint: home(entry.fingerprint),
            })
            .collect();
        assignments.sort();
        assignments
    }
}

/// Adds what became of the inputs.
pub(super) fn add_reports(digest: &mut Digest, mut reports: Vec<InputReport>) {
    // Both in the order of paths, so that no input is looked for.
    reports.sort_by(|one, other| one.path.cmp(&other.path));
    let mut told = std::mem::take(&mut digest.inputs).into_iter().peekable();
    let mut inputs: Vec<(String, InputTally)> = Vec::with_capacity(reports.len());
    for report in reports {
        while let Some(before) = told.next_if(|(path, _)| **path < *report.path) {
            inputs.push(before);
        }
        let same = inputs.pop_if(|(path, _)| **path == *report.path);
        let same = same.or_else(|| told.next_if(|(path, _)| **path == *report.path));
        let (path, mut input) = same.unwrap_or_else(|| (report.path.as_ref().to_owned(), InputTally::default()));
        input.format = report.format;
        input.compression = report.compression;
        input.bytes = report.bytes;
        input.notes.extend(report.notes);
        let skips: BTreeSet<(u64, String)> = report.skips.into_iter().collect();
        input.entries += skips.len() as u64;
        input.skipped += skips.len() as u64;
        for (offset, reason) in skips {
            digest.skips.add(Skip { path: path.clone(), offset, line: 1, reason });
        }
        inputs.push((path, input));
    }
    digest.inputs = inputs.into_iter().chain(told).collect();
}

/// What is kept of the entries of a pattern, as bytes: numbers of eight, texts and lists behind their lengths.
pub(super) fn kept(pattern: &PatternTally) -> Vec<u8> {
    let mut bytes = Vec::new();
    let number = |bytes: &mut Vec<u8>, number: u64| bytes.extend_from_slice(&number.to_le_bytes());
    number(&mut bytes, pattern.tally.count);
    for census in pattern.slots.iter().map(|slot| &slot.values).chain([&pattern.users]) {
        number(&mut bytes, census.values().count() as u64);
        for kept in census.values() {
            number(&mut bytes, kept.count);
            number(&mut bytes, kept.value.len() as u64);
            bytes.extend_from_slice(kept.value.as_bytes());
        }
    }
    for sketch in [&pattern.traces, &pattern.moments] {
        number(&mut bytes, sketch.kept().len() as u64);
        for (hash, nanos) in sketch.kept() {
            number(&mut bytes, *hash);
            number(&mut bytes, nanos.cast_unsigned());
        }
    }
    for exemplar in &pattern.exemplars {
        number(&mut bytes, exemplar.hash);
    }
    bytes
}
