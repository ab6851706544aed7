//! The text of a cluster in, what its words are known to mean out: failed starts, defects, full memory, denied access.
//!
//! Words decide, in English, as programs and platforms write them; each find is named in the reasons it gives.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::model::{Cluster, Severity};

use super::signs::SIGNS;

/// What the text of a cluster says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// The program does not start.
    Startup,
    /// Code is missing, or a defect stands in the way of setting something up: a part of the program never works.
    Unloadable,
    /// Memory, disk, connections or quota are used up.
    Exhausted,
    /// The process ended by a signal or said that it fails.
    Crash,
    /// A defect of code: attribute, type, import and key errors, null pointers, failed assertions.
    Defect,
    /// Access is denied.
    Denied,
    /// Something is not installed or not configured.
    Misconfigured,
    /// Another service does not answer.
    Unreachable,
}

/// What is set up once and used ever after: a defect beside one of these words keeps a part from ever working.
const SETTING_UP: [&str; 7] =
    ["setup failed", "set up", "creation failed", "initializ", "initialis", "registration failed", "failed to load"];

/// Words by which a text calls itself critical, whatever severity its entry has.
const CRITICAL: [&str; 4] = ["critical", "fatal", "emergency", "severe:"];

/// Words that name something that went wrong.
const FAILURES: [&str; 57] = [
    "abort",
    "broken",
    "can not",
    "can't",
    "cannot",
    "conflict",
    "corrupt",
    "could not",
    "couldn't",
    "crash",
    "deadlock",
    "denied",
    "down",
    "duplicate",
    "error",
    "exceed",
    "exception",
    "exhaust",
    "expired",
    "fail",
    "fatal",
    "forbidden",
    "full",
    "gave up",
    "invalid",
    "killed",
    "leak",
    "lost",
    "low ",
    "mismatch",
    "missing",
    "no such",
    "not ",
    "offline",
    "overflow",
    "panic",
    "problem",
    "refused",
    "reject",
    "rolled back",
    "stuck",
    "terminated",
    "timed out",
    "timeout",
    "too many",
    "truncated",
    "unable",
    "unauthorized",
    "unavailable",
    "uncaught",
    "undefined",
    "unexpected",
    "unhandled",
    "unhealthy",
    "unknown",
    "unreachable",
    "violation",
];

/// Words by which programs themselves say that something is no failure.
const HARMLESS: [&str; 9] = [
    "as expected",
    "expected behavio",
    "is expected",
    "non blocking",
    "non-blocking",
    "non-critical",
    "nonblocking",
    "noncritical",
    "optional",
];

/// Words that play a text down, unless it says what cannot be played down: a crash may be retried and still is one.
const MILD: [&str; 7] = ["deprecat", "expected in ", "graceful", "ignored", "permissive", "retrying", "will retry"];

/// The word for advice; what fails gives it as well: `Consider increasing the memory limit`.
const ADVICE: &str = "consider ";

/// How far apart the two ends of a phrase with a gap may stand.
const GAP: usize = 60;

impl Signature {
    /// What the cluster's pattern, exception and hints say it is; the first sign in the order of the table.
    pub(super) fn of(cluster: &Cluster) -> Option<(Self, &'static str)> {
        let text = text(cluster);
        let (found, sign) = Self::in_text(&text)?;
        let setting_up = found == Self::Defect && SETTING_UP.iter().any(|word| text.contains(word));
        // No instance for a request: none was left where the answer is 429, else none came up.
        let all_taken = found == Self::Unreachable && cluster.http.first().is_some_and(|first| first.status == 429);
        let found = match found {
            _ if setting_up => Self::Unloadable,
            _ if all_taken => Self::Exhausted,
            found => found,
        };
        Some((found, sign))
    }

    fn in_text(text: &str) -> Option<(Self, &'static str)> {
        let phrase = phrase(text);
        // Of one kind, phrases stand before codes.
        let before = phrase.map_or(SIGNS.len(), |(kind, _)| kind);
        let coded = SIGNS.iter().take(before).filter(|signs| !signs.codes.is_empty()).find_map(|signs| {
            let code = words(text).find_map(|word| signs.codes.iter().find(|code| **code == word))?;
            Some((signs.signature, *code))
        });
        coded.or_else(|| phrase.and_then(|(kind, phrase)| Some((SIGNS.get(kind)?.signature, phrase))))
    }

    /// Whether a word such as `retrying` takes nothing from it.
    fn is_grave(self) -> bool {
        matches!(self, Self::Startup | Self::Unloadable | Self::Exhausted | Self::Crash)
    }
}

/// All phrases with the number of their kind, in the order of the table.
static PHRASES: LazyLock<Vec<(usize, &str)>> = LazyLock::new(|| {
    SIGNS.iter().enumerate().flat_map(|(kind, signs)| signs.phrases.iter().map(move |phrase| (kind, *phrase))).collect()
});

/// Their starts, looked for all at once. It reads little text, so it must be made fast.
static STARTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let starts = PHRASES.iter().map(|(_, phrase)| phrase.split('*').next().unwrap_or(phrase));
    AhoCorasick::builder().kind(Some(AhoCorasickKind::NoncontiguousNFA)).build(starts).ok()
});

