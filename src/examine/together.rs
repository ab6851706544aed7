//! Clusters with their relations and the Digest in, groups that come together out: in the same moments, or as one incident.
//!
//! In a group each cluster comes together with each other one (complete linkage): what two incidents share, such as the
//! requests that failed in both, does not make them one. Such a cluster stands in one group alone, the one that it fits
//! best: pairs join their groups in the order of their scores, equal ones in that of their ids.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Cluster, Digest, Sketch};

use super::related;

/// The score from which clusters count as coming together.
const TOGETHER: f64 = 0.6;

/// Two clusters by their ids, the lesser one first.
pub(super) type Pair<'a> = (&'a str, &'a str);

/// The groups of two or more that come in the same moments, by id.
pub(super) fn groups<'a>(clusters: &[&'a Cluster], digest: &Digest) -> Vec<Vec<&'a str>> {
    linked(listed(clusters), &mut Moments::of(clusters, digest, related::overlap))
}

/// The groups of two or more that come and go as one incident, by id: most moments of each are moments of each other, or
/// both are in one of the pairs given, which begin, and end, at the same time.
pub(super) fn incidents<'a>(
    clusters: &[&'a Cluster],
    digest: &Digest,
    at_one_time: BTreeMap<Pair<'a>, f64>,
) -> Vec<Vec<&'a str>> {
    let mut moments = Moments::of(clusters, digest, related::overlap_of_both);
    let mut scores = at_one_time;
    for (ids, _) in listed(clusters) {
        let shared = moments.score(ids.0, ids.1);
        let score = scores.entry(ids).or_default();
        *score = score.max(shared);
    }
    linked(scores, &mut moments)
}

pub(super) fn pair<'a>(one: &'a str, other: &'a str) -> Pair<'a> {
    if one < other { (one, other) } else { (other, one) }
}

/// The pairs of which one lists that it comes in moments of the other, with the score it lists.
fn listed<'a>(clusters: &[&'a Cluster]) -> BTreeMap<Pair<'a>, f64> {
    let known: BTreeMap<&str, &'a Cluster> = clusters.iter().map(|cluster| (cluster.id.as_str(), *cluster)).collect();
    let mut scores = BTreeMap::new();
    for cluster in known.values() {
        for related in cluster.related.iter().filter(|related| related.is_of_moments()) {
            let Some(other) = known.get(related.cluster.as_str()) else { continue };
            scores.insert(pair(&cluster.id, &other.id), related.score);
        }
    }
    scores
}

/// Complete linkage: the pairs that come together, nearest first, join their groups where all in them come together.
fn linked<'a>(pairs: BTreeMap<Pair<'a>, f64>, moments: &mut Moments<'a, '_>) -> Vec<Vec<&'a str>> {
    let mut links: Vec<(f64, Pair<'a>)> = pairs.iter().map(|(pair, score)| (*score, *pair)).collect();
    moments.scores.extend(pairs);
    links.retain(|(score, _)| *score >= TOGETHER);
    links.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    let mut held = Groups::default();
    for (_, (left, right)) in links {
        held.join(left, right, moments);
    }
    held.groups.retain(|group| group.len() > 1);
    held.groups.into_iter().map(|group| group.into_iter().collect()).collect()
}

#[derive(Default)]
struct Groups<'a> {
    /// Where in `groups` a cluster stands.
    group_of: BTreeMap<&'a str, usize>,
    groups: Vec<BTreeSet<&'a str>>,
}

impl<'a> Groups<'a> {
    /// Puts the groups of two clusters together, if all in them belong together.
    fn join(&mut self, left: &'a str, right: &'a str, moments: &mut Moments<'a, '_>) {
        let (ours, theirs) = (self.place(left), self.place(right));
        let (Some(one), Some(other)) = (self.groups.get(ours), self.groups.get(theirs)) else { return };
        let mut pairs = one.iter().flat_map(|left| other.iter().map(move |right| (*left, *right)));
        if ours == theirs || !pairs.all(|(left, right)| moments.score(left, right) >= TOGETHER) {
            return;
        }
        let moved = self.groups.get_mut(theirs).map(std::mem::take).unwrap_or_default();
        self.group_of.extend(moved.iter().map(|id| (*id, ours)));
        if let Some(group) = self.groups.get_mut(ours) {
            group.extend(moved);
        }
    }

    fn place(&mut self, id: &'a str) -> usize {
        let groups = &mut self.groups;
        *self.group_of.entry(id).or_insert_with(|| {
            groups.push(BTreeSet::from([id]));
            groups.len() - 1
        })
    }
}

/// How far the moments of two clusters are the same; nothing where too few are shared.
type Overlap = fn(&Sketch, &Sketch) -> Option<f64>;

/// The moments of clusters, and how far two of them come together.
struct Moments<'a, 'd> {
    known: BTreeMap<&'a str, &'a Cluster>,
    digest: &'d Digest,
    overlap: Overlap,
    scores: BTreeMap<Pair<'a>, f64>,
    sketches: BTreeMap<&'a str, Sketch>,
}

