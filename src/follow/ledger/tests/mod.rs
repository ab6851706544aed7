//! The ledger over several runs.

mod file;
mod order;
mod settings;

use super::*;
use crate::follow::testing::{Story, cluster, print, time};
use crate::follow::tracker::KnownIssues;
use crate::model::Worklog;

fn state(worklog: &Worklog, title: &str) -> String {
    worklog.clusters.iter().find(|one| one.title == title).map(|one| one.state.clone()).unwrap_or_default()
}

fn absent(worklog: &Worklog, title: &str) -> String {
    let comparison = worklog.comparison.as_ref().unwrap();
    comparison.absent.iter().find(|one| one.title == title).map(|one| one.state.clone()).unwrap_or_default()
}

fn absent_of(comparison: &crate::model::Comparison) -> Vec<&str> {
    comparison.absent.iter().map(|one| one.title.as_str()).collect()
}

fn reasons(worklog: &Worklog, title: &str) -> String {
    worklog.clusters.iter().find(|one| one.title == title).map(|one| one.state_reasons.join("; ")).unwrap_or_default()
}

fn tracker() -> KnownIssues {
    let issues = serde_json::json!([
        {"number": 169, "title": "GCP-staging | P2 | Session access failed", "body": "", "state": "CLOSED", "stateReason": "COMPLETED",
         "createdAt": "2025-09-01T00:00:00Z", "closedAt": "2025-09-11T18:00:00Z", "url": "https://github.com/o/r/issues/169",
         "closedByPullRequestsReferences": [{"number": 421}]},
        {"number": 7, "title": "Another thing", "body": "", "state": "OPEN", "createdAt": "2025-09-01T00:00:00Z"}
    ]);
    KnownIssues::parse(issues.to_string().as_bytes()).unwrap().0
}

/// The story of the sample worklogs: 11, 12, 14 (night) and 14 (afternoon) September.
fn story() -> [Worklog; 4] {
    let accept = |line: u64, count| {
        cluster("Need to call accept first", count).with(|cluster| {
            cluster.locations.push(crate::model::Location { line_min: Some(line), ..Default::default() });
        })
    };
    [
        Story::new("2025-09-11T05:00:00Z", 1)
            .with(cluster("Session access failed", 20).revision("b-00580-aaa"))
            .with(cluster("Loguru timestamp", 20).service("auth"))
            .done(),
        Story::new("2025-09-12T22:00:00Z", 1)
            .with(cluster("Session access failed", 15).revision("b-00588-bbb"))
            .with(cluster("Circuit breaker", 50).revision("b-00588-bbb"))
            .done(),
        Story::new("2025-09-14T02:00:00Z", 1)
            .with(cluster("Session access failed", 18).revision("b-00597-hxd"))
            .with(accept(1489, 42).revision("b-00597-hxd"))
            .with(cluster("Circuit breaker", 55).revision("b-00597-hxd"))
            .done(),
        Story::new("2025-09-14T14:00:00Z", 1)
            .with(accept(1490, 40).revision("b-00611-cr5"))
            .with(cluster("Circuit breaker", 900).revision("b-00611-cr5"))
            .done(),
    ]
}

#[test]
fn the_story_of_the_samples() {
    let known = tracker();
    let [mut first, mut second, mut third, mut fourth] = story();
    let mut ledger = Ledger::default();
    ledger.apply(&mut first, Some(&known));
    assert_eq!(state(&first, "Session access failed"), "recurring", "{}", reasons(&first, "Session access failed"));
    assert!(first.comparison.as_ref().unwrap().first_run);
    assert_eq!(reasons(&first, "Loguru timestamp"), "no earlier run covers it, so it may be older");
    ledger.apply(&mut second, Some(&known));
    assert_eq!(state(&second, "Session access failed"), "regressed", "{}", reasons(&second, "Session access failed"));
    assert!(reasons(&second, "Session access failed").contains("b-00588-bbb is newer than b-00580-aaa"));
    assert_eq!(absent(&second, "Loguru timestamp"), "not_observed");
    assert_eq!(state(&second, "Circuit breaker"), "new");
    assert_eq!(reasons(&second, "Circuit breaker"), "not in the earlier run that covers it");
    assert!(!second.comparison.as_ref().unwrap().first_run);
    let breaker = second.clusters[1].id.clone();
    let expected = Mark::Expected { until: None, max_rate_per_hour: None };
    ledger.mark(&breaker, &expected, "staging circuit breaker", "ops").unwrap();
    ledger.apply(&mut third, Some(&known));
    assert_eq!(state(&third, "Circuit breaker"), "expected");
    assert!(third.clusters[2].expected.is_some());
    assert_eq!(state(&third, "Session access failed"), "regressed");
    assert_eq!(state(&third, "Need to call accept first"), "new");
    ledger.apply(&mut fourth, Some(&known));
    assert_eq!(state(&fourth, "Need to call accept first"), "recurring");
    assert_eq!(state(&fourth, "Circuit breaker"), "escalating", "{}", reasons(&fourth, "Circuit breaker"));
    assert_eq!(fourth.clusters[1].expected, None);
    assert_eq!(absent(&fourth, "Session access failed"), "quiet");
    assert_eq!(absent(&fourth, "Loguru timestamp"), "not_observed");
    assert!(ledger.verify().is_empty());
    let history = ledger.history(&breaker).unwrap();
    assert_eq!(history.len(), 4);
    assert!(history[1].text.contains("marked expected"));
}

