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

/// How much of a message takes part; longer ones that agree so far are one pattern.
pub const MESSAGE_LIMIT: usize = 8 * 1024;
/// What stands in the canonical text where the user's first mask matched; one code point a mask.
pub(super) const FIRST_MARK: u32 = 0xF_0000;
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
    let start = symbol::decoration(message);
    if start > 0 {
        canon.rewrite((0, start), "");
    }
    walk(message, start, canon);
}

/// At most [`MESSAGE_LIMIT`] bytes, not within a character and without blanks at the end.
fn cut(message: &str) -> &str {
    let end = (0..=MESSAGE_LIMIT.min(message.len())).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
    message.get(..end).unwrap_or_default().trim_end()
}

fn walk(message: &str, start: usize, canon: &mut Canon) {
    let bytes = message.as_bytes();
    let (mut at, mut copied) = (start, start);
    let mut next_mark = canon.marked.pop();
    while at < bytes.len() {
        while next_mark.is_some_and(|(from, ..)| from < at) {
            next_mark = canon.marked.pop();
        }
        let bound = next_mark.map_or(bytes.len(), |(from, ..)| from);
        if let Some((from, to, number)) = next_mark
            && from == at
        {
            canon.keep(message, copied, at);
            let mark = char::from_u32(FIRST_MARK + number).unwrap_or('?');
            canon.rewrite((from, to), mark.encode_utf8(&mut [0; 4]));
            (at, copied) = (to, to);
            continue;
        }
        match CLASS[usize::from(bytes[at])] {
            Class::Word | Class::Digit => {
                let (stop, digit) = word_end(bytes, at, bound);
                if digit {
                    let (from, to) = trimmed(bytes, at, stop);
                    canon.keep(message, copied, from);
                    let canon_start = canon.text.len();
                    write_run(&bytes[from..to], &mut canon.text);
                    canon.note((from, to), canon_start);
                    copied = to;
                }
                at = stop;
            }
            Class::Plain => at += 1,
            Class::Blank => {
                let stop = blank_end(bytes, at);
                if stop > at + 1 || bytes[at] != b' ' {
                    canon.keep(message, copied, at);
                    canon.rewrite((at, stop), " ");
                    copied = stop;
                }
                at = stop;
            }
            Class::Special => {
                let length = symbol::droppable(message.get(at..).unwrap_or_default());
                if length == 0 {
                    at += message.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                    continue;
                }
                canon.keep(message, copied, at);
                let mut stop = at + length;
                if canon.text.is_empty() || canon.text.ends_with(' ') {
                    stop = blank_end(bytes, stop);
                }
                let joins =
                    canon.text.ends_with(is_word) && message.get(stop..).is_some_and(|rest| rest.starts_with(is_word));
                canon.rewrite((at, stop), if joins { " " } else { "" });
                (at, copied) = (stop, stop);
            }
        }
    }
    canon.keep(message, copied, bytes.len());
    drop_last_blank(canon);
}

/// A blank before something dropped at the end goes as well.
fn drop_last_blank(canon: &mut Canon) {
    if !canon.text.ends_with(' ') {
        return;
    }
    canon.text.pop();
    let end = narrow(canon.text.len());
    let first = canon.runs.partition_point(|run| run.canon_end <= end);
    let Some(last) = canon.runs.last().map(|run| run.end) else { return };
    canon.runs.truncate(first + 1);
    if let Some(run) = canon.runs.get_mut(first) {
        run.start -= u32::from(run.canon_start > end);
        *run = Run { start: run.start, end: last, canon_start: end, canon_end: end };
    }
}

fn is_word(char: char) -> bool {
    char.is_ascii()
        && u8::try_from(char).is_ok_and(|byte| matches!(CLASS[usize::from(byte)], Class::Word | Class::Digit))
}

