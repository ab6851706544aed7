//! The query language by Google's rules: the published vectors, the error cases, and properties over any text.

use log_gardener::model::{LogEntry, Payload, Severity, Timestamp, Value};
use log_gardener::query::Query;
use proptest::prelude::*;

/// Calls `look` with the entry of a record in Google's own spelling.
#[expect(clippy::unwrap_used, reason = "a record that is no JSON is a mistake in the test")]
fn with_entry<R>(record: &str, look: impl FnOnce(&LogEntry<'_>) -> R) -> R {
    let mut bytes = record.as_bytes().to_vec();
    let tape = simd_json::to_tape(&mut bytes).unwrap();
    let record = Value::new(&tape.0);
    let text = |path: &[&str]| record.at(path).and_then(Value::as_str).unwrap_or_default();
    let time = |key: &str| Timestamp::parse(text(&[key]));
    let payload = match (record.get("textPayload"), record.get("jsonPayload"), record.get("protoPayload")) {
        (Some(value), ..) => Payload::Text(value.as_str().unwrap_or_default()),
        (_, Some(value), _) => Payload::Json(value),
        (_, _, Some(value)) => Payload::Proto(value),
        _ => Payload::None,
    };
    look(&LogEntry {
        log_name: text(&["logName"]),
        insert_id: text(&["insertId"]),
        timestamp: time("timestamp"),
        received: record.get("receiveTimestamp"),
        severity: Severity::parse(text(&["severity"])).unwrap_or_default(),
        resource_type: text(&["resource", "type"]),
        resource_labels: record.at(&["resource", "labels"]),
        labels: record.get("labels"),
        trace: text(&["trace"]),
        span_id: text(&["spanId"]),
        http_request: record.get("httpRequest"),
        operation: record.get("operation"),
        source_location: record.get("sourceLocation"),
        split: record.get("split"),
        error_groups: record.get("errorGroups"),
        payload,
        record,
        laid: None,
    })
}

fn matches(filter: &str, record: &str) -> bool {
    let (query, _) = Query::parse(filter).unwrap_or_else(|error| panic!("{}", error.render(filter)));
    let printed = query.to_string();
    let (again, _) = Query::parse(&printed).unwrap_or_else(|error| panic!("{}", error.render(&printed)));
    assert_eq!(query, again, "{filter} printed as {printed}");
    with_entry(record, |entry| {
        assert_eq!(query.matches(entry), again.matches(entry), "{filter} and {printed}");
        query.matches(entry)
    })
}

const E1: &str = r#"{"logName":"projects/p/logs/run.googleapis.com%2Fstdout",
    "timestamp":"2025-09-16T00:41:12.999Z", "textPayload":"Hello Worldwide", "labels":{}}"#;

const E2: &str = r#"{"logName":"projects/p/logs/run.googleapis.com%2Fstderr",
    "timestamp":"2025-09-16T00:41:13Z", "severity":"ERROR",
    "jsonPayload":{"message":"Foo bar","code":503,"s":"503","n":null,"a":[8.5,9,6]},
    "httpRequest":{"status":503,"latency":"1.5s"}, "labels":{"k8s-pod/app":"Web"}}"#;

