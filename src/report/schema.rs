//! The model's types in, the JSON Schema of the result out.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::model::Worklog;

/// The JSON Schema (draft 2020-12) of what `--format json` prints; descriptions are the model's own.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Worklog>();
    schema.insert("title".into(), "The result of log-gardener".into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described_and_required() {
        let schema = schema();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(schema["required"].as_array().unwrap().len(), properties.len(), "no field is ever missing");
        for (name, field) in properties {
            assert!(field["description"].is_string(), "{name}");
        }
    }
}
