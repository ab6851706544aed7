//! What is in an export in, one screen of plain text out.

use std::fmt::Write as _;
use std::time::Duration;

use super::visible::visible;
use super::words::{duration, percent, thousands};
use crate::model::{FieldSeen, Input, Inspection, Names, ServiceRequests, Timestamp};

/// How wide a screen is taken to be.
const WIDTH: usize = 120;
/// How many names of a kind are shown.
const SHOWN_NAMES: usize = 6;
/// How many fields are shown.
const SHOWN_FIELDS: usize = 24;
/// How many letters of the name of a service are shown.
const LONGEST_SERVICE: usize = 40;
/// How many inputs, warnings, gaps and services are shown.
const SHOWN: usize = 8;
/// Fields of every entry, which need no line of their own.
const EVIDENT: [&str; 7] =
    ["insertId", "logName", "receiveTimestamp", "resource.type", "severity", "textPayload", "timestamp"];

/// The screen: plain text, every line of it safe for a terminal.
pub fn inspection(seen: &Inspection) -> String {
    let mut out = String::new();
    heading(&mut out, seen);
    inputs(&mut out, &seen.inputs);
    window(&mut out, seen);
    coverage(&mut out, seen);
    severities(&mut out, seen);
    for (title, names) in [
        ("PROJECTS", &seen.projects),
        ("LOGS", &seen.logs),
        ("RESOURCES", &seen.resource_types),
        ("SERVICES", &seen.services),
        ("REVISIONS", &seen.revisions),
        ("REGIONS", &seen.regions),
    ] {
        self::names(&mut out, title, names);
    }
    requests(&mut out, &seen.requests);
    let payloads = seen.payloads.iter().map(|share| format!("{} {}", share.name, percent(share.share)));
    unless_empty(&mut out, "PAYLOADS", &payloads.collect::<Vec<_>>().join("   "));
    fields(&mut out, &seen.fields);
    if seen.redaction.total > 0 {
        let kinds = seen.redaction.by_kind.iter().map(|(kind, count)| format!("{kind} {}", number(*count)));
        line(&mut out, "REDACTED", &format!("in the samples: {}", kinds.collect::<Vec<_>>().join(", ")));
    }
    for (index, command) in seen.next.iter().enumerate() {
        whole(&mut out, if index == 0 { "NEXT" } else { "" }, command);
    }
    out
}

fn heading(out: &mut String, seen: &Inspection) {
    let totals = &seen.totals;
    let mut parts = vec![
        format!("{} {}", number(totals.entries), if totals.entries == 1 { "entry" } else { "entries" }),
        format!("{} analysed", number(totals.analysed)),
        format!("{} {}", number(totals.patterns), if totals.patterns == 1 { "pattern" } else { "patterns" }),
    ];
    let duplicates = if totals.duplicates == 1 { "duplicate" } else { "duplicates" };
    for (count, word) in
        [(totals.duplicates, duplicates), (totals.filtered, "filtered out"), (totals.skipped, "skipped")]
    {
        if count > 0 {
            parts.push(format!("{} {word}", number(count)));
        }
    }
    line(out, "EXPORT", &parts.join(", "));
    for (reason, count) in seen.skipped_by_reason.iter().take(SHOWN) {
        line(out, "", &format!("skipped {}: {reason}", number(*count)));
    }
}

fn inputs(out: &mut String, inputs: &[Input]) {
    for (index, input) in inputs.iter().take(SHOWN).enumerate() {
        let form = match (&*input.format, &*input.compression) {
            // What was not opened has none.
            ("", _) => String::new(),
            (format, "" | "none") => format!("{format}, "),
            (format, compression) => format!("{format} in {compression}, "),
        };
        let entries = if input.entries == 1 { "entry" } else { "entries" };
        let mut text = format!("{}: {form}{}, {} {entries}", input.path, bytes(input.bytes), number(input.entries));
        let duplicates = if input.duplicates == 1 { "duplicate" } else { "duplicates" };
        for (count, word) in [(input.duplicates, duplicates), (input.skipped, "skipped")] {
            if count > 0 {
                let _ = write!(text, ", {} {word}", number(count));
            }
        }
        for note in &input.notes {
            let _ = write!(text, "; {note}");
        }
        line(out, if index == 0 { "INPUTS" } else { "" }, &text);
    }
    more(out, inputs.len(), SHOWN, "inputs");
}

