//! Chunks in, the time of the newest entry out: what relative times count from.

use crate::collect::{Chunk, RecordReader, Settings, Sink};
use crate::model::{LogEntry, Timestamp};

/// Finds the newest time in chunk after chunk.
pub(super) struct Search {
    reader: RecordReader,
    found: Newest,
}

#[derive(Default)]
struct Newest(Option<Timestamp>);

impl Search {
    pub(super) fn new(settings: &Settings) -> Self {
        Self { reader: RecordReader::new(settings), found: Newest::default() }
    }

    pub(super) fn take(&mut self, chunk: &Chunk) {
        self.reader.read(chunk, &mut self.found);
    }

    pub(super) fn found(&self) -> Option<Timestamp> {
        self.found.0
    }
}

impl Sink for Newest {
    fn entry(&mut self, entry: &LogEntry<'_>, _raw: &[u8], _offset: u64) {
        self.0 = self.0.max(entry.timestamp);
    }

    fn skip(&mut self, _offset: u64, _length: u64, _reason: &str) {}

    fn note(&mut self, _note: &str) {}
}
