//! The integration tests, one binary, so that they link once.
//!
//! Each module runs the program as a person would, or the library by its public names. A test that needs data from
//! outside of the project says loudly that it is skipped where the data is missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::print_stderr,
    reason = "a test that fails may panic, and its support code with it"
)]

mod accounting;
mod apply_script;
mod architecture;
mod bad_input;
mod clusters;
mod collect;
mod determinism;
mod digests;
mod faults;
mod fuzzed;
mod gate;
mod golden;
mod grouping;
mod injection;
mod leaks;
mod ledger;
mod lines;
mod memory;
mod odd_paths;
mod outputs;
mod query;
mod readable;
mod repeats;
mod report;
mod requests;
mod samples;
mod secrets;
mod seeds;
mod selection;
mod services;
mod shards;
mod speakers;
mod thrown;
mod tracker;
mod words;
