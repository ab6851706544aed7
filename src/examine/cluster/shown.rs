//! The patterns of a group in, the one text that people see out: constants where a slot held one value only.

use super::tokens::{Token, tokenize, write};
use super::word::{Lexicon, Word};
use crate::examine::group::{Filled, JoinedSlot};
use crate::model::{PatternTally, SlotTally, TRACE_LINE};

/// Types whose only value says nothing about the next one, and lines of traces, which are known by their pattern.
const VOLATILE: [&str; 9] = ["<uuid>", "<ts>", "<hex>", "<email>", "<ip>", "<mac>", "<dur>", "<id>", TRACE_LINE];

/// A token as it will be shown.
#[derive(Clone)]
struct Shown {
    token: Token,
    /// The number of its slot in the pattern.
    slot: Option<usize>,
    /// The only value of the slot, and in how many entries.
    only: Option<(String, u64)>,
}

/// The text of a group and what its members have in the slots of it: the patterns of the members laid over each
/// other, or `joined` where they differ in length.
pub(super) fn pattern(joined: &[Token], members: &[&PatternTally], lexicon: &mut Lexicon) -> (String, Vec<JoinedSlot>) {
    if let [only] = members
        && only.slots.iter().all(|slot| slot.values.distinct() != 1)
    {
        return (only.pattern.clone(), Vec::new());
    }
    let layouts: Vec<Vec<Shown>> = members.iter().map(|tally| layout(tally, lexicon)).collect();
    let slots = |tokens: &[Token]| if members.len() > 1 { slots(tokens, &layouts) } else { Vec::new() };
    let Some(shown) = laid_over(&layouts) else {
        return (write(joined, Token::text), slots(joined));
    };
    let tokens: Vec<Token> = shown.iter().map(|shown| shown.token.clone()).collect();
    let slots = slots(&tokens);
    let tokens: Vec<Token> = shown
        .into_iter()
        .map(|shown| match shown.only {
            Some((value, entries)) if entries > 1 => Token { word: lexicon.word(&value), wild: false, ..shown.token },
            _ => shown.token,
        })
        .collect();
    (write(&tokens, Token::text), slots)
}

/// The members as one, if they have their tokens at the same places.
fn laid_over(layouts: &[Vec<Shown>]) -> Option<Vec<Shown>> {
    let (first, others) = layouts.split_first()?;
    let mut shown: Vec<Shown> = first.clone();
    for other in others {
        let alike = other.len() == shown.len()
            && shown.iter().zip(other).all(|(ours, theirs)| ours.token.glued == theirs.token.glued);
        if !alike {
            return None;
        }
        for (ours, theirs) in shown.iter_mut().zip(other) {
            lay_over(ours, theirs);
        }
    }
    Some(shown)
}

/// What the members have where `tokens` has slots; nothing if one of them does not fit.
fn slots(tokens: &[Token], layouts: &[Vec<Shown>]) -> Vec<JoinedSlot> {
    let varies = |token: &&Token| token.wild || is_numbered(token);
    let mut slots: Vec<JoinedSlot> = tokens
        .iter()
        .filter(varies)
        .map(|token| JoinedSlot {
            placeholder: if token.wild { token.text() } else { "<num>" }.to_owned(),
            filled: Vec::with_capacity(layouts.len()),
        })
        .collect();
    for layout in layouts {
        let Some(spans) = spans(tokens, layout) else { return Vec::new() };
        let spans = tokens.iter().zip(spans).filter(|(token, _)| varies(token));
        for (slot, (token, (from, to))) in slots.iter_mut().zip(spans) {
            slot.filled.push(filled(token, layout.get(from..to).unwrap_or_default()));
        }
    }
    slots
}

fn filled(token: &Token, part: &[Shown]) -> Filled {
    // Of `eth<num>` the slot is the number alone; where a placeholder stands for it, it is the whole name.
    if let [Shown { slot: Some(number), token: own, .. }] = part
        && own.wild == token.wild
    {
        return Filled::Slot(*number);
    }
    let tokens: Vec<Token> = part.iter().map(|shown| shown.token.clone()).collect();
    let text = write(&tokens, Token::text);
    if part.iter().any(|shown| shown.slot.is_some()) { Filled::Mixed(text) } else { Filled::Text(text) }
}

/// Which tokens of `layout` each of `tokens` stands for: a constant for its like, a placeholder for one or more.
fn spans(tokens: &[Token], layout: &[Shown]) -> Option<Vec<(usize, usize)>> {
    let fits = |token: &Token, shown: &Shown| token.wild || (!shown.token.wild && token.word == shown.token.word);
    let mut spans: Vec<(usize, usize)> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while spans.len() < tokens.len() || at < layout.len() {
        let fit = tokens.get(spans.len()).zip(layout.get(at)).is_some_and(|(token, shown)| fits(token, shown));
        if fit {
            spans.push((at, at + 1));
        } else {
            // The last placeholder stands for one more.
            let last = tokens.get(..spans.len())?.iter().rposition(|token| token.wild)?;
            spans.truncate(last + 1);
            spans.last_mut()?.1 += 1;
        }
        at = spans.last()?.1;
        if at > layout.len() {
            return None;
        }
    }
    Some(spans)
}

/// `eth<num>`: a name with a slot in it.
fn is_numbered(token: &Token) -> bool {
    !token.wild && token.text().ends_with("<num>")
}

fn lay_over(ours: &mut Shown, theirs: &Shown) {
    if ours.token.word != theirs.token.word {
        ours.token.word = Word::any();
        ours.token.wild = true;
        ours.only = None;
    } else if ours.token.wild {
        ours.only = match (ours.only.take(), &theirs.only) {
            (Some((value, ours)), Some((theirs, more))) if value == *theirs => Some((value, ours + more)),
            _ => None,
        };
    }
}

fn layout(tally: &PatternTally, lexicon: &mut Lexicon) -> Vec<Shown> {
    let mut slots = tally.slots.iter().enumerate();
    let shown = |token: Token| {
        let slot = if token.wild || is_numbered(&token) { slots.next() } else { None };
        let only = slot.filter(|_| token.wild).and_then(|(_, slot)| only_value(&token, slot));
        Shown { slot: slot.map(|(number, _)| number), only, token }
    };
    tokenize(&tally.pattern, lexicon).into_iter().map(shown).collect()
}

/// The value of a slot that held one only, and in how many entries, where that tells something about the next one.
fn only_value(token: &Token, slot: &SlotTally) -> Option<(String, u64)> {
    let single = slot.values.is_exact() && slot.values.distinct() == 1;
    let value = slot.values.values().next().map(|kept| kept.value.clone())?;
    let telling = single && !VOLATILE.contains(&token.text()) && !value.trim().is_empty();
    telling.then(|| (value, slot.values.total()))
}
