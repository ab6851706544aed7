//! The model's types in, the JSON Schema of the result out.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::model::{Inspection, Worklog};

/// The JSON Schema (draft 2020-12) of what `analyze --format json` prints; descriptions are the model's own.
pub fn schema() -> Value {
    titled::<Worklog>("The result of log-gardener")
}

/// The JSON Schema of what `inspect --format json` prints.
pub fn inspection_schema() -> Value {
    titled::<Inspection>("What log-gardener sees in an export")
}

fn titled<T: JsonSchema>(title: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".into(), title.into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described_and_required() {
        for schema in [schema(), inspection_schema()] {
            let properties = schema["properties"].as_object().unwrap();
            assert_eq!(schema["required"].as_array().unwrap().len(), properties.len(), "no field is ever missing");
            for (name, field) in properties {
                assert!(field["description"].is_string(), "{name}");
            }
        }
    }
}
