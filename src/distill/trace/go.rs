//! Go: panics, fatal errors, goroutine dumps, and the function and file pairs that loggers print.

use super::lines::{find, is_number, lines, passes, split_once};
use super::{Call, MOST_FRAMES, Raised, Stack};

/// Reads the first goroutine of a dump, or the first run of function and file pairs.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    let mut raised = Raised::default();
    let mut head = None;
    let mut function = "";
    let mut function_offset = 0;
    let mut goroutine = false;
    let mut recovered = false;
    // A panic that was caught and goes on is printed again, and the frames are those of the first.
    let mut repanicked = false;
    // Where the function stands below its place.
    let mut place = None;
    for (offset, line) in of_goroutines(text) {
        if let Some((file, number)) = place.take()
            && let Some(function) = function_above_source(line)
        {
            let call = Call { file, line: number, function, in_app: in_app(file, function) };
            push(call, &mut raised);
            continue;
        }
        if let Some(found) = place_alone(line) {
            if recovered && raised.kind.is_empty() {
                (raised.kind, raised.message) = ("panic", function);
                head = Some(0);
            }
            head = head.or(Some(offset));
            place = Some(found);
            continue;
        }
        recovered |= line.ends_with(RECOVERED);
        if let Some(call) = location(line, function) {
            head = head.or(Some(function_offset));
            push(call, &mut raised);
            function = "";
            continue;
        }
        let bare = line.trim();
        if bare.starts_with("goroutine ") && bare.ends_with(':') {
            if goroutine && !raised.frames.is_empty() {
                break;
            }
            goroutine = true;
            head = head.or(Some(offset));
        } else if raised.frames.is_empty()
            && let Some((at, kind, message)) = panic(line)
        {
            if !std::mem::replace(&mut repanicked, line.contains(CAUGHT)) {
                (raised.kind, raised.message) = (kind, message);
                head = Some(offset + at);
            }
        } else if bare.is_empty() && !raised.frames.is_empty() {
            break;
        } else if !bare.is_empty() {
            function = line;
            function_offset = offset;
        }
    }
    let preamble = text.get(..head?).unwrap_or_default();
    if raised.kind.is_empty() {
        // A logger's stack: what it was about stands in the line before.
        if !goroutine && raised.frames.len() < 2 {
            return None;
        }
    }
    Stack::new("go", preamble, vec![raised])
}

/// The lines of a text but for the stack of the runtime itself, which stands above the goroutine that it gave up for.
fn of_goroutines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_runtime = false;
    lines(text).filter(move |(_, line)| {
        in_runtime = (in_runtime || *line == "runtime stack:") && !line.starts_with("goroutine ");
        !in_runtime
    })
}

/// What stands behind a panic that was caught: `[recovered]`, `[recovered, repanicked]`.
const CAUGHT: &str = " [recovered";

/// What Gin prints where it recovers from a panic.
const RECOVERED: &str = " panic recovered:";

/// `/path/file.go:12 (0x4371a4)`: Gin prints places above functions.
fn place_alone(line: &str) -> Option<(&str, &str)> {
    let (place, address) = line.strip_suffix(')')?.split_once(".go:").map(|(file, rest)| (file.len() + 3, rest))?;
    let (number, address) = address.split_once(" (")?;
    let is_place = is_number(number) && (address.starts_with("0x") || is_number(address));
    Some((line.get(..place).filter(|file| is_place && !file.contains(' '))?, number))
}

/// `\tcharge: _ = a[i]`: a function and the text of its line.
fn function_above_source(line: &str) -> Option<&str> {
    let (function, _) = line.strip_prefix('\t')?.split_once(": ")?;
    (!function.contains(' ')).then_some(function)
}

/// Frames above the call of `panic` belong to the runtime and to deferred handlers.
fn push<'a>(call: Call<'a>, raised: &mut Raised<'a>) {
    if matches!(call.function, "panic" | "runtime.gopanic" | "runtime.sigpanic" | "runtime.Panic") {
        raised.frames.clear();
    } else if raised.frames.len() < MOST_FRAMES {
        raised.frames.push(call);
    }
}

fn panic(line: &str) -> Option<(usize, &'static str, &str)> {
    for (mark, kind) in [("panic serving ", "panic"), ("panic: ", "panic"), ("fatal error: ", "fatal error")] {
        if let Some(at) = find(line, mark) {
            let rest = line.get(at + mark.len()..)?;
            let message =
                if mark == "panic serving " { rest.split_once(": ").map_or(rest, |(_, said)| said) } else { rest };
            let at = if mark == "panic serving " { at.saturating_sub("http: ".len()) } else { at };
            return Some((at, kind, message.rsplit_once(CAUGHT).map_or(message, |(said, _)| said)));
        }
    }
    None
}

/// `\t/path/file.go:12 +0x39` below the line of its function.
fn location<'a>(line: &'a str, function: &'a str) -> Option<Call<'a>> {
    if !line.starts_with(['\t', ' ']) || function.is_empty() {
        return None;
    }
    let bare = line.trim();
    let (file, rest) = bare.split_at_checked(find(bare, ".go:")? + 3)?;
    let number = rest.strip_prefix(':')?.split(' ').next()?;
    if file.contains(' ') || !is_number(number) {
        return None;
    }
    let function = function.trim();
    let function = function.strip_prefix("created by ").unwrap_or(function);
    let function = split_once(function, " in goroutine").map_or(function, |(front, _)| front);
    let function = match function.rfind('(') {
        Some(at) if function.ends_with(')') && at > 0 && !function.ends_with("(*)") => function.get(..at)?,
        _ => function,
    };
    Some(Call { file, line: number, function, in_app: in_app(file, function) })
}

fn in_app(file: &str, function: &str) -> bool {
    const STANDARD: &[&str] = &[
        "runtime",
        "net",
        "reflect",
        "testing",
        "sync",
        "syscall",
        "os",
        "io",
        "bufio",
        "bytes",
        "context",
        "encoding",
        "database",
        "internal",
        "crypto",
        "time",
        "log",
        "sort",
        "strings",
        "strconv",
        "html",
        "errors",
        "fmt",
        "math",
        "appengine_internal",
        "google.golang.org",
        "golang.org",
    ];
    let package = function.split(['/', '.']).next().unwrap_or_default();
    let package = if function.starts_with("google.golang.org") {
        "google.golang.org"
    } else if function.starts_with("golang.org") {
        "golang.org"
    } else {
        package
    };
    let installed = ["/usr/local/go/src/", "/usr/lib/go", "/pkg/mod/", "/vendor/", "/opt/hostedtoolcache/go/"];
    // Programs built with -trimpath name a module and its version instead of folders: `example.com/lib@v1.9.1/lib.go`.
    !STANDARD.contains(&package) && function != "panic" && !passes(file, &installed) && !file.contains('@')
}
