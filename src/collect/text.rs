//! One input as a sequence of bytes: a window of what comes next is looked at, cut off, and handed out.

use std::{
    fs::File,
    io::Read,
    sync::{Arc, atomic::AtomicBool},
};

use super::map::Window;

/// The bytes of an input, from first to last.
pub(super) struct Text {
    /// Where the window starts, in bytes of the (decoded) input.
    at: u64,
    /// Why the input ended early, if it did.
    pub(super) fault: Option<String>,
    kind: Bytes,
}

enum Bytes {
    /// A file, or a range of one.
    File { file: Arc<File>, start: u64, size: u64, shrank: Option<Arc<AtomicBool>>, window: Option<Window> },
    /// Bytes that come in order and once.
    Stream { reader: Box<dyn Read + Send>, buffer: Vec<u8>, ended: bool },
}

/// Files up to this size are read at once: mapping costs more.
pub(super) const SMALL: u64 = 64 << 10;
/// How much is read from a stream at a time.
const BLOCK: usize = 256 << 10;

impl Text {
    /// The bytes of a file from `start`, `size` of them.
    pub(super) fn file(file: Arc<File>, start: u64, size: u64, mmap: bool) -> Self {
        let shrank = (mmap && size > SMALL).then(Arc::default);
        Self { at: 0, fault: None, kind: Bytes::File { file, start, size, shrank, window: None } }
    }

    /// A file whose bytes were all read.
    pub(super) fn held(file: Arc<File>, bytes: Vec<u8>) -> Self {
        let (size, window) = (bytes.len() as u64, Some(Window::Read(bytes)));
        Self { at: 0, fault: None, kind: Bytes::File { file, start: 0, size, shrank: None, window } }
    }

    /// The bytes of a reader.
    pub(super) fn stream(reader: Box<dyn Read + Send>) -> Self {
        Self { at: 0, fault: None, kind: Bytes::Stream { reader, buffer: Vec::new(), ended: false } }
    }

    /// Where the window starts.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Where the input ends, as far as it is known.
    pub(super) fn end(&self) -> u64 {
        match &self.kind {
            Bytes::File { size, .. } => *size,
            Bytes::Stream { buffer, .. } => self.at + buffer.len() as u64,
        }
    }

    /// Set when a mapped window turns out to have lost bytes, for as long as windows are in use.
    pub(super) fn shrank(&self) -> Option<Arc<AtomicBool>> {
        if let Bytes::File { shrank, .. } = &self.kind { shrank.clone() } else { None }
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self.kind, Bytes::File { .. })
    }

    /// The window: at least `want` bytes from here on, or all there are; and whether those are all.
    pub(super) fn fill(&mut self, want: usize) -> (&[u8], bool) {
        match &mut self.kind {
            Bytes::File { file, start, size, shrank, window } => {
                let to = self.at.saturating_add(want as u64).min(*size);
                let held = window.as_ref().map_or(0, |window| window.bytes().len() as u64);
                if self.at + held < to || window.is_none() {
                    let opened = Window::open(file, *start + self.at, *start + to, shrank.as_ref());
                    let fault = match &opened {
                        Ok(opened) if self.at + (opened.bytes().len() as u64) < to => {
                            let left = self.at + opened.bytes().len() as u64;
                            Some((left, format!("ends early, it shrank or was cut off: {left} of {size} bytes")))
                        }
                        Ok(_) => None,
                        Err(error) => Some((self.at, format!("cannot be read further: {error}"))),
                    };
                    if let Some((left, reason)) = fault {
                        *size = left;
                        self.fault = Some(reason);
                    }
                    *window = Some(opened.unwrap_or_else(|_| Window::Read(Vec::new())));
                }
                let bytes = window.as_ref().map(Window::bytes).unwrap_or_default();
                (bytes, self.at + bytes.len() as u64 >= *size)
            }
            Bytes::Stream { reader, buffer, ended } => {
                while buffer.len() < want && !*ended {
                    if let Err(error) = append(reader, buffer, ended) {
                        self.fault = Some(error.to_string());
                        *ended = true;
                    }
                }
                (buffer, *ended)
            }
        }
    }

    /// Cuts off the first `length` bytes of the window, for a chunk to keep.
    pub(super) fn take(&mut self, length: usize) -> Window {
        self.at += length as u64;
        match &mut self.kind {
            Bytes::File { window, .. } => window.take().unwrap_or_else(|| Window::Read(Vec::new())),
            Bytes::Stream { buffer, .. } => {
                let rest = buffer.split_off(length.min(buffer.len()));
                Window::Read(std::mem::replace(buffer, rest))
            }
        }
    }

    /// Passes over what stands before a byte of the input.
    pub(super) fn skip_to(&mut self, to: u64) {
        while self.at < to {
            let left = usize::try_from(to - self.at).unwrap_or(usize::MAX);
            let length = match &self.kind {
                Bytes::File { size, .. } => {
                    left.min(usize::try_from(size.saturating_sub(self.at)).unwrap_or(usize::MAX))
                }
                Bytes::Stream { .. } => self.fill(BLOCK).0.len().min(left),
            };
            if length == 0 {
                return;
            }
            self.discard(length);
        }
    }

    /// Drops the first `length` bytes of the window.
    pub(super) fn discard(&mut self, length: usize) {
        self.at += length as u64;
        match &mut self.kind {
            Bytes::File { window, .. } => *window = None,
            Bytes::Stream { buffer, .. } => {
                buffer.drain(..length.min(buffer.len()));
            }
        }
    }
}

fn append(reader: &mut impl Read, buffer: &mut Vec<u8>, ended: &mut bool) -> std::io::Result<()> {
    let filled = buffer.len();
    buffer.resize(filled + BLOCK, 0);
    let result = buffer.get_mut(filled..).map_or(Ok(0), |room| reader.read(room));
    buffer.truncate(filled + *result.as_ref().unwrap_or(&0));
    match result {
        Ok(0) => *ended = true,
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
