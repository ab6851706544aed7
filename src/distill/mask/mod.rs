//! Canonical text in, pattern out: typed placeholders where values stand, by content alone, never by what came before.
//!
//! A placeholder is `<name>`: `<num>`, `<uuid>`, `<ts>`, `<ip>`, `<path>`, `<url>`, `<email>`, `<hex>`, `<id>`, `<dur>`,
//! `<size>`, `<host>`, `<file>`,
//! `<mac>`, `<str>`, `<list>`, `<bool>`, `<name>`, `<frame>` (a whole message that
//! is a line of a stack trace), `<*>` (no single type), `<json{a,b[]}>` (the
//! sorted keys of JSON), or the name of a mask of the user's. Log text that looks like a placeholder is written in
//! other brackets (`‹num›`), so a placeholder in a pattern is never log text.

mod draft;
mod json;
mod rules;
mod tokens;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::canon::{Canon, MOST_MARKS, Run};
use super::trace;
use crate::error::{Error, Result};
use crate::model::TRACE_LINE;
use draft::Draft;

/// What a slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Num,
    Uuid,
    Ts,
    Ip,
    Mac,
    Path,
    Url,
    Email,
    Hex,
    Id,
    Dur,
    Size,
    Host,
    File,
    Name,
    Str,
    List,
    Bool,
    Any,
    /// With its shape.
    Json(String),
    /// With the number of the mask.
    User(u32),
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Num => "num",
            Self::Uuid => "uuid",
            Self::Ts => "ts",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::Path => "path",
            Self::Url => "url",
            Self::Email => "email",
            Self::Hex => "hex",
            Self::Id => "id",
            Self::Dur => "dur",
            Self::Size => "size",
            Self::Host => "host",
            Self::File => "file",
            Self::Name => "name",
            Self::Str => "str",
            Self::List => "list",
            Self::Bool => "bool",
            Self::Any | Self::User(_) => "*",
            Self::Json(_) => "json",
        }
    }
}

/// The rules, with the masks that the user added.
#[derive(Clone, Debug)]
pub struct Masker {
    names: Vec<String>,
    masks: Vec<Regex>,
}

impl Masker {
    /// The built-in rules and `user_masks`, name and regular expression each; the latter see the message as written
    /// and come first.
    pub fn new(user_masks: &[(String, String)]) -> Result<Self> {
        let wrong = |name: &str, detail: String| Error::Usage { what: format!("mask {name}"), detail };
        if user_masks.len() >= MOST_MARKS as usize {
            return Err(wrong("list", format!("at most {} masks", MOST_MARKS - 1)));
        }
        let (mut names, mut masks) = (Vec::new(), Vec::new());
        for (name, expression) in user_masks {
            let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            if !plain || !name.starts_with(|first: char| first.is_ascii_lowercase()) || name.len() > 32 {
                return Err(wrong(name, "a name is made of a-z, 0-9 and _, and starts with a letter".to_owned()));
            }
            masks.push(Regex::new(expression).map_err(|problem| wrong(name, problem.to_string()))?);
            names.push(name.clone());
        }
        Ok(Self { names, masks })
    }

    /// Buffers for canonical texts that know the user's masks; without any, the same as [`Canon::new`].
    pub fn canon(&self) -> Canon {
        Canon::with_masks(self.masks.clone())
    }

    /// The pattern of all messages with this canonical text.
    pub fn mask(&self, canon: &Canon) -> Masked {
        if trace::is_line(canon.text()) {
            let end = u32::try_from(canon.text().len()).unwrap_or(u32::MAX);
            let slot = SlotSpan { placeholder: TRACE_LINE.to_owned(), start: 0, end };
            return Masked { pattern: TRACE_LINE.to_owned(), slots: vec![slot] };
        }
        let mut draft = Draft::new(canon.text());
        // Rules put slots in the place of text and nothing else, so what is not there at first never is.
        let present = rules::Present::of(canon.text());
        for (rule, _) in rules::RULES.into_iter().filter(|(_, needs)| present.allows(needs)) {
            let found = rule(&draft);
            draft.apply(&found);
        }
        let tokens = tokens::collapse(tokens::split(&draft), canon.text());
        self.write(&tokens, &draft)
    }

