//! Who speaks: source locations, labels and resources in, module, function, line, service and revision out.

use super::workload;
use crate::model::{LogEntry, Value};

/// Module, function and line of a statement as the entry says them; empty where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) module: &'a str,
    pub(super) function: &'a str,
    pub(super) line: &'a str,
}

impl Place<'_> {
    fn is_empty(self) -> bool {
        self.module.is_empty() && self.function.is_empty()
    }

    /// Whether it names the logging machinery instead of the statement.
    ///
    /// Some functions exist in logging libraries only. Verbs such as `emit` or `handle` are wrappers where the module
    /// is about logging too: an application has its own `handle`.
    pub(super) fn is_wrapper(self) -> bool {
        match self.function {
            "callHandlers" | "_log" | "makeRecord" | "findCaller" | "_log_with_level" | "logMessage" => return true,
            _ => {}
        }
        let module = self.module;
        let first = module.as_bytes().first();
        let mut alike = LIBRARIES.iter().filter(|library| library.as_bytes().first() == first);
        if alike.any(|library| starts_with_segment(module, library)) {
            return true;
        }
        is_log_verb(self.function) && module.rsplit(['.', '/', ':', '\\']).take(2).any(is_about_logging)
    }
}

/// Modules that do nothing but logging.
const LIBRARIES: &[&str] = &[
    "logging",
    "loguru",
    "structlog",
    "google.cloud.logging",
    "google/cloud/logging",
    "java.util.logging",
    "org.slf4j",
    "org.apache.logging",
    "org.apache.log4j",
    "org.apache.commons.logging",
    "ch.qos.logback",
    "winston",
    "bunyan",
    "pino",
    "log4js",
    "go.uber.org/zap",
    "github.com/sirupsen/logrus",
    "github.com/rs/zerolog",
    "log/slog",
    "k8s.io/klog",
    "Microsoft.Extensions.Logging",
    "Serilog",
    "NLog",
    "Monolog",
];

fn starts_with_segment(module: &str, library: &str) -> bool {
    module.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/', ':', '$', '\\']))
}

fn is_log_verb(function: &str) -> bool {
    matches!(
        function,
        "emit"
            | "handle"
            | "log"
            | "write"
            | "append"
            | "debug"
            | "info"
            | "warn"
            | "warning"
            | "error"
            | "critical"
            | "exception"
            | "fatal"
            | "forward"
            | "_emit"
            | "wrapper"
    )
}

fn is_about_logging(segment: &str) -> bool {
    matches!(segment, "log" | "logs" | "logger" | "loggers" | "logging" | "logutil" | "log_utils" | "__init__.py")
        || segment.ends_with("_logger")
        || segment.ends_with("_logging")
        || segment.ends_with("Logger")
        || segment.starts_with("logging_")
        || segment.starts_with("logger.")
}

/// The first place that is no wrapper, else the first that says anything.
pub(super) fn choose<'a>(source_location: Option<Value<'a>>, said: &[Place<'a>]) -> (Place<'a>, bool) {
    let stated = source_location.map(of_source);
    let mut hidden = None;
    for place in stated.into_iter().chain(said.iter().copied()).filter(|place| !place.is_empty()) {
        if !place.is_wrapper() {
            return (place, false);
        }
        hidden = hidden.or(Some(place));
    }
    (hidden.unwrap_or_default(), hidden.is_some())
}

