//! What was done in the tracker in (the log of `apply.sh`, or lines by hand); numbers in ledger and worklog out.

use std::collections::BTreeMap;

use super::ledger::{IssueLink, Ledger};
use super::marker::safe_id;
use super::plan::summarize;
use crate::model::{Issue, Worklog};

/// What a log of results told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Results by cluster.
    pub results: BTreeMap<String, (u64, String)>,
    /// Lines that could not be used, with their number and why.
    pub problems: Vec<String>,
}

/// The results there are.
const RESULTS: [&str; 6] = ["created", "updated", "reopened", "maintained", "skipped", "pending"];
/// How many bad lines are listed.
const LISTED: usize = 20;

/// Reads results: `KEY <tab> ID <tab> NUMBER <tab> RESULT` as `apply.sh` writes it, or `ID NUMBER RESULT` by hand.
///
/// Of several lines about one cluster the last one counts; empty lines and those behind `#` do not.
pub fn read_results(text: &str) -> Recorded {
    let mut recorded = Recorded::default();
    for (place, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let tabs: Vec<&str> = line.split('\t').collect();
        let (id, number, result) = match tabs.as_slice() {
            [_, id, number, result] => (*id, *number, *result),
            _ => match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                [id, number, result] => (*id, *number, *result),
                [id, number] => (*id, *number, "updated"),
                _ => ("", "", ""),
            },
        };
        let number = number.trim_start_matches('#').parse::<u64>();
        let number = number.ok().filter(|number| *number > 0);
        match (safe_id(id).as_str(), number, RESULTS.contains(&result)) {
            ("", _, _) => problem(&mut recorded, place, "no cluster (LG-...)"),
            (_, None, _) => problem(&mut recorded, place, "no number of an issue"),
            (_, _, false) => problem(
                &mut recorded,
                place,
                "no result; there are created, updated, reopened, maintained, skipped, pending",
            ),
            // Half of a step: the rest of the log tells whether it was completed.
            (_, Some(_), _) if result == "pending" => {}
            (id, Some(number), _) => {
                recorded.results.insert(id.to_string(), (number, result.to_string()));
            }
        }
    }
    recorded
}

fn problem(recorded: &mut Recorded, place: u64, what: &str) {
    if recorded.problems.len() < LISTED {
        recorded.problems.push(format!("line {place}: {what}"));
    }
}

/// Puts results into the worklog; the totals add up to the clusters that were planned. Unknown clusters come back.
pub fn record_in_worklog(worklog: &mut Worklog, recorded: &Recorded, repo: &str) -> Vec<String> {
    let mut left: BTreeMap<&String, &(u64, String)> = recorded.results.iter().collect();
    for cluster in &mut worklog.clusters {
        let Some((number, result)) = left.remove(&cluster.id) else { continue };
        let issue = cluster.issue.get_or_insert_with(Issue::default);
        if issue.number != Some(*number) {
            issue.url = String::new();
        }
        issue.number = Some(*number);
        issue.result.clone_from(result);
        if issue.url.is_empty() {
            issue.url = address(repo, *number);
        }
        if matches!(result.as_str(), "created" | "reopened") {
            issue.state = "open".into();
        }
    }
    for cluster in &mut worklog.clusters {
        if let Some(issue) = cluster.issue.as_mut().filter(|issue| issue.result.is_empty()) {
            issue.result = "pending".into();
        }
    }
    summarize(worklog);
    left.into_keys().cloned().collect()
}

/// Puts results into the ledger, so that the next run finds the issues without looking; unknown clusters come back.
///
/// With the worklog the drafts were made from, the ledger also learns up to when the tracker was told.
pub fn record_in_ledger(
    ledger: &mut Ledger,
    recorded: &Recorded,
    worklog: Option<&Worklog>,
    repo: &str,
) -> Vec<String> {
    let mut unknown = Vec::new();
    for (id, (number, result)) in &recorded.results {
        let Some(entry) = ledger.entries.get_mut(id) else {
            unknown.push(id.clone());
            continue;
        };
        let link = entry.issue.get_or_insert_with(IssueLink::default);
        if link.number != *number {
            *link = IssueLink { number: *number, url: address(repo, *number), ..IssueLink::default() };
        }
        link.by = "recorded".into();
        if matches!(result.as_str(), "created" | "reopened") {
            link.state = "open".into();
        }
        let told = worklog.and_then(|worklog| worklog.clusters.iter().find(|cluster| cluster.id == *id));
        if matches!(result.as_str(), "created" | "updated" | "reopened") {
            link.reported = link.reported.into_iter().chain(told.and_then(|cluster| cluster.last_seen)).max();
        }
    }
    unknown
}