/// How the pass treats a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Copied.
    Plain,
    /// May stand in a run.
    Word,
    /// Makes a run variable.
    Digit,
    /// White space.
    Blank,
    /// May begin something that is dropped: escape sequences, pictograms, other control characters.
    Special,
}

static CLASS: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Plain; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = match byte {
            b'0'..=b'9' => Class::Digit,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' => Class::Word,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => Class::Blank,
            0..=0x1f | 0x7f..=0xff | b'[' => Class::Special,
            _ => Class::Plain,
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

fn word_end(bytes: &[u8], start: usize, bound: usize) -> (usize, bool) {
    let (mut at, mut digit) = (start, false);
    while at < bound {
        match CLASS[usize::from(bytes[at])] {
            Class::Digit => digit = true,
            Class::Word => {}
            _ => break,
        }
        at += 1;
    }
    (at, digit)
}

fn blank_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < bytes.len() && CLASS[usize::from(bytes[at])] == Class::Blank {
        at += 1;
    }
    at
}

/// Dashes and underscores at both ends are punctuation, except the sign of a number.
fn trimmed(bytes: &[u8], from: usize, to: usize) -> (usize, usize) {
    let (mut start, mut end) = (from, to);
    while matches!(bytes[start], b'-' | b'_') {
        start += 1;
    }
    while matches!(bytes[end - 1], b'-' | b'_') {
        end -= 1;
    }
    let signed = start == from + 1 && bytes[from] == b'-' && bytes[start..end].iter().all(u8::is_ascii_digit);
    (if signed { from } else { start }, end)
}

/// What a look at each byte of a run tells.
#[derive(Default)]
struct Shape {
    digits: usize,
    /// `a` to `f` in either case.
    hex_letters: usize,
    other_letters: usize,
    marks: usize,
}

fn shape(run: &[u8]) -> Shape {
    let mut shape = Shape::default();
    for byte in run {
        match byte {
            b'0'..=b'9' => shape.digits += 1,
            b'a'..=b'f' | b'A'..=b'F' => shape.hex_letters += 1,
            b'-' | b'_' => shape.marks += 1,
            _ => shape.other_letters += 1,
        }
    }
    shape
}

/// Appends the canonical text of a run.
fn write_run(run: &[u8], text: &mut String) {
    let shape = shape(run);
    if shape.digits + usize::from(run[0] == b'-') == run.len() {
        text.push('0');
        return;
    }
    let class = if shape.other_letters == 0 { hexadecimal(run, &shape) } else { lettered(run, &shape) };
    match (class, stem(run)) {
        (Some(class), _) => text.push_str(class),
        _ if is_spelled(run) => text.extend(run.iter().map(|byte| char::from(*byte))),
        (None, Some(stem)) => {
            text.extend(run[..stem].iter().map(|byte| char::from(*byte)));
            text.push('0');
        }
        (None, None) => text.push_str("Id0"),
    }
}

/// Runs of digits, dashes, underscores and the letters `a` to `f`.
fn hexadecimal(run: &[u8], shape: &Shape) -> Option<&'static str> {
    if shape.marks == 0 {
        return match run.len() {
            _ if is_exponent(run) => Some("0e0"),
            8.. => Some("0000000a"),
            ..=4 if !is_spelled(run) && stem(run).is_none() => Some("0a"),
            _ => None,
        };
    }
    if is_uuid(run, shape) {
        return Some("00000000-0000-0000-0000-000000000000");
    }
    if shape.hex_letters == 0 {
        return Some(date(run).unwrap_or("0-0"));
    }
    is_exponent(run).then_some("0e0")
}

/// Runs with other letters.
fn lettered(run: &[u8], shape: &Shape) -> Option<&'static str> {
    if shape.marks == 0 {
        return if shape.other_letters == 1 && is_prefixed_hex(run) { Some("0x0") } else { unit(run) };
    }
    if shape.marks == 2 { date(run) } else { None }
}

