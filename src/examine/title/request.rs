//! A cluster of requests, or of entries without a message, in; its title out.

use std::collections::BTreeSet;

use super::statement::of_text;
use crate::examine::words;
use crate::model::{Cluster, log_id};

/// `state=UNHEALTHY in my-log`, or `my-log: entries with severity, source and 3 more fields`.
pub(super) fn shape(cluster: &Cluster) -> String {
    let log = cluster.logs.first().map(|log| log_id(&log.name)).filter(|log| !log.is_empty());
    let (said, fields) = cluster.pattern.split_once('{').unwrap_or(("", &cluster.pattern));
    if said.contains('=') {
        return format!("{}{}", said.trim(), log.map_or_else(String::new, |log| format!(" in {log}")));
    }
    let fields: Vec<&str> = fields
        .split(|letter: char| "{},[]".contains(letter))
        .map(str::trim)
        .filter(|field| field.chars().any(char::is_alphanumeric))
        .collect();
    let (shown, more) = fields.split_at_checked(2).unwrap_or((&fields, &[]));
    let mut names: Vec<String> = shown.iter().map(|field| (*field).to_owned()).collect();
    if !more.is_empty() {
        names.push(words::counted(more.len() as u64, "more field", "more fields"));
    }
    let names = words::list(&names);
    log.map_or_else(|| format!("Entries with {names}"), |log| format!("{log}: entries with {names}"))
}

/// `404 on 702 unknown paths`.
pub(super) fn unknown_paths(cluster: &Cluster) -> String {
    // The slot keeps a part of the paths and estimates how many there are.
    let paths = cluster.variants.iter().map(|variant| &variant.pattern).collect::<BTreeSet<_>>().len();
    let status = cluster.http.first().map_or(404, |endpoint| endpoint.status);
    format!("{status} on {}", words::counted(paths as u64, "unknown path", "unknown paths"))
}

/// `503 on GET /api/chat`, and what the log says of it: `: backend_timeout`.
pub(super) fn request(cluster: &Cluster) -> Option<String> {
    let first = cluster.http.first()?;
    let routes = cluster.http.iter().filter(|other| other.route != first.route).count();
    let more = if routes == 0 { String::new() } else { format!(" and {routes} more") };
    let said = ["xx: ", " no status: "].iter().find_map(|class| cluster.pattern.split_once(class));
    let said = said.map(|(_, said)| of_text(said)).filter(|said| !said.is_empty());
    let said = said.map_or_else(String::new, |said| format!(": {said}"));
    let status = match first.status {
        0 => return Some(format!("{} {}{more}{said}", first.method, first.route)),
        status if cluster.http.iter().all(|other| other.status == status) => status.to_string(),
        status => format!("{}xx", status / 100),
    };
    Some(format!("{status} on {} {}{more}{said}", first.method, first.route))
}

/// `Entries without text in run.googleapis.com/requests`.
pub(super) fn empty(cluster: &Cluster) -> String {
    match cluster.logs.first().map(|log| log_id(&log.name)).filter(|log| !log.is_empty()) {
        Some(log) => format!("{} entries without text in {log}", cluster.severity),
        None => format!("{} entries without text", cluster.severity),
    }
}

#[cfg(test)]
mod tests {
    use super::super::title;
    use super::*;
    use crate::model::{Digest, Endpoint};

    #[test]
    fn requests_are_told_apart_by_what_is_said_of_them() {
        let endpoint = Endpoint { method: "GET".to_owned(), route: "/a".to_owned(), status: 502, ..Default::default() };
        let request = |pattern: &str| Cluster {
            kind: "request".to_owned(),
            pattern: pattern.to_owned(),
            http: vec![endpoint.clone()],
            ..Cluster::default()
        };
        let titles =
            ["GET /a 5xx", "GET /a 5xx: backend_timeout", "GET /a 5xx: The request was aborted because <*> ended"]
                .map(|pattern| title(&request(pattern), &Digest::default()));
        assert_eq!(
            titles,
            [
                "502 on GET /a",
                "502 on GET /a: backend_timeout",
                "502 on GET /a: The request was aborted because … ended"
            ]
        );
    }

    #[test]
    fn requests_without_a_status_are_told_by_what_became_of_them() {
        let endpoint = Endpoint { method: "GET".to_owned(), route: "/a".to_owned(), ..Default::default() };
        let pattern = "GET /a no status: client_disconnected_before_any_response".to_owned();
        let cluster = Cluster { kind: "request".to_owned(), pattern, http: vec![endpoint], ..Cluster::default() };
        assert_eq!(title(&cluster, &Digest::default()), "GET /a: client_disconnected_before_any_response");
    }

    #[test]
    fn requests_of_several_statuses_are_told_by_their_class() {
        let http = [500, 502].map(|status| Endpoint {
            method: "POST".to_owned(),
            route: "/pay".to_owned(),
            status,
            ..Default::default()
        });
        let cluster = Cluster { kind: "request".to_owned(), http: http.to_vec(), ..Cluster::default() };
        assert_eq!(title(&cluster, &Digest::default()), "5xx on POST /pay");
    }
}
