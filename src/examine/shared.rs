//! All clusters in, what several of them have in common out: an exception, moments, a module, a deployment.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Cluster, CommonPattern, Digest, Severity, Window};

use super::{coincide, together, words};

/// How many are listed.
const LISTED: usize = 12;
/// What clusters of WARNING and above have in common, larger groups first.
pub(super) fn shared(clusters: &[Cluster], digest: &Digest) -> Vec<CommonPattern> {
    let grave = grave(clusters);
    let mut found: Vec<(usize, CommonPattern)> = Vec::new();
    for (rank, groups) in
        [together(&grave, digest), by_exception(&grave), by_revision(&grave), by_module(&grave)].into_iter().enumerate()
    {
        found.extend(groups.into_iter().map(|group| (rank, group)));
    }
    found.sort_by(|left, right| {
        left.0
            .cmp(&right.0)
            .then(right.1.clusters.len().cmp(&left.1.clusters.len()))
            .then_with(|| left.1.title.cmp(&right.1.title))
    });
    let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut found: Vec<CommonPattern> =
        found.into_iter().map(|(_, group)| group).filter(|group| seen.insert(group.clusters.clone())).collect();
    found.truncate(LISTED);
    let places: BTreeMap<&str, usize> =
        clusters.iter().enumerate().map(|(place, cluster)| (cluster.id.as_str(), place)).collect();
    for group in &mut found {
        group.clusters.sort_by_key(|id| places.get(id.as_str()));
    }
    found
}

/// The clusters that speak for themselves, of WARNING and above.
fn grave(clusters: &[Cluster]) -> Vec<&Cluster> {
    let counts = |cluster: &&Cluster| cluster.severity >= Severity::Warning && cluster.details_of.is_empty();
    clusters.iter().filter(counts).collect()
}

/// Names in each cluster the incident it is part of, by any of its clusters.
pub(super) fn name_incidents(clusters: &mut [Cluster], digest: &Digest, window: &Window) {
    let grave = grave(clusters);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for group in together::incidents(&grave, digest, coincide::scores(&grave, window)) {
        let Some(one) = group.first() else { continue };
        names.extend(group.iter().map(|id| ((*id).to_owned(), (*one).to_owned())));
    }
    for cluster in clusters {
        cluster.incident = names.remove(&cluster.id).unwrap_or_default();
    }
}

/// Clusters that come in the same moments, each with each.
fn together(clusters: &[&Cluster], digest: &Digest) -> Vec<CommonPattern> {
    let groups = together::groups(clusters, digest).into_iter();
    groups
        .map(|group| CommonPattern {
            title: format!("{} clusters come in the same moments", group.len()),
            clusters: group.into_iter().map(str::to_owned).collect(),
            basis: "the same traces, or the same seconds of the same instances".to_owned(),
        })
        .collect()
}

fn by_exception(clusters: &[&Cluster]) -> Vec<CommonPattern> {
    grouped(clusters, |cluster| {
        let exception = cluster.exception.as_ref().filter(|exception| !exception.kind.is_empty())?;
        Some(exception.kind.clone())
    })
    .into_iter()
    .map(|(kind, ids)| CommonPattern {
        title: format!("{kind} in {} clusters", ids.len()),
        clusters: ids,
        basis: format!("exception type {kind}"),
    })
    .collect()
}

fn by_module(clusters: &[&Cluster]) -> Vec<CommonPattern> {
    grouped(clusters, |cluster| {
        let place = cluster.locations.iter().find(|place| !place.wrapper && !place.module.is_empty())?;
        Some(place.module.clone())
    })
    .into_iter()
    .map(|(module, ids)| CommonPattern {
        title: format!("{} clusters from {module}", ids.len()),
        clusters: ids,
        basis: format!("module {module}"),
    })
    .collect()
}

fn by_revision(clusters: &[&Cluster]) -> Vec<CommonPattern> {
    grouped(clusters, |cluster| {
        let revision = &cluster.deployment.came_with;
        (!revision.is_empty()).then(|| revision.clone())
    })
    .into_iter()
    .map(|(revision, ids)| CommonPattern {
        title: format!("{} clusters came with {revision}", ids.len()),
        clusters: ids,
        basis: format!("absent before revision {revision}"),
    })
    .collect()
}

/// Clusters by a key, where at least two share it; ids sorted.
fn grouped(clusters: &[&Cluster], key: impl Fn(&Cluster) -> Option<String>) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for cluster in clusters {
        if let Some(key) = key(cluster) {
            groups.entry(words::shorten(&key, 120)).or_default().insert(cluster.id.clone());
        }
    }
    groups.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(key, ids)| (key, ids.into_iter().collect())).collect()
}
