//! Broken records, and records among what is none: they cost themselves alone.

use super::*;

#[test]
fn truncated_exports_keep_every_complete_entry() {
    let never = "the array is never closed: the export was interrupted or cut off";
    let cut_off = "cut off at the end of the input";
    for text in [pretty(&entries(), b"  "), entries().to_string(), pretty(&entries(), b"")] {
        let third = text.rfind("\"insertId\":").unwrap();
        let brace = text[..third].rfind('{').unwrap();
        for end in [third + 3, third + 30, text.rfind('}').unwrap()] {
            let seen = check(&text[..end], &["a", "b"], &[cut_off]);
            assert!(seen.all_notes().contains(never), "{:?}", seen.all_notes());
        }
        // In the middle of a character.
        let end = text.rfind('é').unwrap() + 1;
        check(&text.as_bytes()[..end], &["a", "b"], &[cut_off]);
        // Behind a comma.
        let seen = check(&text[..brace], &["a", "b"], &[]);
        assert!(seen.all_notes().contains(never));
    }
    let text = ndjson();
    check(&text[..text.len() - 10], &["a", "b"], &[cut_off]);
    let text = ABC.map(|id| pretty(&entry(id), b"  ")).concat();
    let seen = check(&text[..text.len() - 10], &["a", "b"], &[cut_off]);
    assert_eq!(seen.all_notes(), BTreeSet::new());
    // What follows a closed array is not in it.
    let text = format!("{}{}", pretty(&entries(), b"  "), pretty(&entry("d"), b"  "));
    assert_eq!(check(text, &["a", "b", "c", "d"], &[]).all_notes(), BTreeSet::new());
}

#[test]
fn files_put_together() {
    let (array, lines) = (pretty(&entries(), b"  "), ndjson());
    let six = ["a", "b", "c", "a", "b", "c"];
    check(format!("{array}{array}"), &six, &[]);
    check(format!("{array}{lines}"), &six, &[]);
    check(format!("{lines}{array}"), &six, &[]);
    check(format!("{lines}{}", pretty(&entries(), b"")), &six, &[]);
    check(format!("{}{lines}", entries()), &six, &[]);
    check(format!("{lines}{}", entries()), &six, &[]);
    let seen = check(format!("\u{feff}{array}\u{feff}{array}"), &six, &[]);
    assert_eq!(seen.all_notes(), BTreeSet::from(["a byte order mark stands inside the file"]));
    assert_eq!(check(format!("\u{feff}{lines}"), &ABC, &[]).all_notes(), BTreeSet::new());
}

#[test]
fn text_around_records() {
    let stray = "text between records";
    for text in [pretty(&entries(), b"  "), ndjson(), entries().to_string()] {
        check(format!("WARNING: [ok] \"quoted {{\nListed 0 items.\n{text}"), &ABC, &[stray]);
        check(format!("{text}\nListed 3 items.\n"), &ABC, &[stray]);
        check(format!("\x1b[1mfetching\x1b[0m\n{text}$ \n"), &ABC, &[stray, stray]);
        let seen = check([text.as_bytes(), &[0; 5000]].concat(), &ABC, &["NUL bytes"]);
        assert_eq!(
            (seen.skips[0].0 as usize, seen.skips[0].1),
            (text.trim_end().len() + usize::from(text.ends_with('\n')), 5000)
        );
    }
    let lines = ndjson();
    let (first, rest) = lines.split_once('\n').unwrap();
    check(format!("{first}\nTraceback: \"\n  at x\n{rest}"), &ABC, &[stray]);
    check(format!("{first}\n\0\0\0{rest}"), &ABC, &["NUL bytes"]);
}

