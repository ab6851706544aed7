//! A pattern in, its statement out: prefixes, data and pointers to single users or requests go.

use std::sync::LazyLock;

use regex::Regex;

/// A regular expression, compiled when a text first has what it needs: of some archives none has.
struct Expression {
    may_match: fn(&str) -> bool,
    regex: LazyLock<Option<Regex>>,
}

/// A regular expression of this file; a test compiles each of them.
macro_rules! expression {
    ($text:expr) => {
        expression!(|_| true, $text)
    };
    ($may_match:expr, $text:expr) => {
        Expression { may_match: $may_match, regex: LazyLock::new(|| Regex::new($text).ok()) }
    };
}

/// What a class needs to hold the characters of words, about: `\w` itself, repeated, takes a millisecond to compile.
macro_rules! word {
    () => {
        r"0-9A-Za-z_\x{C0}-\x{1FFF}\x{3040}-\x{D7FF}"
    };
}

/// The names of levels as heads of loggers have them.
macro_rules! level {
    () => {
        "(?:EMERGENCY|ALERT|CRITICAL|SEVERE|ERROR|WARNING|WARN|NOTICE|INFO|DEBUG|FATAL)"
    };
}

/// The heads of loggers that write more than a time and a level: Spring, Kafka, Tomcat, Ruby's, Laravel's, Airflow's,
/// Redis's, Django's.
static HEAD: Expression = expression!(
    |text| text.contains(['[', '.', ',', ':', '<']),
    concat!(
        r"^(?:(?:<[a-z_*]+>\s+)+|\[<ts>\]\s*)*(?:",
        level!(),
        r"\s+(?:[0-9]+|<num>)\s+---\s+(?:\[[^\[\]]*\]\s+)+(?:[A-Za-z0-9_$<*>]+\.)*[A-Za-z0-9_$<*>]+\s+:\s+|",
        level!(),
        r"\s+\[[^\[\]]*\]\s+(?:(?:[a-z][A-Za-z0-9_]*\.){2,}[A-Z][A-Za-z0-9_$]*\.[A-Za-z0-9_<>]+\s+)?|[A-Z], \[[^\[\]]*\]\s+",
        level!(),
        r"\s+--\s+[^:]*:\s+(?:\[[^\[\]]*\]\s+)?|[a-z]+\.",
        level!(),
        r":\s+|\{[A-Za-z0-9_.]+:(?:[0-9]+|<num>)\}\s+",
        level!(),
        r"\s+-\s+|[0-9]+:[A-Z]\s+<ts>\s+[#*.-]\s+|",
        level!(),
        r"\s+<ts>\s+[A-Za-z0-9_.]+\s+(?:[0-9]+|<num>)\s+(?:[0-9]+|<num>)\s+)"
    )
);
/// A request in a line of an access log, with its status behind it or before it: those of nginx and
/// Apache, of `HAProxy`.
static ACCESS: Expression = expression!(
    |text| text.contains(" \"") || text.starts_with('"'),
    r#"(?:^|\s)(?:([1-5][0-9]{2})\s(?:[^"]*\s)?)?"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s([^\s"]+)[^"]*"(?:\s+([1-5][0-9]{2})(?:\s|$))?"#
);
/// What a line of names and values says: `msg="failed to sync" err="deadline exceeded"`.
static SAYS: Expression = expression!(
    |text| text.contains("msg=") || text.contains("message="),
    r#"^(?:[A-Za-z0-9_.]+=(?:"(?:[^"\\]|\\.)*"|\S*)\s+)*(?:msg|message)=(?:"((?:[^"\\]|\\.)+)"|(\S+))(?:.*?\s(?:err|error)=(?:"((?:[^"\\]|\\.)+)"|(\S+)))?"#
);
/// Tags, symbols and severity words before the text: `[MAIN MODE]`, `ALERT:`, `[U+1F511]`, emoji, heads of syslog and of
/// Python's loggers.
static PREFIX: Expression = expression!(concat!(
    r"^(?:<ts>\s+[^\s:]+\s+(?:kernel|systemd|sudo|CRON|dockerd|containerd|kubelet|[^\s:\[]+\[(?:[0-9]+|<num>)\]):\s+|(?:[$.",
    word!(),
    r"]+\s+-\s+)?(?:ALERT|CRITICAL|ERROR|WARNING|WARN|INFO|FATAL)\s+-\s+|[^\p{L}\p{N}<'\x22(\[/{]+|\[[^\[\]]{0,40}\]\s*|<[a-z_*]+>[\s:|,]+|(?:[",
    word!(),
    r"]+=[^\s,]*,?)+\s+(?i:alert|critical|error|warning|fatal|panic)\s*:\s*|[$.",
    word!(),
    r"]+\.(?:java|kt|scala|py|go|js|ts|rb|rs|cc|cpp|c|cs|php):(?:[0-9]+|<[a-z_*]+>)[\s:-]*|(?i:alert|critical|error|err|warning|warn|info|notice|fatal|exception|search)\s*[:|]\s*)+"
));
/// A phrase that only points at one of many: `for <id>`.
static POINTER: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|in|at|on|by|with|after)\s+['\x22(\[]?<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*(?:\.{3}|…)?['\x22)\]]?(?:\s+port\s+<[a-z_*]+>)?(?:\s+(?:ms|milliseconds|s|secs?|seconds?|minutes?|hours?|days?|times|bytes|kb|mb|used)\b)?"
);
/// The same with a noun: `for user <id>`, `in the pod <id>`.
static POINTED: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|in|at|on|by|with|after)\s+(?:the\s+)?[a-z]{1,12}(?:[_ ]?id)?\s*[:=#]?\s*['\x22(\[]?<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*(?:\.{3}|…)?['\x22)\]]?"
);
/// A named user or connection, whether masked or the only one there is.
static PERSON: Expression = expression!(
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|by|with)\s+(?:user|connection|client|session|account|tenant|customer)\s+[^\s,;:]+"
);
/// What stands behind a bar, and data behind a dash: `| User: x`, `- user_id: pending`.
static ASIDE: Expression =
    expression!(|text| text.contains(['|', '-']), concat!(r"\s+\|\s.*$|\s+-\s+[", word!(), r"]+[:=]\s.*$"));
