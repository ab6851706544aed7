//! Finished bytes in, files out: at any failure each file is the old one or the new one, never a half.
//!
//! A file is written under another name in the same folder, synced, renamed, and the folder synced, because a rename
//! alone can be lost when the power goes. Before each step a hook is called, so that tests can make every step fail.
//! Devices and named pipes are never replaced: bytes are handed to them.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Called before each step of a save with its name; an error stands for the step having failed.
pub(crate) type Step<'a> = &'a dyn Fn(&str) -> Result<()>;

/// Nothing is made to fail.
#[expect(clippy::unnecessary_wraps, reason = "a step, which may fail elsewhere")]
pub(crate) fn no_fault(_step: &str) -> Result<()> {
    Ok(())
}

/// How files are put in place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// A file that stands there is replaced; else it stands in the way.
    pub(crate) force: bool,
    /// Only the owner may read it; else it gets the permissions of the file it replaces, or the usual ones.
    pub(crate) private: bool,
}

/// Replaces a file that only its owner may read.
pub(crate) fn replace_private(path: &Path, bytes: &[u8], step: Step<'_>) -> Result<()> {
    let manner = Manner { force: true, private: true };
    put(stage(path, bytes, manner, step)?, path, manner, step)
}

/// Files that stand complete on the disk under other names, and what goes to devices and pipes.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    files: Vec<(PathBuf, NamedTempFile, Manner)>,
    streams: Vec<(PathBuf, Vec<u8>)>,
}

impl Staged {
    /// Makes a file ready; what stands at its path is untouched.
    pub(crate) fn add(&mut self, path: &Path, bytes: &[u8], manner: Manner, step: Step<'_>) -> Result<()> {
        if is_stream(path) {
            self.streams.push((path.to_path_buf(), bytes.to_vec()));
        } else {
            self.files.push((path.to_path_buf(), stage(path, bytes, manner, step)?, manner));
        }
        Ok(())
    }