#[test]
fn broken_records_cost_themselves_alone() {
    let broken = "not valid JSON";
    let lines = ndjson();
    let all: Vec<&str> = lines.lines().collect();
    for bad in [
        "{\"insertId\":\"x",
        "{\"insertId\":x}",
        "{\"insertId\":\"x\",\"a\":[{\"b\":1}",
        "{insertId: 1}",
        "{\"a\":\"\u{7}\",\"b\":}",
        "{{{{",
        "{\"a\":[[[[",
    ] {
        check(format!("{}\n{bad}\n{}\n", all[0], all[1]), &["a", "b"], &[broken]);
        check(
            format!("{bad}\n{}\n{bad}\n", all[0]),
            &["a"],
            &[
                broken,
                if read(format!("{}\n{bad}\n", all[0]).as_bytes()).reasons() == [broken] {
                    broken
                } else {
                    "cut off at the end of the input"
                },
            ],
        );
        check(format!("[{},{bad},{}]", all[0], all[1]), &["a", "b"], &[broken]);
    }
    check(format!("{}\n{}{}\n{}", all[0], &all[1][..40], all[1], all[2]), &ABC, &[broken]);
    check(format!("{}\n{{\"x\":1}}\n{}", all[0], all[1]), &["a", "b"], &["not a log entry"]);
}

/// Panics on entries of one id.
#[derive(Default)]
struct Failing {
    seen: Seen,
}

impl Sink for Failing {
    fn entry(&mut self, entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        assert!(entry.insert_id != "fatal", "made to fail");
        self.seen.entry(entry, raw, offset);
    }

    fn skip(&mut self, offset: u64, length: u64, reason: &str) {
        self.seen.skip(offset, length, reason);
    }

    fn note(&mut self, note: &str) {
        self.seen.note(note);
    }
}

#[test]
fn a_panic_costs_one_record_wherever_it_stands() {
    let ids = ["fatal", "a", "fatal", "fatal", "b", "c", "fatal"];
    let list = serde_json::Value::from_iter(ids.map(entry));
    let lines = ids.map(|id| entry(id).to_string() + "\n").concat();
    let glued = lines.replace('\n', "");
    let grouped = serde_json::json!({"logs_by_severity": {"ERROR": list.clone()}}).to_string();
    for text in [pretty(&list, b"  "), list.to_string(), lines, glued, pretty(&list, b""), grouped] {
        for window_bytes in [1, 40, 700, 1 << 20] {
            let file = write(text.as_bytes());
            let settings = Settings { window_bytes, ..Settings::default() };
            let found = discover(&[file.path().to_str().unwrap().to_owned()], &settings).unwrap();
            let mut feed = Feed::new(found, settings.clone());
            let mut reader = RecordReader::new(&settings);
            let mut failing = Failing::default();
            while let Some(chunk) = feed.next_chunk() {
                reader.read(&chunk, &mut failing);
            }
            assert_eq!(failing.seen.ids(), ABC, "{text}");
            let skips = &failing.seen.skips;
            assert!(skips.len() == 4 && skips.iter().all(|(.., reason)| reason.contains("defect")), "{skips:?}");
            assert!(skips.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "{skips:?}");
        }
    }
}

#[test]
fn what_is_wanted_is_read_again_wherever_it_stands() {
    let ids: Vec<String> = (0..400).map(|number| format!("id {number}")).collect();
    let list: serde_json::Value = ids.iter().map(|id| entry(id)).collect();
    let lines: String = ids.iter().map(|id| entry(id).to_string() + "\n").collect();
    let broken = list.to_string().replacen("\"id 7\"", "\"id 7", 1);
    let grouped = serde_json::json!({"logs_by_severity": {"ERROR": list.clone()}}).to_string();
    let glued = lines.replace('\n', "");
    for text in [pretty(&list, b"  "), list.to_string(), broken, lines, glued, grouped] {
        for packed in [false, true] {
            let bytes = if packed { gzip(text.as_bytes()) } else { text.clone().into_bytes() };
            let file = write(&bytes);
            let path = file.path().to_str().unwrap().to_owned();
            let settings = Settings { window_bytes: 3_000, ..Settings::default() };
            let whole = run(&[file.path()], &settings);
            let wanted: Vec<&(u64, String)> = [0, 20, 21, 200, 350].iter().map(|at| &whole.entries[*at]).collect();
            let ranges = wanted.iter().map(|(offset, _)| (*offset, offset + 1)).collect();
            let found = discover(std::slice::from_ref(&path), &settings).unwrap();
            let mut feed = Feed::new(found, settings.clone()).restrict([(path.into(), ranges)].into());
            let (mut reader, mut again) = (RecordReader::new(&settings), Seen::default());
            while let Some(chunk) = feed.next_chunk() {
                reader.read(&chunk, &mut again);
            }
            assert!(again.entries.iter().all(|entry| whole.entries.contains(entry)), "{text}");
            assert!(wanted.iter().all(|entry| again.entries.contains(entry)), "{text}");
            assert!(again.entries.len() < 60, "{}", again.entries.len());
        }
    }
}

