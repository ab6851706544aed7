//! A Digest in, the same without the times that stand far away from all others out: one wrong clock must not stretch the
//! window, spoil rates or empty a timeline.
//!
//! Stray are at most one in fifty of the entries with a time (one at least, of four or more) that stand at least thirty
//! days, and ten times the span of all others, away from them. A time in 1970 is that of a clock that was never set, however
//! far the others reach. They stay counted; only their times are set aside.

use crate::model::{Census, Digest, PatternTally, Tally, Timeline, Timestamp, Warning};

use super::words;

const DAY: i64 = 24 * 60;
/// Minutes without an entry that set times apart.
const LEAST_GAP: i64 = 30 * DAY;
/// How many times as far away as the others reach.
const TIMES_THE_SPAN: i64 = 10;
/// Of so many entries one may be stray.
const ONE_IN: u64 = 50;
const LEAST_ENTRIES: u64 = 4;
/// The first minute of 1971.
const CLOCKS_RUN: i64 = 365 * DAY;
const MINUTE: i64 = 60_000_000_000;

/// What was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strays {
    count: u64,
    earliest: Option<Timestamp>,
    latest: Option<Timestamp>,
    core: Core,
}

/// The minutes in which all other entries stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Core {
    first: i64,
    last: i64,
}

/// The Digest without stray times, and what they were; nothing where there are none.
pub(super) fn set_aside(digest: &Digest) -> Option<(Digest, Strays)> {
    let (core, count) = core(&digest.overall.timeline)?;
    let outside = |time: &Timestamp| !core.holds(*time);
    let strays = Strays {
        count,
        earliest: digest.overall.first.filter(outside),
        latest: digest.overall.last.filter(outside),
        core,
    };
    let mut digest = digest.clone();
    for pattern in digest.patterns.values_mut() {
        within_pattern(pattern, core);
    }
    for timeline in digest.severity_timeline.values_mut() {
        core.cut(timeline);
    }
    let times = digest.patterns.values().flat_map(|pattern| [pattern.tally.first, pattern.tally.last]).flatten();
    let (first, last) = times.fold((None, None), |(first, last): (Option<Timestamp>, _), time| {
        (first.map_or(Some(time), |first| Some(first.min(time))), Some(time).max(last))
    });
    within(&mut digest.overall, core, (first, last));
    digest.rollouts.retime(|time| core.holds(time), first, last);
    digest.traffic.forget_beyond(core.first, core.last);
    Some((digest, strays))
}

impl Strays {
    /// What is to be said about them.
    pub(super) fn warning(&self) -> Warning {
        let named = [self.earliest, self.latest].into_iter().flatten().map(words::clock).collect::<Vec<_>>();
        let (has, bears) = if self.count == 1 { ("entry bears", "it is") } else { ("entries bear", "they are") };
        Warning {
            kind: "stray".to_owned(),
            text: format!(
                "{} {has} a time far from all others ({}): {bears} counted, but left out of the time range, rates and \
                 timelines.",
                words::grouped(self.count),
                words::list(&named)
            ),
        }
    }

    /// Whether a time was set aside.
    pub(super) fn hold(&self, time: Option<Timestamp>) -> bool {
        time.is_some_and(|time| !self.core.holds(time))
    }
}

/// The last minute that is not stray; nothing where none is.
pub(super) fn last_minute(timeline: &Timeline) -> Option<i64> {
    core(timeline).map(|(core, _)| core.last)
}

/// The minutes that are not stray, and how many entries are.
fn core(timeline: &Timeline) -> Option<(Core, u64)> {
    let total: u64 = timeline.0.values().sum();
    let unset: u64 = timeline.0.range(0..CLOCKS_RUN).map(|(_, count)| count).sum();
    let few = |stray: u64| stray > 0 && total >= LEAST_ENTRIES && stray <= (total / ONE_IN).max(1);
    let mut set = timeline.0.range(CLOCKS_RUN..).filter(|(_, count)| **count > 0).map(|(minute, _)| *minute);
    let set = set.next().map(|first| Core { first, last: set.next_back().unwrap_or(first) });
    let unset_last = timeline.0.range(..CLOCKS_RUN).rfind(|(_, count)| **count > 0);
    let is_apart = set.zip(unset_last).is_some_and(|(core, (last, _))| core.first - last >= LEAST_GAP);
    let is_unset = is_apart && few(unset) && timeline.0.range(..0).all(|(_, count)| *count == 0);
    match fullest(timeline, if is_unset { CLOCKS_RUN } else { i64::MIN }) {
        Some(core) if few(total - core.1) => Some((core.0, total - core.1)),
        _ => set.filter(|_| is_unset).map(|core| (core, unset)),
    }
}

/// The fullest run of minutes without a long gap, if all others are far away; and its entries.
fn fullest(timeline: &Timeline, from: i64) -> Option<(Core, u64)> {
    let mut runs: Vec<(u64, Core)> = Vec::new();
    for (minute, count) in timeline.0.range(from..).filter(|(_, count)| **count > 0) {
        match runs.last_mut() {
            Some((entries, run)) if minute.saturating_sub(run.last) < LEAST_GAP => {
                run.last = *minute;
                *entries += count;
            }
            _ => runs.push((*count, Core { first: *minute, last: *minute })),
        }
    }
    let at = (0..runs.len()).max_by_key(|at| runs.get(*at).map(|(entries, _)| *entries))?;
    let (entries, core) = *runs.get(at)?;
    let far = core.last.saturating_sub(core.first).saturating_mul(TIMES_THE_SPAN);
    let before = at.checked_sub(1).and_then(|at| runs.get(at)).is_none_or(|(_, run)| core.first - run.last >= far);
    let behind = runs.get(at + 1).is_none_or(|(_, run)| run.first - core.last >= far);
    (before && behind).then_some((core, entries))
}

