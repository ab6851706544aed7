//! A worklog that people have written in and a fresh rendering in; the fresh one with their text kept, byte for byte, out.
//!
//! Marks (`<!-- log-gardener:begin NAME -->` to `<!-- log-gardener:end NAME -->`, each a line of its own) say what is
//! ours. Whatever stands outside of them is theirs and stays behind the section it stood behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Why an existing worklog cannot be updated; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Damage {}

const MARK: &str = "<!-- log-gardener:";
/// The section that tells of updates; it grows and is never replaced.
const UPDATES: &str = "updates";
/// How the line begins that says which section people wrote about, once that is gone.
const ABOUT: &str = "*About ";
/// How many names a note lists.
const LISTED: usize = 8;

/// One of our sections and what people wrote behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Section<'a> {
    name: &'a str,
    text: &'a str,
    behind: &'a str,
}

/// A worklog taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts<'a> {
    /// What stands before the first section.
    before: &'a str,
    sections: Vec<Section<'a>>,
}

/// Puts `fresh` into `existing`; `when` stands in the note about what changed. The same rendering again adds nothing.
pub fn update(existing: &str, fresh: &str, when: &str) -> Result<String, Damage> {
    let old = take_apart(existing)?;
    let new = take_apart(fresh)?;
    if new.sections.is_empty() {
        return Err(Damage {
            line: 1,
            what: "the new rendering holds no section, so nothing could be put in place".into(),
        });
    }
    if old.sections.is_empty() {
        return Err(Damage { line: 1, what: "no section of log-gardener stands in this file".into() });
    }
    let held: BTreeMap<&str, &Section<'_>> = old.sections.iter().map(|section| (section.name, section)).collect();
    let coming: BTreeSet<&str> = new.sections.iter().map(|section| section.name).collect();
    let note = note(&old, &new, when);
    let orphans = orphans(&old, &coming, when);
    let mut text = String::from(if new.before.is_empty() || !old.before.is_empty() { old.before } else { new.before });
    text.push_str(orphans.get("").map_or("", String::as_str));
    let mut updates = held.get(UPDATES).map(|section| with_note(section.text, note.as_deref()));
    let mut behind_updates = held.get(UPDATES).map_or("\n", |section| section.behind);
    if updates.is_none() && note.is_some() {
        updates = Some(with_note("", note.as_deref()));
    }
    for (place, section) in new.sections.iter().enumerate() {
        text.push_str(section.text);
        text.push_str(held.get(section.name).map_or(section.behind, |held| held.behind));
        text.push_str(orphans.get(section.name).map_or("", String::as_str));
        if let Some(updates) = updates.take_if(|_| place == 0) {
            ensure_line(&mut text);
            text.push_str(&updates);
            text.push_str(std::mem::take(&mut behind_updates));
        }
    }
    Ok(text)
}

/// What people wrote behind sections that are gone, by the section before them that stays; each says what it is about.
fn orphans<'a>(old: &Parts<'a>, coming: &BTreeSet<&str>, when: &str) -> BTreeMap<&'a str, String> {
    let mut orphans: BTreeMap<&str, String> = BTreeMap::new();
    let mut last = "";
    for section in &old.sections {
        if coming.contains(section.name) {
            last = section.name;
        } else if section.name != UPDATES && !section.behind.trim().is_empty() {
            let kept = orphans.entry(last).or_default();
            // What came to stand here in an earlier update says so itself.
            if !section.behind.trim_start().starts_with(ABOUT) {
                ensure_line(kept);
                let _ = write!(kept, "\n{ABOUT}{}, gone in the update of {when}:*\n\n", told(section));
            }
            kept.push_str(section.behind.trim_start_matches(['\r', '\n']));
        }
    }
    orphans
}

fn ensure_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// The section of updates with one more note.
fn with_note(held: &str, note: Option<&str>) -> String {
    let Some(note) = note else { return held.to_string() };
    let begin = format!("{MARK}begin {UPDATES} -->\n");
    let end = format!("{MARK}end {UPDATES} -->\n");
    let inside = held.lines().filter(|line| !line.starts_with(MARK)).fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "{line}");
        all
    });
    format!("{begin}{inside}{note}\n{end}")
}

