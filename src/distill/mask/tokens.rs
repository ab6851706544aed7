//! The working text in, tokens out: pieces with a digit become slots, and slots that belong together become one.

use std::sync::LazyLock;

use regex::Regex;

use super::Kind;
use super::draft::{Draft, SLOT, Slot};
use crate::distill::words;
use crate::model::{is_glue, is_random, is_separator};

/// A part of a pattern.
#[derive(Clone, Debug)]
pub(super) enum Token {
    /// Constant text: bytes of the working text.
    Text(usize, usize),
    /// A value.
    Slot(Slot),
}

/// A token with what joining slots needs to know.
#[derive(Clone, Debug)]
pub(super) struct Piece<'d> {
    token: Token,
    text: &'d str,
}

/// Cuts the working text; pieces with a digit are slots.
pub(super) fn split(draft: &Draft) -> Vec<Piece<'_>> {
    let mut pieces = Vec::with_capacity(draft.text.len() / 8);
    let mut slots = draft.slots.iter();
    let text = draft.text.as_str();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let mut length = piece_length(rest, first);
        let mut part = rest.get(..length).unwrap_or_default();
        // Most texts of many tokens are lists of numbers: what stands between them is no value, and `0` is one.
        let known = if is_separator(first) || first == ' ' {
            Some(Token::Text(at, at + length))
        } else if part == "0" {
            Some(Token::Slot(Slot::new(Kind::Num, (draft.canonical(at), draft.canonical(at + 1)))))
        } else {
            None
        };
        if let Some(token) = known {
            pieces.push(Piece { token, text: part });
            at += length;
            continue;
        }
        let before = text.get(..at).unwrap_or_default();
        if let Some(stem) = interface(part, before) {
            let digit = (draft.canonical(at + stem), draft.canonical(at + stem + 1));
            pieces.push(Piece { token: Token::Text(at, at + stem), text: part.get(..stem).unwrap_or_default() });
            pieces.push(Piece { token: Token::Slot(Slot::new(Kind::Num, digit)), text: "0" });
            at += stem + 1;
            continue;
        }
        let token = if first == SLOT {
            slots.next().map_or(Token::Text(at, at), |slot| Token::Slot(slot.clone()))
        } else if part.contains(|char: char| char.is_ascii_digit()) && !is_known(part)
            || is_starred(part)
            || is_random(part)
        {
            let value = part.trim_end_matches('.');
            (length, part) = (value.len(), value);
            Token::Slot(Slot::new(classify(part), (draft.canonical(at), draft.canonical(at + length))))
        } else {
            Token::Text(at, at + length)
        };
        pieces.push(Piece { token, text: part });
        at += length;
    }
    pieces
}

/// How long the name in front of the number of a network interface is.
fn interface(part: &str, before: &str) -> Option<usize> {
    let stem = part.trim_end_matches('.').strip_suffix('0')?;
    let plain = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_lowercase());
    let begins = || before.chars().next_back().is_none_or(|char| char == ' ' || is_separator(char));
    (plain && begins() && (words::names_interface(stem) || announces_interface(before))).then_some(stem.len())
}

fn announces_interface(before: &str) -> bool {
    const WORD: &[u8] = b"interface ";
    let end = before.len().checked_sub(WORD.len()).and_then(|start| before.as_bytes().get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(WORD))
}

/// `IPv6`, `UTF-8.` and the like.
fn is_known(part: &str) -> bool {
    part.split(['.', '/'])
        .all(|word| !word.contains(|char: char| char.is_ascii_digit()) || words::is_spelled_with_digit(word.as_bytes()))
}

/// `***`: what a redactor or a counter without a value leaves.
fn is_starred(part: &str) -> bool {
    part.len() > 2 && part.bytes().all(|byte| byte == b'*')
}

fn piece_length(rest: &str, first: char) -> usize {
    if first == SLOT || is_separator(first) || first == ' ' {
        return first.len_utf8();
    }
    let dots = rest.len() - rest.trim_start_matches('.').len();
    if dots >= 2 {
        return dots;
    }
    let mut length = 0;
    for char in rest.chars() {
        let ends = char == ' ' || char == SLOT || is_separator(char);
        if ends || rest.get(length..).is_some_and(|rest| rest.starts_with("..")) {
            break;
        }
        length += char.len_utf8();
    }
    length.max(first.len_utf8())
}

