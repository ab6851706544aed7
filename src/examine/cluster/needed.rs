//! A word of a pattern and what stands around it in, how many words must stand there until they are values out.

use super::tokens::{Token, is_escaped_quote};
use super::word::{Kind, Word};
use crate::model::{OUTCOMES, is_random};

/// How easily patterns join.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ease {
    /// All numbers of words are multiplied by it: coarser below 1, finer above.
    pub(super) factor: f64,
    /// Whether the patterns come from one function.
    pub(super) located: bool,
}

/// Distinct words that make a slot where nothing else tells.
const ORDINARY: u32 = 5;
/// The same for words that seldom are values: the first word, words in capitals, words of one or two letters.
const CAPITALS: u32 = 12;
const SELDOM: u32 = 16;
/// More words beside one tell no more.
const MOST_SHARED: usize = 7;

impl Ease {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 64")]
    fn scaled(self, words: u32) -> u32 {
        (f64::from(words) * self.factor).round().max(2.0) as u32
    }

    /// How many distinct words at `position`, all else equal, are values rather than events.
    pub(super) fn words_needed(self, tokens: &[Token], position: usize) -> u32 {
        let Some(word) = tokens.get(position) else { return u32::MAX };
        let text = word.text();
        let enclosed = enclosure(tokens, position);
        // `[A]`: which of several.
        let letter = enclosed.is_some() && text.len() == 1;
        if !letter && (word.is(Kind::Function) || is_outcome(tokens, position) || says_what(tokens, position)) {
            return self.scaled(SELDOM);
        }
        if enclosed == Some(Enclosed::Quotes) || letter {
            return 2;
        }
        let before = tokens.get(..position).unwrap_or_default();
        let first = is_first(before);
        if is_host(tokens, position) {
            return 2;
        }
        if word.is(Kind::Short) || (first && enclosed.is_none()) {
            return self.scaled(SELDOM);
        }
        let event = (word.is(Kind::Event) && !is_named(before)) || is_infinitive(tokens, position);
        if self.located {
            return if word.is(Kind::Participle) { self.scaled(ORDINARY) } else { 2 };
        }
        let ordinary = if word.is(Kind::Capital) { CAPITALS } else { ORDINARY };
        let shared = shared_words(tokens, MOST_SHARED);
        // `action:org.example.OPEN`: a name with dots is no part of a longer one.
        let apart = !word.glued || text.contains('.');
        let behind_colon = before.last().is_some_and(|last| last.text() == ":" && last.glued) && apart;
        let words = match shared {
            _ if event => ordinary,
            // `fail: Shop.Mailer[<num>]`: that is all that is said.
            ..2 if is_numbered(tokens, position) => SELDOM,
            _ if is_numbered(tokens, position) => 2,
            7.. if behind_colon => 2,
            5.. if names_follow(before) && !text.ends_with('>') => 2,
            4.. if names_follow(before) && is_spelled_as_name(&word.word) => 2,
            5.. if says_which(tokens, position) && !word.is(Kind::Capital) => 2,
            7.. => 3,
            2.. if behind_colon || word.is(Kind::ClassName) || is_joined(text) => 3,
            _ if enclosed.is_some() || names_follow(before) || is_beside_value(tokens, position) => 3,
            5.. if !word.is(Kind::Capital) => 4,
            _ => ordinary,
        };
        self.scaled(words)
    }

    /// How many patterns that are built alike must differ in several positions at once, and how many distinct words
    /// each of these must hold.
    pub(super) fn alike_needed(self) -> (usize, usize) {
        let (patterns, words) = if self.located { (3, 2) } else { (5, 4) };
        if self.factor > 1.0 { (patterns + 2, words + 2) } else { (patterns, words) }
    }

    /// Whether one word may join a pattern with a wildcard in its place.
    pub(super) fn joins_alone(self) -> bool {
        self.factor <= 1.0
    }

