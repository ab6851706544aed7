//! A Digest with raw exemplars in, a redacted one out: the only place where what was kept becomes readable.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::trim;
use crate::collect::parse_record;
use crate::distill::{Redactor, Told, detail, hide_constants, slot_contexts};
use crate::model::{Census, Digest, Exemplar, JsonText, PatternTally, Skip, Tally};
use crate::query::respell;

/// Stands between the strings of an entry, and hardly ever in one.
const BETWEEN: char = '\0';

/// Shorter parts of an entry tell nothing.
const SHORTEST_PART: usize = 6;

/// Redacts the counts over everything.
pub(super) fn overall(tally: &mut Tally, redactor: &Redactor) {
    redact_labels(&mut tally.labels, redactor);
    for census in names(tally) {
        redact_census(census, "", redactor);
    }
}

/// Redacts names of components, revisions and services, and what was said about the inputs; their paths are needed to read them again.
pub(super) fn told(digest: &mut Digest, redactor: &Redactor) {
    let mut uncounted = BTreeMap::new();
    let mut redacted = |text: String| redactor.redact(&text, &mut uncounted).into_owned();
    for (name, counts) in std::mem::take(&mut digest.components) {
        digest.components.entry(redacted(name)).or_default().merge(counts);
    }
    let other = |name: &str| match redactor.redact(name, &mut BTreeMap::new()) {
        Cow::Borrowed(_) => None,
        Cow::Owned(redacted) => Some(redacted),
    };
    digest.rollouts.rewrite(other);
    digest.traffic.rewrite(other);
    for input in digest.inputs.values_mut() {
        input.notes = std::mem::take(&mut input.notes).into_iter().map(&mut redacted).collect();
    }
    for (reason, count) in std::mem::take(&mut digest.skips.by_reason) {
        *digest.skips.by_reason.entry(redacted(reason)).or_default() += count;
    }
    let listed = std::mem::take(&mut digest.skips.listed);
    digest.skips.listed =
        listed.into_iter().map(|skip| Skip { reason: redacted(skip.reason.clone()), ..skip }).collect();
}

/// All that a tally keeps of entries as text.
fn names(tally: &mut Tally) -> [&mut Census; 8] {
    [
        &mut tally.projects,
        &mut tally.services,
        &mut tally.revisions,
        &mut tally.instances,
        &mut tally.regions,
        &mut tally.resource_types,
        &mut tally.logs,
        &mut tally.labels,
    ]
}

/// Reads and redacts all that is kept of one pattern's entries; what makes it the pattern it is, by `identity`.
pub(super) fn pattern(pattern: &mut PatternTally, redactor: &Redactor, identity: &Redactor) {
    let exemplars = std::mem::take(&mut pattern.exemplars);
    let (mut wholes, mut told) = (Vec::new(), BTreeSet::new());
    for exemplar in exemplars {
        let sealed = seal_exemplar(exemplar, redactor, identity);
        pattern.exemplars.insert(sealed.exemplar);
        wholes.extend(sealed.whole);
        told.extend(sealed.told);
    }
    let contexts = slot_contexts(&pattern.pattern).chain(std::iter::repeat(""));
    for (slot, before) in pattern.slots.iter_mut().zip(contexts) {
        redact_slot(&mut slot.values, before, &wholes, redactor);
    }
    for census in [
        &mut pattern.users,
        &mut pattern.connections,
        &mut pattern.requests,
        &mut pattern.endpoints,
        &mut pattern.user_agents,
        &mut pattern.locations,
        &mut pattern.error_groups,
    ] {
        redact_census(census, "", redactor);
    }
    overall(&mut pattern.tally, redactor);
    hide_constants(&mut pattern.pattern, &told);
    for text in [&mut pattern.module, &mut pattern.function, &mut pattern.pattern] {
        if let Cow::Owned(redacted) = identity.redact(text, &mut BTreeMap::new()) {
            *text = redacted;
        }
    }
}

/// Redacts the values of a slot. The name that tells about them may be the value of another slot, so what is gone from
/// an exemplar as a whole is gone from here as well, and so is what looks like it; where that is a word, all may be.
fn redact_slot(census: &mut Census, before: &str, wholes: &[Whole], redactor: &Redactor) {
    let behind = redactor.behind(before);
    let alone = |value: &str| matches!(behind.redact(value, &mut BTreeMap::new()), Cow::Borrowed(_));
    let hidden = |value: &str| wholes.iter().any(|whole| whole.hides(value)) && alone(value);
    if census.values().any(|kept| hidden(&kept.value)) {
        let formless = census.values().any(|kept| hidden(&kept.value) && !redactor.is_key_like(&kept.value));
        let alike = |value: &str| if formless { !redactor.is_remark(value) } else { redactor.is_key_like(value) };
        let gone = |value: &str| (hidden(value) || alike(value)) && alone(value);
        census.rewrite(|value| gone(value).then(|| redactor.hide("secret", value)));
    }
    redact_census(census, before, redactor);
}

/// Redacts labels. They are kept as `name=value`; what the name holds does not go on in the value.
fn redact_labels(labels: &mut Census, redactor: &Redactor) {
    let mut uncounted = BTreeMap::new();
    labels.rewrite(|label| {
        if matches!(redactor.redact(label, &mut uncounted), Cow::Owned(_)) {
            // It is found as it stands.
            return None;
        }
        let mut ends = label.match_indices('=').skip(1).map(|(at, _)| label.split_at(at));
        ends.find_map(|(name, value)| match redactor.redact(name, &mut uncounted) {
            Cow::Borrowed(_) => None,
            Cow::Owned(name) => Some(name + &redactor.redact(value, &mut BTreeMap::new())),
        })
    });
}

