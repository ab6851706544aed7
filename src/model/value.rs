//! A parsed record in, its JSON values out: a borrowed view over simd-json's tape, no tree, no copies.

use simd_json::{Node, StaticNode};

use super::Timestamp;

/// One JSON value of a parsed record, borrowed from the tape that holds it.
///
/// Of duplicate keys the last one wins, on the strict and the tolerant path alike.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    nodes: &'a [Node<'a>],
}

/// Up to so many members are compared each with each, which takes no memory.
const FEW_MEMBERS: usize = 24;

/// A JSON number as the tape holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A negative integer, or one that fits.
    Signed(i64),
    /// An integer above `i64::MAX`.
    Unsigned(u64),
    /// Anything else; integers beyond 64 bits lose digits here (samples keep them).
    Float(f64),
}

impl Number {
    /// The number as a double, as the query language compares it.
    #[expect(clippy::cast_precision_loss, reason = "the query language compares JSON numbers as doubles")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Signed(number) => number as f64,
            Self::Unsigned(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    /// The number as an integer, if it is a whole one within 64 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Signed(number) => Some(number),
            Self::Unsigned(number) => i64::try_from(number).ok(),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => Some(number as i64),
            Self::Float(_) => None,
        }
    }
}

impl<'a> Value<'a> {
    /// A view over `nodes`, which start with the node of the value itself.
    pub fn new(nodes: &'a [Node<'a>]) -> Self {
        Self { nodes }
    }

    /// The nodes of this value and all below it, header first.
    pub fn nodes(self) -> &'a [Node<'a>] {
        self.nodes
    }

    /// Where this value starts among the nodes of `root`, a value that it is a part of.
    pub fn place_in(self, root: Self) -> usize {
        let bytes = self.nodes.as_ptr().addr().saturating_sub(root.nodes.as_ptr().addr());
        bytes / size_of::<Node<'_>>()
    }

    /// The part of this value that starts at a place among its nodes.
    pub fn part(self, place: usize) -> Option<Value<'a>> {
        split_value(self.nodes.get(place..)?).map(|(part, _)| part)
    }

    /// Whether an object in this value has two members of one name.
    ///
    /// Recursive; the parser bounds the depth.
    pub fn repeats_a_key(self) -> bool {
        let repeated = if self.len() > FEW_MEMBERS {
            let mut keys: Vec<&str> = self.members().map(|(key, _)| key).collect();
            keys.sort_unstable();
            keys.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
        } else {
            let mut members = self.members().enumerate();
            members.any(|(number, (key, _))| self.members().take(number).any(|(before, _)| before == key))
        };
        repeated || self.members().any(|(_, value)| value.repeats_a_key()) || self.elements().any(Value::repeats_a_key)
    }

    /// Where the texts, numbers, truths and nulls stand among the nodes of this value, in order; keys left out.
    ///
    /// Recursive; the parser bounds the depth.
    pub fn leaves(self) -> Vec<usize> {
        let mut leaves = Vec::new();
        self.add_leaves(self, &mut leaves);
        leaves
    }

    fn add_leaves(self, root: Self, leaves: &mut Vec<usize>) {
        match self.head() {
            Node::Object { .. } => self.members().for_each(|(_, value)| value.add_leaves(root, leaves)),
            Node::Array { .. } => self.elements().for_each(|value| value.add_leaves(root, leaves)),
            Node::String(_) | Node::Static(_) => leaves.push(self.place_in(root)),
        }
    }

    /// The first of its nodes: all of it, unless this is an object or array.
    pub fn head(self) -> Node<'a> {
        self.nodes.first().copied().unwrap_or(Node::Static(StaticNode::Null))
    }

    /// The text, if this is a string.
    pub fn as_str(self) -> Option<&'a str> {
        if let Node::String(text) = self.head() { Some(text) } else { None }
    }

    /// The truth value, if this is `true` or `false`.
    pub fn as_bool(self) -> Option<bool> {
        if let Node::Static(StaticNode::Bool(truth)) = self.head() { Some(truth) } else { None }
    }

    /// The number, if this is a JSON number (not a string that looks like one).
    pub fn as_number(self) -> Option<Number> {
        match self.head() {
            Node::Static(StaticNode::I64(number)) => Some(Number::Signed(number)),
            Node::Static(StaticNode::U64(number)) => {
                Some(i64::try_from(number).map_or(Number::Unsigned(number), Number::Signed))
            }
            Node::Static(StaticNode::F64(number)) => Some(Number::Float(number)),
            _ => None,
        }
    }

    /// A whole number, written as a JSON number or, as Google writes int64, as a string.
    pub fn as_lenient_i64(self) -> Option<i64> {
        match self.as_str() {
            Some(text) => text.trim().parse().ok(),
            None => self.as_number().and_then(Number::as_i64),
        }
    }

    /// A time: text in RFC 3339 or a relative of it, `{seconds, nanos}`, or seconds since 1970 as BigQuery's API writes
    /// them.
    pub fn as_time(self) -> Option<Timestamp> {
        if let Some(text) = self.as_str() {
            return Timestamp::parse(text);
        }
        if let Some(number) = self.as_number() {
            return seconds(number);
        }
        let start = Timestamp::from_seconds(self.get("seconds")?.as_lenient_i64()?)?;
        let nanos = self.get("nanos").and_then(Value::as_lenient_i64).unwrap_or(0);
        start.nanos().checked_add(nanos).map(Timestamp::from_nanos)
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.head(), Node::Static(StaticNode::Null))
    }

    /// Whether this is an object.
    pub fn is_object(self) -> bool {
        matches!(self.head(), Node::Object { .. })
    }

    /// Whether this is an array.
    pub fn is_array(self) -> bool {
        matches!(self.head(), Node::Array { .. })
    }

    /// How many members or elements an object or array has; 0 for scalars.
    pub fn len(self) -> usize {
        match self.head() {
            Node::Object { len, .. } | Node::Array { len, .. } => len,
            _ => 0,
        }
    }

    /// Whether an object or array is empty; true for scalars.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The members of an object in the order of the record; nothing for other values.
    pub fn members(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let mut left = if self.is_object() { self.nodes.get(1..).unwrap_or_default() } else { &[] };
        std::iter::from_fn(move || {
            let (Node::String(key), after) = left.split_first()? else { return None };
            let (value, rest) = split_value(after)?;
            left = rest;
            Some((*key, value))
        })
    }

    /// The elements of an array in order; nothing for other values.
    pub fn elements(self) -> impl Iterator<Item = Value<'a>> {
        let mut left = if self.is_array() { self.nodes.get(1..).unwrap_or_default() } else { &[] };
        std::iter::from_fn(move || {
            let (value, rest) = split_value(left)?;
            left = rest;
            Some(value)
        })
    }

    /// The member called `key` (the last one, if there are several).
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.members().filter(|(name, _)| *name == key).last().map(|(_, value)| value)
    }

    /// The value at the end of a path of keys.
    pub fn at(self, path: &[&str]) -> Option<Value<'a>> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text of the member called `key`, if it is a string that is not empty.
    pub fn text(self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// The value as an owned tree, for what is kept and printed.
    pub fn to_json(self) -> serde_json::Value {
        match self.head() {
            Node::String(text) => text.into(),
            Node::Static(StaticNode::Null) => serde_json::Value::Null,
            Node::Static(StaticNode::Bool(truth)) => truth.into(),
            Node::Static(_) => match self.as_number() {
                Some(Number::Signed(number)) => number.into(),
                Some(Number::Unsigned(number)) => number.into(),
                Some(Number::Float(number)) => number.into(),
                None => serde_json::Value::Null,
            },
            Node::Array { .. } => self.elements().map(Value::to_json).collect(),
            Node::Object { .. } => serde_json::Value::Object(
                self.members().map(|(key, value)| (key.to_owned(), value.to_json())).collect(),
            ),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first; microseconds are all a double holds")]
fn seconds(number: Number) -> Option<Timestamp> {
    if let Some(whole) = number.as_i64() {
        return Timestamp::from_seconds(whole);
    }
    let micros = (number.as_f64() * 1e6).round();
    (micros.abs() < 9.0e15).then(|| Timestamp::from_nanos(micros as i64 * 1_000))
}

/// The first value of `nodes`, and what stands behind it.
fn split_value<'a>(nodes: &'a [Node<'a>]) -> Option<(Value<'a>, &'a [Node<'a>])> {
    let length = match nodes.first()? {
        Node::Object { count, .. } | Node::Array { count, .. } => count + 1,
        Node::String(_) | Node::Static(_) => 1,
    };
    let (value, rest) = nodes.split_at_checked(length)?;
    Some((Value::new(value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<R>(json: &str, look: impl FnOnce(Value<'_>) -> R) -> R {
        let mut bytes = json.as_bytes().to_vec();
        let tape = simd_json::to_tape(&mut bytes).unwrap();
        look(Value::new(&tape.0))
    }

    #[test]
    fn members_elements_and_paths() {
        with(r#"{"a":{"b":[1,"two",{"c":null}],"d":true},"e":18446744073709551615,"f":-1.5}"#, |value| {
            let list = value.at(&["a", "b"]).unwrap();
            assert_eq!(list.elements().count(), 3);
            assert_eq!(list.elements().nth(1).unwrap().as_str(), Some("two"));
            assert!(list.elements().nth(2).unwrap().get("c").unwrap().is_null());
            assert_eq!(value.at(&["a", "d"]).unwrap().as_bool(), Some(true));
            assert_eq!(value.get("e").unwrap().as_number(), Some(Number::Unsigned(u64::MAX)));
            assert_eq!(value.get("f").unwrap().as_number(), Some(Number::Float(-1.5)));
            assert_eq!(value.len(), 3);
            assert!(value.get("nope").is_none());
        });
    }

    #[test]
    fn the_last_of_duplicate_keys_wins() {
        with(r#"{"severity":"INFO","severity":"ERROR"}"#, |value| assert_eq!(value.text("severity"), Some("ERROR")));
    }

    #[test]
    fn repeated_keys_are_seen_at_any_depth() {
        let many: Vec<String> = (0..100).map(|number| format!("\"k{number}\":0,")).collect();
        let many = many.concat();
        for (json, repeats) in [
            (r#"{"a":1,"b":{"a":2},"c":[{"a":3}]}"#.to_owned(), false),
            (r#"{"a":1,"b":2,"a":3}"#.to_owned(), true),
            (r#"{"a":[0,{"b":{"c":1,"c":1}}]}"#.to_owned(), true),
            (format!("{{{many}\"z\":1}}"), false),
            (format!("{{{many}\"k7\":1}}"), true),
            ("7".to_owned(), false),
        ] {
            with(&json, |value| assert_eq!(value.repeats_a_key(), repeats, "{json}"));
        }
    }

    #[test]
    fn a_tree_keeps_order_and_values() {
        let text = r#"{"z":1,"a":[true,null,"x"],"m":{"k":"v"}}"#;
        with(text, |value| assert_eq!(value.to_json().to_string(), text));
    }
}
