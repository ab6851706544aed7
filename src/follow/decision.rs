//! A cluster and the issue it is in, what to do in the tracker and why out: the decision table.

use super::again::Trail;
use super::ledger::IssueLink;
use super::marker::read_marker;
use super::plan::PlanSettings;
use super::title::plain;
use super::tracker::{IssueState, KnownIssue};
use super::words::framed;
use crate::model::{Cluster, Issue, Timestamp};

/// What to do about a cluster, and why.
pub(super) struct Decision {
    /// `create`, `comment`, ...
    pub action: &'static str,
    /// Why, in a sentence.
    pub reason: String,
    /// What there is to record before anything is done.
    pub result: &'static str,
}

impl Decision {
    fn to_do(action: &'static str, reason: impl Into<String>) -> Self {
        Self { action, reason: reason.into(), result: "pending" }
    }

    fn skip(reason: impl Into<String>) -> Self {
        Self { action: "skip", reason: reason.into(), result: "skipped" }
    }

    fn maintained(action: &'static str, reason: impl Into<String>) -> Self {
        Self { action, reason: reason.into(), result: "maintained" }
    }
}

/// What was last said in the tracker about a cluster.
#[derive(Clone, Copy)]
pub(super) struct Reported<'a> {
    /// The link in the ledger.
    pub link: Option<&'a IssueLink>,
    /// The issue, with the marks in its texts.
    pub held: Option<&'a KnownIssue>,
    /// Whether a more urgent cluster has the same issue, so that its title is about that one.
    pub is_second: bool,
}

/// Decides by the state of the cluster and that of its issue.
pub(super) fn decide(
    cluster: &Cluster,
    issue: &Issue,
    held: Option<&KnownIssue>,
    reported: Reported<'_>,
    settings: &PlanSettings,
) -> Decision {
    match cluster.state.as_str() {
        "expected" | "ignored" => {
            return Decision::skip(format!("{} behaviour needs no issue", cluster.state));
        }
        _ => {}
    }
    if !cluster.details_of.is_empty() {
        return Decision::skip(format!(
            "it carries the details of {}, which has its own entry here",
            cluster.details_of
        ));
    }
    if issue.action == "skip" {
        return Decision::skip(issue.evidence.first().cloned().unwrap_or_default());
    }
    if issue.action == "review" {
        return Decision::to_do("review", format!("a person has to choose: {}", issue.evidence.join("; ")));
    }
    let Some(number) = issue.number else { return without_issue(cluster, settings) };
    let Some(held) = held else {
        return Decision::to_do("review", format!("issue #{number} is linked but not in this export of the tracker"));
    };
    match held.state {
        IssueState::NotPlanned => {
            Decision::skip(format!("issue #{number} was closed as not planned; it is never filed again"))
        }
        IssueState::Duplicate => Decision::to_do(
            "review",
            format!("issue #{number} was closed as a duplicate; the one it repeats is to be named"),
        ),
        IssueState::Completed => closed(cluster, number, held),
        IssueState::Open => open(cluster, number, held, reported, settings),
    }
}

fn without_issue(cluster: &Cluster, settings: &PlanSettings) -> Decision {
    let level = cluster.priority.strip_prefix('P').and_then(|digits| digits.parse::<u8>().ok());
    if level.is_some_and(|level| level > settings.least_priority) {
        let least = settings.least_priority;
        return Decision::skip(format!("{} is below P{least}, the least that gets an issue", cluster.priority));
    }
    if matches!(cluster.state.as_str(), "resolved" | "lingering") {
        return Decision::skip(format!("it is {}", cluster.state));
    }
    Decision::to_do("create", "no issue in the tracker is like it")
}

/// A closed issue is opened again only by entries from after its closing, on something newer than the fix.
fn closed(cluster: &Cluster, number: u64, held: &KnownIssue) -> Decision {
    let Some(at) = held.closed_at else {
        return Decision::to_do("review", format!("issue #{number} is closed, but the export does not say when"));
    };
    match (cluster.state.as_str(), cluster.last_seen) {
        ("lingering" | "resolved", _) => {
            Decision::maintained("link", format!("issue #{number} is closed, and this is {}", cluster.state))
        }
        (_, Some(last)) if last > at => {
            let again = Trail::of(cluster).after(at).unwrap_or_else(|| format!("seen again by {last}"));
            Decision::to_do("reopen", format!("issue #{number} was closed at {at}; it was {again}"))
        }
        _ => Decision::maintained("link", format!("issue #{number} was closed at {at}; no entry is later")),
    }
}

fn open(
    cluster: &Cluster,
    number: u64,
    held: &KnownIssue,
    reported: Reported<'_>,
    settings: &PlanSettings,
) -> Decision {
    if let Some(moved) = moved(cluster, held, settings).filter(|_| !reported.is_second) {
        return Decision::to_do("retitle", format!("issue #{number} is open; {moved}"));
    }
    if let Some(at) = reported.until(cluster)
        && cluster.last_seen.is_some_and(|last| last <= at)
    {
        return Decision::maintained("skip", format!("issue #{number} is open and knows of everything up to {at}"));
    }
    Decision::to_do("comment", format!("issue #{number} is open; here is what is new"))
}

impl Reported<'_> {
    /// Up to when entries were reported: as recorded, or as the last comment of ours says.
    fn until(&self, cluster: &Cluster) -> Option<Timestamp> {
        let recorded = self.link.and_then(|link| link.reported);
        let said = self.held.into_iter().flat_map(|issue| std::iter::once(&issue.body).chain(&issue.comments));
        let marks = said.filter_map(|text| read_marker(text)).filter(|mark| mark.is_of(cluster));
        marks.filter_map(|mark| mark.seen).chain(recorded).max()
    }
}

/// What no longer fits in a title of our form, or which labels are missing on an issue of ours.
fn moved(cluster: &Cluster, held: &KnownIssue, settings: &PlanSettings) -> Option<String> {
    let frame = framed(&held.title)?;
    let category = plain(&cluster.category);
    if frame.priority != cluster.priority && !cluster.priority.is_empty() {
        return Some(format!("its priority moved from {} to {}", frame.priority, cluster.priority));
    }
    if frame.category != category && !category.is_empty() {
        return Some(format!("its category moved from {} to {category}", frame.category));
    }
    let missing: Vec<&str> =
        settings.labels.iter().filter(|label| !held.labels.contains(*label)).map(String::as_str).collect();
    (!missing.is_empty()).then(|| format!("it lacks the label {}", missing.join(", ")))
}
