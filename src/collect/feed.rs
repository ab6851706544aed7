//! Inputs in, chunks of whole records out.
//!
//! One feed hands out the inputs in the order of their paths. Several that share them read several inputs at a time, so
//! that opening and inflating keep all cores busy; what the order of paths decides is decided by the inputs' numbers.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Result,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use super::{
    Discovery, InputReport, Settings, Source,
    archive::Archive,
    chunk::Chunk,
    cut::Cutter,
    decode::{Notes, Spool, Spooled, Spools},
    open::{Layers, Opened, Raw, open},
    shape::{HEADS, Shape, Verdict, sniff},
    text::Text,
};

/// Hands out chunks of one input after another; workers share it behind a lock.
pub struct Feed {
    inputs: Arc<Inputs>,
    /// The archives that are open, the innermost last.
    archives: Vec<OpenArchive>,
    current: Option<Input>,
    /// What the next report is numbered: the number of its source, and in the lower half how many came before of it.
    number: u64,
    reports: Vec<(u64, InputReport)>,
    /// Reports of inputs that are files as they stand, and whether these lost bytes while mapped.
    files: Vec<(usize, Option<Arc<AtomicBool>>)>,
}

/// The inputs of a run, which several feeds may take from.
struct Inputs {
    settings: Settings,
    sources: Vec<Source>,
    /// The sources to read, by number.
    waiting: Vec<usize>,
    /// How many of them were taken.
    taken: AtomicUsize,
    /// Copies of what can be read once.
    spools: Spools,
    wanted: Option<BTreeMap<String, Stretches>>,
    /// Bytes read.
    progress: Arc<AtomicU64>,
    total: u64,
}

struct OpenArchive {
    path: String,
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
}

/// From which byte to which, in order.
type Stretches = Arc<[(u64, u64)]>;

/// What is said of an input that can be read once, when its copy is not whole.
const NO_COPY: &str =
    "read once, and no copy of all of it could be kept: what happened around its entries is not looked for";
/// Archives in archives beyond this are left alone.
const DEEPEST: usize = 4;

impl Inputs {
    /// The next source to read, and its number.
    fn next(&self) -> Option<(usize, &Source)> {
        let number = *self.waiting.get(self.taken.fetch_add(1, Ordering::Relaxed))?;
        Some((number, self.sources.get(number)?))
    }

    /// The bytes of a source as they stand on disk or come in.
    fn raw(&self, source: &Source) -> Result<Raw> {
        if let Some(spool) = self.spools.get(&source.path) {
            return Ok(spool.again());
        }
        if !source.once {
            let file = Arc::new(File::open(&source.file)?);
            let size = file.metadata()?.len();
            if size > 0 {
                return Ok(Raw::File { file, start: 0, size });
            }
            // Files of the kernel say that they are empty.
            return Ok(Raw::Stream(Box::new(File::open(&source.file)?)));
        }
        let inner: Box<dyn std::io::Read + Send> =
            if source.path == "-" { Box::new(std::io::stdin()) } else { Box::new(File::open(&source.file)?) };
        // Without a copy there is no second look, and nothing else is lost.
        let copy = if self.settings.spool_bytes > 0 { tempfile::tempfile().ok() } else { None };
        let most = if copy.is_some() { self.settings.spool_bytes } else { 0 };
        let spool = Arc::new(Spool { file: copy.map(Arc::new), held: AtomicU64::new(0), most, whole: true.into() });
        self.spools.insert(&source.path, spool.clone());
        Ok(Raw::Stream(Box::new(Spooled { inner, copy: spool })))
    }
}

