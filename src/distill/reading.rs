//! One LogEntry in, what it says out: the text to group by, its severity, where it comes from and whom it concerns.

use std::borrow::Cow;

use crate::model::{LogEntry, PatternKind, Payload, Severity, Value};

use super::failure::Stated;
use super::member::{Member, Slot, Zone};
use super::message::{self, Said};
use super::place::{self, Place, Whom};
use super::plan::Plan;
use super::workload::{self, Workload};
use super::{access, activity, audit, logged_json, request, severity, shape, thrown, told_place, trace};

pub use super::plan::Plans;

/// What one entry says. Texts that are absent are empty; ordinary entries borrow everything.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// What kind of thing the entry describes.
    pub kind: PatternKind,
    /// What to group by: a message, a whole stack trace (behind the message it came with, if that says more), or the
    /// finished pattern of a request, an audit record, a shape or an empty entry.
    pub text: Cow<'a, str>,
    /// The inferred severity, else the entry's own.
    pub severity: Severity,
    /// What the text or a member such as `level` says where the entry states no severity, or one that all lines of its
    /// stream were given.
    pub inferred: Option<Severity>,
    /// What a member such as `level` says, likewise.
    pub level: Option<Severity>,
    /// Module or file of the statement.
    pub module: &'a str,
    /// Function of the statement.
    pub function: &'a str,
    /// Line of the statement.
    pub line: &'a str,
    /// Whether that place is logging machinery rather than the statement.
    pub wrapper: bool,
    /// Whether its own text names that place among its values, so that nothing new is known by it of what the entry is.
    pub in_text: bool,
    /// Name of the logger; takes the module's place where the place is a wrapper.
    pub logger: &'a str,
    /// Project id.
    pub project: &'a str,
    /// Service, job, function, container.
    pub service: &'a str,
    /// Revision or version.
    pub revision: &'a str,
    /// Instance, pod, execution.
    pub instance: &'a str,
    /// Region or zone.
    pub region: &'a str,
    /// User that the entry names.
    pub user: &'a str,
    /// Connection or session that the entry names.
    pub connection: &'a str,
    /// Request or execution that the entry names.
    pub request: &'a str,
    /// The HTTP request, if the entry carries one.
    pub endpoint: Option<Endpoint<'a>>,
    /// The first of its `errorGroups`.
    pub error_group: &'a str,
}

/// An HTTP request.
#[derive(Clone, Debug)]
pub struct Endpoint<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// The path with ids masked, without query.
    pub route: Cow<'a, str>,
    /// Status code, 0 if there is none.
    pub status: u64,
    /// Latency, if stated.
    pub latency_nanos: Option<u64>,
    /// Client program.
    pub user_agent: &'a str,
}

/// What to group by, and what was learned while looking for it.
struct Gist<'a> {
    kind: PatternKind,
    text: Cow<'a, str>,
    /// Severity stated by a part of the entry that is graver than the whole (inner lines of a request log).
    within: Option<Severity>,
    endpoint: Option<Endpoint<'a>>,
    user: &'a str,
    service: &'a str,
    place: Option<Place<'a>>,
    /// Whether the text names the place among its values.
    in_text: bool,
}

impl<'a> Gist<'a> {
    fn new(kind: PatternKind, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            kind,
            text: text.into(),
            within: None,
            endpoint: None,
            user: "",
            service: "",
            place: None,
            in_text: false,
        }
    }
}

/// Reads what an entry says, in one scan over its payload, labels and resource.
pub fn read<'a>(entry: &LogEntry<'a>) -> Reading<'a> {
    let mut said = entry.payload_value().map(message::scan).unwrap_or_default();
    for (slot, value) in thrown::in_labels(entry) {
        said.take(&Member { slot, zone: Zone::Top, value });
    }
    understand(entry, &said, &place::whom(entry, place::roles(entry)))
}

/// The same, without the scan where the layout of the record is known.
pub fn read_planned<'a>(entry: &LogEntry<'a>, plans: &mut Plans) -> Reading<'a> {
    let plan = entry.laid.and_then(|laid| plans.get_or_insert_with(laid.layout, || Plan::of(entry)));
    match plan {
        Some(plan) => understand(entry, &plan.said(entry), &place::whom(entry, plan.roles(entry))),
        None => read(entry),
    }
}

