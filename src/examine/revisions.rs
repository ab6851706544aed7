//! A cluster's revisions and those of the run in, what they say about where it came from out.
//!
//! A deployment *brought* a cluster when the revision is not the oldest of its service in the export, no older one has
//! the cluster, the older ones have so many entries that at least five of it were to be expected there, and it did not begin
//! long after the revision came. A revision
//! *ended* it by the same measure: five were to be expected behind its last entry on the revisions that followed, none came,
//! and it had not been over long before. Where neither holds, its shares of the entries of the revisions are compared.

use crate::model::{Census, Deployment, Digest, Span, Tally, Timestamp};

use super::rollout::{On, Sum, list, rollouts, span};
use super::uneven::Uneven;
use super::words;

/// Entries that were to be expected before an absence means something.
const EXPECTED: f64 = 5.0;
/// Seconds for which instances of a revision that no longer gets requests are kept.
const GOING: f64 = 900.0;
/// So many services are told of, those with most of it.
const TOLD_SERVICES: usize = 3;

/// What the revisions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// The cluster's revisions by name.
    pub(super) spans: Vec<Span>,
    /// One sentence each.
    pub(super) notes: Vec<String>,
    /// The deployments they name.
    pub(super) deployment: Deployment,
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

/// What the revisions say about where a cluster came from, service by service.
pub(super) fn origin(cluster: &Tally, digest: &Digest) -> Origin {
    let mut origin = Origin { spans: spans(&cluster.revisions), ..Origin::default() };
    let rollouts = rollouts(cluster, digest);
    for rollout in rollouts.iter().filter(|rollout| rollout.len() > 1).take(TOLD_SERVICES) {
        let told = origin.notes.len();
        origin.tell_begin(cluster, rollout);
        origin.tell_end(cluster, rollout);
        if origin.notes.len() == told {
            origin.tell_shares(cluster, rollout);
        }
    }
    if cluster.services.values().count() > 1 {
        // One service may have had it all along.
        origin.deployment = Deployment::default();
    }
    origin.deployment.text = in_short(&origin.deployment);
    origin
}

