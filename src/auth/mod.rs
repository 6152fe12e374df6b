//! Signing in: client secrets, credential files, access tokens.
//!
//! Owns every token. Refuses a secret in a file that others could read or replace, and a token
//! for a host that is not the profile's own. Keeps two promises across processes and restarts: one
//! refresh at a time for a profile, and no more token calls than Zoho allows (TV8). No HTTP here:
//! the calls are made by whoever implements [`TokenEndpoint`].
//!
//! ```text
//!  login(code) ─► exchange ─► <profile>.toml ─┐
//!                                             ▼
//!  access_token() ─► in memory? ─► on disk? ─► lock ─► on disk by now? ─► count ─► refresh
//!        ▲               │ yes        │ yes                │ yes                      │
//!        └───────────────┴────────────┴────────────────────┴──────────────────────────┘
//!  invalidate(token)  after a 401: that very token is not used again
//!  reached(): whose organisation the tokens reach, kept beside them
//!  logout() ─► revoke ─► the file is removed, also when revoking failed
//! ```

mod calls;
mod client_secret;
mod endpoint;
mod error;
mod grant;
mod private_file;
mod reached;
mod secret_reader;
mod session;
mod source;
mod store;

#[cfg(test)]
mod tests;

pub use calls::Refusal;
pub use client_secret::keep_client_secret;
pub use endpoint::{
    ExchangeRequest, RefreshRequest, RevokeRequest, TokenCallError, TokenEndpoint, TokenGrant,
};
pub use error::AuthError;
pub use reached::{Reached, mark};
pub use secret_reader::SecretReader;
pub use session::{AuthStatus, Logout};
pub use source::{AccessToken, Account, TokenSource};
pub use store::CredentialStore;
