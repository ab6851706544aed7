//! Entries at their distances from a moment in, the nearest of them out; mergeable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rows;
use crate::model::Fingerprint;

/// Neighbours that are kept of each relation.
const MOST: usize = 3;

/// Distance in time, then severity turned round, then identity: a total order over entries, copies alike.
pub(super) type Nearness = (u64, u32, u64);

/// An entry and a hash of its record: of copies that are written differently the one of the least hash is kept, also where
/// nothing is left of them but what is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Written<E> {
    pub hash: u64,
    pub entry: E,
}

impl<E> Written<E> {
    /// The same, the entry as `change` makes it.
    pub(super) fn map<F>(self, change: impl FnOnce(E) -> Option<F>) -> Option<Written<F>> {
        Some(Written { hash: self.hash, entry: change(self.entry)? })
    }
}

/// One neighbour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Neighbour<E> {
    /// Nanoseconds from the moment; negative: before it.
    pub delta: i64,
    pub fingerprint: Fingerprint,
    pub written: Written<E>,
}

/// The nearest neighbours of one relation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "E: Serialize", deserialize = "E: Deserialize<'de>"))]
pub(super) struct Nearest<E>(#[serde(with = "rows")] BTreeMap<Nearness, Neighbour<E>>);

impl<E> Default for Nearest<E> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<E> Nearest<E> {
    /// Whether an entry of this nearness, or one nearer, has no room any more.
    pub(super) fn is_full_before(&self, nearness: &Nearness) -> bool {
        self.0.len() >= MOST && self.0.last_key_value().is_some_and(|(last, _)| last < nearness)
    }

    /// Keeps a neighbour if it is one of the nearest, and of its copies the one to keep.
    pub(super) fn add(&mut self, nearness: Nearness, neighbour: Neighbour<E>) {
        if self.0.get(&nearness).is_none_or(|copy| neighbour.written.hash < copy.written.hash) {
            self.0.insert(nearness, neighbour);
        }
        while self.0.len() > MOST {
            self.0.pop_last();
        }
    }

    /// Adds those of another part. Commutative, associative and idempotent.
    pub(super) fn merge(&mut self, other: Self) {
        for (nearness, neighbour) in other.0 {
            self.add(nearness, neighbour);
        }
    }

    /// The neighbours, the nearest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Neighbour<E>> {
        self.0.values()
    }

    /// The neighbours, the nearest first.
    pub(super) fn into_values(self) -> impl Iterator<Item = Neighbour<E>> {
        self.0.into_values()
    }

    /// The same, each entry as `change` makes it.
    pub(super) fn map<F>(self, mut change: impl FnMut(E) -> Option<F>) -> Nearest<F> {
        let change = |(nearness, Neighbour { delta, fingerprint, written })| {
            Some((nearness, Neighbour { delta, fingerprint, written: written.map(&mut change)? }))
        };
        Nearest(self.0.into_iter().filter_map(change).collect())
    }
}
