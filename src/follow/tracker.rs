//! An export of the issue tracker in, its issues out: `gh issue list`, `gh search issues`, REST and GraphQL answers.
//!
//! An export that failed looks much like a tracker without issues, so an empty one is an error, never "no issues".

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::texts::Texts;
use crate::error::{Error, Result};
use crate::model::Timestamp;

/// Why and whether an issue is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueState {
    /// Open.
    #[default]
    Open,
    /// Closed as completed, or closed without saying why.
    Completed,
    /// Closed as not planned.
    NotPlanned,
    /// Closed as a duplicate of another.
    Duplicate,
}

impl IssueState {
    /// As the result says it: `open`, `closed`, `not_planned`, `duplicate`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "closed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
        }
    }
}

/// One issue of the tracker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownIssue {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The texts of its comments, where the export has them.
    pub comments: Vec<String>,
    /// Whether it is open, and why not.
    pub state: IssueState,
    /// Whether it was closed once and opened again.
    pub reopened: bool,
    /// Its labels.
    pub labels: BTreeSet<String>,
    /// When it was filed.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Its address.
    pub url: String,
    /// Pull requests that closed it.
    pub closed_by: Vec<u64>,
}

/// The issues of a tracker, as exported.
#[derive(Debug, Default)]
pub struct KnownIssues {
    issues: BTreeMap<u64, KnownIssue>,
    /// What their texts say, made when it is asked for first.
    texts: OnceLock<Texts>,
    pull_requests: u64,
}

/// `gh issue list` stops here unless told otherwise, and so do the pages of other ways.
const USUAL_CAPS: [usize; 4] = [30, 50, 100, 1000];

impl KnownIssues {
    /// Reads an export, with warnings about what it looks to lack.
    pub fn read(path: &Path) -> Result<(Self, Vec<String>)> {
        let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.into(), source })?;
        Self::parse(&bytes).map_err(|detail| Error::Saved { path: path.into(), detail })
    }

    /// Reads the bytes of an export; what is wrong and what to do otherwise.
    pub fn parse(bytes: &[u8]) -> std::result::Result<(Self, Vec<String>), String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(format!("the export of the tracker is empty, as after a failed download; {AGAIN}"));
        }
        let mut known = Self::default();
        let mut more_pages = false;
        let mut repositories = BTreeSet::new();
        let mut items = Vec::new();
        // `gh api --paginate` writes one document after another.
        for document in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
            let document = document.map_err(|error| format!("no JSON ({error}); {AGAIN}"))?;
            more_pages |= collect(document, &mut items)?;
        }
        let seen = items.len();
        let mut lacking = BTreeSet::new();
        for item in &items {
            repositories.extend(repository(item));
            lacking.extend(["body", "state"].into_iter().filter(|field| !item.contains_key(*field)));
            if is_pull_request(item) {
                known.pull_requests += 1;
            } else if let Some(issue) = issue(item) {
                known.issues.insert(issue.number, issue);
            }
        }
        if known.issues.is_empty() {
            return Err(format!("holds no issue, which a failed or filtered export does too; {AGAIN}"));
        }
        if repositories.len() > 1 {
            let names: Vec<String> = repositories.into_iter().collect();
            return Err(format!("holds issues of several repositories ({}); export one", names.join(", ")));
        }
        let warnings = known.warnings(seen, more_pages, &lacking);
        Ok((known, warnings))
    }

    /// The issue with this number.
    pub fn get(&self, number: u64) -> Option<&KnownIssue> {
        self.issues.get(&number)
    }

    /// What the texts of the issues say.
    pub(super) fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| Texts::new(self.iter()))
    }

    /// All issues by number.
    pub fn iter(&self) -> impl Iterator<Item = &KnownIssue> {
        self.issues.values()
    }

    /// How many issues there are.
    pub fn len(&self) -> usize {
        self.issues.len()
    }

    /// Whether there is none; a value that was read never is, the default one is.
    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    fn warnings(&self, seen: usize, more_pages: bool, lacking: &BTreeSet<&str>) -> Vec<String> {
        let mut warnings = Vec::new();
        if lacking.contains("state") {
            warnings.push("issues without their state are in it and taken for open; export the field `state`".into());
        } else if self.iter().all(|issue| issue.state == IssueState::Open) {
            warnings.push(
                "every issue in it is open: it looks exported without `--state all`, so closed issues cannot be \
                 recognised and might be filed again"
                    .to_string(),
            );
        }
        if more_pages {
            warnings.push("it says that there are more pages; issues on them are not known".into());
        } else if USUAL_CAPS.contains(&seen) {
            warnings.push(format!("it holds exactly {seen} issues, so it may be cut off; raise `--limit`"));
        }
        if lacking.contains("body") {
            warnings.push("issues without their text are in it, so marks in them cannot be found".into());
        }
        warnings
    }
}

