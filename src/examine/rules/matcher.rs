//! Globs, regular expressions and comparisons as they stand in a rule in, tests on texts and figures out.

use regex::{Regex, RegexBuilder};

/// A test on a text.
#[derive(Clone, Debug)]
pub(super) struct TextTest {
    /// As it stands in the rule.
    pub(super) written: String,
    expression: Regex,
}

impl TextTest {
    /// A glob: `*` is any text, `?` one character, all else itself, in any case; it holds for the whole text.
    pub(super) fn glob(written: &str) -> Result<Self, String> {
        let mut expression = String::from("^");
        for letter in written.chars() {
            match letter {
                '*' => expression.push_str(".*"),
                '?' => expression.push('.'),
                other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
        }
        expression.push('$');
        Self::build(written, RegexBuilder::new(&expression).case_insensitive(true).dot_matches_new_line(true))
    }

    /// A regular expression, found anywhere in the text.
    pub(super) fn regex(written: &str) -> Result<Self, String> {
        Self::build(written, &RegexBuilder::new(written))
    }

    fn build(written: &str, builder: &RegexBuilder) -> Result<Self, String> {
        let expression = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { written: written.to_owned(), expression })
    }

    /// Whether it holds for `text`.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.expression.is_match(text)
    }
}

/// A test on a figure: from and to, both included, either may be open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NumberTest {
    /// As it stands in the rule.
    pub(super) written: String,
    from: f64,
    above: bool,
    to: f64,
    below: bool,
}

impl NumberTest {
    /// `>=10`, `<5`, `=7`, `10..100`; a bare number means what `bare` says.
    pub(super) fn parse(written: &str, bare: Bare) -> Result<Self, String> {
        let text = written.trim();
        let number = |text: &str| -> Result<f64, String> {
            let number: f64 = text.trim().replace('_', "").parse().map_err(|_| wrong(written))?;
            if number.is_finite() { Ok(number) } else { Err(wrong(written)) }
        };
        let between =
            |from: f64, above: bool, to: f64, below: bool| Self { written: text.to_owned(), from, above, to, below };
        let open = f64::INFINITY;
        if let Some(rest) = text.strip_prefix(">=") {
            return Ok(between(number(rest)?, false, open, false));
        }
        if let Some(rest) = text.strip_prefix("<=") {
            return Ok(between(-open, false, number(rest)?, false));
        }
        if let Some(rest) = text.strip_prefix('>') {
            return Ok(between(number(rest)?, true, open, false));
        }
        if let Some(rest) = text.strip_prefix('<') {
            return Ok(between(-open, false, number(rest)?, true));
        }
        if let Some((from, to)) = text.split_once("..") {
            return Ok(between(number(from)?, false, number(to)?, false));
        }
        let exact = text.strip_prefix('=');
        let value = number(exact.unwrap_or(text))?;
        Ok(match (exact, bare) {
            (None, Bare::AtLeast) => between(value, false, open, false),
            _ => between(value, false, value, false),
        })
    }

    /// Whether it holds for `figure`.
    pub(super) fn holds(&self, figure: f64) -> bool {
        let from = if self.above { figure > self.from } else { figure >= self.from };
        let to = if self.below { figure < self.to } else { figure <= self.to };
        from && to
    }
}

/// What a bare number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// At least that many.
    AtLeast,
    /// Exactly that.
    Equal,
}

fn wrong(written: &str) -> String {
    format!("`{written}` is no comparison; write 10, \">=10\", \"<5\", \"=7\" or \"10..100\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_hold_for_the_whole_text() {
        let glob = TextTest::glob("*need to call \"accept\"*").unwrap();
        assert!(glob.holds("loop error:\nNeed to call \"accept\" first."));
        assert!(!TextTest::glob("accept").unwrap().holds("accept first"));
        assert!(TextTest::glob("a.b?").unwrap().holds("a.bc") && !TextTest::glob("a.b").unwrap().holds("axb"));
    }

    #[test]
    fn comparisons() {
        for (written, figure, expected) in [
            ("10", 10.0, true),
            ("10", 9.9, false),
            (">=10", 11.0, true),
            ("<5", 5.0, false),
            ("=7", 8.0, false),
            ("10..100", 100.0, true),
            ("> 1_000", 1_000.0, false),
        ] {
            let test = NumberTest::parse(written, Bare::AtLeast).unwrap();
            assert_eq!(test.holds(figure), expected, "{written} {figure}");
        }
        assert!(!NumberTest::parse("10", Bare::Equal).unwrap().holds(11.0));
        for wrong in ["", "many", ">=", "1..x", "NaN"] {
            assert!(NumberTest::parse(wrong, Bare::AtLeast).is_err(), "{wrong}");
        }
    }
}
