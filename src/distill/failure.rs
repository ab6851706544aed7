//! A message whose entry states no severity, or a misleading one, in; the severity that it speaks of out.
//!
//! Beside the marks of programs, a few phrases say that something failed and can mean nothing else. On the
//! standard error some more do: it proves nothing by itself, since many programs write all they say there.

use crate::model::{LogEntry, Payload, Severity, Value};

use super::reading::Endpoint;
use super::severity::{self, behind_clock, leading_line, shown_by_ruby};

/// The severity that an entry states, and what that is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    severity: Severity,
    /// Whether the entry was written to the standard error.
    stderr: bool,
    /// Whether all lines of its stream were given this severity, whatever they say: INFO to the standard output of a
    /// container in GKE, ERROR to its standard error, INFO to all that a build prints.
    given: bool,
    /// Whether its text stands for itself. A member made for severities was read by who gave it, so only one of another
    /// name says more.
    plain: bool,
}

impl Stated {
    /// What an entry states.
    pub(super) fn of(entry: &LogEntry<'_>) -> Self {
        let severity = entry.severity;
        let stderr = entry.log_name.ends_with("stderr");
        let given = match severity {
            Severity::Info if entry.resource_type == "k8s_container" => entry.log_name.ends_with("stdout"),
            Severity::Error if entry.resource_type == "k8s_container" => stderr,
            Severity::Info => entry.resource_type == "build",
            _ => false,
        };
        Self { severity, stderr, given, plain: matches!(entry.payload, Payload::Text(_)) }
    }

    /// What a member such as `level` says of the severity, where that counts.
    pub(super) fn of_level(self, level: Value<'_>) -> Option<Severity> {
        let silent = self.severity == Severity::Default;
        // A small number may be a level of anything; some severity has to be believed where none is stated.
        let named = || level.as_str().is_some() || level.as_lenient_i64().is_some_and(|number| number >= 10);
        (silent || (self.given && named())).then(|| severity::of_level(level)).flatten()
    }

    /// What a message says of its severity, where the entry states another one or none.
    pub(super) fn of_message(self, level: Option<Severity>, text: &str) -> Option<Severity> {
        self.other(level.or_else(|| match self.severity {
            Severity::Default if self.stderr => {
                severity::of_text(text).or_else(|| of_runtime(text)).or_else(|| on_stderr(text))
            }
            Severity::Default => severity::of_text(text).or_else(|| of_runtime(text)),
            // Cloud Functions states DEBUG whatever became of an execution.
            Severity::Debug => of_function(text),
            _ if self.given && self.plain => severity::of_text(text).or_else(|| of_runtime(text)),
            _ => None,
        }))
    }

    /// What a stack trace says of its severity, likewise: that it was worth a trace.
    pub(super) fn of_trace(self, level: Option<Severity>, text: &str) -> Option<Severity> {
        let silent = self.severity == Severity::Default || (self.given && self.plain);
        let read = || silent.then(|| severity::of_text(text).unwrap_or(Severity::Error));
        self.other(level.or_else(read))
    }

    /// What the status of a request says: that it failed. Else what the line of an access log says, if it is told by one,
    /// which most servers write alike for all requests.
    pub(super) fn of_request(
        self,
        level: Option<Severity>,
        request: Option<&Endpoint<'_>>,
        line: &str,
    ) -> Option<Severity> {
        let silent = self.severity == Severity::Default || self.given;
        let failed = || request.is_some_and(|request| silent && (500..600).contains(&request.status));
        let told = || if silent && !line.is_empty() { severity::of_text(line) } else { None };
        self.other(level.or_else(|| if failed() { Some(Severity::Error) } else { told() }))
    }

    /// What a level says of the severity of anything else.
    pub(super) fn other(self, severity: Option<Severity>) -> Option<Severity> {
        severity.filter(|severity| *severity != self.severity)
    }
}

/// What the virtual machine of Java prints, on its standard output, before it gives up, and frameworks of a request or a
/// start that failed.
fn of_runtime(text: &str) -> Option<Severity> {
    const LAST_WORDS: [&str; 2] =
        ["Terminating due to java.lang.OutOfMemoryError", "Aborting due to java.lang.OutOfMemoryError"];
    let gave_up = LAST_WORDS.iter().any(|words| text.starts_with(words));
    (gave_up || failed_request(text) || failed_to_start(text) || was_killed(text)).then_some(Severity::Error)
}

