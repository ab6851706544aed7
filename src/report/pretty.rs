//! A value in, its JSON out, laid out for people: two blanks for each level, as `serde_json` does it, in fewer pieces.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// A comma, a line break and the blanks of as many levels as are written at once.
const BREAK: &[u8] = b",\n                                                                ";
const BLANKS: usize = 2;

/// What stands between the values.
#[derive(Default)]
struct Layout {
    level: usize,
    /// Whether the innermost object or list has a member.
    filled: bool,
}

impl Layout {
    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.level += 1;
        self.filled = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.level = self.level.saturating_sub(1);
        if self.filled {
            self.line(writer, true)?;
        }
        writer.write_all(bracket)
    }

    /// Starts a line, behind a comma unless it is the first or last one.
    fn line<W: ?Sized + Write>(&self, writer: &mut W, bare: bool) -> io::Result<()> {
        let mut piece = BREAK.get(usize::from(bare)..).unwrap_or_default();
        let mut left = usize::from(!bare) + 1 + self.level * BLANKS;
        while left > 0 {
            let (head, _) = piece.split_at(left.min(piece.len()));
            writer.write_all(head)?;
            left -= head.len();
            piece = BREAK.get(2..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.line(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.line(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    /// JSON that was kept as its text is laid out like the rest.
    fn write_raw_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment.trim_ascii();
        let mut is_first = false;
        while let Some(byte) = rest.bytes().next() {
            let is_end = matches!(byte, b'}' | b']');
            if is_first && !is_end {
                self.line(writer, true)?;
            }
            let (piece, after) = rest.split_at(end_of_piece(rest));
            match byte {
                b'{' | b'[' => self.open(writer, piece.as_bytes())?,
                b'}' | b']' => {
                    self.filled = !is_first;
                    self.close(writer, piece.as_bytes())?;
                }
                b',' => self.line(writer, false)?,
                b':' => writer.write_all(b": ")?,
                _ => writer.write_all(piece.as_bytes())?,
            }
            is_first = matches!(byte, b'{' | b'[');
            rest = after.trim_ascii_start();
        }
        Ok(())
    }
}

/// Where the string, word, number or mark ends that JSON begins with.
fn end_of_piece(json: &str) -> usize {
    let Some(inside) = json.strip_prefix('"') else {
        let marks = |at: char| matches!(at, '{' | '}' | '[' | ']' | ',' | ':') || at.is_ascii_whitespace();
        // A mark by itself is a piece.
        return json.find(marks).unwrap_or(json.len()).max(1);
    };
    let mut at = 0;
    while let Some(next) = inside.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest.as_bytes())) {
        at += next;
        if inside.as_bytes().get(at) == Some(&b'"') {
            return at + 2;
        }
        at += 2;
    }
    json.len()
}

/// The JSON of a value whose keys are all strings; nothing for any other.
pub(super) fn pretty(value: &impl Serialize) -> Option<String> {
    let mut bytes = Vec::with_capacity(1 << 16);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Layout::default())).ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::model::JsonText;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,9}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-c\"\\\\{,é\n]{0,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_laid_out_as_by_serde_json(value in json()) {
            let expected = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(pretty(&JsonText::from(&value)).unwrap(), &*expected);
            prop_assert_eq!(pretty(&[JsonText::from(&value)]).unwrap(), serde_json::to_string_pretty(&[&value]).unwrap());
            prop_assert_eq!(pretty(&value).unwrap(), expected);
        }
    }

    #[test]
    fn deep_values_are_laid_out_alike() {
        let deep = (0..100).fold(Value::from(1), |inner, _| serde_json::json!([{ "a": inner }, []]));
        assert_eq!(pretty(&deep).unwrap(), serde_json::to_string_pretty(&deep).unwrap());
    }
}
