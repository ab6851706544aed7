//! Entries that stand for a cluster, and entries near them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{JsonText, Source};

/// An example entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sample {
    /// `first`, `last` or `typical`.
    pub role: String,
    /// Where it stands.
    pub source: Source,
    /// The redacted LogEntry, cut where it is long.
    pub entry: JsonText,
    /// JSON that was inside its message, unpacked.
    pub unpacked: Option<JsonText>,
}

/// An entry near a sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Context {
    /// `same_trace`, `same_instance`, `same_moment`, `before`, `after`, `same_function`.
    pub relation: String,
    /// Milliseconds from the sample to it; negative: before.
    pub delta_ms: i64,
    /// The cluster it belongs to, empty if none.
    pub cluster: String,
    /// The redacted LogEntry, cut where it is long.
    pub entry: JsonText,
    /// JSON that was inside its message, unpacked.
    pub unpacked: Option<JsonText>,
}