    fn write(&self, tokens: &[tokens::Token], draft: &Draft) -> Masked {
        let mut masked = Masked { pattern: String::new(), slots: Vec::new() };
        let mut text = String::new();
        for token in tokens {
            match token {
                tokens::Token::Text(from, to) => text.push_str(draft.text.get(*from..*to).unwrap_or_default()),
                tokens::Token::Slot(slot) => {
                    masked.pattern.push_str(&disarmed(&text));
                    text.clear();
                    let placeholder = match &slot.kind {
                        Kind::Json(shape) => format!("<json{shape}>"),
                        Kind::User(number) => {
                            let name = usize::try_from(*number).ok().and_then(|number| self.names.get(number));
                            format!("<{}>", name.map_or("*", String::as_str))
                        }
                        kind => format!("<{}>", kind.name()),
                    };
                    masked.pattern.push_str(&placeholder);
                    let [start, end] = [slot.inner.0, slot.inner.1].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
                    masked.slots.push(SlotSpan { placeholder, start, end });
                }
            }
        }
        masked.pattern.push_str(&disarmed(&text));
        masked
    }
}

/// What would read as a placeholder in constant text.
static LOOKALIKE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<([a-z*][^<>\s]*)>").ok());

/// Constant text in which nothing reads as a placeholder.
fn disarmed(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return text.into();
    }
    match LOOKALIKE.as_ref() {
        Some(lookalike) => lookalike.replace_all(text, "‹$1›"),
        None => text.replace('<', "‹").into(),
    }
}

/// The pattern of a message and where its values stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The text with placeholders.
    pub pattern: String,
    /// One for each placeholder, in order.
    pub slots: Vec<SlotSpan>,
}

/// Where the value of a placeholder stands, in every message with the same canonical text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSpan {
    /// As it stands in the pattern.
    pub placeholder: String,
    /// In bytes of the canonical text.
    start: u32,
    end: u32,
}

impl SlotSpan {
    /// The text that the slot covers in `message`, whose canonical text this is and which was rewritten in `runs`.
    ///
    /// `passed` tells how many runs end before the slot; it starts at 0 and goes from slot to slot in their order.
    pub fn value<'m>(&self, message: &'m str, runs: &[Run], passed: &mut usize) -> &'m str {
        *passed += count_first(runs.get(*passed..), |run| run.canon_end <= self.start);
        let before = passed.checked_sub(1).and_then(|last| runs.get(last));
        let behind = runs.get(*passed..).unwrap_or_default();
        let start = match (behind.first(), before) {
            (Some(run), _) if run.canon_start < self.start => (run.start + self.start - run.canon_start).min(run.end),
            (_, Some(run)) => run.end + (self.start - run.canon_end),
            (_, None) => self.start,
        };
        let inside = count_first(Some(behind), |run| run.canon_start < self.end);
        let last = inside.checked_sub(1).and_then(|last| behind.get(last)).or(before);
        let end = match last {
            Some(run) if run.canon_end > self.end => run.end,
            Some(run) => run.end + (self.end - run.canon_end),
            None => self.end,
        };
        message.get(start as usize..end.max(start) as usize).unwrap_or_default()
    }
}

