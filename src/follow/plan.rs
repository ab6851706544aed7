//! A worklog, the tracker's issues and the ledger in; what to do in the tracker about each cluster, and why, out.

use super::ledger::{IssueLink, Ledger};
use super::matching::{Finding, Index, Named};
use super::tracker::{IssueState, KnownIssue, KnownIssues};
use super::words::framed;
use crate::model::{Cluster, Issue, IssuesSummary, Timestamp, Worklog};

/// How issues are to be filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSettings {
    /// Labels that issues get.
    pub labels: Vec<String>,
    /// The least urgent priority (0 for P0) that gets an issue of its own.
    pub least_priority: u8,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self { labels: vec!["log-gardener".into()], least_priority: 4 }
    }
}

/// GitHub's limit for titles.
const TITLE_LIMIT: usize = 256;

/// Decides for every cluster; totals of the summary add up to the number of clusters.
pub fn plan(worklog: &mut Worklog, known: &KnownIssues, ledger: Option<&Ledger>, settings: &PlanSettings) {
    attach(worklog, Some(known), ledger);
    for cluster in &mut worklog.clusters {
        let link = ledger.and_then(|ledger| ledger.link(&cluster.id));
        let mut issue = cluster.issue.take().unwrap_or_default();
        let held = issue.number.and_then(|number| known.get(number));
        let reported = Reported { link, held };
        let labels: Vec<String> = issue.labels.iter().chain(&settings.labels).cloned().collect();
        let wanted = PlanSettings { labels, ..settings.clone() };
        let decision = decide(cluster, &issue, held, reported, &wanted);
        issue.title = draft_title(cluster);
        issue.labels.extend(settings.labels.iter().cloned());
        issue.labels.sort();
        issue.labels.dedup();
        issue.action = decision.action.into();
        issue.reason = decision.reason;
        issue.result = decision.result.into();
        cluster.issue = Some(issue);
    }
    summarize(worklog);
}

/// Counts actions and results.
pub(super) fn summarize(worklog: &mut Worklog) {
    let mut summary = IssuesSummary::default();
    for issue in worklog.clusters.iter().filter_map(|cluster| cluster.issue.as_ref()) {
        if !issue.action.is_empty() {
            *summary.by_action.entry(issue.action.clone()).or_default() += 1;
        }
        *summary.by_result.entry(issue.result.clone()).or_default() += 1;
    }
    worklog.issues_summary = summary;
}

/// Looks up the issue of every cluster; what to do about it is decided later.
pub(super) fn attach(worklog: &mut Worklog, known: Option<&KnownIssues>, ledger: Option<&Ledger>) {
    let index = known.map(Index::new);
    for cluster in &mut worklog.clusters {
        let preset = cluster.issue.take();
        let link = ledger.and_then(|ledger| ledger.link(&cluster.id));
        let pinned = preset.as_ref().and_then(by_rule);
        let named = pinned.or_else(|| link.map(by_ledger));
        let mut issue = match &index {
            Some(index) => Some(found(index.find(cluster, named), known)),
            None => named.map(|named| Issue {
                number: Some(named.number),
                score: 1.0,
                evidence: vec![named.evidence],
                ..Issue::default()
            }),
        };
        if let (Some(issue), Some(link)) = (&mut issue, link.filter(|link| link.number > 0))
            && issue.number == Some(link.number)
        {
            issue.url = if issue.url.is_empty() { link.url.clone() } else { std::mem::take(&mut issue.url) };
            issue.state = if issue.state.is_empty() { link.state.clone() } else { std::mem::take(&mut issue.state) };
        }
        if let (Some(issue), Some(preset)) = (&mut issue, preset) {
            // A rule may say that no issue is wanted, or what was done already is recorded.
            issue.result = preset.result;
            issue.labels = preset.labels;
            if preset.action == "skip" && preset.evidence.first().is_some_and(|why| why.starts_with("rule ")) {
                issue.action = preset.action;
                issue.evidence = preset.evidence;
            }
        }
        cluster.issue = issue;
    }
}

/// The issue a rule names: it says so as the reason, and afterwards as the evidence.
fn by_rule(issue: &Issue) -> Option<Named> {
    let said = [Some(&issue.reason), issue.evidence.first()];
    let evidence = said.into_iter().flatten().find(|why| why.starts_with("rule "))?.clone();
    Some(Named { number: issue.number?, evidence })
}

