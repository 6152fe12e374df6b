//! `ziadeck auth`: sign in, look, refresh, sign out. No secret is an argument, none is printed.

use serde_json::{Value, json};

use crate::auth::{AuthError, AuthStatus, Logout};
use crate::base::moment;
use crate::cli::args::{AuthCommand, Global};
use crate::cli::ask::{confirm, secret_line};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::config::Profile;
use crate::ops::doctor::{Missing, Sending, missing};
use crate::ops::setup::{Identity, pin};
use crate::ops::{AppContext, OpsError, ProfileSession};

pub(crate) async fn run(global: &Global, command: AuthCommand, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, command, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    command: AuthCommand,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    match command {
        AuthCommand::Login { code_stdin } => login(&session, code_stdin, out).await,
        AuthCommand::Status => {
            let status = session.tokens().status()?;
            show_status(&session, &status, out);
            Ok(if status.is_signed_in {
                Exit::Done
            } else {
                Exit::SignIn
            })
        }
        AuthCommand::Refresh => {
            session.knows_way()?;
            let token = session.tokens().refresh().await?;
            let ends = token.expires_at();
            let value = json!({
                "profile": session.profile().name,
                "access_token_expires_at": ends.to_string(),
            });
            out.result(&value, || {
                vec![format!(
                    "{}  a fresh access token, good until {}",
                    session.profile().name,
                    moment(ends)
                )]
            });
            Ok(Exit::Done)
        }
        AuthCommand::Logout { yes } => logout(&session, yes, out).await,
    }
}

async fn login(session: &ProfileSession, code_stdin: bool, out: Out) -> Result<Exit, OpsError> {
    session.knows_way()?;
    let profile = session.profile();
    if profile.client_secret.is_none() {
        let profile = profile.name.clone();
        return Err(AuthError::NoSecret { profile }.into());
    }
    if !code_stdin {
        out.say(&where_a_code_is_made(profile));
    }
    let code = secret_line(
        "grant code",
        "paste it where it is asked for, or give it with --code-stdin",
    )?;
    let status = session.tokens().login(&code).await?;
    let missing = missing(status.scope.as_deref(), &profile.scopes);
    let identity = pin(session).await;
    let value = json!({
        "profile": profile.name,
        "signed_in": true,
        "scope": status.scope,
        "missing_scopes": missing.as_ref().map(|missing| missing.iter().map(|one| json!({
            "scope": one.scope,
            "without": one.without,
        })).collect::<Vec<_>>()),
        "organisation": identity.as_ref().ok().and_then(organisation),
        "user": identity.as_ref().ok().and_then(|found| found.user.as_ref().map(|user| user.name.clone())),
    });
    out.result(&value, || {
        let mut lines = vec![format!("{}  signed in", profile.name)];
        if let Ok(found) = &identity {
            lines.extend(who(found));
        }
        lines.extend(lacking(missing.as_deref()));
        lines
    });
    if let Some(org) = kept(session, &identity).await? {
        out.say(&format!(
            "note: the grant may not see the organisation; the profile stays with {org}"
        ));
    }
    if let Err(error @ OpsError::OtherOrganisation { .. }) = identity {
        return Err(error);
    }
    if let Err(error) = identity {
        out.say(&format!(
            "note: signed in, but who the token is could not be asked: {error}"
        ));
    }
    let stops = |one: &Missing| one.sending == Sending::Stops;
    if missing.iter().flatten().any(stops) {
        out.error(
            "the grant does not allow to send anything",
            Some("make a new grant code with the scopes that are missing, and sign in again"),
            Exit::SignIn.code(),
        );
        return Ok(Exit::SignIn);
    }
    Ok(Exit::Done)
}

/// The scopes that the grant lacks, each with what does not work without it.
fn lacking(missing: Option<&[Missing]>) -> Vec<String> {
    let missing = missing.unwrap_or_default();
    let mut lines: Vec<String> = missing
        .iter()
        .map(|one| format!("  missing scope  {}: {}", one.scope, one.without))
        .collect();
    if !missing.is_empty() {
        lines.push("  do  make a new grant code with these scopes and sign in again".to_owned());
    }
    lines
}

