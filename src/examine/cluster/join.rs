//! Patterns of one place in, near-equal ones joined out. Works on the set of patterns: neither counts nor order matter.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_128;

use super::columns;
use super::details::{join_detailed, without_details};
use super::needed::{Ease, is_spelled_as_id, is_value_beside, may_be_value, quotes_the_event};
use super::tokens::{Token, collapse};
use super::word::Word;

/// Rounds of joining; what is left after them stays apart.
const ROUNDS: usize = 4;
/// Positions of a pattern that may be joined over.
const POSITIONS: usize = 128;
/// What distinct words of one position must weigh together to be values of a slot.
const ENOUGH: u32 = 240;

/// Words that are values of a slot somewhere, by their folds.
pub(super) type Names = HashSet<u32>;
/// From this many words on, the values of a slot are names wherever they stand.
const SURE: usize = 5;

fn tokens_of<'i>(items: &'i [Item], view: &View) -> &'i [Token] {
    items.get(view.item).map(|item| item.tokens.as_slice()).unwrap_or_default()
}

/// Patterns that are one.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) tokens: Vec<Token>,
    /// Numbers of the patterns in it; sorted.
    pub(super) members: Vec<usize>,
    pub(super) because: BTreeSet<String>,
    /// What the id is made of: the pattern without the words that a few more entries could turn into values.
    pub(super) identity: String,
}

/// Joins `items` round by round.
pub(super) fn join(items: Vec<Item>, ease: Ease) -> Vec<Item> {
    let mut items = merge_equal(items);
    let mut names = Names::new();
    for _ in 0..ROUNDS {
        join_detailed(&mut items);
        items = merge_equal(items);
        let (mut marks, mut because) = one_slot(&items, ease, &mut names);
        for ((marks, because), together) in
            marks.iter_mut().zip(&mut because).zip(columns::vary_together(&items, ease, &names))
        {
            if marks.is_empty() && !together.is_empty() {
                because.insert("they are built alike and differ in several names at once".to_owned());
                *marks = together;
            }
        }
        let chunks = existing_chunks(&items);
        if marks.iter().all(Vec::is_empty) && chunks.iter().all(Option::is_none) {
            break;
        }
        items = items
            .into_iter()
            .zip(marks)
            .zip(chunks)
            .zip(because)
            .map(|(((item, marks), chunk), because)| applied(item, &marks, chunk, because))
            .collect();
        items = merge_equal(items);
    }
    for item in &mut items {
        item.identity = identity(&item.tokens, ease, &names);
    }
    items
}

/// Words of this resistance or less are left out of the identity.
const WEAK: u32 = 3;

fn identity(tokens: &[Token], ease: Ease, names: &Names) -> String {
    // A pattern of which one word alone was seen is as long as one in which several were joined.
    let is_joined = |token: &Token| token.wild && token.word == Word::joined();
    let mut seen = tokens.to_vec();
    for token in seen.iter_mut().filter(|token| is_joined(token)) {
        *token = Token { word: Word::some(), wild: false, glued: token.glued };
    }
    let weak = |position: usize| {
        let known = seen.get(position).is_some_and(|token| names.contains(&token.word.fold()));
        (known && may_be_value(&seen, position)) || ease.words_needed(&seen, position) <= WEAK
    };
    let mut bare = tokens.to_vec();
    for (position, token) in bare.iter_mut().enumerate() {
        token.wild |= token.is_word() && weak(position);
    }
    key(&collapse(without_details(&bare).0))
}

fn applied(mut item: Item, marks: &[usize], chunk: Option<Vec<Token>>, because: BTreeSet<String>) -> Item {
    item.because.extend(because);
    if marks.is_empty() {
        if let Some(tokens) = chunk {
            item.because.insert("a part with a value in it stands where other patterns have a value".to_owned());
            item.tokens = tokens;
        }
        return item;
    }
    for mark in marks {
        if let Some(token) = item.tokens.get_mut(*mark) {
            *token = Token { word: Word::joined(), ..Token::any(token.glued) };
        }
    }
    item.tokens = collapse(item.tokens);
    item
}

