//! A rendered output in, what still looks like a secret in it out: the leak gate.

use std::ops::Range;

use super::Redactor;
use super::find::{Found, Look, is_of_key, one_by_one};
use super::mark::marks;
use super::names;
use super::spans::{Span, repeat, settle};
use super::value::{Shape, entropy, shape};

/// Something that still looks like a secret in a rendered output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// What kind of secret.
    pub kind: String,
    /// Where it stands, in bytes; never shown is what stands there.
    pub range: Range<usize>,
}

/// Stands where a worklog cuts a text.
const CUT: char = '…';

impl Redactor {
    /// The leak gate: what still looks like a secret in a rendered output.
    pub fn scan(&self, text: &str) -> Vec<Leak> {
        self.scan_by(text, one_by_one)
    }

    /// The same, where `spread` has the stretches of a long text looked at, in any order or at a time.
    pub fn scan_by(&self, text: &str, spread: impl FnOnce(Vec<Range<usize>>, &Look<'_>) -> Vec<Found>) -> Vec<Leak> {
        let found = self.find_and(text, spread, |found| certain(found, text, ""));
        // How often rules may be tried in vain is measured by the text, and an output says what an entry says many times.
        if let Some((head, tail)) = middle(text).filter(|_| found.iter().any(Span::is_unread)) {
            let mut leaks = self.scan(head);
            let behind =
                |leak: Leak| Leak { range: leak.range.start + head.len()..leak.range.end + head.len(), ..leak };
            leaks.extend(self.scan(tail).into_iter().map(behind));
            return leaks;
        }
        found.into_iter().map(|span| Leak { kind: span.kind, range: span.range }).collect()
    }

    /// What the leak gate would see in a text that stands behind the name of a field.
    pub(super) fn seen_in_field(&self, text: &str) -> Vec<Span> {
        self.find_and(text, one_by_one, |found| certain(found, text, ":"))
    }
}

/// The halves of a text, each of whole lines; nothing where there is one line.
fn middle(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let (front, back) = bytes.split_at_checked(bytes.len() / 2)?;
    let before = memchr::memrchr(b'\n', front);
    let at = before.or_else(|| Some(front.len() + memchr::memchr(b'\n', back)?))?;
    text.split_at_checked(at + 1).filter(|(_, tail)| !tail.is_empty())
}

/// What the leak gate stops at: of all that was found in a text what is secret wherever that stands, there and in the
/// other places of the same value. Each is judged where it was found: a copy may stand behind the name of anything.
fn certain(found: Vec<Span>, text: &str, ahead: &str) -> Vec<Span> {
    let marks = marks(text);
    let mut found = settle(found, &marks);
    // Names of fields that name users and machines stand in worklogs too, before harmless words.
    found.retain(|span| !names::is_identity(&span.kind) && is_certain(span, text, ahead));
    found.retain(|span| !is_rest_of_mark(span, text, &marks));
    repeat(text, &mut found);
    settle(found, &marks)
}

/// Whether a span is a secret wherever its text comes from: in a rendered output the name of a field may stand before
/// anything, so what was found by its name alone has to look like a secret too. `ahead` stands before the text.
fn is_certain(span: &Span, text: &str, ahead: &str) -> bool {
    let value = text.get(span.range.clone()).unwrap_or_default();
    if span.kind == "private_key" && !span.named {
        // The first and the last line of a key may stand apart, with all between them gone or of other entries.
        let mut runs = value.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter));
        return shape(value) == Shape::Hex || runs.any(|run| is_of_key(run) && entropy(run) >= 4.0);
    }
    let line = text.get(..span.range.start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    if ends_in_flag(line) && is_behind_text(value) || is_cut_short(value) {
        // No shell takes for a value without quotes what a worklog puts there.
        return false;
    }
    // The name stands on the line of its value; a list of names, one a line, promises nothing.
    let beside = ahead.bytes().chain(line.bytes()).any(|byte| matches!(byte, b'=' | b':'));
    let plain = value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'`<>|{}[](),:%".contains(&byte));
    let digits = value.bytes().any(|byte| byte.is_ascii_digit());
    let unlike_words = match shape(value) {
        Shape::Random | Shape::Mixed => digits && value.len() >= 8,
        Shape::Hex => digits && value.len() >= 24,
        Shape::Uuid => true,
        _ => false,
    };
    !span.named || (beside && plain && unlike_words && !is_own_name(value))
}

/// Whether a text ends in a flag of one letter: `mysql -u root -p`.
fn ends_in_flag(text: &str) -> bool {
    matches!(text.trim_end().as_bytes(), [.., b'-', letter] if letter.is_ascii_alphabetic())
}

/// Whether this begins like what a worklog puts behind a text.
fn is_behind_text(value: &str) -> bool {
    ["</", "](", "`", "("].iter().any(|sign| value.starts_with(sign))
}

/// Whether a worklog cut the text after so few letters of a value that they tell nothing.
fn is_cut_short(value: &str) -> bool {
    value.split_once(CUT).is_some_and(|(shown, behind)| {
        shown.chars().filter(|letter| letter.is_alphanumeric()).count() < 4
            && (behind.is_empty() || is_behind_text(behind))
    })
}

