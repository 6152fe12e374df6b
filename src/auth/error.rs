//! What can be wrong with signing in. No message holds a secret or anything a program printed.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::guarded::Unsafety;
use crate::base::{ProfileName, Timestamp};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The profile was never signed in, or was signed out.
    #[error("profile {profile} is not signed in; run `ziadeck auth login --profile {profile}`")]
    NotSignedIn {
        /// The profile.
        profile: ProfileName,
    },
    /// A file with a secret is open to others.
    #[error("will not use {}: {why}; run: {fix}", path.display())]
    Unsafe {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        why: Unsafety,
        /// The command that mends it.
        fix: String,
    },
    /// The system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write` …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of ours holds something else.
    #[error("cannot understand {} (line {line}); sign in again to write it anew", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// Another process holds the profile's lock for longer than a token call can take.
    #[error(
        "another ziadeck is signing in with profile {profile} and does not finish; nothing was sent"
    )]
    Busy {
        /// The profile.
        profile: ProfileName,
    },
    /// No more calls are allowed for now. Nothing was sent, unless the server itself said so.
    #[error(
        "too many token calls; Zoho allows 10 in 10 minutes, the next is possible at {until:.0}"
    )]
    Throttled {
        /// When the next call may be made.
        until: Timestamp,
    },
    /// The accounts server refused. The credential file is as it was.
    #[error(
        "sign-in of profile {profile} was refused ({error}); {}",
        refusal_hint(error)
    )]
    Refused {
        /// The profile.
        profile: ProfileName,
        /// The word of the answer.
        error: String,
    },
    /// No connection was made.
    #[error("no connection to {host}: {message}; nothing was sent")]
    NotSent {
        /// The accounts host.
        host: String,
        /// What went wrong.
        message: String,
    },
    /// The call was made and its answer is of no use.
    #[error("{host} gave no usable answer: {message}")]
    Failed {
        /// The accounts host.
        host: String,
        /// What went wrong.
        message: String,
    },
    /// The token is for another host. It was not kept.
    #[error(
        "the token is for {got}, but this profile uses {expected}; check data_center and environment, nothing was kept"
    )]
    ApiDomain {
        /// The host of the answer.
        got: String,
        /// The host of the profile.
        expected: String,
    },
    /// The credentials are of another accounts host, API host or client.
    #[error(
        "the credentials of profile {profile} are for {granted_by}, but the profile now uses {expected}; sign in again"
    )]
    OtherAccount {
        /// The profile.
        profile: ProfileName,
        /// The host or client that they are for.
        granted_by: String,
        /// The host or client that would get them.
        expected: String,
    },
    /// A grant without a refresh token.
    #[error(
        "the answer holds no refresh token; make the grant code as a self client and try again"
    )]
    NoRefreshToken,
    /// The profile names no client secret.
    #[error(
        "profile {profile} names no client secret; add client_secret_file, client_secret_command or client_secret_env"
    )]
    NoSecret {
        /// The profile.
        profile: ProfileName,
    },
    /// The source of the client secret gave none.
    #[error("no client secret from {from}: {problem}")]
    SecretUnreadable {
        /// The file, the program or the variable.
        from: String,
        /// What went wrong, without anything of the secret.
        problem: String,
    },
}

fn refusal_hint(error: &str) -> &'static str {
    match error {
        "invalid_client" => {
            "the client id is not known at this data centre: check data_center and client_id"
        }
        "invalid_client_secret" => "the client secret does not belong to the client id",
        "invalid_code" => {
            "a grant code is good once and for minutes, a refresh token until it is revoked: make a new code and sign in"
        }
        _ => "check the client at Zoho's API console, then sign in again",
    }
}

impl AuthError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn unsafe_path(path: &Path, why: Unsafety) -> Self {
        Self::Unsafe {
            path: path.to_owned(),
            fix: why.mend(path),
            why,
        }
    }

    /// Whether the network is the reason and nothing was sent.
    pub fn is_not_sent(&self) -> bool {
        matches!(self, Self::NotSent { .. })
    }
}
