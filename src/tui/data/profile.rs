//! Profiles as the console shows them.

use crate::base::{ApiVersion, DataCenter, Environment, ProfileName, Timestamp};
use crate::config::ConfirmRule;
use crate::ops::doctor::Missing;
use crate::theme::Role;

/// All profiles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profiles {
    /// In the order of the configuration.
    pub list: Vec<ProfileFigures>,
    /// The one to start with.
    pub start_with: Option<ProfileName>,
    /// The one that this user sent with last, if any.
    pub last_sent: Option<ProfileName>,
}

/// One profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFigures {
    /// Its name.
    pub name: ProfileName,
    /// Where.
    pub data_center: DataCenter,
    /// Which organisation there.
    pub environment: Environment,
    /// The API's version.
    pub api_version: ApiVersion,
    /// Whether it can send.
    pub state: ProfileState,
    /// The organisation's name, once it was asked.
    pub organisation: Option<String>,
    /// Until when the access token lives, if there is one.
    pub token_until: Option<Timestamp>,
    /// Which server.
    pub server: Server,
    /// The module that a new draft starts with.
    pub default_module: Option<String>,
    /// The OAuth scopes that its grant code is made for, separated by commas.
    pub scopes: String,
    /// When a send is asked about although nothing speaks against it.
    pub confirm: ConfirmRule,
    /// Whether nothing is sent with it.
    pub is_read_only: bool,
}

impl ProfileFigures {
    /// The colour of its environment.
    pub fn role(&self) -> Role {
        match self.environment {
            Environment::Production => Role::Production,
            Environment::Sandbox | Environment::Developer => Role::Sandbox,
        }
    }

    /// The organisation's name, or that nobody knows it.
    pub fn organisation(&self) -> &str {
        self.organisation
            .as_deref()
            .unwrap_or("organisation not known")
    }

    /// Where its requests go, and the colour of that.
    pub fn destination(&self) -> (Role, String) {
        (self.role(), format!("{} · {}", self.name, self.environment))
    }
}

/// Whether a profile can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileState {
    /// Not signed in.
    NotSetUp,
    /// Signed in; the access token has run out and the next request renews it.
    TokenExpired,
    /// Signed in.
    Ready,
}

impl ProfileState {
    /// The mark in the selector.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::NotSetUp => "○",
            Self::TokenExpired => "◐",
            Self::Ready => "●",
        }
    }

    /// The same in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSetUp => "not set up",
            Self::TokenExpired => "token expired",
            Self::Ready => "ready",
        }
    }
}

/// Which server a profile talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Zoho's.
    Zoho,
    /// One on this machine; nothing it does costs anything.
    Simulated,
}

/// What the set-up guide achieved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The profile that was saved.
    pub profile: ProfileName,
    /// The organisation of the test call.
    pub organisation: Option<String>,
    /// The user that the token belongs to.
    pub user: Option<String>,
    /// The scopes that the grant lacks.
    pub missing: Vec<Missing>,
    /// All profiles, the new one among them.
    pub profiles: Profiles,
}
