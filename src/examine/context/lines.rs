//! Entries around a moment in, the lines of the stack trace that begins or ends with it out; mergeable.
//!
//! Where every line of a trace is an entry of its own, the trace stands between two other entries of its instance. It is
//! told only where nothing else can be meant: nothing but lines between it and the entry that says what went wrong, no two
//! of them at one time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::nearest::Written;
use super::rows;
use crate::model::Exception;

/// Lines that are kept on each side of a moment.
const MOST: usize = 64;
/// The next line of a trace follows within so many nanoseconds.
const GAP: i64 = 10_000_000;
/// Beyond this distance, one gap more than lines are kept, nothing belongs to a trace at the moment.
pub(super) const REACH: i64 = 65 * GAP;
/// Begins a trace whose last line says what went wrong.
const LAST_SAYS: &str = "Traceback (most recent call last)";

/// What stands around a moment in its instance, with the distance in nanoseconds; negative: before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "E: Serialize", deserialize = "E: Deserialize<'de>"))]
pub(super) struct Lines<E> {
    /// What may be lines, by distance and identity.
    #[serde(with = "rows")]
    parts: BTreeMap<(i64, u64), Written<E>>,
    /// The nearest entries that are none.
    before: Option<(i64, Written<E>)>,
    after: Option<(i64, Written<E>)>,
}

impl<E> Default for Lines<E> {
    fn default() -> Self {
        Self { parts: BTreeMap::new(), before: None, after: None }
    }
}

impl<E> Lines<E> {
    /// The same, each entry as `change` makes it.
    pub(super) fn map<F>(self, mut change: impl FnMut(E) -> Option<F>) -> Lines<F> {
        let mut beside =
            |one: Option<(i64, Written<E>)>| one.and_then(|(delta, entry)| Some((delta, entry.map(&mut change)?)));
        let (before, after) = (beside(self.before), beside(self.after));
        let parts = self.parts.into_iter().filter_map(|(at, line)| Some((at, line.map(&mut change)?)));
        Lines { parts: parts.collect(), before, after }
    }

    /// Whether there are no lines.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether no entry that is no line is nearer.
    pub(super) fn may_bound(&self, delta: i64) -> bool {
        let held = if delta <= 0 { &self.before } else { &self.after };
        held.as_ref().is_none_or(|(held, _)| delta.unsigned_abs() <= held.unsigned_abs())
    }

    /// All entries that are kept.
    pub(super) fn entries(&self) -> impl Iterator<Item = &E> {
        let beside = [&self.before, &self.after].into_iter().flatten().map(|(_, entry)| entry);
        self.parts.values().chain(beside).map(|written| &written.entry)
    }

    fn cut(&mut self) {
        while self.parts.range((1, 0)..).count() > MOST {
            self.parts.pop_last();
        }
        while self.parts.range(..(0, 0)).count() > MOST {
            self.parts.pop_first();
        }
        // Of those at the time of the moment one tells that there are any.
        let mut here = self.parts.range((0, 0)..(1, 0)).map(|(at, _)| *at);
        if let (Some(_), Some(second)) = (here.next(), here.next()) {
            self.parts.remove(&second);
        }
    }

    /// Notes an entry that may be a line.
    pub(super) fn add(&mut self, delta: i64, identity: u64, line: Written<E>) {
        if self.parts.get(&(delta, identity)).is_none_or(|held| line.hash < held.hash) {
            self.parts.insert((delta, identity), line);
            self.cut();
        }
    }

    /// Notes an entry that is no line, if none is nearer.
    pub(super) fn bound(&mut self, delta: i64, entry: Written<E>) {
        let held = if delta <= 0 { &mut self.before } else { &mut self.after };
        let nearness = |delta: i64, entry: &Written<E>| (delta.unsigned_abs(), entry.hash);
        if held.as_ref().is_none_or(|(at, held)| nearness(delta, &entry) < nearness(*at, held)) {
            *held = Some((delta, entry));
        }
    }

    /// Adds what stands in another part of the archive. Commutative, associative and idempotent.
    pub(super) fn merge(&mut self, other: Self) {
        for (delta, entry) in [other.before, other.after].into_iter().flatten() {
            self.bound(delta, entry);
        }
        for ((delta, identity), line) in other.parts {
            self.add(delta, identity, line);
        }
    }
}

impl Lines<String> {
    /// The trace of an entry that says `message`, if the lines after it, or before it, are one.
    pub(super) fn exception(&self, message: &str, read: &impl Fn(&str) -> Option<Exception>) -> Option<Exception> {
        // An entry at the same time may stand on either side.
        let (first, last) = (self.before.as_ref(), self.after.as_ref());
        if first.is_some_and(|(delta, _)| *delta == 0) || self.parts.range((0, 0)..(1, 0)).next().is_some() {
            return None;
        }
        let says = |exception: &Exception| {
            let mut kinds = exception.chain.iter().chain([&exception.kind]);
            kinds.any(|kind| !kind.is_empty() && message.contains(kind.as_str()))
        };
        let after = self.parts.range((1, 0)..).filter(|((delta, _), _)| last.is_none_or(|(last, _)| delta < last));
        let (after, end) = run(after);
        if after.first().is_some_and(|line| line.starts_with(LAST_SAYS)) {
            // It ends such a trace only if it follows its last line, and all of them are known.
            let (_, last) = last.filter(|(last, _)| after.len() < MOST && last.abs_diff(end) <= GAP.unsigned_abs())?;
            return read(&[&after.join("\n"), last.entry.as_str()].join("\n"))
                .filter(|exception| !exception.kind.is_empty());
        }
        let begun = if after.is_empty() { None } else { read(&[message, &after.join("\n")].join("\n")) };
        begun.filter(says).or_else(|| {
            let before = self.parts.range(..(0, 0)).rev();
            let (before, _) = run(before.filter(|((delta, _), _)| first.is_none_or(|(first, _)| delta > first)));
            let head = before.iter().position(|line| line.starts_with(LAST_SAYS))?;
            let lines: Vec<&str> = before.get(..=head)?.iter().rev().copied().collect();
            read(&[&lines.join("\n"), message].join("\n")).filter(says)
        })
    }
}

/// Lines that follow each other closely, the nearest first, and where the last of them stands; none if their order is not
/// known.
fn run<'l>(parts: impl Iterator<Item = (&'l (i64, u64), &'l Written<String>)>) -> (Vec<&'l str>, i64) {
    let (mut at, mut lines) = (0_i64, Vec::new());
    for ((delta, _), line) in parts {
        match delta.abs_diff(at) {
            0 => return (Vec::new(), 0),
            gap if gap > GAP.unsigned_abs() => break,
            _ => {}
        }
        at = *delta;
        lines.push(line.entry.as_str());
    }
    (lines, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_kept_however_many_there_are() {
        let mut lines = Lines::default();
        for number in 0..1_000_i64 {
            for delta in [-1 - number, 0, 1 + number] {
                lines.add(delta, number.unsigned_abs(), Written { hash: 0, entry: number });
            }
        }
        assert_eq!(lines.entries().count(), 2 * MOST + 1);
        assert_eq!(lines.parts.keys().next().map(|(delta, _)| *delta), Some(-64));
        assert_eq!(lines.parts.keys().next_back().map(|(delta, _)| *delta), Some(64));
    }
}
