//! The samples of a Digest in, which time zone the times in them are in out: entries say it, texts often do not.
//!
//! A time in a text without a zone that stands whole quarters of an hour away from the entry's own, a minute aside, is
//! local time. Three samples at least, and four in five of those that name such a time, have to agree.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::model::{Digest, Exemplar, Timestamp, Warning};

use super::words;

/// Patterns whose samples are looked at, by fingerprint.
const LOOKED_AT: usize = 2_000;
const LEAST_SAMPLES: u64 = 3;
const QUARTER: i64 = 900;
/// Seconds between a time in a text and the entry's own that writing and collecting may take.
const TOLERANCE: i64 = 60;
const FARTHEST: i64 = 14 * 3_600;

static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // `\d` would be of all scripts, and take four times as long to compile.
    let time = r"\b([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,][0-9]{1,9})?( ?Z\b| ?UTC\b|[+-][0-9]{2}:?[0-9]{2}\b)?";
    Regex::new(time).ok()
});

/// A member that may name a time, with its value where that is a plain text.
static NAMED_TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""(?:@?timestamp|time|ts|asctime)":(?:"[^"\\]*")?"#).ok());

/// What samples say about time zones.
#[derive(Default)]
struct Found {
    /// Offsets in seconds of local times in texts, with the number of samples.
    local: BTreeMap<i64, u64>,
    /// Offsets that the entries' own timestamps state.
    stated: BTreeMap<String, u64>,
}

/// What is to be said about time zones; nothing where every time is in UTC.
pub(super) fn zones(digest: &Digest) -> Vec<Warning> {
    let mut found = Found::default();
    for exemplar in digest.patterns.values().take(LOOKED_AT).flat_map(|pattern| &pattern.exemplars) {
        found.look_at(exemplar);
    }
    let warning = |text: String| Warning { kind: "time_zone".to_owned(), text };
    found.stated().into_iter().chain(found.local()).map(warning).collect()
}

impl Found {
    fn look_at(&mut self, exemplar: &Exemplar) {
        let (Some(time), Some(entry)) = (exemplar.time, &exemplar.entry) else { return };
        // Most entries name one time, their own in UTC: nothing needs to be read of them.
        let text = entry.as_str();
        let mut named = NAMED_TIME.iter().flat_map(|name| name.find_iter(text));
        let is_plain = named.next().is_some_and(|time| time.as_str().ends_with("Z\"")) && named.next().is_none();
        if !is_plain && let Some(offset) = entry.at(&["timestamp"]).as_ref().and_then(Value::as_str).and_then(offset) {
            *self.stated.entry(offset).or_default() += 1;
        }
        let fields = if is_plain { [].as_slice() } else { &["timestamp", "time", "ts", "@timestamp", "asctime"] };
        let away = local_offset(&exemplar.message, time)
            .or_else(|| fields.iter().find_map(|name| local_offset(entry.at(&["jsonPayload", name])?.as_str()?, time)));
        if let Some(away) = away {
            *self.local.entry(away).or_default() += 1;
        }
    }

    fn stated(&self) -> Option<String> {
        let (offset, _) = self.stated.iter().rev().max_by_key(|(_, samples)| **samples)?;
        let others = if self.stated.len() > 1 { " and others" } else { "" };
        Some(format!("Entries state their times with an offset ({offset}{others}); all times here are UTC."))
    }

    fn local(&self) -> Option<String> {
        let all: u64 = self.local.values().sum();
        let (offset, samples) = self.local.iter().rev().max_by_key(|(_, samples)| **samples)?;
        if *offset == 0 || *samples < LEAST_SAMPLES || samples * 5 < all * 4 {
            return None;
        }
        let sign = if *offset > 0 { '+' } else { '-' };
        let (hours, minutes) = (offset.abs() / 3_600, offset.abs() % 3_600 / 60);
        let zone = if minutes == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{minutes:02}") };
        let (all, samples) = (words::counted(all, "sample", "samples"), words::grouped(*samples));
        Some(format!(
            "Times inside of messages look like local time, {zone} (in {samples} of {all} that name a time without a \
             zone); all other times here are UTC."
        ))
    }
}

/// The offset that a timestamp states, unless it is that of UTC.
fn offset(text: &str) -> Option<String> {
    // It stands behind the date; most state none, and need no expression for it.
    text.bytes().skip("YYYY-MM-DD".len()).find(|byte| matches!(byte, b'+' | b'-'))?;
    let found = TIME.as_ref()?.captures(text)?.get(3)?.as_str();
    (found.starts_with(['+', '-']) && found.chars().any(|digit| ('1'..='9').contains(&digit))).then(|| found.to_owned())
}

/// How far the first time in a text that states no zone is from the entry's own, in whole quarters of an hour.
fn local_offset(text: &str, time: Timestamp) -> Option<i64> {
    let found = TIME.as_ref()?.captures_iter(text).find(|found| found.get(3).is_none())?;
    let read = Timestamp::parse(&format!("{}T{}Z", found.get(1)?.as_str(), found.get(2)?.as_str()))?;
    let away = read.seconds().saturating_sub(time.seconds());
    let quarters = (away + QUARTER / 2).div_euclid(QUARTER);
    let rest = away - quarters * QUARTER;
    (rest.abs() <= TOLERANCE && away.abs() <= FARTHEST + TOLERANCE).then_some(quarters * QUARTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time() -> Timestamp {
        Timestamp::parse("2025-09-14T03:01:24.5Z").unwrap()
    }

    #[test]
    fn how_far_a_time_in_a_text_is_away() {
        for (text, expected) in [
            ("2025-09-14 05:01:24,144 ERROR lost", Some(7_200)),
            ("at 2025-09-13 22:01:20 it failed", Some(-18_000)),
            ("2025-09-14 08:31:24", Some(19_800)),
            ("2025-09-14 03:01:23", Some(0)),
            ("2025-09-14T05:01:24+02:00", None),
            ("2025-09-14 03:01:23Z", None),
            ("order of 2025-09-14 05:13:00", None),
            ("due 2026-01-01 00:00:00", None),
            ("no time", None),
        ] {
            assert_eq!(local_offset(text, time()), expected, "{text}");
        }
        assert_eq!(offset("2025-09-14T05:01:24+02:00"), Some("+02:00".to_owned()));
        assert_eq!(offset("2025-09-14T05:01:24+00:00"), None);
        assert_eq!(offset("2025-09-14T05:01:24Z"), None);
    }

    #[test]
    fn samples_have_to_agree() {
        let mut found = Found::default();
        found.local.extend([(7_200, 8), (0, 1)]);
        let said = found.local().unwrap();
        assert!(said.contains("UTC+2 (in 8 of 9 samples"), "{said}");
        found.local.insert(0, 4);
        assert_eq!(found.local(), None);
        found.local = BTreeMap::from([(-16_200, 3)]);
        assert!(found.local().unwrap().contains("UTC-4:30"));
        found.stated.insert("+02:00".to_owned(), 2);
        assert!(found.stated().unwrap().contains("+02:00"));
    }
}
