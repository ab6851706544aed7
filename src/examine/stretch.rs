//! The requests of a service over time in, the stretches out in which far more of them failed, or took far longer, than in
//! the rest.
//!
//! A stretch is the run of minutes whose share of failed (or slow) requests stands out most from that of the rest. It is
//! told if both it and the rest hold at least twenty requests, it holds at least five failed (or slow) ones, the share of
//! 5xx is at least one percent (or the 95th percentile a tenth of a second), at least twice that of the rest, and it is
//! five standard deviations away from the rest: it was chosen among very many.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Change, Direction, Seen, Served, Stretch, Timestamp, Window, WorstStretch};

use super::{scan, slowness, words};

/// Requests that a stretch, and the rest, have at least; and those of which a percentile is told.
pub(super) const LEAST_REQUESTS: u64 = 20;
/// Failed or slow ones among those of the stretch.
pub(super) const LEAST_BAD: u64 = 5;
/// How many times as bad as the rest it is.
const LEAST_TIMES: f64 = 2.0;
/// The least share of 5xx that is remarkable, of a stretch and of a service.
pub(super) const LEAST_SHARE: f64 = 0.01;
/// Some 4xx are usual wherever people and programs ask.
const LEAST_REFUSED: f64 = 0.05;
/// Of all runs of minutes the one that looks worst is always some way off.
const LEAST_DEVIATIONS: f64 = 5.0;

/// A stretch that is to be told, and the parts that it has.
pub(super) type Found = (WorstStretch, Range<usize>);

/// The stretches that stand out: by errors, if their share `is_known`, and by latency.
pub(super) fn worst(served: &Served, window: &Window, is_known: bool) -> Vec<WorstStretch> {
    let (stretches, minutes) = served.stretches();
    let parts: Vec<(i64, &Stretch)> = stretches.iter().map(|(minute, part)| (*minute, part)).collect();
    let tells_errors = served.took_errors().is_some();
    let failing = is_known.then(|| answered(&parts, &FAILED)).flatten();
    let refusing = (is_known && tells_errors).then(|| answered(&parts, &REFUSED)).flatten();
    let told = |(told, range): Found| {
        let (first, last) = (parts.get(range.start)?.0, parts.get(range.end.checked_sub(1)?)?.0);
        let time = |minute: i64| Timestamp::from_seconds(minute.saturating_mul(60));
        let start = time(first).max(window.start);
        let end = time(last.saturating_add(minutes)).map(|end| window.end.map_or(end, |last| last.min(end)));
        // The middle of a step may lie above all in it.
        let most = served.slowest.filter(|_| told.what == "latency").map_or(f64::INFINITY, millis);
        let status = told.status.filter(|_| tells_errors);
        Some(WorstStretch { start, end, value: told.value.min(most), rest: told.rest.min(most), status, ..told })
    };
    failing.into_iter().chain(refusing).chain(slowness::worst(served, &parts)).filter_map(told).collect()
}

/// Answers that are looked at over time.
struct Class {
    what: &'static str,
    statuses: Range<u16>,
    least_share: f64,
    /// How many of those of a stretch there are, and among how many.
    counts: fn(&Stretch) -> (u64, u64),
}

const FAILED: Class = Class {
    what: "errors",
    statuses: 500..600,
    least_share: LEAST_SHARE,
    counts: |stretch| (stretch.failed, stretch.requests),
};

/// Where all fails, nothing is refused: what failed is no measure.
const REFUSED: Class = Class {
    what: "client_errors",
    statuses: 400..500,
    least_share: LEAST_REFUSED,
    counts: |stretch| {
        (stretch.errors.range(400..500).map(|(_, count)| count).sum(), stretch.requests.saturating_sub(stretch.failed))
    },
};

