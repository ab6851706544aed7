//! Google's LogSeverity: names in any case or numbers in, an ordered enum out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The severity of a log entry, ordered; `Default` stands for "the entry says nothing".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// 0: not stated.
    #[default]
    Default,
    /// 100.
    Debug,
    /// 200.
    Info,
    /// 300.
    Notice,
    /// 400.
    Warning,
    /// 500.
    Error,
    /// 600.
    Critical,
    /// 700.
    Alert,
    /// 800.
    Emergency,
}

impl Severity {
    /// All severities, lowest first.
    pub const ALL: [Self; 9] = [
        Self::Default,
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// Google's name, in capitals.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Notice => "NOTICE",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
            Self::Alert => "ALERT",
            Self::Emergency => "EMERGENCY",
        }
    }

    /// Google's number: 0, 100, ... 800.
    pub fn number(self) -> u32 {
        self as u32 * 100
    }

    /// Reads a name in any case, a common abbreviation, or a number as text (`"500"`, `"500.0"`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(known) = Self::ALL.into_iter().find(|severity| severity.name() == text) {
            return Some(known);
        }
        let known = match text.to_ascii_uppercase().as_str() {
            "DEFAULT" | "UNKNOWN" | "UNSPECIFIED" | "LOG_SEVERITY_UNSPECIFIED" => Self::Default,
            "DEBUG" | "TRACE" | "FINE" | "FINER" | "FINEST" | "VERBOSE" => Self::Debug,
            "INFO" | "INFORMATION" | "INFORMATIONAL" | "CONFIG" => Self::Info,
            "NOTICE" => Self::Notice,
            "WARNING" | "WARN" => Self::Warning,
            "ERROR" | "ERR" | "SEVERE" => Self::Error,
            "CRITICAL" | "CRIT" | "FATAL" => Self::Critical,
            "ALERT" => Self::Alert,
            "EMERGENCY" | "EMERG" | "PANIC" => Self::Emergency,
            _ => return text.parse().ok().and_then(Self::from_number),
        };
        Some(known)
    }

    /// The severity of a number: the highest one that is not above it (`250` is INFO).
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
    pub fn from_number(number: f64) -> Option<Self> {
        if !(0.0..900.0).contains(&number) {
            return None;
        }
        Self::ALL.get((number / 100.0) as usize).copied()
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_words() {
        for (text, expected) in [
            ("ERROR", Some(Severity::Error)),
            ("error", Some(Severity::Error)),
            ("Warn", Some(Severity::Warning)),
            ("200", Some(Severity::Info)),
            ("500.0", Some(Severity::Error)),
            ("0", Some(Severity::Default)),
            ("800", Some(Severity::Emergency)),
            ("900", None),
            ("-1", None),
            ("NaN", None),
            ("loud", None),
        ] {
            assert_eq!(Severity::parse(text), expected, "{text}");
        }
    }
}
