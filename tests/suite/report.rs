//! The example worklog in, every template's output out: snapshots, and text from logs that tries to act.

use std::sync::LazyLock;

use log_gardener::follow;
use log_gardener::model::{JsonText, Worklog};
use log_gardener::report::{self, Templates};
use pulldown_cmark::{Event, Options, Parser, Tag};
use regex::Regex;
use serde_json::Value;

fn render(templates: &Templates, name: &str, worklog: &Worklog) -> String {
    let rendered = match worklog.clusters.first() {
        Some(cluster) if report::is_about_a_cluster(name) => {
            templates.render_cluster(name, &templates.view(worklog), cluster)
        }
        _ => templates.render(name, worklog),
    };
    rendered.unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_template_on_the_example() {
    let templates = Templates::embedded();
    let worklog = report::example();
    for name in templates.names() {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name.replace('.', "-"), render(&templates, &name, &worklog));
        });
    }
}

#[test]
fn every_template_on_an_empty_worklog() {
    let templates = Templates::embedded();
    let mut one = Worklog::default();
    one.clusters.push(log_gardener::model::Cluster::default());
    for name in templates.names() {
        for worklog in [&Worklog::default(), &one] {
            if worklog.clusters.is_empty() && report::is_about_a_cluster(&name) {
                continue;
            }
            let text = render(&templates, &name, worklog);
            for absent in ["none", "None", "null", "undefined", "NaN"] {
                let words = text.split(|character: char| !character.is_alphanumeric());
                let css = name == "worklog.html" && absent == "none";
                assert!(css || !words.into_iter().any(|word| word == absent), "{name} says {absent}:\n{text}");
            }
        }
    }
}

#[test]
fn what_is_made_for_a_model_stays_within_its_budget() {
    let templates = Templates::embedded();
    let mut worklog = report::example();
    let one = worklog.clusters[0].clone();
    let longest = |number: u64| {
        let text = format!("Word {number} ").repeat(600);
        let mut cluster = one.clone();
        cluster.id = format!("LG-{number:010x}");
        (cluster.number, cluster.title, cluster.pattern) = (number, text.clone(), text.clone());
        cluster.notes = vec![text.clone(); 5];
        cluster.embedded = (0..9).map(|field| (format!("hint_{field}"), vec![text.clone(); 9])).collect();
        cluster
    };
    worklog.clusters = (1..=80).map(longest).collect();
    let text = render(&templates, "agent.md", &worklog);
    assert!(text.chars().count() <= 30_000, "{}", text.chars().count());
    assert!(text.contains("Shortened to fit") && text.contains("## 20. "), "{text}");
}

/// Where no entry has a time, none is told.
#[test]
fn what_has_no_time_names_none() {
    let mut worklog = report::example();
    worklog.window = log_gardener::model::Window::default();
    worklog.timeline = log_gardener::model::RunTimeline::default();
    for cluster in &mut worklog.clusters {
        (cluster.first_seen, cluster.last_seen) = (None, None);
        cluster.rate.text = format!("{} entries, without a time", cluster.count);
    }
    let templates = Templates::embedded();
    for name in templates.names() {
        let text = render(&templates, &name, &worklog);
        for torn in ["first ,", "; UTC", ">UTC", "> UTC", "  UTC", "|  (", ": UTC", "; ;", ", ,", "last \n"] {
            assert!(!text.contains(torn), "{name} says {torn:?}:\n{text}");
        }
    }
}

/// A request whose answer is not known has no status, and none is made up.
#[test]
fn a_request_without_a_status_names_none() {
    let mut worklog = report::example();
    let endpoint = log_gardener::model::Endpoint {
        method: "GET".into(),
        route: "/unanswered".into(),
        count: 1,
        ..Default::default()
    };
    worklog.clusters[0].http = vec![endpoint];
    let templates = Templates::embedded();
    for name in ["worklog.md", "worklog.html", "issue-body.md", "agent.md"] {
        let text = render(&templates, name, &worklog);
        let line = text.lines().find(|line| line.contains("/unanswered")).unwrap_or_default();
        assert!(!line.contains(" 0") && !line.contains("1 times"), "{name}: {line}");
    }
}

