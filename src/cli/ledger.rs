//! `ledger`: what people ask of and say to the memory in, text or a changed ledger out.

use std::fmt::Write as _;
use std::path::Path;

use log_gardener::error::{Error, Result};
use log_gardener::follow::{Ledger, LedgerFile, Mark};
use log_gardener::model::Fingerprint;

use super::flags::Format;
use super::follow_args::{Ledger as Arguments, LedgerCommand, LedgerPath, MarkArguments, Status};
use super::memory::{mistake, open_ledger, patiently};
use super::outcome::{Outcome, say};
use super::print;

/// Does what was asked of the ledger.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let (file, by) = (&arguments.file, arguments.file.by.as_str());
    match &arguments.command {
        LedgerCommand::Show { id, format } => show(&read(file)?, id.as_deref(), *format),
        LedgerCommand::History { id } => history(&read(file)?, id),
        LedgerCommand::Mark(mark) => change(file, |ledger| {
            for one in marks(mark) {
                ledger.mark(&mark.id, &one, &mark.reason, by)?;
            }
            Ok(format!("marked {}", mark.id))
        }),
        LedgerCommand::Merge { from, into } => change(file, |ledger| {
            ledger.merge(from, into, by)?;
            Ok(format!("{from} now follows {into}"))
        }),
        LedgerCommand::Split { id, fingerprint: print } => change(file, |ledger| {
            let print = print.as_deref().map(fingerprint).transpose()?;
            Ok(format!("{} is separate", ledger.split(id, print, by)?))
        }),
        LedgerCommand::Alias { id, fingerprint: print } => change(file, |ledger| {
            ledger.alias(id, fingerprint(print)?, by)?;
            Ok(format!("{print} means {id}"))
        }),
        LedgerCommand::Verify { accept } => verify(file, *accept),
        LedgerCommand::Gc { keep, dry_run } => gc(file, *keep, *dry_run),
    }
}

fn read(file: &LedgerPath) -> Result<Ledger> {
    exists(&file.ledger)?;
    Ledger::read(&file.ledger)
}

/// Changes a ledger that exists, all or nothing.
fn change(
    file: &LedgerPath,
    change: impl FnOnce(&mut Ledger) -> std::result::Result<String, String>,
) -> Result<Outcome> {
    exists(&file.ledger)?;
    let mut held = open_ledger(&file.ledger)?;
    let done = change(&mut held.ledger).map_err(|detail| mistake("ledger", detail))?;
    held.save()?;
    say(&done);
    Ok(Outcome::Done)
}

fn exists(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let detail = "there is no ledger; name one with --ledger FILE (`analyze --ledger FILE` begins one)";
            Err(Error::Saved { path: path.to_owned(), detail: detail.to_owned() })
        }
        Err(source) => Err(Error::Read { path: path.to_owned(), source }),
    }
}

fn fingerprint(text: &str) -> std::result::Result<Fingerprint, String> {
    Fingerprint::parse(text).ok_or_else(|| format!("{text:?} is no fingerprint (lg1: and 32 digits)"))
}

fn marks(arguments: &MarkArguments) -> Vec<Mark> {
    let mut marks = Vec::new();
    marks.extend(arguments.status.map(|status| match status {
        Status::Expected => Mark::Expected { until: arguments.until, max_rate_per_hour: arguments.max_rate },
        Status::Ignored => Mark::Ignored { until: arguments.until },
        Status::Resolved => Mark::Resolved { at: arguments.at, revision: arguments.revision.clone() },
        Status::Open => Mark::Open,
    }));
    marks.extend(arguments.priority.clone().map(|priority| Mark::Priority(Some(priority))));
    marks.extend(arguments.unpin.then_some(Mark::Priority(None)));
    marks.extend(arguments.title.clone().map(Mark::Renamed));
    marks.extend(arguments.issue.map(|number| Mark::Issue(Some(number))));
    marks.extend(arguments.unlink.then_some(Mark::Issue(None)));
    marks
}

