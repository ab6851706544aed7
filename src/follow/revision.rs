//! Names of revisions in, their order out: by ordinal, by version, else by when they were first seen.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Span, Timestamp};

/// What is known of when each revision ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revisions(BTreeMap<String, Seen>);

/// When a revision was seen, over all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    first: Timestamp,
    last: Timestamp,
}

/// Whether a revision came after a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SinceFix {
    /// It is newer than the fix; the reason.
    Newer(String),
    /// It is the fix itself or older; the reason.
    Older(String),
    /// Nothing tells.
    Unknown,
}

impl Revisions {
    /// Widens what is known by the spans of a run; the order of runs makes no difference.
    pub fn learn(&mut self, spans: &[Span]) {
        for span in spans {
            let (Some(first), Some(last)) = (span.first_seen, span.last_seen) else { continue };
            let seen = self.0.entry(span.name.clone()).or_insert(Seen { first, last });
            seen.first = seen.first.min(first);
            seen.last = seen.last.max(last);
        }
    }

    /// Whether `name` is newer than the fix made `at` that time, in `fixed_in` where that is known.
    pub(crate) fn since_fix(&self, name: &str, fixed_in: &str, at: Timestamp) -> SinceFix {
        if fixed_in.is_empty() { self.since_time(name, at) } else { self.since_revision(name, fixed_in) }
    }

    fn since_revision(&self, name: &str, fixed_in: &str) -> SinceFix {
        let (ordering, basis) = match compare(name, fixed_in) {
            Some(ordering) => (ordering, ""),
            None => match (self.0.get(name), self.0.get(fixed_in)) {
                (Some(one), Some(other)) => (one.first.cmp(&other.first), ", by when they were first seen"),
                _ => return SinceFix::Unknown,
            },
        };
        match ordering {
            Ordering::Greater => {
                SinceFix::Newer(format!("revision {name} is newer than {fixed_in}, which has the fix{basis}"))
            }
            Ordering::Equal => SinceFix::Older(format!("revision {name} is the one that brought the fix{basis}")),
            Ordering::Less => {
                SinceFix::Older(format!("revision {name} is older than {fixed_in}, which has the fix{basis}"))
            }
        }
    }

    /// Without a revision of the fix: what ran before the fix cannot hold it, what came later can.
    fn since_time(&self, name: &str, at: Timestamp) -> SinceFix {
        if self.0.get(name).is_some_and(|seen| seen.first <= at) {
            return SinceFix::Older(format!("revision {name} already ran before the fix"));
        }
        let earlier = self.0.iter().filter(|(_, seen)| seen.first <= at);
        let ordered: Vec<(&String, Ordering)> =
            earlier.filter_map(|(other, _)| compare(name, other).map(|ordering| (other, ordering))).collect();
        if let Some((other, _)) = ordered.iter().find(|(_, ordering)| *ordering != Ordering::Greater) {
            return SinceFix::Older(format!("revision {name} is older than {other}, which ran before the fix"));
        }
        let newest = ordered
            .into_iter()
            .map(|(other, _)| other)
            .max_by(|one, other| compare(one, other).unwrap_or(Ordering::Equal).then_with(|| one.cmp(other)));
        match newest {
            Some(other) => {
                SinceFix::Newer(format!("revision {name} is newer than {other}, the last one known before the fix"))
            }
            None => SinceFix::Unknown,
        }
    }
}

/// The order of two revisions of one service by their names alone; `None` where names tell nothing.
pub fn compare(one: &str, other: &str) -> Option<Ordering> {
    if one == other {
        return Some(Ordering::Equal);
    }
    match (cloud_run(one), cloud_run(other)) {
        (Some((service, number)), Some((other_service, other_number))) => {
            return (service == other_service).then(|| number.cmp(&other_number));
        }
        (None, None) => {}
        _ => return None,
    }
    let (stem, numbers) = version(one)?;
    let (other_stem, other_numbers) = version(other)?;
    (stem == other_stem && numbers != other_numbers).then(|| numbers.cmp(&other_numbers))
}

