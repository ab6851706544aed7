//! The ledger as seen from one run in, the known clusters that this run has not out: quiet, resolved or not observed.

use std::collections::BTreeSet;

use super::recall::View;
use super::{Entry, Observation};
use crate::follow::change::Watched;
use crate::follow::cover::{Cover, Footprint, heaviest_first};
use crate::model::{Absent, Fingerprint};

/// After as many runs without it an absent cluster is no longer listed.
const QUIET_RUNS: usize = 3;

impl View<'_> {
    /// Known clusters that this run has not, the heaviest first; and what is said of those that are left out, because
    /// so many runs had nothing of them.
    pub(super) fn absent(&self) -> (Vec<Absent>, Vec<String>) {
        let here: BTreeSet<Fingerprint> =
            self.worklog.clusters.iter().flat_map(|cluster| cluster.fingerprints.iter().copied()).collect();
        let ids: BTreeSet<&String> = self.worklog.clusters.iter().map(|cluster| &cluster.id).collect();
        let present: BTreeSet<&str> = self
            .ledger
            .entries
            .iter()
            .filter(|(id, entry)| ids.contains(id) || entry.fingerprints.iter().any(|print| here.contains(print)))
            .map(|(id, _)| self.ledger.root(id))
            .collect();
        let mut absent = Vec::new();
        let (mut quiet_long, mut unobserved_long) = (0, 0);
        for (id, entry) in &self.ledger.entries {
            let decision = self.ledger.decision_of(entry, Some(&entry.part_of));
            let ignored = decision.is_some_and(|decision| decision.kind == "ignored");
            if ignored || present.contains(self.ledger.root(id)) || !entry.merged_into.is_empty() {
                continue;
            }
            let mut earlier = self.earlier.iter().enumerate().rev();
            let seen = earlier.find_map(|(place, (run, cover))| Some((place, entry.seen.get(*run)?, *cover)));
            let Some((place, seen, cover)) = seen else { continue };
            let quiet = self.past(entry).iter().rev().take_while(|run| run.count == 0).count();
            if quiet >= QUIET_RUNS {
                quiet_long += 1;
                continue;
            }
            let missing = self.missing(id, entry, seen, cover);
            if missing.state == "not_observed" && self.earlier.len() - place > QUIET_RUNS {
                unobserved_long += 1;
                continue;
            }
            absent.push(missing);
        }
        heaviest_first(&mut absent);
        (absent, unlisted(quiet_long, "quiet").into_iter().chain(unlisted(unobserved_long, "out of sight")).collect())
    }

    fn missing(&self, id: &str, entry: &Entry, seen: &Observation, cover: &Cover) -> Absent {
        let fixed = entry.fixed(self.known).filter(|(at, _)| self.cover.end.is_some_and(|end| end > *at));
        // What came back after its fix and is absent now is quiet; that fix did not resolve it, but a later one may have.
        let fixed = fixed.filter(|(at, _)| seen.state != "regressed" || seen.last_seen.is_some_and(|last| last <= *at));
        let (state, reason) = match (self.cover.absence_counts(&footprint(seen, cover)), fixed) {
            (Err(reason), _) => ("not_observed", reason),
            (Ok(reason), Some((at, source))) => {
                ("resolved", format!("fixed at {at} ({source}) and not seen, though {reason}"))
            }
            (Ok(reason), None) => ("quiet", format!("not seen, though {reason}")),
        };
        Absent {
            id: id.to_string(),
            title: if entry.renamed.is_empty() { entry.title.clone() } else { entry.renamed.clone() },
            state: state.into(),
            reason,
            priority: entry.pinned.as_ref().map_or_else(|| seen.priority.clone(), |pin| pin.priority.clone()),
            before: seen.count,
        }
    }
}

/// What is said of so many clusters that are not listed.
fn unlisted(count: u64, word: &str) -> Option<String> {
    let are = if count == 1 { "1 cluster that has" } else { &format!("{count} clusters that have") };
    let not = if count == 1 { "is not listed" } else { "are not listed" };
    (count > 0).then(|| format!("{are} been {word} for {QUIET_RUNS} runs or more {not}"))
}

pub(super) fn footprint<'a>(seen: &'a Observation, cover: &'a Cover) -> Footprint<'a> {
    let watched = Watched { count: seen.count, seconds: cover.seconds(), dispersion: seen.dispersion };
    Footprint {
        services: seen.services.iter().map(String::as_str).collect(),
        logs: seen.logs.iter().map(String::as_str).collect(),
        severity: seen.severity,
        filter: &cover.filter,
        per_hour: watched.per_hour(),
        dispersion: watched.dispersion,
        last_seen: seen.last_seen,
    }
}
