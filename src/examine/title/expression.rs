//! What a statement is told by: regular expressions over patterns, each with what a text needs for it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A regular expression, compiled when a text first has what it needs: of some archives none has.
pub(super) struct Expression {
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

/// The heads of loggers that write more than a time and a level: Spring, Kafka, Tomcat, Quarkus, Ruby's, Laravel's, Airflow's,
/// Redis's, Django's, Nest's, spans and targets of Rust's; in ASCII, which compiles faster.
pub(super) static HEAD: Expression = expression!(
    |text| text.contains(['[', '.', ',', ':', '<']),
    concat!(
        r"^(?:(?:<[a-z_*]+>\s+)+|\[<ts>\]\s*)*(?:",
        level!(),
        r"\s+(?:[0-9]+|<num>)\s+---\s+(?:\[[ -Z^-~]*\]\s+)+[!-~]+\s+:\s+|\[Nest\]\s+(?:[0-9]+|<num>)\s+-\s+<ts>(?:\s[AP]M)?\s+",
        level!(),
        r"\s+\[[ -Z^-~]*\]\s+|",
        level!(),
        r"\s+(?:[A-Za-z0-9_.:]+\{[ -z|~]*\}:\s?)*[a-z0-9_]+(?:::[A-Za-z0-9_<>*]+)+:\s+|",
        level!(),
        r"\s+\[[ -Z^-~]*\]\s+(?:\([A-Za-z0-9_<>*-]+\)\s+)?(?:(?:[a-z][A-Za-z0-9_]*\.){2,}[A-Z][A-Za-z0-9_$]*\.[A-Za-z0-9_<>]+\s+)?|[A-Z], \[[ -Z^-~]*\]\s+",
        level!(),
        r"\s+--\s+[ -9;-~]*:\s+(?:\[[ -Z^-~]*\]\s+)?|[a-z]+\.",
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
pub(super) static ACCESS: Expression = expression!(
    |text| text.contains(" \"") || text.starts_with('"'),
    r#"(?:^|\s)(?:([1-5][0-9]{2})\s(?:[^"]*\s)?)?"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s([^\s"]+)[^"]*"(?:\s+([1-5][0-9]{2})(?:\s|$))?"#
);
/// What a line of names and values says: `msg="failed to sync" err="deadline exceeded"`.
pub(super) static SAYS: Expression = expression!(
    |text| text.contains("msg=") || text.contains("message="),
    r#"^(?:[A-Za-z0-9_.]+=(?:"(?:[^"\\]|\\.)*"|\S*)\s+)*(?:msg|message)=(?:"((?:[^"\\]|\\.)+)"|(\S+))(?:.*?\s(?:err|error)=(?:"((?:[^"\\]|\\.)+)"|(\S+)))?"#
);
/// Tags, symbols and severity words before the text: `[MAIN MODE]`, `ALERT:`, `[U+1F511]`, emoji, heads of syslog and of
/// Python's loggers.
pub(super) static PREFIX: Expression = expression!(concat!(
    r"^(?:<ts>\s+[^\s:]+\s+(?:kernel|systemd|sudo|CRON|dockerd|containerd|kubelet|[^\s:\[]+\[(?:[0-9]+|<num>)\]):\s+|(?:[$.",
    word!(),
    r"]+\s+-\s+)?(?:ALERT|CRITICAL|ERROR|WARNING|WARN|INFO|FATAL)\s+-\s+|[^\p{L}\p{N}<'\x22(\[/{]+|\[[^\[\]]{0,40}\]\s*|<[a-z_*]+>[\s:|,]+|(?:[",
    word!(),
    r"]+=[^\s,]*,?\s*)+\s(?i:alert|critical|error|warning|warn|fatal|panic)\s*:\s*|[$.",
    word!(),
    r"]+\.(?:java|kt|scala|py|go|js|ts|rb|rs|cc|cpp|c|cs|php):(?:[0-9]+|<[a-z_*]+>)[\s:-]*|(?i:alert|critical|error|err|warning|warn|info|notice|fatal|exception|search)\s*[:|]\s*)+"
));
/// A phrase that only points at one of many: `for <id>`.
pub(super) static POINTER: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|in|at|on|by|with|after)\s+['\x22(\[]?<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*(?:\.{3}|…)?['\x22)\]]?(?:\s+port\s+<[a-z_*]+>)?(?:\s+(?:ms|milliseconds|s|secs?|seconds?|minutes?|hours?|days?|times|bytes|kb|mb|used)\b)?"
);
/// The same with a noun: `for user <id>`, `in the pod <id>`; but `failed to list <id>` says what failed, and is kept.
pub(super) static POINTED: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)(\b(?:fail(?:ed|s|ing|ure)?|(?:un)?able|try(?:ing)?|tried|attempt(?:ed|ing)?|refused|not|error)\s+to\s+[a-z]+\s+<[a-z_*]+>)|[\s,;|-]*\b(?:from|for|of|to|in|at|on|by|with|after)\s+(?:the\s+)?[a-z]{1,12}(?:[_ ]?id)?\s*[:=#]?\s*['\x22(\[]?<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*(?:\.{3}|…)?['\x22)\]]?"
);
/// A named user or connection, whether masked or the only one there is.
pub(super) static PERSON: Expression = expression!(
    r"(?i)[\s,;|-]*\b(?:from|for|of|to|by|with)\s+(?:user|connection|client|session|account|tenant|customer)\s+[^\s,;:]+"
);
/// What stands behind a bar, and data behind a dash: `| User: x`, `- user_id: pending`.
pub(super) static ASIDE: Expression =
    expression!(|text| text.contains(['|', '-']), concat!(r"\s+\|\s.*$|\s+-\s+[", word!(), r"]+[:=]\s.*$"));