/// The first phrase of the table that stands in a text.
fn phrase(text: &str) -> Option<(usize, &'static str)> {
    let found = STARTS.as_ref()?.find_overlapping_iter(text).map(|start| start.pattern().as_usize());
    let stands =
        |number: &usize| PHRASES.get(*number).is_some_and(|(_, phrase)| !phrase.contains('*') || says(text, phrase));
    PHRASES.get(found.filter(stands).min()?).copied()
}

/// Whether a phrase stands in a text; a `*` in it stands for a few words of one line.
fn says(text: &str, phrase: &str) -> bool {
    let Some((head, tail)) = phrase.split_once('*') else { return text.contains(phrase) };
    let behind = |(at, _): (usize, &str)| text.get(at + head.len()..).unwrap_or_default();
    let near = |rest: &str| {
        let line = rest.lines().next().unwrap_or_default();
        line.find(tail).is_some_and(|at| at <= GAP)
    };
    text.match_indices(head).map(behind).any(near)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// The word by which the text of a cluster calls itself critical; `non-critical` does not, nor does `cannot evict a critical
/// pod`.
pub(super) fn calls_itself_critical(cluster: &Cluster) -> Option<&'static str> {
    let text = cluster.pattern.to_lowercase();
    let plain = |(at, word): (usize, &str)| {
        let before = text.get(..at).unwrap_or_default().trim_end_matches(['-', ' ']);
        let behind = text.get(at + word.len()..).unwrap_or_default();
        !before.ends_with("non") && !before.ends_with("not") && !is_of_a_thing(before, behind)
    };
    CRITICAL.into_iter().find(|word| text.match_indices(word).any(plain)).map(|word| word.trim_end_matches(':'))
}

/// Whether what is critical is a thing that the text tells something about, and not what happened: behind `evict a`, and
/// before what is no word for a failure.
fn is_of_a_thing(before: &str, behind: &str) -> bool {
    const POINTERS: [&str; 11] = ["a", "an", "any", "all", "the", "in", "of", "for", "from", "on", "to"];
    const HAPPENED: [&str; 13] = [
        "alert",
        "condition",
        "crash",
        "error",
        "event",
        "exception",
        "fail",
        "fault",
        "incident",
        "issue",
        "problem",
        "situation",
        "state",
    ];
    let mut words = before.split_whitespace().rev();
    let points = words.next().is_some_and(|word| POINTERS.contains(&word)) && words.next().is_some();
    let named = behind.strip_prefix(' ').filter(|rest| rest.starts_with(char::is_alphabetic));
    points && named.is_some_and(|rest| !HAPPENED.iter().any(|word| rest.starts_with(word)))
}

/// Whether the text names something that went wrong; text without an ASCII word has the benefit of the doubt.
pub(super) fn names_failure(cluster: &Cluster) -> bool {
    let text = text(cluster);
    cluster.kind != "message"
        || !text.contains(|letter: char| letter.is_ascii_alphabetic())
        || FAILURES.iter().any(|word| text.contains(word))
}

/// The words by which a runtime tells that nothing caught an exception.
pub(super) fn is_unhandled(cluster: &Cluster) -> bool {
    let text = text(cluster);
    ["uncaught", "unhandled", "exception in thread"].iter().any(|word| text.contains(word))
}

/// The words by which a cluster's own text plays it down.
pub(super) fn mild(cluster: &Cluster) -> Option<&'static str> {
    let pattern = cluster.pattern.to_lowercase();
    let grave = Signature::of(cluster).is_some_and(|(signature, _)| signature.is_grave());
    let said = |words: &'static [&'static str]| words.iter().copied().find(|word| pattern.contains(word));
    let advice = if cluster.severity < Severity::Error { &[ADVICE][..] } else { &[] };
    said(&HARMLESS).or_else(|| if grave { None } else { said(&MILD).or_else(|| said(advice)) })
}

