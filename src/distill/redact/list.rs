//! A list of values in, the same without the secrets that one element tells of the next out: arguments, headers as pairs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Redactor;
use super::accept::accepts_member;
use super::mark::{mark, marks};
use super::names::{Class, class_of};
use super::spans::{self, Span};
use super::value::{Shape, shape};

/// Longer lists hold data.
const MOST: usize = 256;

/// Redacts the elements of one list by their neighbours.
pub(super) fn redact(redactor: &Redactor, items: &mut [Value], counts: &mut BTreeMap<String, u64>) {
    if redactor.is_off() || !(2..=MOST).contains(&items.len()) || !items.iter().all(Value::is_string) {
        return;
    }
    if items.iter().any(|item| item.as_str().is_some_and(|item| item.starts_with('-'))) {
        arguments(redactor, items, counts);
    } else if items.len().is_multiple_of(2) {
        pairs(redactor, items, counts);
    }
}

/// `["mysql", "-u", "root", "--password", "x"]`: what the line says as a whole.
fn arguments(redactor: &Redactor, items: &mut [Value], counts: &mut BTreeMap<String, u64>) {
    let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    let found = redactor.find(&texts.join(" "));
    if found.is_empty() {
        return;
    }
    let mut start = 0;
    for item in items {
        let Value::String(text) = item else { continue };
        let end = start + text.len();
        let here = |span: &Span| {
            let range = span.range.start.max(start)..span.range.end.min(end);
            (range.start < range.end).then(|| Span { range, ..span.clone() }.shifted_back(start))
        };
        let inside: Vec<Span> = found.iter().filter_map(here).collect();
        if !inside.is_empty() {
            *text = spans::replace(text, &inside, counts);
        }
        start = end + 1;
    }
}

/// `["x-api-key", "a8f5", ...]`. A list of names is one as well, so words behind them stay.
fn pairs(redactor: &Redactor, items: &mut [Value], counts: &mut BTreeMap<String, u64>) {
    for pair in items.chunks_exact_mut(2) {
        let [Value::String(name), Value::String(value)] = pair else { continue };
        // A mark names the kind of a value, and promises none.
        let promise = class_of(name).filter(|(class, _)| *class != Class::Query && marks(name).is_empty());
        let Some((class, kind)) = promise else { continue };
        let formed = matches!(shape(value), Shape::Mixed | Shape::Random | Shape::Hex | Shape::Uuid);
        if formed && marks(value).is_empty() && !redactor.allows(value) && accepts_member(class, name, value) {
            *counts.entry(kind.to_owned()).or_default() += 1;
            *value = mark(kind, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::distill::{Policy, UserRules};

    fn redacted(mut value: Value) -> String {
        let redactor = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        redactor.redact_json(&mut value, &mut BTreeMap::new());
        value.to_string()
    }

    #[test]
    fn what_tells_reaches_the_value() {
        let secret = ["Sun", "shine99"].concat();
        for value in [
            json!({"password": {"value": secret}}),
            json!({"fields": {"password": {"stringValue": secret}}}),
            json!({"headers": [["x-api-key", secret], ["accept", "json"]]}),
            json!({"rawHeaders": ["host", "a.example", "x-api-key", secret]}),
            json!({"argv": ["tool", "--password", secret]}),
            json!({"cmd": ["mysql", &format!("-p{secret}")]}),
            json!({"kind": "Secret", "data": {"config": secret}}),
            json!({"kind": "Secret", "stringData": {"config": secret}}),
            json!([{"value": secret, "name": "DB_PASSWORD"}]),
            json!({"message": json!([{"value": secret, "name": "DB_PASSWORD"}]).to_string()}),
        ] {
            let shown = redacted(value.clone());
            assert!(!shown.contains(&secret), "{shown}");
        }
    }

    #[test]
    fn lists_of_names_and_harmless_arguments_stay() {
        for value in [
            json!({"missing": ["password", "email"]}),
            json!({"argv": ["tool", "--port", "8080", "-v"]}),
            json!({"kind": "Secret", "metadata": {"name": "app"}}),
            json!({"token": {"type": "bearer", "count": 3}}),
            json!(["<gitlab_token:000d>", "<details><summary>x7</summary>"]),
            json!({"name": "<gitlab_token:000d>", "value": "<details><summary>x7</summary>"}),
        ] {
            assert_eq!(redacted(value.clone()), value.to_string());
        }
    }
}
