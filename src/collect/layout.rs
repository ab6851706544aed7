//! A record's bytes in, its values out, for records that are laid out like one seen before.
//!
//! The records of one producer share every byte of their structure (keys, brackets, blanks, the order and indent of
//! the exporter) and differ inside their values alone. So a layout is kept as a path of constant bytes with values
//! between them. To read a record, the constants are compared and the values stepped over; nothing else is parsed.
//!
//! What keeps this honest: a path is only made from a record that simd-json accepted, a value is only stepped over if
//! it is valid by the grammar, and everything doubtful is handed back to simd-json. So a record read here is one that
//! simd-json accepts, with the same tape; a property test compares the two.

use std::collections::BTreeSet;
use std::ops::Range;

use simd_json::Node;

use super::literal::{scalar, text};
use super::scan::{scalar_end, skip_blank, string_end};
use crate::model::{Laid, LayoutId, Literal, Value, Watch};

/// Steps and bytes beyond these are not learned: an archive may have a new key in every entry.
const MOST_STEPS: usize = 16 * 1024;
const MOST_BYTES: usize = 8 << 20;
/// How many ways may lead on from one place.
const MOST_WAYS: usize = 16;

/// The layouts that a reader has met.
pub(super) struct Layouts {
    steps: Vec<Step>,
    /// The constants of the steps, behind each other in the order they were learned, which is mostly that of records.
    constants: Vec<u8>,
    /// The tapes of the layouts, by number.
    marks: Vec<Vec<Mark>>,
    /// The layouts in which a key stands twice.
    repeating: BTreeSet<usize>,
    /// Bytes of keys that are kept.
    bytes: usize,
    found: Found,
    watch: Watch,
}

/// What the record says that was found last.
#[derive(Default)]
struct Found {
    values: Vec<Literal>,
    /// The texts whose escapes were resolved, behind each other.
    unescaped: String,
}

/// A record cut into constants and what follows them, and the marks of its tape.
type Path<'r> = (Vec<(&'r [u8], Then)>, Vec<Mark>);

/// The step before all records.
const ROOT: usize = 0;

/// Constant bytes, and what follows them.
struct Step {
    /// Where they stand among the constants.
    constant: Range<usize>,
    then: Then,
    /// The step that came next the last time, if any did yet.
    next: Option<usize>,
    /// Other steps that may.
    others: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// A text; its opening quote is the last byte of the constant, its closing quote the first of the next one.
    Text,
    /// A number, `true`, `false` or `null`.
    Scalar,
    /// The end of the record.
    End(LayoutId),
}

/// A node of the tape: the same in all records of a layout, or the place of a value.
enum Mark {
    Object { len: usize, count: usize },
    Array { len: usize, count: usize },
    Key(Box<str>),
    Value,
}

/// Where a way ends.
enum End {
    /// With a value; the first byte behind it (of a text: its closing quote).
    Value(usize),
    /// With the record.
    Record(LayoutId),
}

impl Layouts {
    pub(super) fn new() -> Self {
        let root = Step { constant: 0..0, then: Then::Scalar, next: None, others: Vec::new() };
        Self {
            steps: vec![root],
            constants: Vec::new(),
            marks: Vec::new(),
            repeating: BTreeSet::new(),
            bytes: 0,
            found: Found::default(),
            watch: Watch::default(),
        }
    }

    /// Finds the layout of a record; its values are held until the next one is looked for.
    pub(super) fn find(&mut self, record: &str) -> Option<LayoutId> {
        if self.watch.rests() {
            return None;
        }
        self.found.values.clear();
        self.found.unescaped.clear();
        let found = self.follow(record);
        self.watch.note(found.is_none());
        found
    }

    fn follow(&mut self, record: &str) -> Option<LayoutId> {
        let Self { steps, constants, found, .. } = self;
        let mut take =
            |step: &Step, at: usize| found.take(constants.get(step.constant.clone())?, step.then, record, at);
        let (mut from, mut at) = (ROOT, 0);
        loop {
            let mut step = steps.get(from)?.next?;
            let mut end = take(steps.get(step)?, at);
            if end.is_none() {
                let mut others = steps.get(from)?.others.iter().enumerate();
                let (way, fits) = others.find_map(|(way, step)| Some((way, take(steps.get(*step)?, at)?)))?;
                // The way taken last is tried first. At most one of them fits a record, so order decides nothing.
                let Step { next, others, .. } = steps.get_mut(from)?;
                std::mem::swap(&mut step, others.get_mut(way)?);
                *next = Some(step);
                end = Some(fits);
            }
            match end? {
                End::Value(end) => (from, at) = (step, end),
                End::Record(layout) => return Some(layout),
            }
        }
    }

