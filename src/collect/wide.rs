//! UTF-32 in, UTF-8 out.

use std::io::{Read, Result};

/// The order of the bytes of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// Turns UTF-32 into UTF-8; what is no character becomes U+FFFD, and so does what is left of one at the end.
pub(super) struct Narrowed<R> {
    inner: R,
    order: Order,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    started: bool,
}

impl<R: Read> Narrowed<R> {
    pub(super) fn new(inner: R, order: Order) -> Self {
        Self { inner, order, input: Vec::new(), output: Vec::new(), given: 0, started: false }
    }

    /// Whether there was more to read.
    fn refill(&mut self) -> Result<bool> {
        let held = self.input.len();
        self.input.resize(held + (64 << 10), 0);
        let count = self.inner.read(self.input.get_mut(held..).unwrap_or_default());
        self.input.truncate(held + *count.as_ref().unwrap_or(&0));
        let ended = count? == 0;
        if ended && !self.input.is_empty() {
            // A cut character is one that is none.
            self.input.resize(4, 0xff);
        }
        self.output.clear();
        self.given = 0;
        let mut text = String::new();
        for unit in self.input.chunks_exact(4) {
            let unit = <[u8; 4]>::try_from(unit).unwrap_or_default();
            let value = if self.order == Order::Little { u32::from_le_bytes(unit) } else { u32::from_be_bytes(unit) };
            let letter = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
            if self.started || letter != '\u{feff}' {
                text.push(letter);
            }
            self.started = true;
        }
        self.input.drain(..self.input.len() / 4 * 4);
        self.output = text.into_bytes();
        Ok(!ended)
    }
}

impl<R: Read> Read for Narrowed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        while self.given >= self.output.len() {
            if !self.refill()? && self.output.is_empty() {
                return Ok(0);
            }
        }
        let ready = self.output.get(self.given..).unwrap_or_default();
        let count = ready.len().min(bytes.len());
        if let (Some(to), Some(from)) = (bytes.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Dripping<'a>(&'a [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
            let (Some((first, rest)), Some(to)) = (self.0.split_first(), bytes.first_mut()) else { return Ok(0) };
            (*to, self.0) = (*first, rest);
            Ok(1)
        }
    }

    #[test]
    fn characters_marks_and_what_is_cut() {
        let text = "\u{feff}{\"a\": \"é€😀\u{feff}\"}";
        for order in [Order::Little, Order::Big] {
            let units = text.chars().flat_map(|letter| {
                let value = u32::from(letter);
                if order == Order::Little { value.to_le_bytes() } else { value.to_be_bytes() }
            });
            let mut bytes: Vec<u8> = units.collect();
            bytes.extend([1, 2]);
            for dripping in [true, false] {
                let mut read = String::new();
                let count = if dripping {
                    Narrowed::new(Dripping(&bytes), order).read_to_string(&mut read)
                } else {
                    Narrowed::new(&bytes[..], order).read_to_string(&mut read)
                };
                assert_eq!(count.unwrap(), read.len());
                assert_eq!(read, "{\"a\": \"é€😀\u{feff}\"}\u{fffd}");
            }
        }
    }
}
