//! The credential files of a set-up: one per profile, with a count of calls, what it reaches, and a lock
//! beside it.
//!
//! `us.toml` holds the refresh token and the last access token, `us.calls.toml` the times of the
//! token calls, `us.org.toml` whose organisation they reach, `us.lock` nothing: the kernel's lock on
//! it goes with the process that holds it, so it is never stale. All four follow the rules of
//! `private_file`.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::calls::{Calls, Refusal};
use super::error::AuthError;
use super::private_file::PrivateDir;
use super::reached::{self, Kept};
use crate::base::limits::TIMEOUT_TOTAL;
use crate::base::{ProfileName, Secret, Timestamp};

/// Between two looks at a lock that another process holds.
const LOCK_PAUSE: Duration = Duration::from_millis(25);
/// Longest wait for a lock: one token call of the other process, and time to write.
const LOCK_WAIT: Duration = TIMEOUT_TOTAL.saturating_add(Duration::from_secs(15));

/// Where the credential files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialStore {
    directory: PathBuf,
}

/// What a profile was granted.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// The accounts host that granted it, so that it never goes to another.
    pub(super) accounts: Option<String>,
    /// The client that it was granted to.
    pub(super) client_id: Option<String>,
    pub(super) refresh_token: Secret,
    pub(super) granted_at: Option<Timestamp>,
    pub(super) scope: Option<String>,
    pub(super) api_domain: Option<String>,
    pub(super) access: Option<StoredAccess>,
}

/// An access token with its life.
#[derive(Debug, Clone)]
pub(super) struct StoredAccess {
    pub(super) token: Secret,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// The profile's lock; dropping it lets the next process in.
#[derive(Debug)]
#[must_use]
pub(super) struct ProfileLock {
    _file: File,
}

#[derive(Serialize, Deserialize)]
struct CredentialText {
    accounts: Option<String>,
    client_id: Option<String>,
    granted_at: Option<Timestamp>,
    scope: Option<String>,
    api_domain: Option<String>,
    refresh_token: String,
    access_token: Option<String>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl Drop for CredentialText {
    fn drop(&mut self) {
        self.refresh_token.zeroize();
        self.access_token.zeroize();
    }
}

impl CredentialStore {
    /// The store in a directory, which need not exist yet.
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// The credential file of a profile.
    pub fn path(&self, profile: &ProfileName) -> PathBuf {
        self.directory.join(credential_name(profile))
    }

    /// Whether a profile has a grant that is not known to be gone. A file that cannot be read counts:
    /// whoever uses it is told why.
    pub fn has_grant(&self, profile: &ProfileName) -> bool {
        let credentials = match self.read(profile) {
            Ok(None) => return false,
            Err(_) => return true,
            Ok(Some(credentials)) => credentials,
        };
        let calls = self.read_calls(profile).unwrap_or_default();
        let refusal = calls.refusal(credentials.granted_at);
        !refusal.is_some_and(Refusal::is_final)
    }

    pub(super) fn read(&self, profile: &ProfileName) -> Result<Option<Credentials>, AuthError> {
        let Some(text) = self.read_text(&credential_name(profile))? else {
            return Ok(None);
        };
        let parsed = toml::from_str::<CredentialText>(&text);
        let parsed = parsed.map_err(|error| malformed(&self.path(profile), &text, &error))?;
        let access = match (&parsed.access_token, parsed.expires_at) {
            (Some(token), Some(expires_at)) => Some(StoredAccess {
                token: Secret::new(token),
                // A file without it is an older one; an hour is what Zoho gives (TV8).
                issued_at: parsed.issued_at.unwrap_or_else(|| {
                    let hour = Duration::from_secs(3_600);
                    expires_at.checked_sub(hour).unwrap_or(Timestamp::MIN)
                }),
                expires_at,
            }),
            _ => None,
        };
        Ok(Some(Credentials {
            accounts: parsed.accounts.clone(),
            client_id: parsed.client_id.clone(),
            refresh_token: Secret::new(&parsed.refresh_token),
            granted_at: parsed.granted_at,
            scope: parsed.scope.clone(),
            api_domain: parsed.api_domain.clone(),
            access,
        }))
    }

