//! Patterns in, groups of them out: what a person would call one thing.
//!
//! Decided on the set of patterns alone, so the order of entries, their number and the split of the archive do not
//! show. Texts join where they differ in values; the place in the code is evidence for and against.

mod columns;
mod details;
mod join;
mod needed;
mod shown;
mod tokens;
mod unknown;
mod word;

use std::collections::{BTreeMap, BTreeSet};

pub use super::group::{Filled, Group, JoinedSlot};
use crate::model::{Fingerprint, PatternKind, PatternTally};
use join::Item;
use needed::Ease;
use tokens::{collapse, tokenize};
pub use unknown::UNKNOWN_PATHS;
use word::Lexicon;

/// How patterns are joined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// 0 to 1: how alike patterns of one cluster must be.
    pub similarity: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { similarity: 0.5 }
    }
}

impl Settings {
    /// A quarter of the words at similarity 0, four times as many at 1.
    fn ease(self, located: bool) -> Ease {
        Ease { factor: 4f64.powf((self.similarity.clamp(0.0, 1.0) - 0.5) * 2.0), located }
    }
}

/// Groups the listed patterns; sorted by id.
pub fn cluster(patterns: &BTreeMap<Fingerprint, PatternTally>, settings: &Settings) -> Vec<Group> {
    let listed: Vec<(&Fingerprint, &PatternTally)> = patterns.iter().filter(|(_, tally)| tally.listed).collect();
    let mut groups = Grouped { listed: &listed, ids: BTreeSet::new(), groups: Vec::new() };
    let mut equal = equal_texts(&listed);
    for (service, members) in unknown::families(&mut equal, &listed, patterns) {
        groups.add_family(service, members);
    }
    for ((kind, pattern), members) in equal {
        let because = BTreeSet::from([format!("all entries have the same {}", described(kind))]);
        groups.add((kind, pattern, ("", "")), (pattern.to_owned(), Vec::new()), members, because);
    }
    let mut lexicon = Lexicon::default();
    let messages = messages(&listed, *settings, &mut lexicon);
    let mut shared: BTreeMap<(Place<'_>, String), usize> = BTreeMap::new();
    for (place, item) in &messages {
        *shared.entry((*place, item.identity.clone())).or_default() += 1;
    }
    for (place, item) in messages {
        // Where two groups have one identity, all that they say tells them apart.
        let alone = shared.get(&(place, item.identity.clone())).is_some_and(|groups| *groups == 1);
        let key = if alone { item.identity.clone() } else { join::key(&item.tokens) };
        let tallies: Vec<&PatternTally> =
            item.members.iter().filter_map(|number| listed.get(*number)).map(|(_, tally)| *tally).collect();
        let shown = shown::pattern(&item.tokens, &tallies, &mut lexicon);
        groups.add((PatternKind::Message, &key, place), shown, item.members, item.because);
    }
    groups.groups.sort_by(|left, right| left.id.cmp(&right.id));
    groups.groups
}

fn described(kind: PatternKind) -> &'static str {
    match kind {
        PatternKind::Trace => "exception and top frames",
        PatternKind::Request => "method, route and status class",
        PatternKind::Audit => "service, method and status",
        PatternKind::Shape => "fields",
        PatternKind::Empty => "log and no payload",
        PatternKind::Collapsed => "place, which has too many patterns to keep them apart",
        PatternKind::Message => "text once values are masked",
    }
}

/// Patterns of other kinds than messages, by kind and text.
fn equal_texts<'p>(listed: &[(&'p Fingerprint, &'p PatternTally)]) -> BTreeMap<(PatternKind, &'p str), Vec<usize>> {
    let mut equal: BTreeMap<(PatternKind, &str), Vec<usize>> = BTreeMap::new();
    for (number, (_, tally)) in listed.iter().enumerate() {
        if tally.kind != PatternKind::Message {
            equal.entry((tally.kind, &tally.pattern)).or_default().push(number);
        }
    }
    equal
}

type Place<'p> = (&'p str, &'p str);

