//! Stage 3: a Digest and its groups of patterns in, findings out. Small, sequential, pure; it cannot fail.
//!
//! [`examine`] gives everything that needs no second look at the archive; the stages behind add memory and issues,
//! [`triage()`] judges again with what they know, and [`finish()`] sorts, counts and seals.

mod additions;
mod assemble;
mod category;
mod changes;
pub mod cluster;
mod coincide;
mod context;
mod coverage;
mod details;
mod distinguish;
mod export;
mod finish;
mod gaps;
mod gather;
mod group;
mod groups;
mod health;
mod impact;
mod informational;
mod inspection;
mod newest;
mod place;
mod priority;
mod related;
mod requests;
mod revisions;
mod rollout;
pub mod rules;
mod scan;
mod scope;
mod settings;
mod shared;
mod signature;
mod signs;
mod slowness;
mod stray;
mod stretch;
mod timeline;
mod timing;
mod title;
mod together;
mod trend;
mod triage;
mod uneven;
mod words;
mod zones;

use std::collections::BTreeMap;

use crate::model::{
    Cluster, Digest, Method, Redaction, SCHEMA_VERSION, Sample, Sketch, Tally, Timestamp, Tool, Worklog,
};

pub use context::{Enquiry, Facts, Moment, Moments, Neighbours, Shown, Surroundings, gather, moments};
pub use finish::{finish, settle};
pub use group::Group;
pub use inspection::inspect;
pub use newest::{Newest, Times};
pub use rules::Rules;
pub use settings::Settings;
pub use title::warm_up;
pub use triage::triage;

use assemble::Run;
use gather::Gathered;

/// Examines a finished Digest whose patterns were grouped; stray times are named and set aside.
pub fn examine(digest: &Digest, groups: &[Group], settings: &Settings) -> Worklog {
    match stray::set_aside(digest) {
        None => examine_timely(digest, groups, settings),
        Some((timely, strays)) => {
            let mut worklog = examine_timely(&timely, groups, settings);
            worklog.coverage.warnings.insert(0, strays.warning());
            for cluster in &mut worklog.clusters {
                without_strays(cluster, &strays);
            }
            worklog
        }
    }
}

/// Stray entries are no samples, unless there is nothing else to show.
fn without_strays(cluster: &mut Cluster, strays: &stray::Strays) {
    let time = |sample: &Sample| sample.entry.at(&["timestamp"]).and_then(|time| Timestamp::parse(time.as_str()?));
    if cluster.samples.iter().any(|sample| !strays.hold(time(sample))) {
        cluster.samples.retain(|sample| !strays.hold(time(sample)));
    }
}

fn examine_timely(digest: &Digest, groups: &[Group], settings: &Settings) -> Worklog {
    let window = coverage::window(digest.overall.first, digest.overall.last);
    let run = Run { digest, window: &window, width: timeline::width(&window), settings };
    let groups = grouped(groups, &run);
    let gathered: Vec<Gathered<'_>> = groups.iter().filter_map(|group| Gathered::new(digest, group)).collect();
    let mut worklog = Worklog {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        generated_at: settings.now.or(digest.overall.last),
        focus: settings.focus.clone(),
        entries_id: scope::entries_id(digest),
        scope: scope::scope(&digest.overall),
        inputs: scope::inputs(digest),
        skipped: digest.skips.listed.iter().cloned().collect(),
        skipped_by_reason: digest.skips.by_reason.clone(),
        coverage: coverage::coverage(digest, &window, settings),
        totals: scope::totals(digest),
        timeline: timeline::of_run(digest, &window),
        clusters: gathered.iter().map(|gathered| assemble::cluster(gathered, &run)).collect(),
        informational: informational::informational(digest),
        requests: requests::requests(digest, &window),
        method: method(digest, settings),
        ..Worklog::default()
    };
    worklog.window = window;
    count(&mut worklog);
    let moments: Vec<&Sketch> = gathered.iter().map(|gathered| &gathered.joined.moments).collect();
    related::relate(&mut worklog.clusters, &moments);
    let tallies: Vec<&Tally> = gathered.iter().map(|gathered| &gathered.joined.tally).collect();
    changes::relate(&mut worklog.clusters, &tallies, &worklog.window);
    coincide::relate(&mut worklog.clusters, &worklog.window);
    triage(&mut worklog, digest, settings);
    worklog.redaction = redaction(&worklog, settings);
    worklog
}

/// The groups by id, joined and split as rules want it.
fn grouped(groups: &[Group], run: &Run<'_>) -> Vec<Group> {
    let mut groups = groups.to_vec();
    groups.sort_by(|left, right| left.id.cmp(&right.id));
    let Some(rules) = run.settings.rules.as_ref().filter(|rules| rules.regroups()) else { return groups };
    let gathered: Vec<Gathered<'_>> = groups.iter().filter_map(|group| Gathered::new(run.digest, group)).collect();
    let clusters: Vec<_> = gathered.iter().map(|gathered| assemble::cluster(gathered, run)).collect();
    let groups: Vec<Group> = gathered.iter().map(|gathered| gathered.group.clone()).collect();
    rules::regroup(rules, run.digest, &groups, &clusters, run.settings.evaluate)
}

