//! Where inputs lie: folders, links, pipes, files that change.

use super::*;

#[test]
fn folders_globs_links_and_pipes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("logs/2025")).unwrap();
    std::fs::write(at("logs/2025/a.json"), ndjson()).unwrap();
    std::fs::write(at("logs/b.json"), pretty(&entries(), b"  ")).unwrap();
    std::fs::write(at("logs/c [1].txt"), "x").unwrap();
    std::fs::hard_link(at("logs/b.json"), at("logs/z.json")).unwrap();
    std::os::unix::fs::symlink(at("logs"), at("logs/2025/loop")).unwrap();
    std::os::unix::fs::symlink(at("nowhere"), at("logs/dangling")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("logs/socket")).unwrap();
    let seen = run(&[&at("logs")], &Settings::default());
    assert_eq!(seen.ids().len(), 6);
    let paths: Vec<&str> = seen.reports.iter().map(|report| report.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(paths, ["a.json", "b.json", "c [1].txt"]);
    let reasons: Vec<&str> = seen.passed_over.iter().map(|(_, reason)| reason.as_str()).collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for (reason, wanted) in
        reasons.iter().zip(["a link back to", "cannot be read", "not a regular file", "the same file as"])
    {
        assert!(reason.contains(wanted), "{reason}");
    }
    let both = run(&[&at("logs"), &at("logs/b.json"), &at("logs/**/*.json")], &Settings::default());
    assert_eq!(both.ids().len(), 6);
    assert_eq!(run(&[&at("logs/**/*.json")], &Settings::default()).ids().len(), 6);
    assert_eq!(run(&[&at("logs/*.json")], &Settings::default()).ids().len(), 3);
    assert_eq!(run(&[&at("logs/c [1].txt")], &Settings::default()).file_skips().len(), 1);
    let fails =
        |name: &str| discover(&[at(name).to_str().unwrap().to_owned()], &Settings::default()).unwrap_err().to_string();
    assert!(fails("nowhere").contains("cannot read"));
    assert!(fails("*.nope").contains("no file fits"), "{}", fails("*.nope"));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_keeps_what_was_read() {
    let line = entry("a").to_string() + "\n";
    let text = line.repeat((1 << 20) / line.len());
    for (mmap, left) in [(true, 5_000), (true, 400_000), (true, 0), (false, 400_000)] {
        let file = write(text.as_bytes());
        let settings = Settings { mmap, window_bytes: 256 << 10, ..Settings::default() };
        let found = discover(&[file.path().to_str().unwrap().to_owned()], &settings).unwrap();
        let mut feed = Feed::new(found, settings.clone());
        let mut reader = RecordReader::new(&settings);
        let mut seen = Seen::default();
        let first = feed.next_chunk().unwrap();
        // The first chunk is mapped already, and then its file is cut.
        file.as_file().set_len(left).unwrap();
        reader.read(&first, &mut seen);
        drop(first);
        while let Some(chunk) = feed.next_chunk() {
            reader.read(&chunk, &mut seen);
        }
        seen.reports = feed.finish();
        assert!(seen.entries.len() as u64 >= left / line.len() as u64, "{left}: {}", seen.entries.len());
        assert!(seen.file_skips()[0].contains("ends early"), "{:?}", seen.file_skips());
    }
}

/// A named pipe, where one can be made.
fn fifo(folder: &Path) -> Option<std::path::PathBuf> {
    let pipe = folder.join("pipe");
    #[expect(clippy::disallowed_methods, reason = "a test may start a program")]
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no mkfifo here");
        return None;
    }
    Some(pipe)
}

