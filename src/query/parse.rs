//! Filter text in, syntax tree and warnings out. NOT binds before OR, OR before AND; two conditions side by side are AND.

use super::error::{QueryError, Trap};
use super::fields::Field;
use super::functions::Operand;
use super::lex::{Kind, Token, decode, lex};
use super::tree::{Condition, Op, Tree, Value};

/// Google's limit.
const MOST_CHARACTERS: usize = 20_000;
/// Parentheses and functions within each other; the recursion of all later steps is bounded by it.
const DEEPEST: usize = 64;

/// The parser: tokens, and how far it is.
pub(super) struct Parser<'s> {
    pub(super) source: &'s str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) depth: usize,
    traps: Vec<Trap>,
    /// Where comparisons stand, from their operators on, in the order of the text.
    pub(super) compared: Vec<std::ops::Range<usize>>,
}

/// A name or value made of tokens joined by dots.
pub(super) struct Word {
    pub(super) segments: Vec<String>,
    pub(super) tokens: Vec<Token>,
}

impl Word {
    /// The text without its structure: how values and words to search for are read.
    pub(super) fn text(&self) -> String {
        self.segments.join(".")
    }

    pub(super) fn span(&self) -> std::ops::Range<usize> {
        let start = self.tokens.first().map_or(0, |token| token.start);
        start..self.tokens.last().map_or(start, |token| token.end)
    }

    pub(super) fn is_quoted(&self) -> bool {
        self.tokens.iter().any(|token| token.kind == Kind::Quoted)
    }
}

/// What reading a part of a filter gives.
pub(super) type Parsed<T> = Result<T, QueryError>;

