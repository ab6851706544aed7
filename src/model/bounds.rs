//! Keeps a Digest bounded: a Digest with too many patterns in, one with coarser patterns out.
//!
//! Patterns stand in groups (place in the code and first word), groups in places (module and function). A group that
//! breeds patterns without end, such as free text, becomes one pattern; a whole archive that does becomes coarser as
//! a whole. Every rule compares a figure that only grows when entries are added, so a part of an archive never
//! collapses what the whole would not, and the order in which parts are merged cannot show.

use std::collections::BTreeMap;

use hashbrown::HashSet;
use xxhash_rust::xxh3::xxh3_128;

use super::{Digest, Fingerprint, PatternKind, PatternTally};

/// A pattern counts as one more for each so many bytes: all that is kept of long texts is long.
const BYTES_OF_ONE: usize = 512;
/// More distinct patterns in one group than this, and the group becomes one pattern.
pub const GROUP_PATTERNS: usize = 4_096;
/// More distinct patterns in all than this, and groups are held to [`CROWDED_GROUP_PATTERNS`].
pub const CROWDED_PATTERNS: usize = 12_000;
/// What a group may hold in a crowded archive.
pub const CROWDED_GROUP_PATTERNS: usize = 64;

/// A place and a group in it, by hash: whether entries are listed, module, function; and the first word.
type Group = (u128, u128);

/// How large a group is.
#[derive(Default)]
struct Size {
    /// What its patterns weigh together.
    patterns: usize,
    /// What the heaviest of them weighs.
    heaviest: usize,
}

/// What has collapsed in a Digest, for those who add entries to it: what collapsed once stays so, so entries of a new
/// pattern may as well go where its group went.
#[derive(Clone, Debug, Default)]
pub struct Collapsed {
    crowding: u8,
    keys: HashSet<Fingerprint>,
}

/// Where the entries of a collapsed group go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coarser {
    /// Stands for the pattern.
    pub pattern: String,
    /// Module and function; empty where the whole archive collapsed.
    pub place: (String, String),
}

impl Collapsed {
    /// Whether the whole archive is one pattern.
    pub fn is_all(&self) -> bool {
        self.crowding >= 4
    }

    /// Where the entries of a pattern go, if its group has collapsed.
    pub fn takes(&self, pattern: &str, place: (&str, &str), listed: bool) -> Option<Coarser> {
        if self.crowding < 2 && self.keys.is_empty() {
            return None;
        }
        let coarser = coarser(pattern, place, self.crowding);
        let key = coarser.key(listed);
        (self.crowding >= 2 || self.keys.contains(&key)).then_some(coarser)
    }
}

impl Coarser {
    /// Where it stands in a Digest.
    pub fn key(&self, listed: bool) -> Fingerprint {
        PatternTally::key(PatternKind::Collapsed, &self.pattern, (&self.place.0, &self.place.1), listed)
    }
}

impl Digest {
    /// What has collapsed so far.
    pub fn coarsened(&self) -> Collapsed {
        let collapsed = self.patterns.iter().filter(|(_, pattern)| pattern.kind == PatternKind::Collapsed);
        Collapsed { crowding: self.crowding, keys: collapsed.map(|(key, _)| *key).collect() }
    }

    /// Collapses what passed a bound; call it after every merge. Idempotent.
    pub fn bound(&mut self) {
        let has_collapsed = || self.patterns.values().any(|pattern| pattern.kind == PatternKind::Collapsed);
        let weight: usize = self.patterns.values().map(|pattern| pattern.weight).sum();
        if weight <= CROWDED_GROUP_PATTERNS && self.crowding == 0 && !has_collapsed() {
            return;
        }
        let mut sizes: BTreeMap<Group, Size> = BTreeMap::new();
        for pattern in self.patterns.values() {
            let size = sizes.entry(group_of(pattern)).or_default();
            size.patterns += if pattern.kind == PatternKind::Collapsed { GROUP_PATTERNS + 1 } else { pattern.weight };
            size.heaviest = size.heaviest.max(pattern.weight);
        }
        self.crowding = self.crowding.max(crowding(&sizes));
        let crowding = self.crowding;
        let limit = match crowding {
            0 => GROUP_PATTERNS,
            1 => CROWDED_GROUP_PATTERNS,
            _ => 0,
        };
        if sizes.values().all(|size| size.patterns <= limit) {
            return;
        }
        for (fingerprint, pattern) in std::mem::take(&mut self.patterns) {
            let collapses = sizes.get(&group_of(&pattern)).is_some_and(|size| size.patterns > limit);
            let (fingerprint, pattern) = if collapses { collapse(pattern, crowding) } else { (fingerprint, pattern) };
            self.add_pattern(fingerprint, pattern);
        }
    }
}

