//! A pattern in, the text before each of its slots out.

use super::redact::{open_key, open_rows};

/// How much of the text before a slot says what stands in it.
const CONTEXT: usize = 80;

/// The pattern before each of its slots, at most some 80 bytes of it, or all of a private key or of a statement that lists
/// its columns.
pub fn slot_contexts(pattern: &str) -> impl Iterator<Item = &str> {
    // Hardly any pattern has them, and many slots may stand in one.
    let may_hold_key = pattern.contains("-----BEGIN ");
    let may_list = pattern.to_ascii_lowercase().contains("values");
    let mut from = 0;
    std::iter::from_fn(move || {
        let (literal, placeholder) = pattern.get(from..)?.split_once('<')?;
        let (name, _) = placeholder.split_once('>')?;
        let before = pattern.get(..from + literal.len())?;
        from += literal.len() + name.len() + 2;
        let mut near = before.len().saturating_sub(CONTEXT);
        while !before.is_char_boundary(near) {
            near += 1;
        }
        let key = if may_hold_key { open_key(before) } else { None };
        let whole = key.or_else(|| if may_list { open_rows(before) } else { None });
        before.get(whole.map_or(near, |start| start.min(near))..)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_before_a_slot_tells_what_it_holds() {
        let pattern = "user <id> logged in with password=<*> from <ip>";
        let contexts: Vec<&str> = slot_contexts(pattern).collect();
        assert_eq!(
            contexts,
            ["user ", "user <id> logged in with password=", "user <id> logged in with password=<*> from "]
        );
        assert_eq!(slot_contexts("no slots").next(), None);
        let columns = format!("(id, {}password) VALUES (<num>, '", "name, ".repeat(40));
        assert_eq!(slot_contexts(&format!("INSERT INTO t {columns}<*>')")).nth(1), Some(columns.as_str()));
        let wide = "é".repeat(100);
        assert_eq!(slot_contexts(&format!("{wide}<num>")).next(), wide.get(120..));
    }
}
