//! Filter flags in, one query out; times relative to the newest entry wait until that is known.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use log_gardener::analyze::{self, Plan};
use log_gardener::collect::Discovery;
use log_gardener::error::{Error, Result};
use log_gardener::examine::Newest;
use log_gardener::model::{Timestamp, Window};
use log_gardener::query::Query;

use super::flags::Selection;
use super::outcome::say;

/// How many warnings of one filter are told.
const TRAPS_TOLD: usize = 5;

/// Which entries count, as far as it can be said before an archive is opened.
#[derive(Clone, Debug)]
pub struct Selected {
    /// What does not depend on the newest entry.
    query: Query,
    since: Option<Moment>,
    until: Option<Moment>,
    /// The point relative times count from, if it was given.
    now: Option<Timestamp>,
}

/// A point in time as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    At(Timestamp),
    /// Before the newest entry, or before `--now`.
    Back(SignedDuration),
}

/// Reads the filter flags; mistakes are shown with their place, traps as warnings.
pub fn select(selection: &Selection, quiet: bool) -> Result<Selected> {
    let mut query = Query::everything();
    if let Some(filter) = &selection.filter {
        query = read_filter("--filter", filter, quiet)?;
    }
    let typed = |flag: &str, text: &Option<String>| text.as_deref().map(|text| moment(flag, text)).transpose();
    let since = typed("--since", &selection.since)?;
    let until = typed("--until", &selection.until)?;
    let fresh = selection.freshness.as_deref().map(|text| {
        span(text).map(Moment::Back).ok_or_else(|| wrong("--freshness", text, "a span such as 30m, 2h, 1d12h or 3d"))
    });
    let since = since.or(fresh.transpose()?);
    let now = selection.now.as_deref().map(|text| absolute("--now", text)).transpose()?;
    Ok(Selected { query, since, until, now })
}

/// Reads a filter and warns of its traps.
pub fn read_filter(flag: &str, filter: &str, quiet: bool) -> Result<Query> {
    let (query, traps) = Query::parse(filter).map_err(|error| Error::Usage {
        what: flag.to_owned(),
        detail: format!("cannot be read\n{}", error.render(filter)),
    })?;
    if !quiet {
        for trap in traps.iter().take(TRAPS_TOLD) {
            say(&format!("log-gardener: {flag}: {}", trap.render(filter)));
        }
        if let Some(more) = traps.len().checked_sub(TRAPS_TOLD).filter(|more| *more > 0) {
            say(&format!("log-gardener: {flag}: and {more} more warnings of this kind"));
        }
    }
    Ok(query)
}

impl Selected {
    /// `--now`, if it was given.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// The newest entry, looked for only where a relative time counts from it.
    pub fn newest(&self, inputs: &Discovery, plan: &Plan<'_>) -> Result<Option<Newest>> {
        if !self.is_relative() {
            return Ok(None);
        }
        let newest = analyze::newest(inputs, plan);
        match inputs.lost() {
            Some(path) => Err(Error::Usage {
                what: "a time relative to the newest entry".to_owned(),
                detail: format!(
                    "{path} can be read once, and the temporary folder has no room for a copy of it; \
                     give --now or a full time, or save it as a file first"
                ),
            }),
            None => newest,
        }
    }

    /// Whether the newest entry has to be known first.
    fn is_relative(&self) -> bool {
        let back = |moment: &Option<Moment>| matches!(moment, Some(Moment::Back(_)));
        self.now.is_none() && (back(&self.since) || back(&self.until))
    }

    /// The query, and the window asked for. Without an entry that has a time, a relative window is empty; none reaches
    /// beyond the newest entry, to times that are stray.
    pub fn query(&self, newest: Option<Newest>) -> (Query, Option<Window>) {
        let from = self.now.or(newest.map(|newest| newest.time));
        let (since, until) = (resolve(self.since, from), resolve(self.until, from));
        let mut query = self.query.clone();
        if let Some(since) = since {
            query = query.and(Query::since(since));
        }
        if let Some(until) = until {
            query = query.and(Query::until(until));
        }
        match newest {
            None if self.is_relative() => query = query.and(Query::since(Timestamp::from_nanos(i64::MAX))),
            Some(Newest { time, .. }) if newest.is_some_and(|newest| newest.is_passed()) => {
                query = query.and(Query::until(Timestamp::from_nanos(time.nanos().saturating_add(1))));
            }
            _ => {}
        }
        let asked = self.since.is_some() || self.until.is_some();
        let seconds = since.zip(until.or(from)).map_or(0.0, |(since, until)| until.seconds_since(since).max(0.0));
        (query, asked.then_some(Window { start: since, end: until.or(from), seconds }))
    }
}

