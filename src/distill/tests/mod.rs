//! Entries of every payload kind, written for these tests, and what they say.

mod properties;
mod requests;
mod resources;

use serde_json::{Value as Json, json};

use super::{Detail, Reading, detail, read};
use crate::model::{LogEntry, PatternKind, Payload, Severity, Value};

fn entry(record: Value<'_>) -> LogEntry<'_> {
    let resource = record.get("resource");
    LogEntry {
        log_name: record.text("logName").unwrap_or_default(),
        insert_id: "",
        timestamp: None,
        received: None,
        laid: None,
        severity: record.text("severity").and_then(Severity::parse).unwrap_or_default(),
        resource_type: resource.and_then(|resource| resource.text("type")).unwrap_or_default(),
        resource_labels: resource.and_then(|resource| resource.get("labels")),
        labels: record.get("labels"),
        trace: "",
        span_id: "",
        http_request: record.get("httpRequest"),
        operation: None,
        source_location: record.get("sourceLocation"),
        split: None,
        error_groups: record.get("errorGroups"),
        payload: if let Some(text) = record.get("textPayload").and_then(Value::as_str) {
            Payload::Text(text)
        } else if let Some(payload) = record.get("jsonPayload") {
            Payload::Json(payload)
        } else {
            record.get("protoPayload").map_or(Payload::None, Payload::Proto)
        },
        record,
    }
}

fn with<R>(record: &Json, look: impl FnOnce(&LogEntry<'_>) -> R) -> R {
    let mut bytes = record.to_string().into_bytes();
    let tape = simd_json::to_tape(&mut bytes).unwrap();
    look(&entry(Value::new(&tape.0)))
}

fn reading<R>(record: &Json, look: impl FnOnce(Reading<'_>) -> R) -> R {
    with(record, |entry| look(read(entry)))
}

fn details(record: &Json) -> Detail {
    with(record, detail)
}

fn check(record: &Json, kind: PatternKind, text: &str, severity: Severity) {
    reading(record, |reading| {
        assert_eq!(reading.kind, kind, "{record}");
        assert_eq!(reading.text, text, "{record}");
        assert_eq!(reading.severity, severity, "{record}");
    });
}

use PatternKind::{Audit, Empty, Message, Request, Shape, Trace};

#[test]
fn panics_of_all_loggers_are_critical() {
    for level in ["panic", "dpanic", "PANIC", "fatal"] {
        check(&json!({"jsonPayload": {"level": level, "msg": "no"}}), Message, "no", Severity::Critical);
    }
}

#[test]
fn rusts_tracing_names_its_place() {
    let fields = json!({"message": "compaction failed"});
    let said = json!({"level": "ERROR", "fields": fields, "filename": "src/compact.rs", "line_number": 140});
    reading(&json!({"jsonPayload": said}), |reading| {
        assert_eq!((reading.module, reading.line), ("src/compact.rs", "140"));
    });
}

#[test]
fn scripts_of_php_speak_for_themselves() {
    let said = "PHP Fatal error:  Uncaught TypeError: no";
    let of_child = format!(
        "[13-Nov-2025 10:22:02] WARNING: [pool www] child 7 said into stderr: \"NOTICE: PHP message: {said}\"\n"
    );
    for text in [format!("NOTICE: PHP message: {said}"), of_child] {
        check(&json!({"textPayload": text}), Message, said, Severity::Error);
    }
}

#[test]
fn an_entry_of_cloud_run_with_everything() {
    let record = json!({
        "logName": "projects/p-1/logs/run.googleapis.com%2Fstderr",
        "severity": "ERROR",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "shop", "revision_name": "shop-00042-abc",
            "configuration_name": "shop", "location": "europe-west1", "project_id": "p-1"}},
        "labels": {"instanceId": "00ab", "managed-by": "x"},
        "errorGroups": [{"id": "CGroup"}],
        "jsonPayload": {"message": "order 12 failed", "labels": {"module": "shop.orders", "function": "place", "line": "41"},
            "context": {"name": "shop.orders", "service": "shop-svc", "user_id": "u-1", "connection_id": "c-1"},
            "request_id": "r-1"},
    });
    reading(&record, |reading| {
        assert_eq!((reading.module, reading.function, reading.line), ("shop.orders", "place", "41"));
        assert_eq!((reading.project, reading.service, reading.revision), ("p-1", "shop", "shop-00042-abc"));
        assert_eq!((reading.instance, reading.region), ("00ab", "europe-west1"));
        assert_eq!((reading.user, reading.connection, reading.request), ("u-1", "c-1", "r-1"));
        assert_eq!((reading.logger, reading.error_group), ("shop.orders", "CGroup"));
        assert!(!reading.wrapper && reading.inferred.is_none());
        assert!(matches!(reading.text, std::borrow::Cow::Borrowed("order 12 failed")));
    });
}

#[test]
fn the_message_is_found_wherever_loggers_put_it() {
    for (payload, expected) in [
        (json!({"message": "a"}), "a"),
        (json!({"msg": "b", "level": ""}), "b"),
        (json!({"MESSAGE": "c", "_PID": "6"}), "c"),
        (json!({"log": "d\n"}), "d"),
        (json!({"message": "", "textPayload": "e"}), "e"),
        (json!({"body": {"msg": "f", "level": null}}), "f"),
        (json!({"error": {"message": "g", "type": "str"}}), "g"),
        (json!({"Fields": {"msg": "h"}}), "h"),
        (json!({"message": {"text": "i"}}), "i"),
        (json!({"record": {"message": "j"}}), "j"),
        (json!({"message": null, "description": "k"}), "k"),
        (json!({"error": "l", "code": 3}), "l"),
        (json!({"event": "user logged in", "user": "x"}), "user logged in"),
        (json!({"exception": "connection reset"}), "connection reset"),
        (json!({"message": "m", "exception": "connection reset\nby peer"}), "m: connection reset"),
        (json!({"message": "m", "error.message": "reset", "exception.type": "net.Error"}), "m: net.Error: reset"),
        (json!({"@mt": "order {Id} lost", "@t": "2025-09-14T03:00:00Z", "Id": 7}), "order {Id} lost"),
        (json!({"@m": "order 7 lost", "@i": "ab12"}), "order 7 lost"),
        (json!({"text": "app:run:12 - m", "record": {"message": "m"}}), "m"),
    ] {
        check(&json!({"jsonPayload": payload}), Message, expected, Severity::Default);
    }
}

#[test]
fn mongodb_says_why_and_how_bad_it_is_in_members_of_its_own() {
    let mongo = |error: Json| {
        json!({"resource": {"type": "k8s_container"}, "logName": "projects/p/logs/stdout", "severity": "INFO", "jsonPayload": {
            "s": "W", "c": "QUERY", "id": 23798, "ctx": "conn7", "msg": "Plan executor error",
            "attr": {"error": error, "name": "x", "user": "y", "message": "no"}}})
    };
    let late = json!({"code": 50, "codeName": "MaxTimeMSExpired", "errmsg": "operation exceeded time limit"});
    let said = "Plan executor error: MaxTimeMSExpired: operation exceeded time limit";
    check(&mongo(late), Message, said, Severity::Warning);
    check(&mongo(json!("no such index")), Message, "Plan executor error: no such index", Severity::Warning);
    reading(&mongo(Json::Null), |reading| assert_eq!((reading.logger, reading.user), ("", "")));
    let other = json!({"severity": "", "jsonPayload": {"s": "Warm", "msg": "a"}});
    check(&other, Message, "a", Severity::Default);
}

#[test]
fn what_loguru_prints_holds_the_trace() {
    let trace = "Traceback (most recent call last):\n  File \"/app/load.py\", line 3, in load\nValueError: no row";
    let record =
        json!({"message": "not loaded", "exception": {"type": "ValueError", "value": "no row", "traceback": true}});
    let record =
        json!({"jsonPayload": {"text": format!("03:00 | ERROR | load:3 - not loaded\n{trace}\n"), "record": record}});
    reading(&record, |reading| assert_eq!(reading.kind, Trace));
    assert_eq!(details(&record).exception.unwrap().message, "no row");
}

#[test]
fn the_first_of_several_errors_is_said() {
    let record = |errors: Json| json!({"jsonPayload": {"message": "query failed", "errors": errors}});
    check(
        &record(json!([{"message": "no field total"}, {"message": "x"}])),
        Message,
        "query failed: no field total",
        Severity::Default,
    );
    check(&record(json!(["sku is missing"])), Message, "query failed: sku is missing", Severity::Default);
    for nothing in [json!([]), json!(3), json!({"a": 1})] {
        check(&record(nothing), Message, "query failed", Severity::Default);
    }
}

#[test]
fn an_event_for_error_reporting_names_its_place() {
    let place = json!({"filePath": "/src/mount.ts", "lineNumber": 77, "functionName": "mount"});
    reading(&json!({"jsonPayload": {"message": "a", "context": {"reportLocation": place}}}), |reading| {
        assert_eq!((reading.module, reading.function, reading.line), ("/src/mount.ts", "mount", "77"));
    });
}

#[test]
fn a_line_of_names_and_values_tells_its_place() {
    let line = r#"ts=1 level=error caller=sync.go:142 msg="push failed" err="refused""#;
    for record in [json!({"textPayload": line}), json!({"jsonPayload": {"message": line}})] {
        reading(&record, |reading| {
            assert_eq!((reading.module, reading.line, reading.text.as_ref()), ("sync.go", "142", line));
        });
    }
}

#[test]
fn an_empty_error_block_does_not_make_an_error() {
    let record = json!({"severity": "INFO", "jsonPayload": {"message": "ready",
        "error": {"type": "str", "message": "Missing field", "severity": "ERROR", "traceback": ""}}});
    check(&record, Message, "ready: Missing field", Severity::Info);
    let unmarked = json!({"jsonPayload": record["jsonPayload"].clone()});
    check(&unmarked, Message, "ready: Missing field", Severity::Default);
}

#[test]
fn the_message_of_json_in_a_text_is_that_of_the_whole() {
    for (text, expected) in [
        (r#"{"s":"E","msg":"WiredTiger error","attr":{"message":"read failed"}}"#, "WiredTiger error"),
        (r#"{"msg":"a","list":[{"message":"b"}],"message":"c"}"#, "c"),
        (r#"{"message":" ","event":"d \"e\" {","f":"}"}"#, "d \"e\" {"),
        (r#"{"message" : "\u00e9 g"}"#, "é g"),
        (r#"{"message":"open}"#, r#"{"message":"open}"#),
        (r#"{"messages":{"msg":"h"}}"#, r#"{"messages":{"msg":"h"}}"#),
        (r#"{"k":"message","msg":"i"}"#, "i"),
        (r#"{"a":"\"}"#, r#"{"a":"\"}"#),
    ] {
        check(&json!({ "textPayload": text }), Message, expected, Severity::Default);
    }
}

#[test]
fn levels_and_files_as_loggers_write_them() {
    for (payload, severity) in [
        (json!({"message": "a", "level": 400, "level_name": "ERROR", "channel": "app"}), Severity::Error),
        (json!({"message": "a", "level_name": "NOTICE", "level": 250}), Severity::Notice),
        (json!({"@mt": "a", "@l": "Warning"}), Severity::Warning),
        (json!({"text": "x", "record": {"message": "a", "level": {"name": "ERROR", "no": 40}}}), Severity::Error),
        (json!({"body": "a", "severity_text": "ERROR", "severity_number": 17}), Severity::Error),
    ] {
        check(&json!({"jsonPayload": payload}), Message, "a", severity);
    }
    let logrus = json!({"jsonPayload": {"msg": "a", "func": "main.run", "file": "/app/main.go:31"}});
    reading(&logrus, |reading| assert_eq!((reading.module, reading.line), ("/app/main.go", "31")));
    let windows = json!({"jsonPayload": {"msg": "a", "func": "main.run", "file": "C:\\app\\main.go"}});
    reading(&windows, |reading| assert_eq!((reading.module, reading.line), ("C:\\app\\main.go", "")));
}

#[test]
fn a_trace_may_stand_in_a_list_of_lines() {
    let ruby = json!({"severity": "ERROR", "jsonPayload": {"message": "request failed", "exception": {
        "name": "ActiveRecord::RecordNotFound", "message": "Couldn't find Order",
        "stack_trace": ["/app/orders.rb:12:in `show'", "/gems/actionpack/base.rb:3:in `call'"]}}});
    let exception = details(&ruby).exception.unwrap();
    assert_eq!(
        (exception.kind.as_str(), exception.message.as_str()),
        ("ActiveRecord::RecordNotFound", "Couldn't find Order")
    );
    assert_eq!((exception.frames[0].function.as_str(), exception.frames[0].in_app), ("show", true));
    let node = json!({"severity": "ERROR", "jsonPayload": {"message": "no order 7", "context": "Orders",
        "stack": ["Error: no order 7", "at find (/app/orders.ts:1:2)", "at run (/app/main.ts:3:4)"]}});
    assert_eq!(details(&node).exception.unwrap().frames.len(), 2);
    let without =
        json!({"severity": "ERROR", "jsonPayload": {"message": "no order 7", "stack": ["a", 7, {}], "trace": []}});
    check(&without, Message, "no order 7", Severity::Error);
}

const TRACEBACK: &str =
    "Traceback (most recent call last):\n  File \"/app/cart.py\", line 8, in total\n    x\nKeyError: 'sku'";

#[test]
fn traces_stand_alone_unless_the_message_says_more() {
    let alone = json!({"severity": "ERROR", "jsonPayload": {"message": "KeyError: 'sku'", "traceback": TRACEBACK}});
    check(&alone, Trace, TRACEBACK, Severity::Error);
    let more =
        json!({"severity": "ERROR", "jsonPayload": {"message": "Checkout failed", "error": {"traceback": TRACEBACK}}});
    check(&more, Trace, &format!("Checkout failed\n{TRACEBACK}"), Severity::Error);
    let text = json!({"textPayload": TRACEBACK});
    check(&text, Trace, TRACEBACK, Severity::Error);
    let otel =
        json!({"severity": "ERROR", "jsonPayload": {"exception.message": "'sku'", "exception.stacktrace": TRACEBACK}});
    check(&otel, Trace, TRACEBACK, Severity::Error);
}

#[test]
fn severities_are_inferred_only_where_none_is_stated() {
    check(&json!({"textPayload": "[ERROR] boom", "severity": "INFO"}), Message, "[ERROR] boom", Severity::Info);
    check(&json!({"textPayload": "[ERROR] boom"}), Message, "[ERROR] boom", Severity::Error);
    check(&json!({"jsonPayload": {"message": "boom", "level": 50}}), Message, "boom", Severity::Error);
    check(&json!({"jsonPayload": {"message": "boom", "level": "warn"}}), Message, "boom", Severity::Warning);
    let json_text = "{\"level\":\"error\",\"msg\":\"disk \\\"a\\\" full\"}";
    check(&json!({"textPayload": json_text}), Message, "disk \"a\" full", Severity::Error);
    // GKE gives all lines of a stream one severity, whatever they say.
    let of = |stream: &str, severity: &str, payload: serde_json::Value| {
        let mut record = json!({"resource": {"type": "k8s_container"}, "severity": severity, "logName": format!("projects/p/logs/{stream}")});
        let member = if payload.is_string() { "textPayload" } else { "jsonPayload" };
        record[member] = payload;
        record
    };
    let record = |level: serde_json::Value| json!({"level": level, "msg": "[ERROR] boom"});
    let boom = |stream, severity, level, expected| {
        check(&of(stream, severity, record(level)), Message, "[ERROR] boom", expected);
    };
    boom("stdout", "INFO", json!("error"), Severity::Error);
    boom("stdout", "INFO", json!(50), Severity::Error);
    boom("stdout", "INFO", json!(1), Severity::Info);
    boom("stdout", "INFO", json!(null), Severity::Info);
    boom("stdout", "NOTICE", json!("error"), Severity::Notice);
    boom("stderr", "ERROR", json!("info"), Severity::Info);
    check(&of("stdout", "INFO", json!("[ERROR] boom")), Message, "[ERROR] boom", Severity::Error);
    check(&of("stdout", "INFO", json!("boom")), Message, "boom", Severity::Info);
    check(&of("stdout", "INFO", json!(TRACEBACK)), Trace, TRACEBACK, Severity::Error);
}

#[test]
fn the_header_of_klog_is_no_message() {
    let line = "E0914 03:01:24.144344       1 leaderelection.go:330] error retrieving resource lock: timeout";
    check(&json!({"textPayload": line}), Message, "error retrieving resource lock: timeout", Severity::Error);
    reading(&json!({"textPayload": line}), |reading| {
        assert_eq!((reading.module, reading.line), ("leaderelection.go", "330"));
    });
    check(&json!({"textPayload": "I am here [1] ok"}), Message, "I am here [1] ok", Severity::Default);
}

#[test]
fn wrappers_give_way() {
    let record = json!({"jsonPayload": {"message": "m", "labels": {"module": "logging", "function": "callHandlers", "line": "1706"}}});
    reading(&record, |reading| assert!(reading.wrapper && reading.module == "logging" && reading.line == "1706"));
    let record = json!({"sourceLocation": {"file": "/usr/lib/python3.11/logging/__init__.py", "function": "callHandlers", "line": "1706"},
        "jsonPayload": {"message": "m", "module": "orders", "funcName": "place", "lineno": 41}});
    reading(&record, |reading| {
        assert!(!reading.wrapper);
        assert_eq!((reading.module, reading.function, reading.line), ("orders", "place", "41"));
    });
    let record = json!({"jsonPayload": {"message": "m", "labels": {"module": "app.events", "function": "emit"}}});
    reading(&record, |reading| assert!(!reading.wrapper));
}

#[test]
fn events_shapes_and_nothing() {
    let event = json!({"severity": "WARNING", "jsonPayload": {"kind": "Event", "reason": "BackOff", "type": "Warning",
        "involvedObject": {"kind": "Pod", "name": "web-1"}, "message": "Back-off restarting failed container"}});
    check(&event, Message, "web: BackOff Pod: Back-off restarting failed container", Severity::Warning);
    let shape = json!({"jsonPayload": {"event_type": "GCE_API_CALL", "actor": {"user": "x"}, "ip": "10.0.0.1"}});
    check(&shape, Shape, "event_type=GCE_API_CALL {actor,event_type,ip}", Severity::Default);
    let windows =
        json!({"jsonPayload": {"EventID": 4672, "Message": "Special privileges assigned.\n\nSubject:\n\tID: 7"}});
    check(&windows, Message, "Special privileges assigned.", Severity::Default);
    let nothing = json!({"logName": "projects/p/logs/a%2Fb", "resource": {"type": "global"}});
    check(&nothing, Empty, "a/b global", Severity::Default);
}

#[test]
fn details_promote_what_the_log_says_about_itself() {
    let message = "LOOP ERROR CONTEXT: {\n  \"error_type\": \"RuntimeError\",\n  \"golden_path_impact\": \"CRITICAL - crashed\"\n}";
    let record = json!({"jsonPayload": {"message": message, "debug": {"debug_hints": ["check a", "check b"], "likely_cause": "blocked"}}});
    let detail = details(&record);
    assert_eq!(detail.message, message);
    assert_eq!(detail.embedded["debug_hints"], ["check a", "check b"]);
    assert_eq!(detail.embedded["likely_cause"], ["blocked"]);
    assert_eq!(detail.embedded["golden_path_impact"], ["CRITICAL - crashed"]);
    assert_eq!(detail.unpacked.unwrap()["error_type"], "RuntimeError");
    let failed = details(&json!({"jsonPayload": {"message": "Checkout failed", "traceback": TRACEBACK}}));
    assert_eq!(failed.exception.unwrap().kind, "KeyError");
    assert_eq!(failed.message, "Checkout failed");
}

#[test]
fn published_entries_all_say_something() {
    #[expect(clippy::disallowed_methods, reason = "the collection stands outside of the repository")]
    let root = std::env::var_os("LOG_GARDENER_DATA").map_or_else(|| "../shared/data".into(), std::path::PathBuf::from);
    let Ok(folders) = std::fs::read_dir(root.join("gcp")) else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("SKIPPED published_entries_all_say_something: no folder {}", root.display());
        }
        return;
    };
    let mut seen = 0;
    for folder in folders.map(|folder| folder.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_none_or(|extension| extension != "ndjson") {
                continue;
            }
            for line in std::fs::read_to_string(&file).unwrap().lines() {
                let record: Json = serde_json::from_str(line).unwrap();
                with(&record, |entry| {
                    let reading = read(entry);
                    let _ = detail(entry);
                    let has_payload = match entry.payload {
                        Payload::None => false,
                        Payload::Text(text) => !text.trim().is_empty(),
                        Payload::Json(payload) | Payload::Proto(payload) => !payload.is_empty(),
                    };
                    assert!(!has_payload || reading.kind != Empty, "{}: {line}", file.display());
                    assert!(reading.severity >= entry.severity);
                });
                seen += 1;
            }
        }
    }
    assert!(seen > 2_000);
}
