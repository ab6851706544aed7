//! A worklog in, what follows for the whole of it out: which clusters to read, in what words, and what to do.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Cluster, NameCount, Severity, SeverityRow, Worklog, log_id};
use crate::report::moments::{Moment, moments};
use crate::report::words;

use super::one;

/// How many clusters a worklog shows in full.
const IN_FULL: usize = 40;

/// What templates see beside the fields of the result.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct Extra {
    /// Clusters to read in full: neither expected, a detail of another, nor a single occurrence of low priority; at most 40.
    pub(super) listed: Vec<usize>,
    /// The first of `listed` of each incident, and those in none: told first, each with its companions.
    pub(super) leading: Vec<usize>,
    /// Clusters that are informational by their priority (P5 and below) or come after the fortieth: told in a line each.
    pub(super) further: Vec<usize>,
    /// Single occurrences that are errors: what is left to look at where nothing wants attention.
    pub(super) single_errors: Vec<usize>,
    /// How many clusters want attention: P0 to P4, neither expected, a detail of another, nor a single occurrence of low priority.
    open: u64,
    /// What there is besides them, in words: expected, single and informational clusters, and details of others.
    besides: String,
    /// The names of the logs without their projects.
    logs_short: Vec<String>,
    /// Clusters that a rule or the ledger calls expected or ignored.
    pub(super) expected: Vec<usize>,
    /// Clusters of one entry, of P3 or lower: told in a line each.
    pub(super) singles: Vec<usize>,
    /// Clusters that carry the details of another one: told beside it, and in a line each.
    pub(super) details: Vec<usize>,
    /// Clusters by id, for lookups such as `by_id[related.cluster].number`.
    pub(super) by_id: BTreeMap<String, usize>,
    /// Actions by horizon, the nearest first, each text once.
    actions: Vec<ActionGroup>,
    /// Clusters by level of impact, the worst first.
    risk: Vec<RiskGroup>,
    /// Entries over time as plain counts.
    series: Vec<u64>,
    /// The same for sparklines: what the window cuts off the first and last step is made up for.
    shape: Vec<u64>,
    /// Seconds for each block of a sparkline of `shape` with 72 columns.
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
    pub(super) issue_clusters: Vec<usize>,
    /// Whether anything that was done in the issue tracker has been recorded.
    recorded: bool,
    /// Clusters whose comparison says new, up or down.
    pub(super) changed: Vec<usize>,
    /// Modules of the clusters that want attention or are expected, most entries first; at most eight.
    modules: Vec<Module>,
    /// Analysed entries that say NOTICE or worse.
    severe: u64,
}

