//! Google's Logging query language: filter text in, a decision per entry out.
//!
//! `docs/query-language.md` tells what is read how, and where this differs from Google's own.

mod calls;
mod compile;
mod error;
mod evaluate;
mod fields;
mod functions;
mod lex;
mod parse;
mod pattern;
mod search;
mod spelling;
mod text;
mod traps;
mod tree;
mod values;

use std::sync::Arc;

pub use error::{QueryError, Trap};
pub use spelling::respell;

use crate::model::{LogEntry, Severity, Timestamp};
use compile::Test;
use fields::Field;
use functions::Operand;
use tree::{Condition, Op, Tree, Value};

/// A filter, compiled once and asked for every entry; cheap to clone, shared by all threads.
///
/// ```
/// use log_gardener::query::Query;
///
/// let (query, traps) = Query::parse(r#"severity>=ERROR resource.labels.service_name="api""#)?;
/// assert!(traps.is_empty());
/// assert_eq!(query.to_string(), r#"severity>=ERROR AND resource.labels.service_name=api"#);
/// # Ok::<(), log_gardener::query::QueryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Query {
    tree: Arc<Tree<Condition>>,
    test: Arc<Test>,
}

/// Queries are equal if they ask the same in the same order; how they were written does not matter.
impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.tree == other.tree
    }
}

impl Query {
    /// Reads a filter, with warnings for what is legal but probably not meant. An empty text passes everything.
    pub fn parse(text: &str) -> Result<(Self, Vec<Trap>), QueryError> {
        let (tree, traps) = parse::parse(text)?;
        Ok((tree.map_or_else(Self::everything, Self::new), traps))
    }

    fn new(tree: Tree<Condition>) -> Self {
        let test = Arc::new(Test::compile(&tree));
        Self { tree: Arc::new(tree), test }
    }

    /// Whether `entry` passes.
    pub fn matches(&self, entry: &LogEntry<'_>) -> bool {
        self.test.holds(entry)
    }

    /// The filter that every entry passes.
    pub fn everything() -> Self {
        Self::new(Tree::All(Vec::new()))
    }

    /// Whether this is [`Query::everything`], so that no entry has to be asked.
    pub fn is_everything(&self) -> bool {
        matches!(&*self.tree, Tree::All(parts) if parts.is_empty())
    }

    /// What passes both filters.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.is_everything(), other.is_everything()) {
            (true, _) => other,
            (_, true) => self,
            _ => Self::new(Tree::all([Arc::unwrap_or_clone(self.tree), Arc::unwrap_or_clone(other.tree)])),
        }
    }

    /// Entries at `time` or later; one without a usable time is not among them.
    pub fn since(time: Timestamp) -> Self {
        Self::comparison(&["timestamp"], Op::Ge, time.to_string())
    }

    /// Entries before `time`; one without a usable time is not among them.
    pub fn until(time: Timestamp) -> Self {
        Self::comparison(&["timestamp"], Op::Lt, time.to_string())
    }

    /// Entries that say they are at least this severe; one that says nothing is DEFAULT, the lowest.
    pub fn min_severity(severity: Severity) -> Self {
        Self::comparison(&["severity"], Op::Ge, severity.name().to_owned())
    }

    fn comparison(path: &[&str], op: Op, value: String) -> Self {
        Self::new(leaf(path, op, value).unwrap_or(Tree::All(Vec::new())))
    }
}

/// A path as a filter names it: `jsonPayload."a.b".c`.
pub fn field_path<'s>(segments: impl Iterator<Item = &'s str>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = tree::path(segments, &mut text);
    text
}

/// A comparison of a field that is known to exist.
fn leaf(path: &[&str], op: Op, value: String) -> Option<Tree<Condition>> {
    let path: Vec<String> = path.iter().map(|segment| (*segment).to_owned()).collect();
    let left = Operand::Field(Field::resolve(&path).ok()?);
    Some(Tree::Leaf(Condition::Compare { left, op, right: Tree::Leaf(Value::Text(value)) }))
}

/// The canonical text; reading it gives the same query.
impl std::fmt::Display for Query {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.tree.fmt(formatter)
    }
}
