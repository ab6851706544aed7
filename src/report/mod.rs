//! Stage 5: a worklog in, files out.
