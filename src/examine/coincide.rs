//! Clusters with when they were seen in, which of them begin and end at the same time out.
//!
//! One outage is told by many services in many words. Clusters that share no trace, instance or text are related here by
//! time alone, and only where chance hardly explains it: that any of all clusters would begin, and end, so near another
//! had to be expected in one of twenty cases at most. What was there before the window, or still is behind it, tells
//! nothing by that edge.

use std::collections::BTreeMap;

use crate::model::{Cluster, Related, Severity, TRACE_LINE, Timestamp, Window};

use super::changes::began;
use super::{together, words};

/// Clusters that are compared at most: the first ones in the order given.
const COMPARED: usize = 500;
/// How likely chance may be.
const CHANCE: f64 = 0.05;
/// How far apart they begin and end at most: a share of how long the longer one lasts, within these seconds.
const SHARE_APART: f64 = 0.1;
const APART: [f64; 2] = [60.0, 300.0];
/// Seconds that clusters are taken to be spread over, at most: services need not be there all the time.
const DAY: f64 = 86_400.0;
/// Entries that were to be expected behind the last one of what is over.
const EXPECTED: f64 = 5.0;
/// How many related clusters one lists.
const LISTED: usize = 5;

/// When a cluster was there.
struct Stay {
    at: usize,
    first: Timestamp,
    last: Timestamp,
    is_over: bool,
}

/// Two of them.
struct Pair {
    left: usize,
    right: usize,
    chance: f64,
    relation: &'static str,
    evidence: String,
}

/// Adds to `related` what begins, and ends, at the same time; nearer ones first, all behind what is there.
pub(super) fn relate(clusters: &mut [Cluster], window: &Window) {
    let mut pairs = pairs(clusters.iter(), window);
    pairs.sort_by(|left, right| {
        left.chance.total_cmp(&right.chance).then((left.left, left.right).cmp(&(right.left, right.right)))
    });
    for pair in pairs {
        let Pair { left, right, chance, relation, evidence } = pair;
        for (at, other) in [(left, right), (right, left)] {
            let Some(cluster) = clusters.get(other).map(|other| other.id.clone()) else { continue };
            let Some(held) = clusters.get_mut(at).map(|cluster| &mut cluster.related) else { continue };
            if held.len() < LISTED && held.iter().all(|related| related.cluster != cluster) {
                let (relation, evidence) = (relation.to_owned(), evidence.clone());
                held.push(Related { cluster, relation, score: 1.0 - chance, evidence, apart_ms: None });
            }
        }
    }
}

/// All clusters that begin, and end, at the same time, in pairs, with how unlikely that is by chance.
pub(super) fn scores<'a>(clusters: &[&'a Cluster], window: &Window) -> BTreeMap<together::Pair<'a>, f64> {
    let id = |at: usize| clusters.get(at).map(|cluster| cluster.id.as_str());
    let scored = |found: Pair| Some((together::pair(id(found.left)?, id(found.right)?), 1.0 - found.chance));
    pairs(clusters.iter().copied(), window).into_iter().filter_map(scored).collect()
}

fn pairs<'a>(clusters: impl Iterator<Item = &'a Cluster>, window: &Window) -> Vec<Pair> {
    let stays: Vec<Stay> =
        clusters.enumerate().take(COMPARED).filter_map(|(at, cluster)| stay(at, cluster, window)).collect();
    let mut pairs: Vec<Pair> = Vec::new();
    for (index, one) in stays.iter().enumerate() {
        pairs.extend(stays.iter().skip(index + 1).filter_map(|other| pair(one, other, stays.len(), window)));
    }
    pairs
}

/// When an issue was there that had not been there before.
#[expect(clippy::cast_precision_loss, reason = "an expectation computed from counts")]
fn stay(at: usize, cluster: &Cluster, window: &Window) -> Option<Stay> {
    let (first, last) = cluster.first_seen.zip(cluster.last_seen)?;
    let silence = window.end?.seconds_since(last);
    let is_over = cluster.count as f64 * silence / last.seconds_since(first).max(60.0) >= EXPECTED;
    // Lines of traces are told with what they belong to.
    let is_issue = cluster.severity >= Severity::Warning && cluster.pattern != TRACE_LINE;
    let told = is_issue && began(cluster, window);
    told.then_some(Stay { at, first, last, is_over })
}

