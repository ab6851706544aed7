//! A worklog in, what templates see out: every field of the result, and beside it what follows from several of them.
//!
//! The result is the contract (`schema` prints it); the fields added here are documented in docs/templates.md, and a
//! test holds that each of them is named there.

use std::collections::BTreeMap;

use minijinja::Value;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Cluster, Frame, Severity, SeverityRow, Timestamp, Worklog};

use super::escape::slug;
use super::moments::{Moment, moments};
use super::sample;
use super::words;

/// How many clusters a worklog shows in full.
const IN_FULL: usize = 40;

/// What templates see beside the fields of the result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Extra {
    /// Clusters to read in full: neither expected nor a single occurrence of low priority; at most 40.
    listed: Vec<usize>,
    /// Clusters that are informational by their priority (P5 and below) or come after the fortieth: told in a line each.
    further: Vec<usize>,
    /// How many clusters want attention: P0 to P4, neither expected nor a single occurrence of low priority.
    open: u64,
    /// What there is besides them, in words: expected, single and informational clusters.
    besides: String,
    /// The names of the logs without their projects.
    logs_short: Vec<String>,
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
    /// Seconds for each block of a sparkline of `series` with 72 columns.
    step_seconds: u64,
    /// States of the clusters that want attention, with their counts, in the order of the cluster table.
    states_open: Vec<Named>,
    /// Priorities of the clusters that want attention, with their counts, P0 first.
    priorities_open: Vec<Named>,
    /// First and last entries of clusters and revisions, bursts, gaps and the peak, in order of time.
    moments: Vec<Moment>,
    /// The nearest actions, at most three.
    first_actions: Vec<ActionItem>,
    /// What to do with this worklog, one sentence each.
    next_steps: Vec<String>,
    /// Clusters with something to do in the issue tracker.
    issue_clusters: Vec<usize>,
    /// Clusters whose comparison says new, up or down.
    changed: Vec<usize>,
    /// Analysed entries that say NOTICE or worse.
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
    /// Whether it was there from the beginning of the window, so nobody can tell since when.
    from_start: bool,
    /// Whether it was still there at the end of the window.
    ongoing: bool,
    /// The most frequent place that is no logging wrapper: `module.function:lines`; empty if unknown.
    place: String,
    /// The frames of the stack trace, innermost first, the application's own marked.
    trace_text: String,
    /// The samples as pretty JSON reduced to what tells, in the order of `samples`.
    sample_texts: Vec<String>,
    /// The neighbours as pretty JSON reduced to what tells, in the order of `context`.
    context_texts: Vec<String>,
    /// What its first sample says, on one line; its pattern where there is no sample.
    first_line: String,
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
    /// What it means for people, each sentence once.
    texts: Vec<RiskText>,
    /// What rules say it means for the business, each sentence once.
    business: Vec<RiskText>,
}

/// A sentence on the impact of clusters.
#[derive(Serialize, JsonSchema)]
struct RiskText {
    /// The sentence.
    text: String,
    /// `rule`, `log` or `default`.
    source: String,
    /// The numbers of the clusters.
    numbers: Vec<u64>,
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

/// The same, and `cluster` for the one a draft is about, told at a `detail` from 3 (everything) down to 0.
pub(super) fn of_cluster(worklog: &Worklog, cluster: &Cluster, detail: u64) -> Value {
    let mut all = fields(worklog);
    all.insert("cluster".into(), cluster_value(worklog, cluster));
    all.insert("detail".into(), detail.into());
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
        ("further", &extra.further),
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
    let extra = cluster_extra(worklog, cluster);
    all.extend(map_of(&extra));
    // Letters, digits and hyphens alone, so it may stand in links and marks as it is.
    all.insert("anchor".into(), Value::from_safe_string(extra.anchor));
    Value::from_pairs(all)
}

fn extra(worklog: &Worklog) -> Extra {
    let clusters = &worklog.clusters;
    let which = |wanted: &dyn Fn(&Cluster) -> bool| -> Vec<usize> {
        clusters.iter().enumerate().filter(|(_, cluster)| wanted(cluster)).map(|(index, _)| index).collect()
    };
    let severe = |row: &&SeverityRow| row.severity >= Severity::Notice;
    let mut listed = which(&|cluster| is_open(cluster));
    let open = listed.len() as u64;
    let in_need: Vec<&Cluster> = listed.iter().filter_map(|index| clusters.get(*index)).collect();
    let mut further = listed.split_off(listed.len().min(IN_FULL));
    further.extend(which(&|cluster| is_informational(cluster) && !is_expected(cluster) && !is_single(cluster)));
    Extra {
        listed,
        further,
        open,
        besides: besides(clusters),
        logs_short: logs_short(&worklog.scope.logs),
        expected: which(&is_expected),
        singles: which(&|cluster| !is_expected(cluster) && is_single(cluster)),
        by_id: clusters.iter().enumerate().map(|(index, cluster)| (cluster.id.clone(), index)).collect(),
        actions: actions(clusters),
        risk: risk(clusters),
        series: worklog.timeline.buckets.iter().map(|bucket| bucket.count).collect(),
        step_seconds: step_seconds(worklog),
        states_open: counted(&in_need, |cluster| &cluster.state),
        priorities_open: counted(&in_need, |cluster| &cluster.priority),
        moments: moments(worklog, &in_need),
        first_actions: first_actions(clusters),
        next_steps: next_steps(worklog, &in_need),
        issue_clusters: which(&|cluster| cluster.issue.is_some()),
        changed: which(&|cluster| cluster.delta.as_ref().is_some_and(|delta| delta.verdict != "steady")),
        severe: worklog.totals.severity_table.iter().filter(severe).map(|row| row.count).sum(),
    }
}

fn is_expected(cluster: &Cluster) -> bool {
    cluster.expected.is_some() || matches!(cluster.state.as_str(), "expected" | "ignored")
}

fn is_open(cluster: &Cluster) -> bool {
    !is_expected(cluster) && !is_single(cluster) && !is_informational(cluster)
}

fn is_informational(cluster: &Cluster) -> bool {
    matches!(cluster.priority.as_str(), "P5" | "P6" | "P7" | "P8" | "P9" | "P10")
}

/// `1 cluster is expected, 94 entries stand alone`; empty where every cluster wants attention.
fn besides(clusters: &[Cluster]) -> String {
    let count = |wanted: &dyn Fn(&Cluster) -> bool| clusters.iter().filter(|cluster| wanted(cluster)).count();
    let expected = count(&is_expected);
    let single = count(&|cluster| !is_expected(cluster) && is_single(cluster));
    let informational = count(&|cluster| !is_expected(cluster) && !is_single(cluster) && is_informational(cluster));
    let parts = [
        (expected, "cluster is expected", "clusters are expected"),
        (informational, "cluster is informational", "clusters are informational"),
        (single, "entry stands alone", "entries stand alone"),
    ];
    let said = |(count, one, many): (usize, &str, &str)| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{} {many}", words::thousands(i128::try_from(count).unwrap_or(i128::MAX)))),
    };
    parts.into_iter().filter_map(said).collect::<Vec<_>>().join(", ")
}