/// `backend-00611-cr5` is ordinal 611 of `backend`.
fn cloud_run(name: &str) -> Option<(&str, u64)> {
    let (rest, tail) = name.rsplit_once('-')?;
    let (service, ordinal) = rest.rsplit_once('-')?;
    let shaped = tail.len() == 3
        && tail.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && ordinal.len() == 5
        && !service.is_empty();
    if !shaped {
        return None;
    }
    ordinal.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    Some((service, ordinal.parse().ok()?))
}

/// `v1.12.0` is the numbers 1, 12, 0 behind the stem `v`; `20250911t051711` the numbers of its date and time.
fn version(name: &str) -> Option<(&str, Vec<u64>)> {
    let start = name.find(|letter: char| letter.is_ascii_digit())?;
    let (stem, tail) = name.split_at_checked(start)?;
    let numbers: Option<Vec<u64>> = tail.split(['.', 't', 'T', '_']).map(|part| part.parse().ok()).collect();
    numbers.map(|numbers| (stem, numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn span(name: &str, first: &str, last: &str) -> Span {
        Span { name: name.into(), count: 1, first_seen: Some(time(first)), last_seen: Some(time(last)) }
    }

    #[test]
    fn names_that_tell_their_order() {
        use Ordering::{Equal, Greater, Less};
        for (one, other, expected) in [
            ("backend-00611-cr5", "backend-00597-hxd", Some(Greater)),
            ("backend-00590-4m8", "backend-00597-hxd", Some(Less)),
            ("backend-00590-4m8", "auth-00597-hxd", None),
            ("backend-00590-4m8", "backend-00590-4m8", Some(Equal)),
            ("v1.10.0", "v1.9.3", Some(Greater)),
            ("1.2", "1.2.1", Some(Less)),
            ("20250911t051711", "20250912t000000", Some(Less)),
            ("blue", "green", None),
            ("v1", "release-2", None),
            ("backend-00590-4m8", "v2", None),
            ("", "x", None),
            ("é-00001-abc", "é-00002-abc", Some(Less)),
        ] {
            assert_eq!(compare(one, other), expected, "{one} {other}");
            assert_eq!(compare(other, one), expected.map(Ordering::reverse), "{other} {one}");
        }
    }

    #[test]
    fn a_fix_whose_revision_is_known() {
        let book = Revisions::default();
        let at = time("2025-09-11T18:00:00Z");
        assert!(matches!(book.since_fix("b-00611-cr5", "b-00597-hxd", at), SinceFix::Newer(_)));
        assert!(matches!(book.since_fix("b-00597-hxd", "b-00597-hxd", at), SinceFix::Older(_)));
        assert!(matches!(book.since_fix("b-00590-4m8", "b-00597-hxd", at), SinceFix::Older(_)));
        assert_eq!(book.since_fix("blue", "green", at), SinceFix::Unknown);
    }

    #[test]
    fn a_fix_whose_time_alone_is_known() {
        let at = time("2025-09-11T18:00:00Z");
        let mut book = Revisions::default();
        assert_eq!(book.since_fix("b-00611-cr5", "", at), SinceFix::Unknown);
        book.learn(&[
            span("b-00580-aaa", "2025-09-11T05:00:00Z", "2025-09-12T05:00:00Z"),
            span("b-00590-4m8", "2025-09-12T05:00:00Z", "2025-09-12T06:00:00Z"),
            span("blue", "2025-09-01T00:00:00Z", "2025-09-12T06:00:00Z"),
        ]);
        assert!(matches!(book.since_fix("b-00590-4m8", "", at), SinceFix::Newer(_)));
        assert!(matches!(book.since_fix("b-00580-aaa", "", at), SinceFix::Older(_)));
        assert!(matches!(book.since_fix("b-00579-zzz", "", at), SinceFix::Older(_)));
        assert!(matches!(book.since_fix("blue", "", at), SinceFix::Older(_)));
        assert_eq!(book.since_fix("green", "", at), SinceFix::Unknown);
    }
}
