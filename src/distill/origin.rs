//! Whose entries they are: an entry's log, resource and labels in, one small number out.
//!
//! Most entries share their origin with millions of others, so counting by it costs one lookup an entry; the names
//! behind it are counted once, at the end.

use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_128;

use super::reading::Reading;
use crate::model::{LogEntry, Tally, Timestamp, Value};

/// How many origins a worker holds before it counts them. A memory only: it never shows in a result.
const HELD: usize = 32_768;

/// The place of an origin in its table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct OriginId(u32);

impl OriginId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Log, resource and labels of entries.
pub(super) struct Origin {
    log: String,
    resource_type: String,
    project: String,
    service: String,
    revision: String,
    instance: String,
    region: String,
    labels: Vec<String>,
}

impl Origin {
    fn of(entry: &LogEntry<'_>, reading: &Reading<'_>) -> Self {
        Self {
            log: entry.log_name.to_owned(),
            resource_type: entry.resource_type.to_owned(),
            project: reading.project.to_owned(),
            service: reading.service.to_owned(),
            revision: reading.revision.to_owned(),
            instance: reading.instance.to_owned(),
            region: reading.region.to_owned(),
            labels: labels(entry, reading).map(|(key, value)| format!("{key}={value}")).collect(),
        }
    }

    /// What the worklog calls the component: the service, else the resource, else the log.
    pub(super) fn component(&self) -> &str {
        [&self.service, &self.resource_type, &self.log]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("", String::as_str)
    }

    /// Counts entries of this origin.
    pub(super) fn count(&self, tally: &mut Tally, count: u64, first: Option<Timestamp>, last: Option<Timestamp>) {
        for (census, name) in [
            (&mut tally.logs, &self.log),
            (&mut tally.resource_types, &self.resource_type),
            (&mut tally.projects, &self.project),
            (&mut tally.services, &self.service),
            (&mut tally.revisions, &self.revision),
            (&mut tally.instances, &self.instance),
            (&mut tally.regions, &self.region),
        ] {
            if !name.is_empty() {
                census.add_many(name, count, first, last);
            }
        }
        for label in &self.labels {
            tally.labels.add_many(label, count, first, last);
        }
    }
}

/// The labels that say something about many entries: not the instance, which has its own census.
fn labels<'a>(entry: &LogEntry<'a>, reading: &Reading<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let instance = reading.instance;
    let members = entry.labels.into_iter().flat_map(Value::members);
    members
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .filter(move |(_, value)| !value.is_empty() && *value != instance)
}

/// The origins met so far.
#[derive(Default)]
pub(super) struct Origins {
    ids: HashMap<u128, OriginId>,
    all: Vec<Origin>,
    /// The names of one entry, behind each other.
    names: Vec<u8>,
}

impl Origins {
    /// The number of an entry's origin.
    pub(super) fn id(&mut self, entry: &LogEntry<'_>, reading: &Reading<'_>) -> OriginId {
        let names = &mut self.names;
        names.clear();
        let mut add = |text: &str| {
            names.extend_from_slice(text.as_bytes());
            names.push(0xff);
        };
        for part in [
            entry.log_name,
            entry.resource_type,
            reading.project,
            reading.service,
            reading.revision,
            reading.instance,
            reading.region,
        ] {
            add(part);
        }
        for (key, value) in labels(entry, reading) {
            add(key);
            add(value);
        }
        let next = OriginId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        *self.ids.entry(xxh3_128(names)).or_insert_with(|| {
            self.all.push(Origin::of(entry, reading));
            next
        })
    }

    pub(super) fn all(&self) -> &[Origin] {
        &self.all
    }

    /// Whether it is time to count what stands here and start anew.
    pub(super) fn is_full(&self) -> bool {
        self.all.len() >= HELD
    }

    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.all.clear();
    }
}
