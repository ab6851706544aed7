//! An entry's log, resource and labels in, whose entry it is out.

use super::place::is_name;
use super::reading::Reading;
use super::standing::{Id, Table};
use super::thrown::in_label;
use crate::model::{LogEntry, Rollouts, Tally, Timestamp, Value, is_request_log};

/// Log, resource and labels of entries.
pub(super) struct Origin {
    pub(super) log: String,
    resource_type: String,
    project: String,
    service: String,
    revision: String,
    pub(super) instance: String,
    region: String,
    labels: Vec<String>,
    /// Its revision among those of its service.
    rollout: String,
    /// Whether each entry of the log is a request, whatever else it says.
    pub(super) tells_requests: bool,
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
            rollout: Rollouts::name(reading.service, reading.revision),
            tells_requests: is_request_log(entry.log_name),
        }
    }

    /// What the worklog calls the component.
    pub(super) fn component(&self) -> &str {
        component(&self.service, &self.resource_type, &self.log)
    }

    /// Counts entries of this origin by service and revision.
    pub(super) fn roll_out(&self, to: &mut Rollouts, count: u64, first: Option<Timestamp>, last: Option<Timestamp>) {
        to.add_many(&self.rollout, count, first, last);
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

/// What an entry is counted under, and chosen by: its service, else the type of its resource, else its log.
pub(super) fn component<'a>(service: &'a str, resource_type: &'a str, log: &'a str) -> &'a str {
    [service, resource_type, log].into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

/// The labels that say something about many entries: not the instance, nor the request, user or connection, which are
/// counted by themselves, nor what was thrown.
fn labels<'a>(entry: &LogEntry<'a>, reading: &Reading<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let instance = reading.instance;
    let members = entry.labels.into_iter().flat_map(Value::members);
    members
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .filter(move |(key, value)| !value.is_empty() && *value != instance && !is_name(key) && in_label(key).is_none())
}

/// The number of an entry's origin.
pub(super) fn id(origins: &mut Table<Origin>, entry: &LogEntry<'_>, reading: &Reading<'_>) -> Id<Origin> {
    let names = [
        entry.log_name,
        entry.resource_type,
        reading.project,
        reading.service,
        reading.revision,
        reading.instance,
        reading.region,
    ];
    let labels = labels(entry, reading).flat_map(|(key, value)| [key, value]);
    origins.id(names.into_iter().chain(labels), || Origin::of(entry, reading))
}
