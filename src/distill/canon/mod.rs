//! A message in, its canonical text out: what varies from entry to entry is levelled in one pass over bytes.
//!
//! Every maximal run of `[A-Za-z0-9_-]` that holds a digit becomes a fixed text of its class (`0`, `0x0`, a nil UUID,
//! ...), blanks become one blank, colour codes and pictograms go. The pattern of a message is by definition
//! a function of its canonical text, so a cache over canonical texts never shows in a result. The canonical text is
//! its own canonical text.
#![expect(
    clippy::indexing_slicing,
    reason = "one loop over bytes: every index is compared with the length in the loop that moves it"
)]

use regex::Regex;

use super::symbol;

mod class;
mod stencil;
mod value;

use class::{Class, blank_end, class, plain_end};
pub(super) use stencil::Stencil;
use value::{Shape, is_word_byte};

/// How much of a message takes part; longer ones that agree so far are one pattern.
pub const MESSAGE_LIMIT: usize = 8 * 1024;
/// What stands in the canonical text where the user's first mask matched; one code point a mask.
pub(super) const FIRST_MARK: u32 = 0xF_0000;
/// Passes over one message at most.
const MOST_PASSES: usize = 16;
/// How many masks a user may add.
pub(super) const MOST_MARKS: u32 = 0x100;

/// A part of the message that reads differently in the canonical text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First byte in the message.
    pub start: u32,
    /// First byte behind it in the message.
    pub end: u32,
    /// First byte in the canonical text.
    pub canon_start: u32,
    /// First byte behind it in the canonical text; the start itself where the part was dropped.
    pub canon_end: u32,
}

/// The canonical text of a message and how to find the way back; its buffers are reused from message to message.
#[derive(Clone, Debug, Default)]
pub struct Canon {
    text: String,
    runs: Vec<Run>,
    /// The user's masks, in order.
    masks: Vec<Regex>,
    /// Where they match in the message at hand: start, end, number of the mask.
    marked: Vec<(usize, usize, u32)>,
    /// A value of a message that may have a text met before.
    value: String,
}

impl Canon {
    /// Empty buffers, no masks of the user's.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty buffers; what `masks` match in a message stays together and is marked.
    pub(super) fn with_masks(masks: Vec<Regex>) -> Self {
        Self { masks, ..Self::default() }
    }

    /// The canonical text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parts that were rewritten, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    fn keep(&mut self, message: &str, from: usize, to: usize) {
        if from < to {
            self.text.push_str(message.get(from..to).unwrap_or_default());
        }
    }

    fn rewrite(&mut self, (start, end): (usize, usize), text: &str) {
        let canon_start = self.text.len();
        self.text.push_str(text);
        self.note((start, end), canon_start);
    }

    fn note(&mut self, (start, end): (usize, usize), canon_start: usize) {
        self.runs.push(Run {
            start: narrow(start),
            end: narrow(end),
            canon_start: narrow(canon_start),
            canon_end: narrow(self.text.len()),
        });
    }

    fn find_marks(&mut self, message: &str) {
        self.marked.clear();
        for (number, mask) in (0..).zip(&self.masks) {
            for found in mask.find_iter(message).filter(|found| !found.is_empty()) {
                if self.marked.iter().all(|&(start, end, _)| found.end() <= start || end <= found.start()) {
                    self.marked.push((found.start(), found.end(), number));
                }
            }
        }
        self.marked.sort_unstable();
        self.marked.reverse();
    }
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Writes the canonical text of `message` and the way back into `canon`.
pub fn canonicalize(message: &str, canon: &mut Canon) {
    canon.text.clear();
    canon.runs.clear();
    let message = cut(message);
    if !canon.masks.is_empty() {
        canon.find_marks(message);
    }
    let mut settled = pass(message, canon);
    // What goes may leave neighbours that read as one more decoration: until nothing does, so that the canonical
    // text is its own. Texts that take many turns are made for it.
    for _ in 0..MOST_PASSES {
        if settled || !canon.masks.is_empty() {
            break;
        }
        let text = std::mem::take(&mut canon.text);
        let runs = std::mem::take(&mut canon.runs);
        settled = pass(&text, canon);
        canon.runs = composed(&runs, &canon.runs);
    }
}

/// At most [`MESSAGE_LIMIT`] bytes, not within a character and without blanks at the end.
fn cut(message: &str) -> &str {
    let end = (0..=MESSAGE_LIMIT.min(message.len())).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
    message.get(..end).unwrap_or_default().trim_end()
}

/// One pass over `message`; whether another would change nothing.
fn pass(message: &str, canon: &mut Canon) -> bool {
    let plain = message.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric);
    let start = if plain { 0 } else { symbol::decoration(message) };
    if start > 0 {
        canon.rewrite((0, start), "");
    }
    let settled = walk(message, start, canon);
    drop_last_blanks(canon);
    settled
}

