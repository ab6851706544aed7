//! Nothing in, a worklog out that has something in every section: for checking templates, documents and tests.

use crate::model::Worklog;

/// The example of `templates check`; made by hand, so no real name or secret stands in it.
pub fn worklog() -> Worklog {
    serde_json::from_str(include_str!("../../templates/example.json")).unwrap_or_default()
}