fn address(repo: &str, number: u64) -> String {
    match super::tracker::check_repo(repo) {
        Ok(()) if repo.split('/').count() == 2 => format!("https://github.com/{repo}/issues/{number}"),
        Ok(()) => format!("https://{repo}/issues/{number}"),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{PlanSettings, plan};
    use super::super::testing::{Story, cluster};
    use super::super::tracker::KnownIssues;
    use super::*;

    #[test]
    fn logs_and_lines_by_hand() {
        let text = "run-1 LG-aa create\tLG-aa\t640\tcreated\nrun-1 LG-bb reopen comment\tLG-bb\t169\tpending\n\
                    run-1 LG-bb reopen\tLG-bb\t169\treopened\n# by hand\n\nLG-cc #89 updated\nLG-dd 7\n\
                    LG-ee x updated\nrm -rf /\nLG-ff 3 exploded\nLG-01 0\n";
        let recorded = read_results(text);
        let told: Vec<(&str, u64, &str)> =
            recorded.results.iter().map(|(id, (number, result))| (id.as_str(), *number, result.as_str())).collect();
        assert_eq!(
            told,
            [("LG-aa", 640, "created"), ("LG-bb", 169, "reopened"), ("LG-cc", 89, "updated"), ("LG-dd", 7, "updated")]
        );
        assert_eq!(recorded.problems.len(), 4);
        assert!(recorded.problems[0].starts_with("line 8"));
    }

    #[test]
    fn totals_add_up_and_the_next_run_knows() {
        let issues = r#"[{"number":1,"title":"something else","body":"","state":"OPEN"}]"#;
        let known = KnownIssues::parse(issues.as_bytes()).unwrap().0;
        let mut worklog = Story::new("2025-09-12T00:00:00Z", 24)
            .with(cluster("Routing of messages failed", 40))
            .with(cluster("Session access failed", 40))
            .with(cluster("noise", 1).priority("P9"))
            .done();
        let mut ledger = Ledger::default();
        ledger.apply(&mut worklog, Some(&known));
        plan(&mut worklog, &known, Some(&ledger), &PlanSettings::default());
        let first = worklog.clusters[0].id.clone();
        let recorded = read_results(&format!("{first} 640 created\nLG-0123 5 updated\n"));
        assert_eq!(record_in_worklog(&mut worklog, &recorded, "o/r"), ["LG-0123"]);
        assert_eq!(record_in_ledger(&mut ledger, &recorded, Some(&worklog), "o/r"), ["LG-0123"]);
        let issue = worklog.clusters[0].issue.as_ref().unwrap();
        assert_eq!((issue.number, issue.url.as_str()), (Some(640), "https://github.com/o/r/issues/640"));
        let totals: Vec<(&str, u64)> =
            worklog.issues_summary.by_result.iter().map(|(result, count)| (result.as_str(), *count)).collect();
        assert_eq!(totals, [("created", 1), ("pending", 1), ("skipped", 1)]);
        let mut next = Story::new("2025-09-13T00:00:00Z", 24).with(cluster("Routing of messages failed", 40)).done();
        let issues = r#"[{"number":640,"title":"renamed by people","body":"","state":"OPEN"}]"#;
        let known = KnownIssues::parse(issues.as_bytes()).unwrap().0;
        ledger.apply(&mut next, Some(&known));
        plan(&mut next, &known, Some(&ledger), &PlanSettings::default());
        assert_eq!(next.clusters[0].issue.as_ref().unwrap().number, Some(640));
        assert_eq!(next.clusters[0].issue.as_ref().unwrap().action, "comment");
        let mut same = worklog.clone();
        plan(&mut same, &known, Some(&ledger), &PlanSettings::default());
        assert_eq!(same.clusters[0].issue.as_ref().unwrap().result, "maintained");
    }
}