const AGAIN: &str =
    "export again (`issues export-cmd` prints how), leave out --known-issues, or say --empty-tracker to plan and draft";

/// Gathers what looks like issues, whatever wraps them; whether it says that there are more.
fn collect(document: Value, items: &mut Vec<Map<String, Value>>) -> std::result::Result<bool, String> {
    let mut more = false;
    let mut left = vec![document];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values.into_iter().rev()),
            Value::Object(mut object) => {
                if object.get("number").is_some_and(Value::is_u64) && object.contains_key("title") {
                    items.push(object);
                    continue;
                }
                if object.contains_key("title") && object.contains_key("body") {
                    return Err(format!("holds an issue without its number; {AGAIN}"));
                }
                if let Some(message) = failure(&object) {
                    return Err(format!("holds the answer to a failed request ({message}); {AGAIN}"));
                }
                more |= object.get("incomplete_results") == Some(&Value::Bool(true))
                    || object.get("pageInfo").and_then(|page| page.get("hasNextPage")) == Some(&Value::Bool(true));
                let inside = ["data", "repository", "search", "issues", "items", "nodes", "edges", "node"];
                left.extend(inside.iter().rev().filter_map(|name| object.remove(*name)));
            }
            _ => {}
        }
    }
    Ok(more)
}

fn failure(object: &Map<String, Value>) -> Option<String> {
    let first = object.get("errors").and_then(Value::as_array).and_then(|errors| errors.first());
    let message = first.and_then(|error| error.get("message")).or_else(|| object.get("message"))?;
    message.as_str().map(|text| text.chars().filter(|letter| !letter.is_control()).take(80).collect())
}

fn is_pull_request(item: &Map<String, Value>) -> bool {
    item.get("pull_request").is_some_and(|value| !value.is_null())
        || item.get("isPullRequest") == Some(&Value::Bool(true))
        || text(item, &["html_url", "url"]).contains("/pull/")
}

fn repository(item: &Map<String, Value>) -> Option<String> {
    let named = item.get("repository").and_then(|held| held.get("nameWithOwner")).and_then(Value::as_str);
    named
        .map(str::to_string)
        .or_else(|| text(item, &["repository_url"]).rsplit_once("/repos/").map(|(_, name)| name.into()))
}

fn issue(item: &Map<String, Value>) -> Option<KnownIssue> {
    let reason = text(item, &["stateReason", "state_reason"]).to_ascii_lowercase();
    let closed = text(item, &["state"]).eq_ignore_ascii_case("closed");
    let state = match (closed, reason.as_str()) {
        (false, _) => IssueState::Open,
        (true, "not_planned") => IssueState::NotPlanned,
        (true, "duplicate") => IssueState::Duplicate,
        (true, _) => IssueState::Completed,
    };
    Some(KnownIssue {
        number: item.get("number")?.as_u64()?,
        title: text(item, &["title"]).to_string(),
        body: text(item, &["body"]).to_string(),
        comments: nodes(item.get("comments")).filter_map(|one| one.get("body")?.as_str()).map(str::to_string).collect(),
        state,
        reopened: !closed && reason == "reopened",
        labels: nodes(item.get("labels"))
            .filter_map(|label| label.as_str().or_else(|| label.get("name")?.as_str()))
            .map(str::to_string)
            .collect(),
        created_at: time(item, &["createdAt", "created_at"]),
        updated_at: time(item, &["updatedAt", "updated_at"]),
        closed_at: time(item, &["closedAt", "closed_at"]),
        url: address(text(item, &["html_url", "url"])),
        closed_by: nodes(item.get("closedByPullRequestsReferences"))
            .filter_map(|one| one.get("number")?.as_u64())
            .collect(),
    })
}

