//! The syntax tree of a filter, and its canonical text: printing and parsing again gives the same tree.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::fields::Field;
use super::functions::Call;
use super::functions::Operand;
use super::pattern::Pattern;

/// AND, OR and NOT over leaves: conditions at the top, values on the right side of a comparison.
///
/// [`Tree::all`] and [`Tree::any`] keep it flat, so equal filters have equal trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree<L> {
    All(Vec<Tree<L>>),
    Any(Vec<Tree<L>>),
    Not(Box<Tree<L>>),
    Leaf(L),
}

/// What a filter asks of an entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// `field op value`.
    Compare { left: Operand, op: Op, right: Tree<Value> },
    /// A word or string on its own: anywhere in the entry.
    Anywhere(String),
    /// A function that is true or false by itself.
    Call(Call),
}

/// The operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Has,
    Match,
    NoMatch,
}

/// One value on the right side.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    /// `NULL_VALUE`.
    Null,
    /// The `*` of `field:*`.
    Present,
    /// The right side of `=~` and `!~`.
    Pattern(Pattern),
}

impl<L> Tree<L> {
    /// All of `parts`, flat.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single(flat).unwrap_or_else(Self::All)
    }

    /// One of `parts`, flat.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single(flat).unwrap_or_else(Self::Any)
    }
}

/// The only tree of a list, or the list again.
fn single<L>(mut trees: Vec<Tree<L>>) -> std::result::Result<Tree<L>, Vec<Tree<L>>> {
    if trees.len() == 1 { trees.pop().ok_or(trees) } else { Err(trees) }
}

impl Op {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Has => ":",
            Self::Match => "=~",
            Self::NoMatch => "!~",
        }
    }
}

/// A tree with parentheses around every inner AND and OR: nobody has to know that OR binds tighter.
impl<L: Display> Display for Tree<L> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self {
            Self::All(parts) => joined(parts, " AND ", formatter),
            Self::Any(parts) => joined(parts, " OR ", formatter),
            Self::Not(inner) => {
                formatter.write_str("NOT ")?;
                grouped(inner, formatter)
            }
            Self::Leaf(leaf) => leaf.fmt(formatter),
        }
    }
}

fn joined<L: Display>(parts: &[Tree<L>], word: &str, formatter: &mut Formatter<'_>) -> Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(word)?;
        }
        if matches!(part, Tree::Not(_)) { part.fmt(formatter)? } else { grouped(part, formatter)? }
    }
    Ok(())
}

fn grouped<L: Display>(tree: &Tree<L>, formatter: &mut Formatter<'_>) -> Result {
    if matches!(tree, Tree::Leaf(_)) { tree.fmt(formatter) } else { write!(formatter, "({tree})") }
}

impl Display for Condition {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self {
            Self::Compare { left, op, right } => {
                write!(formatter, "{left}{}", op.text())?;
                grouped(right, formatter)
            }
            Self::Anywhere(text) => formatter.write_str(&quoted(text)),
            Self::Call(call) => call.fmt(formatter),
        }
    }
}

impl Display for Value {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self {
            Self::Text(text) if is_plain(text) => formatter.write_str(text),
            Self::Text(text) => formatter.write_str(&quoted(text)),
            Self::Null => formatter.write_str("NULL_VALUE"),
            Self::Present => formatter.write_char('*'),
            Self::Pattern(pattern) => write!(formatter, "\"{}\"", pattern.source()),
        }
    }
}

impl Display for Field {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        path(self.path(), formatter)
    }
}

/// Segments joined by dots, quoted where they need it.
pub(super) fn path<'s>(segments: impl Iterator<Item = &'s str>, out: &mut impl std::fmt::Write) -> Result {
    for (index, name) in segments.enumerate() {
        if index > 0 {
            out.write_char('.')?;
        }
        let plain = !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit() || first == '-')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '/' | '@'))
            && (index > 0 || !is_keyword(name));
        if plain {
            out.write_str(name)?;
        } else {
            out.write_str(&quoted(name).replace(' ', "\\u0020"))?;
        }
    }
    Ok(())
}

fn is_keyword(text: &str) -> bool {
    matches!(text, "AND" | "OR" | "NOT")
}

/// Whether a value reads the same without quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !is_keyword(text)
        && text != "NULL_VALUE"
}

/// The text as a string of the language.
pub(super) fn quoted(text: &str) -> String {
    let mut string = String::with_capacity(text.len() + 2);
    string.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => string.extend(['\\', letter]),
            '\x07' => string.push_str("\\a"),
            '\x08' => string.push_str("\\b"),
            '\x0c' => string.push_str("\\f"),
            '\n' => string.push_str("\\n"),
            '\r' => string.push_str("\\r"),
            '\t' => string.push_str("\\t"),
            '\x0b' => string.push_str("\\v"),
            _ if letter.is_control() || (letter.is_whitespace() && letter != ' ') => {
                let _ = write!(string, "\\u{:04X}", u32::from(letter));
            }
            _ => string.push(letter),
        }
    }
    string.push('"');
    string
}