/// Actions with one horizon.
#[derive(Serialize, JsonSchema)]
struct ActionGroup {
    /// As the rule or the log says: `now`, `4h`, ...; the priority of its clusters where they say none.
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
    /// The services they are in, most entries first.
    services: Vec<NameCount>,
    /// The numbers of those that were still there at the end of the window.
    ongoing: Vec<u64>,
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

/// A module of the code and what of it is in clusters.
#[derive(Serialize, JsonSchema)]
struct Module {
    /// Its name.
    name: String,
    /// Entries.
    count: u64,
    /// Its functions, most entries first; at most four.
    functions: Vec<String>,
    /// Line ranges: `258, 741, 1375-1489`.
    lines: String,
}

/// A word and how many clusters it holds for.
#[derive(Serialize, JsonSchema)]
struct Named {
    /// The word.
    name: String,
    /// Clusters.
    count: u64,
}

pub(super) fn extra(worklog: &Worklog) -> Extra {
    let clusters = &worklog.clusters;
    let which = |wanted: &dyn Fn(&Cluster) -> bool| -> Vec<usize> {
        clusters.iter().enumerate().filter(|(_, cluster)| wanted(cluster)).map(|(index, _)| index).collect()
    };
    let severe = |row: &&SeverityRow| row.severity >= Severity::Notice;
    let mut listed = which(&|cluster| is_open(cluster));
    let open = listed.len() as u64;
    let in_need: Vec<&Cluster> = listed.iter().filter_map(|index| clusters.get(*index)).collect();
    let series: Vec<u64> = worklog.timeline.buckets.iter().map(|bucket| bucket.count).collect();
    let mut further = listed.split_off(listed.len().min(IN_FULL));
    further.extend(which(&|cluster| {
        is_informational(cluster) && !is_expected(cluster) && !is_single(cluster) && !is_detail(cluster)
    }));
    let mut met: BTreeSet<&str> = BTreeSet::new();
    let incident = |index: usize| clusters.get(index).map_or("", |cluster| &cluster.incident);
    let leads = |index: &usize| incident(*index).is_empty() || met.insert(incident(*index));
    let leading = listed.iter().copied().filter(leads).collect();
    Extra {
        leading,
        listed,
        further,
        open,
        single_errors: which(&|cluster| {
            is_single(cluster) && !is_expected(cluster) && !is_detail(cluster) && cluster.severity >= Severity::Error
        }),
        besides: besides(clusters),
        logs_short: logs_short(&worklog.scope.logs),
        expected: which(&is_expected),
        singles: which(&|cluster| !is_expected(cluster) && is_single(cluster) && !is_detail(cluster)),
        details: which(&is_detail),
        by_id: clusters.iter().enumerate().map(|(index, cluster)| (cluster.id.clone(), index)).collect(),
        actions: actions(clusters),
        risk: risk(worklog),
        shape: one::shape(worklog, &series),
        series,
        step_seconds: step_seconds(worklog),
        states_open: counted(&in_need, |cluster| super::told_state(cluster)),
        priorities_open: counted(&in_need, |cluster| cluster.priority.as_str()),
        moments: moments(worklog, &in_need),
        first_actions: first_actions(clusters),
        next_steps: super::steps::next_steps(worklog, &in_need),
        issue_clusters: which(&|cluster| cluster.issue.is_some()),
        recorded: super::steps::is_recorded(worklog),
        changed: which(&|cluster| cluster.delta.as_ref().is_some_and(|delta| delta.verdict != "steady")),
        modules: modules(clusters),
        severe: worklog.totals.severity_table.iter().filter(severe).map(|row| row.count).sum(),
    }
}

/// What clusters tell of a module.
#[derive(Default)]
struct Code<'a> {
    count: u64,
    functions: BTreeMap<&'a str, u64>,
    lines: Vec<(u64, u64)>,
}

/// Where in the code the clusters come from, logging wrappers aside.
fn modules(clusters: &[Cluster]) -> Vec<Module> {
    const MODULES: usize = 8;
    const FUNCTIONS: usize = 4;
    let mut found: BTreeMap<&str, Code<'_>> = BTreeMap::new();
    let places = clusters.iter().filter(|one| !is_informational(one)).flat_map(|cluster| &cluster.locations);
    for place in places.filter(|place| !place.wrapper && !place.module.is_empty()) {
        let code = found.entry(&place.module).or_default();
        code.count += place.count;
        *code.functions.entry(&place.function).or_default() += place.count;
        code.lines.extend(place.line_min.map(|line| (line, place.line_max.unwrap_or(line))));
    }
    let most = |(name, count): (&str, u64), (other, more): (&str, u64)| more.cmp(&count).then_with(|| name.cmp(other));
    let module = |(name, code): (&str, Code<'_>)| {
        let mut functions: Vec<(&str, u64)> = code.functions.into_iter().filter(|(name, _)| !name.is_empty()).collect();
        functions.sort_by(|left, right| most(*left, *right));
        let functions = functions.into_iter().take(FUNCTIONS).map(|(name, _)| name.to_owned()).collect();
        Module { name: name.to_owned(), count: code.count, functions, lines: ranges(code.lines) }
    };
    let mut modules: Vec<Module> = found.into_iter().map(module).collect();
    modules.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.name.cmp(&right.name)));
    modules.truncate(MODULES);
    modules
}

