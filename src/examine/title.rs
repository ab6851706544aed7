//! A cluster's facts in, what a person would call it out: short, without placeholders, the same for the same cluster.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::Cluster;

use super::words;

/// Characters a title has at most.
pub(super) const TITLE_LENGTH: usize = 90;

/// A regular expression of this file; a test compiles each of them.
macro_rules! pattern {
    ($text:literal) => {
        LazyLock::new(|| Regex::new($text).ok())
    };
}

/// Tags, symbols and severity words before the text: `[MAIN MODE]`, `ALERT:`, `[U+1F511]`, emoji.
static PREFIX: LazyLock<Option<Regex>> = pattern!(
    r"^(?:[^\p{L}\p{N}<'\x22(\[/{]+|\[[^\[\]]{0,40}\]\s*|<[a-z_*]+>[\s:|,]+|[\w$.]+\.(?:java|kt|scala|py|go|js|ts|rb|rs|cc|cpp|c|cs|php):(?:\d+|<[a-z_*]+>)[\s:-]*|(?i:alert|critical|error|err|warning|warn|info|notice|fatal|exception|search)\s*[:|]\s*)+"
);
/// A phrase that only points at one of many: `for user <id>`, `from <ip>`.
static POINTER: LazyLock<Option<Regex>> = pattern!(
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|in|at|on|by|with|after)\s+(?:(?:the\s+)?[a-z]{1,12}(?:[_ ]?id)?\s*[:=#]?\s*)?['\x22(\[]?<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*(?:\.{3}|…)?['\x22)\]]?"
);
/// A named user or connection, whether masked or the only one there is.
static PERSON: LazyLock<Option<Regex>> = pattern!(
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|by|with)\s+(?:user|connection|client|session|account|tenant|customer)\s+[^\s,;:]+"
);
/// What stands behind a bar, and data behind a dash: `| User: x`, `- user_id: pending`.
static ASIDE: LazyLock<Option<Regex>> = pattern!(r"\s+\|\s.*$|\s+-\s+\w+[:=]\s.*$");
/// A figure between a name and a dash or comma.
static FIGURE: LazyLock<Option<Regex>> = pattern!(r"\s*[:=]\s*<[a-z_*]+>%?(\s+[-–|]\s|,\s)");
/// The same without a preposition, where the statement ends behind it.
static NAMED: LazyLock<Option<Regex>> = pattern!(
    r"(?i)[\s,;|-]+(?:user|connection|conn|request|session|thread|run|client|instance|trace|correlation)(?:[_ ]?id)?\s*[:=#]?\s*['\x22(\[]?<[a-z_*]+>['\x22)\]]?(\s*(?:[:;,.)]|$))"
);
/// `key=<x>`, and `, key: <x>`.
static PAIR: LazyLock<Option<Regex>> =
    pattern!(r"[\s,;|(-]+[\w.]+=['\x22]?<[a-z_*]+>['\x22)]?|[,;|]\s*[\w. ]+:\s*['\x22]?<[a-z_*]+>['\x22]?");
/// Placeholders at the end.
static TAIL: LazyLock<Option<Regex>> = pattern!(r"(?:[\s:;,(=-]*['\x22(\[]?<[a-z_*]+>['\x22%)\]]*)+\s*$");
/// A placeholder within.
static WITHIN: LazyLock<Option<Regex>> = pattern!(r"<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*");
/// What stands behind the statement and is data: an object, a list.
static DATA: LazyLock<Option<Regex>> = pattern!(r"(?s)\s*:?\s*(?:\{|<json).*$|\s*:\s*\[.*$");

/// The title of a cluster.
pub(super) fn title(cluster: &Cluster) -> String {
    let title = match cluster.kind.as_str() {
        "trace" => exception(cluster).or_else(|| Some(of_text(&cluster.pattern))),
        "request" => request(cluster),
        "audit" => audit(&cluster.pattern),
        "shape" => Some(shape(cluster)),
        "empty" => Some(empty(cluster)),
        "collapsed" => Some(format!("Collapsed: {}", of_text(&cluster.pattern))),
        _ => Some(of_text(&telling(cluster))),
    };
    let title = title.filter(|title| title.chars().filter(|letter| letter.is_alphanumeric()).count() >= 3);
    let title = title.or_else(|| exception(cluster)).unwrap_or_else(|| empty(cluster));
    words::shorten(&title, TITLE_LENGTH)
}

