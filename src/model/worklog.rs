//! The result: what `--format json` prints, what templates see, what `render`, `diff` and the ledger read back.
//!
//! Field names and nesting are a contract (`schema` prints it as JSON Schema). Absent texts are empty, absent
//! structures `null`; no field is ever missing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cluster, Comparison, IssuesSummary, ServiceRequests, Severity, Skip, Timestamp};

/// Version of the result's shape; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: &str = "1";

/// One run's result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Worklog {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// What made it.
    pub tool: Tool,
    /// The time given by `--now`, else that of the newest entry; never the clock of the machine.
    pub generated_at: Option<Timestamp>,
    /// The `--focus` of the run.
    pub focus: String,
    /// Equal for the same analysed entries, whatever their paths and order: 16 digits; empty if there are none.
    pub entries_id: String,
    /// Observed, over analysed entries.
    pub window: Window,
    /// Whom the entries speak of.
    pub scope: Scope,
    /// The inputs, by path.
    pub inputs: Vec<Input>,
    /// The first skipped records by path and offset; totals are exact.
    pub skipped: Vec<Skip>,
    /// Skipped records by reason.
    pub skipped_by_reason: BTreeMap<String, u64>,
    /// What the export can and cannot tell.
    pub coverage: Coverage,
    /// Counts over everything.
    pub totals: Totals,
    /// Entries over time.
    pub timeline: RunTimeline,
    /// Sorted by priority, then state, then count descending, then id.
    pub clusters: Vec<Cluster>,
    /// What stands below the minimum severity for clusters.
    pub informational: Informational,
    /// Requests by service, the worst first.
    pub requests: Vec<ServiceRequests>,
    /// Components by a stated rule.
    pub health: Vec<Health>,
    /// What several clusters have in common.
    pub patterns: Vec<CommonPattern>,
    /// What changed since a baseline or the last run of the ledger.
    pub comparison: Option<Comparison>,
    /// What to do in the issue tracker, counted.
    pub issues_summary: IssuesSummary,
    /// Redactions over everything that was kept.
    pub redaction: Redaction,
    /// What was asked: filter, minimum severity, rules, similarity; for the methodology section.
    pub method: Method,
    /// BLAKE3 over the result without this field.
    pub content_hash: String,
}

/// Name and version of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tool {
    /// `log-gardener`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A span of time; empty when no entry has a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Window {
    /// Earliest event time.
    pub start: Option<Timestamp>,
    /// Latest event time.
    pub end: Option<Timestamp>,
    /// Length in seconds.
    pub seconds: f64,
}

/// Whom the analysed entries speak of; sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Scope {
    /// Project ids.
    pub projects: Vec<String>,
    /// Services, jobs, functions, containers.
    pub services: Vec<String>,
    /// Regions and zones.
    pub regions: Vec<String>,
    /// Revisions and versions.
    pub revisions: Vec<String>,
    /// Types of monitored resources.
    pub resource_types: Vec<String>,
    /// Log names.
    pub logs: Vec<String>,
    /// Distinct instances; an estimate where `instances_exact` is false.
    pub instances: u64,
    /// Whether `instances` was counted rather than estimated.
    pub instances_exact: bool,
    /// The most frequent instance ids.
    pub instance_ids: Vec<String>,
    /// Labels that every entry with labels shares, such as a migration run.
    pub labels: BTreeMap<String, String>,
    /// First and last seen of each revision.
    pub revision_spans: Vec<Span>,
}

/// A named thing with its count and the time it was seen in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Entries.
    pub count: u64,
    /// Earliest entry.
    pub first_seen: Option<Timestamp>,
    /// Latest entry.
    pub last_seen: Option<Timestamp>,
}

/// One input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Input {
    /// As it was given.
    pub path: String,
    /// Shape found.
    pub format: Cow<'static, str>,
    /// Compression found.
    pub compression: Cow<'static, str>,
    /// Size on disk.
    pub bytes: u64,
    /// Records seen.
    pub entries: u64,
    /// Copies of entries counted elsewhere.
    pub duplicates: u64,
    /// Left out by the filter.
    pub filtered: u64,
    /// Not readable.
    pub skipped: u64,
    /// Notes on the whole file.
    pub notes: Vec<String>,
}

/// What the export can and cannot tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Coverage {
    /// Plain sentences, each with its kind.
    pub warnings: Vec<Warning>,
    /// Stretches without any entry that are long for this export.
    pub gaps: Vec<Gap>,
    /// Whether the export looks cut by `--limit` or an interrupted download.
    pub truncated: bool,
    /// The command that would give what is missing.
    pub next_export: String,
    /// The window asked for, where the run was given one.
    pub requested: Option<Window>,
}

/// One limit of what the export can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Warning {
    /// `truncated`, `gap`, `missing_severities`, `severity_inferred`, `severity_corrected`, `untimed`, `skipped`, ...
    pub kind: String,
    /// The sentence.
    pub text: String,
}

