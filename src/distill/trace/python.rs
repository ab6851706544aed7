//! Python's tracebacks, chained ones and exception groups included.

use super::lines::{find, is_number, lines, passes, split_once};
use super::{Call, MOST_FRAMES, Raised, Stack};

const HEAD: &str = "Traceback (most recent call last)";

/// Names of types are shorter: a line without blanks that is longer may be one of a key that a statement holds.
const LONGEST_NAME: usize = 48;

struct Open<'a> {
    /// Whether its lines stand behind the margin that groups have.
    in_margin: bool,
    /// How far they are indented, behind the margin where there is one.
    indent: usize,
    group: bool,
    raised: Raised<'a>,
}

/// Reads a traceback; the exception printed first is the cause of those after it, except for groups, which are
/// printed before what they hold. The first head is at `start`.
pub(super) fn parse(text: &str, start: usize) -> Option<Stack<'_>> {
    let mut raised = Vec::new();
    let mut groups = Vec::new();
    let mut open: Option<Open<'_>> = None;
    for (offset, line) in lines(text) {
        if let Some(at) = find(line, HEAD) {
            close(open.take(), &mut raised, &mut groups);
            let prefix = line.get(..at).unwrap_or_default();
            let group = prefix.trim_end().ends_with("Exception Group");
            let prefix = prefix.trim_end_matches("Exception Group ");
            let only_marks = prefix.bytes().all(is_margin);
            let in_margin = only_marks && prefix.contains(['|', '+']);
            let indent = if only_marks { indentation(prefix, in_margin) } else { 0 };
            open = Some(Open { in_margin, indent, group, raised: Raised::default() });
            continue;
        }
        let Some(current) = open.as_mut() else { continue };
        let bare = line.trim_start_matches([' ', '\t', '|', '+']);
        let indent = line.get(..line.len() - bare.len()).map_or(0, |front| indentation(front, current.in_margin));
        if let Some(call) = call(bare) {
            if current.raised.frames.len() < MOST_FRAMES {
                current.raised.frames.push(call);
            }
        } else if indent <= current.indent && !bare.is_empty() && !current.raised.frames.is_empty() {
            let (kind, message) = head(bare);
            let below = text.get(offset + line.len()..).unwrap_or_default();
            let (code, message) = of_rpc(message, below).unwrap_or(("", message));
            let message = of_validation(message, text, offset + line.len()).unwrap_or(message);
            (current.raised.kind, current.raised.code, current.raised.message) = (kind, code, message);
            close(open.take(), &mut raised, &mut groups);
        }
    }
    close(open, &mut raised, &mut groups);
    raised.append(&mut groups);
    let front = text.get(..start).unwrap_or_default();
    Stack::new("python", front.trim_end().trim_end_matches("Exception Group").trim_end_matches([' ', '+', '|']), raised)
}

fn is_margin(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'|' | b'+')
}

/// How long the front of a line is, behind the last sign of the margin where there is one.
fn indentation(front: &str, in_margin: bool) -> usize {
    if in_margin { front.rsplit(['|', '+']).next().map_or(0, str::len) } else { front.len() }
}

fn close<'a>(open: Option<Open<'a>>, raised: &mut Vec<Raised<'a>>, groups: &mut Vec<Raised<'a>>) {
    let Some(mut open) = open else { return };
    if open.raised.frames.is_empty() && open.raised.kind.is_empty() {
        return;
    }
    open.raised.frames.reverse();
    if open.group { groups.push(open.raised) } else { raised.push(open.raised) }
}

/// `KeyError: 'x'`; some exceptions print their type alone.
fn head(line: &str) -> (&str, &str) {
    match line.split_once(':') {
        Some((kind, message)) if !kind.contains(' ') => (kind, message.trim()),
        _ if !line.contains(' ') && line.split('.').all(|name| name.len() <= LONGEST_NAME) => (line, ""),
        _ => ("", line),
    }
}

/// What gRPC says below `<_InactiveRpcError of RPC that terminated with:`: `status = StatusCode.UNAVAILABLE`, and in the line
/// behind it `details = "connection refused"`.
fn of_rpc<'a>(message: &str, below: &'a str) -> Option<(&'a str, &'a str)> {
    if !message.ends_with("of RPC that terminated with:") {
        return None;
    }
    let mut said = below.lines().map(str::trim).filter(|line| !line.is_empty());
    let code = said.next()?.strip_prefix("status = ")?.trim_start_matches("StatusCode.");
    let details = said.next()?.strip_prefix("details = \"")?;
    Some((code, details.strip_suffix('"').unwrap_or(details)))
}

/// `1 validation error for Settings` with the two lines below it, which name the first field and what is wrong with it. What
/// stands in brackets behind that is data. The line ends at `end`.
fn of_validation<'a>(message: &'a str, text: &'a str, end: usize) -> Option<&'a str> {
    let (_, rest) = message.split_once(" validation error")?;
    let start = end.checked_sub(message.len())?;
    if !(rest.starts_with(" for ") || rest.starts_with("s for ")) || text.get(start..end) != Some(message) {
        return None;
    }
    let mut below = text.get(end..)?.split_inclusive('\n').skip(1);
    let (field, wrong) = (below.next()?, below.next()?);
    let said = wrong.split_once(" [type=").or_else(|| wrong.split_once(" (type=")).map(|(said, _)| said)?;
    let first = text.get(end..)?.find('\n')? + 1;
    text.get(start..end + first + field.len() + said.len())
}

/// `File "x", line 1, in f`; syntax errors name no function.
pub(super) fn call(line: &str) -> Option<Call<'_>> {
    let (file, rest) = line.strip_prefix("File \"")?.split_once('"')?;
    let rest = rest.strip_prefix(", line ")?;
    let (line, function) = split_once(rest, ", in ").unwrap_or((rest, ""));
    let line = line.trim();
    is_number(line).then(|| Call { file, line, function: function.trim(), in_app: in_app(file) })
}

fn in_app(file: &str) -> bool {
    let library = ["/site-packages/", "/dist-packages/", "/third_party/", "/_vendor/"];
    if file.starts_with('<') || passes(file, &library) || find(file, "\\site-packages\\").is_some() {
        return false;
    }
    // The standard library stands right below lib/python3.x; the version may be masked.
    let below = split_once(file, "/lib/").map_or("", |(_, rest)| rest);
    // On Windows it stands in the folder lib of Python3x.
    let windows = split_once(file, "\\lib\\").or_else(|| split_once(file, "\\Lib\\"));
    let home = windows.and_then(|(front, _)| front.rsplit('\\').next()).unwrap_or_default();
    let is_mask = |letter: char| letter.is_control() || letter == '<';
    let is_library = below.starts_with("python")
        || below.starts_with(is_mask)
        || home.starts_with("Python")
        || home.starts_with("python")
        || home.contains(is_mask);
    !is_library
}