/// Joins slots that are one value: glued, listed, with their unit or comparison sign.
pub(super) fn collapse(pieces: Vec<Piece<'_>>, canonical: &str) -> Vec<Token> {
    let mut stack: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let Token::Slot(mut slot) = piece.token else {
            if !absorbs_unit(&mut stack, &piece, pieces.peek(), canonical) && !absorbs_size(&mut stack, &piece) {
                stack.push(piece);
            }
            continue;
        };
        absorb_sign(&mut stack, &mut slot, pieces.peek());
        while let Some(depth) = joined_depth(&stack) {
            stack.truncate(stack.len() - depth + 1);
            let Some(Piece { token: Token::Slot(left), .. }) = stack.pop() else { break };
            slot = join(left, &slot, canonical);
        }
        stack.push(Piece { token: Token::Slot(slot), text: piece.text });
    }
    lists(&stack)
}

/// Values in a row, from this many on, are one list, so that its length does not make the pattern.
const LIST: usize = 4;

fn lists(pieces: &[Piece<'_>]) -> Vec<Token> {
    let mut listed = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let end = list_end(pieces, at);
        match (&piece.token, end.checked_sub(1).and_then(|last| pieces.get(last)).map(|last| &last.token)) {
            (Token::Slot(first), Some(Token::Slot(last))) if end > at + 1 => {
                listed.push(Token::Slot(Slot::new(Kind::List, (first.outer.0, last.outer.1))));
                at = end;
            }
            _ => {
                listed.push(piece.token.clone());
                at += 1;
            }
        }
    }
    listed
}

