//! What a pattern has before a slot and a value of the slot in, whether the last word before it makes it a secret out.

use super::accept::accepts_member;
use super::mark::marks;
use super::names::{Class, class_of};
use super::spans::Span;

/// Schemes of credentials: what stands behind them is a token.
const SCHEMES: [&str; 4] = ["basic", "bearer", "digest", "token"];

/// What the last word before a slot that is no placeholder says about the values in it.
#[derive(Debug)]
pub(super) struct Word<'p> {
    text: &'p str,
    class: Class,
    kind: &'static str,
}

impl<'p> Word<'p> {
    /// The word behind which the slot stands, if it tells.
    pub(super) fn before(pattern: &'p str) -> Option<Self> {
        let word = last_word(pattern)?;
        let scheme = SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        let (class, kind) = if scheme { (Class::Token, "token") } else { class_of(word)? };
        let cautious = matches!(class, Class::Query | Class::Loose | Class::Vendor | Class::Identity);
        (!cautious).then_some(Self { text: word, class, kind })
    }

    /// The whole value as a secret, if it is one behind this word; in JSON within JSON, escapes of its quote hang on it.
    pub(super) fn tells(&self, value: &str) -> Option<Span> {
        let value = value.trim_end_matches('\\');
        (marks(value).is_empty() && accepts_member(self.class, self.text, value)).then(|| Span::whole(value, self.kind))
    }
}

/// Where a private key begins that goes on to the end of a pattern's text: what stands in the slots behind is part of it.
pub(in crate::distill) fn open_key(pattern: &str) -> Option<usize> {
    let start = pattern.rfind("-----BEGIN ")?;
    let (_, body) = pattern.get(start..)?.split_once("PRIVATE KEY")?;
    // Lines of a key are long; where words follow, something else is said.
    let is_word = |word: &&str| (2..16).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let (mut words, mut rest) = (0, body);
    while !rest.is_empty() {
        let (before, literal) = behind_placeholder(rest);
        words += literal.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(is_word).count();
        rest = before;
    }
    let is_open = words < 2 && !body.contains("-----END");
    is_open.then_some(start)
}

/// The last word of two letters or more outside of placeholders.
fn last_word(pattern: &str) -> Option<&str> {
    let mut rest = pattern;
    while !rest.is_empty() {
        let (before, literal) = behind_placeholder(rest);
        let mut words = literal.rsplit(|letter: char| !(letter.is_ascii_alphanumeric() || "_-.".contains(letter)));
        if let Some(word) = words.find(|word| word.bytes().filter(u8::is_ascii_alphanumeric).count() >= 2) {
            return Some(word);
        }
        rest = before;
    }
    None
}

/// What stands before the last placeholder, and the text behind it. A `<` of the log itself is written `‹` in patterns.
pub(super) fn behind_placeholder(pattern: &str) -> (&str, &str) {
    let parts = pattern.rsplit_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?.1)));
    parts.unwrap_or(("", pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_open_until_it_ends_or_words_follow() {
        for (pattern, open) in [
            ("oops -----BEGIN PRIVATE KEY----- <id> ", Some(5)),
            ("-----BEGIN RSA PRIVATE KEY-----\\n<id>\\n<*>\\n", Some(0)),
            ("-----BEGIN PRIVATE KEY----- <id> -----END PRIVATE KEY----- of ", None),
            ("expected -----BEGIN PRIVATE KEY----- in file ", None),
            ("-----BEGIN CERTIFICATE----- ", None),
        ] {
            assert_eq!(open_key(pattern), open, "{pattern}");
        }
    }

    #[test]
    fn the_last_word_counts_across_placeholders() {
        let told = |pattern, value: &str| Word::before(pattern).is_some_and(|word| word.tells(value).is_some());
        let secret = ["002d6b951fd0b0a4", "c2549f01eddd3001"].concat();
        for pattern in [
            "INVITE_TOKEN=<str>'",
            "[Api-Token] => ",
            "<id> CSRF_TOKEN -> ",
            "{<str>: Basic ",
            "token <str> <num> ",
            "x <id> api_key=<str>",
        ] {
            assert!(told(pattern, &secret), "{pattern}");
        }
        for pattern in ["", "<str>", "token of trace ", "commit ", "key <id> at ", "<", "a>b"] {
            assert!(!told(pattern, &secret), "{pattern}");
        }
        assert!(!told("token <str> ", "expired"));
    }
}