/// The place that a `sourceLocation` names.
pub(super) fn of_source(source: Value<'_>) -> Place<'_> {
    let mut place = Place::default();
    for (key, value) in source.members() {
        match key {
            "file" => place.module = value.as_str().unwrap_or_default(),
            "function" | "functionName" => place.function = value.as_str().unwrap_or_default(),
            "line" => place.line = line_text(value),
            _ => {}
        }
    }
    place
}

const NUMBERED_LINES: u16 = 10_000;

/// `0000` to `9999`, one behind the other: loggers write line numbers as numbers, and a reading borrows its texts.
static NUMBERS: [[u8; 4]; NUMBERED_LINES as usize] = numbers();

#[expect(clippy::indexing_slicing, reason = "runs at compile time, where an index out of bounds is a build error")]
#[expect(clippy::large_stack_arrays, reason = "runs at compile time and becomes a static")]
const fn numbers() -> [[u8; 4]; NUMBERED_LINES as usize] {
    let mut table = [[b'0'; 4]; NUMBERED_LINES as usize];
    let mut number: u16 = 0;
    while number < NUMBERED_LINES {
        table[number as usize] = [
            b'0' + (number / 1000) as u8,
            b'0' + (number / 100 % 10) as u8,
            b'0' + (number / 10 % 10) as u8,
            b'0' + (number % 10) as u8,
        ];
        number += 1;
    }
    table
}

/// A line number as text, whether it is written as a string or as a number below 10,000.
pub(super) fn line_text(value: Value<'_>) -> &str {
    if let Some(text) = value.as_str() {
        return text;
    }
    let number = value.as_lenient_i64().filter(|number| *number > 0);
    let digits = number.and_then(|number| usize::try_from(number).ok()).and_then(|number| NUMBERS.get(number));
    digits
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .map(|text| text.trim_start_matches('0'))
        .unwrap_or_default()
}

/// Whom an entry speaks of, after its resource and labels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whom<'a> {
    pub(super) project: &'a str,
    pub(super) service: &'a str,
    pub(super) revision: &'a str,
    pub(super) instance: &'a str,
    pub(super) region: &'a str,
    pub(super) request: &'a str,
    pub(super) user: &'a str,
    pub(super) connection: &'a str,
    pub(super) place: Place<'a>,
    pub(super) logger: &'a str,
    service_rank: u8,
    instance_rank: u8,
    pod: &'a str,
    job: &'a str,
}

impl<'a> Whom<'a> {
    /// The service, unless that is no more than the cluster it runs in.
    pub(super) fn own_service(&self) -> &'a str {
        if self.service_rank < CLUSTER { self.service } else { "" }
    }

    /// What the name of a pod tells, and a job of Cloud Scheduler, which is no run of something else.
    fn settle(&mut self, resource_type: &str) {
        if !self.pod.is_empty() {
            let workload = workload::of(self.pod);
            self.offer_service(WORKLOAD, workload.name);
            if !workload.revision.is_empty() {
                self.revision = workload.revision;
            }
        }
        if !self.job.is_empty() {
            match resource_type {
                "cloud_scheduler_job" => self.offer_service(0, self.job),
                _ => self.offer_instance(5, self.job),
            }
        }
    }

    fn offer_service(&mut self, rank: u8, text: &'a str) {
        if self.service.is_empty() || rank < self.service_rank {
            (self.service, self.service_rank) = (text, rank);
        }
    }

    fn offer_instance(&mut self, rank: u8, text: &'a str) {
        if self.instance.is_empty() || rank < self.instance_rank {
            (self.instance, self.instance_rank) = (text, rank);
        }
    }

    /// Takes the text of a label that has a role; an empty one says nothing.
    pub(super) fn take(&mut self, role: Role, text: &'a str) {
        if text.is_empty() {
            return;
        }
        match role {
            Role::Project => self.project = text,
            Role::Service(rank) => self.offer_service(rank, text),
            // Some write the whole path, `projects/p/topics/orders`, or the project before it, `p:orders-db`.
            Role::ServicePath(rank) => self.offer_service(rank, text.rsplit(['/', ':']).next().unwrap_or(text)),
            // What stands beside every service of a mesh is none: the pod tells which one it stands beside.
            Role::Container if SIDECARS.contains(&text) => self.offer_service(SIDECAR, text),
            Role::Container => self.offer_service(1, text),
            Role::Revision => self.revision = text,
            Role::Region => self.region = text,
            Role::Zone if self.region.is_empty() => self.region = text,
            Role::Zone => {}
            Role::Instance(rank) => {
                // What Memorystore calls its instances is what others call a service.
                // Most have no slash, which is seen much sooner.
                match text.contains('/').then(|| text.rsplit_once("/instances/")).flatten() {
                    Some((_, name)) => self.offer_service(2, name),
                    None => self.offer_instance(rank, text),
                }
            }
            Role::Pod => {
                self.pod = text;
                self.offer_instance(2, text);
            }
            Role::Job => self.job = text,
            Role::Request => self.request = text,
            Role::User => self.user = text,
            Role::Connection => self.connection = text,
            Role::Logger => self.logger = text,
            Role::Module => self.place.module = text,
            Role::Function => self.place.function = text,
            Role::Line => self.place.line = text,
        }
    }
}

/// What a label of the resource or of the entry says; of services and instances, the smallest rank is believed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    Project,
    Service(u8),
    ServicePath(u8),
    Container,
    Revision,
    Region,
    Zone,
    Instance(u8),
    Pod,
    Job,
    Request,
    User,
    Connection,
    Logger,
    Module,
    Function,
    Line,
}

