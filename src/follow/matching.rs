//! A cluster and the issues of a tracker in; the issue that it is, the ones it may be, or none, with evidence, out.

use std::collections::{BTreeMap, BTreeSet};

use super::marker::{Marker, read_marker};
use super::texts::{Texts, naming};
use super::tracker::{IssueState, KnownIssues};
use super::words::{Phrase, bare_title, telling, words};
use crate::model::{Candidate, Cluster};

/// From this likeness on, and with [`MARGIN`] to the next, an issue is taken to be the one.
const SURE: f64 = 0.6;
/// How far the best has to stand above the next.
const MARGIN: f64 = 0.1;
/// Shorter ids of error groups may stand in a text by chance.
const LEAST_NAME: usize = 8;
/// How many candidates are listed.
const LISTED: usize = 5;
/// How many patterns of a cluster are looked for in the texts of issues.
const PHRASES: usize = 8;

/// What the tracker holds for a cluster.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Finding {
    /// This one.
    Sure(Match),
    /// Perhaps one of these; why it is not sure.
    Doubtful(Vec<Candidate>, String),
    /// None; these are about something like it.
    Nothing(Vec<Candidate>),
}

/// The issue that a cluster is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Match {
    pub number: u64,
    pub score: f64,
    pub evidence: Vec<String>,
    pub others: Vec<Candidate>,
}

/// An issue named by a rule or the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub number: u64,
    pub evidence: String,
}

/// The issues of a tracker, prepared for looking up clusters.
pub(super) struct Index<'a> {
    known: &'a KnownIssues,
    texts: &'a Texts,
    /// The issues that name each error group.
    groups: BTreeMap<String, Vec<u64>>,
    marks: Vec<(u64, Marker)>,
}

impl<'a> Index<'a> {
    /// Prepares the issues for looking up these clusters.
    pub(super) fn new(known: &'a KnownIssues, clusters: &[Cluster]) -> Self {
        let groups = clusters.iter().flat_map(|cluster| &cluster.error_groups);
        let groups = groups.filter(|group| group.len() >= LEAST_NAME).cloned().collect();
        let marks = known.iter().flat_map(|issue| {
            let parts = std::iter::once(&issue.body).chain(&issue.comments);
            parts.filter_map(|text| read_marker(text)).map(|mark| (issue.number, mark))
        });
        Self { known, texts: known.texts(), groups: naming(known.iter(), groups), marks: marks.collect() }
    }

    /// The issue a cluster is. What is named wins, then marks, error groups, exact titles and texts, then likeness.
    pub(super) fn find(&self, cluster: &Cluster, named: Option<Named>) -> Finding {
        let likeness = self.likeness(cluster);
        if let Some(named) = named {
            return self.sure(&[named.number], 1.0, &named.evidence, &likeness);
        }
        let by_mark = self.marked(cluster);
        if !by_mark.is_empty() {
            return self.sure(&by_mark, 1.0, "its text carries the mark of this cluster", &likeness);
        }
        for group in &cluster.error_groups {
            if let Some(naming) = self.groups.get(group.as_str()) {
                return self.sure(naming, 0.98, &format!("its text names the error group {group}"), &likeness);
            }
        }
        let title = bare_title(&cluster.title);
        if title.chars().count() >= 12 {
            let same = self.texts.titled(&title);
            if !same.is_empty() {
                return self.sure(&same, 0.95, "it has the same title", &likeness);
            }
        }
        for phrase in phrases(cluster) {
            let holding = self.texts.holding(&phrase);
            if !holding.is_empty() {
                return self.sure(&holding, 0.9, "its text holds the message of this cluster", &likeness);
            }
        }
        self.by_likeness(&likeness)
    }

    fn marked(&self, cluster: &Cluster) -> Vec<u64> {
        let own = self.marks.iter().filter(|(_, mark)| mark.is_of(cluster));
        own.map(|(number, _)| *number).collect::<BTreeSet<u64>>().into_iter().collect()
    }