impl Feed {
    /// A feed over all inputs that were found.
    pub fn new(discovery: Discovery, settings: Settings) -> Self {
        let unknown = discovery.sources.iter().any(|source| source.once);
        Self::over(Inputs {
            settings,
            waiting: (0..discovery.sources.len()).collect(),
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
        Self { inputs, archives: Vec::new(), current: None, number: 0, reports: Vec::new(), files: Vec::new() }
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

    /// The same inputs again, but only records that reach into these byte ranges, which are in order and apart.
    #[must_use]
    pub fn restrict(self, ranges: &BTreeMap<String, Vec<(u64, u64)>>) -> Self {
        // Nor are inputs opened that none of them is in; those in an archive are named `archive!member`.
        let is_wanted = |source: &Source| {
            let below = format!("{}!", source.path);
            ranges.contains_key(&source.path)
                || ranges.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below))
        };
        let Inputs { settings, sources, spools, total, .. } = &*self.inputs;
        let numbered = sources.iter().enumerate();
        let ranges = ranges.iter().map(|(path, ranges)| (path.clone(), ranges.as_slice().into()));
        Self::over(Inputs {
            waiting: numbered.filter(|(_, source)| is_wanted(source)).map(|(number, _)| number).collect(),
            wanted: Some(ranges.collect()),
            settings: settings.clone(),
            sources: sources.clone(),
            taken: AtomicUsize::new(0),
            spools: spools.clone(),
            progress: Arc::default(),
            total: *total,
        })
    }

    /// Bytes of input read so far by all feeds over the same inputs, and in all (0 if unknown).
    pub fn progress(&self) -> (u64, u64) {
        (self.inputs.progress.load(Ordering::Relaxed), self.inputs.total)
    }

    /// What became of each input, in the order of paths, of feeds over the same inputs.
    pub fn finish_all(feeds: impl IntoIterator<Item = Self>) -> Vec<InputReport> {
        let mut reports: Vec<(u64, InputReport)> = feeds.into_iter().flat_map(Self::numbered).collect();
        reports.sort_by_key(|(number, _)| *number);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    /// What became of each input, in the order they were read; to be asked for when every chunk is dropped.
    pub fn finish(self) -> Vec<InputReport> {
        Self::finish_all([self])
    }

    fn numbered(mut self) -> Vec<(u64, InputReport)> {
        self.close();
        for path in self.inputs.spools.cut_short() {
            let is_of = |(_, report): &&mut (u64, InputReport)| {
                report.path.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
            };
            if let Some((_, report)) = self.reports.iter_mut().find(is_of) {
                report.notes.insert(NO_COPY.to_owned());
            }
        }
        for (report, shrank) in self.files.drain(..) {
            let report = self.reports.get_mut(report).map(|(_, report)| report);
            let Some(report) = report.filter(|report| report.skips.is_empty()) else { continue };
            let left = std::fs::metadata(&report.path).map_or(0, |meta| meta.len());
            let size = report.bytes;
            if left > size {
                report
                    .notes
                    .insert(format!("grew while being read: {} bytes more are not in this result", left - size));
            }
            if shrank.is_some_and(|shrank| shrank.load(Ordering::Relaxed)) {
                report.skips.push((left, format!("ends early, it shrank while being read: {left} of {size} bytes")));
            }
        }
        self.reports
    }

    fn cut(&mut self) -> Option<Chunk> {
        let input = self.current.as_mut()?;
        let wanted = self.inputs.wanted.as_ref().map(|wanted| wanted.get(&*input.path).cloned().unwrap_or_default());
        if let Some(wanted) = &wanted {
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
        chunk.wanted = wanted;
        Some(chunk)
    }

    /// Puts down what is known of the input that was read to its end.
    fn close(&mut self) {
        let Some(mut input) = self.current.take() else { return };
        let Some((_, report)) = self.reports.get_mut(input.report) else { return };
        report.notes.append(&mut input.notes.take());
        if input.cutter.never_closed {
            report.notes.insert("the array is never closed: the export was interrupted or cut off".to_owned());
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
                        self.open(&path, member.bytes, names, Ok(member.raw));
                    }
                    Ok(None) => self.leave(None),
                    Err(error) => self.leave(Some(error.to_string())),
                }
                continue;
            }
            let Some((number, source)) = inputs.next() else { return false };
            self.number = (number as u64) << 32;
            self.open(&source.path, source.bytes, Vec::new(), inputs.raw(source));
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
            format: "archive".to_owned(),
            compression: archive.names.join("+"),
            notes: empty.filter(|_| fault.is_none()).into_iter().collect(),
            skips: fault.map(|fault| (0, fault)).into_iter().collect(),
            ..InputReport::default()
        });
    }

    fn open(&mut self, path: &str, bytes: u64, names: Vec<&'static str>, raw: Result<Raw>) {
        let mut report = InputReport { path: path.to_owned(), bytes, ..InputReport::default() };
        let inputs = self.inputs.clone();
        let mut layers = Layers::new(&inputs.settings, names);
        if self.archives.is_empty() {
            layers.progress = inputs.progress.clone();
        }
        let opened = raw.and_then(|raw| open(raw, &mut layers));
        report.compression = layers.compression();
        match opened {
            Ok(Opened::Text(text)) => {
                self.begin(text, layers.notes, &mut report);
            }
            Ok(Opened::Archive(archive)) if self.archives.len() < DEEPEST => {
                let names = layers.names;
                self.archives.push(OpenArchive { path: path.to_owned(), names, archive, members: 0 });
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

    /// Judges a text by its head, and makes it the current input if it is an export.
    fn begin(&mut self, mut text: Text, notes: Notes, report: &mut InputReport) {
        let mut verdict = Verdict::Unclear;
        for size in HEADS {
            let (head, whole) = text.fill(size);
            verdict = sniff(head.get(..size).unwrap_or(head), whole && head.len() <= size);
            if whole || !matches!(verdict, Verdict::Unclear | Verdict::Foreign(_)) {
                break;
            }
        }
        let (shape, format) = match verdict {
            Verdict::Export(shape, format) => (shape, format),
            Verdict::Unclear => (Shape::unclear(), "json".to_owned()),
            Verdict::Empty(sentence) => {
                report.notes.insert(sentence.to_owned());
                "empty".clone_into(&mut report.format);
                (Shape::unclear(), String::new())
            }
            Verdict::Foreign(reason) => {
                "foreign".clone_into(&mut report.format);
                // What could not be read at all is no file of a foreign kind.
                report.skips.push((0, text.fault.take().unwrap_or(reason)));
                return;
            }
        };
        if report.format.is_empty() {
            report.format = format;
        }
        let cutter = Cutter::new(shape.clone(), &self.inputs.settings);
        let path = report.path.as_str().into();
        let read = (report.compression == "none" && text.is_file()).then_some(0);
        let report = self.reports.len();
        if read.is_some() {
            self.files.push((report, text.shrank()));
        }
        let (number, shape) = (self.number, shape.into());
        self.current = Some(Input { path, number, report, shape, notes, text, cutter, read, blank: true });
    }
}
