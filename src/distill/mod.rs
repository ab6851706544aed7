//! Stage 2: log entries in, a Digest out.

mod audit;
pub mod canon;
mod embedded;
pub mod mask;
mod message;
mod place;
pub mod reading;
pub mod redact;
mod request;
mod severity;
mod shape;
mod symbol;
pub mod trace;
mod words;

#[cfg(test)]
mod tests;

pub use embedded::{Detail, detail};
pub use reading::{Endpoint, Reading, read};
pub use trace::trace_pattern;
