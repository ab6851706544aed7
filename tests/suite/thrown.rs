//! Exceptions that loggers write as objects and lists: each is told like the trace its language prints.

use serde_json::{Value, json};

use super::accounting::program;

/// What becomes of an archive: the result, and the worklog.
fn analyzed(entries: &Value) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.json");
    std::fs::write(&path, entries.to_string()).unwrap();
    let [result, page] = ["json", "md"].map(|format| {
        let out = program().args(["analyze", "--format", format]).arg(&path).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    });
    (serde_json::from_str(&result).unwrap(), page)
}

/// The exception of the only issue of an archive of one entry.
fn exception(payload: &Value) -> Value {
    let entry =
        json!({"insertId": "a", "timestamp": "2025-05-01T10:00:00Z", "severity": "ERROR", "jsonPayload": payload});
    analyzed(&json!([entry])).0["clusters"][0]["exception"].clone()
}

/// Type and message of an exception, the frames of its stack as `function file:line`, those of libraries in brackets.
fn told(payload: &Value) -> (String, String, Vec<String>) {
    let exception = exception(payload);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let frames = exception["frames"].as_array().cloned().unwrap_or_default();
    let frames = frames.iter().map(|frame| {
        let told = format!("{} {}:{}", text(&frame["function"]), text(&frame["file"]), frame["line"]);
        if frame["in_app"] == true { told } else { format!("[{told}]") }
    });
    (text(&exception["type"]), text(&exception["message"]), frames.collect())
}

fn check(payload: &Value, kind: &str, message: &str, frames: &[&str]) {
    let (told_kind, told_message, told_frames) = told(payload);
    assert_eq!((told_kind.as_str(), told_message.as_str()), (kind, message), "{payload}");
    assert_eq!(told_frames, frames, "{payload}");
}

#[test]
fn what_an_error_says_beside_a_bare_stack_is_told() {
    let stack = "acme/orders.(*Service).Refund\n\t/app/service.go:131\nacme/http.(*Handler).Post\n\t/app/handler.go:88";
    let zap = |error: &str| {
        let payload = json!({"message": "refund failed", "error": error, "stacktrace": stack});
        json!({"timestamp": "2025-05-01T10:00:00Z", "severity": "ERROR", "jsonPayload": payload})
    };
    let entries =
        [zap("load order 41127: no such row"), zap("load order 8: no such row"), zap("policy: connection refused")];
    let (result, page) = analyzed(&json!(entries));
    let clusters = result["clusters"].as_array().unwrap();
    let told: Vec<_> = clusters.iter().map(|one| (one["title"].as_str().unwrap(), one["count"].as_u64())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&("Refund failed: load order …: no such row in (*Service).Refund", Some(2))), "{told:?}");
    assert!(told.contains(&("Refund failed: policy: connection refused in (*Service).Refund", Some(1))), "{told:?}");
    assert!(!page.contains("| **Exception** |  |") && !page.contains(", .\n"), "no type, no row of it");
}

#[test]
fn an_error_that_has_a_code_alone_is_told_by_it() {
    let error = json!({"errno": -111, "code": "ECONNREFUSED", "syscall": "connect", "port": 6379});
    let entry = |second: u8, error: &Value| {
        let payload = json!({"message": "Failed to enqueue", "level": "error", "error": error});
        json!({"timestamp": format!("2025-05-01T10:00:{second:02}Z"), "severity": "ERROR", "jsonPayload": payload})
    };
    let named = json!({"code": "E42", "message": "queue is full"});
    let mut entries: Vec<Value> = (10..40).map(|second| entry(second, &error)).collect();
    entries.extend((40..50).map(|second| entry(second, &named)));
    let (result, _) = analyzed(&json!(entries));
    let clusters = result["clusters"].as_array().unwrap();
    let told: Vec<_> = clusters.iter().map(|one| (one["title"].as_str().unwrap(), one["count"].as_u64())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&("Failed to enqueue: ECONNREFUSED", Some(30))), "{told:?}");
    assert!(told.contains(&("Failed to enqueue: queue is full", Some(10))), "{told:?}");
}

