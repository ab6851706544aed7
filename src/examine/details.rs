//! Clusters in, those that only carry the details of another out.

use std::collections::BTreeMap;

use crate::model::{Cluster, Exception, Related, Sample, Severity, TRACE_LINE};

use super::additions;

/// Clusters that only carry the details of another, by id, with the id of the other: lines of its stack trace, a label
/// and JSON from its function, or what a database adds to it.
pub(super) fn details(clusters: &[Cluster]) -> BTreeMap<String, String> {
    let by_id = clusters.iter().map(|cluster| (cluster.id.as_str(), cluster)).collect();
    let carried = |cluster: &Cluster| {
        let of_trace = is_of_trace(cluster) || is_below_frames(cluster, &by_id);
        let other = if of_trace { head_of(cluster, &by_id) } else { label_of(cluster, &by_id) };
        let other = other.or_else(|| report_of(cluster, &by_id)).or_else(|| first_line_of(cluster, &by_id));
        let other = other.or_else(|| panicked_first(cluster, &by_id));
        let other = other.or_else(|| Some(additions::message_of(cluster, clusters.iter())?.id.clone()));
        other.map(|other| (cluster.id.clone(), other))
    };
    let found: BTreeMap<String, String> = clusters.iter().filter_map(carried).collect();
    // What is told with another tells nothing by itself: its details are that one's.
    let whole = |other: &String| found.get(other).unwrap_or(other).clone();
    found.iter().map(|(id, other)| (id.clone(), whole(other))).filter(|(id, other)| id != other).collect()
}

/// The cluster whose label and JSON this is: from its function, in nine of ten of its moments, or in half of them and as
/// often as the other.
fn label_of(cluster: &Cluster, clusters: &BTreeMap<&str, &Cluster>) -> Option<String> {
    let own = functions_of(cluster);
    let belongs = |(related, other): &(&Related, &Cluster)| {
        let enough = related.score >= 0.9 || (related.score >= 0.5 && other.count == cluster.count);
        !other.pattern.contains(JSON) && enough && functions_of(other).iter().any(|one| own.contains(one))
    };
    let mut beside = beside(cluster, clusters).filter(|_| cluster.pattern.contains(JSON));
    beside.find(belongs).map(|(_, other)| other.id.clone())
}

/// The cluster that says what went wrong where these lines of a stack trace stand, in most of its moments: one that the
/// trace was found with, else one that names an exception.
fn head_of(cluster: &Cluster, clusters: &BTreeMap<&str, &Cluster>) -> Option<String> {
    let is_head = |other: &Cluster| !is_of_trace(other) && !is_below_frames(other, clusters);
    let heads = beside(cluster, clusters).filter(|(related, other)| related.score >= 0.5 && is_head(other));
    let best = heads.max_by(|(one, left), (other, right)| {
        let telling = |cluster: &Cluster| (cluster.exception.is_some(), names_exception(cluster));
        telling(left)
            .cmp(&telling(right))
            .then_with(|| one.score.total_cmp(&other.score))
            .then_with(|| right.id.cmp(&left.id))
    });
    best.map(|(_, other)| other.id.clone())
}

/// The cluster with the first line of a trace whose last line this is, where both are entries of their own: `KeyError: 'id'`
/// below what a framework says when a request fails.
fn first_line_of(cluster: &Cluster, clusters: &BTreeMap<&str, &Cluster>) -> Option<String> {
    let exception = cluster.exception.as_ref().filter(|exception| exception.across_entries)?;
    let starts_it = |(related, other): &(&Related, &Cluster)| {
        let same = other.exception.as_ref().filter(|other| other.across_entries && other.frames == exception.frames);
        let same = same.is_some_and(|other| other.kind == exception.kind);
        same && related.score >= 0.9 && other.count == cluster.count && !other.pattern.contains(&exception.kind)
    };
    let mut heads = beside(cluster, clusters).filter(|_| cluster.pattern.starts_with(&exception.kind));
    let (_, first) = heads.find(starts_it)?;
    report_of(first, clusters).is_none().then(|| first.id.clone())
}

/// The cluster whose exceptions these lines report: what a logger or a framework writes (`Statement run failed`, `Exception
/// on /report [GET]`), and then prints the stack trace, as an entry of its own or line by line. Only of plain text a record
/// becomes several entries. Of several exceptions that are all reported in the same words, the most frequent one.
fn report_of(cluster: &Cluster, clusters: &BTreeMap<&str, &Cluster>) -> Option<String> {
    let is_text = |cluster: &Cluster| cluster.samples.iter().all(|sample| sample.entry.at(&["textPayload"]).is_some());
    if cluster.kind != "message" || !is_text(cluster) || is_of_trace(cluster) || is_head(cluster) {
        return None;
    }
    let reported = |(related, other): &(&Related, &Cluster)| {
        related.relation == "precedes"
            && related.score >= 0.9
            && is_at_once(related)
            && is_text(other)
            && !is_of_trace(other)
            && is_head(other)
            && other.count <= cluster.count
            && other.severity >= cluster.severity.min(Severity::Error)
    };
    let found: Vec<&Cluster> = beside(cluster, clusters).filter(reported).map(|(_, other)| other).collect();
    let all: u64 = found.iter().map(|other| other.count).sum();
    // Some of them are followed by none.
    if all != cluster.count {
        return None;
    }
    let most = found.iter().max_by(|one, other| one.count.cmp(&other.count).then_with(|| other.id.cmp(&one.id)));
    most.map(|other| other.id.clone())
}

