//! A group of patterns in, one joined tally and what its exemplars say out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::group::{Filled, Group, JoinedSlot};
use crate::model::{Digest, Exception, Exemplar, Fingerprint, PatternTally, Severity, SlotTally, TRACE_LINE};

/// A group with the tallies of its patterns joined.
pub(super) struct Gathered<'a> {
    /// The group.
    pub(super) group: &'a Group,
    /// The patterns in it, most frequent first, then by fingerprint.
    pub(super) variants: Vec<(Fingerprint, &'a PatternTally)>,
    /// All of them as one but for the slots.
    pub(super) joined: Cow<'a, PatternTally>,
    /// The slots of the joined pattern, and whether all their values are known one by one; those of the most
    /// frequent pattern where the patterns cannot be laid over each other.
    pub(super) slots: Vec<(SlotTally, bool)>,
}

impl<'a> Gathered<'a> {
    /// Joins the patterns of `group`; nothing when the Digest knows none of them.
    pub(super) fn new(digest: &'a Digest, group: &'a Group) -> Option<Self> {
        let members: BTreeSet<Fingerprint> = group.members.iter().copied().collect();
        let mut variants: Vec<(Fingerprint, &PatternTally)> =
            members.iter().filter_map(|member| Some((*member, digest.patterns.get(member)?))).collect();
        variants.sort_by(|left, right| right.1.tally.count.cmp(&left.1.tally.count).then_with(|| left.0.cmp(&right.0)));
        let ((_, lead), others) = variants.split_first()?;
        // Most groups have one pattern.
        let mut joined = Cow::Borrowed(*lead);
        for (_, other) in others {
            joined.to_mut().merge((*other).clone());
        }
        let slots = if group.slots.is_empty() {
            let alike = others.iter().all(|(_, other)| same_slots(lead, other));
            let slots = if alike { &joined.slots } else { &lead.slots };
            slots.iter().map(|slot| (slot.clone(), alike)).collect()
        } else {
            group.slots.iter().map(|slot| filled(slot, group, digest)).collect()
        };
        Some(Self { group, variants, joined, slots })
    }

    /// How many entries it has.
    pub(super) fn count(&self) -> u64 {
        self.joined.tally.count
    }

    /// The severity of the whole.
    pub(super) fn severity(&self) -> Severity {
        self.joined.tally.severity()
    }

    /// All exemplars of its patterns, by time.
    pub(super) fn exemplars(&self) -> BTreeSet<&'a Exemplar> {
        self.variants.iter().flat_map(|(_, pattern)| &pattern.exemplars).map(AsRef::as_ref).collect()
    }

    /// The stack trace most exemplars have, the first one of that type.
    pub(super) fn exception(&self) -> Option<&'a Exception> {
        let mut by_kind: BTreeMap<&str, (u64, &Exception)> = BTreeMap::new();
        for exception in self.exemplars().into_iter().filter_map(|exemplar| exemplar.exception.as_ref()) {
            by_kind.entry(&exception.kind).or_insert((0, exception)).0 += 1;
        }
        by_kind.into_values().rev().max_by_key(|(count, _)| *count).map(|(_, exception)| exception)
    }

    /// What the exemplars say about themselves, each sentence once, in the order of their time.
    pub(super) fn embedded(&self) -> BTreeMap<String, Vec<String>> {
        let mut embedded: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for exemplar in self.exemplars() {
            for (key, sentences) in &exemplar.embedded {
                embedded.entry(key.clone()).or_default().extend(sentences.iter().cloned());
            }
        }
        for sentences in embedded.values_mut() {
            let mut seen = BTreeSet::new();
            sentences.retain(|sentence| seen.insert(sentence.clone()));
        }
        embedded
    }

    /// The pattern with its constants: where a slot of at least `ENOUGH` entries held one value, the value is shown.
    pub(super) fn pattern(&self) -> String {
        const ENOUGH: u64 = 3;
        let alike = self.variants.iter().all(|(_, variant)| variant.pattern == self.group.pattern);
        // Lines of traces are known by their pattern, even where all are one frame.
        if !alike || self.count() < ENOUGH || self.group.pattern == TRACE_LINE {
            return self.group.pattern.clone();
        }
        let mut shown = String::new();
        let mut left = self.group.pattern.as_str();
        for (slot, _) in self.slots.iter().filter(|(slot, _)| !slot.placeholder.is_empty()) {
            let Some((before, after)) = left.split_once(slot.placeholder.as_str()) else { break };
            shown.push_str(before);
            left = after;
            let constant = (slot.values.is_exact() && slot.values.distinct() == 1)
                .then(|| slot.values.values().next().filter(|kept| kept.count == self.count()))
                .flatten();
            match constant {
                Some(kept) if is_bare_text(slot, before) => shown.extend(["'", &kept.value, "'"]),
                Some(kept) => shown.push_str(&kept.value),
                None => shown.push_str(&slot.placeholder),
            }
        }
        shown.push_str(left);
        shown
    }
}

/// Whether a slot stands for quoted text together with its quotes.
fn is_bare_text(slot: &SlotTally, before: &str) -> bool {
    slot.placeholder == "<str>" && before.chars().next_back().is_none_or(char::is_whitespace)
}

/// The values that the members of `group` have in a slot of it.
fn filled(slot: &JoinedSlot, group: &Group, digest: &Digest) -> (SlotTally, bool) {
    let mut tally = SlotTally { placeholder: slot.placeholder.clone(), ..SlotTally::default() };
    for (member, filled) in group.members.iter().zip(&slot.filled) {
        let Some(member) = digest.patterns.get(member) else { continue };
        match filled {
            Filled::Slot(number) => {
                if let Some(own) = member.slots.get(*number) {
                    tally.values.merge(own.values.clone());
                }
            }
            Filled::Text(text) | Filled::Mixed(text) => {
                let told = &member.tally;
                tally.values.add_many(text, told.count, told.first, told.last);
            }
        }
    }
    let known = slot.filled.iter().all(|filled| !matches!(filled, Filled::Mixed(_)));
    (tally, known)
}

fn same_slots(left: &PatternTally, right: &PatternTally) -> bool {
    left.slots.len() == right.slots.len()
        && left.slots.iter().zip(&right.slots).all(|(ours, theirs)| ours.placeholder == theirs.placeholder)
}
