//! A text in, where numbers of cards, phones and people stand out, those of accounts among them.

#![expect(clippy::indexing_slicing, reason = "every index is checked against the length in the line before it")]

use std::ops::Range;

use super::super::checks::luhn;
use super::iban::iban_at;

/// What a number with the digits of an identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::distill::redact) enum Number {
    Card,
    Iban,
    Phone,
    NationalId,
}

impl Number {
    /// The kind of its mark.
    pub(in crate::distill::redact) fn kind(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Phone => "phone",
            Self::NationalId => "national_id",
        }
    }
}

/// The shortest number that is looked at, with its separators.
const SHORTEST: usize = 9;

/// No card has fewer digits.
const SHORTEST_CARD: usize = 14;

/// Whether a byte may stand in a number: digits, what separates them, and the letters of an IBAN.
fn in_number(byte: u8) -> bool {
    static TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 0x80 {
            table[byte as usize] = matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b' ' | b'-' | b'.' | b'(' | b')' | b'/');
            byte += 1;
        }
        table
    };
    TABLE[usize::from(byte)]
}

/// Cards, IBANs, phone numbers and national ids.
pub(in crate::distill::redact) fn numbers(text: &str, found: &mut Vec<(Range<usize>, Number)>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(shortest) = bytes.get(at..at + SHORTEST) {
        // Asked from its end, the shortest number is refuted by a few bytes, and all before them need no look.
        if let Some(other) = shortest.iter().rposition(|byte| !in_number(*byte)) {
            at += other + 1;
            continue;
        }
        let Some(passed) = bytes[at..].iter().position(u8::is_ascii_digit) else { break };
        at += passed;
        let end = group_end(bytes, at);
        let hit = iban_at(text, at).or_else(|| number_in(text, at..end)).or_else(|| card_in(text, at..end));
        if let Some(hit) = hit {
            at = hit.0.end.max(at + 1);
            found.push(hit);
        } else {
            at = end;
        }
    }
}

/// The end of digits with single separators between them.
fn group_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    let mut at = start;
    while at < bytes.len() && at - start < 64 {
        match bytes[at] {
            byte if byte.is_ascii_digit() => end = at + 1,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' if at < end + 2 => {}
            _ => break,
        }
        at += 1;
    }
    end
}

fn number_in(text: &str, group: Range<usize>) -> Option<(Range<usize>, Number)> {
    let bytes = text.as_bytes();
    let shown = text.get(group.clone())?;
    if shown.len() < SHORTEST {
        return None;
    }
    let before = group.start.checked_sub(1).map(|at| bytes[at]);
    let behind = bytes.get(group.end).copied();
    let glued = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if glued(before) || glued(behind) {
        return None;
    }
    let digits: Vec<u8> = shown.bytes().filter(u8::is_ascii_digit).collect();
    let opened = usize::from(before == Some(b'(')) + usize::from(before == Some(b'+'));
    if before == Some(b'+') && is_international(&digits, shown) {
        return Some((group.start - opened..group.end, Number::Phone));
    }
    let alone = !matches!(before, Some(b'-' | b'.' | b'/' | b':' | b'#' | b'=' | b'@' | b'+'));
    let alone = alone || matches!(before, Some(b'=' | b':'));
    let alone = alone && !matches!(behind, Some(b'-' | b'/' | b':')) && !decimal(bytes, group.end);
    if alone && is_card(&digits, shown) && !is_measure(bytes, group.end) {
        return Some((group, Number::Card));
    }
    if alone && is_national_id(shown, &digits) {
        return Some((group, Number::NationalId));
    }
    (alone && is_north_american(shown, &digits, before))
        .then(|| (group.start - usize::from(before == Some(b'('))..group.end, Number::Phone))
}

/// The first card among numbers that blanks part: `4111… 2 times`.
fn card_in(text: &str, group: Range<usize>) -> Option<(Range<usize>, Number)> {
    let mut start = group.start;
    text.get(group)?.split(' ').find_map(|word| {
        let run = start..start + word.len();
        start = run.end + 1;
        let is_card = |found: &(Range<usize>, Number)| found.1 == Number::Card;
        number_in(text, run).filter(|_| word.len() >= SHORTEST_CARD).filter(is_card)
    })
}

/// Whether a unit stands behind a number.
fn is_measure(bytes: &[u8], end: usize) -> bool {
    let behind = bytes.get(end..).unwrap_or_default();
    let behind = behind.strip_prefix(b" ").unwrap_or(behind);
    let word = behind.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    [&b"ns"[..], b"us", b"ms", b"s", b"bytes", b"nanoseconds", b"microseconds", b"ticks"]
        .contains(&behind.get(..word).unwrap_or_default())
}

/// Whether a fraction goes on behind a number.
fn decimal(bytes: &[u8], end: usize) -> bool {
    bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
}

/// `+49 30 1234567`: country code and eight digits or more, no time zone, no sum.
fn is_international(digits: &[u8], shown: &str) -> bool {
    (10..=15).contains(&digits.len())
        && digits.first() != Some(&b'0')
        && !shown.contains('/')
        && shown.matches('.').count() != 1
}

