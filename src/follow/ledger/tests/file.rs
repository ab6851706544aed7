//! The file behind a ledger: written, read, damaged, held, replaced.

use super::*;

fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state").join("ledger.json");
    let mut file = LedgerFile::open(&path, "process 1").unwrap();
    for mut run in story() {
        file.ledger.apply(&mut run, Some(&tracker()));
    }
    assert!(file.save().unwrap());
    assert!(!file.save().unwrap());
    drop(file);
    (folder, path)
}

#[test]
fn what_is_written_is_read() {
    let (_folder, path) = file();
    let ledger = Ledger::read(&path).unwrap();
    assert_eq!(ledger.to_bytes(), std::fs::read(&path).unwrap());
    let turned = String::from_utf8(ledger.to_bytes()).unwrap().replace('\n', "\r\n");
    assert_eq!(Ledger::parse(turned.as_bytes()).unwrap(), ledger);
}

#[test]
fn damage_of_any_kind_is_refused() {
    let mut ledger = Ledger::default();
    ledger.apply(&mut story()[0].clone(), Some(&tracker()));
    let whole = ledger.to_bytes();
    assert!(Ledger::parse(&whole).is_ok());
    for length in (0..whole.len()).filter(|length| *length < 300 || length % 5 == 0) {
        assert!(Ledger::parse(&whole[..length]).is_err(), "cut to {length}");
    }
    for at in (0..whole.len()).filter(|at| *at < 300 || at % 3 == 0) {
        // The header bit by bit, the rest by samples: the checksum is over all of it alike.
        let bits = if at < 200 { 0..8 } else { at % 8..at % 8 + 1 };
        for bit in bits {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            let problem = Ledger::parse(&damaged).unwrap_err();
            assert!(problem.contains("start anew"), "byte {at} bit {bit}: {problem}");
        }
    }
}

#[test]
fn a_damaged_or_newer_file_is_left_alone() {
    let (_folder, path) = file();
    let whole = std::fs::read_to_string(&path).unwrap();
    for wrong in [
        whole.replacen("\"version\": 1", "\"version\": 2", 1),
        whole.replacen("recurring", "resolved", 1),
        String::new(),
    ] {
        std::fs::write(&path, &wrong).unwrap();
        assert!(LedgerFile::open(&path, "process 1").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), wrong);
    }
    let edited = whole.replacen("recurring", "resolved", 1);
    assert!(Ledger::parse_edited(edited.as_bytes()).is_ok());
}

#[test]
fn one_holder_at_a_time() {
    let (_folder, path) = file();
    let held = LedgerFile::open(&path, "process 4711").unwrap();
    let Err(crate::error::Error::Write { source, .. }) = LedgerFile::open(&path, "process 2") else {
        panic!("it is held")
    };
    assert!(source.to_string().contains("process 4711"), "{source}");
    drop(held);
    assert!(LedgerFile::open(&path, "process 2").is_ok());
}

/// Without locks the first one to save wins, and the other is told to run again.
#[test]
fn where_files_cannot_be_locked_nothing_is_lost() {
    let (_folder, path) = file();
    let unsupported =
        |_: &std::fs::File| Err(std::fs::TryLockError::Error(std::io::Error::from(std::io::ErrorKind::Unsupported)));
    let open = || LedgerFile::open_with(&path, "process 1", &unsupported).unwrap();
    let (mut first, mut second) = (open(), open());
    assert!(first.warnings[0].contains("cannot lock"), "{:?}", first.warnings);
    first.ledger.gc(2);
    second.ledger.gc(1);
    assert!(first.save().unwrap());
    let after = std::fs::read(&path).unwrap();
    let problem = second.save().unwrap_err();
    assert!(std::error::Error::source(&problem).unwrap().to_string().contains("run the same command again"));
    assert_eq!(std::fs::read(&path).unwrap(), after);
    let mut again = open();
    again.ledger.gc(1);
    assert!(again.save().unwrap());
    std::fs::remove_file(&path).unwrap();
    again.ledger.gc(0);
    assert!(again.save().is_err(), "a ledger that was taken away is not put back unasked");
}

#[test]
fn many_threads_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.json");
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let mut run = Story::new(&format!("2025-09-1{worker}T00:00:00Z"), 10)
                    .with(cluster(&format!("c{worker}"), 5))
                    .done();
                let mut file =
                    std::iter::repeat_with(|| LedgerFile::open(path, "thread")).find_map(Result::ok).unwrap();
                file.ledger.apply(&mut run, None);
                file.save().unwrap();
            });
        }
    });
    let ledger = Ledger::read(&path).unwrap();
    assert_eq!((ledger.runs.len(), ledger.entries.len()), (8, 8));
}

#[test]
fn a_failed_save_keeps_the_old_file() {
    for fail_at in 1.. {
        let (_folder, path) = file();
        let before = std::fs::read(&path).unwrap();
        let mut held = LedgerFile::open(&path, "process 1").unwrap();
        held.ledger.gc(1);
        let after = held.ledger.to_bytes();
        let calls = std::cell::Cell::new(0);
        let result = held.save_with(&|_step| {
            calls.set(calls.get() + 1);
            if calls.get() == fail_at { Err(std::io::Error::other("no space left")) } else { Ok(()) }
        });
        let now = std::fs::read(&path).unwrap();
        assert!(now == before || now == after);
        drop(held);
        assert!(LedgerFile::open(&path, "process 1").is_ok());
        if result.is_ok() {
            assert_eq!(now, after);
            let previous = path.with_extension("json.previous");
            assert_eq!(std::fs::read(previous).unwrap(), before);
            assert_eq!(fail_at, 13);
            return;
        }
    }
}

#[cfg(unix)]
#[test]
fn private_and_never_through_a_planted_link() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = file();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let victim = folder.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    let lock = path.with_extension("json.lock");
    std::fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&victim, &lock).unwrap();
    assert!(LedgerFile::open(&path, "process 1").is_err());
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
}