    /// How many distinct words are needed next to a pattern that has the wildcard `placeholder` there.
    pub(super) fn words_beside(self, placeholder: &Word) -> usize {
        let words = match placeholder.text() {
            // The words that made it count too.
            _ if *placeholder == Word::joined() => 1,
            "<str>" | "<list>" | "<name>" | "<path>" | "<host>" | "<file>" => 1,
            "<id>" | "<ip>" | "<url>" | "<*>" => 2,
            _ if self.located => 2,
            _ => 3,
        };
        if self.factor > 1.0 { words + 1 } else { words }
    }
}

/// Words that programs write where there is no value.
const VOID: [&str; 8] = ["unknown", "localhost", "anonymous", "none", "null", "default", "self", "internal"];
/// Words that patterns must share for one word to join what was no value to masking, `signal null`.
const SHARED_BESIDE_NONE: usize = 3;

/// Whether the word alone is a value where another pattern has `placeholder`: it is spelled as an identifier, or is
/// what programs write in place of a value.
pub(super) fn is_value_beside(tokens: &[Token], position: usize, placeholder: &Word) -> bool {
    let Some(word) = tokens.get(position) else { return false };
    let first = is_first(tokens.get(..position).unwrap_or_default());
    let labels = first && tokens.get(position + 1).is_some_and(|next| next.text() == ":");
    let text = word.text();
    let void = || !first && VOID.iter().any(|void| void.eq_ignore_ascii_case(text));
    let said = || {
        let shared = shared_words(tokens, SHARED_BESIDE_NONE);
        !first && !word.is(Kind::Function) && shared >= SHARED_BESIDE_NONE
    };
    // `[main]` beside `[pool-1-thread-2]`: what such brackets hold is a value.
    let bracketed = || {
        says_which(tokens, position)
            && shared_words(tokens, SHARED_BESIDE_NONE) >= SHARED_BESIDE_NONE
            && !(word.is(Kind::Function) || word.is(Kind::Event) || word.is(Kind::Capital) || word.is(Kind::Short))
    };
    match placeholder.text() {
        "<id>" | "<uuid>" | "<hex>" | "<ip>" | "<host>" | "<*>" if bracketed() => true,
        "<id>" | "<ip>" => (!labels && is_spelled_as_id(text)) || void(),
        "<hex>" | "<uuid>" => !labels && is_spelled_as_id(text),
        "<*>" if *placeholder != Word::joined() && said() => true,
        "<host>" | "<name>" | "<str>" | "<email>" | "<*>" => void(),
        _ => false,
    }
}

/// `web-bdbaculri-ktcet`, `net/http`: joined letters, or letters that no language puts together.
pub(super) fn is_spelled_as_id(text: &str) -> bool {
    is_joined(text) || is_random(text) || is_mixed(text) || is_hexadecimal(text)
}

/// `worker_pool`, `net/http`: words put together as names are.
fn is_joined(text: &str) -> bool {
    let joined = |three: &[u8]| {
        let [left, joint, right] = three else { return false };
        left.is_ascii_alphabetic() && b"-_./@#".contains(joint) && right.is_ascii_alphabetic()
    };
    text.trim_matches(['.', ':']).as_bytes().windows(3).any(joined)
}

/// `RdfNZRvtwJfJkq`: small and large letters change places more often than in words that are put together.
fn is_mixed(text: &str) -> bool {
    const SHORTEST: usize = 8;
    let runs = text.as_bytes().chunk_by(|left, right| left.is_ascii_uppercase() == right.is_ascii_uppercase()).count();
    text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_alphabetic()) && runs * 2 > text.len()
}

/// `ebcefee`: a hexadecimal number may do without digits.
fn is_hexadecimal(text: &str) -> bool {
    const SHORTEST: usize = 6;
    text.len() >= SHORTEST && text.bytes().all(|byte| matches!(byte, b'a'..=b'f'))
}

/// How many words there are beside one, counted up to `most`: all words of a long pattern, counted for each of them, would
/// take long.
fn shared_words(tokens: &[Token], most: usize) -> usize {
    tokens.iter().filter(|token| token.is_word()).take(most + 1).count().saturating_sub(1)
}

/// Whether the word stands alone in quotes, as values do.
pub(super) fn is_quoted(tokens: &[Token], position: usize) -> bool {
    enclosure(tokens, position) == Some(Enclosed::Quotes) && !is_outcome(tokens, position)
}

