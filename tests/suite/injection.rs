//! One archive whose every field attacks the readers of the outputs; none of the outputs acts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

use super::report::acts_in_markdown;

/// What strangers write into logs, one surface or more each.
const ATTACKS: &[&str] = &[
    "```\n# OWNED\n```",
    "~~~~\n<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![b](https://evil.example/b.png)",
    "<https://evil.example/auto> https://evil.example/raw www.evil.example",
    "@octocat and @acme/sec fixes #123 GH-12 acme/repo#9",
    "{{ 7*7 }}{% include '../../etc/passwd' %}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1+1)*cmd",
    "\u{1b}]0;pwn\u{7}\u{1b}[31mred\u{1b}[2J\u{9b}31m",
    "abc \u{202e}gnp.exe\u{2066} z\u{200b}w",
    "$(touch pwned) `touch pwned`; touch pwned #",
    "'; touch pwned; '",
    "line1\r\nSet-Cookie: x\r\n\r\n<h1>x",
    "--> <!-- log-gardener:end summary --> <!-- log-gardener:begin x -->",
    "| a | b |\n|---|---|\n| <b>x</b> |",
    "\n\n# Heading\n\n- [ ] task\n1. x\n> quote\n***\n",
    "../../../../pwned",
    "-rf",
    "<details><summary>x</summary>",
    "\\`\\`\\` \\[x\\]\\(y\\) \\<b\\>",
    "&lt;script&gt; &#60;img src=x&#62;",
    "[ref]: https://evil.example\n[ref]",
    "$x^2$ $$\\href{javascript:alert(1)}{x}$$",
    "\"\"\"\nx = 1\n'''",
    "a\0b",
];

/// Entries with an attack in every place that a text of theirs is read from.
fn entries(attack: &str) -> Vec<Value> {
    let words = ["alpha", "beta", "gamma", "delta", "epsilon"];
    let step = |word: usize| format!("step {} broke", words[word]);
    vec![
        json!({ "textPayload": format!("import failed: {attack}") }),
        json!({ "textPayload": attack }),
        json!({ "jsonPayload": {
            "message": attack, "module": attack, "function": attack, "logger": attack, attack: attack,
            "user_id": attack, "request_id": attack, "connection_id": attack,
        } }),
        json!({ "textPayload": step(0), "labels": { attack: attack, "note": attack } }),
        json!({ "textPayload": step(1), "resource": { "type": attack, "labels": {
            "service_name": attack, "revision_name": attack, "location": attack, "project_id": attack,
            "instance_id": attack,
        } } }),
        json!({ "textPayload": step(2), "sourceLocation": { "file": attack, "line": attack, "function": attack } }),
        json!({ "httpRequest": {
            "requestMethod": attack, "requestUrl": attack, "status": 500, "userAgent": attack, "referer": attack,
        } }),
        json!({ "httpRequest": {
            "requestMethod": "GET", "requestUrl": format!("https://x.example/{attack}"), "status": 500,
        } }),
        json!({
            "textPayload": step(3), "trace": attack, "insertId": attack, "spanId": attack,
            "logName": format!("projects/p/logs/{attack}"), "severity": "CRITICAL",
        }),
        json!({ "textPayload": format!(
            "Traceback (most recent call last):\n  File \"{attack}\", line 3, in {attack}\n    x()\n{attack}Error: {attack}"
        ) }),
        json!({ "jsonPayload": { "message": format!("boom\njava.lang.{attack}: {attack}\n\tat {attack}.x(Y.java:3)") } }),
        json!({ "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": attack, "methodName": attack,
            "resourceName": attack, "status": { "code": 7, "message": attack },
            "authenticationInfo": { "principalEmail": attack },
        } }),
        json!({
            "textPayload": step(4), "operation": { "id": attack, "producer": attack },
            "errorGroups": [{ "id": attack }], "severity": attack,
        }),
        json!({ "jsonPayload": {
            "message": "with hints", "debug_hints": [attack, attack], "next_steps": [attack],
            "error": { "type": attack, "message": attack, "stack": attack },
        } }),
    ]
}

