//! The text of an entry that states no severity in, the severity that its text states out.
//!
//! Only marks that programs write count: a level in brackets, a level word in capitals where formatters put it,
//! `level=error`, klog's `E0914`, a number of syslog. Words in prose never do.

mod head;

use crate::model::{Number, Severity, Value};

use super::place::Place;

pub(super) use head::{behind_clock, behind_fpm, shown_by_ruby};
use head::{behind_step, known_prefix, of_build, short_head};

/// How far into a text formatters put the level.
const LEADING_BYTES: usize = 240;
/// How many words may stand before the level: time stamps, process ids, logger names.
const LEADING_WORDS: usize = 9;

/// What a text says about its own severity.
pub(super) fn of_text(text: &str) -> Option<Severity> {
    let line = leading_line(behind_fpm(text.trim_start()));
    if let Some(said) = behind_step(line) {
        return of_build(said).or_else(|| of_text(said));
    }
    klog(line)
        .or_else(|| syslog_number(line))
        .or_else(|| known_prefix(behind_clock(line)))
        .or_else(|| short_head(line))
        .or_else(|| leading_level(line))
        .or_else(|| key_value(line))
}

/// What a member such as `level` says: a name, or a number of pino, bunyan or syslog.
pub(super) fn of_level(level: Value<'_>) -> Option<Severity> {
    if let Some(text) = level.as_str() {
        return match text.trim_ascii() {
            short if short.len() == 1 => from_letter(short),
            text => level_word(text).or_else(|| Severity::parse(text)),
        }
        .filter(|severity| *severity != Severity::Default);
    }
    match level.as_number().and_then(Number::as_i64)? {
        number @ 0..=7 => Some(from_syslog(number)),
        10 | 20 => Some(Severity::Debug),
        30 => Some(Severity::Info),
        40 => Some(Severity::Warning),
        50 => Some(Severity::Error),
        60 => Some(Severity::Critical),
        number @ 100..=800 => u32::try_from(number).ok().and_then(|number| Severity::from_number(f64::from(number))),
        _ => None,
    }
}

