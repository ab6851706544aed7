//! `analyze`: archives in, worklog out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, atomic::AtomicBool};

use log_gardener::analyze::{Analysis, Assignment, Plan, analyze, look_again, look_through, run_key};
use log_gardener::collect::{self, Discovery, discover};
use log_gardener::distill::{self, Held, Masker, Policy, Redactor, parse_trace, shorten_tags};
use log_gardener::error::{Error, Result};
use log_gardener::examine::{self, Enquiry, Moments, Neighbours, Shown, Surroundings, cluster};
use log_gardener::model::{Digest, Fingerprint, Making, Worklog};
use log_gardener::query::Query;
use log_gardener::report::visible_json;

use super::args::{Analyze, Talk};
use super::clock::Clock;
use super::conclude::Ending;
use super::flags::{Input, Look, Selection};
use super::memory::Memory;
use super::outcome::{Outcome, say, tell_of_inputs};
use super::progress::Progress;
use super::published::published;
use super::selection::{self, Selected};
use super::{files, follow_args, places, redactor, rules, signals};

/// Analyses archives and writes what was asked for.
pub fn run(command: &Analyze, talk: &Talk) -> Result<Outcome> {
    let ending = Ending::prepare(&command.output, &command.verdict, command.look.redact, command.input.jobs)?;
    ending.warn_of_states(&command.memory);
    let mut run = Run::prepare(&command.selection, &command.look, talk)?;
    let (memory, assignments) = (&command.memory, command.assignments.as_deref());
    let others = [("--ledger", memory.ledger.as_deref()), ("--assignments", assignments)];
    let archives = command.input.paths.iter().map(Path::new);
    places::refuse_clashes(&command.output, &others, archives.chain(read_besides(memory, &command.look)))?;
    // What cannot be written is refused before the archive is read, or as soon as the name is known.
    let refuse = |worklog: Option<&Worklog>| places::refuse_existing(&command.output, assignments, worklog);
    refuse(run.named(command.output.focus()).as_ref())?;
    let mut memory = Memory::open(&command.memory, &run)?;
    let wanted = Wanted {
        assignments: command.assignments.is_some(),
        focus: command.output.focus(),
        refuse: &|worklog| refuse(Some(worklog)),
    };
    let (worklog, analysis) = run.go_unless(&command.input, &memory, &wanted)?;
    let key = assignments.map(|_| run_key(&analysis.digest, command.input.jobs)).transpose()?;
    let outcome = ending.conclude(&worklog, &run, &mut memory, || {
        let (path, key) = (assignments?, key?);
        let lines = assignment_lines(&analysis.assignments, &worklog, &run.redactor);
        Some(files::Rendered { path: Some(path.to_owned()), text: shorten_tags(&lines, key.as_bytes()).into_owned() })
    })?;
    // The process ends here: the system takes back at once what would be given back piece by piece.
    std::mem::forget((worklog, analysis));
    Ok(outcome)
}

/// The files that are read besides archives.
pub fn read_besides<'a>(memory: &'a follow_args::Memory, look: &'a Look) -> impl Iterator<Item = &'a Path> {
    [&memory.baseline, &memory.known_issues, &look.rules].into_iter().flatten().map(PathBuf::as_path)
}

/// Everything that is decided before an archive is opened.
pub struct Run {
    selected: Selected,
    distill: distill::Settings,
    redactor: Redactor,
    examine: examine::Settings,
    making: Making,
    similarity: f64,
    quiet: bool,
    verbose: bool,
}

/// The inputs of a run, and how they are read.
struct Archive {
    discovery: Discovery,
    settings: collect::Settings,
    threads: usize,
    interrupted: Arc<AtomicBool>,
    progress: Progress,
    moved: Box<dyn Fn(u64, u64) + Sync>,
}

/// What becomes of what was read.
struct Wanted<'a> {
    /// Whether the cluster of each entry is listed.
    assignments: bool,
    focus: &'a str,
    /// Asked as soon as the time of the worklog is known.
    refuse: &'a dyn Fn(&Worklog) -> Result<()>,
}

/// What the counts alone tell.
struct Examined<'d> {
    digest: &'d Digest,
    worklog: Worklog,
    settings: examine::Settings,
}

/// What a limit of memory leaves to each thread.
struct ThreadShare {
    window_bytes: usize,
    held: Held,
}

/// A part of the limit is the result's; of the rest, each thread holds a window and what it has met.
fn share_of(limit: u64, jobs: usize) -> ThreadShare {
    let threads = if jobs > 0 { jobs } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let share = usize::try_from(limit).unwrap_or(usize::MAX) / 2 / threads;
    ThreadShare {
        window_bytes: (share / 16).clamp(256 << 10, 4 << 20),
        held: Held {
            texts: (share / 2_048).clamp(256, 65_536),
            patterns: (share / 32_768).clamp(64, 8_192),
            records: (share / 4).clamp(1 << 20, 64 << 20),
        },
    }
}