/// The members of a list, whether it stands alone or inside GraphQL's `nodes`.
fn nodes(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list = value.and_then(|value| value.as_array().or_else(|| value.get("nodes")?.as_array()));
    list.into_iter().flatten()
}

fn text<'a>(item: &'a Map<String, Value>, names: &[&str]) -> &'a str {
    names.iter().find_map(|name| item.get(*name)?.as_str()).unwrap_or_default()
}

fn time(item: &Map<String, Value>, names: &[&str]) -> Option<Timestamp> {
    Some(text(item, names)).filter(|text| !text.starts_with("0001-")).and_then(Timestamp::parse)
}

/// An address is kept only if it is one; it ends up as a link.
fn address(text: &str) -> String {
    let plain = text.starts_with("https://")
        && text.chars().all(|letter| letter.is_ascii_graphic() && !"<>\"'`()[]\\".contains(letter));
    if plain { text.to_string() } else { String::new() }
}

/// The command that exports a tracker on a machine with a network; refuses what is no `OWNER/NAME`.
pub fn export_command(repo: &str) -> Result<String> {
    check_repo(repo)?;
    Ok(format!(
        "gh issue list -R {repo} --state all --limit 5000 --json number,title,body,state,stateReason,labels,\
         createdAt,updatedAt,closedAt,comments,assignees,milestone,url,closedByPullRequestsReferences > issues.json"
    ))
}