#[test]
fn java_as_quarkus_log4j_and_jackson_write_it() {
    let quarkus = json!({"message": "request failed", "exception": {
        "refId": 1, "exceptionType": "java.lang.IllegalStateException", "message": "no stock", "frames": [
            {"class": "com.acme.Stock", "method": "take", "line": 42},
            {"class": "org.jboss.resteasy.core.MethodInjectorImpl", "method": "invoke", "line": 170}]}});
    let frames = [
        "com.acme.Stock.take Unknown Source:42",
        "[org.jboss.resteasy.core.MethodInjectorImpl.invoke Unknown Source:170]",
    ];
    check(&quarkus, "java.lang.IllegalStateException", "no stock", &frames);
    let log4j = json!({"message": "failed", "thrown": {"name": "java.io.IOException", "message": "gone",
        "extendedStackTrace": [{"class": "com.acme.A", "method": "go", "file": "A.java", "line": 12}]}});
    check(&log4j, "java.io.IOException", "gone", &["com.acme.A.go A.java:12"]);
    let jackson = json!({"message": "order failed", "error": {"message": "cannot place", "stackTrace": [
            {"className": "com.acme.Orders", "methodName": "place", "fileName": "Orders.java", "lineNumber": 33}],
        "cause": {"message": "pool is empty", "cause": null, "stackTrace": [
            {"className": "com.acme.Db", "methodName": "open", "fileName": "Db.java", "lineNumber": 9}]}}});
    let (kind, message, frames) = told(&jackson);
    assert_eq!((kind.as_str(), message.as_str()), ("", "pool is empty"));
    assert_eq!(frames[0], "com.acme.Db.open Db.java:9");
}

#[test]
fn python_as_structlog_and_sentry_write_it() {
    let structlog = json!({"event": "job failed", "exception": [
        {"exc_type": "ValueError", "exc_value": "bad sku", "frames": [
            {"filename": "/usr/lib/python3.12/site-packages/celery/trace.py", "lineno": 451, "name": "trace", "line": ""},
            {"filename": "/app/stock.py", "lineno": 33, "name": "sync", "line": ""}]}]});
    let library = "[trace /usr/lib/python3.12/site-packages/celery/trace.py:451]";
    check(&structlog, "ValueError", "bad sku", &["sync /app/stock.py:33", library]);
    let sentry = json!({"message": "failed", "exception": {"values": [{"type": "KeyError", "value": "'user'", "stacktrace": {
        "frames": [{"abs_path": "/app/main.py", "filename": "main.py", "function": "main", "lineno": 9},
            {"abs_path": "/app/views.py", "filename": "views.py", "function": "show", "lineno": 77}]}}]}});
    check(&sentry, "KeyError", "'user'", &["show /app/views.py:77", "main /app/main.py:9"]);
}

#[test]
fn sentry_lists_the_oldest_call_first_in_any_language() {
    let sentry = json!({"message": "failed", "exception": {"values": [{"type": "TypeError", "value": "no", "stacktrace": {
        "frames": [{"filename": "/app/node_modules/express/router.js", "function": "next", "lineno": 3},
            {"filename": "/app/src/page.ts", "function": "render", "lineno": 77}]}}]}});
    let frames = ["render /app/src/page.ts:77", "[next /app/node_modules/express/router.js:3]"];
    check(&sentry, "TypeError", "no", &frames);
}

#[test]
fn php_as_monolog_and_its_own_traces_write_it() {
    let monolog = json!({"message": "charge failed", "context": {"exception": {
        "class": "App\\ChargeFailed", "message": "declined", "code": 402, "file": "/app/src/Charge.php:88",
        "trace": ["/app/src/Checkout.php:41", "/app/vendor/laravel/Routing/Controller.php:54"]}}});
    let vendor = "[{main} /app/vendor/laravel/Routing/Controller.php:54]";
    let frames = [" /app/src/Charge.php:88", " /app/src/Checkout.php:41", vendor];
    check(&monolog, "App\\ChargeFailed", "declined", &frames);
    let own = json!({"message": "cart failed", "exception": {"class": "RuntimeException", "message": "no cart",
        "file": "/app/src/Cart.php", "line": 12, "trace": [
            {"file": "/app/src/Shop.php", "line": 33, "function": "load", "class": "App\\Cart", "type": "->"}]}});
    check(
        &own,
        "RuntimeException",
        "no cart",
        &["App\\Cart->load /app/src/Cart.php:12", "{main} /app/src/Shop.php:33"],
    );
}