impl Origin {
    /// The deployment that brought it.
    fn tell_begin(&mut self, cluster: &Tally, rollout: &[On<'_>]) {
        let Some(first_at) = rollout.iter().position(|on| on.count > 0) else { return };
        let (older, rest) = rollout.split_at(first_at);
        let own: Vec<On<'_>> = rest.iter().filter(|on| on.count > 0).copied().collect();
        if let (true, Some(brought)) = (is_telling(&own, older), own.first())
            && !began_late(cluster, older, &own, brought)
        {
            self.notes.push(came_with(brought, older, &own));
            brought.revision.clone_into(&mut self.deployment.came_with);
        }
    }

    /// Whether the revisions it was on gave way to others, be it by going back to an older one.
    fn tell_end(&mut self, cluster: &Tally, rollout: &[On<'_>]) {
        let (own, others): (Vec<On<'_>>, Vec<On<'_>>) = rollout.iter().partition(|on| on.count > 0);
        let (Some(newest), Some(until)) = (own.last(), own.iter().filter_map(|on| on.until).max()) else { return };
        let ran_on = |on: &&On<'_>| on.order() > newest.order() && on.last > Some(until);
        let newer: Vec<On<'_>> = others.iter().filter(ran_on).copied().collect();
        let next = successor(&own, &others);
        let Some(came) = next.map(|(next, ..)| next).or(newer.first().copied()) else { return };
        if fell_silent(cluster, &own, until, &came) {
            return;
        }
        if let Some((next, ..)) = next {
            next.revision.clone_into(&mut self.deployment.over_since);
        }
        if came.order() > newest.order() && is_telling(&own, &newer) {
            self.notes.push(format!(
                "Not seen on {} ({} since {}), though it was on {}: it ended with that deployment, or has not come up \
                 again.",
                list(&newer),
                words::counted(Sum::of(&newer).entries, "entry", "entries"),
                newer.first().and_then(|on| on.first).map(words::clock).unwrap_or_default(),
                list(&own)
            ));
        } else if let Some((next, gone, until)) = next {
            self.notes.push(format!(
                "Not seen on {} after the last entry of {} ({}), though it ran on until {}: it ended with that change, or \
                 has not come up again.",
                next.revision,
                list(&own),
                words::clock(gone),
                words::clock(until)
            ));
        }
    }

    /// Whether it makes up the same share of the entries of all revisions.
    fn tell_shares(&mut self, cluster: &Tally, rollout: &[On<'_>]) {
        if let Some(uneven) = Uneven::of(cluster, rollout) {
            self.notes.push(uneven.sentence());
            uneven.since().unwrap_or_default().clone_into(&mut self.deployment.more_since);
            let (more, less) = uneven.parts();
            if let (Some(_), Some((next, ..))) = (uneven.since(), successor(more, less)) {
                next.revision.clone_into(&mut self.deployment.over_since);
            }
            return;
        }
        let whole = Sum::of(rollout);
        let telling = rollout.iter().filter(|on| whole.expected_among(on.entries) >= EXPECTED).count();
        if telling > 1 && rollout.iter().all(|on| on.count > 0) {
            self.notes.push(format!(
                "On {} revisions of its service alike: this speaks for configuration, data or environment rather than \
                 for one deployment.",
                if rollout.len() == 2 { "both".to_owned() } else { format!("all {}", rollout.len()) }
            ));
        }
    }
}

/// Whether so many entries were to be expected on others that their absence means something.
fn is_telling(own: &[On<'_>], others: &[On<'_>]) -> bool {
    Sum::of(own).expected_among(Sum::of(others).entries) >= EXPECTED
}

/// The revision that took over when all of some were gone, and ran on so long that five entries were to be expected at the
/// rate of these; when they were gone, and until when it ran. Of several it is the first to be there, of those that had
/// been there already the newest.
fn successor<'a>(own: &[On<'_>], others: &[On<'a>]) -> Option<(On<'a>, Timestamp, Timestamp)> {
    let (first, gone) = span(own)?;
    let ran = gone.seconds_since(first).max(60.0);
    #[expect(clippy::cast_precision_loss, reason = "an expectation computed from counts")]
    let expected = |until: Timestamp| Sum::of(own).count as f64 * until.seconds_since(gone) / ran;
    let ran_on = others.iter().filter_map(|on| Some((*on, gone, on.last?))).filter(|on| expected(on.2) >= EXPECTED);
    ran_on.min_by(|(left, ..), (right, ..)| {
        left.first.max(Some(gone)).cmp(&right.first.max(Some(gone))).then(right.order().cmp(&left.order()))
    })
}

/// Whether it was over before another revision came: five entries were to be expected until then, and it had never paused
/// half as long. What ended shortly before is not told from what ended with it.
fn fell_silent(cluster: &Tally, own: &[On<'_>], until: Timestamp, next: &On<'_>) -> bool {
    let (Some(since), Some((_, gone))) = (own.iter().filter_map(|on| on.since).min(), span(own)) else { return false };
    let came = next.first.filter(|first| *first > until).map_or(gone, |first| first.min(gone));
    is_long(cluster, own, came.seconds_since(until), until.seconds_since(since))
}

/// Whether it began long after the revision came that would have brought it, and long before or after that got the
/// requests of the older ones: what else happened then is not told from what the revision changed.
fn began_late(cluster: &Tally, older: &[On<'_>], own: &[On<'_>], brought: &On<'_>) -> bool {
    let (since, until) = (own.iter().filter_map(|on| on.since).min(), own.iter().filter_map(|on| on.until).max());
    let (Some(came), Some(since), Some(until)) = (brought.first, since, until) else { return false };
    let taken_over = older.iter().filter_map(|on| on.last).max();
    let apart = taken_over.map_or(f64::INFINITY, |last| since.seconds_since(last).abs());
    is_long(cluster, own, since.seconds_since(came).min(apart), until.seconds_since(since))
}

/// Whether a silence is long for a cluster that had `lasted` so many seconds: five of its entries were to be expected in it,
/// and it had never paused half as long.
fn is_long(cluster: &Tally, own: &[On<'_>], silence: f64, lasted: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "an expectation computed from counts")]
    let expected = Sum::of(own).count as f64 * silence / lasted.max(60.0);
    let minutes: Vec<i64> = cluster.timeline.0.iter().filter(|(_, count)| **count > 0).map(|(at, _)| *at).collect();
    let pauses = minutes.windows(2).filter_map(|pair| Some(pair.last()?.saturating_sub(*pair.first()?)));
    #[expect(clippy::cast_precision_loss, reason = "minutes of an export")]
    let pause = pauses.max().unwrap_or(1) as f64 * 60.0;
    silence > GOING && expected >= EXPECTED && silence > 2.0 * pause
}

/// What deployments did to it, in a few words.
fn in_short(deployment: &Deployment) -> String {
    let Deployment { came_with, more_since, over_since, .. } = deployment;
    let mut words: Vec<String> = Vec::new();
    match (more_since.is_empty(), over_since.is_empty()) {
        (false, false) => return format!("far more often on {more_since} until {over_since} took over"),
        (false, true) => words.push(format!("far more often since {more_since}")),
        (true, _) if !came_with.is_empty() => words.push(format!("came with {came_with}")),
        (true, _) => {}
    }
    if !over_since.is_empty() {
        words.push(format!("not seen since {over_since} took over"));
    }
    words.join(", ")
}

fn came_with(brought: &On<'_>, older: &[On<'_>], own: &[On<'_>]) -> String {
    let since = own.iter().filter_map(|on| on.since).min();
    let after = since.zip(brought.first).map_or(0.0, |(since, revision)| since.seconds_since(revision));
    format!(
        "First seen {} after the first entry of revision {}; absent from {} ({}): it came with that revision.",
        words::span(after),
        brought.revision,
        list(older),
        words::counted(Sum::of(older).entries, "entry", "entries")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn digest(overall: Tally) -> Digest {
        Digest { overall, ..Digest::default() }
    }

    #[test]
    fn a_deployment_brought_it() {
        let export = digest(tally(&[("api-00596-abc", 0, 400), ("api-00597-hxd", 60, 100)]));
        let origin = origin(&tally(&[("api-00597-hxd", 63, 20)]), &export);
        assert_eq!(origin.deployment.came_with, "api-00597-hxd");
        assert_eq!(
            origin.notes,
            [
                "First seen 3 min after the first entry of revision api-00597-hxd; absent from api-00596-abc (400 entries): \
              it came with that revision."
            ]
        );
    }

    #[test]
    fn what_begins_long_after_a_deployment_did_not_come_with_it() {
        let mut all = hourly(&[("api-1", 0, 400)]);
        for hour in 1..8 {
            all.merge(hourly(&[("api-2", hour, 400)]));
        }
        let burst = origin(&hourly(&[("api-2", 6, 60)]), &digest(all.clone()));
        assert_eq!(burst.deployment, Deployment::default(), "{burst:?}");
        assert!(burst.notes[0].ends_with("in bursts, so that this may be chance."), "{burst:?}");
        // A job that runs every other hour.
        let mut job = hourly(&[("api-2", 3, 60)]);
        job.merge(hourly(&[("api-2", 6, 60)]));
        assert_eq!(origin(&job, &digest(all)).deployment.came_with, "api-2");
        // It was deployed long before it got any requests.
        let mut later = hourly(&[("api-1", 0, 400), ("api-1", 1, 400), ("api-2", 0, 2)]);
        later.merge(hourly(&[("api-2", 2, 400)]));
        assert_eq!(origin(&hourly(&[("api-2", 2, 60)]), &digest(later)).deployment.came_with, "api-2");
    }

    #[test]
    fn few_entries_before_prove_nothing() {
        let export = digest(tally(&[("api-00596-abc", 0, 4), ("api-00597-hxd", 60, 100)]));
        assert_eq!(origin(&tally(&[("api-00597-hxd", 63, 20)]), &export).deployment, Deployment::default());
    }

    #[test]
    fn a_deployment_ended_it() {
        let export = digest(tally(&[("api-1", 0, 100), ("api-2", 60, 100)]));
        let origin = origin(&tally(&[("api-1", 3, 20)]), &export);
        assert!(origin.notes[0].contains("ended"), "{origin:?}");
    }

    #[test]
    fn all_revisions_alike_speak_for_configuration() {
        let export = digest(tally(&[("api-1", 0, 100), ("api-2", 60, 100)]));
        let alike = origin(&tally(&[("api-1", 3, 20), ("api-2", 61, 17)]), &export);
        assert!(alike.notes[0].starts_with("On both revisions of its service alike"), "{alike:?}");
        assert_eq!(origin(&tally(&[("api-1", 3, 2), ("api-2", 61, 3)]), &export).notes, Vec::<String>::new());
    }

    /// Entries a revision, evenly over an hour.
    fn hourly(revisions: &[(&str, i64, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (revision, hour, count) in revisions {
            for number in 0..*count {
                let seconds = 3_600 * i64::try_from(number).unwrap() / i64::try_from(*count).unwrap();
                let time = Timestamp::from_seconds(1_757_800_000 + hour * 3_600 + seconds).unwrap();
                tally.services.add("api", Some(time));
                tally.revisions.add(revision, Some(time));
                tally.count += 1;
                tally.first = Some(tally.first.map_or(time, |first| first.min(time)));
                tally.last = tally.last.max(Some(time));
                tally.timeline.add(time.minute(), 1);
            }
        }
        tally
    }

    #[test]
    fn of_two_revisions_the_worse_one_is_told() {
        let export = digest(hourly(&[("api-1", 0, 19_004), ("api-2", 1, 996)]));
        let worse = origin(&hourly(&[("api-1", 0, 176), ("api-2", 1, 293)]), &export);
        assert_eq!(
            worse.notes,
            ["293 of 996 entries (29%) on api-2, 176 of 19,004 entries (0.9%) on api-1: about 32 times as often."]
        );
        assert_eq!(worse.deployment.more_since, "api-2");
        let better = origin(
            &hourly(&[("api-1", 0, 293), ("api-2", 1, 9)]),
            &digest(hourly(&[("api-1", 0, 996), ("api-2", 1, 990)])),
        );
        assert_eq!(
            better.notes,
            ["293 of 996 entries (29%) on api-1, 9 of 990 entries (0.9%) on api-2: about 32 times as often."]
        );
        assert_eq!(better.deployment, Deployment::default(), "{better:?}");
    }

    #[test]
    fn going_back_to_an_older_revision_ends_what_came_with_the_newer_one() {
        let export = digest(hourly(&[("api-1", 0, 400), ("api-2", 1, 400), ("api-1", 2, 400)]));
        let gone = origin(&hourly(&[("api-2", 1, 60)]), &export);
        assert_eq!(gone.deployment.text, "came with api-2, not seen since api-1 took over");
        assert!(gone.notes[1].starts_with("Not seen on api-1 after the last entry of api-2 (2025-"), "{gone:?}");
        let back = origin(&hourly(&[("api-1", 0, 5), ("api-2", 1, 200), ("api-1", 2, 4)]), &export);
        assert_eq!(back.deployment.text, "far more often on api-2 until api-1 took over");
        let soon = digest(hourly(&[("api-1", 0, 400), ("api-2", 1, 400)]));
        assert_eq!(origin(&hourly(&[("api-2", 1, 60)]), &soon).deployment.text, "came with api-2");
    }

    #[test]
    fn an_older_revision_that_took_over_is_told_though_a_newer_one_came_later() {
        let export = digest(hourly(&[("api-1", 0, 400), ("api-2", 1, 400), ("api-1", 2, 400), ("api-3", 3, 400)]));
        let gone = origin(&hourly(&[("api-2", 1, 60)]), &export);
        assert_eq!(gone.deployment.text, "came with api-2, not seen since api-1 took over");
        assert!(gone.notes[1].starts_with("Not seen on api-1 after the last entry of api-2 (2025-"), "{gone:?}");
    }

    #[test]
    fn what_was_over_before_a_deployment_did_not_end_with_it() {
        let mut own = hourly(&[("api-1", 0, 400)]);
        for revision in [("api-2", 1, 400), ("api-1", 2, 400), ("api-1", 3, 400), ("api-3", 4, 400)] {
            own.merge(hourly(&[revision]));
        }
        let over = origin(&hourly(&[("api-1", 2, 60)]), &digest(own.clone()));
        assert_eq!(over.deployment, Deployment::default());
        assert!(over.notes[0].ends_with("in bursts, so that this may be chance."), "{over:?}");
        let lasting = origin(&hourly(&[("api-1", 2, 60), ("api-1", 3, 60)]), &digest(own));
        assert_eq!(lasting.deployment.text, "not seen since api-3 took over");
        assert!(lasting.notes[0].starts_with("Not seen on api-3 (400 entries since 2025-"), "{lasting:?}");
    }

    #[test]
    fn a_revision_that_logs_less_of_all_else_is_not_blamed() {
        let export = digest(hourly(&[("api-1", 0, 10_000), ("api-2", 1, 1_000)]));
        let origin = origin(&hourly(&[("api-1", 0, 200), ("api-2", 1, 200)]), &export);
        assert!(
            origin.notes[0].ends_with("about 10 times as large a share, though hardly more per hour."),
            "{origin:?}"
        );
        assert_eq!(origin.deployment, Deployment::default());
    }

    #[test]
    fn one_burst_is_not_blamed_on_the_revision_it_fell_on() {
        let export = digest(hourly(&[("api-1", 0, 1_000), ("api-2", 1, 1_000)]));
        let mut cluster = hourly(&[("api-1", 0, 30), ("api-2", 1, 100)]);
        let minute = cluster.last.unwrap().minute();
        cluster.timeline.0.retain(|at, _| *at < minute - 55);
        cluster.timeline.add(minute, 90);
        let origin = origin(&cluster, &export);
        assert!(origin.notes[0].ends_with("in bursts, so that this may be chance."), "{origin:?}");
        assert_eq!(origin.deployment, Deployment::default());
    }
}