/// What Linux writes on the console of a machine when it ends a process for want of memory, behind its clock.
fn was_killed(text: &str) -> bool {
    let said = text.strip_prefix('[').and_then(|rest| rest.split_once("] ")).map_or(text, |(_, said)| said);
    ["Out of memory: Kill", "Memory cgroup out of memory: Kill"].iter().any(|words| said.starts_with(words))
}

/// What Spring prints in a box of stars when an application ends before it began, and the line of it that says so.
fn failed_to_start(text: &str) -> bool {
    text.trim_start_matches(|letter: char| letter == '*' || letter.is_whitespace())
        .starts_with("APPLICATION FAILED TO START")
}

/// `Completed 500 Internal Server Error in 12ms`, `Sent 500 in 12ms`: how Rails and Phoenix end a request that failed.
fn failed_request(text: &str) -> bool {
    let rest = text.strip_prefix("Completed ").or_else(|| text.strip_prefix("Sent "));
    let told = rest.and_then(|rest| rest.split_once(' '));
    told.is_some_and(|(status, rest)| status.len() == 3 && status.starts_with('5') && rest.contains("in "))
}

/// `Function execution took 60002 ms, finished with status: 'timeout'`.
fn of_function(text: &str) -> Option<Severity> {
    let rest = text.strip_prefix("Function execution took ")?;
    let (_, told) = rest.split_once("inished with status")?;
    let (code, status) = told.split_once(": ")?;
    let status = status.trim().trim_matches('\'');
    let failed = match code {
        " code" => status.len() == 3 && status.starts_with('5'),
        _ => matches!(status, "timeout" | "crash" | "error" | "connection error"),
    };
    failed.then_some(Severity::Error)
}

/// Words that may stand where others give a reason: `failed: none`.
const NO_REASONS: &[&str] = &["none", "no", "not", "false", "null", "nil", "nothing", "ok", "n"];
/// Words before `failed` behind which it is no report: `retry after failed: ...`.
const NO_REPORTS: &[&str] =
    &["no", "not", "never", "none", "without", "if", "when", "after", "retry", "total", "count"];
/// What ends well after all.
const OVERCOME: &[&str] = &["succeeded", "recovered"];
/// What the program goes on without.
const MILD: &[&str] = &["retrying", "will retry", "using default", "falling back", "fallback", "ignoring", "skipping"];

/// What a line of the standard error says that carries no mark.
fn on_stderr(text: &str) -> Option<Severity> {
    let line = behind_clock(leading_line(text)).trim_end();
    if line == "Killed" || line.ends_with("(core dumped)") {
        return Some(Severity::Error);
    }
    if let Some(severity) = shown_by_ruby(line) {
        return Some(severity);
    }
    // Most lines have no such word, and are done here.
    let at = memchr::memmem::find(line.as_bytes(), b"ailed")?.checked_sub(1)?;
    let (before, from) = line.split_at_checked(at)?;
    let rest = from.strip_prefix(['f', 'F'])?.strip_prefix("ailed")?;
    let told = match rest.strip_prefix(" to ") {
        Some(what) => begins(before) && !what.trim().is_empty(),
        None => rest.strip_prefix(": ").is_some_and(|reason| is_subject(before) && is_reason(reason)),
    };
    if !told || OVERCOME.iter().any(|word| rest.contains(word)) {
        return None;
    }
    Some(if MILD.iter().any(|word| rest.contains(word)) { Severity::Warning } else { Severity::Error })
}

/// Whether a statement begins behind a text: nothing is said before it, or a name with a colon.
fn begins(before: &str) -> bool {
    before.ends_with(": ") || !before.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// `export `, `readiness check `: what failed, and neither a number of things nor a condition.
fn is_subject(before: &str) -> bool {
    let mut words = before.split_ascii_whitespace();
    let last = words.clone().next_back().unwrap_or_default();
    before.ends_with(' ')
        && last.ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, ')' | '\'' | '"'))
        && !last.bytes().all(|byte| byte.is_ascii_digit())
        && !words.any(|word| NO_REPORTS.iter().any(|no| word.eq_ignore_ascii_case(no)))
}

