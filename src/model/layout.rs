//! How a record is laid out: which keys, in which order, with which kinds of values.

/// The layout of a record, for as long as its reader lives; numbered from 0.
///
/// Records of one layout have equal tapes but for the texts, numbers and literals in them: the same keys and nesting,
/// and a text wherever another has a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutId(u32);

impl LayoutId {
    /// The layout with this number.
    pub fn new(number: usize) -> Self {
        Self(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Its number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What was worked out once for each layout.
#[derive(Clone, Debug)]
pub struct ByLayout<T>(Vec<Option<T>>);

impl<T> Default for ByLayout<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByLayout<T> {
    /// What is known of a layout; worked out now, if nothing is.
    pub fn get_or_insert_with(&mut self, layout: LayoutId, make: impl FnOnce() -> T) -> Option<&T> {
        if self.0.len() <= layout.index() {
            self.0.resize_with(layout.index() + 1, || None);
        }
        Some(self.0.get_mut(layout.index())?.get_or_insert_with(make))
    }
}