#[test]
fn one_damaged_byte_costs_at_most_its_record() {
    let short = |id: &str| serde_json::json!({"insertId": id, "n": [{"a": 1.5}], "textPayload": "{\"[\\"});
    let list = serde_json::json!([short("a"), short("b"), short("c")]);
    let lines = ["a", "b", "c"].map(|id| short(id).to_string() + "\n").concat();
    for text in [pretty(&list, b"  "), list.to_string(), lines, pretty(&list, b"")] {
        for at in 0..text.len() {
            for change in
                [Some(b'"'), Some(b'{'), Some(b'}'), Some(b'\\'), Some(b'\n'), Some(0), Some(0xff), Some(b'x'), None]
            {
                let mut bytes = text.clone().into_bytes();
                match change {
                    Some(byte) => bytes[at] = byte,
                    None => drop(bytes.remove(at)),
                }
                let file = write(&bytes);
                let seen = run(&[file.path()], &Settings::default());
                let narrow = run(&[file.path()], &Settings { window_bytes: 30, ..Settings::default() });
                let shown = String::from_utf8_lossy(&bytes);
                assert_eq!(seen, narrow, "{shown}");
                let record = seen_record(&text, at);
                for (number, id) in ABC.iter().enumerate() {
                    let found = seen
                        .entries
                        .iter()
                        .filter(|(_, text)| text.contains(&format!("\"insertId\":\"{id}\"")))
                        .count();
                    assert!(
                        found == 1 || (found == 0 && record == Some(number)),
                        "{id} {found} times, byte {at} {change:?}\n{shown}\n{seen:?}"
                    );
                }
            }
        }
    }
}

/// Which record (from 0) the byte at `at` belongs to; the bytes between two belong to none.
fn seen_record(text: &str, at: usize) -> Option<usize> {
    let starts: Vec<usize> =
        text.match_indices("\"insertId\"").map(|(index, _)| text[..index].rfind('{').unwrap()).collect();
    let ends: Vec<usize> = starts
        .iter()
        .map(|start| {
            let mut values = serde_json::Deserializer::from_str(&text[*start..]).into_iter::<serde_json::Value>();
            values.next().unwrap().unwrap();
            start + values.byte_offset()
        })
        .collect();
    // The line start in front of a record tells where it starts: damage there counts as damage to the record.
    starts.iter().zip(&ends).position(|(start, end)| (start.saturating_sub(3)..end + 1).contains(&at))
}

#[test]
fn records_behind_much_that_is_none_have_their_lines() {
    let junk = "starting up, please wait\n".repeat(60_000);
    let text = format!("{}{junk}{{\"insertId\": \"broken\n{}", ndjson(), ndjson());
    let seen = run(&[write(text.as_bytes()).path()], &Settings::default());
    assert_eq!(seen.ids(), [ABC, ABC].concat());
    accounted(text.as_bytes(), &seen);
}

