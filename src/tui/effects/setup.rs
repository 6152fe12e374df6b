//! Questions of the Setup screen.

use std::fmt;

use crate::base::{EnrichmentKind, ModuleName, ProfileName, Secret};
use crate::ops::configure::{Edit, Plan};
use crate::tui::effects::Freshness;

/// A question about how things are set up. Each names its answer, a
/// [`crate::tui::msg::SetupMsg`].
#[derive(Debug, Clone, PartialEq)]
pub enum SetupAsk {
    /// Everything about a profile. Answer: `Sheet`.
    Load {
        /// Comes back with the answer.
        ticket: u64,
        /// Which.
        profile: ProfileName,
        /// Whether the server is asked as well.
        freshness: Freshness,
    },
    /// What a change of a configuration would make different; changes nothing. Answer: `Planned`.
    Plan {
        /// Whose organisation.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// Which module.
        module: ModuleName,
        /// What shall become of it.
        edit: Edit,
    },
    /// Make a change that a person has seen. Answer: `Done`.
    Apply {
        /// Whose organisation.
        profile: ProfileName,
        /// The change.
        plan: Box<Plan>,
    },
    /// Make a profile the one that is used when none is named. Answer: `Done`.
    MakeDefault(ProfileName),
    /// Take a profile out of the configuration. Answer: `Done`.
    Remove(ProfileName),
    /// Revoke the grant and forget the tokens. Answer: `Done`.
    SignOut(ProfileName),
    /// Exchange a grant code for a profile that is there. Answer: `SignedIn`.
    SignIn(Login),
}

/// A grant code for a profile.
#[derive(Clone)]
pub struct Login {
    /// Which profile.
    pub profile: ProfileName,
    /// The grant code.
    pub code: Secret,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// Equal in what may be seen; secrets cannot be compared.
impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile
    }
}
