//! A cluster in, what it means for people out: as the log declares it, else a sentence of counted facts.

use crate::model::{Cluster, Impact};

use super::words;

/// Levels as logs write them, and ours.
const LEVELS: [(&str, &str); 10] = [
    ("CRITICAL", "CRITICAL"),
    ("SEVERE", "CRITICAL"),
    ("HIGH", "HIGH"),
    ("MAJOR", "HIGH"),
    ("MEDIUM", "MEDIUM"),
    ("MODERATE", "MEDIUM"),
    ("LOW", "LOW"),
    ("MINOR", "LOW"),
    ("INFO", "INFO"),
    ("NONE", "INFO"),
];

/// What the log declares in a field called `impact` or `..._impact`: the gravest of the sentences.
pub(super) fn declared(cluster: &Cluster) -> Option<Impact> {
    let fields = cluster.embedded.iter().filter(|(key, _)| *key == "impact" || key.ends_with("_impact"));
    let sentences = fields.flat_map(|(_, sentences)| sentences);
    sentences
        .filter_map(|sentence| read(sentence))
        .min_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.text.cmp(&right.1.text)))
        .map(|(_, impact)| impact)
}

/// How grave a declared impact is, the gravest first; a total order.
pub(super) fn gravity(impact: &Impact) -> (usize, &str) {
    let level = LEVELS.iter().position(|(_, level)| *level == impact.level).unwrap_or(LEVELS.len());
    (level, &impact.text)
}

/// What a rule states: a level, a sentence, or `HIGH - sentence`.
pub(super) fn stated(text: &str) -> Impact {
    let mut impact = read(text).map(|(_, impact)| impact).unwrap_or_default();
    if impact.level.is_empty() {
        text.trim().clone_into(&mut impact.text);
    } else if impact.text == text.trim() {
        impact.text = String::new();
    }
    "rule".clone_into(&mut impact.source);
    impact
}

/// A sentence that starts with a level, and how grave the level is.
fn read(sentence: &str) -> Option<(usize, Impact)> {
    let sentence = sentence.trim();
    let at = LEVELS
        .iter()
        .position(|(word, _)| sentence.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))?;
    let (word, level) = LEVELS.get(at)?;
    let rest = sentence.get(word.len()..)?;
    if rest.starts_with(|letter: char| letter.is_alphanumeric()) {
        return None;
    }
    let rest = rest.trim_start_matches([' ', '-', ':', ',', '–', '—']);
    let text = words::shorten(if rest.is_empty() { sentence } else { rest }, 200);
    let level = (*level).to_owned();
    Some((at, Impact { level, text, business: String::new(), source: "log".to_owned() }))
}

/// The level that goes with a priority.
pub(super) fn level(priority: u8) -> &'static str {
    match priority {
        0 => "CRITICAL",
        1 => "HIGH",
        2 => "MEDIUM",
        3 | 4 => "LOW",
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
        reach.push(words::estimated(cluster.users, cluster.users_exact, "user", "users"));
    }
    if cluster.instances > 1 {
        reach.push(words::estimated(cluster.instances, cluster.instances_exact, "instance", "instances"));
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
