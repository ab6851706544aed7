//! The patterns of a group in, the one text that people see out: constants where a slot held one value only.

use super::tokens::{Token, tokenize, write};
use super::word::{Lexicon, Word};
use crate::model::PatternTally;

/// Types whose only value says nothing about the next one.
const VOLATILE: [&str; 8] = ["<uuid>", "<ts>", "<hex>", "<email>", "<ip>", "<mac>", "<dur>", "<id>"];

/// A token as it will be shown.
struct Shown {
    token: Token,
    /// The only value of the slot, and in how many entries.
    only: Option<(String, u64)>,
}

/// The text of a group: the patterns of its members laid over each other, or `joined` where they differ in length.
pub(super) fn pattern(joined: &[Token], members: &[&PatternTally], lexicon: &mut Lexicon) -> String {
    if let [only] = members
        && only.slots.iter().all(|slot| slot.values.distinct() != 1)
    {
        return only.pattern.clone();
    }
    let mut members = members.iter().map(|tally| layout(tally, lexicon));
    let Some(mut shown) = members.next() else { return write(joined, Token::text) };
    for other in members {
        let alike = other.len() == shown.len()
            && shown.iter().zip(&other).all(|(ours, theirs)| ours.token.glued == theirs.token.glued);
        if !alike {
            return write(joined, Token::text);
        }
        for (ours, theirs) in shown.iter_mut().zip(other) {
            lay_over(ours, theirs);
        }
    }
    let tokens: Vec<Token> = shown
        .into_iter()
        .map(|shown| match shown.only {
            Some((value, entries)) if entries > 1 => Token { word: lexicon.word(&value), wild: false, ..shown.token },
            _ => shown.token,
        })
        .collect();
    write(&tokens, Token::text)
}

fn lay_over(ours: &mut Shown, theirs: Shown) {
    if ours.token.word != theirs.token.word {
        ours.token.word = Word::any();
        ours.token.wild = true;
        ours.only = None;
    } else if ours.token.wild {
        ours.only = match (ours.only.take(), theirs.only) {
            (Some((value, ours)), Some((theirs, more))) if value == theirs => Some((value, ours + more)),
            _ => None,
        };
    }
}

fn layout(tally: &PatternTally, lexicon: &mut Lexicon) -> Vec<Shown> {
    let mut slots = tally.slots.iter();
    let only = |token: &Token| {
        let numbered = !token.wild && token.text().ends_with("<num>");
        let slot = if token.wild || numbered { slots.next() } else { None }?;
        if numbered {
            return None;
        }
        let single = slot.values.is_exact() && slot.values.distinct() == 1;
        let value = slot.values.values().next().map(|kept| kept.value.clone())?;
        let telling = single && !VOLATILE.contains(&token.text()) && !value.trim().is_empty();
        telling.then(|| (value, slot.values.total()))
    };
    let mut only = only;
    tokenize(&tally.pattern, lexicon).into_iter().map(|token| Shown { only: only(&token), token }).collect()
}
