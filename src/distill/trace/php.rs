//! PHP: uncaught errors and exceptions turned into text.

use super::lines::{is_number, is_type_name, lines};
use super::{Call, MOST_FRAMES, Raised, Stack};

/// A head goes over so many lines at most.
const LONGEST_HEAD: usize = 8;

/// Reads a PHP trace: `#0 file(line): callee()`. The frame above `#0` is where it was thrown.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    let mut raised: Vec<Raised<'_>> = Vec::new();
    let mut current = Raised::default();
    let mut start = None;
    let mut framed = None;
    // Where the next frame stands; its function is the callee of the frame before.
    let mut place = ("", "");
    // Where a head begins whose end is still to come, and how many lines it has.
    let mut open: Option<(usize, usize)> = None;
    for (offset, line) in lines(text) {
        let bare = line.trim();
        if let Some((next, callee)) = call(bare) {
            framed = framed.or(Some(offset));
            if current.frames.len() < MOST_FRAMES {
                current.frames.push(frame(place, callee));
            }
            place = next;
            open = None;
            continue;
        }
        let (from, count) = open.take().unwrap_or((offset + line.len() - line.trim_start().len(), 0));
        let said = text.get(from..offset + line.len()).unwrap_or_default().trim_end();
        // What a line before it left open may not have been the beginning of a head.
        let alone = || head(bare).filter(|_| count > 0).map(|found| (offset + line.len() - bare.len(), found));
        if let Some((from, (at, kind, message, thrown))) = head(said).map(|found| (from, found)).or_else(alone) {
            if !current.frames.is_empty() || !current.kind.is_empty() {
                raised.push(std::mem::take(&mut current));
            }
            start = start.or(Some(from + at));
            (current.kind, current.message, place) = (kind, message, thrown);
        } else if count < LONGEST_HEAD
            && !said.is_empty()
            && (count > 0 || said.contains("Uncaught ") || said.contains(LOGGED))
        {
            open = Some((from, count + 1));
        }
    }
    raised.push(current);
    // Monolog prints the cause behind what it caused.
    if text.contains(LOGGED) {
        raised.reverse();
    }
    let counted = |raised: &Vec<Raised<'_>>| raised.iter().map(|raised| raised.frames.len()).sum::<usize>();
    let start = start.or(framed.filter(|_| counted(&raised) > 1))?;
    Stack::new("php", text.get(..start).unwrap_or_default(), raised)
}

fn frame<'a>(place: (&'a str, &'a str), callee: &'a str) -> Call<'a> {
    let file = place.0;
    let library = file.is_empty() || file.contains("/vendor/") || file.starts_with('[');
    // What turns errors into exceptions is called by the runtime, from the place of the error.
    let handler = callee.ends_with("handleError");
    Call { file, line: place.1, function: callee, in_app: !library && !handler }
}

/// `#1 /path/a.php(20): Foo->bar('x')`, `#2 {main}`, `#0 [internal function]: f()`.
pub(super) fn call(line: &str) -> Option<((&str, &str), &str)> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    if !is_number(number) {
        return None;
    }
    if rest.starts_with("{main}") {
        return Some((("", ""), "{main}"));
    }
    let (place, callee) = rest.split_once(": ")?;
    let callee = callee.split('(').next().unwrap_or(callee);
    match place.strip_suffix(')').and_then(|place| place.rsplit_once('(')) {
        Some((file, line)) if is_number(line) => Some(((file, line), callee)),
        _ => (place == "[internal function]").then_some(((place, ""), callee)),
    }
}

type Head<'a> = (usize, &'a str, &'a str, (&'a str, &'a str));

/// `PHP Fatal error:  Uncaught Foo: message in /a.php:3`, `exception 'Foo' with message 'x' in /a.php:3`, `Next Foo: ...`.
fn head(line: &str) -> Option<Head<'_>> {
    if let Some(at) = line.find(LOGGED) {
        return logged(line, at);
    }
    let start = line.find("PHP ").filter(|_| line.contains("error:")).unwrap_or_default();
    if let Some(at) = line.find("exception '") {
        let (kind, rest) = line.get(at + "exception '".len()..)?.split_once('\'')?;
        let message = rest.strip_prefix(" with message '")?;
        let (message, place) = message.rsplit_once("' in ")?;
        return Some((if start > 0 || line.starts_with("PHP ") { start } else { at }, kind, message, location(place)));
    }
    let at = line.find("Uncaught ").map(|at| at + "Uncaught ".len());
    let at = at.or_else(|| line.starts_with("Next ").then_some("Next ".len())).unwrap_or_default();
    let (kind, rest) = line.get(at..)?.split_once(": ")?;
    let (message, place) = rest.rsplit_once(" in ")?;
    let (file, number) = place.rsplit_once(':')?;
    (is_type_name(kind) && file.contains(".php") && is_number(number)).then_some((
        if at > 0 { start } else { 0 },
        kind,
        message,
        (file, number),
    ))
}

/// How Monolog begins an exception among the values of a record.
const LOGGED: &str = "[object] (";

/// `[object] (Foo(code: 0): message at /a.php:3)`, inside of the JSON behind a message.
fn logged(line: &str, at: usize) -> Option<Head<'_>> {
    let (kind, rest) = line.get(at + LOGGED.len()..)?.split_once("(code: ")?;
    let (_, rest) = rest.split_once("): ")?;
    let (message, place) = rest.rsplit_once(" at ")?;
    let (file, number) = place.split(')').next()?.rsplit_once(':')?;
    let before = line.get(..at).and_then(|front| front.find(" {\"")).unwrap_or(at);
    (is_type_name(kind) && file.contains(".php") && is_number(number)).then_some((
        before,
        kind,
        message,
        (file, number),
    ))
}

fn location(place: &str) -> (&str, &str) {
    place.rsplit_once(':').filter(|(_, line)| is_number(line)).unwrap_or((place, ""))
}
