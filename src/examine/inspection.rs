//! A digest and its worklog in, a description of the export out: what is there to be asked about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::{
    Census, Digest, FieldSeen, Inspection, JsonText, Names, PatternTally, Redaction, Severity, Share, Span, Worklog,
};
use crate::query::field_path;

use super::stray;

/// How many names of a kind are listed.
const LISTED_NAMES: usize = 20;
/// How many fields are listed.
const LISTED_FIELDS: usize = 200;
/// How many distinct fields are looked at: keys that are data (ids as keys) must not fill the memory.
const KEPT_FIELDS: usize = 10_000;
/// How deep objects are looked into.
const DEEPEST: usize = 8;
/// How many examples a field has.
const EXAMPLES: usize = 3;
/// How many characters of an example are shown.
const EXAMPLE_LENGTH: usize = 80;

/// Describes an export; `paths` are the inputs as they were typed, for the commands it proposes.
pub fn inspect(digest: &Digest, worklog: &Worklog, paths: &[String]) -> Inspection {
    let timely = stray::set_aside(digest).map(|(timely, _)| timely);
    let digest = timely.as_ref().unwrap_or(digest);
    let overall = &digest.overall;
    let mut seen = Seen::default();
    let mut patterns: Vec<&PatternTally> = digest.patterns.values().collect();
    patterns.sort_by(|one, other| {
        other.tally.count.cmp(&one.tally.count).then_with(|| one.pattern.cmp(&other.pattern)).then_with(|| {
            (one.kind, &one.module, &one.function, one.listed).cmp(&(
                other.kind,
                &other.module,
                &other.function,
                other.listed,
            ))
        })
    });
    for pattern in patterns {
        seen.add(pattern);
    }
    let total = overall.count;
    Inspection {
        schema_version: worklog.schema_version.clone(),
        tool: worklog.tool.clone(),
        filter: worklog.method.filter.clone(),
        window: worklog.window.clone(),
        inputs: worklog.inputs.clone(),
        skipped_by_reason: worklog.skipped_by_reason.clone(),
        coverage: worklog.coverage.clone(),
        totals: worklog.totals.clone(),
        projects: names(&overall.projects),
        services: names(&overall.services),
        revisions: names(&overall.revisions),
        regions: names(&overall.regions),
        resource_types: names(&overall.resource_types),
        logs: names(&overall.logs),
        requests: worklog.requests.clone(),
        payloads: seen.payloads(total),
        fields_cut: seen.fields.len() > LISTED_FIELDS,
        redaction: seen.redaction(&worklog.redaction.policy),
        fields: seen.fields(total),
        next: next(worklog, digest, paths),
    }
}

fn names(census: &Census) -> Names {
    let top = census.top().into_iter().filter(|kept| kept.count > 0).take(LISTED_NAMES).map(|kept| Span {
        name: kept.value.clone(),
        count: kept.count,
        first_seen: kept.first,
        last_seen: kept.last,
    });
    Names { distinct: census.distinct(), exact: census.is_exact(), top: top.collect() }
}

#[expect(clippy::cast_precision_loss, reason = "a share for display")]
fn share(part: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { part as f64 / total as f64 }
}

/// What the samples show, each weighted by the entries it stands for.
#[derive(Default)]
struct Seen {
    payloads: BTreeMap<&'static str, u64>,
    fields: BTreeMap<Vec<String>, FieldTally>,
    redactions: BTreeMap<String, u64>,
}

#[derive(Default)]
struct FieldTally {
    entries: u64,
    types: BTreeMap<&'static str, u64>,
    examples: Vec<String>,
}

impl Seen {
    fn add(&mut self, pattern: &PatternTally) {
        let samples: Vec<&JsonText> = pattern.exemplars.iter().filter_map(|exemplar| exemplar.entry.as_ref()).collect();
        let (count, held) = (pattern.tally.count, samples.len() as u64);
        for (index, sample) in (0u64..).zip(samples) {
            // The entries are dealt out so that the parts add up to the whole.
            let weight = count * (index + 1) / held - count * index / held;
            let entry = sample.value();
            *self.payloads.entry(payload(&entry)).or_default() += weight;
            let mut met = BTreeSet::new();
            self.walk(&entry, &mut Vec::new(), weight, &mut met);
        }
        for exemplar in &pattern.exemplars {
            for (kind, count) in &exemplar.redactions {
                *self.redactions.entry(kind.clone()).or_default() += count;
            }
        }
    }

