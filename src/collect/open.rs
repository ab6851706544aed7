//! Raw bytes in, text or an archive out: layers of packing and encoding are told by their first bytes and taken off.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufReader, Cursor, Read, Result},
    sync::{Arc, atomic::AtomicU64},
};

use flate2::bufread::MultiGzDecoder;

use super::{
    Settings,
    archive::{Archive, Tar, Zip},
    decode::{Counted, Fault, Notes, RangeReader, Transcoded, Unpacked},
    text::Text,
    wide::{Narrowed, Order},
};

/// Bytes as they stand somewhere.
pub(super) enum Raw {
    /// A range of a file.
    File { file: Arc<File>, start: u64, size: u64 },
    /// All bytes of a small file, which were read at once.
    Held { file: Arc<File>, bytes: Vec<u8> },
    /// Bytes that come in order and once.
    Stream(Box<dyn Read + Send>),
}

/// What was under the layers.
pub(super) enum Opened {
    Text(Text),
    Archive(Archive),
}

/// What is known of an input while its layers are taken off.
pub(super) struct Layers<'a> {
    pub settings: &'a Settings,
    /// The names of the layers, outermost first.
    pub names: Vec<&'static str>,
    pub notes: Notes,
    /// Counts the bytes read below all layers, for progress.
    pub progress: Arc<AtomicU64>,
}

/// How many of the first bytes tell the layer.
const HEAD: usize = 1024;
/// More layers than this are left alone.
const DEEPEST: usize = 6;

enum Layer {
    None,
    Gzip,
    Zstd,
    Tar,
    Zip,
    Utf16(&'static encoding_rs::Encoding),
    Utf32(Order),
}

impl Raw {
    pub(super) fn reader(self) -> Box<dyn Read + Send> {
        match self {
            Self::File { file, start, size } => Box::new(RangeReader::new(file, start, size)),
            Self::Held { bytes, .. } => Box::new(Cursor::new(bytes)),
            Self::Stream(reader) => reader,
        }
    }

    /// The first bytes; they are still there afterwards.
    fn peek(self) -> Result<(Vec<u8>, Self)> {
        let mut head = Vec::with_capacity(HEAD + 1);
        match self {
            Self::File { file, start, size } => {
                RangeReader::new(file.clone(), start, size.min(HEAD as u64)).read_to_end(&mut head)?;
                Ok((head, Self::File { file, start, size }))
            }
            Self::Held { file, bytes } => {
                head.extend_from_slice(bytes.get(..HEAD).unwrap_or(&bytes));
                Ok((head, Self::File { file, start: 0, size: bytes.len() as u64 }))
            }
            Self::Stream(mut reader) => {
                let result = reader.by_ref().take(HEAD as u64).read_to_end(&mut head);
                let again = Cursor::new(head.clone());
                let again: Box<dyn Read + Send> = match result {
                    Ok(_) => Box::new(again.chain(reader)),
                    Err(error) => Box::new(again.chain(Fault(error.to_string()))),
                };
                Ok((head, Self::Stream(again)))
            }
        }
    }
}

/// Takes off all layers.
pub(super) fn open(mut raw: Raw, layers: &mut Layers<'_>) -> Result<Opened> {
    if let Raw::Stream(reader) = raw {
        raw = Raw::Stream(Box::new(Counted { inner: reader, count: layers.progress.clone() }));
    }
    if let Raw::Held { file, bytes } = raw {
        // Most files are neither packed nor encoded, and this is all that is to be done with them.
        if matches!(layer(bytes.get(..HEAD).unwrap_or(&bytes)), Layer::None) {
            return Ok(Opened::Text(Text::held(file, bytes)));
        }
        raw = Raw::Held { file, bytes };
    }
    for depth in 0.. {
        let (head, again) = raw.peek()?;
        raw = again;
        let layer = if depth < DEEPEST { layer(&head) } else { Layer::None };
        raw = match layer {
            Layer::None => break,
            Layer::Gzip => layers.unpack("gzip", raw, |reader| Ok(Box::new(MultiGzDecoder::new(reader))))?,
            Layer::Zstd => {
                layers.unpack("zstd", raw, |reader| Ok(Box::new(zstd::stream::read::Decoder::with_buffer(reader)?)))?
            }
            Layer::Utf16(encoding) => {
                layers.notes.add("encoded as UTF-16; offsets count bytes of UTF-8");
                Raw::Stream(Box::new(Transcoded::new(raw.reader(), encoding)))
            }
            Layer::Utf32(order) => {
                layers.notes.add("encoded as UTF-32; offsets count bytes of UTF-8");
                Raw::Stream(Box::new(Narrowed::new(raw.reader(), order)))
            }
            Layer::Tar => {
                layers.names.push("tar");
                return Ok(Opened::Archive(Archive::Tar(Tar::new(raw))));
            }
            Layer::Zip => {
                layers.names.push("zip");
                return Zip::new(raw).map(|zip| Opened::Archive(Archive::Zip(zip)));
            }
        };
    }
    Ok(Opened::Text(match raw {
        Raw::File { file, start, size } => Text::file(file, start, size, layers.settings.mmap),
        Raw::Held { file, bytes } => Text::held(file, bytes),
        Raw::Stream(reader) => Text::stream(reader),
    }))
}

type Packed = BufReader<Counted<Box<dyn Read + Send>>>;

impl<'a> Layers<'a> {
    pub(super) fn new(settings: &'a Settings, names: Vec<&'static str>) -> Self {
        Self { settings, names, notes: Notes::default(), progress: Arc::default() }
    }