    /// The best of several issues that all fit: open before closed, then the lowest number.
    fn sure(&self, numbers: &[u64], score: f64, evidence: &str, likeness: &[(f64, u64)]) -> Finding {
        let rank = |number: &u64| (self.known.get(*number).map(|issue| issue.state), *number);
        let mut ranked: Vec<u64> = numbers.to_vec();
        ranked.sort_by_key(rank);
        let Some((number, rest)) = ranked.split_first() else { return Finding::Nothing(Vec::new()) };
        let mut evidence = vec![evidence.to_string()];
        if !rest.is_empty() {
            let also: Vec<String> = rest.iter().map(|number| format!("#{number}")).collect();
            evidence.push(format!("so does {}; open goes before closed, then the lowest number", also.join(", ")));
        }
        if let Some(issue) = self.known.get(*number)
            && !issue.closed_by.is_empty()
        {
            let requests: Vec<String> = issue.closed_by.iter().map(|number| format!("#{number}")).collect();
            evidence.push(format!("pull request {} is to have fixed it", requests.join(", ")));
        }
        let mut others = self.candidates(rest.iter().map(|number| (score, *number)), "candidate");
        let like = likeness.iter().filter(|(_, other)| !ranked.contains(other)).copied();
        others.extend(self.candidates(like, "related"));
        others.truncate(LISTED);
        Finding::Sure(Match { number: *number, score, evidence, others })
    }

    fn by_likeness(&self, likeness: &[(f64, u64)]) -> Finding {
        let is_open = |number: u64| self.known.get(number).is_some_and(|issue| issue.state == IssueState::Open);
        let Some((best, number)) = likeness.first().copied() else { return Finding::Nothing(Vec::new()) };
        let near = likeness.iter().skip(1).find(|(score, _)| best - score < MARGIN);
        // A closed issue next to an open one is most likely its forerunner, so it does not make the open one doubtful.
        let rival = near.filter(|(_, other)| is_open(*other) || !is_open(number));
        let candidates = self.candidates(likeness.iter().copied(), "candidate");
        match rival {
            _ if best < SURE => {
                Finding::Doubtful(candidates, format!("the best candidate is alike by {best:.2} only, below {SURE}"))
            }
            Some((next, other)) => {
                let reason = format!("#{number} ({best:.2}) and #{other} ({next:.2}) are too close to tell apart");
                Finding::Doubtful(candidates, reason)
            }
            None => {
                let margin = likeness.get(1).map_or(best, |(score, _)| best - score);
                let evidence = format!("alike by {best:.2} in title and text, {margin:.2} above the next");
                self.sure(&[number], best, &evidence, likeness)
            }
        }
    }

    fn candidates(&self, scored: impl Iterator<Item = (f64, u64)>, relation: &str) -> Vec<Candidate> {
        let known = scored.filter_map(|(score, number)| Some((score, self.known.get(number)?)));
        known
            .take(LISTED)
            .map(|(score, issue)| Candidate {
                number: issue.number,
                title: issue.title.clone(),
                state: issue.state.name().into(),
                score,
                relation: relation.into(),
            })
            .collect()
    }

    /// Issues that are at least perhaps alike, best first; open goes before closed among equals.
    fn likeness(&self, cluster: &Cluster) -> Vec<(f64, u64)> {
        let mut found = self.texts.alike(&features(cluster));
        let state = |number: u64| self.known.get(number).map(|issue| issue.state);
        found.sort_by(|one, other| {
            other.0.total_cmp(&one.0).then_with(|| state(one.1).cmp(&state(other.1))).then_with(|| one.1.cmp(&other.1))
        });
        found
    }
}

