//! Components and their clusters in, a status each by one stated rule out.
//!
//! First that holds, expected clusters and mere details of others aside: FAILING (a cluster of P2 or above says that the program does not start),
//! CRITICAL (a cluster of P0, half of at least twenty requests failed by 5xx, or half of at least ten entries are errors in an
//! export that is not filtered by severity), DEGRADED (a cluster of P1 or P2, warnings and errors in a constant stream, or at
//! least five requests failed by 5xx, and 1 % of all or in a stretch that stands out), INTERMITTENT (any other cluster of
//! WARNING or above, or a stretch that stands out by latency or 4xx), OPERATIONAL (entries, and none of that).

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Cluster, Digest, Health, ServiceRequests, Severity, SeverityCounts, WorstStretch};

use super::signature::Signature;
use super::{stretch, words};

/// Components that are listed at most: the worst ones.
const LISTED: usize = 40;
/// A component with more modules than this is not taken apart.
const MODULES: usize = 12;
/// Reasons a component gives at most.
const REASONS: usize = 4;
const STATUSES: [&str; 5] = ["FAILING", "CRITICAL", "DEGRADED", "INTERMITTENT", "OPERATIONAL"];

/// The status of every component, worst first, then by name.
pub(super) fn health(digest: &Digest, clusters: &[Cluster], requests: &[ServiceRequests]) -> Vec<Health> {
    let asked = asked(clusters, requests);
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
            let (status, reasons) = judge(digest, name, by_component.get(name).unwrap_or(&none), asked.get(name));
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

/// What the requests of each component say against it. Failures of which a rule says that they are expected say nothing.
fn asked<'a>(clusters: &[Cluster], requests: &'a [ServiceRequests]) -> BTreeMap<&'a str, (usize, String)> {
    let mut asked: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    for one in requests {
        let expected = clusters.iter().filter(|cluster| cluster.expected.is_some() && cluster.component == one.service);
        let failures = expected.flat_map(|cluster| &cluster.http).filter(|http| http.status / 100 == 5);
        let Some(told) = against(one, failures.map(|http| http.count).sum()) else { continue };
        let held = asked.entry(&one.service).or_insert_with(|| told.clone());
        if told.0 < held.0 {
            *held = told;
        }
    }
    asked
}

/// What requests say against their service; so many failures are expected.
fn against(one: &ServiceRequests, expected: u64) -> Option<(usize, String)> {
    let failed = one.by_class.get("5xx").copied().unwrap_or_default();
    let share = one.error_share.filter(|_| failed >= stretch::LEAST_BAD && one.requests >= stretch::LEAST_REQUESTS);
    let counts = failed > expected.saturating_mul(2);
    let stretch = |what: &str| one.worst.iter().find(|worst| worst.what == what && (counts || what != "errors"));
    let share = share.filter(|share| counts && *share >= stretch::LEAST_SHARE);
    let failing = |count: u64, of: u64| {
        let (count, of) = (words::grouped(count), words::counted(of, "request", "requests"));
        format!("{count} of {of} ")
    };
    let during = |worst: &WorstStretch| words::during(worst.start, worst.end);
    if let Some(share) = share.filter(|share| *share >= 0.5 || stretch("errors").is_none()) {
        let text = format!("{}failed by 5xx ({})", failing(failed, one.requests), words::fine_percent(share));
        return Some((if share >= 0.5 { 1 } else { 2 }, text));
    }
    if let Some(worst) = stretch("errors") {
        let share = words::fine_percent(worst.value);
        return Some((2, format!("{}failed by 5xx ({share}){}", failing(worst.count, worst.requests), during(worst))));
    }
    if let Some(worst) = stretch("client_errors") {
        let status = worst.status.map(|status| format!(", most by {status}")).unwrap_or_default();
        let text = format!("{}answered by 4xx{status}{}", failing(worst.count, worst.requests), during(worst));
        return Some((3, text));
    }
    let worst = stretch("latency")?;
    let (slow, usual) = (words::span(worst.value / 1_000.0), words::span(worst.rest / 1_000.0));
    Some((3, format!("requests took about {slow} (p95){}, {usual} in the rest", during(worst))))
}

