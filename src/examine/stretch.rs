//! The requests of a service over time in, the stretches out in which far more of them failed, or took far longer, than in
//! the rest.
//!
//! A stretch is the run of minutes whose share of failed (or slow) requests stands out most from that of the rest. It is told if both it and the rest hold at least twenty requests, it holds at least five failed (or slow)
//! ones, the share of 5xx is at least one percent (or the 95th percentile a tenth of a second), at least twice that of the
//! rest, and it is five standard deviations away from the rest: it was chosen among very many.

use std::ops::Range;

use crate::model::{Change, Direction, Seen, Served, Steps, Stretch, Timestamp, Window, WorstStretch};

use super::{scan, words};

/// Requests that a stretch, and the rest, have at least; and those of which a percentile is told.
pub(super) const LEAST_REQUESTS: u64 = 20;
/// Failed or slow ones among those of the stretch.
const LEAST_BAD: u64 = 5;
/// How many times as bad as the rest it is.
const LEAST_TIMES: f64 = 2.0;
/// The least share of 5xx that is remarkable, of a stretch and of a service.
pub(super) const LEAST_SHARE: f64 = 0.01;
/// Of all runs of minutes the one that looks worst is always some way off.
const LEAST_DEVIATIONS: f64 = 5.0;
const LEAST_NANOS: u64 = 100_000_000;
/// Twice as slow is so many steps up.
const DOUBLE: u32 = 8;
/// Slow is what takes longer than these shares of all requests: a stretch may be slow in all of them, or in a few.
const SLOWER_THAN: [f64; 5] = [0.5, 0.75, 0.9, 0.95, 0.99];
pub(super) const PERCENTILE: f64 = 0.95;

/// The stretches that stand out: by failures, if `by_errors`, and by latency, where all of them `took` so long.
pub(super) fn worst(served: &Served, took: &Steps, window: &Window, by_errors: bool) -> Vec<WorstStretch> {
    let (stretches, minutes) = served.stretches();
    let parts: Vec<(i64, &Stretch)> = stretches.iter().map(|(minute, part)| (*minute, part)).collect();
    let failing = by_errors.then(|| errors(&parts)).flatten();
    let told = |(told, range): (WorstStretch, Range<usize>)| {
        let (first, last) = (parts.get(range.start)?.0, parts.get(range.end.checked_sub(1)?)?.0);
        let time = |minute: i64| Timestamp::from_seconds(minute.saturating_mul(60));
        let start = time(first).max(window.start);
        let end = time(last.saturating_add(minutes)).map(|end| window.end.map_or(end, |last| last.min(end)));
        // The middle of a step may lie above all in it.
        let most = served.slowest.filter(|_| told.what == "latency").map_or(f64::INFINITY, millis);
        Some(WorstStretch { start, end, value: told.value.min(most), rest: told.rest.min(most), ..told })
    };
    failing.into_iter().chain(latency(&parts, took)).filter_map(told).collect()
}

fn errors(parts: &[(i64, &Stretch)]) -> Option<(WorstStretch, Range<usize>)> {
    let sum = |parts: &[(i64, &Stretch)]| {
        parts.iter().fold((0, 0), |sum, (_, part)| (sum.0 + part.failed, sum.1 + part.requests))
    };
    let whole = sum(parts);
    let range = scan::run(&parts.iter().map(|(_, part)| (part.failed, part.requests)).collect::<Vec<_>>(), whole)?;
    let own = sum(parts.get(range.clone())?);
    let others = (whole.0 - own.0, whole.1 - own.1);
    let (value, rest) = (words::share(own.0, own.1), words::share(others.0, others.1));
    let stands_out = value >= LEAST_SHARE && value >= rest * LEAST_TIMES && deviations(own, others).is_some();
    let (what, requests, rest_requests) = ("errors".to_owned(), own.1, others.1);
    let told = WorstStretch { what, value, rest, requests, rest_requests, ..WorstStretch::default() };
    stands_out.then_some((told, range))
}

fn latency(parts: &[(i64, &Stretch)], whole: &Steps) -> Option<(WorstStretch, Range<usize>)> {
    let (all, totals) = (whole.total(), parts.iter().map(|(_, part)| part.took.total()).collect::<Vec<_>>());
    let mut best: Option<(f64, WorstStretch, Range<usize>)> = None;
    let mut met: Vec<Range<usize>> = Vec::new();
    for slow in SLOWER_THAN.iter().filter_map(|share| Some(whole.step_at(*share)?.saturating_add(1))) {
        let of = |((_, part), total): (&(i64, &Stretch), &u64)| (part.took.from(slow), *total);
        let counts: Vec<(u64, u64)> = parts.iter().zip(&totals).map(of).collect();
        let Some(range) = scan::run(&counts, (whole.from(slow), all)) else { continue };
        if met.contains(&range) {
            continue;
        }
        let (mut own, mut rest) = (Steps::default(), whole.clone());
        parts.get(range.clone())?.iter().for_each(|(_, part)| own.merge(&part.took));
        rest.subtract(&own);
        if let Some((z, told)) = slower(&own, &rest)
            && best.as_ref().is_none_or(|(most, ..)| z > *most)
        {
            best = Some((z, told, range.clone()));
        }
        met.push(range);
    }
    best.map(|(_, told, range)| (told, range))
}

