//! An exception that a logger writes as objects in, the stack trace as its language prints it out.
//!
//! Loggers that know their records will be read by machines list frames as objects: Quarkus, Log4j and Jackson for Java,
//! structlog and Sentry for Python, Monolog for PHP, zerolog for Go. What they mean is what the text means that people
//! know, so that text is made, and read like any other trace. Nothing is added: a frame without a file has none, and a
//! line that is not told is a question mark.

use crate::model::Value;

use super::place::line_text;

/// So many frames of an exception, and so many exceptions behind each other, are printed.
const MOST_STEPS: usize = 200;
const MOST_CAUSES: usize = 16;

const KINDS: [&str; 8] =
    ["exceptionType", "exc_type", "type", "class", "name", "className", "exceptionClass", "__class"];
const MESSAGES: [&str; 5] = ["message", "exc_value", "value", "msg", "localizedMessage"];
const FRAMES: [&str; 8] =
    ["frames", "extendedStackTrace", "stackTrace", "stack_trace", "stacktrace", "trace", "backtrace", "stack"];
const CAUSES: [&str; 5] = ["cause", "previous", "causedBy", "caused_by", "innerException"];
const FILES: [&str; 7] = ["abs_path", "file", "fileName", "filename", "file_name", "path", "source"];
const LINES: [&str; 4] = ["lineno", "lineNumber", "line_number", "line"];
const FUNCTIONS: [&str; 6] = ["function", "methodName", "method", "func", "name", "functionName"];
const CLASSES: [&str; 3] = ["className", "class", "declaringClass"];

/// One call of a stack; what is absent is empty.
#[derive(Default)]
struct Step<'a> {
    class: &'a str,
    function: &'a str,
    file: &'a str,
    line: &'a str,
}

/// One exception.
#[derive(Default)]
struct Thrown<'a> {
    kind: &'a str,
    message: &'a str,
    /// The innermost call first.
    steps: Vec<Step<'a>>,
}

/// The languages that print their traces in ways of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Java,
    Node,
    Dotnet,
    Python,
    Php,
    Go,
    Ruby,
}

/// Whether an object holds frames, so that it is worth printing. Only which members there are matters, not their values.
pub(super) fn has_frames(object: Value<'_>) -> bool {
    frames(object).is_some() || values(object).is_some() || is_placed(object)
}

/// Whether an exception tells where it was thrown and nothing more, as Monolog writes it.
fn is_placed(object: Value<'_>) -> bool {
    object.get("class").is_some() && object.get("message").is_some() && object.get("file").is_some()
}

/// The trace of an exception that is an object, of a list of exceptions, or of a list of frames below what the objects
/// around it say: the type and the message of the error.
pub(super) fn printed(value: Value<'_>, [kind, message]: [&str; 2]) -> Option<String> {
    let mut chain = if let Some(values) = values(value) {
        // Sentry lists last what was thrown last.
        let mut chain: Vec<Thrown<'_>> = values.elements().take(MOST_CAUSES).map(Thrown::of).collect();
        chain.reverse();
        chain
    } else if value.is_object() {
        std::iter::successors(Some(value), |outer| cause(*outer)).take(MOST_CAUSES).map(Thrown::of).collect()
    } else if value.elements().any(has_frames) {
        value.elements().take(MOST_CAUSES).map(Thrown::of).collect()
    } else {
        vec![Thrown { kind, message, steps: value.elements().take(MOST_STEPS).filter_map(Step::of).collect() }]
    };
    let language = chain.iter().flat_map(|thrown| &thrown.steps).find_map(Step::language)?;
    let oldest_first = language == Language::Python || value.is_object() && is_sentry(value);
    if oldest_first {
        for thrown in &mut chain {
            thrown.steps.reverse();
        }
    }
    Some(language.print(&chain))
}

/// The type and the message of an exception that is an object, or else what the objects around it say.
pub(super) fn named<'a>(thrown: Value<'a>, [kind, message]: [&'a str; 2]) -> [&'a str; 2] {
    let or = |own: &'a str, around: &'a str| if own.is_empty() { around } else { own };
    [or(text(thrown, &KINDS), kind), or(text(thrown, &MESSAGES), message)]
}

