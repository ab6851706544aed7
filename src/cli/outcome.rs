//! How a run ended in, exit code and message out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::UnwindSafe;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use log_gardener::distill::{Numbers, Policy, Redactor, UserRules};
use log_gardener::error::Error;
use log_gardener::model::{Input, InputTally, Worklog};
use log_gardener::report::visible;

/// How a run ended; where several hold, the order of severity is 3, 5, 2, 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0: done.
    Done,
    /// 1: a `--fail-on` condition holds.
    ConditionHolds,
    /// 2: done, but input was skipped or partial.
    Partial,
    /// 3: an output or the ledger could not be written; the old ones are whole.
    NotWritten,
    /// 4: usage, configuration, rule, template or filter error, before anything was read.
    Usage,
    /// 5: leak gate, nothing was written.
    Leak,
    /// 130: SIGINT.
    Interrupted,
    /// 143: SIGTERM.
    Terminated,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::ConditionHolds => 1,
            Outcome::Partial => 2,
            Outcome::NotWritten => 3,
            Outcome::Usage => 4,
            Outcome::Leak => 5,
            Outcome::Interrupted => 130,
            Outcome::Terminated => 143,
        })
    }
}

/// Says what stopped the run, with its causes, and gives the exit code.
pub fn complain(error: &Error) -> Outcome {
    if is_broken_pipe(error) {
        return Outcome::Done;
    }
    say(&format!("log-gardener: {error}"));
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        say(&format!("  because: {cause}"));
        source = cause.source();
    }
    match error {
        Error::Write { .. } => Outcome::NotWritten,
        Error::Leak { .. } => Outcome::Leak,
        Error::Read { .. } | Error::Template { .. } | Error::Usage { .. } | Error::Saved { .. } => Outcome::Usage,
        Error::Interrupted { .. } => super::signals::outcome(),
    }
}

/// Runs the program; a defect of its own is told by its place alone, because the message of a panic may quote log text.
pub fn guarded(run: impl FnOnce() -> Outcome + UnwindSafe) -> Outcome {
    static TOLD: AtomicBool = AtomicBool::new(false);
    std::panic::set_hook(Box::new(|defect| {
        // What fails on one record may fail on a million.
        if !TOLD.swap(true, Ordering::Relaxed) {
            let place = defect.location().map(ToString::to_string).unwrap_or_default();
            drop(writeln!(std::io::stderr(), "log-gardener: a defect at {place}: please report it"));
        }
    }));
    // Outputs are written whole or not at all, so what was there before still is.
    std::panic::catch_unwind(run).unwrap_or(Outcome::NotWritten)
}

/// A closed pipe (`| head`) is no failure.
fn is_broken_pipe(error: &Error) -> bool {
    matches!(error, Error::Write { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
}

/// What clap says of the arguments: help and version are no failures, all else is a usage error.
pub fn usage(error: &clap::Error) -> Outcome {
    // Nobody may be listening; the exit code says it all the same.
    let told = error.print();
    match error.kind() {
        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion => match told {
            Err(source) => complain(&Error::Write { path: "stdout".into(), source }),
            Ok(()) => Outcome::Done,
        },
        _ => Outcome::Usage,
    }
}

/// Whether input was skipped or partial.
pub fn is_partial(worklog: &Worklog) -> bool {
    let is_cut = |input: &Input| input.notes.iter().any(|note| note == InputTally::NEVER_CLOSED);
    worklog.totals.skipped > 0 || worklog.inputs.iter().any(is_cut)
}

/// Lists what was skipped, and what is to be known of inputs.
pub fn tell_of_inputs(worklog: &Worklog) {
    for input in &worklog.inputs {
        for note in &input.notes {
            say(&format!("log-gardener: {}: {note}", visible(&input.path)));
        }
    }
    for skip in worklog.skipped.iter().take(10) {
        let (path, reason) = (visible(&skip.path), visible(&skip.reason));
        say(&format!("log-gardener: skipped {path}:{} (byte {}): {reason}", skip.line, skip.offset));
    }
    if worklog.totals.skipped > 10 {
        say(&format!("log-gardener: {} skipped in all; the result lists them", worklog.totals.skipped));
    }
}

/// Talk on stderr, line by line, without secrets and made safe for terminals. A closed stderr is nobody listening.
pub fn say(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let redactor = Redactor::new(Policy::On, &UserRules::default());
    let text = redactor.map_or(Cow::Borrowed(text), |redactor| redactor.redact(text, &mut BTreeMap::new()));
    for line in Numbers::default().number(&text).lines() {
        if writeln!(stderr, "{}", visible(line)).is_err() {
            return;
        }
    }
}