#[test]
fn php_as_monolog_writes_it_without_a_trace() {
    let told = |message: &str, file: &str| {
        let exception = json!({"class": "App\\CartError", "message": "no cart", "code": 0, "file": file});
        json!({"message": message, "context": {"exception": exception}, "channel": "app"})
    };
    let place = " /app/src/Cart.php:12";
    check(&told("saving failed", "/app/src/Cart.php:12"), "App\\CartError", "no cart", &[place]);
    let symfony = "Uncaught PHP Exception App\\CartError: \"no cart\" at Cart.php line 12";
    check(&told(symfony, "/app/src/Cart.php:12"), "App\\CartError", "no cart", &[place]);
    let entries = ["saving failed", "closing failed"].map(|message| {
        let payload = told(message, "/app/vendor/acme/Cart.php:12");
        json!({"timestamp": "2025-05-01T10:00:00Z", "severity": "ERROR", "jsonPayload": payload})
    });
    let clusters = analyzed(&json!(entries)).0["clusters"].clone();
    let titles = clusters.as_array().unwrap().iter().map(|one| one["title"].clone()).collect::<Vec<_>>();
    assert_eq!(titles.len(), 2, "{titles:?}");
}

#[test]
fn dotnet_as_nlog_writes_it_with_the_stack_as_text() {
    let payload = json!({"message": "import failed", "exception": {"Type": "System.IO.InvalidDataException",
        "Message": "Found invalid data", "StackTrace": "   at Shop.Feed.Read(Stream s) in /src/Feed.cs:line 140"}});
    check(&payload, "System.IO.InvalidDataException", "Found invalid data", &["Shop.Feed.Read /src/Feed.cs:140"]);
}

#[test]
fn go_as_zerolog_writes_it_and_ruby_as_a_list() {
    let zerolog = json!({"message": "load failed", "error": "no such file",
        "stack": [{"func": "load", "line": "20", "source": "config.go"}, {"func": "main", "line": "11", "source": "main.go"}]});
    let entry = json!({"timestamp": "2025-05-01T10:00:00Z", "severity": "ERROR", "jsonPayload": zerolog});
    assert_eq!(analyzed(&json!([entry])).0["clusters"][0]["title"], "Load failed: no such file in load");
    let (_, _, frames) = told(&zerolog);
    assert_eq!(frames, ["load config.go:20", "main main.go:11"]);
    let ruby = json!({"message": "job failed", "exception": {"class": "KeyError", "message": "key not found",
        "backtrace": ["/app/order.rb:12:in `find_it'", "/app/job.rb:3:in `perform'"]}});
    check(&ruby, "KeyError", "key not found", &["find_it /app/order.rb:12", "perform /app/job.rb:3"]);
}

#[test]
fn a_frame_without_a_line_hides_none_below_it() {
    let php = json!({"message": "cart failed", "exception": {"class": "RuntimeException", "message": "no cart",
        "file": "/app/src/Cart.php", "line": 12, "trace": [
            {"function": "load", "class": "App\\Cart"},
            {"file": "/app/src/Shop.php", "line": 33, "function": "open", "class": "App\\Shop"}]}});
    let frames = [
        "App\\Cart->load /app/src/Cart.php:12",
        "[App\\Shop->open [internal function]:null]",
        "{main} /app/src/Shop.php:33",
    ];
    check(&php, "RuntimeException", "no cart", &frames);
    let dotnet = json!({"message": "failed", "exception": {"type": "System.InvalidOperationException", "message": "no",
        "stackTrace": [{"file": "/src/A.cs", "line": 3, "method": "Shop.A.Load"}, {"file": "/src/B.cs", "method": "Shop.B.Go"},
            {"file": "/src/C.cs", "line": 9, "method": "Shop.C.Run"}]}});
    let frames = ["Shop.A.Load /src/A.cs:3", "Shop.B.Go :null", "Shop.C.Run /src/C.cs:9"];
    check(&dotnet, "System.InvalidOperationException", "no", &frames);
}

#[test]
fn a_frame_without_a_line_is_a_frame() {
    let node = json!({"message": "failed", "exception": {"type": "TypeError", "message": "no", "frames": [
        {"file": "/app/src/load.js", "function": "load"}, {"function": "emit", "class": "Bus"},
        {"file": "/app/src/run.js", "function": "run", "line": 3}]}});
    let frames = ["load /app/src/load.js:null", "[Bus.emit <anonymous>:null]", "run /app/src/run.js:3"];
    check(&node, "TypeError", "no", &frames);
    let go = json!({"message": "load failed", "error": "no such file",
        "stack": [{"func": "load", "source": "config.go"}, {"func": "main", "source": "main.go"}]});
    assert_eq!(told(&go).2, ["load config.go:null", "main main.go:null"]);
    let ruby = json!({"message": "job failed", "exception": {"class": "KeyError", "message": "key not found",
        "frames": [{"file": "/app/order.rb", "method": "find_it"}, {"file": "/app/job.rb", "method": "perform"}]}});
    check(&ruby, "KeyError", "key not found", &["find_it /app/order.rb:null", "perform /app/job.rb:null"]);
    let python = json!({"event": "job failed", "exception": [{"exc_type": "ValueError", "exc_value": "bad sku",
        "frames": [{"filename": "/app/main.py", "name": "main"}, {"filename": "/app/stock.py", "name": "sync"}]}]});
    check(&python, "ValueError", "bad sku", &["sync /app/stock.py:null", "main /app/main.py:null"]);
    let java = json!({"message": "failed", "thrown": {"name": "java.io.IOException", "message": "gone",
        "extendedStackTrace": [{"class": "com.acme.A", "method": "go", "file": "A.java"}]}});
    check(&java, "java.io.IOException", "gone", &["com.acme.A.go A.java:null"]);
    let php = json!({"message": "cart failed", "exception": {"class": "RuntimeException", "message": "no cart",
        "file": "/app/src/Cart.php", "trace": [{"file": "/app/src/Shop.php", "function": "load", "class": "App\\Cart"}]}});
    let (kind, message, _) = told(&php);
    assert_eq!((kind.as_str(), message.as_str()), ("RuntimeException", "no cart"));
}