/// What the entries in clusters add up to, and the share of each cluster.
fn count(worklog: &mut Worklog) {
    let clustered = worklog.clusters.iter().map(|cluster| cluster.count).sum();
    worklog.totals.clustered = clustered;
    worklog.totals.clusters = worklog.clusters.len() as u64;
    for cluster in &mut worklog.clusters {
        cluster.share = words::share(cluster.count, clustered);
    }
}

fn method(digest: &Digest, settings: &Settings) -> Method {
    Method {
        filter: settings.filter.clone(),
        min_severity: settings.min_severity,
        rules: settings.rules.as_ref().map(|rules| rules.sources.clone()).unwrap_or_default(),
        similarity: settings.similarity,
        masks: settings.masks.clone(),
        collapsed: digest.collapsed(),
        notes: requests::notes(digest),
    }
}

fn redaction(worklog: &Worklog, settings: &Settings) -> Redaction {
    let mut by_kind: BTreeMap<String, u64> = BTreeMap::new();
    for (kind, count) in worklog.clusters.iter().flat_map(|cluster| &cluster.redactions) {
        *by_kind.entry(kind.clone()).or_default() += count;
    }
    Redaction { policy: settings.policy.clone(), total: by_kind.values().sum(), by_kind }
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod order;

#[cfg(test)]
mod tests {
    use super::fixture::{Entries, digest, groups};
    use super::*;
    use crate::model::Severity;

    fn worklog(entries: &[Entries<'_>]) -> Worklog {
        let digest = digest(entries);
        let mut worklog = examine(&digest, &groups(&digest), &Settings::default());
        finish(&mut worklog);
        worklog
    }

    const ENTRIES: [Entries<'static>; 3] = [
        Entries {
            pattern: "Message loop error: 'Bridge' object has no attribute 'handle'",
            severity: Severity::Error,
            module: "app.routes",
            function: "loop",
            line: 1489,
            revision: "api-00002-abc",
            count: 42,
            from: "2025-09-14T03:00:10Z",
            step: 1_400,
        },
        Entries {
            pattern: "Session access failed",
            severity: Severity::Warning,
            module: "logging",
            function: "callHandlers",
            line: 1706,
            revision: "api-00001-abc",
            count: 60,
            from: "2025-09-14T02:00:00Z",
            step: 60_000,
        },
        Entries {
            pattern: "request served",
            severity: Severity::Info,
            module: "app.main",
            function: "serve",
            line: 1,
            revision: "api-00001-abc",
            count: 700,
            from: "2025-09-14T02:00:00Z",
            step: 5_000,
        },
    ];

    #[test]
    fn facts_of_a_run() {
        let worklog = worklog(&ENTRIES);
        assert_eq!(worklog.totals.entries, 802);
        assert_eq!((worklog.totals.clustered, worklog.informational.count), (102, 700));
        assert_eq!(worklog.timeline.buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 802);
        let first = &worklog.clusters[0];
        assert_eq!(
            (first.number, first.count, first.priority.as_str()),
            (1, 42, "P0"),
            "{:#?}",
            first.priority_reasons
        );
        assert_eq!(first.lines, "1489");
        assert_eq!(first.rate.text, "42 in 57 s, every 1.4 s (median)");
        assert!(first.revision_notes[0].contains("it came with that revision"), "{:?}", first.revision_notes);
        let second = &worklog.clusters[1];
        assert!(second.locations[0].wrapper && second.lines.is_empty());
        assert_eq!(second.rate.word, "periodic");
        assert_eq!(worklog.health[0].status, "CRITICAL");
    }

    #[test]
    fn estimates_are_marked_and_stay_below_the_entries() {
        let mut digest = digest(&[Entries { count: 270, ..ENTRIES[0] }]);
        let hash = |number: u64| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1, 0);
        for pattern in digest.patterns.values_mut() {
            pattern.traces.extend(&mut (0..270).map(hash).collect());
        }
        let cluster = &examine(&digest, &groups(&digest), &Settings::default()).clusters[0];
        assert_eq!((cluster.traces, cluster.traces_exact), (270, false));
        assert!(cluster.instances_exact && cluster.instances == 1);
    }

    #[test]
    fn the_order_of_merging_never_shows() {
        let mut reversed = ENTRIES;
        reversed.reverse();
        assert_eq!(worklog(&ENTRIES).content_hash, worklog(&reversed).content_hash);
    }

    #[test]
    fn judging_twice_changes_nothing() {
        let once = worklog(&ENTRIES);
        let mut twice = once.clone();
        let digest = digest(&ENTRIES);
        triage(&mut twice, &digest, &Settings::default());
        finish(&mut twice);
        assert_eq!(once, twice);
    }

    #[test]
    fn an_empty_digest_is_a_worklog() {
        let worklog = worklog(&[]);
        assert!(worklog.clusters.is_empty() && worklog.window.start.is_none());
        assert!(worklog.coverage.next_export.is_empty());
    }
}