/// Whether this is a stack trace, or the line of one that says what was thrown.
fn is_head(cluster: &Cluster) -> bool {
    let across = cluster.exception.as_ref().filter(|exception| exception.across_entries);
    cluster.kind == "trace" || across.is_some_and(|exception| names_first(&cluster.pattern, exception))
}

/// Whether a text begins with the type of an exception, or of the outermost one of its chain: `** (KeyError) key :id ...`,
/// `[<uuid>] NoMethodError (...`.
pub(super) fn names_first(text: &str, exception: &Exception) -> bool {
    let mut bare = text;
    while let Some((_, rest)) = bare.strip_prefix('[').and_then(|inner| inner.split_once("] ")) {
        bare = rest;
    }
    let bare = bare.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    let mut kinds = [Some(&exception.kind), exception.chain.last()].into_iter().flatten();
    kinds.any(|kind| !kind.is_empty() && bare.starts_with(kind.as_str()))
}

/// Whether one comes so soon behind the other that both were written at once.
fn is_at_once(related: &Related) -> bool {
    const AT_ONCE_MS: u64 = 10;
    related.apart_ms.is_some_and(|apart| apart <= AT_ONCE_MS)
}

/// The cluster of the panic that Go prints once more, indented, after a deferred function caught it.
fn panicked_first(cluster: &Cluster, clusters: &BTreeMap<&str, &Cluster>) -> Option<String> {
    let again = |sample: &Sample| written(sample).is_some_and(|text| text.starts_with("\tpanic: "));
    if cluster.samples.is_empty() || !cluster.samples.iter().all(again) {
        return None;
    }
    let mut first = beside(cluster, clusters).filter(|(related, other)| {
        related.relation == "follows" && is_at_once(related) && other.count >= cluster.count
    });
    first.find(|(_, other)| other.pattern.starts_with("panic: ")).map(|(_, other)| other.id.clone())
}

fn names_exception(cluster: &Cluster) -> bool {
    ["Exception", "Error", "panic", "Throwable"].iter().any(|word| cluster.pattern.contains(word))
}

/// Whether this is what runtimes print below frames, in nine of ten of its moments beside them: indented source text, or a
/// line behind them of their severity that is no more frequent and names no exception.
fn is_below_frames(cluster: &Cluster, clusters: &BTreeMap<&str, &Cluster>) -> bool {
    let is_indented = |text: &str| text.starts_with("    ") || text.starts_with('\t');
    let mut samples = cluster.samples.iter();
    let is_source =
        !cluster.samples.is_empty() && samples.all(|sample| written(sample).is_some_and(|text| is_indented(&text)));
    let is_plain = cluster.kind == "message" && cluster.exception.is_none() && !names_exception(cluster);
    let ends_it = |related: &Related, frames: &Cluster| {
        is_plain
            && related.relation == "follows"
            && cluster.count <= frames.count
            && cluster.severity == frames.severity
    };
    let mut frames = beside(cluster, clusters).filter(|(_, other)| other.pattern == TRACE_LINE);
    frames.any(|(related, other)| related.score >= 0.9 && (is_source || ends_it(related, other)))
}

/// The message of a sample as it was written.
fn written(sample: &Sample) -> Option<String> {
    let named = || ["message", "msg", "log"].iter().find_map(|name| sample.entry.at(&["jsonPayload", name]));
    let text = sample.entry.at(&["textPayload"]).or_else(named)?;
    text.as_str().map(str::to_owned)
}

/// Whether this is a part of stack traces whose lines are entries of their own, and not its first line.
fn is_of_trace(cluster: &Cluster) -> bool {
    cluster.pattern == TRACE_LINE
        || ["Caused by: ", "Suppressed: ", "---> ", "[cause]: "].iter().any(|word| cluster.pattern.starts_with(word))
}

/// The clusters that were seen in the moments of another.
fn beside<'c>(
    cluster: &'c Cluster,
    clusters: &'c BTreeMap<&str, &Cluster>,
) -> impl Iterator<Item = (&'c Related, &'c Cluster)> {
    let in_moments = cluster.related.iter().filter(|related| related.is_of_moments());
    in_moments.filter_map(|related| Some((related, *clusters.get(related.cluster.as_str())?)))
}

/// How a pattern says that JSON stood there.
const JSON: &str = "<json";

fn functions_of(cluster: &Cluster) -> Vec<(&str, &str)> {
    let places = cluster.locations.iter().filter(|place| !place.wrapper && !place.function.is_empty());
    places.map(|place| (place.module.as_str(), place.function.as_str())).collect()
}
