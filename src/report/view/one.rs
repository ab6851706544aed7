//! A cluster and its worklog in, what follows for the cluster out: its counts, its place, its texts.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Cluster, Frame, Timestamp, Worklog};
use crate::report::escape::slug;
use crate::report::{blocks, sample, words};

/// What templates see of a cluster beside the fields of the result.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct Extra {
    /// Name of its anchor in the worklog.
    pub(super) anchor: String,
    /// Counts over the whole window of the run, empty buckets included.
    series: Vec<u64>,
    /// The same for sparklines: what the window cuts off its first and last step is made up for.
    shape: Vec<u64>,
    /// From the first to the last entry in seconds.
    seconds: f64,
    /// Whether it was there from the beginning of the window, so nobody can tell since when.
    from_start: bool,
    /// Whether it was still there at the end of the window.
    ongoing: bool,
    /// The most frequent place that is no logging wrapper: `module.function:lines`, `function in file:lines`; empty if unknown.
    place: String,
    /// The frames of the stack trace, innermost first, the application's own marked.
    trace_text: String,
    /// What its first sample says, on one line, behind its title where that says little alone; its pattern where there
    /// is no sample.
    first_line: String,
    /// The ids of the other clusters of its incident, in their order.
    companions: Vec<String>,
}

pub(super) fn extra(worklog: &Worklog, cluster: &Cluster) -> Extra {
    let seconds = match (cluster.first_seen, cluster.last_seen) {
        (Some(first), Some(last)) => last.seconds_since(first),
        _ => 0.0,
    };
    let series = series(worklog, cluster);
    Extra {
        anchor: slug(&cluster.id),
        shape: shape(worklog, &series),
        series,
        seconds,
        from_start: cluster.count > 1 && near(worklog, worklog.window.start, cluster.first_seen),
        ongoing: ongoing(worklog, cluster),
        place: place(cluster),
        trace_text: trace_text(cluster),
        first_line: first_line(cluster),
        companions: companions(worklog, cluster),
    }
}

fn companions(worklog: &Worklog, cluster: &Cluster) -> Vec<String> {
    if cluster.incident.is_empty() {
        return Vec::new();
    }
    let others = worklog.clusters.iter().filter(|other| other.incident == cluster.incident && other.id != cluster.id);
    others.map(|other| other.id.clone()).collect()
}

/// What the first entry says, behind the title where that alone does not tell. Both were redacted apart, so no colon
/// stands between them that makes one the value of the other.
fn first_line(cluster: &Cluster) -> String {
    let said = cluster.samples.first().map(|one| sample::line(&one.entry.value())).filter(|line| !line.is_empty());
    match (cluster.kind.as_str(), said) {
        ("audit" | "request", Some(said))
            if !said.starts_with('{') && !cluster.pattern.contains(&said) && !cluster.title.contains(&said) =>
        {
            format!("{} - {said}", cluster.title)
        }
        ("audit" | "request", _) => cluster.title.clone(),
        (_, Some(said)) if said.starts_with('{') => format!("{} - {said}", cluster.title),
        (_, said) => said.unwrap_or_else(|| cluster.pattern.clone()),
    }
}

/// Whether a cluster was still there at the end of the window.
pub(super) fn ongoing(worklog: &Worklog, cluster: &Cluster) -> bool {
    cluster.count > 1 && near(worklog, worklog.window.end, cluster.last_seen)
}

/// Whether a time lies within a hundredth of the window, a quarter of an hour at most, from one of its ends.
fn near(worklog: &Worklog, end: Option<Timestamp>, time: Option<Timestamp>) -> bool {
    let (Some(end), Some(time)) = (end, time) else { return false };
    let window = worklog.window.seconds;
    window > 0.0 && end.seconds_since(time).abs() <= (window / 100.0).min(900.0)
}

