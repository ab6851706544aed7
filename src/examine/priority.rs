//! A cluster in, its priority with all that it adds up from out. docs/priority.md states the rule.

use crate::model::{Cluster, Reason, Severity};

use super::cluster::UNKNOWN_PATHS;
use super::signature::{self, Signature};
use super::{timing, words};

/// The least score of each priority, from P0; what stays below the last one is P10.
const LEVELS: [i64; 10] = [72, 53, 42, 22, 12, 10, 8, 6, 4, 2];

/// What an expected cluster, or one that only carries details of another, scores at most.
const LEAST_P4: i64 = 12;

/// What requests for paths that nobody serves score at most: nobody files an issue for them.
const LEAST_P5: i64 = 10;

/// The priority of a score: 0 to 10.
pub(super) fn level(score: i64) -> u8 {
    (0..).zip(LEVELS).find(|(_, least)| score >= *least).map_or(10, |(level, _)| level)
}

/// What a cluster's score adds up from, with the points that rules add.
pub(super) fn reasons(cluster: &Cluster, overall_services: usize, is_new: bool, points: Vec<Reason>) -> Vec<Reason> {
    let mut reasons = Reasons(Vec::new());
    reasons.severity(cluster);
    if cluster.severity >= Severity::Notice && !is_done(cluster) {
        reasons.frequency(cluster);
        reasons.spread(cluster, overall_services);
        reasons.signature(cluster);
        reasons.declared(cluster);
        reasons.trend(cluster);
    }
    reasons.state(cluster, is_new);
    reasons.0.extend(points);
    if cluster.pattern == UNKNOWN_PATHS {
        reasons.at_most(LEAST_P5, "many paths that nobody serves, each asked for seldom, as scanners do".to_owned());
    }
    if cluster.expected.is_some() {
        // Expected behaviour is worth a glance at most.
        reasons.at_most(LEAST_P4, "expected behaviour".to_owned());
    }
    if !cluster.details_of.is_empty() {
        let other = &cluster.details_of;
        reasons.at_most(LEAST_P4, format!("it carries the details of {other}, which is judged with them"));
    }
    reasons.0
}

/// Whether it is a stack trace, or was found to stand above the lines of one.
fn has_trace(cluster: &Cluster) -> bool {
    cluster.kind == "trace" || cluster.exception.as_ref().is_some_and(|exception| exception.across_entries)
}

/// The status of requests that were refused for what was asked: neither for who asked nor for how often.
fn callers_mistake(cluster: &Cluster) -> Option<u64> {
    let status = cluster.http.first().filter(|_| cluster.kind == "request")?.status;
    ((400..500).contains(&status) && !matches!(status, 401 | 403 | 408 | 429)).then_some(status)
}

/// The status of requests that failed where their log calls that no ERROR: load balancers state WARNING.
fn failure_below_error(cluster: &Cluster) -> Option<u64> {
    let failed = |status: u64| (500..600).contains(&status);
    let all = cluster.kind == "request" && cluster.http.iter().all(|endpoint| failed(endpoint.status));
    let listed = cluster.severity >= Severity::Notice && cluster.severity < Severity::Error;
    cluster.http.first().map(|first| first.status).filter(|_| all && listed)
}

