//! `templates`: list, export and check.

use log_gardener::error::Result;
use log_gardener::report::{self, Templates as Set};

use super::args::Templates;
use super::outcome::{Outcome, say};
use super::print;

/// Carries out a `templates` command.
pub fn run(command: &Templates) -> Result<Outcome> {
    match command {
        Templates::List => print(&(Set::embedded().names().join("\n") + "\n")),
        Templates::Export { folder, force } => {
            let set = Set::embedded();
            std::fs::create_dir_all(folder)
                .map_err(|source| log_gardener::error::Error::Write { path: folder.clone(), source })?;
            for name in set.names() {
                if let Some(source) = set.source(&name) {
                    report::write_atomically(&folder.join(&name), source.as_bytes(), *force)?;
                }
            }
            say(&format!("wrote {} templates to {}", set.names().len(), folder.display()));
            Ok(Outcome::Done)
        }
        Templates::Check { folder } => {
            let set = match folder {
                Some(folder) => Set::with_folder(folder)?,
                None => Set::embedded(),
            };
            let complaints = set.check()?;
            for complaint in &complaints {
                say(&format!("log-gardener: template {}: {}", complaint.name, complaint.detail));
            }
            if !complaints.is_empty() {
                return Ok(Outcome::Usage);
            }
            print(&format!("{} templates are fine\n", set.names().len()))
        }
    }
}
