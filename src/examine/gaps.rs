//! The times of all entries in, the stretches without any out.
//!
//! A gap is at least five minutes, at least a twentieth of the window, and ten times the median step between entries.

use crate::model::{Gap, Tally, Timestamp};

/// How many gaps are listed: the longest ones.
const LISTED_GAPS: usize = 10;
const MINUTE: i64 = 60_000_000_000;
const LEAST_GAP: i64 = 5 * MINUTE;

/// The long stretches without entries, in the order of time.
pub(super) fn gaps(tally: &Tally) -> Vec<Gap> {
    let (at, width) = points(tally);
    let (Some(first), Some(last)) = (at.first(), at.last()) else { return Vec::new() };
    let window = last.saturating_sub(*first);
    let steps: Vec<(i64, i64)> =
        at.windows(2).filter_map(|pair| if let [left, right] = pair { Some((*left, *right)) } else { None }).collect();
    let mut lengths: Vec<i64> = steps.iter().map(|(left, right)| right.saturating_sub(*left)).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    let shortest = LEAST_GAP.max(window / 20).max(median.saturating_mul(10));
    let mut long: Vec<(i64, i64)> = steps
        .into_iter()
        .filter(|(left, right)| right.saturating_sub(*left).saturating_sub(width) >= shortest)
        .collect();
    long.sort_by_key(|(left, right)| (std::cmp::Reverse(right.saturating_sub(*left)), *left));
    long.truncate(LISTED_GAPS);
    long.sort_unstable();
    long.into_iter()
        .map(|(left, right)| Gap {
            from: Some(Timestamp::from_nanos(left.saturating_add(width))),
            to: Some(Timestamp::from_nanos(right)),
        })
        .collect()
}

/// Exact times where they are kept, else the starts of minutes, and how wide a point is.
fn points(tally: &Tally) -> (Vec<i64>, i64) {
    if let Some(times) = tally.times.exact() {
        let mut points: Vec<i64> = times.iter().map(|time| time.nanos()).collect();
        points.sort_unstable();
        return (points, 0);
    }
    let minutes = tally.timeline.0.iter().filter(|(_, count)| **count > 0);
    (minutes.map(|(minute, _)| minute.saturating_mul(MINUTE)).collect(), MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps_of(minutes: impl IntoIterator<Item = i64>) -> Vec<(i64, i64)> {
        let mut tally = Tally::default();
        for minute in minutes {
            let time = Timestamp::from_seconds(1_757_800_020 + minute * 60).unwrap();
            tally.times.add(time);
            tally.timeline.add(time.minute(), 1);
        }
        let relative = |time: Option<Timestamp>| (time.unwrap().seconds() - 1_757_800_020) / 60;
        gaps(&tally).into_iter().map(|gap| (relative(gap.from), relative(gap.to))).collect()
    }

    #[test]
    fn only_long_silence_is_a_gap() {
        assert_eq!(gaps_of(0..60), []);
        assert_eq!(gaps_of((0..60).chain(90..120)), [(59, 90)]);
        assert_eq!(gaps_of((0..5).map(|n| n * 30)), [], "an export of few entries has no gaps");
        assert_eq!(gaps_of([7]), []);
        assert_eq!(gaps_of([]), []);
    }
}
