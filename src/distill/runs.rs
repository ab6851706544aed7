//! Runs of bytes in, small numbers out, equal for equal runs.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

/// The runs met so far, numbered from 0. A memory only: numbers never show in a result.
#[derive(Default)]
pub(super) struct Runs {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    known: Vec<Known>,
    /// All of them behind each other.
    bytes: Vec<u8>,
}

struct Known {
    hash: u64,
    bytes: Range<usize>,
}

impl Runs {
    /// The number of a run, if it was met.
    pub(super) fn number(&self, run: &[u8]) -> Option<u32> {
        self.table.find(self.hasher.hash_one(run), |number| self.get(*number) == Some(run)).copied()
    }

    /// The same, and numbers it if it was not.
    pub(super) fn learn(&mut self, run: &[u8]) -> u32 {
        if let Some(number) = self.number(run) {
            return number;
        }
        let (hash, start) = (self.hasher.hash_one(run), self.bytes.len());
        let number = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(run);
        self.known.push(Known { hash, bytes: start..self.bytes.len() });
        let known = &self.known;
        self.table.insert_unique(hash, number, |number| known.get(*number as usize).map_or(0, |known| known.hash));
        number
    }

    /// Bytes that are held.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.known.len() * (size_of::<Known>() + size_of::<u32>())
    }

    /// A hash of several numbers.
    pub(super) fn hash(&self, numbers: &[u32]) -> u64 {
        self.hasher.hash_one(numbers)
    }

    pub(super) fn clear(&mut self) {
        self.table.clear();
        self.known.clear();
        self.bytes.clear();
    }

    /// The run with this number.
    pub(super) fn get(&self, number: u32) -> Option<&[u8]> {
        self.bytes.get(self.known.get(number as usize)?.bytes.clone())
    }
}
