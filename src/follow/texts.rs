//! The texts of a tracker's issues by the words in them: which of them hold a title or a message, and which are alike.
//!
//! Every question is answered from the words asked for, so that many clusters may ask of many issues.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use hashbrown::HashMap;

use super::tracker::KnownIssue;
use super::words::{GAP, Phrase, bare_title, each_word, telling};

/// From this likeness on a person is asked.
const MAYBE: f64 = 0.35;

/// The issues in the order of their numbers, with what their texts say.
#[derive(Debug, Default)]
pub(super) struct Texts {
    issues: Vec<Text>,
    /// Every word with its number.
    numbers: HashMap<String, u32>,
    /// Where the word of each number stands.
    words: Vec<Holding>,
    by_title: BTreeMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Text {
    number: u64,
    /// The numbers of all words, in order.
    words: Vec<u32>,
    /// What the telling words of its title weigh.
    title: f64,
}

/// The places in `issues` of those that say a telling word, in ascending order.
#[derive(Debug, Default)]
struct Holding {
    is_telling: bool,
    texts: Vec<usize>,
    titles: Vec<usize>,
}

impl Texts {
    /// Takes the texts of issues, which are in the order of their numbers.
    pub(super) fn new<'a>(issues: impl Iterator<Item = &'a KnownIssue>) -> Self {
        let mut all = Self::default();
        // Number 0 is no word.
        all.number_of("");
        for issue in issues {
            all.add(issue);
        }
        // In the order of words, so that sums are the same as those of one title's words in their order.
        let mut titles = vec![0.0; all.issues.len()];
        let mut ordered: Vec<(&String, &u32)> = all.numbers.iter().collect();
        ordered.sort_unstable();
        for holding in ordered.into_iter().filter_map(|(_, number)| all.words.get(*number as usize)) {
            let weight = all.weight(holding);
            for at in &holding.titles {
                add(&mut titles, *at, weight);
            }
        }
        for (text, title) in all.issues.iter_mut().zip(titles) {
            text.title = title;
        }
        all
    }

    fn add(&mut self, issue: &KnownIssue) {
        let at = self.issues.len();
        let title = self.numbers_of(&issue.title);
        let mut said = title.clone();
        for part in std::iter::once(&issue.body).chain(&issue.comments) {
            // What is no word keeps phrases from running over the end of one text into the next.
            said.extend(std::iter::repeat_n(0, GAP + 1));
            said.extend(self.numbers_of(part));
        }
        self.note(&said, |holding| holding.texts.push(at));
        self.note(&title, |holding| holding.titles.push(at));
        self.by_title.entry(bare_title(&issue.title)).or_default().push(at);
        self.issues.push(Text { number: issue.number, words: said, title: 0.0 });
    }

    fn numbers_of(&mut self, text: &str) -> Vec<u32> {
        let mut numbers = Vec::new();
        each_word(text, |word| numbers.push(self.number_of(word)));
        numbers
    }

    fn number_of(&mut self, word: &str) -> u32 {
        // Beyond so many words there is no memory for more.
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        *self.numbers.entry_ref(word).or_insert_with(|| {
            self.words.push(Holding { is_telling: telling(word), ..Holding::default() });
            next
        })
    }

    /// Notes something once of each telling word of a text.
    fn note(&mut self, text: &[u32], note: impl Fn(&mut Holding)) {
        let mut distinct = text.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        for number in distinct {
            if let Some(holding) = self.words.get_mut(number as usize).filter(|holding| holding.is_telling) {
                note(holding);
            }
        }
    }

    /// Where a word stands, if it stands anywhere.
    fn holding_of(&self, word: &str) -> Option<&Holding> {
        self.words.get(*self.numbers.get(word)? as usize)
    }

    /// How telling a word is: rare words weigh more.
    #[expect(clippy::cast_precision_loss, reason = "a weight")]
    fn weight(&self, holding: &Holding) -> f64 {
        (1.0 + self.issues.len() as f64 / holding.texts.len().max(1) as f64).ln()
    }

    /// The issues with this title, as [`bare_title`] gives it.
    pub(super) fn titled(&self, title: &str) -> Vec<u64> {
        self.by_title.get(title).map(|places| self.issues_at(places)).unwrap_or_default()
    }

    /// The issues whose texts hold a message.
    pub(super) fn holding(&self, phrase: &Phrase) -> Vec<u64> {
        let Some(phrase) = phrase.map(|word| self.numbers.get(word).copied()) else { return Vec::new() };
        let told = phrase.words().filter_map(|number| self.words.get(*number as usize));
        let mut held: Vec<&Holding> = told.filter(|holding| holding.is_telling).collect();
        held.sort_by_key(|holding| holding.texts.len());
        let mut places: Vec<usize> = match held.first() {
            Some(rarest) => rarest.texts.clone(),
            None => (0..self.issues.len()).collect(),
        };
        for holding in held.iter().skip(1) {
            places.retain(|at| holding.texts.binary_search(at).is_ok());
        }
        places.retain(|at| self.issues.get(*at).is_some_and(|text| phrase.stands_in(&text.words)));
        self.issues_at(&places)
    }

