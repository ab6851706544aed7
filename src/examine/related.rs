//! The moments each cluster was seen in, what comes together out.
//!
//! A moment is a trace, else an instance and a second. Sketches of moments keep the smallest hashes of each cluster, the
//! same hash for all, so that what two of them share below the lower of their limits estimates what the clusters share.

use std::collections::BTreeMap;

use crate::model::{Cluster, Related, Sketch};

use super::words;

/// Clusters that are compared at most: the first ones in the order given.
const COMPARED: usize = 2_000;
/// A moment that more clusters share tells nothing about any two of them.
const CROWDED: usize = 64;
/// Moments two clusters share at least.
const LEAST_SHARED: usize = 3;
/// Share of the rarer cluster's moments that the other has too, at least.
const LEAST_SCORE: f64 = 0.3;
/// How many related clusters one lists.
const LISTED: usize = 5;

/// Fills in `related` of all clusters; `moments` are theirs, in the same order.
pub(super) fn relate(clusters: &mut [Cluster], moments: &[&Sketch]) {
    let mut found: BTreeMap<usize, Vec<Related>> = BTreeMap::new();
    for ((left, right), shared) in shared_moments(moments) {
        let (Some(ours), Some(theirs)) = (moments.get(left), moments.get(right)) else { continue };
        let (Some(one), Some(other)) = (clusters.get(left), clusters.get(right)) else { continue };
        if let Some((mine, yours)) = together((one, ours), (other, theirs), &shared) {
            found.entry(left).or_default().push(Related { cluster: other.id.clone(), ..mine });
            found.entry(right).or_default().push(Related { cluster: one.id.clone(), ..yours });
        }
    }
    for (left, right, relation, evidence) in alike(clusters) {
        let (Some(one), Some(other)) = (clusters.get(left), clusters.get(right)) else { continue };
        for (at, cluster) in [(left, &other.id), (right, &one.id)] {
            let held = found.entry(at).or_default();
            if !held.iter().any(|related| related.cluster == *cluster) {
                let (cluster, relation) = (cluster.clone(), relation.to_owned());
                held.push(Related { cluster, relation, score: 0.5, evidence: evidence.clone(), apart_ms: None });
            }
        }
    }
    for (at, mut related) in found {
        related
            .sort_by(|left, right| right.score.total_cmp(&left.score).then_with(|| left.cluster.cmp(&right.cluster)));
        related.truncate(LISTED);
        if let Some(cluster) = clusters.get_mut(at) {
            cluster.related = related;
        }
    }
}

/// Pairs of clusters with the moments both keep: hash, earliest time in each.
type Shared = BTreeMap<(usize, usize), Vec<(u64, i64, i64)>>;

fn shared_moments(moments: &[&Sketch]) -> Shared {
    let mut by_moment: BTreeMap<u64, Vec<(usize, i64)>> = BTreeMap::new();
    for (at, sketch) in moments.iter().enumerate().take(COMPARED) {
        for (hash, nanos) in sketch.kept() {
            by_moment.entry(*hash).or_default().push((at, *nanos));
        }
    }
    let mut shared = Shared::new();
    for (hash, seen) in by_moment.into_iter().filter(|(_, seen)| seen.len() <= CROWDED) {
        for (index, (left, ours)) in seen.iter().enumerate() {
            for (right, theirs) in seen.iter().skip(index + 1) {
                shared.entry((*left, *right)).or_default().push((hash, *ours, *theirs));
            }
        }
    }
    shared
}

