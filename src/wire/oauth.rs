//! Answers of the token endpoint (contract 4.2). Errors come with HTTP 200 and, for the throttle,
//! with 400 or 200 and a localised text: only the presence of `access_token` decides.

use serde_json::Value;

use crate::base::Secret;

/// What the token endpoint said.
#[derive(Debug, Clone)]
pub enum TokenAnswer {
    /// A token.
    Granted(GrantedToken),
    /// `{"error": …}`: the word is kept.
    Refused(String),
    /// Too many tokens in ten minutes.
    Throttled,
    /// Neither.
    Unreadable,
}

/// The fields of a granted token.
#[derive(Debug, Clone)]
pub struct GrantedToken {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token; only in answers to a grant code.
    pub refresh_token: Option<Secret>,
    /// Life time in seconds; 3,600 where none is given.
    pub expires_in: u64,
    /// The API's base URL.
    pub api_domain: Option<String>,
    /// Scopes, where the answer names them and they are no longer than any grant's.
    pub scope: Option<String>,
}

/// Most bytes of the scopes of a grant; ours name about twenty, which are 500.
const SCOPE_BYTES_MAX: usize = 8 << 10;

/// Reads an answer of the token endpoint.
pub fn read_token(body: &Value) -> TokenAnswer {
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    // Blanks alone are no secret: kept, they would take the place of one.
    let secret = |key: &str| {
        let text = text(key).filter(|text| !text.trim().is_empty());
        text.as_deref().map(Secret::new)
    };
    if let Some(access_token) = secret("access_token") {
        return TokenAnswer::Granted(GrantedToken {
            access_token,
            refresh_token: secret("refresh_token"),
            expires_in: seconds(body.get("expires_in")).unwrap_or(3_600),
            api_domain: text("api_domain"),
            scope: text("scope").filter(|scope| scope.len() <= SCOPE_BYTES_MAX),
        });
    }
    if text("status").is_some_and(|status| status == "failure") {
        return TokenAnswer::Throttled;
    }
    match text("error") {
        Some(error) => TokenAnswer::Refused(error),
        None => TokenAnswer::Unreadable,
    }
}

fn seconds(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scopes_without_end_are_not_kept() {
        let scope = |bytes| {
            let body = json!({"access_token": "a", "scope": "s".repeat(bytes)});
            let TokenAnswer::Granted(token) = read_token(&body) else {
                panic!()
            };
            token.scope.map(|scope| scope.len())
        };

        assert_eq!(scope(SCOPE_BYTES_MAX), Some(SCOPE_BYTES_MAX));
        assert_eq!(scope(100_000), None);
    }

    #[test]
    fn a_refresh_has_no_refresh_token() {
        let answer = read_token(
            &json!({"access_token":"a","api_domain":"https://www.zohoapis.com","token_type":"Bearer","expires_in":3600}),
        );

        let TokenAnswer::Granted(token) = answer else {
            panic!("{answer:?}");
        };
        assert!(token.refresh_token.is_none());
        assert_eq!(token.expires_in, 3_600);
    }

    #[test]
    fn blanks_are_no_token() {
        let none = read_token(&json!({"access_token":" \t","refresh_token":"r"}));
        let one = read_token(&json!({"access_token":"a","refresh_token":" "}));

        assert!(matches!(none, TokenAnswer::Unreadable));
        assert!(matches!(one, TokenAnswer::Granted(token) if token.refresh_token.is_none()));
    }

    #[test]
    fn the_throttle_is_known_in_any_language() {
        let answer = read_token(
            &json!({"error_description":"您的请求过于频繁","error":"Access Denied","status":"failure"}),
        );

        assert!(matches!(answer, TokenAnswer::Throttled));
    }

    #[test]
    fn an_error_with_http_200_is_an_error() {
        let answer = read_token(&json!({"error":"invalid_code"}));

        assert!(matches!(answer, TokenAnswer::Refused(error) if error == "invalid_code"));
    }
}
