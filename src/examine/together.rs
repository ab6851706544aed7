//! Clusters with their relations and the Digest in, groups that come in the same moments out.
//!
//! In a group each cluster comes together with each other one (complete linkage): what two incidents share, such as the
//! requests that failed in both, does not make them one. Such a cluster stands in one group alone, the one that it fits
//! best: pairs join their groups in the order of their scores, equal ones in that of their ids.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Cluster, Digest, Sketch};

use super::related;

/// The score from which clusters count as coming together.
const TOGETHER: f64 = 0.6;

/// The groups of two or more, by id.
pub(super) fn groups<'a>(clusters: &[&'a Cluster], digest: &Digest) -> Vec<Vec<&'a str>> {
    let known: BTreeMap<&str, &'a Cluster> = clusters.iter().map(|cluster| (cluster.id.as_str(), *cluster)).collect();
    let mut scores: BTreeMap<(&'a str, &'a str), f64> = BTreeMap::new();
    for cluster in known.values() {
        for related in cluster.related.iter().filter(|related| related.is_of_moments()) {
            let Some(other) = known.get(related.cluster.as_str()) else { continue };
            scores.insert(pair(&cluster.id, &other.id), related.score);
        }
    }
    let mut links: Vec<(f64, (&str, &str))> = scores.iter().map(|(pair, score)| (*score, *pair)).collect();
    links.retain(|(score, _)| *score >= TOGETHER);
    links.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    let mut held = Linkage { known, scores, moments: BTreeMap::new(), group_of: BTreeMap::new(), groups: Vec::new() };
    for (_, (left, right)) in links {
        held.join(left, right, digest);
    }
    held.groups.retain(|group| group.len() > 1);
    held.groups.into_iter().map(|group| group.into_iter().collect()).collect()
}

fn pair<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    if one < other { (one, other) } else { (other, one) }
}

struct Linkage<'a> {
    known: BTreeMap<&'a str, &'a Cluster>,
    scores: BTreeMap<(&'a str, &'a str), f64>,
    moments: BTreeMap<&'a str, Sketch>,
    /// Where in `groups` a cluster stands.
    group_of: BTreeMap<&'a str, usize>,
    groups: Vec<BTreeSet<&'a str>>,
}

impl<'a> Linkage<'a> {
    /// Puts the groups of two clusters together, if all in them belong together.
    fn join(&mut self, left: &'a str, right: &'a str, digest: &Digest) {
        let (ours, theirs) = (self.place(left), self.place(right));
        let members = |at: usize| self.groups.get(at).cloned().unwrap_or_default();
        let (one, other) = (members(ours), members(theirs));
        let mut pairs = one.iter().flat_map(|left| other.iter().map(move |right| (*left, *right)));
        if ours == theirs || !pairs.all(|(left, right)| self.score(left, right, digest) >= TOGETHER) {
            return;
        }
        for id in &other {
            self.group_of.insert(id, ours);
        }
        if let Some(group) = self.groups.get_mut(theirs) {
            group.clear();
        }
        if let Some(group) = self.groups.get_mut(ours) {
            group.extend(other);
        }
    }

    fn place(&mut self, id: &'a str) -> usize {
        let groups = &mut self.groups;
        *self.group_of.entry(id).or_insert_with(|| {
            groups.push(BTreeSet::from([id]));
            groups.len() - 1
        })
    }

    /// How far two clusters come together. Clusters list the nearest ones only: of others the Digest tells.
    fn score(&mut self, left: &'a str, right: &'a str, digest: &Digest) -> f64 {
        if let Some(score) = self.scores.get(&pair(left, right)) {
            return *score;
        }
        for id in [left, right] {
            let cluster = self.known.get(id).copied();
            self.moments.entry(id).or_insert_with(|| moments(cluster, digest));
        }
        let sketches = self.moments.get(left).zip(self.moments.get(right));
        let score = sketches.and_then(|(ours, theirs)| related::overlap(ours, theirs)).unwrap_or_default();
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
    fn other_relations_make_no_group() {
        let (mut clusters, digest) = run(&[("a", 0..9), ("b", 0..9)], 5);
        for related in clusters.iter_mut().flat_map(|cluster| &mut cluster.related) {
            *related = Related { relation: "same_function".to_owned(), ..related.clone() };
        }
        assert!(groups(&clusters.iter().collect::<Vec<_>>(), &digest).is_empty());
    }
}
