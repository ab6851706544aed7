//! A cluster in, the kind of problem it is out: from its state and revisions, else from what its text says.

use crate::model::Cluster;

use super::signature::Signature;

/// The category of a cluster that no rule names: an open set.
///
/// `regression` (it regressed, or a deployment brought it or far more of it), `new` (not known from before), then by what its text says:
/// `startup`, `capacity`, `crash`, `code-defect`, `configuration`, `access`, `availability`; requests by status, audit entries as `audit`; else
/// `other`. What no baseline or earlier run could have shown is not called new.
pub(super) fn category(cluster: &Cluster, is_new: bool) -> String {
    let category = match cluster.state.as_str() {
        "regressed" => "regression",
        _ if is_new => "new",
        _ if cluster.deployment.brought_it() => "regression",
        _ => by_content(cluster),
    };
    category.to_owned()
}

fn by_content(cluster: &Cluster) -> &'static str {
    match Signature::of(cluster).map(|(signature, _)| signature) {
        Some(Signature::Startup) => "startup",
        Some(Signature::Exhausted) => "capacity",
        Some(Signature::Crash) => "crash",
        Some(Signature::Defect | Signature::Unloadable) => "code-defect",
        Some(Signature::Misconfigured) => "configuration",
        Some(Signature::Denied) => "access",
        Some(Signature::Unreachable) => "availability",
        None => match (cluster.kind.as_str(), cluster.http.first().map_or(0, |endpoint| endpoint.status)) {
            ("request", 401 | 403) => "access",
            ("request", 500..) => "availability",
            ("request", 429) => "capacity",
            ("audit", _) => "audit",
            ("trace", _) => "code-defect",
            _ => "other",
        },
    }
}
