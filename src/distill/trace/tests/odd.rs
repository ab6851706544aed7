//! Traces in forms that are met seldom: messages of several lines, groups, further inner exceptions, Windows, `-trimpath`.

use super::super::{parse, trace_pattern};
use super::check;

#[test]
fn ruby_shows_the_source_below_the_message() {
    let text = "/app/lib/cart.rb:12:in 'Cart#load': undefined method 'x' for nil (NoMethodError)\n\n    nil.x\n       ^^\n\tfrom /app/lib/main.rb:3:in 'block in Main.run'\n\tfrom /app/lib/main.rb:9:in '<main>'\n";
    check(
        text,
        "ruby",
        "NoMethodError",
        &["Cart#load", "Main.run", "<main>"],
        "NoMethodError at cart.Cart#load < Main.run < lib/main.<main>",
    );
    let after = "app/cart.rb:3:in `load'\napp/main.rb:5:in `run'\nserved in 3 ms\napp/other.rb:9:in `x'\n";
    assert_eq!(parse(after).unwrap().frames.len(), 2);
}

#[test]
fn further_inner_exceptions_stand_beside_the_first() {
    let text = "System.AggregateException: Several failed. (a) (b)\n ---> System.TimeoutException: a\n   at Shop.A.X() in /src/A.cs:line 1\n   --- End of inner exception stack trace ---\n   at Shop.Main.Go() in /src/M.cs:line 2\n ---> (Inner Exception #1) System.AggregateException: c\n ---> System.IO.IOException: b\n   at Shop.B.Y() in /src/B.cs:line 3\n   --- End of inner exception stack trace ---<---\n\n   at Shop.Main.Rest() in /src/M.cs:line 9\n";
    check(text, "csharp", "System.TimeoutException", &["Shop.A.X"], "System.TimeoutException at Shop.A.X");
    assert_eq!(parse(text).unwrap().chain, ["System.AggregateException"]);
}

#[test]
fn a_group_whose_first_line_lost_its_indentation() {
    let text = "+ Exception Group Traceback (most recent call last):\n  |   File \"/app/g.py\", line 5, in run\n  |     raise group\n  | ExceptionGroup: many (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"/app/v.py\", line 1, in check\n    |     raise ValueError(1)\n    | ValueError: 1\n    | a note\n    +---------------- 2 ----------------\n    | TypeError: t\n    +------------------------------------\n";
    check(text, "python", "ValueError", &["check"], "ValueError at v.check");
    assert_eq!(parse(text).unwrap().chain, ["ExceptionGroup"]);
}

#[test]
fn source_text_that_begins_with_a_sign_is_no_margin() {
    let text = "Traceback (most recent call last):\n  File \"/app/sum.py\", line 3, in total\n    return (net\n    +tax)\n    ~~~~\nTypeError: unsupported operand\n";
    check(text, "python", "TypeError", &["total"], "TypeError at sum.total");
}

#[test]
fn pythons_own_files_on_windows() {
    let text = "Traceback (most recent call last):\n  File \"C:\\shop\\lib\\pay.py\", line 3, in pay\n    load()\n  File \"C:\\Programs\\Python\\Python311\\Lib\\json\\decoder.py\", line 337, in decode\n    x\n  File \"C:\\Python39\\lib\\json\\decoder.py\", line 355, in raw_decode\n    x\njson.decoder.JSONDecodeError: Expecting value\n";
    check(text, "python", "json.decoder.JSONDecodeError", &["pay"], "json.decoder.JSONDecodeError at pay.pay");
}

#[test]
fn go_panics_that_go_on_and_paths_of_modules() {
    let text = "panic: user 17 is missing [recovered]\n\tpanic: user 17 is missing, again\n\ngoroutine 7 [running]:\ntesting.tRunner.func1.2({0x1, 0x2})\n\ttesting/testing.go:1526 +0x1c8\npanic({0x1?, 0x2?})\n\truntime/panic.go:884 +0x213\ngithub.com/gin-gonic/gin.(*Context).Next(...)\n\tgithub.com/gin-gonic/gin@v1.9.1/context.go:174\nexample.com/shop/cart.Load(0xc0001)\n\texample.com/shop/cart/load.go:42 +0x1d\nmain.main()\n\texample.com/shop/main.go:12 +0x39\n";
    let functions = ["example.com/shop/cart.Load", "main.main"];
    check(text, "go", "panic", &functions, "panic at example.com/shop/cart.Load < main.main");
    assert_eq!(parse(text).unwrap().message, "user 17 is missing");
    let newer = text.replace(" [recovered]\n\tpanic: user 17 is missing, again", " [recovered, repanicked]");
    assert_eq!(parse(&newer).unwrap().message, "user 17 is missing");
    assert_eq!(trace_pattern(&newer), trace_pattern(text));
}