/// Redacts values as they would read behind the text `before`.
fn redact_census(census: &mut Census, before: &str, redactor: &Redactor) {
    let mut uncounted = BTreeMap::new();
    let behind = redactor.behind(before);
    census.rewrite(|value| match behind.redact(value, &mut uncounted) {
        Cow::Borrowed(_) => None,
        Cow::Owned(redacted) => Some(redacted),
    });
}

/// An exemplar made fit to be shown, and what was gone from it.
struct Sealed {
    exemplar: Box<Exemplar>,
    /// Of its entry, if anything was.
    whole: Option<Whole>,
    /// Of its message.
    told: Vec<Told>,
}

fn seal_exemplar(mut exemplar: Box<Exemplar>, redactor: &Redactor, identity: &Redactor) -> Sealed {
    let Some(kept) = exemplar.raw.take() else { return Sealed { exemplar, whole: None, told: Vec::new() } };
    let raw = kept.record();
    let mut told = Vec::new();
    let mut counts = BTreeMap::new();
    let mut entry = read(&raw);
    let said = strings(&entry);
    redactor.redact_json(&mut entry, &mut counts);
    let left = strings(&entry);
    // Where nothing was redacted, no part of it was.
    let whole = (said != left).then(|| Whole::of(&said, left));
    trim::entry(&mut entry);
    exemplar.entry = Some(JsonText::from(&entry));
    if let Ok(found) = parse_record(&raw, detail) {
        let mut uncounted = BTreeMap::new();
        let mut redacted = |text: &str| match redactor.redact(text, &mut uncounted) {
            Cow::Borrowed(text) if whole.as_ref().is_some_and(|whole| whole.hides(text)) => {
                redactor.hide("secret", text)
            }
            text => text.into_owned(),
        };
        exemplar.message = redacted(&found.message);
        trim::text(&mut exemplar.message);
        told = identity.tell(&found.grouped_by);
        exemplar.exception = found.exception.map(|mut exception| {
            exception.message = redacted(&exception.message);
            exception.kind = redacted(&exception.kind);
            exception.chain.iter_mut().for_each(|kind| *kind = redacted(kind));
            for frame in &mut exception.frames {
                frame.file = redacted(&frame.file);
                frame.function = redacted(&frame.function);
            }
            exception
        });
        exemplar.embedded = found
            .embedded
            .into_iter()
            .map(|(name, texts)| (name, texts.iter().map(|text| redacted(text)).collect()))
            .collect();
        exemplar.unpacked = found.unpacked.map(|found| JsonText::from(&unpacked(found, redactor)));
    }
    exemplar.redactions = counts;
    Sealed { exemplar, whole, told }
}

fn read(raw: &[u8]) -> Value {
    let mut entry: Value = serde_json::from_slice(raw).unwrap_or(Value::Null);
    respell(&mut entry);
    entry
}

/// What the strings of an entry say that change when it is redacted as a whole, and what is left of all of them.
struct Whole {
    said: String,
    left: String,
}

impl Whole {
    fn of(said: &str, left: String) -> Self {
        let stays: BTreeSet<&str> = left.split(BETWEEN).collect();
        let changed: Vec<&str> = said.split(BETWEEN).filter(|said| !stays.contains(said)).collect();
        Self { said: changed.join(&BETWEEN.to_string()), left }
    }

    /// Whether a part of the entry is gone from it: a line of a private key is no secret that one sees by itself.
    fn hides(&self, part: &str) -> bool {
        part.len() >= SHORTEST_PART && self.said.contains(part) && !self.left.contains(part)
    }
}

/// All strings of a value, one behind the other.
fn strings(value: &Value) -> String {
    fn add(value: &Value, all: &mut String) {
        match value {
            Value::String(text) => {
                all.push_str(text);
                all.push(BETWEEN);
            }
            Value::Array(elements) => elements.iter().for_each(|element| add(element, all)),
            Value::Object(members) => members.values().for_each(|member| add(member, all)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut all = String::new();
    add(value, &mut all);
    all
}

/// Makes a record, or a part of one, fit to be shown.
pub(super) fn redact(value: &mut Value, redactor: &Redactor, counts: &mut BTreeMap<String, u64>) {
    // Redacted while it is whole: half a secret looks like none.
    redactor.redact_json(value, counts);
    trim::entry(value);
}

/// JSON that was inside a message, as it may be shown.
pub(super) fn unpacked(mut unpacked: Value, redactor: &Redactor) -> Value {
    redact(&mut unpacked, redactor, &mut BTreeMap::new());
    unpacked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::{Policy, UserRules};

    #[test]
    fn a_secret_in_the_name_of_a_label_ends_where_the_value_starts() {
        let redactor = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let secret = ["umUxdlp", "KZ6jJ9P"].concat();
        let mut labels = Census::new(8);
        for label in [format!("pwd={secret}=jdbc:postgresql://db:5432"), "selector=app=web".to_owned()] {
            labels.add(&label, None);
        }
        redact_labels(&mut labels, &redactor);
        let kept: Vec<&str> = labels.values().map(|kept| kept.value.as_str()).collect();
        assert!(kept.contains(&"selector=app=web") && !kept.iter().any(|label| label.contains(&secret)), "{kept:?}");
        assert!(kept.iter().any(|label| label.ends_with(">=jdbc:postgresql://db:5432")), "{kept:?}");
    }
}
