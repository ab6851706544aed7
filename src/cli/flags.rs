//! Flags that several commands take, with their help, and what may stand behind them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use log_gardener::model::Severity;

/// Where to read from and how.
#[derive(Args, Clone, Debug)]
pub struct Input {
    /// Files, folders, globs, or `-` for stdin; format and compression are found by content.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<OsString>,
    /// Read files instead of mapping them.
    #[arg(long, help_heading = "Input")]
    pub no_mmap: bool,
    /// Threads; 0 for all cores.
    #[arg(short, long, default_value_t = 0, value_name = "N", value_parser = threads, help_heading = "Input")]
    pub jobs: usize,
    /// Stay below about this much memory, such as 200M or 1G, where that costs time alone: the result is the same. At
    /// least 32M: the program takes half of that before it reads anything.
    #[arg(long, value_name = "SIZE", value_parser = memory_limit, help_heading = "Input")]
    pub memory_limit: Option<u64>,
}

/// Which entries count.
#[derive(Args, Clone, Debug, Default)]
pub struct Selection {
    /// Entries that match this filter of Google's Logging query language.
    #[arg(long, value_name = "LQL", allow_hyphen_values = true, help_heading = "Filter")]
    pub filter: Option<String>,
    /// Entries at or after this time: RFC 3339, a date, or a span back from the newest entry such as 2h or 3d.
    #[arg(long, value_name = "TIME", conflicts_with = "freshness", help_heading = "Filter")]
    pub since: Option<String>,
    /// Entries before this time.
    #[arg(long, value_name = "TIME", help_heading = "Filter")]
    pub until: Option<String>,
    /// Entries of the last span, such as 1d, counted back from the newest entry (or from --now).
    #[arg(long, value_name = "SPAN", help_heading = "Filter")]
    pub freshness: Option<String>,
    /// Entries of this service, job, function, container, queue, ... as `inspect` and worklogs name it.
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    pub service: Option<String>,
    /// The time that relative times count from, and that the worklog says it was generated at.
    #[arg(long, value_name = "TIME", help_heading = "Filter")]
    pub now: Option<String>,
}

/// What to keep out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Redact {
    /// Secrets and personal data.
    On,
    /// Also IP addresses, user ids and host names.
    Strict,
    /// Nothing; the leak gate is off as well.
    Off,
}

/// How to cluster, triage and redact.
#[derive(Args, Clone, Debug)]
pub struct Look {
    /// Entries below this severity are counted, but form no clusters.
    #[arg(long, value_name = "SEVERITY", default_value = "NOTICE", value_parser = severity, help_heading = "Clusters")]
    pub min_severity: Severity,
    /// How alike patterns must be to join: 0 joins much, 1 joins nothing.
    #[arg(long, value_name = "0..1", default_value_t = 0.5, value_parser = share, help_heading = "Clusters")]
    pub similarity: f64,
    /// An additional mask: what matches REGEX becomes <NAME> (repeatable).
    #[arg(long, value_name = "NAME=REGEX", value_parser = mask, help_heading = "Clusters")]
    pub mask: Vec<(String, String)>,
    /// How many samples a cluster shows.
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Clusters")]
    pub samples: usize,
    /// A rules file: titles, priorities, flows, what is expected, what to do.
    #[arg(long, value_name = "FILE", help_heading = "Triage")]
    pub rules: Option<PathBuf>,
    /// Keep secrets and personal data out of all that is kept.
    #[arg(long, value_enum, default_value_t = Redact::On, help_heading = "Redaction")]
    pub redact: Redact,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            min_severity: Severity::Notice,
            similarity: 0.5,
            mask: Vec::new(),
            samples: 3,
            rules: None,
            redact: Redact::On,
        }
    }
}

