//! What is known of a field and its value in, whether that value is taken for a secret out.

use super::names::Class;
use super::value::{Shape, entropy, is_remark_like, shape};

/// How sure it is that what follows a name is its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bond {
    /// Nothing but a space, a comma, or a word, between them.
    Weak,
    /// They are cells of one row of a table.
    Cell,
    /// A colon, as sentences have it too.
    Colon,
    /// A sign of assignment, quotes on both sides, a flag, a tag.
    Strong,
}

/// What is known of a value beside its name and text.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent observation about the text around a value")]
pub(super) struct Context {
    pub(super) bond: Bond,
    pub(super) quoted: bool,
    /// The field stands at the start of a line or list item, and its value ends there.
    pub(super) closes: bool,
    /// The name is written as programs write names, not as sentences do.
    pub(super) coined: bool,
    /// A word such as `is` says that the value follows.
    pub(super) told: bool,
}

/// Whether the value of a field in JSON is secret: the bond could not be stronger.
pub(super) fn accepts_member(class: Class, name: &str, value: &str) -> bool {
    let context = Context { bond: Bond::Strong, quoted: true, closes: true, coined: true, told: false };
    accepts(class, context, value, name)
}

/// Whether a value is taken for the secret that its name promises.
pub(super) fn accepts(class: Class, context: Context, value: &str, name: &str) -> bool {
    let shape = shape(value);
    if matches!(shape, Shape::Stable | Shape::Remark | Shape::Prose) || class != Class::Password && is_event(value) {
        return false;
    }
    if class == Class::Item && is_reference(value) {
        return false;
    }
    match context.bond {
        Bond::Strong => strong(class, context, shape, value, name),
        Bond::Colon => colon(class, context, shape, value),
        // Below a head of names stand more names.
        Bond::Cell => {
            matches!(shape, Shape::Mixed | Shape::Random | Shape::Hex | Shape::Uuid)
                && has_digit(value)
                && colon(class, context, shape, value)
        }
        // What looks like an assignment is one of another name.
        Bond::Weak => !value.trim_end_matches('=').contains('=') && weak(class, context, shape, value, name),
    }
}

fn strong(class: Class, context: Context, shape: Shape, value: &str, name: &str) -> bool {
    let long = value.len();
    match class {
        Class::Password => match shape {
            Shape::Place => !(value.contains('/') || value.ends_with(')') || value.contains('.')),
            // `pass=3` counts, and `pw=40` measures.
            Shape::Number => long >= if matches!(name.len(), 2 | 4) { 6 } else { 3 },
            _ => true,
        },
        Class::Pin => {
            shape == Shape::Number && long >= 3
                || is_grouped_number(value, 6)
                || (shape == Shape::Mixed && has_digit(value))
        }
        Class::Digits => is_grouped_number(value, 7),
        Class::Secret => match shape {
            Shape::Place | Shape::Number => false,
            // The name of a secret rather than the secret, as Kubernetes has them.
            Shape::Name => long >= 6 && !is_plain_secret(name),
            _ => long >= 6,
        },
        Class::Key | Class::Item => {
            matches!(shape, Shape::Random | Shape::Uuid)
                || (shape == Shape::Number && long >= 12)
                || (matches!(shape, Shape::Mixed | Shape::Hex) && long >= 8)
                || (matches!(shape, Shape::Word | Shape::Name) && long >= 16)
        }
        Class::Token => match shape {
            Shape::Random | Shape::Uuid => true,
            Shape::Mixed => long >= 6,
            Shape::Hex => long >= 8,
            Shape::Number => long >= 6 && !value.contains('.') && ends_with(name, "token"),
            Shape::Name => (long >= 12 && context.quoted || long >= 16) && !is_host(value),
            Shape::Word => long >= 12,
            _ => false,
        },
        Class::Session => {
            matches!(shape, Shape::Random | Shape::Uuid) || (matches!(shape, Shape::Mixed | Shape::Hex) && long >= 20)
        }
        Class::Signature => {
            (matches!(shape, Shape::Random | Shape::Mixed) && long >= 20) || (shape == Shape::Hex && long >= 32)
        }
        Class::Loose => {
            matches!(shape, Shape::Random) && long >= 16 || shape == Shape::Mixed && long >= 24 && entropy(value) >= 3.5
        }
        Class::AnyKey => is_varied(shape, value, 24),
        Class::Identity => shape != Shape::Place,
        Class::Vendor => {
            !value.contains(['?', '&', ':']) && matches!(shape, Shape::Random) && long >= 20
                || shape == Shape::Hex && long >= 32
        }
        Class::Query | Class::Code => {
            matches!(shape, Shape::Random | Shape::Mixed | Shape::Uuid) && long >= 12 && has_digit(value)
                || shape == Shape::Hex && long >= 16
        }
    }
}

