//! `digest`: archives in, a saved Digest out; `merge`: saved Digests in, a worklog out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use log_gardener::distill::Redactor;
use log_gardener::error::Result;
use log_gardener::model::Digest;
use log_gardener::report;

use super::analyze::{Run, unprintable};
use super::args::{MakeDigest, Merge, Talk};
use super::flags::{Redact, Selection};
use super::outcome::{Outcome, say};
use super::{files, places};

/// Counts a shard of an archive and saves the result, redacted.
pub fn make(command: &MakeDigest, talk: &Talk) -> Result<Outcome> {
    let output = [("--output".to_owned(), command.output.clone())];
    places::refuse_shared(output, command.input.paths.iter().map(Path::new))?;
    if !command.force {
        report::refuse_existing(&command.output)?;
    }
    let mut run = Run::prepare(&command.selection, &command.look, talk)?;
    let digest = published(&run.count(&command.input)?, run.redactor())?;
    let bytes = digest.to_bytes();
    if command.look.redact != Redact::Off {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        files::gate(
            &[files::Rendered { path: Some(command.output.clone()), text }],
            run.redactor(),
            command.input.jobs,
        )?;
    }
    report::write_atomically(&command.output, &bytes, command.force)?;
    if !talk.quiet {
        say(&format!("wrote {}", command.output.display()));
    }
    Ok(if digest.skips.total > 0 { Outcome::Partial } else { Outcome::Done })
}

/// The Digest as it may leave the machine: paths are needed no more, so they are redacted as well.
fn published(digest: &Digest, redactor: &Redactor) -> Result<Digest> {
    let text = serde_json::to_string(digest).map_err(|error| unprintable(&error))?;
    serde_json::from_str(&redactor.sweep(&text, &mut BTreeMap::new())).map_err(|error| unprintable(&error))
}

/// Merges saved Digests and reports as `analyze` does, without the second look for context.
pub fn merge(command: &Merge, talk: &Talk) -> Result<Outcome> {
    let templates = files::templates(&command.output, 0)?;
    let run = Run::prepare(&Selection::default(), &command.look, talk)?;
    places::refuse_clashes(&command.output, &[], command.digests.iter().map(PathBuf::as_path))?;
    places::refuse_existing(&command.output, None, None)?;
    let mut whole = Digest::default();
    for path in &command.digests {
        whole.merge(files::read_digest(path)?);
    }
    whole.overall.times.finish();
    for pattern in whole.patterns.values_mut() {
        pattern.tally.times.finish();
    }
    let worklog = run.judge(&whole, command.output.focus())?;
    let rendered = files::render(&worklog, &command.output, &templates)?;
    if command.look.redact != Redact::Off {
        files::gate(&rendered, run.redactor(), 0)?;
    }
    files::write(&rendered, command.output.force)?;
    Ok(if worklog.totals.skipped > 0 { Outcome::Partial } else { Outcome::Done })
}
