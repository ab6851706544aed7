//! Patterns in, the positions out where those that are built alike differ: slots that vary together.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::join::{Item, Names};
use super::needed::{Ease, is_quoted, is_value_beside, may_be_value};
use super::tokens::Token;
use super::word::Word;

/// Words that patterns built alike must share.
const SHARED: usize = 3;
/// The same where another pattern has values in all places in which they differ.
const SHARED_BESIDE: usize = 2;

/// For each item the positions that are values although no other pattern differs in one of them alone.
///
/// Two patterns are built alike where they agree in all but values and words that may be values. Where all words in
/// which they differ are known names, stand in quotes, or are values in one of them, two patterns are enough; else it
/// takes several, much that they share, and several words in each position. A position with too few words is none in
/// which values stand: patterns that differ there are looked at apart.
pub(super) fn vary_together(items: &[Item], ease: Ease, names: &Names) -> Vec<Vec<usize>> {
    let mut marks = vec![Vec::new(); items.len()];
    let mut alike: HashMap<Box<[u32]>, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let place = *alike.entry(frame(item)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(number),
            None => groups.push(vec![number]),
        }
    }
    while let Some(group) = groups.pop() {
        let members: Vec<&Item> = group.iter().filter_map(|number| items.get(*number)).collect();
        let columns = differing(&members, ease, names);
        let doubtful: Vec<usize> =
            columns.iter().filter(|column| column.evidence == Evidence::Weak).map(|column| column.position).collect();
        if !doubtful.is_empty() {
            groups.extend(parted(&group, items, &doubtful).into_values().filter(|part| part.len() > 1));
        } else if vary(&members, &columns, ease) {
            for number in group {
                if let Some(marks) = marks.get_mut(number) {
                    marks.extend(columns.iter().map(|column| column.position));
                }
            }
        }
    }
    marks
}

/// The pattern without its values and the words that may be values.
fn frame(item: &Item) -> Box<[u32]> {
    let code = |(position, token): (usize, &Token)| {
        let varies = token.wild || (token.is_word() && may_be_value(&item.tokens, position));
        let text = if varies { 0 } else { token.word.number() + 1 };
        text << 1 | u32::from(token.glued)
    };
    item.tokens.iter().enumerate().map(code).collect()
}

/// What a position holds: a word, by its fold, or a value.
fn held(item: &Item, position: usize) -> Option<u32> {
    item.tokens.get(position).filter(|token| !token.wild).map(|token| token.word.fold())
}

/// `group` by what stands in `positions`.
fn parted(group: &[usize], items: &[Item], positions: &[usize]) -> BTreeMap<Vec<Option<u32>>, Vec<usize>> {
    let mut parts: BTreeMap<Vec<Option<u32>>, Vec<usize>> = BTreeMap::new();
    for number in group {
        let Some(item) = items.get(*number) else { continue };
        parts.entry(positions.iter().map(|position| held(item, *position)).collect()).or_default().push(*number);
    }
    parts
}

/// Why the words of a position would be values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// Nothing tells.
    Weak,
    /// There are several.
    Many,
    /// One of the patterns has a value there.
    Beside,
    /// They are known names or stand in quotes.
    Names,
}

struct Column {
    position: usize,
    evidence: Evidence,
}

/// The positions in which `members`, built alike, differ.
fn differing(members: &[&Item], ease: Ease, names: &Names) -> Vec<Column> {
    let Some(first) = members.first() else { return Vec::new() };
    let mut columns = Vec::new();
    for position in 0..first.tokens.len() {
        if members.iter().any(|item| held(item, position) != held(first, position)) {
            columns.push(Column { position, evidence: evidence(members, position, ease, names) });
        }
    }
    columns
}

fn evidence(members: &[&Item], position: usize, ease: Ease, names: &Names) -> Evidence {
    let with_word = || members.iter().filter(|item| held(item, position).is_some());
    let is_name = |item: &&&Item| {
        is_quoted(&item.tokens, position) || held(item, position).is_some_and(|word| names.contains(&word))
    };
    let values: Vec<&Token> =
        members.iter().filter_map(|item| item.tokens.get(position)).filter(|token| token.wild).collect();
    let alone = |item: &&&Item| values.iter().any(|value| is_value_beside(&item.tokens, position, &value.word));
    if with_word().all(|item| alone(&item)) {
        return Evidence::Beside;
    }
    let needed = values.iter().map(|token| ease.words_beside(&token.word)).min();
    // A number is no name.
    let measured = needed.is_some_and(|needed| needed > ease.words_beside(&Word::any()));
    if !measured && with_word().all(|item| is_name(&item)) {
        return Evidence::Names;
    }
    let distinct: BTreeSet<Option<u32>> = with_word().map(|item| held(item, position)).collect();
    if needed.is_some_and(|needed| distinct.len() >= needed) {
        return Evidence::Beside;
    }
    let needed = with_word().map(|item| ease.words_needed(&item.tokens, position)).max().unwrap_or(u32::MAX);
    let (_, least) = ease.alike_needed();
    // Names by where they stand or how they are spelled; of other words it takes as many as anywhere.
    let needed = usize::try_from(needed).unwrap_or(usize::MAX).max(if needed < 4 { 3 } else { least });
    if distinct.len() >= needed { Evidence::Many } else { Evidence::Weak }
}

/// Whether the words in which `members` differ are values.
fn vary(members: &[&Item], columns: &[Column], ease: Ease) -> bool {
    let Some(first) = members.first() else { return false };
    let fixed = |(position, token): (usize, &Token)| {
        token.is_word() && columns.iter().all(|column| column.position != position)
    };
    let shared = first.tokens.iter().enumerate().filter(|token| fixed(*token)).count();
    let certain = shared > 0 && columns.iter().all(|column| column.evidence == Evidence::Names);
    let beside = shared >= SHARED_BESIDE && columns.iter().all(|column| column.evidence != Evidence::Many);
    let (enough, _) = ease.alike_needed();
    let many = columns.len() > 1 && members.len() >= enough && shared >= SHARED.max(columns.len());
    certain || (beside && ease.joins_alone()) || many
}
