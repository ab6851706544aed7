//! What stands behind `at` in Java, Node, browsers and .NET in, the call out, and the language where it tells it.

use super::Call;
use super::in_app::{dotnet_in_app, is_generated, java_in_app, node_in_app};
use super::line::is_source;
use super::lines::{find, is_number, rsplit_once, split_location, split_once};

/// The languages whose frames begin with `at`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Java,
    Node,
    Dotnet,
}

/// Whether a line is a frame even where no other line of its trace is known: in prose "at" is followed by anything.
pub(super) fn is_lone_frame(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("at ") else { return false };
    let Some((_, Call { file, line, function, .. })) = frame(rest, None, false) else {
        return rest.starts_with("async Promise.");
    };
    let called = rest.find('(').is_some_and(|at| at > 0 && !rest.get(..at).is_some_and(|front| front.ends_with(' ')));
    match (file, line) {
        (file, _) if is_java_source(file) => true,
        ("", "") => called && function.split('.').all(|name| !name.is_empty()),
        (file, _) => is_source(file) || file.starts_with("node:") || matches!(file, "<anonymous>" | "native" | "eval"),
    }
}

/// Reads what stands behind `at`. Where a trace names archives that libraries come from, `archived` says so.
pub(super) fn frame(rest: &str, known: Option<Language>, archived: bool) -> Option<(Option<Language>, Call<'_>)> {
    let rest = rest.trim_end();
    // Node opens the properties of an error behind its last frame.
    let rest = rest.strip_suffix(" {").unwrap_or(rest);
    if let Some((method, place)) = rsplit_once(rest, " in ")
        && method.contains('(')
    {
        return dotnet(method, place).map(|call| (Some(Language::Dotnet), call));
    }
    let (rest, archive) = split_archive(rest);
    let read = match rest.rfind('(').and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?.strip_suffix(')')?))) {
        Some((method, inside)) => parenthesised(method, inside, known),
        None => bare(rest, known),
    };
    read.map(|(language, call)| (language, if archived { placed(call, archive) } else { call }))
}

/// Java may add the archive: `[spring.jar:5.3]`, `~[?:?]`.
fn split_archive(rest: &str) -> (&str, &str) {
    let at = if rest.ends_with(']') { find(rest, ") ") } else { None };
    at.and_then(|at| rest.split_at_checked(at + 1)).unwrap_or((rest, ""))
}

/// What an application consists of stands in `[classes!/:1.0]`, what it uses in archives of their own.
fn placed<'a>(call: Call<'a>, archive: &str) -> Call<'a> {
    let archive = archive.trim_start_matches([' ', '~', '[']);
    let name = archive.split(':').next().unwrap_or_default().trim_end_matches("!/");
    let is_jar = name.rsplit_once('.').is_some_and(|(_, ending)| ending == "jar");
    let in_app = if is_jar { false } else { call.in_app || is_of_application(archive) };
    Call { in_app: in_app && !is_generated(call.function, call.file), ..call }
}

/// Whether an archive is the folder of an application's own classes.
fn is_of_application(archive: &str) -> bool {
    archive.starts_with("classes/") || archive.starts_with("classes!/") || archive.starts_with("classes:")
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
        return Some((
            Some(Language::Java),
            Call { file, line, function, in_app: java_in_app(function) && !is_generated(function, file) },
        ));
    }
    let special = matches!(inside, "<anonymous>" | "native" | "eval") || inside.starts_with("node:");
    if (location.is_some() || special) && known != Some(Language::Dotnet) {
        let function = script_name(method);
        return Some((Some(Language::Node), Call { file, line, function, in_app: node_in_app(file) }));
    }
    // What .NET compiles while it runs has no class: `lambda_method12(Closure , Object )`.
    let named = method.contains('.') || known == Some(Language::Dotnet);
    let is_call = named && !method.trim_end().contains(' ');
    (is_call && known != Some(Language::Node)).then(|| {
        let function = method.trim_end();
        (Some(Language::Dotnet), Call { file: "", line: "", function, in_app: dotnet_in_app(function) })
    })
}

fn bare(rest: &str, known: Option<Language>) -> Option<(Option<Language>, Call<'_>)> {
    let path = rest.strip_prefix("async ").unwrap_or(rest);
    if let Some((file, line)) = split_location(path)
        && (!file.contains(' ') || known == Some(Language::Node))
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
