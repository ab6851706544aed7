//! Failures that stop a run, each with the path or name it is about.

use std::path::{Path, PathBuf};

/// What stopped a run. What spoils one record or one file is data in the result instead.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input that was named cannot be read at all.
    #[error("cannot read {}", shown(path))]
    Read {
        /// The input.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An output, ledger or digest could not be written; what stood there before is whole.
    #[error("cannot write {}", shown(path))]
    Write {
        /// The output.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A template is missing, malformed or names a field that does not exist.
    #[error("template {name}: {detail}")]
    Template {
        /// The template.
        name: String,
        /// File, line and what is wrong.
        detail: String,
    },
    /// A rule, filter, configuration or other text of the user's is wrong.
    #[error("{what}: {detail}")]
    Usage {
        /// What it is: `--filter`, a rules file, ...
        what: String,
        /// What is wrong with it, possibly over several lines.
        detail: String,
    },
    /// A saved result, digest or ledger cannot be used.
    #[error("{}: {detail}", shown(path))]
    Saved {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        detail: String,
    },
    /// The leak gate: a secret detector still fires on an output.
    #[error(
        "{output}: still holds what looks like {kinds}{near}; nothing was written. Name it in a rules file: [[redact.add]] \
         takes it out, [redact] allow lets it stand (--rules)"
    )]
    Leak {
        /// The output.
        output: String,
        /// The kinds found.
        kinds: String,
        /// Where in it, as far as that can be said.
        near: String,
    },
    /// The run was interrupted.
    #[error("interrupted: {detail}")]
    Interrupted {
        /// Where it stopped.
        detail: String,
    },
}

/// A result whose error stops the run.
pub type Result<T> = std::result::Result<T, Error>;

/// A path on one line: a name with a line break in it must not pose as a line of its own.
fn shown(path: &Path) -> String {
    let path = path.display().to_string();
    path.chars().fold(String::with_capacity(path.len()), |mut shown, letter| {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
        shown
    })
}
