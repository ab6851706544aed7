//! Inputs in, chunks of whole records out, in the order of the inputs' paths.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
    io::Read,
    sync::Arc,
};

use super::{
    Discovery, InputReport, Settings, Source,
    map::Window,
    shape::{Shape, sniff},
};

/// Hands out chunks; workers share it behind a lock.
pub struct Feed {
    settings: Settings,
    sources: Vec<Source>,
    waiting: VecDeque<Source>,
    current: Option<Input>,
    reports: Vec<InputReport>,
    handed_out: u64,
    total: u64,
    wanted: Option<BTreeMap<String, Vec<(u64, u64)>>>,
}

/// Whole records of one input, and their place in it.
pub struct Chunk {
    path: Arc<str>,
    input: u32,
    from: u64,
    length: usize,
    window: Window,
    pub(super) shape: Arc<Shape>,
}

impl Chunk {
    /// The input, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The number of the input, in the order of paths.
    pub fn input(&self) -> u32 {
        self.input
    }

    /// Where the chunk starts, in bytes of the (decoded) input.
    pub fn from(&self) -> u64 {
        self.from
    }

    /// The first byte behind it.
    pub fn to(&self) -> u64 {
        self.from + self.length as u64
    }

    /// The bytes of the chunk.
    pub fn bytes(&self) -> &[u8] {
        let bytes = self.window.bytes();
        bytes.get(..self.length).unwrap_or(bytes)
    }
}

struct Input {
    path: Arc<str>,
    number: u32,
    shape: Arc<Shape>,
    at: u64,
    bytes: Bytes,
}

enum Bytes {
    File { file: File, size: u64 },
    Memory(Vec<u8>),
}

/// How much of an input its shape is judged by.
const HEAD: u64 = 64 << 10;

impl Feed {
    /// A feed over all inputs that were found.
    pub fn new(discovery: Discovery, settings: Settings) -> Self {
        Self {
            settings,
            waiting: discovery.sources.iter().cloned().collect(),
            sources: discovery.sources,
            current: None,
            reports: Vec::new(),
            handed_out: 0,
            total: discovery.bytes,
            wanted: None,
        }
    }

    /// The next chunk, or `None` when all inputs are done.
    pub fn next_chunk(&mut self) -> Option<Chunk> {
        loop {
            if self.current.is_none() {
                let source = self.waiting.pop_front()?;
                self.open(&source);
            }
            if let Some(chunk) = self.cut() {
                self.handed_out += chunk.length as u64;
                if self.wants(&chunk) {
                    return Some(chunk);
                }
            } else {
                self.current = None;
            }
        }
    }

    fn cut(&mut self) -> Option<Chunk> {
        let input = self.current.as_mut()?;
        match input.next_chunk(&self.settings) {
            Ok(chunk) => chunk,
            Err(error) => {
                let report = self.reports.last_mut()?;
                report.skips.push((input.at, format!("cannot be read: {error}")));
                None
            }
        }
    }

    /// The same inputs again, but only chunks that overlap these byte ranges.
    #[must_use]
    pub fn restrict(mut self, ranges: &BTreeMap<String, Vec<(u64, u64)>>) -> Self {
        self.waiting = self.sources.iter().cloned().collect();
        self.current = None;
        self.reports.clear();
        self.handed_out = 0;
        self.wanted = Some(ranges.clone());
        self
    }

    /// Bytes of input handed out so far, and in all (0 if unknown).
    pub fn progress(&self) -> (u64, u64) {
        (self.handed_out, self.total)
    }

    /// What became of each input, in the order they were read.
    pub fn finish(&mut self) -> Vec<InputReport> {
        std::mem::take(&mut self.reports)
    }

    fn wants(&self, chunk: &Chunk) -> bool {
        let Some(wanted) = &self.wanted else { return true };
        let ranges = wanted.get(chunk.path()).map(Vec::as_slice).unwrap_or_default();
        ranges.iter().any(|(from, to)| *from < chunk.to() && *to > chunk.from())
    }

    fn open(&mut self, source: &Source) {
        let number = u32::try_from(self.reports.len()).unwrap_or(u32::MAX);
        let mut report = InputReport { path: source.path.clone(), bytes: source.bytes, ..InputReport::default() };
        match Input::open(source, number, &mut report) {
            Ok(input) => self.current = Some(input),
            Err(error) => report.skips.push((0, format!("cannot be read: {error}"))),
        }
        self.reports.push(report);
    }
}

impl Input {
    fn open(source: &Source, number: u32, report: &mut InputReport) -> std::io::Result<Self> {
        let mut bytes = if source.path == "-" {
            let mut all = Vec::new();
            std::io::stdin().lock().read_to_end(&mut all)?;
            Bytes::Memory(all)
        } else {
            let file = File::open(&source.file)?;
            let size = file.metadata()?.len();
            Bytes::File { file, size }
        };
        "none".clone_into(&mut report.compression);
        let mut head = bytes.window(0, HEAD, false)?;
        if head.bytes().starts_with(&[0x1f, 0x8b]) {
            let packed = bytes.window(0, u64::MAX, false)?;
            let mut all = Vec::new();
            flate2::bufread::MultiGzDecoder::new(packed.bytes()).read_to_end(&mut all)?;
            bytes = Bytes::Memory(all);
            "gzip".clone_into(&mut report.compression);
            head = bytes.window(0, HEAD, false)?;
        }
        let (shape, format) = sniff(head.bytes());
        format.clone_into(&mut report.format);
        Ok(Self { path: source.path.as_str().into(), number, shape: shape.into(), at: 0, bytes })
    }

    fn next_chunk(&mut self, settings: &Settings) -> std::io::Result<Option<Chunk>> {
        let size = self.bytes.len();
        if self.at >= size {
            return Ok(None);
        }
        let mut reach = self.at + settings.window_bytes as u64;
        let (window, length) = loop {
            let finder = match &*self.shape {
                Shape::Lines { finder } => finder,
                Shape::Stream => {
                    let window = self.bytes.window(self.at, size, settings.mmap)?;
                    let length = window.bytes().len();
                    break (window, length);
                }
            };
            let ahead = reach + (512 << 10);
            let window = self.bytes.window(self.at, ahead.min(size), settings.mmap)?;
            let bytes = window.bytes();
            let nominal = usize::try_from(reach - self.at).unwrap_or(usize::MAX).saturating_sub(1);
            if let Some(found) = bytes.get(nominal..).and_then(|rest| finder.find(rest)) {
                break (window, nominal + found + 1);
            }
            if ahead >= size {
                let length = bytes.len();
                break (window, length);
            }
            reach = ahead;
        };
        let chunk = Chunk {
            path: self.path.clone(),
            input: self.number,
            from: self.at,
            length,
            window,
            shape: self.shape.clone(),
        };
        self.at = if length == 0 { size } else { self.at + length as u64 };
        Ok(Some(chunk))
    }
}

impl Bytes {
    fn len(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    fn window(&self, from: u64, to: u64, mmap: bool) -> std::io::Result<Window> {
        let to = to.min(self.len());
        match self {
            Self::File { file, .. } => Window::open(file, from, to, mmap),
            Self::Memory(bytes) => {
                let range = usize::try_from(from).unwrap_or(usize::MAX)..usize::try_from(to).unwrap_or(usize::MAX);
                Ok(Window::Read(bytes.get(range).unwrap_or_default().to_vec()))
            }
        }
    }
}
