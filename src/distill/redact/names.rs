//! The name of a field in, what kind of secret its value is out.

use std::cell::RefCell;
use std::sync::LazyLock;

use hashbrown::HashMap;

use super::words::{LONGEST, Words, has};

/// What the name of a field promises about its value; it decides how much shape the value needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Whatever stands there is secret, a short word too.
    Password,
    /// Digits are secret.
    Pin,
    /// Numbers as people write those of phones, cards and accounts.
    Digits,
    /// Secrets and keys: words of some length count.
    Secret,
    /// Values of some length that are not words.
    Key,
    /// Keys of services, or what things are numbered by: references such as `PAYMENTS-1234` do not count.
    Item,
    /// Likewise, numbers excepted.
    Token,
    /// Session ids.
    Session,
    /// Signatures: long hexadecimal digits count.
    Signature,
    /// Codes that are exchanged for tokens.
    Code,
    /// Names that stand before harmless values as well: only random values count.
    Loose,
    /// Some key: only long values count that mix everything.
    AnyKey,
    /// Names that count in the query of an address alone.
    Query,
    /// The name of a service that issues keys: only long random values count.
    Vendor,
    /// Names of users and machines, for the strict policy.
    Identity,
}

impl Class {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "password" => Self::Password,
            "pin" => Self::Pin,
            "digits" => Self::Digits,
            "secret" => Self::Secret,
            "key" => Self::Key,
            "item" => Self::Item,
            "token" => Self::Token,
            "session" => Self::Session,
            "signature" => Self::Signature,
            "code" => Self::Code,
            "loose" => Self::Loose,
            "anykey" => Self::AnyKey,
            "query" => Self::Query,
            "identity" => Self::Identity,
            _ => return None,
        })
    }
}

/// A name says that much about its value: class, and kind of the mark.
pub(super) type Promise = (Class, &'static str);

/// An ending of names, and what it promises.
#[derive(Debug)]
struct Ending {
    /// Its words, written in one.
    joined: String,
    /// Whether it also ends longer words.
    anywhere: bool,
    promise: Promise,
}

/// The words of names.txt, made ready for the search.
#[derive(Debug, Default)]
struct Lexicon {
    /// Endings by their last letter, in the order of the file.
    endings: Vec<Vec<Ending>>,
    stems: Vec<&'static str>,
    identity_stems: Vec<&'static str>,
    neutral: Vec<&'static str>,
    harmless: Vec<&'static str>,
    ordinary: Vec<&'static str>,
    hashes: Vec<&'static str>,
    vendors: Vec<&'static str>,
}

static LEXICON: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::read(include_str!("names.txt"), include_str!("vendors.txt")));

impl Lexicon {
    fn read(text: &'static str, vendors: &'static str) -> Self {
        let mut lexicon = Self { vendors: vendors.lines().collect(), ..Self::default() };
        lexicon.endings.resize_with(256, Vec::new);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((head, words)) = line.split_once(": ") else { continue };
            let words = words.split(", ");
            match head.split_once(' ') {
                Some((class, kind)) => lexicon.add(class, kind, words),
                None => lexicon.list(head).extend(words),
            }
        }
        for list in ["neutral", "harmless", "ordinary", "hashes", "vendors"] {
            lexicon.list(list).sort_unstable();
        }
        lexicon
    }

    fn list(&mut self, name: &str) -> &mut Vec<&'static str> {
        match name {
            "stems" => &mut self.stems,
            "identity_stems" => &mut self.identity_stems,
            "neutral" => &mut self.neutral,
            "harmless" => &mut self.harmless,
            "ordinary" => &mut self.ordinary,
            "hashes" => &mut self.hashes,
            _ => &mut self.vendors,
        }
    }

    fn add(&mut self, class: &str, kind: &'static str, endings: impl Iterator<Item = &'static str>) {
        let Some(class) = Class::named(class) else { return };
        for ending in endings {
            let starred = ending.starts_with('*');
            let joined = ending.replace(['*', ' '], "");
            // Words such as `code` end the names of anything.
            let anywhere = class != Class::Query && (starred || ending.len() >= 6);
            let Some(bucket) = joined.bytes().last().and_then(|last| self.endings.get_mut(usize::from(last))) else {
                continue;
            };
            bucket.push(Ending { joined, anywhere, promise: (class, kind) });
        }
    }

    /// The first ending of the file that fits, among those of users and machines or among the others.
    fn find(&self, words: &Words, identities: bool) -> Option<Promise> {
        let name = words.letters();
        let bucket = self.endings.get(usize::from(*name.last()?))?;
        let fits = |ending: &&Ending| {
            let Some(start) = name.len().checked_sub(ending.joined.len()) else { return false };
            let (class, _) = ending.promise;
            (class == Class::Identity) == identities
                && name.ends_with(ending.joined.as_bytes())
                && (ending.anywhere || words.starts_at(start))
                && (class != Class::Query || start == 0)
                && !(is_cautious(class) && words.any(|word| has(&self.harmless, word)))
                && !(class == Class::AnyKey && words.any(|word| has(&self.ordinary, word)))
        };
        bucket.iter().find(fits).map(|ending| ending.promise)
    }
}

/// Classes that a harmless word in the name rules out.
fn is_cautious(class: Class) -> bool {
    matches!(
        class,
        Class::Token
            | Class::Key
            | Class::Item
            | Class::Secret
            | Class::Loose
            | Class::Query
            | Class::AnyKey
            | Class::Code
    )
}

