//! The forms that exports have, and what is none.

use super::*;

#[test]
fn shapes_of_exports() {
    check_clean(pretty(&entries(), b"  "), &ABC, "json array");
    check_clean(pretty(&entries(), b"    "), &ABC, "json array");
    check_clean(pretty(&entries(), b"\t"), &ABC, "json array");
    check_clean(pretty(&entries(), b""), &ABC, "json array");
    check_clean(pretty(&entries(), b"  ").replace('\n', "\r\n"), &ABC, "json array");
    check_clean(entries().to_string(), &ABC, "compact json array");
    check_clean(ndjson(), &ABC, "ndjson");
    check_clean(ndjson().trim_end(), &ABC, "ndjson");
    check_clean(ndjson().replace('\n', "\r\n"), &ABC, "ndjson");
    check_clean(ndjson().replace('\n', ""), &ABC, "ndjson");
    check_clean(format!("[{}]", ndjson().trim_end().replace('\n', ",\n")), &ABC, "compact json array");
    check_clean(format!("[\n{}\n]", ndjson().trim_end().replace('\n', "\n,")), &ABC, "compact json array");
    let pasted = ABC.map(|id| pretty(&entry(id), b"  ") + "\n").concat();
    check_clean(&pasted, &ABC, "json objects");
    check_clean(format!("\n\n{pasted}\n"), &ABC, "json objects");
    check_clean(ABC.map(|id| pretty(&entry(id), b"")).concat(), &ABC, "json objects");
    let answer = serde_json::json!({"entries": entries(), "nextPageToken": "x}{", "n": 1.5});
    for indent in [&b"  "[..], b"", b"\t"] {
        check_clean(pretty(&answer, indent), &ABC, "entries answer");
    }
    check_clean(answer.to_string(), &ABC, "entries answer");
    check_clean(
        format!("[{},{}]", entry("a"), serde_json::json!([[entry("b")], entry("c")])),
        &ABC,
        "compact json array",
    );
}

#[test]
fn pages_one_a_line() {
    let page =
        |ids: &[&str]| serde_json::json!({"entries": ids.iter().map(|id| entry(id)).collect::<Vec<_>>()}).to_string();
    let seen = check(format!("{}\n{}\n", page(&["a", "b"]), page(&["c"])), &ABC, &[]);
    assert_eq!(seen.all_notes(), BTreeSet::new());
    check(format!("{}\n{}\n", entry("a"), page(&["b", "c"])), &ABC, &[]);
}

#[test]
fn grouped_by_severity() {
    let mut bare = entry("b");
    bare["severity"] = "INFO".into();
    let dump = serde_json::json!({"collection_time": "x", "logs_by_severity": {"ERROR": [entry("a"), bare], "WARNING": [entry("c")]}});
    for text in [dump.to_string(), pretty(&dump, b"  ")] {
        let seen = check(text, &ABC, &[]);
        let severities: Vec<String> = seen
            .entries
            .iter()
            .map(|(_, text)| parse_record(text.as_bytes(), |entry| entry.severity.to_string()).unwrap())
            .collect();
        assert_eq!(severities, ["ERROR", "INFO", "WARNING"]);
        assert_eq!(seen.reports[0].format, "entries grouped by severity");
    }
}

#[test]
fn pubsub_envelopes() {
    use base64::Engine;
    let data = |id: &str| base64::engine::general_purpose::STANDARD.encode(entry(id).to_string());
    let push = |id: &str| serde_json::json!({"message": {"data": data(id), "messageId": "1"}, "subscription": "s"});
    check(format!("{}\n{}\n", push("a"), push("b")), &["a", "b"], &[]);
    check(pretty(&serde_json::json!([push("a"), push("b")]), b"  "), &["a", "b"], &[]);
    check(serde_json::json!({"data": data("a"), "messageId": "1"}).to_string(), &["a"], &[]);
    let pulled = serde_json::json!({"receivedMessages": [{"ackId": "1", "message": {"data": data("a")}}]});
    check(pulled.to_string(), &["a"], &[]);
    check(pretty(&pulled, b"  "), &["a"], &[]);
    let odd = serde_json::json!({"message": {"data": "aGVsbG8=", "messageId": "1"}});
    check(format!("{}\n{odd}\n", push("a")), &["a"], &["not a log entry"]);
}

