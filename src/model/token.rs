//! The grammar of patterns, shared by those who write them and those who read them.

/// Whether `char` is a token of its own wherever it stands.
pub fn is_separator(char: char) -> bool {
    matches!(
        char,
        '=' | ':'
            | ','
            | ';'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '"'
            | '\''
            | '<'
            | '>'
            | '|'
            | '!'
            | '?'
            | '&'
            | '+'
    )
}

/// Whether `text` between two values makes them one.
pub fn is_glue(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| b"./:,@#_+*-".contains(&byte))
}