/// `projects/p/logs/run.googleapis.com%2Fstderr` is told as `run.googleapis.com/stderr`; each name once.
fn logs_short(logs: &[String]) -> Vec<String> {
    let short = |log: &String| {
        let name = log.rsplit_once("/logs/").map_or(log.as_str(), |(_, name)| name);
        name.replace("%2F", "/").replace("%2f", "/")
    };
    logs.iter().map(short).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

fn is_single(cluster: &Cluster) -> bool {
    cluster.count == 1 && !matches!(cluster.priority.as_str(), "P0" | "P1" | "P2")
}

/// Clusters come sorted, so the first of each word sets the order.
fn counted<'a>(clusters: &[&'a Cluster], word: impl Fn(&'a Cluster) -> &'a String) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for name in clusters.iter().map(|cluster| word(cluster)).filter(|name| !name.is_empty()) {
        match found.iter_mut().find(|named| named.name == *name) {
            Some(named) => named.count += 1,
            None => found.push(Named { name: name.clone(), count: 1 }),
        }
    }
    found
}

fn step_seconds(worklog: &Worklog) -> u64 {
    let buckets = worklog.timeline.buckets.len();
    let width = u64::try_from(worklog.timeline.bucket_seconds).unwrap_or(0);
    width.saturating_mul(buckets.div_ceil(72).max(1) as u64)
}

fn first_actions(clusters: &[Cluster]) -> Vec<ActionItem> {
    actions(clusters).into_iter().flat_map(|group| group.items).take(3).collect()
}

/// What to do with the worklog itself; what to do about the issues comes from rules and logs alone.
fn next_steps(worklog: &Worklog, in_need: &[&Cluster]) -> Vec<String> {
    let mut steps = Vec::new();
    let numbers = |wanted: &dyn Fn(&&&Cluster) -> bool| {
        let numbers: Vec<String> = in_need.iter().filter(wanted).take(12).map(|one| one.number.to_string()).collect();
        let noun = if numbers.len() == 1 { "cluster" } else { "clusters" };
        (!numbers.is_empty()).then(|| format!("{noun} {}", numbers.join(", ")))
    };
    if let Some(urgent) = numbers(&|cluster| matches!(cluster.priority.as_str(), "P0" | "P1")) {
        steps.push(format!("Act on {urgent} first (P0 and P1)."));
    }
    let asked = |action: &str| worklog.issues_summary.by_action.get(action).copied().unwrap_or(0);
    if let Some(unclear) = numbers(&|cluster| cluster.issue.as_ref().is_some_and(|issue| issue.action == "review")) {
        steps.push(format!("Decide which issue {unclear} belongs to: no candidate is clearly the one."));
    }
    let writes: u64 = ["create", "comment", "reopen", "retitle"].map(asked).iter().sum();
    if writes > 0 && worklog.issues_summary.by_result.is_empty() {
        steps.push(format!("Write the drafts of {writes} issue changes (log-gardener issues draft) and review them."));
    } else if worklog.issues_summary.by_action.is_empty() && !in_need.is_empty() {
        steps.push("Match the clusters with an export of the issue tracker (log-gardener issues plan).".into());
    }
    if !worklog.coverage.next_export.is_empty() {
        steps.push("Export again to see what this export cannot tell:".into());
    }
    steps
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
        let own: Vec<&Cluster> =
            clusters.iter().filter(|cluster| cluster.impact.level == level && !is_expected(cluster)).collect();
        (!own.is_empty()).then(|| RiskGroup {
            level: level.into(),
            numbers: own.iter().map(|cluster| cluster.number).collect(),
            count: own.iter().map(|cluster| cluster.count).sum(),
            texts: risk_texts(&own, |cluster| &cluster.impact.text),
            business: risk_texts(&own, |cluster| &cluster.impact.business),
        })
    };
    LEVELS.into_iter().filter_map(group).collect()
}

