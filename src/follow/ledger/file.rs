//! A path in, the ledger behind it out, locked; and back, so that at any failure the old file stands.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Ledger;
use crate::error::{Error, Result};
use crate::save::{Step, no_fault, replace_private};

/// Version of the file's shape.
const VERSION: u64 = 1;
const FORMAT_LINE: &str = "  \"format\": \"log-gardener ledger\",\n";
const CHANGED: &str = "another run or a person changed it since this run opened it; it stands as they left it, \
                       run the same command again";
const WAY_OUT: &str = "it is left as it is; put the previous generation (the same name with `.previous`) in its place, \
                       restore it from version control, or name another file to start anew";

/// A ledger with its file, held against other runs until it goes out of scope.
#[derive(Debug)]
pub struct LedgerFile {
    /// What it holds; changes are written by [`save`](Self::save).
    pub ledger: Ledger,
    path: PathBuf,
    original: Option<Vec<u8>>,
    /// Dropping it gives the lock back; so does the end of the process, however it ends.
    _lock: File,
    /// What could not be guaranteed.
    pub warnings: Vec<String>,
}

impl LedgerFile {
    /// Opens the ledger at `path`, or begins one; `holder` tells others who has it (a process id).
    ///
    /// The lock is on a file beside it, since saving replaces the ledger and a lock would stay with the replaced one.
    pub fn open(path: &Path, holder: &str) -> Result<Self> {
        Self::open_with(path, holder, &File::try_lock)
    }

    pub(super) fn open_with(path: &Path, holder: &str, try_lock: TryLock<'_>) -> Result<Self> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let fail = |source| Error::Write { path: path.clone(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        let mut warnings = Vec::new();
        let lock = lock(&beside(&path, ".lock"), holder, try_lock, &mut warnings)?;
        let original = content(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let ledger = match &original {
            Some(bytes) => Ledger::parse(bytes).map_err(|detail| Error::Saved { path: path.clone(), detail })?,
            None => Ledger::default(),
        };
        Ok(Self { ledger, path, original, _lock: lock, warnings })
    }

    /// Seals a ledger that was edited by hand, if `check` finds nothing wrong with it. The previous generation stays
    /// that of the last run.
    pub fn seal(path: &Path, holder: &str, check: &dyn Fn(&Ledger) -> Result<()>) -> Result<()> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let _lock = lock(&beside(&path, ".lock"), holder, &File::try_lock, &mut Vec::new())?;
        let bytes = std::fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let ledger = Ledger::parse_edited(&bytes).map_err(|detail| Error::Saved { path: path.clone(), detail })?;
        check(&ledger)?;
        replace_private(&path, &ledger.to_bytes(), &no_fault)
            .map_err(|source| Error::Write { path: path.clone(), source })
    }

    /// Writes the ledger if it changed, keeping the previous generation; whether it did.
    ///
    /// A file that is not the one that was opened is left alone: where files cannot be locked that is what keeps two
    /// runs from losing each other's work.
    pub fn save(&mut self) -> Result<bool> {
        self.save_with(&no_fault)
    }

    pub(super) fn save_with(&mut self, step: Step<'_>) -> Result<bool> {
        let bytes = self.ledger.to_bytes();
        if self.original.as_deref() == Some(&bytes) {
            return Ok(false);
        }
        let fail = |source| Error::Write { path: self.path.clone(), source };
        if content(&self.path).map_err(fail)? != self.original {
            return Err(fail(std::io::Error::other(CHANGED)));
        }
        if let Some(original) = &self.original {
            replace_private(&beside(&self.path, ".previous"), original, step).map_err(fail)?;
        }
        replace_private(&self.path, &bytes, step).map_err(fail)?;
        self.original = Some(bytes);
        Ok(true)
    }
}