#[test]
fn published_vectors() {
    for (filter, first, second) in [
        ("severity>=ERROR", false, true),
        ("severity<ERROR", true, false),
        ("severity=default", true, false),
        ("severity=(ERROR OR CRITICAL)", false, true),
        ("hello", true, false),
        ("\"hello world\"", true, false),
        ("SEARCH(\"world\")", false, false),
        ("SEARCH(\"bar foo\")", false, true),
        ("SEARCH(\"`bar foo`\")", false, false),
        ("jsonPayload.message=\"foo BAR\"", false, true),
        ("jsonPayload.message=~\"foo\"", false, false),
        ("jsonPayload.message=~\"(?i)^foo\"", false, true),
        ("jsonPayload.message!~\"zzz\"", false, true),
        ("NOT jsonPayload.message=~\"zzz\"", true, true),
        ("jsonPayload.x!=\"a\"", false, false),
        ("-jsonPayload.x=\"a\"", true, true),
        ("jsonPayload.n=NULL_VALUE", false, true),
        ("jsonPayload.n:*", false, true),
        ("jsonPayload.code>=500", false, true),
        ("jsonPayload.code=\"503\"", false, true),
        ("jsonPayload.s>=500", false, true),
        ("jsonPayload.s>=60", false, false),
        ("jsonPayload.a<7", false, true),
        ("jsonPayload.a!=9", false, true),
        ("httpRequest.status<500", true, false),
        ("httpRequest:* httpRequest.status<500", false, false),
        ("httpRequest.latency>\"999ms\"", false, true),
        ("labels.\"k8s-pod/app\"=web", false, true),
        ("labels.k8s-pod/app=web", false, true),
        ("labels.K8S-pod/app=web", false, false),
        ("log_id(\"run.googleapis.com/stderr\")", false, true),
        ("logName:\"stderr\"", false, true),
        ("\"hello\" OR \"qqq\" AND \"zzz\"", false, false),
        ("hello zzz", false, false),
        ("hello and world", false, false),
        ("hello -- c\nseverity=DEFAULT", true, false),
        ("timestamp>=\"2025-09-15T17:41:13-07:00\"", false, true),
        ("timestamp>=\"2025-09-16\"", true, true),
    ] {
        assert_eq!((matches(filter, E1), matches(filter, E2)), (first, second), "{filter}");
    }
}

#[test]
fn published_filters_that_parse() {
    for filter in [
        r#"severity = "hello""#,
        r#"jsonPayload."bar.baz" = "hello""#,
        r#"jsonPayload.b.c=~"b.*c""#,
        r#""jsonPayload"."foo" = "bar""#,
        "-severity = 1",
        "NOT severity = 3",
        r#"(jsonPayload.bar = "one" OR jsonPayload.bar = "two") jsonPayload.baz = "three""#,
        "jsonPayload.one = 1 jsonPayload.two = 2 AND jsonPayload.three = 3",
        "jsonPayload.int_field:0 OR jsonPayload.int_field:0 AND jsonPayload.int_field:0",
        r#"jsonPayload.compound.string_field : wal\"rus"#,
        r#"severity =~ "ERROR" AND jsonPayload.message =~ "foo" AND httpRequest.requestMethod =~ "GET""#,
        r#"severity = "AND""#,
        "severity = AND",
        "severity = OR",
        "severity = NOT",
        r#""json\u0050ayload".foo = bar"#,
        r"jsonPayload.\= = bar",
        r#"jsonPayload."\=" = bar"#,
        "\"missing operator\"",
        "invalid/characters*here",
    ] {
        let (query, _) = Query::parse(filter).unwrap_or_else(|error| panic!("{}", error.render(filter)));
        let printed = query.to_string();
        let again = Query::parse(&printed).unwrap().0;
        assert_eq!((&again, again.to_string()), (&query, printed), "{filter}");
    }
}

