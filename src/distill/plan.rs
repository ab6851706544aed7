//! A record's layout in, where the members stand that mean something out: they are looked for once.

use crate::model::{ByLayout, LogEntry, Value};

use super::member::{self, Member, Slot, Zone};
use super::message::Said;
use super::place::{self, Role};
use super::thrown;

/// The members worth reading, by layout.
pub type Plans = ByLayout<Plan>;

/// Where the members stand that mean something, in all records of a layout.
#[derive(Debug)]
pub struct Plan {
    said: Box<[(Slot, Zone, usize)]>,
    roles: Box<[(Role, usize)]>,
}

impl Plan {
    pub(super) fn of(entry: &LogEntry<'_>) -> Self {
        let mut said = Vec::new();
        if let Some(payload) = entry.payload_value() {
            member::members(payload, &mut |member| {
                said.push((member.slot, member.zone, member.value.place_in(entry.record)));
            });
        }
        said.extend(thrown::in_labels(entry).map(|(slot, value)| (slot, Zone::Top, value.place_in(entry.record))));
        let roles = place::roles(entry).map(|(role, value)| (role, value.place_in(entry.record)));
        Self { roles: roles.collect(), said: said.into() }
    }

    pub(super) fn said<'a>(&self, entry: &LogEntry<'a>) -> Said<'a> {
        let mut said = Said::default();
        for &(slot, zone, at) in &self.said {
            if let Some(value) = entry.record.part(at) {
                said.take(&Member { slot, zone, value });
            }
        }
        said
    }

    pub(super) fn roles<'a>(&self, entry: &LogEntry<'a>) -> impl Iterator<Item = (Role, Value<'a>)> {
        self.roles.iter().filter_map(|(role, at)| Some((*role, entry.record.part(*at)?)))
    }
}
