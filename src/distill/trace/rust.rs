//! Rust: panics and errors with a backtrace.

use super::lines::{find, is_number, lines, split_location};
use super::{Call, MOST_FRAMES, Raised, Stack};
use crate::model::plain_function;

/// What stands before the place of a panic.
pub(super) const PANICKED: &str = "panicked at ";

/// Whether a text begins as a panic does. Where its lines are entries of their own, the first one names the place.
pub(in crate::distill) fn is_head(text: &str) -> bool {
    text.starts_with("thread '") && find(text, PANICKED).is_some()
}

/// Reads the head of a panic without a backtrace: it happened where it says.
pub(super) fn head_alone(text: &str, at: usize) -> Option<Stack<'_>> {
    let said = text.get(at + PANICKED.len()..)?.lines().next()?.trim_end();
    let place = match said.strip_prefix('\'') {
        Some(old) => old.rsplit_once("', ")?.1,
        None => said.strip_suffix(':')?,
    };
    let (file, line) = split_location(place)?;
    if file.rsplit_once('.').is_none_or(|(_, ending)| ending != "rs") {
        return None;
    }
    let frames = vec![Call { file, line, function: "", in_app: in_app_file(file) }];
    let (start, kind, message) = head(text);
    let preamble = text.get(..start).unwrap_or_default();
    Stack::new("rust", preamble, vec![Raised { kind, message, frames, ..Raised::default() }])
}

/// Reads the backtrace whose head is at `start`.
pub(super) fn parse(text: &str, start: usize) -> Option<Stack<'_>> {
    let (front, back) = text.split_at_checked(start)?;
    let mut frames: Vec<Call<'_>> = Vec::new();
    for (_, line) in lines(back).skip(1) {
        let bare = line.trim();
        if let Some(place) = bare.strip_prefix("at ") {
            if let (Some(last), Some((file, number))) = (frames.last_mut(), split_location(place)) {
                (last.file, last.line) = (file, number);
                last.in_app = last.in_app && in_app_file(file);
            }
            continue;
        }
        let Some((number, function)) = bare.split_once(": ") else { continue };
        if is_number(number) && frames.len() < MOST_FRAMES {
            let function = without_address(function);
            frames.push(Call { file: "", line: "", function, in_app: in_app(function) });
        }
    }
    // What unwinds, and what of the core library called it, is not where it happened.
    if let Some(machinery) = frames.iter().rposition(|call| unwinds(&plain_function(call.function))) {
        let calling = frames.iter().skip(machinery + 1);
        let callers = calling.take_while(|call| unwraps(&plain_function(call.function))).count();
        frames.drain(..=machinery + callers);
    }
    // An optimised program may leave no frame of its own; its panic says the place.
    if frames.iter().all(|call| !call.in_app)
        && let Some(told) = front.find(PANICKED).and_then(|at| head_alone(front, at))
        && (frames.is_empty() || told.raised.iter().any(Raised::is_in_app))
    {
        return Some(told);
    }
    let (start, kind, message) = head(front);
    let preamble = text.get(..start).unwrap_or_default();
    Stack::new("rust", preamble, vec![Raised { kind, message, frames, ..Raised::default() }])
}

fn head(front: &str) -> (usize, &'static str, &str) {
    let Some(at) = front.find(PANICKED) else {
        let start = front.find("Error: ").unwrap_or_default();
        let message = front.get(start..).unwrap_or_default().trim_start_matches("Error: ");
        return (start, "Error", message.lines().next().unwrap_or_default());
    };
    let start = front.get(..at).and_then(|before| before.rfind("thread '")).unwrap_or(at);
    let said = front.get(at + PANICKED.len()..).unwrap_or_default();
    let message = match said.strip_prefix('\'') {
        Some(old) => old.rsplit_once("', ").map_or(old, |(message, _)| message),
        None => said.lines().nth(1).unwrap_or_default(),
    };
    (start, "panic", message.trim())
}

/// The name of a frame: a full backtrace puts its address before it.
pub(super) fn without_address(function: &str) -> &str {
    let function = function.trim();
    function.split_once(" - ").filter(|(front, _)| front.starts_with("0x")).map_or(function, |(_, name)| name)
}

/// Whether a function belongs to what a panic sets off; what catches one is far below the place of the panic.
fn unwinds(function: &str) -> bool {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| function.starts_with(prefix));
    !begins(&["std::panicking::try", "std::panicking::catch_unwind"])
        && begins(&[
            "rust_begin_unwind",
            "__rustc::rust_begin_unwind",
            "core::panicking::",
            "std::panicking::",
            "std::rt::begin_panic",
        ])
}

/// Whether a function is of the two types whose methods panic for their caller.
fn unwraps(function: &str) -> bool {
    let function = function.trim_start_matches('<');
    function.starts_with("core::option::") || function.starts_with("core::result::")
}

fn in_app(function: &str) -> bool {
    let function = plain_function(function);
    let function = function.trim_start_matches(['<', '&']);
    ![
        "std::",
        "core::",
        "alloc::",
        "rust_",
        "__rust",
        "tokio::",
        "hyper::",
        "futures",
        "tower::",
        "axum::",
        "backtrace::",
        "anyhow::",
        "_start",
        "__libc",
        "main",
        "clone",
        "clone3",
        "start_thread",
        "unknown>",
    ]
    .iter()
    .any(|library| {
        function.starts_with(library)
            && (library.ends_with("::")
                || function.len() == library.len()
                || library.starts_with('_')
                || library.ends_with('_')
                || *library == "futures")
    })
}

fn in_app_file(file: &str) -> bool {
    !["/rustc/", "/.cargo/registry/", "/cargo/registry/", "/cargo/git/"].iter().any(|part| file.contains(part))
}
