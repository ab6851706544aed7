//! Bounded sets that merge exactly: values or hashes in, the k smallest by a stable hash out.
//!
//! Keeping the k smallest hashes ("bottom-k") gives the same set for any order and any split of the input. A value
//! that is kept has been kept since it was first seen, so its count is exact; a set that never overflowed is exact
//! as a whole, and one that did estimates how many distinct values there were.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::Timestamp;
use held::Held;

mod held;

/// One value that a [`Census`] keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    hash: u64,
    /// The value itself.
    pub value: String,
    /// In how many entries it was seen; exact.
    pub count: u64,
    /// The earliest entry with it, `None` if no entry with it has a time.
    pub first: Option<Timestamp>,
    /// The latest entry with it.
    pub last: Option<Timestamp>,
}

impl Kept {
    /// This value with what others counted of it.
    fn and(mut self, other: &Self) -> Self {
        self.count += other.count;
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
        self
    }
}

/// Counts values, at most `limit` of them: the ones with the smallest stable hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    limit: usize,
    total: u64,
    overflowed: bool,
    #[serde(skip)]
    bar: Bar,
    kept: Held,
}

/// Hashes beyond it are known not to be among the smallest: most are told by it alone, without a look at what is kept.
///
/// A memory only, so all bars are equal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar(pub(super) u64);

impl Bar {
    pub(super) const NONE: Self = Self(u64::MAX);
}

impl Default for Bar {
    fn default() -> Self {
        Self::NONE
    }
}

impl PartialEq for Bar {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Bar {}

impl Census {
    /// An empty census that keeps at most `limit` distinct values.
    pub const fn new(limit: usize) -> Self {
        Self { limit, total: 0, overflowed: false, bar: Bar::NONE, kept: Held::new() }
    }

    /// Counts one entry with `value`.
    pub fn add(&mut self, value: &str, time: Option<Timestamp>) {
        self.add_many(value, 1, time, time);
    }

    /// Counts `count` entries with `value`, the earliest and latest of which are given.
    pub fn add_many(&mut self, value: &str, count: u64, first: Option<Timestamp>, last: Option<Timestamp>) {
        self.total += count;
        let hash = xxh3_64(value.as_bytes());
        if hash > self.bar.0 {
            self.overflowed = true;
            return;
        }
        match self.kept.find(hash) {
            Ok(rank) => {
                if let Some(kept) = self.kept.get_mut(rank) {
                    kept.count += count;
                    kept.first = earliest(kept.first, first);
                    kept.last = kept.last.max(last);
                }
            }
            Err(rank) if rank >= self.limit => self.overflowed = true,
            Err(rank) => {
                self.overflowed |= self.kept.len() >= self.limit;
                self.kept.insert(rank, self.limit, |kept| {
                    // The room of a value that has to go is taken for the one that comes.
                    let mut room = std::mem::take(&mut kept.value);
                    room.clear();
                    room.push_str(value);
                    *kept = Kept { hash, value: room, count, first, last };
                });
                self.set_bar();
            }
        }
    }

    /// Takes back what `copies` counted: entries whose twins stay counted, so no value ever falls to zero.
    ///
    /// Exact: a value kept here is among the smallest hashes of all, so it is among the smallest of the copies too.
    pub fn subtract(&mut self, copies: &Self) {
        self.total = self.total.saturating_sub(copies.total);
        for copy in copies.kept.iter() {
            if let Ok(rank) = self.kept.find(copy.hash)
                && let Some(kept) = self.kept.get_mut(rank)
            {
                kept.count = kept.count.saturating_sub(copy.count);
            }
        }
    }

    /// Adds what `other` counted. Commutative and associative.
    pub fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.overflowed |= other.overflowed;
        if self.kept.is_empty() && other.kept.len() <= self.limit {
            self.kept = other.kept;
        } else if !other.kept.is_empty() {
            let ours = std::mem::take(&mut self.kept).into_sorted();
            // One more than are kept tells that there are more.
            let mut kept = Vec::with_capacity((ours.len() + other.kept.len()).min(self.limit + 1));
            let (mut ours, mut theirs) = (ours.into_iter().peekable(), other.kept.into_sorted().into_iter().peekable());
            while kept.len() <= self.limit {
                let next = match (ours.peek(), theirs.peek()) {
                    (Some(our), Some(their)) if our.hash == their.hash => {
                        ours.next().zip(theirs.next()).map(|(our, their)| our.and(&their))
                    }
                    (Some(our), Some(their)) if their.hash < our.hash => theirs.next(),
                    (None, _) => theirs.next(),
                    _ => ours.next(),
                };
                let Some(next) = next else { break };
                kept.push(next);
            }
            self.overflowed |= kept.len() > self.limit;
            kept.truncate(self.limit);
            self.kept = Held::from(kept);
        }
        self.set_bar();
    }

