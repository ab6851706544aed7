//! Rules and a worklog in, which rule did what to which cluster, and why not, out.

use crate::model::{Digest, Worklog};

use super::condition::Subject;
use super::{Evaluate, Rule, Rules, Says};

/// One rule and one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The rule's name.
    pub rule: String,
    /// Where it stands: `file:line`.
    pub place: String,
    /// The cluster's id.
    pub cluster: String,
    /// The cluster's title.
    pub title: String,
    /// Whether all conditions hold.
    pub holds: bool,
    /// Each condition with what the cluster has in its place, and whether it holds.
    pub conditions: Vec<(String, bool)>,
    /// What the rule says where it holds, and which earlier rule had the word already.
    pub says: Vec<String>,
}

/// Every rule against every cluster, or against the one with that id or number; in the order of clusters, then rules.
pub fn explain(
    rules: &Rules,
    digest: &Digest,
    worklog: &Worklog,
    only: Option<&str>,
    evaluate: Evaluate,
) -> Vec<Explained> {
    let mut explained = Vec::new();
    let asked = |id: &str, number: u64| only.is_none_or(|only| only == id || only == number.to_string());
    for cluster in worklog.clusters.iter().filter(|cluster| asked(&cluster.id, cluster.number)) {
        let subject = Subject::new(cluster, digest);
        let mut taken: Vec<(&'static str, &str)> = Vec::new();
        for rule in &rules.rules {
            let conditions: Vec<(String, bool)> = rule
                .conditions
                .iter()
                .map(|condition| (condition.told(&subject), condition.holds(&subject, evaluate)))
                .collect();
            let holds = conditions.iter().all(|(_, holds)| *holds);
            explained.push(Explained {
                rule: rule.name.clone(),
                place: format!("{}:{}", rule.file, rule.line),
                cluster: cluster.id.clone(),
                title: cluster.title.clone(),
                holds,
                conditions,
                says: if holds { said(rule, &mut taken) } else { Vec::new() },
            });
        }
    }
    explained
}

/// What a rule says, with the note where an earlier rule has the word.
fn said<'r>(rule: &'r Rule, taken: &mut Vec<(&'static str, &'r str)>) -> Vec<String> {
    single(&rule.says)
        .into_iter()
        .map(|(key, value)| {
            if let Some((_, earlier)) = taken.iter().find(|(held, _)| *held == key) {
                return format!("{key} = {value}, but rule {earlier} has set it already");
            }
            taken.push((key, &rule.name));
            format!("{key} = {value}")
        })
        .chain(lists(&rule.says))
        .collect()
}

fn single(says: &Says) -> Vec<(&'static str, String)> {
    let level = |level: Option<u8>| level.map(|level| format!("P{level}"));
    let settings = [
        ("group_key", says.group_key.clone()),
        ("split_by", says.split_by.map(|by| format!("{by:?}").to_lowercase())),
        ("title", says.title.clone()),
        ("priority", level(says.priority)),
        ("min_priority", level(says.min_priority)),
        ("max_priority", level(says.max_priority)),
        ("category", says.category.clone()),
        ("impact", says.impact.clone()),
        ("business_impact", says.business_impact.clone()),
        ("flow", says.flow.clone()),
        ("component", says.component.clone()),
        ("owner", says.owner.clone()),
        ("expected", says.expected.as_ref().map(|expected| expected.reason.clone())),
        ("runbook", says.runbook.clone()),
        ("issue", says.issue.map(|number| format!("#{number}"))),
    ];
    settings.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn lists(says: &Says) -> Vec<String> {
    let mut lists: Vec<String> = says.labels.iter().map(|label| format!("labels + {label}")).collect();
    lists.extend(says.actions.iter().map(|(horizon, text)| format!("actions + {horizon} {text}").replace("  ", " ")));
    lists.extend(says.note.iter().map(|note| format!("note + {note}")));
    if says.priority_add != 0 {
        lists.push(format!("priority {:+}", says.priority_add));
    }
    lists
}