fn walk(message: &str, start: usize, canon: &mut Canon) -> bool {
    let bytes = message.as_bytes();
    let (mut at, mut copied, mut settled) = (start, start, true);
    let mut next_mark = canon.marked.pop();
    while at < bytes.len() {
        while next_mark.is_some_and(|(from, ..)| from < at) {
            next_mark = canon.marked.pop();
        }
        let bound = next_mark.map_or(bytes.len(), |(from, ..)| from);
        at = plain_end(bytes, at, bound);
        if let Some((from, to, number)) = next_mark
            && from == at
        {
            canon.keep(message, copied, at);
            let mark = char::from_u32(FIRST_MARK + number).unwrap_or('?');
            canon.rewrite((from, to), mark.encode_utf8(&mut [0; 4]));
            (at, copied) = (to, to);
            continue;
        }
        let Some(byte) = bytes.get(at) else { break };
        match class(*byte) {
            Class::Copied => {}
            Class::Digit => {
                let (from, to, stop, shape) = run_around(bytes, at, (copied, bound));
                canon.keep(message, copied, from);
                let canon_start = canon.text.len();
                value::write(&bytes[from..to], shape, &mut canon.text);
                canon.note((from, to), canon_start);
                (at, copied) = (stop, to);
            }
            Class::Blank => {
                let stop = blank_end(bytes, at);
                if stop > at + 1 || *byte != b' ' {
                    canon.keep(message, copied, at);
                    canon.rewrite((at, stop), " ");
                    copied = stop;
                }
                at = stop;
            }
            Class::Special => {
                let rest = message.get(at..).unwrap_or_default();
                let length = symbol::droppable(rest);
                if length == 0 {
                    settled &= !rest.starts_with("[U+");
                    at += rest.chars().next().map_or(1, char::len_utf8);
                    continue;
                }
                canon.keep(message, copied, at);
                let stop;
                (stop, settled) = drop_part(message, (at, at + length), settled, canon);
                (at, copied) = (stop, stop);
            }
        }
    }
    canon.keep(message, copied, bytes.len());
    settled
}

/// Drops a part of the message: where it ends, with the blanks behind it that would stand twice, and whether its
/// neighbours cannot read as a decoration now.
fn drop_part(message: &str, (start, end): (usize, usize), settled: bool, canon: &mut Canon) -> (usize, bool) {
    let twice = canon.text.is_empty() || canon.text.ends_with(' ');
    let stop = if twice { blank_end(message.as_bytes(), end) } else { end };
    let rest = message.get(stop..).unwrap_or_default();
    let joins = canon.text.ends_with(is_word) && rest.starts_with(is_word);
    let harmless = |before: char| before.is_ascii() && !matches!(before, '[' | ']' | 'U' | '+' | '?');
    let settled = settled && canon.text.ends_with(harmless) && !rest.starts_with(']');
    canon.rewrite((start, stop), if joins { " " } else { "" });
    (stop, settled)
}

/// Blanks before something dropped at the end go as well.
fn drop_last_blanks(canon: &mut Canon) {
    let length = canon.text.trim_end().len();
    if length == canon.text.len() {
        return;
    }
    let whole = narrow(canon.text.len());
    canon.text.truncate(length);
    let end = narrow(length);
    let first = canon.runs.partition_point(|run| run.canon_end <= end);
    // Text that no run covers moves by as much as the last run before it.
    let shift = |runs: &[Run], at: u32| runs.last().map_or(at, |run| run.end + (at - run.canon_end));
    let before = canon.runs.get(..first).unwrap_or_default();
    let start = canon.runs.get(first).filter(|run| run.canon_start < end).map_or(shift(before, end), |run| run.start);
    let behind = shift(&canon.runs, whole);
    canon.runs.truncate(first);
    canon.runs.push(Run { start, end: behind, canon_start: end, canon_end: end });
}

/// Runs of two passes, the second over the text of the first, as those of one.
fn composed(first: &[Run], second: &[Run]) -> Vec<Run> {
    let mut composed = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    // How far places of the text between the passes are from those of the message and of the canonical text.
    let (mut back, mut forth) = (0i64, 0i64);
    let moved = |at: u32, by: i64| u32::try_from(i64::from(at) + by).unwrap_or_default();
    loop {
        let starts = [first.peek().map(|run| run.canon_start), second.peek().map(|run| run.start)];
        let Some(low) = starts.into_iter().flatten().min() else { return composed };
        let (start, canon_start) = (moved(low, back), moved(low, forth));
        let mut high = low;
        loop {
            if let Some(run) = first.next_if(|run| run.canon_start < high || run.canon_start == low) {
                high = high.max(run.canon_end);
                back += i64::from(run.end - run.start) - i64::from(run.canon_end - run.canon_start);
            } else if let Some(run) = second.next_if(|run| run.start < high || run.start == low) {
                high = high.max(run.end);
                forth += i64::from(run.canon_end - run.canon_start) - i64::from(run.end - run.start);
            } else {
                break;
            }
        }
        composed.push(Run { start, end: moved(high, back), canon_start, canon_end: moved(high, forth) });
    }
}

