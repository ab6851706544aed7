//! Ruby and Rails: backtraces with either style of quotes, with or without `from`.

use super::lines::{is_exception_name, is_number, is_type_name, lines, rsplit_once, split_once};
use super::{Call, MOST_FRAMES, Raised, Stack};

/// What files of Ruby end with: templates are compiled to methods.
const SOURCES: [&str; 7] = [".rb", ".erb", ".haml", ".slim", ".rake", ".ru", ".jbuilder"];

/// A message goes over so many lines at most, the source text that Ruby shows below it included.
const LONGEST_MESSAGE: usize = 20;

/// At so many places of a line a type is looked for.
const MOST_HEADS: usize = 8;

/// Reads a backtrace; Ruby prints the innermost frame first, and the cause behind what it caused.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    let mut before = Vec::new();
    let mut raised = Raised::default();
    let mut head: Option<usize> = None;
    let tags = tags(text);
    // How many lines of the message stand behind the first frame, which ends with the first line of it.
    let mut said_lines = None;
    for (offset, line) in lines(text) {
        let bare = line.trim_start().strip_prefix(tags).unwrap_or(line).trim();
        if let Some((call, rest)) = call(bare) {
            let (kind, message) = said(rest);
            said_lines = (!kind.is_empty()).then_some(0);
            if raised.frames.is_empty() && !rest.is_empty() {
                head = head.or(Some(offset));
                (raised.kind, raised.message) = (kind, message);
            } else if !kind.is_empty() {
                before.push(std::mem::replace(&mut raised, Raised { kind, message, ..Raised::default() }));
            }
            if raised.frames.len() < MOST_FRAMES {
                raised.frames.push(call);
            }
        } else if bare.is_empty() {
            // Rails puts a line of blanks between the head and the frames.
        } else if let Some(count) = said_lines.as_mut().filter(|count| **count < LONGEST_MESSAGE) {
            *count += 1;
        } else if !raised.frames.is_empty() {
            break;
        } else if let Some((before, kind, message)) = rails_head(bare) {
            (raised.kind, raised.message) = (kind, message);
            head = Some(offset + before);
        }
    }
    if before.is_empty() && raised.frames.len() < 2 && raised.kind.is_empty() {
        return None;
    }
    let preamble = head.and_then(|head| text.get(..head)).unwrap_or_else(|| {
        text.lines().find(|line| !line.trim().is_empty() && call(line.trim()).is_none()).unwrap_or_default()
    });
    before.push(raised);
    before.reverse();
    Stack::new("ruby", preamble, before)
}

/// What a tagged logger puts before every line: `[4f1c2b1e] [web] `.
fn tags(text: &str) -> &str {
    let mut rest = text.trim_start();
    let whole = rest;
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once("] ")) {
        rest = behind;
    }
    whole.get(..whole.len() - rest.len()).unwrap_or_default().trim_end()
}

/// `NoMethodError (undefined method ...):` and `NoMethodError: undefined method ...`, and how much of a logger's head stands
/// before them.
fn rails_head(line: &str) -> Option<(usize, &str, &str)> {
    let closed = line.ends_with("):");
    // Loggers may put words and parentheses of their own before the type.
    for at in memchr::memmem::find_iter(line.as_bytes(), " (").take(MOST_HEADS) {
        let Some((front, rest)) = line.split_at_checked(at) else { continue };
        let kind = front.rsplit(' ').next().unwrap_or(front);
        let named = is_exception_name(kind) || kind.contains("::");
        if is_type_name(kind) && if kind == front { named || closed } else { named && closed } {
            let message = rest.trim_start_matches(' ').strip_prefix('(').unwrap_or(rest);
            return Some((front.len() - kind.len(), kind, message.trim_end_matches(':').trim_end_matches(')')));
        }
    }
    let heads = memchr::memmem::find_iter(line.as_bytes(), ": ").take(MOST_HEADS);
    heads.filter_map(|at| Some((line.get(..at)?, line.get(at + 2..)?))).find_map(|(front, message)| {
        let kind = front.rsplit(' ').next()?;
        is_exception_name(kind).then_some((front.len() - kind.len(), kind, message))
    })
}

/// `message (NoMethodError)` behind the first frame.
fn said(rest: &str) -> (&str, &str) {
    match rest.rsplit_once(" (") {
        Some((message, kind)) if kind.ends_with(')') => (kind.trim_end_matches(')'), message),
        _ => rest.split_once(": ").filter(|(kind, _)| is_type_name(kind)).unwrap_or(("", rest)),
    }
}

/// Whether a line is a frame and says nothing more.
pub(super) fn is_frame(line: &str) -> bool {
    call(line).is_some_and(|(_, rest)| rest.is_empty())
}

/// ``from path.rb:12:in `method'``; what follows the first frame is the message.
fn call(line: &str) -> Option<(Call<'_>, &str)> {
    let line = line.strip_prefix("from ").unwrap_or(line);
    let (place, rest) = split_once(line, ":in ")?;
    let (file, number) = rsplit_once(place, ":")?;
    let (function, rest) = rest.strip_prefix(['`', '\''])?.split_once('\'')?;
    if !is_number(number) || !SOURCES.iter().any(|ending| file.ends_with(ending)) {
        return None;
    }
    // Rails names the gem before the path: `actionpack (5.1.4) lib/...`.
    let gem = file.split_once(") ").filter(|(front, _)| front.contains(" ("));
    let path = file.rsplit(' ').next().unwrap_or(file);
    let function = function.rsplit_once(" in ").map_or(function, |(_, method)| method);
    // The methods that templates are compiled to end in numbers.
    let function = function.split_once("___").map_or(function, |(template, _)| template);
    let in_app =
        gem.is_none() && !["/gems/", "/lib/ruby/", "/rubygems/", "<internal:"].iter().any(|part| path.contains(part));
    Some((Call { file: path, line: number, function, in_app }, rest.trim_start_matches(':').trim()))
}
