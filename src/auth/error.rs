//! What can be wrong with signing in. No message holds a secret or anything a program printed.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::{ProfileName, Shown, Timestamp};

/// Why a file or directory is not fit to hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsafety {
    /// Others may read or write the file.
    Mode(u32),
    /// The file is someone else's.
    Owner(u32),
    /// The path is a symbolic link.
    Symlink,
    /// The file has more names than one.
    HardLinks(u64),
    /// A pipe, a device, a directory.
    NotRegular,
    /// Others may put files into the directory.
    DirectoryMode(u32),
    /// The directory is someone else's.
    DirectoryOwner(u32),
}

impl std::fmt::Display for Unsafety {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mode(mode) => write!(f, "its mode is {mode:04o}, so others can use it"),
            Self::Owner(uid) => write!(f, "it belongs to user {uid}"),
            Self::Symlink => f.write_str("it is a symbolic link"),
            Self::HardLinks(count) => write!(f, "it has {count} names (hard links)"),
            Self::NotRegular => f.write_str("it is not a regular file"),
            Self::DirectoryMode(mode) => {
                write!(
                    f,
                    "its mode is {mode:04o}, so others can replace files in it"
                )
            }
            Self::DirectoryOwner(uid) => write!(f, "the directory belongs to user {uid}"),
        }
    }
}

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
        let quoted = quoted(path);
        let fix = match why {
            Unsafety::Mode(_) => format!("chmod 600 {quoted}"),
            Unsafety::DirectoryMode(_) => format!("chmod 700 {quoted}"),
            Unsafety::Owner(_) | Unsafety::DirectoryOwner(_) => {
                format!("chown \"$(id -u)\" {quoted}")
            }
            Unsafety::Symlink | Unsafety::HardLinks(_) => {
                format!(
                    "cp {quoted} {quoted}.own && mv -f {quoted}.own {quoted} && chmod 600 {quoted}"
                )
            }
            Unsafety::NotRegular => format!("ls -ld {quoted}"),
        };
        Self::Unsafe {
            path: path.to_owned(),
            why,
            fix,
        }
    }

    /// Whether the network is the reason and nothing was sent.
    pub fn is_not_sent(&self) -> bool {
        matches!(self, Self::NotSent { .. })
    }
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = Shown::new(&path.display().to_string()).to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
