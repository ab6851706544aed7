//! Traces of every language, written for these tests.

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
    for mark in &marks[..4] {
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
fn frames_of_a_cause_lead_to_those_of_the_application() {
    let text = "java.lang.RuntimeException: save failed\n\tat com.acme.OrderService.save(OrderService.java:41)\nCaused by: org.postgresql.util.PSQLException: ERROR: duplicate key\n\tat org.postgresql.core.QueryExecutor.receive(QueryExecutor.java:2725)\n\t... 42 common frames omitted\n";
    check(
        text,
        "java",
        "org.postgresql.util.PSQLException",
        &["com.acme.OrderService.save"],
        "org.postgresql.util.PSQLException as java.lang.RuntimeException at com.acme.OrderService.save",
    );
    let frames = parse(text).unwrap().frames;
    assert_eq!(frames.iter().map(|frame| frame.line).collect::<Vec<_>>(), [Some(2725), Some(41)]);
}

#[test]
fn a_line_before_the_trace_does_not_repeat_its_message() {
    let nest = |name: &str| {
        trace_pattern(&format!(
            "ERROR [ExceptionsHandler] Customer {name} not found\nError: Customer {name} not found\n    at UsersService.find (/app/src/users.service.ts:31:19)"
        ))
    };
    assert_eq!(nest("alice"), "ERROR [ExceptionsHandler] <*>: Error at UsersService.find");
    assert_eq!(nest("alice"), nest("bob"));
    let coloured =
        "\u{1b}[31mCannot read the order\u{1b}[39m\nError: Cannot read the order\n    at f (/app/src/a.ts:31:19)";
    assert!(!trace_pattern(coloured).contains("Cannot read"), "{}", trace_pattern(coloured));
    let celery = |said: &str| {
        trace_pattern(&format!(
            "Task charge raised unexpected: ValueError('{said}')\nTraceback (most recent call last):\n  File \"/app/tasks.py\", line 9, in charge\nValueError: {said}"
        ))
    };
    assert_eq!(celery("no such customer alice"), "Task charge raised unexpected: <*>: ValueError at tasks.charge");
    assert_eq!(celery("no"), celery("no such customer alice"));
    // A short message may be any word of the line.
    let short = "Cannot charge: no card\nTraceback (most recent call last):\n  File \"/app/tasks.py\", line 9, in charge\nValueError: no";
    assert_eq!(trace_pattern(short), "Cannot charge: no card: ValueError at tasks.charge");
}

#[test]
fn properties_of_errors_in_node_are_read_over() {
    let fetch = "TypeError: fetch failed\n    at node:internal/deps/undici/undici:12345:11\n    at async pay (/app/src/pay.js:4:5) {\n  code: 'E1',\n  headers: {\n    a: 1\n  },\n  [cause]: Error: getaddrinfo ENOTFOUND api\n      at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:107:26) {\n    errno: -3008\n  }\n}";
    check(fetch, "node", "Error", &["pay"], "Error (ENOTFOUND) as TypeError at pay.pay");
    let lone = "Error: connect ECONNREFUSED 10.0.0.5:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {\n  errno: -111\n}";
    check(lone, "node", "Error", &[], "Error (ECONNREFUSED) at TCPConnectWrap.afterConnect");
    let pino = "Error: checkout failed\n    at checkout (/app/checkout.js:10:11)\ncaused by: TypeError: db.query is not a function\n    at load (/app/store.js:20:3)";
    check(pino, "node", "TypeError", &["load"], "TypeError at store.load");
    let grpc = "Error: 7 PERMISSION_DENIED: Missing permissions.\n    at callErrorFromStatus (/app/node_modules/@grpc/call.js:31:19)\nfor call at\n    at makeUnaryRequest (/app/node_modules/@grpc/client.js:160:32)\nCaused by: Error\n    at saveOrder (/app/lib/orders.js:12:9)";
    check(grpc, "node", "Error", &["saveOrder"], "Error (PERMISSION_DENIED) at orders.saveOrder");
    let many = "AggregateError [ECONNREFUSED]: \n    at connect (node:net:1114:18) {\n  code: 'ECONNREFUSED',\n  [errors]: [\n    Error: connect ECONNREFUSED ::1:5432\n        at one (node:net:1634:14),\n    Error: connect ECONNREFUSED 127.0.0.1:5432\n        at two (node:net:1634:14)\n  ]\n}";
    check(many, "node", "Error", &[], "Error (ECONNREFUSED) at node:net.one");
    let emitted = "Error: listen EADDRINUSE: address already in use :::80\n    at Server.listen (node:net:1898:16)\nEmitted 'error' event on Server instance at:\n    at start (/app/server.js:3:1) {\n  port: 80\n}";
    check(emitted, "node", "Error", &["start"], "Error (EADDRINUSE) at app/server.start");
}

#[test]
fn types_are_known_by_where_they_stand() {
    let kind = |text: &str| parse(text).map(|exception| (exception.kind, exception.message)).unwrap_or_default();
    let dotnet = "System.InvalidOperationException: outer\n ---> Microsoft.Data.SqlClient.SqlException (0x80131904): Violation\n   at Microsoft.Data.X.Y()\n   --- End of inner exception stack trace ---\n   at Shop.A.F() in /src/A.cs:line 1";
    assert_eq!(kind(dotnet), ("Microsoft.Data.SqlClient.SqlException".to_owned(), "Violation".to_owned()));
    let socket = "System.Net.Sockets.SocketException (111): Connection refused\n   at Shop.A.F() in /src/A.cs:line 1";
    assert_eq!(kind(socket), ("System.Net.Sockets.SocketException".to_owned(), "Connection refused".to_owned()));
    for (head, type_, message, pattern) in [
        (
            "Error [ERR_HTTP_HEADERS_SENT]: Cannot set",
            "Error",
            "Cannot set",
            "Error [ERR_HTTP_HEADERS_SENT] at pay.pay",
        ),
        ("error: relation \"a\" does not exist", "error", "relation \"a\" does not exist", "error at pay.pay"),
        ("OrderNotFound: order 17", "OrderNotFound", "order 17", "OrderNotFound at pay.pay"),
        ("boom\nPaymentDeclined: order 17", "PaymentDeclined", "order 17", "boom: PaymentDeclined at pay.pay"),
        ("Info: started", "", "", "Info: started: error at pay.pay"),
        ("ERROR: failed", "", "", "ERROR: failed: error at pay.pay"),
    ] {
        let text = format!("{head}\n    at pay (/app/pay.js:10:7)");
        assert_eq!(kind(&text), (type_.to_owned(), message.to_owned()), "{text}");
        assert_eq!(trace_pattern(&text), pattern);
    }
    let thread = "Exception in thread \"main\" com.acme.OrderMissing: 17\n\tat com.acme.A.g(A.java:1)";
    assert_eq!(trace_pattern(thread), "com.acme.OrderMissing at com.acme.A.g");
}

#[test]
fn what_a_suppressed_exception_was_caused_by_is_no_cause() {
    let text = "java.io.IOException: main\n\tat com.acme.A.f(A.java:1)\n\tSuppressed: java.lang.IllegalStateException: close\n\t\tat com.acme.B.close(B.java:1)\n\tCaused by: java.lang.NullPointerException: inner\n\t\tat com.acme.C.x(C.java:1)\n";
    check(text, "java", "java.io.IOException", &["com.acme.A.f"], "java.io.IOException at com.acme.A.f");
    let caused = format!("{text}Caused by: java.net.SocketException: reset\n\tat com.acme.D.y(D.java:1)\n");
    check(&caused, "java", "java.net.SocketException", &["com.acme.D.y"], "java.net.SocketException at com.acme.D.y");
}

#[test]
fn archives_tell_libraries_from_the_application() {
    let text = "java.lang.IllegalStateException: x\n\tat org.acme.Tool.run(Tool.java:1) ~[tool-2.9.jar:2.9]\n\tat org.springframework.samples.A.f(A.java:1) ~[classes!/:1.0]\n\tat com.acme.A$$EnhancerBySpringCGLIB$$daffeba2.f(<generated>) ~[classes!/:1.0]";
    let function = "org.springframework.samples.A.f";
    check(
        text,
        "java",
        "java.lang.IllegalStateException",
        &[function],
        "java.lang.IllegalStateException at org.springframework.samples.A.f",
    );
}

#[test]
fn failures_of_one_type_and_place_are_told_apart() {
    let grpc = |kind: &str| {
        trace_pattern(&format!(
            "Traceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/grpc/_channel.py\", line 1, in call\ngrpc.RpcError: x\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/app/store.py\", line 7, in load\n{kind}: y\n"
        ))
    };
    assert_eq!(grpc("PermissionDenied"), "grpc.RpcError as PermissionDenied at store.load");
    let go = |said: &str| {
        trace_pattern(&format!("panic: {said}\n\ngoroutine 1 [running]:\nmain.pay()\n\t/src/a.go:9 +0x1\n"))
    };
    assert_ne!(go("runtime error: index out of range [5] with length 3"), go("runtime error: integer divide by zero"));
    assert_eq!(go("customer alice"), go("customer bob"));
}

#[test]
fn names_that_tools_made_are_the_same_in_every_build() {
    let cart = |number: u32| {
        trace_pattern(&format!(
            "System.Exception: x\n   at Shop.Cart.<>c__DisplayClass{number}_0.<Load>b__{number}(Item i) in /src/Cart.cs:line 3\n   at Shop.Cart.<Load>g__Local|{number}_0() in /src/Cart.cs:line 3"
        ))
    };
    assert_eq!((cart(1), cart(1)), (cart(2), "System.Exception at Shop.Cart.Load".to_owned()));
    let bundle = |hash: &str| trace_pattern(&format!("Error: x\n    at f (/app/dist/main.{hash}.js:1:123)"));
    assert_eq!((bundle("abcdefab"), bundle("abcdefab")), (bundle("3f2a1b9c"), "Error at main.<*>.f".to_owned()));
}

#[test]
fn go_without_a_head_of_its_own() {
    let gin = "2025/09/14 03:00:00 [Recovery] 2025/09/14 - 03:00:00 panic recovered:\nGET /pay HTTP/1.1\nHost: x\n\n\nruntime error: index out of range [5] with length 3\n/usr/local/go/src/runtime/panic.go:113 (0x4371a4)\n\tgoPanicIndex: panic(boundsError{x: int64(x)})\n/app/pay.go:22 (0x8c5b2f)\n\tcharge: _ = a[i]\n";
    let pattern = "panic (runtime error: index out of range [<*>] with length <*>) at pay.charge";
    check(gin, "go", "panic", &["charge"], pattern);
    let stack = "request failed\ngoroutine 22 [running]:\nmain.pay({0x1,0x2})\n\t/src/pay.go:9 +0x1\n";
    check(stack, "go", "", &["main.pay"], "request failed: error at main.pay");
}

#[test]
fn ruby_with_tags_templates_and_causes() {
    let tagged = "[5a3c2b1e] NoMethodError (undefined method `total'):\n[5a3c2b1e]   \n[5a3c2b1e] app/models/cart.rb:69:in `total'\n[5a3c2b1e] app/controllers/carts_controller.rb:7:in `show'\n";
    check(tagged, "ruby", "NoMethodError", &["total", "show"], "NoMethodError at cart.total < carts_controller.show");
    assert_eq!(parse(tagged).unwrap().frames[0].file, "app/models/cart.rb");
    let template = "ActionView::Template::Error (undefined method `name'):\n    1: <h1>\n  \napp/views/users/show.html.erb:2:in `_app_views_users_show_html_erb___123_456'\napp/controllers/users_controller.rb:7:in `show'\n";
    check(
        template,
        "ruby",
        "ActionView::Template::Error",
        &["_app_views_users_show_html_erb", "show"],
        "ActionView::Template::Error at show.html._app_views_users_show_html_erb < users_controller.show",
    );
    let cause = "/app/a.rb:3:in `rescue in f': outer failed (RuntimeError)\n\tfrom /app/a.rb:9:in `<main>'\n/app/a.rb:2:in `f': divided by 0 (ZeroDivisionError)\n\tfrom /app/a.rb:9:in `<main>'\n";
    check(cause, "ruby", "ZeroDivisionError", &["f", "<main>"], "ZeroDivisionError at a.f < a.<main>");
    assert_eq!(parse(cause).unwrap().chain, ["RuntimeError"]);
    let logged =
        "F, [2025-09-14 #1] FATAL -- : NoMethodError (undefined method `total'):\napp/models/cart.rb:69:in `total'\n";
    assert_eq!(parse(logged).unwrap().kind, "NoMethodError");
}

#[test]
fn heads_of_dart_are_told_from_what_follows_them() {
    let frame = "#0      parse (package:shop/api.dart:12:5)\n";
    for (head, kind, message) in [
        (
            "[ERROR:flutter/runtime/dart_vm_initializer.cc(41)] Unhandled Exception: FormatException: Unexpected\n<html>\n^\n\n",
            "FormatException",
            "Unexpected",
        ),
        (
            "NoSuchMethodError: The method 'x' was called\nReceiver: null\nTried calling: x()\n",
            "NoSuchMethodError",
            "The method 'x' was called",
        ),
        (
            "The following _TypeError was thrown building Foo:\nNull check\n\nWhen the exception was thrown, this was the stack:\n",
            "_TypeError",
            "Null check",
        ),
    ] {
        let exception = parse(&format!("{head}{frame}")).unwrap();
        assert_eq!((exception.kind.as_str(), exception.message.as_str()), (kind, message));
    }
}

#[test]
fn a_panic_of_rust_needs_no_backtrace() {
    let panic = |thread: &str, line: u32, said: &str| {
        format!(
            "thread '{thread}' panicked at src/pay.rs:{line}:10:\n{said}\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"
        )
    };
    let text = panic("main", 5, "card declined");
    check(&text, "rust", "panic", &[""], "panic (card declined) at pay");
    assert_eq!(parse(&text).unwrap().frames[0].line, Some(5));
    assert_eq!(trace_pattern(&text), trace_pattern(&panic("tokio-runtime-worker", 7, "card declined")));
    assert!(whole("the horse panicked at noon:\nand ran").is_none());
}

#[test]
fn php_inside_of_records() {
    let laravel = |customer: &str, id: u32| {
        format!(
            "[2025-09-14 03:00:01] production.ERROR: Customer {customer} not found {{\"userId\":{id},\"exception\":\"[object] (App\\\\NotFound(code: 0): Customer {customer} not found at /var/www/app/Repo.php:12)\n[stacktrace]\n#0 /var/www/app/Http/C.php(12): App\\\\Repo->find()\n#1 {{main}}\n\"}} "
        )
    };
    let pattern = "[<*>] production.ERROR: <*>: App\\\\NotFound at App\\\\Repo->find < C.{main}";
    check(&laravel("alice", 1), "php", "App\\\\NotFound", &["App\\\\Repo->find", "{main}"], pattern);
    assert_eq!(trace_pattern(&laravel("bob", 2)), pattern);
    let previous = "[2025-09-14 03:00:01] a.ERROR: x {\"exception\":\"[object] (Outer(code: 0): x at /srv/a.php:1)\n[stacktrace]\n#0 /srv/b.php(2): f()\n\n[previous exception] [object] (Inner(code: 1): y at /srv/c.php:3)\n[stacktrace]\n#0 /srv/d.php(4): g()\n\"}";
    assert_eq!(
        parse(previous).map(|exception| (exception.kind, exception.chain)).unwrap(),
        ("Inner".to_owned(), vec!["Outer".to_owned()])
    );
    let lines = "PHP Fatal error:  Uncaught App\\Bad: multi\nline message in /srv/a.php:4\nStack trace:\n#0 /srv/index.php(3): f()\n#1 {main}\n  thrown in /srv/a.php on line 4";
    check(lines, "php", "App\\Bad", &["f", "{main}"], "App\\Bad at a.f < srv/index.{main}");
    let headless = "order failed\n#0 /srv/a.php(3): f()\n#1 /srv/index.php(3): g()\n#2 {main}";
    check(headless, "php", "", &["g", "{main}"], "order failed: error at a.g < srv/index.{main}");
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