pub(super) fn leading_line(text: &str) -> &str {
    let text = text.trim_start();
    let mut end = text.len().min(LEADING_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line = text.get(..end).unwrap_or_default();
    let end = memchr::memchr2(b'\n', b'\r', line.as_bytes()).unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

fn from_letter(letter: &str) -> Option<Severity> {
    Some(match letter {
        "D" | "T" | "V" => Severity::Debug,
        "I" => Severity::Info,
        "W" => Severity::Warning,
        "E" => Severity::Error,
        "F" | "C" => Severity::Critical,
        _ => return None,
    })
}

fn from_syslog(number: i64) -> Severity {
    match number {
        0 => Severity::Emergency,
        1 => Severity::Alert,
        2 => Severity::Critical,
        3 => Severity::Error,
        4 => Severity::Warning,
        5 => Severity::Notice,
        6 => Severity::Info,
        _ => Severity::Debug,
    }
}

/// What stands behind the header of klog, and the place in it: `E0914 03:01:24.144344 1 file.go:12] ...`.
pub(super) fn behind_klog(text: &str) -> Option<(&str, Place<'_>)> {
    klog(text)?;
    let (header, rest) = text.split_once("] ")?;
    let (file, line) = header.rsplit(' ').next()?.rsplit_once(':')?;
    let is_header = header.len() < 120 && line.bytes().all(|byte| byte.is_ascii_digit()) && !rest.trim().is_empty();
    is_header.then(|| (rest.trim_start(), Place { module: file, function: "", line }))
}

/// The letter of klog's header, with a date of four digits, or eight in later versions.
fn klog(line: &str) -> Option<Severity> {
    if !line.starts_with(['I', 'W', 'E', 'F']) {
        return None;
    }
    let (head, rest) = line.split_once(' ')?;
    let (letter, date) = head.split_at_checked(1)?;
    let is_date = matches!(date.len(), 4 | 8) && date.bytes().all(|byte| byte.is_ascii_digit());
    let clock = rest.trim_start().as_bytes();
    let is_clock = clock.get(2) == Some(&b':') && clock.first().is_some_and(u8::is_ascii_digit);
    if is_date && is_clock { from_letter(letter) } else { None }
}

/// `<11>...`: facility times eight plus severity.
fn syslog_number(line: &str) -> Option<Severity> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    if number.len() > 3 || rest.is_empty() {
        return None;
    }
    let number: i64 = number.parse().ok().filter(|number| *number < 192)?;
    Some(from_syslog(number % 8))
}

/// The names of levels as formatters write them.
fn level_word(word: &str) -> Option<Severity> {
    // Most words of a line's head are numbers.
    word.as_bytes().first().filter(|first| first.is_ascii_alphabetic())?;
    // The longest of them has eleven letters.
    let mut upper = [0; 11];
    let upper = upper.get_mut(..word.len())?;
    upper.copy_from_slice(word.as_bytes());
    upper.make_ascii_uppercase();
    Some(match &*upper {
        b"TRACE" | b"TRACE1" | b"DEBUG" | b"DBG" | b"FINE" | b"VERBOSE" => Severity::Debug,
        b"INFO" | b"INF" | b"INFORMATION" => Severity::Info,
        b"NOTICE" => Severity::Notice,
        b"WARN" | b"WARNING" | b"WRN" => Severity::Warning,
        b"ERROR" | b"ERR" | b"EROR" | b"SEVERE" | b"FAIL" => Severity::Error,
        b"CRITICAL" | b"CRIT" | b"FATAL" | b"FTL" | b"PANIC" | b"DPANIC" => Severity::Critical,
        b"ALERT" => Severity::Alert,
        b"EMERGENCY" | b"EMERG" => Severity::Emergency,
        _ => return None,
    })
}

/// A level where formatters put it: first, or behind time stamps, process ids and logger names.
fn leading_level(line: &str) -> Option<Severity> {
    let mut separated = false;
    let mut prose = false;
    for (index, word) in line.split_ascii_whitespace().take(LEADING_WORDS).enumerate() {
        let word = strip_colour(word);
        if let Some(severity) = bracketed(word) {
            return (!prose).then_some(severity);
        }
        let bare = word.trim_end_matches([':', '|', '-', ',']);
        let marked = bare.len() < word.len();
        let clean = bare.trim_matches(['[', ']', '(', ')', '<', '>', '*', '"', '|']);
        if let Some(severity) = compound(word, clean) {
            return (!prose).then_some(severity);
        }
        if let Some(severity) = level_word(clean) {
            let capitals = clean.bytes().all(|byte| !byte.is_ascii_lowercase());
            let plain = severity <= Severity::Info || severity == Severity::Warning || severity >= Severity::Error;
            let rare = matches!(severity, Severity::Notice | Severity::Alert | Severity::Emergency);
            let stated = marked || separated || (capitals && plain && !rare);
            return (stated && !prose && (capitals || (marked && index == 0) || separated)).then_some(severity);
        }
        separated = matches!(word, "-" | "|" | "--" | "::" | "[" | ":");
        prose = prose && !separated || is_prose(word);
    }
    None
}

/// A level that a formatter wrote together with something else: `ERROR/ForkPoolWorker-3]` of Celery, `production.ERROR:` of
/// Monolog, `12.123][1][critical][main]` of Envoy.
fn compound(word: &str, clean: &str) -> Option<Severity> {
    let capital = |level: &str| level_word(level).filter(|_| level.bytes().all(|byte| byte.is_ascii_uppercase()));
    match word.as_bytes() {
        // Few words have a bracket within; the search for two pays for these alone.
        [.., b']'] if clean.as_bytes().contains(&b']') => clean.split("][").find_map(level_word),
        [.., b']'] => clean.split_once('/').and_then(|(level, _)| capital(level)),
        [.., b':'] => clean.rsplit_once('.').and_then(|(_, level)| capital(level)),
        _ => None,
    }
}

/// `[ERROR]`, `[error]:`, `<error>`, `[E]`.
fn bracketed(word: &str) -> Option<Severity> {
    let word = word.trim_end_matches([':', ',', '-']);
    let inner = word
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .or_else(|| word.strip_prefix('<').and_then(|rest| rest.split_once('>')))
        .map(|(inner, _)| inner)?;
    let inner = inner.rsplit([':', '.', '/']).next().unwrap_or(inner);
    level_word(strip_colour(inner)).or_else(|| from_letter(inner))
}

/// A word of ordinary text: letters only, no formatter's mark, no name of a zone or month.
fn is_prose(word: &str) -> bool {
    const KNOWN: &[&str] = &[
        "UTC", "GMT", "CET", "PST", "PDT", "EST", "EDT", "AM", "PM", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
        "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
    ];
    let bare = word.trim_end_matches([',', ':']);
    !bare.is_empty()
        && bare.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'\'' || byte >= 0x80)
        && !KNOWN.contains(&bare)
}

/// The word without ANSI colours around it.
fn strip_colour(word: &str) -> &str {
    if !word.bytes().any(|byte| byte == 0x1b) {
        return word;
    }
    let start = word.strip_prefix('\u{1b}').and_then(|rest| rest.split_once('m')).map_or(word, |(_, rest)| rest);
    start.split_once('\u{1b}').map_or(start, |(front, _)| if front.is_empty() { start } else { front })
}

/// `level=error`, `severity: "ERROR"` and the same as JSON members.
fn key_value(line: &str) -> Option<Severity> {
    // In order of preference.
    const KEYS: &[&str] = &["level", "severity", "lvl", "loglevel", "levelname"];
    let mut best: Option<(usize, Severity)> = None;
    // What ends a key.
    for at in memchr::memchr2_iter(b'=', b'"', line.as_bytes()) {
        let Some((front, rest)) = line.split_at_checked(at) else { continue };
        let (front, value) = match rest.strip_prefix('"') {
            None => (front, rest.strip_prefix('=')),
            Some(rest) => {
                let value = rest.trim_start().strip_prefix(':').map(str::trim_start);
                (front.strip_suffix('\\').unwrap_or(front), value)
            }
        };
        let (Some(value), Some(rank)) = (value, KEYS.iter().position(|key| ends_with_word(front, key))) else {
            continue;
        };
        let value = value.trim_start_matches(['"', '\\', '\'']);
        let end = value.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(value.len());
        if let Some(severity) = value.get(..end).and_then(level_word)
            && best.is_none_or(|(better, _)| rank < better)
        {
            best = Some((rank, severity));
        }
    }
    best.map(|(_, severity)| severity)
}