/// Where results go, and in which form.
#[derive(Args, Clone, Debug)]
pub struct Output {
    /// What to print: the worklog as Markdown or HTML, the result as JSON, clusters as CSV, one screen of text.
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<Format>,
    /// A template by name or file, and where its output goes (repeatable).
    #[arg(short, long, value_name = "TEMPLATE[:OUT]", help_heading = "Output")]
    pub template: Vec<String>,
    /// Write files into this folder instead of printing: the worklog and the result, named after the focus and the
    /// time of the newest entry (or --now).
    #[arg(short = 'o', long = "output", value_name = "DIR", value_parser = PathBufValueParser::new().try_map(folder), help_heading = "Output")]
    pub folder: Option<PathBuf>,
    /// Put the worklog into this Markdown file; what people wrote in it between our sections stays.
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file), help_heading = "Output")]
    pub update: Option<PathBuf>,
    /// Overwrite files that stand there; without it they are refused before anything is read, or, where the name holds
    /// the time of the newest entry, as soon as that is known.
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// What the worklog is about, `latest` if nothing is said; part of its title and file name.
    #[arg(long, value_name = "TEXT", help_heading = "Output")]
    pub focus: Option<String>,
    /// A folder with templates that replace the built-in ones of the same name.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub templates: Option<PathBuf>,
}

impl Output {
    /// What the worklog is about.
    pub fn focus(&self) -> &str {
        self.focus.as_deref().unwrap_or("latest")
    }
}

/// What decides the exit code besides failures.
#[derive(Args, Clone, Debug)]
pub struct Verdict {
    /// Exit with 1 if a cluster meets this: 'priority<=P1', 'state in (new,regressed) && severity>=ERROR'.
    #[arg(long, value_name = "CONDITION", help_heading = "Output")]
    pub fail_on: Option<String>,
    /// Write nothing if any input was skipped or partial.
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
}

/// What a result is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The worklog as Markdown.
    Md,
    /// The worklog as one HTML page that opens offline.
    Html,
    /// The result as JSON.
    Json,
    /// The clusters as CSV.
    Csv,
    /// One screen of plain text.
    Txt,
}

/// The formats of a command that prints some of them only.
pub fn one_of(formats: &'static [Format]) -> impl TypedValueParser<Value = Format> {
    let names = formats.iter().filter_map(ValueEnum::to_possible_value);
    PossibleValuesParser::new(names).try_map(|name| Format::from_str(&name, false))
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Severity::ALL.iter().map(|severity| severity.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

/// The least limit of memory; below it nothing could be kept smaller.
const LEAST_MEMORY: u64 = 32 << 20;

/// A limit of memory in bytes; K, M and G are powers of 1024.
fn memory_limit(text: &str) -> Result<u64, String> {
    let wrong = || "a number of bytes such as 200M or 1G".to_owned();
    let text = text.trim().trim_end_matches(['B', 'b']).trim_end_matches(['i']);
    let (digits, power) = match text.char_indices().last() {
        Some((at, 'K' | 'k')) => (text.get(..at), 10),
        Some((at, 'M' | 'm')) => (text.get(..at), 20),
        Some((at, 'G' | 'g')) => (text.get(..at), 30),
        _ => (Some(text), 0),
    };
    let number: u64 = digits.unwrap_or_default().trim().parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(1 << power).ok_or_else(wrong)?;
    if bytes < LEAST_MEMORY { Err("at least 32M".to_owned()) } else { Ok(bytes) }
}

/// Threads cost memory each, so there are not more than any machine makes use of.
pub fn threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number <= 1_024).ok_or_else(|| "a number from 0 to 1024".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "a number from 0 to 1".to_owned())
}

/// A folder for results; elsewhere `-` stands for stdout, so here it is a slip.
fn folder(path: PathBuf) -> Result<PathBuf, &'static str> {
    if path.as_os_str() == "-" { Err("this names a folder; without --output everything is printed") } else { Ok(path) }
}

/// A file that is written; `-` would be a file of that name.
pub fn file(path: PathBuf) -> Result<PathBuf, &'static str> {
    if path.as_os_str() == "-" { Err("this names a file; only results without one are printed") } else { Ok(path) }
}

fn mask(text: &str) -> Result<(String, String), String> {
    let (name, regex) = text.split_once('=').ok_or("NAME=REGEX")?;
    let plain = !name.is_empty() && name.chars().all(|character| character.is_ascii_lowercase() || character == '_');
    if plain {
        Ok((name.to_owned(), regex.to_owned()))
    } else {
        Err("a NAME in lower-case letters before the =".to_owned())
    }
}
