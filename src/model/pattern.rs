//! Counts over all entries of one pattern, as plain data that merges.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Census, Exemplar, Fingerprint, Latency, Sketch, Tally, weight};

/// How many values a slot, or a dimension without natural bound, keeps.
pub const KEPT_VALUES: usize = 64;
/// How many moments a pattern keeps to find what comes together.
pub const KEPT_MOMENTS: usize = 256;
/// How many typical exemplars a pattern keeps beside its first and last entry.
pub const TYPICAL_EXEMPLARS: usize = 3;

/// The pattern of messages that are a line of a stack trace each, which their shipper took for an entry of its own.
pub const TRACE_LINE: &str = "<frame>";

/// What kind of thing a pattern describes; part of its fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternKind {
    /// Text written by a program.
    Message,
    /// A stack trace: exception type and top frames.
    Trace,
    /// An HTTP request: method, route, status class.
    Request,
    /// An audit entry: service, method, status.
    Audit,
    /// A JSON payload without a message: its shape and telling fields.
    Shape,
    /// Nothing to group by but the log it stands in.
    Empty,
    /// Everything of a group that bred patterns without end.
    Collapsed,
}

impl PatternKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Message, Self::Trace, Self::Request, Self::Audit, Self::Shape, Self::Empty, Self::Collapsed];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Trace => "trace",
            Self::Request => "request",
            Self::Audit => "audit",
            Self::Shape => "shape",
            Self::Empty => "empty",
            Self::Collapsed => "collapsed",
        }
    }
}

/// All entries of one pattern: equal after masking, from the same place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatternTally {
    /// What kind of thing it is.
    pub kind: PatternKind,
    /// The text with typed placeholders (`<num>`, `<uuid>`, ...).
    pub pattern: String,
    /// Module of the statement, where the entries say it and it is no logging wrapper; empty otherwise.
    pub module: String,
    /// Function of the statement, likewise.
    pub function: String,
    /// Whether the entries stand at or above the minimum severity for clusters.
    pub listed: bool,
    /// How many patterns it counts as where their number is bounded, by the length of its text before redaction; of one
    /// that others collapsed into, what the heaviest of them weighs.
    #[serde(default = "PatternTally::lightest")]
    pub weight: usize,
    /// The common counts.
    pub tally: Tally,
    /// `module \t function \t line` as the entries say, wrappers included.
    pub locations: Census,
    /// Users named by the entries.
    pub users: Census,
    /// Connections named by the entries.
    pub connections: Census,
    /// Requests named by the entries.
    pub requests: Census,
    /// Traces, by hash.
    pub traces: Sketch,
    /// `errorGroups` ids.
    pub error_groups: Census,
    /// `METHOD \t route \t status` of requests.
    pub endpoints: Census,
    /// Client programs of requests.
    pub user_agents: Census,
    /// Latencies of requests.
    pub latency: Latency,
    /// The variable parts of the pattern, in order.
    pub slots: Vec<SlotTally>,
    /// First, last and typical entries.
    ///
    /// Boxed: most patterns have one or two, and a set makes room for eleven.
    pub exemplars: BTreeSet<Box<Exemplar>>,
    /// The moments it was seen in: hash of trace, or of instance and second.
    pub moments: Sketch,
}

impl PatternTally {
    /// An empty tally of a pattern.
    pub fn new(kind: PatternKind, pattern: String, place: (&str, &str), listed: bool) -> Self {
        Self {
            kind,
            weight: weight(&pattern),
            pattern,
            module: place.0.to_owned(),
            function: place.1.to_owned(),
            listed,
            tally: Tally::default(),
            locations: Census::new(KEPT_VALUES),
            users: Census::new(KEPT_VALUES),
            connections: Census::new(KEPT_VALUES),
            requests: Census::new(KEPT_VALUES),
            traces: Sketch::new(KEPT_MOMENTS),
            error_groups: Census::new(KEPT_VALUES),
            endpoints: Census::new(KEPT_VALUES),
            user_agents: Census::new(KEPT_VALUES),
            latency: Latency::default(),
            slots: Vec::new(),
            exemplars: BTreeSet::new(),
            moments: Sketch::new(KEPT_MOMENTS),
        }
    }

    /// What a pattern weighs whose Digest does not say it.
    fn lightest() -> usize {
        1
    }

    /// Notes a pattern whose entries go here, since its group has collapsed.
    pub fn weigh(&mut self, pattern: &str) {
        self.weight = self.weight.max(weight(pattern));
    }

