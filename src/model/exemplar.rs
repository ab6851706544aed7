//! Entries kept as examples of their pattern, and the stack traces in them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{JsonText, KeptRecord, Timestamp};

/// Where a record stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The input, as it was given.
    pub path: String,
    /// Bytes from the start of the (decoded) input.
    pub offset: u64,
    /// The line of that byte, from 1.
    pub line: u64,
}

/// An entry kept as an example of its pattern: redacted, with what its text says beyond the pattern.
///
/// Ordered by time, then identity, then place; copies of one entry have the same time and identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exemplar {
    /// Event time.
    pub time: Option<Timestamp>,
    /// Stable hash of log name, time, insertId and message.
    pub hash: u64,
    /// Where it stands.
    pub source: Source,
    /// The length of the record in bytes.
    pub length: u64,
    /// The redacted LogEntry; absent until a Digest is sealed.
    #[serde(default)]
    pub entry: Option<JsonText>,
    /// The record as it stands in the input, while a Digest is not sealed; never written.
    #[serde(skip)]
    pub raw: Option<KeptRecord>,
    /// The redacted message.
    #[serde(default)]
    pub message: String,
    /// The stack trace in its text.
    #[serde(default)]
    pub exception: Option<Exception>,
    /// What it says about itself: hints, next steps, likely cause, declared impact, stage.
    #[serde(default)]
    pub embedded: BTreeMap<String, Vec<String>>,
    /// JSON found inside its message.
    #[serde(default)]
    pub unpacked: Option<JsonText>,
    /// Redactions made in it, by kind.
    #[serde(default)]
    pub redactions: BTreeMap<String, u64>,
}

impl Exemplar {
    /// What copies of one entry share.
    pub fn key(&self) -> (Option<Timestamp>, u64) {
        (self.time, self.hash)
    }
}

impl Eq for Exemplar {}

impl PartialOrd for Exemplar {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exemplar {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key()).then_with(|| self.source.cmp(&other.source))
    }
}

/// A stack trace: the innermost cause, its frames innermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// `KeyError`, `java.lang.IllegalStateException`, `panic`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says.
    pub message: String,
    /// `python`, `java`, `go`, `node`, `ruby`, `php`, `csharp`, `rust`, `dart`, `elixir`.
    pub language: String,
    /// Innermost frame first.
    pub frames: Vec<Frame>,
    /// The types of the exceptions around it, innermost first.
    pub chain: Vec<String>,
    /// Whether every line of it is an entry of its own: then it was put together from the entries around one.
    #[serde(default)]
    pub across_entries: bool,
}

/// One call in a stack trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// Source file, as the trace names it.
    pub file: String,
    /// Line in the file, if stated.
    pub line: Option<u64>,
    /// Function or method.
    pub function: String,
    /// Whether it belongs to the application rather than to a library or the runtime.
    pub in_app: bool,
}
