//! Stage 5: a worklog in, files out.
//!
//! One view of the worklog ([`model::Worklog`](crate::model::Worklog) and what follows from it) feeds every template.
//! Text from logs is escaped by the kind of output wherever a template prints it; see `filters`.

mod blocks;
mod charts;
mod escape;
mod example;
mod filters;
mod inspection;
mod json;
mod moments;
mod pretty;
mod sample;
mod schema;
mod spread;
mod templates;
mod view;
mod visible;
mod words;
mod write;

pub use escape::slug;
pub use example::worklog as example;
pub use inspection::inspection;
pub use json::{to_json, to_json_by};
pub use schema::{inspection_schema, schema};
pub use spread::{Spread, Spreading};
pub use templates::{Complaint, Templates, is_about_a_cluster};
pub use view::View;
pub use visible::{SPELLINGS, visible, visible_block, visible_json};
pub use write::{Prepared, default_name, refuse_existing, write_atomically};

use crate::model::Worklog;

/// What a worklog can be written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// The worklog for people, in GitHub's Markdown.
    #[default]
    Markdown,
    /// One self-contained page.
    Html,
    /// The result itself.
    Json,
    /// A line for each cluster.
    Csv,
    /// One screen of plain text.
    Text,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Markdown, Self::Html, Self::Json, Self::Csv, Self::Text];

    /// The ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "txt",
        }
    }

    /// The template that makes it; JSON needs none.
    pub fn template(self) -> Option<&'static str> {
        match self {
            Self::Markdown => Some("worklog.md"),
            Self::Html => Some("worklog.html"),
            Self::Json => None,
            Self::Csv => Some("clusters.csv"),
            Self::Text => Some("summary.txt"),
        }
    }

    /// Writes a worklog in this format.
    pub fn render(self, templates: &Templates, worklog: &Worklog) -> crate::error::Result<String> {
        match self.template() {
            Some(name) => templates.render(name, worklog),
            None => Ok(to_json_by(worklog, templates.spreading())),
        }
    }
}
