//! A pattern and the number of a slot in, the literal text before the slot out.

/// How much of the text before a slot says what stands in it.
const CONTEXT: usize = 40;

/// The literal text before the slot with this number, at most some 40 bytes of it; empty at the start of a pattern.
pub fn slot_context(pattern: &str, slot: usize) -> &str {
    let mut literal = "";
    let mut rest = pattern;
    for _ in 0..=slot {
        let Some((before, placeholder)) = rest.split_once('<') else { return "" };
        let Some((_, after)) = placeholder.split_once('>') else { return "" };
        (literal, rest) = (before, after);
    }
    let cut = literal.char_indices().map(|(at, _)| at).find(|at| literal.len() - at <= CONTEXT).unwrap_or(0);
    literal.get(cut..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_before_a_slot_tells_what_it_holds() {
        let pattern = "user <id> logged in with password=<*> from <ip>";
        assert_eq!(slot_context(pattern, 0), "user ");
        assert_eq!(slot_context(pattern, 1), " logged in with password=");
        assert_eq!(slot_context(pattern, 3), "");
        assert_eq!(slot_context("no slots", 0), "");
    }
}
