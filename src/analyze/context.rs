//! The second, narrow look: moments worth it in, the entries around them out.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::seal;
use crate::collect::{Chunk, RecordReader, Sink, parse_record};
use crate::distill::{Distiller, Redactor, goes_on, indented, unpacked};
use crate::examine::{Facts, Moments, Neighbours, Shown};
use crate::model::{JsonText, LogEntry, Payload};
use crate::query::respell;

/// Looks through chunk after chunk for neighbours of the moments.
pub(super) struct Looker<'p> {
    distiller: Distiller<'p>,
    reader: RecordReader,
    offering: Offering<'p>,
}

/// Where the entries that are read again go.
struct Offering<'p> {
    moments: &'p Moments,
    neighbours: Neighbours<Arc<[u8]>>,
}

/// A chunk's records on their way to the moments.
struct Looking<'a, 'p> {
    distiller: &'a mut Distiller<'p>,
    offering: &'a mut Offering<'p>,
}

impl<'p> Looker<'p> {
    pub(super) fn new(distiller: Distiller<'p>, reader: RecordReader, moments: &'p Moments) -> Self {
        Self { distiller, reader, offering: Offering { moments, neighbours: Neighbours::default() } }
    }

    pub(super) fn take(&mut self, chunk: &Chunk) {
        let mut looking = Looking { distiller: &mut self.distiller, offering: &mut self.offering };
        self.reader.read(chunk, &mut looking);
    }

    /// The records of the neighbours, as they stand in the inputs.
    pub(super) fn finish(self) -> Neighbours<Arc<[u8]>> {
        self.offering.neighbours
    }
}

impl Sink for Looking<'_, '_> {
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], _offset: u64) {
        let Some(time) = entry.timestamp.filter(|time| self.offering.moments.reaches(*time)) else { return };
        let identified = self.distiller.identify(entry);
        let said = if let Payload::Text(text) = entry.payload { text } else { &identified.reading.text };
        let facts = Facts {
            time,
            trace: entry.trace,
            instance: identified.reading.instance,
            module: identified.module,
            function: identified.function,
            severity: identified.reading.severity,
            fingerprint: identified.fingerprint,
            hash: identified.identity,
            goes_on: goes_on(said),
        };
        let Offering { moments, neighbours, .. } = self.offering;
        neighbours.offer(moments, &facts, raw);
    }

    fn skip(&mut self, _offset: u64, _length: u64, _reason: &str) {}

    fn note(&mut self, _note: &str) {}
}

/// An entry, its message and the JSON that was inside of it, redacted.
pub(super) fn show(record: &[u8], redactor: &Redactor) -> Shown {
    let mut entry = serde_json::from_slice(record).unwrap_or(Value::Null);
    respell(&mut entry);
    seal::redact(&mut entry, redactor, &mut BTreeMap::new());
    let (message, unpacked) = parse_record(record, unpacked).unwrap_or_default();
    let message = redactor.redact_message(&indented(&message));
    let unpacked = unpacked.map(|unpacked| JsonText::from(&seal::unpacked(unpacked, redactor)));
    Shown { entry: JsonText::from(&entry), message, unpacked }
}
