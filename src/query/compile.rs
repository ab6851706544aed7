//! A syntax tree in, tests in the order of their cost out; and what each of them says of an entry.

use std::cmp::Ordering;

use jiff::SignedDuration;

use super::evaluate::{Leaf, any_text};
use super::fields::Kind;
use super::functions::{Call, Operand, decimal, duration, truth};
use super::pattern::Pattern;
use super::text::Folded;
use super::tree::{Condition, Op, Tree, Value};
use crate::model::{LogEntry, Severity, Timestamp};

/// A filter, ready to be asked.
#[derive(Debug)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compare(Operand, Box<Comparison>),
    Present(Operand),
    Anywhere(Folded),
    Call(Call),
}

/// An operator with its right side, converted once to every type that a left side can have.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    op: Op,
    right: Right,
}

#[derive(Clone, Debug)]
enum Right {
    Null,
    Pattern(Pattern),
    Constant(Box<Constant>),
}

#[derive(Clone, Debug)]
struct Constant {
    text: Folded,
    number: Option<f64>,
    truth: Option<bool>,
    time: Option<Timestamp>,
    duration: Option<SignedDuration>,
    severity: Option<f64>,
}

impl Test {
    /// The tests of `tree`, cheap ones first: no test has an effect, so their order is free.
    pub(super) fn compile(tree: &Tree<Condition>) -> Self {
        match tree {
            Tree::All(parts) => Self::All(sorted(parts.iter().map(Self::compile))),
            Tree::Any(parts) => Self::Any(sorted(parts.iter().map(Self::compile))),
            Tree::Not(inner) => Self::Not(Box::new(Self::compile(inner))),
            Tree::Leaf(Condition::Compare { left, op, right }) => Self::comparison(left, *op, right),
            Tree::Leaf(Condition::Anywhere(text)) => Self::Anywhere(Folded::new(text)),
            Tree::Leaf(Condition::Call(call)) => Self::Call(call.clone()),
        }
    }

    fn comparison(left: &Operand, op: Op, right: &Tree<Value>) -> Self {
        match right {
            Tree::All(parts) => Self::All(sorted(parts.iter().map(|part| Self::comparison(left, op, part)))),
            Tree::Any(parts) => Self::Any(sorted(parts.iter().map(|part| Self::comparison(left, op, part)))),
            Tree::Not(inner) => Self::Not(Box::new(Self::comparison(left, op, inner))),
            Tree::Leaf(Value::Present) => Self::Present(left.clone()),
            Tree::Leaf(value) => Self::Compare(left.clone(), Box::new(Comparison::new(op, value))),
        }
    }

    /// Whether `entry` passes.
    pub(super) fn holds(&self, entry: &LogEntry<'_>) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(entry)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(entry)),
            Self::Not(test) => !test.holds(entry),
            Self::Compare(left, comparison) => left.any(entry, &mut |leaf| comparison.holds(leaf)),
            Self::Present(Operand::Field(field)) => field.is_present(entry),
            Self::Present(left) => left.any(entry, &mut |_| true),
            Self::Anywhere(text) => any_text(entry.record, 0, &mut |value| text.is_in(value)),
            Self::Call(call) => call.holds(entry),
        }
    }

    /// Roughly what a test costs: a field of the model 1, a walk through labels or a payload 4 and more, a search
    /// through everything most.
    fn cost(&self) -> u32 {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().map(Self::cost).fold(0, u32::saturating_add),
            Self::Not(test) => test.cost(),
            Self::Compare(left, comparison) => operand_cost(left).saturating_add(comparison.cost()),
            Self::Present(left) => operand_cost(left),
            Self::Anywhere(_) | Self::Call(Call::Search { within: None, .. }) => 400,
            Self::Call(Call::LogId(_) | Call::Source(_)) => 3,
            Self::Call(Call::Sample { of, .. } | Call::InNet { of, .. }) => operand_cost(of).saturating_add(4),
            Self::Call(Call::Search { within: Some(field), .. }) => field_cost(field.kind).saturating_add(100),
        }
    }
}

fn sorted(tests: impl Iterator<Item = Test>) -> Vec<Test> {
    let mut tests: Vec<Test> = tests.collect();
    tests.sort_by_key(Test::cost);
    tests
}

fn operand_cost(operand: &Operand) -> u32 {
    match operand {
        Operand::Field(field) => field_cost(field.kind),
        Operand::Cast { of, .. } => operand_cost(of).saturating_add(10),
        Operand::Extract { of, .. } => operand_cost(of).saturating_add(60),
    }
}

