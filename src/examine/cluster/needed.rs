//! A word of a pattern and what stands around it in, how many words must stand there until they are values out.

use std::sync::LazyLock;

use hashbrown::HashSet;

use super::tokens::Token;

/// A closed list of words in lower case.
type Words = LazyLock<HashSet<&'static str>>;

macro_rules! words {
    ($words:expr) => {
        LazyLock::new(|| $words.split_ascii_whitespace().collect())
    };
}

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

impl Ease {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 64")]
    fn scaled(self, words: u32) -> u32 {
        (f64::from(words) * self.factor).round().max(2.0) as u32
    }

    /// How many distinct words at `position`, all else equal, are values rather than events.
    pub(super) fn words_needed(self, tokens: &[Token], position: usize) -> u32 {
        let Some(word) = tokens.get(position) else { return u32::MAX };
        let text = word.text.as_str();
        let enclosed = enclosure(tokens, position);
        if is_function_word(text) {
            return self.scaled(SELDOM);
        }
        if enclosed == Some(Enclosed::Quotes) {
            return 2;
        }
        let before = tokens.get(..position).unwrap_or_default();
        let first = is_first(before);
        if is_short(text) || (first && enclosed.is_none()) {
            return self.scaled(SELDOM);
        }
        let event = is_event(text) || is_infinitive(tokens, position);
        if self.located {
            return if is_participle(text) { self.scaled(ORDINARY) } else { 2 };
        }
        let ordinary = if is_capital(text) { CAPITALS } else { ORDINARY };
        let shared = tokens.iter().filter(|token| token.is_word()).count().saturating_sub(1);
        let behind_colon = before.last().is_some_and(|last| last.text == ":" && last.glued) && !word.glued;
        let words = match shared {
            _ if event => ordinary,
            _ if is_numbered(tokens, position) => 2,
            7.. if behind_colon => 2,
            5.. if names_follow(before) && !text.ends_with('>') => 2,
            7.. => 3,
            2.. if behind_colon || is_class_name(text) => 3,
            _ if enclosed.is_some() || names_follow(before) => 3,
            5.. if !is_capital(text) => 4,
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

    /// How many distinct words are needed next to a pattern that has a wildcard of type `placeholder` there.
    pub(super) fn words_beside(self, placeholder: &str) -> usize {
        let words = match placeholder {
            "<str>" | "<list>" | "<name>" | "<path>" | "<host>" | "<file>" => 1,
            "<id>" | "<ip>" | "<url>" | "<*>" => 2,
            _ if self.located => 2,
            _ => 3,
        };
        if self.factor > 1.0 { words + 1 } else { words }
    }
}

/// Whether the word stands alone in quotes.
pub(super) fn is_quoted(tokens: &[Token], position: usize) -> bool {
    enclosure(tokens, position) == Some(Enclosed::Quotes)
}

/// Whether the word may join a pattern with a wildcard in its place.
pub(super) fn may_be_value(tokens: &[Token], position: usize) -> bool {
    let Some(word) = tokens.get(position) else { return false };
    let text = word.text.as_str();
    let quoted = enclosure(tokens, position) == Some(Enclosed::Quotes);
    let before = tokens.get(..position).unwrap_or_default();
    let first = is_first(before);
    let numbered = is_numbered(tokens, position) && !is_event(text) && !is_function_word(text);
    quoted
        || (numbered && !first)
        || !(first || is_short(text) || is_capital(text) || is_event(text) || is_function_word(text))
}

/// Whether a text begins here: nothing stands before, or only a bracket with what the text is about.
fn is_first(before: &[Token]) -> bool {
    let bracketed = before.first().is_some_and(|open| matches!(open.text.as_str(), "[" | "("))
        && before.iter().position(|close| matches!(close.text.as_str(), "]" | ")")) == before.len().checked_sub(1);
    bracketed || !before.iter().any(|token| token.wild || token.is_word())
}

/// `to spawn the instance`: the word is a verb.
fn is_infinitive(tokens: &[Token], position: usize) -> bool {
    let is = |at: Option<usize>, word: &str| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| token.text.eq_ignore_ascii_case(word))
    };
    let next = tokens.get(position + 1);
    is(position.checked_sub(1), "to") && next.is_some_and(|next| next.is_word() && !next.glued)
}

