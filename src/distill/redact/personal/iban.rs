//! A place in a text in, the account number (IBAN) that stands there out.

#![expect(clippy::indexing_slicing, reason = "every index is checked against the length in the line before it")]

use std::ops::Range;

use super::super::checks::mod97;
use super::number::Number;

/// An IBAN whose first digit stands at `digit`: two capitals before it, length by country, rest 1 by 97.
pub(super) fn iban_at(text: &str, digit: usize) -> Option<(Range<usize>, Number)> {
    let bytes = text.as_bytes();
    let start = digit.checked_sub(2)?;
    let glued = start.checked_sub(1).is_some_and(|at| bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_');
    if glued || !bytes[start..digit].iter().all(u8::is_ascii_uppercase) || !bytes.get(digit + 1)?.is_ascii_digit() {
        return None;
    }
    let length = iban_length(text.get(start..digit)?)?;
    let mut compact = String::new();
    let mut at = start;
    while compact.len() < length {
        match *bytes.get(at)? {
            byte if byte.is_ascii_digit() || byte.is_ascii_uppercase() => compact.push(char::from(byte)),
            b' ' | b'-' if compact.len().is_multiple_of(4) && !compact.is_empty() => {}
            _ => return None,
        }
        at += 1;
    }
    let ends = bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (ends && mod97(&compact)).then_some((start..at, Number::Iban))
}

fn iban_length(country: &str) -> Option<usize> {
    let at = IBAN_LENGTHS.binary_search_by_key(&country, |(code, _)| *code).ok()?;
    IBAN_LENGTHS.get(at).map(|(_, length)| *length)
}

/// How long the IBANs of each country are.
const IBAN_LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];
