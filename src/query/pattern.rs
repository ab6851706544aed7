//! A regular expression as RE2 reads it in, the same one for this program's engine out.

use std::fmt::Write as _;

use regex::bytes::{Regex, RegexBuilder};

/// A compiled regular expression, equal to another if their texts are.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    source: String,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Pattern {
    /// Compiles the text between the quotes; the error is one line.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        // The limit keeps a filter such as `(a{1000}){1000}` from eating the memory of the run.
        let built = RegexBuilder::new(&translate(source)).size_limit(4 << 20).dfa_size_limit(4 << 20).build();
        let regex = built.map_err(|error| reason(&error))?;
        Ok(Self { source: source.to_owned(), regex })
    }

    /// The text as written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// How many groups it has.
    pub(super) fn groups(&self) -> usize {
        self.regex.captures_len().saturating_sub(1)
    }

    /// Whether it matches anywhere in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text.as_bytes())
    }

    /// What its first group captures in `text`.
    pub(super) fn extract<'t>(&self, text: &'t str) -> Option<&'t str> {
        let group = self.regex.captures(text.as_bytes())?.get(1)?;
        text.get(group.range())
    }
}

/// The last line of the engine's report names the reason.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it grows too large when compiled".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            last.trim().trim_start_matches("error: ").to_owned()
        }
    }
}

/// Rewrites what RE2 and this engine read differently: ASCII classes, `\Q..\E`, literal braces, `[` and set
/// operators inside classes.
fn translate(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut letters = source.chars();
    let mut class: Option<usize> = None;
    while let Some(letter) = letters.next() {
        match (letter, class) {
            ('\\', _) => escape(&mut letters, class.is_some(), &mut out),
            ('[', None) => {
                out.push('[');
                class = Some(0);
                if let Some(rest) = letters.as_str().strip_prefix('^') {
                    out.push('^');
                    letters = rest.chars();
                }
                continue;
            }
            (']', Some(0)) => out.push_str("\\]"),
            (']', Some(_)) => {
                out.push(']');
                class = None;
            }
            ('[', Some(_)) => match posix(letters.as_str()) {
                Some(name) => {
                    out.push('[');
                    out.push_str(name);
                    letters = letters.as_str().get(name.len()..).unwrap_or_default().chars();
                }
                None => out.push_str("\\["),
            },
            ('&' | '~', Some(_)) | ('-', Some(0)) => out.extend(['\\', letter]),
            ('-', Some(_)) if out.ends_with('-') && !out.ends_with("\\-") => out.push_str("\\-"),
            ('{', None) if !is_repetition(letters.as_str()) => out.push_str("\\{"),
            _ => out.push(letter),
        }
        class = class.map(|members| members + 1);
    }
    out
}

/// The escape whose backslash has just been read.
fn escape(letters: &mut std::str::Chars<'_>, in_class: bool, out: &mut String) {
    let before = letters.as_str();
    match letters.next() {
        Some('d') => out.push_str("[0-9]"),
        Some('D') => out.push_str("[^0-9]"),
        Some('w') => out.push_str("[0-9A-Za-z_]"),
        Some('W') => out.push_str("[^0-9A-Za-z_]"),
        Some('s') => out.push_str("[\\t\\n\\x0c\\r ]"),
        Some('S') => out.push_str("[^\\t\\n\\x0c\\r ]"),
        Some('b') if !in_class => out.push_str("(?-u:\\b)"),
        Some('B') if !in_class => out.push_str("(?-u:\\B)"),
        Some('Q') if !in_class => {
            let body = before.get(1..).unwrap_or_default();
            let (literal, rest) = body.split_once("\\E").unwrap_or((body, ""));
            out.push_str(&regex::escape(literal));
            *letters = rest.chars();
        }
        Some(letter @ ('<' | '>')) => out.push(letter),
        Some('0'..='7') => {
            // One digit but zero is a back reference, which neither engine has.
            let digits = before.bytes().take(3).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
            let octal = before.get(..digits).unwrap_or_default();
            match u32::from_str_radix(octal, 8) {
                Ok(code) if digits > 1 || code == 0 => {
                    let _ = write!(out, "\\x{{{code:x}}}");
                }
                _ => out.extend(["\\", octal]),
            }
            *letters = before.get(digits..).unwrap_or_default().chars();
        }
        // A name or a code in braces, which are no braces of the text.
        Some(letter @ ('p' | 'P' | 'x')) if letters.as_str().starts_with('{') => {
            let rest = letters.as_str();
            let (body, behind) =
                rest.split_at_checked(rest.find('}').map_or(rest.len(), |end| end + 1)).unwrap_or((rest, ""));
            out.extend(['\\', letter]);
            out.push_str(body);
            *letters = behind.chars();
        }
        Some(letter) => out.extend(['\\', letter]),
        None => out.push('\\'),
    }
}

