//! Chunks in, the times of all entries out: what relative times count from.

use crate::collect::{Chunk, RecordReader, Settings, Sink};
use crate::examine::Times;
use crate::model::{LogEntry, Timestamp};

/// Notes the times of chunk after chunk.
pub(super) struct Search {
    reader: RecordReader,
    met: Met,
}

/// The minute that is being counted is held apart: entries mostly come in their order.
#[derive(Default)]
struct Met {
    count: u64,
    newest: Option<Timestamp>,
    times: Times,
}

impl Search {
    pub(super) fn new(settings: &Settings) -> Self {
        Self { reader: RecordReader::new(settings), met: Met::default() }
    }

    pub(super) fn take(&mut self, chunk: &Chunk) {
        self.reader.read(chunk, &mut self.met);
    }

    pub(super) fn finish(mut self) -> Times {
        self.met.close();
        self.met.times
    }
}

impl Met {
    fn close(&mut self) {
        if let Some(newest) = self.newest.take() {
            self.times.add(std::mem::take(&mut self.count), newest);
        }
    }
}

impl Sink for Met {
    fn entry(&mut self, entry: &LogEntry<'_>, _raw: &[u8], _offset: u64) {
        let Some(time) = entry.timestamp else { return };
        if self.newest.is_some_and(|newest| newest.minute() != time.minute()) {
            self.close();
        }
        self.count += 1;
        self.newest = self.newest.max(Some(time));
    }

    fn skip(&mut self, _offset: u64, _length: u64, _reason: &str) {}

    fn note(&mut self, _note: &str) {}
}
