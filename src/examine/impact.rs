//! A cluster in, what it means for people out: as the log declares it, else a sentence of counted facts.

use crate::model::{Cluster, Impact};

use super::words;

/// Levels as logs write them, and ours.
const LEVELS: [(&str, &str); 8] = [
    ("CRITICAL", "CRITICAL"),
    ("SEVERE", "CRITICAL"),
    ("HIGH", "HIGH"),
    ("MAJOR", "HIGH"),
    ("MEDIUM", "MEDIUM"),
    ("MODERATE", "MEDIUM"),
    ("LOW", "LOW"),
    ("MINOR", "LOW"),
];

/// What the log declares in a field called `impact` or `..._impact`: the gravest of the sentences.
pub(super) fn declared(cluster: &Cluster) -> Option<Impact> {
    let fields = cluster.embedded.iter().filter(|(key, _)| *key == "impact" || key.ends_with("_impact"));
    let sentences = fields.flat_map(|(_, sentences)| sentences);
    sentences
        .filter_map(|sentence| {
            let upper = sentence.trim_start().to_uppercase();
            let at = LEVELS.iter().position(|(word, _)| upper.starts_with(word))?;
            let (word, level) = LEVELS.get(at)?;
            let rest = sentence.trim_start().get(word.len()..)?.trim_start_matches([' ', '-', ':', ',', '–', '—']);
            let text = if rest.is_empty() { sentence.trim() } else { rest.trim() };
            let impact = Impact {
                level: (*level).to_owned(),
                text: words::shorten(text, 200),
                business: String::new(),
                source: "log".to_owned(),
            };
            Some((at, impact))
        })
        .min_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.text.cmp(&right.1.text)))
        .map(|(_, impact)| impact)
}

/// The level that goes with a priority.
pub(super) fn level(priority: &str) -> &'static str {
    match priority {
        "P0" => "CRITICAL",
        "P1" => "HIGH",
        "P2" => "MEDIUM",
        "P3" | "P4" => "LOW",
        _ => "INFO",
    }
}

/// What was counted, in a sentence: severity, number, how it comes, and how far it reaches.
pub(super) fn sentence(cluster: &Cluster) -> String {
    let number = words::counted(cluster.count, "entry", "entries");
    let mut text = format!("{number} up to {}", cluster.severity);
    if cluster.severities.len() <= 1 {
        text = format!(
            "{} {} {}",
            words::grouped(cluster.count),
            cluster.severity,
            if cluster.count == 1 { "entry" } else { "entries" }
        );
    }
    let mut reach = Vec::new();
    if cluster.users > 0 {
        reach.push(words::counted(cluster.users, "user", "users"));
    }
    if cluster.instances > 1 {
        reach.push(words::counted(cluster.instances, "instance", "instances"));
    }
    if cluster.services.len() > 1 {
        reach.push(format!("{} services", cluster.services.len()));
    }
    if !cluster.rate.word.is_empty() && cluster.count > 1 {
        text.push_str(" (");
        text.push_str(&cluster.rate.word);
        text.push(')');
    }
    if !reach.is_empty() {
        text.push_str(" over ");
        text.push_str(&words::list(&reach));
    }
    text.push('.');
    text
}