fn by_ledger(link: &IssueLink) -> Named {
    let why = if link.by.is_empty() { String::new() } else { format!(" ({})", link.by) };
    let why = if link.by.starts_with("linked in the ledger") {
        link.by.clone()
    } else {
        format!("linked in the ledger{why}")
    };
    Named { number: link.number, evidence: why }
}

fn found(finding: Finding, known: Option<&KnownIssues>) -> Issue {
    match finding {
        Finding::Sure(found) => {
            let held = known.and_then(|known| known.get(found.number));
            Issue {
                number: Some(found.number),
                url: held.map(|issue| issue.url.clone()).unwrap_or_default(),
                state: held.map(|issue| issue.state.name().to_string()).unwrap_or_default(),
                score: found.score,
                evidence: found.evidence,
                candidates: found.others,
                ..Issue::default()
            }
        }
        Finding::Doubtful(candidates, reason) => {
            Issue { action: "review".into(), evidence: vec![reason], candidates, ..Issue::default() }
        }
        Finding::Nothing(candidates) => Issue { candidates, ..Issue::default() },
    }
}

struct Decision {
    action: &'static str,
    reason: String,
    result: &'static str,
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
struct Reported<'a> {
    link: Option<&'a IssueLink>,
    held: Option<&'a KnownIssue>,
}

fn decide(
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
            Decision::to_do("reopen", format!("issue #{number} was closed at {at}; it was seen again at {last}"))
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
    if let Some(moved) = moved(cluster, held, settings) {
        return Decision::to_do("retitle", format!("issue #{number} is open; {moved}"));
    }
    if let Some(at) = reported.until()
        && cluster.last_seen.is_some_and(|last| last <= at)
    {
        return Decision::maintained("skip", format!("issue #{number} is open and knows of everything up to {at}"));
    }
    Decision::to_do("comment", format!("issue #{number} is open; here is what is new"))
}

