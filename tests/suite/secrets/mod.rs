//! What redaction finds and what it leaves alone, measured on labelled lines that the rules were not written from.
//!
//! `positives.toml` says what the secrets of each class look like and where they stand; values are made at run time.
//! `negatives.txt` holds lines that must stay as they are. `LOG_GARDENER_DETAIL=1` prints what was missed and touched.
#![expect(
    clippy::disallowed_methods,
    reason = "test support code: the environment names the data and asks for details"
)]

mod fill;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use log_gardener::distill::{Policy, Redactor, UserRules};
use serde::Deserialize;

pub(crate) use fill::{Numbers, fill};

/// Lines made for each class.
const LINES: usize = 120;

/// Lines that announce no value: the form of the value alone gives it away.
const BARE: &[&str] = &[
    "{}",
    "using {}",
    "key {} loaded",
    "rejected: {}",
    "value={}",
    "['{}']",
    "a={} b=c",
    "GET /hooks/{} 200",
    "\"{}\"",
    "{} is not valid",
    "retry 3 ({})",
    "config: {}, region: eu",
    "payload={\"v\":\"{}\"}",
];

/// What stands around the text in a log line.
const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("2025-09-15 10:00:00,123 ERROR [main] ", ""),
    ("request 7f3a failed: ", " (attempt 2 of 3)"),
    ("I0915 10:00:00.000000 1 server.go:42] ", "\n"),
    ("10.0.0.9 - - [15/Sep/2025:10:00:00 +0000] \"", "\""),
    ("[backend] ", " - retrying in 5s"),
    ("Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in run\nValueError: ", ""),
];

/// A kind of secret, what its values look like and where they stand.
#[derive(Deserialize)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) group: String,
    #[serde(default)]
    bare: bool,
    values: Vec<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    suffix: String,
    names: Vec<String>,
    lines: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    class: Vec<Class>,
}

/// A line with a secret in it.
pub(crate) struct Planted {
    pub(crate) line: String,
    pub(crate) secret: String,
    /// Whether the line wears a disguise, so that the exact span is hard to say.
    pub(crate) disguised: bool,
}

/// All classes.
pub(crate) fn classes() -> Vec<Class> {
    toml::from_str::<File>(include_str!("positives.toml")).unwrap().class
}

/// `count` lines of a class.
pub(crate) fn planted(class: &Class, count: usize) -> Vec<Planted> {
    let mut numbers = Numbers::new(class.name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte)));
    let notations: Vec<&str> = include_str!("notations.txt").lines().collect();
    (0..count)
        .map(|number| {
            let secret = fill(&class.values[number % class.values.len()], &mut numbers);
            let value = format!("{}{secret}{}", class.prefix, class.suffix);
            let own = !class.lines.is_empty() && (class.names.is_empty() || number % 3 == 0);
            let text = if own {
                let line = numbers.pick(&class.lines).clone();
                with_secret(&fill(&line, &mut numbers), &secret)
            } else if class.bare && (number % 3 == 1 || class.names.is_empty()) {
                with_secret(numbers.pick::<&str>(BARE), &value)
            } else {
                let name = spelled(numbers.pick::<String>(&class.names), numbers.below(9));
                numbers.pick(&notations).replace("{n}", &name).replace("{v}", &value)
            };
            let (before, after) = numbers.pick(AROUND);
            let (line, disguised) = disguised(&format!("{before}{text}{after}"), numbers.below(16));
            Planted { line, secret, disguised }
        })
        .collect()
}

/// `{}` is the secret, doubled braces are braces.
fn with_secret(line: &str, secret: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let pair = rest.get(at..at + 2).unwrap_or_default();
        match pair {
            "{{" => text.push('{'),
            "}}" => text.push('}'),
            "{}" => text.push_str(secret),
            _ => text.push_str(&rest[at..=at]),
        }
        rest = &rest[at + if matches!(pair, "{{" | "}}" | "{}") { 2 } else { 1 }..];
    }
    text + rest
}

