//! The run over all cores: sources in, one Digest out. The only file that names rayon.
//!
//! Workers pull chunks of whole records from one feed and count their entries on their own; what they counted is
//! merged once at the end. Copies of entries are found afterwards, by key, and taken back exactly.

mod context;
mod copies;
mod harvest;
mod keys;
mod newest;
mod seal;
mod trim;
mod worker;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use self::context::Looker;
use self::harvest::Harvest;
use self::worker::Worker;
use crate::collect::{self, Chunk, Discovery, Feed, InputReport, RecordReader, Reports};
use crate::distill::{self, Distiller, Leak, Look, Redactor};
use crate::error::{Error, Result};
use crate::examine::{self, Enquiry, Moments, Neighbours, Newest, Shown, Surroundings, Times};
use crate::model::{Digest, Fingerprint, Input, PatternTally, Skip};

/// Everything a run needs to know beside its inputs.
pub struct Plan<'a> {
    /// How to read.
    pub collect: collect::Settings,
    /// What to do with each entry.
    pub distill: &'a distill::Settings,
    /// Takes secrets and personal data out of all that is kept.
    pub redactor: &'a Redactor,
    /// How many threads; 0 for all cores.
    pub threads: usize,
    /// Whether to remember the pattern of every entry.
    pub assignments: bool,
    /// Told after every chunk how many bytes were handed out, and of how many (0: unknown).
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    /// Set from outside to stop the run.
    pub interrupted: &'a AtomicBool,
}

/// What the parallel half of a run yields.
#[derive(Debug)]
pub struct Analysis {
    /// All counts, redacted.
    pub digest: Digest,
    /// The pattern of every analysed entry, in input order; empty unless asked for.
    pub assignments: Vec<Assignment>,
}

/// The pattern of one entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assignment {
    /// The input, as it is shown.
    pub path: String,
    /// The record's number in its input, from 0.
    pub index: u64,
    /// The entry's insertId.
    pub insert_id: String,
    /// The pattern's key in the Digest.
    pub fingerprint: Fingerprint,
}

/// Reads all inputs and counts their entries.
pub fn analyze(inputs: &Discovery, plan: &Plan<'_>) -> Result<Analysis> {
    pool(plan.threads)?.install(|| run(inputs, plan))
}

fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Usage { what: "threads".to_owned(), detail: error.to_string() })
}

fn run(inputs: &Discovery, plan: &Plan<'_>) -> Result<Analysis> {
    let count = || read(&Feed::new(inputs.clone(), plan.collect.clone()), plan, None);
    let warm_up = || {
        plan.redactor.warm_up();
        examine::warm_up();
    };
    let ((), counted) = rayon::join(warm_up, count);
    let (mut harvest, mut reports) = counted?;
    let noted = std::mem::take(&mut harvest.keys);
    let shared = (0..keys::PARTS).into_par_iter().flat_map_iter(|part| keys::shared(part, &noted)).collect();
    drop(noted);
    let mut copies = copies::find(&harvest, shared);
    if !copies.is_empty() {
        let feed = Feed::new(inputs.clone(), plan.collect.clone()).restrict(std::mem::take(&mut copies.ranges));
        let (taken, again) = read(&feed, plan, Some(&copies))?;
        copies::take_back(&mut harvest, &taken, &copies);
        let failed: Vec<InputReport> = again.into_iter().filter(|report| !report.skips.is_empty()).collect();
        for report in reports.iter_mut().filter(|_| !failed.is_empty()) {
            let faults = failed.iter().filter(|other| other.path == report.path).flat_map(|other| &other.skips);
            let new: Vec<(u64, String)> = faults.filter(|fault| !report.skips.contains(fault)).cloned().collect();
            report.skips.extend(new);
        }
    }
    harvest.finish();
    let lines = harvest.lines();
    let mut digest = harvest.digest;
    lines.resolve(&mut digest, harvest.skips);
    harvest::add_reports(&mut digest, reports);
    for (path, reason) in &inputs.passed_over {
        digest.skips.add(Skip { path: path.clone(), offset: 0, line: 1, reason: reason.clone() });
        let input = digest.inputs.entry(path.clone()).or_default();
        input.entries += 1;
        input.skipped += 1;
    }
    for (path, note) in &inputs.aliases {
        digest.inputs.entry(path.clone()).or_default().notes.insert(note.clone());
    }
    seal(&mut digest, plan.redactor);
    let home = |pattern: Fingerprint| {
        let keys = harvest.coarser.get(&pattern).into_iter().flatten();
        let found = std::iter::once(&pattern).chain(keys).find(|key| digest.patterns.contains_key(key));
        found.copied().unwrap_or(pattern)
    };
    let assignments = lines.assignments(harvest.assigned, home);
    Ok(Analysis { digest, assignments })
}

