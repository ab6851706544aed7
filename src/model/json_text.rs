//! JSON that is kept for long: its text, of which a tree of values would take ten times the memory.

use std::borrow::Cow;
use std::fmt::{self, Formatter};
use std::sync::Arc;

use memchr::{memchr, memmem};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// A JSON value as its text. Copies share it: what a Digest keeps of an entry, a cluster shows as a sample. It is read and
/// written by `serde_json` alone, which takes the text as it is.
#[derive(Clone, Debug)]
pub struct JsonText(Arc<RawValue>);

impl JsonText {
    /// The value, read anew at each call.
    pub fn value(&self) -> Value {
        // Only a saved file that nests deeper than one can read has none.
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    /// What stands below these names, if anything does: the rest is passed over.
    pub fn at(&self, path: &[&str]) -> Option<Value> {
        // Most names that are asked for stand nowhere in it. Of what others wrote, a name may be spelled with escapes.
        let text = self.as_str().as_bytes();
        let may_hold = |name: &&str| memmem::find(text, format!("\"{name}\"").as_bytes()).is_some();
        if !path.iter().all(may_hold) && memchr(b'\\', text).is_none() {
            return None;
        }
        At(path).deserialize(&mut serde_json::Deserializer::from_str(self.as_str())).ok().flatten()
    }

    /// The text, on one line.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl From<&Value> for JsonText {
    fn from(value: &Value) -> Self {
        // Every key is a string and every number finite, so this cannot fail.
        to_raw_value(value).map(|text| Self(text.into())).unwrap_or_default()
    }
}

impl Default for JsonText {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned().into())
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for JsonText {}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let kept = Self(text.into());
        // Laid out for people; inside of strings there is no line break.
        Ok(if kept.as_str().contains(['\n', '\r']) { Self::from(&kept.value()) } else { kept })
    }
}

/// Finds what stands below names.
struct At<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_empty() { Value::deserialize(deserializer).map(Some) } else { deserializer.deserialize_any(self) }
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Option<Value>;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let Some((name, rest)) = self.0.split_first() else { return Ok(None) };
        let mut found = None;
        while let Some(key) = members.next_key::<Cow<'_, str>>()? {
            if key == *name {
                found = members.next_value_seed(At(rest))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

impl JsonSchema for JsonText {
    fn inline_schema() -> bool {
        Value::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        Value::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Value::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_what_its_value_says() {
        for text in ["null", r#"{"b":1.10,"a":[1e+400,-0,{"":"\"\\\n\u001b ü"}],"c":123456789012345678901234567890}"#]
        {
            let value: Value = serde_json::from_str(text).unwrap();
            let kept = JsonText::from(&value);
            assert_eq!(kept.value(), value);
            assert_eq!(serde_json::to_string(&kept).unwrap(), value.to_string());
            assert_eq!(serde_json::from_str::<JsonText>(text).unwrap(), kept);
        }
        assert_eq!(JsonText::default().value(), Value::Null);
        let laid_out: JsonText = serde_json::from_str("{\n  \"a\": [ 1 ]\n}").unwrap();
        assert_eq!(laid_out.as_str(), r#"{"a":[1]}"#);
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        assert_eq!(serde_json::from_str::<JsonText>(&deep).unwrap().value(), Value::Null);
        // Absent is not null: what is not there is not written.
        assert_eq!(serde_json::from_str::<Option<JsonText>>("null").unwrap(), None);
    }

    #[test]
    fn one_member_is_what_the_value_holds_there() {
        let kept: JsonText = serde_json::from_str(r#"{"a":1,"b":{"c\u0064":[1.10],"e":null},"f":"b"}"#).unwrap();
        for path in [&["a"][..], &["b"], &["b", "cd"], &["b", "e"], &["b", "x"], &["f", "x"], &["a", "x"], &["x"], &[]]
        {
            let mut below = Some(kept.value());
            for name in path {
                below = below.and_then(|value| value.get(name).cloned());
            }
            assert_eq!(kept.at(path), below, "{path:?}");
        }
    }
}
