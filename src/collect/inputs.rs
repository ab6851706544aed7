//! The inputs of a run: which one is next, and its bytes as they come in.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Result,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use super::{
    Settings, Source,
    decode::{Spool, Spooled, Spools},
    map::read_whole,
    open::Raw,
    text::SMALL,
};

/// From which byte to which, in order and apart, by input.
pub type Ranges = BTreeMap<Arc<str>, Vec<(u64, u64)>>;

/// The inputs of a run, which several feeds may take from.
pub(super) struct Inputs {
    pub(super) settings: Settings,
    pub(super) sources: Arc<[Source]>,
    /// The sources to read, by number; all of them, if nothing is said.
    pub(super) waiting: Option<Vec<usize>>,
    /// How many of them were taken.
    pub(super) taken: AtomicUsize,
    /// Copies of what can be read once.
    pub(super) spools: Spools,
    pub(super) wanted: Option<Ranges>,
    /// Bytes read.
    pub(super) progress: Arc<AtomicU64>,
    pub(super) total: u64,
}

impl Inputs {
    /// The next source to read, and its number.
    pub(super) fn next(&self) -> Option<(usize, &Source)> {
        let next = self.taken.fetch_add(1, Ordering::Relaxed);
        let number = match &self.waiting {
            Some(waiting) => *waiting.get(next)?,
            None => next,
        };
        Some((number, self.sources.get(number)?))
    }

    /// The bytes of a source as they stand on disk or come in.
    pub(super) fn raw(&self, source: &Source) -> Result<Raw> {
        if let Some(spool) = source.once.then(|| self.spools.get(&source.path)).flatten() {
            return Ok(spool.again());
        }
        if !source.once {
            let file = Arc::new(File::open(source.file())?);
            let small = (1..=SMALL).contains(&source.bytes);
            if let Some(bytes) = small.then(|| read_whole(&file, source.bytes)).flatten() {
                return Ok(Raw::Held { file, bytes });
            }
            // Larger, or another size than when it was found.
            let size = file.metadata()?.len();
            if size > 0 {
                return Ok(Raw::File { file, start: 0, size });
            }
            // Files of the kernel say that they are empty.
            return Ok(Raw::Stream(Box::new(File::open(source.file())?)));
        }
        let inner: Box<dyn std::io::Read + Send> =
            if &*source.path == "-" { Box::new(std::io::stdin()) } else { Box::new(File::open(source.file())?) };
        // Without a copy there is no second look, and nothing else is lost.
        let copy = if self.settings.spool_bytes > 0 { tempfile::tempfile().ok() } else { None };
        let most = if copy.is_some() { self.settings.spool_bytes } else { 0 };
        let spool = Arc::new(Spool { file: copy.map(Arc::new), held: AtomicU64::new(0), most, whole: true.into() });
        self.spools.insert(&source.path, spool.clone());
        Ok(Raw::Stream(Box::new(Spooled { inner, copy: spool })))
    }
}
