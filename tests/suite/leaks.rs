//! Secrets of every class planted in every field of entries: none of them may stand in any output of any command.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use assert_cmd::Command;
use log_gardener::distill::{Policy, Redactor, UserRules};
use serde_json::{Value, json};

use super::secrets::{Planted, classes, percent, planted, stands_in, telling_parts};

/// Lines of each class; every one goes into another field.
const LINES: usize = 5;

/// Lines whose secrets are found where they stand alone, so that they must be found wherever they travel.
fn known() -> Vec<Planted> {
    let on = Redactor::new(Policy::On, &UserRules::default()).unwrap();
    let lines: Vec<Planted> = classes()
        .iter()
        .flat_map(|class| planted(class, LINES))
        // Shorter ones stand in any output by chance.
        .filter(|line| line.secret.len() >= 12)
        .filter(|line| !stands_in(&line.secret, &on.redact(&line.line, &mut BTreeMap::new())))
        .collect();
    assert!(lines.len() > 400, "{}", lines.len());
    lines
}

/// An entry with the text in the field of that number.
#[expect(clippy::too_many_lines, reason = "a table of fields")]
fn entry(number: usize, field: usize, text: &str) -> Value {
    let mut entry = json!({
        "insertId": format!("id{number:06}"),
        "timestamp": format!("2025-09-15T10:{:02}:{:02}.{:06}Z", number / 60 % 60, number % 60, number),
        "severity": "ERROR",
        "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "backend", "revision_name": "backend-00001-abc", "project_id": "p", "location": "eu"}},
    });
    let message = format!("step {} of the import failed", ["one", "two", "three"][number % 3]);
    match field {
        0 => entry["textPayload"] = json!(format!("import failed: {text}")),
        1 => entry["jsonPayload"] = json!({ "message": format!("import failed: {text}"), "module": "app.import" }),
        2 => entry["jsonPayload"] = json!({ "message": message, "detail": { "deep": [text] } }),
        3 => entry["jsonPayload"] = json!({ "message": message, text: 1 }),
        4 => {
            entry["textPayload"] = json!(message);
            entry["labels"] = json!({ "note": text });
        }
        5 => {
            entry["textPayload"] = json!(message);
            entry["labels"] = json!({ text: "note" });
        }
        6 => {
            entry["httpRequest"] = json!({ "requestMethod": "GET", "requestUrl": format!("https://api.example/p?q={text}"), "status": 500 });
        }
        7 => {
            entry["httpRequest"] = json!({ "requestMethod": "GET", "requestUrl": "https://api.example/", "referer": text, "userAgent": text, "status": 500 });
        }
        8 => {
            entry["textPayload"] = json!(message);
            entry["trace"] = json!(text);
            entry["insertId"] = json!(text);
        }
        9 => {
            entry["textPayload"] = json!(message);
            entry["resource"]["labels"]["service_name"] = json!(text);
            entry["resource"]["labels"]["revision_name"] = json!(text);
        }
        10 => {
            entry["textPayload"] = json!(message);
            entry["sourceLocation"] = json!({ "file": text, "line": "7", "function": text });
        }
        11 => {
            entry["jsonPayload"] = json!({ "message": format!("boom\nTraceback (most recent call last):\n  File \"/app/{number}.py\", line 3, in run\n    connect('{text}')\nValueError: {text}") });
        }
        12 => {
            entry["protoPayload"] = json!({ "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "storage.googleapis.com", "methodName": "storage.get", "resourceName": text, "status": { "code": 7, "message": text }, "authenticationInfo": { "principalEmail": text } });
        }
        13 => {
            entry["jsonPayload"] = json!({ "message": message, "user_id": text, "request_id": text, "logger": text });
        }
        14 => {
            entry["textPayload"] = json!(message);
            entry["operation"] = json!({ "id": text, "producer": text });
            entry["errorGroups"] = json!([{ "id": text }]);
        }
        _ => {
            entry["textPayload"] = json!(message);
            entry["logName"] = json!(format!("projects/p/logs/{}", percent(text)));
        }
    }
    entry
}

const FIELDS: usize = 16;

/// Looks for the telling parts of all secrets at once.
struct Search<'s> {
    secrets: Vec<&'s str>,
    parts: AhoCorasick,
    /// The secret of each part.
    whose: Vec<usize>,
}

impl<'s> Search<'s> {
    fn new(lines: &'s [Planted]) -> Self {
        let secrets: Vec<&str> = lines.iter().map(|line| line.secret.as_str()).collect();
        let (whose, parts): (Vec<usize>, Vec<String>) = secrets
            .iter()
            .enumerate()
            .flat_map(|(number, secret)| telling_parts(secret).map(|part| (number, part)))
            .flat_map(|(number, part)| [(number, percent(&part)), (number, part)])
            .unzip();
        Self { secrets, parts: AhoCorasick::new(parts).unwrap(), whose }
    }

    /// The secrets that stand in a text, as they are or as JSON, HTML, Markdown or URLs write them.
    fn leaked(&self, text: &str) -> BTreeSet<&'s str> {
        let mut undone = text.to_owned();
        for (written, meant) in
            [("\\\\", "\\"), ("\\\"", "\""), ("&amp;", "&"), ("&#x2f;", "/"), ("\\/", "/"), ("\\_", "_")]
        {
            undone = undone.replace(written, meant);
        }
        [text, &undone]
            .iter()
            .flat_map(|text| self.parts.find_overlapping_iter(text))
            .map(|hit| self.secrets[self.whose[hit.pattern().as_usize()]])
            .collect()
    }
}

