//! The pattern of a call in the audit log in, its title out.

use super::statement::of_text;

/// `instances.insert on compute: RESOURCE_EXHAUSTED`, or what the log says of it: `Jobs.RunJob on run: Execution failed`.
pub(super) fn audit(pattern: &str) -> Option<String> {
    let (call, reason) = pattern.split_once(": ").unwrap_or((pattern, ""));
    let mut parts = call.split_whitespace();
    let service = parts.next()?.split('.').next()?;
    let is_version = |part: &&str| {
        part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
    };
    let method: Vec<&str> = parts.next()?.trim_start_matches('/').split('.').filter(|part| !is_version(part)).collect();
    let (_, method) = method.split_at_checked(method.len().saturating_sub(2))?;
    let reason = of_text(cause(reason));
    let status = parts.next().filter(|status| *status != "OK");
    let said = if reason.is_empty() { status.unwrap_or_default() } else { &reason };
    let status = if said.is_empty() { String::new() } else { format!(": {said}") };
    Some(format!("{} on {service}{status}", method.join(".")))
}

/// Of `Ready condition status changed to False for Service x with message: Revision <*> is not ready and cannot serve
/// traffic. Image <*> not found` what stands last, as far as it goes.
fn cause(reason: &str) -> &str {
    [" with message: ", " cannot serve traffic. "]
        .iter()
        .filter_map(|led| reason.split_once(led))
        .map(|(_, cause)| cause)
        .min_by_key(|cause| cause.len())
        .unwrap_or(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_that_failed_is_told_with_the_reason() {
        let revision = "run.googleapis.com /Services.ReplaceService INTERNAL: Ready condition status changed to False for \
             Service search with message: Revision <*> is not ready and cannot serve traffic";
        for (pattern, expected) in [
            (revision.to_owned(), "Services.ReplaceService on run: Revision … is not ready and cannot serve traffic"),
            (
                format!("{revision}. The container failed to start and listen on the port"),
                "Services.ReplaceService on run: The container failed to start and listen on the port",
            ),
        ] {
            assert_eq!(audit(&pattern).as_deref(), Some(expected));
        }
    }
}
