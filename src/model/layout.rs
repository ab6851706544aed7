//! How a record is laid out: which keys, in which order, with which kinds of values.

use simd_json::{Node, StaticNode};

/// The layout of a record, for as long as its reader lives; numbered from 0.
///
/// Records of one layout have equal tapes but for the texts, numbers and literals in them: the same keys and nesting,
/// and a text wherever another has a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutId(u32);

impl LayoutId {
    /// The layout with this number.
    pub fn new(number: usize) -> Self {
        Self(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Its number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What was worked out once for each layout.
#[derive(Clone, Debug)]
pub struct ByLayout<T>(Vec<Option<T>>);

impl<T> Default for ByLayout<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByLayout<T> {
    /// What is known of a layout; worked out now, if nothing is.
    pub fn get_or_insert_with(&mut self, layout: LayoutId, make: impl FnOnce() -> T) -> Option<&mut T> {
        if self.0.len() <= layout.index() {
            self.0.resize_with(layout.index() + 1, || None);
        }
        Some(self.0.get_mut(layout.index())?.get_or_insert_with(make))
    }

    /// What is known of a layout.
    pub fn get_mut(&mut self, layout: LayoutId) -> Option<&mut T> {
        self.0.get_mut(layout.index())?.as_mut()
    }
}

/// A text, number, `true`, `false` or `null` of a record, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Its first byte in the record; of a text the one behind the quote.
    pub from: u32,
    /// The first byte behind it; of a text the closing quote.
    pub to: u32,
    /// What it is.
    pub form: Form,
}

/// What a literal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text without escapes.
    Plain,
    /// A text whose escapes are resolved: from and to which byte of the resolved texts.
    Escaped(u32, u32),
    /// Anything else: its number among the scalars.
    Scalar(u32),
}

/// A record whose layout is known: its literals in the order of the record, and nothing else of it.
#[derive(Clone, Copy, Debug)]
pub struct Laid<'a> {
    /// How it is laid out.
    pub layout: LayoutId,
    /// The whole record.
    pub record: &'a str,
    /// How many newlines are in it.
    pub lines: u32,
    /// The texts whose escapes were resolved, behind each other; empty if no text of the record has any.
    pub unescaped: &'a str,
    /// The numbers, truths and nulls.
    pub scalars: &'a [StaticNode],
    /// All literals that are no keys.
    pub literals: &'a [Literal],
}

impl<'a> Laid<'a> {
    /// The literal with this number as the parser's tape has it, `null` if there are not so many.
    #[inline]
    pub fn node(&self, number: usize) -> Node<'a> {
        match self.literals.get(number) {
            Some(Literal { form: Form::Scalar(at), .. }) => {
                Node::Static(self.scalars.get(*at as usize).copied().unwrap_or(StaticNode::Null))
            }
            Some(literal) => Node::String(self.text_of(literal)),
            None => Node::Static(StaticNode::Null),
        }
    }

    /// The literal with this number, if it is a text.
    #[inline]
    pub fn text(&self, number: usize) -> Option<&'a str> {
        let literal = self.literals.get(number)?;
        (!matches!(literal.form, Form::Scalar(_))).then(|| self.text_of(literal))
    }

    /// The bytes of the record from the first of two literals to the last.
    pub fn raw(&self, first: usize, last: usize) -> &'a [u8] {
        let (from, to) =
            (self.literals.get(first).map(|first| first.from), self.literals.get(last).map(|last| last.to));
        let (Some(from), Some(to)) = (from, to) else { return &[] };
        self.record.as_bytes().get(from as usize..to as usize).unwrap_or_default()
    }

    fn text_of(&self, literal: &Literal) -> &'a str {
        let (text, from, to) = match literal.form {
            Form::Escaped(from, to) => (self.unescaped, from, to),
            _ => (self.record, literal.from, literal.to),
        };
        text.get(from as usize..to as usize).unwrap_or_default()
    }
}

/// So many look-ups are watched together; if more than half of them are in vain, there are none for a while.
const WATCHED: u32 = 1_024;
const REST: u32 = 4_096;

/// Whether looking things up is worth its while, as far as the last ones tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch {
    seen: u32,
    missed: u32,
    rest: u32,
}

impl Watch {
    /// Whether nothing is looked up for now; asked once before each look-up.
    pub fn rests(&mut self) -> bool {
        self.rest = self.rest.saturating_sub(1);
        self.rest > 0
    }

    /// Whether [`Watch::rests`] said so last.
    pub fn is_resting(&self) -> bool {
        self.rest > 0
    }

    /// Notes what came of a look-up.
    pub fn note(&mut self, missed: bool) {
        self.seen += 1;
        self.missed += u32::from(missed);
        if self.seen >= WATCHED {
            let rest = if self.missed > WATCHED / 2 { REST } else { 0 };
            *self = Self { rest, ..Self::default() };
        }
    }
}
