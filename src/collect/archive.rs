//! An archive in, its members out, one after the other; nothing is ever extracted to disk.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufReader, Error, Read, Result},
    sync::{Arc, Mutex, PoisonError},
};

use flate2::bufread::DeflateDecoder;
use tar::{EntryType, Header};

use super::{
    decode::{Fault, RangeReader},
    open::{Layers, Raw},
};

/// An archive whose members are read one after the other.
pub(super) enum Archive {
    Tar(Tar),
    Zip(Zip),
}

/// A file in an archive.
pub(super) struct Member {
    /// Its name in the archive; shown, never used as a path.
    pub name: String,
    pub raw: Raw,
    /// Its size in the archive.
    pub bytes: u64,
}

impl Archive {
    /// The next file.
    pub(super) fn next(&mut self, layers: &mut Layers<'_>) -> Result<Option<Member>> {
        match self {
            Self::Tar(tar) => tar.next(),
            Self::Zip(zip) => zip.next(layers),
        }
    }
}

/// A tar archive, read in order.
pub(super) struct Tar {
    bytes: TarBytes,
}

enum TarBytes {
    /// On disk as it is: members are ranges of the file.
    File { file: Arc<File>, at: u64, end: u64 },
    /// Members take their bytes from the one stream.
    Stream(Arc<Mutex<Shared>>),
}

struct Shared {
    reader: Box<dyn Read + Send>,
    /// What is left of the current member.
    left: u64,
    /// What fills up its last block.
    padding: u64,
}

const BLOCK: usize = 512;
/// A longer name is cut.
const NAME: u64 = 64 << 10;

impl Tar {
    pub(super) fn new(raw: Raw) -> Self {
        let bytes = match raw {
            Raw::File { file, start, size } => TarBytes::File { file, at: start, end: start + size },
            Raw::Held { file, bytes } => TarBytes::File { file, at: 0, end: bytes.len() as u64 },
            Raw::Stream(reader) => TarBytes::Stream(Arc::new(Mutex::new(Shared { reader, left: 0, padding: 0 }))),
        };
        Self { bytes }
    }

    fn next(&mut self) -> Result<Option<Member>> {
        let mut name: Option<Vec<u8>> = None;
        loop {
            let Some(block) = self.header()? else {
                return Err(Error::other("the tar archive ends without its end mark: it may be cut off"));
            };
            if block.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            let header = Header::from_byte_slice(&block);
            let size = header.entry_size()?;
            let kind = header.entry_type();
            match kind {
                EntryType::GNULongName | EntryType::XHeader => {
                    let text = self.small(size)?;
                    let found = if kind == EntryType::XHeader { pax_path(&text) } else { Some(text) };
                    name = found.or(name);
                }
                EntryType::Regular | EntryType::Continuous => {
                    let shown = name.map_or_else(|| header.path_bytes(), Cow::Owned);
                    let shown = String::from_utf8_lossy(&shown).trim_end_matches('\0').to_owned();
                    return Ok(Some(Member { name: shown, raw: self.member(size), bytes: size }));
                }
                _ => {
                    name = None;
                    self.member(size);
                }
            }
        }
    }

    /// The next header block; nothing at the end.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let read = match &mut self.bytes {
            TarBytes::File { file, at, end } => {
                let mut reader = RangeReader::new(file.clone(), *at, end.saturating_sub(*at));
                *at += BLOCK as u64;
                fill(&mut reader, &mut block)?
            }
            TarBytes::Stream(shared) => {
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let rest = shared.left.saturating_add(shared.padding);
                std::io::copy(&mut shared.reader.by_ref().take(rest), &mut std::io::sink())?;
                (shared.left, shared.padding) = (0, 0);
                fill(&mut shared.reader, &mut block)?
            }
        };
        match read {
            0 => Ok(None),
            BLOCK => Ok(Some(block)),
            _ => Err(Error::other("the tar archive is cut off")),
        }
    }

    /// The bytes of the member whose header was just read.
    fn member(&mut self, size: u64) -> Raw {
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        match &mut self.bytes {
            TarBytes::File { file, at, .. } => {
                let start = *at;
                *at = at.saturating_add(size).saturating_add(padding);
                Raw::File { file: file.clone(), start, size }
            }
            TarBytes::Stream(shared) => {
                let mut held = shared.lock().unwrap_or_else(PoisonError::into_inner);
                (held.left, held.padding) = (size, padding);
                Raw::Stream(Box::new(MemberReader(shared.clone())))
            }
        }
    }

    fn small(&mut self, size: u64) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        let mut reader: Box<dyn Read> = match self.member(size) {
            Raw::File { file, start, size } => Box::new(RangeReader::new(file, start, size)),
            other => other.reader(),
        };
        reader.by_ref().take(NAME).read_to_end(&mut text)?;
        Ok(text)
    }
}

