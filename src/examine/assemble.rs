//! A joined group in, a cluster with all facts that need no other cluster out.

use std::collections::BTreeMap;

use crate::model::{Action, Census, Cluster, Digest, Exemplar, Sample, Slot, SlotTally, ValueCount, Variant, Window};

use super::gather::Gathered;
use super::{Settings, distinguish, place, revisions, timeline, timing, words};

/// Values and names that a list of a cluster holds at most.
const LISTED: usize = 10;
/// Sentences of the log's own that become actions at most.
const LOG_ACTIONS: usize = 8;
/// Fields by which a log says what to do; what it says becomes an action.
const STEPS: [&str; 6] =
    ["next_steps", "recommended_actions", "remediation", "recommendation", "suggested_fix", "action_required"];

/// What all clusters of a run are seen against.
pub(super) struct Run<'a> {
    /// The Digest.
    pub(super) digest: &'a Digest,
    /// The observed window.
    pub(super) window: &'a Window,
    /// The width of a bucket in seconds.
    pub(super) width: i64,
    /// What was asked.
    pub(super) settings: &'a Settings,
}

/// The facts of a cluster.
pub(super) fn cluster(gathered: &Gathered<'_>, run: &Run<'_>) -> Cluster {
    let mut cluster = Cluster {
        id: gathered.group.id.clone(),
        fingerprints: gathered.variants.iter().map(|(fingerprint, _)| *fingerprint).collect(),
        kind: gathered.joined.kind.name().to_owned(),
        pattern: gathered.pattern(),
        variants: variants(gathered),
        grouped_because: gathered.group.because.clone(),
        count: gathered.count(),
        severity: gathered.severity(),
        severities: gathered.joined.tally.severities.present().collect(),
        severity_inferred: gathered.joined.tally.all_inferred().total(),
        exception: gathered.exception().cloned(),
        embedded: gathered.embedded(),
        slots: gathered.slots.iter().map(|held| slot(held, gathered.count())).collect(),
        samples: samples(gathered, run.settings.samples),
        redactions: redactions(gathered),
        ..Cluster::default()
    };
    cluster.fingerprints.sort_unstable();
    when(&mut cluster, gathered, run);
    place(&mut cluster, gathered, run);
    who(&mut cluster, gathered);
    cluster.actions = actions(&cluster);
    cluster
}

fn when(cluster: &mut Cluster, gathered: &Gathered<'_>, run: &Run<'_>) {
    let tally = &gathered.joined.tally;
    cluster.first_seen = tally.first;
    cluster.last_seen = tally.last;
    cluster.rate = timing::rate(tally, run.window);
    cluster.timeline = timeline::of_cluster(&tally.timeline, run.width);
}

fn place(cluster: &mut Cluster, gathered: &Gathered<'_>, run: &Run<'_>) {
    let tally = &gathered.joined.tally;
    cluster.locations = place::locations(gathered);
    cluster.lines = place::lines(gathered);
    cluster.services = place::top(&tally.services, LISTED);
    cluster.regions = place::top(&tally.regions, LISTED);
    cluster.logs = place::top(&tally.logs, LISTED);
    // There are no more of anything than entries, whatever an estimate says.
    cluster.instances = tally.instances.distinct().min(cluster.count);
    cluster.instances_exact = tally.instances.is_exact();
    cluster.instance_ids = place::top(&tally.instances, LISTED);
    cluster.http = place::endpoints(&gathered.joined);
    cluster.latency_ms = place::latency(&gathered.joined);
    let origin = revisions::origin(tally, run.digest);
    cluster.revisions = origin.spans;
    cluster.revision_notes = origin.notes;
    cluster.deployment = origin.deployment;
    cluster.distinguishing = distinguish::distinguishing(tally, &run.digest.overall);
    cluster.component = component(gathered);
}

/// The service, else the type of resource, else the log.
fn component(gathered: &Gathered<'_>) -> String {
    let tally = &gathered.joined.tally;
    let first = |census: &Census| census.top().first().map(|kept| kept.value.clone()).filter(|name| !name.is_empty());
    first(&tally.services).or_else(|| first(&tally.resource_types)).or_else(|| first(&tally.logs)).unwrap_or_default()
}

fn who(cluster: &mut Cluster, gathered: &Gathered<'_>) {
    let joined = &gathered.joined;
    cluster.users = joined.users.distinct().min(cluster.count);
    cluster.users_exact = joined.users.is_exact();
    cluster.user_names = place::top(&joined.users, LISTED);
    cluster.connections = place::top(&joined.connections, LISTED);
    cluster.requests = place::top(&joined.requests, LISTED);
    cluster.traces = joined.traces.distinct().min(cluster.count);
    cluster.traces_exact = joined.traces.is_exact();
    cluster.error_groups = place::top(&joined.error_groups, LISTED).into_iter().map(|group| group.name).collect();
}

fn variants(gathered: &Gathered<'_>) -> Vec<Variant> {
    let variant = |(fingerprint, pattern): &(crate::model::Fingerprint, &crate::model::PatternTally)| Variant {
        pattern: pattern.pattern.clone(),
        fingerprint: *fingerprint,
        count: pattern.tally.count,
    };
    gathered.variants.iter().map(variant).collect()
}

fn slot((tally, known): &(SlotTally, bool), entries: u64) -> Slot {
    let value = |kept: &crate::model::Kept| ValueCount { value: kept.value.clone(), count: kept.count };
    Slot {
        placeholder: tally.placeholder.clone(),
        distinct: tally.values.distinct().min(entries),
        exact: *known && tally.values.is_exact(),
        top: tally.values.top().iter().take(LISTED).map(|kept| value(kept)).collect(),
    }
}

/// The first entry, then typical ones by time, then the last one: at most `limit`.
fn samples(gathered: &Gathered<'_>, limit: usize) -> Vec<Sample> {
    let exemplars: Vec<&Exemplar> = gathered
        .joined
        .exemplars
        .iter()
        .map(AsRef::as_ref)
        .filter(|exemplar: &&Exemplar| exemplar.entry.is_some())
        .collect();
    let last = exemplars.len().saturating_sub(1);
    let keep = |at: usize| at == 0 || (at == last && limit > 1) || at < limit.saturating_sub(1);
    let sample = |(at, exemplar): (usize, &&Exemplar)| Sample {
        role: match at {
            0 => "first",
            _ if at == last => "last",
            _ => "typical",
        }
        .to_owned(),
        source: exemplar.source.clone(),
        entry: exemplar.entry.clone().unwrap_or_default(),
        unpacked: exemplar.unpacked.clone(),
    };
    if limit == 0 {
        return Vec::new();
    }
    exemplars.iter().enumerate().filter(|(at, _)| keep(*at)).map(sample).collect()
}

fn redactions(gathered: &Gathered<'_>) -> BTreeMap<String, u64> {
    let mut redactions = BTreeMap::new();
    for exemplar in &gathered.joined.exemplars {
        for (kind, count) in &exemplar.redactions {
            *redactions.entry(kind.clone()).or_default() += count;
        }
    }
    redactions
}

/// What the log itself says is to be done.
fn actions(cluster: &Cluster) -> Vec<Action> {
    let steps = STEPS.iter().filter_map(|key| cluster.embedded.get(*key)).flatten();
    let action = |text: &String| Action {
        horizon: String::new(),
        text: words::shorten(text.trim(), 240),
        source: "log".to_owned(),
    };
    steps.filter(|text| !text.trim().is_empty()).take(LOG_ACTIONS).map(action).collect()
}
