//! Entries read again in, for each moment its nearest neighbours out; mergeable, so any split gives the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Context, Exception, Fingerprint, JsonText, Severity, Skip, Skips, Timestamp, Worklog};

use super::lines::{self, Lines};
use super::moments::{Moment, Moments, REACH};
use super::nearest::{Nearest, Neighbour, Written};
use super::rows;

/// Up to this many nanoseconds apart entries of one instance stand in the same moment.
const SAME_MOMENT: i64 = 2_000_000;
/// Up to this many nanoseconds apart entries of one function belong together.
const SAME_FUNCTION: i64 = 1_000_000_000;
/// Neighbours of entries that name neither trace nor instance are no farther than this.
const UNNAMED: i64 = 1_000_000_000;

/// What is known of an entry that was read again.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Event time.
    pub time: Timestamp,
    /// Its trace, as the entry has it.
    pub trace: &'a str,
    /// Its instance, empty if it names none.
    pub instance: &'a str,
    /// Module of the statement, no wrapper.
    pub module: &'a str,
    /// Function of the statement.
    pub function: &'a str,
    /// Its severity.
    pub severity: Severity,
    /// Of its pattern.
    pub fingerprint: Fingerprint,
    /// Its identity: the same as that of an exemplar.
    pub hash: u64,
    /// Whether it may go on with a stack trace that began in another entry.
    pub goes_on: bool,
}

/// How a neighbour stands to its moment; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Relation {
    SameFunction,
    SameTrace,
    SameMoment,
    Before,
    After,
}

impl Relation {
    fn name(self) -> &'static str {
        match self {
            Self::SameFunction => "same_function",
            Self::SameTrace => "same_trace",
            Self::SameMoment => "same_moment",
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// How an entry that is `delta` nanoseconds from a moment stands to it; nothing where it explains nothing.
    fn of(moment: &Moment, facts: &Facts<'_>, delta: i64, same_instance: bool) -> Option<Self> {
        let same_trace = !facts.trace.is_empty() && facts.trace == moment.trace;
        let unnamed = facts.instance.is_empty() && moment.instances.is_empty();
        let near = same_trace || same_instance || (unnamed && delta.abs() <= UNNAMED);
        // Most entries near a moment are of other instances.
        if !near || delta.abs() > REACH || facts.hash == moment.hash || moment.fingerprints.contains(&facts.fingerprint)
        {
            return None;
        }
        let same_function = !facts.function.is_empty()
            && facts.function == moment.function
            && facts.module == moment.module
            && delta.abs() <= SAME_FUNCTION;
        match () {
            () if same_function => Some(Self::SameFunction),
            () if same_trace => Some(Self::SameTrace),
            () if delta.abs() <= SAME_MOMENT => Some(Self::SameMoment),
            () if delta < 0 => Some(Self::Before),
            () => Some(Self::After),
        }
    }
}

/// An entry as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The redacted LogEntry, cut where it is long.
    pub entry: JsonText,
    /// Its message, redacted, as a line of a stack trace would stand there.
    pub message: String,
    /// The JSON that was inside its message.
    pub unpacked: Option<JsonText>,
}

/// The nearest neighbours of every moment: records while they are looked for, entries as they are shown in the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "E: Serialize", deserialize = "E: Deserialize<'de>"))]
pub struct Neighbours<E> {
    /// Inputs that were read once but not again.
    lost: BTreeSet<String>,
    #[serde(with = "rows")]
    kept: BTreeMap<Stand, Nearest<E>>,
    /// Of each moment, what may be lines of its stack trace.
    #[serde(with = "rows")]
    lines: BTreeMap<usize, Lines<E>>,
}

/// The number of a moment, how entries stand to it, and whether they may be lines of a stack trace.
type Stand = (usize, Relation, bool);

impl<E> Default for Neighbours<E> {
    fn default() -> Self {
        Self { lost: BTreeSet::new(), kept: BTreeMap::new(), lines: BTreeMap::new() }
    }
}

impl<E> Neighbours<E> {
    /// Compares what could not be read of an input, each fault by its offset and its reason, with what could not be read
    /// before.
    pub fn check(&mut self, path: &str, faults: &[(u64, String)], before: &Skips) {
        // Where the list is full, it cannot be told which faults are new.
        let is_whole = before.total == before.listed.len() as u64;
        let is_known = |(offset, reason): &(u64, String)| {
            let same = |skip: &Skip| *skip.path == *path && skip.offset == *offset && skip.reason == *reason;
            before.listed.iter().any(same)
        };
        if is_whole && !faults.iter().all(is_known) {
            self.lose(path.to_owned());
        }
    }

    /// Notes that an input could not be read again.
    pub fn lose(&mut self, path: String) {
        self.lost.insert(path);
    }

    /// Adds the neighbours found in another part. Commutative, associative and idempotent.
    pub fn merge(&mut self, other: Self) {
        self.lost.extend(other.lost);
        for (stand, nearest) in other.kept {
            self.kept.entry(stand).or_default().merge(nearest);
        }
        for (index, lines) in other.lines {
            self.lines.entry(index).or_default().merge(lines);
        }
    }