/// A figure between a name and a dash or comma.
static FIGURE: Expression = expression!(|text| text.contains('<'), r"\s*[:=]\s*<[a-z_*]+>%?(\s+[-–|]\s|,\s)");
/// The same without a preposition, where the statement ends behind it.
static NAMED: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)[\s,;|-]+(?:user|connection|conn|request|session|thread|run|client|instance|trace|correlation)(?:[_ ]?id)?\s*[:=#]?\s*['\x22(\[]?<[a-z_*]+>['\x22)\]]?(\s*(?:[:;,.)]|$))"
);
/// A noun that an adjective needs: `from old client <ip>`.
static QUALIFIED: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)\b((?:from|for|of|to|in|by|with)\s+[a-z]{2,12}\s+(?:user|connection|conn|request|session|thread|client|instance))\s+<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*"
);
/// Dots that lead the eye to a value, and the value.
static LEADER: Expression = expression!(|text| text.contains("...."), r"\s*\.{4,}.*$");
/// A name of up to four words at the end that nothing follows: `, error =`.
static EMPTY: Expression = expression!(
    |text| text.trim_end().ends_with([':', '=']),
    concat!(r"[,;|]\s*(?:[.", word!(), r"]+ ?){1,4}[:=]\s*$")
);
/// `key=<x>`, and `, key: <x>`.
static PAIR: Expression = expression!(
    |text| text.contains('<') && text.contains([':', '=']),
    concat!(
        r"[\s,;|(-]+[.",
        word!(),
        r"]+=['\x22]?<[a-z_*]+>['\x22)]?|[,;|]\s*[. ",
        word!(),
        r"]+\s*[:=]\s*['\x22]?<[a-z_*]+>['\x22]?"
    )
);
/// Placeholders at the end.
static TAIL: Expression =
    expression!(|text| text.contains('<'), r"(?:[\s:;,(=-]*['\x22(\[]?<[a-z_*]+>['\x22%)\]]*)+\s*$");
