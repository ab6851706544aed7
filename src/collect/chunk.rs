//! A run of whole records on its way from the feed to a worker.

use std::sync::Arc;

use super::{cut::Cut, map::Window, shape::Shape, walk::Piece};

/// Whole records of one input, and their place in it.
pub struct Chunk {
    path: Arc<str>,
    input: u64,
    from: u64,
    to: u64,
    base: u64,
    lines: u64,
    window: Window,
    pub(super) shape: Arc<Shape>,
    pub(super) cutting: Cutting,
    /// Whether the input ends with it.
    pub(super) last: bool,
    /// The bytes whose records are wanted, in order; all of them if nothing is said.
    pub(super) wanted: Option<Arc<[(u64, u64)]>>,
}

/// How the records of a chunk are found.
pub(super) enum Cutting {
    /// By the run that starts their lines.
    Lines,
    /// They are found already.
    Pieces(Vec<Piece>),
}

impl Chunk {
    pub(super) fn new((path, input): (Arc<str>, u64), shape: Arc<Shape>, cut: Cut) -> Self {
        let Cut { from, to, base, lines, window, pieces, last } = cut;
        let cutting = pieces.map_or(Cutting::Lines, Cutting::Pieces);
        Self { path, input, from, to, base, lines, window, shape, cutting, last, wanted: None }
    }

    /// Whether a record that reaches into these bytes of the input is wanted.
    pub(super) fn wants(&self, from: u64, to: u64) -> bool {
        self.wanted.as_deref().is_none_or(|wanted| {
            let next = wanted.partition_point(|range| range.1 <= from);
            wanted.get(next).is_some_and(|range| range.0 < to)
        })
    }

    /// The input, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same, to be kept.
    pub fn name(&self) -> &Arc<str> {
        &self.path
    }

    /// The number of the input, in the order of paths.
    pub fn input(&self) -> u64 {
        self.input
    }

    /// Where the chunk starts, in bytes of the (decoded) input.
    pub fn from(&self) -> u64 {
        self.from
    }

    /// The first byte behind it.
    pub fn to(&self) -> u64 {
        self.to
    }

    /// The bytes of the chunk that are held: all but a run of bytes in front that belongs to no record.
    pub fn bytes(&self) -> &[u8] {
        let bytes = self.window.bytes();
        let length = usize::try_from(self.to - self.base).unwrap_or(usize::MAX);
        bytes.get(..length).unwrap_or(bytes)
    }

    /// Where [`Chunk::bytes`] starts; [`Chunk::from`], except behind a long run of bytes that are no record.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// How many newlines stand between [`Chunk::from`] and [`Chunk::base`].
    pub fn lines_before(&self) -> u64 {
        self.lines
    }
}
