//! Inputs in, chunks of whole records out, in the order of the inputs' paths.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
    io::Result,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
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

/// Hands out chunks; workers share it behind a lock.
pub struct Feed {
    settings: Settings,
    sources: Vec<Source>,
    waiting: VecDeque<Source>,
    /// The archives that are open, the innermost last.
    archives: Vec<OpenArchive>,
    current: Option<Input>,
    reports: Vec<InputReport>,
    /// Reports of inputs that are files as they stand, and whether these lost bytes while mapped.
    files: Vec<(usize, Option<Arc<AtomicBool>>)>,
    /// Copies of what can be read once.
    spools: Spools,
    wanted: Option<BTreeMap<String, Stretches>>,
    /// Bytes of the inputs that are done.
    done: u64,
    /// Bytes read of the one that is not.
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
    number: u32,
    report: usize,
    shape: Arc<Shape>,
    notes: Notes,
    text: Text,
    cutter: Cutter,
    /// Whether the place in the text tells how much of the input is read.
    plain: bool,
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

impl Feed {
    /// A feed over all inputs that were found.
    pub fn new(discovery: Discovery, settings: Settings) -> Self {
        let unknown = discovery.sources.iter().any(|source| source.once);
        Self {
            settings,
            waiting: discovery.sources.iter().cloned().collect(),
            sources: discovery.sources,
            archives: Vec::new(),
            current: None,
            reports: Vec::new(),
            files: Vec::new(),
            spools: discovery.spools,
            wanted: None,
            done: 0,
            progress: Arc::default(),
            total: if unknown { 0 } else { discovery.bytes },
        }
    }

    /// The next chunk, or `None` when all inputs are done.
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
    pub fn restrict(mut self, ranges: &BTreeMap<String, Vec<(u64, u64)>>) -> Self {
        // Nor are inputs opened that none of them is in; those in an archive are named `archive!member`.
        let is_wanted = |source: &&Source| {
            let below = format!("{}!", source.path);
            ranges.contains_key(&source.path)
                || ranges.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below))
        };
        self.waiting = self.sources.iter().filter(is_wanted).cloned().collect();
        self.archives.clear();
        self.current = None;
        self.reports.clear();
        self.files.clear();
        self.done = 0;
        self.progress = Arc::default();
        let ranges = ranges.iter().map(|(path, ranges)| (path.clone(), ranges.as_slice().into()));
        self.wanted = Some(ranges.collect());
        self
    }

    /// Bytes of input read so far, and in all (0 if unknown).
    pub fn progress(&self) -> (u64, u64) {
        (self.done + self.progress.load(Ordering::Relaxed), self.total)
    }

    /// What became of each input, in the order they were read; to be asked for when every chunk is dropped.
    pub fn finish(&mut self) -> Vec<InputReport> {
        self.close();
        for path in self.spools.cut_short() {
            let is_of = |report: &&mut InputReport| {
                report.path.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
            };
            if let Some(report) = self.reports.iter_mut().find(is_of) {
                report.notes.insert(NO_COPY.to_owned());
            }
        }
        for (report, shrank) in self.files.drain(..) {
            let Some(report) = self.reports.get_mut(report).filter(|report| report.skips.is_empty()) else { continue };
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
        std::mem::take(&mut self.reports)
    }

    fn cut(&mut self) -> Option<Chunk> {
        let input = self.current.as_mut()?;
        let cut = input.cutter.next(&mut input.text)?;
        input.blank &= cut.pieces.as_ref().is_some_and(Vec::is_empty);
        if input.plain {
            self.progress.store(cut.to, Ordering::Relaxed);
        }
        let mut chunk = Chunk::new((input.path.clone(), input.number), input.shape.clone(), cut);
        if let Some(wanted) = &self.wanted {
            chunk.wanted = Some(wanted.get(&*input.path).cloned().unwrap_or_default());
        }
        Some(chunk)
    }

    /// Puts down what is known of the input that was read to its end.
    fn close(&mut self) {
        let Some(mut input) = self.current.take() else { return };
        let Some(report) = self.reports.get_mut(input.report) else { return };
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
        while self.current.is_none() {
            if let Some(outer) = self.archives.last_mut() {
                let mut layers = Layers::new(&self.settings, outer.names.clone());
                match outer.archive.next(&mut layers) {
                    Ok(Some(member)) => {
                        outer.members += 1;
                        let path = format!("{}!{}", outer.path, member.name);
                        let names = layers.names;
                        self.open(&path, member.bytes, names, |_| Ok(member.raw));
                    }
                    Ok(None) => self.leave(None),
                    Err(error) => self.leave(Some(error.to_string())),
                }
                continue;
            }
            self.done += self.progress.swap(0, Ordering::Relaxed);
            let Some(source) = self.waiting.pop_front() else { return false };
            self.open(&source.path, source.bytes, Vec::new(), |feed| feed.raw(&source));
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
        self.reports.push(InputReport {
            path: archive.path,
            format: "archive".to_owned(),
            compression: archive.names.join("+"),
            notes: empty.filter(|_| fault.is_none()).into_iter().collect(),
            skips: fault.map(|fault| (0, fault)).into_iter().collect(),
            ..InputReport::default()
        });
    }

    /// The bytes of a source as they stand on disk or come in.
    fn raw(&mut self, source: &Source) -> Result<Raw> {
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

    fn open(&mut self, path: &str, bytes: u64, names: Vec<&'static str>, raw: impl FnOnce(&mut Self) -> Result<Raw>) {
        let mut report = InputReport { path: path.to_owned(), bytes, ..InputReport::default() };
        let raw = raw(self);
        let mut layers = Layers::new(&self.settings, names);
        if self.archives.is_empty() {
            layers.progress = self.progress.clone();
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
        self.reports.push(report);
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
        let number = u32::try_from(self.reports.len()).unwrap_or(u32::MAX);
        let plain = report.compression == "none" && text.is_file();
        let cutter = Cutter::new(shape.clone(), &self.settings);
        let path = report.path.as_str().into();
        let report = self.reports.len();
        if plain {
            self.files.push((report, text.shrank()));
        }
        self.current =
            Some(Input { path, number, report, shape: shape.into(), notes, text, cutter, plain, blank: true });
    }
}
