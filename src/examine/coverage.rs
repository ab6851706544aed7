//! A Digest in, what the export can and cannot tell out: windows, cuts, gaps, silence, and what to export next.
//!
//! Nothing here is known for sure but what was counted; sentences that infer say so ("suggests", "looks").

use crate::model::{Coverage, Digest, Gap, InputTally, Severity, Timestamp, Warning, Window};

use super::newest::Newest;
use super::{Settings, export, gaps, words, zones};

/// Entries that `Logs Explorer` downloads at most.
const EXPLORER_LIMIT: u64 = 10_000;
/// The longest window whose hourly rates are called an extrapolation.
const SHORT_WINDOW: f64 = 600.0;

/// What the export can tell.
pub(super) fn coverage(digest: &Digest, window: &Window, settings: &Settings) -> Coverage {
    let mut warnings = Warnings(Vec::new());
    warnings.0.extend(settings.newest.as_ref().and_then(Newest::warning));
    let cut = warnings.cuts(digest, window, settings);
    warnings.unfinished(digest);
    warnings.requested(window, settings.requested.as_ref());
    if settings.requested.is_none() {
        warnings.passing(digest, window);
    }
    warnings.short(digest, window);
    let gaps = gaps::gaps(&digest.overall);
    warnings.gaps(&gaps, window, filtered(digest) > 0);
    let filtered = warnings.severities(digest);
    warnings.silent(digest);
    warnings.corrected(digest);
    warnings.losses(digest);
    warnings.future(digest, settings);
    warnings.collapsed(digest);
    warnings.0.extend(zones::zones(digest));
    let truncated = warnings.0.iter().any(|warning| warning.kind == "truncated");
    let missing = export::Missing { older: cut, lower_severities: filtered, later: truncated && !cut };
    let next_export = export::command(digest, window, settings, missing);
    Coverage { warnings: warnings.0, gaps, truncated, next_export, requested: settings.requested.clone() }
}

struct Warnings(Vec<Warning>);

impl Warnings {
    fn add(&mut self, kind: &str, text: String) {
        self.0.push(Warning { kind: kind.to_owned(), text });
    }

    /// Counts that look like a `--limit`, per input, over all, and per severity.
    fn cuts(&mut self, digest: &Digest, window: &Window, settings: &Settings) -> bool {
        let covered = covered(window, settings.requested.as_ref());
        let inputs: Vec<(&String, &InputTally)> = digest.inputs.iter().filter(|(_, input)| input.entries > 0).collect();
        let mut limited: Vec<&(&String, &InputTally)> =
            inputs.iter().filter(|(_, input)| is_likely_limit(input.entries)).collect();
        // Of many files a few are round by chance.
        if limited.len() * 20 < inputs.len() {
            limited.clear();
        }
        match limited.as_slice() {
            [] => {}
            [(path, input)] => {
                self.add("truncated", format!("{path} {} {covered}", limit_sentence(input.entries)));
            }
            [(path, input), ..] => self.add(
                "truncated",
                format!(
                    "{} of {} inputs hold a round number of entries; {path} {} {covered}",
                    limited.len(),
                    inputs.len(),
                    limit_sentence(input.entries)
                ),
            ),
        }
        let total: u64 = inputs.iter().map(|(_, input)| input.entries).sum();
        let overall = limited.is_empty() && inputs.len() > 1 && is_likely_limit(total);
        if overall {
            self.add("truncated", format!("The inputs together hold {} {covered}", round_sentence(total)));
        }
        let by_severity = self.cut_severities(digest);
        !limited.is_empty() || overall || by_severity
    }

    /// Dumps that were collected with one limit for each severity.
    fn cut_severities(&mut self, digest: &Digest) -> bool {
        let present: Vec<(Severity, u64)> = digest.overall.severities.present().collect();
        for (_, count) in present.iter().filter(|(_, count)| is_likely_limit(*count)) {
            let alike: Vec<&str> =
                present.iter().filter(|(_, other)| other == count).map(|(severity, _)| severity.name()).collect();
            if alike.len() > 1 {
                self.add(
                    "truncated",
                    format!(
                        "{} have exactly {} entries each, which suggests a limit per severity: their counts are lower \
                         bounds and their proportions mean nothing.",
                        words::list(&alike),
                        words::grouped(*count)
                    ),
                );
                return true;
            }
        }
        false
    }

    fn unfinished(&mut self, digest: &Digest) {
        for (path, input) in &digest.inputs {
            for note in &input.notes {
                let lower = note.to_lowercase();
                let cut =
                    ["never closed", "cut off", "truncated", "unexpected end", "interrupted", "incomplete", "ends in"]
                        .iter()
                        .any(|sign| lower.contains(sign));
                let stop = if note.ends_with(['.', '!', '?', '…']) { "" } else { "." };
                self.add(if cut { "truncated" } else { "input" }, format!("{path}: {note}{stop}"));
            }
        }
    }

