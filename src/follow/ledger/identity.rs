//! Clusters of a run in, the ids they have had out: by what they hold, else by their own id, else by their words; and which
//! clusters of earlier runs are joined in one, or parts of one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Ledger, Observation};
use crate::follow::cover::Cover;
use crate::follow::words::read_alike;
use crate::model::{Cluster, Fingerprint, Worklog};

/// A part of a cluster that holds so many times fewer entries than the largest part does not give it its id.
const FAIR: u64 = 5;

/// What one entry of the ledger has of a cluster.
struct Claim<'l> {
    owner: &'l str,
    place: usize,
    share: u64,
    /// Whether no part is many times larger.
    fair: bool,
    /// Whether no part is larger.
    largest: bool,
    /// In how many other runs the owner was seen.
    runs: usize,
}

impl Ledger {
    /// One id a cluster: of the entries that hold a fair part of it, the one that most runs saw; no entry is given out twice.
    pub(super) fn lasting_ids(&self, worklog: &Worklog) -> Vec<String> {
        let clusters = &worklog.clusters;
        let this = crate::follow::run_id(worklog);
        let mut claims = self.claims(clusters, &this);
        claims.sort_by(|one, other| {
            let rank = |claim: &Claim<'_>| {
                let runs = if claim.fair { claim.runs } else { 0 };
                (claim.fair, runs, claim.largest, claim.share)
            };
            let prints = |place: usize| clusters.get(place).map(|cluster| &cluster.fingerprints);
            rank(other)
                .cmp(&rank(one))
                .then_with(|| one.owner.cmp(other.owner))
                .then_with(|| prints(one.place).cmp(&prints(other.place)))
        });
        let mut given: BTreeMap<usize, &str> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for claim in &claims {
            if !given.contains_key(&claim.place) && taken.insert(claim.owner) {
                given.insert(claim.place, claim.owner);
            }
        }
        let claimed: BTreeSet<usize> = claims.iter().map(|claim| claim.place).collect();
        let unknown: Vec<usize> = (0..clusters.len()).filter(|place| !claimed.contains(place)).collect();
        for (place, owner) in self.by_words(worklog, &unknown, &taken, &this) {
            taken.insert(owner);
            given.insert(place, owner);
        }
        let mut used: BTreeSet<String> = taken.into_iter().map(str::to_string).collect();
        let mut ids = Vec::new();
        for (place, cluster) in clusters.iter().enumerate() {
            let id = match given.get(&place) {
                Some(id) => (*id).to_string(),
                None => self.free_id(cluster, &used),
            };
            used.insert(id.clone());
            ids.push(id);
        }
        ids
    }

    fn claims(&self, clusters: &[Cluster], this: &str) -> Vec<Claim<'_>> {
        let owners = self.owners();
        let mut claims = Vec::new();
        for (place, cluster) in clusters.iter().enumerate() {
            let mut shares = shares(&owners, cluster);
            // A message whose wording drifted within its cluster has no known fingerprint, but the id it always had.
            if let Some((id, _)) = self.entries.get_key_value(&cluster.id).filter(|_| shares.is_empty()) {
                shares.insert(id, 0);
            }
            let most = shares.values().copied().max().unwrap_or_default();
            claims.extend(shares.into_iter().map(|(owner, share)| Claim {
                owner,
                place,
                share,
                fair: share.saturating_mul(FAIR) >= most,
                largest: share == most,
                runs: self.entries.get(owner).map_or(0, |entry| entry.runs_but(this)),
            }));
        }
        claims
    }

    /// Clusters that are unknown because the masks are not those of the runs that saw them: where the words of one pattern
    /// are those of the other, but for what a mask took, and no second cluster reads so.
    fn by_words(&self, worklog: &Worklog, unknown: &[usize], taken: &BTreeSet<&str>, this: &str) -> Vec<(usize, &str)> {
        if unknown.is_empty() {
            return Vec::new();
        }
        let masks = &worklog.method.masks;
        let missing = self.entries.iter().filter(|(id, entry)| {
            let last = self.last_cover(entry, this);
            !taken.contains(id.as_str()) && last.is_some_and(|cover| cover.masks != *masks)
        });
        let mut pairs = Vec::new();
        for (id, entry) in missing {
            let alike = unknown.iter().filter(|place| {
                worklog.clusters.get(**place).is_some_and(|cluster| self.reads_alike(entry, this, cluster))
            });
            pairs.extend(alike.map(|place| (*place, id.as_str())));
        }
        let is_only =
            |pair: &(usize, &str)| pairs.iter().filter(|(place, id)| *place == pair.0 || *id == pair.1).count() == 1;
        pairs.iter().filter(|pair| is_only(pair)).copied().collect()
    }

    /// The last run but this one that saw a cluster.
    fn last_cover(&self, entry: &Entry, this: &str) -> Option<&Cover> {
        let covers = entry.seen.keys().filter(|run| *run != this).filter_map(|run| self.runs.get(run));
        covers.max_by_key(|cover| cover.end)
    }

    fn reads_alike(&self, entry: &Entry, this: &str, cluster: &Cluster) -> bool {
        let end = |run: &str| self.runs.get(run).and_then(|cover| cover.end);
        let seen = entry.seen.iter().filter(|(run, _)| *run != this).max_by_key(|(run, _)| end(run));
        let Some((_, seen)) = seen else { return false };
        let stands = seen.severity == cluster.severity
            && cluster.services.iter().any(|service| seen.services.contains(&service.name))
            && cluster.logs.iter().any(|log| seen.logs.contains(&log.name));
        stands && read_alike(&entry.pattern, &cluster.pattern)
    }

    /// The id a cluster came with, unless another has it.
    fn free_id(&self, cluster: &Cluster, used: &BTreeSet<String>) -> String {
        let prints: Vec<String> = cluster.fingerprints.iter().map(ToString::to_string).collect();
        let mut id = cluster.id.clone();
        let mut salt = 0_u32;
        while used.contains(&id) || self.entries.contains_key(&id) || id.is_empty() {
            salt += 1;
            id = super::decide::id_of(&format!("{} {salt}", prints.join(" ")));
        }
        id
    }
}

