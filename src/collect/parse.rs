//! One record's bytes in, its values out: the strict parser, its buffers reused from record to record.

use simd_json::{Buffers, INPUT_PADDING, Tape, fill_tape_padded};

use crate::model::Value;

/// How deep a record may nest for the strict parser; the tolerant path keeps deeper parts as text.
const DEPTH: usize = 128;

/// The strict parser of one worker.
pub(super) struct Parser {
    scratch: Vec<u8>,
    buffers: Buffers,
    tape: Tape<'static>,
}

impl Parser {
    pub(super) fn new() -> Self {
        Self { scratch: Vec::new(), buffers: Buffers::with_max_depth(4096, DEPTH), tape: Tape(Vec::new()) }
    }

    /// Parses one whole JSON value; it is unescaped in the worker's scratch, `text` stays as it is.
    pub(super) fn parse<R>(&mut self, text: &[u8], look: impl FnOnce(Value<'_>) -> R) -> Result<R, String> {
        self.scratch.clear();
        self.scratch.extend_from_slice(text);
        self.scratch.resize(text.len() + INPUT_PADDING, 0);
        let mut tape = std::mem::replace(&mut self.tape, Tape(Vec::new())).reset();
        let parsed = fill_tape_padded(&mut self.scratch, text.len(), &mut self.buffers, &mut tape);
        let result = parsed.map(|()| look(Value::new(&tape.0))).map_err(|error| reason(&error));
        self.tape = tape.reset();
        result
    }
}

/// The parser's reason without its positions, which are often wrong.
fn reason(error: &simd_json::Error) -> String {
    format!("not valid JSON ({:?})", error.error())
}
