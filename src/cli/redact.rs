//! `redact`: archives in, the same entries without secrets out; with `--check`, where a secret stands.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use log_gardener::analyze::Plan;
use log_gardener::collect::{self, Discovery, Feed, RecordReader, Sink, discover};
use log_gardener::distill::{self, Held, Masker, Redactor};
use log_gardener::error::{Error, Result};
use log_gardener::model::{LogEntry, Severity};
use log_gardener::query::Query;
use log_gardener::report::{visible, visible_json};

use super::args::{Redacting, Talk};
use super::outcome::{Outcome, say};
use super::selection::{self, Selected};
use super::{redactor, signals};

/// Finds listed one by one.
const LISTED: u64 = 1_000;

type Counts = BTreeMap<String, u64>;

/// Writes a redacted copy, or checks.
pub fn run(command: &Redacting, talk: &Talk) -> Result<Outcome> {
    let redactor = redactor::with_files(command.redact.into(), &command.rules)?;
    let selected = selection::select(&command.selection, talk.quiet)?;
    let settings = collect::Settings { mmap: !command.no_mmap, ..collect::Settings::default() };
    let discovery = discover(&command.paths, &settings)?;
    let target = Target::open(command)?;
    let interrupted = signals::watch();
    let query = query(&selected, &discovery, &settings, &redactor, &interrupted)?;
    let mut copy = Copy::new(&redactor, &query, target, command.check);
    let mut feed = Feed::new(discovery.clone(), settings.clone());
    let mut reader = RecordReader::new(&settings);
    while let Some(chunk) = feed.next_chunk() {
        copy.path = redactor.redact(chunk.path(), &mut Counts::new()).into_owned();
        reader.read(&chunk, &mut copy);
        if interrupted.load(Ordering::Relaxed) {
            let detail = format!("after {} entries; no copy was written", copy.entries);
            return Err(Error::Interrupted { detail });
        }
        if let Some(error) = copy.failed.take() {
            return Err(error);
        }
    }
    signals::writing_begins();
    let whole = feed.finish().iter().map(|report| report.skips.len() as u64).sum::<u64>();
    copy.skipped += whole + discovery.passed_over.len() as u64;
    copy.target.close(command.force)?;
    if !talk.quiet {
        copy.talk();
    }
    Ok(match (command.check && copy.found > 0, copy.skipped > 0) {
        (true, _) => Outcome::Leak,
        (false, true) => Outcome::Partial,
        (false, false) => Outcome::Done,
    })
}

/// The filter, once the newest entry is known where times count from it.
fn query(
    selected: &Selected,
    discovery: &Discovery,
    settings: &collect::Settings,
    redactor: &Redactor,
    interrupted: &AtomicBool,
) -> Result<Query> {
    let distill = distill::Settings {
        masker: Masker::new(&[])?,
        min_severity: Severity::Default,
        query: Query::everything(),
        held: Held::default(),
    };
    let plan = Plan {
        collect: settings.clone(),
        distill: &distill,
        redactor,
        threads: 0,
        assignments: false,
        progress: &|_, _| (),
        interrupted,
    };
    Ok(selected.query(selected.newest(discovery, &plan)?).0)
}

/// Where lines go: stdout, or a file that appears once it is complete.
enum Target {
    Stdout(BufWriter<std::io::Stdout>),
    File(BufWriter<tempfile::NamedTempFile>, std::path::PathBuf),
}

impl Target {
    fn open(command: &Redacting) -> Result<Self> {
        let Some(path) = command.output.as_ref().filter(|_| !command.check) else {
            return Ok(Self::Stdout(BufWriter::new(std::io::stdout())));
        };
        let failed = |source| Error::Write { path: path.clone(), source };
        if path.exists() && !command.force {
            return Err(failed(std::io::Error::new(
                std::io::ErrorKind::AlreadyExists,
                "it exists; --force overwrites it",
            )));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        Ok(Self::File(BufWriter::new(file), path.clone()))
    }

    fn line(&mut self, line: &str) -> std::io::Result<()> {
        match self {
            Self::Stdout(out) => writeln!(out, "{line}"),
            Self::File(out, _) => writeln!(out, "{line}"),
        }
    }

    fn path(&self) -> std::path::PathBuf {
        match self {
            Self::Stdout(_) => "stdout".into(),
            Self::File(_, path) => path.clone(),
        }
    }

    fn close(&mut self, force: bool) -> Result<()> {
        let path = self.path();
        let failed = |source| Error::Write { path: path.clone(), source };
        let stdout = Self::Stdout(BufWriter::new(std::io::stdout()));
        match std::mem::replace(self, stdout) {
            Self::Stdout(mut out) => out.flush().map_err(failed),
            Self::File(out, path) => {
                let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
                file.as_file().sync_all().map_err(failed)?;
                let put = if force { file.persist(&path) } else { file.persist_noclobber(&path) };
                put.map(drop).map_err(|error| failed(error.error))
            }
        }
    }
}

/// Takes record after record.
struct Copy<'r> {
    redactor: &'r Redactor,
    query: &'r Query,
    target: Target,
    path: String,
    counts: Counts,
    entries: u64,
    /// Entries with something to redact.
    found: u64,
    skipped: u64,
    check: bool,
    failed: Option<Error>,
}

impl<'r> Copy<'r> {
    fn new(redactor: &'r Redactor, query: &'r Query, target: Target, check: bool) -> Self {
        Self {
            redactor,
            query,
            target,
            path: String::new(),
            counts: Counts::new(),
            entries: 0,
            found: 0,
            skipped: 0,
            check,
            failed: None,
        }
    }

    fn take(&mut self, raw: &[u8], offset: u64) -> std::io::Result<()> {
        let mut counts = Counts::new();
        let line = self.redacted(raw, &mut counts);
        self.entries += 1;
        self.found += u64::from(!counts.is_empty());
        for (kind, count) in &counts {
            *self.counts.entry(kind.clone()).or_default() += count;
        }
        if !self.check {
            return self.target.line(&line);
        }
        if counts.is_empty() || self.found > LISTED {
            return Ok(());
        }
        self.target.line(&format!("{}: byte {offset}: {}", visible(&self.path), list(&counts)))
    }

    fn redacted(&self, raw: &[u8], counts: &mut Counts) -> String {
        if let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(raw) {
            self.redactor.redact_json(&mut value, counts);
            return visible_json(value.to_string());
        }
        // A record that only the tolerant parser reads is copied as its text, on one line.
        let text = String::from_utf8_lossy(raw).replace(['\n', '\r'], " ");
        self.redactor.redact(&text, counts).into_owned()
    }

    fn talk(&self) {
        let what = if self.check { "with something to redact" } else { "redacted" };
        say(&format!("log-gardener: {} entries, {} of them {what}: {}", self.entries, self.found, list(&self.counts)));
        if self.skipped > 0 {
            say(&format!("log-gardener: {} records could not be read and were left out", self.skipped));
        }
    }
}

impl Sink for Copy<'_> {
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        if self.failed.is_none()
            && self.query.matches(entry)
            && let Err(source) = self.take(raw, offset)
        {
            self.failed = Some(Error::Write { path: self.target.path(), source });
        }
    }

    fn skip(&mut self, _offset: u64, _length: u64, _reason: &str) {
        self.skipped += 1;
    }

    fn note(&mut self, _note: &str) {}
}

/// `email 3, token 1`.
fn list(counts: &Counts) -> String {
    if counts.is_empty() {
        return "nothing found".to_owned();
    }
    counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ")
}
