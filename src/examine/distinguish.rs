//! What a cluster's entries share and the run's in, the attributes that set the cluster apart out.

use crate::model::{Census, Distinguishing, Tally};

use super::words;

/// Entries a cluster has at least before its shares mean something.
const LEAST_ENTRIES: u64 = 5;
/// How much larger the share in the cluster is at least.
const LEAST_DIFFERENCE: f64 = 0.25;
/// The share in the cluster at least.
const LEAST_SHARE: f64 = 0.5;
/// How many attributes are listed.
const LISTED: usize = 5;

/// Attributes much more frequent in the cluster than over all, the most telling first.
pub(super) fn distinguishing(cluster: &Tally, overall: &Tally) -> Vec<Distinguishing> {
    if cluster.count < LEAST_ENTRIES || cluster.count == overall.count {
        return Vec::new();
    }
    let dimensions: [(&str, &Census, &Census); 7] = [
        ("service", &cluster.services, &overall.services),
        ("revision", &cluster.revisions, &overall.revisions),
        ("instance", &cluster.instances, &overall.instances),
        ("region", &cluster.regions, &overall.regions),
        ("resource", &cluster.resource_types, &overall.resource_types),
        ("log", &cluster.logs, &overall.logs),
        ("label", &cluster.labels, &overall.labels),
    ];
    let mut found: Vec<Distinguishing> = Vec::new();
    for (field, ours, all) in dimensions {
        for kept in ours.values() {
            let Some(held) = all.values().find(|other| other.value == kept.value) else { continue };
            let in_cluster = words::share(kept.count, cluster.count);
            let overall = words::share(held.count, overall.count);
            if in_cluster >= LEAST_SHARE && in_cluster - overall >= LEAST_DIFFERENCE {
                found.push(Distinguishing { field: field.to_owned(), value: kept.value.clone(), in_cluster, overall });
            }
        }
    }
    let difference = |one: &Distinguishing| one.in_cluster - one.overall;
    found.sort_by(|left, right| {
        difference(right)
            .total_cmp(&difference(left))
            .then_with(|| (&left.field, &left.value).cmp(&(&right.field, &right.value)))
    });
    found.truncate(LISTED);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_that_stands_out() {
        let (mut overall, mut cluster) = (Tally::default(), Tally::default());
        for entry in 0..100 {
            let revision = if entry < 40 { "api-2" } else { "api-1" };
            overall.count += 1;
            overall.services.add("api", None);
            overall.revisions.add(revision, None);
            if entry < 20 {
                cluster.count += 1;
                cluster.services.add("api", None);
                cluster.revisions.add(revision, None);
            }
        }
        let expected =
            Distinguishing { field: "revision".into(), value: "api-2".into(), in_cluster: 1.0, overall: 0.4 };
        assert_eq!(distinguishing(&cluster, &overall), [expected]);
        assert_eq!(distinguishing(&overall, &overall), []);
    }
}
