//! Parsed parts of a filter in, warnings out: what is legal and probably not meant.

use std::ops::Range;

use super::compile::Comparison;
use super::evaluate::Leaf;
use super::fields::{Field, Kind as FieldKind, is_root};
use super::functions::Operand;
use super::lex::Kind;
use super::parse::{Parser, Word};
use super::tree::{Condition, Op, Tree, Value};

impl Parser<'_> {
    /// Warns of `insertId="A" OR "B"`: the second part is a search through everything.
    pub(super) fn bare_alternative(&mut self, starts: &[usize]) {
        let ends = starts.iter().skip(1).map(|start| start.saturating_sub(1)).chain([self.at]);
        let terms = starts.iter().zip(ends).filter_map(|(start, end)| self.tokens.get(*start..end));
        let mut compared = None;
        let mut bare = None;
        for term in terms {
            match term {
                [word] if matches!(word.kind, Kind::Text | Kind::Quoted) && compared.is_some() => {
                    bare = bare.or(Some(*word));
                }
                [first, .., op, value] if matches!(op.kind, Kind::Op(_)) => {
                    compared = compared.or(Some((*first, *op, *value)));
                }
                _ => {}
            }
        }
        let (Some((first, op, value)), Some(bare)) = (compared, bare) else { return };
        if !matches!(value.kind, Kind::Text | Kind::Quoted) {
            return;
        }
        let text = |from: usize, to: usize| self.source.get(from..to).unwrap_or_default();
        let (word, value) = (text(bare.start, bare.end), text(value.start, value.end));
        let warning = format!(
            "{word} is searched for anywhere in the entry; for either value write `{}({value} OR {word})`",
            text(first.start, op.end)
        );
        self.trap(bare.span(), warning);
    }

    pub(super) fn word_traps(&mut self, word: &Word) {
        if word.is_quoted() {
            return;
        }
        let text = word.text();
        let first = word.segments.first().map_or("", String::as_str);
        let warning = match text.as_str() {
            "and" | "or" | "not" => {
                format!("lower-case `{text}` is a word to search for; the operator is `{}`", text.to_ascii_uppercase())
            }
            "&&" => "`&&` is text to search for; the operator is `AND`".to_owned(),
            "||" => "`||` is text to search for; the operator is `OR`".to_owned(),
            _ if text.starts_with('!') => format!("`{text}` is text to search for; to negate write `-` or `NOT`"),
            _ if text.starts_with(['\'', '“', '”']) => {
                "only straight double quotes make a string; these quotes are part of the text".to_owned()
            }
            _ if is_root(first) => {
                format!("`{text}` is text to search for; a field needs an operator, such as `{text}:*`")
            }
            _ => return,
        };
        self.trap(word.span(), warning);
    }

    pub(super) fn value_traps(&mut self, word: &Word, text: &str) {
        let first = word.segments.first().map_or("", String::as_str);
        if text.starts_with(['\'', '“', '”']) {
            self.trap(word.span(), "only straight double quotes make a string; these quotes are part of the value");
        } else if text == "*" {
            self.trap(word.span(), "this compares with the text `*`; `:*` asks whether the field is there");
        } else if word.segments.len() > 1 && is_root(first) {
            self.trap(word.span(), format!("`{text}` is text here; fields are not compared with each other"));
        }
    }

    pub(super) fn comparison_traps(&mut self, left: &Operand, op: Op, right: &Tree<Value>, span: Range<usize>) {
        let Operand::Field(field) = left else { return };
        let mut values = Vec::new();
        leaves(right, &mut values);
        for value in values {
            self.type_trap(field, op, value, &span);
        }
    }

    /// Warns of conditions on the request that entries without one meet, unless the whole filter keeps those out.
    pub(super) fn request_traps(&mut self, tree: &Tree<Condition>) {
        if without_request(tree) == Some(false) {
            return;
        }
        let mut spans = std::mem::take(&mut self.compared).into_iter();
        each_comparison(tree, true, &mut |condition, wanted| {
            let (Some(span), Condition::Compare { left: Operand::Field(field), .. }) = (spans.next(), condition) else {
                return;
            };
            if request_by_default(condition) != Some(wanted) {
                return;
            }
            let so =
                if wanted { "this holds for them too" } else { "this does not hold for them, and its negation does" };
            let text = format!("entries without a request have {field} at its default, so {so}; add `httpRequest:*`");
            self.trap(span, text);
        });
    }

    fn type_trap(&mut self, field: &Field, op: Op, value: &Value, span: &Range<usize>) {
        let text = match (value, field.kind) {
            (Value::Pattern(_), FieldKind::Message(_) | FieldKind::Map) => {
                format!("a regular expression is matched against one text; name a field below {field}")
            }
            (Value::Pattern(_), FieldKind::Payload | FieldKind::Proto) if field.keys.is_empty() => {
                format!("a regular expression is matched against one text; name a field below {field}")
            }
            (Value::Text(_) | Value::Pattern(_), kind) if !Comparison::new(op, value).fits(kind) => {
                let what = match kind {
                    FieldKind::Integer => "a number",
                    FieldKind::Bool => "true or false",
                    FieldKind::Time => "a time",
                    FieldKind::Duration => "a duration with its unit, such as \"1.5s\"",
                    _ => "one of DEFAULT, DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL, ALERT, EMERGENCY",
                };
                format!("{field} holds {what}, so this comparison is never true")
            }
            _ => return,
        };
        self.trap(span.clone(), text);
    }
}