/// Without a time said at the end, `.., timestamp: <ts>`.
pub(super) fn without_time(mut tokens: Vec<Token>) -> Vec<Token> {
    let Some(last) = tokens.last() else { return tokens };
    if last.text() != "<ts>" {
        return tokens;
    }
    let head = tokens.iter().rposition(|token| matches!(token.text(), "," | ";" | "-" | "(" | "[" | "|"));
    let Some(head) = head.filter(|head| *head >= 4 && tokens.len() - head <= 4) else { return tokens };
    let says_time = tokens.get(head + 1..).unwrap_or_default().iter().all(|token| {
        token.wild
            || !token.is_word()
            || ["timestamp", "time", "at", "ts", "date"].contains(&token.text().to_lowercase().as_str())
    });
    if says_time {
        tokens.truncate(head);
    }
    tokens
}

/// One key for patterns that read the same, whatever the types of their wildcards.
pub(super) fn key(tokens: &[Token]) -> String {
    super::tokens::write(tokens, |token| match token.text() {
        _ if token.wild => "\u{1}",
        "‹" => "<",
        "›" => ">",
        text => text,
    })
}

/// The same for patterns that read the same, whatever the types of their wildcards.
pub(super) fn codes(tokens: &[Token]) -> Box<[u32]> {
    tokens.iter().map(Token::code).collect()
}

fn merge_equal(items: Vec<Item>) -> Vec<Item> {
    let mut places: HashMap<Box<[u32]>, usize> = HashMap::with_capacity(items.len());
    let mut merged: Vec<Item> = Vec::with_capacity(items.len());
    for item in items {
        let place = *places.entry(codes(&item.tokens)).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(held) => absorb(held, item),
            None => merged.push(item),
        }
    }
    for item in &mut merged {
        item.members.sort_unstable();
    }
    merged
}

pub(super) fn absorb(held: &mut Item, other: Item) {
    for (ours, theirs) in held.tokens.iter_mut().zip(other.tokens) {
        if ours.wild && ours.word != theirs.word {
            let joined = ours.word == Word::joined() || theirs.word == Word::joined();
            ours.word = if joined { Word::joined() } else { Word::any() };
        }
    }
    held.members.extend(other.members);
    held.because.extend(other.because);
}

/// A pattern seen without the token at one position.
struct View {
    /// Hash of the rest and the position.
    family: u128,
    item: usize,
    position: usize,
    /// The word there, `None` for a wildcard.
    word: Option<u32>,
}

/// Which positions of which items are values: families of patterns that differ in one position.
fn one_slot(items: &[Item], ease: Ease, names: &mut Names) -> (Vec<Vec<usize>>, Vec<BTreeSet<String>>) {
    let mut marks = vec![Vec::new(); items.len()];
    let mut because = vec![BTreeSet::new(); items.len()];
    let mut views = views(items);
    views.sort_unstable_by_key(|view| (view.family, view.word, view.item, view.position));
    let mut found = Names::new();
    for family in views.chunk_by(|left, right| left.family == right.family).filter(|family| family.len() > 1) {
        let words: Vec<&View> = family.iter().filter(|view| view.word.is_some()).collect();
        let weight = |view: &&View| ENOUGH.div_ceil(ease.words_needed(tokens_of(items, view), view.position).max(1));
        if words.len() >= SURE && words.iter().map(weight).sum::<u32>() >= ENOUGH {
            found.extend(words.iter().filter_map(|view| token(items, view)).map(|token| token.word.fold()));
        }
    }
    names.extend(found);
    for family in views.chunk_by(|left, right| left.family == right.family) {
        if family.len() < 2 {
            continue;
        }
        let chosen = values(items, family, ease, names);
        let words: BTreeSet<&str> = chosen.iter().filter_map(|view| token(items, view)).map(Token::text).collect();
        let shown: Vec<&str> = words.iter().take(5).copied().collect();
        let more = if words.len() > 5 { ", ..." } else { "" };
        let reason = format!("{} patterns differ in one word alone: {}{more}", family.len(), shown.join(", "));
        for view in chosen {
            if let (Some(marks), Some(because)) = (marks.get_mut(view.item), because.get_mut(view.item)) {
                marks.push(view.position);
                because.insert(reason.clone());
            }
        }
    }
    (marks, because)
}

