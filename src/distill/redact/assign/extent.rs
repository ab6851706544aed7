//! The place where a value starts in, where it ends out: its quotes, its wrappers, the field behind it.

use std::ops::Range;

use super::{Field, in_name};

/// The longest value looked at.
const LONGEST_VALUE: usize = 8192;

impl Field<'_> {
    /// Behind wrappers: `[`, `Some(`, `b'`, `string(6) "`, `|` and a line break.
    pub(super) fn skip_wrapper(&self, start: usize) -> usize {
        let mut at = start + self.counted(start);
        at += self.block(at);
        for wrapper in ["Some(", "SecretStr(", "Secret(", "<![CDATA[", "[", "("] {
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

    /// The length of what opens a text over several lines, in YAML or TOML, and of the blanks behind it.
    fn block(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let opener = match rest {
            [b'"', b'"', b'"', ..] | [b'\'', b'\'', b'\'', ..] => 3,
            [b'|' | b'>', b'-' | b'+', ..] => 2,
            [b'|' | b'>', ..] => 1,
            _ => return 0,
        };
        let blanks = rest.get(opener..).unwrap_or_default();
        let length = blanks.iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count();
        let breaks = blanks.get(..length).is_some_and(|blanks| blanks.contains(&b'\n'));
        match opener {
            _ if breaks => opener + length,
            // The quote that is left opens the value.
            3 if rest.get(3).is_some_and(|next| !next.is_ascii_whitespace()) => 2,
            _ => 0,
        }
    }

    /// The length of `string(6) ` before a quote, as PHP shows values.
    fn counted(&self, start: usize) -> usize {
        let Some(rest) = self.bytes.get(start..).and_then(|rest| rest.strip_prefix(b"string(")) else { return 0 };
        let digits = rest.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
        if rest.get(digits..).is_some_and(|rest| rest.starts_with(b") \"")) { digits + b"string() ".len() } else { 0 }
    }

    /// Where the value that starts at `start` lies, whether quotes hold it, and whether a scheme stands before it.
    pub(super) fn value_at(&self, start: usize) -> Option<(Range<usize>, bool, bool)> {
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
        let end = if self.tag.is_some() { self.tagged_end(start) } else { self.bare_end(start) };
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

    /// Where the text of a tag ends; `]]>` closes one that was written as it is.
    fn tagged_end(&self, start: usize) -> usize {
        let end = self.until(start, |byte| byte == b'<');
        let text = self.bytes.get(start..end).unwrap_or_default();
        if text.ends_with(b"]]>") { end - b"]]>".len() } else { end }
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

    /// The first word of a value that has several.
    pub(super) fn first_word(&self, value: &Range<usize>) -> Option<Range<usize>> {
        let end = self.bare_end(value.start);
        (end < value.end && self.byte(end).is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'<')))
            .then_some(value.start..end)
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
    pub(super) fn ends_at(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b',' | b'}' | b')' | b']' | b';'))
    }
}
