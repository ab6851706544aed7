//! Entries per minute in, the run's and the clusters' timelines out: buckets of one width, by a rule on the window.

use std::collections::BTreeMap;

use crate::model::{Bucket, Digest, Peak, RunBucket, RunTimeline, Severity, Timeline, Timestamp, Window};

/// How many buckets a timeline has at most.
const MOST_BUCKETS: i64 = 60;
/// Widths in seconds that people read well.
const WIDTHS: [i64; 11] = [60, 120, 300, 600, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

/// The width of a bucket in seconds: the least of the usual ones that shows the window in at most sixty buckets.
pub(super) fn width(window: &Window) -> i64 {
    let (Some(start), Some(end)) = (window.start, window.end) else { return 60 };
    let fits = |width: i64| end.seconds().div_euclid(width) - start.seconds().div_euclid(width) < MOST_BUCKETS;
    if let Some(width) = WIDTHS.into_iter().find(|width| fits(*width)) {
        return width;
    }
    let mut days = 2;
    while !fits(days * 86_400) {
        days *= 2;
    }
    days * 86_400
}

/// The timeline of the run, from its first to its last bucket, empty ones included.
pub(super) fn of_run(digest: &Digest, window: &Window) -> RunTimeline {
    let bucket_seconds = width(window);
    let (Some(start), Some(end)) = (window.start, window.end) else { return RunTimeline::default() };
    let mut counts: BTreeMap<i64, BTreeMap<Severity, u64>> = BTreeMap::new();
    let bucket_of = |seconds: i64| seconds.div_euclid(bucket_seconds) * bucket_seconds;
    let mut at = bucket_of(start.seconds());
    while at <= end.seconds() {
        counts.insert(at, BTreeMap::new());
        at += bucket_seconds;
    }
    for (severity, timeline) in &digest.severity_timeline {
        for (at, count) in timeline.buckets(bucket_seconds).into_iter().filter(|(_, count)| *count > 0) {
            *counts.entry(at).or_default().entry(*severity).or_default() += count;
        }
    }
    let buckets: Vec<RunBucket> = counts
        .into_iter()
        .map(|(at, by_severity)| RunBucket {
            start: Timestamp::from_seconds(at),
            count: by_severity.values().sum(),
            by_severity,
        })
        .collect();
    let peak = peak(&buckets, bucket_seconds).map(|peak| Peak {
        start: peak.start.max(window.start),
        end: peak.end.min(window.end),
        ..peak
    });
    RunTimeline { bucket_seconds, buckets, peak }
}

/// The fullest bucket, the first one of several.
fn peak(buckets: &[RunBucket], width: i64) -> Option<Peak> {
    let fullest = buckets.iter().rev().max_by_key(|bucket| bucket.count).filter(|bucket| bucket.count > 0)?;
    let end = fullest.start.and_then(|start| Timestamp::from_seconds(start.seconds() + width));
    Some(Peak { start: fullest.start, end, count: fullest.count })
}

/// The timeline of a cluster: its buckets that hold entries.
pub(super) fn of_cluster(timeline: &Timeline, width: i64) -> Vec<Bucket> {
    let buckets = timeline.buckets(width).into_iter().filter(|(_, count)| *count > 0);
    buckets.map(|(at, count)| Bucket { start: Timestamp::from_seconds(at), count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_follows_from_the_window() {
        for (seconds, expected) in [(0, 60), (3_000, 60), (7_000, 120), (86_400, 1_800), (30 * 86_400, 86_400)] {
            let start = Timestamp::from_seconds(1_757_800_000);
            let end = Timestamp::from_seconds(1_757_800_000 + seconds);
            assert_eq!(width(&Window { start, end, seconds: 0.0 }), expected, "{seconds}");
        }
        let far = Window {
            start: Some(Timestamp::from_nanos(i64::MIN)),
            end: Some(Timestamp::from_nanos(i64::MAX)),
            seconds: 0.0,
        };
        assert!(of_run(&Digest::default(), &far).buckets.len() <= 60);
    }
}
