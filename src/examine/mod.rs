//! Stage 3: a Digest in, findings out.
