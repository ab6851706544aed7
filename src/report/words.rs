//! Figures and states in, the words people read out: durations, shares, times, plurals, marks.

use crate::model::Timestamp;

/// `1,204,311`.
pub(super) fn thousands(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share from 0 to 1 as `12.3%`; never 0 % or 100 % where it is not.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 {
        return "<0.1%".into();
    }
    if percent > 99.9 && percent < 100.0 {
        return ">99.9%".into();
    }
    if (percent - percent.round()).abs() < 0.05 { format!("{percent:.0}%") } else { format!("{percent:.1}%") }
}

/// A figure with at most one decimal, or two digits that say something: `4.2`, `131`, `0.12`, `0.034`, `0.006`.
pub(super) fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return String::new();
    }
    if number > 0.0 && number < 0.000_5 {
        return "<0.001".into();
    }
    if number.abs() >= 100.0 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounded for display; a float beyond the range saturates"
        )]
        return thousands(number.round() as i128);
    }
    let decimals = match number.abs() {
        1.0.. => 1,
        0.099_5.. => 2,
        _ => 3,
    };
    let text = format!("{number:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if matches!(text, "" | "-" | "-0") { "0".into() } else { text.into() }
}

/// `350 ms`, `1.4 s`, `107 s`, `2 min 5 s`, `1 h 56 min`, `3 d 4 h`.
pub(super) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return String::new();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates far away")]
    let whole = seconds.round() as u64;
    let two = |large: u64, large_name: &str, small: u64, small_name: &str| match small {
        0 => format!("{} {large_name}", thousands(i128::from(large))),
        _ => format!("{} {large_name} {small} {small_name}", thousands(i128::from(large))),
    };
    match whole {
        _ if seconds <= 0.0 => "0 s".into(),
        _ if seconds < 0.000_999_5 => "<1 ms".into(),
        _ if seconds < 0.999_5 => format!("{:.0} ms", seconds * 1000.0),
        0..120 => format!("{} s", decimal(seconds)),
        120..3_600 => two(whole / 60, "min", whole % 60, "s"),
        3_600..86_400 => two(whole / 3_600, "h", whole % 3_600 / 60, "min"),
        _ => two(whole / 86_400, "d", whole % 86_400 / 3_600, "h"),
    }
}

/// Bytes in decimal units: `1.2 MB`.
pub(super) fn bytes(count: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    #[expect(clippy::cast_precision_loss, reason = "a size for display")]
    match units.into_iter().find(|(_, unit)| count >= *unit) {
        Some((name, unit)) => format!("{} {name}", decimal(count as f64 / unit as f64)),
        None => format!("{count} B"),
    }
}

/// The distance of a neighbour in time: `22 ms before`, `1.4 s after`, `at the same moment`.
pub(super) fn distance(milliseconds: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a duration for display")]
    let text = duration(milliseconds.unsigned_abs() as f64 / 1000.0);
    match milliseconds {
        0 => "same millisecond".into(),
        ..0 => format!("{text} before"),
        _ => format!("{text} after"),
    }
}

/// A time in UTC cut to what a reader needs: `date`, `minute`, `second`, `clock` or `full`.
pub(super) fn time(time: Timestamp, form: &str) -> String {
    let text = time.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_string();
    match form {
        "date" => part(0, 10),
        "minute" => format!("{} {}", part(0, 10), part(11, 16)),
        "clock" => part(11, 19),
        "full" => text,
        _ => format!("{} {}", part(0, 10), part(11, 19)),
    }
}

/// From one time to another, naming the day once where both share it; in UTC, which the caller states.
pub(super) fn span(from: Timestamp, to: Timestamp) -> String {
    let (start, end) = (time(from, "second"), time(to, "second"));
    match (start.split_once(' '), end.split_once(' ')) {
        _ if start == end => start,
        (Some((day, _)), Some((other, clock))) if day == other => format!("{start} to {clock}"),
        _ => format!("{start} to {end}"),
    }
}

