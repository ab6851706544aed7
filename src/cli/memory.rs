//! Flags about other runs in; a worklog that knows them, and a ledger that knows the worklog, out.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use log_gardener::error::{Error, Result};
use log_gardener::follow::{KnownIssues, Ledger, LedgerFile, PlanSettings, compare, plan, state_by_verdict};
use log_gardener::model::{Comparison, Worklog};

use super::analyze::Run;
use super::files::{self, Saved};
use super::outcome::say;
use super::{digest, follow_args};

/// How often a ledger that another run holds is asked for, with pauses in between: two seconds in all.
const ATTEMPTS: u32 = 41;
const PAUSE: Duration = Duration::from_millis(50);

/// What is known of other runs, opened before anything is read.
pub struct Memory {
    file: Option<(PathBuf, LedgerFile)>,
    known: Option<KnownIssues>,
    baseline: Option<(String, Worklog)>,
    settings: PlanSettings,
    dry_run: bool,
}

impl Memory {
    /// Nothing is known.
    pub fn none() -> Self {
        Self { file: None, known: None, baseline: None, settings: PlanSettings::default(), dry_run: true }
    }

    /// Opens all that the flags name; the ledger is held from here on.
    pub fn open(flags: &follow_args::Memory, run: &Run) -> Result<Self> {
        let read = |path: &Path| match files::saved_kind(path) {
            Some(Saved::Digest) => run.judge(&digest::read(path, run)?, "baseline"),
            _ => files::read_model(path),
        };
        let baseline = flags.baseline.as_deref().map(|path| Ok((path.display().to_string(), read(path)?)));
        Ok(Self {
            known: flags.known_issues.as_deref().map(known_issues).transpose()?,
            baseline: baseline.transpose()?,
            file: flags.ledger.clone().map(|path| open_ledger(&path).map(|file| (path, file))).transpose()?,
            settings: settings(&flags.label),
            dry_run: flags.dry_run,
        })
    }

    /// States, comparison and issues; `judge` is triage, which is done again with what is known then.
    pub fn follow(&self, worklog: &mut Worklog, judge: impl FnOnce(&mut Worklog)) {
        if self.file.is_none() && self.known.is_none() && self.baseline.is_none() {
            return;
        }
        if let Some((name, baseline)) = &self.baseline {
            match compare(baseline, worklog, name) {
                Ok(_) => state_by_verdict(worklog),
                Err(refusal) => {
                    say(&format!("log-gardener: --baseline: {refusal}"));
                    let notes = vec![refusal.to_string()];
                    worklog.comparison = Some(Comparison { baseline: name.clone(), notes, ..Comparison::default() });
                }
            }
        }
        let empty = Ledger::default();
        let ledger = self.file.as_ref().map(|(_, file)| &file.ledger);
        if ledger.is_some() || self.known.is_some() {
            ledger.unwrap_or(&empty).recall(worklog, self.known.as_ref());
        }
        if ledger.is_none() {
            // Nobody asked for a memory, so there is nothing to say about an empty one.
            worklog.comparison.take_if(|comparison| comparison.first_run && comparison.notes.is_empty());
        }
        judge(worklog);
        if let Some(ledger) = ledger {
            ledger.pin(worklog);
        }
        if let Some(known) = &self.known {
            plan(worklog, known, ledger, &self.settings);
        }
    }

    /// What the ledger is to hold, for a look at it before anything is written.
    pub fn remember(&mut self, worklog: &Worklog) -> Option<files::Rendered> {
        let (path, file) = self.file.as_mut()?;
        file.ledger.remember(worklog, self.known.as_ref());
        let text = String::from_utf8_lossy(&file.ledger.to_bytes()).into_owned();
        Some(files::Rendered { path: Some(path.clone()), text })
    }

    /// Writes the ledger.
    pub fn save(&mut self) -> Result<()> {
        match self.file.as_mut().filter(|_| !self.dry_run) {
            Some((_, file)) => file.save().map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Opens a ledger and holds it.
pub fn open_ledger(path: &Path) -> Result<LedgerFile> {
    let file = patiently(|| LedgerFile::open(path, &format!("process {}", std::process::id())))?;
    for warning in &file.warnings {
        say(&format!("log-gardener: {warning}"));
    }
    Ok(file)
}

/// Tries again for a little while where another run holds the ledger: most commands hold it for a moment only.
pub fn patiently<T>(attempt: impl Fn() -> Result<T>) -> Result<T> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(Error::Write { source, .. }) if source.kind() == ErrorKind::WouldBlock => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    attempt()
}

/// Reads an export of the tracker, and says what it seems to lack.
pub fn known_issues(path: &Path) -> Result<KnownIssues> {
    let (known, warnings) = KnownIssues::read(path)?;
    for warning in warnings {
        say(&format!("log-gardener: {}: {warning}", path.display()));
    }
    Ok(known)
}

/// The settings of a plan with these labels, or the usual one.
pub fn settings(labels: &[String]) -> PlanSettings {
    if labels.is_empty() {
        return PlanSettings::default();
    }
    PlanSettings { labels: labels.to_vec(), ..PlanSettings::default() }
}

/// What people typed is wrong.
pub fn mistake(what: &str, detail: impl Into<String>) -> Error {
    Error::Usage { what: what.to_owned(), detail: detail.into() }
}
