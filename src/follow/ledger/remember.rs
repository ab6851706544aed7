//! A worklog in; what this run saw is kept.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{holder, shares};
use super::{Entry, IssueLink, Ledger, Observation, names};
use crate::follow::change::watched;
use crate::follow::cover::Cover;
use crate::follow::tracker::{IssueState, KnownIssues};
use crate::model::{Cluster, Fingerprint, Worklog};

impl Ledger {
    /// Keeps what the run behind `worklog` saw. A run that is known already is replaced, so nothing counts twice.
    pub fn remember(&mut self, worklog: &Worklog, known: Option<&KnownIssues>) {
        if worklog.totals.analysed == 0 {
            return;
        }
        let run = crate::follow::run_id(worklog);
        self.revisions.learn(&worklog.scope.revision_spans);
        for entry in self.entries.values_mut() {
            entry.seen.remove(&run);
        }
        let held: BTreeMap<Fingerprint, String> =
            self.owners().into_iter().map(|(print, id)| (print, id.to_owned())).collect();
        let owners: BTreeMap<Fingerprint, &str> = held.iter().map(|(print, id)| (*print, id.as_str())).collect();
        let unknown = worklog.clusters.iter().filter(|cluster| !self.entries.contains_key(&cluster.id));
        let wholes: BTreeMap<&str, String> =
            unknown.filter_map(|cluster| Some((cluster.id.as_str(), holder(&owners, cluster)?.to_owned()))).collect();
        let present: BTreeSet<&str> = worklog.clusters.iter().map(|cluster| cluster.id.as_str()).collect();
        let holders: BTreeMap<Fingerprint, &str> = worklog
            .clusters
            .iter()
            .flat_map(|cluster| cluster.fingerprints.iter().map(|print| (*print, cluster.id.as_str())))
            .collect();
        // What a cluster held once and another one of this run holds now has moved there.
        for (id, entry) in &mut self.entries {
            if present.contains(id.as_str()) {
                entry.fingerprints.retain(|print| holders.get(print).is_none_or(|holder| holder == id));
            }
        }
        let owned = self.owners().into_iter().map(|(print, id)| (print, id.to_string())).collect();
        for cluster in &worklog.clusters {
            self.revisions.learn(&cluster.revisions);
            let newest = self.newest();
            let entry = self.entries.entry(cluster.id.clone()).or_default();
            entry.update(cluster, &owned, newest.is_none_or(|newest| worklog.window.end >= Some(newest)));
            if let Some(whole) = wholes.get(cluster.id.as_str()) {
                entry.part_of.clone_from(whole);
            }
            entry.seen.insert(run.clone(), observation(worklog, cluster));
            entry.connect(cluster, known);
            // What is known as other clusters was here all the same.
            for (owner, count) in shares(&owners, cluster) {
                let Some(entry) = self.entries.get_mut(owner).filter(|_| !present.contains(owner)) else { continue };
                let within = Observation { count, within: cluster.id.clone(), ..observation(worklog, cluster) };
                entry.seen.insert(run.clone(), within);
            }
        }
        self.runs.insert(run, Cover::of(worklog));
        self.refresh_links(known);
        // Reading an archive again, now clustered differently, leaves entries behind that nothing ever saw.
        self.entries.retain(|_, entry| !entry.seen.is_empty() || !entry.is_bare());
    }

    /// What the tracker says now of the issues that are linked.
    fn refresh_links(&mut self, known: Option<&KnownIssues>) {
        for link in self.entries.values_mut().filter_map(|entry| entry.issue.as_mut()) {
            let Some(issue) = known.and_then(|known| known.get(link.number)) else { continue };
            link.state = issue.state.name().into();
            link.created_at = issue.created_at;
            if !issue.url.is_empty() {
                link.url.clone_from(&issue.url);
            }
            if issue.state == IssueState::Completed {
                link.closed_at = issue.closed_at;
            }
        }
    }
}

impl Entry {
    fn update(&mut self, cluster: &Cluster, owned: &BTreeMap<Fingerprint, String>, newest: bool) {
        if newest || self.title.is_empty() {
            if self.renamed != cluster.title {
                self.title.clone_from(&cluster.title);
            }
            self.pattern.clone_from(&cluster.pattern);
        }
        let free = cluster.fingerprints.iter().filter(|print| owned.get(print).is_none_or(|id| *id == cluster.id));
        self.fingerprints.extend(free);
        self.first_seen = self.first_seen.into_iter().chain(cluster.first_seen).min();
        self.last_seen = self.last_seen.into_iter().chain(cluster.last_seen).max();
    }

    /// Keeps the issue a sure match found, if none is linked.
    fn connect(&mut self, cluster: &Cluster, known: Option<&KnownIssues>) {
        let Some(issue) = cluster.issue.as_ref().filter(|issue| issue.action != "review") else { return };
        let Some(number) = issue.number.filter(|_| self.issue.is_none()) else { return };
        let held = known.and_then(|known| known.get(number));
        self.issue = Some(IssueLink {
            number,
            url: issue.url.clone(),
            state: issue.state.clone(),
            created_at: held.and_then(|held| held.created_at),
            closed_at: held.filter(|held| held.state == IssueState::Completed).and_then(|held| held.closed_at),
            by: issue.evidence.first().cloned().unwrap_or_default(),
            reported: None,
        });
    }

    /// Whether nobody ever said anything about it.
    pub(super) fn is_bare(&self) -> bool {
        self.notes.is_empty() && self.issue.is_none()
    }
}

fn observation(worklog: &Worklog, cluster: &Cluster) -> Observation {
    Observation {
        count: cluster.count,
        dispersion: watched(worklog, cluster).dispersion,
        first_seen: cluster.first_seen,
        last_seen: cluster.last_seen,
        severity: cluster.severity,
        priority: cluster.priority.clone(),
        state: cluster.state.clone(),
        reasons: cluster.state_reasons.clone(),
        services: cluster.services.iter().map(|service| service.name.clone()).collect(),
        logs: cluster.logs.iter().map(|log| log.name.clone()).collect(),
        revisions: names(&cluster.revisions),
        within: String::new(),
    }
}