/// The mark of a priority, severity, impact, health or state; words always stand beside it.
pub(super) fn mark(word: &str) -> &'static str {
    match word {
        "P0" | "CRITICAL" | "ALERT" | "EMERGENCY" | "FAILING" | "regressed" => "🚨",
        "P1" | "HIGH" | "ERROR" | "escalating" => "🔥",
        "P2" | "MEDIUM" | "WARNING" | "DEGRADED" | "INTERMITTENT" => "⚠️",
        "P3" | "LOW" | "NOTICE" => "🔵",
        "OPERATIONAL" | "resolved" | "expected" => "✅",
        "new" => "🆕",
        _ => "ℹ️",
    }
}

/// What a priority means: one scale everywhere.
pub(super) fn priority_word(priority: &str) -> &'static str {
    match priority {
        "P0" => "critical",
        "P1" => "high",
        "P2" => "medium",
        "P3" => "low",
        "P4" => "minor",
        _ => "informational",
    }
}

/// How one cluster stands to another, in words.
pub(super) fn relation(relation: &str) -> String {
    match relation {
        "precedes" => "comes before".into(),
        "follows" => "comes after".into(),
        "co_occurs" => "comes together with".into(),
        "request_of" => "is the request around".into(),
        "within" => "happens in the request of".into(),
        "begins_and_ends_with" => "begins and ends with".into(),
        "begins_with" => "begins with".into(),
        "begins_after" => "begins soon after".into(),
        "before_begin_of" => "comes shortly before the begin of".into(),
        "same_exception" => "same exception as".into(),
        "same_function" => "same function as".into(),
        _ => relation.replace('_', " "),
    }
}

/// When to act, in words: `4h` becomes `Within 4 hours`.
pub(super) fn horizon(horizon: &str) -> String {
    let number = horizon.trim_end_matches(char::is_alphabetic);
    let unit = horizon.trim_start_matches(number);
    let unit = match unit {
        "m" | "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        _ => "",
    };
    match horizon {
        "now" => "Now".into(),
        "today" => "Today".into(),
        "week" => "This week".into(),
        "month" => "This month".into(),
        "later" | "" => "Later".into(),
        _ if by_priority(horizon).is_some() => format!("{horizon} {}", priority_word(horizon)),
        _ if !unit.is_empty() && number.parse::<u32>().is_ok() => {
            format!("Within {number} {unit}{}", if number == "1" { "" } else { "s" })
        }
        _ => capitalized(horizon),
    }
}

/// What has no horizon goes by the priority of its cluster.
fn by_priority(horizon: &str) -> Option<u64> {
    horizon.strip_prefix('P').and_then(|level| level.parse().ok()).filter(|level| *level <= 10)
}

/// The seconds until a horizon, so that the nearest comes first; priorities come behind, unknown ones last.
pub(super) fn horizon_seconds(horizon: &str) -> u64 {
    let number = horizon.trim_end_matches(char::is_alphabetic);
    let unit = match horizon.trim_start_matches(number) {
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => 0,
    };
    match horizon {
        "now" => 0,
        "today" => 86_400,
        "week" => 604_800,
        "month" => 2_592_000,
        _ if by_priority(horizon).is_some() => u64::MAX - 20 + by_priority(horizon).unwrap_or(0),
        _ => match number.parse::<u64>() {
            Ok(number) if unit > 0 => number.saturating_mul(unit),
            _ => u64::MAX,
        },
    }
}

/// The first letter in upper case.
pub(super) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// A sentence with a full stop at its end, unless it ends in a sign of its own.
pub(super) fn full_stop(text: &str) -> String {
    let text = text.trim_end();
    let ended = text.is_empty() || text.ends_with(['.', '!', '?', '…', ':']);
    if ended { text.to_string() } else { format!("{text}.") }
}

