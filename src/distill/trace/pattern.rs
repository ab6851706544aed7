//! A whole trace text in, a grouping text out that does not change with lines, addresses, versions or depth.
//!
//! After Error Reporting: exception type and the five top frames of the application, of the innermost exception. A
//! message that came with the trace stands before them; the exception's own message does not enter.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::distill::canon::{Canon, canonicalize};
use crate::distill::mask::Masker;
use crate::model::{is_minified, plain_function};

use super::in_app::is_generated;
use super::minified::{is_of_engine, without_variable};
use super::{Call, Raised, Stack, stack, unfold};

/// Frames that decide.
const TOP_FRAMES: usize = 5;
/// Frames looked at to fold recursion.
const FOLDED_FRAMES: usize = 400;
/// The longest run of frames that is recognised as repeating.
const LONGEST_CYCLE: usize = 8;
const LONGEST_PREAMBLE: usize = 300;
/// As much of it is searched for what the exceptions say.
const SEARCHED_PREAMBLE: usize = 2_000;

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
    let preamble = masked(&without_messages(start_of(preamble, SEARCHED_PREAMBLE), &stack.raised));
    if preamble.chars().any(char::is_alphabetic) {
        text.push_str(preamble.trim_end_matches(':'));
        text.push_str(": ");
    }
    text.push_str(&stable(kind, LONGEST_PREAMBLE));
    if ENVIRONMENT.iter().any(|name| kind.ends_with(name)) {
        return text;
    }
    let Top { names, minified } =
        top(&stack.raised, innermost.is_some_and(|one| is_of_engine(one.kind, stack.language)));
    if !names.is_empty() {
        text.push_str(&said_of(stack));
    }
    for (index, name) in names.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{name}", if index == 0 { " at " } else { " < " });
    }
    // Frames without a function name do not tell one failure from another.
    let unnamed = |raised: &Raised<'_>| raised.frames.iter().all(|call| call.function.is_empty());
    let of_php = |raised: &Raised<'_>| stack.language == "php" && unnamed(raised);
    if let Some(raised) = innermost.filter(|raised| names.is_empty() || minified || of_php(raised)) {
        let said = if minified { without_variable(raised.message) } else { raised.message };
        let _ = write!(text, ": {}", masked(said));
    }
    text
}

/// What tells failures of one type and place apart: a code behind the type; what is said, where the type says nothing; the
/// exception that the application saw, where it saw another.
fn said_of(stack: &Stack<'_>) -> String {
    let mut said = String::new();
    let raised = &stack.raised;
    let Some(innermost) = raised.first() else { return said };
    if !innermost.code.is_empty() {
        let _ = write!(said, " [{}]", stable(innermost.code, LONGEST_PREAMBLE));
    } else if let Some(message) = constant(innermost, stack.language) {
        let _ = write!(said, " ({message})");
    }
    let seen = raised.iter().position(Raised::is_in_app).and_then(|at| raised.get(at));
    if let Some(seen) =
        seen.filter(|seen| !innermost.is_in_app() && !seen.kind.is_empty() && seen.kind != innermost.kind)
    {
        let _ = write!(said, " as {}", stable(seen.kind, LONGEST_PREAMBLE));
    }
    said
}

/// What runtimes say when they give up; everything else behind `panic` is what a program says, with values in it.
const RUNTIME: &[&str] = &[
    "runtime error: ",
    "interface conversion: ",
    "assignment to entry in nil map",
    "send on closed channel",
    "close of ",
    "called `",
    "index out of bounds",
    "attempt to ",
];

/// Why calls of processes fail in Elixir; everything else behind `EXIT` is a term, with values in it.
const EXITS: &[&str] = &["no process", "no connection", "time out", "normal", "shutdown", "killed"];

/// The constant part of a message, where the type is none and a runtime or a library chose the words: of its own code the
/// place tells enough, and its messages hold names.
fn constant(raised: &Raised<'_>, language: &str) -> Option<String> {
    let message = raised.message.lines().next().unwrap_or_default().trim();
    let thrown_by_library = raised.frames.first().is_some_and(|call| !call.in_app);
    let chosen = match raised.kind {
        "panic" => {
            let unnamed = raised.frames.iter().all(|call| call.function.is_empty());
            unnamed || RUNTIME.iter().any(|words| message.starts_with(words))
        }
        "fatal error" => true,
        "EXIT" => EXITS.iter().any(|words| message.starts_with(words)),
        "Error" | "error" => language == "node" && thrown_by_library,
        _ => false,
    };
    let code = || message.split([' ', ':']).find(|word| is_code(word));
    (chosen && !message.is_empty()).then(|| code().map_or_else(|| masked(message), str::to_owned))
}

/// `ECONNREFUSED`, `PERMISSION_DENIED`: names of errors, which no value is in.
fn is_code(word: &str) -> bool {
    let shouted = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && word.len() > 4;
    shouted && (word.starts_with('E') || word.contains('_'))
}

