//! `digest`: archives in, a saved Digest out; `merge`: saved Digests in, a worklog out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use log_gardener::distill::Redactor;
use log_gardener::error::Result;
use log_gardener::model::Digest;
use log_gardener::report;

use super::analyze::{Run, read_besides, unprintable};
use super::args::{MakeDigest, Merge, Talk};
use super::conclude::Ending;
use super::flags::{Redact, Selection};
use super::memory::Memory;
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
    let ending = Ending::prepare(&command.output, &command.verdict, command.look.redact, 0)?;
    let selection = Selection { now: command.now.clone(), ..Selection::default() };
    let run = Run::prepare(&selection, &command.look, talk)?;
    let read = command.digests.iter().map(PathBuf::as_path).chain(read_besides(&command.memory, &command.look));
    places::refuse_clashes(&command.output, &[("--ledger", command.memory.ledger.as_deref())], read)?;
    places::refuse_existing(&command.output, None, run.named(command.output.focus()).as_ref())?;
    let mut memory = Memory::open(&command.memory, &run)?;
    let mut whole = Digest::default();
    for path in &command.digests {
        whole.merge(files::read_digest(path)?);
    }
    whole.overall.times.finish();
    for pattern in whole.patterns.values_mut() {
        pattern.tally.times.finish();
    }
    let worklog = run.judge_with(&whole, command.output.focus(), &memory)?;
    ending.conclude(&worklog, &run, &mut memory, || None)
}