#[test]
fn lists_that_are_no_frames_are_no_trace() {
    for payload in [
        json!({"message": "sizes are off", "stack": [1, 2, 3]}),
        json!({"message": "unavailable", "error": {"code": 14, "trace": [], "frames": [{"a": 1}]}}),
        json!({"message": "refused", "error": {"message": "no", "details": [{"@type": "type.googleapis.com/x", "reason": "X"}]}}),
        json!({"message": "odd", "exception": {"values": [{"type": "E", "frames": [{"file": "notes.txt", "line": 3}]}]}}),
    ] {
        assert_eq!(exception(&payload), Value::Null, "{payload}");
    }
}

#[test]
fn what_labels_say_of_an_exception_is_told() {
    let stack = |at: &str| {
        format!(
            "Traceback (most recent call last):\n  File \"/app/orders.py\", line 7, in {at}\n    pay()\nShop.PaymentError: card {at}"
        )
    };
    let entry = |body: Value, labels: Value| {
        let mut entry = json!({"timestamp": "2025-05-01T10:00:00Z", "severity": "ERROR", "logName": "projects/p/logs/app", "labels": labels});
        entry.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        entry
    };
    let thrown = |message: &str| json!({"exception.type": "TimeoutError", "exception.message": message});
    let traced = |at: &str| json!({"exception.type": "Shop.PaymentError", "exception.stacktrace": stack(at)});
    let mut entries = vec![
        entry(json!({"textPayload": "checkout failed"}), traced("charge")),
        entry(json!({"jsonPayload": {"message": "checkout failed", "n": 1}}), traced("charge")),
        entry(json!({}), traced("refund")),
    ];
    // Laid out alike, and half of them with the same labels.
    for number in 0..6 {
        let message = if number % 2 == 0 { "stock took too long" } else { "price took too long" };
        let text = if number < 4 { "cannot load" } else { "cannot save" };
        entries.push(entry(json!({"textPayload": text}), thrown(message)));
    }
    let password = ["hunter2", "bakecoso"].concat();
    entries.push(entry(json!({"textPayload": "cannot connect"}), thrown(&format!("password={password} refused"))));
    let (result, page) = analyzed(&json!(entries));
    let clusters = result["clusters"].as_array().unwrap();
    let told: Vec<_> = clusters.iter().map(|one| (one["title"].as_str().unwrap(), one["count"].as_u64())).collect();
    for expected in [
        ("PaymentError: card charge in charge", Some(2)),
        ("PaymentError: card refund in refund", Some(1)),
        ("Cannot load: TimeoutError: stock took too long", Some(2)),
        ("Cannot load: TimeoutError: price took too long", Some(2)),
        ("Cannot save: TimeoutError: stock took too long", Some(1)),
        ("Cannot save: TimeoutError: price took too long", Some(1)),
    ] {
        assert!(told.contains(&expected), "{expected:?} of {told:?}");
    }
    assert!(!page.contains(&password) && !result.to_string().contains(&password), "{told:?}");
}

#[test]
fn an_exception_that_is_the_text_of_an_object_is_told_by_its_message() {
    let exception = r#"{"code": 404, "message": "HTTP server responded with an error", "tags": ["HttpError"]}"#;
    let payload = json!({"state": "FAILED", "failure": {"exception": exception, "source": "execute_step"}});
    let entry = json!({"timestamp": "2025-05-01T10:00:00Z", "severity": "ERROR", "jsonPayload": payload});
    assert_eq!(analyzed(&json!([entry])).0["clusters"][0]["title"], "HTTP server responded with an error");
}
