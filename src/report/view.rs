//! A worklog in, what templates see out: every field of the result, and beside it what follows from several of them.
//!
//! The result is the contract (`schema` prints it); the fields added here are documented in docs/templates.md, and a
//! test holds that each of them is named there.

use std::collections::BTreeMap;

use minijinja::Value;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Cluster, Worklog};

use super::sample;
use super::words;

/// What templates see beside the fields of the result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Extra {
    /// Clusters to read in full: neither expected nor a single occurrence of low priority.
    listed: Vec<usize>,
    /// Clusters that a rule or the ledger calls expected or ignored.
    expected: Vec<usize>,
    /// Clusters of one entry, of P3 or lower: told in a line each.
    singles: Vec<usize>,
    /// Clusters by id, for lookups such as `by_id[related.cluster].number`.
    by_id: BTreeMap<String, usize>,
    /// Actions by horizon, the nearest first, each text once.
    actions: Vec<ActionGroup>,
    /// Clusters by level of impact, the worst first.
    risk: Vec<RiskGroup>,
    /// Entries over time as plain counts, for sparklines.
    series: Vec<u64>,
    /// States with their counts, in the order of the cluster table.
    states: Vec<Named>,
    /// Priorities with their counts, P0 first.
    priorities: Vec<Named>,
    /// Clusters with something to do in the issue tracker.
    issue_clusters: Vec<usize>,
    /// Clusters whose comparison says new, up or down.
    changed: Vec<usize>,
    /// Entries of the clusters in `listed`, `expected` and `singles` together, at ERROR or above.
    severe: u64,
}

/// What templates see of a cluster beside the fields of the result.
#[derive(Serialize, JsonSchema)]
pub(super) struct ClusterExtra {
    /// Name of its anchor in the worklog.
    anchor: String,
    /// Counts over the whole window of the run, empty buckets included, for sparklines.
    series: Vec<u64>,
    /// From the first to the last entry in seconds.
    seconds: f64,
    /// The most frequent place that is no logging wrapper: `module.function:lines`; empty if unknown.
    place: String,
    /// The samples as pretty JSON reduced to what tells, in the order of `samples`.
    sample_texts: Vec<String>,
    /// The neighbours as pretty JSON reduced to what tells, in the order of `context`.
    context_texts: Vec<String>,
    /// What each neighbour says, on one line, in the order of `context`.
    context_lines: Vec<String>,
    /// The time of each neighbour, in the order of `context`.
    context_times: Vec<String>,
}

/// Actions with one horizon.
#[derive(Serialize, JsonSchema)]
struct ActionGroup {
    /// As the rule or the log says: `now`, `4h`, ...
    horizon: String,
    /// What to do.
    items: Vec<ActionItem>,
}

/// One thing to do.
#[derive(Serialize, JsonSchema)]
struct ActionItem {
    /// What.
    text: String,
    /// Which rule, or the log.
    source: String,
    /// The numbers of the clusters it is for.
    numbers: Vec<u64>,
}

/// Clusters with one level of impact.
#[derive(Serialize, JsonSchema)]
struct RiskGroup {
    /// `CRITICAL`, `HIGH`, ...
    level: String,
    /// The numbers of the clusters.
    numbers: Vec<u64>,
    /// Their entries.
    count: u64,
}

/// A word and how many clusters it holds for.
#[derive(Serialize, JsonSchema)]
struct Named {
    /// The word.
    name: String,
    /// Clusters.
    count: u64,
}

/// What a template sees of the whole worklog.
pub(super) fn of(worklog: &Worklog) -> Value {
    Value::from_pairs(fields(worklog))
}

/// The same, and `cluster` for the one a draft is about.
pub(super) fn of_cluster(worklog: &Worklog, cluster: &Cluster) -> Value {
    let mut all = fields(worklog);
    all.insert("cluster".into(), cluster_value(worklog, cluster));
    Value::from_pairs(all)
}

