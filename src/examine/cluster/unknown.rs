//! Patterns of requests in, families of those out that asked for paths which nobody serves.
//!
//! Whoever scans a site asks for hundreds of paths once or twice each. No path of them is an issue, and together they
//! are one. A path that has ever answered, or that is asked for often, is somebody's broken link and stays by itself. So
//! does any path of a service of which the export holds no answer: what was left out of it may have answered there.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Fingerprint, PatternKind, PatternTally};

/// The pattern of a family.
pub const UNKNOWN_PATHS: &str = "unknown paths: 4xx on <path>";
/// The part of it that varies.
pub(super) const PATH: &str = "<path>";

/// So many unknown paths of a service are a family.
const LEAST: usize = 8;
/// With more entries than this, a path stays by itself.
const SELDOM: u64 = 50;

type Listed<'p> = [(&'p Fingerprint, &'p PatternTally)];
/// Numbers of patterns with one text.
type Equal<'p> = BTreeMap<(PatternKind, &'p str), Vec<usize>>;

/// A family by its service (none where paths were asked of several): what each member asked for, and its number.
pub(super) type Families<'p> = BTreeMap<&'p str, Vec<(&'p str, usize)>>;

/// Takes the families out of the patterns.
pub(super) fn families<'p>(
    equal: &mut Equal<'p>,
    listed: &Listed<'p>,
    patterns: &'p BTreeMap<Fingerprint, PatternTally>,
) -> Families<'p> {
    let mut found: BTreeMap<&str, Vec<(&'p str, &[usize])>> = BTreeMap::new();
    let answered = answered(patterns);
    for ((_, text), members) in equal.iter().filter(|((kind, _), _)| *kind == PatternKind::Request) {
        let Some(asked) = text.strip_suffix(" 4xx") else { continue };
        let tallies: Vec<&PatternTally> =
            members.iter().filter_map(|number| listed.get(*number)).map(|(_, tally)| *tally).collect();
        let seldom = tallies.iter().map(|tally| tally.tally.count).sum::<u64>() <= SELDOM;
        if seldom && tallies.iter().all(|tally| is_unknown(tally, &answered)) {
            found.entry(only_service(&tallies)).or_default().push((asked, members));
        }
    }
    found.retain(|_, paths| paths.len() >= LEAST);
    let families: Families<'p> = found
        .into_iter()
        .map(|(service, paths)| {
            let numbered = paths.into_iter().flat_map(|(asked, members)| members.iter().map(move |one| (asked, *one)));
            (service, numbered.collect())
        })
        .collect();
    let taken: BTreeSet<usize> = families.values().flatten().map(|(_, number)| *number).collect();
    equal.retain(|_, members| !members.iter().any(|number| taken.contains(number)));
    families
}

/// Services and the routes that they have answered.
fn answered(patterns: &BTreeMap<Fingerprint, PatternTally>) -> BTreeSet<(&str, &str)> {
    let mut answered = BTreeSet::new();
    for tally in patterns.values() {
        let routes = endpoints(tally).filter(|(_, status)| matches!(status.as_bytes(), [b'2' | b'3', _, _]));
        for (route, _) in routes {
            answered.extend(services(tally).map(|service| (service, route)));
        }
    }
    answered
}

fn is_unknown(tally: &PatternTally, answered: &BTreeSet<(&str, &str)>) -> bool {
    let nobody_has = |(route, status): (&str, &str)| {
        matches!(status, "404" | "405") && !services(tally).any(|service| answered.contains(&(service, route)))
    };
    let answers = |service: &str| answered.range((service, "")..).next().is_some_and(|(other, _)| *other == service);
    tally.endpoints.is_exact()
        && endpoints(tally).next().is_some()
        && endpoints(tally).all(nobody_has)
        && services(tally).all(answers)
}

/// Routes and statuses.
fn endpoints(tally: &PatternTally) -> impl Iterator<Item = (&str, &str)> {
    tally.endpoints.values().filter_map(|kept| kept.value.split_once('\t')?.1.split_once('\t'))
}

/// The services of a pattern; one without a name where none is known.
fn services(tally: &PatternTally) -> impl Iterator<Item = &str> {
    let named = tally.tally.services.values().map(|kept| kept.value.as_str());
    let unnamed = tally.tally.services.is_empty().then_some("");
    named.chain(unnamed)
}

fn only_service<'p>(tallies: &[&'p PatternTally]) -> &'p str {
    let names: BTreeSet<&str> = tallies.iter().flat_map(|tally| services(tally)).collect();
    match (names.first(), names.len()) {
        (Some(name), 1) => name,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, cluster};
    use super::*;

    fn request(method: &str, route: &str, status: u64, count: u64) -> (Fingerprint, PatternTally) {
        let pattern = format!("{method} {route} {}xx", status / 100);
        let mut tally = PatternTally::new(PatternKind::Request, pattern.clone(), ("", ""), status >= 400);
        tally.tally.count = count;
        tally.tally.services.add_many("web", count, None, None);
        tally.endpoints.add_many(&format!("{method}\t{route}\t{status}"), count, None, None);
        (PatternTally::key(PatternKind::Request, &pattern, ("", ""), status >= 400), tally)
    }

    fn grouped(patterns: impl IntoIterator<Item = (Fingerprint, PatternTally)>) -> Vec<(String, usize)> {
        let groups = cluster(&patterns.into_iter().collect(), &Settings::default());
        let mut found: Vec<(String, usize)> =
            groups.into_iter().map(|group| (group.pattern, group.members.len())).collect();
        found.sort();
        found
    }

    #[test]
    fn paths_that_nobody_serves_are_one() {
        let scanned = (0..20).map(|number| {
            request("GET", &format!("/{}.php", "abcdefghijklmnopqrstuvwxyz".get(number..number + 3).unwrap()), 404, 2)
        });
        let others = [
            request("GET", "/api/cart", 404, 3),
            request("GET", "/api/cart", 200, 900),
            request("POST", "/moved", 405, 1),
            request("GET", "/moved", 301, 5),
            request("GET", "/logo.png", 404, 80),
            request("GET", "/admin", 403, 3),
        ];
        let own = |pattern: &str| (pattern.to_owned(), 1);
        assert_eq!(
            grouped(scanned.chain(others)),
            [
                own("GET /admin 4xx"),
                own("GET /api/cart 4xx"),
                own("GET /logo.png 4xx"),
                own("POST /moved 4xx"),
                (UNKNOWN_PATHS.to_owned(), 20)
            ]
        );
    }

    #[test]
    fn a_few_of_them_stay_apart() {
        let few = ["/a", "/b", "/c"].map(|route| request("GET", route, 404, 1));
        assert_eq!(grouped(few.into_iter().chain([request("GET", "/", 200, 9)])).len(), 3);
    }

    #[test]
    fn an_export_without_answers_does_not_tell_what_is_served() {
        let routes = ["/ab", "/cd", "/ef", "/gh", "/ij", "/kl", "/mn", "/op", "/qr", "/st"];
        let asked = || routes.map(|route| request("GET", route, 404, 2)).into_iter();
        assert_eq!(grouped(asked()).len(), routes.len());
        assert_eq!(grouped(asked().chain([request("GET", "/", 200, 9)])).len(), 1);
    }
}