/// Whether this is the name of a cluster or a fingerprint, which stand in worklogs behind anything.
fn is_own_name(value: &str) -> bool {
    let hex = |rest: &str| rest.len() >= 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    ["LG-", "lg1:"].iter().any(|prefix| value.strip_prefix(prefix).is_some_and(hex))
}

/// Whether a span is the punctuation and the few letters that stand between a mark and its surroundings, or stands behind a
/// mark and an escape: where the quote of a value was never closed, that of an output closes it.
fn is_rest_of_mark(span: &Span, text: &str, marks: &[Range<usize>]) -> bool {
    let value = text.get(span.range.clone()).unwrap_or_default();
    let behind = marks.iter().any(|mark| mark.end == span.range.start);
    if span.named && behind && value.starts_with(|first: char| first == '\\' || first.is_whitespace()) {
        return true;
    }
    let letters = value.chars().filter(|letter| letter.is_alphanumeric());
    letters.count() < if behind || marks.iter().any(|mark| mark.start == span.range.end) { 6 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::{Policy, UserRules};

    #[test]
    fn a_value_is_judged_where_it_was_found_and_not_at_its_copies() {
        let on = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let value = ["Xk92mQ", "pL04zWvT81"].concat();
        let told = format!("wrong password {value}\n");
        let copy = format!("release: {value}\n");
        assert!(!on.find(&told).is_empty());
        for text in [told.clone(), copy.clone(), format!("{told}{copy}"), format!("{copy}{told}")] {
            assert!(on.scan(&text).is_empty(), "{text}");
        }
        let certain = format!("{told}password: {value}\n{copy}");
        let places: Vec<_> = on.scan(&certain).into_iter().map(|leak| leak.range).collect();
        assert_eq!(places.len(), 3, "{places:?}");
        assert!(places.iter().all(|place| certain.get(place.clone()) == Some(&value)));
    }

    #[test]
    fn a_text_that_passes_passes_however_often_an_output_says_it() {
        let on = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let line = "Basic ".repeat(1_300) + "\n";
        let value = ["Xk92mQ", "pL04zWvT81"].concat();
        for count in [1, 2, 9, 40] {
            assert!(on.scan(&line.repeat(count)).is_empty(), "{count}");
            let told = format!("{}password: {value}\n{}", line.repeat(count), line.repeat(count));
            let places: Vec<_> = on.scan(&told).into_iter().map(|leak| leak.range).collect();
            assert_eq!(places.len(), 1, "{count}");
            assert_eq!(told.get(places[0].clone()), Some(value.as_str()));
        }
        assert_eq!(on.scan(&"Basic ".repeat(9_000)).len(), 1);
    }

    #[test]
    fn what_stands_behind_an_open_quote_and_a_mark_is_no_secret() {
        let on = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let value = ["NwQ4tIpduirxpCrD", "ZvheETnYv2SKFEBH"].concat();
        let message = format!(
            "boom\n  File \"/app/m9.py\", line 3, in run\n    connect('\\x1b[31m\"Authorization\": \"Bearer {value}\\x1b[0m')\n\
             ValueError: jdbc:postgresql://db:5432/app?user\\u003dapp\\u0026password\\u003d{value}\\u0026ssl\\u003dtrue"
        );
        let redacted = on.redact(&message, &mut std::collections::BTreeMap::new());
        assert!(!redacted.contains(&value), "{redacted}");
        let output = serde_json::json!({ "message": redacted }).to_string();
        let leaks: Vec<_> = on.scan(&output).into_iter().map(|leak| output.get(leak.range).unwrap()).collect();
        assert!(leaks.is_empty(), "{leaks:?}");
    }

    #[test]
    fn the_revision_behind_a_service_is_no_secret() {
        let on = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let digest = r#""value":"\"Authorization\": \"Bearer <credential:461e7807521d20dc>\tbackend-00002-def","#;
        assert!(on.scan(digest).is_empty());
        let value = ["Xk92mQ", "pL04zWvT81"].concat();
        assert!(!on.scan(&digest.replace("<credential:461e7807521d20dc>", &value)).is_empty());
    }

    #[test]
    fn what_a_worklog_puts_behind_a_flag_is_no_password() {
        let on = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        for text in ["mysql -u root -p", "run mysql -p", "psql -h db -p ", "psql -h db -p be", "mysql -u root -pab"] {
            for behind in ["…", "…](#lg-cb0152afee)<br>", "…`", "…</a>", "… </a>"] {
                assert!(on.scan(&format!("[{text}{behind}\n")).is_empty(), "{text}{behind}");
            }
        }
        let value = ["Xk92mQ", "pL04zWvT81"].concat();
        for text in [
            format!("[psql -p {value}…](#lg-cb0152afee)<br>"),
            format!("psql -p {value}`"),
            format!("psql -p a…{value}<"),
        ] {
            assert!(!on.scan(&text).is_empty(), "{text}");
        }
    }
}