    fn requested(&mut self, window: &Window, requested: Option<&Window>) {
        let Some(asked) = requested else { return };
        if asked.seconds <= 0.0 || window.start.is_none() {
            return;
        }
        if window.seconds < asked.seconds * 0.9 {
            self.add(
                "window",
                format!(
                    "Asked for {}, the entries cover {} ({}): rates are those of the time covered.",
                    words::span(asked.seconds),
                    words::span(window.seconds),
                    words::percent(window.seconds / asked.seconds)
                ),
            );
        }
    }

    /// How much of the time of all entries those cover that pass the filter.
    fn passing(&mut self, digest: &Digest, window: &Window) {
        let first = digest.zones.iter().filter_map(|zone| zone.first).min();
        let last = digest.zones.iter().filter_map(|zone| zone.last).max();
        let all = first.zip(last).map_or(0.0, |(first, last)| last.seconds_since(first));
        if filtered(digest) == 0 || window.start.is_none() || window.seconds >= all * 0.9 {
            return;
        }
        self.add(
            "window",
            format!(
                "The entries that pass the filter cover {} of the {} that all entries cover ({}): rates are those of the \
                 time covered.",
                words::span(window.seconds),
                words::span(all),
                words::percent(window.seconds / all)
            ),
        );
    }

    fn short(&mut self, digest: &Digest, window: &Window) {
        if digest.overall.count > 1 && window.start.is_some() && window.seconds < SHORT_WINDOW {
            let text = match words::span(window.seconds) {
                _ if window.seconds <= 0.0 => "All entries carry the same time: rates per hour say nothing.".to_owned(),
                span => format!("All entries stand within {span}: rates per hour are extrapolated from that."),
            };
            self.add("window", text);
        }
    }

    fn gaps(&mut self, gaps: &[Gap], window: &Window, is_filtered: bool) {
        let length = |gap: &Gap| gap.to.zip(gap.from).map_or(0.0, |(to, from)| to.seconds_since(from));
        let Some(longest) = gaps.iter().rev().max_by(|left, right| length(left).total_cmp(&length(right))) else {
            return;
        };
        let from = longest.from.map(words::clock).unwrap_or_default();
        let (count, total) = (gaps.len() as u64, gaps.iter().map(length).sum::<f64>());
        let text = format!(
            "{} without any {}, {} of the window in all; the longest is {} from {from}.{}",
            words::counted(count, "stretch", "stretches"),
            if is_filtered { "entry that passes the filter" } else { "entry" },
            words::percent(total / window.seconds.max(1.0)),
            words::span(length(longest)),
            if is_filtered { "" } else { " Nothing was logged, or it was not exported." }
        );
        self.add("gap", text);
    }

    /// Whether the export looks filtered by severity.
    fn severities(&mut self, digest: &Digest) -> bool {
        let counts = &digest.overall.severities;
        let Some(lowest) = Severity::ALL.into_iter().find(|severity| counts.get(*severity) > 0) else { return false };
        if lowest < Severity::Notice || digest.overall.count < 10 {
            return false;
        }
        let present: Vec<&str> = counts.present().map(|(severity, _)| severity.name()).collect();
        let left_out = filtered(digest);
        if left_out > 0 {
            let text = format!(
                "Only {} {} here; the filter of this run leaves out {}, which may hold the rest. Normal activity and \
                 error shares cannot be told from what is left.",
                words::list(&present),
                if present.len() == 1 { "stands" } else { "stand" },
                words::counted(left_out, "entry", "entries")
            );
            self.add("missing_severities", text);
            return false;
        }
        self.add(
            "missing_severities",
            format!(
                "Only {} {}: the export looks filtered with severity>={}. Normal activity, context at lower severities \
                 and error shares cannot be told from it.",
                words::list(&present),
                if present.len() == 1 { "occurs" } else { "occur" },
                lowest.name()
            ),
        );
        true
    }

    /// Entries that were given a severity with all others, and say another one.
    fn corrected(&mut self, digest: &Digest) {
        let corrected = digest.overall.corrected;
        if corrected.total() == 0 {
            return;
        }
        let parts: Vec<String> =
            corrected.present().map(|(severity, count)| format!("{} {severity}", words::grouped(count))).collect();
        self.add(
            "severity_corrected",
            format!(
                "{} given a severity with all lines of the same stream, and said another one ({}); it is used here, \
                 marked as inferred. A filter on severity goes by the one given.",
                words::counted(corrected.total(), "entry was", "entries were"),
                words::list(&parts)
            ),
        );
    }