fn field_cost(kind: Kind) -> u32 {
    match kind {
        Kind::Severity | Kind::Time => 1,
        Kind::Text | Kind::TextPayload => 2,
        Kind::Integer | Kind::Bool | Kind::Duration => 4,
        Kind::Map | Kind::Message(_) => 6,
        Kind::Payload | Kind::Proto => 8,
    }
}

impl Comparison {
    pub(super) fn new(op: Op, value: &Value) -> Self {
        let right = match value {
            Value::Null => Right::Null,
            Value::Pattern(pattern) => Right::Pattern(pattern.clone()),
            Value::Text(text) => Right::Constant(Box::new(Constant::new(text))),
            Value::Present => Right::Constant(Box::new(Constant::new("*"))),
        };
        Self { op, right }
    }

    fn cost(&self) -> u32 {
        match (&self.right, self.op) {
            (Right::Pattern(_), _) => 40,
            (_, Op::Has) => 10,
            _ => 0,
        }
    }

    /// Whether the right side can be converted to what a field of `kind` holds.
    pub(super) fn fits(&self, kind: Kind) -> bool {
        match (&self.right, kind) {
            (Right::Constant(right), Kind::Integer) => right.number.is_some(),
            (Right::Constant(right), Kind::Bool) => right.truth.is_some(),
            (Right::Constant(right), Kind::Time) => right.time.is_some(),
            (Right::Constant(right), Kind::Duration) => right.duration.is_some(),
            (Right::Constant(right), Kind::Severity) => right.severity.is_some(),
            (Right::Pattern(_), Kind::Integer | Kind::Bool | Kind::Time | Kind::Duration) => false,
            _ => true,
        }
    }

    /// Whether the comparison holds for one value.
    pub(super) fn holds(&self, leaf: Leaf<'_>) -> bool {
        let is_null = matches!(leaf, Leaf::Null);
        match &self.right {
            Right::Null => match self.op {
                Op::Eq | Op::Has => is_null,
                Op::Ne => !is_null,
                _ => false,
            },
            Right::Pattern(pattern) => {
                let text = match leaf {
                    Leaf::Text(text) => text,
                    Leaf::Severity(severity) => severity.name(),
                    _ => return false,
                };
                pattern.is_in(text) == (self.op == Op::Match)
            }
            Right::Constant(right) => self.compare(leaf, right),
        }
    }

    fn compare(&self, leaf: Leaf<'_>, right: &Constant) -> bool {
        let order = match leaf {
            Leaf::Text(text) => return self.compare_text(text, &right.text),
            Leaf::Number(number) => right.number.and_then(|right| number.as_f64().partial_cmp(&right)),
            Leaf::Bool(truth) => right.truth.map(|right| truth.cmp(&right)),
            Leaf::Time(time) => right.time.map(|right| time.cmp(&right)),
            Leaf::Duration(duration) => right.duration.map(|right| duration.cmp(&right)),
            Leaf::Severity(severity) => {
                right.severity.and_then(|right| f64::from(severity.number()).partial_cmp(&right))
            }
            Leaf::Tree(value) => {
                return self.op == Op::Has && any_text(value, 0, &mut |text| right.text.is_in(text));
            }
            Leaf::Null | Leaf::Unreadable => None,
        };
        order.is_some_and(|order| self.accepts(order))
    }

    fn compare_text(&self, text: &str, right: &Folded) -> bool {
        match self.op {
            Op::Eq => right.equals(text),
            Op::Ne => !right.equals(text),
            Op::Has => right.is_in(text),
            _ => self.accepts(right.order_of(text)),
        }
    }

    fn accepts(&self, order: Ordering) -> bool {
        match self.op {
            Op::Eq | Op::Has => order.is_eq(),
            Op::Ne => order.is_ne(),
            Op::Lt => order.is_lt(),
            Op::Le => order.is_le(),
            Op::Gt => order.is_gt(),
            Op::Ge => order.is_ge(),
            Op::Match | Op::NoMatch => false,
        }
    }
}

impl Constant {
    fn new(text: &str) -> Self {
        Self {
            text: Folded::new(text),
            number: decimal(text),
            truth: truth(text),
            time: Timestamp::parse_bound(text),
            duration: duration(text),
            severity: decimal(text).or_else(|| Severity::parse(text).map(|severity| f64::from(severity.number()))),
        }
    }
}
