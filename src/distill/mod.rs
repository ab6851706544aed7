//! Stage 2: log entries in, a Digest out.

mod access;
mod activity;
mod audit;
pub mod canon;
mod distiller;
mod embedded;
mod failure;
mod lately;
mod live;
mod logged_json;
pub mod mask;
mod member;
mod message;
mod origin;
mod patterns;
mod place;
mod plan;
mod printed;
pub mod reading;
pub mod redact;
mod repeat;
mod runs;
mod request;
mod route;
mod severity;
mod settings;
mod shape;
mod share;
mod site;
mod slots;
mod standing;
mod symbol;
mod thrown;
mod told_place;
pub mod trace;
mod traffic;
mod words;
mod workload;

#[cfg(test)]
mod tests;

pub use distiller::{Again, Distiller, Fate, Identified, Place, Record};
pub use embedded::{Detail, detail, unpacked};
pub use mask::Masker;
pub use reading::{Endpoint, Reading, read};
pub use redact::{
    Behind, Found, Leak, Look, Numbers, Policy, Redactor, Spelling, Told, UserRules, hide_constants, shorten_tags,
};
pub use settings::{Held, Settings};
pub use slots::slot_contexts;
pub use trace::{goes_on, indented, parse as parse_trace, trace_pattern};