impl Run {
    /// Turns flags into settings; every mistake in them shows here.
    pub fn prepare(selection: &Selection, look: &Look, talk: &Talk) -> Result<Self> {
        let selected = selection::select(selection, talk.quiet)?;
        let policy = Policy::from(look.redact);
        let rules = look.rules.as_deref().map(rules::read).transpose()?;
        let mut masks = look.mask.clone();
        masks.extend(rules.iter().flat_map(|rules| rules.masks.clone()));
        let redactor = redactor::with_rules(policy, rules.as_ref())?;
        let named: BTreeSet<String> = masks.iter().map(|(name, regex)| format!("{name}={regex}")).collect();
        let examine = examine::Settings {
            rules,
            evaluate: rules::evaluate,
            min_severity: look.min_severity,
            now: selected.now(),
            filter: selection.filter.clone().unwrap_or_default(),
            samples: look.samples,
            similarity: look.similarity,
            masks: named.iter().cloned().collect(),
            policy: policy.name().to_owned(),
            ..examine::Settings::default()
        };
        Ok(Self {
            making: Making {
                redaction: policy.name().to_owned(),
                filter: redactor.redact(&examine.filter, &mut BTreeMap::new()).into_owned(),
                min_severity: look.min_severity,
                masks: named,
            },
            distill: distill::Settings {
                masker: Masker::new(&masks)?,
                min_severity: look.min_severity,
                query: Query::everything(),
                service: selection.service.clone(),
                held: Held::default(),
            },
            selected,
            redactor,
            examine,
            similarity: look.similarity,
            quiet: talk.quiet,
            verbose: talk.verbose > 0,
        })
    }

    /// What names files before anything is read, if the time of the worklog is given.
    pub fn named(&self, focus: &str) -> Option<Worklog> {
        let generated_at = self.selected.now();
        generated_at.map(|_| Worklog { focus: focus.to_owned(), generated_at, ..Worklog::default() })
    }

    /// Reads, counts, clusters and examines.
    pub fn go(
        &mut self,
        input: &Input,
        assignments: bool,
        focus: &str,
        memory: &Memory,
    ) -> Result<(Worklog, Analysis)> {
        self.go_unless(input, memory, &Wanted { assignments, focus, refuse: &|_| Ok(()) })
    }

    /// The same, unless it is refused.
    fn go_unless(&mut self, input: &Input, memory: &Memory, wanted: &Wanted<'_>) -> Result<(Worklog, Analysis)> {
        let mut clock = Clock::start();
        let archive = self.open(input)?;
        let plan = self.plan(&archive, wanted.assignments);
        let analysis = analyze(&archive.discovery, &plan)?;
        archive.progress.done();
        clock.stage("reading and counting");
        let examined = self.examined(&analysis.digest, wanted.focus);
        (wanted.refuse)(&examined.worklog)?;
        clock.stage("clustering and examining");
        let worklog = self.concluded(examined, memory, input.jobs, |moments| {
            let neighbours = look_again(&archive.discovery, &plan, &analysis.digest, moments)?;
            clock.stage("second look for context");
            Ok(neighbours)
        })?;
        clock.stage("judging and sealing");
        signals::writing_begins();
        if self.verbose {
            clock.say(&worklog);
        }
        Ok((worklog, analysis))
    }

    /// Reads and counts only.
    pub fn count(&mut self, input: &Input) -> Result<Digest> {
        let archive = self.open(input)?;
        let analysis = analyze(&archive.discovery, &self.plan(&archive, false))?;
        archive.progress.done();
        signals::writing_begins();
        Ok(analysis.digest)
    }

    /// Looks for what stands around moments, and counts nothing.
    pub fn look(&mut self, input: &Input, enquiry: &Enquiry) -> Result<Surroundings> {
        let archive = self.open(input)?;
        let surroundings = look_through(&archive.discovery, &self.plan(&archive, false), enquiry)?;
        archive.progress.done();
        signals::writing_begins();
        Ok(surroundings)
    }

    /// Finds the inputs, and settles what waits for their newest entry.
    fn open(&mut self, input: &Input) -> Result<Archive> {
        let mut settings = collect::Settings { mmap: !input.no_mmap, ..collect::Settings::default() };
        if let Some(limit) = input.memory_limit {
            let share = share_of(limit, input.jobs);
            settings.window_bytes = share.window_bytes;
            self.distill.held = share.held;
        }
        let progress = Progress::new(self.quiet);
        let bar = progress.mover();
        let archive = Archive {
            discovery: discover(&input.paths, &settings)?,
            settings,
            threads: input.jobs,
            interrupted: signals::watch(),
            moved: Box::new(move |done, total| {
                signals::reached(done);
                bar(done, total);
            }),
            progress,
        };
        let newest = self.selected.newest(&archive.discovery, &self.plan(&archive, false));
        archive.progress.done();
        self.examine.newest = newest?;
        (self.distill.query, self.examine.requested) = self.selected.query(self.examine.newest);
        Ok(archive)
    }

