//! The value of a field in, what it looks like out: only shapes that can be secrets are taken for secrets.

use std::sync::LazyLock;

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing, a mark, a mask such as `***`, a variable such as `${NAME}`: stable, never touched.
    Stable,
    /// A word that speaks about a value: `null`, `required`, `expired`.
    Remark,
    /// Digits, possibly with sign, dot or unit.
    Number,
    /// Letters only, as words are written.
    Word,
    /// Words joined by hyphens, dots and the like.
    Name,
    /// Several words, as sentences are written.
    Prose,
    /// A path, a resource name, an address, a piece of program code.
    Place,
    /// A UUID.
    Uuid,
    /// Hexadecimal digits, both kinds.
    Hex,
    /// Letters with digits or signs, too short or too regular to be called random.
    Mixed,
    /// Long, and without the regularity of names.
    Random,
}

/// Words that speak about a value instead of being one.
static REMARKS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("remarks.txt").lines().collect());

/// What `value` looks like.
pub(super) fn shape(value: &str) -> Shape {
    let value = value.trim();
    if is_stable(value) {
        return Shape::Stable;
    }
    if is_remark(value) {
        return Shape::Remark;
    }
    if is_number(value) {
        return Shape::Number;
    }
    if value.contains(char::is_whitespace) {
        return if is_prose(value) { Shape::Prose } else { Shape::Mixed };
    }
    if is_uuid(value) {
        return Shape::Uuid;
    }
    if value.chars().all(char::is_alphabetic) {
        return if is_shuffled(value) || is_unspeakable(value) { Shape::Random } else { Shape::Word };
    }
    if is_place(value) {
        return Shape::Place;
    }
    if is_hex(value) {
        return Shape::Hex;
    }
    if is_name(value.trim_end_matches('=')) {
        return Shape::Name;
    }
    if value.len() >= 16 && is_shuffled(value) && entropy(value) >= 3.0 { Shape::Random } else { Shape::Mixed }
}

/// Whether nothing can be hidden here: nothing, masks, marks, cut values and variables of templates.
fn is_stable(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let mut bytes = value.bytes();
    let first = bytes.next();
    first.is_none_or(|first| bytes.all(|byte| byte == first) && (value.len() >= 3 || !first.is_ascii_alphanumeric()))
        || ["redacted", "***", "[filtered]", "[masked]", "[hidden]", "<hidden>", "[secret]", "•••", "scrubbed"]
            .iter()
            .any(|mask| lower.contains(mask))
        || (["xxxx", "XXXX"].iter().any(|mask| value.contains(mask)) && is_left_by_mask(value))
        || value.ends_with("...")
        || value.ends_with('…')
        || is_variable(value)
}

/// So many letters and digits of a value stand beside the mask over the rest of it, at most.
const LEFT_BY_MASK: usize = 16;
/// No random value holds such a run.
const LONG_MASKS: [&str; 2] = ["xxxxxx", "XXXXXX"];

/// Whether a value with four `x` in a row is what a mask left of another. Random values hold such a run now and then,
/// among letters and digits of theirs; a mask leaves few of these, and fills half of the part it stands in or is long.
fn is_left_by_mask(value: &str) -> bool {
    let left = |part: &str| part.bytes().filter(|byte| byte.is_ascii_alphanumeric() && !b"xX".contains(byte)).count();
    let masked = |part: &str| {
        let run = part.contains("xxxx") || part.contains("XXXX");
        run && (2 * left(part) <= part.len() || LONG_MASKS.iter().any(|mask| part.contains(mask)))
    };
    left(value) <= LEFT_BY_MASK && value.split(|letter: char| !letter.is_alphanumeric()).any(masked)
}

