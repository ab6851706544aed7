//! One cluster of the result: what it is, how often, since when, where, who, why, and what to do.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Delta, Exception, Fingerprint, Issue, Peak, Sample, Severity, Span, Timestamp};

/// The states that clusters can be in; without a ledger or a baseline they are in none.
pub const STATES: [&str; 9] =
    ["new", "recurring", "escalating", "declining", "regressed", "lingering", "resolved", "expected", "ignored"];

/// Entries that are one issue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cluster {
    /// Place in this worklog, from 1.
    pub number: u64,
    /// `LG-` and ten hexadecimal digits; lasts across runs.
    pub id: String,
    /// Of all patterns in it; sorted.
    pub fingerprints: Vec<Fingerprint>,
    /// What a person would call it.
    pub title: String,
    /// `message`, `trace`, `request`, `audit`, `shape`, `empty`, `collapsed`.
    pub kind: String,
    /// The joined pattern, constants shown where a slot held one value.
    pub pattern: String,
    /// The patterns that were joined, most frequent first.
    pub variants: Vec<Variant>,
    /// Why these entries are together, one sentence each.
    pub grouped_because: Vec<String>,
    /// Entries.
    pub count: u64,
    /// Share of all clustered entries, 0 to 1.
    pub share: f64,
    /// The highest severity in it.
    pub severity: Severity,
    /// Entries by severity as they say.
    pub severities: BTreeMap<Severity, u64>,
    /// Entries whose severity was read from their text or from a member such as `level`.
    pub severity_inferred: u64,
    /// `P0` to `P10`.
    pub priority: String,
    /// What the priority adds up from.
    pub priority_reasons: Vec<Reason>,
    /// `regression`, `new`, `active-dev`, ...: an open set.
    pub category: String,
    /// `new`, `recurring`, `regressed`, ...
    pub state: String,
    /// Why that state, one sentence each.
    pub state_reasons: Vec<String>,
    /// What it means for people.
    pub impact: Impact,
    /// Set when a rule or the ledger calls this expected.
    pub expected: Option<Expected>,
    /// The component it belongs to.
    pub component: String,
    /// Set by rules.
    pub owner: String,
    /// Set by rules; the user's flow it stands in.
    pub flow: String,
    /// Set by rules: a link or a path.
    pub runbook: String,
    /// Names of the rules that said something about it.
    pub rules: Vec<String>,
    /// What rules note about it, one sentence each.
    pub notes: Vec<String>,
    /// Earliest entry.
    pub first_seen: Option<Timestamp>,
    /// Latest entry.
    pub last_seen: Option<Timestamp>,
    /// Earliest entry that the ledger knows of, where that is before this run's.
    pub known_since: Option<Timestamp>,
    /// How often.
    pub rate: Rate,
    /// Entries over time, in the buckets of the run.
    pub timeline: Vec<Bucket>,
    /// Where in the code, most frequent first.
    pub locations: Vec<Location>,
    /// Line ranges over all locations: `258, 741, 1375-1489`.
    pub lines: String,
    /// The stack trace, if there is one.
    pub exception: Option<Exception>,
    /// Services.
    pub services: Vec<NameCount>,
    /// Revisions, by name.
    pub revisions: Vec<Span>,
    /// What the revisions say about where it came from, one sentence each.
    pub revision_notes: Vec<String>,
    /// The deployments that these sentences name.
    pub deployment: Deployment,
    /// Regions.
    pub regions: Vec<NameCount>,
    /// Logs.
    pub logs: Vec<NameCount>,
    /// Distinct instances; an estimate where `instances_exact` is false.
    pub instances: u64,
    /// Whether `instances` was counted.
    pub instances_exact: bool,
    /// The most frequent instances.
    pub instance_ids: Vec<NameCount>,
    /// Distinct users; an estimate where `users_exact` is false.
    pub users: u64,
    /// Whether `users` was counted.
    pub users_exact: bool,
    /// The most frequent users, redacted.
    pub user_names: Vec<NameCount>,
    /// The most frequent connections.
    pub connections: Vec<NameCount>,
    /// The most frequent requests.
    pub requests: Vec<NameCount>,
    /// Distinct traces; an estimate where `traces_exact` is false.
    pub traces: u64,
    /// Whether `traces` was counted.
    pub traces_exact: bool,
    /// Endpoints of request entries.
    pub http: Vec<Endpoint>,
    /// Latencies of its requests, whatever their endpoint and status.
    pub latency_ms: Option<LatencySpan>,
    /// Error Reporting's group ids.
    pub error_groups: Vec<String>,
    /// The variable parts.
    pub slots: Vec<Slot>,
    /// What the log itself says: `debug_hints`, `next_steps`, `likely_cause`, `golden_path_impact`, ...
    pub embedded: BTreeMap<String, Vec<String>>,
    /// What is more frequent in here than elsewhere.
    pub distinguishing: Vec<Distinguishing>,
    /// First, last and typical entries.
    pub samples: Vec<Sample>,
    /// Entries around the samples that explain them.
    pub context: Vec<Context>,
    /// Clusters that come together with it.
    pub related: Vec<Related>,
    /// The id of the cluster whose details it carries: a label and JSON from one function in the same moments, or lines
    /// of one stack trace or of one message of a database that are entries of their own; empty if it speaks for itself.
    pub details_of: String,
    /// The incident it is part of: the id of the first, in their order, of the clusters that come in the same moments or
    /// begin, and end, at the same time, each with each; empty if it comes and goes alone.
    pub incident: String,
    /// What to do, from rules or from the log.
    pub actions: Vec<Action>,
    /// What to do in the issue tracker.
    pub issue: Option<Issue>,
    /// How it compares to the baseline.
    pub delta: Option<Delta>,
    /// Redactions in it, by kind.
    pub redactions: BTreeMap<String, u64>,
}

