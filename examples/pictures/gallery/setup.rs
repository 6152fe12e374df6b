//! What the Setup screen tells of an invented profile.

use ziadeck::auth::AuthStatus;
use ziadeck::auth::Reached;
use ziadeck::base::{ProfileName, Timestamp};
use ziadeck::ops::doctor::Check;
use ziadeck::tui::data::setup::Overview;
use ziadeck::wire::settings::EnrichmentConfiguration;

use super::Trouble;

/// After a look at the server: signed in, and one input is not mapped.
pub(crate) fn overview(profile: ProfileName, limit: u64) -> Result<Overview, Trouble> {
    let at = |time: &str| format!("2026-11-24T{time}Z").parse::<Timestamp>();
    Ok(Overview {
        profile,
        is_default: true,
        limit,
        reserve: 50,
        sign_in: Ok(AuthStatus {
            is_signed_in: true,
            refused: None,
            granted_at: Some(at("08:00:00")?),
            scope: None,
            access_expires_at: Some(at("14:54:12")?),
            calls_left: 9,
            next_call_at: None,
        }),
        reached: Reached {
            org_id: Some("57257670".to_owned()),
            org_name: Some("Acme Inc".to_owned()),
            user_id: Some("7".to_owned()),
            user_name: Some("Ada Lindgren".to_owned()),
            edition: Some("enterprise".to_owned()),
        },
        checks: checks(),
        configurations: Some(Ok(vec![configuration()])),
    })
}

fn checks() -> Vec<Check> {
    vec![
        Check::fine("scope ZohoCRM.settings.intelligence.ALL", "granted"),
        Check::fine("scope ZohoCRM.org.READ", "granted"),
        Check::warning(
            "scope ZohoCRM.features.READ",
            "not granted: usage and limit come from the job list alone",
            "make a new grant code with it",
        ),
        Check::fine("accounts host", "accounts.zoho.com answers (HTTP 200)"),
        Check::fine("clock", "agrees with the server"),
        Check::fine(
            "ledger",
            "1204 attempts, 1007 jobs, 7 runs; sound, format 2",
        ),
    ]
}

fn configuration() -> EnrichmentConfiguration {
    let inputs = [
        ("name", Some("Full_Name")),
        ("email", Some("Email")),
        ("org_name", Some("Company")),
        ("org_website", Some("Website")),
        ("linkedin", Some("LinkedIn_URL")),
        ("facebook", None),
        ("twitter", None),
    ];
    EnrichmentConfiguration {
        id: "5725767000000410001".to_owned(),
        kind: "personal".to_owned(),
        module: "Leads".to_owned(),
        is_active: true,
        inputs: inputs
            .into_iter()
            .map(|(input, field)| (input.to_owned(), field.map(str::to_owned)))
            .collect(),
        outputs: Vec::new(),
        raw: serde_json::Value::Null,
    }
}
