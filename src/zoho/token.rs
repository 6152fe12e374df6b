//! The token endpoint over HTTP. Secrets go in the form body, never in a query (contract 4.2).
//!
//! Its answers are read as they are, for tokens are what was asked for: the tokens are learned, and
//! everything else of such an answer is struck here.

use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::client::ZohoClient;
use super::patience::Patience;
use super::reading::Body;
use crate::auth::{
    ExchangeRequest, RefreshRequest, RevokeRequest, TokenCallError, TokenEndpoint, TokenGrant,
};
use crate::base::limits::ANSWER_BYTES_MAX;
use crate::base::{Sanitized, Secret};
use crate::wire::oauth::{TokenAnswer, read_token};

/// Calls of the accounts host of one profile.
#[derive(Debug, Clone)]
pub struct ZohoTokens {
    client: ZohoClient,
}

impl ZohoTokens {
    /// Calls through this client.
    pub fn new(client: ZohoClient) -> Self {
        Self { client }
    }

    fn learn(&self, secrets: &[&Secret]) {
        for secret in secrets {
            self.client.secrets().learn(secret);
        }
    }

    async fn grant(&self, form: &[(&str, &str)]) -> Result<TokenGrant, TokenCallError> {
        let (status, body) = self
            .post(self.client.endpoints().oauth(&["token"]), form)
            .await?;
        let json: Value = serde_json::from_slice(&body)
            .map_err(|_| TokenCallError::Failed(format!("HTTP {status} without JSON")))?;
        match read_token(&json) {
            TokenAnswer::Granted(token) => {
                let secrets = self.client.secrets();
                secrets.learn(&token.access_token);
                token.refresh_token.iter().for_each(|it| secrets.learn(it));
                Ok(TokenGrant {
                    access_token: token.access_token,
                    refresh_token: token.refresh_token,
                    expires_in_seconds: token.expires_in,
                    api_domain: token.api_domain.map(|base| secrets.strike_text(&base)),
                    scope: token.scope.map(|scope| secrets.strike_scopes(&scope)),
                })
            }
            TokenAnswer::Refused(error) => Err(TokenCallError::Refused {
                error: Sanitized::new(&self.client.secrets().strike_text(&error))
                    .truncate(64)
                    .as_str()
                    .to_owned(),
            }),
            TokenAnswer::Throttled => Err(TokenCallError::Throttled),
            TokenAnswer::Unreadable => Err(TokenCallError::Failed(format!(
                "HTTP {status} without a token"
            ))),
        }
    }

    async fn post(
        &self,
        url: Url,
        form: &[(&str, &str)],
    ) -> Result<(u16, Vec<u8>), TokenCallError> {
        let request = self
            .client
            .request(Method::POST, url, None)
            .map_err(|error| TokenCallError::NotSent(error.to_string()))?;
        let response = request.form(form).send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                TokenCallError::NotSent(self.client.why(error))
            } else {
                TokenCallError::Failed(self.client.why(error))
            }
        })?;
        let status = response.status();
        if status.is_redirection() {
            let host = response
                .headers()
                .get(reqwest::header::LOCATION)
                .and_then(|to| Url::parse(to.to_str().ok()?).ok())
                .and_then(|to| Some(self.client.secrets().strike_text(to.host_str()?)))
                .map(|host| Sanitized::new(&host).to_string())
                .unwrap_or_else(|| "an unnamed place".to_owned());
            return Err(TokenCallError::Failed(format!(
                "HTTP {} redirect to {host}, not followed",
                status.as_u16()
            )));
        }
        let mut patience = Patience::of_the_client();
        match self
            .client
            .read(response, ANSWER_BYTES_MAX, &mut patience)
            .await
        {
            Body::Whole(bytes) => Ok((status.as_u16(), bytes)),
            Body::Cut { why, .. } => Err(TokenCallError::Failed(why)),
        }
    }
}

impl TokenEndpoint for ZohoTokens {
    fn refresh(
        &self,
        request: RefreshRequest,
    ) -> BoxFuture<'_, Result<TokenGrant, TokenCallError>> {
        Box::pin(async move {
            self.learn(&[&request.client_secret, &request.refresh_token]);
            self.grant(&[
                ("grant_type", "refresh_token"),
                ("client_id", &request.client_id),
                ("client_secret", request.client_secret.expose()),
                ("refresh_token", request.refresh_token.expose()),
            ])
            .await
        })
    }

    fn exchange(
        &self,
        request: ExchangeRequest,
    ) -> BoxFuture<'_, Result<TokenGrant, TokenCallError>> {
        Box::pin(async move {
            self.learn(&[&request.client_secret, &request.code]);
            self.grant(&[
                ("grant_type", "authorization_code"),
                ("client_id", &request.client_id),
                ("client_secret", request.client_secret.expose()),
                ("code", request.code.expose()),
            ])
            .await
        })
    }

    fn revoke(&self, request: RevokeRequest) -> BoxFuture<'_, Result<(), TokenCallError>> {
        Box::pin(async move {
            self.learn(&[&request.refresh_token]);
            let url = self.client.endpoints().oauth(&["token", "revoke"]);
            let form = [("token", request.refresh_token.expose())];
            let (status, body) = self.post(url, &form).await?;
            let is_done = serde_json::from_slice::<Value>(&body)
                .ok()
                .and_then(|json| json.get("status")?.as_str().map(|word| word == "success"))
                .unwrap_or(false);
            if is_done {
                Ok(())
            } else {
                Err(TokenCallError::Failed(format!("HTTP {status}")))
            }
        })
    }
}