fn is_word(char: char) -> bool {
    u8::try_from(char).is_ok_and(is_word_byte)
}

/// The run around the digit at `at` within `bounds`: its value without punctuation at both ends, where it stops, and its
/// shape.
fn run_around(bytes: &[u8], at: usize, bounds: (usize, usize)) -> (usize, usize, usize, Shape) {
    let mut shape = Shape::default();
    let before = bytes[bounds.0..at].iter().rev().take_while(|byte| shape.add(**byte)).count();
    let behind = bytes[at..bounds.1].iter().take_while(|byte| shape.add(**byte)).count();
    let (from, to) = value::trimmed(bytes, (at - before, at + behind), &mut shape);
    (from, to, at + behind, shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(message: &str) -> String {
        let mut canon = Canon::new();
        canonicalize(message, &mut canon);
        canon.text().to_owned()
    }

    #[test]
    fn runs_become_their_class() {
        for (message, expected) in [
            ("took 160 ms, 160ms, 1h30m5s, 1m30.5s", "took 0 ms, 0s, 0s, 0s.0s"),
            ("id 6ba7b810-9dad-11d1-80b4-00c04fd430c8 x", "id 00000000-0000-0000-0000-000000000000 x"),
            ("0x1fFe 5f3c9a1b2d 12345678 1e-9 -7 a-7", "0x0 0000000a 0 0e0 0 Id0"),
            ("2024-01-31T10:20:30.5Z 20240131T102030Z 2024-01-31", "2000-01-01T00:0:0.0Z 20000101T000000Z 2000-01-01"),
            ("req_17_ab3 main_0a1b2c3d", "Id0 Id0"),
            ("  two\t blanks \n end ", "two blanks end"),
            ("\u{1b}[31mred\u{1b}[0m text", "red text"),
            ("größe 5 日本語5", "größe 0 日本語0"),
            ("--5-- x", "--0-- x"),
            ("IPv6 and UTF-8", "IPv6 and UTF-8"),
            ("", ""),
        ] {
            assert_eq!(canonical(message), expected, "{message}");
        }
    }

    #[test]
    fn what_goes_leaves_nothing_that_would_go() {
        for (message, expected) in [
            ("?🀀\u{b}¡", "¡"),
            ("0\u{a0}\u{e}", "0"),
            ("[\u{200b}U+ABCD] x", "x"),
            ("[?🔑] x", "x"),
            ("[U+abcd12] x", "x"),
        ] {
            assert_eq!(canonical(message), expected, "{message:?}");
            assert_eq!(canonical(expected), expected, "{message:?}");
        }
    }

    #[test]
    fn decoration_in_front_is_one_pattern() {
        for message in [
            "X failed",
            "[🔑] X failed",
            "[ðŸ”‘] X failed",
            "[U+1F511] X failed",
            "? X failed",
            "[?] X failed",
            "🔑 X failed",
            "⚠️ X failed",
            "âš\u{a0}ï¸\u{8f} X failed",
            "  X failed",
            "\u{feff}X failed",
            "\u{fffd}\u{fffd} X failed",
            "X 🚨 failed",
        ] {
            assert_eq!(canonical(message), "X failed", "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_canonical_text_that_is_its_own(message in prop_oneof![
            "\\PC{0,60}",
            ".{0,60}",
            "[ ?\\[\\]U+A-F0-9\u{1b}m;ð\u{9f}\u{94}\u{91}🔑\u{200b}\u{a0}\u{b}\u{e}\u{fffd}¡xé-]{0,30}",
        ]) {
            let once = canonical(&message);
            prop_assert_eq!(canonical(&once), once);
        }

        #[test]
        fn runs_tell_the_way_back(message in prop_oneof![
            "[ a-z0-9_\\-\u{1b}🔑ðß\\[\\]]{0,60}",
            "[ ?\\[\\]U+A-F0-9\u{1b}m;ð\u{9f}\u{94}\u{91}🔑\u{200b}\u{a0}\u{b}\u{e}\u{fffd}¡xé-]{0,40}",
        ]) {
            let mut canon = Canon::new();
            canonicalize(&message, &mut canon);
            let part = |text: &str, from: u32, to: u32| text.get(from as usize..to as usize).unwrap().to_owned();
            let (mut at, mut canon_at) = (0, 0);
            let mut rebuilt = String::new();
            for run in canon.runs() {
                let kept = part(canon.text(), canon_at, run.canon_start);
                prop_assert_eq!(&kept, &part(&message, at, run.start));
                rebuilt.push_str(&kept);
                rebuilt.push_str(&part(&message, run.start, run.end));
                (at, canon_at) = (run.end, run.canon_end);
            }
            rebuilt.push_str(&part(canon.text(), canon_at, narrow(canon.text().len())));
            prop_assert_eq!(rebuilt.trim_end(), message.trim_end());
        }
    }
}
