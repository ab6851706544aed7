//! A cluster's facts in, what a person would call it out: short, without placeholders, the same for the same cluster.

mod audit;
mod cut;
mod expression;
mod request;
mod shared;
mod statement;

use std::borrow::Cow;

use crate::model::{Cluster, Digest, Exception, Frame, TRACE_LINE, is_minified, plain_function};

use super::cluster::UNKNOWN_PATHS;
use super::details::names_first;
use super::words;
use audit::audit;
use cut::{TITLE_LENGTH, cut};
pub use expression::warm_up;
use request::{empty, request, shape, unknown_paths};
use shared::shared;
use statement::{in_full, of_text};

/// Values of a variable word that a title names: so many, and so long together.
const NAMED_VALUES: usize = 3;
const NAMED_LENGTH: usize = 40;

/// The title of a cluster.
pub(super) fn title(cluster: &Cluster, digest: &Digest) -> String {
    let title = match cluster.kind.as_str() {
        "trace" => exception(cluster, digest).or_else(|| untyped(cluster)).or_else(|| Some(of_text(&cluster.pattern))),
        "request" if cluster.pattern == UNKNOWN_PATHS => Some(unknown_paths(cluster)),
        "request" => request(cluster),
        "audit" => audit(&cluster.pattern),
        "shape" if !cluster.pattern.contains('{') => Some(of_text(&cluster.pattern)),
        "shape" => Some(shape(cluster)),
        "empty" => Some(empty(cluster)),
        "message" if cluster.pattern == TRACE_LINE => {
            Some("Lines of stack traces, each an entry of its own".to_owned())
        }
        "collapsed" => Some(format!("Collapsed: {}", of_text(&cluster.pattern))),
        _ => Some(line_of_trace(cluster, of_text(&telling(cluster)))),
    };
    let title = title.filter(|title| title.chars().filter(|letter| letter.is_alphanumeric()).count() >= 3);
    let title = title.or_else(|| exception(cluster, digest)).unwrap_or_else(|| empty(cluster));
    cut(&title)
}

/// The pattern with those constants that tell something: names and figures of the statement, not who or which one;
/// and with the values of a word that has a few only.
fn telling(cluster: &Cluster) -> String {
    const WHO: [&str; 8] = ["<id>", "<name>", "<uuid>", "<hex>", "<ip>", "<email>", "<ts>", "<url>"];
    let with_words = alternatives(cluster);
    let (mut shown, mut left) = (String::new(), with_words.as_str());
    for slot in &cluster.slots {
        if WHO.contains(&slot.placeholder.as_str()) {
            let Some(value) = slot.top.first().filter(|_| slot.distinct == 1) else { continue };
            let Some((before, after)) = left.split_once(value.value.as_str()) else { continue };
            let names = matches!(slot.placeholder.as_str(), "<id>" | "<name>") && !points(before);
            shown.extend([before, if names { &value.value } else { &slot.placeholder }]);
            left = after;
        } else if slot.placeholder == "<str>" && slot.exact && slot.distinct == slot.top.len() as u64 {
            let values: Vec<&str> = slot.top.iter().map(|value| value.value.as_str()).collect();
            let (Some(named), Some((before, after))) = (named(&values), left.split_once("<str>")) else { continue };
            shown.extend([before, &named]);
            left = after;
        }
    }
    shown.push_str(left);
    shown
}

/// Whether a text ends where somebody or one of many is named next: behind `from`, `user`, `session:`, or at the start.
fn points(before: &str) -> bool {
    const POINTERS: [&str; 26] = [
        "from",
        "for",
        "of",
        "to",
        "in",
        "at",
        "on",
        "by",
        "with",
        "after",
        "user",
        "connection",
        "conn",
        "client",
        "session",
        "request",
        "thread",
        "run",
        "instance",
        "trace",
        "account",
        "tenant",
        "customer",
        "id",
        "key",
        "",
    ];
    let word = before.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let word = word.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    POINTERS.contains(&word.to_lowercase().as_str())
}

