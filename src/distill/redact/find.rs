//! A text in, the stretches of it that must be replaced out: from all rules, on all layers of escapes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Redactor;
use super::assign::{self, Assigned};
use super::checks::decoded;
use super::cookie::cookies;
use super::decode::View;
use super::mark::marks;
use super::personal;
use super::rules::{Catalog, Target, floor};
use super::spans::{MOST_LAYERS, Span, repeat, settle, without_marks};
use super::statement;
use super::value::entropy;
use crate::model::Fingerprint;

/// Layers of base64 that are looked into.
const MOST_ENVELOPES: usize = 2;
/// The shortest base64 that is looked into.
const SHORTEST_BASE64: usize = 20;
/// Longer texts are looked at in stretches of this length.
const STRETCH: usize = 256 * 1024;
/// How often a rule may be tried in vain in one text, beside once for every 16 bytes.
const MOST_VAIN: usize = 1_000;
/// A rule that looks back further than so many bytes is tried less often.
const FAR_BACK: usize = 256;
/// How many bytes of values of fields may be looked at in one text, beside 16 times its length.
const MOST_LOOKED: usize = 256 * 1024;
/// What each stretch sees of its neighbours.
const OVERLAP: usize = 20 * 1024;

/// What was found in a stretch of a text.
#[derive(Debug)]
pub struct Found(Vec<Span>);

/// Looks at one stretch of a text.
pub type Look<'l> = dyn Fn(Range<usize>) -> Found + Sync + 'l;

impl Redactor {
    /// What to replace, in order, without overlaps, never touching a mark.
    pub(super) fn find(&self, text: &str) -> Vec<Span> {
        if self.passes(text) || self.clean.knows(text) {
            return Vec::new();
        }
        let found = self.find_anew(text);
        if found.is_empty() {
            self.clean.add(text);
        }
        found
    }

    /// The same for a text that is not worth remembering.
    pub(super) fn find_anew(&self, text: &str) -> Vec<Span> {
        self.find_and(text, one_by_one, |mut found| {
            repeat(text, &mut found);
            settle(found, &marks(text))
        })
    }

