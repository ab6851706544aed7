//! A Digest and its clusters in, the moments whose neighbours are wanted out, and where to read for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Cluster, Digest, Exemplar, Fingerprint, JsonText, Severity, Timestamp, Worklog};

/// Clusters that get context at most: the most urgent ones.
const CLUSTERS: usize = 48;
/// How far a neighbour is from its moment at most, in nanoseconds.
pub(super) const REACH: i64 = 5_000_000_000;
/// Labels by which entries name their instance.
const INSTANCE_LABELS: [&str; 7] = [
    "instanceId",
    "run.googleapis.com/execution_name",
    "instance_id",
    "pod_name",
    "node_name",
    "task_id",
    "compute.googleapis.com/resource_name",
];

/// From which byte to which.
type Stretches = Vec<(u64, u64)>;

/// A point in the life of a cluster whose surroundings explain it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The cluster's id.
    pub cluster: String,
    /// Its patterns: more of the same explains nothing.
    pub fingerprints: BTreeSet<Fingerprint>,
    /// Event time of the exemplar.
    pub time: Timestamp,
    /// Identity of the exemplar.
    pub hash: u64,
    /// Its trace, empty if it has none.
    pub trace: String,
    /// Names of its instance, as its labels give them.
    pub instances: BTreeSet<String>,
    /// Module of the statement.
    pub module: String,
    /// Function of the statement.
    pub function: String,
    /// What the exemplar says, redacted.
    pub message: String,
}

/// All moments of a run, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// The moments, sorted by time, then cluster.
    pub all: Vec<Moment>,
}

/// Chooses a moment for each of the most urgent clusters of WARNING and above.
///
/// Of a cluster's exemplars the one closest to a moment chosen before is taken, so that many clusters share a stretch of
/// the archive and little of it is read again; the first cluster takes its earliest one.
pub fn moments(digest: &Digest, worklog: &Worklog) -> Moments {
    let mut all: Vec<Moment> = Vec::new();
    let mut chosen: BTreeSet<i64> = BTreeSet::new();
    let worth = worklog.clusters.iter().filter(|cluster| cluster.severity >= Severity::Warning);
    for cluster in worth.filter(|cluster| !matches!(cluster.kind.as_str(), "collapsed" | "empty")).take(CLUSTERS) {
        let distance = |exemplar: &Exemplar| {
            let nanos = exemplar.time.map_or(0, Timestamp::nanos);
            let before = chosen.range(..=nanos).next_back();
            let after = chosen.range(nanos..).next();
            before.into_iter().chain(after).map(|other| other.abs_diff(nanos)).min().unwrap_or_default()
        };
        let closest = exemplars(digest, cluster).min_by_key(|(exemplar, _)| (distance(exemplar), exemplar.key()));
        if let Some((exemplar, place)) = closest
            && let Some(time) = exemplar.time
        {
            chosen.insert(time.nanos());
            all.push(moment(cluster, exemplar, time, place));
        }
    }
    all.sort_by(|left, right| (left.time, &left.cluster).cmp(&(right.time, &right.cluster)));
    Moments { all }
}

/// The exemplars of a cluster that have a time, each with module and function of its pattern.
fn exemplars<'a>(digest: &'a Digest, cluster: &'a Cluster) -> impl Iterator<Item = (&'a Exemplar, (&'a str, &'a str))> {
    let patterns = cluster.fingerprints.iter().filter_map(|fingerprint| digest.patterns.get(fingerprint));
    patterns
        .flat_map(|pattern| {
            pattern
                .exemplars
                .iter()
                .map(move |exemplar| (exemplar.as_ref(), (pattern.module.as_str(), pattern.function.as_str())))
        })
        .filter(|(exemplar, _)| exemplar.time.is_some())
}

fn moment(cluster: &Cluster, exemplar: &Exemplar, time: Timestamp, place: (&str, &str)) -> Moment {
    let entry = exemplar.entry.as_ref().map(JsonText::value);
    let trace = entry.as_ref().and_then(|entry| entry.get("trace")).and_then(Value::as_str).unwrap_or_default();
    Moment {
        cluster: cluster.id.clone(),
        fingerprints: cluster.fingerprints.iter().copied().collect(),
        time,
        hash: exemplar.hash,
        trace: trace.to_owned(),
        instances: entry.as_ref().map(instances).unwrap_or_default(),
        module: place.0.to_owned(),
        function: place.1.to_owned(),
        message: exemplar.message.clone(),
    }
}

fn instances(entry: &Value) -> BTreeSet<String> {
    let labels = [entry.get("labels"), entry.get("resource").and_then(|resource| resource.get("labels"))];
    labels
        .into_iter()
        .flatten()
        .flat_map(|labels| INSTANCE_LABELS.iter().filter_map(|key| labels.get(*key)))
        .filter_map(Value::as_str)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

impl Moments {
    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The bytes to read again, by input: all chunks that hold times within reach of a moment, adjacent ones as one.
    pub fn zones(&self, digest: &Digest) -> BTreeMap<Arc<str>, Stretches> {
        // They come in the order of paths.
        let mut zones: Vec<(Arc<str>, Stretches)> = Vec::new();
        for zone in &digest.zones {
            let (Some(first), Some(last)) = (zone.first, zone.last) else { continue };
            if self.near(first.nanos().saturating_sub(REACH), last.nanos().saturating_add(REACH)).next().is_none() {
                continue;
            }
            match zones.last_mut().filter(|(path, _)| *path == zone.path).map(|(_, ranges)| ranges) {
                Some(ranges) => match ranges.last_mut() {
                    Some(range) if range.1 >= zone.from => range.1 = range.1.max(zone.to),
                    _ => ranges.push((zone.from, zone.to)),
                },
                None => zones.push((zone.path.clone(), vec![(zone.from, zone.to)])),
            }
        }
        zones.into_iter().collect()
    }

    /// Whether a moment is within reach of this time; cheap, to be asked before anything else.
    pub fn reaches(&self, time: Timestamp) -> bool {
        let at = time.nanos();
        self.near(at.saturating_sub(REACH), at.saturating_add(REACH)).next().is_some()
    }

    /// The moments from `first` to `last`, both included, with their places in [`Moments::all`].
    pub(super) fn near(&self, first: i64, last: i64) -> impl Iterator<Item = (usize, &Moment)> {
        let start = self.all.partition_point(|moment| moment.time.nanos() < first);
        self.all.iter().enumerate().skip(start).take_while(move |(_, moment)| moment.time.nanos() <= last)
    }
}