/// The frames of an exception.
pub(super) fn frames(object: Value<'_>) -> Option<Value<'_>> {
    let listed = |name: &&str| object.get(name).filter(|list| list.is_array() && !list.is_empty());
    FRAMES.iter().find_map(listed).or_else(|| object.get("stacktrace")?.get("frames").filter(|list| list.is_array()))
}

/// The exceptions that Sentry lists as such.
fn values(object: Value<'_>) -> Option<Value<'_>> {
    object.get("values").filter(|values| values.elements().any(has_frames))
}

fn is_sentry(object: Value<'_>) -> bool {
    values(object).is_some() || object.get("stacktrace").is_some_and(Value::is_object)
}

fn cause(object: Value<'_>) -> Option<Value<'_>> {
    CAUSES.iter().filter_map(|name| object.get(name)).find(|cause| cause.is_object())
}

fn text<'a>(object: Value<'a>, names: &[&str]) -> &'a str {
    names.iter().filter_map(|name| object.text(name)).find(|text| !text.is_empty()).unwrap_or_default()
}

impl<'a> Thrown<'a> {
    fn of(object: Value<'a>) -> Self {
        let listed = frames(object).into_iter().flat_map(Value::elements).take(MOST_STEPS);
        let mut steps: Vec<Step<'_>> = listed.filter_map(Step::of).collect();
        // PHP says where an exception was thrown beside the calls that led there.
        if let Some(place) = Step::of(object).filter(|place| place.language() == Some(Language::Php)) {
            steps.insert(0, place);
        }
        Self { kind: text(object, &KINDS), message: text(object, &MESSAGES), steps }
    }

    fn head(&self) -> String {
        match (self.kind, self.message) {
            (kind, "") => kind.to_owned(),
            ("", message) => message.to_owned(),
            (kind, message) => format!("{kind}: {message}"),
        }
    }
}

impl<'a> Step<'a> {
    /// A frame that is an object, or a text `file:line`.
    fn of(frame: Value<'a>) -> Option<Self> {
        if let Some(place) = frame.as_str() {
            let (file, line) = split_line(place)?;
            return Some(Self { file, line, ..Self::default() });
        }
        let named = text(frame, &FILES);
        let number = LINES.iter().filter_map(|name| frame.get(name)).map(line_text).find(|line| !line.is_empty());
        let number = number.unwrap_or_default();
        let (file, line) = split_line(named).filter(|_| number.is_empty()).unwrap_or((named, number));
        let step = Self { class: text(frame, &CLASSES), function: text(frame, &FUNCTIONS), file, line };
        (!step.file.is_empty() || !step.class.is_empty() && !step.function.is_empty()).then_some(step)
    }

    /// What the name of the file says, or that calls are methods of classes and their files are unknown.
    fn language(&self) -> Option<Language> {
        let ending = self.file.rsplit_once('.').map_or("", |(_, ending)| ending);
        Some(match ending {
            "java" | "kt" | "scala" | "groovy" | "clj" => Language::Java,
            "js" | "mjs" | "cjs" | "ts" | "jsx" | "tsx" => Language::Node,
            "cs" | "fs" | "vb" => Language::Dotnet,
            "py" => Language::Python,
            "php" => Language::Php,
            "go" => Language::Go,
            "rb" => Language::Ruby,
            _ if self.file.is_empty() && self.class.contains('.') => Language::Java,
            _ => return None,
        })
    }

    /// `class.method`.
    fn method(&self, between: &str) -> String {
        if self.class.is_empty() { self.function.to_owned() } else { [self.class, between, self.function].concat() }
    }

    /// `file:line`.
    fn place(&self) -> String {
        format!("{}:{}", self.file, self.number())
    }

    /// The line, and a sign that all readers take for a number where it is not known.
    fn number(&self) -> &'a str {
        if self.line.is_empty() { "?" } else { self.line }
    }
}

