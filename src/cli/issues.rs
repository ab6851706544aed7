//! `issues`: a result and an export of the tracker in; a plan, drafts and recorded results out. Nothing is sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use log_gardener::distill::{Numbers, Redactor};
use log_gardener::error::{Error, Result};
use log_gardener::examine;
use log_gardener::follow::{
    Ledger, check_repo, drafts, export_command, plan, read_results, record_in_ledger, record_in_worklog,
};
use log_gardener::model::{Cluster, Issue, Worklog};
use log_gardener::report::{self, Templates, visible};

use super::files::{self, Rendered};
use super::flags::Format;
use super::follow_args::{DraftArguments, Issues, PlanArguments, RecordArguments};
use super::memory::{known_issues, mistake, open_ledger, settings};
use super::outcome::{Outcome, say};
use super::published::unprintable;
use super::{print, redactor};

/// Does what was asked about issues.
pub fn run(command: &Issues) -> Result<Outcome> {
    match command {
        Issues::Plan(arguments) => plan_issues(arguments),
        Issues::Draft(arguments) => draft(arguments),
        Issues::Record(arguments) => record(arguments),
        Issues::ExportCmd { repo } => print(&format!("{}\n", export_command(repo)?)),
    }
}

/// A result planned with an export of the tracker.
///
/// Without an export the tracker is empty, because somebody said so.
fn planned(
    model: &Path,
    known: Option<&Path>,
    ledger: Option<&Path>,
    labels: &[String],
    rules: Option<&Path>,
) -> Result<Worklog> {
    let mut worklog = files::read_model(model)?;
    let known = known.map(known_issues).transpose()?.unwrap_or_default();
    let ledger = ledger.map(Ledger::read).transpose()?;
    plan(&mut worklog, &known, ledger.as_ref(), &settings(labels));
    if let Some(redactor) = redactor::of_result(&worklog, rules)? {
        let mut numbers = Numbers::default();
        for cluster in &mut worklog.clusters {
            cluster.issue =
                cluster.issue.take().map(|issue| without_secrets(&issue, &redactor, &mut numbers)).transpose()?;
        }
    }
    examine::finish(&mut worklog);
    Ok(worklog)
}

/// What the tracker says of a cluster, redacted as the result was: people paste logs into issues.
fn without_secrets(issue: &Issue, redactor: &Redactor, numbers: &mut Numbers) -> Result<Issue> {
    let text = serde_json::to_string(issue).map_err(|error| unprintable(&error))?;
    let swept = redactor.sweep(&text, &report::SPELLINGS, &mut BTreeMap::new());
    serde_json::from_str(&numbers.number(&swept)).map_err(|error| unprintable(&error))
}

fn plan_issues(arguments: &PlanArguments) -> Result<Outcome> {
    let (known, ledger) = (arguments.known_issues.as_deref(), arguments.ledger.as_deref());
    let worklog = planned(&arguments.model, known, ledger, &arguments.label, None)?;
    if arguments.save {
        write(&arguments.model, &worklog)?;
    }
    if arguments.format == Format::Json {
        return print(&report::to_json(&worklog));
    }
    let mut text = String::new();
    for cluster in &worklog.clusters {
        let Some(issue) = &cluster.issue else { continue };
        let number = issue.number.map_or_else(String::new, |number| format!(" #{number}"));
        let score = if issue.number.is_some() { format!(" ({:.2})", issue.score) } else { String::new() };
        let _ = writeln!(text, "{}  {}{number}{score}  {}", cluster.id, issue.action, visible(&cluster.title));
        for line in std::iter::once(&issue.reason).chain(&issue.evidence).filter(|line| !line.is_empty()) {
            let _ = writeln!(text, "    {}", visible(line));
        }
        for other in &issue.candidates {
            let _ =
                writeln!(text, "    {} #{} {:.2} {}", other.relation, other.number, other.score, visible(&other.title));
        }
    }
    let counts = &worklog.issues_summary.by_action;
    let counts: Vec<String> = counts.iter().map(|(action, count)| format!("{count} {action}")).collect();
    let _ = writeln!(text, "{} clusters: {}", worklog.clusters.len(), counts.join(", "));
    print(&text)
}