/// The pattern with those constants that tell something: names and figures of the statement, not who or which one.
fn telling(cluster: &Cluster) -> String {
    const WHO: [&str; 8] = ["<id>", "<name>", "<uuid>", "<hex>", "<ip>", "<email>", "<ts>", "<url>"];
    let (mut shown, mut constants) = (String::new(), cluster.pattern.as_str());
    for slot in cluster.slots.iter().filter(|slot| WHO.contains(&slot.placeholder.as_str())) {
        let Some(value) = slot.top.first().filter(|_| slot.distinct == 1) else { continue };
        let Some((before, after)) = constants.split_once(value.value.as_str()) else { continue };
        shown.extend([before, &slot.placeholder]);
        constants = after;
    }
    shown.push_str(constants);
    shown
}

/// `KeyError: '"timestamp"' in emit`.
fn exception(cluster: &Cluster) -> Option<String> {
    let exception = cluster.exception.as_ref().filter(|exception| !exception.kind.is_empty())?;
    let kind = exception.kind.rsplit(['.', ':']).next().filter(|kind| !kind.is_empty()).unwrap_or(&exception.kind);
    let message = exception.message.lines().next().unwrap_or_default().trim();
    let told = if message.is_empty() { kind.to_owned() } else { format!("{kind}: {message}") };
    let frame = exception.frames.iter().find(|frame| frame.in_app).or(exception.frames.first());
    let place = frame.filter(|frame| !frame.function.is_empty()).map(|frame| format!(" in {}", short(&frame.function)));
    let place = place.unwrap_or_default();
    let room = TITLE_LENGTH.saturating_sub(place.chars().count());
    Some(if room < 30 { told } else { format!("{}{place}", words::shorten(&told, room)) })
}

/// The last two parts of a dotted name.
fn short(function: &str) -> String {
    let parts: Vec<&str> = function.split('.').collect();
    let at = parts.len().saturating_sub(2);
    parts.split_at_checked(at).map(|(_, last)| last.join(".")).unwrap_or_default()
}

/// `instances.insert on compute: RESOURCE_EXHAUSTED`.
fn audit(pattern: &str) -> Option<String> {
    let mut parts = pattern.split_whitespace();
    let service = parts.next()?.split('.').next()?;
    let method: Vec<&str> = parts.next()?.split('.').collect();
    let (_, method) = method.split_at_checked(method.len().saturating_sub(2))?;
    let status = parts.next().filter(|status| *status != "OK").map_or_else(String::new, |status| format!(": {status}"));
    Some(format!("{} on {service}{status}", method.join(".")))
}

/// `Entries with severity, source and 3 more fields in my-log`.
fn shape(cluster: &Cluster) -> String {
    let fields: Vec<&str> = cluster
        .pattern
        .split(|letter: char| "{},[]".contains(letter))
        .map(str::trim)
        .filter(|field| field.chars().any(char::is_alphanumeric))
        .collect();
    let (shown, more) = fields.split_at_checked(3).unwrap_or((&fields, &[]));
    let mut names: Vec<String> = shown.iter().map(|field| (*field).to_owned()).collect();
    if !more.is_empty() {
        names.push(words::counted(more.len() as u64, "more field", "more fields"));
    }
    let log = cluster.logs.first().map(log_id).filter(|log| !log.is_empty());
    format!("Entries with {}{}", words::list(&names), log.map_or_else(String::new, |log| format!(" in {log}")))
}

fn log_id(log: &crate::model::NameCount) -> String {
    log.name.rsplit("/logs/").next().unwrap_or_default().replace("%2F", "/")
}

/// `503 on GET /api/chat`.
fn request(cluster: &Cluster) -> Option<String> {
    let first = cluster.http.first()?;
    let routes = cluster.http.iter().filter(|other| other.route != first.route).count();
    let more = if routes == 0 { String::new() } else { format!(" and {routes} more") };
    Some(match first.status {
        0 => format!("{} {}{more}", first.method, first.route),
        status => format!("{status} on {} {}{more}", first.method, first.route),
    })
}

/// `Entries without text in run.googleapis.com/requests`.
fn empty(cluster: &Cluster) -> String {
    match cluster.logs.first().map(log_id).filter(|log| !log.is_empty()) {
        Some(log) => format!("{} entries without text in {log}", cluster.severity),
        None => format!("{} entries without text", cluster.severity),
    }
}