/// The words of a name in one of the spellings people use.
fn spelled(words: &str, how: usize) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let each = |from: usize| {
        let spelled = words.split(' ').enumerate();
        spelled.map(|(place, word)| if place < from { word.to_owned() } else { capital(word) }).collect::<Vec<_>>()
    };
    match how {
        0 => words.replace(' ', "_"),
        1 | 2 => words.replace(' ', "_").to_uppercase(),
        3 => each(1).concat(),
        4 => each(0).concat(),
        5 => words.replace(' ', "-"),
        6 => each(0).join("-"),
        7 => words.replace(' ', "."),
        _ => words.to_owned(),
    }
}

/// What a text goes through before it reaches a log: mostly nothing.
fn disguised(text: &str, how: usize) -> (String, bool) {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let line = match how {
        0 => format!("{{\"level\":\"error\",\"msg\":{}}}", json(text)),
        1 => json(&format!("{{\"msg\":{}}}", json(text))),
        2 => format!("callback?payload={}&x=1", percent(text)),
        3 => format!("body={}", STANDARD.encode(text)),
        4 => format!("\u{1b}[31m{text}\u{1b}[0m"),
        5 => format!("b{}", json(text)),
        _ => return (text.to_owned(), false),
    };
    (line, true)
}

/// The text as URLs write it.
pub(crate) fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// What of a secret must not stand anywhere: more than half of it from either end.
pub(crate) fn telling_parts(secret: &str) -> [String; 2] {
    // The armour of a key is no secret.
    let core = if secret.contains("PRIVATE KEY") {
        secret
            .split(['\n', '\r', ' ', '\\'])
            .map(|line| line.trim_start_matches(['n', 'r']))
            .max_by_key(|line| line.len())
    } else {
        None
    };
    let letters: Vec<char> = core.unwrap_or(secret).chars().collect();
    let most = letters.len() * 5 / 8 + 1;
    [letters.iter().take(most).collect(), letters.iter().skip(letters.len().saturating_sub(most)).collect()]
}

/// Whether a telling part of the secret stands in the text.
pub(crate) fn stands_in(secret: &str, text: &str) -> bool {
    telling_parts(secret).iter().any(|part| text.contains(part.as_str()) || text.contains(&percent(part)))
}

fn on() -> Redactor {
    Redactor::new(Policy::On, &UserRules::default()).unwrap()
}

fn shown() -> bool {
    std::env::var_os("LOG_GARDENER_DETAIL").is_some()
}

#[test]
fn secrets_of_every_class_are_found() {
    let on = on();
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut table = String::new();
    for class in classes() {
        let (mut tried, mut found, mut exact, mut plain) = (0, 0, 0, 0);
        for planted in planted(&class, LINES) {
            let redacted = on.redact(&planted.line, &mut BTreeMap::new()).into_owned();
            tried += 1;
            if stands_in(&planted.secret, &redacted) {
                if shown() {
                    eprintln!("MISSED {}: {:?} -> {:?}", class.name, planted.line, redacted);
                }
                continue;
            }
            found += 1;
            if !planted.disguised {
                plain += 1;
                let (before, after) = planted.line.split_once(&planted.secret).unwrap();
                let neat = redacted.starts_with(before) && redacted.ends_with(after);
                exact += usize::from(neat);
                if !neat && shown() {
                    eprintln!("COARSE {}: {:?} -> {:?}", class.name, planted.line, redacted);
                }
            }
        }
        let _ = writeln!(table, "{:<10} {:<32} {found}/{tried}  exact {exact}/{plain}", class.group, class.name);
        let group = groups.entry(class.group.clone()).or_default();
        *group = (group.0 + found, group.1 + tried);
    }
    let share = |(found, tried): (usize, usize)| {
        f64::from(u32::try_from(found).unwrap()) / f64::from(u32::try_from(tried).unwrap())
    };
    let all = groups.values().fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1));
    eprintln!("{table}{groups:?}\nall {all:?} {:.4}", share(all));
    assert!(share(groups["cloud"]) >= 0.99, "cloud {:?}", groups["cloud"]);
    assert!(share(all) >= 0.95, "all {all:?}");
}

