//! `redact`: archives in, the same entries without secrets out; with `--check`, where a secret stands.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use log_gardener::analyze::Plan;
use log_gardener::collect::{self, Chunk, Discovery, Feed, RecordReader, Sink, discover};
use log_gardener::distill::{self, Held, Masker, Numbers, Redactor};
use log_gardener::error::{Error, Result};
use log_gardener::model::{InputTally, LogEntry, Severity};
use log_gardener::query::Query;
use log_gardener::report::{visible, visible_json};

use super::args::{Redacting, Talk};
use super::key_lines::KeyLines;
use super::outcome::{Outcome, say};
use super::selection;
use super::{places, redactor, signals};

/// Skipped records that are told one by one, as `analyze` does.
const TOLD: usize = 10;
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
    let mut wanted = distill::Settings {
        masker: Masker::new(&[])?,
        min_severity: Severity::Default,
        query: Query::everything(),
        service: command.selection.service.clone(),
        held: Held::default(),
    };
    let plan = Plan {
        collect: settings.clone(),
        distill: &wanted,
        redactor: &redactor,
        threads: 0,
        assignments: false,
        progress: &|_, _| (),
        interrupted: &interrupted,
    };
    let newest = selected.newest(&discovery, &plan)?;
    (wanted.query, _) = selected.query(newest);
    if let Some(warning) = newest.and_then(|newest| newest.warning()).filter(|_| !talk.quiet) {
        say(&format!("log-gardener: {}", warning.text));
    }
    let mut copy = Copy::new(&redactor, &wanted, target, command.check);
    let mut feed = Feed::new(discovery.clone(), settings.clone());
    let mut reader = RecordReader::new(&settings);
    while let Some(chunk) = feed.next_chunk() {
        copy.begin(&chunk);
        reader.read(&chunk, &mut copy);
        copy.end(&chunk);
        if interrupted.load(Ordering::Relaxed) {
            let detail = format!("after {} entries; no copy was written", copy.entries);
            return Err(Error::Interrupted { detail });
        }
        if let Some(error) = copy.failed.take() {
            return Err(error);
        }
    }
    signals::writing_begins();
    let cut = copy.miss_inputs(feed, &discovery);
    copy.target.close(command.force)?;
    if !talk.quiet {
        copy.talk();
        for path in &cut {
            say(&format!("log-gardener: {path}: {}", InputTally::NEVER_CLOSED));
        }
    }
    Ok(match (command.check && copy.found > 0, !cut.is_empty() || copy.skipped > 0) {
        (true, _) => Outcome::Leak,
        (false, true) => Outcome::Partial,
        (false, false) => Outcome::Done,
    })
}

/// Where lines go: stdout, or a file that appears once it is complete.
enum Target {
    Stdout(BufWriter<std::io::Stdout>),
    File(BufWriter<tempfile::NamedTempFile>, PathBuf),
}

