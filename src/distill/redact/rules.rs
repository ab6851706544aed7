//! rules.toml in, compiled rules out; a text and the places of keywords in, what the rules find there out.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use memchr::{memchr2, memmem, memrchr2};
use regex::Regex;
use serde::Deserialize;

use super::checks::Check;
use super::names::{identity_stems, stems, vendors};

/// The rules as they are shipped.
const SHIPPED: &str = include_str!("rules.toml");
/// How far behind its keyword a match may reach, where the rule says nothing.
const REACH: usize = 512;
/// How far from a match stands what must be near it, at most.
const NEAR: usize = 4096;
/// Keywords of so many bytes that end in a sign are the starts of tokens wherever they stand, before so many random bytes.
const LEAST_TOLD: usize = 4;
const LEAST_TOKEN: usize = 16;

/// All shipped rules and the search for their keywords.
static CATALOG: LazyLock<Result<Catalog, String>> = LazyLock::new(|| Catalog::read(SHIPPED));

/// The rules and the one pass that decides which of them run.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) rules: Vec<Rule>,
    pub(super) search: DFA,
    start: StateID,
    /// What each keyword of the search stands for.
    pub(super) targets: Vec<Target>,
}

/// What may not stand right before a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// Letters, digits, underscores.
    Word,
    /// Characters of base64.
    Base64,
    /// Likewise, but for the slash behind a word of a path.
    Path,
    /// Nothing is forbidden.
    Any,
}

/// What a keyword leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A word of telling names.
    Name,
    /// The word `cookie`.
    Cookie,
    /// The word `values` of a statement.
    Values,
    /// A word of names of users and machines.
    Identity,
    /// The rule of that number.
    Rule(usize),
}

/// One shape of a secret.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) kind: String,
    source: String,
    compiled: OnceLock<Option<Regex>>,
    check: Check,
    left: Left,
    pub(super) back: usize,
    /// Whether letters, digits or signs of base64 stand right before the keyword.
    glued: bool,
    reach: usize,
    near: String,
    #[cfg(test)]
    pub(super) examples: (Vec<Example>, Vec<String>),
}

#[derive(Deserialize)]
struct RuleFile {
    rule: Vec<RuleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    kind: String,
    keywords: Vec<String>,
    regex: String,
    #[serde(default)]
    check: String,
    #[serde(default)]
    left: String,
    #[serde(default)]
    back: usize,
    #[serde(default)]
    glued: bool,
    reach: Option<usize>,
    #[serde(default)]
    near: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are run by the tests"))]
    matches: Vec<Example>,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are run by the tests"))]
    passes: Vec<String>,
}

/// A text that a rule must hit, with the span between `before` and `after`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "examples are run by the tests"))]
pub(super) struct Example {
    #[serde(default)]
    pub(super) before: String,
    pub(super) parts: Vec<String>,
    #[serde(default)]
    pub(super) after: String,
}

impl Catalog {
    /// The shipped rules.
    pub(super) fn shipped() -> Result<&'static Self, &'static str> {
        CATALOG.as_ref().map_err(String::as_str)
    }

    fn read(text: &str) -> Result<Self, String> {
        let file: RuleFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut keywords: Vec<String> = stems().iter().chain(vendors()).map(|stem| (*stem).to_owned()).collect();
        let mut targets = vec![Target::Name; keywords.len()];
        keywords.push("cookie".to_owned());
        targets.push(Target::Cookie);
        keywords.push("values".to_owned());
        targets.push(Target::Values);
        keywords.extend(identity_stems().iter().map(|stem| (*stem).to_owned()));
        targets.extend(identity_stems().iter().map(|_| Target::Identity));
        let mut rules = Vec::new();
        for (number, rule) in file.rule.into_iter().enumerate() {
            targets.extend(rule.keywords.iter().map(|_| Target::Rule(number)));
            keywords.extend(rule.keywords.iter().cloned());
            rules.push(Rule::read(rule)?);
        }
        let search = DFA::builder().ascii_case_insensitive(true).build(&keywords).map_err(|error| error.to_string())?;
        let start = search.start_state(Anchored::No).map_err(|error| error.to_string())?;
        Ok(Self { rules, search, start, targets })
    }

    /// Every place of a keyword, and what it leads to.
    pub(super) fn hits<'a>(&'a self, text: &'a str) -> Hits<'a> {
        Hits { catalog: self, bytes: text.as_bytes(), state: self.start, at: 0, left: 0 }
    }
}

/// The places of keywords, one after the other; those that end at the same place by number.
///
/// The search of the crate does the same and asks more of each byte.
pub(super) struct Hits<'a> {
    catalog: &'a Catalog,
    bytes: &'a [u8],
    state: StateID,
    /// How far was looked.
    at: usize,
    /// How many keywords that end there were not told yet.
    left: usize,
}

impl Iterator for Hits<'_> {
    type Item = (Range<usize>, Target);

    fn next(&mut self) -> Option<Self::Item> {
        let search = &self.catalog.search;
        if self.left == 0 {
            let mut state = self.state;
            let passed = self.bytes.get(self.at..)?.iter().position(|byte| {
                state = search.next_state(Anchored::No, state, *byte);
                search.is_special(state) && search.is_match(state)
            })?;
            self.state = state;
            self.at += passed + 1;
            self.left = search.match_len(state);
        }
        let keyword = search.match_pattern(self.state, search.match_len(self.state) - self.left);
        self.left -= 1;
        let target = self.catalog.targets.get(keyword.as_usize())?;
        Some((self.at - search.pattern_len(keyword)..self.at, *target))
    }
}

