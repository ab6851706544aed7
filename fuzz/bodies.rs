//! Any bytes in, a panic if what the program promises for any input does not hold: shared by fuzz targets and tests.
#![allow(dead_code, reason = "each fuzz target uses one of them")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a body that fails may panic")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use log_gardener::collect::{Feed, RecordReader, Settings, Sink, discover, parse_record};
use log_gardener::distill::canon::canonicalize;
use log_gardener::distill::{Masker, Policy, Redactor, UserRules};
use log_gardener::examine::{Enquiry, Rules, Surroundings};
use log_gardener::model::{Cluster, Digest, LogEntry, Payload, Portable, Worklog};
use log_gardener::query::Query;
use log_gardener::report::{Format, Templates};

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Records, and the bytes that no record has.
#[derive(Default, PartialEq, Debug)]
struct Account {
    records: Vec<(u64, Vec<u8>)>,
    skipped: Vec<(u64, u64)>,
}

impl Sink for Account {
    fn entry(&mut self, _entry: &LogEntry<'_>, raw: &[u8], offset: u64) {
        self.records.push((offset, raw.to_vec()));
    }

    fn skip(&mut self, offset: u64, length: u64, _reason: &str) {
        self.skipped.push((offset, length));
    }

    fn note(&mut self, _note: &str) {}
}

fn account(path: &str, settings: &Settings) -> Account {
    let mut account = Account::default();
    let found = discover(&[path.to_owned()], settings).unwrap();
    let mut feed = Feed::new(found, settings.clone());
    let mut reader = RecordReader::new(settings);
    while let Some(chunk) = feed.next_chunk() {
        reader.read(&chunk, &mut account);
    }
    account
}

/// A file is cut into the same records whatever the size of windows, mapped or read.
pub(crate) fn splitting(data: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), data).unwrap();
    let path = file.path().to_str().unwrap();
    let bounded = Settings { max_expanded_bytes: 1 << 20, ..Settings::default() };
    let whole = account(path, &bounded);
    for window_bytes in [7, 64] {
        let other = account(path, &Settings { window_bytes, mmap: false, ..bounded.clone() });
        assert_eq!(other, whole, "window {window_bytes}");
    }
}

/// How often a field of a log entry stands in an object, in any spelling: of several the last one counts.
fn spellings(object: &serde_json::Map<String, serde_json::Value>, field: &str) -> usize {
    object.keys().filter(|key| key.replace('_', "").eq_ignore_ascii_case(field)).count()
}

/// Where another parser reads an object too, this one finds the same id and text in it.
pub(crate) fn parsing(data: &[u8]) {
    let mine = parse_record(data, |entry| {
        let payload = match entry.payload {
            Payload::Text(text) => Some(text.to_owned()),
            _ => None,
        };
        (entry.insert_id.to_owned(), payload)
    });
    let Ok(serde_json::Value::Object(theirs)) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    let Ok((id, payload)) = mine else { return };
    let said = |field: &str| theirs.get(field).filter(|_| spellings(&theirs, field) == 1)?.as_str();
    if let Some(theirs) = said("insertId") {
        assert_eq!(id, theirs);
    }
    // A text in the place of another payload counts as one too, and the last counts.
    let others = spellings(&theirs, "jsonPayload") + spellings(&theirs, "protoPayload");
    if let (Some(mine), Some(theirs), 0) = (payload, said("textPayload"), others) {
        assert_eq!(mine, theirs);
    }
}

/// Masking is a function of the text, and a mask is no longer than its text allows.
pub(crate) fn masking(data: &[u8]) {
    static MASKER: LazyLock<Masker> = LazyLock::new(|| Masker::new(&[]).unwrap());
    let text = text(data);
    let masker = &*MASKER;
    let mut canon = masker.canon();
    canonicalize(&text, &mut canon);
    let once = masker.mask(&canon).pattern.clone();
    canonicalize(&text, &mut canon);
    assert_eq!(masker.mask(&canon).pattern, once);
}

/// A second pass changes nothing, and marks are all that is added.
pub(crate) fn redaction(data: &[u8]) {
    static REDACTORS: LazyLock<[Redactor; 2]> = LazyLock::new(|| {
        [Policy::On, Policy::Strict].map(|policy| Redactor::new(policy, &UserRules::default()).unwrap())
    });
    let text = text(data);
    for redactor in &*REDACTORS {
        let mut counts = BTreeMap::new();
        let once = redactor.redact(&text, &mut counts).into_owned();
        assert_eq!(redactor.redact(&once, &mut BTreeMap::new()), once, "twice is not once");
        assert_eq!(counts.is_empty(), once == text);
        redactor.scan(&once);
    }
}

/// A filter is read or refused with a place in it, and judges any entry.
pub(crate) fn query(data: &[u8]) {
    let text = text(data);
    match Query::parse(&text) {
        Ok((query, traps)) => {
            for trap in traps {
                trap.render(&text);
            }
            let entry = br#"{"severity":"ERROR","timestamp":"2025-09-15T10:00:00Z","jsonPayload":{"a":[{"b":1.5e300}],"c":null}}"#;
            drop(parse_record(entry, |entry| query.matches(entry)));
        }
        Err(error) => drop(error.render(&text)),
    }
}

/// Rules are read or refused.
pub(crate) fn rules(data: &[u8]) {
    drop(Rules::read("rules.toml", &text(data)));
}

/// A saved Digest, its moments or what stands around them is read or refused, and what is read is written as it was.
pub(crate) fn digest(data: &[u8]) {
    saved::<Digest>(data);
    saved::<Enquiry>(data);
    saved::<Surroundings>(data);
}

fn saved<T: Portable>(data: &[u8]) {
    if let Ok(saved) = T::from_bytes(data) {
        let bytes = saved.to_bytes();
        assert_eq!(T::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    }
}

/// Whatever stands in a worklog, every template can be filled with it, and no control character leaves.
pub(crate) fn rendering(data: &[u8]) {
    static TEMPLATES: LazyLock<Templates> = LazyLock::new(Templates::embedded);
    let text = text(data);
    let (title, rest) = text.split_at(text.char_indices().nth(12).map_or(text.len(), |(at, _)| at));
    let cluster = Cluster {
        number: 1,
        id: "LG-0000000000".to_owned(),
        title: title.to_owned(),
        pattern: text.clone(),
        count: 3,
        ..Cluster::default()
    };
    let worklog = Worklog { focus: rest.to_owned(), clusters: vec![cluster], ..Worklog::default() };
    for format in [Format::Markdown, Format::Html, Format::Csv, Format::Text] {
        let rendered = format.render(&TEMPLATES, &worklog).unwrap();
        let odd = rendered.chars().find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r'));
        assert_eq!(odd, None, "{format:?}");
    }
}