/// `:alpha:]` and its like, behind the `[` of a class.
fn posix(rest: &str) -> Option<&str> {
    let body = rest.strip_prefix(':')?;
    let length = body.find(":]")?;
    let name = body.get(..length)?;
    let known = name.trim_start_matches('^').bytes().all(|byte| byte.is_ascii_lowercase());
    known.then(|| rest.get(..length + 3))?
}

/// Whether `n}`, `n,}` or `n,m}` follows a `{`.
fn is_repetition(rest: &str) -> bool {
    let Some((inside, _)) = rest.split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    !least.is_empty()
        && least.len() + most.len() < 9
        && least.bytes().chain(most.bytes()).all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn matches_as_re2_does() {
        for (source, text, expected) in [
            ("foo", "a foo b", true),
            ("^foo", "a foo b", false),
            ("(?i)FOO", "foo", true),
            (r"\d+", "٣", false),
            (r"\d{3}", "x503", true),
            (r"\w", "é", false),
            (r"\bfoo\b", "a foo.", true),
            (r"\Bo", "foo", true),
            (r#"{"a":\s*1}"#, r#"{"a": 1}"#, true),
            ("a{2}", "aa", true),
            ("a{,2}", "a{,2}", true),
            (r"\Qa.b\E+c", "a.b+c", false),
            (r"\Qa.b\Ec", "a.bc", true),
            ("[a&&b]", "&", true),
            ("[[]", "[", true),
            ("[]a]", "]", true),
            ("[^]a]", "]", false),
            ("[[:digit:]x]+$", "12x", true),
            ("[a-]", "-", true),
            ("[-a]", "-", true),
            (r"[\d.]+$", "1.5", true),
            (r"\<tag\>", "<tag>", true),
            (r#"\""#, "\"", true),
            (r"\101", "A", true),
            (".", "\n", false),
            ("(?s).", "\n", true),
            ("é", "café", true),
            ("^.$", "é", true),
            (r"^\p{L}+$", "é", true),
            (r"\p{Greek}", "λ", true),
            (r"\P{L}{2}", "a12", true),
            (r"^\x{e9}$", "é", true),
            (r"[\p{L}\x{31}]{2}$", "é1", true),
            (r"\pL", "é", true),
        ] {
            let pattern = Pattern::new(source).unwrap_or_else(|error| panic!("{source}: {error}"));
            assert_eq!(pattern.is_in(text), expected, "{source} on {text:?}");
        }
    }

    #[test]
    fn errors_are_one_line() {
        for source in ["(", "[", "a**(", "(?=x)", r"\1", "(a{1000}){1000}", "*"] {
            let error = Pattern::new(source).unwrap_err();
            assert!(!error.is_empty() && !error.contains('\n'), "{source}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_compiles_or_fails(source in "\\PC{0,20}|[\\]\\[^\\\\dwsQE(){},:&~a-]{0,20}", text in "\\PC{0,10}") {
            if let Ok(pattern) = Pattern::new(&source) {
                let _ = (pattern.is_in(&text), pattern.extract(&text));
            }
        }
    }
}