fn judge(digest: &Digest, name: &str, clusters: &[&Cluster], asked: Option<&(usize, String)>) -> (usize, Vec<String>) {
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
    let status = evidence.iter().chain(asked).map(|(status, _)| *status).min().unwrap_or(4);
    evidence.sort_by_key(|(status, _)| *status);
    let more = evidence.len().saturating_sub(REASONS);
    let mut reasons: Vec<String> = evidence.into_iter().take(REASONS).map(|(_, reason)| reason).collect();
    if more > 0 {
        reasons.push(format!("and {}", words::counted(more as u64, "more cluster", "more clusters")));
    }
    // What those who asked got comes first, and takes no other reason's place.
    reasons.splice(..0, asked.map(|(_, text)| text.clone()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Endpoint, Expected, Timestamp};

    fn served(requests: u64, failed: u64, worst: &[&str]) -> ServiceRequests {
        let worst = worst.iter().map(|what| WorstStretch {
            what: (*what).to_owned(),
            start: Timestamp::parse("2026-03-02T12:00:00Z"),
            end: Timestamp::parse("2026-03-02T12:30:00Z"),
            value: if *what == "latency" { 2_300.0 } else { 0.5 },
            rest: 0.0,
            requests: 60,
            count: 30,
            status: Some(429),
            ..WorstStretch::default()
        });
        ServiceRequests {
            service: "api".to_owned(),
            requests,
            by_class: BTreeMap::from([("5xx".to_owned(), failed)]),
            error_share: Some(words::share(failed, requests)),
            worst: worst.collect(),
            ..ServiceRequests::default()
        }
    }

    fn told(clusters: &[Cluster], requests: &ServiceRequests) -> (String, String) {
        let mut digest = Digest::default();
        digest.overall.services.add_many("api", 100, None, None);
        let health = health(&digest, clusters, std::slice::from_ref(requests));
        (health[0].status.clone(), health[0].reasons.join("; "))
    }

    #[test]
    fn a_service_whose_requests_fail_is_not_operational() {
        for (requests, failed, worst, status, reason) in [
            (40, 30, &[][..], "CRITICAL", "30 of 40 requests failed by 5xx (75%)"),
            (1_000, 12, &[], "DEGRADED", "12 of 1,000 requests failed by 5xx (1.2%)"),
            (
                9_000,
                30,
                &["errors"],
                "DEGRADED",
                "30 of 60 requests failed by 5xx (50%), 2026-03-02 12:00:00 to 12:30:00 UTC",
            ),
            (
                900,
                0,
                &["client_errors"],
                "INTERMITTENT",
                "30 of 60 requests answered by 4xx, most by 429, 2026-03-02 12:00:00 to 12:30:00 UTC",
            ),
            (
                900,
                0,
                &["latency"],
                "INTERMITTENT",
                "requests took about 2.3 s (p95), 2026-03-02 12:00:00 to 12:30:00 UTC, 0 s in the rest",
            ),
            (900, 4, &[], "OPERATIONAL", "entries, no unexpected cluster of WARNING or above"),
            (12, 12, &[], "OPERATIONAL", "entries, no unexpected cluster of WARNING or above"),
        ] {
            assert_eq!(told(&[], &served(requests, failed, worst)), (status.to_owned(), reason.to_owned()));
        }
    }

    #[test]
    fn failures_that_a_rule_expects_say_nothing() {
        let cluster = Cluster {
            component: "api".to_owned(),
            expected: Some(Expected::default()),
            http: vec![Endpoint { status: 503, count: 8, ..Endpoint::default() }],
            ..Cluster::default()
        };
        assert_eq!(told(std::slice::from_ref(&cluster), &served(40, 12, &["errors"])).0, "OPERATIONAL");
        assert_eq!(told(&[cluster], &served(40, 17, &[])).0, "DEGRADED");
    }
}
