//! Hashes in, the k smallest of them out, each with the earliest time it was seen at; merges exactly, as a
//! [`Census`](super::Census) does.

use serde::{Deserialize, Serialize};

use super::census::{Bar, estimate};

/// Moments or other things known by a 64-bit hash only, each with the earliest time it was seen at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    limit: usize,
    overflowed: bool,
    #[serde(skip)]
    bar: Bar,
    /// Sorted by hash: hash, earliest time in nanoseconds since 1970.
    kept: Vec<(u64, i64)>,
}

impl Sketch {
    /// An empty sketch that keeps at most `limit` hashes.
    pub const fn new(limit: usize) -> Self {
        Self { limit, overflowed: false, bar: Bar::NONE, kept: Vec::new() }
    }

    /// Whether the thing with this hash may be one to keep; otherwise there are more than are kept.
    pub fn admits(&mut self, hash: u64) -> bool {
        let admits = hash <= self.bar.0;
        self.overflowed |= !admits;
        admits
    }

    /// Notes the things with these hashes, each with a time it was seen at, and empties the list.
    pub fn extend(&mut self, seen: &mut Vec<(u64, i64)>) {
        seen.sort_unstable();
        let held = std::mem::take(&mut self.kept);
        // Most sketches of most patterns hold one thing; one more than are kept tells that there are more.
        self.kept.reserve_exact((held.len() + seen.len()).min(self.limit + 1));
        let (mut held, mut new) = (held.as_slice(), seen.as_slice());
        while self.kept.len() <= self.limit {
            let from = if new.first().is_some_and(|new| held.first().is_none_or(|held| new < held)) {
                &mut new
            } else {
                &mut held
            };
            let Some(next) = from.split_off_first() else { break };
            // Of equal hashes the earliest time stands first.
            if self.kept.last().is_none_or(|last| last.0 != next.0) {
                self.kept.push(*next);
            }
        }
        seen.clear();
        self.cut();
    }

    /// Adds what `other` saw. Commutative, associative and idempotent.
    pub fn merge(&mut self, other: &Self) {
        self.overflowed |= other.overflowed;
        self.extend(&mut other.kept.clone());
    }

    fn cut(&mut self) {
        if self.kept.len() > self.limit {
            self.kept.truncate(self.limit);
            self.overflowed = true;
        }
        if let (true, Some(largest)) = (self.kept.len() == self.limit, self.kept.last()) {
            self.bar = Bar(largest.0);
        }
    }

    /// How many distinct things there were: exact, or estimated from the largest hash kept.
    pub fn distinct(&self) -> u64 {
        match self.kept.last() {
            Some(largest) if self.overflowed => estimate(self.kept.len(), largest.0),
            _ => self.kept.len() as u64,
        }
    }

    /// Whether everything seen is kept.
    pub fn is_exact(&self) -> bool {
        !self.overflowed
    }

    /// Hashes and their earliest times, by hash.
    pub fn kept(&self) -> &[(u64, i64)] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sketches_merge_in_any_split(hashes in prop::collection::vec((any::<u64>(), 0i64..99), 0..100), cut in 0usize..100) {
            let sketch = |part: &[(u64, i64)]| {
                let mut sketch = Sketch::new(8);
                for seen in part.chunks(3) {
                    let mut seen = seen.to_vec();
                    seen.retain(|(hash, _)| sketch.admits(*hash));
                    sketch.extend(&mut seen);
                }
                sketch
            };
            let (left, right) = hashes.split_at(cut.min(hashes.len()));
            let mut merged = sketch(right);
            merged.merge(&sketch(left));
            prop_assert_eq!(&merged, &sketch(&hashes));
            let mut expected = std::collections::BTreeMap::new();
            for (hash, nanos) in &hashes {
                let seen = expected.entry(*hash).or_insert(*nanos);
                *seen = (*seen).min(*nanos);
            }
            prop_assert_eq!(merged.is_exact(), expected.len() <= 8);
            prop_assert_eq!(merged.kept(), &expected.into_iter().take(8).collect::<Vec<_>>());
        }
    }
}