#[test]
fn a_stack_overflow_of_go_leads_to_the_goroutine() {
    let text = "runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw({0x4b1a2e?, 0x0?})\n\t/usr/local/go/src/runtime/panic.go:1077 +0x5c\nruntime.newstack()\n\t/usr/local/go/src/runtime/stack.go:1107 +0x5bd\n\ngoroutine 1 gp=0xc0000061c0 m=0 mp=0x55aa [running]:\nmain.walk(0x0?)\n\t/app/main.go:5 +0x2e\nmain.walk(0x0?)\n\t/app/main.go:6 +0x1b\nmain.main()\n\t/app/main.go:9 +0x17\n";
    let pattern = "runtime: goroutine stack exceeds <*> limit: fatal error (stack overflow) at main.walk < main.main";
    check(text, "go", "fatal error", &["main.walk", "main.walk", "main.main"], pattern);
}

#[test]
fn frames_without_a_class_or_with_blanks_end_no_trace() {
    let compiled = "System.InvalidOperationException: no order\n   at Shop.Api.Get(Int32 id) in C:\\Program Files\\shop\\Api.cs:line 12\n   at lambda_method12(Closure , Object )\n   at Shop.Auth.Check() in /src/Auth.cs:line 3\n";
    let pattern = "System.InvalidOperationException at Shop.Api.Get < Shop.Auth.Check";
    check(compiled, "csharp", "System.InvalidOperationException", &["Shop.Api.Get", "Shop.Auth.Check"], pattern);
    let blanks = "RangeError: Invalid array length\n    at load (/home/my app/src/cart.js:10:5)\n    at async /home/my app/src/job.js:1:1\n    at main (/home/my app/src/run.js:3:1)\n";
    let pattern = "RangeError at cart.load < job.<anonymous> < run.main";
    check(blanks, "node", "RangeError", &["load", "<anonymous>", "main"], pattern);
}

#[test]
fn a_message_of_a_cause_may_hold_blank_lines() {
    let outer = "java.lang.IllegalStateException: no context\n\tat org.springframework.boot.Run.run(Run.java:1)\nCaused by: com.acme.MigrationFailed: V2 failed\n";
    let text =
        format!("{outer}\nSQL State: 42P01\n\nStatement: ALTER\n\n\tat com.acme.Migrate.apply(Migrate.java:9)\n");
    let pattern = "com.acme.MigrationFailed at com.acme.Migrate.apply";
    check(&text, "java", "com.acme.MigrationFailed", &["com.acme.Migrate.apply"], pattern);
    // What follows a cause without frames is none of it.
    for behind in ["\njava.io.IOException: closed\n", "\t... 9 more\n\nretried\n"] {
        let text = format!("{outer}{behind}\tat com.acme.Other.close(Other.java:3)\n");
        check(
            &text,
            "java",
            "com.acme.MigrationFailed",
            &[],
            "com.acme.MigrationFailed at org.springframework.boot.Run.run",
        );
    }
}

#[test]
fn reactor_tells_the_frames_below_where_an_operator_was_assembled() {
    let text = "java.util.concurrent.TimeoutException: no item within 5000ms\n\tat reactor.core.publisher.FluxTimeout.handle(FluxTimeout.java:296)\n\tSuppressed: reactor.core.publisher.FluxOnAssembly$OnAssemblyException: \nError has been observed at the following site(s):\n\t*__checkpoint \u{21e2} Handler com.acme.Card#issue [DispatcherHandler]\nOriginal Stack Trace:\n\t\tat reactor.core.publisher.FluxTimeout.handle(FluxTimeout.java:296)\n\t\tat com.acme.Issuer.issue(Issuer.java:51)\n";
    check(
        text,
        "java",
        "java.util.concurrent.TimeoutException",
        &["com.acme.Issuer.issue"],
        "java.util.concurrent.TimeoutException at com.acme.Issuer.issue",
    );
    let without =
        text.split("Original").next().unwrap().to_owned() + "Caused by: java.io.IOException: x\n\t... 3 more\n";
    assert_eq!(parse(&without).unwrap().kind, "java.io.IOException");
}

