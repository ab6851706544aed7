//! Text in, the words it can be recognised by out.

/// How many words of one text are looked at; longer texts are dumps, not descriptions.
const LOOKED_AT: usize = 20_000;
/// How many words may stand in the place of one placeholder.
pub(super) const GAP: usize = 12;

/// `ignored by decision: noise`; people may give no reason.
pub(super) fn because(what: &str, reason: &str) -> String {
    if reason.is_empty() { what.to_owned() } else { format!("{what}: {reason}") }
}

/// The words of a text in order: letters, digits and `_`, in lower case; what follows a backslash separates.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    each_word(text, |word| found.push(word.to_owned()));
    found
}

/// Gives out the words of a text as [`words`] does, without keeping them.
pub(super) fn each_word(text: &str, mut give: impl FnMut(&str)) {
    let mut left = LOOKED_AT;
    let mut word = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter.is_alphanumeric() || letter == '_' {
            word.extend(letter.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            give(&word);
            word.clear();
            left -= 1;
            if left == 0 {
                return;
            }
        }
        if letter == '\\' {
            letters.next();
        }
    }
    if !word.is_empty() {
        give(&word);
    }
}

/// Whether a word can tell one thing from another: no number, no short word, none that every report has.
pub(super) fn telling(word: &str) -> bool {
    const COMMON: [&str; 24] = [
        "and", "are", "but", "for", "from", "gcp", "has", "have", "into", "new", "not", "that", "the", "then", "this",
        "was", "were", "when", "with", "error", "errors", "issue", "warning", "log",
    ];
    word.chars().count() >= 3 && !COMMON.contains(&word) && word.chars().any(char::is_alphabetic) && !is_hex(word)
}

fn is_hex(word: &str) -> bool {
    word.len() >= 6
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// A pattern as runs of words, or of what stands for them, between its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase<W = String> {
    runs: Vec<Vec<W>>,
}

impl Phrase {
    /// The phrase of a pattern if it says enough to be recognised by: four words, twenty letters.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let runs: Vec<Vec<String>> =
            literal_parts(pattern).into_iter().map(words).filter(|run| !run.is_empty()).collect();
        let count: usize = runs.iter().map(Vec::len).sum();
        let letters: usize = runs.iter().flatten().map(|word| word.chars().count()).sum();
        (count >= 4 && letters >= 20).then_some(Self { runs })
    }

    /// The same of what stands for each word, if something does.
    pub(super) fn map<V>(&self, stand_in: impl Fn(&str) -> Option<V>) -> Option<Phrase<V>> {
        let runs =
            self.runs.iter().map(|run| run.iter().map(|word| stand_in(word)).collect()).collect::<Option<_>>()?;
        Some(Phrase { runs })
    }
}

impl<W: PartialEq> Phrase<W> {
    /// Its words.
    pub(super) fn words(&self) -> impl Iterator<Item = &W> {
        self.runs.iter().flatten()
    }

    /// Whether `text` holds it, with a few words where the placeholders are.
    pub(super) fn stands_in(&self, text: &[W]) -> bool {
        let Some(first) = self.runs.first() else { return false };
        positions(text, first, 0, text.len()).any(|at| self.follows(text, at + first.len()))
    }

    fn follows(&self, text: &[W], mut at: usize) -> bool {
        self.runs.iter().skip(1).all(|run| {
            let found = positions(text, run, at, at + GAP + 1).next();
            at = found.unwrap_or(at) + run.len();
            found.is_some()
        })
    }
}

/// Where `run` begins in `text`, from `from` up to before `to`.
fn positions<'a, W: PartialEq>(
    text: &'a [W],
    run: &'a [W],
    from: usize,
    to: usize,
) -> impl Iterator<Item = usize> + 'a {
    let last = text.len().saturating_sub(run.len());
    (from..to.min(last.saturating_add(1)))
        .filter(move |at| text.get(*at..).is_some_and(|tail| !run.is_empty() && tail.starts_with(run)))
}