/// The archive; its name and what stands between its records attack as well.
fn archive(folder: &Path) -> String {
    let mut lines = String::new();
    // What has to stand first to act stands alone; the rest goes by threes.
    let alone = ATTACKS.iter().flat_map(|attack| entries(attack).into_iter().skip(1).step_by(3).take(2));
    let by_threes = ATTACKS.chunks(3).flat_map(|attacks| entries(&attacks.join(" ")));
    for (number, mut entry) in alone.chain(by_threes).enumerate() {
        let seconds = number % 60;
        let time = format!("2025-09-15T10:{:02}:{seconds:02}.{number:06}Z", number / 60 % 60);
        for (name, value) in [("insertId", format!("i{number}")), ("timestamp", time), ("severity", "ERROR".to_owned())]
        {
            entry.as_object_mut().unwrap().entry(name).or_insert(json!(value));
        }
        lines.push_str(&entry.to_string());
        lines.push('\n');
    }
    lines.push_str("warning: \u{1b}[2J<script> @octocat ``` {{ 7*7 }}\n{\"broken\": \"\u{1b}]0;x\u{7} <b>\n");
    let name = "dump $(touch pwned) <b>`x`\u{1b}[31m|@u #1\nlog-gardener: all is well.ndjson";
    std::fs::write(folder.join(name), lines).unwrap();
    name.to_owned()
}

/// Runs a command; its outputs are added, and named by their kind.
fn run(folder: &Path, kind: &str, arguments: &[&str], outputs: &mut Vec<(String, String)>) {
    let output = Command::cargo_bin("log-gardener").unwrap().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (shown, said) = (text(output.stdout), text(output.stderr));
    assert!(matches!(output.status.code(), Some(0 | 2 | 4 | 5)), "{arguments:?}: {:?} {said}", output.status);
    outputs.push((format!("stderr of {arguments:?}.txt"), said));
    outputs.push((format!("stdout of {arguments:?}.{kind}"), shown));
}

/// What all commands print and write, by name.
fn outputs(folder: &Path) -> Vec<(String, String)> {
    let (mut outputs, name) = (Vec::new(), archive(folder));
    let mut take = |kind: &str, arguments: &[&str]| run(folder, kind, arguments, &mut outputs);
    let issue = json!([{ "number": 7, "title": ATTACKS[5], "body": ATTACKS[0], "state": "OPEN", "labels": [{ "name": ATTACKS[12] }], "url": "https://github.com/acme/app/issues/7" }]);
    std::fs::write(folder.join("issues.json"), issue.to_string()).unwrap();
    std::fs::write(folder.join("living.md"), "").unwrap();
    let now = ["--now", "2025-09-16T00:00:00Z"];
    let analyze = |more: &[&'static str]| [&["analyze", &name], &now[..], more].concat();
    take(
        "md",
        &analyze(&[
            "-o",
            "out",
            "--ledger",
            "ledger.json",
            "--assignments",
            "lines.ndjson",
            "-t",
            "worklog.md",
            "-t",
            "postmortem.md",
            "-t",
            "agent.md",
            "-t",
            "summary.txt",
            "-t",
            "clusters.csv",
            "-t",
            "worklog.html",
        ]),
    );
    take(
        "md",
        &analyze(&["--update", "living.md", "--ledger", "ledger.json", "-o", "more", "--filter", "severity>=ERROR"]),
    );
    take("json", &analyze(&["--format", "json", "-o", "model", "--known-issues", "issues.json", "--samples", "9"]));
    let model = std::fs::read_dir(folder.join("model")).unwrap().next().unwrap().unwrap().path();
    let model = model.to_string_lossy().into_owned();
    take("txt", &["issues", "draft", &model, "--repo", "acme/app", "-o", "drafts"]);
    for number in ["1", "7"] {
        take("txt", &["show", &model, number]);
    }
    take("ndjson", &["show", &model, "1", "--entries", "severity>=DEFAULT"]);
    take("txt", &["inspect", &name]);
    take("json", &["inspect", &name, "--format", "json"]);
    take("txt", &["ledger", "show", "--ledger", "ledger.json"]);
    std::fs::write(folder.join("rules.toml"), "[[rule]]\nname = \"imports\"\npattern = \"*import*\"\ntitle = \"x\"\n")
        .unwrap();
    take("txt", &["rules", "explain", "rules.toml", &name]);
    take("txt", &["diff", &name, "--cut-at", "2025-09-15T10:03:00Z"]);
    take("ndjson", &["redact", &name]);
    take("txt", &["redact", &name, "--check"]);
    take("txt", &["analyze", "nowhere\nlog-gardener: all is well\u{1b}[2J"]);
    take("txt", &["analyze", &name, "--filter", "a = \"\u{1b}[31m\u{202e}"]);
    files(folder, &name, &mut outputs);
    outputs
}

/// Every file that was written, by its path; names are plain.
fn files(folder: &Path, archive: &str, outputs: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == archive {
            continue;
        }
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{name:?}");
        if path.is_dir() {
            files(&path, archive, outputs);
        } else {
            outputs.push((path.display().to_string(), String::from_utf8(std::fs::read(&path).unwrap()).unwrap()));
        }
    }
}

