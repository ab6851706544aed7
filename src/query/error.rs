//! A place in a filter and what is wrong there in, text with a caret under the place out.

use std::fmt::Write as _;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

/// How much of a long line is shown on either side of the place.
const SHOWN: usize = 60;

/// Why a filter text is no filter: the place, what stands there, what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found {found}, expected {expected}")]
pub struct QueryError {
    /// Byte range in the filter text.
    pub span: Range<usize>,
    /// What stands there.
    pub found: String,
    /// What could stand there.
    pub expected: String,
    /// A corrected spelling or another way, where one is known.
    pub help: Option<String>,
}

/// A filter that is legal, at a place where it probably does not mean what its author thinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Byte range in the filter text.
    pub span: Range<usize>,
    /// What it does mean, and what to write instead.
    pub text: String,
}

impl QueryError {
    pub(super) fn new(span: Range<usize>, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { span, found: found.into(), expected: expected.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The error as a compiler shows it: the line of `source`, a caret under the place, and the help.
    pub fn render(&self, source: &str) -> String {
        let mut text = shown("error", &format!("found {}", self.found), source, &self.span);
        let _ = write!(text, " expected {}", self.expected);
        if let Some(help) = &self.help {
            let _ = write!(text, "\n  = help: {help}");
        }
        text
    }
}

impl Trap {
    /// The warning with the line of `source` and a caret under the place.
    pub fn render(&self, source: &str) -> String {
        let mut text = shown("warning", &self.text, source, &self.span);
        text.truncate(text.trim_end().len());
        text
    }
}

/// `kind: title`, the line of the place, and carets under it.
fn shown(kind: &str, title: &str, source: &str, span: &Range<usize>) -> String {
    let start = (0..=span.start.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let (before, after) = source.split_at_checked(start).unwrap_or((source, ""));
    let number = before.matches('\n').count() + 1;
    let head: Vec<char> = before.rsplit('\n').next().unwrap_or_default().chars().collect();
    let tail = after.split('\n').next().unwrap_or_default();
    let wide = span.end.saturating_sub(start);
    let carets = tail.char_indices().take_while(|(at, _)| *at < wide).count().clamp(1, SHOWN);

    let cut_head = head.len() > SHOWN;
    let mut line = if cut_head { "…".to_owned() } else { String::new() };
    line.extend(head.iter().skip(head.len().saturating_sub(SHOWN)).map(|letter| printable(*letter)));
    let indent = line.width();
    let marked: String = tail.chars().take(carets).map(printable).collect();
    line.push_str(&marked);
    line.extend(tail.chars().skip(carets).take(SHOWN).map(printable));
    if tail.chars().nth(carets + SHOWN).is_some() {
        line.push('…');
    }
    let column = head.len() + 1;
    let gutter = " ".repeat(number.to_string().len());
    format!(
        "{kind}: {title}\n{gutter}--> line {number}, column {column}\n{gutter} |\n{number} | {}\n{gutter} | {}{}",
        line.trim_end(),
        " ".repeat(indent),
        "^".repeat(marked.width().max(1))
    )
}

/// Control characters and those that turn the direction of writing would tear the picture.
fn printable(letter: char) -> char {
    let turns = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if letter.is_control() || letter.is_whitespace() || turns { ' ' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        let error = QueryError::new(11..15, "the field `thud`", "a field of LogEntry").help("did you mean `trace`?");
        assert_eq!(
            error.render("severity=1\nthud=2"),
            "error: found the field `thud`\n --> line 2, column 1\n  |\n2 | thud=2\n  | ^^^^ expected a field of LogEntry\n  = help: did you mean `trace`?"
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let source = format!("{}\tX{}", "a".repeat(500), "ü".repeat(500));
        let text = QueryError::new(501..502, "`X`", "less").render(&source);
        let lines: Vec<&str> = text.lines().collect();
        let place = lines[3].chars().position(|letter| letter == 'X').unwrap();
        assert_eq!(lines[4].chars().position(|letter| letter == '^'), Some(place), "{text}");
        assert!(lines[3].chars().count() < 140);
    }

    #[test]
    fn letters_of_two_cells_get_two_carets() {
        let source = "\"日本\" 日e\u{301}=1";
        let start = source.rfind('日').unwrap();
        let text = QueryError::new(start..source.len() - 2, "it", "less").render(source);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[4].starts_with(&format!("  | {}^^^ expected", " ".repeat(7))), "{text}");
    }

    #[test]
    fn places_outside_of_the_text_do_no_harm() {
        for span in [0..0, 1..2, 2..2, 99..100, 0..99] {
            let _ = QueryError::new(span.clone(), "x", "y").render("ü");
            let _ = Trap { span, text: "x".to_owned() }.render("");
        }
    }
}