/// `kubelet[<num>]`, `backup(<num>)`: the name of a program with its number.
fn is_numbered(tokens: &[Token], position: usize) -> bool {
    let Some([open, number, close]) = tokens.get(position + 1..position + 4) else { return false };
    let brackets = matches!((open.text.as_str(), close.text.as_str()), ("[", "]") | ("(", ")"));
    brackets && number.wild && open.glued && number.glued && close.glued
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enclosed {
    Quotes,
    Brackets,
}

/// Whether the word stands alone in quotes or brackets.
fn enclosure(tokens: &[Token], position: usize) -> Option<Enclosed> {
    let open = tokens.get(position.checked_sub(1)?)?;
    let (word, close) = (tokens.get(position)?, tokens.get(position + 1)?);
    if !word.glued || !close.glued {
        return None;
    }
    match (open.text.as_str(), close.text.as_str()) {
        ("\"", "\"") | ("'", "'") => Some(Enclosed::Quotes),
        ("(", ")") | ("[", "]") | ("<", ">") | ("{", "}") => Some(Enclosed::Brackets),
        _ => None,
    }
}

/// Whether the word before is one that names follow: `for X`, `container X`.
fn names_follow(before: &[Token]) -> bool {
    static CUES: Words = words!(
        "for from via named called of user account role group host node pod container image service \
        volume job task worker thread process daemon program command file directory folder table database schema \
        index column field topic queue bucket key flag module driver package plugin library class function method \
        property attribute parameter option setting variable device disk partition interface network domain \
        namespace zone region cluster instance channel stream session tenant provider vendor project repository \
        branch tag name client server activity agent app application broker bundle consumer controller endpoint \
        handler hook listener member owner peer producer route router rule script stage step subscription tool"
    );
    let last = before
        .iter()
        .rev()
        .find(|token| token.is_word() || token.wild || !matches!(token.text.as_str(), ":" | "\"" | "'"));
    last.is_some_and(|cue| !cue.wild && CUES.contains(cue.text.to_ascii_lowercase().as_str()))
}

/// `WindowsUpdateAgent`: spelled as programs spell names.
fn is_class_name(word: &str) -> bool {
    let inner = word.trim_matches(|char: char| !char.is_alphanumeric());
    let hump =
        inner.chars().zip(inner.chars().skip(1)).any(|(left, right)| left.is_lowercase() && right.is_uppercase());
    hump && inner.starts_with(char::is_uppercase) && inner.chars().all(char::is_alphanumeric)
}

fn is_capital(word: &str) -> bool {
    word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase)
}

fn is_short(word: &str) -> bool {
    word.chars().filter(|char| char.is_alphanumeric()).count() < 3
}

/// Words that only hold a sentence together.
fn is_function_word(word: &str) -> bool {
    static WORDS: Words = words!(
        "a an the is was are were be been being not no never none to in on at of for from by with \
        without and or but nor has have had can cannot could will would may might must shall should does did do it \
        its this that these those there then than as if when while after before into onto over under too very all \
        any each every some more less most least only also already again still yet now"
    );
    WORDS.contains(word.to_ascii_lowercase().as_str())
}

/// `opened`, `opening`: what happened, whoever it happened to.
fn is_participle(word: &str) -> bool {
    ends_with_any(word, &["ed", "ing"])
}

fn ends_with_any(word: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| word.len() > end.len() + 2 && word.ends_with(end))
}

/// Words that tell what happened rather than to whom: verb forms and outcomes.
fn is_event(word: &str) -> bool {
    static WORDS: Words = words!(
        "up down open close begin end start stop run done ok good bad fail failure success successful \
        error warning lost found sent read write wrote get got put set unset left right in out input output local \
        remote client server source target old new first last next previous min max low high upper lower inner outer \
        full empty alive dead ready busy idle online offline active inactive primary secondary master slave request \
        response reply query send receive connect disconnect accept reject allow deny enable disable create delete \
        add remove insert update load unload mount unmount attach detach lock unlock acquire release push pull \
        import export upload download backup restore login logout valid invalid unknown bytes seconds minutes cpu \
        memory storage space permission timeout"
    );
    let lower = word.to_ascii_lowercase();
    let verb = is_participle(&lower) || ends_with_any(&lower, &["able", "ible", "ful", "ly", "less"]);
    let handler = word.strip_prefix("on").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    verb || handler || WORDS.contains(lower.as_str())
}
