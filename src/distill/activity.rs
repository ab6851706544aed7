//! A payload that a Google service writes without a message in, what it says in a sentence out.

use crate::model::Value;

/// The finished pattern: `nightly: UNKNOWN: URL_ERROR-ERROR_OTHER. Original HTTP response code number = 500` of Cloud Scheduler,
/// `emails: attempt response: UNAVAILABLE` of Cloud Tasks; `None` for all else.
///
/// Whose it was stands first: two jobs that fail in the same way are two troubles.
pub(super) fn pattern(payload: Value<'_>) -> Option<String> {
    let kind = payload.text("@type")?.strip_prefix("type.googleapis.com/google.cloud.")?;
    if kind.starts_with("scheduler.logging.") {
        let job = payload.text("jobName")?.rsplit('/').next()?;
        let told = match payload.text("status") {
            Some(status) => [Some(status), payload.text("debugInfo")],
            None => [kind.rsplit('.').next(), None],
        };
        return Some(sentence(job, told));
    }
    if kind.starts_with("tasks.logging.") {
        let (_, queue) = payload.text("task")?.split_once("/queues/")?;
        let (key, operation) = payload.members().find(|(key, value)| key.ends_with("Log") && value.is_object())?;
        let queue = queue.split('/').next().unwrap_or_default();
        return Some(sentence(queue, [Some(&words(key.trim_end_matches("Log"))), operation.text("status")]));
    }
    None
}

fn sentence(whose: &str, told: [Option<&str>; 2]) -> String {
    let told = told.into_iter().flatten().filter(|told| !told.is_empty());
    std::iter::once(whose).chain(told).collect::<Vec<_>>().join(": ")
}

/// `attempt response` of `attemptResponse`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
