//! A cluster and the rules in, what the rules say about it out.

use std::collections::BTreeSet;

use crate::model::{Action, Expected, Issue, Reason, Severity, Timestamp};

use super::condition::Subject;
use super::{Evaluate, Rule, Rules, Says};
use crate::examine::words;

/// What all rules together say about one cluster.
#[derive(Clone, Debug, Default)]
pub(in crate::examine) struct Outcome {
    /// Settings with one value.
    pub(in crate::examine) says: Texts,
    pub(in crate::examine) expected: Option<Expected>,
    pub(in crate::examine) actions: Vec<Action>,
    pub(in crate::examine) issue: Option<Issue>,
    pub(in crate::examine) notes: Vec<String>,
    /// Summands of the score.
    pub(in crate::examine) points: Vec<Reason>,
    /// Limits of the priority.
    pub(in crate::examine) bounds: Bounds,
    /// Names of the rules that said something.
    pub(in crate::examine) rules: Vec<String>,
}

/// Texts that rules set.
#[derive(Clone, Debug, Default)]
pub(in crate::examine) struct Texts {
    pub(in crate::examine) title: Option<String>,
    pub(in crate::examine) category: Option<String>,
    pub(in crate::examine) impact: Option<String>,
    pub(in crate::examine) business_impact: Option<String>,
    pub(in crate::examine) flow: Option<String>,
    pub(in crate::examine) component: Option<String>,
    pub(in crate::examine) owner: Option<String>,
    pub(in crate::examine) runbook: Option<String>,
}

/// Limits of a priority, each with whose word it is.
#[derive(Clone, Debug, Default)]
pub(in crate::examine) struct Bounds {
    pub(in crate::examine) exactly: Option<(u8, String)>,
    pub(in crate::examine) at_least: Option<(u8, String)>,
    pub(in crate::examine) at_most: Option<(u8, String)>,
}

/// What `rules` say about `subject`; `now` decides what has run out.
pub(in crate::examine) fn apply(
    rules: &Rules,
    subject: &Subject<'_>,
    now: Option<Timestamp>,
    evaluate: Evaluate,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut labels = BTreeSet::new();
    for rule in &rules.rules {
        if rule.conditions.iter().all(|condition| condition.holds(subject, evaluate)) {
            outcome.rules.push(rule.name.clone());
            outcome.says.take(&rule.says);
            outcome.take_priority(rule);
            outcome.take_expected(rule, subject, now);
            outcome.take_lists(rule, &mut labels);
        }
    }
    outcome.take_flow(rules, subject, evaluate);
    if !labels.is_empty() {
        outcome.issue.get_or_insert_default().labels = labels.into_iter().collect();
    }
    outcome
}

/// The first word on a matter stands.
fn first<T: Clone>(held: &mut Option<T>, said: Option<&T>) {
    if held.is_none() {
        *held = said.cloned();
    }
}

impl Texts {
    fn take(&mut self, says: &Says) {
        first(&mut self.title, says.title.as_ref());
        first(&mut self.category, says.category.as_ref());
        first(&mut self.impact, says.impact.as_ref());
        first(&mut self.business_impact, says.business_impact.as_ref());
        first(&mut self.flow, says.flow.as_ref());
        first(&mut self.component, says.component.as_ref());
        first(&mut self.owner, says.owner.as_ref());
        first(&mut self.runbook, says.runbook.as_ref());
    }
}

impl Outcome {
    fn take_priority(&mut self, rule: &Rule) {
        let named = |level: Option<u8>| level.map(|level| (level, format!("rule {}", rule.name)));
        first(&mut self.bounds.exactly, named(rule.says.priority).as_ref());
        first(&mut self.bounds.at_least, named(rule.says.min_priority).as_ref());
        first(&mut self.bounds.at_most, named(rule.says.max_priority).as_ref());
        if rule.says.priority_add != 0 {
            self.points.push(Reason { text: format!("rule {}", rule.name), points: rule.says.priority_add });
        }
    }

    fn take_expected(&mut self, rule: &Rule, subject: &Subject<'_>, now: Option<Timestamp>) {
        let Some(said) = rule.says.expected.as_ref().filter(|_| self.expected.is_none()) else { return };
        let rate = subject.cluster.rate.per_hour;
        if let Some(until) = said.until.filter(|until| now.is_some_and(|now| now > *until)) {
            self.notes.push(format!("rule {} called it expected until {}.", rule.name, words::clock(until)));
        } else if let Some(most) = said.max_rate_per_hour.filter(|most| rate > *most) {
            let (most, rate) = (words::rate(most), words::rate(rate));
            let times = if rate == "1" { "once".to_owned() } else { format!("{rate} times") };
            self.notes.push(format!("rule {} expects at most {most} per hour, it comes {times}.", rule.name));
        } else {
            self.expected = Some(Expected {
                reason: said.reason.clone(),
                until: said.until,
                max_rate_per_hour: said.max_rate_per_hour,
                source: format!("rule {}", rule.name),
            });
        }
    }

    fn take_lists(&mut self, rule: &Rule, labels: &mut BTreeSet<String>) {
        labels.extend(rule.says.labels.iter().cloned());
        let source = format!("rule {}", rule.name);
        self.actions.extend(rule.says.actions.iter().map(|(horizon, text)| Action {
            horizon: horizon.clone(),
            text: text.clone(),
            source: source.clone(),
        }));
        self.notes.extend(rule.says.note.clone());
        if let Some(number) = rule.says.issue {
            let issue = self.issue.get_or_insert_default();
            if issue.number.is_none() {
                issue.number = Some(number);
                issue.reason = format!("{source} pins it to #{number}");
            }
        }
    }

    /// The first flow the cluster stands in, where no rule names one; all points for ERROR and above, half for WARNING.
    fn take_flow(&mut self, rules: &Rules, subject: &Subject<'_>, evaluate: Evaluate) {
        let stands_in = |flow: &&super::Flow| match &self.says.flow {
            Some(name) => flow.name == *name,
            None => flow.conditions.iter().any(|condition| condition.holds(subject, evaluate)),
        };
        let Some(flow) = rules.flows.iter().find(stands_in) else { return };
        self.says.flow = Some(flow.name.clone());
        let points = match subject.cluster.severity {
            severity if severity >= Severity::Error => flow.points,
            Severity::Warning => flow.points / 2,
            _ => 0,
        };
        if points != 0 {
            self.points.push(Reason { text: format!("flow {}", flow.name), points });
        }
        if self.says.business_impact.is_none() && points != 0 && !flow.statement.is_empty() {
            self.says.business_impact = Some(flow.statement.clone());
        }
    }
}