    /// What `settled` makes of all that the rules find; `spread` has the stretches of a long text looked at, in any order
    /// or at a time.
    pub(super) fn find_and(
        &self,
        text: &str,
        spread: impl FnOnce(Vec<Range<usize>>, &Look<'_>) -> Vec<Found>,
        settled: impl FnOnce(Vec<Span>) -> Vec<Span>,
    ) -> Vec<Span> {
        if self.passes(text) {
            return Vec::new();
        }
        // What the rules fail on is not shown.
        let found = catch_unwind(AssertUnwindSafe(|| {
            let found = self.find_unguarded(text, spread);
            if found.is_empty() { found } else { settled(found) }
        }));
        found.unwrap_or_else(|_| vec![Span::unread(text)])
    }

    /// Whether nothing is looked for at all.
    fn passes(&self, text: &str) -> bool {
        self.is_off() || text.len() < 4
    }

    fn find_unguarded(&self, text: &str, spread: impl FnOnce(Vec<Range<usize>>, &Look<'_>) -> Vec<Found>) -> Vec<Span> {
        #[cfg(test)]
        assert!(!text.contains(super::tests::FATAL), "made to fail");
        let mut found = Vec::new();
        if text.len() <= STRETCH {
            self.look_through_layers(text, MOST_ENVELOPES, &mut found);
        } else {
            let look = |stretch| Found(self.look_through_stretch(text, stretch));
            found.extend(spread(stretches(text), &look).into_iter().flat_map(|found| found.0));
        }
        if found.is_empty() && is_line_of_key(text.trim()) {
            found.push(Span { range: 0..text.len(), kind: "key_material".to_owned(), weak: false, named: false });
        }
        found.retain(|span| {
            !self.allows(text.get(span.range.clone()).unwrap_or_default()) && !is_in_fingerprint(text, &span.range)
        });
        found
    }

    /// Whether anything is found at all.
    pub(super) fn detects(&self, text: &str) -> bool {
        !self.find(text).is_empty()
    }

    /// The kind of a value that a rule knows as a whole.
    pub(super) fn kind_of(&self, value: &str) -> Option<String> {
        self.find(value).into_iter().find(|span| span.range == (0..value.len())).map(|span| span.kind)
    }

    /// What starts in a stretch of a long text.
    fn look_through_stretch(&self, text: &str, stretch: Range<usize>) -> Vec<Span> {
        let from = floor(text, stretch.start.saturating_sub(OVERLAP));
        let mut here = Vec::new();
        let seen = text.get(from..floor(text, stretch.end + OVERLAP)).unwrap_or_default();
        self.look_through_layers(seen, MOST_ENVELOPES, &mut here);
        let moved = |span: Span| Span { range: span.range.start + from..span.range.end + from, ..span };
        here.into_iter().map(moved).filter(|span| stretch.contains(&span.range.start)).collect()
    }

    /// Looks at a text as it stands and with its layers of escapes taken off one by one.
    fn look_through_layers(&self, text: &str, envelopes: usize, found: &mut Vec<Span>) {
        self.look_unless_coloured(text, envelopes, found);
        let mut views: Vec<View> = Vec::new();
        for _ in 0..MOST_LAYERS {
            let shown = views.last().map_or(text, |view| view.text.as_str());
            let Some(view) = View::decode(shown) else { break };
            let mut here = Vec::new();
            self.look_unless_coloured(&view.text, envelopes, &mut here);
            views.push(view);
            found.extend(here.into_iter().map(|span| {
                let range = views.iter().rev().fold(span.range, |range, view| view.origin(&range));
                Span { range, ..span }
            }));
        }
    }

    /// Looks at one layer, unless the next one is free of terminal colours: they cut words in two.
    fn look_unless_coloured(&self, text: &str, envelopes: usize, found: &mut Vec<Span>) {
        if is_coloured(text) && View::decode(text).is_some() {
            return;
        }
        let mut here = Vec::new();
        self.look(text, envelopes, &mut here);
        if !here.is_empty() {
            let marks = marks(text);
            found.extend(here.into_iter().flat_map(|span| without_marks(&span, &marks)));
        }
    }

    /// Looks at one layer.
    fn look(&self, text: &str, envelopes: usize, found: &mut Vec<Span>) {
        if self.look_at_keywords(text, found).is_none() {
            // A text made to keep the rules busy is not looked at any further, so none of it is shown.
            found.push(Span::unread(text));
            return;
        }
        for (kind, regex) in &self.add {
            for captures in regex.captures_iter(text).take(10_000) {
                if let Some(value) = captures.name("s").or_else(|| captures.get(1)).or_else(|| captures.get(0)) {
                    found.push(Span { range: value.range(), kind: kind.clone(), weak: false, named: false });
                }
            }
        }
        self.look_for_people(text, found);
        if envelopes > 0 {
            self.look_into_base64(text, envelopes - 1, found);
        }
    }

    /// Looks at the places of all keywords; `None` where that cannot be done, or too much was tried in vain.
    fn look_at_keywords(&self, text: &str, found: &mut Vec<Span>) -> Option<()> {
        let mut push = |range: Range<usize>, kind: &str, named: bool| {
            found.push(Span { range, kind: kind.to_owned(), weak: false, named });
        };
        let catalog = Catalog::shipped().ok()?;
        let (mut name_end, mut cookie_end, mut rows_end) = (0, 0, 0);
        // Of each rule: how often it was tried in vain, and where its last find ends.
        let mut tried: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        let most_vain = MOST_VAIN + text.len() / 16;
        let mut looked = 0;
        for (hit, target) in catalog.hits(text) {
            match target {
                Target::Rule(number) => {
                    let Some(rule) = catalog.rules.get(number).filter(|rule| rule.may_match(text, &hit)) else {
                        continue;
                    };
                    let (vain, end) = tried.entry(number).or_default();
                    if hit.end <= *end {
                        continue;
                    }
                    if let Some(range) = rule.find(text, &hit) {
                        *end = range.end;
                        push(range, &rule.kind, false);
                    } else {
                        *vain += 1 + rule.back / FAR_BACK;
                        (*vain <= most_vain).then_some(())?;
                    }
                }
                Target::Cookie if hit.end <= cookie_end => {}
                Target::Cookie => {
                    let (values, end) = cookies(text, &hit);
                    cookie_end = end;
                    for range in values {
                        push(range, "cookie", false);
                    }
                }
                Target::Values if hit.end <= rows_end => {}
                Target::Values => {
                    let Some((values, end)) = statement::written(text, &hit) else { continue };
                    rows_end = end;
                    for Assigned { value, kind } in values {
                        push(value, kind, true);
                    }
                }
                Target::Identity if !self.is_strict() => {}
                Target::Name | Target::Identity if hit.end <= name_end => {}
                Target::Name | Target::Identity => {
                    name_end = assign::name_end(text, &hit);
                    let assigned = assign::assigned(text, &hit, self.is_strict(), &mut looked);
                    (looked <= MOST_LOOKED + 16 * text.len()).then_some(())?;
                    if let Some(assigned) = assigned {
                        // Names inside of a value are part of it.
                        name_end = name_end.max(assigned.value.end);
                        push(assigned.value, assigned.kind, true);
                    }
                }
            }
        }
        Some(())
    }

    fn look_for_people(&self, text: &str, found: &mut Vec<Span>) {
        let mut ranges = Vec::new();
        personal::emails(text, self.is_strict(), &mut ranges);
        found.extend(ranges.drain(..).map(|range| Span { range, kind: "email".to_owned(), weak: true, named: false }));
        let mut numbers = Vec::new();
        personal::numbers(text, &mut numbers);
        found.extend(numbers.into_iter().map(|(range, number)| Span {
            range,
            kind: number.kind().to_owned(),
            weak: true,
            named: false,
        }));
        if self.is_strict() {
            personal::addresses(text, &mut ranges);
            found.extend(ranges.into_iter().map(|range| Span {
                range,
                kind: "ip".to_owned(),
                weak: true,
                named: false,
            }));
        }
    }

    /// Base64 of a text that holds a secret is replaced as a whole.
    fn look_into_base64(&self, text: &str, envelopes: usize, found: &mut Vec<Span>) {
        for run in base64_runs(text) {
            let Some(inner) = text.get(run.clone()).and_then(decoded) else { continue };
            let mut here = Vec::new();
            self.look_through_layers(&inner, envelopes, &mut here);
            if let Some(span) = settle(here, &marks(&inner)).into_iter().next() {
                found.push(Span { range: run, ..span });
            }
        }
    }
}

/// Looks at stretches one after the other.
pub(super) fn one_by_one(stretches: Vec<Range<usize>>, look: &Look<'_>) -> Vec<Found> {
    stretches.into_iter().map(look).collect()
}

/// Whether a text is one line of the widths in which keys are written, and nothing but bytes of a key: where a key is
/// logged line by line, nothing else tells of it.
fn is_line_of_key(line: &str) -> bool {
    const WIDTHS: [usize; 3] = [64, 70, 76];
    WIDTHS.contains(&line.len())
        && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        && is_of_key(line)
        && entropy(line) >= 4.5
}

/// Whether a text may be the last line of a key, which is short: bytes in base64 and nothing else.
pub(super) fn is_end_of_key(line: &str) -> bool {
    line.len() < 64
        && line.len().is_multiple_of(4)
        && line.trim_end_matches('=').bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        && is_of_key(line)
        && entropy(line) >= 4.0
        && decoded(line).is_none()
}

/// Whether a run of base64 is long and has all kinds of its letters.
pub(super) fn is_of_key(run: &str) -> bool {
    let any = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    run.len() >= 24 && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) && any(u8::is_ascii_digit)
}

/// A long text in parts that are looked at one by one.
fn stretches(text: &str) -> Vec<Range<usize>> {
    let mut stretches = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = floor(text, start + STRETCH);
        stretches.push(start..end);
        start = end.max(start + 1);
    }
    stretches
}