/// What deployments did to a cluster, by the revision they brought; empty where none did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Deployment {
    /// The revision that it came with.
    pub came_with: String,
    /// The revision since which it comes far more often, where it was there before.
    pub more_since: String,
    /// The revision that took over from those it was on, an older one too, and has not shown it.
    pub over_since: String,
    /// All of this in a few words.
    pub text: String,
}

impl Deployment {
    /// Whether one brought it, or far more of it.
    pub fn brought_it(&self) -> bool {
        !self.came_with.is_empty() || !self.more_since.is_empty()
    }
}

/// One of the patterns joined in a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Variant {
    /// The text with placeholders.
    pub pattern: String,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// Entries.
    pub count: u64,
}

/// One summand of a priority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reason {
    /// What it is for.
    pub text: String,
    /// How many points it gives.
    pub points: i64,
}

/// What a cluster means for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Impact {
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFO`.
    pub level: String,
    /// One sentence.
    pub text: String,
    /// From rules only.
    pub business: String,
    /// `rule`, `log` or `default`.
    pub source: String,
}

/// Why a cluster is expected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Expected {
    /// As the rule or the ledger says.
    pub reason: String,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Above this rate per hour it is not expected any more.
    pub max_rate_per_hour: Option<f64>,
    /// `rule NAME` or `ledger`.
    pub source: String,
}

/// How often, qualified by what the export covers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Rate {
    /// Entries per hour of the observed window.
    pub per_hour: f64,
    /// Median time between entries.
    pub median_gap_seconds: Option<f64>,
    /// Whether the gap was estimated from minute buckets.
    pub estimated: bool,
    /// Stretches with many entries at once.
    pub bursts: Vec<Peak>,
    /// `constant stream`, `burst`, `sporadic`, `single`, ...
    pub word: String,
    /// `rising`, `falling`, `steady` from its first entry on, or empty where there is too little to tell.
    pub trend: String,
    /// Whether most entries are in the second half of the window.
    pub late: bool,
    /// The period in seconds where entries or bursts come in even steps.
    pub period_seconds: Option<f64>,
    /// The whole thing in words: `42 in 1 h 56 min, every 1.4 s`.
    pub text: String,
}

/// One bucket of a cluster's timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Bucket {
    /// Its start.
    pub start: Option<Timestamp>,
    /// Entries in it.
    pub count: u64,
}

/// A place in the code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Location {
    /// Module or file.
    pub module: String,
    /// Function.
    pub function: String,
    /// Smallest line.
    pub line_min: Option<u64>,
    /// Largest line.
    pub line_max: Option<u64>,
    /// Entries.
    pub count: u64,
    /// Whether this is a logging wrapper rather than the place itself.
    pub wrapper: bool,
}

/// A name and a count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NameCount {
    /// The name.
    pub name: String,
    /// Entries.
    pub count: u64,
}

/// Requests to one route with one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Endpoint {
    /// `GET`, ...
    pub method: String,
    /// The path with ids masked.
    pub route: String,
    /// The status code.
    pub status: u64,
    /// Entries.
    pub count: u64,
    /// Latencies of the whole cluster, the same for each of its endpoints; `latency_ms` of the cluster says them once.
    pub latency_ms: Option<LatencySpan>,
}

/// Latencies in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LatencySpan {
    /// The least.
    pub min: u64,
    /// The median, within 7 %.
    pub p50: u64,
    /// The most.
    pub max: u64,
}

/// A variable part of a pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Slot {
    /// `<num>`, `<uuid>`, ...
    pub placeholder: String,
    /// Distinct values.
    pub distinct: u64,
    /// Whether `distinct` was counted and `top` is the true top.
    pub exact: bool,
    /// The most frequent values kept.
    pub top: Vec<ValueCount>,
}

/// A value and a count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ValueCount {
    /// The value, redacted.
    pub value: String,
    /// Entries.
    pub count: u64,
}

/// An attribute that sets a cluster apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Distinguishing {
    /// `revision`, `service`, `instance`, ...
    pub field: String,
    /// Its value.
    pub value: String,
    /// Share of the cluster's entries, 0 to 1.
    pub in_cluster: f64,
    /// Share of all analysed entries, 0 to 1.
    pub overall: f64,
}

/// A cluster that comes together with another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Related {
    /// The other cluster's id.
    pub cluster: String,
    /// `precedes`, `follows`, `co_occurs`, `request_of` (it is the request in which the other happened), `within` (the
    /// other way round), `begins_after` (a change that the audit log tells of), `before_begin_of` (the other way round),
    /// `begins_and_ends_with`, `begins_with` (where neither is seen to end), `same_exception`, `same_function`.
    pub relation: String,
    /// 0 to 1.
    pub score: f64,
    /// Milliseconds between the two in the median, where they were seen in the same moments; else `None`.
    pub apart_ms: Option<u64>,
    /// What it rests on.
    pub evidence: String,
}

impl Related {
    /// Whether the two were seen in the same moments, rather than being alike.
    pub fn is_of_moments(&self) -> bool {
        matches!(self.relation.as_str(), "precedes" | "follows" | "co_occurs" | "request_of" | "within")
    }
}

/// Something to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Action {
    /// `now`, `4h`, `24h`, `week`, ...
    pub horizon: String,
    /// What.
    pub text: String,
    /// `rule NAME` or `log`.
    pub source: String,
}
