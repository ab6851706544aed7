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
    /// The variable parts of the joined pattern in order; none where the group has one pattern, or where patterns
    /// cannot be laid over it.
    pub slots: Vec<JoinedSlot>,
    /// Why they are together, one sentence each.
    pub because: Vec<String>,
}

/// A variable part of a joined pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedSlot {
    /// As it stands in the joined pattern.
    pub placeholder: String,
    /// What each member has there, in the order of [`Group::members`].
    pub filled: Vec<Filled>,
}

/// What a pattern has in place of a slot of the joined one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// Its own slot with this number.
    Slot(usize),
    /// Constant text.
    Text(String),
    /// Text with slots in it, as it stands in the pattern: the single values are not known.
    Mixed(String),
}
