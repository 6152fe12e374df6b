//! Contract 1: the POST, and every row of its table of errors.

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::EnrichmentKind;
use ziadeck::simulator::{Edition, OrganisationSeed, Rules, SimulatorOptions};

use crate::client::{Answer, ORG, PEOPLE, call, enrich, enrich_in, quiet, start};

const AT: &str = "$.__zia_people_enrichment[0].enrich_based_on";

fn full() -> Value {
    json!({
        "name": "Ada Lovelace",
        "email": "ada@acme.example",
        "company": {"name": "Acme", "website": "www.acme.example"},
        "social": {"facebook": "facebook.com/ada", "linkedin": "linkedin.com/in/ada",
                   "twitter": "twitter.com/ada"},
    })
}

async fn post(path: &str, body: &str) -> Answer {
    call(&quiet().await, "POST", path, body).await
}

#[tokio::test]
async fn a_good_request_is_scheduled() {
    let simulator = quiet().await;

    let answer = enrich(&simulator, full()).await;

    assert_eq!(answer.status, 202);
    let id = answer.job_id();
    assert_eq!(id.len(), 19);
    assert_eq!(
        answer.json(),
        json!({"__zia_people_enrichment": [{
            "code": "SCHEDULED",
            "details": {"id": id},
            "message": "People Enrichment scheduled successfully",
            "status": "success",
        }]})
    );
    assert_eq!(answer.headers["Server"], "ZGS");
    assert_eq!(
        answer.headers["Content-Type"],
        "application/json;charset=UTF-8"
    );
    assert_eq!(
        answer.headers["Content-Disposition"],
        "attachment; filename=response.json"
    );
}

#[tokio::test]
async fn a_post_is_seen_with_what_it_was_answered() {
    let simulator = quiet().await;
    let control = simulator.control();

    let taken = enrich(&simulator, json!({"email": "ada@acme.example"})).await;
    enrich(&simulator, json!({"email": "ab"})).await;

    let log = control.posts_log();
    assert_eq!(control.posts(), 2);
    assert_eq!(log[0].module, "Leads");
    assert_eq!(log[0].token, "1000.simulator.access");
    assert!(log[0].body.contains("ada@acme.example"));
    assert_eq!(log[0].answered.status, Some(202));
    assert_eq!(log[0].answered.code.as_deref(), Some("SCHEDULED"));
    assert_eq!(log[0].answered.job_id, Some(taken.job_id()));
    assert_eq!(log[1].answered.status, Some(400));
    assert_eq!(log[1].answered.code.as_deref(), Some("INVALID_DATA"));
    assert_eq!(log[1].answered.job_id, None);
    assert_eq!(control.jobs().len(), 1);
    assert_eq!(control.used(EnrichmentKind::People), 1);
}

#[rstest]
#[case::unknown_key(json!({"fax": "12345"}), "fax", "fax", json!({}))]
#[case::short(json!({"email": "ab"}), "email", "email", json!({}))]
#[case::not_english(json!({"email": "añd@acme.example"}), "email", "email", json!({}))]
#[case::not_a_text(json!({"email": 12345}), "email", "email", json!({"expected_data_type": "text"}))]
#[case::null(json!({"email": null}), "email", "email", json!({"expected_data_type": "text"}))]
#[case::too_long(json!({"name": "x".repeat(151)}), "name", "name", json!({"maximum_length": 150}))]
#[case::not_an_object(json!({"company": "Acme"}), "company", "company",
    json!({"expected_data_type": "jsonobject"}))]
#[case::unknown_leaf(json!({"company": {"city": "Leeds"}}), "city", "company.city", json!({}))]
#[case::short_leaf(json!({"social": {"twitter": "ab"}}), "twitter", "social.twitter", json!({}))]
#[case::website_is_a_leaf(json!({"website": "www.acme.example"}), "website", "website", json!({}))]
#[case::document_order(json!({"social": {"twitter": "ab"}, "email": 1}), "twitter",
    "social.twitter", json!({}))]
