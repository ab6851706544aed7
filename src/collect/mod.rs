//! Stage 1: archives in, log entries out.
//!
//! [`discover()`] finds the inputs, a [`Feed`] cuts them into [`Chunk`]s of whole records, and each worker's
//! [`RecordReader`] parses a chunk and hands every record to a [`Sink`], as an entry or as a skip.

mod discover;
mod open;
mod archive;
mod decode;
mod map;
#[cfg(unix)]
mod sigbus;
mod text;
mod shape;
mod foreign;
mod scan;
mod walk;
mod wide;
mod cut;
mod inputs;
mod feed;
mod chunk;
mod read;
mod parse;
mod layout;
mod literal;
mod sample;
mod vector;
mod repair;
mod envelope;
mod entry;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Laid, LogEntry};

pub use chunk::Chunk;
pub use discover::{Discovery, Source, discover, shown};
pub use feed::{Feed, Reports};
pub use inputs::Ranges;
pub use read::{RecordReader, parse_record};

/// How archives are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Map files into memory; otherwise they are read.
    pub mmap: bool,
    /// The size of a chunk, before it is extended to the next record.
    pub window_bytes: usize,
    /// A longer record is skipped, so that memory stays flat.
    pub max_record_bytes: usize,
    /// A compressed input is given up when it expands beyond this.
    pub max_expanded_bytes: u64,
    /// A compressed input is given up when it expands to more than this times its size.
    pub max_ratio: u64,
    /// How much of standard input is kept in a temporary file for the second look.
    pub spool_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mmap: true,
            window_bytes: 4 << 20,
            max_record_bytes: 64 << 20,
            max_expanded_bytes: 1 << 40,
            max_ratio: 500,
            spool_bytes: 16 << 30,
        }
    }
}

/// What became of one input; the members of an archive are inputs of their own (`a.tar.gz!dir/x.json`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputReport {
    /// The input, as it was given.
    pub path: Arc<str>,
    /// The shape found: `json array`, `ndjson`, ...
    pub format: Cow<'static, str>,
    /// `none`, `gzip`, `zstd`, ...
    pub compression: Cow<'static, str>,
    /// Size on disk in bytes.
    pub bytes: u64,
    /// Notes on the whole input.
    pub notes: BTreeSet<String>,
    /// What could not be read of the input as a whole: the offset and the reason.
    pub skips: Vec<(u64, String)>,
}

/// Takes what a [`RecordReader`] finds.
pub trait Sink {
    /// A log entry that is laid out like one seen before; false to be handed it by [`Sink::entry`].
    fn again(&mut self, _record: &Laid<'_>, _raw: &[u8], _offset: u64) -> bool {
        false
    }
    /// A log entry; `raw` is its record, which [`parse_record`] reads as the same entry.
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64);
    /// A record, or text between records, that could not be read.
    fn skip(&mut self, offset: u64, length: u64, reason: &str);
    /// A remark on the input of the chunk.
    fn note(&mut self, note: &str);
}
