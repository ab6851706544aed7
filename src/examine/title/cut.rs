//! A title in, as much of it as has room out.

use crate::examine::words;

/// Characters a title has at most.
pub(super) const TITLE_LENGTH: usize = 120;
/// A title that has to be cut ends with a clause, if one ends behind so many characters.
const LEAST_CLAUSE: usize = 50;
/// What stands behind a clause.
const ENDS: [&str; 4] = [". ", "; ", " - ", ": "];

/// Within the length of a title: up to the end of a clause where one ends late enough, else between words.
pub(super) fn cut(title: &str) -> String {
    if title.chars().count() <= TITLE_LENGTH {
        return title.to_owned();
    }
    if let Some(told) = first_and_last(title) {
        return told;
    }
    let head: String = title.chars().take(TITLE_LENGTH).collect();
    // Where a name alone stands last, what it is the name of has not been said yet: `System.InvalidOperationException: `. A
    // figure says enough.
    let says = |clause: &&str| {
        let last =
            ENDS.iter().filter_map(|end| clause.rsplit_once(end)).map(|(_, last)| last).min_by_key(|last| last.len());
        last.is_none_or(|last| last.contains(|letter: char| letter == ' ' || letter.is_ascii_digit()))
    };
    let clause = ENDS.iter().filter_map(|end| head.rsplit_once(end)).map(|(clause, _)| clause).filter(says);
    let longest = clause.max_by_key(|clause| clause.len()).filter(|clause| clause.chars().count() >= LEAST_CLAUSE);
    // A clause that ends with the name of what was cut off: `while connecting, request`.
    let named =
        |clause: &str| clause.rsplit_once(", ").filter(|(_, name)| !name.contains(' ')).map(|(told, _)| told.len());
    let longest = longest.map(|clause| clause.get(..named(clause).unwrap_or(clause.len())).unwrap_or(clause));
    longest.map_or_else(|| words::shorten(title, TITLE_LENGTH), str::to_owned)
}

/// Of `Failed to connect: failed to get it: refresh error: Error 403: not authorized. See ...` what failed, and why: the
/// causes that stand last, as many as a title has room for.
fn first_and_last(title: &str) -> Option<String> {
    const FAILED: [&str; 5] = ["fail", "error", "unable to", "could not", "cannot"];
    let (failed, causes) = title.split_once(": ")?;
    let lower = failed.to_lowercase();
    let (causes, last) = causes.rsplit_once(": ")?;
    let last = last.split(". ").next().unwrap_or(last).trim_end_matches(['.', '"']);
    // A value is no cause, nor is what stands in a parenthesis.
    let is_cause = |told: &str| told.contains(' ') && !told.contains([',', '=', '(', ')', '"', '…']);
    if !FAILED.iter().any(|word| lower.contains(word)) || failed.contains(['(', ',', '=']) || !is_cause(last) {
        return None;
    }
    let mut told = last.to_owned();
    for cause in causes.rsplit(": ").take_while(|cause| is_cause(cause)) {
        let longer = format!("{cause}: {told}");
        if failed.chars().count() + longer.chars().count() + 4 > TITLE_LENGTH {
            break;
        }
        told = longer;
    }
    let whole = format!("{failed}: … {told}");
    (whole.chars().count() <= TITLE_LENGTH).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_keeps_what_failed_and_why() {
        for (title, expected) in [
            ("Failed to connect to instance", "Failed to connect to instance"),
            (
                "Failed to connect to instance: failed to get instance: Refresh error: failed to get metadata (connection name = x): googleapi: Error 403: boss::NOT_AUTHORIZED: Not authorized to access resource. Possibly missing permission",
                "Failed to connect to instance: … Not authorized to access resource",
            ),
            (
                "Failed to connect to instance: Dial error: failed to dial (connection name = \"kontor-db:europe-west4:pg-main\"): dial tcp …: connect: connection timed out",
                "Failed to connect to instance: … connection timed out",
            ),
            (
                "connect() failed (111: Connection refused) while connecting to upstream, server: shop.example.com, request: POST /api/checkout HTTP/2.0",
                "connect() failed (111: Connection refused) while connecting to upstream, server: shop.example.com",
            ),
            (
                "batch/crunch: Evicted Pod: The node was low on resource: memory. Threshold quantity: 100Mi, available: 96284Ki. Container crunch was using 512Mi",
                "batch/crunch: Evicted Pod: The node was low on resource: memory. Threshold quantity: 100Mi, available: 96284Ki",
            ),
            (
                "Failed to settle batch …: rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp …: connect: connection refused\"",
                "Failed to settle batch …: … connection refused",
            ),
            (
                "Unhandled exception. System.InvalidOperationException: Unable to resolve service for type 'Invoice.IClock' while attempting to activate 'Invoice.Job'",
                "Unhandled exception. System.InvalidOperationException: Unable to resolve service for type 'Invoice.IClock' while…",
            ),
            (
                "Order could not be stored since the warehouse said no, twice: state: open, customer: somebody, warehouse: somewhere far away",
                "Order could not be stored since the warehouse said no, twice: state: open, customer: somebody",
            ),
        ] {
            assert_eq!(cut(title), expected, "{title}");
        }
    }
}
