//! What a Digest counted of requests in, per service how they were answered and how long they took out.
//!
//! Counts are exact. What belongs to a route is read from the patterns of requests; where a pattern is shared by services
//! that have requests in several logs each, nobody can tell whose entries it holds, and its route is left out.

use std::collections::BTreeMap;

use crate::model::{
    Census, Digest, KEPT_SERVED, PatternKind, PatternTally, RequestLatency, RouteRequests, Served, ServiceRequests,
    Steps, Window, is_request_log, log_id,
};

use super::{health, slowness, stretch, words};

/// Services that are listed at most.
const LISTED: usize = 40;
/// So many routes that fail most, and so many of the slowest, are listed.
const ROUTES: usize = 5;
/// Nobody minds less.
const LEAST_MILLIS: u64 = 10;
const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// The requests of each service, what stands out first.
pub(super) fn requests(digest: &Digest, window: &Window) -> Vec<ServiceRequests> {
    let mut by_service: BTreeMap<&str, Vec<&Served>> = BTreeMap::new();
    for served in digest.traffic.served().filter(|served| served.requests() > 0) {
        by_service.entry(&served.service).or_default().push(served);
    }
    if by_service.is_empty() {
        return Vec::new();
    }
    let mut routes = if is_partial(digest) { BTreeMap::new() } else { routes(digest, &by_service) };
    let unfiltered = health::is_unfiltered(digest);
    let mut all: Vec<ServiceRequests> = Vec::new();
    for served in by_service.values().flatten() {
        let of_it = routes.remove(&(served.service.as_str(), served.log.as_str())).unwrap_or_default();
        let logs = by_service.get(served.service.as_str()).map_or(&[][..], Vec::as_slice);
        let (one_of_several, told_log) = (logs.len() > 1, told_log(&served.log, logs));
        all.push(ServiceRequests { one_of_several, told_log, routes: listed(of_it), ..of(served, window, unfiltered) });
    }
    all.sort_by(|left, right| {
        let key = |one: &ServiceRequests| (one.remarkable, failed(one), one.requests);
        let name = |one: &ServiceRequests| (one.service.clone(), one.log.clone());
        key(right).cmp(&key(left)).then_with(|| name(left).cmp(&name(right)))
    });
    all.truncate(LISTED);
    all
}

/// What tells a log from the others of a service: those of two projects may have one id.
fn told_log(log: &str, all: &[&Served]) -> String {
    let others = || all.iter().map(|other| other.log.as_str()).filter(|other| *other != log);
    let told = log_id(log);
    match others().count() {
        0 => String::new(),
        _ if log.is_empty() => "entries without a log".to_owned(),
        _ if others().any(|other| log_id(other) == told) => log.replace("%2F", "/"),
        _ => told,
    }
}

/// What to say about requests that are not told.
pub(super) fn notes(digest: &Digest) -> Vec<String> {
    let mut notes = Vec::new();
    if !digest.traffic.is_whole() {
        notes.push(format!(
            "There are more than {KEPT_SERVED} services with requests; figures are told of {KEPT_SERVED}."
        ));
    }
    if is_partial(digest) {
        notes.push("Requests of digests that earlier versions saved are not among the figures of requests.".to_owned());
    }
    notes
}

/// Whether a part was saved by a program that did not count requests.
fn is_partial(digest: &Digest) -> bool {
    let requests = digest.patterns.values().filter(|pattern| pattern.kind == PatternKind::Request);
    let told: u64 = digest.traffic.served().map(Served::requests).sum();
    digest.traffic.is_whole() && told < requests.map(|pattern| pattern.tally.count).sum()
}

fn failed(one: &ServiceRequests) -> u64 {
    one.by_class.get("5xx").copied().unwrap_or_default()
}

fn of(served: &Served, window: &Window, unfiltered: bool) -> ServiceRequests {
    let requests = served.requests();
    let counts = CLASSES.iter().enumerate().map(|(digit, class)| (*class, served.of_class(digit)));
    let is_told = |(class, count): &(&str, u64)| *count > 0 || !matches!(*class, "1xx" | "other");
    // An export of failures alone does not say how many requests went well.
    let is_known = unfiltered || (1..=3).any(|digit| served.of_class(digit) > 0);
    let error_share = is_known.then(|| words::share(served.of_class(5), requests));
    let took = served.took();
    let errors = served.took_errors().map(|errors| latency(&errors, served.slowest_error));
    let successes = served.successes().and_then(|successes| latency(&successes, served.slowest_success));
    let latency_ms = latency(&took, served.slowest);
    let worst = stretch::worst(served, window, is_known);
    ServiceRequests {
        service: served.service.clone(),
        log: served.log.clone(),
        requests,
        by_class: counts.filter(is_told).map(|(class, count)| (class.to_owned(), count)).collect(),
        error_share,
        errors_skew_latency: latency_ms.as_ref().zip(successes.as_ref()).is_some_and(|(all, own)| differ(all, own)),
        latency_ms,
        latency_success_ms: successes,
        latency_error_ms: errors.flatten(),
        remarkable: !worst.is_empty() || error_share.is_some_and(|share| share >= stretch::LEAST_SHARE),
        worst,
        ..ServiceRequests::default()
    }
}

