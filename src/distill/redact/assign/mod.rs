//! A text and the place of a telling word in out; the value that is assigned to the field of that name, if one is.
//!
//! `password=x`, `"token": "x"`, `X-Api-Key: x`, `--secret x`, `<password>x</password>`, `Config{secret=x}`, `('auth', 'x')`
//! are assignments. A telling word alone is none, and neither is one before a word that speaks about it.

mod extent;
mod link;

use std::ops::Range;

use super::accept::{Bond, Context, accepts, ends_with};
use super::names::{Class, Promise, class_of, identity_of, is_harmless};
use super::value::is_coined;

/// The longest name looked at, to each side of the telling word.
const LONGEST_NAME: usize = 64;

/// Blanks and line breaks between two words of one name, at most.
const MOST_BLANKS: usize = 16;

/// A value that is assigned to a telling field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assigned {
    /// Where it stands, without quotes.
    pub(super) value: Range<usize>,
    /// The kind of its mark.
    pub(super) kind: &'static str,
}

/// The name, what stands around it, and the place behind it.
#[expect(clippy::struct_excessive_bools, reason = "each is one independent observation about the text around a name")]
struct Field<'t> {
    text: &'t str,
    bytes: &'t [u8],
    name: Range<usize>,
    /// Where the name starts with the words before it, one by one.
    wider: [usize; 3],
    quoted: bool,
    flag: bool,
    /// Where the tag ends that it names.
    tag: Option<usize>,
    query: bool,
    /// Nothing but a bracket, a comma or the start of a line stands before it.
    leads: bool,
}

/// What binds a name to a value.
struct Link {
    bond: Bond,
    /// Where the value starts.
    start: usize,
    /// Whether words between them say that the value follows.
    told: bool,
}

/// The value assigned to the field whose name holds the word at `hit`; counts the bytes of values that were looked at.
pub(super) fn assigned(text: &str, hit: &Range<usize>, strict: bool, looked: &mut usize) -> Option<Assigned> {
    let field = field_at(text, hit)?;
    if field.is_escaped_mark() || field.is_in_resource_name() {
        return None;
    }
    let link = field.link()?;
    let (class, kind) = field.promise(link.bond, strict)?;
    if class == Class::Query && !field.query {
        return None;
    }
    let name = text.get(field.name.clone())?;
    let start = field.skip_wrapper(link.start);
    let (value, quoted, scheme) = field.value_at(start)?;
    *looked += value.len();
    let found = text.get(value.clone())?;
    if (ends_with(name, "cookie") || ends_with(name, "cookies")) && found.trim_end_matches('=').contains('=') {
        // The values of cookies are looked at one by one.
        return None;
    }
    let is_parameter =
        || found.strip_suffix('=').is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_lowercase()));
    if scheme && is_parameter() && matches!(field.byte(value.end), Some(b'"' | b'\'')) {
        // `Digest username="bob", ...` has parameters, each with a name of its own.
        return None;
    }
    // Behind `Bearer ` and its like stands a token, whatever the name.
    let (class, bond) =
        if scheme && link.bond > Bond::Weak { (Class::Token, Bond::Strong) } else { (class, link.bond) };
    // A quoted value behind a colon is a value; a quoted one behind a bare space may be.
    let bond = if quoted && bond == Bond::Colon { Bond::Strong } else { bond };
    let context = Context {
        bond,
        quoted,
        closes: field.leads && field.ends_at(value.end),
        coined: field.byte(value.start.saturating_sub(1)) == Some(b':')
            || name.bytes().any(|byte| matches!(byte, b'_' | b'.' | b'-'))
            || name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase()),
        told: link.told,
    };
    if accepts(class, context, found, name) {
        return Some(Assigned { value, kind });
    }
    // Behind a random word the sentence goes on, or a quote that was never closed met the next one.
    let word = field.first_word(&value).filter(|_| quoted)?;
    let told = text.get(word.clone()).filter(|told| is_coined(told))?;
    accepts(class, context, told, name).then_some(Assigned { value: word, kind })
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
    end += last_word(bytes.get(end..)?);
    let dashes = bytes.get(start..)?.iter().take_while(|byte| **byte == b'-').count().min(hit.start - start);
    start += dashes;
    let before_at = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let ahead = before_at(start - dashes);
    let further = |start: usize| word_before(bytes, start).unwrap_or(start);
    let one = further(start);
    let wider = [one, further(one), further(further(one))];
    // Names of several words may stand in quotes or in a tag as well.
    let within = |open: u8| ahead == Some(open) || wider.iter().any(|wide| before_at(*wide) == Some(open));
    let quoted = bytes.get(end).is_some_and(|close| matches!(close, b'"' | b'\'' | b'`') && within(*close));
    Some(Field {
        text,
        bytes,
        name: start..end,
        wider,
        quoted,
        flag: dashes > 0
            && ahead.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'[' | b',')),
        tag: if dashes == 0 && (within(b'<') || has_namespace(bytes, start)) { tag_end(bytes, end) } else { None },
        query: matches!(ahead, Some(b'?' | b'&' | b';' | b'#')),
        leads: ahead.is_none_or(|byte| matches!(byte, b'\n' | b'{' | b',' | b'(' | b'['))
            || bytes.get(..start)?.trim_ascii_end().ends_with(b"\n")
            || bytes.get(..start)?.trim_ascii_end().last().is_none_or(|byte| matches!(byte, b',' | b'{' | b';')),
    })
}