#[test]
fn odd_fields_are_read_leniently() {
    let facts = |text: &str| {
        parse_record(text.as_bytes(), |entry| {
            let payload = format!("{:?}", entry.payload);
            let kind = payload.split(['(', ' ']).next().unwrap_or_default().to_owned();
            format!("{} {} {:?} {kind}", entry.severity, entry.insert_id, entry.timestamp.map(|time| time.to_string()))
        })
        .unwrap()
    };
    for (record, wanted) in [
        (
            r#"{"severity":"error","insertId":"a","timestamp":"2025-09-14T03:01:24Z","textPayload":"x"}"#,
            "ERROR a Some(\"2025-09-14T03:01:24Z\") Text",
        ),
        (
            r#"{"severity":500,"insert_id":"a","timestamp":"2025-09-14T03:01:24+00:00","json_payload":{}}"#,
            "ERROR a Some(\"2025-09-14T03:01:24Z\") Json",
        ),
        (
            r#"{"severity":200.0,"insertid":"a","timestamp":"2025-09-14 03:01:24 UTC","protopayload_auditlog":{}}"#,
            "INFO a Some(\"2025-09-14T03:01:24Z\") Proto",
        ),
        (
            r#"{"severity":"400","insertId":null,"timestamp":"now","jsonPayload":null,"textPayload":"x"}"#,
            "WARNING  None Text",
        ),
        (
            r#"{"severity":"loud","httpRequest":{"status":500},"timestamp":{"seconds":"1","nanos":5}}"#,
            "DEFAULT  Some(\"1970-01-01T00:00:01.000000005Z\") None",
        ),
        (
            r#"{"severity":"INFO","severity":"ERROR","insertId":"a","insertId":"b","jsonPayload":{"textPayload":"no"}}"#,
            "ERROR b None Json",
        ),
    ] {
        assert_eq!(facts(record), wanted, "{record}");
    }
    assert!(parse_record(br#"{"a":1}"#, |_| ()).is_err());
    assert!(parse_record(b"[]", |_| ()).is_err());
}

#[test]
fn what_is_no_export_is_named() {
    let named = |bytes: &[u8], what: &str| {
        let seen = read(bytes);
        assert!(seen.entries.is_empty() && seen.skips.is_empty(), "{seen:?}");
        let skips = seen.file_skips();
        assert!(skips.len() == 1 && skips[0].contains(what), "{what}: {skips:?}");
        assert!(skips[0].contains("gcloud logging read"));
    };
    named(b"insertId,logName,severity\na,b,c\nd,e,f\n", "CSV");
    named(b"TIMESTAMP            SEVERITY  TEXT\n2025-09-14T03:01:24  ERROR     it broke\n", "table for people");
    named(b"---\ninsertId: abc\nlogName: projects/p/logs/l\nresource:\n  labels:\n    a: b\n", "YAML");
    named(b"insertId: abc\nlogName: projects/p/logs/l\nseverity: ERROR\n---\ninsertId: b\n", "YAML");
    named(b"<!DOCTYPE html>\n<html><body>{\"error\": 1}</body></html>\n", "HTML");
    named(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR{", "PNG");
    named(
        b"{\"name\": \"x\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"version\": \"1\"}}}",
        "name, lockfileVersion, packages",
    );
    named(b"[1, 2, 3]", "JSON");
    named(&[0; 3000], "NUL");
    named(&(0..=255).cycle().take(5000).collect::<Vec<u8>>(), "binary");
    named(b"Sep 14 03:01:24 host app[1]: started\nSep 14 03:01:25 host app[1]: stopped\n", "plain text");
    named(b"BZh91AY&SY\x00", "bzip2");
    for (bytes, note) in
        [(&b""[..], "the file is empty"), (b" \n\n", "white space"), (b"[]\n", "empty array"), (b"[\n]\n", "")]
    {
        let seen = read(bytes);
        assert!(seen.entries.is_empty() && seen.skips.is_empty() && seen.file_skips().is_empty(), "{seen:?}");
        assert!(seen.all_notes().iter().any(|found| found.contains(note)), "{note} {seen:?}");
    }
}
