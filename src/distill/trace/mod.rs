//! The text of a stack trace in any of ten languages in, exception type, frames and a stable grouping text out.
//!
//! Numbers may be masked already: wherever a trace has a number, any token without letters passes for one.

mod at;
mod dart;
mod elixir;
mod go;
mod in_app;
mod line;
mod lines;
mod minified;
mod pattern;
mod php;
mod python;
mod ruby;
mod rust;
mod throwable;

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::model::{Exception, Frame};

pub(super) use line::is_line;
pub use line::{goes_on, indented};
pub use pattern::trace_pattern;
pub(super) use rust::is_head;

/// Longer texts are read up to here; Google cuts entries at 256 KB.
const LONGEST_TEXT: usize = 256 * 1024;
/// Frames and exceptions beyond these are left out.
const MOST_FRAMES: usize = 1_000;
const MOST_RAISED: usize = 32;
/// Frames kept for display.
const SHOWN_FRAMES: usize = 60;
/// Of them those of a cause that has no frame in the application.
const SHOWN_OF_CAUSE: usize = 8;
const LONGEST_MESSAGE: usize = 4_000;

/// One call as the trace names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Call<'a> {
    file: &'a str,
    line: &'a str,
    function: &'a str,
    in_app: bool,
}

/// One exception with its frames, innermost first.
#[derive(Clone, Debug, Default)]
struct Raised<'a> {
    kind: &'a str,
    /// What Node writes behind the type: `ERR_STREAM_DESTROYED`.
    code: &'a str,
    message: &'a str,
    frames: Vec<Call<'a>>,
}

impl Raised<'_> {
    fn is_in_app(&self) -> bool {
        self.frames.iter().any(|call| call.in_app)
    }
}

/// A whole trace.
#[derive(Clone, Debug)]
struct Stack<'a> {
    language: &'static str,
    /// What stands before the trace in the same text.
    preamble: &'a str,
    /// The innermost exception first.
    raised: Vec<Raised<'a>>,
}

impl<'a> Stack<'a> {
    /// A stack, if at least one frame was found.
    fn new(language: &'static str, preamble: &'a str, mut raised: Vec<Raised<'a>>) -> Option<Self> {
        raised.truncate(MOST_RAISED);
        let framed = raised.iter().any(|raised| !raised.frames.is_empty());
        framed.then(|| Self { language, preamble: preamble.trim(), raised })
    }
}

/// What shows cheaply that a text of several lines may hold a trace. None of the first five can begin inside another
/// mark. Short marks would make the search slow, so `\n#` is looked for apart.
const MARKS: [&str; 10] = [
    "Traceback (most recent call last)",
    "ack backtrace:",
    ".go:",
    ".rb:",
    elixir::HEAD,
    rust::PANICKED,
    "\tat ",
    "  at ",
    "\n at ",
    "goroutine ",
];

/// Only for the leftmost match, many bytes are compared at once.
static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok());

/// The text itself, newlines restored if they were escaped, if it holds a stack trace.
///
/// Ordinary messages are out after a look for a line break.
pub(super) fn whole(text: &str) -> Option<Cow<'_, str>> {
    let text = unfold(text)?;
    stack(&text)?;
    Some(text)
}

/// Reads the trace in a text.
pub fn parse(text: &str) -> Option<Exception> {
    let text = unfold(text)?;
    stack(&text).map(|stack| exception(&stack))
}

/// Whether a trace already says what its message says.
pub(super) fn repeats(trace: &str, message: &str) -> bool {
    let message = message.trim();
    let said = |text: &str| text.is_empty() || trace.contains(text);
    said(message) || message.split_once(": ").is_some_and(|(kind, rest)| said(kind) && said(rest))
}

/// The text with real line breaks, `None` if it has no second line and needs none.
fn unfold(text: &str) -> Option<Cow<'_, str>> {
    let text = cut(text);
    if memchr::memchr(b'\n', text.as_bytes()).is_some() || is_head(text) {
        return Some(Cow::Borrowed(text));
    }
    memchr::memchr(b'\\', text.as_bytes())?;
    lines::find(text, "\\n")?;
    Some(Cow::Owned(text.replace("\\r", "").replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"")))
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Asks the languages in turn, the ones with unmistakable marks first.
fn stack(text: &str) -> Option<Stack<'_>> {
    let mut starts = [None; MARKS.len()];
    for mark in SEARCH.as_ref()?.find_iter(text) {
        if let Some(start) = starts.get_mut(mark.pattern().as_usize()) {
            *start = start.or(Some(mark.start()));
        }
    }
    let begins_line = |at: usize| text.get(..at).is_some_and(|front| front.ends_with('\n'));
    let numbered = memchr::memchr_iter(b'#', text.as_bytes()).find(|at| begins_line(*at));
    if starts.iter().all(Option::is_none) && numbered.is_none() {
        return None;
    }
    let [traceback, backtrace, go_file, ruby_file, elixir_head, panicked, ..] = starts;
    traceback
        .and_then(|start| python::parse(text, start))
        .or_else(|| rust::parse(text, backtrace?))
        .or_else(|| elixir_head.and_then(|_| elixir::parse(text)))
        .or_else(|| numbered.and_then(|_| dart::parse(text)))
        .or_else(|| throwable::parse(text))
        .or_else(|| go_file.and_then(|_| go::parse(text)))
        .or_else(|| numbered.and_then(|_| php::parse(text)))
        .or_else(|| ruby_file.and_then(|_| ruby::parse(text)))
        .or_else(|| rust::head_alone(text, panicked?))
}

fn exception(stack: &Stack<'_>) -> Exception {
    let innermost = stack.raised.first();
    Exception {
        kind: innermost.map(|raised| raised.kind.to_owned()).unwrap_or_default(),
        message: innermost
            .map(|raised| raised.message.trim().chars().take(LONGEST_MESSAGE).collect())
            .unwrap_or_default(),
        language: stack.language.to_owned(),
        frames: shown(&stack.raised).take(SHOWN_FRAMES).map(frame).collect(),
        across_entries: false,
        chain: stack.raised.iter().skip(1).map(|raised| raised.kind.to_owned()).collect(),
    }
}

/// The frames that tell where it happened: of the first exception with a frame of the application, and above them the
/// innermost ones of its causes, which libraries threw alone.
fn shown<'s, 'a>(raised: &'s [Raised<'a>]) -> impl Iterator<Item = &'s Call<'a>> {
    let at = raised.iter().position(Raised::is_in_app);
    let (causes, rest) = raised.split_at_checked(at.unwrap_or_default()).unwrap_or((&[], raised));
    let telling = if at.is_some() { rest.first() } else { rest.iter().find(|raised| !raised.frames.is_empty()) };
    let above = causes.iter().flat_map(|raised| raised.frames.iter().take(SHOWN_OF_CAUSE));
    above.chain(telling.into_iter().flat_map(|raised| &raised.frames))
}

fn frame(call: &Call<'_>) -> Frame {
    Frame {
        file: call.file.to_owned(),
        line: call.line.parse().ok(),
        function: call.function.to_owned(),
        in_app: call.in_app,
    }
}

#[cfg(test)]
mod tests;
