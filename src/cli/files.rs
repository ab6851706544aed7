//! A result and where it goes in, files or printed text out; nothing is written before everything is rendered and safe.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use log_gardener::analyze::{each, scan};
use log_gardener::distill::Redactor;
use log_gardener::error::{Error, Result};
use log_gardener::model::{Portable, Worklog};
use log_gardener::report::{self, Prepared, Templates};

use super::flags::{Format, Output};
use super::places::{self, Place, formats, split_target};

/// Something rendered, and where it goes: a file, or stdout.
#[derive(Debug)]
pub struct Rendered {
    /// The file; `None` is stdout.
    pub path: Option<PathBuf>,
    /// What goes there.
    pub text: String,
}

/// The templates that the flags ask for; a mistake in one of them shows before anything is read.
pub fn templates(output: &Output, jobs: usize) -> Result<Templates> {
    let templates = match &output.templates {
        Some(folder) => Templates::with_folder(folder)?,
        None => Templates::embedded(),
    };
    let templates = templates.spread(on_threads(jobs));
    for wanted in &output.template {
        let (name, _) = split_target(wanted);
        match file_of_its_own(&templates, name)? {
            None => templates.try_out(name)?,
            Some((beside, file)) => beside.try_out(&file)?,
        }
    }
    // Those of the user may stand in for ours.
    if output.templates.is_some() {
        let update = output.update.is_some().then_some(Format::Md);
        let mut names =
            formats(output).into_iter().chain(update).filter_map(|format| report::Format::from(format).template());
        names.try_for_each(|name| templates.try_out(name))?;
    }
    Ok(templates)
}

/// Work on all threads.
pub fn on_threads(jobs: usize) -> report::Spread {
    Box::new(move |count, task| {
        // Without threads of their own, who asked does them.
        drop(each(count, jobs, task));
    })
}

/// Renders all that the flags ask for.
pub fn render(worklog: &Worklog, output: &Output, templates: &Templates) -> Result<Vec<Rendered>> {
    let mut rendered = Vec::new();
    for wanted in &output.template {
        let text = one_template(worklog, templates, split_target(wanted).0)?;
        rendered.push(Rendered { path: Place::of_template(output, wanted).path(output, worklog), text });
    }
    for format in formats(output) {
        let text = one_format(worklog, templates, format)?;
        rendered.push(Rendered { path: Place::of_format(output, format).path(output, worklog), text });
    }
    Ok(rendered)
}

/// The worklog in a file that people write in as well, if the flags name one: ours anew, theirs as it stands.
pub fn updated(worklog: &Worklog, output: &Output, templates: &Templates) -> Result<Option<Rendered>> {
    let Some(path) = &output.update else { return Ok(None) };
    // What people write in may be known to them by a link.
    let path = &path.canonicalize().unwrap_or_else(|_| path.clone());
    let fresh = one_format(worklog, templates, Format::Md)?;
    // Devices and pipes hold nothing of theirs.
    let holds = std::fs::metadata(path).is_ok_and(|found| found.is_file() || found.is_dir());
    let existing = holds.then(|| std::fs::read_to_string(path)).transpose();
    let existing = existing.map_err(|source| Error::Read { path: path.clone(), source })?.unwrap_or_default();
    let when = worklog.generated_at.map(|time| time.to_string().chars().take(16).collect::<String>());
    let when = when.map(|time| format!("{} UTC", time.replace('T', " "))).unwrap_or_default();
    let text = if existing.is_empty() { Ok(fresh) } else { log_gardener::follow::update(&existing, &fresh, &when) };
    let text = text.map_err(|damage| Error::Saved {
        path: path.clone(),
        detail: format!("its sections are damaged, so it is left as it is: {damage}"),
    })?;
    Ok(Some(Rendered { path: Some(path.clone()), text }))
}

/// The leak gate: fails if a secret detector still fires on anything that is about to be written.
pub fn gate(rendered: &[Rendered], redactor: &Redactor, jobs: usize) -> Result<()> {
    for output in rendered {
        let shown = readable(&output.text);
        let mut leaks = scan(redactor, &shown, jobs)?;
        let mut laid_out = None;
        if !leaks.is_empty()
            && let Some(text) = in_lines(&output.text).or_else(|| cells_in_lines(&output.text))
        {
            let text = readable(&text).into_owned();
            leaks = scan(redactor, &text, jobs)?;
            laid_out = Some(text);
        }
        let seen = laid_out.as_deref().unwrap_or(&shown);
        let near = leaks.first().map(|leak| near(&shown, seen, leak.range.start)).unwrap_or_default();
        let kinds: BTreeSet<String> = leaks.into_iter().map(|leak| leak.kind).collect();
        if !kinds.is_empty() {
            return Err(Error::Leak {
                output: output.path.as_ref().map_or_else(|| "stdout".to_owned(), |path| path.display().to_string()),
                kinds: kinds.into_iter().collect::<Vec<_>>().join(", "),
                near,
            });
        }
    }
    Ok(())
}

