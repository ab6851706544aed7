//! The times of a cluster in, how often it comes in figures and in words out.
//!
//! The words, first that holds: `single` (one entry), `untimed` (no entry has a time), `constant stream` (ten or more
//! entries, twelve an hour, active in at least 80 % of the twentieths of the window, or, if it is still going when that
//! ends, of the rest of it since its first entry, five minutes at least), `burst` (ten or more entries within a tenth of
//! the window, or nine in ten of them in one burst that does), `brief` (three to nine within it, or two within a minute of it),
//! `periodic` (even steps of entries, or of the groups they come in; it goes before a stream that is still going),
//! `in bursts` (two or more bursts hold at least half of the entries), `frequent` or `intermittent` (ten or more entries,
//! active in at least 30 %; twelve an hour or fewer), else `sporadic`.

use crate::model::{Cluster, Peak, Rate, Tally, Timestamp, Window};

use super::groups::{Groups, Stretch, even_step, stretches, time_of_day};
use super::{trend, words};

/// Entries that a burst has at least.
const BURST_ENTRIES: u64 = 5;
/// A burst is at least this many times as dense as the cluster is from its first to its last entry.
const BURST_DENSITY: i128 = 5;
/// Entries from which a stay within a tenth of the window is called a burst rather than brief.
const MANY: u64 = 10;
/// Bursts that are listed: the largest ones.
const LISTED_BURSTS: usize = 10;
/// Slices of the window that tell a stream from single events.
const SLICES: i64 = 20;
/// Entries per hour from which something comes often.
const OFTEN: f64 = 12.0;
const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;

/// How often a cluster comes, seen against the window of the run.
pub(super) fn rate(tally: &Tally, window: &Window) -> Rate {
    let timed = tally.count.saturating_sub(tally.untimed);
    let events = Events::of(tally);
    let median = events.median_gap();
    let bursts = events.bursts(median);
    let groups = median.and_then(|median| Groups::of(&events.at, median, events.step()));
    let period = events.period(&bursts, groups.as_ref());
    let mut rate = Rate {
        per_hour: per_hour(timed, window),
        median_gap_seconds: median.map(seconds),
        estimated: !events.exact,
        word: String::new(),
        trend: trend::since_first(&events.at, window).to_owned(),
        late: trend::is_late(&events.at, window),
        period_seconds: period.map(seconds),
        bursts,
        text: String::new(),
    };
    let word = if tally.count == 1 { "single" } else { word(&events, timed, window, &rate) };
    word.clone_into(&mut rate.word);
    rate.text = text(tally, &rate, window, &often(&events, groups.as_ref(), median, period));
    rate
}

/// Entries with a time per hour of the observed window; one shorter than a minute counts as a minute.
#[expect(clippy::cast_precision_loss, reason = "a rate for display")]
pub(super) fn per_hour(count: u64, window: &Window) -> f64 {
    count as f64 * 3_600.0 / window.seconds.max(60.0)
}

/// Entries per hour from the first to the last entry of a cluster, a shorter span counting as an hour.
#[expect(clippy::cast_precision_loss, reason = "a rate for display")]
pub(super) fn while_it_lasts(cluster: &Cluster) -> f64 {
    let Some((first, last)) = cluster.first_seen.zip(cluster.last_seen) else { return 0.0 };
    cluster.count as f64 * 3_600.0 / last.seconds_since(first).max(3_600.0)
}

/// Times with the number of entries at each: exact ones, or minutes.
struct Events {
    at: Vec<(i64, u64)>,
    exact: bool,
}

impl Events {
    fn of(tally: &Tally) -> Self {
        if let Some(times) = tally.times.exact() {
            let mut at: Vec<(i64, u64)> = times.iter().map(|time| (time.nanos(), 1)).collect();
            at.sort_unstable();
            return Self { at, exact: true };
        }
        let minutes = tally.timeline.0.iter().filter(|(_, count)| **count > 0);
        Self { at: minutes.map(|(minute, count)| (minute.saturating_mul(MINUTE), *count)).collect(), exact: false }
    }

    /// Gaps between entries with how often each occurs. Entries of a minute are taken as evenly spread over it.
    fn gaps(&self) -> Vec<(i64, u64)> {
        let mut gaps: Vec<(i64, u64)> = self
            .at
            .windows(2)
            .filter_map(|pair| if let [left, right] = pair { Some((left, right)) } else { None })
            .filter(|(left, right)| self.exact || right.0.saturating_sub(left.0) > MINUTE)
            .map(|(left, right)| (right.0.saturating_sub(left.0), 1))
            .collect();
        if !self.exact {
            let within = |count: u64| MINUTE / i64::try_from(count).unwrap_or(i64::MAX).max(1);
            gaps.extend(self.at.iter().map(|(_, count)| (within(*count), *count)));
        }
        gaps.sort_unstable();
        gaps
    }

