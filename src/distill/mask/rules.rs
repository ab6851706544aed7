//! The rules in their order: each looks at the working text and names the parts that are values.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::draft::{Draft, Found, SLOT};
use super::{Kind, json};
use crate::distill::words;

/// A rule.
pub(super) type Rule = fn(&Draft) -> Vec<Found>;

/// All rules; a part that one of them took is a slot for those behind it.
pub(super) const RULES: [Rule; 30] = [
    embedded_json,
    redacted,
    quoted_values,
    lists,
    braced_records,
    quoted_tokens,
    urls,
    emails,
    paths,
    windows_paths,
    file_names,
    dates,
    times,
    relative_paths,
    addresses,
    hexadecimal_groups,
    listeners,
    dotted_names,
    hosts,
    users,
    accounts,
    comma_lists,
    flags,
    words_of_keys,
    bracketed_values,
    labelled_values,
    missing_values,
    literals,
    continued,
    stray_quotes,
];

/// A pattern that is compiled once; one that does not compile never matches, and a test says so.
fn compiled(expression: &str) -> Option<Regex> {
    Regex::new(expression).ok()
}

macro_rules! pattern {
    ($name:ident, $expression:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| compiled($expression));
    };
}

fn finds(
    pattern: &LazyLock<Option<Regex>>,
    text: &str,
    mut take: impl FnMut(&Captures<'_>) -> Option<Found>,
) -> Vec<Found> {
    let Some(pattern) = pattern.as_ref() else { return Vec::new() };
    pattern.captures_iter(text).filter_map(|captures| take(&captures)).collect()
}

fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at).and_then(|head| head.chars().next_back())
}

fn behind(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|tail| tail.chars().next())
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || char == SLOT
}

fn embedded_json(draft: &Draft) -> Vec<Found> {
    let mut found = Vec::new();
    let (mut at, mut tries) = (0, 0);
    while let Some(next) = memchr::memchr2(b'{', b'[', draft.text.as_bytes().get(at..).unwrap_or_default()) {
        let start = at + next;
        at = start + 1;
        let Some(rest) = draft.text.get(start..) else { continue };
        match json::shape(rest) {
            Some((shape, length)) => {
                found.push(Found::new(Kind::Json(shape), start..start + length));
                at = start + length;
            }
            None => tries += 1,
        }
        if tries > 32 {
            break;
        }
    }
    found
}

pattern!(REDACTED, r"(?i)[\[<({]?\b(?:redacted|masked|filtered|hidden|secret)\b[\])>}]?|\bx{4,}\b");

/// `[REDACTED]`, `<masked>`, `REDACTED`, `XXXXXX`: what others have left of a value.
fn redacted(draft: &Draft) -> Vec<Found> {
    finds(&REDACTED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let closed = whole.as_str().ends_with([']', ')', '>', '}']) && whole.as_str().starts_with(['[', '(', '<', '{']);
        let loud = whole.as_str() == "REDACTED" || whole.as_str().bytes().all(|byte| matches!(byte, b'x' | b'X'));
        (closed || loud).then(|| Found::new(Kind::Any, whole.range()))
    })
}

pattern!(QUOTED_VALUE, r#"([A-Za-z_][A-Za-z_0.-]*)(?:=|: ?)("[^"]*"|'[^']*')"#);

fn quoted_values(draft: &Draft) -> Vec<Found> {
    finds(&QUOTED_VALUE, &draft.text, |captures| {
        let (key, value) = (captures.get(1)?, captures.get(2)?);
        (!words::quotes_the_event(key.as_str())).then(|| Found {
            kind: Kind::Str,
            outer: (value.start(), value.end()),
            inner: (value.start() + 1, value.end() - 1),
        })
    })
}

pattern!(
    LIST,
    r"\[([^\[\]=;{}()]{1,60}(?:, ?[^\[\]=;{}(),]{1,60}){2,}|[^\s\[\]=;{}(),:]{1,40}, ?[^\s\[\]=;{}(),:]{1,40})\]"
);

fn lists(draft: &Draft) -> Vec<Found> {
    finds(&LIST, &draft.text, |captures| {
        let items = captures.get(1)?;
        let short = items.as_str().split(',').all(|item| item.trim().len() <= 60);
        short.then(|| Found::new(Kind::List, items.range()))
    })
}

pattern!(QUOTED, r#""([^"\s]+)"|'([^'\s]+)'|`([^`\s]+)`"#);

fn quoted_tokens(draft: &Draft) -> Vec<Found> {
    finds(&QUOTED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let inner = captures.iter().skip(1).flatten().next()?;
        let glued = before(&draft.text, whole.start()).is_some_and(is_word);
        let value = !inner.as_str().chars().all(char::is_alphabetic) && inner.as_str() != "\u{1}";
        (value && !glued).then(|| Found::new(Kind::Str, inner.range()))
    })
}

pattern!(RECORD, r"\{(?:0a|0000000a|Id0|0e0|0)[\s}]");

/// `Window{3f2a91c u0 com.example/.Main}`: a record that begins with its number; what it holds is one value.
fn braced_records(draft: &Draft) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let Some(record) = RECORD.as_ref() else { return found };
    for start in record.find_iter(&draft.text).map(|start| start.start()) {
        let inside = found.last().is_some_and(|last| start < last.outer.1);
        let named = before(&draft.text, start).is_some_and(is_word);
        if let (true, Some(end)) = (named && !inside, closing(&draft.text, start)) {
            found.push(Found::new(Kind::Any, start + 1..end));
        }
    }
    found
}

