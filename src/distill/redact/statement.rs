//! A text and the place of `VALUES` in it in; what the statement writes into columns that are called like secrets out.
//!
//! `INSERT INTO users (name, password) VALUES ('bob', 'x'), ('eve', 'y')`: the name of a column stands far from its values.

use std::ops::Range;

use super::accept::accepts_member;
use super::assign::Assigned;
use super::names::{Class, Promise, class_of};
use super::value::{Shape, shape};

/// Longer lists of columns are none.
const LONGEST_LIST: usize = 4_096;
/// What a log writes between a statement and the list of its values, where they stand apart.
const APART: &str = "[parameters: ";

/// The values, and where the last row of them ends; nothing where no column tells.
pub(super) fn written(text: &str, hit: &Range<usize>) -> Option<(Vec<Assigned>, usize)> {
    let columns = columns(text.get(..hit.start)?)?;
    let mut rows = Rows { text, at: hit.end };
    let mut found = Vec::new();
    rows.read(&columns, &mut found);
    let rest = text.get(rows.at..)?;
    if let Some(behind) = rest.trim_start_matches([']', '\n', ' ', ';']).strip_prefix(APART) {
        rows.at = text.len() - behind.trim_start_matches('[').len();
        rows.read(&columns, &mut found);
    }
    Some((found, rows.at))
}

/// What the names of the columns promise that are listed at the end of `before`; nothing if none promises anything.
fn columns(before: &str) -> Option<Vec<Option<(&str, Promise)>>> {
    let list = list(before)?.trim_end().strip_prefix('(')?.strip_suffix(')')?;
    let told = |name| {
        let of_its_own = |(class, _): &Promise| !matches!(class, Class::Query | Class::Vendor);
        class_of(name).filter(of_its_own).map(|promise| (name, promise))
    };
    let quotes = |letter: char| letter.is_whitespace() || "'\"`[]\\".contains(letter);
    let columns: Vec<_> = list.split(',').map(|column| told(column.trim_matches(quotes))).collect();
    columns.iter().any(Option::is_some).then_some(columns)
}

/// The list in brackets that `before` ends with.
fn list(before: &str) -> Option<&str> {
    let before = before.trim_end();
    let at = before.len().saturating_sub(LONGEST_LIST);
    let start = memchr::memrchr(b'(', before.as_bytes().get(at..)?)?;
    before.get(at + start..).filter(|list| list.ends_with(')'))
}

/// Where the columns are listed whose values stand behind this part of a pattern.
pub(in crate::distill) fn open_rows(pattern: &str) -> Option<usize> {
    let before = pattern.get(..pattern.to_ascii_lowercase().rfind("values")?)?;
    columns(before)?;
    Some(before.trim_end().len() - list(before)?.len())
}

/// Rows of values, read one by one.
struct Rows<'t> {
    text: &'t str,
    at: usize,
}

