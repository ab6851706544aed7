//! Text from logs in, the same text out for terminals and JSON, where nothing that acts or hides is left.

use std::borrow::Cow;

/// How a letter is spelled out that is not shown as it is.
type Spelling = fn(char) -> Option<Cow<'static, str>>;

/// How letters are spelled that are not shown as they are: in blocks of text, on one line, in JSON, in JSON that is shown
/// as a block of text.
pub const SPELLINGS: [Spelling; 4] = [spelled_in_block, spelled_in_line, spelled_in_json, spelled_in_sample];

/// Text for terminals and plain files, on one line: C0, C1, DEL, direction marks and zero-width characters spelled out.
pub fn visible(text: &str) -> String {
    spell(text, spelled_in_line)
}

/// Like [`visible`], but line breaks and tabs stay.
pub fn visible_block(text: &str) -> String {
    spell(&text.replace("\r\n", "\n"), spelled_in_block)
}

/// JSON that means the same, with nothing in it that acts on a terminal or hides: such characters become `\\u....`.
pub fn visible_json(text: String) -> String {
    // Line breaks of the layout stand between strings, where no escape is.
    let acts = |letter: char| is_hidden(letter) && !matches!(letter, '\n' | '\r' | '\t');
    // Most of it is plain, and told so many bytes at once.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let is_plain = |block: &[u8]| block.iter().fold(true, |all, byte| all & plain(byte));
    let mut blocks = text.as_bytes().chunks(BLOCK).zip((0..).step_by(BLOCK));
    if blocks.all(|(block, from)| is_plain(block) || !whole(&text, from, from + block.len()).contains(acts)) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for letter in text.chars() {
        match spelled_in_json(letter).filter(|_| acts(letter)) {
            Some(spelled) => out.push_str(&spelled),
            None => out.push(letter),
        }
    }
    out
}

/// Bytes that are told to be plain at once.
const BLOCK: usize = 64;

/// A part of a text with the whole of the characters at its ends.
fn whole(text: &str, mut from: usize, mut to: usize) -> &str {
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    while !text.is_char_boundary(to) {
        to += 1;
    }
    text.get(from..to).unwrap_or_default()
}

/// Like [`visible`], but line breaks and tabs become blanks: for titles and cells.
pub(super) fn visible_line(text: &str) -> String {
    spell(&text.replace("\r\n", " "), |letter| {
        if matches!(letter, '\n' | '\r' | '\t') { Some(" ".into()) } else { spelled(letter) }
    })
}

fn spell(text: &str, spelling: Spelling) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match spelling(letter) {
            Some(shown) => out.push_str(&shown),
            None => out.push(letter),
        }
    }
    out
}

fn spelled(letter: char) -> Option<Cow<'static, str>> {
    let spelled = |code: u32| if code < 0x100 { format!("\\x{code:02x}") } else { format!("\\u{{{code:x}}}") };
    is_hidden(letter).then(|| spelled(letter.into()).into())
}

fn spelled_in_block(letter: char) -> Option<Cow<'static, str>> {
    match letter {
        '\n' | '\t' => None,
        _ => spelled_in_line(letter),
    }
}

fn spelled_in_line(letter: char) -> Option<Cow<'static, str>> {
    match letter {
        '\n' => Some("\\n".into()),
        '\r' => Some("\\r".into()),
        '\t' => Some("\\t".into()),
        _ => spelled(letter),
    }
}

fn spelled_in_json(letter: char) -> Option<Cow<'static, str>> {
    let unit = |unit: &u16| format!("\\u{unit:04x}");
    match letter {
        '"' => Some("\\\"".into()),
        '\\' => Some("\\\\".into()),
        '\n' | '\r' | '\t' => spelled_in_line(letter),
        _ => is_hidden(letter).then(|| letter.encode_utf16(&mut [0; 2]).iter().map(unit).collect()),
    }
}

fn spelled_in_sample(letter: char) -> Option<Cow<'static, str>> {
    if matches!(letter, '\0'..='\x1f' | '"' | '\\') { spelled_in_json(letter) } else { spelled(letter) }
}

/// Whether a character acts on a terminal or changes what is read without being seen.
pub(super) fn is_hidden(character: char) -> bool {
    matches!(character,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_on_a_terminal() {
        assert_eq!(visible("a\x1b]0;owned\x07b\r\nc"), "a\\x1b]0;owned\\x07b\\r\\nc");
        assert_eq!(visible("\u{202e}evil\u{9b}31m\u{200b}"), "\\u{202e}evil\\x9b31m\\u{200b}");
        assert_eq!(visible_block("a\r\nb\rc\td"), "a\nb\\rc\td");
        assert_eq!(visible("🚨 Überlauf ⚠️"), "🚨 Überlauf ⚠️");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a\u{9b}": ["\u{202e}x", "\u{e0041}", "\u{1b}[31m", "plain é\n"]});
        let shown = visible_json(format!("{value:#}"));
        assert!(!shown.chars().any(|letter| is_hidden(letter) && letter != '\n'), "{shown:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        assert_eq!(visible_json("{}".to_owned()), "{}");
        for before in 0..2 * BLOCK {
            let text = format!("{}é\u{202e}{}", "x".repeat(before), "y".repeat(BLOCK));
            assert_eq!(visible_json(text.clone()), text.replace('\u{202e}', "\\u202e"));
            assert_eq!(visible_json(text.replace('\u{202e}', "ü")), text.replace('\u{202e}', "ü"));
        }
    }
}
