//! Log entries of one worker in, its part of the Digest out.

use hashbrown::HashMap;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::live::{Facts, Spot, Told};
use super::origin::{self, Origin};
use super::patterns::{Patterns, Text};
use super::plan::Plans;
use super::reading::{self, Reading};
use super::repeat::Repeats;
use super::settings::Settings;
use super::share::Alike;
use super::site::{self, Site, statement};
use super::standing::{Standing, Table};
use super::traffic::Requests;
use crate::model::{
    Digest, Fingerprint, KeptRecord, Laid, LogEntry, PatternKind, Severity, Source, Timeline, Timestamp,
};

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The filter left it out.
    Filtered,
    /// It was counted.
    Counted {
        /// The pattern it belongs to.
        fingerprint: Fingerprint,
        /// Equal for copies of one entry; `None` without an insertId, since such entries are never copies.
        duplicate_key: Option<u64>,
    },
}

/// What became of an entry that was not read as a whole, and what its reader has to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again<'a> {
    /// What became of it.
    pub fate: Fate,
    /// Event time.
    pub time: Option<Timestamp>,
    /// As the entry says.
    pub insert_id: &'a str,
}

/// A chunk that entries come from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The input's path, as it is shown.
    pub path: &'a str,
    /// The input's number in the order of paths.
    pub input: u64,
    /// The chunk's number, unique in the run.
    pub chunk: u32,
    /// The bytes of the chunk.
    pub bytes: &'a [u8],
    /// Where these bytes start in the input.
    pub from: u64,
}

/// A record as it stands in a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its bytes; of a repaired record those of the repair.
    pub raw: &'a [u8],
    /// Its first byte in the input.
    pub offset: u64,
    /// How many newlines of the chunk are before it.
    pub line: u64,
}

/// What an entry is.
#[derive(Debug)]
pub struct Identified<'a> {
    /// What it says.
    pub reading: Reading<'a>,
    /// Module of the statement that wrote it, no wrapper.
    pub module: &'a str,
    /// Function of the statement.
    pub function: &'a str,
    /// The key of its pattern.
    pub fingerprint: Fingerprint,
    /// Equal for copies of one entry: the hash of an exemplar.
    pub identity: u64,
}

/// One worker's counts.
pub struct Distiller<'s> {
    settings: &'s Settings,
    plans: Plans,
    repeats: Repeats,
    patterns: Patterns<'s>,
    origins: Table<Origin>,
    sites: Table<Site>,
    join: String,
    /// Patterns in which an exemplar of this chunk was chosen.
    touched: Vec<usize>,
    /// Bytes of large records that were kept since they were packed last.
    packable: usize,
    paths: HashMap<u64, String>,
    severities: [Minutes; 9],
    requests: Requests,
    /// For every pattern met, the keys that it has where its group has collapsed; nothing, if nobody asks.
    coarser: Option<HashMap<Fingerprint, [Fingerprint; 3]>>,
}

/// Entries of one severity over time; the minute that is being counted is held apart.
#[derive(Default)]
struct Minutes {
    minute: i64,
    count: u64,
    timeline: Timeline,
}

impl Minutes {
    fn add(&mut self, minute: i64) {
        if minute != self.minute {
            self.close();
            self.minute = minute;
        }
        self.count += 1;
    }

    fn close(&mut self) {
        if self.count > 0 {
            self.timeline.add(self.minute, std::mem::take(&mut self.count));
        }
    }
}