    /// Forgets what stands beside no line: no other part is to come.
    pub fn complete(&mut self) {
        self.lines.retain(|_, lines| !lines.is_empty());
    }
}

impl Neighbours<Arc<[u8]>> {
    /// Offers an entry by its record.
    pub fn offer(&mut self, moments: &Moments, facts: &Facts<'_>, record: &[u8]) {
        let at = facts.time.nanos();
        let mut shared: Option<Written<Arc<[u8]>>> = None;
        let mut written =
            || shared.get_or_insert_with(|| Written { hash: xxh3_64(record), entry: record.into() }).clone();
        for (index, moment) in moments.near(at.saturating_sub(REACH), at.saturating_add(REACH)) {
            let delta = at.saturating_sub(moment.time.nanos());
            let same_instance = !facts.instance.is_empty() && moment.instances.contains(facts.instance);
            if same_instance && delta.abs() <= lines::REACH && facts.hash != moment.hash {
                let lines = self.lines.entry(index).or_default();
                if facts.goes_on {
                    lines.add(delta, facts.hash, written());
                } else if lines.may_bound(delta) {
                    lines.bound(delta, written());
                }
            }
            let Some(relation) = Relation::of(moment, facts, delta, same_instance) else { continue };
            let nearness = (delta.unsigned_abs(), 800 - facts.severity.number().min(800), facts.hash);
            let nearest = self.kept.entry((index, relation, facts.goes_on)).or_default();
            if !nearest.is_full_before(&nearness) {
                nearest.add(nearness, Neighbour { delta, fingerprint: facts.fingerprint, written: written() });
            }
        }
    }

    /// Turns every record into what `show` makes of it; it gets each one once, though many moments may share it.
    pub fn show(self, show: impl FnOnce(&[Arc<[u8]>]) -> Vec<Shown>) -> Neighbours<Shown> {
        let kept = self.kept.values().flat_map(Nearest::iter).map(|neighbour| &neighbour.written.entry);
        let records: BTreeSet<Arc<[u8]>> = kept.chain(self.lines.values().flat_map(Lines::entries)).cloned().collect();
        let records: Vec<Arc<[u8]>> = records.into_iter().collect();
        let shown: BTreeMap<&Arc<[u8]>, Shown> = records.iter().zip(show(&records)).collect();
        let shown = |record: Arc<[u8]>| shown.get(&record).cloned();
        Neighbours {
            lost: self.lost,
            kept: self.kept.into_iter().map(|(stand, nearest)| (stand, nearest.map(shown))).collect(),
            lines: self.lines.into_iter().map(|(index, lines)| (index, lines.map(shown))).collect(),
        }
    }
}

impl Neighbours<Shown> {
    /// Hands each cluster its neighbours, in the order of time, what they declare about it, and the stack trace that `read`
    /// finds in the lines around it.
    pub fn into_context(self, moments: &Moments, worklog: &mut Worklog, read: impl Fn(&str) -> Option<Exception>) {
        for input in worklog.inputs.iter_mut().filter(|input| self.lost.contains(&input.path)) {
            input.notes.push("could not be read a second time: what stands around its entries is missing".to_owned());
        }
        let traces = traces(self.lines, moments, worklog, &read);
        let ids: BTreeMap<Fingerprint, String> = worklog
            .clusters
            .iter()
            .flat_map(|cluster| cluster.fingerprints.iter().map(|fingerprint| (*fingerprint, cluster.id.clone())))
            .collect();
        let mut kept: BTreeMap<(usize, Relation), Nearest<Shown>> = BTreeMap::new();
        for ((index, relation, goes_on), nearest) in self.kept {
            // Lines that stand in its trace need not be told again.
            if !(goes_on && traces.contains_key(&index)) {
                kept.entry((index, relation)).or_default().merge(nearest);
            }
        }
        let mut contexts: BTreeMap<&str, (Vec<Context>, Option<JsonText>)> = BTreeMap::new();
        for ((index, relation), nearest) in kept {
            let Some(moment) = moments.all.get(index) else { continue };
            let (context, companion) = contexts.entry(&moment.cluster).or_default();
            for neighbour in nearest.into_values() {
                let Shown { entry, unpacked, .. } = neighbour.written.entry;
                if companion.is_none() && is_companion(relation, neighbour.delta) {
                    companion.clone_from(&unpacked);
                }
                context.push(Context {
                    relation: relation.name().to_owned(),
                    delta_ms: neighbour.delta / 1_000_000,
                    cluster: ids.get(&neighbour.fingerprint).cloned().unwrap_or_default(),
                    entry,
                    unpacked,
                });
            }
        }
        for (index, exception) in traces {
            let id = moments.all.get(index).map(|moment| moment.cluster.as_str());
            if let Some(cluster) = worklog.clusters.iter_mut().find(|cluster| Some(cluster.id.as_str()) == id) {
                cluster.exception = Some(Exception { across_entries: true, ..exception });
            }
        }
        for cluster in &mut worklog.clusters {
            let Some((mut context, companion)) = contexts.remove(cluster.id.as_str()) else { continue };
            context.sort_by_key(|neighbour| neighbour.delta_ms);
            cluster.context = context;
            if let Some(details) = companion {
                promote(&mut cluster.embedded, &details.value());
            }
        }
    }
}

