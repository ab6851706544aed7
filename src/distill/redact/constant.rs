//! The secrets of a message and what stands before each in, the constant text of its pattern without them out.
//!
//! In a pattern the name that tells about a word may be gone: `<host>=sunshine`. The message has it still, so what is secret
//! there is looked for behind the same signs in the pattern.

use std::collections::BTreeSet;

use super::mark::{mark, marks};
use super::{Redactor, spans};
use crate::distill::symbol;

/// How much of a message before a secret is compared.
const CONTEXT: usize = 48;
/// The shortest part of a secret that is looked for by itself.
const SHORTEST_PART: usize = 3;
/// The shortest secret that is looked for wherever it stands.
const SHORTEST_ALONE: usize = 6;
/// What is at least so long may stand in a pattern in part.
const LONG: usize = 64;
/// Longer secrets are no words; of a private key the parts are looked for.
const LONGEST: usize = 16_384;

/// A secret of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    kind: String,
    /// The word and the signs before it.
    before: String,
    value: String,
}

impl Redactor {
    /// The secrets of a message, with what stands before them.
    pub fn tell(&self, message: &str) -> Vec<Told> {
        let told = |span: spans::Span| {
            let value = message.get(span.range.clone())?;
            let from = super::rules::floor(message, span.range.start.saturating_sub(CONTEXT));
            let before = message.get(from..span.range.start)?;
            Some(Told { kind: span.kind, before: levelled(before), value: levelled(value) })
        };
        let is_word = |span: &spans::Span| !span.weak && span.range.len() <= LONGEST;
        self.find(message).into_iter().filter(is_word).filter_map(told).collect()
    }
}