/// Whether `word` stands at the end of a text, and is no part of a longer name.
fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word)
        .is_some_and(|front| !front.ends_with(|before: char| before.is_alphanumeric() || matches!(before, '_' | '.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_programs_count() {
        for (text, expected) in [
            ("[2025-09-14 03:01:24 +0000] [1] [ERROR] Worker (pid:7) failed to boot.", Severity::Error),
            ("[ERROR] no such table", Severity::Error),
            ("ERROR: no such table", Severity::Error),
            ("ERROR opening the file", Severity::Error),
            ("CRITICAL: out of disk", Severity::Critical),
            ("E0914 03:01:24.144344       1 reflector.go:138] watch failed", Severity::Error),
            ("I20250914 03:01:24.144344 1 main.cc:12] ready", Severity::Info),
            ("time=\"2025-09-14T03:01:24Z\" level=error msg=\"boom\"", Severity::Error),
            ("ts=1 lvl=warn msg=slow", Severity::Warning),
            ("{\"ts\":1,\"level\":\"fatal\",\"msg\":\"x\"}", Severity::Critical),
            ("PHP Warning:  Undefined variable $x in /srv/a.php on line 3", Severity::Warning),
            ("panic: runtime error: index out of range", Severity::Error),
            ("thread 'main' panicked at src/main.rs:5:10:", Severity::Error),
            ("2025-09-14 03:01:24,123 - app.routes - WARNING - slow request", Severity::Warning),
            ("2025-09-14 03:01:24.123 ERROR app.routes: boom", Severity::Error),
            ("2025-09-14 03:01:24 UTC [77]: [1-1] FATAL:  password authentication failed", Severity::Critical),
            ("<11>Sep 14 03:01:24 host app: boom", Severity::Error),
            ("\u{1b}[31mERROR\u{1b}[0m: boom", Severity::Error),
            ("INFO:     127.0.0.1:5000 - \"GET / HTTP/1.1\" 200 OK", Severity::Info),
            ("error: could not compile", Severity::Error),
            ("[error] 7#7: *1 connect() failed", Severity::Error),
            ("Error: Cannot find module 'express'", Severity::Error),
            ("WARN  [main] deprecated option", Severity::Warning),
            ("TypeError: Cannot read properties of undefined (reading 'id')", Severity::Error),
            ("TypeError [ERR_INVALID_ARG_TYPE]: The \"path\" argument must be of type string", Severity::Error),
            ("java.sql.SQLException: no connection", Severity::Error),
            ("requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x')", Severity::Error),
            ("Google::Cloud::NotFoundError: gone", Severity::Error),
            ("ValueError", Severity::Error),
            ("DeprecationWarning: the asyncore module", Severity::Warning),
            ("(node:1) [DEP0005] DeprecationWarning: Buffer() is deprecated", Severity::Warning),
            ("CRITICAL:root:boom", Severity::Critical),
            ("WARNING:urllib3.connectionpool:Retrying", Severity::Warning),
            ("E, [2025-09-14T03:01:24.000001 #1] ERROR -- : boom", Severity::Error),
            ("2025/09/14 03:01:24 http: panic serving 10.0.0.1:1234: boom", Severity::Error),
            ("Segmentation fault (core dumped)", Severity::Error),
        ] {
            assert_eq!(of_text(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn words_in_prose_do_not() {
        for text in [
            "Recovered from the last error without loss",
            "error handling was improved",
            "No errors found, 0 ERROR rows",
            "User asked why the ERROR page is red",
            "alert box closed",
            "Critical path took 12 ms",
            "the level = high",
            "information desk opened",
            "Container called exit(1).",
            "retry after error: none",
            "{\"error\":{\"severity\":\"\"}}",
            "Fatally slow",
            "Done: Error: none",
            "request finished without Exception: yes",
            "onError: registered",
            "KeyError was handled",
            "no such Error",
            "ORDER:root:placed",
            "B, [a] b",
            "a::Error",
            "npm error path /app",
            "npm ERR! code ELIFECYCLE",
            "Step #1: npm ERR! code ELIFECYCLE",
            "Step #1: Pulling image: error-pages",
            "Step #1: tests passed: error handling",
            "[Errors: 0] done",
            "[no Error: x]",
            "see /a/b.rb:30 (LoadError)",
            "[a b] NoMethodError (x):",
            "api.example.ERROR",
            "[GET/ERROR-page] served",
            "com.acme.errors: none",
            "",
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }
}
