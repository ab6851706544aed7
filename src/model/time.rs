//! Points in time: RFC 3339 and its relatives in, nanoseconds since 1970 out; never compared as text.

use jiff::fmt::temporal::Pieces;
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

    /// The same for a bound that people write: beyond the range is its end, since no entry lies there.
    pub fn parse_bound(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| match Pieces::parse(text.trim()).ok()?.date().year() {
            ..1678 => Some(Self(i64::MIN)),
            2262.. => Some(Self(i64::MAX)),
            _ => None,
        })
    }

    /// The form nearly every entry has, `YYYY-MM-DDThh:mm:ss[.f{1,9}]Z`, eight bytes at once.
    fn parse_strict(text: &[u8]) -> Option<Self> {
        let (date, rest) = text.split_first_chunk()?;
        let (&[tens, ones, mark], rest) = rest.split_first_chunk()?;
        let (clock, tail) = rest.split_first_chunk()?;
        let [century, _, year, _, _, month, ..] = Form::DATE.read(*date)?;
        let [day, ..] = Form::DAY.read([tens, ones, mark, 0, 0, 0, 0, 0])?;
        let [hour, _, _, minute, _, _, second, _] = Form::CLOCK.read(*clock)?;
        let fraction = match tail {
            [b'Z'] => 0,
            [b'.', digits @ .., b'Z'] => {
                let (_, front) = text.split_last()?;
                nanos(digits, *front.last_chunk()?)?
            }
            _ => return None,
        };
        let (year, month, day) = (u32::from(century) * 100 + u32::from(year), u32::from(month), u32::from(day));
        let in_range = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !in_range {
            return None;
        }
        let clock = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
        (days_from_civil(year, month, day) * 86_400 + clock).checked_mul(NANOS)?.checked_add(fraction).map(Self)
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

/// Eight bytes with digits where the form has `0`, and its own bytes elsewhere.
struct Form {
    text: u64,
    /// What may be added to each byte, once those of the form are taken out of it, before it exceeds seven bits.
    room: u64,
}

impl Form {
    const DIGITS: Self = Self::new(*b"00000000");
    const DATE: Self = Self::new(*b"0000-00-");
    const DAY: Self = Self::new(*b"00T\0\0\0\0\0");
    const CLOCK: Self = Self::new(*b"00:00:00");

    const fn new(text: [u8; 8]) -> Self {
        let (mut room, mut rest) = (0, text.as_slice());
        while let Some((byte, front)) = rest.split_last() {
            room = room << 8 | if *byte == b'0' { 0x7f - 9 } else { 0x7f };
            rest = front;
        }
        Self { text: u64::from_le_bytes(text), room }
    }

    /// The values of the digits, and 0 elsewhere.
    fn values(&self, text: [u8; 8]) -> u64 {
        u64::from_le_bytes(text) ^ self.text
    }

    /// The numbers of two digits that begin at each byte, if the values are those of this form.
    fn numbers(&self, values: u64) -> Option<u64> {
        let has_form = (values | values.wrapping_add(self.room)) & 0x8080_8080_8080_8080 == 0;
        has_form.then(|| values * 10 + (values >> 8))
    }

    fn read(&self, text: [u8; 8]) -> Option<[u8; 8]> {
        self.numbers(self.values(text)).map(u64::to_le_bytes)
    }
}

/// Nanoseconds of one to nine digits behind the point; `last` are the eight bytes up to the last of them.
fn nanos(digits: &[u8], last: [u8; 8]) -> Option<i64> {
    let count = digits.len();
    if !(1..=9).contains(&count) {
        return None;
    }
    // What stands before the digits is shifted out, and those that are missing at the end are 0.
    let values = Form::DIGITS.values(last) >> (64 - 8 * count.min(8));
    let pairs = Form::DIGITS.numbers(values)? & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let eight = i64::try_from((fours * 10_000 + (fours >> 32)) & 0xffff_ffff).ok()?;
    if count < 9 {
        return Some(eight * 10);
    }
    let first = digits.first()?.wrapping_sub(b'0');
    (first < 10).then(|| i64::from(first) * 100_000_000 + eight)
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a Gregorian date (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(year: u32, month: u32, day: u32) -> i64 {
    // Years begin in March, so that a leap day is their last; counted from 400 years before the year 0, none is negative.
    let year = year + 400 - u32::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    i64::from(year * 365 + year / 4 - year / 100 + year / 400 + day_of_year) - 719_468 - 146_097
}

/// The Gregorian year, month and day so many days after 1970-01-01 (Hinnant, likewise).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Room for the longest time that is printed.
type Room = [u8; 30];

impl Timestamp {
    /// RFC 3339 in UTC with 0, 3, 6 or 9 fraction digits, as Google prints it; without a library call, because what is
    /// kept and what is published hold ten thousands of times.
    fn print(self, room: &mut Room) -> &str {
        let (days, second) = (self.seconds().div_euclid(86_400), self.seconds().rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let nanos = self.0.rem_euclid(NANOS);
        *room = *b"0000-00-00T00:00:00.000000000Z";
        let parts = [
            (0..4, year),
            (5..7, month),
            (8..10, day),
            (11..13, second / 3_600),
            (14..16, second / 60 % 60),
            (17..19, second % 60),
            (20..29, nanos),
        ];
        for (places, mut number) in parts {
            for place in room.get_mut(places).into_iter().flatten().rev() {
                *place += u8::try_from(number % 10).unwrap_or_default();
                number /= 10;
            }
        }
        let end = match () {
            () if nanos == 0 => 19,
            () if nanos % 1_000_000 == 0 => 23,
            () if nanos % 1_000 == 0 => 26,
            () => 29,
        };
        if let Some(last) = room.get_mut(end) {
            *last = b'Z';
        }
        room.get(..=end).and_then(|shown| std::str::from_utf8(shown).ok()).unwrap_or_default()
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.print(&mut Room::default()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.print(&mut Room::default()))
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
        fn times_are_printed_as_the_library_does(nanos: i64, unit in prop::sample::select(vec![1, 1_000, 1_000_000, NANOS])) {
            let nanos = nanos / unit * unit;
            let instant = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap();
            let digits = [(NANOS, 0), (1_000_000, 3), (1_000, 6), (1, 9)].into_iter().find(|(unit, _)| nanos % unit == 0);
            let digits = digits.unwrap().1;
            prop_assert_eq!(Timestamp::from_nanos(nanos).to_string(), format!("{instant:.digits$}"));
        }

        #[test]
        fn the_short_way_reads_as_the_library(nanos in 0i64..4_000_000_000_000_000_000) {
            let text = Timestamp::from_nanos(nanos).to_string();
            prop_assert_eq!(Timestamp::parse_strict(text.as_bytes()), Timestamp::parse_lenient(&text));
        }

        #[test]
        fn the_short_way_reads_nothing_else(
            date in "(0000|167[0-9]|1[89]00|20[0-9]{2}|226[0-9]|9999)-(0[1-9]|1[0-3])-([012][0-9]|3[01])",
            clock in r"([01][0-9]|2[0-4]):[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?Z",
            at in 0usize..32,
            byte in 0u8..128,
            changes: bool,
        ) {
            let mut bytes = format!("{date}T{clock}").into_bytes();
            if let Some(old) = bytes.get_mut(at).filter(|_| changes) {
                *old = byte;
            }
            let text = String::from_utf8(bytes).unwrap();
            if let Some(time) = Timestamp::parse_strict(text.as_bytes()) {
                prop_assert_eq!(Some(time), Timestamp::parse_lenient(&text));
            }
        }
    }
}