impl Ledger {
    /// Reads a ledger without holding it, for looking only.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.into(), source })?;
        Self::parse(&bytes).map_err(|detail| Error::Saved { path: path.into(), detail })
    }

    /// The bytes of the file: sorted, one value a line, a checksum over all that follows it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = serde_json::to_string_pretty(self).unwrap_or_default();
        let body = format!("{}\n", body.strip_prefix("{\n").unwrap_or(&body));
        let sum = blake3::hash(body.as_bytes()).to_hex();
        format!("{{\n{FORMAT_LINE}  \"version\": {VERSION},\n  \"checksum\": \"blake3:{sum}\",\n{body}").into_bytes()
    }

    /// Reads the bytes of a file; what is wrong and the way out otherwise.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        Self::parse_body(bytes, true)
    }

    /// Reads a file whose content was changed by hand, so its checksum no longer holds.
    pub fn parse_edited(bytes: &[u8]) -> std::result::Result<Self, String> {
        Self::parse_body(bytes, false)
    }

    fn parse_body(bytes: &[u8], check: bool) -> std::result::Result<Self, String> {
        let damaged = |what: &str| format!("this ledger is damaged ({what}); {WAY_OUT}");
        let text = std::str::from_utf8(bytes).map_err(|_| damaged("not UTF-8"))?;
        // Version control may have turned the ends of lines.
        let text = text.replace("\r\n", "\n");
        let rest = text
            .strip_prefix("{\n")
            .and_then(|rest| rest.strip_prefix(FORMAT_LINE))
            .ok_or_else(|| damaged("it does not begin as a ledger does"))?;
        let (version, rest) = header(rest, "version").ok_or_else(|| damaged("no version"))?;
        match version.parse::<u64>() {
            Ok(VERSION) => {}
            Ok(newer) if newer > VERSION => {
                return Err(format!(
                    "this ledger has version {newer}, this program knows {VERSION}: use the newer log-gardener that \
                     wrote it, or name another file to start anew; it is left as it is"
                ));
            }
            _ => return Err(damaged("no version")),
        }
        let (sum, body) = header(rest, "checksum").ok_or_else(|| damaged("no checksum"))?;
        if check && sum != format!("\"blake3:{}\"", blake3::hash(body.as_bytes()).to_hex()) {
            let hint = "if it was edited by hand on purpose, `ledger verify --accept` seals it again";
            return Err(format!("{}; {hint}", damaged("its checksum does not fit its content")));
        }
        serde_json::from_str(&format!("{{\n{body}")).map_err(|error| damaged(&error.to_string()))
    }
}

/// The value of a header line, without the comma, and the text behind the line.
fn header<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (line, rest) = text.split_once('\n')?;
    let value = line.strip_prefix("  \"")?.strip_prefix(name)?.strip_prefix("\": ")?.strip_suffix(',')?;
    Some((value, rest))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// The bytes of a file, or that there is none.
fn content(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// How a file is locked, so that a file system without locks can be played.
pub(super) type TryLock<'a> = &'a dyn Fn(&File) -> std::result::Result<(), TryLockError>;

/// Takes the lock and writes down who has it.
fn lock(path: &Path, holder: &str, try_lock: TryLock<'_>, warnings: &mut Vec<String>) -> Result<File> {
    let fail = |source| Error::Write { path: path.into(), source };
    // A link planted here would have its target overwritten.
    if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        let detail = "the lock beside the ledger is no plain file; remove it".into();
        return Err(Error::Saved { path: path.into(), detail });
    }
    let mut file = open_private(path).map_err(fail)?;
    match try_lock(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut who = String::new();
            let _ = (&mut file).take(200).read_to_string(&mut who);
            let who: String = who.chars().filter(|letter| !letter.is_control()).collect();
            // Between taking the lock and writing that down.
            let who = if who.is_empty() { "a process that has just begun" } else { &who };
            let detail = format!("another run holds this ledger ({who}); wait for it, or name another ledger");
            return Err(fail(std::io::Error::new(ErrorKind::WouldBlock, detail)));
        }
        Err(TryLockError::Error(error)) => {
            warnings.push(format!(
                "this file system cannot lock files ({error}); a ledger that another run changes meanwhile is not \
                 written"
            ));
        }
    }
    // In this order it is never empty once it was written.
    file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(holder.as_bytes())).map_err(fail)?;
    file.set_len(holder.len() as u64).map_err(fail)?;
    Ok(file)
}

fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