/// What changed between the two, in a line; `None` if nothing did.
fn note(old: &Parts<'_>, new: &Parts<'_>, when: &str) -> Option<String> {
    let text_of = |parts: &Parts<'_>| -> BTreeMap<String, String> {
        let ours = parts.sections.iter().filter(|section| section.name != UPDATES);
        ours.map(|section| (section.name.to_string(), section.text.trim_end().replace("\r\n", "\n"))).collect()
    };
    let (before, now) = (text_of(old), text_of(new));
    let ours = |parts: &Parts<'_>, wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        let sections = parts.sections.iter().filter(|section| section.name != UPDATES && wanted(section.name));
        sections.map(|section| told(section)).collect()
    };
    let differs = |name: &str| before.get(name).is_some_and(|held| now.get(name).is_some_and(|text| text != held));
    let parts: Vec<String> = [
        ("added", ours(new, &|name| !before.contains_key(name))),
        ("no longer here", ours(old, &|name| !now.contains_key(name))),
        ("changed", ours(new, &differs)),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(word, mut names)| {
        // Clusters are what people look for; sections that count them change with them.
        names.sort_by_key(|name| name.starts_with('`'));
        let more = names.len().saturating_sub(LISTED);
        names.truncate(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{word}: {}{more}", names.join(", "))
    })
    .collect();
    (!parts.is_empty()).then(|| format!("- **UPDATE {when}**: {}", parts.join("; ")))
}

/// What a section is about: the heading of a cluster without its number, else the name of the section.
fn told(section: &Section<'_>) -> String {
    let heading = section.text.lines().find_map(|line| line.strip_prefix("### ")?.split_once("CLUSTER "));
    let title = heading.and_then(|(_, rest)| rest.split_once(": ")).map(|(_, title)| title.trim());
    title.filter(|title| !title.is_empty()).map_or_else(|| format!("`{}`", section.name), str::to_owned)
}

/// Takes a worklog apart at its marks; anything irregular about them is damage.
fn take_apart(text: &str) -> Result<Parts<'_>, Damage> {
    let mut parts = Parts { before: "", sections: Vec::new() };
    let mut seen = BTreeSet::new();
    let mut open: Option<(&str, usize, usize)> = None;
    let mut theirs = 0;
    let mut offset = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let (start, end) = (offset, offset + line.len());
        offset = end;
        let damage = |what: String| Damage { line: number, what };
        let Some((verb, name)) = mark(line).map_err(&damage)? else { continue };
        match (verb, open) {
            ("begin", None) => {
                if !seen.insert(name) {
                    return Err(damage(format!("section {name} begins a second time")));
                }
                give(&mut parts, text.get(theirs..start).unwrap_or_default());
                open = Some((name, start, number));
            }
            ("end", Some((opened, from, _))) if opened == name => {
                let section = Section { name, text: text.get(from..end).unwrap_or_default(), behind: "" };
                parts.sections.push(section);
                open = None;
                theirs = end;
            }
            ("begin", Some((opened, ..))) => {
                return Err(damage(format!("section {name} begins inside of section {opened}")));
            }
            _ => return Err(damage(format!("section {name} ends here, but did not begin"))),
        }
    }
    if let Some((name, _, line)) = open {
        return Err(Damage { line, what: format!("section {name} begins here and never ends") });
    }
    give(&mut parts, text.get(theirs..).unwrap_or_default());
    Ok(parts)
}

/// Text of theirs goes behind the last section, or before the first.
fn give<'a>(parts: &mut Parts<'a>, theirs: &'a str) {
    match parts.sections.last_mut() {
        Some(section) => section.behind = theirs,
        None => parts.before = theirs,
    }
}

