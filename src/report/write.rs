//! Finished bytes in, files out: the old file or the new one, never a half.

use std::path::Path;

use crate::error::{Error, Result};
use crate::model::{Timestamp, Worklog};
use crate::save::{self, Manner, Staged, no_fault};

use super::escape;
use super::words;

/// Writes a file by way of a temporary one beside it; an existing file stands in the way unless `force` says otherwise.
pub fn write_atomically(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let mut prepared = Prepared::default();
    prepared.add(path, bytes, force)?;
    prepared.put()
}

/// Files that stand complete on the disk, under other names until they are put in place.
#[derive(Debug, Default)]
pub struct Prepared(Staged);

impl Prepared {
    /// Makes a file ready; an existing one stands in the way unless `force` says otherwise.
    pub fn add(&mut self, path: &Path, bytes: &[u8], force: bool) -> Result<()> {
        let added = self.0.add(path, bytes, Manner { force, private: false }, &no_fault);
        added.map_err(|source| Error::Write { path: path.to_owned(), source })
    }

    /// Gives devices and pipes what goes to them.
    pub fn hand_over(&mut self) -> Result<()> {
        self.0.hand_over().map_err(|(path, source)| Error::Write { path, source })
    }

    /// Puts all files in place.
    pub fn put(self) -> Result<()> {
        self.0.put(&no_fault).map_err(|(path, source)| Error::Write { path, source })
    }
}

/// Fails as writing a file without `force` does, if something stands there.
pub fn refuse_existing(path: &Path) -> Result<()> {
    save::refuse_existing(path).map_err(|source| Error::Write { path: path.to_owned(), source })
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
    use std::fs;

    use super::*;

    #[test]
    fn of_several_files_none_is_written_when_one_cannot_be() {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("a.md");
        let bad = folder.path().join("missing/b.md");
        let mut prepared = Prepared::default();
        prepared.add(&good, b"a", false).unwrap();
        prepared.add(&bad, b"b", false).unwrap_err();
        drop(prepared);
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
