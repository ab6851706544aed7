//! What a record says of an exception in, its stack trace as one text out.

use std::borrow::Cow;

use crate::model::{LogEntry, Value};

use super::member::{OF_ERROR, Slot};
use super::message::Said;
use super::{printed, trace};

/// What a label says of an exception: collectors of OpenTelemetry write what stands beside the body of a record there.
pub(super) fn in_label(key: &str) -> Option<Slot> {
    match key.strip_prefix("exception.")? {
        "type" => Some(Slot::ErrorType),
        "message" => Some(Slot::Message(OF_ERROR)),
        "stacktrace" => Some(Slot::Trace(1)),
        _ => None,
    }
}

/// What the labels of an entry say of an exception.
pub(super) fn in_labels<'a>(entry: &LogEntry<'a>) -> impl Iterator<Item = (Slot, Value<'a>)> {
    let labels = entry.labels.into_iter().flat_map(Value::members);
    labels.filter_map(|(key, value)| Some((in_label(key)?, value)))
}

/// The stack trace of an exception that is no text.
pub(super) fn printed(said: &Said<'_>) -> Option<String> {
    let thrown = said.thrown?;
    let listed = listed(printed::frames(thrown).unwrap_or(thrown), printed::named(thrown, said.error));
    listed.filter(|text| trace::whole(text).is_some()).or_else(|| printed::printed(thrown, said.error))
}

/// A stack trace whose lines stand in a list, below the type and the message of the error.
fn listed(lines: Value<'_>, [name, message]: [&str; 2]) -> Option<String> {
    let lines: Vec<&str> = lines.elements().map_while(Value::as_str).take(MOST_LINES).collect();
    let first = lines.first()?;
    let head = match (name, message) {
        _ if name.is_empty() || first.contains(name) => String::new(),
        (_, "") => format!("{name}\n"),
        // As Rails writes it.
        _ if first.contains(".rb:") => format!("{name} ({message}):\n"),
        _ => format!("{name}: {message}\n"),
    };
    let below = |line: &&str| if line.starts_with("at ") { format!("    {line}") } else { (*line).to_owned() };
    Some(head + &lines.iter().map(below).collect::<Vec<_>>().join("\n"))
}

/// So many lines of a listed stack trace are read.
const MOST_LINES: usize = 200;

/// The stack trace that a member holds as text. Where frames stand alone, nobody knows what was thrown: they are told below the
/// type and the message of the error, which others write beside them.
pub(super) fn written<'a>(said: &Said<'a>) -> Option<Cow<'a, str>> {
    let text = said.trace?.text.trim();
    match headed(text, said.error) {
        Some(text) => Some(Cow::Owned(trace::whole(&text)?.into_owned())),
        None => trace::whole(text),
    }
}

fn headed(text: &str, [name, message]: [&str; 2]) -> Option<String> {
    let first = text.lines().next().filter(|first| !name.is_empty() && first.starts_with("at "))?;
    let between = if message.is_empty() { "" } else { ": " };
    trace::is_line(first).then(|| format!("{name}{between}{message}\n   {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_stand_below_what_was_thrown() {
        let frame = "at Shop.Cart.Load() in /src/Cart.cs:line 3";
        assert_eq!(headed(frame, ["E", "x"]), Some(format!("E: x\n   {frame}")));
        assert_eq!(headed(frame, ["", "x"]), None);
        assert_eq!(headed("F: y\n   at Shop.Cart.Load()", ["E", "x"]), None);
        assert_eq!(headed("at last it ended", ["E", "x"]), None);
    }
}
