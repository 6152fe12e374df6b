//! Sending one enrichment, end to end.
//!
//! ```text
//!   token (single-flight refresh)      nothing on record, nothing sent
//!   ledger.dispatch ──COMMIT──► receipt
//!   client.submit(receipt)             one POST, in a task of its own
//!   classify ──► ledger.settle ──COMMIT
//! ```
//!
//! The caller may go away at any await: the attempt runs in a task of its own and is settled all
//! the same. What a crash interrupts is found at the next start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::budget::Beyond;
use super::error::OpsError;
use super::reach::sending;
use super::session::ProfileSession;
use crate::auth::AuthError;
use crate::base::{AttemptId, Outcome, Secret};
use crate::enrichment::EnrichmentRequest;
use crate::enrichment::usage::Usage;
use crate::enrichment::verdict::Word;
use crate::ledger::{
    AttemptRow, Budget, BudgetRule, Forced, NewAttempt, Origin, RowNext, Settlement,
};
use crate::wire::FieldError;
use crate::zoho::classify::{TokenVerdict, Verdict, classify};

/// Told when an attempt is on record and about to be sent.
pub type OnDispatch = Arc<dyn Fn(AttemptId) + Send + Sync>;

/// How an attempt is made.
#[derive(Clone)]
pub struct SubmitOptions {
    /// Whether the limit holds.
    pub rule: BudgetRule,
    /// Units that must stay untouched.
    pub reserve: u64,
    /// A single request, or a row of a run.
    pub origin: Origin,
    /// What a row becomes if nothing was spent.
    pub row_next: RowNext,
    /// What a person overruled of what was asked before.
    pub word: Word,
    /// Told when the attempt is on record.
    pub on_dispatch: Option<OnDispatch>,
    /// Set by a caller who wants nothing sent any more. It is looked at after `on_dispatch`, so
    /// that whoever sets it and was not told yet may rely on it.
    pub called_off: Option<Arc<AtomicBool>>,
}

impl SubmitOptions {
    /// One request of a person; the limit holds.
    pub fn single() -> Self {
        Self {
            rule: BudgetRule::Hold,
            reserve: 0,
            origin: Origin::Single,
            row_next: RowNext::Pending,
            word: Word::default(),
            on_dispatch: None,
            called_off: None,
        }
    }
}

/// What became of a submission.
#[derive(Debug, Clone)]
pub struct SubmitReport {
    /// The attempt as the ledger has it now.
    pub row: AttemptRow,
    /// Fields that the server named.
    pub fields: Vec<FieldError>,
    /// The server's details, JSON.
    pub details: Option<String>,
    /// How long the server asks to wait, as it said it.
    pub retry_after: Option<String>,
    /// Why there is no token any more, where the server refused the one that was used and then its
    /// renewal.
    pub sign_in: Option<Arc<AuthError>>,
    /// Usage afterwards, from the ledger; or why it cannot be read, which changes nothing about
    /// the outcome.
    pub usage: Result<Usage, String>,
}

impl SubmitReport {
    /// The sign-in that is gone, as an error of its own: the attempt was denied, and so will be
    /// every other one.
    pub fn sign_in_error(&self) -> Option<OpsError> {
        let source = self.sign_in.clone()?;
        let attempt = self.row.id;
        Some(OpsError::SignInGone { attempt, source })
    }
}

/// Sends an enrichment. A refused token is refreshed once and followed by one new attempt.
///
/// # Errors
/// When nothing was sent (no token, no unit, no ledger), or when the answer could not be recorded.
pub async fn submit(
    session: &Arc<ProfileSession>,
    request: &EnrichmentRequest,
    options: SubmitOptions,
) -> Result<SubmitReport, OpsError> {
    session.ledger().writable()?;
    session.may_change()?;
    let (token, _) = sending(session).await?;
    let (mut report, verdict) =
        attempt(session, request, options.clone(), token.secret().clone()).await?;
    if verdict != TokenVerdict::Refused {
        return Ok(report);
    }
    session.tokens().invalidate(&token).await;
    match sending(session).await {
        Ok((fresh, _)) => Ok(attempt(session, request, options, fresh.secret().clone())
            .await?
            .0),
        // The first answer is the truer story: the server refused the caller.
        Err(OpsError::Auth(error)) if !error.is_not_sent() => {
            report.sign_in = Some(Arc::new(error));
            Ok(report)
        }
        Err(error @ OpsError::OtherOrganisation { .. }) => Err(error),
        Err(_) => Ok(report),
    }
}

/// One attempt, in a task of its own.
///
/// # Errors
/// As [`submit`].
pub async fn attempt(
    session: &Arc<ProfileSession>,
    request: &EnrichmentRequest,
    options: SubmitOptions,
    token: Secret,
) -> Result<(SubmitReport, TokenVerdict), OpsError> {
    let session = session.clone();
    let request = request.clone();
    let task = tokio::spawn(async move { run(&session, &request, options, token).await });
    task.await.unwrap_or(Err(OpsError::TaskEnded))
}