    fn median_gap(&self) -> Option<i64> {
        let gaps = self.gaps();
        let total: u64 = gaps.iter().map(|(_, count)| count).sum();
        let mut below = 0;
        gaps.iter().find_map(|(gap, count)| {
            below += count;
            (below * 2 >= total).then_some(*gap)
        })
    }

    /// Stretches without a long gap that hold many entries, far denser than the whole, in the order of time.
    fn bursts(&self, median: Option<i64>) -> Vec<Peak> {
        let Some(median) = median else { return Vec::new() };
        let step = self.step();
        let mut stretches = stretches(&self.at, median, step);
        let total: u64 = self.at.iter().map(|(_, count)| count).sum();
        if stretches.len() < 2 {
            return Vec::new();
        }
        let whole = self.at.last().zip(self.at.first()).map_or(0, |(last, first)| last.0.saturating_sub(first.0));
        let is_dense = |stretch: &Stretch| {
            let own = i128::from(stretch.last.saturating_sub(stretch.first).max(step));
            i128::from(stretch.count) * i128::from(whole) >= BURST_DENSITY * i128::from(total) * own
        };
        stretches.retain(|stretch| stretch.count >= BURST_ENTRIES && stretch.count * 20 >= total && is_dense(stretch));
        stretches.sort_by(|left, right| right.count.cmp(&left.count).then(left.first.cmp(&right.first)));
        stretches.truncate(LISTED_BURSTS);
        stretches.sort_unstable();
        let end = |last: i64| if self.exact { last } else { last.saturating_add(MINUTE) };
        let peak = |Stretch { first, last, count }| Peak {
            start: Some(Timestamp::from_nanos(first)),
            end: Some(Timestamp::from_nanos(end(last))),
            count,
        };
        stretches.into_iter().map(peak).collect()
    }

    /// The step in which entries, or the groups that they come in, else bursts, follow each other evenly.
    fn period(&self, bursts: &[Peak], groups: Option<&Groups>) -> Option<i64> {
        let starts: Vec<i64> = bursts.iter().filter_map(|burst| Some(burst.start?.nanos())).collect();
        even_step(&self.starts(groups)).or_else(|| even_step(&starts))
    }

    /// When the groups begin, else the entries; nothing where neither is known.
    fn starts(&self, groups: Option<&Groups>) -> Vec<i64> {
        let entries = || if self.exact { self.at.iter().map(|(at, _)| *at).collect() } else { Vec::new() };
        groups.map_or_else(entries, Groups::starts)
    }

    /// How exact the times are.
    fn step(&self) -> i64 {
        if self.exact { SECOND } else { MINUTE }
    }

    /// How many of the window's slices hold an entry.
    fn active_slices(&self, window: &Window) -> i64 {
        let (Some(start), Some(end)) = (window.start, window.end) else { return 0 };
        let width = (end.nanos().saturating_sub(start.nanos()) / SLICES).max(if self.exact { 1 } else { MINUTE });
        let mut slices: Vec<i64> =
            self.at.iter().map(|(at, _)| (at.saturating_sub(start.nanos()) / width).clamp(0, SLICES - 1)).collect();
        slices.dedup();
        let possible = (end.nanos().saturating_sub(start.nanos()) / width + 1).clamp(1, SLICES);
        i64::try_from(slices.len()).unwrap_or(SLICES).saturating_mul(SLICES) / possible
    }
}

fn word(events: &Events, timed: u64, window: &Window, rate: &Rate) -> &'static str {
    let (Some(first), Some(last)) = (events.at.first(), events.at.last()) else { return "untimed" };
    let span = seconds(last.0.saturating_sub(first.0));
    if timed >= MANY && rate.period_seconds.is_none() && is_streaming(events, timed, window) {
        return "constant stream";
    }
    let active = events.active_slices(window);
    let in_bursts: u64 = rate.bursts.iter().map(|burst| burst.count).sum();
    match timed {
        0 => "untimed",
        MANY.. if window.seconds >= 60.0 && span * 10.0 <= window.seconds => "burst",
        3..MANY if window.seconds >= 60.0 && span * 10.0 <= window.seconds => "brief",
        // Two that are apart may come again any time; two at once are one event.
        2 if span <= 60.0 && window.seconds >= 60.0 && span * 10.0 <= window.seconds => "brief",
        _ if rate.period_seconds.is_some() => "periodic",
        MANY.. if active * 5 >= SLICES * 4 && rate.per_hour >= OFTEN => "constant stream",
        MANY.. if is_one_burst(timed, window, rate) => "burst",
        _ if rate.bursts.len() > 1 && in_bursts * 2 >= timed => "in bursts",
        10.. if active * 10 >= SLICES * 3 => {
            if rate.per_hour >= OFTEN {
                "frequent"
            } else {
                "intermittent"
            }
        }
        _ => "sporadic",
    }
}