fn leaves<'t>(tree: &'t Tree<Value>, found: &mut Vec<&'t Value>) {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().for_each(|part| leaves(part, found)),
        Tree::Not(inner) => leaves(inner, found),
        Tree::Leaf(value) => found.push(value),
    }
}

/// What is known of a filter where an entry has no request.
fn without_request(tree: &Tree<Condition>) -> Option<bool> {
    match tree {
        Tree::All(parts) => decided(parts, false),
        Tree::Any(parts) => decided(parts, true),
        Tree::Not(inner) => without_request(inner).map(|holds| !holds),
        Tree::Leaf(condition) => request_by_default(condition),
    }
}

/// One part that is `deciding` decides; else one that is unknown leaves all unknown.
fn decided(parts: &[Tree<Condition>], deciding: bool) -> Option<bool> {
    let verdicts: Vec<Option<bool>> = parts.iter().map(without_request).collect();
    match () {
        () if verdicts.contains(&Some(deciding)) => Some(deciding),
        () if verdicts.contains(&None) => None,
        () => Some(!deciding),
    }
}

/// Whether a condition on the request holds where there is none; nothing of other conditions.
fn request_by_default(condition: &Condition) -> Option<bool> {
    match condition {
        Condition::Compare { left: Operand::Field(field), op, right } if field.root == "httpRequest" => {
            Some(holds(right, *op, Leaf::default_of(field.kind)))
        }
        _ => None,
    }
}

/// Visits the comparisons as they stand in the text, each with whether it is to hold or not to.
fn each_comparison<'t>(tree: &'t Tree<Condition>, wanted: bool, visit: &mut dyn FnMut(&'t Condition, bool)) {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().for_each(|part| each_comparison(part, wanted, visit)),
        Tree::Not(inner) => each_comparison(inner, !wanted, visit),
        Tree::Leaf(condition @ Condition::Compare { .. }) => visit(condition, wanted),
        Tree::Leaf(_) => {}
    }
}

fn holds(tree: &Tree<Value>, op: Op, leaf: Option<Leaf<'_>>) -> bool {
    match tree {
        Tree::All(parts) => parts.iter().all(|part| holds(part, op, leaf)),
        Tree::Any(parts) => parts.iter().any(|part| holds(part, op, leaf)),
        Tree::Not(inner) => !holds(inner, op, leaf),
        Tree::Leaf(Value::Present) => false,
        Tree::Leaf(value) => leaf.is_some_and(|leaf| Comparison::new(op, value).holds(leaf)),
    }
}