/// A dump with a secret in every entry, one more in its own name, and one in a record that cannot be read.
fn dump(folder: &Path, lines: &[Planted]) -> PathBuf {
    let first = lines.iter().position(|line| line.secret.bytes().all(|byte| byte.is_ascii_alphanumeric())).unwrap();
    let path = folder.join(format!("export-token={}.ndjson", lines[first].secret));
    let mut entries: Vec<String> =
        lines.iter().enumerate().map(|(number, line)| entry(number, number % FIELDS, &line.line).to_string()).collect();
    entries.push(format!("{{\"textPayload\": {}, \"timestamp\"", json!(lines[first].line)));
    entries.push(format!("warning: {}", lines[first].line.replace('\n', " ")));
    std::fs::write(&path, entries.join("\n")).unwrap();
    path
}

pub(super) fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::cargo_bin("log-gardener").unwrap().current_dir(folder).args(arguments).output().unwrap();
    let said = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

/// The name and text of every file below a folder.
pub(super) fn files(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            found.push((name.clone(), format!("{name}\n{text}")));
        }
    }
}

/// What each command prints and writes, by its name.
fn outputs(folder: &Path, dump: &str, redact: &str) -> Vec<(String, String)> {
    let mut outputs = Vec::new();
    let mut take = |name: &str, arguments: &[&str]| {
        let (code, said) = run(folder, arguments);
        assert!(matches!(code, Some(0 | 2)), "{name}: {code:?}: {said}");
        outputs.push((name.to_owned(), said));
    };
    let issue = json!([{ "number": 7, "title": "Imports fail", "body": "", "state": "OPEN", "labels": [], "url": "https://github.com/acme/app/issues/7" }]);
    std::fs::write(folder.join("issues.json"), issue.to_string()).unwrap();
    let redact = ["--redact", redact, "--now", "2025-09-16T00:00:00Z"];
    let analyze = |more: &[&'static str]| [&["analyze", dump], &redact[..], more].concat();
    let templates =
        ["-t", "postmortem.md", "-t", "agent.md", "-t", "summary.txt", "-t", "clusters.csv", "-t", "worklog.html"];
    let written = ["-o", "out", "--assignments", "assignments.ndjson", "--ledger", "ledger.json"];
    take("files", &analyze(&[&templates[..], &written].concat()));
    take("worklog", &analyze(&[]));
    take("json", &analyze(&["--format", "json", "-o", "model", "--known-issues", "issues.json", "--samples", "9"]));
    let model = std::fs::read_dir(folder.join("model")).unwrap().next().unwrap().unwrap().path();
    let model = model.to_string_lossy().into_owned();
    for number in ["1", "2", "3", "10"] {
        take("show", &["show", &model, number]);
        take("entries", &["show", &model, number, "--entries", "severity>=DEFAULT"]);
    }
    take("render", &["render", &model, "--format", "html"]);
    take("drafts", &["issues", "draft", &model, "--repo", "acme/app", "-o", "drafts"]);
    take("inspect", &[&["inspect", dump], &redact[..]].concat());
    take("inspection", &[&["inspect", dump, "--format", "json"], &redact[..]].concat());
    take("digest", &[&["digest", dump, "-o", "shard.digest"], &redact[..]].concat());
    take("merge", &["merge", "shard.digest", "--redact", redact[1]]);
    take("ledger", &["ledger", "show", "--ledger", "ledger.json"]);
    take("diff", &["diff", dump, "--cut-at", "2025-09-15T10:03:00Z", "--redact", redact[1]]);
    outputs
}

#[test]
fn no_output_of_any_command_has_a_planted_secret() {
    let lines = known();
    let folder = tempfile::tempdir().unwrap();
    let dump = dump(folder.path(), &lines);
    let dump = dump.to_string_lossy().into_owned();
    let work = tempfile::tempdir().unwrap();
    let (search, mut leaks) = (Search::new(&lines), Vec::new());
    let mut shown = outputs(work.path(), &dump, "on");
    files(work.path(), &mut shown);
    for (name, text) in &shown {
        leaks.extend(search.leaked(text).into_iter().map(|secret| format!("{name}: {secret}")));
    }
    for leak in &leaks {
        let secret = leak.split_once(": ").unwrap().1;
        let place = lines.iter().position(|line| line.secret == secret).unwrap();
        eprintln!("field {}: {leak} of {:?}", place % FIELDS, lines[place].line);
    }
    assert!(leaks.is_empty(), "{} leaks", leaks.len());
}

#[test]
fn without_redaction_the_planted_secrets_show() {
    let lines = known();
    let folder = tempfile::tempdir().unwrap();
    let dump = dump(folder.path(), &lines);
    let dump = dump.to_string_lossy().into_owned();
    let (_, text) = run(folder.path(), &["analyze", &dump, "--redact", "off", "--format", "json", "--samples", "20"]);
    let shown = Search::new(&lines).leaked(&text).len();
    assert!(shown * 4 > lines.len(), "{shown} of {}: the search finds too little to prove anything", lines.len());
}

#[test]
fn a_redacted_copy_has_every_entry_and_no_secret() {
    let lines = known();
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump.ndjson");
    let entries: Vec<String> =
        lines.iter().enumerate().map(|(number, line)| entry(number, number % FIELDS, &line.line).to_string()).collect();
    std::fs::write(&dump, entries.join("\n")).unwrap();
    let (dump, copy) = (dump.to_string_lossy().into_owned(), "copy.ndjson");
    let (code, said) = run(folder.path(), &["redact", &dump, "-o", copy]);
    assert_eq!(code, Some(0), "{said}");
    let text = std::fs::read_to_string(folder.path().join(copy)).unwrap();
    assert_eq!(text.lines().count(), entries.len());
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let search = Search::new(&lines);
    assert_eq!(search.leaked(&text), BTreeSet::new());
    let (code, said) = run(folder.path(), &["redact", copy, "--check"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(folder.path(), &["redact", &dump, "--check"]);
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(search.leaked(&said), BTreeSet::new());
    // What stands there is not overwritten.
    assert_eq!(run(folder.path(), &["redact", &dump, "-o", copy]).0, Some(3));
}

/// Lines of a private key as parts of a text: what a stack trace or a slot takes out of it is a secret all the same.
#[test]
fn parts_of_a_secret_that_do_not_look_like_one_stay_in() {
    let lines = [
        "QMaCkeFUfBcCvmPeXBHxzPQMaCkeFUfQcCvmPeYBHxzSQMaCkeFUfVcCvmPeZBHx",
        "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz01",
        "mZ8vT2nQ5rL1",
    ];
    let key = ["-----BEGIN PRIVATE KEY-----", &lines.join("\n"), "-----END PRIVATE KEY-----"].join("\n");
    let token = ["4SsY7TZhkGXm779k", "SXyQIiPlNZmJ4a"].concat();
    let nested = |text: &str| json!({ "payload": json!({ "payload": text }).to_string() }).to_string();
    let trace = "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n";
    for message in [
        format!("could not use {key}"),
        format!("{trace}    g('{key}')\nValueError: x"),
        format!("{trace}    g()\nValueError: {key}"),
        nested(&json!({ "client_secret": token, "n": 1 }).to_string()),
    ] {
        let home = tempfile::tempdir().unwrap();
        let dump = home.path().join("dump.json");
        let entry = |id: &str| json!({"insertId": id, "timestamp": "2025-09-14T03:00:00Z", "severity": "ERROR", "jsonPayload": {"message": message}});
        std::fs::write(&dump, format!("{}\n{}\n", entry("a"), entry("b"))).unwrap();
        for format in ["json", "md", "html", "csv", "txt"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_log-gardener"));
            let run = command.env_clear().arg("analyze").arg(&dump).args(["-q", "--format", format]).assert().code(0);
            let shown = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
            for secret in lines.iter().copied().chain([token.as_str()]) {
                assert!(!shown.contains(secret), "{format}: {secret} of {message}");
            }
        }
    }
}

/// A mask may take the name of a field and its value for two slots: the values are secrets all the same, in all entries.
#[test]
fn secrets_behind_names_that_are_slots_themselves_stay_in() {
    let notations: [fn(&str) -> String; 4] = [
        |secret| format!("{{\"api_key\":%20\"{secret}\",%20\"n\":%201}}"),
        |secret| format!("{{\"api_key\":+\"{secret}\",+\"n\":+1}}"),
        |secret| format!("body=%7B%22api_key%22%3A+%22{secret}%22%7D"),
        |secret| {
            let twice = |value: &Value| json!(value.to_string()).to_string();
            twice(&json!({ "payload": twice(&json!({ "client_secret": secret })) }))
        },
    ];
    for message in notations {
        let secrets: Vec<String> =
            (0..12).map(|number| format!("ozkQuLUFQ{number}afFbkFNGH{}PWyWKbtwf", number * 7)).collect();
        let entry = |(number, secret): (usize, &String)| {
            let time = format!("2025-09-14T03:00:{number:02}Z");
            json!({"insertId": number.to_string(), "timestamp": time, "severity": "ERROR", "textPayload": message(secret)})
                .to_string()
        };
        let home = tempfile::tempdir().unwrap();
        let entries: Vec<String> = secrets.iter().enumerate().map(entry).collect();
        std::fs::write(home.path().join("dump.json"), entries.join("\n")).unwrap();
        for format in ["json", "md", "html"] {
            let (code, shown) = run(home.path(), &["analyze", "dump.json", "-q", "--format", format]);
            assert_eq!(code, Some(0), "{shown}");
            let leaked: Vec<&String> = secrets.iter().filter(|secret| shown.contains(*secret)).collect();
            assert!(leaked.is_empty(), "{format}: {leaked:?} of {}", entries[0]);
        }
    }
}

#[test]
fn json_in_json_again_and_again_hides_nothing() {
    let entry = |layers: usize, number: usize| {
        let secret = json!({"user": "u", "password": format!("pl4nted{layers}{number}Qx7"), "ok": false}).to_string();
        let text = (0..layers).fold(secret, |text, _| json!(text).to_string());
        let time = format!("2025-05-01T0{layers}:0{number}:00Z");
        json!({"severity": "ERROR", "timestamp": time, "textPayload": format!("login {number} {text}")}).to_string()
    };
    let entries: Vec<String> = (0..24).map(|number| entry(number / 3, number % 3)).collect();
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("dump.json"), entries.join("\n")).unwrap();
    for format in ["json", "md", "html"] {
        let (code, shown) = run(home.path(), &["analyze", "dump.json", "-q", "--format", format]);
        assert_eq!(code, Some(0), "{shown}");
        assert!(!shown.contains("pl4nted"), "{format}");
    }
}
