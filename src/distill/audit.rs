//! Audit entries and App Engine request logs in, service, method and status, or the gravest inner line out.

use crate::model::{Number, Severity, Value};

use super::reading::Endpoint;
use super::route::route;
use super::{request, workload};

/// The names of google.rpc codes, by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Inner lines of one request that are looked at; App Engine cuts far below that.
const INNER_LINES: usize = 10_000;

/// What an audit record says.
pub(super) struct Audit<'a> {
    /// `service method STATUS`, the finished pattern.
    pub(super) text: String,
    pub(super) service: &'a str,
    pub(super) user: &'a str,
}

/// Reads an audit record; `None` for payloads that are something else.
pub(super) fn audit(payload: Value<'_>) -> Option<Audit<'_>> {
    let (mut service, mut method, mut user) = ("", "", "");
    let (mut status, mut permissions, mut authenticated) = (None, None, false);
    for (key, value) in payload.members() {
        match key {
            "serviceName" | "servicename" | "service_name" => service = value.as_str().unwrap_or_default(),
            "methodName" | "methodname" | "method_name" => method = value.as_str().unwrap_or_default(),
            "status" => status = Some(value),
            "authorizationInfo" | "authorizationinfo" | "authorization_info" => permissions = Some(value),
            "authenticationInfo" | "authenticationinfo" | "authentication_info" => {
                authenticated = true;
                user = value.text("principalEmail").or_else(|| value.text("principalemail")).unwrap_or_default();
            }
            _ => {}
        }
    }
    let named = !method.is_empty() || (!service.is_empty() && authenticated);
    if !named {
        return None;
    }
    let reason = status.and_then(|status| status.text("message")).unwrap_or_default();
    let code = status.and_then(|status| status.get("code")).and_then(Value::as_lenient_i64).unwrap_or_default();
    let mut text = [service, method].iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    text.push(' ');
    match usize::try_from(code).ok().and_then(|code| CODES.get(code)) {
        Some(name) => text.push_str(name),
        None => text.push_str(&code.to_string()),
    }
    if let Some(permission) = permissions.filter(|_| code == 7).and_then(denied) {
        text.push_str(" (");
        text.push_str(permission);
        text.push(')');
    } else if VAGUE.contains(&code) && !reason.is_empty() {
        text.push_str(": ");
        push_masked(reason, &mut text);
    }
    Some(Audit { text, service, user })
}

/// Codes whose names do not tell what went wrong, or with what: `UNKNOWN`, `INVALID_ARGUMENT`, `RESOURCE_EXHAUSTED`,
/// `FAILED_PRECONDITION`, `ABORTED`, `OUT_OF_RANGE`, `INTERNAL`.
const VAGUE: [i64; 7] = [2, 3, 8, 9, 10, 11, 13];
/// Words of a failed call's message that are kept.
const KEPT_WORDS: usize = 40;

/// Appends the first sentence that says why a call failed, without what names one thing: words with figures, paths, quotes, and
/// what is made unique by a suffix.
fn push_masked(reason: &str, into: &mut String) {
    let line = reason.trim().lines().next().unwrap_or_default();
    let (sentence, why) = line.split_once(". ").unwrap_or((line, ""));
    // What Cloud Run says first is what followed from it.
    let is_outcome = sentence.ends_with("cannot serve traffic") && !why.is_empty();
    let why = why.split_once(". ").map_or(why, |(why, _)| why);
    let end = if is_outcome { sentence.len() + ". ".len() + why.len() } else { sentence.len() };
    let sentence = line.get(..end).unwrap_or(line).trim_end_matches('.');
    for (index, word) in sentence.split_ascii_whitespace().take(KEPT_WORDS).enumerate() {
        if index > 0 {
            into.push(' ');
        }
        let bare = word.trim_end_matches([',', ':', ';', ')']);
        let names = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'/' | b'@' | b'\'' | b'"' | b'`' | b'<');
        let unique = bare.rsplit_once('-').is_some_and(|(_, suffix)| workload::is_suffix(suffix));
        // `'IN_USE_ADDRESSES'`: a quota, not one of many.
        let constant = bare.trim_matches('\'').bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        if !constant && (unique || bare.len() > 64 || bare.bytes().any(names)) {
            into.push_str("<*>");
            into.push_str(word.get(bare.len()..).unwrap_or_default());
        } else {
            into.push_str(word);
        }
    }
}

/// The first permission that was not granted.
fn denied(permissions: Value<'_>) -> Option<&str> {
    permissions
        .elements()
        .take(64)
        .filter(|info| info.get("granted").and_then(Value::as_bool) != Some(true))
        .find_map(|info| info.text("permission"))
}

/// What an App Engine request log says.
pub(super) struct AppEngine<'a> {
    pub(super) endpoint: Endpoint<'a>,
    /// The first of the gravest inner lines at or above NOTICE.
    pub(super) line: Option<(Severity, &'a str)>,
    pub(super) place: super::place::Place<'a>,
}

/// Reads an App Engine request log; `None` for payloads that are something else.
pub(super) fn app_engine(payload: Value<'_>) -> Option<AppEngine<'_>> {
    let is_request_log = payload.text("@type").is_some_and(|kind| kind.ends_with("RequestLog"));
    if !is_request_log && (payload.get("line").is_none() || payload.get("resource").is_none()) {
        return None;
    }
    let mut endpoint = request::of_object(payload)?;
    endpoint.route = route(payload.text("resource").unwrap_or_default());
    let mut gravest: Option<(Severity, &str, Value<'_>)> = None;
    for line in payload.get("line").into_iter().flat_map(Value::elements).take(INNER_LINES) {
        let severity = line.get("severity").map_or(Severity::Default, stated);
        let Some(text) = line.text("logMessage") else { continue };
        if severity >= Severity::Notice && gravest.is_none_or(|(most, _, _)| severity > most) {
            gravest = Some((severity, text, line));
        }
    }
    let place = gravest.and_then(|(_, _, line)| line.get("sourceLocation")).map(super::place::of_source);
    let line = gravest.map(|(severity, text, _)| (severity, text));
    Some(AppEngine { endpoint, line, place: place.unwrap_or_default() })
}

fn stated(severity: Value<'_>) -> Severity {
    let number = severity.as_number().map(Number::as_f64);
    severity.as_str().and_then(Severity::parse).or_else(|| Severity::from_number(number?)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_revision_serves_nothing_is_said_behind_that_it_does_not() {
        for (reason, expected) in [
            (
                "Ready condition status changed to False for Service s with message: Revision 's-00031-xab' is not ready \
                 and cannot serve traffic. Image 'eu/app@sha256:0' not found. Try again.",
                "Ready condition status changed to False for Service s with message: Revision <*> is not ready and cannot \
                 serve traffic. Image <*> not found",
            ),
            ("It is not ready and cannot serve traffic.", "It is not ready and cannot serve traffic"),
            ("Quota 'CPUS' exceeded.  Limit: 24.0 in region europe-west1.", "Quota 'CPUS' exceeded"),
            ("Disk 'data' is full.", "Disk <*> is full"),
            ("Image was lost. Build it again.", "Image was lost"),
        ] {
            let mut text = String::new();
            push_masked(reason, &mut text);
            assert_eq!(text, expected, "{reason}");
        }
    }
}
