//! One record's bytes in, its values out: by its layout if that is known, else by the strict parser; their buffers are
//! reused from record to record.

use simd_json::{Buffers, INPUT_PADDING, Tape, fill_tape_padded};

use super::layout::Layouts;
use crate::model::{Laid, LayoutId, Value};

/// How deep a record may nest for the strict parser; the tolerant path keeps deeper parts as text.
const DEPTH: usize = 128;

/// The parser of one worker.
pub(super) struct Parser {
    layouts: Layouts,
    strict: Strict,
}

/// The strict parser alone, which knows no layouts.
pub(super) struct Strict {
    scratch: Vec<u8>,
    buffers: Buffers,
    tape: Tape<'static>,
}

impl Parser {
    pub(super) fn new() -> Self {
        Self::knowing(Layouts::new())
    }

    /// Starts anew with the layouts met so far.
    pub(super) fn renew(&mut self) {
        let layouts = std::mem::replace(&mut self.layouts, Layouts::new());
        *self = Self::knowing(layouts);
    }

    fn knowing(layouts: Layouts) -> Self {
        Self { layouts, strict: Strict::new() }
    }

    /// Finds the layout of a record, if it is one met before; its literals are held until the next one is looked for.
    pub(super) fn find<'t>(&mut self, text: &'t [u8]) -> Option<(LayoutId, &'t str)> {
        let record = simdutf8::basic::from_utf8(text).ok()?;
        self.find_first(record).filter(|(_, found)| found.len() == record.len())
    }

    /// The same for the record that a text starts with.
    pub(super) fn find_first<'t>(&mut self, text: &'t str) -> Option<(LayoutId, &'t str)> {
        let (layout, end) = self.layouts.find(text)?;
        Some((layout, text.get(..end)?))
    }

    /// The record that was found last.
    pub(super) fn laid<'a>(&'a self, (layout, record): (LayoutId, &'a str)) -> Laid<'a> {
        self.layouts.laid(layout, record)
    }

    /// Whether a key stands twice in the records of a layout.
    pub(super) fn repeats_a_key(&self, layout: LayoutId) -> bool {
        self.layouts.repeats_a_key(layout)
    }

    /// Reads the record that was found last.
    pub(super) fn read<R>(
        &mut self,
        found: (LayoutId, &str),
        look: impl for<'a> FnOnce(Value<'a>, Option<Laid<'a>>) -> R,
    ) -> R {
        let mut tape = std::mem::replace(&mut self.strict.tape, Tape(Vec::new())).reset();
        let laid = self.layouts.laid(found.0, found.1);
        self.layouts.write(laid, &mut tape.0);
        let result = look(Value::new(&tape.0), Some(laid));
        self.strict.tape = tape.reset();
        result
    }

    /// Parses one whole JSON value strictly and learns its layout; `text` stays as it is.
    pub(super) fn parse<R>(&mut self, text: &[u8], look: impl FnOnce(Value<'_>) -> R) -> Result<R, String> {
        self.strict.parse(text, |value| {
            self.layouts.learn(text, value.nodes());
            look(value)
        })
    }
}

impl Strict {
    pub(super) fn new() -> Self {
        Self { scratch: Vec::new(), buffers: Buffers::with_max_depth(4096, DEPTH), tape: Tape(Vec::new()) }
    }

    /// Parses one whole JSON value; `text` stays as it is.
    pub(super) fn parse<R>(&mut self, text: &[u8], look: impl FnOnce(Value<'_>) -> R) -> Result<R, String> {
        let mut tape = std::mem::replace(&mut self.tape, Tape(Vec::new())).reset();
        // It unescapes in place.
        self.scratch.clear();
        self.scratch.extend_from_slice(text);
        self.scratch.resize(text.len() + INPUT_PADDING, 0);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    /// What a parser reads, node by node.
    fn nodes(parser: &mut Parser, text: &[u8]) -> Result<(String, bool), String> {
        match parser.find(text) {
            Some(found) => Ok(parser.read(found, |value, _| (format!("{:?}", value.nodes()), true))),
            None => parser.parse(text, |value| (format!("{:?}", value.nodes()), false)),
        }
    }

    /// What simd-json alone reads.
    fn strict(text: &[u8]) -> Option<String> {
        let mut bytes = text.to_vec();
        simd_json::to_tape(&mut bytes).ok().map(|tape| format!("{:?}", tape.0))
    }

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<u64>().prop_map(Json::from),
            (-1_000i64..1_000).prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            (-1_000i32..1_000, 1i32..100).prop_map(|(whole, part)| Json::from(f64::from(whole) / f64::from(part))),
            "\\PC{0,40}".prop_map(Json::from),
            "[ -~\n\"\\\\\u{1F511}]{0,40}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec(("[a-c\"é]{0,2}", inner), 0..4)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Another record of the same layout: its texts and numbers are those of `other` in turn.
    fn refilled(value: &Json, other: &mut impl Iterator<Item = Json>) -> Json {
        match value {
            Json::Array(items) => items.iter().map(|item| refilled(item, other)).collect(),
            Json::Object(members) => {
                Json::Object(members.iter().map(|(key, item)| (key.clone(), refilled(item, other))).collect())
            }
            leaf => other.next().unwrap_or_else(|| leaf.clone()),
        }
    }

    fn print(value: &Json, pretty: bool) -> Vec<u8> {
        if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) }.unwrap()
    }

    proptest! {
        #[test]
        fn a_known_layout_is_read_as_the_strict_parser_reads_it(
            records in prop::collection::vec(json(), 1..4),
            leaves in prop::collection::vec(json(), 0..30),
            pretty in any::<bool>(),
        ) {
            let mut parser = Parser::new();
            let records: Vec<Json> = records.into_iter().map(|record| serde_json::json!({ "a": record })).collect();
            let mut leaves = leaves.into_iter().filter(|leaf| !leaf.is_object() && !leaf.is_array());
            for record in &records {
                for record in [record.clone(), record.clone(), refilled(record, &mut leaves)] {
                    let text = print(&record, pretty);
                    let read = nodes(&mut parser, &text).unwrap();
                    prop_assert_eq!(Some(read.0), strict(&text), "{}", record);
                }
            }
        }

        #[test]
        fn a_broken_record_of_a_known_layout_is_judged_by_the_strict_parser(
            record in json(), at in any::<prop::sample::Index>(), byte in any::<u8>(), kind in 0..3,
        ) {
            let mut parser = Parser::new();
            let mut text = print(&serde_json::json!({ "a": record, "b": "text", "c": 17, "d": 1.5 }), false);
            nodes(&mut parser, &text).unwrap();
            let at = at.index(text.len());
            match kind {
                0 => text[at] = byte,
                1 => text.insert(at, byte),
                _ => text.truncate(at),
            }
            let read = nodes(&mut parser, &text).ok().map(|read| read.0);
            prop_assert_eq!(read, strict(&text), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn the_second_record_of_a_layout_is_known() {
        let mut parser = Parser::new();
        let first = br#"{"severity":"INFO","n":12,"list":[1.25,true],"empty":{},"text":"a\nb","last":null}"#;
        let second =
            br#"{"severity":"ERROR","n":-3,"list":[7.5,false],"empty":{},"text":"\u00e9\ud83d\udd11\"","last":1}"#;
        assert!(!nodes(&mut parser, first).unwrap().1);
        let (read, known) = nodes(&mut parser, second).unwrap();
        assert!(known);
        assert_eq!(Some(read), strict(second));
    }

    #[test]
    fn archives_without_repeated_layouts_stop_being_looked_up() {
        let mut parser = Parser::new();
        for number in 0..40_000 {
            let text = format!(r#"{{"a":{{"key{number}":"x"}}}}"#);
            assert!(!nodes(&mut parser, text.as_bytes()).unwrap().1);
        }
    }
}
