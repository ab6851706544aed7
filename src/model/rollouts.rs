//! Services and revisions of entries in, which revisions each service had out.

use serde::{Deserialize, Serialize};

use super::{Census, KEPT_NAMES, Kept, Timestamp};

/// Stands between a service and its revision; no name holds it.
const BETWEEN: char = '\t';

/// Entries by service and revision: names of revisions need not tell whose they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rollouts(Census);

impl Default for Rollouts {
    fn default() -> Self {
        Self(Census::new(KEPT_NAMES))
    }
}

impl Rollouts {
    /// How a revision of a service is named here; empty where there is no revision.
    pub fn name(service: &str, revision: &str) -> String {
        if revision.is_empty() { String::new() } else { format!("{service}{BETWEEN}{revision}") }
    }

    /// Counts entries of what [`Rollouts::name`] named, the earliest and latest of which are given.
    pub fn add_many(&mut self, name: &str, count: u64, first: Option<Timestamp>, last: Option<Timestamp>) {
        if !name.is_empty() {
            self.0.add_many(name, count, first, last);
        }
    }

    /// Adds the entries of another part.
    pub fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    /// Takes back the counts of copies.
    pub fn subtract(&mut self, copies: &Self) {
        self.0.subtract(&copies.0);
    }

    /// Entries counted in all. Fewer than have a revision, where a part was saved by a program that did not count them.
    pub fn total(&self) -> u64 {
        self.0.total()
    }

    /// The revisions of a service, by name, with their entries.
    pub fn of<'a>(&'a self, service: &str) -> impl Iterator<Item = (&'a str, &'a Kept)> {
        let named = self.0.values().filter_map(|kept| Some((kept.value.split_once(BETWEEN)?, kept)));
        named.filter(move |((held, _), _)| *held == service).map(|((_, revision), kept)| (revision, kept))
    }

    /// Replaces times that `holds` refuses by `first` and `last`; see [`Census::retime`].
    pub fn retime(&mut self, holds: impl Fn(Timestamp) -> bool, first: Option<Timestamp>, last: Option<Timestamp>) {
        self.0.retime(holds, first, last);
    }

    /// Rewrites services and revisions, each by itself, for which there is another name.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> Option<String>) {
        self.0.rewrite(|name| {
            let (service, revision) = name.split_once(BETWEEN)?;
            let (other_service, other_revision) = (rewrite(service), rewrite(revision));
            if other_service.is_none() && other_revision.is_none() {
                return None;
            }
            let named = |other: Option<String>, held: &str| other.unwrap_or_else(|| held.to_owned());
            Some(Self::name(&named(other_service, service), &named(other_revision, revision)))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollouts(entries: &[(&str, &str, u64)]) -> Rollouts {
        let mut rollouts = Rollouts::default();
        for (service, revision, count) in entries {
            rollouts.add_many(&Rollouts::name(service, revision), *count, None, None);
        }
        rollouts
    }

    fn of(rollouts: &Rollouts, service: &str) -> Vec<(String, u64)> {
        let mut found: Vec<(String, u64)> =
            rollouts.of(service).map(|(revision, kept)| (revision.to_owned(), kept.count)).collect();
        found.sort();
        found
    }

    #[test]
    fn versions_of_one_name_belong_to_the_service_they_were_seen_with() {
        let held = rollouts(&[("default", "v1", 3), ("api", "v1", 2), ("api", "v2", 1), ("api", "", 9)]);
        assert_eq!(of(&held, "api"), [("v1".to_owned(), 2), ("v2".to_owned(), 1)]);
        assert_eq!(of(&held, "default"), [("v1".to_owned(), 3)]);
        assert_eq!(held.total(), 6);
    }

    #[test]
    fn parts_merge_and_copies_are_taken_back() {
        let (one, other) = (rollouts(&[("api", "v1", 3)]), rollouts(&[("api", "v1", 2), ("api", "v2", 4)]));
        let mut merged = one.clone();
        merged.merge(other.clone());
        let mut turned = other.clone();
        turned.merge(one.clone());
        assert_eq!(merged, turned);
        assert_eq!(merged, rollouts(&[("api", "v2", 4), ("api", "v1", 5)]));
        merged.subtract(&one);
        assert_eq!(merged, other);
    }

    #[test]
    fn names_are_rewritten_each_by_itself() {
        let mut held = rollouts(&[("bob", "v1", 3), ("api", "bob", 2)]);
        held.rewrite(|name| (name == "bob").then(|| "someone".to_owned()));
        assert_eq!(
            (of(&held, "someone"), of(&held, "api")),
            (vec![("v1".to_owned(), 3)], vec![("someone".to_owned(), 2)])
        );
    }
}
