//! A text and the place of a telling word in out; the value that is assigned to the field of that name, if one is.
//!
//! `password=x`, `"token": "x"`, `X-Api-Key: x`, `--secret x`, `<password>x</password>`, `Config{secret=x}`, `('auth', 'x')`
//! are assignments. A telling word alone is none, and neither is one before a word that speaks about it.

use std::ops::Range;

use super::names::{Class, class_of, identity_of};
use super::value::{Shape, entropy, is_remark_like, shape};

/// The longest name looked at, to each side of the telling word.
const LONGEST_NAME: usize = 64;
/// The longest value looked at.
const LONGEST_VALUE: usize = 8192;

/// A value that is assigned to a telling field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assigned {
    /// Where it stands, without quotes.
    pub(super) value: Range<usize>,
    /// The kind of its mark.
    pub(super) kind: &'static str,
}

/// How sure it is that what follows a name is its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    /// Nothing but a space, or a word, between them.
    Weak,
    /// A colon, as sentences have it too.
    Colon,
    /// A sign of assignment, quotes on both sides, a flag, a tag.
    Strong,
}

/// The name, what stands around it, and the place behind it.
#[expect(clippy::struct_excessive_bools, reason = "each is one independent observation about the text around a name")]
struct Field<'t> {
    text: &'t str,
    bytes: &'t [u8],
    name: Range<usize>,
    quoted: bool,
    flag: bool,
    tag: bool,
    query: bool,
    /// Nothing but a bracket, a comma or the start of a line stands before it.
    leads: bool,
}

/// The value assigned to the field whose name holds the word at `hit`.
pub(super) fn assigned(text: &str, hit: &Range<usize>, strict: bool) -> Option<Assigned> {
    let field = field_at(text, hit)?;
    if field.is_escaped_mark() {
        return None;
    }
    let (bond, start) = field.separator()?;
    let name = text.get(field.name.clone())?;
    let (class, kind) = class_of(name).or_else(|| identity_of(name).filter(|_| strict))?;
    if class == Class::Query && !field.query {
        return None;
    }
    let start = field.skip_wrapper(start);
    let (value, quoted, scheme) = field.value_at(start)?;
    let found = text.get(value.clone())?;
    let name = name.to_ascii_lowercase();
    if name.ends_with("cookie") || name.ends_with("cookies") && found.contains('=') {
        // The values of cookies are looked at one by one.
        return None;
    }
    // Behind `Bearer ` and its like stands a token, whatever the name.
    let (class, bond) = if scheme && bond > Bond::Weak { (Class::Token, Bond::Strong) } else { (class, bond) };
    // A quoted value behind a colon is a value; a quoted one behind a bare space may be.
    let bond = if quoted && bond == Bond::Colon { Bond::Strong } else { bond };
    let context = Context { bond, quoted, closes: field.leads && field.ends_at(value.end) };
    accepts(class, context, found, &name).then_some(Assigned { value, kind })
}

/// The end of the name that holds the word at `hit`, so that a name with several such words is looked at once.
pub(super) fn name_end(text: &str, hit: &Range<usize>) -> usize {
    hit.end
        + text
            .as_bytes()
            .get(hit.end..)
            .unwrap_or_default()
            .iter()
            .take(LONGEST_NAME)
            .take_while(|byte| in_name(**byte))
            .count()
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn field_at<'t>(text: &'t str, hit: &Range<usize>) -> Option<Field<'t>> {
    let bytes = text.as_bytes();
    let before = bytes.get(..hit.start)?.iter().rev().take(LONGEST_NAME).take_while(|byte| in_name(**byte)).count();
    let mut start = hit.start - before;
    let mut end = name_end(text, hit);
    while end > hit.end && matches!(bytes.get(end - 1), Some(b'.' | b'-')) {
        end -= 1;
    }
    let dashes = bytes.get(start..)?.iter().take_while(|byte| **byte == b'-').count().min(hit.start - start);
    start += dashes;
    let ahead = start.checked_sub(dashes + 1).and_then(|at| bytes.get(at)).copied();
    let quoted = matches!(ahead, Some(b'"' | b'\'' | b'`')) && bytes.get(end).copied() == ahead;
    Some(Field {
        text,
        bytes,
        name: start..end,
        quoted,
        flag: dashes > 0
            && ahead.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'[' | b',')),
        tag: ahead == Some(b'<') && dashes == 0,
        query: matches!(ahead, Some(b'?' | b'&' | b';' | b'#')),
        leads: ahead.is_none_or(|byte| matches!(byte, b'\n' | b'{' | b',' | b'(' | b'['))
            || bytes.get(..start)?.trim_ascii_end().ends_with(b"\n")
            || bytes.get(..start)?.trim_ascii_end().last().is_none_or(|byte| matches!(byte, b',' | b'{' | b';')),
    })
}

