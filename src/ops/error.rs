//! Why a use case failed: what was tried, whether anything was sent, and what to do next.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::auth::AuthError;
use crate::base::{AttemptId, ErrorCode, JobId, Outcome};
use crate::config::{ConfigError, PathsError};
use crate::enrichment::explain::{explain, explain_change, explain_oauth};
use crate::ledger::LedgerError;
use crate::zoho::ZohoError;
use crate::zoho::endpoints::ForeignHost;

/// A use case has failed.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// A place for the files cannot be found or made.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A host that the program does not speak to.
    #[error(transparent)]
    Host(#[from] ForeignHost),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Sign-in.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// An attempt was denied for its token, and there is no other one.
    #[error("attempt {attempt} was denied and spent nothing: {source}")]
    SignInGone {
        /// The attempt.
        attempt: AttemptId,
        /// Why there is no other token.
        source: Arc<AuthError>,
    },
    /// A question to the API.
    #[error(transparent)]
    Zoho(#[from] ZohoError),
    /// The server refused a change of a configuration.
    #[error("{0}")]
    ChangeRefused(#[source] ZohoError),
    /// A change of a configuration of which nobody knows whether it was made, or what came of it.
    #[error("{}: {source}", change_words(module, *.is_made))]
    ChangeOpen {
        /// The module.
        module: String,
        /// Whether it was made: then it could not be read back.
        is_made: bool,
        /// What came instead.
        source: Box<OpsError>,
    },
    /// A fault of our own ended the task that was sending.
    #[error("a fault of ziadeck's own ended the request; the log says what became of it")]
    TaskEnded,
    /// The answer came and could not be recorded: a person must keep it.
    #[error("the outcome of attempt {attempt} could not be recorded: {source}; write this down: attempt {attempt} is {outcome}{}", job_words(job_id.as_ref()))]
    NotRecorded {
        /// The attempt.
        attempt: AttemptId,
        /// What was seen.
        outcome: Outcome,
        /// The job, where there is one.
        job_id: Option<JobId>,
        /// Why it could not be recorded.
        source: LedgerError,
    },
    /// A file cannot become the rows of a run.
    #[error("{file} cannot be planned; nothing was sent:\n  {}", problems.join("\n  "))]
    InputFile {
        /// The file's name.
        file: String,
        /// What is wrong with it, and where; the first of many.
        problems: Vec<String>,
    },
    /// What was asked for does not exist on the server.
    #[error("{0}")]
    NotFound(String),
    /// The caller asked for something that cannot be.
    #[error("{0}")]
    Refused(String),
    /// Output could not be written whole.
    #[error("{to} could not be written: {why}; what was done stands")]
    NotWritten {
        /// Where it went.
        to: String,
        /// Why it could not.
        why: String,
    },
    /// The environment names a proxy that cannot be read. What it says may hold a password.
    #[error("the variable {0} holds no address of a proxy; nothing was sent")]
    Proxy(&'static str),
    /// A profile, or a whole session, that only reads.
    #[error("profile {profile} is read-only {}; nothing was sent", if *.is_session { "in this session" } else { "by its configuration" })]
    ReadOnlyProfile {
        /// The profile.
        profile: String,
        /// Whether the session is, and not the profile by itself.
        is_session: bool,
    },
    /// Nobody told which organisation the token reaches.
    #[error(
        "profile {profile}: nobody told which organisation its token reaches ({source}); nothing was sent"
    )]
    OrganisationNotTold {
        /// The profile.
        profile: String,
        /// What came instead.
        source: Box<OpsError>,
    },
    /// The organisation or the user behind the token is not the one the profile was set up with.
    #[error("profile {profile} reaches {now}, but was set up with {before}; nothing was sent")]
    OtherOrganisation {
        /// The profile.
        profile: String,
        /// The organisation it was pinned to.
        before: String,
        /// The organisation that answers now.
        now: String,
    },
}

fn change_words(module: &str, is_made: bool) -> String {
    match is_made {
        true => format!("the configuration of {module} was changed, and could not be read back"),
        false => format!("nobody knows whether the configuration of {module} was changed"),
    }
}

fn job_words(job_id: Option<&JobId>) -> String {
    job_id.map_or_else(String::new, |id| format!(", job {id}"))
}

/// What ends the doubt about a ledger.
pub const DOUBT_IS_SETTLED_BY: &str =
    "run `ziadeck ledger check --trust`: it compares the ledger with the server's jobs and asks";
const QUESTION_AGAIN: &str = "ask again; a question spends no unit";

impl OpsError {
    /// A file of the caller could not be written. One that cannot be at that place was named
    /// wrongly; everything else is the fault of what it goes to.
    pub fn not_written(path: &Path, error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::AlreadyExists
            | Kind::NotFound
            | Kind::PermissionDenied
            | Kind::InvalidInput
            | Kind::InvalidFilename
            | Kind::NotADirectory
            | Kind::IsADirectory => {
                Self::Refused(format!("{} cannot be written: {error}", path.display()))
            }
            _ => Self::NotWritten {
                to: path.display().to_string(),
                why: error.to_string(),
            },
        }
    }

    /// The exit code of a headless command that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Paths(_)
            | Self::Config(_)
            | Self::Host(_)
            | Self::Refused(_)
            | Self::Proxy(_)
            | Self::ReadOnlyProfile { .. }
            | Self::InputFile { .. } => 2,
            Self::Ledger(error) => error.exit_code(),
            Self::NotRecorded { .. } => 9,
            Self::TaskEnded | Self::ChangeOpen { .. } => 8,
            Self::ChangeRefused(_) => 5,
            Self::Auth(error) if error.is_not_sent() => 7,
            Self::Auth(_) | Self::SignInGone { .. } => 4,
            Self::OtherOrganisation { .. } => 4,
            Self::OrganisationNotTold { .. } => 7,
            Self::Zoho(error) => match error {
                ZohoError::Client(_) | ZohoError::NotConnected { .. } => 7,
                ZohoError::NoAnswer { .. } | ZohoError::Unreadable { .. } => 8,
                ZohoError::Refused { .. } if error.is_token_refused() => 4,
                ZohoError::Refused { .. } => 5,
            },
            Self::NotFound(_) => 5,
            Self::NotWritten { .. } => 11,
        }
    }

    /// What to do next, where there is something to say beyond the error itself.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::ChangeOpen { module, .. } => Some(format!(
                "look at it with `ziadeck enrichment config show {module}`; to repeat the change is safe"
            )),
            Self::ChangeRefused(ZohoError::Refused {
                code: Some(code), ..
            }) if explain_change(code).is_some() && *code != ErrorCode::ExpectedFieldMissing => {
                explain_change(code).map(|about| about.next_step.to_owned())
            }
            Self::Zoho(error) | Self::ChangeRefused(error) => match error {
                // A question, not a POST: which scope it needs depends on what was asked.
                ZohoError::Refused {
                    code: Some(ErrorCode::OauthScopeMismatch),
                    ..
                } => Some(
                    "sign in again with a grant code that has the scope for it; `ziadeck doctor` names them, and changing a configuration needs ZohoCRM.zia.enrichment.ALL"
                        .to_owned(),
                ),
                // The code of a request that lacks an input; here it is the field's id (OAS26).
                ZohoError::Refused {
                    code: Some(ErrorCode::ExpectedFieldMissing),
                    ..
                } => Some(
                    "the server wants the id of a CRM field; sign in with ZohoCRM.settings.fields.READ besides and ziadeck finds it"
                        .to_owned(),
                ),
                // What is said of these codes is about a POST; a question can be asked again.
                ZohoError::Refused {
                    code: Some(ErrorCode::InternalError | ErrorCode::InternalServerError),
                    ..
                } => Some(QUESTION_AGAIN.to_owned()),
                ZohoError::Refused { code, .. } => {
                    code.as_ref().map(|code| explain(code).next_step.to_owned())
                }
                ZohoError::Client(_) | ZohoError::NotConnected { .. } => {
                    Some("check the network, the proxy and the data centre".to_owned())
                }
                ZohoError::NoAnswer { .. } | ZohoError::Unreadable { .. } => {
                    Some(QUESTION_AGAIN.to_owned())
                }
            },
            Self::Auth(AuthError::Refused { error, .. }) => {
                Some(explain_oauth(error).next_step.to_owned())
            }
            Self::SignInGone { source, .. } => match source.as_ref() {
                AuthError::Refused { error, .. } => {
                    Some(explain_oauth(error).next_step.to_owned())
                }
                _ => None,
            },
            Self::Proxy(name) => Some(format!(
                "give {name} as http://HOST:PORT, or unset it; control characters and blanks have no place in it"
            )),
            Self::TaskEnded => Some(
                "look at `ziadeck log`; what is unknown there is settled by `ziadeck reconcile`"
                    .to_owned(),
            ),
            Self::OtherOrganisation { profile, .. } => Some(format!(
                "if that is right, correct org_id in the profile if it has one, then run `ziadeck auth login --profile {profile}` to pin the new one"
            )),
            Self::ReadOnlyProfile { is_session, .. } => Some(if *is_session {
                "start without --read-only".to_owned()
            } else {
                "set read_only = false in the profile, or name another one with --profile".to_owned()
            }),
            Self::OrganisationNotTold { .. } => Some(
                "send it again when the server answers; it is asked once for each access token"
                    .to_owned(),
            ),
            Self::Ledger(LedgerError::LimitReached { .. }) => {
                Some("check `ziadeck usage --refresh`; --force lets the server decide".to_owned())
            }
            Self::Ledger(LedgerError::ReadOnly { .. }) => Some(
                "make room, make its directory writable, or end the other ziadeck, and start again; reading works meanwhile"
                    .to_owned(),
            ),
            Self::Ledger(LedgerError::NotTrusted { .. }) => {
                Some(DOUBT_IS_SETTLED_BY.to_owned())
            }
            Self::NotWritten { .. } => Some(
                "make room where it goes; `ziadeck log` has what was done, so look there before you send anything again"
                    .to_owned(),
            ),
            Self::Paths(_)
            | Self::Config(_)
            | Self::Host(_)
            | Self::Ledger(_)
            | Self::Auth(_)
            | Self::NotRecorded { .. }
            | Self::InputFile { .. }
            | Self::NotFound(_)
            | Self::Refused(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(status: u16, code: ErrorCode) -> String {
        let error = OpsError::Zoho(ZohoError::Refused {
            status,
            code: Some(code),
            message: Some("Crm field cannot be empty".to_owned()),
            retry_after: None,
        });
        error.hint().unwrap()
    }

    #[test]
    fn a_file_without_room_is_output_that_was_lost_and_a_wrong_place_is_wrong_use() {
        let exit = |kind: io::ErrorKind| {
            OpsError::not_written(Path::new("out.csv"), &kind.into()).exit_code()
        };

        assert_eq!(exit(io::ErrorKind::StorageFull), 11);
        assert_eq!(exit(io::ErrorKind::QuotaExceeded), 11);
        assert_eq!(exit(io::ErrorKind::Other), 11);
        assert_eq!(exit(io::ErrorKind::NotFound), 2);
        assert_eq!(exit(io::ErrorKind::PermissionDenied), 2);
    }

    #[test]
    fn a_configuration_that_lacks_a_fields_id_is_not_told_to_give_an_email() {
        let hint = hint(400, ErrorCode::ExpectedFieldMissing);

        assert!(hint.contains("ZohoCRM.settings.fields.READ"), "{hint}");
    }

    #[test]
    fn a_question_that_the_server_failed_on_is_asked_again_and_settles_nothing() {
        assert_eq!(hint(500, ErrorCode::InternalError), QUESTION_AGAIN);
    }
}
