//! An existing worklog and a fresh one in, the existing one brought up to date out; what people wrote stays as it is.
//!
//! Our text stands between `<!-- log-gardener:begin ID -->` and `<!-- log-gardener:end ID -->`, everything else is
//! people's. A mark counts only as a line of its own outside of code blocks, so quoted log text cannot pose as one.

use std::collections::{BTreeMap, BTreeSet};

const OPEN: &str = "<!-- log-gardener:";
/// Sections of `worklog.md` besides clusters and update notes.
const SECTIONS: [&str; 22] = [
    "header",
    "coverage",
    "summary",
    "changes",
    "table",
    "analysis",
    "further",
    "expected",
    "singles",
    "informational",
    "risk",
    "severities",
    "timeline",
    "health",
    "context",
    "patterns",
    "actions",
    "issues",
    "next",
    "methodology",
    "inputs",
    "footer",
];

/// A mark that cannot be trusted; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {detail}")]
pub struct DamagedMark {
    /// The line of the worklog, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub detail: String,
}

/// A stretch of a worklog, with its line breaks.
enum Piece<'a> {
    /// Written by people.
    Theirs(&'a str),
    /// A section with its marks.
    Ours(&'a str, &'a str),
}

/// What a line is to us.
enum Mark<'a> {
    Begin(&'a str),
    End(&'a str),
}

/// Brings `existing` up to date: sections of the same mark are replaced, new ones put in before the next known one, and a
/// note says what changed. Without a change the text comes back as it is.
pub fn update_in_place(existing: &str, fresh: &str) -> Result<String, DamagedMark> {
    let (old, new) = (pieces(existing)?, pieces(fresh)?);
    if !old.iter().any(|piece| matches!(piece, Piece::Ours(..))) {
        return Err(damaged(1, "no mark of log-gardener in it, so it is no worklog that can be updated"));
    }
    let (before, after) = (sections(&old), sections(&new));
    let order: Vec<&str> = new.iter().filter_map(id_of).collect();
    let merged = merge(&old, &order, &before, &after);
    if merged == existing {
        return Ok(merged);
    }
    Ok(with_note(&merged, &note(&before, &after)))
}

fn damaged(line: usize, detail: impl Into<String>) -> DamagedMark {
    DamagedMark { line, detail: detail.into() }
}

fn id_of<'a>(piece: &Piece<'a>) -> Option<&'a str> {
    match piece {
        Piece::Ours(id, _) => Some(id),
        Piece::Theirs(_) => None,
    }
}

fn sections<'a>(pieces: &[Piece<'a>]) -> BTreeMap<&'a str, &'a str> {
    let ours = |piece: &Piece<'a>| match piece {
        Piece::Ours(id, text) => Some((*id, *text)),
        Piece::Theirs(_) => None,
    };
    pieces.iter().filter_map(ours).collect()
}

fn merge(old: &[Piece<'_>], order: &[&str], before: &BTreeMap<&str, &str>, after: &BTreeMap<&str, &str>) -> String {
    let mut out = String::new();
    let mut pending = order.iter().copied().peekable();
    for piece in old {
        match piece {
            Piece::Theirs(text) => out.push_str(text),
            Piece::Ours(id, text) => {
                // Sections that are new and stand before this one in the fresh worklog.
                while order.contains(id) && pending.peek().is_some_and(|next| next != id) {
                    put_new(&mut out, pending.next(), before, after);
                }
                if pending.peek() == Some(id) {
                    pending.next();
                }
                match after.get(id) {
                    Some(fresh) => out.push_str(fresh),
                    None => out.push_str(&retired(id, text)),
                }
            }
        }
    }
    for id in pending {
        put_new(&mut out, Some(id), before, after);
    }
    out
}

fn put_new(out: &mut String, id: Option<&str>, before: &BTreeMap<&str, &str>, after: &BTreeMap<&str, &str>) {
    let Some(fresh) = id.filter(|id| !before.contains_key(id)).and_then(|id| after.get(id)) else { return };
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push_str(if out.ends_with('\n') { "\n" } else { "\n\n" });
    }
    out.push_str(fresh);
    out.push('\n');
}