fn draft(arguments: &DraftArguments) -> Result<Outcome> {
    let templates = match &arguments.templates {
        Some(folder) => Templates::with_folder(folder)?,
        None => Templates::embedded(),
    };
    let known = arguments.known_issues.as_deref();
    let worklog = if known.is_some() || arguments.empty_tracker {
        planned(&arguments.model, known, arguments.ledger.as_deref(), &arguments.label, arguments.rules.as_deref())?
    } else {
        files::read_model(&arguments.model)?
    };
    if worklog.clusters.iter().all(|cluster| cluster.issue.as_ref().is_none_or(|issue| issue.action.is_empty())) {
        let detail = "it holds no plan; give --known-issues FILE (--empty-tracker where there is no issue yet), or analyze with it";
        return Err(Error::Saved { path: arguments.model.clone(), detail: detail.to_owned() });
    }
    let view = templates.view(&worklog);
    let render = |cluster: &Cluster, template: &str| templates.render_cluster(template, &view, cluster);
    let rendered: Vec<Rendered> = drafts(&worklog, &arguments.repo, &render)?
        .into_iter()
        .map(|(name, text)| Rendered { path: Some(arguments.folder.join(name)), text })
        .collect();
    if let Some(redactor) = redactor::of_result(&worklog, arguments.rules.as_deref())? {
        files::gate(&rendered, &redactor, 0)?;
    }
    files::write(&rendered, arguments.force)?;
    say(&format!("wrote {} files to {}; read them, then run apply.sh", rendered.len(), arguments.folder.display()));
    Ok(Outcome::Done)
}

fn record(arguments: &RecordArguments) -> Result<Outcome> {
    if !arguments.repo.is_empty() {
        check_repo(&arguments.repo)?;
    }
    let mut worklog = files::read_model(&arguments.model)?;
    let mut log = match &arguments.log {
        Some(path) => std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.clone(), source })?,
        None => String::new(),
    };
    for result in &arguments.result {
        let line = result.split_once('=').map(|(id, rest)| format!("\n{id} {}", rest.replacen(':', " ", 1)));
        log.push_str(&line.ok_or_else(|| mistake("--result", "write LG-...=NUMBER or LG-...=NUMBER:RESULT"))?);
    }
    let recorded = read_results(&log);
    for problem in &recorded.problems {
        say(&format!("log-gardener: {problem}"));
    }
    if recorded.results.is_empty() {
        return Err(mistake("issues record", "no result could be read, so nothing was recorded"));
    }
    let mut unknown = record_in_worklog(&mut worklog, &recorded, &arguments.repo);
    if unknown.len() == recorded.results.len() {
        let ids = unknown.join(", ");
        return Err(mistake("issues record", format!("{ids}: not in this result, so nothing was recorded")));
    }
    examine::finish(&mut worklog);
    if let Some(path) = &arguments.ledger {
        let mut file = open_ledger(path)?;
        unknown.extend(record_in_ledger(&mut file.ledger, &recorded, Some(&worklog), &arguments.repo));
        file.save()?;
    }
    write(&arguments.model, &worklog)?;
    unknown.sort();
    unknown.dedup();
    for id in unknown {
        say(&format!("log-gardener: {id} is not known here"));
    }
    let counts = &worklog.issues_summary.by_result;
    let counts: Vec<String> = counts.iter().map(|(result, count)| format!("{count} {result}")).collect();
    let total = counts_total(&worklog);
    say(&format!("{total} cluster{}: {}", if total == 1 { "" } else { "s" }, counts.join(", ")));
    Ok(if recorded.problems.is_empty() { Outcome::Done } else { Outcome::Partial })
}

fn counts_total(worklog: &Worklog) -> u64 {
    worklog.issues_summary.by_result.values().sum()
}

fn write(path: &Path, worklog: &Worklog) -> Result<()> {
    report::write_atomically(path, report::to_json(worklog).as_bytes(), true)
}
