//! The name of a field in, what kind of secret its value is out.

use std::sync::LazyLock;

/// What the name of a field promises about its value; it decides how much shape the value needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Whatever stands there is secret, a short word too.
    Password,
    /// Digits are secret.
    Pin,
    /// Secrets and keys: words of some length count.
    Secret,
    /// Values of some length that are not words.
    Key,
    /// Likewise, numbers excepted.
    Token,
    /// Session ids.
    Session,
    /// Signatures: long hexadecimal digits count.
    Signature,
    /// Names that stand before harmless values as well: only random values count.
    Loose,
    /// Names that count in the query of an address alone.
    Query,
    /// The name of a service that issues keys: only long random values count.
    Vendor,
    /// Names of users and machines, for the strict policy.
    Identity,
}

/// Endings of names, longest word lists first within a class: class, kind of the mark, words.
///
/// A name that is written in one word matches at the end of a longer word if it has six letters or more.
const ENDINGS: &[(Class, &str, &[&str])] = &[
    (
        Class::Password,
        "password",
        &[
            "password",
            "passwd",
            "passwort",
            "passphrase",
            "passcode",
            "pass phrase",
            "pass word",
            "pwd",
            "pass",
            "passwords",
            "kennwort",
            "contrasena",
            "senha",
            "wachtwoord",
            "motdepasse",
            "mot de passe",
            "pswd",
            "passwrd",
            "psw",
            "requirepass",
            "masterauth",
            "password hash",
            "passwordhash",
            "pgpassword",
            "mysql pwd",
            "sshpass",
        ],
    ),
    (
        Class::Pin,
        "pin",
        &[
            "pin",
            "pin code",
            "otp",
            "totp",
            "mfa code",
            "otp code",
            "verification code",
            "security code",
            "cvv",
            "cvc",
            "cvv2",
            "one time code",
            "sms code",
            "two factor code",
        ],
    ),
    (
        Class::Pin,
        "national_id",
        &[
            "ssn",
            "social security number",
            "national id",
            "passport number",
            "passport no",
            "tax id",
            "nino",
            "dni",
            "nif",
            "cpf",
            "aadhaar",
            "steuer id",
            "personnummer",
            "social security",
        ],
    ),
    (
        Class::Secret,
        "secret",
        &[
            "secret",
            "secrets",
            "secret value",
            "client secret",
            "shared secret",
            "signing secret",
            "secret data",
            "secret string",
            "salt",
            "seed phrase",
            "mnemonic",
            "recovery code",
            "backup code",
        ],
    ),
    (
        Class::Secret,
        "key",
        &[
            "secret key",
            "secret access key",
            "private key",
            "encryption key",
            "signing key",
            "signature key",
            "master key",
            "shared access key",
            "shared key",
            "account key",
            "hmac key",
            "hmac secret",
            "aes key",
            "cipher key",
            "decryption key",
            "crypto key material",
            "secret key base",
            "key material",
            "private key data",
            "privatekeydata",
            "private key id",
            "ssh key",
            "deploy key",
            "webhook key",
        ],
    ),
    (
        Class::Key,
        "api_key",
        &[
            "api key",
            "api keys",
            "apikey",
            "access key",
            "auth key",
            "service key",
            "subscription key",
            "functions key",
            "function key",
            "app key",
            "application key",
            "consumer key",
            "integration key",
            "write key",
            "ingest key",
            "ingestion key",
            "instrumentation key",
            "admin key",
            "license key",
            "storage key",
            "client key",
            "project key",
            "sas key",
            "access key id",
            "routing key secret",
            "x api key",
        ],
    ),
    (
        Class::Token,
        "token",
        &[
            "token",
            "jwt",
            "bearer",
            "access token",
            "refresh token",
            "id token",
            "auth token",
            "session token",
            "security token",
            "csrf",
            "xsrf",
            "csrftoken",
            "csrfmiddlewaretoken",
            "authenticity token",
            "sas token",
            "api token",
            "x auth",
            "webhook url",
            "hook url",
        ],
    ),
    (
        Class::Session,
        "session",
        &[
            "session",
            "session id",
            "sessionid",
            "sess id",
            "sessid",
            "sid",
            "jsessionid",
            "phpsessid",
            "aspsessionid",
            "session key",
            "connect sid",
            "session cookie",
        ],
    ),
    (
        Class::Signature,
        "signature",
        &["signature", "sig", "hmac", "x hub signature", "goog signature", "amz signature", "request signature"],
    ),
    (
        Class::Loose,
        "credential",
        &[
            "auth",
            "authorization",
            "authentication",
            "credential",
            "credentials",
            "creds",
            "cookie",
            "cookies",
            "assertion",
            "saml response",
            "samlresponse",
            "saml request",
            "nonce",
            "authkey",
            "x authorization",
            "tokens",
            "keys",
            "dsn",
            "connection string",
            "connectionstring",
            "auth header",
        ],
    ),
    (
        Class::Query,
        "oauth_code",
        &["code", "state", "auth code", "authorization code", "code verifier", "oauth verifier", "ticket"],
    ),
    (Class::Query, "key", &["key"]),
];