/// How crowded an archive with groups of these sizes is: 0 not at all, 1 groups are held small, 2 every group is one
/// pattern, 3 every place is one pattern, 4 everything is one pattern.
fn crowding(sizes: &BTreeMap<Group, Size>) -> u8 {
    let held_to = |limit: usize| sizes.values().map(|size| size.patterns.min(limit + 1)).sum::<usize>();
    let mut places: BTreeMap<u128, usize> = BTreeMap::new();
    for ((place, _), size) in sizes {
        let heaviest = places.entry(*place).or_default();
        *heaviest = size.heaviest.max(*heaviest);
    }
    match () {
        () if places.values().sum::<usize>() > CROWDED_PATTERNS => 4,
        () if sizes.values().map(|size| size.heaviest).sum::<usize>() > CROWDED_PATTERNS => 3,
        () if held_to(CROWDED_GROUP_PATTERNS) > CROWDED_PATTERNS => 2,
        () if held_to(GROUP_PATTERNS) > CROWDED_PATTERNS => 1,
        () => 0,
    }
}

/// How many patterns a pattern counts as.
pub fn weight(pattern: &str) -> usize {
    1 + pattern.len() / BYTES_OF_ONE
}

fn group_of(pattern: &PatternTally) -> Group {
    let place = format!("{}\0{}\0{}", pattern.listed, pattern.module, pattern.function);
    (xxh3_128(place.as_bytes()), xxh3_128(first_word(&pattern.pattern).as_bytes()))
}

fn collapse(mut pattern: PatternTally, crowding: u8) -> (Fingerprint, PatternTally) {
    let coarser = coarser(&pattern.pattern, (&pattern.module, &pattern.function), crowding);
    let fingerprint = coarser.key(pattern.listed);
    pattern.kind = PatternKind::Collapsed;
    pattern.slots.clear();
    pattern.pattern = coarser.pattern;
    (pattern.module, pattern.function) = coarser.place;
    (fingerprint, pattern)
}

fn coarser(pattern: &str, (module, function): (&str, &str), crowding: u8) -> Coarser {
    let place = if crowding <= 3 { (module.to_owned(), function.to_owned()) } else { Default::default() };
    let word = if crowding <= 2 { first_word(pattern) } else { String::new() };
    Coarser { pattern: collapsed_text(&word), place }
}

impl PatternTally {
    /// The keys that its entries have in a Digest in which its group has collapsed, finest first.
    pub fn coarser_keys(&self) -> [Fingerprint; 3] {
        let word = first_word(&self.pattern);
        let place = (self.module.as_str(), self.function.as_str());
        let texts = [(collapsed_text(&word), place), (collapsed_text(""), place), (collapsed_text(""), ("", ""))];
        texts.map(|(text, place)| Self::key(PatternKind::Collapsed, &text, place, self.listed))
    }
}

fn collapsed_text(word: &str) -> String {
    if word.is_empty() { "<*>".to_owned() } else { format!("{word} <*>") }
}

