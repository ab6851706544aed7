//! Traces of every language, written for these tests.

mod elixir;
mod odd;
mod printed;

use super::{MARKS, parse, trace_pattern, whole};

/// (language, type, chain, in-app functions innermost first, pattern)
fn check(text: &str, language: &str, kind: &str, in_app: &[&str], pattern: &str) {
    let exception = parse(text).unwrap_or_else(|| panic!("no trace in {text}"));
    assert_eq!(exception.language, language, "{text}");
    assert_eq!(exception.kind, kind, "{text}");
    let functions: Vec<&str> =
        exception.frames.iter().filter(|frame| frame.in_app).map(|frame| frame.function.as_str()).collect();
    assert_eq!(functions, in_app, "{text}");
    assert_eq!(trace_pattern(text), pattern, "{text}");
}

const PYTHON: &str = r#"Traceback (most recent call last):
  File "/app/shop/cart.py", line 88, in checkout
    total = price(items)
            ^^^^^^^^^^^^
  File "/usr/local/lib/python3.11/site-packages/pricing/core.py", line 12, in price
    raise KeyError(sku)
KeyError: 'sku-7'
"#;

#[test]
fn marks_of_languages_are_not_hidden_by_others() {
    let marks = MARKS.map(str::as_bytes);
    for mark in &marks[..5] {
        for inner in marks.iter().flat_map(|other| (1..other.len()).map(|at| &other[at..])) {
            assert!(!mark.starts_with(inner) && !inner.starts_with(mark), "{}", String::from_utf8_lossy(inner));
        }
    }
}

#[test]
fn python() {
    check(PYTHON, "python", "KeyError", &["checkout"], "KeyError at cart.checkout");
    let chained = format!(
        "{PYTHON}\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/app/shop/api.py\", line 5, in post\n    checkout()\nshop.errors.CheckoutFailed: no price\n"
    );
    check(&chained, "python", "KeyError", &["checkout"], "KeyError at cart.checkout");
    assert_eq!(parse(&chained).unwrap().chain, ["shop.errors.CheckoutFailed"]);
    let recursion = "Traceback (most recent call last):\n  File \"/app/walk.py\", line 1, in start\n    walk(n)\n  File \"/app/walk.py\", line 9, in walk\n    walk(n)\n  File \"/app/walk.py\", line 9, in walk\n    walk(n)\n  [Previous line repeated 994 more times]\nRecursionError: maximum recursion depth exceeded";
    assert_eq!(trace_pattern(recursion), "RecursionError at walk.walk < walk.start");
    let group = "  + Exception Group Traceback (most recent call last):\n  |   File \"/app/main.py\", line 3, in run\n  |     await gather()\n  | ExceptionGroup: two failed (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"/app/job.py\", line 7, in fetch\n    |     raise ValueError(1)\n    | ValueError: 1\n    +---------------- 2 ----------------\n    | Traceback (most recent call last):\n    |   File \"/app/job.py\", line 9, in store\n    |     raise OSError(2)\n    | OSError: 2\n    +------------------------------------\n";
    check(group, "python", "ValueError", &["fetch"], "ValueError at job.fetch");
    assert_eq!(parse(group).unwrap().chain, ["OSError", "ExceptionGroup"]);
    let syntax = "Traceback (most recent call last):\n  File \"/app/boot.py\", line 2, in <module>\n    import broken\n  File \"/app/broken.py\", line 1\n    def f(:\n          ^\nSyntaxError: invalid syntax\n";
    check(syntax, "python", "SyntaxError", &["", "<module>"], "SyntaxError at broken < boot.<module>");
}

#[test]
fn java() {
    let text = "2025-09-14 03:00:01 ERROR c.e.Shop - order failed\njava.lang.IllegalStateException: order 12 failed\n\tat com.example.shop.Orders.place(Orders.java:41)\n\tat org.springframework.web.Servlet.doPost(Servlet.java:600)\n\tSuppressed: java.io.IOException: close\n\t\tat com.example.Noise.close(Noise.java:1)\nCaused by: java.sql.SQLException: lock timeout\n\tat org.postgresql.Driver.run(Driver.java:9) ~[postgresql.jar:42]\n\tat com.example.shop.Store.lambda$save$3(Store.java:77)\n\tat com.example.shop.Store.save(Store.java:70)\n\t... 12 more\n";
    let pattern = "<*> ERROR <*> - order failed: java.sql.SQLException at com.example.shop.Store.save";
    check(
        text,
        "java",
        "java.sql.SQLException",
        &["com.example.shop.Store.lambda$save$3", "com.example.shop.Store.save"],
        pattern,
    );
    assert_eq!(parse(text).unwrap().chain, ["java.lang.IllegalStateException"]);
    let thread = "Exception in thread \"main\" java.lang.NullPointerException\n\tat com.example.Main.main(Main.kt:3)";
    check(
        thread,
        "java",
        "java.lang.NullPointerException",
        &["com.example.Main.main"],
        "java.lang.NullPointerException at com.example.Main.main",
    );
}