/// Line ranges in order, those that touch or nearly do as one.
fn ranges(mut lines: Vec<(u64, u64)>) -> String {
    const CLOSE: u64 = 10;
    lines.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (from, to) in lines {
        match joined.last_mut() {
            Some(last) if from <= last.1.saturating_add(CLOSE) => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    let shown = |(from, to): &(u64, u64)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    joined.iter().take(12).map(shown).collect::<Vec<_>>().join(", ")
}

fn is_expected(cluster: &Cluster) -> bool {
    cluster.expected.is_some() || matches!(cluster.state.as_str(), "expected" | "ignored")
}

fn is_open(cluster: &Cluster) -> bool {
    !is_expected(cluster) && !is_detail(cluster) && !is_single(cluster) && !is_informational(cluster)
}

/// A detail that is expected stands with what is expected.
fn is_detail(cluster: &Cluster) -> bool {
    !cluster.details_of.is_empty() && !is_expected(cluster)
}

fn is_informational(cluster: &Cluster) -> bool {
    matches!(cluster.priority.as_str(), "P5" | "P6" | "P7" | "P8" | "P9" | "P10")
}

/// `1 cluster is expected, 94 entries stand alone`; empty where every cluster wants attention.
fn besides(clusters: &[Cluster]) -> String {
    let count = |wanted: &dyn Fn(&Cluster) -> bool| clusters.iter().filter(|cluster| wanted(cluster)).count();
    let expected = count(&is_expected);
    let plain = |cluster: &Cluster| !is_expected(cluster) && !is_detail(cluster);
    let single = count(&|cluster| plain(cluster) && is_single(cluster));
    let informational = count(&|cluster| plain(cluster) && !is_single(cluster) && is_informational(cluster));
    let details = count(&is_detail);
    let parts = [
        (expected, "cluster is expected", "clusters are expected"),
        (informational, "cluster is informational", "clusters are informational"),
        (single, "entry stands alone", "entries stand alone"),
        (details, "cluster carries details of another", "clusters carry details of others"),
    ];
    let said = |(count, one, many): (usize, &str, &str)| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{} {many}", words::thousands(i128::try_from(count).unwrap_or(i128::MAX)))),
    };
    parts.into_iter().filter_map(said).collect::<Vec<_>>().join(", ")
}

/// The ids of logs, each once.
fn logs_short(logs: &[String]) -> Vec<String> {
    logs.iter().map(|log| log_id(log)).collect::<BTreeSet<_>>().into_iter().collect()
}

fn is_single(cluster: &Cluster) -> bool {
    cluster.count == 1 && !matches!(cluster.priority.as_str(), "P0" | "P1" | "P2")
}

/// Clusters come sorted, so the first of each word sets the order.
fn counted<'a>(clusters: &[&'a Cluster], word: impl Fn(&'a Cluster) -> &'a str) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for name in clusters.iter().map(|cluster| word(cluster)).filter(|name| !name.is_empty()) {
        match found.iter_mut().find(|named| named.name == name) {
            Some(named) => named.count += 1,
            None => found.push(Named { name: name.to_owned(), count: 1 }),
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

fn actions(clusters: &[Cluster]) -> Vec<ActionGroup> {
    let mut groups: BTreeMap<(u64, String), Vec<ActionItem>> = BTreeMap::new();
    for cluster in clusters.iter().filter(|cluster| !is_expected(cluster)) {
        for action in &cluster.actions {
            let horizon = if action.horizon.is_empty() { &cluster.priority } else { &action.horizon };
            let key = (words::horizon_seconds(horizon), horizon.clone());
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

fn risk(worklog: &Worklog) -> Vec<RiskGroup> {
    const LEVELS: [&str; 5] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"];
    let numbers = |clusters: &[&Cluster]| clusters.iter().map(|cluster| cluster.number).collect();
    let group = |level: &str| {
        let of_it = |cluster: &&Cluster| cluster.impact.level == level && is_open(cluster);
        let own: Vec<&Cluster> = worklog.clusters.iter().filter(of_it).collect();
        let ongoing: Vec<&Cluster> = own.iter().copied().filter(|cluster| one::ongoing(worklog, cluster)).collect();
        (!own.is_empty()).then(|| RiskGroup {
            level: level.into(),
            numbers: numbers(&own),
            count: own.iter().map(|cluster| cluster.count).sum(),
            services: services(&own),
            ongoing: numbers(&ongoing),
            texts: risk_texts(&own, |cluster| &cluster.impact.text),
            business: risk_texts(&own, |cluster| &cluster.impact.business),
        })
    };
    LEVELS.into_iter().filter_map(group).collect()
}

fn services(clusters: &[&Cluster]) -> Vec<NameCount> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for service in clusters.iter().flat_map(|cluster| &cluster.services) {
        *counts.entry(&service.name).or_default() += service.count;
    }
    let mut services: Vec<NameCount> =
        counts.into_iter().map(|(name, count)| NameCount { name: name.to_owned(), count }).collect();
    services.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.name.cmp(&right.name)));
    services
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