/// Whether one burst, within a tenth of the window, holds nine in ten of the entries.
fn is_one_burst(timed: u64, window: &Window, rate: &Rate) -> bool {
    let span = |burst: &Peak| burst.start.zip(burst.end).map_or(0.0, |(start, end)| end.seconds_since(start));
    rate.bursts.iter().any(|burst| burst.count * 10 >= timed * 9 && span(burst) * 10.0 <= window.seconds)
}

/// Whether it is still going at the end of the window, and has come often and evenly since its first entry.
fn is_streaming(events: &Events, timed: u64, window: &Window) -> bool {
    let (Some((first, _)), Some((last, _)), Some(end)) = (events.at.first(), events.at.last(), window.end) else {
        return false;
    };
    let since = Timestamp::from_nanos(*first);
    let rest = Window { start: Some(since), end: Some(end), seconds: end.seconds_since(since) };
    let ongoing = seconds(end.nanos().saturating_sub(*last)) * 100.0 <= window.seconds;
    // What began a minute ago is no stream yet.
    ongoing && rest.seconds >= 300.0 && per_hour(timed, &rest) >= OFTEN && events.active_slices(&rest) * 5 >= SLICES * 4
}

/// All words for how entries come.
pub(super) const WORDS: [&str; 9] =
    ["untimed", "burst", "brief", "periodic", "constant stream", "in bursts", "frequent", "intermittent", "sporadic"];
/// How entries, or the groups they come in, follow each other: `every 1.4 s (median)`, `in groups of about 3, every 1 d
/// (about 02:00 UTC)`, `400 of them within 67 min, every 10 s (median)`.
fn often(events: &Events, groups: Option<&Groups>, median: Option<i64>, period: Option<i64>) -> String {
    let Some(median) = median.filter(|_| events.at.iter().map(|(_, count)| count).sum::<u64>() > 2) else {
        return String::new();
    };
    let grouped = groups.and_then(Groups::text);
    let main = groups.and_then(Groups::main).filter(|_| grouped.is_none() && period.is_none());
    let gap = period.or(grouped.as_ref().map_or(Some(median), |(_, gap)| *gap));
    let mut parts: Vec<String> = grouped.map(|(text, _)| text).into_iter().collect();
    if let Some(Stretch { first, last, count }) = main {
        let within = words::span(seconds(last.saturating_sub(first)));
        parts.push(format!("{} of them within {within}", words::grouped(count)));
    }
    if let Some(gap) = gap.filter(|gap| *gap > 0) {
        let times = period.map(|period| time_of_day(&events.starts(groups), period)).unwrap_or_default();
        let kind = if period.is_some() { times.as_str() } else { " (median)" };
        let about = if events.exact { "" } else { "about " };
        // Whole days are told as such: a minute more or less is chance.
        let shown = if times.is_empty() { seconds(gap) } else { (seconds(gap) / 86_400.0).round() * 86_400.0 };
        parts.push(format!("{about}every {}{kind}", words::span(shown)));
    }
    parts.join(", ")
}

