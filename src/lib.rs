//! log-gardener: exported Google Cloud Logging archives in, worklogs out. No network, ever.
//!
//! The pipeline, each stage a folder, in order:
//!
//! | stage | in | out |
//! |---|---|---|
//! | [`collect`] | archives | log entries |
//! | [`distill`] | log entries | a [`model::Digest`] |
//! | [`examine`] | a Digest | findings: clusters, triage, coverage |
//! | [`follow`] | findings | findings across runs: ledger, comparison, known issues |
//! | [`report`] | a [`model::Worklog`] | files |
//!
//! Everything before the Digest is per entry, parallel and mergeable; everything after it is small, sequential and
//! pure. [`analyze`] runs the first half over all cores. The library never prints, exits, reads the environment or
//! the clock, or opens a socket.

pub mod analyze;
pub mod collect;
pub mod distill;
pub mod examine;
pub mod follow;
pub mod report;
pub mod query;
pub mod model;
pub mod error;
mod save;