impl Field<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn skip_blanks(&self, at: usize, most: usize) -> usize {
        at + self
            .bytes
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take(most)
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count()
    }

    /// Whether the name is the kind of a mark in escaped HTML.
    fn is_escaped_mark(&self) -> bool {
        self.bytes.get(..self.name.start).is_some_and(|before| before.ends_with(b"&lt;"))
    }

    /// What binds the name to a value, and where that value starts.
    fn separator(&self) -> Option<(Bond, usize)> {
        let mut at = self.name.end;
        let closed = matches!(self.byte(at), Some(b'"' | b'\'' | b'`'));
        if closed {
            at += 1;
        }
        at += usize::from(self.byte(at) == Some(b']'));
        let blank = at;
        at = self.skip_blanks(at, 16);
        let rest = self.bytes.get(at..)?;
        let strong = if self.quoted { Bond::Strong } else { Bond::Colon };
        let (bond, length) = match rest {
            [b'=', b'=' | b'~', ..] | [b':', b':', ..] | [b':', b'/', b'/', ..] => return None,
            [b'=' | b':' | b'-', b'>', ..] | [b':', b'=', ..] => (Bond::Strong, 2),
            [b'=', ..] => (Bond::Strong, 1),
            [b':', b'\n' | b'\r', ..] if !self.quoted => return None,
            [b':', ..] => (strong, 1),
            [b',', ..] if self.quoted => (Bond::Strong, 1),
            [b'>', ..] if self.tag => (Bond::Strong, 1),
            _ if self.flag && at > blank => (Bond::Strong, 0),
            // `--password "x"` as two elements of a list of arguments.
            _ if at > blank && !closed => (Bond::Weak, self.copula(at)),
            _ => return None,
        };
        let behind = self.skip_blanks(at + length, 16);
        let behind = if self.quoted && matches!(self.byte(behind), Some(b'\n' | b'\r')) {
            behind + self.bytes.get(behind..)?.iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count()
        } else {
            behind
        };
        let comma = rest.first() == Some(&b',');
        (!comma || matches!(self.byte(behind), Some(b'"' | b'\'' | b'b'))).then_some((bond, behind))
    }

    /// The length of `is`, `was` between a name and a value.
    fn copula(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        ["is ", "was ", "to ", "of ", "by "]
            .iter()
            .find(|word| rest.starts_with(word.as_bytes()))
            .map_or(0, |word| word.len())
    }

    /// Behind wrappers: `[`, `Some(`, `b'`.
    fn skip_wrapper(&self, start: usize) -> usize {
        let mut at = start;
        for wrapper in ["Some(", "SecretStr(", "Secret(", "[", "("] {
            if self.bytes.get(at..).is_some_and(|rest| rest.starts_with(wrapper.as_bytes())) {
                at += wrapper.len();
                break;
            }
        }
        if matches!((self.byte(at), self.byte(at + 1)), (Some(b'b' | b'u' | b'r' | b'f' | b'@'), Some(b'"' | b'\''))) {
            at += 1;
        }
        at
    }

    /// Where the value that starts at `start` lies, whether quotes hold it, and whether a scheme stands before it.
    fn value_at(&self, start: usize) -> Option<(Range<usize>, bool, bool)> {
        let quote = self.byte(start)?;
        if matches!(quote, b'"' | b'\'' | b'`') {
            let inside = start + 1;
            let scheme = self.scheme_length(inside);
            let inside = inside + scheme;
            let end = self.closing_quote(inside, quote);
            return Some((inside..end, true, scheme > 0));
        }
        if quote == b'\\' || quote.is_ascii_whitespace() || self.is_entity(start) {
            return None;
        }
        let scheme = self.scheme_length(start);
        let start = start + scheme;
        let end = if self.tag && self.byte(self.name.end) == Some(b'>') {
            self.until(start, |byte| byte == b'<')
        } else {
            self.bare_end(start)
        };
        Some((start..end, false, scheme > 0))
    }

    /// `Bearer ` and its like stay readable.
    fn scheme_length(&self, at: usize) -> usize {
        const SCHEMES: &[&str] = &[
            "bearer ",
            "basic ",
            "token ",
            "apikey ",
            "api-key ",
            "negotiate ",
            "ntlm ",
            "sharedkey ",
            "key ",
            "jwt ",
            "digest ",
            "googlelogin auth=",
            "sso-key ",
        ];
        let rest = self.bytes.get(at..).unwrap_or_default();
        SCHEMES
            .iter()
            .find(|scheme| rest.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes())))
            .map_or(0, |scheme| scheme.len())
    }

    fn until(&self, start: usize, stops: impl Fn(u8) -> bool) -> usize {
        start
            + self
                .bytes
                .get(start..)
                .unwrap_or_default()
                .iter()
                .take(LONGEST_VALUE)
                .take_while(|byte| !stops(**byte))
                .count()
    }

    /// The quote that closes a value; where there is none (the text was cut), its first word ends it.
    fn closing_quote(&self, start: usize, quote: u8) -> usize {
        let mut escaped = false;
        for (step, byte) in self.bytes.get(start..).unwrap_or_default().iter().take(LONGEST_VALUE).enumerate() {
            match *byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'\n' if step > 0 && quote != b'"' => return self.bare_end(start),
                byte if byte == quote => return start + step,
                _ => {}
            }
        }
        self.bare_end(start)
    }

    /// The end of a value without quotes.
    fn bare_end(&self, start: usize) -> usize {
        let mut at = start;
        let limit = self.bytes.len().min(start + LONGEST_VALUE);
        while at < limit {
            match self.byte(at).unwrap_or(b' ') {
                b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' => break,
                b'\\' if self.byte(at + 1).is_none_or(|next| b"nrtux\"'\\/".contains(&next)) => break,
                b'&' if self.query || self.starts_field(at + 1) || self.is_entity(at) => break,
                b',' | b';' | b'&' if self.ends_value(at + 1) => break,
                b')' | b']' | b'}' if !self.opened(start, at) => break,
                byte if byte.is_ascii_whitespace() || byte.is_ascii_control() => break,
                _ => at += 1,
            }
        }
        while at > start && matches!(self.byte(at - 1), Some(b'.' | b',' | b';' | b':')) {
            at -= 1;
        }
        // The limit may cut a letter of several bytes.
        while at > start && !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// Whether an escape of HTML stands at `at`: the decoded view knows what it means.
    fn is_entity(&self, at: usize) -> bool {
        let rest = self.bytes.get(at..).unwrap_or_default();
        ["&quot;", "&lt;", "&gt;", "&amp;", "&apos;", "&#"].iter().any(|entity| rest.starts_with(entity.as_bytes()))
    }

    /// Whether a bracket that closes at `at` was opened inside the value.
    fn opened(&self, start: usize, at: usize) -> bool {
        let opener = match self.byte(at) {
            Some(b')') => b'(',
            Some(b']') => b'[',
            _ => b'{',
        };
        let closer = self.byte(at).unwrap_or_default();
        let value = self.bytes.get(start..at).unwrap_or_default().iter().take(256);
        let still_open = value.fold(0_usize, |depth, byte| match *byte {
            byte if byte == opener => depth + 1,
            byte if byte == closer => depth.saturating_sub(1),
            _ => depth,
        });
        still_open > 0
    }

    fn ends_value(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| byte.is_ascii_whitespace() || b"\"'`,;)]}\\".contains(&byte))
            || self.starts_field(at)
    }

    /// Whether `name=` or `name:` stands at `at`.
    fn starts_field(&self, at: usize) -> bool {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let name = rest.iter().take(48).take_while(|byte| in_name(**byte) || **byte == b'$').count();
        name > 0 && matches!(rest.get(name), Some(b'=' | b':'))
    }

    /// Whether a line, a list or an object ends behind a value.
    fn ends_at(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b',' | b'}' | b')' | b']' | b';'))
    }
}