impl Entry {
    /// In how many other runs it stood alone.
    fn runs_but(&self, this: &str) -> usize {
        self.seen.iter().filter(|(run, seen)| *run != this && seen.within.is_empty()).count()
    }
}

/// Which clusters of a run hold what is known of which others.
pub(super) struct Ties<'l> {
    ledger: &'l Ledger,
    run: String,
    owners: BTreeMap<Fingerprint, &'l str>,
    /// The clusters of the run by what they hold of known ones.
    holders: BTreeMap<&'l str, BTreeSet<&'l str>>,
    present: BTreeSet<&'l str>,
    /// Known clusters by those that they were part of.
    parts: BTreeMap<&'l str, Vec<(&'l str, &'l Entry)>>,
}

impl<'l> Ties<'l> {
    pub(super) fn of(ledger: &'l Ledger, worklog: &'l Worklog) -> Self {
        let owners = ledger.owners();
        let mut holders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for cluster in &worklog.clusters {
            for owner in cluster.fingerprints.iter().filter_map(|print| owners.get(print)) {
                holders.entry(owner).or_default().insert(&cluster.id);
            }
        }
        let mut parts: BTreeMap<&str, Vec<(&str, &Entry)>> = BTreeMap::new();
        for (id, entry) in &ledger.entries {
            let wholes = entry.seen.values().map(|seen| seen.within.as_str()).chain([entry.part_of.as_str()]);
            for whole in wholes.filter(|whole| !whole.is_empty()).collect::<BTreeSet<_>>() {
                parts.entry(whole).or_default().push((id, entry));
            }
        }
        let present = worklog.clusters.iter().map(|cluster| cluster.id.as_str()).collect();
        Self { ledger, run: crate::follow::run_id(worklog), owners, holders, present, parts }
    }

    /// What others have to do with a cluster.
    pub(super) fn kin(&self, cluster: &Cluster) -> Kin<'l> {
        let id = cluster.id.as_str();
        let held: BTreeSet<&str> =
            cluster.fingerprints.iter().filter_map(|print| self.owners.get(print).copied()).collect();
        let is_known = self.ledger.entries.contains_key(id);
        let gone = held.iter().filter(|owner| is_known && !self.present.contains(**owner));
        let others = self.holders.get(id).into_iter().flatten().copied().filter(|other| *other != id);
        let parted: Vec<(&str, &Entry)> =
            self.parts.get(id).into_iter().flatten().filter(|(part, _)| !held.contains(part)).copied().collect();
        // Where the run is known already, what came apart in it has its own entries by now.
        let since = |(part, entry): &(&str, &Entry)| {
            entry.part_of == id && self.present.contains(part) && self.first_run(entry) == Some(self.run.as_str())
        };
        let again = parted.iter().filter(|part| since(part)).map(|(part, _)| *part);
        Kin {
            joined: gone.filter_map(|owner| Some((*owner, self.ledger.entries.get(*owner)?))).collect(),
            apart: others.chain(again).collect(),
            id: cluster.id.clone(),
            parted: parted.iter().map(|(_, entry)| *entry).collect(),
            whole: self.whole(cluster),
        }
    }

    /// The first run that saw a cluster.
    fn first_run(&self, entry: &'l Entry) -> Option<&'l str> {
        let runs = entry.seen.keys().filter_map(|run| Some((self.ledger.runs.get(run)?.end, run)));
        runs.min().map(|(_, run)| run.as_str())
    }

    /// The cluster that a cluster was part of before it stood alone.
    fn whole(&self, cluster: &Cluster) -> Option<&'l str> {
        match self.ledger.entries.get(&cluster.id) {
            Some(entry) => Some(entry.part_of.as_str()).filter(|whole| !whole.is_empty()),
            None => holder(&self.owners, cluster),
        }
    }
}

