//! The entries of one pattern while they stream by: cheap to add to, turned into a `PatternTally` at the end.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::canon::Run;
use super::mask::SlotSpan;
use super::origin::Origin;
use super::reading::Endpoint;
use super::share::{Alike, Share};
use super::site::Site;
use super::standing::{Standing, Table};
use crate::model::{
    Exemplar, Fingerprint, KeptRecord, PatternKind, PatternTally, Rollouts, Severity, SeverityCounts, Sketch,
    SlotTally, Source, TYPICAL_EXEMPLARS, Timestamp,
};

/// What one entry tells, and whom it names; texts that are absent are empty.
pub(super) struct Told<'a> {
    /// What kind of thing it describes.
    pub kind: PatternKind,
    /// What to group it by.
    pub text: Cow<'a, str>,
    /// What it shares with others.
    pub standing: Standing,
    /// The entry's own severity, or the inferred one where it states none.
    pub severity: Severity,
    /// What the text says where the entry states no severity.
    pub inferred: Option<Severity>,
    /// Event time.
    pub time: Option<Timestamp>,
    /// As the entry says.
    pub insert_id: &'a str,
    /// As the entry says.
    pub trace: &'a str,
    /// User that it names.
    pub user: &'a str,
    /// Connection or session that it names.
    pub connection: &'a str,
    /// Request or execution that it names.
    pub request: &'a str,
    /// The first of its `errorGroups`.
    pub error_group: &'a str,
    /// The HTTP request, if it carries one.
    pub endpoint: Option<Endpoint<'a>>,
}

/// What is known of one entry beside what it tells.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    /// Event time.
    pub time: Option<Timestamp>,
    /// Stable hash of log name, time, insertId and text: equal for copies.
    pub identity: u64,
    /// Hash of the trace, 0 if there is none.
    pub trace: u64,
    /// Hash of the moment: the trace, else instance and second.
    pub moment: u64,
    /// Where it stands.
    pub spot: Spot,
    /// The record.
    pub raw: &'a [u8],
}

/// Where a record stands: input, byte, and the chunk it was read in.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    /// The input's number in the order of paths.
    pub input: u64,
    /// The chunk's number.
    pub chunk: u32,
    /// First byte of the record in its input.
    pub offset: u64,
    /// Newlines before it in its chunk.
    pub line: u64,
}

/// An entry that may become an exemplar.
pub(super) struct Candidate {
    time: Option<Timestamp>,
    identity: u64,
    pub(super) spot: Spot,
    pub(super) length: usize,
    /// Shared: of a pattern met once, the same entry is the first, the last and a typical one.
    pub(super) raw: Option<KeptRecord>,
}

/// A pattern that entries are being added to.
pub(super) struct Live {
    pub(super) fingerprint: Fingerprint,
    tally: PatternTally,
    shares: HashMap<Alike, Share>,
    minute: i64,
    in_minute: u64,
    first: Option<Candidate>,
    last: Option<Candidate>,
    typical: Vec<Candidate>,
    /// Traces and moments that wait to be added, each with its time.
    traces: Vec<(u64, i64)>,
    moments: Vec<(u64, i64)>,
    /// The chunk in which an exemplar was chosen last.
    touched: u32,
}

/// So many traces or moments are added at once.
const WAITING: usize = 64;

impl Live {
    pub(super) fn new(fingerprint: Fingerprint, tally: PatternTally, spans: &[SlotSpan]) -> Self {
        let mut tally = tally;
        tally.slots = spans
            .iter()
            .map(|span| SlotTally { placeholder: span.placeholder.clone(), ..SlotTally::default() })
            .collect();
        Self {
            fingerprint,
            tally,
            shares: HashMap::new(),
            minute: i64::MIN,
            in_minute: 0,
            first: None,
            last: None,
            typical: Vec::with_capacity(TYPICAL_EXEMPLARS),
            traces: Vec::new(),
            moments: Vec::new(),
            touched: u32::MAX,
        }
    }

    /// Notes a pattern whose entries go here, since its group has collapsed.
    pub(super) fn weigh(&mut self, pattern: &str) {
        self.tally.weigh(pattern);
    }

    /// Counts one entry, but for its share.
    pub(super) fn add(&mut self, told: &Told<'_>, facts: &Facts<'_>, join: &mut String) {
        let tally = &mut self.tally.tally;
        tally.count += 1;
        match facts.time {
            Some(time) => {
                tally.times.add(time);
                let minute = time.minute();
                if minute != self.minute {
                    self.close_minute();
                    self.minute = minute;
                }
                self.in_minute += 1;
            }
            None => tally.untimed += 1,
        }
        self.add_names(told, facts, join);
    }