fn fields(worklog: &Worklog) -> BTreeMap<String, Value> {
    let bare = Worklog { clusters: Vec::new(), ..worklog.clone() };
    let mut all = map_of(&bare);
    let clusters: Vec<Value> = worklog.clusters.iter().map(|cluster| cluster_value(worklog, cluster)).collect();
    let pick = |indices: &[usize]| indices.iter().filter_map(|index| clusters.get(*index).cloned()).collect::<Value>();
    let extra = extra(worklog);
    all.extend(map_of(&extra));
    for (name, indices) in [
        ("listed", &extra.listed),
        ("expected", &extra.expected),
        ("singles", &extra.singles),
        ("issue_clusters", &extra.issue_clusters),
        ("changed", &extra.changed),
    ] {
        all.insert(name.into(), pick(indices));
    }
    let by_id = extra.by_id.iter().filter_map(|(id, index)| Some((id.clone(), clusters.get(*index)?.clone())));
    all.insert("by_id".into(), Value::from_pairs(by_id));
    all.insert("clusters".into(), clusters.into());
    all
}

fn cluster_value(worklog: &Worklog, cluster: &Cluster) -> Value {
    let mut all = map_of(cluster);
    all.extend(map_of(&cluster_extra(worklog, cluster)));
    Value::from_pairs(all)
}

fn extra(worklog: &Worklog) -> Extra {
    let clusters = &worklog.clusters;
    let which = |wanted: &dyn Fn(&Cluster) -> bool| -> Vec<usize> {
        clusters.iter().enumerate().filter(|(_, cluster)| wanted(cluster)).map(|(index, _)| index).collect()
    };
    let severe = |row: &&crate::model::SeverityRow| row.severity >= crate::model::Severity::Error;
    Extra {
        listed: which(&|cluster| !is_expected(cluster) && !is_single(cluster)),
        expected: which(&is_expected),
        singles: which(&|cluster| !is_expected(cluster) && is_single(cluster)),
        by_id: clusters.iter().enumerate().map(|(index, cluster)| (cluster.id.clone(), index)).collect(),
        actions: actions(clusters),
        risk: risk(clusters),
        series: worklog.timeline.buckets.iter().map(|bucket| bucket.count).collect(),
        states: counted(clusters, |cluster| cluster.state.clone()),
        priorities: counted(clusters, |cluster| cluster.priority.clone()),
        issue_clusters: which(&|cluster| cluster.issue.is_some()),
        changed: which(&|cluster| cluster.delta.as_ref().is_some_and(|delta| delta.verdict != "steady")),
        severe: worklog.totals.severity_table.iter().filter(severe).map(|row| row.count).sum(),
    }
}

fn is_expected(cluster: &Cluster) -> bool {
    cluster.expected.is_some() || matches!(cluster.state.as_str(), "expected" | "ignored")
}

fn is_single(cluster: &Cluster) -> bool {
    cluster.count == 1 && !matches!(cluster.priority.as_str(), "P0" | "P1" | "P2")
}

/// Clusters come sorted, so the first of each word sets the order; words of one priority keep it.
fn counted(clusters: &[Cluster], word: impl Fn(&Cluster) -> String) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for name in clusters.iter().map(word).filter(|name| !name.is_empty()) {
        match found.iter_mut().find(|named| named.name == name) {
            Some(named) => named.count += 1,
            None => found.push(Named { name, count: 1 }),
        }
    }
    found
}

fn actions(clusters: &[Cluster]) -> Vec<ActionGroup> {
    let mut groups: BTreeMap<(u64, String), Vec<ActionItem>> = BTreeMap::new();
    for cluster in clusters.iter().filter(|cluster| !is_expected(cluster)) {
        for action in &cluster.actions {
            let key = (words::horizon_seconds(&action.horizon), action.horizon.clone());
            let items = groups.entry(key).or_default();
            match items.iter_mut().find(|item| item.text == action.text) {
                Some(item) if !item.numbers.contains(&cluster.number) => item.numbers.push(cluster.number),
                Some(_) => {}
                None => items.push(ActionItem {
                    text: action.text.clone(),
                    source: action.source.clone(),
                    numbers: vec![cluster.number],
                }),
            }
        }
    }
    groups.into_iter().map(|((_, horizon), items)| ActionGroup { horizon, items }).collect()
}

