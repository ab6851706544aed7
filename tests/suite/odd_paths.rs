//! Paths that are not UTF-8, through the command.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::accounting::program;

struct Folder(tempfile::TempDir);

impl Folder {
    fn of(names: &[&[u8]]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (number, name) in names.iter().enumerate() {
            let entry =
                json!({"logName": "projects/p/logs/a", "insertId": number.to_string(), "textPayload": "it failed"});
            std::fs::write(folder.named(name), entry.to_string()).unwrap();
        }
        folder
    }

    fn named(&self, name: &[u8]) -> PathBuf {
        self.0.path().join(OsStr::from_bytes(name))
    }
}

fn result(path: PathBuf) -> (Option<i32>, Value) {
    let run = program().arg("analyze").arg(path).args(["--format", "json", "-q"]).output().unwrap();
    (run.status.code(), serde_json::from_slice(&run.stdout).unwrap_or_default())
}

fn inputs(result: &Value) -> Vec<&str> {
    let inputs = result["inputs"].as_array().unwrap();
    inputs.iter().map(|input| input["path"].as_str().unwrap().rsplit('/').next().unwrap()).collect()
}

#[test]
fn they_are_read_and_told_apart() {
    let folder = Folder::of(&[b"a\xff.json", b"a\xfe.json", b"\\x\xff.json"]);
    let (code, whole) = result(folder.0.path().to_owned());
    assert_eq!((code, &whole["totals"]["analysed"], &whole["totals"]["skipped"]), (Some(0), &json!(3), &json!(0)));
    assert_eq!(inputs(&whole), [r"\\x\xff.json", r"a\xfe.json", r"a\xff.json"]);
    let (code, one) = result(folder.named(b"a\xff.json"));
    assert_eq!((code, &one["totals"]["analysed"], inputs(&one)), (Some(0), &json!(1), vec![r"a\xff.json"]));
    for command in ["inspect", "redact"] {
        let run = program().arg(command).arg(folder.named(b"a\xff.json")).output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{command}");
    }
    let compared =
        program().arg("diff").args([folder.named(b"a\xff.json"), folder.named(b"a\xfe.json")]).output().unwrap();
    assert!(!String::from_utf8(compared.stderr).unwrap().contains("UTF-8"));
}

#[test]
fn one_that_is_shown_like_another_is_skipped_and_said_to_be() {
    let folder = Folder::of(&[b"b\\xff.json", b"b\xff.json"]);
    let (code, whole) = result(folder.0.path().to_owned());
    assert_eq!((code, &whole["totals"]["analysed"], &whole["totals"]["skipped"]), (Some(2), &json!(1), &json!(1)));
    assert!(whole["skipped"].to_string().contains("shown like that of another input"), "{}", whole["skipped"]);
}

#[test]
fn one_that_is_missing_is_an_error() {
    let folder = Folder::of(&[]);
    for name in [&b"none\xff.json"[..], b"none\xff*.json"] {
        assert_eq!(result(folder.named(name)).0, Some(4));
    }
}
