//! A worklog, the tracker's issues and the ledger in; what to do in the tracker about each cluster, and why, out.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::decision::{Reported, decide};
use super::ledger::{IssueLink, Ledger};
use super::matching::{Finding, Index, Named};
use super::title::{draft_title, moved_title};
use super::tracker::KnownIssues;
use crate::model::{Issue, IssuesSummary, Worklog};

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

/// Decides for every cluster; totals of the summary add up to the number of clusters.
pub fn plan(worklog: &mut Worklog, known: &KnownIssues, ledger: Option<&Ledger>, settings: &PlanSettings) {
    attach(worklog, Some(known), ledger);
    let mut taken = BTreeSet::new();
    for cluster in &mut worklog.clusters {
        let link = ledger.and_then(|ledger| ledger.link(&cluster.id));
        let mut issue = cluster.issue.take().unwrap_or_default();
        let held = issue.number.and_then(|number| known.get(number));
        // Clusters stand in the order of their urgency.
        let is_second = issue.number.is_some_and(|number| taken.contains(&number));
        let reported = Reported { link, held, is_second };
        let labels: Vec<String> = issue.labels.iter().chain(&settings.labels).cloned().collect();
        let wanted = PlanSettings { labels, ..settings.clone() };
        let decision = decide(cluster, &issue, held, reported, &wanted);
        taken.extend(issue.number.filter(|_| decision.result != "skipped"));
        issue.title = match held.filter(|_| decision.action == "retitle") {
            Some(held) => moved_title(cluster, &held.title),
            None => draft_title(cluster),
        };
        issue.labels.extend(settings.labels.iter().cloned());
        issue.labels.sort();
        issue.labels.dedup();
        issue.action = decision.action.into();
        issue.reason = decision.reason;
        if decision.action == "create" && !cluster.incident.is_empty() && cluster.incident != cluster.id {
            let _ = write!(issue.reason, "; it comes and goes with {}: one issue may tell of both", cluster.incident);
        }
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
    let index = known.map(|known| Index::new(known, &worklog.clusters));
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

#[cfg(test)]
mod tests {
    use super::super::marker::marker;
    use super::super::testing::{Made, Story, cluster};
    use super::*;
    use crate::model::Timestamp;
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

    /// The title is that of the most urgent one; what was told of one says nothing about the other.
    #[test]
    fn two_clusters_may_be_one_issue() {
        let (first, second) = (cluster("Session access failed", 40), cluster("Session is lost", 4).priority("P3"));
        let told = marker(&cluster("Session access failed", 40).done()).replace("-->", "seen=2025-09-14T00:00:00Z -->");
        let mut issues = issue("OPEN", "", "GCP-new | P2 | Sessions", &told);
        issues[0]["comments"] =
            json!([{"body": marker(&cluster("Session is lost", 4).done()).replace("09-1", "08-1")}]);
        let mut worklog = Story::new("2025-09-12T00:00:00Z", 24).with(first).with(second).done();
        plan(&mut worklog, &tracker(&issues), None, &PlanSettings::default());
        let told: Vec<(&str, Option<u64>)> = worklog
            .clusters
            .iter()
            .map(|cluster| cluster.issue.as_ref().map(|issue| (issue.action.as_str(), issue.number)).unwrap())
            .collect();
        assert_eq!(told, [("skip", Some(169)), ("comment", Some(169))]);
    }

    #[test]
    fn of_an_incident_all_but_the_first_say_so() {
        let [first, second, alone] =
            ["Pool is empty", "Checkout failed", "Cache is cold"].map(|title| cluster(title, 4));
        let lead = first.done().id;
        let part = |made: Made| made.with(|cluster| cluster.incident.clone_from(&lead));
        let story = Story::new("2025-09-12T00:00:00Z", 24).with(part(cluster("Pool is empty", 4))).with(part(second));
        let mut worklog = story.with(alone).done();
        plan(&mut worklog, &KnownIssues::default(), None, &PlanSettings::default());
        let said: Vec<bool> = worklog
            .clusters
            .iter()
            .map(|cluster| cluster.issue.as_ref().is_some_and(|issue| issue.reason.contains(&lead)))
            .collect();
        assert_eq!(said, [false, true, false]);
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
}
