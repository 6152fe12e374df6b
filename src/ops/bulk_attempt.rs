//! One row of a run on its way: the same commit, POST and commit as a single request, with what
//! is the same for all rows looked up once.

use std::sync::Arc;
use std::time::Duration;

use super::budget::Beyond;
use super::desk::Desk;
use super::error::OpsError;
use super::submit::{SubmitOptions, exchange};
use crate::auth::AccessToken;
use crate::base::{ErrorCode, Outcome, RowNumber, RunId, retry_after};
use crate::bulk::{Refusal, Settled};
use crate::enrichment::{Draft, EnrichmentRequest, Known};
use crate::ledger::{
    AttemptRow, Budget, BudgetRule, Fingerprint, Forced, LedgerError, NewAttempt, Origin, RowNext,
    RunRow, RunRowRecord, ScopeKey,
};
use crate::zoho::classify::TokenVerdict;

/// What all rows of a run share. Looked up anew every now and then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) scope: ScopeKey,
    pub(super) limit: u64,
    pub(super) reserve: u64,
}

impl Terms {
    pub(super) async fn now(desk: &Desk, run: &RunRow, reserve: u64) -> Result<Self, OpsError> {
        let (beyond, usage) = Beyond::of(desk, run.kind).await?;
        Ok(Self {
            scope: desk.scope().await?,
            limit: beyond.limit(&usage),
            reserve,
        })
    }
}

/// A row that can be sent.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) row: RowNumber,
    request: EnrichmentRequest,
    fingerprint: Fingerprint,
}

impl Ready {
    /// Reads a pending row back from the ledger.
    pub(super) fn of(desk: &Desk, run: &RunRow, record: &RunRowRecord) -> Result<Self, OpsError> {
        let row = record.row;
        let wrong = |why: String| {
            OpsError::Refused(format!("row {row} of run {} cannot be sent: {why}", run.id))
        };
        let Some(inputs) = &record.inputs else {
            return Err(wrong("its inputs were purged; skip it".to_owned()));
        };
        let mut draft = Draft::new(run.kind, &run.module)
            .with_json(inputs)
            .map_err(wrong)?;
        if let Some(id) = &record.record_id {
            id.as_str().clone_into(&mut draft.record_id);
        }
        let request = EnrichmentRequest::checked(&draft, &Known::default()).map_err(|found| {
            let hints: Vec<_> = found.into_iter().map(|violation| violation.hint).collect();
            wrong(hints.join("; "))
        })?;
        let canonical = draft.canonical();
        Ok(Self {
            row,
            request,
            fingerprint: desk.ledger().fingerprint(canonical.as_bytes()),
        })
    }
}

/// What became of a row.
pub(super) enum AttemptEnd {
    /// Its attempt has an outcome, and the ledger has it.
    Settled {
        settled: Settled,
        row: Box<AttemptRow>,
        /// The token that the server refused, if it did.
        refused: Option<AccessToken>,
    },
    /// Nothing was recorded and nothing was sent.
    Refused(Refusal, OpsError),
    /// The sign-in server cannot be reached: nothing was recorded and nothing was sent.
    Offline(OpsError),
    /// Something came back, and the ledger does not have it.
    NotRecorded(OpsError),
}

pub(super) async fn attempt(
    desk: &Desk,
    run: RunId,
    ready: &Ready,
    terms: &Arc<Terms>,
) -> AttemptEnd {
    let token = match desk.tokens().access_token().await {
        Ok(token) => token,
        Err(error) if error.is_not_sent() => return AttemptEnd::Offline(error.into()),
        Err(error) => return AttemptEnd::Refused(Refusal::NoToken, error.into()),
    };
    let options = SubmitOptions {
        reserve: terms.reserve,
        origin: Origin::Row(run, ready.row),
        row_next: RowNext::Pending,
        ..SubmitOptions::single()
    };
    let new = new_attempt(desk, ready, terms, options.origin);
    let done = match exchange(desk, new, &options, token.secret().clone()).await {
        Ok(done) => done,
        Err(OpsError::Ledger(error)) => {
            return AttemptEnd::Refused(refusal(&error), error.into());
        }
        Err(error) => return AttemptEnd::NotRecorded(error),
    };
    let settled = Settled {
        outcome: done.row.outcome,
        code: done.row.code.as_deref().map(ErrorCode::from),
        retry_after: wait(desk, done.row.outcome, done.retry_after.as_deref()),
    };
    AttemptEnd::Settled {
        settled,
        row: Box::new(done.row),
        refused: (done.token == TokenVerdict::Refused).then_some(token),
    }
}

fn wait(desk: &Desk, outcome: Outcome, said: Option<&str>) -> Option<Duration> {
    let said = said.filter(|_| outcome == Outcome::Throttled)?;
    Some(retry_after::parse(said, desk.clock().now()))
}

fn new_attempt(desk: &Desk, ready: &Ready, terms: &Terms, origin: Origin) -> NewAttempt {
    let profile = desk.profile();
    let request = &ready.request;
    NewAttempt {
        profile: profile.name.clone(),
        scope: terms.scope.clone(),
        data_center: profile.data_center,
        environment: profile.environment,
        kind: request.kind(),
        module: request.module().to_owned(),
        record_id: request.record_id().map(str::to_owned),
        inputs: request.draft().inputs_json(),
        body: request.body().to_owned(),
        fingerprint: ready.fingerprint,
        budget: Budget {
            limit: terms.limit,
            reserve: terms.reserve,
            rule: BudgetRule::Hold,
        },
        origin,
        forced: Forced::No,
    }
}

/// Why the ledger did not record an attempt.
fn refusal(error: &LedgerError) -> Refusal {
    if let LedgerError::LimitReached { used, limit, .. } = error {
        let is_spent = used >= limit;
        return if is_spent {
            Refusal::Limit
        } else {
            Refusal::Reserve
        };
    }
    if matches!(error, LedgerError::RowState { .. }) {
        return Refusal::NotPending;
    }
    Refusal::Ledger
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::spent(1_500, 1_500, Refusal::Limit)]
    #[case::kept(1_400, 1_500, Refusal::Reserve)]
    fn a_full_budget_is_told_from_a_reserve(
        #[case] used: u64,
        #[case] limit: u64,
        #[case] expected: Refusal,
    ) {
        let error = LedgerError::LimitReached {
            used,
            limit,
            reserve: 100,
        };

        assert_eq!(refusal(&error), expected);
    }
}
