//! Readers around readers: what was packed or encoded goes in, plain UTF-8 comes out, within limits.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{Error, ErrorKind, Read, Result, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use encoding_rs::{CoderResult, Decoder, Encoding};

/// Remarks on an input, shared by the layers of its decoding.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<BTreeSet<String>>>);

impl Notes {
    pub(super) fn add(&self, note: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(note.to_owned());
    }

    pub(super) fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads a range of a file without moving its cursor.
pub(super) struct RangeReader {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl RangeReader {
    pub(super) fn new(file: Arc<File>, start: u64, size: u64) -> Self {
        Self { file, at: start, end: start.saturating_add(size) }
    }
}

impl Read for RangeReader {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let room = bytes.len().min(left);
        if room == 0 {
            return Ok(0);
        }
        let count = super::map::read_at(&self.file, bytes.get_mut(..room).unwrap_or_default(), self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Gives an error instead of bytes, so that it is met where the bytes would be.
pub(super) struct Fault(pub String);

impl Read for Fault {
    fn read(&mut self, _: &mut [u8]) -> Result<usize> {
        Err(Error::other(self.0.clone()))
    }
}

/// Counts the bytes that pass.
pub(super) struct Counted<R> {
    pub inner: R,
    pub count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(bytes)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What a decoder gives, within limits and with errors that say what they are about.
pub(super) struct Unpacked<R> {
    pub inner: R,
    pub name: &'static str,
    /// How many packed bytes went in.
    pub packed: Arc<AtomicU64>,
    pub given: u64,
    pub most: u64,
    pub ratio: u64,
    pub notes: Notes,
    pub ended: bool,
}

/// Below this no ratio is a bomb.
const HARMLESS: u64 = 256 << 20;

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let packed = self.packed.load(Ordering::Relaxed);
        if self.given > self.most || (self.given > HARMLESS && self.given / self.ratio.max(1) > packed) {
            let given = self.given;
            let limit = if given > self.most { "the limit on expanded bytes" } else { "the limit on the ratio" };
            let name = self.name;
            return Err(Error::other(format!("given up: {packed} bytes of {name} expand to over {given}, {limit}")));
        }
        match self.inner.read(bytes) {
            Ok(count) => {
                self.given += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) if self.given > 0 && error.to_string().contains("invalid gzip header") => {
                self.ended = true;
                self.notes.add("bytes behind the last gzip member are passed over");
                Ok(0)
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(Error::other(format!("the {} data are cut off after {packed} bytes", self.name)))
            }
            Err(error) => Err(Error::other(format!("the {} data are damaged near byte {packed}: {error}", self.name))),
        }
    }
}

/// Turns UTF-16 into UTF-8.
pub(super) struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoded<R> {
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, input: Vec::new(), output: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> Result<()> {
        let held = self.input.len();
        self.input.resize(held + (64 << 10), 0);
        let count = self.inner.read(self.input.get_mut(held..).unwrap_or_default());
        self.input.truncate(held + *count.as_ref().unwrap_or(&0));
        let last = count? == 0;
        self.output.resize(self.input.len() * 3 + 16, 0);
        let (result, read, written, _) = self.decoder.decode_to_utf8(&self.input, &mut self.output, last);
        self.output.truncate(written);
        self.input.drain(..read);
        self.given = 0;
        self.ended = last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        while self.given >= self.output.len() && !self.ended {
            self.refill()?;
        }
        let ready = self.output.get(self.given..).unwrap_or_default();
        let count = ready.len().min(bytes.len());
        if let (Some(to), Some(from)) = (bytes.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

/// Keeps a copy of what passes, up to a size, for a second look at what can be read once.
pub(super) struct Spooled<R> {
    pub inner: R,
    pub copy: Arc<Spool>,
}

/// The copies of all inputs that can be read once, by path; shared by all looks at them.
#[derive(Clone, Default)]
pub(super) struct Spools(Arc<Mutex<BTreeMap<String, Arc<Spool>>>>);

impl Spools {
    pub(super) fn get(&self, path: &str) -> Option<Arc<Spool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// The first input that was read and of which no whole copy was kept.
    pub(super) fn lost(&self) -> Option<String> {
        let spools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spools.iter().find(|(_, spool)| !spool.is_whole()).map(|(path, _)| path.clone())
    }

    pub(super) fn insert(&self, path: &str, spool: Arc<Spool>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), spool);
    }

    /// The inputs whose copies do not hold all that was read.
    pub(super) fn cut_short(&self) -> Vec<String> {
        let spools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = spools.iter().filter(|(_, spool)| !spool.whole.load(Ordering::Relaxed));
        cut.map(|(path, _)| path.clone()).collect()
    }
}

impl std::fmt::Debug for Spools {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Spools")
    }
}

/// The copy of an input that can be read once.
pub(super) struct Spool {
    /// Nothing, if there is no place for one.
    pub file: Option<Arc<File>>,
    pub held: AtomicU64,
    pub most: u64,
    /// Whether all that passed is in the copy.
    pub whole: std::sync::atomic::AtomicBool,
}

impl Spool {
    fn is_whole(&self) -> bool {
        self.file.is_some() && self.whole.load(Ordering::Relaxed)
    }

    /// What was copied, to be read again; nothing, if that is not all.
    pub(super) fn again(&self) -> super::open::Raw {
        match &self.file {
            Some(file) if self.is_whole() => {
                super::open::Raw::File { file: file.clone(), start: 0, size: self.held.load(Ordering::Relaxed) }
            }
            _ => super::open::Raw::Stream(Box::new(std::io::empty())),
        }
    }
}

impl<R: Read> Read for Spooled<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(bytes).inspect_err(|error| {
            if error.kind() != ErrorKind::Interrupted {
                self.copy.whole.store(false, Ordering::Relaxed);
            }
        })?;
        let part = bytes.get(..count).unwrap_or_default();
        let held = self.copy.held.load(Ordering::Relaxed);
        if self.copy.whole.load(Ordering::Relaxed) {
            let file = self.copy.file.as_ref().filter(|_| held + count as u64 <= self.copy.most);
            // A full disk costs the second look, not the run.
            if file.is_some_and(|file| (&**file).write_all(part).is_ok()) {
                self.copy.held.store(held + count as u64, Ordering::Relaxed);
            } else {
                self.copy.whole.store(false, Ordering::Relaxed);
            }
        }
        Ok(count)
    }
}
