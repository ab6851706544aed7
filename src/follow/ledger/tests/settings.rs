//! What a team sets otherwise from run to run makes nothing new, gone, rarer or more frequent.

use super::*;

fn run(day: u32) -> Story {
    Story::new(&format!("2025-09-{day}T00:00:00Z"), 10)
}

fn masked(mut worklog: Worklog, masks: &[&str]) -> Worklog {
    worklog.method.masks = masks.iter().map(|mask| (*mask).to_owned()).collect();
    worklog
}

/// One cluster of some parts, as entries of each.
fn joined(title: &str, parts: &[(&str, u64)]) -> crate::follow::testing::Made {
    cluster(title, parts.iter().map(|(_, count)| count).sum()).with(|one| {
        one.fingerprints = parts.iter().map(|(name, _)| print(name)).collect();
        let variant = |(name, count): &(&str, u64)| crate::model::Variant {
            pattern: (*name).into(),
            fingerprint: print(name),
            count: *count,
        };
        one.variants = parts.iter().map(variant).collect();
    })
}

fn ids(worklog: &Worklog) -> Vec<&str> {
    worklog.clusters.iter().map(|cluster| cluster.id.as_str()).collect()
}

fn states(worklog: &Worklog) -> Vec<&str> {
    worklog.clusters.iter().map(|cluster| cluster.state.as_str()).collect()
}

#[test]
fn a_cluster_that_a_mask_rewords_is_known_by_its_words() {
    let plain = || cluster("a", 50).pattern("Cannot sync ticket <*>-<*> with the help desk");
    let reworded = || {
        let one = cluster("b", 50).pattern("Cannot sync ticket <ticket> with the help desk");
        one.with(|one| one.title = "b".into())
    };
    let mask = ["ticket=[A-Z]+-[a-z]+"];
    let mut ledger = Ledger::default();
    let mut first = run(11).with(plain()).done();
    ledger.apply(&mut first, None);
    let mut second = masked(run(12).with(reworded()).done(), &mask);
    ledger.apply(&mut second, None);
    assert_eq!((ids(&second), states(&second)), (ids(&first), vec!["recurring"]));
    let comparison = second.comparison.as_ref().unwrap();
    assert!(comparison.absent.is_empty());
    assert!(comparison.notes.iter().any(|note| note.contains("masks") && note.contains("ticket")), "{comparison:?}");
    // Either way is known from then on, and the same archive again changes nothing.
    let before = ledger.to_bytes();
    let mut again = masked(run(12).with(reworded()).done(), &mask);
    ledger.apply(&mut again, None);
    assert_eq!(ledger.to_bytes(), before);
    let mut third = run(13).with(plain()).done();
    ledger.apply(&mut third, None);
    assert_eq!((ids(&third), states(&third)), (ids(&first), vec!["recurring"]));
}

