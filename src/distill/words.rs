//! The words that masking knows: units, words spelled with a digit, keys whose value is the event, words behind `user`.

/// Longest of [`SPELLED`].
const LONGEST_SPELLED: usize = 7;

/// Names of techniques that are spelled with a digit, lower case, sorted; they are words, not values.
const SPELLED: [&str; 65] = [
    "amd64", "arm64", "base64", "bzip2", "crc32", "ec2", "ext2", "ext3", "ext4", "fat32", "float32", "float64", "ftp2",
    "gb18030", "h264", "h265", "http1", "http2", "http3", "i18n", "i386", "i686", "int16", "int32", "int64", "int8",
    "ipv4", "ipv6", "k8s", "l10n", "l2", "l2tp", "l3", "latin1", "log4j", "md4", "md5", "mp3", "mp4", "neo4j", "nfs3",
    "nfs4", "nfsv3", "nfsv4", "oauth1", "oauth2", "p2p", "pbkdf2", "s3", "sha1", "sha2", "sha256", "sha384", "sha512",
    "smb2", "socks4", "socks5", "ssh2", "uint32", "uint64", "utf-16", "utf-8", "utf16", "utf8", "x86_64",
];

/// Whether `run` names a technique.
pub(super) fn is_spelled_with_digit(run: &[u8]) -> bool {
    let mut lower = [0; LONGEST_SPELLED];
    let Some(lower) = lower.get_mut(..run.len()) else { return false };
    lower.copy_from_slice(run);
    lower.make_ascii_lowercase();
    SPELLED.binary_search_by(|word| word.as_bytes().cmp(lower)).is_ok()
}

/// The canonical text of a number with this unit behind it. Units of one letter `a` to `f` are left to hexadecimals.
pub(super) fn unit_kind(letters: &[u8]) -> Option<&'static str> {
    match letters {
        b"ns" | b"us" | b"ms" | b"s" | b"sec" | b"secs" | b"m" | b"min" | b"mins" | b"h" | b"hr" | b"hrs" | b"days"
        | b"seconds" | b"minutes" | b"hours" => Some("0s"),
        b"KB" | b"kB" | b"kb" | b"MB" | b"mb" | b"GB" | b"gb" | b"TB" | b"KiB" | b"MiB" | b"GiB" | b"TiB" | b"Ki"
        | b"Mi" | b"Gi" | b"K" | b"M" | b"G" | b"k" | b"bytes" => Some("0KB"),
        b"Z" => Some("0Z"),
        _ => None,
    }
}

/// Whether `word` behind a number, set off by a blank, is its unit.
pub(super) fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "bytes"
            | "PiB"
            | "TiB"
            | "GiB"
            | "MiB"
            | "KiB"
            | "PB"
            | "TB"
            | "GB"
            | "MB"
            | "KB"
            | "kB"
            | "B"
            | "ms"
            | "us"
            | "ns"
            | "µs"
            | "s"
            | "sec"
            | "secs"
            | "min"
            | "hr"
            | "UTC"
            | "GMT"
            | "AM"
            | "PM"
            | "PDT"
            | "PST"
            | "EST"
            | "EDT"
            | "CET"
            | "CEST"
            | "%"
    )
}

/// Whether `word` behind a number says which money it is.
pub(super) fn is_currency(word: &str) -> bool {
    const CODES: &str = "EUR USD GBP CHF JPY CAD AUD INR CNY SEK NOK DKK PLN CZK HUF BRL MXN KRW SGD HKD NZD ZAR";
    word.len() == 3 && CODES.split_ascii_whitespace().any(|code| code == word)
}

/// Whether the value of `key` says what happened, so that it stays.
pub(super) fn tells_the_event(key: &str) -> bool {
    const WHOLE: [&str; 12] = [
        "level",
        "severity",
        "lvl",
        "loglevel",
        "sev",
        "msg",
        "message",
        "error",
        "err",
        "reason",
        "cause",
        "exception",
    ];
    const ENDS: [&str; 13] = [
        "status", "state", "result", "outcome", "method", "verb", "event", "action", "type", "kind", "phase", "code",
        "op",
    ];
    let key = key.to_ascii_lowercase();
    WHOLE.contains(&key.as_str()) || ENDS.iter().any(|end| key.ends_with(end)) || key.ends_with("operation")
}

/// Whether `key` is the one of a line of keys and values that says what happened, why, or how bad it is.
pub(super) fn says_what_happened(key: &str) -> bool {
    const WHOLE: [&str; 10] =
        ["level", "severity", "lvl", "loglevel", "sev", "msg", "message", "event", "error", "err"];
    WHOLE.contains(&key.to_ascii_lowercase().as_str())
}

/// Whether a quoted value of `key` stays.
pub(super) fn quotes_the_event(key: &str) -> bool {
    const WHOLE: [&str; 10] =
        ["level", "severity", "lvl", "loglevel", "sev", "msg", "message", "error", "err", "reason"];
    WHOLE.contains(&key.to_ascii_lowercase().as_str())
}

/// Whether a member for errors holds one: most loggers write such a member always.
pub(super) fn tells_an_error(text: &str) -> bool {
    const NONE: [&str; 14] = [
        "null",
        "nil",
        "<nil>",
        "none",
        "undefined",
        "n/a",
        "no",
        "yes",
        "false",
        "true",
        "ok",
        "success",
        "error",
        "unknown",
    ];
    let has_words = text.bytes().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    has_words && !NONE.iter().any(|none| none.eq_ignore_ascii_case(text))
}

/// Whether the type of an error tells more than that it is one. Go's (`*errors.errorString`) and built-in ones (`str`)
/// tell how it is stored.
pub(super) fn names_an_error(kind: &str) -> bool {
    let is_name = kind.contains(|char: char| char.is_uppercase() || "._-".contains(char));
    is_name && tells_an_error(kind) && !kind.contains(['*', ' ']) && !kind.eq_ignore_ascii_case("exception")
}

/// Whether `word` behind `user` is no name.
pub(super) fn is_no_name(word: &str) -> bool {
    NO_NAMES.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// Words of sentences that have `user` before them.
const NO_NAMES: &str = "\
    a able access account accounts action agent already an and are as at authenticated \
    authentication be by can cannot could created credentials data defined deleted denied did does \
    error exists failed for from group groups had has have id in info input interface is \
    level list logged login logout may message mode must name not of on or \
    password permissions pool preferences privileges process profile quota record records request requested role roles \
    service session settings should space table tags the this to token type \
    unknown updated was were will with without would \
";

/// Whether `stem` with a number behind it names a network interface.
pub(super) fn names_interface(stem: &str) -> bool {
    const STEMS: &str = "eth en em wlan wl wlp lo ib tun tap utun awdl llw bond br bridge veth virbr vlan docker cni \
        ppp gif stf vmnet vnic";
    STEMS.split_ascii_whitespace().any(|known| known == stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_spelled_with_a_digit_are_found() {
        assert!(SPELLED.is_sorted());
        assert_eq!(SPELLED.iter().map(|word| word.len()).max(), Some(LONGEST_SPELLED));
        assert!(SPELLED.iter().all(|word| is_spelled_with_digit(word.to_ascii_uppercase().as_bytes())));
        assert!(!is_spelled_with_digit(b"ipv5") && !is_spelled_with_digit(b"far-too-long-4"));
    }
}
