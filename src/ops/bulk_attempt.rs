//! One row of a run on its way: the same commit, POST and commit as a single request, with what
//! is the same for all rows looked up once.

use std::sync::Arc;
use std::time::Duration;

use super::budget::Beyond;
use tokio::sync::mpsc;

use super::bulk_view::{already_json, already_reason, word_of_run};
use super::error::OpsError;
use super::reach::sending;
use super::session::ProfileSession;
use super::submit::{SubmitOptions, exchange};
use crate::auth::AccessToken;
use crate::base::{ErrorCode, JobId, Outcome, RowNumber, RunId, retry_after};
use crate::bulk::{Refusal, Settled};
use crate::enrichment::verdict::{Match, Word};
use crate::enrichment::{Draft, EnrichmentRequest, Known};
use crate::ledger::{
    AttemptRow, Budget, BudgetRule, Forced, LedgerError, NewAttempt, Origin, RowNext, RunRow,
    RunRowRecord, ScopeKey, Subject,
};
use crate::zoho::classify::{TokenVerdict, Verdict};

/// What all rows of a run share. Looked up anew every now and then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) limit: u64,
    pub(super) reserve: u64,
    pub(super) word: Word,
}

impl Terms {
    pub(super) async fn now(
        session: &ProfileSession,
        run: &RunRow,
        reserve: u64,
    ) -> Result<Self, OpsError> {
        let (beyond, usage) = Beyond::of(session, run.kind).await?;
        Ok(Self {
            limit: beyond.limit(&usage),
            reserve,
            word: word_of_run(session, run),
        })
    }
}

/// A row that can be sent.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) row: RowNumber,
    request: EnrichmentRequest,
    subject: Subject,
}

impl Ready {
    /// Reads a pending row back from the ledger.
    pub(super) fn of(
        session: &ProfileSession,
        run: &RunRow,
        record: &RunRowRecord,
    ) -> Result<Self, OpsError> {
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
        Ok(Self {
            row,
            subject: super::gate::asked(session, &draft)?.subject,
            request,
        })
    }
}

/// An answer that stands in the ledger's queue. Told before its commit, so that the next row's
/// attempt can be committed in the same breath: one `fsync` a row instead of two, and never more
/// attempts without an answer on the disk than are allowed in flight.
pub(super) struct Answered {
    pub(super) row: RowNumber,
    pub(super) settled: Settled,
    pub(super) job_id: Option<JobId>,
    /// What the server, or the client, says of it.
    pub(super) words: Option<String>,
    /// The token that the server refused, if it did.
    pub(super) refused: Option<AccessToken>,
}

/// What became of a row.
pub(super) enum AttemptEnd {
    /// Its attempt has an outcome, and the ledger has it. It was told as [`Answered`] before.
    Settled(Box<AttemptRow>),
    /// Nothing was recorded and nothing was sent.
    Refused(Refusal, OpsError),
    /// The sign-in server cannot be reached: nothing was recorded and nothing was sent.
    Offline(OpsError),
    /// Nothing was sent: the same was asked elsewhere since the plan, and the row is left out.
    LeftOut(String),
    /// Something came back, and the ledger does not have it.
    NotRecorded(OpsError),
}

/// Where answers are told.
pub(super) type Answers = mpsc::Sender<Answered>;

pub(super) async fn attempt(
    session: &ProfileSession,
    run: RunId,
    ready: &Ready,
    terms: &Arc<Terms>,
    answers: &Answers,
) -> AttemptEnd {
    let (token, scope) = match sending(session).await {
        Ok(found) => found,
        Err(error) if error.exit_code() == 7 => return AttemptEnd::Offline(error),
        Err(error) => return AttemptEnd::Refused(Refusal::NoToken, error),
    };
    let options = SubmitOptions {
        reserve: terms.reserve,
        origin: Origin::Row(run, ready.row),
        row_next: RowNext::Pending,
        ..SubmitOptions::single()
    };
    let new = new_attempt(session, ready, terms, (scope, options.origin));
    let secret = token.secret().clone();
    let tell = |verdict: &Verdict, _| {
        let settlement = &verdict.settlement;
        let said = [&settlement.message, &settlement.note];
        let words: Vec<&str> = said.into_iter().flatten().map(String::as_str).collect();
        let answered = Answered {
            row: ready.row,
            settled: Settled {
                outcome: settlement.outcome,
                http_status: settlement.http_status,
                silence: match settlement.http_status {
                    Some(_) => None,
                    None => settlement.note.clone(),
                },
                code: settlement.code.as_deref().map(ErrorCode::from),
                retry_after: wait(session, settlement.outcome, verdict.retry_after.as_deref()),
            },
            job_id: settlement.job_id.clone(),
            words: (!words.is_empty()).then(|| words.join("; ")),
            refused: (verdict.token == TokenVerdict::Refused).then_some(token),
        };
        // There is room for one answer of each row in flight; nobody listens only when the run
        // was left, and then nothing more is started.
        let _ = answers.try_send(answered);
    };
    match exchange(session, new, &options, secret, tell).await {
        Ok(done) => AttemptEnd::Settled(Box::new(done.row)),
        Err(OpsError::Ledger(LedgerError::Already(found))) => {
            leave_out(session, (run, ready.row), &found).await
        }
        Err(OpsError::Ledger(error)) => AttemptEnd::Refused(refusal(&error), error.into()),
        Err(error) => AttemptEnd::NotRecorded(error),
    }
}

/// A crash before this leaves the row waiting, and it is refused again.
async fn leave_out(session: &ProfileSession, row: (RunId, RowNumber), found: &Match) -> AttemptEnd {
    let why = already_reason(found, row, session.clock().now());
    let verdict = Some(already_json(found).to_string());
    let told = (why.clone(), verdict);
    match session.ledger().leave_out(row, found.standing, told).await {
        Ok(()) => AttemptEnd::LeftOut(why),
        Err(error) => AttemptEnd::Refused(Refusal::Ledger, error.into()),
    }
}

fn wait(session: &ProfileSession, outcome: Outcome, said: Option<&str>) -> Option<Duration> {
    let said = said.filter(|_| outcome == Outcome::Throttled)?;
    Some(retry_after::parse(said, session.clock().now()))
}

fn new_attempt(
    session: &ProfileSession,
    ready: &Ready,
    terms: &Terms,
    (scope, origin): (ScopeKey, Origin),
) -> NewAttempt {
    let profile = session.profile();
    let request = &ready.request;
    NewAttempt {
        profile: profile.name.clone(),
        scope,
        data_center: profile.data_center,
        environment: profile.environment,
        kind: request.kind(),
        module: request.module().to_owned(),
        record_id: request.record_id().map(str::to_owned),
        inputs: request.draft().inputs_json(),
        head: session.client().endpoints().head(request),
        body: request.body().to_owned(),
        subject: ready.subject.clone(),
        budget: Budget {
            limit: terms.limit,
            reserve: terms.reserve,
            configured: profile.limit,
            rule: BudgetRule::Hold,
        },
        origin,
        forced: Forced::No,
        word: terms.word.clone(),
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