/// Whether `repo` is `OWNER/NAME` or `HOST/OWNER/NAME`.
pub fn check_repo(repo: &str) -> Result<()> {
    let parts: Vec<&str> = repo.split('/').collect();
    let plain = |part: &&str| {
        !part.is_empty()
            && !part.starts_with(['-', '.'])
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if (2..=3).contains(&parts.len()) && parts.iter().all(plain) {
        return Ok(());
    }
    Err(Error::Usage { what: "--repo".into(), detail: format!("{repo:?} is no repository; write OWNER/NAME") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (KnownIssues, Vec<String>) {
        KnownIssues::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn four_shapes_one_meaning() {
        let list = r#"[{"number":169,"title":"T","body":"B","state":"CLOSED","stateReason":"COMPLETED","labels":[{"name":"x"}],
            "createdAt":"2025-09-01T00:00:00Z","closedAt":"2025-09-11T18:00:00Z","updatedAt":"2025-09-11T18:00:00Z",
            "url":"https://github.com/o/r/issues/169","comments":[{"body":"C"}],"closedByPullRequestsReferences":[{"number":421}]}]"#;
        let rest = r#"[{"number":169,"title":"T","body":"B","state":"closed","state_reason":"completed","labels":[{"name":"x"}],
            "created_at":"2025-09-01T00:00:00Z","closed_at":"2025-09-11T18:00:00Z","updated_at":"2025-09-11T18:00:00Z",
            "url":"https://api.github.com/repos/o/r/issues/169","html_url":"https://github.com/o/r/issues/169","comments":1},
            {"number":421,"title":"PR","state":"closed","pull_request":{"url":"u"},"body":null}]"#;
        let search = r#"[{"number":169,"title":"T","body":"B","state":"closed","stateReason":"completed","labels":[{"name":"x"}],
            "createdAt":"2025-09-01T00:00:00Z","closedAt":"2025-09-11T18:00:00Z","updatedAt":"2025-09-11T18:00:00Z",
            "url":"https://github.com/o/r/issues/169","commentsCount":1,"isPullRequest":false,"repository":{"nameWithOwner":"o/r"}}]"#;
        let graph = r#"{"data":{"repository":{"issues":{"pageInfo":{"hasNextPage":true},"nodes":[{"number":169,"title":"T","body":"B",
            "state":"CLOSED","stateReason":"COMPLETED","labels":{"nodes":[{"name":"x"}]},"createdAt":"2025-09-01T00:00:00Z",
            "closedAt":"2025-09-11T18:00:00Z","updatedAt":"2025-09-11T18:00:00Z","url":"https://github.com/o/r/issues/169",
            "comments":{"nodes":[{"body":"C"}]},"closedByPullRequestsReferences":{"nodes":[{"number":421}]}}]}}}}"#;
        let first = read(list).0;
        assert_eq!(first.get(169).unwrap().closed_by, [421]);
        for other in [rest, search, graph] {
            let (known, _) = read(other);
            assert_eq!(known.len(), 1);
            let mut issue = known.get(169).unwrap().clone();
            issue.comments = vec!["C".into()];
            issue.closed_by = vec![421];
            assert_eq!(Some(&issue), first.get(169));
        }
        assert!(read(graph).1.iter().any(|warning| warning.contains("more pages")));
        let pages = read(&format!("{list}\n{}", list.replace("169", "170"))).0;
        assert_eq!(pages.len(), 2);
    }

    #[test]
    fn why_it_was_closed() {
        for (state, reason, expected) in [
            ("OPEN", "", IssueState::Open),
            ("OPEN", "REOPENED", IssueState::Open),
            ("CLOSED", "", IssueState::Completed),
            ("closed", "not_planned", IssueState::NotPlanned),
            ("CLOSED", "DUPLICATE", IssueState::Duplicate),
        ] {
            let text = format!(r#"[{{"number":1,"title":"t","body":"","state":"{state}","stateReason":"{reason}"}}]"#);
            let known = read(&text).0;
            assert_eq!(known.get(1).unwrap().state, expected);
            assert_eq!(known.get(1).unwrap().reopened, reason == "REOPENED");
        }
    }

    #[test]
    fn a_failed_export_is_no_empty_tracker() {
        for (text, because) in [
            ("", "empty"),
            (" \n", "empty"),
            ("[]", "no issue"),
            ("{}", "no issue"),
            ("[{\"number\":1,\"title\":\"p\",\"isPullRequest\":true}]", "no issue"),
            ("{\"message\":\"Bad credentials\"}", "Bad credentials"),
            ("{\"data\":null,\"errors\":[{\"message\":\"Not found\"}]}", "Not found"),
            ("[{\"title\":\"t\",\"body\":\"\",\"state\":\"OPEN\"}]", "without its number"),
            ("HTTP 502", "no JSON"),
            ("[{\"number\":1,\"title\":\"t\"", "no JSON"),
        ] {
            let problem = KnownIssues::parse(text.as_bytes()).unwrap_err();
            assert!(problem.contains(because) && problem.contains("export-cmd"), "{problem}");
        }
    }

    #[test]
    fn what_an_export_lacks_is_said() {
        let open = |count: usize| {
            let one: Vec<String> = (1..=count)
                .map(|number| format!(r#"{{"number":{number},"title":"t","body":"","state":"OPEN"}}"#))
                .collect();
            read(&format!("[{}]", one.join(","))).1
        };
        assert_eq!(open(29).len(), 1);
        assert!(open(29)[0].contains("--state all"));
        assert!(open(30).iter().any(|warning| warning.contains("exactly 30")));
        assert!(read(r#"[{"number":1,"title":"t","state":"CLOSED"}]"#).1[0].contains("text"));
        let stateless =
            read(r#"[{"number":1,"title":"t","body":""},{"number":2,"title":"t","body":"","state":"OPEN"}]"#).1;
        assert!(stateless.len() == 1 && stateless[0].contains("without their state"), "{stateless:?}");
    }

    #[test]
    fn addresses_and_repositories_are_checked() {
        assert_eq!(address("javascript:alert(1)"), "");
        assert_eq!(address("https://github.com/o/r/issues/1"), "https://github.com/o/r/issues/1");
        assert_eq!(address("https://x/](y)"), "");
        assert!(export_command("o/r").unwrap().contains("--state all"));
        for wrong in ["", "o", "o/r;rm -rf", "-R/x", "a/b/c/d", "o/$(x)"] {
            assert!(export_command(wrong).is_err(), "{wrong}");
        }
    }
}