#[test]
fn go() {
    let text = "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 18 [running]:\npanic({0x6b3b80, 0xc0000b6018})\n\t/usr/local/go/src/runtime/panic.go:884 +0x213\nexample.com/shop/cart.(*Cart).Total(0xc000012345, 0x5)\n\t/src/cart/cart.go:33 +0x1d\nmain.main()\n\t/src/main.go:9 +0x2a\n\ngoroutine 1 [chan receive]:\nmain.other()\n\t/src/other.go:1 +0x1\n";
    check(
        text,
        "go",
        "panic",
        &["example.com/shop/cart.(*Cart).Total", "main.main"],
        "panic (runtime error: index out of range [<*>] with length <*>) at example.com/shop/cart.(*Cart).Total < main.main",
    );
    assert_eq!(parse(text).unwrap().message, "runtime error: index out of range [5] with length 3");
    let logger = "main.work\n\t/src/main.go:12\nmain.main\n\t/src/main.go:4\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:250";
    check(logger, "go", "", &["main.work", "main.main"], "error at main.work < main.main");
}

#[test]
fn node() {
    let text = "TypeError: Cannot read properties of undefined (reading 'id')\n    at getUser (/srv/app/users.js:14:22)\n    at async Layer.handle [as handle_request] (/srv/node_modules/express/lib/layer.js:95:5)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n    at /srv/app/server.js:9:3 {\n  code: 'X'\n}";
    let kept = "TypeError: Cannot read properties of undefined (reading 'id')\n    at getUser (/srv/app/users.js:14:22)\n    at async Layer.handle [as handle_request] (/srv/node_modules/express/lib/layer.js:95:5)\n    at /srv/app/server.js:9:3";
    check(
        kept,
        "node",
        "TypeError",
        &["getUser", "<anonymous>"],
        "TypeError at users.getUser < app/server.<anonymous>",
    );
    assert_eq!(parse(text).unwrap().kind, "TypeError");
    let cause = "Error: load failed\n    at load (/srv/app/a.js:1:2)\n  [cause]: RangeError: too big\n      at size (/srv/app/b.js:3:4)\n";
    check(cause, "node", "RangeError", &["size"], "RangeError at b.size");
}

#[test]
fn ruby() {
    let old = "NoMethodError (undefined method `total' for nil:NilClass):\n  \n  app/models/cart.rb:69:in `total'\n  app/controllers/carts_controller.rb:7:in `show'\n  actionpack (7.0.4) lib/action_controller/metal.rb:6:in `process'\n";
    check(old, "ruby", "NoMethodError", &["total", "show"], "NoMethodError at cart.total < carts_controller.show");
    let new = "/srv/app/cart.rb:12:in 'Cart#total': undefined method 'x' for nil (NoMethodError)\n\tfrom /srv/app/main.rb:3:in '<main>'\n";
    check(
        new,
        "ruby",
        "NoMethodError",
        &["Cart#total", "<main>"],
        "NoMethodError at cart.Cart#total < app/main.<main>",
    );
}

#[test]
fn php() {
    let text = "PHP Fatal error:  Uncaught TypeError: bad argument in /srv/shop/cart.php:60\nStack trace:\n#0 /srv/shop/index.php(20): Cart->total('x')\n#1 [internal function]: run()\n#2 {main}\n  thrown in /srv/shop/cart.php on line 60\n";
    check(text, "php", "TypeError", &["Cart->total", "run"], "TypeError at Cart->total < shop/index.run");
    let old = "exception 'Exception' with message 'Custom' in /home/a/test.php:5\nStack trace:\n#0 /home/a/test.php(9): one()\n#1 /home/a/test.php(13): two()\n#2 {main}";
    check(old, "php", "Exception", &["one", "two", "{main}"], "Exception at test.one < test.two < test.{main}");
}

#[test]
fn csharp() {
    let text = "Unhandled exception. System.InvalidOperationException: outer ---> System.FormatException: inner\n   at Shop.Cart.Parse(String text) in /src/Cart.cs:line 33\n   at System.Int32.Parse(String s)\n   --- End of inner exception stack trace ---\n   at Shop.Cart.<Load>d__2.MoveNext() in /src/Cart.cs:line 22\n   at Shop.Program.Main(String[] args) in /src/Program.cs:line 11\n";
    check(text, "csharp", "System.FormatException", &["Shop.Cart.Parse"], "System.FormatException at Shop.Cart.Parse");
    assert_eq!(parse(text).unwrap().chain, ["System.InvalidOperationException"]);
}

