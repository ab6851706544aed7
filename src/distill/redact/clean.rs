//! Texts in which nothing was found, remembered: labels, names and places stand in every entry that is kept.

use std::sync::{PoisonError, RwLock};

use hashbrown::HashSet;

/// Longer texts are seldom met twice.
const LONGEST: usize = 256;
/// So many are held. A memory only: it never shows in a result.
const HELD: usize = 16_384;

/// The texts that one redactor leaves as they are, as far as it knows.
#[derive(Debug, Default)]
pub(super) struct Clean(RwLock<HashSet<Box<str>>>);

impl Clean {
    pub(super) fn knows(&self, text: &str) -> bool {
        text.len() <= LONGEST && self.0.read().unwrap_or_else(PoisonError::into_inner).contains(text)
    }

    pub(super) fn add(&self, text: &str) {
        if text.len() <= LONGEST {
            let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if held.len() >= HELD {
                held.clear();
            }
            held.insert(text.into());
        }
    }
}
