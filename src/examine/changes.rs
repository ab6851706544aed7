//! Clusters with the times of their entries in, which of them began soon after a change that the audit log tells of out.
//!
//! That one thing came after another is all that is said. It is said of a cluster of the service that was changed, or that
//! names the API of the change, and where chance hardly explains it: all such changes there were, spread over a day or the
//! shorter window, would have had to leave one so near before the first entry in one of twenty cases.

use crate::model::{Cluster, Related, Severity, Tally, Timestamp, Window};

use super::words;

/// The log of changes; reading is told in others.
const ACTIVITY: &str = "cloudaudit.googleapis.com%2Factivity";
/// What the pattern of a call that was carried out ends in.
const CARRIED_OUT: &str = " OK";
/// Seconds between a change and what it may have brought, at most.
const REACH: f64 = 900.0;
/// How likely chance may be.
const CHANCE: f64 = 0.05;
/// Seconds that changes are taken to be spread over, at most: services need not be there all the time.
const DAY: f64 = 86_400.0;
/// Entries that a cluster has, and that were to be expected before it began.
const EXPECTED: f64 = 5.0;
/// How many changes one cluster lists, and how many clusters one change.
const LISTED: usize = 2;

/// When something was changed.
#[derive(Clone, Copy)]
struct Change {
    cluster: usize,
    time: Timestamp,
}

/// Adds to `related` what began after which change; `tallies` are those of the clusters, in the same order.
pub(super) fn relate(clusters: &mut [Cluster], tallies: &[&Tally], window: &Window) {
    let changes = changes(clusters, tallies);
    if changes.is_empty() {
        return;
    }
    let mut found: Vec<(usize, usize, f64, f64)> = Vec::new();
    for (at, cluster) in clusters.iter().enumerate() {
        let Some(first) = cluster.first_seen.filter(|_| is_issue(cluster) && began(cluster, window)) else { continue };
        let mut own = brought(clusters, cluster, first, &changes, window);
        own.sort_by(|left, right| left.0.cmp(&right.0).then(left.1.total_cmp(&right.1)));
        own.dedup_by_key(|(change, ..)| *change);
        own.sort_by(|left, right| left.1.total_cmp(&right.1));
        found.extend(own.into_iter().take(LISTED).map(|(change, gap, score)| (at, change, gap, score)));
    }
    for (issue, change, gap, score) in found {
        let gap = words::span(gap);
        let of = |at: usize| clusters.get(at).map(|cluster| cluster.id.clone()).unwrap_or_default();
        let begins = Related {
            cluster: of(change),
            relation: "begins_after".to_owned(),
            score,
            apart_ms: None,
            evidence: format!("{gap} after it"),
        };
        let before = Related {
            cluster: of(issue),
            relation: "before_begin_of".to_owned(),
            score,
            apart_ms: None,
            evidence: format!("{gap} before it began"),
        };
        for (at, related) in [(issue, begins), (change, before)] {
            if let Some(cluster) = clusters.get_mut(at) {
                tell(&mut cluster.related, related);
            }
        }
    }
}

fn changes(clusters: &[Cluster], tallies: &[&Tally]) -> Vec<Change> {
    let is_change = |cluster: &Cluster| {
        cluster.kind == "audit"
            && cluster.pattern.ends_with(CARRIED_OUT)
            && cluster.logs.iter().all(|log| log.name.ends_with(ACTIVITY))
    };
    let all = clusters.iter().zip(tallies).enumerate().filter(|(_, (cluster, _))| is_change(cluster));
    let times = all.filter_map(|(cluster, (_, tally))| Some((cluster, tally.times.exact()?)));
    times.flat_map(|(cluster, times)| times.iter().map(move |time| Change { cluster, time: *time })).collect()
}

fn is_issue(cluster: &Cluster) -> bool {
    cluster.severity >= Severity::Warning
}

/// Whether a cluster was not there, and then was: five of its entries were to be expected before the first.
#[expect(clippy::cast_precision_loss, reason = "an expectation computed from counts")]
pub(super) fn began(cluster: &Cluster, window: &Window) -> bool {
    let (Some(start), Some(first), Some(last)) = (window.start, cluster.first_seen, cluster.last_seen) else {
        return false;
    };
    let count = cluster.count as f64;
    count >= EXPECTED && first.seconds_since(start) * count / last.seconds_since(first).max(60.0) >= EXPECTED
}

/// The changes so shortly before the first entry that chance hardly explains it: cluster, seconds, how little chance.
#[expect(clippy::cast_precision_loss, reason = "a chance computed from counts")]
fn brought(
    clusters: &[Cluster],
    cluster: &Cluster,
    first: Timestamp,
    changes: &[Change],
    window: &Window,
) -> Vec<(usize, f64, f64)> {
    let concerns =
        |other: &Cluster| share_service(cluster, other) || (share_project(cluster, other) && names_api(cluster, other));
    let near = |change: &&Change| clusters.get(change.cluster).is_some_and(concerns);
    let near: Vec<&Change> = changes.iter().filter(near).collect();
    let chance = |gap: f64| near.len() as f64 * gap / window.seconds.clamp(1.0, DAY);
    let seconds = near.iter().map(|change| (change.cluster, first.seconds_since(change.time)));
    let telling = seconds.filter(|(_, gap)| (0.0..=REACH).contains(gap) && chance(*gap) <= CHANCE);
    telling.map(|(change, gap)| (change, gap, 1.0 - chance(gap))).collect()
}