/// The cluster's counts in the buckets of the run.
fn series(worklog: &Worklog, cluster: &Cluster) -> Vec<u64> {
    let buckets = &worklog.timeline.buckets;
    if buckets.is_empty() {
        return cluster.timeline.iter().map(|bucket| bucket.count).collect();
    }
    let mut counts = vec![0u64; buckets.len()];
    for bucket in &cluster.timeline {
        let place = buckets.partition_point(|one| one.start <= bucket.start).saturating_sub(1);
        if let Some(count) = counts.get_mut(place) {
            *count = count.saturating_add(bucket.count);
        }
    }
    counts
}

/// A series in which steps that the window covers in part count as whole ones, so that nothing seems to begin slowly or
/// to have stopped where only the window did.
pub(super) fn shape(worklog: &Worklog, series: &[u64]) -> Vec<u64> {
    let mut shape = series.to_vec();
    let buckets = &worklog.timeline.buckets;
    let (Some(start), Some(end)) = (worklog.window.start, worklog.window.end) else { return shape };
    if buckets.len() != shape.len() || shape.len() < 2 {
        return shape;
    }
    let (first, last) = (buckets.first().and_then(|one| one.start), buckets.last().and_then(|one| one.start));
    #[expect(clippy::cast_precision_loss, reason = "the width of a step")]
    let step = worklog.timeline.bucket_seconds as f64;
    if let ([count, beside, ..], Some(first)) = (shape.as_mut_slice(), first) {
        *count = blocks::whole(*count, step, step - start.seconds_since(first), *beside);
    }
    if let ([.., beside, count], Some(last)) = (shape.as_mut_slice(), last) {
        *count = blocks::whole(*count, step, end.seconds_since(last), *beside);
    }
    shape
}

fn trace_text(cluster: &Cluster) -> String {
    const MOST_FRAMES: usize = 25;
    let frames = cluster.exception.as_ref().map_or([].as_slice(), |exception| exception.frames.as_slice());
    let line = |frame: &Frame| {
        let mark = if frame.in_app { "> " } else { "  " };
        let line = frame.line.map_or(String::new(), |line| format!(":{line}"));
        let function = if frame.function.is_empty() { String::new() } else { format!(" in {}", frame.function) };
        format!("{mark}{}{line}{function}", frame.file)
    };
    let mut lines: Vec<String> = frames.iter().take(MOST_FRAMES).map(line).collect();
    if frames.len() > MOST_FRAMES {
        lines.push(format!("  … {} more", frames.len() - MOST_FRAMES));
    }
    lines.join("\n")
}

fn place(cluster: &Cluster) -> String {
    let Some(location) = cluster.locations.iter().find(|location| !location.wrapper) else { return String::new() };
    let place = words::place(&location.module, &location.function);
    let lines = match (location.line_min, location.line_max) {
        (Some(from), Some(to)) if from != to => format!(":{from}-{to}"),
        (Some(line), _) | (None, Some(line)) => format!(":{line}"),
        (None, None) => String::new(),
    };
    place + &lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RunBucket, RunTimeline, Window};

    #[test]
    fn what_the_window_cuts_off_is_made_up_for() {
        let time = |text: &str| Timestamp::parse(&format!("2025-11-10T{text}Z"));
        let bucket = |text: &str| RunBucket { start: time(text), ..RunBucket::default() };
        let buckets = ["08:00:00", "09:00:00", "10:00:00"].map(bucket).to_vec();
        let worklog = Worklog {
            window: Window { start: time("08:30:00"), end: time("10:15:00"), seconds: 6_300.0 },
            timeline: RunTimeline { bucket_seconds: 3_600, buckets, ..RunTimeline::default() },
            ..Worklog::default()
        };
        assert_eq!(shape(&worklog, &[6, 12, 3]), [12, 12, 12]);
        assert_eq!(shape(&worklog, &[0, 12, 0]), [0, 12, 0]);
        assert_eq!(shape(&worklog, &[0, 0, 3]), [0, 0, 3]);
        assert_eq!(shape(&Worklog::default(), &[1, 2]), [1, 2]);
    }
}