fn understand<'a>(entry: &LogEntry<'a>, said: &Said<'a>, whom: &Whom<'a>) -> Reading<'a> {
    let mut endpoint = entry.http_request.and_then(request::of_object);
    let gist = match entry.payload {
        Payload::Text(text) if endpoint.is_none() && said.tells_an_error() => of_body(text, said),
        Payload::Text(text) => of_text(text, endpoint.as_ref()),
        Payload::Json(payload) => of_json(payload, said, endpoint.as_ref()),
        Payload::Proto(payload) => of_proto(payload, said, endpoint.as_ref()),
        Payload::None if endpoint.is_none() && said.tells_an_error() => of_body("", said),
        Payload::None => None,
    };
    let gist = gist.unwrap_or_else(|| of_nothing(entry, endpoint.as_ref()));
    let stated = Stated::of(entry);
    let level = said.level.and_then(|level| stated.of_level(level));
    let inferred = infer(entry, said, (stated, level), &gist, endpoint.as_ref());
    endpoint = endpoint.or(gist.endpoint);
    let severity = inferred.unwrap_or(entry.severity).max(gist.within.unwrap_or_default());
    let [source, labels, own] = said.places();
    let (place, wrapper) = match gist.place {
        Some(place) => (place, place.is_wrapper()),
        None => place::choose(entry.source_location, &[source, labels, own, whom.place]),
    };
    let about = said.involved.map(workload::involved).unwrap_or_default();
    Reading {
        kind: gist.kind,
        text: gist.text,
        severity,
        inferred,
        level,
        module: place.module,
        function: place.function,
        line: place.line,
        wrapper,
        in_text: gist.in_text,
        logger: first(&[said.logger, whom.logger]),
        project: whom.project,
        service: first(&[whom.own_service(), about.name, whom.service, gist.service, said.service]),
        revision: first(&[whom.revision, about.revision]),
        instance: whom.instance,
        region: whom.region,
        user: first(&[said.user, gist.user, whom.user]),
        connection: first(&[said.connection, whom.connection]),
        request: first(&[said.request, whom.request]),
        endpoint,
        error_group: error_group(entry),
    }
}

fn first<'a>(texts: &[&'a str]) -> &'a str {
    texts.iter().find(|text| !text.is_empty()).copied().unwrap_or_default()
}

fn error_group<'a>(entry: &LogEntry<'a>) -> &'a str {
    entry
        .error_groups
        .and_then(|groups| groups.elements().next())
        .and_then(|group| group.text("id"))
        .unwrap_or_default()
}

fn infer(
    entry: &LogEntry<'_>,
    said: &Said<'_>,
    (stated, level): (Stated, Option<Severity>),
    gist: &Gist<'_>,
    endpoint: Option<&Endpoint<'_>>,
) -> Option<Severity> {
    let printed = match entry.payload {
        // The level of a JSON text stands beside the message that was taken out of it.
        Payload::Text(whole) => Some(whole),
        _ => said.message.map(|message| message.text),
    };
    match gist.kind {
        PatternKind::Message => stated.of_message(level, printed.unwrap_or(&gist.text)),
        PatternKind::Trace => stated.of_trace(level, &gist.text),
        PatternKind::Request => match &gist.endpoint {
            Some(told) => stated.of_request(level, Some(told), printed.unwrap_or_default()),
            None => stated.of_request(level, endpoint, ""),
        },
        _ => stated.other(level),
    }
}

fn of_text<'a>(text: &'a str, endpoint: Option<&Endpoint<'a>>) -> Option<Gist<'a>> {
    let trimmed = severity::behind_fpm(text.trim());
    if trimmed.is_empty() {
        return None;
    }
    if let Some(endpoint) = endpoint {
        return Some(Gist::new(PatternKind::Request, request::pattern(endpoint, trimmed)));
    }
    if let Some(told) = access::of_line(trimmed) {
        return Some(of_request(told, ""));
    }
    if let Some(place) = told_place::place(trimmed) {
        let mut gist = Gist::new(PatternKind::Message, trimmed);
        (gist.place, gist.in_text) = (Some(place), true);
        return Some(gist);
    }
    let inner = logged_json::inside_json(trimmed).unwrap_or(Cow::Borrowed(trimmed));
    if let Some((said, place)) = severity::behind_klog(trimmed)
        && trace::whole(trimmed).is_none()
    {
        let mut gist = Gist::new(PatternKind::Message, said);
        gist.place = Some(place);
        return Some(gist);
    }
    Some(match trace::whole(&inner) {
        Some(Cow::Owned(unfolded)) => Gist::new(PatternKind::Trace, unfolded),
        Some(Cow::Borrowed(_)) => Gist::new(PatternKind::Trace, inner),
        None => Gist::new(PatternKind::Message, inner),
    })
}

/// A text beside which labels tell of an exception.
fn of_body<'a>(text: &'a str, said: &Said<'a>) -> Option<Gist<'a>> {
    let mut said = *said;
    said.take_text(Slot::Message(0), Zone::Top, text);
    of_trace(&said).or_else(|| Some(of_message(said.message?.text.trim(), &said)))
}

