//! A cluster's revisions and those of the run in, what they say about where it came from out.
//!
//! A deployment *brought* a cluster when the revision is not the oldest of its service in the export, no older one has
//! the cluster, and the older ones have so many entries that at least five of it were to be expected there. A revision
//! *ended* it by the same measure: five were to be expected behind its last entry on newer revisions, none came.

use crate::model::{Census, Kept, Span, Tally};

use super::words;

/// Entries that were to be expected before an absence means something.
const EXPECTED: f64 = 5.0;

/// What the revisions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// The cluster's revisions by name.
    pub(super) spans: Vec<Span>,
    /// One sentence each.
    pub(super) notes: Vec<String>,
    /// The revision that brought it.
    pub(super) came_with: Option<String>,
}

/// First and last seen of each value, by name.
pub(super) fn spans(census: &Census) -> Vec<Span> {
    let mut spans: Vec<Span> = census
        .values()
        .map(|kept| Span { name: kept.value.clone(), count: kept.count, first_seen: kept.first, last_seen: kept.last })
        .collect();
    spans.sort_by(|left, right| left.name.cmp(&right.name));
    spans
}

/// What the revisions say about where a cluster came from.
pub(super) fn origin(cluster: &Tally, overall: &Tally) -> Origin {
    let mut origin = Origin { spans: spans(&cluster.revisions), ..Origin::default() };
    let rollout = rollout(cluster, overall);
    if rollout.len() < 2 || cluster.revisions.is_empty() {
        return origin;
    }
    let seen = |kept: &Kept| count_in(&cluster.revisions, &kept.value) > 0;
    if rollout.iter().all(|kept| seen(kept)) {
        origin.notes.push(format!(
            "On {} revisions of the export: this speaks for configuration, data or environment rather than for one \
             deployment.",
            if rollout.len() == 2 { "both".to_owned() } else { format!("all {}", rollout.len()) }
        ));
        return origin;
    }
    let Some(first_at) = rollout.iter().position(|kept| seen(kept)) else { return origin };
    let last_at = rollout.iter().rposition(|kept| seen(kept)).unwrap_or(first_at);
    let (older, rest) = rollout.split_at(first_at);
    let (own, newer) = rest.split_at(last_at + 1 - first_at);
    let entries = |revisions: &[&Kept]| revisions.iter().map(|kept| kept.count).sum::<u64>();
    let density = words::share(cluster.count, entries(own));
    let is_telling = |others: &[&Kept]| expected(density, entries(others)) >= EXPECTED;
    if let (true, Some(brought)) = (is_telling(older), own.first()) {
        origin.notes.push(came_with(cluster, brought, older));
        origin.came_with = Some(brought.value.clone());
    }
    if let (true, Some(next)) = (is_telling(newer), newer.first()) {
        origin.notes.push(format!(
            "Not seen on {} ({} since {}), though it was on {}: it ended with that deployment, or has not come up again.",
            list(newer),
            words::counted(entries(newer), "entry", "entries"),
            next.first.map(words::clock).unwrap_or_default(),
            list(own)
        ));
    }
    origin
}

fn came_with(cluster: &Tally, brought: &Kept, older: &[&Kept]) -> String {
    let after = cluster.first.zip(brought.first).map_or(0.0, |(cluster, revision)| cluster.seconds_since(revision));
    let entries = older.iter().map(|kept| kept.count).sum();
    format!(
        "First seen {} after the first entry of revision {}; absent from {} ({}): it came with that revision.",
        words::span(after),
        brought.value,
        list(older),
        words::counted(entries, "entry", "entries")
    )
}

/// The revisions of the cluster's services, oldest first.
fn rollout<'a>(cluster: &Tally, overall: &'a Tally) -> Vec<&'a Kept> {
    let services: Vec<&str> = cluster.services.values().map(|kept| kept.value.as_str()).collect();
    let single = overall.services.values().count() <= 1;
    let belongs = |revision: &str| {
        single
            || services.iter().any(|service| revision.strip_prefix(service).is_some_and(|rest| rest.starts_with('-')))
    };
    let mut revisions: Vec<&Kept> = overall.revisions.values().filter(|kept| belongs(&kept.value)).collect();
    revisions.sort_by(|left, right| left.first.cmp(&right.first).then_with(|| left.value.cmp(&right.value)));
    revisions
}

fn count_in(census: &Census, value: &str) -> u64 {
    census.values().find(|kept| kept.value == value).map_or(0, |kept| kept.count)
}

#[expect(clippy::cast_precision_loss, reason = "an expectation computed from counts")]
fn expected(density: f64, entries: u64) -> f64 {
    density * entries as f64
}

/// Up to three names, then how many more.
fn list(revisions: &[&Kept]) -> String {
    let mut names: Vec<String> = revisions.iter().take(3).map(|kept| kept.value.clone()).collect();
    if revisions.len() > 3 {
        names.push(format!("{} more", revisions.len() - 3));
    }
    words::list(&names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn tally(entries: &[(&str, i64, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (revision, minute, count) in entries {
            for step in 0..*count {
                let time = Timestamp::from_seconds(1_757_800_000 + minute * 60 + i64::try_from(step).unwrap());
                tally.services.add("api", time);
                tally.revisions.add(revision, time);
                tally.count += 1;
                tally.first = Some(tally.first.map_or(time.unwrap(), |first| first.min(time.unwrap())));
                tally.last = tally.last.max(time);
            }
        }
        tally
    }

    #[test]
    fn a_deployment_brought_it() {
        let overall = tally(&[("api-00596-abc", 0, 400), ("api-00597-hxd", 60, 100)]);
        let origin = origin(&tally(&[("api-00597-hxd", 63, 20)]), &overall);
        assert_eq!(origin.came_with.as_deref(), Some("api-00597-hxd"));
        assert_eq!(
            origin.notes,
            [
                "First seen 3 min after the first entry of revision api-00597-hxd; absent from api-00596-abc (400 entries): \
              it came with that revision."
            ]
        );
    }

    #[test]
    fn few_entries_before_prove_nothing() {
        let overall = tally(&[("api-00596-abc", 0, 4), ("api-00597-hxd", 60, 100)]);
        assert_eq!(origin(&tally(&[("api-00597-hxd", 63, 20)]), &overall).came_with, None);
    }

    #[test]
    fn a_deployment_ended_it() {
        let overall = tally(&[("api-1", 0, 100), ("api-2", 60, 100)]);
        let origin = origin(&tally(&[("api-1", 3, 20)]), &overall);
        assert!(origin.notes[0].contains("ended"), "{origin:?}");
    }

    #[test]
    fn all_revisions_alike_speak_for_configuration() {
        let overall = tally(&[("api-1", 0, 100), ("api-2", 60, 100)]);
        let origin = origin(&tally(&[("api-1", 3, 20), ("api-2", 61, 1)]), &overall);
        assert!(origin.notes[0].contains("configuration"), "{origin:?}");
    }
}
