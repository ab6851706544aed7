//! What people decided and what became of the issue in, when and where a cluster was fixed out.

use super::Entry;
use crate::follow::state::Fix;
use crate::follow::tracker::{IssueState, KnownIssues};
use crate::follow::words::because;
use crate::model::{Cluster, Timestamp};

/// A fix whose words are its own.
pub(super) struct OwnedFix {
    at: Timestamp,
    revision: String,
    source: String,
}

impl OwnedFix {
    pub(super) fn borrow(&self) -> Fix<'_> {
        Fix { at: self.at, revision: &self.revision, source: &self.source }
    }
}

impl Entry {
    /// When it was fixed and who says so: the later one of a decision and of the closing of its issue, which the tracker
    /// knows better than the ledger.
    pub(super) fn fixed(&self, known: Option<&KnownIssues>) -> Option<(Timestamp, String)> {
        let decided = self.resolution.as_ref().map(|fix| (fix.at, because("decision", &fix.reason)));
        let closed = self.issue.as_ref().and_then(|link| {
            let told = known.and_then(|known| known.get(link.number));
            let at = match told {
                Some(issue) => issue.closed_at.filter(|_| issue.state == IssueState::Completed),
                None => link.closed_at.filter(|_| link.state == IssueState::Completed.name()),
            };
            at.map(|at| (at, format!("issue #{}, closed as completed", link.number)))
        });
        decided.into_iter().chain(closed).max()
    }
}

/// The fix a cluster is held against: decided, or its issue's last closing as completed.
pub(super) fn fix(root: &Entry, cluster: &Cluster, known: Option<&KnownIssues>) -> Option<OwnedFix> {
    let decided = root.resolution.as_ref().map(|fix| OwnedFix {
        at: fix.at,
        revision: fix.revision.clone(),
        source: because("decision", &fix.reason),
    });
    let number = cluster.issue.as_ref().filter(|issue| issue.action != "review").and_then(|issue| issue.number);
    let issue = number.and_then(|number| known?.get(number));
    let link = root.issue.as_ref().filter(|link| number.is_none_or(|number| number == link.number));
    let (number, is_open, at) = match (issue, link) {
        (Some(issue), link) => {
            let closed = issue.closed_at.filter(|_| issue.state == IssueState::Completed);
            let before = link.and_then(|link| link.closed_at);
            (
                issue.number,
                issue.state == IssueState::Open,
                closed.or(before.filter(|_| issue.state == IssueState::Open)),
            )
        }
        (None, Some(link)) => (link.number, link.state == "open", link.closed_at),
        (None, None) => return decided,
    };
    // An issue that was opened again is not resolved; but what came after its closing has come back all the same.
    let back = !is_open || cluster.last_seen.zip(at).is_some_and(|(last, at)| last > at);
    let closed = at.filter(|_| back).map(|at| OwnedFix {
        at,
        revision: String::new(),
        source: format!("issue #{number}, closed as completed"),
    });
    decided.into_iter().chain(closed).max_by_key(|fix| fix.at)
}
