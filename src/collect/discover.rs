//! Arguments in, the files to read out: files, folders, globs and `-`, each file once, in the order of their paths.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    fs::Metadata,
    path::{Path, PathBuf},
};

use globset::GlobBuilder;
use walkdir::WalkDir;

use super::{Settings, decode::Spools};
use crate::error::{Error, Result};

/// An input that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The path as it was given (or as found below a folder that was given); `-` is standard input.
    pub path: String,
    /// Where to open it.
    pub(super) file: PathBuf,
    /// Size on disk in bytes; 0 where it is not known.
    pub bytes: u64,
    /// Standard input, a pipe or a device: it can be read once.
    pub once: bool,
}

/// What the arguments name.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The inputs, sorted by path.
    pub sources: Vec<Source>,
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
pub fn discover(arguments: &[String], _settings: &Settings) -> Result<Discovery> {
    let mut search = Search::default();
    for argument in arguments {
        search.argument(argument)?;
    }
    Ok(search.finish())
}

#[derive(Default)]
struct Search {
    found: BTreeMap<String, Source>,
    passed_over: BTreeSet<(String, String)>,
    aliases: BTreeMap<(u64, u64), BTreeSet<String>>,
}

impl Search {
    fn argument(&mut self, argument: &str) -> Result<()> {
        if argument == "-" {
            let source = Source { path: "-".to_owned(), file: PathBuf::from("-"), bytes: 0, once: true };
            self.found.insert(source.path.clone(), source);
            return Ok(());
        }
        let path = Path::new(argument);
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(path, |_| true),
            Ok(meta) => self.file(path, &meta, true),
            Err(_) if argument.contains(['*', '?', '[', '{']) => return self.glob(argument),
            Err(source) => return Err(Error::Read { path: path.to_owned(), source }),
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
        for item in WalkDir::new(root).follow_links(true).sort_by_file_name() {
            match item {
                Ok(item) if item.file_type().is_dir() => {}
                // A README beside the dumps explains them; it is read only where it is named.
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
        let shown = shown(path);
        if !(meta.is_file() || named && is_pipe(meta)) {
            self.pass(path, "not a regular file (a pipe, socket or device)".to_owned());
            return;
        }
        if let Some(identity) = identity(meta) {
            self.aliases.entry(identity).or_default().insert(shown.clone());
        }
        self.found.insert(
            shown.clone(),
            Source { path: shown, file: path.to_owned(), bytes: meta.len(), once: !meta.is_file() },
        );
    }

    fn pass(&mut self, path: &Path, reason: String) {
        self.passed_over.insert((shown(path), reason));
    }

    /// Of several names of one file the first by path is read.
    fn finish(mut self) -> Discovery {
        let mut aliases = Vec::new();
        for names in self.aliases.values() {
            let Some(first) = names.first() else { continue };
            for other in names.iter().skip(1) {
                self.found.remove(other);
                aliases.push((other.clone(), format!("the same file as {first}, read there")));
            }
        }
        let sources: Vec<Source> = self.found.into_values().collect();
        let bytes = sources.iter().map(|source| source.bytes).sum();
        let passed_over = self.passed_over.into_iter().collect();
        Discovery { sources, passed_over, aliases, bytes, spools: Spools::default() }
    }
}

fn is_note(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
}

fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).to_string_lossy().into_owned()
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
