//! What is called a service is what `--service` takes.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::accounting::program;

const AUDIT: &str = "type.googleapis.com/google.cloud.audit.AuditLog";

/// Resources of many kinds, and what entries of theirs say besides.
fn resources() -> Vec<(&'static str, Value, Value)> {
    let text = || json!({"textPayload": "it failed"});
    let audit = |service: &str| {
        let payload = json!({"@type": AUDIT, "serviceName": service, "methodName": "x.get", "status": {"code": 7}});
        json!({"protoPayload": payload})
    };
    let pod = json!({"cluster_name": "prod", "namespace_name": "shop", "pod_name": "cart-6c9f8d7b5d-x2vbn"});
    let mut container = pod.clone();
    container["container_name"] = json!("server");
    let event = json!({"kind": "Pod", "name": "pay-6c9f8d7b5d-x2vbn", "namespace": "shop"});
    let event = json!({"jsonPayload": {"reason": "BackOff", "message": "Back-off", "involvedObject": event}});
    vec![
        ("cloud_run_revision", json!({"service_name": "backend"}), text()),
        ("http_load_balancer", json!({"backend_service_name": "web", "url_map_name": "map"}), text()),
        ("http_load_balancer", json!({"backend_service_name": "", "url_map_name": "map"}), text()),
        ("audited_resource", json!({"service": "iam.googleapis.com"}), audit("iam.googleapis.com")),
        ("service_account", json!({"email_id": ""}), audit("iam.googleapis.com")),
        ("bigquery_project", json!({"location": "US"}), audit("bigquery.googleapis.com")),
        ("gce_instance", json!({"instance_id": "123", "zone": "a"}), audit("compute.googleapis.com")),
        ("gce_instance", json!({"instance_id": "123", "zone": "a"}), text()),
        ("cloud_scheduler_job", json!({"job_id": "cleanup"}), text()),
        ("cloud_tasks_queue", json!({"queue_id": "mails"}), text()),
        ("k8s_container", container, text()),
        ("k8s_pod", pod, text()),
        ("k8s_cluster", json!({"cluster_name": "prod"}), event),
        ("k8s_cluster", json!({"cluster_name": "prod"}), text()),
        ("dataflow_step", json!({"job_name": "etl", "job_id": "2025-09-14_1"}), text()),
        ("gae_app", json!({"module_id": "default"}), text()),
        ("cloud_function", json!({"function_name": "resize"}), text()),
        ("cloud_dataproc_cluster", json!({"cluster_name": "spark", "cluster_uuid": "1"}), text()),
        ("pubsub_topic", json!({"topic_id": "projects/p/topics/orders"}), text()),
        ("gcs_bucket", json!({"bucket_name": "attic"}), audit("storage.googleapis.com")),
        ("global", json!({}), json!({"jsonPayload": {"message": "no", "serviceContext": {"service": "Reports"}}})),
        ("global", json!({}), text()),
    ]
}

/// An export with each of them, and how many entries it has; some come often, so that they are known by their layout.
fn export(path: &Path) -> u64 {
    let mut lines = String::new();
    let mut entries = 0;
    for (number, (kind, labels, said)) in resources().into_iter().enumerate() {
        for copy in 0..=(number % 4) {
            let mut entry = json!({
                "logName": "projects/p/logs/app",
                "insertId": format!("i{number}-{copy}"),
                "timestamp": format!("2025-09-14T03:00:{:02}Z", number + copy),
                "severity": "ERROR",
                "resource": {"type": kind, "labels": labels},
            });
            entry.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
            writeln!(lines, "{entry}").unwrap();
            entries += 1;
        }
    }
    std::fs::write(path, lines).unwrap();
    entries
}

fn result(path: &Path, flags: &[&str]) -> Value {
    let run = program().arg("analyze").arg(path).args(flags).args(["--format", "json", "-q"]).output().unwrap();
    serde_json::from_slice(&run.stdout).unwrap_or_else(|error| panic!("{flags:?}: {error}"))
}

#[test]
fn every_name_that_is_counted_can_be_chosen_and_gives_its_entries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.json");
    let entries = export(&path);
    let services = result(&path, &[])["totals"]["by_service"].clone();
    let services = services.as_object().unwrap();
    for name in ["web", "map", "iam.googleapis.com", "cart", "pay", "prod", "cleanup", "mails", "Reports", "spark"] {
        assert!(services.contains_key(name), "{name} is none of {services:?}");
    }
    for (name, count) in services {
        let chosen = result(&path, &["--service", name]);
        let totals = &chosen["totals"];
        assert_eq!(totals["by_service"], json!({ name: count }), "{name}");
        assert_eq!(
            (&totals["analysed"], totals["filtered"].as_u64()),
            (count, Some(entries - count.as_u64().unwrap()))
        );
        let copied = program().arg("redact").arg(&path).args(["--service", name, "-q"]).output().unwrap();
        assert_eq!(String::from_utf8(copied.stdout).unwrap().lines().count() as u64, count.as_u64().unwrap(), "{name}");
    }
    let unnamed = |kind: &str| result(&path, &["--service", kind])["totals"]["analysed"].clone();
    assert_eq!([unnamed("gce_instance"), unnamed("global"), unnamed("reports")], [json!(4), json!(2), json!(0)]);
}
