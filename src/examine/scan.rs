//! Counts over time in, the run of them that stands out from the rest out. Whole numbers only.

use std::ops::Range;

/// Shares as whole numbers: so many are one.
const ONE: u128 = 1 << 32;
/// A run that is still moving by then moves to and fro.
const MOST_ROUNDS: usize = 16;

/// The run of parts, each a count of bad ones and of all, that stands out most from the rest.
///
/// A part speaks for the run where its share of bad ones lies nearer to that of the run than to that of the rest. Each
/// follows from the other, so it begins with the share of the whole and goes on until the run stays.
pub(super) fn run(parts: &[(u64, u64)], whole: (u64, u64)) -> Option<Range<usize>> {
    let mut range = fullest(parts, u128::from(whole.0) * ONE / u128::from(whole.1.max(1)))?;
    for _ in 0..MOST_ROUNDS {
        let own = parts.get(range.clone())?.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let rest = (whole.0.saturating_sub(own.0), whole.1.saturating_sub(own.1));
        match fullest(parts, between(share(own), share(rest))) {
            Some(other) if other != range => range = other,
            _ => break,
        }
    }
    Some(range)
}

/// The share of bad ones, half of one added: that none was seen does not say that there are none.
fn share((bad, all): (u64, u64)) -> u128 {
    (u128::from(bad) * 2 + 1) * ONE / (u128::from(all).max(1) * 2)
}

/// Where a count is as likely by the one share as by the other: their logarithmic mean, near enough.
fn between(one: u128, other: u128) -> u128 {
    (4 * one.saturating_mul(other).isqrt() + one + other) / 6
}

/// The run of parts that has most bad ones beyond a share of all.
fn fullest(parts: &[(u64, u64)], share: u128) -> Option<Range<usize>> {
    let mut best: Option<(i128, Range<usize>)> = None;
    let whole = |count: u128| i128::try_from(count).unwrap_or(i128::MAX);
    let (mut sum, mut start) = (0_i128, 0);
    for (at, (bad, all)) in parts.iter().enumerate() {
        if sum <= 0 {
            (sum, start) = (0, at);
        }
        let (own, due) = (u128::from(*bad) * ONE, share.saturating_mul(u128::from(*all)));
        sum = sum.saturating_add(whole(own)).saturating_sub(whole(due));
        if sum > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((sum, start..at + 1));
        }
    }
    best.map(|(_, range)| range)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look like chance, the same in each run.
    fn chance(seed: &mut u64, below: u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % below
    }

    /// Six hours of about so many requests a minute, of which so many per mille are bad, and more of them meanwhile.
    fn planted(each: u64, base: u64, meanwhile: u64, when: &Range<usize>, seed: u64) -> Vec<(u64, u64)> {
        let mut seed = seed * 7_919 + each;
        let mut minute = |share: u64| {
            let all = chance(&mut seed, 2 * each + 1);
            ((0..all).map(|_| u64::from(chance(&mut seed, 1_000) < share)).sum(), all)
        };
        (0..360).map(|at| minute(if when.contains(&at) { meanwhile } else { base })).collect()
    }

    #[test]
    fn a_planted_run_is_found_to_two_minutes() {
        for (each, base, meanwhile) in [(4, 0, 220), (3, 10, 1_000), (30, 10, 60), (100, 2, 20), (20, 100, 400)] {
            for when in [120..360, 5..25, 90..110, 240..330] {
                let mut off = 0;
                for seed in 0..20 {
                    let parts = planted(each, base, meanwhile, &when, seed);
                    let whole = parts.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
                    let found = run(&parts, whole).unwrap();
                    off += found.start.abs_diff(when.start) + found.end.abs_diff(when.end);
                }
                // Two ends, twenty times.
                assert!(off <= 2 * 2 * 20, "{each} {base} {meanwhile} {when:?}: {off}");
            }
        }
    }

    #[test]
    fn what_is_even_or_empty_has_no_run_and_nothing_overflows() {
        assert_eq!(run(&[], (0, 0)), None);
        assert_eq!(run(&[(0, 5), (0, 0)], (0, 5)), None);
        assert_eq!(run(&[(2, 4); 9], (18, 36)), None);
        let many = u64::MAX / 4;
        assert_eq!(run(&[(1, many), (many, many), (0, 9)], (many + 1, 2 * many + 9)), Some(1..2));
    }
}
