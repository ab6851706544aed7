//! What is shown of long entries: enough to see what they are, saying how much is gone.

use serde_json::{Map, Value};

/// Strings are cut behind so many characters; an entry may hold 256 KB.
const LONGEST_TEXT: usize = 8_192;

/// So many bytes of JSON are shown of an entry, give or take what tells that something is gone.
const LARGEST: usize = 16_384;

/// No member is cut to less than so many bytes: the last ones are left out instead.
const LEAST: usize = 256;

/// Marks of redacted values, `<kind:16 hex>`, are shorter.
const LONGEST_MARK: usize = 64;

/// The name of the member that tells how many others are left out.
const ELLIPSIS: &str = "…";

/// Cuts a long text.
pub(super) fn text(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        cut(text, end);
    }
}

/// Cuts long texts, then lists and objects of an entry that is still large.
pub(super) fn entry(entry: &mut Value) {
    texts(entry);
    fit(entry, LARGEST);
}

fn texts(value: &mut Value) {
    match value {
        Value::String(told) => text(told),
        Value::Array(elements) => elements.iter_mut().for_each(texts),
        Value::Object(members) => members.values_mut().for_each(texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Cuts a text at `end`, or before the mark of a redacted value that stands there: the tag of a part of one would not be
/// re-keyed.
fn cut(text: &mut String, end: usize) {
    let open = text.get(..end).and_then(|kept| kept.rfind('<')).filter(|open| end - open < LONGEST_MARK);
    let is_whole = |open: usize| text.get(open..end).is_some_and(|mark| mark.contains('>'));
    let end = open.filter(|open| !is_whole(*open)).unwrap_or(end);
    let gone = text.len() - end;
    text.truncate(end);
    text.push_str(" … (");
    text.push_str(&gone.to_string());
    text.push_str(" bytes more)");
    text.shrink_to_fit();
}

/// Makes a value take no more than `room` bytes, or little more: of a list the first elements stay, of an object all
/// members but the large ones.
fn fit(value: &mut Value, room: usize) {
    if size(value) <= room {
        return;
    }
    match value {
        Value::String(text) => {
            let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
            cut(text, end);
        }
        Value::Array(elements) => {
            if let Some(first) = elements.first_mut() {
                fit(first, room);
            }
            let kept = fitting(elements.iter().map(size), room).max(1);
            let gone = elements.len().saturating_sub(kept);
            if gone > 0 {
                elements.truncate(kept);
                elements.shrink_to_fit();
                elements.push(Value::String(format!("… ({gone} more)")));
            }
        }
        Value::Object(members) => fit_members(members, room),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Small members stay whole, large ones share what is left; of very many the last are left out.
fn fit_members(members: &mut Map<String, Value>, room: usize) {
    let of = |(name, value): (&String, &Value)| name.len() + 4 + size(value);
    let mut sizes: Vec<usize> = members.iter().map(of).collect();
    sizes.sort_unstable();
    let (mut left, mut share) = (room, room);
    for (place, size) in sizes.iter().enumerate() {
        share = left / (sizes.len() - place);
        if *size > share {
            break;
        }
        left -= size;
    }
    for (name, value) in members.iter_mut() {
        fit(value, share.saturating_sub(name.len() + 4).max(LEAST));
    }
    let kept = fitting(members.iter().map(of), room + room / 2).max(1);
    let gone = members.len().saturating_sub(kept);
    if gone > 0 {
        *members = std::mem::take(members).into_iter().take(kept).collect();
        members.insert(ELLIPSIS.to_owned(), Value::String(format!("{gone} more")));
    }
}

/// How many of the first parts take no more than `room` bytes.
fn fitting(sizes: impl Iterator<Item = usize>, room: usize) -> usize {
    let mut taken = 0;
    sizes
        .take_while(|size| {
            taken += size + 1;
            taken <= room
        })
        .count()
}

/// About so many bytes a value takes as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(elements) => 2 + elements.iter().map(|element| size(element) + 1).sum::<usize>(),
        Value::Object(members) => 2 + members.iter().map(|(name, value)| name.len() + 4 + size(value)).sum::<usize>(),
        Value::Number(number) => number.as_str().len(),
        Value::Null | Value::Bool(_) => 4,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn small_members_stay_and_large_ones_share_the_room() {
        let pods: Vec<Value> = (0..2_000).map(|pod| json!({"name": format!("pod-{pod}"), "ready": true})).collect();
        let trace = "at f (a.js:1:2)\n".repeat(400);
        let mut value = json!({
            "insertId": "a1", "severity": "ERROR",
            "jsonPayload": {"message": "no room", "pods": pods, "trace": trace, "code": 12},
        });
        entry(&mut value);
        assert_eq!((&value["insertId"], &value["severity"]), (&json!("a1"), &json!("ERROR")));
        let payload = &value["jsonPayload"];
        assert_eq!((&payload["message"], &payload["code"]), (&json!("no room"), &json!(12)));
        assert_eq!(payload["trace"], json!(trace), "it takes less than its share");
        let shown = payload["pods"].as_array().unwrap();
        assert_eq!(shown[0], json!({"name": "pod-0", "ready": true}));
        assert_eq!(shown.last().unwrap(), &json!(format!("… ({} more)", 2_000 - (shown.len() - 1))));
        assert!((200..400).contains(&shown.len()), "{}", shown.len());
    }

    #[test]
    fn what_is_small_enough_stays_as_it_is() {
        let value = json!({"a": [1.5, null, {"b": "c".repeat(8_000)}], "d": {}});
        let mut shown = value.clone();
        entry(&mut shown);
        assert_eq!(shown, value);
    }

    #[test]
    fn marks_are_not_cut_in_two() {
        for before in 8_165..8_195 {
            let mut told = "x".repeat(before) + "<email:0123456789abcdef> and more";
            text(&mut told);
            let kept = told.split(" … (").next().unwrap();
            assert!(!kept.contains('<') || kept.contains("<email:0123456789abcdef>"), "{before}");
        }
    }

    #[test]
    fn of_very_many_members_the_first_stay() {
        let mut value: Value = (0..9_000).map(|at| (format!("name{at}"), json!(at))).collect::<Map<_, _>>().into();
        entry(&mut value);
        let members = value.as_object().unwrap();
        assert_eq!(members["name0"], json!(0));
        assert_eq!(members[ELLIPSIS], json!(format!("{} more", 9_000 - (members.len() - 1))));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "[aé\"]{0,3000}".prop_map(Value::from)];
        leaf.prop_recursive(5, 400, 40, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..40).prop_map(Value::from),
                prop::collection::vec(("[a-z]{0,9}", inner), 0..40)
                    .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_stays_much_larger_than_its_room(mut value in any_value()) {
            entry(&mut value);
            prop_assert!(size(&value) <= 2 * LARGEST, "{}", size(&value));
        }
    }
}
