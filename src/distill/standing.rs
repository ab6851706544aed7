//! What many entries share in, small numbers out: names are looked up once an entry and counted once, at the end.

use std::marker::PhantomData;

use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_128;

use super::origin::Origin;
use super::site::Site;
use crate::model::Severity;

/// How many things of a kind a worker holds before it counts them. A memory only: it never shows in a result.
const HELD: usize = 32_768;

/// All that an entry shares with most others of its kind: whose it is, which statement wrote it, and how grave it
/// calls itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) origin: Id<Origin>,
    pub(super) site: Id<Site>,
    pub(super) severity: Severity,
}

/// The place of a thing in its table.
pub(super) struct Id<T>(u32, PhantomData<T>);

impl<T> Id<T> {
    /// Told from those of all other things in its table.
    pub(super) fn number(self) -> u32 {
        self.0
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// The things of a kind that were met so far.
pub(super) struct Table<T> {
    ids: HashMap<u128, Id<T>>,
    all: Vec<T>,
    /// The texts of one thing, behind each other.
    names: Vec<u8>,
}

impl<T> Table<T> {
    pub(super) fn new() -> Self {
        Self { ids: HashMap::new(), all: Vec::new(), names: Vec::new() }
    }

    /// The number of the thing that these texts tell from all others; made now, if it is new.
    pub(super) fn id<'a>(&mut self, names: impl Iterator<Item = &'a str>, make: impl FnOnce() -> T) -> Id<T> {
        self.names.clear();
        for name in names {
            self.names.extend_from_slice(name.as_bytes());
            // No text holds this byte.
            self.names.push(0xff);
        }
        let next = Id(u32::try_from(self.all.len()).unwrap_or(u32::MAX), PhantomData);
        *self.ids.entry(xxh3_128(&self.names)).or_insert_with(|| {
            self.all.push(make());
            next
        })
    }

    pub(super) fn get(&self, id: Id<T>) -> Option<&T> {
        self.all.get(id.0 as usize)
    }

    /// Whether it is time to count what stands here and start anew.
    pub(super) fn is_full(&self) -> bool {
        self.all.len() >= HELD
    }

    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.all.clear();
    }
}