fn latency(took: &Steps, slowest: Option<u64>) -> Option<RequestLatency> {
    let (requests, slowest) = (took.total(), slowest?);
    let quantile = |share: f64| {
        let step = took.step_at(share)?;
        // Of the slowest one it is known how long it took, of all others the step.
        let nanos = if took.from(step) == 1 { slowest } else { Steps::middle(step).min(slowest) };
        Some(millis(nanos))
    };
    let (p50, p95, p99) = (quantile(0.5)?, quantile(0.95)?, quantile(0.99)?);
    Some(RequestLatency { requests, p50, p95, p99, max: millis(slowest), estimated: requests > 1 })
}

/// Whether the figures of all requests are no good for the successes among them.
fn differ(all: &RequestLatency, successes: &RequestLatency) -> bool {
    let figures = |one: &RequestLatency| [one.p50, one.p95, one.p99];
    let is_far = |(one, other): (u64, u64)| one.abs_diff(other) >= LEAST_MILLIS.max(other / 4);
    successes.requests >= stretch::LEAST_REQUESTS && figures(all).into_iter().zip(figures(successes)).any(is_far)
}

/// As whole milliseconds.
fn millis(nanos: u64) -> u64 {
    nanos / 1_000_000
}

/// What is known of a route while patterns are gone through.
#[derive(Default)]
struct Route {
    requests: u64,
    failed: u64,
    took: Steps,
    slowest: Option<u64>,
    /// Whether some of its latencies are those of other routes or services too.
    is_shared: bool,
}

type Routes<'a> = BTreeMap<(&'a str, &'a str), Route>;

/// The routes of each service and log.
fn routes<'a>(
    digest: &'a Digest,
    by_service: &BTreeMap<&'a str, Vec<&'a Served>>,
) -> BTreeMap<(&'a str, &'a str), Routes<'a>> {
    let mut all: BTreeMap<(&str, &str), Routes<'_>> = BTreeMap::new();
    for pattern in digest.patterns.values().filter(|pattern| !pattern.endpoints.is_empty()) {
        let tally = &pattern.tally;
        let named = [&tally.services, &tally.resource_types, &tally.logs].into_iter().find(|names| !names.is_empty());
        for kept in named.into_iter().flat_map(Census::values) {
            let Some((service, logs)) = by_service.get_key_value(kept.value.as_str()) else { continue };
            for served in logs {
                if let Some(share) = Share::of(pattern, kept.count, &served.log, logs.len()) {
                    share.add_to(all.entry((service, &served.log)).or_default(), pattern);
                }
            }
        }
    }
    all
}

/// Which entries of a pattern are requests of a service in a log.
enum Share {
    All,
    /// So many of them, all to one route.
    Some(u64),
}

impl Share {
    /// `own` of the entries are of the service, which has requests in so many `logs`; nothing where nobody can tell.
    fn of(pattern: &PatternTally, own: u64, log: &str, logs: usize) -> Option<Self> {
        let is_request = pattern.kind == PatternKind::Request;
        match (pattern.tally.count, pattern.tally.logs.count(log)) {
            (_, 0) => None,
            (all, in_log) if own == all && in_log == all => (is_request || is_request_log(log)).then_some(Self::All),
            _ if !is_request => None,
            (all, in_log) if own == all => Some(Self::Some(in_log)),
            (all, in_log) if in_log == all || logs == 1 => Some(Self::Some(own)),
            _ => None,
        }
    }

    fn add_to<'a>(&self, routes: &mut Routes<'a>, pattern: &'a PatternTally) {
        let endpoints = pattern.endpoints.values().map(|kept| {
            let (route, status) = kept.value.rsplit_once('\t').unwrap_or_default();
            (route.split_once('\t').unwrap_or_default(), status.parse().unwrap_or(0_u64), kept.count)
        });
        let told = if let Self::Some(_) = self { 1 } else { usize::MAX };
        let one_route = pattern.kind == PatternKind::Request || pattern.endpoints.distinct() == 1;
        for (at, (route, status, count)) in endpoints.take(told).enumerate() {
            let count = if let Self::Some(count) = self { *count } else { count };
            let held = routes.entry(route).or_default();
            held.requests += count;
            held.failed += if status / 100 == 5 { count } else { 0 };
            match self {
                _ if status / 100 == 1 => {}
                Self::All if one_route && at > 0 => {}
                Self::All if one_route => {
                    held.took.merge(&pattern.latency.steps);
                    held.slowest = held.slowest.max(pattern.latency.max_nanos);
                }
                _ => held.is_shared = true,
            }
        }
    }
}

