//! Two worklogs in, what the earlier one has of each cluster of the later one out.

use std::collections::BTreeMap;

use super::change::{Watched, covered_seconds, watched};
use super::words::read_alike;
use crate::model::{Cluster, Fingerprint, NameCount, Worklog};

/// What the baseline has of each cluster of a run: by fingerprint, so that clusters that were joined or split since still
/// compare; by id, so that a message whose wording drifted within its cluster does; by words where the masks are others.
pub(super) struct Then<'a> {
    /// By the place of the cluster in the run.
    before: BTreeMap<usize, Watched>,
    /// Clusters of the baseline that none of the run is.
    pub(super) missing: Vec<&'a Cluster>,
    seconds: f64,
}

impl<'a> Then<'a> {
    pub(super) fn of(old: &'a Worklog, new: &Worklog) -> Self {
        let mut places: BTreeMap<Fingerprint, usize> = BTreeMap::new();
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        for (place, cluster) in new.clusters.iter().enumerate() {
            places.extend(cluster.fingerprints.iter().map(|print| (*print, place)));
            ids.insert(&cluster.id, place);
        }
        let seconds = covered_seconds(old);
        let (mut before, mut missing): (BTreeMap<usize, Watched>, Vec<&Cluster>) = (BTreeMap::new(), Vec::new());
        let mut add = |place: usize, watched: Watched| {
            let held = before.entry(place).or_insert(Watched { count: 0, seconds, dispersion: 1000 });
            *held = Watched { seconds, ..held.and(watched) };
        };
        for cluster in &old.clusters {
            let shares = shares(cluster, &places);
            // What the variants that are seen again do not account for belongs to the largest part.
            let most = shares.iter().max_by(|one, other| one.1.cmp(other.1).then_with(|| other.0.cmp(one.0)));
            let most = most.map(|(place, _)| *place).or_else(|| ids.get(cluster.id.as_str()).copied());
            let Some(most) = most else {
                missing.push(cluster);
                continue;
            };
            let told: u64 = shares.values().sum();
            for (place, count) in &shares {
                add(*place, Watched { count: *count, ..watched(old, cluster) });
            }
            add(most, Watched { count: cluster.count.saturating_sub(told), ..watched(old, cluster) });
        }
        let mut then = Self { before, missing, seconds };
        then.know_by_words(old, new);
        then
    }

    /// Behind other masks a cluster may have other fingerprints and another id, but has the words of its pattern.
    fn know_by_words(&mut self, old: &Worklog, new: &Worklog) {
        if old.method.masks == new.method.masks {
            return;
        }
        let unknown = new.clusters.iter().enumerate().filter(|(place, _)| !self.before.contains_key(place));
        let pairs: Vec<(usize, &Cluster)> = unknown
            .flat_map(|(place, cluster)| {
                let alike = self.missing.iter().filter(move |gone| is_reworded(gone, cluster));
                alike.map(move |gone| (place, *gone))
            })
            .collect();
        for (place, gone) in &pairs {
            let rivals = pairs.iter().filter(|(other, held)| other == place || held.id == gone.id);
            if rivals.count() == 1 {
                self.before.insert(*place, watched(old, gone));
                self.missing.retain(|cluster| cluster.id != gone.id);
            }
        }
    }

    pub(super) fn before(&self, place: usize) -> Watched {
        self.before.get(&place).copied().unwrap_or(Watched { count: 0, seconds: self.seconds, dispersion: 1000 })
    }
}

/// How many entries of a cluster of the baseline each cluster of the run has, as far as fingerprints tell.
fn shares(cluster: &Cluster, places: &BTreeMap<Fingerprint, usize>) -> BTreeMap<usize, u64> {
    let mut shares: BTreeMap<usize, u64> = BTreeMap::new();
    for print in &cluster.fingerprints {
        let Some(place) = places.get(print) else { continue };
        let variant = cluster.variants.iter().find(|variant| variant.fingerprint == *print);
        *shares.entry(*place).or_default() += variant.map_or(0, |variant| variant.count);
    }
    shares
}

/// Whether two clusters of one place are the same but for what a mask took.
fn is_reworded(old: &Cluster, new: &Cluster) -> bool {
    let shared = |one: &[NameCount], other: &[NameCount]| {
        one.iter().any(|name| other.iter().any(|other| other.name == name.name))
    };
    old.severity == new.severity
        && shared(&old.services, &new.services)
        && shared(&old.logs, &new.logs)
        && read_alike(&old.pattern, &new.pattern)
}