fn of_json<'a>(payload: Value<'a>, said: &Said<'a>, endpoint: Option<&Endpoint<'a>>) -> Option<Gist<'a>> {
    if said.audit
        && let Some(gist) = of_audit(payload)
    {
        return Some(gist);
    }
    let exchange = if endpoint.is_none() { said.exchange() } else { None };
    if let Some((told, true)) = exchange {
        return Some(of_request(told, said.details));
    }
    if let Some(mut gist) = of_trace(said) {
        gist.endpoint = exchange.map(|(told, _)| told);
        return Some(gist);
    }
    if let Some(message) = said.message.map(|message| message.text.trim()) {
        let line = if endpoint.is_none() { said.access_line(message) } else { None };
        return Some(line.map_or_else(|| of_message(message, said), |told| of_request(told, said.details)));
    }
    if let Some(request) = endpoint {
        return Some(Gist::new(PatternKind::Request, request::pattern(request, said.details)));
    }
    if let Some(told) = said.access.request() {
        return Some(of_request(told, said.details));
    }
    let text = said.trace.map(|trace| {
        let text = trace.text.trim();
        // Workflows writes an exception as the text of an object.
        Gist::new(PatternKind::Message, logged_json::inside_json(text).unwrap_or(Cow::Borrowed(text)))
    });
    text.or_else(|| {
        let pattern = activity::pattern(payload).or_else(|| shape::pattern(payload))?;
        Some(Gist::new(PatternKind::Shape, pattern))
    })
}

/// A request that an access log tells.
fn of_request<'a>(told: Endpoint<'a>, details: &str) -> Gist<'a> {
    let mut gist = Gist::new(PatternKind::Request, request::pattern(&told, details));
    gist.endpoint = Some(told);
    gist
}

/// A message that is no stack trace: with the reason and object of a Kubernetes event, without the field list of a
/// Windows event.
fn of_message<'a>(message: &'a str, said: &Said<'a>) -> Gist<'a> {
    if let Some(object) = said.involved
        && !said.reason.is_empty()
    {
        let kind = object.text("kind").unwrap_or("object");
        let Workload { namespace, name, .. } = workload::involved(object);
        // What it happened to stands first: two workloads that fail in the same way are two troubles.
        let about = match (namespace, name) {
            (_, "") => String::new(),
            ("", name) => format!("{name}: "),
            (namespace, name) => format!("{namespace}/{name}: "),
        };
        return Gist::new(PatternKind::Message, format!("{about}{} {kind}: {message}", said.reason));
    }
    if said.windows {
        let head = message.split("\n\n").next().unwrap_or(message);
        return Gist::new(PatternKind::Message, head.split("\r\n\r\n").next().unwrap_or(head).trim_end());
    }
    if let Some((rest, place)) = severity::behind_klog(message) {
        let mut gist = Gist::new(PatternKind::Message, said.with_error(Cow::Borrowed(rest)));
        gist.place = Some(place);
        return gist;
    }
    let place = told_place::place(message);
    let message = logged_json::inside_json(message).unwrap_or(Cow::Borrowed(message));
    let mut gist = Gist::new(PatternKind::Message, said.with_error(message));
    (gist.place, gist.in_text) = (place, place.is_some());
    gist
}

/// A stack trace in the message, or in a member made for it.
///
/// A message that the trace repeats adds nothing, so the trace stands alone. A message that says more (what was tried,
/// for whom) is kept as a line before the trace: such entries group by message, exception type and frames.
fn of_trace<'a>(said: &Said<'a>) -> Option<Gist<'a>> {
    let message = said.message.map(|message| message.text.trim());
    if let Some(text) = message.and_then(trace::whole) {
        return Some(Gist::new(PatternKind::Trace, text));
    }
    let text = match thrown::written(said) {
        Some(text) => text,
        None => Cow::Owned(trace::whole(&thrown::printed(said)?)?.into_owned()),
    };
    let before = message.map(|message| said.before_trace(message, &text)).unwrap_or_default();
    Some(if before.is_empty() {
        Gist::new(PatternKind::Trace, text)
    } else {
        Gist::new(PatternKind::Trace, format!("{before}\n{text}"))
    })
}

fn of_proto<'a>(payload: Value<'a>, said: &Said<'a>, endpoint: Option<&Endpoint<'a>>) -> Option<Gist<'a>> {
    if let Some(gist) = of_audit(payload) {
        return Some(gist);
    }
    let Some(log) = audit::app_engine(payload) else { return of_json(payload, said, endpoint) };
    let mut gist = match log.line {
        Some((severity, text)) => {
            let text = text.trim();
            let mut gist = match trace::whole(text) {
                Some(text) => Gist::new(PatternKind::Trace, text),
                None => Gist::new(PatternKind::Message, text),
            };
            gist.within = Some(severity);
            gist
        }
        None => Gist::new(PatternKind::Request, request::pattern(&log.endpoint, "")),
    };
    gist.endpoint = Some(log.endpoint);
    gist.place = Some(log.place);
    Some(gist)
}

fn of_audit(payload: Value<'_>) -> Option<Gist<'_>> {
    let audit = audit::audit(payload)?;
    let mut gist = Gist::new(PatternKind::Audit, audit.text);
    gist.user = audit.user;
    gist.service = audit.service;
    Some(gist)
}

fn of_nothing<'a>(entry: &LogEntry<'a>, endpoint: Option<&Endpoint<'a>>) -> Gist<'a> {
    if let Some(endpoint) = endpoint {
        return Gist::new(PatternKind::Request, request::pattern(endpoint, ""));
    }
    let log = entry.log_id().replace("%2F", "/");
    Gist::new(PatternKind::Empty, format!("{log} {}", entry.resource_type).trim().to_owned())
}
