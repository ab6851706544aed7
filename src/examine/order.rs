//! The order in which five worklogs written by hand put their clusters, as far as they agree with each other.

use super::fixture::{Entries, digest, groups};
use super::*;
use crate::model::Severity::{self, Critical, Error, Warning};

/// Pattern, severity, entries, milliseconds between them.
type Kind = (&'static str, Severity, u64, i64);

const ACCEPT: &str = "[MAIN MODE] Message loop error: WebSocket is not connected. Need to call \"accept\" first.";
const BRIDGE: &str = "AgentBridgeHandler error for user <name>: <str> object has no attribute 'handle_message'";
const SESSION: &str =
    "Session access failed (middleware not installed?): SessionMiddleware must be installed to access request.session";
const BREAKER: &str = "GOLDEN PATH AUTH=<str> permissive authentication with circuit breaker for connection <id> - \
                       user_id: pending, connection_state: connected";
const ROUTING: &str = "ALERT: GOLDEN PATH ROUTING FAILURE: Message disconnect routing failed for user <name>";
const AUTH: &str = "CRITICAL_AUTH_FAILURE: 403 'Not authenticated' error detected! | User: <str> | Operation: <str>";
const SSOT: &str =
    "SSOT validation issues (non-blocking): ['Multiple manager instances for user <name> - potential duplication']";
const IMPORT: &str = "Agent handler setup failed: No module named 'netra_backend.app.agents.agent_websocket_bridge'";
const AWAIT: &str =
    "WebSocket manager creation failed: object UnifiedWebSocketManager can't be used in 'await' expression";
const SIGNATURE: &str = "Connection error: create_server_message() missing 1 required positional argument: 'data'";
const REQUEST_ID: &str = "request_id '<str>' has invalid format. Expected UUID or UnifiedIDManager structured format.";
const REDIS: &str = "Redis readiness: GRACEFUL DEGRADATION - Exception 'bool' object is not callable in staging";
const HANDLER: &str = "Error routing message from <id>: 'function' object has no attribute 'can_handle'";
const OPTIONAL: &str = "OPTIONAL AUTH=<str> Optional authentication failed: No module named 'dev_launcher'";
const BUFFER: &str = "LOW BUFFER UTILIZATION: <num>% - Consider reducing AUTH_HEALTH_CHECK_TIMEOUT";
const THREAD: &str = "Thread ID mismatch: run_id '<str>' extracted to '<str>' but thread_id is '<str>'.";
const LEGACY: &str = "[LEGACY MODE] Message loop error: Invalid message type 'legacy_response'";

/// The clusters' patterns with their priorities, most urgent first.
fn ranked(kinds: &[Kind]) -> Vec<(String, String)> {
    let entries: Vec<Entries<'_>> = kinds
        .iter()
        .map(|(pattern, severity, count, step)| Entries {
            pattern,
            severity: *severity,
            count: *count,
            step: *step,
            ..Entries::default()
        })
        .collect();
    let digest = digest(&entries);
    let mut worklog = examine(&digest, &groups(&digest), &Settings::default());
    finish(&mut worklog);
    worklog.clusters.into_iter().map(|cluster| (cluster.pattern, cluster.priority)).collect()
}

fn check(kinds: &[Kind], expected: &[(&str, &str)]) {
    let ranked = ranked(kinds);
    let ranked: Vec<(&str, &str)> =
        ranked.iter().map(|(pattern, priority)| (pattern.as_str(), priority.as_str())).collect();
    assert_eq!(ranked, expected);
}

#[test]
fn failures_before_warnings_before_what_plays_itself_down() {
    check(
        &[
            (ACCEPT, Error, 14, 90_000),
            (BRIDGE, Error, 14, 90_000),
            (SESSION, Warning, 57, 22_000),
            (BREAKER, Critical, 7, 170_000),
            (ROUTING, Critical, 15, 84_000),
        ],
        &[(ROUTING, "P1"), (BRIDGE, "P1"), (ACCEPT, "P1"), (SESSION, "P3"), (BREAKER, "P3")],
    );
}

#[test]
fn denied_service_before_lost_connections_before_constant_warnings() {
    check(
        &[
            (AUTH, Error, 24, 30_000),
            (ACCEPT, Error, 16, 40_000),
            (SSOT, Warning, 300, 2_500),
            (BREAKER, Critical, 80, 9_000),
        ],
        &[(AUTH, "P0"), (ACCEPT, "P1"), (SSOT, "P3"), (BREAKER, "P3")],
    );
}

#[test]
fn defects_before_frequent_warnings_before_rare_ones() {
    check(
        &[
            (SESSION, Warning, 26, 4_500),
            (IMPORT, Error, 4, 26_000),
            (AWAIT, Error, 4, 26_000),
            (SIGNATURE, Error, 8, 13_000),
            (REQUEST_ID, Warning, 4, 26_000),
            (REDIS, Warning, 1, 0),
        ],
        &[(AWAIT, "P0"), (IMPORT, "P0"), (SIGNATURE, "P1"), (SESSION, "P3"), (REQUEST_ID, "P3"), (REDIS, "P3")],
    );
}

#[test]
fn routing_before_middleware_before_advice() {
    check(
        &[
            (HANDLER, Error, 8, 1_500),
            (OPTIONAL, Warning, 10, 13_000),
            (SESSION, Warning, 25, 6_000),
            (BUFFER, Warning, 1, 0),
            (THREAD, Warning, 6, 20_000),
        ],
        &[(HANDLER, "P1"), (SESSION, "P3"), (OPTIONAL, "P3"), (THREAD, "P3"), (BUFFER, "P4")],
    );
}

#[test]
fn one_error_that_repeats_before_single_warnings() {
    check(
        &[(LEGACY, Error, 22, 300_000), (SSOT, Warning, 5, 500_000), (SESSION, Warning, 1, 0)],
        &[(LEGACY, "P2"), (SSOT, "P4"), (SESSION, "P4")],
    );
}

#[test]
fn what_the_log_declares_and_what_rules_know_lift_a_cluster() {
    let entries = [Entries { pattern: ACCEPT, count: 14, step: 90_000, ..Entries::default() }];
    let digest = digest(&entries);
    let rules = Rules::read(
        "r.toml",
        "[[flow]]\nname = \"golden path\"\nmodules = [\"app.*\"]\npoints = 25\nstatement = \"Chat is the product.\"\n",
    );
    let settings = Settings { rules: Some(rules.unwrap()), ..Settings::default() };
    let mut worklog = examine(&digest, &groups(&digest), &settings);
    assert_eq!(worklog.clusters[0].priority, "P0");
    let by_flow = worklog.clusters[0].priority_reasons.clone();
    let sentence = "CRITICAL - Message loop crashed".to_owned();
    worklog.clusters[0].embedded.insert("golden_path_impact".to_owned(), vec![sentence]);
    triage(&mut worklog, &digest, &Settings::default());
    assert_eq!(worklog.clusters[0].priority, "P0", "{:?}", worklog.clusters[0].priority_reasons);
    triage(&mut worklog, &digest, &settings);
    assert!(worklog.clusters[0].priority_reasons.len() > by_flow.len());
    assert_eq!(worklog.clusters[0].impact.text, "Message loop crashed");
    assert_eq!(worklog.clusters[0].impact.business, "Chat is the product.");
}