fn where_a_code_is_made(profile: &Profile) -> String {
    let scopes = profile.scopes.join(",");
    if profile.is_loopback() {
        return format!(
            "The profile is on a simulator, which takes any word as a grant code. Zoho's has these scopes:\n  {scopes}"
        );
    }
    format!(
        "Open {} and make a grant code of a self client with these scopes:\n  {scopes}\nIt is good once, for three minutes.",
        profile.data_center.console_url(),
    )
}

/// The organisation that is known of the profile, where this sign-in could not see it.
async fn kept(
    session: &ProfileSession,
    found: &Result<Identity, OpsError>,
) -> Result<Option<String>, OpsError> {
    if !found
        .as_ref()
        .is_ok_and(|found| found.organisation.is_none())
    {
        return Ok(None);
    }
    let reached = session.reached().await?;
    Ok(reached.org_name.or(reached.org_id))
}

fn organisation(found: &Identity) -> Option<Value> {
    found.organisation.as_ref().map(|org| {
        json!({"id": org.id, "name": org.name, "edition": org.edition, "type": org.environment})
    })
}

fn who(found: &Identity) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(org) = &found.organisation {
        lines.push(format!(
            "  organisation  {} ({}), {}",
            org.name,
            org.id,
            org.edition.as_deref().unwrap_or("edition unknown")
        ));
    }
    if let Some(user) = &found.user {
        lines.push(format!("  user  {}", user.name));
    }
    lines
}

fn show_status(session: &ProfileSession, status: &AuthStatus, out: Out) {
    let name = &session.profile().name;
    let value = json!({
        "profile": name,
        "signed_in": status.is_signed_in,
        "granted_at": status.granted_at.map(|at| at.to_string()),
        "scope": status.scope,
        "refused": status.refused.as_ref().map(|refused| json!({
            "error": refused.error,
            "at": refused.at.to_string(),
        })),
        "access_token_expires_at": status.access_expires_at.map(|at| at.to_string()),
        "token_calls_left": status.calls_left,
        "next_token_call_at": status.next_call_at.map(|at| at.to_string()),
    });
    out.result(&value, || {
        let refused = status.refused.as_ref().map(|refused| {
            let at = moment(refused.at);
            format!("  refused  {} by the accounts server, {at}", refused.error)
        });
        if !status.is_signed_in {
            let mut lines = vec![format!(
                "{name}  not signed in; run `ziadeck auth login --profile {name}`"
            )];
            lines.extend(refused);
            return lines;
        }
        let mut lines = vec![format!("{name}  signed in")];
        lines.extend(refused);
        lines.push(match status.access_expires_at {
            Some(at) => format!("  access token  good until {}", moment(at)),
            None => "  access token  none; the next call gets one".to_owned(),
        });
        if let Some(scope) = &status.scope {
            lines.push(format!("  scopes  {scope}"));
        }
        lines.push(match status.next_call_at {
            Some(at) => format!("  token calls  none left until {at:.0}"),
            None => format!("  token calls  {} left in ten minutes", status.calls_left),
        });
        lines
    });
}

async fn logout(session: &ProfileSession, yes: bool, out: Out) -> Result<Exit, OpsError> {
    let name = &session.profile().name;
    // Revoking changes something at the server; a profile that sends nothing may still be signed out.
    session.is_writing_session()?;
    if !confirm(&format!("Sign {name} out and revoke its tokens?"), yes, out)? {
        return Ok(Exit::Usage);
    }
    let done = session.tokens().logout().await?;
    let (word, note) = match &done {
        Logout::NotSignedIn => ("not_signed_in", None),
        Logout::Revoked => ("revoked", None),
        Logout::RemovedOnly { reason } => ("removed", Some(reason.clone())),
    };
    let value = json!({"profile": name, "result": word, "note": note});
    out.result(&value, || {
        vec![match &done {
            Logout::NotSignedIn => format!("{name}  was not signed in"),
            Logout::Revoked => format!("{name}  signed out; the tokens are revoked"),
            Logout::RemovedOnly { reason } => {
                format!("{name}  the tokens are removed here, but Zoho could not be told: {reason}")
            }
        }]
    });
    Ok(Exit::Done)
}