#[tokio::test]
async fn a_wrong_input_is_named_in_the_wrapped_envelope(
    #[case] inputs: Value,
    #[case] api_name: &str,
    #[case] path: &str,
    #[case] more: Value,
) {
    let mut details = more.as_object().unwrap().clone();
    details.insert("api_name".into(), api_name.into());
    details.insert("json_path".into(), format!("{AT}.{path}").into());

    let answer = enrich(&quiet().await, inputs).await;

    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({"__zia_people_enrichment": [{
            "code": "INVALID_DATA",
            "details": details,
            "message": "invalid data",
            "status": "error",
        }]})
    );
}

#[tokio::test]
async fn a_name_of_150_characters_is_taken() {
    let inputs = json!({"name": "x".repeat(150), "company": {"name": "Acme"}});

    assert_eq!(enrich(&quiet().await, inputs).await.status, 202);
}

#[tokio::test]
async fn no_input_at_all_expects_one_of_four() {
    let answer = enrich(&quiet().await, json!({})).await;

    let field = |name: &str| json!({"api_name": name, "json_path": format!("{AT}.{name}")});
    assert_eq!(
        answer.item(),
        json!({
            "code": "EXPECTED_FIELD_MISSING",
            "details": {"expected_fields":
                [field("name"), field("email"), field("social"), field("company")]},
            "message": "Specify atleast one field",
            "status": "error",
        })
    );
}

#[rstest]
#[case(json!({"name": "Ada Lovelace"}), "company", "name")]
#[case(json!({"name": "Ada Lovelace", "email": "ada@acme.example"}), "company", "name")]
#[case(json!({"company": {"website": "www.acme.example"}}), "name", "company")]
#[tokio::test]
async fn name_and_company_need_each_other(
    #[case] inputs: Value,
    #[case] absent: &str,
    #[case] present: &str,
) {
    let answer = enrich(&quiet().await, inputs).await;

    assert_eq!(
        answer.item(),
        json!({
            "code": "DEPENDENT_FIELD_MISSING",
            "details": {
                "api_name": absent,
                "json_path": format!("{AT}.{absent}"),
                "dependee": {"api_name": present, "json_path": format!("{AT}.{present}")},
            },
            "message": format!("{absent} cannot be empty"),
            "status": "error",
        })
    );
}

#[tokio::test]
async fn a_rule_that_is_switched_off_lets_the_input_pass() {
    let simulator = start(SimulatorOptions {
        rules: Rules {
            company_needs_name: false,
            name_needs_company: false,
            english_only: false,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;

    for inputs in [
        json!({"name": "Ada"}),
        json!({"company": {"name": "Acme"}}),
        json!({"email": "añd@acme.example"}),
    ] {
        assert_eq!(enrich(&simulator, inputs).await.status, 202);
    }
}

#[tokio::test]
async fn an_input_that_is_not_mapped_is_not_allowed() {
    let answer = enrich_in(
        &quiet().await,
        "Contacts",
        json!({"social": {"facebook": "facebook.com/ada"}}),
    )
    .await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.item()["code"], "NOT_ALLOWED");
    assert_eq!(
        answer.item()["details"],
        json!({"api_name": "facebook", "json_path": format!("{AT}.social.facebook")})
    );
}

#[rstest]
#[case::disabled("Vendors")]
#[case::none("Event_Guests")]
#[case::only_for_organisations("Accounts")]
#[tokio::test]
async fn a_module_without_an_active_configuration_is_not_allowed(#[case] module: &str) {
    let answer = enrich_in(&quiet().await, module, full()).await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], "NOT_ALLOWED");
    assert_eq!(answer.json()["details"], json!({"param_name": "module"}));
}

#[rstest]
#[case::text(true, json!("1"))]
#[case::number(false, json!(1))]
#[tokio::test]
async fn the_request_after_the_last_unit_is_refused(#[case] as_text: bool, #[case] limit: Value) {
    let simulator = start(SimulatorOptions {
        limit: 1,
        rules: Rules {
            limit_as_text: as_text,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;

    let last = enrich(&simulator, full()).await;
    let refused = enrich(&simulator, full()).await;

    assert_eq!(last.status, 202);
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.item(),
        json!({
            "code": "LIMIT_EXCEEDED",
            "details": {
                "limit": limit,
                "limit_due_to": [{"api_name": "enrich_based_on", "json_path": AT}],
            },
            "message": "enrichment data limit exceeded",
            "status": "error",
        })
    );
    assert_eq!(simulator.control().used(EnrichmentKind::People), 1);
}

#[rstest]
#[case::no_module("", "REQUIRED_PARAM_MISSING", json!({"param_name": "module"}))]
#[case::empty_module("?module=", "REQUIRED_PARAM_MISSING", json!({"param_name": "module"}))]
#[case::other_module("?module=Deals", "INVALID_DATA", json!({"param_name": "module"}))]
#[case::bad_record("?module=Leads&record_id=12a", "INVALID_DATA", json!({"param_name": "record_id"}))]
#[case::long_record("?module=Leads&record_id=12345678901234567890", "INVALID_DATA",
    json!({"param_name": "record_id"}))]
