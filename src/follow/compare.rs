//! Two worklogs in, what changed from one to the other out; or why a comparison would mean nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::baseline::Then;
use super::change::{Direction, LEAST_DEVIATIONS, LEAST_EXPECTED, LEAST_FACTOR, between, show, watched};
use super::cover::{Cover, footprint, heaviest_first};
use crate::model::{Absent, Cluster, Comparison, Delta, Worklog};

/// Why two results cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// Compares `new` with `old`: each cluster of `new` gets its delta, the whole is returned and kept in `new`.
///
/// Rates are per covered hour, and a change counts from a stated factor and significance on.
pub fn compare(old: &Worklog, new: &mut Worklog, baseline: &str) -> Result<Comparison, Refusal> {
    let (old_cover, new_cover) = (Cover::of(old), Cover::of(new));
    refuse_nonsense(old, &old_cover, new, &new_cover)?;
    let then = Then::of(old, new);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut too_rare = 0;
    let deltas: Vec<Delta> =
        new.clusters.iter().enumerate().map(|cluster| then.delta(&old_cover, new, cluster)).collect();
    for (cluster, delta) in new.clusters.iter_mut().zip(deltas) {
        *counts.entry(delta.verdict.clone()).or_default() += 1;
        let expected_then = delta.now_per_hour * old_cover.seconds() / 3600.0;
        too_rare += u64::from(delta.verdict == "new" && expected_then < LEAST_EXPECTED);
        cluster.delta = Some(delta);
    }
    let absent = absent(old, &then.missing, &new_cover);
    for gone in &absent {
        *counts.entry(gone.state.clone()).or_default() += 1;
    }
    let mut notes = notes(&old_cover, &new_cover);
    if too_rare > 0 {
        let (are, missed) = if too_rare == 1 { ("is", "it") } else { ("are", "them") };
        notes.push(format!(
            "{too_rare} of the new clusters {are} so rare that the baseline may just have missed {missed} \
             (fewer than {LEAST_EXPECTED} entries expected in its covered time)"
        ));
    }
    let comparison = Comparison {
        baseline: baseline.to_string(),
        first_run: false,
        window: old.window.clone(),
        counts,
        absent,
        notes,
    };
    new.comparison = Some(comparison.clone());
    Ok(comparison)
}

/// Gives clusters the states that a comparison tells where no ledger does; where the baseline could not show a cluster,
/// its state stays open.
pub fn state_by_verdict(worklog: &mut Worklog) {
    for cluster in &mut worklog.clusters {
        let Some(delta) = &cluster.delta else { continue };
        let state = match delta.verdict.as_str() {
            "new" => "new",
            "up" => "escalating",
            "down" => "declining",
            "steady" => "recurring",
            _ => continue,
        };
        state.clone_into(&mut cluster.state);
        let rates =
            || format!("{} per covered hour now, {} before", show(delta.now_per_hour), show(delta.before_per_hour));
        let reason = if state == "new" { "not in the baseline, which would have shown it".to_owned() } else { rates() };
        cluster.state_reasons = vec![reason];
    }
}

fn refuse_nonsense(old: &Worklog, old_cover: &Cover, new: &Worklog, new_cover: &Cover) -> Result<(), Refusal> {
    let refuse = |reason: &str| Err(Refusal(format!("the two cannot be compared: {reason}")));
    if old.schema_version != new.schema_version {
        return refuse("they have different schema versions; analyse both archives again with this version");
    }
    if old_cover.analysed == 0 || new_cover.analysed == 0 {
        return refuse("one of them holds no entry, so everything would look new or gone");
    }
    if old_cover.covered_ms == 0 || new_cover.covered_ms == 0 {
        return refuse("one of them covers no time, so it has no rates");
    }
    if super::run_id(old) == super::run_id(new) {
        return refuse("both are the same archive, so nothing can have changed");
    }
    let apart = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        !one.is_empty() && !other.is_empty() && one.is_disjoint(other)
    };
    if apart(&old_cover.services, &new_cover.services) {
        return refuse("they have no service in common");
    }
    if apart(&old_cover.logs, &new_cover.logs) {
        return refuse("they have no log in common");
    }
    let highest = |worklog: &Worklog| {
        let held = worklog.totals.by_severity.iter().chain(&worklog.totals.inferred).chain(&worklog.totals.corrected);
        held.filter(|(_, count)| **count > 0).map(|(severity, _)| *severity).max().unwrap_or_default()
    };
    if highest(old) < new_cover.lowest_severity || highest(new) < old_cover.lowest_severity {
        return refuse("they have no severity in common");
    }
    Ok(())
}