/// Words behind the telling ones that change nothing.
const NEUTRAL: &[&str] = &[
    "value",
    "val",
    "text",
    "string",
    "str",
    "plain",
    "plaintext",
    "raw",
    "b64",
    "base64",
    "new",
    "old",
    "current",
    "confirm",
    "confirmation",
    "again",
    "repeat",
    "env",
    "header",
    "input",
    "encoded",
    "encrypted",
    "hashed",
    "hash",
    "1",
    "2",
    "bytes",
    "data",
    "prod",
    "dev",
    "staging",
];

/// Words before `token` or `key` that make it harmless.
const HARMLESS: &[&str] = &[
    "page",
    "next",
    "continuation",
    "continue",
    "sync",
    "resume",
    "cursor",
    "scroll",
    "public",
    "count",
    "max",
    "min",
    "total",
    "num",
    "unexpected",
    "input",
    "output",
    "prompt",
    "completion",
    "idempotency",
    "deadline",
    "pagination",
    "position",
    "stop",
    "eos",
    "bos",
    "pad",
    "unk",
    "cancellation",
    "change",
];

/// Words that stand for other random values than keys.
const HASHES: &[&str] = &[
    "id",
    "ids",
    "hash",
    "sha",
    "sha1",
    "sha256",
    "md5",
    "digest",
    "checksum",
    "etag",
    "trace",
    "span",
    "commit",
    "revision",
    "version",
    "request",
    "image",
    "url",
    "uri",
    "host",
    "name",
    "ref",
    "event",
    "message",
    "build",
    "job",
    "uuid",
    "guid",
    "fingerprint",
];

/// Services that issue keys, sorted.
pub(super) static VENDORS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("vendors.txt").lines().collect());

/// Endings of names of users and machines: kind of the mark, words.
const IDENTITIES: &[(&str, &[&str])] = &[
    (
        "user",
        &[
            "user",
            "user id",
            "userid",
            "user name",
            "username",
            "login",
            "uid",
            "principal",
            "principal email",
            "owner",
            "subject",
            "actor",
            "customer id",
            "account id",
            "first name",
            "last name",
            "full name",
            "display name",
            "device id",
        ],
    ),
    (
        "host",
        &["host", "hostname", "host name", "server name", "machine", "node name", "computer name", "fqdn", "domain"],
    ),
    (
        "host",
        &["ip", "ip address", "client ip", "remote ip", "caller ip", "server ip", "remote addr", "peer", "mac address"],
    ),
];

/// The stems of names of users and machines.
pub(super) const IDENTITY_STEMS: &[&str] = &[
    "user",
    "login",
    "uid",
    "principal",
    "owner",
    "subject",
    "actor",
    "customer",
    "account",
    "name",
    "device",
    "host",
    "machine",
    "fqdn",
    "domain",
    "ip",
    "remote",
    "peer",
    "mac",
];

/// Whether marks of this kind stand for users and machines.
pub(super) fn is_identity(kind: &str) -> bool {
    IDENTITIES.iter().any(|(identity, _)| *identity == kind)
}

/// What the name of a field says of users and machines.
pub(super) fn identity_of(name: &str) -> Option<(Class, &'static str)> {
    let words = words_of(name);
    IDENTITIES.iter().find_map(|(kind, endings)| {
        endings.iter().any(|ending| ends_with(&words, ending)).then_some((Class::Identity, *kind))
    })
}