/// A title from a pattern: prefixes, data and pointers to single users or requests go, the statement stays.
pub(super) fn of_text(pattern: &str) -> String {
    let line = pattern.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let bare = replaced(&PREFIX, line, "");
    let bare = if bare.chars().filter(|letter| letter.is_alphabetic()).count() < 3 { line.to_owned() } else { bare };
    let mut text = replaced(&DATA, &bare, "");
    if text.chars().filter(|letter| letter.is_alphabetic()).count() < 3 {
        text = bare;
    }
    let statement =
        [(&ASIDE, ""), (&PERSON, ""), (&POINTER, ""), (&NAMED, "$1"), (&FIGURE, "$1"), (&PAIR, ""), (&TAIL, "")]
            .into_iter()
            .fold(text.clone(), |text, (pattern, with)| {
                let shorter = replaced(pattern, &text, with);
                // What would leave no statement is part of it.
                if shorter.split_whitespace().count() >= 2 { shorter } else { text }
            });
    if statement.split_whitespace().count() >= 2 {
        text = statement;
    }
    if text.chars().filter(|letter| letter.is_alphabetic()).count() > 12 {
        text = replaced(&WITHIN, &text, "…");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || ",;:|-".contains(letter)).replace(" :", ":");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if first.is_lowercase() && !text.starts_with(|letter: char| !letter.is_ascii()) => {
            let word = text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            // A name of code keeps its case.
            if text.get(word.len()..).is_some_and(|rest| rest.starts_with(['_', '.', '(', ':', '/'])) {
                text
            } else {
                first.to_uppercase().chain(letters).collect()
            }
        }
        _ => text,
    }
}

fn replaced(pattern: &LazyLock<Option<Regex>>, text: &str, with: &str) -> String {
    pattern.as_ref().map_or_else(|| text.to_owned(), |pattern| pattern.replace_all(text, with).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_compile() {
        assert!(
            [&PREFIX, &POINTER, &PERSON, &ASIDE, &FIGURE, &NAMED, &PAIR, &TAIL, &WITHIN, &DATA]
                .iter()
                .all(|pattern| pattern.is_some())
        );
    }

    #[test]
    fn titles_from_patterns() {
        for (pattern, expected) in [
            (
                "[MAIN MODE] Message loop error: WebSocket is not connected. Need to call \"accept\" first.",
                "Message loop error: WebSocket is not connected. Need to call \"accept\" first.",
            ),
            (
                "Error routing message from <id>: 'function' object has no attribute 'can_handle'",
                "Error routing message: 'function' object has no attribute 'can_handle'",
            ),
            (
                "AgentBridgeHandler error for user <id>: 'AgentWebSocketBridge' object has no attribute 'handle_message'",
                "AgentBridgeHandler error: 'AgentWebSocketBridge' object has no attribute 'handle_message'",
            ),
            ("🚨 ALERT: LOW BUFFER UTILIZATION: <num>% - Consider less", "LOW BUFFER UTILIZATION - Consider less"),
            (
                "CRITICAL_AUTH_FAILURE: 403 'Not authenticated' error | User: 'x'",
                "CRITICAL_AUTH_FAILURE: 403 'Not authenticated' error",
            ),
            (
                "permissive authentication for connection <id> - user_id: pending, state: connected",
                "Permissive authentication",
            ),
            ("routing failed for user demo-use... connection <id>", "Routing failed"),
            ("LOOP ERROR CONTEXT: <json{connection_id,user_id}>", "LOOP ERROR CONTEXT"),
            (" SEARCH:  LOOP ERROR CONTEXT: {connection_id,user_id}", "LOOP ERROR CONTEXT"),
            ("request_id <id> has invalid format. Expected UUID.", "request_id … has invalid format. Expected UUID."),
            ("<ts> ERROR: Directory Service: Failed attempt for user <id>", "Directory Service: Failed attempt"),
            ("CompactionTask.java:<*> - Error during compaction", "Error during compaction"),
            ("<*>", "<*>"),
            ("", ""),
        ] {
            assert_eq!(words::shorten(&of_text(pattern), TITLE_LENGTH), expected, "{pattern}");
        }
    }
}
