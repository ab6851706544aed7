//! The functions of the language: their arguments in, their values or verdicts for an entry out.

use std::fmt::{Display, Formatter, Result};
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use xxhash_rust::xxh3::xxh3_64;

use super::evaluate::Leaf;
use super::fields::Field;
use super::pattern::Pattern;
use super::search::Words;
use super::tree::quoted;
use crate::model::{LogEntry, Number, Timestamp};

/// What can stand on the left side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Field(Field),
    Cast { of: Box<Operand>, to: Type, zone: Option<TimeZone> },
    Extract { of: Box<Operand>, pattern: Pattern },
}

/// The types that `cast` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    String,
    Int64,
    Float64,
    Bool,
    Timestamp,
    Duration,
}

/// A function that is a condition by itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Call {
    LogId(String),
    Source(String),
    Sample { of: Operand, fraction: f64 },
    InNet { of: Operand, net: IpNet },
    Search { within: Option<Field>, words: Words },
}

impl Type {
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("STRING", Self::String),
        ("INT64", Self::Int64),
        ("FLOAT64", Self::Float64),
        ("BOOL", Self::Bool),
        ("TIMESTAMP", Self::Timestamp),
        ("DURATION", Self::Duration),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("STRING", |(name, _)| name)
    }
}

impl Operand {
    /// Whether `accept` holds for one of the operand's values in `entry`; what cannot be converted has no value.
    pub(super) fn any(&self, entry: &LogEntry<'_>, accept: &mut dyn FnMut(Leaf<'_>) -> bool) -> bool {
        match self {
            Self::Field(field) => field.any(entry, accept),
            Self::Cast { of, to, zone } => of.any(entry, &mut |leaf| cast(leaf, *to, zone.as_ref(), accept)),
            Self::Extract { of, pattern } => of.any(entry, &mut |leaf| match leaf {
                Leaf::Text(text) => pattern.extract(text).is_some_and(|part| accept(Leaf::Text(part))),
                _ => false,
            }),
        }
    }
}

impl Call {
    /// Whether the condition holds for `entry`.
    pub(super) fn holds(&self, entry: &LogEntry<'_>) -> bool {
        match self {
            Self::LogId(id) => is_decoded(entry.log_id(), id),
            Self::Source(source) => {
                let parent = entry.log_name.split_once("/logs/").map_or("", |(parent, _)| parent);
                parent.eq_ignore_ascii_case(source)
            }
            Self::Sample { of, fraction } => of.any(entry, &mut |leaf| is_sampled(&leaf.to_text(), *fraction)),
            Self::InNet { of, net } => of.any(entry, &mut |leaf| match leaf {
                Leaf::Text(text) => text.parse::<IpAddr>().is_ok_and(|address| net.contains(&address)),
                _ => false,
            }),
            Self::Search { within: None, words } => {
                words.are_in(|visit| super::evaluate::each_text(entry.record, visit))
            }
            Self::Search { within: Some(field), words } => words.are_in(|visit| {
                field.any(entry, &mut |leaf| {
                    leaf.texts(visit);
                    false
                });
            }),
        }
    }
}

/// Whether `encoded` stands for `text` once its `%XX` are decoded, letter case apart.
fn is_decoded(encoded: &str, text: &str) -> bool {
    let decoded = decode_percent(encoded);
    decoded.map(|byte| byte.to_ascii_lowercase()).eq(text.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// The bytes of a URL-encoded text; a `%` that encodes nothing stands for itself.
pub(super) fn decode_percent(encoded: &str) -> impl Iterator<Item = u8> {
    let mut left = encoded.as_bytes();
    std::iter::from_fn(move || {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        if let [b'%', high, low, rest @ ..] = left
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            left = rest;
            return Some(high * 16 + low);
        }
        let (first, rest) = left.split_first()?;
        left = rest;
        Some(*first)
    })
}

/// The same values on every machine: the hash is frozen (XXH3, 64 bits), its upper 53 bits are a fraction of one.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
fn is_sampled(text: &str, fraction: f64) -> bool {
    let place = (xxh3_64(text.as_bytes()) >> 11) as f64 / (1u64 << 53) as f64;
    place < fraction
}

/// Converts `leaf` and hands it on; false if it cannot be converted.
fn cast(leaf: Leaf<'_>, to: Type, zone: Option<&TimeZone>, accept: &mut dyn FnMut(Leaf<'_>) -> bool) -> bool {
    if matches!(leaf, Leaf::Null | Leaf::Unreadable | Leaf::Tree(_)) {
        return false;
    }
    let converted = match to {
        Type::String => {
            let text = match (leaf, zone) {
                (Leaf::Time(time), Some(zone)) => in_zone(time, zone),
                _ => leaf.to_text().into_owned(),
            };
            return accept(Leaf::Text(&text));
        }
        Type::Int64 => number(leaf).and_then(whole).map(|number| Leaf::Number(Number::Signed(number))),
        Type::Float64 => number(leaf).map(Leaf::Number),
        Type::Bool => match leaf {
            Leaf::Bool(_) => Some(leaf),
            Leaf::Number(number) => Some(Leaf::Bool(number.as_f64() != 0.0)),
            Leaf::Text(text) => truth(text).map(Leaf::Bool),
            _ => None,
        },
        Type::Timestamp => match leaf {
            Leaf::Time(_) => Some(leaf),
            Leaf::Text(text) => local_time(text, zone).map(Leaf::Time),
            _ => None,
        },
        Type::Duration => match leaf {
            Leaf::Duration(_) => Some(leaf),
            Leaf::Text(text) => duration(text).map(Leaf::Duration),
            _ => None,
        },
    };
    converted.is_some_and(accept)
}

