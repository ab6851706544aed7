//! A text and the place of the word `cookie` in, the values of the cookies that stand behind it out.

use std::ops::Range;

use super::names::class_of;
use super::value::{Shape, shape};

/// Cookies looked at in one header.
const MOST_COOKIES: usize = 64;
/// The longest value looked at.
const LONGEST_VALUE: usize = 8_192;
/// What a server says about a cookie instead of setting one.
const ATTRIBUTES: &[&str] = &["path", "domain", "expires", "max-age", "samesite", "priority", "version", "comment"];

/// The values behind `Cookie:` or `Set-Cookie:`, and how far was looked; names and attributes stay.
pub(super) fn cookies(text: &str, hit: &Range<usize>) -> (Vec<Range<usize>>, usize) {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
    let mut values = Vec::new();
    let mut at = hit.end + usize::from(matches!(byte(hit.end), b's' | b'S'));
    at += usize::from(matches!(byte(at), b'"' | b'\'' | b']'));
    if !matches!(byte(at), b':' | b'=' | b',') {
        return (values, at);
    }
    at += 1;
    let mut first = true;
    for _ in 0..MOST_COOKIES {
        at += rest(bytes, at).iter().take(8).take_while(|byte| b" \"'[b".contains(byte)).count();
        let name = at..at + rest(bytes, at).iter().take(128).take_while(|byte| in_name(**byte)).count();
        if !name.is_empty() && byte(name.end) == b';' && !first {
            at = name.end + 1;
            continue;
        }
        if name.is_empty() || byte(name.end) != b'=' {
            break;
        }
        first = false;
        let value = name.end + 1..value_end(bytes, name.end + 1);
        let named = text.get(name).unwrap_or_default().to_ascii_lowercase();
        let telling = |value: &str| is_telling(&named, value);
        if !ATTRIBUTES.contains(&named.as_str()) && text.get(value.clone()).is_some_and(telling) {
            values.push(value.clone());
        }
        at = value.end
            + rest(bytes, value.end)
                .iter()
                .take(64)
                .take_while(|byte| !matches!(byte, b';' | b'\n' | b'"' | b'\''))
                .count();
        if byte(at) != b';' {
            break;
        }
        at += 1;
    }
    (values, at)
}

/// Where the value that starts at `start` ends; a quote of Markdown behind it is not part of it.
fn value_end(bytes: &[u8], start: usize) -> usize {
    let value = rest(bytes, start);
    let goes_on = |at: usize| value.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    let in_value = |(at, byte): (usize, &u8)| in_value(*byte) && (*byte != b'`' || goes_on(at));
    start + value.iter().take(LONGEST_VALUE).enumerate().take_while(|letter| in_value(*letter)).count()
}

fn rest(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.$%!~*@".contains(&byte)
}

fn in_value(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !byte.is_ascii_control() && byte.is_ascii() && !b";,&\"'\\<>".contains(&byte)
}

/// Whether a value is more than a setting: `theme=dark` and `lang=en-GB` stay. The letters of a session may look like
/// words by chance.
fn is_telling(name: &str, value: &str) -> bool {
    match shape(value) {
        Shape::Word | Shape::Name => {
            value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()) && class_of(name).is_some()
        }
        Shape::Stable | Shape::Remark | Shape::Place | Shape::Prose => false,
        Shape::Number => value.len() >= 8,
        Shape::Uuid | Shape::Hex | Shape::Mixed | Shape::Random => value.len() >= 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_cookies_and_nothing_else() {
        let text =
            "Set-Cookie: sid=a1b2c3d4e5; Path=/; HttpOnly; theme=dark; token=Zm9vYmFy99; Expires=Wed, 21 Oct 2026";
        let at = text.find("Cookie").unwrap();
        let found: Vec<&str> = cookies(text, &(at..at + 6)).0.into_iter().filter_map(|range| text.get(range)).collect();
        assert_eq!(found, ["a1b2c3d4e5", "Zm9vYmFy99"]);
        let text = "Cookie: theme=SolarizedDarkHighContrast; session=IgOorWebyQYjjITALVCJYmbnAj";
        let found: Vec<&str> = cookies(text, &(0..6)).0.into_iter().filter_map(|range| text.get(range)).collect();
        assert_eq!(found, ["IgOorWebyQYjjITALVCJYmbnAj"]);
        let text = "`Cookie: session=a1b2`c3d4e5`, sent";
        assert_eq!(cookies(text, &(1..7)).0.first().and_then(|range| text.get(range.clone())), Some("a1b2`c3d4e5"));
        // `a1b2c` is too short to tell, and what quotes it makes it no longer.
        for text in ["cookie is missing", "Cookie: none", "cookie", "cookies=3", "`Cookie: session=a1b2c` (2)"] {
            let at = text.to_lowercase().find("cookie").unwrap();
            assert!(cookies(text, &(at..at + 6)).0.is_empty(), "{text}");
        }
    }
}
