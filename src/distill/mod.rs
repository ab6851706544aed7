//! Stage 2: log entries in, a Digest out.

mod audit;
pub mod canon;
mod distiller;
mod embedded;
mod live;
pub mod mask;
mod message;
mod origin;
mod place;
pub mod reading;
pub mod redact;
mod request;
mod severity;
mod shape;
mod slots;
mod symbol;
pub mod trace;
mod words;

#[cfg(test)]
mod tests;

pub use distiller::{Distiller, Fate, Held, Identified, Place, Settings};
pub use embedded::{Detail, detail};
pub use mask::Masker;
pub use reading::{Endpoint, Reading, read};
pub use redact::{Policy, Redactor, UserRules, shorten_tags};
pub use slots::slot_context;
pub use trace::trace_pattern;
