//! Text from logs in, the same text out in a form that cannot act: Markdown, HTML, CSV, shell.
//!
//! Everything here keeps the text readable and copyable as far as that is safe. What cannot be seen (control
//! characters, direction marks, zero-width characters) is spelled out in every kind of output, so nothing hides.

use super::visible::{visible, visible_block, visible_line};

/// A break that no reader sees: GitHub turns `@name`, `#1` and addresses into links after Markdown is rendered, so a
/// backslash does not stop them; a zero-width space does.
const BREAK: &str = "&#8203;";

/// Text inside a Markdown paragraph, heading or table cell, on one line.
///
/// No HTML, link, image, emphasis, mention, issue reference, commit reference, heading, list or table can come of it.
pub(super) fn markdown(text: &str) -> String {
    let line = visible_line(text);
    let mut out = String::with_capacity(line.len() + 16);
    let start = line.len() - line.trim_start().len();
    let mut before = None;
    let mut rest = line.char_indices().peekable();
    let bare = bare_hashes(&line);
    let mut in_word = underscores_in_words(&line).into_iter();
    while let Some((at, character)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        if at == start && opens_block(&line, start) {
            out.push('\\');
        }
        if bare.contains(&at) {
            out.push_str(BREAK);
        }
        match character {
            '_' if in_word.next() == Some(true) => out.push('_'),
            _ => markdown_character(&mut out, before, character, next),
        }
        before = Some(character);
    }
    out
}

/// For each underscore whether it stands inside a word: it means nothing there, and names in code are full of them.
fn underscores_in_words(line: &str) -> Vec<bool> {
    let mut found: Vec<bool> = Vec::new();
    let (mut run, mut before) = (0, false);
    for character in line.chars().chain([' ']) {
        if character == '_' {
            run += 1;
            continue;
        }
        let after = character.is_alphanumeric();
        found.extend(std::iter::repeat_n(before && after, run));
        (run, before) = (0, after);
    }
    found
}

fn markdown_character(out: &mut String, before: Option<char>, character: char, next: Option<char>) {
    let word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
    match character {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', character]),
        '@' | '#' if next.is_some_and(|next| next.is_alphanumeric() || next == '_') => {
            out.push(character);
            out.push_str(BREAK);
        }
        // `GH-12`, `http://`, `www.`: what follows the sign must not touch it.
        '-' if matches!(before, Some('h' | 'H')) && next.is_some_and(|next| next.is_ascii_digit()) => {
            out.push('-');
            out.push_str(BREAK);
        }
        ':' if next == Some('/') => {
            out.push(':');
            out.push_str(BREAK);
        }
        '.' if matches!(before, Some('w' | 'W')) && word(next) => {
            out.push('.');
            out.push_str(BREAK);
        }
        _ => out.push(character),
    }
}

/// Whether a line would open a heading, list, rule, underline or block at this place; its first character is escaped then.
fn opens_block(line: &str, start: usize) -> bool {
    let mut characters = line.get(start..).unwrap_or_default().chars();
    match (characters.next(), characters.next()) {
        (Some('#'), _) => true,
        (Some(first @ ('+' | '-' | '=' | ':' | '!')), next) => {
            next.is_none_or(|next| next == first || next.is_whitespace())
        }
        _ => false,
    }
}

/// Where words begin that read as the hash of a commit, which GitHub links.
fn bare_hashes(line: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut word_start = None;
    for (at, character) in line.char_indices().chain([(line.len(), ' ')]) {
        if character.is_alphanumeric() || character == '_' {
            word_start.get_or_insert(at);
            continue;
        }
        let Some(start) = word_start.take() else { continue };
        let word = line.get(start..at).unwrap_or_default();
        let hex = word.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let mixed =
            word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().any(|byte| byte.is_ascii_lowercase());
        if (7..=40).contains(&word.len()) && hex && mixed {
            found.push(start + 1);
        }
    }
    found
}

