//! A text in, where e-mail addresses stand out.

#![expect(clippy::indexing_slicing, reason = "every index is checked against the length in the line before it")]

use std::ops::Range;

use super::super::decode::escape_at;
use super::super::rules::floor;

/// The longest address looked at, to each side of its `@`.
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 253;
/// Endings behind a dot that make no address of a mail server.
const NO_DOMAINS: &[&str] = &[
    "service",
    "socket",
    "timer",
    "mount",
    "target",
    "slice",
    "scope",
    "device",
    "local",
    "internal",
    "js",
    "ts",
    "py",
    "go",
    "rs",
    "java",
    "rb",
    "php",
    "json",
    "yaml",
    "yml",
    "toml",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "html",
    "css",
    "txt",
    "md",
    "log",
    "conf",
    "cfg",
    "sh",
    "jar",
    "class",
    "localdomain",
    "localhost",
];

/// E-mail addresses. Those of service accounts name programs, not people, and count in the strict policy alone.
pub(in crate::distill::redact) fn emails(text: &str, strict: bool, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b'@', bytes) {
        let local = bytes[..at].iter().rev().take(LONGEST_LOCAL).take_while(|byte| in_local(**byte)).count();
        let mut start = at - local;
        start += bytes[start..at]
            .iter()
            .take_while(|byte| matches!(byte, b'.' | b'-' | b'+' | b'%' | b'\'' | b'=' | b'/'))
            .count();
        // `key=user@host` and paths: the address starts behind them.
        if let Some(sign) = bytes[start..at].iter().rposition(|byte| matches!(byte, b'=' | b'/')) {
            start += sign + 1;
        }
        start = floor(text, start);
        let host = bytes[at + 1..].iter().take(LONGEST_DOMAIN).take_while(|byte| in_domain(**byte)).count();
        let mut end = floor(text, at + 1 + host);
        while end > at + 1 && matches!(bytes[end - 1], b'.' | b'-' | b'_') {
            end -= 1;
        }
        let Some(domain) = text.get(at + 1..end) else { continue };
        let other = is_remote(bytes, start, at) || is_path(bytes, at, domain);
        if start < at && is_mail_domain(domain, strict) && !other && !is_escape(text, start, at) {
            found.push(start..end);
        }
    }
}

/// `git@host` names a repository.
fn is_remote(bytes: &[u8], start: usize, at: usize) -> bool {
    matches!(&bytes[start..at], b"git" | b"hg" | b"svn")
}

/// `jsonPayload.@metadata.beat` is the path of a member: names that end in a dot were given out by carriers of Japan alone.
fn is_path(bytes: &[u8], at: usize, domain: &str) -> bool {
    bytes[..at].ends_with(b".") && !domain.to_ascii_lowercase().ends_with(".jp")
}

/// Whether all before the `@` are the letters of an escape, as in `\n@decorator.name`. What it stands for is looked at
/// where the escapes are taken off.
fn is_escape(text: &str, start: usize, at: usize) -> bool {
    let sign = start.checked_sub(1).filter(|sign| text.as_bytes().get(*sign) == Some(&b'\\'));
    sign.is_some_and(|sign| escape_at(text, sign).is_some_and(|(length, _)| sign + length == at))
}

fn in_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-'=/".contains(&byte) || byte >= 0x80
}

fn in_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || byte >= 0x80
}

fn is_mail_domain(domain: &str, strict: bool) -> bool {
    let Some((rest, last)) = domain.rsplit_once('.') else { return false };
    let lower = last.to_ascii_lowercase();
    let labels = rest.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    labels
        && last.chars().count() >= 2
        && last.chars().count() <= 24
        && (last.chars().all(char::is_alphabetic) || lower.starts_with("xn--"))
        && !NO_DOMAINS.contains(&lower.as_str())
        && (strict || !(domain.ends_with("gserviceaccount.com") || domain.ends_with("googleusercontent.com")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mails(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        emails(text, false, &mut found);
        found.into_iter().map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn addresses_of_people_and_what_only_has_an_at_sign() {
        assert_eq!(
            mails("to=Ann.Lee+x@mail.example.org, cc <b@c.example>."),
            ["Ann.Lee+x@mail.example.org", "b@c.example"]
        );
        assert_eq!(mails("to a.b.@docomo.ne.jp"), ["a.b.@docomo.ne.jp"]);
        assert_eq!(mails("jörg@bücher.example"), ["jörg@bücher.example"]);
        assert_eq!(mails(r"CORP\nancy@mail.example"), ["nancy@mail.example"]);
        for text in [
            "image@sha256:abc",
            "getty@tty1.service",
            "jsonPayload.@metadata.beat",
            "git@github.com:org/repo",
            "@decorator",
            "a@b",
            "pkg@1.2.3",
            "icon@2x.png",
            "robot@project.iam.gserviceaccount.com",
            "x@",
            "@y.example",
            "com.example.Thing@1a2b3c",
            r"\n@A.aé",
            r"\\n@click.command",
            r"\u000b@a.example",
        ] {
            assert!(mails(text).is_empty(), "{text}");
        }
    }
}
