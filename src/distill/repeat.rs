//! A record laid out like one before in, what it tells out, without reading it as a whole.
//!
//! The entries of one statement share nearly all that is worth reading: log, resource, labels, severity, place. They
//! differ in what they say, when, and whom they name. So the shared part of a record is looked up by its bytes, and the
//! rest is taken from where the layout has it. Whatever is unlike a plain message (traces, requests, audit records, JSON
//! in text) is left to [`read`](super::read); a property test compares the two.

use std::borrow::Cow;

use hashbrown::HashTable;

use super::failure::Stated;
use super::live::Told;
use super::member::{self, Slot, Weight, Zone};
use super::message::Said;
use super::place::{Role, Whom, roles};
use super::reading::Reading;
use super::request::{self, Part};
use super::runs::Runs;
use super::severity::behind_fpm;
use super::standing::Standing;
use super::thrown;
use super::told_place;
use super::trace;
use crate::model::{ByLayout, Field, Laid, LayoutId, LogEntry, PatternKind, Payload, Severity, Value, Watch};

/// How many bytes of shared parts a worker remembers. A memory only: it never shows in a result.
const HELD: usize = 8 << 20;

/// The records met so far.
#[derive(Default)]
pub(super) struct Repeats {
    recipes: ByLayout<Option<Recipe>>,
    known: Known,
}

/// The shared parts met so far.
struct Known {
    runs: Runs,
    /// What a layout and the numbers of its runs mean.
    repeated: Vec<Repeated>,
    table: HashTable<u32>,
    /// The numbers, behind each other.
    numbers: Vec<u32>,
    /// Those that are looked for.
    wanted: Vec<u32>,
    /// What was found lately, by what shows at a glance.
    lately: Box<[Option<Glanced>]>,
}

/// What was found lately: all of it in one place, since to go from place to place would take longer than the rest.
#[derive(Clone, Copy)]
struct Glanced {
    layout: LayoutId,
    /// The numbers of its runs, as many as it has.
    numbers: [u32; FEW],
    shared: Shared,
}

/// Records with more runs are looked up the long way.
const FEW: usize = 4;

/// A layout with certain runs, and what it means.
struct Repeated {
    hash: u64,
    layout: LayoutId,
    /// Where the numbers of its runs start; each layout has a fixed number of runs.
    numbers: usize,
    shared: Shared,
}

/// So many of them are known at a glance, if they differ where it falls.
const GLANCED: usize = 8192;

/// What entries have in common whose shared parts are equal.
#[derive(Clone, Copy)]
struct Shared {
    standing: Standing,
    /// What a member such as `level` says, where that counts.
    level: Option<Severity>,
    stated: Stated,
}

/// Which literals of a layout mean something; they are numbered in the order of the record.
struct Recipe {
    time: Option<usize>,
    insert_id: Option<usize>,
    trace: Option<usize>,
    /// `textPayload`.
    text: Option<usize>,
    /// Members of the payload that are taken from each entry.
    said: Vec<(Slot, Zone, usize)>,
    /// Labels that are.
    names: Vec<(Role, usize)>,
    /// Members of the `httpRequest`.
    http: Option<Vec<(Part, usize)>>,
    /// Everything else that means something.
    runs: Vec<Run>,
    watch: Watch,
}

/// Literals that are shared with no other between them; between them, its layout has the same bytes in all records.
struct Run {
    first: usize,
    last: usize,
}