/// The parts of a pattern that are not placeholders: `<` lower-case letters, digits, `_` or `-`, `>`.
pub(super) fn literal_parts(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    let mut from = 0;
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find('<')).map(|at| at + from) {
        let inside = rest.get(open + 1..).unwrap_or_default();
        let length = inside.find('>').filter(|length| *length > 0 && *length <= 40);
        let name = length.and_then(|length| inside.get(..length));
        let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-*:".contains(&byte));
        match name.filter(|name| plain(name)) {
            Some(name) => {
                parts.extend(rest.get(..open));
                rest = inside.get(name.len() + 1..).unwrap_or_default();
                from = 0;
            }
            None => from = open + 1,
        }
    }
    parts.push(rest);
    parts
}

/// A title without the frame that drafts give it (`GCP-x | P1 | `), in lower case, blanks made one.
pub(super) fn bare_title(title: &str) -> String {
    words(framed(title).map_or(title, |frame| frame.name)).join(" ")
}

/// The parts of a title that a draft made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Framed<'a> {
    pub category: &'a str,
    pub priority: &'a str,
    pub name: &'a str,
}

/// Takes a title in the form of drafts apart.
pub(super) fn framed(title: &str) -> Option<Framed<'_>> {
    let mut parts = title.splitn(3, '|').map(str::trim);
    let category = parts.next()?.strip_prefix("GCP-")?;
    let (priority, name) = (parts.next()?, parts.next()?);
    let number = priority.strip_prefix('P')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(Framed {
        category,
        priority,
        name,
    })
}

/// Fewer words in common do not tell that two patterns are the same behind other masks.
const LEAST_WORDS: usize = 2;

/// Whether two patterns are the same but for what a mask took from one: one holds the words of the other in their order, and
/// at least half of its own are these.
pub(super) fn read_alike(one: &str, other: &str) -> bool {
    let (one, other) = (literal_words(one), literal_words(other));
    let (few, many) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    let mut rest = many.iter();
    few.len() >= LEAST_WORDS && few.len() * 2 >= many.len() && few.iter().all(|word| rest.any(|other| other == word))
}

/// The words of a pattern outside of placeholders. A `<` of the log itself is written `‹` in patterns.
fn literal_words(pattern: &str) -> Vec<&str> {
    let parts = pattern.split('<').enumerate();
    let literal =
        parts.map(|(place, part)| if place == 0 { part } else { part.split_once('>').map_or("", |(_, rest)| rest) });
    let words = literal.flat_map(|part| part.split(|letter: char| !letter.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phrases_are_found_in_what_people_pasted() {
        let phrase =
            Phrase::of("Error routing message from <user>: 'function' object has no attribute 'can_handle'").unwrap();
        for (text, expected) in [
            (
                "\"message\": \"Error routing message from demo-user-001: 'function' object has no attribute 'can_handle'\"",
                true,
            ),
            ("Error routing message from\\n a b: \\\"function\\\" object has no attribute can_handle", true),
            ("Error routing message from demo", false),
            ("function object has no attribute can_handle", false),
            ("", false),
        ] {
            assert_eq!(phrase.stands_in(&words(text)), expected, "{text}");
        }
        for weak in ["<num>", "", "failed", "a b c d", "Error: <num> <id>"] {
            assert_eq!(Phrase::of(weak), None, "{weak}");
        }
    }

    #[test]
    fn placeholders_only_are_taken_out() {
        assert_eq!(literal_parts("a <id> b < c <num>"), ["a ", " b < c ", ""]);
        assert_eq!(literal_parts("x <é> y"), ["x <é> y"]);
        assert_eq!(literal_parts("<"), ["<"]);
    }

    #[test]
    fn titles_lose_their_frame() {
        assert_eq!(bare_title("GCP-regression | P1 | WebSocket  Routing!"), "websocket routing");
        assert_eq!(bare_title("A | B | C"), "a b c");
        assert_eq!(framed("GCP-x | Pq | n"), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(pattern in ".{0,80}", text in ".{0,200}") {
            let text = words(&text);
            let _ = Phrase::of(&pattern).map(|phrase| phrase.stands_in(&text));
            let _ = bare_title(&pattern);
        }
    }
}