/// `Message <*> failed` of two patterns as `Message disconnect/start_agent failed`.
fn alternatives(cluster: &Cluster) -> String {
    let mut words: Vec<&str> = cluster.pattern.split(' ').collect();
    let Some(at) = words.iter().position(|word| *word == "<*>") else { return cluster.pattern.clone() };
    let same_length = cluster.variants.iter().map(|variant| variant.pattern.split(' ').collect::<Vec<_>>());
    let values: Vec<&str> =
        same_length.filter(|variant| variant.len() == words.len()).filter_map(|one| one.get(at).copied()).collect();
    let told = if values.len() == cluster.variants.len() { named(&values) } else { None };
    if let (Some(told), Some(word)) = (&told, words.get_mut(at)) {
        *word = told;
    }
    words.join(" ")
}

/// Two or three plain words as one: `disconnect/start_agent`.
fn named(values: &[&str]) -> Option<String> {
    let mut values: Vec<&str> = values.to_vec();
    values.sort_unstable();
    values.dedup();
    let plain = |value: &&str| {
        !value.is_empty() && value.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter))
    };
    let told = values.join("/");
    ((2..=NAMED_VALUES).contains(&values.len()) && values.iter().all(plain) && told.chars().count() <= NAMED_LENGTH)
        .then_some(told)
}

/// What a line says that begins with the type of an exception, with the place that the other lines of its trace tell.
fn line_of_trace(cluster: &Cluster, said: String) -> String {
    let across = cluster.exception.as_ref().filter(|exception| exception.across_entries && !exception.kind.is_empty());
    match across.filter(|exception| exception.frames.iter().any(|frame| frame.in_app)) {
        Some(exception) if names_first(&cluster.pattern, exception) => placed(&said, exception),
        _ => said,
    }
}

/// `KeyError: '"timestamp"' in emit`.
fn exception(cluster: &Cluster, digest: &Digest) -> Option<String> {
    let exception = cluster.exception.as_ref()?;
    Some(placed(&thrown(exception, digest, cluster)?, exception))
}

/// `KeyError: '"timestamp"'`.
fn thrown(exception: &Exception, digest: &Digest, cluster: &Cluster) -> Option<String> {
    let kind = exception.kind.rsplit(['.', ':', '\\']).next().filter(|kind| !kind.is_empty());
    let kind = kind.unwrap_or(&exception.kind);
    if kind.is_empty() {
        return None;
    }
    let message = shared(&first_line(&exception.message), messages(cluster, &exception.kind, digest));
    let message = message.as_str();
    // Some messages begin with the type once more.
    let again = message.strip_prefix(exception.kind.as_str()).or_else(|| message.strip_prefix(kind));
    let message = without_lead(again.and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message));
    Some(if message.is_empty() { kind.to_owned() } else { format!("{kind}: {message}") })
}

/// `An exception occurred while executing a query: Unknown column 'a'` without the lead, which any failure has there.
fn without_lead(message: &str) -> &str {
    const LEADS: [&str; 2] = ["An exception occurred", "An error occurred"];
    let led = message.split_once(": ").filter(|(lead, _)| LEADS.iter().any(|words| lead.starts_with(words)));
    led.map_or(message, |(_, said)| said)
}

/// What tells clusters apart that share a title: with traces what was said before the exception (`Could not save cart:
/// ReplyError: OOM in CartStore.save`), else all of the text.
pub(super) fn longer(cluster: &Cluster, digest: &Digest) -> Option<String> {
    match cluster.kind.as_str() {
        "trace" => with_statement(cluster, digest),
        "message" => Some(cut(&in_full(&telling(cluster)))),
        _ => None,
    }
}

fn with_statement(cluster: &Cluster, digest: &Digest) -> Option<String> {
    let exception = cluster.exception.as_ref()?;
    let (said, _) = cluster.pattern.split_once(&format!(": {} at ", exception.kind))?;
    let said = Some(of_text(said)).filter(|said| !said.is_empty())?;
    Some(cut(&placed(&format!("{said}: {}", thrown(exception, digest, cluster)?), exception)))
}

/// `charge failed in pay.Charge`: the message that came with a trace whose exception has no type.
fn untyped(cluster: &Cluster) -> Option<String> {
    let exception = cluster.exception.as_ref()?;
    let said = first_line(&exception.message);
    let before = cluster.pattern.rsplit_once(UNTYPED).map(|(before, _)| before.trim_end_matches(": "));
    let told =
        if said.is_empty() { before.filter(|before| !before.is_empty()).map(of_text) } else { Some(said.into_owned()) };
    Some(placed(&told.unwrap_or_else(|| "Error".to_owned()), exception))
}

