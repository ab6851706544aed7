//! The grammar of patterns, shared by those who write them and those who read them.

/// What names how something ended: `with result 'timeout'`. What stands behind it tells one end from another, so it is no value.
pub const OUTCOMES: [&str; 5] = ["status", "state", "result", "outcome", "code"];

/// Whether `char` is a token of its own wherever it stands.
pub fn is_separator(char: char) -> bool {
    matches!(
        char,
        '=' | ':'
            | ','
            | ';'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '"'
            | '\''
            | '`'
            | '<'
            | '>'
            | '|'
            | '!'
            | '?'
            | '&'
            | '+'
            | '‘'
            | '’'
            | '“'
            | '”'
            | '‹'
            | '›'
    )
}

/// Whether `word` is an identifier that random letters make up, with no digit to tell so: again and again a single
/// small letter stands alone and large ones stand together, as in no words put together.
pub fn is_random(word: &str) -> bool {
    const SHORTEST: usize = 12;
    const ODD: usize = 4;
    if word.len() < SHORTEST || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    let (mut small, mut large) = (0, 0);
    for run in word.as_bytes().chunk_by(|left, right| left.is_ascii_uppercase() == right.is_ascii_uppercase()) {
        let is_small = run.first().is_some_and(u8::is_ascii_lowercase);
        small += usize::from(is_small && run.len() == 1);
        large += usize::from(!is_small && run.len() > 1);
    }
    small > 0 && large > 0 && small + large >= ODD
}

/// Whether `text` between two values makes them one.
pub fn is_glue(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| b"./:,@#_+*-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_letters_are_told_from_names() {
        for word in ["dzhtFgprUImtZsGgGVUWiz", "rXXkYHAHpnGgAsekdpDy", "kDZvddkndxvhGRXZhvuDjEWhGeE"] {
            assert!(is_random(word), "{word}");
        }
        for word in [
            "AbstractHandlerMethodMapping",
            "HorizontalPodAutoscaler",
            "InvocationTargetException",
            "UnsupportedOperationException",
            "getIPv4AddressFromURLOfDNS",
            "XMLHttpRequestUpload",
            "OnPreferenceChangeListener",
            "kCLErrorDomainIOKit",
            "NSURLSessionDidReceiveData",
            "SSLHandshakeException",
            "ECDHE-RSA-AES-GCM-SHA",
            "CONNECTION_REFUSED_BY_PEER",
            "FileNotFoundError",
            "RetryUpToMaximumCountWithFixedSleep",
            "GetClientOfUserId",
            "aXbYcZ",
        ] {
            assert!(!is_random(word), "{word}");
        }
    }
}
