//! What a run saw of one cluster, what earlier runs saw and what people decided in; its state with the reasons out.
//!
//! A pure function of event times: the clock of the machine and the order in which archives were read play no part.

use super::again::Trail;
use super::change::{Change, Direction, LEAST_FACTOR, Watched, between, show};
use super::revision::{Revisions, SinceFix};
use super::words::because;
use crate::model::{Expected, Span, Timestamp};

/// What one run saw of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct Sighting<'a> {
    /// How often, in how much covered time.
    pub watched: Watched,
    /// Latest entry.
    pub last: Option<Timestamp>,
    /// When its entries came.
    pub trail: Trail,
    /// Latest entry of the whole run: what happened later is not yet known as of this run.
    pub run_end: Option<Timestamp>,
    /// Revisions it was seen on.
    pub revisions: &'a [Span],
    /// How many earlier runs would have shown it.
    pub covered_by: usize,
}

/// When and where a cluster was declared fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fix<'a> {
    /// When.
    pub at: Timestamp,
    /// The first revision with the fix; empty if not known.
    pub revision: &'a str,
    /// Who says so: `issue #169, closed as completed`.
    pub source: &'a str,
}

/// What people and the tracker say about a cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing<'a> {
    /// Why it is ignored, and until when.
    pub ignored: Option<(&'a str, Option<Timestamp>)>,
    /// Why and how far it is expected.
    pub expected: Option<&'a Expected>,
    /// Where it was fixed.
    pub fix: Option<Fix<'a>>,
    /// Something that knew of it before this run began: an issue that is older.
    pub known: Option<String>,
}

/// A state and why, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// `new`, `recurring`, ...
    pub name: &'static str,
    /// The reasons.
    pub reasons: Vec<String>,
}

impl State {
    fn because(name: &'static str, reason: impl Into<String>) -> Self {
        Self { name, reasons: vec![reason.into()] }
    }
}

/// The state of a cluster that this run saw; `past` holds the earlier runs that cover it, oldest first.
pub(crate) fn judge(sighting: &Sighting<'_>, past: &[Watched], standing: &Standing<'_>, book: &Revisions) -> State {
    let mut withdrawn = Vec::new();
    if let Some((reason, until)) = standing.ignored {
        match (until, sighting.last) {
            (Some(until), Some(last)) if last > until => withdrawn.push(format!("was ignored until {until}")),
            _ => return State::because("ignored", because("ignored by decision", reason)),
        }
    }
    if let Some(expected) = standing.expected {
        match still_expected(sighting, past, expected) {
            Ok(reason) => return State { name: "expected", reasons: vec![reason] },
            Err((true, reason)) => return State { name: "escalating", reasons: vec![reason] },
            Err((false, reason)) => withdrawn.push(reason),
        }
    }
    let mut state = match &standing.fix {
        Some(fix) if sighting.run_end.is_some_and(|end| end <= fix.at) => {
            withdrawn.push(format!("it was fixed later, at {} ({})", fix.at, fix.source));
            by_rate(sighting, past, standing)
        }
        Some(fix) => after_fix(sighting, fix, book),
        None => by_rate(sighting, past, standing),
    };
    state.reasons.extend(withdrawn);
    state
}

/// Why it is still expected, or why it is not any more and whether that is for its rate.
fn still_expected(sighting: &Sighting<'_>, past: &[Watched], expected: &Expected) -> Result<String, (bool, String)> {
    let said = because(&format!("expected by {}", expected.source), &expected.reason);
    if let (Some(until), Some(last)) = (expected.until, sighting.last)
        && last > until
    {
        return Err((false, format!("was {said}; that ended on {until}")));
    }
    let rate = sighting.watched.per_hour();
    match expected.max_rate_per_hour {
        Some(most) if rate > most => {
            Err((true, format!("was {said}; but {} per hour are above the {} allowed", show(rate), show(most))))
        }
        Some(most) => Ok(format!("{said}; {} per hour are within the {} allowed", show(rate), show(most))),
        None => match rates(sighting.watched, past) {
            Some((Direction::Up, figures)) => Err((true, format!("was {said}; but its rate jumped: {figures}"))),
            _ => Ok(said),
        },
    }
}

