//! A canonical text in which parts are replaced by slots, rule after rule, each slot knowing what it covers.

use super::Kind;

/// One slot in the working text; the canonical text holds no control characters.
pub(super) const SLOT: char = '\u{1}';

/// A slot: what it is and the bytes of the canonical text it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    /// All that the slot replaces.
    pub(super) outer: (usize, usize),
    /// The value in it: `outer` without quotes and the like.
    pub(super) inner: (usize, usize),
}

impl Slot {
    pub(super) fn new(kind: Kind, range: (usize, usize)) -> Self {
        Self { kind, outer: range, inner: range }
    }
}

/// What a rule found, in bytes of the working text.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) outer: (usize, usize),
    pub(super) inner: (usize, usize),
}

impl Found {
    pub(super) fn new(kind: Kind, range: std::ops::Range<usize>) -> Self {
        let range = (range.start, range.end);
        Self { kind, outer: range, inner: range }
    }
}

/// The working text and its slots.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) slots: Vec<Slot>,
    /// Where the slots stand in `text`.
    places: Vec<usize>,
    /// `covered[k]`: bytes of the canonical text under the first k slots.
    covered: Vec<usize>,
}

impl Draft {
    pub(super) fn new(canonical: &str) -> Self {
        let mut draft = Self { text: canonical.to_owned(), slots: Vec::new(), places: Vec::new(), covered: vec![0] };
        let marks: Vec<Found> = canonical
            .char_indices()
            .filter_map(|(at, char)| {
                let number = u32::from(char).checked_sub(crate::distill::canon::FIRST_MARK)?;
                let known = number < crate::distill::canon::MOST_MARKS;
                known.then(|| Found::new(Kind::User(number), at..at + char.len_utf8()))
            })
            .collect();
        draft.apply(&marks);
        draft
    }

    /// Turns what was found (in order, not overlapping) into slots; slots within are part of the new one.
    pub(super) fn apply(&mut self, found: &[Found]) {
        if found.is_empty() {
            return;
        }
        let (mut text, mut slots) = (String::with_capacity(self.text.len()), Vec::new());
        let mut at = 0;
        for found in found.iter().filter(|found| found.outer.0 <= found.outer.1) {
            if found.outer.0 < at {
                continue;
            }
            text.push_str(self.text.get(at..found.outer.0).unwrap_or_default());
            slots.extend(self.slots_in(at, found.outer.0).iter().cloned());
            text.push(SLOT);
            slots.push(Slot {
                kind: found.kind.clone(),
                outer: (self.canonical(found.outer.0), self.canonical(found.outer.1)),
                inner: (self.canonical(found.inner.0), self.canonical(found.inner.1)),
            });
            at = found.outer.1;
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        slots.extend(self.slots_in(at, self.text.len()).iter().cloned());
        (self.text, self.slots) = (text, slots);
        self.places = memchr::memchr_iter(1, self.text.as_bytes()).collect();
        self.covered.clear();
        self.covered.push(0);
        let mut sum = 0;
        for slot in &self.slots {
            sum += slot.outer.1 - slot.outer.0;
            self.covered.push(sum);
        }
    }

    /// The slots that stand in this part of the working text.
    pub(super) fn slots_in(&self, from: usize, to: usize) -> &[Slot] {
        let first = self.places.partition_point(|place| *place < from);
        let behind = self.places.partition_point(|place| *place < to);
        self.slots.get(first..behind).unwrap_or_default()
    }

    /// Where a place of the working text stands in the canonical text.
    pub(super) fn canonical(&self, at: usize) -> usize {
        let before = self.places.partition_point(|place| *place < at);
        at - before + self.covered.get(before).copied().unwrap_or_default()
    }
}