fn risk(clusters: &[Cluster]) -> Vec<RiskGroup> {
    const LEVELS: [&str; 5] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"];
    let group = |level: &str| {
        let own: Vec<_> =
            clusters.iter().filter(|cluster| cluster.impact.level == level && !is_expected(cluster)).collect();
        (!own.is_empty()).then(|| RiskGroup {
            level: level.into(),
            numbers: own.iter().map(|cluster| cluster.number).collect(),
            count: own.iter().map(|cluster| cluster.count).sum(),
        })
    };
    LEVELS.into_iter().filter_map(group).collect()
}

fn cluster_extra(worklog: &Worklog, cluster: &Cluster) -> ClusterExtra {
    let seconds = match (cluster.first_seen, cluster.last_seen) {
        (Some(first), Some(last)) => last.seconds_since(first),
        _ => 0.0,
    };
    ClusterExtra {
        anchor: cluster.id.to_ascii_lowercase(),
        series: series(worklog, cluster),
        seconds,
        place: place(cluster),
        sample_texts: cluster.samples.iter().map(|one| sample::reduced(&one.entry, one.unpacked.as_ref())).collect(),
        context_texts: cluster.context.iter().map(|one| sample::reduced(&one.entry, one.unpacked.as_ref())).collect(),
        context_lines: cluster.context.iter().map(|one| sample::line(&one.entry)).collect(),
        context_times: cluster.context.iter().map(|one| sample::time(&one.entry)).collect(),
    }
}

/// The cluster's counts in the buckets of the run.
fn series(worklog: &Worklog, cluster: &Cluster) -> Vec<u64> {
    let buckets = &worklog.timeline.buckets;
    if buckets.is_empty() {
        return cluster.timeline.iter().map(|bucket| bucket.count).collect();
    }
    let mut counts = vec![0u64; buckets.len()];
    for bucket in &cluster.timeline {
        let place = buckets.partition_point(|one| one.start <= bucket.start).saturating_sub(1);
        if let Some(count) = counts.get_mut(place) {
            *count = count.saturating_add(bucket.count);
        }
    }
    counts
}

fn place(cluster: &Cluster) -> String {
    let Some(location) = cluster.locations.iter().find(|location| !location.wrapper) else { return String::new() };
    let mut place = location.module.clone();
    if !location.function.is_empty() {
        if !place.is_empty() {
            place.push('.');
        }
        place.push_str(&location.function);
    }
    let lines = match (location.line_min, location.line_max) {
        (Some(from), Some(to)) if from != to => format!(":{from}-{to}"),
        (Some(line), _) | (None, Some(line)) => format!(":{line}"),
        (None, None) => String::new(),
    };
    place + &lines
}

/// The fields of a structure as template values.
fn map_of(value: &impl Serialize) -> BTreeMap<String, Value> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::Object(fields)) => {
            fields.into_iter().map(|(name, field)| (name, template_value(field, 0))).collect()
        }
        _ => BTreeMap::new(),
    }
}

/// JSON as template values. Numbers are read by hand: with all digits kept they would arrive as structures.
fn template_value(value: serde_json::Value, depth: usize) -> Value {
    use serde_json::Value as Json;
    match value {
        _ if depth > 150 => Value::from("…"),
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(flag),
        Json::Number(number) => number
            .as_u64()
            .map(Value::from)
            .or_else(|| number.as_i64().map(Value::from))
            .or_else(|| number.as_f64().filter(|float| float.is_finite()).map(Value::from))
            .unwrap_or_else(|| Value::from(number.to_string())),
        Json::String(text) => Value::from(text),
        Json::Array(items) => items.into_iter().map(|item| template_value(item, depth + 1)).collect(),
        Json::Object(fields) => {
            Value::from_pairs(fields.into_iter().map(|(name, field)| (name, template_value(field, depth + 1))))
        }
    }
}
