//! Traces as runtimes, frameworks and loggers print them.

use super::{check, parse, trace_pattern, whole};

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

/// A minifier gives other names in every build; what an engine says stays.
#[test]
fn names_of_minifiers_do_not_tell_failures_apart() {
    let bundle = |first: &str, second: &str, file: &str, said: &str| {
        trace_pattern(&format!(
            "TypeError: {said}\n    at {first} ({file}:1:3585)\n    at {second} ({file}:1:48159)\n    at {file}:2:5123"
        ))
    };
    let read = "Cannot read properties of undefined (reading 'amount')";
    let [one, other] = ["https://s.example/main.5fb78683.js", "https://s.example/main.abcdefab.js"];
    let pattern = bundle("Gl", "new rw", one, read);
    assert_eq!(pattern, "TypeError at main.<*>: Cannot read properties of <*> (reading 'amount')");
    assert_eq!(bundle("xc", "t.a", other, read), pattern);
    assert_ne!(bundle("xc", "t.a", other, "Cannot read properties of undefined (reading 'id')"), pattern);
    let chunk = |name: &str, number: u32| {
        bundle(
            "r",
            "async e",
            &format!("/app/.next/server/chunks/{number}.js"),
            &format!("{name}.map is not a function"),
        )
    };
    assert_eq!((chunk("t", 447), chunk("aX", 448)), (chunk("r", 9), "TypeError: .map is not a function".to_owned()));
    // A name that somebody wrote tells more, and so does any name where the file is no bundle.
    assert_eq!(
        bundle("t.render", "rw", one, read),
        "TypeError at t.render: Cannot read properties of <*> (reading 'amount')"
    );
    assert_eq!(bundle("go", "load", "/app/cart.js", read), "TypeError at cart.go < cart.load < cart.<anonymous>");
    // The words of a program hold values.
    let error = trace_pattern("Error: tenant alice has no plan\n    at tY (/app/chunks/447.js:1:384)");
    assert_eq!(error, "Error at <*>.tY");
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
    // Where every line is an entry of its own.
    let head = |line: u32| format!("thread 'main' ({line}) panicked at src/index/merge.rs:{line}:17:");
    check(&head(88), "rust", "panic", &[""], "panic at merge");
    assert_eq!(trace_pattern(&head(88)), trace_pattern(&head(90)));
    assert!(whole("thread 'main' panicked at noon").is_none());
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
