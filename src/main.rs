//! Arguments in, exit code out.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Arguments::try_parse() {
        Ok(arguments) => cli::run(&arguments).unwrap_or_else(|error| cli::complain(&error)).into(),
        Err(usage) => cli::usage(&usage).into(),
    }
}