fn window(out: &mut String, seen: &Inspection) {
    let text = match (seen.window.start, seen.window.end) {
        (Some(start), Some(end)) => format!("{start} to {end} ({})", duration(seen.window.seconds)),
        _ if seen.totals.analysed == 0 => "no entry was chosen".to_owned(),
        _ => "no entry has a time that can be read".to_owned(),
    };
    line(out, "WINDOW", &text);
    if seen.totals.untimed > 0 {
        let entries = if seen.totals.untimed == 1 { "entry" } else { "entries" };
        line(out, "", &format!("{} {entries} without a time that can be read", number(seen.totals.untimed)));
    }
}

fn coverage(out: &mut String, seen: &Inspection) {
    for (index, warning) in seen.coverage.warnings.iter().take(SHOWN).enumerate() {
        wrapped(out, if index == 0 { "COVERAGE" } else { "" }, &warning.text);
    }
    more(out, seen.coverage.warnings.len(), SHOWN, "warnings");
    let time = |time: Option<Timestamp>| time.map_or_else(|| "?".to_owned(), |time| time.to_string());
    for (index, gap) in seen.coverage.gaps.iter().take(SHOWN).enumerate() {
        line(out, if index == 0 { "GAPS" } else { "" }, &format!("{} to {}", time(gap.from), time(gap.to)));
    }
    more(out, seen.coverage.gaps.len(), SHOWN, "gaps");
}

fn severities(out: &mut String, seen: &Inspection) {
    let list = |counts: &std::collections::BTreeMap<crate::model::Severity, u64>| {
        let parts = counts.iter().rev().filter(|(_, count)| **count > 0);
        parts.map(|(severity, count)| format!("{severity} {}", number(*count))).collect::<Vec<_>>().join("   ")
    };
    unless_empty(out, "SEVERITIES", &list(&seen.totals.by_severity));
    if seen.totals.inferred.values().any(|count| *count > 0) {
        line(out, "", &format!("DEFAULT ones whose text says more (inferred): {}", list(&seen.totals.inferred)));
    }
    if seen.totals.corrected.values().any(|count| *count > 0) {
        line(out, "", &format!("given with their stream, but say otherwise: {}", list(&seen.totals.corrected)));
    }
}

fn names(out: &mut String, title: &str, names: &Names) {
    if names.top.is_empty() {
        return;
    }
    let mut parts: Vec<String> =
        names.top.iter().take(SHOWN_NAMES).map(|name| format!("{} {}", name.name, number(name.count))).collect();
    let left = names.distinct.saturating_sub(parts.len() as u64);
    if left > 0 {
        parts.push(format!("and {}{} more", if names.exact { "" } else { "about " }, number(left)));
    }
    wrapped(out, title, &parts.join("   "));
}

/// A row for each service: requests, 4xx, 5xx and how long they took.
fn requests(out: &mut String, requests: &[ServiceRequests]) {
    if requests.is_empty() {
        return;
    }
    let heads = ["service", "requests", "4xx", "5xx", "p50", "p95", "p99"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(heads).chain(requests.iter().take(SHOWN).map(row)).collect();
    let width = |at: usize| rows.iter().filter_map(|row| Some(row.get(at)?.chars().count())).max().unwrap_or(0);
    let widths: Vec<usize> = (0..7).map(width).collect();
    for (index, row) in rows.iter().enumerate() {
        let mut text = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if at == 0 { write!(text, "{cell:width$}") } else { write!(text, "  {cell:>width$}") };
        }
        line(out, if index == 0 { "REQUESTS" } else { "" }, &text);
    }
    more(out, requests.len(), SHOWN, "services; --format json lists them");
}

fn row(one: &ServiceRequests) -> [String; 7] {
    let class = |name: &str| number(one.by_class.get(name).copied().unwrap_or_default());
    let [p50, p95, p99] = one.latency_ms.as_ref().map_or_else(Default::default, |latency| {
        [latency.p50, latency.p95, latency.p99].map(|millis| duration(Duration::from_millis(millis).as_secs_f64()))
    });
    let name: String = visible(&one.service).chars().take(LONGEST_SERVICE).collect();
    let name = if one.one_of_several { format!("{name} in {}", visible(&one.told_log)) } else { name };
    [name, number(one.requests), class("4xx"), class("5xx"), p50, p95, p99]
}

