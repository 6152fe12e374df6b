//! Why a run pauses: the word, the sentence and the next step, said in one place.

use std::fmt;

use crate::base::limits::{UNKNOWN_ALIKE_MAX, UNKNOWN_STREAK_MAX};
use crate::base::{ErrorCode, Subject};

/// Why a run sends nothing for now. Only a person makes it go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PauseReason {
    /// Somebody asked for it.
    Operator,
    /// The organisation's units are spent.
    Limit,
    /// No unit is left above the reserve.
    Reserve,
    /// As many rows as were asked for have been sent.
    Max,
    /// The server refuses the caller.
    Denied(ErrorCode),
    /// The token is refused and a new one did not help, or there is none.
    SignIn,
    /// No connection can be made.
    Offline,
    /// Too many outcomes in a row are unknown.
    UnknownStreak(UnknownStreak),
    /// Too large a share of the outcomes is unknown.
    UnknownShare {
        /// Unknown outcomes.
        unknown: u64,
        /// Settled rows.
        settled: u64,
    },
    /// The server keeps asking for fewer calls.
    Throttled,
    /// The ledger cannot be written.
    Ledger,
}

/// Unknown outcomes in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownStreak {
    /// How many.
    pub count: u32,
    /// What they have in common; `None` where they differ.
    pub cause: Option<UnknownCause>,
}

/// Why an outcome is unknown. Two are alike if this is equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownCause {
    /// An answer with this status.
    Status(u16),
    /// No answer, for this reason.
    Silence(String),
    /// Nobody said.
    Unnamed,
}

impl fmt::Display for UnknownCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "HTTP {status}"),
            Self::Silence(error) => f.write_str(error),
            Self::Unnamed => f.write_str("no reason was given"),
        }
    }
}

/// Unknown outcomes since the last row that was settled well.
#[derive(Debug, Default)]
pub(super) struct Unknowns {
    /// Of any cause.
    streak: u32,
    /// The last of them with one cause, and that cause.
    alike: u32,
    cause: Option<UnknownCause>,
}

impl Unknowns {
    pub(super) fn one_more(&mut self, cause: UnknownCause) {
        self.streak += 1;
        if self.cause.as_ref() == Some(&cause) {
            self.alike += 1;
        } else {
            self.alike = 1;
            self.cause = Some(cause);
        }
    }

    /// The streak, if it is long enough to stop at.
    pub(super) fn too_many(&self) -> Option<UnknownStreak> {
        let is_alike = self.alike >= UNKNOWN_ALIKE_MAX;
        (is_alike || self.streak >= UNKNOWN_STREAK_MAX).then(|| UnknownStreak {
            count: if is_alike { self.alike } else { self.streak },
            cause: self.cause.clone().filter(|_| is_alike),
        })
    }
}

impl PauseReason {
    /// The word in the ledger and in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Limit => "limit",
            Self::Reserve => "reserve",
            Self::Max => "max",
            Self::Denied(_) => "denied",
            Self::SignIn => "sign_in",
            Self::Offline => "offline",
            Self::UnknownStreak(_) => "unknown_streak",
            Self::UnknownShare { .. } => "unknown_share",
            Self::Throttled => "throttled",
            Self::Ledger => "ledger",
        }
    }

    /// What to do before going on.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Operator | Self::Max => "resume when you like",
            Self::Limit => "look at the usage; resume when the organisation has units again",
            Self::Reserve => "resume with a smaller reserve to spend more",
            Self::Denied(code) => match code.subject() {
                Subject::Address => {
                    "this server does not know the address: check api_version and data centre, then resume"
                }
                Subject::Token | Subject::Caller => {
                    "mend the permission, scope or feature in Zoho, then resume"
                }
                Subject::Job | Subject::Request | Subject::Limit | Subject::Server => {
                    "read what the server said, mend what it names, then resume"
                }
            },
            Self::SignIn => "sign in again, then resume",
            Self::Offline => "check the network and the data centre, then resume",
            Self::UnknownStreak(_) | Self::UnknownShare { .. } => {
                "reconcile the unknown attempts, then resume"
            }
            Self::Throttled => "wait; the day's API credits may be used up; then resume",
            Self::Ledger => "make room or mend the disk, check the ledger, then resume",
        }
    }

    /// Whether this reason must be seen even where another has paused the run already.
    pub(super) fn outranks(&self, other: &Self) -> bool {
        let asked_for = |reason: &Self| matches!(reason, Self::Operator | Self::Max);
        asked_for(other) && !asked_for(self)
    }
}

