//! Ruby and Rails: backtraces with either style of quotes, with or without `from`.

use super::lines::{find, is_exception_name, is_number, is_type_name, lines};
use super::{Call, MOST_FRAMES, Raised, Stack};

/// Reads a backtrace; Ruby prints the innermost frame first.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    let mut raised = Raised::default();
    let mut head: Option<usize> = None;
    for (offset, line) in lines(text) {
        let bare = line.trim();
        if let Some((call, rest)) = call(bare) {
            if raised.frames.is_empty() && !rest.is_empty() {
                head = head.or(Some(offset));
                (raised.kind, raised.message) = said(rest);
            }
            if raised.frames.len() < MOST_FRAMES {
                raised.frames.push(call);
            }
        } else if bare.is_empty() {
            // Rails puts a line of blanks between the head and the frames.
        } else if !raised.frames.is_empty() {
            break;
        } else if let Some((kind, message)) = rails_head(bare) {
            (raised.kind, raised.message) = (kind, message);
            head = Some(offset);
        }
    }
    if raised.frames.len() < 2 && raised.kind.is_empty() {
        return None;
    }
    let preamble = head.and_then(|head| text.get(..head)).unwrap_or_else(|| {
        text.lines().find(|line| !line.trim().is_empty() && call(line.trim()).is_none()).unwrap_or_default()
    });
    Stack::new("ruby", preamble, vec![raised])
}

/// `NoMethodError (undefined method ...):` and `NoMethodError: undefined method ...`.
fn rails_head(line: &str) -> Option<(&str, &str)> {
    if let Some((kind, rest)) = line.split_once(" (")
        && is_type_name(kind)
        && (is_exception_name(kind) || kind.contains("::") || line.ends_with("):"))
    {
        return Some((kind, rest.trim_end_matches(':').trim_end_matches(')')));
    }
    let (kind, message) = line.split_once(": ")?;
    let kind = kind.rsplit(' ').next()?;
    is_exception_name(kind).then_some((kind, message))
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
    let at = find(line, ".rb:")? + 3;
    let (file, rest) = line.split_at_checked(at)?;
    let (number, rest) = rest.strip_prefix(':')?.split_once(":in ")?;
    let (function, rest) = rest.strip_prefix(['`', '\''])?.split_once('\'')?;
    if !is_number(number) {
        return None;
    }
    // Rails names the gem before the path: `actionpack (5.1.4) lib/...`.
    let gem = file.split_once(") ").filter(|(front, _)| front.contains(" ("));
    let path = gem.map_or(file, |(_, path)| path);
    let function = function.rsplit_once(" in ").map_or(function, |(_, method)| method);
    let in_app =
        gem.is_none() && !["/gems/", "/lib/ruby/", "/rubygems/", "<internal:"].iter().any(|part| path.contains(part));
    Some((Call { file: path, line: number, function, in_app }, rest.trim_start_matches(':').trim()))
}