/// Whether the word may join a pattern with a wildcard in its place.
pub(super) fn may_be_value(tokens: &[Token], position: usize) -> bool {
    let Some(word) = tokens.get(position) else { return false };
    if is_outcome(tokens, position) {
        return false;
    }
    let quoted = enclosure(tokens, position) == Some(Enclosed::Quotes);
    let before = tokens.get(..position).unwrap_or_default();
    let first = is_first(before);
    let numbered = is_numbered(tokens, position)
        && shared_words(tokens, 2) >= 2
        && !word.is(Kind::Event)
        && !word.is(Kind::Function);
    quoted
        || (numbered && !first)
        || !(first
            || word.is(Kind::Short)
            || word.is(Kind::Capital)
            || word.is(Kind::Function)
            || says_what(tokens, position)
            || (word.is(Kind::Event) && !is_named(before)))
}

/// Whether a text begins here: nothing stands before, or only a bracket with what the text is about.
fn is_first(before: &[Token]) -> bool {
    let closes = |token: &Token| matches!(token.text(), "]" | ")");
    // The last one is asked first, so that the rest is looked through behind brackets alone.
    let bracketed = before.first().is_some_and(|open| matches!(open.text(), "[" | "("))
        && before.split_last().is_some_and(|(last, inner)| closes(last) && !inner.iter().any(closes));
    bracketed || !before.iter().any(|token| token.wild || token.is_word())
}

/// `to spawn the instance`: the word is a verb.
fn is_infinitive(tokens: &[Token], position: usize) -> bool {
    let is = |at: Option<usize>, word: &str| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| token.text().eq_ignore_ascii_case(word))
    };
    let next = tokens.get(position + 1);
    is(position.checked_sub(1), "to") && next.is_some_and(|next| next.is_word() && !next.glued)
}

/// `kubelet[<num>]`, `backup(<num>)`: the name of a program with its number.
fn is_numbered(tokens: &[Token], position: usize) -> bool {
    let Some([open, number, close]) = tokens.get(position + 1..position + 4) else { return false };
    let brackets = matches!((open.text(), close.text()), ("[", "]") | ("(", ")"));
    brackets && number.wild && open.glued && number.glued && close.glued
}

