//! Rules over a hand-made Digest.

use super::*;
use crate::examine::fixture::{Entries, digest, groups};
use crate::examine::{Settings, examine, finish};
use crate::model::{Severity, Worklog};

const ENTRIES: [Entries<'static>; 2] = [
    Entries {
        pattern: "Message loop error: need to call accept first",
        severity: Severity::Error,
        module: "app.routes",
        function: "loop",
        line: 1489,
        revision: "api-00002-abc",
        count: 42,
        from: "2025-09-14T03:00:00Z",
        step: 1_000,
    },
    Entries {
        pattern: "permissive authentication with circuit breaker",
        severity: Severity::Critical,
        module: "app.auth",
        function: "main",
        line: 741,
        revision: "api-00002-abc",
        count: 12,
        from: "2025-09-14T03:00:00Z",
        step: 1_000,
    },
];

/// A stand-in for the reading of stored entries: the query's text is looked for in the entry's.
fn holds(entry: &JsonText, query: &Query) -> bool {
    entry.as_str().contains(query.to_string().trim_matches('"'))
}

fn worklog(rules: &str) -> Worklog {
    let digest = digest(&ENTRIES);
    let rules = Some(Rules::read("r.toml", rules).unwrap());
    let settings = Settings { rules, evaluate: holds, ..Settings::default() };
    let mut worklog = examine(&digest, &groups(&digest), &settings);
    finish(&mut worklog);
    worklog
}

#[test]
fn the_first_word_stands_and_lists_add_up() {
    let worklog = worklog(
        r#"
[[rule]]
name = "breaker"
match = '"circuit breaker"'
severity = "CRITICAL"
priority = "P4"
labels = ["staging"]
expected = { reason = "staging lets everyone in", max_rate_per_hour = 10000 }
actions = [{ horizon = "week", text = "Close it before launch" }]

[[rule]]
name = "everything"
pattern = "*"
priority = "P2"
owner = "backend"
labels = ["gcp"]
"#,
    );
    let [other, breaker] = worklog.clusters.as_slice() else { panic!("{:?}", worklog.clusters) };
    assert_eq!((breaker.priority.as_str(), breaker.owner.as_str()), ("P4", "backend"));
    assert_eq!(breaker.rules, ["breaker", "everything"]);
    assert_eq!(breaker.issue.as_ref().unwrap().labels, ["gcp", "staging"]);
    assert_eq!(breaker.expected.as_ref().unwrap().source, "rule breaker");
    assert_eq!(breaker.actions[0].source, "rule breaker");
    assert_eq!((other.priority.as_str(), other.expected.is_none()), ("P2", true));
    assert_eq!(worklog.method.rules, ["r.toml: 2 rules"]);
}

#[test]
fn bounds_flows_and_points_are_told() {
    let worklog = worklog(
        r#"
[[rule]]
name = "loop"
module = "app.routes"
count = ">=40"
max_priority = "P3"
priority_add = 5
[[flow]]
name = "chat"
modules = ["app.routes*"]
points = 20
statement = "Chat stops."
"#,
    );
    let cluster = worklog.clusters.iter().find(|cluster| cluster.flow == "chat").unwrap();
    assert_eq!((cluster.priority.as_str(), cluster.impact.business.as_str()), ("P3", "Chat stops."));
    let reasons: Vec<&str> = cluster.priority_reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert!(reasons.contains(&"flow chat") && reasons.contains(&"rule loop: at most P3"), "{reasons:?}");
}

#[test]
fn expectations_run_out() {
    let rules = |expected: &str| worklog(&format!("[[rule]]\nname = \"x\"\npattern = \"*\"\nexpected = {expected}\n"));
    let over = rules("{ reason = \"r\", until = 2025-09-01 }");
    assert!(over.clusters[0].expected.is_none() && over.clusters[0].notes[0].contains("until"));
    let fast = rules("{ reason = \"r\", max_rate_per_hour = 1 }");
    assert!(fast.clusters[0].expected.is_none() && fast.clusters[0].notes[0].contains("at most 1 per hour"));
    assert!(rules("{ reason = \"r\", until = 2025-10-01 }").clusters[0].expected.is_some());
}

#[test]
fn rules_join_and_split_clusters() {
    let joined = worklog("[[rule]]\nname = \"one\"\npattern = \"*\"\ngroup_key = \"all of {service}\"\n");
    assert_eq!((joined.clusters.len(), joined.clusters[0].count), (1, 54));
    assert!(joined.clusters[0].grouped_because[0].contains("rule one"));
    let id = joined.clusters[0].id.clone();
    let split = worklog(
        "[[rule]]\nname = \"one\"\npattern = \"*\"\ngroup_key = \"all of {service}\"\n[[rule]]\nname = \"two\"\npattern = \"*\"\nsplit_by = \"module\"\n",
    );
    assert_eq!(split.clusters[0].id, id, "the first rule decides");
    let masked = worklog("[[rule]]\nname = \"one\"\npattern = \"*\"\nmask = ['.*']\n");
    assert_eq!(masked.clusters.len(), 2, "different functions stay apart");
}

#[test]
fn why_and_why_not() {
    let digest = digest(&ENTRIES);
    let rules = Rules::read(
        "r.toml",
        "[[rule]]\nname = \"few\"\nmodule = \"app.*\"\ncount = \"<20\"\npriority = \"P5\"\n[[rule]]\nname = \"any\"\npattern = \"*\"\npriority = \"P1\"\n",
    )
    .unwrap();
    let mut worklog = examine(&digest, &groups(&digest), &Settings::default());
    finish(&mut worklog);
    let loops = worklog.clusters.iter().find(|cluster| cluster.count == 42).unwrap().id.clone();
    let explained = explain(&rules, &digest, &worklog, Some(&loops), holds);
    assert!(!explained[0].holds && explained[1].holds);
    assert_eq!(explained[0].conditions[1], ("count = <20 (here: 42)".to_owned(), false));
    assert_eq!(explained[1].says, ["priority = P1"]);
    let all = explain(&rules, &digest, &worklog, None, holds);
    assert!(all[0].says != all[1].says || all[2].says != all[3].says);
    assert!(all.iter().any(|one| one.says == ["priority = P1, but rule few has set it already"]), "{all:?}");
}

#[test]
fn rules_carry_examples() {
    let rules = Rules::read(
        "r.toml",
        "[[rule]]\nname = \"x\"\npattern = \"Message loop*\"\ncount = \">=1000\"\nmatches = [\"Message loop error: need to call accept first\"]\npasses = [\"permissive authentication with circuit breaker\"]\n",
    )
    .unwrap();
    let analyze = |entry: &serde_json::Value| {
        let text = entry["textPayload"].as_str().or(entry["jsonPayload"]["message"].as_str()).unwrap().to_owned();
        let digest = digest(&[Entries { pattern: &text, ..ENTRIES[0] }]);
        let worklog = examine(&digest, &groups(&digest), &Settings::default());
        (digest, worklog)
    };
    let results = test_examples(&rules, &analyze, holds);
    assert!(results.len() == 2 && results.iter().all(ExampleResult::is_right), "{results:?}");
    let wrong =
        Rules { rules: vec![Rule { passes: rules.rules[0].matches.clone(), ..rules.rules[0].clone() }], ..rules };
    assert!(!test_examples(&wrong, &analyze, holds)[1].is_right());
}
