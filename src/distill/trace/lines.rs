//! Lines of a trace with their offsets, and the small searches and tests that all languages share.

use memchr::{memchr, memchr_iter, memrchr_iter};

/// Lines without their ends, each with the offset of its first byte.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = text.get(offset..).filter(|rest| !rest.is_empty())?;
        let length = memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
        let start = offset;
        offset += length;
        Some((start, rest.get(..length)?.trim_end_matches(['\n', '\r'])))
    })
}

/// Where `mark` begins first. What `str::find` prepares for its search pays in long texts only, and lines are short.
pub(super) fn find(text: &str, mark: &str) -> Option<usize> {
    let first = *mark.as_bytes().first()?;
    memchr_iter(first, text.as_bytes()).find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(mark)))
}

/// What stands before and behind the first `mark`.
pub(super) fn split_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = find(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// What stands before and behind the last `mark`.
pub(super) fn rsplit_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let first = *mark.as_bytes().first()?;
    memrchr_iter(first, text.as_bytes()).find_map(|at| Some((text.get(..at)?, text.get(at..)?.strip_prefix(mark)?)))
}

/// Whether a path leads through one of these, each of which begins with a slash.
pub(super) fn passes(path: &str, folders: &[&str]) -> bool {
    let mut slashes = memchr_iter(b'/', path.as_bytes()).filter_map(|at| path.get(at..));
    slashes.any(|rest| folders.iter().any(|folder| rest.starts_with(folder)))
}

/// Whether a token may be a number that was or was not masked: anything without letters outside `<...>`.
pub(super) fn is_number(token: &str) -> bool {
    let mut placeholder = false;
    let is_plain = || token.bytes().all(|byte| byte.is_ascii_digit());
    !token.is_empty()
        && token.len() < 64
        && (is_plain()
            || token.chars().all(|letter| match letter {
                '<' => {
                    placeholder = true;
                    true
                }
                '>' => {
                    placeholder = false;
                    true
                }
                letter => placeholder || !(letter.is_alphabetic() || letter.is_whitespace()),
            }))
}

/// Whether a token looks like the name of an exception type: `a.b.FooError`, `Foo::Bar`, `KeyError`.
pub(super) fn is_type_name(token: &str) -> bool {
    let mut last = '.';
    let starts = token.chars().next().is_some_and(|letter| letter.is_alphabetic() || letter == '_');
    starts
        && token.len() <= 200
        && token.chars().all(|letter| {
            last = letter;
            letter.is_alphanumeric()
                || matches!(letter, '.' | '_' | '$' | '`' | '/' | ':' | '\\' | '+')
                || letter.is_control()
        })
        && !matches!(last, '.' | '/' | ':')
}

const ENDINGS: &[&str] =
    &["Exception", "Error", "Throwable", "Failure", "Fault", "Interrupt", "Timeout", "Exit", "Warning", "Err"];

/// Whether a type name ends as types of exceptions do.
pub(super) fn is_exception_name(token: &str) -> bool {
    ENDINGS.iter().any(|ending| token.ends_with(ending)) && is_type_name(token)
}

/// `path:12:5` or `path:12` into path and line.
pub(super) fn split_location(location: &str) -> Option<(&str, &str)> {
    let (front, last) = rsplit_once(location, ":")?;
    if !is_number(last) {
        return None;
    }
    match rsplit_once(front, ":") {
        Some((path, line)) if is_number(line) && !path.is_empty() => Some((path, line)),
        _ => Some((front, last)),
    }
}
