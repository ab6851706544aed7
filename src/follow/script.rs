//! Steps in, a shell script that people review and run out.
//!
//! No log text stands in it but titles; every value is quoted by construction, and texts go by file.

use std::fmt::Write as _;

/// One thing to do in the tracker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// What makes it the same step when the script runs again.
    pub key: String,
    /// The cluster.
    pub id: String,
    /// `create`, `comment`, `reopen`, `retitle`.
    pub action: String,
    /// The issue, where there is one.
    pub number: Option<u64>,
    /// The title it gets.
    pub title: String,
    /// The labels it gets.
    pub labels: Vec<String>,
    /// The file with its text.
    pub file: String,
}

const HEAD: &str = r#"#!/usr/bin/env bash
# Made by log-gardener for you to review; it has not been run.
# It needs `gh`, logged in. It may be run again: what apply.log says is done is skipped. It stops at the first error.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
LOG='apply.log'
touch -- "$LOG"

# done_before KEY: whether an earlier run did this. No pipe: grep stops at the first line it finds, and `cut` would fail.
done_before() {
  if grep -qxF -e "$1" <(cut -f 1 -- "$LOG"); then
    printf 'done before: %s\n' "$1" >&2
    return 0
  fi
  return 1
}

# note KEY ID NUMBER RESULT: remembers what was done, for the next run and for `log-gardener issues record`.
note() {
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >> "$LOG"
  printf '%s: #%s %s\n' "$2" "$3" "$4" >&2
}

# find_marked ID: the number of an issue whose text carries the mark of this cluster, if there is one.
find_marked() {
  gh issue list -R "$REPO" --state all --limit 20 --search "\"$1\" in:body" --json number,body \
    --jq "[.[] | select(.body | contains(\"id=$1 \"))][0].number // empty"
}

create() {
  local key="$1" id="$2" file="$3" title="$4"
  shift 4
  if done_before "$key"; then return 0; fi
  local number
  number="$(find_marked "$id")"
  if [[ "$number" =~ ^[0-9]+$ ]]; then
    note "$key" "$id" "$number" maintained
    return 0
  fi
  local labels=() label url
  for label in "$@"; do labels+=(--label "$label"); done
  url="$(gh issue create -R "$REPO" --title "$title" --body-file "$file" ${labels[@]+"${labels[@]}"})"
  number="${url##*/}"
  if ! [[ "$number" =~ ^[0-9]+$ ]]; then
    printf 'cannot tell the number of the new issue from: %s\n' "$url" >&2
    return 1
  fi
  note "$key" "$id" "$number" created
}

comment() {
  local key="$1" id="$2" file="$3" number="$4"
  if done_before "$key"; then return 0; fi
  gh issue comment "$number" -R "$REPO" --body-file "$file" >&2
  note "$key" "$id" "$number" updated
}

reopen() {
  local key="$1" id="$2" file="$3" number="$4"
  if done_before "$key"; then return 0; fi
  gh issue reopen "$number" -R "$REPO" >&2
  if ! done_before "$key comment"; then
    gh issue comment "$number" -R "$REPO" --body-file "$file" >&2
    note "$key comment" "$id" "$number" pending
  fi
  note "$key" "$id" "$number" reopened
}

retitle() {
  local key="$1" id="$2" file="$3" number="$4" title="$5"
  shift 5
  if done_before "$key"; then return 0; fi
  local labels=() label
  for label in "$@"; do labels+=(--add-label "$label"); done
  gh issue edit "$number" -R "$REPO" --title "$title" ${labels[@]+"${labels[@]}"} >&2
  if ! done_before "$key comment"; then
    gh issue comment "$number" -R "$REPO" --body-file "$file" >&2
    note "$key comment" "$id" "$number" pending
  fi
  note "$key" "$id" "$number" updated
}

command -v gh > /dev/null || { printf 'this needs gh, the command line of GitHub\n' >&2; exit 1; }

"#;

/// The script; an empty list of steps makes one that says so.
pub(super) fn script(repo: &str, steps: &[Step]) -> String {
    let mut text = String::from(HEAD);
    let _ = writeln!(text, "REPO={}", quote(repo));
    let mut labels: Vec<&String> = steps.iter().flat_map(|step| &step.labels).collect();
    labels.sort();
    labels.dedup();
    if !labels.is_empty() {
        text.push_str("\n# Labels that have to exist; take the sign away from what does not yet.\n");
    }
    for label in labels {
        let _ = writeln!(text, "# gh label create -R \"$REPO\" {}", quote(label));
    }
    text.push('\n');
    for step in steps {
        let mut words = vec![step.action.clone(), quote(&step.key), quote(&step.id), quote(&step.file)];
        match (step.action.as_str(), step.number) {
            ("create", _) => words.push(quote(&step.title)),
            ("retitle", Some(number)) => words.extend([quote(&number.to_string()), quote(&step.title)]),
            ("comment" | "reopen", Some(number)) => words.push(quote(&number.to_string())),
            _ => continue,
        }
        if matches!(step.action.as_str(), "create" | "retitle") {
            words.extend(step.labels.iter().map(|label| quote(label)));
        }
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    if steps.is_empty() {
        text.push_str("printf 'there is nothing to do\\n' >&2\n");
    }
    text
}

/// A word for the shell: in single quotes, on one line, whatever stands in it.
fn quote(text: &str) -> String {
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("'{}'", line.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a word back as the shell would; `None` if something stands outside of quotes.
    fn unquote(word: &str) -> Option<String> {
        let mut rest = word;
        let mut read = String::new();
        loop {
            let (inside, behind) = rest.strip_prefix('\'')?.split_once('\'')?;
            read.push_str(inside);
            if behind.is_empty() {
                return Some(read);
            }
            rest = behind.strip_prefix("\\'")?;
            read.push('\'');
        }
    }

    proptest! {
        #[test]
        fn nothing_ever_leaves_the_quotes(text in any::<String>()) {
            let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
            let quoted = quote(&text);
            prop_assert!(!quoted.contains('\n'));
            prop_assert_eq!(unquote(&quoted), Some(line));
        }
    }
}