/// Services that issue keys.
pub(super) fn vendors() -> &'static [&'static str] {
    &LEXICON.vendors
}

/// The parts by which telling names are found in a text.
pub(super) fn stems() -> &'static [&'static str] {
    &LEXICON.stems
}

/// The parts of names of users and machines.
pub(super) fn identity_stems() -> &'static [&'static str] {
    &LEXICON.identity_stems
}

/// Whether marks of this kind stand for users and machines.
pub(super) fn is_identity(kind: &str) -> bool {
    matches!(kind, "user" | "host")
}

/// What the name of a field says of users and machines.
pub(super) fn identity_of(name: &str) -> Option<Promise> {
    LEXICON.find(&Words::of(name), true)
}

/// So many names are held by each thread. A memory only: it never shows in a result.
const HELD: usize = 4_096;

thread_local! {
    /// Names that were asked for, and what they said: those of fields stand in every entry that is kept.
    static ASKED: RefCell<HashMap<Box<str>, Option<Promise>>> = RefCell::default();
}

/// What the name of a field says about its value.
pub(super) fn class_of(name: &str) -> Option<Promise> {
    if name.len() > LONGEST {
        return promise_of(name);
    }
    ASKED.with_borrow_mut(|asked| {
        if let Some(said) = asked.get(name) {
            return *said;
        }
        if asked.len() >= HELD {
            asked.clear();
        }
        *asked.entry(name.into()).or_insert_with(|| promise_of(name))
    })
}

fn promise_of(name: &str) -> Option<Promise> {
    let words = Words::of(name).without(&LEXICON.neutral);
    let numbered = || {
        let plain = Words::of(name).without_number()?;
        let told = LEXICON.find(&plain, false);
        told.filter(|(class, _)| {
            matches!(class, Class::Password | Class::Secret | Class::Key | Class::Item | Class::Token)
        })
    };
    let found = LEXICON.find(&words, false).or_else(numbered);
    match found {
        None | Some((Class::AnyKey, _)) if is_vendors(&words) => {
            Some((if words.last() == b"key" { Class::Key } else { Class::Vendor }, "api_key"))
        }
        _ => found,
    }
}

/// Whether a word makes a token or a key behind it harmless.
pub(super) fn is_harmless(word: &str) -> bool {
    has(&LEXICON.harmless, Words::of(word).letters())
}

/// Whether a name speaks of a service that issues keys, and of nothing else that looks like a key.
fn is_vendors(words: &Words) -> bool {
    words.any(|word| has(&LEXICON.vendors, word))
        && !words.any(|word| has(&LEXICON.harmless, word) || has(&LEXICON.hashes, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_in_every_spelling() {
        for (name, kind) in [
            ("password", "password"),
            ("DB_PASSWORD", "password"),
            ("dbPassword", "password"),
            ("db-password", "password"),
            ("spring.datasource.password", "password"),
            ("new_password_confirmation", "password"),
            ("mysqlpassword", "password"),
            ("password1", "password"),
            ("dbPassword12", "password"),
            ("token2", "token"),
            ("secret1", "secret"),
            ("wifi_pw", "password"),
            ("userPw", "password"),
            ("rootpw", "password"),
            ("pswrd", "password"),
            ("dbpwd", "password"),
            ("AWS_SECRET_ACCESS_KEY", "key"),
            ("awsSecretAccessKey", "key"),
            ("clientSecret", "secret"),
            ("X-Api-Key", "api_key"),
            ("APIKEY", "api_key"),
            ("api key", "api_key"),
            ("accessToken", "token"),
            ("usertoken", "token"),
            ("x-goog-iap-jwt", "token"),
            ("JSESSIONID", "session"),
            ("X-Amz-Signature", "signature"),
            ("authCode", "oauth_code"),
            ("datadog", "api_key"),
        ] {
            assert_eq!(class_of(name).map(|(_, kind)| kind), Some(kind), "{name}");
        }
    }

    #[test]
    fn names_that_only_sound_like_it() {
        for name in [
            "nextPageToken",
            "token_count",
            "max_tokens",
            "password_reset_url",
            "secretName",
            "keyboard",
            "compass",
            "tokenizer",
            "public_key",
            "cache_key",
            "passed",
            "authority",
            "author",
            "primary_key",
            "password_policy",
            "secret_id_name",
            "datadog_trace_id",
            "monkey",
            "status_code",
            "",
        ] {
            assert_eq!(class_of(name), None, "{name}");
        }
    }

    #[test]
    fn long_names_are_read_as_far_as_there_is_room() {
        assert_eq!(class_of(&"ä".repeat(300)), None);
        assert_eq!(class_of(&format!("{}_password", "x".repeat(100))).map(|(_, kind)| kind), Some("password"));
        assert_eq!(identity_of("userName"), Some((Class::Identity, "user")));
        assert!(is_harmless("Next") && !is_harmless("api"));
    }

    #[test]
    fn what_is_remembered_of_a_name_is_what_it_says() {
        // More names than are held, so that some are forgotten in between.
        let names =
            |turn: usize| (0..HELD + 8).map(move |number| format!("key{number}_{}", ["token", "count"][turn % 2]));
        for name in (0..2).flat_map(names).chain(["x".repeat(LONGEST + 1)]) {
            assert_eq!(class_of(&name), promise_of(&name), "{name}");
            assert_eq!(class_of(&name), promise_of(&name), "{name}, again");
        }
    }
}
