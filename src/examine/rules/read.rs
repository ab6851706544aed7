//! The text of a rules file in, rules out, or all its mistakes at once with file and line.

use std::collections::BTreeSet;

use toml::de::DeTable;

use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::query::Query;

use super::condition::{Condition, NumberField, Test, TextField};
use super::examples::Example;
use super::matcher::{Bare, NumberTest, TextTest};
use super::toml_reader::{Field, Reader, members, to_json};
use super::{ExpectedRule, Rule, Rules, Says, SplitBy, sections};

const TOP: [&str; 5] = ["rule", "flow", "mask", "redact", "version"];
const TEXTS: [(&str, TextField); 23] = [
    ("pattern", TextField::Pattern),
    ("message", TextField::Message),
    ("id", TextField::Id),
    ("fingerprint", TextField::Fingerprint),
    ("kind", TextField::Kind),
    ("exception", TextField::Exception),
    ("exception_message", TextField::ExceptionMessage),
    ("module", TextField::Module),
    ("function", TextField::Function),
    ("file", TextField::File),
    ("service", TextField::Service),
    ("revision", TextField::Revision),
    ("region", TextField::Region),
    ("log", TextField::Log),
    ("severity", TextField::Severity),
    ("in_category", TextField::Category),
    ("state", TextField::State),
    ("word", TextField::Word),
    ("trend", TextField::Trend),
    ("user", TextField::User),
    ("route", TextField::Route),
    ("method", TextField::Method),
    ("error_group", TextField::ErrorGroup),
];
const NUMBERS: [(&str, NumberField); 10] = [
    ("line", NumberField::Line),
    ("count", NumberField::Count),
    ("share", NumberField::Share),
    ("rate_per_hour", NumberField::RatePerHour),
    ("users", NumberField::Users),
    ("instances", NumberField::Instances),
    ("revisions", NumberField::Revisions),
    ("services", NumberField::Services),
    ("traces", NumberField::Traces),
    ("status", NumberField::Status),
];
const OTHERS: [&str; 27] = [
    "name",
    "match",
    "match_every",
    "min_severity",
    "in_component",
    "matches",
    "passes",
    "group_key",
    "split_by",
    "mask",
    "title",
    "priority",
    "priority_add",
    "min_priority",
    "max_priority",
    "category",
    "impact",
    "business_impact",
    "flow",
    "component",
    "owner",
    "labels",
    "expected",
    "actions",
    "runbook",
    "issue",
    "note",
];

impl Rules {
    /// Reads a rules file; the error lists every mistake in it.
    pub fn read(path: &str, text: &str) -> Result<Self> {
        let usage = |detail: String| Error::Usage { what: "rules".to_owned(), detail };
        let mut reader = Reader::new(path, text);
        let table = DeTable::parse(text).map_err(|error| {
            let line = reader.line(error.span().map_or(0, |span| span.start));
            usage(format!("{path}:{line}: {}", error.message()))
        })?;
        let mut rules = Self::default();
        for (key, offset, field) in members(table.get_ref()) {
            match key {
                "rule" => {
                    for (offset, table) in reader.tables(field, key) {
                        rules.rules.push(rule(&mut reader, path, offset, table));
                    }
                }
                "flow" => {
                    for (offset, table) in reader.tables(field, key) {
                        rules.flows.push(sections::flow(&mut reader, offset, table));
                    }
                }
                "mask" => rules.masks.extend(sections::pairs(&mut reader, field, key, "name")),
                "redact" => sections::redact(&mut reader, field, &mut rules),
                "version" => drop(reader.integer(field, key, 1..=1)),
                _ => reader.unknown(offset, key, &TOP),
            }
        }
        twice(&mut reader, &rules, table.get_ref());
        rules.sources = vec![format!("{path}: {} rules", rules.rules.len())];
        reader.complaint().map_or(Ok(rules), |mistakes| Err(usage(mistakes)))
    }
}

/// Notes names that several rules of the file have: reports would not tell them apart.
fn twice(reader: &mut Reader<'_>, rules: &Rules, table: &DeTable<'_>) {
    let mut seen = BTreeSet::new();
    let tables = table.get("rule").and_then(|rules| rules.get_ref().as_array());
    let offsets: Vec<usize> = tables.into_iter().flatten().map(|one| one.span().start).collect();
    for rule in &rules.rules {
        if !seen.insert(rule.name.as_str()) {
            let offset = offsets.iter().copied().find(|offset| reader.line(*offset) == rule.line).unwrap_or_default();
            reader.wrong(offset, format!("a second rule is called `{}`", rule.name));
        }
    }
}