/// What is left of a section that the fresh worklog does not have: a cluster keeps its heading, a note all its text.
fn retired(id: &str, text: &str) -> String {
    if id.starts_with("update-") || text.contains("\n*Not in the newest export.*\n") {
        return text.to_string();
    }
    let heading = text.lines().find(|line| line.starts_with("### ")).filter(|_| is_cluster(id));
    let body = heading.map_or(String::new(), |heading| format!("{heading}\n\n*Not in the newest export.*\n"));
    format!("{OPEN}begin {id} -->\n{body}{OPEN}end {id} -->\n")
}

fn is_cluster(id: &str) -> bool {
    id.strip_prefix("lg-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_known(id: &str) -> bool {
    let dated = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    SECTIONS.contains(&id) || is_cluster(id) || id.strip_prefix("update-").is_some_and(dated)
}

/// Cuts a worklog into what is ours and what is theirs.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, DamagedMark> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut fence = Fence::default();
    let mut open: Option<(&str, usize)> = None;
    let (mut start, mut at, mut number) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        number += 1;
        let begins_at = at;
        at += line.len();
        if fence.holds(line) {
            continue;
        }
        match (mark(line, number)?, open) {
            (None, _) => {}
            (Some(Mark::Begin(id)), None) => {
                if !seen.insert(id) {
                    return Err(damaged(number, format!("the section {id} begins a second time")));
                }
                found.extend(text.get(start..begins_at).filter(|own| !own.is_empty()).map(Piece::Theirs));
                (start, open) = (begins_at, Some((id, number)));
            }
            (Some(Mark::End(id)), Some((begun, _))) if id == begun => {
                found.extend(text.get(start..at).map(|section| Piece::Ours(id, section)));
                (start, open) = (at, None);
            }
            (Some(Mark::Begin(id)), Some((begun, since))) => {
                let detail = format!("the section {id} begins, but {begun} (line {since}) has no end");
                return Err(damaged(number, detail));
            }
            (Some(Mark::End(id)), _) => {
                return Err(damaged(number, format!("the section {id} ends, but does not begin before")));
            }
        }
    }
    if let Some((id, since)) = open {
        return Err(damaged(since, format!("the section {id} has no end")));
    }
    found.extend(text.get(start..).filter(|own| !own.is_empty()).map(Piece::Theirs));
    Ok(found)
}

fn mark(line: &str, number: usize) -> Result<Option<Mark<'_>>, DamagedMark> {
    let line = line.trim();
    if !line.contains(OPEN) {
        return Ok(None);
    }
    let inside = line.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix("-->")).map(str::trim);
    let (found, id) = match inside.and_then(|inside| inside.split_once(' ')) {
        Some(("begin", id)) => (Mark::Begin(id), id),
        Some(("end", id)) => (Mark::End(id), id),
        _ => return Err(damaged(number, "this mark of log-gardener is damaged")),
    };
    if is_known(id) { Ok(Some(found)) } else { Err(damaged(number, format!("the section {id} is unknown"))) }
}

/// Whether the reader stands inside a code block.
#[derive(Default)]
struct Fence {
    open: Option<(char, usize)>,
}

impl Fence {
    /// Takes the next line; true while it is part of a code block, its fences included.
    fn holds(&mut self, line: &str) -> bool {
        let text = line.trim_end();
        let indent = text.len() - text.trim_start().len();
        let text = text.trim_start();
        let sign = text.chars().next().filter(|sign| matches!(sign, '`' | '~')).filter(|_| indent < 4);
        let run = sign.map_or(0, |sign| text.chars().take_while(|character| *character == sign).count());
        match (self.open, sign) {
            (Some((fence, length)), Some(sign)) if sign == fence && run >= length && text.chars().count() == run => {
                self.open = None;
                true
            }
            (Some(_), _) => true,
            (None, Some(sign)) if run >= 3 && (sign == '~' || text.chars().skip(run).all(|one| one != '`')) => {
                self.open = Some((sign, run));
                true
            }
            (None, _) => false,
        }
    }
}