/// The line of a place and the cluster named last before it, in a text that may have been laid out in more lines.
fn near(text: &str, seen: &str, at: usize) -> String {
    let before = seen.get(..at).unwrap_or_default();
    let letters = before.chars().filter(|letter| *letter != '\n').count();
    let end = text.char_indices().filter(|(_, letter)| *letter != '\n').nth(letters).map_or(text.len(), |(end, _)| end);
    let line = text.get(..end).unwrap_or_default().matches('\n').count() + 1;
    let id = |start: usize| {
        let length = before.get(start + 3..)?.bytes().take_while(u8::is_ascii_hexdigit).count();
        before.get(start..start + 3 + length).filter(|_| length >= 8)
    };
    let cluster = before.rmatch_indices("LG-").find_map(|(start, _)| id(start));
    cluster.map_or_else(|| format!(", in line {line}"), |cluster| format!(", in line {line}, behind {cluster}"))
}

/// JSON with a line for each member, and zeros for the digits of its numbers; nothing if the text is none. What stands
/// in one line of the log stands in one string, so what two of them say tells nothing of each other. Numbers of entries
/// were judged as values, and of those that the program counts and hashes itself some look like the number of a card.
fn in_lines(text: &str) -> Option<String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    if !values.all(|value| value.is_ok()) {
        return None;
    }
    let (mut quoted, mut escaped) = (false, false);
    let mut lines = String::with_capacity(text.len() + text.len() / 8);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        (quoted, escaped) = match letter {
            '"' if !escaped => (!quoted, false),
            '\\' => (quoted, quoted && !escaped),
            _ => (quoted, false),
        };
        lines.push(if !quoted && letter.is_ascii_digit() { '0' } else { letter });
        if !quoted && matches!(letter, ',' | '{' | '[') && letters.peek() != Some(&'\n') {
            lines.push('\n');
        }
    }
    Some(lines)
}

/// A table with a line for each cell, for the same reason; nothing if its rows are not of as many cells each.
fn cells_in_lines(text: &str) -> Option<String> {
    let (mut quoted, mut cells, mut rows) = (false, 1, Vec::new());
    let mut lines = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        lines.push(letter);
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                cells += 1;
                lines.push('\n');
            }
            '\n' if !quoted => rows.push(std::mem::replace(&mut cells, 1)),
            _ => {}
        }
    }
    let is_table = rows.len() > 1 && rows.iter().all(|cells| *cells > 2 && rows.first() == Some(cells));
    (is_table && cells == 1).then_some(lines)
}

/// The text as a reader of HTML or Markdown sees it: detectors look at what stands there, not at how it is escaped. In
/// HTML every `<` is one of a tag, and one that ends an element is no part of the word before it.
fn readable(text: &str) -> Cow<'_, str> {
    let is_html = text.starts_with('<');
    if !is_html && !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut readable = if is_html { text.replace("</", " </") } else { text.to_owned() };
    for (escape, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#96;", "`"),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        // Keeps names of people and links from being such; it has no width.
        ("&#8203;", ""),
        ("&amp;", "&"),
    ] {
        if readable.contains(escape) {
            readable = readable.replace(escape, character);
        }
    }
    Cow::Owned(readable)
}

/// Writes and prints what was rendered; of the files all or none.
pub fn write(rendered: &[Rendered], force: bool) -> Result<()> {
    write_and(rendered, None, force, || Ok(()))
}

/// The same together with a worklog brought up to date and with what `save` saves. All files are ready before anything
/// is printed, and none is in place before all is printed and saved: whatever fails, the old ones are whole.
pub fn write_and(
    rendered: &[Rendered],
    updated: Option<&Rendered>,
    force: bool,
    save: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let mut prepared = Prepared::default();
    let updated = updated.map(|output| (output, true));
    for (output, force) in rendered.iter().map(|output| (output, force)).chain(updated) {
        let Some(path) = &output.path else { continue };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| Error::Write { path: folder.to_owned(), source })?;
        }
        prepared.add(path, output.text.as_bytes(), force).map_err(places::kept_by_update)?;
    }
    prepared.hand_over()?;
    for output in rendered.iter().filter(|output| output.path.is_none()) {
        super::print(&output.text)?;
    }
    save()?;
    prepared.put().map_err(places::kept_by_update)
}

