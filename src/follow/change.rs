//! Two counts with the time each was watched in, whether the rate changed beyond noise out.

use crate::model::{Cluster, Seen, Worklog};

pub(crate) use crate::model::{Change, Direction, LEAST_DEVIATIONS, LEAST_FACTOR};

/// Fewer expected entries than this prove nothing by their absence: one run in twenty holds none by chance alone.
pub(crate) const LEAST_EXPECTED: f64 = 3.0;

/// How often something was seen in how much watched time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Watched {
    /// Entries.
    pub count: u64,
    /// Seconds covered.
    pub seconds: f64,
    /// Variance by mean of its buckets in thousandths; 1000 for events that come independently, more for bursts.
    pub dispersion: u64,
}

impl Watched {
    /// Entries per covered hour.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub(crate) fn per_hour(self) -> f64 {
        if self.seconds > 0.0 { self.count as f64 * 3600.0 / self.seconds } else { 0.0 }
    }

    /// Both together; the burstier one decides how bursty.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            seconds: self.seconds + other.seconds,
            dispersion: self.dispersion.max(other.dispersion),
        }
    }
}

/// Compares two rates per covered time.
pub(crate) fn between(before: Watched, now: Watched) -> Change {
    let seen =
        |watched: Watched| Seen { count: watched.count, within: watched.seconds, dispersion: watched.dispersion };
    Change::between(seen(before), seen(now))
}

/// The seconds of the observed window in which the export has entries: the window without its gaps.
pub(crate) fn covered_seconds(worklog: &Worklog) -> f64 {
    let (Some(start), Some(end)) = (worklog.window.start, worklog.window.end) else { return 0.0 };
    let gaps: f64 = worklog
        .coverage
        .gaps
        .iter()
        .filter_map(|gap| Some((gap.from?.max(start), gap.to?.min(end))))
        .map(|(from, to)| to.seconds_since(from).max(0.0))
        .sum();
    (end.seconds_since(start) - gaps).max(0.0)
}

/// A cluster with the time its run covers.
pub(crate) fn watched(worklog: &Worklog, cluster: &Cluster) -> Watched {
    Watched { count: cluster.count, seconds: covered_seconds(worklog), dispersion: dispersion(worklog, cluster) }
}

/// Variance by mean over the buckets of the run, in thousandths.
fn dispersion(worklog: &Worklog, cluster: &Cluster) -> u64 {
    let buckets = worklog.timeline.buckets.len().max(cluster.timeline.len());
    Seen::dispersion(cluster.timeline.iter().map(|bucket| bucket.count), buckets)
}

/// A rate for people, with two digits that say something: `42`, `3.5`, `0.04`, `0.0060`. Two that differ by half show it,
/// however seldom the thing is.
pub fn show(rate: f64) -> String {
    let decimals = match rate {
        99.95.. => 0,
        0.995.. => 1,
        0.0995.. => 2,
        0.009_95.. => 3,
        0.000_995.. => 4,
        0.000_000_5.. => 6,
        _ => 0,
    };
    let text = format!("{rate:.decimals$}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bucket, RunBucket, RunTimeline};

    fn seen(count: u64, hours: f64) -> Watched {
        Watched { count, seconds: hours * 3600.0, dispersion: 1000 }
    }

    #[test]
    fn a_change_needs_size_and_certainty() {
        for (before, now, expected) in [
            (seen(100, 1.0), seen(300, 1.0), Direction::Up),
            (seen(100, 1.0), seen(120, 1.0), Direction::Steady),
            (seen(10_000, 1.0), seen(11_000, 1.0), Direction::Steady),
            (seen(2, 1.0), seen(4, 1.0), Direction::Steady),
            (seen(300, 1.0), seen(100, 1.0), Direction::Down),
            (seen(300, 1.0), seen(7_200, 24.0), Direction::Steady),
            (seen(300, 24.0), seen(300, 1.0), Direction::Up),
            (seen(0, 1.0), seen(50, 1.0), Direction::Up),
            (seen(5, 0.0), seen(50, 1.0), Direction::Steady),
        ] {
            assert_eq!(between(before, now).direction, expected, "{before:?} {now:?}");
        }
    }

    #[test]
    fn rates_keep_two_digits() {
        let shown = [0.0, 0.000_001_2, 0.003, 0.012, 0.006, 0.2, 0.999, 1.04, 36.99, 99.97].map(show);
        assert_eq!(shown, ["0", "0.000001", "0.0030", "0.012", "0.0060", "0.20", "1", "1", "37", "100"]);
    }

    #[test]
    fn bursts_need_more() {
        let bursty = Watched { dispersion: 100_000, ..seen(100, 1.0) };
        assert_eq!(between(seen(30, 1.0), seen(100, 1.0)).direction, Direction::Up);
        assert_eq!(between(seen(30, 1.0), bursty).direction, Direction::Steady);
    }

    #[test]
    fn dispersion_of_even_and_of_bursty_timelines() {
        let run = Worklog {
            timeline: RunTimeline { buckets: vec![RunBucket::default(); 10], ..RunTimeline::default() },
            ..Worklog::default()
        };
        let of = |counts: &[u64]| {
            let timeline = counts.iter().map(|count| Bucket { start: None, count: *count }).collect();
            dispersion(&run, &Cluster { timeline, ..Cluster::default() })
        };
        assert_eq!(of(&[5; 10]), 1000);
        assert_eq!(of(&[50]), 45_000);
        assert_eq!(of(&[]), 1000);
    }
}