/// A variable of a template, shell or format string, or one of our marks and placeholders.
fn is_variable(value: &str) -> bool {
    let inside = |open: &str, close: &str| {
        value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|name| {
            name.len() <= 80 && name.chars().all(|letter| letter.is_alphanumeric() || "_-.:[]'\" $|".contains(letter))
        })
    };
    let named = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
    };
    value.starts_with("$(")
        || value.strip_prefix('$').is_some_and(named)
        || value.strip_prefix('<').is_some_and(|rest| {
            // A mark, a placeholder, also one that was cut short.
            rest.len() <= 60 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-: .>*".contains(&byte))
        })
        || [("${", "}"), ("{{", "}}"), ("%(", ")s"), ("[", "]"), ("%", "%")].iter().any(|(open, close)| inside(open, close))
        // ODBC holds values in braces too, which no one would call a variable.
        || inside("{", "}") && !is_coined(value.get(1..value.len() - 1).unwrap_or_default())
        || matches!(value, "%s" | "%v" | "%d" | "%r" | "{}" | "?" | "[]" | "{" | "[" | "(" | "()")
}

fn is_remark(value: &str) -> bool {
    let word = value.trim_matches(|letter: char| letter.is_ascii_punctuation());
    value.len() <= 40 && (word.is_empty() || REMARKS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok())
}

/// Whether a word is formed like a remark: `mismatched`, `refreshing`, `verification`.
pub(super) fn is_remark_like(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ["ed", "ing", "tion", "able", "ible", "less", "ment"].iter().any(|ending| lower.ends_with(ending))
}

fn is_number(value: &str) -> bool {
    let digits = value.trim_start_matches(['-', '+', '#']).trim_end_matches(['s', 'm', '%', 'k', 'h', 'd', 'B']);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'_'))
}

/// Sentences have words of letters only, and at least one of them is a remark, or there are many.
fn is_prose(value: &str) -> bool {
    let words: Vec<&str> = value
        .split_whitespace()
        .map(|word| word.trim_matches(|letter: char| letter.is_ascii_punctuation()))
        .filter(|word| !word.is_empty())
        .collect();
    let plain = words.iter().filter(|word| word.chars().all(|letter| letter.is_alphabetic() || letter == '\'')).count();
    let remarks = words.iter().filter(|word| is_remark(word)).count();
    remarks > 0 && plain * 3 >= words.len() * 2
}

/// Whether `value` is a UUID, with hyphens.
pub(super) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

fn is_hex(value: &str) -> bool {
    let digits = value.strip_prefix("0x").unwrap_or(value);
    digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Paths, resource names, addresses and program code.
fn is_place(value: &str) -> bool {
    if value.contains("://") || value.starts_with("./") || value.starts_with("~/") || value.starts_with("projects/") {
        return true;
    }
    let drive = value.as_bytes().get(1..3) == Some(b":\\");
    let mut segments = value.split('/');
    let segmented = value.contains('/') && segments.all(is_words);
    drive || segmented || is_code(value)
}

/// A call, an attribute, an index: what stands in code and its traces instead of a value.
fn is_code(value: &str) -> bool {
    let called = value.split_once(['(', '[']).is_some_and(|(name, rest)| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.'))
            && (rest.ends_with([')', ']'])
                || rest.starts_with(['"', '\''])
                || rest.is_empty()
                || !rest.contains([')', ']']))
    });
    let attribute = value.split_once('.').is_some_and(|(object, rest)| {
        matches!(
            object,
            "self"
                | "this"
                | "os"
                | "process"
                | "request"
                | "req"
                | "config"
                | "settings"
                | "cls"
                | "ctx"
                | "env"
                | "args"
        ) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    });
    called || attribute
}

/// Words joined by hyphens, underscores, dots or colons.
fn is_name(value: &str) -> bool {
    is_words(value)
        && value.bytes().any(|byte| matches!(byte, b'-' | b'_' | b'.' | b':'))
        && value.bytes().filter(u8::is_ascii_alphabetic).count() * 2 > value.len()
}

/// A word or several joined ones, possibly with short numbers behind them.
fn is_words(value: &str) -> bool {
    value.len() <= 120
        && value.split(['-', '_', '.', ':']).all(|segment| {
            let letters = segment.trim_end_matches(|letter: char| letter.is_ascii_digit());
            segment.len() - letters.len() <= 5
                && letters.len() <= 24
                && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
                && !(letters.len() > 8 && is_shuffled(letters))
        })
        && !has_broken_humps(value)
}

