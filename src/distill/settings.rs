//! What every worker does with an entry, and how much it holds.

use super::mask::Masker;
use super::{origin, reading};
use crate::model::{LogEntry, Severity};
use crate::query::Query;

/// How much a worker holds. Memories only: they never show in a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Distinct canonical texts whose pattern is remembered.
    pub texts: usize,
    /// With so many live patterns a worker moves them to its Digest, which is bounded.
    pub patterns: usize,
    /// Large records of exemplars are packed once a worker keeps more than so many bytes of them.
    pub records: usize,
}

impl Held {
    /// Records from so many bytes on are large.
    pub(super) fn large(&self) -> usize {
        self.records / 4_096
    }
}

impl Default for Held {
    fn default() -> Self {
        Self { texts: 65_536, patterns: 8_192, records: 64 << 20 }
    }
}

/// What every worker does with an entry.
pub struct Settings {
    /// Turns canonical texts into patterns.
    pub masker: Masker,
    /// Entries at or above this effective severity are listed in clusters.
    pub min_severity: Severity,
    /// Entries that do not match are counted as filtered.
    pub query: Query,
    /// Entries of any other service are counted as filtered too; one that names no service goes by the type of its
    /// resource, or by its log.
    pub service: Option<String>,
    /// How much a worker holds.
    pub held: Held,
}

impl Settings {
    /// Whether an entry is one of those that count.
    pub fn counts(&self, entry: &LogEntry<'_>) -> bool {
        self.query.matches(entry)
            && self.service.as_ref().is_none_or(|service| {
                origin::component(reading::read(entry).service, entry.resource_type, entry.log_name) == service
            })
    }
}