/// The second, narrow look: reads the chunks around the moments again and keeps their nearest neighbours.
///
/// The filter of the run does not apply: what explains an error is often no error itself.
pub fn look_again(
    inputs: &Discovery,
    plan: &Plan<'_>,
    digest: &Digest,
    moments: &Moments,
) -> Result<Neighbours<Shown>> {
    let ranges = moments.zones(digest);
    if moments.is_empty() || ranges.is_empty() {
        return Ok(Neighbours::default());
    }
    let restricted = |feed: Feed| feed.restrict(ranges);
    let (mut neighbours, reports) = look(inputs, plan, moments, restricted)?;
    for report in reports {
        neighbours.check(&report.path, &report.skips, &digest.skips);
    }
    neighbours.complete();
    shown(neighbours, plan)
}

/// The same look at a shard as a whole: where the moments come from elsewhere, so did the counts of its chunks.
pub fn look_through(inputs: &Discovery, plan: &Plan<'_>, enquiry: &Enquiry) -> Result<Surroundings> {
    let (neighbours, reports) = look(inputs, plan, &enquiry.moments, |feed| feed)?;
    let read = reports.into_iter().map(|report| (report.path.as_ref().to_owned(), report.skips)).collect();
    Ok(Surroundings::new(enquiry, read, shown(neighbours, plan)?))
}

/// The bytes of a record, as they stand in the inputs.
type Record = Arc<[u8]>;

/// The records around the moments in what the feed of the inputs gives, once it is set up.
fn look(
    inputs: &Discovery,
    plan: &Plan<'_>,
    moments: &Moments,
    set_up: impl FnOnce(Feed) -> Feed + Send,
) -> Result<(Neighbours<Record>, Vec<InputReport>)> {
    pool(plan.threads)?.install(|| {
        let feed = set_up(Feed::new(inputs.clone(), plan.collect.clone()));
        let start = || Looker::new(Distiller::new(plan.distill), RecordReader::new(&plan.collect), moments);
        let (found, reports) = pass(&feed, plan, start, |looker, _, chunk| looker.take(chunk))?;
        let mut neighbours = Neighbours::default();
        for looker in found {
            neighbours.merge(looker.finish());
        }
        Ok((neighbours, reports))
    })
}

/// The records as they are shown; only in the end, since most that are offered are displaced by nearer ones.
fn shown(neighbours: Neighbours<Record>, plan: &Plan<'_>) -> Result<Neighbours<Shown>> {
    let show = |record: &Record| context::show(record, plan.redactor);
    Ok(pool(plan.threads)?.install(|| neighbours.show(|records| records.par_iter().map(show).collect())))
}

/// The newest entry, filtered out or not, but for stray times: one more pass over the inputs, but a narrow one.
pub fn newest(inputs: &Discovery, plan: &Plan<'_>) -> Result<Option<Newest>> {
    pool(plan.threads)?.install(|| {
        let feed = Feed::new(inputs.clone(), plan.collect.clone());
        let start = || newest::Search::new(&plan.collect);
        let (searches, _) = pass(&feed, plan, start, |search, _, chunk| search.take(chunk))?;
        let mut times = Times::default();
        for search in searches {
            times.merge(&search.finish());
        }
        Ok(times.newest())
    })
}

/// A key that the same entries give again and that nobody can make who has the result alone: over what is kept of
/// the entries and never published (hashes of traces and moments, full tags of redacted values).
pub fn run_key(digest: &Digest, threads: usize) -> Result<blake3::Hash> {
    let told =
        |(fingerprint, pattern): (&Fingerprint, &PatternTally)| (*fingerprint, blake3::hash(&harvest::kept(pattern)));
    let told: BTreeMap<Fingerprint, blake3::Hash> =
        pool(threads)?.install(|| digest.patterns.par_iter().map(told).collect());
    let mut hasher = blake3::Hasher::new();
    for (fingerprint, kept) in told {
        hasher.update(&fingerprint.bits().to_le_bytes()).update(kept.as_bytes());
    }
    Ok(hasher.finalize())
}

/// The leak gate: what still looks like a secret in a rendered output.
pub fn scan(redactor: &Redactor, text: &str, threads: usize) -> Result<Vec<Leak>> {
    let spread = |stretches: Vec<Range<usize>>, look: &Look<'_>| stretches.into_par_iter().map(look).collect();
    Ok(pool(threads)?.install(|| redactor.scan_by(text, spread)))
}

/// Which inputs may be shown as they are: their texts hold no secret, and no mark of one.
pub fn plain_inputs(inputs: &[Input], redactor: &Redactor, threads: usize) -> Result<Vec<bool>> {
    let is_plain =
        |text: &str| !text.contains('<') && matches!(redactor.redact(text, &mut BTreeMap::new()), Cow::Borrowed(_));
    // There are few formats, and each is looked at once.
    let mut names: Vec<&str> = inputs.iter().flat_map(|input| [&*input.format, &*input.compression]).collect();
    names.sort_unstable();
    names.dedup();
    let known: Vec<&str> = names.into_iter().filter(|name| is_plain(name)).collect();
    let is_known = |name: &str| known.contains(&name);
    let look = |input: &Input| {
        is_known(&input.format) && is_known(&input.compression) && input.notes.is_empty() && is_plain(&input.path)
    };
    Ok(pool(threads)?.install(|| inputs.par_iter().with_min_len(256).map(look).collect()))
}