/// Whether the name at `start` is that of a tag with a namespace before it: `<wsse:Password`.
fn has_namespace(bytes: &[u8], start: usize) -> bool {
    let Some((b':', before)) = bytes.get(..start).and_then(<[u8]>::split_last) else { return false };
    let space = before.iter().rev().take(24).take_while(|byte| in_name(**byte)).count();
    space > 0 && before.get(..before.len() - space).is_some_and(|before| before.last() == Some(&b'<'))
}

/// Where a tag ends whose name ends at `end`, attributes passed over.
fn tag_end(bytes: &[u8], end: usize) -> Option<usize> {
    let rest = bytes.get(end..)?;
    let length = rest.iter().take(256).position(|byte| matches!(byte, b'>' | b'<' | b'\n'))?;
    let attributes = rest.get(..length)?;
    let named = attributes.is_empty() || attributes.first() == Some(&b' ') && attributes.contains(&b'=');
    (named && rest.get(length) == Some(&b'>')).then_some(end + length)
}

/// The length of a word that belongs to the name before it: `private key id=`.
fn last_word(rest: &[u8]) -> usize {
    [" id", " ids", " base", " code", " number", " string", " pem"]
        .iter()
        .find(|word| {
            rest.starts_with(word.as_bytes())
                && rest.get(word.len()).is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'_')
        })
        .map_or(0, |word| word.len())
}

/// The start of the word that blanks part from what starts at `start`: where a text is shown on one line, they are one.
fn word_before(bytes: &[u8], start: usize) -> Option<usize> {
    let blanks = bytes.get(..start)?.iter().rev().take(MOST_BLANKS).take_while(|byte| **byte <= b' ').count();
    let space = start.checked_sub(blanks).filter(|_| blanks > 0)?;
    let length = bytes.get(..space)?.iter().rev().take(25).take_while(|byte| in_name(**byte)).count();
    let word = space.checked_sub(length)?;
    let escaped = word.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'\\');
    ((1..=24).contains(&length) && !(escaped && is_escape(bytes.get(word..space)?))).then_some(word)
}