/// How many of the first runs are such.
fn count_first(runs: Option<&[Run]>, is_such: impl Fn(&Run) -> bool) -> usize {
    runs.unwrap_or_default().iter().take_while(|run| is_such(run)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::distill::canon::canonicalize;

    fn masked(rules: &Masker, message: &str) -> (String, Vec<(String, String)>) {
        let mut canon = rules.canon();
        canonicalize(message, &mut canon);
        let masked = rules.mask(&canon);
        let mut passed = 0;
        let value =
            |slot: &SlotSpan| (slot.placeholder.clone(), slot.value(message, canon.runs(), &mut passed).to_owned());
        (masked.pattern.clone(), masked.slots.iter().map(value).collect())
    }

    #[test]
    fn patterns_and_values() {
        let masker = Masker::new(&[]).unwrap();
        for (message, pattern, values) in [
            ("took 160 ms for user alice", "took <dur> for user <name>", &["160 ms", "alice"][..]),
            ("[🔑] key  main_0a1b2c3d ok", "key <id> ok", &["main_0a1b2c3d"]),
            ("from ::ffff:10.0.0.1 port 22", "from <ip> port <num>", &["::ffff:10.0.0.1", "22"]),
            (r#"got {"b": 1, "a": {"c": "x y"}} end"#, "got <json{a{c},b}> end", &[r#"{"b": 1, "a": {"c": "x y"}}"#]),
            (r#"name="a b" size=5"#, "name=<str> size=<num>", &["a b", "5"]),
            ("GET /v1/users/17?x=1 took 1m30.5s", "GET <path> took <dur>", &["/v1/users/17?x=1", "1m30.5s"]),
            ("at 2024-01-31T10:20:30.123Z done", "at <ts> done", &["2024-01-31T10:20:30.123Z"]),
            (
                "mail a.b@example.com, https://e.org/x?y=1.",
                "mail <email>, <url>.",
                &["a.b@example.com", "https://e.org/x?y=1"],
            ),
            ("literal <num> and <b>5</b>", "literal ‹num› and ‹b›<num></b>", &["5"]),
            ("via eth12 and en0: x", "via eth<num> and en<num>: x", &["12", "0"]),
            (
                "Window{3f2a91c u0 com.example.app/.Main} x=Lock{12}",
                "Window{<*>} x=<str>",
                &["3f2a91c u0 com.example.app/.Main", "Lock{12}"],
            ),
            ("Window{edfdba3 token=Token{c560815 u0}} x", "Window{<*>} x", &["edfdba3 token=Token{c560815 u0}"]),
            ("Lock{abcd12 held} by x", "Lock{<*>} by x", &["abcd12 held"]),
            ("mail to=<root@relay>, ok", "mail to=<email>, ok", &["root@relay"]),
            ("sent 1190 bytes (1.16 KB) to a,b,c", "sent <size> to <list>", &["1190 bytes (1.16 KB)", "a,b,c"]),
            ("ANSI \u{1b}[31mred 5\u{1b}[0m k=\u{1b}[1mv\u{1b}[0m", "ANSI red <num> k=<str>", &["5", "v"]),
            (r"for C:\logs\*_all.sqm, flags", "for <path>, flags", &[r"C:\logs\*_all.sqm"]),
            (
                r#"name=com.example.app", next=5 "a b""#,
                r#"name=<str>, next=<num> "a b""#,
                &[r#"com.example.app""#, "5"],
            ),
            ("in: user=<amber>, n=5", "in: user=<str>, n=<num>", &["<amber>", "5"]),
            ("topic projects/demo/topics/orders seen", "topic <path> seen", &["projects/demo/topics/orders"]),
            (
                "at 0000:cf:1d.0 on [::]:8080 and :80.",
                "at <id> on <ip> and <ip>.",
                &["0000:cf:1d.0", "[::]:8080", ":80"],
            ),
            (
                "done, Owner: backup, Name: nightly run, State: idle",
                "done, Owner: <str>, Name: <str>, State: idle",
                &["backup", "nightly run"],
            ),
            (
                "took 5. Surface(name=View - x) is <nil>",
                "took <num>. Surface(name=<str>) is <*>",
                &["5", "View - x", "<nil>"],
            ),
            ("id 6ba7b810-9dad-11d1-80b4-00c04fd430c8", "id <uuid>", &["6ba7b810-9dad-11d1-80b4-00c04fd430c8"]),
        ] {
            let (found, slots) = masked(&masker, message);
            let found_values: Vec<&str> = slots.iter().map(|(_, value)| value.as_str()).collect();
            assert_eq!((found.as_str(), found_values.as_slice()), (pattern, values), "{message}");
        }
    }

    #[test]
    fn masks_of_the_user_see_the_message_as_written() {
        let masker = Masker::new(&[("order".to_owned(), r"ORD-\d+".to_owned())]).unwrap();
        let (pattern, slots) = masked(&masker, "🔑 order ORD-17 of 5");
        assert_eq!(pattern, "order <order> of <num>");
        assert_eq!(slots, [("<order>".to_owned(), "ORD-17".to_owned()), ("<num>".to_owned(), "5".to_owned())]);
        assert!(Masker::new(&[("Bad".to_owned(), "x".to_owned())]).is_err());
        assert!(Masker::new(&[("bad".to_owned(), "(".to_owned())]).is_err());
    }

    /// Parts of messages as programs write them.
    fn phrase() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "[a-z]{2,8}",
            "[A-Z][a-z]{2,8}:?",
            "[0-9]{1,6}(ms|s| KB|%)?",
            "[a-z]{2,6}=[a-z0-9]{1,6},?",
            "[a-z]{2,6}: [a-z0-9]{1,6},",
            "\"[a-z ]{1,12}\"",
            "'[a-z0-9]{1,8}'",
            "/[a-z]{1,5}/[a-z0-9]{1,5}",
            "[a-z]{2,6}@[a-z]{2,6}\\.com",
            "https://[a-z]{2,6}\\.org/[a-z0-9]{1,6}",
            "\\[[a-z]{2,6}, [a-z]{2,6}\\]",
            "2025-0[1-9]-1[0-9]T0[1-9]:10:00Z",
            "10\\.0\\.[0-9]{1,3}\\.7(:[0-9]{2,4})?",
            "[a-z]{3}\\.[a-z]{3,6}\\.[A-Z][a-z]{2,5}",
            "\\{\"[a-z]{1,5}\": [0-9]{1,3}\\}",
            "user [a-z]{3,8}",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ];
        prop::collection::vec(part, 1..8).prop_map(|parts| parts.join(" "))
    }

    proptest! {
        /// Masking is done once it is done: with its values marked, a pattern has no more of them.
        #[test]
        fn a_pattern_holds_no_more_values(message in phrase()) {
            let (pattern, slots) = masked(&Masker::new(&[]).unwrap(), &message);
            let (mut marked, mut rest) = (String::new(), pattern.as_str());
            for (placeholder, _) in &slots {
                let (front, behind) = rest.split_once(placeholder.as_str()).unwrap();
                marked = marked + front + "\u{e000}";
                rest = behind;
            }
            marked.push_str(rest);
            let masker = Masker::new(&[("value".to_owned(), "\u{e000}".to_owned())]).unwrap();
            let (again, values) = masked(&masker, &marked);
            prop_assert!(values.len() <= slots.len(), "{} became {}", pattern, again);
        }

        #[test]
        fn the_canonical_text_has_the_pattern_of_the_message(message in phrase(), noise in ".{0,20}") {
            let masker = Masker::new(&[]).unwrap();
            let message = noise + " " + &message;
            let mut canon = masker.canon();
            canonicalize(&message, &mut canon);
            prop_assert_eq!(masked(&masker, canon.text()).0, masked(&masker, &message).0);
        }

        #[test]
        fn no_rule_finds_anything_without_a_character_it_needs(message in phrase(), noise in "[ -~]{0,30}") {
            let mut canon = Canon::new();
            canonicalize(&(noise + " " + &message), &mut canon);
            for (rule, needs) in rules::RULES.into_iter().filter(|(_, needs)| !needs.is_empty()) {
                let draft = Draft::new(&canon.text().replace(|char| needs.contains(char), " "));
                prop_assert!(rule(&draft).is_empty(), "{} in {}", needs, draft.text);
            }
        }

        #[test]
        fn any_text_has_a_pattern_and_each_placeholder_a_slot(message in ".{0,120}") {
            let (pattern, slots) = masked(&Masker::new(&[]).unwrap(), &message);
            prop_assert!(slots.iter().all(|(placeholder, _)| pattern.contains(placeholder.as_str())));
        }

        #[test]
        fn other_values_of_the_same_class_give_the_same_pattern(left in 0u64..99_999, right in 0u64..99_999, word in "[a-z]{3,9}") {
            let masker = Masker::new(&[]).unwrap();
            let message = |number: u64| format!("{word} {number} of req_{number}_x at 10.0.0.{number}: [{number}] k={number}");
            prop_assert_eq!(masked(&masker, &message(left)).0, masked(&masker, &message(right)).0);
        }
    }
}
