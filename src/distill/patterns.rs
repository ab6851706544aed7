//! What entries say in, the pattern each of them belongs to out, with a memory of the texts met lately.

use std::cell::OnceCell;

use hashbrown::{HashMap, HashTable};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::canon::{Canon, Run, Stencil, canonicalize};
use super::lately::{Lately, Start, Writer};
use super::live::Live;
use super::mask::SlotSpan;
use super::settings::Settings;
use super::share::Alike;
use super::site::Site;
use super::standing::Id;
use super::trace_pattern;
use crate::model::{Coarser, Collapsed, Fingerprint, PatternKind, PatternTally, Timestamp, weight};

/// Slots of a pattern whose values are counted: a text of 8 KiB may have a thousand.
const MOST_SLOTS: usize = 64;

/// So many entries are counted among those alike at once.
const WAITING: usize = 256;

/// What decides which pattern an entry belongs to.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) kind: PatternKind,
    /// What the entry says.
    pub(super) said: &'a str,
    /// Whether its severity is one that clusters list.
    pub(super) listed: bool,
    /// Module and function of the statement.
    pub(super) statement: (&'a str, &'a str),
    /// The number of the statement's site, if it has one.
    pub(super) site: Option<Id<Site>>,
}

/// The pattern that an entry was found to belong to.
pub(super) struct Found<'p> {
    pub(super) live: &'p mut Live,
    /// Its number, until the patterns are taken.
    pub(super) number: usize,
    /// Where values of the slots stand in the canonical text.
    pub(super) spans: &'p [SlotSpan],
    /// What was rewritten in the text of the entry.
    pub(super) runs: &'p [Run],
}

/// The patterns of one worker.
pub(super) struct Patterns<'s> {
    settings: &'s Settings,
    canon: Canon,
    /// A trace without its numbers.
    trace: String,
    memory: HashTable<usize>,
    lately: Lately,
    remembered: Vec<Remembered>,
    /// What the texts that are remembered weigh.
    remembered_weight: usize,
    live: Vec<Live>,
    /// What the live patterns weigh.
    live_weight: usize,
    by_fingerprint: HashMap<Fingerprint, usize>,
    /// Entries that are to be counted among those alike: the pattern, and the time. One at a time, each would wait for memory
    /// alone.
    waiting: Vec<(usize, Alike, Option<Timestamp>)>,
    /// What has collapsed in the Digest that this goes to, as of the last time.
    collapsed: Collapsed,
}

/// A canonical text and the pattern it gives.
struct Remembered {
    hash: u64,
    kind: PatternKind,
    listed: bool,
    text: Box<str>,
    /// How messages with this text are known again, if they can be; made when the text is met again.
    stencil: OnceCell<Option<Stencil>>,
    module: Box<str>,
    function: Box<str>,
    spans: Vec<SlotSpan>,
    live: usize,
}

