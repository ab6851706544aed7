//! A cluster and the run in, the revisions of each of its services with their entries and the cluster's among them out.

use crate::model::{Census, Digest, Kept, Tally, Timestamp};

use super::words;

/// A revision of a service, and what of a cluster was on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct On<'a> {
    pub(super) revision: &'a str,
    /// Its entries of all kinds, the first and the last of them.
    pub(super) entries: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// Entries of the cluster among them, the first and the last of these.
    pub(super) count: u64,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

impl<'a> On<'a> {
    fn of(revision: &'a str, all: &Kept, cluster: &Tally) -> Self {
        let seen = cluster.revisions.values().find(|kept| kept.value == revision);
        let (count, since, until) = seen.map_or((0, None, None), |seen| (seen.count, seen.first, seen.last));
        Self { revision, entries: all.count, first: all.first, last: all.last, count, since, until }
    }

    /// Where it stands among others of its service: in the order in which they came.
    pub(super) fn order(&self) -> (Option<Timestamp>, &'a str) {
        (self.first, self.revision)
    }
}

/// The revisions of each service that a cluster was seen on, oldest first.
///
/// Where several of its services have revisions of one name, nobody knows on which of them it was: these are left out.
pub(super) fn rollouts<'a>(cluster: &Tally, digest: &'a Digest) -> Vec<Vec<On<'a>>> {
    let mut services: Vec<String> = cluster.services.top().into_iter().map(|kept| kept.value.clone()).collect();
    if services.is_empty() {
        services.push(String::new());
    }
    let all: Vec<Vec<On<'a>>> = services.iter().map(|service| rollout(service, cluster, digest)).collect();
    let is_shared = |at: usize, on: &On<'_>| {
        let mut others = all.iter().enumerate().filter(|(other, _)| *other != at);
        on.count > 0 && others.any(|(_, other)| other.iter().any(|held| held.revision == on.revision))
    };
    let is_clear = |at: usize, rollout: &[On<'_>]| !rollout.iter().any(|on| is_shared(at, on));
    all.iter().enumerate().filter(|(at, rollout)| is_clear(*at, rollout)).map(|(_, rollout)| rollout.clone()).collect()
}

fn rollout<'a>(service: &str, cluster: &Tally, digest: &'a Digest) -> Vec<On<'a>> {
    let is_known = digest.rollouts.total() == digest.overall.revisions.total();
    let mut rollout: Vec<On<'a>> = if is_known {
        digest.rollouts.of(service).map(|(revision, kept)| On::of(revision, kept, cluster)).collect()
    } else {
        let revisions = digest.overall.revisions.values();
        let own = revisions.filter(|kept| is_named_for(&kept.value, service, &digest.overall.services));
        own.map(|kept| On::of(&kept.value, kept, cluster)).collect()
    };
    rollout.sort_by_key(On::order);
    rollout
}

/// Whether a revision belongs to a service by its name, which is all that older Digests tell: it begins with the name of
/// this service and with no longer one.
fn is_named_for(revision: &str, service: &str, services: &Census) -> bool {
    let begins = |service: &str| revision.strip_prefix(service).is_some_and(|rest| rest.starts_with('-'));
    let mut names = services.values().map(|kept| kept.value.as_str());
    services.values().count() <= 1
        || (begins(service) && !names.any(|other| other.len() > service.len() && begins(other)))
}

/// Up to three names, then how many more.
pub(super) fn list(revisions: &[On<'_>]) -> String {
    let mut names: Vec<String> = revisions.iter().take(3).map(|on| on.revision.to_owned()).collect();
    if revisions.len() > 3 {
        names.push(format!("{} more", revisions.len() - 3));
    }
    words::list(&names)
}

/// The first and the last entry of some revisions.
pub(super) fn span(revisions: &[On<'_>]) -> Option<(Timestamp, Timestamp)> {
    let first = revisions.iter().filter_map(|on| on.first).min()?;
    Some((first, revisions.iter().filter_map(|on| on.last).max()?))
}

/// Entries of a cluster among all entries of some revisions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) count: u64,
    pub(super) entries: u64,
}

impl Sum {
    pub(super) fn of(revisions: &[On<'_>]) -> Self {
        revisions.iter().fold(Self::default(), |sum, on| sum.and(Self { count: on.count, entries: on.entries }))
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, entries: self.entries + other.entries }
    }

    pub(super) fn without(self, part: Self) -> Self {
        Self { count: self.count.saturating_sub(part.count), entries: self.entries.saturating_sub(part.entries) }
    }

    /// Entries of the cluster that were to be expected among `entries` of others, were these the rule.
    #[expect(clippy::cast_precision_loss, reason = "an expectation computed from counts")]
    pub(super) fn expected_among(self, entries: u64) -> f64 {
        words::share(self.count, self.entries) * entries as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rollouts;

    fn entries(digest: &mut Digest, service: &str, revision: &str, count: u64) {
        digest.overall.services.add_many(service, count, None, None);
        digest.overall.revisions.add_many(revision, count, None, None);
        digest.rollouts.add_many(&Rollouts::name(service, revision), count, None, None);
    }

    fn cluster(seen: &[(&str, &str, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (service, revision, count) in seen {
            tally.services.add_many(service, *count, None, None);
            tally.revisions.add_many(revision, *count, None, None);
        }
        tally
    }

    fn told(rollouts: &[Vec<On<'_>>]) -> Vec<Vec<(String, u64, u64)>> {
        let on = |on: &On<'_>| (on.revision.to_owned(), on.entries, on.count);
        rollouts.iter().map(|rollout| rollout.iter().map(on).collect()).collect()
    }

    #[test]
    fn a_service_whose_name_begins_another_has_its_own_revisions_alone() {
        let mut digest = Digest::default();
        entries(&mut digest, "shop", "shop-00010-aaa", 500);
        entries(&mut digest, "shop-worker", "shop-worker-00003-bbb", 600);
        let cluster = cluster(&[("shop", "shop-00010-aaa", 40)]);
        let expected = [vec![("shop-00010-aaa".to_owned(), 500, 40)]];
        assert_eq!(told(&rollouts(&cluster, &digest)), expected);
        digest.rollouts = Rollouts::default();
        assert_eq!(told(&rollouts(&cluster, &digest)), expected, "a Digest that knows names alone");
    }

    #[test]
    fn versions_that_name_no_service_are_known_by_where_they_were_seen() {
        let mut digest = Digest::default();
        for service in ["default", "api"] {
            entries(&mut digest, service, "v1", 400);
            entries(&mut digest, service, "v2", 200);
        }
        let one = cluster(&[("api", "v2", 30)]);
        let expected = [vec![("v1".to_owned(), 400, 0), ("v2".to_owned(), 200, 30)]];
        assert_eq!(told(&rollouts(&one, &digest)), expected);
        let both = cluster(&[("api", "v2", 30), ("default", "v2", 1)]);
        assert!(rollouts(&both, &digest).is_empty(), "nobody knows on which of the two");
    }
}