    /// Counts the fields below `value`; a field of several elements of a list counts once for its entry.
    fn walk(&mut self, value: &Value, path: &mut Vec<String>, weight: u64, met: &mut BTreeSet<Vec<String>>) {
        match value {
            Value::Object(members) if path.len() < DEEPEST && !members.is_empty() => {
                for (key, member) in members {
                    path.push(key.clone());
                    self.walk(member, path, weight, met);
                    path.pop();
                }
            }
            Value::Array(elements) if elements.iter().any(Value::is_object) => {
                for element in elements {
                    self.walk(element, path, weight, met);
                }
            }
            _ => self.leaf(value, path, weight, met),
        }
    }

    fn leaf(&mut self, value: &Value, path: &[String], weight: u64, met: &mut BTreeSet<Vec<String>>) {
        if self.fields.len() >= KEPT_FIELDS && !self.fields.contains_key(path) {
            return;
        }
        let field = self.fields.entry(path.to_vec()).or_default();
        if met.insert(path.to_vec()) {
            field.entries += weight;
            *field.types.entry(kind(value)).or_default() += weight;
        }
        let example = shortened(&value.to_string());
        if field.examples.len() < EXAMPLES && !field.examples.contains(&example) {
            field.examples.push(example);
        }
    }

    fn payloads(&self, total: u64) -> Vec<Share> {
        let mut payloads: Vec<Share> = self
            .payloads
            .iter()
            .map(|(name, entries)| Share { name: (*name).to_owned(), entries: *entries, share: share(*entries, total) })
            .collect();
        payloads.sort_by(|one, other| other.entries.cmp(&one.entries).then_with(|| one.name.cmp(&other.name)));
        payloads
    }

    fn redaction(&self, policy: &str) -> Redaction {
        let total = self.redactions.values().sum();
        Redaction { policy: policy.to_owned(), total, by_kind: self.redactions.clone() }
    }

