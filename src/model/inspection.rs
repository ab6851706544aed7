//! The result of `inspect`: what is in an export, as plain data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Coverage, Input, Redaction, ServiceRequests, Span, Tool, Totals, Window};

/// What is in an export, in one screen.
///
/// Counts are exact where they count entries; what is said of payloads and fields is projected from the samples of
/// each pattern and weighted by its entries, because no one keeps every field of every entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Inspection {
    /// Version of this shape.
    pub schema_version: String,
    /// What made it.
    pub tool: Tool,
    /// The filter, as it was asked.
    pub filter: String,
    /// Observed, over analysed entries.
    pub window: Window,
    /// The inputs, by path.
    pub inputs: Vec<Input>,
    /// Skipped records by reason.
    pub skipped_by_reason: BTreeMap<String, u64>,
    /// What the export can and cannot tell.
    pub coverage: Coverage,
    /// Counts over everything, severities as stated and as inferred.
    pub totals: Totals,
    /// Project ids.
    pub projects: Names,
    /// Services, jobs, functions, containers.
    pub services: Names,
    /// Revisions and versions.
    pub revisions: Names,
    /// Regions and zones.
    pub regions: Names,
    /// Types of monitored resources.
    pub resource_types: Names,
    /// Log names.
    pub logs: Names,
    /// Requests by service, the worst first, as a worklog tells them.
    pub requests: Vec<ServiceRequests>,
    /// Entries by kind of payload: `jsonPayload`, `textPayload`, `protoPayload`, `httpRequest only`, `none`; projected.
    pub payloads: Vec<Share>,
    /// Fields by how many entries have them; projected.
    pub fields: Vec<FieldSeen>,
    /// Whether there were more fields than are listed.
    pub fields_cut: bool,
    /// What redaction took out of the samples.
    pub redaction: Redaction,
    /// Commands to try next.
    pub next: Vec<String>,
}

/// The most frequent names of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Names {
    /// How many there are; an estimate where `exact` is false.
    pub distinct: u64,
    /// Whether `distinct` was counted rather than estimated.
    pub exact: bool,
    /// The most frequent ones.
    pub top: Vec<Span>,
}

/// A part of the entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Share {
    /// What they have in common.
    pub name: String,
    /// Entries, projected.
    pub entries: u64,
    /// Share of all analysed entries, 0 to 1.
    pub share: f64,
}

/// A field that entries have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FieldSeen {
    /// As a filter names it.
    pub path: String,
    /// JSON types seen, each with its entries (projected).
    pub types: BTreeMap<String, u64>,
    /// Entries that have it, projected.
    pub entries: u64,
    /// Share of all analysed entries, 0 to 1.
    pub share: f64,
    /// A few redacted values, as JSON.
    pub examples: Vec<String>,
}
