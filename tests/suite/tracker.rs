//! The issue tracker through the command: what rules pin, and exports that failed or lack something.

use serde_json::{Value, json};

use super::memory::{Desk, named, told};

/// A rule names the issue: it wins over the ledger and over any likeness, also where it holds for a state alone.
#[test]
fn an_issue_named_by_a_rule_wins() {
    let desk = Desk::new();
    desk.analyze("11.json", &[]);
    let second = desk.analyze("12.json", &["--dry-run"]);
    assert_eq!(told(named(&second, "SessionMiddleware")), ("regressed", "reopen", Some(169)));
    for condition in ["pattern = \"*SessionMiddleware*\"", "state = \"regressed\""] {
        desk.write("rules.toml", &format!("[[rule]]\nname = \"baseline\"\n{condition}\nissue = 394\n"));
        let pinned = desk.analyze("12.json", &["--dry-run", "--rules", "rules.toml"]);
        let issue = named(&pinned, "SessionMiddleware").issue.as_ref().unwrap();
        assert_eq!(
            (issue.number, issue.action.as_str(), issue.state.as_str()),
            (Some(394), "comment", "open"),
            "{issue:?}"
        );
        assert!(issue.url.ends_with("/394") && issue.score >= 1.0, "{issue:?}");
        assert_eq!(issue.evidence[0], "rule baseline pins it to #394");
        // Planned again from the saved result, the pin still holds.
        let (code, text, error) = desk.run(&["issues", "plan", "model.json", "--known-issues", "issues.json"]);
        assert_eq!(code, 0, "{error}");
        assert!(text.contains("comment #394 (1.00)") && text.contains("rule baseline pins it"), "{text}");
    }
}

#[test]
fn a_pin_to_an_issue_that_the_export_lacks_is_for_a_person() {
    let desk = Desk::new();
    desk.write("rules.toml", "[[rule]]\nname = \"far\"\npattern = \"*SessionMiddleware*\"\nissue = 4711\n");
    let worklog = desk.analyze("12.json", &["--rules", "rules.toml"]);
    let issue = named(&worklog, "SessionMiddleware").issue.as_ref().unwrap();
    assert_eq!((issue.number, issue.action.as_str()), (Some(4711), "review"));
    assert!(issue.reason.contains("not in this export"), "{}", issue.reason);
}

#[test]
fn a_failed_export_of_the_tracker_stops_the_run() {
    let desk = Desk::new();
    for text in ["[]", "", "{\"message\": \"Bad credentials\"}"] {
        desk.write("issues.json", text);
        let (code, out, error) = desk.run(&["analyze", "12.json", "--known-issues", "issues.json"]);
        assert_eq!((code, out.as_str()), (4, ""), "{error}");
        assert!(error.contains("export-cmd"), "{error}");
    }
    assert!(desk.run(&["issues", "export-cmd", "--repo", "shop/shop"]).1.contains("--state all"));
}

fn open_issues(count: u64) -> Value {
    let one = |number: u64| json!({"number": number, "title": "Something else", "state": "OPEN", "body": ""});
    (1..=count).map(one).collect()
}

#[test]
fn an_export_that_lacks_something_is_warned_about() {
    let desk = Desk::new();
    let warned = |issues: &Value| {
        desk.write("issues.json", &issues.to_string());
        let (code, _, said) = desk.run(&["analyze", "12.json", "--known-issues", "issues.json"]);
        assert_eq!(code, 0, "{said}");
        said
    };
    let open_only = warned(&open_issues(7));
    assert!(open_only.contains("--state all") && !open_only.contains("cut off"), "{open_only}");
    let capped = warned(&open_issues(30));
    assert!(capped.contains("exactly 30 issues") && capped.contains("--limit"), "{capped}");
    let mut bare = open_issues(3);
    bare[0].as_object_mut().unwrap().remove("body");
    bare[1]["state"] = "CLOSED".into();
    let said = warned(&bare);
    assert!(said.contains("without their text") && !said.contains("--state all"), "{said}");
}

#[test]
fn an_empty_tracker_has_to_be_named() {
    let desk = Desk::new();
    let (_, model, _) = desk.run(&["analyze", "12.json", "-q", "--format", "json"]);
    desk.write("model.json", &model);
    let draft = |more: &[&str]| {
        let mut arguments = vec!["issues", "draft", "model.json", "--repo", "shop/shop", "--output", "drafts"];
        arguments.extend(more);
        desk.run(&arguments)
    };
    let (code, _, error) = draft(&[]);
    assert!(code == 4 && error.contains("--empty-tracker"), "{error}");
    let (code, _, error) = draft(&["--empty-tracker"]);
    assert_eq!(code, 0, "{error}");
    assert!(desk.read("drafts/apply.sh").contains("\ncreate '"));
    let (code, _, error) = desk.run(&["issues", "record", "model.json", "--result", "LG-0=5"]);
    assert!(code == 4 && error.contains("nothing was recorded"), "{error}");
}

#[test]
fn what_people_pasted_into_issues_shows_in_no_plan() {
    let desk = Desk::new();
    let (_, model, _) = desk.run(&["analyze", "12.json", "-q", "--format", "json"]);
    desk.write("model.json", &model);
    let secret = ["Zb4Jp1uX", "q7Tn0LsWf9"].concat();
    let title = format!("SessionMiddleware must be installed password={secret}");
    let one = |number: u64| json!({"number": number, "title": title, "state": "OPEN", "body": title});
    desk.write("issues.json", &Value::from([one(7), one(8)].to_vec()).to_string());
    let plan = |more: &[&str]| {
        let mut arguments = vec!["issues", "plan", "model.json", "--known-issues", "issues.json"];
        arguments.extend(more);
        let (code, text, error) = desk.run(&arguments);
        assert_eq!(code, 0, "{error}");
        text
    };
    for text in [plan(&[]), plan(&["--format", "json"]), plan(&["--save"]), desk.read("model.json")] {
        assert!(!text.contains(&secret) && text.contains("password=<password:0001>"), "{text}");
    }
}
