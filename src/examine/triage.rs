//! Clusters with their facts in, clusters with title, category, impact and priority out. Running it again changes nothing.

use crate::model::{Cluster, Impact, Worklog};

use super::{category, impact, priority, title};

/// Judges every cluster of a worklog: by its facts and its state, where the stages behind have given it one.
pub fn triage(worklog: &mut Worklog) {
    let services = worklog.scope.services.len();
    for cluster in &mut worklog.clusters {
        judge(cluster, services);
    }
}

fn judge(cluster: &mut Cluster, services: usize) {
    let came_with_deployment = cluster.revision_notes.iter().any(|note| note.ends_with("it came with that revision."));
    cluster.title = title::title(cluster);
    cluster.category = category::category(cluster, came_with_deployment);
    cluster.impact = impact::declared(cluster).unwrap_or_default();
    cluster.priority_reasons = priority::reasons(cluster, services);
    let score = cluster.priority_reasons.iter().map(|reason| reason.points).sum();
    priority::level(score).clone_into(&mut cluster.priority);
    if cluster.impact.text.is_empty() {
        cluster.impact = Impact {
            level: impact::level(&cluster.priority).to_owned(),
            text: impact::sentence(cluster),
            business: String::new(),
            source: "default".to_owned(),
        };
    }
}