fn notes(old: &Cover, new: &Cover) -> Vec<String> {
    let mut notes = vec![format!(
        "up or down means: at least {LEAST_FACTOR} times as many or as few per covered hour, and at least \
         {LEAST_DEVIATIONS} standard deviations apart, bursts allowed for"
    )];
    if let (Some(old_start), Some(old_end), Some(start), Some(end)) = (old.start, old.end, new.start, new.end) {
        if end < old_start {
            notes.push("the baseline is later than this run; swap the two to read it forward".into());
        } else if start <= old_end {
            notes.push("the two windows overlap, so some entries may stand on both sides".into());
        }
    }
    if old.truncated || new.truncated {
        notes.push("an export that looks cut off is part of this comparison".into());
    }
    if old.filter != new.filter {
        notes.push("the two were filtered differently, so absences are not counted as gone".into());
    }
    if old.lowest_severity != new.lowest_severity {
        notes.push(format!(
            "the baseline goes down to {}, this run to {}; what only one of them covers is not compared",
            old.lowest_severity, new.lowest_severity
        ));
    }
    notes.extend(new.grouped_otherwise(old, "the baseline"));
    notes
}

impl Then<'_> {
    fn delta(&self, old_cover: &Cover, new: &Worklog, (place, cluster): (usize, &Cluster)) -> Delta {
        let (before, now) = (self.before(place), watched(new, cluster));
        let change = between(before, now);
        let verdict = if before.count == 0 {
            if old_cover.would_show(&footprint(new, cluster)).is_ok() { "new" } else { "not_observed" }
        } else {
            match change.direction {
                Direction::Up => "up",
                Direction::Down => "down",
                Direction::Steady => "steady",
            }
        };
        Delta {
            verdict: verdict.into(),
            before: before.count,
            before_per_hour: before.per_hour(),
            now_per_hour: now.per_hour(),
            ratio: change.ratio,
            z: change.z,
        }
    }
}