impl<'a, 'd> Moments<'a, 'd> {
    fn of(clusters: &[&'a Cluster], digest: &'d Digest, overlap: Overlap) -> Self {
        let known = clusters.iter().map(|cluster| (cluster.id.as_str(), *cluster)).collect();
        Self { known, digest, overlap, scores: BTreeMap::new(), sketches: BTreeMap::new() }
    }

    /// How far two clusters come together. Clusters list the nearest ones only: of others the Digest tells.
    fn score(&mut self, left: &'a str, right: &'a str) -> f64 {
        if let Some(score) = self.scores.get(&pair(left, right)) {
            return *score;
        }
        for id in [left, right] {
            let cluster = self.known.get(id).copied();
            self.sketches.entry(id).or_insert_with(|| moments(cluster, self.digest));
        }
        let sketches = self.sketches.get(left).zip(self.sketches.get(right));
        let score = sketches.and_then(|(ours, theirs)| (self.overlap)(ours, theirs)).unwrap_or_default();
        self.scores.insert(pair(left, right), score);
        score
    }
}

/// The moments of all patterns of a cluster.
fn moments(cluster: Option<&Cluster>, digest: &Digest) -> Sketch {
    let prints = cluster.into_iter().flat_map(|cluster| &cluster.fingerprints);
    let mut sketches = prints.filter_map(|print| Some(&digest.patterns.get(print)?.moments));
    let mut joined = sketches.next().cloned().unwrap_or_else(|| Sketch::new(0));
    for sketch in sketches {
        joined.merge(sketch);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fingerprint, PatternKind, PatternTally, Related};

    /// Clusters by id, with the moments of each.
    fn run(moments: &[(&str, std::ops::Range<u64>)], listed: usize) -> (Vec<Cluster>, Digest) {
        let mut digest = Digest::default();
        let mut clusters: Vec<Cluster> = Vec::new();
        for (id, range) in moments {
            let print = Fingerprint::of(&[id]);
            let mut pattern = PatternTally::new(PatternKind::Message, (*id).to_owned(), ("", ""), true);
            pattern.moments.extend(&mut range.clone().map(|moment| (moment, 0)).collect());
            digest.add_pattern(print, pattern);
            clusters.push(Cluster { id: (*id).to_owned(), fingerprints: vec![print], ..Cluster::default() });
        }
        let sketches: Vec<Sketch> = clusters.iter().map(|cluster| super::moments(Some(cluster), &digest)).collect();
        related::relate(&mut clusters, &sketches.iter().collect::<Vec<_>>());
        for cluster in &mut clusters {
            cluster.related.truncate(listed);
        }
        (clusters, digest)
    }

    fn told(moments: &[(&str, std::ops::Range<u64>)], listed: usize) -> Vec<Vec<String>> {
        let (clusters, digest) = run(moments, listed);
        let groups = groups(&clusters.iter().collect::<Vec<_>>(), &digest);
        groups.into_iter().map(|group| group.into_iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn what_two_incidents_share_does_not_make_them_one() {
        let days = [("a1", 0..20), ("a2", 0..20), ("b1", 50..70), ("b2", 50..70), ("b3", 50..69), ("every", 4..66)];
        assert_eq!(told(&days, 5), [vec!["a1", "a2"], vec!["b1", "b2", "b3", "every"]]);
    }

    #[test]
    fn clusters_that_do_not_list_each_other_are_looked_up() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        assert_eq!(told(&names.map(|name| (name, 0..30)), 5), [names.to_vec()]);
    }

    #[test]
    fn what_is_always_there_is_part_of_no_incident() {
        let (clusters, digest) = run(&[("a1", 0..20), ("a2", 2..20), ("b1", 30..40), ("always", 0..90)], 5);
        let clusters: Vec<&Cluster> = clusters.iter().collect();
        assert_eq!(groups(&clusters, &digest), [vec!["a1", "a2", "always"]]);
        assert_eq!(incidents(&clusters, &digest, BTreeMap::new()), [vec!["a1", "a2"]]);
        let at_one_time = BTreeMap::from([(("a1", "b1"), 0.8)]);
        assert_eq!(incidents(&clusters, &digest, at_one_time.clone()), [vec!["a1", "a2"]], "b1 and a2 share nothing");
        let at_one_time = at_one_time.into_iter().chain([(("a2", "b1"), 0.99)]).collect();
        assert_eq!(incidents(&clusters, &digest, at_one_time), [vec!["a1", "a2", "b1"]]);
    }

    #[test]
    fn other_relations_make_no_group() {
        let (mut clusters, digest) = run(&[("a", 0..9), ("b", 0..9)], 5);
        for related in clusters.iter_mut().flat_map(|cluster| &mut cluster.related) {
            *related = Related { relation: "same_function".to_owned(), ..related.clone() };
        }
        assert!(groups(&clusters.iter().collect::<Vec<_>>(), &digest).is_empty());
    }
}