fn is_reason(reason: &str) -> bool {
    let first = reason.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    reason.starts_with(|letter: char| !letter.is_ascii_digit() && !letter.is_whitespace())
        && !NO_REASONS.iter().any(|no| first.eq_ignore_ascii_case(no))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(severity: Severity, stderr: bool, text: &str) -> Option<Severity> {
        Stated { severity, stderr, given: false, plain: true }.of_message(None, text)
    }

    #[test]
    fn what_a_stream_was_given_gives_way_to_what_its_lines_say() {
        let stated = |severity, plain| Stated { severity, stderr: severity == Severity::Error, given: true, plain };
        for (severity, text, expected) in [
            (Severity::Info, "2025-11-11 06:00:00.123 ERROR 1 --- [main] c.a.Stock : no", Some(Severity::Error)),
            (Severity::Info, "ERROR: build step 1 failed", Some(Severity::Error)),
            (Severity::Info, "INFO ready", None),
            (Severity::Info, "ready", None),
            (Severity::Error, "I1111 06:00:00.123456       1 client.go:528] connected", Some(Severity::Info)),
            (Severity::Error, "Failed to connect, retrying", None),
        ] {
            assert_eq!(stated(severity, true).of_message(None, text), expected, "{text}");
            // Of a record, a member tells.
            assert_eq!(stated(severity, false).of_message(None, text), None, "{text}");
        }
        let warning = Some(Severity::Warning);
        assert_eq!(stated(Severity::Error, false).of_message(warning, "ERROR x"), warning);
        assert_eq!(stated(Severity::Info, true).of_trace(None, "panic: x"), Some(Severity::Error));
        assert_eq!(stated(Severity::Info, false).of_trace(None, "panic: x"), None);
    }

    #[test]
    fn phrases_that_can_mean_nothing_else_count() {
        for (text, expected) in [
            ("export failed: bucket gs://acme-exports not writable: 403 Forbidden", Severity::Error),
            ("failed to refresh token: context deadline exceeded", Severity::Error),
            ("2025/11/10 03:00:00 failed to refresh token: context deadline exceeded", Severity::Error),
            ("main.go:12: Failed to open /srv/a", Severity::Error),
            ("Failed to load config: no such file, using defaults", Severity::Warning),
            ("Killed", Severity::Error),
            ("Aborted (core dumped)", Severity::Error),
            ("Segmentation fault (core dumped)", Severity::Error),
            ("Unhandled promise rejection: ECONNRESET", Severity::Error),
            ("curl: (7) Failed to connect to api.acme port 443: Connection refused", Severity::Error),
            ("fatal: not a git repository", Severity::Error),
            ("panic: boom", Severity::Error),
            (
                "Rack app (\"GET /\" - (10.0.0.1)): #<ActiveRecord::ConnectionTimeoutError: no connection in 5 s>",
                Severity::Error,
            ),
        ] {
            assert_eq!(inferred(Severity::Default, true, text), Some(expected), "{text}");
        }
        let out_of_memory = "Terminating due to java.lang.OutOfMemoryError: Java heap space";
        assert_eq!(inferred(Severity::Default, false, out_of_memory), Some(Severity::Error));
        let not_started =
            "\n***************************\nAPPLICATION FAILED TO START\n***************************\n\nDescription:\n";
        assert_eq!(inferred(Severity::Default, false, not_started), Some(Severity::Error));
        assert_eq!(inferred(Severity::Default, false, "APPLICATION FAILED TO START"), Some(Severity::Error));
        let killed = "[ 4021.123456] Out of memory: Killed process 77 (java) total-vm:9kB";
        assert_eq!(inferred(Severity::Default, false, killed), Some(Severity::Error));
        // What a program printed elsewhere may be what somebody else said.
        assert_eq!(inferred(Severity::Default, false, "export failed: no space"), None);
    }

    #[test]
    fn others_do_not() {
        for text in [
            "0 failed",
            "12 passed, 0 failed: see report",
            "no failed tests",
            "retry after failed attempt succeeded",
            "failed=0",
            "failed: 0",
            "Checks failed: 0",
            "Checks failed: none",
            "failover complete",
            "Deprecation notice",
            "no jobs failed: all good",
            "if the import failed: run it again",
            "listening on :8080",
            "Failed to connect, second try succeeded",
            "we never failed to deliver",
            "Killed 3 stale workers",
            "status=failed: x",
            "",
        ] {
            assert_eq!(inferred(Severity::Default, true, text), None, "{text}");
        }
    }

    #[test]
    fn an_execution_that_ended_badly_is_no_debug_message() {
        for (ending, failed) in [
            (", finished with status: 'timeout'", true),
            (", finished with status: 'crash'", true),
            (", finished with status: 'connection error'", true),
            (". Finished with status: error", true),
            (", finished with status code: 500", true),
            (", finished with status code: 404", false),
            (", finished with status: 'ok'", false),
            (". Finished with status: ok", false),
        ] {
            let text = format!("Function execution took 60002 ms{ending}");
            assert_eq!(inferred(Severity::Debug, false, &text), failed.then_some(Severity::Error), "{text}");
            assert_eq!(inferred(Severity::Info, false, &text), None, "{text}");
        }
    }
}
