//! The overall tally in, whom the entries speak of, what makes them the same entries and the run's totals out.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Census, Digest, Fingerprint, Input, Scope, Severity, SeverityRow, Tally, Totals};

use super::{revisions, words};

/// Instances that are named.
const NAMED_INSTANCES: usize = 5;
/// Components that a row of the severity table names.
const NAMED_COMPONENTS: usize = 3;

/// Smallest exemplar hashes that stand for all entries.
const SIGNATURE: usize = 3;

/// What makes entries the same entries.
///
/// Every pattern keeps the exemplars with the smallest stable hashes, so the smallest of all are known whatever the
/// patterns are: an archive that a newer version groups otherwise keeps its name.
pub(super) fn entries_id(digest: &Digest) -> String {
    let mut smallest: BTreeSet<u64> = BTreeSet::new();
    for exemplar in digest.patterns.values().flat_map(|pattern| &pattern.exemplars) {
        smallest.insert(exemplar.hash);
        if smallest.len() > SIGNATURE {
            smallest.pop_last();
        }
    }
    let Tally { count, first, last, .. } = &digest.overall;
    if *count == 0 {
        return String::new();
    }
    let print = Fingerprint::of(&[&format!("{count} {first:?} {last:?} {smallest:?}")]);
    format!("{:032x}", print.bits()).chars().take(16).collect()
}

/// Whom the entries speak of.
pub(super) fn scope(overall: &Tally) -> Scope {
    Scope {
        projects: names(&overall.projects),
        services: names(&overall.services),
        regions: names(&overall.regions),
        revisions: names(&overall.revisions),
        resource_types: names(&overall.resource_types),
        logs: names(&overall.logs),
        instances: overall.instances.distinct().min(overall.count),
        instances_exact: overall.instances.is_exact(),
        instance_ids: overall
            .instances
            .top()
            .into_iter()
            .take(NAMED_INSTANCES)
            .map(|kept| kept.value.clone())
            .collect(),
        labels: common_labels(overall),
        revision_spans: revisions::spans(&overall.revisions),
    }
}

fn names(census: &Census) -> Vec<String> {
    let mut names: Vec<String> =
        census.top().iter().filter(|kept| kept.count > 0).map(|kept| kept.value.clone()).collect();
    names.sort_unstable();
    names
}

/// Labels that at least nine in ten entries share.
fn common_labels(overall: &Tally) -> BTreeMap<String, String> {
    let common = overall.labels.values().filter(|kept| kept.count * 10 >= overall.count * 9);
    common
        .filter_map(|kept| kept.value.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The inputs by path.
pub(super) fn inputs(digest: &Digest) -> Vec<Input> {
    let input = |(path, input): (&String, &crate::model::InputTally)| Input {
        path: path.clone(),
        format: input.format.clone(),
        compression: input.compression.clone(),
        bytes: input.bytes,
        entries: input.entries,
        duplicates: input.duplicates,
        filtered: input.filtered,
        skipped: input.skipped,
        notes: input.notes.iter().cloned().collect(),
    };
    digest.inputs.iter().map(input).collect()
}

/// Counts over everything; those of clusters are left to the end.
pub(super) fn totals(digest: &Digest) -> Totals {
    let sum = |field: fn(&crate::model::InputTally) -> u64| digest.inputs.values().map(field).sum::<u64>();
    let overall = &digest.overall;
    Totals {
        entries: sum(|input| input.entries),
        analysed: overall.count,
        filtered: sum(|input| input.filtered),
        duplicates: sum(|input| input.duplicates),
        skipped: sum(|input| input.skipped),
        patterns: digest.patterns.len() as u64,
        untimed: overall.untimed,
        by_severity: overall.severities.present().collect(),
        inferred: overall.inferred.present().collect(),
        corrected: overall.corrected.present().collect(),
        by_service: counts(&overall.services),
        by_revision: counts(&overall.revisions),
        severity_table: severity_table(digest),
        ..Totals::default()
    }
}

fn counts(census: &Census) -> BTreeMap<String, u64> {
    census.top().iter().filter(|kept| kept.count > 0).map(|kept| (kept.value.clone(), kept.count)).collect()
}

fn severity_table(digest: &Digest) -> Vec<SeverityRow> {
    let overall = &digest.overall;
    let inferred = overall.all_inferred();
    Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| SeverityRow {
            severity,
            count: overall.severities.get(severity),
            share: words::share(overall.severities.get(severity), overall.count),
            inferred: inferred.get(severity),
            components: main_components(digest, severity),
        })
        .filter(|row| row.count > 0 || row.inferred > 0)
        .collect()
}

fn main_components(digest: &Digest, severity: Severity) -> Vec<String> {
    let mut components: Vec<(u64, &String)> = digest
        .components
        .iter()
        .map(|(name, counts)| (counts.get(severity), name))
        .filter(|(count, name)| *count > 0 && !name.is_empty())
        .collect();
    components.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    components.into_iter().take(NAMED_COMPONENTS).map(|(_, name)| name.clone()).collect()
}
