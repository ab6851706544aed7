//! Every rule's examples, and the promises over all of them.

mod disguises;
mod tokens;

use std::collections::BTreeMap;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::model::Fingerprint;

/// The rules panic on a text that holds this.
pub(super) const FATAL: &str = "fatal to rules";

/// The parts of an example put together: `~CLASS:N` stands for N characters of a class, always the same ones.
fn fill(part: &str) -> String {
    let Some((before, rest)) = part.split_once('~') else { return part.to_owned() };
    let Some((class, rest)) = rest.split_once(':') else { return part.to_owned() };
    let alphabet = match class {
        "b62" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "b64" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "url" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "hex" => "0123456789abcdef",
        "HEX" => "0123456789ABCDEF",
        "low" => "abcdefghijklmnopqrstuvwxyz0123456789",
        "UP" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "B32" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "dig" => "123456789",
        _ => return part.to_owned(),
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let length: usize = rest.get(..digits).unwrap().parse().unwrap();
    let mut state = 0x2545_f491_4f6c_dd1d_u64 ^ (length as u64) ^ ((part.len() as u64) << 32);
    let letters = alphabet.as_bytes();
    let filled: String = (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(letters[usize::try_from(state >> 33).unwrap() % letters.len()])
        })
        .collect();
    format!("{before}{filled}{}", fill(rest.get(digits..).unwrap()))
}

fn on() -> Redactor {
    Redactor::new(Policy::On, &UserRules::default()).unwrap()
}

fn redacted(text: &str) -> String {
    on().redact(text, &mut BTreeMap::new()).into_owned()
}

