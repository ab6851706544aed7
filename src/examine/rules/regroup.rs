//! Groups of patterns and the rules about grouping in, groups as the rules want them out.
//!
//! A rule with `group_key` puts all clusters it matches into one for each key (`{module}`, `{function}`, `{pattern}`,
//! `{exception}` and `{service}` stand for what the cluster has); one with `mask` does so where their patterns are equal
//! behind the mask; one with `split_by` makes a cluster for each value its patterns have there. The first rule that
//! matches and says one of the three decides.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::model::{Cluster, Digest, Fingerprint, PatternTally};

use super::condition::Subject;
use super::{Evaluate, Rule, Rules, SplitBy, made_id};
use crate::examine::Group;

/// The groups as the rules want them; `clusters` are those of `groups`, in the same order.
pub(in crate::examine) fn regroup(
    rules: &Rules,
    digest: &Digest,
    groups: &[Group],
    clusters: &[Cluster],
    evaluate: Evaluate,
) -> Vec<Group> {
    let mut made: BTreeMap<String, Group> = BTreeMap::new();
    for (group, cluster) in groups.iter().zip(clusters) {
        let subject = Subject::new(cluster, digest);
        let decides = |rule: &&Rule| {
            rule.regroups() && rule.conditions.iter().all(|condition| condition.holds(&subject, evaluate))
        };
        match rules.rules.iter().find(decides) {
            None => add(&mut made, group.clone()),
            Some(rule) => changed(rule, group, cluster, digest).into_iter().for_each(|group| add(&mut made, group)),
        }
    }
    made.into_values().collect()
}

/// Adds a group to the one with its id; the lesser pattern stands for both.
fn add(made: &mut BTreeMap<String, Group>, group: Group) {
    let mut held = match made.entry(group.id.clone()) {
        Entry::Vacant(place) => {
            place.insert(group);
            return;
        }
        Entry::Occupied(held) => held,
    };
    let held = held.get_mut();
    held.slots.clear();
    held.members.extend(group.members);
    held.members.sort_unstable();
    held.members.dedup();
    held.because.extend(group.because);
    held.because.sort();
    held.because.dedup();
    if group.pattern < held.pattern {
        held.pattern = group.pattern;
    }
}

fn changed(rule: &Rule, group: &Group, cluster: &Cluster, digest: &Digest) -> Vec<Group> {
    let because = |what: String| vec![format!("rule {}: {what}", rule.name)];
    if let Some(template) = &rule.says.group_key {
        let key = filled(template, cluster);
        let id = made_id(&["group_key", &key]);
        return vec![Group { id, because: because(format!("one group for the key {key}")), ..group.clone() }];
    }
    if let Some(by) = rule.says.split_by {
        let mut parts: BTreeMap<String, Vec<Fingerprint>> = BTreeMap::new();
        for (fingerprint, pattern) in
            group.members.iter().filter_map(|member| Some((member, digest.patterns.get(member)?)))
        {
            parts.entry(value(by, pattern)).or_default().push(*fingerprint);
        }
        let part = |(value, members): (String, Vec<Fingerprint>)| Group {
            id: made_id(&["split_by", &group.id, &value]),
            pattern: members
                .iter()
                .filter_map(|member| Some(&digest.patterns.get(member)?.pattern))
                .min()
                .cloned()
                .unwrap_or_default(),
            members,
            slots: Vec::new(),
            because: because(format!("a group of its own for {value}")),
        };
        return parts.into_iter().map(part).collect();
    }
    let masked =
        rule.says.mask.iter().fold(group.pattern.clone(), |text, mask| mask.replace_all(&text, "<*>").into_owned());
    if masked == group.pattern {
        return vec![group.clone()];
    }
    let place = cluster.locations.iter().find(|place| !place.wrapper);
    let (module, function) = place.map_or(("", ""), |place| (&place.module, &place.function));
    let id = made_id(&["mask", &masked, module, function]);
    vec![Group {
        id,
        pattern: masked,
        because: because("equal behind its mask".to_owned()),
        members: group.members.clone(),
        slots: Vec::new(),
    }]
}

fn filled(template: &str, cluster: &Cluster) -> String {
    let place = cluster.locations.iter().find(|place| !place.wrapper);
    let exception = cluster.exception.as_ref();
    let service = cluster.services.first();
    [
        ("{module}", place.map_or("", |place| &place.module)),
        ("{function}", place.map_or("", |place| &place.function)),
        ("{exception}", exception.map_or("", |exception| &exception.kind)),
        ("{service}", service.map_or("", |service| &service.name)),
        ("{pattern}", &cluster.pattern),
    ]
    .into_iter()
    .fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}

fn value(by: SplitBy, pattern: &PatternTally) -> String {
    let top = |census: &crate::model::Census| census.top().first().map(|kept| kept.value.clone()).unwrap_or_default();
    match by {
        SplitBy::Pattern => pattern.pattern.clone(),
        SplitBy::Module => pattern.module.clone(),
        SplitBy::Function => format!("{}.{}", pattern.module, pattern.function),
        SplitBy::Service => top(&pattern.tally.services),
        SplitBy::Severity => pattern.tally.severity().name().to_owned(),
        SplitBy::Exception => {
            let kinds = pattern.exemplars.iter().filter_map(|exemplar| exemplar.exception.as_ref());
            kinds.map(|exception| exception.kind.clone()).min().unwrap_or_default()
        }
    }
}
