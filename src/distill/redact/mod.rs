//! Text or JSON in, the same without secrets and personal data out: each replaced by a typed, stable mark.
//!
//! One pass looks for keywords; the rules whose keyword stands in the text run around it, and nothing else does. The
//! text is looked at as it stands and with its escapes taken off, layer by layer, and so is what its base64 holds.
//! Rules of vendors are data (`rules.toml`); fields are known by their names (`names`), values by their shapes
//! (`value`). Redaction never decides what is one pattern: it is applied to what is kept, after fingerprints are made.

mod accept;
mod assign;
mod checks;
mod clean;
mod constant;
mod cookie;
mod decode;
mod find;
mod gate;
mod json;
mod list;
mod mark;
mod names;
mod personal;
mod rules;
mod slot;
mod spans;
mod statement;
mod value;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;

use crate::error::{Error, Result};

use accept::accepts_member;
use clean::Clean;
pub use constant::{Told, hide_constants};
pub use decode::Spelling;
pub use find::{Found, Look};
pub use gate::Leak;
use mark::marks;
pub use mark::{Numbers, shorten_tags};
use names::Class;
use rules::Catalog;
pub(super) use slot::open_key;
pub(super) use statement::open_rows;

/// How much is redacted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Secrets, and personal data that is known by its form: e-mail, phone, card and account numbers, national ids.
    #[default]
    On,
    /// Also IP addresses, the addresses of service accounts, and the values of fields that name users and hosts.
    Strict,
    /// Nothing.
    Off,
}

impl Policy {
    /// The name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Strict => "strict",
            Self::Off => "off",
        }
    }
}

/// What the user adds to the rules and takes from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserRules {
    /// Kind of the mark, and an expression whose group `s`, first group or whole match is replaced.
    pub add: Vec<(String, String)>,
    /// Expressions: a value that one of them matches as a whole stays.
    pub allow: Vec<String>,
}

/// Finds and replaces what must not be kept.
#[derive(Debug)]
pub struct Redactor {
    policy: Policy,
    add: Vec<(String, Regex)>,
    allow: Vec<Regex>,
    clean: Clean,
}

impl Redactor {
    /// A redactor with the shipped rules and those of the user.
    pub fn new(policy: Policy, rules: &UserRules) -> Result<Self> {
        let wrong = |what: &str, detail: String| Error::Usage { what: format!("redaction rule {what}"), detail };
        let mut add = Vec::new();
        for (kind, source) in &rules.add {
            if kind.is_empty()
                || kind.len() > 32
                || !kind.starts_with(|first: char| first.is_ascii_lowercase())
                || !kind.bytes().all(mark::is_kind_byte)
            {
                return Err(wrong(
                    kind,
                    "a kind starts with a lower-case letter and has letters, digits, - and _ only".to_owned(),
                ));
            }
            let regex = Regex::new(source).map_err(|error| wrong(kind, error.to_string()))?;
            if regex.is_match("") {
                return Err(wrong(kind, "it matches nothing at all, so it would match everywhere".to_owned()));
            }
            add.push((kind.clone(), regex));
        }
        let allow = rules
            .allow
            .iter()
            .map(|source| Regex::new(&format!("^(?:{source})$")).map_err(|error| wrong(source, error.to_string())))
            .collect::<Result<_>>()?;
        Ok(Self { policy, add, allow, clean: Clean::default() })
    }

    /// Gets ready what the first text would wait for.
    pub fn warm_up(&self) {
        if !self.is_off() {
            // Without its rules it leaves no text as it is.
            let _ = Catalog::shipped();
        }
    }

    /// The same rules under the usual policy: what identifies a cluster reads alike under every policy.
    #[must_use]
    pub fn for_identity(&self) -> Self {
        Self { policy: Policy::On, add: self.add.clone(), allow: self.allow.clone(), clean: Clean::default() }
    }

    /// Whether these are the rules of [`Redactor::for_identity`].
    pub fn is_for_identity(&self) -> bool {
        self.policy == Policy::On && self.allow.is_empty()
    }