fn token<'i>(items: &'i [Item], view: &View) -> Option<&'i Token> {
    items.get(view.item)?.tokens.get(view.position)
}

/// The views whose word is a value: all words of the family where there are enough of them, else those that may join
/// a pattern with a wildcard.
fn values<'v>(items: &[Item], family: &'v [View], ease: Ease, names: &Names) -> Vec<&'v View> {
    let words: Vec<&View> = family.iter().filter(|view| view.word.is_some()).collect();
    let tokens = |view: &View| items.get(view.item).map(|item| item.tokens.as_slice()).unwrap_or_default();
    let weight = |view: &&View| {
        let needed = ease.words_needed(tokens(view), view.position);
        let known = token(items, view).is_some_and(|token| names.contains(&token.word.fold()));
        let is_name = known && may_be_value(tokens(view), view.position);
        ENOUGH.div_ceil(if is_name { needed.min(2) } else { needed }.max(1))
    };
    if words.len() > 1 && words.iter().map(weight).sum::<u32>() >= ENOUGH {
        return words;
    }
    let beside = family
        .iter()
        .filter(|view| view.word.is_none())
        .filter_map(|view| token(items, view))
        .map(|token| ease.words_beside(&token.word))
        .min();
    let able: Vec<&View> = words.iter().copied().filter(|view| may_be_value(tokens(view), view.position)).collect();
    if beside.is_some_and(|needed| able.len() >= needed) {
        return able;
    }
    let placeholders: Vec<&Token> =
        family.iter().filter(|view| view.word.is_none()).filter_map(|view| token(items, view)).collect();
    let alone = |view: &&View| {
        placeholders.iter().any(|token| is_value_beside(tokens(view), view.position, &token.word)) && ease.joins_alone()
    };
    words.into_iter().filter(alone).collect()
}

fn views(items: &[Item]) -> Vec<View> {
    let mut views = Vec::new();
    let mut bytes: Vec<u8> = Vec::new();
    for (number, item) in items.iter().enumerate() {
        bytes.clear();
        bytes.extend(item.tokens.iter().flat_map(|token| token.code().to_le_bytes()));
        for (position, token) in item.tokens.iter().enumerate().take(POSITIONS) {
            if !token.wild && !token.is_word() {
                continue;
            }
            set(&mut bytes, position, (u32::MAX - 1) | u32::from(token.glued));
            let family = xxh3_128(&bytes);
            set(&mut bytes, position, token.code());
            views.push(View { family, item: number, position, word: (!token.wild).then(|| token.word.number()) });
        }
    }
    views
}

fn set(bytes: &mut [u8], position: usize, id: u32) {
    if let Some(place) = bytes.get_mut(position * 4..position * 4 + 4) {
        place.copy_from_slice(&id.to_le_bytes());
    }
}

/// For each item the tokens with a chunk as one wildcard, where that pattern exists.
fn existing_chunks(items: &[Item]) -> Vec<Option<Vec<Token>>> {
    let keys: HashSet<Box<[u32]>> = items
        .iter()
        .filter(|item| item.tokens.iter().filter(|token| token.is_word()).count() >= 2)
        .map(|item| codes(&item.tokens))
        .collect();
    items.iter().map(|item| chunked(&item.tokens, &keys)).collect()
}

fn chunked(tokens: &[Token], keys: &HashSet<Box<[u32]>>) -> Option<Vec<Token>> {
    let mut start = 0;
    for chunk in tokens.chunk_by(|_, right| right.glued) {
        let end = start + chunk.len();
        if chunk.len() >= 2 && chunk.iter().any(|token| token.wild) {
            for (from, to) in values_in(chunk) {
                let shorter = shortened(tokens, start + from, start + to);
                if keys.contains(&codes(&shorter)) {
                    return Some(shorter);
                }
            }
        }
        start = end;
    }
    quotations(tokens)
        .into_iter()
        .chain(beside_values(tokens))
        .map(|(from, to)| shortened(tokens, from, to))
        .find(|shorter| keys.contains(&codes(shorter)))
}