/// A figure between a name and a dash or comma.
pub(super) static FIGURE: Expression =
    expression!(|text| text.contains('<'), r"\s*[:=]\s*<[a-z_*]+>%?(\s+[-–|]\s|,\s)");
/// The same without a preposition, where the statement ends behind it.
pub(super) static NAMED: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)[\s,;|-]+(?:user|connection|conn|request|session|thread|run|client|instance|trace|correlation)(?:[_ ]?id)?\s*[:=#]?\s*['\x22(\[]?<[a-z_*]+>['\x22)\]]?(\s*(?:[:;,.)]|$))"
);
/// A noun that an adjective needs: `from old client <ip>`.
pub(super) static QUALIFIED: Expression = expression!(
    |text| text.contains('<'),
    r"(?i)\b((?:from|for|of|to|in|by|with)\s+[a-z]{2,12}\s+(?:user|connection|conn|request|session|thread|client|instance))\s+<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*"
);
/// Dots that lead the eye to a value, and the value.
pub(super) static LEADER: Expression = expression!(|text| text.contains("...."), r"\s*\.{4,}.*$");
/// A name of up to four words at the end that nothing follows: `, error =`.
pub(super) static EMPTY: Expression = expression!(
    |text| text.trim_end().ends_with([':', '=']),
    concat!(r"[,;|]\s*(?:[.", word!(), r"]+ ?){1,4}[:=]\s*$")
);
/// `key=<x>`, and `, key: <x>`.
pub(super) static PAIR: Expression = expression!(
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
pub(super) static TAIL: Expression =
    expression!(|text| text.contains('<'), r"(?:[\s:;,(=-]*['\x22(\[]?<[a-z_*]+>['\x22%)\]]*)+\s*$");
/// A quoted placeholder behind the word it belongs to: `request_id '<str>' has`.
pub(super) static QUOTED: Expression = expression!(
    |text| ["'<", "\"<", "(<"].iter().any(|open| text.contains(open)),
    concat!("([", word!(), r#"]) (?:'<[a-z_*]+>'|"<[a-z_*]+>"|\(<[a-z_*]+>\))"#)
);
/// Words that ask for another one, at the end.
pub(super) static DANGLING: Expression = expression!(
    r"(?i)(?:[\s,]+(?:is|are|was|were|be|been|has|have|had|to|for|from|of|in|into|at|on|by|with|and|or|but|the|an?|as|than|that|after|before|until|because|while|via|see|=))+$"
);
/// A placeholder within.
pub(super) static WITHIN: Expression = expression!(|text| text.contains('<'), r"<[a-z_*]+>(?:[-:./,@#_]?<[a-z_*]+>)*");
/// A list of one text, which is the statement: `issues: ['Two managers']`.
pub(super) static ONLY: Expression = expression!(
    |text| ["['", "[\""].iter().any(|open| text.contains(open)),
    r#":\s*\[(?:'([^'\[\]]{12,})'|"([^"\[\]]{12,})")\]"#
);
/// A name in braces, where a template of a message has a value: `{ProductId}`, `{Elapsed:0.0000}`.
pub(super) static HOLE: Expression = expression!(
    |text| text.contains('{'),
    r#"(^|[\s'"(\[/=:#])\{[@$]?[A-Za-z_][A-Za-z0-9_.]*(?:,-?[0-9]+)?(?::[^{}\s]*)?\}"#
);
/// What stands behind the statement and is data: an object, a list.
pub(super) static DATA: Expression = expression!(
    |text| text.contains(['{', '[']) || text.contains("<json"),
    r"(?s)(?:[.;] [^.;:]{1,30})?\s*:?\s*(?:\{|<json).*$|(?:[.;] [^.;:]{1,30})?\s*:\s*\[.*$"
);

/// What Cloud Build puts before all that a step prints.
pub(super) static STEP: Expression =
    expression!(|text| text.starts_with("Step #"), r#"^Step #(?:[0-9]+|<num>)(?: - "[^"]*")?:\s+"#);
/// What Kubernetes' logger says before names and values: `"re-queuing item" err="not found" key="a"`.
pub(super) static QUOTES: Expression = expression!(
    |text| text.contains("\" ") && text.contains('='),
    r#"^(?:<ts>\s+)?"((?:[^"\\]|\\.){8,})"(?:.*?\s(?:err|error)=(?:"((?:[^"\\]|\\.)+)"|(\S+))|\s+[A-Za-z0-9_.]+=)"#
);
/// `: [Errno 2] No such file`: a tag before what is said, not a list.
pub(super) static TAG: Expression = expression!(
    |text| text.contains(": ["),
    r"^([^'\x22(]*:)\s+\[(?:Errno|WinError|[A-Z][A-Za-z]*:?)(?:\s(?:-?[0-9]+|<num>|[A-Z][A-Z_]+))?\]\s+(\p{L})"
);

/// `rpc error: code = NotFound desc = no such image`: how Go prints a status of gRPC.
pub(super) static RPC: Expression =
    expression!(|text| text.contains("rpc error: "), r"rpc error: code = ([A-Za-z]+) desc = ");

/// Gets ready what the first title would wait for.
pub fn warm_up() {
    for pattern in [&HEAD, &PREFIX, &POINTER, &POINTED, &PERSON, &FIGURE, &NAMED, &QUALIFIED, &TAIL, &WITHIN] {
        LazyLock::force(&pattern.regex);
    }
}

/// The text with every match replaced.
pub(super) fn replaced(pattern: &Expression, text: &str, with: &str) -> String {
    let regex = if (pattern.may_match)(text) { pattern.regex.as_ref() } else { None };
    regex.map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, with).into_owned())
}

/// The groups of the first match.
pub(super) fn captures<'t>(pattern: &Expression, text: &'t str) -> Option<Captures<'t>> {
    if (pattern.may_match)(text) { pattern.regex.as_ref()?.captures(text) } else { None }
}

/// How many matches there are.
pub(super) fn count(pattern: &Expression, text: &str) -> usize {
    let regex = if (pattern.may_match)(text) { pattern.regex.as_ref() } else { None };
    regex.map_or(0, |regex| regex.find_iter(text).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [&Expression; 25] = [
        &HEAD, &HOLE, &ACCESS, &SAYS, &PREFIX, &LEADER, &POINTER, &POINTED, &QUALIFIED, &PERSON, &ASIDE, &FIGURE,
        &NAMED, &EMPTY, &PAIR, &TAIL, &QUOTED, &DANGLING, &WITHIN, &ONLY, &DATA, &TAG, &RPC, &QUOTES, &STEP,
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
}
