//! Maps and collections as languages print them in, what they hold out.

use std::sync::LazyLock;

use regex::Regex;

use super::{closing, compiled, is_word, pattern};
use crate::distill::mask::Kind;
use crate::distill::mask::draft::{Draft, Found};
use crate::distill::words;

pattern!(PAIR, r#"^['"]?[A-Za-z_][A-Za-z0-9_.-]*['"]?(?:=>?|:)"#);

/// `{a=b, c=d}`, `{"a"=>"b"}`, `map[a:b c:d]`: keys and values as languages print them. Which keys there are does not
/// tell, as with JSON; those that tell what happened stay.
pub(super) fn maps(draft: &Draft) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (at, bracket) in draft.text.match_indices(['{', '[']).take(64) {
        let head = draft.text.get(..at).and_then(|head| head.strip_suffix("map"));
        let named = head.is_some_and(|head| !head.ends_with(is_word));
        let inside = found.last().is_some_and(|last| at < last.outer.1);
        if inside || (bracket == "[" && !named) {
            continue;
        }
        let Some(end) = closing(&draft.text, at) else { continue };
        let inner = draft.text.get(at + 1..end).unwrap_or_default();
        if is_map(inner) || (named && inner.is_empty()) {
            found.push(Found::new(Kind::Any, if named { at - "map".len() } else { at }..end + 1));
        }
    }
    found
}

/// Whether all parts between commas or blanks are a key with its value, none of which tells what happened.
fn is_map(inner: &str) -> bool {
    let Some(pair) = PAIR.as_ref() else { return false };
    let key = |part: &str| pair.find(part).map(|key| key.as_str().trim_matches(is_mark).to_owned());
    let aside = |part: &str| part.starts_with('(') && part.ends_with(')');
    let pairs = |parts: &[&str]| {
        let keys = parts.iter().filter(|part| key(part).is_some()).count();
        // `{main.go:17}` is a place.
        let enough = keys > 1 || parts.iter().any(|part| keys > 0 && part.contains(['=', '"', '\'']));
        enough && parts.iter().all(|part| key(part).is_some() || aside(part))
    };
    let (listed, apart) = (parts(inner, &[',', ';']), parts(inner, &[' ', ',', ';']));
    // Keys of maps within it as well.
    let tells = || inner.split([' ', ',', ';', '{', '(', '[']).any(|part| key(part).is_some_and(|key| says_why(&key)));
    ((listed.len() > 1 && pairs(&listed)) || pairs(&apart)) && !tells()
}

/// Whether the value of `key` says what happened or why: `errorMessage` and `statusText` as well as `error` and `status`.
fn says_why(key: &str) -> bool {
    const PARTS: [&str; 7] = ["err", "msg", "message", "reason", "cause", "exception", "status"];
    let lower = key.to_ascii_lowercase();
    words::tells_the_event(key) || PARTS.iter().any(|part| lower.contains(part))
}

/// What stands around a key.
fn is_mark(char: char) -> bool {
    matches!(char, '\'' | '"' | '=' | '>' | ':')
}

/// The parts of `text` between `marks` outside of brackets, without blanks around them.
fn parts<'t>(text: &'t str, marks: &[char]) -> Vec<&'t str> {
    let mut depth = 0usize;
    text.split(|char: char| {
        match char {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && marks.contains(&char)
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
    .collect()
}

pattern!(
    COLLECTION,
    r"\b(?:Set|HashSet|List|Seq|Vector|Array|ArrayBuffer|ListBuffer|WrappedArray|Map|HashMap|TreeMap)\("
);

/// `Set(a, b)`, `Map()`: collections as Scala prints them, whatever they hold.
pub(super) fn collections(draft: &Draft) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let Some(collection) = COLLECTION.as_ref() else { return found };
    for open in collection.find_iter(&draft.text).map(|open| open.end() - 1) {
        let inside = found.last().is_some_and(|last| open < last.outer.1);
        if let (false, Some(end)) = (inside, closing(&draft.text, open)) {
            found.push(Found::new(Kind::List, open + 1..end));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::mask::rules::tests::assert_patterns;

    #[test]
    fn which_keys_a_printed_map_has_does_not_tell() {
        assert_patterns(&[
            ("topic with {a=b, n=5} made", "topic with <*> made"),
            ("Parameters: {\"id\"=>\"8\", \"x\"=>{\"y\"=>\"z\"}}", "Parameters: <*>"),
            ("labels map[a:b c:d] and map[]", "labels <*> and <*>"),
            ("got {a: x y, b: c} now", "got <*> now"),
            ("START {act=a.b flg=0x1 (has extras)} now", "START <*> now"),
            ("[{main.go:17}] up", "[{main.go:<num>}] up"),
            ("node {Type:Ready Count:5} now", "node {Type:Ready Count:<num>} now"),
            ("got {n=5, of={error=lost}} now", "got {n=<num>, of={error=lost}} now"),
            ("got {n=5, errorMessage=lost} now", "got {n=<num>, errorMessage=<str>} now"),
            ("for (i in list) { a; b = 5 }", "for (i in list) { a; b = <num> }"),
        ]);
    }

    #[test]
    fn what_a_collection_holds_is_a_list() {
        assert_patterns(&[
            ("views Set(a, b) of Set() to List(c)", "views Set(<list>) of Set(<list>) to List(<list>)"),
            ("Map(a -> List(b)) left", "Map(<list>) left"),
            ("OffSet(a, b) left", "OffSet(a, b) left"),
        ]);
    }

    #[test]
    fn every_expression_compiles() {
        assert!(PAIR.is_some() && COLLECTION.is_some());
    }
}
