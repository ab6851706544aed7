//! Passwords that are words: what a message tells to be secret stands in no output, also where its pattern has no name.

use std::path::Path;

use serde_json::{Value, json};

use super::leaks::{files, run};

/// Words that no program of ours says.
const WORDS: [&str; 12] = [
    "bakecoso", "dilurame", "fogitane", "kesibaru", "lomidace", "nupatigo", "pavedoki", "rutimesa", "sagobile",
    "tivuraco", "wekodani", "zubirela",
];

fn dump(folder: &Path, payloads: &[Value]) {
    let entry = |(number, payload): (usize, &Value)| {
        json!({
            "insertId": format!("id{number:06}"),
            "timestamp": format!("2025-09-15T10:{:02}:{:02}Z", number / 60, number % 60),
            "severity": "ERROR",
            "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "backend", "revision_name": "backend-00001-abc", "project_id": "p", "location": "eu"}},
            (if payload.is_string() { "textPayload" } else { "jsonPayload" }): payload,
        })
        .to_string()
    };
    let entries: Vec<String> = payloads.iter().enumerate().map(entry).collect();
    std::fs::write(folder.join("dump.ndjson"), entries.join("\n")).unwrap();
}

/// The name of the result, which is made of the time.
fn model(folder: &Path) -> String {
    let file = std::fs::read_dir(folder.join("model")).ok().and_then(|mut files| files.next());
    file.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).unwrap_or_default()
}

/// Which words stand in what the commands print and write.
fn leaked(payloads: &[Value], words: &[String]) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    dump(home.path(), payloads);
    let templates =
        "analyze dump.ndjson -t postmortem.md -t agent.md -t summary.txt -t clusters.csv -t worklog.html -o out";
    let commands = [
        &format!("{templates} --ledger ledger.json --assignments assignments.ndjson"),
        "analyze dump.ndjson --format json -o model --samples 9",
        "show model/worklog.json 1",
        "render model/worklog.json --format html",
        "issues draft model/worklog.json --repo acme/app --empty-tracker -o drafts",
        "inspect dump.ndjson",
        "digest dump.ndjson -o shard.digest",
        "ledger show --ledger ledger.json",
        "redact dump.ndjson",
    ];
    let mut shown = Vec::new();
    for command in commands {
        let command = command.replace("worklog.json", &model(home.path()));
        let (code, said) = run(home.path(), &command.split(' ').collect::<Vec<_>>());
        assert_eq!(code, Some(0), "{command}: {said}");
        shown.push((command, said));
    }
    std::fs::remove_file(home.path().join("dump.ndjson")).unwrap();
    files(home.path(), &mut shown);
    let of = |(name, text): &(String, String)| {
        let here = words.iter().filter(|word| text.contains(*word));
        here.map(|word| format!("{name}: {word}")).collect::<Vec<_>>()
    };
    shown.iter().flat_map(of).collect()
}

#[test]
fn words_behind_names_that_patterns_do_not_show_stay_in() {
    let notations: [fn(&str) -> String; 12] = [
        |word| format!("spring.datasource.password={word} refused"),
        |word| format!("soap: <password>{word}</password>"),
        |word| format!("java -Djavax.net.ssl.keyStorePassword={word} exited"),
        |word| format!("helm --set postgresql.auth.password={word} failed"),
        |word| format!("kafka: ssl.keystore.password={word} is wrong"),
        |word| format!("spring.redis.password: {word}"),
        |word| format!("/etc/app/password={word} cannot be used"),
        |word| format!("<wsse:UsernameToken><wsse:Password>{word}</wsse:Password></wsse:UsernameToken>"),
        |word| format!("<server><id>nexus</id><username>deploy</username><password>{word}</password></server>"),
        |word| format!("connect postgresql+psycopg2://app:{word}@/prod?host=/cloudsql/p:r:i failed"),
        |word| format!("boom\nspring.datasource.password={word} refused\n  at a.B.c(B.java:7)\n  at a.B.d(B.java:9)"),
        |word| {
            format!(
                "app.db.password={word} refused\nTraceback (most recent call last):\n  File \"/app/a.py\", line 3, in run\n    go()\nValueError: no"
            )
        },
    ];
    let messages: Vec<Value> = notations.iter().zip(WORDS).map(|(notation, word)| notation(word).into()).collect();
    assert_eq!(leaked(&messages, &WORDS.map(str::to_owned)), Vec::<String>::new());
    // What another member says of the error is a part of the pattern.
    let errors: Vec<Value> = messages.iter().map(|told| json!({"message": "load failed", "error": told})).collect();
    assert_eq!(leaked(&errors, &WORDS.map(str::to_owned)), Vec::<String>::new());
}

#[test]
fn words_in_json_in_json_stay_in() {
    let word = |number: usize| format!("{}{}", &WORDS[number % 12][..4], &WORDS[number / 12 + number % 7][2..]);
    let words: Vec<String> = (0..60).map(word).collect();
    for message in [
        |word: &str| format!("body {{\\\"user\\\":\\\"a\\\",\\\"password\\\":\\\"{word}\\\",\\\"x\\\":1}} refused"),
        |word: &str| format!("body {} refused", json!(json!({"user": "a", "password": word, "x": 1}).to_string())),
        |word: &str| format!("app.db.password={word} refused"),
    ] {
        let messages: Vec<Value> = words.iter().map(|word| message(word).into()).collect();
        assert_eq!(leaked(&messages, &words), Vec::<String>::new(), "{}", messages[0]);
    }
}
