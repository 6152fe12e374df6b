//! The state of one attempt: what is known about a POST that may have spent a unit.
//!
//! ```text
//!              ┌──────────────► scheduled                    (final)
//!   sending ───┼──────────────► rejected limit denied throttled not_sent   (final, nothing spent)
//!      │       └──► unknown ──┬─► scheduled   reconcile found the job
//!      │                      └─► absent      reconcile proved that there is none
//!      │                            └─► scheduled   its job appeared all the same
//!      │       └──► unknown (accepted) ──► scheduled only: a 2xx was seen
//!      └── crash ► unknown
//! ```

use super::word_enum;

word_enum!(
    /// What became of one attempt; in the order of the life cycle.
    Outcome,
    format!(
        "an outcome; the outcomes are {}",
        Outcome::ALL.map(Outcome::as_str).join(", ")
    ),
    /// Committed to the ledger and perhaps on the wire.
    Sending = "sending",
    /// The server took it and gave a job id. One unit is spent.
    Scheduled = "scheduled",
    /// The server refused the input. Nothing is spent.
    Rejected = "rejected",
    /// The organisation's limit is reached. Nothing is spent.
    Limit = "limit",
    /// The server refused the caller: token, scope, permission, feature. Nothing is spent.
    Denied = "denied",
    /// The server asked for fewer calls. Nothing is spent.
    Throttled = "throttled",
    /// No connection was made. Nothing is spent.
    NotSent = "not_sent",
    /// Nobody can say whether a unit was spent.
    Unknown = "unknown",
    /// The server said yes, but its answer cannot be read. A unit is spent, the job is unknown.
    UnknownAccepted = "unknown (accepted)",
    /// Reconcile proved that no job was made. Nothing is spent.
    Absent = "absent",
);

impl Outcome {
    /// Whether the attempt counts against the limit: spent for certain, or perhaps.
    pub fn is_charged(self) -> bool {
        match self {
            Self::Sending | Self::Scheduled | Self::Unknown | Self::UnknownAccepted => true,
            Self::Rejected
            | Self::Limit
            | Self::Denied
            | Self::Throttled
            | Self::NotSent
            | Self::Absent => false,
        }
    }

    /// Whether reconcile has something to settle here.
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown | Self::UnknownAccepted)
    }

    /// Whether the life cycle allows the step. The ledger's triggers hold the same table.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Sending => !matches!(next, Self::Sending | Self::Absent),
            Self::Unknown => matches!(next, Self::Scheduled | Self::Absent),
            // A job that appears late, or a proof that was none.
            Self::UnknownAccepted | Self::Absent => matches!(next, Self::Scheduled),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_survives_a_round_trip() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
            assert_eq!(
                serde_json::to_string(&outcome).unwrap(),
                format!("\"{}\"", outcome.as_str())
            );
        }
    }

    #[test]
    fn an_accepted_unknown_is_never_called_absent() {
        assert!(!Outcome::UnknownAccepted.may_become(Outcome::Absent));
        assert!(Outcome::Unknown.may_become(Outcome::Absent));
    }

    #[test]
    fn a_final_outcome_stays_but_for_a_job_that_appears_late() {
        for from in Outcome::ALL {
            let moves = Outcome::ALL.into_iter().any(|to| from.may_become(to));
            let is_open = from == Outcome::Sending || from.is_unknown();
            assert_eq!(moves, is_open || from == Outcome::Absent, "{from}");
        }
        let steps = Outcome::ALL.into_iter();
        let after: Vec<_> = steps.filter(|to| Outcome::Absent.may_become(*to)).collect();
        assert_eq!(after, [Outcome::Scheduled]);
    }
}
