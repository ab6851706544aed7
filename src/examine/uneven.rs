//! A cluster's entries on each revision in, the revisions on which it has a far larger share of the entries out.
//!
//! Shares are compared with the measure by which the ledger calls a rate escalating. A share may also step up because a
//! revision logs less of everything else, so whether it comes more often in time as well is told apart.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Change, Direction, Kept, Seen, Tally, Timestamp};

use super::words;

/// Slices of the time of some revisions that tell an even flow from a burst.
const SLICES: i64 = 20;

/// A revision of the export, and how many of its entries are the cluster's.
#[derive(Clone, Copy, Debug)]
pub(super) struct On<'a> {
    pub(super) revision: &'a Kept,
    pub(super) count: u64,
}

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
                let change = Change::between(whole.without(part).seen(), part.seen());
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
        if Change::between(Sum::of(&less).seen(), Sum::of(&more).seen()).direction == Direction::Down {
            std::mem::swap(&mut more, &mut less);
        }
        let dispersion = dispersion(cluster, &more).max(dispersion(cluster, &less));
        let seen = |part: &[On<'_>]| Seen { dispersion, ..Sum::of(part).seen() };
        let in_time = |part: &[On<'_>]| Seen { within: seconds(part), ..seen(part) };
        let shares = Change::between(seen(&less), seen(&more));
        let is_certain = shares.direction == Direction::Up;
        let is_more_often = is_certain && Change::between(in_time(&less), in_time(&more)).direction == Direction::Up;
        Some(Self { ratio: shares.ratio, is_certain, is_more_often, more, less })
    }

    /// The revision since which it comes far more often: none where the oldest one has most of it.
    pub(super) fn since(&self) -> Option<&'a Kept> {
        let first = self.more.first().filter(|_| self.is_more_often)?.revision;
        self.less.first().is_some_and(|other| order(other.revision) < order(first)).then_some(first)
    }

    /// What is to be said about them, in figures.
    pub(super) fn sentence(&self) -> String {
        let Sum { count, entries } = Sum::of(&self.more);
        let rest = Sum::of(&self.less);
        let of = |sum: Sum| format!("{} ({})", words::counted(sum.entries, "entry", "entries"), sum.percent());
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
        let of_more = of(Sum { count, entries });
        format!(
            "{} of {of_more} on {}, {others} on {}{verdict}.",
            words::grouped(count),
            list(&self.more),
            list(&self.less)
        )
    }
}

/// Revisions in the order they came.
pub(super) fn order(revision: &Kept) -> (Option<Timestamp>, &str) {
    (revision.first, &revision.value)
}

/// Up to three names, then how many more.
pub(super) fn list(revisions: &[On<'_>]) -> String {
    let mut names: Vec<String> = revisions.iter().take(3).map(|on| on.revision.value.clone()).collect();
    if revisions.len() > 3 {
        names.push(format!("{} more", revisions.len() - 3));
    }
    words::list(&names)
}

/// Entries of a cluster among all entries of some revisions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    count: u64,
    pub(super) entries: u64,
}

impl Sum {
    pub(super) fn of(revisions: &[On<'_>]) -> Self {
        revisions.iter().fold(Self::default(), |sum, on| sum.and(Self { count: on.count, entries: on.revision.count }))
    }

    fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, entries: self.entries + other.entries }
    }

    fn without(self, part: Self) -> Self {
        Self { count: self.count.saturating_sub(part.count), entries: self.entries.saturating_sub(part.entries) }
    }

    /// Entries of the cluster that were to be expected among `entries` of others, were these the rule.
    #[expect(clippy::cast_precision_loss, reason = "an expectation computed from counts")]
    pub(super) fn expected_among(self, entries: u64) -> f64 {
        words::share(self.count, self.entries) * entries as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "a test statistic")]
    fn seen(self) -> Seen {
        Seen { count: self.count, within: self.entries as f64, dispersion: 1000 }
    }

    fn percent(self) -> String {
        words::fine_percent(words::share(self.count, self.entries))
    }
}

/// From the first to the last entry of some revisions.
fn seconds(revisions: &[On<'_>]) -> f64 {
    span(revisions).map_or(0.0, |(first, last)| last.seconds_since(first))
}

fn span(revisions: &[On<'_>]) -> Option<(Timestamp, Timestamp)> {
    let first = revisions.iter().filter_map(|on| on.revision.first).min()?;
    Some((first, revisions.iter().filter_map(|on| on.revision.last).max()?))
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
