//! Patterns in, the positions out where those that are built alike differ: slots that vary together.

use hashbrown::HashMap;

use super::join::{Item, Names};
use super::needed::{Ease, is_quoted, may_be_value};
use super::tokens::Token;

/// Words that patterns built alike must share.
const SHARED: usize = 3;

/// For each item the positions that are values although no other pattern differs in one of them alone.
///
/// Two patterns are built alike where they agree in all but words that may be values. Where all words in which they
/// differ are known names or stand in quotes, two patterns are enough; else it takes several, much that they share,
/// and several words in each position.
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
    for group in groups.iter().filter(|group| group.len() > 1) {
        let members: Vec<&Item> = group.iter().filter_map(|number| items.get(*number)).collect();
        let columns = varying(&members, ease, names);
        for number in group {
            if let Some(marks) = marks.get_mut(*number) {
                marks.extend(&columns);
            }
        }
    }
    marks
}

/// The pattern without the words that may be values.
fn frame(item: &Item) -> Box<[u32]> {
    let code = |(position, token): (usize, &Token)| {
        let text = match token.wild {
            true => 0,
            false if token.is_word() && may_be_value(&item.tokens, position) => 1,
            false => token.word.number() + 2,
        };
        text << 1 | u32::from(token.glued)
    };
    item.tokens.iter().enumerate().map(code).collect()
}

/// The positions in which `members`, built alike, have values.
fn varying(members: &[&Item], ease: Ease, names: &Names) -> Vec<usize> {
    let Some(first) = members.first() else { return Vec::new() };
    let word = |item: &Item, position: usize| item.tokens.get(position).map(|token| token.word.fold());
    let differing: Vec<usize> = (0..first.tokens.len())
        .filter(|position| members.iter().any(|item| word(item, *position) != word(first, *position)))
        .filter(|position| first.tokens.get(*position).is_some_and(|token| !token.wild))
        .collect();
    let likely = |position: &usize| {
        members.iter().all(|item| {
            is_quoted(&item.tokens, *position) || word(item, *position).is_some_and(|word| names.contains(&word))
        })
    };
    let distinct = |position: &usize| {
        let words: std::collections::BTreeSet<_> = members.iter().map(|item| word(item, *position)).collect();
        words.len()
    };
    let shared = first.tokens.iter().filter(|token| token.is_word()).count() - differing.len();
    let (enough, words) = ease.alike_needed();
    let certain = shared > 0 && differing.iter().all(likely);
    let many = differing.len() > 1
        && members.len() >= enough
        && shared >= SHARED.max(differing.len())
        && differing.iter().all(|position| distinct(position) >= words || likely(position));
    if certain || many { differing } else { Vec::new() }
}