    /// Counts one entry among those that are alike.
    pub(super) fn share(&mut self, alike: Alike, time: Option<Timestamp>) {
        self.shares.entry(alike).or_default().add(time);
    }

    fn add_names(&mut self, told: &Told<'_>, facts: &Facts<'_>, join: &mut String) {
        let tally = &mut self.tally;
        let time = facts.time;
        for (census, value) in [
            (&mut tally.users, told.user),
            (&mut tally.connections, told.connection),
            (&mut tally.requests, told.request),
            (&mut tally.error_groups, told.error_group),
        ] {
            if !value.is_empty() {
                census.add(value, time);
            }
        }
        if facts.trace != 0 {
            note(&mut tally.traces, &mut self.traces, (facts.trace, time.map_or(i64::MAX, Timestamp::nanos)));
        }
        if let (Some(time), true) = (time, facts.moment != 0) {
            note(&mut tally.moments, &mut self.moments, (facts.moment, time.nanos()));
        }
        if let Some(endpoint) = &told.endpoint {
            add_endpoint(tally, endpoint, time, join);
        }
    }

    /// Counts the values that one entry has in the slots of the pattern.
    pub(super) fn add_slots(&mut self, spans: &[SlotSpan], message: &str, runs: &[Run], time: Option<Timestamp>) {
        let mut passed = 0;
        for (slot, span) in self.tally.slots.iter_mut().zip(spans) {
            slot.values.add(span.value(message, runs, &mut passed), time);
        }
    }

    /// Keeps the entry if it is the first, the last or a typical one so far; of copies the one that stands first.
    ///
    /// True if it is the first one kept from its chunk.
    pub(super) fn offer(&mut self, facts: &Facts<'_>, keep_raw: bool) -> bool {
        let key = (facts.time, facts.identity);
        let place = (facts.spot.input, facts.spot.offset);
        let is_first =
            facts.time.is_some() && self.first.as_ref().is_none_or(|first| (key, place) < (first.key(), first.place()));
        let is_last =
            self.last.as_ref().is_none_or(|last| key > last.key() || (key == last.key() && place < last.place()));
        // What is kept has smaller identities than what is not: most entries need no look at each of them.
        let may_be_typical = self.typical.len() < TYPICAL_EXEMPLARS
            || self.typical.last().is_some_and(|largest| facts.identity <= largest.identity);
        let twin = may_be_typical.then(|| self.typical.iter().position(|held| held.key() == key)).flatten();
        let is_typical = match twin.and_then(|twin| self.typical.get(twin)) {
            Some(twin) => place < twin.place(),
            None if self.typical.len() < TYPICAL_EXEMPLARS => true,
            None => self.typical.last().is_some_and(|largest| facts.identity < largest.identity),
        };
        if !(is_first || is_last || is_typical) {
            return false;
        }
        let raw = keep_raw.then(|| KeptRecord::new(facts.raw));
        let candidate = || Candidate {
            time: facts.time,
            identity: facts.identity,
            spot: facts.spot,
            length: facts.raw.len(),
            raw: raw.clone(),
        };
        let untouched = std::mem::replace(&mut self.touched, facts.spot.chunk) != facts.spot.chunk;
        if is_first {
            self.first = Some(candidate());
        }
        if is_last {
            self.last = Some(candidate());
        }
        if is_typical {
            if let Some(twin) = twin {
                self.typical.remove(twin);
            }
            let at = self.typical.partition_point(|held| held.identity < facts.identity);
            self.typical.insert(at, candidate());
            self.typical.truncate(TYPICAL_EXEMPLARS);
        }
        untouched
    }

    /// The exemplars chosen in a chunk, to be given their bytes before it goes.
    pub(super) fn chosen_in(&mut self, chunk: u32) -> impl Iterator<Item = &mut Candidate> {
        self.chosen().filter(move |held| held.spot.chunk == chunk)
    }

    fn chosen(&mut self) -> impl Iterator<Item = &mut Candidate> {
        self.first.iter_mut().chain(self.last.iter_mut()).chain(&mut self.typical)
    }

    /// Packs kept records from so many bytes on.
    pub(super) fn pack(&mut self, large: usize) {
        let mut packed: Option<((u64, u64), KeptRecord)> = None;
        for held in self.chosen() {
            let place = held.place();
            let Some(raw) = held.raw.as_mut().filter(|raw| raw.packable() >= large.max(1)) else { continue };
            match &packed {
                Some((other, packed)) if *other == place => raw.clone_from(packed),
                _ => {
                    raw.pack();
                    packed = Some((place, raw.clone()));
                }
            }
        }
    }