    fn set_bar(&mut self) {
        if let (true, Some(largest)) = (self.kept.len() == self.limit, self.kept.last()) {
            self.bar = Bar(largest.hash);
        }
    }

    /// Replaces times that `holds` refuses, which belong to entries with a wrong clock: the earliest and latest by
    /// `first` and `last`, between which the value was seen.
    pub fn retime(&mut self, holds: impl Fn(Timestamp) -> bool, first: Option<Timestamp>, last: Option<Timestamp>) {
        for kept in self.kept.iter_mut() {
            let is_wrong = |time: Option<Timestamp>| time.is_some_and(|time| !holds(time));
            if is_wrong(kept.first) {
                kept.first = first;
            }
            if is_wrong(kept.last) {
                kept.last = last;
            }
        }
    }

    /// How many entries were counted in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether every distinct value is kept, so that all figures are exact.
    pub fn is_exact(&self) -> bool {
        !self.overflowed
    }

    /// How many distinct values there were: exact, or estimated from the largest hash kept.
    pub fn distinct(&self) -> u64 {
        match self.kept.last() {
            Some(largest) if self.overflowed => estimate(self.kept.len(), largest.hash),
            _ => self.kept.len() as u64,
        }
    }

    /// The kept values, most frequent first, then by value: a total order. Those that redaction made equal are one here.
    pub fn top(&self) -> Vec<Cow<'_, Kept>> {
        let mut by_value: Vec<&Kept> = self.kept.iter().collect();
        by_value.sort_by(|left, right| left.value.cmp(&right.value));
        let mut top: Vec<Cow<'_, Kept>> = Vec::with_capacity(by_value.len());
        for kept in by_value {
            match top.last_mut().filter(|last| last.value == kept.value) {
                Some(last) => *last = Cow::Owned(last.as_ref().clone().and(kept)),
                None => top.push(Cow::Borrowed(kept)),
            }
        }
        top.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.value.cmp(&right.value)));
        top
    }

    /// The kept values in hash order; redaction may have made some of them equal.
    pub fn values(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter()
    }

    /// In how many entries a value was seen, as far as it is kept.
    pub fn count(&self, value: &str) -> u64 {
        self.values().filter(|kept| kept.value == value).map(|kept| kept.count).sum()
    }

    /// Rewrites the kept values for which there is another (redaction).
    ///
    /// Each keeps its rank, by which parts of an archive agree on what is kept and distinct values are estimated. So
    /// values that become equal stay apart here: which of them are among the smallest is known by their own ranks alone.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> Option<String>) {
        let mut values = std::mem::take(&mut self.kept).into_sorted();
        for kept in &mut values {
            if let Some(other) = rewrite(&kept.value).filter(|value| *value != kept.value) {
                kept.hash = veiled(kept.hash, kept.value.len(), &other);
                kept.value = other;
            }
        }
        values.sort_by(|left, right| left.hash.cmp(&right.hash).then_with(|| left.value.cmp(&right.value)));
        values.dedup_by(|next, kept| {
            let same = next.hash == kept.hash;
            if same {
                *kept = std::mem::take(kept).and(next);
            }
            same
        });
        self.kept = Held::from(values);
        self.bar = Bar::NONE;
    }
}

/// The hash of a value of so many bytes as it may be saved beside `other`, which stands for it.
///
/// A whole hash of eight bytes can be computed back to them, so only its high bits stay: enough for the order. The rest
/// is of what everyone may read.
pub(super) fn veiled(hash: u64, bytes: usize, other: &str) -> u64 {
    let hidden = if bytes <= 8 { 48 } else { 24 };
    let low = (1 << hidden) - 1;
    (hash & !low) + (xxh3_64(other.as_bytes()) & low)
}

/// Distinct values behind a full bottom-k set: k - 1 values share the part of the hash range below the largest.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate with some percent of error, computed from integers alone"
)]
pub(super) fn estimate(kept: usize, largest: u64) -> u64 {
    let share = (largest as f64 + 1.0) / (u64::MAX as f64);
    ((kept.saturating_sub(1)) as f64 / share).round() as u64
}

