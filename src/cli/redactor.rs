//! Flags and files of rules in, what takes secrets out, and finds those that were left, out.

use std::path::{Path, PathBuf};

use log_gardener::distill::{Policy, Redactor, UserRules};
use log_gardener::error::Result;
use log_gardener::examine::Rules;
use log_gardener::model::Worklog;

use super::flags::Redact;
use super::rules;

impl From<Redact> for Policy {
    fn from(flag: Redact) -> Self {
        match flag {
            Redact::On => Self::On,
            Redact::Strict => Self::Strict,
            Redact::Off => Self::Off,
        }
    }
}

/// A redactor with what the rules of the user add and allow.
pub fn with_rules(policy: Policy, rules: Option<&Rules>) -> Result<Redactor> {
    let user = UserRules {
        add: rules.iter().flat_map(|rules| rules.redact.clone()).collect(),
        allow: rules.iter().flat_map(|rules| rules.redact_allow.clone()).collect(),
    };
    Redactor::new(policy, &user)
}

/// A redactor with the rules of several files.
pub fn with_files(policy: Policy, paths: &[PathBuf]) -> Result<Redactor> {
    let read = |path: &PathBuf| rules::read(path);
    let joined = paths.iter().map(read).try_fold(Rules::default(), |all, rules| Ok(all.join(rules?)))?;
    with_rules(policy, Some(&joined))
}

/// The redactor that a saved result was made with; none if nothing was redacted.
pub fn of_result(worklog: &Worklog, rules: Option<&Path>) -> Result<Option<Redactor>> {
    let policy = [Policy::Off, Policy::Strict].into_iter().find(|policy| policy.name() == worklog.redaction.policy);
    let paths: Vec<PathBuf> = rules.iter().map(|path| path.to_path_buf()).collect();
    match policy {
        Some(Policy::Off) => Ok(None),
        policy => with_files(policy.unwrap_or_default(), &paths).map(Some),
    }
}
