//! The log: pages of it, and one attempt in full.

use super::At;
use crate::base::AttemptId;
use crate::ledger::{LogPage, LogQuery};
use crate::ops::{OpsError, request};
use crate::tui::data::attempt::Attempt;

pub(crate) async fn page(at: At<'_>, query: LogQuery) -> Result<LogPage, OpsError> {
    Ok(at.context.ledger().page(query).await?)
}

/// One attempt in full.
pub(crate) async fn attempt(at: At<'_>, id: AttemptId) -> Result<Attempt, OpsError> {
    let Some(mut detail) = at.context.ledger().attempt(id).await? else {
        return Err(OpsError::Refused(format!("the ledger has no attempt {id}")));
    };
    let sent = std::mem::take(&mut detail.sent);
    let request = request::of(at.context, &detail.row, sent);
    Ok(Attempt { detail, request })
}
