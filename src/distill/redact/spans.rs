//! Stretches of a text to replace in, settled among themselves, and the text with marks in their place out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::decode::View;
use super::mark::mark;
use super::value::{Shape, shape};

/// Layers of escapes that are taken off.
pub(super) const MOST_LAYERS: usize = 12;
/// Rounds until a text stays as it is.
pub(super) const MOST_ROUNDS: usize = 16;
/// Values that are looked for in other places of their text.
const MOST_REPEATED: usize = 32;

/// A stretch of text to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: String,
    /// Found by its form alone (an address, a number): gives way to what was found as a secret.
    pub(super) weak: bool,
    /// Found by the name of its field, whatever it looks like itself.
    pub(super) named: bool,
}

impl Span {
    /// A value that is secret as a whole, because of what stands before it.
    pub(super) fn whole(value: &str, kind: &str) -> Self {
        Self { range: 0..value.len(), kind: kind.to_owned(), weak: false, named: true }
    }

    /// All of a text that was not looked through to its end.
    pub(super) fn unread(text: &str) -> Self {
        Self { range: 0..text.len(), kind: UNREAD.to_owned(), weak: false, named: false }
    }

    /// Whether this says that a text was not looked through.
    pub(super) fn is_unread(&self) -> bool {
        self.kind == UNREAD
    }

    /// The same span with `from` as the start of the text.
    pub(super) fn shifted_back(self, from: usize) -> Self {
        Self { range: self.range.start.saturating_sub(from)..self.range.end.saturating_sub(from), ..self }
    }
}

/// The kind of a text that was not looked through.
const UNREAD: &str = "unread";

/// What was found in one place is a secret in every other place of the same text.
pub(super) fn repeat(text: &str, found: &mut Vec<Span>) {
    let mut sought = BTreeSet::new();
    for span in found.clone().iter().filter(|span| !span.weak) {
        let Some(value) = text.get(span.range.clone()).filter(|value| is_distinctive(value)) else { continue };
        if !sought.insert(value) || sought.len() > MOST_REPEATED {
            continue;
        }
        found.extend(memchr::memmem::find_iter(text.as_bytes(), value).filter_map(|start| {
            let range = start..start + value.len();
            stands_alone(text.as_bytes(), &range).then(|| Span { range, ..span.clone() })
        }));
    }
}

/// Whether a value is too long and too mixed to stand in a text by chance.
fn is_distinctive(value: &str) -> bool {
    value.len() >= 8
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && matches!(shape(value), Shape::Random | Shape::Mixed | Shape::Hex | Shape::Uuid)
}

fn stands_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let glued = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    !glued(range.start.checked_sub(1)) && !glued(Some(range.end))
}

/// Sorts spans, joins those that overlap, and takes marks out of them.
pub(super) fn settle(mut found: Vec<Span>, marks: &[Range<usize>]) -> Vec<Span> {
    let strong = joined(found.iter().filter(|span| !span.weak).map(|span| span.range.clone()).collect());
    let touches = |range: &Range<usize>| !overlapping(&strong, range).is_empty();
    found.retain(|span| span.range.start < span.range.end && !(span.weak && touches(&span.range)));
    // The widest first, so that it names the kind; among equals the one whose rule stands first.
    found.sort_by(|left, right| {
        left.range.start.cmp(&right.range.start).then_with(|| right.range.end.cmp(&left.range.end))
    });
    let mut settled: Vec<Span> = Vec::new();
    for span in found {
        match settled.last_mut() {
            Some(last) if span.range.start < last.range.end => last.range.end = last.range.end.max(span.range.end),
            _ => settled.push(span),
        }
    }
    if marks.is_empty() {
        return settled;
    }
    settled.into_iter().flat_map(|span| without_marks(&span, marks)).collect()
}

/// Ranges in order, those that overlap as one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    ranges
}

/// Those of some ranges, in order and apart, that overlap with another.
pub(super) fn overlapping<'r>(ranges: &'r [Range<usize>], other: &Range<usize>) -> &'r [Range<usize>] {
    let from = ranges.partition_point(|range| range.end <= other.start);
    let rest = ranges.get(from..).unwrap_or_default();
    rest.get(..rest.partition_point(|range| range.start < other.end)).unwrap_or_default()
}

/// The parts of a span that lie outside of marks.
pub(super) fn without_marks(span: &Span, marks: &[Range<usize>]) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut from = span.range.start;
    for mark in overlapping(marks, &span.range) {
        if from < mark.start {
            parts.push(Span { range: from..mark.start, ..span.clone() });
        }
        from = from.max(mark.end);
    }
    if from < span.range.end {
        parts.push(Span { range: from..span.range.end, ..span.clone() });
    }
    parts
}

/// The text with marks in place of the spans.
pub(super) fn replace(text: &str, spans: &[Span], counts: &mut BTreeMap<String, u64>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        replaced.push_str(text.get(done..span.range.start).unwrap_or_default());
        let value = text.get(span.range.clone()).unwrap_or_default();
        replaced.push_str(&mark(&span.kind, &plain(value)));
        *counts.entry(span.kind.clone()).or_default() += 1;
        done = span.range.end;
    }
    replaced.push_str(text.get(done..).unwrap_or_default());
    replaced
}

/// A value without its disguise, so that it has the same tag wherever it stands.
fn plain(value: &str) -> String {
    let mut plain = value.to_owned();
    for _ in 0..MOST_LAYERS {
        let Some(view) = View::decode(&plain) else { break };
        plain = view.text;
    }
    plain
}
