//! Bytes of a fuzzer in, a crash if the properties of redaction do not hold.
#![no_main]

#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::redaction(data));
