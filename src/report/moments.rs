//! A worklog in, its turning points out, in order of time: for a postmortem.

use schemars::JsonSchema;
use serde::Serialize;

use super::words;
use crate::model::{Cluster, Timestamp, Worklog};

/// Clusters whose turning points are told; the worklog has the rest.
const MOST_CLUSTERS: usize = 20;
const MOST_BURSTS: usize = 5;

/// A turning point.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(super) struct Moment {
    /// When.
    time: Timestamp,
    /// What, in a sentence.
    text: String,
    /// The id of the cluster it is about, or empty.
    cluster: String,
}

/// First and last entries of clusters and revisions, bursts, gaps and the peak.
pub(super) fn moments(worklog: &Worklog, listed: &[&Cluster]) -> Vec<Moment> {
    let mut found = Vec::new();
    let mut add = |time: Option<Timestamp>, text: String, cluster: &str| {
        found.extend(time.map(|time| Moment { time, text, cluster: cluster.into() }));
    };
    add(worklog.window.start, "The export begins".into(), "");
    add(worklog.window.end, "The export ends".into(), "");
    for span in &worklog.scope.revision_spans {
        if span.first_seen > worklog.window.start {
            add(span.first_seen, format!("First entry of revision {}", span.name), "");
        }
        if span.last_seen < worklog.window.end {
            add(span.last_seen, format!("Last entry of revision {}", span.name), "");
        }
    }
    for gap in &worklog.coverage.gaps {
        add(gap.from, "No entry from here on".into(), "");
        add(gap.to, "Entries again".into(), "");
    }
    if let Some(peak) = &worklog.timeline.peak {
        add(peak.start, format!("Peak of all entries: {} until {}", peak.count, until(peak.start, peak.end)), "");
    }
    for cluster in listed.iter().take(MOST_CLUSTERS) {
        of_cluster(cluster, &mut add);
    }
    found.sort();
    found
}

fn of_cluster(cluster: &Cluster, add: &mut impl FnMut(Option<Timestamp>, String, &str)) {
    let name = format!("{} {}", cluster.priority, super::escape::truncate(&cluster.title, 90));
    if cluster.count == 1 {
        add(cluster.first_seen, format!("Once: {name}"), &cluster.id);
        return;
    }
    if cluster.first_seen == cluster.last_seen {
        add(cluster.first_seen, format!("All {} at once: {name}", cluster.count), &cluster.id);
        return;
    }
    let first = if cluster.known_since.is_some() { "First in this export" } else { "First" };
    add(cluster.first_seen, format!("{first}: {name}"), &cluster.id);
    add(cluster.last_seen, format!("Last of {}: {name}", cluster.count), &cluster.id);
    for burst in cluster.rate.bursts.iter().take(MOST_BURSTS) {
        add(
            burst.start,
            format!("Burst of {} until {}: {name}", burst.count, until(burst.start, burst.end)),
            &cluster.id,
        );
    }
}

/// The end of a stretch, with the day where it is another one.
fn until(start: Option<Timestamp>, end: Option<Timestamp>) -> String {
    let (Some(start), Some(end)) = (start, end) else { return String::new() };
    let same_day = words::time(start, "date") == words::time(end, "date");
    words::time(end, if same_day { "clock" } else { "minute" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_of_time_whatever_their_kind() {
        let worklog = super::super::example::worklog();
        let listed: Vec<&Cluster> = worklog.clusters.iter().collect();
        let moments = moments(&worklog, &listed);
        assert!(moments.len() > 20 && moments.is_sorted());
        assert!(moments.iter().any(|moment| moment.text.starts_with("Burst of 143")));
    }
}