/// Replaces in the constant text of a pattern what is secret in its messages.
pub fn hide_constants(pattern: &mut String, told: &BTreeSet<Told>) {
    for Told { kind, before, value } in told {
        if hide(pattern, kind, before, value) {
            continue;
        }
        // What holds a digit is a slot, and parts the rest.
        let is_joint = |letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-');
        let mut at = 0;
        for part in value.split(is_joint) {
            let signs = value.get(..at).and_then(|ahead| ahead.chars().next_back()).map(String::from);
            at += part.len()
                + value.get(at + part.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            if part.len() >= SHORTEST_PART {
                let before = signs.as_deref().unwrap_or(before);
                if !hide(pattern, kind, before, part) && value.len() >= LONG {
                    hide_start(pattern, kind, before, part);
                }
            }
        }
    }
}

/// Replaces the start of a part of a long secret: patterns are cut, and a cut may go through one.
fn hide_start(pattern: &mut String, kind: &str, sign: &str, part: &str) {
    let Some(start) = part.get(..SHORTEST_ALONE) else { return };
    let sought = [sign, start].concat();
    let Some(at) = memchr::memmem::find(pattern.as_bytes(), sought.as_bytes()) else { return };
    let is_of_word = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let rest = pattern.get(at + sign.len()..).unwrap_or_default();
    let word: String = rest.chars().take_while(is_of_word).collect();
    if part.starts_with(&word) {
        hide_behind(pattern, kind, sign, &word);
    }
}

/// Replaces a secret behind as much of what stands before it as the pattern has; whether it is there.
fn hide(pattern: &mut String, kind: &str, before: &str, value: &str) -> bool {
    // A long message may tell thousands of secrets, of which a pattern has hardly any.
    if memchr::memmem::find(pattern.as_bytes(), value.as_bytes()).is_none() {
        return false;
    }
    let is_sign = |letter: char| !letter.is_alphanumeric();
    let signs = before.len() - before.trim_end_matches(is_sign).len();
    let word =
        before.trim_end_matches(is_sign).trim_end_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
    // The signs may be part of a value before it.
    let last = before.char_indices().next_back().filter(|_| signs > 0).map_or(before.len(), |(at, _)| at);
    let contexts = [word.len(), before.len() - signs, last, before.len()].map(|from| before.get(from..));
    for context in contexts.into_iter().flatten() {
        if context.is_empty() && value.len() < SHORTEST_ALONE {
            continue;
        }
        // A `<` of the log may be written `‹` in patterns.
        for sought in [context.to_owned(), context.replace('<', "‹").replace('>', "›")] {
            if hide_behind(pattern, kind, &sought, value) {
                return true;
            }
        }
    }
    false
}

fn hide_behind(pattern: &mut String, kind: &str, context: &str, value: &str) -> bool {
    let sought = [context, value].concat();
    let mut starts = memchr::memmem::find_iter(pattern.as_bytes(), &sought).peekable();
    if starts.peek().is_none() {
        return false;
    }
    let taken = marks(pattern);
    let found = |start: &usize| {
        let (from, end) = (start + context.len(), start + sought.len());
        let glued = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let joins = glued(pattern.get(end..).and_then(|rest| rest.chars().next()))
            || context.is_empty() && glued(pattern.get(..from).and_then(|ahead| ahead.chars().next_back()));
        let in_mark = !spans::overlapping(&taken, &(from..end)).is_empty();
        !joins && !in_mark && !is_in_placeholder(pattern, from)
    };
    let places: Vec<usize> = starts.filter(found).collect();
    for start in places.iter().rev() {
        pattern.replace_range(start + context.len()..start + sought.len(), &mark(kind, value));
    }
    !places.is_empty()
}

/// Whether a placeholder is open at a place: nothing of the log stands in one but the names of members.
fn is_in_placeholder(pattern: &str, at: usize) -> bool {
    let Some((ahead, rest)) = pattern.split_at_checked(at) else { return false };
    let bracket = |letter: char| matches!(letter, '<' | '>');
    let ends = |letter: char| bracket(letter) || letter.is_whitespace();
    let open = ahead.rfind(ends).and_then(|open| ahead.get(open..)?.strip_prefix('<'));
    open.is_some_and(|inner| {
        (inner.is_empty() || inner.starts_with(|first: char| first.is_ascii_lowercase() || first == '*'))
            && rest.find(bracket).is_some_and(|close| rest.get(close..).is_some_and(|rest| rest.starts_with('>')))
    })
}

/// A text with one blank for several, and without what is dropped, as canonical texts have it.
fn levelled(text: &str) -> String {
    let mut levelled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let dropped = symbol::droppable(rest);
        if dropped == 0 && !letter.is_whitespace() {
            levelled.push(letter);
        } else if dropped == 0 && !levelled.ends_with(' ') {
            levelled.push(' ');
        }
        rest = rest.get(dropped.max(letter.len_utf8())..).unwrap_or_default();
    }
    levelled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::{Policy, UserRules};

    fn hidden(pattern: &str, message: &str) -> String {
        let redactor = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let mut pattern = pattern.to_owned();
        hide_constants(&mut pattern, &redactor.tell(message).into_iter().collect());
        pattern
    }

    #[test]
    fn words_that_a_message_tells_to_be_secret_are_gone_from_its_pattern() {
        for (pattern, message) in [
            ("<host>=sunshine refused", "spring.datasource.password=sunshine refused"),
            ("at <path>=dragon refused", "at /etc/app/password=dragon refused"),
            ("soap: ‹password›sunshine</password>", "soap: <password>sunshine</password>"),
            ("login: <host>: admin, retrying", "login: spring.redis.password: admin, retrying"),
            ("<*>=sunshine refused: KeyError at a < b", "spring.datasource.password=sunshine refused"),
            ("form-data; name=<str> sunshine --b", "form-data; name=\"password\"\r\n\r\nsunshine\r\n--b"),
            ("<host>=<id>.sunshine refused", "spring.datasource.password=s3cr3t.sunshine refused"),
            ("<host>=sunshine refused", "spring.datasource.password=\u{1b}[31msun\u{1b}[0mshine refused"),
            ("<host>=sunshine refused", "spring.datasource.password=\u{7f}sunshine\u{85} refused"),
        ] {
            let hidden = hidden(pattern, message);
            assert!(!["sunshine", "dragon", "admin"].iter().any(|word| hidden.contains(word)), "{hidden}");
            assert!(hidden.contains("<password:"), "{hidden}");
        }
    }

    #[test]
    fn words_of_a_private_key_are_gone_from_its_pattern() {
        let word = ["TIy", "Avy"].concat();
        let body = "MIIEvQ9h8s7d6f5g".repeat(40) + "+" + &word + "+" + &"p8s7d6f5gMIIEvQ9h".repeat(40);
        let message = format!("-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----\\n");
        let hidden = hidden(&format!("-----BEGIN PRIVATE <id>+{word}+<id> PRIVATE KEY-----\\n"), &message);
        assert!(!hidden.contains(&word) && hidden.contains("<private_key:"), "{hidden}");
    }

    #[test]
    fn where_a_pattern_is_cut_within_a_secret_its_start_is_gone_as_well() {
        let word = ["TayAf", "LaVXuAVjn"].concat();
        let body = "rFouG4uvQ02MJq6x".repeat(20) + "+" + &word + "1ep42F2Gw";
        let message = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let hidden = hidden("<*>+TayAfLaVXu: x.Y at a.B.c, TayAf+Tay", &message);
        assert!(!hidden.contains("TayAfLa") && hidden.ends_with(": x.Y at a.B.c, TayAf+Tay"), "{hidden}");
    }

    #[test]
    fn thousands_of_secrets_that_a_pattern_does_not_have_cost_a_look_each() {
        let told = |number: u32| Told {
            kind: "password".to_owned(),
            before: format!("a{number} token="),
            value: format!("hunter-of-the-{number}th-day"),
        };
        let mut pattern = "<id> gone from <path>, ".repeat(350) + "token=hunter-of-the-7th-day";
        hide_constants(&mut pattern, &(0..20_000).map(told).collect());
        assert!(pattern.ends_with('>') && !pattern.contains("7th"), "{pattern}");
    }

    #[test]
    fn other_words_of_the_pattern_stay() {
        let hidden =
            hidden("user=admin <host>=admin, admin gone", "user=admin spring.redis.password=admin, admin gone");
        assert!(hidden.ends_with("admin gone") && hidden.matches("<password:").count() >= 1, "{hidden}");
        let pattern = "<host>=admins refused";
        assert_eq!(self::hidden(pattern, "spring.redis.password=admin refused"), pattern);
    }
}
