//! Everything that is known of a profile.

use crate::auth::{AuthStatus, Reached};
use crate::base::ProfileName;
use crate::ops::doctor::Check;
use crate::tui::app::notice::Failure;
use crate::wire::settings::EnrichmentConfiguration;

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
