//! An exception of JavaScript in, what its engine says out: that stays where a minifier gives other names in every build.

/// What JavaScript engines raise themselves; they choose the words, which tell the failure as a place does.
const OF_ENGINES: [&str; 5] = ["TypeError", "ReferenceError", "RangeError", "SyntaxError", "InternalError"];

/// Whether the engine of JavaScript chose the words of an exception.
pub(super) fn is_of_engine(kind: &str, language: &str) -> bool {
    language == "node" && OF_ENGINES.contains(&kind)
}

/// What an engine says, without the name that a minifier gave the variable it begins with: `t.map is not a function`.
pub(super) fn without_variable(message: &str) -> &str {
    let Some((said, _)) = message.split_once(" is not ") else { return message };
    let variable = said.split('.').next().unwrap_or_default();
    if variable.len() > 2 { message } else { message.get(variable.len()..).unwrap_or_default().trim_start() }
}