/// Text as inline code in Markdown, with more backticks around it than stand in it.
pub(super) fn markdown_code(text: &str) -> String {
    let line = without_marks(visible_line(text));
    if line.is_empty() {
        return line;
    }
    let ticks = "`".repeat(longest_run(&line, '`') + 1);
    let edge = |character: Option<char>| matches!(character, Some('`' | ' '));
    let padded = (edge(line.chars().next()) || edge(line.chars().next_back())) && !line.trim().is_empty();
    let pad = if padded { " " } else { "" };
    format!("{ticks}{pad}{line}{pad}{ticks}")
}

/// Code is quoted as it is, so a quoted line could pose as one of our own marks of a section; a blank parts it.
fn without_marks(text: String) -> String {
    if text.contains("<!-- log-gardener") { text.replace("<!-- log-gardener", "<! -- log-gardener") } else { text }
}

/// A Markdown code block whose fence is longer than any run of backticks or tildes inside.
pub(super) fn markdown_fence(text: &str, language: &str) -> String {
    let block = without_marks(visible_block(text));
    let fence = "`".repeat(longest_run(&block, '`').max(2) + 1);
    let language: String = language.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{fence}{language}\n{}\n{fence}", block.trim_end_matches('\n'))
}

/// Rendered Markdown made fit for a table cell: on one line, its bars escaped.
pub(super) fn markdown_cell(rendered: &str) -> String {
    let mut out = String::with_capacity(rendered.len());
    let mut escaped = false;
    for character in rendered.chars() {
        match character {
            '\n' => out.push(' '),
            // Code spans know no escapes, so a backslash of the text may stand before the bar: part them.
            '|' if escaped && in_code(&out) => out.push_str(" \\|"),
            '|' if !escaped => out.push_str("\\|"),
            _ => out.push(character),
        }
        escaped = character == '\\' && !escaped;
    }
    out
}

/// Whether an odd number of backtick runs stands open at the end; a bar there is inside code.
fn in_code(text: &str) -> bool {
    let mut open: Option<usize> = None;
    let mut run = 0;
    for character in text.chars().chain([' ']) {
        if character == '`' {
            run += 1;
            continue;
        }
        if run > 0 {
            open = match open {
                Some(length) if length == run => None,
                Some(length) => Some(length),
                None => Some(run),
            };
            run = 0;
        }
    }
    open.is_some()
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Text inside an HTML element or a quoted attribute; line breaks stay.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in visible_block(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            _ => out.push(character),
        }
    }
    out
}

/// A quoted CSV cell that no spreadsheet takes for a formula.
pub(super) fn csv(text: &str) -> String {
    let line = visible(text);
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || text.starts_with(['\t', '\r', '\n']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", line.replace('"', "\"\""))
}

/// One word of a shell command: single quotes, with nothing inside that a shell or a terminal acts on.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", visible(text).replace('\'', "'\\''"))
}

/// An address that is safe to link: http or https, and only characters that end no link in Markdown or HTML.
pub(super) fn web_address(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte);
    let host = rest.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    (host && url.len() <= 2_000 && rest.bytes().all(plain)).then_some(url)
}

/// A piece of a file name: lower-case letters, digits and hyphens, at most 80; a short hash where something was lost.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            out.push(character.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let whole = out.trim_end_matches('-').to_string();
    if whole.len() <= 80 && !whole.is_empty() && text.is_ascii() {
        return whole;
    }
    let short: String = whole.chars().take(60).collect();
    let hash = blake3::hash(text.as_bytes()).to_hex();
    let hash: String = hash.chars().take(8).collect();
    if short.is_empty() { hash } else { format!("{}-{hash}", short.trim_end_matches('-')) }
}

