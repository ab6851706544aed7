//! What templates may do with a value: the formatter that escapes by kind of output, and the filters.
//!
//! Every value that a template prints goes through the formatter. Structure (code, fences, links, charts) comes only from
//! the filters here, which escape what they wrap and mark their result as finished for that kind of output.

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State};

use crate::model::{Severity, Timestamp, log_id};

use super::blocks;
use super::charts;
use super::escape;
use super::visible::{visible, visible_block};
use super::words;

/// The kind of output a template makes, by the ending of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `.md`.
    Markdown,
    /// `.html`, `.htm`, `.xml`, `.svg`.
    Html,
    /// `.csv`: every printed value is a cell.
    Csv,
    /// `.sh`: every printed value is one quoted word.
    Shell,
    /// Anything else.
    Text,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Markdown, Self::Html, Self::Csv, Self::Shell, Self::Text];

    pub(super) fn of(name: &str) -> Self {
        let name = name.strip_suffix(".j2").or_else(|| name.strip_suffix(".jinja")).unwrap_or(name);
        match name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase().as_str() {
            "md" | "markdown" => Self::Markdown,
            "html" | "htm" | "xml" | "svg" => Self::Html,
            "csv" => Self::Csv,
            "sh" => Self::Shell,
            _ => Self::Text,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Shell => "sh",
            Self::Text => "txt",
        }
    }

    pub(super) fn auto_escape(self) -> AutoEscape {
        AutoEscape::Custom(self.name().into())
    }

    fn escape(self, text: &str) -> String {
        match self {
            Self::Markdown => escape::markdown(text),
            Self::Html => escape::html(text),
            Self::Csv => escape::csv(text),
            Self::Shell => escape::shell(text),
            Self::Text => visible(text),
        }
    }
}

/// Prints a value: finished text as it is, numbers plain, everything else escaped for this kind of output.
fn format(kind: Kind, out: &mut Output, value: &Value) -> Result<(), Error> {
    let text = match value.kind() {
        ValueKind::String if value.is_safe() => plain(value),
        ValueKind::None | ValueKind::Undefined => String::new(),
        ValueKind::Bool => String::from(if value.is_true() { "yes" } else { "no" }),
        ValueKind::Number => value.to_string(),
        _ => kind.escape(&plain(value)),
    };
    out.write_str(&text).map_err(|_| Error::new(ErrorKind::WriteFailure, "cannot write"))
}

/// Adds our filters and takes away those that would let text through unescaped. The kind of output is given once for
/// all: no `autoescape` in a template changes it.
pub(super) fn register(environment: &mut Environment<'_>, kind: Kind) {
    for unsafe_filter in ["safe", "escape", "e", "tojson", "urlencode", "pprint", "indent"] {
        environment.remove_filter(unsafe_filter);
    }
    environment.set_formatter(move |out: &mut Output, _: &mut State, value: &Value| format(kind, out, value));
    structure(environment, kind);
    figures(environment);
    marks(environment);
}