/// The verb and name of a mark, if the line is one; what looks like a mark and is none is damage.
fn mark(line: &str) -> Result<Option<(&str, &str)>, String> {
    let bare = line.trim();
    if !bare.starts_with(MARK) {
        let hides = bare.contains(MARK) && !bare.starts_with(['`', '>', '|', '"']);
        return if hides { Err("a mark stands inside of a line".into()) } else { Ok(None) };
    }
    let inside = bare.strip_prefix(MARK).and_then(|rest| rest.strip_suffix("-->")).map(str::trim);
    let words = inside.and_then(|inside| inside.split_once(' '));
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match words {
        Some((verb @ ("begin" | "end"), name)) if plain(name) => Ok(Some((verb, name))),
        _ => Err(format!("an unknown mark: {}", bare.chars().take(80).collect::<String>())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn section(name: &str, text: &str) -> String {
        format!("<!-- log-gardener:begin {name} -->\n{text}\n<!-- log-gardener:end {name} -->\n")
    }

    #[test]
    fn what_people_wrote_stays() {
        let fresh = |count: u32| {
            [section("header", "# Log"), "\n".into(), section("a", &format!("{count} entries")), "\n".into()].concat()
        };
        let written = fresh(5).replace("end header -->\n", "end header -->\nMy note\twith é\r\n\n");
        let updated = update(&written, &fresh(7), "2025-09-14").unwrap();
        assert!(
            updated.contains("My note\twith é\r\n\n")
                && updated.contains("7 entries")
                && !updated.contains("5 entries")
        );
        assert!(updated.contains("**UPDATE 2025-09-14**: changed: `a`"), "{updated}");
        assert_eq!(update(&updated, &fresh(7), "later").unwrap(), updated);
        let third = update(&updated, &fresh(9), "2025-09-15").unwrap();
        assert!(third.contains("UPDATE 2025-09-14") && third.contains("UPDATE 2025-09-15"));
    }

    #[test]
    fn clusters_are_named_by_their_titles() {
        let cluster = |name: &str, title: &str| section(name, &format!("### x CLUSTER 3: {title} (HIGH - P1)\ntext"));
        let old = [section("header", "h"), cluster("lg-1", "Lost")].concat();
        let new = [section("header", "h2"), cluster("lg-2", "Found")].concat();
        let updated = update(&old, &new, "T").unwrap();
        assert!(
            updated.contains(
                "**UPDATE T**: added: Found (HIGH - P1); no longer here: Lost (HIGH - P1); changed: `header`\n"
            )
        );
    }

    #[test]
    fn sections_come_go_and_move_with_their_notes() {
        let old =
            [section("header", "h"), section("a", "1"), "about a\n".into(), section("b", "2"), "about b\n".into()]
                .concat();
        let new = [section("header", "h"), section("b", "2"), section("c", "3")].concat();
        let updated = update(&old, &new, "T").unwrap();
        assert!(updated.contains("about a\n") && !updated.contains("begin a"));
        assert!(updated.contains("end b -->\nabout b\n") && updated.contains("begin c"));
        assert!(updated.contains("added: `c`; no longer here: `a`"));
        assert_eq!(update(&updated, &new, "U").unwrap(), updated);
    }

    #[test]
    fn damage_is_named_by_its_line() {
        let fresh = section("a", "1");
        for (text, line, what) in [
            ("nothing of ours\n".to_string(), 1, "no section"),
            ("x\n<!-- log-gardener:begin a -->\n".into(), 2, "never ends"),
            ("<!-- log-gardener:end a -->\n".into(), 1, "did not begin"),
            (section("a", "1") + &section("a", "2"), 4, "second time"),
            (section("a", &section("b", "2")), 2, "inside of section"),
            (section("a", "1") + "<!-- log-gardener:start b -->\n", 4, "unknown mark"),
            (section("a", "1") + "text <!-- log-gardener:end a -->\n", 4, "inside of a line"),
        ] {
            let damage = update(&text, &fresh, "T").unwrap_err();
            assert_eq!(damage.line, line, "{damage}");
            assert!(damage.what.contains(what), "{damage}");
        }
    }

    proptest! {
        /// Whatever people write between sections is in the result, in its order, whatever the sections become.
        #[test]
        fn no_word_of_theirs_is_lost(notes in prop::collection::vec("[a-zé\t \r]{1,20}", 1..6), kept in any::<u8>()) {
            let name = |place: usize| format!("s{place}");
            let mut existing = section("header", "h");
            for (place, note) in notes.iter().enumerate() {
                existing.push_str(&section(&name(place), "old"));
                let _ = writeln!(existing, "[{place}:{note}]");
            }
            let mut fresh = section("header", "h2");
            for place in (0..notes.len()).filter(|place| kept >> place & 1 == 1) {
                fresh.push_str(&section(&name(place), "new"));
            }
            let updated = update(&existing, &fresh, "T").unwrap();
            for (place, note) in notes.iter().enumerate() {
                let written = format!("[{place}:{note}]\n");
                prop_assert_eq!(updated.matches(&written).count(), 1);
            }
        }

        #[test]
        fn no_text_breaks_it(existing in ".{0,300}", fresh in ".{0,100}") {
            let _ = update(&existing, &fresh, "T");
        }
    }
}