/// A message shorter than this may be any word of the line that came with the trace.
const LEAST_MESSAGE: usize = 8;

/// The line before a trace without what the exceptions say: their messages hold values.
fn without_messages<'a>(preamble: &'a str, raised: &[Raised<'_>]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(preamble);
    for raised in raised {
        let message = raised.message.lines().next().unwrap_or_default().trim();
        if message.is_empty() {
            continue;
        }
        let kind = raised.kind;
        let short = kind.rsplit(['.', ':', '\\']).next().unwrap_or(kind);
        for kind in [kind, short] {
            if kind.is_empty() || !text.contains(kind) {
                continue;
            }
            for (open, close) in [(": ", ""), ("('", "')"), ("(\"", "\")"), ("(", ")")] {
                replace(&mut text, &format!("{kind}{open}{message}{close}"));
            }
        }
        if message.len() >= LEAST_MESSAGE {
            replace(&mut text, message);
        }
    }
    text
}

/// Puts a number, which will be masked, in the place of `said` wherever that stands as a whole.
fn replace(text: &mut Cow<'_, str>, said: &str) {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(said)).map(|at| from + at) {
        let end = at + said.len();
        let glued = |letter: Option<char>, own: Option<char>| {
            letter.is_some_and(char::is_alphanumeric) && own.is_some_and(char::is_alphanumeric)
        };
        let front = text.get(..at).filter(|front| !ends_in_colour(front)).and_then(|front| front.chars().next_back());
        let behind = text.get(end..).and_then(|rest| rest.chars().next());
        if glued(front, said.chars().next()) || glued(behind, said.chars().next_back()) {
            from = end;
        } else {
            text.to_mut().replace_range(at..end, "7");
            from = at + 1;
        }
    }
}

/// Whether a text ends in what makes a terminal change its colour.
fn ends_in_colour(text: &str) -> bool {
    let code = text.rsplit_once("\u{1b}[").and_then(|(_, code)| code.strip_suffix('m'));
    code.is_some_and(|code| !code.contains(char::is_alphabetic))
}

/// The built-in masks.
static MASKER: LazyLock<Option<Masker>> = LazyLock::new(|| Masker::new(&[]).ok());

/// So many characters of a text.
fn start_of(text: &str, longest: usize) -> &str {
    let end = text.char_indices().map(|(at, _)| at).nth(longest).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// A message with every value as `<*>`: digits may be gone already, so that types would lie.
fn masked(message: &str) -> String {
    let mut canon = Canon::new();
    canonicalize(start_of(message, LONGEST_PREAMBLE), &mut canon);
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

/// What the top frames are called.
struct Top {
    names: Vec<String>,
    /// Whether names that a minifier gave were left out.
    minified: bool,
}

/// The names of the top frames: of the innermost exception that has frames of the application, else of the innermost.
///
/// Where the words of the exception are those of an engine, they tell what names that change with every build do not.
fn top(raised: &[Raised<'_>], of_engine: bool) -> Top {
    let in_app = raised.iter().find(|raised| raised.is_in_app());
    let any = raised.iter().find(|raised| !raised.frames.is_empty());
    let mut names: Vec<String> = Vec::new();
    let mut bundle: Option<String> = None;
    for call in in_app.or(any).into_iter().flat_map(|raised| &raised.frames) {
        if in_app.is_some() && !call.in_app || is_generated(call.function, call.file) {
            continue;
        }
        if of_engine && is_minified(call.function, call.file) {
            bundle.get_or_insert_with(|| name(&Call { function: "", ..*call }));
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
    let minified = bundle.is_some();
    if names.is_empty() {
        names.extend(bundle.filter(|bundle| bundle.contains(char::is_alphabetic)));
    }
    Top { names, minified }
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
    let stem = without_hash(base.rsplit_once('.').map_or(base, |(stem, _)| stem));
    // Files of these names are many; their folder tells them apart.
    let module = match (&*stem, parts.next()) {
        ("__init__" | "__main__" | "index" | "main" | "mod" | "app" | "server", Some(folder)) if !folder.is_empty() => {
            Cow::Owned(format!("{folder}/{stem}"))
        }
        _ => stem,
    };
    let text = if function.is_empty() { module.into_owned() } else { format!("{module}.{function}") };
    stable(&text, 160)
}

/// `main.abcdefab` of `main.abcdefab.js`: a bundler's hash is none the less one where it happens to have no figure.
fn without_hash(stem: &str) -> Cow<'_, str> {
    let is_hash = |word: &str| word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    match stem.rfind(['.', '-']).and_then(|at| stem.split_at_checked(at + 1)) {
        Some((name, hash)) if is_hash(hash) => Cow::Owned(format!("{name}<*>")),
        _ => Cow::Borrowed(stem),
    }
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
        let hex = digits > 0 && word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let variable = hex || digits * 2 >= word.len().max(1) || digits >= 4 || word.contains(char::is_control);
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
