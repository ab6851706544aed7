//! Traces of Java, Kotlin, Scala, Node, browsers and .NET: a head, then lines that begin with `at`.

use super::at::{Language, frame};
use super::lines::{find, is_exception_name, is_type_name, lines};
use super::{MOST_FRAMES, Raised, Stack};

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    language: Option<Language>,
    /// Whether frames name the archives that libraries come from.
    archived: bool,
    /// Exceptions in the order they are printed.
    raised: Vec<Raised<'a>>,
    /// Heads of .NET exceptions whose frames are still to come, outermost first.
    waiting: Vec<(&'a str, &'a str)>,
    current: Raised<'a>,
    /// Offset of the head.
    head: Option<usize>,
    /// The line before the frames, where it names no type by the look of it, and its offset.
    above: Option<(usize, &'a str)>,
    nested: bool,
    /// Whose frames are left out.
    aside: Aside,
    /// How many objects of Node's properties are open.
    open: usize,
    /// Whether Node tells next where a call was made.
    call_site: bool,
}

/// Exceptions beside the one that is told.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Aside {
    #[default]
    None,
    /// What stands below a cause all of whose frames Java left out.
    Rest,
    /// Java's suppressed ones, with the indentation of the first.
    Suppressed(usize),
    /// Where Reactor says an operator was assembled; the frames of all stand below.
    Assembly,
    /// Values of properties, and all but the first of an `AggregateError`.
    Property,
    /// The first of an `AggregateError` comes next.
    Errors,
    /// All but the first of .NET's `AggregateException`, and how many of them are open within each other.
    Inner(usize),
}

/// Reads a trace whose frames begin with `at`.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    if !text.contains("at ") {
        return None;
    }
    let mut reader = Reader { text, archived: find(text, "[classes").is_some(), ..Reader::default() };
    let mut blank = 0;
    for (offset, line) in lines(text) {
        let bare = line.trim();
        if bare.is_empty() {
            blank += 1;
            continue;
        }
        if !reader.line(offset, line, bare, blank) {
            break;
        }
        blank = 0;
    }
    reader.finish(text)
}

impl<'a> Reader<'a> {
    /// Takes one line; false when the trace has ended.
    fn line(&mut self, offset: usize, line: &'a str, bare: &'a str, blank: usize) -> bool {
        if matches!(self.aside, Aside::Inner(_)) || bare.starts_with("---> (Inner Exception") {
            self.further_inner(bare);
            return true;
        }
        if self.aside == Aside::Assembly && !bare.starts_with("Caused by: ") {
            self.assembly(bare);
            return true;
        }
        let call = bare.strip_prefix("at ").or_else(|| bare.strip_prefix("eval at "));
        // Errors in a list of Node's are parted by commas.
        let call = call.map(|call| if self.open > 0 { call.trim_end_matches(',') } else { call });
        if let Some((language, call)) = call.and_then(|call| frame(call, self.language, self.archived)) {
            self.name_it();
            self.say_it(offset);
            self.language = self.language.or(language);
            if self.aside == Aside::None && self.current.frames.len() < MOST_FRAMES {
                self.current.frames.push(call);
            }
            self.open += usize::from(bare.ends_with(" {"));
            return true;
        }
        let cause = ["Caused by: ", "caused by: ", "[cause]: "].iter().find_map(|word| bare.strip_prefix(word));
        if let Some(cause) = cause {
            self.cause(cause, indent(line));
            return true;
        }
        if bare.starts_with("Suppressed: ") {
            // One inside another's belongs to the outer one.
            if !matches!(self.aside, Aside::Suppressed(_)) {
                let assembly = bare.contains("OnAssemblyException");
                self.aside = if assembly { Aside::Assembly } else { Aside::Suppressed(indent(line)) };
            }
            return true;
        }
        if bare.starts_with("--- End of inner exception") {
            self.end_of_inner();
            return true;
        }
        if self.open > 0 {
            self.property(bare);
            return true;
        }
        self.call_site |= bare == "for call at";
        if is_connector(bare) {
            self.omission(bare);
            return true;
        }
        if self.current.frames.is_empty() && self.raised.is_empty() {
            self.head_line(offset, line, bare);
            return true;
        }
        // A message of several lines, blank ones among them, may stand between a cause and its frames.
        self.current.frames.is_empty() && (blank == 0 || self.aside != Aside::Rest && !is_head(bare))
    }

    fn cause(&mut self, cause: &'a str, indent: usize) {
        match self.aside {
            // The cause of a suppressed exception stands below it.
            Aside::Suppressed(least) if least > 0 && indent >= least => return,
            _ => self.aside = Aside::None,
        }
        // gRPC for Node ends with the place of the call as if that were a cause.
        if std::mem::take(&mut self.call_site) && cause == "Error" {
            return;
        }
        self.close();
        (self.current.kind, self.current.code, self.current.message) = split_head(cause);
    }

