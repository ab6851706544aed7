//! Inputs in, chunks of whole records out.
//!
//! One feed hands out the inputs in the order of their paths. Several that share them read several inputs at a time, so
//! that opening and inflating keep all cores busy; what the order of paths decides is decided by the inputs' numbers.

use std::{
    collections::BTreeSet,
    io::Result,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use super::{
    Discovery, InputReport, Settings, Source,
    archive::Archive,
    chunk::Chunk,
    cut::Cutter,
    decode::Notes,
    inputs::{Inputs, Ranges},
    open::{Layers, Opened, Raw, open},
    shape::{HEADS, Shape, Told, Verdict, sniff},
    text::Text,
};
use crate::model::InputTally;

/// Hands out chunks of one input after another; workers share it behind a lock.
pub struct Feed {
    inputs: Arc<Inputs>,
    /// The archives that are open, the innermost last.
    archives: Vec<OpenArchive>,
    current: Option<Input>,
    /// The shape of the input that was opened last.
    shape: Option<Arc<Shape>>,
    /// What the next report is numbered: the number of its source, and in the lower half how many came before of it.
    number: u64,
    /// Whether the source was found in a folder, rather than named.
    walked: bool,
    reports: Vec<(u64, InputReport)>,
    /// Reports of inputs that are files as they stand, and whether these lost bytes while mapped.
    files: Vec<(usize, Option<Arc<AtomicBool>>)>,
}

/// What became of some of the inputs.
pub struct Reports(Vec<(u64, InputReport)>);

impl Reports {
    /// What became of each input, in the order of paths.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Vec<InputReport> {
        let mut reports: Vec<(u64, InputReport)> = parts.into_iter().flat_map(|part| part.0).collect();
        reports.sort_by_key(|(number, _)| *number);
        reports.into_iter().map(|(_, report)| report).collect()
    }
}

struct OpenArchive {
    path: Arc<str>,
    names: Vec<&'static str>,
    archive: Archive,
    members: u64,
}

struct Input {
    path: Arc<str>,
    number: u64,
    report: usize,
    shape: Arc<Shape>,
    notes: Notes,
    text: Text,
    cutter: Cutter,
    /// How much of it was read, where the place in the text tells.
    read: Option<u64>,
    /// Whether nothing but separators was met so far.
    blank: bool,
    /// The bytes whose records are wanted, if not all are.
    wanted: Option<Arc<[(u64, u64)]>>,
}

/// What is said of an input that can be read once, when its copy is not whole.
const NO_COPY: &str =
    "read once, and no copy of all of it could be kept: what happened around its entries is not looked for";
/// What is still open behind so much of an input is one long record.
const LONG_RECORD: usize = 1 << 20;
/// Archives in archives beyond this are left alone.
const DEEPEST: usize = 4;

impl Feed {
    /// A feed over all inputs that were found.
    pub fn new(discovery: Discovery, settings: Settings) -> Self {
        let unknown = discovery.sources.iter().any(|source| source.once);
        Self::over(Inputs {
            settings,
            waiting: None,
            sources: discovery.sources,
            taken: AtomicUsize::new(0),
            spools: discovery.spools,
            wanted: None,
            progress: Arc::default(),
            total: if unknown { 0 } else { discovery.bytes },
        })
    }

    fn over(inputs: impl Into<Arc<Inputs>>) -> Self {
        let inputs = inputs.into();
        Self {
            inputs,
            archives: Vec::new(),
            current: None,
            shape: None,
            number: 0,
            walked: false,
            reports: Vec::new(),
            files: Vec::new(),
        }
    }

