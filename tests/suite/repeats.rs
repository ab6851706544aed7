//! What is read twice: records that are laid out like one before, counted without being read as a whole, and inputs in
//! the second look.

use std::sync::atomic::AtomicBool;

use log_gardener::analyze::{Plan, analyze, look_again};
use log_gardener::collect::{self, discover};
use log_gardener::distill::{self, Held, Masker, Policy, Redactor, UserRules, parse_trace};
use log_gardener::examine::{Settings, cluster, examine, moments};
use log_gardener::model::{Digest, Severity};
use log_gardener::query::Query;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

fn with_plan<R>(query: &str, run: impl FnOnce(&Plan<'_>) -> R) -> R {
    let distill = distill::Settings {
        masker: Masker::new(&[]).unwrap(),
        min_severity: Severity::Notice,
        query: Query::parse(query).unwrap().0,
        service: None,
        held: Held::default(),
    };
    run(&Plan {
        collect: collect::Settings::default(),
        distill: &distill,
        redactor: &Redactor::new(Policy::On, &UserRules::default()).unwrap(),
        threads: 1,
        assignments: false,
        progress: &|_, _| {},
        interrupted: &AtomicBool::new(false),
    })
}

fn digest(dump: &str, query: &str) -> Digest {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.json");
    std::fs::write(&path, dump).unwrap();
    let mut digest = with_plan(query, |plan| {
        let inputs = discover(&[path.display().to_string()], &plan.collect).unwrap();
        analyze(&inputs, plan).unwrap().digest
    });
    digest.inputs.clear();
    digest.zones.clear();
    for pattern in digest.patterns.values_mut() {
        let exemplars = std::mem::take(&mut pattern.exemplars).into_iter();
        pattern.exemplars = exemplars
            .map(|mut exemplar| {
                exemplar.source.path.clear();
                exemplar
            })
            .collect();
    }
    digest
}

/// One of a few values, so that records repeat in part.
fn one_of(values: Value) -> impl Strategy<Value = Value> {
    let Value::Array(values) = values else { unreachable!("a list") };
    select(values)
}

fn message() -> impl Strategy<Value = Value> {
    one_of(json!([
        "user 17 logged in",
        "user 18 logged in",
        "  user 19\tlogged in ",
        "[ERROR] disk full",
        "ERROR: disk 2 full",
        "",
        "   ",
        "{\"message\":\"inside 4\",\"level\":\"error\"}",
        "{ not json",
        "E0914 03:01:24.144344       1 file.go:12] klog 5 said",
        "NOTICE: PHP message: PHP Warning:  no 5",
        "thread 'main' panicked at src/pay/card.rs:5:10:",
        "thread 'main' was told 5",
        "2025/09/14 03:00:00 sync.go:7: push 5 failed",
        "2025/09/14 03:00:00 push 5 failed",
        "level=error caller=sync.go:7 msg=\"push 5 failed\"",
        "level=error msg=\"push 5 failed\"",
        "Step #5: ERROR: failed to solve 5",
        "[13-Nov-2025 10:22:02] WARNING: [pool www] child 5 said into stderr: \"NOTICE: PHP message: PHP Warning:  no 5\"",
        "W 5",
        "INFO:     10.0.0.1:5000 - \"GET /orders/7 HTTP/1.1\" 500 Internal Server Error",
        "GET /orders/8 200 3 ms - 5",
        "Traceback (most recent call last):\n  File \"app/main.py\", line 3, in run\n    go()\nKeyError: 'x'",
        "two\nlines",
        "a path C:\\new \"quoted\"",
        "é ✓ 🔑 done 7",
        5,
        null,
    ]))
}

fn payload_member() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (select(vec!["message", "msg", "event", "description"]), message()),
        (select(vec!["level", "severity"]), one_of(json!(["error", "INFO", "30", 40, null]))),
        (
            select(vec!["user_id", "user", "connection_id", "request_id", "session_id"]),
            one_of(json!(["u-1", "u-2", "", 7]))
        ),
        Just(("user", json!({"name": "ann", "id": 4}))),
        (
            select(vec!["module", "function", "logger", "name", "caller"]),
            one_of(json!(["app.db", "app.io", "logging", "x y"]))
        ),
        (Just("line"), one_of(json!([12, 13, "12"]))),
        (select(vec!["source", "javaClass"]), one_of(json!(["org.a.B", "org.a.C", "web", {"file": "a.py"}]))),
        (select(vec!["error", "stack_trace", "exc_info", "errorMessage"]), message()),
        (Just("error"), message().prop_map(|text| json!({"message": text, "name": "E"}))),
        (select(vec!["type", "exception.type"]), one_of(json!(["E", "NetError", 4]))),
        (
            select(vec!["exception", "stack_trace"]),
            one_of(json!([
                ["a", 7],
                ["Error: no", "at find (/app/a.ts:1:2)"],
                {"type": "E", "frames": [{"file": "a.py", "line": 3, "function": "f"}]},
                {"type": "E", "frames": [{"file": "a.txt", "line": 3, "function": "f"}]}
            ]))
        ),
        (Just("context"), one_of(json!(["a"])).prop_map(|name| json!({"name": name, "user_id": "c"}))),
        (Just("service"), one_of(json!(["api", "web"]))),
        (select(vec!["status", "code"]), one_of(json!([200, 500]))),
        (Just("request"), one_of(json!(["GET /a/1 HTTP/1.1", "x"]))),
        (Just("statusDetails"), one_of(json!(["response_sent_by_backend", "backend 3 timed out"]))),
        (Just("reason"), one_of(json!(["BackOff", ""]))),
        (Just("involvedObject"), Just(json!({"kind": "Pod"}))),
        (Just("EventID"), Just(json!(4))),
        (Just("methodName"), Just(json!("a.b"))),
        (Just("free"), one_of(json!(["1", "2", 3]))),
        (Just("s"), one_of(json!(["W", "E", "south", 50]))),
        (Just("req"), one_of(json!([{"method": "GET", "url": "/a/1"}, {"method": "GET", "url": "/b/1"}, "r-1"]))),
        (Just("res"), one_of(json!([{"statusCode": 200}, {"statusCode": 503}, "r-1"]))),
        (select(vec!["data", "meta"]), message().prop_map(|text| json!({"error": text, "name": "x", "user": "y"}))),
        (Just("errors"), message().prop_map(|text| json!([{"message": text}]))),
        (Just("text"), message()),
    ]
}