fn absent(old: &Worklog, missing: &[&Cluster], new_cover: &Cover) -> Vec<Absent> {
    let missing = missing.iter().filter(|cluster| !cluster.fingerprints.is_empty());
    let mut absent: Vec<Absent> = missing
        .map(|cluster| {
            // A comparison looks at two windows in either order, so which of them is later plays no part.
            let print = super::cover::Footprint { last_seen: None, ..footprint(old, cluster) };
            let (state, reason) = match new_cover.absence_counts(&print) {
                Ok(reason) => ("gone", format!("not seen, though {reason}")),
                Err(reason) => ("not_observed", reason),
            };
            Absent {
                id: cluster.id.clone(),
                title: cluster.title.clone(),
                state: state.into(),
                reason,
                priority: cluster.priority.clone(),
                before: cluster.count,
            }
        })
        .collect();
    heaviest_first(&mut absent);
    absent
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Story, cluster, print};
    use super::*;
    use crate::model::Variant;

    fn two() -> (Worklog, Worklog) {
        let old = Story::new("2025-09-11T00:00:00Z", 24)
            .with(cluster("steady", 240))
            .with(cluster("up", 100))
            .with(cluster("down", 900))
            .with(cluster("gone", 48))
            .with(cluster("rare", 1))
            .with(cluster("elsewhere", 50).service("auth"))
            .done();
        let new = Story::new("2025-09-12T01:00:00Z", 12)
            .with(cluster("steady", 120))
            .with(cluster("up", 500))
            .with(cluster("down", 30))
            .with(cluster("fresh", 40))
            .done();
        (old, new)
    }

    #[test]
    fn rates_per_covered_hour_decide() {
        let (old, mut new) = two();
        let comparison = compare(&old, &mut new, "old.json").unwrap();
        let verdicts: Vec<(&str, &str)> = new
            .clusters
            .iter()
            .map(|cluster| (cluster.title.as_str(), cluster.delta.as_ref().unwrap().verdict.as_str()))
            .collect();
        assert_eq!(verdicts, [("steady", "steady"), ("up", "up"), ("down", "down"), ("fresh", "new")]);
        let absent: Vec<(&str, &str)> =
            comparison.absent.iter().map(|gone| (gone.title.as_str(), gone.state.as_str())).collect();
        assert_eq!(absent, [("gone", "gone"), ("elsewhere", "not_observed"), ("rare", "not_observed")]);
        assert_eq!(comparison.counts.values().sum::<u64>(), 7);
        assert!(comparison.notes.iter().any(|note| note.contains("1.5 times")));
    }

    #[test]
    fn joined_and_split_clusters_still_compare() {
        let both = cluster("both", 500).with(|both| {
            both.fingerprints = vec![print("a"), print("b")];
            both.variants = [("a", 100), ("b", 400)]
                .map(|(name, count)| Variant { pattern: name.into(), fingerprint: print(name), count })
                .to_vec();
        });
        let mut together = Story::new("2025-09-11T00:00:00Z", 10).with(both).done();
        let mut apart = Story::new("2025-09-12T00:00:00Z", 10).with(cluster("a", 100)).with(cluster("b", 400)).done();
        compare(&together, &mut apart, "old").unwrap();
        let before: Vec<u64> = apart.clusters.iter().map(|one| one.delta.as_ref().unwrap().before).collect();
        assert_eq!(before, [100, 400]);
        let old = apart.clone();
        let comparison = compare(&old, &mut together, "old").unwrap();
        assert_eq!(together.clusters[0].delta.as_ref().unwrap().before, 500);
        assert!(comparison.absent.is_empty());
    }

    #[test]
    fn a_message_whose_wording_drifted_is_neither_new_nor_gone() {
        let old = Story::new("2025-09-11T00:00:00Z", 10).with(cluster("breaker", 100)).done();
        let drifted = cluster("breaker", 100).with(|one| one.fingerprints = vec![print("breaker at <ts>")]);
        let mut new = Story::new("2025-09-12T00:00:00Z", 10).with(drifted).done();
        let comparison = compare(&old, &mut new, "old").unwrap();
        assert_eq!(new.clusters[0].delta.as_ref().map(|delta| delta.verdict.as_str()), Some("steady"));
        assert!(comparison.absent.is_empty());
    }

    fn of_values(title: &str, values: &[(&str, u64)]) -> Cluster {
        let made = cluster(title, values.iter().map(|(_, count)| count).sum()).with(|one| {
            one.fingerprints = values.iter().map(|(name, _)| print(name)).collect();
            let variant = |(name, count): &(&str, u64)| Variant {
                pattern: (*name).into(),
                fingerprint: print(name),
                count: *count,
            };
            one.variants = values.iter().map(variant).collect();
        });
        made.done()
    }

    #[test]
    fn a_cluster_of_other_values_every_day_is_steady() {
        let story = |day: u32, values: &[(&str, u64)]| {
            let one = of_values("one", values);
            Story::new(&format!("2025-09-{day}T00:00:00Z"), 10).with(cluster("one", 0).with(|made| *made = one)).done()
        };
        let old = story(11, &[("a", 90), ("b", 80), ("c", 70), ("d", 60)]);
        let mut new = story(12, &[("d", 75), ("e", 75), ("f", 75), ("g", 75)]);
        compare(&old, &mut new, "old").unwrap();
        let delta = new.clusters[0].delta.as_ref().unwrap();
        assert_eq!((delta.verdict.as_str(), delta.before), ("steady", 300));
    }

    #[test]
    fn a_cluster_that_a_mask_rewords_is_neither_new_nor_gone() {
        let old = Story::new("2025-09-11T00:00:00Z", 10)
            .with(cluster("a", 100).pattern("Cannot sync ticket <*>-<*> with the help desk"))
            .done();
        let reworded = || cluster("b", 100).pattern("Cannot sync ticket <ticket> with the help desk");
        let mut new = Story::new("2025-09-12T00:00:00Z", 10).with(reworded()).done();
        new.method.masks = vec!["ticket=x".into()];
        let comparison = compare(&old, &mut new, "old").unwrap();
        assert_eq!(new.clusters[0].delta.as_ref().map(|delta| delta.verdict.as_str()), Some("steady"));
        assert!(comparison.absent.is_empty() && comparison.notes.iter().any(|note| note.contains("new: ticket")));
        let mut same = Story::new("2025-09-12T00:00:00Z", 10).with(reworded()).done();
        assert_eq!(compare(&old, &mut same, "old").unwrap().absent.len(), 1);
    }

    #[test]
    fn what_means_nothing_is_refused() {
        let (old, new) = two();
        let refusal = |old: &Worklog, new: &Worklog| compare(old, &mut new.clone(), "old").unwrap_err().0;
        assert!(refusal(&old, &old).contains("same archive"));
        let empty = Story::new("2025-09-12T00:00:00Z", 12).done();
        assert!(refusal(&old, &empty).contains("no entry"));
        assert!(refusal(&empty, &new).contains("no entry"));
        let moment = Story::new("2025-09-12T00:00:00Z", 0).with(cluster("x", 4)).done();
        assert!(refusal(&old, &moment).contains("no time"));
        let other = Story::new("2025-09-12T00:00:00Z", 12).with(cluster("x", 4).service("billing")).done();
        assert!(refusal(&new, &other).contains("no service"));
        let newer = Worklog { schema_version: "2".into(), ..new.clone() };
        assert!(refusal(&old, &newer).contains("schema"));
    }

    #[test]
    fn swapped_and_overlapping_windows_are_noted() {
        let (mut old, new) = two();
        let comparison = compare(&new, &mut old, "new").unwrap();
        assert!(comparison.notes.iter().any(|note| note.contains("swap")));
        let mut later = Story::new("2025-09-11T12:00:00Z", 24).with(cluster("steady", 100)).done();
        let comparison = compare(&old, &mut later, "old").unwrap();
        assert!(comparison.notes.iter().any(|note| note.contains("overlap")));
    }
}
