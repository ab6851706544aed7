//! Log entries of one worker in, its part of the Digest out.

use hashbrown::{HashMap, HashSet, HashTable};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::canon::{Canon, canonicalize};
use super::live::{Candidate, Facts, Live, Spot};
use super::mask::{Masker, SlotSpan};
use super::origin::Origins;
use super::reading::{self, Plans, Reading};
use super::trace_pattern;
use crate::model::{
    Coarser, Collapsed, Digest, Fingerprint, LogEntry, PatternKind, PatternTally, Severity, Source, Timeline,
};

use crate::query::Query;

/// How much a worker holds. Memories only: they never show in a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Distinct canonical texts whose pattern is remembered.
    pub texts: usize,
    /// With so many live patterns a worker moves them to its Digest, which is bounded.
    pub patterns: usize,
}

impl Default for Held {
    fn default() -> Self {
        Self { texts: 65_536, patterns: 8_192 }
    }
}

/// What every worker does with an entry.
pub struct Settings {
    /// Turns canonical texts into patterns.
    pub masker: Masker,
    /// Entries at or above this effective severity are listed in clusters.
    pub min_severity: Severity,
    /// Entries that do not match are counted as filtered.
    pub query: Query,
    /// How much a worker holds.
    pub held: Held,
}

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

/// A chunk that entries come from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The input's path, as it is shown.
    pub path: &'a str,
    /// The input's number in the order of paths.
    pub input: u32,
    /// The chunk's number, unique in the run.
    pub chunk: u32,
    /// The bytes of the chunk.
    pub bytes: &'a [u8],
    /// Where the chunk starts in its input.
    pub from: u64,
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
    canon: Canon,
    join: String,
    memory: HashTable<usize>,
    remembered: Vec<Remembered>,
    live: Vec<Live>,
    by_fingerprint: HashMap<Fingerprint, usize>,
    touched: Vec<usize>,
    origins: Origins,
    paths: HashMap<u32, String>,
    severities: [Minutes; 9],
    /// What has collapsed in the Digest that this goes to, as of the last time.
    collapsed: Collapsed,
    /// For every pattern met, the keys that it has where its group has collapsed; nothing, if nobody asks.
    coarser: Option<HashMap<Fingerprint, [Fingerprint; 3]>>,
}

/// A canonical text and the pattern it gives.
struct Remembered {
    hash: u64,
    kind: PatternKind,
    listed: bool,
    text: Box<str>,
    module: Box<str>,
    function: Box<str>,
    spans: Vec<SlotSpan>,
    live: usize,
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
            canon: settings.masker.canon(),
            join: String::new(),
            memory: HashTable::new(),
            remembered: Vec::new(),
            live: Vec::new(),
            by_fingerprint: HashMap::new(),
            touched: Vec::new(),
            origins: Origins::default(),
            paths: HashMap::new(),
            severities: Default::default(),
            collapsed: Collapsed::default(),
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

    /// Counts an entry, unless the filter leaves it out. `offset` is where `raw` starts in its input.
    pub fn add(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64, place: &Place<'_>) -> Fate {
        if !self.settings.query.matches(entry) {
            return Fate::Filtered;
        }
        let reading = reading::read_planned(entry, &mut self.plans);
        let known = self.remember(&reading);
        let identity = identity(entry, &reading.text);
        let trace = if entry.trace.is_empty() { 0 } else { xxh3_64(entry.trace.as_bytes()) };
        let facts = Facts {
            time: entry.timestamp,
            severity: entry.severity,
            identity,
            trace,
            moment: moment(trace, &reading, entry),
            origin: self.origins.id(entry, &reading),
            spot: Spot { input: place.input, chunk: place.chunk, offset },
            raw,
        };
        if let (Some(time), Some(minutes)) = (entry.timestamp, self.severities.get_mut(entry.severity as usize)) {
            minutes.add(time.minute());
        }
        let Some((known, live)) =
            self.remembered.get(known).and_then(|known| Some((known, self.live.get_mut(known.live)?)))
        else {
            return Fate::Filtered;
        };
        live.add(&facts, &reading, &mut self.join);
        live.add_slots(&known.spans, &reading.text, self.canon.runs(), entry.timestamp);
        if live.offer(&facts, !place.holds(raw)) {
            self.touched.push(known.live);
        }
        Fate::Counted {
            fingerprint: live.fingerprint,
            duplicate_key: (!entry.insert_id.is_empty()).then_some(identity),
        }
    }

