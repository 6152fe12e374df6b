//! From a request to its answer: resource, verb, token, scope, version, feature, then the
//! resource itself. Earlier refusals win.

use serde_json::json;

use super::allowed_mappings;
use super::configuration;
use super::configuration_write;
use super::enrichment;
use super::http::{Request, form};
use super::oauth;
use super::organisation;
use super::records;
use super::replies::{self, Reply, flat};
use super::route::{Located, Part, Route, Terms, VERSION_MIN, scope, terms};
use super::state::State;
use crate::base::ErrorCode;

/// Answers a request and changes the state as the API would.
pub(super) fn answer(state: &mut State, request: &Request, located: &Located) -> Reply {
    let Some(version) = located.version else {
        return accounts(state, request, &located.route);
    };
    let Some(terms) = terms(&located.route) else {
        return replies::invalid_url();
    };
    if !terms.verbs.contains(&request.method.as_str()) {
        return replies::invalid_method();
    }
    if let Some(refused) = sign_in_refusal(state, request, &terms) {
        return refused;
    }
    let needs_feature = terms.part == Part::Enrichment;
    if needs_feature && version < VERSION_MIN {
        return flat(
            400,
            ErrorCode::ApiNotSupported,
            json!({"supported_version": VERSION_MIN / 10}),
            "the API is not supported in this version",
        );
    }
    if needs_feature
        && let Some(refused) = organisation::feature_refusal(state, request, &located.route)
    {
        return refused;
    }
    resource(state, request, &located.route)
}

fn accounts(state: &mut State, request: &Request, route: &Route) -> Reply {
    let mut fields = request.query.clone();
    fields.extend(form(&request.body));
    match (route, request.method.as_str()) {
        (Route::Token, "POST") => oauth::token(state, &fields),
        (Route::Revoke, "POST") => oauth::revoke(state, &fields),
        (Route::ServerInfo, "GET") => oauth::server_info(state),
        (Route::Token | Route::Revoke | Route::ServerInfo, _) => replies::invalid_method(),
        _ => replies::invalid_url(),
    }
}

/// The token of the Authorization header. The scheme is Zoho's own; `Bearer` is not a token.
pub(super) fn presented_token(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("zoho-oauthtoken") && !token.is_empty()).then_some(token)
}

fn sign_in_refusal(state: &State, request: &Request, terms: &Terms) -> Option<Reply> {
    let Some(token) = presented_token(request) else {
        return Some(flat(
            401,
            ErrorCode::AuthenticationFailure,
            json!({}),
            "Authentication failed",
        ));
    };
    let Some(access) = state.tokens.find(token, state.clock.monotonic()) else {
        return Some(flat(
            401,
            ErrorCode::InvalidToken,
            json!({}),
            "invalid oauth token",
        ));
    };
    (!oauth::covers(&access.scopes, &scope(&terms.area, &request.method))).then(|| {
        flat(
            401,
            ErrorCode::OauthScopeMismatch,
            json!({}),
            "invalid oauth scope to access this URL",
        )
    })
}

fn resource(state: &mut State, request: &Request, route: &Route) -> Reply {
    match (route, request.method.as_str()) {
        (Route::Enrichment(kind), "POST") => enrichment::create(state, *kind, request),
        (Route::Enrichment(kind), _) => enrichment::list(state, *kind, request),
        (Route::Job(kind, id), _) => enrichment::get(state, *kind, id),
        (Route::Configurations, "POST") => configuration_write::create(state, request),
        (Route::Configurations, "PUT") => configuration_write::update(state, None, request),
        (Route::Configurations, _) => configuration::list(state),
        (Route::AllowedMappings, _) => allowed_mappings::get(state, request),
        (Route::Configuration(id), "PUT") => configuration_write::update(state, Some(id), request),
        (Route::Configuration(id), "DELETE") => configuration::delete(state, id),
        (Route::Configuration(id), _) => configuration::get(state, id),
        (Route::Feature(name), _) => organisation::feature(state, name),
        (Route::Modules, _) => records::modules(state, request),
        (Route::Fields, _) => records::fields_of(state, request),
        (Route::Organisation, _) => organisation::organisation(state),
        (Route::Users, _) => organisation::users(state, request),
        (Route::Records(module), _) => records::list(state, module, request),
        (Route::Search(module), _) => records::search(state, module, request),
        (Route::Record(module, id), _) => records::get(state, module, id, request),
        (Route::Token | Route::Revoke | Route::ServerInfo | Route::Unknown, _) => {
            replies::invalid_url()
        }
    }
}
