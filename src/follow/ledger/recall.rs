//! A worklog in; ids that last, states with reasons, what is absent and what changed since the last run out.

use std::collections::{BTreeMap, BTreeSet};

use super::absent::footprint;
use super::fixed::{OwnedFix, fix};
use super::identity::{Kin, Ties};
use super::{Entry, IssueLink, Ledger, Observation};
use crate::follow::again::Trail;
use crate::follow::change::{Change, Direction, LEAST_DEVIATIONS, LEAST_FACTOR, Watched, between, watched};
use crate::follow::cover::{Cover, heaviest_first};
use crate::follow::plan::attach;
use crate::follow::revision::Revisions;
use crate::follow::state::{Sighting, Standing, judge};
use crate::follow::tracker::KnownIssues;
use crate::follow::words::because;
use crate::model::{Cluster, Comparison, Delta, Expected, Timestamp, Window, Worklog};

impl Ledger {
    /// Recalls, judges, pins and remembers in one go; the order that a run without triage in between needs.
    pub fn apply(&mut self, worklog: &mut Worklog, known: Option<&KnownIssues>) {
        self.recall(worklog, known);
        self.pin(worklog);
        self.remember(worklog, known);
    }

    /// Gives the clusters of `worklog` their lasting ids, their issues and their states; the ledger stays as it is.
    ///
    /// What counts is the runs whose entries are earlier, whichever order the archives were read in.
    pub fn recall(&self, worklog: &mut Worklog, known: Option<&KnownIssues>) {
        self.rename(worklog);
        attach(worklog, known, Some(self));
        let view = View::new(self, worklog, known);
        let verdicts: Vec<Verdict> = worklog.clusters.iter().map(|cluster| view.judge(cluster)).collect();
        let comparison = view.comparison(&verdicts);
        for (cluster, verdict) in worklog.clusters.iter_mut().zip(verdicts) {
            cluster.state = verdict.state.name.into();
            cluster.state_reasons = verdict.state.reasons;
            cluster.known_since = verdict.known_since;
            cluster.expected = verdict.expected.filter(|_| cluster.state == "expected");
            if cluster.delta.is_none() {
                cluster.delta = verdict.delta;
            }
        }
        match &mut worklog.comparison {
            // A baseline that was asked for stays; what the ledger misses is added to it.
            Some(held) => {
                // One that was refused compares nothing.
                held.first_run = held.counts.is_empty() && comparison.first_run;
                let listed: BTreeSet<String> = held.absent.iter().map(|absent| absent.id.clone()).collect();
                held.absent.extend(comparison.absent.into_iter().filter(|absent| !listed.contains(&absent.id)));
                heaviest_first(&mut held.absent);
            }
            None => worklog.comparison = Some(comparison),
        }
    }

    /// Sets the priorities and titles that people gave; to be called behind triage.
    pub fn pin(&self, worklog: &mut Worklog) {
        for cluster in &mut worklog.clusters {
            if let Some(entry) = self.entries.get(&cluster.id).filter(|entry| !entry.renamed.is_empty()) {
                cluster.title.clone_from(&entry.renamed);
            }
            let Some(pin) = self.entries.get(self.root(&cluster.id)).and_then(|entry| entry.pinned.as_ref()) else {
                continue;
            };
            let pinned = because(&format!("{} pinned by decision", pin.priority), &pin.reason);
            let text = format!("{pinned} (was {})", cluster.priority);
            if cluster.priority_reasons.iter().all(|reason| !reason.text.contains("pinned by decision")) {
                cluster.priority_reasons.push(crate::model::Reason { text, points: 0 });
            }
            cluster.priority.clone_from(&pin.priority);
        }
    }

    /// The issue linked to a cluster or to the one it was merged into.
    pub(in crate::follow) fn link(&self, id: &str) -> Option<&IssueLink> {
        let own = self.entries.get(id).and_then(|entry| entry.issue.as_ref());
        own.or_else(|| self.entries.get(self.root(id))?.issue.as_ref())
    }

    /// Known clusters get the id they have had; what refers to them is told.
    fn rename(&self, worklog: &mut Worklog) {
        let ids = self.lasting_ids(worklog);
        let renamed: BTreeMap<String, String> =
            worklog.clusters.iter().map(|cluster| cluster.id.clone()).zip(ids.iter().cloned()).collect();
        let tell = |id: &mut String| {
            if let Some(new) = renamed.get(id) {
                id.clone_from(new);
            }
        };
        for cluster in &mut worklog.clusters {
            tell(&mut cluster.id);
            cluster.related.iter_mut().for_each(|related| tell(&mut related.cluster));
            cluster.context.iter_mut().for_each(|context| tell(&mut context.cluster));
        }
        worklog.patterns.iter_mut().flat_map(|pattern| &mut pattern.clusters).for_each(tell);
    }
}

/// What the ledger says of one cluster of this run.
struct Verdict {
    state: crate::follow::state::State,
    expected: Option<Expected>,
    delta: Option<Delta>,
    known_since: Option<Timestamp>,
}

