//! Two texts in, whether they are equal, ordered or one within the other, letter case and width apart, out.

use std::borrow::Cow;
use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;

/// The text of a filter, prepared for comparison with the texts of many entries.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    text: String,
    /// Where its rarest byte stands, and that byte in lower and upper case.
    rare: (usize, u8, u8),
}

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        let text = fold(text).into_owned();
        let rarest = text.bytes().enumerate().max_by_key(|(at, byte)| (rarity(*byte), std::cmp::Reverse(*at)));
        let rare = rarest.map_or((0, 0, 0), |(at, byte)| (at, byte, byte.to_ascii_uppercase()));
        Self { text, rare }
    }

    /// Whether `text` is this text.
    pub(super) fn equals(&self, text: &str) -> bool {
        if text.is_ascii() { text.eq_ignore_ascii_case(&self.text) } else { fold(text) == self.text }
    }

    /// How `text` is ordered relative to this text.
    pub(super) fn order_of(&self, text: &str) -> Ordering {
        if text.is_ascii() {
            text.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(self.text.bytes())
        } else {
            fold(text).as_ref().cmp(&self.text)
        }
    }

    /// Whether this text occurs in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let plain = text.is_ascii() || (self.text.is_ascii() && text.chars().all(stays_apart));
        if plain { self.occurs(text.as_bytes()) } else { fold(text).contains(&self.text) }
    }

    /// The search proper: look for the rarest byte, compare around it.
    fn occurs(&self, text: &[u8]) -> bool {
        let (at, lower, upper) = self.rare;
        let wanted = self.text.as_bytes();
        let Some(last) = text.len().checked_sub(wanted.len()) else { return false };
        if wanted.is_empty() {
            return true;
        }
        let Some(places) = text.get(at..=last + at) else { return false };
        memchr::memchr2_iter(lower, upper, places)
            .any(|place| text.get(place..place + wanted.len()).is_some_and(|part| part.eq_ignore_ascii_case(wanted)))
    }
}

/// Characters that neither turn into ASCII when folded nor join with an ASCII neighbour: for a needle in ASCII a
/// text of these can be searched as it stands.
fn stays_apart(letter: char) -> bool {
    letter.is_ascii()
        || matches!(letter, '\u{2500}'..='\u{27bf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{1f300}'..='\u{1faff}' | '\u{430}'..='\u{44f}' | '\u{fffd}')
}

/// Compatibility composition and case folding; borrows where nothing changes.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let folded: String = text.nfkc().flat_map(fold_letter).collect();
        return Cow::Owned(folded.nfkc().collect());
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

/// Upper case and back is Unicode's full case folding, but for the dotless i, which has no capital of its own.
fn fold_letter(letter: char) -> impl Iterator<Item = char> {
    let raised = if letter == 'ı' { None } else { Some(letter.to_uppercase()) };
    let kept = if letter == 'ı' { Some(letter) } else { None };
    raised.into_iter().flatten().flat_map(char::to_lowercase).chain(kept)
}

/// How rare a byte is in logs, roughly: the rarer the anchor, the fewer false starts.
fn rarity(byte: u8) -> usize {
    const COMMON_FIRST: &[u8] = b" etaoinsrldcu0m1p2-.gfh3\"/4569_87ybv:w,k=";
    COMMON_FIRST.iter().position(|common| *common == byte).unwrap_or(COMMON_FIRST.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding() {
        for (one, other) in [
            ("HELLO", "hello"),
            ("STRASSE", "straße"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ﬁle", "FILE"),
            ("ＦＵＬＬ", "full"),
            ("\u{212a}elvin", "KELVIN"),
            ("e\u{301}", "É"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
            assert!(Folded::new(one).equals(other) && Folded::new(other).equals(one));
            assert!(Folded::new(one).is_in(&format!("<{other}>")), "{one} in {other}");
        }
        assert_ne!(fold("ı"), fold("i"));
    }

    #[test]
    fn order_is_that_of_the_folded_texts() {
        assert_eq!(Folded::new("500").order_of("503"), Ordering::Greater);
        assert_eq!(Folded::new("60").order_of("503"), Ordering::Less);
        assert_eq!(Folded::new("B").order_of("a"), Ordering::Less);
        assert_eq!(Folded::new("b").order_of("B"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn the_short_ways_agree_with_folding(needle in "[aAbB🚨é\u{301}ﬁK]{0,4}", text in "[aAbBfi 🚨é\u{301}ﬁ漢K]{0,12}") {
            let folded = Folded::new(&needle);
            prop_assert_eq!(folded.is_in(&text), fold(&text).contains(fold(&needle).as_ref()));
            prop_assert_eq!(folded.equals(&text), fold(&text) == fold(&needle));
            prop_assert_eq!(folded.order_of(&text), fold(&text).as_ref().cmp(fold(&needle).as_ref()));
        }
    }
}
