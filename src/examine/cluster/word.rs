//! The texts of tokens, each held once with what joining asks of it; so a pattern is a row of numbers.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use hashbrown::{HashMap, HashSet};

/// What a word is by its spelling.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// It has a letter or digit.
    Said,
    /// It only holds a sentence together.
    Function,
    /// It has one or two letters.
    Short,
    /// It has no small letter.
    Capital,
    /// `opened`, `opening`: what happened, whoever it happened to.
    Participle,
    /// It tells what happened rather than to whom.
    Event,
    /// `WindowsUpdateAgent`: spelled as programs spell names.
    ClassName,
    /// Names follow it: `container X`.
    Cue,
}

#[derive(Debug)]
struct Known {
    text: Box<str>,
    number: u32,
    fold: u32,
    kinds: u8,
}

/// One text of a [`Lexicon`]; equal texts are equal numbers.
#[derive(Clone, Debug)]
pub(super) struct Word(Arc<Known>);

impl Word {
    /// The placeholder of no single type.
    pub(super) fn any() -> Self {
        static ANY: LazyLock<Word> = LazyLock::new(|| Word::new("<*>", 0, 0));
        ANY.clone()
    }

    /// The same where words were joined: what stood there were names of one kind.
    pub(super) fn joined() -> Self {
        static JOINED: LazyLock<Word> = LazyLock::new(|| Word::new("<*>", 1, 0));
        JOINED.clone()
    }

    /// Some word: what stood where words were joined, before a second one was seen there.
    pub(super) fn some() -> Self {
        static SOME: LazyLock<Word> = LazyLock::new(|| Word::new("somebody", 2, 0));
        SOME.clone()
    }

    fn new(text: &str, number: u32, fold: u32) -> Self {
        Self(Arc::new(Known { text: text.into(), number, fold, kinds: kinds(text) }))
    }

    pub(super) fn text(&self) -> &str {
        &self.0.text
    }

    /// The same for equal texts alone.
    pub(super) fn number(&self) -> u32 {
        self.0.number
    }

    /// The same for texts that are equal in lower case.
    pub(super) fn fold(&self) -> u32 {
        self.0.fold
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.0.kinds & bit(kind) != 0
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.0.number == other.0.number
    }
}

impl Eq for Word {}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        self.text()
    }
}

/// All words of the patterns that are compared with each other.
pub(super) struct Lexicon {
    words: HashSet<Word>,
    folds: HashMap<String, u32>,
}

impl Default for Lexicon {
    fn default() -> Self {
        let any = Word::any();
        Self { folds: HashMap::from_iter([(any.text().to_owned(), any.fold())]), words: HashSet::from_iter([any]) }
    }
}

impl Lexicon {
    pub(super) fn word(&mut self, text: &str) -> Word {
        if let Some(known) = self.words.get(text) {
            return known.clone();
        }
        // What masking writes for the brackets of log text is the same as these.
        let bracket = match text {
            "‹" => Some("<"),
            "›" => Some(">"),
            _ => None,
        };
        if let Some(bracket) = bracket {
            let same = self.word(bracket);
            return Word(Arc::new(Known {
                text: text.into(),
                number: same.number(),
                fold: same.fold(),
                kinds: same.0.kinds,
            }));
        }
        let next = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let fresh = next(self.folds.len());
        let fold = *self.folds.entry(text.to_lowercase()).or_insert(fresh);
        // Two more than there are texts: what stands for joined words is in none.
        let word = Word::new(text, next(self.words.len() + 2), fold);
        self.words.insert(word.clone());
        word
    }
}

fn bit(kind: Kind) -> u8 {
    1 << kind as u8
}

fn kinds(text: &str) -> u8 {
    let lower = text.to_ascii_lowercase();
    let says = [
        (Kind::Said, text.chars().any(char::is_alphanumeric)),
        (Kind::Function, FUNCTION_WORDS.contains(lower.as_str())),
        (Kind::Short, text.chars().filter(|char| char.is_alphanumeric()).count() < 3),
        (Kind::Capital, text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase)),
        (Kind::Participle, ends_with_any(text, &PARTICIPLES)),
        (Kind::Event, is_event(text, &lower)),
        (Kind::ClassName, is_class_name(text)),
        (Kind::Cue, CUES.contains(lower.as_str())),
    ];
    says.into_iter().filter(|(_, says)| *says).map(|(kind, _)| bit(kind)).sum()
}

fn is_class_name(word: &str) -> bool {
    let inner = word.trim_matches(|char: char| !char.is_alphanumeric());
    let hump =
        inner.chars().zip(inner.chars().skip(1)).any(|(left, right)| left.is_lowercase() && right.is_uppercase());
    hump && inner.starts_with(char::is_uppercase) && inner.chars().all(char::is_alphanumeric)
}

const PARTICIPLES: [&str; 2] = ["ed", "ing"];

fn ends_with_any(word: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| word.len() > end.len() + 2 && word.ends_with(end))
}

fn is_event(word: &str, lower: &str) -> bool {
    let verb = ends_with_any(lower, &PARTICIPLES) || ends_with_any(lower, &["able", "ible", "ful", "ly", "less"]);
    let handler = word.strip_prefix("on").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    // `shop@billing` is a name, however it ends.
    (verb || handler || EVENTS.contains(lower)) && !word.contains('@')
}

/// A closed list of words in lower case.
type Words = LazyLock<HashSet<&'static str>>;

macro_rules! words {
    ($words:expr) => {
        LazyLock::new(|| $words.split_ascii_whitespace().collect())
    };
}

static FUNCTION_WORDS: Words = words!(
    "a an the is was are were be been being not no never none to in on at of for from by with \
    without and or but nor has have had can cannot could will would may might must shall should does did do it \
    its this that these those there then than as if when while after before into onto over under too very all \
    any each every some more less most least only also already again still yet now"
);

static CUES: Words = words!(
    "for from via named called of user account role group host node pod container image service \
    volume job task worker thread process daemon program command file directory folder table database schema \
    index column field topic queue bucket key flag module driver package plugin library class function method \
    property attribute parameter option setting variable device disk partition interface network domain \
    namespace zone region cluster instance channel stream session tenant provider vendor project repository \
    branch tag name client server activity agent app application broker bundle consumer controller endpoint \
    handler hook listener member owner peer producer route router rule script stage step subscription tool"
);

static EVENTS: Words = words!(
    "up down open close begin end start stop run done ok good bad fail failure success successful \
    error warning lost found sent read write wrote get got put set unset left right in out input output local \
    remote client server source target old new first last next previous min max low high upper lower inner outer \
    full empty alive dead ready busy idle online offline active inactive primary secondary master slave request \
    response reply query send receive connect disconnect accept reject allow deny enable disable create delete \
    add remove insert update load unload mount unmount attach detach lock unlock acquire release push pull \
    import export upload download backup restore login logout valid invalid unknown bytes seconds minutes cpu \
    memory storage space permission timeout"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_number_and_the_case_one_fold() {
        let mut lexicon = Lexicon::default();
        let (upper, lower, again) = (lexicon.word("Closed"), lexicon.word("closed"), lexicon.word("Closed"));
        assert_eq!((upper.number(), upper.fold()), (again.number(), lower.fold()));
        assert_ne!(upper, lower);
        assert_eq!(lexicon.word("<*>"), Word::any());
        assert!(
            upper.is(Kind::Event) && upper.is(Kind::Participle) && upper.is(Kind::Said) && !upper.is(Kind::Capital)
        );
        assert!(!lexicon.word("=>").is(Kind::Said));
    }
}
