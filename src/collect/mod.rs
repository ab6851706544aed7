//! Stage 1: archives in, log entries out.
