//! A value in, the mark that stands for it out; and where marks stand in a text.
//!
//! A mark is `<kind:16 hex>`: a 64-bit tag of the value under a fixed key, so that equal values stay equal across the
//! shards of an archive. Finished results carry [`shorten_tags`]'s form, 4 digits under a key of the whole run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

use hashbrown::HashMap;

/// Digits of a tag in what is kept.
const LONG: usize = 16;
/// Digits of a tag in finished results.
const SHORT: usize = 4;
/// The longest kind that a mark may name.
const LONGEST_KIND: usize = 32;

/// Keys the tags of kept values, so that tables made for other programs do not fit.
static TAG_KEY: LazyLock<[u8; 32]> =
    LazyLock::new(|| blake3::derive_key("log-gardener 2026-01 redaction tag of a kept value", b""));

/// The mark that stands for `value`.
pub(super) fn mark(kind: &str, value: &str) -> String {
    let hash = blake3::keyed_hash(&TAG_KEY, value.as_bytes());
    let mut mark = format!("<{kind}:");
    for byte in hash.as_bytes().iter().take(LONG / 2) {
        let _ = write!(mark, "{byte:02x}");
    }
    mark.push('>');
    mark
}

/// Where marks of either form stand in `text`, in order.
pub(super) fn marks(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes)
        .filter_map(|start| {
            let tag = tag_behind(bytes, start)?;
            Some(start..tag.end + 1)
        })
        .collect()
}

/// The hexadecimal digits of the mark that starts at `start`, if one does.
fn tag_behind(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let kind = bytes.get(start + 1..)?.iter().take(LONGEST_KIND + 1).take_while(|byte| is_kind_byte(**byte)).count();
    let first = start + 1 + kind;
    if kind == 0 || bytes.get(first) != Some(&b':') || !bytes.get(start + 1)?.is_ascii_lowercase() {
        return None;
    }
    let digits = bytes
        .get(first + 1..)?
        .iter()
        .take(LONG + 1)
        .take_while(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte))
        .count();
    let end = first + 1 + digits;
    ((digits == LONG || digits == SHORT) && bytes.get(end) == Some(&b'>')).then_some(first + 1..end)
}

/// Whether a byte may stand in a kind.
pub(super) fn is_kind_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
}

/// Cuts the tags of all marks in `text` to 4 digits under the key of the run.
///
/// The key comes from the content of the whole run: the same input gives the same bytes, but no one can look up a
/// published tag without the input. Short marks stay as they are.
pub fn shorten_tags<'t>(text: &'t str, run_key: &[u8; 32]) -> Cow<'t, str> {
    with_tags(text, |_, digits, short| {
        let hash = blake3::keyed_hash(run_key, digits.as_bytes());
        for byte in hash.as_bytes().iter().take(SHORT / 2) {
            let _ = write!(short, "{byte:02x}");
        }
    })
}

/// The values of each kind, numbered as they are met: tags that say nothing of a value, for a copy that is written while
/// its input is read.
#[derive(Debug, Default)]
pub struct Numbers(BTreeMap<String, HashMap<u64, u16>>);

impl Numbers {
    /// The tags of all marks in `text` as numbers of 4 digits; beyond the last of them values of a kind are not told apart.
    pub fn number<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        with_tags(text, |kind, digits, short| {
            let tag = u64::from_str_radix(digits, 16).unwrap_or_default();
            if !self.0.contains_key(kind) {
                self.0.insert(kind.to_owned(), HashMap::new());
            }
            let Some(met) = self.0.get_mut(kind) else { return };
            let next = u16::try_from(met.len() + 1).unwrap_or_default();
            let number = met.get(&tag).copied().unwrap_or(next);
            if number != 0 {
                met.insert(tag, number);
            }
            let _ = write!(short, "{number:04x}");
        })
    }
}

/// A text with other tags for the long ones: `write` is told kind and digits.
fn with_tags(text: &str, mut write: impl FnMut(&str, &str, &mut String)) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut short = String::new();
    let mut done = 0;
    for start in memchr::memchr_iter(b'<', bytes) {
        let Some(tag) = tag_behind(bytes, start).filter(|tag| tag.len() == LONG) else { continue };
        let (Some(before), Some(digits)) = (text.get(done..tag.start), text.get(tag.clone())) else { continue };
        short.push_str(before);
        write(text.get(start + 1..tag.start - 1).unwrap_or_default(), digits, &mut short);
        done = tag.end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    short.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_marks_and_others_do_not() {
        assert_eq!(mark("email", "a@b.example"), mark("email", "a@b.example"));
        assert_ne!(mark("email", "a@b.example"), mark("email", "b@b.example"));
        let mark = mark("email", "a@b.example");
        assert_eq!(marks(&mark), std::iter::once(0..mark.len()).collect::<Vec<_>>());
    }

    #[test]
    fn shortening_keeps_equality_and_depends_on_the_run() {
        let text = format!("{} and {} and {}", mark("email", "a"), mark("email", "b"), mark("email", "a"));
        let short = shorten_tags(&text, &[1; 32]);
        let tags: Vec<&str> = short.split(" and ").collect();
        assert_eq!(tags[0].len(), "<email:0000>".len());
        assert_eq!(tags[0], tags[2]);
        assert_ne!(tags[0], tags[1]);
        assert_ne!(short, shorten_tags(&text, &[2; 32]));
        assert!(matches!(shorten_tags(&short, &[2; 32]), Cow::Borrowed(_)));
    }

    #[test]
    fn numbers_tell_values_apart_and_nothing_of_them() {
        let mut numbers = Numbers::default();
        let text = format!("{} {} {}", mark("pin", "1234"), mark("pin", "4321"), mark("pin", "1234"));
        assert_eq!(numbers.number(&text), "<pin:0001> <pin:0002> <pin:0001>");
        assert_eq!(numbers.number(&mark("email", "a")), "<email:0001>");
        assert_eq!(numbers.number("<pin:0001>"), "<pin:0001>");
        for number in 0..70_000 {
            numbers.number(&mark("id", &number.to_string()));
        }
        assert_eq!(numbers.number(&mark("id", "69999")), "<id:0000>");
        assert_eq!(numbers.number(&mark("id", "0")), "<id:0001>");
    }

    #[test]
    fn what_is_no_mark_stays() {
        for text in ["<", "<a:", "<num>", "<email:12345>", "<Email:1234>", "<email:123G>", "a<b:c>d", "<:1234>"] {
            assert!(marks(text).is_empty(), "{text}");
            assert_eq!(shorten_tags(text, &[0; 32]), text);
        }
    }
}
