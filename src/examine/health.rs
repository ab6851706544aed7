//! Components and their clusters in, a status each by one stated rule out.
//!
//! First that holds, expected clusters and mere details of others aside: FAILING (a cluster of P2 or above says that the program does not start),
//! CRITICAL (a cluster of P0, or half of at least ten entries are errors in an export that is not filtered by severity),
//! DEGRADED (a cluster of P1 or P2, or warnings and errors in a constant stream), INTERMITTENT (any other cluster of
//! WARNING or above), OPERATIONAL (entries, and none of that).

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Cluster, Digest, Health, Severity, SeverityCounts};

use super::signature::Signature;
use super::words;

/// Components that are listed at most: the worst ones.
const LISTED: usize = 40;
/// A component with more modules than this is not taken apart.
const MODULES: usize = 12;
/// Reasons a component gives at most.
const REASONS: usize = 4;
const STATUSES: [&str; 5] = ["FAILING", "CRITICAL", "DEGRADED", "INTERMITTENT", "OPERATIONAL"];

/// The status of every component, worst first, then by name.
pub(super) fn health(digest: &Digest, clusters: &[Cluster]) -> Vec<Health> {
    let mut by_component: BTreeMap<String, Vec<&Cluster>> = BTreeMap::new();
    let counts = |cluster: &&Cluster| {
        cluster.expected.is_none() && cluster.details_of.is_empty() && !cluster.component.is_empty()
    };
    for cluster in clusters.iter().filter(counts) {
        by_component.entry(cluster.component.clone()).or_default().push(cluster);
    }
    for (name, clusters) in modules(&by_component) {
        by_component.insert(name, clusters);
    }
    let names: BTreeSet<&str> = by_component
        .keys()
        .map(String::as_str)
        .chain(
            digest
                .components
                .iter()
                .filter(|(_, counts)| counts.present().next().is_some())
                .map(|(name, _)| name.as_str()),
        )
        .chain(digest.overall.services.values().filter(|kept| kept.count > 0).map(|kept| kept.value.as_str()))
        .filter(|name| !name.is_empty())
        .collect();
    let none = Vec::new();
    let mut health: Vec<(usize, Health)> = names
        .into_iter()
        .map(|name| {
            let (status, reasons) = judge(digest, name, by_component.get(name).unwrap_or(&none));
            let status_name = STATUSES.get(status).copied().unwrap_or_default().to_owned();
            (status, Health { component: name.to_owned(), status: status_name, reasons })
        })
        .collect();
    health.sort_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.component.cmp(&right.1.component)));
    health.truncate(LISTED);
    health.into_iter().map(|(_, health)| health).collect()
}

/// Modules of components whose troubles come from several: `service / module`.
fn modules<'a>(by_component: &BTreeMap<String, Vec<&'a Cluster>>) -> BTreeMap<String, Vec<&'a Cluster>> {
    let mut found: BTreeMap<String, Vec<&Cluster>> = BTreeMap::new();
    for (component, clusters) in by_component {
        let mut modules: BTreeMap<String, Vec<&Cluster>> = BTreeMap::new();
        for cluster in clusters.iter().filter(|cluster| cluster.severity >= Severity::Warning) {
            if let Some(place) = cluster.locations.iter().find(|place| !place.wrapper && !place.module.is_empty()) {
                modules.entry(format!("{component} / {}", place.module)).or_default().push(cluster);
            }
        }
        if (2..=MODULES).contains(&modules.len()) {
            found.extend(modules);
        }
    }
    found
}

fn judge(digest: &Digest, name: &str, clusters: &[&Cluster]) -> (usize, Vec<String>) {
    let troubles: Vec<&&Cluster> = clusters.iter().filter(|cluster| cluster.severity >= Severity::Warning).collect();
    let (errors, total) = errors(digest, name);
    let mut evidence: Vec<(usize, String)> = troubles
        .iter()
        .map(|cluster| {
            let status = status_of(cluster);
            let count = words::counted(cluster.count, "entry", "entries");
            let word = if cluster.count == 1 { String::new() } else { format!(", {}", cluster.rate.word) };
            (status, format!("{} {}: {count}{word}", cluster.priority, cluster.title))
        })
        .collect();
    if total >= 10 && errors * 2 >= total && is_unfiltered(digest) {
        let (errors, share) = (words::counted(errors, "error", "errors"), words::share(errors, total));
        evidence.push((
            1,
            format!("{errors} in {} ({})", words::counted(total, "entry", "entries"), words::percent(share)),
        ));
    }
    let status = evidence.iter().map(|(status, _)| *status).min().unwrap_or(4);
    evidence.sort_by_key(|(status, _)| *status);
    let more = evidence.len().saturating_sub(REASONS);
    let mut reasons: Vec<String> = evidence.into_iter().take(REASONS).map(|(_, reason)| reason).collect();
    if more > 0 {
        reasons.push(format!("and {}", words::counted(more as u64, "more cluster", "more clusters")));
    }
    if reasons.is_empty() {
        let told = if total > 0 { words::counted(total, "entry", "entries") } else { "entries".to_owned() };
        reasons.push(format!("{told}, no unexpected cluster of WARNING or above"));
    }
    (status, reasons)
}

fn status_of(cluster: &Cluster) -> usize {
    let starts = matches!(Signature::of(cluster), Some((Signature::Startup, _)));
    match cluster.priority.as_str() {
        "P0" | "P1" | "P2" if starts && cluster.severity >= Severity::Error => 0,
        "P0" => 1,
        "P1" | "P2" => 2,
        _ if cluster.rate.word == "constant stream" => 2,
        _ => 3,
    }
}

/// Errors and entries of a component.
fn errors(digest: &Digest, name: &str) -> (u64, u64) {
    let counts = digest.components.get(name).into_iter().flat_map(SeverityCounts::present);
    counts.fold((0, 0), |(errors, total), (severity, count)| {
        (if severity >= Severity::Error { errors + count } else { errors }, total + count)
    })
}

/// Whether an export holds what is below NOTICE, so that shares of errors mean something.
pub(super) fn is_unfiltered(digest: &Digest) -> bool {
    [Severity::Default, Severity::Debug, Severity::Info].iter().any(|low| digest.overall.severities.get(*low) > 0)
}
