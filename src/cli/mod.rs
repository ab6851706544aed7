//! The shell: knows terminal, environment and clock; the library knows none of them.

#![allow(
    unreachable_pub,
    reason = "a binary has no outside: `pub` here says what the other modules of the shell may use"
)]

mod analyze;
mod args;
mod clock;
mod conclude;
mod config;
mod diff;
mod digest;
mod fail_on;
mod files;
mod flags;
mod follow_args;
mod init;
mod inspect;
mod issues;
mod key_lines;
mod ledger;
mod memory;
mod outcome;
mod places;
mod progress;
mod published;
mod redact;
mod redactor;
mod render;
mod rules;
mod selection;
mod show;
mod signals;
mod templates;

pub use args::Arguments;
pub use config::with_defaults;
pub use outcome::{Outcome, complain, guarded, usage};

use std::io::Write;

use args::Command;
use clap::CommandFactory;
use log_gardener::error::{Error, Result};

/// Carries out what was asked.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let talk = &arguments.talk;
    match &arguments.command {
        Command::Analyze(command) => analyze::run(command, talk),
        Command::Inspect(command) => inspect::run(command, talk),
        Command::Digest(command) => digest::make(command, talk),
        Command::Merge(command) => digest::merge(command, talk),
        Command::Render(command) => render::run(command, talk),
        Command::Show(command) => show::run(command, talk.quiet),
        Command::Redact(command) => redact::run(command, talk),
        Command::Diff(command) => diff::run(command, talk),
        Command::Issues(command) => issues::run(command),
        Command::Ledger(command) => ledger::run(command),
        Command::Templates(command) => templates::run(command),
        Command::Rules(command) => rules::run(command, talk),
        Command::Schema { of } => print(&format!(
            "{:#}\n",
            match of {
                args::Shape::Result => log_gardener::report::schema(),
                args::Shape::Inspect => log_gardener::report::inspection_schema(),
            }
        )),
        Command::Init(command) => init::run(command),
        Command::Completions { shell } => completions(*shell),
        Command::Man => manual(),
    }
}

/// Results on stdout. Who closed it (`| head`) wants no more, and all else goes on.
fn print(text: &str) -> Result<Outcome> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::Write { path: "stdout".into(), source })
        }
        _ => Ok(Outcome::Done),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Outcome> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "log-gardener", &mut text);
    print(&String::from_utf8_lossy(&text))
}

/// The manual of the program and of every command, one after the other.
fn manual() -> Result<Outcome> {
    let mut text = Vec::new();
    let mut command = Arguments::command();
    command.build();
    let mut pages = vec![clap_mangen::Man::new(command.clone())];
    pages.extend(command.get_subcommands().filter(|sub| sub.get_name() != "help").map(|sub| {
        clap_mangen::Man::new(sub.clone().name(format!("log-gardener-{}", sub.get_name()).leak() as &'static str))
    }));
    for page in pages {
        page.render(&mut text).map_err(|source| Error::Write { path: "stdout".into(), source })?;
    }
    print(&String::from_utf8_lossy(&text))
}
