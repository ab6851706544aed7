//! A worklog and the name of a template in, finished text out; templates embedded, or from the user's folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

use crate::error::{Error, Result};
use crate::model::{Cluster, Worklog};

use super::example;
use super::filters::{self, Kind};
use super::spread::{Spread, Spreading};
use super::view::View;
use super::visible::visible;

/// Templates that come with the program, by name.
const EMBEDDED: &[(&str, &str)] = &[
    ("agent.md", include_str!("../../templates/agent.md")),
    ("clusters.csv", include_str!("../../templates/clusters.csv")),
    ("issue-body.md", include_str!("../../templates/issue-body.md")),
    ("issue-comment.md", include_str!("../../templates/issue-comment.md")),
    ("macros.md", include_str!("../../templates/macros.md")),
    ("postmortem.md", include_str!("../../templates/postmortem.md")),
    ("summary.txt", include_str!("../../templates/summary.txt")),
    ("worklog-cluster.md", include_str!("../../templates/worklog-cluster.md")),
    ("worklog.html", include_str!("../../templates/worklog.html")),
    ("worklog.md", include_str!("../../templates/worklog.md")),
];

/// Endings of files that count as templates in a folder.
const ENDINGS: [&str; 9] = ["md", "html", "htm", "txt", "csv", "sh", "xml", "svg", "j2"];
/// A template longer than this is no template.
const LONGEST_TEMPLATE: u64 = 1 << 20;
/// More output than this is a mistake in a template.
const LONGEST_OUTPUT: usize = 256 << 20;
/// GitHub refuses bodies and comments of more than 65,536 characters.
const LONGEST_ISSUE: usize = 65_000;
/// What is made for a language model stays within about ten thousand tokens, at three characters of log text each.
const LONGEST_FOR_MODELS: usize = 30_000;
/// Steps a template may take; a worklog of a thousand clusters takes about one million.
const FUEL: u64 = 10_000_000;
const DEEPEST_CALLS: usize = 100;

/// The templates of a run: those that come with the program, each replaceable by one of the user's of the same name.
pub struct Templates {
    folder: Option<PathBuf>,
    spread: Spread,
    environments: [OnceLock<Environment<'static>>; Kind::ALL.len()],
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The template.
    pub name: String,
    /// File, line and what is wrong.
    pub detail: String,
}

impl Templates {
    /// The templates that come with the program.
    pub fn embedded() -> Self {
        let one_by_one: Spread = Box::new(|count, task| (0..count).for_each(task));
        Self { folder: None, spread: one_by_one, environments: Default::default() }
    }

    /// The same, where `spread` has the clusters of a worklog looked at.
    #[must_use]
    pub fn spread(self, spread: Spread) -> Self {
        Self { spread, ..self }
    }

    /// The user's templates in `folder`, before those that come with the program.
    pub fn with_folder(folder: &Path) -> Result<Self> {
        let read = |source| Error::Read { path: folder.to_path_buf(), source };
        if !fs::metadata(folder).map_err(read)?.is_dir() {
            return Err(read(io::Error::new(io::ErrorKind::NotADirectory, "it is no folder of templates")));
        }
        Ok(Self { folder: Some(folder.to_path_buf()), ..Self::embedded() })
    }

    /// How clusters are looked at.
    pub fn spreading(&self) -> Spreading<'_> {
        &self.spread
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _)| (*name).to_string()).collect();
        let entries = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok());
        for entry in entries.into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            if ENDINGS.contains(&ending) && is_plain(&name) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                names.push(name);
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// The text of a template, if there is one of this name that can be read.
    pub fn source(&self, name: &str) -> Option<String> {
        load(self.folder.as_deref(), name).ok().flatten()
    }

    /// Compiles every template and renders it with an example; what fails comes back with file and line.
    pub fn check(&self) -> Result<Vec<Complaint>> {
        let worklog = example::worklog();
        let mut complaints = Vec::new();
        for name in self.names() {
            let rendered = match worklog.clusters.first() {
                Some(cluster) if is_about_a_cluster(&name) => self.render_cluster(&name, &self.view(&worklog), cluster),
                _ => self.render(&name, &worklog),
            };
            match rendered {
                Err(Error::Template { name, detail }) => complaints.push(Complaint { name, detail }),
                Err(other) => return Err(other),
                Ok(_) => {}
            }
        }
        Ok(complaints)
    }

    /// Renders a whole worklog; what has a limit of length is rendered again with less `detail`.
    pub fn render(&self, name: &str, worklog: &Worklog) -> Result<String> {
        let longest = if name.starts_with("agent") { LONGEST_FOR_MODELS } else { usize::MAX };
        self.within(name, longest, &self.view(worklog))
    }

    /// What templates see of a worklog.
    pub fn view<'w>(&self, worklog: &'w Worklog) -> View<'w> {
        View::of(worklog, self.spreading())
    }

    /// Renders what is said about one cluster of the worklog in view; the template sees it as `cluster`.
    ///
    /// What is longer than an issue may be is rendered again with less `detail`, so no fence is ever cut open.
    pub fn render_cluster(&self, name: &str, view: &View<'_>, cluster: &Cluster) -> Result<String> {
        self.within(name, LONGEST_ISSUE, &view.about(cluster))
    }

    /// The fullest rendering of at most `longest` characters, the scantest one if none is.
    fn within(&self, name: &str, longest: usize, view: &View<'_>) -> Result<String> {
        let mut text = String::new();
        for detail in (0..=3).rev() {
            text = self.run(name, view.at(detail))?;
            if text.chars().count() <= longest {
                break;
            }
        }
        Ok(text)
    }

    /// Renders an example with a template, so that mistakes in it show before anything is read.
    pub fn try_out(&self, name: &str) -> Result<()> {
        self.render(name, &example::worklog()).map(drop)
    }

    fn run(&self, name: &str, context: Value) -> Result<String> {
        let environment = self.environment(Kind::of(name));
        let template = environment.get_template(name).map_err(|error| explain(name, &error))?;
        let mut capped = Capped(Vec::new());
        template.render_captured_to(context, &mut capped).map_err(|error| explain(name, &error))?;
        String::from_utf8(capped.0)
            .map_err(|_| Error::Template { name: name.into(), detail: "made text that is not UTF-8".into() })
    }

    /// One environment for each kind of output: what a template includes is escaped for the kind of the whole.
    fn environment(&self, kind: Kind) -> &Environment<'static> {
        let [markdown, html, csv, shell, text] = &self.environments;
        let cell = match kind {
            Kind::Markdown => markdown,
            Kind::Html => html,
            Kind::Csv => csv,
            Kind::Shell => shell,
            Kind::Text => text,
        };
        cell.get_or_init(|| {
            let mut environment = Environment::new();
            environment.set_undefined_behavior(UndefinedBehavior::Strict);
            environment.set_auto_escape_callback(move |_| kind.auto_escape());
            environment.set_fuel(Some(FUEL));
            environment.set_recursion_limit(DEEPEST_CALLS);
            environment.set_debug(false);
            environment.set_syntax(syntax());
            filters::register(&mut environment, kind);
            let folder = self.folder.clone();
            environment.set_loader(move |name| load(folder.as_deref(), name));
            environment
        })
    }
}

