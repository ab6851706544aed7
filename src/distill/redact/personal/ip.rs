//! A text in, where IP addresses stand out.

#![expect(clippy::indexing_slicing, reason = "every index is checked against the length in the line before it")]

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// IPv4 and IPv6 addresses, those of the machine itself and of no one excepted.
pub(in crate::distill::redact) fn addresses(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let in_address = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let mut at = 0;
    while at < bytes.len() {
        if !in_address(bytes[at]) {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|byte| in_address(**byte)).count();
        let run = at..at + length;
        at = run.end;
        let glued = run.start.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphabetic())
            || bytes.get(run.end).is_some_and(u8::is_ascii_alphabetic);
        if !(3..=80).contains(&length) || glued {
            continue;
        }
        if let Some(address) = address_in(text, run) {
            found.push(address);
        }
    }
}

/// The address in a run of digits, dots and colons: all of it, or without a port or a full stop behind it.
fn address_in(text: &str, run: Range<usize>) -> Option<Range<usize>> {
    let shown = text.get(run.clone())?;
    let trimmed = shown.trim_end_matches(['.', ':']);
    let without_port = trimmed.rsplit_once(':').map_or(trimmed, |(host, _)| host);
    for part in [trimmed, without_port] {
        let part = part.trim_start_matches(if part.starts_with("::") { '.' } else { ':' });
        let Some(offset) = shown.find(part) else { continue };
        let four = part
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified() && !address.is_broadcast());
        let six = part.len() >= 6
            && part.contains(':')
            && part.parse::<Ipv6Addr>().is_ok_and(|address| !address.is_loopback() && !address.is_unspecified());
        if four || six {
            return Some(run.start + offset..run.start + offset + part.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ip_addresses() {
        let ips = |text: &'static str| {
            let mut found = Vec::new();
            addresses(text, &mut found);
            found.into_iter().map(|range| text.get(range).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ips("from 203.0.113.9:443 and 2001:db8::1."), ["203.0.113.9", "2001:db8::1"]);
        assert!(ips("127.0.0.1 ::1 12:30:45 1.2.3 deadbeef v1.2.3.4").is_empty());
    }
}
