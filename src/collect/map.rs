//! A range of a file in, its bytes out: mapped into memory, or read where that is not wanted or does not work.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use memmap2::{Mmap, MmapOptions};

#[cfg(unix)]
use super::sigbus::Guard;

/// Bytes of a file, from a page boundary on.
pub(super) enum Window {
    Mapped(Mapped),
    Read(Vec<u8>),
}

/// A mapped range of a file.
pub(super) struct Mapped {
    /// Dropped before the map is.
    #[cfg(unix)]
    guard: Guard,
    map: Mmap,
    skip: usize,
    /// Set when the file turns out to have lost what is mapped.
    shrank: Arc<AtomicBool>,
}

#[cfg(unix)]
impl Drop for Mapped {
    fn drop(&mut self) {
        if self.guard.hit() {
            self.shrank.store(true, Ordering::Relaxed);
        }
    }
}

/// Windows start at multiples of this; it is a multiple of every page size in use.
const PAGE: u64 = 64 << 10;

impl Window {
    /// The bytes from `from` to `to` of a file; fewer, if the file has become shorter.
    pub(super) fn open(file: &File, from: u64, to: u64, shrank: Option<&Arc<AtomicBool>>) -> std::io::Result<Self> {
        let length = usize::try_from(to.saturating_sub(from)).map_err(std::io::Error::other)?;
        if let Some(shrank) = shrank
            && length > 0
            && file.metadata()?.len() >= to
        {
            let start = from / PAGE * PAGE;
            let skip = usize::try_from(from - start).map_err(std::io::Error::other)?;
            if let Some(mapped) = Mapped::new(file, start, length + skip, skip, shrank) {
                return Ok(Self::Mapped(mapped));
            }
        }
        read(file, from, length).map(Self::Read)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(mapped) => mapped.map.get(mapped.skip..).unwrap_or_default(),
            Self::Read(bytes) => bytes,
        }
    }
}

impl Mapped {
    fn new(file: &File, start: u64, length: usize, skip: usize, shrank: &Arc<AtomicBool>) -> Option<Self> {
        let map = map(file, start, length).ok()?;
        Some(Self {
            #[cfg(unix)]
            guard: Guard::new(&map)?,
            map,
            skip,
            shrank: shrank.clone(),
        })
    }
}

#[expect(unsafe_code, reason = "mapping is what keeps memory flat; `mmap: false` reads instead")]
fn map(file: &File, start: u64, length: usize) -> std::io::Result<Mmap> {
    let mut options = MmapOptions::new();
    options.offset(start).len(length);
    // SAFETY: the map is read-only and dumps are never written by us. Another process could still change the file in place
    // while it is read, which no program that maps files can rule out: exports are written once. One that gets shorter is
    // noticed (`sigbus`).
    unsafe { options.map(file) }
}

fn read(file: &File, from: u64, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read_at(file, rest, from + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// All bytes of a small file, if it has as many as are expected: one call then tells and reads them.
pub(super) fn read_whole(file: &File, size: u64) -> Option<Vec<u8>> {
    let size = usize::try_from(size).ok()?;
    let mut bytes = vec![0; size + 1];
    let count = read_at(file, &mut bytes, 0).ok()?;
    bytes.truncate(count);
    (count == size).then_some(bytes)
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}
