//! The one number of usage as the ledger can hold it.
//!
//! The ledger reserves a unit in the transaction that records the attempt, against its own counters:
//! jobs and attempts, by id. Where the features call counts more than that, the difference has no
//! ids; the limit that the ledger holds is lower by as many, and its refusal is told in the figures
//! that a person sees everywhere else.

use super::error::OpsError;
use super::session::ProfileSession;
use crate::base::EnrichmentKind;
use crate::enrichment::usage::Usage;
use crate::ledger::LedgerError;

/// Units that the features call counts and the ledger cannot count by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beyond(u64);

impl Beyond {
    /// What the one number has beyond the ledger's counters.
    pub(super) async fn of(
        session: &ProfileSession,
        kind: EnrichmentKind,
    ) -> Result<(Self, Usage), OpsError> {
        let counts = session
            .ledger()
            .counts(session.scope().await?, kind)
            .await?;
        let usage = super::usage::usage_of(session, &counts);
        Ok((Self(usage.used.saturating_sub(counts.used())), usage))
    }

    /// The limit that the ledger holds.
    pub(super) fn limit(self, usage: &Usage) -> u64 {
        usage.limit.saturating_sub(self.0)
    }

    /// The ledger's refusal in the figures that a person knows.
    pub(super) fn tell(self, error: OpsError) -> OpsError {
        match error {
            OpsError::Ledger(LedgerError::LimitReached {
                used,
                limit,
                reserve,
            }) => OpsError::Ledger(LedgerError::LimitReached {
                used: used.saturating_add(self.0),
                limit: limit.saturating_add(self.0),
                reserve,
            }),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_figures_that_a_person_knows() {
        let told = Beyond(9).tell(OpsError::Ledger(LedgerError::LimitReached {
            used: 91,
            limit: 91,
            reserve: 0,
        }));

        assert!(told.to_string().starts_with("100 of 100 units"), "{told}");
    }
}
