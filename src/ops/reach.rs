//! Whose organisation a token reaches: asked once for each access token, before anything else is asked or
//! sent with it, so that what one organisation tells or takes is never another one's.

use super::error::OpsError;
use super::session::ProfileSession;
use crate::auth::{AccessToken, Reached, mark};
use crate::base::{ErrorCode, Secret};
use crate::ledger::ScopeKey;
use crate::wire::settings::{Organisation, User};
use crate::zoho::ZohoError;

impl ProfileSession {
    /// Asks a question with a token that reaches the profile's organisation; if the token is refused,
    /// once more with a fresh one.
    ///
    /// # Errors
    /// When the token reaches another organisation, nobody tells which one, or the question fails.
    pub async fn ask<T, F>(&self, question: impl Fn(Secret) -> F) -> Result<T, OpsError>
    where
        F: Future<Output = Result<T, ZohoError>>,
    {
        self.knows_way()?;
        let (token, _) = sending(self).await?;
        match question(token.secret().clone()).await {
            Err(error) if error.is_token_refused() => {
                self.tokens().invalidate(&token).await;
                let (fresh, _) = sending(self).await?;
                Ok(question(fresh.secret().clone()).await?)
            }
            other => Ok(other?),
        }
    }

    /// Asks a question with a token whose organisation may not be known yet: only which one it is, and
    /// who the user is, may be asked so.
    ///
    /// # Errors
    /// When there is no token, or the question fails.
    async fn ask_of_token<T, F>(&self, question: impl Fn(Secret) -> F) -> Result<T, OpsError>
    where
        F: Future<Output = Result<T, ZohoError>>,
    {
        self.knows_way()?;
        let token = self.tokens().access_token().await?;
        match question(token.secret().clone()).await {
            Err(error) if error.is_token_refused() => {
                self.tokens().invalidate(&token).await;
                let fresh = self.tokens().access_token().await?;
                Ok(question(fresh.secret().clone()).await?)
            }
            other => Ok(other?),
        }
    }
}

/// Asks which user the token is; `None` where the scope does not allow it.
///
/// # Errors
/// When there is no token, or the server does not answer.
pub(super) async fn user(session: &ProfileSession) -> Result<Option<User>, OpsError> {
    may_ask(
        session
            .ask_of_token(|token| async move { session.client().user(&token).await })
            .await,
    )
}

/// Keeps what a token reaches. Names and editions change; ids that were learned later are added.
pub(super) async fn keep(
    session: &ProfileSession,
    known: Reached,
    (organisation, user): (Option<&Organisation>, Option<&User>),
) -> Result<(), OpsError> {
    let reached = Reached {
        org_id: organisation.map(|org| org.id.clone()).or(known.org_id),
        org_name: organisation.map(|org| org.name.clone()).or(known.org_name),
        edition: organisation
            .and_then(|org| org.edition.clone())
            .or(known.edition),
        user_id: user.map(|user| user.id.clone()).or(known.user_id),
        user_name: user.map(|user| user.name.clone()).or(known.user_name),
    };
    if organisation.is_some() {
        let token = session.tokens().access_token().await?;
        session.tokens().keep_reached(reached, &token).await?;
    } else {
        session.tokens().keep_silent(reached).await?;
    }
    move_scopes(session).await
}

/// What was sent before the organisation was known belongs to it now, and what version 0.1 counted by
/// the profile's name. Another process may have been on its way to send at that very moment, so this is
/// looked at again whenever the organisation is asked for.
async fn move_scopes(session: &ProfileSession) -> Result<(), OpsError> {
    let profile = session.profile();
    let place = (profile.data_center, profile.environment);
    let now = session.scope().await?;
    for before in [
        ScopeKey::of_profile(place.0, place.1, &profile.name),
        ScopeKey::of_client(place.0, place.1, &profile.client_id),
    ] {
        if before != now {
            session.ledger().rename_scope(before, now.clone()).await?;
        }
    }
    Ok(())
}

/// A token to send with, and whose units it spends: whose organisation it reaches was asked for once, and
/// is the one that the profile has.
///
/// # Errors
/// [`OpsError::OtherOrganisation`] when it is another one, [`OpsError::OrganisationNotTold`] when
/// nobody answers: then nothing may be sent. A grant that may not ask is no error.
pub(super) async fn sending(session: &ProfileSession) -> Result<(AccessToken, ScopeKey), OpsError> {
    let mut checked = session.checked().await;
    let token = session.tokens().access_token().await?;
    if let Some((known, scope)) = checked.as_ref()
        && *known == mark(token.secret())
    {
        return Ok((token, scope.clone()));
    }
    let token = if session.tokens().is_checked(&token)? {
        token
    } else {
        ask_first(session).await?
    };
    let scope = session.scope().await?;
    *checked = Some((mark(token.secret()), scope.clone()));
    Ok((token, scope))
}

async fn ask_first(session: &ProfileSession) -> Result<AccessToken, OpsError> {
    match check_pin(session).await {
        // The question may have got a newer token.
        Ok(_) => Ok(session.tokens().access_token().await?),
        Err(
            error @ (OpsError::OtherOrganisation { .. } | OpsError::Auth(_) | OpsError::Ledger(_)),
        ) => Err(error),
        Err(source) if source.exit_code() == 4 => Err(source),
        Err(source) => Err(OpsError::OrganisationNotTold {
            profile: session.profile().name.to_string(),
            source: Box::new(source),
        }),
    }
}

/// Asks again which organisation the token reaches, and compares it with the one that the profile has.
/// Where none is known, it is kept now.
///
/// # Errors
/// [`OpsError::OtherOrganisation`] when it is another organisation.
pub(super) async fn check_pin(session: &ProfileSession) -> Result<Option<Organisation>, OpsError> {
    let now = organisation(session).await?;
    let known = session.reached().await?;
    let Some(now) = now else {
        keep(session, known, (None, None)).await?;
        return Ok(None);
    };
    refuse_other(session, &known, &now)?;
    // Who it is matters less: it is asked again with the next token.
    let user = if known.user_id.is_none() {
        user(session).await.ok().flatten()
    } else {
        None
    };
    keep(session, known, (Some(&now), user.as_ref())).await?;
    Ok(Some(now))
}

pub(super) async fn organisation(
    session: &ProfileSession,
) -> Result<Option<Organisation>, OpsError> {
    may_ask(
        session
            .ask_of_token(|token| async move { session.client().organisation(&token).await })
            .await,
    )
}

pub(super) fn refuse_other(
    session: &ProfileSession,
    known: &Reached,
    now: &Organisation,
) -> Result<(), OpsError> {
    let Some(before) = known.org_id.as_ref().filter(|before| **before != now.id) else {
        return Ok(());
    };
    let name = known.org_name.as_deref();
    Err(OpsError::OtherOrganisation {
        profile: session.profile().name.to_string(),
        before: match name {
            Some(name) => format!("{name} ({before})"),
            None => format!("organisation {before}"),
        },
        now: format!("{} ({})", now.name, now.id),
    })
}

/// What a grant may not ask is no error; anything else that the server says instead of an answer is.
fn may_ask<T>(answer: Result<T, OpsError>) -> Result<Option<T>, OpsError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(OpsError::Zoho(ZohoError::Refused {
            code:
                Some(
                    ErrorCode::OauthScopeMismatch
                    | ErrorCode::NoPermission
                    | ErrorCode::AuthorizationFailed,
                ),
            ..
        })) => Ok(None),
        Err(error) => Err(error),
    }
}
