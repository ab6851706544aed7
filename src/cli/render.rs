//! `render`: a saved result in, another rendering out.

use log_gardener::error::Result;

use super::args::{Render, Talk};
use super::outcome::{Outcome, say};
use super::{files, redactor};

/// Renders a saved result again.
pub fn run(command: &Render, talk: &Talk) -> Result<Outcome> {
    let templates = files::templates(&command.output, 0)?;
    let worklog = files::read_model(&command.model)?;
    let rendered = files::render(&worklog, &command.output, &templates)?;
    let updated = files::updated(&worklog, &command.output, &templates)?;
    if let Some(redactor) = redactor::of_result(&worklog, command.rules.as_deref())? {
        files::gate(&rendered, &redactor, 0)?;
        files::gate(updated.as_slice(), &redactor, 0)?;
    }
    files::write(&rendered, command.output.force)?;
    files::write(updated.as_slice(), true)?;
    if !talk.quiet {
        for path in rendered.iter().filter_map(|output| output.path.as_ref()) {
            say(&format!("wrote {}", path.display()));
        }
    }
    Ok(Outcome::Done)
}
