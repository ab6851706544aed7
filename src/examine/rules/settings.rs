//! The key of a setting and its value in, what the rule says out.

use crate::model::Timestamp;

use super::toml_reader::{Field, Reader, members};
use super::{ExpectedRule, Says, SplitBy, words};

/// Takes a setting over; says whether the key is one.
pub(super) fn says(reader: &mut Reader<'_>, key: &str, field: &Field<'_>, says: &mut Says) -> bool {
    match key {
        "group_key" => says.group_key = group_key(reader, key, field),
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

fn group_key(reader: &mut Reader<'_>, key: &str, field: &Field<'_>) -> Option<String> {
    let text = reader.text(field, key)?;
    if let Some(name) = words::unfilled(&text) {
        let known = words::GROUP_KEYS.join(", ");
        reader.wrong(field.span().start, format!("`{key}` cannot be filled with `{{{name}}}`, only with {known}"));
    }
    Some(text)
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