fn payload() -> impl Strategy<Value = Option<(&'static str, Value)>> {
    let members = prop::collection::vec(payload_member(), 0..5);
    let object = members.prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
    prop_oneof![
        3 => object.prop_map(|object: Map<String, Value>| Some(("jsonPayload", Value::Object(object)))),
        2 => message().prop_map(|text| Some(("textPayload", text))),
        1 => Just(None),
        1 => Just(Some(("protoPayload", json!({"methodName": "x.y", "serviceName": "s"})))),
    ]
}

fn request() -> impl Strategy<Value = Value> {
    (
        one_of(json!(["GET", "POST", null])),
        one_of(json!(["https://h/a/17?x=1", "/a/18/b", "/", 5, null])),
        one_of(json!([200, "404", 503, null])),
        one_of(json!(["0.25s", "1s", "x", 0.25, 2, {"seconds": "1", "nanos": 5}, {"seconds": "2"}, null])),
    )
        .prop_map(|(method, url, status, latency)| {
            json!({"requestMethod": method, "requestUrl": url, "status": status, "latency": latency, "userAgent": "ua"})
        })
}

fn record() -> impl Strategy<Value = Value> {
    let head = (
        one_of(json!(["INFO", "ERROR", "DEFAULT", "nonsense", 500, null])),
        one_of(json!(["2025-09-14T03:00:01Z", "2025-09-14T03:00:02.5Z", "never", 1_757_800_000, null, {"seconds": 5}])),
        one_of(json!(["a", "b", "c", "", 5, null])),
        one_of(json!(["projects/p/traces/1", "", null])),
    );
    let labels = one_of(json!([
        null,
        {"instanceId": "i1"},
        {"instanceId": "i2", "execution_id": "e1"},
        {"instanceId": "i2", "execution_id": "e2"},
        {"user": "ann", "zone": "z"},
        {"user": "bob", "zone": "y"},
        {"python_logger": "app.db", "module": "m", "line": "4"},
        {"python_logger": "app.io", "module": "n", "line": "5"},
    ]));
    let source = one_of(json!([null, {"file": "app.py", "line": "12", "function": "run"},
        {"file": "logging", "line": "13", "function": "stop"}, {"file": "logging", "line": 3}]));
    let groups = one_of(json!([null, null, null, [{"id": "g1"}]]));
    (head, payload(), prop::option::weighted(0.3, request()), labels, source, groups).prop_map(
        |((severity, time, id, trace), payload, request, labels, source, groups)| {
            let mut record = json!({
                "insertId": id, "logName": "projects/p/logs/run", "severity": severity, "timestamp": time,
                "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api", "revision_name": "r1"}},
            });
            let optional = [
                payload,
                request.map(|request| ("httpRequest", request)),
                Some(("trace", trace)),
                Some(("labels", labels)),
                Some(("sourceLocation", source)),
                Some(("errorGroups", groups)),
            ];
            let members = record.as_object_mut().unwrap();
            for (key, value) in optional.into_iter().flatten() {
                // Some exporters write null, some nothing.
                if !value.is_null() || key == "trace" {
                    members.insert(key.to_owned(), value);
                }
            }
            record
        },
    )
}

