//! Stage 2: log entries in, a Digest out.
