//! A record laid out like one before in, what it tells out, without reading it as a whole.
//!
//! The entries of one statement share nearly all that is worth reading: log, resource, labels, severity, place. They
//! differ in what they say, when, and whom they name. So the shared part of a record is looked up by its bytes, and the
//! rest is taken from where the layout has it. Whatever is unlike a plain message (traces, requests, audit records, JSON
//! in text) is left to [`read`](super::read); a property test compares the two.

use std::borrow::Cow;

use hashbrown::HashMap;
use simd_json::{Node, StaticNode};
use xxhash_rust::xxh3::xxh3_128;

use super::live::Told;
use super::member::{self, Slot, Weight, Zone};
use super::message::Said;
use super::place::{Role, Whom, roles};
use super::reading::Reading;
use super::request::{self, Part};
use super::severity;
use super::standing::Standing;
use crate::model::{ByLayout, Field, Laid, LogEntry, PatternKind, Payload, Severity, Value, Watch};

/// How many shared parts a worker remembers. A memory only: it never shows in a result.
const HELD: usize = 65_536;

/// The records met so far.
#[derive(Default)]
pub(super) struct Repeats {
    recipes: ByLayout<Option<Recipe>>,
    shared: HashMap<u128, Shared>,
    bytes: Vec<u8>,
}

/// What entries have in common whose shared parts are equal.
#[derive(Clone, Copy)]
struct Shared {
    standing: Standing,
    /// What a member such as `level` says where the entries state no severity.
    level: Option<Severity>,
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
    shared: Vec<usize>,
    watch: Watch,
}

impl Repeats {
    /// What a record tells, if one like it was learned.
    pub(super) fn recall<'a>(&mut self, laid: &Laid<'a>) -> Option<Told<'a>> {
        let recipe = self.recipes.get_mut(laid.layout)?.as_mut()?;
        if recipe.watch.rests() {
            return None;
        }
        let shared = self.shared.get(&recipe.key(laid, &mut self.bytes)).copied();
        recipe.watch.note(shared.is_none());
        recipe.told(laid, shared?)
    }

    /// Remembers what an entry shares with others, if it is a plain message or request.
    pub(super) fn learn(&mut self, entry: &LogEntry<'_>, reading: &Reading<'_>, standing: Standing) {
        let (Some(laid), PatternKind::Message | PatternKind::Request) = (entry.laid, reading.kind) else { return };
        let recipe = self.recipes.get_or_insert_with(laid.layout, || Recipe::of(entry));
        let Some(recipe) = recipe.and_then(Option::as_mut).filter(|recipe| !recipe.watch.is_resting()) else { return };
        let shared = Shared { standing, level: reading.level };
        // The text may be made of several parts, or a part of the message: then there is more to know.
        if recipe.told(&laid, shared).is_some_and(|told| told.kind == reading.kind && told.text == reading.text) {
            if self.shared.len() >= HELD {
                self.shared.clear();
            }
            self.shared.insert(recipe.key(&laid, &mut self.bytes), shared);
        }
    }

    /// Forgets all shared parts: standings are numbered anew.
    pub(super) fn forget(&mut self) {
        self.shared.clear();
    }
}

impl Recipe {
    /// The recipe for records laid out like this one; `None` if they are no plain messages.
    fn of(entry: &LogEntry<'_>) -> Option<Self> {
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
            shared: Vec::new(),
            watch: Watch::default(),
        };
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
                Field::LogName | Field::Severity | Field::ResourceType => recipe.shared.push(number(*value)?),
                Field::Labels | Field::SourceLocation => recipe.shared.extend(leaves_of(*value, number)),
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
                recipe.shared.retain(|shared| *shared != number);
                recipe.names.push((role, number));
            } else {
                recipe.shared.push(number);
            }
        }
        match entry.payload {
            Payload::Json(payload) if recipe.text.is_none() => recipe.add_members(payload, number)?,
            Payload::Text(_) if recipe.http.is_none() => {}
            Payload::None if recipe.http.is_some() => {}
            _ => return None,
        }
        recipe.shared.sort_unstable();
        recipe.shared.dedup();
        Some(recipe)
    }

    fn add_members(&mut self, payload: Value<'_>, number: impl Fn(Value<'_>) -> Option<usize>) -> Option<()> {
        let mut plain = true;
        member::members(payload, &mut |member| match (member.slot.weight(member.zone), number(member.value)) {
            (Weight::Kind, _) => plain = false,
            (Weight::None, _) | (_, None) => {}
            (Weight::Text, Some(number)) => self.said.push((member.slot, member.zone, number)),
            (Weight::Standing, Some(number)) => self.shared.push(number),
        });
        plain.then_some(())
    }

    /// A hash of the layout and of all that is shared.
    fn key(&self, laid: &Laid<'_>, bytes: &mut Vec<u8>) -> u128 {
        bytes.clear();
        bytes.extend_from_slice(&laid.layout.index().to_le_bytes());
        for number in &self.shared {
            match laid.node(*number) {
                // No text holds bytes beyond 0xf7.
                Node::String(text) => {
                    bytes.extend_from_slice(text.as_bytes());
                    bytes.push(0xff);
                }
                node => add_scalar(node, bytes),
            }
        }
        xxh3_128(bytes)
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
        let silent = shared.standing.severity == Severity::Default;
        let whole =
            if let Some(number) = self.text { laid.text(number) } else { said.message.map(|message| message.text) };
        let (kind, text, inferred) = match (whole, &endpoint) {
            (Some(whole), _) => {
                let inferred = silent.then(|| shared.level.or_else(|| severity::of_text(whole))).flatten();
                (PatternKind::Message, Cow::Borrowed(plain(whole)?), inferred)
            }
            (None, Some(endpoint)) => {
                let inferred = shared.level.filter(|_| silent);
                (PatternKind::Request, Cow::Owned(request::pattern(endpoint, said.details)), inferred)
            }
            (None, None) => return None,
        };
        if said.trace.is_some_and(|trace| has_lines(trace.text)) {
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
            endpoint,
        })
    }
}

fn leaves_of(value: Value<'_>, number: impl Fn(Value<'_>) -> Option<usize>) -> Vec<usize> {
    value.leaves().into_iter().filter_map(|leaf| number(value.part(leaf)?)).collect()
}

fn add_scalar(node: Node<'_>, bytes: &mut Vec<u8>) {
    let (kind, bits) = match node {
        Node::Static(StaticNode::Bool(truth)) => (0xf9, u64::from(truth)),
        Node::Static(StaticNode::I64(number)) => (0xfa, number.cast_unsigned()),
        Node::Static(StaticNode::U64(number)) => (0xfb, number),
        Node::Static(StaticNode::F64(number)) => (0xfc, number.to_bits()),
        _ => (0xfd, 0),
    };
    bytes.push(kind);
    bytes.extend_from_slice(&bits.to_le_bytes());
}

/// The message in a text that is certainly what it seems: no stack trace, no JSON, no header of a logger before it.
fn plain(whole: &str) -> Option<&str> {
    let text = whole.trim();
    match text.as_bytes() {
        [] | [b'{', ..] => None,
        // klog.
        [b'I' | b'W' | b'E' | b'F', digit, ..] if digit.is_ascii_digit() => None,
        _ => (!has_lines(text)).then_some(text),
    }
}

/// Whether a text may have more than one line, written as such or as `\n`.
fn has_lines(text: &str) -> bool {
    memchr::memchr2(b'\n', b'\\', text.as_bytes()).is_some()
}
