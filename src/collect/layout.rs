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

use memchr::memchr_iter;
use simd_json::Node;

use super::literal::Told;
use super::sample::{Reached, Sample};
use super::scan::{scalar_end, skip_blank, string_end};
#[cfg(target_arch = "x86_64")]
use super::vector::x86;
use super::vector::{Portable, Vector};
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
    /// Their steps.
    ways: Vec<Vec<u32>>,
    /// The newlines in their records: a text has none.
    lines: Vec<u32>,
    /// A record of each.
    samples: Vec<Sample>,
    /// The bytes of all samples.
    sampled: usize,
    /// The steps at which the record left the samples tried.
    left: Vec<u32>,
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
    /// The layout whose sample is tried from here on.
    seen: usize,
}

/// Where a step leads.
enum Goal {
    Literal(Literal),
    /// With the first byte behind the record.
    End(LayoutId, usize),
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
        let root = Step { constant: 0..0, then: Then::Scalar, next: NONE, others: Vec::new(), seen: 0 };
        Self {
            steps: vec![root],
            constants: Vec::new(),
            marks: Vec::new(),
            ways: Vec::new(),
            lines: Vec::new(),
            samples: Vec::new(),
            sampled: 0,
            left: Vec::new(),
            repeating: BTreeSet::new(),
            bytes: 0,
            literals: Vec::new(),
            told: Told::default(),
            watch: Watch::default(),
        }
    }

    /// Finds the layout of the record that a text starts with, and where the record ends; its literals are held until the
    /// next one is looked for.
    pub(super) fn find(&mut self, text: &str) -> Option<(LayoutId, usize)> {
        if self.watch.rests() {
            return None;
        }
        self.literals.clear();
        self.left.clear();
        self.told.clear();
        let found = self.follow_fast(text);
        self.watch.note(found.is_none());
        found
    }

    #[cfg(target_arch = "x86_64")]
    fn follow_fast(&mut self, text: &str) -> Option<(LayoutId, usize)> {
        if !is_x86_feature_detected!("avx2") {
            return self.follow::<Portable>(text);
        }
        #[expect(unsafe_code, reason = "records are compared and searched twice as fast")]
        // SAFETY: the processor has AVX2.
        unsafe {
            self.follow_wide(text)
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn follow_fast(&mut self, text: &str) -> Option<(LayoutId, usize)> {
        self.follow::<Portable>(text)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn follow_wide(&mut self, text: &str) -> Option<(LayoutId, usize)> {
        self.follow::<x86::Avx2>(text)
    }

    /// Reads along samples, and where the record leaves one, by whichever step fits to another.
    #[expect(clippy::inline_always, reason = "only what is inlined is compiled for the registers of its caller")]
    #[inline(always)]
    fn follow<V: Vector>(&mut self, text: &str) -> Option<(LayoutId, usize)> {
        let mut from = ROOT;
        let mut reached = Reached { literals: 0, at: 0, same: 0 };
        loop {
            let seen = self.steps.get(from as usize)?.seen;
            let step =
                |way: &Vec<u32>, literals: usize| literals.checked_sub(1).map_or(Some(ROOT), |at| way.get(at).copied());
            if let (Some(way), Some(sample)) = (self.ways.get(seen), self.samples.get(seen))
                && step(way, reached.literals) == Some(from)
            {
                if let Some(end) = sample.follow::<V>(text, &mut reached, &mut self.literals, &mut self.told) {
                    return self.arrive(text.get(..end)?, seen, reached.same);
                }
                from = step(way, reached.literals)?;
                self.left.push(from);
            }
            let (step, goal) = self.go(from, text, reached.at)?;
            match goal {
                Goal::Literal(literal) => {
                    (from, reached.at) = (step, literal.to as usize);
                    reached.literals += 1;
                    self.literals.push(literal);
                }
                Goal::End(layout, end) => return self.arrive(text.get(..end)?, layout.index(), reached.same),
            }
        }
    }

    /// Ends reading a record of a layout, `same` values of which are as in a sample.
    fn arrive(&mut self, record: &str, layout: usize, same: usize) -> Option<(LayoutId, usize)> {
        for from in self.left.drain(..) {
            if let Some(step) = self.steps.get_mut(from as usize) {
                step.seen = layout;
            }
        }
        let sample = self.samples.get_mut(layout)?;
        self.sampled -= sample.size();
        if self.sampled < MOST_BYTES {
            sample.consider(record, &self.literals, same);
        }
        self.sampled += sample.size();
        Some((LayoutId::new(layout), record.len()))
    }

    /// Goes on from a step by whichever way fits, the one taken last first: the next step, and what it leads to.
    ///
    /// At most one way fits a record, so order decides nothing.
    #[inline(never)]
    fn go(&mut self, from: u32, text: &str, at: usize) -> Option<(u32, Goal)> {
        let Self { steps, constants, told, .. } = self;
        let next = steps.get(from as usize)?.next;
        if let Some(goal) = steps.get(next as usize)?.take(constants, told, text, at) {
            return Some((next, goal));
        }
        let mut others = steps.get(from as usize)?.others.iter().enumerate();
        let (way, goal) =
            others.find_map(|(way, step)| Some((way, steps.get(*step as usize)?.take(constants, told, text, at)?)))?;
        let Step { next, others, .. } = steps.get_mut(from as usize)?;
        std::mem::swap(next, others.get_mut(way)?);
        Some((*next, goal))
    }

    /// The record that was found last.
    pub(super) fn laid<'a>(&'a self, layout: LayoutId, record: &'a str) -> Laid<'a> {
        let Told { unescaped, scalars } = &self.told;
        let lines = self.lines.get(layout.index()).copied().unwrap_or_default();
        Laid { layout, record, lines, unescaped, scalars, literals: &self.literals }
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
        let (mut from, mut way) = (ROOT, Vec::new());
        let newlines = path.iter().map(|(constant, _)| memchr_iter(b'\n', constant).count()).sum::<usize>();
        let Ok(lines) = u32::try_from(newlines) else { return };
        for (constant, then) in path {
            let Some(Step { next, others, .. }) = self.steps.get(from as usize) else { return };
            let fits = |step: &Step| step.then == then && self.constants.get(step.constant.clone()) == Some(constant);
            let mut ways = std::iter::once(next).chain(others);
            if let Some(known) = ways.find(|step| self.steps.get(**step as usize).is_some_and(fits)) {
                from = *known;
                way.push(from);
                continue;
            }
            let Ok(made) = u32::try_from(self.steps.len()) else { return };
            if others.len() + 1 >= MOST_WAYS {
                return;
            }
            let start = self.constants.len();
            self.constants.extend_from_slice(constant);
            let (constant, seen) = (start..self.constants.len(), self.marks.len());
            self.steps.push(Step { constant, then, next: NONE, others: Vec::new(), seen });
            if let Some(Step { next, others, .. }) = self.steps.get_mut(from as usize) {
                if *next == NONE {
                    *next = made;
                } else {
                    others.push(made);
                }
            }
            from = made;
            way.push(from);
        }
        self.bytes += marks.len() * size_of::<Mark>() + way.len() * size_of::<u32>();
        if repeats {
            self.repeating.insert(self.marks.len());
        }
        self.marks.push(marks);
        self.ways.push(way);
        self.lines.push(lines);
        self.samples.push(Sample::default());
    }
}

impl Step {
    /// Goes past the constant, if it stands at `at`.
    #[inline]
    fn pass(&self, constants: &[u8], text: &[u8], at: usize) -> Option<usize> {
        let constant = constants.get(self.constant.clone())?;
        let behind = at + constant.len();
        (text.get(at..behind)? == constant).then_some(behind)
    }

    /// Goes this way from `at`, if it fits.
    fn take(&self, constants: &[u8], told: &mut Told, text: &str, at: usize) -> Option<Goal> {
        let behind = self.pass(constants, text.as_bytes(), at)?;
        match self.then {
            Then::Text => told.text(text, behind).map(Goal::Literal),
            Then::Scalar => told.scalar(text, behind).map(Goal::Literal),
            // What closes a record opened with it: nothing goes on behind it.
            Then::End(layout) => Some(Goal::End(layout, behind)),
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