    /// The record that was found last.
    pub(super) fn laid<'a>(&'a self, layout: LayoutId, record: &'a str) -> Laid<'a> {
        Laid { layout, record, unescaped: &self.found.unescaped, literals: &self.found.values }
    }

    /// Whether a key stands twice in the records of a layout.
    pub(super) fn repeats_a_key(&self, layout: LayoutId) -> bool {
        self.repeating.contains(&layout.index())
    }

    /// Writes the tape of a record.
    pub(super) fn write<'a>(&'a self, laid: Laid<'a>, tape: &mut Vec<Node<'a>>) {
        let Some(marks) = self.marks.get(laid.layout.index()) else { return };
        let mut literals = 0..;
        tape.extend(marks.iter().map(|mark| match mark {
            Mark::Object { len, count } => Node::Object { len: *len, count: *count },
            Mark::Array { len, count } => Node::Array { len: *len, count: *count },
            Mark::Key(key) => Node::String(key),
            Mark::Value => laid.node(literals.next().unwrap_or(usize::MAX)),
        }));
    }

    /// Learns the layout of a record that simd-json accepted, from its tape.
    pub(super) fn learn(&mut self, record: &[u8], tape: &[Node<'_>]) {
        let full = self.steps.len() >= MOST_STEPS || self.bytes + self.constants.len() + record.len() > MOST_BYTES;
        if !full
            && !self.watch.is_resting()
            && let Some((path, marks)) = path(record, tape, LayoutId::new(self.marks.len()))
        {
            self.add(path, marks, Value::new(tape).repeats_a_key());
        }
    }

    fn add(&mut self, path: Vec<(&[u8], Then)>, marks: Vec<Mark>, repeats: bool) {
        let mut from = ROOT;
        for (constant, then) in path {
            let Some(Step { next, others, .. }) = self.steps.get(from) else { return };
            let fits = |step: &Step| step.then == then && self.constants.get(step.constant.clone()) == Some(constant);
            let mut ways = next.iter().chain(others);
            if let Some(known) = ways.find(|step| self.steps.get(**step).is_some_and(fits)) {
                from = *known;
                continue;
            }
            if others.len() + 1 >= MOST_WAYS {
                return;
            }
            let made = self.steps.len();
            let start = self.constants.len();
            self.constants.extend_from_slice(constant);
            self.steps.push(Step { constant: start..self.constants.len(), then, next: None, others: Vec::new() });
            if let Some(Step { next, others, .. }) = self.steps.get_mut(from) {
                match next {
                    None => *next = Some(made),
                    Some(_) => others.push(made),
                }
            }
            from = made;
        }
        self.bytes += marks.len() * size_of::<Mark>();
        if repeats {
            self.repeating.insert(self.marks.len());
        }
        self.marks.push(marks);
    }
}

impl Found {
    /// Goes a step from `at` and adds the value it leads to; where it ends, if it fits.
    #[inline]
    fn take(&mut self, constant: &[u8], then: Then, record: &str, at: usize) -> Option<End> {
        let rest = record.as_bytes().get(at..)?;
        if !rest.starts_with(constant) {
            return None;
        }
        let behind = at + constant.len();
        let (literal, end) = match then {
            Then::Text => text(record, behind, &mut self.unescaped)?,
            Then::Scalar => scalar(record, behind)?,
            Then::End(layout) => return (behind == record.len()).then_some(End::Record(layout)),
        };
        self.values.push(literal);
        Some(End::Value(end))
    }
}

fn path<'r>(record: &'r [u8], tape: &[Node<'_>], layout: LayoutId) -> Option<Path<'r>> {
    let (mut path, mut marks) = (Vec::new(), Vec::new());
    let (mut constant, mut at) = (0, 0);
    for node in tape {
        at += record
            .get(at..)?
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' | b']' | b'}'))?;
        let byte = *record.get(at)?;
        let (mark, end) = match *node {
            Node::Object { len, count } => (Mark::Object { len, count }, at + 1),
            Node::Array { len, count } => (Mark::Array { len, count }, at + 1),
            Node::String(text) if byte == b'"' => {
                let end = string_end(record, at)?;
                let key = skip_blank(record, end).and_then(|at| record.get(at)) == Some(&b':');
                (if key { Mark::Key(text.into()) } else { Mark::Value }, end)
            }
            Node::Static(_) => (Mark::Value, scalar_end(record, at)?),
            Node::String(_) => return None,
        };
        if let Mark::Value = mark {
            let text = byte == b'"';
            path.push((record.get(constant..at + usize::from(text))?, if text { Then::Text } else { Then::Scalar }));
            constant = end - usize::from(text);
        }
        marks.push(mark);
        at = end;
    }
    path.push((record.get(constant..)?, Then::End(layout)));
    Some((path, marks))
}
