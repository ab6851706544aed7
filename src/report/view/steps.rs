//! A worklog in, what to do with it next out, a sentence each.

use crate::model::{Cluster, Issue, Worklog};

/// What to do with the worklog itself; what to do about the issues comes from rules and logs alone.
pub(super) fn next_steps(worklog: &Worklog, in_need: &[&Cluster]) -> Vec<String> {
    let mut steps = Vec::new();
    let numbers = |wanted: &dyn Fn(&&&Cluster) -> bool| {
        let numbers: Vec<u64> = in_need.iter().filter(wanted).map(|one| one.number).collect();
        let noun = if numbers.len() == 1 { "cluster" } else { "clusters" };
        (!numbers.is_empty()).then(|| format!("{noun} {}", spans(&numbers)))
    };
    if let Some(urgent) = numbers(&|cluster| matches!(cluster.priority.as_str(), "P0" | "P1")) {
        steps.push(format!("Act on {urgent} first (P0 and P1)."));
    }
    if let Some(unclear) = numbers(&|cluster| cluster.issue.as_ref().is_some_and(|issue| issue.action == "review")) {
        steps.push(format!("Decide which issue {unclear} belongs to; the issue table says why it is open."));
    }
    let writes = clusters_with(worklog, is_drafted);
    let left = clusters_with(worklog, |issue| is_drafted(issue) && issue.result == "pending");
    let changes = |count: u64| if count == 1 { "1 issue change".to_owned() } else { format!("{count} issue changes") };
    if writes > 0 && !is_recorded(worklog) {
        steps.push(format!("Write the drafts of {} (log-gardener issues draft) and review them.", changes(writes)));
    } else if left > 0 {
        steps.push(format!("Apply what is left of the drafts: {} (apply.sh skips what is done).", changes(left)));
    } else if worklog.issues_summary.by_action.is_empty() && !in_need.is_empty() {
        steps.push("Match the clusters with an export of the issue tracker (log-gardener issues plan).".into());
    }
    if !worklog.coverage.next_export.is_empty() {
        steps.push("Export again to see what this export cannot tell:".into());
    }
    steps
}

fn clusters_with(worklog: &Worklog, wanted: impl Fn(&Issue) -> bool) -> u64 {
    worklog.clusters.iter().filter_map(|cluster| cluster.issue.as_ref()).filter(|issue| wanted(issue)).count() as u64
}

/// Whether the plan asks to write something into the tracker.
fn is_drafted(issue: &Issue) -> bool {
    matches!(issue.action.as_str(), "create" | "comment" | "reopen" | "retitle")
}

/// A plan alone leaves what is to be written pending; everything else comes from what was done.
pub(super) fn is_recorded(worklog: &Worklog) -> bool {
    let is_done = |issue: &Issue| match issue.result.as_str() {
        "created" | "updated" | "reopened" => true,
        "maintained" | "skipped" => is_drafted(issue),
        _ => false,
    };
    clusters_with(worklog, is_done) > 0
}

/// `1, 2 and 4 to 9`.
fn spans(numbers: &[u64]) -> String {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match spans.last_mut() {
            Some(last) if last.1 + 1 == *number => last.1 = *number,
            _ => spans.push((*number, *number)),
        }
    }
    let shown = |(from, to): (u64, u64)| match to - from {
        0 => vec![from.to_string()],
        1 => vec![from.to_string(), to.to_string()],
        _ => vec![format!("{from} to {to}")],
    };
    let shown: Vec<String> = spans.into_iter().flat_map(shown).collect();
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        for (numbers, told) in
            [(&[3][..], "3"), (&[1, 2], "1 and 2"), (&[1, 2, 4, 5, 6, 9], "1, 2, 4 to 6 and 9"), (&[4, 5, 6], "4 to 6")]
        {
            assert_eq!(spans(numbers), told);
        }
    }

    /// Drafts are to be written until something was done, then what is left is to be applied, then nothing.
    #[test]
    fn drafts_are_written_applied_and_done() {
        let told = |results: [&str; 2]| {
            let issue = |result: &str| Issue { action: "create".into(), result: result.into(), ..Issue::default() };
            let clusters = results.map(|result| Cluster { issue: Some(issue(result)), ..Cluster::default() }).to_vec();
            let mut worklog = Worklog { clusters, ..Worklog::default() };
            worklog.issues_summary.by_action.insert("create".into(), 2);
            next_steps(&worklog, &[]).join(" ")
        };
        assert!(told(["pending", "pending"]).starts_with("Write the drafts of 2 issue changes"));
        assert!(told(["created", "pending"]).starts_with("Apply what is left of the drafts: 1 issue change "));
        assert_eq!(told(["created", "maintained"]), "");
    }
}
