//! Google's Logging query language: filter text in, a decision per entry out.