    fn plan<'a>(&'a self, archive: &'a Archive, assignments: bool) -> Plan<'a> {
        Plan {
            collect: archive.settings.clone(),
            distill: &self.distill,
            redactor: &self.redactor,
            threads: archive.threads,
            assignments,
            progress: &archive.moved,
            interrupted: &archive.interrupted,
        }
    }

    /// Clusters and examines what was counted elsewhere.
    pub fn judge(&self, digest: &Digest, focus: &str) -> Result<Worklog> {
        self.judge_with(digest, focus, &Memory::none(), |_| Ok(Neighbours::default()))
    }

    /// The same with what is known of other runs, and with what stands around the moments that are asked for.
    pub fn judge_with(
        &self,
        digest: &Digest,
        focus: &str,
        memory: &Memory,
        around: impl FnOnce(&Moments) -> Result<Neighbours<Shown>>,
    ) -> Result<Worklog> {
        self.concluded(self.examined(digest, focus), memory, 0, around)
    }

    /// Adds context and memory to what was examined, and seals it.
    fn concluded(
        &self,
        examined: Examined<'_>,
        memory: &Memory,
        jobs: usize,
        around: impl FnOnce(&Moments) -> Result<Neighbours<Shown>>,
    ) -> Result<Worklog> {
        let Examined { digest, mut worklog, settings } = examined;
        let moments = examine::moments(digest, &worklog);
        around(&moments)?.into_context(&moments, &mut worklog, parse_trace);
        examine::triage(&mut worklog, digest, &settings);
        memory.follow(&mut worklog, |worklog| examine::triage(worklog, digest, &settings));
        examine::settle(&mut worklog);
        published(worklog, digest, &self.redactor, jobs)
    }

    fn examined<'d>(&self, digest: &'d Digest, focus: &str) -> Examined<'d> {
        let groups = cluster::cluster(&digest.patterns, &cluster::Settings { similarity: self.similarity });
        let mut settings = examine::Settings { focus: focus.to_owned(), ..self.examine.clone() };
        if let Some(made) = &digest.made {
            settings.policy.clone_from(&made.redaction);
            settings.filter.clone_from(&made.filter);
            settings.masks = made.masks.iter().cloned().collect();
            settings.min_severity = made.min_severity;
        }
        Examined { digest, worklog: examine::examine(digest, &groups, &settings), settings }
    }

    /// What takes secrets out, and finds those that were left.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// How this run counts.
    pub fn making(&self) -> &Making {
        &self.making
    }

    /// What people typed, such as a path, without secrets.
    pub fn plain(&self, text: &str) -> String {
        self.redactor.redact(text, &mut BTreeMap::new()).into_owned()
    }

    /// Examines an archive that holds one entry alone.
    pub fn alone(&mut self, entry: &serde_json::Value) -> Result<(Digest, Worklog)> {
        let unwritable = |source| Error::Write { path: std::env::temp_dir(), source };
        let mut file = tempfile::NamedTempFile::new().map_err(unwritable)?;
        writeln!(file, "{entry}").map_err(unwritable)?;
        let input = Input { paths: vec![file.path().into()], no_mmap: true, jobs: 1, memory_limit: None };
        let (worklog, analysis) = self.go(&input, false, "example", &Memory::none())?;
        Ok((analysis.digest, worklog))
    }

    /// Says what could not be read, and what was written.
    pub fn talk_about(&self, worklog: &Worklog, rendered: &[files::Rendered]) {
        if self.quiet {
            return;
        }
        tell_of_inputs(worklog);
        for path in rendered.iter().filter_map(|output| output.path.as_ref()) {
            say(&format!("wrote {}", path.display()));
        }
    }
}

/// One NDJSON line for every analysed entry, in input order.
fn assignment_lines(assignments: &[Assignment], worklog: &Worklog, redactor: &Redactor) -> String {
    let clusters: BTreeMap<Fingerprint, &str> = worklog
        .clusters
        .iter()
        .flat_map(|cluster| cluster.fingerprints.iter().map(|fingerprint| (*fingerprint, cluster.id.as_str())))
        .collect();
    let mut uncounted = BTreeMap::new();
    let mut lines = String::new();
    for entry in assignments {
        let line = serde_json::json!({
            "path": redactor.redact(&entry.path, &mut uncounted),
            "index": entry.index,
            "insert_id": redactor.redact(&entry.insert_id, &mut uncounted),
            "cluster": clusters.get(&entry.fingerprint),
            "fingerprint": entry.fingerprint,
        });
        lines.push_str(&visible_json(line.to_string()));
        lines.push('\n');
    }
    lines
}
