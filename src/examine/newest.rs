//! The times of all entries in, the one that relative times count from out: the newest but for stray ones.
//!
//! One clock that runs in 2099 must not make `--freshness 1h` choose its entries alone. What is stray is told by the rule
//! that sets times aside in a worklog.

use std::collections::BTreeMap;

use crate::model::{Timeline, Timestamp, Warning};

use super::{stray, words};

/// The times of entries: how many there are in each minute, and the newest of them.
#[derive(Clone, Debug, Default)]
pub struct Times(BTreeMap<i64, (u64, Timestamp)>);

/// What relative times count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// The newest time that is not stray.
    pub time: Timestamp,
    /// How many entries bear later times.
    later: u64,
    /// The last of these.
    last: Timestamp,
}

impl Times {
    /// Counts entries of one minute, of which `newest` is the newest time.
    pub fn add(&mut self, count: u64, newest: Timestamp) {
        let minute = self.0.entry(newest.minute()).or_insert((0, newest));
        *minute = (minute.0 + count, minute.1.max(newest));
    }

    /// Counts what was met elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (count, newest) in other.0.values() {
            self.add(*count, *newest);
        }
    }

    /// The time to count from; nothing where no entry has one.
    pub fn newest(&self) -> Option<Newest> {
        let (_, (_, last)) = self.0.last_key_value()?;
        let timeline = Timeline(self.0.iter().map(|(minute, (count, _))| (*minute, *count)).collect());
        let end = stray::last_minute(&timeline).unwrap_or(i64::MAX);
        let (_, (_, time)) = self.0.range(..=end).next_back()?;
        let later = self.0.range(end.saturating_add(1)..).map(|(_, (count, _))| count).sum();
        Some(Newest { time: *time, later: if end == i64::MAX { 0 } else { later }, last: *last })
    }
}

impl Newest {
    /// A time that nothing is later than.
    pub fn at(time: Timestamp) -> Self {
        Self { time, later: 0, last: time }
    }

    /// Whether some entries are later all the same.
    pub fn is_passed(&self) -> bool {
        self.later > 0
    }

    /// What is to be said about entries that are later.
    pub fn warning(&self) -> Option<Warning> {
        let bear = words::counted(self.later, "entry bears", "entries bear");
        self.is_passed().then(|| Warning {
            kind: "stray".to_owned(),
            text: format!(
                "{bear} a time far later than all others (up to {}) and fell out of the window, which counts back from the \
                 newest of the others ({}); --now gives another time to count from.",
                words::clock(self.last),
                words::clock(self.time)
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(others: u64, strays: &[&str]) -> Newest {
        let mut times = Times::default();
        let start = Timestamp::parse("2025-09-14T03:00:00Z").unwrap().nanos();
        for number in 0..others {
            times.add(1, Timestamp::from_nanos(start + i64::try_from(number).unwrap() * 7_000_000_000));
        }
        for stray in strays {
            let mut other = Times::default();
            other.add(1, Timestamp::parse(stray).unwrap());
            times.merge(&other);
        }
        times.newest().unwrap()
    }

    #[test]
    fn a_clock_that_runs_ahead_is_not_counted_from() {
        let found = newest(60, &["2099-01-01T00:00:00Z"]);
        assert_eq!(found.time.to_string(), "2025-09-14T03:06:53Z");
        assert_eq!(
            found.warning().unwrap().text,
            "1 entry bears a time far later than all others (up to 2099-01-01 00:00:00 UTC) and fell out of the window, \
             which counts back from the newest of the others (2025-09-14 03:06:53 UTC); --now gives another time to count \
             from."
        );
        let found = newest(200, &["2099-01-01T00:00:00Z", "2080-01-01T00:00:00Z"]);
        assert_eq!((found.later, found.last.to_string()), (2, "2099-01-01T00:00:00Z".to_owned()));
    }

    #[test]
    fn otherwise_the_newest_is_the_newest() {
        for (others, strays, expected) in [
            (60, &[][..], "2025-09-14T03:06:53Z"),
            (60, &["1970-01-01T00:00:00Z"], "2025-09-14T03:06:53Z"),
            (60, &["2025-09-20T00:00:00Z"], "2025-09-20T00:00:00Z"),
            (2, &["2099-01-01T00:00:00Z"], "2099-01-01T00:00:00Z"),
            (20, &["2099-01-01T00:00:00Z", "2099-01-01T00:00:01Z"], "2099-01-01T00:00:01Z"),
        ] {
            let found = newest(others, strays);
            assert_eq!((found.time.to_string().as_str(), found.warning()), (expected, None), "{strays:?}");
        }
        assert_eq!(Times::default().newest(), None);
    }
}
