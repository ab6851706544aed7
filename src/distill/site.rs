//! A reading in, the place in the code out that it comes from.

use super::reading::Reading;
use super::standing::{Id, Table};

/// Where entries come from in the code.
pub(super) struct Site {
    /// Module, function and line as the entry says them, with tabs between; empty where it says nothing.
    pub(super) location: String,
    /// Module of the statement.
    pub(super) module: String,
    /// Function of the statement.
    pub(super) function: String,
}

/// The number of a reading's site.
pub(super) fn id(sites: &mut Table<Site>, reading: &Reading<'_>) -> Id<Site> {
    let (module, function) = statement(reading);
    let names = [reading.module, reading.function, reading.line, module, function];
    sites.id(names.into_iter(), || {
        let says = !(reading.module.is_empty() && reading.function.is_empty());
        let location = [reading.module, reading.function, reading.line].join("\t");
        Site {
            location: if says { location } else { String::new() },
            module: module.to_owned(),
            function: function.to_owned(),
        }
    })
}

/// Where the statement stands that wrote the entry: what it says beside its text, or its logger behind a wrapper frame.
pub(super) fn statement<'a>(reading: &Reading<'a>) -> (&'a str, &'a str) {
    if reading.wrapper || reading.in_text || (reading.module.is_empty() && reading.function.is_empty()) {
        (reading.logger, "")
    } else {
        (reading.module, reading.function)
    }
}
