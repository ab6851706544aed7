//! A JSON value in, the same value with every secret replaced: the names of members say what their values are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};

use super::Redactor;
use super::accept::accepts_member;
use super::decode::{Spelling, View};
use super::find::is_end_of_key;
use super::list;
use super::mark::{mark, marks};
use super::names::{Class, class_of, identity_of};
use super::spans::{Span, replace, settle};

/// How deep a value is followed; what lies deeper is redacted as its text.
const DEEPEST: usize = 64;
/// Names of members that hold the value of what the name before them tells.
const HOLDING: &[&str] = &["value", "Value", "stringValue", "string_value", "plain", "plaintext", "plainText", "text"];
/// Names of members that name another member called `value`.
const NAMING: &[&str] = &["name", "key", "field", "header", "parameter", "param", "variable", "Name", "Key"];

/// Members that hold what an entry says; where that is the end of a key alone, the rest stands in entries beside it.
const MESSAGES: &[&str] = &["textPayload", "message", "msg", "log", "line"];

/// Members of a key in JSON (RFC 7517) that are private.
const KEY_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k"];

type Counts = BTreeMap<String, u64>;

/// What the name of the member, or of the one that holds this list, says.
#[derive(Clone, Copy)]
struct Telling<'n> {
    class: Class,
    kind: &'static str,
    name: &'n str,
}

/// Redacts a whole value.
pub(super) fn redact(redactor: &Redactor, value: &mut Value, counts: &mut Counts) {
    walk(redactor, value, None, counts, 0);
}

fn walk(redactor: &Redactor, value: &mut Value, telling: Option<Telling<'_>>, counts: &mut Counts, depth: usize) {
    if depth > DEEPEST {
        let text = value.to_string();
        *value = Value::String(redactor.redact(&text, counts).into_owned());
        return;
    }
    match value {
        Value::String(text) => {
            if let Some(redacted) = member(redactor, text, telling, counts) {
                *text = redacted;
            }
        }
        Value::Number(number) => {
            let text = number.to_string();
            if let Some(redacted) = member(redactor, &text, telling, counts) {
                *value = Value::String(redacted);
            }
        }
        Value::Array(items) => {
            list::redact(redactor, items, counts);
            for item in items {
                walk(redactor, item, telling, counts, depth + 1);
            }
        }
        Value::Object(members) => object(redactor, members, telling, counts, depth),
        Value::Null | Value::Bool(_) => {}
    }
}

fn object(
    redactor: &Redactor,
    members: &mut Map<String, Value>,
    held: Option<Telling<'_>>,
    counts: &mut Counts,
    depth: usize,
) {
    if members.get("kind").and_then(Value::as_str) == Some("Secret") {
        kubernetes(redactor, members, counts);
    }
    if members.get("kty").is_some_and(Value::is_string) {
        private_members(redactor, members, KEY_MEMBERS.iter().copied(), "private_key", counts);
    }
    // `{"name": "DB_PASSWORD", "value": "..."}`, as environment variables and headers are listed.
    let named = NAMING.iter().find_map(|naming| members.get(*naming)?.as_str().map(str::to_owned));
    // A mark names the kind of a value, and promises none.
    let named = named.filter(|named| marks(named).is_empty());
    let mut renamed = false;
    for (name, value) in members.iter_mut() {
        let says = if matches!(name.as_str(), "value" | "Value") { named.as_deref().unwrap_or(name) } else { name };
        let telling = class_of(says)
            .or_else(|| redactor.is_strict().then(|| identity_of(says)).flatten())
            .map(|(class, kind)| Telling { class, kind, name: says })
            .or(held.filter(|_| HOLDING.contains(&name.as_str())));
        if let Value::String(text) = value
            && MESSAGES.contains(&name.as_str())
            && is_end_of_key(text.trim())
        {
            *counts.entry("key_material".to_owned()).or_default() += 1;
            *text = redactor.hide("key_material", text);
        }
        walk(redactor, value, telling.filter(|telling| telling.class != Class::Query), counts, depth + 1);
        renamed |= !is_plain_name(name) && redactor.detects(name);
    }
    if renamed {
        rename(redactor, members, counts);
    }
}

/// The values of a Kubernetes secret, whatever their names.
fn kubernetes(redactor: &Redactor, members: &mut Map<String, Value>, counts: &mut Counts) {
    for part in ["data", "stringData"] {
        let Some(Value::Object(values)) = members.get_mut(part) else { continue };
        let names: Vec<String> = values.keys().cloned().collect();
        private_members(redactor, values, names.iter().map(String::as_str), "secret", counts);
    }
}

/// Values that are secret because of what holds them.
fn private_members<'n>(
    redactor: &Redactor,
    members: &mut Map<String, Value>,
    names: impl Iterator<Item = &'n str>,
    kind: &'static str,
    counts: &mut Counts,
) {
    for name in names {
        let Some(Value::String(text)) = members.get_mut(name) else { continue };
        let telling = Telling { class: Class::Password, kind, name };
        if let Some(redacted) = member(redactor, text, Some(telling), counts) {
            *text = redacted;
        }
    }
}

