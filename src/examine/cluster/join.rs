//! Patterns of one place in, near-equal ones joined out. Works on the set of patterns: neither counts nor order matter.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_128;

use super::tokens::{Token, collapse};

/// Rounds of joining; what is left after them stays apart.
const ROUNDS: usize = 4;
/// Positions of a pattern that may be joined over.
const POSITIONS: usize = 128;
/// What distinct words of one position must weigh together to be values of a slot.
const ENOUGH: u32 = 240;

/// Patterns that are one.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) tokens: Vec<Token>,
    /// Numbers of the patterns in it; sorted.
    pub(super) members: Vec<usize>,
    pub(super) because: BTreeSet<String>,
}

/// How easily patterns join.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ease {
    /// Distinct words that make a slot.
    pub(super) words: u32,
    /// The same for the first word of a pattern, for words in capitals, for words of one or two letters.
    pub(super) first: u32,
    pub(super) capitals: u32,
    pub(super) short: u32,
    /// Distinct words that join a slot which other patterns have.
    pub(super) subsumed: usize,
}

/// Joins `items` round by round.
pub(super) fn join(items: Vec<Item>, ease: Ease) -> Vec<Item> {
    let mut items = merge_equal(items);
    for _ in 0..ROUNDS {
        let (marks, because) = one_slot(&items, ease);
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
    items
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
            *token = Token { text: "<*>".to_owned(), wild: true, glued: token.glued, constant: None };
        }
    }
    item.tokens = collapse(item.tokens);
    item
}

/// One key for patterns that read the same, whatever the types of their wildcards.
pub(super) fn key(tokens: &[Token]) -> String {
    super::tokens::write(tokens, |token| if token.wild { "\u{1}" } else { &token.text })
}

fn merge_equal(items: Vec<Item>) -> Vec<Item> {
    let mut merged: BTreeMap<String, Item> = BTreeMap::new();
    for item in items {
        match merged.entry(key(&item.tokens)) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(item);
            }
            std::collections::btree_map::Entry::Occupied(mut held) => absorb(held.get_mut(), item),
        }
    }
    let mut items: Vec<Item> = merged.into_values().collect();
    for item in &mut items {
        item.members.sort_unstable();
    }
    items
}

pub(super) fn absorb(held: &mut Item, other: Item) {
    for (ours, theirs) in held.tokens.iter_mut().zip(other.tokens) {
        if ours.wild && ours.text != theirs.text {
            "<*>".clone_into(&mut ours.text);
        }
        if ours.constant != theirs.constant {
            ours.constant = None;
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
fn one_slot(items: &[Item], ease: Ease) -> (Vec<Vec<usize>>, Vec<BTreeSet<String>>) {
    let mut marks = vec![Vec::new(); items.len()];
    let mut because = vec![BTreeSet::new(); items.len()];
    let (mut views, words) = views(items);
    views.sort_unstable_by(|left, right| {
        (left.family, left.word, left.item, left.position).cmp(&(right.family, right.word, right.item, right.position))
    });
    for family in views.chunk_by(|left, right| left.family == right.family) {
        if family.len() < 2 {
            continue;
        }
        let distinct = distinct_words(items, family, &words);
        if !is_slot(&distinct, family, ease) {
            continue;
        }
        let shown: Vec<&str> = distinct.iter().take(5).map(|word| word.text).collect();
        let more = if distinct.len() > 5 { ", ..." } else { "" };
        let reason = format!("{} patterns differ in one word alone: {}{more}", distinct.len(), shown.join(", "));
        for view in family.iter().filter(|view| view.word.is_some()) {
            if let (Some(marks), Some(because)) = (marks.get_mut(view.item), because.get_mut(view.item)) {
                marks.push(view.position);
                because.insert(reason.clone());
            }
        }
    }
    (marks, because)
}

fn views(items: &[Item]) -> (Vec<View>, Vec<String>) {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut words = Vec::new();
    let mut views = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let mut ids: Vec<u32> = Vec::with_capacity(item.tokens.len());
        for token in &item.tokens {
            let glued = u32::from(token.glued);
            let id = if token.wild {
                0
            } else {
                *numbers.entry_ref(token.text.as_str()).or_insert_with(|| {
                    words.push(token.text.clone());
                    u32::try_from(words.len()).unwrap_or(u32::MAX)
                })
            };
            ids.push(id << 1 | glued);
        }
        let mut bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        for (position, token) in item.tokens.iter().enumerate().take(POSITIONS) {
            if !token.wild && !token.is_word() {
                continue;
            }
            let id = ids.get(position).copied().unwrap_or_default();
            let hole = (u32::MAX - 1) | (id & 1);
            if let Some(place) = bytes.get_mut(position * 4..position * 4 + 4) {
                place.copy_from_slice(&hole.to_le_bytes());
            }
            let family = xxh3_128(&bytes);
            if let Some(place) = bytes.get_mut(position * 4..position * 4 + 4) {
                place.copy_from_slice(&id.to_le_bytes());
            }
            views.push(View { family, item: number, position, word: (!token.wild).then_some(id >> 1) });
        }
    }
    (views, words)
}

/// A distinct word of a family.
struct Word<'t> {
    text: &'t str,
    first: bool,
}

fn distinct_words<'t>(items: &[Item], family: &[View], words: &'t [String]) -> Vec<Word<'t>> {
    let mut distinct: BTreeMap<&str, bool> = BTreeMap::new();
    for view in family {
        let Some(text) = view.word.and_then(|word| words.get(word.checked_sub(1)? as usize)) else { continue };
        let tokens = items.get(view.item).map(|item| item.tokens.as_slice()).unwrap_or_default();
        let before = tokens.get(..view.position).unwrap_or_default();
        distinct.insert(text, !before.iter().any(|token| token.wild || token.is_word()));
    }
    distinct.into_iter().map(|(text, first)| Word { text, first }).collect()
}

