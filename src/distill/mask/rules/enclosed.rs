//! What stands in brackets or quotes in, the values among it out.

use std::sync::LazyLock;

use regex::Regex;

use super::{before, behind, closing, compiled, finds, is_detail, is_word, pattern};
use crate::distill::mask::draft::{Draft, Found, SLOT};
use crate::distill::mask::{Kind, json};
use crate::distill::words;
use crate::model::OUTCOMES;

pub(super) fn embedded_json(draft: &Draft) -> Vec<Found> {
    let mut found = Vec::new();
    let (mut at, mut tries) = (0, 0);
    while let Some(next) = memchr::memchr2(b'{', b'[', draft.text.as_bytes().get(at..).unwrap_or_default()) {
        let start = at + next;
        at = start + 1;
        let Some(rest) = draft.text.get(start..) else { continue };
        match json::shape(rest) {
            Some((shape, length)) => {
                found.push(Found::new(Kind::Json(shape), start..start + length));
                at = start + length;
            }
            None => tries += 1,
        }
        if tries > 32 {
            break;
        }
    }
    found
}

pattern!(REDACTED, r"(?i)[\[<({]?\b(?:redacted|masked|filtered|hidden|secret)\b[\])>}]?|\bx{4,}\b");

/// `[REDACTED]`, `<masked>`, `REDACTED`, `XXXXXX`: what others have left of a value.
pub(super) fn redacted(draft: &Draft) -> Vec<Found> {
    finds(&REDACTED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let closed = whole.as_str().ends_with([']', ')', '>', '}']) && whole.as_str().starts_with(['[', '(', '<', '{']);
        let loud = whole.as_str() == "REDACTED" || whole.as_str().bytes().all(|byte| matches!(byte, b'x' | b'X'));
        (closed || loud).then(|| Found::new(Kind::Any, whole.range()))
    })
}

pattern!(QUOTED_VALUE, r#"([A-Za-z_][A-Za-z_0.-]*)(?:=|: ?)("(?:[^"\\]|\\.)*"|"[^"]*"|'[^']*')"#);

pub(super) fn quoted_values(draft: &Draft) -> Vec<Found> {
    finds(&QUOTED_VALUE, &draft.text, |captures| {
        let (key, value) = (captures.get(1)?, captures.get(2)?);
        let stays = words::quotes_the_event(key.as_str()) && !is_detail(key.as_str(), &draft.text);
        (!stays && !is_outcome(draft, key.range(), value.as_str())).then(|| Found {
            kind: Kind::Str,
            outer: (value.start(), value.end()),
            inner: (value.start() + 1, value.end() - 1),
        })
    })
}

/// `finished with status: 'timeout'`: how something ended, in words, is what is said of it.
fn is_outcome(draft: &Draft, key: std::ops::Range<usize>, value: &str) -> bool {
    let is_plain = |char: char| char.is_alphabetic() || char == ' ' || char == '-';
    let inner = value.trim_matches(['"', '\'']);
    let said = draft.text.get(..key.start).is_some_and(|before| before.ends_with(" with "));
    let prose = draft.text.get(key.end..).is_some_and(|rest| rest.starts_with(':'));
    let plain = inner.chars().all(is_plain) && (1..=2).contains(&inner.split_whitespace().count());
    said && prose && plain && words::tells_the_event(draft.text.get(key).unwrap_or_default())
}

pattern!(LIST, r"\[([^\[\]=;{}()]+(?:, ?[^\[\]=;{}(),]+){2,}|[^\s\[\]=;{}(),:]+, ?[^\s\[\]=;{}(),:]+)\]");
/// Longer items are texts, of pairs and of more; counted in the expression, they would make it slow to compile.
const LONGEST_OF_PAIR: usize = 40;
const LONGEST_ITEM: usize = 60;

pub(super) fn lists(draft: &Draft) -> Vec<Found> {
    finds(&LIST, &draft.text, |captures| {
        let items = captures.get(1)?;
        let is_pair = items.as_str().matches(',').count() == 1;
        let longest = if is_pair { LONGEST_OF_PAIR } else { LONGEST_ITEM };
        let short = items.as_str().split(',').all(|item| item.trim().len() <= longest);
        short.then(|| Found::new(Kind::List, items.range()))
    })
}

pattern!(KEYED_LIST, r"([A-Za-z_][A-Za-z0-9_.-]*)=\[([^\[\]\x01][^\[\]]*|\x01[^\[\]]+)\]");
/// Longer lists are texts; counted in the expression, they would make it slow to compile.
const LONGEST_KEYED: usize = 200;

/// `replicas=[a b c]`: what stands in the brackets of a key, however many there are.
pub(super) fn keyed_lists(draft: &Draft) -> Vec<Found> {
    finds(&KEYED_LIST, &draft.text, |captures| {
        let (key, items) = (captures.get(1)?, captures.get(2)?);
        let stays = words::tells_the_event(key.as_str()) && !is_detail(key.as_str(), &draft.text);
        (!stays && items.as_str().chars().count() <= LONGEST_KEYED).then(|| Found::new(Kind::List, items.range()))
    })
}

pattern!(
    QUOTED,
    r#"\\+"([^"\\\s]*)\\+"|"((?:[^"\\\s]|\\\S)*)"|"([^"\s]+)"|'([^'\s]*)'|`([^`'\s]+)[`']|‘([^‘’\s]+)’|“([^“”\s]+)”"#
);

pub(super) fn quoted_tokens(draft: &Draft) -> Vec<Found> {
    finds(&QUOTED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let inner = captures.iter().skip(1).flatten().next()?;
        let glued = before(&draft.text, whole.start()).is_some_and(is_word);
        let empty = inner.as_str().is_empty() && is_empty_value(&draft.text, whole.range());
        let text = !inner.as_str().chars().all(char::is_alphabetic) && inner.as_str() != "\u{1}";
        let stays = key_of(&draft.text, whole.start()).is_some_and(words::quotes_the_event)
            || is_result(&draft.text, whole.start(), inner.as_str());
        ((text || empty) && !glued && !stays).then(|| Found::new(Kind::Str, inner.range()))
    })
}

