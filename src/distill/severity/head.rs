//! The start of a line in, the severity that it means out: what runtimes and tools print before what went wrong.

use crate::model::Severity;

use super::{from_letter, level_word};

const PREFIXES: &[(&str, Severity)] = &[
    ("PHP Fatal error:", Severity::Error),
    ("PHP Parse error:", Severity::Error),
    ("PHP Recoverable fatal error:", Severity::Error),
    ("PHP Warning:", Severity::Warning),
    ("PHP Notice:", Severity::Notice),
    ("PHP Deprecated:", Severity::Notice),
    ("panic: ", Severity::Error),
    ("fatal error: ", Severity::Error),
    ("error: ", Severity::Error),
    ("warning: ", Severity::Warning),
    ("Fatal error: ", Severity::Error),
    ("Exception in thread ", Severity::Error),
    ("Unhandled exception", Severity::Error),
    ("Unhandled Exception", Severity::Error),
    ("UnhandledPromiseRejection", Severity::Error),
    ("Uncaught exception", Severity::Error),
    ("Uncaught Exception", Severity::Error),
    ("http: panic serving ", Severity::Error),
    ("Segmentation fault", Severity::Error),
    ("terminate called after throwing ", Severity::Error),
    ("npm ERR! ", Severity::Error),
    ("npm error ", Severity::Error),
    ("npm WARN ", Severity::Warning),
    ("npm warn ", Severity::Warning),
    ("fatal: ", Severity::Error),
    ("curl: (", Severity::Error),
    ("Unhandled promise rejection", Severity::Error),
    ("Unhandled Promise Rejection", Severity::Error),
    ("Unhandled rejection", Severity::Error),
    ("** (", Severity::Error),
    ("Unhandled Rejection", Severity::Error),
];

/// What npm tells below what went wrong, each in a line of its own: `npm error path /app`.
const NPM_TELLS: [&str; 10] = [
    "code ",
    "path ",
    "workspace ",
    "location ",
    "command ",
    "errno ",
    "syscall ",
    "signal ",
    "cwd ",
    "A complete log of ",
];

/// The line behind what Go's own logger writes before it: `2025/09/14 03:01:24 `.
pub(in crate::distill) fn behind_clock(line: &str) -> &str {
    let rest = match line.as_bytes() {
        [b'0'..=b'9', _, _, _, b'/', _, _, b'/', _, _, b' ', _, _, b':', _, _, b':', _, _, b' ', ..] => line.get(20..),
        _ => None,
    };
    rest.unwrap_or(line)
}

/// A line behind the place that Go's own logger writes: `main.go:31: `.
fn behind_go_place(line: &str) -> &str {
    let placed = line.split_once(": ").filter(|(place, _)| {
        let number = place.rsplit_once(".go:").map(|(_, number)| number);
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) && !place.contains(' ')
    });
    placed.map_or(line, |(_, said)| said)
}

/// What a step of a build printed, behind the name that Cloud Build puts before it: `Step #2 - "test": `.
pub(super) fn behind_step(line: &str) -> Option<&str> {
    let (step, said) = line.strip_prefix("Step #")?.split_once(": ")?;
    let number = step.split(' ').next().unwrap_or_default();
    let named = step.get(number.len()..)?;
    let is_step = number.bytes().all(|byte| byte.is_ascii_digit())
        && (named.is_empty() || named.starts_with(" - \"") && named.ends_with('"'));
    is_step.then_some(said)
}

/// What compilers and test runners mark an error with, besides what programs do: `src/a.ts(12,5): error TS2345: ...`,
/// `error[E0308]: ...`, `FAILED tests/test_cart.py::test_total - ...`.
pub(super) fn of_build(said: &str) -> Option<Severity> {
    let bare = said.trim_start();
    let is_marked = bare.starts_with("error[") || bare.starts_with("FAILED ") || bare.starts_with("E: ");
    let placed = || {
        let (place, _) = bare.split_once(": error").filter(|(_, rest)| rest.starts_with([':', ' ']))?;
        let last = place.rsplit([':', '(', ',', ')']).find(|part| !part.is_empty())?;
        (!place.contains(' ') && last.bytes().all(|byte| byte.is_ascii_digit())).then_some(())
    };
    (is_marked || placed().is_some()).then_some(Severity::Error)
}