impl Reported<'_> {
    /// Up to when entries were reported: as recorded, or as the last comment of ours says.
    fn until(&self) -> Option<Timestamp> {
        let recorded = self.link.and_then(|link| link.reported);
        let said = self.held.into_iter().flat_map(|issue| std::iter::once(&issue.body).chain(&issue.comments));
        said.filter_map(|text| super::marker::reported_until(text)).chain(recorded).max()
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

/// `GCP-{category} | {priority} | {name}`, on one line and within GitHub's limit.
fn draft_title(cluster: &Cluster) -> String {
    let category = if cluster.category.is_empty() { "new".into() } else { plain(&cluster.category) };
    let title = format!("GCP-{category} | {} | {}", cluster.priority, plain(&cluster.title));
    shorten(&title, TITLE_LIMIT)
}

/// One line without control characters.
pub(super) fn plain(text: &str) -> String {
    let visible: String = text.chars().map(|letter| if invisible(letter) { ' ' } else { letter }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Controls, and what turns the direction of text or hides in it.
fn invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Cut to `limit` UTF-16 units with an ellipsis at the end.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.encode_utf16().count() <= limit {
        return text.to_string();
    }
    let mut units = 0;
    let mut short: String = text
        .chars()
        .take_while(|letter| {
            units += letter.len_utf16();
            units < limit
        })
        .collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::super::marker::marker;
    use super::super::testing::{Made, Story, cluster};
    use super::*;
    use serde_json::json;

    fn tracker(issues: &serde_json::Value) -> KnownIssues {
        KnownIssues::parse(issues.to_string().as_bytes()).unwrap().0
    }

    fn issue(state: &str, reason: &str, title: &str, body: &str) -> serde_json::Value {
        json!([
            {"number": 169, "title": title, "body": body, "state": state, "stateReason": reason, "labels": [{"name": "log-gardener"}],
             "createdAt": "2025-09-01T00:00:00Z", "closedAt": if state == "CLOSED" { Some("2025-09-11T18:00:00Z") } else { None },
             "url": "https://github.com/o/r/issues/169"},
            {"number": 3, "title": "unrelated", "body": "", "state": "CLOSED"}
        ])
    }

    fn action(made: Made, issues: &serde_json::Value, ledger: Option<&Ledger>) -> Issue {
        let mut worklog = Story::new("2025-09-12T00:00:00Z", 24).with(made).done();
        plan(&mut worklog, &tracker(issues), ledger, &PlanSettings::default());
        assert_eq!(worklog.issues_summary.by_action.values().sum::<u64>(), 1);
        assert_eq!(worklog.issues_summary.by_result.values().sum::<u64>(), 1);
        worklog.clusters[0].issue.clone().unwrap()
    }

    #[test]
    fn the_decision_table() {
        let made = || cluster("Session access failed", 40);
        let mark = marker(&made().done());
        let marked = |state: &str, reason: &str| issue(state, reason, "Session", &mark);
        let none = issue("OPEN", "", "something else", "");
        let state = |state: &str| {
            let state = state.to_string();
            made().with(|cluster| cluster.state = state)
        };
        let old = || made().with(|cluster| cluster.last_seen = Timestamp::parse("2025-09-11T05:00:00Z"));
        let table = vec![
            (made(), none.clone(), "create", "pending"),
            (made().priority("P7"), none.clone(), "skip", "skipped"),
            (state("expected"), marked("OPEN", ""), "skip", "skipped"),
            (state("ignored"), none.clone(), "skip", "skipped"),
            (made(), marked("OPEN", ""), "comment", "pending"),
            (state("regressed"), marked("CLOSED", "COMPLETED"), "reopen", "pending"),
            (made(), marked("CLOSED", ""), "reopen", "pending"),
            (state("lingering"), marked("CLOSED", "COMPLETED"), "link", "maintained"),
            (old(), marked("CLOSED", "COMPLETED"), "link", "maintained"),
            (state("regressed"), marked("CLOSED", "NOT_PLANNED"), "skip", "skipped"),
            (made(), marked("CLOSED", "DUPLICATE"), "review", "pending"),
            (made(), issue("OPEN", "", "GCP-new | P2 | Session", &mark), "comment", "pending"),
            (made(), issue("OPEN", "", "GCP-new | P3 | Session", &mark), "retitle", "pending"),
            (made(), issue("OPEN", "", "GCP-old | P2 | Session", &mark), "retitle", "pending"),
        ];
        for (made, issues, expected, result) in table {
            let planned = action(made, &issues, None);
            assert_eq!((planned.action.as_str(), planned.result.as_str()), (expected, result), "{planned:?}");
            assert!(!planned.reason.is_empty());
        }
    }

    #[test]
    fn nothing_new_is_not_commented_again() {
        let made = || cluster("Session access failed", 40);
        let mut text = marker(&made().done());
        text = text.replace("-->", "seen=2025-09-13T00:00:00Z -->");
        let planned = action(made(), &issue("OPEN", "", "Session", &text), None);
        assert_eq!((planned.action.as_str(), planned.result.as_str()), ("skip", "maintained"));
        let earlier = text.replace("09-13", "09-12");
        assert_eq!(action(made(), &issue("OPEN", "", "Session", &earlier), None).action, "comment");
    }

    #[test]
    fn rules_pin_and_forbid() {
        let pinned = cluster("Anything at all", 5).with(|cluster| {
            cluster.issue = Some(Issue { number: Some(3), reason: "rule sessions pins it".into(), ..Issue::default() });
        });
        let planned = action(pinned, &issue("OPEN", "", "x", ""), None);
        assert_eq!((planned.number, planned.evidence[0].as_str()), (Some(3), "rule sessions pins it"));
        let forbidden = cluster("Anything at all", 5).with(|cluster| {
            cluster.issue =
                Some(Issue { action: "skip".into(), evidence: vec!["rule noise".into()], ..Issue::default() });
        });
        assert_eq!(action(forbidden, &issue("OPEN", "", "x", ""), None).action, "skip");
    }

    #[test]
    fn titles_are_one_short_line() {
        let cluster = cluster("a\nb \u{202e}c \u{1b}[31m", 1).done();
        assert_eq!(draft_title(&cluster), "GCP-new | P2 | a b c [31m");
        let long = Cluster { title: "😀".repeat(300), ..cluster };
        assert!(draft_title(&long).encode_utf16().count() <= 256);
    }
}