    /// What an entry is, without counting it.
    pub fn identify<'a>(&mut self, entry: &LogEntry<'a>) -> Identified<'a> {
        let reading = reading::read_planned(entry, &mut self.plans);
        let known = self.remember(&reading);
        let live = self.remembered.get(known).and_then(|known| self.live.get(known.live));
        let (module, function) = statement(&reading);
        let identity = identity(entry, &reading.text);
        let fingerprint = live.map_or_else(|| Fingerprint::of(&[]), |live| live.fingerprint);
        if self.live.len() >= self.settings.held.patterns {
            self.forget();
        }
        Identified { reading, module, function, fingerprint, identity }
    }

    /// Drops all patterns met so far.
    fn forget(&mut self) {
        self.memory.clear();
        self.remembered.clear();
        self.by_fingerprint.clear();
        self.live.clear();
    }

    /// The pattern of a reading, from memory or made now.
    fn remember(&mut self, reading: &Reading<'_>) -> usize {
        let listed = reading.severity >= self.settings.min_severity;
        // Where the whole archive is one pattern, what an entry says no longer matters.
        let all = self.collapsed.is_all();
        let (module, function) = if all { ("", "") } else { statement(reading) };
        match reading.kind {
            _ if all => self.join.clear(),
            PatternKind::Message => canonicalize(&reading.text, &mut self.canon),
            PatternKind::Trace => without_numbers(&reading.text, &mut self.join),
            _ => {}
        }
        let kind = if all { PatternKind::Collapsed } else { reading.kind };
        let text: &str = match kind {
            PatternKind::Message => self.canon.text(),
            PatternKind::Trace | PatternKind::Collapsed => &self.join,
            _ => &reading.text,
        };
        let seed =
            xxh3_64_with_seed(function.as_bytes(), xxh3_64(module.as_bytes())) ^ (u64::from(listed) << 8 | kind as u64);
        let hash = xxh3_64_with_seed(text.as_bytes(), seed);
        let remembered = &self.remembered;
        let held = self.memory.find(hash, |index| {
            remembered.get(*index).is_some_and(|held| {
                held.hash == hash
                    && *held.text == *text
                    && held.kind == kind
                    && held.listed == listed
                    && *held.module == *module
                    && *held.function == *function
            })
        });
        if let Some(held) = held {
            return *held;
        }
        let (pattern, spans) = match kind {
            PatternKind::Message => {
                let masked = self.settings.masker.mask(&self.canon);
                (masked.pattern, masked.slots)
            }
            PatternKind::Trace => (trace_pattern(text), Vec::new()),
            _ => (text.to_owned(), Vec::new()),
        };
        let made = Remembered {
            hash,
            kind,
            listed,
            text: text.into(),
            module: module.into(),
            function: function.into(),
            spans,
            live: 0,
        };
        self.learn(made, pattern)
    }

    fn learn(&mut self, mut made: Remembered, pattern: String) -> usize {
        if self.remembered.len() >= self.settings.held.texts {
            self.memory.clear();
            self.remembered.clear();
        }
        let place = (&*made.module, &*made.function);
        let coarser = self.collapsed.takes(&pattern, place, made.listed);
        let (kind, pattern, place) = match &coarser {
            None => (made.kind, pattern, place),
            Some(Coarser { pattern, place }) => {
                made.spans.clear();
                (PatternKind::Collapsed, pattern.clone(), (place.0.as_str(), place.1.as_str()))
            }
        };
        let fingerprint = PatternTally::key(kind, &pattern, place, made.listed);
        made.live = *self.by_fingerprint.entry(fingerprint).or_insert_with(|| {
            let tally = PatternTally::new(kind, pattern, place, made.listed);
            self.live.push(Live::new(fingerprint, tally, &made.spans));
            self.live.len() - 1
        });
        let index = self.remembered.len();
        let remembered = &self.remembered;
        self.memory.insert_unique(made.hash, index, |index| remembered.get(*index).map_or(0, |held| held.hash));
        self.remembered.push(made);
        index
    }

    /// Ends a chunk: the exemplars chosen in it get their bytes before it goes.
    pub fn end_chunk(&mut self, place: &Place<'_>) {
        self.paths.entry(place.input).or_insert_with(|| place.path.to_owned());
        let touched: HashSet<usize> = self.touched.drain(..).collect();
        let lives = self.live.iter_mut().enumerate().filter(|(index, _)| touched.contains(index));
        let mut chosen: Vec<&mut Candidate> = lives.flat_map(|(_, live)| live.chosen_in(place.chunk)).collect();
        // In the order of bytes, so that the newlines of the chunk are counted once.
        chosen.sort_unstable_by_key(|held| held.spot.offset);
        let (mut counted, mut newlines) = (0, 0);
        for held in chosen {
            let start = usize::try_from(held.spot.offset.saturating_sub(place.from)).unwrap_or(usize::MAX);
            let between = place.bytes.get(counted..start).unwrap_or_default();
            newlines += memchr::memchr_iter(b'\n', between).count() as u64;
            counted = counted.max(start.min(place.bytes.len()));
            held.line = newlines;
            if held.raw.is_none() {
                held.raw = place.bytes.get(start..start.saturating_add(held.length)).map(Into::into);
            }
        }
    }

    /// Whether it is time to hand over what was counted.
    pub fn is_full(&self) -> bool {
        self.live.len() >= self.settings.held.patterns || self.origins.is_full()
    }

    /// Hands over what was counted since the last time; between chunks only. `line` of every exemplar's source counts
    /// newlines from the start of its chunk.
    pub fn settle(&mut self, digest: &mut Digest) {
        self.memory.clear();
        self.remembered.clear();
        self.by_fingerprint.clear();
        self.touched.clear();
        let paths = &self.paths;
        let source = |spot: &Spot, line: u64| Source {
            path: paths.get(&spot.input).cloned().unwrap_or_default(),
            offset: spot.offset,
            line,
        };
        for live in self.live.drain(..) {
            let done = live.finish(self.origins.all(), &source);
            for (component, counts) in done.components {
                digest.components.entry(component).or_default().merge(counts);
            }
            digest.overall.merge(done.pattern.tally.clone());
            if let Some(coarser) = &mut self.coarser {
                coarser.insert(done.fingerprint, done.pattern.coarser_keys());
            }
            digest.add_pattern(done.fingerprint, done.pattern);
        }
        self.origins.clear();
        for (severity, minutes) in Severity::ALL.into_iter().zip(&mut self.severities) {
            minutes.close();
            let timeline = std::mem::take(&mut minutes.timeline);
            if !timeline.0.is_empty() {
                digest.severity_timeline.entry(severity).or_default().merge(&timeline);
            }
        }
        digest.bound();
        self.collapsed = digest.coarsened();
    }
}