/// A stretch without entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Gap {
    /// Last entry before it.
    pub from: Option<Timestamp>,
    /// First entry after it.
    pub to: Option<Timestamp>,
}

/// Exact counts; `entries = analysed + filtered + duplicates + skipped`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Totals {
    /// Records seen.
    pub entries: u64,
    /// Entries behind every other figure.
    pub analysed: u64,
    /// Left out by the filter.
    pub filtered: u64,
    /// Copies.
    pub duplicates: u64,
    /// Not readable.
    pub skipped: u64,
    /// Entries in clusters.
    pub clustered: u64,
    /// Clusters.
    pub clusters: u64,
    /// Distinct patterns, listed or not.
    pub patterns: u64,
    /// Entries without a time that can be read.
    pub untimed: u64,
    /// As the entries say, DEFAULT where they say nothing.
    pub by_severity: BTreeMap<Severity, u64>,
    /// Of the DEFAULT ones, what their text says.
    pub inferred: BTreeMap<Severity, u64>,
    /// Of those that state one which all lines of their stream were given, what they say themselves.
    pub corrected: BTreeMap<Severity, u64>,
    /// Entries by service.
    pub by_service: BTreeMap<String, u64>,
    /// Entries by revision.
    pub by_revision: BTreeMap<String, u64>,
    /// The severity table: severity, count, share, main component.
    pub severity_table: Vec<SeverityRow>,
    /// Clusters by priority.
    pub by_priority: BTreeMap<String, u64>,
    /// Clusters by state.
    pub by_state: BTreeMap<String, u64>,
}

/// A row of the severity table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SeverityRow {
    /// The severity.
    pub severity: Severity,
    /// Entries that say so.
    pub count: u64,
    /// Share of all analysed entries, 0 to 1.
    pub share: f64,
    /// Entries that say another one or nothing, but whose text says so.
    pub inferred: u64,
    /// The components with most of them.
    pub components: Vec<String>,
}

/// Entries over time for the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunTimeline {
    /// Width of a bucket in seconds, by a rule that depends on the window alone.
    pub bucket_seconds: i64,
    /// Buckets from the first to the last, empty ones included.
    pub buckets: Vec<RunBucket>,
    /// The fullest bucket.
    pub peak: Option<Peak>,
}

/// One bucket of the run's timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunBucket {
    /// Its start.
    pub start: Option<Timestamp>,
    /// Entries in it.
    pub count: u64,
    /// Entries by severity.
    pub by_severity: BTreeMap<Severity, u64>,
}

/// A stretch with its entries: the peak of a timeline, a burst of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Peak {
    /// Start.
    pub start: Option<Timestamp>,
    /// End.
    pub end: Option<Timestamp>,
    /// Entries in it.
    pub count: u64,
}

/// What stands below the minimum severity for clusters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Informational {
    /// Entries.
    pub count: u64,
    /// Share of all analysed entries, 0 to 1.
    pub share: f64,
    /// Distinct patterns.
    pub patterns: u64,
    /// The most frequent ones.
    pub top: Vec<InformationalPattern>,
    /// Entries by severity.
    pub severities: BTreeMap<Severity, u64>,
}

/// One frequent pattern below the minimum severity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct InformationalPattern {
    /// The text with placeholders.
    pub pattern: String,
    /// Module it comes from.
    pub module: String,
    /// Entries.
    pub count: u64,
    /// The highest severity.
    pub severity: Severity,
}

/// A component by a stated rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Health {
    /// Its name.
    pub component: String,
    /// `FAILING`, `CRITICAL`, `DEGRADED`, `INTERMITTENT`, `OPERATIONAL`.
    pub status: String,
    /// The evidence, one sentence each.
    pub reasons: Vec<String>,
}

/// What several clusters have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CommonPattern {
    /// What it is.
    pub title: String,
    /// Ids of the clusters.
    pub clusters: Vec<String>,
    /// What it rests on.
    pub basis: String,
}

/// Redactions over everything that was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Redaction {
    /// `on`, `strict` or `off`.
    pub policy: String,
    /// How many.
    pub total: u64,
    /// By kind.
    pub by_kind: BTreeMap<String, u64>,
}

/// What was asked of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Method {
    /// The filter, as it was typed.
    pub filter: String,
    /// The minimum severity for clusters.
    pub min_severity: Severity,
    /// Files of rules, with the number of rules.
    pub rules: Vec<String>,
    /// How coarse clusters are, 0 to 1; 0.5 by default.
    pub similarity: f64,
    /// Additional masks, as `NAME=REGEX`; sorted.
    #[serde(default)]
    pub masks: Vec<String>,
    /// Groups of entries that bred patterns without end and were collapsed, with their entries.
    pub collapsed: BTreeMap<String, u64>,
    /// Notes for the methodology section.
    pub notes: Vec<String>,
}