fn split_line(place: &str) -> Option<(&str, &str)> {
    place.rsplit_once(':').filter(|(_, line)| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Language {
    /// A chain of exceptions, the outermost first, as programs of the language print them.
    fn print(self, chain: &[Thrown<'_>]) -> String {
        let stacks = chain.iter().map(|thrown| self.stack(thrown));
        match self {
            Self::Java => stacks.collect::<Vec<_>>().join("\nCaused by: "),
            Self::Node => stacks.collect::<Vec<_>>().join("\n[cause]: "),
            Self::Python => stacks
                .rev()
                .collect::<Vec<_>>()
                .join("\n\nThe above exception was the direct cause of the following exception:\n\n"),
            Self::Php => stacks.rev().collect::<Vec<_>>().join("\n\nNext "),
            // Of these the first is read.
            Self::Dotnet | Self::Go | Self::Ruby => stacks.take(1).collect(),
        }
    }

    fn stack(self, thrown: &Thrown<'_>) -> String {
        let steps = thrown.steps.iter();
        let below = |head: String, frame: &dyn Fn(&Step<'_>) -> String| {
            steps.clone().fold(head, |text, step| text + "\n" + &frame(step))
        };
        match self {
            Self::Java => below(thrown.head(), &java),
            Self::Node if thrown.kind.is_empty() => below(format!("Error: {}", thrown.message), &node),
            Self::Node => below(thrown.head(), &node),
            Self::Dotnet => below(thrown.head(), &dotnet),
            // A logger's stack has no head; what it is about stands before it.
            Self::Go if thrown.kind.is_empty() => steps
                .clone()
                .map(|step| format!("{}\n\t{}", step.method("."), step.place()))
                .collect::<Vec<_>>()
                .join("\n"),
            Self::Go => below(thrown.head(), &|step| format!("{}\n\t{}", step.method("."), step.place())),
            Self::Ruby => below(format!("{} ({}):", thrown.kind, thrown.message), &|step| {
                format!("{}:in `{}'", step.place(), step.function)
            }),
            Self::Python => {
                let calls = steps
                    .rev()
                    .map(|step| format!("  File \"{}\", line {}, in {}\n", step.file, step.number(), step.function));
                format!("Traceback (most recent call last):\n{}{}", calls.collect::<String>(), thrown.head())
            }
            Self::Php => php(thrown),
        }
    }
}

/// Java itself prints methods whose files it does not know.
fn java(step: &Step<'_>) -> String {
    let file = if step.file.is_empty() { "Unknown Source" } else { step.file };
    format!("\tat {}({file}:{})", step.method("."), step.number())
}

fn node(step: &Step<'_>) -> String {
    match (step.function, step.file) {
        ("", _) => format!("    at {}", step.place()),
        (_, "") => format!("    at {} (<anonymous>)", step.method(".")),
        _ => format!("    at {} ({})", step.method("."), step.place()),
    }
}

/// Without its line a file tells no place in .NET.
fn dotnet(step: &Step<'_>) -> String {
    match (step.file, step.line) {
        ("", _) | (_, "") => format!("   at {}()", step.method(".")),
        (file, line) => format!("   at {}() in {file}:line {line}", step.method(".")),
    }
}

/// PHP numbers its frames, and where the first call stands belongs to the head.
fn php(thrown: &Thrown<'_>) -> String {
    let place =
        thrown.steps.first().filter(|step| !step.file.is_empty()).map_or("Unknown Source".to_owned(), Step::place);
    let below = thrown.steps.iter().skip(1).enumerate();
    let frames = below.map(|(number, step)| {
        let place = match (step.file, step.line) {
            ("", _) | (_, "") => "[internal function]".to_owned(),
            (file, line) => format!("{file}({line})"),
        };
        format!("#{number} {place}: {}()\n", step.method("->"))
    });
    if let [Step { .. }] = thrown.steps.as_slice() {
        // Nobody told what it was called by.
        return format!(
            "PHP Fatal error:  Uncaught {} in {place}\nStack trace:\n#0 [internal function]: ()",
            thrown.head()
        );
    }
    let last = thrown.steps.len().saturating_sub(1);
    let frames: String = frames.collect();
    format!("PHP Fatal error:  Uncaught {} in {place}\nStack trace:\n{frames}#{last} {{main}}", thrown.head())
}
