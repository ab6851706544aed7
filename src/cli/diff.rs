//! `diff`: two results or archives in, what changed from one to the other out.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

use log_gardener::collect::shown;
use log_gardener::error::{Error, Result};
use log_gardener::follow::{compare, rate};
use log_gardener::model::{Cluster, Comparison, Worklog};
use log_gardener::report::{self, visible};

use super::analyze::Run;
use super::args::Talk;
use super::files::{self, Rendered, Saved};
use super::flags::{Format, Input, Redact, Selection};
use super::follow_args::Diff;
use super::memory::{Memory, mistake};
use super::outcome::{Outcome, is_partial, tell_of_inputs};
use super::{digest, selection};

/// One of the two that are compared.
struct Side {
    worklog: Worklog,
    /// Whether its input was skipped or partial; of a saved result that was said when it was made.
    partial: bool,
}

impl Side {
    fn read_now(worklog: Worklog, talk: &Talk) -> Self {
        if !talk.quiet {
            tell_of_inputs(&worklog);
        }
        Self { partial: is_partial(&worklog), worklog }
    }
}

/// Compares, and prints what changed.
pub fn run(command: &Diff, talk: &Talk) -> Result<Outcome> {
    refuse_second_reading(command)?;
    let (name, old, new) = match (&command.new, &command.cut_at, &command.cut_revision) {
        (Some(new), ..) => (old_name(command), load(&command.old, command, talk)?, load(new, command, talk)?),
        (None, Some(at), _) => cut(command, at, talk)?,
        (None, None, Some(revision)) => cut(command, &first_of(command, revision, talk)?, talk)?,
        (None, None, None) => return Err(mistake("diff", "name a second one, or --cut-at or --cut-revision")),
    };
    let partial = old.partial || new.partial;
    let (old, mut new) = (old.worklog, new.worklog);
    let mine = Run::prepare(&Selection::default(), &command.look, talk)?;
    let name = mine.plain(&name);
    let comparison = compare(&old, &mut new, &name).map_err(|refusal| mistake("diff", refusal.to_string()))?;
    log_gardener::examine::finish(&mut new);
    let text = match command.format {
        Format::Json => report::to_json(&new),
        _ => text(&comparison, &new),
    };
    let rendered = [Rendered { path: None, text }];
    if command.look.redact != Redact::Off {
        files::gate(&rendered, mine.redactor(), command.jobs)?;
    }
    files::write(&rendered, false)?;
    Ok(if partial { Outcome::Partial } else { Outcome::Done })
}

/// Standard input cannot be read for each of the two.
fn refuse_second_reading(command: &Diff) -> Result<()> {
    let once = command.old != "-" || command.new.as_ref().is_some_and(|new| new != "-");
    let detail = "standard input can be read only once, and both sides come from it; save it to a file first";
    if once { Ok(()) } else { Err(mistake("diff", detail)) }
}

fn old_name(command: &Diff) -> String {
    shown(Path::new(&command.old)).into_owned()
}

/// A saved result or Digest, else an archive.
fn load(path: &OsStr, command: &Diff, talk: &Talk) -> Result<Side> {
    match files::saved_kind(path.as_ref()) {
        Some(Saved::Model) => Ok(Side { worklog: files::read_model(path.as_ref())?, partial: false }),
        Some(Saved::Digest) => {
            let run = Run::prepare(&Selection::default(), &command.look, talk)?;
            Ok(Side::read_now(run.judge(&digest::read(path.as_ref(), &run)?, "diff")?, talk))
        }
        // A context is refused like anything that is no archive.
        None | Some(Saved::Context) => analysed(path, &Selection::default(), command, talk),
    }
}

fn analysed(path: &OsStr, selection: &Selection, command: &Diff, talk: &Talk) -> Result<Side> {
    let input =
        Input { paths: vec![path.to_owned()], no_mmap: command.no_mmap, jobs: command.jobs, memory_limit: None };
    let mut run = Run::prepare(selection, &command.look, talk)?;
    Ok(Side::read_now(run.go(&input, false, "diff", &Memory::none())?.0, talk))
}

fn cut(command: &Diff, at: &str, talk: &Talk) -> Result<(String, Side, Side)> {
    if files::saved_kind(command.old.as_ref()).is_some() {
        let detail = "what was counted cannot be cut; give the archive".to_owned();
        return Err(Error::Saved { path: command.old.clone().into(), detail });
    }
    let before = Selection { until: Some(at.to_owned()), ..Selection::default() };
    selection::select(&before, true).map_err(|_| {
        mistake("--cut-at", format!("{at:?} is no time; write 2025-09-14T03:00:00Z, or a date such as 2025-09-14"))
    })?;
    let after = Selection { since: Some(at.to_owned()), ..Selection::default() };
    let name = format!("{} before {at}", old_name(command));
    // What is wrong with the archive is said once.
    let quiet = Talk { quiet: true, ..talk.clone() };
    Ok((name, analysed(&command.old, &before, command, &quiet)?, analysed(&command.old, &after, command, talk)?))
}

/// The time of the first entry of a revision.
fn first_of(command: &Diff, revision: &str, talk: &Talk) -> Result<String> {
    let quiet = Talk { quiet: true, ..talk.clone() };
    let whole = analysed(&command.old, &Selection::default(), command, &quiet)?.worklog;
    let spans = &whole.scope.revision_spans;
    let span = spans.iter().find(|span| span.name == revision || span.name.ends_with(&format!("-{revision}")));
    span.and_then(|span| span.first_seen).map(|first| first.to_string()).ok_or_else(|| {
        let known: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
        mistake("--cut-revision", format!("no entry is of revision {revision}; there are {}", known.join(", ")))
    })
}

fn entries(count: u64) -> String {
    format!("{count} {}", if count == 1 { "entry" } else { "entries" })
}

fn text(comparison: &Comparison, new: &Worklog) -> String {
    let counts: Vec<String> = comparison.counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let mut text = format!("Against {}: {}\n", visible(&comparison.baseline), counts.join(", ").replace('_', " "));
    for verdict in ["new", "up", "down", "not_observed", "steady"] {
        let of_it = |cluster: &&Cluster| cluster.delta.as_ref().is_some_and(|delta| delta.verdict == verdict);
        for cluster in new.clusters.iter().filter(of_it) {
            let Some(delta) = &cluster.delta else { continue };
            let rates = match verdict {
                "new" => format!("{}, {} per hour", entries(cluster.count), rate(delta.now_per_hour)),
                "not_observed" => format!("{}; the other side could not show it", entries(cluster.count)),
                _ => format!(
                    "{} -> {} per hour{}, {:+.1} standard deviations",
                    rate(delta.before_per_hour),
                    rate(delta.now_per_hour),
                    delta.ratio.map(|ratio| format!(" (x{ratio:.2})")).unwrap_or_default(),
                    // A hair below nought is nought.
                    if delta.z.abs() < 0.05 { 0.0 } else { delta.z }
                ),
            };
            let _ = writeln!(
                text,
                "{:<12} {}  {}: {rates}",
                verdict.replace('_', " "),
                cluster.id,
                visible(&cluster.title)
            );
        }
    }
    for gone in &comparison.absent {
        let state = gone.state.replace('_', " ");
        let _ = writeln!(text, "{state:<12} {}  {}: {}", gone.id, visible(&gone.title), visible(&gone.reason));
    }
    for note in &comparison.notes {
        let _ = writeln!(text, "note: {}", visible(note));
    }
    text
}