/// Regressed needs entries after the fix, on a revision newer than it where revisions are known.
pub(crate) fn after_fix(sighting: &Sighting<'_>, fix: &Fix<'_>, book: &Revisions) -> State {
    let fixed = format!("fixed at {} ({})", fix.at, fix.source);
    let Some(last) = sighting.last else {
        return State::because(
            "lingering",
            format!("{fixed}; its entries carry no time, so nothing says they came after"),
        );
    };
    if last <= fix.at {
        return State::because("resolved", format!("{fixed}; its last entry, {last}, is not later"));
    }
    let again = sighting.trail.after(fix.at).unwrap_or_else(|| format!("seen again by {last}"));
    let after: Vec<&Span> =
        sighting.revisions.iter().filter(|span| span.last_seen.is_none_or(|seen| seen > fix.at)).collect();
    let verdicts: Vec<SinceFix> = after.iter().map(|span| book.since_fix(&span.name, fix.revision, fix.at)).collect();
    let newer = verdicts.iter().find_map(|verdict| match verdict {
        SinceFix::Newer(reason) => Some(reason),
        _ => None,
    });
    if let Some(reason) = newer {
        return State { name: "regressed", reasons: vec![format!("{fixed}, {again}"), reason.clone()] };
    }
    let older = verdicts.iter().find_map(|verdict| match verdict {
        SinceFix::Older(reason) => Some(reason),
        _ => None,
    });
    let unknown = verdicts.contains(&SinceFix::Unknown);
    if let (Some(reason), false) = (older, unknown) {
        let reasons = vec![format!("{fixed}, {again}, on no revision newer than the fix"), reason.clone()];
        return State { name: "lingering", reasons };
    }
    let caution = "nothing tells whether its revisions hold the fix, so event time alone decides";
    State { name: "regressed", reasons: vec![format!("{fixed}, {again}"), caution.into()] }
}

fn by_rate(sighting: &Sighting<'_>, past: &[Watched], standing: &Standing<'_>) -> State {
    if !past.iter().any(|run| run.count > 0) {
        return match &standing.known {
            Some(known) => State::because("recurring", known.clone()),
            None => State::because("new", unseen(sighting.covered_by)),
        };
    }
    match rates(sighting.watched, past) {
        Some((Direction::Up, figures)) => State::because("escalating", figures),
        Some((Direction::Down, figures)) => State::because("declining", figures),
        Some((Direction::Steady, figures)) => State::because("recurring", figures),
        None => State::because("recurring", "seen before; its rates cannot be compared"),
    }
}

/// What the earlier runs that would have shown it, and did not, are worth.
fn unseen(covered_by: usize) -> String {
    match covered_by {
        0 => "no earlier run covers it, so it may be older".to_owned(),
        1 => "not in the earlier run that covers it".to_owned(),
        runs => format!("not in any of the {runs} earlier runs that cover it"),
    }
}

/// The direction of the rate against the earlier runs, with its figures.
fn rates(now: Watched, past: &[Watched]) -> Option<(Direction, String)> {
    let usable: Vec<Watched> = past.iter().copied().filter(|run| run.seconds > 0.0).collect();
    let pooled = usable.iter().copied().reduce(Watched::and)?;
    if now.seconds <= 0.0 {
        return None;
    }
    let change = between(pooled, now);
    let rate = show(now.per_hour());
    if usable.len() < 3 {
        let then = show(pooled.per_hour());
        let figures = format!("{rate} per covered hour now, {then} before{}", sizes(change));
        return Some((change.direction, figures));
    }
    let (low, high) = limits(&usable);
    let direction = match change.direction {
        Direction::Up if now.per_hour() > high => Direction::Up,
        Direction::Down if now.per_hour() < low => Direction::Down,
        _ => Direction::Steady,
    };
    let runs = usable.len();
    let (low, high) = (show(low), show(high));
    let figures =
        format!("{rate} per covered hour now, {low} to {high} is usual by {runs} earlier runs{}", sizes(change));
    Some((direction, figures))
}

fn sizes(change: Change) -> String {
    let factor = change.ratio.map(|ratio| match show(ratio).as_str() {
        "1" | "1.0" => "as often, ".to_owned(),
        times => format!("{times} times, "),
    });
    let factor = factor.unwrap_or_default();
    // A hair below nought is nought.
    let z = if change.z.abs() < 0.05 { 0.0 } else { change.z };
    format!(" ({factor}{z:.1} standard deviations)")
}

