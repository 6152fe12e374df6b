//! The accounts server: token, revoke, serverinfo, and what a scope covers (contract 4).
//!
//! Lenient unless `strict_oauth`: any client, any code once, so that everybody can try. Errors come
//! with HTTP 200 and `error`, the throttle with 400 and `status:"failure"`, as captured from the
//! live service.

use serde_json::{Value, json};

use super::replies::Reply;
use super::route::ALL_SCOPES;
use super::state::State;
use super::tokens::{ACCESS_LIFE, Minted};

const CODE_WITH_SCOPES: &str = "code-with-scopes:";

fn refused(error: &str) -> Reply {
    Reply::json(200, json!({ "error": error }))
}

fn throttled() -> Reply {
    Reply::json(
        400,
        json!({
            "error_description":
                "You have made too many requests continuously. Please try again after some time.",
            "error": "Access Denied",
            "status": "failure",
        }),
    )
}

/// The scopes that a grant code asks for in its own text; `#…` after them makes it another code.
fn scopes_of_code(code: &str) -> Vec<String> {
    match code.strip_prefix(CODE_WITH_SCOPES) {
        None => ALL_SCOPES.map(str::to_owned).to_vec(),
        Some(list) => list
            .split('#')
            .next()
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

/// `POST /oauth/v2/token`, with its parameters in the body or in the query.
pub(super) fn token(state: &mut State, fields: &[(String, String)]) -> Reply {
    state.tokens.calls += 1;
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let client_id = field("client_id");
    if client_id.is_empty() || client_id.starts_with("bad") {
        return refused("invalid_client");
    }
    let secret = field("client_secret");
    if secret.is_empty() || secret.starts_with("bad") {
        return refused("invalid_client_secret");
    }
    let (now, strict) = (state.clock.monotonic(), state.rules.strict_oauth);
    match field("grant_type") {
        "authorization_code" => {
            let code = field("code");
            if !state.tokens.take_code(code, now, strict) {
                return refused("invalid_code");
            }
            let refresh = state.tokens.grant(client_id, scopes_of_code(code));
            answer(state, &refresh, Some(&refresh))
        }
        "refresh_token" => {
            let refresh = field("refresh_token");
            if strict && state.tokens.is_of_another(refresh, client_id) {
                return refused("invalid_code");
            }
            answer(state, refresh, None)
        }
        _ => refused("unsupported_grant_type"),
    }
}

fn answer(state: &mut State, refresh: &str, shown_refresh: Option<&str>) -> Reply {
    let (now, wall) = (state.clock.monotonic(), state.now());
    let (token, scopes) = match state.tokens.mint(refresh, now, wall) {
        Minted::Token { token, scopes } => (token, scopes),
        Minted::Throttled => return throttled(),
        Minted::NoSuchGrant => return refused("invalid_code"),
    };
    let mut body = serde_json::Map::new();
    body.insert("access_token".into(), token.into());
    if let Some(refresh) = shown_refresh {
        body.insert("refresh_token".into(), refresh.into());
    }
    body.insert("scope".into(), scopes.join(" ").into());
    body.insert("api_domain".into(), state.base_url.clone().into());
    body.insert("token_type".into(), "Bearer".into());
    body.insert("expires_in".into(), ACCESS_LIFE.as_secs().into());
    Reply::json(200, Value::Object(body))
}

/// `POST /oauth/v2/token/revoke`, with the token in the query or in the body.
pub(super) fn revoke(state: &mut State, fields: &[(String, String)]) -> Reply {
    let token = fields
        .iter()
        .find(|(key, _)| key == "token")
        .map_or("", |(_, value)| value.as_str());
    if state.tokens.revoke(token) {
        Reply::json(200, json!({"status": "success"}))
    } else {
        Reply::json(400, json!({"error": "invalid_token"}))
    }
}

/// `GET /oauth/serverinfo`: this simulator plays every location.
pub(super) fn server_info(state: &State) -> Reply {
    let code = state.data_center.code().to_ascii_lowercase();
    Reply::json(
        200,
        json!({"result": "success", "locations": {code: state.base_url}}),
    )
}

/// Whether scopes cover a wanted one. Names are compared without case. A scope covers what is
/// below it: `ZohoCRM.modules.ALL` covers `ZohoCRM.modules.leads.READ`; `ALL` covers every verb.
pub(super) fn covers(granted: &[String], wanted: &str) -> bool {
    let wanted = wanted.to_ascii_lowercase();
    let Some((area, verb)) = wanted.rsplit_once('.') else {
        return false;
    };
    granted.iter().any(|scope| {
        let scope = scope.to_ascii_lowercase();
        scope.rsplit_once('.').is_some_and(|(own_area, own_verb)| {
            let within = area == own_area
                || area
                    .strip_prefix(own_area)
                    .is_some_and(|rest| rest.starts_with('.'));
            within && (own_verb == verb || own_verb == "all")
        })
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ZohoCRM.settings.intelligence.ALL", true)]
    #[case("zohocrm.settings.Intelligence.All", true)]
    #[case("ZohoCRM.settings.intelligence.READ", true)]
    #[case("ZohoCRM.settings.ALL", true)]
    #[case("ZohoCRM.settings.intelligence.CREATE", false)]
    #[case("ZohoCRM.set.ALL", false)]
    #[case("ZohoCRM.settings.modules.ALL", false)]
    #[case("nonsense", false)]
    fn a_scope_covers_what_is_below_it(#[case] granted: &str, #[case] expected: bool) {
        let granted = [granted.to_owned()];

        assert_eq!(
            covers(&granted, "ZohoCRM.settings.intelligence.READ"),
            expected
        );
    }
}
