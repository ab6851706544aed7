//! A text that is one JSON object in, what it says out: a record of a logger that nobody parsed.

use std::borrow::Cow;

use super::message::with_error;

/// The message of a text that is one JSON object as a whole, as loggers print it where nobody parses it; with what it
/// says of the error.
pub(super) fn inside_json(text: &str) -> Option<Cow<'_, str>> {
    const KEYS: [&str; 5] = ["\"message\"", "\"msg\"", "\"event\"", "\"error\"", "\"err\""];
    if !text.starts_with('{') || !text.ends_with('}') {
        return None;
    }
    let mut found = [""; KEYS.len()];
    let mut strings = Strings { text, at: 0, depth: 0 };
    while let Some((depth, quoted)) = strings.next() {
        let Some(value) = strings.value().filter(|value| depth == 1 && value.starts_with('"')) else { continue };
        if let Some((_, held)) = KEYS.iter().zip(&mut found).find(|(key, held)| **key == quoted && held.is_empty())
            && !value.get(1..)?.trim_start().starts_with('"')
        {
            *held = value;
        }
    }
    let [message, msg, event, error, err] = found;
    let message = [message, msg, event].into_iter().find(|text| !text.is_empty()).and_then(unquoted)?;
    Some(match [error, err].into_iter().find(|text| !text.is_empty()).and_then(unquoted) {
        Some(error) => Cow::Owned(with_error(message, "", &error).into_owned()),
        None => message,
    })
}

/// The JSON string that a text begins with, unless it is blank.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let (plain, _) = text.get(1..)?.split_once('"')?;
    if !plain.contains('\\') {
        return Some(Cow::Borrowed(plain));
    }
    let text = serde_json::Deserializer::from_str(text).into_iter::<String>().next()?.ok()?;
    (!text.trim().is_empty()).then_some(Cow::Owned(text))
}

/// The strings of a JSON text, each with its quotes and with how many objects and lists it stands in.
struct Strings<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Iterator for Strings<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let start = memchr::memchr(b'"', rest)?;
        for byte in rest.get(..start)? {
            match byte {
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        let mut end = start + 1;
        loop {
            end += memchr::memchr2(b'"', b'\\', rest.get(end..)?)?;
            if rest.get(end) == Some(&b'"') {
                break;
            }
            // What is escaped ends nothing.
            end += 2;
        }
        let from = self.at + start;
        self.at += end + 1;
        Some((self.depth, self.text.get(from..self.at)?))
    }
}

impl<'t> Strings<'t> {
    /// What stands behind the last string, if that is the name of a member.
    fn value(&self) -> Option<&'t str> {
        self.text.get(self.at..)?.trim_start().strip_prefix(':').map(str::trim_start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_text_says_its_error_too() {
        for (text, expected) in [
            (r#"{"msg":"a","error":"no\"ne"}"#, "a: no\"ne"),
            (r#"{"err":"refused","event":"b","message":" "}"#, "b: refused"),
            (r#"{"msg":"c","error":"","err":"refused"}"#, "c: refused"),
            (r#"{"msg":"d","error":{"err":"refused"}}"#, "d"),
        ] {
            assert_eq!(inside_json(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(inside_json(r#"{"error":"refused"}"#), None);
    }
}