    /// A stream that a decoder takes from another, within the limits of the settings.
    pub(super) fn unpack(
        &mut self,
        name: &'static str,
        raw: Raw,
        decoder: impl FnOnce(Packed) -> Result<Box<dyn Read + Send>>,
    ) -> Result<Raw> {
        self.names.push(name);
        let packed = Arc::new(AtomicU64::new(0));
        let inner = match raw {
            raw @ (Raw::File { .. } | Raw::Held { .. }) => {
                Box::new(Counted { inner: raw.reader(), count: self.progress.clone() })
            }
            Raw::Stream(reader) => reader,
        };
        let reader = Counted { inner, count: packed.clone() };
        Ok(Raw::Stream(Box::new(Unpacked {
            inner: decoder(BufReader::with_capacity(64 << 10, reader))?,
            name,
            packed,
            given: 0,
            most: self.settings.max_expanded_bytes,
            ratio: self.settings.max_ratio,
            notes: self.notes.clone(),
            ended: false,
        })))
    }

    /// The names of the layers as one word.
    pub(super) fn compression(&self) -> Cow<'static, str> {
        match self.names.as_slice() {
            [] => "none".into(),
            [name] => (*name).into(),
            names => names.join("+").into(),
        }
    }
}

fn layer(head: &[u8]) -> Layer {
    match head {
        [0x1f, 0x8b, 8, ..] => Layer::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Layer::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Layer::Zip,
        [0xff, 0xfe, 0, 0, _, 0, 0, ..] => Layer::Utf32(Order::Little),
        [0, 0, 0xfe, 0xff, 0, 0, ..] => Layer::Utf32(Order::Big),
        [first, 0, 0, 0, _, 0, 0, ..] if is_json_start(*first) => Layer::Utf32(Order::Little),
        [0, 0, 0, first, 0, 0, ..] if is_json_start(*first) => Layer::Utf32(Order::Big),
        [0xff, 0xfe, second, third, ..] if (*second, *third) != (0, 0) => Layer::Utf16(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => Layer::Utf16(encoding_rs::UTF_16BE),
        [first, 0, _, 0, ..] if is_json_start(*first) => Layer::Utf16(encoding_rs::UTF_16LE),
        [0, first, 0, _, ..] if is_json_start(*first) => Layer::Utf16(encoding_rs::UTF_16BE),
        _ if head.get(257..262) == Some(b"ustar") => Layer::Tar,
        _ => Layer::None,
    }
}

fn is_json_start(byte: u8) -> bool {
    matches!(byte, b'[' | b'{' | b' ' | b'\n' | b'\r' | b'\t')
}