    /// Gives devices and pipes what is theirs. Whoever has stopped to listen there has heard enough.
    pub(crate) fn hand_over(&mut self) -> std::result::Result<(), (PathBuf, Error)> {
        for (path, bytes) in std::mem::take(&mut self.streams) {
            let given = File::options().write(true).open(&path).and_then(|mut stream| stream.write_all(&bytes));
            match given {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err((path, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts all of them in place.
    ///
    /// A failure between two renames can still leave some in place; those are whole, and the path in the error is the
    /// one that is not.
    pub(crate) fn put(mut self, step: Step<'_>) -> std::result::Result<(), (PathBuf, Error)> {
        self.hand_over()?;
        for (path, staged, manner) in self.files {
            put(staged, &path, manner, step).map_err(|error| (path, error))?;
        }
        Ok(())
    }
}

/// Fails if something stands there that would be replaced.
pub(crate) fn refuse_existing(path: &Path) -> Result<()> {
    if is_stream(path) {
        return Ok(());
    }
    refuse_irreplaceable(path)?;
    if fs::symlink_metadata(path).is_ok() {
        return Err(Error::new(ErrorKind::AlreadyExists, "it exists; --force replaces it"));
    }
    Ok(())
}

/// Fails if what stands there is neither a file nor a link, which is replaced itself.
fn refuse_irreplaceable(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() && !found.is_symlink() => {
            Err(Error::new(ErrorKind::InvalidInput, "what stands there is no file; name another one"))
        }
        _ => Ok(()),
    }
}

/// Whether a character device or a named pipe stands there: bytes go into it, and nothing is lost.
#[cfg(unix)]
fn is_stream(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let stream = |found: fs::FileType| found.is_char_device() || found.is_fifo();
    fs::metadata(path).is_ok_and(|found| stream(found.file_type()))
}

#[cfg(not(unix))]
fn is_stream(_path: &Path) -> bool {
    false
}

fn stage(path: &Path, bytes: &[u8], manner: Manner, step: Step<'_>) -> Result<NamedTempFile> {
    refuse_irreplaceable(path)?;
    if !manner.force {
        refuse_existing(path)?;
    }
    step("create")?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".log-gardener-");
    #[cfg(unix)]
    if !manner.private {
        builder.permissions(usual_permissions(path));
    }
    let mut file = builder.tempfile_in(folder_of(path))?;
    step("write")?;
    file.write_all(bytes)?;
    step("flush")?;
    file.flush()?;
    step("sync")?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn put(staged: NamedTempFile, path: &Path, manner: Manner, step: Step<'_>) -> Result<()> {
    step("rename")?;
    let put = if manner.force { staged.persist(path) } else { staged.persist_noclobber(path) };
    put.map_err(|failed| failed.error)?;
    step("sync folder")?;
    sync_folder(folder_of(path))
}

/// The permissions of the file that is replaced, else those a new file usually gets (the umask still applies).
#[cfg(unix)]
fn usual_permissions(path: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).map_or_else(|_| fs::Permissions::from_mode(0o666), |metadata| metadata.permissions())
}

/// Systems that cannot open folders do without: the rename is as durable as they make it.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Fails the call of that number.
    fn failing_at(number: usize, calls: &Cell<usize>) -> Result<()> {
        calls.set(calls.get() + 1);
        if calls.get() == number { Err(Error::new(ErrorKind::StorageFull, "planted")) } else { Ok(()) }
    }

    fn write_all(
        files: &[(PathBuf, Vec<u8>)],
        manner: Manner,
        step: Step<'_>,
    ) -> std::result::Result<(), (PathBuf, Error)> {
        let mut staged = Staged::default();
        for (path, bytes) in files {
            staged.add(path, bytes, manner, step).map_err(|error| (path.clone(), error))?;
        }
        staged.put(step)
    }

    /// Every step fails once, in turn, until none does: each file is the old or the new one, and nothing else is left.
    #[test]
    fn of_several_files_each_is_old_or_new_whatever_fails() {
        for (old, manner) in [
            (Some(b"old"), Manner { force: true, private: false }),
            (Some(b"old"), Manner { force: true, private: true }),
            (None, Manner::default()),
        ] {
            let mut failures = 0;
            for number in 1.. {
                let folder = tempfile::tempdir().unwrap();
                let files: Vec<_> =
                    ["a.md", "b.json", "c.html"].map(|name| (folder.path().join(name), b"new content".to_vec())).into();
                for (path, _) in files.iter().filter(|_| old.is_some()) {
                    fs::write(path, b"old").unwrap();
                }
                let calls = Cell::new(0);
                let result = write_all(&files, manner, &|_| failing_at(number, &calls));
                let held: Vec<Option<Vec<u8>>> = files.iter().map(|(path, _)| fs::read(path).ok()).collect();
                for content in &held {
                    let whole =
                        content.as_deref() == Some(b"new content") || content.as_deref() == old.map(|old| &old[..]);
                    assert!(whole, "{number}: {content:?}");
                }
                let named = held.iter().flatten().count();
                assert_eq!(fs::read_dir(folder.path()).unwrap().count(), named, "a temporary file is left");
                // Nothing is in place before all files are complete.
                if number <= 12 {
                    assert!(held.iter().all(|content| content.as_deref() != Some(b"new content")), "{number}");
                }
                if result.is_ok() {
                    assert!(held.iter().all(|content| content.as_deref() == Some(b"new content")));
                    break;
                }
                failures += 1;
            }
            assert_eq!(failures, 18);
        }
    }

    #[test]
    fn a_file_that_stands_there_is_replaced_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("worklog.md");
        let write = |bytes: &[u8], force| {
            write_all(&[(path.clone(), bytes.to_vec())], Manner { force, private: false }, &no_fault)
        };
        write(b"one", false).unwrap();
        let (named, error) = write(b"two", false).unwrap_err();
        assert_eq!((named, error.kind()), (path.clone(), ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write(b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    /// `/dev/null` as a regular file would break the machine: the device stays one, with force and without.
    #[cfg(unix)]
    #[test]
    fn devices_and_folders_are_never_replaced() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("/dev/null", &link).unwrap();
        for force in [false, true] {
            let manner = Manner { force, private: false };
            write_all(&[(link.clone(), b"bytes".to_vec())], manner, &no_fault).unwrap();
            assert!(fs::metadata(&link).unwrap().file_type().is_char_device());
            let (_, error) = write_all(&[(folder.path().into(), Vec::new())], manner, &no_fault).unwrap_err();
            assert!(error.to_string().contains("no file"), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_what_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        replace_private(&path, b"x", &no_fault).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
