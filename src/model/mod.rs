//! Ground floor: plain data that the stages hand to each other. No I/O, no threads, knows no stage.

mod bounds;
mod census;
mod cluster;
mod digest;
mod entry;
mod exemplar;
mod field;
mod fingerprint;
mod inspection;
mod layout;
mod pattern;
mod saved;
mod severity;
mod tally;
mod time;
mod token;
mod value;
mod worklog;

pub use bounds::{CROWDED_GROUP_PATTERNS, CROWDED_PATTERNS, Coarser, Collapsed, GROUP_PATTERNS};
pub use census::{Census, Kept, Sketch};
pub use cluster::*;
pub use digest::{Digest, InputTally, LISTED_SKIPS, Skip, Skips, Zone};
pub use entry::{LogEntry, Payload};
pub use exemplar::{Exception, Exemplar, Frame, Source};
pub use field::Field;
pub use fingerprint::Fingerprint;
pub use inspection::{FieldSeen, Inspection, Names, Share};
pub use layout::{ByLayout, Form, Laid, LayoutId, Literal, Watch};
pub use pattern::*;
pub use severity::Severity;
pub use tally::*;
pub use time::Timestamp;
pub use token::{is_glue, is_separator};
pub use value::{Number, Value};
pub use worklog::*;