fn resolve(moment: Option<Moment>, from: Option<Timestamp>) -> Option<Timestamp> {
    match moment? {
        Moment::At(time) => Some(time),
        Moment::Back(span) => {
            let nanos = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
            from.map(|from| Timestamp::from_nanos(from.nanos().saturating_sub(nanos)))
        }
    }
}

fn moment(flag: &str, text: &str) -> Result<Moment> {
    span(text).map_or_else(|| absolute(flag, text).map(Moment::At), |span| Ok(Moment::Back(span)))
}

/// A span of days of 24 hours and less: `30m`, `2h`, `1d12h`, `1w`.
fn span(text: &str) -> Option<SignedDuration> {
    let span: Span = text.trim().parse().ok()?;
    let span = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (!span.is_negative()).then_some(span)
}

fn absolute(flag: &str, text: &str) -> Result<Timestamp> {
    let expected = if flag == "--now" {
        "2025-09-14T03:00:00Z or a date such as 2025-09-14"
    } else {
        "2025-09-14T03:00:00Z, a date such as 2025-09-14, or a span back from the newest entry such as 2h"
    };
    Timestamp::parse_bound(text).ok_or_else(|| wrong(flag, text, expected))
}

fn wrong(flag: &str, text: &str, expected: &str) -> Error {
    Error::Usage { what: flag.to_owned(), detail: format!("{text:?} is no time; write {expected}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(since: &str, until: &str, freshness: &str, now: &str) -> Selection {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Selection {
            since: given(since),
            until: given(until),
            freshness: given(freshness),
            now: given(now),
            ..Selection::default()
        }
    }

    fn query(selection: &Selection, newest: &str) -> String {
        select(selection, true).unwrap().query(Timestamp::parse(newest).map(Newest::at)).0.to_string()
    }

    #[test]
    fn relative_times_count_from_the_newest_entry_or_from_now() {
        let newest = "2025-09-14T12:00:00Z";
        for (flags, expected) in [
            (["2h", "", "", ""], "timestamp>=\"2025-09-14T10:00:00Z\""),
            (["3d", "1d12h", "", ""], "timestamp>=\"2025-09-11T12:00:00Z\" AND timestamp<\"2025-09-13T00:00:00Z\""),
            (["", "", "30m", ""], "timestamp>=\"2025-09-14T11:30:00Z\""),
            (["", "", "1w", "2025-09-10"], "timestamp>=\"2025-09-03T00:00:00Z\""),
            (
                ["2025-09-14", "2025-09-14T06:00:00+02:00", "", ""],
                "timestamp>=\"2025-09-14T00:00:00Z\" AND timestamp<\"2025-09-14T04:00:00Z\"",
            ),
            (["", "", "", ""], ""),
        ] {
            let [since, until, freshness, now] = flags;
            assert_eq!(query(&selection(since, until, freshness, now), newest), expected, "{flags:?}");
        }
        assert!(select(&selection("2h", "", "", ""), true).unwrap().is_relative());
        assert!(!select(&selection("2h", "", "", "2025-09-14"), true).unwrap().is_relative());
        assert!(!select(&selection("2025-09-14", "", "", ""), true).unwrap().is_relative());
    }

    #[test]
    fn without_any_time_a_relative_window_is_empty() {
        let selected = select(&selection("2h", "", "", ""), true).unwrap();
        assert!(selected.query(None).0.to_string().starts_with("timestamp>=\"2262-"), "{}", selected.query(None).0);
    }

    #[test]
    fn mistakes_are_told_before_anything_is_read() {
        for flags in [
            ["yesterday", "", "", ""],
            ["-2h", "", "", ""],
            ["", "1 month", "", ""],
            ["", "", "2025-09-14", ""],
            ["", "", "", "2h"],
        ] {
            let [since, until, freshness, now] = flags;
            assert!(select(&selection(since, until, freshness, now), true).is_err(), "{flags:?}");
        }
    }
}