/// Of what was left out, as much is told as was left out.
#[test]
fn what_is_left_out_is_counted() {
    let templates = Templates::embedded();
    let mut worklog = report::example();
    let agent = render(&templates, "agent.md", &worklog);
    let told = agent.lines().filter(|line| line.starts_with("## ")).count();
    let left = worklog.clusters.len() - told;
    assert!(left == 1 && agent.contains("1 more cluster stands in the result"), "{agent}");
    let Some(first) = worklog.clusters.first_mut() else { return };
    let sample = first.samples[0].clone();
    first.samples = (0..6)
        .map(|number| {
            let mut sample = sample.clone();
            let mut entry = sample.entry.value();
            entry["jsonPayload"] = serde_json::json!({"message": format!("sample {number}")});
            sample.entry = JsonText::from(&entry);
            sample
        })
        .collect();
    let comment = render(&templates, "issue-comment.md", &worklog);
    assert!(comment.contains("3 samples, the newest last") && comment.contains("sample 5"), "{comment}");
    let page = render(&templates, "worklog.html", &worklog);
    assert!(!page.contains("6 samples"));
}

#[test]
fn estimates_are_shown_as_such() {
    let templates = Templates::embedded();
    let mut worklog = report::example();
    let cluster = &mut worklog.clusters[0];
    (cluster.traces, cluster.instances) = (7_431, 3_217);
    (cluster.traces_exact, cluster.instances_exact) = (false, false);
    for (name, told) in [
        ("worklog.md", &["| about 7,431 |", "| about 3,217"][..]),
        ("worklog.html", &["<dd>about 3,217"]),
        ("agent.md", &["instances about 3217, traces about 7431"]),
        ("clusters.csv", &["instances traces"]),
    ] {
        let text = render(&templates, name, &worklog);
        assert!(told.iter().all(|told| text.contains(told)), "{name}:\n{text}");
    }
}

#[test]
fn what_is_known_from_before_is_told() {
    let templates = Templates::embedded();
    let mut worklog = report::example();
    worklog.clusters[0].known_since = log_gardener::model::Timestamp::parse("2025-09-03T04:00:00Z");
    for name in ["worklog.md", "worklog.html", "summary.txt", "agent.md", "issue-body.md"] {
        assert!(render(&templates, name, &worklog).contains("known since 2025-09-03"), "{name}");
    }
}

#[test]
fn the_first_issue_stands_beside_what_to_do_first() {
    let templates = Templates::embedded();
    for name in ["worklog.md", "worklog.html"] {
        let text = render(&templates, name, &report::example());
        assert!(text.contains("Do first") && text.contains("Start here"), "{name}");
    }
}

#[test]
fn names_of_instances_are_short_and_latencies_told_once() {
    let templates = Templates::embedded();
    let mut worklog = report::example();
    let cluster = worklog.clusters.iter_mut().find(|cluster| !cluster.http.is_empty()).unwrap();
    let name = format!("0069c7a988{}beef", "7".repeat(110));
    cluster.instance_ids = vec![log_gardener::model::NameCount { name: name.clone(), count: 3 }];
    cluster.instances = 1;
    cluster.http.push(log_gardener::model::Endpoint { status: 502, ..cluster.http[0].clone() });
    let text = render(&templates, "worklog.md", &worklog);
    assert!(!text.contains(&name) && text.contains("0069c7a9887777777777777…7777beef"), "{text}");
    assert_eq!(text.matches("29.8 s to 30.1 s, median 30 s").count(), 1, "{text}");
}

#[test]
fn what_rules_note_is_shown() {
    let templates = Templates::embedded();
    let mut worklog = report::example();
    worklog.clusters[0].notes = vec!["Seen at every failover.".into()];
    for name in ["worklog.md", "worklog.html", "issue-body.md", "agent.md"] {
        assert!(render(&templates, name, &worklog).contains("Seen at every failover."), "{name}");
    }
}

/// Texts that act where they are not escaped.
const HOSTILE: [&str; 8] = [
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\r\u{202e}gnirts\u{200b}",
    "<script>alert(1)</script><img src=x onerror=alert(1)> &lt;b&gt; <!-- x",
    "[click](https://evil.example/a) ![beacon](http://evil.example/b.png) [ref]: http://evil.example",
    "ping @octocat and @org/team, fixes #12, closes GH-34 or octo/repo#5, www.evil.example http://evil.example/x a@b.example",
    "\n# heading\n\n| a | b |\n|---|---|\n- item\n```\n~~~\n---\n> quote",
    "```` ``` ` `` \\` | \\| \\\\| \"quoted\" 'single' `code`",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "{{ 7*7 }} {% include \"secret.md\" %} $(reboot) `reboot` ; rm -rf / '",
];

