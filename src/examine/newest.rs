//! The times of all entries in, the one that relative times count from out: the newest but for stray ones.
//!
//! One clock that runs in 2099 must not make `--freshness 1h` choose its entries alone. What is stray is told by the rule
//! that sets times aside in a worklog.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::{Timeline, Timestamp, Warning};

use super::{stray, words};

/// So many rows are kept. All times there are lie within 585 years, so that a row is never half as long as the gap that
/// sets stray times apart.
const KEPT_ROWS: usize = 65_536;

/// The times of entries: how many there are in each stretch of minutes.
///
/// A stretch is a minute long, or twice as long again and again where there would be more rows than are kept. Which length
/// that is depends on the times alone, not on their order, and since no stretch holds a long gap the same is stray.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// How often the length was doubled.
    doubled: u32,
    rows: BTreeMap<i64, Row>,
}

/// The entries of a stretch.
#[derive(Clone, Copy, Debug)]
struct Row {
    count: u64,
    /// The first minute with an entry, and how many entries it has.
    first: (i64, u64),
    newest: Timestamp,
}

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
        self.put(Row { count, first: (newest.minute(), count), newest });
    }

    /// Counts what was met elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.lengthen(other.doubled);
        other.rows.values().for_each(|row| self.put(*row));
    }

    /// The time to count from; nothing where no entry has one.
    pub fn newest(&self) -> Option<Newest> {
        let last = self.rows.last_key_value()?.1.newest;
        let mut timeline = Timeline::default();
        for row in self.rows.values() {
            timeline.add(row.first.0, row.first.1);
            timeline.add(row.newest.minute(), row.count - row.first.1);
        }
        let end = stray::last_minute(&timeline).unwrap_or(i64::MAX);
        let is_later = |row: &&Row| row.newest.minute() > end;
        let time = self.rows.values().rev().find(|row| !is_later(row))?.newest;
        let later = self.rows.values().filter(is_later).map(|row| row.count).sum();
        Some(Newest { time, later, last })
    }

    fn put(&mut self, row: Row) {
        let held = self.rows.entry(row.first.0 >> self.doubled);
        held.and_modify(|held| held.take(row)).or_insert(row);
        if self.rows.len() > KEPT_ROWS {
            self.lengthen(self.doubled + 1);
        }
    }

    /// Makes stretches longer, and until there are no more of them than are kept.
    fn lengthen(&mut self, doubled: u32) {
        if doubled <= self.doubled {
            return;
        }
        self.doubled = doubled;
        for row in std::mem::take(&mut self.rows).into_values() {
            self.put(row);
        }
    }
}

impl Row {
    fn take(&mut self, other: Self) {
        self.count += other.count;
        self.newest = self.newest.max(other.newest);
        self.first = match other.first.0.cmp(&self.first.0) {
            Ordering::Less => other.first,
            Ordering::Equal => (self.first.0, self.first.1 + other.first.1),
            Ordering::Greater => self.first,
        };
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

    fn at(time: &str) -> Timestamp {
        Timestamp::parse(time).unwrap()
    }

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
    fn times_without_number_take_no_more_rows_in_any_order() {
        let start = Timestamp::parse("2025-09-14T03:00:00Z").unwrap().seconds();
        let minutes = 4 * i64::try_from(KEPT_ROWS).unwrap();
        let mut times: Vec<Timestamp> =
            (0..minutes).map(|minute| Timestamp::from_seconds(start + minute * 60).unwrap()).collect();
        times.extend(["2099-01-01T00:00:00Z", "2099-01-01T00:00:01Z", "1970-01-01T00:00:00Z"].map(at));
        let all = |times: &mut dyn Iterator<Item = &Timestamp>| {
            let mut all = Times::default();
            times.for_each(|time| all.add(1, *time));
            all
        };
        let told = |times: &Times| {
            let rows: Vec<_> = times.rows.iter().map(|(at, row)| (*at, row.count, row.first, row.newest)).collect();
            (times.doubled, rows, times.newest())
        };
        let forward = all(&mut times.iter());
        assert!(forward.rows.len() <= KEPT_ROWS);
        let newest = forward.newest().unwrap();
        let expected = Timestamp::from_seconds(start + (minutes - 1) * 60).unwrap();
        assert_eq!((newest.time, newest.later, newest.last), (expected, 2, at("2099-01-01T00:00:01Z")));
        assert!(told(&all(&mut times.iter().rev())) == told(&forward));
        let mut parts = all(&mut times.iter().take(1_000));
        parts.merge(&all(&mut times.iter().skip(1_000)));
        assert!(told(&parts) == told(&forward));
    }

    #[test]
    fn rows_are_shorter_than_what_sets_times_apart() {
        let minutes = u64::MAX / 60_000_000_000;
        assert!(2 * (minutes / KEPT_ROWS as u64 + 1) < 30 * 24 * 60 / 2);
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
