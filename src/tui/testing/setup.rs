//! What is known of a profile.

use crate::auth::AuthStatus;
use crate::auth::Reached;
use crate::ops::doctor::Check;
use crate::tui::app::op::Payload;
use crate::tui::data::setup::Overview;
use crate::tui::testing::Harness;
use crate::wire::settings::EnrichmentConfiguration;

fn at(text: &str) -> crate::base::Timestamp {
    format!("2026-11-24T{text}Z").parse().unwrap()
}

/// As after a look at the server.
pub(crate) fn overview() -> Overview {
    let inputs = [("email", Some("Email")), ("twitter", None)];
    Overview {
        profile: "us-prod".parse().unwrap(),
        is_default: true,
        limit: 1_500,
        reserve: 50,
        sign_in: Ok(AuthStatus {
            is_signed_in: true,
            refused: None,
            granted_at: Some(at("08:00:00")),
            scope: None,
            access_expires_at: Some(at("14:54:12")),
            calls_left: 9,
            next_call_at: None,
        }),
        reached: Reached {
            org_id: Some("57257670".to_owned()),
            org_name: Some("Acme Inc".to_owned()),
            user_id: Some("7".to_owned()),
            user_name: Some("Ada Lovelace".to_owned()),
            edition: Some("enterprise".to_owned()),
        },
        checks: vec![
            Check::fine("profile", "us-prod: US production"),
            Check::fine("scope ZohoCRM.org.READ", "granted"),
            Check::warning(
                "scope ZohoCRM.features.READ",
                "not granted: usage and limit come from the job list alone",
                "make a new grant code with it",
            ),
        ],
        configurations: Some(Ok(vec![EnrichmentConfiguration {
            id: "1".to_owned(),
            kind: "personal".to_owned(),
            module: "Leads".to_owned(),
            is_active: true,
            inputs: inputs
                .iter()
                .map(|(input, field)| ((*input).to_owned(), field.map(str::to_owned)))
                .collect(),
            outputs: [
                ("first_name", Some("First_Name")),
                ("primary_address_info_city", None),
            ]
            .map(|(output, field)| (output.to_owned(), field.map(str::to_owned)))
            .to_vec(),
            raw: serde_json::Value::Null,
        }])),
    }
}

/// A console at the Setup screen that has asked the server.
pub(crate) fn set_up(width: u16, height: u16) -> Harness {
    let mut harness = Harness::at_work(width, height);
    harness.press("Esc 5");
    harness.reply(Payload::LoadSetup(overview()));
    harness.effects.clear();
    harness
}

/// The set-up guide where it asks for the grant code, with everything before it filled in.
pub(crate) fn at_the_code(width: u16, height: u16) -> Harness {
    let mut harness = Harness::at_work(width, height);
    harness
        .press("F8 Enter Enter")
        .type_text("1000.ABCDEFGH")
        .press("Enter");
    harness.paste("0123456789abcdef\n");
    harness.press("Enter");
    harness.effects.clear();
    harness
}
