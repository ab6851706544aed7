//! Labelled secrets, and texts without any, wrapped into what logs wrap texts into.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// What a text is wrapped into on its way into a log.
fn disguises(text: &str) -> Vec<(&'static str, String)> {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let url = |text: &str| {
        text.bytes().fold(String::new(), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
    };
    let unicode = [("=", "\\u003d"), ("&", "\\u0026"), ("\"", "\\u0022"), ("<", "\\u003c"), (":", "\\u003a")];
    let cut = |text: &str| {
        let controls = ['\u{1}', '\u{85}', '\u{7f}'].into_iter().cycle();
        text.split_inclusive(is_fifth())
            .zip(controls)
            .flat_map(|(part, control)| part.chars().chain([control]))
            .collect()
    };
    vec![
        ("plain", text.to_owned()),
        ("in a sentence", format!("request 7 failed: {text}")),
        ("JSON", format!("{{\"msg\":{}}}", json(text))),
        ("JSON twice", json(&format!("{{\"msg\":{}}}", json(text)))),
        ("unicode escapes", unicode.iter().fold(text.to_owned(), |text, (sign, escape)| text.replace(sign, escape))),
        ("URL", format!("/x?next={}&y=1", url(text))),
        ("URL twice", format!("/x?next={}&y=1", url(&url(text)))),
        ("base64", format!("body {} end", STANDARD.encode(format!("{{\"msg\":{}}}", json(text))))),
        ("Python bytes", format!("body=b{}", json(text))),
        ("colours", format!("\u{1b}[31m{}\u{1b}[0m", text.replacen('=', "\u{1b}[0m=\u{1b}[33m", 1))),
        ("control characters", cut(text)),
        ("escaped colours", format!("\\u001b[31m{text}\\u001b[0m")),
        ("HTML", text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")),
    ]
}

/// Every fifth character.
fn is_fifth() -> impl FnMut(char) -> bool {
    let mut number = 0;
    move |_| {
        number += 1;
        number % 5 == 0
    }
}

#[derive(serde::Deserialize)]
struct Labelled {
    case: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    kind: String,
    #[serde(flatten)]
    example: rules::Example,
}

/// Kind, text before, secret, text behind: of the labelled cases and of all rules.
fn labelled() -> Vec<(String, String, String, String)> {
    let cases: Labelled = toml::from_str(include_str!("../labelled.toml")).unwrap();
    let cases = cases.case.iter().map(|case| (case.kind.as_str(), &case.example));
    let catalog = Catalog::shipped().unwrap();
    let examples =
        catalog.rules.iter().flat_map(|rule| rule.examples.0.iter().map(|example| (rule.kind.as_str(), example)));
    cases
        .chain(examples)
        .map(|(kind, example)| {
            let secret = example.parts.iter().map(|part| fill(part)).collect();
            (kind.to_owned(), fill(&example.before), secret, fill(&example.after))
        })
        .collect()
}

#[test]
fn labelled_secrets_are_found_in_every_disguise() {
    let on = on();
    let (mut tried, mut missed) = (0, Vec::new());
    for (kind, before, secret, after) in labelled() {
        let plain = format!("{before}{secret}{after}");
        let span = before.len()..before.len() + secret.len();
        if !on.find(&plain).iter().any(|found| found.range == span) {
            missed.push(format!("{kind}: not exactly: {plain:?}: {:?}", on.find(&plain)));
        }
        for (disguise, text) in disguises(&plain) {
            tried += 1;
            let redacted = on.redact(&text, &mut BTreeMap::new()).into_owned();
            let core = secret.get(secret.len() / 4..).unwrap_or(&secret);
            let shown: String = redacted.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect();
            if redacted == text || shown.contains(core) {
                missed.push(format!("{kind}: {disguise}: {text:?} -> {redacted:?}"));
            }
        }
    }
    assert!(tried >= 2_000, "{tried}");
    assert!(missed.is_empty(), "{} of {tried}\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn prose_identifiers_and_code_survive_in_every_disguise() {
    let on = on();
    let lines: Vec<&str> = include_str!("../survivors.txt").lines().collect();
    assert!(lines.len() >= 150);
    let mut touched = Vec::new();
    for line in &lines {
        for (disguise, text) in disguises(line) {
            let found = on.find(&text);
            if !found.is_empty() {
                touched.push(format!("{disguise}: {text}: {found:?}"));
            }
        }
    }
    assert!(touched.is_empty(), "{}", touched.join("\n"));
}