impl<'s> Distiller<'s> {
    /// A worker that has seen nothing.
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            plans: Plans::default(),
            repeats: Repeats::default(),
            patterns: Patterns::new(settings),
            origins: Table::new(),
            sites: Table::new(),
            join: String::new(),
            touched: Vec::new(),
            packable: 0,
            paths: HashMap::new(),
            severities: Default::default(),
            requests: Requests::default(),
            coarser: None,
        }
    }

    /// Remembers for every pattern, if `remembers`, where its entries went should its group have collapsed in the end.
    #[must_use]
    pub fn remembering_coarser(self, remembers: bool) -> Self {
        Self { coarser: remembers.then(HashMap::new), ..self }
    }

    /// For every pattern handed over, the keys that it has where its group has collapsed, finest first.
    pub fn take_coarser(&mut self) -> HashMap<Fingerprint, [Fingerprint; 3]> {
        self.coarser.take().unwrap_or_default()
    }

    /// Counts an entry, unless the filter leaves it out.
    pub fn add(&mut self, entry: &LogEntry<'_>, record: &Record<'_>, place: &Place<'_>) -> Fate {
        if !self.settings.query.matches(entry) {
            return Fate::Filtered;
        }
        let reading = reading::read_planned(entry, &mut self.plans);
        let standing = Standing {
            origin: origin::id(&mut self.origins, entry, &reading),
            site: site::id(&mut self.sites, &reading),
            severity: entry.severity,
        };
        self.repeats.learn(entry, &reading, standing);
        let told = Told {
            kind: reading.kind,
            text: reading.text,
            standing,
            severity: reading.severity,
            inferred: reading.inferred,
            time: entry.timestamp,
            insert_id: entry.insert_id,
            trace: entry.trace,
            user: reading.user,
            connection: reading.connection,
            request: reading.request,
            error_group: reading.error_group,
            endpoint: reading.endpoint,
        };
        self.count(&told, record, place)
    }

    /// The same for a record that is laid out like one before and differs from it in little more than its message or request;
    /// `None`, and nothing counted, if it has to be read as a whole.
    pub fn add_again<'a>(&mut self, laid: &Laid<'a>, record: &Record<'_>, place: &Place<'_>) -> Option<Again<'a>> {
        if !self.settings.query.is_everything() {
            return None;
        }
        let told = self.repeats.recall(laid)?;
        Some(Again { fate: self.count(&told, record, place), time: told.time, insert_id: told.insert_id })
    }

    fn count(&mut self, told: &Told<'_>, record: &Record<'_>, place: &Place<'_>) -> Fate {
        let Record { raw, offset, line } = *record;
        let origin = self.origins.get(told.standing.origin);
        if let Some(service) = &self.settings.service
            && origin.is_none_or(|origin| origin.component() != service)
        {
            return Fate::Filtered;
        }
        let log_name = origin.map_or("", |origin| &origin.log);
        let identity = identity(log_name, told.time, told.insert_id, &told.text);
        let trace = if told.trace.is_empty() { 0 } else { xxh3_64(told.trace.as_bytes()) };
        let facts = Facts {
            time: told.time,
            identity,
            trace,
            moment: moment(trace, origin.map_or("", |origin| &origin.instance), told.time),
            spot: Spot { input: place.input, chunk: place.chunk, offset, line },
            raw,
        };
        if let (Some(time), Some(minutes)) = (told.time, self.severities.get_mut(told.standing.severity as usize)) {
            minutes.add(time.minute());
        }
        if let (Some(endpoint), Some(origin)) = (&told.endpoint, origin)
            && (told.kind == PatternKind::Request || origin.tells_requests)
        {
            self.requests.add(told.standing.origin, origin, endpoint, told.time);
        }
        let site = self.sites.get(told.standing.site);
        let text = Text {
            kind: told.kind,
            said: &told.text,
            listed: told.severity >= self.settings.min_severity,
            statement: site.map_or(("", ""), |site| (&site.module, &site.function)),
            site: Some(told.standing.site),
        };
        let Some(found) = self.patterns.find(&text) else { return Fate::Filtered };
        found.live.add(told, &facts, &mut self.join);
        found.live.add_slots(found.spans, &told.text, found.runs, told.time);
        if found.live.offer(&facts, !place.holds(raw)) {
            self.touched.push(found.number);
        }
        let (fingerprint, number) = (found.live.fingerprint, found.number);
        self.patterns.share(number, Alike::of(told), told.time);
        Fate::Counted { fingerprint, duplicate_key: (!told.insert_id.is_empty()).then_some(identity) }
    }

    /// What an entry is, without counting it.
    pub fn identify<'a>(&mut self, entry: &LogEntry<'a>) -> Identified<'a> {
        let reading = reading::read_planned(entry, &mut self.plans);
        let statement = statement(&reading);
        let listed = reading.severity >= self.settings.min_severity;
        let text = Text { kind: reading.kind, said: &reading.text, listed, statement, site: None };
        let found = self.patterns.find(&text);
        let fingerprint = found.map_or_else(|| Fingerprint::of(&[]), |found| found.live.fingerprint);
        let identity = identity(entry.log_name, entry.timestamp, entry.insert_id, &reading.text);
        if self.patterns.is_full() {
            self.patterns.take();
        }
        let (module, function) = statement;
        Identified { reading, module, function, fingerprint, identity }
    }

    /// Ends a chunk: the exemplars chosen in it get their bytes before it goes.
    pub fn end_chunk(&mut self, place: &Place<'_>) {
        // Of most small files nothing is kept, and their names are not needed.
        if !self.touched.is_empty() {
            self.paths.entry(place.input).or_insert_with(|| place.path.to_owned());
        }
        for number in self.touched.drain(..) {
            let Some(live) = self.patterns.numbered(number) else { continue };
            let mut taken: Option<(u64, KeptRecord)> = None;
            for held in live.chosen_in(place.chunk).filter(|held| held.raw.is_none()) {
                let at = held.spot.offset;
                let start = usize::try_from(at.saturating_sub(place.from)).unwrap_or(usize::MAX);
                let read =
                    || place.bytes.get(start..start.saturating_add(held.length)).map(|raw| (at, KeptRecord::new(raw)));
                taken = taken.filter(|(other, _)| *other == at).or_else(read);
                held.raw = taken.as_ref().map(|(_, raw)| raw.clone());
                let bytes = held.raw.as_ref().map_or(0, KeptRecord::packable);
                self.packable += if bytes >= self.settings.held.large() { bytes } else { 0 };
            }
        }
        if self.packable > self.settings.held.records {
            self.pack();
        }
    }

    /// Packs the large records that were kept: before they are handed over to where many others are.
    pub fn pack(&mut self) {
        self.packable = 0;
        let large = self.settings.held.large();
        self.patterns.each(|live| live.pack(large));
    }

    /// Whether it is time to hand over what was counted.
    pub fn is_full(&self) -> bool {
        self.patterns.is_full() || self.origins.is_full() || self.sites.is_full() || self.requests.is_full()
    }

    /// Hands over what was counted since the last time; between chunks only. `line` of every exemplar's source counts
    /// newlines from the start of its chunk.
    pub fn settle(&mut self, digest: &mut Digest) {
        self.touched.clear();
        let paths = &self.paths;
        let source = |spot: &Spot| Source {
            path: paths.get(&spot.input).cloned().unwrap_or_default(),
            offset: spot.offset,
            line: spot.line,
        };
        for live in self.patterns.take() {
            let done = live.finish(&self.origins, &self.sites, &source, &mut digest.rollouts);
            for (component, counts) in done.components {
                digest.components.entry(component).or_default().merge(counts);
            }
            digest.overall.merge(done.pattern.tally.clone());
            if let Some(coarser) = &mut self.coarser {
                coarser.insert(done.fingerprint, done.pattern.coarser_keys());
            }
            digest.add_pattern(done.fingerprint, done.pattern);
        }
        self.requests.settle(&mut digest.traffic);
        self.repeats.forget();
        self.origins.clear();
        self.sites.clear();
        for (severity, minutes) in Severity::ALL.into_iter().zip(&mut self.severities) {
            minutes.close();
            let timeline = std::mem::take(&mut minutes.timeline);
            if !timeline.0.is_empty() {
                digest.severity_timeline.entry(severity).or_default().merge(&timeline);
            }
        }
        digest.bound();
        self.patterns.collapse(digest.coarsened());
    }
}

impl Place<'_> {
    /// Whether `raw` is a part of the chunk rather than a repaired copy.
    pub fn holds(&self, raw: &[u8]) -> bool {
        let (chunk, raw) = (self.bytes.as_ptr_range(), raw.as_ptr_range());
        chunk.start <= raw.start && raw.end <= chunk.end
    }
}

/// Equal for copies of one entry, and for hardly anything else.
fn identity(log_name: &str, time: Option<Timestamp>, insert_id: &str, text: &str) -> u64 {
    let nanos = time.map_or(i64::MIN, Timestamp::nanos);
    let name = xxh3_64_with_seed(log_name.as_bytes(), nanos.cast_unsigned());
    xxh3_64_with_seed(text.as_bytes(), xxh3_64_with_seed(insert_id.as_bytes(), name))
}

/// The moment an entry was written in: its trace, else its instance and second; 0 where neither is known.
fn moment(trace: u64, instance: &str, time: Option<Timestamp>) -> u64 {
    match time {
        _ if trace != 0 => trace,
        Some(time) if !instance.is_empty() => xxh3_64_with_seed(instance.as_bytes(), time.seconds().cast_unsigned()),
        _ => 0,
    }
}
