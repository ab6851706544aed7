//! `show`: a saved result and a cluster's name in, the cluster in full out.

use log_gardener::collect::parse_record;
use log_gardener::error::{Error, Result};
use log_gardener::model::{Cluster, Worklog};
use log_gardener::query::Query;
use log_gardener::report::{self, Templates, visible_json};

use super::args::Show;
use super::flags::Format;
use super::outcome::Outcome;
use super::selection::read_filter;
use super::{files, print};

/// Shows one cluster.
pub fn run(command: &Show, quiet: bool) -> Result<Outcome> {
    let filter = command.entries.as_deref().map(|filter| read_filter("--entries", filter, quiet)).transpose()?;
    let worklog = files::read_model(&command.model)?;
    let cluster = find(&worklog, &command.id)?;
    if let Some(filter) = filter {
        return print(&entries(cluster, &filter));
    }
    if command.format == Format::Json {
        return print(&visible_json(format!("{:#}\n", serde_json::to_value(cluster).unwrap_or_default())));
    }
    let templates = Templates::embedded();
    print(&templates.render_cluster("worklog-cluster.md", &templates.view(&worklog), cluster)?)
}

/// The sample and context entries that match, one JSON line each.
fn entries(cluster: &Cluster, filter: &Query) -> String {
    let samples = cluster.samples.iter().map(|sample| &sample.entry);
    let context = cluster.context.iter().map(|neighbour| &neighbour.entry);
    let mut lines = String::new();
    for entry in samples.chain(context) {
        let line = visible_json(entry.as_str().to_owned());
        if parse_record(line.as_bytes(), |entry| filter.matches(entry)) == Ok(true) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    lines
}

fn find<'w>(worklog: &'w Worklog, id: &str) -> Result<&'w Cluster> {
    let named = |cluster: &&Cluster| {
        cluster.id.eq_ignore_ascii_case(id)
            || cluster.number.to_string() == id
            || cluster.fingerprints.iter().any(|fingerprint| fingerprint.to_string() == id)
    };
    worklog.clusters.iter().find(named).ok_or_else(|| Error::Usage {
        what: "cluster".to_owned(),
        detail: format!(
            "{} is none of the {} clusters; name one by number (1), id (LG-...) or fingerprint (lg1:...)",
            report::visible(id),
            worklog.clusters.len()
        ),
    })
}
