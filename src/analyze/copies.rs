//! Copies of entries, as overlapping exports hold them: keys that entries share in, what to take back out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::harvest::Harvest;
use super::keys::Key;
use crate::collect::Ranges;

/// The entries that are copies of one that stands before them.
#[derive(Default)]
pub(super) struct Copies {
    /// Where they stand.
    pub(super) ranges: Ranges,
    offsets: BTreeMap<Arc<str>, BTreeSet<u64>>,
    /// Chunk and offset of each, for assignments.
    chunks: BTreeSet<(u32, u64)>,
}

impl Copies {
    pub(super) fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The offsets of the copies in one input.
    pub(super) fn offsets(&self, path: &str) -> BTreeSet<u64> {
        self.offsets.get(path).cloned().unwrap_or_default()
    }
}

/// All entries whose key an earlier entry has; `keys` are those that entries may share, by hash.
pub(super) fn find(harvest: &Harvest, mut keys: Vec<Key>) -> Copies {
    // Chunks are numbered as they were handed out; which entry is the first one is told by where they stand.
    let place = |key: &Key| {
        let chunk = harvest.chunk(key.chunk)?;
        Some((chunk.input, chunk.base + u64::from(key.at)))
    };
    let mut copies = Copies::default();
    for alike in keys.chunk_by_mut(|one, other| one.hash == other.hash).filter(|alike| alike.len() > 1) {
        alike.sort_unstable_by_key(|key| place(key));
        for copy in alike.iter().skip(1) {
            let (Some(chunk), Some((_, offset))) = (harvest.chunk(copy.chunk), place(copy)) else { continue };
            copies.offsets.entry(chunk.path.clone()).or_default().insert(offset);
            copies.chunks.insert((copy.chunk, offset));
        }
    }
    for (path, offsets) in &copies.offsets {
        copies.ranges.insert(path.clone(), offsets.iter().map(|offset| (*offset, offset + 1)).collect());
    }
    copies
}

/// Takes the counts of the copies, read once more, back out of the whole.
pub(super) fn take_back(harvest: &mut Harvest, taken: &Harvest, copies: &Copies) {
    harvest.digest.subtract(&taken.digest);
    for (path, input) in &taken.digest.inputs {
        if let Some(held) = harvest.digest.inputs.get_mut(path) {
            held.duplicates += input.entries - input.filtered;
        }
    }
    for (path, offsets) in &copies.offsets {
        let read = taken.digest.inputs.get(&**path).map_or(0, |input| input.entries);
        let missing = (offsets.len() as u64).saturating_sub(read);
        if let Some(held) = harvest.digest.inputs.get_mut(&**path).filter(|_| missing > 0) {
            held.notes
                .insert(format!("{missing} copies of entries could not be read again and are counted as entries"));
        }
    }
    harvest.assigned.retain(|entry| !copies.chunks.contains(&(entry.chunk, entry.offset)));
}