#[test]
fn what_is_known_from_before_says_since_when_and_when_it_came_back() {
    let seen = |start: &str| Story::new(start, 24).with(cluster("Rate table missing", 20)).done();
    let (mut first, mut second) = (seen("2025-11-03T00:00:00Z"), seen("2025-11-17T00:00:00Z"));
    let mut ledger = Ledger::default();
    ledger.apply(&mut first, None);
    assert_eq!(first.clusters[0].known_since, None);
    let fixed = Mark::Resolved { at: Some(time("2025-11-09T23:00:00Z")), revision: String::new() };
    ledger.mark(&first.clusters[0].id, &fixed, "", "ops").unwrap();
    ledger.apply(&mut second, None);
    assert_eq!(second.clusters[0].known_since, Some(time("2025-11-03T00:00:00Z")));
    let told = reasons(&second, "Rate table missing");
    let expected = "fixed at 2025-11-09T23:00:00Z (decision), seen again at 2025-11-17T00:00:00Z; ";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn the_same_archive_twice_changes_nothing() {
    let known = tracker();
    let mut ledger = Ledger::default();
    for mut run in story() {
        let twin = run.clone();
        ledger.apply(&mut run, Some(&known));
        let bytes = ledger.to_bytes();
        for again in [twin.clone(), run.clone()] {
            let mut again = again;
            ledger.apply(&mut again, Some(&known));
            assert_eq!(String::from_utf8(ledger.to_bytes()), String::from_utf8(bytes.clone()));
            let states = |worklog: &Worklog| -> Vec<(String, String, Vec<String>)> {
                let all = worklog.clusters.iter();
                all.map(|one| (one.id.clone(), one.state.clone(), one.state_reasons.clone())).collect()
            };
            assert_eq!(states(&again), states(&run));
        }
    }
    assert_eq!(ledger.runs.len(), 4);
}

#[test]
fn a_late_archive_is_judged_by_its_event_time() {
    let [mut first, _, _, _] = story();
    let mut ledger = Ledger::default();
    for mut run in story().into_iter().skip(1) {
        ledger.apply(&mut run, None);
    }
    ledger.apply(&mut first, None);
    assert_eq!(state(&first, "Session access failed"), "new");
}

#[test]
fn ids_last_when_clusters_are_joined_split_and_renamed() {
    let mut ledger = Ledger::default();
    let run = |day: u32| Story::new(&format!("2025-09-{day}T00:00:00Z"), 10);
    let mut first = run(11).with(cluster("a", 100)).with(cluster("b", 10)).done();
    ledger.apply(&mut first, None);
    let (a, b) = (first.clusters[0].id.clone(), first.clusters[1].id.clone());
    let joined = cluster("joined", 110).with(|one| one.fingerprints = vec![print("b"), print("a"), print("c")]);
    let mut second = run(12).with(joined).done();
    let own = second.clusters[0].id.clone();
    second.clusters[0].related.push(crate::model::Related { cluster: own, ..Default::default() });
    ledger.apply(&mut second, None);
    assert!([&a, &b].contains(&&second.clusters[0].id));
    assert_eq!(second.clusters[0].related[0].cluster, second.clusters[0].id);
    assert!(second.comparison.as_ref().unwrap().absent.is_empty());
    let mut third = run(13).with(cluster("a", 100)).with(cluster("b", 10)).with(cluster("c", 10)).done();
    ledger.apply(&mut third, None);
    let ids: BTreeSet<&String> = third.clusters.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!((&third.clusters[0].id, &third.clusters[1].id), (&a, &b));
    assert!(ledger.verify().is_empty(), "{:?}", ledger.verify());
    ledger.mark(&a, &Mark::Renamed("A better name".into()), "", "me").unwrap();
    ledger.mark(&a, &Mark::Priority(Some("P0".into())), "pays the bills", "me").unwrap();
    let mut fourth = run(14).with(cluster("a", 100)).done();
    ledger.apply(&mut fourth, None);
    assert_eq!((fourth.clusters[0].title.as_str(), fourth.clusters[0].priority.as_str()), ("A better name", "P0"));
    assert_eq!(ledger.entries[&a].title, "a");
}

#[test]
fn a_decision_outlives_a_drift_of_the_wording() {
    let mut ledger = Ledger::default();
    let mut first = Story::new("2025-09-11T00:00:00Z", 10).with(cluster("breaker", 100)).done();
    ledger.apply(&mut first, None);
    let id = first.clusters[0].id.clone();
    ledger.mark(&id, &Mark::Expected { until: None, max_rate_per_hour: None }, "staging", "me").unwrap();
    let drifted = cluster("breaker", 100).with(|one| one.fingerprints = vec![print("breaker at <ts>")]);
    let mut second = Story::new("2025-09-12T00:00:00Z", 10).with(drifted).done();
    ledger.apply(&mut second, None);
    assert_eq!((second.clusters[0].id.as_str(), second.clusters[0].state.as_str()), (id.as_str(), "expected"));
    assert!(second.comparison.as_ref().unwrap().absent.is_empty());
    assert_eq!(ledger.entries[&id].fingerprints, [print("breaker"), print("breaker at <ts>")].into());
    assert!(ledger.verify().is_empty());
}

#[test]
fn people_merge_split_and_alias() {
    let mut ledger = Ledger::default();
    let mut first = Story::new("2025-09-11T00:00:00Z", 10).with(cluster("a", 100)).with(cluster("b", 10)).done();
    ledger.apply(&mut first, None);
    let (a, b) = (first.clusters[0].id.clone(), first.clusters[1].id.clone());
    ledger.merge(&b, &a, "me").unwrap();
    assert!(ledger.merge(&a, &b, "me").is_err());
    assert!(ledger.merge(&a, &a, "me").is_err());
    ledger.mark(&a, &Mark::Ignored { until: None }, "noise", "me").unwrap();
    let mut second = Story::new("2025-09-12T00:00:00Z", 10).with(cluster("b", 10)).done();
    ledger.apply(&mut second, None);
    assert_eq!(state(&second, "b"), "ignored");
    ledger.split(&b, None, "me").unwrap();
    ledger.apply(&mut second, None);
    assert_eq!(state(&second, "b"), "recurring");
    ledger.alias(&b, print("b2"), "me").unwrap();
    assert!(ledger.alias(&a, print("b2"), "me").is_err());
    let mut third = Story::new("2025-09-13T00:00:00Z", 10).with(cluster("b2", 10)).done();
    ledger.apply(&mut third, None);
    assert_eq!(third.clusters[0].id, b);
    let new = ledger.split(&b, Some(print("b2")), "me").unwrap();
    assert!(new != b && ledger.verify().is_empty());
    assert!(ledger.split(&b, Some(print("zz")), "me").is_err());
    assert!(ledger.mark("LG-none", &Mark::Open, "", "").unwrap_err().contains("ledger show"));
    assert!(ledger.mark(&a, &Mark::Priority(Some("P11".into())), "", "").is_err());
}

#[test]
fn old_runs_are_swept_and_decisions_stay() {
    let mut ledger = Ledger::default();
    for day in 10..20 {
        let mut run = Story::new(&format!("2025-09-{day}T00:00:00Z"), 10).with(cluster(&format!("c{day}"), 5)).done();
        ledger.apply(&mut run, None);
    }
    let kept = ledger.entries.iter().find(|(_, entry)| entry.title == "c10").map(|(id, _)| id.clone()).unwrap();
    ledger.mark(&kept, &Mark::Ignored { until: None }, "", "me").unwrap();
    let swept = ledger.gc(4);
    assert_eq!((swept.runs, swept.entries, ledger.runs.len(), ledger.entries.len()), (6, 5, 4, 5));
    assert_eq!(ledger.gc(4), Swept::default());
}

#[test]
fn long_quiet_clusters_are_counted_not_listed() {
    let mut ledger = Ledger::default();
    let run = |day: u32| Story::new(&format!("2025-09-{day}T00:00:00Z"), 10).with(cluster("other", 50));
    ledger.apply(&mut run(10).with(cluster("quiet", 50)).done(), None);
    let mut listed = Vec::new();
    for day in 11..16 {
        let mut worklog = run(day).done();
        ledger.apply(&mut worklog, None);
        listed.push(worklog.comparison.as_ref().unwrap().absent.len());
    }
    assert_eq!(listed, [1, 1, 1, 0, 0]);
}

#[test]
fn a_reopened_issue_is_not_resolved() {
    let mut ledger = Ledger::default();
    let [mut first, mut second, mut third, _] = story();
    ledger.apply(&mut first, Some(&tracker()));
    ledger.apply(&mut second, Some(&tracker()));
    let reopened = serde_json::json!([{"number": 169, "title": "x", "body": "", "state": "OPEN", "stateReason": "REOPENED",
        "createdAt": "2025-09-01T00:00:00Z"}]);
    let (reopened, _) = KnownIssues::parse(reopened.to_string().as_bytes()).unwrap();
    ledger.apply(&mut third, Some(&reopened));
    assert_eq!(state(&third, "Session access failed"), "regressed");
    let id = &third.clusters[0].id;
    assert_eq!(ledger.entries[id].issue.as_ref().unwrap().state, "open");
    assert_eq!(ledger.entries[id].issue.as_ref().unwrap().closed_at, Some(time("2025-09-11T18:00:00Z")));
}

/// What earlier runs saw and the last one did not is not new when it comes again.
#[test]
fn what_comes_again_is_back_and_not_new() {
    let day = |day: u32| Story::new(&format!("2025-09-{day:02}T00:00:00Z"), 24).with(cluster("Steady", 48));
    let mut ledger = Ledger::default();
    for mut run in [day(1).with(cluster("Lost lock", 24)).done(), day(2).done()] {
        ledger.apply(&mut run, None);
    }
    let mut third = day(3).with(cluster("Lost lock", 24)).with(cluster("Fresh", 24)).done();
    ledger.apply(&mut third, None);
    let verdict = |title: &str| {
        let one = third.clusters.iter().find(|one| one.title == title).unwrap();
        one.delta.as_ref().map(|delta| delta.verdict.clone()).unwrap()
    };
    assert_eq!([verdict("Steady"), verdict("Lost lock"), verdict("Fresh")], ["steady", "back", "new"]);
}

#[test]
fn a_reworded_message_is_known_since_its_first_wording() {
    let day =
        |day: u32, title: &str| Story::new(&format!("2025-09-{day:02}T00:00:00Z"), 24).with(cluster(title, 48)).done();
    let mut ledger = Ledger::default();
    let (mut before, mut after, mut later) = (day(1, "Failed"), day(2, "Could not"), day(3, "Could not"));
    ledger.apply(&mut before, None);
    ledger.apply(&mut after, None);
    ledger.merge(&after.clusters[0].id, &before.clusters[0].id, "me").unwrap();
    ledger.apply(&mut later, None);
    assert_eq!(later.clusters[0].known_since, Some(time("2025-09-01T00:00:00Z")));
}

/// A month that is merged behind its weeks, and a window that is longer than the time between two runs.
#[test]
fn what_overlapping_runs_saw_is_never_told_as_not_observed() {
    let days = |day: u32, days: i64| {
        Story::new(&format!("2025-09-{day:02}T00:00:00Z"), 24 * days).with(cluster("Steady", 48 * days.unsigned_abs()))
    };
    let verdict = |run: &Worklog, title: &str| {
        let one = run.clusters.iter().find(|one| one.title == title).unwrap();
        one.delta.as_ref().map(|delta| delta.verdict.clone())
    };
    let mut ledger = Ledger::default();
    ledger.apply(&mut days(1, 4).done(), None);
    let mut second = days(2, 4).done();
    ledger.apply(&mut second, None);
    assert_eq!((state(&second, "Steady"), verdict(&second, "Steady")), ("recurring".to_owned(), None));
    let mut third = days(5, 4).done();
    ledger.apply(&mut third, None);
    assert_eq!(verdict(&third, "Steady").as_deref(), Some("steady"), "the first of them can be compared with");
    ledger.apply(&mut days(6, 4).with(cluster("Late", 9)).done(), None);
    let mut last = days(7, 4).with(cluster("Late", 9)).done();
    ledger.apply(&mut last, None);
    assert_eq!((verdict(&last, "Steady").as_deref(), verdict(&last, "Late")), (Some("steady"), None));
}

/// A fix that did not hold says nothing of the next one, and the tracker of this run is asked, not what the ledger knew.
#[test]
fn a_second_fix_resolves() {
    let issue = |closed: &str| {
        let closed = if closed.is_empty() { "" } else { &format!(r#","state":"CLOSED","closedAt":"{closed}""#) };
        let text = format!(r#"[{{"number":7,"title":"Lost lock","body":""{closed}}}]"#);
        KnownIssues::parse(text.as_bytes()).unwrap().0
    };
    let day = |day: u32| Story::new(&format!("2025-09-{day:02}T00:00:00Z"), 24).with(cluster("Steady", 48));
    let lost = |number: u32| day(number).with(cluster("Lost lock", 24)).done();
    let mut ledger = Ledger::default();
    ledger.apply(&mut lost(1), Some(&issue("")));
    let mut closed = day(2).done();
    ledger.apply(&mut closed, Some(&issue("2025-09-02T00:00:00Z")));
    assert_eq!(absent(&closed, "Lost lock"), "resolved", "closed since the last run");
    let mut back = lost(3);
    ledger.apply(&mut back, Some(&issue("2025-09-02T00:00:00Z")));
    assert_eq!(state(&back, "Lost lock"), "regressed");
    let (mut quiet, mut again) = (day(5).done(), day(6).done());
    ledger.apply(&mut quiet, Some(&issue("")));
    assert_eq!(absent(&quiet, "Lost lock"), "quiet", "open again");
    ledger.apply(&mut again, Some(&issue("2025-09-05T00:00:00Z")));
    assert_eq!(absent(&again, "Lost lock"), "resolved");
}

/// A service that was removed is not told of for ever, and what stopped stands before what nothing can be said of.
#[test]
fn what_no_run_shows_any_more_is_counted_not_listed() {
    let day = |day: u32| Story::new(&format!("2025-09-{day:02}T00:00:00Z"), 24).with(cluster("Steady", 48));
    let mut ledger = Ledger::default();
    let gone = cluster("Old thumbnails", 48).service("thumbnailer").priority("P0");
    ledger
        .apply(&mut day(1).with(gone).with(cluster("Quiet", 48)).with(cluster("Loud", 48).priority("P1")).done(), None);
    let mut listed = Vec::new();
    for number in 2..6 {
        let mut run = day(number).done();
        ledger.apply(&mut run, None);
        listed.push(run.comparison.unwrap());
    }
    assert_eq!(absent_of(&listed[0]), ["Loud", "Quiet", "Old thumbnails"]);
    assert_eq!(absent_of(&listed[2]), ["Loud", "Quiet", "Old thumbnails"]);
    assert_eq!(absent_of(&listed[3]), [""; 0]);
    let notes = listed[3].notes.join(" ");
    assert!(notes.contains("1 cluster that has been out of sight for 3 runs or more is not listed"), "{notes}");
}

#[test]
fn one_quiet_cluster_is_told_as_one() {
    let day = |day: u32| Story::new(&format!("2025-09-{day:02}T00:00:00Z"), 24).with(cluster("Steady", 48));
    let mut ledger = Ledger::default();
    ledger.apply(&mut day(1).with(cluster("Quiet", 48)).done(), None);
    for quiet in 2..5 {
        ledger.apply(&mut day(quiet).done(), None);
    }
    let mut last = day(5).done();
    ledger.apply(&mut last, None);
    let notes = last.comparison.unwrap().notes.join(" ");
    assert!(notes.contains("1 cluster that has been quiet for 3 runs or more is not listed"), "{notes}");
    let reasons = last.clusters[0].state_reasons.join(" ");
    assert!(!reasons.contains("-0.0"), "{reasons}");
}

#[test]
fn a_title_that_is_taken_back_is_noted_as_that() {
    let mut ledger = Ledger::default();
    ledger.apply(&mut Story::new("2025-09-01T00:00:00Z", 24).with(cluster("Lost lock", 24)).done(), None);
    let id = ledger.entries.keys().next().unwrap().clone();
    for title in ["Locks", ""] {
        ledger.mark(&id, &Mark::Renamed(title.into()), "", "").unwrap();
    }
    let notes: Vec<&str> = ledger.entries[&id].notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["renamed to \"Locks\"", "title taken back"]);
}