/// How two clusters come together, seen from each.
fn together(
    (one, ours): (&Cluster, &Sketch),
    (other, theirs): (&Cluster, &Sketch),
    shared: &[(u64, i64, i64)],
) -> Option<(Related, Related)> {
    let limit = limit(ours).min(limit(theirs));
    let below = |sketch: &Sketch| sketch.kept().iter().filter(|(hash, _)| *hash <= limit).count();
    let shared: Vec<i64> = shared
        .iter()
        .filter(|(hash, ..)| *hash <= limit)
        .map(|(_, ours, theirs)| theirs.saturating_sub(*ours))
        .collect();
    let (of_ours, of_theirs) = (below(ours), below(theirs));
    let rarer = of_ours.min(of_theirs);
    let score = words::share(shared.len() as u64, rarer as u64);
    if shared.len() < LEAST_SHARED || score < LEAST_SCORE {
        return None;
    }
    let mut gaps = shared.clone();
    gaps.sort_unstable();
    let median = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
    let later = shared.iter().filter(|gap| **gap > 0).count() * 5 >= shared.len() * 4;
    let earlier = shared.iter().filter(|gap| **gap < 0).count() * 5 >= shared.len() * 4;
    let (mine, yours) = match () {
        () if is_request_of(one, other) && !earlier => ("request_of", "within"),
        () if is_request_of(other, one) && !later => ("within", "request_of"),
        () if later && is_request(one) && !is_request(other) => ("co_occurs", "co_occurs"),
        () if earlier && is_request(other) && !is_request(one) => ("co_occurs", "co_occurs"),
        () if later => ("precedes", "follows"),
        () if earlier => ("follows", "precedes"),
        () => ("co_occurs", "co_occurs"),
    };
    #[expect(clippy::cast_precision_loss, reason = "a duration for display")]
    let apart = match median.unsigned_abs() {
        nanos if nanos < 1_000_000 => "less than 1 ms".to_owned(),
        nanos => words::span(nanos as f64 / 1e9),
    };
    let estimated = if ours.is_exact() && theirs.is_exact() { "" } else { "an estimated " };
    let related = |relation: &str, own: usize, order: &str| Related {
        cluster: String::new(),
        relation: relation.to_owned(),
        score,
        apart_ms: Some(median.unsigned_abs() / 1_000_000),
        evidence: format!(
            "in {estimated}{} of its moments{order}",
            words::percent(words::share(shared.len() as u64, own as u64))
        ),
    };
    let order = |relation: &str| match relation {
        "precedes" => format!(", {apart} before it in the median"),
        "request_of" => format!(", begun {apart} before it in the median"),
        "within" => format!(", {apart} behind its begin in the median"),
        "follows" => format!(", {apart} behind it in the median"),
        _ => format!(", {apart} apart in the median"),
    };
    Some((related(mine, of_ours, &order(mine)), related(yours, of_theirs, &order(yours))))
}

/// How far two clusters come together, from the sketches of their moments alone: the share of the rarer one's moments that
/// are the other's too; nothing where too few are shared.
pub(super) fn overlap(ours: &Sketch, theirs: &Sketch) -> Option<f64> {
    let (shared, ours, theirs) = common(ours, theirs)?;
    Some(words::share(shared, ours.min(theirs)))
}

/// The same as a share of the more frequent one's moments.
pub(super) fn overlap_of_both(ours: &Sketch, theirs: &Sketch) -> Option<f64> {
    let (shared, ours, theirs) = common(ours, theirs)?;
    Some(words::share(shared, ours.max(theirs)))
}

/// The moments that two share, and those of each, below the largest hash that both know all of; nothing where too few are
/// shared.
fn common(ours: &Sketch, theirs: &Sketch) -> Option<(u64, u64, u64)> {
    let limit = limit(ours).min(limit(theirs));
    let below = |sketch: &Sketch| sketch.kept().partition_point(|(hash, _)| *hash <= limit);
    let is_shared =
        |(hash, _): &&(u64, i64)| *hash <= limit && theirs.kept().binary_search_by_key(hash, |(hash, _)| *hash).is_ok();
    let shared = ours.kept().iter().filter(is_shared).count();
    (shared >= LEAST_SHARED).then(|| (shared as u64, below(ours) as u64, below(theirs) as u64))
}

fn is_request(cluster: &Cluster) -> bool {
    cluster.kind == "request"
}

/// Whether a cluster of requests is seen in the traces of something else. A request is logged with the time it began
/// at, so that whatever fails in it seems to come later, and the symptom would look like the cause.
fn is_request_of(request: &Cluster, other: &Cluster) -> bool {
    is_request(request) && !is_request(other) && request.traces > 0 && other.traces > 0
}

