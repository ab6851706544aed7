//! A worklog whose clusters are judged in, the same worklog sorted, numbered, counted and sealed out.

use std::collections::BTreeMap;

use crate::model::{Cluster, Worklog};

/// Sorts and numbers the clusters, counts them, and seals the worklog with its content hash; for the very end, when
/// context, memory and issues are in it.
pub fn finish(worklog: &mut Worklog) {
    settle(worklog);
    worklog.content_hash = String::new();
    let bytes = serde_json::to_vec(worklog).unwrap_or_default();
    worklog.content_hash = blake3::hash(&bytes).to_hex().to_string();
}

/// The same without the hash, for a worklog that is not yet as it will be published.
pub fn settle(worklog: &mut Worklog) {
    sort(worklog);
    lead(&mut worklog.clusters);
    let (mut by_priority, mut by_state) = (BTreeMap::new(), BTreeMap::new());
    for cluster in &worklog.clusters {
        *by_priority.entry(cluster.priority.clone()).or_default() += 1;
        if !cluster.state.is_empty() {
            *by_state.entry(cluster.state.clone()).or_default() += 1;
        }
    }
    worklog.totals.by_priority = by_priority;
    worklog.totals.by_state = by_state;
}

/// Sorts by priority, then state, then count descending, then id, and numbers in that order.
pub(super) fn sort(worklog: &mut Worklog) {
    worklog.clusters.sort_by(|left, right| {
        let key = |cluster: &Cluster| (priority_rank(&cluster.priority), state_rank(&cluster.state));
        key(left).cmp(&key(right)).then(right.count.cmp(&left.count)).then_with(|| left.id.cmp(&right.id))
    });
    for (number, cluster) in (1..).zip(&mut worklog.clusters) {
        cluster.number = number;
    }
}

/// Names each incident by the first of its clusters.
pub(super) fn lead(clusters: &mut [Cluster]) {
    let mut first_of: BTreeMap<String, String> = BTreeMap::new();
    for cluster in clusters.iter_mut().filter(|cluster| !cluster.incident.is_empty()) {
        let first = first_of.entry(std::mem::take(&mut cluster.incident)).or_insert_with(|| cluster.id.clone());
        cluster.incident.clone_from(first);
    }
}

fn priority_rank(priority: &str) -> u8 {
    priority.strip_prefix('P').and_then(|digits| digits.parse().ok()).unwrap_or(u8::MAX)
}

/// What needs eyes first: what came back, grew or is new before what is known, quiet or decided.
fn state_rank(state: &str) -> usize {
    const ORDER: [&str; 8] = ["regressed", "escalating", "new", "", "recurring", "declining", "lingering", "quiet"];
    ORDER.iter().position(|known| *known == state).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_is_named_by_the_first_of_its_clusters() {
        let cluster = |id: &str, incident: &str, priority: &str| Cluster {
            id: id.to_owned(),
            incident: incident.to_owned(),
            priority: priority.to_owned(),
            ..Cluster::default()
        };
        let clusters = vec![cluster("LG-a", "LG-a", "P3"), cluster("LG-b", "", "P2"), cluster("LG-c", "LG-a", "P1")];
        let mut worklog = Worklog { clusters, ..Worklog::default() };
        settle(&mut worklog);
        let named: Vec<_> =
            worklog.clusters.iter().map(|cluster| (cluster.id.as_str(), cluster.incident.as_str())).collect();
        assert_eq!(named, [("LG-c", "LG-c"), ("LG-b", ""), ("LG-a", "LG-c")]);
    }
}
