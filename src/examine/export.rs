//! What an export lacks in, the gcloud command that would give it out.

use crate::model::{Digest, JsonText, Timestamp, Window};

use super::Settings;

/// What is missing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Missing {
    /// Older entries, cut by a limit.
    pub(super) older: bool,
    /// Severities that a filter left out.
    pub(super) lower_severities: bool,
    /// The end of a dump that stopped in the middle.
    pub(super) later: bool,
}

const DAY: i64 = 86_400;

/// The command to run next; empty where nothing is known to be missing.
pub(super) fn command(digest: &Digest, window: &Window, settings: &Settings, missing: Missing) -> String {
    let (Some(start), Some(end)) = (window.start, window.end) else { return String::new() };
    if !(missing.older || missing.lower_severities || missing.later) {
        return String::new();
    }
    let from = settings.requested.as_ref().and_then(|asked| asked.start).filter(|asked| *asked < start);
    let from = match from {
        Some(asked) => asked,
        None if missing.older => day_before(start),
        None => start,
    };
    let mut clauses = scope(digest);
    clauses.push(format!("timestamp>=\"{from}\""));
    clauses.push(format!("timestamp<=\"{end}\""));
    let project = only(&digest.overall.projects).map_or_else(String::new, |project| format!(" --project={project}"));
    format!("gcloud logging read '{}'{project} --order=asc --format=json > export.json", clauses.join(" AND "))
}

fn day_before(time: Timestamp) -> Timestamp {
    Timestamp::from_nanos(time.nanos().saturating_sub(DAY * 1_000_000_000))
}

/// What all entries share, as clauses of a filter.
fn scope(digest: &Digest) -> Vec<String> {
    let Some(kind) = only(&digest.overall.resource_types) else { return Vec::new() };
    let mut clauses = vec![format!("resource.type=\"{kind}\"")];
    if let Some(service) = only(&digest.overall.services) {
        let named = SERVICE_LABELS.into_iter().find_map(|label| Some((label, common(digest, label, service)?)));
        clauses.extend(named.map(|(label, value)| format!("resource.labels.{label}=\"{value}\"")));
    }
    clauses
}

/// Labels of resources that may name the service. Which one did depends on the entries.
const SERVICE_LABELS: [&str; 14] = [
    "service_name",
    "job_name",
    "worker_pool_name",
    "function_name",
    "container_name",
    "module_id",
    "database_id",
    "service",
    "queue_id",
    "workflow_id",
    "topic_id",
    "subscription_id",
    "bucket_name",
    "backend_service_name",
];

/// What a label says in every entry that was kept, if it names this service, with its project or path or without.
fn common(digest: &Digest, label: &str, service: &str) -> Option<String> {
    let kept = digest.patterns.values().flat_map(|pattern| &pattern.exemplars);
    let said = |entry: &JsonText| Some(entry.at(&["resource", "labels", label])?.as_str()?.to_owned());
    let mut values = kept.map(|exemplar| said(exemplar.entry.as_ref()?));
    let first = values.next()??;
    let names = first.strip_suffix(service).is_some_and(|path| path.is_empty() || path.ends_with(['/', ':']));
    (names && is_plain(&first) && values.all(|value| value.as_ref() == Some(&first))).then_some(first)
}

/// The only value of a census, if there is one and it can stand in a command line without quoting: log text is
/// written by strangers, and people paste commands.
fn only(census: &crate::model::Census) -> Option<&str> {
    let mut values = census.values();
    let value = values.next().filter(|_| census.is_exact())?.value.as_str();
    (values.next().is_none() && is_plain(value)).then_some(value)
}

fn is_plain(value: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._:/-".contains(letter);
    !value.is_empty() && value.chars().all(plain) && !value.starts_with('-')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::model::{Exemplar, Fingerprint, PatternKind, PatternTally, Source};

    fn digest(kind: &str, labels: &serde_json::Value, service: &str) -> Digest {
        let mut digest = Digest::default();
        digest.overall.projects.add("demo-project", None);
        digest.overall.resource_types.add(kind, None);
        digest.overall.services.add(service, None);
        let mut pattern = PatternTally::new(PatternKind::Message, "failed".to_owned(), ("", ""), true);
        pattern.exemplars.insert(Box::new(Exemplar {
            time: None,
            hash: 0,
            source: Source::default(),
            length: 0,
            entry: Some(JsonText::from(&json!({"resource": {"type": kind, "labels": labels}}))),
            raw: None,
            message: String::new(),
            exception: None,
            embedded: BTreeMap::new(),
            unpacked: None,
            redactions: BTreeMap::new(),
        }));
        digest.add_pattern(Fingerprint::of(&["failed"]), pattern);
        digest
    }

    fn command_for(service: &str, missing: Missing) -> String {
        let start = Timestamp::parse("2025-09-14T03:00:00Z");
        let end = Timestamp::parse("2025-09-14T03:01:47Z");
        let digest = digest("cloud_run_revision", &json!({"service_name": service}), service);
        command(&digest, &Window { start, end, seconds: 107.0 }, &Settings::default(), missing)
    }

    #[test]
    fn a_cut_export_asks_for_the_day_before() {
        assert_eq!(
            command_for("backend", Missing { older: true, ..Missing::default() }),
            "gcloud logging read 'resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"backend\" AND \
             timestamp>=\"2025-09-13T03:00:00Z\" AND timestamp<=\"2025-09-14T03:01:47Z\"' --project=demo-project \
             --order=asc --format=json > export.json"
        );
        assert_eq!(command_for("backend", Missing::default()), "");
    }

    #[test]
    fn a_service_is_asked_for_by_the_label_that_names_it() {
        for (kind, labels, service, expected) in [
            ("k8s_container", json!({"container_name": "server", "pod_name": "cart-0"}), "server", "container_name"),
            ("http_load_balancer", json!({"backend_service_name": "web"}), "web", "backend_service_name"),
            // The name comes from the pod.
            ("k8s_container", json!({"pod_name": "cart-0"}), "cart", ""),
            ("cloudsql_database", json!({"database_id": "p:orders"}), "orders", "database_id"),
            ("audited_resource", json!({"service": "iam.googleapis.com"}), "iam.googleapis.com", "service"),
        ] {
            let mut clauses = vec![format!("resource.type=\"{kind}\"")];
            let value = labels.get(expected).and_then(serde_json::Value::as_str);
            clauses.extend(value.map(|value| format!("resource.labels.{expected}=\"{value}\"")));
            assert_eq!(scope(&digest(kind, &labels, service)), clauses);
        }
    }

    #[test]
    fn hostile_names_never_reach_a_command_line() {
        let command = command_for("x'; rm -rf ~ #", Missing { lower_severities: true, ..Missing::default() });
        assert!(!command.contains("rm -rf"), "{command}");
    }
}
