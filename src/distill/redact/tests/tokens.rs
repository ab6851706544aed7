//! Secrets that only what stands beside them tells: tokens within a word, members of a key, notations of values.

use super::*;

/// Whether a part of a text is hidden, and all else of it stays.
fn hides_only(before: &str, secret: &str, after: &str) -> bool {
    let text = format!("{before}{secret}{after}");
    let found = on().find(&text);
    found.len() == 1 && found[0].range == (before.len()..before.len() + secret.len())
}

#[test]
fn tokens_start_within_words_where_random_letters_follow() {
    let random = fill("~b62:36");
    for (start, token) in
        [("w", "sk_live_"), ("31m", "ghp_"), ("my_", "glpat-"), ("über", "github_pat_"), ("x9", "npm_")]
    {
        assert!(hides_only(start, &format!("{token}{random}"), " refused"), "{start}{token}");
    }
    for text in [
        "risk_live_order_score_12 computed",
        "task_test_2f7c1e9ab3d04856a1c2e3f405968778 done",
        "disk-proj-4c1e9ab3d04856a1c2e3 attached",
        "monkey-2f7c1e9ab3d04856a1c2e3f405968778 seen",
        "half_2f7c1e9ab3d04856a1c2e3f4059687",
        "ESG.payments.latencyOfOrdersAtNight12",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn private_members_of_a_key_in_json_are_hidden_and_public_ones_stay() {
    let (public, private) = (fill("~url:86"), fill("~url:43"));
    let mut value = serde_json::json!({"jwk": {"kty": "EC", "crv": "P-256", "x": public, "d": private, "kid": "key-7"}, "d": public});
    on().redact_json(&mut value, &mut BTreeMap::new());
    assert!(value["jwk"]["d"].as_str().unwrap().starts_with("<private_key:"), "{value}");
    assert_eq!((&value["jwk"]["x"], &value["d"]), (&public.clone().into(), &public.into()));
    assert_eq!((&value["jwk"]["crv"], &value["jwk"]["kid"]), (&"P-256".into(), &"key-7".into()));
}

#[test]
fn values_in_more_notations_and_beside_parameters() {
    let secret = ["hsC8$2", "Diit9x"].concat();
    for (before, after) in [
        ("Driver={ODBC Driver 18};UID=app;PWD={", "};Encrypt=yes"),
        ("A temporary password is generated for root@localhost: ", ""),
    ] {
        let hidden = redacted(&format!("{before}{secret}{after}"));
        assert!(!hidden.contains(&secret) && hidden.starts_with(before.trim_end_matches('{')), "{hidden}");
    }
    for text in [
        "password={password}, user={user}",
        "password={0}",
        "A new password is generated for user: bob-smith7 tomorrow",
        "password was reset for user: bob-smith7",
    ] {
        assert_eq!(redacted(text), text);
    }
    let nonce = fill("~hex:32");
    let header = format!("Authorization: Digest username=\"bob\", realm=\"r\", uri=\"/x\", response=\"{nonce}\"");
    let hidden = redacted(&header);
    assert!(
        hidden.starts_with("Authorization: Digest username=\"bob\", realm=\"r\"") && !hidden.contains(&nonce),
        "{hidden}"
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test of time bounds measures time")]
fn texts_made_to_look_far_back_cost_little() {
    for part in ["-----END RSA ", "-----END PRIVATE KEY----- ", "1234 is your x ", "\"d\":\"Ab1cdefghijklmnopqrstuv\" "]
    {
        let text = part.repeat(200_000 / part.len());
        let started = std::time::Instant::now();
        redacted(&text);
        assert!(started.elapsed().as_secs() < 20, "{part}: {:?}", started.elapsed());
    }
}
