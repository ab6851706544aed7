//! Arguments in, the files to read out: files, folders, globs and `-`, each file once, in the order of their paths.

use std::{
    borrow::Cow,
    cell::Cell,
    collections::BTreeSet,
    ffi::OsStr,
    fmt::Write as _,
    fs::Metadata,
    path::{Path, PathBuf},
    sync::Arc,
};

use globset::GlobBuilder;
use walkdir::WalkDir;

use super::{Settings, decode::Spools};
use crate::error::{Error, Result};

/// An input that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The path as it was given (or as found below a folder that was given); `-` is standard input. What is not UTF-8 in it
    /// is written as `\xff`.
    pub path: Arc<str>,
    /// Where to open it, if not at this path.
    pub(super) file: Option<PathBuf>,
    /// Size on disk in bytes; 0 where it is not known.
    pub bytes: u64,
    /// Standard input, a pipe or a device: it can be read once.
    pub once: bool,
    /// Whether it was found in a folder or by a pattern: what the program keeps there for itself is passed over.
    pub(super) walked: bool,
}

impl Source {
    /// Where to open it.
    pub(super) fn file(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new(&*self.path))
    }

    /// Whether the path is not UTF-8.
    fn is_odd(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.to_str().is_none())
    }
}

/// What the arguments name.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The inputs, sorted by path.
    pub sources: Arc<[Source]>,
    /// What was passed over, with the reason, sorted by path.
    pub passed_over: Vec<(String, String)>,
    /// Further names of files that are read under another, with the name they are read under; nothing is lost.
    pub aliases: Vec<(String, String)>,
    /// The size of all inputs on disk.
    pub bytes: u64,
    /// What is kept of inputs that can be read once, for a second look.
    pub(super) spools: Spools,
}

impl Discovery {
    /// The first input that can be read once, was read, and is not there a second time: there was no place for a copy
    /// of it, or too little.
    pub fn lost(&self) -> Option<String> {
        self.spools.lost()
    }
}

/// Finds the inputs that arguments name: files, folders with all below them, globs, and `-` for standard input.
///
/// A name that does not exist, or a pattern that fits nothing, is an error; what cannot be read below a folder is
/// passed over with its reason.
pub fn discover<P: AsRef<OsStr>>(arguments: &[P], _settings: &Settings) -> Result<Discovery> {
    let mut search = Search::default();
    for argument in arguments {
        search.argument(argument.as_ref())?;
    }
    Ok(search.finish())
}

#[derive(Default)]
struct Search {
    /// What was found, with what tells two names of one file from two files.
    found: Vec<(Source, Option<(u64, u64)>)>,
    passed_over: BTreeSet<(String, String)>,
}