#[test]
fn rust() {
    let text = "thread 'main' panicked at src/main.rs:5:10:\ncalled `Option::unwrap()` on a `None` value\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:645:5\n   1: core::panicking::panic_fmt\n             at /rustc/abc/library/core/src/panicking.rs:72:14\n   2: core::option::unwrap_failed\n             at /rustc/abc/library/core/src/option.rs:1:1\n   3: shop::cart::total\n             at ./src/cart.rs:5:10\n   4: shop::main\n             at ./src/main.rs:3:5\n";
    check(
        text,
        "rust",
        "panic",
        &["shop::cart::total", "shop::main"],
        "panic (called `<*>` on a `<*>` value) at shop::cart::total < shop::main",
    );
    assert_eq!(parse(text).unwrap().message, "called `Option::unwrap()` on a `None` value");
}

/// As Rust 1.95 prints it with `RUST_BACKTRACE=full`: hashes behind crates, and `catch_unwind` below the application.
#[test]
fn rust_in_full() {
    let text = "thread 'main' (31007) panicked at src/cart.rs:17:5:\nindex out of bounds: the len is 3 but the index is 99\nstack backtrace:\n   0:     0x55ddcfc9d94a - std[e28293b1aa0f68bd]::backtrace_rs::backtrace::libunwind::trace\n                               at /rustc/598/library/std/src/backtrace/libunwind.rs:117:9\n   5:     0x55ddcfcadd9a - core[c1f1a4ba060b9bfa]::fmt::write\n  14:     0x55ddcfc89c9d - __rustc[b7974e8690430dd9]::rust_begin_unwind\n  15:     0x55ddcfcae60c - core[c1f1a4ba060b9bfa]::panicking::panic_fmt\n  16:     0x55ddcfcae3fc - core[c1f1a4ba060b9bfa]::panicking::panic_bounds_check\n  17:     0x55ddcfc73a04 - shop[1f2e3d4c5b6a7988]::cart::load::{closure#0}\n  18:     0x55ddcfc73a05 - <core[c1f1a4ba060b9bfa]::option::Option<usize>>::map::<i32>\n  19:     0x55ddcfc72f5a - shop[1f2e3d4c5b6a7988]::cart::load\n                               at /app/src/cart.rs:17:5\n  20:     0x55ddcfc72ffc - shop[1f2e3d4c5b6a7988]::main\n  22:     0x55ddcfc7316b - core::ops::function::FnOnce::call_once::h53842824302acfa3\n  26:     0x55ddcfc99124 - std[e28293b1aa0f68bd]::panicking::catch_unwind::do_call::<i32>\n  28:     0x55ddcfc99124 - std[e28293b1aa0f68bd]::panic::catch_unwind::<i32>\n  35:     0x55ddcfc73b1e - main\n  36:     0x7f04aeca924a - clone3\n  39:                0x0 - <unknown>\n";
    let functions = [
        "shop[1f2e3d4c5b6a7988]::cart::load::{closure#0}",
        "shop[1f2e3d4c5b6a7988]::cart::load",
        "shop[1f2e3d4c5b6a7988]::main",
    ];
    let said = "panic (index out of bounds: the len is <*> but the index is <*>)";
    let pattern = format!("{said} at shop::cart::load::{{closure#<*>}} < shop::cart::load < shop::main");
    check(text, "rust", "panic", &functions, &pattern);
}

#[test]
fn rust_without_a_frame_of_its_own() {
    let text = "thread 'main' panicked at src/cart.rs:17:5:\nno key\nstack backtrace:\n   0: __rustc::rust_begin_unwind\n             at /rustc/598/library/std/src/panicking.rs:689:5\n   1: core::panicking::panic_fmt\n             at /rustc/598/library/core/src/panicking.rs:80:14\n   2: core::option::expect_failed\n             at /rustc/598/library/core/src/option.rs:2245:5\nnote: Some details are omitted.\n";
    check(text, "rust", "panic", &[""], "panic (no key) at cart");
    assert_eq!(parse(text).unwrap().frames[0].line, Some(17));
    let caught = text.replace("note:", "   4: std::panic::catch_unwind\nnote:");
    assert_eq!(trace_pattern(&caught), "panic (no key) at cart");
}

#[test]
fn dart() {
    let text = "Unhandled exception:\nBad state: empty\n#0      Cart.total (package:shop/cart.dart:12:20)\n#1      main.<anonymous closure> (file:///srv/main.dart:3:13)\n<asynchronous suspension>\n#2      _startIsolate (dart:isolate-patch/isolate_patch.dart:265)\n";
    check(
        text,
        "dart",
        "StateError",
        &["Cart.total", "main.<anonymous closure>"],
        "StateError at Cart.total < main.<anonymous closure>",
    );
}

