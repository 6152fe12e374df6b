//! The calls to the accounts host, as values: what is asked, what is answered, what can go wrong.

use futures_util::future::BoxFuture;
use url::Url;

use crate::base::Secret;

/// Asks for a new access token.
#[derive(Debug, Clone)]
pub struct RefreshRequest {
    /// The profile's accounts host.
    pub accounts_base: Url,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret,
    /// The refresh token.
    pub refresh_token: Secret,
}

/// Asks for the first tokens of a grant.
#[derive(Debug, Clone)]
pub struct ExchangeRequest {
    /// The profile's accounts host.
    pub accounts_base: Url,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret,
    /// The grant code, good for one use within minutes.
    pub code: Secret,
}

/// Asks that a refresh token and its access tokens be good no more.
#[derive(Debug, Clone)]
pub struct RevokeRequest {
    /// The profile's accounts host.
    pub accounts_base: Url,
    /// The refresh token.
    pub refresh_token: Secret,
}

/// What a token call was answered with.
#[derive(Debug, Clone)]
pub struct TokenGrant {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token; absent from the answer to a refresh (contract 4.2).
    pub refresh_token: Option<Secret>,
    /// How long the access token is good for.
    pub expires_in_seconds: u64,
    /// The host that the token is for.
    pub api_domain: Option<String>,
    /// The scopes of the grant.
    pub scope: Option<String>,
}

/// Why a token call gave no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenCallError {
    /// The server answered with an error of its own, such as `invalid_code`.
    #[error("the accounts server answered {error}")]
    Refused {
        /// The word of the answer.
        error: String,
    },
    /// The server said that there were too many calls.
    #[error("the accounts server asks for fewer calls")]
    Throttled,
    /// No connection was made.
    #[error("no connection to the accounts server: {0}")]
    NotSent(String),
    /// The call was made and its answer is of no use.
    #[error("the accounts server gave no usable answer: {0}")]
    Failed(String),
    /// The answer is for another host than the profile's.
    #[error("the token is for {0}, which is not this profile's host")]
    ApiDomain(String),
}

/// Who makes the calls. Each method makes at most one call and follows no redirect.
pub trait TokenEndpoint: Send + Sync {
    /// Gets a new access token.
    fn refresh(&self, request: RefreshRequest)
    -> BoxFuture<'_, Result<TokenGrant, TokenCallError>>;

    /// Gets the first tokens of a grant.
    fn exchange(
        &self,
        request: ExchangeRequest,
    ) -> BoxFuture<'_, Result<TokenGrant, TokenCallError>>;

    /// Ends a grant.
    fn revoke(&self, request: RevokeRequest) -> BoxFuture<'_, Result<(), TokenCallError>>;
}
