//! What changed against earlier results: of each cluster, and of the whole.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Window;

/// What changed against an earlier result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Comparison {
    /// What it is compared with: a path, or `ledger`.
    pub baseline: String,
    /// Whether there was nothing earlier to compare with, so that being new says nothing.
    pub first_run: bool,
    /// The window of the baseline.
    pub window: Window,
    /// Clusters by verdict.
    pub counts: BTreeMap<String, u64>,
    /// Clusters of the baseline that are not in this run.
    pub absent: Vec<Absent>,
    /// What to keep in mind when reading it.
    pub notes: Vec<String>,
}

/// A cluster known from before that is not in this run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Absent {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `gone`, `quiet`, `not_observed`, `resolved`.
    pub state: String,
    /// Why, in a sentence.
    pub reason: String,
    /// Its priority then.
    pub priority: String,
    /// Entries then.
    pub before: u64,
}

/// A cluster against the baseline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Delta {
    /// `new`, `back` (not in the last run that would have shown it, but in one before), `up`, `down`, `steady`, or
    /// `not_observed` where nothing before could show it.
    pub verdict: String,
    /// Entries then.
    pub before: u64,
    /// Entries per covered hour then.
    pub before_per_hour: f64,
    /// Entries per covered hour now.
    pub now_per_hour: f64,
    /// Now divided by then; `None` if there were none then.
    pub ratio: Option<f64>,
    /// Standard deviations between the two rates.
    pub z: f64,
}