#[test]
fn words_alone_tell_nothing_where_masks_are_the_same_or_two_read_alike() {
    let story = |masks: &[&str], others: Vec<crate::follow::testing::Made>| {
        let mut ledger = Ledger::default();
        let mut first = run(11).with(cluster("a", 50).pattern("Cannot sync <*> with the help desk")).done();
        ledger.apply(&mut first, None);
        let mut second = masked(others.into_iter().fold(run(12), Story::with).done(), masks);
        ledger.apply(&mut second, None);
        states(&second).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let other = |title: &str| cluster(title, 50).pattern("Cannot sync <ticket> with the help desk");
    assert_eq!(story(&["ticket=x"], vec![other("b")]), ["recurring"]);
    assert_eq!(story(&[], vec![other("b")]), ["new"]);
    assert_eq!(story(&["ticket=x"], vec![other("b"), other("c")]), ["new", "new"]);
    assert_eq!(story(&["ticket=x"], vec![other("b").service("billing")]), ["new"]);
    let unlike = cluster("b", 50).pattern("Cannot open <ticket> in the help desk");
    assert_eq!(story(&["ticket=x"], vec![unlike]), ["new"]);
}

#[test]
fn clusters_grouped_apart_and_together_are_neither_new_nor_rarer_nor_more_frequent() {
    let mut ledger = Ledger::default();
    let whole = |a: u64, b: u64, c: u64| joined("whole", &[("a", a), ("b", b), ("c", c)]);
    let mut first = run(11).with(whole(300, 310, 290)).done();
    ledger.apply(&mut first, None);
    let id = first.clusters[0].id.clone();
    let mut second = run(12).with(whole(310, 290, 300)).done();
    ledger.apply(&mut second, None);
    let parts = |day: u32, a: u64, b: u64, c: u64| {
        run(day).with(cluster("a", a)).with(cluster("b", b)).with(cluster("c", c)).done()
    };
    for day in [13, 14] {
        let mut parted = parts(day, 300, 310, 290);
        ledger.apply(&mut parted, None);
        assert_eq!(states(&parted), ["recurring"; 3], "{day}");
        assert!(ids(&parted).contains(&id.as_str()));
        assert!(parted.clusters.iter().all(|one| one.known_since.is_some()));
        let news = |one: &crate::model::Cluster| one.delta.as_ref().is_some_and(|delta| delta.verdict != "steady");
        assert!(!parted.clusters.iter().any(news), "{:?}", parted.clusters);
        assert!(parted.comparison.as_ref().unwrap().absent.is_empty());
        let before = ledger.to_bytes();
        ledger.apply(&mut parts(day, 300, 310, 290), None);
        assert_eq!(String::from_utf8(ledger.to_bytes()), String::from_utf8(before), "the same archive again");
    }
    // Whichever part is the largest: the id is that of the one that most runs know.
    for (day, (a, b, c)) in [(15, (100, 500, 300)), (16, (400, 100, 400)), (17, (200, 200, 500))] {
        let mut together = run(day).with(whole(a, b, c)).done();
        ledger.apply(&mut together, None);
        assert_eq!((ids(&together), states(&together)), (vec![id.as_str()], vec!["recurring"]), "{day}");
        assert_eq!(together.clusters[0].delta.as_ref().unwrap().verdict, "steady");
        assert!(together.comparison.as_ref().unwrap().absent.is_empty());
        let before = ledger.to_bytes();
        ledger.apply(&mut run(day).with(whole(a, b, c)).done(), None);
        assert_eq!(String::from_utf8(ledger.to_bytes()), String::from_utf8(before), "the same archive again");
    }
    let mut parted = parts(18, 210, 190, 500);
    ledger.apply(&mut parted, None);
    assert_eq!(states(&parted), ["recurring"; 3], "{:?}", parted.clusters);
    assert!(parted.clusters.iter().all(|one| one.delta.as_ref().is_none_or(|delta| delta.verdict == "steady")));
    assert!(ledger.verify().is_empty(), "{:?}", ledger.verify());
}

#[test]
fn known_clusters_that_a_rule_groups_are_back_as_themselves() {
    let mut ledger = Ledger::default();
    let two = |day: u32| run(day).with(cluster("a", 100)).with(cluster("b", 120)).done();
    let mut first = two(11);
    ledger.apply(&mut first, None);
    let mut grouped = run(12).with(joined("group", &[("a", 100), ("b", 120)])).done();
    ledger.apply(&mut grouped, None);
    assert_eq!(states(&grouped), ["recurring"]);
    assert!(reasons(&grouped, "group").contains("is grouped with it"));
    let mut second = two(13);
    ledger.apply(&mut second, None);
    assert_eq!((ids(&second), states(&second)), (ids(&first), vec!["recurring"; 2]));
    let verdicts: Vec<&str> = second.clusters.iter().map(|one| one.delta.as_ref().unwrap().verdict.as_str()).collect();
    assert_eq!(verdicts, ["steady", "steady"]);
}

#[test]
fn a_run_without_entries_says_so_though_there_are_earlier_ones() {
    let mut ledger = Ledger::default();
    ledger.apply(&mut run(11).with(cluster("a", 100)).done(), None);
    let mut empty = Worklog::default();
    ledger.apply(&mut empty, None);
    let comparison = empty.comparison.unwrap();
    assert!(!comparison.first_run && comparison.notes[0].contains("no entry"), "{comparison:?}");
    assert_eq!(ledger.runs.len(), 1);
}

#[test]
fn other_settings_are_told() {
    let mut ledger = Ledger::default();
    ledger.apply(&mut run(11).with(cluster("a", 100)).done(), None);
    let mut other = masked(run(12).with(cluster("a", 100)).done(), &["ticket=x"]);
    other.method.filter = "severity>=ERROR".into();
    other.method.min_severity = Severity::Error;
    other.method.similarity = 0.9;
    ledger.apply(&mut other, None);
    let notes = other.comparison.unwrap().notes.join("\n");
    for told in ["severity>=ERROR (was none)", "down to ERROR", "was NOTICE", "new: ticket", "similarity is 0.9"] {
        assert!(notes.contains(told), "{told}: {notes}");
    }
}

#[test]
fn what_was_decided_of_a_cluster_counts_for_its_parts() {
    let mut ledger = Ledger::default();
    let mut first = run(11).with(joined("whole", &[("a", 100), ("b", 90)])).done();
    ledger.apply(&mut first, None);
    ledger.mark(&first.clusters[0].id, &Mark::Ignored { until: None }, "noise", "me").unwrap();
    let parts = |day: u32| run(day).with(cluster("a", 100)).with(cluster("b", 90)).done();
    for day in [12, 13] {
        let mut parted = parts(day);
        ledger.apply(&mut parted, None);
        assert_eq!(states(&parted), ["ignored"; 2], "{day}");
    }
    let mut other = run(14).with(cluster("c", 100)).done();
    ledger.clone().apply(&mut other, None);
    assert!(other.comparison.unwrap().absent.is_empty());
    let part = parts(13).clusters[1].id.clone();
    ledger.mark(&part, &Mark::Open, "look at it", "me").unwrap();
    let mut parted = parts(14);
    ledger.apply(&mut parted, None);
    assert_eq!(states(&parted), ["ignored", "recurring"]);
}