/// `42 in 1 h 56 min, every 1.4 s`.
fn text(tally: &Tally, rate: &Rate, window: &Window, often: &str) -> String {
    let (Some(first), Some(last)) = (tally.first, tally.last) else {
        return format!("{}, without a time", words::counted(tally.count, "entry", "entries"));
    };
    if tally.count == 1 {
        return format!("once in {}", words::span(window.seconds));
    }
    let span = last.seconds_since(first);
    if span <= 0.0 {
        return format!("{} at the same instant", words::grouped(tally.count));
    }
    let mut text = format!("{} in {}", words::grouped(tally.count), words::span(span));
    if !often.is_empty() {
        text.push_str(", ");
        text.push_str(often);
    }
    if rate.word == "constant stream" || rate.word == "frequent" {
        text.push_str(", ");
        text.push_str(&words::rate(rate.per_hour));
        text.push_str(" per hour of the window");
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "a duration for display")]
fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(times: impl IntoIterator<Item = i64>) -> Tally {
        let mut tally = Tally::default();
        for millis in times {
            let time = Timestamp::from_nanos(1_757_800_000_000_000_000 + millis * 1_000_000);
            tally.count += 1;
            tally.first = Some(tally.first.map_or(time, |first| first.min(time)));
            tally.last = tally.last.max(Some(time));
            tally.timeline.add(time.minute(), 1);
            tally.times.add(time);
        }
        tally.times.finish();
        tally
    }

    fn window(seconds: i64) -> Window {
        let start = Timestamp::from_nanos(1_757_800_000_000_000_000);
        let end = Timestamp::from_nanos(start.nanos() + seconds * SECOND);
        Window { start: Some(start), end: Some(end), seconds: end.seconds_since(start) }
    }

    fn check(times: impl IntoIterator<Item = i64>, seconds: i64, word: &str, text: &str) {
        let rate = rate(&tally(times), &window(seconds));
        assert_eq!((rate.word.as_str(), rate.text.as_str()), (word, text), "{rate:?}");
    }

    #[test]
    fn words_follow_from_the_times() {
        check([1_000], 3_600, "single", "once in 1 h");
        check([1_000, 900_000], 3_600, "sporadic", "2 in 14 min 59 s");
        check([1_000, 21_000], 3_600, "brief", "2 in 20 s");
        check([1_000, 1_000], 3_600, "brief", "2 at the same instant");
        check([1_000, 9_000], 60, "sporadic", "2 in 8 s");
        check((0..20).map(|n| n * 700), 3_600, "burst", "20 in 13 s, every 700 ms (median)");
        check((0..30).map(|n| n * 120_000), 3_600, "periodic", "30 in 58 min, every 2 min");
        let uneven = (0..200).map(|n| n * 18_000 + n * n * 7_919 % 9_000);
        check(uneven, 3_600, "constant stream", "200 in 59 min 46 s, every 18 s (median), 200 per hour of the window");
        let bursts = [0, 1_000_000, 1_700_000, 3_100_000].into_iter().flat_map(|at| (0..8).map(move |n| at + n * 100));
        check(bursts, 3_600, "in bursts", "32 in 51 min 41 s, in groups of about 8, every 16 min 40 s (median)");
    }

    #[test]
    fn entries_in_groups_are_told_by_the_groups() {
        let night = |night: i64| night * 86_400_000 + 7_200_000;
        let nights = |number: i64| (0..number).map(night);
        let week = 6 * 86_400 + 60_000;
        let retries = nights(7).flat_map(|at| (0..3).map(move |number| at + number * 70_000 + number * at % 7_000));
        let start = Timestamp::from_nanos(1_757_800_000_000_000_000 + night(0) * 1_000_000).to_string();
        let clock = start.get(11..16).unwrap();
        check(retries, week, "periodic", &format!("21 in 6 d, in groups of about 3, every 1 d (about {clock} UTC)"));
        check(nights(3), week, "periodic", &format!("3 in 2 d, every 1 d (about {clock} UTC)"));
        check([0, 40_000_000, 90_000_000], week, "sporadic", "3 in 1 d 1 h, every 11 h 6 min (median)");
        let storm = [0, 90_000_000].into_iter().chain((0..400).map(|number| 240_000_000 + number * 10_000));
        check(storm, 244_000, "burst", "402 in 2 d 19 h, 400 of them within 1 h 6 min, every 10 s (median)");
        let twice = [0, 1_000, 2_000, 150_000_000, 150_001_000, 150_002_000];
        check(twice, week, "sporadic", "6 in 1 d 17 h, in 2 groups");
    }

    #[test]
    fn many_entries_are_estimated_from_minutes() {
        let rate = rate(&tally((0..30_000).map(|n| n * 120)), &window(3_600));
        assert!(rate.estimated);
        assert_eq!(rate.median_gap_seconds, Some(0.12));
        assert_eq!(rate.word, "constant stream");
    }

    #[test]
    fn bursts_that_come_in_even_steps_have_a_period() {
        let restarts = (0..6).flat_map(|n| (0..9).map(move |m| n * 150_000 + m * 50));
        let rate = rate(&tally(restarts), &window(900));
        assert_eq!(rate.period_seconds, Some(150.0));
        assert_eq!(rate.bursts.len(), 6);
    }

    #[test]
    fn what_has_no_time_has_no_rate() {
        let untimed = Tally { count: 5, untimed: 5, ..Tally::default() };
        assert_eq!((rate(&untimed, &window(3_600)).per_hour, rate(&untimed, &Window::default()).per_hour), (0.0, 0.0));
        let half = Tally { count: 40, untimed: 20, ..tally((0..20).map(|n| n * 170_000)) };
        assert_eq!(format!("{}", rate(&half, &window(3_600)).per_hour), "20");
    }

    #[test]
    fn times_at_the_ends_of_the_range_do_no_harm() {
        let mut tally = Tally { count: 2, ..Tally::default() };
        for nanos in [i64::MIN, i64::MAX] {
            tally.times.add(Timestamp::from_nanos(nanos));
            tally.timeline.add(Timestamp::from_nanos(nanos).minute(), 1);
        }
        (tally.first, tally.last) = (Some(Timestamp::from_nanos(i64::MIN)), Some(Timestamp::from_nanos(i64::MAX)));
        let wide = Window { start: tally.first, end: tally.last, seconds: 1.8e10 };
        assert_eq!(rate(&tally, &wide).word, "sporadic");
    }
}