    fn issues_at(&self, places: &[usize]) -> Vec<u64> {
        places.iter().filter_map(|at| Some(self.issues.get(*at)?.number)).collect()
    }

    /// The issues that are at least perhaps like these words, in the order of their numbers; scores have two digits.
    pub(super) fn alike(&self, features: &BTreeMap<String, f64>) -> Vec<(f64, u64)> {
        let mut whole = 0.0;
        let (mut held, mut titles) = (vec![0.0; self.issues.len()], vec![0.0; self.issues.len()]);
        let nowhere = Holding::default();
        for (word, factor) in features {
            let holding = self.holding_of(word).unwrap_or(&nowhere);
            let weight = self.weight(holding);
            whole += factor * weight;
            holding.texts.iter().for_each(|at| add(&mut held, *at, factor * weight));
            holding.titles.iter().for_each(|at| add(&mut titles, *at, weight));
        }
        let scored = |((text, held), title): ((&Text, f64), f64)| {
            let title = if text.title > 0.0 { title / text.title } else { 0.0 };
            let score = ((0.6 * held / whole + 0.4 * title) * 100.0).round() / 100.0;
            (held > 0.0 && score >= MAYBE).then_some((score, text.number))
        };
        self.issues.iter().zip(held).zip(titles).filter_map(scored).collect()
    }
}

/// For each of many names, such as ids of error groups, the issues whose body or comments hold it; in the order of the issues.
pub(super) fn naming<'i>(
    issues: impl Iterator<Item = &'i KnownIssue>,
    names: BTreeSet<String>,
) -> BTreeMap<String, Vec<u64>> {
    let names: Vec<String> = names.into_iter().collect();
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    // A few thousand short names make no automaton too large.
    let Ok(finder) = AhoCorasick::new(&names) else { return found };
    for issue in issues {
        let texts = std::iter::once(&issue.body).chain(&issue.comments);
        let held: BTreeSet<usize> =
            texts.flat_map(|text| finder.find_overlapping_iter(text)).map(|at| at.pattern().as_usize()).collect();
        for name in held.into_iter().filter_map(|number| names.get(number)) {
            found.entry(name.clone()).or_default().push(issue.number);
        }
    }
    found
}

fn add(sums: &mut [f64], at: usize, weight: f64) {
    if let Some(sum) = sums.get_mut(at) {
        *sum += weight;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::words::words;
    use super::*;

    /// Words of a few letters, so that many texts share them.
    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!["pool", "timeout", "lost", "retry", "the", "12", "cart"]), 0..9)
            .prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn issues_are_found_as_if_each_were_looked_at(
            issues in prop::collection::vec((text(), text()), 0..8), message in text(), asked in text(),
        ) {
            let issues: Vec<KnownIssue> = (1..).zip(&issues).map(|(number, (title, body))| KnownIssue {
                number, title: title.clone(), body: body.clone(), ..KnownIssue::default()
            }).collect();
            let texts = Texts::new(issues.iter());
            let said = |issue: &KnownIssue| [words(&issue.title), vec![String::new(); GAP + 1], words(&issue.body)].concat();
            if let Some(phrase) = Phrase::of(&message) {
                let expected: Vec<u64> =
                    issues.iter().filter(|issue| phrase.stands_in(&said(issue))).map(|issue| issue.number).collect();
                prop_assert_eq!(texts.holding(&phrase), expected);
            }
            let features: BTreeMap<String, f64> =
                words(&asked).into_iter().filter(|word| telling(word)).map(|word| (word, 1.0)).collect();
            let holds = |text: &[String], word: &String| text.contains(word);
            #[expect(clippy::cast_precision_loss, reason = "a weight")]
            let weight = |word: &String| {
                let holding = issues.iter().filter(|issue| holds(&said(issue), word)).count();
                (1.0 + issues.len() as f64 / holding.max(1) as f64).ln()
            };
            let expected = issues.iter().filter_map(|issue| {
                let sum = |test: &dyn Fn(&String) -> bool| features.keys().filter(|word| test(word)).map(weight).sum::<f64>();
                let title: BTreeSet<String> = words(&issue.title).into_iter().filter(|word| telling(word)).collect();
                let held = sum(&|word| holds(&said(issue), word)) / sum(&|_| true);
                let titled = sum(&|word| title.contains(word)) / title.iter().map(weight).sum::<f64>();
                let score = 0.6 * held + 0.4 * if titled.is_nan() { 0.0 } else { titled };
                (held > 0.0 && (score * 100.0).round() >= 35.0).then_some(((score * 100.0).round() / 100.0, issue.number))
            });
            prop_assert_eq!(texts.alike(&features), expected.collect::<Vec<_>>());
        }
    }
}
