//! What the result says of requests: services, how they answered, how long it took, when it was at its worst.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;

/// The requests that one log tells of one service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ServiceRequests {
    /// The service, else the type of the resource, else the log.
    pub service: String,
    /// The name of the log.
    pub log: String,
    /// Whether the service has requests in other logs too: those may be the same ones.
    pub one_of_several: bool,
    /// What tells the log from the others where there are several: its id, or its whole name where two of them have one id;
    /// else empty.
    pub told_log: String,
    /// How many.
    pub requests: u64,
    /// By the class of their status: `2xx`, `3xx`, `4xx` and `5xx` always, `1xx` and `other` where there are any.
    pub by_class: BTreeMap<String, u64>,
    /// The share of 5xx, 0 to 1; `null` where the export holds nothing but failures, so that nobody can tell.
    pub error_share: Option<f64>,
    /// How long they took; `null` where no request says so.
    pub latency_ms: Option<RequestLatency>,
    /// How long those took that were answered by neither 4xx nor 5xx; `null` where none says so, or nobody can tell.
    pub latency_success_ms: Option<RequestLatency>,
    /// How long those took that were answered by 4xx or 5xx; likewise.
    pub latency_error_ms: Option<RequestLatency>,
    /// Whether errors came so much faster or slower that a figure of all differs by a quarter from that of the successes.
    pub errors_skew_latency: bool,
    /// The stretches of time in which far more of them failed, were refused (4xx), or took far longer than in the rest.
    pub worst: Vec<WorstStretch>,
    /// The five routes with most of 5xx, then the slowest by `p95_ms`; behind them the five slowest of all others.
    pub routes: Vec<RouteRequests>,
    /// Whether at least 1 % of them failed by 5xx, or a stretch stands out.
    pub remarkable: bool,
}

/// How long requests took, in milliseconds; those that held a connection open (1xx) aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RequestLatency {
    /// How many requests say so.
    pub requests: u64,
    /// The median.
    pub p50: u64,
    /// 95 of 100 took no longer.
    pub p95: u64,
    /// 99 of 100 took no longer.
    pub p99: u64,
    /// The slowest; exact.
    pub max: u64,
    /// Whether the quantiles come from a histogram, within 7 %.
    pub estimated: bool,
}

/// A stretch of time that stands out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WorstStretch {
    /// `errors` (5xx), `client_errors` (4xx) or `latency`.
    pub what: String,
    /// Its start.
    pub start: Option<Timestamp>,
    /// Its end.
    pub end: Option<Timestamp>,
    /// In it: the share of 5xx or 4xx, 0 to 1, or the 95th percentile in milliseconds, within 7 %.
    pub value: f64,
    /// The same in the rest of the window.
    pub rest: f64,
    /// Requests in it; for `latency` those that say how long they took, errors faster than the median success aside.
    pub requests: u64,
    /// Likewise in the rest of the window.
    pub rest_requests: u64,
    /// How many of those in it were answered so, or took at least twice as long as the 95th percentile of the rest.
    pub count: u64,
    /// For `latency`: how many of `count` were answered by 4xx or 5xx; `null` where nobody can tell.
    pub slow_errors: Option<u64>,
    /// For `errors` and `client_errors`: the most frequent status of `count`; `null` where nobody can tell.
    pub status: Option<u16>,
    /// How many of `count` have it.
    pub status_count: u64,
}

/// The requests to one route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RouteRequests {
    /// `GET`, ...
    pub method: String,
    /// The path with ids masked.
    pub route: String,
    /// How many.
    pub requests: u64,
    /// How many of them were answered by 5xx.
    pub failed: u64,
    /// The 95th percentile of their latency in milliseconds, within 7 %; `null` where fewer than twenty say how long they
    /// took, or it is not known for this service alone.
    pub p95_ms: Option<u64>,
}