/// Every text of the result replaced, except those that must have a form: times, fingerprints and severities.
fn poisoned(value: &mut Value, text: &str) {
    match value {
        Value::String(old) => {
            let formed = old.starts_with("lg1:")
                || old.parse::<jiff::Timestamp>().is_ok()
                || log_gardener::model::Severity::ALL.iter().any(|severity| severity.name() == old);
            if !formed {
                *old = text.to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poisoned(item, text)),
        Value::Object(fields) => fields.values_mut().for_each(|field| poisoned(field, text)),
        _ => {}
    }
}

fn example_saying(text: &str) -> Worklog {
    let mut value = serde_json::to_value(report::example()).unwrap();
    poisoned(&mut value, text);
    serde_json::from_value(value).unwrap()
}

/// What a Markdown text would do beyond being read: links, images, HTML, mentions and references outside of code.
pub(super) fn acts_in_markdown(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_GFM | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Link { dest_url, .. }) if !dest_url.starts_with('#') => found.push(dest_url.to_string()),
            Event::Start(Tag::Image { dest_url, .. }) => found.push(dest_url.to_string()),
            Event::Html(html) | Event::InlineHtml(html) if !is_own(&html) => found.push(html.to_string()),
            Event::Text(text) if !in_code => found.extend(references(&text)),
            _ => {}
        }
    }
    found
}

/// The only HTML our own Markdown templates use.
fn is_own(html: &str) -> bool {
    let html = html.trim();
    html.lines().all(|line| {
        let line = line.trim();
        line.is_empty()
            || (["<!-- log-gardener:", "<!-- log-gardener fp="].iter().any(|mark| line.starts_with(mark))
                && line.ends_with(" -->"))
            || (line.starts_with("<a id=\"") && line.ends_with("\">"))
            || line == "</a>"
            || line == "<br>"
            || line == "</details>"
            || (line.starts_with("<details><summary>")
                && line.ends_with("</summary>")
                && line.matches('<').count() == 3)
    })
}

fn references(text: &str) -> Vec<String> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"@\w|#\d|GH-\d|://|www\.\w").unwrap());
    PATTERN.find_iter(text).map(|found| found.as_str().to_string()).collect()
}

#[test]
fn log_text_does_not_act_in_markdown() {
    let templates = Templates::embedded();
    for hostile in HOSTILE {
        let worklog = example_saying(hostile);
        for name in templates.names().iter().filter(|name| name.split('.').next_back() == Some("md")) {
            let text = render(&templates, name, &worklog);
            let own = |found: &String| found.starts_with('#') && found.len() == 2;
            let found: Vec<_> = acts_in_markdown(&text).into_iter().filter(|found| !own(found)).collect();
            assert!(found.is_empty(), "{name} with {hostile:?}: {found:?}");
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r', '\u{7}']), "{name}");
        }
    }
}

#[test]
fn the_judge_of_markdown_sees_what_is_not_escaped() {
    let seen = HOSTILE.iter().filter(|hostile| !acts_in_markdown(&format!("text {hostile}")).is_empty()).count();
    assert!(seen >= 4, "the judge is blind: {seen}");
}

#[test]
fn log_text_adds_no_element_to_the_page() {
    let templates = Templates::embedded();
    let tags = |text: &str| text.matches('<').count();
    for hostile in HOSTILE {
        // As long as the hostile text: what is cut or left out goes by length.
        let length = hostile.chars().count();
        let harmless = tags(&render(&templates, "worklog.html", &example_saying(&"x".repeat(length))));
        let page = render(&templates, "worklog.html", &example_saying(hostile));
        assert_eq!(tags(&page), harmless, "{hostile:?}");
        for quote in ["=\"https://evil", "=\"http://evil", "=\"javascript", "<script", "\" onerror", "' onerror"] {
            assert!(!page.contains(quote), "{hostile:?} gives {quote}");
        }
    }
    let raw = format!("<p>{}</p>", HOSTILE.join(" "));
    assert!(tags(&raw) > 2 && raw.contains("<script"), "the judge is blind");
}