/// Whether the run is a word that merely is spelled with a digit; it stays as it is.
fn is_spelled(run: &[u8]) -> bool {
    run.len() <= super::words::LONGEST_SPELLED && super::words::is_spelled_with_digit(run)
}

/// How long the short name in front of a number of one or two digits is, as in `eth0`; the name stays.
fn stem(run: &[u8]) -> Option<usize> {
    let digits = run.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let stem = run.len() - digits;
    let plain = run[..stem].iter().all(u8::is_ascii_lowercase);
    (plain && (1..=2).contains(&digits) && (2..=6).contains(&stem)).then_some(stem)
}

fn is_uuid(run: &[u8], shape: &Shape) -> bool {
    run.len() == 36 && shape.marks == 4 && [8, 13, 18, 23].iter().all(|at| run[*at] == b'-')
}

fn is_prefixed_hex(run: &[u8]) -> bool {
    run.len() > 2 && run[0] == b'0' && matches!(run[1], b'x' | b'X')
}

/// `1e9`, `1E-9`, and `1e` where a plus sign cut the rest off is no such number.
fn is_exponent(run: &[u8]) -> bool {
    let Some(at) = run.iter().position(|byte| matches!(byte, b'e' | b'E')) else { return false };
    let power = run[at + 1..].strip_prefix(b"-").unwrap_or(&run[at + 1..]);
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    digits(&run[..at]) && digits(power) && power.len() <= 3
}

/// Dates and the date part of date-times.
fn date(run: &[u8]) -> Option<&'static str> {
    const FORMS: [(&str, &str); 8] = [
        ("9999-99-99", "2000-01-01"),
        ("9999-99-99T99", "2000-01-01T00"),
        ("9999-99-99_99", "2000-01-01T00"),
        ("99-99-9999", "2000-01-01"),
        ("9999-99-99T999999Z", "20000101T000000Z"),
        ("9999-99-99T999999", "20000101T000000Z"),
        ("9999-99-99-99", "2000-01-01T00"),
        ("9999-99-99_99-99-99", "20000101T000000Z"),
    ];
    FORMS.iter().find(|(form, _)| fits(run, form)).map(|(_, canonical)| *canonical)
}

fn fits(run: &[u8], form: &str) -> bool {
    run.len() == form.len()
        && run.iter().zip(form.as_bytes()).all(|(byte, form)| match form {
            b'9' => byte.is_ascii_digit(),
            form => byte == form,
        })
}

/// Digits with a unit (`15ms`, `1h30m`, `4KB`), and basic date-times.
fn unit(run: &[u8]) -> Option<&'static str> {
    if fits(run, "99999999T999999Z") || fits(run, "99999999T999999") || fits(run, "99999999T99999999Z") {
        return Some("20000101T000000Z");
    }
    if !run[0].is_ascii_digit() {
        return None;
    }
    let (mut rest, mut kind) = (run, None);
    while !rest.is_empty() {
        let letters = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let end = rest[letters..].iter().position(u8::is_ascii_digit).map_or(rest.len(), |at| letters + at);
        let found = super::words::unit_kind(&rest[letters..end])?;
        if letters == 0 || kind.is_some_and(|kind| kind != found) {
            return None;
        }
        kind = Some(found);
        rest = &rest[end..];
        if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit) && found == "0s" {
            return Some("0s");
        }
    }
    kind
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
        // Printable text; question marks aside: one that stands before dropped decoration reads as a lost character
        // only afterwards, and a control character may hide a blank at the end.
        #[test]
        fn any_text_has_a_canonical_text_that_is_its_own(message in "[ !-/0-9:;<=>@A-Za-z\\[-`{-~äß日🔑]{0,80}") {
            let once = canonical(&message);
            prop_assert_eq!(canonical(&once), once);
        }

        #[test]
        fn runs_tell_the_way_back(message in "[ a-z0-9_\\-\u{1b}🔑ðß\\[\\]]{0,60}") {
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
