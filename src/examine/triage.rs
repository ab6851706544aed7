//! Clusters with their facts in, clusters with title, category, impact and priority out.
//!
//! Judging looks at a cluster's facts, its state, what the log declares and what rules say; doing it again changes
//! nothing, so that the stages behind may add what they know and have it done once more.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Cluster, Digest, Impact, Issue, Reason, Worklog};

use super::rules::{self, Outcome, Rules, Subject};
use super::{Settings, category, details, finish, health, impact, priority, shared, title};

/// Judges every cluster of a worklog, and the components and common patterns that follow from the clusters.
pub fn triage(worklog: &mut Worklog, digest: &Digest, settings: &Settings) {
    let services = worklog.scope.services.len();
    let now = worklog.generated_at;
    let none = Rules::default();
    let rules = settings.rules.as_ref().unwrap_or(&none);
    let details = details::details(&worklog.clusters);
    let lent = lent(&worklog.clusters, &details);
    for cluster in &mut worklog.clusters {
        let is_new = is_new(cluster);
        judge_by_itself(cluster, digest, lent.get(&cluster.id), is_new);
    }
    title_apart(&mut worklog.clusters, digest);
    for cluster in &mut worklog.clusters {
        let is_new = is_new(cluster);
        let outcome = rules::apply(rules, &Subject::new(cluster, digest), now, settings.evaluate);
        cluster.details_of = details.get(&cluster.id).cloned().unwrap_or_default();
        judge(cluster, outcome, &Around { services, is_new });
    }
    finish::sort(worklog);
    worklog.health = health::health(digest, &worklog.clusters, &worklog.requests);
    shared::name_incidents(&mut worklog.clusters, digest, &worklog.window);
    finish::lead(&mut worklog.clusters);
    worklog.patterns = shared::shared(&worklog.clusters, digest);
}

/// What a cluster's priority depends on beside the cluster.
struct Around {
    /// Services of the run.
    services: usize,
    /// Whether something that would have seen the cluster earlier did not.
    is_new: bool,
}

/// Whether something that would have shown it earlier did not: a run of the ledger, or the baseline.
fn is_new(cluster: &Cluster) -> bool {
    cluster.state == "new" && cluster.delta.as_ref().is_some_and(|delta| delta.verdict == "new")
}

/// The gravest that details declare as the impact, by the cluster they belong to.
fn lent(clusters: &[Cluster], details: &BTreeMap<String, String>) -> BTreeMap<String, Impact> {
    let mut lent: BTreeMap<String, Impact> = BTreeMap::new();
    for cluster in clusters {
        let (Some(impact), Some(other)) = (impact::declared(cluster), details.get(&cluster.id)) else { continue };
        let held = lent.entry(other.clone()).or_insert_with(|| impact.clone());
        if impact::gravity(&impact) < impact::gravity(held) {
            *held = impact;
        }
    }
    lent
}

/// Clusters that share a title get longer ones, if these differ.
fn title_apart(clusters: &mut [Cluster], digest: &Digest) {
    let mut by_title: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, cluster) in clusters.iter().enumerate() {
        by_title.entry(cluster.title.clone()).or_default().push(at);
    }
    for places in by_title.values().filter(|places| places.len() > 1) {
        let titled = |at: &usize| {
            let cluster = clusters.get(*at)?;
            Some(title::longer(cluster, digest).unwrap_or_else(|| cluster.title.clone()))
        };
        let longer: Vec<String> = places.iter().filter_map(titled).collect();
        if longer.iter().collect::<BTreeSet<_>>().len() < places.len() {
            continue;
        }
        for (at, title) in places.iter().zip(longer) {
            if let Some(cluster) = clusters.get_mut(*at) {
                cluster.title = title;
            }
        }
    }
}

/// Title, category and impact as they are without any rule: what rules see.
fn judge_by_itself(cluster: &mut Cluster, digest: &Digest, lent: Option<&Impact>, is_new: bool) {
    cluster.title = title::title(cluster, digest);
    cluster.category = category::category(cluster, is_new);
    cluster.impact = impact::declared(cluster).or_else(|| lent.cloned()).unwrap_or_default();
    cluster.actions.retain(|action| !is_of_rule(&action.source));
    if cluster.expected.as_ref().is_some_and(|expected| is_of_rule(&expected.source)) {
        cluster.expected = None;
    }
}

fn is_of_rule(source: &str) -> bool {
    source.starts_with("rule ")
}

fn judge(cluster: &mut Cluster, outcome: Outcome, around: &Around) {
    let Outcome { says, expected, actions, issue, notes, rules, points, bounds } = outcome;
    let says = &says;
    replace(&mut cluster.title, says.title.as_ref());
    replace(&mut cluster.category, says.category.as_ref());
    replace(&mut cluster.flow, says.flow.as_ref());
    replace(&mut cluster.component, says.component.as_ref());
    replace(&mut cluster.owner, says.owner.as_ref());
    replace(&mut cluster.runbook, says.runbook.as_ref());
    // The ledger saw that its rate jumped: a rule that calls it expected in general does not hold then.
    cluster.expected = cluster.expected.take().or(expected.filter(|_| cluster.state != "escalating"));
    cluster.actions.extend(actions);
    cluster.rules = rules;
    cluster.notes = notes;
    pin(cluster, issue);
    if let Some(text) = &says.impact {
        cluster.impact = impact::stated(text);
    }
    replace(&mut cluster.impact.business, says.business_impact.as_ref());
    rank(cluster, around, points, bounds);
}

