//! A whole trace text in, a grouping text out that does not change with lines, addresses, versions or depth.
//!
//! After Error Reporting: exception type and the five top frames of the application, of the innermost exception. A
//! message that came with the trace stands before them; the exception's own message does not enter.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::distill::canon::{Canon, canonicalize};
use crate::distill::mask::Masker;

use super::{Call, Raised, Stack, stack, unfold};

/// Frames that decide.
const TOP_FRAMES: usize = 5;
/// Frames looked at to fold recursion.
const FOLDED_FRAMES: usize = 400;
/// The longest run of frames that is recognised as repeating.
const LONGEST_CYCLE: usize = 8;
const LONGEST_PREAMBLE: usize = 300;

/// Exceptions that say that the environment gave up; where it did is chance.
const ENVIRONMENT: &[&str] = &[
    "CancellationException",
    "DeadlineExceededError",
    "DeadlineExceededException",
    "HardDeadlineExceededError",
    "DatastoreTimeoutException",
    "DatastoreFailureException",
];

/// The text that traces of the same failure share: `KeyError at handlers.route < server.loop`.
pub fn trace_pattern(text: &str) -> String {
    match unfold(text).as_deref().and_then(|text| stack(text).map(|stack| of_stack(&stack))) {
        Some(pattern) => pattern,
        None => masked(text.trim().lines().next().unwrap_or_default()),
    }
}

fn of_stack(stack: &Stack<'_>) -> String {
    let innermost = stack.raised.first();
    let kind = innermost.map_or("", |raised| raised.kind);
    let kind = if kind.is_empty() { "error" } else { kind };
    let mut text = String::new();
    let preamble = stack.preamble.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let preamble = masked(preamble);
    if preamble.chars().any(char::is_alphabetic) {
        text.push_str(preamble.trim_end_matches(':'));
        text.push_str(": ");
    }
    text.push_str(&stable(kind, LONGEST_PREAMBLE));
    if ENVIRONMENT.iter().any(|name| kind.ends_with(name)) {
        return text;
    }
    let names = top(&stack.raised);
    for (index, name) in names.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{name}", if index == 0 { " at " } else { " < " });
    }
    // Frames without a function name do not tell one failure from another.
    if let Some(raised) = innermost.filter(|_| names.is_empty()) {
        let _ = write!(text, ": {}", masked(raised.message));
    }
    text
}

/// The built-in masks.
static MASKER: LazyLock<Option<Masker>> = LazyLock::new(|| Masker::new(&[]).ok());

/// A message with every value as `<*>`: digits may be gone already, so that types would lie.
fn masked(message: &str) -> String {
    let mut canon = Canon::new();
    let end = message.char_indices().map(|(at, _)| at).nth(LONGEST_PREAMBLE).unwrap_or(message.len());
    canonicalize(message.get(..end).unwrap_or_default(), &mut canon);
    let Some(masker) = MASKER.as_ref() else { return canon.text().to_owned() };
    let said = masker.mask(&canon);
    let (mut text, mut rest) = (String::new(), said.pattern.as_str());
    for slot in &said.slots {
        let Some((front, behind)) = rest.split_once(slot.placeholder.as_str()) else { continue };
        text.push_str(front);
        text.push_str("<*>");
        rest = behind;
    }
    text + rest
}

/// The names of the top frames: of the innermost exception that has frames of the application, else of the innermost.
fn top(raised: &[Raised<'_>]) -> Vec<String> {
    let in_app = raised.iter().find(|raised| raised.frames.iter().any(|call| call.in_app));
    let any = raised.iter().find(|raised| !raised.frames.is_empty());
    let mut names: Vec<String> = Vec::new();
    for call in in_app.or(any).into_iter().flat_map(|raised| &raised.frames) {
        if in_app.is_some() && !call.in_app {
            continue;
        }
        let name = name(call);
        if name.is_empty() {
            continue;
        }
        names.push(name);
        fold(&mut names);
        if names.len() >= FOLDED_FRAMES {
            break;
        }
    }
    names.truncate(TOP_FRAMES);
    names
}

/// Drops the last run of frames when it repeats the one before it.
fn fold(names: &mut Vec<String>) {
    for cycle in 1..=LONGEST_CYCLE.min(names.len() / 2) {
        let (front, last) = names.split_at(names.len() - cycle);
        if front.ends_with(last) {
            names.truncate(names.len() - cycle);
            return;
        }
    }
}

/// A frame as `module.function`, without what compilers and versions add.
fn name(call: &Call<'_>) -> String {
    let function = plain_function(call.function);
    let qualified = function.contains('.') || function.contains("::") || function.contains("->");
    if qualified && !function.starts_with(['<', '(']) || call.file.is_empty() {
        return stable(&function, 160);
    }
    let mut parts = call.file.rsplit(['/', '\\']);
    let base = parts.next().unwrap_or_default();
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    // Files of these names are many; their folder tells them apart.
    let module = match (stem, parts.next()) {
        ("__init__" | "__main__" | "index" | "main" | "mod" | "app" | "server", Some(folder)) if !folder.is_empty() => {
            Cow::Owned(format!("{folder}/{stem}"))
        }
        _ => Cow::Borrowed(stem),
    };
    let text = if function.is_empty() { module.into_owned() } else { format!("{module}.{function}") };
    stable(&text, 160)
}

/// Lambdas, closures and state machines carry numbers that the compiler chose.
fn plain_function(function: &str) -> Cow<'_, str> {
    if let Some((class, rest)) = function.split_once("lambda$")
        && let Some(method) = rest.split('$').next()
    {
        return Cow::Owned(format!("{class}{method}"));
    }
    // `Ns.Class.<Method>d__2.MoveNext` is the compiled form of `Ns.Class.Method`.
    if let Some((class, rest)) = function.split_once(".<")
        && let Some((method, _)) = rest
            .split_once(">d__")
            .or_else(|| rest.split_once(".MoveNext").and_then(|(front, _)| front.split_once('>')))
    {
        return Cow::Owned(format!("{class}.{method}"));
    }
    // Closures are numbered in the order in which they stand in the function: `main.work.func2.1`.
    if let Some((path, number)) = function.split_once(".func")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte.is_ascii_control())
    {
        return Cow::Owned(format!("{path}.func"));
    }
    // `path::function::h0123456789abcdef` ends in a hash.
    if let Some((path, hash)) = function.rsplit_once("::h")
        && (hash.len() == 16 || hash.chars().any(char::is_control))
    {
        return Cow::Borrowed(path);
    }
    Cow::Borrowed(function)
}

/// Times and versions are several numbers; they become one placeholder.
fn push_placeholder(text: &mut String) {
    let glued = text.strip_suffix(['-', ':', '.', ',', '/', ' ', '+']).is_some_and(|front| front.ends_with("<*>"));
    if glued {
        text.pop();
    } else {
        text.push_str("<*>");
    }
}

/// The text with numbers, addresses, long ids and masked bytes as `<*>`.
fn stable(text: &str, longest: usize) -> String {
    let mut stable = String::with_capacity(text.len().min(longest));
    for piece in
        text.split_inclusive(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter.is_control()))
    {
        let word =
            piece.trim_end_matches(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter.is_control()));
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let variable = digits * 2 >= word.len().max(1) || digits >= 4 || word.contains(char::is_control);
        if !word.is_empty() && variable {
            push_placeholder(&mut stable);
        } else {
            stable.push_str(word);
        }
        stable.push_str(piece.get(word.len()..).unwrap_or_default());
        if stable.len() >= longest {
            break;
        }
    }
    stable
}
