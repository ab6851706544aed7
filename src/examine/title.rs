//! A cluster's facts in, what a person would call it out: short, without placeholders, the same for the same cluster.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::Cluster;

use super::words;

/// Characters a title has at most.
pub(super) const TITLE_LENGTH: usize = 120;
/// A title that has to be cut ends with a clause, if one ends behind so many characters.
const LEAST_CLAUSE: usize = 50;
/// Values of a variable word that a title names: so many, and so long together.
const NAMED_VALUES: usize = 3;
const NAMED_LENGTH: usize = 40;

/// A regular expression of this file; a test compiles each of them.
macro_rules! pattern {
    ($text:literal) => {
        LazyLock::new(|| Regex::new($text).ok())
    };
}

/// Tags, symbols and severity words before the text: `[MAIN MODE]`, `ALERT:`, `[U+1F511]`, emoji.
static PREFIX: LazyLock<Option<Regex>> = pattern!(
    r"^(?:[^\p{L}\p{N}<'\x22(\[/{]+|\[[^\[\]]{0,40}\]\s*|<[a-z_*]+>[\s:|,]+|(?:\w+=[^\s,]*,?)+\s+(?i:alert|critical|error|warning|fatal|panic)\s*:\s*|[\w$.]+\.(?:java|kt|scala|py|go|js|ts|rb|rs|cc|cpp|c|cs|php):(?:\d+|<[a-z_*]+>)[\s:-]*|(?i:alert|critical|error|err|warning|warn|info|notice|fatal|exception|search)\s*[:|]\s*)+"
);
/// A phrase that only points at one of many: `for <id>`.
static POINTER: LazyLock<Option<Regex>> = pattern!(
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|in|at|on|by|with|after)\s+['\x22(\[]?<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*(?:\.{3}|…)?['\x22)\]]?"
);
/// The same with a noun: `for user <id>`, `in the pod <id>`.
static POINTED: LazyLock<Option<Regex>> = pattern!(
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|in|at|on|by|with|after)\s+(?:the\s+)?[a-z]{1,12}(?:[_ ]?id)?\s*[:=#]?\s*['\x22(\[]?<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*(?:\.{3}|…)?['\x22)\]]?"
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
/// A quoted placeholder behind the word it belongs to: `request_id '<str>' has`.
static QUOTED: LazyLock<Option<Regex>> = pattern!(r#"(\w) (?:'<[a-z_*]+>'|"<[a-z_*]+>"|\(<[a-z_*]+>\))"#);
/// Words that ask for another one, at the end.
static DANGLING: LazyLock<Option<Regex>> = pattern!(
    r"(?i)(?:[\s,]+(?:is|are|was|were|be|been|has|have|had|to|for|from|of|in|into|at|on|by|with|and|or|but|the|an?|as|than|that|after|before|until|because|while|via|=))+$"
);
/// A placeholder within.
static WITHIN: LazyLock<Option<Regex>> = pattern!(r"<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*");
/// What stands behind the statement and is data: an object, a list.
static DATA: LazyLock<Option<Regex>> =
    pattern!(r"(?s)(?:[.;] [^.;:]{1,30})?\s*:?\s*(?:\{|<json).*$|(?:[.;] [^.;:]{1,30})?\s*:\s*\[.*$");

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
    cut(&title)
}

/// Within the length of a title: up to the end of a clause where one ends late enough, else between words.
fn cut(title: &str) -> String {
    if title.chars().count() <= TITLE_LENGTH {
        return title.to_owned();
    }
    let head: String = title.chars().take(TITLE_LENGTH).collect();
    let clause = [". ", "; ", " - ", ": "].iter().filter_map(|end| head.rsplit_once(end)).map(|(clause, _)| clause);
    let longest = clause.max_by_key(|clause| clause.len()).filter(|clause| clause.chars().count() >= LEAST_CLAUSE);
    longest.map_or_else(|| words::shorten(title, TITLE_LENGTH), str::to_owned)
}

/// The pattern with those constants that tell something: names and figures of the statement, not who or which one;
/// and with the values of a word that has a few only.
fn telling(cluster: &Cluster) -> String {
    const WHO: [&str; 8] = ["<id>", "<name>", "<uuid>", "<hex>", "<ip>", "<email>", "<ts>", "<url>"];
    let with_words = alternatives(cluster);
    let (mut shown, mut left) = (String::new(), with_words.as_str());
    for slot in &cluster.slots {
        if WHO.contains(&slot.placeholder.as_str()) {
            let Some(value) = slot.top.first().filter(|_| slot.distinct == 1) else { continue };
            let Some((before, after)) = left.split_once(value.value.as_str()) else { continue };
            let names = matches!(slot.placeholder.as_str(), "<id>" | "<name>") && !points(before);
            shown.extend([before, if names { &value.value } else { &slot.placeholder }]);
            left = after;
        } else if slot.placeholder == "<str>" && slot.exact && slot.distinct == slot.top.len() as u64 {
            let values: Vec<&str> = slot.top.iter().map(|value| value.value.as_str()).collect();
            let (Some(named), Some((before, after))) = (named(&values), left.split_once("<str>")) else { continue };
            shown.extend([before, &named]);
            left = after;
        }
    }
    shown.push_str(left);
    shown
}

/// Whether a text ends where somebody or one of many is named next: behind `from`, `user`, `session:`, or at the start.
fn points(before: &str) -> bool {
    const POINTERS: [&str; 26] = [
        "from",
        "for",
        "of",
        "to",
        "in",
        "at",
        "on",
        "by",
        "with",
        "after",
        "user",
        "connection",
        "conn",
        "client",
        "session",
        "request",
        "thread",
        "run",
        "instance",
        "trace",
        "account",
        "tenant",
        "customer",
        "id",
        "key",
        "",
    ];
    let word = before.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let word = word.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    POINTERS.contains(&word.to_lowercase().as_str())
}

/// `Message <*> failed` of two patterns as `Message disconnect/start_agent failed`.
fn alternatives(cluster: &Cluster) -> String {
    let mut words: Vec<&str> = cluster.pattern.split(' ').collect();
    let Some(at) = words.iter().position(|word| *word == "<*>") else { return cluster.pattern.clone() };
    let same_length = cluster.variants.iter().map(|variant| variant.pattern.split(' ').collect::<Vec<_>>());
    let values: Vec<&str> =
        same_length.filter(|variant| variant.len() == words.len()).filter_map(|one| one.get(at).copied()).collect();
    let told = if values.len() == cluster.variants.len() { named(&values) } else { None };
    if let (Some(told), Some(word)) = (&told, words.get_mut(at)) {
        *word = told;
    }
    words.join(" ")
}

/// Two or three plain words as one: `disconnect/start_agent`.
fn named(values: &[&str]) -> Option<String> {
    let mut values: Vec<&str> = values.to_vec();
    values.sort_unstable();
    values.dedup();
    let plain = |value: &&str| {
        !value.is_empty() && value.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter))
    };
    let told = values.join("/");
    ((2..=NAMED_VALUES).contains(&values.len()) && values.iter().all(plain) && told.chars().count() <= NAMED_LENGTH)
        .then_some(told)
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
    // What would leave no statement is part of it.
    let without = |text: String, (pattern, with): (&LazyLock<Option<Regex>>, &str)| {
        let shorter = replaced(pattern, &text, with);
        if shorter.split_whitespace().count() >= 2 { shorter } else { text }
    };
    let statement = [
        (&ASIDE, ""),
        (&PERSON, ""),
        (&POINTER, ""),
        (&POINTED, ""),
        (&NAMED, "$1"),
        (&FIGURE, "$1"),
        (&PAIR, ""),
        (&TAIL, "…"),
    ]
    .into_iter()
    .fold(text.clone(), without);
    let statement = head_of_gaps(&statement).unwrap_or(statement);
    let statement = without(statement, (&QUOTED, "$1"));
    if statement.split_whitespace().count() >= 2 {
        text = statement;
    }
    if text.chars().filter(|letter| letter.is_alphabetic()).count() > 12 {
        text = replaced(&WITHIN, &text, "…");
    }
    let text = closed(&without_gaps(&text));
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