impl Place<'_> {
    /// Whether `raw` is a part of the chunk rather than a repaired copy.
    fn holds(&self, raw: &[u8]) -> bool {
        let (chunk, raw) = (self.bytes.as_ptr_range(), raw.as_ptr_range());
        chunk.start <= raw.start && raw.end <= chunk.end
    }
}

/// Where the statement stands that wrote the entry: what it says itself, or its logger behind a wrapper frame.
fn statement<'a>(reading: &Reading<'a>) -> (&'a str, &'a str) {
    if reading.wrapper || (reading.module.is_empty() && reading.function.is_empty()) {
        (reading.logger, "")
    } else {
        (reading.module, reading.function)
    }
}

/// Equal for copies of one entry, and for hardly anything else.
fn identity(entry: &LogEntry<'_>, text: &str) -> u64 {
    let nanos = entry.timestamp.map_or(i64::MIN, crate::model::Timestamp::nanos);
    let name = xxh3_64_with_seed(entry.log_name.as_bytes(), nanos.cast_unsigned());
    xxh3_64_with_seed(text.as_bytes(), xxh3_64_with_seed(entry.insert_id.as_bytes(), name))
}

/// The moment an entry was written in: its trace, else its instance and second; 0 where neither is known.
fn moment(trace: u64, reading: &Reading<'_>, entry: &LogEntry<'_>) -> u64 {
    match entry.timestamp {
        _ if trace != 0 => trace,
        Some(time) if !reading.instance.is_empty() => {
            xxh3_64_with_seed(reading.instance.as_bytes(), time.seconds().cast_unsigned())
        }
        _ => 0,
    }
}

/// A stack trace with its free-standing numbers and addresses made equal, so that it is known again.
fn without_numbers(trace: &str, buffer: &mut String) {
    buffer.clear();
    let mut before = ' ';
    let mut characters = trace.chars().peekable();
    while let Some(character) = characters.next() {
        let free = character.is_ascii_digit() && !(before.is_alphanumeric() || before == '_');
        if free {
            let address = character == '0' && characters.peek() == Some(&'x');
            buffer.push_str(if address { "0x0" } else { "0" });
            while characters
                .next_if(|next| next.is_ascii_digit() || (address && next.is_ascii_alphanumeric()))
                .is_some()
            {}
            before = '0';
        } else {
            buffer.push(character);
            before = character;
        }
    }
}
