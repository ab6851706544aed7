//! TOML values with their places in, plain values out; every mistake is noted with its line, none stops the reading.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads one file and collects what is wrong in it.
pub(super) struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    mistakes: Vec<(usize, String)>,
}

pub(super) type Field<'a> = Spanned<DeValue<'a>>;

impl<'a> Reader<'a> {
    pub(super) fn new(path: &'a str, text: &'a str) -> Self {
        Self { path, text, mistakes: Vec::new() }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    /// Notes a mistake at a byte.
    pub(super) fn wrong(&mut self, offset: usize, what: impl Into<String>) {
        let line = self.line(offset);
        self.mistakes.push((line, what.into()));
    }

    /// Notes a key that means nothing here, with the one that was probably meant.
    pub(super) fn unknown(&mut self, offset: usize, key: &str, known: &[&str]) {
        let hint = closest(key, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        self.wrong(offset, format!("unknown key `{key}`{hint}"));
    }

    /// All mistakes as lines of `path:line: what`, or nothing.
    pub(super) fn complaint(mut self) -> Option<String> {
        self.mistakes.sort();
        let lines: Vec<String> =
            self.mistakes.iter().map(|(line, what)| format!("{}:{line}: {what}", self.path)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn expected(&mut self, field: &Field<'_>, key: &str, what: &str) {
        let found = field.get_ref().type_str();
        self.wrong(field.span().start, format!("`{key}` is {what}, not a value of type {found}"));
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, field: &Field<'_>, key: &str) -> Option<String> {
        let text = field.get_ref().as_str();
        if text.is_none() {
            self.expected(field, key, "a text");
        }
        let text = text?;
        if text.trim().is_empty() {
            self.wrong(field.span().start, format!("`{key}` is empty"));
            return None;
        }
        Some(text.to_owned())
    }

    /// A text or a list of texts, each with its place.
    pub(super) fn texts(&mut self, field: &Field<'_>, key: &str) -> Vec<(usize, String)> {
        match field.get_ref().as_array() {
            None => self.text(field, key).map(|text| (field.span().start, text)).into_iter().collect(),
            Some(list) => list.iter().filter_map(|one| Some((one.span().start, self.text(one, key)?))).collect(),
        }
    }

    /// A number, a comparison as text, or a list of them, as text each.
    pub(super) fn comparisons(&mut self, field: &Field<'_>, key: &str) -> Vec<(usize, String)> {
        let list: Vec<&Field<'_>> = match field.get_ref().as_array() {
            Some(list) => list.iter().collect(),
            None => vec![field],
        };
        let mut found = Vec::new();
        for one in list {
            let text = match one.get_ref() {
                DeValue::Integer(number) => Some(number.to_string()),
                DeValue::Float(number) => Some(number.to_string()),
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            };
            match text {
                Some(text) => found.push((one.span().start, text)),
                None => self.expected(one, key, "a number or a comparison"),
            }
        }
        found
    }

    /// A whole number within `range`.
    pub(super) fn integer(
        &mut self,
        field: &Field<'_>,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let number =
            field.get_ref().as_integer().and_then(|number| number.as_str().replace('_', "").parse::<i64>().ok());
        let wanted = match (*range.start(), *range.end()) {
            (least, i64::MAX) => format!("a whole number of at least {least}"),
            (least, most) => format!("a whole number from {least} to {most}"),
        };
        match number {
            Some(number) if range.contains(&number) => return Some(number),
            Some(number) => self.wrong(field.span().start, format!("`{key}` is {wanted}, not {number}")),
            None => self.expected(field, key, &wanted),
        }
        None
    }

    /// A table.
    pub(super) fn table<'f, 'i>(&mut self, field: &'f Field<'i>, key: &str) -> Option<&'f DeTable<'i>> {
        let table = field.get_ref().as_table();
        if table.is_none() {
            self.expected(field, key, "a table");
        }
        table
    }

    /// A list of tables, or one table.
    pub(super) fn tables<'f, 'i>(&mut self, field: &'f Field<'i>, key: &str) -> Vec<(usize, &'f DeTable<'i>)> {
        let Some(list) = field.get_ref().as_array() else {
            return self.table(field, key).map(|table| (field.span().start, table)).into_iter().collect();
        };
        list.iter().filter_map(|one| Some((one.span().start, self.table(one, key)?))).collect()
    }
}

/// What was probably meant by a word that is not known.
pub(super) fn closest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_lowercase();
    let likely = known.iter().map(|name| (*name, strsim::jaro_winkler(&word, &name.to_lowercase())));
    let likely = likely.filter(|(_, closeness)| *closeness > 0.8);
    let best = likely.max_by(|left, right| left.1.total_cmp(&right.1).then_with(|| right.0.cmp(left.0)));
    best.map(|(name, _)| name)
}

/// The members of a table in the order they are written: key, its place, value.
pub(super) fn members<'f, 'i>(table: &'f DeTable<'i>) -> Vec<(&'f str, usize, &'f Field<'i>)> {
    let mut members: Vec<_> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value)).collect();
    members.sort_by_key(|(_, offset, _)| *offset);
    members
}

/// A TOML value as JSON, for examples that are entries.
pub(super) fn to_json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => number.as_str().parse::<i64>().map_or(serde_json::Value::Null, Into::into),
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(serde_json::Value::Null, Into::into),
        DeValue::Boolean(truth) => (*truth).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(list) => list.iter().map(|one| to_json(one.get_ref())).collect(),
        DeValue::Table(table) => serde_json::Value::Object(
            members(table).into_iter().map(|(key, _, value)| (key.to_owned(), to_json(value.get_ref()))).collect(),
        ),
    }
}