/// Whether it is a record of something that somebody did and that succeeded: no trouble, however often.
fn is_done(cluster: &Cluster) -> bool {
    cluster.kind == "audit" && cluster.severity <= Severity::Notice && cluster.pattern.ends_with(" OK")
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
            Severity::Emergency | Severity::Alert | Severity::Critical => 50,
            Severity::Error => 40,
            Severity::Warning => 20,
            Severity::Notice => 6,
            Severity::Info | Severity::Debug | Severity::Default => 0,
        };
        let inferred = if cluster.severity_inferred > 0 { " (from its text)" } else { "" };
        self.add(points, format!("severity {}{inferred}", cluster.severity));
        if let Some(status) = failure_below_error(cluster) {
            self.add(40 - points, format!("requests that failed ({status}), which other services call ERROR"));
        }
    }

    /// What grows with the number of entries, up to 12, and with their rate, up to 8.
    fn frequency(&mut self, cluster: &Cluster) {
        let number = match cluster.count {
            0..=1 => 0,
            2..=9 => 3,
            10..=99 => 6,
            100..=999 => 9,
            1_000..=9_999 => 11,
            _ => 12,
        };
        self.add(number, words::counted(cluster.count, "entry", "entries"));
        let per_hour = cluster.rate.per_hour.max(timing::while_it_lasts(cluster));
        let rate = match per_hour {
            _ if cluster.count < 5 => 0,
            rate if rate >= 3_600.0 => 8,
            rate if rate >= 600.0 => 7,
            rate if rate >= 60.0 => 5,
            rate if rate >= 10.0 => 3,
            _ => 0,
        };
        self.add(rate, format!("{} per hour while it lasts ({})", words::rate(per_hour), cluster.rate.word));
        if cluster.count == 1 {
            self.add(if cluster.severity >= Severity::Error { -10 } else { -3 }, "a single entry".to_owned());
        }
    }

    fn spread(&mut self, cluster: &Cluster, overall_services: usize) {
        let step = |count: u64| match count {
            0..=1 => 0,
            2..=9 => 2,
            _ => 4,
        };
        let users = words::estimated(cluster.users, cluster.users_exact, "user", "users");
        self.add(step(cluster.users), users);
        let instances = words::estimated(cluster.instances, cluster.instances_exact, "instance", "instances");
        self.add(step(cluster.instances).min(3), instances);
        let services = cluster.services.len();
        if overall_services > 1 && services > 1 {
            self.add(3, format!("{services} services"));
        }
    }

    /// What the text says: in full for ERROR and above, half for WARNING; half for audit entries, since there a caller
    /// that is turned away is no failure of the service.
    fn signature(&mut self, cluster: &Cluster) {
        let grave = cluster.severity >= Severity::Error;
        if cluster.severity == Severity::Error
            && let Some(word) = signature::calls_itself_critical(cluster)
        {
            self.add(12, format!("its text calls it critical (\"{word}\")"));
        }
        let found = Signature::of(cluster).filter(|_| cluster.severity >= Severity::Warning);
        if let Some((found, sign)) = found {
            let (points, name) = match found {
                Signature::Startup => (35, "a program that does not start"),
                Signature::Unloadable => (30, "code that cannot be loaded or set up"),
                Signature::Exhausted => (20, "a resource that is used up"),
                Signature::Crash => (20, "a program that crashed"),
                Signature::Defect => (20, "a defect in code"),
                Signature::Denied => (12, "denied access"),
                Signature::Misconfigured => (8, "something that is not installed or configured"),
                Signature::Unreachable => (6, "something that does not answer"),
            };
            let halved = !grave || cluster.kind == "audit";
            let points = if halved { points / 2 } else { points };
            self.add(points, format!("its text says {name} (\"{}\")", sign.replace('*', " … ")));
        } else if let Some(status) = callers_mistake(cluster) {
            self.add(-8, format!("requests that callers got wrong ({status})"));
        } else if grave && has_trace(cluster) {
            let unhandled = signature::is_unhandled(cluster);
            self.add(10, if unhandled { "an exception nobody handled" } else { "it has a stack trace" }.to_owned());
        } else if grave && !signature::names_failure(cluster) {
            self.add(-12, "its text names no failure".to_owned());
        }
        if let Some(sign) = signature::mild(cluster) {
            self.add(if grave { -15 } else { -5 }, format!("its text plays it down (\"{}\")", sign.trim()));
        }
    }

    fn declared(&mut self, cluster: &Cluster) {
        if cluster.impact.source == "log" {
            let points = match cluster.impact.level.as_str() {
                "CRITICAL" => 30,
                "HIGH" => 15,
                _ => 0,
            };
            self.add(points, format!("the log itself calls its impact {}", cluster.impact.level));
        }
    }

    fn trend(&mut self, cluster: &Cluster) {
        if cluster.rate.late {
            self.add(4, "most of it in the second half of the window".to_owned());
        }
        if cluster.category == "regression" && cluster.state != "regressed" {
            let came_with = !cluster.deployment.came_with.is_empty();
            let text = if came_with { "it came with a deployment" } else { "far more of it since a deployment" };
            self.add(6, text.to_owned());
        }
    }

    fn state(&mut self, cluster: &Cluster, is_new: bool) {
        let points = match cluster.state.as_str() {
            "regressed" => 15,
            "escalating" => 12,
            "lingering" => -10,
            "declining" => -3,
            _ => 0,
        };
        self.add(points, format!("state {}", cluster.state));
        self.add(if is_new { 8 } else { 0 }, "new: not seen before".to_owned());
    }

    fn at_most(&mut self, most: i64, text: String) {
        let score: i64 = self.0.iter().map(|reason| reason.points).sum();
        self.add((most - score).min(0), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Endpoint, Exception};

    #[test]
    fn a_trace_weighs_the_same_whole_or_line_by_line() {
        let scored = |kind: &str, across_entries: bool| {
            let exception = Some(Exception { kind: "LabelFailed".to_owned(), across_entries, ..Exception::default() });
            let kind = kind.to_owned();
            let cluster = Cluster { kind, exception, severity: Severity::Error, count: 9, ..Cluster::default() };
            reasons(&cluster, 1, false, Vec::new()).iter().map(|reason| reason.points).sum::<i64>()
        };
        assert_eq!(scored("message", true), scored("trace", false));
        assert!(scored("message", false) < scored("trace", false));
    }

    #[test]
    fn a_failed_request_weighs_the_same_whatever_its_log_calls_it() {
        let scored = |severity: Severity, statuses: &[u64]| {
            let http = statuses.iter().map(|status| Endpoint { status: *status, ..Endpoint::default() });
            let cluster =
                Cluster { kind: "request".to_owned(), severity, http: http.collect(), count: 9, ..Cluster::default() };
            reasons(&cluster, 1, false, Vec::new()).iter().take(2).map(|reason| reason.points).collect::<Vec<_>>()
        };
        assert_eq!(scored(Severity::Warning, &[502, 504]), [20, 20]);
        assert_eq!(scored(Severity::Error, &[502])[0], 40);
        assert_eq!(scored(Severity::Warning, &[502, 403])[1], 3);
        assert_eq!(scored(Severity::Info, &[502]), [0; 0]);
    }
}
