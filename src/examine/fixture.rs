//! Entries described in short in, a finished Digest and its groups out: for the tests of this stage.

use crate::model::{
    Digest, Exemplar, Fingerprint, InputTally, JsonText, PatternKind, PatternTally, Rollouts, Severity, Source,
    Timeline, Timestamp,
};

use super::Group;

/// One kind of entry, `count` times from `from` on, `step` milliseconds apart.
#[derive(Clone, Copy)]
pub(super) struct Entries<'a> {
    pub pattern: &'a str,
    pub severity: Severity,
    pub module: &'a str,
    pub function: &'a str,
    pub line: u64,
    pub revision: &'a str,
    pub count: u64,
    pub from: &'a str,
    pub step: i64,
}

impl Default for Entries<'_> {
    fn default() -> Self {
        Self {
            pattern: "something happened",
            severity: Severity::Error,
            module: "app.main",
            function: "run",
            line: 10,
            revision: "api-00001-abc",
            count: 1,
            from: "2025-09-14T03:00:00Z",
            step: 1_000,
        }
    }
}

/// A digest of such entries.
pub(super) fn digest(entries: &[Entries<'_>]) -> Digest {
    let mut digest = Digest::default();
    for one in entries {
        digest.merge(part(one));
    }
    digest.overall.times.finish();
    for pattern in digest.patterns.values_mut() {
        pattern.tally.times.finish();
    }
    digest
}

fn part(one: &Entries<'_>) -> Digest {
    let mut digest = Digest::default();
    let listed = one.severity >= Severity::Notice;
    let mut pattern =
        PatternTally::new(PatternKind::Message, one.pattern.to_owned(), (one.module, one.function), listed);
    let start = Timestamp::parse(one.from).unwrap();
    for number in 0..one.count {
        let time = Timestamp::from_nanos(start.nanos() + i64::try_from(number).unwrap() * one.step * 1_000_000);
        for tally in [&mut digest.overall, &mut pattern.tally] {
            tally.count += 1;
            tally.severities.add(one.severity);
            tally.first = Some(tally.first.map_or(time, |first| first.min(time)));
            tally.last = tally.last.max(Some(time));
            tally.timeline.add(time.minute(), 1);
            tally.times.add(time);
            tally.services.add("api", Some(time));
            tally.revisions.add(one.revision, Some(time));
            tally.instances.add("0069c7a988", Some(time));
            tally.resource_types.add("cloud_run_revision", Some(time));
            tally.projects.add("demo", Some(time));
        }
        digest.rollouts.add_many(&Rollouts::name("api", one.revision), 1, Some(time), Some(time));
        let timeline = digest.severity_timeline.entry(one.severity).or_insert_with(Timeline::default);
        timeline.add(time.minute(), 1);
        if listed {
            digest.components.entry("api".to_owned()).or_default().add(one.severity);
        }
        pattern.locations.add(&format!("{}\t{}\t{}", one.module, one.function, one.line), Some(time));
        let moment = time.seconds().unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        pattern.moments.extend(&mut vec![(moment, time.nanos())]);
        pattern.offer(exemplar(one, time, time.nanos().unsigned_abs()));
    }
    digest.inputs.insert("dump.json".to_owned(), InputTally { entries: one.count, ..InputTally::default() });
    digest.patterns.insert(Fingerprint::of(&[one.pattern, one.module, one.function]), pattern);
    digest
}

fn exemplar(one: &Entries<'_>, time: Timestamp, number: u64) -> Exemplar {
    let entry = serde_json::json!({
        "severity": one.severity, "timestamp": time, "jsonPayload": { "message": one.pattern },
    });
    Exemplar {
        time: Some(time),
        hash: number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        source: Source { path: "dump.json".to_owned(), offset: number, line: 1 },
        length: 100,
        entry: Some(JsonText::from(&entry)),
        raw: None,
        message: one.pattern.to_owned(),
        exception: None,
        embedded: std::collections::BTreeMap::default(),
        unpacked: None,
        redactions: std::collections::BTreeMap::default(),
    }
}

/// A group for each listed pattern.
pub(super) fn groups(digest: &Digest) -> Vec<Group> {
    let listed = digest.patterns.iter().filter(|(_, pattern)| pattern.listed);
    listed
        .map(|(fingerprint, pattern)| Group {
            id: format!("LG-{}", fingerprint.to_string().get(4..14).unwrap_or_default()),
            members: vec![*fingerprint],
            pattern: pattern.pattern.clone(),
            slots: Vec::new(),
            because: vec!["equal text".to_owned()],
        })
        .collect()
}