struct MemberReader(Arc<Mutex<Shared>>);

impl Read for MemberReader {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = bytes.len().min(usize::try_from(shared.left).unwrap_or(usize::MAX));
        if room == 0 {
            return Ok(0);
        }
        let count = shared.reader.read(bytes.get_mut(..room).unwrap_or_default())?;
        if count == 0 {
            return Err(Error::other("the tar archive is cut off"));
        }
        shared.left -= count as u64;
        Ok(count)
    }
}

fn fill(reader: &mut impl Read, block: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
        match reader.read(room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The `path` of a pax header: lines of `LENGTH KEY=VALUE`.
fn pax_path(text: &[u8]) -> Option<Vec<u8>> {
    let line = text.split(|byte| *byte == b'\n').find_map(|line| {
        let blank = line.iter().position(|byte| *byte == b' ')?;
        line.get(blank + 1..)?.strip_prefix(b"path=")
    })?;
    Some(line.to_vec())
}

/// A zip archive on disk.
pub(super) struct Zip {
    file: Arc<File>,
    start: u64,
    members: std::vec::IntoIter<Packed>,
}

struct Packed {
    name: String,
    start: u64,
    bytes: u64,
    sum: u32,
    method: std::result::Result<zip::CompressionMethod, &'static str>,
}

impl Zip {
    pub(super) fn new(raw: Raw) -> Result<Self> {
        let Raw::File { file, start, size } = raw else {
            return Err(Error::other("a zip archive inside of another stream; unpack the outer one first"));
        };
        let whole = file.metadata()?.len();
        if start != 0 || size != whole {
            return Err(Error::other("a zip archive inside of another archive; unpack the outer one first"));
        }
        let mut archive = zip::ZipArchive::new(BufReader::new(file.try_clone()?)).map_err(Error::other)?;
        let mut members = Vec::new();
        for index in 0..archive.len() {
            let member = archive.by_index_raw(index).map_err(Error::other)?;
            if !member.is_file() {
                continue;
            }
            let method = if member.encrypted() { Err("encrypted") } else { Ok(member.compression()) };
            members.push(Packed {
                name: String::from_utf8_lossy(member.name_raw()).into_owned(),
                start: member.data_start().unwrap_or_default(),
                bytes: member.compressed_size(),
                sum: member.crc32(),
                method,
            });
        }
        Ok(Self { file, start, members: members.into_iter() })
    }

    fn next(&mut self, layers: &mut Layers<'_>) -> Result<Option<Member>> {
        let Some(member) = self.members.next() else { return Ok(None) };
        let Packed { name, start, bytes, sum, method } = member;
        let raw = Raw::File { file: self.file.clone(), start: self.start + start, size: bytes };
        let raw = match method {
            // Read, not mapped: what was changed shows in its sum alone.
            Ok(zip::CompressionMethod::Stored) => Raw::Stream(Box::new(Summed::new(raw.reader(), sum))),
            Ok(zip::CompressionMethod::Deflated) => {
                layers.unpack("deflate", raw, |reader| Ok(Box::new(Summed::new(DeflateDecoder::new(reader), sum))))?
            }
            Ok(other) => unreadable(format!("packed by a method that is not supported ({other:?})")),
            Err(reason) => unreadable(reason.to_owned()),
        };
        Ok(Some(Member { name, raw, bytes }))
    }
}

/// Passes a member on, and fails at its end if its sum is not the one that was written down.
struct Summed<R> {
    inner: R,
    sum: flate2::Crc,
    wanted: u32,
}

impl<R: Read> Summed<R> {
    fn new(inner: R, wanted: u32) -> Self {
        Self { inner, sum: flate2::Crc::new(), wanted }
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(bytes)?;
        self.sum.update(bytes.get(..count).unwrap_or_default());
        if count == 0 && !bytes.is_empty() && self.sum.sum() != self.wanted {
            return Err(Error::other("its checksum in the archive is another one"));
        }
        Ok(count)
    }
}

/// A member that gives an error instead of bytes, so that it is reported like any other fault.
fn unreadable(reason: String) -> Raw {
    Raw::Stream(Box::new(Fault(reason)))
}
