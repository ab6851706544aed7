//! One stage after the other over a made-up dump: `cargo bench`, or `just stages`.
//!
//! What a whole run takes, beside other programs, is the matter of `benches/run`.

#![expect(clippy::expect_used, reason = "a bench without its dump has nothing to measure")]
#![expect(clippy::indexing_slicing, reason = "lists of words are as long as the numbers that choose from them")]

mod dump;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dump::{Dump, Form, Mode};
use log_gardener::collect::{Feed, RecordReader, Settings, Sink, discover};
use log_gardener::distill::canon::{Canon, canonicalize};
use log_gardener::distill::reading::{Plans, read_planned};
use log_gardener::distill::{Masker, Policy, Redactor, UserRules, read};
use log_gardener::examine::cluster;
use log_gardener::model::{Fingerprint, LogEntry, PatternKind, PatternTally};

/// Small enough to stay in the cache of the disk, and large enough that every layout has been met.
const SIZE: u64 = 8_000_000;

/// Hands every entry to a closure.
struct Each<F>(F);

impl<F: FnMut(&LogEntry<'_>)> Sink for Each<F> {
    fn entry(&mut self, entry: &LogEntry<'_>, _raw: &[u8], _offset: u64) {
        (self.0)(entry);
    }

    fn skip(&mut self, _offset: u64, _length: u64, _reason: &str) {}

    fn note(&mut self, _note: &str) {}
}

fn each(path: &Path, take: impl FnMut(&LogEntry<'_>)) {
    let settings = Settings::default();
    let found = discover(&[path.display().to_string()], &settings).expect("the dump was just written");
    let (mut feed, mut reader, mut sink) =
        (Feed::new(found, settings.clone()), RecordReader::new(&settings), Each(take));
    while let Some(chunk) = feed.next_chunk() {
        reader.read(&chunk, &mut sink);
    }
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collect");
    for (name, form) in [("pretty", Form::Pretty), ("ndjson", Form::Ndjson), ("one line", Form::Line)] {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let dump = Dump { size: SIZE, form, mode: Mode::Realistic, duplicates: 0, seed: 1 };
        dump.write(file.as_file()).expect("a temporary file");
        group.throughput(Throughput::Bytes(SIZE));
        group.bench_function(name, |bencher| bencher.iter(|| each(file.path(), |entry| _ = black_box(entry))));
    }
}

fn distilling(criterion: &mut Criterion) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let dump = Dump { size: SIZE, form: Form::Pretty, mode: Mode::Realistic, duplicates: 0, seed: 1 };
    dump.write(file.as_file()).expect("a temporary file");
    let mut messages = Vec::new();
    each(file.path(), |entry| messages.push(read(entry).text.into_owned()));
    let mut group = criterion.benchmark_group("distill");
    group.throughput(Throughput::Elements(messages.len() as u64));
    group.bench_function("collect and read", |bencher| {
        bencher.iter(|| {
            // Layouts are numbered anew by every reader.
            let mut plans = Plans::default();
            each(file.path(), |entry| drop(black_box(read_planned(entry, &mut plans))));
        });
    });
    let mut canon = Canon::new();
    group.bench_function("canonical text", |bencher| {
        bencher.iter(|| messages.iter().for_each(|message| canonicalize(black_box(message), &mut canon)));
    });
    let masker = Masker::new(&[]).expect("no masks of the user's");
    messages.truncate(1_000);
    group.throughput(Throughput::Elements(messages.len() as u64));
    group.bench_function("mask", |bencher| {
        bencher.iter(|| {
            for message in &messages {
                canonicalize(message, &mut canon);
                drop(black_box(masker.mask(&canon)));
            }
        });
    });
    let redactor = Redactor::new(Policy::On, &UserRules::default()).expect("no rules of the user's");
    group.bench_function("redact", |bencher| {
        bencher.iter(|| {
            for message in &messages {
                drop(black_box(redactor.redact(message, &mut BTreeMap::new())));
            }
        });
    });
}

/// Patterns as an archive of many programs has them: statements of a few words, each with a word or two that vary.
fn patterns(count: usize) -> BTreeMap<Fingerprint, PatternTally> {
    const VERBS: [&str; 8] = ["opened", "closed", "refused", "retried", "lost", "found", "moved", "checked"];
    const THINGS: [&str; 10] =
        ["session", "bucket", "worker", "socket", "lease", "shard", "ticket", "volume", "queue", "cursor"];
    let made = (0..count).map(|number| {
        let (verb, thing) = (VERBS[number % 8], THINGS[number / 8 % 10]);
        let (word, other) = (number / 80 % 50, number / 4_000);
        let pattern =
            format!("{thing} of step{} {verb} by part{} after <duration> at <num>", letters(word), letters(other));
        let place = ("app", "");
        (
            PatternTally::key(PatternKind::Message, &pattern, place, true),
            PatternTally::new(PatternKind::Message, pattern, place, true),
        )
    });
    made.collect()
}

/// A number in letters, so that it reads as a word.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

fn joining(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("join");
    group.sample_size(10);
    for count in [1_000, 10_000, 100_000] {
        let patterns = patterns(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(count.to_string(), |bencher| {
            bencher.iter(|| drop(black_box(cluster::cluster(&patterns, &cluster::Settings::default()))));
        });
    }
}

criterion_group!(stages, reading, distilling, joining);
criterion_main!(stages);
