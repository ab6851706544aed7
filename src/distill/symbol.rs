//! The head of a text in, the length of what says nothing out: pictograms, their mojibake and code points spelled out,
//! colour codes, invisible characters.

/// How many bytes at the start of a message are decoration in front of its text: pictograms in any spelling, alone or
/// in brackets, question marks or replacement characters where one was lost, blanks.
pub(super) fn decoration(message: &str) -> usize {
    let mut rest = message;
    loop {
        let before = rest;
        rest = rest.trim_start();
        rest = rest.get(droppable(rest)..).unwrap_or_default();
        rest = rest.get(lost(rest)..).unwrap_or_default();
        if rest.len() == before.len() {
            return message.len() - rest.len();
        }
    }
}

/// `? `, `??? `, `[?] `, and the same with the replacement character: what is left of a lost pictogram.
fn lost(text: &str) -> usize {
    let inner = text.strip_prefix('[').unwrap_or(text);
    let marks = inner.trim_start_matches(['?', '\u{fffd}']);
    if marks.len() == inner.len() {
        return 0;
    }
    let behind = if inner.len() == text.len() { Some(marks) } else { marks.strip_prefix(']') };
    match behind {
        Some(behind) if behind.starts_with(char::is_whitespace) => text.len() - behind.len(),
        _ => 0,
    }
}

/// How many bytes at the start of `text` are dropped wherever they stand.
pub(super) fn droppable(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    match first {
        '[' => bracketed(text),
        '\u{1b}' | '\u{9b}' => escape_sequence(text),
        first if first.is_ascii() => usize::from(first.is_ascii_control() && !first.is_ascii_whitespace()),
        _ => pictogram(text),
    }
}

/// `[🔑]`, its mojibake, `[U+1F511]`.
fn bracketed(text: &str) -> usize {
    let inner = text.get(1..).unwrap_or_default();
    let length = match inner.strip_prefix("U+") {
        Some(digits) => {
            let count = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
            if (4..=6).contains(&count) { 2 + count } else { 0 }
        }
        None => pictogram(inner),
    };
    if length > 0 && inner.get(length..).is_some_and(|rest| rest.starts_with(']')) { length + 2 } else { 0 }
}

/// `ESC [ ... letter` and other terminal sequences.
fn escape_sequence(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    if text.starts_with('\u{1b}') {
        match chars.peek() {
            Some((_, '[')) => {
                chars.next();
            }
            _ => return 1,
        }
    }
    for (at, char) in chars {
        match char {
            '\u{40}'..='\u{7e}' => return at + 1,
            '\u{20}'..='\u{3f}' => {}
            _ => return at,
        }
    }
    text.len()
}

/// A run of pictograms and invisible characters, or of their mojibake.
fn pictogram(text: &str) -> usize {
    let mut rest = text;
    loop {
        let length = match rest.chars().next() {
            Some(first) if is_symbol(first) => first.len_utf8(),
            Some('\u{e2}' | '\u{ef}' | '\u{f0}') => mojibake(rest),
            _ => 0,
        };
        if length == 0 {
            return text.len() - rest.len();
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// A pictogram whose UTF-8 bytes were read as Windows-1252 or Latin-1; bytes that Windows-1252 lacks may be lost.
fn mojibake(text: &str) -> usize {
    let mut chars = text.chars();
    let Some(lead) = chars.next() else { return 0 };
    let wanted = if lead == '\u{f0}' { 3 } else { 2 };
    let mut code = u32::from(lead) & if wanted == 3 { 0x07 } else { 0x0f };
    let (mut found, mut length) = (0, lead.len_utf8());
    for char in chars.take(wanted) {
        let Some(byte) = byte_of(char) else { break };
        code = code << 6 | u32::from(byte & 0x3f);
        found += 1;
        length += char.len_utf8();
    }
    let whole = found == wanted && char::from_u32(code).is_some_and(is_symbol);
    let cut = found + 1 == wanted && wanted == 3 && code >> 6 == 0x1f;
    if whole || cut { length } else { 0 }
}

/// The continuation byte that Windows-1252 or Latin-1 shows as this character.
fn byte_of(char: char) -> Option<u8> {
    const SHOWN: [(char, u8); 27] = [
        ('€', 0x80),
        ('‚', 0x82),
        ('ƒ', 0x83),
        ('„', 0x84),
        ('…', 0x85),
        ('†', 0x86),
        ('‡', 0x87),
        ('ˆ', 0x88),
        ('‰', 0x89),
        ('Š', 0x8a),
        ('‹', 0x8b),
        ('Œ', 0x8c),
        ('Ž', 0x8e),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('˜', 0x98),
        ('™', 0x99),
        ('š', 0x9a),
        ('›', 0x9b),
        ('œ', 0x9c),
        ('ž', 0x9e),
        ('Ÿ', 0x9f),
    ];
    match char {
        '\u{80}'..='\u{bf}' => u8::try_from(u32::from(char)).ok(),
        _ => SHOWN.iter().find(|(shown, _)| *shown == char).map(|(_, byte)| *byte),
    }
}

fn is_symbol(char: char) -> bool {
    matches!(u32::from(char),
        0x200b..=0x200f | 0x2060..=0x2064 | 0xfeff // invisible
        | 0x20e3 | 0xfe00..=0xfe0f | 0xe_0020..=0xe_007f // parts of pictograms
        | 0x231a..=0x23ff | 0x25a0..=0x27bf | 0x2b05..=0x2b5f | 0x1_f000..=0x1_faff
        | 0x80..=0x9a | 0x9c..=0x9f
        | 0xf_0000..=0xf_00ff // the marks of the user's masks
    )
}