/// The largest hash below which a sketch knows every moment.
fn limit(sketch: &Sketch) -> u64 {
    if sketch.is_exact() { u64::MAX } else { sketch.kept().last().map_or(u64::MAX, |largest| largest.0) }
}

/// Clusters with the same exception, or from the same function.
fn alike(clusters: &[Cluster]) -> Vec<(usize, usize, &'static str, String)> {
    let mut by_exception: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let mut by_function: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, cluster) in clusters.iter().enumerate().take(COMPARED) {
        if let Some(exception) = cluster.exception.as_ref().filter(|exception| !exception.kind.is_empty()) {
            by_exception.entry((&exception.kind, &exception.message)).or_default().push(at);
        }
        let place = cluster.locations.iter().find(|place| !place.wrapper && !place.function.is_empty());
        if let Some(place) = place {
            by_function.entry((&place.module, &place.function)).or_default().push(at);
        }
    }
    let mut pairs = Vec::new();
    for (relation, groups) in [("same_exception", by_exception), ("same_function", by_function)] {
        for ((first, second), members) in groups.into_iter().filter(|(_, members)| members.len() <= CROWDED) {
            let evidence = match relation {
                "same_exception" => format!("both are {first}: {}", words::shorten(second, 80)),
                _ => format!("both come from {first}.{second}"),
            };
            for (index, left) in members.iter().enumerate() {
                pairs.extend(members.iter().skip(index + 1).map(|right| (*left, *right, relation, evidence.clone())));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(limit: usize, moments: impl IntoIterator<Item = (u64, i64)>) -> Sketch {
        let mut sketch = Sketch::new(limit);
        sketch.extend(&mut moments.into_iter().collect());
        sketch
    }

    fn clusters(ids: &[&str]) -> Vec<Cluster> {
        ids.iter().map(|id| Cluster { id: (*id).to_owned(), ..Cluster::default() }).collect()
    }

    #[test]
    fn what_comes_first_is_told() {
        let mut found = clusters(&["LG-a", "LG-b", "LG-c"]);
        let first = sketch(256, (0..10).map(|n| (n * 1_000, 0)));
        let second = sketch(256, (0..9).map(|n| (n * 1_000, 300_000)));
        let other = sketch(256, (0..10).map(|n| (n * 1_000 + 1, 0)));
        relate(&mut found, &[&first, &second, &other]);
        assert_eq!(found[0].related[0].relation, "precedes");
        assert!(found[0].related[0].score > 0.99);
        assert_eq!(found[1].related[0].relation, "follows");
        assert!(found[2].related.is_empty());
    }

    #[test]
    fn a_request_does_not_come_before_what_fails_in_it() {
        let (began, failed) =
            (sketch(256, (0..10).map(|n| (n * 1_000, 0))), sketch(256, (0..9).map(|n| (n * 1_000, 40_000_000))));
        let mut found = clusters(&["LG-a", "LG-b"]);
        found[0].kind = "request".to_owned();
        (found[0].traces, found[1].traces) = (10, 9);
        relate(&mut found, &[&began, &failed]);
        assert_eq!(
            (found[0].related[0].relation.as_str(), found[1].related[0].relation.as_str()),
            ("request_of", "within")
        );
        assert_eq!(found[1].related[0].evidence, "in 100% of its moments, 40 ms behind its begin in the median");
        (found[0].traces, found[1].traces) = (0, 0);
        relate(&mut found, &[&began, &failed]);
        assert_eq!(found[0].related[0].relation, "co_occurs", "the same second of an instance is not the same request");
    }

    #[test]
    fn sketches_of_unequal_reach_are_compared_where_both_know_all() {
        let mut found = clusters(&["LG-a", "LG-b"]);
        let many = sketch(50, (0..1_000).map(|n| (n * 10, 0)));
        let few = sketch(50, (0..40).map(|n| (n * 250, 5)));
        relate(&mut found, &[&many, &few]);
        assert!(found[0].related.is_empty(), "two shared moments within reach are too few");
        let dense = sketch(50, (0..1_000).map(|n| (n * 20, 5)));
        relate(&mut found, &[&many, &dense]);
        assert!(found[0].related[0].score > 0.99, "{:?}", found[0].related);
    }
}
