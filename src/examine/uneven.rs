//! A cluster's entries on each revision in, the revisions on which it has a far larger share of the entries out.
//!
//! Shares are compared with the measure by which the ledger calls a rate escalating. A share may also step up because a
//! revision logs less of everything else, so whether it comes more often in time as well is told apart.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Change, Direction, Seen, Tally};

use super::rollout::{On, Sum, list, span};
use super::words;

/// Slices of the time of some revisions that tell an even flow from a burst.
const SLICES: i64 = 20;

/// Revisions of which some have far more of a cluster than the others.
#[derive(Clone, Debug)]
pub(super) struct Uneven<'a> {
    more: Vec<On<'a>>,
    less: Vec<On<'a>>,
    /// How many times as large the share is, where the others have any.
    ratio: Option<f64>,
    /// Whether chance cannot have done it, bursts allowed for.
    is_certain: bool,
    /// Whether it comes more often in time as well.
    is_more_often: bool,
}

impl<'a> Uneven<'a> {
    /// The split of the revisions, given in the order they came, that is the least like chance: older against newer, or
    /// one against the rest. `None` where all are alike.
    pub(super) fn of(cluster: &Tally, rollout: &[On<'a>]) -> Option<Self> {
        let whole = Sum::of(rollout);
        let mut older = Sum::default();
        let mut best: Option<(f64, Range<usize>)> = None;
        for (at, on) in rollout.iter().enumerate() {
            for (part, range) in [(older, 0..at), (Sum::of(&[*on]), at..at + 1)] {
                let change = Change::between(seen(whole.without(part)), seen(part));
                let is_better = best.as_ref().is_none_or(|(z, _)| change.z.abs() > *z);
                if change.direction != Direction::Steady && is_better {
                    best = Some((change.z.abs(), range));
                }
            }
            older = older.and(Sum::of(&[*on]));
        }
        let (_, range) = best?;
        let (mut more, mut less) = (Vec::new(), Vec::new());
        for (at, on) in rollout.iter().enumerate() {
            if range.contains(&at) { &mut more } else { &mut less }.push(*on);
        }
        if Change::between(seen(Sum::of(&less)), seen(Sum::of(&more))).direction == Direction::Down {
            std::mem::swap(&mut more, &mut less);
        }
        let dispersion = dispersion(cluster, &more);
        let bursty = |part: &[On<'_>]| Seen { dispersion, ..seen(Sum::of(part)) };
        let in_time = |part: &[On<'_>]| Seen { within: seconds(part), ..bursty(part) };
        let shares = Change::between(bursty(&less), bursty(&more));
        let is_certain = shares.direction == Direction::Up;
        let is_more_often = is_certain && Change::between(in_time(&less), in_time(&more)).direction == Direction::Up;
        Some(Self { ratio: shares.ratio, is_certain, is_more_often, more, less })
    }

    /// The revision since which it comes far more often: none where the oldest one has most of it.
    pub(super) fn since(&self) -> Option<&'a str> {
        let first = self.more.first().filter(|_| self.is_more_often)?;
        self.less.first().is_some_and(|other| other.order() < first.order()).then_some(first.revision)
    }

    /// The revisions that have far more of it, and the others.
    pub(super) fn parts(&self) -> (&[On<'a>], &[On<'a>]) {
        (&self.more, &self.less)
    }

    /// What is to be said about them, in figures.
    pub(super) fn sentence(&self) -> String {
        let (own, rest) = (Sum::of(&self.more), Sum::of(&self.less));
        let of = |sum: Sum| format!("{} ({})", words::counted(sum.entries, "entry", "entries"), percent(sum));
        let others = match rest.count {
            0 => format!("none of {}", words::counted(rest.entries, "entry", "entries")),
            count => format!("{} of {}", words::grouped(count), of(rest)),
        };
        let verdict = match self.ratio {
            _ if !self.is_certain => ", in bursts, so that this may be chance".to_owned(),
            Some(ratio) if self.is_more_often => format!(": about {} times as often", times(ratio)),
            Some(ratio) => format!(": about {} times as large a share, though hardly more per hour", times(ratio)),
            None => String::new(),
        };
        let own = format!("{} of {} on {}", words::grouped(own.count), of(own), list(&self.more));
        format!("{own}, {others} on {}{verdict}.", list(&self.less))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a test statistic")]
fn seen(sum: Sum) -> Seen {
    Seen { count: sum.count, within: sum.entries as f64, dispersion: 1000 }
}

fn percent(sum: Sum) -> String {
    words::fine_percent(words::share(sum.count, sum.entries))
}

/// From the first to the last entry of some revisions.
fn seconds(revisions: &[On<'_>]) -> f64 {
    span(revisions).map_or(0.0, |(first, last)| last.seconds_since(first))
}

/// How burstily the cluster comes while some revisions run, in thousandths.
fn dispersion(cluster: &Tally, revisions: &[On<'_>]) -> u64 {
    let Some((first, last)) = span(revisions) else { return 1000 };
    let (first, last) = (first.minute(), last.minute());
    let minutes = last.saturating_sub(first).saturating_add(1);
    let width = minutes.saturating_add(SLICES - 1) / SLICES;
    let slices = minutes.saturating_add(width - 1) / width;
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for (minute, count) in cluster.timeline.0.range(first..=last) {
        *counts.entry((minute - first) / width).or_default() += count;
    }
    Seen::dispersion(counts.into_values(), usize::try_from(slices).unwrap_or_default())
}

/// A factor as precise as it deserves.
fn times(ratio: f64) -> String {
    if ratio < 9.95 {
        return words::decimal(ratio);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a factor for display, above nine")]
    let whole = ratio.round() as u64;
    words::grouped(whole)
}