#[test]
fn records_that_the_strict_parser_refuses_are_mended() {
    let with = |inner: &[u8]| [b"{\"insertId\":\"a\",\"textPayload\":\"", inner, b"\"}\n"].concat();
    let field = |value: &str| format!("{{\"insertId\":\"a\",\"x\":{value},\"y\":[1]}}\n").into_bytes();
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let lone = ["\\ud", "83d"].concat();
    for (record, wanted, note) in [
        (with(b"caf\xe9 \xff"), "caf\u{fffd} \u{fffd}", "UTF-8"),
        (with(b"a\xed\xa0\x80b\xc0\x80"), "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}\u{fffd}", "UTF-8"),
        (with(format!("{lone} x").as_bytes()), "\u{fffd} x", "surrogates"),
        (with(b"a\x1bb\x00c\td"), "a\x1bb\0c\td", "control"),
        (with(b"two\nlines"), "two\nlines", "control"),
        (with(b"\\x41 \\'"), "\\x41 \\'", "escapes"),
    ] {
        let bytes = [&record[..], entry("b").to_string().as_bytes(), b"\n"].concat();
        let seen = check(&bytes, &["a", "b"], &[]);
        let (_, text) = &seen.entries[0];
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(value["textPayload"], wanted);
        assert!(seen.notes.iter().any(|found| found.contains(note)), "{note} {:?}", seen.notes);
        let array = [b"[", &record[..record.len() - 1], b",", entry("b").to_string().as_bytes(), b"]"].concat();
        check(&array, &["a", "b"], &[]);
    }
    for (value, wanted) in [
        ("1e400", "\"1e400\""),
        ("NaN", "\"NaN\""),
        ("-Infinity", "\"-Infinity\""),
        ("007", "\"007\""),
        ("[1,]", "[1]"),
        ("{\"a\":1,}", "{\"a\":1}"),
        ("{\"a\":1\n\"b\":2}", "{\"a\":1,\"b\":2}"),
        ("-0", "0"),
        ("1.10", "1.1"),
    ] {
        let seen = check([field(value), entry("b").to_string().into_bytes()].concat(), &["a", "b"], &[]);
        assert!(seen.entries[0].1.contains(&format!("\"x\":{wanted}")), "{value}: {}", seen.entries[0].1);
    }
    let seen = check(field(&deep(100_000)), &["a"], &[]);
    assert!(seen.notes.iter().any(|note| note.contains("nested deeper")));
    assert!(seen.entries[0].1.len() > 200_000, "kept as text");
    let value: serde_json::Value = serde_json::from_str(&seen.entries[0].1).unwrap();
    assert_eq!(value["y"][0], 1);
}

#[test]
fn long_records_are_passed_over_in_flat_memory() {
    let settings = Settings { max_record_bytes: 2000, ..Settings::default() };
    let windows = [1, 300, 1999, 5000];
    let long = |id: &str| {
        let mut long = entry(id);
        long["textPayload"] = "x{\"".repeat(3000).into();
        long["jsonPayload"] = serde_json::json!({"list": vec![serde_json::json!({"a": [1]}); 100]});
        long
    };
    let list = serde_json::json!([entry("a"), long("x"), entry("b"), long("y"), long("z"), entry("c")]);
    let lines: String = list.as_array().unwrap().iter().map(|entry| entry.to_string() + "\n").collect();
    for text in [lines, pretty(&list, b"  "), list.to_string(), pretty(&list, b"")] {
        let seen = read_with(text.as_bytes(), &settings, &windows);
        assert_eq!(seen.ids(), ABC, "{:?}", seen.skips);
        assert_eq!(seen.reasons(), ["longer than the limit for one record"; 3], "{:?}", seen.skips);
        assert!(seen.skips.iter().all(|(_, length, _)| *length > 9000), "{:?}", seen.skips);
    }
    let text = format!("{}\n{}\n{}\n", entry("a"), "no json ".repeat(2000), entry("b"));
    let seen = read_with(text.as_bytes(), &settings, &windows);
    assert_eq!(
        (seen.ids().as_slice(), seen.skips.len()),
        (["a".to_owned(), "b".to_owned()].as_slice(), 1),
        "{:?}",
        seen.skips
    );
}