/// Of `Ids differ: <id> is not <id> but <id>` the first part tells.
fn head_of_gaps(text: &str) -> Option<String> {
    const MANY_GAPS: usize = 2;
    let (head, tail) = text.split_once(": ")?;
    let gaps = WITHIN.as_ref().map_or(0, |gap| gap.find_iter(tail).count());
    let tells = gaps >= MANY_GAPS && !head.contains('<') && head.split_whitespace().count() >= 2;
    tells.then(|| head.to_owned())
}

/// What stands in a parenthesis that is never closed was cut off, and is not told.
fn closed(text: &str) -> String {
    match text.rsplit_once(" (") {
        Some((head, tail)) if !tail.contains(')') && head.split_whitespace().count() >= 2 => head.to_owned(),
        _ => text.to_owned(),
    }
}

/// A statement does not end with a gap, nor with a word that asks for what stood in one.
fn without_gaps(text: &str) -> String {
    let bare = |text: &str| text.trim_end_matches([' ', '…', '.', ',']).to_owned();
    let told = bare(text);
    if text.trim_end_matches(['.', ' ']).ends_with('…') { bare(&replaced(&DANGLING, &told, "")) } else { told }
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
            [
                &PREFIX, &POINTER, &POINTED, &PERSON, &ASIDE, &FIGURE, &NAMED, &PAIR, &TAIL, &QUOTED, &DANGLING,
                &WITHIN, &DATA,
            ]
            .iter()
            .all(|pattern| pattern.is_some())
        );
    }

    #[test]
    fn long_titles_end_with_a_clause() {
        let long = format!("The first part of it tells what happened to the order: and {}", "so on ".repeat(20));
        assert_eq!(cut(&long), "The first part of it tells what happened to the order");
        assert!(cut(&"word ".repeat(40)).ends_with("word…"));
    }

    #[test]
    fn a_few_values_are_named() {
        let variant = |pattern: &str| crate::model::Variant {
            pattern: pattern.to_owned(),
            fingerprint: crate::model::Fingerprint::of(&[pattern]),
            count: 1,
        };
        let cluster = Cluster {
            kind: "message".to_owned(),
            pattern: "Message <*> could not be routed".to_owned(),
            variants: vec![variant("Message stop could not be routed"), variant("Message ack could not be routed")],
            ..Cluster::default()
        };
        assert_eq!(title(&cluster), "Message ack/stop could not be routed");
        let many = Cluster {
            variants: ["a", "b", "c", "d"].map(|word| variant(&format!("Message {word} could not be routed"))).to_vec(),
            ..cluster
        };
        assert_eq!(title(&many), "Message … could not be routed");
    }

    #[test]
    fn titles_from_patterns() {
        for (pattern, expected) in [
            (
                "[MAIN MODE] Message loop error: WebSocket is not connected. Need to call \"accept\" first.",
                "Message loop error: WebSocket is not connected. Need to call \"accept\" first",
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
            ("request_id <id> has invalid format. Expected UUID.", "request_id … has invalid format. Expected UUID"),
            ("request_id '<str>' has invalid format. Expected UUID.", "request_id has invalid format. Expected UUID"),
            ("Feature flag <name> is <str>", "Feature flag"),
            ("Feature flag streaming is on for <id>", "Feature flag streaming is on"),
            (
                "Thread ID mismatch: run_id <id> extracted to <id> but thread_id is <id>. This may be bad.",
                "Thread ID mismatch",
            ),
            ("Unknown type 'x': it is bad. Valid types: ['a', 'b']", "Unknown type 'x': it is bad"),
            ("<ts> ERROR: Directory Service: Failed attempt for user <id>", "Directory Service: Failed attempt"),
            ("CompactionTask.java:<*> - Error during compaction", "Error during compaction"),
            ("SSL_do_handshake() failed for it (SSL: error <num>", "SSL_do_handshake() failed for it"),
            ("<*>", "<*>"),
            ("", ""),
        ] {
            assert_eq!(cut(&of_text(pattern)), expected, "{pattern}");
        }
    }
}