    fn close_minute(&mut self) {
        if self.in_minute > 0 {
            self.tally.tally.timeline.add(self.minute, self.in_minute);
            self.in_minute = 0;
        }
    }

    /// Ends adding: counts of shares spread over names and added to `rollouts`, exemplars placed by `place`.
    pub(super) fn finish(
        mut self,
        origins: &Table<Origin>,
        sites: &Table<Site>,
        place: &dyn Fn(&Spot) -> Source,
        rollouts: &mut Rollouts,
    ) -> Finished {
        self.close_minute();
        self.tally.traces.extend(&mut self.traces);
        self.tally.moments.extend(&mut self.moments);
        let mut pattern = self.tally;
        let mut components: BTreeMap<String, SeverityCounts> = BTreeMap::new();
        let mut shares: Vec<(Alike, Share)> = self.shares.into_iter().collect();
        shares.sort_unstable_by_key(|(alike, _)| *alike);
        for (Alike { standing, severity, inferred }, Share { count, first, last }) in shares {
            let tally = &mut pattern.tally;
            tally.severities.add_many(standing.severity, count);
            match (inferred, standing.severity) {
                (Some(inferred), Severity::Default) => tally.inferred.add_many(inferred, count),
                (Some(inferred), stated) => {
                    tally.overruled.add_many(stated, count);
                    tally.corrected.add_many(inferred, count);
                }
                (None, _) => {}
            }
            tally.first = [tally.first, first].into_iter().flatten().min();
            tally.last = tally.last.max(last);
            if let Some(origin) = origins.get(standing.origin) {
                origin.count(tally, count, first, last);
                origin.roll_out(rollouts, count, first, last);
                components.entry(origin.component().to_owned()).or_default().add_many(severity, count);
            }
            if let Some(site) = sites.get(standing.site).filter(|site| !site.location.is_empty()) {
                pattern.locations.add_many(&site.location, count, first, last);
            }
        }
        for held in self.first.into_iter().chain(self.last).chain(self.typical) {
            pattern.offer(Exemplar {
                time: held.time,
                hash: held.identity,
                source: place(&held.spot),
                length: held.length as u64,
                raw: held.raw,
                ..Exemplar::default()
            });
        }
        Finished { fingerprint: self.fingerprint, pattern, components }
    }
}

/// What a live pattern becomes.
pub(super) struct Finished {
    pub(super) fingerprint: Fingerprint,
    pub(super) pattern: PatternTally,
    /// Its entries by component and effective severity.
    pub(super) components: BTreeMap<String, SeverityCounts>,
}

impl Candidate {
    fn place(&self) -> (u64, u64) {
        (self.spot.input, self.spot.offset)
    }

    fn key(&self) -> (Option<Timestamp>, u64) {
        (self.time, self.identity)
    }
}

/// Adds something to a sketch, a few at a time.
fn note(sketch: &mut Sketch, waiting: &mut Vec<(u64, i64)>, seen: (u64, i64)) {
    if sketch.admits(seen.0) {
        waiting.push(seen);
        if waiting.len() >= WAITING {
            sketch.extend(waiting);
        }
    }
}

fn add_endpoint(tally: &mut PatternTally, endpoint: &Endpoint<'_>, time: Option<Timestamp>, join: &mut String) {
    let mut digits = [0; 20];
    joined(join, &[endpoint.method, &endpoint.route, decimal(endpoint.status, &mut digits)]);
    tally.endpoints.add(join, time);
    if !endpoint.user_agent.is_empty() {
        tally.user_agents.add(endpoint.user_agent, time);
    }
    if let Some(nanos) = endpoint.latency_nanos {
        tally.latency.add(nanos);
    }
}

/// The parts behind each other with tabs between, in a reused buffer.
fn joined(buffer: &mut String, parts: &[&str]) {
    buffer.clear();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            buffer.push('\t');
        }
        buffer.push_str(part);
    }
}

/// A number in decimal digits, without an allocation.
fn decimal(number: u64, digits: &mut [u8; 20]) -> &str {
    let mut rest = number;
    let mut from = digits.len();
    for (index, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        from = index;
        if rest == 0 {
            break;
        }
    }
    std::str::from_utf8(digits.get(from..).unwrap_or_default()).unwrap_or_default()
}
