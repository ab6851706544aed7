//! Requests of load balancers, services, access logs, App Engine and audit logs.

use super::*;

#[test]
fn access_logs_tell_requests_in_parts() {
    let envoy = json!({"jsonPayload": {"method": "GET", "path": "/prices/42?full=1", "response_code": 503, "duration": 30,
        "response_code_details": "upstream_reset_before_response_started{delayed_connect_error:_111}", "response_flags": "UF"}});
    check(&envoy, Request, "GET /prices/<num> 5xx: upstream_reset_before_response_started", Severity::Error);
    let nginx = json!({"severity": "INFO", "jsonPayload": {"request_method": "GET", "request_uri": "/img/a.png?w=1",
        "status": "500", "request_time": "0.034"}});
    check(&nginx, Request, "GET /img/a.png 5xx", Severity::Info);
    for (record, status, nanos) in [
        (&envoy, 503, Some(30_000_000)),
        (&nginx, 500, Some(34_000_000)),
        (
            &json!({"jsonPayload": {"http.method": "GET", "url.path": "/a", "http.status_code": 200, "latency": "1.5ms"}}),
            200,
            Some(1_500_000),
        ),
        // Nobody knows the unit.
        (&json!({"jsonPayload": {"method": "GET", "path": "/a", "status": 200, "duration": 3}}), 200, None),
    ] {
        reading(record, |reading| {
            let endpoint = reading.endpoint.as_ref().unwrap();
            assert_eq!((endpoint.method, endpoint.status, endpoint.latency_nanos), ("GET", status, nanos), "{record}");
        });
    }
    for record in [
        json!({"jsonPayload": {"method": "GET", "path": "/a", "status": "ok"}}),
        json!({"jsonPayload": {"method": "GET", "path": "/a", "code": 7}}),
        json!({"jsonPayload": {"method": "GET", "path": "a.b.c", "status": 200}}),
        json!({"jsonPayload": {"method": "GET", "url": "https://api.other.example/v1/charges", "status": 503}}),
        json!({"jsonPayload": {"method": "restart", "path": "/a", "status": 200}}),
        json!({"jsonPayload": {"path": "/a", "status": 200}}),
    ] {
        reading(&record, |reading| assert!(reading.endpoint.is_none() && reading.kind == Shape, "{record}"));
    }
    // What has a message is told by it.
    let told = json!({"jsonPayload": {"message": "boom", "method": "GET", "path": "/a", "status": 500}});
    check(&told, Message, "boom", Severity::Default);
}

#[test]
fn printed_access_logs_tell_requests() {
    let uvicorn = r#"INFO:     10.0.0.1:5000 - "GET /orders/7 HTTP/1.1" 500 Internal Server Error"#;
    check(&json!({"textPayload": uvicorn}), Request, "GET /orders/<num> 5xx", Severity::Error);
    check(&json!({"jsonPayload": {"message": uvicorn}}), Request, "GET /orders/<num> 5xx", Severity::Error);
    let fine = r#"INFO:     10.0.0.1:5000 - "GET /orders/7 HTTP/1.1" 200 OK"#;
    check(&json!({"textPayload": fine}), Request, "GET /orders/<num> 2xx", Severity::Info);
    // What is stated holds.
    check(&json!({"severity": "INFO", "textPayload": uvicorn}), Request, "GET /orders/<num> 5xx", Severity::Info);
    // Beside a request it is what is told of that, beside an error the error counts.
    let http = json!({"requestMethod": "GET", "requestUrl": "/a", "status": 200});
    let beside = json!({"httpRequest": http, "jsonPayload": {"message": uvicorn}});
    reading(&beside, |reading| assert_eq!(reading.kind, Message));
    let failed = json!({"jsonPayload": {"message": uvicorn, "error": "connection refused"}});
    reading(&failed, |reading| assert_eq!(reading.kind, Message));
    check(
        &json!({"textPayload": "Completed 500 Internal Server Error in 12ms"}),
        Message,
        "Completed 500 Internal Server Error in 12ms",
        Severity::Error,
    );
}

#[test]
fn requests() {
    let http = json!({"requestMethod": "GET", "requestUrl": "https://x.y/api/users/42?q=1", "status": 503, "latency": "1.5s", "userAgent": "curl"});
    let record = json!({"severity": "ERROR", "httpRequest": http});
    check(&record, Request, "GET /api/users/<num> 5xx", Severity::Error);
    reading(&record, |reading| {
        let endpoint = reading.endpoint.unwrap();
        assert_eq!((endpoint.method, endpoint.status, endpoint.latency_nanos), ("GET", 503, Some(1_500_000_000)));
    });
    for (latency, nanos) in [
        (json!({"seconds": "1", "nanos": 5}), Some(1_000_000_005)),
        (json!({"nanos": 250_000_000}), Some(250_000_000)),
        (json!({"seconds": null, "nanos": "x"}), None),
        (json!(0.123), Some(123_000_000)),
        (json!(2), Some(2_000_000_000)),
        (json!(-1), None),
        (json!([1]), None),
    ] {
        let record = json!({"httpRequest": {"requestUrl": "https://x.y/a", "latency": latency}});
        reading(&record, |reading| assert_eq!(reading.endpoint.unwrap().latency_nanos, nanos, "{latency}"));
    }
    let explained = json!({"severity": "ERROR", "httpRequest": http,
        "textPayload": "The request was aborted because there was no available instance. See https://cloud.google.com/x"});
    check(
        &explained,
        Request,
        "GET /api/users/<num> 5xx: The request was aborted because there was no available instance",
        Severity::Error,
    );
    let balanced = json!({"httpRequest": {"requestMethod": "GET", "requestUrl": "http://a/b", "status": 502},
        "jsonPayload": {"@type": "x", "statusDetails": "failed_to_pick_backend"}});
    check(&balanced, Request, "GET /b 5xx: failed_to_pick_backend", Severity::Error);
    let access = json!({"jsonPayload": {"request": "POST /click/8 HTTP/1.1", "code": "404", "remote_ip": "1.2.3.4"}});
    check(&access, Request, "POST /click/<num> 4xx", Severity::Default);
    let app = json!({"jsonPayload": {"message": "slow"}, "httpRequest": http});
    check(&app, Message, "slow", Severity::Default);
}