/// Where the bracket that opens at `start` is closed, if what it holds is no longer than a line.
fn closing(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.as_bytes().get(start..)?.iter().take(400).enumerate() {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(start + at);
        }
    }
    None
}

pattern!(URL, r#"[A-Za-z][A-Za-z0+.-]*://[^\s"'<>|\\^`{}\x01]+"#);

fn urls(draft: &Draft) -> Vec<Found> {
    finds(&URL, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let trimmed = whole.as_str().trim_end_matches(['.', ',', ';', ':', ')', ']', '!', '?']);
        Some(Found::new(Kind::Url, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(EMAIL, r"[A-Za-z0._%+*-]+@[A-Za-z0*-]+(?:\.[A-Za-z0*-]+)+");

fn emails(draft: &Draft) -> Vec<Found> {
    finds(&EMAIL, &draft.text, |captures| {
        let whole = captures.get(0)?;
        Some(Found::new(Kind::Email, whole.start()..whole.start() + whole.as_str().trim_end_matches('.').len()))
    })
}

pattern!(PATH, r#"(?:~|\.{1,2})?/[A-Za-z0-9_.%+@~$*\x01-][^\s"'<>|,;:()\[\]{}=?&!`]*(?:\?[^\s"'<>()\[\]{}]*)?"#);

fn paths(draft: &Draft) -> Vec<Found> {
    finds(&PATH, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let glued = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || "./)]*<>-".contains(char));
        let trimmed = whole.as_str().trim_end_matches(['.', ':']);
        (!glued && trimmed.len() > 1).then(|| Found::new(Kind::Path, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(RELATIVE_PATH, r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.*-]+){2,}");

/// `projects/demo/topics/orders`: names of resources.
fn relative_paths(draft: &Draft) -> Vec<Found> {
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

fn windows_paths(draft: &Draft) -> Vec<Found> {
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

fn file_names(draft: &Draft) -> Vec<Found> {
    finds(&FILE_NAME, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || "./\\@".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| is_word(char) || "(@/\\-=".contains(char));
        (!left && !right).then(|| Found::new(Kind::File, whole.range()))
    })
}

pattern!(
    DATE,
    r"(?x)\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\ )?
      (?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\ {1,2}0(?:,?\ 0\b)?
        |0[\ /-](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?(?:[\ /-]0)?)
      (?:[\ :T]0:0(?::0)?(?:[.,]0)?)?(?:\ ?(?:UTC|GMT|CET|CEST|[ECMP][DS]T|Z))?(?:\ ?[+-]?0:?0?)?(?:\ 0)?"
);

fn dates(draft: &Draft) -> Vec<Found> {
    finds(&DATE, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let cut = behind(&draft.text, whole.end()).is_some_and(char::is_alphanumeric);
        (!cut).then(|| Found::new(Kind::Ts, whole.range()))
    })
}

pattern!(
    TIME,
    r"(?x)(?:(?:2000-01-01|20000101|0/0/0)(?:[T\ ,_]{1,2})?)?(?:00?:0(?::0)?(?:[.,]0)?(?:Z|0Z)?)(?:\ ?[+-]0(?::?0)?\b)?
      |2000-01-01(?:T00)?|20000101T000000Z"
);

fn times(draft: &Draft) -> Vec<Found> {
    finds(&TIME, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left =
            before(&draft.text, whole.start()).is_some_and(|char| char.is_alphanumeric() || ".:-_".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| char.is_alphanumeric() || ":_-".contains(char));
        let plain = whole.as_str() == "0:0";
        (!left && !right && !plain).then(|| Found::new(Kind::Ts, whole.range()))
    })
}

pattern!(
    ADDRESS,
    r"(?x)((?:0a|0s|[A-Fa-f]{2}|0)(?:[:-](?:0a|0s|[A-Fa-f]{2}|0)){5,})
      |(?:(?:(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0):){1,7}|:)
       (?::(?:(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0):){0,6}(?:0\.0\.0\.0|[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0)|:|)(?:%[A-Za-z0]+)?
      |(?:(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0):){7}(?:[A-Fa-f]{1,4}|[a-f]{2,3}0|0a|0s|0e0|Id0|0)"
);

fn addresses(draft: &Draft) -> Vec<Found> {
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
fn hexadecimal_groups(draft: &Draft) -> Vec<Found> {
    finds(&HEX_GROUP, &draft.text, |captures| Some(Found::new(Kind::Hex, captures.get(1)?.range())))
}

pattern!(LISTENER, r"(?:\[::\]|\*)?:0\b");

/// `[::]:8080`, `:8080`: a port of every address.
fn listeners(draft: &Draft) -> Vec<Found> {
    finds(&LISTENER, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| !" \"'".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| is_word(char) || ":-/".contains(char));
        (!left && !right).then(|| Found::new(Kind::Ip, whole.range()))
    })
}

pattern!(DOTTED, r"[A-Za-z_$0][A-Za-z0-9_$-]*(?:\.[A-Za-z0-9_$-]+){2,}");

fn dotted_names(draft: &Draft) -> Vec<Found> {
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
        let numbers = whole.as_str().chars().all(|char| char == '0' || char == '.');
        let glued = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || ".@\\".contains(char));
        (!telling && !numbers && !glued).then(|| Found::new(Kind::Host, whole.range()))
    })
}

pattern!(HOST, r"[A-Za-z][A-Za-z0-9-]*\.([a-z]{2,8})\b");

fn hosts(draft: &Draft) -> Vec<Found> {
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

pattern!(USER, r#"\b(?:[Uu]ser|USER|[Uu]sername) ([^\s,;:()\[\]{}"'<>|=!?&+\x01]+)"#);

fn users(draft: &Draft) -> Vec<Found> {
    finds(&USER, &draft.text, |captures| {
        let name = captures.get(1)?;
        let trimmed = name.as_str().trim_end_matches('.');
        let no_name = words::is_no_name(trimmed) || trimmed.is_empty();
        (!no_name).then(|| Found::new(Kind::Name, name.start()..name.start() + trimmed.len()))
    })
}

pattern!(
    ACCOUNT,
    r"(?:\b(?:for|by|as|of|from|to) |\()(root|admin|administrator|nobody|guest|postgres|mysql|www-data)\b"
);

/// Names of accounts that exist everywhere.
fn accounts(draft: &Draft) -> Vec<Found> {
    finds(&ACCOUNT, &draft.text, |captures| {
        let name = captures.get(1)?;
        let right = behind(&draft.text, name.end()).is_some_and(|char| is_word(char) || "-/:@.=".contains(char));
        (!right).then(|| Found::new(Kind::Name, name.range()))
    })
}

pattern!(COMMA_LIST, r"[A-Za-z0-9_.\x01-]+(?:,[A-Za-z0-9_.\x01-]+)+");

/// `a,b,c`: prose puts a blank behind a comma.
fn comma_lists(draft: &Draft) -> Vec<Found> {
    finds(&COMMA_LIST, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| !" :=([{'\"".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| !" ;)]}'\"".contains(char));
        let trimmed = whole.as_str().trim_end_matches('.');
        (!left && !right).then(|| Found::new(Kind::List, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(FLAGS, r"\b(?:on|off|yes|no|ok|up|down|true|false)(?:(?:, | )(?:on|off|yes|no|ok|up|down|true|false))+\b");

/// A row of states, as of several power supplies.
fn flags(draft: &Draft) -> Vec<Found> {
    finds(&FLAGS, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start().saturating_sub(1)).is_some_and(char::is_alphabetic);
        let right = behind(&draft.text, whole.end() + 1).is_some_and(char::is_alphabetic);
        (!left && !right).then(|| Found::new(Kind::List, whole.range()))
    })
}

pattern!(CONTINUED, r"\x01((?:[/.@_-]{1,2}[A-Za-z0-9_$]+)+)");

/// `10.0.0.1/pool`, `com.example.app/.Main`: text glued to a value by a joint belongs to it.
fn continued(draft: &Draft) -> Vec<Found> {
    finds(&CONTINUED, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let slot = draft.slots_in(whole.start(), whole.start() + 1).first()?;
        let joins =
            matches!(slot.kind, Kind::Host | Kind::Ip | Kind::Path | Kind::Id | Kind::Uuid | Kind::Hex | Kind::File);
        joins.then(|| Found::new(slot.kind.clone(), whole.range()))
    })
}

pattern!(WORD_OF_KEY, r#"([A-Za-z_][A-Za-z0-9_.-]*)=([^\s,;:()\[\]{}"'<>|=!?&+\x01]+)"#);

fn words_of_keys(draft: &Draft) -> Vec<Found> {
    finds(&WORD_OF_KEY, &draft.text, |captures| {
        let (key, value) = (captures.get(1)?, captures.get(2)?);
        let stays = words::tells_the_event(key.as_str()) && !value.as_str().contains('0');
        let number = tokens_kind(value.as_str());
        let record = behind(&draft.text, value.end()).is_some_and(|char| char == '{' || char == '(');
        let end =
            if record { closing(&draft.text, value.end()).map_or(value.end(), |end| end + 1) } else { value.end() };
        let kind = if end > value.end() { Kind::Str } else { number };
        (!stays).then(|| Found::new(kind, value.start()..end))
    })
}

/// `name=com.example", next=`: a quote that closes nothing belongs to the value before it.
fn stray_quotes(draft: &Draft) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, (at, _)) in draft.text.match_indices('"').enumerate() {
        let closes = number % 2 == 1;
        let ends = behind(&draft.text, at + 1).is_none_or(|char| " ,;)".contains(char));
        if before(&draft.text, at) == Some(SLOT) && ends && !closes {
            found.push(Found::new(Kind::Str, at - SLOT.len_utf8()..at + 1));
        }
    }
    if draft.text.matches('"').count() % 2 == 1 { found } else { Vec::new() }
}

pattern!(BRACKETED_VALUE, r"\([A-Za-z_][A-Za-z0-9_.-]*=([^()=,;]{1,100})\)");

/// `(name=Orders - main)`: the only value in brackets ends with them.
fn bracketed_values(draft: &Draft) -> Vec<Found> {
    finds(&BRACKETED_VALUE, &draft.text, |captures| {
        let value = captures.get(1)?;
        (value.as_str() != "\u{1}").then(|| Found::new(Kind::Str, value.range()))
    })
}

pattern!(LABELLED, r"[,;({] ?'?([A-Za-z_][A-Za-z0-9_.-]*)'?: ?([^,;:(){}\[\]=\x22]{1,60})");

/// `.., Owner: backup, Name: nightly run`: from two labels on, what stands behind them are values.
fn labelled_values(draft: &Draft) -> Vec<Found> {
    let ends = |at: usize| behind(&draft.text, at).is_none_or(|char| ",;)}".contains(char));
    let take = |captures: Captures<'_>| {
        let (label, value) = (captures.get(1)?, captures.get(2)?);
        let trimmed = value.as_str().trim_end().trim_end_matches('.');
        let value_end = value.start() + trimmed.len();
        let stays = words::tells_the_event(label.as_str()) || !ends(value.end());
        Some((!stays && !trimmed.contains(SLOT)).then(|| Found::new(tokens_kind(trimmed), value.start()..value_end)))
    };
    let found: Vec<Option<Found>> =
        LABELLED.iter().flat_map(|labelled| labelled.captures_iter(&draft.text)).filter_map(take).collect();
    if found.len() < 2 { Vec::new() } else { found.into_iter().flatten().collect() }
}

fn tokens_kind(text: &str) -> Kind {
    match super::tokens::classify(text) {
        Kind::Id if !text.contains('0') => Kind::Str,
        kind => kind,
    }
}

pattern!(MISSING, r"[A-Za-z_][A-Za-z0-9_.-]*=([\s,;\])&]|$)| (?:\(\)|\[\])");

fn missing_values(draft: &Draft) -> Vec<Found> {
    finds(&MISSING, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let at = captures.get(1).map_or(whole.end() - 1, |behind| behind.start());
        Some(Found::new(Kind::Any, at..at))
    })
}

pattern!(
    LITERAL,
    r"<(?:nil|null|none|unknown|undefined)>|\b(?:true|false|True|False|TRUE|FALSE|null|nil|None|NULL|undefined|N/A|n/a)\b"
);

fn literals(draft: &Draft) -> Vec<Found> {
    finds(&LITERAL, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| is_word(char) || "-.".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| is_word(char) || char == '-');
        let kind = if whole.as_str().eq_ignore_ascii_case("true") || whole.as_str().eq_ignore_ascii_case("false") {
            Kind::Bool
        } else {
            Kind::Any
        };
        (!left && !right).then(|| Found::new(kind, whole.range()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        for pattern in [
            &REDACTED,
            &QUOTED_VALUE,
            &LIST,
            &QUOTED,
            &URL,
            &EMAIL,
            &PATH,
            &WINDOWS_PATH,
            &DATE,
            &TIME,
            &ADDRESS,
            &DOTTED,
            &HOST,
            &USER,
            &WORD_OF_KEY,
            &MISSING,
            &RELATIVE_PATH,
            &HEX_GROUP,
            &LISTENER,
            &LITERAL,
        ] {
            assert!(pattern.is_some());
        }
    }
}