impl Target {
    fn open(command: &Redacting) -> Result<Self> {
        let Some(path) = command.output.as_ref().filter(|_| !command.check) else {
            return Ok(Self::Stdout(BufWriter::new(std::io::stdout())));
        };
        let read = command.paths.iter().map(Path::new).chain(command.rules.iter().map(PathBuf::as_path));
        places::refuse_shared([("--output".to_owned(), path.clone())], read)?;
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

    fn path(&self) -> PathBuf {
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
    /// Says which entries are taken.
    wanted: &'r distill::Settings,
    target: Target,
    /// Where the entries at hand come from, as it is shown.
    path: String,
    /// The number of their input, and the newlines of it that were passed.
    place: (u64, u64),
    numbers: Numbers,
    keys: KeyLines,
    counts: Counts,
    entries: u64,
    /// Entries with something to redact.
    found: u64,
    /// What could not be read of the chunk at hand: offset, length, reason.
    unread: Vec<(u64, u64, String)>,
    skipped: u64,
    /// The first of them, as they are told.
    told: Vec<String>,
    check: bool,
    failed: Option<Error>,
}

impl<'r> Copy<'r> {
    fn new(redactor: &'r Redactor, wanted: &'r distill::Settings, target: Target, check: bool) -> Self {
        Self {
            redactor,
            wanted,
            target,
            path: String::new(),
            place: (u64::MAX, 0),
            numbers: Numbers::default(),
            keys: KeyLines::default(),
            counts: Counts::new(),
            entries: 0,
            found: 0,
            unread: Vec::new(),
            skipped: 0,
            told: Vec::new(),
            check,
            failed: None,
        }
    }

    /// Puts down what could not be read; the inputs that end before they are complete.
    fn miss_inputs(&mut self, feed: Feed, discovery: &Discovery) -> Vec<String> {
        let mut cut = Vec::new();
        for report in feed.finish() {
            if report.notes.contains(InputTally::NEVER_CLOSED) {
                cut.push(self.plain(&report.path));
            }
            for (offset, reason) in &report.skips {
                self.miss(&report.path, *offset, 1, reason);
            }
        }
        for (path, reason) in &discovery.passed_over {
            self.miss(path, 0, 1, reason);
        }
        cut
    }

    /// Gets ready for the records of a chunk; those of one input come in their order.
    fn begin(&mut self, chunk: &Chunk) {
        if self.place.0 != chunk.input() {
            self.place = (chunk.input(), 0);
            self.path = self.plain(chunk.path());
        }
    }

    /// Tells what could not be read of a chunk, and looks at it if all is to be checked.
    fn end(&mut self, chunk: &Chunk) {
        let bytes = chunk.bytes();
        let within =
            |offset: u64| usize::try_from(offset.saturating_sub(chunk.base())).unwrap_or(usize::MAX).min(bytes.len());
        let newlines = |to: usize| memchr::memchr_iter(b'\n', bytes.get(..to).unwrap_or_default()).count() as u64;
        let before = self.place.1 + chunk.lines_before();
        for (offset, length, reason) in std::mem::take(&mut self.unread) {
            let line = if offset < chunk.base() { self.place.1 } else { before + newlines(within(offset)) } + 1;
            self.miss(chunk.path(), offset, line, &reason);
            let raw = bytes.get(within(offset)..within(offset.saturating_add(length))).unwrap_or_default();
            let mut counts = Counts::new();
            if self.check {
                self.redactor.redact(&String::from_utf8_lossy(raw), &mut counts);
            }
            if !counts.is_empty() {
                self.count(&counts);
                self.tell(offset, &counts);
            }
        }
        self.place.1 = before + newlines(bytes.len());
    }

    /// Notes what could not be read.
    fn miss(&mut self, path: &str, offset: u64, line: u64, reason: &str) {
        self.skipped += 1;
        if self.told.len() < TOLD {
            let (path, reason) = (self.plain(path), self.plain(reason));
            self.told.push(format!("skipped {}:{line} (byte {offset}): {}", visible(&path), visible(&reason)));
        }
    }

    /// A text of ours without secrets.
    fn plain(&mut self, text: &str) -> String {
        self.numbers.number(&self.redactor.redact(text, &mut Counts::new())).into_owned()
    }

    fn take(&mut self, raw: &[u8], offset: u64) {
        let mut counts = Counts::new();
        let line = self.redacted(raw, &mut counts);
        self.entries += 1;
        self.count(&counts);
        if !self.check {
            let line = self.numbers.number(&line).into_owned();
            self.write(&line);
        } else if !counts.is_empty() {
            self.tell(offset, &counts);
        }
    }

    fn count(&mut self, counts: &Counts) {
        self.found += u64::from(!counts.is_empty());
        for (kind, count) in counts {
            *self.counts.entry(kind.clone()).or_default() += count;
        }
    }

    /// Lists a record that holds something.
    fn tell(&mut self, offset: u64, counts: &Counts) {
        if self.found <= LISTED {
            self.write(&format!("{}: byte {offset}: {}", visible(&self.path), list(counts)));
        }
    }

    fn write(&mut self, line: &str) {
        if let Err(source) = self.target.line(line)
            && self.failed.is_none()
        {
            self.failed = Some(Error::Write { path: self.target.path(), source });
        }
    }

    fn redacted(&mut self, raw: &[u8], counts: &mut Counts) -> String {
        if let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(raw) {
            self.redactor.redact_json(&mut value, counts);
            self.keys.redact(self.redactor, &mut value, counts);
            return visible_json(value.to_string());
        }
        // A record that only the tolerant parser reads is copied as its text, on one line.
        let text = String::from_utf8_lossy(raw).replace(['\n', '\r'], " ");
        self.redactor.redact(&text, counts).into_owned()
    }

    fn talk(&self) {
        let what = if self.check { "with something to redact" } else { "redacted" };
        say(&format!("log-gardener: {} entries, {} of them {what}: {}", self.entries, self.found, list(&self.counts)));
        for told in &self.told {
            say(&format!("log-gardener: {told}"));
        }
        if self.skipped > 0 {
            say(&format!("log-gardener: {} records could not be read and were left out", self.skipped));
        }
    }
}

impl Sink for Copy<'_> {
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        if self.failed.is_none() && self.wanted.counts(entry) {
            self.take(raw, offset);
        }
    }

    fn skip(&mut self, offset: u64, length: u64, reason: &str) {
        self.unread.push((offset, length, reason.to_owned()));
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