/// What stands in double quotes, where it is more than a word.
fn quotations(tokens: &[Token]) -> Vec<(usize, usize)> {
    let is_quote = |at: &usize| tokens.get(*at).is_some_and(|token| token.text() == "\"");
    let quotes: Vec<usize> = (0..tokens.len()).filter(is_quote).collect();
    let pairs = quotes.chunks_exact(2).filter_map(|pair| Some((pair.first()? + 1, *pair.get(1)?)));
    pairs.filter(|(from, to)| to - from >= 2 && !quotes_the_event(tokens, from - 1)).collect()
}

/// Identifiers next to a value, `web-a <ip>`: two values side by side are one.
fn beside_values(tokens: &[Token]) -> Vec<(usize, usize)> {
    let is_id = |token: &Token| token.is_word() && is_spelled_as_id(token.text());
    let joins = |pair: &[Token]| match pair {
        [left, right] => !right.glued && ((left.wild && is_id(right)) || (right.wild && is_id(left))),
        _ => false,
    };
    tokens.windows(2).enumerate().filter(|(_, pair)| joins(pair)).map(|(at, _)| (at, at + 2)).collect()
}

/// What may be the value in a chunk: all of it or what stands behind a colon or an equals sign, with or without the
/// punctuation at its end; at least two tokens, one of them a wildcard.
fn values_in(chunk: &[Token]) -> Vec<(usize, usize)> {
    let is = |token: &Token, marks: &str| marks.contains(token.text());
    let ends = |token: &&Token| is(token, ",;.:");
    let end = chunk.len() - chunk.iter().rev().take_while(ends).count();
    let starts = chunk.iter().enumerate().filter(|(_, token)| is(token, ":=")).map(|(at, _)| at + 1);
    std::iter::once(0)
        .chain(starts)
        .filter(|start| {
            let value = chunk.get(*start..end).unwrap_or_default();
            let says = |holds: fn(&Token) -> bool| value.iter().any(holds);
            let whole = *start == 0 || says(Token::is_word);
            value.len() >= 2 && whole && says(|token| token.wild) && !says(|token| token.text() == "=")
        })
        .map(|start| (start, end))
        .collect()
}

/// The tokens with those from `from` to `to` as one wildcard.
fn shortened(tokens: &[Token], from: usize, to: usize) -> Vec<Token> {
    let glued = tokens.get(from).is_some_and(|token| token.glued);
    let mut shorter = tokens.get(..from).unwrap_or_default().to_vec();
    shorter.push(Token::any(glued));
    shorter.extend(tokens.get(to..).unwrap_or_default().iter().cloned());
    collapse(shorter)
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokenize;
    use super::super::word::Lexicon;
    use super::*;

    fn items(count: usize) -> Vec<Item> {
        let mut lexicon = Lexicon::default();
        let item = |number: usize| Item {
            tokens: tokenize(
                &format!("step{number} of the long run <num> went {} over key=<id>", "x".repeat(number % 7 + 3)),
                &mut lexicon,
            ),
            members: vec![number],
            because: BTreeSet::new(),
            identity: String::new(),
        };
        (0..count).map(item).collect()
    }

    /// Each pattern is looked at once a position, and meets only those that agree with it in all others: no pair of
    /// patterns is ever compared for its own sake.
    #[test]
    fn the_work_grows_with_the_patterns_not_with_their_pairs() {
        let work = |count: usize| {
            let items = items(count);
            let mut views = views(&items);
            views.sort_unstable_by_key(|view| view.family);
            let families = views.chunk_by(|left, right| left.family == right.family);
            (views.len(), families.filter(|family| family.len() > 1).map(<[View]>::len).sum::<usize>())
        };
        let (small, large) = (work(1_000), work(4_000));
        assert!(large.0 <= 4 * small.0 && small.0 <= 1_000 * 12, "{small:?} {large:?}");
        assert!(large.1 <= 4 * small.1 + 4_000, "{small:?} {large:?}");
    }
}