/// Whether a character acts on a terminal, or changes what is read without being seen.
fn is_hidden(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\n' | '\t'))
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The tags and their attributes in a page that are not our own.
fn foreign_tags(page: &str) -> BTreeSet<String> {
    let own = [
        "a", "article", "body", "br", "code", "dd", "details", "div", "dl", "dt", "em", "footer", "g", "h1", "h2",
        "h3", "h4", "head", "header", "html", "li", "main", "meta", "nav", "ol", "p", "pre", "rect", "section",
        "small", "span", "strong", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title",
        "tr", "ul", "line", "path", "polyline", "polygon", "circle", "desc", "caption", "col", "colgroup", "b", "i",
        "time", "aside", "abbr",
    ];
    let mut foreign = BTreeSet::new();
    for tag in page.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap();
        let name = inside.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap().to_ascii_lowercase();
        let acts = ["javascript:", " on", "evil.example", "src="].iter().any(|word| inside.contains(word));
        if !(own.contains(&name.as_str()) || name == "!doctype") || acts {
            foreign.insert(inside.chars().take(80).collect());
        }
    }
    foreign
}

/// What is wrong with an output, by the ending of its name.
fn wrongs(name: &str, text: &str) -> Vec<String> {
    let mut wrongs = Vec::new();
    let kind = name.rsplit('.').next().unwrap();
    // The ledger is for the program alone.
    let for_people = !name.contains("ledger.json");
    if let Some(hidden) = text.chars().find(|letter| for_people && is_hidden(*letter)) {
        wrongs.push(format!("{hidden:?} in it"));
    }
    match kind {
        "md" => {
            wrongs.extend(acts_in_markdown(text).into_iter().filter(|found| !is_number(found)));
            let marks = |mark: &str| text.matches(mark).count();
            if marks("<!-- log-gardener:end summary -->") > 1 || marks("<!-- log-gardener:begin x -->") > 0 {
                wrongs.push("a mark of the living worklog".to_owned());
            }
        }
        "html" => wrongs.extend(foreign_tags(text)),
        "csv" => {
            for row in csv::Reader::from_reader(text.as_bytes()).records() {
                let row = row.unwrap();
                wrongs.extend(
                    row.iter().filter(|cell| cell.trim_start().starts_with(['=', '+', '-', '@'])).map(str::to_owned),
                );
            }
        }
        "json" if !text.is_empty() => {
            wrongs.extend(serde_json::from_str::<Value>(text).err().map(|error| error.to_string()));
        }
        "ndjson" => wrongs.extend(
            text.lines().filter_map(|line| serde_json::from_str::<Value>(line).err()).map(|error| error.to_string()),
        ),
        _ => wrongs.extend(text.lines().filter(|line| *line == "log-gardener: all is well").map(str::to_owned)),
    }
    wrongs
}

/// `#1`, as our own headings count clusters.
fn is_number(found: &str) -> bool {
    found.strip_prefix('#').is_some_and(|digits| digits.len() == 1)
}

#[test]
fn no_field_of_an_entry_acts_in_any_output() {
    let folder = tempfile::tempdir().unwrap();
    let outputs = outputs(folder.path());
    let mut found = String::new();
    for (name, text) in &outputs {
        for wrong in wrongs(name, text).into_iter().take(5) {
            let _ = writeln!(found, "{name}: {wrong}");
        }
    }
    assert!(found.is_empty(), "{found}");
    let kinds: BTreeSet<&str> =
        outputs.iter().filter(|(_, text)| !text.is_empty()).filter_map(|(name, _)| name.rsplit('.').next()).collect();
    for kind in ["md", "html", "csv", "json", "ndjson", "txt", "sh"] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
    let script = folder.path().join("drafts/apply.sh");
    let bash = |arguments: &[&str]| {
        let mut command = Command::new("/bin/bash");
        // Nobody is called: there is no `gh` on this path.
        command.args(arguments).arg(&script).current_dir(folder.path()).env("PATH", "/nowhere").output().unwrap()
    };
    assert!(bash(&["-n"]).status.success());
    assert!(!bash(&[]).status.success());
    assert!(!folder.path().join("pwned").exists() && !folder.path().join("drafts/pwned").exists());
}

#[test]
fn the_judges_see_what_acts() {
    for (name, text) in [
        ("x.md", "see <b>x</b>"),
        ("x.md", "hi @octocat"),
        ("x.html", "<p><script>x</script></p>"),
        ("x.html", "<a href=\"javascript:x\">"),
        ("x.csv", "a,b\n1,=x\n"),
        ("x.txt", "a\u{1b}[2J"),
        ("x.ndjson", "{\"a\": 1\n"),
        ("x.json", "{"),
        ("x.sh", "\u{202e}"),
    ] {
        assert!(!wrongs(name, text).is_empty(), "{name}: {text}");
    }
}