/// JSON with the strings and names in it redacted by what they say themselves, as they are and as outputs show them.
pub(super) fn sweep<'t>(
    redactor: &Redactor,
    json: &'t str,
    spellings: &[Spelling],
    counts: &mut Counts,
) -> Cow<'t, str> {
    let mut swept = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(string) = string_behind(json, at) {
        at = string.end;
        let written = json.get(string.clone()).unwrap_or_default();
        let inner = json.get(string.start + 1..string.end - 1).unwrap_or_default();
        if json.as_bytes().get(at) == Some(&b':') && is_plain_name(inner) {
            continue;
        }
        let spelled = if inner.contains('\\') { serde_json::from_str::<String>(written).ok() } else { None };
        let text = spelled.as_deref().unwrap_or(inner);
        let mut redacted = redactor.redact(text, counts);
        // Most strings say nothing more as they are written.
        if spelled.is_some() && (matches!(redacted, Cow::Owned(_)) || !redactor.seen_in_field(inner).is_empty()) {
            hide_as_shown(redactor, &mut redacted, escaped, counts);
        }
        if !redacted.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')) {
            // What the first of them leaves as it is, the others do as well.
            let _ = spellings.iter().all(|spelling| hide_as_shown(redactor, &mut redacted, *spelling, counts));
        }
        if let Cow::Owned(redacted) = redacted {
            swept.push_str(json.get(done..string.start).unwrap_or_default());
            swept.push_str(&Value::String(redacted).to_string());
            done = at;
        }
    }
    if done == 0 {
        return Cow::Borrowed(json);
    }
    swept.push_str(json.get(done..).unwrap_or_default());
    Cow::Owned(swept)
}

/// Replaces what looks like a secret only as an output spells it; whether that spells anything. The leak gate sees it so,
/// and one string of a stranger must not keep the rest from being shown.
fn hide_as_shown(redactor: &Redactor, text: &mut Cow<'_, str>, spelling: Spelling, counts: &mut Counts) -> bool {
    let Some(view) = View::spelled(text, spelling) else { return false };
    let origin = |span: Span| Span { range: view.origin(&span.range), ..span };
    let spans = settle(redactor.seen_in_field(&view.text).into_iter().map(origin).collect(), &marks(text));
    if !spans.is_empty() {
        *text = Cow::Owned(replace(text, &spans, counts));
    }
    true
}

/// How JSON writes what cannot stand in a string.
fn escaped(letter: char) -> Option<Cow<'static, str>> {
    Some(match letter {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\0'..='\x1f' => format!("\\u{:04x}", u32::from(letter)).into(),
        _ => return None,
    })
}

/// Where the next string of some JSON stands, with its quotes.
fn string_behind(json: &str, from: usize) -> Option<Range<usize>> {
    let bytes = json.as_bytes();
    let start = from + memchr::memchr(b'"', bytes.get(from..)?)?;
    let mut end = start + 1;
    loop {
        end += memchr::memchr2(b'"', b'\\', bytes.get(end..)?)?;
        if bytes.get(end) == Some(&b'"') {
            return Some(start..end + 1);
        }
        end += 2;
    }
}

fn rename(redactor: &Redactor, members: &mut Map<String, Value>, counts: &mut Counts) {
    *members = std::mem::take(members)
        .into_iter()
        .map(|(name, value)| (redactor.redact(&name, counts).into_owned(), value))
        .collect();
}

/// Whether a name is too short and too plain to hold anything.
fn is_plain_name(name: &str) -> bool {
    name.len() < 16 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// The text of a member redacted, or `None` if it stays.
fn member(redactor: &Redactor, text: &str, telling: Option<Telling<'_>>, counts: &mut Counts) -> Option<String> {
    if redactor.is_off() {
        return None;
    }
    if let Some(telling) = telling {
        // `Bearer x` keeps its scheme: the rules know it better than the name does.
        let assigned = format!("\"{}\": {}", telling.name, Value::String(text.to_owned()));
        let scheme = text.split_once(' ').is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric))
            || telling.name.to_ascii_lowercase().contains("cookie");
        if !scheme
            && marks(text).is_empty()
            && !redactor.allows(text)
            && accepts_member(telling.class, telling.name, text)
        {
            // An address or a card keeps its own kind, a vendor's key likewise.
            if let Some(kind) = redactor.kind_of(text) {
                *counts.entry(kind.clone()).or_default() += 1;
                return Some(mark(&kind, text));
            }
            *counts.entry(telling.kind.to_owned()).or_default() += 1;
            return Some(mark(telling.kind, text));
        }
        if scheme && redactor.detects(&assigned) {
            let mut inner = Counts::new();
            let redacted = redactor.redact(&assigned, &mut inner).into_owned();
            let value: Option<Value> = redacted
                .strip_prefix(&format!("\"{}\": ", telling.name))
                .and_then(|rest| serde_json::from_str(rest).ok());
            if let Some(Value::String(value)) = value {
                for (kind, count) in inner {
                    *counts.entry(kind).or_default() += count;
                }
                return (value != text).then_some(value);
            }
        }
    }
    match redactor.redact(text, counts) {
        Cow::Borrowed(_) => None,
        Cow::Owned(redacted) => Some(redacted),
    }
}