/// The stack traces in the lines around moments, of clusters that have none in their own entries.
fn traces(
    lines: BTreeMap<usize, Lines<Shown>>,
    moments: &Moments,
    worklog: &Worklog,
    read: &impl Fn(&str) -> Option<Exception>,
) -> BTreeMap<usize, Exception> {
    let without = worklog.clusters.iter().filter(|cluster| cluster.exception.is_none());
    let without: BTreeSet<&str> = without.map(|cluster| cluster.id.as_str()).collect();
    let found = lines.into_iter().filter_map(|(index, lines)| {
        let moment = moments.all.get(index).filter(|moment| without.contains(moment.cluster.as_str()))?;
        let lines = lines.map(|line| Some(line.message));
        Some((index, lines.exception(&moment.message, read)?))
    });
    found.collect()
}

/// Whether a neighbour may be the other half of the same event: a record of details beside the message.
fn is_companion(relation: Relation, delta: i64) -> bool {
    const CLOSE: i64 = 100_000_000;
    relation == Relation::SameFunction && delta.abs() <= CLOSE
}

/// Takes over what a companion declares about the event's impact.
fn promote(embedded: &mut BTreeMap<String, Vec<String>>, details: &Value) {
    for (key, value) in details.as_object().into_iter().flatten() {
        let declares = key == "impact" || key.ends_with("_impact");
        if let Some(text) = value.as_str().filter(|text| declares && !text.is_empty()) {
            let held = embedded.entry(key.clone()).or_default();
            if !held.iter().any(|known| known == text) {
                held.push(text.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: i64 = 1_757_800_000_000_000_000;

    fn moments() -> Moments {
        let moment = |number: i64| Moment {
            cluster: format!("LG-{number}"),
            fingerprints: [Fingerprint::of(&["mine"])].into(),
            time: Timestamp::from_nanos(START + number * 3_000_000_000),
            hash: 7,
            trace: "t1".to_owned(),
            instances: ["i1".to_owned()].into(),
            module: "app".to_owned(),
            function: "loop".to_owned(),
            message: String::new(),
        };
        Moments { all: vec![moment(0), moment(1)] }
    }

    fn facts(millis: i64, hash: u64) -> Facts<'static> {
        Facts {
            time: Timestamp::from_nanos(START + millis * 1_000_000),
            trace: "",
            instance: "i1",
            module: "app",
            function: "other",
            severity: Severity::Info,
            fingerprint: Fingerprint::of(&["theirs"]),
            hash,
            goes_on: hash.is_multiple_of(3),
        }
    }

    fn offered(entries: &[(i64, u64, u8)]) -> Neighbours<Arc<[u8]>> {
        let mut neighbours = Neighbours::default();
        for (millis, hash, copy) in entries {
            let record = format!("{millis} {hash} {copy}");
            neighbours.offer(&moments(), &facts(*millis, *hash), record.as_bytes());
        }
        neighbours
    }

    #[test]
    fn relations() {
        let moment = &moments().all[0];
        let check = |facts: Facts<'_>, expected: Option<Relation>| {
            let delta = facts.time.nanos() - moment.time.nanos();
            assert_eq!(Relation::of(moment, &facts, delta, facts.instance == "i1"), expected);
        };
        check(Facts { function: "loop", ..facts(0, 1) }, Some(Relation::SameFunction));
        check(Facts { trace: "t1", instance: "", ..facts(900, 1) }, Some(Relation::SameTrace));
        check(facts(-1, 1), Some(Relation::SameMoment));
        check(facts(-300, 1), Some(Relation::Before));
        check(facts(300, 1), Some(Relation::After));
        check(facts(6_000, 1), None);
        check(Facts { instance: "i2", ..facts(1, 1) }, None);
        check(facts(0, 7), None);
        check(Facts { fingerprint: Fingerprint::of(&["mine"]), ..facts(1, 1) }, None);
    }

    proptest! {
        #[test]
        fn any_split_in_any_order_gives_the_same(mut entries in prop::collection::vec((-60i64..90, 10u64..20, 0u8..3), 0..60), cut in 0usize..60) {
            for (millis, ..) in &mut entries {
                *millis *= 100;
            }
            let whole = offered(&entries);
            let (left, right) = entries.split_at(cut.min(entries.len()));
            let mut merged = offered(right);
            merged.merge(offered(left));
            prop_assert_eq!(&merged, &whole);
            entries.reverse();
            prop_assert_eq!(&offered(&entries), &whole);
        }
    }
}
