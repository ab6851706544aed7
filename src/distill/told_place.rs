//! A line that a logger printed in, the place in the code that it names out: `level=error caller=sync.go:142 msg="push failed"`, or
//! behind a time and a level, `2025/09/14 03:00:00 sync.go:142: push failed`.

use super::place::Place;

/// What lines of loggers begin with that write names and values.
const HEADS: [&str; 6] = ["ts=", "time=", "t=", "level=", "lvl=", "caller="];
/// So many pairs are looked at.
const MOST_PAIRS: usize = 24;

/// Where the head of a logger ends at the latest, and how many words it has.
const LONGEST_HEAD: usize = 120;
const MOST_WORDS: usize = 6;

/// The place that a line names.
pub(super) fn place(line: &str) -> Option<Place<'_>> {
    match line.as_bytes().first()? {
        b't' | b'l' | b'c' => of_pairs(line),
        b'0'..=b'9' | b'[' => in_head(line),
        _ => None,
    }
}

/// The place behind a time and a level.
fn in_head(line: &str) -> Option<Place<'_>> {
    let head = line.as_bytes().get(..line.len().min(LONGEST_HEAD))?;
    // Few lines have a colon between a letter and a figure there.
    let joins = |at: &usize| {
        let around = at.checked_sub(1).and_then(|from| head.get(from..at + 2));
        around.is_some_and(|around| matches!(around, [b'a'..=b'z', _, b'0'..=b'9']))
    };
    memchr::memchr_iter(b':', head).find(joins)?;
    line.split_ascii_whitespace().take(MOST_WORDS).skip(1).find_map(|word| {
        let word = word.trim_end_matches([':', ',', '|', '-']).trim_matches(['[', ']', '(', ')', '<', '>']);
        let (file, line) = word.rsplit_once(':').filter(|(file, line)| is_file(file) && is_line(line))?;
        Some(Place { module: file, function: "", line })
    })
}

fn of_pairs(line: &str) -> Option<Place<'_>> {
    if !HEADS.iter().any(|head| line.starts_with(head)) {
        return None;
    }
    let mut place = Place::default();
    let mut rest = line;
    for _ in 0..MOST_PAIRS {
        let Some((key, value, behind)) = pair(rest) else { break };
        match key {
            "caller" | "source" | "file" => {
                let located = value.rsplit_once(':').filter(|(file, line)| is_file(file) && is_line(line));
                if let Some((file, line)) = located {
                    (place.module, place.line) = (file, line);
                }
            }
            "func" if !value.contains(' ') => place.function = value,
            _ => {}
        }
        rest = behind;
    }
    (!place.module.is_empty()).then_some(place)
}

/// The first pair of a line, its value without quotes, and what stands behind it.
fn pair(line: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = line.trim_start().split_once('=')?;
    if key.contains([' ', '"']) {
        return None;
    }
    let Some(quoted) = rest.strip_prefix('"') else {
        let (value, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        return Some((key, value, behind));
    };
    let mut end = 0;
    loop {
        end += memchr::memchr2(b'"', b'\\', quoted.as_bytes().get(end..)?)?;
        if quoted.as_bytes().get(end) == Some(&b'"') {
            return Some((key, quoted.get(..end)?, quoted.get(end + 1..)?));
        }
        // What is escaped ends nothing.
        end += 2;
    }
}

/// A path of source code: hosts have ports behind them as well.
fn is_file(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && SOURCES.contains(&ending))
}

/// What files of programs end with that write such lines.
const SOURCES: [&str; 9] = ["go", "rs", "py", "rb", "js", "ts", "java", "kt", "cc"];

fn is_line(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_lines_of_names_and_values() {
        for (line, expected) in [
            (r#"ts=1 caller=sync.go:142 level=error msg="a \"b\" c=1""#, Some(("sync.go", "", "142"))),
            (
                r#"time="1" level=error msg="caller=no.go:7" func="main.(*W).run" file="/src/w.go:88""#,
                Some(("/src/w.go", "main.(*W).run", "88")),
            ),
            ("time=1 level=ERROR source=/app/main.go:4 msg=x", Some(("/app/main.go", "", "4"))),
            ("level=error caller=10.0.0.1:80 msg=x", None),
            ("level=error source=db.internal:5432 msg=x", None),
            ("level=error file=a.csv msg=x", None),
            ("level of caller=a.go:4", None),
            ("2025/09/14 03:00:00 sync.go:142: push failed", Some(("sync.go", "", "142"))),
            ("2025-09-14 03:00:00,123 ERROR risk/score.py:7 no score", Some(("risk/score.py", "", "7"))),
            ("[2025-09-14 03:00:00] [ERROR] [rules.py:57] no rule", Some(("rules.py", "", "57"))),
            ("2025-09-14 03:00:00 could not read all that is in a.py:7", None),
            ("2025-09-14 03:00:00 db.internal:5432 refused", None),
            ("[sync.go:142] began", None),
            ("time flies", None),
            ("caller=a.go:", None),
            ("level=\"open", None),
        ] {
            let told = place(line).map(|place| (place.module, place.function, place.line));
            assert_eq!(told, expected, "{line}");
        }
    }
}
