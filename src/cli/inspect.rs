//! `inspect`: archives in, one screen about what is in them out.

use log_gardener::error::Result;
use log_gardener::examine;
use log_gardener::report::{self, visible_json};

use super::analyze::Run;
use super::args::{Inspect, InspectFormat, Talk};
use super::files::{self, Rendered};
use super::flags::Redact;
use super::memory::Memory;
use super::outcome::{Outcome, is_partial};
use super::published::{unprintable, with_own_tags};

/// Describes archives: the pass is that of `analyze`, only what is shown of it differs.
pub fn run(command: &Inspect, talk: &Talk) -> Result<Outcome> {
    let mut run = Run::prepare(&command.selection, &command.look, talk)?;
    let (worklog, analysis) = run.go(&command.input, false, "inspect", &Memory::none())?;
    let paths: Vec<String> = command.input.paths.iter().map(|path| run.plain(&path.to_string_lossy())).collect();
    let inspection = serde_json::to_string(&examine::inspect(&analysis.digest, &worklog, &paths));
    let inspection = inspection.map_err(|error| unprintable(&error))?;
    let inspection = with_own_tags(&inspection, &analysis.digest, command.input.jobs)?;
    let text = match command.format {
        InspectFormat::Txt => report::inspection(&inspection),
        InspectFormat::Json => visible_json(format!("{:#}\n", serde_json::to_value(&inspection).unwrap_or_default())),
    };
    let rendered = [Rendered { path: None, text }];
    if command.look.redact != Redact::Off {
        files::gate(&rendered, run.redactor(), command.input.jobs)?;
    }
    files::write(&rendered, false)?;
    Ok(if is_partial(&worklog) { Outcome::Partial } else { Outcome::Done })
}