#[test]
fn canonical_texts() {
    for (filter, printed) in [
        (r#""a" OR NOT "b" AND NOT "c" OR "d""#, r#"("a" OR NOT "b") AND (NOT "c" OR "d")"#),
        ("a b OR c d", r#""a" AND ("b" OR "c") AND "d""#),
        ("f", "\"f\""),
        ("jsonPayload.f=(a OR b) -x", "jsonPayload.f=(a OR b) AND NOT \"x\""),
        ("jsonPayload.f:(x y)", "jsonPayload.f:(x AND y)"),
        (r#"jsonPayload.f=~("^p" OR "^s")"#, r#"jsonPayload.f=~("^p" OR "^s")"#),
        ("jsonPayload.f=(NOT a)", "jsonPayload.f=(NOT a)"),
        ("NOT (a)", "NOT \"a\""),
        ("NOT (a b)", r#"NOT ("a" AND "b")"#),
        ("((a) (b c))", r#""a" AND "b" AND "c""#),
        ("jsonPayload.hello=1", "jsonPayload.hello=1"),
        (r#""json\u0050ayload".hello=1"#, "jsonPayload.hello=1"),
        (
            r#"jsonPayload."escaped fields \a\b\f\n\r\t\v"=1"#,
            r#"jsonPayload."escaped\u0020fields\u0020\a\b\f\n\r\t\v"=1"#,
        ),
        (r"jsonPayload.\=:*", r#"jsonPayload."\\=":*"#),
        (r#"jsonPayload."\=":*"#, "jsonPayload.\"=\":*"),
        ("log_name=8.5", "logName=\"8.5\""),
        ("CAST(jsonPayload.a, int64)>5", "cast(jsonPayload.a, INT64)>5"),
        ("search(jsonPayload.a, hello)", "SEARCH(jsonPayload.a, \"hello\")"),
        ("source(projects/P)", "source(\"projects/P\")"),
        ("sample(insertId, 0.25)", "sample(insertId, 0.25)"),
        ("ip_in_net(jsonPayload.ip, \"10.0.0.0/8\")", "ip_in_net(jsonPayload.ip, \"10.0.0.0/8\")"),
        (r#"regexp_extract(jsonPayload.m, "(\d+)ms")>"9""#, r#"regexp_extract(jsonPayload.m, "(\d+)ms")>9"#),
        (
            r#"cast(timestamp, STRING, TIMEZONE("Europe/Paris")):"2025""#,
            r#"cast(timestamp, STRING, TIMEZONE("Europe/Paris")):2025"#,
        ),
        ("", ""),
        ("-- a comment alone", ""),
    ] {
        let query = Query::parse(filter).unwrap_or_else(|error| panic!("{}", error.render(filter))).0;
        assert_eq!(query.to_string(), printed, "{filter}");
        assert_eq!(Query::parse(printed).unwrap().0, query, "{filter}");
    }
}

#[test]
fn errors_show_the_place_and_help() {
    for (filter, place, help) in [
        ("insertId=abc:def", ":", Some("\"abc:def\"")),
        ("timestamp>=2025-09-16T00:00:00Z", ":", Some("\"2025-09-16T00:00:00Z\"")),
        ("jsonPayload.m=~bareword", "bareword", Some("\"bareword\"")),
        ("jsonPayload.foo =~ bareword", "bareword", None),
        ("json\\u0050ayload.foo = bar", "json\\u0050ayload", None),
        ("thud=1", "thud", None),
        ("textPayload.x=1", "x", Some("jsonPayload")),
        ("operation.thud=1", "thud", None),
        ("serverity>=ERROR", "serverity", Some("`severity`")),
        ("resource.service_name=x", "service_name", Some("resource.labels.service_name")),
        ("(severity=ERROR", "(", None),
        ("severity=ERROR)", ")", Some("no `(`")),
        ("severity=(ERROR", "(", None),
        ("textPayload:\"abc", "\"", None),
        ("regexp_extract(jsonPayload.m, \"abc\")=x", "\"abc\"", Some("( )")),
        ("regexp_extract(jsonPayload.m, \"(a)(b)\")=x", "\"(a)(b)\"", None),
        ("regexp_extract(jsonPayload.m, \"(a)\")", "", None),
        ("ip_in_net(jsonPayload.ip, \"bad\")", "\"bad\"", None),
        ("ip_in_subnet(jsonPayload.ip, \"10.0.0.0/8\")", "ip_in_subnet", Some("ip_in_net")),
        ("sample(insertId, 0)", "0", None),
        ("sample(insertId, 1.5)", "1", None),
        ("textPayload=~\"(\"", "\"(\"", None),
        ("severity>=ERROR AND", "", None),
        ("AND a", "AND", None),
        ("a OR", "", None),
        ("NOT NOT a", "NOT", None),
        ("a - b", "-", Some("NOT")),
        ("severity==ERROR", "=", Some("one `=`")),
        ("severity!==ERROR", "=", Some("one `=`")),
        ("severity=(ERROR, CRITICAL)", ",", Some("OR")),
        ("severity in (ERROR, CRITICAL)", ",", Some("OR")),
        ("severity=", "", None),
        ("severity=-x", "-", Some("double quotes")),
        ("jsonPayload.\"broken\\descape\"=1", "\\d", Some("=~")),
        ("jsonPayload . a=1", ".", None),
        ("()", ")", None),
        ("hello(world)", "hello", None),
        ("SEARCH(\"...\")", "\"...\"", None),
        ("cast(jsonPayload.a, INT)=1", "INT", None),
        ("cast(timestamp, STRING, TIMEZONE(\"Mars/Base\"))=1", "\"Mars/Base\"", None),
        ("source(p)", "p", None),
        ("jsonPayload.a=b jsonPayload.c=d=e", "=", None),
    ] {
        let error = Query::parse(filter).err().unwrap_or_else(|| panic!("{filter} is accepted"));
        let text = error.render(filter);
        assert_eq!(filter.get(error.span.clone()), Some(place), "{text}");
        assert!(help.is_none_or(|help| text.contains(help)), "{text}");
        assert!(text.contains('^') && text.contains("expected"), "{text}");
    }
    let long = "a ".repeat(10_001);
    assert!(Query::parse(&long).is_err());
    assert!(Query::parse(long.get(..20_000).unwrap()).is_ok());
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(Query::parse(&deep).unwrap_err().to_string().contains("levels"));
}

#[test]
fn traps_are_warned_of() {
    for (filter, place, hint) in [
        ("insertId=\"A\" OR \"B\"", "\"B\"", "insertId=(\"A\" OR \"B\")"),
        ("jsonPayload.a:x OR severity=ERROR OR y", "y", "jsonPayload.a:(x OR y)"),
        ("a and b", "and", "`AND`"),
        ("severity=ERROR or severity=INFO", "or", "`OR`"),
        ("a && b", "&&", "`AND`"),
        ("!a", "!a", "NOT"),
        ("severity='ERROR'", "'ERROR'", "double quotes"),
        ("httpRequest.status<500", "<500", "httpRequest:*"),
        ("httpRequest.requestMethod!=\"GET\"", "!=\"GET\"", "httpRequest:*"),
        ("NOT httpRequest.status>=500", ">=500", "its negation does"),
        ("httpRequest.status<500 OR severity>=ERROR", "<500", "httpRequest:*"),
        ("httpRequest.status<500 OR httpRequest.status=503", "<500", "httpRequest:*"),
        ("severity>=loud", ">=loud", "one of DEFAULT, DEBUG"),
        ("httpRequest.latency>5", ">5", "1.5s"),
        ("timestamp>=\"yesterday\"", ">=\"yesterday\"", "a time"),
        ("httpRequest.status=~\"5..\"", "=~\"5..\"", "a number"),
        ("jsonPayload=~\"x\"", "=~\"x\"", "below jsonPayload"),
        ("jsonPayload.a=*", "*", ":*"),
        ("severity", "severity", "severity:*"),
        ("jsonPayload.a=jsonPayload.b", "jsonPayload.b", "text"),
        ("severity=ERROR AND x OR y", "severity=ERROR AND x OR y", "parentheses"),
    ] {
        let traps = Query::parse(filter).unwrap().1;
        let found =
            traps.iter().any(|trap| filter.get(trap.span.clone()) == Some(place) && trap.render(filter).contains(hint));
        assert!(found, "{filter}: {traps:?}");
    }
    for filter in [
        "severity>=ERROR",
        "httpRequest:* httpRequest.status<500",
        "-httpRequest.status<500",
        "NOT (httpRequest.status<500 OR httpRequest.status=503)",
        "severity>=ERROR AND (httpRequest.status>=500 OR httpRequest.latency>\"1s\") AND httpRequest.status!=503",
        "httpRequest.status>=400 AND httpRequest.status<500",
        "insertId=(A OR B)",
        "\"A\" OR \"B\"",
        "severity=ERROR OR severity=INFO",
        "a AND (b OR c)",
        "severity<ERROR NOT textPayload:\"and\"",
        "jsonPayload.code>=500",
    ] {
        assert_eq!(Query::parse(filter).unwrap().1, [], "{filter}");
    }
}

const AUDIT: &str = r#"{"logName":"projects/my-proj/logs/cloudaudit.googleapis.com%2Factivity",
    "timestamp":"2025-09-16T10:00:00Z","insertId":"a1","severity":"NOTICE",
    "resource":{"type":"gce_instance","labels":{"instance_id":"17","zone":"us-east1-b"}},
    "operation":{"id":"op","first":true}, "sourceLocation":{"file":"a.py","line":"42"},
    "errorGroups":[{"id":"G1"},{"id":"G2"}], "spanId":null, "traceSampled":true,
    "labels":{"compute.googleapis.com/resource_name":"vm-1","n":"7"},
    "protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","methodName":"v1.Insert",
      "status":{"code":7,"details":[{"@type":"t/x","value":{"reason":"DENIED"}}]},
      "authorizationInfo":[{"permission":"a.get","granted":true},{"permission":"a.set","granted":false}],
      "requestMetadata":{"callerIp":"10.1.2.3"},"request":{"took":"12ms","empty":[],"big":12345678901234567890}}}"#;

/// What is there is no default, whether it can be read or not; null is nothing.
#[test]
fn odd_values_of_requests_are_read_or_compare_with_nothing() {
    for (request, filter, expected) in [
        (r#"{"latency":{"seconds":"5","nanos":500000000}}"#, "httpRequest.latency>\"5.4s\"", true),
        (r#"{"latency":{"seconds":"5","nanos":500000000}}"#, "httpRequest.latency<\"1s\"", false),
        (r#"{"latency":5.5}"#, "httpRequest.latency=\"5.5s\"", true),
        (r#"{"latency":"5.5"}"#, "httpRequest.latency<\"1s\"", false),
        (r#"{"latency":"soon"}"#, "httpRequest.latency<\"1s\" OR httpRequest.latency>=\"1s\"", false),
        (r#"{"latency":{}}"#, "httpRequest.latency=\"0s\"", false),
        (r#"{"status":"abc"}"#, "httpRequest.status=0", false),
        (r#"{"status":"abc"}"#, "httpRequest.status!=0", false),
        (r#"{"status":"abc"}"#, "httpRequest.status:*", true),
        (r#"{"status":null}"#, "httpRequest.status=0", true),
        (r#"{"latency":null}"#, "httpRequest.latency:*", false),
        ("null", "httpRequest:*", false),
    ] {
        let record =
            format!(r#"{{"httpRequest":{request},"traceSampled":null,"metadata":null,"labels":{{"a":null}}}}"#);
        assert_eq!(matches(filter, &record), expected, "{filter} on {request}");
        assert!(!matches("traceSampled:*", &record) && !matches("metadata:*", &record));
        assert!(matches("labels.a:*", &record));
    }
}

#[test]
fn bounds_beyond_all_times_are_the_ends_of_time() {
    let record = r#"{"timestamp":"2025-09-16T10:00:00Z"}"#;
    for (filter, expected) in [
        ("timestamp<\"9999-12-31\"", true),
        ("timestamp<\"9999-12-31T23:59:59Z\"", true),
        ("timestamp>=\"0001-01-01T00:00:00Z\"", true),
        ("timestamp>\"2300-01-01\"", false),
    ] {
        assert_eq!(matches(filter, record), expected, "{filter}");
        assert_eq!(Query::parse(filter).unwrap().1, [], "{filter}");
    }
}

#[test]
fn fields_by_their_types_and_defaults() {
    for (filter, expected) in [
        ("protoPayload.methodname=\"V1.insert\"", true),
        ("protoPayload.method_name=\"v1.insert\"", true),
        ("protoPayload.status.details.reason=DENIED", true),
        ("protoPayload.status.details.value.reason=DENIED", true),
        ("protoPayload.@type:AuditLog", true),
        ("protoPayload.authorizationInfo.permission=\"a.set\"", true),
        ("protoPayload.authorizationInfo.granted=false", true),
        ("protoPayload.authorizationInfo.granted>false", true),
        ("ip_in_net(protoPayload.requestMetadata.callerIp, \"10.0.0.0/8\")", true),
        ("ip_in_net(protoPayload.requestMetadata.callerIp, \"10.1.2.3\")", true),
        ("ip_in_net(protoPayload.requestMetadata.callerIp, \"11.0.0.0/8\")", false),
        ("ip_in_net(protoPayload.methodName, \"0.0.0.0/0\")", false),
        ("NOT ip_in_net(jsonPayload.ip, \"0.0.0.0/0\")", true),
        ("source(projects/my-proj)", true),
        ("source(\"projects/other\")", false),
        ("log_id(\"cloudaudit.googleapis.com/activity\")", true),
        ("log_id(\"cloudaudit.googleapis.com%2Factivity\")", true),
        ("operation.first=true operation.last=false", true),
        ("operation.last:*", false),
        ("operation:*", true),
        ("sourceLocation.line>9", true),
        ("errorGroups.id=G2", true),
        ("error_groups.id=G3", false),
        ("spanId:*", false),
        ("spanId=\"\"", true),
        ("trace=\"\"", true),
        ("traceSampled=true", true),
        ("labels.compute.googleapis.com/resource_name=vm-1", true),
        ("labels.n>=60", true),
        ("labels:vm-1", true),
        ("protoPayload:denied", true),
        ("protoPayload.request.empty:*", true),
        ("protoPayload.request.empty!=x", false),
        ("12345678901234567890", true),
        ("gce_instance", true),
        ("methodName", false),
        ("resource.type=gce_instance resource.labels.zone:\"EAST1\"", true),
        ("resource.labels.nope!=x", false),
        ("resource:*", true),
        ("httpRequest:*", false),
        ("textPayload!=x", false),
        ("jsonPayload:*", false),
        ("severity=~\"^NOTI\"", true),
        ("severity=300", true),
        ("severity>250.5", true),
        ("severity:*", true),
        ("receiveTimestamp<\"2030-01-01\"", false),
        ("timestamp=\"2025-09-16T12:00:00+02:00\"", true),
    ] {
        assert_eq!(matches(filter, AUDIT), expected, "{filter}");
    }
}

#[test]
fn functions_that_convert_and_search() {
    for (filter, expected) in [
        (r#"cast(regexp_extract(protoPayload.request.took, "(\d+)ms"), INT64)>9"#, true),
        (r#"regexp_extract(protoPayload.request.took, "(\d+)ms")>9"#, false),
        ("cast(protoPayload.request.took, DURATION)<\"1s\"", true),
        ("cast(protoPayload.methodName, INT64)!=1", false),
        ("cast(labels.n, INT64)<60", true),
        ("cast(timestamp, STRING, TIMEZONE(\"America/New_York\")):\"T06:00:00-04:00\"", true),
        ("cast(operation.first, STRING)=TRUE", true),
        ("sample(insertId, 1)", true),
        ("sample(jsonPayload.id, 1)", false),
        ("SEARCH(\"vm insert\")", true),
        ("SEARCH(protoPayload.methodName, \"insert\")", true),
        ("SEARCH(protoPayload, \"denied 12ms\")", true),
        ("SEARCH(protoPayload.methodName, \"denied\")", false),
        ("protoPayload.status.code!=NULL_VALUE", true),
        ("protoPayload.nope!=NULL_VALUE", false),
        ("insertId=(\"a1\" OR \"b\") insertId:(a 1) insertId=(NOT b)", true),
    ] {
        assert_eq!(matches(filter, AUDIT), expected, "{filter}");
    }
}

#[test]
fn the_flags_are_the_same_predicates() {
    let time = Timestamp::parse("2025-09-16T00:41:13Z").unwrap();
    for (query, text, first, second) in [
        (Query::since(time), "timestamp>=\"2025-09-16T00:41:13Z\"", false, true),
        (Query::until(time), "timestamp<\"2025-09-16T00:41:13Z\"", true, false),
        (Query::min_severity(Severity::Error), "severity>=ERROR", false, true),
        (Query::everything(), "", true, true),
    ] {
        assert_eq!(query.to_string(), text);
        assert_eq!(Query::parse(text).unwrap().0, query);
        assert_eq!(
            (with_entry(E1, |entry| query.matches(entry)), with_entry(E2, |entry| query.matches(entry))),
            (first, second)
        );
    }
    let both = Query::since(time).and(Query::parse("a OR b").unwrap().0);
    assert_eq!(both.to_string(), "timestamp>=\"2025-09-16T00:41:13Z\" AND (\"a\" OR \"b\")");
    assert!(Query::everything().and(Query::everything()).is_everything());
    assert_eq!(Query::everything().and(both.clone()), both);
}

/// Filters made by the rules of the grammar.
fn filters() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        Just("severity".to_owned()),
        Just("timestamp".to_owned()),
        Just("http_request.latency".to_owned()),
        Just("labels.\"k8s-pod/app\"".to_owned()),
        "jsonPayload\\.[a-zA-Z][a-z_/-]{0,4}(\\.\"[^\"\\\\]{0,4}\")?",
        "protoPayload\\.(AND|OR|[a-z]{1,3})",
        Just("cast(jsonPayload.s, FLOAT64)".to_owned()),
        Just("regexp_extract(jsonPayload.message, \"(\\w+)$\")".to_owned()),
    ];
    let value = prop_oneof![
        "[a-zA-Z0-9_/-]{1,5}"
            .prop_filter("a word", |word| !matches!(word.as_str(), "AND" | "OR" | "NOT") && !word.starts_with('-')),
        "\"[^\"\\\\]{0,6}\"",
        "\"(\\\\u[0-9a-f]{4}|\\\\[0-7]{1,3}|\\\\n|\\\\\")\"",
        Just("NULL_VALUE".to_owned()),
        Just("8.5".to_owned()),
        Just("-3".to_owned()),
    ];
    let values = value.clone().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" OR "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" "))),
            inner.prop_map(|part| format!("(NOT ({part}))")),
        ]
    });
    let condition = prop_oneof![
        (field.clone(), prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">=", ":", " = "]), values)
            .prop_map(|(field, op, value)| format!("{field}{op}{value}")),
        (field.clone(), prop::sample::select(vec!["=~", "!~"]), "\"[a-z.*+]{0,3}[a-z]\"")
            .prop_filter("a pattern", |(_, _, text)| regex::Regex::new(text.trim_matches('"')).is_ok())
            .prop_map(|(field, op, value)| format!("{field}{op}{value}")),
        field.prop_map(|field| format!("{field}:*")),
        value,
        Just("log_id(\"x/y\")".to_owned()),
        Just("SEARCH(\"foo `a b`\")".to_owned()),
        Just("sample(insertId, 0.3)".to_owned()),
    ];
    condition.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" AND "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" OR ")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join("\n")),
            inner.clone().prop_map(|part| format!("NOT ({part})")),
            inner.prop_map(|part| format!("-({part}) -- and so on\n")),
        ]
    })
}

proptest! {
    #[test]
    fn printing_and_reading_again_is_the_same_filter(filter in filters()) {
        let query = match Query::parse(&filter) {
            Ok((query, _)) => query,
            Err(error) => return Err(TestCaseError::fail(error.render(&filter))),
        };
        let printed = query.to_string();
        let again = Query::parse(&printed).map_err(|error| TestCaseError::fail(error.render(&printed)))?.0;
        prop_assert_eq!(&again, &query, "{} printed as {}", filter, printed);
        prop_assert_eq!(again.to_string(), printed);
        for record in [E1, E2, AUDIT] {
            prop_assert_eq!(with_entry(record, |entry| query.matches(entry)), with_entry(record, |entry| again.matches(entry)));
        }
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_with_a_place(
        filter in "\\PC{0,40}|([a-z\"\\\\=~!:<>().,*+ \n-]|AND |OR |NOT |severity|jsonPayload|cast\\(|SEARCH\\(|\\PC){0,30}"
    ) {
        match Query::parse(&filter) {
            Ok((query, traps)) => {
                for trap in traps {
                    prop_assert!(filter.get(trap.span.clone()).is_some());
                    let _ = trap.render(&filter);
                }
                let printed = query.to_string();
                let again = Query::parse(&printed).map_err(|error| TestCaseError::fail(error.render(&printed)))?.0;
                prop_assert_eq!(again, query);
                prop_assert_eq!(matches(&filter, E2), matches(&printed, E2));
            }
            Err(error) => {
                prop_assert!(filter.get(error.span.clone()).is_some());
                let _ = error.render(&filter);
            }
        }
    }
}