/// Templates that speak of one cluster rather than of the whole worklog.
pub fn is_about_a_cluster(name: &str) -> bool {
    name.starts_with("issue-") || name.contains("-cluster.")
}

/// A plain file name: a template is never looked for anywhere but directly in its folder.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.')
        && name.len() <= 200
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_'))
}

/// The text of a template: from the folder if it stands there as a regular file, else the embedded one.
fn load(folder: Option<&Path>, name: &str) -> std::result::Result<Option<String>, minijinja::Error> {
    if !is_plain(name) {
        return Ok(None);
    }
    if let Some(path) = folder.map(|folder| folder.join(name))
        && let Ok(metadata) = fs::symlink_metadata(&path)
    {
        let refuse = |why: String| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, why);
        if !metadata.is_file() {
            return Err(refuse(format!("{name} is no regular file; links are not followed")));
        }
        if metadata.len() > LONGEST_TEMPLATE {
            return Err(refuse(format!("{name} is longer than 1 MiB")));
        }
        return fs::read_to_string(&path).map(Some).map_err(|error| refuse(format!("cannot read {name}: {error}")));
    }
    Ok(EMBEDDED.iter().find(|(embedded, _)| *embedded == name).map(|(_, source)| (*source).to_string()))
}

/// Lines that hold only a tag leave nothing behind, so templates can be laid out for reading.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .unwrap_or_else(|_| SyntaxConfig::default())
}

/// File, line and what is wrong, down to the innermost cause.
fn explain(name: &str, error: &minijinja::Error) -> Error {
    let mut lines = Vec::new();
    let mut current: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = current {
        let line = match cause.downcast_ref::<minijinja::Error>() {
            Some(cause) => {
                let place =
                    cause.line().map_or(String::new(), |line| format!("{}:{line}: ", cause.name().unwrap_or(name)));
                let detail = cause.detail().map_or(String::new(), |detail| format!(": {detail}"));
                format!("{place}{}{detail}", cause.kind())
            }
            None => cause.to_string(),
        };
        lines.push(visible(&line));
        current = cause.source();
    }
    Error::Template { name: visible(name), detail: lines.join("; ") }
}

/// A buffer that refuses to grow without end: fuel bounds the steps of a template, not what they print.
struct Capped(Vec<u8>);

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST_OUTPUT {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the output passes 256 MiB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_that_come_with_the_program_render() {
        assert_eq!(Templates::embedded().check().unwrap(), []);
    }

    #[test]
    fn no_template_switches_escaping_off() {
        let folder = tempfile::tempdir().unwrap();
        let hostile = r#"{{ "<b>$(id)" }}"#;
        let off = format!("{{% autoescape false %}}{hostile}{{% endautoescape %}}");
        for (name, text, expected) in [
            ("off.md", off.as_str(), "&lt;b&gt;\\$(id)"),
            ("off.html", &off, "&lt;b&gt;$(id)"),
            ("off.sh", &off, "'<b>$(id)'"),
            ("other.html", &off.replace("false", "\"none\""), "&lt;b&gt;$(id)"),
            ("comment.html", &hostile.replace("}}", "| comment }}"), "&lt;b&gt;$(id)"),
            ("comment.sh", &hostile.replace("}}", "| comment }}"), "<b>$(id)"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
            let templates = Templates::with_folder(folder.path()).unwrap();
            assert_eq!(templates.render(name, &example::worklog()).unwrap(), expected, "{name}");
        }
    }
}