/// What is known of a value beside its name and text.
#[derive(Clone, Copy)]
struct Context {
    bond: Bond,
    quoted: bool,
    /// The field stands at the start of a line or list item, and its value ends there.
    closes: bool,
}

/// Whether the value of a field in JSON is secret: the bond could not be stronger.
pub(super) fn accepts_member(class: Class, name: &str, value: &str) -> bool {
    accepts(class, Context { bond: Bond::Strong, quoted: true, closes: true }, value, name)
}

fn accepts(class: Class, context: Context, value: &str, name: &str) -> bool {
    let shape = shape(value);
    if matches!(shape, Shape::Stable | Shape::Remark | Shape::Prose) {
        return false;
    }
    let long = value.len();
    match context.bond {
        Bond::Strong => accepts_strong(class, context, shape, value, name),
        Bond::Colon => match class {
            Class::Password => {
                matches!(shape, Shape::Mixed | Shape::Random | Shape::Hex | Shape::Uuid)
                    || (shape == Shape::Number && long >= 4)
                    || (context.closes
                        && matches!(shape, Shape::Word | Shape::Name)
                        && long >= 5
                        && !is_remark_like(value))
            }
            Class::Pin => shape == Shape::Number && long >= 3 || is_grouped_number(value),
            Class::Secret | Class::Key | Class::Token => {
                (class == Class::Key && shape == Shape::Number && long >= 12)
                    || matches!(shape, Shape::Random | Shape::Uuid)
                    || (shape == Shape::Mixed && long >= 8 && has_digit(value))
                    || (shape == Shape::Hex && long >= 16)
            }
            Class::Session => shape == Shape::Random || (shape == Shape::Hex && long >= 20),
            Class::Signature => (matches!(shape, Shape::Random) && long >= 24) || (shape == Shape::Hex && long >= 40),
            Class::Loose | Class::Vendor => shape == Shape::Random && long >= 20,
            Class::Query => false,
            Class::Identity => !matches!(shape, Shape::Place),
        },
        Bond::Weak if value.contains('=') => false,
        Bond::Weak => match class {
            Class::Password => {
                has_digit(value)
                    && ((context.quoted && long >= 6 && matches!(shape, Shape::Mixed | Shape::Random))
                        || (long >= 8 && shape == Shape::Random))
                    || (matches!(shape, Shape::Mixed)
                        && long >= 8
                        && has_digit(value)
                        && value.bytes().any(|byte| b"!@#$^*?".contains(&byte)))
            }
            Class::Secret | Class::Key | Class::Token => shape == Shape::Random && long >= 20 && entropy(value) >= 3.5,
            _ => false,
        },
    }
}

