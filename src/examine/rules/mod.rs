//! Files of rules in, what they say about each cluster out. docs/rules.md describes the language.
//!
//! Rules hold in the order they are written. Of settings with one value the first rule that matches and sets one wins;
//! labels, actions and `priority_add` of all matching rules add up.

mod apply;
mod condition;
mod examples;
mod explain;
mod matcher;
mod read;
mod regroup;
mod sections;
mod settings;
mod toml_reader;
mod words;

#[cfg(test)]
mod tests;

use regex::Regex;

use crate::model::{Fingerprint, JsonText, Timestamp};
use crate::query::Query;

pub use condition::Subject;
pub use examples::{Example, ExampleResult, test_examples};
pub use explain::{Explained, explain};

pub(super) use apply::{Bounds, Outcome, apply};
pub(super) use regroup::regroup;

use condition::Condition;

/// Judges a stored entry by a query: given by the caller, since entries are read in another stage.
pub type Evaluate = fn(&JsonText, &Query) -> bool;

/// All that the files of rules say.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The rules in the order they are written, file by file.
    pub rules: Vec<Rule>,
    /// The user's flows.
    pub flows: Vec<Flow>,
    /// Masks for messages: name and regular expression.
    pub masks: Vec<(String, String)>,
    /// What else is to be redacted: kind and regular expression.
    pub redact: Vec<(String, String)>,
    /// Values that stay, as regular expressions.
    pub redact_allow: Vec<String>,
    /// The files, each with its number of rules.
    pub sources: Vec<String>,
}

impl Rules {
    /// The rules of this and then of another file.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.rules.extend(other.rules);
        self.flows.extend(other.flows);
        self.masks.extend(other.masks);
        self.redact.extend(other.redact);
        self.redact_allow.extend(other.redact_allow);
        self.sources.extend(other.sources);
        self
    }

    /// Whether some rule changes which patterns are one cluster.
    pub fn regroups(&self) -> bool {
        self.rules.iter().any(Rule::regroups)
    }
}

/// One rule: what it is about, and what it says.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name; unique over all files.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The line it starts in.
    pub line: usize,
    /// All of these hold for a cluster it matches.
    conditions: Vec<Condition>,
    /// What it sets.
    says: Says,
    /// Entries it is to match.
    pub matches: Vec<Example>,
    /// Entries it is to pass over.
    pub passes: Vec<Example>,
}

impl Rule {
    fn regroups(&self) -> bool {
        self.says.group_key.is_some() || self.says.split_by.is_some() || !self.says.mask.is_empty()
    }
}

/// What a rule sets; absent settings stay as they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Says {
    group_key: Option<String>,
    split_by: Option<SplitBy>,
    mask: Vec<Regex>,
    title: Option<String>,
    priority: Option<u8>,
    priority_add: i64,
    min_priority: Option<u8>,
    max_priority: Option<u8>,
    category: Option<String>,
    impact: Option<String>,
    business_impact: Option<String>,
    flow: Option<String>,
    component: Option<String>,
    owner: Option<String>,
    labels: Vec<String>,
    expected: Option<ExpectedRule>,
    actions: Vec<(String, String)>,
    runbook: Option<String>,
    issue: Option<u64>,
    note: Option<String>,
}

/// By what a rule splits a cluster into several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SplitBy {
    Pattern,
    Module,
    Function,
    Service,
    Severity,
    Exception,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct ExpectedRule {
    reason: String,
    until: Option<Timestamp>,
    max_rate_per_hour: Option<f64>,
}

/// A flow of the user's: what stands in it, and what it is worth.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Its name.
    pub name: String,
    conditions: Vec<Condition>,
    points: i64,
    statement: String,
}

/// A stable id for a cluster that a rule made.
fn made_id(parts: &[&str]) -> String {
    let text = Fingerprint::of(parts).to_string();
    format!("LG-{}", text.get(4..14).unwrap_or_default())
}
