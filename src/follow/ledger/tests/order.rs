//! Archives in any order: what the ledger says of a run depends on the runs, not on when they were read.

use proptest::prelude::*;

use super::*;

/// What the ledger says of the clusters of a run.
fn told(run: &Worklog) -> Vec<(&str, &str, &Vec<String>)> {
    run.clusters.iter().map(|one| (one.id.as_str(), one.state.as_str(), &one.state_reasons)).collect()
}

/// A run of one of so many days; few days give different archives of the same window.
fn random_run(days: u32) -> impl Strategy<Value = Worklog> {
    let one = (0u8..6, prop_oneof![1u64..4, 1u64..200], 0u8..2, 1u32..4);
    (0..days, prop::collection::vec(one, 1..5)).prop_map(|(day, clusters)| {
        let mut story = Story::new(&format!("2025-09-{:02}T00:00:00Z", day + 1), 12);
        let mut taken = BTreeSet::new();
        for (name, count, service, revision) in clusters {
            if taken.insert(name) {
                let made = cluster(&format!("c{name}"), count).service(["backend", "auth"][usize::from(service)]);
                story = story.with(made.revision(&format!("b-{revision:05}-abc")));
            }
        }
        story.done()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever the order of archives: every cluster has a state with reasons, ids are unique, nothing absent is also
    /// present, and what is absent is called resolved or quiet only if this run holds its services.
    #[test]
    fn states_hold_in_any_order(runs in prop::collection::vec(random_run(20), 1..8)) {
        let mut ledger = Ledger::default();
        for mut run in runs {
            let services = run.scope.services.clone();
            ledger.apply(&mut run, None);
            let bytes = ledger.to_bytes();
            ledger.apply(&mut run.clone(), None);
            prop_assert_eq!(ledger.to_bytes(), bytes);
            prop_assert!(ledger.verify().is_empty());
            let ids: BTreeSet<&String> = run.clusters.iter().map(|one| &one.id).collect();
            prop_assert_eq!(ids.len(), run.clusters.len());
            for one in &run.clusters {
                prop_assert!(["new", "recurring", "escalating", "declining"].contains(&one.state.as_str()));
                prop_assert!(!one.state_reasons.is_empty());
            }
            for gone in run.comparison.iter().flat_map(|comparison| &comparison.absent) {
                prop_assert!(!ids.contains(&gone.id) && !gone.reason.is_empty());
                let last = ledger.entries[&gone.id].seen.iter()
                    .filter(|(id, _)| ledger.runs[*id].end < run.window.end)
                    .max_by_key(|(id, _)| (ledger.runs[*id].end, (*id).clone())).map(|(_, seen)| seen.clone());
                if gone.state != "not_observed" && let Some(last) = last {
                    prop_assert!(last.services.iter().all(|service| services.contains(service)));
                }
            }
        }
    }

    /// The states of a run depend on the earlier runs, not on the order in which they were read.
    #[test]
    fn the_order_of_reading_plays_no_part(runs in prop::collection::vec(random_run(4), 2..6)) {
        let judge = |order: &[Worklog]| {
            let mut ledger = Ledger::default();
            for run in order {
                ledger.apply(&mut run.clone(), None);
            }
            let recalled = |run: &Worklog| {
                let mut run = run.clone();
                ledger.recall(&mut run, None);
                run
            };
            runs.iter().map(recalled).collect::<Vec<_>>()
        };
        let mut reversed = runs.clone();
        reversed.reverse();
        for (forward, backward) in judge(&runs).iter().zip(judge(&reversed)) {
            prop_assert_eq!(told(forward), told(&backward));
            prop_assert!(*forward == backward);
        }
    }
}