impl Repeats {
    /// What a record tells, if one like it was learned.
    pub(super) fn recall<'a>(&mut self, laid: &Laid<'a>) -> Option<Told<'a>> {
        let recipe = self.recipes.get_mut(laid.layout)?.as_mut()?;
        if recipe.watch.rests() {
            return None;
        }
        let shared = self.known.find(&recipe.runs, laid);
        recipe.watch.note(shared.is_none());
        recipe.told(laid, shared?)
    }

    /// Remembers what an entry shares with others, if it is a plain message or request.
    pub(super) fn learn(&mut self, entry: &LogEntry<'_>, reading: &Reading<'_>, standing: Standing) {
        let (Some(laid), PatternKind::Message | PatternKind::Request) = (entry.laid, reading.kind) else { return };
        let recipe = self.recipes.get_or_insert_with(laid.layout, || Recipe::of(entry));
        let Some(recipe) = recipe.and_then(Option::as_mut).filter(|recipe| !recipe.watch.is_resting()) else { return };
        let shared = Shared { standing, level: reading.level, stated: Stated::of(entry) };
        // The text may be made of several parts, or a part of the message: then there is more to know.
        if recipe.told(&laid, shared).is_some_and(|told| told.kind == reading.kind && told.text == reading.text) {
            self.known.add(&recipe.runs, &laid, shared);
        }
    }

    /// Forgets all shared parts: standings are numbered anew.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

impl Default for Known {
    fn default() -> Self {
        Self {
            runs: Runs::default(),
            repeated: Vec::new(),
            table: HashTable::new(),
            numbers: Vec::new(),
            wanted: Vec::new(),
            lately: vec![None; GLANCED].into(),
        }
    }
}

impl Known {
    /// What records mean that share these runs.
    fn find(&mut self, runs: &[Run], laid: &Laid<'_>) -> Option<Shared> {
        let glance = glance(runs, laid) % GLANCED;
        let lately = self.lately.get_mut(glance)?;
        let is_it = |known: &&Glanced| {
            let mut held = runs.iter().zip(known.numbers);
            known.layout == laid.layout
                && held.all(|(run, number)| self.runs.get(number) == Some(laid.raw(run.first, run.last)))
        };
        if let Some(known) = lately.as_ref().filter(is_it) {
            return Some(known.shared);
        }
        self.wanted.clear();
        for run in runs {
            self.wanted.push(self.runs.number(laid.raw(run.first, run.last))?);
        }
        let hash = self.runs.hash(&self.wanted);
        let is_same = |known: &Repeated| {
            known.hash == hash
                && known.layout == laid.layout
                && self.numbers.get(known.numbers..).is_some_and(|held| held.starts_with(&self.wanted))
        };
        let found = *self.table.find(hash, |known| self.repeated.get(*known as usize).is_some_and(is_same))?;
        let Repeated { layout, shared, .. } = *self.repeated.get(found as usize)?;
        if runs.len() <= FEW {
            let mut numbers = [0; FEW];
            numbers.iter_mut().zip(&self.wanted).for_each(|(number, wanted)| *number = *wanted);
            *lately = Some(Glanced { layout, numbers, shared });
        }
        Some(shared)
    }

    fn add(&mut self, runs: &[Run], laid: &Laid<'_>, shared: Shared) {
        if self.runs.size() + self.repeated.len() * (size_of::<Repeated>() + 32) >= HELD {
            self.clear();
        }
        let start = self.numbers.len();
        for run in runs {
            self.numbers.push(self.runs.learn(laid.raw(run.first, run.last)));
        }
        let hash = self.runs.hash(self.numbers.get(start..).unwrap_or_default());
        let repeated = &self.repeated;
        let hash_of = |known: &u32| repeated.get(*known as usize).map_or(0, |known| known.hash);
        self.table.insert_unique(hash, u32::try_from(repeated.len()).unwrap_or(u32::MAX), hash_of);
        self.repeated.push(Repeated { hash, layout: laid.layout, numbers: start, shared });
    }

    fn clear(&mut self) {
        self.runs.clear();
        self.repeated.clear();
        self.table.clear();
        self.numbers.clear();
        self.lately.fill(None);
    }
}

