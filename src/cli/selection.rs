//! Filter flags in, one query out.

use log_gardener::error::{Error, Result};
use log_gardener::model::Timestamp;
use log_gardener::query::Query;

use super::args::Selection;
use super::outcome::say;

/// The query of all filter flags together; mistakes are shown with their place, traps as warnings.
pub fn query(selection: &Selection, quiet: bool) -> Result<Query> {
    let mut query = Query::everything();
    if let Some(filter) = &selection.filter {
        let (parsed, traps) = Query::parse(filter).map_err(|error| Error::Usage {
            what: "--filter".to_owned(),
            detail: format!("\n{}", error.render(filter)),
        })?;
        if !quiet {
            for trap in traps {
                say(&format!("log-gardener: warning: {}", trap.text));
            }
        }
        query = query.and(parsed);
    }
    if let Some(service) = &selection.service {
        query = query.and(Query::service(service));
    }
    if let Some(since) = &selection.since {
        query = query.and(Query::since(time("--since", since)?));
    }
    if let Some(until) = &selection.until {
        query = query.and(Query::until(time("--until", until)?));
    }
    Ok(query)
}

/// `--now`, if it was given.
pub fn now(selection: &Selection) -> Result<Option<Timestamp>> {
    selection.now.as_deref().map(|text| time("--now", text)).transpose()
}

fn time(flag: &str, text: &str) -> Result<Timestamp> {
    Timestamp::parse(text).ok_or_else(|| Error::Usage {
        what: flag.to_owned(),
        detail: format!(
            "{text:?} is no time; write 2025-09-14T03:00:00Z, a date such as 2025-09-14, or a span such as 2h"
        ),
    })
}