/// `<ts> web-a sshd[<num>]: ..`: a line of syslog names the host before the program.
fn is_host(tokens: &[Token], position: usize) -> bool {
    let begins = !tokens.iter().take(position).any(Token::is_word);
    let tagged = tokens.get(position + 5).is_some_and(|colon| colon.text() == ":" && colon.glued);
    let apart = tokens.get(position + 1).is_some_and(|program| program.is_word() && !program.glued);
    begins && tagged && apart && is_numbered(tokens, position + 1)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enclosed {
    Quotes,
    Brackets,
}

/// Whether the word stands alone in quotes or brackets with more said behind it: what ends a text in brackets may be the
/// reason, `lost (deadlock)`.
fn says_which(tokens: &[Token], position: usize) -> bool {
    enclosure(tokens, position).is_some() && tokens.get(position + 2..).unwrap_or_default().iter().any(Token::is_word)
}

/// Whether the word stands alone in quotes or brackets.
fn enclosure(tokens: &[Token], position: usize) -> Option<Enclosed> {
    let open = tokens.get(position.checked_sub(1)?)?;
    let (word, close) = (tokens.get(position)?, tokens.get(position + 1)?);
    if !word.glued || !close.glued {
        return None;
    }
    match (open.text(), close.text()) {
        ("\"", "\"") if quotes_the_event(tokens, position - 1) => None,
        ("\"", "\"") | ("'" | "`", "'") | ("`", "`") | ("‘", "’") | ("“", "”") => Some(Enclosed::Quotes),
        (escaped, again) if escaped == again && is_escaped_quote(escaped) => Some(Enclosed::Quotes),
        ("(", ")") | ("[", "]") | ("<" | "‹", ">" | "›") | ("{", "}") => Some(Enclosed::Brackets),
        _ => None,
    }
}

/// `msg="shutdown-complete"`: whether what the quote at `quote` opens is all that is said.
pub(super) fn quotes_the_event(tokens: &[Token], quote: usize) -> bool {
    let Some([key, equals]) = quote.checked_sub(2).and_then(|from| tokens.get(from..quote)) else { return false };
    key.text() == "msg" && equals.text() == "=" && equals.glued
}

/// `finished with status: 'timeout'`, `failed with result 'timeout'`: whether the word is how something ended, which
/// masking lets stand.
fn is_outcome(tokens: &[Token], position: usize) -> bool {
    let Some((quote, before)) = tokens.get(..position).and_then(<[Token]>::split_last) else { return false };
    let says = match before {
        [.., with, _, colon] if colon.text() == ":" && colon.glued => with.text() == "with",
        [.., with, key] => with.text() == "with" && OUTCOMES.contains(&key.text()),
        _ => false,
    };
    says && matches!(quote.text(), "'" | "\"")
}

/// `column "total" does not exist`, `relation "orders" does not exist`: whether the word is the noun of what is named in
/// quotes behind it.
fn says_what(tokens: &[Token], position: usize) -> bool {
    let Some([noun, quote, ..]) = tokens.get(position..) else { return false };
    let plain = !noun.wild && noun.text().bytes().all(|byte| byte.is_ascii_lowercase());
    plain && !quote.glued && is_quoted(tokens, position + 2)
}

/// `client WindowsUpdateAgent`, `module SSL`, `pod web-a`: no noun of the language.
fn is_spelled_as_name(word: &Word) -> bool {
    word.is(Kind::ClassName) || word.is(Kind::Capital) || word.text().trim_end_matches('.').contains(['-', '_', '.'])
}

/// `(<num>, word)`, `(word, <num>)`: the other one of two in brackets is a value.
fn is_beside_value(tokens: &[Token], position: usize) -> bool {
    let around = |from: Option<usize>| from.and_then(|from| tokens.get(from..from + 5));
    let is_pair = |around: &[Token]| {
        let [open, one, comma, other, close] = around else { return false };
        let brackets = matches!((open.text(), close.text()), ("(", ")") | ("[", "]"));
        brackets && comma.text() == "," && (one.wild || other.wild) && one.glued && comma.glued && close.glued
    };
    around(position.checked_sub(1)).is_some_and(is_pair) || around(position.checked_sub(3)).is_some_and(is_pair)
}

/// Whether the word before is one that names follow: `for X`, `container X`.
fn names_follow(before: &[Token]) -> bool {
    let last =
        before.iter().rev().find(|token| token.is_word() || token.wild || !matches!(token.text(), ":" | "\"" | "'"));
    last.is_some_and(|cue| !cue.wild && cue.is(Kind::Cue))
}

/// `in namespace monitoring`, `to topic billing`: behind a preposition and a noun stands a name, though it ends as verbs
/// do.
fn is_named(before: &[Token]) -> bool {
    const PREPOSITIONS: [&str; 10] = ["in", "on", "at", "of", "to", "into", "from", "for", "by", "with"];
    let [.., preposition, noun] = before else { return false };
    let cue = !noun.wild && noun.is(Kind::Cue) && !noun.is(Kind::Function) && !noun.glued;
    cue && PREPOSITIONS.contains(&preposition.text())
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokenize;
    use super::super::word::Lexicon;
    use super::*;

    #[test]
    fn a_word_of_a_long_pattern_costs_what_one_of_a_short_pattern_costs() {
        let ease = Ease { factor: 1.0, located: false };
        let needed = |pattern: &str| -> Vec<u32> {
            let tokens = tokenize(pattern, &mut Lexicon::default());
            (0..tokens.len()).map(|position| ease.words_needed(&tokens, position)).collect()
        };
        let short = needed(&"word ".repeat(8));
        // Each word looking at all others would take minutes.
        let long = needed(&"word ".repeat(200_000));
        assert_eq!(long.len(), 200_000);
        assert_eq!(long.get(..8), Some(short.as_slice()));
        assert!(long.iter().skip(8).all(|words| Some(words) == short.last()));
    }
}