fn show(ledger: &Ledger, id: Option<&str>, format: Format) -> Result<Outcome> {
    let shown: Vec<(&String, &log_gardener::follow::Entry)> =
        ledger.entries.iter().filter(|(known, _)| id.is_none_or(|id| id == known.as_str())).collect();
    if let (Some(id), true) = (id, shown.is_empty()) {
        return Err(mistake("cluster", format!("{id:?} is not in this ledger")));
    }
    if format == Format::Json {
        let value: serde_json::Map<String, serde_json::Value> = shown
            .into_iter()
            .map(|(id, entry)| (id.clone(), serde_json::to_value(entry).unwrap_or_default()))
            .collect();
        return print(&format!("{:#}\n", serde_json::Value::Object(value)));
    }
    let id_is_given = id.is_some();
    let mut text =
        format!("{}, {}\n", counted(ledger.runs.len() as u64, "run"), counted(ledger.entries.len() as u64, "cluster"));
    for (id, entry) in shown {
        let last = entry.seen.iter().max_by_key(|(run, seen)| (seen.last_seen, *run)).map(|(_, seen)| seen);
        let (priority, state) = last.map_or(("", ""), |seen| (seen.priority.as_str(), seen.state.as_str()));
        let title = if entry.renamed.is_empty() { &entry.title } else { &entry.renamed };
        let title = log_gardener::report::visible(title);
        let runs = counted(entry.seen.len() as u64, "run");
        let _ = writeln!(text, "{id}  {priority:<3} {state:<12} {runs}{}  {title}", decided(entry));
        if id_is_given {
            text.push_str(&in_full(entry));
        }
    }
    print(&text)
}

/// What is known of one cluster, a line each.
fn in_full(entry: &log_gardener::follow::Entry) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<11} {}", log_gardener::report::visible(&value));
        }
    };
    let time = |time: Option<log_gardener::model::Timestamp>| time.map_or_else(String::new, |time| time.to_string());
    line("pattern", entry.pattern.clone());
    line("first seen", time(entry.first_seen));
    line("last seen", time(entry.last_seen));
    line("issue", entry.issue.as_ref().map_or_else(String::new, |link| format!("#{} {}", link.number, link.url)));
    for print in &entry.fingerprints {
        line("fingerprint", print.to_string());
    }
    for note in &entry.notes {
        line("note", format!("{} {} {}", time(note.at), note.by, note.text));
    }
    text
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What people said, in a few words.
fn decided(entry: &log_gardener::follow::Entry) -> String {
    let mut words = Vec::new();
    words.extend(entry.decision.as_ref().map(|decision| decision.kind.clone()));
    words.extend(entry.resolution.as_ref().map(|fix| format!("resolved {}", fix.at)));
    words.extend(entry.pinned.as_ref().map(|pin| format!("pinned {}", pin.priority)));
    words.extend(entry.issue.as_ref().map(|link| format!("#{} {}", link.number, link.state).trim_end().to_owned()));
    words.extend(Some(&entry.merged_into).filter(|into| !into.is_empty()).map(|into| format!("merged into {into}")));
    if words.is_empty() { String::new() } else { format!("  [{}]", words.join(", ")) }
}

fn history(ledger: &Ledger, id: &str) -> Result<Outcome> {
    let lines = ledger.history(id).map_err(|detail| mistake("cluster", detail))?;
    let mut text = String::new();
    for line in lines {
        let at = line.at.map_or_else(|| "no time".to_owned(), |at| at.to_string());
        let who = if line.who.is_empty() { String::new() } else { format!("  {}", line.who) };
        let _ = writeln!(
            text,
            "{at}{}  {}",
            log_gardener::report::visible(&who),
            log_gardener::report::visible(&line.text)
        );
    }
    print(&text)
}

fn verify(file: &LedgerPath, accept: bool) -> Result<Outcome> {
    if accept {
        exists(&file.ledger)?;
        patiently(|| LedgerFile::seal(&file.ledger, &format!("process {}", std::process::id()), &problems))?;
        say("sealed");
        return Ok(Outcome::Done);
    }
    problems(&read(file)?)?;
    say("nothing is wrong with it");
    Ok(Outcome::Done)
}

fn problems(ledger: &Ledger) -> Result<()> {
    let problems = ledger.verify();
    if problems.is_empty() { Ok(()) } else { Err(mistake("ledger", problems.join("\n"))) }
}

fn gc(file: &LedgerPath, keep: usize, dry_run: bool) -> Result<Outcome> {
    exists(&file.ledger)?;
    let mut held = open_ledger(&file.ledger)?;
    let swept = held.ledger.gc(keep);
    if !dry_run {
        held.save()?;
    }
    let would = if dry_run { "would forget" } else { "forgot" };
    let (runs, entries) = (counted(swept.runs, "run"), counted(swept.entries, "cluster"));
    say(&format!("{would} {runs}, {}, {entries}", counted(swept.observations, "observation")));
    Ok(Outcome::Done)
}
