//! What people decide about clusters in; the ledger changed, with a note of it, out.

use std::collections::BTreeSet;

use super::{Decision, Entry, IssueLink, Ledger, Note, Pin, Resolution};
use crate::model::{Fingerprint, Timestamp};

/// A decision about one cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Part of normal life, until its rate jumps or a time comes.
    Expected {
        /// The event time from which it no longer holds.
        until: Option<Timestamp>,
        /// The rate above which it no longer holds.
        max_rate_per_hour: Option<f64>,
    },
    /// Not to be looked at.
    Ignored {
        /// The event time from which it no longer holds.
        until: Option<Timestamp>,
    },
    /// Fixed.
    Resolved {
        /// When; the newest entry the ledger knows of if not given.
        at: Option<Timestamp>,
        /// The first revision with the fix; empty if not known.
        revision: String,
    },
    /// Nothing of these any more.
    Open,
    /// Given a priority, whatever triage says; `None` takes it back.
    Priority(Option<String>),
    /// Given a title; empty takes it back.
    Renamed(String),
    /// Linked to an issue; `None` takes it back.
    Issue(Option<u64>),
}

/// What clearing up took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs.
    pub runs: u64,
    /// Observations.
    pub observations: u64,
    /// Clusters.
    pub entries: u64,
}

/// One line of a cluster's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Event time.
    pub at: Option<Timestamp>,
    /// The run, or who.
    pub who: String,
    /// What was seen or decided.
    pub text: String,
}

impl Ledger {
    /// Marks a cluster, with the reason and who says so.
    pub fn mark(&mut self, id: &str, mark: &Mark, reason: &str, by: &str) -> Result<(), String> {
        let newest = self.newest();
        let entry = self.get_mut(id)?;
        let until = |until: Option<Timestamp>| until.map(|time| format!(" until {time}")).unwrap_or_default();
        let did = match mark {
            Mark::Expected { until: end, max_rate_per_hour } => {
                let most = max_rate_per_hour.filter(|most| most.is_finite() && *most >= 0.0);
                if most != *max_rate_per_hour {
                    return Err("a rate is a number from 0 on".into());
                }
                let most = most.map(|most| (most * 1000.0).round() / 1000.0);
                entry.decision = Some(decision("expected", reason, *end, most));
                let cap = most.map(|most| format!(" up to {most} per hour")).unwrap_or_default();
                format!("marked expected{cap}{}", until(*end))
            }
            Mark::Ignored { until: end } => {
                entry.decision = Some(decision("ignored", reason, *end, None));
                format!("marked ignored{}", until(*end))
            }
            Mark::Resolved { at, revision } => {
                let at = at.or(newest).ok_or("give the time of the fix; the ledger knows of none")?;
                entry.resolution = Some(Resolution { at, revision: revision.clone(), reason: reason.to_string() });
                entry.decision = None;
                let on = if revision.is_empty() { String::new() } else { format!(" in {revision}") };
                format!("marked resolved at {at}{on}")
            }
            Mark::Open => {
                entry.decision = None;
                entry.resolution = None;
                "marked open".into()
            }
            Mark::Priority(priority) => {
                if let Some(wrong) = priority.as_ref().filter(|priority| !is_priority(priority)) {
                    return Err(format!("{wrong:?} is no priority; P0 to P10 are"));
                }
                entry.pinned = priority.clone().map(|priority| Pin { priority, reason: reason.to_string() });
                priority
                    .as_ref()
                    .map_or("priority unpinned".into(), |priority| format!("priority pinned to {priority}"))
            }
            Mark::Renamed(title) => {
                entry.renamed.clone_from(title);
                if title.is_empty() { "title taken back".into() } else { format!("renamed to {title:?}") }
            }
            Mark::Issue(number) => {
                let link = |number| IssueLink { number, by: "decision".into(), ..IssueLink::default() };
                entry.issue = number.map(link);
                number.map_or("unlinked from its issue".into(), |number| format!("linked to issue #{number}"))
            }
        };
        let text = if reason.is_empty() { did } else { format!("{did}: {reason}") };
        entry.notes.push(Note { at: newest, by: by.to_string(), text });
        Ok(())
    }

