//! What goes from one machine to another as a file's bytes and back: versioned and checksummed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Digest;

const VERSION: u32 = 1;

/// The first line of a saved file.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    /// BLAKE3 of all that follows the line.
    blake3: String,
}

/// Something that is saved where it was counted and read where it is merged.
pub trait Portable: Serialize + DeserializeOwned {
    /// What the file says it is, such as `log-gardener digest`.
    const FORMAT: &'static str;
    /// The command that makes one.
    const MADE_BY: &'static str;

    /// The bytes of a file: a header line, then the value as JSON. Equal values have equal bytes.
    fn to_bytes(&self) -> Vec<u8> {
        // Every key is a string or a number and every figure finite, so this cannot fail.
        let body = serde_json::to_vec(self).unwrap_or_default();
        let header = Header { format: Self::FORMAT.to_owned(), version: VERSION, blake3: sum(&body) };
        let mut bytes = serde_json::to_vec(&header).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(body);
        bytes.push(b'\n');
        bytes
    }

    /// Reads what [`Portable::to_bytes`] wrote; says what is wrong with anything else, and what to do.
    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let name = Self::FORMAT.trim_start_matches("log-gardener ");
        let foreign = || format!("no {name} of log-gardener; make one with `{}`", Self::MADE_BY);
        let end = memchr::memchr(b'\n', bytes).ok_or_else(foreign)?;
        let (head, body) = bytes.split_at(end);
        let header: Header = serde_json::from_slice(head).map_err(|_| foreign())?;
        if header.format != Self::FORMAT {
            return Err(foreign());
        }
        if header.version != VERSION {
            return Err(format!("has version {}, this program reads {VERSION}: make it again", header.version));
        }
        let body = body.trim_ascii();
        if sum(body) != header.blake3 {
            return Err("is damaged (its checksum differs): make it again".to_owned());
        }
        serde_json::from_slice(body).map_err(|error| format!("cannot be read: {error}"))
    }
}

fn sum(body: &[u8]) -> String {
    blake3::hash(body).to_hex().to_string()
}

impl Portable for Digest {
    const FORMAT: &'static str = "log-gardener digest";
    const MADE_BY: &'static str = "log-gardener digest PATH... -o FILE";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PatternKind, PatternTally, Timestamp};

    fn digest() -> Digest {
        let mut digest = Digest::default();
        let mut pattern = PatternTally::new(PatternKind::Message, "said <num>".to_owned(), ("m", "f"), true);
        pattern.tally.count = 3;
        pattern.tally.first = Timestamp::from_seconds(1_700_000_000);
        pattern.users.add("bob", pattern.tally.first);
        digest.add_pattern(PatternTally::key(pattern.kind, &pattern.pattern, ("m", "f"), true), pattern);
        digest
    }

    #[test]
    fn bytes_and_back() {
        assert_eq!(Digest::from_bytes(&digest().to_bytes()), Ok(digest()));
    }

    #[test]
    fn what_was_saved_before_revisions_had_services_is_read() {
        let mut saved = serde_json::to_value(digest()).unwrap();
        assert!(saved.as_object_mut().unwrap().remove("rollouts").is_some());
        assert_eq!(serde_json::from_value::<Digest>(saved).unwrap(), digest());
    }

    #[test]
    fn every_damage_is_refused() {
        let bytes = digest().to_bytes();
        for at in 0..bytes.len() - 1 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Digest::from_bytes(&damaged).is_err(), "byte {at}");
            assert!(Digest::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        }
    }
}