impl Search {
    fn argument(&mut self, argument: &OsStr) -> Result<()> {
        if argument == "-" {
            self.found.push((Source { path: "-".into(), file: None, bytes: 0, once: true, walked: false }, None));
            return Ok(());
        }
        let path = Path::new(argument);
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(path, |_| true),
            Ok(meta) => self.file(path, &meta, true),
            Err(source) => match argument.to_str().filter(|argument| argument.contains(['*', '?', '[', '{'])) {
                Some(pattern) => return self.glob(pattern),
                None => return Err(Error::Read { path: path.to_owned(), source }),
            },
        }
        Ok(())
    }

    fn glob(&mut self, pattern: &str) -> Result<()> {
        let usage = |detail: String| Error::Usage { what: format!("pattern {pattern:?}"), detail };
        let glob =
            GlobBuilder::new(pattern).literal_separator(true).build().map_err(|error| usage(error.to_string()))?;
        let matcher = glob.compile_matcher();
        let fixed: PathBuf = Path::new(pattern)
            .components()
            .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
            .collect();
        let root = if fixed.as_os_str().is_empty() { PathBuf::from(".") } else { fixed };
        let fits = Cell::new(0);
        self.folder(&root, |path| {
            let fit = matcher.is_match(path.strip_prefix("./").unwrap_or(path)) || matcher.is_match(path);
            fits.set(fits.get() + u32::from(fit));
            fit
        });
        if fits.get() == 0 {
            return Err(usage("no file fits it".to_owned()));
        }
        Ok(())
    }

    fn folder(&mut self, root: &Path, wanted: impl Fn(&Path) -> bool) {
        // In order within a folder, so that little is left to be sorted; names there differ as their paths do.
        let walk =
            WalkDir::new(root).follow_links(true).sort_by(|one, other| bytes(one.path()).cmp(bytes(other.path())));
        for item in walk {
            match item {
                Ok(item) if item.file_type().is_dir() => {}
                // A README beside the dumps explains them, a lock says who works on them; they are read only where named.
                Ok(item) if !wanted(item.path()) || is_note(item.path()) => {}
                Ok(item) => match item.metadata() {
                    Ok(meta) => self.file(item.path(), &meta, false),
                    Err(error) => self.pass(item.path(), format!("cannot be read: {error}")),
                },
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    let reason = match error.loop_ancestor() {
                        Some(above) => format!("a link back to {}", above.display()),
                        None => format!("cannot be read: {}", plain(&error)),
                    };
                    self.pass(&path, reason);
                }
            }
        }
    }

    fn file(&mut self, path: &Path, meta: &Metadata, named: bool) {
        if !(meta.is_file() || named && is_pipe(meta)) {
            self.pass(path, "not a regular file (a pipe, socket or device)".to_owned());
            return;
        }
        let shown = shown(path);
        let file = (Path::new(&*shown).as_os_str() != path.as_os_str()).then(|| path.to_owned());
        let source = Source { path: shown.into(), file, bytes: meta.len(), once: !meta.is_file(), walked: !named };
        self.found.push((source, identity(meta)));
    }

    fn pass(&mut self, path: &Path, reason: String) {
        self.passed_over.insert((shown(path).into_owned(), reason));
    }

    /// Of several names of one file the first by path is read.
    fn finish(mut self) -> Discovery {
        // The last one of each path is taken.
        self.found.reverse();
        self.found
            .sort_by(|(one, _), (other, _)| one.path.cmp(&other.path).then_with(|| one.is_odd().cmp(&other.is_odd())));
        // A name may spell what stands for a byte of another one, which would be counted as one input with it.
        self.found.dedup_by(|(later, _), (first, _)| {
            let alike = later.path == first.path;
            if alike && later.is_odd() != first.is_odd() {
                let reason = "its name is shown like that of another input; rename it".to_owned();
                self.passed_over.insert((later.path.as_ref().to_owned(), reason));
            }
            alike
        });
        let mut known: Vec<((u64, u64), usize)> =
            self.found.iter().enumerate().filter_map(|(index, (_, identity))| Some(((*identity)?, index))).collect();
        known.sort_unstable();
        let mut aliases = Vec::new();
        let mut others = BTreeSet::new();
        let path = |index: usize| self.found.get(index).map_or("", |(source, _)| &source.path);
        for names in known.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(((_, first), rest)) = names.split_first() else { continue };
            for (_, other) in rest {
                aliases.push((path(*other).to_owned(), format!("the same file as {}, read there", path(*first))));
                others.insert(*other);
            }
        }
        let found = self.found.into_iter().enumerate().filter(|(index, _)| !others.contains(index));
        let sources: Arc<[Source]> = found.map(|(_, (source, _))| source).collect();
        let bytes = sources.iter().map(|source| source.bytes).sum();
        let passed_over = self.passed_over.into_iter().collect();
        Discovery { sources, passed_over, aliases, bytes, spools: Spools::default() }
    }
}

fn is_note(path: &Path) -> bool {
    // What ends otherwise, as nearly all files do, is told without taking the path apart.
    bytes(path).last().is_some_and(|byte| matches!(byte, b'd' | b'D' | b'k'))
        && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md") || ending == "lock")
}

/// A path as it is shown; different paths are shown differently, unless one is UTF-8 and spells what the other holds.
pub fn shown(path: &Path) -> Cow<'_, str> {
    // Taking a path apart costs more than to see that it begins with something else.
    let dotted = bytes(path).starts_with(b".");
    let path = if dotted { path.strip_prefix("./").unwrap_or(path) } else { path };
    path.to_str().map_or_else(|| Cow::Owned(escaped(bytes(path))), Cow::Borrowed)
}

/// Bytes that are not UTF-8, as `\xff`.
fn escaped(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len() + 8);
    for chunk in path.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', r"\\"));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Comparing these, or looking at an end of them, costs less than to take a path apart.
fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn plain(error: &walkdir::Error) -> String {
    error.io_error().map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn identity(meta: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(_meta: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(unix)]
fn is_pipe(meta: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    meta.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_meta: &Metadata) -> bool {
    false
}