/// Where the list that starts at `start` ends; `start` itself plus one where there is none.
fn list_end(pieces: &[Piece<'_>], start: usize) -> usize {
    let is_slot = |at: usize| pieces.get(at).is_some_and(|piece| matches!(piece.token, Token::Slot(_)));
    let text = |at: usize| pieces.get(at).map(|piece| piece.text).unwrap_or_default();
    let (mut end, mut items) = (start + 1, usize::from(is_slot(start)));
    while items > 0 {
        let next = if matches!(text(end), "," | ";" | "|") { end + 1 } else { end };
        let next = if text(next) == " " { next + 1 } else { next };
        if next == end || !is_slot(next) {
            break;
        }
        (end, items) = (next + 1, items + 1);
    }
    if items >= LIST { end } else { start + 1 }
}

/// `<5`, `~5`: the sign is part of the value, unless it opens a bracket.
fn absorb_sign(stack: &mut Vec<Piece<'_>>, slot: &mut Slot, next: Option<&Piece<'_>>) {
    let closes = next.is_some_and(|next| next.text == ">");
    let sign = stack.last().map(|last| last.text).unwrap_or_default();
    if (sign == "<" && !closes) || sign == "~" || (sign == ">" && !is_arrow(stack)) {
        stack.pop();
        slot.outer.0 = slot.outer.0.saturating_sub(1);
    }
}

fn is_arrow(stack: &[Piece<'_>]) -> bool {
    let before = stack.len().checked_sub(2).and_then(|at| stack.get(at)).map(|piece| piece.text).unwrap_or_default();
    before.ends_with('-') || before.ends_with('=') || before.chars().any(char::is_alphanumeric)
}

/// A unit behind a slot, with or without a blank.
fn absorbs_unit(stack: &mut Vec<Piece<'_>>, unit: &Piece<'_>, next: Option<&Piece<'_>>, canonical: &str) -> bool {
    // Most of what stands between values is a sign.
    if unit.text.starts_with(|first: char| first.is_ascii() && !first.is_ascii_alphabetic() && first != '%') {
        return false;
    }
    let word = unit.text.trim_end_matches('.');
    if !(words::is_unit(word) || words::is_currency(word))
        || next.is_some_and(|next| matches!(next.text, "(" | "=" | ":"))
    {
        return false;
    }
    let blank = usize::from(stack.last().is_some_and(|last| last.text == " "));
    let Some(at) = stack.len().checked_sub(1 + blank) else { return false };
    let length = word.len() + blank;
    let Some(Piece { token: Token::Slot(slot), .. }) = stack.get_mut(at) else { return false };
    if word.len() < unit.text.len()
        || !matches!(slot.kind, Kind::Num | Kind::Id | Kind::Any | Kind::Ts | Kind::Dur | Kind::Size)
    {
        return false;
    }
    slot.outer.1 = (slot.outer.1 + length).min(canonical.len());
    slot.inner = slot.outer;
    slot.kind = match word {
        _ if slot.kind != Kind::Num => slot.kind.clone(),
        "ms" | "us" | "ns" | "µs" | "s" | "sec" | "secs" | "min" | "hr" => Kind::Dur,
        "%" => Kind::Num,
        word if word.ends_with('B') || word == "bytes" => Kind::Size,
        word if words::is_currency(word) => Kind::Num,
        _ => Kind::Ts,
    };
    stack.truncate(at + 1);
    true
}

/// `1190 bytes (1.16 KB)`: the closing bracket ends the same size said again.
fn absorbs_size(stack: &mut Vec<Piece<'_>>, bracket: &Piece<'_>) -> bool {
    let Token::Text(_, _) = bracket.token else { return false };
    let is_size = |piece: &Piece<'_>| matches!(&piece.token, Token::Slot(slot) if slot.kind == Kind::Size);
    let [.., size, blank, open, again] = stack.as_slice() else { return false };
    if bracket.text != ")" || open.text != "(" || blank.text != " " || !is_size(size) || !is_size(again) {
        return false;
    }
    let Token::Slot(again) = &again.token else { return false };
    let end = again.outer.1 + 1;
    stack.truncate(stack.len() - 3);
    if let Some(Piece { token: Token::Slot(size), .. }) = stack.last_mut() {
        size.outer.1 = end;
        size.inner = size.outer;
    }
    true
}

/// How many tokens at the top, from a slot on, join with a slot behind them.
fn joined_depth(stack: &[Piece<'_>]) -> Option<usize> {
    let at = |depth: usize| stack.len().checked_sub(depth).and_then(|at| stack.get(at));
    let is_slot = |depth: usize| at(depth).is_some_and(|piece| matches!(piece.token, Token::Slot(_)));
    let text = |depth: usize| at(depth).map(|piece| piece.text).unwrap_or_default();
    if is_slot(1) {
        return Some(1);
    }
    if is_slot(2) && is_glue(text(1)) {
        return Some(2);
    }
    (is_slot(3) && is_glue(text(1)) && is_glue(text(2))).then_some(3)
}

fn join(left: Slot, right: &Slot, canonical: &str) -> Slot {
    let outer = (left.outer.0, right.outer.1);
    let text = canonical.get(outer.0..outer.1).unwrap_or_default();
    let kind = if left.kind == right.kind && left.kind != Kind::Id && !matches!(left.kind, Kind::Num) {
        left.kind
    } else {
        match classify(text) {
            Kind::Id if text.contains(' ') => {
                if left.kind == right.kind {
                    left.kind
                } else {
                    Kind::Any
                }
            }
            kind => kind,
        }
    };
    Slot::new(kind, outer)
}

static TYPES: LazyLock<Vec<(Kind, Option<Regex>)>> = LazyLock::new(|| {
    [
        (Kind::Num, r"^[-+#$€~<>]?0(?:[.,]0)?(?:e0|%)?$|^0e0$|^0(?:, ?0)+$|^0(?: 0)+$|^0(?:\.0)?%$"),
        (Kind::Uuid, r"^00000000-0000-0000-0000-000000000000$"),
        (Kind::Hex, r"^(?:0000000a|0x0|0a)$"),
        (Kind::Dur, r"^(?:0\.)?0s(?:\.0s)*$|^0(?:\.0)? ?(?:ms|us|ns|µs|s)$"),
        (Kind::Size, r"^(?:0\.)?0KB$"),
        (Kind::Ip, r"^0\.0\.0\.0(?:[:/]0)?$"),
        (
            Kind::Ts,
            r"^(?:(?:2000-01-01|0/0/0)(?:[T ]00?)?|20000101T000000Z|0:0:0)(?::0)*(?:[.,]0)?0?Z?(?: ?[+-]?0:?0?)?$",
        ),
    ]
    .into_iter()
    .map(|(kind, expression)| (kind, Regex::new(expression).ok()))
    .collect()
});

/// The type of a value by its canonical text.
pub(super) fn classify(text: &str) -> Kind {
    if text == "0" {
        return Kind::Num;
    }
    if is_starred(text) {
        return Kind::Any;
    }
    let fits = |(_, form): &&(Kind, Option<Regex>)| form.as_ref().is_some_and(|form| form.is_match(text));
    TYPES.iter().find(fits).map_or(Kind::Id, |(kind, _)| kind.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::canon::canonicalize;
    use crate::distill::mask::Masker;

    #[test]
    fn random_letters_are_an_id() {
        let masker = Masker::new(&[]).unwrap();
        let mut canon = masker.canon();
        canonicalize("Socket rXXkYHAHpnGgAsekdpDy of {HorizontalPodAutoscaler} left", &mut canon);
        assert_eq!(masker.mask(&canon).pattern, "Socket <id> of {HorizontalPodAutoscaler} left");
    }

    #[test]
    fn every_expression_compiles() {
        assert!(TYPES.iter().all(|(_, form)| form.is_some()));
    }
}
