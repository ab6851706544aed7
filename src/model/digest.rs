//! The Digest: all that the stages behind it need of an archive, as plain data that merges.
//!
//! `merge` is associative and commutative: any partition of the entries, in any order, gives the same Digest.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Fingerprint, PatternKind, PatternTally, Rollouts, Severity, SeverityCounts, Tally, Timeline, Timestamp, Traffic,
};

/// How many skips are listed one by one; totals stay exact beyond.
pub const LISTED_SKIPS: usize = 1_000;

/// Everything the stages behind the parallel part know about an archive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// What each input held, by path as it was given.
    pub inputs: BTreeMap<String, InputTally>,
    /// What could not be read.
    pub skips: Skips,
    /// Over all analysed entries.
    pub overall: Tally,
    /// Entries by severity and minute since 1970.
    pub severity_timeline: BTreeMap<Severity, Timeline>,
    /// Entries by component (service, else resource type, else log) and severity, inferred where they are silent.
    pub components: BTreeMap<String, SeverityCounts>,
    /// Entries by service and revision.
    #[serde(default)]
    pub rollouts: Rollouts,
    /// Requests by service and log, over time.
    #[serde(default)]
    pub traffic: Traffic,
    /// Per pattern.
    pub patterns: BTreeMap<Fingerprint, PatternTally>,
    /// How crowded the archive is with patterns; see [`Digest::bound`].
    pub crowding: u8,
    /// Time ranges of stretches of the archive, for the second look.
    pub zones: BTreeSet<Zone>,
    /// How it was counted; unknown while it is counted, and of files that earlier versions saved.
    #[serde(default)]
    pub made: Option<Making>,
}

/// What was asked when entries were counted: nothing of it can be changed afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Making {
    /// The policy of redaction: `on`, `strict` or `off`.
    pub redaction: String,
    /// The filter, as it was typed.
    pub filter: String,
    /// The least severity whose entries become clusters.
    pub min_severity: Severity,
    /// Additional masks, as `NAME=REGEX`; sorted.
    pub masks: BTreeSet<String>,
}

impl Digest {
    /// Adds another part of the same archive.
    pub fn merge(&mut self, other: Self) {
        for (path, input) in other.inputs {
            self.inputs.entry(path).or_default().merge(input);
        }
        self.skips.merge(other.skips);
        self.overall.merge(other.overall);
        for (severity, timeline) in other.severity_timeline {
            self.severity_timeline.entry(severity).or_default().merge(&timeline);
        }
        for (component, counts) in other.components {
            self.components.entry(component).or_default().merge(counts);
        }
        self.rollouts.merge(other.rollouts);
        self.traffic.merge(other.traffic);
        self.crowding = self.crowding.max(other.crowding);
        for (fingerprint, pattern) in other.patterns {
            self.add_pattern(fingerprint, pattern);
        }
        self.bound();
        self.zones.extend(other.zones);
        // Whoever merges has seen to it that both were made alike.
        self.made = self.made.take().max(other.made);
    }

    /// Adds the entries of one pattern.
    pub fn add_pattern(&mut self, fingerprint: Fingerprint, pattern: PatternTally) {
        match self.patterns.entry(fingerprint) {
            Entry::Occupied(mut held) => held.get_mut().merge(pattern),
            Entry::Vacant(free) => {
                free.insert(pattern);
            }
        }
    }

    /// Takes back entries that are copies of others, which stay counted.
    pub fn subtract(&mut self, copies: &Self) {
        self.overall.subtract(&copies.overall);
        for (severity, timeline) in &copies.severity_timeline {
            if let Some(held) = self.severity_timeline.get_mut(severity) {
                held.subtract(timeline);
            }
        }
        for (component, counts) in &copies.components {
            if let Some(held) = self.components.get_mut(component) {
                held.subtract(*counts);
            }
        }
        self.rollouts.subtract(&copies.rollouts);
        self.traffic.subtract(&copies.traffic);
        for (fingerprint, pattern) in &copies.patterns {
            let mut keys = vec![*fingerprint];
            keys.extend(pattern.coarser_keys());
            if let Some(held) = keys.iter().find(|key| self.patterns.contains_key(key))
                && let Some(held) = self.patterns.get_mut(held)
            {
                held.subtract(pattern);
            }
        }
    }