/// The ledger as seen from one run: what is earlier in event time.
pub(super) struct View<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) worklog: &'a Worklog,
    pub(super) known: Option<&'a KnownIssues>,
    pub(super) cover: Cover,
    pub(super) earlier: Vec<(&'a String, &'a Cover)>,
    book: Revisions,
    ties: Ties<'a>,
}

impl<'a> View<'a> {
    fn new(ledger: &'a Ledger, worklog: &'a Worklog, known: Option<&'a KnownIssues>) -> Self {
        let cover = Cover::of(worklog);
        let id = crate::follow::run_id(worklog);
        let mut earlier: Vec<(&String, &Cover)> =
            ledger.runs.iter().filter(|(other, held)| (held.end, *other) < (cover.end, &id)).collect();
        earlier.sort_by_key(|(other, held)| (held.end, *other));
        let mut book = ledger.revisions.clone();
        book.learn(&worklog.scope.revision_spans);
        worklog.clusters.iter().for_each(|cluster| book.learn(&cluster.revisions));
        Self { ledger, worklog, known, cover, earlier, book, ties: Ties::of(ledger, worklog) }
    }

    /// Its first entry of all, or that of the one it was merged into or part of, where that is before this run's.
    fn known_since(&self, cluster: &Cluster, kin: &Kin<'_>) -> Option<Timestamp> {
        let held = [cluster.id.as_str(), self.ledger.root(&cluster.id), kin.whole.unwrap_or_default()];
        let first = held.into_iter().filter_map(|id| self.ledger.entries.get(id)?.first_seen).min()?;
        cluster.first_seen.filter(|here| first < *here).map(|_| first)
    }

    fn judge(&self, cluster: &Cluster) -> Verdict {
        let nobody = Entry::default();
        let entry = self.ledger.entries.get(&cluster.id).unwrap_or(&nobody);
        let root = self.ledger.entries.get(self.ledger.root(&cluster.id)).unwrap_or(&nobody);
        let kin = self.ties.kin(cluster);
        let past = self.past_with(entry, &kin);
        let fix = fix(root, cluster, self.known);
        let decision = self.ledger.decision_of(root, kin.whole);
        let expected = decision.and_then(super::Decision::expected).or_else(|| cluster.expected.clone());
        let ignored = decision.filter(|decision| decision.kind == "ignored");
        let standing = Standing {
            ignored: ignored.map(|decision| (decision.reason.as_str(), decision.until)),
            expected: expected.as_ref(),
            fix: fix.as_ref().map(OwnedFix::borrow),
            known: kin.known().or_else(|| self.known_before(cluster)),
        };
        let now = watched(self.worklog, cluster);
        let unseen = if past.is_empty() && kin.whole.is_none() { self.covering(cluster) } else { Vec::new() };
        let sighting = Sighting {
            watched: now,
            last: cluster.last_seen,
            trail: Trail::of(cluster),
            run_end: self.cover.end,
            revisions: &cluster.revisions,
            covered_by: unseen.len(),
        };
        let mut state = judge(&sighting, &past, &standing, &self.book);
        state.reasons.extend(kin.reasons());
        if !entry.merged_into.is_empty() {
            state.reasons.push(format!("merged into {} by decision", self.ledger.root(&cluster.id)));
        }
        let before = if past.is_empty() { unseen.into_iter().reduce(Watched::and) } else { last_comparable(&past) };
        let delta = before.map(|before| delta(before, now, !past.is_empty()));
        Verdict { state, expected, delta, known_since: self.known_since(cluster, &kin) }
    }

    /// What the earlier runs saw: their counts, and nought where they would have shown it. Runs that overlap with this
    /// one for the most part tell that it was there, but not how often.
    pub(super) fn past(&self, entry: &Entry) -> Vec<Watched> {
        self.past_with(entry, &Kin::default())
    }

    /// The same of a cluster whose entries stood in others as well, or hold those of others no longer.
    fn past_with(&self, entry: &Entry, kin: &Kin<'_>) -> Vec<Watched> {
        let mut last: Option<(&Observation, &Cover)> = None;
        let mut past = Vec::new();
        for (run, cover) in &self.earlier {
            let is_rate = !self.overlaps(cover) && !kin.held_more(run, cover, self.ledger);
            let seconds = if is_rate { cover.seconds() } else { 0.0 };
            let held = std::iter::once(entry).chain(kin.joined.iter().map(|(_, other)| *other));
            let seen: Vec<&Observation> = held.filter_map(|entry| entry.seen.get(*run)).collect();
            if let Some(one) = seen.first() {
                last = Some((one, cover));
                let dispersion = seen.iter().map(|seen| seen.dispersion).max().unwrap_or_default();
                past.push(Watched { count: kin.counted(run, entry.seen.get(*run)), seconds, dispersion });
            } else if kin.was_inside(run, self.ledger) {
                // Nobody knows how much of that was this.
            } else if let Some((seen, with)) = last
                && cover.would_show(&footprint(seen, with)).is_ok()
            {
                past.push(Watched { count: 0, seconds, dispersion: 1000 });
            }
        }
        past
    }

