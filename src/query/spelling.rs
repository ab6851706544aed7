//! A record as clients and exports spell it in, the same record with the names that filters use out.

use serde_json::{Map, Value};

use super::evaluate::is_same_name;
use super::fields::{ENTRY, Kind, Schema};

/// Gives the fields of a LogEntry Google's names, where the Python client or BigQuery wrote others; what people name,
/// in payloads and labels, stays.
pub fn respell(record: &mut Value) {
    respell_as(record, ENTRY);
}

fn respell_as(value: &mut Value, schemas: &'static [Schema]) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| respell_as(element, schemas)),
        Value::Object(members) => {
            let is_spelled = |name: &String| schema_of(schemas, name).is_none_or(|schema| schema.name == name);
            if !members.keys().all(is_spelled) {
                *members = renamed(std::mem::take(members), schemas);
            }
            for (name, member) in members {
                if let Some(Kind::Message(inner)) = schema_of(schemas, name).map(|schema| schema.kind) {
                    respell_as(member, inner);
                }
            }
        }
        _ => {}
    }
}

fn renamed(members: Map<String, Value>, schemas: &'static [Schema]) -> Map<String, Value> {
    let mut spelled = Map::new();
    for (name, member) in members {
        let schema = schema_of(schemas, &name).map(|schema| schema.name.to_owned());
        // Two spellings of one field in one record stay as they are.
        let name = schema.filter(|new| !spelled.contains_key(new)).unwrap_or(name);
        spelled.insert(name, member);
    }
    spelled
}

/// The schema of a field, whoever spelled its name.
fn schema_of(schemas: &'static [Schema], name: &str) -> Option<&'static Schema> {
    let is_lower = !name.bytes().any(|letter| letter.is_ascii_uppercase());
    // BigQuery names the columns of typed payloads after their type: `protopayload_auditlog`.
    let typed = |schema: &Schema| {
        matches!(schema.name, "jsonPayload" | "protoPayload")
            && name
                .split_once('_')
                .is_some_and(|(start, kind)| start.eq_ignore_ascii_case(schema.name) && !kind.is_empty())
    };
    let exact = schemas.iter().find(|schema| schema.name == name);
    exact.or_else(|| schemas.iter().find(|schema| (is_lower && is_same_name(schema.name, name)) || typed(schema)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_get_the_names_that_filters_use() {
        let mut record = json!({
            "logname": "l", "insert_id": "i", "httprequest": {"requestmethod": "GET", "remote_ip": "::1", "Own": 1},
            "jsonpayload": {"username": "a"}, "labels": {"log_name": "x"}, "thud": 1,
            "resource": {"type": "t", "labels": {"service_name": "s"}},
        });
        respell(&mut record);
        let expected = json!({
            "logName": "l", "insertId": "i", "httpRequest": {"requestMethod": "GET", "remoteIp": "::1", "Own": 1},
            "jsonPayload": {"username": "a"}, "labels": {"log_name": "x"}, "thud": 1,
            "resource": {"type": "t", "labels": {"service_name": "s"}},
        });
        assert_eq!(record, expected);
        let mut typed = json!({"protopayload_auditlog": {"methodname": "m"}, "jsonPayload_v1_thing": {"a": 1}});
        respell(&mut typed);
        assert_eq!(typed, json!({"protoPayload": {"methodname": "m"}, "jsonPayload": {"a": 1}}));
        let mut twice = json!({"logName": "a", "log_name": "b"});
        respell(&mut twice);
        assert_eq!(twice, json!({"logName": "a", "log_name": "b"}));
    }
}