    /// A line of where Reactor says that an operator was assembled. The first frames are told once more below it, with all
    /// that follow.
    fn assembly(&mut self, bare: &str) {
        if bare == "Original Stack Trace:" {
            self.current.frames.clear();
            self.aside = Aside::None;
        }
    }

    /// Java leaves out the frames that a cause shares with what it caused.
    fn omission(&mut self, bare: &str) {
        let is_whole = self.current.frames.is_empty() && !self.raised.is_empty();
        if self.aside == Aside::None && is_whole && bare.starts_with("... ") {
            self.aside = Aside::Rest;
        }
    }

    /// A line of what Node prints behind the frames: properties of the error.
    fn property(&mut self, bare: &'a str) {
        if bare.starts_with(['}', ']']) {
            self.open -= 1;
        }
        if bare.ends_with(['{', '[']) {
            self.open += 1;
        }
        if bare == "[errors]: [" {
            self.aside = Aside::Errors;
        } else if self.aside == Aside::Errors
            && let Some((0, kind, code, message)) = find_type(bare)
        {
            self.close();
            (self.current.kind, self.current.code, self.current.message) = (kind, code, message);
            self.aside = Aside::None;
        } else {
            self.aside = Aside::Property;
        }
    }

    /// Where no line looked like the head of a trace, the one right above the first frame may name a type of any name.
    fn name_it(&mut self) {
        let Some((offset, line)) = self.above.take() else { return };
        let start = introduction(line);
        let Some((kind, message)) = line.get(start..).and_then(|head| head.split_once(": ")) else { return };
        if self.head.is_none() && is_plain_type(kind) {
            self.head = Some(offset + start);
            (self.current.kind, self.current.message) = (kind, message);
        }
    }

    /// Where nothing stands behind the type, the message stands below it, up to the first frame, as Prisma writes it.
    fn say_it(&mut self, frames: usize) {
        let first = self.current.frames.is_empty() && self.raised.is_empty() && self.waiting.is_empty();
        if first && self.current.message.is_empty() {
            let below = self.head.and_then(|head| self.text.get(head..frames)?.split_once('\n'));
            self.current.message = below.map(|(_, below)| below.trim()).unwrap_or_default();
        }
    }

    fn close(&mut self) {
        if !self.current.frames.is_empty() || !self.current.kind.is_empty() {
            self.raised.push(std::mem::take(&mut self.current));
        }
    }

    /// .NET prints the innermost exception's frames first; the heads stand in one line, outermost first.
    fn end_of_inner(&mut self) {
        let done = std::mem::take(&mut self.current);
        self.raised.push(done);
        if let Some((kind, message)) = self.waiting.pop() {
            (self.current.kind, self.current.message) = (kind, message);
        }
    }

    /// A line of what .NET prints of further inner exceptions, each from `---> (Inner Exception #1)` to `<---`.
    fn further_inner(&mut self, bare: &str) {
        let before = if let Aside::Inner(open) = self.aside { open } else { 0 };
        let begun = usize::from(bare.starts_with("---> (Inner Exception"));
        let ended = (bare.len() - bare.trim_end_matches("<---").len()) / "<---".len();
        let open = (before + begun).saturating_sub(ended);
        self.aside = if open > 0 { Aside::Inner(open) } else { Aside::None };
    }

    fn head_line(&mut self, offset: usize, line: &'a str, bare: &'a str) {
        if let Some(inner) = bare.strip_prefix("---> ") {
            self.waiting.push((self.current.kind, self.current.message));
            (self.current.kind, self.current.code, self.current.message) = split_head(inner);
            return;
        }
        if bare.ends_with("nested exception is:") {
            self.nested = true;
            return;
        }
        let Some((at, kind, code, rest)) = find_type(bare) else {
            self.above = Some((offset + indent(line), bare));
            return;
        };
        let first = at == introduction(bare);
        if self.nested {
            self.nested = false;
            self.raised.push(Raised { kind: self.current.kind, message: self.current.message, ..Raised::default() });
        } else if self.head.is_some() && !first {
            return;
        } else {
            self.head = Some(offset + indent(line) + at);
        }
        let mut heads = rest.split(" ---> ");
        self.current = Raised { kind, code, message: heads.next().unwrap_or_default(), frames: Vec::new() };
        for inner in heads {
            self.waiting.push((self.current.kind, self.current.message));
            (self.current.kind, self.current.code, self.current.message) = split_head(inner);
        }
    }

