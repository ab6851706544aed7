//! Memory across runs: worklogs in, what is known of their clusters and what people decided out.
//!
//! A run is known by its entries, and what a run saw is kept per run and never added up, so the same archive twice
//! changes nothing and archives may overlap.

mod absent;
mod decide;
mod file;
mod fixed;
mod identity;
mod recall;
mod remember;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use decide::{Line, Mark, Swept};
pub use file::LedgerFile;

use super::cover::Cover;
use super::revision::Revisions;
use crate::model::{Expected, Fingerprint, Severity, Span, Timestamp};

/// What is remembered across runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The runs, by what identifies them.
    pub runs: BTreeMap<String, Cover>,
    /// When revisions ran.
    pub revisions: Revisions,
    /// The clusters, by id.
    pub entries: BTreeMap<String, Entry>,
}

/// What is remembered of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its title when last seen.
    pub title: String,
    /// Its pattern when last seen.
    pub pattern: String,
    /// All fingerprints and aliases that mean it.
    pub fingerprints: BTreeSet<Fingerprint>,
    /// Earliest entry over all runs.
    pub first_seen: Option<Timestamp>,
    /// Latest entry over all runs.
    pub last_seen: Option<Timestamp>,
    /// The title people gave it; empty if none.
    pub renamed: String,
    /// The priority people gave it.
    pub pinned: Option<Pin>,
    /// Whether people call it expected or to be ignored.
    pub decision: Option<Decision>,
    /// Where people say it was fixed.
    pub resolution: Option<Resolution>,
    /// The cluster it was merged into; empty if none.
    pub merged_into: String,
    /// The cluster whose part it was until it was grouped apart; empty if none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part_of: String,
    /// Its issue in the tracker.
    pub issue: Option<IssueLink>,
    /// What each run saw of it, by run.
    pub seen: BTreeMap<String, Observation>,
    /// What people did to it, oldest first; only ever added to.
    pub notes: Vec<Note>,
}

/// A priority given by a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// `P0` to `P10`.
    pub priority: String,
    /// Why.
    pub reason: String,
}

/// Expected or ignored, and how far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `expected` or `ignored`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// The event time from which it no longer holds.
    pub until: Option<Timestamp>,
    /// The rate above which it no longer holds, three digits kept.
    pub max_rate_per_hour: Option<f64>,
}

impl Decision {
    fn expected(&self) -> Option<Expected> {
        (self.kind == "expected").then(|| Expected {
            reason: self.reason.clone(),
            until: self.until,
            max_rate_per_hour: self.max_rate_per_hour,
            source: "ledger".into(),
        })
    }
}

/// Where something was fixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// The first revision with the fix; empty if not known.
    pub revision: String,
    /// Why.
    pub reason: String,
}

/// An issue in the tracker, as last known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueLink {
    /// Its number.
    pub number: u64,
    /// Its address.
    pub url: String,
    /// `open`, `closed`, `not_planned`, `duplicate`.
    pub state: String,
    /// When it was filed.
    pub created_at: Option<Timestamp>,
    /// When it was last closed as completed; kept when it is opened again.
    pub closed_at: Option<Timestamp>,
    /// What the link rests on: `record`, `mark`, or the evidence of a match.
    pub by: String,
    /// The latest entry that was reported there.
    pub reported: Option<Timestamp>,
}

/// What one run saw of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Entries.
    pub count: u64,
    /// Variance by mean of its buckets, in thousandths.
    pub dispersion: u64,
    /// Earliest entry.
    pub first_seen: Option<Timestamp>,
    /// Latest entry.
    pub last_seen: Option<Timestamp>,
    /// The highest severity.
    pub severity: Severity,
    /// Its priority then.
    pub priority: String,
    /// Its state then.
    pub state: String,
    /// Why that state.
    pub reasons: Vec<String>,
    /// Services it was seen in.
    pub services: BTreeSet<String>,
    /// Logs it was seen in.
    pub logs: BTreeSet<String>,
    /// Revisions it was seen on.
    pub revisions: BTreeSet<String>,
    /// The cluster that it was grouped with in this run, which counts its entries as well; empty if none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
}

/// Something a person did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// As of when, in event time.
    pub at: Option<Timestamp>,
    /// Who, as given; empty if not.
    pub by: String,
    /// What.
    pub text: String,
}

impl Ledger {
    /// The id of the cluster that `id` was merged into in the end, or `id` itself.
    pub fn root<'a>(&'a self, id: &'a str) -> &'a str {
        let mut at = id;
        // A damaged chain could be a ring; it is left after as many steps as there are entries.
        for _ in 0..=self.entries.len() {
            match self.entries.get(at) {
                Some(entry) if !entry.merged_into.is_empty() => at = &entry.merged_into,
                _ => return at,
            }
        }
        id
    }

    /// What was decided of a cluster, or of the one that it was part of, as long as nobody said anything about itself.
    fn decision_of<'l>(&'l self, entry: &'l Entry, whole: Option<&str>) -> Option<&'l Decision> {
        let whole = whole.filter(|_| entry.notes.is_empty()).and_then(|whole| self.entries.get(whole));
        entry.decision.as_ref().or_else(|| whole?.decision.as_ref())
    }

    /// The latest event time of all runs.
    pub fn newest(&self) -> Option<Timestamp> {
        self.runs.values().filter_map(|cover| cover.end).max()
    }

    fn owners(&self) -> BTreeMap<Fingerprint, &str> {
        let all = self.entries.iter();
        all.flat_map(|(id, entry)| entry.fingerprints.iter().map(move |print| (*print, id.as_str()))).collect()
    }
}

/// Span names of a cluster, for what is kept of it.
fn names(spans: &[Span]) -> BTreeSet<String> {
    spans.iter().map(|span| span.name.clone()).collect()
}

#[cfg(test)]
mod tests;
