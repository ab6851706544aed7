//! What a rule asks for and a cluster in, whether it holds out.

use crate::examine::words;
use crate::model::{Cluster, Digest, JsonText};
use crate::query::Query;

use super::Evaluate;
use super::matcher::{NumberTest, TextTest};

/// A cluster with the exemplars of all its patterns, as rules judge it.
pub struct Subject<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The redacted entries of its exemplars.
    pub entries: Vec<&'a JsonText>,
    /// Their messages.
    pub messages: Vec<&'a str>,
}

impl<'a> Subject<'a> {
    /// The cluster with the exemplars that the Digest keeps of its patterns, whatever number of samples it shows.
    pub fn new(cluster: &'a Cluster, digest: &'a Digest) -> Self {
        let patterns = cluster.fingerprints.iter().filter_map(|fingerprint| digest.patterns.get(fingerprint));
        let exemplars: Vec<_> = patterns.flat_map(|pattern| &pattern.exemplars).collect();
        Self {
            cluster,
            entries: exemplars.iter().filter_map(|exemplar| exemplar.entry.as_ref()).collect(),
            messages: exemplars.iter().map(|exemplar| exemplar.message.as_str()).collect(),
        }
    }
}

/// One condition of a rule.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// The key as it stands in the rule, with its `not_`.
    pub(super) key: String,
    pub(super) negated: bool,
    pub(super) test: Test,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    /// A query over the exemplars: of any of them, or of every one.
    Query { query: Box<Query>, written: String, every: bool },
    /// One of the texts of a field passes one of the tests.
    Text { field: TextField, tests: Vec<TextTest> },
    /// One of the figures of a field passes one of the tests.
    Number { field: NumberField, tests: Vec<NumberTest> },
}

/// What a cluster knows as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextField {
    Pattern,
    Message,
    Id,
    Fingerprint,
    Kind,
    Exception,
    ExceptionMessage,
    Module,
    Function,
    File,
    Service,
    Revision,
    Region,
    Log,
    Component,
    Severity,
    Category,
    State,
    Word,
    Trend,
    User,
    Route,
    Method,
    ErrorGroup,
}

/// What a cluster knows as figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberField {
    Severity,
    Line,
    Count,
    Share,
    RatePerHour,
    Users,
    Instances,
    Revisions,
    Services,
    Traces,
    Status,
}

impl Condition {
    /// Whether it can be judged from a single entry; the others need the whole of an archive.
    pub(super) fn is_about_content(&self) -> bool {
        match &self.test {
            Test::Query { .. } => true,
            Test::Text { field, .. } => {
                !matches!(field, TextField::State | TextField::Word | TextField::Trend | TextField::Id)
            }
            Test::Number { field, .. } => {
                matches!(field, NumberField::Severity | NumberField::Line | NumberField::Status)
            }
        }
    }

    /// Whether it holds for `subject`.
    pub(super) fn holds(&self, subject: &Subject<'_>, evaluate: Evaluate) -> bool {
        let found = match &self.test {
            Test::Query { query, every, .. } => {
                let judge = |entry: &&JsonText| evaluate(entry, query);
                if *every {
                    !subject.entries.is_empty() && subject.entries.iter().all(judge)
                } else {
                    subject.entries.iter().any(judge)
                }
            }
            Test::Text { field, tests } => {
                let texts = texts(*field, subject);
                tests.iter().any(|test| texts.iter().any(|text| test.holds(text)))
            }
            Test::Number { field, tests } => {
                let figures = figures(*field, subject.cluster);
                tests.iter().any(|test| figures.iter().any(|figure| test.holds(*figure)))
            }
        };
        found != self.negated
    }

