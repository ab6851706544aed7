//! A worklog in, its JSON out. Inputs may be many and are all alike, so they are written by hand; clusters are most of the
//! text, and written at a time.

use std::fmt::Write;

use serde::Serialize;

use super::pretty::pretty;
use super::spread::{Spreading, each};
use super::visible::visible_json;
use crate::model::{
    Cluster, CommonPattern, Comparison, Coverage, Health, Informational, Input, IssuesSummary, Method, Redaction,
    RunTimeline, Scope, ServiceRequests, Skip, Timestamp, Tool, Totals, Window, Worklog,
};

/// A worklog without its inputs and clusters: the same members in the same order.
#[derive(Serialize)]
pub(super) struct Bare<'a> {
    schema_version: &'a str,
    tool: &'a Tool,
    generated_at: Option<Timestamp>,
    focus: &'a str,
    entries_id: &'a str,
    window: &'a Window,
    scope: &'a Scope,
    inputs: [(); 0],
    skipped: &'a [Skip],
    skipped_by_reason: &'a std::collections::BTreeMap<String, u64>,
    coverage: &'a Coverage,
    totals: &'a Totals,
    timeline: &'a RunTimeline,
    clusters: [(); 0],
    informational: &'a Informational,
    requests: &'a [ServiceRequests],
    health: &'a [Health],
    patterns: &'a [CommonPattern],
    comparison: Option<&'a Comparison>,
    issues_summary: &'a IssuesSummary,
    redaction: &'a Redaction,
    method: &'a Method,
    content_hash: &'a str,
}

impl<'a> Bare<'a> {
    pub(super) fn of(worklog: &'a Worklog) -> Self {
        // No member is left out unseen.
        let Worklog {
            schema_version,
            tool,
            generated_at,
            focus,
            entries_id,
            window,
            scope,
            inputs: _,
            skipped,
            skipped_by_reason,
            coverage,
            totals,
            timeline,
            clusters: _,
            informational,
            requests,
            health,
            patterns,
            comparison,
            issues_summary,
            redaction,
            method,
            content_hash,
        } = worklog;
        Self {
            schema_version,
            tool,
            generated_at: *generated_at,
            focus,
            entries_id,
            window,
            scope,
            inputs: [],
            skipped,
            skipped_by_reason,
            coverage,
            totals,
            timeline,
            clusters: [],
            informational,
            requests,
            health,
            patterns,
            comparison: comparison.as_ref(),
            issues_summary,
            redaction,
            method,
            content_hash,
        }
    }
}

/// How lists without elements stand in the layout; line breaks inside of strings are escaped.
const NO_INPUTS: &str = "\n  \"inputs\": []";
const NO_CLUSTERS: &str = "\n  \"clusters\": []";

/// So many clusters are text beside the whole at a time.
const BATCH: usize = 256;

/// The result as pretty JSON with a line break at its end; equal worklogs give equal bytes.
pub fn to_json(worklog: &Worklog) -> String {
    to_json_by(worklog, &|count, task| (0..count).for_each(task))
}

/// The same, where `spread` has clusters written at a time.
pub fn to_json_by(worklog: &Worklog, spread: Spreading<'_>) -> String {
    // Every key is a string and every number finite or null, so this cannot fail.
    let mut text = pretty(&Bare::of(worklog)).unwrap_or_default();
    text.push('\n');
    let mut inputs = Filling::of(&mut text, NO_INPUTS);
    for input in &worklog.inputs {
        inputs.push(|text| push_input(text, input));
    }
    inputs.end();
    let mut clusters = Filling::of(&mut text, NO_CLUSTERS);
    // All of them as text, beside the whole of it, would take its memory twice.
    for batch in worklog.clusters.chunks(BATCH) {
        for cluster in each(batch.len(), spread, |number| batch.get(number).map(cluster_text).unwrap_or_default()) {
            clusters.push(|text| text.push_str(&cluster));
        }
    }
    clusters.end();
    visible_json(text)
}

/// A cluster as it stands in the list of them.
fn cluster_text(cluster: &Cluster) -> String {
    #[derive(Serialize)]
    struct Listed<'c> {
        clusters: [&'c Cluster; 1],
    }
    let listed = pretty(&Listed { clusters: [cluster] }).unwrap_or_default();
    let inner = listed.strip_prefix("{\n  \"clusters\": [\n").and_then(|rest| rest.strip_suffix("\n  ]\n}"));
    inner.unwrap_or_default().to_owned()
}

/// Puts elements into a list that has none.
struct Filling<'t> {
    text: &'t mut String,
    /// What stands behind the list.
    rest: String,
    is_empty: bool,
}

impl<'t> Filling<'t> {
    /// The list that stands as `empty` in the layout.
    fn of(text: &'t mut String, empty: &str) -> Self {
        let end = text.find(empty).map_or(text.len(), |at| at + empty.len());
        let rest = text.split_off(end);
        Self { text, rest, is_empty: true }
    }

    fn push(&mut self, push: impl FnOnce(&mut String)) {
        if std::mem::take(&mut self.is_empty) {
            self.text.truncate(self.text.len() - "]".len());
            self.text.push('\n');
        } else {
            self.text.push_str(",\n");
        }
        push(self.text);
    }

    fn end(self) {
        if !self.is_empty {
            self.text.push_str("\n  ]");
        }
        self.text.push_str(&self.rest);
    }
}

fn push_input(text: &mut String, input: &Input) {
    let Input { path, format, compression, bytes, entries, duplicates, filtered, skipped, notes } = input;
    text.push_str("    {\n");
    for (name, value) in [("path", path.as_str()), ("format", format), ("compression", compression)] {
        push_name(text, name);
        push_string(text, value);
        text.push_str(",\n");
    }
    for (name, value) in [
        ("bytes", bytes),
        ("entries", entries),
        ("duplicates", duplicates),
        ("filtered", filtered),
        ("skipped", skipped),
    ] {
        push_name(text, name);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{value},");
    }
    push_name(text, "notes");
    text.push('[');
    for (number, note) in notes.iter().enumerate() {
        text.push_str(if number == 0 { "\n        " } else { ",\n        " });
        push_string(text, note);
    }
    text.push_str(if notes.is_empty() { "]\n    }" } else { "\n      ]\n    }" });
}

fn push_name(text: &mut String, name: &str) {
    text.push_str("      \"");
    text.push_str(name);
    text.push_str("\": ");
}

fn push_string(text: &mut String, value: &str) {
    // So few are not plain that they may be escaped by the library.
    if value.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        text.push_str(&serde_json::to_string(value).unwrap_or_default());
        return;
    }
    text.push('"');
    text.push_str(value);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn what_is_written_by_hand_is_what_the_library_writes() {
        let mut worklog = example();
        let input = |path: &str, notes: &[&str]| Input {
            path: path.to_owned(),
            format: "ndjson".into(),
            bytes: u64::MAX,
            skipped: 3,
            entries: 1_203,
            notes: notes.iter().map(|note| (*note).to_owned()).collect(),
            ..Input::default()
        };
        for inputs in [
            vec![],
            vec![input("a.json", &[])],
            vec![input("\"\\\n\u{1}\u{7f}ü", &["one", "\"inputs\": []"]), input("", &[""]), input("b", &[])],
        ] {
            worklog.inputs = inputs;
            worklog.focus = "\n  \"inputs\": []".to_owned();
            let expected =
                format!("{}\n", serde_json::to_string_pretty(&serde_json::to_value(&worklog).unwrap()).unwrap());
            assert_eq!(to_json(&worklog), visible_json(expected));
        }
    }
}
