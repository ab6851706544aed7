//! `digest`: archives in, a saved Digest or what stands around moments out; `merge`: these in, a worklog out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use log_gardener::distill::{Policy, Redactor};
use log_gardener::error::{Error, Result};
use log_gardener::examine::{Enquiry, Neighbours, Shown, Surroundings, gather};
use log_gardener::model::{Digest, InputTally, Making, Portable};
use log_gardener::report;

use super::analyze::{Run, read_besides};
use super::args::{MakeDigest, Merge, Talk};
use super::conclude::Ending;
use super::flags::{Look, Redact, Selection};
use super::memory::Memory;
use super::outcome::{Outcome, say};
use super::published::unprintable;
use super::{files, places};

/// Counts a shard of an archive, or looks at it for the second time, and saves the result, redacted.
pub fn make(command: &MakeDigest, talk: &Talk) -> Result<Outcome> {
    let output = [("--output".to_owned(), command.output.clone())];
    let read = command.input.paths.iter().map(Path::new).chain(command.moments.as_deref());
    places::refuse_shared(output, read)?;
    if !command.force {
        report::refuse_existing(&command.output)?;
    }
    let mut run = Run::prepare(&command.selection, &command.look, talk)?;
    let (bytes, partial) = match &command.moments {
        None => counted(&mut run, command)?,
        Some(moments) => looked_through(&mut run, command, moments, talk)?,
    };
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
    Ok(if partial { Outcome::Partial } else { Outcome::Done })
}

/// The Digest of a shard, and whether any of it was skipped or is missing.
fn counted(run: &mut Run, command: &MakeDigest) -> Result<(Vec<u8>, bool)> {
    let mut digest = run.count(&command.input)?;
    digest.made = Some(run.making().clone());
    let digest = published(&digest, run.redactor())?;
    let partial = digest.skips.total > 0 || digest.inputs.values().any(InputTally::is_cut);
    Ok((digest.to_bytes(), partial))
}

/// What a shard holds around moments, and whether any of it could not be read.
fn looked_through(run: &mut Run, command: &MakeDigest, moments: &Path, talk: &Talk) -> Result<(Vec<u8>, bool)> {
    let enquiry: Enquiry = files::read_saved(moments)?;
    refuse_mixture((moments, enquiry.made.as_ref()), (&command.output, Some(run.making())))?;
    let surroundings = published(&run.look(&command.input, &enquiry)?, run.redactor())?;
    for (path, offset, reason) in surroundings.faults().filter(|_| !talk.quiet) {
        say(&format!("log-gardener: skipped {path} (byte {offset}): {reason}"));
    }
    let partial = surroundings.faults().next().is_some();
    Ok((surroundings.to_bytes(), partial))
}

/// What is saved as it may leave the machine: paths are needed no more, so they are redacted as well.
fn published<T: Portable>(saved: &T, redactor: &Redactor) -> Result<T> {
    let text = serde_json::to_string(saved).map_err(|error| unprintable(&error))?;
    let swept = redactor.sweep(&text, &report::SPELLINGS, &mut BTreeMap::new());
    serde_json::from_str(&swept).map_err(|error| unprintable(&error))
}

/// Merges saved Digests, and what shards hold around their moments, and reports as `analyze` does.
pub fn merge(command: &Merge, talk: &Talk) -> Result<Outcome> {
    let ending = Ending::prepare(&command.output, &command.verdict, command.look.redact, 0)?;
    let selection = Selection { now: command.now.clone(), ..Selection::default() };
    let run = Run::prepare(&selection, &command.look, talk)?;
    let sources = command.digests.iter().map(PathBuf::as_path).chain(read_besides(&command.memory, &command.look));
    let moments = command.moments.as_deref();
    let others = [("--ledger", command.memory.ledger.as_deref()), ("--moments", moments)];
    places::refuse_clashes(&command.output, &others, sources)?;
    places::refuse_existing(&command.output, moments, run.named(command.output.focus()).as_ref())?;
    ending.warn_of_states(&command.memory);
    let mut memory = Memory::open(&command.memory, &run)?;
    let (whole, shards) = read_all(&command.digests, &run)?;
    refuse_too_late(&command.look, whole.made.as_ref())?;
    let mut asked = None;
    let worklog = run.judge_with(&whole, command.output.focus(), &memory, |moments| {
        let enquiry = asked.insert(Enquiry { made: whole.made.clone(), moments: moments.clone() });
        around(&whole, enquiry, shards)
    })?;
    ending.conclude(&worklog, &run, &mut memory, || {
        let text = String::from_utf8(asked?.to_bytes()).ok()?;
        Some(files::Rendered { path: Some(moments?.to_owned()), text })
    })
}

