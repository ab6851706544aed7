//! Filter text in, tokens out; and the decoding of quoted strings.

use super::error::QueryError;
use super::tree::Op;

/// A token: what it is and the bytes it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Unquoted text, escapes not decoded.
    Text,
    /// A string, its quotes included.
    Quoted,
    Op(Op),
    Open,
    Close,
    Comma,
    Dot,
    Minus,
    End,
}

impl Token {
    pub(super) fn span(self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    /// The token as written, without the quotes of a string.
    pub(super) fn raw(self, source: &str) -> &str {
        let text = source.get(self.start..self.end).unwrap_or_default();
        match self.kind {
            Kind::Quoted => text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text),
            _ => text,
        }
    }
}

/// The tokens of `source`, closed by one [`Kind::End`].
pub(super) fn lex(source: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = rest(source, start).chars().next() {
        if is_blank(first) {
            start += first.len_utf8();
            continue;
        }
        let rest = rest(source, start);
        if rest.starts_with("--") {
            start += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (kind, length) = token(rest, first)
            .ok_or_else(|| no_token(start..start + if first == '"' { rest.len() } else { first.len_utf8() }, first))?;
        tokens.push(Token { kind, start, end: start + length });
        start += length;
    }
    tokens.push(Token { kind: Kind::End, start: source.len(), end: source.len() });
    Ok(tokens)
}

fn rest(source: &str, from: usize) -> &str {
    source.get(from..).unwrap_or_default()
}

/// White space of the language; other Unicode blanks are text.
fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n' | '\x0c' | '\u{a0}')
}

/// The token at the start of `rest` and its length.
fn token(rest: &str, first: char) -> Option<(Kind, usize)> {
    const OPERATORS: [(&str, Op); 9] = [
        ("!=", Op::Ne),
        ("!~", Op::NoMatch),
        ("=~", Op::Match),
        ("<=", Op::Le),
        (">=", Op::Ge),
        ("=", Op::Eq),
        ("<", Op::Lt),
        (">", Op::Gt),
        (":", Op::Has),
    ];
    if let Some((text, op)) = OPERATORS.iter().find(|(text, _)| rest.starts_with(text)) {
        return Some((Kind::Op(*op), text.len()));
    }
    match first {
        '(' => Some((Kind::Open, 1)),
        ')' => Some((Kind::Close, 1)),
        ',' => Some((Kind::Comma, 1)),
        '.' => Some((Kind::Dot, 1)),
        '"' => quoted(rest).map(|length| (Kind::Quoted, length)),
        '-' if !rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => Some((Kind::Minus, 1)),
        _ => Some(text(rest)).filter(|length| *length > 0).map(|length| (Kind::Text, length)),
    }
}