fn share_service(one: &Cluster, other: &Cluster) -> bool {
    one.services.iter().any(|service| other.services.iter().any(|held| held.name == service.name))
}

fn share_project(one: &Cluster, other: &Cluster) -> bool {
    let projects = |cluster: &Cluster| -> Vec<String> {
        cluster.logs.iter().filter_map(|log| Some(log.name.split_once("/logs/")?.0.to_owned())).collect()
    };
    let held = projects(other);
    projects(one).iter().any(|project| held.contains(project))
}

/// Whether the text of a cluster has the name of the API that a change went to: `secretmanager`. Short ones are words.
fn names_api(cluster: &Cluster, change: &Cluster) -> bool {
    const LEAST: usize = 5;
    let api = change.pattern.split(['.', ' ']).next().filter(|api| api.len() >= LEAST);
    let message = cluster.exception.as_ref().map_or("", |exception| exception.message.as_str());
    let mut words = [cluster.pattern.as_str(), message]
        .into_iter()
        .flat_map(|text| text.split(|char: char| !char.is_alphanumeric()));
    api.is_some_and(|api| words.any(|word| word == api))
}

/// Puts a relation before all others of a cluster.
fn tell(held: &mut Vec<Related>, related: Related) {
    let told = held.iter().filter(|held| held.relation == related.relation).count();
    if told < LISTED {
        held.insert(told, related);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NameCount;

    const START: i64 = 1_757_800_000;
    const HOURS: i64 = 8;

    fn time(minute: i64) -> Option<Timestamp> {
        Timestamp::from_seconds(START + minute * 60)
    }

    /// A cluster of a service with an entry every minute.
    fn cluster(kind: &str, pattern: &str, service: &str, minutes: std::ops::Range<i64>) -> (Cluster, Tally) {
        let mut tally = Tally { count: minutes.clone().count() as u64, ..Tally::default() };
        if let crate::model::Times::Exact(times) = &mut tally.times {
            times.extend(minutes.clone().filter_map(time));
        }
        let log = if kind == "audit" { "cloudaudit.googleapis.com%2Factivity" } else { "run.googleapis.com%2Fstdout" };
        let named = |name: String| vec![NameCount { name, ..NameCount::default() }];
        let cluster = Cluster {
            id: format!("LG-{pattern}"),
            kind: kind.to_owned(),
            pattern: pattern.to_owned(),
            services: named(service.to_owned()),
            logs: named(format!("projects/p/logs/{log}")),
            severity: if kind == "audit" { Severity::Notice } else { Severity::Error },
            count: tally.count,
            first_seen: time(minutes.start),
            last_seen: time(minutes.end - 1),
            ..Cluster::default()
        };
        (cluster, tally)
    }

    fn told(of: Vec<(Cluster, Tally)>) -> Vec<Vec<(String, String, String)>> {
        let window = Window { start: time(0), end: time(HOURS * 60), seconds: 3600.0 * 8.0 };
        let (mut clusters, tallies): (Vec<Cluster>, Vec<Tally>) = of.into_iter().unzip();
        relate(&mut clusters, &tallies.iter().collect::<Vec<_>>(), &window);
        let words = |related: &Related| (related.relation.clone(), related.cluster.clone(), related.evidence.clone());
        clusters.iter().map(|cluster| cluster.related.iter().map(words).collect()).collect()
    }

    fn words(relation: &str, cluster: &str, evidence: &str) -> Vec<(String, String, String)> {
        vec![(relation.to_owned(), cluster.to_owned(), evidence.to_owned())]
    }

    #[test]
    fn what_begins_soon_after_a_change_is_told_with_it() {
        let found = told(vec![
            cluster("audit", "secretmanager.googleapis.com SetIamPolicy OK", "api", 118..119),
            cluster("message", "denied", "api", 120..180),
            cluster("message", "'secretmanager.versions.access' denied", "other", 121..160),
        ]);
        let change = "LG-secretmanager.googleapis.com SetIamPolicy OK";
        assert_eq!(found[1], words("begins_after", change, "2 min after it"));
        assert_eq!(found[2], words("begins_after", change, "3 min after it"));
        assert_eq!(found[0].len(), 2);
        assert_eq!(found[0][..1], words("before_begin_of", "LG-denied", "2 min before it began"));
    }

    #[test]
    fn chance_explains_the_rest() {
        let change = || cluster("audit", "run SetIamPolicy OK", "api", 118..119);
        let nothing = vec![Vec::new(), Vec::new()];
        for other in [
            // It was there from the start, is too rare, came long after, or before, or has nothing to do with it.
            cluster("message", "denied", "api", 0..200),
            cluster("message", "denied", "api", 120..122),
            cluster("message", "denied", "api", 160..200),
            cluster("message", "denied", "api", 110..200),
            cluster("message", "denied", "other", 120..200),
        ] {
            assert_eq!(told(vec![change(), other]), nothing);
        }
        let often = cluster("audit", "run SetIamPolicy OK", "api", 60..119);
        assert_eq!(told(vec![often, cluster("message", "denied", "api", 120..180)]), nothing);
        let refused = cluster("audit", "run SetIamPolicy PERMISSION_DENIED", "api", 118..119);
        assert_eq!(told(vec![refused, cluster("message", "denied", "api", 120..180)]), nothing);
    }
}
