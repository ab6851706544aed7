//! Numbers, spans of time and lists in; the words that people read out.

use crate::model::Timestamp;

/// A count with its noun: `1 entry`, `1,234 entries`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// The same where the count may be an estimate: `about 1,234 users`.
pub(super) fn estimated(count: u64, exact: bool, one: &str, many: &str) -> String {
    format!("{}{}", if exact { "" } else { "about " }, counted(count, one, many))
}

/// A whole number with a comma every three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A span of time in its two largest units: `1.4 s`, `107 s`, `1 h 56 min`, `3 d 2 h`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a span for display, never negative")]
pub(super) fn span(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 0.0005 {
        return "0 s".to_owned();
    }
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if seconds < 9.95 {
        return format!("{} s", decimal(seconds));
    }
    let whole = seconds.round() as u64;
    let (large, small, unit, smaller) = match whole {
        0..=119 => return format!("{whole} s"),
        120..=3_599 => (whole / 60, whole % 60, "min", "s"),
        3_600..=86_399 => (whole / 3_600, whole % 3_600 / 60, "h", "min"),
        _ => (whole / 86_400, whole % 86_400 / 3_600, "d", "h"),
    };
    let large = grouped(large);
    if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {smaller}") }
}

/// A number with at most one digit behind the point, and none where it is zero.
pub(super) fn decimal(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A rate with as many digits as it deserves.
pub(super) fn rate(per_hour: f64) -> String {
    if per_hour >= 100.0 {
        format!("{per_hour:.0}")
    } else if per_hour >= 0.95 {
        decimal(per_hour)
    } else {
        format!("{per_hour:.2}")
    }
}

/// A share in percent; never rounded to 0 or 100 unless it is.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        _ if percent <= 0.0 => "0%".to_owned(),
        _ if percent < 1.0 => "under 1%".to_owned(),
        _ if (99.0..100.0).contains(&percent) => "over 99%".to_owned(),
        _ => format!("{percent:.0}%"),
    }
}

/// A share in percent with a digit behind the point where it is small.
pub(super) fn fine_percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent <= 0.0 || percent >= 10.0 => self::percent(share),
        percent if percent < 0.1 => "under 0.1%".to_owned(),
        percent => format!("{}%", decimal(percent)),
    }
}

/// Names in a sentence: `a`, `a and b`, `a, b and c`.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}

/// A time to the second, as people write it: `2025-09-14 03:01:24 UTC`.
pub(super) fn clock(time: Timestamp) -> String {
    let text = time.to_string();
    let whole = text.split(['.', 'Z']).next().unwrap_or_default();
    format!("{} UTC", whole.replace('T', " "))
}

/// A span of time behind what happened in it: `, 2025-09-14 03:01:24 to 03:10:00 UTC`; nothing where it is not known.
pub(super) fn during(start: Option<Timestamp>, end: Option<Timestamp>) -> String {
    let (Some(start), Some(end)) = (start.map(clock), end.map(clock)) else { return String::new() };
    let start = start.trim_end_matches(" UTC");
    let day = start.split_inclusive(' ').next().unwrap_or_default();
    format!(", {start} to {}", end.strip_prefix(day).unwrap_or(&end))
}

/// The share of `part` in `whole`, 0 where there is no whole.
#[expect(clippy::cast_precision_loss, reason = "a share for display")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// At most `limit` characters, cut at a blank where one is near, with `…` where something is missing.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit.saturating_sub(1)).collect();
    let cut = match head.rsplit_once(char::is_whitespace) {
        Some((words, _)) if words.chars().count() * 3 >= limit * 2 => words,
        _ => &head,
    };
    // One gap is told once.
    format!("{}…", cut.trim_end_matches(|letter: char| letter.is_whitespace() || ",;:-…".contains(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_words() {
        for (seconds, expected) in [
            (0.0, "0 s"),
            (0.0014, "1 ms"),
            (1.44, "1.4 s"),
            (2.0, "2 s"),
            (107.2, "107 s"),
            (6_960.0, "1 h 56 min"),
            (3_600.0, "1 h"),
            (266_400.0, "3 d 2 h"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }

    #[test]
    fn a_gap_is_told_once() {
        assert_eq!(shorten("converting … to string is unsupported", 15), "converting…");
        assert_eq!(shorten("one two three four", 14), "one two three…");
    }

    #[test]
    fn counts_shares_and_lists() {
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(1_234_567, "entry", "entries"), "1,234,567 entries");
        assert_eq!(percent(0.999), "over 99%");
        assert_eq!(percent(0.001), "under 1%");
        assert_eq!([0.0, 0.0004, 0.009, 0.294].map(fine_percent), ["0%", "under 0.1%", "0.9%", "29%"]);
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn long_text_is_cut_between_words_and_characters() {
        assert_eq!(shorten("one two three", 20), "one two three");
        assert_eq!(shorten("one two three four", 10), "one two…");
        assert_eq!(shorten("ööööööööööööööö", 5), "öööö…");
    }
}