/// The owner of the largest part of what a cluster holds.
pub(super) fn holder<'l>(owners: &BTreeMap<Fingerprint, &'l str>, cluster: &Cluster) -> Option<&'l str> {
    let shares = shares(owners, cluster);
    shares.into_iter().max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(one.0))).map(|(owner, _)| owner)
}

/// How many entries of a cluster each owner of its fingerprints has.
pub(super) fn shares<'l>(owners: &BTreeMap<Fingerprint, &'l str>, cluster: &Cluster) -> BTreeMap<&'l str, u64> {
    let mut shares: BTreeMap<&str, u64> = BTreeMap::new();
    for print in &cluster.fingerprints {
        let Some(owner) = owners.get(print) else { continue };
        let variant = cluster.variants.iter().find(|variant| variant.fingerprint == *print);
        *shares.entry(*owner).or_default() += variant.map_or(1, |variant| variant.count);
    }
    shares
}

/// What other clusters have to do with one, because entries were joined otherwise in other runs.
#[derive(Default)]
pub(super) struct Kin<'l> {
    /// Known clusters whose entries are this one's in this run.
    pub(super) joined: Vec<(&'l str, &'l Entry)>,
    /// Clusters that hold, in this run, what was its own.
    apart: BTreeSet<&'l str>,
    /// Clusters that were part of it once, and are not in this run.
    parted: Vec<&'l Entry>,
    id: String,
    /// The cluster that it was part of.
    pub(super) whole: Option<&'l str>,
}

impl Kin<'_> {
    /// Whether an earlier run counted for the cluster what stands apart now, nobody knows how much.
    pub(super) fn held_more(&self, run: &str, cover: &Cover, ledger: &Ledger) -> bool {
        let since = |part: &Entry| part.seen.keys().filter_map(|run| ledger.runs.get(run)?.end).min();
        let before = |part: &&Entry| {
            part.part_of == self.id
                && !part.seen.contains_key(run)
                && since(part).is_some_and(|since| cover.end < Some(since))
        };
        !self.apart.is_empty() || self.parted.iter().any(before)
    }

    /// How often an earlier run saw what the cluster holds in this one, by `seen`, what it saw of the cluster itself.
    pub(super) fn counted(&self, run: &str, seen: Option<&Observation>) -> u64 {
        let own = seen.map_or(0, |seen| seen.count);
        let inside = |entry: &&Entry| entry.seen.get(run).filter(|seen| seen.within == self.id).map(|seen| seen.count);
        let gone: u64 = self.parted.iter().filter_map(inside).sum();
        let beside = |(_, entry): &(&str, &Entry)| {
            entry.seen.get(run).filter(|seen| seen.within != self.id).map(|seen| seen.count)
        };
        own.saturating_sub(gone) + self.joined.iter().filter_map(beside).sum::<u64>()
    }

    /// Whether an earlier run counted the cluster as part of what it was part of.
    pub(super) fn was_inside(&self, run: &str, ledger: &Ledger) -> bool {
        self.whole.and_then(|whole| ledger.entries.get(whole)).is_some_and(|whole| whole.seen.contains_key(run))
    }

    /// What knew of it before the ledger had its id.
    pub(super) fn known(&self) -> Option<String> {
        self.whole.map(|whole| format!("part of {whole} in earlier runs, grouped apart from it in this one"))
    }

    /// What is to be said of the others.
    pub(super) fn reasons(&self) -> Vec<String> {
        let list = |ids: Vec<&str>| ids.join(", ");
        let joined = list(self.joined.iter().map(|(id, _)| *id).collect());
        let apart = list(self.apart.iter().copied().collect());
        let mut reasons = Vec::new();
        if !joined.is_empty() {
            reasons.push(format!(
                "what earlier runs counted as {joined} is grouped with it, and counted so for them as well"
            ));
        }
        if !apart.is_empty() {
            reasons.push(format!("a part of it is grouped apart in this run, as {apart}"));
        }
        reasons
    }
}
