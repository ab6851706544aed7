//! Stage 2: log entries in, a Digest out.

mod audit;
mod embedded;
mod message;
mod place;
pub mod reading;
pub mod redact;
mod request;
mod severity;
mod shape;
pub mod trace;

#[cfg(test)]
mod tests;

pub use embedded::{Detail, detail};
pub use reading::{Endpoint, Reading, read};
pub use trace::trace_pattern;
