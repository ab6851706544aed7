//! The lasting identity of a pattern: the parts that make it in, a stable 128-bit hash out.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A 128-bit BLAKE3 hash of a pattern's parts, written `lg1:` and 32 hexadecimal digits.
///
/// BLAKE3 because log text is written by strangers: with a weak hash one could craft an error that collides with
/// an accepted one. The encoding (each part behind its length as 8 bytes, little endian) never changes under `lg1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint of `parts`, in their order; no two different lists of parts share an encoding.
    pub fn of(parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        Self(u128::from_be_bytes(bytes))
    }

    /// The bits as a number.
    pub fn bits(self) -> u128 {
        self.0
    }

    /// Reads what [`Display`](std::fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("lg1:").filter(|digits| digits.len() == 32)?;
        u128::from_str_radix(digits, 16).ok().map(Self)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "lg1:{:032x}", self.0)
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{self}")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("not a fingerprint: {text:?}")))
    }
}

impl JsonSchema for Fingerprint {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fingerprint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^lg1:[0-9a-f]{32}$", "description": "The lasting identity of a pattern: `lg1:` and 32 hexadecimal digits." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden vectors: if one of these changes, every ledger in the world loses its memory.
    #[test]
    fn fingerprints_never_change() {
        for (parts, expected) in [
            (&[][..], "lg1:af1349b9f5f9a1a6a0404dea36dcc949"),
            (&["log-gardener"][..], "lg1:6f47a4f55904ca1916e1910d84966ada"),
        ] {
            assert_eq!(Fingerprint::of(parts).to_string(), expected);
        }
        assert_ne!(Fingerprint::of(&["ab", "c"]), Fingerprint::of(&["a", "bc"]));
    }

    #[test]
    fn text_and_back() {
        let fingerprint = Fingerprint::of(&["x"]);
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
        assert_eq!(Fingerprint::parse("lg1:12"), None);
    }
}
