//! The place behind a name in, what binds it to a value out: a sign, a flag, words that say that the value follows.

use super::super::accept::Bond;
use super::{Field, Link};

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
    "resolved",
    "with",
    "value",
    "equals",
    "as",
    "now",
    "rotated",
    "generated",
];

/// The names of members in a placeholder take no more bytes before one of them, or are not looked at.
const LONGEST_SHAPE: usize = 512;

impl Field<'_> {
    /// What binds the name to a value.
    pub(super) fn link(&self) -> Option<Link> {
        if let Some(tag) = self.tag {
            return Some(Link { bond: Bond::Strong, start: tag + 1, told: false });
        }
        let mut at = self.name.end;
        let closed = matches!(self.byte(at), Some(b'"' | b'\'' | b'`'));
        if closed {
            at += 1;
        }
        at += usize::from(self.byte(at) == Some(b']'));
        if let Some(start) = self.behind_value_word(at) {
            return Some(Link { bond: Bond::Strong, start, told: true });
        }
        at += self.aside(at);
        let blank = at;
        at = self.skip_blanks(at, 16);
        if !self.quoted
            && !self.flag
            && let Some(link) = self.over_lines(at)
        {
            return Some(link);
        }
        let rest = self.bytes.get(at..)?;
        let strong = if self.quoted { Bond::Strong } else { Bond::Colon };
        let (bond, length, told) = match rest {
            [b'=', b'=' | b'~', ..] | [b':', b':', ..] | [b':', b'/', b'/', ..] => return None,
            [b'=' | b':' | b'-', b'>', ..] | [b':', b'=', ..] => (Bond::Strong, 2, false),
            [b'=', ..] => (Bond::Strong, 1, false),
            [b':', ..] => (strong, 1, false),
            [b',', ..] if self.quoted => (Bond::Strong, 1, false),
            [b'|', ..] if !closed => (Bond::Cell, 1, false),
            [b',' | b';', ..] if !closed && !self.is_in_shape() => (Bond::Weak, 1, false),
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
        // Forms write a blank as a plus.
        let plus =
            self.quoted && matches!((self.byte(behind), self.byte(behind + 1)), (Some(b'+'), Some(b'"' | b'\'')));
        let behind = behind + usize::from(plus);
        let comma = rest.first() == Some(&b',') && bond == Bond::Strong;
        (!comma || matches!(self.byte(behind), Some(b'"' | b'\'' | b'b'))).then_some(Link { bond, start: behind, told })
    }

    /// Whether the name is one of those in a placeholder: `<json{client_email,private_key,private_key_id}>`.
    fn is_in_shape(&self) -> bool {
        let before = self.bytes.get(self.name.start.saturating_sub(LONGEST_SHAPE)..self.name.start).unwrap_or_default();
        memchr::memmem::rfind(before, b"<json{")
            .and_then(|open| before.get(open..))
            .is_some_and(|names| names.iter().all(|byte| !byte.is_ascii_whitespace() && *byte != b'}'))
    }

    /// Behind a sign, or nothing, and a line break: most of what stands there is something else, unless it looks like a secret.
    fn over_lines(&self, at: usize) -> Option<Link> {
        let signed = matches!(self.byte(at), Some(b':' | b'='));
        let end = self.skip_blanks(at + usize::from(signed), 16);
        let rest = self.bytes.get(end..).filter(|rest| matches!(rest, [b'\n' | b'\r', ..]))?;
        let start = end + rest.iter().take(16).take_while(|byte| byte.is_ascii_whitespace()).count();
        Some(Link { bond: if signed { Bond::Cell } else { Bond::Weak }, start, told: false })
    }

    /// The length of a word in brackets between a name and its sign: `key (hex): x`.
    fn aside(&self, at: usize) -> usize {
        let Some(inner) = self.bytes.get(at..).and_then(|rest| rest.strip_prefix(b" (")) else { return 0 };
        let length = inner.iter().take(24).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length > 0 && matches!(inner.get(length..), Some([b')', b':' | b'=', ..])) { length + 3 } else { 0 }
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
        if length == 0 { 0 } else { whom + length + self.receiver(at + whom + length) }
    }

    /// The length of `for root@localhost: ` behind `generated `.
    fn receiver(&self, at: usize) -> usize {
        let ahead = self.bytes.get(..at).unwrap_or_default();
        let rest = self.bytes.get(at..).and_then(|rest| rest.strip_prefix(b"for "));
        let Some(rest) = rest.filter(|_| ahead.ends_with(b"generated ")) else { return 0 };
        let name = rest.iter().take(64).take_while(|byte| !byte.is_ascii_whitespace()).count();
        let told = rest.get(..name).is_some_and(|name| name.ends_with(b":")) && rest.get(name) == Some(&b' ');
        if told { b"for ".len() + name + 1 } else { 0 }
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
}
