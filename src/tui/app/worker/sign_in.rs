//! The set-up guide's last step: save the profile, exchange the grant code, make a test call.
//!
//! The profile is written only when the exchange has succeeded, so that a typing error leaves
//! nothing half made behind.

use super::setup::with_profiles;
use super::{At, profiles};
use crate::auth::keep_client_secret;
use crate::base::{ApiVersion, ProfileName, SecretSource};
use crate::config::{ConfigEdit, ConfigError, NewProfile};
use crate::ops::doctor::missing;
use crate::ops::{OpsError, setup};
use crate::tui::app::notice::Notice;
use crate::tui::app::op::{Changed, Hidden, SignIn};
use crate::tui::data::profile::SignedIn;

pub(crate) async fn set_up(at: At<'_>, request: SignIn) -> Result<SignedIn, OpsError> {
    let context = at.context;
    let paths = context.paths();
    let secret_file = paths
        .config_file
        .parent()
        .unwrap_or(&paths.state_dir)
        .join(format!("{}.secret", request.profile));
    let exists = context
        .config()
        .profiles
        .iter()
        .any(|profile| profile.name == request.profile);
    if exists {
        return Err(ConfigError::ProfileExists {
            name: request.profile,
        }
        .into());
    }
    keep_client_secret(&secret_file, &request.client_secret.0)?;
    let is_first = context.config().profiles.is_empty();
    let mut edit = ConfigEdit::open(paths)?.add_profile(&NewProfile {
        name: request.profile.clone(),
        data_center: request.data_center,
        environment: request.environment,
        api_version: ApiVersion::default(),
        client_id: request.client_id.clone(),
        client_secret: Some(SecretSource::File(secret_file)),
        limit: None,
        default_module: None,
        loopback: None,
    })?;
    if is_first {
        edit = edit.set_default_profile(request.profile.as_str())?;
    }
    let before = context.config();
    context.set_config(edit.save()?);
    let signed_in = async {
        let session = at.session(&request.profile)?;
        let status = session.tokens().login(&request.code.0).await?;
        let missing = missing(status.scope.as_deref(), &session.profile().scopes);
        Ok::<_, OpsError>((session, missing.unwrap_or_default()))
    }
    .await;
    let (session, missing) = match signed_in {
        Ok(done) => done,
        Err(error) => {
            // Nothing half made stays behind; what the person typed is still in the guide.
            if let Ok(edit) = ConfigEdit::open(paths)
                && let Ok(edit) = edit.remove_profile(request.profile.as_str())
            {
                let _ = edit.save();
            }
            context.set_config((*before).clone());
            return Err(error);
        }
    };
    let identity = setup::pin(&session).await.ok();
    Ok(SignedIn {
        profile: request.profile.clone(),
        organisation: identity
            .as_ref()
            .and_then(|found| found.organisation.as_ref())
            .map(|org| org.name.clone()),
        user: identity
            .as_ref()
            .and_then(|found| found.user.as_ref())
            .map(|user| user.name.clone()),
        missing,
        profiles: profiles::all(context, Some(request.profile)).await,
    })
}

/// Exchanges the code and pins the profile to what answers: a person has said that it is right.
pub(crate) async fn again(
    at: At<'_>,
    name: ProfileName,
    code: Hidden,
) -> Result<Changed, OpsError> {
    let session = at.session(&name)?;
    let status = session.tokens().login(&code.0).await?;
    let missing = missing(status.scope.as_deref(), &session.profile().scopes);
    let mut notes = Vec::new();
    let whose = match setup::pin(&session).await {
        Ok(found) => found
            .organisation
            .map_or_else(String::new, |org| format!(" to {}", org.name)),
        Err(error) => {
            notes.push(error.to_string());
            String::new()
        }
    };
    let missing = missing.unwrap_or_default();
    if !missing.is_empty() {
        let scopes = missing.iter();
        let scopes = scopes.map(|one| format!("{} ({})", one.scope, one.without));
        notes.push(format!(
            "missing scopes: {}",
            scopes.collect::<Vec<_>>().join(", ")
        ));
    }
    let text = format!("{name} is signed in{whose}");
    let told = if notes.is_empty() {
        Notice::info(text)
    } else {
        Notice::warning(format!("{text}; {}", notes.join("; ")))
    };
    Ok(with_profiles(at.context, told).await)
}
