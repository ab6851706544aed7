//! Counts over any set of entries, as plain data that merges.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Census, KEPT_VALUES, Severity, Timestamp};

/// How many values a dimension with a natural bound (services, revisions, logs) keeps.
pub const KEPT_NAMES: usize = 1_024;
/// Up to how many entries of a pattern the exact times are kept.
pub const EXACT_TIMES: usize = 1_024;

/// Entries by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityCounts([u64; 9]);

impl SeverityCounts {
    /// Counts one entry.
    pub fn add(&mut self, severity: Severity) {
        self.add_many(severity, 1);
    }

    /// Counts several entries.
    pub fn add_many(&mut self, severity: Severity, entries: u64) {
        if let Some(count) = self.0.get_mut(severity as usize) {
            *count += entries;
        }
    }

    /// Takes back the counts of copies.
    pub fn subtract(&mut self, copies: Self) {
        self.0.iter_mut().zip(copies.0).for_each(|(count, less)| *count = count.saturating_sub(less));
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    /// The count of one severity.
    pub fn get(&self, severity: Severity) -> u64 {
        self.0.get(severity as usize).copied().unwrap_or_default()
    }

    /// All counts together.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The severities that occur with their counts, highest first.
    pub fn present(&self) -> impl Iterator<Item = (Severity, u64)> {
        Severity::ALL.into_iter().rev().map(|severity| (severity, self.get(severity))).filter(|(_, count)| *count > 0)
    }

    /// The highest severity that occurs.
    pub fn highest(&self) -> Option<Severity> {
        self.present().next().map(|(severity, _)| severity)
    }
}

/// Entries per minute since 1970, sparse.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline(pub BTreeMap<i64, u64>);

impl Timeline {
    /// Counts entries of one minute since 1970.
    pub fn add(&mut self, minute: i64, count: u64) {
        *self.0.entry(minute).or_default() += count;
    }

    /// Takes back the counts of copies.
    pub fn subtract(&mut self, copies: &Self) {
        for (minute, less) in &copies.0 {
            if let Some(count) = self.0.get_mut(minute) {
                *count = count.saturating_sub(*less);
            }
        }
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        for (minute, count) in &other.0 {
            *self.0.entry(*minute).or_default() += count;
        }
    }

    /// The same counts in wider buckets: start of bucket in seconds since 1970, count.
    pub fn buckets(&self, seconds: i64) -> BTreeMap<i64, u64> {
        let mut wider = BTreeMap::new();
        for (minute, count) in &self.0 {
            *wider.entry((minute * 60).div_euclid(seconds) * seconds).or_default() += count;
        }
        wider
    }
}

/// Exact times while there are few of them; gone for good beyond [`EXACT_TIMES`] (monotone, so order does not matter).
/// While collecting, twice as many are held, so that copies which are taken back later cost nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Times {
    /// All of them, in any order while collecting, sorted in a finished Digest.
    Exact(Vec<Timestamp>),
    /// There were too many.
    TooMany(bool),
}

impl Default for Times {
    fn default() -> Self {
        Self::Exact(Vec::new())
    }
}

impl Times {
    /// Notes one time.
    pub fn add(&mut self, time: Timestamp) {
        if let Self::Exact(times) = self {
            if times.len() < 2 * EXACT_TIMES {
                times.push(time);
            } else {
                *self = Self::TooMany(true);
            }
        }
    }

    /// Takes back the times of copies.
    pub fn subtract(&mut self, copies: &Self) {
        let (Self::Exact(times), Self::Exact(copies)) = (&mut *self, copies) else { return };
        for copy in copies {
            if let Some(at) = times.iter().position(|time| time == copy) {
                times.swap_remove(at);
            }
        }
    }

    /// Adds the times of another part.
    pub fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Exact(ours), Self::Exact(theirs)) if ours.len() + theirs.len() <= 2 * EXACT_TIMES => {
                ours.extend(theirs);
                // Two sorted runs, mostly, which this sort merges as such.
                ours.sort();
            }
            _ => *self = Self::TooMany(true),
        }
    }

    /// Ends collecting: sorted, so that equal Digests have equal bytes, and gone beyond [`EXACT_TIMES`].
    pub fn finish(&mut self) {
        if let Self::Exact(times) = self {
            times.sort_unstable();
            if times.len() > EXACT_TIMES {
                *self = Self::TooMany(true);
            }
        }
    }

    /// Keeps the times that `holds` lets pass.
    pub fn retain(&mut self, holds: impl Fn(Timestamp) -> bool) {
        if let Self::Exact(times) = self {
            times.retain(|time| holds(*time));
        }
    }

    /// The times, sorted after [`Times::finish`], or nothing when there were too many.
    pub fn exact(&self) -> Option<&[Timestamp]> {
        if let Self::Exact(times) = self { Some(times) } else { None }
    }
}

