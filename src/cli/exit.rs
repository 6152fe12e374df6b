//! Exit codes: one table, the same for every command (product page, section 5).

use std::process::ExitCode;

use crate::base::Outcome;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; also where an equal earlier request is scheduled.
    Done,
    /// Wrong use, bad configuration, bad input file.
    Usage,
    /// Nothing was sent: the input would be rejected, is doubtful under `--strict`, or matches an
    /// earlier request that differs or found nothing.
    Refused,
    /// Sign-in: no token, refused, unsafe credential file.
    SignIn,
    /// The server rejected or denied it.
    Rejected,
    /// The limit is reached.
    Limit,
    /// Not sent: no connection.
    NotSent,
    /// The outcome is unknown.
    Unknown,
    /// The ledger cannot be opened, written or trusted.
    Ledger,
    /// Another process holds the run.
    RunHeld,
    /// Output could not be written; what was done stands.
    Output,
    /// Ended by this signal, after an orderly stop.
    Signal(u8),
}

impl Exit {
    /// Every exit with a number of its own.
    pub const NUMBERED: [Self; 11] = [
        Self::Done,
        Self::Usage,
        Self::Refused,
        Self::SignIn,
        Self::Rejected,
        Self::Limit,
        Self::NotSent,
        Self::Unknown,
        Self::Ledger,
        Self::RunHeld,
        Self::Output,
    ];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::SignIn => 4,
            Self::Rejected => 5,
            Self::Limit => 6,
            Self::NotSent => 7,
            Self::Unknown => 8,
            Self::Ledger => 9,
            Self::RunHeld => 10,
            Self::Output => 11,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }

    /// The exit of a command whose result is one attempt.
    pub fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Scheduled => Self::Done,
            Outcome::Rejected | Outcome::Denied | Outcome::Throttled | Outcome::Absent => {
                Self::Rejected
            }
            Outcome::Limit => Self::Limit,
            Outcome::NotSent => Self::NotSent,
            Outcome::Sending | Outcome::Unknown | Outcome::UnknownAccepted => Self::Unknown,
        }
    }

    /// The exit with this number, as the library's errors name it.
    pub fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Done,
            3 => Self::Refused,
            4 => Self::SignIn,
            5 => Self::Rejected,
            6 => Self::Limit,
            7 => Self::NotSent,
            8 => Self::Unknown,
            9 => Self::Ledger,
            10 => Self::RunHeld,
            11 => Self::Output,
            signal @ 129..=192 => Self::Signal(signal - 128),
            _ => Self::Usage,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_survives_its_number() {
        for exit in Exit::NUMBERED.into_iter().chain([Exit::Signal(15)]) {
            assert_eq!(Exit::of_code(exit.code()), exit);
        }
    }

    #[test]
    fn only_a_scheduled_attempt_is_done() {
        let done: Vec<_> = Outcome::ALL
            .into_iter()
            .filter(|outcome| Exit::of_outcome(*outcome) == Exit::Done)
            .collect();

        assert_eq!(done, [Outcome::Scheduled]);
    }
}