impl<'s> Patterns<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            canon: settings.masker.canon(),
            trace: String::new(),
            memory: HashTable::new(),
            lately: Lately::new(),
            remembered: Vec::new(),
            remembered_weight: 0,
            live: Vec::new(),
            live_weight: 0,
            by_fingerprint: HashMap::new(),
            waiting: Vec::new(),
            collapsed: Collapsed::default(),
        }
    }

    /// The pattern of a text, from memory or made now.
    pub(super) fn find(&mut self, text: &Text<'_>) -> Option<Found<'_>> {
        let known = match text.site {
            Some(site) if text.kind == PatternKind::Message && !self.collapsed.is_all() => {
                let writer = (site, text.listed);
                let start = self.lately.start(text.said, writer);
                self.recall(text.said, start, writer).unwrap_or_else(|| {
                    let found = self.remember(text);
                    if self.remembered.get(found).is_some_and(|known| matches!(known.stencil.get(), Some(Some(_)))) {
                        self.lately.note(start, writer, found);
                    }
                    found
                })
            }
            _ => self.remember(text),
        };
        let known = self.remembered.get(known)?;
        let live = self.live.get_mut(known.live)?;
        Some(Found { live, number: known.live, spans: &known.spans, runs: self.canon.runs() })
    }

    /// The text of a message, if it is one of those found lately.
    fn recall(&mut self, message: &str, start: Start, writer: Writer) -> Option<usize> {
        let Self { lately, remembered, canon, .. } = self;
        lately.find(start, writer, |text| {
            let known = remembered.get(text).and_then(|known| Some((&known.text, known.stencil.get()?.as_ref()?)));
            known.is_some_and(|(text, stencil)| canon.fits(message, text, stencil))
        })
    }

    fn remember(&mut self, text: &Text<'_>) -> usize {
        // Where the whole archive is one pattern, what an entry says no longer matters.
        let all = self.collapsed.is_all();
        let kind = if all { PatternKind::Collapsed } else { text.kind };
        let (module, function) = if all { ("", "") } else { text.statement };
        let canonical: &str = match kind {
            PatternKind::Message => {
                canonicalize(text.said, &mut self.canon);
                self.canon.text()
            }
            PatternKind::Trace => {
                without_numbers(text.said, &mut self.trace);
                &self.trace
            }
            PatternKind::Collapsed => "",
            _ => text.said,
        };
        let listed = text.listed;
        let seed =
            xxh3_64_with_seed(function.as_bytes(), xxh3_64(module.as_bytes())) ^ (u64::from(listed) << 8 | kind as u64);
        let hash = xxh3_64_with_seed(canonical.as_bytes(), seed);
        let remembered = &self.remembered;
        let held = self.memory.find(hash, |index| {
            remembered.get(*index).is_some_and(|held| {
                held.hash == hash
                    && *held.text == *canonical
                    && held.kind == kind
                    && held.listed == listed
                    && is_same(&held.module, module)
                    && is_same(&held.function, function)
            })
        });
        if let Some(held) = held {
            if let (PatternKind::Message, Some(known)) = (kind, remembered.get(*held)) {
                known.stencil.get_or_init(|| self.canon.stencil());
            }
            return *held;
        }
        let (pattern, spans) = match kind {
            PatternKind::Message => {
                let mut masked = self.settings.masker.mask(&self.canon);
                masked.slots.truncate(MOST_SLOTS);
                (masked.pattern, masked.slots)
            }
            PatternKind::Trace => (trace_pattern(canonical), Vec::new()),
            _ => (canonical.to_owned(), Vec::new()),
        };
        let made = Remembered {
            hash,
            kind,
            listed,
            text: canonical.into(),
            stencil: OnceCell::new(),
            module: module.into(),
            function: function.into(),
            spans,
            live: 0,
        };
        self.learn(made, &pattern)
    }

    fn learn(&mut self, mut made: Remembered, pattern: &str) -> usize {
        if self.remembered_weight >= self.settings.held.texts {
            self.forget();
        }
        let place = (&*made.module, &*made.function);
        let coarser = self.collapsed.takes(pattern, place, made.listed);
        let (kind, shown, place) = match &coarser {
            None => (made.kind, pattern, place),
            Some(Coarser { pattern, place }) => {
                made.spans.clear();
                (PatternKind::Collapsed, pattern.as_str(), (place.0.as_str(), place.1.as_str()))
            }
        };
        let fingerprint = PatternTally::key(kind, shown, place, made.listed);
        made.live = *self.by_fingerprint.entry(fingerprint).or_insert_with(|| {
            self.live_weight += weight(shown);
            let tally = PatternTally::new(kind, shown.to_owned(), place, made.listed);
            self.live.push(Live::new(fingerprint, tally, &made.spans));
            self.live.len() - 1
        });
        if let (Some(_), Some(live)) = (&coarser, self.live.get_mut(made.live)) {
            live.weigh(pattern);
        }
        let index = self.remembered.len();
        self.remembered_weight += weight(&made.text);
        let remembered = &self.remembered;
        self.memory.insert_unique(made.hash, index, |index| remembered.get(*index).map_or(0, |held| held.hash));
        self.remembered.push(made);
        index
    }

    /// Counts an entry of the pattern with this number among those it is like.
    pub(super) fn share(&mut self, number: usize, alike: Alike, time: Option<Timestamp>) {
        self.waiting.push((number, alike, time));
        if self.waiting.len() >= WAITING {
            self.share_out();
        }
    }

    fn share_out(&mut self) {
        for (number, alike, time) in self.waiting.drain(..) {
            if let Some(live) = self.live.get_mut(number) {
                live.share(alike, time);
            }
        }
    }

    /// Whether it is time to take the patterns.
    pub(super) fn is_full(&self) -> bool {
        self.live_weight >= self.settings.held.patterns
    }

    /// The pattern of this number.
    pub(super) fn numbered(&mut self, number: usize) -> Option<&mut Live> {
        self.live.get_mut(number)
    }

    /// Does something to all patterns.
    pub(super) fn each(&mut self, change: impl FnMut(&mut Live)) {
        self.live.iter_mut().for_each(change);
    }

    /// Takes all patterns and starts anew.
    pub(super) fn take(&mut self) -> Vec<Live> {
        self.share_out();
        self.forget();
        self.by_fingerprint.clear();
        self.live_weight = 0;
        std::mem::take(&mut self.live)
    }

    fn forget(&mut self) {
        self.memory.clear();
        self.remembered.clear();
        self.remembered_weight = 0;
        self.lately.clear();
    }

    /// From now on, what has collapsed gives coarser patterns.
    pub(super) fn collapse(&mut self, collapsed: Collapsed) {
        self.collapsed = collapsed;
    }
}

/// Whether two texts are equal that mostly are empty: to compare those byte by byte takes some processors a hundred times as
/// long, since an empty text may stand nowhere in memory.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

/// A stack trace with its free-standing numbers and addresses made equal, so that it is known again.
fn without_numbers(trace: &str, buffer: &mut String) {
    buffer.clear();
    buffer.reserve(trace.len());
    // How much of the trace stands in the buffer, and how much is looked at.
    let (mut told, mut seen) = (0, 0);
    while let Some(rest) = trace.as_bytes().get(seen..)
        && let Some(skipped) = rest.iter().position(u8::is_ascii_digit)
    {
        let number = rest.get(skipped..).unwrap_or_default();
        let address = number.starts_with(b"0x");
        let is_part = |byte: &&u8| byte.is_ascii_digit() || (address && byte.is_ascii_alphanumeric());
        let start = seen + skipped;
        seen = start + number.iter().take_while(is_part).count();
        let before = trace.get(..start).and_then(|front| front.chars().next_back());
        if before.is_none_or(|before| !(before.is_alphanumeric() || before == '_')) {
            buffer.push_str(trace.get(told..start).unwrap_or_default());
            buffer.push_str(if address { "0x0" } else { "0" });
            told = seen;
        }
    }
    buffer.push_str(trace.get(told..).unwrap_or_default());
}
