//! A result in; files, printed text, ledger and exit code out.

use log_gardener::error::Result;
use log_gardener::model::Worklog;
use log_gardener::report::Templates;

use super::analyze::Run;
use super::fail_on::Condition;
use super::files::{self, Rendered};
use super::flags::{Output, Redact, Verdict};
use super::follow_args;
use super::memory::Memory;
use super::outcome::{Outcome, is_partial, say};

/// What becomes of a result.
pub struct Ending<'a> {
    output: &'a Output,
    templates: Templates,
    condition: Option<Condition>,
    strict: bool,
    /// Whether the leak gate is on.
    gated: bool,
    jobs: usize,
}

impl<'a> Ending<'a> {
    /// Reads what the flags say; mistakes in them and in templates show here, before anything is read.
    pub fn prepare(output: &'a Output, verdict: &Verdict, redact: Redact, jobs: usize) -> Result<Self> {
        let condition = verdict.fail_on.as_deref().map(Condition::parse).transpose()?;
        let templates = files::templates(output, jobs)?;
        Ok(Self { output, templates, condition, strict: verdict.strict, gated: redact != Redact::Off, jobs })
    }

    /// Says that a condition asks for what no run of before can tell.
    pub fn warn_of_states(&self, memory: &follow_args::Memory) {
        if self.condition.as_ref().is_some_and(Condition::asks_for_states) && !memory.knows_states() {
            say("log-gardener: --fail-on asks for a state, but clusters have none without --ledger or --baseline");
        }
    }

    /// Renders, looks for leaks, writes and remembers; `more` is a file that holds nothing but what was redacted.
    pub fn conclude(
        &self,
        worklog: &Worklog,
        run: &Run,
        memory: &mut Memory,
        more: impl FnOnce() -> Option<Rendered>,
    ) -> Result<Outcome> {
        let partial = is_partial(worklog);
        if self.strict && partial {
            say("log-gardener: input was skipped or partial, and --strict was given: nothing was written");
            return Ok(Outcome::Partial);
        }
        let mut rendered = files::render(worklog, self.output, &self.templates)?;
        let updated = files::updated(worklog, self.output, &self.templates)?;
        let remembered = memory.remember(worklog);
        if self.gated {
            files::gate(&rendered, run.redactor(), self.jobs)?;
            files::gate(remembered.as_slice(), run.redactor(), self.jobs)?;
            files::gate(updated.as_slice(), run.redactor(), self.jobs)?;
        }
        rendered.extend(more());
        files::write_and(&rendered, updated.as_ref(), self.output.force, || memory.save())?;
        run.talk_about(worklog, &rendered);
        // The process is about to end: the system takes back at once what would be given back piece by piece.
        std::mem::forget(rendered);
        Ok(match &self.condition {
            _ if partial => Outcome::Partial,
            Some(condition) if worklog.clusters.iter().any(|cluster| condition.holds(cluster)) => {
                Outcome::ConditionHolds
            }
            _ => Outcome::Done,
        })
    }
}