    fn fields(self, total: u64) -> Vec<FieldSeen> {
        let mut fields: Vec<FieldSeen> = self
            .fields
            .into_iter()
            .map(|(path, tally)| FieldSeen {
                path: field_path(path.iter().map(String::as_str)),
                types: tally.types.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
                entries: tally.entries,
                share: share(tally.entries, total),
                examples: tally.examples,
            })
            .collect();
        fields.sort_by(|one, other| other.entries.cmp(&one.entries).then_with(|| one.path.cmp(&other.path)));
        fields.truncate(LISTED_FIELDS);
        fields
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn payload(entry: &Value) -> &'static str {
    let has = |name: &str| entry.get(name).is_some_and(|value| !value.is_null());
    match () {
        () if has("jsonPayload") => "jsonPayload",
        () if has("protoPayload") => "protoPayload",
        () if has("textPayload") => "textPayload",
        () if has("httpRequest") => "httpRequest only",
        () => "none",
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(EXAMPLE_LENGTH) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Commands that are worth trying on this export, the plain one first.
fn next(worklog: &Worklog, digest: &Digest, paths: &[String]) -> Vec<String> {
    let inputs: Vec<String> = paths.iter().map(|path| shell_path(path)).collect();
    let base = format!("log-gardener analyze {}", inputs.join(" "));
    let mut commands = if digest.overall.count > 0 { vec![base.clone()] } else { Vec::new() };
    let notable: u64 = digest
        .overall
        .severities
        .present()
        .filter(|(severity, _)| *severity >= Severity::Notice)
        .map(|(_, count)| count)
        .sum();
    if notable == 0 && digest.overall.count > 0 {
        commands.push(format!("{base} --min-severity DEFAULT"));
    }
    let busy = worst_component(digest).filter(|_| digest.overall.services.distinct() > 1);
    if let Some(service) = busy {
        commands.push(format!("{base} --service={}", shell_word(service)));
    }
    let peak = worklog.timeline.peak.as_ref().and_then(|peak| Some((peak.start?, peak.end?, peak.count)));
    if let Some((start, end, count)) = peak
        && count < digest.overall.count
        && worklog.window.seconds > 3_600.0
    {
        commands.push(format!("{base} --since {start} --until {end}"));
    }
    if !worklog.coverage.next_export.is_empty() {
        commands.push(worklog.coverage.next_export.clone());
    }
    commands
}

/// The service with most entries at ERROR or above.
fn worst_component(digest: &Digest) -> Option<&str> {
    let errors = |counts: &crate::model::SeverityCounts| -> u64 {
        counts.present().filter(|(severity, _)| *severity >= Severity::Error).map(|(_, count)| count).sum()
    };
    let services: BTreeSet<&str> = digest.overall.services.values().map(|kept| kept.value.as_str()).collect();
    let known = digest.components.iter().filter(|(name, _)| services.contains(name.as_str()));
    let worst = known.map(|(name, counts)| (errors(counts), std::cmp::Reverse(name.as_str()))).max()?;
    (worst.0 > 0).then_some(worst.1.0)
}

/// A word that a shell reads as it stands; names come from logs, so nothing in them may act.
fn shell_word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let kept: String = text.chars().filter(|letter| !letter.is_control()).collect();
    format!("'{}'", kept.replace('\'', "'\\''"))
}

/// An input as an argument: one that starts with a dash must not be read as a flag. Arguments are globs, which name a
/// letter that cannot be typed by a question mark, and bytes that are no letters by a star.
fn shell_path(path: &str) -> String {
    let path = path.replace(char::is_control, "?").replace(char::REPLACEMENT_CHARACTER, "*");
    let path = path.as_str();
    if path.starts_with('-') && path != "-" { format!("./{}", shell_word(path)) } else { shell_word(path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Exemplar, Fingerprint, PatternKind, Source};
    use serde_json::json;

    fn pattern(text: &str, count: u64, entries: &[Value]) -> PatternTally {
        let mut pattern = PatternTally::new(PatternKind::Message, text.to_owned(), ("", ""), true);
        pattern.tally.count = count;
        pattern.exemplars = (0u64..)
            .zip(entries)
            .map(|(hash, entry)| Exemplar {
                time: None,
                hash,
                source: Source::default(),
                length: 0,
                entry: Some(JsonText::from(entry)),
                raw: None,
                message: String::new(),
                exception: None,
                embedded: BTreeMap::new(),
                unpacked: None,
                redactions: BTreeMap::new(),
            })
            .map(Box::new)
            .collect();
        pattern
    }

    fn digest() -> Digest {
        let mut digest = Digest::default();
        digest.overall.count = 13;
        let first = [
            json!({"jsonPayload": {"a": 1, "b.c": "x", "list": [{"d": 1}, {"d": 2}]}}),
            json!({"jsonPayload": {"a": "one"}}),
            json!({"textPayload": "x".repeat(200)}),
        ];
        let second = [json!({"httpRequest": {"status": 200}})];
        digest.patterns.insert(Fingerprint::of(&["1"]), pattern("one", 10, &first));
        digest.patterns.insert(Fingerprint::of(&["2"]), pattern("two", 3, &second));
        digest
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let inspection = inspect(&digest(), &Worklog::default(), &[]);
        assert_eq!(inspection.payloads.iter().map(|share| share.entries).sum::<u64>(), 13);
        let field = |path: &str| inspection.fields.iter().find(|field| field.path == path).unwrap();
        assert_eq!(field("jsonPayload.a").entries, 6);
        assert_eq!(field("jsonPayload.a").types.values().sum::<u64>(), 6);
        assert_eq!(field("jsonPayload.a").examples, ["1", "\"one\""]);
        assert_eq!(field("jsonPayload.list.d").entries, field("jsonPayload.\"b.c\"").entries);
        assert_eq!(field("httpRequest.status").entries, 3);
        assert!(field("textPayload").examples[0].chars().count() <= EXAMPLE_LENGTH + 1);
    }

    #[test]
    fn names_from_logs_cannot_act_in_a_shell() {
        for (text, word) in [
            ("dump.json", "dump.json"),
            ("-", "-"),
            ("my dump.json", "'my dump.json'"),
            ("a'; rm -rf ~\n", "'a'\\''; rm -rf ~'"),
            ("$(x)", "'$(x)'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(text), word, "{text:?}");
        }
        assert_eq!(shell_path("--output"), "./--output");
        assert_eq!(shell_path("-"), "-");
        assert_eq!(shell_path("odd\nname.json"), "'odd?name.json'");
        assert_eq!(shell_path("odd\u{fffd}.json"), "'odd*.json'");
    }
}
