//! A cluster in, its priority with all that it adds up from out. docs/priority.md states the rule.

use crate::model::{Cluster, Reason, Severity};

use super::signature::{self, Signature};
use super::words;

/// The least score of each priority, from P0; what stays below the last one is P10.
const LEVELS: [i64; 10] = [80, 65, 50, 30, 15, 12, 9, 6, 3, 1];

/// The priority of a score: 0 to 10.
pub(super) fn level(score: i64) -> u8 {
    (0..).zip(LEVELS).find(|(_, least)| score >= *least).map_or(10, |(level, _)| level)
}

/// What a cluster's score adds up from, rules aside.
pub(super) fn reasons(cluster: &Cluster, overall_services: usize) -> Vec<Reason> {
    let mut reasons = Reasons(Vec::new());
    reasons.severity(cluster);
    if cluster.severity >= Severity::Notice {
        reasons.frequency(cluster);
        reasons.spread(cluster, overall_services);
        reasons.signature(cluster);
        reasons.declared(cluster);
        reasons.trend(cluster);
    }
    reasons.state(cluster);
    reasons.0
}

struct Reasons(Vec<Reason>);

impl Reasons {
    fn add(&mut self, points: i64, text: String) {
        if points != 0 {
            self.0.push(Reason { text, points });
        }
    }

    fn severity(&mut self, cluster: &Cluster) {
        let points = match cluster.severity {
            Severity::Emergency | Severity::Alert | Severity::Critical => 45,
            Severity::Error => 35,
            Severity::Warning => 15,
            Severity::Notice => 5,
            Severity::Info | Severity::Debug | Severity::Default => 0,
        };
        let inferred = if cluster.severity_inferred > 0 { " (from its text)" } else { "" };
        self.add(points, format!("severity {}{inferred}", cluster.severity));
    }

    /// Three points for every factor of ten in number, up to 12, and two for each step in rate, up to 8.
    fn frequency(&mut self, cluster: &Cluster) {
        let number = match cluster.count {
            0..=1 => 0,
            2..=9 => 2,
            10..=99 => 5,
            100..=999 => 8,
            1_000..=9_999 => 10,
            _ => 12,
        };
        self.add(number, words::counted(cluster.count, "entry", "entries"));
        let rate = match cluster.rate.per_hour {
            _ if cluster.count < 5 => 0,
            rate if rate >= 3_600.0 => 8,
            rate if rate >= 600.0 => 6,
            rate if rate >= 60.0 => 4,
            rate if rate >= 10.0 => 2,
            _ => 0,
        };
        self.add(rate, format!("{} per hour ({})", words::rate(cluster.rate.per_hour), cluster.rate.word));
    }

    fn spread(&mut self, cluster: &Cluster, overall_services: usize) {
        let step = |count: u64| match count {
            0..=1 => 0,
            2..=9 => 2,
            _ => 4,
        };
        self.add(step(cluster.users), words::counted(cluster.users, "user", "users"));
        self.add(step(cluster.instances).min(3), words::counted(cluster.instances, "instance", "instances"));
        let services = cluster.services.len();
        if overall_services > 1 && services > 1 {
            self.add(3, format!("{services} services"));
        }
    }

    fn signature(&mut self, cluster: &Cluster) {
        if let Some((found, sign)) = Signature::of(cluster).filter(|_| cluster.severity >= Severity::Error) {
            let (points, name) = match found {
                Signature::Startup => (20, "a program that does not start"),
                Signature::Exhausted => (15, "a resource that is used up"),
                Signature::Defect => (15, "a defect in code"),
                Signature::Denied => (10, "denied access"),
                Signature::Unreachable => (5, "something that does not answer"),
            };
            self.add(points, format!("its text says {name} (\"{}\")", sign.trim()));
        } else if cluster.kind == "trace" && cluster.severity >= Severity::Error {
            self.add(10, "an exception nobody handled".to_owned());
        }
        if let Some(sign) = signature::mild(cluster) {
            self.add(-15, format!("its text plays it down (\"{}\")", sign.trim()));
        }
    }

    fn declared(&mut self, cluster: &Cluster) {
        if cluster.impact.source == "log" {
            let points = match cluster.impact.level.as_str() {
                "CRITICAL" => 20,
                "HIGH" => 10,
                _ => 0,
            };
            self.add(points, format!("the log itself calls its impact {}", cluster.impact.level));
        }
    }

    fn trend(&mut self, cluster: &Cluster) {
        if cluster.rate.trend == "rising" {
            self.add(4, "rising within the window".to_owned());
        }
        if cluster.category == "regression" && cluster.state != "regressed" {
            self.add(6, "it came with a deployment".to_owned());
        }
    }

    fn state(&mut self, cluster: &Cluster) {
        let points = match cluster.state.as_str() {
            "regressed" => 15,
            "escalating" => 12,
            "new" => 8,
            "lingering" => -10,
            "declining" => -3,
            _ => 0,
        };
        self.add(points, format!("state {}", cluster.state));
        if cluster.expected.is_some() {
            let score: i64 = self.0.iter().map(|reason| reason.points).sum();
            // Expected behaviour is worth a glance at most.
            self.add((14 - score).min(0), "expected behaviour".to_owned());
        }
    }
}