/// The length of a string with both quotes, `None` if it is not closed.
fn quoted(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return Some(at + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// The length of the unquoted text at the start of `rest`.
fn text(rest: &str) -> usize {
    let mut letters = rest.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let goes_on = match letter {
            '!' => !matches!(next, Some('=' | '~')),
            '\\' => {
                let escapes = next.is_some_and(|next| !is_blank(next));
                if escapes {
                    letters.next();
                }
                true
            }
            '-' => at > 0 || next.is_some_and(|next| next.is_ascii_digit()),
            '+' => at > 0,
            _ => is_text(letter),
        };
        if !goes_on {
            return at;
        }
    }
    rest.len()
}

fn is_text(letter: char) -> bool {
    matches!(letter, '#'..='\'' | '*' | '/' | '0'..='9' | ';' | '?'..='[' | ']'..='}') || letter >= '\u{a1}'
}

fn no_token(span: std::ops::Range<usize>, first: char) -> QueryError {
    match first {
        '"' => QueryError::new(span.start..span.start + 1, "a string without its end", "a closing `\"`")
            .help("a quote inside a string is written `\\\"`"),
        '+' | '~' => QueryError::new(span, format!("`{first}`"), "a field, a word or a string")
            .help(format!("put text with `{first}` in double quotes")),
        _ => QueryError::new(span, format!("the character U+{:04X}", u32::from(first)), "a field, a word or a string"),
    }
}

/// The text that a string stands for; `Err` holds the byte of an unknown escape.
pub(super) fn decode(raw: &str) -> Result<String, usize> {
    let mut text = String::with_capacity(raw.len());
    let mut from = 0;
    while let Some(at) = rest(raw, from).find('\\').map(|at| at + from) {
        text.push_str(raw.get(from..at).unwrap_or_default());
        let (letter, length) = escape(rest(raw, at + 1)).ok_or(at)?;
        text.push(letter);
        from = at + 1 + length;
    }
    text.push_str(rest(raw, from));
    Ok(text)
}

/// The character behind a backslash and how many bytes it takes; an incomplete escape is the backslash itself.
fn escape(rest: &str) -> Option<(char, usize)> {
    let Some(first) = rest.chars().next() else { return Some(('\\', 0)) };
    let simple = match first {
        ',' | ':' | '=' | '<' | '>' | '+' | '~' | '"' | '\\' | '.' | '*' => first,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'u' => return Some(unicode(rest)),
        'x' => return Some(digits(rest, 1, 2, 16).map_or(('\\', 0), |code| (scalar(code), 3))),
        '0'..='7' => {
            let most = if first <= '3' { 3 } else { 2 };
            let length = rest.bytes().take(most).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
            return Some((scalar(digits(rest, 0, length, 8)?), length));
        }
        _ => return None,
    };
    Some((simple, 1))
}

/// `uXXXX`, two of them for a character beyond 16 bits.
fn unicode(rest: &str) -> (char, usize) {
    let Some(high) = digits(rest, 1, 4, 16) else { return ('\\', 0) };
    if (0xd800..0xdc00).contains(&high)
        && let Some(low) = rest.get(5..).filter(|rest| rest.starts_with("\\u")).and_then(|rest| digits(rest, 2, 4, 16))
        && (0xdc00..0xe000).contains(&low)
    {
        return (scalar(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 11);
    }
    (scalar(high), 5)
}

fn digits(rest: &str, from: usize, length: usize, radix: u32) -> Option<u32> {
    let digits = rest.get(from..from + length)?;
    digits.bytes().all(|digit| digit.is_ascii_alphanumeric()).then(|| u32::from_str_radix(digits, radix).ok())?
}

/// A lone surrogate has no character of its own.
fn scalar(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strings_decode_as_google_decodes_them() {
        for (raw, expected) in [
            (r"\150\145\154\154\157", "hello"),
            (r"\x48\x65\x6C\x6C\x6F", "Hello"),
            (r"\150\145\u013E\u013E\157", "he\u{13e}\u{13e}o"),
            (r"sl\\as\\\\h", r"sl\as\\h"),
            (r"\777", "?7"),
            (r"\377", "\u{ff}"),
            (r"\", r"\"),
            ("☃", "☃"),
            (r"\u12", r"\u12"),
            (r"\x4", r"\x4"),
            (r"\uD83D\uDE00", "😀"),
            (r"\uD83D", "\u{fffd}"),
            (r"\a\b\f\n\r\t\v", "\x07\x08\x0c\n\r\t\x0b"),
            (r#"\,\:\=\<\>\+\~\"\\\.\*"#, r#",:=<>+~"\.*"#),
        ] {
            assert_eq!(decode(raw).as_deref(), Ok(expected), "{raw}");
        }
        assert_eq!(decode(r"broken\descape"), Err(6));
    }

    #[test]
    fn tokens_of_a_filter() {
        let kinds = |source: &str| -> Vec<String> {
            let tokens = lex(source).unwrap();
            tokens.iter().filter(|token| token.kind != Kind::End).map(|token| token.raw(source).to_owned()).collect()
        };
        assert_eq!(kinds("a.b>=\"c d\" -- tail\n-x!=-5"), ["a", ".", "b", ">=", "c d", "-", "x", "!=", "-5"]);
        assert_eq!(kinds("labels.k8s-pod/app!~\"x\""), ["labels", ".", "k8s-pod/app", "!~", "x"]);
        assert_eq!(kinds(r#"wal\"rus foo--bar a!b"#), [r#"wal\"rus"#, "foo--bar", "a!b"]);
        assert_eq!(kinds("a\u{a0}b"), ["a", "b"]);
        assert_eq!(kinds("-- nothing"), [""; 0]);
    }

    #[test]
    fn what_is_no_token() {
        for (source, at) in [("textPayload:\"abc", 12), ("a=+5", 2), ("~", 0), ("a \u{1}", 2), ("\"\\\"", 0)] {
            assert_eq!(lex(source).unwrap_err().span.start, at, "{source}");
        }
    }

    proptest! {
        #[test]
        fn any_text_lexes_or_fails(source in "\\PC*|[-\\\\\"=:.!a0(),~+ \n]*") {
            if let Ok(tokens) = lex(&source) {
                for token in tokens {
                    let _ = decode(token.raw(&source));
                }
            }
        }
    }
}
