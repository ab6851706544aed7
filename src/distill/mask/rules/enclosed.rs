//! What stands in brackets or quotes in, the values among it out.

use std::sync::LazyLock;

use regex::Regex;

use super::{before, behind, closing, compiled, finds, is_word, pattern};
use crate::distill::mask::draft::{Draft, Found, SLOT};
use crate::distill::mask::{Kind, json};
use crate::distill::words;

pub(super) fn embedded_json(draft: &Draft) -> Vec<Found> {
    let mut found = Vec::new();
    let (mut at, mut tries) = (0, 0);
    while let Some(next) = memchr::memchr2(b'{', b'[', draft.text.as_bytes().get(at..).unwrap_or_default()) {
        let start = at + next;
        at = start + 1;
        let Some(rest) = draft.text.get(start..) else { continue };
        match json::shape(rest) {
            Some((shape, length)) => {
                found.push(Found::new(Kind::Json(shape), start..start + length));
                at = start + length;
            }
            None => tries += 1,
        }
        if tries > 32 {
            break;
        }
    }
    found
}

pattern!(REDACTED, r"(?i)[\[<({]?\b(?:redacted|masked|filtered|hidden|secret)\b[\])>}]?|\bx{4,}\b");

/// `[REDACTED]`, `<masked>`, `REDACTED`, `XXXXXX`: what others have left of a value.
pub(super) fn redacted(draft: &Draft) -> Vec<Found> {
    finds(&REDACTED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let closed = whole.as_str().ends_with([']', ')', '>', '}']) && whole.as_str().starts_with(['[', '(', '<', '{']);
        let loud = whole.as_str() == "REDACTED" || whole.as_str().bytes().all(|byte| matches!(byte, b'x' | b'X'));
        (closed || loud).then(|| Found::new(Kind::Any, whole.range()))
    })
}

pattern!(QUOTED_VALUE, r#"([A-Za-z_][A-Za-z_0.-]*)(?:=|: ?)("[^"]*"|'[^']*')"#);

pub(super) fn quoted_values(draft: &Draft) -> Vec<Found> {
    finds(&QUOTED_VALUE, &draft.text, |captures| {
        let (key, value) = (captures.get(1)?, captures.get(2)?);
        (!words::quotes_the_event(key.as_str())).then(|| Found {
            kind: Kind::Str,
            outer: (value.start(), value.end()),
            inner: (value.start() + 1, value.end() - 1),
        })
    })
}

pattern!(LIST, r"\[([^\[\]=;{}()]+(?:, ?[^\[\]=;{}(),]+){2,}|[^\s\[\]=;{}(),:]+, ?[^\s\[\]=;{}(),:]+)\]");
/// Longer items are texts, of pairs and of more; counted in the expression, they would make it slow to compile.
const LONGEST_OF_PAIR: usize = 40;
const LONGEST_ITEM: usize = 60;

pub(super) fn lists(draft: &Draft) -> Vec<Found> {
    finds(&LIST, &draft.text, |captures| {
        let items = captures.get(1)?;
        let is_pair = items.as_str().matches(',').count() == 1;
        let longest = if is_pair { LONGEST_OF_PAIR } else { LONGEST_ITEM };
        let short = items.as_str().split(',').all(|item| item.trim().len() <= longest);
        short.then(|| Found::new(Kind::List, items.range()))
    })
}

pattern!(QUOTED, r#""([^"\s]+)"|'([^'\s]+)'|`([^`\s]+)`"#);

pub(super) fn quoted_tokens(draft: &Draft) -> Vec<Found> {
    finds(&QUOTED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let inner = captures.iter().skip(1).flatten().next()?;
        let glued = before(&draft.text, whole.start()).is_some_and(is_word);
        let value = !inner.as_str().chars().all(char::is_alphabetic) && inner.as_str() != "\u{1}";
        (value && !glued).then(|| Found::new(Kind::Str, inner.range()))
    })
}

pattern!(RECORD, r"\{(?:0a|0000000a|Id0|0e0|[a-f]{0,5}0)[\s}]");

/// `Window{3f2a91c u0 com.example/.Main}`: a record that begins with its number; what it holds is one value.
pub(super) fn braced_records(draft: &Draft) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let Some(record) = RECORD.as_ref() else { return found };
    for start in record.find_iter(&draft.text).map(|start| start.start()) {
        let inside = found.last().is_some_and(|last| start < last.outer.1);
        let named = before(&draft.text, start).is_some_and(is_word);
        if let (true, Some(end)) = (named && !inside, closing(&draft.text, start)) {
            found.push(Found::new(Kind::Any, start + 1..end));
        }
    }
    found
}

/// `name=com.example", next=`: a quote that closes nothing belongs to the value before it.
pub(super) fn stray_quotes(draft: &Draft) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, (at, _)) in draft.text.match_indices('"').enumerate() {
        let closes = number % 2 == 1;
        let ends = behind(&draft.text, at + 1).is_none_or(|char| " ,;)".contains(char));
        if before(&draft.text, at) == Some(SLOT) && ends && !closes {
            found.push(Found::new(Kind::Str, at - SLOT.len_utf8()..at + 1));
        }
    }
    if draft.text.matches('"').count() % 2 == 1 { found } else { Vec::new() }
}

pattern!(BRACKETED_VALUE, r"\([A-Za-z_][A-Za-z0-9_.-]*=([^()=,;]+)\)");
/// Longer values are texts; counted in the expression, they would make it slow to compile.
const LONGEST_BRACKETED: usize = 100;

/// `(name=Orders - main)`: the only value in brackets ends with them.
pub(super) fn bracketed_values(draft: &Draft) -> Vec<Found> {
    finds(&BRACKETED_VALUE, &draft.text, |captures| {
        let value = captures.get(1)?;
        let is_text = value.as_str().chars().count() > LONGEST_BRACKETED;
        (!is_text && value.as_str() != "\u{1}").then(|| Found::new(Kind::Str, value.range()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        for pattern in [&REDACTED, &QUOTED_VALUE, &LIST, &QUOTED, &RECORD, &BRACKETED_VALUE] {
            assert!(pattern.is_some());
        }
    }
}