#[test]
fn a_pipe_is_read_once_and_looked_at_again_from_its_copy() {
    let folder = tempfile::tempdir().unwrap();
    let Some(pipe) = fifo(folder.path()) else { return };
    let text: String = (0..500).map(|number| entry(&number.to_string()).to_string() + "\n").collect();
    let writer = std::thread::spawn({
        let (pipe, text) = (pipe.clone(), text.clone());
        move || std::fs::write(pipe, text).unwrap()
    });
    let settings = Settings { window_bytes: 1000, ..Settings::default() };
    let path = pipe.to_str().unwrap().to_owned();
    let found = discover(std::slice::from_ref(&path), &settings).unwrap();
    let mut feed = Feed::new(found.clone(), settings.clone());
    let mut reader = RecordReader::new(&settings);
    let mut seen = Seen::default();
    while let Some(chunk) = feed.next_chunk() {
        reader.read(&chunk, &mut seen);
    }
    writer.join().unwrap();
    assert_eq!(seen.entries.len(), 500);
    assert_eq!(feed.finish().len(), 1);
    let wanted = seen.entries[300].0;
    let mut feed = Feed::new(found, settings.clone()).restrict([(path.into(), vec![(wanted, wanted + 1)])].into());
    let mut again = Seen::default();
    while let Some(chunk) = feed.next_chunk() {
        assert!(chunk.from() <= wanted && wanted < chunk.to());
        reader.read(&chunk, &mut again);
    }
    assert!(again.entries.contains(&seen.entries[300]) && again.entries.len() < 20);
}

#[test]
fn a_pipe_that_outgrows_its_copy_is_said_to() {
    let folder = tempfile::tempdir().unwrap();
    let Some(pipe) = fifo(folder.path()) else { return };
    for (spool_bytes, said) in [(1 << 20, false), (2_000, true), (0, true)] {
        let text: String = (0..500).map(|number| entry(&number.to_string()).to_string() + "\n").collect();
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, text).unwrap()
        });
        let seen = run(&[&pipe], &Settings { spool_bytes, ..Settings::default() });
        writer.join().unwrap();
        assert_eq!(seen.entries.len(), 500);
        assert_eq!(seen.all_notes().iter().any(|note| note.contains("no copy of all of it")), said, "{spool_bytes}");
    }
}

/// Small files are read by one call that counts on the size they had when they were found.
#[test]
fn small_files_are_read_as_they_are_when_opened() {
    let line =
        |id: usize| format!("{{\"insertId\":\"{id}\",\"severity\":\"ERROR\",\"textPayload\":\"disk is full\"}}\n");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for number in 0..60 {
        std::fs::write(at(&format!("{number:02}.json")), line(number)).unwrap();
    }
    std::fs::write(at("empty.json"), "").unwrap();
    std::fs::write(at("filled.json"), "").unwrap();
    std::fs::write(at("packed.json"), gzip(line(60).as_bytes())).unwrap();
    std::fs::write(
        at("wide.json"),
        [b'\xff', b'\xfe'].into_iter().chain(line(61).bytes().flat_map(|byte| [byte, 0])).collect::<Vec<u8>>(),
    )
    .unwrap();
    std::fs::write(at("note.md"), "what these are").unwrap();
    let settings = Settings::default();
    let found = discover(&[folder.path().to_str().unwrap().to_owned()], &settings).unwrap();
    // Between finding and reading them.
    std::fs::write(at("00.json"), line(0) + &line(100)).unwrap();
    std::fs::write(at("01.json"), line(2)).unwrap();
    std::fs::write(at("02.json"), "").unwrap();
    std::fs::write(at("filled.json"), line(101)).unwrap();
    std::fs::remove_file(at("03.json")).unwrap();
    let mut feed = Feed::new(found, settings.clone());
    let (mut reader, mut seen) = (RecordReader::new(&settings), Seen::default());
    while let Some(chunk) = feed.next_chunk() {
        reader.read(&chunk, &mut seen);
    }
    assert_eq!((seen.entries.len(), seen.skips.len()), (58 + 1 + 2 + 1, 0));
    let reports = feed.finish();
    let names: Vec<&str> = reports.iter().map(|report| report.path.rsplit('/').next().unwrap()).collect();
    let numbered = (0..60).map(|number| format!("{number:02}.json"));
    let others = ["empty.json", "filled.json", "packed.json", "wide.json"].map(str::to_owned);
    assert_eq!(names, numbered.chain(others).collect::<Vec<_>>());
    assert_eq!((reports[2].format.as_ref(), reports[60].format.as_ref()), ("empty", "empty"));
    assert!(reports[3].skips[0].1.contains("cannot be read"), "{:?}", reports[3]);
    assert_eq!(reports[62].compression, "gzip");
}
