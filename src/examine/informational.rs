//! What stands below the minimum severity for clusters in, its summary out.

use std::collections::BTreeMap;

use crate::model::{Digest, Informational, InformationalPattern, PatternTally, SeverityCounts};

use super::words;

/// Patterns that are listed: the most frequent ones.
const LISTED: usize = 10;

/// The remainder: how much, of what severity, and its most frequent patterns.
pub(super) fn informational(digest: &Digest) -> Informational {
    let quiet: Vec<&PatternTally> = digest.patterns.values().filter(|pattern| !pattern.listed).collect();
    let count = quiet.iter().map(|pattern| pattern.tally.count).sum();
    let mut severities = SeverityCounts::default();
    for pattern in &quiet {
        severities.merge(pattern.tally.effective());
    }
    let mut top: Vec<InformationalPattern> = quiet
        .iter()
        .map(|pattern| InformationalPattern {
            pattern: pattern.pattern.clone(),
            module: pattern.module.clone(),
            count: pattern.tally.count,
            severity: pattern.tally.severity(),
        })
        .collect();
    top.sort_by(|left, right| {
        let name = |one: &InformationalPattern| (one.pattern.clone(), one.module.clone());
        right.count.cmp(&left.count).then_with(|| name(left).cmp(&name(right)))
    });
    top.truncate(LISTED);
    Informational {
        count,
        share: words::share(count, digest.overall.count),
        patterns: quiet.len() as u64,
        top,
        severities: severities.present().collect::<BTreeMap<_, _>>(),
    }
}
