//! `rules`: check a file of rules, judge its examples, show which rule did what to which cluster.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::Path;

use log_gardener::collect::parse_record;
use log_gardener::error::{Error, Result};
use log_gardener::examine::Rules;
use log_gardener::examine::rules::{Explained, explain, test_examples};
use log_gardener::model::JsonText;
use log_gardener::query::Query;
use log_gardener::report::visible;
use serde_json::Value;

use super::analyze::Run;
use super::args::{Rules as Command, Talk};
use super::flags::{Input, Look, Selection};
use super::memory::Memory;
use super::outcome::{Outcome, is_partial, say, tell_of_inputs};
use super::print;

/// Reads a file of rules; the error lists every mistake in it.
pub fn read(path: &Path) -> Result<Rules> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    Rules::read(&path.display().to_string(), &text)
}

/// Judges a stored entry by a query.
pub fn evaluate(entry: &JsonText, query: &Query) -> bool {
    parse_record(entry.as_str().as_bytes(), |entry| query.matches(entry)).unwrap_or(false)
}

/// Carries out `rules ...`.
pub fn run(command: &Command, talk: &Talk) -> Result<Outcome> {
    match command {
        Command::Check { file } => check(file),
        Command::Test { file } => test(file, talk),
        Command::Explain { file, cluster, input, selection, look } => {
            let look = Look { rules: Some(file.clone()), ..(**look).clone() };
            explained(&look, cluster.as_deref(), input, selection, talk)
        }
    }
}

fn check(file: &Path) -> Result<Outcome> {
    let rules = read(file)?;
    let examples: usize = rules.rules.iter().map(|rule| rule.matches.len() + rule.passes.len()).sum();
    let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let held = [(rules.rules.len(), "rule"), (rules.flows.len(), "flow"), (examples, "example")];
    let held = held.map(|(count, noun)| counted(count, noun)).join(", ");
    print(&format!("{}: {held}, no mistake\n", file.display()))
}

fn test(file: &Path, talk: &Talk) -> Result<Outcome> {
    let rules = read(file)?;
    let look = Look { rules: Some(file.to_owned()), ..Look::default() };
    let run = RefCell::new(Run::prepare(&Selection::default(), &look, &Talk { quiet: true, ..talk.clone() })?);
    let mut failure = None;
    let analyze = |entry: &Value| {
        run.borrow_mut().alone(entry).unwrap_or_else(|error| {
            say(&format!("log-gardener: {error}"));
            Default::default()
        })
    };
    let mut text = String::new();
    for result in test_examples(&rules, &analyze, evaluate) {
        let verdict = if result.is_right() { "ok" } else { "WRONG" };
        let wanted = if result.wanted { "matches" } else { "passes" };
        let _ = writeln!(text, "{verdict}\t{}\t{}\t{wanted}", result.place, result.rule);
        if !result.is_right() {
            failure = Some(());
            if !result.wanted {
                text.push_str("\tevery condition holds, though this entry is to pass\n");
            }
            result.failed.iter().for_each(|condition| text.extend(["\t", &visible(condition), "\n"]));
        }
    }
    print(&text)?;
    Ok(if failure.is_some() { Outcome::ConditionHolds } else { Outcome::Done })
}

fn explained(look: &Look, cluster: Option<&str>, input: &Input, selection: &Selection, talk: &Talk) -> Result<Outcome> {
    let Some(file) = look.rules.as_deref() else { return Ok(Outcome::Done) };
    let rules = read(file)?;
    let (worklog, analysis) = Run::prepare(selection, look, talk)?.go(input, false, "latest", &Memory::none())?;
    let is_asked = |id: &str, number: u64| cluster.is_none_or(|asked| asked == id || asked == number.to_string());
    if let Some(id) = cluster.filter(|_| !worklog.clusters.iter().any(|one| is_asked(&one.id, one.number))) {
        let detail = format!("{id} is none of the {} clusters; without --cluster all are told", worklog.clusters.len());
        return Err(Error::Usage { what: "--cluster".to_owned(), detail });
    }
    if !talk.quiet {
        tell_of_inputs(&worklog);
    }
    let mut text = String::new();
    for one in explain(&rules, &analysis.digest, &worklog, cluster, evaluate) {
        text.push_str(&paragraph(&one));
    }
    print(&text)?;
    Ok(if is_partial(&worklog) { Outcome::Partial } else { Outcome::Done })
}

fn paragraph(one: &Explained) -> String {
    let verdict = if one.holds { "holds" } else { "does not hold" };
    let mut lines = vec![format!("{} {}", one.cluster, one.title)];
    lines.push(format!("  rule {} ({}) {verdict}", one.rule, one.place));
    for (condition, holds) in &one.conditions {
        lines.push(format!("    {} {condition}", if *holds { '+' } else { '-' }));
    }
    lines.extend(one.says.iter().map(|said| format!("    => {said}")));
    lines.iter().map(|line| visible(line) + "\n").collect()
}