/// What the name of a field says about its value.
pub(super) fn class_of(name: &str) -> Option<(Class, &'static str)> {
    let mut words = words_of(name);
    while words.len() > 1 && words.last().is_some_and(|word| NEUTRAL.contains(&word.as_str())) {
        words.pop();
    }
    ENDINGS
        .iter()
        .find_map(|(class, kind, endings)| {
            let found = endings.iter().any(|ending| match class {
                // These words end the names of anything.
                Class::Query if !ending.contains(' ') => {
                    words.len() == 1 && words.first().is_some_and(|word| word == ending)
                }
                _ => ends_with(&words, ending),
            });
            (found && !is_harmless(*class, &words)).then_some((*class, *kind))
        })
        .or_else(|| is_vendors(&words).then_some((Class::Vendor, "api_key")))
}

/// Whether a name speaks of a service that issues keys, and of nothing else that looks like a key.
fn is_vendors(words: &[String]) -> bool {
    words.iter().any(|word| VENDORS.binary_search(&word.as_str()).is_ok())
        && !words.iter().any(|word| HARMLESS.contains(&word.as_str()) || HASHES.contains(&word.as_str()))
}

fn is_harmless(class: Class, words: &[String]) -> bool {
    matches!(class, Class::Token | Class::Key | Class::Secret | Class::Loose | Class::Query)
        && words.iter().any(|word| HARMLESS.contains(&word.as_str()))
}

/// Whether a name ends with the words of `ending`, or with all of them in one word.
fn ends_with(words: &[String], ending: &str) -> bool {
    // Nearly every name is out after its last letter.
    if words.last().is_none_or(|last| last.as_bytes().last() != ending.as_bytes().last()) {
        return false;
    }
    let count = ending.split(' ').count();
    let tail = words.get(words.len().saturating_sub(count)..).unwrap_or_default();
    if tail.iter().map(String::as_str).eq(ending.split(' ')) {
        return true;
    }
    let Some(last) = words.last() else { return false };
    let mut left = last.as_str();
    for word in ending.split(' ').rev() {
        let Some(shorter) = left.strip_suffix(word) else { return false };
        left = shorter;
    }
    left.is_empty() || ending.len() >= 6
}

/// The words of a name in lower case: `DB_password`, `dbPassword`, `db-password` alike.
fn words_of(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut letters = name.chars().take(128).peekable();
    while let Some(letter) = letters.next() {
        let starts = letter.is_uppercase()
            && (before.is_lowercase()
                || before.is_ascii_digit()
                || (before.is_uppercase() && letters.peek().is_some_and(|next| next.is_lowercase())));
        if (starts || !letter.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The stems by which names of fields are found in a text.
pub(super) const STEMS: &[&str] = &[
    "pass",
    "pwd",
    "passwort",
    "kennwort",
    "contrasena",
    "senha",
    "wachtwoord",
    "motdepasse",
    "pswd",
    "psw",
    "masterauth",
    "pin",
    "otp",
    "mfa",
    "code",
    "cvv",
    "cvc",
    "ssn",
    "national",
    "tax",
    "nino",
    "dni",
    "nif",
    "cpf",
    "aadhaar",
    "steuer",
    "personnummer",
    "social",
    "secret",
    "salt",
    "seed",
    "mnemonic",
    "key",
    "token",
    "jwt",
    "bearer",
    "csrf",
    "xsrf",
    "hook",
    "session",
    "sess",
    "sid",
    "sig",
    "hmac",
    "auth",
    "credential",
    "creds",
    "cookie",
    "assertion",
    "saml",
    "nonce",
    "dsn",
    "connection",
    "state",
    "ticket",
    "verifier",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_are_sorted_for_the_search() {
        assert!(VENDORS.is_sorted());
    }

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
            ("AWS_SECRET_ACCESS_KEY", "key"),
            ("awsSecretAccessKey", "key"),
            ("clientSecret", "secret"),
            ("X-Api-Key", "api_key"),
            ("APIKEY", "api_key"),
            ("accessToken", "token"),
            ("x-goog-iap-jwt", "token"),
            ("JSESSIONID", "session"),
            ("X-Amz-Signature", "signature"),
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
            "",
        ] {
            assert_eq!(class_of(name), None, "{name}");
        }
    }
}
