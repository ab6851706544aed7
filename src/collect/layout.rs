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

#[cfg(target_arch = "x86_64")]
use super::literal::x86;
use super::literal::{Portable, Search, Told, offset};
use super::scan::{scalar_end, skip_blank, string_end};
use crate::model::{Form, Laid, LayoutId, Literal, Value, Watch};

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
    /// The literals of the record that was found last.
    literals: Vec<Literal>,
    told: Told,
    watch: Watch,
}

/// A record cut into constants and what follows them, and the marks of its tape.
type Path<'r> = (Vec<(&'r [u8], Then)>, Vec<Mark>);

/// The step before all records.
const ROOT: u32 = 0;
/// The number of no step.
const NONE: u32 = u32::MAX;

/// Constant bytes, and what follows them.
struct Step {
    /// Where they stand among the constants.
    constant: Range<usize>,
    then: Then,
    /// The step that came next the last time, or none.
    next: u32,
    /// Other steps that may.
    others: Vec<u32>,
}

/// Where a step leads.
enum Goal {
    Literal(Literal),
    End(LayoutId),
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

impl Layouts {
    pub(super) fn new() -> Self {
        let root = Step { constant: 0..0, then: Then::Scalar, next: NONE, others: Vec::new() };
        Self {
            steps: vec![root],
            constants: Vec::new(),
            marks: Vec::new(),
            repeating: BTreeSet::new(),
            bytes: 0,
            literals: Vec::new(),
            told: Told::default(),
            watch: Watch::default(),
        }
    }

    /// Finds the layout of a record; its values are held until the next one is looked for.
    pub(super) fn find(&mut self, record: &str) -> Option<LayoutId> {
        if self.watch.rests() {
            return None;
        }
        self.literals.clear();
        self.told.clear();
        let found = self.follow_fast(record);
        self.watch.note(found.is_none());
        found
    }

    #[cfg(target_arch = "x86_64")]
    fn follow_fast(&mut self, record: &str) -> Option<LayoutId> {
        if !is_x86_feature_detected!("avx2") {
            return self.follow::<Portable>(record);
        }
        #[expect(unsafe_code, reason = "texts are searched twice as fast")]
        // SAFETY: the processor has AVX2.
        unsafe {
            self.follow_wide(record)
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn follow_fast(&mut self, record: &str) -> Option<LayoutId> {
        self.follow::<Portable>(record)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn follow_wide(&mut self, record: &str) -> Option<LayoutId> {
        self.follow::<x86::Avx2>(record)
    }

    #[inline(always)]
    fn follow<S: Search>(&mut self, record: &str) -> Option<LayoutId> {
        let bytes = record.as_bytes();
        let (mut from, mut at) = (ROOT, 0);
        loop {
            let next = self.steps.get(from as usize)?.next;
            let step = self.steps.get(next as usize)?;
            // The way taken last is tried first, here where it is quick.
            if let (Then::Text, Some(behind)) = (step.then, step.pass(&self.constants, bytes, at as usize))
                && let Some(end) = S::special(bytes, behind)
                && bytes.get(end) == Some(&b'"')
            {
                let literal = Literal { from: offset(behind)?, to: offset(end)?, form: Form::Plain };
                (from, at) = (next, literal.to);
                self.literals.push(literal);
                continue;
            }
            let (step, literal) = self.go(from, record, at as usize)?;
            match literal {
                Goal::Literal(literal) => {
                    (from, at) = (step, literal.to);
                    self.literals.push(literal);
                }
                Goal::End(layout) => return Some(layout),
            }
        }
    }

    /// Goes on from a step by whichever way fits, the one taken last first: the next step, and what it leads to.
    ///
    /// At most one way fits a record, so order decides nothing.
    #[inline(never)]
    fn go(&mut self, from: u32, record: &str, at: usize) -> Option<(u32, Goal)> {
        let Self { steps, constants, told, .. } = self;
        let next = steps.get(from as usize)?.next;
        if let Some(goal) = steps.get(next as usize)?.take(constants, told, record, at) {
            return Some((next, goal));
        }
        let mut others = steps.get(from as usize)?.others.iter().enumerate();
        let (way, goal) = others
            .find_map(|(way, step)| Some((way, steps.get(*step as usize)?.take(constants, told, record, at)?)))?;
        let Step { next, others, .. } = steps.get_mut(from as usize)?;
        std::mem::swap(next, others.get_mut(way)?);
        Some((*next, goal))
    }

    /// The record that was found last.
    pub(super) fn laid<'a>(&'a self, layout: LayoutId, record: &'a str) -> Laid<'a> {
        let Told { unescaped, scalars } = &self.told;
        Laid { layout, record, unescaped, scalars, literals: &self.literals }
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
            let Some(Step { next, others, .. }) = self.steps.get(from as usize) else { return };
            let fits = |step: &Step| step.then == then && self.constants.get(step.constant.clone()) == Some(constant);
            let mut ways = std::iter::once(next).chain(others);
            if let Some(known) = ways.find(|step| self.steps.get(**step as usize).is_some_and(fits)) {
                from = *known;
                continue;
            }
            let Ok(made) = u32::try_from(self.steps.len()) else { return };
            if others.len() + 1 >= MOST_WAYS {
                return;
            }
            let start = self.constants.len();
            self.constants.extend_from_slice(constant);
            self.steps.push(Step { constant: start..self.constants.len(), then, next: NONE, others: Vec::new() });
            if let Some(Step { next, others, .. }) = self.steps.get_mut(from as usize) {
                if *next == NONE {
                    *next = made;
                } else {
                    others.push(made);
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

impl Step {
    /// Goes past the constant, if it stands at `at`.
    #[inline(always)]
    fn pass(&self, constants: &[u8], record: &[u8], at: usize) -> Option<usize> {
        let constant = constants.get(self.constant.clone())?;
        let behind = at + constant.len();
        (record.get(at..behind)? == constant).then_some(behind)
    }

    /// Goes this way from `at`, if it fits.
    fn take(&self, constants: &[u8], told: &mut Told, record: &str, at: usize) -> Option<Goal> {
        let behind = self.pass(constants, record.as_bytes(), at)?;
        match self.then {
            Then::Text => told.text(record, behind).map(Goal::Literal),
            Then::Scalar => told.scalar(record, behind).map(Goal::Literal),
            Then::End(layout) => (behind == record.len()).then_some(Goal::End(layout)),
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
