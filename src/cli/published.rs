//! A result or a saved part of one in, the same without secrets out, as others may see it.

use std::collections::BTreeMap;

use log_gardener::analyze::{each, plain_inputs, run_key};
use log_gardener::distill::{Redactor, shorten_tags};
use log_gardener::error::{Error, Result};
use log_gardener::model::{Cluster, Digest, Worklog};
use log_gardener::report;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::files;

/// So many clusters are looked through at a time.
const BATCH: usize = 256;

/// The result as others may see it.
pub fn published(mut worklog: Worklog, digest: &Digest, redactor: &Redactor, jobs: usize) -> Result<Worklog> {
    // Most inputs hold nothing to redact, and there may be very many: these stand aside.
    let plain = plain_inputs(&worklog.inputs, redactor, jobs)?;
    let mut aside = Vec::with_capacity(plain.len());
    let mut is_plain = plain.iter();
    worklog.inputs.retain_mut(|input| {
        let stays = !is_plain.next().is_some_and(|plain| *plain);
        aside.push((!stays).then(|| std::mem::take(input)));
        stays
    });
    let sweep = Sweep { redactor, key: run_key(digest, jobs)? };
    let mut clusters = std::mem::take(&mut worklog.clusters).into_iter();
    let (mut worklog, mut counts) = sweep.of(&worklog)?;
    while clusters.len() > 0 {
        // What was swept goes before more is.
        let batch: Vec<Cluster> = clusters.by_ref().take(BATCH).collect();
        let sweep_cluster = |number: usize| batch.get(number).map(|cluster| sweep.of(cluster)).transpose();
        for swept in each(batch.len(), jobs, sweep_cluster)? {
            let Some((cluster, found)) = swept? else { continue };
            worklog.clusters.push(cluster);
            add_counts(&mut counts, found);
        }
    }
    let mut swept = std::mem::take(&mut worklog.inputs).into_iter();
    worklog.inputs = aside.into_iter().filter_map(|input| input.or_else(|| swept.next())).collect();
    worklog.redaction.total += counts.values().sum::<u64>();
    add_counts(&mut worklog.redaction.by_kind, counts);
    worklog.content_hash.clear();
    let text = report::to_json_by(&worklog, &files::on_threads(jobs));
    worklog.content_hash = blake3::hash(text.as_bytes()).to_hex().to_string();
    Ok(worklog)
}

/// The last look at what was composed of redacted parts, and at what came from elsewhere than entries, such as paths.
struct Sweep<'r> {
    redactor: &'r Redactor,
    key: blake3::Hash,
}

impl Sweep<'_> {
    /// A part of the result without secrets, and how many of which kind it had.
    fn of<T: Serialize + DeserializeOwned>(&self, part: &T) -> Result<(T, BTreeMap<String, u64>)> {
        let mut counts = BTreeMap::new();
        let text = serde_json::to_string(part).map_err(|error| unprintable(&error))?;
        let swept = self.redactor.sweep(&text, &report::SPELLINGS, &mut counts);
        Ok((with_tags_of(&swept, &self.key)?, counts))
    }
}

fn add_counts(counts: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    for (kind, count) in more {
        *counts.entry(kind).or_default() += count;
    }
}

/// A result from its JSON, with the tags of redacted values re-keyed for this run, so that they cannot be looked up,
/// while the same input gives the same bytes.
pub fn with_own_tags<T: DeserializeOwned>(json: &str, digest: &Digest, jobs: usize) -> Result<T> {
    with_tags_of(json, &run_key(digest, jobs)?)
}

fn with_tags_of<T: DeserializeOwned>(json: &str, key: &blake3::Hash) -> Result<T> {
    serde_json::from_str(&shorten_tags(json, key.as_bytes())).map_err(|error| unprintable(&error))
}

/// A result that cannot be written as JSON.
pub fn unprintable(error: &serde_json::Error) -> Error {
    Error::Usage { what: "result".to_owned(), detail: error.to_string() }
}
