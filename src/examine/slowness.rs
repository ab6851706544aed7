//! How long the requests of a service took over time in, the stretch out in which they took far longer than in the rest.

use std::ops::Range;

use crate::model::{Served, Steps, Stretch, WorstStretch};

use super::scan;
use super::stretch::{Found, LEAST_REQUESTS, deviations, millis};

const LEAST_NANOS: u64 = 100_000_000;
/// Twice as slow is so many steps up.
const DOUBLE: u32 = 8;
/// Slow is what takes longer than these shares of all requests: a stretch may be slow in all of them, or in a few.
const SLOWER_THAN: [f64; 5] = [0.5, 0.75, 0.9, 0.95, 0.99];
pub(super) const PERCENTILE: f64 = 0.95;

/// The stretch in which requests took far longest, of these parts of what a service served.
pub(super) fn worst(served: &Served, parts: &[(i64, &Stretch)]) -> Option<Found> {
    let median = served.successes().and_then(|successes| successes.step_at(0.5)).unwrap_or_default();
    let whole = Waited::new(served.took(), &served.took_errors().unwrap_or_default(), median);
    let parts: Vec<Waited> =
        parts.iter().map(|(_, part)| Waited::new(part.took.clone(), &part.took_errors, median)).collect();
    let (all, totals) = (whole.took.total(), parts.iter().map(|part| part.took.total()).collect::<Vec<_>>());
    let mut best: Option<(f64, Found)> = None;
    let mut met: Vec<Range<usize>> = Vec::new();
    for slow in SLOWER_THAN.iter().filter_map(|share| Some(whole.took.step_at(*share)?.saturating_add(1))) {
        let of = |(part, total): (&Waited, &u64)| (part.took.from(slow), *total);
        let counts: Vec<(u64, u64)> = parts.iter().zip(&totals).map(of).collect();
        let Some(range) = scan::run(&counts, (whole.took.from(slow), all)) else { continue };
        if met.contains(&range) {
            continue;
        }
        let (own, rest) = whole.split(parts.get(range.clone())?);
        if let Some((z, told)) = own.slower_than(&rest)
            && best.as_ref().is_none_or(|(most, _)| z > *most)
        {
            best = Some((z, (told, range.clone())));
        }
        met.push(range);
    }
    let (told, range) = best.map(|(_, found)| trimmed(found, &parts, &whole))?;
    let slow_errors = told.slow_errors.filter(|_| served.took_errors().is_some());
    Some((WorstStretch { slow_errors, ..told }, range))
}

/// The stretch without parts at its ends in which nothing was far slower than the rest: errors that came fast may have
/// drawn them in.
fn trimmed((told, range): Found, parts: &[Waited], whole: &Waited) -> Found {
    let shorter = || {
        let slow = whole.split(parts.get(range.clone())?).1.far_slower()?;
        let mut slow = range.clone().filter(|at| parts.get(*at).is_some_and(|part| part.took.from(slow) > 0));
        let first = slow.next()?;
        let range = first..slow.next_back()? + 1;
        let (own, rest) = whole.split(parts.get(range.clone())?);
        (own.took.total() >= LEAST_REQUESTS).then_some((own.beside(&rest)?, range))
    };
    shorter().unwrap_or((told, range.clone()))
}

/// Requests that tell how long an answer takes: errors that came faster than the median success do not.
#[derive(Clone, Default)]
struct Waited {
    took: Steps,
    /// The errors among them.
    errors: Steps,
    /// The errors that are left out.
    fast: u64,
}

impl Waited {
    fn new(mut took: Steps, errors: &Steps, median: u32) -> Self {
        let (fast, mut slow) = (errors.below(median), errors.clone());
        took.subtract(&fast);
        slow.subtract(&fast);
        Self { took, errors: slow, fast: fast.total() }
    }

    fn merge(&mut self, other: &Self) {
        self.took.merge(&other.took);
        self.errors.merge(&other.errors);
        self.fast += other.fast;
    }

    fn subtract(&mut self, part: &Self) {
        self.took.subtract(&part.took);
        self.errors.subtract(&part.errors);
        self.fast = self.fast.saturating_sub(part.fast);
    }

    /// What to tell of requests that took far longer than the rest, and how sure it is.
    fn slower_than(&self, rest: &Self) -> Option<(f64, WorstStretch)> {
        let told = self.beside(rest)?;
        let bad = rest.far_slower()?;
        let WorstStretch { requests, rest_requests, count, .. } = told;
        // Where more fails fast than here, as much as that may be what is slow here.
        let due = self.fast.saturating_mul(rest_requests + rest.fast) / (requests + self.fast).max(1);
        let instead = rest.fast.saturating_sub(due);
        let z = deviations((count, requests), (rest.took.from(bad) + instead, rest_requests + instead))?;
        Some((z, told))
    }

    /// Their figures beside those of the rest, if they are far slower.
    fn beside(&self, rest: &Self) -> Option<WorstStretch> {
        let (high, low) = (self.took.step_at(PERCENTILE)?, rest.took.step_at(PERCENTILE)?);
        let bad = rest.far_slower().filter(|bad| high >= *bad && Steps::middle(high) >= LEAST_NANOS)?;
        Some(WorstStretch {
            what: "latency".to_owned(),
            value: millis(Steps::middle(high)),
            rest: millis(Steps::middle(low)),
            requests: self.took.total(),
            rest_requests: rest.took.total(),
            count: self.took.from(bad),
            slow_errors: Some(self.errors.from(bad)),
            ..WorstStretch::default()
        })
    }

    /// From where on others are far slower than these.
    fn far_slower(&self) -> Option<u32> {
        Some(self.took.step_at(PERCENTILE)?.saturating_add(DOUBLE))
    }

    /// Those of some parts, and all others.
    fn split(&self, parts: &[Self]) -> (Self, Self) {
        let (mut own, mut rest) = (Self::default(), self.clone());
        for part in parts {
            own.merge(part);
        }
        rest.subtract(&own);
        (own, rest)
    }
}
