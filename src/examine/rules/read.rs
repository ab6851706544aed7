//! The text of a rules file in, rules out, or all its mistakes at once with file and line.

use std::collections::BTreeSet;

use toml::de::DeTable;

use crate::error::{Error, Result};
use crate::examine::words::counted;
use crate::model::Severity;
use crate::query::Query;

use super::condition::{Condition, NumberField, Test, TextField};
use super::examples::Example;
use super::matcher::{Bare, NumberTest, TextTest};
use super::settings::says;
use super::toml_reader::{Field, Reader, members, to_json};
use super::{Rule, Rules, Says, sections, words};

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
        let count = counted(rules.rules.len() as u64, "rule", "rules");
        rules.sources = vec![format!("{path}: {count}")];
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
    if let (Some(least), Some(most)) = (rule.says.min_priority, rule.says.max_priority)
        && least < most
    {
        let detail = format!("nothing is at least P{least} (`min_priority`) and at most P{most} (`max_priority`)");
        reader.wrong(offset, detail);
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
    let Some(severity) = Severity::parse(&name) else {
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
        // Entries are not all alike in how they write a severity; clusters are.
        let name = Severity::parse(&written).filter(|_| place == TextField::Severity && !regex);
        let asked = if let Some(severity) = name { severity.name() } else { &written };
        match if regex { TextTest::regex(asked) } else { TextTest::glob(asked) } {
            Ok(test) => match words::never(place, key, &test) {
                Some(why) => reader.wrong(offset, why),
                None => tests.push(test),
            },
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

fn examples(reader: &mut Reader<'_>, field: &Field<'_>, key: &str) -> Vec<Example> {
    let list: Vec<&Field<'_>> = field.get_ref().as_array().map_or_else(|| vec![field], |list| list.iter().collect());
    let mut examples = Vec::new();
    for one in list {
        let line = reader.line(one.span().start);
        match one.get_ref().as_str() {
            Some(text) => examples.push(Example::of_text(line, text)),
            None => {
                if reader.table(one, key).is_some() {
                    examples.push(Example { line, entries: vec![to_json(one.get_ref())] });
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
    fn what_never_holds_is_a_mistake() {
        for (line, said) in [
            ("severity = 'EROR'", "not `EROR`; did you mean `ERROR`?"),
            ("state = ['new', 'nwe']", "not `nwe`"),
            ("not_kind = 'mesage'", "not `mesage`; did you mean `message`?"),
            ("kind_regex = '^mesage$'", "`kind_regex` is one of message, trace"),
            ("trend = 'up'", "`trend` is one of steady, rising, falling, not `up`"),
            ("word = 'bursty'", "did you mean `burst`?"),
            ("id = 'hello'", "`id` is written like LG-7f3a9c21d4, not `hello`"),
            ("fingerprint = 'LG-7f3a9c21d4'", "`fingerprint` is written like lg1:"),
            ("pattern = '*'\ngroup_key = '{nothing}'", "`group_key` cannot be filled with `{nothing}`"),
            ("pattern = '*'\nmin_priority = 'P1'\nmax_priority = 'P3'", "nothing is at least P1"),
            ("pattern = '*'\nissue = -4", "`issue` is a whole number of at least 1, not -4"),
        ] {
            let read = Rules::read("r.toml", &format!("[[rule]]\nname = 'x'\n{line}\n"));
            let Err(Error::Usage { detail, .. }) = read else { panic!("{line} passes") };
            assert!(detail.contains(said), "{line}: {detail}");
        }
        for line in [
            "severity = ['WARN', 'err*']",
            "state = '*g'",
            "id = 'lg-7f3*'",
            "pattern = '*'\ngroup_key = 'x {module}.{function}'",
            "pattern = '*'\nmin_priority = 'P3'\nmax_priority = 'P1'",
        ] {
            let read = Rules::read("r.toml", &format!("[[rule]]\nname = 'x'\n{line}\n"));
            assert!(read.is_ok(), "{line}: {read:?}");
        }
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
