//! The working text in, the parts of it that are values out: one rule after the other.

mod enclosed;
mod places;
mod printed;
mod told;

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::draft::{Draft, Found, SLOT};
use crate::distill::words;

/// What looks for values of a kind.
type Rule = fn(&Draft) -> Vec<Found>;

/// All rules, and for each the characters of which one stands in all that it finds (none: it may find anything). A part
/// that one of them took is a slot for those behind it.
pub(super) const RULES: [(Rule, &str); 36] = [
    (enclosed::embedded_json, "{["),
    (enclosed::redacted, ""),
    (enclosed::quoted_values, "\"'"),
    (enclosed::lists, "["),
    (enclosed::keyed_lists, "["),
    (enclosed::braced_records, "{"),
    (printed::maps, "{["),
    (printed::collections, "("),
    (enclosed::quoted_tokens, ""),
    (places::urls, ":"),
    (places::emails, "@"),
    (places::local_emails, "@"),
    (places::paths, "/"),
    (places::roots, "/"),
    (places::windows_paths, ":\\"),
    (places::file_names, "."),
    (told::dates, "0"),
    (told::times, "0"),
    (places::relative_paths, "/"),
    (places::addresses, ":-"),
    (places::hexadecimal_groups, ":"),
    (places::listeners, ":"),
    (places::dotted_names, "."),
    (places::hosts, "."),
    (told::users, "uU"),
    (told::accounts, ""),
    (told::comma_lists, ","),
    (told::flags, ""),
    (told::listed_words, ","),
    (told::words_of_keys, "="),
    (enclosed::bracketed_values, "("),
    (told::labelled_values, ":"),
    (told::missing_values, "=([:"),
    (told::literals, ""),
    (places::continued, ""),
    (enclosed::stray_quotes, "\""),
];

/// The ASCII characters of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present(u128);

impl Present {
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().filter(u8::is_ascii).fold(0, |present, byte| present | 1 << byte))
    }

    /// Whether a rule that needs one of these characters may find something.
    pub(super) fn allows(self, needs: &str) -> bool {
        needs.is_empty() || self.0 & Self::of(needs).0 != 0
    }
}

/// A pattern that is compiled once; one that does not compile never matches, and a test says so.
fn compiled(expression: &str) -> Option<Regex> {
    Regex::new(expression).ok()
}

macro_rules! pattern {
    ($name:ident, $expression:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| compiled($expression));
    };
}
use pattern;

fn finds(
    pattern: &LazyLock<Option<Regex>>,
    text: &str,
    mut take: impl FnMut(&Captures<'_>) -> Option<Found>,
) -> Vec<Found> {
    // Most rules find nothing in most texts; room for captures costs more than a look.
    let Some(pattern) = pattern.as_ref().filter(|pattern| pattern.is_match(text)) else { return Vec::new() };
    pattern.captures_iter(text).filter_map(|captures| take(&captures)).collect()
}

fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at).and_then(|head| head.chars().next_back())
}

fn behind(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|tail| tail.chars().next())
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || char == SLOT
}

/// Whether the value of `key` only details what the `msg=` of the same line says happened.
fn is_detail(key: &str, text: &str) -> bool {
    let says = |(at, _): (usize, &str)| before(text, at).is_none_or(|char| " ,{".contains(char));
    !words::says_what_happened(key) && text.match_indices("msg=").any(says)
}

/// Where the bracket that opens at `start` is closed, if what it holds is no longer than a line.
fn closing(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.as_bytes().get(start..)?.iter().take(400).enumerate() {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(start + at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::canon::canonicalize;
    use crate::distill::mask::Masker;

    /// The pattern that masking makes of each message.
    pub(super) fn assert_patterns(expected: &[(&str, &str)]) {
        let masker = Masker::new(&[]).unwrap();
        let mut canon = masker.canon();
        for (message, pattern) in expected {
            canonicalize(message, &mut canon);
            assert_eq!(masker.mask(&canon).pattern, *pattern, "{message}");
        }
    }

    #[test]
    fn a_rule_may_look_where_one_of_its_characters_stands() {
        assert!(Present::of("a=b").allows("=(") && Present::of("").allows(""));
        assert!(!Present::of("größe").allows("=("));
    }
}