impl Recipe {
    /// The recipe for records laid out like this one; `None` if they are no plain messages.
    fn of(entry: &LogEntry<'_>) -> Option<Self> {
        if thrown::in_labels(entry).next().is_some() {
            return None;
        }
        let leaves = entry.record.leaves();
        let number = |value: Value<'_>| leaves.binary_search(&value.place_in(entry.record)).ok();
        let mut recipe = Self {
            time: None,
            insert_id: None,
            trace: None,
            text: None,
            said: Vec::new(),
            names: Vec::new(),
            http: None,
            runs: Vec::new(),
            watch: Watch::default(),
        };
        let mut shared = Vec::new();
        let fields: Vec<(Field, Value<'_>)> = Field::all(entry.record).collect();
        for (index, (field, value)) in fields.iter().enumerate() {
            // Of members of one name the last one counts, or the one before it if that is null.
            if fields.iter().take(index).any(|(before, _)| before == field) {
                return None;
            }
            match field {
                Field::Timestamp => recipe.time = Some(number(*value)?),
                Field::InsertId => recipe.insert_id = Some(number(*value)?),
                Field::Trace => recipe.trace = Some(number(*value)?),
                Field::LogName | Field::Severity | Field::ResourceType => shared.push(number(*value)?),
                Field::Labels | Field::SourceLocation => shared.extend(leaves_of(*value, number)),
                Field::Text | Field::Json | Field::Proto if value.as_str().is_some() => {
                    if recipe.text.is_some() {
                        return None;
                    }
                    recipe.text = number(*value);
                }
                Field::HttpRequest if value.is_object() => {
                    let parts = request::parts(*value).map(|(part, value)| Some((part, number(value)?)));
                    recipe.http = Some(parts.collect::<Option<_>>()?);
                }
                Field::Proto | Field::HttpRequest | Field::ErrorGroups if number(*value).is_none() => return None,
                _ => {}
            }
        }
        for (role, value) in roles(entry) {
            let Some(number) = number(value) else { continue };
            if role.is_name() {
                shared.retain(|shared| *shared != number);
                recipe.names.push((role, number));
            } else {
                shared.push(number);
            }
        }
        match entry.payload {
            Payload::Json(payload) if recipe.text.is_none() => recipe.add_members(payload, number, &mut shared)?,
            Payload::Text(_) if recipe.http.is_none() => {}
            Payload::None if recipe.http.is_some() => {}
            _ => return None,
        }
        recipe.runs = runs(shared);
        Some(recipe)
    }

    fn add_members(
        &mut self,
        payload: Value<'_>,
        number: impl Fn(Value<'_>) -> Option<usize>,
        shared: &mut Vec<usize>,
    ) -> Option<()> {
        let mut plain = true;
        member::members(payload, &mut |member| match (member.slot.weight(member.zone), number(member.value)) {
            (Weight::Kind, _) => plain = false,
            (Weight::None, _) | (_, None) => {}
            (Weight::Text, Some(number)) => self.said.push((member.slot, member.zone, number)),
            (Weight::Standing, Some(number)) => shared.push(number),
        });
        plain.then_some(())
    }

    /// What a record tells; `None` if it is no plain message.
    fn told<'a>(&self, laid: &Laid<'a>, shared: Shared) -> Option<Told<'a>> {
        let mut said = Said::default();
        for (slot, zone, number) in &self.said {
            if let Some(text) = laid.text(*number) {
                said.take_text(*slot, *zone, text);
            }
        }
        let mut whom = Whom::default();
        for (role, number) in &self.names {
            whom.take(*role, laid.text(*number).unwrap_or_default());
        }
        let endpoint = self
            .http
            .as_ref()
            .and_then(|parts| request::endpoint(parts.iter().map(|(part, number)| (*part, laid.node(*number)))));
        // A line feed and a backslash are written as escapes.
        let may_have_lines = !laid.unescaped.is_empty();
        let whole =
            if let Some(number) = self.text { laid.text(number) } else { said.message.map(|message| message.text) };
        let text = match whole {
            Some(whole) => Some(plain(whole, may_have_lines)?),
            None => None,
        };
        let line = text.filter(|_| endpoint.is_none()).and_then(|text| said.access_line(text));
        let (kind, text, inferred) = match (text, line.as_ref().or(endpoint.as_ref())) {
            (Some(text), _) if line.is_none() => {
                let inferred = shared.stated.of_message(shared.level, whole.unwrap_or_default());
                (PatternKind::Message, said.with_error(Cow::Borrowed(text)), inferred)
            }
            (_, Some(told)) => {
                let inferred = shared.stated.of_request(shared.level, Some(told), whole.unwrap_or_default());
                (PatternKind::Request, Cow::Owned(request::pattern(told, said.details)), inferred)
            }
            (_, None) => return None,
        };
        if may_have_lines && said.trace.is_some_and(|trace| has_lines(trace.text.trim())) {
            return None;
        }
        let first = |one: &'a str, other: &'a str| if one.is_empty() { other } else { one };
        let stated = |number: Option<usize>| number.and_then(|number| laid.text(number)).unwrap_or_default();
        Some(Told {
            kind,
            text,
            standing: shared.standing,
            severity: inferred.unwrap_or(shared.standing.severity),
            inferred,
            time: self.time.and_then(|number| Value::new(&[laid.node(number)]).as_time()),
            insert_id: stated(self.insert_id),
            trace: stated(self.trace),
            user: first(said.user, whom.user),
            connection: first(said.connection, whom.connection),
            request: first(said.request, whom.request),
            error_group: "",
            endpoint: line.or(endpoint),
        })
    }
}

