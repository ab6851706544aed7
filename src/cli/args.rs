//! What is typed: commands and flags, with their help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, PathBufValueParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::flags::{Format, Input, Look, Output, Redact, Selection, Verdict, file, one_of};
use super::follow_args::{Diff, Issues, Ledger, Memory};

/// Finds what is broken in exported Google Cloud logs. Offline: no network, ever.
///
/// Reads what `gcloud logging read --format=json`, Logs Explorer and Cloud Storage sinks write, plain or compressed,
/// clusters the entries into issues and writes a worklog: what is broken, since when, how often, where, on which
/// revisions, and what to do next.
#[derive(Debug, Parser)]
#[command(
    name = "log-gardener",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 a --fail-on condition holds; 2 done, but input was skipped or partial; \
                  3 output not written; 4 usage, rule, template or filter error; 5 a secret would have leaked; \
                  130/143 stopped by a signal."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every command.
    #[command(flatten)]
    pub talk: Talk,
}

/// How much to say, and how.
#[derive(Args, Clone, Debug)]
pub struct Talk {
    /// Say nothing on stderr but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Talk")]
    pub quiet: bool,
    /// Say more: time by stage, rates, memory.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Talk")]
    pub verbose: u8,
    /// Colour of talk on a terminal (`NO_COLOR` is heeded).
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", help_heading = "Talk")]
    pub color: Colour,
    /// Defaults of flags: a TOML file with a key for each; `log-gardener init` writes one with comments.
    #[arg(long, global = true, env = "LOG_GARDENER_CONFIG", value_name = "FILE", value_parser = maybe_empty(), help_heading = "Talk")]
    pub config: Option<PathBuf>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On terminals, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Cluster the entries of archives into issues and write a worklog: the main job.
    #[command(after_help = "Examples:\n  \
        log-gardener analyze dump.json\n  \
        log-gardener analyze exports/ --output worklogs\n  \
        gcloud logging read ... --format=json | log-gardener analyze -\n  \
        log-gardener analyze dump.json.gz --service backend --format html > worklog.html\n  \
        log-gardener analyze dump.json --format json > model.json && log-gardener show model.json 1")]
    Analyze(Box<Analyze>),
    /// Say what is in archives, in one screen: window and gaps, severities, services, fields to filter by.
    #[command(after_help = "Examples:\n  \
        log-gardener inspect dump.json\n  \
        log-gardener inspect exports/ --freshness 2h --format json")]
    Inspect(Box<Inspect>),
    /// Count a shard of an archive and save the counts, to merge them elsewhere.
    #[command(after_help = "Examples:\n  \
        log-gardener digest shard-1/ -o shard-1.digest\n  \
        log-gardener digest shard-1/ --moments moments -o shard-1.context")]
    Digest(Box<MakeDigest>),
    /// Merge saved digests and report as analyze does. Copies of entries across digests are not found; what stands around
    /// entries is told once the shards were looked at for the second time.
    #[command(after_help = "Examples:\n  \
        log-gardener merge shard-*.digest > worklog.md\n\n\
        With what stands around the entries of clusters, as analyze tells it:\n  \
        log-gardener merge shard-*.digest --moments moments > /dev/null\n  \
        log-gardener digest shard-1/ --moments moments -o shard-1.context     (for each shard)\n  \
        log-gardener merge shard-*.digest shard-*.context > worklog.md")]
    Merge(Box<Merge>),
    /// Render a saved result through another template, without reading the archive again.
    #[command(after_help = "Example:\n  log-gardener render model.json --template postmortem.md")]
    Render(Render),
    /// Write a copy of archives without secrets and personal data (NDJSON), or check whether they hold any.
    #[command(after_help = "Examples:\n  \
        log-gardener redact dump.json > shareable.ndjson\n  \
        log-gardener redact --check exports/")]
    Redact(Redacting),
    /// Show one cluster of a saved result in full: by number, id or fingerprint.
    #[command(after_help = "Example:\n  log-gardener show model.json 1")]
    Show(Show),
    /// Say what changed between two results or archives, or before and after a time or revision in one archive.
    #[command(after_help = "Examples:\n  log-gardener diff monday.json tuesday.json\n  \
        log-gardener diff dump.json --cut-revision backend-00611-cr5")]
    Diff(Box<Diff>),
    /// Plan, draft and record what is done in the issue tracker; nothing is sent.
    #[command(subcommand)]
    Issues(Issues),
    /// Look at and decide about what is remembered across runs.
    Ledger(Ledger),
    /// List, export or check templates.
    #[command(subcommand)]
    Templates(Templates),
    /// Check a file of rules, judge its examples, explain what its rules do.
    #[command(subcommand)]
    Rules(Rules),
    /// Print the JSON Schema of what `--format json` prints.
    Schema {
        /// Of `analyze` and all that reads its results, or of `inspect`.
        #[arg(value_enum, default_value_t = Shape::Result)]
        of: Shape,
    },
    /// Write a commented configuration and rules file to start from.
    Init(Init),
    /// Print shell completions.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// `analyze`.
#[derive(Args, Debug)]
pub struct Analyze {
    /// Where to read from.
    #[command(flatten)]
    pub input: Input,
    /// Which entries count.
    #[command(flatten)]
    pub selection: Selection,
    /// How to look at them.
    #[command(flatten)]
    pub look: Look,
    /// Other runs and the tracker.
    #[command(flatten)]
    pub memory: Memory,
    /// Where results go.
    #[command(flatten)]
    pub output: Output,
    /// Write one line for every analysed entry, with its cluster, to this file (NDJSON).
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file), help_heading = "Output")]
    pub assignments: Option<PathBuf>,
    /// What decides the exit code.
    #[command(flatten)]
    pub verdict: Verdict,
}

