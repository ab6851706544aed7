//! The entries that a cluster shows in, what templates see of them out, once one looks.

use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Fields, list_of, map_of};
use crate::model::{Cluster, Context, JsonText, Sample};
use crate::report::sample;

/// The members of a cluster that are entries: most of it, and in most clusters no template looks at them.
#[derive(Debug)]
pub(super) struct Entries {
    samples: Vec<Sample>,
    context: Vec<Context>,
    samples_seen: OnceLock<Value>,
    context_seen: OnceLock<Value>,
    texts: OnceLock<Fields>,
}

const OF_ENTRIES: [&str; 2] = ["samples", "context"];
const OF_TEXTS: [&str; 4] = ["sample_texts", "context_texts", "context_lines", "context_times"];

/// What templates see of them beside the fields of the result.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those that templates use")]
pub(in crate::report) struct Texts {
    /// The samples as pretty JSON reduced to what tells, in the order of `samples`.
    sample_texts: Vec<String>,
    /// The neighbours as pretty JSON reduced to what tells, in the order of `context`.
    context_texts: Vec<String>,
    /// What each neighbour says, on one line, in the order of `context`.
    context_lines: Vec<String>,
    /// The time of each neighbour, in the order of `context`.
    context_times: Vec<String>,
}

impl Entries {
    /// Those of a cluster, which keeps none.
    pub(super) fn take(cluster: &mut Cluster) -> Self {
        Self {
            samples: std::mem::take(&mut cluster.samples),
            context: std::mem::take(&mut cluster.context),
            samples_seen: OnceLock::new(),
            context_seen: OnceLock::new(),
            texts: OnceLock::new(),
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "samples" => Some(self.samples_seen.get_or_init(|| list_of(&self.samples)).clone()),
            "context" => Some(self.context_seen.get_or_init(|| list_of(&self.context)).clone()),
            _ if OF_TEXTS.contains(&name) => self.texts.get_or_init(|| map_of(&self.texts())).get(name).cloned(),
            _ => None,
        }
    }

    fn texts(&self) -> Texts {
        let reduced = |entry: &JsonText, unpacked: Option<&JsonText>| {
            sample::reduced(&entry.value(), unpacked.map(JsonText::value).as_ref())
        };
        let (samples, context) = (self.samples.iter(), self.context.iter());
        Texts {
            sample_texts: samples.map(|one| reduced(&one.entry, one.unpacked.as_ref())).collect(),
            context_texts: context.clone().map(|one| reduced(&one.entry, one.unpacked.as_ref())).collect(),
            context_lines: context.clone().map(|one| sample::line(&one.entry.value())).collect(),
            context_times: context.map(|one| sample::time(&one.entry.value())).collect(),
        }
    }
}

/// A cluster as templates see it.
#[derive(Debug)]
pub(super) struct Looked {
    fields: Fields,
    entries: Entries,
}

impl Looked {
    /// A cluster with these fields, which may name its entries, and these entries.
    pub(super) fn new(mut fields: Fields, entries: Entries) -> Self {
        fields.retain(|name, _| !OF_ENTRIES.contains(&name.as_str()));
        Self { fields, entries }
    }
}

impl Object for Looked {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        self.fields.get(name).cloned().or_else(|| self.entries.get(name))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let known = self.fields.keys().map(String::as_str);
        let mut names: Vec<&str> = known.chain(OF_ENTRIES).chain(OF_TEXTS).collect();
        names.sort_unstable();
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_has_its_entries_among_its_fields() {
        let mut cluster = Cluster { id: "LG-1".into(), samples: vec![Sample::default()], ..Cluster::default() };
        let entries = Entries::take(&mut cluster);
        let value = Value::from_object(Looked::new(map_of(&cluster), entries));
        let names: Vec<String> = value.try_iter().unwrap().map(|name| name.to_string()).collect();
        assert!(names.is_sorted());
        for name in ["id", "title"].into_iter().chain(OF_ENTRIES).chain(OF_TEXTS) {
            assert_eq!(names.iter().filter(|held| *held == name).count(), 1, "{name}");
            assert!(!value.get_attr(name).unwrap().is_undefined(), "{name}");
        }
        assert_eq!(value.get_attr("samples").unwrap().len(), Some(1));
        assert_eq!(value.get_attr("sample_texts").unwrap().len(), Some(1));
        assert!(value.get_attr("sample").unwrap().is_undefined());
        assert!(serde_json::to_value(&value).unwrap()["samples"][0]["role"].is_string());
    }
}
