//! Entries of a copy one after the other in, the lines of private keys that were logged line by line gone from them out.

use std::collections::BTreeMap;

use log_gardener::distill::Redactor;
use serde_json::Value;

/// So many texts behind the last line of a key belong to it at most.
const LONGEST_KEY: usize = 200;
/// So many sources are followed at a time.
const MOST_SOURCES: usize = 4_096;

/// Keys that were begun and have not ended, by the source of their lines.
#[derive(Debug, Default)]
pub struct KeyLines(BTreeMap<String, Open>);

/// A key that was begun: by its first line or, where the newest entry comes first, by its last.
#[derive(Debug)]
struct Open {
    backwards: bool,
    left: usize,
}

impl KeyLines {
    /// Hides lines of keys in an entry whose other secrets are gone.
    pub fn redact(&mut self, redactor: &Redactor, entry: &mut Value, counts: &mut BTreeMap<String, u64>) {
        let source = format!("{} {}", text_of(entry.get("logName")), text_of(entry.get("resource")));
        for payload in ["textPayload", "jsonPayload", "protoPayload"] {
            if let Some(payload) = entry.get_mut(payload) {
                self.walk(redactor, &source, payload, counts);
            }
        }
    }

    fn walk(&mut self, redactor: &Redactor, source: &str, value: &mut Value, counts: &mut BTreeMap<String, u64>) {
        match value {
            Value::String(text) => {
                if self.takes(source, text) {
                    *counts.entry("private_key".to_owned()).or_default() += 1;
                    *text = redactor.hide("private_key", text);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(redactor, source, item, counts)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.walk(redactor, source, member, counts));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Whether a text is a line of the key that is open.
    fn takes(&mut self, source: &str, text: &str) -> bool {
        if text.contains("PRIVATE KEY") {
            let (begins, ends) = (text.contains("-----BEGIN "), text.contains("-----END "));
            if begins != ends {
                let closes = self.0.remove(source).is_some_and(|open| open.backwards == begins);
                if !closes && self.0.len() < MOST_SOURCES {
                    self.0.insert(source.to_owned(), Open { backwards: ends, left: LONGEST_KEY });
                }
            }
            return false;
        }
        let Some(open) = self.0.get_mut(source) else { return false };
        if open.left == 0 {
            self.0.remove(source);
            return false;
        }
        open.left -= 1;
        is_base64_line(text.trim())
    }
}

/// Whether a text may be a line of a key; the last one is short.
fn is_base64_line(line: &str) -> bool {
    let any = |is: fn(&u8) -> bool| line.as_bytes().iter().any(is);
    let formed = any(u8::is_ascii_uppercase) && any(u8::is_ascii_digit);
    line.len().is_multiple_of(4)
        && (4..=76).contains(&line.len())
        && (line.len() >= 16 || line.ends_with('=') || formed)
        && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

fn text_of(value: Option<&Value>) -> String {
    value.map(Value::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use log_gardener::distill::{Policy, UserRules};
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_of_a_key_are_hidden_in_either_order() {
        let redactor = Redactor::new(Policy::On, &UserRules::default()).unwrap();
        let lines = [
            "-----BEGIN PRIVATE KEY-----",
            "MIIEvQIBADANBgkqhkiG9w0B",
            "connected to db",
            "Q3k9aZ==",
            "-----END PRIVATE KEY-----",
            "Zm9vYmFyMTIz",
        ];
        let shown = |backwards: bool| {
            let (mut keys, mut lines) = (KeyLines::default(), lines.to_vec());
            if backwards {
                lines.get_mut(..5).unwrap().reverse();
            }
            let one = |line: &str| {
                let mut entry = json!({"logName": "a", "textPayload": line});
                keys.redact(&redactor, &mut entry, &mut BTreeMap::new());
                entry["textPayload"].as_str().unwrap().to_owned()
            };
            lines.into_iter().map(one).collect::<Vec<String>>().join("\n")
        };
        for backwards in [false, true] {
            let text = shown(backwards);
            assert!(!text.contains("MIIE") && !text.contains("Q3k9"), "{text}");
            assert!(text.contains("connected to db") && text.ends_with("Zm9vYmFyMTIz"), "{text}");
        }
    }
}
