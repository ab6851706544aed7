//! A pattern and the number of a slot in, the text before the slot out.

use super::redact::{open_key, open_rows};

/// How much of the text before a slot says what stands in it.
const CONTEXT: usize = 80;

/// The pattern before the slot with this number, at most some 80 bytes of it, or all of a private key or of a statement that lists its
/// columns; empty where there is no such slot.
pub fn slot_context(pattern: &str, slot: usize) -> &str {
    let mut from = 0;
    let mut before = "";
    for _ in 0..=slot {
        let rest = pattern.get(from..).unwrap_or_default();
        let Some((literal, placeholder)) = rest.split_once('<') else { return "" };
        let Some((name, _)) = placeholder.split_once('>') else { return "" };
        before = pattern.get(..from + literal.len()).unwrap_or_default();
        from += literal.len() + name.len() + 2;
    }
    let near = before.char_indices().map(|(at, _)| at).find(|at| before.len() - at <= CONTEXT).unwrap_or(0);
    let cut = open_key(before).or_else(|| open_rows(before)).map_or(near, |start| start.min(near));
    before.get(cut..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_before_a_slot_tells_what_it_holds() {
        let pattern = "user <id> logged in with password=<*> from <ip>";
        assert_eq!(slot_context(pattern, 0), "user ");
        assert_eq!(slot_context(pattern, 1), "user <id> logged in with password=");
        assert_eq!(slot_context(pattern, 3), "");
        assert_eq!(slot_context("no slots", 0), "");
        let columns = format!("(id, {}password) VALUES (<num>, '", "name, ".repeat(40));
        assert_eq!(slot_context(&format!("INSERT INTO t {columns}<*>')"), 1), columns);
    }
}