/// `inspect`.
#[derive(Args, Debug)]
pub struct Inspect {
    /// Where to read from.
    #[command(flatten)]
    pub input: Input,
    /// Which entries count.
    #[command(flatten)]
    pub selection: Selection,
    /// How to look at them.
    #[command(flatten)]
    pub look: Look,
    /// What to print: one screen of text, or all of it as JSON.
    #[arg(long, value_enum, default_value_t = InspectFormat::Txt, value_name = "FORMAT", help_heading = "Output")]
    pub format: InspectFormat,
}

/// What `inspect` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InspectFormat {
    /// One screen of plain text.
    Txt,
    /// Everything, as JSON.
    Json,
}

/// `digest`.
#[derive(Args, Debug)]
pub struct MakeDigest {
    /// Where to read from.
    #[command(flatten)]
    pub input: Input,
    /// Which entries count.
    #[command(flatten)]
    pub selection: Selection,
    /// How to look at them.
    #[command(flatten)]
    pub look: Look,
    /// The second look: count nothing, but save what stands around the moments that `merge --moments` wrote. Give the
    /// flags of the digest; the filter does not apply to what stands around.
    #[arg(long, value_name = "MOMENTS", help_heading = "Input")]
    pub moments: Option<PathBuf>,
    /// The file to write.
    #[arg(short, long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file), help_heading = "Output")]
    pub output: PathBuf,
    /// Overwrite a file that stands there.
    #[arg(long, help_heading = "Output")]
    pub force: bool,
}

/// `merge`.
#[derive(Args, Debug)]
pub struct Merge {
    /// Files made by `log-gardener digest`: digests, and what stands around their moments.
    #[arg(required = true, value_name = "DIGEST")]
    pub digests: Vec<PathBuf>,
    /// Write the moments whose surroundings tell more, for `log-gardener digest --moments`.
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file), help_heading = "Output")]
    pub moments: Option<PathBuf>,
    /// The time that the worklog says it was generated at.
    #[arg(long, value_name = "TIME", help_heading = "Output")]
    pub now: Option<String>,
    /// How to look at them.
    #[command(flatten)]
    pub look: Look,
    /// Other runs and the tracker.
    #[command(flatten)]
    pub memory: Memory,
    /// What decides the exit code.
    #[command(flatten)]
    pub verdict: Verdict,
    /// Where results go.
    #[command(flatten)]
    pub output: Output,
}