/// Whether capitals stand inside of a word that has too many consonants in a row.
fn is_unspeakable(word: &str) -> bool {
    let longest = word.split(|letter: char| "aeiouyAEIOUY".contains(letter)).map(str::len).max();
    let humps = word.bytes().skip(1).filter(u8::is_ascii_uppercase).count();
    word.len() >= 8 && word.is_ascii() && humps >= 2 && humps + 2 <= word.len() && longest >= Some(5)
}

/// Whether capitals and small letters change too often for humps of words.
fn has_broken_humps(value: &str) -> bool {
    let bytes = value.as_bytes();
    let count = |is: fn(&u8) -> bool| bytes.iter().filter(|byte| is(byte)).count();
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let starts = bytes.windows(2).filter(|pair| match pair {
        [left, right] => {
            right.is_ascii_alphabetic()
                && (!left.is_ascii_alphabetic() || left.is_ascii_lowercase() && right.is_ascii_uppercase())
        }
        _ => false,
    });
    value.len() >= 20 && upper >= 4 && lower >= 4 && (upper + lower) <= 3 * (starts.count() + 1)
}

/// Whether nobody wrote this as a word of a sentence, a time, a number or a place.
pub(super) fn is_coined(word: &str) -> bool {
    word.len() >= 10
        && !word.contains(':')
        && matches!(shape(word), Shape::Random | Shape::Mixed)
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && is_shuffled(word)
}

/// Whether letters, digits and cases change so often that no one wrote this as words.
pub(super) fn is_shuffled(value: &str) -> bool {
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 4,
    };
    let bytes = value.as_bytes();
    let changes = bytes.windows(2).filter(|pair| {
        // A capital that starts a word is no change; a capital that ends one is.
        let (left, right) = (pair.first().copied().map_or(0, class), pair.last().copied().map_or(0, class));
        left != right && !(left == 2 && right == 1)
    });
    let changes = changes.count();
    changes * 5 >= value.len() && changes >= 3
}

/// Bits per character, by how often each byte occurs in the value itself.
#[expect(clippy::cast_precision_loss, reason = "values are short; nothing but a threshold depends on it")]
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = value.len().max(1) as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_sorted_for_the_search() {
        assert!(REMARKS.is_sorted());
    }

    #[test]
    fn shapes() {
        for (value, expected) in [
            ("", Shape::Stable),
            ("****", Shape::Stable),
            ("REDACTED", Shape::Stable),
            ("sk-xxxxxxxxa1B2", Shape::Stable),
            ("xxxx-xxxx-xxxx-1234", Shape::Stable),
            ("sk_live_xxxx1234", Shape::Stable),
            ("411111XXXXXX1111", Shape::Stable),
            ("AKIAXXXXXXXXXXXXXXXX", Shape::Stable),
            ("12xxxx89", Shape::Stable),
            (concat!("9ZlNf0wM", "xxxxa1aa7ZAQ"), Shape::Random),
            (concat!("q7TkXXXX", "m2PdR9sL"), Shape::Random),
            (concat!("hunt3r", "xxxx9Kz"), Shape::Mixed),
            (concat!("9ZlNf0wMk02S", "xxxxa1aa7ZAQ4jKqIc"), Shape::Random),
            ("demo-use...", Shape::Stable),
            ("${DB_PASSWORD}", Shape::Stable),
            ("<password>", Shape::Stable),
            ("<password:12ab>", Shape::Stable),
            ("<password:12", Shape::Stable),
            ("Required.", Shape::Remark),
            ("1234", Shape::Number),
            ("hunter", Shape::Word),
            ("hunter2", Shape::Mixed),
            ("my-tls-secret", Shape::Name),
            ("default/my-secret", Shape::Place),
            ("/etc/keys/sa.json", Shape::Place),
            ("get_token()", Shape::Place),
            ("This field is required.", Shape::Prose),
            ("correct horse battery staple", Shape::Mixed),
            ("550e8400-e29b-41d4-a716-446655440000", Shape::Uuid),
            ("deadbeef00", Shape::Hex),
            ("aG9yc2ViYXR0ZXJ5c3RhcGxl", Shape::Random),
            ("p@ssw0rd!", Shape::Mixed),
        ] {
            assert_eq!(shape(value), expected, "{value}");
        }
    }
}