/// Counts over a set of entries, by all that is known of each of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// How many entries.
    pub count: u64,
    /// How many of them have no time that can be read.
    pub untimed: u64,
    /// As the entries say.
    pub severities: SeverityCounts,
    /// What the text of the DEFAULT ones says.
    pub inferred: SeverityCounts,
    /// What those say themselves that were given another one, with all lines of their stream.
    #[serde(default)]
    pub corrected: SeverityCounts,
    /// The severities that those were given.
    #[serde(default)]
    pub overruled: SeverityCounts,
    /// The earliest event time.
    pub first: Option<Timestamp>,
    /// The latest event time.
    pub last: Option<Timestamp>,
    /// Entries per minute.
    pub timeline: Timeline,
    /// Exact times while there are few.
    pub times: Times,
    /// `resource.labels.project_id` or the project of the log name.
    pub projects: Census,
    /// Service, job, function, container or module name of the resource.
    pub services: Census,
    /// Revision or version of the service.
    pub revisions: Census,
    /// Instance, pod or machine.
    pub instances: Census,
    /// Region or zone.
    pub regions: Census,
    /// `resource.type`.
    pub resource_types: Census,
    /// Log names.
    pub logs: Census,
    /// The entry's own labels as `key=value`, without instance ids.
    pub labels: Census,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            count: 0,
            untimed: 0,
            severities: SeverityCounts::default(),
            inferred: SeverityCounts::default(),
            corrected: SeverityCounts::default(),
            overruled: SeverityCounts::default(),
            first: None,
            last: None,
            timeline: Timeline::default(),
            times: Times::default(),
            projects: Census::new(KEPT_NAMES),
            services: Census::new(KEPT_NAMES),
            revisions: Census::new(KEPT_NAMES),
            instances: Census::new(KEPT_NAMES),
            regions: Census::new(KEPT_NAMES),
            resource_types: Census::new(KEPT_NAMES),
            logs: Census::new(KEPT_NAMES),
            labels: Census::new(KEPT_VALUES),
        }
    }
}

impl Tally {
    /// Adds the counts of another part.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.untimed += other.untimed;
        self.severities.merge(other.severities);
        self.inferred.merge(other.inferred);
        self.corrected.merge(other.corrected);
        self.overruled.merge(other.overruled);
        self.first = match (self.first, other.first) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (one, None) | (None, one) => one,
        };
        self.last = self.last.max(other.last);
        self.timeline.merge(&other.timeline);
        self.times.merge(other.times);
        self.projects.merge(other.projects);
        self.services.merge(other.services);
        self.revisions.merge(other.revisions);
        self.instances.merge(other.instances);
        self.regions.merge(other.regions);
        self.resource_types.merge(other.resource_types);
        self.logs.merge(other.logs);
        self.labels.merge(other.labels);
    }

    /// Takes back the counts of copies: entries whose twins stay counted.
    pub fn subtract(&mut self, copies: &Self) {
        self.count = self.count.saturating_sub(copies.count);
        self.untimed = self.untimed.saturating_sub(copies.untimed);
        self.severities.subtract(copies.severities);
        self.inferred.subtract(copies.inferred);
        self.corrected.subtract(copies.corrected);
        self.overruled.subtract(copies.overruled);
        self.timeline.subtract(&copies.timeline);
        self.times.subtract(&copies.times);
        self.projects.subtract(&copies.projects);
        self.services.subtract(&copies.services);
        self.revisions.subtract(&copies.revisions);
        self.instances.subtract(&copies.instances);
        self.regions.subtract(&copies.regions);
        self.resource_types.subtract(&copies.resource_types);
        self.logs.subtract(&copies.logs);
        self.labels.subtract(&copies.labels);
    }

    /// The severity of the whole set: the highest one, an inferred one where the entries are silent or were given theirs.
    pub fn severity(&self) -> Severity {
        self.effective().highest().max(self.inferred.highest()).unwrap_or_default()
    }

    /// As the entries say, those that were given another one by themselves.
    pub fn effective(&self) -> SeverityCounts {
        let mut counts = self.severities;
        counts.subtract(self.overruled);
        counts.merge(self.corrected);
        counts
    }

    /// What was read from texts and members.
    pub fn all_inferred(&self) -> SeverityCounts {
        let mut counts = self.inferred;
        counts.merge(self.corrected);
        counts
    }
}
