//! Answers to the Setup screen.

use crate::auth::AuthStatus;
use crate::auth::Reached;
use crate::base::ProfileName;
use crate::ops::configure::Plan;
use crate::ops::doctor::Check;
use crate::tui::data::profile::Profiles;
use crate::tui::model::Failure;
use crate::tui::msg::Told;
use crate::wire::settings::EnrichmentConfiguration;

/// An answer about how things are set up.
#[derive(Debug, Clone, PartialEq)]
pub enum SetupMsg {
    /// Everything about a profile.
    Sheet {
        /// The question's ticket.
        ticket: u64,
        /// What is known.
        result: Result<Box<Overview>, Failure>,
    },
    /// What a change would make different.
    Planned {
        /// Whose organisation.
        profile: ProfileName,
        /// The change.
        result: Result<Box<Plan>, Failure>,
    },
    /// A wish was carried out, or not.
    Done {
        /// How it went.
        result: Result<Told, Failure>,
        /// All profiles as they are now, where they may have changed.
        profiles: Option<Profiles>,
    },
    /// A grant code was exchanged, or not; how, and all profiles as they are now.
    SignedIn(Result<(Told, Profiles), Failure>),
}

/// Everything that is known of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Which.
    pub profile: ProfileName,
    /// Whether it is used when none is named.
    pub is_default: bool,
    /// The limit of the configuration.
    pub limit: u64,
    /// Units that stay untouched.
    pub reserve: u64,
    /// The sign-in, or why it cannot be read.
    pub sign_in: Result<AuthStatus, String>,
    /// The organisation and the user that it was set up with.
    pub reached: Reached,
    /// Every precondition that was looked at.
    pub checks: Vec<Check>,
    /// The enrichment configurations; `None` until the server was asked.
    pub configurations: Option<Result<Vec<EnrichmentConfiguration>, Failure>>,
}