    /// A feed that takes its inputs from the same ones, so that each input is read by one of the two.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::over(self.inputs.clone())
    }

    /// The next chunk, or `None` when all inputs are done or another feed has taken them.
    pub fn next_chunk(&mut self) -> Option<Chunk> {
        loop {
            if self.current.is_none() && !self.advance() {
                return None;
            }
            match self.cut() {
                Some(chunk) if chunk.wants(chunk.from(), chunk.to()) => return Some(chunk),
                Some(_) => {}
                None => self.close(),
            }
        }
    }

    /// The same inputs again, but only records that reach into these byte ranges.
    #[must_use]
    pub fn restrict(self, ranges: Ranges) -> Self {
        // Nor are inputs opened that none of them is in; those in an archive are named `archive!member`.
        let outer: BTreeSet<&str> =
            ranges.keys().flat_map(|path| path.match_indices('!').filter_map(|(mark, _)| path.get(..mark))).collect();
        let Inputs { settings, sources, spools, total, .. } = &*self.inputs;
        let mut paths = ranges.keys().peekable();
        let mut is_wanted = |source: &Source| {
            // Both are in the order of paths.
            while paths.next_if(|path| **path < source.path).is_some() {}
            paths.peek().is_some_and(|path| **path == source.path) || outer.contains(&*source.path)
        };
        let numbered = sources.iter().enumerate();
        let waiting = numbered.filter(|(_, source)| is_wanted(source)).map(|(number, _)| number).collect();
        Self::over(Inputs {
            waiting: Some(waiting),
            settings: settings.clone(),
            sources: sources.clone(),
            taken: AtomicUsize::new(0),
            spools: spools.clone(),
            progress: Arc::default(),
            total: *total,
            wanted: Some(ranges),
        })
    }

    /// Bytes of input read so far by all feeds over the same inputs, and in all (0 if unknown).
    pub fn progress(&self) -> (u64, u64) {
        (self.inputs.progress.load(Ordering::Relaxed), self.inputs.total)
    }

    /// What became of each input, in the order they were read; to be asked for when every chunk is dropped.
    pub fn finish(self) -> Vec<InputReport> {
        Reports::all([self.reports()])
    }

    /// What became of the inputs that this feed read; to be asked for when every chunk is dropped.
    pub fn reports(mut self) -> Reports {
        self.close();
        for path in self.inputs.spools.cut_short() {
            let is_of = |(_, report): &&mut (u64, InputReport)| {
                report.path.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
            };
            if let Some((_, report)) = self.reports.iter_mut().find(is_of) {
                report.notes.insert(NO_COPY.to_owned());
            }
        }
        let again = self.inputs.wanted.is_some();
        for (report, shrank) in self.files.drain(..) {
            let shrank = shrank.is_some_and(|shrank| shrank.load(Ordering::Relaxed));
            // That it grew was seen by the first look.
            if again && !shrank {
                continue;
            }
            let report = self.reports.get_mut(report).map(|(_, report)| report);
            let Some(report) = report.filter(|report| report.skips.is_empty()) else { continue };
            let left = std::fs::metadata(&*report.path).map_or(0, |meta| meta.len());
            let size = report.bytes;
            if left > size {
                report
                    .notes
                    .insert(format!("grew while being read: {} bytes more are not in this result", left - size));
            }
            if shrank {
                report.skips.push((left, format!("ends early, it shrank while being read: {left} of {size} bytes")));
            }
        }
        Reports(self.reports)
    }

    fn cut(&mut self) -> Option<Chunk> {
        let input = self.current.as_mut()?;
        if let Some(wanted) = &input.wanted {
            let at = input.text.at();
            // Records that are wanted start where entries were found before. Behind the last of them nothing is.
            let (from, _) = wanted.get(wanted.partition_point(|range| range.1 <= at))?;
            input.cutter.jump(&mut input.text, *from);
        }
        let cut = input.cutter.next(&mut input.text)?;
        input.blank &= cut.pieces.as_ref().is_some_and(Vec::is_empty);
        if let Some(read) = &mut input.read {
            self.inputs.progress.fetch_add(cut.to - std::mem::replace(read, cut.to), Ordering::Relaxed);
        }
        let mut chunk = Chunk::new((input.path.clone(), input.number), input.shape.clone(), cut);
        chunk.wanted.clone_from(&input.wanted);
        Some(chunk)
    }

    /// Puts down what is known of the input that was read to its end.
    fn close(&mut self) {
        let Some(mut input) = self.current.take() else { return };
        let Some((_, report)) = self.reports.get_mut(input.report) else { return };
        report.notes.append(&mut input.notes.take());
        if input.cutter.never_closed {
            report.notes.insert(InputTally::NEVER_CLOSED.to_owned());
        }
        if input.cutter.inner_mark() {
            report.notes.insert("a byte order mark stands inside the file".to_owned());
        }
        if let Some(fault) = input.text.fault.take() {
            report.skips.push((input.text.end(), fault));
        } else if input.blank && report.format != "empty" {
            report.notes.insert("no record: nothing but white space and brackets".to_owned());
        }
    }

    /// Opens the next input; false if there is none.
    fn advance(&mut self) -> bool {
        let inputs = self.inputs.clone();
        while self.current.is_none() {
            if let Some(outer) = self.archives.last_mut() {
                let mut layers = Layers::new(&inputs.settings, outer.names.clone());
                match outer.archive.next(&mut layers) {
                    Ok(Some(member)) => {
                        outer.members += 1;
                        let path = format!("{}!{}", outer.path, member.name);
                        let names = layers.names;
                        self.open(path.into(), member.bytes, names, Ok(member.raw));
                    }
                    Ok(None) => self.leave(None),
                    Err(error) => self.leave(Some(error.to_string())),
                }
                continue;
            }
            let Some((number, source)) = inputs.next() else { return false };
            self.number = (number as u64) << 32;
            self.walked = source.walked;
            self.open(source.path.clone(), source.bytes, Vec::new(), inputs.raw(source));
        }
        true
    }

    /// Leaves an archive; what went wrong with it is put down under its own name.
    fn leave(&mut self, fault: Option<String>) {
        let Some(archive) = self.archives.pop() else { return };
        let empty = (archive.members == 0).then(|| "an archive without files".to_owned());
        if fault.is_none() && empty.is_none() {
            return;
        }
        self.report(InputReport {
            path: archive.path,
            format: "archive".into(),
            compression: archive.names.join("+").into(),
            notes: empty.filter(|_| fault.is_none()).into_iter().collect(),
            skips: fault.map(|fault| (0, fault)).into_iter().collect(),
            ..InputReport::default()
        });
    }

    fn open(&mut self, path: Arc<str>, bytes: u64, names: Vec<&'static str>, raw: Result<Raw>) {
        let mut report = InputReport { path: path.clone(), bytes, ..InputReport::default() };
        let inputs = self.inputs.clone();
        let mut layers = Layers::new(&inputs.settings, names);
        if self.archives.is_empty() {
            layers.progress = inputs.progress.clone();
        }
        let opened = raw.and_then(|raw| open(raw, &mut layers));
        report.compression = layers.compression();
        match opened {
            Ok(Opened::Text(text)) => {
                if !self.begin(text, layers.notes, &mut report) {
                    return;
                }
            }
            Ok(Opened::Archive(archive)) if self.archives.len() < DEEPEST => {
                let names = layers.names;
                self.archives.push(OpenArchive { path, names, archive, members: 0 });
                return;
            }
            Ok(Opened::Archive(_)) => report.skips.push((0, "archives in archives, too deep".to_owned())),
            Err(error) => report.skips.push((0, format!("cannot be read: {error}"))),
        }
        self.report(report);
    }

    fn report(&mut self, report: InputReport) {
        self.reports.push((self.number, report));
        self.number += 1;
    }

    /// Judges a text by its head, and makes it the current input if it is an export; false if there is nothing to report.
    fn begin(&mut self, mut text: Text, notes: Notes, report: &mut InputReport) -> bool {
        let mut verdict = Verdict::Unclear;
        for size in HEADS {
            let (head, whole) = text.fill(size);
            verdict = sniff(head.get(..size).unwrap_or(head), whole && head.len() <= size);
            let goes_on = match verdict {
                Verdict::Unclear => size < LONG_RECORD,
                Verdict::Foreign(_) => true,
                _ => false,
            };
            if whole || !goes_on {
                break;
            }
        }
        let (told, format) = match verdict {
            Verdict::Export(told, format) => (told, format),
            Verdict::Unclear => (Told::default(), "json"),
            Verdict::Empty(sentence) => {
                report.notes.insert(sentence.to_owned());
                report.format = "empty".into();
                (Told::default(), "")
            }
            Verdict::Own(_) if self.walked && self.archives.is_empty() => return false,
            Verdict::Foreign(reason) | Verdict::Known(reason) | Verdict::Own(reason) => {
                report.format = "foreign".into();
                // What could not be read at all is no file of a foreign kind.
                report.skips.push((0, text.fault.take().unwrap_or(reason)));
                return true;
            }
        };
        if report.format.is_empty() {
            report.format = format.into();
        }
        // Most inputs of a run are of one shape.
        let shape = match self.shape.take() {
            Some(shape) if shape.is(&told) => shape,
            _ => Arc::new(Shape::of(&told)),
        };
        self.shape = Some(shape.clone());
        let cutter = Cutter::new(shape.clone(), &self.inputs.settings);
        let path = report.path.clone();
        let wanted = self.inputs.wanted.as_ref().map(|wanted| wanted.get(&path).map(Vec::as_slice).unwrap_or_default());
        let wanted = wanted.map(Arc::from);
        let read = (report.compression == "none" && text.is_file()).then_some(0);
        let report = self.reports.len();
        if read.is_some() {
            self.files.push((report, text.shrank()));
        }
        let number = self.number;
        self.current = Some(Input { path, number, report, shape, notes, text, cutter, read, blank: true, wanted });
        true
    }
}
