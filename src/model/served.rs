//! The requests of one service in, what it answered and how long it took, over time, out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::Steps;

/// A service keeps figures for so many stretches of time; where there are more, stretches are made longer.
pub const KEPT_STRETCHES: usize = 360;

/// The requests that one log tells of one service.
///
/// Answers of 1xx state how long a connection was held open, not how long anybody waited: they have no latency here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The service, else the type of the resource, else the log.
    pub service: String,
    /// The name of the log.
    pub log: String,
    /// Requests by the first digit of their status; those without a usual one at 0.
    pub classes: [u64; 6],
    /// The longest latency in nanoseconds.
    pub slowest: Option<u64>,
    /// The longest of those answered by neither 4xx nor 5xx.
    #[serde(default)]
    pub slowest_success: Option<u64>,
    /// The longest of those answered by 4xx or 5xx.
    #[serde(default)]
    pub slowest_error: Option<u64>,
    /// Latencies of requests without a time.
    pub untimed: Steps,
    /// Those of them that were answered by 4xx or 5xx.
    #[serde(default)]
    pub untimed_errors: Steps,
    /// Whether all were counted by a program that tells errors apart.
    #[serde(default)]
    tells_errors: bool,
    /// How many minutes a stretch has.
    minutes: i64,
    /// Requests with a time, by the minute since 1970 that starts their stretch.
    stretches: BTreeMap<i64, Stretch>,
}

/// Requests of some minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// How many.
    pub requests: u64,
    /// How many of them were answered by 5xx.
    pub failed: u64,
    /// Those answered by 4xx and 5xx, by status.
    #[serde(default)]
    pub errors: BTreeMap<u16, u64>,
    /// How long they took.
    pub took: Steps,
    /// How long those took that were answered by 4xx or 5xx.
    #[serde(default)]
    pub took_errors: Steps,
}

impl Stretch {
    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        other.errors.iter().for_each(|(status, count)| *self.errors.entry(*status).or_default() += count);
        self.took.merge(&other.took);
        self.took_errors.merge(&other.took_errors);
    }

    fn subtract(&mut self, copies: &Self) {
        self.requests = self.requests.saturating_sub(copies.requests);
        self.failed = self.failed.saturating_sub(copies.failed);
        for (status, less) in &copies.errors {
            if let Some(count) = self.errors.get_mut(status) {
                *count = count.saturating_sub(*less);
            }
        }
        self.took.subtract(&copies.took);
        self.took_errors.subtract(&copies.took_errors);
    }
}

impl Served {
    /// What tells services and logs apart, as the entries name them.
    pub fn hash(service: &str, log: &str) -> u64 {
        xxh3_64_with_seed(log.as_bytes(), xxh3_64(service.as_bytes()))
    }

    /// No request yet.
    pub fn new(service: &str, log: &str) -> Self {
        Self {
            service: service.to_owned(),
            log: log.to_owned(),
            classes: [0; 6],
            slowest: None,
            slowest_success: None,
            slowest_error: None,
            untimed: Steps::default(),
            untimed_errors: Steps::default(),
            tells_errors: true,
            minutes: 1,
            stretches: BTreeMap::new(),
        }
    }

    /// Adds to the requests of one minute since 1970; their classes and the slowest are counted apart.
    pub fn add(&mut self, minute: i64, add: impl FnOnce(&mut Stretch)) {
        add(self.stretches.entry(start(minute, self.minutes)).or_default());
        self.bound();
    }

