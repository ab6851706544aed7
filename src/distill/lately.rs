//! A message in, the canonical texts that messages starting like it had lately, by number.

use std::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

use super::site::Site;
use super::standing::Id;

/// How many starts are told from each other at most.
const STARTS: usize = 1024;
/// How many texts are held for a start.
const HELD: usize = 4;
/// How many bytes of a message are its start at most.
const LONGEST: usize = 32;

/// Which statement wrote a message, and whether clusters list it: the rest of what decides which pattern it belongs to.
pub(super) type Writer = (Id<Site>, bool);

/// Who had a text, and its number.
type Found = (Writer, u32);

/// The texts found lately. A memory only: it never shows in a result.
pub(super) struct Lately {
    /// In the order they are tried in.
    found: Box<[[Option<Found>; HELD]]>,
    hasher: DefaultHashBuilder,
}

/// Where the texts of one start are held.
#[derive(Clone, Copy)]
pub(super) struct Start(usize);

impl Lately {
    pub(super) fn new() -> Self {
        Self { found: vec![[None; HELD]; STARTS].into(), hasher: DefaultHashBuilder::default() }
    }

    /// Where texts are held for messages that start like this one, up to their first value.
    pub(super) fn start(&self, message: &str, (site, listed): Writer) -> Start {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u32(site.number() << 1 | u32::from(listed));
        let bytes = message.as_bytes();
        for word in bytes.get(..LONGEST).unwrap_or(bytes).as_chunks::<8>().0 {
            let word = u64::from_le_bytes(*word);
            let before = before_digit(word);
            hasher.write_u64(before);
            if before != word {
                break;
            }
        }
        Start(usize::try_from(hasher.finish()).unwrap_or_default() % STARTS)
    }

    /// The first text that fits of those that messages of this start and writer had; it is tried earlier the next time.
    pub(super) fn find(&mut self, start: Start, writer: Writer, mut fits: impl FnMut(usize) -> bool) -> Option<usize> {
        let held = self.found.get_mut(start.0)?;
        let is_it = |held: &Option<Found>| held.is_some_and(|(theirs, text)| theirs == writer && fits(text as usize));
        let at = held.iter().position(is_it)?;
        held.swap(at, at.saturating_sub(1));
        held.get(at.saturating_sub(1)).copied().flatten().map(|(_, text)| text as usize)
    }

    /// Notes that a message had a text, unless that is held.
    pub(super) fn note(&mut self, start: Start, writer: Writer, text: usize) {
        let (Some(held), Ok(text)) = (self.found.get_mut(start.0), u32::try_from(text)) else { return };
        let found = Some((writer, text));
        if !held.contains(&found) {
            let [first, second, third, _] = *held;
            *held = [found, first, second, third];
        }
    }

    /// Forgets everything: texts are numbered anew.
    pub(super) fn clear(&mut self) {
        self.found.fill([None; HELD]);
    }
}

/// Eight bytes, the first in the lowest place, without their first digit and what is behind it.
fn before_digit(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // Digits become 0 to 9; what is below 10 borrows into its highest bit.
    let digits = word ^ (ONES * u64::from(b'0'));
    let found = digits.wrapping_sub(ONES * 10) & !digits & (ONES << 7);
    if found == 0 { word } else { word & ((1 << (found.trailing_zeros() - 7)) - 1) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::distill::standing::Table;

    #[test]
    fn a_text_takes_one_place() {
        let nowhere = || Site { location: String::new(), module: String::new(), function: String::new() };
        let writer = (Table::new().id(std::iter::empty(), nowhere), true);
        let mut lately = Lately::new();
        let start = lately.start("took 5 ms", writer);
        for text in [0, 1, 2, 3, 3, 0, 3] {
            lately.note(start, writer, text);
        }
        for text in 0..HELD {
            assert_eq!(lately.find(start, writer, |found| found == text), Some(text));
        }
        assert_eq!(lately.find(start, (writer.0, false), |_| true), None);
    }

    proptest! {
        #[test]
        fn words_end_before_their_first_digit(bytes in prop::array::uniform8(prop_oneof![any::<u8>(), b'/'..=b':'])) {
            let digit = bytes.iter().position(u8::is_ascii_digit).unwrap_or(8);
            let mut expected = [0; 8];
            expected[..digit].copy_from_slice(&bytes[..digit]);
            prop_assert_eq!(before_digit(u64::from_le_bytes(bytes)), u64::from_le_bytes(expected));
        }
    }
}
