//! The second, narrow look: clusters in, the moments worth another reading out; neighbours of those moments in, the
//! context of each cluster out.
//!
//! Which moments are chosen depends on the Digest alone, never on how the archive was cut into chunks, and all chunks
//! that hold times within reach of a moment are read again; so the context is exact and the same for any split.

mod lines;
mod moments;
mod nearest;
mod neighbours;
mod rows;
mod shards;

pub use moments::{Moment, Moments, moments};
pub use neighbours::{Facts, Neighbours, Shown};
pub use shards::{Enquiry, Surroundings, gather};