async fn run(
    session: &ProfileSession,
    request: &EnrichmentRequest,
    options: SubmitOptions,
    token: Secret,
) -> Result<(SubmitReport, TokenVerdict), OpsError> {
    let (new, beyond) = new_attempt(session, request, &options).await?;
    let done = exchange(session, new, &options, token, |_, _| {})
        .await
        .map_err(|error| beyond.tell(error))?;
    // The answer is recorded: whatever fails from here on is no reason to hide it.
    let usage = super::usage::local(session, request.kind())
        .await
        .map_err(|error| error.to_string());
    let report = SubmitReport {
        row: done.row,
        fields: done.fields,
        details: done.details,
        retry_after: done.retry_after,
        sign_in: None,
        usage,
    };
    Ok((report, done.token))
}

/// An attempt that is settled.
pub(super) struct Exchanged {
    pub(super) row: AttemptRow,
    pub(super) fields: Vec<FieldError>,
    pub(super) details: Option<String>,
    pub(super) retry_after: Option<String>,
    pub(super) token: TokenVerdict,
}

/// Commit, one POST, commit: the one way by which anything is sent. `answered` is told of the
/// answer when it stands in the ledger's queue; what the caller queues then is committed with it
/// or after it.
///
/// # Errors
/// As [`submit`].
pub(super) async fn exchange(
    session: &ProfileSession,
    new: NewAttempt,
    options: &SubmitOptions,
    token: Secret,
    answered: impl FnOnce(&Verdict, AttemptId),
) -> Result<Exchanged, OpsError> {
    let receipt = session.ledger().dispatch(new).await?;
    let attempt = receipt.attempt();
    if let Some(tell) = &options.on_dispatch {
        tell(attempt);
    }
    let called_off = options.called_off.as_ref();
    if called_off.is_some_and(|called_off| called_off.load(Ordering::SeqCst)) {
        drop(receipt);
        return Err(OpsError::Refused(format!(
            "attempt {attempt} was called off before it was sent"
        )));
    }
    // From here on the row is on disk as `sending`. A panic in the exchange is an unknown outcome.
    let client = session.client().clone();
    let exchange = tokio::spawn(async move { client.submit(receipt, &token).await }).await;
    let mut verdict = match exchange {
        Ok(observation) => classify(&observation),
        Err(_) => Verdict {
            settlement: Settlement {
                note: Some("the program failed while it waited for the answer".to_owned()),
                ..Settlement::bare(Outcome::Unknown)
            },
            fields: Vec::new(),
            token: TokenVerdict::Fine,
            retry_after: None,
        },
    };
    verdict.settlement.row_next = options.row_next;
    let (outcome, job_id) = (
        verdict.settlement.outcome,
        verdict.settlement.job_id.clone(),
    );
    let not_recorded = |source| OpsError::NotRecorded {
        attempt,
        outcome,
        job_id: job_id.clone(),
        source,
    };
    let settling = session
        .ledger()
        .settle_soon(attempt, verdict.settlement.clone())
        .await
        .map_err(not_recorded)?;
    answered(&verdict, attempt);
    let row = settling.committed().await.map_err(not_recorded)?;
    let Verdict {
        settlement,
        fields,
        token,
        retry_after,
    } = verdict;
    let details = settlement.details;
    Ok(Exchanged {
        row,
        fields,
        details,
        retry_after,
        token,
    })
}

async fn new_attempt(
    session: &ProfileSession,
    request: &EnrichmentRequest,
    options: &SubmitOptions,
) -> Result<(NewAttempt, Beyond), OpsError> {
    let profile = session.profile();
    let (beyond, usage) = Beyond::of(session, request.kind()).await?;
    let draft = request.draft();
    let new = NewAttempt {
        profile: profile.name.clone(),
        scope: session.scope().await?,
        data_center: profile.data_center,
        environment: profile.environment,
        kind: request.kind(),
        module: request.module().to_owned(),
        record_id: request.record_id().map(str::to_owned),
        inputs: draft.inputs_json(),
        head: session.client().endpoints().head(request),
        body: request.body().to_owned(),
        subject: super::gate::asked(session, draft)?.subject,
        budget: Budget {
            limit: beyond.limit(&usage),
            reserve: options.reserve,
            configured: profile.limit,
            rule: options.rule,
        },
        origin: options.origin,
        forced: if request.is_forced() {
            Forced::Yes
        } else {
            Forced::No
        },
        word: Word {
            older_than: options
                .word
                .older_than
                .or_else(|| super::gate::word_of(session).older_than),
            ..options.word.clone()
        },
    };
    Ok((new, beyond))
}