fn structure(environment: &mut Environment<'_>, kind: Kind) {
    environment.add_filter("code", move |value: Value| {
        finished(match kind {
            Kind::Markdown => escape::markdown_code(&plain(&value)),
            Kind::Html => format!("<code>{}</code>", escape::html(&plain(&value))),
            _ => kind.escape(&plain(&value)),
        })
    });
    environment.add_filter("fence", move |value: Value, language: Option<String>| {
        let text = plain(&value);
        finished(match kind {
            Kind::Markdown => escape::markdown_fence(&text, &language.unwrap_or_default()),
            Kind::Html => format!("<pre>{}</pre>", escape::html(&text)),
            Kind::Text => visible_block(&text),
            _ => kind.escape(&text),
        })
    });
    environment.add_filter("cell", move |value: Value| {
        let rendered = if value.is_safe() { plain(&value) } else { kind.escape(&plain(&value)) };
        finished(if kind == Kind::Markdown { escape::markdown_cell(&rendered) } else { rendered })
    });
    environment.add_filter("link", move |value: Value, address: &str| link(kind, &value, address));
    environment.add_filter("comment", move |value: Value| {
        let text = plain(&value);
        finished(if kind == Kind::Shell { visible(&text) } else { kind.escape(&text) })
    });
    environment.add_filter("json_pretty", |value: Value| {
        serde_json::to_string_pretty(&value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
    });
    environment.add_filter("mark", |value: Value| {
        let plain_mark = |character: &char| character.is_ascii_alphanumeric() || matches!(character, ':' | '.' | '_');
        finished(plain(&value).chars().filter(plain_mark).collect())
    });
    environment.add_filter("pad", |value: Value, width: i64| {
        let (text, size) = (plain(&value), usize::try_from(width.unsigned_abs()).unwrap_or(0).min(400));
        if width < 0 { format!("{text:<size$}") } else { format!("{text:>size$}") }
    });
    environment.add_filter("slug", |value: Value| escape::slug(&plain(&value)));
    environment.add_filter("trunc", |value: Value, limit: usize| escape::truncate(&plain(&value), limit));
    environment.add_filter("ends", |value: Value, limit: usize| words::ends(&plain(&value), limit));
    environment.add_filter("place", |value: Value| {
        let part = |name: &str| value.get_attr(name).map(|part| plain(&part));
        Ok::<_, Error>(words::place(&part("module")?, &part("function")?))
    });
    environment.add_filter("log_id", |value: Value| log_id(&plain(&value)));
    environment.add_filter("line", |value: Value| plain(&value).lines().next().unwrap_or_default().trim().to_string());
}

fn figures(environment: &mut Environment<'_>) {
    environment.add_filter("thousands", |value: Value| number(&value).map(words::thousands));
    environment.add_filter("percent", |value: Value| float(&value).map(words::percent));
    environment.add_filter("decimal", |value: Value| float(&value).map(words::decimal));
    environment.add_filter("duration", |value: Value| float(&value).map(words::duration));
    environment.add_filter("bytes", |value: Value| {
        number(&value).map(|count| words::bytes(u64::try_from(count).unwrap_or(0)))
    });
    environment.add_filter("distance", |value: Value| {
        number(&value).map(|count| words::distance(i64::try_from(count).unwrap_or(i64::MAX)))
    });
    environment.add_filter("plural", plural);
    environment
        .add_filter("time", |value: Value, form: Option<String>| time(&value, form.as_deref().unwrap_or("second")));
    environment.add_filter("clock", |value: Value| time(&value, "clock"));
    environment.add_filter("date", |value: Value| time(&value, "date"));
    environment.add_filter("until", |from: Value, to: Value| match (instant(&from), instant(&to)) {
        (Some(from), Some(to)) => words::span(from, to),
        (Some(one), None) | (None, Some(one)) => words::time(one, "second"),
        (None, None) => String::new(),
    });
}

fn marks(environment: &mut Environment<'_>) {
    environment.add_filter("emoji", |word: String| words::mark(&word));
    environment.add_filter("severity", |value: Value| {
        let text = plain(&value);
        Severity::parse(&text).map_or(text, |severity| severity.name().to_owned())
    });
    environment.add_filter("priority_word", |word: String| words::priority_word(&word));
    environment.add_filter("horizon", |word: String| words::horizon(&word));
    environment.add_filter("words", |word: String| word.replace('_', " "));
    environment.add_filter("relation", |word: String| words::relation(&word));
    environment.add_filter("stop", |text: String| words::full_stop(&text));
    environment.add_filter("sentence", |text: String| words::capitalized(&text));
    environment.add_filter("bar", |value: Value, width: Option<usize>| {
        float(&value).map(|share| blocks::bar(share, width.unwrap_or(20)))
    });
    environment.add_filter("sparkline", |value: Value, columns: Option<usize>| {
        Ok::<_, Error>(blocks::sparkline(&blocks::fold(&counts(&value)?, columns.unwrap_or(48))))
    });
    environment.add_filter("svg_sparkline", |value: Value| {
        Ok::<_, Error>(finished(charts::sparkline(&blocks::fold(&counts(&value)?, 120))))
    });
    environment.add_filter("svg_timeline", charts::timeline_filter);
}

/// Text as a string, whatever it was.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// Text that is finished for the kind of output at hand.
pub(super) fn finished(text: String) -> Value {
    Value::from_safe_string(text)
}

/// `text` linked to an address where that is safe, else the text alone.
fn link(kind: Kind, value: &Value, address: &str) -> Value {
    let rendered = if value.is_safe() { plain(value) } else { kind.escape(&plain(value)) };
    finished(match (kind, escape::web_address(address)) {
        (Kind::Markdown, Some(address)) => format!("[{rendered}]({address})"),
        (Kind::Html, Some(address)) => {
            format!("<a href=\"{}\" rel=\"noreferrer\">{rendered}</a>", escape::html(address))
        }
        _ => rendered,
    })
}

/// `1 entry`, `1,204 entries`; `many` is by default the singular and an s.
fn plural(value: &Value, one: &str, many: Option<String>) -> Result<String, Error> {
    let count = number(value)?;
    let word = if count == 1 { one.to_string() } else { many.unwrap_or_else(|| format!("{one}s")) };
    Ok(format!("{} {word}", words::thousands(count)))
}

fn wrong(value: &Value, wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{} is not {wanted}", value.kind()))
}

fn number(value: &Value) -> Result<i128, Error> {
    #[expect(clippy::cast_possible_truncation, reason = "rounded for display; a float beyond the range saturates")]
    i128::try_from(value.clone()).or_else(|_| float(value).map(|float| float.round() as i128))
}

fn float(value: &Value) -> Result<f64, Error> {
    f64::try_from(value.clone()).map_err(|_| wrong(value, "a number"))
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(Timestamp::parse)
}

/// An absent time prints as nothing; what is no time at all is a mistake in the template.
fn time(value: &Value, form: &str) -> Result<String, Error> {
    if value.is_none() {
        return Ok(String::new());
    }
    instant(value).map(|time| words::time(time, form)).ok_or_else(|| wrong(value, "a time"))
}

fn counts(value: &Value) -> Result<Vec<u64>, Error> {
    value.try_iter()?.map(|count| u64::try_from(count.clone()).map_err(|_| wrong(&count, "a count"))).collect()
}
