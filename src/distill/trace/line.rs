//! A message of one line in, whether it is a line of a stack trace and nothing else out: many agents ship every line of
//! a trace as an entry of its own.
//!
//! Lines that say what went wrong, or what caused it, speak for themselves and are none. Numbers may be masked already.

use super::lines::{is_number, split_location, split_once};
use super::{at, dart, elixir, php, python, ruby, rust};

/// What runtimes print around frames, word for word.
const AROUND: [&str; 9] = [
    "Traceback (most recent call last):",
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
    "Stack trace:",
    "stack backtrace:",
    "runtime stack:",
    "<asynchronous suspension>",
    "--- End of stack trace from previous location ---",
    "--- End of inner exception stack trace ---",
];

/// What stands before a cause.
const CAUSES: [&str; 5] = ["Caused by: ", "caused by: ", "[cause]: ", "---> ", "Suppressed: "];

/// What files of programs end with, where a frame names a file and nothing else tells that it is one.
const SOURCES: [&str; 15] =
    [".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx", ".vue", ".go", ".py", ".rb", ".rs", ".dart", ".php", ".cs"];

/// Whether a message is a line of a stack trace: a frame, or what stands around frames.
pub(in crate::distill) fn is_line(text: &str) -> bool {
    let bare = text.trim();
    let Some(first) = bare.chars().next() else { return false };
    match first {
        'a' if at::is_lone_frame(bare) => return true,
        'F' if python::call(bare).is_some() => return true,
        'g' if is_goroutine(bare) => return true,
        'c' if bare.strip_prefix("created by ").is_some_and(is_go_function) => return true,
        '.' if is_omission(bare) => return true,
        '(' if elixir::is_frame(bare) => return true,
        '#' if dart::call(bare).is_some() || php::call(bare).is_some() => return true,
        'c' | 'e' | 's' if is_property(bare) => return true,
        '^' | '~' => return bare.chars().all(|letter| matches!(letter, '^' | '~' | ' ')),
        _ => {}
    }
    AROUND.contains(&bare) || is_rust_frame(bare) || ruby::is_frame(bare) || is_place(bare) || is_go_call(bare)
}

/// Whether a message goes on with a stack trace that began in another entry: a line of it, a cause, source text below a
/// frame. In a log of many programs that may be anything else, so it counts only where the entries around it are known.
pub fn goes_on(message: &str) -> bool {
    let bare = behind_tags(message.trim_start());
    let cause = CAUSES.iter().any(|word| bare.starts_with(word));
    bare.is_empty()
        || bare == "}"
        || cause
        || message.starts_with("  ")
        || message.starts_with('\t')
        || is_line(message)
}

