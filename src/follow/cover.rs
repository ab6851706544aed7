//! A worklog in, what its export can speak of out: absence counts only where the export would have shown the thing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::change::{LEAST_EXPECTED, covered_seconds, show};
use crate::model::{Absent, Cluster, Severity, Timestamp, Worklog};

/// What one run's export covers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// Earliest event time.
    pub start: Option<Timestamp>,
    /// Latest event time.
    pub end: Option<Timestamp>,
    /// Milliseconds of the window without its gaps.
    pub covered_ms: u64,
    /// Analysed entries.
    pub analysed: u64,
    /// The lowest severity that clusters are made from, or that the export holds at all.
    pub lowest_severity: Severity,
    /// The filter, as it was typed.
    pub filter: String,
    /// Additional masks, as `NAME=REGEX`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<String>,
    /// How coarse clusters are; empty for the usual way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub similarity: String,
    /// Whether the export looks cut off.
    pub truncated: bool,
    /// Services it holds entries of.
    pub services: BTreeSet<String>,
    /// Logs it holds entries of.
    pub logs: BTreeSet<String>,
    /// Projects it holds entries of.
    pub projects: BTreeSet<String>,
}

/// What must be covered for an absence to mean something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Footprint<'a> {
    /// Services it was last seen in.
    pub services: Vec<&'a str>,
    /// Logs it was last seen in.
    pub logs: Vec<&'a str>,
    /// Its highest severity.
    pub severity: Severity,
    /// The filter it was last seen with.
    pub filter: &'a str,
    /// Entries per covered hour then.
    pub per_hour: f64,
    /// How burstier than independent events they came, in thousandths.
    pub dispersion: u64,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
}

impl Cover {
    /// What the export behind `worklog` covers.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a window, never negative")]
    pub fn of(worklog: &Worklog) -> Self {
        let totals = &worklog.totals;
        let held = totals.by_severity.iter().chain(&totals.inferred).chain(&totals.corrected);
        let lowest = held.filter(|(severity, count)| **severity != Severity::Default && **count > 0);
        let lowest = lowest.map(|(severity, _)| *severity).min().unwrap_or_default();
        Self {
            start: worklog.window.start,
            end: worklog.window.end,
            covered_ms: (covered_seconds(worklog) * 1000.0).round() as u64,
            analysed: totals.analysed,
            lowest_severity: lowest.max(worklog.method.min_severity),
            filter: worklog.method.filter.clone(),
            masks: worklog.method.masks.clone(),
            similarity: told_similarity(worklog.method.similarity),
            truncated: worklog.coverage.truncated,
            services: worklog.scope.services.iter().cloned().collect(),
            logs: worklog.scope.logs.iter().cloned().collect(),
            projects: worklog.scope.projects.iter().cloned().collect(),
        }
    }

    /// What a run was asked otherwise than an earlier one, as far as it decides what becomes of entries: a sentence each.
    pub(crate) fn made_otherwise(&self, before: &Self) -> Vec<String> {
        let told = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
        let mut said = Vec::new();
        if self.filter != before.filter {
            let (now, then) = (told(&self.filter, "none"), told(&before.filter, "none"));
            said.push(format!("the filter is another than in the run before: {now} (was {then}), so what it keeps out is not told as gone"));
        }
        if self.lowest_severity != before.lowest_severity {
            let (now, then) = (self.lowest_severity, before.lowest_severity);
            said.push(format!(
                "clusters go down to {now} in this run (was {then}): what only one of them covers is not compared"
            ));
        }
        said.extend(self.grouped_otherwise(before, "the run before"));
        said
    }

    /// What else it groups by than an earlier run: a sentence each.
    pub(crate) fn grouped_otherwise(&self, before: &Self, name: &str) -> Vec<String> {
        let told = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
        let masks = |cover: &Self, other: &Self| {
            let own = cover.masks.iter().filter(|mask| !other.masks.contains(mask));
            let names: Vec<&str> = own.filter_map(|mask| mask.split('=').next()).collect();
            told(&names.join(", "), "none")
        };
        let mut said = Vec::new();
        if self.masks != before.masks {
            said.push(format!(
                "the masks are not those of {name} (new: {}, gone: {}): what they join, part or reword may look new or \
                 quiet where its words do not tell that it is known",
                masks(self, before),
                masks(before, self)
            ));
        }
        if self.similarity != before.similarity {
            said.push(format!(
                "the similarity is {} here and was {} in {name}, so clusters may be joined or parted",
                told(&self.similarity, "0.5"),
                told(&before.similarity, "0.5")
            ));
        }
        said
    }

    /// Covered seconds.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a window")]
    pub(crate) fn seconds(&self) -> f64 {
        self.covered_ms as f64 / 1000.0
    }

