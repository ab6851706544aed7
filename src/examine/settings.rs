//! What a run asks of the examination, as plain data.

use crate::model::{Severity, Timestamp, Window};

use super::newest::Newest;
use super::rules::{Evaluate, Rules};

/// What was asked of a run, as far as examining a Digest needs it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The least severity whose entries become clusters.
    pub min_severity: Severity,
    /// The `--focus` of the run.
    pub focus: String,
    /// The time the worklog speaks from; that of the newest entry where it is not given.
    pub now: Option<Timestamp>,
    /// The filter, as it was typed.
    pub filter: String,
    /// How many samples a cluster shows.
    pub samples: usize,
    /// How coarse clusters are, 0 to 1.
    pub similarity: f64,
    /// Additional masks that the entries were counted with, as `NAME=REGEX`; sorted.
    pub masks: Vec<String>,
    /// The window asked for, where the run was given one.
    pub requested: Option<Window>,
    /// What a window relative to the newest entry was counted from.
    pub newest: Option<Newest>,
    /// The user's rules.
    pub rules: Option<Rules>,
    /// Judges a stored entry by a query; without one, no `match` of a rule holds.
    pub evaluate: Evaluate,
    /// `on`, `strict` or `off`.
    pub policy: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_severity: Severity::Notice,
            focus: "latest".to_owned(),
            now: None,
            filter: String::new(),
            samples: 3,
            similarity: 0.5,
            masks: Vec::new(),
            requested: None,
            newest: None,
            rules: None,
            evaluate: |_, _| false,
            policy: "on".to_owned(),
        }
    }
}
