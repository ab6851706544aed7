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