fn colon(class: Class, context: Context, shape: Shape, value: &str) -> bool {
    let long = value.len();
    match class {
        Class::Password => {
            matches!(shape, Shape::Mixed | Shape::Random | Shape::Hex | Shape::Uuid)
                || (shape == Shape::Number && long >= 4)
                || (shape == Shape::Name && long >= 8 && has_digit(value))
                || ((context.closes || context.coined)
                    && matches!(shape, Shape::Word | Shape::Name)
                    && long >= 5
                    && !is_remark_like(value))
        }
        Class::Pin => shape == Shape::Number && long >= 3 || is_grouped_number(value, 6),
        Class::Digits => is_grouped_number(value, 7),
        Class::Secret | Class::Key | Class::Item | Class::Token => {
            (matches!(class, Class::Key | Class::Item) && shape == Shape::Number && long >= 12)
                || matches!(shape, Shape::Random | Shape::Uuid)
                || (shape == Shape::Mixed && long >= 8 && has_digit(value))
                || (shape == Shape::Hex && long >= 16)
        }
        Class::Session => shape == Shape::Random || (shape == Shape::Hex && long >= 20),
        Class::Signature => (matches!(shape, Shape::Random) && long >= 24) || (shape == Shape::Hex && long >= 40),
        Class::Code => {
            matches!(shape, Shape::Random | Shape::Mixed) && long >= 12 && has_digit(value)
                || shape == Shape::Hex && long >= 16
        }
        Class::Loose | Class::Vendor => shape == Shape::Random && long >= 20 && !value.contains(['?', '&', ':']),
        Class::AnyKey => is_varied(shape, value, 24),
        Class::Query => false,
        Class::Identity => !matches!(shape, Shape::Place),
    }
}

fn weak(class: Class, context: Context, shape: Shape, value: &str, name: &str) -> bool {
    let long = value.len();
    let marked = context.quoted || context.told;
    match class {
        Class::Password => {
            let odd = value.bytes().any(|byte| b"!@#$^*?&".contains(&byte));
            let mixed = matches!(shape, Shape::Mixed | Shape::Random);
            mixed && marked && long >= 6 && (odd || has_digit(value) || shape == Shape::Random)
                || mixed
                    && long >= 8
                    && (shape == Shape::Random || has_digit(value) && (odd || has_inner_capitals(value)))
                || matches!(shape, Shape::Number | Shape::Hex) && (marked && long >= 6 || long >= 32)
                || shape == Shape::Hex && long >= 16 && has_digit(value)
        }
        // A pin without more words is a part of a machine.
        Class::Pin if shape == Shape::Number => {
            (4..=8).contains(&long)
                && value.bytes().all(|byte| byte.is_ascii_digit())
                && !name.eq_ignore_ascii_case("pin")
        }
        Class::Pin => is_grouped_number(value, 8),
        // Kubernetes calls its secrets by name.
        Class::Secret if is_plain_secret(name) => is_varied(shape, value, 20) || shape == Shape::Hex && long >= 32,
        Class::Secret | Class::Key | Class::Item | Class::Token => {
            (shape == Shape::Random && long >= 20 && entropy(value) >= 3.5)
                || ((context.coined || context.told) && is_varied(shape, value, 16))
                || (shape == Shape::Hex && long >= 32)
                || shape == Shape::Uuid
                // Names of objects in clusters have no capitals.
                || (context.quoted && shape == Shape::Mixed && long >= 8 && has_digit(value) && has_capital(value))
                || (context.quoted && shape == Shape::Hex && long >= 16)
        }
        Class::Session => shape == Shape::Random && long >= 24 || shape == Shape::Hex && long >= 32,
        Class::Signature => shape == Shape::Random && long >= 40 || shape == Shape::Hex && long >= 64,
        Class::Code => matches!(shape, Shape::Random | Shape::Hex) && long >= 20,
        Class::AnyKey => is_varied(shape, value, 32),
        Class::Digits | Class::Loose | Class::Vendor | Class::Query | Class::Identity => false,
    }
}

