//! How long requests took in, exact counts for steps of time out; they merge, and tell quantiles as fine as a step is wide.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

/// Requests by step: 8 steps between powers of two, numbered from 1 ns, so that the middle of a step is within 7 % of all in
/// it.
///
/// Sorted by step: there are few of them, so a row is found in and added up faster than a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<u32, u64>")]
pub struct Steps(Vec<(u32, u64)>);

impl From<BTreeMap<u32, u64>> for Steps {
    fn from(steps: BTreeMap<u32, u64>) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(step, count)| (step, count)))
    }
}

impl Steps {
    /// How many steps there are.
    pub const ALL: usize = 512;

    /// The step that a time falls into.
    pub fn of(nanos: u64) -> u32 {
        let power = nanos.max(1).ilog2();
        let eighth = if power >= 3 { (nanos >> (power - 3)) & 7 } else { (nanos << (3 - power)) & 7 };
        power * 8 + u32::try_from(eighth).unwrap_or_default()
    }

    /// Counts requests of one step.
    pub fn add(&mut self, step: u32, count: u64) {
        match self.0.binary_search_by_key(&step, |(step, _)| *step) {
            Ok(at) => {
                if let Some((_, held)) = self.0.get_mut(at) {
                    *held += count;
                }
            }
            Err(at) => self.0.insert(at, (step, count)),
        }
    }

    /// Adds the requests of another part.
    pub fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
            return;
        }
        for (step, count) in &other.0 {
            self.add(*step, *count);
        }
    }

    /// Takes back the requests of copies.
    pub fn subtract(&mut self, copies: &Self) {
        for (step, less) in &copies.0 {
            if let Ok(at) = self.0.binary_search_by_key(step, |(step, _)| *step)
                && let Some((_, count)) = self.0.get_mut(at)
            {
                *count = count.saturating_sub(*less);
            }
        }
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The requests of a step and of all above it.
    pub fn from(&self, step: u32) -> u64 {
        self.0.iter().rev().take_while(|(held, _)| *held >= step).map(|(_, count)| count).sum()
    }

    /// The requests below a step.
    #[must_use]
    pub fn below(&self, step: u32) -> Self {
        Self(self.0.iter().take_while(|(held, _)| *held < step).copied().collect())
    }

    /// The step that holds the given share (0.5: the median) of all requests.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank computed from counts"
    )]
    pub fn step_at(&self, share: f64) -> Option<u32> {
        let rank = (self.total().saturating_sub(1) as f64 * share).round() as u64;
        let mut below = 0;
        self.0.iter().find_map(|(step, count)| {
            below += count;
            (below > rank).then_some(*step)
        })
    }

    /// The middle of that step in nanoseconds.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        self.step_at(share).map(Self::middle)
    }

    /// The middle of a step in nanoseconds.
    pub fn middle(step: u32) -> u64 {
        // A step below 8 ns is narrower than a nanosecond.
        let (power, sixteenth) = ((step / 8).min(63), 17 + 2 * u64::from(step % 8));
        if power >= 4 { sixteenth << (power - 4) } else { sixteenth >> (4 - power) }
    }
}

/// Latencies: exact count, sum, minimum and maximum, and the steps between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// How many requests state a latency.
    pub count: u64,
    /// Their sum in nanoseconds.
    pub sum_nanos: u128,
    /// The smallest in nanoseconds.
    pub min_nanos: Option<u64>,
    /// The largest in nanoseconds.
    pub max_nanos: Option<u64>,
    /// Requests by step.
    pub steps: Steps,
}

impl Latency {
    /// Counts one latency.
    pub fn add(&mut self, nanos: u64) {
        self.count += 1;
        self.sum_nanos += u128::from(nanos);
        self.min_nanos = Some(self.min_nanos.map_or(nanos, |least| least.min(nanos)));
        self.max_nanos = self.max_nanos.max(Some(nanos));
        self.steps.add(Steps::of(nanos), 1);
    }

    /// Takes back the latencies of copies.
    pub fn subtract(&mut self, copies: &Self) {
        self.count = self.count.saturating_sub(copies.count);
        self.sum_nanos = self.sum_nanos.saturating_sub(copies.sum_nanos);
        self.steps.subtract(&copies.steps);
    }

    /// Adds the latencies of another part.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_nanos += other.sum_nanos;
        self.min_nanos = match (self.min_nanos, other.min_nanos) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (one, None) | (None, one) => one,
        };
        self.max_nanos = self.max_nanos.max(other.max_nanos);
        self.steps.merge(&other.steps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_step_is_close_to_all_in_it() {
        for nanos in [1_700, 9_000, 999_999, 400_000_000, 2_300_000_000, 3_600_000_000_000, u64::MAX] {
            for nanos in [nanos - nanos / 16, nanos] {
                let middle = Steps::middle(Steps::of(nanos));
                assert!(middle.abs_diff(nanos) / 7 <= nanos / 100, "{nanos}: {middle}");
                assert_eq!(Steps::of(middle), Steps::of(nanos));
            }
        }
        assert!((Steps::of(u64::MAX) as usize) < Steps::ALL);
    }

    #[test]
    fn quantiles_are_those_of_the_counts() {
        let mut steps = Steps::default();
        assert_eq!(steps.quantile(0.5), None);
        steps.add(Steps::of(100_000_000), 95);
        steps.add(Steps::of(2_000_000_000), 5);
        let near = |share: f64, nanos: u64| assert_eq!(steps.step_at(share), Some(Steps::of(nanos)), "{share}");
        near(0.5, 100_000_000);
        near(0.94, 100_000_000);
        near(0.99, 2_000_000_000);
        let second = Steps::of(1_000_000_000);
        assert_eq!((steps.total(), steps.from(second), steps.below(second).total()), (100, 5, 95));
    }
}