/// Lines as programs write them, one by one in `lines.txt`, the secret between double brackets; each filled in anew.
#[test]
fn secrets_in_lines_of_programs_are_found() {
    const ROUNDS: usize = 20;
    let on = on();
    let mut numbers = Numbers::new(5);
    let (mut tried, mut missed) = (0, 0);
    for template in include_str!("lines.txt").lines() {
        let mut failed = 0;
        for _ in 0..ROUNDS {
            let line = fill(template, &mut numbers);
            let (before, rest) = line.split_once("[[").unwrap();
            let (secret, after) = rest.rsplit_once("]]").unwrap();
            let (before, after) =
                if let Some(after) = after.strip_prefix(']') { (before, after) } else { (before, after) };
            tried += 1;
            let text = format!("{before}{secret}{after}");
            let redacted = on.redact(&text, &mut BTreeMap::new()).into_owned();
            if stands_in(secret, &redacted) {
                failed += 1;
                if shown() && failed == 1 {
                    eprintln!("MISSED {text:?} -> {redacted:?}");
                }
            }
        }
        missed += failed;
    }
    eprintln!("lines of programs: {missed} of {tried} missed");
    assert!(missed * 50 <= tried, "{missed} of {tried} missed");
}

/// Lines of `negatives.txt`, filled in anew each time they come round.
pub(crate) fn ordinary(count: usize) -> Vec<String> {
    let templates: Vec<&str> = include_str!("negatives.txt").lines().collect();
    let mut numbers = Numbers::new(11);
    (0..count).map(|number| fill(templates[number % templates.len()], &mut numbers)).collect()
}

#[test]
fn ordinary_lines_stay_as_they_are() {
    let on = on();
    let lines = ordinary(20_000);
    let mut touched = 0;
    for line in &lines {
        let mut counts = BTreeMap::new();
        let redacted = on.redact(line, &mut counts);
        if redacted != line.as_str() {
            touched += 1;
            if shown() {
                eprintln!("TOUCHED {line:?} -> {redacted:?}");
            }
        }
    }
    eprintln!("made lines: {touched} of {} touched", lines.len());
    assert!(touched * 1_000 < lines.len(), "{touched} of {}", lines.len());
}

/// Texts of every string in the dumps of a folder, one by one.
fn strings(folder: &std::path::Path, texts: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            strings(&path, texts);
        } else if path.extension().is_some_and(|ending| ending == "json")
            && let Ok(text) = std::fs::read_to_string(&path)
            && let Ok(entries) = serde_json::from_str::<Vec<serde_json::Value>>(&text)
        {
            texts.extend(
                entries
                    .iter()
                    .filter_map(|entry| entry["textPayload"].as_str().or(entry["jsonPayload"]["message"].as_str()))
                    .map(str::to_owned),
            );
        }
    }
}

#[test]
fn lines_of_real_systems_stay_as_they_are() {
    let data = std::env::var("LOG_GARDENER_DATA").map_or_else(
        |_| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        std::path::PathBuf::from,
    );
    let mut texts = Vec::new();
    strings(&data.join("loghub"), &mut texts);
    if texts.is_empty() {
        eprintln!("SKIPPED: no dumps in {}", data.display());
        return;
    }
    let on = on();
    let mut touched = BTreeMap::<String, u64>::new();
    let mut lines = 0;
    for text in &texts {
        let mut counts = BTreeMap::new();
        if on.redact(text, &mut counts) != text.as_str() {
            lines += 1;
            for kind in counts.keys() {
                *touched.entry(kind.clone()).or_default() += 1;
            }
            if shown() {
                eprintln!("TOUCHED {text:?} {counts:?}");
            }
        }
    }
    eprintln!("lines of real systems: {lines} of {} touched, {touched:?}", texts.len());
    assert!(lines * 1_000 < texts.len(), "{lines} of {}: {touched:?}", texts.len());
}