    /// Where a pattern stands in a Digest: its fingerprint, another one for entries below the minimum severity.
    pub fn key(kind: PatternKind, pattern: &str, place: (&str, &str), listed: bool) -> Fingerprint {
        let parts = [kind.name(), pattern, place.0, place.1, "below the minimum severity"];
        Fingerprint::of(if listed { &parts[..4] } else { &parts })
    }

    /// Adds the entries of the same pattern in another part.
    pub fn merge(&mut self, other: Self) {
        // Of two shards one may have seen more secrets in the text: what hides most is kept, whichever comes first.
        let told = |text: &str| (text.matches('<').count(), std::cmp::Reverse(text.to_owned()));
        if self.pattern != other.pattern && told(&self.pattern) < told(&other.pattern) {
            self.pattern = other.pattern;
        }
        self.weight = self.weight.max(other.weight);
        self.tally.merge(other.tally);
        self.locations.merge(other.locations);
        self.users.merge(other.users);
        self.connections.merge(other.connections);
        self.requests.merge(other.requests);
        self.traces.merge(&other.traces);
        self.error_groups.merge(other.error_groups);
        self.endpoints.merge(other.endpoints);
        self.user_agents.merge(other.user_agents);
        self.latency.merge(&other.latency);
        if self.slots.len() < other.slots.len() {
            self.slots.resize_with(other.slots.len(), SlotTally::default);
        }
        for (ours, theirs) in self.slots.iter_mut().zip(other.slots) {
            ours.merge(theirs);
        }
        self.exemplars.extend(other.exemplars);
        self.keep_exemplars();
        self.moments.merge(&other.moments);
    }

    /// Takes back the entries of `copies`, whose twins stay counted; sets, first and last times stand as they are.
    pub fn subtract(&mut self, copies: &Self) {
        self.tally.subtract(&copies.tally);
        self.locations.subtract(&copies.locations);
        self.users.subtract(&copies.users);
        self.connections.subtract(&copies.connections);
        self.requests.subtract(&copies.requests);
        self.error_groups.subtract(&copies.error_groups);
        self.endpoints.subtract(&copies.endpoints);
        self.user_agents.subtract(&copies.user_agents);
        self.latency.subtract(&copies.latency);
        for (ours, theirs) in self.slots.iter_mut().zip(&copies.slots) {
            ours.values.subtract(&theirs.values);
        }
    }

    /// Offers an entry as an exemplar.
    pub fn offer(&mut self, exemplar: Exemplar) {
        self.exemplars.insert(Box::new(exemplar));
        self.keep_exemplars();
    }

    /// Keeps the first, the last and the typical ones (the smallest by hash of their identity); of copies the one
    /// that stands first.
    fn keep_exemplars(&mut self) {
        let mut before = None;
        self.exemplars.retain(|exemplar| before.replace(exemplar.key()) != Some(exemplar.key()));
        if self.exemplars.len() <= TYPICAL_EXEMPLARS {
            return;
        }
        let mut by_hash: Vec<u64> = self.exemplars.iter().map(|exemplar| exemplar.hash).collect();
        by_hash.sort_unstable();
        let largest = by_hash.get(TYPICAL_EXEMPLARS - 1).copied().unwrap_or(u64::MAX);
        let first = self.exemplars.iter().find(|exemplar| exemplar.time.is_some()).map(|first| first.key());
        let last = self.exemplars.last().map(|last| last.key());
        self.exemplars.retain(|exemplar| {
            let key = Some(exemplar.key());
            exemplar.hash <= largest || key == first || key == last
        });
    }
}

/// One variable part of a pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotTally {
    /// The placeholder in the pattern, such as `<num>`.
    pub placeholder: String,
    /// The values seen there.
    pub values: Census,
}

impl Default for SlotTally {
    fn default() -> Self {
        Self { placeholder: String::new(), values: Census::new(KEPT_VALUES) }
    }
}

impl SlotTally {
    /// Adds the values of another part.
    pub fn merge(&mut self, other: Self) {
        if self.placeholder.is_empty() {
            self.placeholder = other.placeholder;
        }
        self.values.merge(other.values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_texts_the_one_that_hides_more_is_kept_in_either_order() {
        let tally = |text: &str| PatternTally::new(PatternKind::Message, text.to_owned(), ("", ""), true);
        let (clear, hidden) = ("login of <*> with apple", "login of <*> with <secret>");
        for (first, second) in [(clear, hidden), (hidden, clear)] {
            let mut merged = tally(first);
            merged.merge(tally(second));
            assert_eq!(merged.pattern, hidden);
        }
    }
}