/// What stands in the pattern of a trace for a type and the frames behind it.
const UNTYPED: &str = "error at ";

/// What is told with the function of the application that it happened in.
fn placed(told: &str, exception: &Exception) -> String {
    let written = |frame: &&Frame| !is_minified(&frame.function, &frame.file);
    let frame = exception.frames.iter().filter(written).find(|frame| frame.in_app);
    let frame = frame.or(exception.frames.first().filter(written));
    let place = frame.and_then(|frame| match frame.function.as_str() {
        // Of a panic whose lines are entries of their own, nothing but the file is known.
        "" if exception.message.is_empty() && !frame.file.is_empty() => Some(file(&frame.file)),
        "" => None,
        "<module>" if !frame.file.is_empty() => Some(file(&frame.file)),
        function => Some(short(function)),
    });
    let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
    let room = TITLE_LENGTH.saturating_sub(place.chars().count());
    // What it was not found in was data, and is not told.
    let told = if place.is_empty() { told } else { told.strip_suffix(" in").unwrap_or(told) };
    if room < 30 { told.to_owned() } else { format!("{}{place}", words::shorten(told, room)) }
}

/// The first line of a message that says anything, and what it leads up to: `Invalid invocation:` is told with the last line.
fn first_line(message: &str) -> Cow<'_, str> {
    let mut said = message.lines().map(str::trim).filter(|line| line.contains(char::is_alphanumeric));
    let first = said.next().unwrap_or_default();
    // The field comes before what is wrong with it.
    if first.contains(" validation error") {
        return Cow::Owned(said.fold(first.to_owned(), |told, line| format!("{told}: {line}")));
    }
    let leads = first.strip_suffix(':').or_else(|| first.strip_suffix(" in"));
    match leads.zip(said.next_back()) {
        Some((leads, last)) => Cow::Owned(format!("{leads}: {last}")),
        None => Cow::Borrowed(first),
    }
}

/// What the exemplars of a cluster say with exceptions of a type.
fn messages<'d>(cluster: &'d Cluster, kind: &'d str, digest: &'d Digest) -> impl Iterator<Item = Cow<'d, str>> {
    let patterns = cluster.fingerprints.iter().filter_map(|fingerprint| digest.patterns.get(fingerprint));
    let exceptions = patterns.flat_map(|pattern| &pattern.exemplars).filter_map(|exemplar| exemplar.exception.as_ref());
    exceptions.filter(move |exception| exception.kind == kind).map(|exception| first_line(&exception.message))
}

/// The last two parts of a path.
fn file(path: &str) -> String {
    let mut parts = path.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let (name, folder) = (parts.next().unwrap_or(path), parts.next());
    folder.map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}"))
}

