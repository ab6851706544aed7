//! Times with the number of entries at each in, stretches without a long gap and how these follow each other out.

use super::words;

/// A gap this many times the median one ends a stretch.
const BREAK: i64 = 5;
const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
const MINUTE: i64 = 60 * SECOND;

/// Entries without a long gap between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) count: u64,
}

/// The stretches that times in order fall into; `step` is how exact they are.
pub(super) fn stretches(at: &[(i64, u64)], median: i64, step: i64) -> Vec<Stretch> {
    let longest = median.saturating_mul(BREAK).max(step);
    let mut stretches: Vec<Stretch> = Vec::new();
    for &(at, count) in at {
        match stretches.last_mut() {
            Some(stretch) if at.saturating_sub(stretch.last) <= longest => {
                stretch.last = at;
                stretch.count += count;
            }
            _ => stretches.push(Stretch { first: at, last: at, count }),
        }
    }
    stretches
}

/// Entries that come in groups: their median gap says nothing of how often they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Groups(Vec<Stretch>);

impl Groups {
    /// The groups of entries whose median gaps would fill less than half of the time from the first to the last.
    pub(super) fn of(at: &[(i64, u64)], median: i64, step: i64) -> Option<Self> {
        let (first, last) = at.first().zip(at.last())?;
        let total: u64 = at.iter().map(|(_, count)| count).sum();
        let filled = i128::from(median) * i128::from(total);
        if filled * 2 >= i128::from(last.0.saturating_sub(first.0)) {
            return None;
        }
        let stretches = stretches(at, median, step);
        (stretches.len() > 1).then_some(Self(stretches))
    }

    /// When each of them begins.
    pub(super) fn starts(&self) -> Vec<i64> {
        self.0.iter().map(|stretch| stretch.first).collect()
    }

    /// `in groups of about 3`, and how far apart they begin in the median, of three or more; nothing where most hold one
    /// entry.
    pub(super) fn text(&self) -> Option<(String, Option<i64>)> {
        let mut sizes: Vec<u64> = self.0.iter().map(|stretch| stretch.count).collect();
        sizes.sort_unstable();
        let size = *sizes.get((sizes.len() - 1) / 2)?;
        match sizes.len() {
            _ if size < 2 => None,
            2 => Some(("in 2 groups".to_owned(), None)),
            _ => Some((format!("in groups of about {}", words::grouped(size)), middle(gaps(&self.starts())))),
        }
    }

    /// The group that holds four in five of all entries.
    pub(super) fn main(&self) -> Option<Stretch> {
        let total: u64 = self.0.iter().map(|stretch| stretch.count).sum();
        self.0.iter().copied().find(|stretch| stretch.count * 5 >= total * 4)
    }
}

/// The step in which times follow each other evenly, two seconds or more: at least four in five of four gaps or more
/// within a tenth of their median, or each of two or three within a hundredth.
pub(super) fn even_step(times: &[i64]) -> Option<i64> {
    let gaps = gaps(times);
    let median = middle(gaps.clone())?;
    let within = |part: i64| {
        let far = (median / part).max(SECOND / 2);
        gaps.iter().filter(|gap| (**gap - median).abs() <= far).count()
    };
    let is_even = match gaps.len() {
        0..=1 => false,
        2..=3 => within(100) == gaps.len(),
        _ => within(10) * 5 >= gaps.len() * 4,
    };
    (median >= 2 * SECOND && is_even).then_some(median)
}

/// ` (about 02:00 UTC)`, where times are whole days apart; else nothing.
pub(super) fn time_of_day(times: &[i64], period: i64) -> String {
    let days = period.saturating_add(DAY / 2) / DAY;
    if days == 0 || (period - days.saturating_mul(DAY)).abs() > DAY / 100 {
        return String::new();
    }
    let Some(first) = times.first() else { return String::new() };
    // Told from the first one, so that midnight does not tear them apart.
    let aside: Vec<i64> = times
        .iter()
        .map(|time| time.saturating_sub(*first).saturating_add(DAY / 2).rem_euclid(DAY) - DAY / 2)
        .collect();
    let minutes = first.saturating_add(middle(aside).unwrap_or_default()).rem_euclid(DAY) / MINUTE;
    format!(" (about {:02}:{:02} UTC)", minutes / 60, minutes % 60)
}

fn gaps(times: &[i64]) -> Vec<i64> {
    let pair = |pair: &[i64]| if let [left, right] = pair { Some(right.saturating_sub(*left)) } else { None };
    times.windows(2).filter_map(pair).collect()
}

fn middle(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
