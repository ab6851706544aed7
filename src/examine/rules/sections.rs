//! The sections of a rules file beside its rules in, flows, masks and redactions out.

use toml::de::DeTable;

use super::condition::{Condition, TextField};
use super::read::texts;
use super::toml_reader::{Field, Reader, members};
use super::{Flow, Rules};

/// A flow of the user's.
pub(super) fn flow(reader: &mut Reader<'_>, offset: usize, table: &DeTable<'_>) -> Flow {
    const PLACES: [(&str, TextField); 5] = [
        ("modules", TextField::Module),
        ("functions", TextField::Function),
        ("services", TextField::Service),
        ("routes", TextField::Route),
        ("patterns", TextField::Pattern),
    ];
    let mut flow = Flow { name: String::new(), conditions: Vec::new(), points: 15, statement: String::new() };
    for (key, at, field) in members(table) {
        match (key, PLACES.iter().find(|(name, _)| *name == key)) {
            ("name", _) => flow.name = reader.text(field, key).unwrap_or_default(),
            ("points", _) => flow.points = reader.integer(field, key, 0..=25).unwrap_or_default(),
            ("statement", _) => flow.statement = reader.text(field, key).unwrap_or_default(),
            (_, Some((_, place))) => {
                let test = texts(reader, key, field, *place, false);
                flow.conditions.extend(test.map(|test| Condition { key: key.to_owned(), negated: false, test }));
            }
            _ => reader.unknown(
                at,
                key,
                &["name", "points", "statement", "modules", "functions", "services", "routes", "patterns"],
            ),
        }
    }
    if flow.name.is_empty() || flow.conditions.is_empty() {
        reader.wrong(offset, "a flow needs a `name` and one of modules, functions, services, routes, patterns");
    }
    flow
}

/// Tables of a name and a regular expression called `pattern`.
pub(super) fn pairs(reader: &mut Reader<'_>, field: &Field<'_>, key: &str, name_key: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (offset, table) in reader.tables(field, key) {
        let (mut name, mut pattern) = (String::new(), String::new());
        for (key, at, field) in members(table) {
            match key {
                _ if key == name_key => name = reader.text(field, key).unwrap_or_default(),
                "pattern" => {
                    pattern = reader.text(field, key).unwrap_or_default();
                    if let Err(error) = regex::Regex::new(&pattern) {
                        reader.wrong(at, format!("`pattern` is no regular expression: {error}"));
                    }
                }
                _ => reader.unknown(at, key, &[name_key, "pattern"]),
            }
        }
        if name.is_empty() || pattern.is_empty() {
            reader.wrong(offset, format!("`{key}` needs a `{name_key}` and a `pattern`"));
        }
        pairs.push((name, pattern));
    }
    pairs
}

/// `[redact]` with `allow` and `[[redact.add]]`.
pub(super) fn redact(reader: &mut Reader<'_>, field: &Field<'_>, rules: &mut Rules) {
    for (key, at, field) in reader.table(field, "redact").map(members).unwrap_or_default() {
        match key {
            "add" => rules.redact.extend(pairs(reader, field, key, "kind")),
            "allow" => {
                for (offset, pattern) in reader.texts(field, key) {
                    match regex::Regex::new(&pattern) {
                        Ok(_) => rules.redact_allow.push(pattern),
                        Err(error) => reader.wrong(offset, format!("`allow` is no regular expression: {error}")),
                    }
                }
            }
            _ => reader.unknown(at, key, &["add", "allow"]),
        }
    }
}