/// What a script of PHP said, behind what its process manager writes before it: `NOTICE: PHP message: `, or
/// `[13-Nov-2025 10:10:02] WARNING: [pool www] child 7 said into stderr: "NOTICE: PHP message: ..."`.
pub(in crate::distill) fn behind_fpm(text: &str) -> &str {
    const SAID: &str = " said into std";
    const MESSAGE: &str = "NOTICE: PHP message: ";
    let of_child = || {
        text.get(21..).filter(|rest| rest.starts_with("] WARNING: [pool "))?;
        let (_, said) = text.split_once(SAID)?;
        let (_, said) = said.split_once(": \"")?;
        Some(said.strip_suffix('"').unwrap_or(said))
    };
    let said = if text.starts_with('[') { of_child() } else { None };
    let said = said.unwrap_or(text);
    said.strip_prefix(MESSAGE).unwrap_or(said)
}

/// What stands at the very start of a line: `E, [` of Ruby's logger, `CRITICAL:root:` of Python's, `(node:1) ` before
/// Node's warnings, `KeyError: ` of a trace whose other lines are entries of their own.
pub(super) fn short_head(line: &str) -> Option<Severity> {
    if let [letter @ b'A'..=b'Z', b',', b' ', b'[', ..] = line.as_bytes() {
        return from_letter(char::from(*letter).encode_utf8(&mut [0; 4]));
    }
    if let Some((_, rest)) = line.strip_prefix("(node:").and_then(|rest| rest.split_once(") ")) {
        return rest.contains("Warning: ").then_some(Severity::Warning);
    }
    if let Some(severity) = of_ruby(line) {
        return Some(severity);
    }
    // Node writes an error without frames in brackets: `[UnhandledPromiseRejection: ...`.
    let bare = line.strip_prefix('[').unwrap_or(line);
    let (head, rest) = bare.split_at(bare.find([':', ' ']).unwrap_or(bare.len()));
    if bare.len() < line.len() {
        let named = head == "Error" || head.ends_with("Rejection") || thrown(head) == Some(Severity::Error);
        return (named && rest.starts_with(": ")).then_some(Severity::Error);
    }
    // A name of Ruby's or C++ has colons in it.
    let more = rest.starts_with("::").then(|| line.find(": ").unwrap_or(line.len()));
    let (head, rest) = more.map_or((head, rest), |end| line.split_at(end));
    match rest.strip_prefix(':') {
        Some(rest) if !rest.is_empty() && !rest.starts_with([' ', ':']) => {
            let capitals = head.bytes().all(|byte| byte.is_ascii_uppercase());
            let named = rest.split_once(':').is_some_and(|(name, _)| is_dotted(name));
            level_word(head).filter(|_| capitals && named)
        }
        None if !rest.is_empty() && !begins_with_code(rest) => None,
        _ => thrown(head),
    }
}

/// ` [ERR_INVALID_ARG_TYPE]: ...`, ` [ECONNREFUSED]: ...`: what Node writes behind the type of an error.
fn begins_with_code(rest: &str) -> bool {
    let code = rest.strip_prefix(" [").and_then(|rest| rest.split_once(']'));
    code.is_some_and(|(code, _)| {
        code.starts_with('E')
            && code.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'0'..=b'9'))
    })
}

/// What Ruby prints of an exception: `/app/a.rb:7:in 'load': no such file (LoadError)`, and as Rails does, behind tags in
/// brackets, `NoMethodError (undefined method 'total' for nil):`.
fn of_ruby(line: &str) -> Option<Severity> {
    let line = line.trim_end();
    if let Some(said) = line.strip_suffix("):") {
        let (front, _) = said.split_once(" (")?;
        let mut name = front;
        while let Some((tag, rest)) = name.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            name = if tag.contains(' ') { return None } else { rest };
        }
        return thrown(name);
    }
    let (said, name) = line.strip_suffix(')')?.rsplit_once(" (")?;
    let (place, _) = said.split_once(": ")?;
    (place.contains(".rb:") && place.contains(":in ")).then(|| thrown(name))?
}

/// `...: #<ActiveRecord::ConnectionTimeoutError: could not obtain a connection>`: an exception as Ruby shows values.
pub(in crate::distill) fn shown_by_ruby(line: &str) -> Option<Severity> {
    let (_, shown) = line.strip_suffix('>')?.split_once("#<")?;
    let (name, _) = shown.split_once(": ")?;
    thrown(name)
}