fn earliest(left: Option<Timestamp>, right: Option<Timestamp>) -> Option<Timestamp> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (one, None) | (None, one) => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn census_of(values: &[u16], limit: usize) -> Census {
        let mut census = Census::new(limit);
        for value in values {
            census.add(&value.to_string(), Timestamp::from_seconds(i64::from(*value)));
        }
        census
    }

    proptest! {
        #[test]
        fn any_split_in_any_order_gives_the_same_census(mut values in prop::collection::vec(0u16..60, 0..200), cut in 0usize..200) {
            let whole = census_of(&values, 16);
            let cut = cut.min(values.len());
            let (left, right) = values.split_at(cut);
            let mut merged = census_of(right, 16);
            merged.merge(census_of(left, 16));
            prop_assert_eq!(&merged, &whole);
            values.reverse();
            prop_assert_eq!(&census_of(&values, 16), &whole);
        }

        #[test]
        fn kept_counts_are_exact(values in prop::collection::vec(0u16..100, 0..300)) {
            let census = census_of(&values, 8);
            for kept in census.values() {
                let expected = values.iter().filter(|value| value.to_string() == kept.value).count() as u64;
                prop_assert_eq!(kept.count, expected);
            }
        }

        #[test]
        fn taking_copies_back_leaves_the_rest(values in prop::collection::vec(0u16..40, 0..100)) {
            let mut twice = census_of(&values, 8);
            twice.merge(census_of(&values, 8));
            twice.subtract(&census_of(&values, 8));
            prop_assert_eq!(twice, census_of(&values, 8));
        }
    }

    #[test]
    fn values_that_become_equal_are_added_up() {
        let mut census = census_of(&[1, 2, 2, 3, 4], 8);
        census.rewrite(|value| (value != "4").then(|| "x".to_owned()));
        let kept: Vec<_> = census.top().iter().map(|kept| (kept.value.clone(), kept.count)).collect();
        assert_eq!((kept, census.total()), (vec![("x".to_owned(), 4), ("4".to_owned(), 1)], 5));
        let times = Timestamp::from_seconds(1)..=Timestamp::from_seconds(3);
        assert!(census.top()[0].first == *times.start() && census.top()[0].last == *times.end());
        assert_eq!(
            census_of(&[4], 8).values().next().map(|kept| kept.hash),
            census.values().find(|kept| kept.value == "4").map(|kept| kept.hash)
        );
    }

    /// Values longer than what the hash of can be computed back, one in seven shown as it is, some equal to others.
    fn redacted(values: &[u16], limit: usize) -> Census {
        let mut census = Census::new(limit);
        for value in values {
            census.add(&format!("user-{value}@example.com"), Timestamp::from_seconds(i64::from(*value)));
        }
        census.rewrite(|value| {
            let number: u16 = value.strip_prefix("user-")?.strip_suffix("@example.com")?.parse().ok()?;
            (!number.is_multiple_of(7)).then(|| format!("<email:{}>", number / 2))
        });
        census
    }

    proptest! {
        #[test]
        fn redaction_leaves_any_split_the_same(values in prop::collection::vec(0u16..500, 0..400), cut in 0usize..400) {
            let whole = redacted(&values, 16);
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = redacted(right, 16);
            merged.merge(redacted(left, 16));
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(merged.distinct(), whole.distinct());
        }
    }

    #[test]
    fn redaction_leaves_estimates_as_they_are() {
        let numbers: Vec<u16> = (0..1_000).collect();
        let mut plain = Census::new(64);
        for number in &numbers {
            plain.add(&format!("user-{number}@example.com"), None);
        }
        assert_eq!(redacted(&numbers, 64).distinct(), plain.distinct());
    }

    #[test]
    fn what_is_saved_of_a_short_secret_is_no_hash_of_it() {
        let mut census = Census::new(8);
        census.add("hunter2", None);
        census.rewrite(|_| Some("<password>".to_owned()));
        let kept = census.values().next().unwrap().hash ^ xxh3_64(b"hunter2");
        assert!(kept != 0 && kept < 1 << 48, "{kept:x}");
    }

    #[test]
    fn a_full_census_estimates_distinct_values() {
        let mut census = Census::new(64);
        for number in 0..10_000 {
            census.add(&format!("user-{number}"), None);
        }
        assert!(!census.is_exact());
        assert!((7_000..13_000).contains(&census.distinct()), "{}", census.distinct());
        assert_eq!(census.total(), 10_000);
    }
}
