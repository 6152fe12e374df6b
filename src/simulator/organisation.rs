//! Who the organisation and the caller are, and how much of the limit is used (contract 3).

use serde_json::json;

use super::http::Request;
use super::jobs::stamp_with_offset;
use super::options::Edition;
use super::replies::{self, Reply, flat};
use super::route::Route;
use super::state::State;
use crate::base::{DataCenter, EnrichmentKind, ErrorCode};

/// `GET /org`.
pub(super) fn organisation(state: &State) -> Reply {
    let seed = &state.organisation;
    let (country, zone, currency) = match state.data_center {
        DataCenter::Us => ("US", "America/Chicago", "USD"),
        DataCenter::In => ("IN", "Asia/Kolkata", "INR"),
        DataCenter::Au => ("AU", "Australia/Melbourne", "AUD"),
        DataCenter::Ca => ("CA", "America/Toronto", "CAD"),
        DataCenter::Sa => ("SA", "Asia/Riyadh", "SAR"),
    };
    let zgid: String = seed
        .id
        .chars()
        .filter(char::is_ascii_digit)
        .take(8)
        .collect();
    let year = std::time::Duration::from_secs(300 * 86_400);
    let now = state.now();
    let paid = seed.edition != Edition::Free;
    Reply::json(
        200,
        json!({"org": [{
            "country": country,
            "photo_id": null,
            "city": null,
            "description": null,
            "mc_status": false,
            "gapps_enabled": false,
            "domain_name": format!("org{zgid}"),
            "translation_enabled": false,
            "street": null,
            "alias": null,
            "currency": currency,
            "id": seed.id,
            "state": null,
            "fax": null,
            "employee_count": null,
            "zip": null,
            "website": null,
            "currency_symbol": currency,
            "mobile": null,
            "currency_locale": "en_US",
            "primary_zuid": format!("1{zgid}"),
            "zia_portal_id": null,
            "time_zone": zone,
            "zgid": zgid,
            "country_code": country,
            "license_details": {
                "paid_expiry": paid.then(|| {
                    stamp_with_offset(now.checked_add(year).unwrap_or(now))
                }),
                "users_license_purchased": seed.users,
                "trial_type": null,
                "trial_expiry": null,
                "paid": paid,
                "paid_type": seed.edition.as_str(),
            },
            "phone": null,
            "company_name": seed.name,
            "privacy_settings": false,
            "primary_email": "admin@org.example",
            "hipaa_compliance_enabled": false,
            "iso_code": currency,
            "type": seed.environment.as_str(),
        }]}),
    )
}

/// `GET /users?type=CurrentUser`, and the few users there are for any other type.
pub(super) fn users(state: &State, request: &Request) -> Reply {
    const TYPES: [&str; 4] = ["CurrentUser", "AllUsers", "ActiveUsers", "AdminUsers"];
    let wanted = request.param("type").unwrap_or("AllUsers");
    if !TYPES.contains(&wanted) {
        return replies::param_unsupported("type", &TYPES);
    }
    let caller = state.caller();
    let (first, last) = caller.name.split_once(' ').unwrap_or(("", &caller.name));
    Reply::json(
        200,
        json!({
            "users": [{
                "country": null,
                "language": "en_US",
                "microsoft": false,
                "id": caller.id,
                "profile": {"name": "Administrator", "id": state.ids.fixed(26_011)},
                "first_name": first,
                "last_name": last,
                "full_name": caller.name,
                "email": "robin.castellan@org.example",
                "role": {"name": "CEO", "id": state.ids.fixed(26_005)},
                "time_zone": "Etc/UTC",
                "zuid": "10745231",
                "confirm": true,
                "status": "active",
            }],
            "info": {"per_page": 200, "count": 1, "page": 1, "more_records": false},
        }),
    )
}

/// `GET /__features/{feature}`. 204 when the edition lacks it (OAS26). Which counts appear for
/// data enrichment is unseen; all three of OAS25 are given.
pub(super) fn feature(state: &State, name: &str) -> Reply {
    let kind = match name {
        "data_enrichment" | "people_enrichment" => EnrichmentKind::People,
        "org_enrichment" => EnrichmentKind::Org,
        _ => return Reply::no_content(),
    };
    if !state.organisation.edition.has_enrichment() {
        return Reply::no_content();
    }
    let used = state.used(kind);
    Reply::json(
        200,
        json!({"__features": [{
            "components": [],
            "api_name": name,
            "parent_feature": null,
            "details": {
                "limits": {"total": state.limit, "edition_limit": state.limit},
                "used_count": {"total": used},
                "available_count": {"total": state.limit.saturating_sub(used)},
            },
            "feature_label": "Data Enrichment",
            "module_supported": true,
        }]}),
    )
}

/// Why the organisation or the user may not use enrichment at all: permission, switch, edition.
pub(super) fn feature_refusal(state: &State, request: &Request, route: &Route) -> Option<Reply> {
    const MANAGE: &str = "Crm_Implied_Manage_Data_Enrichment";
    const VIEW: &str = "Crm_Implied_View_Data_Enrichment";
    let (allowed, needed) = match request.method.as_str() {
        "GET" => (state.rules.may_view, json!([MANAGE, VIEW])),
        _ => (state.rules.may_manage, json!([MANAGE])),
    };
    if !allowed {
        // The configuration names the permissions, jobs do not (OAS26).
        let details = match route {
            Route::Configurations | Route::AllowedMappings | Route::Configuration(_) => {
                json!({ "permissions": needed })
            }
            _ => json!({}),
        };
        return Some(flat(
            403,
            ErrorCode::NoPermission,
            details,
            "No permission to access this feature",
        ));
    }
    if !state.rules.feature_enabled {
        let (code, message) = (
            ErrorCode::FeatureNotEnabled,
            "Data Enrichment feature not enabled",
        );
        // One job is the odd one out: OAS26 shows its answer wrapped.
        return Some(match route {
            Route::Job(kind, _) => {
                let item = replies::error(code.as_str(), json!({}), message);
                Reply::json(400, replies::rooted(*kind, vec![item]))
            }
            _ => flat(400, code, json!({}), message),
        });
    }
    if !state.organisation.edition.has_enrichment() {
        return Some(flat(
            400,
            ErrorCode::FeatureNotSupported,
            json!({}),
            "Your License does not support this feature",
        ));
    }
    None
}
