//! `init`: commented files to start from.

use log_gardener::error::{Error, Result};
use log_gardener::report;

use super::args::Init;
use super::outcome::{Outcome, say};

/// The files, each with the text it starts with.
const FILES: [(&str, &str); 2] =
    [("log-gardener.toml", include_str!("init/log-gardener.toml")), ("rules.toml", include_str!("init/rules.toml"))];

/// Writes the files into a folder, over none that stands there.
pub fn run(command: &Init) -> Result<Outcome> {
    std::fs::create_dir_all(&command.folder).map_err(|source| Error::Write { path: command.folder.clone(), source })?;
    for (name, text) in FILES {
        let path = command.folder.join(name);
        report::write_atomically(&path, text.as_bytes(), command.force)?;
        say(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Done)
}
