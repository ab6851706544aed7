//! Traces of Java, Kotlin, Scala, Node, browsers and .NET: a head, then lines that begin with `at`.

use super::in_app::{dotnet_in_app, java_in_app, node_in_app};
use super::line::is_source;
use super::lines::{find, is_exception_name, is_number, is_type_name, lines, rsplit_once, split_location, split_once};
use super::{Call, MOST_FRAMES, Raised, Stack};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Java,
    Node,
    Dotnet,
}

#[derive(Default)]
struct Reader<'a> {
    language: Option<Language>,
    /// Exceptions in the order they are printed.
    raised: Vec<Raised<'a>>,
    /// Heads of .NET exceptions whose frames are still to come, outermost first.
    waiting: Vec<(&'a str, &'a str)>,
    current: Raised<'a>,
    /// Offset of the head.
    head: Option<usize>,
    nested: bool,
    suppressed: bool,
}

/// Reads a trace whose frames begin with `at`.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    if !text.contains("at ") {
        return None;
    }
    let mut reader = Reader::default();
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
        if let Some(rest) = bare.strip_prefix("at ").or_else(|| bare.strip_prefix("eval at "))
            && let Some((language, call)) = frame(rest, self.language)
        {
            self.language = self.language.or(language);
            if !self.suppressed && self.current.frames.len() < MOST_FRAMES {
                self.current.frames.push(call);
            }
            return true;
        }
        if let Some(cause) = bare.strip_prefix("Caused by: ").or_else(|| bare.strip_prefix("[cause]: ")) {
            self.close();
            self.suppressed = false;
            let (kind, message) = split_head(cause);
            (self.current.kind, self.current.message) = (kind, message);
            return true;
        }
        if bare.starts_with("Suppressed: ") {
            self.suppressed = true;
            return true;
        }
        if bare.starts_with("--- End of inner exception") || bare.starts_with("---> (Inner Exception") {
            self.end_of_inner();
            return true;
        }
        if is_connector(bare) {
            return true;
        }
        if self.current.frames.is_empty() && self.raised.is_empty() {
            self.head_line(offset, line, bare);
            return true;
        }
        // A message of several lines may stand between a cause and its frames.
        self.current.frames.is_empty() && blank == 0
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

    fn head_line(&mut self, offset: usize, line: &'a str, bare: &'a str) {
        if let Some(inner) = bare.strip_prefix("---> ") {
            self.waiting.push((self.current.kind, self.current.message));
            (self.current.kind, self.current.message) = split_head(inner);
            return;
        }
        if bare.ends_with("nested exception is:") {
            self.nested = true;
            return;
        }
        let Some((at, kind, rest)) = find_type(bare) else { return };
        let first = at == 0;
        if self.nested {
            self.nested = false;
            self.raised.push(Raised { kind: self.current.kind, message: self.current.message, frames: Vec::new() });
        } else if self.head.is_some() && !first {
            return;
        } else {
            let indent = line.len() - line.trim_start().len();
            self.head = Some(offset + indent + at);
        }
        let mut heads = rest.split(" ---> ");
        self.current = Raised { kind, message: heads.next().unwrap_or_default(), frames: Vec::new() };
        for inner in heads {
            self.waiting.push((self.current.kind, self.current.message));
            (self.current.kind, self.current.message) = split_head(inner);
        }
    }

    fn finish(mut self, text: &'a str) -> Option<Stack<'a>> {
        let dotnet = self.language == Some(Language::Dotnet);
        self.close();
        if !dotnet {
            self.raised.reverse();
        }
        for (kind, message) in self.waiting.drain(..).rev() {
            self.raised.push(Raised { kind, message, frames: Vec::new() });
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

/// What runtimes print before the type of an uncaught exception.
fn strip_introduction(preamble: &str) -> &str {
    let bare = preamble.trim_end();
    for introduction in ["Unhandled exception.", "Unhandled Exception:", "Uncaught", "Unhandled rejection"] {
        if let Some(front) = bare.strip_suffix(introduction) {
            return front;
        }
    }
    match bare.rfind("Exception in thread \"") {
        Some(at) if bare.ends_with('"') => bare.get(..at).unwrap_or(bare),
        _ => bare,
    }
}

fn is_connector(bare: &str) -> bool {
    bare.starts_with("--- End of stack trace")
        || bare.starts_with("... ") && (bare.ends_with("more") || bare.ends_with("omitted") || bare.contains(" more "))
        || bare.starts_with("- async")
        || bare == "}"
}

fn split_head(head: &str) -> (&str, &str) {
    if let Some((0, kind, message)) = find_type(head) {
        return (kind, message);
    }
    let (kind, message) = head.split_once(": ").unwrap_or((head, ""));
    if is_type_name(kind) { (kind, message) } else { ("", head) }
}

/// The first token of a line that names a type of exception: its offset, the name, what follows.
fn find_type(line: &str) -> Option<(usize, &str, &str)> {
    let mut at = 0;
    for token in line.split(' ').take(40) {
        let name = token.split([':', ';', ',']).next().unwrap_or(token).trim_start_matches(['(', '[']);
        let marked = token.contains(':') || at + token.len() == line.len();
        let dotted = name.contains('.') && marked && at == 0;
        if is_exception_name(name) && marked || dotted && is_type_name(name) && has_capital(name) {
            let skipped = token.len() - token.trim_start_matches(['(', '[']).len();
            let rest = line.get(at + skipped + name.len()..).unwrap_or_default().trim_start_matches(':').trim();
            return Some((at + skipped, name, rest));
        }
        at += token.len() + 1;
    }
    None
}

fn has_capital(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| last.starts_with(char::is_uppercase))
}

/// Whether a line is a frame even where no other line of its trace is known: in prose "at" is followed by anything.
pub(super) fn is_lone_frame(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("at ") else { return false };
    let Some((_, Call { file, line, function, .. })) = frame(rest, None) else {
        return rest.starts_with("async Promise.");
    };
    let called = rest.find('(').is_some_and(|at| at > 0 && !rest.get(..at).is_some_and(|front| front.ends_with(' ')));
    match (file, line) {
        (file, _) if is_java_source(file) => true,
        ("", "") => called && function.split('.').all(|name| !name.is_empty()),
        (file, _) => is_source(file) || file.starts_with("node:") || matches!(file, "<anonymous>" | "native" | "eval"),
    }
}

/// Reads what stands behind `at`; the language where the frame alone tells it.
fn frame(rest: &str, known: Option<Language>) -> Option<(Option<Language>, Call<'_>)> {
    let rest = rest.trim_end();
    if let Some((method, place)) = rsplit_once(rest, " in ")
        && method.contains('(')
    {
        return dotnet(method, place).map(|call| (Some(Language::Dotnet), call));
    }
    let rest = strip_jar(rest);
    match rest.rfind('(').and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?.strip_suffix(')')?))) {
        Some((method, inside)) => parenthesised(method, inside, known),
        None => bare(rest, known),
    }
}