    /// The condition as it stands, and what the cluster has in its place.
    pub(super) fn told(&self, subject: &Subject<'_>) -> String {
        let (written, found) = match &self.test {
            Test::Query { written, every, .. } => {
                let which = if *every { "every" } else { "any" };
                let exemplars = words::counted(subject.entries.len() as u64, "exemplar", "exemplars");
                (written.clone(), format!("{which} of {exemplars}"))
            }
            Test::Text { field, tests } => {
                let texts: Vec<String> =
                    texts(*field, subject).iter().take(3).map(|text| words::shorten(text, 80)).collect();
                (tests.iter().map(|test| test.written.as_str()).collect::<Vec<_>>().join(" | "), texts.join(" | "))
            }
            Test::Number { field, tests } => {
                let figures: Vec<String> =
                    figures(*field, subject.cluster).iter().take(5).map(f64::to_string).collect();
                (tests.iter().map(|test| test.written.as_str()).collect::<Vec<_>>().join(" | "), figures.join(", "))
            }
        };
        format!("{} = {written} (here: {})", self.key, if found.is_empty() { "nothing" } else { &found })
    }
}

fn texts(field: TextField, subject: &Subject<'_>) -> Vec<String> {
    let cluster = subject.cluster;
    let names = |names: &[crate::model::NameCount]| names.iter().map(|name| name.name.clone()).collect();
    let exception = cluster.exception.as_ref();
    let places = cluster.locations.iter().filter(|place| !place.wrapper);
    match field {
        TextField::Pattern => {
            let variants = cluster.variants.iter().map(|variant| variant.pattern.clone());
            std::iter::once(cluster.pattern.clone()).chain(variants).collect()
        }
        TextField::Message => subject.messages.iter().map(|message| (*message).to_owned()).collect(),
        TextField::Id => vec![cluster.id.clone()],
        TextField::Fingerprint => cluster.fingerprints.iter().map(ToString::to_string).collect(),
        TextField::Kind => vec![cluster.kind.clone()],
        TextField::Exception => {
            exception.iter().flat_map(|exception| exception.chain.iter().chain([&exception.kind])).cloned().collect()
        }
        TextField::ExceptionMessage => exception.iter().map(|exception| exception.message.clone()).collect(),
        TextField::Module => places.map(|place| place.module.clone()).collect(),
        TextField::Function => places.map(|place| place.function.clone()).collect(),
        TextField::File => {
            exception.iter().flat_map(|exception| &exception.frames).map(|frame| frame.file.clone()).collect()
        }
        TextField::Service => names(&cluster.services),
        TextField::Revision => cluster.revisions.iter().map(|revision| revision.name.clone()).collect(),
        TextField::Region => names(&cluster.regions),
        TextField::Log => names(&cluster.logs),
        TextField::Component => vec![cluster.component.clone()],
        TextField::Severity => vec![cluster.severity.name().to_owned()],
        TextField::Category => vec![cluster.category.clone()],
        TextField::State => vec![cluster.state.clone()],
        TextField::Word => vec![cluster.rate.word.clone()],
        TextField::Trend => vec![cluster.rate.trend.clone()],
        TextField::User => names(&cluster.user_names),
        TextField::Route => cluster.http.iter().map(|endpoint| endpoint.route.clone()).collect(),
        TextField::Method => cluster.http.iter().map(|endpoint| endpoint.method.clone()).collect(),
        TextField::ErrorGroup => cluster.error_groups.clone(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures are compared with what people type")]
fn figures(field: NumberField, cluster: &Cluster) -> Vec<f64> {
    let one = |figure: u64| vec![figure as f64];
    match field {
        NumberField::Severity => one(u64::from(cluster.severity.number())),
        NumberField::Line => cluster
            .locations
            .iter()
            .filter(|place| !place.wrapper)
            .flat_map(|place| [place.line_min, place.line_max])
            .flatten()
            .map(|line| line as f64)
            .collect(),
        NumberField::Count => one(cluster.count),
        NumberField::Share => vec![cluster.share],
        NumberField::RatePerHour => vec![cluster.rate.per_hour],
        NumberField::Users => one(cluster.users),
        NumberField::Instances => one(cluster.instances),
        NumberField::Revisions => one(cluster.revisions.len() as u64),
        NumberField::Services => one(cluster.services.len() as u64),
        NumberField::Traces => one(cluster.traces),
        NumberField::Status => cluster.http.iter().map(|endpoint| endpoint.status as f64).collect(),
    }
}
