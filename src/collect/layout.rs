//! A record's bytes in, its values out, for records that are laid out like one seen before.
//!
//! The records of one producer share every byte of their structure (keys, brackets, blanks, the order and indent of
//! the exporter) and differ inside their values alone. So a layout is kept as a path of constant bytes with values
//! between them. To read a record, the constants are compared and the values stepped over; nothing else is parsed.
//!
//! What keeps this honest: a path is only made from a record that simd-json accepted, a value is only stepped over if
//! it is valid by the grammar, and everything doubtful is handed back to simd-json. So a record read here is one that
//! simd-json accepts, with the same tape; a property test compares the two.

use simd_json::{Node, StaticNode};

use super::literal::{Literal, scalar, text};
use super::scan::{scalar_end, skip_blank, string_end};
use crate::model::LayoutId;

/// Steps and bytes beyond these are not learned: an archive may have a new key in every entry.
const MOST_STEPS: usize = 16 * 1024;
const MOST_BYTES: usize = 8 << 20;
/// How many ways may lead on from one place.
const MOST_WAYS: usize = 16;
/// So many records are watched together; if more than half of them are unknown, none is looked up for a while.
const WATCHED: u32 = 1_024;
const REST: u32 = 4_096;

/// The layouts that a reader has met.
pub(super) struct Layouts {
    steps: Vec<Step>,
    /// The tapes of the layouts, by number.
    marks: Vec<Vec<Mark>>,
    /// Bytes of constants and keys that are kept.
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
    constant: Box<[u8]>,
    then: Then,
    /// The steps that may come next.
    ways: Vec<usize>,
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

/// How many of the last records were unknown.
#[derive(Default)]
struct Watch {
    seen: u32,
    missed: u32,
    rest: u32,
}

impl Layouts {
    pub(super) fn new() -> Self {
        let root = Step { constant: Box::default(), then: Then::Scalar, ways: Vec::new() };
        Self { steps: vec![root], marks: Vec::new(), bytes: 0, found: Found::default(), watch: Watch::default() }
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
        let Self { steps, found, .. } = self;
        let (mut from, mut at) = (ROOT, 0);
        loop {
            let mut step = *steps.get(from)?.ways.first()?;
            let mut end = found.take(steps.get(step)?, record, at);
            if end.is_none() {
                let mut others = steps.get(from)?.ways.iter().enumerate().skip(1);
                let (way, fits) =
                    others.find_map(|(way, step)| Some((way, found.take(steps.get(*step)?, record, at)?)))?;
                // The way taken last is tried first. At most one of them fits a record, so order decides nothing.
                let ways = &mut steps.get_mut(from)?.ways;
                ways.swap(0, way);
                (step, end) = (*ways.first()?, Some(fits));
            }
            match end? {
                End::Value(end) => (from, at) = (step, end),
                End::Record(layout) => return Some(layout),
            }
        }
    }

    /// Writes the tape of the record that was found last.
    pub(super) fn write<'a>(&'a self, layout: LayoutId, record: &'a str, tape: &mut Vec<Node<'a>>) {
        let Some(marks) = self.marks.get(layout.index()) else { return };
        let mut values = self.found.values.iter();
        let part = |text: &'a str, from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default();
        tape.extend(marks.iter().map(|mark| match mark {
            Mark::Object { len, count } => Node::Object { len: *len, count: *count },
            Mark::Array { len, count } => Node::Array { len: *len, count: *count },
            Mark::Key(key) => Node::String(key),
            Mark::Value => match values.next() {
                Some(Literal::Plain(from, to)) => Node::String(part(record, *from, *to)),
                Some(Literal::Unescaped(from, to)) => Node::String(part(&self.found.unescaped, *from, *to)),
                Some(Literal::Scalar(scalar)) => Node::Static(*scalar),
                None => Node::Static(StaticNode::Null),
            },
        }));
    }

    /// Learns the layout of a record that simd-json accepted, from its tape.
    pub(super) fn learn(&mut self, record: &[u8], tape: &[Node<'_>]) {
        let full = self.steps.len() >= MOST_STEPS || self.bytes.saturating_add(record.len()) > MOST_BYTES;
        if !full
            && self.watch.rest == 0
            && let Some((path, marks)) = path(record, tape, LayoutId::new(self.marks.len()))
        {
            self.add(path, marks);
        }
    }

    fn add(&mut self, path: Vec<(&[u8], Then)>, marks: Vec<Mark>) {
        let mut from = ROOT;
        for (constant, then) in path {
            let Some(Step { ways, .. }) = self.steps.get(from) else { return };
            let fits = |step: &Step| step.then == then && *step.constant == *constant;
            if let Some(known) = ways.iter().find(|step| self.steps.get(**step).is_some_and(fits)) {
                from = *known;
                continue;
            }
            if ways.len() >= MOST_WAYS {
                return;
            }
            let made = self.steps.len();
            self.bytes += constant.len();
            self.steps.push(Step { constant: constant.into(), then, ways: Vec::new() });
            if let Some(step) = self.steps.get_mut(from) {
                step.ways.push(made);
            }
            from = made;
        }
        self.bytes += marks.len() * size_of::<Mark>();
        self.marks.push(marks);
    }
}

impl Found {
    /// Goes a step from `at` and adds the value it leads to; where it ends, if it fits.
    #[inline]
    fn take(&mut self, step: &Step, record: &str, at: usize) -> Option<End> {
        let rest = record.as_bytes().get(at..)?;
        if !rest.starts_with(&step.constant) {
            return None;
        }
        let behind = at + step.constant.len();
        let (literal, end) = match step.then {
            Then::Text => text(record, behind, &mut self.unescaped)?,
            Then::Scalar => scalar(record, behind)?,
            Then::End(layout) => return (behind == record.len()).then_some(End::Record(layout)),
        };
        self.values.push(literal);
        Some(End::Value(end))
    }
}

impl Watch {
    /// Whether records are not looked up for now.
    fn rests(&mut self) -> bool {
        self.rest = self.rest.saturating_sub(1);
        self.rest > 0
    }

    fn note(&mut self, missed: bool) {
        self.seen += 1;
        self.missed += u32::from(missed);
        if self.seen >= WATCHED {
            let rest = if self.missed > WATCHED / 2 { REST } else { 0 };
            *self = Self { rest, ..Self::default() };
        }
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