/// `redact`.
#[derive(Args, Debug)]
pub struct Redacting {
    /// Files, folders, globs, or `-` for stdin; format and compression are found by content.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<OsString>,
    /// Which entries are copied or checked; spans back count from --now.
    #[command(flatten)]
    pub selection: Selection,
    /// Write here instead of stdout.
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    pub output: Option<PathBuf>,
    /// Overwrite a file that stands there.
    #[arg(long)]
    pub force: bool,
    /// Write no copy: list the entries that hold something, and exit with 5 if there is one.
    #[arg(long)]
    pub check: bool,
    /// How much to take out.
    #[arg(long, value_enum, default_value_t = Redact::On)]
    pub redact: Redact,
    /// A rules file; its [redact] section adds and allows (repeatable).
    #[arg(long, value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// Read files instead of mapping them.
    #[arg(long)]
    pub no_mmap: bool,
}

/// `render`.
#[derive(Args, Debug)]
pub struct Render {
    /// A result saved with --format json.
    #[arg(value_name = "MODEL.json")]
    pub model: PathBuf,
    /// The rules the result was made with: what they allow to stand is no leak.
    #[arg(long, value_name = "FILE", help_heading = "Redaction")]
    pub rules: Option<PathBuf>,
    /// Where results go.
    #[command(flatten)]
    pub output: Output,
}

/// `show`.
#[derive(Args, Debug)]
pub struct Show {
    /// A result saved with --format json.
    #[arg(value_name = "MODEL.json")]
    pub model: PathBuf,
    /// The cluster's number, id (LG-...) or one of its fingerprints (lg1:...).
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only the sample and context entries that match this filter, one JSON line each.
    #[arg(long, value_name = "LQL", num_args = 0..=1, default_missing_value = "")]
    pub entries: Option<String>,
    /// What to print.
    #[arg(long, value_name = "FORMAT", value_parser = one_of(&[Format::Md, Format::Json]), default_value = "md")]
    pub format: Format,
}

/// `templates`.
#[derive(Debug, Subcommand)]
pub enum Templates {
    /// The names of all templates.
    List,
    /// Write the built-in templates into a folder, to edit them there.
    Export {
        /// The folder.
        folder: PathBuf,
        /// Overwrite files that stand there.
        #[arg(long)]
        force: bool,
    },
    /// Compile the templates of a folder and render them once, to find mistakes.
    Check {
        /// The folder; the built-in ones without it.
        folder: Option<PathBuf>,
    },
}

/// `rules`.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Read a rules file and show every mistake in it.
    Check {
        /// The rules file.
        file: PathBuf,
    },
    /// Judge the examples that the rules of a file carry; exits with 1 if one behaves otherwise.
    Test {
        /// The rules file.
        file: PathBuf,
    },
    /// Show which rule did what to which cluster, and which conditions kept the others from it.
    #[command(after_help = "Example:\n  log-gardener rules explain rules.toml dump.json --cluster 1")]
    Explain {
        /// The rules file.
        file: PathBuf,
        /// Only this cluster: its number or id.
        #[arg(long, value_name = "ID")]
        cluster: Option<String>,
        /// Where to read from.
        #[command(flatten)]
        input: Input,
        /// Which entries count.
        #[command(flatten)]
        selection: Box<Selection>,
        /// How to look at them.
        #[command(flatten)]
        look: Box<Look>,
    },
}

/// `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// The folder to write to.
    #[arg(default_value = ".log-gardener")]
    pub folder: PathBuf,
    /// Overwrite files that stand there.
    #[arg(long)]
    pub force: bool,
}

/// What has a JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// What `analyze --format json` prints.
    Result,
    /// What `inspect --format json` prints.
    Inspect,
}

/// A path that may be empty, as a variable that is set to nothing is.
fn maybe_empty() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}
