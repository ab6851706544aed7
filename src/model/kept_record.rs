//! Records that are kept until their secrets are taken out, packed where many large ones are.

use std::borrow::Cow;
use std::sync::Arc;

/// The fastest level.
const LEVEL: i32 = 1;

/// A record as it stands in its input. Copies share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecord {
    /// The record, or what `zstd` made of it.
    bytes: Arc<[u8]>,
    /// The bytes of the record, if it is packed.
    unpacked: Option<usize>,
}

impl KeptRecord {
    /// Keeps a record.
    pub fn new(record: &[u8]) -> Self {
        Self { bytes: record.into(), unpacked: None }
    }

    /// The bytes that could be packed: none, if it is packed.
    pub fn packable(&self) -> usize {
        if self.unpacked.is_none() { self.bytes.len() } else { 0 }
    }

    /// Packs it, unless it is.
    pub fn pack(&mut self) {
        if self.unpacked.is_some() {
            return;
        }
        // What cannot be packed stays as it is.
        if let Ok(packed) = zstd::bulk::compress(&self.bytes, LEVEL) {
            self.unpacked = Some(self.bytes.len());
            self.bytes = packed.into();
        }
    }

    /// The record.
    pub fn record(&self) -> Cow<'_, [u8]> {
        let Some(length) = self.unpacked else { return Cow::Borrowed(&self.bytes) };
        // What was packed here can be unpacked, unless memory is gone.
        Cow::Owned(zstd::bulk::decompress(&self.bytes, length).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        for times in [0, 1, 20_000] {
            let record = r#"{"message":"no room left","pod":"api-7d9f"},"#.repeat(times);
            let mut kept = KeptRecord::new(record.as_bytes());
            assert_eq!((kept.packable(), &*kept.record()), (record.len(), record.as_bytes()));
            for _ in 0..2 {
                kept.pack();
                assert_eq!((kept.packable(), &*kept.record()), (0, record.as_bytes()));
            }
            assert!(kept.bytes.len() < 20 + record.len() / 10 + record.len() % 1_000);
        }
    }
}
