//! A cluster in, the hidden mark that names it in an issue out; and back.

use crate::model::{Cluster, Fingerprint, Timestamp};

/// How many fingerprints a mark names at most; the id names the cluster in any case.
const NAMED: usize = 16;

/// What a mark says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marker {
    /// Fingerprints of the cluster.
    pub fingerprints: Vec<Fingerprint>,
    /// Its id.
    pub id: String,
    /// The latest entry that the text tells of.
    pub seen: Option<Timestamp>,
}

/// The mark of a cluster, one line.
pub fn marker(cluster: &Cluster) -> String {
    let prints: Vec<String> = cluster.fingerprints.iter().take(NAMED).map(ToString::to_string).collect();
    let seen = cluster.last_seen.map(|last| format!(" seen={last}")).unwrap_or_default();
    format!("<!-- log-gardener fp={} id={}{seen} -->", prints.join(","), safe_id(&cluster.id))
}

impl Marker {
    /// Whether it names this cluster.
    pub(crate) fn is_of(&self, cluster: &Cluster) -> bool {
        self.fingerprints.iter().any(|print| cluster.fingerprints.contains(print))
            || (!self.id.is_empty() && self.id == cluster.id)
    }
}

/// Reads the mark of a text.
///
/// It counts only as the last line: text quoted from a log stands above it, so no log line can pose as a mark.
pub(crate) fn read_marker(text: &str) -> Option<Marker> {
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    let inside = line.strip_prefix("<!-- log-gardener ")?.strip_suffix("-->")?;
    let mut marker = Marker::default();
    for part in inside.split_whitespace() {
        if let Some(prints) = part.strip_prefix("fp=") {
            marker.fingerprints.extend(prints.split(',').filter_map(Fingerprint::parse));
        } else if let Some(id) = part.strip_prefix("id=") {
            marker.id = safe_id(id);
        } else if let Some(seen) = part.strip_prefix("seen=") {
            marker.seen = Timestamp::parse(seen);
        }
    }
    (!marker.id.is_empty() || !marker.fingerprints.is_empty()).then_some(marker)
}

/// An id if it is one (`LG-` and hexadecimal digits), else nothing.
pub(crate) fn safe_id(id: &str) -> String {
    let digits = id.strip_prefix("LG-").unwrap_or_default();
    let whole = (1..=32).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if whole { id.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::super::testing::cluster;
    use super::*;

    #[test]
    fn a_mark_and_back() {
        let one = cluster("x", 3).done();
        let text = format!("## Problem\n\n{}\n\n", marker(&one));
        let read = read_marker(&text).unwrap();
        assert_eq!((read.fingerprints, read.id), (one.fingerprints.clone(), one.id.clone()));
    }

    #[test]
    fn log_text_cannot_pose_as_a_mark() {
        let forged = marker(&cluster("accepted", 1).done());
        assert_eq!(read_marker(&format!("```\n{forged}\n```\n")), None);
        assert_eq!(read_marker(&format!("{forged} and more")), None);
        let true_one = marker(&cluster("x", 1).done());
        let read = read_marker(&format!("{forged}\n{true_one}")).unwrap();
        assert_eq!(read.id, cluster("x", 1).done().id);
        assert_eq!(read_marker("<!-- log-gardener fp=zz id=$(x) -->"), None);
    }
}