/// Literals as runs of those that follow each other.
fn runs(mut literals: Vec<usize>) -> Vec<Run> {
    literals.sort_unstable();
    literals.dedup();
    let mut runs: Vec<Run> = Vec::new();
    for number in literals {
        match runs.last_mut().filter(|run| run.last + 1 == number) {
            Some(run) => run.last = number,
            None => runs.push(Run { first: number, last: number }),
        }
    }
    runs
}

/// A number in which runs mostly differ that are not the same: names that are like each other differ in their ends.
fn glance(runs: &[Run], laid: &Laid<'_>) -> usize {
    // The multiplier is that of a common generator of random numbers (Knuth's MMIX). One product does not wait for another.
    let mix = |word: u64| word.wrapping_mul(0x5851_f42d_4c95_7f2d);
    let mut mixed = laid.layout.index() as u64;
    for run in runs {
        for literal in laid.literals.get(run.first..=run.last).unwrap_or_default() {
            let end = laid.record.as_bytes().get(..literal.to as usize).and_then(<[u8]>::last_chunk);
            let end = end.map_or(0, |end| u64::from_le_bytes(*end));
            mixed = mixed.rotate_left(9) ^ mix(end);
        }
    }
    usize::try_from(mix(mixed ^ mixed >> 32) >> 32).unwrap_or_default()
}

fn leaves_of(value: Value<'_>, number: impl Fn(Value<'_>) -> Option<usize>) -> Vec<usize> {
    value.leaves().into_iter().filter_map(|leaf| number(value.part(leaf)?)).collect()
}

/// The message in a text that is certainly what it seems: no stack trace, no JSON, no header of a logger before it.
fn plain(whole: &str, may_have_lines: bool) -> Option<&str> {
    let text = whole.trim();
    match text.as_bytes() {
        [] | [b'{', ..] => None,
        // klog.
        [b'I' | b'W' | b'E' | b'F', digit, ..] if digit.is_ascii_digit() => None,
        // A panic of Rust.
        [b't', b'h', ..] if trace::is_head(text) => None,
        [b'[' | b'N', ..] if behind_fpm(text).len() < text.len() => None,
        // A place of the code among what a logger wrote before the message.
        _ if told_place::place(text).is_some() => None,
        _ => (!may_have_lines || !has_lines(text)).then_some(text),
    }
}

/// Whether a text may have more than one line, written as such or as `\n`.
fn has_lines(text: &str) -> bool {
    memchr::memchr2(b'\n', b'\\', text.as_bytes()).is_some()
}
