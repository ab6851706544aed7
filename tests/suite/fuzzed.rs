//! The bodies of the fuzz targets, run on texts made of what breaks parsers.

use proptest::prelude::*;

#[path = "../../fuzz/bodies.rs"]
mod bodies;

/// Pieces of dumps, filters, rules, marks, templates and hostile text.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            "\"",
            ",",
            ":",
            "\n",
            "\\",
            "\\u0000",
            "\\ud83d",
            "null",
            "1e400",
            "-0",
            "\"insertId\":\"a\"",
            "\"textPayload\":\"b\"",
            "\"severity\":\"ERROR\"",
            "{\"insertId\":\"x\"}\n",
            "\u{1b}[31m",
            "\u{202e}",
            "&lt;",
            "%25",
            "{{ 7*7 }}",
            "{% include \"../x\" %}",
            "```",
            "<script>",
            "=cmd|",
            "@user",
            "#12",
            "password=",
            "Bearer ",
            "eyJhbGciOiJ9.",
            "<email:0a1b>",
            "a@b.org",
            "AND",
            " OR ",
            "NOT ",
            "(",
            ")",
            "=~",
            "severity>=",
            "labels.\"a\"",
            "timestamp>\"2025\"",
            "[[rule]]\n",
            "match = ",
            "'''",
            "\r\n",
            "\u{feff}",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
        "[a-zA-Z0-9+/=_. -]{0,40}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn splitting(data in pieces()) {
        bodies::splitting(&data);
    }

    #[test]
    fn parsing(data in pieces()) {
        bodies::parsing(&data);
    }

    #[test]
    fn masking(data in pieces()) {
        bodies::masking(&data);
    }

    #[test]
    fn redaction(data in pieces()) {
        bodies::redaction(&data);
    }

    #[test]
    fn query(data in pieces()) {
        bodies::query(&data);
    }

    #[test]
    fn rules(data in pieces()) {
        bodies::rules(&data);
    }

    #[test]
    fn digest(data in pieces()) {
        bodies::digest(&data);
    }

    #[test]
    fn rendering(data in pieces()) {
        bodies::rendering(&data);
    }
}

/// What fuzzing found.
#[test]
fn texts_that_broke_a_promise_once() {
    bodies::parsing(br#"{"insertId":"a","textPayload":"one","textpayload":"two","insert_id":"b"}"#);
}
