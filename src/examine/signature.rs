//! The text of a cluster in, what its words are known to mean out: failed starts, defects, full memory, denied access.
//!
//! Words decide, in English, as programs and platforms write them; each find is named in the reasons it gives.

use crate::model::Cluster;

/// What the text of a cluster says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// The program does not start.
    Startup,
    /// Code is missing, or a defect stands in the way of setting something up: a part of the program never works.
    Unloadable,
    /// Memory, disk or quota is used up.
    Exhausted,
    /// A defect of code: attribute, type, import and key errors, null pointers, failed assertions.
    Defect,
    /// Access is denied.
    Denied,
    /// Something is not installed or not configured.
    Misconfigured,
    /// Another service does not answer.
    Unreachable,
}

const SIGNS: [(Signature, &[&str]); 7] = [
    (
        Signature::Startup,
        &[
            "failed to boot",
            "failed to start",
            "startup failed",
            "startup failure",
            "startup validation fail",
            "crashloopbackoff",
            "startup probe failed",
            "startup tcp probe failed",
            "startup http probe failed",
            "failed to initialize application",
            "container failed to start",
            "could not start",
            "application startup",
        ],
    ),
    (
        Signature::Unloadable,
        &[
            "no module named",
            "modulenotfound",
            "cannot import name",
            "importerror",
            "cannot find module",
            "classnotfound",
            "noclassdeffound",
            "cannot open shared object",
            "undefined symbol",
        ],
    ),
    (
        Signature::Exhausted,
        &[
            "out of memory",
            "outofmemory",
            "memoryerror",
            "oomkilled",
            "memory limit",
            "no space left",
            "disk full",
            "quota exceeded",
            "resource_exhausted",
            "resource exhausted",
            "too many open files",
            "too many connections",
        ],
    ),
    (
        Signature::Defect,
        &[
            "has no attribute",
            "attributeerror",
            "typeerror",
            "nameerror",
            "object is not callable",
            "is not subscriptable",
            "can't be used in 'await'",
            "required positional argument",
            "unexpected keyword argument",
            "nullpointerexception",
            "nil pointer dereference",
            "null reference",
            "undefined is not",
            "is not a function",
            "cannot read propert",
            "keyerror",
            "indexerror",
            "index out of range",
            "nosuchmethod",
            "assertionerror",
            "assertion failed",
            "segmentation fault",
            "panic:",
            "panicked at",
            "stack overflow",
            "syntaxerror",
        ],
    ),
    (
        Signature::Denied,
        &[
            "not authenticated",
            "unauthenticated",
            "permission_denied",
            "permission denied",
            "access denied",
            "unauthorized",
            "forbidden",
            "invalid credentials",
            "authentication failed",
            "auth_failure",
        ],
    ),
    (
        Signature::Misconfigured,
        &[
            "must be installed",
            "not installed",
            "must be configured",
            "not configured",
            "misconfigur",
            "configuration error",
            "missing configuration",
            "environment variable",
            "is not set",
        ],
    ),
    (
        Signature::Unreachable,
        &[
            "connection refused",
            "connection reset",
            "timed out",
            "timeout",
            "deadline exceeded",
            "deadline_exceeded",
            "service unavailable",
            "unreachable",
            "no route to host",
            "could not connect",
            "failed to connect",
            "connection error",
            "not connected",
            "name resolution",
        ],
    ),
];

/// What is set up once and used ever after: a defect beside one of these words keeps a part from ever working.
const SETTING_UP: [&str; 7] =
    ["setup failed", "set up", "creation failed", "initializ", "initialis", "registration failed", "failed to load"];

/// Words by which a text calls itself critical, whatever severity its entry has.
const CRITICAL: [&str; 4] = ["critical", "fatal", "emergency", "severe:"];

/// Words that name something that went wrong.
const FAILURES: [&str; 40] = [
    "error",
    "fail",
    "exception",
    "fatal",
    "panic",
    "crash",
    "abort",
    "denied",
    "refused",
    "reject",
    "timeout",
    "timed out",
    "unable",
    "cannot",
    "can't",
    "can not",
    "could not",
    "couldn't",
    "not ",
    "invalid",
    "lost",
    "missing",
    "corrupt",
    "broken",
    "unavailable",
    "unreachable",
    "unhealthy",
    "down",
    "killed",
    "exceed",
    "exhaust",
    "full",
    "low ",
    "stuck",
    "deadlock",
    "leak",
    "violation",
    "unauthorized",
    "forbidden",
    "problem",
];

/// Words by which programs themselves say that something is no failure.
const MILD: [&str; 17] = [
    "non-blocking",
    "non blocking",
    "nonblocking",
    "non-critical",
    "noncritical",
    "as expected",
    "is expected",
    "expected behavio",
    "expected in ",
    "optional",
    "graceful",
    "permissive",
    "retrying",
    "will retry",
    "deprecat",
    "consider ",
    "ignored",
];

impl Signature {
    /// What the cluster's pattern, exception and hints say it is; the first sign in the order above.
    pub(super) fn of(cluster: &Cluster) -> Option<(Self, &'static str)> {
        let text = text(cluster);
        let (found, sign) = SIGNS.iter().find_map(|(signature, signs)| {
            signs.iter().find(|sign| text.contains(**sign)).map(|sign| (*signature, *sign))
        })?;
        let setting_up = found == Self::Defect && SETTING_UP.iter().any(|word| text.contains(word));
        Some((if setting_up { Self::Unloadable } else { found }, sign))
    }
}

/// The word by which the text of a cluster calls itself critical; `non-critical` does not.
pub(super) fn calls_itself_critical(cluster: &Cluster) -> Option<&'static str> {
    let text = cluster.pattern.to_lowercase();
    let plain = |(at, _): (usize, &str)| {
        let before = text.get(..at).unwrap_or_default().trim_end_matches(['-', ' ']);
        !before.ends_with("non") && !before.ends_with("not")
    };
    CRITICAL.into_iter().find(|word| text.match_indices(word).any(plain)).map(|word| word.trim_end_matches(':'))
}

/// Whether the text names something that went wrong; text without an ASCII word has the benefit of the doubt.
pub(super) fn names_failure(cluster: &Cluster) -> bool {
    let text = text(cluster);
    cluster.kind != "message"
        || !text.contains(|letter: char| letter.is_ascii_alphabetic())
        || FAILURES.iter().any(|word| text.contains(word))
}

/// The words by which a cluster's own text plays it down.
pub(super) fn mild(cluster: &Cluster) -> Option<&'static str> {
    let pattern = cluster.pattern.to_lowercase();
    MILD.into_iter().find(|sign| pattern.contains(sign))
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
