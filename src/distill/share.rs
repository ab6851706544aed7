//! What entries of one pattern have in common, and how many have the same: spread over names once, at the end.

use std::hash::{Hash, Hasher};

use super::live::Told;
use super::standing::Standing;
use crate::model::{Severity, Timestamp};

/// What entries of one pattern have to share to be counted together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Alike {
    pub(super) standing: Standing,
    pub(super) severity: Severity,
    pub(super) inferred: Option<Severity>,
}

impl Alike {
    pub(super) fn of(told: &Told<'_>) -> Self {
        Self { standing: told.standing, severity: told.severity, inferred: told.inferred }
    }
}

/// As two numbers: each part by itself takes longer.
impl Hash for Alike {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Standing { origin, site, severity } = self.standing;
        let [stated, own] = [severity, self.severity].map(|severity| severity as u64);
        let inferred = self.inferred.map_or(0, |inferred| 1 + inferred as u64);
        state.write_u64(u64::from(origin.number()) << 32 | u64::from(site.number()));
        state.write_u64(stated << 16 | own << 8 | inferred);
    }
}

/// Counts of entries that are alike.
#[derive(Clone, Copy, Default)]
pub(super) struct Share {
    pub(super) count: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

impl Share {
    /// Counts one entry.
    pub(super) fn add(&mut self, time: Option<Timestamp>) {
        self.count += 1;
        self.first = self.first.map_or(time, |first| Some(time.map_or(first, |time| first.min(time))));
        self.last = self.last.max(time);
    }
}