#[expect(clippy::cast_precision_loss, reason = "a chance computed from counts")]
fn pair(one: &Stay, other: &Stay, all: usize, window: &Window) -> Option<Pair> {
    if one.is_over != other.is_over {
        return None;
    }
    let lasts = |stay: &Stay| stay.last.seconds_since(stay.first);
    let [least, most] = APART;
    let most = (lasts(one).max(lasts(other)) * SHARE_APART).clamp(least, most);
    let begin = one.first.seconds_since(other.first).abs();
    let end = if one.is_over { Some(one.last.seconds_since(other.last).abs()) } else { None };
    // Both sides of an edge count.
    let likely = |apart: f64| apart.max(1.0) * 2.0 / window.seconds.clamp(1.0, DAY);
    let chance = all as f64 * likely(begin) * end.map_or(1.0, likely);
    if begin > most || end.is_some_and(|end| end > most) || chance > CHANCE {
        return None;
    }
    let (relation, evidence) = match end {
        Some(end) => ("begins_and_ends_with", format!("{} and {} apart", span(begin), span(end))),
        None => ("begins_with", format!("{} apart", span(begin))),
    };
    Some(Pair { left: one.at, right: other.at, chance, relation, evidence })
}

fn span(seconds: f64) -> String {
    if seconds < 1.0 { "less than 1 s".to_owned() } else { words::span(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_757_800_000;

    /// A cluster of forty entries from one second of an eight hours' window to another.
    fn cluster(id: &str, first: i64, last: i64) -> Cluster {
        let time = |second: i64| Timestamp::from_seconds(START + second);
        Cluster {
            id: id.to_owned(),
            severity: Severity::Error,
            count: 40,
            first_seen: time(first),
            last_seen: time(last),
            ..Cluster::default()
        }
    }

    fn told(mut clusters: Vec<Cluster>) -> Vec<String> {
        let [start, end] = [0, 28_800].map(|second| Timestamp::from_seconds(START + second));
        relate(&mut clusters, &Window { start, end, seconds: 28_800.0 });
        let words = |cluster: &Cluster| {
            let words: Vec<String> = cluster
                .related
                .iter()
                .map(|related| format!("{} {}: {}", related.relation, related.cluster, related.evidence))
                .collect();
            words.join("; ")
        };
        clusters.iter().map(words).collect()
    }

    #[test]
    fn one_outage_in_several_words() {
        let found = told(vec![
            cluster("panic", 9_049, 10_259),
            cluster("refused", 9_007, 10_273),
            cluster("slow", 0, 28_700),
            cluster("later", 12_000, 13_000),
            cluster("quarter", 9_900, 11_100),
        ]);
        assert_eq!(
            found,
            [
                "begins_and_ends_with refused: 42 s and 14 s apart",
                "begins_and_ends_with panic: 42 s and 14 s apart",
                "",
                "",
                ""
            ]
        );
    }

    #[test]
    fn what_goes_on_begins_together() {
        let found = told(vec![cluster("locked", 9_000, 28_700), cluster("late", 9_030, 28_790)]);
        assert_eq!(found[0], "begins_with late: 30 s apart");
        assert_eq!(told(vec![cluster("locked", 9_000, 28_700), cluster("brief", 9_030, 9_900)]), ["", ""]);
    }

    #[test]
    fn what_is_related_by_more_is_told_once() {
        let mut first = cluster("panic", 9_049, 10_259);
        first.related =
            vec![Related { cluster: "refused".to_owned(), relation: "precedes".to_owned(), ..Related::default() }];
        let found = told(vec![first, cluster("refused", 9_007, 10_273)]);
        assert_eq!(found[0], "precedes refused: ");
    }
}
