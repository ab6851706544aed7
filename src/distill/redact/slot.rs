//! What a pattern has before a slot and a value of the slot in, whether the last word before it makes it a secret out.

use super::accept::accepts_member;
use super::mark::marks;
use super::names::{Class, class_of};
use super::spans::Span;

/// Schemes of credentials: what stands behind them is a token.
const SCHEMES: [&str; 4] = ["basic", "bearer", "digest", "token"];

/// The whole value as a secret, if the last word before the slot that is no placeholder says so.
pub(super) fn told(pattern: &str, value: &str) -> Option<Span> {
    let word = last_word(pattern)?;
    let scheme = SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    let (class, kind) = if scheme { (Class::Token, "token") } else { class_of(word)? };
    let cautious = matches!(class, Class::Query | Class::Loose | Class::Vendor | Class::Identity);
    (!cautious && marks(value).is_empty() && accepts_member(class, word, value)).then(|| Span::whole(value, kind))
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
    fn the_last_word_counts_across_placeholders() {
        let secret = ["002d6b951fd0b0a4", "c2549f01eddd3001"].concat();
        for pattern in [
            "INVITE_TOKEN=<str>'",
            "[Api-Token] => ",
            "<id> CSRF_TOKEN -> ",
            "{<str>: Basic ",
            "token <str> <num> ",
            "x <id> api_key=<str>",
        ] {
            assert!(told(pattern, &secret).is_some(), "{pattern}");
        }
        for pattern in ["", "<str>", "token of trace ", "commit ", "key <id> at ", "<", "a>b"] {
            assert!(told(pattern, &secret).is_none(), "{pattern}");
        }
        assert!(told("token <str> ", "expired").is_none());
    }
}