    /// The text with every secret replaced by its mark; counts what it replaced, by kind.
    ///
    /// A second time changes nothing, whatever the text.
    pub fn redact<'t>(&self, text: &'t str, counts: &mut BTreeMap<String, u64>) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        // What a mark replaces may have hidden something else; each round replaces at least one byte that is no mark.
        for _ in 0..spans::MOST_ROUNDS {
            let found = self.find(&redacted);
            if found.is_empty() {
                break;
            }
            redacted = Cow::Owned(spans::replace(&redacted, &found, counts));
        }
        redacted
    }

    /// Redacts values of a slot as they read behind what the pattern has before it.
    pub fn behind<'p>(&'p self, pattern: &'p str) -> Behind<'p> {
        let rows = open_rows(pattern).and_then(|start| pattern.get(start..));
        let literal = rows.unwrap_or_else(|| slot::behind_placeholder(pattern).1);
        let literal = literal.replace('‹', "<").replace('›', ">");
        Behind {
            redactor: self,
            literal,
            word: slot::Word::before(pattern).filter(|_| !self.is_off()),
            in_key: !self.is_off() && open_key(pattern).is_some(),
        }
    }

    /// What an entry says, redacted; where that is the end of a private key, the rest stands in entries beside it.
    pub fn redact_message(&self, message: &str) -> String {
        if !self.is_off() && find::is_end_of_key(message.trim()) {
            return self.hide("key_material", message);
        }
        self.redact(message, &mut BTreeMap::new()).into_owned()
    }

    /// The mark of a text that is part of a secret, and does not look like one by itself.
    pub fn hide(&self, kind: &str, part: &str) -> String {
        if self.allows(part) { part.to_owned() } else { mark::mark(kind, part) }
    }

    /// Whether a value is none, a mask, or speaks about one: `null`, `***`, `expired`.
    pub fn is_remark(&self, value: &str) -> bool {
        matches!(value::shape(value), value::Shape::Stable | value::Shape::Remark)
    }

    /// Whether a value, with escapes of its quote behind it, is formed like a token or a key.
    pub fn is_key_like(&self, value: &str) -> bool {
        let value = value.trim_end_matches('\\');
        !self.is_off() && marks(value).is_empty() && accepts_member(Class::Token, "token", value)
    }

    /// Finished JSON with every string and name redacted by what it says itself, as it is and as outputs spell it: a last
    /// sweep over all that is shown. What the first spelling leaves as it is, the others do as well.
    pub fn sweep<'t>(&self, json: &'t str, spellings: &[Spelling], counts: &mut BTreeMap<String, u64>) -> Cow<'t, str> {
        if self.is_off() { Cow::Borrowed(json) } else { json::sweep(self, json, spellings, counts) }
    }

    /// Redacts every string of a value, names of members included; the name of a member tells about its value.
    pub fn redact_json(&self, value: &mut serde_json::Value, counts: &mut BTreeMap<String, u64>) {
        if !self.is_off() {
            json::redact(self, value, counts);
        }
    }

    fn is_off(&self) -> bool {
        self.policy == Policy::Off
    }

    fn is_strict(&self) -> bool {
        self.policy == Policy::Strict
    }

    /// Whether the user lets a value stand.
    fn allows(&self, value: &str) -> bool {
        self.allow.iter().any(|regex| regex.is_match(value))
    }
}

/// Redacts the values of one slot.
#[derive(Debug)]
pub struct Behind<'p> {
    redactor: &'p Redactor,
    /// The text right before the slot.
    literal: String,
    /// Placeholders may stand between a telling name and its value, so the last word before them counts as well.
    word: Option<slot::Word<'p>>,
    /// Whether the slot stands inside of a private key.
    in_key: bool,
}

impl Behind<'_> {
    /// The value with every secret replaced by its mark; counts what it replaced, by kind.
    pub fn redact<'v>(&self, value: &'v str, counts: &mut BTreeMap<String, u64>) -> Cow<'v, str> {
        if self.in_key && marks(value).is_empty() && !self.redactor.allows(value) {
            return Cow::Owned(spans::replace(value, &[spans::Span::whole(value, "private_key")], counts));
        }
        if self.literal.is_empty() && self.word.is_none() {
            return self.redactor.redact(value, counts);
        }
        let from = self.literal.len();
        // Values of other slots stand behind other texts.
        let found = self.redactor.find_anew(&[&self.literal, value].concat()).into_iter();
        let mut inside: Vec<_> =
            found.filter(|span| span.range.end > from).map(|span| span.shifted_back(from)).collect();
        if inside.is_empty() && !self.redactor.allows(value) {
            inside.extend(self.word.as_ref().and_then(|word| word.tells(value)));
        }
        if inside.is_empty() {
            return self.redactor.redact(value, counts);
        }
        let replaced = spans::replace(value, &inside, counts);
        Cow::Owned(self.redactor.redact(&replaced, counts).into_owned())
    }
}

#[cfg(test)]
mod tests;