#[test]
fn audit_and_app_engine() {
    let denied = json!({"severity": "ERROR", "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "storage.googleapis.com", "methodName": "storage.objects.get", "status": {"code": 7},
        "authenticationInfo": {"principalEmail": "a@b.c"},
        "authorizationInfo": [{"permission": "storage.objects.get"}]}});
    check(
        &denied,
        Audit,
        "storage.googleapis.com storage.objects.get PERMISSION_DENIED (storage.objects.get)",
        Severity::Error,
    );
    reading(&denied, |reading| assert_eq!((reading.user, reading.service), ("a@b.c", "storage.googleapis.com")));
    let fine = json!({"severity": "NOTICE", "protoPayload": {"serviceName": "run.googleapis.com", "methodName": "Services.Create", "status": {}}});
    check(&fine, Audit, "run.googleapis.com Services.Create OK", Severity::Notice);
    let app = json!({"protoPayload": {"@type": "type.googleapis.com/google.appengine.logging.v1.RequestLog", "method": "GET",
        "resource": "/guest/7?x=1", "status": 200, "line": [{"severity": "INFO", "logMessage": "hello"}]}});
    check(&app, Request, "GET /guest/<num> 2xx", Severity::Default);
    let failed = json!({"severity": "INFO", "protoPayload": {"@type": "type.googleapis.com/google.appengine.logging.v1.RequestLog", "method": "GET",
        "resource": "/g", "status": 200, "line": [{"severity": "WARNING", "logMessage": "slow"}, {"severity": "ERROR", "logMessage": "first"},
        {"severity": "ERROR", "logMessage": "second"}]}});
    check(&failed, Message, "first", Severity::Error);
    // A status alone is no request: the payload says what was asked.
    let mut stated = app.clone();
    stated["httpRequest"] = json!({"status": 200});
    check(&stated, Request, "GET /guest/<num> 2xx", Severity::Default);
    reading(&stated, |reading| assert_eq!(reading.endpoint.as_ref().unwrap().route, "/guest/<num>"));
    let scheduled = json!({"severity": "ERROR", "httpRequest": {"status": 504}, "jsonPayload": {"jobName": "projects/p/jobs/nightly",
        "status": "DEADLINE_EXCEEDED", "targetType": "HTTP", "url": "https://x.run.app/run"}});
    check(&scheduled, Shape, "status=DEADLINE_EXCEEDED {jobName,status,targetType,url}", Severity::Error);
}

#[test]
fn servers_of_node_tell_what_was_asked_for_and_the_answer() {
    let pino = |status: u64, error: Json| {
        let mut payload = json!({"level": if status < 500 { 30 } else { 50 }, "msg": "request completed", "responseTime": 12,
            "req": {"id": 7, "method": "GET", "url": "/parcels/17?full=1", "headers": {"host": "a"}}, "res": {"statusCode": status}});
        if !error.is_null() {
            payload["err"] = error;
        }
        json!({"jsonPayload": payload})
    };
    check(&pino(200, Json::Null), Request, "GET /parcels/<num> 2xx", Severity::Info);
    let stack = |file: &str| format!("Error: failed with status code 503\n    at onResFinished ({file}:115:39)");
    let own = json!({"type": "Error", "message": "failed with status code 503", "stack": stack("/app/node_modules/pino-http/logger.js")});
    check(&pino(503, own), Request, "GET /parcels/<num> 5xx", Severity::Error);
    reading(&pino(200, Json::Null), |reading| {
        let endpoint = reading.endpoint.unwrap();
        assert_eq!((endpoint.status, endpoint.latency_nanos), (200, Some(12_000_000)));
    });
    // An error of the application is told by its trace.
    let thrown = json!({"type": "TypeError", "message": "x", "stack": "TypeError: x\n    at load (/app/cart.js:3:1)"});
    reading(&pino(500, thrown), |reading| {
        assert_eq!((reading.kind, reading.endpoint.map(|endpoint| endpoint.status)), (Trace, Some(500)));
    });
    // Other lines that name what was asked for are about something else.
    let beside = json!({"jsonPayload": {"msg": "cart was saved", "req": {"method": "GET", "url": "/carts/1"}}});
    check(&beside, Message, "cart was saved", Severity::Default);
    let answer = json!({"jsonPayload": {"msg": "request completed", "res": {"statusCode": 200}}});
    check(&answer, Message, "request completed", Severity::Default);
}