    /// Replaces the credential file. Only under the profile's lock.
    pub(super) fn write(
        &self,
        profile: &ProfileName,
        credentials: &Credentials,
    ) -> Result<(), AuthError> {
        let access = credentials.access.as_ref();
        let text = CredentialText {
            accounts: credentials.accounts.clone(),
            client_id: credentials.client_id.clone(),
            granted_at: credentials.granted_at,
            scope: credentials.scope.clone(),
            api_domain: credentials.api_domain.clone(),
            refresh_token: credentials.refresh_token.expose().to_owned(),
            access_token: access.map(|access| access.token.expose().to_owned()),
            issued_at: access.map(|access| access.issued_at),
            expires_at: access.map(|access| access.expires_at),
        };
        self.write_text(&credential_name(profile), &text)
    }

    /// Removes the credential file, and what is known of whom it reached. Only under the profile's
    /// lock.
    pub(super) fn remove(&self, profile: &ProfileName) -> Result<(), AuthError> {
        match PrivateDir::open(&self.directory)? {
            Some(directory) => {
                directory.remove(&credential_name(profile))?;
                directory.remove(&reached::file_name(profile))
            }
            None => Ok(()),
        }
    }

    pub(super) fn read_reached(&self, profile: &ProfileName) -> Result<Kept, AuthError> {
        let name = reached::file_name(profile);
        // Usage is told by it where nothing can be sent.
        let text = match PrivateDir::open_here(&self.directory)? {
            Some(directory) => directory.read(&name)?,
            None => None,
        };
        let Some(text) = text else {
            return Ok(Kept::default());
        };
        toml::from_str(&text).map_err(|error| malformed(&self.directory.join(&name), &text, &error))
    }

    pub(super) fn write_reached(
        &self,
        profile: &ProfileName,
        kept: &Kept,
    ) -> Result<(), AuthError> {
        self.write_text(&reached::file_name(profile), kept)
    }

    pub(super) fn read_calls(&self, profile: &ProfileName) -> Result<Calls, AuthError> {
        let name = calls_name(profile);
        let Some(text) = self.read_text(&name)? else {
            return Ok(Calls::default());
        };
        toml::from_str(&text).map_err(|error| malformed(&self.directory.join(&name), &text, &error))
    }

    /// Replaces the count of calls. Only under the profile's lock.
    pub(super) fn write_calls(
        &self,
        profile: &ProfileName,
        calls: &Calls,
    ) -> Result<(), AuthError> {
        self.write_text(&calls_name(profile), calls)
    }

    /// Waits for the profile's lock, across processes. Dropping the future gives up the wait.
    ///
    /// # Errors
    /// [`AuthError::Busy`] when another process holds it longer than a call can take.
    pub(super) async fn lock(&self, profile: &ProfileName) -> Result<ProfileLock, AuthError> {
        let directory = PrivateDir::create(&self.directory)?;
        let name = format!("{profile}.lock");
        let file = directory.open_lock(&name)?;
        let waited = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
                    Err(TryLockError::Error(error)) => {
                        return Err(AuthError::io("lock", &self.directory.join(&name), error));
                    }
                }
            }
        };
        let waited = tokio::time::timeout(LOCK_WAIT, waited).await;
        waited.map_err(|_elapsed| AuthError::Busy {
            profile: profile.clone(),
        })??;
        Ok(ProfileLock { _file: file })
    }

    fn read_text(&self, name: &str) -> Result<Option<Zeroizing<String>>, AuthError> {
        match PrivateDir::open(&self.directory)? {
            Some(directory) => directory.read(name),
            None => Ok(None),
        }
    }

    fn write_text(&self, name: &str, content: &impl Serialize) -> Result<(), AuthError> {
        let directory = PrivateDir::create(&self.directory)?;
        let text = toml::to_string(content).map(Zeroizing::new).map_err(|_| {
            let error = std::io::Error::other("its content cannot be written as TOML");
            AuthError::io("write", &self.directory.join(name), error)
        })?;
        directory.write(name, &text)
    }
}

fn credential_name(profile: &ProfileName) -> String {
    format!("{profile}.toml")
}

/// A profile's name has no dot, so this is no other profile's credential file.
fn calls_name(profile: &ProfileName) -> String {
    format!("{profile}.calls.toml")
}

/// Only the line is told: the parser's own message would show what stands there.
fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> AuthError {
    let until = error.span().map_or(0, |span| span.start);
    let before = text.as_bytes().iter().take(until);
    AuthError::Malformed {
        path: path.to_owned(),
        line: before.filter(|byte| **byte == b'\n').count() + 1,
    }
}
