//! The name of a Kubernetes object in, the workload that it belongs to and its `ReplicaSet` out.
//!
//! Pods are named after what made them: `cart-6c9f8d7b5d-x2vbn` is a pod of the `ReplicaSet` `cart-6c9f8d7b5d` of the
//! Deployment `cart`. Kubernetes writes its hashes and suffixes in letters that spell no words.

use crate::model::Value;

/// A workload, and the revision of it that speaks; texts that are not known are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Workload<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// The `ReplicaSet`.
    pub(super) revision: &'a str,
}

/// The workload of an object that an event is about; empty for nodes.
pub(super) fn involved(object: Value<'_>) -> Workload<'_> {
    let kind = object.text("kind").unwrap_or_default();
    let name = object.text("name").unwrap_or_default();
    let namespace = object.text("namespace").unwrap_or_default();
    match kind {
        "Node" => Workload::default(),
        "Pod" | "ReplicaSet" | "Job" => Workload { namespace, ..of(name) },
        _ => Workload { namespace, name, revision: "" },
    }
}

/// The workload that a pod, `ReplicaSet` or Job of this name belongs to; empty where the name does not show it.
pub(super) fn of(name: &str) -> Workload<'_> {
    let known = |name, revision| Workload { namespace: "", name, revision };
    if let Some((maker, suffix)) = name.rsplit_once('-') {
        if let (Some((deployment, hash)), 5) = (maker.rsplit_once('-'), suffix.len())
            && is_hash(hash)
        {
            return known(deployment, maker);
        }
        if is_hash(suffix) {
            return known(maker, name);
        }
        // A Job is numbered by the minute of its CronJob.
        if let (Some((owner, number)), 5) = (maker.rsplit_once('-'), suffix.len())
            && is_number(number, 5..=10)
        {
            return known(owner, "");
        }
        // A pod of a StatefulSet is numbered by its place.
        if is_suffix(suffix) || is_number(suffix, 1..=3) || is_number(suffix, 7..=10) {
            return known(maker, "");
        }
    }
    // A name that looks like one of many is no workload.
    known(if name.bytes().any(|byte| byte.is_ascii_digit()) { "" } else { name }, "")
}

/// What Kubernetes writes instead of all letters and digits.
const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Whether it is what Kubernetes, and Cloud Run for its executions, puts behind a name to make it unique.
pub(super) fn is_suffix(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| SAFE.contains(&byte))
}

/// The hash of a pod's template.
fn is_hash(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (8..=10).contains(&text.len())
        && (2..text.len()).contains(&digits)
        && (text.bytes().all(|byte| SAFE.contains(&byte))
            || text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

fn is_number(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_after_what_made_them() {
        for (name, workload, revision) in [
            ("cart-6c9f8d7b5d-x2vbn", "cart", "cart-6c9f8d7b5d"),
            ("cart-6c9f8d7b5d", "cart", "cart-6c9f8d7b5d"),
            ("fluentbit-gke-8zwxk", "fluentbit-gke", ""),
            ("report-28471230-x2vbn", "report", ""),
            ("report-28471230", "report", ""),
            ("db-0", "db", ""),
            ("web-frontend", "web-frontend", ""),
            ("kube-proxy-gke-prod-pool-1-a1b2c3d4-wxyz", "", ""),
            ("search-05995bc578-x2vbn", "search", "search-05995bc578"),
            ("report-28000-03a3d", "report", ""),
            ("my-redis", "my-redis", ""),
            ("redis", "redis", ""),
            ("", "", ""),
        ] {
            assert_eq!(of(name), Workload { namespace: "", name: workload, revision }, "{name}");
        }
    }
}
