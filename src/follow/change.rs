//! Two counts with the time each was watched in, whether the rate changed beyond noise out.

use crate::model::{Cluster, Worklog};

/// A change counts from this factor on, up or down.
pub(crate) const LEAST_FACTOR: f64 = 1.5;
/// A change counts from this many standard deviations on.
pub(crate) const LEAST_DEVIATIONS: f64 = 3.0;
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

/// What became of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Risen by the least factor and beyond noise.
    Up,
    /// Fallen likewise.
    Down,
    /// Neither.
    Steady,
}

/// The direction of a rate, and the figures it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    /// The verdict.
    pub direction: Direction,
    /// Rate now by rate then; `None` if there was none then.
    pub ratio: Option<f64>,
    /// Standard deviations between the two.
    pub z: f64,
}

/// Compares two rates.
///
/// The deviations are those of two Poisson rates on a square-root scale, where they hold for small counts too,
/// divided by how much burstier than Poisson the entries came.
#[expect(clippy::cast_precision_loss, reason = "a test statistic")]
pub(crate) fn between(before: Watched, now: Watched) -> Change {
    let ratio =
        (before.count > 0).then(|| if before.per_hour() > 0.0 { now.per_hour() / before.per_hour() } else { 0.0 });
    if before.seconds <= 0.0 || now.seconds <= 0.0 {
        return Change { direction: Direction::Steady, ratio, z: 0.0 };
    }
    let scale = now.seconds / before.seconds;
    let root = |count: u64| (count as f64 + 0.375).sqrt();
    let poisson = 2.0 * (root(now.count) - root(before.count) * scale.sqrt()) / (1.0 + scale).sqrt();
    let burstiness = (before.dispersion.max(now.dispersion).max(1000) as f64 / 1000.0).sqrt();
    let z = poisson / burstiness;
    let direction = match ratio {
        Some(ratio) if z >= LEAST_DEVIATIONS && ratio >= LEAST_FACTOR => Direction::Up,
        Some(ratio) if z <= -LEAST_DEVIATIONS && ratio * LEAST_FACTOR <= 1.0 => Direction::Down,
        None if z >= LEAST_DEVIATIONS => Direction::Up,
        _ => Direction::Steady,
    };
    Change { direction, ratio, z }
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
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "capped first")]
#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn dispersion(worklog: &Worklog, cluster: &Cluster) -> u64 {
    let buckets = worklog.timeline.buckets.len().max(cluster.timeline.len());
    let total: u64 = cluster.timeline.iter().map(|bucket| bucket.count).sum();
    if buckets < 3 || total == 0 {
        return 1000;
    }
    let mean = total as f64 / buckets as f64;
    let squares: u128 = cluster.timeline.iter().map(|bucket| u128::from(bucket.count).pow(2)).sum();
    let variance = (squares as f64 / buckets as f64 - mean * mean).max(0.0);
    ((variance / mean * 1000.0).round().clamp(1000.0, 1e12)) as u64
}

/// A rate for people: `42`, `3.5`, `0.04`.
pub(crate) fn show(rate: f64) -> String {
    if rate >= 100.0 || (rate - rate.round()).abs() < 1e-9 {
        format!("{rate:.0}")
    } else if rate >= 1.0 {
        format!("{rate:.1}")
    } else {
        format!("{rate:.2}")
    }
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
