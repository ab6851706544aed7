//! The text of a pattern in, its tokens out: constants, and wildcards where placeholders stand.

use super::word::{Kind, Lexicon, Word};
use crate::model::{is_glue, is_separator};

/// One token of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The constant, or the placeholder as it stands in the pattern.
    pub(super) word: Word,
    /// Whether it is a placeholder.
    pub(super) wild: bool,
    /// Whether it follows the token before it without a blank.
    pub(super) glued: bool,
}

impl Token {
    /// A placeholder of no single type.
    pub(super) fn any(glued: bool) -> Self {
        Self { word: Word::any(), wild: true, glued }
    }

    pub(super) fn text(&self) -> &str {
        self.word.text()
    }

    /// A constant with a letter or digit in it.
    pub(super) fn is_word(&self) -> bool {
        !self.wild && self.is(Kind::Said)
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.word.is(kind)
    }

    /// One number for tokens that read the same, whatever the types of placeholders.
    pub(super) fn code(&self) -> u32 {
        let text = if self.wild { 0 } else { self.word.number() + 1 };
        text << 1 | u32::from(self.glued)
    }
}

/// Cuts a pattern at blanks, placeholders and punctuation.
pub(super) fn tokenize(pattern: &str, lexicon: &mut Lexicon) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(16);
    let (mut rest, mut glued, mut stem) = (pattern, false, "");
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = rest.trim_start();
            glued = false;
            continue;
        }
        let placeholder = placeholder_length(rest);
        let length = if placeholder > 0 { placeholder } else { constant_length(rest, first) };
        let (text, behind) = rest.split_at(length);
        match tokens.last_mut() {
            Some(last) if glued && is_numbered(stem, text) => {
                last.word = lexicon.word(&format!("{stem}{text}"));
                stem = "";
            }
            _ => {
                tokens.push(Token { word: lexicon.word(text), wild: placeholder > 0, glued });
                stem = text;
            }
        }
        (rest, glued) = (behind, true);
    }
    tokens
}

/// `eth<num>`: a name, not a value.
fn is_numbered(stem: &str, placeholder: &str) -> bool {
    placeholder == "<num>" && !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// `\"`: a quote within a text that is quoted itself.
pub(super) fn is_escaped_quote(text: &str) -> bool {
    text.strip_suffix('"').is_some_and(|escapes| !escapes.is_empty() && escapes.bytes().all(|byte| byte == b'\\'))
}

/// How long the placeholder at the start of `text` is, 0 if there is none.
fn placeholder_length(text: &str) -> usize {
    let Some(inner) = text.strip_prefix('<') else { return 0 };
    if !inner.starts_with(|first: char| first.is_ascii_lowercase() || first == '*') {
        return 0;
    }
    match inner.find(|char: char| char == '<' || char == '>' || char.is_whitespace()) {
        Some(end) if inner.get(end..).is_some_and(|tail| tail.starts_with('>')) => end + 2,
        _ => 0,
    }
}

fn constant_length(text: &str, first: char) -> usize {
    if is_separator(first) {
        return first.len_utf8();
    }
    let escapes = text.len() - text.trim_start_matches('\\').len();
    if escapes > 0 && text.get(escapes..).is_some_and(|rest| rest.starts_with('"')) {
        return escapes + 1;
    }
    let dots = text.len() - text.trim_start_matches('.').len();
    if dots >= 2 {
        return dots;
    }
    let end = text.find(|char: char| char.is_whitespace() || is_separator(char)).unwrap_or(text.len());
    let constant = text.get(..end).unwrap_or(text);
    // The escape of a quote belongs to the quote.
    let quoted = text.get(end..).is_some_and(|rest| rest.starts_with('"'));
    let constant = if quoted { constant.trim_end_matches('\\') } else { constant };
    // So does the point that ends a sentence to the sentence, as behind a placeholder.
    let sentence = text.get(end..).is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace));
    let constant = if sentence { constant.strip_suffix('.').unwrap_or(constant) } else { constant };
    constant.find("..").unwrap_or(constant.len()).max(first.len_utf8())
}

/// Writes tokens as a pattern; wildcards as `shown` says.
pub(super) fn write<'t>(tokens: &'t [Token], shown: impl Fn(&'t Token) -> &'t str) -> String {
    let mut text = String::with_capacity(tokens.iter().map(|token| token.text().len() + 1).sum());
    for token in tokens {
        if !token.glued && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(shown(token));
    }
    text
}

/// Joins wildcards that are glued by punctuation or stand side by side.
pub(super) fn collapse(tokens: Vec<Token>) -> Vec<Token> {
    let mut stack: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if !token.wild {
            stack.push(token);
            continue;
        }
        let mut joined = token;
        while let Some(depth) = joined_depth(&stack, &joined) {
            stack.truncate(stack.len() - depth + 1);
            let Some(left) = stack.pop() else { break };
            let word = if left.word == joined.word { left.word } else { Word::any() };
            joined = Token { word, wild: true, glued: left.glued };
        }
        stack.push(joined);
    }
    without_repeats(&stack)
}

/// How long a part may be that is listed again and again.
const LISTED: usize = 12;

/// Parts with a value that are listed, `(id=<num>), (id=<num>)`, stand once: how many there are does not tell.
fn without_repeats(tokens: &[Token]) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, behind)) = rest.split_first() {
        kept.push(first.clone());
        rest = behind;
        while let Some(repeated) = (2..=LISTED.min(kept.len())).find_map(|length| repeated(&kept, rest, length)) {
            rest = rest.get(repeated..).unwrap_or_default();
        }
    }
    kept
}

/// How many tokens at the start of `rest` say the last `length` of `kept` once more, with what separates them.
fn repeated(kept: &[Token], rest: &[Token], length: usize) -> Option<usize> {
    let part = kept.get(kept.len() - length..)?;
    let separated = usize::from(rest.first().is_some_and(|first| matches!(first.text(), "," | ";" | "|")));
    let again = rest.get(separated..separated + length)?;
    let alike = |(left, right): (&Token, &Token)| left.wild == right.wild && (left.wild || left.word == right.word);
    // `[<id>] [<host>]` are two columns, not a list.
    let listed = separated > 0 || part.iter().any(Token::is_word);
    let says = listed && part.iter().zip(again).all(alike) && part.iter().any(|token| token.wild);
    says.then_some(separated + length)
}

fn joined_depth(stack: &[Token], next: &Token) -> Option<usize> {
    let at = |depth: usize| stack.len().checked_sub(depth).and_then(|at| stack.get(at));
    let last = at(1)?;
    if last.wild {
        return Some(1);
    }
    let before = at(2)?;
    let listed = matches!(last.text(), "," | ";" | "/") && last.glued;
    if before.wild && ((is_glue(last.text()) && last.glued && next.glued) || listed) {
        return Some(2);
    }
    let farther = at(3)?;
    let all_glued = last.glued && before.glued && next.glued;
    (farther.wild && all_glued && is_glue(last.text()) && is_glue(before.text())).then_some(3)
}