    /// All requests.
    pub fn requests(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// Requests whose status has this first digit; 0: those without a usual one.
    pub fn of_class(&self, digit: usize) -> u64 {
        self.classes.get(digit).copied().unwrap_or_default()
    }

    /// How long all of them took.
    pub fn took(&self) -> Steps {
        let mut took = self.untimed.clone();
        self.stretches.values().for_each(|stretch| took.merge(&stretch.took));
        took
    }

    /// How long those took that were answered by 4xx or 5xx; nothing where a part does not tell.
    pub fn took_errors(&self) -> Option<Steps> {
        let mut took = self.tells_errors.then(|| self.untimed_errors.clone())?;
        self.stretches.values().for_each(|stretch| took.merge(&stretch.took_errors));
        Some(took)
    }

    /// How long those took that were answered by neither; likewise.
    pub fn successes(&self) -> Option<Steps> {
        let errors = self.took_errors()?;
        let mut took = self.took();
        took.subtract(&errors);
        Some(took)
    }

    /// The stretches by the minute since 1970 that starts them, and how many minutes each has.
    pub fn stretches(&self) -> (&BTreeMap<i64, Stretch>, i64) {
        (&self.stretches, self.minutes)
    }

    pub(super) fn forget_beyond(&mut self, first: i64, last: i64) {
        let first = start(first, self.minutes);
        let (untimed, untimed_errors) = (&mut self.untimed, &mut self.untimed_errors);
        self.stretches.retain(|minute, stretch| {
            let stays = (first..=last).contains(minute);
            if !stays {
                untimed.merge(&stretch.took);
                untimed_errors.merge(&stretch.took_errors);
            }
            stays
        });
    }

    pub(super) fn merge(&mut self, other: Self) {
        // Of two shards one may have seen a secret in a name: redacted names start with a bracket.
        self.service = std::mem::take(&mut self.service).min(other.service);
        self.log = std::mem::take(&mut self.log).min(other.log);
        self.classes.iter_mut().zip(other.classes).for_each(|(count, more)| *count += more);
        self.slowest = self.slowest.max(other.slowest);
        self.slowest_success = self.slowest_success.max(other.slowest_success);
        self.slowest_error = self.slowest_error.max(other.slowest_error);
        self.untimed.merge(&other.untimed);
        self.untimed_errors.merge(&other.untimed_errors);
        self.tells_errors &= other.tells_errors;
        self.widen(self.minutes.max(other.minutes));
        for (minute, stretch) in &other.stretches {
            self.stretches.entry(start(*minute, self.minutes)).or_default().merge(stretch);
        }
        self.bound();
    }

    pub(super) fn subtract(&mut self, copies: &Self) {
        self.classes.iter_mut().zip(copies.classes).for_each(|(count, less)| *count = count.saturating_sub(less));
        self.untimed.subtract(&copies.untimed);
        self.untimed_errors.subtract(&copies.untimed_errors);
        for (minute, copies) in &copies.stretches {
            if let Some(held) = self.stretches.get_mut(&start(*minute, self.minutes)) {
                held.subtract(copies);
            }
        }
    }

    /// Makes stretches longer until there are not too many. A part never has more of them than the whole, so it never
    /// has longer ones.
    fn bound(&mut self) {
        while self.stretches.len() > KEPT_STRETCHES {
            self.widen(wider(self.minutes));
        }
    }

    fn widen(&mut self, minutes: i64) {
        if minutes == self.minutes {
            return;
        }
        self.minutes = minutes;
        for (minute, stretch) in std::mem::take(&mut self.stretches) {
            self.stretches.entry(start(minute, minutes)).or_default().merge(&stretch);
        }
    }
}

/// Each length is a multiple of the one before it, so it does not matter how often stretches were joined.
fn wider(minutes: i64) -> i64 {
    match minutes {
        1 => 5,
        5 => 15,
        15 => 60,
        60 => 240,
        240 => 1_440,
        minutes => minutes.saturating_mul(2).max(5),
    }
}

fn start(minute: i64, minutes: i64) -> i64 {
    let minutes = minutes.max(1);
    minute.div_euclid(minutes).saturating_mul(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_tell_errors_apart_is_read_and_says_so() {
        let mut served = Served::new("api", "requests");
        served.add(7, |stretch| stretch.requests += 1);
        let mut saved = serde_json::to_value(&served).unwrap();
        for name in ["slowest_success", "slowest_error", "untimed_errors", "tells_errors"] {
            assert!(saved.as_object_mut().unwrap().remove(name).is_some());
        }
        for name in ["errors", "took_errors"] {
            assert!(saved["stretches"]["7"].as_object_mut().unwrap().remove(name).is_some());
        }
        let old: Served = serde_json::from_value(saved).unwrap();
        assert_eq!((old.stretches(), old.took_errors()), (served.stretches(), None));
        served.merge(old);
        assert_eq!((served.took_errors(), served.stretches().0[&7].requests), (None, 2));
    }
}