/// A line without what a tagged logger of Rails puts before it: `[4f1c2b1e] [web] app/models/cart.rb:31:in ...`.
fn behind_tags(line: &str) -> &str {
    let mut rest = line;
    while let Some((tag, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        if tag.is_empty() || tag.contains(' ') || !(behind.is_empty() || behind.starts_with(' ')) {
            break;
        }
        rest = behind.trim_start();
    }
    rest
}

/// A message as it stands in a trace: some agents leave out what a line begins with.
pub fn indented(message: &str) -> String {
    let is_below = ["at ", "File \"", "from "].iter().any(|word| message.starts_with(word)) || is_place(message.trim());
    if is_below { format!("    {message}") } else { message.to_owned() }
}

/// `... 27 more`, `... 3 common frames omitted`.
fn is_omission(bare: &str) -> bool {
    let counted = bare.strip_prefix("... ").and_then(|rest| rest.split_once(' '));
    counted.is_some_and(|(count, what)| {
        is_number(count) && matches!(what, "more" | "common frames omitted" | "frames omitted")
    })
}

/// `goroutine 1 [running]:`, `goroutine 1 gp=0xc0000061c0 m=0 mp=0x55aa [running]:`
fn is_goroutine(bare: &str) -> bool {
    let numbered = bare.strip_prefix("goroutine ").and_then(|rest| rest.split_once(' '));
    let is_state = |state: &str| (state.starts_with('[') || state.starts_with("gp=")) && state.ends_with("]:");
    numbered.is_some_and(|(number, state)| is_number(number) && is_state(state))
}

/// `4: shop::cart::load`, `5: <T as core::ops::function::FnOnce>::call_once`.
fn is_rust_frame(bare: &str) -> bool {
    let numbered = bare.split_once(": ").filter(|(number, _)| is_number(number));
    numbered.is_some_and(|(_, function)| {
        let function = rust::without_address(function);
        let named = function.contains("::") || matches!(function, "rust_begin_unwind" | "rust_panic" | "_start");
        named && !function.replace(" as ", "").contains(' ')
    })
}

/// `errno: -111,`, `code: 'ECONNREFUSED',`, `syscall: 'connect',`: properties that Node prints below the frames of an error.
fn is_property(bare: &str) -> bool {
    let bare = bare.strip_suffix(',').unwrap_or(bare);
    let quoted =
        |text: &'static str| bare.strip_prefix(text).and_then(|rest| rest.strip_prefix('\'')?.strip_suffix('\''));
    let shouted =
        |name: &str| name.starts_with('E') && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    bare.strip_prefix("errno: ").is_some_and(is_number)
        || quoted("code: ").is_some_and(shouted)
        || quoted("syscall: ").is_some_and(|call| call.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// A file and a line and nothing else, but what Go adds: `/app/main.go:12 +0x1d`.
fn is_place(bare: &str) -> bool {
    let (place, offset) = bare.split_once(' ').unwrap_or((bare, "+0x0"));
    let located = split_location(place);
    located.is_some_and(|(file, _)| is_source(file) && file.contains(['/', '\\']))
        && offset.strip_prefix('+').is_some_and(|offset| !offset.contains(' '))
}

/// Whether a path ends as files of programs do.
pub(super) fn is_source(file: &str) -> bool {
    SOURCES.iter().any(|ending| file.ends_with(ending))
}

/// `net/http.(*conn).serve(0xc0001, {0x7f, 0xc2})`: the line above a place in Go.
fn is_go_call(bare: &str) -> bool {
    let Some((function, arguments)) = bare.strip_suffix(')').and_then(|bare| bare.rsplit_once('(')) else {
        return false;
    };
    let values = arguments.split([',', ' ', '{', '}', '?']).filter(|value| !value.is_empty());
    let (mut addresses, mut plain) = (0, true);
    for value in values {
        addresses += usize::from(value == "..." || is_number(value) || value.starts_with("0x"));
        plain &= value == "..." || is_number(value) || value.starts_with("0x");
    }
    let named = is_go_function(function) || function == "panic" && arguments.starts_with('{');
    plain && named && (addresses > 0 || matches!(arguments, "" | "{}"))
}

/// `main.main`, `net/http.(*conn).serve`, `example.com/shop/cart.Load.func1`, `net/http.(*Server).Serve in goroutine 5`.
fn is_go_function(function: &str) -> bool {
    let function = split_once(function, " in goroutine ").map_or(function, |(function, _)| function);
    let named = function.rsplit('/').next().is_some_and(|name| name.contains('.') && !name.starts_with('.'));
    let of_program = function.starts_with("main.") || function.starts_with("runtime.");
    let in_package = of_program || function.contains('/') || function.contains("(*");
    named && in_package && !function.contains([' ', ':', '='])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::canon::{Canon, canonicalize};

    const LINES: &[&str] = &[
        "at com.acme.cart.CartService.load(CartService.java:88)",
        "\tat java.base/java.lang.reflect.Method.invoke(Method.java:568)",
        "at jdk.internal.reflect.GeneratedMethodAccessor20.invoke(Unknown Source)",
        "at app//org.junit.Assert.fail(Assert.java:89) ~[junit-4.13.jar:4.13]",
        "    at handler (/app/server.js:42:11)",
        "at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)",
        "at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
        "at async /srv/build/index.mjs:3:7",
        "at async Promise.all (index 0)",
        "at new Promise (<anonymous>)",
        "   at Shop.Cart.Load(Int32 id) in /src/Cart.cs:line 12",
        "at System.Threading.Tasks.Task.Execute()",
        "... 27 more",
        "... 3 common frames omitted",
        "Traceback (most recent call last):",
        "  File \"/app/main.py\", line 90, in pay",
        "    ^^^^^^^^^^",
        "~~~~^^^^^",
        "goroutine 17 [running]:",
        "goroutine 5 [IO wait, 3 minutes]:",
        "created by net/http.(*Server).Serve in goroutine 1",
        "/app/main.go:12 +0x1d",
        "/app/server.js:42",
        "net/http.(*conn).serve(0xc0001b2000, {0x7f1a20, 0xc0000b4000})",
        "main.main()",
        "net/http.(*conn).serve.func1()",
        "runtime.goexit({})",
        "panic({0x6b3b80, 0xc0000b6018})",
        "0: rust_begin_unwind",
        "5:     0x55ddcfcadd9a - core[c1f1a4ba060b9bfa]::fmt::write",
        "20:     0x55ddcfc72f5a - shop::cart::load::h481fa3127173427e",
        "goroutine 1 gp=0xc0000061c0 m=0 mp=0x55aa [running]:",
        "runtime stack:",
        "at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {",
        "  errno: -111,",
        "  code: 'ECONNREFUSED',",
        "syscall: 'connect',",
        "example.com/shop/cart.Load(...)",
        "from /app/cart.rb:12:in `load'",
        "/usr/lib/ruby/gems/rack.rb:3:in 'Rack#call'",
        "#0 /app/cart.php(20): Cart->load('x')",
        "#3 {main}",
        "#1      Cart.load (package:shop/cart.dart:12:3)",
        "4: shop::cart::load::{{closure}}",
        "5: <alloc::boxed::Box<F> as core::ops::function::FnOnce<()>>::call_once",
        "at /rustc/abc0/library/std/src/panicking.rs:12:3",
        "    (shop 0.1.0) lib/shop/worker.ex:12: Shop.Worker.run/1",
        "(stdlib 5.0.2) gen_server.erl:1123: :gen_server.try_handle_call/4",
        "(elixir 1.15.0) lib/enum.ex:1693: Enum.\"-map/2-lists^map/1-1-\"/2",
        "(shop 0.1.0-rc.1) lib/shop/cart.ex:5: anonymous fn/2 in Shop.Cart.load/1",
        "(shop 0.1.0) Shop.Missing.load(17, \"x\")",
    ];

    const OTHERS: &[&str] = &[
        "",
        "at 10:05 the job ended",
        "at 10.0.0.1:8080",
        "at example.com (retrying)",
        "at least one worker is missing",
        "at store (closed)",
        "Caused by: java.sql.SQLException: no connection",
        "KeyError: '17'",
        "panic: runtime error: index out of range [3]",
        "File \"a.txt\" was not found",
        "... and 3 more",
        "created by alice",
        "created by job.runner",
        "goroutine leak: 17 [running]",
        "/app/data.json:42",
        "10.0.0.1:8080",
        "GET /cart.php",
        "user.login()",
        "cart.load(17)",
        "#17 was closed (done)",
        "Error: boom",
        "12: cart::load failed",
        "connect(10.0.0.1, 8080)",
        "main.py: started",
        "code: 'active',",
        "errno: none",
        "panic(17)",
        "17: main",
        "(shop 0.1.0) started",
        "(shop 0.1.0) lib/shop/cart.ex:5: warning: variable x is unused",
        "(retry 3) cart.load(17)",
        "(cart) Cart.load failed",
        "** (RuntimeError) oops",
    ];

    #[test]
    fn lines_behind_tags_go_on_with_a_trace() {
        for (text, expected) in [
            ("[4f1c2b1e] [web]   ", true),
            ("[4f1c2b1e] app/models/cart.rb:31:in `sum'", true),
            ("[4f1c2b1e] Caused by: x", true),
            ("[4f1c2b1e] cart was saved", false),
            ("[a b] ", false),
            ("[]", false),
        ] {
            assert_eq!(goes_on(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_of_traces_are_told_from_messages_with_and_without_their_numbers() {
        let mut canon = Canon::new();
        for (texts, expected) in [(LINES, true), (OTHERS, false)] {
            for text in texts {
                assert_eq!(is_line(text), expected, "{text}");
                canonicalize(text.trim(), &mut canon);
                assert_eq!(is_line(canon.text()), expected, "{text} as {:?}", canon.text());
            }
        }
    }
}