/// Whether letters behind a backslash are an escape and no word, as in `\n key` and `\u007f key`.
fn is_escape(letters: &[u8]) -> bool {
    match letters {
        [_] => true,
        [b'x', digits @ ..] if digits.len() == 2 => digits.iter().all(u8::is_ascii_hexdigit),
        [b'u', digits @ ..] if digits.len() == 4 => digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
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

    /// Whether the name is a part of the name of a resource: `arn:aws:secretsmanager:eu-west-1:1:secret:db-Ab12`.
    fn is_in_resource_name(&self) -> bool {
        let before = self.bytes.get(..self.name.start).unwrap_or_default();
        let length = before.iter().rev().take(120).take_while(|byte| !byte.is_ascii_whitespace()).count();
        before.last() == Some(&b':')
            && before.get(before.len() - length..).is_some_and(|word| memchr::memmem::find(word, b"arn:").is_some())
    }

    /// What the name promises, alone or with the words before it.
    fn promise(&self, bond: Bond, strict: bool) -> Option<Promise> {
        let of = |start: usize| {
            let name = self.text.get(start..self.name.end)?;
            class_of(name).or_else(|| strict.then(|| identity_of(name)).flatten())
        };
        let alone = of(self.name.start);
        let [one, ..] = self.wider;
        match alone {
            None | Some((Class::Query | Class::AnyKey | Class::Loose | Class::Vendor, _)) if one < self.name.start => {
                let found = self.wider.map(of);
                let sure = |class: Class| !matches!(class, Class::Query | Class::Identity | Class::Vendor);
                let surer = |class: Class| sure(class) && !matches!(class, Class::AnyKey | Class::Loose);
                let first = |is: &dyn Fn(Class) -> bool| found.into_iter().flatten().find(|(class, _)| is(*class));
                first(&surer).or_else(|| first(&sure)).or(alone)
            }
            // `next page token: x`
            Some((Class::Token | Class::Key | Class::Item | Class::Secret, _))
                if bond < Bond::Strong && self.text.get(one..self.name.start).is_some_and(is_harmless) =>
            {
                None
            }
            _ => alone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        super::super::names::stems().iter().find_map(|stem| {
            let at = text.to_ascii_lowercase().find(stem)?;
            assigned(text, &(at..at + stem.len()), false, &mut 0).map(|found| text.get(found.value).unwrap())
        })
    }

    #[test]
    fn the_letters_of_an_escape_are_no_word_of_a_name() {
        let value = "DS90s4zBUWcISQHpUQIyvfkNDYtnZQQ3";
        for escape in ["\\n", "\\x7f", "\\u007f"] {
            assert_eq!(found(&format!("{escape} key {value}")), found(&format!("\n key {value}")));
        }
        assert_eq!(found(&format!("n key {value}")), Some(value));
        assert_eq!(found(&format!("\\n api key {value}")), Some(value));
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
            ("password: |\n  ", "\nuser: x"),
            ("password: >-\n  ", "\nuser: x"),
            ("password = \"\"\"\n", "\n\"\"\""),
            ("password = \"\"\"", "\"\"\""),
            ("<password><![CDATA[", "]]></password>"),
            ("password1=", "&password2=x"),
        ] {
            let text = format!("{}{secret}{}", before_and_after.0, before_and_after.1);
            assert_eq!(found(&text), Some(secret.as_str()), "{text}");
        }
    }

    #[test]
    fn a_password_may_begin_with_a_sign_of_yaml() {
        for (sign, word) in [("!", "Summer2024"), ("&", "Xk92mQpL0"), ("!", "hunter")] {
            let secret = [sign, word].concat();
            for text in [format!("login failed password: {secret} retry"), format!("password={secret} for bob")] {
                assert_eq!(found(&text), Some(secret.as_str()), "{text}");
            }
        }
    }

    #[test]
    fn a_random_word_is_the_value_though_a_sentence_follows_it() {
        for secret in [["Tnme3Q5kD4Gb", "uSZNsQtYjCdc"].concat(), ["7mc0HK", "Iat6rt1I"].concat()] {
            for text in [
                format!("\"password\": \"{secret} is wrong\""),
                format!("{{\"password\": \"{secret} retry with the next of \"a\" and \"b\""),
                format!("<v>\"password\": \"{secret}</v> retry with the next of \"a\""),
            ] {
                assert_eq!(found(&text), Some(secret.as_str()), "{text}");
            }
        }
        for text in [
            "\"password\": \"SHA256 is required\"",
            "\"password\": \"2025-09-11T10:00:00Z is when it expired\"",
            "\"password\": \"must-be-set is missing\"",
        ] {
            assert_eq!(found(text), None, "{text}");
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
            "sent <json{client_email,private_key,private_key_id,type}>",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
