//! URLs, paths, files, addresses and dotted names: where things are.

use std::sync::LazyLock;

use regex::Regex;

use super::{before, behind, compiled, finds, is_word, pattern};
use crate::distill::mask::Kind;
use crate::distill::mask::draft::{Draft, Found};

pattern!(URL, r#"[A-Za-z][A-Za-z0+.-]*://[^\s"'<>|\\^`{}\x01]+"#);

pub(super) fn urls(draft: &Draft) -> Vec<Found> {
    finds(&URL, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let trimmed = whole.as_str().trim_end_matches(['.', ',', ';', ':', ')', ']', '!', '?']);
        Some(Found::new(Kind::Url, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(EMAIL, r"[A-Za-z0._%+*-]+@[A-Za-z0*-]+(?:\.[A-Za-z0*-]+)+");

pub(super) fn emails(draft: &Draft) -> Vec<Found> {
    finds(&EMAIL, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let end = whole.start() + whole.as_str().trim_end_matches('.').len();
        Some(address(&draft.text, whole.start()..end))
    })
}

pattern!(ACCOUNT_AT, r"<([A-Za-z0._%+-]+@[A-Za-z0-]+)>");

/// `to=<root@mail>`: an address within a site.
pub(super) fn local_emails(draft: &Draft) -> Vec<Found> {
    finds(&ACCOUNT_AT, &draft.text, |captures| Some(address(&draft.text, captures.get(1)?.range())))
}

/// Behind `=` the brackets of an address are part of it, as those of `from=<>` and `from=<root>` are.
fn address(text: &str, range: std::ops::Range<usize>) -> Found {
    let opened = text.get(..range.start).is_some_and(|head| head.ends_with("=<"));
    let brackets = usize::from(opened && behind(text, range.end) == Some('>'));
    Found { outer: (range.start - brackets, range.end + brackets), ..Found::new(Kind::Email, range) }
}

pattern!(PATH, r#"(?:~|\.{1,2})?/[A-Za-z0-9_.%+@~$*\x01-][^\s"'<>|,;:()\[\]{}=?&!`]*(?:\?[^\s"'<>()\[\]{}]*)?"#);

pub(super) fn paths(draft: &Draft) -> Vec<Found> {
    finds(&PATH, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let glued = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || "./)]*<>-".contains(char));
        let trimmed = whole.as_str().trim_end_matches(['.', ':']);
        (!glued && trimmed.len() > 1).then(|| Found::new(Kind::Path, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(ROOT, r#"(?:[:=] ?|\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )(/)(?:[\s"',;)]|$)"#);

/// `Not Found: /`: the shortest path, where a path stands.
pub(super) fn roots(draft: &Draft) -> Vec<Found> {
    finds(&ROOT, &draft.text, |captures| Some(Found::new(Kind::Path, captures.get(1)?.range())))
}

pattern!(RELATIVE_PATH, r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.*-]+){2,}");

/// `projects/demo/topics/orders`: names of resources.
pub(super) fn relative_paths(draft: &Draft) -> Vec<Found> {
    finds(&RELATIVE_PATH, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let glued =
            before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || "./)]*<>-@\\".contains(char));
        let numbers = whole.as_str().chars().all(|char| "0/.".contains(char));
        let trimmed = whole.as_str().trim_end_matches('.');
        (!glued && !numbers).then(|| Found::new(Kind::Path, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(WINDOWS_PATH, r#"(?:[A-Za-z]:[\\/]|\\\\[A-Za-z0?.])[^\s"'<>|,;]*"#);

pub(super) fn windows_paths(draft: &Draft) -> Vec<Found> {
    finds(&WINDOWS_PATH, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let glued = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || char == '\\');
        let trimmed = whole.as_str().trim_end_matches(['.', ':', ')', ']']);
        (!glued).then(|| Found::new(Kind::Path, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(
    FILE_NAME,
    r"(?i)[A-Za-z0-9_$~-]+(?:\.[A-Za-z0-9_-]+)*\.(?:exe|dll|sys|log|jar|war|zip|tar|gz|tgz|bz2|xz|rpm|deb|conf|cfg|ini|ya?ml|json|xml|html?|txt|csv|tsv|pdf|png|jpe?g|gif|svg|mp[34]|mov|dat|bin|img|iso|tmp|bak|pid|lock|parquet|avro|properties|plist|pem|crt|sqlite|db|md)\b"
);

pub(super) fn file_names(draft: &Draft) -> Vec<Found> {
    finds(&FILE_NAME, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || "./\\@".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| is_word(char) || "(@/\\-=".contains(char));
        (!left && !right).then(|| Found::new(Kind::File, whole.range()))
    })
}

pattern!(
    ADDRESS,
    r"(?x)((?:0a|0s|[A-Fa-f]{2}|0)(?:[:-](?:0a|0s|[A-Fa-f]{2}|0)){5,})
      |(?:(?:(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0):){1,7}|:)
       (?::(?:(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0):){0,6}(?:0\.0\.0\.0|[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0)|:|)(?:%[A-Za-z0]+)?
      |(?:(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0):){7}(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0)"
);

pub(super) fn addresses(draft: &Draft) -> Vec<Found> {
    finds(&ADDRESS, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || ":.".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| char.is_alphanumeric() || char == ':');
        let kind = if captures.get(1).is_some() { Kind::Mac } else { Kind::Ip };
        let colons = whole.as_str().matches(':').count();
        let whole_one = kind == Kind::Mac || whole.as_str().contains("::") || colons == 7;
        let bare = whole.as_str() == "::" || !whole.as_str().contains('0') || !whole_one;
        (!left && !right && !bare).then(|| Found::new(kind, whole.range()))
    })
}

pattern!(HEX_GROUP, r"0[a-z0]{0,2}:([A-Fa-f]{2,4}):(?:0|Id0)");

/// `0000:cf:00.0`: letters between two numbers.
pub(super) fn hexadecimal_groups(draft: &Draft) -> Vec<Found> {
    finds(&HEX_GROUP, &draft.text, |captures| Some(Found::new(Kind::Hex, captures.get(1)?.range())))
}

pattern!(LISTENER, r"(?:\[::\]|\*)?:0\b");

/// `[::]:8080`, `:8080`: a port of every address.
pub(super) fn listeners(draft: &Draft) -> Vec<Found> {
    finds(&LISTENER, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| !" \"'".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| is_word(char) || ":-/".contains(char));
        (!left && !right).then(|| Found::new(Kind::Ip, whole.range()))
    })
}

pattern!(DOTTED, r"(?:[A-Za-z0-9_-]+/)*[A-Za-z_$0][A-Za-z0-9_$-]*(?:\.[A-Za-z0-9_$-]+){2,}");

pub(super) fn dotted_names(draft: &Draft) -> Vec<Found> {
    const TELLING: [&str; 8] =
        ["Exception", "Error", "Throwable", "Failure", "Fault", "Timeout", "Interrupt", "Warning"];
    finds(&DOTTED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let last = whole.as_str().rsplit('.').next().unwrap_or_default();
        let capital = last.len() > 1
            && last.chars().any(char::is_alphabetic)
            && !last.chars().any(char::is_lowercase)
            && !last.contains(|char: char| char.is_ascii_digit());
        let telling = TELLING.iter().any(|end| last.ends_with(end)) || capital;
        // Of `nginx/1.25.3` as well.
        let name = whole.as_str().rsplit('/').next().unwrap_or_default();
        let numbers = name.chars().all(|char| char == '0' || char == '.');
        let glued = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || ".@\\".contains(char));
        let category = is_category(&draft.text, whole.start(), whole.end());
        let kind = if whole.as_str().contains('/') { Kind::Path } else { Kind::Host };
        (!telling && !numbers && !glued && !category).then(|| Found::new(kind, whole.range()))
    })
}

/// `fail: Shop.Orders.Mailer[0]`: what .NET writes above a message names who says it, and is all that the line says.
fn is_category(text: &str, start: usize, end: usize) -> bool {
    const LEVELS: [&str; 6] = ["trce: ", "dbug: ", "info: ", "warn: ", "fail: ", "crit: "];
    text.get(..start).is_some_and(|level| LEVELS.contains(&level)) && behind(text, end) == Some('[')
}

pattern!(HOST, r"[A-Za-z][A-Za-z0-9-]*\.([a-z]{2,8})\b");

pub(super) fn hosts(draft: &Draft) -> Vec<Found> {
    const KNOWN: [&str; 14] = [
        "com",
        "net",
        "org",
        "edu",
        "gov",
        "mil",
        "info",
        "dev",
        "app",
        "cloud",
        "local",
        "internal",
        "lan",
        "localdomain",
    ];
    const FILES: [&str; 24] = [
        "py", "js", "ts", "go", "rs", "rb", "cc", "hh", "so", "sh", "pl", "md", "gz", "xz", "db", "ko", "ps", "cs",
        "vb", "kt", "id", "is", "do", "pm",
    ];
    finds(&HOST, &draft.text, |captures| {
        let (whole, last) = (captures.get(0)?, captures.get(1)?.as_str());
        let known = KNOWN.contains(&last) || (last.len() == 2 && !FILES.contains(&last));
        let left = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || ".@/\\-".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| is_word(char) || "(-@/\\".contains(char));
        (known && !left && !right).then(|| Found::new(Kind::Host, whole.range()))
    })
}

pattern!(CONTINUED, r"\x01((?:[/.@_-]{1,2}[A-Za-z0-9_$]+)+)");

/// `10.0.0.1/pool`, `com.example.app/.Main`: text glued to a value by a joint belongs to it.
pub(super) fn continued(draft: &Draft) -> Vec<Found> {
    finds(&CONTINUED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let slot = draft.slots_in(whole.start(), whole.start() + 1).first()?;
        let joins =
            matches!(slot.kind, Kind::Host | Kind::Ip | Kind::Path | Kind::Id | Kind::Uuid | Kind::Hex | Kind::File);
        joins.then(|| Found::new(slot.kind.clone(), whole.range()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::mask::rules::tests::assert_patterns;

    #[test]
    fn the_brackets_of_an_address_behind_a_key_are_part_of_it() {
        assert_patterns(&[
            ("from=<a@b.com>, to=<root@relay>", "from=<email>, to=<email>"),
            ("from=<>, to=<root>", "from=<str>, to=<str>"),
            ("from <a@b.com>", "from <<email>>"),
        ]);
    }

    #[test]
    fn paths_may_be_short_or_relative() {
        assert_patterns(&[
            ("Not Found: /", "Not Found: <path>"),
            ("GET / of a / b", "GET <path> of a / b"),
            ("Rendered shared/_nav.html.erb within x", "Rendered <path> within x"),
            ("of nginx/1.25.3 and 1.25.3", "of <id> and <id>"),
        ]);
    }

    #[test]
    fn every_expression_compiles() {
        for pattern in [
            &URL,
            &EMAIL,
            &ACCOUNT_AT,
            &PATH,
            &ROOT,
            &RELATIVE_PATH,
            &WINDOWS_PATH,
            &FILE_NAME,
            &ADDRESS,
            &HEX_GROUP,
            &LISTENER,
            &DOTTED,
            &HOST,
            &CONTINUED,
        ] {
            assert!(pattern.is_some());
        }
    }
}
