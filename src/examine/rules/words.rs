//! What a condition or a setting asks for in, what can never be there out.

use crate::examine::timing::WORDS;
use crate::examine::trend::TRENDS;
use crate::model::{PatternKind, STATES, Severity};

use super::condition::TextField;
use super::matcher::TextTest;
use super::toml_reader::closest;

/// What a key of a cluster may hold, where that is known beforehand.
pub(super) fn known(field: TextField) -> Option<Vec<&'static str>> {
    Some(match field {
        TextField::Severity => Severity::ALL.iter().map(|severity| severity.name()).collect(),
        TextField::State => STATES.to_vec(),
        TextField::Kind => PatternKind::ALL.iter().map(|kind| kind.name()).collect(),
        TextField::Trend => TRENDS.to_vec(),
        TextField::Word => WORDS.to_vec(),
        _ => return None,
    })
}

/// Why no cluster ever passes the test, if that is so.
pub(super) fn never(field: TextField, key: &str, test: &TextTest) -> Option<String> {
    let written = &test.written;
    if let Some(known) = known(field) {
        if known.iter().any(|word| test.holds(word)) {
            return None;
        }
        let hint = closest(written, &known).map(|word| format!("; did you mean `{word}`?")).unwrap_or_default();
        return Some(format!("`{key}` is one of {}, not `{written}`{hint}", known.join(", ")));
    }
    let (start, example) = match field {
        TextField::Id => ("lg-", "LG-7f3a9c21d4"),
        TextField::Fingerprint => ("lg1:", "lg1:..."),
        _ => return None,
    };
    let is_open = key.ends_with("_regex") || written.starts_with(['*', '?', '{']);
    let fits = is_open || written.to_ascii_lowercase().starts_with(start);
    (!fits).then(|| format!("`{key}` is written like {example}, not `{written}`"))
}

/// What a `group_key` may be filled with.
pub(super) const GROUP_KEYS: [&str; 5] = ["{module}", "{function}", "{exception}", "{service}", "{pattern}"];

/// The first part in braces that a `group_key` is not filled with.
pub(super) fn unfilled(template: &str) -> Option<&str> {
    let mut rest = template;
    while let Some((_, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        if !GROUP_KEYS.iter().any(|known| known.trim_matches(['{', '}']) == name) {
            return Some(name);
        }
        rest = after;
    }
    None
}
