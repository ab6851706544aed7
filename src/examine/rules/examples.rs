//! The examples that rules carry in, whether each behaves as its rule says out.

use serde_json::{Value, json};

use crate::model::{Digest, Worklog};

use super::condition::Subject;
use super::{Evaluate, Rule, Rules};

/// An entry that a rule is to match or to pass over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The line it stands in.
    pub line: usize,
    /// The entry; more than one where several have the same text.
    pub entries: Vec<Value>,
}

impl Example {
    /// A text stands for an ERROR entry of that text, whether it is logged as plain text or as a field.
    pub(super) fn of_text(line: usize, text: &str) -> Self {
        let plain = json!({ "severity": "ERROR", "textPayload": text });
        let field = json!({ "severity": "ERROR", "jsonPayload": { "message": text } });
        Self { line, entries: vec![plain, field] }
    }
}

/// One example, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleResult {
    /// The rule's name.
    pub rule: String,
    /// Where the example stands: `file:line`.
    pub place: String,
    /// Whether the rule is to match it.
    pub wanted: bool,
    /// Whether it does.
    pub found: bool,
    /// The conditions that did not hold, with what stands in their place.
    pub failed: Vec<String>,
}

impl ExampleResult {
    /// Whether the example behaves as its rule says.
    pub fn is_right(&self) -> bool {
        self.wanted == self.found
    }
}

/// Judges every example. `analyze` runs an archive that holds this entry alone; conditions that need more than one
/// entry (count, rates, users, state, ...) are taken as held.
pub fn test_examples(
    rules: &Rules,
    analyze: &dyn Fn(&Value) -> (Digest, Worklog),
    evaluate: Evaluate,
) -> Vec<ExampleResult> {
    let mut results = Vec::new();
    for rule in &rules.rules {
        let wanted = rule.matches.iter().map(|example| (example, true));
        for (example, wanted) in wanted.chain(rule.passes.iter().map(|example| (example, false))) {
            let judged = example.entries.iter().map(|entry| {
                let (digest, worklog) = analyze(entry);
                match worklog.clusters.first() {
                    Some(cluster) => failed(rule, &Subject::new(cluster, &digest), evaluate),
                    None => vec!["the entry makes no cluster; is its severity below the minimum?".to_owned()],
                }
            });
            // The way of logging it that comes nearest to what the rule asks for.
            let failed = judged.min_by_key(Vec::len).unwrap_or_default();
            let place = format!("{}:{}", rule.file, example.line);
            results.push(ExampleResult { rule: rule.name.clone(), place, wanted, found: failed.is_empty(), failed });
        }
    }
    results
}

fn failed(rule: &Rule, subject: &Subject<'_>, evaluate: Evaluate) -> Vec<String> {
    let content = rule.conditions.iter().filter(|condition| condition.is_about_content());
    content.filter(|condition| !condition.holds(subject, evaluate)).map(|condition| condition.told(subject)).collect()
}