/// All saved Digests as one, and what shards hold around its moments, with their files.
fn read_all<'a>(files: &'a [PathBuf], run: &Run) -> Result<(Digest, Vec<(&'a Path, Surroundings)>)> {
    let mut whole = Digest::default();
    let mut shards = Vec::new();
    let mut first: Option<(&Path, Option<Making>)> = None;
    for path in files {
        if files::saved_kind(path) == Some(files::Saved::Context) {
            shards.push((path.as_path(), files::read_saved(path)?));
            continue;
        }
        let digest = read(path, run)?;
        match &first {
            Some((other, made)) => refuse_mixture((*other, made.as_ref()), (path, digest.made.as_ref()))?,
            None => first = Some((path.as_path(), digest.made.clone())),
        }
        whole.merge(digest);
    }
    if first.is_none() {
        let detail = "only what stands around moments was given; give the digests as well".to_owned();
        return Err(Error::Usage { what: "merge".to_owned(), detail });
    }
    whole.overall.times.finish();
    for pattern in whole.patterns.values_mut() {
        pattern.tally.times.finish();
    }
    Ok((whole, shards))
}

/// What shards hold around the moments, if they were asked for these.
fn around(whole: &Digest, enquiry: &Enquiry, shards: Vec<(&Path, Surroundings)>) -> Result<Neighbours<Shown>> {
    if let Some((path, _)) = shards.iter().find(|(_, shard)| !shard.answers(enquiry)) {
        let detail = "it was made for other moments: merge the same digests with the same flags as for --moments, or \
                      make both anew"
            .to_owned();
        return Err(Error::Usage { what: path.display().to_string(), detail });
    }
    Ok(gather(whole, &enquiry.moments, shards.into_iter().map(|(_, shard)| shard).collect()))
}

/// A saved Digest that may be shown under the policy of this run: what was kept in clear cannot be redacted afterwards,
/// since much of it is known for a secret only by the text around it.
pub fn read(path: &Path, run: &Run) -> Result<Digest> {
    let digest: Digest = files::read_saved(path)?;
    let wanted = &run.making().redaction;
    let detail = match &digest.made {
        Some(made) if strictness(&made.redaction) < strictness(wanted) => format!(
            "was made with --redact {}, and what it holds cannot be redacted to \"{wanted}\" afterwards: make it anew with \
             --redact {wanted}, or give --redact {} here",
            made.redaction, made.redaction
        ),
        None if wanted == Policy::Strict.name() => {
            "was saved by an earlier version, which did not note how it redacts: make it anew with --redact strict"
                .to_owned()
        }
        Some(_) => return Ok(digest),
        None => {
            say(&format!(
                "log-gardener: {}: saved by an earlier version, which did not note its filter and redaction; distinct \
                 values that were redacted are told too low, and beside newer digests twice",
                path.display()
            ));
            return Ok(digest);
        }
    };
    Err(Error::Usage { what: path.display().to_string(), detail })
}

fn strictness(policy: &str) -> usize {
    let order = [Policy::Off, Policy::On, Policy::Strict];
    order.iter().position(|known| known.name() == policy).unwrap_or_default()
}

/// Refuses what was counted differently: the sum would be true of neither.
fn refuse_mixture(one: (&Path, Option<&Making>), other: (&Path, Option<&Making>)) -> Result<()> {
    let (Some(left), Some(right)) = (one.1, other.1) else { return Ok(()) };
    let said = |flag: &str, value: &str| {
        if value.is_empty() { format!("without {flag}") } else { format!("with {flag} {value}") }
    };
    let masks = |made: &Making| made.masks.iter().cloned().collect::<Vec<_>>().join(" and ");
    let differs = [
        ("--redact", left.redaction.clone(), right.redaction.clone()),
        ("--filter", left.filter.clone(), right.filter.clone()),
        ("--min-severity", left.min_severity.to_string(), right.min_severity.to_string()),
        ("--mask", masks(left), masks(right)),
    ];
    let Some((flag, left, right)) = differs.into_iter().find(|(_, left, right)| left != right) else { return Ok(()) };
    let detail = format!(
        "{} was made {}, {} {}: make them alike",
        one.0.display(),
        said(flag, &left),
        other.0.display(),
        said(flag, &right)
    );
    Err(Error::Usage { what: "merge".to_owned(), detail })
}

/// Refuses flags that count for entries: there are none any more.
fn refuse_too_late(look: &Look, made: Option<&Making>) -> Result<()> {
    let masks = made.map(|made| made.masks.clone()).unwrap_or_default();
    let late = |flag: &str| Error::Usage {
        what: flag.to_owned(),
        detail: "it holds when entries are counted, and these are: give it to `digest`".to_owned(),
    };
    if look.mask.iter().any(|(name, regex)| !masks.contains(&format!("{name}={regex}"))) {
        return Err(late("--mask"));
    }
    let severity = made.map_or_else(|| Look::default().min_severity, |made| made.min_severity);
    if ![severity, Look::default().min_severity].contains(&look.min_severity) {
        return Err(late("--min-severity"));
    }
    Ok(())
}
