//! Lines of keys and values in, those out that say the same and differ in the details they give.

use std::collections::{BTreeMap, BTreeSet};

use super::join::{Item, codes, key};
use super::needed::quotes_the_event;
use super::tokens::Token;

/// Details that two lines must share, and words of the rest of them.
const SHARED: usize = 2;

/// The number of an item and the keys of its details.
type Detailed = (usize, BTreeSet<u32>);

/// Makes one of the items that have the same `msg=` and constants: which other keys have a value does not tell.
pub(super) fn join_detailed(items: &mut [Item]) {
    let mut alike: BTreeMap<Box<[u32]>, Vec<Detailed>> = BTreeMap::new();
    for (number, item) in items.iter().enumerate() {
        let (rest, keys) = without_details(&item.tokens);
        if keys.len() >= SHARED && rest.iter().filter(|token| token.is_word()).count() >= SHARED {
            alike.entry(codes(&rest)).or_default().push((number, keys));
        }
    }
    for group in alike.into_values().filter(|group| group.len() > 1) {
        let text = |number: usize| items.get(number).map(|item| key(&item.tokens));
        let most = group.iter().max_by_key(|(number, keys)| (keys.len(), text(*number)));
        let Some((fullest, theirs)) = most else { continue };
        let Some(tokens) = items.get(*fullest).map(|item| item.tokens.clone()) else { continue };
        for (number, keys) in group.iter().filter(|(number, _)| number != fullest) {
            if let Some(item) = items.get_mut(*number)
                && keys.intersection(theirs).count() >= SHARED.max(theirs.len().div_ceil(2))
            {
                item.because.insert("they say the same and differ in the details they give".to_owned());
                item.tokens.clone_from(&tokens);
            }
        }
    }
}

/// The tokens of a line with `msg=` without its pairs of a key and a value, and their keys; others as they are.
pub(super) fn without_details(tokens: &[Token]) -> (Vec<Token>, BTreeSet<u32>) {
    let (mut rest, mut keys) = (Vec::with_capacity(tokens.len()), BTreeSet::new());
    let says = (0..tokens.len()).any(|at| quotes_the_event(tokens, at));
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(end) = detail_end(tokens, at).filter(|_| says) {
            keys.insert(token.word.number());
            at = end;
        } else {
            rest.push(token.clone());
            at += 1;
        }
    }
    (rest, keys)
}

/// Where the pair that begins at `start` ends, `key=<num>` or `key="<str>"`.
fn detail_end(tokens: &[Token], start: usize) -> Option<usize> {
    let [key, equals, value] = tokens.get(start..start + 3)? else { return None };
    if !key.is_word() || key.glued || equals.text() != "=" || !equals.glued {
        return None;
    }
    let in_quotes = value.text() == "\"" && tokens.get(start + 3).is_some_and(|inner| inner.wild);
    let closed = in_quotes && tokens.get(start + 4).is_some_and(|close| close.text() == "\"");
    let end = if value.wild { start + 3 } else { closed.then_some(start + 5)? };
    let listed = tokens.get(end).is_some_and(|comma| comma.glued && comma.text() == ",");
    let end = end + usize::from(listed);
    // A value that goes on is none that was masked.
    (!tokens.get(end).is_some_and(|next| next.glued)).then_some(end)
}