/// `failed with result 'exit-code'`: how something ended.
fn is_result(text: &str, quote: usize, inner: &str) -> bool {
    let plain = inner.chars().all(|char| char.is_alphabetic() || char == '-');
    let ends =
        |head: &str| OUTCOMES.iter().any(|key| head.strip_suffix(key).is_some_and(|head| head.ends_with(" with ")));
    plain && text.get(..quote).and_then(|head| head.strip_suffix(' ')).is_some_and(ends)
}

/// The key of what begins at `at`: `key=..`, `key: ..`.
fn key_of(text: &str, at: usize) -> Option<&str> {
    let head = text.get(..at)?;
    let named = head.strip_suffix('=').or_else(|| head.strip_suffix(": ")).or_else(|| head.strip_suffix(':'))?;
    named.rsplit(|char: char| !char.is_ascii_alphanumeric() && !"_.-".contains(char)).next()
}

/// Whether a pair of quotes says that there is no value: it is no quote within a text that is quoted itself.
fn is_empty_value(text: &str, pair: std::ops::Range<usize>) -> bool {
    let quote = |char: char| "'\"\\".contains(char);
    let left = before(text, pair.start).is_some_and(quote);
    let right = behind(text, pair.end).is_some_and(|char| quote(char) || is_word(char));
    !left && !right
}

pattern!(RECORD, r"\{(?:0a|0000000a|Id0|0e0|[a-f]{0,5}0|[a-f]{6,8})[\s}]");

/// `Window{3f2a91c u0 com.example/.Main}`: a record that begins with its number; what it holds is one value.
pub(super) fn braced_records(draft: &Draft) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let Some(record) = RECORD.as_ref() else { return found };
    for start in record.find_iter(&draft.text).map(|start| start.start()) {
        let inside = found.last().is_some_and(|last| start < last.outer.1);
        let named = before(&draft.text, start).is_some_and(is_word);
        if let (true, Some(end)) = (named && !inside, closing(&draft.text, start)) {
            found.push(Found::new(Kind::Any, start + 1..end));
        }
    }
    found
}

/// `name=com.example", next=`: a quote that closes nothing belongs to the value before it.
pub(super) fn stray_quotes(draft: &Draft) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, (at, _)) in draft.text.match_indices('"').enumerate() {
        let closes = number % 2 == 1;
        let ends = behind(&draft.text, at + 1).is_none_or(|char| " ,;)".contains(char));
        if before(&draft.text, at) == Some(SLOT) && ends && !closes {
            found.push(Found::new(Kind::Str, at - SLOT.len_utf8()..at + 1));
        }
    }
    if draft.text.matches('"').count() % 2 == 1 { found } else { Vec::new() }
}

pattern!(BRACKETED_VALUE, r"\([A-Za-z_][A-Za-z0-9_.-]*=([^()=,;]+)\)");
/// Longer values are texts; counted in the expression, they would make it slow to compile.
const LONGEST_BRACKETED: usize = 100;