/// A name too long to be read, such as that of an instance, by its beginning and its end.
pub(super) fn ends(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let tail = limit / 4;
    let head: String = text.chars().take(limit.saturating_sub(tail + 1)).collect();
    head + "…" + &text.chars().skip(length - tail).collect::<String>()
}

/// A place in the code: `app.orders.create`; a function of a file is told from it: `store.Get in store/products.go`.
pub(super) fn place(module: &str, function: &str) -> String {
    const SOURCES: [&str; 22] = [
        "c", "cc", "cjs", "clj", "cpp", "cs", "dart", "ex", "go", "groovy", "java", "js", "jsx", "kt", "mjs", "php",
        "py", "rb", "rs", "scala", "ts", "tsx",
    ];
    let is_file = module.rsplit_once('.').is_some_and(|(_, ending)| SOURCES.contains(&ending));
    match (module, function) {
        ("", only) | (only, "") => only.to_owned(),
        (file, function) if is_file => format!("{function} in {file}"),
        (module, function) => format!("{module}.{function}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(ends("0069c7a988", 10), "0069c7a988");
        assert_eq!(ends(&format!("0069c7a988{}beef", "é".repeat(90)), 16), "0069c7a988é…beef");
    }

    #[test]
    fn files_and_functions_are_told_apart() {
        for (module, function, expected) in [
            ("store/products.go", "store.(*Products).Get", "store.(*Products).Get in store/products.go"),
            ("app.orders", "create", "app.orders.create"),
            ("github.com/acme/store", "Get", "github.com/acme/store.Get"),
            ("", "create", "create"),
            ("app.orders", "", "app.orders"),
        ] {
            assert_eq!(place(module, function), expected);
        }
    }

    #[test]
    fn figures() {
        assert_eq!(thousands(1_204_311), "1,204,311");
        assert_eq!(thousands(-999), "-999");
        assert_eq!(percent(0.5), "50%");
        assert_eq!(percent(0.1234), "12.3%");
        assert_eq!(percent(0.0001), "<0.1%");
        assert_eq!(percent(0.9999), ">99.9%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(decimal(4.0), "4");
        assert_eq!(decimal(0.034), "0.034");
        assert_eq!(decimal(0.12), "0.12");
        assert_eq!(decimal(0.000_1), "<0.001");
        assert_eq!(decimal(1234.4), "1,234");
        assert_eq!(decimal(-0.000_1), "0");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(bytes(17), "17 B");
    }

    #[test]
    fn durations() {
        for (seconds, expected) in [
            (0.0, "0 s"),
            (0.022, "22 ms"),
            (1.4, "1.4 s"),
            (59.97, "60 s"),
            (107.0, "107 s"),
            (125.0, "2 min 5 s"),
            (6_960.0, "1 h 56 min"),
            (90_000.0, "1 d 1 h"),
            (1e300, "213,503,982,334,601 d 7 h"),
            (f64::NAN, ""),
        ] {
            assert_eq!(duration(seconds), expected, "{seconds}");
        }
        assert_eq!(distance(-22), "22 ms before");
        assert_eq!(distance(0), "same millisecond");
    }

    #[test]
    fn times_name_the_day_once() {
        let from = Timestamp::parse("2025-09-14T03:00:39.05Z").unwrap();
        let to = Timestamp::parse("2025-09-14T03:01:36Z").unwrap();
        assert_eq!(span(from, to), "2025-09-14 03:00:39 to 03:01:36");
        assert_eq!(span(from, from), "2025-09-14 03:00:39");
        assert_eq!(time(from, "minute"), "2025-09-14 03:00");
    }

    #[test]
    fn horizons_in_words_and_order() {
        assert_eq!(horizon("now"), "Now");
        assert_eq!(horizon("4h"), "Within 4 hours");
        assert_eq!(horizon("1d"), "Within 1 day");
        assert_eq!(horizon("before the launch"), "Before the launch");
        assert!(horizon_seconds("4h") < horizon_seconds("24h") && horizon_seconds("24h") < horizon_seconds("week"));
    }
}
