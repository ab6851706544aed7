//! What the labels of resources are called by.

use super::*;

#[test]
fn resources_are_called_as_operators_call_them() {
    let audit = |service: &str| json!({"serviceName": service, "methodName": "x.get"});
    let machine = json!({"compute.googleapis.com/resource_name": "web-1"});
    for (kind, labels, own, payload, service, instance) in [
        ("gce_instance", json!({"instance_id": "8814"}), machine.clone(), None, "", "web-1"),
        ("gce_instance", json!({"instance_id": "8814"}), json!({}), None, "", "8814"),
        ("k8s_container", json!({"container_name": "c", "pod_name": "cart-0"}), machine.clone(), None, "c", "cart-0"),
        ("k8s_node", json!({"node_name": "pool-1"}), json!({}), None, "", "pool-1"),
        ("cloudsql_database", json!({"database_id": "my-project:orders"}), json!({}), None, "orders", ""),
        (
            "redis_instance",
            json!({"instance_id": "projects/p/locations/l/instances/cache"}),
            json!({}),
            None,
            "cache",
            "",
        ),
        ("pubsub_topic", json!({"topic_id": "projects/p/topics/paid"}), json!({}), None, "paid", ""),
        ("pubsub_subscription", json!({"subscription_id": "paid-push"}), json!({}), None, "paid-push", ""),
        ("gcs_bucket", json!({"bucket_name": "attic"}), json!({}), Some("storage.googleapis.com"), "attic", ""),
        (
            "bigquery_project",
            json!({"location": "US"}),
            json!({}),
            Some("bigquery.googleapis.com"),
            "bigquery.googleapis.com",
            "",
        ),
        (
            "bigquery_dataset",
            json!({"dataset_id": "d"}),
            json!({}),
            Some("bigquery.googleapis.com"),
            "bigquery.googleapis.com",
            "",
        ),
        ("bigquery_resource", json!({}), json!({}), Some("bigquery.googleapis.com"), "bigquery.googleapis.com", ""),
        (
            "cloud_dataproc_cluster",
            json!({"cluster_name": "spark", "cluster_uuid": "6f1a"}),
            json!({}),
            Some("dataproc.googleapis.com"),
            "spark",
            "",
        ),
        (
            "cloud_dataproc_job",
            json!({"job_id": "d1e2", "job_uuid": "6f1a"}),
            json!({"dataproc.googleapis.com/cluster_name": "spark"}),
            None,
            "spark",
            "d1e2",
        ),
    ] {
        let mut record = json!({"resource": {"type": kind, "labels": labels}, "labels": own});
        match payload {
            Some(name) => record["protoPayload"] = audit(name),
            None => record["textPayload"] = json!("it failed"),
        }
        reading(&record, |reading| assert_eq!((reading.service, reading.instance), (service, instance), "{record}"));
    }
}

#[test]
fn worker_pools_are_called_by_their_name() {
    let labels = json!({"worker_pool_name": "mail", "revision_name": "mail-00002-abc"});
    let record = json!({"resource": {"type": "cloud_run_worker_pool", "labels": labels}, "textPayload": "it failed"});
    reading(&record, |reading| assert_eq!((reading.service, reading.revision), ("mail", "mail-00002-abc")));
}

#[test]
fn sidecars_are_called_as_what_they_stand_beside() {
    for (container, pod, service) in [
        ("istio-proxy", "cart-5d4f8c7b9d-x2x7k", "cart"),
        ("envoy", "edge-0", "edge"),
        ("envoy", "", "envoy"),
        ("server", "cart-5d4f8c7b9d-x2x7k", "server"),
    ] {
        let labels = json!({"container_name": container, "pod_name": pod});
        let record = json!({"resource": {"type": "k8s_container", "labels": labels}, "textPayload": "it failed"});
        reading(&record, |reading| assert_eq!(reading.service, service, "{record}"));
    }
}
