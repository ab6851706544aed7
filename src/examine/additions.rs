//! A cluster of lines that `PostgreSQL` writes below a message, each an entry of its own, in; the cluster of the message out.
//!
//! `DETAIL:`, `HINT:`, `CONTEXT:`, `QUERY:` and `STATEMENT:` are by definition parts of the message before them. Where the
//! lines name no trace or instance, only their times tell which one that is.

use crate::model::{Cluster, Timestamp};

/// What such lines begin with, behind the prefix that all lines have.
const ADDED: [&str; 5] = ["DETAIL:", "HINT:", "CONTEXT:", "QUERY:", "STATEMENT:"];
/// What messages begin with.
const MESSAGES: [&str; 5] = ["ERROR:", "FATAL:", "PANIC:", "WARNING:", "LOG:"];
/// The lines of one message are written at once.
const AT_ONCE_MS: i64 = 1_000;

/// The cluster whose messages these lines were written below: the one that begins and ends with them, else the only one
/// in whose time they are and that has as many entries.
pub(super) fn message_of<'c>(cluster: &Cluster, clusters: impl Iterator<Item = &'c Cluster>) -> Option<&'c Cluster> {
    if !begins_with(cluster, &ADDED) {
        return None;
    }
    let service = |cluster: &Cluster| cluster.services.first().map(|service| service.name.clone());
    let own = service(cluster);
    let around = |other: &&Cluster| {
        other.count >= cluster.count
            && begins_with(other, &MESSAGES)
            && service(other) == own
            && apart(other.first_seen, cluster.first_seen).is_some_and(|ms| ms >= -AT_ONCE_MS)
            && apart(cluster.last_seen, other.last_seen).is_some_and(|ms| ms >= -AT_ONCE_MS)
    };
    let around: Vec<&Cluster> = clusters.filter(around).collect();
    let at_once = |one: Option<Timestamp>, other| apart(one, other).is_some_and(|ms| ms.abs() <= AT_ONCE_MS);
    let with = |other: &&&Cluster| {
        at_once(other.first_seen, cluster.first_seen) && at_once(other.last_seen, cluster.last_seen)
    };
    let mut with = around.iter().filter(with);
    match (with.next(), with.next(), &*around) {
        (Some(only), None, _) | (None, None, [only]) => Some(only),
        _ => None,
    }
}

/// Whether the first of the words behind `user=` is one of these.
fn begins_with(cluster: &Cluster, words: &[&str]) -> bool {
    let told = cluster.pattern.split_once("]: [").and_then(|(_, rest)| rest.split_once("user="));
    told.and_then(|(_, rest)| rest.split_ascii_whitespace().nth(1)).is_some_and(|word| words.contains(&word))
}

/// Milliseconds from one time to another.
fn apart(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<i64> {
    Some(to?.nanos().saturating_sub(from?.nanos()) / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NameCount;

    fn cluster(said: &str, count: u64, first: i64, last: i64) -> Cluster {
        Cluster {
            id: said.to_owned(),
            pattern: format!("<ts> [<num>]: [<id>] db=orders,user=app {said}"),
            count,
            first_seen: Timestamp::from_seconds(first),
            last_seen: Timestamp::from_seconds(last),
            services: vec![NameCount { name: "pg".to_owned(), count }],
            ..Cluster::default()
        }
    }

    #[test]
    fn lines_below_a_message_belong_to_the_one_of_their_time() {
        let detail = cluster("DETAIL: Process <num> waits", 40, 100, 900);
        let deadlock = cluster("ERROR: deadlock detected", 40, 100, 900);
        let timeout = cluster("ERROR: statement timeout", 60, 0, 2_000);
        let early = cluster("ERROR: deadlock detected", 40, 100, 500);
        let few = cluster("ERROR: no", 4, 100, 900);
        let found = |others: &[&Cluster]| {
            message_of(&detail, others.iter().copied()).map(|other| other.id.clone()).unwrap_or_default()
        };
        assert_eq!(found(&[&timeout, &deadlock, &detail]), "ERROR: deadlock detected");
        assert_eq!(found(&[&timeout, &few, &detail]), "ERROR: statement timeout");
        let longer = cluster("ERROR: y", 60, 0, 2_000);
        assert_eq!(found(&[&timeout, &longer, &early]), "");
        assert!(message_of(&timeout, [&longer].into_iter()).is_none());
    }
}