/// Java may add the archive: `[spring.jar:5.3]`, `~[?:?]`.
fn strip_jar(rest: &str) -> &str {
    let archive = if rest.ends_with(']') { find(rest, ") ") } else { None };
    archive.and_then(|at| rest.get(..=at)).unwrap_or(rest)
}

fn parenthesised<'a>(
    method: &'a str,
    inside: &'a str,
    known: Option<Language>,
) -> Option<(Option<Language>, Call<'a>)> {
    let location = split_location(inside);
    let (file, line) = location.unwrap_or((inside, ""));
    if is_java_source(file) && !method.contains(' ') {
        let function = method.rsplit_once('/').map_or(method, |(_, function)| function);
        return Some((Some(Language::Java), Call { file, line, function, in_app: java_in_app(function) }));
    }
    let special = matches!(inside, "<anonymous>" | "native" | "eval") || inside.starts_with("node:");
    if (location.is_some() || special) && known != Some(Language::Dotnet) {
        let function = script_name(method);
        return Some((Some(Language::Node), Call { file, line, function, in_app: node_in_app(file) }));
    }
    let dotted = method.trim_end().contains('.') && !method.trim_end().contains(' ');
    (dotted && known != Some(Language::Node)).then(|| {
        let function = method.trim_end();
        (Some(Language::Dotnet), Call { file: "", line: "", function, in_app: dotnet_in_app(function) })
    })
}

fn bare(rest: &str, known: Option<Language>) -> Option<(Option<Language>, Call<'_>)> {
    let path = rest.strip_prefix("async ").unwrap_or(rest);
    if let Some((file, line)) = split_location(path)
        && !file.contains(' ')
        && (file.contains(['/', '.', '<', '\\']) || file.starts_with("node:"))
    {
        let call = Call { file, line, function: "<anonymous>", in_app: node_in_app(file) };
        return Some((Some(Language::Node), call));
    }
    // A name alone is a frame only inside a trace; in prose "at" is followed by anything.
    let named = known.is_some() && !rest.contains(' ');
    named.then(|| {
        (None, Call { file: "", line: "", function: script_name(rest), in_app: !rest.contains("<anonymous>") })
    })
}

fn script_name(method: &str) -> &str {
    let method = method.trim_end();
    let method = split_once(method, " [as ").map_or(method, |(front, _)| front);
    let method = method.strip_prefix("async ").unwrap_or(method);
    method.strip_prefix("new ").unwrap_or(method)
}

fn is_java_source(file: &str) -> bool {
    matches!(file, "Native Method" | "Unknown Source" | "SourceFile" | "<generated>" | "<Unknown>")
        || [".java", ".kt", ".scala", ".groovy", ".clj"].iter().any(|extension| file.ends_with(extension))
}

/// `Ns.Class.Method(args) in file:line 12`, mono: `Ns.Class.Method (args) [0x00007] in file:9`.
fn dotnet<'a>(method: &'a str, place: &'a str) -> Option<Call<'a>> {
    let function = method.split_once('(')?.0.trim_end();
    let (file, line) = place.rsplit_once(':')?;
    let line = line.strip_prefix("line ").unwrap_or(line);
    is_number(line).then(|| Call { file, line, function, in_app: dotnet_in_app(function) })
}