impl Core {
    fn holds(self, time: Timestamp) -> bool {
        (self.first..=self.last).contains(&time.minute())
    }

    fn cut(self, timeline: &mut Timeline) {
        timeline.0.retain(|minute, _| (self.first..=self.last).contains(minute));
    }
}

/// A pattern keeps its exact times that are no strays; where they are not kept, its first and last minute tell.
fn within_pattern(pattern: &mut PatternTally, core: Core) {
    let tally = &mut pattern.tally;
    if [tally.first, tally.last].into_iter().flatten().all(|time| core.holds(time)) {
        return;
    }
    core.cut(&mut tally.timeline);
    let exact: Vec<Timestamp> = tally.times.exact().unwrap_or_default().to_vec();
    let inside = |time: &Timestamp| core.holds(*time);
    let minute = |minute: Option<&i64>| minute.map(|minute| Timestamp::from_nanos(minute.saturating_mul(MINUTE)));
    let first = tally.first.filter(inside).or_else(|| exact.iter().copied().filter(inside).min());
    let last = tally.last.filter(inside).or_else(|| exact.iter().copied().filter(inside).max());
    let first = first.or_else(|| minute(tally.timeline.0.keys().next()));
    let last = last.or_else(|| minute(tally.timeline.0.keys().next_back()));
    within(tally, core, (first, last));
}

fn within(tally: &mut Tally, core: Core, (first, last): (Option<Timestamp>, Option<Timestamp>)) {
    core.cut(&mut tally.timeline);
    tally.times.retain(|time| core.holds(time));
    (tally.first, tally.last) = (first, last);
    let censuses: [&mut Census; 8] = [
        &mut tally.projects,
        &mut tally.services,
        &mut tally.revisions,
        &mut tally.instances,
        &mut tally.regions,
        &mut tally.resource_types,
        &mut tally.logs,
        &mut tally.labels,
    ];
    for census in censuses {
        census.retime(|time| core.holds(time), first, last);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Entries, digest};
    use super::*;

    fn with_stray(from: &'static str, count: u64, strays: u64) -> Option<(Digest, Strays)> {
        set_aside(&digest(&[
            Entries { pattern: "usual", count, from: "2025-09-14T03:00:10Z", step: 60_000, ..Entries::default() },
            Entries { pattern: "clock was lost", count: strays, from, step: 1, ..Entries::default() },
        ]))
    }

    #[test]
    fn one_wrong_clock_does_not_stretch_the_window() {
        for from in ["1970-01-01T00:00:00Z", "2099-12-31T23:59:59Z"] {
            let (digest, strays) = with_stray(from, 60, 1).unwrap();
            assert_eq!(digest.overall.first.unwrap().to_string(), "2025-09-14T03:00:10Z", "{from}");
            assert_eq!(digest.overall.last.unwrap().to_string(), "2025-09-14T03:59:10Z", "{from}");
            assert_eq!(digest.overall.count, 61, "it stays counted");
            let said = strays.warning().text;
            assert!(
                said.starts_with("1 entry bears a time far from all others (")
                    && said.contains(from.split_once('T').unwrap().0),
                "{said}"
            );
            assert!(strays.hold(Timestamp::parse(from)) && !strays.hold(digest.overall.first));
            let alone = digest.patterns.values().find(|pattern| pattern.pattern == "clock was lost").unwrap();
            assert_eq!((alone.tally.first, alone.tally.count), (None, 1));
        }
    }

    #[test]
    fn a_clock_that_was_never_set_is_stray_however_far_the_others_reach() {
        let digest = digest(&[
            Entries { pattern: "old", count: 30, from: "2011-09-14T03:00:10Z", step: 60_000, ..Entries::default() },
            Entries { pattern: "new", count: 30, from: "2025-09-14T03:00:10Z", step: 60_000, ..Entries::default() },
            Entries { pattern: "unset", count: 1, from: "1970-01-01T00:31:00Z", step: 1, ..Entries::default() },
        ]);
        let (digest, strays) = set_aside(&digest).unwrap();
        assert_eq!(digest.overall.first.unwrap().to_string(), "2011-09-14T03:00:10Z");
        assert_eq!(digest.overall.last.unwrap().to_string(), "2025-09-14T03:29:10Z");
        assert!(strays.warning().text.starts_with("1 entry bears a time far from all others (1970-01-01"));
    }

    #[test]
    fn what_is_merely_old_or_frequent_stays() {
        assert_eq!(with_stray("2025-09-01T00:00:00Z", 60, 1), None, "two weeks are a gap, not a wrong clock");
        assert_eq!(with_stray("1970-01-01T00:00:00Z", 60, 2), None, "two of 62 are too many to set aside");
        assert_eq!(with_stray("1970-01-01T00:00:00Z", 2, 1), None, "of three entries none is the rule");
        assert!(with_stray("1970-01-01T00:00:00Z", 120, 2).is_some());
    }
}