    /// Entries that say no severity, but whose text does.
    fn silent(&mut self, digest: &Digest) {
        let silent = digest.overall.severities.get(Severity::Default);
        let loud: Vec<(Severity, u64)> =
            digest.overall.inferred.present().filter(|(severity, _)| *severity >= Severity::Warning).collect();
        let total: u64 = loud.iter().map(|(_, count)| count).sum();
        if total == 0 {
            return;
        }
        let parts: Vec<String> =
            loud.iter().map(|(severity, count)| format!("{} {severity}", words::grouped(*count))).collect();
        self.add(
            "severity_inferred",
            format!(
                "{} of {} without a severity say one in their text ({}); it is used here, marked as inferred. A filter on \
                 severity misses them.",
                words::grouped(total),
                words::counted(silent, "entry", "entries"),
                words::list(&parts)
            ),
        );
    }

    fn losses(&mut self, digest: &Digest) {
        let sum = |field: fn(&InputTally) -> u64| digest.inputs.values().map(field).sum::<u64>();
        let untimed = digest.overall.untimed;
        if untimed > 0 {
            let entries = words::counted(untimed, "entry has", "entries have");
            self.add("untimed", format!("{entries} no time that can be read; counted, but on no timeline."));
        }
        let skipped = digest.skips.total;
        if skipped > 0 {
            let reasons: Vec<String> = digest
                .skips
                .by_reason
                .iter()
                // What to export instead stands with each record.
                .map(|(reason, count)| (reason.split(" (export ").next().unwrap_or(reason), count))
                .map(|(reason, count)| format!("{} {reason}", words::grouped(*count)))
                .collect();
            let text = words::counted(skipped, "record was", "records were");
            self.add("skipped", format!("{text} skipped ({}); each is listed with its place.", words::list(&reasons)));
        }
        let (copies, entries) = (sum(|input| input.duplicates), sum(|input| input.entries));
        if copies > 0 {
            let text = words::counted(copies, "entry was", "entries were");
            let share = words::percent(words::share(copies, entries));
            self.add(
                "duplicates",
                format!("{text} a copy of another ({share}; overlapping exports) and counted once."),
            );
        }
    }

    fn future(&mut self, digest: &Digest, settings: &Settings) {
        if let (Some(now), Some(last)) = (settings.now, digest.overall.last)
            && last > now
        {
            let span = words::span(last.seconds_since(now));
            self.add("future", format!("The newest entry is {span} later than the time this worklog speaks from."));
        }
    }

    fn collapsed(&mut self, digest: &Digest) {
        for (group, entries) in digest.collapsed() {
            let entries = words::counted(entries, "entry", "entries");
            self.add("collapsed", format!("{group} bred patterns without end: its {entries} count as one."));
        }
    }
}

/// Entries that the filter of the run leaves out.
fn filtered(digest: &Digest) -> u64 {
    digest.inputs.values().map(|input| input.filtered).sum()
}

/// What a cut export still covers: `The entries cover 107 s, not 1 h.`
fn covered(window: &Window, requested: Option<&Window>) -> String {
    if window.start.is_none() {
        return String::new();
    }
    let asked = requested.map_or_else(String::new, |asked| format!(", not {}", words::span(asked.seconds)));
    format!("The entries cover {}{asked}.", words::span(window.seconds))
}

fn limit_sentence(entries: u64) -> String {
    format!("holds {}", round_sentence(entries))
}

fn round_sentence(entries: u64) -> String {
    let explorer = if entries == EXPLORER_LIMIT { ", or Logs Explorer's download limit" } else { "" };
    format!(
        "exactly {} entries, which suggests --limit={entries}{explorer}: the newest are kept, older ones are missing.",
        words::grouped(entries)
    )
}

/// Whether a count looks like a limit someone typed: 1, 2, 2.5 or 5 times a power of ten from 50 up, or a whole
/// number of thousands up to 20,000.
pub(super) fn is_likely_limit(count: u64) -> bool {
    if count < 50 {
        return false;
    }
    let mut head = count;
    while head.is_multiple_of(10) {
        head /= 10;
    }
    matches!(head, 1 | 2 | 5 | 25) || (count.is_multiple_of(1_000) && count <= 20_000)
}

/// The window the entries cover.
pub(super) fn window(first: Option<Timestamp>, last: Option<Timestamp>) -> Window {
    let seconds = first.zip(last).map_or(0.0, |(first, last)| last.seconds_since(first));
    Window { start: first, end: last, seconds }
}