/// At most `limit` characters, with an ellipsis where text was cut.
pub(super) fn truncate(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_string();
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::visible::is_hidden;
    use proptest::prelude::*;

    #[test]
    fn markdown_text_stays_text() {
        for (text, expected) in [
            ("plain words, snake_case and 24.5%", "plain words, snake_case and 24.5%"),
            ("# heading", "\\# heading"),
            ("- item", "\\- item"),
            ("-5.2 and +23", "-5.2 and +23"),
            ("---", "\\---"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("[x](http://e)", "\\[x\\](http:&#8203;//e)"),
            ("hi @user, fixes #12", "hi @&#8203;user, fixes #&#8203;12"),
            ("GH-12 and o/r#3", "GH-&#8203;12 and o/r#&#8203;3"),
            ("www.example.com", "www.&#8203;example.com"),
            ("a__b__c __d__", "a__b__c \\_\\_d\\_\\_"),
            ("a | b\n# c", "a \\| b # c"),
            ("commit deadbeef1 now", "commit d&#8203;eadbeef1 now"),
            ("`code` *bold* _em_ ~~no~~", "\\`code\\` \\*bold\\* \\_em\\_ \\~\\~no\\~\\~"),
        ] {
            assert_eq!(markdown(text), expected, "{text}");
        }
    }

    #[test]
    fn code_and_fences_cannot_be_left() {
        assert_eq!(markdown_code("a`b"), "``a`b``");
        assert_eq!(markdown_code("`a"), "`` `a ``");
        assert_eq!(markdown_code("a\nb"), "`a b`");
        assert_eq!(markdown_fence("```\n# out\n", "json"), "````json\n```\n# out\n````");
        assert!(!markdown_fence("<!-- log-gardener:end summary -->", "").contains("<!--"));
        assert!(!markdown_code("<!-- log-gardener:end summary -->").contains("<!--"));
        assert_eq!(markdown_cell(&markdown_code("a|b")), "`a\\|b`");
        assert_eq!(markdown_cell(&markdown_code("a\\|b")), "`a\\ \\|b`");
        assert_eq!(markdown_cell(&markdown("a|b")), "a\\|b");
    }

    #[test]
    fn cells_are_no_formulas() {
        assert_eq!(csv("=1+1"), "\"'=1+1\"");
        assert_eq!(csv(" @SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(csv("\t=x"), "\"'\\t=x\"");
        assert_eq!(csv("say \"hi\", you"), "\"say \"\"hi\"\", you\"");
    }

    #[test]
    fn shell_words_are_one_word() {
        assert_eq!(shell("a'; rm -rf / #\n$(x)"), "'a'\\''; rm -rf / #\\n$(x)'");
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert!(web_address("https://github.com/o/r/issues/169").is_some());
        for wrong in ["javascript:alert(1)", "https://a b", "https://x)y", "http://", "data:text/html,x", "https://\"x"]
        {
            assert_eq!(web_address(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn file_names_stay_in_their_folder() {
        assert_eq!(slug("latest"), "latest");
        assert_eq!(slug("Backend / auth.. "), "backend-auth");
        for text in ["", "..", "../../etc/passwd", "\0", "ошибка", &"a".repeat(300), "CON"] {
            let name = slug(text);
            assert!((1..=80).contains(&name.len()), "{text}: {name}");
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{name}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_output_holds_what_acts(text in any::<String>()) {
            for out in [visible(&text), visible_block(&text), markdown(&text), markdown_code(&text), html(&text), csv(&text), shell(&text)] {
                prop_assert!(!out.chars().any(|character| is_hidden(character) && !matches!(character, '\n' | '\t')));
            }
            prop_assert!(!markdown(&text).contains('<') && !html(&text).contains('<') && !markdown(&text).contains('\n'));
            prop_assert!(truncate(&text, 10).chars().count() <= 10);
        }

        #[test]
        fn a_fence_is_longer_than_what_is_inside(text in "[`~a\n]{0,40}") {
            let fenced = markdown_fence(&text, "");
            let fence: String = fenced.chars().take_while(|character| *character == '`').collect();
            let inner = fenced.strip_prefix(&fence).and_then(|rest| rest.strip_suffix(&fence)).unwrap();
            prop_assert!(!inner.contains(&fence));
        }
    }
}