/// What is made of each number below `count`, in their order, on all threads.
pub fn each<T: Send>(count: usize, threads: usize, make: impl Fn(usize) -> T + Sync + Send) -> Result<Vec<T>> {
    Ok(pool(threads)?.install(|| (0..count).into_par_iter().map(make).collect()))
}

/// One pass over a feed that counts entries; with `only`, those named there.
fn read(feed: &Feed, plan: &Plan<'_>, only: Option<&copies::Copies>) -> Result<(Harvest, Vec<InputReport>)> {
    let pool = Mutex::new(Digest::default());
    let start = || Worker::new(plan, only, &pool);
    let (workers, reports) = pass(feed, plan, start, Worker::take)?;
    let harvests = workers.into_par_iter().map(Worker::finish).collect();
    Ok((gathered(harvests, pool.into_inner().unwrap_or_else(PoisonError::into_inner)), reports))
}

/// All that workers counted and handed over before, added up pattern by pattern on all threads.
fn gathered(harvests: Vec<Harvest>, pool: Digest) -> Harvest {
    let mut parts: BTreeMap<Fingerprint, Vec<PatternTally>> = BTreeMap::new();
    let mut take_apart = |digest: &mut Digest| {
        for (fingerprint, pattern) in std::mem::take(&mut digest.patterns) {
            parts.entry(fingerprint).or_default().push(pattern);
        }
    };
    let mut gathered = Harvest::default();
    gathered.digest = pool;
    take_apart(&mut gathered.digest);
    for mut harvest in harvests {
        take_apart(&mut harvest.digest);
        gathered.merge(harvest);
    }
    let add = |mut pattern: PatternTally, other| {
        pattern.merge(other);
        pattern
    };
    let whole = |(fingerprint, parts): (_, Vec<PatternTally>)| Some((fingerprint, parts.into_iter().reduce(add)?));
    let patterns: Vec<_> = parts.into_par_iter().filter_map(whole).collect();
    gathered.digest.patterns.extend(patterns);
    gathered.digest.bound();
    gathered.arrange();
    gathered
}

/// So many inputs are open at a time at most: more keep no more cores busy, and take memory and descriptors.
const FEEDS: usize = 16;

/// Hands all chunks to workers, one a thread, each with a feed of its own; one whose feed is done takes from the others.
fn pass<W: Send>(
    feed: &Feed,
    plan: &Plan<'_>,
    start: impl Fn() -> W + Sync,
    take: impl Fn(&mut W, u32, &Chunk) + Sync,
) -> Result<(Vec<W>, Vec<InputReport>)> {
    let mut feeds: Vec<Mutex<Feed>> = Vec::new();
    feeds.resize_with(rayon::current_num_threads().clamp(1, FEEDS), || feed.beside().into());
    let numbers = AtomicU32::new(0);
    let next = |own: usize| {
        let (others, own) = feeds.split_at_checked(own % feeds.len())?;
        let mut all = own.iter().chain(others);
        if plan.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        all.find_map(|feed| {
            let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
            Some((feed.next_chunk()?, feed.progress()))
        })
    };
    let workers = rayon::broadcast(|thread| {
        let mut worker = start();
        while let Some((chunk, (done, total))) = next(thread.index()) {
            (plan.progress)(done, total);
            take(&mut worker, numbers.fetch_add(1, Ordering::Relaxed), &chunk);
        }
        worker
    });
    if plan.interrupted.load(Ordering::Relaxed) {
        let (done, total) = feed.progress();
        // Of a stream nobody knows how long it is.
        let of = if done <= total { format!(" of {total}") } else { String::new() };
        return Err(Error::Interrupted { detail: format!("after {done}{of} bytes of input; nothing was written") });
    }
    // Each looks at its files once more.
    let reports = |feed: Mutex<Feed>| feed.into_inner().unwrap_or_else(PoisonError::into_inner).reports();
    let parts: Vec<Reports> = feeds.into_par_iter().map(reports).collect();
    Ok((workers, Reports::all(parts)))
}

/// Reads and redacts all that is kept of entries.
fn seal(digest: &mut Digest, redactor: &Redactor) {
    let own;
    // One that judges alike remembers what both have looked at.
    let identity = if redactor.is_for_identity() {
        redactor
    } else {
        own = redactor.for_identity();
        &own
    };
    digest.patterns.par_iter_mut().for_each(|(_, pattern)| seal::pattern(pattern, redactor, identity));
    seal::overall(&mut digest.overall, redactor);
    seal::told(digest, redactor);
}

#[cfg(test)]
mod tests;