/// The severity of what a line names first, if that is the type of an exception or warning: `java.io.IOException`.
fn thrown(name: &str) -> Option<Severity> {
    let last = name.rsplit(['.', ':', '$']).next().unwrap_or(name);
    let severity = match () {
        () if last.ends_with("Error") || last.ends_with("Exception") => Severity::Error,
        // `jinja2.exceptions.TemplateNotFound`: the name of its module says what it is.
        () if name.split('.').rev().skip(1).any(|part| matches!(part, "exceptions" | "errors")) => Severity::Error,
        () if last.ends_with("Warning") => Severity::Warning,
        () => return None,
    };
    let is_made = !matches!(last, "Error" | "Exception" | "Warning");
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'_' | b'$'));
    (is_made && plain && last.starts_with(|first: char| first.is_ascii_uppercase())).then_some(severity)
}

/// `root`, `app.routes`: the name of a logger.
fn is_dotted(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

pub(super) fn known_prefix(line: &str) -> Option<Severity> {
    let line = behind_go_place(line);
    // Nearly every line is told from all of them by its first byte.
    let first = line.as_bytes().first();
    let mut prefixes = PREFIXES.iter().filter(|(prefix, _)| prefix.as_bytes().first() == first);
    if let Some((prefix, severity)) = prefixes.find(|(prefix, _)| line.starts_with(prefix)) {
        let rest = line.get(prefix.len()..).unwrap_or_default();
        let is_told = prefix.starts_with("npm ") && NPM_TELLS.iter().any(|what| rest.starts_with(what));
        return (!is_told).then_some(*severity);
    }
    // Rust's own words for a panic: thread 'name' panicked at src/main.rs:5:10.
    let panicked = line.strip_prefix("thread '").is_some_and(|rest| rest.contains("panicked at "));
    panicked.then_some(Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::super::of_text;
    use super::*;

    #[test]
    fn what_runtimes_and_tools_print_counts() {
        for (text, expected) in [
            ("2025/09/14 03:01:24 /src/main.go:31: panic: no tile", Severity::Error),
            ("2025/09/14 03:01:24 main.go:31: error: no tile", Severity::Error),
            ("npm ERR! Exit status 1", Severity::Error),
            ("Step #0: ERROR: failed to solve: process did not complete", Severity::Error),
            ("Step #1 - \"compile\": [ERROR] Failed to execute goal", Severity::Error),
            ("Step #1: src/a.ts(12,5): error TS2345: Argument of type 'x'", Severity::Error),
            ("Step #1: src/a.c:12:5: error: expected ';'", Severity::Error),
            ("Step #2: FAILED tests/test_cart.py::test_total - assert 12 == 13", Severity::Error),
            ("Step #2: npm WARN deprecated a@1", Severity::Warning),
            ("npm error Lifecycle script `start` failed with error:", Severity::Error),
            (
                "[2025-11-13 11:22:02,123: ERROR/ForkPoolWorker-3] Task mail.render[a-b] raised unexpected: KeyError('a')",
                Severity::Error,
            ),
            ("[2025-11-13 11:22:02,123: INFO/MainProcess] mail@host ready.", Severity::Info),
            ("[2025-11-13 10:22:02] production.ERROR: SQLSTATE[42S02]: no such table", Severity::Error),
            (
                "[2025-11-13 10:22:02.123][1][critical][main] [source/server/server.cc:131] no config",
                Severity::Critical,
            ),
            ("[2025-11-13 10:22:02.123][1][info][main] [source/server/server.cc:131] starting", Severity::Info),
            ("NOTICE: PHP message: PHP Fatal error:  Uncaught TypeError: x", Severity::Error),
            (
                "[13-Nov-2025 10:22:02] WARNING: [pool www] child 7 said into stderr: \"NOTICE: PHP message: PHP Fatal error:  x\"",
                Severity::Error,
            ),
            (
                "[13-Nov-2025 10:22:02] WARNING: [pool www] server reached pm.max_children setting (5)",
                Severity::Warning,
            ),
            ("[UnhandledPromiseRejection: This error originated either by throwing", Severity::Error),
            ("[Error: connect ECONNREFUSED 10.0.0.1:6379] {", Severity::Error),
            ("AggregateError [ECONNREFUSED]: ", Severity::Error),
            ("/a/require.rb:30:in `require': cannot load such file -- pdfkit (LoadError)", Severity::Error),
            ("[4f1c2b1e] NoMethodError (undefined method `total' for nil:NilClass):", Severity::Error),
            ("ActiveRecord::StatementError (no such table):", Severity::Error),
            ("** (KeyError) key :amount not found in: %{id: 7}", Severity::Error),
            ("jinja2.exceptions.TemplateNotFound: invoice.html", Severity::Error),
        ] {
            assert_eq!(of_text(text), Some(expected), "{text}");
        }
    }
}