/// Messages: joined within each place in the code; those without a place go to the one place that has their text.
fn messages<'p>(
    listed: &[(&'p Fingerprint, &'p PatternTally)],
    settings: Settings,
    lexicon: &mut Lexicon,
) -> Vec<(Place<'p>, Item)> {
    let mut places: BTreeMap<Place<'p>, Vec<Item>> = BTreeMap::new();
    for (number, (_, tally)) in listed.iter().enumerate() {
        if tally.kind == PatternKind::Message {
            let item = Item {
                tokens: collapse(join::without_time(tokenize(&tally.pattern, lexicon))),
                members: vec![number],
                because: BTreeSet::new(),
                identity: String::new(),
            };
            places.entry((&tally.module, &tally.function)).or_default().push(item);
        }
    }
    let mut joined: BTreeMap<(String, Place<'p>), Item> = BTreeMap::new();
    for (place, items) in places {
        let located = !place.0.is_empty() && !place.1.is_empty();
        for mut item in join::join(items, settings.ease(located)) {
            if located {
                item.because.insert(format!("all come from {} in {}", place.1, place.0));
            }
            joined.insert((join::key(&item.tokens), place), item);
        }
    }
    adopt_unplaced(&mut joined);
    joined.into_iter().map(|((_, place), item)| (place, item)).collect()
}

/// A text without a place belongs to the only place that has the same text.
fn adopt_unplaced(joined: &mut BTreeMap<(String, Place<'_>), Item>) {
    let unplaced: Vec<String> =
        joined.keys().filter(|(_, place)| *place == ("", "")).map(|(key, _)| key.clone()).collect();
    for key in unplaced {
        let mut with_text = joined.range((key.clone(), ("", ""))..).take_while(|((text, _), _)| *text == key).skip(1);
        let home = with_text.next().map(|(home, _)| home.clone());
        if with_text.next().is_some() {
            continue;
        }
        if let Some(home) = home
            && let Some(item) = joined.remove(&(key, ("", "")))
            && let Some(held) = joined.get_mut(&home)
        {
            held.because.insert("entries that do not tell their place have the same text".to_owned());
            join::absorb(held, item);
        }
    }
}

/// Groups as they are made; ids are distinct.
struct Grouped<'p> {
    listed: &'p [(&'p Fingerprint, &'p PatternTally)],
    ids: BTreeSet<String>,
    groups: Vec<Group>,
}

impl Grouped<'_> {
    fn add(
        &mut self,
        (kind, key, place): (PatternKind, &str, Place<'_>),
        (pattern, slots): (String, Vec<JoinedSlot>),
        members: Vec<usize>,
        because: BTreeSet<String>,
    ) {
        let mut because: Vec<String> = because.into_iter().collect();
        if because.is_empty() {
            because.push(format!("all entries have the same {}", described(kind)));
        }
        let members: Vec<Fingerprint> = members
            .into_iter()
            .filter_map(|number| self.listed.get(number))
            .map(|(fingerprint, _)| **fingerprint)
            .collect();
        let id = self.free_id(&[kind.name(), key, place.0, place.1]);
        self.groups.push(Group { id, members, pattern, slots, because });
    }

    /// Requests of a service for paths that it does not serve.
    fn add_family(&mut self, service: &str, paths: Vec<(&str, usize)>) {
        let because = "each asks for a path that only ever answered 404 or 405, and seldom".to_owned();
        // The slot is filled in the order of the members.
        let mut paths = paths;
        paths.sort_unstable_by_key(|(_, number)| *number);
        let filled = paths.iter().map(|(asked, _)| Filled::Text((*asked).to_owned())).collect();
        let slots = vec![JoinedSlot { placeholder: unknown::PATH.to_owned(), filled }];
        let members = paths.into_iter().map(|(_, number)| number).collect();
        let key = (PatternKind::Request, UNKNOWN_PATHS, (service, ""));
        self.add(key, (UNKNOWN_PATHS.to_owned(), slots), members, BTreeSet::from([because]));
    }

    /// From what the group is, not from who is in it: a few more entries do not change it.
    fn free_id(&mut self, parts: &[&str]) -> String {
        let mut parts = parts.to_vec();
        loop {
            let id = format!("LG-{:010x}", Fingerprint::of(&parts).bits() >> 88);
            if self.ids.insert(id.clone()) {
                return id;
            }
            parts.push("");
        }
    }
}

#[cfg(test)]
mod tests;
