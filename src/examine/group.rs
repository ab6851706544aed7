//! The patterns that make one cluster, as clustering hands them on.

use crate::model::Fingerprint;

/// Patterns that are one issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// `LG-` and ten hexadecimal digits.
    pub id: String,
    /// The patterns in it.
    pub members: Vec<Fingerprint>,
    /// The joined pattern.
    pub pattern: String,
    /// Why they are together, one sentence each.
    pub because: Vec<String>,
}