/// `(555) 234-5678`, `555-234-5678`: area code and exchange start with 2 to 9.
fn is_north_american(shown: &str, digits: &[u8], before: Option<u8>) -> bool {
    let form: String = shown.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let known = matches!(form.as_str(), "000-000-0000" | "0-000-000-0000" | "000.000.0000")
        || (before == Some(b'(') && matches!(form.as_str(), "000) 000-0000" | "000)000-0000" | "000) 000 0000"));
    let local = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    known && [0, 3].iter().all(|place| local.get(*place).is_some_and(|digit| (b'2'..=b'9').contains(digit)))
}

/// Brand, length, grouping and check digit of payment cards.
fn is_card(digits: &[u8], shown: &str) -> bool {
    let number = |length: usize| {
        digits.get(..length).map_or(0, |head| head.iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    };
    let brand = match digits.len() {
        16 => {
            matches!(number(1), 4)
                || matches!(number(2), 51..=55 | 62 | 65)
                || matches!(number(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(number(3), 644..=649)
        }
        15 => matches!(number(2), 34 | 37),
        14 => matches!(number(2), 36 | 38) || matches!(number(3), 300..=305),
        _ => false,
    };
    let separators: Vec<char> = shown.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let grouped = match separators.len() {
        0 => true,
        2 => matches!(digits.len(), 14 | 15),
        3 => digits.len() == 16 && shown.split([' ', '-']).all(|group| group.len() == 4),
        _ => false,
    };
    let uniform = separators
        .first()
        .is_none_or(|first| matches!(first, ' ' | '-') && separators.iter().all(|other| other == first));
    let varied = digits.iter().any(|digit| Some(digit) != digits.first());
    brand && grouped && uniform && varied && luhn(digits)
}

/// Forms of their own: US social security numbers, Brazilian CPF with its check digits.
fn is_national_id(shown: &str, digits: &[u8]) -> bool {
    let form: String = shown.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    match form.as_str() {
        "000-00-0000" => {
            let (area, group, serial) = (digits.get(..3), digits.get(3..5), digits.get(5..));
            area != Some(b"000")
                && area != Some(b"666")
                // Numbers of taxpayers start with 9, and have groups of their own.
                && (digits.first() != Some(&b'9') || group.is_some_and(|group| group >= b"50".as_slice()))
                && group != Some(b"00")
                && serial != Some(b"0000")
        }
        "000.000.000-00" => cpf(digits),
        _ => false,
    }
}

fn cpf(digits: &[u8]) -> bool {
    let check = |length: usize| -> Option<u8> {
        let sum: usize = digits
            .get(..length)?
            .iter()
            .enumerate()
            .map(|(place, digit)| usize::from(digit - b'0') * (length + 1 - place))
            .sum();
        u8::try_from((sum * 10) % 11 % 10).ok()
    };
    let at = |place: usize| digits.get(place).map(|digit| digit - b'0');
    check(9).is_some()
        && check(9) == at(9)
        && check(10) == at(10)
        && digits.iter().any(|digit| Some(digit) != digits.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&str, Number)> {
        let mut found = Vec::new();
        numbers(text, &mut found);
        found.into_iter().map(|(range, number)| (text.get(range).unwrap(), number)).collect()
    }

    #[test]
    fn numbers_with_the_form_of_an_identity() {
        let card = ["4111 1111", " 1111 1111"].concat();
        assert_eq!(kinds(&format!("card {card}.")), [(card.as_str(), Number::Card)]);
        let plain = ["37828", "2246310005"].concat();
        assert_eq!(kinds(&plain), [(plain.as_str(), Number::Card)]);
        for behind in [" 2 times", " -2+3", " 17"] {
            assert_eq!(kinds(&format!("card {plain}{behind}")), [(plain.as_str(), Number::Card)], "{behind}");
            assert_eq!(kinds(&format!("attempt 3 {plain}{behind}")), [(plain.as_str(), Number::Card)], "{behind}");
        }
        let iban = ["DE89 3704 0044", " 0532 0130 00"].concat();
        assert_eq!(kinds(&format!("IBAN {iban} ok")), [(iban.as_str(), Number::Iban)]);
        assert_eq!(kinds("call +49 30 12345678 now"), [("+49 30 12345678", Number::Phone)]);
        assert_eq!(kinds("call (415) 555-2671"), [("(415) 555-2671", Number::Phone)]);
        assert_eq!(kinds("ssn 123-45-6789,"), [("123-45-6789", Number::NationalId)]);
    }

    #[test]
    fn ordinary_numbers_are_no_identity() {
        for text in [
            "1758000000123456",
            "blk_-1608999687919862906",
            "2024-01-02 03:04:05 +0100",
            "10.0.0.1:8080",
            "took 1234567890123456 ns",
            "550e8400-e29b-41d4-a716-446655440000",
            "1.2.3-45-6789",
            "000-00-0000",
            "attempt_1445144423722_0020",
            "0000000000000000",
            "4111111111111112",
            "2025-09-15-1234",
            "node-4111111111111111",
        ] {
            assert!(kinds(text).is_empty(), "{text}: {:?}", kinds(text));
        }
    }
}