/// Whether a range lies in the fingerprint of a pattern, whose digits may look like those of a key.
fn is_in_fingerprint(text: &str, range: &Range<usize>) -> bool {
    const PREFIX: &str = "lg1:";
    const LENGTH: usize = PREFIX.len() + 32;
    let from = floor(text, range.end.saturating_sub(LENGTH));
    let start = text.get(from..range.end).and_then(|before| before.rfind(PREFIX)).map(|at| from + at);
    start.is_some_and(|start| {
        let whole = text.get(start..start + LENGTH);
        start <= range.start && whole.is_some_and(|whole| Fingerprint::parse(whole).is_some())
    })
}

/// Whether terminal colours begin somewhere, escaped or not.
fn is_coloured(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'[', bytes).any(|at| {
        let before = bytes.get(..at).unwrap_or_default();
        ["\u{1b}", "u001b", "u001B", "x1b", "x1B", "033"].iter().any(|escape| before.ends_with(escape.as_bytes()))
    })
}

/// Runs that may be base64 of a text: long, and of letters in both cases.
pub(super) fn base64_runs(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut start = 0;
    while let Some(rest) = bytes.get(start..) {
        // Asked from its end, the shortest run is refuted by a few bytes, and all before them need no look.
        let Some(shortest) = rest.get(..SHORTEST_BASE64) else { break };
        if let Some(other) = shortest.iter().rposition(|byte| !is_base64(*byte)) {
            start += other + 1;
            continue;
        }
        let length = rest.iter().position(|byte| !is_base64(*byte)).unwrap_or(rest.len());
        let (shown, behind) = rest.split_at_checked(length).unwrap_or_default();
        if shown.iter().any(u8::is_ascii_uppercase) && shown.iter().any(u8::is_ascii_lowercase) {
            let padding = behind.iter().take(2).take_while(|byte| **byte == b'=').count();
            runs.push(start..start + length + padding);
        }
        start += length + 1;
    }
    runs
}

/// By a table: every byte of every kept text is asked.
fn is_base64(byte: u8) -> bool {
    static TABLE: [bool; 256] = base64_bytes();
    TABLE.get(usize::from(byte)).copied().unwrap_or_default()
}

#[expect(clippy::indexing_slicing, reason = "runs at compile time, where an index out of bounds is a build error")]
const fn base64_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 0x80 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
}