impl Rows<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Reads rows as long as more follow.
    fn read(&mut self, columns: &[Option<(&str, Promise)>], found: &mut Vec<Assigned>) {
        loop {
            self.skip_blanks();
            if self.byte() != Some(b'(') {
                return;
            }
            self.at += 1;
            let mut column = 0;
            loop {
                let value = self.value();
                if let (Some((name, (class, kind))), Some(value)) = (columns.get(column).copied().flatten(), value)
                    && self.text.get(value.clone()).is_some_and(|text| is_secret(class, name, text))
                {
                    found.push(Assigned { value, kind });
                }
                column += 1;
                let more = self.byte() == Some(b',');
                self.at += usize::from(self.byte().is_some());
                if !more {
                    break;
                }
            }
            self.skip_blanks();
            if self.byte() != Some(b',') {
                return;
            }
            self.at += 1;
        }
    }

    /// Reads one value up to its comma, or to the end of its row: the first literal in it, without quotes. Only figures
    /// stand without any; a word is the name of something else.
    fn value(&mut self) -> Option<Range<usize>> {
        self.skip_blanks();
        let (start, mut depth, mut literal) = (self.at, 0_u32, None);
        while let Some(byte) = self.byte() {
            match byte {
                b'\'' | b'"' | b'`' => {
                    let inside = self.quoted(byte);
                    literal = literal.or(Some(inside));
                    continue;
                }
                b'(' => depth += 1,
                b')' | b',' if depth == 0 => break,
                b')' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        let bare = self.text.get(start..self.at).unwrap_or_default().trim_end();
        let is_bare = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-!#*+/=".contains(&byte))
            && bare.bytes().any(|byte| byte.is_ascii_digit());
        literal.or_else(|| is_bare.then_some(start..start + bare.len()))
    }

    /// Passes over a literal; a quote in it is doubled or stands behind a backslash. One that was cut reaches to the end.
    fn quoted(&mut self, quote: u8) -> Range<usize> {
        self.at += 1;
        let start = self.at;
        while let Some(byte) = self.byte() {
            let next = self.text.as_bytes().get(self.at + 1);
            match byte {
                b'\\' => self.at += 1,
                _ if byte == quote && next == Some(&quote) => self.at += 1,
                _ if byte == quote => break,
                _ => {}
            }
            self.at += 1;
        }
        let end = self.at.min(self.text.len());
        self.at = (end + 1).min(self.text.len());
        start..end
    }
}

/// What is written into a column of passwords is one, a remark too.
fn is_secret(class: Class, name: &str, value: &str) -> bool {
    class == Class::Password && shape(value) != Shape::Stable || accepts_member(class, name, value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::distill::redact::{Policy, Redactor, UserRules};

    fn found(text: &str) -> Vec<&str> {
        let at = text.to_ascii_lowercase().find("values").unwrap();
        let (found, _) = written(text, &(at..at + 6)).unwrap_or_default();
        found.into_iter().map(|found| text.get(found.value).unwrap()).collect()
    }

    #[test]
    fn what_stands_in_a_row_is_told_by_the_columns_however_far_before() {
        assert_eq!(open_rows("x INSERT INTO t (id, password) VALUES (<num>, '"), Some(16));
        assert_eq!(open_rows("INSERT INTO t (id, name) VALUES (<num>, '"), None);
        assert_eq!(open_rows("password ("), None);
        let redactor = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let behind = |row: &str, value: &str| {
            let pattern = format!("INSERT INTO t (id, password, {}name) VALUES ({row}", "note, ".repeat(30));
            redactor.behind(&pattern).redact(value, &mut BTreeMap::new()).into_owned()
        };
        assert!(behind("<num>, '", "qwe!x").starts_with("<password:"));
        assert_eq!(behind("<num>, '<*>', '", "qwe!x"), "qwe!x");
    }

    #[test]
    fn columns_tell_what_their_values_are() {
        for (text, values) in [
            ("INSERT INTO users (name, password) VALUES ('bob','sun22')", &["sun22"][..]),
            (
                "INSERT INTO t (name, password) VALUES ('a','sun22'), ('b', 'rain'),('c', 'it''s wet')",
                &["sun22", "rain", "it''s wet"],
            ),
            ("insert into `t`(`password`,`name`) values(\"sun\",\"bob\")", &["sun"]),
            (r"INSERT INTO t (name, [dbPassword], age) VALUES ('b,o)b', N'su\'n', 7) RETURNING id", &[r"su\'n"]),
            ("INSERT INTO t (password, at) VALUES (crypt('sun', gen_salt('bf')), now())", &["sun"]),
            ("INSERT INTO t (id, password) VALUES (3, 'sunsh", &["sunsh"]),
            ("INSERT INTO t (id, password) VALUES (3, sun22)", &["sun22"]),
            ("INSERT INTO t (id, pin) VALUES (3, 4711)", &["4711"]),
            ("INSERT INTO t (id, password) VALUES (%s, %s)]\n[parameters: (3, 'sun')]", &["sun"]),
            ("INSERT INTO t (id, password) VALUES ($1, $2), (?, ?), (:id, :password), (NULL, DEFAULT)", &[]),
            ("INSERT INTO t (id, password) VALUES (3, '<password:12ab>')", &[]),
            ("INSERT INTO t (id, name) VALUES (3, 'sun22')", &[]),
            ("the values (a, b) of password", &[]),
            ("password) values", &[]),
            ("(password) values (", &[]),
        ] {
            assert_eq!(found(text), values, "{text}");
        }
    }
}
