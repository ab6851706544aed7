//! Any record, and what holds of it.

use super::*;
use proptest::prelude::*;

fn any_json() -> impl Strategy<Value = Json> {
    let keys = prop::sample::select(vec![
        "message",
        "error",
        "context",
        "labels",
        "line",
        "traceback",
        "status",
        "httpRequest",
        "methodName",
        "fields",
        "record",
        "event",
        "level",
        "requestUrl",
        "x",
        "é",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "\\PC{0,40}".prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((keys.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read(payload in any_json(), labels in any_json(), http in any_json(), kind in prop::sample::select(vec!["jsonPayload", "protoPayload", "textPayload"])) {
        let record = json!({kind: payload, "labels": labels, "httpRequest": http, "sourceLocation": labels});
        with(&record, |entry| {
            let reading = read(entry);
            prop_assert!(!reading.text.trim().is_empty() || reading.kind == Empty);
            let _ = detail(entry);
            Ok(())
        })?;
    }
}