/// What changed between the sections, as a section of its own.
fn note(before: &BTreeMap<&str, &str>, after: &BTreeMap<&str, &str>) -> (String, String) {
    let generated = line_after(after.get("header"), "- **Generated**: ").unwrap_or_default();
    let digits: String = generated.chars().filter(char::is_ascii_digit).take(12).collect();
    let id = format!("update-{}", if digits.is_empty() { "0" } else { &digits });
    let mut lines = Vec::new();
    if let (Some(then), Some(now)) =
        (line_after(before.get("header"), "- **Entries**: "), line_after(after.get("header"), "- **Entries**: "))
        && then != now
    {
        lines.push(format!("Entries: {now}; before: {then}"));
    }
    for (cluster, section) in after.iter().filter(|(id, _)| is_cluster(id)) {
        match before.get(cluster) {
            None => lines.push(format!("New: {}", title(section))),
            Some(old) if old != section => {
                lines.extend(count_change(old, section).map(|change| format!("{change}: {}", title(section))));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(id, _)| is_cluster(id) && !after.contains_key(*id));
    lines.extend(gone.map(|(_, section)| format!("Not in the newest export: {}", title(section))));
    if lines.is_empty() {
        lines.push("No cluster came, went or changed its count".into());
    }
    let list = lines.join("\n> - ");
    let head = if generated.is_empty() { "UPDATE".into() } else { format!("UPDATE {generated}") };
    (id.clone(), format!("{OPEN}begin {id} -->\n> **{head}**\n>\n> - {list}\n{OPEN}end {id} -->\n"))
}

/// Puts the note behind the header, in the place of one from the same time.
fn with_note(text: &str, (id, note): &(String, String)) -> String {
    let Ok(found) = pieces(text) else { return text.to_string() };
    let has_header = found.iter().any(|piece| id_of(piece) == Some("header"));
    let mut out = if has_header { String::new() } else { format!("{note}\n") };
    for piece in &found {
        match piece {
            Piece::Theirs(own) => out.push_str(own),
            Piece::Ours(old, _) if old == id => {}
            Piece::Ours("header", section) => {
                out.push_str(section);
                out.push_str(note);
            }
            Piece::Ours(_, section) => out.push_str(section),
        }
    }
    out
}

fn line_after<'a>(section: Option<&&'a str>, start: &str) -> Option<&'a str> {
    section?.lines().find_map(|line| line.strip_prefix(start)).map(str::trim)
}

/// The heading of a cluster without its signs; its text was escaped when it was rendered.
fn title(section: &str) -> &str {
    let heading = section.lines().find_map(|line| line.strip_prefix("### ")).unwrap_or_default();
    heading
        .split_once("CLUSTER ")
        .map_or(heading, |(_, title)| title.split_once(": ").map_or(title, |(_, title)| title))
}

