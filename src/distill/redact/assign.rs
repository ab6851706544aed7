//! A text and the place of a telling word in out; the value that is assigned to the field of that name, if one is.
//!
//! `password=x`, `"token": "x"`, `X-Api-Key: x`, `--secret x`, `<password>x</password>`, `Config{secret=x}`, `('auth', 'x')`
//! are assignments. A telling word alone is none, and neither is one before a word that speaks about it.

use std::ops::Range;

use super::accept::{Bond, Context, accepts, ends_with};
use super::names::{Class, Promise, class_of, identity_of, is_harmless};

/// The longest name looked at, to each side of the telling word.
const LONGEST_NAME: usize = 64;
/// The longest value looked at.
const LONGEST_VALUE: usize = 8192;
/// Words between a name and its value that say that the value follows.
const FILLERS: &[&str] = &[
    "is",
    "was",
    "be",
    "been",
    "has",
    "set",
    "to",
    "of",
    "changed",
    "updated",
    "reset",
    "with",
    "value",
    "equals",
    "as",
    "now",
    "rotated",
    "generated",
];

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
    tag: bool,
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

/// The value assigned to the field whose name holds the word at `hit`.
pub(super) fn assigned(text: &str, hit: &Range<usize>, strict: bool) -> Option<Assigned> {
    let field = field_at(text, hit)?;
    if field.is_escaped_mark() {
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
    let found = text.get(value.clone())?;
    if (ends_with(name, "cookie") || ends_with(name, "cookies")) && found.trim_end_matches('=').contains('=') {
        // The values of cookies are looked at one by one.
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
    accepts(class, context, found, name).then_some(Assigned { value, kind })
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
        tag: bytes.get(end) == Some(&b'>') && within(b'<') && dashes == 0,
        query: matches!(ahead, Some(b'?' | b'&' | b';' | b'#')),
        leads: ahead.is_none_or(|byte| matches!(byte, b'\n' | b'{' | b',' | b'(' | b'['))
            || bytes.get(..start)?.trim_ascii_end().ends_with(b"\n")
            || bytes.get(..start)?.trim_ascii_end().last().is_none_or(|byte| matches!(byte, b',' | b'{' | b';')),
    })
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

/// The start of the word that a single space parts from what starts at `start`.
fn word_before(bytes: &[u8], start: usize) -> Option<usize> {
    let space = start.checked_sub(1).filter(|at| bytes.get(*at) == Some(&b' '))?;
    let length = bytes.get(..space)?.iter().rev().take(25).take_while(|byte| in_name(**byte)).count();
    (1..=24).contains(&length).then(|| space - length)
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

    /// What the name promises, alone or with the words before it.
    fn promise(&self, bond: Bond, strict: bool) -> Option<Promise> {
        let of = |start: usize| {
            let name = self.text.get(start..self.name.end)?;
            class_of(name).or_else(|| identity_of(name).filter(|_| strict))
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
            Some((Class::Token | Class::Key | Class::Secret, _))
                if bond < Bond::Strong && self.text.get(one..self.name.start).is_some_and(is_harmless) =>
            {
                None
            }
            _ => alone,
        }
    }

    /// What binds the name to a value.
    fn link(&self) -> Option<Link> {
        let mut at = self.name.end;
        let closed = matches!(self.byte(at), Some(b'"' | b'\'' | b'`'));
        if closed {
            at += 1;
        }
        at += usize::from(self.byte(at) == Some(b']'));
        if let Some(start) = self.behind_value_word(at) {
            return Some(Link { bond: Bond::Strong, start, told: true });
        }
        let blank = at;
        at = self.skip_blanks(at, 16);
        let rest = self.bytes.get(at..)?;
        let strong = if self.quoted { Bond::Strong } else { Bond::Colon };
        let (bond, length, told) = match rest {
            [b'=', b'=' | b'~', ..] | [b':', b':', ..] | [b':', b'/', b'/', ..] => return None,
            [b'=' | b':' | b'-', b'>', ..] | [b':', b'=', ..] => (Bond::Strong, 2, false),
            [b'=', ..] => (Bond::Strong, 1, false),
            [b':', b'\n' | b'\r', ..] if !self.quoted => return None,
            [b':', ..] => (strong, 1, false),
            [b',', ..] if self.quoted => (Bond::Strong, 1, false),
            [b'>', ..] if self.tag => (Bond::Strong, 1, false),
            [b',' | b'|' | b';', ..] if !closed => (Bond::Weak, 1, false),
            _ if self.flag && at > blank => (Bond::Strong, 0, false),
            // `--password "x"` as two elements of a list of arguments.
            _ if at > blank && !closed => {
                let fillers = self.fillers(at);
                (Bond::Weak, fillers, fillers > 0)
            }
            _ => return None,
        };
        let behind = self.skip_blanks(at + length, 16);
        let behind = if self.quoted && matches!(self.byte(behind), Some(b'\n' | b'\r')) {
            behind + self.bytes.get(behind..)?.iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count()
        } else {
            behind
        };
        let comma = rest.first() == Some(&b',') && bond == Bond::Strong;
        (!comma || matches!(self.byte(behind), Some(b'"' | b'\'' | b'b'))).then_some(Link { bond, start: behind, told })
    }

    /// Behind the name of a member that holds the value: `{"name": "x", "value": "y"}`, `header x with value y`.
    fn behind_value_word(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let gap = rest.iter().take(24).take_while(|byte| byte.is_ascii_whitespace() || b",\"'".contains(byte)).count();
        let with = rest.get(gap..)?.starts_with(b"with ");
        let word = gap + if with { 5 } else { 0 };
        let length = b"value".len();
        if gap == 0 || !rest.get(word..word + length)?.eq_ignore_ascii_case(b"value") {
            return None;
        }
        let mut at = at + word + length;
        at += usize::from(matches!(self.byte(at), Some(b'"' | b'\'')));
        at = self.skip_blanks(at, 4);
        match self.byte(at)? {
            b':' | b'=' => Some(self.skip_blanks(at + 1, 16)),
            _ => with.then_some(at),
        }
    }

    /// The length of the words between a name and a value that say that the value follows: `is`, `was set to`.
    fn fillers(&self, at: usize) -> usize {
        let whom = self.whom(at);
        let length = self.fillers_at(at + whom);
        if length == 0 { 0 } else { whom + length }
    }

    /// The length of `for user 3 `, as it stands before `is`.
    fn whom(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let Some(names) = rest.strip_prefix(b"for ") else { return 0 };
        let mut length = b"for ".len();
        for name in names.split_inclusive(|byte| *byte == b' ').take(3) {
            length += name.len();
            if name.len() > 32 {
                return 0;
            }
            if self.fillers_at(at + length) > 0 {
                return length;
            }
        }
        0
    }

    fn fillers_at(&self, at: usize) -> usize {
        let mut length = 0;
        for _ in 0..4 {
            let rest = self.bytes.get(at + length..).unwrap_or_default();
            let word = rest.iter().take(10).take_while(|byte| byte.is_ascii_alphabetic()).count();
            let known = rest
                .get(..word)
                .is_some_and(|word| FILLERS.iter().any(|filler| filler.as_bytes().eq_ignore_ascii_case(word)));
            match rest.get(word) {
                Some(b' ') if known => length += word + 1,
                Some(b':') if known => return length + word + 1,
                _ => break,
            }
        }
        length
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        super::super::names::stems().iter().find_map(|stem| {
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
