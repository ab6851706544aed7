//! A path and bytes in, the file wholly replaced out: at any failure the old file stands untouched.

use std::io::Write;
use std::path::Path;

/// Called before each step of a save with its name; an error stands for the step having failed.
pub(crate) type Step<'a> = &'a dyn Fn(&str) -> std::io::Result<()>;

/// Replaces `path` by `bytes`: a temporary file in the same folder (mode 0600), synced, renamed, the folder synced.
///
/// The folder is synced because a rename alone can be lost when the power goes.
pub(crate) fn replace(path: &Path, bytes: &[u8], step: Step<'_>) -> std::io::Result<()> {
    let folder = folder_of(path);
    step("create")?;
    let mut file = tempfile::Builder::new().prefix(".log-gardener-").tempfile_in(folder)?;
    step("write")?;
    file.write_all(bytes)?;
    step("flush")?;
    file.flush()?;
    step("sync")?;
    file.as_file().sync_all()?;
    step("rename")?;
    file.persist(path).map_err(|failed| failed.error)?;
    step("sync folder")?;
    sync_folder(folder)
}

/// Nothing is made to fail.
#[expect(clippy::unnecessary_wraps, reason = "a step, which may fail elsewhere")]
pub(crate) fn no_fault(_step: &str) -> std::io::Result<()> {
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Folders cannot be opened for syncing here; the rename is as durable as the system makes it.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Every step fails once, in turn, until none does: the file is the old or the new one, and nothing else is left.
    #[test]
    fn old_or_new_never_half() {
        let mut failures = 0;
        for fail_at in 0.. {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state.json");
            replace(&path, b"old", &no_fault).unwrap();
            let calls = Cell::new(0);
            let result = replace(&path, b"new content", &|_step| {
                calls.set(calls.get() + 1);
                if calls.get() == fail_at + 1 { Err(std::io::Error::other("planted")) } else { Ok(()) }
            });
            let held = std::fs::read(&path).unwrap();
            assert!(held == b"old" || held == b"new content");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
            if result.is_ok() {
                assert_eq!(held, b"new content");
                break;
            }
            failures += 1;
        }
        assert_eq!(failures, 6);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        replace(&path, b"x", &no_fault).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
