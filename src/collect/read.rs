//! A chunk in, its log entries out: records are cut, parsed, and handed to a sink with their place.

use super::{
    Chunk, Settings, Sink, entry,
    parse::Parser,
    scan::{Scan, Scanner},
    shape::Shape,
};
use crate::model::{LogEntry, Value};

/// Reads chunks; one per worker, with the buffers it reuses.
pub struct RecordReader {
    parser: Parser,
    scanner: Scanner,
}

impl RecordReader {
    /// A reader with empty buffers.
    pub fn new(_settings: &Settings) -> Self {
        Self { parser: Parser::new(), scanner: Scanner::default() }
    }

    /// Reads every record of a chunk: each is one entry or one skip.
    pub fn read(&mut self, chunk: &Chunk, sink: &mut impl Sink) {
        let bytes = chunk.bytes();
        match &*chunk.shape {
            Shape::Lines { finder } => {
                let mut start = 0;
                while start < bytes.len() {
                    let end = next_line_start(bytes, start, finder);
                    self.segment(bytes.get(start..end).unwrap_or_default(), chunk.from() + start as u64, sink);
                    start = end;
                }
            }
            Shape::Stream => self.walk(bytes, chunk.from(), sink),
        }
    }

    fn segment(&mut self, segment: &[u8], base: u64, sink: &mut impl Sink) {
        let text = trim_record(segment);
        let offset = base + (segment.len() - segment.trim_ascii_start().len()) as u64;
        if text.first() == Some(&b'{') {
            let read = self.parser.parse(text, |record| deliver(record, text, offset, sink));
            if read.is_ok() {
                return;
            }
        }
        self.walk(segment, base, sink);
    }

    /// Goes from object to object; what stands between them and is no separator is skipped.
    fn walk(&mut self, bytes: &[u8], base: u64, sink: &mut impl Sink) {
        let (mut at, mut junk) = (0, None);
        while at < bytes.len() {
            let byte = bytes.get(at).copied().unwrap_or_default();
            if byte == b'{'
                && let Scan::End(stop) = self.scanner.object(bytes, at)
            {
                if let Some(from) = junk.take() {
                    skip_junk(sink, from, at, base);
                }
                let text = bytes.get(at..stop).unwrap_or_default();
                let offset = base + at as u64;
                if let Err(reason) = self.parser.parse(text, |record| deliver(record, text, offset, sink)) {
                    sink.skip(offset, (stop - at) as u64, &reason);
                }
                at = stop;
                continue;
            }
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b'[' | b']') {
                junk.get_or_insert(at);
            }
            at += 1;
        }
        if let Some(from) = junk {
            skip_junk(sink, from, bytes.len(), base);
        }
    }
}

fn skip_junk(sink: &mut impl Sink, from: usize, to: usize, base: u64) {
    sink.skip(base + from as u64, (to - from) as u64, "not a JSON record");
}

fn deliver(record: Value<'_>, raw: &[u8], offset: u64, sink: &mut impl Sink) {
    match entry::read(record) {
        Some(entry) => sink.entry(&entry, raw, offset),
        None => sink.skip(offset, raw.len() as u64, "not a log entry"),
    }
}

/// Where the next record starts that stands at the start of a line like the first one of the input.
fn next_line_start(bytes: &[u8], start: usize, finder: &memchr::memmem::Finder<'static>) -> usize {
    bytes.get(start..).and_then(|rest| finder.find(rest)).map_or(bytes.len(), |found| start + found + 1)
}

/// The record of a segment without what stands around it: blanks, the comma, the end of the array.
fn trim_record(segment: &[u8]) -> &[u8] {
    let text = segment.trim_ascii();
    let text = text.strip_suffix(b",").unwrap_or(text).trim_ascii_end();
    match text.strip_suffix(b"]") {
        Some(inner) if inner.trim_ascii_end().ends_with(b"}") => inner.trim_ascii_end(),
        _ => text,
    }
}

/// Reads one record again, as a [`RecordReader`] handed it to its sink.
pub fn parse_record<R>(raw: &[u8], look: impl FnOnce(&LogEntry<'_>) -> R) -> Result<R, String> {
    Parser::new().parse(raw, |record| {
        entry::read(record).map(|entry| look(&entry)).ok_or_else(|| "not a log entry".to_owned())
    })?
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::collect::{Feed, discover};

    #[derive(Default)]
    struct Seen {
        entries: Vec<(u64, String)>,
        skips: Vec<(u64, u64, String)>,
    }

    impl Sink for Seen {
        fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
            let again = parse_record(raw, |entry| entry.insert_id.to_owned()).unwrap();
            assert_eq!(again, entry.insert_id);
            self.entries.push((offset, again));
        }
        fn skip(&mut self, offset: u64, length: u64, reason: &str) {
            self.skips.push((offset, length, reason.to_owned()));
        }
        fn note(&mut self, _note: &str) {}
    }

    fn read(bytes: &[u8], window_bytes: usize) -> Seen {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().write_all(bytes).unwrap();
        let settings = Settings { window_bytes, ..Settings::default() };
        let found = discover(&[file.path().to_str().unwrap().to_owned()], &settings).unwrap();
        let mut feed = Feed::new(found, settings.clone());
        let mut reader = RecordReader::new(&settings);
        let mut seen = Seen::default();
        while let Some(chunk) = feed.next_chunk() {
            reader.read(&chunk, &mut seen);
        }
        seen
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    const PRETTY: &str = "[\n  {\n    \"insertId\": \"a\",\n    \"labels\": {\n      \"x\": \"{\"\n    }\n  },\n  {\n    \"insertId\": \"b\"\n  }\n]\n";
    const LINES: &str = "{\"insertId\":\"a\",\"x\":{\"y\":1}}\n{\"insertId\":\"b\"}\n";

    #[test]
    fn every_form_gives_its_entries_whatever_the_chunk_size() {
        let compact = r#"[{"insertId":"a"},{"insertId":"b"}]"#;
        for text in [PRETTY, LINES, compact] {
            let offsets = [text.find('{').unwrap() as u64, text.rfind('{').unwrap() as u64];
            for window_bytes in 1..=text.len() {
                let seen = read(text.as_bytes(), window_bytes);
                assert_eq!(seen.entries, [(offsets[0], "a".to_owned()), (offsets[1], "b".to_owned())], "{text}");
                assert!(seen.skips.is_empty(), "{:?}", seen.skips);
            }
            let mut members = gzip(text.as_bytes());
            members.extend(gzip(b"\n"));
            assert_eq!(read(&members, 64).entries.len(), 2);
        }
    }
}
