//! What is typed about other runs, the ledger and the tracker: flags with their help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use log_gardener::model::Timestamp;

use super::flags::{Format, Look, file, one_of, threads};

/// What `analyze` knows of other runs and of the tracker.
#[derive(Args, Clone, Debug, Default)]
pub struct Memory {
    /// Remember across runs in this file: states, decisions, issues.
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file), help_heading = "Memory")]
    pub ledger: Option<PathBuf>,
    /// Compare with an earlier result (saved with --format json) or digest.
    #[arg(long, value_name = "FILE", help_heading = "Memory")]
    pub baseline: Option<PathBuf>,
    /// An export of the issue tracker (`issues export-cmd` prints how to make one).
    #[arg(long, value_name = "FILE", help_heading = "Memory")]
    pub known_issues: Option<PathBuf>,
    /// A label that issues get (repeatable).
    #[arg(long, value_name = "LABEL", help_heading = "Memory")]
    pub label: Vec<String>,
    /// Leave the ledger as it is.
    #[arg(long, help_heading = "Memory")]
    pub dry_run: bool,
}

impl Memory {
    /// Whether anything tells what is new and what was there before.
    pub fn knows_states(&self) -> bool {
        self.ledger.is_some() || self.baseline.is_some() || self.known_issues.is_some()
    }
}

/// `diff`.
#[derive(Args, Debug)]
pub struct Diff {
    /// The earlier result, digest or archive.
    #[arg(value_name = "OLD")]
    pub old: OsString,
    /// The later one; left out with --cut-at or --cut-revision.
    #[arg(value_name = "NEW", required_unless_present_any = ["cut_at", "cut_revision"])]
    pub new: Option<OsString>,
    /// Compare what is before this time in one archive with what follows.
    #[arg(long, value_name = "TIME", conflicts_with = "new", help_heading = "Cut")]
    pub cut_at: Option<String>,
    /// Compare what is before the first entry of this revision with what follows.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["new", "cut_at"], help_heading = "Cut")]
    pub cut_revision: Option<String>,
    /// How to look at archives.
    #[command(flatten)]
    pub look: Look,
    /// Read files instead of mapping them.
    #[arg(long, help_heading = "Input")]
    pub no_mmap: bool,
    /// Threads; 0 for all cores.
    #[arg(short, long, default_value_t = 0, value_name = "N", value_parser = threads, help_heading = "Input")]
    pub jobs: usize,
    /// Text, or the later result with the comparison in it as JSON.
    #[arg(long, value_name = "FORMAT", value_parser = one_of(&[Format::Txt, Format::Json]), default_value = "txt")]
    pub format: Format,
}

/// The ledger's file.
#[derive(Args, Clone, Debug)]
pub struct LedgerPath {
    /// The ledger.
    #[arg(long, value_name = "FILE", default_value = ".log-gardener/ledger.json", global = true)]
    pub ledger: PathBuf,
    /// Who decides this; stands in the notes.
    #[arg(long, value_name = "NAME", default_value = "", global = true)]
    pub by: String,
}

/// `ledger`.
#[derive(Args, Debug)]
pub struct Ledger {
    /// The ledger's file.
    #[command(flatten)]
    pub file: LedgerPath,
    /// What to do with it.
    #[command(subcommand)]
    pub command: LedgerCommand,
}

/// What can be done with a ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// List the clusters, or show one.
    Show {
        /// The cluster.
        id: Option<String>,
        /// Text or JSON.
        #[arg(long, value_name = "FORMAT", value_parser = one_of(&[Format::Txt, Format::Json]), default_value = "txt")]
        format: Format,
    },
    /// Say what is known about a cluster: expected, ignored, resolved, open; its priority, title or issue.
    Mark(MarkArguments),
    /// Make decisions and the issue of one cluster count for another.
    Merge {
        /// The cluster that follows the other.
        from: String,
        /// The cluster that decides.
        into: String,
    },
    /// Undo a merge, or take a fingerprint out of a cluster.
    Split {
        /// The cluster.
        id: String,
        /// The fingerprint to take out.
        fingerprint: Option<String>,
    },
    /// Make one more fingerprint mean a cluster.
    Alias {
        /// The cluster.
        id: String,
        /// The fingerprint (lg1:...).
        fingerprint: String,
    },
    /// What was seen of a cluster and decided about it, in the order of event time.
    History {
        /// The cluster.
        id: String,
    },
    /// Look for what does not fit together.
    Verify {
        /// Seal a file that was edited by hand on purpose.
        #[arg(long)]
        accept: bool,
    },
    /// Forget old runs, and clusters only they saw that nobody said anything about.
    Gc {
        /// How many of the newest runs to keep.
        #[arg(long, value_name = "N", default_value_t = 100)]
        keep: usize,
        /// Say what would go, and leave it.
        #[arg(long)]
        dry_run: bool,
    },
}

