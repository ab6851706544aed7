//! Stage 4: findings in, findings across runs out.

mod again;
mod baseline;
mod change;
mod compare;
mod cover;
mod decision;
mod draft;
mod ledger;
mod living;
mod marker;
mod matching;
mod plan;
mod record;
mod revision;
mod script;
mod state;
mod texts;
mod title;
mod tracker;
mod words;
#[cfg(test)]
mod testing;

pub use change::show as rate;
pub use compare::{Refusal, compare, state_by_verdict};
pub use cover::Cover;
pub use draft::{Draft, Render, drafts};
pub use ledger::{
    Decision, Entry, IssueLink, Ledger, LedgerFile, Line, Mark, Note, Observation, Pin, Resolution, Swept,
};
pub use living::{Damage, update};
pub use marker::marker;
pub use plan::{PlanSettings, plan};
pub use record::{Recorded, read_results, record_in_ledger, record_in_worklog};
pub use revision::{Revisions, compare as compare_revisions};
pub use tracker::{IssueState, KnownIssue, KnownIssues, check_repo, export_command};

use crate::model::{Fingerprint, Worklog};

/// What makes a run the same run: its entries and the filter they passed, never paths or clusters.
///
/// So a renamed archive, or one read again by a newer version, is the run that is already known.
pub fn run_id(worklog: &Worklog) -> String {
    let totals = &worklog.totals;
    let mut parts = vec![format!("{:?}", (worklog.window.start, worklog.window.end, totals.analysed))];
    parts.push(worklog.entries_id.clone());
    parts.extend(totals.by_severity.iter().map(|(severity, count)| format!("{severity}={count}")));
    for counts in [&totals.by_service, &totals.by_revision] {
        parts.extend(counts.iter().map(|(name, count)| format!("{name}={count}")));
    }
    parts.push(worklog.method.filter.clone());
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let hex = format!("{:032x}", Fingerprint::of(&parts).bits());
    format!("run-{}", hex.chars().take(16).collect::<String>())
}