#[test]
fn every_rule_hits_its_examples_exactly_and_passes_the_others() {
    let catalog = Catalog::shipped().unwrap();
    let mut wrong = Vec::new();
    for rule in &catalog.rules {
        if rule.regex().is_none() {
            wrong.push(format!("{}: the expression is malformed", rule.kind));
        }
        assert!(!rule.examples.0.is_empty(), "{} has no example", rule.kind);
        for example in &rule.examples.0 {
            let secret: String = example.parts.iter().map(|part| fill(part)).collect();
            let (before, after) = (fill(&example.before), fill(&example.after));
            for (before, after) in
                [(before.clone(), after.clone()), (format!("said {before}"), format!("{after} and more"))]
            {
                let text = format!("{before}{secret}{after}");
                let found = on().find(&text);
                let exact = found.iter().any(|span| span.range == (before.len()..before.len() + secret.len()));
                if !exact {
                    wrong.push(format!("{}: {text}: {found:?}", rule.kind));
                }
            }
        }
        for text in &rule.examples.1 {
            if on().detects(text) {
                wrong.push(format!("{} must pass {text}: {:?}", rule.kind, on().find(text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_rules_fail_on_is_not_shown() {
    let text = redacted(&format!("{FATAL}, and more"));
    assert!(text.starts_with("<unread:") && text.ends_with('>'), "{text}");
    assert_eq!(on().scan(&format!("{FATAL}, and more")).len(), 1);
}

#[test]
fn prose_and_foreign_marks_survive() {
    for text in [
        "AUTH: Using permissive",
        "GOLDEN PATH AUTH=REDACTED permissive authentication",
        "JWT=REDACTED failure prevents users",
        "user_id: demo-use... connected",
        "mail to ***@example",
        "password=<redacted>",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn fingerprints_stay_whatever_their_digits_look_like() {
    let redactor = on();
    let met = "lg1:4b1dcec194a38f69c48c0f78d913c4b4".to_owned();
    let others = (0..2_000).map(|number: u32| Fingerprint::of(&[&number.to_string()]).to_string());
    for fingerprint in std::iter::once(met).chain(others) {
        for text in [fingerprint.clone(), format!("{{\"fingerprints\": [\"{fingerprint}\"]}}")] {
            assert_eq!(redacted(&text), text);
            assert_eq!(redactor.scan(&text), []);
        }
    }
}

#[test]
fn what_is_left_in_json_is_swept() {
    let redactor = on();
    let text = ["a6cess_token=ya29.lzdIEkaB", "AluTa0yAHHHnsdF6J212Rucxwq", "QOQBwcf9TMlHq3KlPnbMhtssM"].concat();
    let json = serde_json::json!({ "stack_trace": text }).to_string();
    assert_ne!(redactor.scan(&json), []);
    let swept = redactor.sweep(&json, &[], &mut BTreeMap::new()).into_owned();
    assert_eq!(redactor.scan(&swept), []);
    let shown: serde_json::Value = serde_json::from_str(&swept).unwrap();
    assert!(shown["stack_trace"].as_str().unwrap().starts_with("a6cess_token=<token:"), "{shown}");
}

#[test]
fn equal_values_have_equal_marks_in_any_disguise() {
    let mail = ["ann", "@mail.example"].concat();
    let text = format!("{mail} {}", mail.replace('@', "%40"));
    let redacted = redacted(&text);
    let (first, second) = redacted.split_once(' ').unwrap();
    assert_eq!(first, second);
}

#[test]
fn members_tell_about_their_values() {
    let secret = ["hunt", "er2"].concat();
    let mut value = serde_json::json!({
        "password": secret, "user": "bob", "count": 3,
        "env": [{"name": "DB_PASSWORD", "value": secret}, {"name": "MODE", "value": "fast"}],
        "pin": 4711, "nextPageToken": "CAESBkFCQ0RFRg",
        "headers": {"Authorization": format!("Basic {}", "dXNlcjpwYXNzd29yZA==")},
    });
    let mut counts = BTreeMap::new();
    on().redact_json(&mut value, &mut counts);
    let text = value.to_string();
    assert!(!text.contains(&secret) && !text.contains("4711") && !text.contains("dXNlc"), "{text}");
    assert!(
        text.contains("bob") && text.contains("fast") && text.contains("CAES") && text.contains("Basic <"),
        "{text}"
    );
    assert_eq!(counts.values().sum::<u64>(), 4, "{counts:?}");
}

#[test]
fn a_line_break_hides_no_secret() {
    let secret = "74e3b7a8e3af6cbbe1293790ebfc1fee";
    for (before, after) in [("{ token: \n ", ""), ("password \r ", "\nnext"), ("api_key=\n", " end")] {
        let text = format!("{before}{secret}{after}");
        assert!(!redacted(&text).contains(secret), "{text}");
    }
    for text in [
        "Invalid token:\n  at parse (/app/jwt.js:3:5)",
        "wrong password\nconnection closed by 10.0.0.7",
        "session:\n- id: 7",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn off_changes_nothing_and_users_add_and_allow() {
    let off = Redactor::new(Policy::Off, &UserRules::default()).unwrap();
    let mail = ["ann", "@mail.example"].concat();
    assert_eq!(off.redact(&mail, &mut BTreeMap::new()), mail);
    let rules =
        UserRules { add: vec![("ticket".into(), r"TICK-(\d+)".into())], allow: vec![r".*@mail\.example".into()] };
    let mut counts = BTreeMap::new();
    let own = Redactor::new(Policy::On, &rules).unwrap();
    let text = own.redact("ann@mail.example TICK-12345", &mut counts).into_owned();
    assert!(text.starts_with("ann@mail.example TICK-<ticket:"), "{text}");
    assert_eq!(counts, BTreeMap::from([("ticket".to_owned(), 1)]));
    for (kind, regex) in [("Bad kind", "x"), ("x", "("), ("x", "a*")] {
        assert!(
            Redactor::new(Policy::On, &UserRules { add: vec![(kind.into(), regex.into())], allow: vec![] }).is_err()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_second_pass_changes_nothing(text in r#"(?:password|token=|"secret": "|[a-z]{1,9}@[a-z]{2,5}\.org|Bearer |eyJhbGciOiJIUzI1NiJ9\.|<email:0a1b>|[A-Za-z0-9+/=]{1,40}|%[0-9a-f]{2}|\\["n]|\PC|[ =:"',&]){0,24}"#) {
        let once = redacted(&text);
        prop_assert_eq!(redacted(&once), once);
    }
}

/// What keeps detectors busy when it is repeated.
const HOSTILE: &[&str] = &[
    "a=a=a=",
    "sk-",
    "ya29.",
    "cookie=b=",
    "token=a/b/",
    "aws ",
    "a@b.co passwd=hunt3r ",
    "@@@@",
    "a@b.",
    "eyJ",
    "eyJhbGciOiJ9.",
    "\"'`",
    "\\\"",
    "\\\\",
    "%2525",
    "&amp;amp;",
    "password=",
    "password: ",
    "token token ",
    "key: key: ",
    "a.b.c.",
    "://",
    "://a:b",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "QUJD",
    "QUJD ",
    "1 ",
    "1-",
    "4111 1111 ",
    "+1 ",
    "::1",
    "DE89 ",
    "<",
    "<a:",
    "<email:0a1b>",
    "((((",
    "[[[[",
    "{{",
    "Cookie: a=b; ",
    "cookie",
    "secret secret=",
    "aws heroku vault ",
    "-p login ",
    "\u{1b}[31m",
    "\\u001b[31m",
    "bearer bearer ",
    "basic ",
    "digest response=",
    "sk-",
    "SK",
    "==",
    "!",
    "mysql -p",
    "MT",
    "$6$",
    "v1=",
    "\n",
    "  ",
    "AKIA",
    "password=\"",
    "password='",
    "is was is set to ",
    "password for a is b ",
    "é",
    "\u{0}",
    "value value=",
    "token, value ",
    "a=",
    "x: ",
    "AC",
    "00D!",
];

#[test]
#[expect(clippy::disallowed_methods, reason = "a test of time bounds measures time")]
fn hostile_texts_take_no_more_time_than_their_length_allows() {
    let on = on();
    for hostile in HOSTILE {
        let text = hostile.repeat(24 * 1024 / hostile.len());
        let started = std::time::Instant::now();
        let mut counts = BTreeMap::new();
        let redacted = on.redact(&text, &mut counts).into_owned();
        let took = started.elapsed();
        assert!(took.as_secs() < 10, "{hostile:?} took {took:?}");
        assert!(redacted.len() <= 8 * text.len(), "{hostile:?} grew");
    }
}

#[test]
fn what_keeps_the_rules_too_busy_is_not_shown() {
    let hidden = format!("{}{}", "://a:b ".repeat(20_000), ["AKIA", "ZQ3DRSTUVWXY2345"].concat());
    let redacted = redacted(&hidden);
    assert!(redacted.contains("<unread:") && !redacted.contains("ZQ3DRSTU"), "{}", redacted.len());
}

/// Runs of base64, found byte by byte.
fn plain_runs(text: &str) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_alphanumeric() || "+/-_".contains(letter)) {
        let (_, run) = rest.split_at(start);
        let length = run.find(|letter: char| !(letter.is_ascii_alphanumeric() || "+/-_".contains(letter)));
        let (run, behind) = run.split_at(length.unwrap_or(run.len()));
        let cased = run.contains(|letter: char| letter.is_ascii_uppercase())
            && run.contains(|letter: char| letter.is_ascii_lowercase());
        if run.len() >= 20 && cased {
            let from = text.len() - run.len() - behind.len();
            let padding = behind.bytes().take(2).take_while(|byte| *byte == b'=').count();
            runs.push(from..from + run.len() + padding);
        }
        rest = behind;
    }
    runs
}

proptest! {
    #[test]
    fn runs_of_base64_are_found_by_jumps_as_byte_by_byte(text in "(?:[ =\"é]|[a-zA-Z0-9+/_-]{1,30}){0,12}") {
        prop_assert_eq!(find::base64_runs(&text), plain_runs(&text));
    }

    #[test]
    fn numbers_are_found_behind_any_text(before in "[a-zA-Z0-9 ./()-]{0,24}[a-z:]", number in prop::sample::select(vec![
        "4111 1111 1111 1111", "GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "+49 30 12345678", "(555) 234-5678",
    ])) {
        let text = format!("{before} {number}");
        let mut found = Vec::new();
        personal::numbers(&text, &mut found);
        prop_assert!(found.iter().any(|(range, _)| range.end == text.len() && range.len() >= number.len() - 1), "{found:?}");
    }

    #[test]
    fn keywords_are_found_as_the_crate_finds_them(text in "(?:[ a-z=]|password|api_key|Cookie|AKIA|sk-|ghp_|token|secret){0,40}") {
        use aho_corasick::automaton::{Automaton, OverlappingState};
        let catalog = Catalog::shipped().unwrap();
        let (mut expected, mut state) = (Vec::new(), OverlappingState::start());
        loop {
            catalog.search.try_find_overlapping(&text.as_str().into(), &mut state).unwrap();
            let Some(hit) = state.get_match() else { break };
            expected.push((hit.range(), catalog.targets[hit.pattern().as_usize()]));
        }
        prop_assert_eq!(catalog.hits(&text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_sweep_redacts_each_string_as_if_it_stood_alone(texts in prop::collection::vec("[ -~\\néü\"]{0,20}(?:password=h7Gf5Dd3|me@mail\\.example|)", 0..6)) {
        swept_as_alone(&texts);
    }
}

/// Sweeps the texts as members and all of them as a name. Each must read as it does alone, but where the leak gate sees
/// more in it as JSON writes it.
fn swept_as_alone(texts: &[String]) {
    let on = on();
    let of = |texts: &[String], name: &str| serde_json::json!({ "texts": texts, "n": 1.5, "named": { name: null } });
    let swept = on.sweep(&of(texts, &texts.concat()).to_string(), &[], &mut BTreeMap::new()).into_owned();
    let value: serde_json::Value = serde_json::from_str(&swept).unwrap();
    let shown: Vec<String> = serde_json::from_value(value["texts"].clone()).unwrap();
    let name = value["named"].as_object().unwrap().keys().next().unwrap();
    assert_eq!(swept, of(&shown, name).to_string());
    let named = texts.concat();
    for (text, shown) in texts.iter().chain([&named]).zip(shown.iter().chain([name])) {
        let alone = on.redact(text, &mut BTreeMap::new()).into_owned();
        let seen = |text: &str| !on.seen_in_field(serde_json::json!(text).to_string().trim_matches('"')).is_empty();
        assert!(*shown == alone || seen(&alone) && !seen(shown), "{text:?}: {shown:?} and alone {alone:?}");
    }
}

#[test]
fn line_breaks_as_json_writes_them_are_no_letters_of_an_address() {
    for text in ["\n@A.aé", "import click\n@click.command", "\t@app.route", "a\r\n@pytest.fixture", "\\n@A.aé"] {
        assert_eq!(redacted(text), text);
        let json = serde_json::json!([text]).to_string();
        assert_eq!(on().sweep(&json, &[], &mut BTreeMap::new()), json);
        assert!(on().scan(&json).is_empty(), "{json}");
        swept_as_alone(&[text.to_owned()]);
    }
    let shown = redacted("to:\\nancy@mail.example");
    assert!(shown.starts_with("to:\\<email:") && shown.ends_with('>'), "{shown}");
}

#[test]
fn a_long_text_is_looked_at_in_any_order() {
    let secret = ["AKIA", "J7QX3M2PLWZRT4VD"].concat();
    let filler = "nothing to see here, and nothing there; ".repeat(10_000);
    let text = format!("{filler}{secret} {filler}mail me@mail.example{filler}");
    let leaks = on().scan(&text);
    let backwards = on().scan_by(&text, |stretches, look| {
        let mut found: Vec<Found> = stretches.into_iter().rev().map(look).collect();
        found.reverse();
        found
    });
    assert_eq!(leaks.iter().map(|leak| leak.kind.as_str()).collect::<Vec<_>>(), ["aws_access_key", "email"]);
    assert_eq!(leaks, backwards);
}