impl fmt::Display for PauseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("paused by the operator"),
            Self::Limit => f.write_str("the organisation's enrichment limit is reached"),
            Self::Reserve => f.write_str("no unit is left above the reserve"),
            Self::Max => f.write_str("as many rows as asked for have been sent"),
            Self::Denied(code) => write!(f, "the server refuses the caller: {code}"),
            Self::SignIn => f.write_str("the access token is refused"),
            Self::Offline => f.write_str("offline: no connection can be made"),
            Self::UnknownStreak(streak) => {
                write!(f, "{} unknown outcomes in a row", streak.count)?;
                match &streak.cause {
                    Some(cause) => write!(f, ", each for the same reason: {cause}"),
                    None => Ok(()),
                }
            }
            Self::UnknownShare { unknown, settled } => {
                write!(f, "{unknown} of {settled} outcomes are unknown")
            }
            Self::Throttled => f.write_str("the server keeps asking for fewer calls"),
            Self::Ledger => f.write_str("the ledger cannot be written"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(PauseReason::Operator, "operator", "by the operator")]
    #[case(PauseReason::Limit, "limit", "limit is reached")]
    #[case(PauseReason::Reserve, "reserve", "above the reserve")]
    #[case(PauseReason::Max, "max", "as many rows as asked for")]
    #[case(
        PauseReason::Denied(ErrorCode::NoPermission),
        "denied",
        "NO_PERMISSION"
    )]
    #[case(PauseReason::SignIn, "sign_in", "token is refused")]
    #[case(PauseReason::Offline, "offline", "no connection")]
    #[case(
        PauseReason::Denied(ErrorCode::InvalidUrlPattern),
        "denied",
        "INVALID_URL_PATTERN"
    )]
    #[case(
        PauseReason::Denied(ErrorCode::Unrecognised("A_NEW_ONE".into())),
        "denied",
        "A_NEW_ONE"
    )]
    #[case(
        PauseReason::UnknownStreak(UnknownStreak { count: 5, cause: None }),
        "unknown_streak",
        "5 unknown outcomes in a row"
    )]
    #[case(
        PauseReason::UnknownStreak(UnknownStreak {
            count: 3,
            cause: Some(UnknownCause::Status(403)),
        }),
        "unknown_streak",
        "3 unknown outcomes in a row, each for the same reason: HTTP 403"
    )]
    #[case(
        PauseReason::UnknownShare { unknown: 3, settled: 111 },
        "unknown_share",
        "3 of 111 outcomes are unknown"
    )]
    #[case(PauseReason::Throttled, "throttled", "fewer calls")]
    #[case(PauseReason::Ledger, "ledger", "cannot be written")]
    fn a_pause_has_its_word_says_why_and_how_to_go_on(
        #[case] reason: PauseReason,
        #[case] word: &str,
        #[case] why: &str,
    ) {
        assert_eq!(reason.as_str(), word);
        assert!(reason.to_string().contains(why), "{reason}");
        assert!(reason.next_step().contains("resume"), "{reason}");
    }

    #[test]
    fn a_pause_over_an_address_says_what_to_look_at() {
        let reason = PauseReason::Denied(ErrorCode::InvalidUrlPattern);

        assert!(reason.next_step().contains("api_version and data centre"));
    }
}