    /// Groups that bred patterns without end, with the entries in them.
    pub fn collapsed(&self) -> BTreeMap<String, u64> {
        let mut collapsed = BTreeMap::new();
        for pattern in self.patterns.values().filter(|pattern| pattern.kind == PatternKind::Collapsed) {
            let place = if pattern.module.is_empty() { "anywhere" } else { &pattern.module };
            *collapsed.entry(format!("{place}: {}", pattern.pattern)).or_default() += pattern.tally.count;
        }
        collapsed
    }
}

/// What one input file (or member of an archive) held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputTally {
    /// The shape found: `json array`, `ndjson`, `concatenated`, `entries answer`, ...
    pub format: Cow<'static, str>,
    /// `none`, `gzip`, `zstd`, ...
    pub compression: Cow<'static, str>,
    /// Size on disk in bytes.
    pub bytes: u64,
    /// Records seen: analysed, filtered out, duplicate and skipped ones.
    pub entries: u64,
    /// Copies of entries counted elsewhere.
    pub duplicates: u64,
    /// Entries that the filter left out.
    pub filtered: u64,
    /// Records that could not be read.
    pub skipped: u64,
    /// Notes on the whole file, such as [`InputTally::NEVER_CLOSED`].
    pub notes: BTreeSet<String>,
}

impl InputTally {
    /// The note on an array whose end is missing: entries may be missing with it.
    pub const NEVER_CLOSED: &'static str = "the array is never closed: the export was interrupted or cut off";

    /// Whether the input ends before it is complete, although every record in it could be read.
    pub fn is_cut(&self) -> bool {
        self.notes.contains(Self::NEVER_CLOSED)
    }

    /// Adds another part of the same input.
    pub fn merge(&mut self, other: Self) {
        if self.format.is_empty() || (!other.format.is_empty() && other.format < self.format) {
            self.format = other.format;
        }
        if self.compression.is_empty() || (!other.compression.is_empty() && other.compression < self.compression) {
            self.compression = other.compression;
        }
        self.bytes = self.bytes.max(other.bytes);
        self.entries += other.entries;
        self.duplicates += other.duplicates;
        self.filtered += other.filtered;
        self.skipped += other.skipped;
        self.notes.extend(other.notes);
    }
}

/// A record or file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skip {
    /// The input, as it was given.
    pub path: String,
    /// Where the record starts, in bytes from the start of the (decoded) input.
    pub offset: u64,
    /// The line of that byte, from 1.
    pub line: u64,
    /// Why, in plain words.
    pub reason: String,
}

/// Skipped records: exact totals, and the first ones in the order of path and offset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skips {
    /// How many records were skipped.
    pub total: u64,
    /// How many for each reason.
    pub by_reason: BTreeMap<String, u64>,
    /// At most [`LISTED_SKIPS`] of them.
    pub listed: BTreeSet<Skip>,
}

impl Skips {
    /// Notes a skip.
    pub fn add(&mut self, skip: Skip) {
        self.total += 1;
        *self.by_reason.entry(skip.reason.clone()).or_default() += 1;
        self.listed.insert(skip);
        self.cut();
    }

    /// Adds the skips of another part.
    pub fn merge(&mut self, other: Self) {
        self.total += other.total;
        for (reason, count) in other.by_reason {
            *self.by_reason.entry(reason).or_default() += count;
        }
        self.listed.extend(other.listed);
        self.cut();
    }

    fn cut(&mut self) {
        while self.listed.len() > LISTED_SKIPS {
            self.listed.pop_last();
        }
    }
}

/// The time range of a stretch of an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Zone {
    /// The input.
    #[serde(with = "shared")]
    pub path: Arc<str>,
    /// Its first byte.
    pub from: u64,
    /// First byte behind it.
    pub to: u64,
    /// Earliest event time in it.
    pub first: Option<Timestamp>,
    /// Latest event time in it.
    pub last: Option<Timestamp>,
}

/// A text that is held once for many.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(deserializer).map(Into::into)
    }
}