fn accepts_strong(class: Class, context: Context, shape: Shape, value: &str, name: &str) -> bool {
    let long = value.len();
    match class {
        Class::Password => {
            match shape {
                Shape::Place => !(value.contains('/') || value.ends_with(')') || value.contains('.')),
                // `pass=3` counts.
                Shape::Number => long >= if name.len() == 4 { 6 } else { 3 },
                _ => true,
            }
        }
        Class::Pin => {
            shape == Shape::Number && long >= 3
                || is_grouped_number(value)
                || (shape == Shape::Mixed && has_digit(value))
        }
        Class::Secret => match shape {
            Shape::Place | Shape::Number => false,
            // The name of a secret rather than the secret, as Kubernetes has them.
            Shape::Name => long >= 6 && !name.eq_ignore_ascii_case("secret") && !name.eq_ignore_ascii_case("secrets"),
            _ => long >= 6,
        },
        Class::Key => {
            matches!(shape, Shape::Random | Shape::Uuid)
                || (shape == Shape::Number && long >= 12)
                || (matches!(shape, Shape::Mixed | Shape::Hex) && long >= 8)
                || (matches!(shape, Shape::Word | Shape::Name) && long >= 16)
        }
        Class::Token => match shape {
            Shape::Random | Shape::Uuid => true,
            Shape::Mixed => long >= 6,
            Shape::Hex => long >= 8,
            Shape::Number => long >= 6 && !value.contains('.') && name.to_ascii_lowercase().ends_with("token"),
            Shape::Name => long >= 12 && context.quoted || long >= 16,
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
        Class::Identity => shape != Shape::Place,
        Class::Vendor => matches!(shape, Shape::Random) && long >= 20 || shape == Shape::Hex && long >= 32,
        Class::Query => {
            matches!(shape, Shape::Random | Shape::Mixed | Shape::Uuid) && long >= 12 && has_digit(value)
                || shape == Shape::Hex && long >= 16
        }
    }
}

fn has_digit(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}

/// Digits in groups, as people write numbers of documents.
fn is_grouped_number(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits >= 6 && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b' ' | b'.' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        super::super::names::STEMS.iter().find_map(|stem| {
            let at = text.to_ascii_lowercase().find(stem)?;
            assigned(text, &(at..at + stem.len()), false).map(|found| text.get(found.value).unwrap())
        })
    }

    #[test]
    fn assignments_in_every_notation() {
        let secret = ["hunt", "er2x9"].concat();
        for before_and_after in [
            ("password=", " user=x"),
            ("password = ", ""),
            ("password: ", "\n"),
            ("\"password\": \"", "\"}"),
            ("'password': '", "'}"),
            ("{'password': b'", "'}"),
            ("Config{user=a, password=", ", b=c}"),
            ("Config(password=", ")"),
            ("{Password:", " User:bob}"),
            ("--password ", " --user x"),
            ("--password=", ""),
            ("[\"--password\", \"", "\"]"),
            ("<password>", "</password>"),
            ("?a=b&password=", "&c=d"),
            ("jdbc:x;password=", ";user=a"),
            ("user[password]=", "&x=y"),
            ("password => '", "'"),
            ("Some: password: \"", "\""),
            ("password=Some(\"", "\")"),
            ("password '", "' was used"),
        ] {
            let text = format!("{}{secret}{}", before_and_after.0, before_and_after.1);
            assert_eq!(found(&text), Some(secret.as_str()), "{text}");
        }
    }

    #[test]
    fn telling_words_alone_are_no_secret() {
        for text in [
            "AUTH: Using permissive",
            "GOLDEN PATH AUTH=REDACTED permissive authentication",
            "API token is required",
            "password reset",
            "Verify JWT_SECRET across services",
            "token count: 512",
            "tokens=1234",
            "key: value pairs",
            "password: incorrect",
            "token: expired",
            "PWD=/workspace/app",
            "secret: my-tls-secret",
            "password=self.password",
            "Unexpected token: }",
            "def login(user: str, password: str)",
            "\"password\": \"This field is required.\"",
            "the secret projects/p/secrets/db/versions/latest",
            "code=200 state=RUNNING",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
