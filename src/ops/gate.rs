//! The one gate in front of a unit, as the doors see it: what the ledger has of a request, before
//! anybody is asked. The decision itself falls in the transaction that records the attempt.

use serde_json::{Value, json};

use super::error::OpsError;
use super::session::ProfileSession;
use crate::base::{EnrichmentKind, Outcome};
use crate::enrichment::Draft;
use crate::enrichment::doubt::Doubt;
use crate::enrichment::verdict::{Match, Seen, Shared, Word};
use crate::ledger::Asked;
use crate::zoho::query::{JobListQuery, SortOrder};

/// What a draft asks about, as the ledger compares it.
///
/// # Errors
/// When the ledger has no key to compare with.
pub(super) fn asked(session: &ProfileSession, draft: &Draft) -> Result<Asked, OpsError> {
    let profile = session.profile();
    let server = (profile.data_center, profile.environment);
    Ok(Asked {
        subject: session.ledger().subject(draft, server)?,
        module: draft.module.trim().to_owned(),
        record_id: Some(draft.record().into_owned()).filter(|id| !id.is_empty()),
    })
}

/// What the ledger has of a draft.
///
/// # Errors
/// When the ledger cannot be read, or has no key to compare with.
pub async fn look(session: &ProfileSession, draft: &Draft) -> Result<Seen, OpsError> {
    let seen = look_once(session, draft).await?;
    let is_sending = |seen: &Seen| {
        let mut outcomes = seen.matches.iter().map(|found| found.outcome);
        outcomes.any(|outcome| outcome == Some(Outcome::Sending))
    };
    if !is_sending(&seen) || session.ledger().writable().is_err() {
        return Ok(seen);
    }
    // Whoever was sending it may have died since: then it is unknown, and that is what is told.
    session.ledger().recover().await?;
    look_once(session, draft).await
}

/// What stands in the way of a draft without a person's word, and who else is behind its keys.
///
/// # Errors
/// When the ledger cannot be read, or has no key to compare with.
pub async fn in_the_way(session: &ProfileSession, draft: &Draft) -> Result<Seen, OpsError> {
    let word = word_of(session);
    let mut seen = look(session, draft).await?;
    seen.matches.retain(|found| !word.lets_pass(found));
    Ok(seen)
}

async fn look_once(session: &ProfileSession, draft: &Draft) -> Result<Seen, OpsError> {
    let asked = asked(session, draft)?;
    let place = (session.scope().await?, draft.kind);
    let seen = session.ledger().seen(place, vec![asked]).await?;
    Ok(seen.into_iter().next().unwrap_or_default())
}

/// Asks the server what time it is, where that may prove that a match is old enough: by this
/// machine's clock it is, and nothing else says so yet. Whether that helped is seen in a new look.
///
/// # Errors
/// When the server cannot be asked.
pub async fn learn_time(session: &ProfileSession, kind: EnrichmentKind) -> Result<(), OpsError> {
    let query = JobListQuery {
        kind,
        page: 1,
        order: SortOrder::Descending,
        status: None,
    };
    let query = &query;
    session
        .ask(|token| async move { session.client().jobs(query, &token).await })
        .await?;
    keep_time(session).await
}

/// Keeps the time that the server told last.
///
/// # Errors
/// When the ledger cannot be written.
pub(super) async fn keep_time(session: &ProfileSession) -> Result<(), OpsError> {
    if let Some(told) = session.client().server_time() {
        let scope = session.scope().await?;
        session.ledger().note_server_time(scope, told).await?;
    }
    Ok(())
}

/// Whether the server's time could prove what the clock of this machine says.
pub fn could_be_proven(session: &ProfileSession, found: &Match, word: &Word) -> bool {
    let Some(least) = word.older_than else {
        return false;
    };
    let age = session.clock().now().duration_since(found.at).as_secs();
    !found.is_open() && u64::try_from(age).is_ok_and(|age| age >= least.as_secs())
}

/// What a profile lets pass without a person's word.
pub fn word_of(session: &ProfileSession) -> Word {
    Word {
        older_than: session.profile().refresh_after,
        ..Word::default()
    }
}

/// Something doubtful in a request, as every door tells it.
pub struct Doubtful {
    /// The input, or the key.
    pub field: &'static str,
    /// What is doubtful, in a word.
    pub doubt: &'static str,
    /// What is wrong and what to do.
    pub hint: String,
    /// A value that cannot be meant; otherwise somebody else is behind a key.
    pub is_value: bool,
}

impl Doubtful {
    /// Values that cannot be meant, and keys that somebody else has, too.
    pub fn all(values: &[Doubt], shared: &[Shared]) -> Vec<Self> {
        let values = values.iter().map(|doubt| Self {
            field: doubt.place.as_str(),
            doubt: doubt.word.as_str(),
            hint: doubt.hint.clone(),
            is_value: true,
        });
        let shared = shared.iter().map(|shared| Self {
            field: shared.key.as_str(),
            doubt: "shared",
            hint: shared.sentence(),
            is_value: false,
        });
        values.chain(shared).collect()
    }

    /// All of them for a program.
    pub fn json(doubts: &[Self]) -> Value {
        doubts
            .iter()
            .map(|doubt| json!({"field": doubt.field, "doubt": doubt.doubt, "hint": doubt.hint}))
            .collect()
    }
}

/// A match, as every door tells it in JSON.
pub fn match_json(found: &Match) -> Value {
    json!({
        "attempt": found.attempt,
        "run": found.run,
        "job_id": found.job_id,
        "outcome": found.outcome,
        "job_status": found.status,
        "at": found.at.to_string(),
        "match": found.by.as_str(),
        "differs": found.differs.iter().map(|d| d.as_str()).collect::<Vec<_>>(),
    })
}