/// What to tell of requests that took far longer than the rest, and how sure it is.
fn slower(own: &Steps, rest: &Steps) -> Option<(f64, WorstStretch)> {
    let (high, low) = (own.step_at(PERCENTILE)?, rest.step_at(PERCENTILE)?);
    let bad = low.saturating_add(DOUBLE);
    if high < bad || Steps::middle(high) < LEAST_NANOS {
        return None;
    }
    let (requests, rest_requests) = (own.total(), rest.total());
    let z = deviations((own.from(bad), requests), (rest.from(bad), rest_requests))?;
    let (what, value, rest) = ("latency".to_owned(), millis(Steps::middle(high)), millis(Steps::middle(low)));
    Some((z, WorstStretch { what, value, rest, requests, rest_requests, ..WorstStretch::default() }))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of an estimate")]
fn millis(nanos: u64) -> f64 {
    (nanos as f64 / 1e6).round()
}

/// How many standard deviations more bad requests there are among a stretch's than among the rest, each given with all of
/// them; nothing where there is too little to tell, or chance may do it.
#[expect(clippy::cast_precision_loss, reason = "a test statistic")]
fn deviations(own: (u64, u64), rest: (u64, u64)) -> Option<f64> {
    let seen = |(bad, all): (u64, u64)| Seen { count: bad, within: all as f64, dispersion: 1000 };
    let enough = own.0 >= LEAST_BAD && own.1.min(rest.1) >= LEAST_REQUESTS;
    let change = Change::between(seen(rest), seen(own));
    let is_more = change.direction == Direction::Up && change.z >= LEAST_DEVIATIONS;
    (enough && is_more).then_some(change.z)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests of one minute: so many that took so many milliseconds, so many of them failed.
    fn add(served: &mut Served, minute: i64, requests: u64, failed: u64, millis: u64) {
        // Two in five take half as long.
        let (fast, step) = (requests * 2 / 5, |millis: u64| Steps::of(millis * 1_000_000));
        served.add(minute, requests, failed, [(step(millis / 2), fast), (step(millis), requests - fast)].into_iter());
    }

    fn told(served: &Served, by_errors: bool) -> Vec<(String, i64, i64, f64, f64, u64, u64)> {
        let minute = |time: Option<Timestamp>| time.map_or(0, Timestamp::minute);
        let worst = worst(served, &served.took(), &Window::default(), by_errors).into_iter();
        worst
            .map(|one| {
                let (start, end) = (minute(one.start), minute(one.end));
                (one.what, start, end, one.value, one.rest, one.requests, one.rest_requests)
            })
            .collect()
    }

    #[test]
    fn a_slow_stretch_is_found_to_the_minute() {
        let mut served = Served::new("api", "requests");
        for minute in 0..120 {
            add(&mut served, minute, 10, 0, if (80..105).contains(&minute) { 2_300 } else { 400 });
        }
        served.slowest = Some(2_260_000_000);
        let found = told(&served, true);
        let (what, start, end, value, rest, requests, others) = found[0].clone();
        assert_eq!((found.len(), what.as_str(), start, end), (1, "latency", 80, 105));
        assert_eq!((requests, others), (250, 950));
        assert!((2_140.0..=2_260.0).contains(&value) && (rest - 400.0).abs() < 30.0, "{value} {rest}");
    }

    #[test]
    fn a_few_slow_ones_among_many_are_found_too() {
        let mut served = Served::new("api", "requests");
        for minute in 0..120 {
            add(&mut served, minute, 100, 0, 400);
            if (30..40).contains(&minute) {
                add(&mut served, minute, 10, 0, 9_000);
            }
        }
        let found = told(&served, true);
        assert_eq!(found.iter().map(|found| (found.1, found.2)).collect::<Vec<_>>(), [(30, 40)]);
    }

    #[test]
    fn a_burst_of_failures_is_found_where_shares_mean_something() {
        let mut served = Served::new("api", "requests");
        for minute in 0..120 {
            add(&mut served, minute, 50, if (60..66).contains(&minute) { 12 } else { u64::from(minute % 40 == 0) }, 20);
        }
        let (what, start, end, value, ..) = told(&served, true)[0].clone();
        assert_eq!((what.as_str(), start, end, value), ("errors", 60, 66, 0.24));
        assert_eq!(told(&served, false), []);
    }

    #[test]
    fn too_little_tells_nothing() {
        let mut even = Served::new("api", "requests");
        (0..120).for_each(|minute| add(&mut even, minute, 10, 1, 400));
        let mut fast = Served::new("api", "requests");
        (0..120).for_each(|minute| add(&mut fast, minute, 10, 0, if minute < 30 { 40 } else { 4 }));
        let mut few = Served::new("api", "requests");
        (0..3).for_each(|minute| add(&mut few, minute, 5, 5 * u64::from(minute == 1), 400 << minute));
        let mut at_once = Served::new("api", "requests");
        (0..9).for_each(|times| add(&mut at_once, 7, 100, 50, 400 << times));
        for served in [even, fast, few, at_once, Served::new("api", "requests")] {
            assert_eq!(told(&served, true), []);
        }
    }

    #[test]
    fn a_stretch_ends_where_the_window_does() {
        let mut served = Served::new("api", "requests");
        (0..60).for_each(|minute| add(&mut served, minute, 10, if minute > 49 { 5 } else { 0 }, 400));
        let end = Timestamp::from_seconds(59 * 60 + 20);
        let window = Window { start: Timestamp::from_seconds(0), end, seconds: 0.0 };
        let worst = worst(&served, &served.took(), &window, true);
        assert_eq!((worst[0].start, worst[0].end), (Timestamp::from_seconds(50 * 60), end));
    }
}
