//! A byte in, how the pass over a message treats it out; and stretches of bytes that are treated alike.

/// How the pass treats a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Copied, unless a digit stands in the same run.
    Copied,
    /// Makes its run variable.
    Digit,
    /// White space.
    Blank,
    /// May begin something that is dropped: escape sequences, pictograms, other control characters.
    Special,
}

pub(super) fn class(byte: u8) -> Class {
    CLASS[usize::from(byte)]
}

static CLASS: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Copied; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = match byte {
            b'0'..=b'9' => Class::Digit,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => Class::Blank,
            0..=0x1f | 0x7f..=0xff | b'[' => Class::Special,
            _ => Class::Copied,
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

/// Where the bytes end, before `bound`, that stand in the canonical text as they are: words with one blank between them.
pub(super) fn plain_end(bytes: &[u8], from: usize, bound: usize) -> usize {
    let bytes = &bytes[..bound];
    let mut at = from;
    while at < bytes.len() {
        let single = || bytes[at] == b' ' && bytes.get(at + 1).is_none_or(|next| class(*next) != Class::Blank);
        if class(bytes[at]) != Class::Copied && !single() {
            break;
        }
        at += 1;
    }
    at
}

pub(super) fn blank_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < bytes.len() && class(bytes[at]) == Class::Blank {
        at += 1;
    }
    at
}