fn risk_texts<'a>(clusters: &[&'a Cluster], text: impl Fn(&'a Cluster) -> &'a String) -> Vec<RiskText> {
    let mut found: Vec<RiskText> = Vec::new();
    for cluster in clusters {
        let text = text(cluster);
        match found.iter_mut().find(|one| one.text == *text) {
            _ if text.is_empty() => {}
            Some(one) => one.numbers.push(cluster.number),
            None => found.push(RiskText {
                text: text.clone(),
                source: cluster.impact.source.clone(),
                numbers: vec![cluster.number],
            }),
        }
    }
    found
}

fn cluster_extra(worklog: &Worklog, cluster: &Cluster) -> ClusterExtra {
    let seconds = match (cluster.first_seen, cluster.last_seen) {
        (Some(first), Some(last)) => last.seconds_since(first),
        _ => 0.0,
    };
    ClusterExtra {
        anchor: slug(&cluster.id),
        series: series(worklog, cluster),
        seconds,
        from_start: cluster.count > 1 && near(worklog, worklog.window.start, cluster.first_seen),
        ongoing: cluster.count > 1 && near(worklog, worklog.window.end, cluster.last_seen),
        place: place(cluster),
        trace_text: trace_text(cluster),
        sample_texts: cluster.samples.iter().map(|one| sample::reduced(&one.entry, one.unpacked.as_ref())).collect(),
        context_texts: cluster.context.iter().map(|one| sample::reduced(&one.entry, one.unpacked.as_ref())).collect(),
        first_line: first_line(cluster),
        context_lines: cluster.context.iter().map(|one| sample::line(&one.entry)).collect(),
        context_times: cluster.context.iter().map(|one| sample::time(&one.entry)).collect(),
    }
}

fn first_line(cluster: &Cluster) -> String {
    let said = cluster.samples.first().map(|one| sample::line(&one.entry)).filter(|line| !line.is_empty());
    said.unwrap_or_else(|| cluster.pattern.clone())
}

/// Whether a time lies within a hundredth of the window from one of its ends.
fn near(worklog: &Worklog, end: Option<Timestamp>, time: Option<Timestamp>) -> bool {
    let (Some(end), Some(time)) = (end, time) else { return false };
    end.seconds_since(time).abs() <= worklog.window.seconds / 100.0
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

fn trace_text(cluster: &Cluster) -> String {
    const MOST_FRAMES: usize = 25;
    let frames = cluster.exception.as_ref().map_or([].as_slice(), |exception| exception.frames.as_slice());
    let line = |frame: &Frame| {
        let mark = if frame.in_app { "> " } else { "  " };
        let line = frame.line.map_or(String::new(), |line| format!(":{line}"));
        let function = if frame.function.is_empty() { String::new() } else { format!(" in {}", frame.function) };
        format!("{mark}{}{line}{function}", frame.file)
    };
    let mut lines: Vec<String> = frames.iter().take(MOST_FRAMES).map(line).collect();
    if frames.len() > MOST_FRAMES {
        lines.push(format!("  … {} more", frames.len() - MOST_FRAMES));
    }
    lines.join("\n")
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

#[cfg(test)]
mod tests {
    use schemars::Schema;

    use super::*;

    fn names(schema: &Schema, found: &mut Vec<String>) {
        let definitions = schema.get("$defs").and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
        for part in std::iter::once(schema.as_value()).chain(definitions.values()) {
            let fields = part.get("properties").and_then(serde_json::Value::as_object);
            found.extend(fields.into_iter().flatten().map(|(name, _)| name.clone()));
        }
    }

    #[test]
    fn every_field_is_named_in_the_documentation() {
        let document = include_str!("../../docs/templates.md");
        let mut found = Vec::new();
        for schema in
            [schemars::schema_for!(Worklog), schemars::schema_for!(Extra), schemars::schema_for!(ClusterExtra)]
        {
            names(&schema, &mut found);
        }
        let missing: Vec<_> = found.iter().filter(|name| !document.contains(&format!("`{name}`"))).collect();
        assert!(found.len() > 200 && missing.is_empty(), "docs/templates.md does not name {missing:?}");
    }
}
