//! Hand-made worklogs for the tests of this stage.

use crate::model::{
    Cluster, Fingerprint, NameCount, SCHEMA_VERSION, Severity, Span, Timestamp, Variant, Window, Worklog,
};

/// A time that is known to be well-formed.
pub(super) fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or(Timestamp::from_nanos(0))
}

/// The fingerprint of a name.
pub(super) fn print(name: &str) -> Fingerprint {
    Fingerprint::of(&[name])
}

/// A cluster in the making.
pub(super) struct Made(Cluster);

/// A cluster named `title` with `count` entries, an ERROR of service `backend`.
pub(super) fn cluster(title: &str, count: u64) -> Made {
    let fingerprint = print(title);
    let hex = format!("{:032x}", fingerprint.bits());
    Made(Cluster {
        id: format!("LG-{}", hex.get(..10).unwrap_or_default()),
        fingerprints: vec![fingerprint],
        title: title.into(),
        pattern: format!("{title} failed for <id>"),
        variants: vec![Variant { pattern: format!("{title} failed for <id>"), fingerprint, count }],
        count,
        severity: Severity::Error,
        priority: "P2".into(),
        category: "new".into(),
        services: vec![NameCount { name: "backend".into(), count }],
        logs: vec![NameCount { name: "stderr".into(), count }],
        ..Cluster::default()
    })
}

impl Made {
    /// In another service.
    pub(super) fn service(mut self, name: &str) -> Self {
        self.0.services = vec![NameCount { name: name.into(), count: self.0.count }];
        self
    }

    /// Seen on a revision.
    pub(super) fn revision(mut self, name: &str) -> Self {
        self.0.revisions.push(Span { name: name.into(), count: self.0.count, ..Span::default() });
        self
    }

    /// With another pattern.
    pub(super) fn pattern(mut self, pattern: &str) -> Self {
        self.0.pattern = pattern.into();
        self
    }

    /// With another priority.
    pub(super) fn priority(mut self, priority: &str) -> Self {
        self.0.priority = priority.into();
        self
    }

    /// Changed in any other way.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Cluster)) -> Self {
        change(&mut self.0);
        self
    }

    /// The cluster.
    pub(super) fn done(self) -> Cluster {
        self.0
    }
}

/// A worklog in the making.
pub(super) struct Story(Worklog);

impl Story {
    /// A run over `hours` from `start`.
    pub(super) fn new(start: &str, hours: i64) -> Self {
        let start = time(start);
        let end = Timestamp::from_nanos(start.nanos() + hours * 3_600_000_000_000);
        let seconds = end.seconds_since(start);
        let mut worklog = Worklog {
            schema_version: SCHEMA_VERSION.into(),
            window: Window { start: Some(start), end: Some(end), seconds },
            ..Worklog::default()
        };
        worklog.method.min_severity = Severity::Notice;
        Self(worklog)
    }

    /// With a cluster; what the run covers grows with it.
    pub(super) fn with(mut self, made: Made) -> Self {
        let mut cluster = made.done();
        cluster.first_seen = cluster.first_seen.or(self.0.window.start);
        cluster.last_seen = cluster.last_seen.or(self.0.window.end);
        for span in &mut cluster.revisions {
            span.first_seen = span.first_seen.or(cluster.first_seen);
            span.last_seen = span.last_seen.or(cluster.last_seen);
        }
        self.0.totals.analysed += cluster.count;
        *self.0.totals.by_severity.entry(cluster.severity).or_default() += cluster.count;
        *self.0.totals.by_severity.entry(Severity::Info).or_default() += 1;
        self.0.scope.services.extend(cluster.services.iter().map(|service| service.name.clone()));
        self.0.scope.logs.extend(cluster.logs.iter().map(|log| log.name.clone()));
        self.0.scope.revision_spans.extend(cluster.revisions.iter().cloned());
        cluster.number = self.0.clusters.len() as u64 + 1;
        self.0.clusters.push(cluster);
        self
    }

    /// The worklog.
    pub(super) fn done(mut self) -> Worklog {
        self.0.scope.services.sort();
        self.0.scope.services.dedup();
        self.0.scope.logs.sort();
        self.0.scope.logs.dedup();
        self.0.totals.clusters = self.0.clusters.len() as u64;
        self.0.entries_id = print(&format!("{:?}", self.0.clusters)).to_string();
        self.0
    }
}