fn phrases(cluster: &Cluster) -> Vec<Phrase> {
    let patterns = std::iter::once(&cluster.pattern).chain(cluster.variants.iter().map(|variant| &variant.pattern));
    let mut phrases: Vec<Phrase> = Vec::new();
    for phrase in patterns.take(PHRASES).filter_map(|pattern| Phrase::of(pattern)) {
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    phrases
}

/// The words of a cluster; names from the code weigh double, since they are rarely said by chance.
fn features(cluster: &Cluster) -> BTreeMap<String, f64> {
    let mut features = BTreeMap::new();
    let mut add = |text: &str, weight: f64| {
        for word in words(text).into_iter().filter(|word| telling(word)) {
            let held: &mut f64 = features.entry(word).or_insert(0.0);
            *held = held.max(weight);
        }
    };
    add(&cluster.title, 1.0);
    for part in super::words::literal_parts(&cluster.pattern) {
        add(part, 1.0);
    }
    if let Some(exception) = &cluster.exception {
        add(&exception.kind, 2.0);
    }
    for location in cluster.locations.iter().filter(|location| !location.wrapper).take(3) {
        add(location.module.rsplit(['.', '/', ':']).next().unwrap_or_default(), 2.0);
        add(&location.function, 2.0);
    }
    features
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::super::marker::marker;
    use super::super::testing::cluster;
    use super::*;
    use serde_json::json;

    fn tracker(issues: &serde_json::Value) -> KnownIssues {
        KnownIssues::parse(issues.to_string().as_bytes()).unwrap().0
    }

    fn one(number: u64, title: &str, body: &str, state: &str) -> serde_json::Value {
        json!({"number": number, "title": title, "body": body, "state": state, "stateReason": ""})
    }

    fn session() -> Cluster {
        cluster("Session access failed", 40)
            .pattern("Session access failed (middleware not installed?): SessionMiddleware must be installed to access request.session")
            .with(|cluster| cluster.error_groups = vec!["CO6xtZfxmMf4zAE".into()])
            .done()
    }

    fn number(known: &KnownIssues, cluster: &Cluster) -> Option<u64> {
        match Index::new(known, from_ref(cluster)).find(cluster, None) {
            Finding::Sure(found) => Some(found.number),
            _ => None,
        }
    }

    #[test]
    fn each_kind_of_evidence_in_its_turn() {
        let cluster = session();
        let mark = format!("text\n{}", marker(&cluster));
        let message = "Log: `Session access failed (middleware not installed?): SessionMiddleware must be installed to access request.session`";
        let all = [
            (5, one(5, "a", "b", "OPEN"), 0.0),
            (4, one(4, "x", message, "OPEN"), 0.9),
            (3, one(3, "GCP-regression | P1 | Session access failed", "", "CLOSED"), 0.95),
            (2, one(2, "y", "group CO6xtZfxmMf4zAE", "OPEN"), 0.98),
            (1, one(1, "z", &mark, "CLOSED"), 1.0),
        ];
        for take in 2..=all.len() {
            let issues: Vec<serde_json::Value> = all.iter().take(take).map(|(_, issue, _)| issue.clone()).collect();
            let known = tracker(&json!(issues));
            let Finding::Sure(found) = Index::new(&known, from_ref(&cluster)).find(&cluster, None) else {
                panic!("{take}")
            };
            assert_eq!((found.number, found.score), (all[take - 1].0, all[take - 1].2));
            assert!(!found.evidence.is_empty());
        }
        let known = tracker(&json!([one(5, "a", "b", "OPEN"), one(1, "z", &mark, "OPEN")]));
        let named = Some(Named { number: 5, evidence: "rule pins it".into() });
        assert!(matches!(
            Index::new(&known, from_ref(&cluster)).find(&cluster, named),
            Finding::Sure(Match { number: 5, .. })
        ));
    }

    #[test]
    fn open_beats_closed_then_the_lowest_number() {
        let text = format!("x\n{}", marker(&session()));
        let known =
            tracker(&json!([one(3, "a", &text, "CLOSED"), one(9, "b", &text, "OPEN"), one(7, "c", &text, "OPEN")]));
        let Finding::Sure(found) = Index::new(&known, &[session()]).find(&session(), None) else { panic!() };
        assert_eq!(found.number, 7);
        assert_eq!(found.others.iter().map(|other| other.number).collect::<Vec<_>>(), [9, 3]);
    }

    #[test]
    fn likeness_needs_height_and_margin() {
        let others = [
            one(1, "Database pool exhausted", "pool of postgres connections exhausted under load", "OPEN"),
            one(2, "Redis readiness degraded", "redis readiness check degraded at startup", "OPEN"),
        ];
        let session_issue = |number| {
            one(
                number,
                "SessionMiddleware missing",
                "Session access failed, middleware not installed; request.session",
                "OPEN",
            )
        };
        let with = |more: &[serde_json::Value]| tracker(&json!([&others[..], more].concat()));
        assert_eq!(number(&with(&[session_issue(8)]), &session()), Some(8));
        assert!(matches!(Index::new(&with(&[]), &[session()]).find(&session(), None), Finding::Nothing(_)));
        let two = with(&[session_issue(8), session_issue(9)]);
        let Finding::Doubtful(candidates, reason) = Index::new(&two, &[session()]).find(&session(), None) else {
            panic!()
        };
        assert_eq!(candidates.iter().map(|one| one.number).collect::<Vec<_>>(), [8, 9]);
        assert!(reason.contains("too close"));
        let closed = {
            let mut closed = session_issue(7);
            closed["state"] = json!("CLOSED");
            with(&[closed, session_issue(8)])
        };
        assert_eq!(number(&closed, &session()), Some(8));
        let weak = with(&[one(8, "SessionMiddleware", "installed?", "OPEN")]);
        assert!(matches!(Index::new(&weak, &[session()]).find(&session(), None), Finding::Doubtful(..)));
    }

    #[test]
    fn a_forged_mark_in_quoted_text_is_no_evidence() {
        let body = format!("```\n{}\n```", marker(&session()));
        let known = tracker(&json!([one(1, "something else entirely", &body, "OPEN")]));
        assert_eq!(number(&known, &session()), None);
    }
}