fn replace(held: &mut String, said: Option<&String>) {
    if let Some(said) = said {
        held.clone_from(said);
    }
}

/// The issue a rule names and the labels it wants. What the stages behind found gives way to another number, since a
/// rule may hold only once the state is known.
fn pin(cluster: &mut Cluster, said: Option<Issue>) {
    let Some(said) = said else { return };
    let issue = cluster.issue.get_or_insert_default();
    if said.number.is_some() && issue.number != said.number {
        let (labels, result) = (std::mem::take(&mut issue.labels), std::mem::take(&mut issue.result));
        *issue = Issue { number: said.number, reason: said.reason, labels, result, ..Issue::default() };
    }
    issue.labels.extend(said.labels);
    issue.labels.sort();
    issue.labels.dedup();
}

/// The priority by score, within the bounds that rules set, or the one they name.
fn rank(cluster: &mut Cluster, around: &Around, points: Vec<Reason>, bounds: rules::Bounds) {
    cluster.priority_reasons = priority::reasons(cluster, around.services, around.is_new, points);
    let score = cluster.priority_reasons.iter().map(|reason| reason.points).sum();
    let mut level = priority::level(score);
    let mut say = |text: String| cluster.priority_reasons.push(Reason { text, points: 0 });
    if let Some((least, source)) = bounds.at_least.filter(|(least, _)| level > *least) {
        level = least;
        say(format!("{source}: at least P{least}"));
    }
    if let Some((most, source)) = bounds.at_most.filter(|(most, _)| level < *most) {
        level = most;
        say(format!("{source}: at most P{most}"));
    }
    if let Some((pinned, source)) = bounds.exactly {
        level = pinned;
        say(format!("{source}: P{pinned}"));
    }
    cluster.priority = format!("P{level}");
    if cluster.impact.level.is_empty() {
        impact::level(level).clone_into(&mut cluster.impact.level);
    }
    if cluster.impact.text.is_empty() {
        cluster.impact.text = impact::sentence(cluster);
    }
    if cluster.impact.source.is_empty() {
        "default".clone_into(&mut cluster.impact.source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Exception, Frame};

    fn titles(patterns: &[&str]) -> Vec<String> {
        let cluster = |pattern: &&str| Cluster {
            kind: "trace".to_owned(),
            pattern: (*pattern).to_owned(),
            title: "ReplyError: out of memory in Cart.save".to_owned(),
            exception: Some(Exception {
                kind: "ReplyError".to_owned(),
                message: "out of memory".to_owned(),
                frames: vec![Frame { function: "Cart.save".to_owned(), in_app: true, ..Frame::default() }],
                ..Exception::default()
            }),
            ..Cluster::default()
        };
        let mut clusters: Vec<Cluster> = patterns.iter().map(cluster).collect();
        title_apart(&mut clusters, &Digest::default());
        clusters.into_iter().map(|cluster| cluster.title).collect()
    }

    #[test]
    fn a_title_that_two_share_tells_what_was_said_before_the_exception() {
        assert_eq!(
            titles(&["could not save cart: ReplyError at Cart.save", "could not move cart: ReplyError at Cart.save"]),
            [
                "Could not save cart: ReplyError: out of memory in Cart.save",
                "Could not move cart: ReplyError: out of memory in Cart.save"
            ]
        );
        assert_eq!(
            titles(&["ReplyError at Cart.save", "could not move cart: ReplyError at Cart.save"]),
            ["ReplyError: out of memory in Cart.save", "Could not move cart: ReplyError: out of memory in Cart.save"]
        );
        let alone = ["could not save cart: ReplyError at Cart.save"];
        assert_eq!(titles(&alone), ["ReplyError: out of memory in Cart.save"]);
    }

    #[test]
    fn a_title_that_two_texts_share_tells_all_of_them() {
        let patterns = [
            "load product: query failed: get <*>: dial tcp <ip>: connect: connection refused",
            "load product: query failed: get <*>: failed to connect: connect: connection refused",
        ];
        let cluster = |pattern: &&str| Cluster {
            kind: "message".to_owned(),
            pattern: (*pattern).to_owned(),
            title: "Load product: query failed: connect: connection refused".to_owned(),
            ..Cluster::default()
        };
        let mut clusters: Vec<Cluster> = patterns.iter().map(cluster).collect();
        title_apart(&mut clusters, &Digest::default());
        let titles: Vec<&str> = clusters.iter().map(|cluster| cluster.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "Load product: query failed: get …: dial tcp …: connect: connection refused",
                "Load product: query failed: get …: failed to connect: connect: connection refused"
            ]
        );
    }
}
