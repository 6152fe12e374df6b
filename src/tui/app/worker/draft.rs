//! The draft: keeping it, what stands in its way, and sending it.

use std::sync::Arc;

use super::At;
use super::profiles::trouble_of;
use crate::base::{EnrichmentKind, ProfileName};
use crate::enrichment::verdict::Seen;
use crate::enrichment::{EnrichmentRequest, Known};
use crate::ledger::{Forced, LedgerError};
use crate::ops::draft::{self, KeptDraft};
use crate::ops::submit::{SubmitOptions, submit};
use crate::ops::{OpsError, gate};
use crate::tui::app::msg::Msg;
use crate::tui::app::op::{DraftOf, Progress, Submit, Submitted};

pub(crate) async fn load(at: At<'_>, profile: ProfileName) -> Result<Option<KeptDraft>, OpsError> {
    if let Some(kept) = draft::kept(at.context) {
        return Ok(Some(kept));
    }
    // Version 0.1 kept one for each profile, in the ledger.
    let ledger = at.context.ledger();
    let kept = ledger.draft(profile.clone(), EnrichmentKind::People).await;
    let draft = kept.ok().flatten();
    Ok(draft
        .and_then(|text| serde_json::from_str(&text).ok())
        .map(|draft| KeptDraft {
            profile,
            at: None,
            draft,
        }))
}

pub(crate) async fn save(at: At<'_>, of: DraftOf) -> Result<(), OpsError> {
    let kept = KeptDraft {
        profile: of.profile,
        at: Some(at.context.clock().now()),
        draft: of.draft,
    };
    draft::keep(at.context, &kept)
        .map_err(|error| OpsError::Refused(format!("the draft cannot be kept: {error}")))
}

/// What stands in the way of a draft.
pub(crate) async fn look(at: At<'_>, of: DraftOf) -> Result<Seen, OpsError> {
    gate::in_the_way(&*at.session(&of.profile)?, &of.draft).await
}

pub(crate) async fn send(at: At<'_>, request: Submit) -> Result<Submitted, OpsError> {
    let of = DraftOf {
        profile: request.profile.clone(),
        draft: request.draft.clone(),
    };
    let result = try_send(at, request).await;
    if let Err(OpsError::Ledger(LedgerError::Already(_))) = &result
        && let Ok(seen) = look(at, of).await
    {
        return Ok(Submitted::Already(seen));
    }
    // What may pass, such as another process that keeps the ledger, stops this request alone: the
    // next one finds out for itself before anything is sent.
    let lasts = match &result {
        Err(OpsError::Ledger(error)) => error.exit_code() == 9 && !error.may_pass(),
        Err(OpsError::NotRecorded { .. }) => true,
        _ => false,
    };
    if let (true, Err(error)) = (lasts, &result) {
        let trouble = trouble_of(at.context).await;
        let trouble = trouble.unwrap_or_else(|| format!("not usable: {error}"));
        at.shared.answer(Msg::Ledger(Some(trouble))).await;
    }
    result
}

async fn try_send(at: At<'_>, request: Submit) -> Result<Submitted, OpsError> {
    let session = at.session(&request.profile)?;
    let enrichment = match request.checks {
        Forced::Yes => EnrichmentRequest::forced(&request.draft),
        Forced::No => {
            EnrichmentRequest::checked(&request.draft, &Known::default()).map_err(|_| {
                OpsError::Refused("the draft would be rejected; nothing was sent".into())
            })?
        }
    };
    let tell = {
        let (shared, id) = (at.shared.clone(), at.id);
        // A full inbox loses nothing: the ledger's change brings the row as well.
        Arc::new(move |_| shared.progress(id, Progress::Dispatched))
    };
    let options = SubmitOptions {
        rule: request.limit,
        on_dispatch: Some(tell),
        word: request.word,
        ..SubmitOptions::single()
    };
    let report = submit(&session, &enrichment, options).await?;
    match report.sign_in_error() {
        // The row comes with the ledger's change.
        Some(error) => Err(error),
        None => Ok(Submitted::Settled(Box::new(report.row))),
    }
}