/// The routes to show: those that fail most, then the slowest; and the slowest of all.
fn listed(routes: Routes<'_>) -> Vec<RouteRequests> {
    let told = |((method, path), route): ((&str, &str), Route)| {
        let is_known = !route.is_shared && route.took.total() >= stretch::LEAST_REQUESTS;
        let nanos = route.took.quantile(slowness::PERCENTILE).filter(|_| is_known);
        RouteRequests {
            method: method.to_owned(),
            route: path.to_owned(),
            requests: route.requests,
            failed: route.failed,
            p95_ms: nanos.map(|nanos| millis(route.slowest.map_or(nanos, |slowest| slowest.min(nanos)))),
        }
    };
    let mut routes: Vec<RouteRequests> = routes.into_iter().map(told).collect();
    routes.sort_by(|left, right| {
        let key = |route: &RouteRequests| (route.failed, route.p95_ms, route.requests);
        let name = |route: &RouteRequests| (route.route.clone(), route.method.clone());
        key(right).cmp(&key(left)).then_with(|| name(left).cmp(&name(right)))
    });
    let mut further = routes.split_off(ROUTES.min(routes.len()));
    further.sort_by_key(|route| std::cmp::Reverse(route.p95_ms));
    routes.extend(further.into_iter().take(ROUTES));
    routes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Severity, Timestamp};

    const LOG: &str = "projects/p/logs/run.googleapis.com%2Frequests";

    /// Requests to one route: service, log, route, status, how many, and the milliseconds that they took.
    type Asked<'a> = (&'a str, &'a str, &'a str, u64, u64, u64);

    fn digest(asked: &[Asked<'_>]) -> Digest {
        let mut digest = Digest::default();
        digest.overall.severities.add(Severity::Info);
        for (service, log, path, status, count, millis) in asked {
            let time = Timestamp::from_seconds(1_757_800_000);
            let text = format!("GET {path} {}xx", status / 100);
            let mut pattern = PatternTally::new(PatternKind::Request, text.clone(), ("", ""), true);
            pattern.tally.count = *count;
            pattern.tally.services.add_many(service, *count, time, time);
            pattern.tally.logs.add_many(log, *count, time, time);
            pattern.endpoints.add_many(&format!("GET\t{path}\t{status}"), *count, time, time);
            (0..*count).for_each(|_| pattern.latency.add(millis * 1_000_000));
            digest.add_pattern(PatternTally::key(pattern.kind, &text, ("", ""), true), pattern);
            let mut served = Served::new(service, log);
            served.slowest = (*status >= 200).then_some(millis * 1_000_000);
            served.slowest_error = served.slowest.filter(|_| *status >= 400);
            served.slowest_success = served.slowest.filter(|_| *status < 400);
            served.classes[usize::try_from(status / 100).unwrap()] = *count;
            served.add(1_000, |stretch| {
                stretch.requests += count;
                if *status >= 200 {
                    stretch.took.add(Steps::of(millis * 1_000_000), *count);
                }
                if *status >= 400 {
                    stretch.took_errors.add(Steps::of(millis * 1_000_000), *count);
                }
            });
            digest.traffic.add(served);
        }
        digest
    }

    fn told(digest: &Digest) -> Vec<ServiceRequests> {
        requests(digest, &Window::default())
    }

    fn routes(one: &ServiceRequests) -> Vec<(&str, u64, u64, bool)> {
        one.routes.iter().map(|one| (one.route.as_str(), one.requests, one.failed, one.p95_ms.is_some())).collect()
    }

    #[test]
    fn counts_add_up_and_what_fails_stands_first() {
        let all = told(&digest(&[
            ("web", LOG, "/", 200, 5_000, 20),
            ("api", LOG, "/orders", 200, 900, 100),
            ("api", LOG, "/orders", 503, 60, 2_000),
            ("api", LOG, "/orders", 500, 30, 2_000),
            ("api", LOG, "/ws", 101, 10, 3_600_000),
        ]));
        let (api, web) = (&all[0], &all[1]);
        assert_eq!((api.service.as_str(), api.requests, api.remarkable), ("api", 1_000, true));
        assert_eq!(api.by_class.values().sum::<u64>(), 1_000);
        assert_eq!((api.by_class["1xx"], api.by_class["4xx"], api.error_share), (10, 0, Some(0.09)));
        assert_eq!(routes(api), [("/orders", 990, 90, true), ("/ws", 10, 0, false)]);
        let latency = api.latency_ms.clone().unwrap();
        assert_eq!((latency.requests, latency.max, latency.estimated), (990, 2_000, true));
        assert!(latency.p50.abs_diff(100) <= 7 && latency.p95.abs_diff(2_000) <= 140, "{latency:?}");
        assert!(api.routes[0].p95_ms.is_some_and(|p95| (1_860..=2_000).contains(&p95)), "{:?}", api.routes);
        assert_eq!((web.error_share, web.remarkable, web.by_class.len()), (Some(0.0), false, 4));
    }

    #[test]
    fn of_few_requests_the_slowest_is_exact() {
        let all = told(&digest(&[("api", LOG, "/a", 200, 2, 90), ("api", LOG, "/b", 404, 1, 301)]));
        let latency = all[0].latency_ms.clone().unwrap();
        assert_eq!((latency.p95, latency.p99, latency.max), (301, 301, 301));
        assert_eq!(routes(&all[0]).iter().filter(|route| route.3).count(), 0, "three tell no percentile");
    }

    #[test]
    fn what_fails_fast_or_slowly_is_told_apart() {
        let told = |errors| {
            told(&digest(&[("api", LOG, "/a", 200, 900, 400), ("api", LOG, "/b", 503, 100, errors)])).remove(0)
        };
        let (fast, alike, slow) = (told(3), told(400), told(30_000));
        assert_eq!([&fast, &alike, &slow].map(|one| one.errors_skew_latency), [false, false, true]);
        let latency =
            |one: &Option<RequestLatency>| one.as_ref().map(|one| (one.requests, one.p50.div_ceil(100), one.max));
        assert_eq!(
            [&slow.latency_ms, &slow.latency_success_ms].map(latency),
            [Some((1_000, 4, 30_000)), Some((900, 4, 400))]
        );
        assert_eq!(latency(&slow.latency_error_ms), Some((100, 290, 30_000)));
        assert_eq!(latency(&fast.latency_error_ms), Some((100, 1, 3)));
    }

    #[test]
    fn services_that_share_a_route_have_their_own_counts() {
        let all = told(&digest(&[("api", LOG, "/healthz", 200, 300, 5), ("web", LOG, "/healthz", 200, 100, 5)]));
        assert_eq!(routes(&all[0]), [("/healthz", 300, 0, false)]);
        assert_eq!(routes(&all[1]), [("/healthz", 100, 0, false)]);
    }

    #[test]
    fn logs_of_two_projects_are_told_by_their_whole_names() {
        let [prod, test, lb] = ["projects/prod/logs/a%2Fb", "projects/test/logs/a%2Fb", "projects/prod/logs/lb"];
        let counts = [(prod, 30), (test, 20), (lb, 10), ("", 5)];
        let all = told(&digest(&counts.map(|(log, count)| ("api", log, "/a", 200, count, 5))));
        let names: Vec<&str> = all.iter().map(|one| one.told_log.as_str()).collect();
        assert_eq!(names, ["projects/prod/logs/a/b", "projects/test/logs/a/b", "lb", "entries without a log"]);
        assert_eq!(told(&digest(&[("api", prod, "/a", 200, 30, 5)]))[0].told_log, "");
    }

    #[test]
    fn a_service_with_two_logs_is_told_for_each() {
        let all = told(&digest(&[("api", LOG, "/a", 200, 30, 5), ("api", "projects/p/logs/lb", "/a", 200, 40, 7)]));
        assert!(all.len() == 2 && all.iter().all(|one| one.one_of_several));
        assert_eq!([all[0].told_log.as_str(), &all[1].told_log], ["lb", "run.googleapis.com/requests"]);
        assert_eq!([routes(&all[0]), routes(&all[1])], [[("/a", 40, 0, false)], [("/a", 30, 0, false)]]);
    }

    #[test]
    fn an_export_of_failures_tells_no_share() {
        let mut digest = digest(&[("api", LOG, "/a", 500, 30, 5), ("api", LOG, "/a", 404, 30, 5)]);
        assert_eq!(told(&digest)[0].error_share, Some(0.5));
        digest.overall.severities = crate::model::SeverityCounts::default();
        assert_eq!((told(&digest)[0].error_share, told(&digest)[0].remarkable), (None, false));
    }

    #[test]
    fn what_earlier_versions_saved_has_no_figures() {
        let mut digest = digest(&[("api", LOG, "/a", 200, 30, 5)]);
        assert_eq!(notes(&digest), Vec::<String>::new());
        digest.traffic = crate::model::Traffic::default();
        assert_eq!(told(&digest), []);
        assert!(notes(&digest)[0].contains("earlier versions"));
    }
}
