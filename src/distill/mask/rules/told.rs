//! Words that a key, a label or the words around them tell to be values, and moments.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{before, behind, closing, compiled, finds, is_detail, is_word, pattern};
use crate::distill::mask::draft::{Draft, Found, SLOT};
use crate::distill::mask::{Kind, tokens};
use crate::distill::words;

pattern!(
    DATE,
    r"(?x)\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\ )?
      (?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\ {1,2}0(?:,?\ 0\b)?
        |0[\ /-](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?(?:[\ /-]0)?)
      (?:[\ :T]0:0(?::0)?(?:[.,]0)?)?(?:\ ?(?:UTC|GMT|CET|CEST|[ECMP][DS]T|Z))?(?:\ ?[+-]?0:?0?)?(?:\ 0)?"
);

pub(super) fn dates(draft: &Draft) -> Vec<Found> {
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

pub(super) fn times(draft: &Draft) -> Vec<Found> {
    finds(&TIME, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left =
            before(&draft.text, whole.start()).is_some_and(|char| char.is_alphanumeric() || ".:-_".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| char.is_alphanumeric() || ":_-".contains(char));
        let plain = whole.as_str() == "0:0";
        (!left && !right && !plain).then(|| Found::new(Kind::Ts, whole.range()))
    })
}

pattern!(USER, r#"\b(?:[Uu]ser|USER|[Uu]sername) ([^\s,;:()\[\]{}"'<>|=!?&+\x01]+)"#);

pub(super) fn users(draft: &Draft) -> Vec<Found> {
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
pub(super) fn accounts(draft: &Draft) -> Vec<Found> {
    finds(&ACCOUNT, &draft.text, |captures| {
        let name = captures.get(1)?;
        let right = behind(&draft.text, name.end()).is_some_and(|char| is_word(char) || "-/:@.=".contains(char));
        (!right).then(|| Found::new(Kind::Name, name.range()))
    })
}

pattern!(COMMA_LIST, r"[A-Za-z0-9_.\x01-]+(?:,[A-Za-z0-9_.\x01-]+)+");

/// `a,b,c`: prose puts a blank behind a comma.
pub(super) fn comma_lists(draft: &Draft) -> Vec<Found> {
    finds(&COMMA_LIST, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start()).is_some_and(|char| !" :=([{'\"".contains(char));
        let right = behind(&draft.text, whole.end()).is_some_and(|char| !" ;)]}'\"".contains(char));
        // `a = 1,b = 2` are pairs.
        let pairs = draft.text.get(whole.end()..).is_some_and(|rest| rest.trim_start().starts_with('='));
        let trimmed = whole.as_str().trim_end_matches('.');
        (!left && !right && !pairs).then(|| Found::new(Kind::List, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(FLAGS, r"\b(?:on|off|yes|no|ok|up|down|true|false)(?:(?:, | )(?:on|off|yes|no|ok|up|down|true|false))+\b");

/// A row of states, as of several power supplies.
pub(super) fn flags(draft: &Draft) -> Vec<Found> {
    finds(&FLAGS, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let left = before(&draft.text, whole.start().saturating_sub(1)).is_some_and(char::is_alphabetic);
        let right = behind(&draft.text, whole.end() + 1).is_some_and(char::is_alphabetic);
        (!left && !right).then(|| Found::new(Kind::List, whole.range()))
    })
}

pattern!(LISTED_WORDS, r": ([A-Za-z0\x01][A-Za-z0-9_./\x01-]*(?:, [A-Za-z0\x01][A-Za-z0-9_./\x01-]*){2,})");

/// `Loaded plugins: alpha, beta, gamma.`: three single words or more that end what is said.
pub(super) fn listed_words(draft: &Draft) -> Vec<Found> {
    finds(&LISTED_WORDS, &draft.text, |captures| {
        let whole = captures.get(1)?;
        let trimmed = whole.as_str().trim_end_matches('.');
        let rest = draft.text.get(whole.start() + trimmed.len()..)?;
        let ends = rest.is_empty() || rest == "." || rest.starts_with(". ") || rest == ";" || rest.starts_with("; ");
        // Values side by side are one by themselves.
        let says = trimmed.split(", ").any(|item| !item.contains(['0', SLOT]));
        (ends && says).then(|| Found::new(Kind::List, whole.start()..whole.start() + trimmed.len()))
    })
}

pattern!(WORD_OF_KEY, r#"([A-Za-z_][A-Za-z0-9_.-]*)=(<[^\s<>\x01]*>|[^\s,;:()\[\]{}"'<>|=!?&+\x01]+)"#);

pub(super) fn words_of_keys(draft: &Draft) -> Vec<Found> {
    finds(&WORD_OF_KEY, &draft.text, |captures| {
        let (key, value) = (captures.get(1)?, captures.get(2)?);
        let tells = words::tells_the_event(key.as_str()) && !is_detail(key.as_str(), &draft.text);
        let stays = tells && !value.as_str().contains('0');
        let number = tokens_kind(value.as_str());
        let record = behind(&draft.text, value.end()).is_some_and(|char| char == '{' || char == '(');
        let end =
            if record { closing(&draft.text, value.end()).map_or(value.end(), |end| end + 1) } else { value.end() };
        let kind = if end > value.end() { Kind::Str } else { number };
        (!stays).then(|| Found::new(kind, value.start()..end))
    })
}

pattern!(LABELLED, r"[,;({] ?'?([A-Za-z_][A-Za-z0-9_.-]*)'?: ?([^,;:(){}\[\]=\x22]+)");
/// Longer values are texts; counted in the expression, they would make it slow to compile.
const LONGEST_LABELLED: usize = 60;

/// `.., Owner: backup, Name: nightly run`: from two labels on, what stands behind them are values.
pub(super) fn labelled_values(draft: &Draft) -> Vec<Found> {
    let ends = |at: usize| behind(&draft.text, at).is_none_or(|char| ",;)}".contains(char));
    let take = |captures: Captures<'_>| {
        let (label, value) = (captures.get(1)?, captures.get(2)?);
        let trimmed = value.as_str().trim_end().trim_end_matches('.');
        let value_end = value.start() + trimmed.len();
        let is_text = value.as_str().chars().count() > LONGEST_LABELLED;
        let stays = is_text || words::tells_the_event(label.as_str()) || !ends(value.end());
        Some((!stays && !trimmed.contains(SLOT)).then(|| Found::new(tokens_kind(trimmed), value.start()..value_end)))
    };
    let found: Vec<Option<Found>> =
        LABELLED.iter().flat_map(|labelled| labelled.captures_iter(&draft.text)).filter_map(take).collect();
    if found.len() < 2 { Vec::new() } else { found.into_iter().flatten().collect() }
}

fn tokens_kind(text: &str) -> Kind {
    match tokens::classify(text) {
        Kind::Id if !text.contains('0') => Kind::Str,
        kind => kind,
    }
}

pattern!(MISSING, r"[A-Za-z_][A-Za-z0-9_.-]*=([\s,;\])&]|$)|[A-Za-z_]:(?: ?([,;])| (\)))| (?:\(\)|\[\])");

pub(super) fn missing_values(draft: &Draft) -> Vec<Found> {
    finds(&MISSING, &draft.text, |captures| {
        let whole = captures.get(0)?;
        let behind = captures.iter().skip(1).flatten().next();
        let at = behind.map_or(whole.end() - 1, |behind| behind.start());
        Some(Found::new(Kind::Any, at..at))
    })
}

pattern!(
    LITERAL,
    r"<(?:nil|null|none|unknown|undefined)>|\b(?:true|false|True|False|TRUE|FALSE|null|nil|None|NULL|undefined|N/A|n/a)\b|: (YES|NO|Yes|No|yes|no)\b"
);

pub(super) fn literals(draft: &Draft) -> Vec<Found> {
    finds(&LITERAL, &draft.text, |captures| {
        let whole = captures.get(0)?;
        if let Some(answer) = captures.get(1) {
            // `Proceed: no reply` is no answer.
            let rest = draft.text.get(answer.end()..).unwrap_or_default();
            let ends = rest.is_empty() || rest.starts_with([')', ']', ',', ';', '.']) || rest.starts_with(" (");
            return ends.then(|| Found::new(Kind::Bool, answer.range()));
        }
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
    use crate::distill::mask::rules::tests::assert_patterns;

    #[test]
    fn details_of_a_line_of_pairs_are_values() {
        assert_patterns(&[
            (
                r#"level=warn msg="went down" err="it broke" state=up node="in the rack""#,
                r#"level=warn msg="went down" err="it broke" state=<str> node=<str>"#,
            ),
            (r#"went down, err="it broke" state=up"#, r#"went down, err="it broke" state=up"#),
        ]);
    }

    #[test]
    fn single_words_behind_a_colon_are_a_list() {
        assert_patterns(&[
            ("plugins: alpha, beta, gamma", "plugins: <list>"),
            ("plugins: alpha, beta-x, gamma, delta.", "plugins: <list>."),
            ("plugins: alpha, beta", "plugins: alpha, beta"),
            ("failed: first, then, and now nothing", "failed: first, then, and now nothing"),
        ]);
    }

    #[test]
    fn pairs_behind_commas_are_no_list() {
        assert_patterns(&[
            ("code = 7,errorMessage = LOST", "code = <num>,errorMessage = LOST"),
            ("type =2,time = 5,who=7", "type =<num>,time = <num>,who=<num>"),
            ("code = 7,8,9", "code = <list>"),
        ]);
    }

    #[test]
    fn what_belongs_to_a_user_is_no_name() {
        assert_patterns(&[("set user tags for user bob", "set user tags for user <name>")]);
    }

    #[test]
    fn a_label_without_a_value_has_a_slot() {
        assert_patterns(&[
            ("added: , deleted: 2", "added: <*>, deleted: <num>"),
            ("added: a, deleted", "added: a, deleted"),
            ("at the end: ok", "at the end: ok"),
        ]);
    }

    #[test]
    fn answers_and_money_are_values() {
        assert_patterns(&[
            ("(secret used: YES) paid 12 EUR", "(secret used: <bool>) paid <num>"),
            ("ran: YES and 12 EURO", "ran: YES and <num> EURO"),
            ("Disabled: NO", "Disabled: <bool>"),
            ("Enabled: Yes (so far), On: no.", "Enabled: <bool> (so far), On: <bool>."),
            ("sync: no answer", "sync: no answer"),
        ]);
    }

    #[test]
    fn every_expression_compiles() {
        for pattern in [
            &DATE,
            &TIME,
            &USER,
            &ACCOUNT,
            &COMMA_LIST,
            &FLAGS,
            &LISTED_WORDS,
            &WORD_OF_KEY,
            &LABELLED,
            &MISSING,
            &LITERAL,
        ] {
            assert!(pattern.is_some());
        }
    }
}
