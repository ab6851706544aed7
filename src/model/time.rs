//! Points in time: RFC 3339 and its relatives in, nanoseconds since 1970 out; never compared as text.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Nanoseconds since 1970-01-01T00:00:00Z, from the year 1678 to 2261.
///
/// Google accepts timestamps from the retention limit up to a day ahead, so the range loses nothing real;
/// text outside of it is no usable time and is counted as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const NANOS: i64 = 1_000_000_000;

impl Timestamp {
    /// A time from nanoseconds since 1970.
    pub fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A time from whole seconds since 1970, if it is within range.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        seconds.checked_mul(NANOS).map(Self)
    }

    /// Nanoseconds since 1970.
    pub fn nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(NANOS)
    }

    /// Whole minutes since 1970, rounded down.
    pub fn minute(self) -> i64 {
        self.0.div_euclid(60 * NANOS)
    }

    /// Milliseconds from `earlier` to this time (negative if this one is earlier), rounded toward zero.
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / 1_000_000
    }

    /// Seconds from `earlier` to this time, with fraction.
    #[expect(clippy::cast_precision_loss, reason = "a duration for display")]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1e9
    }

    /// Reads a time as exports write it: RFC 3339 with 0 to 9 fraction digits, `Z`, `±hh:mm`, a trailing ` UTC`,
    /// a blank for `T`, or a date alone (midnight UTC). Without a zone it is taken as UTC.
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_strict(text.as_bytes()).or_else(|| Self::parse_lenient(text))
    }

    /// The form nearly every entry has, `YYYY-MM-DDThh:mm:ss[.f{1,9}]Z`, without a library call.
    fn parse_strict(text: &[u8]) -> Option<Self> {
        let (head, tail) = text.split_first_chunk::<19>()?;
        if head[4] != b'-' || head[7] != b'-' || head[10] != b'T' || head[13] != b':' || head[16] != b':' {
            return None;
        }
        let two = |at: usize| -> Option<i64> {
            let (tens, ones) = (head.get(at)?.wrapping_sub(b'0'), head.get(at + 1)?.wrapping_sub(b'0'));
            (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
        };
        let year = two(0)? * 100 + two(2)?;
        let (month, day, hour, minute, second) = (two(5)?, two(8)?, two(11)?, two(14)?, two(17)?);
        let in_range = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        let fraction = match tail {
            [b'Z'] => 0,
            [b'.', digits @ .., b'Z'] if (1..=9).contains(&digits.len()) => {
                let mut nanos = 0;
                for index in 0..9 {
                    let digit = digits.get(index).map_or(0, |digit| digit.wrapping_sub(b'0'));
                    if digit > 9 {
                        return None;
                    }
                    nanos = nanos * 10 + i64::from(digit);
                }
                nanos
            }
            _ => return None,
        };
        if !in_range {
            return None;
        }
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        seconds.checked_mul(NANOS)?.checked_add(fraction).map(Self)
    }

    fn parse_lenient(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix("UTC").map_or(text, str::trim_end);
        let instant = if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            instant
        } else if let Ok(civil) = text.parse::<jiff::civil::DateTime>() {
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()
        } else {
            let date = text.parse::<jiff::civil::Date>().ok()?;
            date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()
        };
        i64::try_from(instant.as_nanosecond()).ok().map(Self)
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a Gregorian date (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// RFC 3339 in UTC with 0, 3, 6 or 9 fraction digits, as Google prints it.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ok(instant) = jiff::Timestamp::from_nanosecond(i128::from(self.0)) else { return Err(std::fmt::Error) };
        let nanos = self.0.rem_euclid(NANOS);
        let digits = match () {
            () if nanos == 0 => 0,
            () if nanos % 1_000_000 == 0 => 3,
            () if nanos % 1_000 == 0 => 6,
            () => 9,
        };
        write!(formatter, "{instant:.digits$}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("not a timestamp: {text:?}")))
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time", "description": "A time in UTC, RFC 3339 with 0, 3, 6 or 9 fraction digits." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Timestamp::parse(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn forms_met_in_real_files() {
        check("2025-09-14T03:01:24.144344Z", Some("2025-09-14T03:01:24.144344Z"));
        check("2025-09-14T03:01:24Z", Some("2025-09-14T03:01:24Z"));
        check("2025-09-14T03:01:24.1Z", Some("2025-09-14T03:01:24.100Z"));
        check("2025-09-14T03:01:24.123456789Z", Some("2025-09-14T03:01:24.123456789Z"));
        check("2025-09-13T20:01:24-07:00", Some("2025-09-14T03:01:24Z"));
        check("2025-09-14 03:01:24.144 UTC", Some("2025-09-14T03:01:24.144Z"));
        check("2025-09-14 03:01:24", Some("2025-09-14T03:01:24Z"));
        check("2025-09-14", Some("2025-09-14T00:00:00Z"));
        check("2024-02-29T00:00:00Z", Some("2024-02-29T00:00:00Z"));
        check("1969-12-31T23:59:59.5Z", Some("1969-12-31T23:59:59.500Z"));
        for wrong in
            ["", "now", "INVALID_TIMESTAMP", "2025-02-30T00:00:00Z", "2025-13-01T00:00:00Z", "9999-01-01T00:00:00Z"]
        {
            check(wrong, None);
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_agree(nanos in i64::MIN / 2..i64::MAX / 2) {
            let time = Timestamp::from_nanos(nanos);
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        }

        #[test]
        fn the_short_way_reads_as_the_library(nanos in 0i64..4_000_000_000_000_000_000) {
            let text = Timestamp::from_nanos(nanos).to_string();
            prop_assert_eq!(Timestamp::parse_strict(text.as_bytes()), Timestamp::parse_lenient(&text));
        }
    }
}