/// Whether it is the id of an event, `evt_1NG8Du2eZvKYlo2CUI79vXWy`: it names and opens nothing.
fn is_event(value: &str) -> bool {
    value.strip_prefix("evt_").is_some_and(|id| id.len() <= 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether it is how a thing is referred to: words in capitals and one number, as in `PAYMENTS-1234`, or a file below
/// folders. Keys of licences are made of capitals too, but have several groups with figures.
fn is_reference(value: &str) -> bool {
    let is_word = |part: &str| (2..=24).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_number = |part: &str| (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = value.split(['-', '_']);
    let numbered = parts.next().is_some_and(is_word)
        && parts.clone().all(|part| is_word(part) || is_number(part))
        && parts.filter(|part| is_number(part)).count() == 1;
    let is_ending =
        |ending: &str| (2..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_lowercase());
    let filed = value.matches('/').count() >= 2 && value.rsplit_once('.').is_some_and(|(_, ending)| is_ending(ending));
    numbered || filed
}

/// Whether words in small letters are joined by two dots or more, as those of hosts are.
fn is_host(value: &str) -> bool {
    value.matches('.').count() >= 2 && !has_capital(value)
}

fn is_plain_secret(name: &str) -> bool {
    name.eq_ignore_ascii_case("secret") || name.eq_ignore_ascii_case("secrets")
}

/// Long, random, and of capitals, small letters and digits.
fn is_varied(shape: Shape, value: &str, least: usize) -> bool {
    let any = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    shape == Shape::Random
        && value.len() >= least
        && entropy(value) >= 3.4
        && any(u8::is_ascii_uppercase)
        && any(u8::is_ascii_lowercase)
        && any(u8::is_ascii_digit)
}

fn has_capital(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether two capitals or more stand behind the first letter, and small letters as well.
fn has_inner_capitals(value: &str) -> bool {
    value.bytes().skip(1).filter(u8::is_ascii_uppercase).count() >= 2
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn has_digit(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a name ends so, in any case.
pub(super) fn ends_with(name: &str, ending: &str) -> bool {
    name.len()
        .checked_sub(ending.len())
        .and_then(|at| name.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
}

/// Digits in groups, as people write numbers of documents, phones and accounts.
fn is_grouped_number(value: &str, least: usize) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits >= least
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b' ' | b'.' | b'/' | b'+' | b'(' | b')'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::redact::names::class_of;

    fn hides(name: &str, value: &str) -> bool {
        class_of(name).is_some_and(|(class, _)| accepts_member(class, name, value))
    }

    #[test]
    fn references_and_events_are_no_keys() {
        for (name, value) in [
            ("project_key", "PAYMENTS-12345678"),
            ("projectKey", "LONG-PROJECT-NAME-0012"),
            ("user_key", "USR-12345678"),
            ("service_key", "SVC-PAY-0012"),
            ("storage_key", "uploads/2025/09/a1b2c3.png"),
            ("stripe", "evt_1NG8Du2eZvKYlo2CUI79vXWy"),
            ("webhook", "evt_1NG8Du2eZvKYlo2CUI79vXWy"),
            ("partition_key", "tenant42-region7-shard9"),
            ("idempotency_key", "order-2231-retry-1"),
        ] {
            assert!(!hides(name, value), "{name}: {value}");
        }
        for (name, parts) in [
            ("project_key", ["8f14e45fceea167a", "5a36dedd4bea2543"]),
            ("projectKey", ["Zx81kQ0vLp", "92mNs7TqRt"]),
            ("app_key", ["ABCD-1234-", "EFGH-5678"]),
            ("service_key", ["sun-shine", "-2024-x9"]),
            ("license_key", ["PAYMENTS-", "12345678"]),
            ("api_key", ["PAYMENTS-", "12345678"]),
            ("stripe", ["sk_live_4eC39HqLyjW", "Djvr9vzP7dc"]),
            ("password", ["evt_1NG8Du2eZvKYlo", "2CUI79vXWy"]),
        ] {
            assert!(hides(name, &parts.concat()), "{name}: {parts:?}");
        }
    }
}
