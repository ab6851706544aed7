//! A record that is no log entry in, the log entries that it carries out: Pub/Sub messages and pages of entries.

use base64::{Engine, alphabet, engine::GeneralPurpose, engine::general_purpose::GeneralPurposeConfig};

use crate::model::{Field, Value};

/// What a record without the fields of a log entry is.
pub(super) enum Inside {
    /// A message that carries one entry: its text.
    Message(Vec<u8>),
    /// An object that holds entries in a list.
    List,
    /// Neither.
    Nothing,
}

/// Standard or URL-safe characters are told apart by the text; padding is taken or left.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);

/// Looks into a record.
pub(super) fn look(record: Value<'_>) -> Inside {
    let message = record.get("message").filter(|message| message.is_object()).unwrap_or(record);
    if let Some(data) = message.text("data") {
        let alphabet = if data.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
        let decoded = GeneralPurpose::new(alphabet, LENIENT).decode(data.trim().as_bytes());
        if let Ok(text) = decoded
            && text.trim_ascii_start().first() == Some(&b'{')
        {
            return Inside::Message(text.trim_ascii().to_vec());
        }
    }
    let holds =
        |value: Value<'_>| value.elements().any(|element| element.is_object() && Field::all(element).next().is_some());
    let list = record.members().any(|(_, value)| holds(value) || value.members().any(|(_, value)| holds(value)));
    if list { Inside::List } else { Inside::Nothing }
}