fn number(leaf: Leaf<'_>) -> Option<Number> {
    match leaf {
        Leaf::Number(number) => Some(number),
        Leaf::Bool(truth) => Some(Number::Signed(i64::from(truth))),
        Leaf::Severity(severity) => Some(Number::Signed(i64::from(severity.number()))),
        Leaf::Text(text) => {
            let text = text.trim();
            text.parse().map(Number::Signed).ok().or_else(|| decimal(text).map(Number::Float))
        }
        _ => None,
    }
}

/// The nearest whole number within 64 bits, halves away from zero as in SQL.
fn whole(number: Number) -> Option<i64> {
    match number {
        Number::Float(number) => Number::Float(number.round()).as_i64(),
        other => other.as_i64(),
    }
}

/// A decimal number: no `NaN`, no `inf`, no words.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let looks_so = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    if looks_so { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

/// `true` or `false` in any case.
pub(super) fn truth(text: &str) -> Option<bool> {
    match () {
        () if text.eq_ignore_ascii_case("true") => Some(true),
        () if text.eq_ignore_ascii_case("false") => Some(false),
        () => None,
    }
}

/// A duration as exports write it (`"1.5s"`) or as a filter does (`"999ms"`, `"1h30m"`); the unit must be there.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    text.trim().parse().ok()
}

/// A time whose text may leave out the zone.
fn local_time(text: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let Some(zone) = zone else { return Timestamp::parse(text) };
    if text.trim().parse::<jiff::Timestamp>().is_ok() {
        return Timestamp::parse(text);
    }
    let trimmed = text.trim();
    let civil = trimmed.parse::<jiff::civil::DateTime>().ok();
    let civil = civil
        .or_else(|| Some(trimmed.parse::<jiff::civil::Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))?;
    let instant = zone.to_ambiguous_zoned(civil).compatible().ok()?.timestamp();
    i64::try_from(instant.as_nanosecond()).ok().map(Timestamp::from_nanos)
}

/// A time as text in a zone, with its offset.
fn in_zone(time: Timestamp, zone: &TimeZone) -> String {
    let Ok(instant) = jiff::Timestamp::from_nanosecond(i128::from(time.nanos())) else { return String::new() };
    instant.display_with_offset(zone.to_offset(instant)).to_string()
}

impl Display for Operand {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self {
            Self::Field(field) => field.fmt(formatter),
            Self::Cast { of, to, zone } => {
                write!(formatter, "cast({of}, {}", to.name())?;
                match zone.as_ref().and_then(TimeZone::iana_name) {
                    Some(zone) => write!(formatter, ", TIMEZONE({}))", quoted(zone)),
                    None => formatter.write_str(")"),
                }
            }
            Self::Extract { of, pattern } => write!(formatter, "regexp_extract({of}, \"{}\")", pattern.source()),
        }
    }
}

impl Display for Call {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self {
            Self::LogId(id) => write!(formatter, "log_id({})", quoted(id)),
            Self::Source(source) => write!(formatter, "source({})", quoted(source)),
            Self::Sample { of, fraction } => write!(formatter, "sample({of}, {fraction})"),
            Self::InNet { of, net } => write!(formatter, "ip_in_net({of}, \"{net}\")"),
            Self::Search { within: None, words } => write!(formatter, "SEARCH({})", quoted(words.source())),
            Self::Search { within: Some(field), words } => {
                write!(formatter, "SEARCH({field}, {})", quoted(words.source()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_their_units() {
        let nanos = |text: &str| duration(text).map(|duration| duration.as_nanos());
        for (text, expected) in [
            ("1.5s", Some(1_500_000_000)),
            ("3.786648988s", Some(3_786_648_988)),
            ("999ms", Some(999_000_000)),
            ("7us", Some(7_000)),
            ("7ns", Some(7)),
            ("2m", Some(120_000_000_000)),
            ("1h", Some(3_600_000_000_000)),
            ("1h30m", Some(5_400_000_000_000)),
            ("0s", Some(0)),
            ("-1s", Some(-1_000_000_000)),
            ("5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(nanos(text), expected, "{text}");
        }
    }

    #[test]
    fn decimals_are_digits() {
        assert_eq!(decimal("-8.5e1"), Some(-85.0));
        for text in ["nan", "inf", "", "0x10", "1e999", "e"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn log_ids_are_compared_decoded() {
        assert!(is_decoded("run.googleapis.com%2Fstdout", "run.googleapis.com/stdout"));
        assert!(is_decoded("a%", "a%") && is_decoded("a%2", "a%2") && is_decoded("a%zz", "a%zz"));
        assert!(!is_decoded("run.googleapis.com%2Fstdout", "run.googleapis.com/stderr"));
    }

    #[test]
    fn a_sample_is_about_its_fraction_and_grows_with_it() {
        let ids: Vec<String> = (0..10_000).map(|id| format!("insert-{id}")).collect();
        let chosen = |fraction| ids.iter().filter(|id| is_sampled(id, fraction)).count();
        assert!((900..1_100).contains(&chosen(0.1)), "{}", chosen(0.1));
        assert_eq!(chosen(1.0), ids.len());
        assert!(ids.iter().filter(|id| is_sampled(id, 0.1)).all(|id| is_sampled(id, 0.2)));
    }
}
