//! The right side of a comparison in: texts, regular expressions, `*`; leaves of the tree out.

use super::error::QueryError;
use super::lex::{Kind, Token};
use super::parse::{Parsed, Parser, shortened};
use super::pattern::Pattern;
use super::tree::{Tree, Value, quoted};

impl Parser<'_> {
    /// A regular expression: what stands between the quotes, as written.
    pub(super) fn pattern(&mut self) -> Parsed<Tree<Value>> {
        let token = self.peek();
        if token.kind != Kind::Quoted {
            let error = self.unexpected(token, "a regular expression in double quotes");
            return Err(if token.kind == Kind::Text {
                error.help(format!("write {}", quoted(self.raw(token))))
            } else {
                error
            });
        }
        self.next();
        let pattern = self.regex(token)?;
        self.end_of_value(token)?;
        Ok(Tree::Leaf(Value::Pattern(pattern)))
    }

    /// The regular expression of a string.
    pub(super) fn regex(&self, token: Token) -> Parsed<Pattern> {
        Pattern::new(self.raw(token)).map_err(|reason| {
            QueryError::new(
                token.span(),
                format!("a regular expression that cannot be read ({reason})"),
                "one in RE2 syntax",
            )
        })
    }

    /// The right side of `:`, where `*` asks for presence.
    pub(super) fn held(&mut self) -> Parsed<Tree<Value>> {
        let token = self.peek();
        if token.kind == Kind::Text && self.raw(token) == "*" {
            self.next();
            self.end_of_value(token)?;
            return Ok(Tree::Leaf(Value::Present));
        }
        self.value()
    }

    /// A value on the right side.
    pub(super) fn value(&mut self) -> Parsed<Tree<Value>> {
        let token = self.peek();
        if token.kind == Kind::Minus {
            return Err(self.unexpected(token, "a value").help("put a value that starts with `-` in double quotes"));
        }
        let word = self.word("a value: a word, a number, a string or `(`")?;
        self.end_of_value(token)?;
        let text = word.text();
        if !word.is_quoted() && text == "NULL_VALUE" {
            return Ok(Tree::Leaf(Value::Null));
        }
        if !word.is_quoted() {
            self.value_traps(&word, &text);
        }
        Ok(Tree::Leaf(Value::Text(text)))
    }

    /// After a value no operator can follow: the value then has characters that need quotes.
    fn end_of_value(&self, first: Token) -> Parsed<()> {
        let token = self.peek();
        if !matches!(token.kind, Kind::Op(_) | Kind::Dot) {
            let glued = token.kind == Kind::Open
                && self.tokens.get(self.at.wrapping_sub(1)).is_some_and(|last| last.end == token.start);
            return if glued {
                Err(self
                    .unexpected(token, "a blank or an operator")
                    .help("functions stand on the left side of a comparison; put a value with `(` in double quotes"))
            } else {
                Ok(())
            };
        }
        let rest = self.source.get(first.start..).unwrap_or_default();
        let whole = rest.split(|letter: char| letter.is_whitespace() || letter == ')').next().unwrap_or_default();
        let error = self.unexpected(token, "the end of the value");
        Err(if first.kind == Kind::Text && whole.len() > token.start - first.start {
            error.help(format!(
                "put a value with `{}` in double quotes: {}",
                self.raw(token),
                quoted(&shortened(whole))
            ))
        } else {
            error.help("two comparisons are joined by AND or OR")
        })
    }
}