fn is_capital(word: &str) -> bool {
    word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase)
}

fn is_short(word: &str) -> bool {
    word.chars().filter(|char| char.is_alphanumeric()).count() < 3
}

fn is_slot(distinct: &[Word<'_>], family: &[View], ease: Ease) -> bool {
    let weight = |word: &Word<'_>| {
        let needed = if word.first {
            ease.first
        } else if is_short(word.text) {
            ease.short
        } else if is_capital(word.text) {
            ease.capitals
        } else {
            ease.words
        };
        ENOUGH.div_ceil(needed.max(1))
    };
    let weights: u32 = distinct.iter().map(weight).sum();
    let subsumes = family.iter().any(|view| view.word.is_none())
        && distinct.iter().filter(|word| !word.first && !is_short(word.text) && !is_capital(word.text)).count()
            >= ease.subsumed;
    distinct.len() > 1 && weights >= ENOUGH || subsumes
}

/// For each item the tokens with a chunk as one wildcard, where that pattern exists.
fn existing_chunks(items: &[Item]) -> Vec<Option<Vec<Token>>> {
    let keys: BTreeSet<String> = items
        .iter()
        .filter(|item| item.tokens.iter().filter(|token| token.is_word()).count() >= 2)
        .map(|item| key(&item.tokens))
        .collect();
    items.iter().map(|item| chunked(&item.tokens, &keys)).collect()
}

fn chunked(tokens: &[Token], keys: &BTreeSet<String>) -> Option<Vec<Token>> {
    let mut start = 0;
    for chunk in tokens.chunk_by(|_, right| right.glued) {
        let end = start + chunk.len();
        let keyed = chunk.iter().any(|token| token.text == "=");
        if chunk.len() >= 2 && chunk.iter().any(|token| token.wild) && !keyed {
            let mut shorter: Vec<Token> = tokens.get(..start).unwrap_or_default().to_vec();
            shorter.push(Token { text: "<*>".to_owned(), wild: true, glued: false, constant: None });
            shorter.extend(tokens.get(end..).unwrap_or_default().iter().cloned());
            let shorter = collapse(shorter);
            if keys.contains(&key(&shorter)) {
                return Some(shorter);
            }
        }
        start = end;
    }
    None
}
