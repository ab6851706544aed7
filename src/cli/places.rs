//! Flags about outputs in, the files these go to out; files that stand in the way, are read or are named twice are
//! refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use log_gardener::collect::{Feed, Settings, discover};
use log_gardener::error::{Error, Result};
use log_gardener::model::Worklog;
use log_gardener::report;

use super::flags::{Format, Output};

/// Where something rendered goes.
pub enum Place {
    /// Printed.
    Stdout,
    /// A file of this name.
    Fixed(PathBuf),
    /// A file with this ending whose name holds the time of the worklog.
    Dated(&'static str),
}

impl Place {
    /// A template without a target has its own name in a folder; the worklog has the default name.
    pub fn of_template(output: &Output, wanted: &str) -> Self {
        let (name, target) = split_target(wanted);
        let in_folder = |name: &str| output.folder.as_ref().map(|folder| folder.join(name));
        let file = Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match (target, file.as_str()) {
            (Some(target), _) => Self::Fixed(in_folder(target).unwrap_or_else(|| PathBuf::from(target))),
            (None, "worklog.md") => Self::dated(output, "md"),
            (None, "worklog.html") => Self::dated(output, "html"),
            (None, file) => in_folder(file).map_or(Self::Stdout, Self::Fixed),
        }
    }

    /// The result in a format.
    pub fn of_format(output: &Output, format: Format) -> Self {
        Self::dated(output, report::Format::from(format).extension())
    }

    fn dated(output: &Output, extension: &'static str) -> Self {
        if output.folder.is_some() { Self::Dated(extension) } else { Self::Stdout }
    }

    /// The file; `None` is stdout.
    pub fn path(self, output: &Output, worklog: &Worklog) -> Option<PathBuf> {
        match self {
            Self::Stdout => None,
            Self::Fixed(path) => Some(path),
            Self::Dated(extension) => Some(output.folder.as_ref()?.join(report::default_name(worklog, extension))),
        }
    }
}

/// Refuses files that stand where outputs go, as far as their names are known: those that hold the time of the newest
/// entry are, once there is a worklog.
pub fn refuse_existing(output: &Output, assignments: Option<&Path>, worklog: Option<&Worklog>) -> Result<()> {
    if output.force {
        return Ok(());
    }
    let named = places(output).into_iter().filter_map(|(_, place)| match (&place, worklog) {
        (Place::Dated(_), None) => None,
        (_, worklog) => place.path(output, worklog.unwrap_or(&Worklog::default())),
    });
    for path in named.chain(assignments.map(Path::to_owned)) {
        report::refuse_existing(&path).map_err(kept_by_update)?;
    }
    Ok(())
}

/// What goes where, with the flag that says so.
fn places(output: &Output) -> Vec<(String, Place)> {
    let template = |wanted: &String| (format!("--template {wanted}"), Place::of_template(output, wanted));
    let format = |format| ("--output".to_owned(), Place::of_format(output, format));
    output.template.iter().map(template).chain(formats(output).into_iter().map(format)).collect()
}

/// Refuses two outputs in one file, and outputs in a file that is read, before anything is read; `others` are outputs
/// that are not rendered, with their flags.
pub fn refuse_clashes<'a>(
    output: &Output,
    others: &[(&str, Option<&Path>)],
    read: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    if let Some(wanted) = output.template.iter().find(|wanted| split_target(wanted).1 == Some("-")) {
        let detail = "behind the colon a file is named; without it the template is printed".to_owned();
        return Err(Error::Usage { what: format!("--template {wanted}"), detail });
    }
    let undated = Worklog::default();
    let rendered = places(output).into_iter().filter_map(|(flag, place)| Some((flag, place.path(output, &undated)?)));
    let others = others.iter().copied().chain([("--update", output.update.as_deref())]);
    let others = others.filter_map(|(flag, path)| Some((flag.to_owned(), path?.to_owned())));
    refuse_shared(others.chain(rendered), read)
}

/// Refuses a file that two flags write, or one that is read as well.
pub fn refuse_shared<'a>(
    written: impl IntoIterator<Item = (String, PathBuf)>,
    read: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    let read: Vec<&Path> = read.into_iter().collect();
    let mut uses: BTreeMap<PathBuf, String> = read.iter().map(|path| (real(path), "read".to_owned())).collect();
    for (flag, path) in written {
        // Devices and pipes take from many.
        if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            continue;
        }
        if let Some(other) = uses.insert(real(&path), format!("written by {flag}")) {
            let detail = format!("{} is {other} as well; name another file", path.display());
            return Err(Error::Usage { what: flag, detail });
        }
        if path.is_file() && read.iter().any(|read| is_archive_of(read, &path)) {
            let detail = format!("{} is read as well, as part of the archive; name another file", path.display());
            return Err(Error::Usage { what: flag, detail });
        }
    }
    Ok(())
}

/// Whether a file is found in a folder or by a pattern that is read, and holds entries: what this program wrote there
/// before does not.
fn is_archive_of(read: &Path, file: &Path) -> bool {
    if !read.is_dir() && read.exists() {
        return false;
    }
    let settings = Settings::default();
    let found = |path: &Path| discover(&[path], &settings).ok();
    let file = real(file);
    found(read).is_some_and(|found| found.sources.iter().any(|source| real(Path::new(&*source.path)) == file))
        && found(&file).is_some_and(|found| Feed::new(found, settings.clone()).next_chunk().is_some())
}

/// The one name of a file that may not be there yet.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder.as_os_str().is_empty() => real(Path::new(".")).join(name),
        (Some(folder), Some(name)) => real(folder).join(name),
        // A folder that will be made first is no link.
        (Some(folder), None) if path.ends_with("..") => real(folder).parent().unwrap_or(path).to_owned(),
        _ => path.to_owned(),
    })
}

/// The formats that are rendered besides templates; in a folder the result stands beside the worklog.
pub fn formats(output: &Output) -> Vec<Format> {
    let only_update = output.update.is_some() && output.folder.is_none();
    if output.format.is_none() && (!output.template.is_empty() || only_update) {
        return Vec::new();
    }
    let format = output.format.unwrap_or(Format::Md);
    let beside = (output.folder.is_some() && format != Format::Json).then_some(Format::Json);
    std::iter::once(format).chain(beside).collect()
}

/// A worklog that stands there may hold what people wrote, which replacing it would lose.
pub fn kept_by_update(error: Error) -> Error {
    match error {
        Error::Write { path, source } if source.kind() == std::io::ErrorKind::AlreadyExists && is_worklog(&path) => {
            let detail = "it exists; --update FILE instead keeps what people wrote in it, --force replaces it";
            Error::Write { path, source: std::io::Error::new(source.kind(), detail) }
        }
        _ => error,
    }
}

fn is_worklog(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
        && std::fs::read_to_string(path).is_ok_and(|text| text.contains("<!-- log-gardener:begin header -->"))
}

/// `TEMPLATE[:OUT]`; a colon of a drive letter does not count.
pub fn split_target(wanted: &str) -> (&str, Option<&str>) {
    match wanted.rsplit_once(':') {
        Some((name, target)) if name.len() > 1 && !target.is_empty() => (name, Some(target)),
        _ => (wanted, None),
    }
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Md => Self::Markdown,
            Format::Html => Self::Html,
            Format::Json => Self::Json,
            Format::Csv => Self::Csv,
            Format::Txt => Self::Text,
        }
    }
}