fn text(cluster: &Cluster) -> String {
    let mut text = cluster.pattern.to_lowercase();
    if let Some(exception) = &cluster.exception {
        for part in [&exception.kind, &exception.message] {
            text.push('\n');
            text.push_str(&part.to_lowercase());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Endpoint, Exception};

    fn message(severity: Severity, pattern: &str) -> Cluster {
        Cluster { kind: "message".to_owned(), severity, pattern: pattern.to_owned(), ..Cluster::default() }
    }

    fn signature(pattern: &str) -> Option<Signature> {
        Signature::of(&message(Severity::Error, pattern)).map(|(signature, _)| signature)
    }

    #[test]
    fn every_sign_is_found_and_stands_in_its_place() {
        for signs in &SIGNS {
            for list in [signs.phrases, signs.codes] {
                assert!(list.is_sorted(), "{list:?}");
            }
            for sign in signs.phrases.iter().chain(signs.codes) {
                let text = format!("it said: {}, then ended", sign.replace('*', " a b ")).to_uppercase();
                let (found, by) = Signature::of(&message(Severity::Error, &text)).unwrap();
                assert!(found == signs.signature, "{text}: {found:?} by {by}");
            }
        }
    }

    #[test]
    fn what_platforms_and_drivers_write() {
        use Signature::{Crash, Denied, Exhausted, Misconfigured, Startup, Unreachable};
        for (text, expected) in [
            ("Uncaught signal: 11, pid=<num>, tid=<num>, fault_addr=<id>", Crash),
            ("Container called exit(1).", Crash),
            ("Function execution took <dur>, finished with status: 'crash'", Crash),
            ("Function execution took <dur>, finished with status: 'timeout'", Unreachable),
            ("Application exec likely failed", Startup),
            ("BackOff Pod: Back-off restarting failed container orders in pod <id>(<uuid>)", Startup),
            ("Default STARTUP GRPC probe failed 1 time consecutively. The instance was not started.", Startup),
            ("LIVENESS HTTP probe failed 3 times for container \"a\". The instance has been shut down.", Unreachable),
            ("Readiness probe failed: HTTP probe failed with statuscode: 500", Unreachable),
            ("connect ECONNREFUSED 10.0.0.3:6379", Unreachable),
            ("getaddrinfo EAI_AGAIN redis", Unreachable),
            ("TypeError: fetch failed", Unreachable),
            ("Connection to 10.12.0.5:5432 refused. Check that the hostname is correct", Unreachable),
            ("rpc error: code = Unavailable desc = closing", Unreachable),
            ("The request was aborted because there was no available instance", Unreachable),
            ("FATAL: remaining connection slots are reserved for superusers", Exhausted),
            ("FATAL: sorry, too many clients already", Exhausted),
            ("the process was found to be using too much memory and was terminated", Exhausted),
            ("0/3 nodes are available: 3 Insufficient memory.", Exhausted),
            ("java.lang.OutOfMemoryError: unable to create new native thread", Exhausted),
            ("sa@x.iam does not have storage.objects.get access to the object", Denied),
            ("x509: certificate signed by unknown authority", Misconfigured),
        ] {
            assert_eq!(signature(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_sign() {
        for text in [
            "FileNotFound: report.csv",
            "basePipeline gave up",
            "Default STARTUP TCP probe succeeded after 1 attempt",
            "Container called exit(0).",
            "Connection to the store was slow\nthe order was refused",
            "exported 14 files",
            "signal strength low",
        ] {
            assert_eq!(signature(text), None, "{text}");
        }
    }

    #[test]
    fn no_instance_is_capacity_where_none_was_left() {
        let request = |status| Cluster {
            kind: "request".to_owned(),
            http: vec![Endpoint { status, ..Endpoint::default() }],
            ..message(Severity::Error, "POST /x: The request was aborted because there was no available instance")
        };
        let found = [429, 500].map(|status| Signature::of(&request(status)).unwrap().0);
        assert_eq!(found, [Signature::Exhausted, Signature::Unreachable]);
    }

    #[test]
    fn what_failed_is_not_played_down_by_advice() {
        use Severity::{Error, Warning};
        for (severity, text, expected) in [
            (Error, "Memory limit of 512 MiB exceeded. Consider increasing the memory limit", None),
            (Warning, "process was using too much memory. Consider setting a larger instance class", None),
            (Error, "Container failed to start, retrying", None),
            (Error, "Slow answer, consider a cache", None),
            (Warning, "Slow answer, consider a cache", Some(ADVICE)),
            (Error, "Upload of part <num> failed, retrying", Some("retrying")),
            (Error, "Cannot find module cache (optional)", Some("optional")),
        ] {
            assert_eq!(mild(&message(severity, text)), expected, "{text}");
        }
    }

    #[test]
    fn a_text_about_a_critical_thing_is_not_critical_for_that() {
        for (text, expected) in [
            ("\"Eviction manager: cannot evict a critical pod\" pod=<str>", None),
            ("Deadlock in the critical section", None),
            ("job ran into a fatal error", Some("fatal")),
            ("A critical dependency is missing", Some("critical")),
            ("CRITICAL_AUTH_FAILURE: not authenticated", Some("critical")),
            ("[CRITICAL] WORKER TIMEOUT", Some("critical")),
            ("Import failed (non-critical)", None),
        ] {
            assert_eq!(calls_itself_critical(&message(Severity::Error, text)), expected, "{text}");
        }
    }

    #[test]
    fn only_runtimes_tell_that_nothing_caught_it() {
        let trace = |pattern: &str, message: &str| Cluster {
            kind: "trace".to_owned(),
            pattern: pattern.to_owned(),
            exception: Some(Exception { message: message.to_owned(), ..Exception::default() }),
            ..Cluster::default()
        };
        assert!(is_unhandled(&trace("Exception in thread \"main\" IllegalStateException at a.B.c", "")));
        assert!(is_unhandled(&trace("Error at a.b", "Uncaught (in promise)")));
        assert!(!is_unhandled(&trace("Could not save: SQLException at a.B.c", "no row")));
    }
}