    /// Makes decisions and the issue of `into` count for `from` too.
    pub fn merge(&mut self, from: &str, into: &str, by: &str) -> Result<(), String> {
        self.get(into)?;
        self.get(from)?;
        if from == into {
            return Err(format!("{from} cannot be merged into itself"));
        }
        if self.root(into) == from {
            return Err(format!("{into} is merged into {from} already; split it first"));
        }
        let newest = self.newest();
        self.get_mut(from)?.merged_into = into.to_string();
        self.note(from, newest, by, format!("merged into {into}"));
        self.note(into, newest, by, format!("{from} merged into it"));
        Ok(())
    }

    /// Undoes a merge, or takes a fingerprint out of a cluster into one of its own; the id of what is separate now.
    pub fn split(&mut self, id: &str, print: Option<Fingerprint>, by: &str) -> Result<String, String> {
        let newest = self.newest();
        let entry = self.get_mut(id)?;
        let Some(print) = print else {
            if entry.merged_into.is_empty() {
                return Err(format!("{id} is not merged; name the fingerprint to take out of it"));
            }
            let from = std::mem::take(&mut entry.merged_into);
            self.note(id, newest, by, format!("split from {from} again"));
            return Ok(id.to_string());
        };
        if !entry.fingerprints.contains(&print) {
            return Err(format!("{id} does not hold {print}"));
        }
        if entry.fingerprints.len() == 1 {
            return Err(format!("{print} is all that {id} holds"));
        }
        entry.fingerprints.remove(&print);
        let separate = Entry {
            title: entry.title.clone(),
            fingerprints: BTreeSet::from([print]),
            first_seen: entry.first_seen,
            last_seen: entry.last_seen,
            seen: entry.seen.clone(),
            ..Entry::default()
        };
        let mut salt = 0_u32;
        let mut new = id_of(&format!("{print}"));
        while self.entries.contains_key(&new) {
            salt += 1;
            new = id_of(&format!("{print} {salt}"));
        }
        self.entries.insert(new.clone(), separate);
        self.note(id, newest, by, format!("{print} split off as {new}"));
        self.note(&new, newest, by, format!("split off from {id}"));
        Ok(new)
    }

    /// Makes one more fingerprint mean a cluster, as after an upgrade or a reworded message.
    pub fn alias(&mut self, id: &str, print: Fingerprint, by: &str) -> Result<(), String> {
        self.get(id)?;
        if let Some(other) = self.owners().get(&print).filter(|other| **other != id).map(ToString::to_string) {
            return Err(format!("{print} means {other} already; merge the two instead"));
        }
        let newest = self.newest();
        self.get_mut(id)?.fingerprints.insert(print);
        self.note(id, newest, by, format!("alias {print} added"));
        Ok(())
    }

    /// What was seen of a cluster and done to it, in the order of event time.
    pub fn history(&self, id: &str) -> Result<Vec<Line>, String> {
        let entry = self.get(id)?;
        let mut lines: Vec<Line> = entry
            .seen
            .iter()
            .map(|(run, seen)| Line {
                at: self.runs.get(run).and_then(|cover| cover.end),
                who: run.clone(),
                text: match seen.within.as_str() {
                    "" => format!("{} {} x{}: {}", seen.priority, seen.state, seen.count, seen.reasons.join("; ")),
                    whole => format!("x{}, grouped with {whole}", seen.count),
                },
            })
            .collect();
        lines.extend(entry.notes.iter().map(|note| Line {
            at: note.at,
            who: note.by.clone(),
            text: note.text.clone(),
        }));
        // Stable: what was decided after a run stands behind it.
        lines.sort_by_key(|line| line.at);
        Ok(lines)
    }

