//! Compressed files, archives, and other encodings.

use super::*;

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(members: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes, packed) in members {
        let method = if *packed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[test]
fn packed_exports() {
    let lines = ndjson();
    let (head, tail) = lines.split_at(lines.len() / 2);
    for text in [pretty(&entries(), b"  "), entries().to_string(), lines.clone()] {
        for (packed, name) in [
            (gzip(text.as_bytes()), "gzip"),
            (zstd::encode_all(text.as_bytes(), 3).unwrap(), "zstd"),
            (gzip(&gzip(text.as_bytes())), "gzip+gzip"),
        ] {
            let seen = check(&packed, &ABC, &[]);
            assert_eq!(seen.reports[0].compression, name);
            assert_eq!(seen.reports[0].bytes, packed.len() as u64);
            assert!(seen.file_skips().is_empty() && seen.all_notes().is_empty(), "{seen:?}");
        }
    }
    check([gzip(head.as_bytes()), gzip(tail.as_bytes())].concat(), &ABC, &[]);
    let frames = [zstd::encode_all(head.as_bytes(), 3).unwrap(), zstd::encode_all(tail.as_bytes(), 3).unwrap()];
    check(frames.concat(), &ABC, &[]);
    let seen = check([gzip(lines.as_bytes()), vec![0; 700]].concat(), &ABC, &[]);
    assert!(seen.all_notes().contains("bytes behind the last gzip member are passed over"), "{seen:?}");
}

#[test]
fn damaged_packing_keeps_what_came_before() {
    let lines: String =
        (0..2000).map(|number| entry(&format!("id-{}", number * 7919 % 2000)).to_string() + "\n").collect();
    for packed in [gzip(lines.as_bytes()), zstd::encode_all(lines.as_bytes(), 3).unwrap()] {
        let file = write(&packed[..packed.len() * 2 / 3]);
        let seen = run(&[file.path()], &Settings::default());
        assert!(seen.entries.len() > 100 || packed.len() < 60_000, "{}", seen.entries.len());
        assert!(
            seen.file_skips()[0].contains("data are cut off") || seen.file_skips()[0].contains("damaged"),
            "{seen:?}"
        );
    }
    let mut bad = gzip(lines.as_bytes());
    let crc = bad.len() - 6;
    bad[crc] ^= 1;
    let file = write(&bad);
    let seen = run(&[file.path()], &Settings::default());
    assert_eq!(seen.entries.len(), 2000);
    assert!(seen.file_skips()[0].contains("damaged"), "{:?}", seen.file_skips());
}

#[test]
fn a_bomb_is_given_up() {
    let line = entry("a").to_string() + "\n";
    let packed = zstd::encode_all(line.repeat(20_000).as_bytes(), 3).unwrap();
    let file = write(&packed);
    let settings = Settings { max_expanded_bytes: 1 << 20, ..Settings::default() };
    let seen = run(&[file.path()], &settings);
    assert!(seen.entries.len() > 1000 && seen.entries.len() < 20_000, "{}", seen.entries.len());
    assert!(seen.file_skips()[0].contains("given up"), "{:?}", seen.file_skips());
}

#[test]
fn members_of_archives_are_inputs_of_their_own() {
    let (array, lines) = (pretty(&entries(), b"  "), ndjson());
    let long = format!("{}/b.ndjson", "folder".repeat(30));
    let packed = gzip(array.as_bytes());
    let members: Vec<(&str, &[u8])> = vec![
        ("a.json", array.as_bytes()),
        (&long, lines.as_bytes()),
        ("c.json.gz", &packed),
        ("notes.txt", b"hello\n"),
    ];
    let nested = tar(&[("inner.tar.gz", &gzip(&tar(&members)))]);
    for (bytes, layers) in [(tar(&members), "tar"), (gzip(&tar(&members)), "gzip+tar"), (nested, "tar+gzip+tar")] {
        let seen = read(&bytes);
        assert_eq!(seen.ids(), [ABC, ABC, ABC].concat(), "{seen:?}");
        let names: Vec<&str> = seen.reports.iter().filter_map(|report| report.path.rsplit('!').next()).collect();
        assert_eq!(names, ["a.json", &long, "c.json.gz", "notes.txt"]);
        assert_eq!(seen.reports[0].compression, layers);
        assert_eq!(seen.reports[2].compression, format!("{layers}+gzip"));
        assert!(seen.file_skips()[0].starts_with("not a log export: plain text"));
    }
    let members =
        [("a.json", array.as_bytes(), true), ("../b.ndjson", lines.as_bytes(), false), ("c.gz", &packed, true)];
    let seen = read(&zip(&members));
    assert_eq!(seen.ids(), [ABC, ABC, ABC].concat(), "{seen:?}");
    let layers: Vec<&str> = seen.reports.iter().map(|report| report.compression.as_ref()).collect();
    assert_eq!(layers, ["zip+deflate", "zip", "zip+deflate+gzip"]);
    let whole = tar(&[("a.ndjson", lines.as_bytes())]);
    let seen = read(&whole[..512 + lines.len() - 30]);
    assert_eq!(seen.ids(), ["a", "b"]);
    assert!(seen.file_skips()[0].contains("ends early"), "{seen:?}");
    let seen = read(&gzip(&whole[..512 + lines.len() - 30]));
    assert_eq!(seen.ids(), ["a", "b"], "{seen:?}");
    assert!(seen.file_skips()[0].contains("cut off"), "{seen:?}");
}

#[test]
fn zips_with_wrong_sums_and_zips_in_archives_are_named() {
    let lines = ndjson();
    for deflated in [true, false] {
        let mut packed = zip(&[("a.ndjson", lines.as_bytes(), deflated), ("b.ndjson", lines.as_bytes(), deflated)]);
        // The sum of the first member, in its own header and in the list at the end.
        let list = packed.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        for sum in [14, list + 16] {
            packed[sum] ^= 1;
        }
        let seen = read(&packed);
        let ids = seen.ids();
        assert_eq!(ids, [ABC, ABC].concat());
        assert!(seen.file_skips().iter().any(|skip| skip.contains("checksum")), "{:?}", seen.file_skips());
    }
    let inner = zip(&[("a.ndjson", lines.as_bytes(), true)]);
    for outer in [tar(&[("inner.zip", &inner[..]), ("c.ndjson", lines.as_bytes())]), gzip(&inner)] {
        let seen = read(&outer);
        assert!(
            seen.file_skips().iter().any(|skip| skip.contains("unpack the outer one first")),
            "{:?}",
            seen.file_skips()
        );
    }
}

#[test]
fn other_encodings() {
    for text in [pretty(&entries(), b"  ").replace('\n', "\r\n"), ndjson(), entries().to_string()] {
        for little in [true, false] {
            let mark = utf16("\u{feff}", little);
            let seen = check([mark, utf16(&text, little)].concat(), &ABC, &[]);
            assert!(seen.all_notes().contains("encoded as UTF-16; offsets count bytes of UTF-8"));
            check(utf16(&text, little), &ABC, &[]);
        }
        check(gzip(&utf16(&text, true)), &ABC, &[]);
        for little in [true, false] {
            let unit =
                |letter: char| if little { u32::from(letter).to_le_bytes() } else { u32::from(letter).to_be_bytes() };
            let marked: Vec<u8> = std::iter::once('\u{feff}').chain(text.chars()).flat_map(unit).collect();
            let seen = check(&marked, &ABC, &[]);
            assert!(seen.all_notes().contains("encoded as UTF-32; offsets count bytes of UTF-8"));
            check(&marked[4..], &ABC, &[]);
        }
    }
}
