//! Lines of a trace with their offsets, and the small tests that all languages share.

/// Lines without their ends, each with the offset of its first byte.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = offset;
        offset += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

/// Whether a token may be a number that was or was not masked: anything without letters outside `<...>`.
pub(super) fn is_number(token: &str) -> bool {
    let mut placeholder = false;
    !token.is_empty()
        && token.len() < 64
        && token.chars().all(|letter| match letter {
            '<' => {
                placeholder = true;
                true
            }
            '>' => {
                placeholder = false;
                true
            }
            letter => placeholder || !(letter.is_alphabetic() || letter.is_whitespace()),
        })
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
    is_type_name(token) && ENDINGS.iter().any(|ending| token.ends_with(ending))
}

/// `path:12:5` or `path:12` into path and line.
pub(super) fn split_location(location: &str) -> Option<(&str, &str)> {
    let (front, last) = location.rsplit_once(':')?;
    if !is_number(last) {
        return None;
    }
    match front.rsplit_once(':') {
        Some((path, line)) if is_number(line) && !path.is_empty() => Some((path, line)),
        _ => Some((front, last)),
    }
}