/// The last two parts of a dotted name, without the path of a package and what compilers add.
fn short(function: &str) -> String {
    let function = plain_function(function.strip_suffix("[...]").unwrap_or(function));
    let function = function.strip_suffix(".func").unwrap_or(&function);
    let in_package = function.rsplit_once('/').map(|(_, name)| name).filter(|name| name.contains('.'));
    let in_space = || function.rsplit_once('\\').map(|(_, name)| name).filter(|name| !name.is_empty());
    let name = in_package.or_else(in_space).unwrap_or(function);
    let parts: Vec<&str> = name.split('.').collect();
    let at = parts.len().saturating_sub(2);
    parts.split_at_checked(at).map(|(_, last)| last.join(".")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_end_with_a_clause() {
        let long = format!("The first part of it tells what happened to the order: and {}", "so on ".repeat(20));
        assert_eq!(cut(&long), "The first part of it tells what happened to the order");
        assert!(cut(&"word ".repeat(40)).ends_with("word…"));
    }

    #[test]
    fn what_leads_to_the_message_of_an_exception_is_left_out() {
        for (message, expected) in [
            ("An exception occurred while executing a query: Unknown column 'a'", "Unknown column 'a'"),
            ("An error occurred.", "An error occurred."),
            ("Card: declined", "Card: declined"),
        ] {
            assert_eq!(without_lead(message), expected);
        }
        let settings = "1 validation error for Settings\nDATABASE_URL\n  Field required";
        assert_eq!(first_line(settings), "1 validation error for Settings: DATABASE_URL: Field required");
    }

    #[test]
    fn a_type_is_told_once() {
        let exception = Exception {
            kind: "org.solr.SolrException".to_owned(),
            message: "org.solr.SolrException: Could not load config".to_owned(),
            ..Exception::default()
        };
        let cluster = Cluster { kind: "trace".to_owned(), exception: Some(exception), ..Cluster::default() };
        assert_eq!(title(&cluster, &Digest::default()), "SolrException: Could not load config");
    }

    #[test]
    fn a_trace_without_a_type_is_told_by_its_message_and_place() {
        let titled = |pattern: &str, kind: &str, message: &str, function: &str| {
            let frame = Frame { function: function.to_owned(), in_app: true, ..Default::default() };
            let exception = Exception {
                kind: kind.to_owned(),
                message: message.to_owned(),
                frames: vec![frame],
                ..Exception::default()
            };
            let cluster = Cluster {
                kind: "trace".to_owned(),
                pattern: pattern.to_owned(),
                exception: Some(exception),
                ..Cluster::default()
            };
            title(&cluster, &Digest::default())
        };
        let charge = "github.com/acme/shop/pay.(*Svc).Charge";
        assert_eq!(titled("charge failed: error at a < b", "", "", charge), "Charge failed in (*Svc).Charge");
        assert_eq!(titled("error at a < b", "", "", "main.load[...]"), "Error in main.load");
        assert_eq!(
            titled("x: error at a", "", "no such file", "github.com/acme/log.Error"),
            "no such file in log.Error"
        );
        let made = "Shop.C.<>c__DisplayClass3_0.<<Post>b__0>d.MoveNext";
        assert_eq!(titled("System.Exception at Shop.C.Post", "System.Exception", "a", made), "Exception: a in C.Post");
        assert_eq!(titled("x", "App\\Exceptions\\NotFound", "x", "App\\Repo->find"), "NotFound: x in Repo->find");
    }

    #[test]
    fn where_no_function_is_known_the_file_is_told() {
        let titled = |kind: &str, message: &str, file: &str, function: &str| {
            let frame =
                Frame { file: file.to_owned(), function: function.to_owned(), in_app: true, ..Default::default() };
            let (kind, message) = (kind.to_owned(), message.to_owned());
            let exception = Exception { kind, message, frames: vec![frame], ..Exception::default() };
            title(
                &Cluster { kind: "trace".to_owned(), exception: Some(exception), ..Cluster::default() },
                &Digest::default(),
            )
        };
        assert_eq!(titled("panic", "", "src/index/merge.rs", ""), "panic in index/merge.rs");
        assert_eq!(titled("panic", "no space", "src/index/merge.rs", ""), "panic: no space");
        assert_eq!(titled("KeyError", "id not found in", "a.ex", "load"), "KeyError: id not found in load");
        assert_eq!(
            titled("ImportError", "no torch", "/app/scorer/main.py", "<module>"),
            "ImportError: no torch in scorer/main.py"
        );
    }

    #[test]
    fn a_first_line_that_leads_up_to_the_last_is_told_with_it() {
        for (message, told) in [
            (
                "\nInvalid `db.save()` invocation in\n/app/a.js:4:1\n\n  3 x\nUnique constraint failed",
                "Invalid `db.save()` invocation: Unique constraint failed",
            ),
            ("cannot read:\nno such file\n", "cannot read: no such file"),
            ("cannot read:", "cannot read:"),
            ("2 errors\na\nb", "2 errors"),
            ("\n", ""),
        ] {
            assert_eq!(first_line(message), told);
        }
    }

    #[test]
    fn a_few_values_are_named() {
        let variant = |pattern: &str| crate::model::Variant {
            pattern: pattern.to_owned(),
            fingerprint: crate::model::Fingerprint::of(&[pattern]),
            count: 1,
        };
        let cluster = Cluster {
            kind: "message".to_owned(),
            pattern: "Message <*> could not be routed".to_owned(),
            variants: vec![variant("Message stop could not be routed"), variant("Message ack could not be routed")],
            ..Cluster::default()
        };
        assert_eq!(title(&cluster, &Digest::default()), "Message ack/stop could not be routed");
        let many = Cluster {
            variants: ["a", "b", "c", "d"].map(|word| variant(&format!("Message {word} could not be routed"))).to_vec(),
            ..cluster
        };
        assert_eq!(title(&many, &Digest::default()), "Message … could not be routed");
    }
}
