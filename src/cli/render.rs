//! `render`: a saved result in, another rendering out.

use std::path::PathBuf;

use log_gardener::error::Result;
use log_gardener::examine;

use super::args::{Render, Talk};
use super::outcome::{Outcome, say};
use super::{files, places, redactor};

/// Renders a saved result again.
pub fn run(command: &Render, talk: &Talk) -> Result<Outcome> {
    let templates = files::templates(&command.output, 0)?;
    let read = std::iter::once(&command.model).chain(&command.rules);
    places::refuse_clashes(&command.output, &[], read.map(PathBuf::as_path))?;
    let mut worklog = files::read_model(&command.model)?;
    if let Some(focus) = &command.output.focus {
        worklog.focus.clone_from(focus);
        examine::finish(&mut worklog);
    }
    let rendered = files::render(&worklog, &command.output, &templates)?;
    let updated = files::updated(&worklog, &command.output, &templates)?;
    if let Some(redactor) = redactor::of_result(&worklog, command.rules.as_deref())? {
        files::gate(&rendered, &redactor, 0)?;
        files::gate(updated.as_slice(), &redactor, 0)?;
    }
    files::write_and(&rendered, updated.as_ref(), command.output.force, || Ok(()))?;
    if !talk.quiet {
        for path in rendered.iter().filter_map(|output| output.path.as_ref()) {
            say(&format!("wrote {}", path.display()));
        }
    }
    Ok(Outcome::Done)
}
