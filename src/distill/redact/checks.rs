//! What a rule found in, whether it holds out: check digits, encodings, randomness.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::value::{Shape, entropy, is_shuffled, shape};

/// A condition on what the expression of a rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// None.
    Always,
    /// It is no mask, variable, remark or sentence.
    Value,
    /// Likewise, and no number.
    Text,
    /// It is not made of words and names.
    Random,
    /// Likewise, and no base64 of a text.
    Binary,
    /// One of its parts is long and not made of words.
    Token,
    /// Its first part is base64 of a JSON object.
    Jwt,
    /// It is base64 of `user:password`.
    Basic,
}

impl Check {
    /// The check of that name in the rules.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "" => Self::Always,
            "value" => Self::Value,
            "text" => Self::Text,
            "random" => Self::Random,
            "binary" => Self::Binary,
            "token" => Self::Token,
            "jwt" => Self::Jwt,
            "basic" => Self::Basic,
            _ => return None,
        })
    }

    /// Whether `value` passes.
    pub(super) fn holds(self, value: &str) -> bool {
        match self {
            Self::Always => true,
            Self::Value => !matches!(shape(value), Shape::Stable | Shape::Remark | Shape::Prose),
            Self::Text => Self::Value.holds(value) && shape(value) != Shape::Number,
            Self::Random => {
                let shape = shape(value);
                matches!(shape, Shape::Random) || (matches!(shape, Shape::Mixed | Shape::Hex) && entropy(value) >= 2.8)
            }
            Self::Binary => Self::Random.holds(value) && decoded(value).is_none(),
            Self::Token => has_random_part(value),
            Self::Jwt => is_jwt(value),
            Self::Basic => decoded(value).is_some_and(|text| text.contains(':')),
        }
    }
}

/// A header that is base64 of an object, or what begins like one and has three long parts.
fn is_jwt(value: &str) -> bool {
    let header = value.split('.').next().unwrap_or_default();
    let parts = value.split('.').filter(|part| part.len() >= 10).count();
    decoded(header).is_some_and(|text| text.trim_start().starts_with('{')) || (header.starts_with("eyJ") && parts >= 3)
}

/// Whether a part between separators is long and not made of words.
fn has_random_part(value: &str) -> bool {
    value.split(['-', '_', '.', '=', '/', ':']).any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        part.len() >= 14 && digits >= 2 && letters >= 2 && is_shuffled(part) && entropy(part) >= 2.8
    }) || (value.len() >= 28 && shape(value) == Shape::Random && entropy(value) >= 4.0)
}

/// The text that base64 of either alphabet stands for, if it is readable.
pub(super) fn decoded(run: &str) -> Option<String> {
    let run = run.trim_end_matches('=');
    let bytes = if run.bytes().any(|byte| matches!(byte, b'-' | b'_')) {
        URL_SAFE_NO_PAD.decode(run)
    } else {
        STANDARD_NO_PAD.decode(run)
    };
    let text = String::from_utf8(bytes.ok()?).ok()?;
    let readable = text.chars().all(|letter| !letter.is_control() || letter.is_whitespace());
    (readable && !text.is_empty()).then_some(text)
}

/// Whether the digits of a number end in the check digit of payment cards.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether an account number ends in the rest of one by 97, as IBANs do.
pub(super) fn mod97(iban: &str) -> bool {
    let (Some(head), Some(tail)) = (iban.get(..4), iban.get(4..)) else { return false };
    let rest = tail.chars().chain(head.chars()).try_fold(0_u32, |rest, letter| {
        let value = letter.to_digit(36)?;
        Some(if value > 9 { (rest * 100 + value) % 97 } else { (rest * 10 + value) % 97 })
    });
    rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(luhn(["411111", "1111111111"].concat().as_bytes()));
        assert!(!luhn(["411111", "1111111112"].concat().as_bytes()));
        assert!(mod97(&["GB82WEST", "12345698765432"].concat()));
        assert!(!mod97(&["GB82WEST", "12345698765433"].concat()));
        assert!(!mod97("é"));
    }

    #[test]
    fn base64_of_text_is_read_and_of_other_bytes_is_not() {
        assert_eq!(decoded("dXNlcjpwYXNz").as_deref(), Some("user:pass"));
        assert_eq!(decoded("iVBORw0KGgoAAAANSUhEUgAA"), None);
        assert!(Check::Basic.holds("dXNlcjpwYXNz"));
        assert!(!Check::Basic.holds("authentication"));
    }
}
