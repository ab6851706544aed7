//! What the entries of a cluster say about code and requests in, where it happens out.

use std::collections::BTreeMap;

use crate::model::{Census, Endpoint, LatencySpan, Location, NameCount, PatternTally};

use super::gather::Gathered;

/// Modules that log on behalf of others; a place in them says nothing.
const WRAPPER_MODULES: [&str; 12] = [
    "logging",
    "loguru",
    "structlog",
    "absl",
    "winston",
    "pino",
    "bunyan",
    "log4j",
    "slf4j",
    "logback",
    "logrus",
    "zap",
];
/// Functions by which logging libraries hand on a record.
const WRAPPER_FUNCTIONS: [&str; 7] =
    ["callHandlers", "_log", "emit", "makeRecord", "_log_with_context", "doLog", "log_message"];
/// How many ranges a list of lines has at most.
const MOST_RANGES: usize = 8;
/// Lines at most this far apart are shown as one range.
const CLOSE_LINES: u64 = 10;

/// Whether a place is that of a logging library rather than of the statement.
pub(super) fn is_wrapper(module: &str, function: &str) -> bool {
    let first = module.split(['.', '/', ':']).next().unwrap_or_default();
    let last = module.rsplit(['.', '/', ':']).next().unwrap_or_default();
    let known = |name: &str| WRAPPER_MODULES.contains(&name);
    known(first) || (known(last) && !function.is_empty()) || WRAPPER_FUNCTIONS.contains(&function)
}

/// The places of a cluster, true ones before wrappers, most frequent first, then by name.
pub(super) fn locations(gathered: &Gathered<'_>) -> Vec<Location> {
    let mut places: BTreeMap<(&str, &str), Location> = BTreeMap::new();
    for kept in gathered.joined.locations.values() {
        let (module, function, line) = split_place(&kept.value);
        let place = places.entry((module, function)).or_insert_with(|| named(module, function));
        place.count += kept.count;
        if let Some(line) = line {
            place.line_min = Some(place.line_min.map_or(line, |least| least.min(line)));
            place.line_max = place.line_max.max(Some(line));
        }
    }
    for (_, pattern) in &gathered.variants {
        add_stated(&mut places, pattern);
    }
    let mut places: Vec<Location> = places.into_values().collect();
    places.sort_by(|left, right| {
        let name = |place: &Location| (place.module.clone(), place.function.clone());
        left.wrapper.cmp(&right.wrapper).then(right.count.cmp(&left.count)).then_with(|| name(left).cmp(&name(right)))
    });
    places
}

/// Adds the place a pattern is known to come from where its entries name only a wrapper.
fn add_stated<'a>(places: &mut BTreeMap<(&'a str, &'a str), Location>, pattern: &'a PatternTally) {
    let (module, function) = (pattern.module.as_str(), pattern.function.as_str());
    if module.is_empty() && function.is_empty() {
        return;
    }
    let known = places.contains_key(&(module, function));
    let within = function.is_empty() && places.keys().any(|(held, _)| *held == module);
    if !known && !within {
        places.insert((module, function), Location { count: pattern.tally.count, ..named(module, function) });
    }
}

fn named(module: &str, function: &str) -> Location {
    Location {
        module: module.to_owned(),
        function: function.to_owned(),
        wrapper: is_wrapper(module, function),
        ..Location::default()
    }
}

/// The lines of all true places as ranges: `258, 741, 1375-1489`.
pub(super) fn lines(gathered: &Gathered<'_>) -> String {
    let lines = gathered.joined.locations.values().filter_map(|kept| {
        let (module, function, line) = split_place(&kept.value);
        line.filter(|_| !is_wrapper(module, function))
    });
    ranges(lines.collect())
}

/// Lines as ranges: those close together are one; where there are too many ranges, the closest ones are joined.
pub(super) fn ranges(mut lines: Vec<u64>) -> String {
    lines.sort_unstable();
    lines.dedup();
    let mut close = CLOSE_LINES;
    loop {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for &line in &lines {
            match ranges.last_mut() {
                Some(range) if line - range.1 <= close => range.1 = line,
                _ => ranges.push((line, line)),
            }
        }
        if ranges.len() <= MOST_RANGES {
            let shown = |(from, to): &(u64, u64)| if from == to { from.to_string() } else { format!("{from}-{to}") };
            return ranges.iter().map(shown).collect::<Vec<_>>().join(", ");
        }
        close = close.saturating_mul(2);
    }
}

fn split_place(value: &str) -> (&str, &str, Option<u64>) {
    let mut parts = value.split('\t');
    let (module, function) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    (module, function, parts.next().and_then(|line| line.trim().parse().ok()))
}

/// How long requests took, over all endpoints.
pub(super) fn latency(pattern: &PatternTally) -> Option<LatencySpan> {
    let latency = &pattern.latency;
    let millis = |nanos: u64| nanos / 1_000_000;
    let (min, max) = (millis(latency.min_nanos?), millis(latency.max_nanos?));
    Some(LatencySpan { min, p50: millis(latency.steps.quantile(0.5)?).clamp(min, max), max })
}

/// The endpoints of request entries, most frequent first; latencies are those of the whole cluster.
pub(super) fn endpoints(pattern: &PatternTally) -> Vec<Endpoint> {
    const LISTED: usize = 20;
    let latency_ms = latency(pattern);
    let endpoint = |kept: &crate::model::Kept| {
        let mut parts = kept.value.split('\t').map(str::to_owned);
        Endpoint {
            method: parts.next().unwrap_or_default(),
            route: parts.next().unwrap_or_default(),
            status: parts.next().and_then(|status| status.parse().ok()).unwrap_or_default(),
            count: kept.count,
            latency_ms: latency_ms.clone(),
        }
    };
    pattern.endpoints.top().iter().take(LISTED).map(|kept| endpoint(kept)).collect()
}

/// The most frequent values of a census.
pub(super) fn top(census: &Census, limit: usize) -> Vec<NameCount> {
    let name = |kept: &crate::model::Kept| NameCount { name: kept.value.clone(), count: kept.count };
    census.top().iter().take(limit).map(|kept| name(kept)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_ranges() {
        assert_eq!(ranges(vec![1489, 258, 741, 1488, 1480]), "258, 741, 1480-1489");
        assert_eq!(ranges(vec![7]), "7");
        assert_eq!(ranges(vec![]), "");
        assert!(ranges((0..500).map(|n| n * n * 37).collect()).split(", ").count() <= MOST_RANGES);
    }

    #[test]
    fn wrappers_are_known() {
        for (module, function, expected) in [
            ("logging", "callHandlers", true),
            ("loguru._logger", "_log", true),
            ("app.logging.trace", "log_failure", false),
            ("netra.app.routes", "_main_message_loop", false),
            ("", "", false),
        ] {
            assert_eq!(is_wrapper(module, function), expected, "{module} {function}");
        }
    }
}
