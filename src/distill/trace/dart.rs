//! Dart and Flutter: `#0  function (package:app/file.dart:12:5)`.

use super::lines::{is_exception_name, is_number, is_type_name, lines, split_location};
use super::{Call, MOST_FRAMES, Raised, Stack};

const HEADS: [&str; 2] = ["Unhandled exception:", "Unhandled Exception:"];

/// Reads a Dart trace; the innermost frame is `#0`.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    let mut raised = Raised::default();
    let mut start = None;
    let mut said: Option<(usize, &str)> = None;
    let mut announced = false;
    let mut thrown = "";
    for (offset, line) in lines(text) {
        let bare = line.trim();
        if let Some(call) = call(bare) {
            if raised.frames.len() < MOST_FRAMES {
                raised.frames.push(call);
            }
        } else if let Some(behind) = behind_head(bare).filter(|_| raised.frames.is_empty()) {
            announced = true;
            start = Some(offset);
            said = if behind.is_empty() { None } else { Some((offset, behind)) };
        } else if let Some(kind) = flutter_head(bare).filter(|_| raised.frames.is_empty()) {
            thrown = kind;
            announced = true;
            start = Some(offset);
            said = None;
        } else if said.is_none() && !announced && is_head(bare) {
            announced = true;
            said = Some((offset, bare));
        } else if raised.frames.is_empty() && !bare.is_empty() && (said.is_none() || !announced) {
            said = Some((offset, bare));
        } else if !raised.frames.is_empty() && !bare.is_empty() && bare != "<asynchronous suspension>" {
            break;
        }
    }
    let (offset, head) = said.unwrap_or((0, ""));
    (raised.kind, raised.message) = if thrown.is_empty() { split_head(head) } else { (thrown, head) };
    let preamble = text.get(..start.unwrap_or(offset)).unwrap_or_default();
    Stack::new("dart", preamble, vec![raised])
}

/// What follows `Unhandled exception:`, in Flutter behind the place in the engine that prints it.
fn behind_head(line: &str) -> Option<&str> {
    let behind = HEADS.iter().find_map(|head| line.strip_prefix(head));
    let in_engine = || line.strip_prefix("[ERROR:flutter")?.split_once(HEADS[1]).map(|(_, behind)| behind);
    behind.or_else(in_engine).map(str::trim)
}

/// The type in `The following _TypeError was thrown building Foo:`.
fn flutter_head(line: &str) -> Option<&str> {
    let (kind, rest) = line.strip_prefix("The following ")?.split_once(' ')?;
    (rest.starts_with("was thrown") && rest.ends_with(':')).then_some(kind)
}

/// Whether a line names an exception, so that those behind it belong to its message.
fn is_head(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(kind, _)| is_exception_name(kind))
}

/// Dart prints what an error says, not what it is; these are the words of its core library.
const ERRORS: &[(&str, &str)] = &[
    ("Bad state", "StateError"),
    ("Invalid argument", "ArgumentError"),
    ("Unsupported operation", "UnsupportedError"),
    ("Concurrent modification", "ConcurrentModificationError"),
    ("Assertion failed", "AssertionError"),
    ("Failed assertion", "AssertionError"),
    ("Stack Overflow", "StackOverflowError"),
    ("Out of Memory", "OutOfMemoryError"),
    ("Cannot instantiate abstract class", "AbstractClassInstantiationError"),
    ("Reading static variable", "CyclicInitializationError"),
    ("Switch case fall-through", "FallThroughError"),
    ("malformed type", "TypeError"),
    ("is not a subtype of", "TypeError"),
    ("Null check operator used on a null value", "TypeError"),
    ("LateInitializationError", "LateInitializationError"),
];

/// `FormatException: ...`, `Instance of 'MyError'`, `Bad state: ...`, `Stack Overflow`.
fn split_head(head: &str) -> (&str, &str) {
    if let Some(kind) = head.strip_prefix("Instance of '").and_then(|rest| rest.strip_suffix('\'')) {
        return (kind, head);
    }
    if let Some((_, kind)) = ERRORS.iter().find(|(words, _)| head.contains(words)) {
        return (kind, head.split_once(": ").map_or(head, |(_, message)| message));
    }
    if let Some((kind, message)) = head.split_once(':') {
        let name = kind.split_once(" (").map_or(kind, |(name, _)| name);
        let words = name.split(' ').count();
        if is_type_name(name) || words <= 2 && name.chars().all(|letter| letter.is_alphabetic() || letter == ' ') {
            return (name, message.trim());
        }
    }
    if is_exception_name(head) {
        return (head, "");
    }
    ("Error", head)
}

pub(super) fn call(line: &str) -> Option<Call<'_>> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let (function, place) = rest.trim().strip_suffix(')')?.rsplit_once(" (")?;
    let (file, line) = split_location(place).unwrap_or((place, ""));
    let is_dart = file.contains(".dart") || file.starts_with("dart:") || file.starts_with("package:");
    if !is_number(number) || !is_dart {
        return None;
    }
    let library = file.starts_with("dart:") || file.starts_with("package:flutter/") || file.contains("/.pub-cache/");
    Some(Call { file, line, function, in_app: !library })
}