/// The first record with some of its values as the second has them in the same place: mostly of the same layout.
fn crossed(record: &Value, other: &Value, bits: &mut u64) -> Value {
    match (record, other) {
        (Value::Object(members), Value::Object(others)) => members
            .iter()
            .map(|(key, value)| {
                (key.clone(), others.get(key).map_or(value.clone(), |other| crossed(value, other, bits)))
            })
            .collect(),
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => record.clone(),
        _ => {
            *bits = bits.rotate_right(1);
            if *bits & 1 == 1 { other } else { record }.clone()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_again_is_what_was_read(
        records in prop::collection::vec(record(), 1..5),
        others in prop::collection::vec(record(), 8..24),
        order in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index, u64)>(), 20..160),
    ) {
        let crossed = |(record, other, bits): &(prop::sample::Index, prop::sample::Index, u64)| {
            crossed(record.get(&records), other.get(&others), &mut bits.clone())
        };
        let dump: String = order.iter().map(|choice| crossed(choice).to_string() + "\n").collect();
        let again = digest(&dump, "");
        // A filter that passes everything makes every record be read.
        let read = digest(&dump, "NOT insertId=\"none\"");
        let [again, read] = [again, read].map(|digest| serde_json::to_string_pretty(&digest).unwrap());
        let differing = again.lines().zip(read.lines()).find(|(again, read)| again != read);
        prop_assert!(again == read, "{differing:?}");
    }
}

#[test]
fn an_input_that_cannot_be_read_a_second_time_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.ndjson");
    let dump: String = (0..60).map(|number| crate::determinism::record(number) + "\n").collect();
    let looked = |gone: bool| {
        std::fs::write(&path, &dump).unwrap();
        with_plan("", |plan| {
            let inputs = discover(&[path.display().to_string()], &plan.collect).unwrap();
            let digest = analyze(&inputs, plan).unwrap().digest;
            let groups = cluster::cluster(&digest.patterns, &cluster::Settings::default());
            let mut worklog = examine(&digest, &groups, &Settings::default());
            let moments = moments(&digest, &worklog);
            if gone {
                std::fs::remove_file(&path).unwrap();
            }
            look_again(&inputs, plan, &digest, &moments).unwrap().into_context(&moments, &mut worklog, parse_trace);
            let context: usize = worklog.clusters.iter().map(|cluster| cluster.context.len()).sum();
            (context > 0, worklog.inputs[0].notes.concat().contains("could not be read a second time"))
        })
    };
    assert_eq!(looked(false), (true, false));
    assert_eq!(looked(true), (false, true));
}