#[tokio::test]
async fn a_wrong_parameter_is_named_in_the_flat_envelope(
    #[case] query: &str,
    #[case] code: &str,
    #[case] details: Value,
) {
    // The body is wrong as well: parameters are judged first.
    let answer = post(&format!("{PEOPLE}{query}"), "{").await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], code);
    assert_eq!(answer.json()["details"], details);
}

#[rstest]
#[case::not_json("{", "INVALID_DATA", json!({"expected_data_type": "jsonobject"}))]
#[case::empty("", "INVALID_DATA", json!({"expected_data_type": "jsonobject"}))]
#[case::no_root("{}", "MANDATORY_NOT_FOUND",
    json!({"api_name": "__zia_people_enrichment", "json_path": "$.__zia_people_enrichment"}))]
#[case::root_is_no_array(r#"{"__zia_people_enrichment":{}}"#, "INVALID_DATA",
    json!({"expected_data_type": "jsonarray", "api_name": "__zia_people_enrichment",
           "json_path": "$.__zia_people_enrichment"}))]
#[case::two(r#"{"__zia_people_enrichment":[{},{}]}"#, "INVALID_DATA",
    json!({"maximum_length": 1, "api_name": "__zia_people_enrichment",
           "json_path": "$.__zia_people_enrichment"}))]
#[case::no_object(r#"{"__zia_people_enrichment":[7]}"#, "INVALID_DATA",
    json!({"index": 0, "expected_data_type": "jsonobject",
           "json_path": "$.__zia_people_enrichment[0]"}))]
#[tokio::test]
async fn a_body_of_the_wrong_form_is_refused_flat(
    #[case] body: &str,
    #[case] code: &str,
    #[case] details: Value,
) {
    let answer = post(&format!("{PEOPLE}?module=Leads"), body).await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], code);
    assert_eq!(answer.json()["details"], details);
}

#[tokio::test]
async fn an_element_without_inputs_is_refused_wrapped() {
    let answer = post(
        &format!("{PEOPLE}?module=Leads"),
        r#"{"__zia_people_enrichment":[{"other":1}]}"#,
    )
    .await;

    assert_eq!(answer.item()["code"], "MANDATORY_NOT_FOUND");
    assert_eq!(
        answer.item()["details"],
        json!({"api_name": "enrich_based_on", "json_path": AT})
    );
}

