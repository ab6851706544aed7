//! The words of a `SEARCH` and texts in, whether every word is there as a whole token out.
//!
//! Tokens follow BigQuery's `LOG_ANALYZER`: text is cut at the delimiters below and lower-cased where it is ASCII.

/// The URL codes that delimit tokens, the longer ones first.
const CODES: [&str; 16] = [
    "%2526", "%2520", "%21", "%26", "%3B", "%7C", "%20", "%2B", "%3D", "%5D", "%5B", "%3A", "%0A", "%2C", "%28", "%29",
];

/// More words than this in one search are refused: each is a bit of one mask.
pub(super) const MOST_WORDS: usize = 64;

/// What a search asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    source: String,
    wanted: Vec<Wanted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// One whole token, lower case.
    Token(String),
    /// A run of text between delimiters, lower case: from backticks.
    Phrase(String),
}

impl Words {
    /// The words of `source`; `None` if there is none, or more than [`MOST_WORDS`].
    pub(super) fn new(source: &str) -> Option<Self> {
        let mut wanted = Vec::new();
        let parts: Vec<&str> = source.split('`').collect();
        for (index, part) in parts.iter().enumerate() {
            // The parts with odd numbers stand between backticks, if the last one is closed.
            if index % 2 == 1 && index + 1 < parts.len() {
                let phrase = part.trim().to_ascii_lowercase();
                wanted.extend((!phrase.is_empty()).then_some(Wanted::Phrase(phrase)));
            } else {
                wanted.extend(tokens(part).map(|token| Wanted::Token(token.to_ascii_lowercase())));
            }
        }
        (1..=MOST_WORDS).contains(&wanted.len()).then(|| Self { source: source.to_owned(), wanted })
    }

    /// The words as written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether all words are in the texts that `feed` hands to its visitor, each in any of them.
    pub(super) fn are_in(&self, feed: impl FnOnce(&mut dyn FnMut(&str))) -> bool {
        let all = u64::MAX >> (MOST_WORDS - self.wanted.len());
        let mut found = 0u64;
        feed(&mut |text| {
            if found != all {
                found |= self.found_in(text);
            }
        });
        found == all
    }

    /// A bit for each word that is in `text`.
    fn found_in(&self, text: &str) -> u64 {
        let mut found = 0;
        for token in tokens(text) {
            for (bit, wanted) in self.wanted.iter().enumerate() {
                if matches!(wanted, Wanted::Token(wanted) if token.eq_ignore_ascii_case(wanted)) {
                    found |= 1 << bit;
                }
            }
        }
        for (bit, wanted) in self.wanted.iter().enumerate() {
            if matches!(wanted, Wanted::Phrase(phrase) if has_phrase(text, phrase)) {
                found |= 1 << bit;
            }
        }
        found
    }
}

/// Whether `phrase` stands in `text` between delimiters or its ends.
fn has_phrase(text: &str, phrase: &str) -> bool {
    let Some(last) = text.len().checked_sub(phrase.len()) else { return false };
    (0..=last).any(|start| {
        let same = text.get(start..start + phrase.len()).is_some_and(|part| part.eq_ignore_ascii_case(phrase));
        same && ends_delimited(text.get(..start).unwrap_or_default())
            && starts_delimited(text.get(start + phrase.len()..).unwrap_or_default())
    })
}

fn ends_delimited(text: &str) -> bool {
    text.bytes().next_back().is_none_or(is_delimiter)
        || CODES.iter().any(|code| {
            let from = text.len().checked_sub(code.len());
            from.and_then(|from| text.get(from..)).is_some_and(|end| end.eq_ignore_ascii_case(code))
        })
}

fn starts_delimited(text: &str) -> bool {
    text.bytes().next().is_none_or(is_delimiter)
}

/// The tokens of `text`, in their order.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut left = text;
    std::iter::from_fn(move || {
        loop {
            let skip = delimiter(left);
            if skip == 0 {
                break;
            }
            left = left.get(skip..)?;
        }
        let length = left.bytes().position(is_delimiter).unwrap_or(left.len());
        let (token, rest) = left.split_at_checked(length)?;
        left = rest;
        (!token.is_empty()).then_some(token)
    })
}

/// The length of the delimiter at the start of `text`, 0 if there is none.
fn delimiter(text: &str) -> usize {
    match text.bytes().next() {
        Some(b'%') => {
            let code =
                CODES.iter().find(|code| text.get(..code.len()).is_some_and(|start| start.eq_ignore_ascii_case(code)));
            code.map_or(1, |code| code.len())
        }
        Some(byte) => usize::from(is_delimiter(byte)),
        None => 0,
    }
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'[' | b']'
            | b'<'
            | b'>'
            | b'('
            | b')'
            | b'{'
            | b'}'
            | b'|'
            | b'!'
            | b';'
            | b','
            | b'\''
            | b'"'
            | b'*'
            | b'&'
            | b'?'
            | b'+'
            | b'/'
            | b':'
            | b'='
            | b'@'
            | b'.'
            | b'-'
            | b'$'
            | b'%'
            | b'\\'
            | b'_'
            | b'\n'
            | b'\r'
            | b' '
            | b'\t'
            | b'\x0b'
            | b'\x0c'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(words: &str, texts: &[&str], expected: bool) {
        let words = Words::new(words).unwrap();
        assert_eq!(words.are_in(|visit| texts.iter().for_each(|text| visit(text))), expected, "{words:?} in {texts:?}");
    }

    #[test]
    fn whole_tokens_in_any_order() {
        check("world", &["Hello Worldwide"], false);
        check("bar foo", &["Foo bar"], true);
        check("bar foo", &["bar", "x-FOO-y"], true);
        check("bar foo", &["bar"], false);
        check("10.0.0.1", &["peer=10.0.0.1:8080"], true);
        check("user_id", &["id of the user"], true);
        check("café", &["CAFé"], true);
        check("café", &["CAFÉ"], false);
    }

    #[test]
    fn url_codes_are_delimiters() {
        check("a b", &["a%20b"], true);
        check("20", &["a%20b"], false);
        check("a b", &["a%2520b"], true);
        check("a b", &["a%3ab"], true);
        check("99", &["a%99b"], false);
        check("99b", &["a%99b"], true);
    }

    #[test]
    fn backticks_ask_for_a_phrase() {
        check("`foo bar`", &["a FOO bar."], true);
        check("`bar foo`", &["Foo bar"], false);
        check("`foo bar`", &["foo barn"], false);
        check("`foo bar`", &["foo", "bar"], false);
        check("x `foo bar`", &["(foo bar)", "x"], true);
        check("`foo", &["foo"], true);
        check("`/health`", &["GET%20/health"], true);
    }

    #[test]
    fn a_search_for_nothing_is_refused() {
        assert_eq!(Words::new(" . "), None);
        assert_eq!(Words::new("``"), None);
        assert_eq!(Words::new(&"a ".repeat(MOST_WORDS + 1)), None);
        assert!(Words::new(&"a ".repeat(MOST_WORDS)).is_some());
    }

    proptest! {
        #[test]
        fn every_token_of_a_text_is_found_in_it(text in "[a-cA-C %25\\-.é`]{0,20}") {
            let text = text.replace('`', " ");
            for token in tokens(&text) {
                prop_assert!(Words::new(token).is_some_and(|words| words.are_in(|visit| visit(&text))), "{}", token);
            }
        }
    }
}