fn rule(reader: &mut Reader<'_>, path: &str, offset: usize, table: &DeTable<'_>) -> Rule {
    let mut rule = Rule {
        name: String::new(),
        file: path.to_owned(),
        line: reader.line(offset),
        conditions: Vec::new(),
        says: Says::default(),
        matches: Vec::new(),
        passes: Vec::new(),
    };
    for (key, at, field) in members(table) {
        match key {
            "name" => rule.name = reader.text(field, key).unwrap_or_default(),
            "matches" => rule.matches = examples(reader, field, key),
            "passes" => rule.passes = examples(reader, field, key),
            _ if says(reader, key, field, &mut rule.says) => {}
            _ => match condition(reader, key, field) {
                Known::Condition(condition) => rule.conditions.push(condition),
                Known::Broken => {}
                Known::No => reader.unknown(at, key, &known_keys()),
            },
        }
    }
    if !table.keys().any(|key| key.get_ref() == "name") {
        reader.wrong(offset, "a rule without a `name`");
    }
    let conditions = table.keys().any(|key| is_condition(key.get_ref()));
    if !conditions {
        reader.wrong(offset, "a rule without a condition would match everything; `pattern = \"*\"` says so on purpose");
    }
    rule
}

fn is_condition(key: &str) -> bool {
    let bare = key.strip_prefix("not_").unwrap_or(key);
    let field = bare.strip_suffix("_regex").unwrap_or(bare);
    matches!(bare, "match" | "match_every" | "min_severity" | "in_component")
        || TEXTS.iter().any(|(name, _)| *name == field)
        || NUMBERS.iter().any(|(name, _)| *name == bare)
}

fn known_keys() -> Vec<&'static str> {
    let texts = TEXTS.iter().map(|(name, _)| *name);
    texts.chain(NUMBERS.iter().map(|(name, _)| *name)).chain(OTHERS).collect()
}

enum Known {
    Condition(Condition),
    Broken,
    No,
}