/// A quoted placeholder behind the word it belongs to: `request_id '<str>' has`.
static QUOTED: Expression = expression!(
    |text| ["'<", "\"<", "(<"].iter().any(|open| text.contains(open)),
    concat!("([", word!(), r#"]) (?:'<[a-z_*]+>'|"<[a-z_*]+>"|\(<[a-z_*]+>\))"#)
);
/// Words that ask for another one, at the end.
static DANGLING: Expression = expression!(
    r"(?i)(?:[\s,]+(?:is|are|was|were|be|been|has|have|had|to|for|from|of|in|into|at|on|by|with|and|or|but|the|an?|as|than|that|after|before|until|because|while|via|see|=))+$"
);
/// A placeholder within.
static WITHIN: Expression = expression!(|text| text.contains('<'), r"<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*");
/// A list of one text, which is the statement: `issues: ['Two managers']`.
static ONLY: Expression = expression!(
    |text| ["['", "[\""].iter().any(|open| text.contains(open)),
    r#":\s*\[(?:'([^'\[\]]{12,})'|"([^"\[\]]{12,})")\]"#
);
/// What stands behind the statement and is data: an object, a list.
static DATA: Expression = expression!(
    |text| text.contains(['{', '[']) || text.contains("<json"),
    r"(?s)(?:[.;] [^.;:]{1,30})?\s*:?\s*(?:\{|<json).*$|(?:[.;] [^.;:]{1,30})?\s*:\s*\[.*$"
);

/// A title from a pattern: prefixes, data and pointers to single users or requests go, the statement stays.
pub(super) fn of_text(pattern: &str) -> String {
    let line = pattern.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if let Some(request) = request(line) {
        return request;
    }
    let said = said(line);
    let line = said.as_deref().unwrap_or(line);
    let bare = replaced(&PREFIX, &replaced(&HEAD, line, ""), "");
    let bare = if bare.chars().filter(|letter| letter.is_alphabetic()).count() < 3 { line.to_owned() } else { bare };
    let mut text = replaced(&DATA, &replaced(&ONLY, &bare, ": $1$2"), "");
    if text.chars().filter(|letter| letter.is_alphabetic()).count() < 3 {
        text = bare;
    }
    // What would leave no statement is part of it.
    let without = |text: String, (pattern, with): (&Expression, &str)| {
        let shorter = replaced(pattern, &text, with);
        if shorter.split_whitespace().count() >= 2 { shorter } else { text }
    };
    let statement = [
        (&LEADER, ""),
        (&ASIDE, ""),
        (&PERSON, ""),
        (&POINTER, ""),
        (&POINTED, ""),
        (&QUALIFIED, "$1"),
        (&NAMED, "$1"),
        (&PAIR, ""),
        (&EMPTY, ""),
        (&FIGURE, "$1"),
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
    let text = closed(&without_gaps(without_labels(without_signs(without_first_gap(&text)))));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text =
        text.trim_matches(|letter: char| letter.is_whitespace() || ",;:|-*=~".contains(letter)).replace(" :", ":");
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

/// `502 on GET /items` of a line of an access log.
fn request(line: &str) -> Option<String> {
    let found = captures(&ACCESS, line)?;
    let status = found.get(4).or(found.get(1))?.as_str();
    Some(format!("{status} on {} {}", found.get(2)?.as_str(), replaced(&WITHIN, found.get(3)?.as_str(), "…")))
}

/// The message of a line of names and values, with the error that it states.
fn said(line: &str) -> Option<String> {
    let found = captures(&SAYS, line)?;
    let value = |quoted: usize| found.get(quoted).or(found.get(quoted + 1)).map(|value| value.as_str());
    let told = value(1).filter(|told| told.contains(char::is_alphabetic))?;
    let error = value(3).filter(|error| !error.starts_with('<') && !told.contains(error));
    let said = error.map_or_else(|| told.to_owned(), |error| format!("{told}: {error}"));
    Some(said.replace("\\\"", "\""))
}

fn captures<'t>(pattern: &Expression, text: &'t str) -> Option<regex::Captures<'t>> {
    if (pattern.may_match)(text) { pattern.regex.as_ref()?.captures(text) } else { None }
}

/// Of `Ids differ: <id> is not <id> but <id>` the first part tells.
fn head_of_gaps(text: &str) -> Option<String> {
    const MANY_GAPS: usize = 2;
    let (head, tail) = text.split_once(": ")?;
    let gaps = WITHIN.regex.as_ref().map_or(0, |gap| gap.find_iter(tail).count());
    let tells = gaps >= MANY_GAPS && !head.contains('<') && head.split_whitespace().count() >= 2;
    tells.then(|| head.to_owned())
}

/// What stands in a parenthesis that is never closed was cut off, and is not told.
fn closed(text: &str) -> String {
    let open = text.rsplit_once('(').filter(|(_, tail)| !tail.contains(')'));
    // What it belongs to goes as well: `Io(Os`.
    let head = open.map(|(head, _)| head.rsplit_once(' ').map_or("", |(front, _)| front));
    match head {
        Some(head) if head.split_whitespace().count() >= 2 => head.to_owned(),
        _ => text.to_owned(),
    }
}

/// A statement does not end with a gap, nor with a word that asks for what stood in one.
fn without_gaps(text: &str) -> String {
    let bare = |text: &str| text.trim_end_matches([' ', '…', '.', ',', '=', ':', ';', '(', '[', '-']).to_owned();
    let told = bare(text);
    if !text.trim_end_matches(['.', ' ']).ends_with('…') {
        return told;
    }
    let statement = bare(&replaced(&DANGLING, &told, ""));
    if statement.split_whitespace().count() >= 2 { statement } else { format!("{told} …") }
}

/// `…() cannot find it` is told without who cannot.
fn without_first_gap(text: &str) -> &str {
    let rest = text.strip_prefix('…').and_then(|rest| rest.split_once(' ')).map(|(_, rest)| rest.trim_start());
    rest.filter(|rest| rest.split_whitespace().count() >= 3).unwrap_or(text)
}

/// `Failed to flush, retry: > (out_id=0)`: behind the last colon nothing is left that tells.
fn without_signs(text: &str) -> &str {
    let Some((head, tail)) = text.rsplit_once(": ") else { return text };
    let told = tail.split_once('(').map_or(tail, |(told, _)| told);
    let signs = !told.trim().is_empty() && !told.contains(|letter: char| letter.is_alphanumeric() || letter == '…');
    if signs && head.split_whitespace().count() >= 2 { head } else { text }
}

/// `Address changed. Old: … New: …`: a last sentence of hardly more than names and gaps tells nothing.
fn without_labels(text: &str) -> &str {
    const LABELS: usize = 2;
    let Some((head, tail)) = text.rsplit_once(". ") else { return text };
    let words = tail.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    if tail.contains('…') && words <= LABELS && head.split_whitespace().count() >= 2 { head } else { text }
}

/// Gets ready what the first title would wait for.
pub fn warm_up() {
    for pattern in [&HEAD, &PREFIX, &POINTER, &POINTED, &PERSON, &FIGURE, &NAMED, &QUALIFIED, &TAIL, &WITHIN] {
        LazyLock::force(&pattern.regex);
    }
}

fn replaced(pattern: &Expression, text: &str, with: &str) -> String {
    let regex = if (pattern.may_match)(text) { pattern.regex.as_ref() } else { None };
    regex.map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, with).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [&Expression; 20] = [
        &HEAD, &ACCESS, &SAYS, &PREFIX, &LEADER, &POINTER, &POINTED, &QUALIFIED, &PERSON, &ASIDE, &FIGURE, &NAMED,
        &EMPTY, &PAIR, &TAIL, &QUOTED, &DANGLING, &WITHIN, &ONLY, &DATA,
    ];

    #[test]
    fn the_expressions_compile() {
        assert!(ALL.iter().all(|pattern| pattern.regex.is_some()));
    }

    proptest! {
        #[test]
        fn nothing_matches_without_what_it_needs(text in "(?:[ a-z.,;:=|\\-'\"(\\[{<]|<[a-z]{1,4}>|\\.{4}|[,;] \\w{1,4} ?[:=] ?|for user |: \\['[a-z ]{12}'\\]|é|\u{a0}){0,12}") {
            for pattern in ALL {
                let matches = pattern.regex.as_ref().unwrap().is_match(&text);
                prop_assert!(!matches || (pattern.may_match)(&text), "{:?}", pattern.regex);
            }
        }
    }

    #[test]
    fn statements_of_platforms() {
        for (pattern, expected) in [
            (
                "Memory limit of 512 MiB exceeded with <size> used. Consider increasing the memory limit, see <url>",
                "Memory limit of 512 MiB exceeded. Consider increasing the memory limit",
            ),
            (
                "[<ts>] [ warn] [engine] failed to flush chunk '<str>', retry in <num> seconds: task_id=<num>, input=<id> > output=<id> (out_id=0)",
                "Failed to flush chunk, retry",
            ),
            (
                "<ts> web-1 kernel: [<num>] Out of memory: Killed process <num> (java)",
                "Out of memory: Killed process … (java)",
            ),
            ("<ts> web-1 sshd[<num>]: Connection reset by peer", "Connection reset by peer"),
            ("<ts> Connection failed: no route", "Connection failed: no route"),
            (
                "<ts> ERROR 1 --- [shop] [<id>] c.a.shop.OrderController : Order <num> could not be saved for customer <*>",
                "Order … could not be saved",
            ),
            (
                "[<ts>] ERROR [KafkaServer id=<num>] Fatal error during startup (kafka.server.KafkaServer)",
                "Fatal error during startup (kafka.server.KafkaServer)",
            ),
            (
                "<id> <ts> SEVERE [<id>] org.apache.catalina.core.StandardWrapperValve.invoke Servlet threw exception",
                "Servlet threw exception",
            ),
            ("E, [<ts> <num>] ERROR -- : [<uuid>] RoutingError (No route matches)", "RoutingError (No route matches)"),
            ("[<ts>] production.ERROR: Connection refused by peer", "Connection refused by peer"),
            ("[<ts>] {taskinstance.py:<num>} ERROR - Task failed with exception", "Task failed with exception"),
            ("1:M <ts> # Error condition on socket for SYNC: refused", "Error condition on socket for SYNC: refused"),
            ("ERROR <ts> log 7 <num> Internal Server Error: <path>", "Internal Server Error"),
            ("<ip> - <*> [<ts>] \"GET <path> <id>\" 502 <num> \"<url>\" rt=<num>", "502 on GET …"),
            ("<ip> [<ts>] fe be/<NOSRV> <id> 503 <num> - - SC-- <id> \"POST /pay <id>\"", "503 on POST /pay"),
            (
                "time=<str> level=error msg=\"failed to sync\" err=\"context deadline exceeded\" user=<str>",
                "Failed to sync: context deadline exceeded",
            ),
            ("level=warn message=retrying attempt=<num>", "Retrying"),
            (
                r#"time=<str> level=info msg="Stop container \"<str>\" with signal terminated""#,
                "Stop container with signal terminated",
            ),
            (
                "<ts> <id> sshd[<num>]: Failed password for invalid user <name> from <ip> port <num> ssh2",
                "Failed password for invalid user ssh2",
            ),
            ("[<ts> ERROR shop::cart] cart <hex> lost: Io(Os { code: <num> })", "Cart … lost"),
            ("<ts> - report.export - ERROR - Could not write row <num>: disk full", "Could not write row …: disk full"),
        ] {
            assert_eq!(of_text(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn statements_from_patterns() {
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
            (
                "Validation issues (non-blocking): ['Several managers for user <id> - may be duplicates']",
                "Validation issues (non-blocking): Several managers - may be duplicates",
            ),
            ("Unknown type 'x': it is bad. Valid types: ['a', 'b']", "Unknown type 'x': it is bad"),
            ("<ts> ERROR: Directory Service: Failed attempt for user <id>", "Directory Service: Failed attempt"),
            ("CompactionTask.java:<*> - Error during compaction", "Error during compaction"),
            ("Address change detected. Old: <host> New: <host>", "Address change detected"),
            ("Failed to renew lease for <id> for <num> seconds.  Will retry", "Failed to renew lease. Will retry"),
            ("Connection broken for id <num>, my id = <num>, error =", "Connection broken"),
            ("Request from old client <ip>; will be dropped", "Request from old client; will be dropped"),
            ("First is <hex>", "First is …"),
            ("Cache parity alarm.....................0", "Cache parity alarm"),
            ("<id>() Can't find lease <num> in register", "Can't find lease … in register"),
            ("Wanting kind 57 instead of 3 (framehead=<hex> <hex>)", "Wanting kind 57 instead of 3"),
            ("******* GOODBYE to you ********", "GOODBYE to you"),
            ("ERROR: comm::connect to Host: <ip>, port: <num>, Error: refused", "comm::connect, Error: refused"),
            ("SSL_do_handshake() failed for it (SSL: error <num>", "SSL_do_handshake() failed for it"),
            ("<*>", "<*>"),
            ("", ""),
        ] {
            assert_eq!(of_text(pattern), expected, "{pattern}");
        }
    }
}