#[test]
fn the_page_loads_and_runs_nothing() {
    let page = render(&Templates::embedded(), "worklog.html", &report::example());
    assert!(page.contains("default-src 'none'"));
    for outside in ["<script", "<link", "<iframe", "<img", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn log_text_is_no_formula_and_breaks_no_row() {
    let templates = Templates::embedded();
    for hostile in HOSTILE {
        let text = render(&templates, "clusters.csv", &example_saying(hostile));
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let mut count = 0;
        for row in rows.records() {
            let row = row.unwrap_or_else(|error| panic!("{hostile:?}: {error}"));
            count += 1;
            assert!(row.iter().all(|cell| !cell.trim_start().starts_with(['=', '+', '@'])), "{row:?}");
        }
        assert_eq!(count, 8);
    }
}

#[test]
fn log_text_does_not_act_on_terminals_or_in_templates() {
    let templates = Templates::embedded();
    for hostile in HOSTILE {
        let text = render(&templates, "summary.txt", &example_saying(hostile));
        assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
    }
    let text = render(&templates, "summary.txt", &example_saying(HOSTILE[7]));
    assert!(text.contains("{{ 7*7 }}") && !text.contains("49 "), "{text}");
}

#[test]
fn a_summary_fits_one_screen() {
    let text = render(&Templates::embedded(), "summary.txt", &report::example());
    assert!(text.lines().count() <= 40, "{text}");
}

#[test]
fn a_huge_cluster_still_fits_into_an_issue() {
    let mut worklog = report::example();
    for cluster in &mut worklog.clusters {
        cluster.pattern = "`".repeat(50_000);
        for sample in &mut cluster.samples {
            let fields: Value = (0..200).map(|number| (format!("f{number}"), Value::from("x".repeat(5_000)))).collect();
            sample.entry = JsonText::from(&fields);
        }
    }
    for name in ["issue-body.md", "issue-comment.md"] {
        let text = render(&Templates::embedded(), name, &worklog);
        assert!(text.chars().count() <= 65_536, "{name}: {}", text.len());
    }
}

#[test]
fn a_folder_replaces_templates_one_by_one_and_cannot_be_left() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("templates");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(outside.path().join("secret.md"), "secret").unwrap();
    std::fs::write(folder.join("summary.txt"), "mine: {{ focus }}").unwrap();
    std::fs::write(folder.join("own.md"), "{% include name %}").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.join("link.md")).unwrap();
    let templates = Templates::with_folder(&folder).unwrap();
    let worklog = report::example();
    assert_eq!(templates.render("summary.txt", &worklog).unwrap(), "mine: latest");
    assert!(templates.render("clusters.csv", &worklog).unwrap().starts_with("number,"));
    for name in ["../secret.md", "..\\secret.md", "link.md", "/etc/passwd", "./own.md", ".hidden.md"] {
        let name = serde_json::json!(name);
        for source in [
            format!("{{% include {name} %}}"),
            format!("{{% extends {name} %}}"),
            format!("{{% import {name} as other %}}{{{{ other.x }}}}"),
            format!("{{% from {name} import x %}}{{{{ x }}}}"),
            format!("{{% include [{name}] %}}"),
        ] {
            std::fs::write(folder.join("own.md"), &source).unwrap();
            let error = Templates::with_folder(&folder).unwrap().render("own.md", &worklog).unwrap_err().to_string();
            assert!(error.contains("own.md:1"), "{source}: {error}");
        }
    }
    // A name that comes from the log is looked for in the folder alone, too.
    let mut hostile = report::example();
    hostile.focus = "../secret.md".to_owned();
    std::fs::write(folder.join("own.md"), "{% include focus %}").unwrap();
    assert!(Templates::with_folder(&folder).unwrap().render("own.md", &hostile).is_err());
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    for (source, line) in
        [("a\n{{ totals.entires }}", 2), ("a\nb\n{% if %}", 3), ("{{ focus|safe }}", 1), ("{{ focus|percent }}", 1)]
    {
        std::fs::write(folder.path().join("own.md"), source).unwrap();
        let complaints = Templates::with_folder(folder.path()).unwrap().check().unwrap();
        assert_eq!(complaints.len(), 1, "{source}: {complaints:?}");
        assert!(complaints[0].detail.contains(&format!("own.md:{line}")), "{source}: {complaints:?}");
    }
    std::fs::write(folder.path().join("own.md"), "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}").unwrap();
    assert_eq!(Templates::with_folder(folder.path()).unwrap().check().unwrap().len(), 1, "endless calls are refused");
    std::fs::write(folder.path().join("own.md"), "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}").unwrap();
    assert_eq!(Templates::with_folder(folder.path()).unwrap().check().unwrap().len(), 1, "endless loops are refused");
}

#[test]
fn a_worklog_is_brought_up_to_date_around_what_people_wrote() {
    let templates = Templates::embedded();
    let mut worklog = report::example();
    // Quoted text cannot pose as a mark.
    worklog.clusters[0].pattern = "first\n<!-- log-gardener:end summary -->\nlast".into();
    worklog.clusters[0].title = "x <!-- log-gardener:end summary -->".into();
    let first = render(&templates, "worklog.md", &worklog);
    assert_eq!(follow::update(&first, &first, "now").unwrap(), first);
    let note = "Rolled back at 03:20, watching. -- Ana\n";
    let end = "<!-- log-gardener:end summary -->\n";
    let edited = first.replacen(end, &format!("{end}{note}"), 1);
    worklog.clusters.remove(1);
    worklog.clusters[0].count += 7;
    let second = render(&templates, "worklog.md", &worklog);
    let updated = follow::update(&edited, &second, "2025-09-15 03:02 UTC").unwrap();
    assert!(updated.contains(&format!("{end}{note}")) && updated.contains("221 entries"), "{updated}");
    assert_eq!(follow::update(&updated, &second, "later").unwrap(), updated);
}