#[tokio::test]
async fn several_elements_are_answered_one_by_one_where_the_rule_allows() {
    let simulator = start(SimulatorOptions {
        rules: Rules {
            elements_max: 3,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;
    let body = json!({"__zia_people_enrichment": [
        {"enrich_based_on": full()}, {"enrich_based_on": {"email": "ab"}},
    ]});

    let path = format!("{PEOPLE}?module=Leads");
    let answer = call(&simulator, "POST", &path, &body.to_string()).await;

    assert_eq!(answer.status, 207);
    let items = answer.json()["__zia_people_enrichment"].clone();
    assert_eq!(items[0]["code"], "SCHEDULED");
    assert_eq!(
        items[1]["details"]["json_path"],
        "$.__zia_people_enrichment[1].enrich_based_on.email"
    );
}

#[rstest]
#[case(Rules { feature_enabled: false, ..Rules::default() }, Edition::Ultimate, 400,
    "FEATURE_NOT_ENABLED")]
#[case(Rules::default(), Edition::Professional, 400, "FEATURE_NOT_SUPPORTED")]
#[case(Rules { may_manage: false, ..Rules::default() }, Edition::Ultimate, 403, "NO_PERMISSION")]
#[tokio::test]
async fn an_organisation_that_may_not_is_refused_before_its_input(
    #[case] rules: Rules,
    #[case] edition: Edition,
    #[case] status: u16,
    #[case] code: &str,
) {
    let simulator = start(SimulatorOptions {
        rules,
        organisation: OrganisationSeed {
            edition,
            ..SimulatorOptions::default().organisation
        },
        ..SimulatorOptions::default()
    })
    .await;

    let answer = call(&simulator, "POST", PEOPLE, "").await;

    assert_eq!(answer.status, status);
    assert_eq!(answer.json()["code"], code);
}

#[rstest]
#[case("POST", "/crm/v6/__zia_people_enrichment", 400, "API_NOT_SUPPORTED")]
#[case("GET", "/crm/v2.1/__zia_people_enrichment", 400, "API_NOT_SUPPORTED")]
#[case(
    "PATCH",
    "/crm/v7/__zia_people_enrichment",
    400,
    "INVALID_REQUEST_METHOD"
)]
#[case(
    "DELETE",
    "/crm/v7/__zia_people_enrichment/1",
    400,
    "INVALID_REQUEST_METHOD"
)]
#[case(
    "GET",
    "/crm/v7/__zia_people_enrichment/1/2",
    404,
    "INVALID_URL_PATTERN"
)]
#[case("GET", "/crm/v7/nonsense", 404, "INVALID_URL_PATTERN")]
#[case("GET", "/", 404, "INVALID_URL_PATTERN")]
#[tokio::test]
async fn a_wrong_path_verb_or_version_is_refused(
    #[case] method: &str,
    #[case] path: &str,
    #[case] status: u16,
    #[case] code: &str,
) {
    let answer = call(&quiet().await, method, path, "").await;

    assert_eq!(answer.status, status);
    assert_eq!(answer.json()["code"], code);
}

#[tokio::test]
async fn an_organisation_is_enriched_by_its_own_rules() {
    let simulator = quiet().await;
    let post = |module: &'static str, inputs: Value| {
        let simulator = &simulator;
        async move {
            let body = json!({"__zia_org_enrichment": [{"enrich_based_on": inputs}]});
            let path = format!("{ORG}?module={module}");
            call(simulator, "POST", &path, &body.to_string()).await
        }
    };

    let taken = post("Accounts", json!({"name": "Acme"})).await;
    let unmapped = post("Accounts", json!({"email": "a@acme.example"})).await;
    let unknown = post("Accounts", json!({"company": {"name": "Acme"}})).await;
    let empty = post("Leads", json!({})).await;
    let no_module = post("Deals", json!({})).await;

    assert_eq!(taken.status, 202);
    assert_eq!(
        taken.item()["message"],
        "Org Enrichment scheduled successfully"
    );
    assert_eq!(unmapped.item()["code"], "NOT_ALLOWED");
    assert_eq!(unknown.item()["code"], "INVALID_DATA");
    assert_eq!(empty.item()["code"], "EXPECTED_FIELD_MISSING");
    assert_eq!(
        no_module.json()["message"],
        "The given module is not supported for Org Enrichment"
    );
    assert_eq!(simulator.control().used(EnrichmentKind::Org), 1);
    assert_eq!(simulator.control().used(EnrichmentKind::People), 0);
}

#[rstest]
#[case(255, 202)]
#[case(256, 400)]
#[tokio::test]
async fn the_name_of_an_organisation_has_its_own_bound(#[case] chars: usize, #[case] status: u16) {
    let inputs = json!({"name": "x".repeat(chars)});
    let body = json!({"__zia_org_enrichment": [{"enrich_based_on": inputs}]});

    let answer = post(&format!("{ORG}?module=Accounts"), &body.to_string()).await;

    assert_eq!(answer.status, status);
}

#[tokio::test]
async fn ids_are_unique_across_concurrent_posts() {
    let simulator = quiet().await;

    let posts = (0..40).map(|n| enrich(&simulator, json!({"email": format!("p{n}@a.example")})));
    let mut ids: Vec<String> = futures_util::future::join_all(posts)
        .await
        .iter()
        .map(Answer::job_id)
        .collect();

    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 40);
    assert_eq!(simulator.control().posts(), 40);
}
