//! Finished bytes in, files out: the old file or the new one, never a half.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::model::{Timestamp, Worklog};

use super::escape;
use super::words;

/// Writes a file by way of a temporary one beside it; an existing file stands in the way unless `force` says otherwise.
pub fn write_atomically(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    write_all_atomically(&[(path.to_path_buf(), bytes.to_vec())], force)
}

/// Writes several files: nothing is put in place before all of them stand complete on the disk.
///
/// A failure between two renames can still leave some in place; those are whole, and the error names the one that is not.
pub fn write_all_atomically(files: &[(PathBuf, Vec<u8>)], force: bool) -> Result<()> {
    let mut ready = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let staged = stage(path, bytes, force).map_err(|source| Error::Write { path: path.clone(), source })?;
        ready.push((path, staged));
    }
    for (path, staged) in ready {
        put(staged, path, force).map_err(|source| Error::Write { path: path.clone(), source })?;
    }
    Ok(())
}

fn stage(path: &Path, bytes: &[u8], force: bool) -> io::Result<NamedTempFile> {
    if !force && fs::symlink_metadata(path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it exists; --force replaces it"));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".log-gardener-");
    #[cfg(unix)]
    builder.permissions(usual_permissions(path));
    let mut file = builder.tempfile_in(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The permissions of the file that is replaced, else those a new file usually gets (the umask still applies).
#[cfg(unix)]
fn usual_permissions(path: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).map_or_else(|_| fs::Permissions::from_mode(0o666), |metadata| metadata.permissions())
}

fn put(staged: NamedTempFile, path: &Path, force: bool) -> io::Result<()> {
    if force {
        staged.persist(path).map_err(|error| error.error)?;
    } else {
        staged.persist_noclobber(path).map_err(|error| error.error)?;
    }
    sync_folder(folder_of(path))
}

/// A rename lasts only once its folder is on the disk; systems that cannot open folders do without.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `GCP-LOG-GARDENER-WORKLOG-{focus}-{YYYY-MM-DD-HHMM}.{extension}`.
pub fn default_name(worklog: &Worklog, extension: &str) -> String {
    let focus = if worklog.focus.is_empty() { "latest".into() } else { escape::slug(&worklog.focus) };
    let date = worklog.generated_at.map_or_else(|| "undated".into(), file_date);
    format!("GCP-LOG-GARDENER-WORKLOG-{focus}-{date}.{extension}")
}

fn file_date(time: Timestamp) -> String {
    words::time(time, "minute").replace(' ', "-").replace(':', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_not_replaced_unless_forced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("worklog.md");
        write_atomically(&path, b"one", false).unwrap();
        let error = write_atomically(&path, b"two", false).unwrap_err();
        assert!(matches!(error, Error::Write { .. }));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_atomically(&path, b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn of_several_files_none_is_written_when_one_cannot_be() {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("a.md");
        let bad = folder.path().join("missing/b.md");
        let files = [(good.clone(), b"a".to_vec()), (bad, b"b".to_vec())];
        write_all_atomically(&files, false).unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn names_are_made_of_focus_and_time() {
        let mut worklog = Worklog { focus: "latest".into(), ..Worklog::default() };
        assert_eq!(default_name(&worklog, "md"), "GCP-LOG-GARDENER-WORKLOG-latest-undated.md");
        worklog.generated_at = Timestamp::parse("2025-09-14T03:00:12Z");
        worklog.focus = "../Back end".into();
        assert_eq!(default_name(&worklog, "html"), "GCP-LOG-GARDENER-WORKLOG-back-end-2025-09-14-0300.html");
    }
}
