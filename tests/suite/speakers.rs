//! Entries of Google's services, and whose they are: jobs, queues and workloads that fail alike are troubles of their own.

use serde_json::{Value, json};

use super::accounting::program;

/// What the entries of a resource say, a minute apart.
fn archive(entries: &[(Value, Value)]) -> String {
    let lines = entries.iter().enumerate().map(|(minute, (resource, said))| {
        let mut entry = json!({"insertId": format!("i{minute}"), "timestamp": format!("2025-09-14T03:{minute:02}:00Z"),
            "logName": "projects/p/logs/events", "severity": "ERROR", "resource": resource});
        for (key, value) in said.as_object().unwrap() {
            entry[key] = value.clone();
        }
        format!("{entry}\n")
    });
    lines.collect()
}

fn clusters(archive: String) -> Vec<Value> {
    let run = program().args(["analyze", "-q", "--format", "json", "-"]).write_stdin(archive).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let result: Value = serde_json::from_slice(&run.stdout).unwrap();
    let mut clusters = result["clusters"].as_array().unwrap().clone();
    clusters.sort_by_key(|cluster| cluster["pattern"].to_string());
    clusters
}

fn told(clusters: &[Value]) -> Vec<(&str, Option<&str>)> {
    clusters.iter().map(|one| (one["pattern"].as_str().unwrap(), one["services"][0]["name"].as_str())).collect()
}

#[test]
fn jobs_of_cloud_scheduler_are_told_by_what_became_of_them() {
    let attempt = |job: &str| {
        let resource = json!({"type": "cloud_scheduler_job", "labels": {"project_id": "p", "job_id": job}});
        let payload = json!({"@type": "type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished",
            "jobName": format!("projects/p/locations/eu/jobs/{job}"), "status": "UNAVAILABLE", "targetType": "HTTP",
            "debugInfo": "URL_UNREACHABLE-UNREACHABLE_5xx. Original HTTP response code number = 503"});
        (resource, json!({"jsonPayload": payload, "httpRequest": {"status": 503}}))
    };
    let found = clusters(archive(&[attempt("cache-warm"), attempt("close-books"), attempt("cache-warm")]));
    let why = "UNAVAILABLE: URL_UNREACHABLE-UNREACHABLE_5xx. Original HTTP response code number = 503";
    let (warm, close) = (format!("cache-warm: {why}"), format!("close-books: {why}"));
    assert_eq!(told(&found), [(&*warm, Some("cache-warm")), (&*close, Some("close-books"))]);
    assert_eq!(found[0]["title"], *warm);
}

#[test]
fn queues_of_cloud_tasks_are_told_by_operation_and_status() {
    let attempt = |status: &str| {
        let resource = json!({"type": "cloud_tasks_queue", "labels": {"project_id": "p", "queue_id": "emails"}});
        let payload = json!({"@type": "type.googleapis.com/google.cloud.tasks.logging.v1.TaskActivityLog",
            "task": "projects/p/locations/eu/queues/emails/tasks/123456789012",
            "attemptResponseLog": {"status": status, "targetType": "HTTP"}});
        (resource, json!({"jsonPayload": payload}))
    };
    let found = clusters(archive(&[attempt("UNAVAILABLE"), attempt("NOT_FOUND")]));
    let texts = ["emails: attempt response: NOT_FOUND", "emails: attempt response: UNAVAILABLE"];
    assert_eq!(told(&found), texts.map(|text| (text, Some("emails"))));
}

#[test]
fn events_of_kubernetes_belong_to_their_workload() {
    let probe = |namespace: &str, pod: &str| {
        let resource = json!({"type": "k8s_pod", "labels": {"project_id": "p", "cluster_name": "prod",
            "namespace_name": namespace, "pod_name": pod}});
        let payload = json!({"kind": "Event", "reason": "Unhealthy", "message": "Readiness probe failed",
            "involvedObject": {"kind": "Pod", "namespace": namespace, "name": pod}});
        (resource, json!({"jsonPayload": payload}))
    };
    let pods =
        [("shop", "cart-6c9f8d7b5d-x2vbn"), ("shop", "cart-7d4b9c8f6f-bcdfg"), ("pay", "ledger-6c9f8d7b5d-x2vbn")];
    let found = clusters(archive(&pods.map(|(namespace, pod)| probe(namespace, pod))));
    let texts =
        ["pay/ledger: Unhealthy Pod: Readiness probe failed", "shop/cart: Unhealthy Pod: Readiness probe failed"];
    assert_eq!(told(&found), [(texts[0], Some("ledger")), (texts[1], Some("cart"))]);
    let revisions: Vec<&Value> = found[1]["revisions"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(revisions, ["cart-6c9f8d7b5d", "cart-7d4b9c8f6f"]);
}

#[test]
fn a_failed_call_is_told_by_what_it_says() {
    let run = |execution: &str| {
        let resource = json!({"type": "cloud_run_job", "labels": {"project_id": "p", "job_name": "nightly"}});
        let payload = json!({"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "run.googleapis.com",
            "methodName": "/Jobs.RunJob", "resourceName": format!("namespaces/p/executions/{execution}"),
            "status": {"code": 2, "message": format!("Execution {execution} has failed to complete, 0/1 tasks were a success.")}});
        (
            resource,
            json!({"protoPayload": payload, "labels": {"run.googleapis.com/execution_name": execution, "instanceId": "00ab"}}),
        )
    };
    let found = clusters(archive(&[run("nightly-bcdfg"), run("nightly-x2vbn")]));
    let text =
        "run.googleapis.com /Jobs.RunJob UNKNOWN: Execution <*> has failed to complete, <*> tasks were a success";
    assert_eq!(told(&found), [(text, Some("nightly"))]);
    assert_eq!(found[0]["instances"], 2);
    let title = found[0]["title"].as_str().unwrap();
    assert!(title.starts_with("Jobs.RunJob on run: Execution") && title.contains("has failed to complete"), "{title}");
}

#[test]
fn a_request_belongs_to_its_backend_wherever_that_stands() {
    let record = |number: u8, labels: &str| {
        format!(
            r#"{{"insertId":"{number}","timestamp":"2025-09-14T03:00:0{number}Z","logName":"projects/p/logs/requests","severity":"ERROR",
            "resource":{{"type":"http_load_balancer","labels":{{{labels}}}}},
            "httpRequest":{{"requestMethod":"GET","requestUrl":"https://x.y/a","status":502}}}}"#
        )
    };
    let archive = [
        record(1, r#""forwarding_rule_name":"fr","url_map_name":"map","backend_service_name":"web""#),
        record(2, r#""backend_service_name":"web","forwarding_rule_name":"fr","url_map_name":"map""#),
    ];
    let found = clusters(archive.join("\n"));
    assert_eq!(found[0]["services"].as_array().unwrap().len(), 1);
    assert_eq!(told(&found), [("GET /a 5xx", Some("web"))]);
}