/// `(name=Orders - main)`: the only value in brackets ends with them.
pub(super) fn bracketed_values(draft: &Draft) -> Vec<Found> {
    finds(&BRACKETED_VALUE, &draft.text, |captures| {
        let value = captures.get(1)?;
        let is_text = value.as_str().chars().count() > LONGEST_BRACKETED;
        (!is_text && value.as_str() != "\u{1}").then(|| Found::new(Kind::Str, value.range()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::mask::rules::tests::assert_patterns;

    #[test]
    fn what_a_line_quotes_as_its_event_stays() {
        assert_patterns(&[
            (r#"level=info msg="starting...""#, r#"level=info msg="starting...""#),
            (r#"level=info msg="shutdown-complete" id="a-b""#, r#"level=info msg="shutdown-complete" id=<str>"#),
            (r#"msg="http2:error""#, r#"msg="http2:error""#),
            (r#"reason: "image-gone" of "image-7""#, r#"reason: "image-gone" of "<str>""#),
            (r#"moved "image-gone""#, r#"moved "<str>""#),
        ]);
    }

    #[test]
    fn how_something_ended_stays() {
        assert_patterns(&[
            ("took 9 ms, finished with status: 'timeout'", "took <dur>, finished with status: 'timeout'"),
            (
                "took 9 ms, finished with status: 'connection error'",
                "took <dur>, finished with status: 'connection error'",
            ),
            ("ended with result: \"lost\"", "ended with result: \"lost\""),
            ("ended with result: 'job-7'", "ended with result: <str>"),
            ("ended with name: 'anna'", "ended with name: <str>"),
            ("status: 'idle', name: 'anna'", "status: <str>, name: <str>"),
            ("ended with status='idle'", "ended with status=<str>"),
            ("Failed with result 'exit-code'.", "Failed with result 'exit-code'."),
            ("Failed with result 'job-7'.", "Failed with result '<str>'."),
            ("Failed with name 'exit-code'.", "Failed with name '<str>'."),
        ]);
    }

    #[test]
    fn an_escaped_quote_ends_nothing() {
        assert_patterns(&[
            (r#"msg="Pull \"a/b-c\"""#, r#"msg="Pull \"<str>\"""#),
            (r#"msg="Pull \"a/b-c\" returns \"x-7\"""#, r#"msg="Pull \"<str>\" returns \"<str>\"""#),
            (r#"note="he said \"no\" twice" n=5"#, "note=<str> n=<num>"),
            (r#"dir="C:\logs\" n=5"#, "dir=<str> n=<num>"),
        ]);
    }

    #[test]
    fn quotes_of_any_make_hold_a_value() {
        assert_patterns(&[
            (r#"err="no \"a\": \"pull \\\"b:1\\\"\"" n=5"#, r#"err="no \"a\": \"pull \\\"<str>\\\"\"" n=<num>"#),
            ("Job `cron.daily' is over", "Job `<str>' is over"),
            ("Job `a` is `b.c` over", "Job `a` is `<str>` over"),
        ]);
    }

    #[test]
    fn a_record_may_begin_with_letters_alone() {
        assert_patterns(&[
            ("Window{ebcefee u0 a/.B} x", "Window{<*>} x"),
            ("Window{beef u0} x", "Window{beef <id>} x"),
        ]);
    }

    #[test]
    fn quotes_with_nothing_in_them_hold_a_value() {
        assert_patterns(&[
            ("context path '' set", "context path '<str>' set"),
            ("context path '/api' set", "context path '<str>' set"),
            ("channel \"\" is idle", "channel \"<str>\" is idle"),
            ("it''s so", "it''s so"),
            ("with ‘x-1’ and “a.b”", "with ‘<str>’ and “<str>”"),
            ("it isn’t so", "it isn’t so"),
        ]);
    }

    #[test]
    fn the_brackets_of_a_key_hold_a_list() {
        assert_patterns(&[
            ("replicas=[a b c] x", "replicas=[<list>] x"),
            ("replicas=[] x", "replicas=[] x"),
            ("state=[DOWN] x", "state=[DOWN] x"),
            ("pods [a b c] x", "pods [a b c] x"),
        ]);
        let long = format!("words=[{}] x", "so ".repeat(80));
        assert_patterns(&[(&long, &long)]);
    }

    #[test]
    fn every_expression_compiles() {
        for pattern in [&REDACTED, &QUOTED_VALUE, &LIST, &KEYED_LIST, &QUOTED, &RECORD, &BRACKETED_VALUE] {
            assert!(pattern.is_some());
        }
    }
}
