//! Identifiers. Each is made only by parsing; after that it cannot be wrong.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a {what}: {rule}")]
pub struct IdError {
    /// What was wanted, in the words of the screen.
    pub what: &'static str,
    /// The rule that the text breaks.
    pub rule: &'static str,
    /// The text, cut to a length that fits on a line.
    pub value: String,
}

impl IdError {
    fn new(what: &'static str, rule: &'static str, value: &str) -> Self {
        Self {
            what,
            rule,
            value: value.chars().take(64).collect(),
        }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError::new($what, $rule, text))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn is_digits(text: &str, most: usize) -> bool {
    !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit())
}

text_id!(
    /// A module's API name, such as `Leads`.
    ModuleName,
    "module name",
    "a letter, then up to 99 letters, digits or underscores",
    |text| {
        text.len() <= 100
            && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    }
);
text_id!(
    /// A record's id: digits, at most 19 (source OAS26).
    RecordId,
    "record id",
    "1 to 19 digits",
    |text| is_digits(text, 19)
);
text_id!(
    /// A job's id as the server gave it: digits only, so that it is safe in a path.
    JobId,
    "job id",
    "1 to 32 digits",
    |text| is_digits(text, 32)
);
text_id!(
    /// A profile's name in the configuration; also the stem of its credential file.
    ProfileName,
    "profile name",
    "1 to 64 of a-z, A-Z, 0-9, - and _, not starting with -",
    |text| {
        !text.is_empty()
            && text.len() <= 64
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    }
);

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse::<i64>()
                    .ok()
                    .filter(|n| *n > 0)
                    .map(Self)
                    .ok_or_else(|| IdError::new($what, "a whole number above 0", text))
            }
        }
    };
}

number_id!(
    /// One attempt in the ledger. Attempts are ordered by this number, never by time.
    AttemptId,
    "attempt"
);
number_id!(
    /// One bulk run in the ledger.
    RunId,
    "run"
);
number_id!(
    /// One row of a bulk run, counted from 1 in file order.
    RowNumber,
    "row"
);

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("5725767000003019012", true)]
    #[case("", false)]
    #[case("../../settings", false)]
    #[case("1?x=", false)]
    #[case("1\r\nX: y", false)]
    #[case("١٢٣", false)]
    #[case("123456789012345678901234567890123", false)]
    fn a_job_id_is_digits_only(#[case] text: &str, #[case] good: bool) {
        assert_eq!(text.parse::<JobId>().is_ok(), good);
    }

    #[rstest]
    #[case("us-prod", true)]
    #[case("-x", false)]
    #[case("../x", false)]
    #[case("a b", false)]
    fn a_profile_name_is_safe_as_a_file_stem(#[case] text: &str, #[case] good: bool) {
        assert_eq!(text.parse::<ProfileName>().is_ok(), good);
    }

    #[test]
    fn an_id_error_says_what_was_wanted() {
        let error = "x1".parse::<RecordId>().unwrap_err();

        assert_eq!(
            error.to_string(),
            "\"x1\" is not a record id: 1 to 19 digits"
        );
    }
}