fn answered(parts: &[(i64, &Stretch)], class: &Class) -> Option<Found> {
    let counts: Vec<(u64, u64)> = parts.iter().map(|(_, part)| (class.counts)(part)).collect();
    let sum = |counts: &[(u64, u64)]| counts.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    let whole = sum(&counts);
    let range = scan::run(&counts, whole)?;
    let own = sum(counts.get(range.clone())?);
    let others = (whole.0 - own.0, whole.1 - own.1);
    deviations(own, others)?;
    let all = |parts: &[(i64, &Stretch)]| parts.iter().map(|(_, part)| part.requests).sum::<u64>();
    let requests = all(parts.get(range.clone())?);
    let rest_requests = all(parts) - requests;
    let (value, rest) = (words::share(own.0, requests), words::share(others.0, rest_requests));
    if value < class.least_share || value < rest * LEAST_TIMES {
        return None;
    }
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    let stretches = parts.get(range.clone())?.iter();
    for (status, count) in stretches.flat_map(|(_, part)| part.errors.range(class.statuses.clone())) {
        *statuses.entry(*status).or_default() += count;
    }
    let most =
        statuses.iter().max_by_key(|(status, count)| (**count, Reverse(**status))).filter(|(_, count)| **count > 0);
    let told = WorstStretch {
        what: class.what.to_owned(),
        value,
        rest,
        requests,
        rest_requests,
        count: own.0,
        status: most.map(|(status, _)| *status),
        status_count: most.map_or(0, |(_, count)| *count),
        ..WorstStretch::default()
    };
    Some((told, range))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of an estimate")]
pub(super) fn millis(nanos: u64) -> f64 {
    (nanos as f64 / 1e6).round()
}

/// How many standard deviations more bad requests there are among a stretch's than among the rest, each given with all of
/// them; nothing where there is too little to tell, or chance may do it.
#[expect(clippy::cast_precision_loss, reason = "a test statistic")]
pub(super) fn deviations(own: (u64, u64), rest: (u64, u64)) -> Option<f64> {
    let seen = |(bad, all): (u64, u64)| Seen { count: bad, within: all as f64, dispersion: 1000 };
    let enough = own.0 >= LEAST_BAD && own.1.min(rest.1) >= LEAST_REQUESTS;
    let change = Change::between(seen(rest), seen(own));
    let is_more = change.direction == Direction::Up && change.z >= LEAST_DEVIATIONS;
    (enough && is_more).then_some(change.z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Steps;

    /// Requests of one minute: so many that took so many milliseconds, so many of them failed.
    fn add(served: &mut Served, minute: i64, requests: u64, failed: u64, millis: u64) {
        // Two in five take half as long.
        let (fast, step) = (requests * 2 / 5, |millis: u64| Steps::of(millis * 1_000_000));
        served.add(minute, |stretch| {
            stretch.requests += requests;
            stretch.failed += failed;
            *stretch.errors.entry(503).or_default() += failed;
            stretch.took.add(step(millis / 2), fast);
            stretch.took.add(step(millis), requests - fast);
        });
    }

    fn told(served: &Served, by_errors: bool) -> Vec<(String, i64, i64, f64, f64, u64, u64)> {
        let minute = |time: Option<Timestamp>| time.map_or(0, Timestamp::minute);
        let worst = worst(served, &Window::default(), by_errors).into_iter();
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
        let worst = worst(&served, &window, true);
        assert_eq!((worst[0].start, worst[0].end), (Timestamp::from_seconds(50 * 60), end));
    }

    /// Adds requests of one minute with one status that took so many milliseconds.
    fn answer(served: &mut Served, minute: i64, requests: u64, status: u16, millis: u64) {
        let step = Steps::of(millis * 1_000_000);
        served.add(minute, |stretch| {
            stretch.requests += requests;
            stretch.took.add(step, requests);
            if status >= 400 {
                *stretch.errors.entry(status).or_default() += requests;
                stretch.failed += if status >= 500 { requests } else { 0 };
                stretch.took_errors.add(step, requests);
            }
        });
    }

    fn stretches(served: &Served) -> Vec<WorstStretch> {
        worst(served, &Window::default(), true)
    }

    #[test]
    fn refusals_far_above_their_usual_share_are_told_with_their_status() {
        let mut served = Served::new("api", "requests");
        for minute in 0..120 {
            let refused = (40..55).contains(&minute);
            answer(&mut served, minute, 20, 200, 50);
            answer(&mut served, minute, 1, 404, 50);
            answer(&mut served, minute, if refused { 10 } else { 0 }, 429, 2);
            // What fails is not refused, so the outage makes no stretch of the rest.
            answer(&mut served, minute, if minute >= 100 { 400 } else { 0 }, 503, 2);
        }
        let found = stretches(&served);
        let told: Vec<_> =
            found.iter().map(|one| (one.what.as_str(), one.count, one.status, one.status_count)).collect();
        let outage = ("errors", 8_000, Some(503), 8_000);
        assert_eq!(told, [outage, ("client_errors", 165, Some(429), 150)]);
        assert_eq!((found[1].requests, found[1].start), (465, Timestamp::from_seconds(40 * 60)));
        // Where a part does not tell errors apart, the statuses are those of the others alone.
        let mut saved = serde_json::to_value(&served).unwrap();
        saved.as_object_mut().unwrap().remove("tells_errors").unwrap();
        let found = stretches(&serde_json::from_value(saved).unwrap());
        assert_eq!(
            found.iter().map(|one| (one.what.as_str(), one.count, one.status)).collect::<Vec<_>>(),
            [("errors", 8_000, None)]
        );
    }

    #[test]
    fn a_route_that_fails_fast_does_not_make_the_rest_look_slow() {
        let mut served = Served::new("api", "requests");
        for minute in 0..120 {
            answer(&mut served, minute, 10, 200, 100);
            let (status, millis) = if minute < 70 { (200, 900) } else { (500, 5) };
            answer(&mut served, minute, 3, status, millis);
        }
        assert_eq!(stretches(&served).iter().map(|one| one.what.as_str()).collect::<Vec<_>>(), ["errors"]);
    }

    #[test]
    fn a_stretch_is_as_long_as_what_is_slow_in_it() {
        let mut served = Served::new("api", "requests");
        for minute in 0..240 {
            let burst = |range: Range<i64>, each| if range.contains(&minute) { each } else { 0 };
            answer(&mut served, minute, 6, 201, 200);
            answer(&mut served, minute, burst(57..152, 1), 200, 1_500 + 10 * minute.unsigned_abs());
            answer(&mut served, minute, burst(0..240, 1), 200, 500 + 25 * (minute.unsigned_abs() * 37 % 100));
            answer(&mut served, minute, burst(60..72, 21), 502, 1);
            answer(&mut served, minute, burst(90..110, 12), 429, 1);
            answer(&mut served, minute, burst(120..150, 3), 504, 30_000);
        }
        let found = stretches(&served).into_iter().find(|one| one.what == "latency").unwrap();
        let minutes = [found.start, found.end].map(|time| time.map(Timestamp::minute));
        assert_eq!((minutes, found.count), ([Some(120), Some(150)], 90));
    }

    #[test]
    fn slowness_says_how_much_of_it_failed() {
        let slow = |each: u64| {
            let mut served = Served::new("api", "requests");
            for minute in 0..120 {
                answer(&mut served, minute, 10, 200, 100);
                answer(&mut served, minute, 2, 404, 1);
                if (60..70).contains(&minute) {
                    answer(&mut served, minute, each, 504, 30_000);
                    answer(&mut served, minute, 5, 200, 9_000);
                }
            }
            stretches(&served).into_iter().find(|one| one.what == "latency").unwrap()
        };
        let (none, some) = (slow(0), slow(4));
        assert_eq!((none.count, none.slow_errors, none.requests), (50, Some(0), 150));
        assert_eq!((some.count, some.slow_errors, some.requests, some.rest_requests), (90, Some(40), 190, 1_100));
    }
}