    /// What does not fit together, one sentence each.
    pub fn verify(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut owners: std::collections::BTreeMap<Fingerprint, &str> = std::collections::BTreeMap::new();
        for (id, entry) in &self.entries {
            for print in &entry.fingerprints {
                if let Some(other) = owners.insert(*print, id) {
                    problems.push(format!("{print} means both {other} and {id}"));
                }
            }
            if entry.fingerprints.is_empty() {
                problems.push(format!("{id} has no fingerprint, so nothing can be recognised as it"));
            }
            if !entry.merged_into.is_empty() {
                if !self.entries.contains_key(&entry.merged_into) {
                    problems.push(format!("{id} is merged into {}, which is not known", entry.merged_into));
                } else if self.root(id) == id {
                    problems.push(format!("{id} is merged into itself by a ring"));
                }
            }
            for run in entry.seen.keys().filter(|run| !self.runs.contains_key(*run)) {
                problems.push(format!("{id} was seen in {run}, which is not known"));
            }
            if let Some(pin) = entry.pinned.as_ref().filter(|pin| !is_priority(&pin.priority)) {
                problems.push(format!("{id} is pinned to {:?}, which is no priority", pin.priority));
            }
        }
        problems
    }

    /// Forgets all but the `keep` newest runs, and clusters that none of those saw and nobody said anything about.
    pub fn gc(&mut self, keep: usize) -> Swept {
        let mut order: Vec<(Option<Timestamp>, String)> =
            self.runs.iter().map(|(run, cover)| (cover.end, run.clone())).collect();
        order.sort();
        order.truncate(order.len().saturating_sub(keep));
        let old: BTreeSet<String> = order.into_iter().map(|(_, run)| run).collect();
        self.runs.retain(|run, _| !old.contains(run));
        let mut swept = Swept { runs: old.len() as u64, ..Swept::default() };
        for entry in self.entries.values_mut() {
            let before = entry.seen.len();
            entry.seen.retain(|run, _| !old.contains(run));
            swept.observations += (before - entry.seen.len()) as u64;
        }
        let before = self.entries.len();
        self.entries.retain(|_, entry| !entry.seen.is_empty() || !entry.is_bare());
        swept.entries = (before - self.entries.len()) as u64;
        swept
    }

    fn get(&self, id: &str) -> Result<&Entry, String> {
        self.entries.get(id).ok_or_else(|| self.unknown(id))
    }

    fn get_mut(&mut self, id: &str) -> Result<&mut Entry, String> {
        let unknown = self.unknown(id);
        self.entries.get_mut(id).ok_or(unknown)
    }

    fn unknown(&self, id: &str) -> String {
        let near: Vec<&str> =
            self.entries.keys().filter(|known| known.starts_with(id)).take(3).map(String::as_str).collect();
        if near.is_empty() || id.is_empty() {
            return format!("{id:?} is not in this ledger; `ledger show` lists what is");
        }
        format!("{id:?} is not in this ledger; did you mean {}?", near.join(", "))
    }

    fn note(&mut self, id: &str, at: Option<Timestamp>, by: &str, text: String) {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.notes.push(Note { at, by: by.to_string(), text });
        }
    }
}

fn decision(kind: &str, reason: &str, until: Option<Timestamp>, max_rate_per_hour: Option<f64>) -> Decision {
    Decision { kind: kind.into(), reason: reason.into(), until, max_rate_per_hour }
}

fn is_priority(text: &str) -> bool {
    let digits = text.strip_prefix('P').unwrap_or_default();
    digits.parse::<u8>().is_ok_and(|number| number <= 10 && number.to_string() == digits)
}

/// An id made from a text.
pub(super) fn id_of(text: &str) -> String {
    let hex = format!("{:032x}", Fingerprint::of(&[text]).bits());
    format!("LG-{}", hex.chars().take(10).collect::<String>())
}