impl Rule {
    fn read(rule: RuleText) -> Result<Self, String> {
        let left = match rule.left.as_str() {
            "" | "word" => Left::Word,
            "base64" => Left::Base64,
            "path" => Left::Path,
            "any" => Left::Any,
            other => return Err(format!("{}: nothing is called {other:?}", rule.kind)),
        };
        // Without a way back the match starts at the keyword.
        let anchor = if rule.back == 0 { "^" } else { "" };
        let check =
            Check::named(&rule.check).ok_or_else(|| format!("{}: no check is called {:?}", rule.kind, rule.check))?;
        Ok(Self {
            kind: rule.kind,
            source: format!("{anchor}(?:{})", rule.regex.replace(r"\b", r"(?-u:\b)")),
            compiled: OnceLock::new(),
            check,
            left,
            back: rule.back,
            glued: rule.glued,
            reach: rule.reach.unwrap_or(REACH),
            near: rule.near,
            #[cfg(test)]
            examples: (rule.matches, rule.passes),
        })
    }

    /// The expression; compiled when the first keyword is met, because most archives need a few of them only.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.source).ok()).as_ref()
    }

    fn may_start(&self, text: &str, at: usize) -> bool {
        let ahead = text.as_bytes().get(..at).unwrap_or_default();
        let in_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        !ahead.last().is_some_and(|byte| match self.left {
            Left::Word => byte.is_ascii_alphanumeric() || *byte == b'_',
            Left::Base64 => in_base64(*byte),
            Left::Path => in_base64(*byte) && !ends_in_path(ahead),
            Left::Any => false,
        })
    }

    /// Whether what stands before a keyword lets the expression match; asked first, because it costs nothing.
    pub(super) fn may_match(&self, text: &str, keyword: &Range<usize>) -> bool {
        let before = || keyword.start.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(byte);
        (self.back > 0 || self.may_start(text, keyword.start) || self.is_token_behind(text, keyword))
            && (!self.glued || before().is_some_and(in_token))
    }

    /// Whether the keyword cannot be the end of a word because of what stands behind it: in `wsk_live_`, and in what is left
    /// of colours (`31mghp_`), a token starts within the word.
    fn is_token_behind(&self, text: &str, keyword: &Range<usize>) -> bool {
        let bytes = text.as_bytes();
        let told = keyword.len() >= LEAST_TOLD && matches!(bytes.get(keyword.end - 1), Some(b'_' | b'-' | b'.'));
        let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let behind = bytes.get(keyword.end..).filter(|_| told && self.left == Left::Word).unwrap_or_default();
        let length = behind.iter().take(2 * LEAST_TOKEN).take_while(|byte| in_token(byte)).count();
        let token = behind.get(..length).unwrap_or_default();
        let any = |is: fn(&u8) -> bool| token.iter().any(is);
        length >= LEAST_TOKEN && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) && any(u8::is_ascii_digit)
    }

    /// Whether what must stand beside a match does, in the same object or command.
    fn has_near(&self, text: &str, found: &Range<usize>) -> bool {
        let bytes = text.as_bytes();
        let ahead = bytes.get(found.start.saturating_sub(NEAR)..found.start).unwrap_or_default();
        let ahead = ahead.get(memrchr2(b'{', b'}', ahead).unwrap_or(0)..).unwrap_or_default();
        let behind = bytes.get(found.end..bytes.len().min(found.end + NEAR)).unwrap_or_default();
        let behind = behind.get(..memchr2(b'{', b'}', behind).unwrap_or(behind.len())).unwrap_or_default();
        [ahead, behind].into_iter().any(|part| memmem::find(part, self.near.as_bytes()).is_some())
    }

    /// What the rule finds around a keyword, as a range of the text.
    pub(super) fn find(&self, text: &str, keyword: &Range<usize>) -> Option<Range<usize>> {
        let from = floor(text, keyword.start.saturating_sub(self.back));
        let window = text.get(from..floor(text, keyword.end.saturating_add(self.reach)))?;
        let regex = self.regex()?;
        let captures = regex.captures(window)?;
        let whole = captures.get(0)?;
        let (start, end) = (from + whole.start(), from + whole.end());
        let covers = start <= keyword.start && keyword.end <= end;
        let value = captures.name("s").unwrap_or(whole);
        let starts = || self.may_start(text, start) || self.back == 0 && self.is_token_behind(text, keyword);
        let found = from + value.start()..from + value.end();
        (covers
            && starts()
            && self.check.holds(value.as_str())
            && (self.near.is_empty() || self.has_near(text, &found)))
        .then_some(found)
    }
}

/// Whether a text ends in a slash behind a word in small letters, which base64 hardly ever does.
fn ends_in_path(text: &[u8]) -> bool {
    let Some((b'/', before)) = text.split_last() else { return false };
    let word = before.iter().rev().take(24).take_while(|byte| byte.is_ascii_lowercase()).count();
    (4..24).contains(&word)
}

/// The last place between characters at or before `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
