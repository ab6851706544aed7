//! What is known of the issues of a tracker and what to do in it: of each cluster, and counted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to do in the issue tracker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Issue {
    /// `create`, `comment`, `reopen`, `retitle`, `link`, `skip`, `review`.
    pub action: String,
    /// The issue's number, if it exists.
    pub number: Option<u64>,
    /// Its address.
    pub url: String,
    /// Its state: `open`, `closed`, `not_planned`, or empty.
    pub state: String,
    /// How sure the match is, 0 to 1.
    pub score: f64,
    /// What the match rests on.
    pub evidence: Vec<String>,
    /// The title it should have.
    pub title: String,
    /// The labels it should have.
    pub labels: Vec<String>,
    /// Why this action.
    pub reason: String,
    /// Other candidates and related issues.
    pub candidates: Vec<Candidate>,
    /// What was done: `created`, `updated`, `reopened`, `maintained`, `skipped`, `pending`.
    pub result: String,
}

/// An issue that may be the one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Candidate {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its state.
    pub state: String,
    /// How alike, 0 to 1.
    pub score: f64,
    /// `candidate` or `related`.
    pub relation: String,
}

/// Clusters by what to do with them in the issue tracker; totals add up to the clusters planned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct IssuesSummary {
    /// Clusters by action.
    pub by_action: BTreeMap<String, u64>,
    /// Clusters by result: pending, skipped and maintained from the plan on, the rest after recording.
    pub by_result: BTreeMap<String, u64>,
}