#[test]
fn a_message_may_stand_below_its_type() {
    let text = "PrismaClientKnownRequestError: \nInvalid `prisma.export.create()` invocation:\n\n\nUnique constraint failed\n    at save (/app/dist/export.js:41:12)\n";
    let exception = parse(text).unwrap();
    assert_eq!(exception.kind, "PrismaClientKnownRequestError");
    assert_eq!(exception.message, "Invalid `prisma.export.create()` invocation:\n\n\nUnique constraint failed");
    assert_eq!(parse("java.lang.NullPointerException\n\tat a.B.c(B.java:1)\n").unwrap().message, "");
}

#[test]
fn what_grpc_and_pydantic_say_stands_below_the_head() {
    let python = |head: &str| {
        format!(
            "Traceback (most recent call last):\n  File \"/app/quotes.py\", line 7, in load\n    stub.Get(x)\n{head}"
        )
    };
    let rpc = |code: &str, details: &str| {
        python(&format!(
            "grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.{code}\n\tdetails = \"{details}\"\n\tdebug_error_string = \"x\"\n>\n"
        ))
    };
    let text = rpc("UNAVAILABLE", "no \"quotes\" left");
    let kind = "grpc._channel._InactiveRpcError";
    check(&text, "python", kind, &["load"], "grpc._channel._InactiveRpcError [UNAVAILABLE] at quotes.load");
    assert_eq!(parse(&text).unwrap().message, "no \"quotes\" left");
    assert_ne!(trace_pattern(&text), trace_pattern(&rpc("NOT_FOUND", "no")));
    let settings = python(
        "pydantic_core.ValidationError: 2 validation errors for Settings\nDATABASE_URL\n  Field required [type=missing, input_value={'a': 1}]\nPORT\n  Input should be a number [type=int]\n",
    );
    let said = "2 validation errors for Settings\nDATABASE_URL\n  Field required";
    assert_eq!(parse(&settings).unwrap().message, said);
    let other = python("ValidationError: 1 validation error for all\nx");
    assert_eq!(parse(&other).unwrap().message, "1 validation error for all");
}

#[test]
fn ruby_heads_behind_what_a_logger_says() {
    let frames = "/app/jobs/mail_job.rb:9:in `perform'\n/usr/local/lib/ruby/3.2.0/net/smtp.rb:6:in `x'";
    for (head, kind, message) in [
        (
            "2025-09-14T03:00:00.123Z pid=1 tid=abc class=MailJob elapsed=1.2 WARN: NoMethodError: undefined method `a' for nil",
            "NoMethodError",
            "undefined method `a' for nil",
        ),
        (
            "Error performing MailJob (Job ID: 4f) from Async(mailers) in 12ms: Net::OpenTimeout (execution expired):",
            "Net::OpenTimeout",
            "execution expired",
        ),
        (
            "ActiveRecord::RecordInvalid (Validation failed: Name (full) is missing):",
            "ActiveRecord::RecordInvalid",
            "Validation failed: Name (full) is missing",
        ),
    ] {
        let exception = parse(&format!("{head}\n{frames}")).unwrap();
        assert_eq!((exception.kind.as_str(), exception.message.as_str()), (kind, message), "{head}");
    }
}

#[test]
fn deno_says_where_an_error_was_not_caught() {
    let text = "error: Uncaught (in promise) PermissionDenied: Requires net access to \"x\"\n    at mainFetch (ext:deno_fetch/26_fetch.js:277:12)\n    at lookup (file:///app/geo.ts:9:15)";
    check(text, "node", "PermissionDenied", &["lookup"], "PermissionDenied at geo.lookup");
}