/// `ledger mark`.
#[derive(Args, Debug)]
#[group(skip)]
#[command(group(
    ArgGroup::new("what").required(true).multiple(true).args(["status", "priority", "unpin", "title", "issue", "unlink"])
))]
pub struct MarkArguments {
    /// The cluster.
    pub id: String,
    /// What it is.
    #[arg(value_enum)]
    pub status: Option<Status>,
    /// Why.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub reason: String,
    /// The event time from which expected or ignored no longer holds.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<Timestamp>,
    /// The rate per hour above which expected no longer holds.
    #[arg(long, value_name = "PER_HOUR")]
    pub max_rate: Option<f64>,
    /// When it was fixed; the newest entry the ledger knows of if left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<Timestamp>,
    /// The first revision with the fix.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub revision: String,
    /// Pin its priority.
    #[arg(long, value_name = "P0..P10")]
    pub priority: Option<String>,
    /// Leave its priority to triage again.
    #[arg(long, conflicts_with = "priority")]
    pub unpin: bool,
    /// Give it a title; an empty one takes it back.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Link it to an issue.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub issue: Option<u64>,
    /// Take the link to its issue away.
    #[arg(long, conflicts_with = "issue")]
    pub unlink: bool,
}

/// What a cluster can be marked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Status {
    /// Part of normal life, until its rate jumps or a time comes.
    Expected,
    /// Not to be looked at.
    Ignored,
    /// Fixed.
    Resolved,
    /// None of these any more.
    Open,
}

/// `issues`.
#[derive(Debug, Subcommand)]
pub enum Issues {
    /// Decide what to do in the tracker about each cluster of a result.
    Plan(PlanArguments),
    /// Write texts and a script for the tracker, to review; nothing is sent.
    Draft(DraftArguments),
    /// Take back what was done in the tracker, into the result and the ledger.
    Record(RecordArguments),
    /// Print the command that exports the tracker, for a machine with a network.
    ExportCmd {
        /// The repository.
        #[arg(long, value_name = "OWNER/NAME")]
        repo: String,
    },
}

/// `issues plan`.
#[derive(Args, Debug)]
pub struct PlanArguments {
    /// A result saved with --format json.
    #[arg(value_name = "MODEL.json")]
    pub model: PathBuf,
    /// An export of the issue tracker.
    #[arg(long, value_name = "FILE", required_unless_present = "empty_tracker")]
    pub known_issues: Option<PathBuf>,
    /// The tracker holds no issue yet; an empty export alone could be a failed one.
    #[arg(long, conflicts_with = "known_issues")]
    pub empty_tracker: bool,
    /// The ledger, for links and what was reported.
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// A label that issues get (repeatable).
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// Put the plan into MODEL.json.
    #[arg(long)]
    pub save: bool,
    /// Text, or the result with the plan in it as JSON.
    #[arg(long, value_name = "FORMAT", value_parser = one_of(&[Format::Txt, Format::Json]), default_value = "txt")]
    pub format: Format,
}

/// `issues draft`.
#[derive(Args, Debug)]
pub struct DraftArguments {
    /// A result with a plan, saved with --format json.
    #[arg(value_name = "MODEL.json")]
    pub model: PathBuf,
    /// Plan first, with this export of the issue tracker.
    #[arg(long, value_name = "FILE")]
    pub known_issues: Option<PathBuf>,
    /// Plan first; the tracker holds no issue yet.
    #[arg(long, conflicts_with = "known_issues")]
    pub empty_tracker: bool,
    /// The ledger, for links and what was reported.
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// A label that issues get (repeatable).
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// The repository.
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: String,
    /// The folder for the drafts.
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    pub folder: PathBuf,
    /// The rules the result was made with: what they allow to stand is no leak.
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// A folder with templates that replace the built-in ones of the same name.
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// Overwrite files that stand there.
    #[arg(long)]
    pub force: bool,
}

/// `issues record`.
#[derive(Args, Debug)]
pub struct RecordArguments {
    /// The result the drafts were made from.
    #[arg(value_name = "MODEL.json")]
    pub model: PathBuf,
    /// The log that apply.sh wrote, or lines by hand: LG-... NUMBER RESULT.
    #[arg(long, value_name = "FILE", required_unless_present = "result")]
    pub log: Option<PathBuf>,
    /// One result by hand: LG-...=NUMBER or LG-...=NUMBER:RESULT (repeatable).
    #[arg(long, value_name = "ID=NUMBER")]
    pub result: Vec<String>,
    /// The ledger that is to know.
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// The repository, for links.
    #[arg(long, value_name = "OWNER/NAME", default_value = "")]
    pub repo: String,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "a time such as 2025-09-14T03:00:00Z or 2025-09-14".to_owned())
}
