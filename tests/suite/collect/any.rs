//! Any records and any bytes, and those of other people's projects.

use super::*;

/// The log entries of other people's projects: every line is one entry, and none is lost.
#[test]
fn every_entry_of_the_shared_data_is_accounted_for() {
    #[expect(clippy::disallowed_methods, reason = "a test may be told where data are")]
    let root = std::env::var("LOG_GARDENER_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let root = if Path::new(&root).exists() { Path::new(&root).to_owned() } else { Path::new("..").join(&root) };
    if !root.join("gcp").exists() {
        eprintln!("SKIPPED: no sample data at {}; set LOG_GARDENER_DATA", root.display());
        return;
    }
    let seen = run(&[&root.join("gcp")], &Settings::default());
    let lines = |report: &InputReport| {
        let text = std::fs::read_to_string(&*report.path).unwrap();
        text.lines().filter(|line| !line.trim().is_empty()).count()
    };
    let exports = seen.reports.iter().filter(|report| report.path.ends_with(".ndjson"));
    assert_eq!(seen.entries.len(), exports.map(lines).sum::<usize>());
    assert_eq!(seen.skips, Vec::new());
    for report in &seen.reports {
        assert_eq!(report.path.ends_with(".ndjson"), report.skips.is_empty(), "{report:?}");
    }
    let seen = run(&[&root.join("loghub")], &Settings { window_bytes: 100_000, ..Settings::default() });
    assert_eq!((seen.entries.len(), seen.skips.len()), (16_000, 0));
}

fn any_json(depth: u32) -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[ -~]{0,12}".prop_map(|text| serde_json::Value::from(text).to_string()),
        Just(["\"\\ud8", "3d\\ude00\""].concat()),
        Just("\"é\\n\\/\"".to_owned()),
    ];
    let leaf = prop_oneof![
        text,
        prop_oneof![Just("null"), Just("true"), Just("-0"), Just("1e5"), Just("18446744073709551616"), Just("-1.50")]
            .prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| format!("{number:e}")),
    ];
    leaf.prop_recursive(depth, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(" ,"))),
            prop::collection::vec(("[a-z{}\\[]{0,3}", inner), 0..5).prop_map(|members| {
                let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// What another parser accepts is read, wherever it is cut, and says the same.
    #[test]
    fn records_are_read_as_another_parser_reads_them(values in prop::collection::vec(any_json(4), 1..6), shape in 0..4, window in 1usize..200) {
        let records: Vec<String> = values.iter().enumerate().map(|(number, value)| format!("{{\"insertId\":\"{number}\",\"x\":{value}}}")).collect();
        let text = match shape {
            0 => records.join("\n"),
            1 => format!("[{}]", records.join(",")),
            2 => format!("[\n  {}\n]\n", records.join(",\n  ")),
            _ => format!("{{\"entries\": [{}]}}", records.join(", ")),
        };
        let file = write(text.as_bytes());
        let seen = run(&[file.path()], &Settings { window_bytes: window, ..Settings::default() });
        prop_assert_eq!(seen.entries.len(), records.len(), "{:?}", seen);
        prop_assert!(seen.skips.is_empty());
        for ((_, found), record) in seen.entries.iter().zip(&records) {
            let found: serde_json::Value = serde_json::from_str(found).unwrap();
            let wanted: serde_json::Value = serde_json::from_str(record).unwrap();
            prop_assert!(same(&found, &wanted), "{} {}", found, wanted);
        }
    }

    /// No bytes make it panic, lose its place, or depend on where it is cut.
    #[test]
    fn any_bytes_are_survived(pieces in prop::collection::vec(0usize..20, 0..40), window in 1usize..60) {
        let words: [&[u8]; 20] = [
            b"{", b"}", b"[", b"]", b",", b":", b"\"", b"\\", b"\n", b" ", b"\n  {", b"\n{", b"{\"insertId\":\"a\"}", b"\"insertId\":",
            b"1", b"\0", b"\xff", b"\xef\xbb\xbf", b"{\"entries\":[", b"{\"a\":[",
        ];
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| words[*piece].iter().copied()).collect();
        let file = write(&bytes);
        let whole = run(&[file.path()], &Settings::default());
        let cut = run(&[file.path()], &Settings { window_bytes: window, ..Settings::default() });
        prop_assert_eq!(whole, cut);
    }
}

/// Equal but for how numbers are written.
fn same(left: &serde_json::Value, right: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