#[test]
fn escaped_line_breaks_are_read() {
    let text = PYTHON.trim().replace('"', "\\\"").replace('\n', "\\n");
    assert_eq!(trace_pattern(&text), "KeyError at cart.checkout");
    assert!(whole(&text).unwrap().contains('\n'));
}

#[test]
fn a_message_before_the_trace_stays_in_the_pattern() {
    let text = format!("Checkout failed for order 1234\n{PYTHON}");
    assert_eq!(trace_pattern(&text), "Checkout failed for order <*>: KeyError at cart.checkout");
}

#[test]
fn lines_depths_and_masked_numbers_do_not_matter() {
    for masked in ["\u{1}", "<num>", "*", "7"] {
        let text = PYTHON.replace("88", masked).replace("3.11", masked).replace("12", masked).replace("sku-7", masked);
        assert_eq!(trace_pattern(&text), "KeyError at cart.checkout", "{masked:?}");
    }
}

#[test]
fn prose_is_no_trace() {
    for text in [
        "one line",
        "We met at noon\nat the station (12:30)\nand left at 1",
        "This happened:\n  at least it says so\n  at most twice",
        "see #0 and\n#1 of the list",
        "plain\ntext: with colons\nError: but no frame",
        "goroutine of the mind\nsee main.go: it is fine",
        "",
    ] {
        assert!(whole(text).is_none(), "{text}");
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    const PIECES: &[&str] = &[
        "Traceback (most recent call last):",
        "  File \"a.py\", line 1, in f",
        "\n",
        "\\n",
        "KeyError: x",
        "\tat a.B.c(D.java:1)",
        "    at f (a.js:1:2)",
        "Caused by: x.Y: z",
        "goroutine 1 [running]:",
        "main.f()",
        "\t/a.go:1 +0x1",
        "panic: x",
        "#0 /a.php(1): f()",
        "#0   f (dart:x:1)",
        "a.rb:1:in `f'",
        "stack backtrace:",
        "   0: a::b",
        "  | ",
        " ---> ",
        "é",
        "\u{1}",
        "(",
        ")",
        ": ",
        "<",
        "'",
        " in ",
        "   at A.B(C d) in x.cs:line 3",
        "--- End of inner exception stack trace ---",
        "Unhandled exception:",
        "... 3 more",
        " {",
        "}",
        "[errors]: [",
        "[cause]: Error: x",
        "\tSuppressed: x.Y: z",
        "Error [CODE]: ",
        "E: y",
        " ---> x.Y (0x1): z",
        "[object] (A(code: 0): m at /a.php:3)",
        "a.rb:1:in 'g': x (Y)",
        "thread 'main' panicked at src/a.rs:3:5:",
    ];

    proptest! {
        #[test]
        fn no_text_is_too_odd(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
            let text = pieces.concat();
            let _ = (parse(&text), trace_pattern(&text));
        }

        #[test]
        fn nothing_arbitrary_panics(text in "\\PC{0,200}") {
            let _ = (parse(&text), trace_pattern(&text));
        }
    }
}

#[test]
fn published_traces_are_read() {
    #[expect(clippy::disallowed_methods, reason = "the collection stands outside of the repository")]
    let root = std::env::var_os("LOG_GARDENER_DATA").map_or_else(|| "../shared/data".into(), std::path::PathBuf::from);
    let Ok(folder) = std::fs::read_dir(root.join("gcp/_traces")) else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("SKIPPED published_traces_are_read: no folder {}", root.display());
        }
        return;
    };
    let mut read = 0;
    for file in folder {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with("arbitrary") {
            assert!(whole(&text).is_none());
            continue;
        }
        let exception = parse(&text).unwrap_or_else(|| panic!("{name} is not read"));
        assert!(!exception.kind.is_empty() && !exception.frames.is_empty(), "{name}");
        let language = match name.split('_').next().unwrap() {
            "client" => "node",
            "complex" | "nested" => "java",
            "rails" => "ruby",
            other => other,
        };
        assert_eq!(exception.language, language, "{name}");
        let masked: String =
            text.chars().map(|letter| if letter.is_ascii_digit() { '\u{1}' } else { letter }).collect();
        let kind = |text: &str| trace_pattern(text).split(" at ").next().map(str::to_owned);
        assert_eq!(kind(&masked), kind(&text), "{name}");
        read += 1;
    }
    assert_eq!(read, 36);
}

#[test]
fn a_line_of_a_key_in_a_statement_is_no_type() {
    for length in [49, 60, 64, 76] {
        let line: String = "BviUEnRYZdkEuI9BtQ".chars().cycle().take(length).collect();
        let text = format!(
            "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g('-----BEGIN PRIVATE KEY-----\n{line}\nx"
        );
        let exception = parse(&text).map(|exception| exception.kind).unwrap_or_default();
        assert!(exception.is_empty() && !trace_pattern(&text).contains(&line), "{exception}: {}", trace_pattern(&text));
    }
}