fn fields(out: &mut String, fields: &[FieldSeen]) {
    let shown: Vec<&FieldSeen> = fields.iter().filter(|field| !EVIDENT.contains(&field.path.as_str())).collect();
    if shown.is_empty() {
        return;
    }
    line(out, "FIELDS", "as a filter names them, projected from samples: share of entries, type, examples");
    let width = shown.iter().take(SHOWN_FIELDS).map(|field| field.path.chars().count()).max().unwrap_or(0).min(48);
    for field in shown.iter().take(SHOWN_FIELDS) {
        let types: Vec<&str> = field.types.keys().map(String::as_str).collect();
        let text = format!(
            "{:width$} {:>6}  {:8} {}",
            field.path,
            percent(field.share),
            types.join("|"),
            field.examples.join(", ")
        );
        line(out, "", &text);
    }
    more(out, shown.len(), SHOWN_FIELDS, "fields; --format json lists them");
}

fn more(out: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        line(out, "", &format!("and {} more {what}", all - shown));
    }
}

/// A title and a line of text, cut at the edge of the screen.
fn line(out: &mut String, title: &str, text: &str) {
    let text = visible(text);
    let room = WIDTH - 12;
    let shown: String =
        if text.chars().count() > room { text.chars().take(room - 1).chain(['…']).collect() } else { text };
    let _ = writeln!(out, "{title:11} {}", shown.trim_end());
}

/// A title and a line of text, where there is anything to say.
fn unless_empty(out: &mut String, title: &str, text: &str) {
    if !text.is_empty() {
        line(out, title, text);
    }
}

/// A title and a line that must stay whole, however long.
fn whole(out: &mut String, title: &str, text: &str) {
    let _ = writeln!(out, "{title:11} {}", visible(text));
}

/// A title and text over as many lines as it needs.
fn wrapped(out: &mut String, title: &str, text: &str) {
    let (mut current, mut title) = (String::new(), title);
    for word in visible(text).split(' ') {
        if !current.is_empty() && current.chars().count() + word.chars().count() + 1 > WIDTH - 12 {
            line(out, title, &current);
            title = "";
            current.clear();
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    line(out, title, &current);
}

fn number(count: u64) -> String {
    thousands(i128::from(count))
}

#[expect(clippy::cast_precision_loss, reason = "a size for display")]
fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", size as f64 / 1e6),
        _ => format!("{:.1} GB", size as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Coverage, Severity, Share, Span, Totals, Warning, Window};
    use std::collections::BTreeMap;

    #[test]
    fn one_screen_and_no_control_characters() {
        let field = |path: &str| FieldSeen {
            path: path.to_owned(),
            types: BTreeMap::from([("string".to_owned(), 5)]),
            entries: 5,
            share: 0.5,
            examples: vec!["\"\u{1b}[31mred\"".to_owned(), "x".repeat(300)],
        };
        let name = Span { name: "svc\u{202e}\n".to_owned(), count: 9, ..Span::default() };
        let seen = Inspection {
            window: Window {
                start: Timestamp::parse("2025-09-14"),
                end: Timestamp::parse("2025-09-15"),
                seconds: 86_400.0,
            },
            inputs: vec![
                Input {
                    path: "a.json".to_owned(),
                    format: "ndjson".into(),
                    bytes: 1_234_567,
                    ..Input::default()
                };
                20
            ],
            coverage: Coverage {
                warnings: vec![Warning { kind: "x".to_owned(), text: "long ".repeat(60) }],
                ..Coverage::default()
            },
            totals: Totals {
                entries: 12_345,
                by_severity: BTreeMap::from([(Severity::Error, 7)]),
                ..Totals::default()
            },
            services: Names { distinct: 30, exact: true, top: vec![name; 10] },
            payloads: vec![Share { name: "jsonPayload".to_owned(), entries: 10, share: 1.0 }],
            fields: (0..100).map(|index| field(&format!("jsonPayload.f{index}"))).collect(),
            next: vec!["log-gardener analyze a.json".to_owned()],
            ..Inspection::default()
        };
        let text = inspection(&seen);
        assert!(text.lines().count() <= 60, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()) && !text.contains('\u{202e}'));
        for part in
            ["12,345 entries", "1.2 MB", "ERROR 7", "and 24 more", "jsonPayload.f0 ", "NEXT        log-gardener"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