/// The usual range of rates: three standard deviations around the mean, and at least the extremes seen with the least
/// factor beyond them, so that neither steady nor bursty histories cry wolf.
#[expect(clippy::cast_precision_loss, reason = "a few runs")]
fn limits(runs: &[Watched]) -> (f64, f64) {
    let rates: Vec<f64> = runs.iter().map(|run| run.per_hour()).collect();
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / rates.len() as f64;
    let most = rates.iter().copied().fold(0.0, f64::max);
    let least = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let spread = 3.0 * variance.sqrt();
    ((mean - spread).min(least / LEAST_FACTOR).max(0.0), (mean + spread).max(most * LEAST_FACTOR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn watched(count: u64, hours: f64) -> Watched {
        Watched { count, seconds: hours * 3600.0, dispersion: 1000 }
    }

    fn sighting(count: u64, last: &str, revisions: &'static [Span]) -> Sighting<'static> {
        Sighting {
            watched: watched(count, 1.0),
            last: Timestamp::parse(last),
            trail: Trail::default(),
            run_end: None,
            revisions,
            covered_by: 2,
        }
    }

    fn span(name: &str) -> &'static [Span] {
        let span = Span { name: name.into(), last_seen: Timestamp::parse("2025-09-12T23:00:00Z"), ..Span::default() };
        Box::leak(Box::new([span]))
    }

    fn fix(revision: &'static str) -> Fix<'static> {
        Fix { at: time("2025-09-11T18:00:00Z"), revision, source: "issue #169, closed as completed" }
    }

    #[test]
    fn the_states_one_by_one() {
        let after = "2025-09-12T23:00:00Z";
        let book = Revisions::default();
        let expected = Expected { reason: "staging".into(), source: "ledger".into(), ..Expected::default() };
        let capped = Expected { max_rate_per_hour: Some(20.0), ..expected.clone() };
        let ended = Expected { until: Some(time("2025-09-12T00:00:00Z")), ..expected.clone() };
        let known = Some("issue #5 is older than this export".to_string());
        let three = [watched(10, 1.0), watched(12, 1.0), watched(9, 1.0)];
        let none = Standing::default();
        let early =
            Sighting { run_end: Timestamp::parse("2025-09-11T05:19:00Z"), ..sighting(10, "2025-09-11T05:18:00Z", &[]) };
        let fixed = |revision| Standing { fix: Some(fix(revision)), ..Standing::default() };
        let on = |revision| sighting(10, after, span(revision));
        let bare = |count| sighting(count, after, &[]);
        for (sighting, past, standing, state) in [
            (bare(10), &[][..], none.clone(), "new"),
            (bare(10), &[watched(0, 1.0)][..], none.clone(), "new"),
            (bare(10), &[], Standing { known, ..Standing::default() }, "recurring"),
            (bare(10), &three[..1], none.clone(), "recurring"),
            (bare(60), &three[..1], none.clone(), "escalating"),
            (bare(60), &three[..], none.clone(), "escalating"),
            (bare(16), &three[..], none.clone(), "recurring"),
            (bare(0), &three[..], none.clone(), "declining"),
            (bare(10), &[watched(0, 0.0), watched(5, 0.0)][..], none, "recurring"),
            (bare(10), &three[..], Standing { ignored: Some(("noise", None)), ..Standing::default() }, "ignored"),
            (bare(10), &three[..], Standing { expected: Some(&expected), ..Standing::default() }, "expected"),
            (bare(60), &three[..], Standing { expected: Some(&expected), ..Standing::default() }, "escalating"),
            (bare(60), &[], Standing { expected: Some(&expected), ..Standing::default() }, "expected"),
            (bare(20), &three[..], Standing { expected: Some(&capped), ..Standing::default() }, "expected"),
            (bare(21), &three[..], Standing { expected: Some(&capped), ..Standing::default() }, "escalating"),
            (bare(10), &three[..], Standing { expected: Some(&ended), ..Standing::default() }, "recurring"),
            (on("b-00611-cr5"), &three[..], fixed("b-00597-hxd"), "regressed"),
            (on("b-00597-hxd"), &three[..], fixed("b-00597-hxd"), "lingering"),
            (on("b-00590-4m8"), &three[..], fixed("b-00597-hxd"), "lingering"),
            (on("blue"), &three[..], fixed(""), "regressed"),
            (bare(10), &three[..], fixed(""), "regressed"),
            (sighting(10, "2025-09-11T18:00:00Z", &[]), &three[..], fixed(""), "resolved"),
            (early, &three[..], fixed(""), "recurring"),
        ] {
            let judged = judge(&sighting, past, &standing, &book);
            assert_eq!(judged.name, state, "{judged:?}");
            assert!(!judged.reasons.is_empty() && judged.reasons.iter().all(|reason| !reason.is_empty()));
        }
    }

    #[test]
    fn entries_before_the_fix_do_not_speak_for_newer_revisions() {
        let spans: &'static [Span] = Box::leak(Box::new([
            Span { name: "b-00611-cr5".into(), last_seen: Some(time("2025-09-11T17:00:00Z")), ..Span::default() },
            Span { name: "b-00590-4m8".into(), last_seen: Some(time("2025-09-12T17:00:00Z")), ..Span::default() },
        ]));
        let standing = Standing { fix: Some(fix("b-00597-hxd")), ..Standing::default() };
        let judged = judge(&sighting(3, "2025-09-12T17:00:00Z", spans), &[], &standing, &Revisions::default());
        assert_eq!(judged.name, "lingering");
    }

    #[test]
    fn a_rate_like_before_is_as_often() {
        let reasons = |count: u64| {
            let past = [watched(10, 1.0)];
            judge(&sighting(count, "", &[]), &past, &Standing::default(), &Revisions::default()).reasons
        };
        assert_eq!(reasons(10), ["10 per covered hour now, 10 before (as often, 0.0 standard deviations)"]);
        assert_eq!(reasons(11), ["11 per covered hour now, 10 before (1.1 times, 0.2 standard deviations)"]);
    }

    proptest! {
        /// Never regressed without an entry after the fix, nor with every revision at or below that of the fix.
        #[test]
        fn no_false_regressions(ordinals in prop::collection::vec(1u32..2000, 1..5), fixed_in in 1u32..2000, last in 0i64..100) {
            let at = Timestamp::from_seconds(50).unwrap();
            let seen = Timestamp::from_seconds(last).unwrap();
            let spans: Vec<Span> = ordinals.iter().map(|ordinal| Span {
                name: format!("b-{ordinal:05}-abc"), last_seen: Some(seen), ..Span::default()
            }).collect();
            let fixed_in_name = format!("b-{fixed_in:05}-abc");
            let standing = Standing {
                fix: Some(Fix { at, revision: &fixed_in_name, source: "ledger" }), ..Standing::default()
            };
            let sighting = Sighting { watched: watched(5, 1.0), last: Some(seen), trail: Trail::default(), run_end: None, revisions: &spans, covered_by: 2 };
            let state = judge(&sighting, &[watched(5, 1.0)], &standing, &Revisions::default());
            let newer = ordinals.iter().any(|ordinal| *ordinal > fixed_in);
            let want = if last <= 50 { "resolved" } else if newer { "regressed" } else { "lingering" };
            prop_assert_eq!(state.name, want);
        }

        /// The order of earlier runs makes no difference to the name of the state, and more entries never lower it.
        #[test]
        fn rates_are_monotone(past in prop::collection::vec((0u64..500, 1u32..50), 0..6), count in 1u64..500) {
            let runs: Vec<Watched> = past.iter().map(|(count, hours)| watched(*count, f64::from(*hours))).collect();
            let mut shuffled = runs.clone();
            shuffled.reverse();
            let rank = |count: u64, runs: &[Watched]| {
                let sighting = Sighting { watched: watched(count, 1.0), last: None, trail: Trail::default(), run_end: None, revisions: &[], covered_by: 2 };
                let name = judge(&sighting, runs, &Standing::default(), &Revisions::default()).name;
                ["new", "declining", "recurring", "escalating"].iter().position(|known| *known == name).unwrap()
            };
            prop_assert_eq!(rank(count, &runs), rank(count, &shuffled));
            prop_assert!(rank(count, &runs) <= rank(count + 100, &runs));
        }
    }
}