    /// The earlier runs that would have shown this cluster, which none of them did.
    fn covering(&self, cluster: &Cluster) -> Vec<Watched> {
        let print = crate::follow::cover::footprint(self.worklog, cluster);
        let covers = self.earlier.iter().map(|(_, cover)| cover).filter(|cover| cover.would_show(&print).is_ok());
        covers.map(|cover| Watched { count: 0, seconds: cover.seconds(), dispersion: 1000 }).collect()
    }

    fn overlaps(&self, other: &Cover) -> bool {
        let (Some(start), Some(end)) = (self.cover.start, self.cover.end) else { return true };
        let (Some(other_start), Some(other_end)) = (other.start, other.end) else { return true };
        let shared = end.min(other_end).seconds_since(start.max(other_start));
        shared > 0.0 && shared * 2.0 >= end.seconds_since(start).min(other_end.seconds_since(other_start))
    }

    /// What knew of the cluster before the ledger did: a baseline, or an issue that is older than this run.
    fn known_before(&self, cluster: &Cluster) -> Option<String> {
        if let Some(delta) = cluster.delta.as_ref().filter(|delta| delta.before > 0) {
            let entries = if delta.before == 1 { "entry" } else { "entries" };
            return Some(format!("the baseline has {} {entries} of it", delta.before));
        }
        let entry = self.ledger.entries.get(&cluster.id);
        if let Some(first) = entry.and_then(|entry| entry.first_seen).filter(|first| Some(*first) < self.cover.start) {
            return Some(format!("seen before, at {first}, by a run that cannot be compared with"));
        }
        let number = cluster.issue.as_ref().filter(|issue| issue.action != "review")?.number?;
        let created = self.known.and_then(|known| known.get(number)).map(|issue| issue.created_at);
        let created = created.or_else(|| self.ledger.link(&cluster.id).map(|link| link.created_at)).flatten()?;
        let before = cluster.first_seen.is_some_and(|first| created < first);
        before.then(|| format!("issue #{number}, filed at {created}, is older than this export"))
    }

    fn comparison(&self, verdicts: &[Verdict]) -> Comparison {
        if self.worklog.totals.analysed == 0 && !self.ledger.runs.is_empty() {
            let notes =
                vec!["this run has no entry, so nothing is compared, and the ledger keeps nothing of it".into()];
            return Comparison { baseline: "ledger".into(), notes, ..Comparison::default() };
        }
        if self.earlier.is_empty() {
            return Comparison { baseline: "ledger".into(), first_run: true, ..Comparison::default() };
        }
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for verdict in verdicts {
            *counts.entry(verdict.state.name.to_string()).or_default() += 1;
        }
        let (absent, said_of_others) = self.absent();
        for one in &absent {
            *counts.entry(one.state.clone()).or_default() += 1;
        }
        let mut notes = vec![format!(
            "escalating or declining means: beyond {LEAST_FACTOR} times and {LEAST_DEVIATIONS} standard deviations per \
             covered hour, bursts allowed for; from three earlier runs on also beyond their usual range"
        )];
        notes.extend(said_of_others);
        notes.extend(self.earlier.last().into_iter().flat_map(|(_, before)| self.cover.made_otherwise(before)));
        let window = self.earlier.last().map_or_else(Window::default, |(_, cover)| Window {
            start: cover.start,
            end: cover.end,
            seconds: cover.start.zip(cover.end).map_or(0.0, |(start, end)| end.seconds_since(start)),
        });
        Comparison { baseline: "ledger".into(), first_run: false, window, counts, absent, notes }
    }
}

/// The last earlier run whose rate can be compared with; none where the only ones that saw it since overlap with this
/// one, which tells that it was there and not how often.
fn last_comparable(past: &[Watched]) -> Option<Watched> {
    let place = past.iter().rposition(|run| run.seconds > 0.0)?;
    let seen_since = past.iter().skip(place + 1).any(|run| run.count > 0);
    past.get(place).copied().filter(|run| run.count > 0 || !seen_since)
}

/// What changed since the last run that would have shown it; `was_here` says whether any earlier one did.
fn delta(before: Watched, now: Watched, was_here: bool) -> Delta {
    let Change { direction, ratio, z } = between(before, now);
    let verdict = match direction {
        _ if before.seconds <= 0.0 => "not_observed",
        _ if before.count == 0 && was_here => "back",
        _ if before.count == 0 => "new",
        Direction::Up => "up",
        Direction::Down => "down",
        Direction::Steady => "steady",
    };
    Delta {
        verdict: verdict.into(),
        before: before.count,
        before_per_hour: before.per_hour(),
        now_per_hour: now.per_hour(),
        ratio,
        z,
    }
}