    fn finish(mut self, text: &'a str) -> Option<Stack<'a>> {
        let dotnet = self.language == Some(Language::Dotnet);
        self.close();
        if !dotnet {
            self.raised.reverse();
        }
        for (kind, message) in self.waiting.drain(..).rev() {
            self.raised.push(Raised { kind, message, ..Raised::default() });
        }
        let language = match self.language? {
            Language::Java => "java",
            Language::Node => "node",
            Language::Dotnet => "csharp",
        };
        let preamble = match self.head {
            Some(offset) => text.get(..offset).unwrap_or_default(),
            None => lines(text).find(|(_, line)| !line.trim().is_empty()).map(|(_, line)| line).unwrap_or_default(),
        };
        Stack::new(language, strip_introduction(preamble), self.raised)
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What runtimes print before the type of an uncaught exception.
const INTRODUCTIONS: [&str; 7] = [
    "error: Uncaught (in promise)",
    "error: Uncaught",
    "Unhandled exception.",
    "Unhandled Exception:",
    "Uncaught exception:",
    "Uncaught",
    "Unhandled rejection",
];

/// The text before a head without the introduction it ends with.
fn strip_introduction(preamble: &str) -> &str {
    let bare = preamble.trim_end();
    if let Some(front) = INTRODUCTIONS.iter().find_map(|introduction| bare.strip_suffix(introduction)) {
        return front;
    }
    match bare.rfind("Exception in thread \"") {
        Some(at) if bare.ends_with('"') => bare.get(..at).unwrap_or(bare),
        _ => bare,
    }
}

/// The length of the introduction that a line begins with.
fn introduction(line: &str) -> usize {
    let threaded = line.strip_prefix("Exception in thread \"").and_then(|rest| rest.split_once("\" "));
    let uncaught = || INTRODUCTIONS.iter().find_map(|introduction| line.strip_prefix(introduction)?.strip_prefix(' '));
    threaded.map(|(_, rest)| rest).or_else(uncaught).map_or(0, |rest| line.len() - rest.len())
}

fn is_connector(bare: &str) -> bool {
    bare.starts_with("--- End of stack trace")
        || bare.starts_with("... ") && (bare.ends_with("more") || bare.ends_with("omitted") || bare.contains(" more "))
        || bare.starts_with("- async")
        || bare.starts_with("at async Promise.")
        || bare.starts_with("Emitted '") && bare.ends_with(" at:")
        || matches!(bare, "}" | "for call at")
}

/// Type, code and message of a head.
fn split_head(head: &str) -> (&str, &str, &str) {
    if let Some((0, kind, code, message)) = find_type(head) {
        return (kind, code, message);
    }
    let (kind, message) = head.split_once(": ").unwrap_or((head, ""));
    if is_type_name(kind) { (kind, "", message) } else { ("", "", head) }
}

/// The first token of a line that names a type of exception: its offset, the name, a code behind it, what follows.
fn find_type(line: &str) -> Option<(usize, &str, &str, &str)> {
    let start = introduction(line);
    let mut at = start;
    for token in line.get(start..)?.split(' ').take(40) {
        let name = token.split([':', ';', ',']).next().unwrap_or(token).trim_start_matches(['(', '[']);
        let skipped = token.len() - token.trim_start_matches(['(', '[']).len();
        let rest = line.get(at + skipped + name.len()..).unwrap_or_default();
        let qualified = if token.len() == name.len() { qualifier(rest) } else { None };
        let marked = token.contains(':') || rest.is_empty() || qualified.is_some();
        let dotted = name.contains('.') && marked && at == start;
        if marked && is_exception_name(name) || dotted && is_type_name(name) && has_capital(name) {
            let (code, rest) = qualified.unwrap_or(("", rest));
            return Some((at + skipped, name, code, rest.trim_start_matches(':').trim()));
        }
        at += token.len() + 1;
    }
    None
}

/// What may stand between a type and its colon, and what follows: ` (0x80131904):` in .NET, ` [ERR_STREAM_DESTROYED]:`
/// in Node, where it is a code.
fn qualifier(rest: &str) -> Option<(&str, &str)> {
    let inner = rest.strip_prefix(' ')?;
    let (is_code, (inside, rest)) = match inner.strip_prefix('[') {
        Some(code) => (true, code.split_once("]:")?),
        None => (false, inner.strip_prefix('(')?.split_once("):")?),
    };
    let plain = !inside.is_empty() && inside.len() < 64 && !inside.contains([' ', '(', '[', ')', ']']);
    plain.then_some((if is_code { inside } else { "" }, rest))
}

/// Whether a line begins with a type of exception, as another trace does.
fn is_head(line: &str) -> bool {
    find_type(line).is_some_and(|(at, ..)| at == introduction(line))
}

fn has_capital(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| last.starts_with(char::is_uppercase))
}

/// Whether a word before a colon may be a type though it ends like any name: `OrderNotFound`, `com.acme.OrderMissing`, the
/// `error` of `pg`; but no level.
fn is_plain_type(name: &str) -> bool {
    const LEVELS: [&str; 6] = ["Info", "Debug", "Notice", "Critical", "Fatal", "Severe"];
    let named = has_capital(name) && name.contains(char::is_lowercase) && !LEVELS.contains(&name);
    is_type_name(name) && (named || name == "error")
}