/// The rank of a workload that the name of its pod tells.
const WORKLOAD: u8 = 3;
/// The rank of a container that stands beside another one.
const SIDECAR: u8 = 4;
const SIDECARS: [&str; 9] = [
    "istio-proxy",
    "istio-init",
    "linkerd-proxy",
    "linkerd-init",
    "envoy",
    "daprd",
    "vault-agent",
    "cloud-sql-proxy",
    "cloudsql-proxy",
];
/// The rank of names that say where something runs rather than what; larger ones say even less.
const CLUSTER: u8 = 9;

fn role_in_resource(key: &str) -> Option<Role> {
    Some(match key {
        "project_id" => Role::Project,
        "service_name" | "job_name" | "function_name" | "worker_pool_name" => Role::Service(0),
        "module_id" => Role::Service(1),
        "container_name" => Role::Container,
        "configuration_name" | "service" | "queue_id" | "workflow_id" | "environment_name" => Role::Service(2),
        "topic_id" | "subscription_id" | "database_id" => Role::ServicePath(2),
        "backend_service_name"
        | "build_trigger_id"
        | "bucket_name"
        | "instance_group_manager_name"
        | "instance_group_name"
        | "gateway_name" => Role::Service(5),
        // A request that reached no backend has the rule or map alone.
        "url_map_name" => Role::Service(6),
        "forwarding_rule_name" => Role::Service(7),
        "cluster_name" => Role::Service(CLUSTER),
        "revision_name" | "version_id" => Role::Revision,
        "location" | "region" => Role::Region,
        "zone" => Role::Zone,
        "node_name" => Role::Instance(2),
        // A machine is called by its name, where a label tells it.
        "instance_id" => Role::Instance(4),
        "pod_name" => Role::Pod,
        "job_id" => Role::Job,
        "task_id" | "build_id" | "batch_id" => Role::Instance(5),
        _ => return None,
    })
}

fn role_in_labels(key: &str) -> Option<Role> {
    Some(match key {
        // Of a job, the execution says more than the container that it ran in.
        "run.googleapis.com/execution_name" => Role::Instance(0),
        "instanceId" => Role::Instance(1),
        "compute.googleapis.com/resource_name" | "ec2.amazonaws.com/resource_name" => Role::Instance(3),
        // A job of Dataproc is one of many that run on its cluster.
        "dataproc.googleapis.com/cluster_name" => Role::Service(CLUSTER),
        "k8s-pod/pod-template-hash" => Role::Revision,
        "k8s-pod/app" | "k8s-pod/app_kubernetes_io/name" => Role::Service(1),
        "execution_id" | "request_id" | "requestId" | "appengine.googleapis.com/request_id" => Role::Request,
        "user_id" | "userId" | "user" => Role::User,
        "connection_id" | "connectionId" => Role::Connection,
        "python_logger" | "logger" | "logger_name" => Role::Logger,
        "module" | "code.filepath" | "code.file.path" => Role::Module,
        "function" | "code.function" | "code.function.name" => Role::Function,
        "line" | "code.lineno" | "code.line.number" => Role::Line,
        _ => return None,
    })
}

impl Role {
    /// Whether it names a request, user or connection: one of many.
    pub(super) fn is_name(self) -> bool {
        matches!(self, Self::Request | Self::User | Self::Connection)
    }
}

/// Whether a label of this key names a request, user or connection.
pub(super) fn is_name(key: &str) -> bool {
    role_in_labels(key).is_some_and(Role::is_name)
}

/// The labels that have a role, those of the resource first. Which ones there are depends on the layout alone.
pub(super) fn roles<'a>(entry: &LogEntry<'a>) -> impl Iterator<Item = (Role, Value<'a>)> {
    let resource = entry.resource_labels.into_iter().flat_map(Value::members);
    let labels = entry.labels.into_iter().flat_map(Value::members);
    let resource = resource.filter_map(|(key, value)| Some((role_in_resource(key)?, value)));
    resource.chain(labels.filter_map(|(key, value)| Some((role_in_labels(key)?, value))))
}

/// What the labels say, and the project that the log is named after where no label names one.
pub(super) fn whom<'a>(entry: &LogEntry<'a>, roles: impl Iterator<Item = (Role, Value<'a>)>) -> Whom<'a> {
    let mut whom = Whom::default();
    for (role, value) in roles {
        whom.take(role, value.as_str().unwrap_or_default());
    }
    if whom.project.is_empty()
        && let Some((project, _)) = entry.log_name.strip_prefix("projects/").and_then(|rest| rest.split_once('/'))
    {
        whom.project = project;
    }
    whom.settle(entry.resource_type);
    whom
}
