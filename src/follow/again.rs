//! A cluster in, when it was seen again after a time out: its first entry then, or the earliest time that proves one.

use crate::model::{Cluster, Timestamp};

/// What is known of when the entries of a cluster came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    /// The earliest entry.
    first: Option<Timestamp>,
    /// Stretches that hold an entry each: from, to.
    held: Vec<(Timestamp, Timestamp)>,
}

impl Trail {
    /// From the ends of the cluster and its revisions, its samples, bursts and timeline.
    pub(crate) fn of(cluster: &Cluster) -> Self {
        let revisions = cluster.revisions.iter().flat_map(|span| [span.first_seen, span.last_seen]);
        let samples =
            cluster.samples.iter().map(|sample| sample.entry.at(&["timestamp"])?.as_str().and_then(Timestamp::parse));
        let moments = revisions.chain(samples).chain([cluster.last_seen]).flatten().map(|time| (time, time));
        let bursts = cluster.rate.bursts.iter().filter_map(|burst| burst.start.zip(burst.end));
        // The entries of a bucket are before the next one, and before the last entry of all.
        let starts = || cluster.timeline.iter().map(|bucket| bucket.start);
        let ends = starts().skip(1).chain([cluster.last_seen]);
        let buckets = starts().zip(ends).filter_map(|(start, end)| start.zip(end));
        Self { first: cluster.first_seen, held: moments.chain(bursts).chain(buckets).collect() }
    }

    /// `seen again at` the first entry after a time, `seen again by` where only a later time proves one.
    pub(crate) fn after(&self, time: Timestamp) -> Option<String> {
        if let Some(first) = self.first.filter(|first| *first > time) {
            return Some(format!("seen again at {first}"));
        }
        let by = self.held.iter().filter(|(from, _)| *from > time).map(|(_, to)| *to).min()?;
        Some(format!("seen again by {by}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bucket, JsonText, Sample};

    fn time(hour: u32) -> Timestamp {
        Timestamp::parse(&format!("2025-11-10T{hour:02}:00:00Z")).unwrap()
    }

    #[test]
    fn the_earliest_entry_that_is_known() {
        let bucket = |hour| Bucket { start: Some(time(hour)), count: 3 };
        let cluster = Cluster {
            first_seen: Some(time(1)),
            last_seen: Some(time(20)),
            timeline: [0, 6, 12, 18].map(bucket).to_vec(),
            ..Cluster::default()
        };
        let told = |cluster: &Cluster, hour| Trail::of(cluster).after(time(hour));
        assert_eq!(told(&cluster, 0).unwrap(), "seen again at 2025-11-10T01:00:00Z");
        assert_eq!(told(&cluster, 5).unwrap(), "seen again by 2025-11-10T12:00:00Z");
        assert_eq!(told(&cluster, 19).unwrap(), "seen again by 2025-11-10T20:00:00Z");
        assert_eq!(told(&cluster, 20), None);
        let sample =
            Sample { entry: JsonText::from(&serde_json::json!({ "timestamp": time(7) })), ..Sample::default() };
        let cluster = Cluster { samples: vec![sample], ..cluster };
        assert_eq!(told(&cluster, 5).unwrap(), "seen again by 2025-11-10T07:00:00Z");
    }
}