/// The first word of two or more letters outside of placeholders, in lower case; empty if there is none.
fn first_word(pattern: &str) -> String {
    let mut depth = 0_usize;
    let mut word = String::new();
    for character in pattern.chars() {
        match character {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 && character.is_alphabetic() && word.len() < 64 => {
                word.extend(character.to_lowercase());
                continue;
            }
            _ => {}
        }
        if word.chars().nth(1).is_some() {
            return word;
        }
        word.clear();
    }
    if word.chars().nth(1).is_some() { word } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digest_of(texts: &[String]) -> Digest {
        let mut digest = Digest::default();
        for text in texts {
            let mut pattern = PatternTally::new(PatternKind::Message, text.clone(), ("m", "f"), true);
            pattern.tally.count = 1;
            digest.add_pattern(PatternTally::key(PatternKind::Message, text, ("m", "f"), true), pattern);
        }
        digest.bound();
        digest
    }

    fn counts(digest: &Digest) -> Vec<(String, u64)> {
        digest.patterns.values().map(|pattern| (pattern.pattern.clone(), pattern.tally.count)).collect()
    }

    #[test]
    fn free_text_becomes_one_pattern_and_its_neighbours_stay() {
        let mut texts: Vec<String> = (0..5_000).map(|number| format!("said {number:x}")).collect();
        texts.push("worker failed to boot".to_owned());
        let digest = digest_of(&texts);
        assert_eq!(digest.patterns.len(), 2);
        assert!(counts(&digest).contains(&("said <*>".to_owned(), 5_000)));
    }

    #[test]
    fn few_patterns_join_their_group_if_it_collapsed_before() {
        let texts: Vec<String> = (0..5_000).map(|number| format!("said {number:x}")).collect();
        let late: Vec<String> = (0..50).map(|number| format!("said so {number:x}")).collect();
        let mut digest = digest_of(&texts);
        let later = digest_of(&late);
        assert_eq!((digest.patterns.len(), later.patterns.len()), (1, 50));
        for (fingerprint, pattern) in later.patterns {
            digest.add_pattern(fingerprint, pattern);
        }
        digest.bound();
        assert_eq!(counts(&digest), [("said <*>".to_owned(), 5_050)]);
    }

    #[test]
    fn of_long_texts_few_are_kept() {
        let long = |number: usize, words: usize| format!("said {number:x} {}", "and so on ".repeat(words));
        let texts: Vec<String> = (0..400).map(|number| long(number, 600)).chain(["worker failed".to_owned()]).collect();
        assert_eq!(counts(&digest_of(&texts)).len(), 2);
        let texts: Vec<String> = (0..400).map(|number| long(number, 6)).collect();
        assert_eq!(digest_of(&texts).patterns.len(), 400);
        let texts: Vec<String> =
            (0..2_000).map(|number| format!("zz{} {}", letters(number), "and so on ".repeat(600))).collect();
        assert_eq!(counts(&digest_of(&texts)), [("<*>".to_owned(), 2_000)]);
    }

    /// A word of its own for each number.
    fn letters(number: usize) -> String {
        number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
    }

    #[test]
    fn an_archive_of_strangers_stays_small() {
        let texts: Vec<String> = (0..50_000).map(|number| format!("zz{} x", letters(number))).collect();
        let digest = digest_of(&texts);
        assert_eq!(counts(&digest), [("<*>".to_owned(), 50_000)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn parts_collapse_as_the_whole(cut in 0usize..6_000, seed in any::<u64>()) {
            let word = |number: usize| if number.is_multiple_of(4) { "rare" } else { "free" };
            let long = |number: usize| " and so on".repeat(if seed.is_multiple_of(2) { number % 400 } else { 0 });
            let mut texts: Vec<String> =
                (0..6_000).map(|number| format!("{} {number:x}{}", word(number), long(number))).collect();
            texts.rotate_left(usize::try_from(seed % 6_000).unwrap());
            let whole = digest_of(&texts);
            let (left, right) = texts.split_at(cut);
            let mut merged = digest_of(right);
            merged.merge(digest_of(left));
            prop_assert_eq!(counts(&merged), counts(&whole));
        }
    }

    #[test]
    fn words_stand_outside_of_placeholders() {
        assert_eq!(first_word("<num> of [Workers] left"), "of");
        assert_eq!(first_word("a <uuid> 7"), "");
        assert_eq!(first_word("\u{1f511} Überlauf"), "überlauf");
    }
}