    /// Whether something with this footprint would show up, whatever the length of the window; why not otherwise.
    pub(crate) fn would_show(&self, footprint: &Footprint<'_>) -> Result<(), String> {
        if self.analysed == 0 {
            return Err("this export holds no entry".into());
        }
        if let Some(service) = footprint.services.iter().find(|service| !self.services.contains(**service)) {
            return Err(format!("this export holds no entry of service {service}"));
        }
        if let Some(log) = footprint.logs.iter().find(|log| !self.logs.contains(**log)) {
            return Err(format!("this export holds no entry of log {log}"));
        }
        if footprint.severity != Severity::Default && footprint.severity < self.lowest_severity {
            return Err(format!("this export holds nothing below {}", self.lowest_severity));
        }
        if footprint.filter != self.filter {
            return Err("this run looked through another filter".into());
        }
        Ok(())
    }

    /// Whether the absence of something with this footprint means that it stopped; why not otherwise.
    pub(crate) fn absence_counts(&self, footprint: &Footprint<'_>) -> Result<String, String> {
        self.would_show(footprint)?;
        if let (Some(last), Some(end)) = (footprint.last_seen, self.end)
            && end <= last
        {
            return Err(format!("this export ends before it was last seen, {last}"));
        }
        let hours = self.seconds() / 3600.0;
        let expected = footprint.per_hour * hours;
        let figures = format!(
            "at its last rate of {} per hour, {} would be expected in the {} h covered",
            show(footprint.per_hour),
            show(expected),
            show(hours)
        );
        // What comes once a month comes at its rate of that week in no other; entries of one burst are one event.
        #[expect(clippy::cast_precision_loss, reason = "thousandths")]
        let bursts = expected * 1000.0 / footprint.dispersion.max(1000) as f64;
        if expected < LEAST_EXPECTED {
            Err(format!("{figures}, too few to tell"))
        } else if bursts < LEAST_EXPECTED {
            Err(format!("{figures}, but in too few bursts to tell"))
        } else {
            Ok(figures)
        }
    }
}

/// How coarse clusters are; nothing where it is the usual way.
fn told_similarity(similarity: f64) -> String {
    const USUAL: f64 = 0.5;
    if (similarity - USUAL).abs() < f64::EPSILON { String::new() } else { similarity.to_string() }
}

/// The footprint of a cluster as it stands in `worklog`.
pub(crate) fn footprint<'a>(worklog: &'a Worklog, cluster: &'a Cluster) -> Footprint<'a> {
    let watched = super::change::watched(worklog, cluster);
    Footprint {
        services: cluster.services.iter().map(|service| service.name.as_str()).collect(),
        logs: cluster.logs.iter().map(|log| log.name.as_str()).collect(),
        severity: cluster.severity,
        filter: &worklog.method.filter,
        per_hour: watched.per_hour(),
        dispersion: watched.dispersion,
        last_seen: cluster.last_seen,
    }
}

/// What is absent in the order of reading: what stopped before what this export could not show, then by priority.
pub(crate) fn heaviest_first(absent: &mut [Absent]) {
    let level = |one: &Absent| one.priority.strip_prefix('P').and_then(|digits| digits.parse::<u8>().ok());
    absent.sort_by_cached_key(|one| {
        let unseen = one.state == "not_observed";
        (unseen, level(one).unwrap_or(u8::MAX), std::cmp::Reverse(one.before), one.id.clone())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover() -> Cover {
        Cover {
            start: Timestamp::parse("2025-09-12T00:00:00Z"),
            end: Timestamp::parse("2025-09-13T00:00:00Z"),
            covered_ms: 86_400_000,
            analysed: 100,
            lowest_severity: Severity::Warning,
            services: ["backend".to_string()].into(),
            logs: ["stderr".to_string()].into(),
            ..Cover::default()
        }
    }

    fn print() -> Footprint<'static> {
        Footprint {
            services: vec!["backend"],
            logs: vec!["stderr"],
            severity: Severity::Error,
            per_hour: 10.0,
            dispersion: 2_000,
            last_seen: Timestamp::parse("2025-09-11T05:00:00Z"),
            ..Footprint::default()
        }
    }

    #[test]
    fn absence_counts_only_where_it_would_show() {
        assert!(cover().absence_counts(&print()).is_ok());
        for (other, because) in [
            (Footprint { services: vec!["backend", "auth"], ..print() }, "service auth"),
            (Footprint { logs: vec!["stdout"], ..print() }, "log stdout"),
            (Footprint { severity: Severity::Notice, ..print() }, "below WARNING"),
            (Footprint { filter: "severity>=ERROR", ..print() }, "filter"),
            (Footprint { per_hour: 0.01, ..print() }, "too few to tell"),
            (Footprint { dispersion: 100_000, ..print() }, "too few bursts"),
            (Footprint { last_seen: Timestamp::parse("2025-09-14T00:00:00Z"), ..print() }, "ends before"),
        ] {
            let reason = cover().absence_counts(&other).unwrap_err();
            assert!(reason.contains(because), "{reason}");
        }
    }
}