/// What a file begins like.
pub fn saved_kind(path: &Path) -> Option<Saved> {
    use std::io::Read;
    let mut head = [0; 64];
    let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut head)).unwrap_or(0);
    let head = String::from_utf8_lossy(head.get(..read).unwrap_or_default()).into_owned();
    let first = head.trim_start().strip_prefix('{')?.trim_start();
    match () {
        () if first.starts_with("\"schema_version\"") => Some(Saved::Model),
        () if first.starts_with("\"format\":\"log-gardener digest\"") => Some(Saved::Digest),
        () if first.starts_with("\"format\":\"log-gardener context\"") => Some(Saved::Context),
        () => None,
    }
}

/// What an earlier command saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// A result (`--format json`).
    Model,
    /// A Digest (`digest -o FILE`).
    Digest,
    /// What a shard holds around moments (`digest --moments FILE -o FILE`).
    Context,
}

/// What `digest` or `merge` saved for each other.
pub fn read_saved<T: Portable>(path: &Path) -> Result<T> {
    let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    T::from_bytes(&bytes).map_err(|detail| Error::Saved { path: path.to_owned(), detail })
}

/// A result saved with `--format json`.
pub fn read_model(path: &Path) -> Result<Worklog> {
    if saved_kind(path) == Some(Saved::Digest) {
        let detail = "is a saved digest; make a result of it first with `log-gardener merge FILE... --format json`";
        return Err(Error::Saved { path: path.to_owned(), detail: detail.to_owned() });
    }
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let worklog: Worklog = serde_json::from_str(&text).map_err(|error| Error::Saved {
        path: path.to_owned(),
        detail: format!("no result of `log-gardener analyze --format json`: {error}"),
    })?;
    if worklog.schema_version == log_gardener::model::SCHEMA_VERSION {
        Ok(worklog)
    } else {
        Err(Error::Saved {
            path: path.to_owned(),
            detail: format!(
                "has schema version {:?}; this program reads {:?}: analyze the archive again",
                worklog.schema_version,
                log_gardener::model::SCHEMA_VERSION
            ),
        })
    }
}

fn one_format(worklog: &Worklog, templates: &Templates, format: Format) -> Result<String> {
    report::Format::from(format).render(templates, worklog)
}

/// A template of the set, or a file.
fn one_template(worklog: &Worklog, templates: &Templates, name: &str) -> Result<String> {
    match file_of_its_own(templates, name)? {
        None => templates.render(name, worklog),
        Some((beside, file)) => beside.render(&file, worklog),
    }
}

/// The file that a template is, with those beside it; nothing if it is one of the set.
fn file_of_its_own(templates: &Templates, name: &str) -> Result<Option<(Templates, String)>> {
    if templates.names().iter().any(|known| known == name) {
        return Ok(None);
    }
    let path = Path::new(name);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    if !path.is_file() {
        return Err(Error::Template {
            name: name.to_owned(),
            detail: format!("no such file, and no built-in template; there are {}", templates.names().join(", ")),
        });
    }
    Ok(Some((Templates::with_folder(folder)?, file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_in_lines_of_the_text_as_it_is_written() {
        let text = "{\"a\":[1,\"x\"],\n\"b\":{\"c\":\"LG-12345678\",\"d\":\"here\"}}\n";
        let seen = in_lines(text).unwrap();
        assert!(seen.contains("[\n0,\n\"x\"],\n\"b\":{\n"), "{seen}");
        assert_eq!(near(text, &seen, seen.find("here").unwrap()), ", in line 2, behind LG-12345678");
        assert_eq!(near(text, &seen, seen.find('x').unwrap()), ", in line 1");
        assert_eq!(in_lines("no JSON"), None);
    }

    #[test]
    fn the_cells_of_tables_stand_in_lines_and_prose_stays() {
        let table = "id,title,count\n1,\"a, \"\"b\"\"\",2\n";
        assert_eq!(cells_in_lines(table).unwrap(), "id,\ntitle,\ncount\n1,\n\"a, \"\"b\"\"\",\n2\n");
        for text in ["a, b, c\n", "a, b\nc, d\n", "a, b, c\nd\n", "", "a,b,c\n\"d,e,f\n"] {
            assert_eq!(cells_in_lines(text), None, "{text}");
        }
    }
}