/// Reads a filter; an empty one is `None`.
pub(super) fn parse(source: &str) -> Parsed<(Option<Tree<Condition>>, Vec<Trap>)> {
    let length = source.chars().count();
    if length > MOST_CHARACTERS {
        let from = source.char_indices().nth(MOST_CHARACTERS).map_or(0, |(at, _)| at);
        return Err(QueryError::new(
            from..source.len(),
            format!("{length} characters"),
            format!("at most {MOST_CHARACTERS}"),
        ));
    }
    let tokens = lex(source)?;
    let mut parser = Parser { source, tokens, at: 0, depth: 0, traps: Vec::new(), compared: Vec::new() };
    if parser.peek().kind == Kind::End {
        return Ok((None, Vec::new()));
    }
    let tree = parser.conjunction(Parser::condition)?;
    let token = parser.peek();
    if token.kind != Kind::End {
        return Err(parser.unexpected(token, "the end of the filter, AND or OR"));
    }
    parser.request_traps(&tree);
    let mut traps = parser.traps;
    traps.sort_by_key(|trap| (trap.span.start, trap.span.end));
    Ok((Some(tree), traps))
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> Token {
        let end = Token { kind: Kind::End, start: self.source.len(), end: self.source.len() };
        self.tokens.get(self.at).copied().unwrap_or(end)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub(super) fn raw(&self, token: Token) -> &str {
        token.raw(self.source)
    }

    pub(super) fn trap(&mut self, span: std::ops::Range<usize>, text: impl Into<String>) {
        self.traps.push(Trap { span, text: text.into() });
    }

    pub(super) fn unexpected(&self, token: Token, expected: &str) -> QueryError {
        let found = match token.kind {
            Kind::End => "the end of the filter".to_owned(),
            Kind::Quoted => "a string".to_owned(),
            Kind::Text => format!("`{}`", shortened(self.raw(token))),
            _ => format!("`{}`", self.raw(token)),
        };
        let error = QueryError::new(token.span(), found, expected);
        match token.kind {
            Kind::Close if self.depth == 0 => error.help("there is no `(` for this `)`"),
            Kind::Op(Op::Eq)
                if self
                    .tokens
                    .get(self.at.wrapping_sub(1))
                    .is_some_and(|last| matches!(last.kind, Kind::Op(Op::Eq | Op::Ne))) =>
            {
                error.help("write `=` or `!=`, with one `=`")
            }
            _ => error,
        }
    }

    fn is_keyword(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Text && self.raw(token) == word
    }

    /// One level further in; every nesting of the language goes through here.
    pub(super) fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST {
            let token = self.peek();
            return Err(QueryError::new(
                token.span(),
                format!("more than {DEEPEST} levels of parentheses"),
                "a flatter filter",
            ));
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    /// Parts joined by AND, written or not.
    fn conjunction<L>(&mut self, leaf: fn(&mut Self) -> Parsed<Tree<L>>) -> Parsed<Tree<L>> {
        let start = self.peek().start;
        let mut explicit = false;
        let mut parts = vec![self.disjunction(leaf)?];
        let mut mixed = parts.iter().any(|part| part.1);
        loop {
            if self.is_keyword("AND") {
                explicit = true;
                self.next();
            } else if matches!(self.peek().kind, Kind::End | Kind::Close | Kind::Comma | Kind::Op(_) | Kind::Dot) {
                break;
            }
            let part = self.disjunction(leaf)?;
            mixed |= part.1;
            parts.push(part);
        }
        if explicit && mixed && parts.len() > 1 {
            let end = self.tokens.get(self.at.wrapping_sub(1)).map_or(start, |token| token.end);
            self.trap(
                start..end,
                "OR binds tighter than AND here: `a AND b OR c` is `a AND (b OR c)`; parentheses make it plain",
            );
        }
        Ok(Tree::all(parts.into_iter().map(|part| part.0)))
    }

    /// Parts joined by OR, and whether there was one.
    fn disjunction<L>(&mut self, leaf: fn(&mut Self) -> Parsed<Tree<L>>) -> Parsed<(Tree<L>, bool)> {
        let mut starts = vec![self.at];
        let mut parts = vec![self.term(leaf)?];
        while self.is_keyword("OR") {
            self.next();
            starts.push(self.at);
            parts.push(self.term(leaf)?);
        }
        self.bare_alternative(&starts);
        let several = parts.len() > 1;
        Ok((Tree::any(parts), several))
    }

    fn term<L>(&mut self, leaf: fn(&mut Self) -> Parsed<Tree<L>>) -> Parsed<Tree<L>> {
        let token = self.peek();
        if self.is_keyword("NOT") {
            self.next();
        } else if token.kind == Kind::Minus {
            self.next();
            if self.peek().start != token.end {
                return Err(QueryError::new(token.span(), "a `-` on its own", "a condition right after it")
                    .help("write `-x` or `NOT x`; put a lone dash in double quotes"));
            }
        } else {
            return self.primitive(leaf);
        }
        Ok(Tree::Not(Box::new(self.primitive(leaf)?)))
    }

    fn primitive<L>(&mut self, leaf: fn(&mut Self) -> Parsed<Tree<L>>) -> Parsed<Tree<L>> {
        let open = self.peek();
        if ["AND", "OR", "NOT"].iter().any(|word| self.is_keyword(word)) {
            return Err(self.unexpected(open, "a condition").help("put the word in double quotes to search for it"));
        }
        if open.kind != Kind::Open {
            return leaf(self);
        }
        self.next();
        self.deeper(|parser| {
            let tree = parser.conjunction(leaf)?;
            parser.close_tree(open)?;
            Ok(tree)
        })
    }

    /// The `)` behind conditions or values.
    fn close_tree(&mut self, open: Token) -> Parsed<()> {
        let token = self.peek();
        if token.kind == Kind::Comma {
            let error = self.unexpected(token, "`)`, AND or OR");
            return Err(error.help("several values are written with OR, as in `severity=(ERROR OR CRITICAL)`"));
        }
        self.close(open)
    }

    /// The `)` that belongs to `open`.
    pub(super) fn close(&mut self, open: Token) -> Parsed<()> {
        let token = self.peek();
        match token.kind {
            Kind::Close => {
                self.next();
                Ok(())
            }
            Kind::End => Err(QueryError::new(open.span(), "`(` without its `)`", "a closing `)`")),
            _ => Err(self.unexpected(token, "`)`, AND or OR")),
        }
    }

    /// Tokens joined by dots, without blanks between them.
    pub(super) fn word(&mut self, expected: &str) -> Parsed<Word> {
        let mut word = Word { segments: Vec::new(), tokens: Vec::new() };
        loop {
            let token = self.peek();
            if !matches!(token.kind, Kind::Text | Kind::Quoted) {
                return Err(self.unexpected(token, expected));
            }
            word.segments.push(self.decoded(token)?);
            word.tokens.push(token);
            self.next();
            let dot = self.peek();
            if dot.kind != Kind::Dot {
                return Ok(word);
            }
            let after = self.tokens.get(self.at + 1).copied().unwrap_or(dot);
            if dot.start != token.end || after.start != dot.end {
                return Err(QueryError::new(dot.span(), "a `.` next to a blank", "a name on either side of it"));
            }
            self.next();
        }
    }

    /// The text of a token: strings are decoded, unquoted text is taken as it stands.
    pub(super) fn decoded(&self, token: Token) -> Parsed<String> {
        let raw = self.raw(token);
        if token.kind != Kind::Quoted {
            return Ok(raw.to_owned());
        }
        decode(raw).map_err(|at| {
            let start = token.start + 1 + at;
            let length = raw.get(at..).and_then(|rest| rest.chars().nth(1)).map_or(1, |letter| 1 + letter.len_utf8());
            let escape = self.source.get(start..start + length).unwrap_or_default().to_owned();
            QueryError::new(start..start + length, format!("the unknown escape `{escape}`"), "a known one").help(
                format!(
                    "for a backslash write `\\\\`; regular expressions stand behind `=~`, so `{escape}` is fine there"
                ),
            )
        })
    }

    /// A comparison, a function, or a word to search for.
    fn condition(&mut self) -> Parsed<Tree<Condition>> {
        if self.is_call() {
            return self.deeper(Parser::function);
        }
        let word = self.word("a condition: a field, a word, a string or `(`")?;
        if let Kind::Op(op) = self.peek().kind {
            let field = Self::field(&word)?;
            return self.comparison(Operand::Field(field), op);
        }
        self.word_traps(&word);
        Ok(Tree::Leaf(Condition::Anywhere(word.text())))
    }

    /// Whether a name with `(` right behind it is next.
    pub(super) fn is_call(&self) -> bool {
        let name = self.peek();
        let open = self.tokens.get(self.at + 1);
        name.kind == Kind::Text && open.is_some_and(|open| open.kind == Kind::Open && open.start == name.end)
    }

    /// The field that a word names.
    pub(super) fn field(word: &Word) -> Parsed<Field> {
        Field::resolve(&word.segments).map_err(|unknown| {
            let token = word.tokens.get(unknown.index).or(word.tokens.last());
            let span = token.map_or_else(|| word.span(), |token| token.span());
            let segment = word.segments.get(unknown.index).map_or("", String::as_str);
            let error = QueryError::new(span, format!("the unknown field `{}`", shortened(segment)), unknown.expected);
            match unknown.suggestion {
                Some(path) => error.help(format!("did you mean `{path}`?")),
                None => error,
            }
        })
    }

    /// The rest of a comparison; the operator is next.
    pub(super) fn comparison(&mut self, left: Operand, op: Op) -> Parsed<Tree<Condition>> {
        let operator = self.next();
        let open = self.peek();
        let value: fn(&mut Self) -> Parsed<Tree<Value>> = match op {
            Op::Match | Op::NoMatch => Parser::pattern,
            Op::Has => Parser::held,
            _ => Parser::value,
        };
        let right = if open.kind == Kind::Open {
            self.next();
            self.deeper(|parser| {
                let tree = parser.conjunction(value)?;
                parser.close_tree(open)?;
                Ok(tree)
            })?
        } else {
            value(self)?
        };
        let last = self.tokens.get(self.at.wrapping_sub(1)).copied().unwrap_or(operator);
        self.comparison_traps(&left, op, &right, operator.start..last.end);
        self.compared.push(operator.start..last.end);
        Ok(Tree::Leaf(Condition::Compare { left, op, right }))
    }
}

/// A text that fits into a message.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(60).chain(['…']).collect() }
}