/// The condition a key and its value make, if the key is one.
fn condition(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Known {
    let negated = key.starts_with("not_");
    let bare = key.strip_prefix("not_").unwrap_or(key);
    let test = match bare {
        "match" | "match_every" => query(reader, key, field, bare == "match_every"),
        "min_severity" => least_severity(reader, key, field),
        "in_component" => texts(reader, key, field, TextField::Component, false),
        _ => {
            let name = bare.strip_suffix("_regex").unwrap_or(bare);
            let text = TEXTS.iter().find(|(known, _)| *known == name);
            match (text, NUMBERS.iter().find(|(known, _)| *known == bare)) {
                (Some((_, text)), _) => texts(reader, key, field, *text, name != bare),
                (None, Some((_, number))) => numbers(reader, key, field, *number),
                (None, None) => return Known::No,
            }
        }
    };
    test.map_or(Known::Broken, |test| Known::Condition(Condition { key: key.to_owned(), negated, test }))
}

fn query(reader: &mut Reader<'_>, key: &str, field: &Field<'_>, every: bool) -> Option<Test> {
    let written = reader.text(field, key)?;
    match Query::parse(&written) {
        Ok((query, _)) => Some(Test::Query { query: Box::new(query), written, every }),
        Err(error) => {
            reader.wrong(field.span().start, format!("`{key}` is no filter: {error}\n{}", error.render(&written)));
            None
        }
    }
}

fn least_severity(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Option<Test> {
    let name = reader.text(field, key)?;
    let Some(severity) = crate::model::Severity::parse(&name) else {
        reader.wrong(field.span().start, format!("`{name}` is no severity"));
        return None;
    };
    let test = NumberTest::parse(&format!(">={}", severity.number()), Bare::AtLeast).ok()?;
    Some(Test::Number { field: NumberField::Severity, tests: vec![test] })
}

pub(super) fn texts(
    reader: &mut Reader<'_>,
    key: &str,
    field: &Field<'_>,
    place: TextField,
    regex: bool,
) -> Option<Test> {
    let mut tests = Vec::new();
    for (offset, written) in reader.texts(field, key) {
        match if regex { TextTest::regex(&written) } else { TextTest::glob(&written) } {
            Ok(test) => tests.push(test),
            Err(why) => reader.wrong(offset, format!("`{key}` is no regular expression: {why}")),
        }
    }
    (!tests.is_empty()).then_some(Test::Text { field: place, tests })
}

fn numbers(reader: &mut Reader<'_>, key: &str, field: &Field<'_>, number: NumberField) -> Option<Test> {
    let bare = match number {
        NumberField::Line | NumberField::Status => Bare::Equal,
        _ => Bare::AtLeast,
    };
    let mut tests = Vec::new();
    for (offset, written) in reader.comparisons(field, key) {
        match NumberTest::parse(&written, bare) {
            Ok(test) => tests.push(test),
            Err(why) => reader.wrong(offset, format!("`{key}`: {why}")),
        }
    }
    (!tests.is_empty()).then_some(Test::Number { field: number, tests })
}

/// Takes a setting over; says whether the key is one.
fn says(reader: &mut Reader<'_>, key: &str, field: &Field<'_>, says: &mut Says) -> bool {
    match key {
        "group_key" => says.group_key = reader.text(field, key),
        "split_by" => says.split_by = split_by(reader, key, field),
        "mask" => says.mask = masks(reader, key, field),
        "title" => says.title = reader.text(field, key),
        "priority" => says.priority = priority(reader, key, field),
        "priority_add" => says.priority_add = reader.integer(field, key, -100..=100).unwrap_or_default(),
        "min_priority" => says.min_priority = priority(reader, key, field),
        "max_priority" => says.max_priority = priority(reader, key, field),
        "category" => says.category = reader.text(field, key),
        "impact" => says.impact = reader.text(field, key),
        "business_impact" => says.business_impact = reader.text(field, key),
        "flow" => says.flow = reader.text(field, key),
        "component" => says.component = reader.text(field, key),
        "owner" => says.owner = reader.text(field, key),
        "labels" => says.labels = reader.texts(field, key).into_iter().map(|(_, label)| label).collect(),
        "expected" => says.expected = expected(reader, key, field),
        "actions" => says.actions = actions(reader, key, field),
        "runbook" => says.runbook = reader.text(field, key),
        "issue" => says.issue = reader.integer(field, key, 1..=i64::MAX).map(i64::unsigned_abs),
        "note" => says.note = reader.text(field, key),
        _ => return false,
    }
    true
}

fn priority(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Option<u8> {
    let text = reader.text(field, key)?;
    let level = text.strip_prefix(['P', 'p']).and_then(|digits| digits.parse().ok()).filter(|level| *level <= 10);
    if level.is_none() {
        reader.wrong(field.span().start, format!("`{key}` is P0 to P10, not `{text}`"));
    }
    level
}

fn split_by(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Option<SplitBy> {
    const KNOWN: [(&str, SplitBy); 6] = [
        ("pattern", SplitBy::Pattern),
        ("module", SplitBy::Module),
        ("function", SplitBy::Function),
        ("service", SplitBy::Service),
        ("severity", SplitBy::Severity),
        ("exception", SplitBy::Exception),
    ];
    let text = reader.text(field, key)?;
    let found = KNOWN.iter().find(|(name, _)| *name == text).map(|(_, by)| *by);
    if found.is_none() {
        let names: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
        reader.wrong(field.span().start, format!("`split_by` is one of {}, not `{text}`", names.join(", ")));
    }
    found
}

fn masks(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Vec<regex::Regex> {
    let mut masks = Vec::new();
    for (offset, written) in reader.texts(field, key) {
        match regex::Regex::new(&written) {
            Ok(mask) => masks.push(mask),
            Err(error) => reader.wrong(offset, format!("`{key}` is no regular expression: {error}")),
        }
    }
    masks
}

fn expected(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Option<ExpectedRule> {
    if let Some(reason) = field.get_ref().as_str() {
        return Some(ExpectedRule { reason: reason.to_owned(), ..ExpectedRule::default() });
    }
    let mut expected = ExpectedRule::default();
    for (key, at, field) in members(reader.table(field, key)?) {
        match key {
            "reason" => expected.reason = reader.text(field, key).unwrap_or_default(),
            "until" => {
                let text = field.get_ref().as_datetime().map(ToString::to_string);
                let text = text.or_else(|| field.get_ref().as_str().map(str::to_owned)).unwrap_or_default();
                expected.until = Timestamp::parse(&text);
                if expected.until.is_none() {
                    reader.wrong(at, "`until` is a time such as 2025-10-01 or 2025-10-01T00:00:00Z");
                }
            }
            "max_rate_per_hour" => {
                let number = reader.comparisons(field, key).first().and_then(|(_, text)| text.parse().ok());
                expected.max_rate_per_hour = number.filter(|rate: &f64| rate.is_finite() && *rate >= 0.0);
                if expected.max_rate_per_hour.is_none() {
                    reader.wrong(at, "`max_rate_per_hour` is a number");
                }
            }
            _ => reader.unknown(at, key, &["reason", "until", "max_rate_per_hour"]),
        }
    }
    if expected.reason.is_empty() {
        reader.wrong(field.span().start, "`expected` needs a `reason`");
    }
    Some(expected)
}

/// `"text"`, or `{ horizon, text }`, or a list of either.
fn actions(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Vec<(String, String)> {
    let list: Vec<&Field<'_>> = field.get_ref().as_array().map_or_else(|| vec![field], |list| list.iter().collect());
    let mut actions = Vec::new();
    for one in list {
        if let Some(text) = one.get_ref().as_str() {
            actions.push((String::new(), text.to_owned()));
            continue;
        }
        let (mut horizon, mut text) = (String::new(), String::new());
        for (key, at, field) in reader.table(one, key).map(members).unwrap_or_default() {
            match key {
                "horizon" => horizon = reader.text(field, key).unwrap_or_default(),
                "text" => text = reader.text(field, key).unwrap_or_default(),
                _ => reader.unknown(at, key, &["horizon", "text"]),
            }
        }
        if text.is_empty() {
            reader.wrong(one.span().start, "an action needs a `text`");
        }
        actions.push((horizon, text));
    }
    actions
}

fn examples(reader: &mut Reader<'_>, field: &Field<'_>, key: &str) -> Vec<Example> {
    let list: Vec<&Field<'_>> = field.get_ref().as_array().map_or_else(|| vec![field], |list| list.iter().collect());
    let mut examples = Vec::new();
    for one in list {
        let line = reader.line(one.span().start);
        match one.get_ref().as_str() {
            Some(text) => examples.push(Example::of_text(line, text)),
            None => {
                if reader.table(one, key).is_some() {
                    examples.push(Example { line, entry: to_json(one.get_ref()) });
                }
            }
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_at_once_with_their_lines() {
        let text = r#"
[[rule]]
name = "first"
patern = "*accept*"
priority = "high"

[[rule]]
name = "first"
severity = "ERROR"
count = "many"
module_regex = "("
expected = { until = 2025-10-01 }

[[rules]]
name = "x"
"#;
        let Err(Error::Usage { detail, .. }) = Rules::read("r.toml", text) else { panic!("no mistake found") };
        let lines: Vec<&str> = detail.lines().filter(|line| line.starts_with("r.toml:")).collect();
        for (start, end) in [
            ("r.toml:2: a rule without a condition", ""),
            ("r.toml:4: unknown key `patern`; did you mean `pattern`?", ""),
            ("r.toml:5: `priority` is P0 to P10, not `high`", ""),
            ("r.toml:7: a second rule is called `first`", ""),
            ("r.toml:10: `count`: `many` is no comparison", ""),
            ("r.toml:11: `module_regex` is no regular expression", ""),
            ("r.toml:12: `expected` needs a `reason`", ""),
            ("r.toml:14: unknown key `rules`; did you mean `rule`?", ""),
        ] {
            assert!(lines.iter().any(|line| line.starts_with(start) && line.ends_with(end)), "{start}\n{detail}");
        }
        assert_eq!(lines.len(), 8, "{detail}");
    }

    #[test]
    fn text_that_is_no_toml_has_a_line() {
        let Err(Error::Usage { detail, .. }) = Rules::read("r.toml", "a = 1\nb = = 2") else { panic!("no mistake") };
        assert!(detail.starts_with("r.toml:2: "), "{detail}");
    }

    #[test]
    fn sections_for_other_stages() {
        let rules = Rules::read(
            "r.toml",
            "[[mask]]\nname = \"ticket\"\npattern = 'T-\\d+'\n[redact]\nallow = ['demo-.*']\n[[redact.add]]\nkind = \"badge\"\npattern = 'B\\d{4}'\n",
        )
        .unwrap();
        assert_eq!(rules.masks, [("ticket".to_owned(), "T-\\d+".to_owned())]);
        assert_eq!(rules.redact, [("badge".to_owned(), "B\\d{4}".to_owned())]);
        assert_eq!(rules.redact_allow, ["demo-.*"]);
    }
}
