//! Arguments in, exit code out.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::guarded(|| {
        let arguments = match cli::with_defaults(std::env::args_os().collect()) {
            Ok(arguments) => arguments,
            Err(error) => return cli::complain(&error),
        };
        match cli::Arguments::try_parse_from(arguments) {
            Ok(arguments) => cli::run(&arguments).unwrap_or_else(|error| cli::complain(&error)),
            Err(usage) => cli::usage(&usage),
        }
    })
    .into()
}
