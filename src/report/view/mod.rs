//! A worklog in, what templates see out: every field of the result, and beside it what follows from several of them.
//!
//! The result is the contract (`schema` prints it); the fields added here are documented in docs/templates.md, and a
//! test holds that each of them is named there.

mod entries;
mod one;
mod steps;
mod whole;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde};
use serde::Serialize;

use self::entries::{Entries, Looked};
use super::json::Bare;
use super::spread::{Spreading, each};
use crate::model::{Cluster, Input, Worklog};

/// What templates see, by name.
type Fields = BTreeMap<String, Value>;

/// What templates see of a worklog: looked at once, for any number of renderings.
pub struct View<'w> {
    worklog: &'w Worklog,
    fields: Fields,
}

impl<'w> View<'w> {
    /// Of the whole worklog; `spread` has its clusters looked at, in any order or at a time.
    pub(super) fn of(worklog: &'w Worklog, spread: Spreading<'_>) -> Self {
        Self { worklog, fields: fields(worklog, spread) }
    }

    /// The same, and `cluster` for the one a draft is about.
    pub(super) fn about(&self, cluster: &Cluster) -> Self {
        let mut fields = self.fields.clone();
        fields.insert("cluster".into(), cluster_value(self.worklog, cluster));
        Self { worklog: self.worklog, fields }
    }

    /// What is to be told at a `detail` from 3 (everything) down to 0.
    pub(super) fn at(&self, detail: u64) -> Value {
        let all = self.fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
        Value::from_pairs(all.chain([("detail", detail.into())]))
    }
}

fn fields(worklog: &Worklog, spread: Spreading<'_>) -> Fields {
    let mut all = map_of(&Bare::of(worklog));
    all.insert("inputs".into(), Value::from_object(Inputs(worklog.inputs.clone())));
    let clusters: Vec<Value> = each(worklog.clusters.len(), spread, |number| {
        worklog.clusters.get(number).map(|cluster| cluster_value(worklog, cluster)).unwrap_or_default()
    });
    let pick = |indices: &[usize]| indices.iter().filter_map(|index| clusters.get(*index).cloned()).collect::<Value>();
    let extra = whole::extra(worklog);
    all.extend(map_of(&extra));
    for (name, indices) in [
        ("listed", &extra.listed),
        ("leading", &extra.leading),
        ("further", &extra.further),
        ("expected", &extra.expected),
        ("singles", &extra.singles),
        ("single_errors", &extra.single_errors),
        ("details", &extra.details),
        ("issue_clusters", &extra.issue_clusters),
        ("changed", &extra.changed),
    ] {
        all.insert(name.into(), pick(indices));
    }
    let by_id = extra.by_id.iter().filter_map(|(id, index)| Some((id.clone(), clusters.get(*index)?.clone())));
    all.insert("by_id".into(), Value::from_pairs(by_id));
    all.insert("clusters".into(), clusters.into());
    all
}

/// The inputs, each of which becomes a value only when a template looks at it: there may be very many.
#[derive(Debug)]
struct Inputs(Vec<Input>);

impl Object for Inputs {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let input = self.0.get(key.as_usize()?)?;
        Some(Value::from(Serde(input)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

fn cluster_value(worklog: &Worklog, cluster: &Cluster) -> Value {
    let mut bare = cluster.clone();
    let entries = Entries::take(&mut bare);
    let mut all = map_of(&bare);
    let extra = one::extra(worklog, cluster);
    all.extend(map_of(&extra));
    // Letters, digits and hyphens alone, so it may stand in links and marks as it is.
    all.insert("anchor".into(), Value::from_safe_string(extra.anchor));
    if told_state(cluster).is_empty() {
        all.insert("state".into(), "".into());
        all.insert("state_reasons".into(), Value::from(Vec::<Value>::new()));
    }
    Value::from_object(Looked::new(all, entries))
}

/// The state as people are told it: new only where something earlier would have shown it and did not.
fn told_state(cluster: &Cluster) -> &str {
    let is_new = cluster.delta.as_ref().is_some_and(|delta| delta.verdict == "new");
    if cluster.state == "new" && !is_new { "" } else { &cluster.state }
}

/// The fields of a structure that holds no JSON as template values.
fn map_of(value: &impl Serialize) -> Fields {
    let whole = Value::from(Serde(value));
    let field = |name: Value| Some((name.as_str()?.to_owned(), whole.get_item(&name).ok()?));
    whole.try_iter().map(|names| names.filter_map(field).collect()).unwrap_or_default()
}

/// A list of what holds JSON as template values.
fn list_of<T: Serialize>(items: &[T]) -> Value {
    serde_json::to_value(items).map(|items| template_value(items, 0)).unwrap_or_default()
}

/// JSON as template values. Numbers are read by hand: with all digits kept they would arrive as structures.
fn template_value(value: serde_json::Value, depth: usize) -> Value {
    use serde_json::Value as Json;
    match value {
        _ if depth > 150 => Value::from("…"),
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(flag),
        Json::Number(number) => number
            .as_u64()
            .map(Value::from)
            .or_else(|| number.as_i64().map(Value::from))
            .or_else(|| number.as_f64().filter(|float| float.is_finite()).map(Value::from))
            .unwrap_or_else(|| Value::from(number.to_string())),
        Json::String(text) => Value::from(text),
        Json::Array(items) => items.into_iter().map(|item| template_value(item, depth + 1)).collect(),
        Json::Object(fields) => {
            Value::from_pairs(fields.into_iter().map(|(name, field)| (name, template_value(field, depth + 1))))
        }
    }
}

#[cfg(test)]
mod tests {
    use schemars::Schema;

    use super::*;

    fn names(schema: &Schema, found: &mut Vec<String>) {
        let definitions = schema.get("$defs").and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
        for part in std::iter::once(schema.as_value()).chain(definitions.values()) {
            let fields = part.get("properties").and_then(serde_json::Value::as_object);
            found.extend(fields.into_iter().flatten().map(|(name, _)| name.clone()));
        }
    }

    #[test]
    fn every_field_is_named_in_the_documentation() {
        let document = include_str!("../../../docs/templates.md");
        let mut found = Vec::new();
        for schema in [
            schemars::schema_for!(Worklog),
            schemars::schema_for!(whole::Extra),
            schemars::schema_for!(one::Extra),
            schemars::schema_for!(entries::Texts),
        ] {
            names(&schema, &mut found);
        }
        let missing: Vec<_> = found.iter().filter(|name| !document.contains(&format!("`{name}`"))).collect();
        assert!(found.len() > 200 && missing.is_empty(), "docs/templates.md does not name {missing:?}");
    }
}
