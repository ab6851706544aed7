//! The integration tests, one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    reason = "a test that fails may panic, and its support code with it"
)]

mod collect;
mod grouping;
mod query;
mod report;