fn count_change(before: &str, after: &str) -> Option<String> {
    let count = |section: &str| -> Option<String> {
        let line = section.lines().find_map(|line| line.strip_prefix("| **Count** | "))?;
        line.split_once(" entr").map(|(count, _)| count.to_string())
    };
    let (then, now) = (count(before)?, count(after)?);
    (then != now).then(|| format!("{then} entries before, {now} now"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: &str, text: &str) -> String {
        format!("{OPEN}begin {id} -->\n{text}\n{OPEN}end {id} -->\n")
    }

    fn cluster(id: &str, title: &str, count: u64) -> String {
        section(
            id,
            &format!("### <a id=\"{id}\"></a>X CLUSTER 1: {title} (HIGH - P1)\n\n| **Count** | {count} entries, 1% |"),
        )
    }

    #[test]
    fn what_people_wrote_stays_and_the_rest_is_new() {
        let head = |time: &str| section("header", &format!("- **Generated**: {time}\n- **Entries**: 10"));
        let existing = format!(
            "My title\n\n{}\nnote \u{e4}\r\n{}\n  below c1\n{}tail without break",
            head("2025-09-14 03:00 UTC"),
            cluster("lg-aa", "first", 3),
            section("footer", "old foot"),
        );
        let fresh = format!(
            "{}\n{}\n{}\n{}",
            head("2025-09-15 03:00 UTC"),
            cluster("lg-aa", "first", 5),
            cluster("lg-bb", "second", 1),
            section("footer", "new foot"),
        );
        let updated = update_in_place(&existing, &fresh).unwrap();
        for kept in ["My title\n\n", "\nnote \u{e4}\r\n", "\n  below c1\n", "tail without break"] {
            assert!(updated.contains(kept), "{kept:?} in {updated}");
        }
        assert!(updated.contains("> **UPDATE 2025-09-15 03:00 UTC**"), "{updated}");
        assert!(
            updated.contains("> - New: second") && updated.contains("> - 3 entries before, 5 now: first"),
            "{updated}"
        );
        assert!(updated.find("below c1") < updated.find("begin lg-bb") && updated.contains("new foot"));
        assert_eq!(update_in_place(&updated, &fresh).unwrap(), updated, "a second time changes nothing");
    }

    #[test]
    fn a_cluster_that_is_gone_keeps_its_heading() {
        let existing = format!("{}{}", section("header", "h"), cluster("lg-aa", "first", 3));
        let updated = update_in_place(&existing, &section("header", "h")).unwrap();
        assert!(updated.contains("CLUSTER 1: first") && updated.contains("*Not in the newest export.*"), "{updated}");
        assert!(updated.contains("> - Not in the newest export: first"), "{updated}");
        assert_eq!(update_in_place(&updated, &section("header", "h")).unwrap(), updated);
    }

    #[test]
    fn a_mark_in_quoted_text_is_none() {
        let quoted = format!("```\n{OPEN}end header -->\n```");
        let text = section("header", &quoted);
        assert_eq!(update_in_place(&text, &text).unwrap(), text);
    }

    #[test]
    fn what_cannot_be_trusted_is_refused_with_its_line() {
        let fresh = section("header", "h");
        for (text, line) in [
            ("no marks\n".to_string(), 1),
            (format!("a\n{OPEN}begin header -->\n"), 2),
            (format!("a\nb\n{OPEN}end header -->\n"), 3),
            (format!("{OPEN}begin header -->\n{OPEN}begin footer -->\n"), 2),
            (format!("{OPEN}begin heade -->\n"), 1),
            (format!("x {OPEN}begin header --> y\n"), 1),
            (format!("{fresh}{fresh}"), 4),
        ] {
            assert_eq!(update_in_place(&text, &fresh).unwrap_err().line, line, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn people_lose_no_byte(parts in proptest::collection::vec("[a-z#>|` \u{e4}-]{0,12}\n?", 3)) {
            let [a, b, c] = parts.as_slice() else { unreachable!() };
            // An opened code block would hide the marks behind it, which is refused below.
            let existing = format!("{a}\n{}{b}\n{}{c}", section("header", "old"), section("footer", "old"));
            let fresh = format!("{}{}", section("header", "new"), section("footer", "new"));
            if let Ok(updated) = update_in_place(&existing, &fresh) {
                let theirs = |text: &str| -> String {
                    pieces(text).unwrap().iter().map(|piece| match piece { Piece::Theirs(own) => *own, Piece::Ours(..) => "" }).collect()
                };
                proptest::prop_assert_eq!(theirs(&updated), theirs(&existing));
            }
        }
    }
}
