//! Times with the number of entries at each in, whether there are more or fewer of them with time out.

use crate::model::{Timestamp, Window};

/// All words for how the number of entries changes.
pub(super) const TRENDS: [&str; 3] = ["steady", "rising", "falling"];
/// Entries from which a trend shows, and the seconds they are looked at for.
const LEAST: u64 = 20;
const LEAST_SECONDS: f64 = 120.0;

/// How the number of entries changes from the first one to the end of the window: what began within it has not risen for
/// that, and what is over has fallen. Empty where there is too little to tell.
pub(super) fn since_first(events: &[(i64, u64)], window: &Window) -> &'static str {
    halves(events, events.first().map(|(first, _)| Timestamp::from_nanos(*first)), window.end)
}

/// Whether most entries are in the second half of the window.
pub(super) fn is_late(events: &[(i64, u64)], window: &Window) -> bool {
    halves(events, window.start, window.end) == "rising"
}

/// The second half of a stretch against the first: a change of half and beyond three standard deviations.
fn halves(events: &[(i64, u64)], start: Option<Timestamp>, end: Option<Timestamp>) -> &'static str {
    let Some((start, end)) = start.zip(end).filter(|(start, end)| end.seconds_since(*start) >= LEAST_SECONDS) else {
        return "";
    };
    let middle = start.nanos() / 2 + end.nanos() / 2;
    let (mut early, mut late) = (0u64, 0u64);
    for (at, count) in events {
        *(if *at < middle { &mut early } else { &mut late }) += count;
    }
    let (less, more) = (u128::from(early.min(late)), u128::from(early.max(late)));
    match () {
        () if early + late < LEAST => "",
        () if 2 * more < 3 * less || (more - less).pow(2) <= 9 * (more + less) => "steady",
        () if late > early => "rising",
        () => "falling",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    /// Entries that begin at a second and come every so many seconds.
    fn every(number: i64, from: i64, gap: i64) -> Vec<(i64, u64)> {
        (0..number).map(|n| ((from + n * gap) * 1_000_000_000, 1)).collect()
    }

    fn told(events: &[(i64, u64)]) -> (&'static str, bool) {
        let [start, end] = [0, HOUR].map(Timestamp::from_seconds);
        let window = Window { start, end, seconds: 3_600.0 };
        (since_first(events, &window), is_late(events, &window))
    }

    #[test]
    fn a_trend_needs_more_than_chance() {
        assert_eq!(told(&every(40, 0, 90)), ("steady", false));
        assert_eq!(told(&[every(6, 0, 300), every(40, 2_400, 30)].concat()), ("rising", true));
        assert_eq!(told(&every(19, 0, 1)), ("", false));
        assert_eq!(told(&[]), ("", false));
    }

    #[test]
    fn what_began_has_not_risen_and_what_is_over_has_fallen() {
        assert_eq!(told(&every(40, 2_400, 30)), ("steady", true));
        assert_eq!(told(&every(40, 2_400, 10)), ("falling", true));
        assert_eq!(told(&every(40, 600, 10)), ("falling", false));
    }
}
