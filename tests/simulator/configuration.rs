//! Contract 3 and 9: what may be mapped, and configurations that are read, made, changed and deleted.

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::simulator::{Rules, Simulator};

use crate::client::{Answer, call, call_with, enrich_in, get, quiet, token};

pub(crate) const CONFIGURATION: &str = "/crm/v7/settings/zia/data_enrichment";
pub(crate) const INPUTS: &str = "input_data_field_mapping";
pub(crate) const OUTPUTS: &str = "output_data_field_mapping";

/// The entry of a mapping for an input or output.
fn entry<'a>(mapping: &'a Value, name: &str) -> &'a Value {
    let rows = mapping.as_array().unwrap();
    let named = |row: &&Value| row["enrich_field"]["name"] == name;
    rows.iter().find(named).unwrap()
}

/// A module or field by its API name, with its id, as a body names it.
async fn reference(simulator: &Simulator, path: &str, root: &str, api_name: &str) -> Value {
    let all = get(simulator, path).await.json();
    let rows = all[root].as_array().unwrap();
    let found = rows.iter().find(|row| row["api_name"] == api_name).unwrap();
    json!({"id": found["id"], "api_name": api_name})
}

pub(crate) async fn module(simulator: &Simulator, api_name: &str) -> Value {
    reference(simulator, "/crm/v7/settings/modules", "modules", api_name).await
}

/// An entry that maps a field of Event_Guests.
pub(crate) async fn mapped(simulator: &Simulator, name: &str, field: &str) -> Value {
    let path = "/crm/v7/settings/fields?module=Event_Guests";
    let field = reference(simulator, path, "fields", field).await;
    json!({"enrich_field": {"name": name}, "crm_field": field})
}

/// A new configuration for Event_Guests, which has none.
pub(crate) async fn guests(simulator: &Simulator) -> Value {
    json!({
        "type": "personal",
        "module": module(simulator, "Event_Guests").await,
        INPUTS: [
            mapped(simulator, "email", "Email").await,
            {"enrich_field": {"name": "org_name"}, "crm_field": null},
        ],
        OUTPUTS: [mapped(simulator, "primary_email", "Secondary_Email").await],
    })
}

/// What a change of it sends.
pub(crate) async fn guests_changed(simulator: &Simulator) -> Value {
    let mut item = guests(simulator).await;
    let map = item.as_object_mut().unwrap();
    map.remove("type");
    map.remove("module");
    item
}

pub(crate) async fn send(simulator: &Simulator, method: &str, path: &str, item: Value) -> Answer {
    let body = json!({ "data_enrichment": [item] }).to_string();
    call(simulator, method, path, &body).await
}

/// Makes a configuration for Event_Guests and answers its path.
pub(crate) async fn made(simulator: &Simulator) -> String {
    let answer = send(simulator, "POST", CONFIGURATION, guests(simulator).await).await;
    assert_eq!(answer.status, 201, "{:?}", answer.json());
    format!("{CONFIGURATION}/{}", answer.job_id())
}

#[tokio::test]
async fn the_configuration_shows_what_is_not_mapped() {
    let body = get(&quiet().await, CONFIGURATION).await.json();

    let contacts = &body["data_enrichment"][1];
    assert_eq!(contacts["module"]["api_name"], "Contacts");
    assert_eq!(contacts["type"], "personal");
    assert_eq!(contacts["status"], true);
    let mapping = contacts["input_data_field_mapping"].as_array().unwrap();
    let of = |name: &str| {
        let named = |entry: &&Value| entry["enrich_field"]["name"] == name;
        mapping.iter().find(named).unwrap()["crm_field"].clone()
    };
    assert!(of("facebook").is_null());
    assert_eq!(of("email")["api_name"], "Email");
    assert_eq!(body["data_enrichment"][2]["status"], false);
}

#[rstest]
#[case(0, "primary_address_info_city", json!("City"))]
#[case(1, "primary_address_info_city", json!("Other_City"))]
#[case(1, "primary_address_info_state", Value::Null)]
#[case(2, "first_name", Value::Null)]
#[case(3, "no_of_employees", json!("Employees"))]
#[case(4, "logo", json!("Record_Image"))]
#[case(4, "business_model", Value::Null)]
#[tokio::test]
async fn one_configuration_shows_its_outputs_and_the_list_does_not(
    #[case] index: usize,
    #[case] output: &str,
    #[case] field: Value,
) {
    let simulator = quiet().await;

    let listed = get(&simulator, CONFIGURATION).await.json()["data_enrichment"][index].clone();
    let id = listed["id"].as_str().unwrap();
    let one = get(&simulator, &format!("{CONFIGURATION}/{id}"))
        .await
        .item();

    assert_eq!(listed.get(OUTPUTS), None);
    assert_eq!(one[INPUTS], listed[INPUTS]);
    let found = entry(&one[OUTPUTS], output);
    assert!(found["enrich_field"]["display_label"].is_string());
    match field {
        Value::Null => assert_eq!(found["crm_field"], Value::Null),
        name => {
            assert_eq!(found["crm_field"]["api_name"], name);
            assert!(found["crm_field"]["id"].is_string());
            assert!(found["crm_field"]["name"].is_string());
        }
    }
}

#[rstest]
#[case("personal", INPUTS, "email", &["Email", "Secondary_Email"])]
#[case("personal", INPUTS, "org_name", &["First_Name", "Last_Name", "Account_Name"])]
#[case("personal", OUTPUTS, "secondary_email", &["Email", "Secondary_Email"])]
#[case("personal", OUTPUTS, "primary_contact", &["Phone", "Mobile"])]
#[case("organization", INPUTS, "org_website", &["Website"])]
#[case("organization", OUTPUTS, "description", &["Description"])]
#[case("organization", OUTPUTS, "logo", &["Record_Image"])]
#[tokio::test]
async fn what_may_be_mapped_goes_by_the_kind_of_field(
    #[case] kind: &str,
    #[case] mapping: &str,
    #[case] name: &str,
    #[case] fields: &[&str],
) {
    let simulator = quiet().await;
    let path = format!("{CONFIGURATION}/allowed_field_mappings?module=Contacts&type={kind}");

    let answer = get(&simulator, &path).await;

    assert_eq!(answer.status, 200);
    let found = entry(&answer.json()["allowed_field_mappings"][mapping], name).clone();
    assert!(found["enrich_field"]["display_label"].is_string());
    let offered = found["crm_fields"].as_array().unwrap();
    for field in fields {
        let path = "/crm/v7/settings/fields?module=Contacts";
        let wanted = reference(&simulator, path, "fields", field).await;
        assert!(offered.contains(&wanted), "{field} in {offered:?}");
    }
    let offers = |field: &str| offered.iter().any(|one| one["api_name"] == field);
    assert_eq!(offers("Email"), name.contains("email"));
    assert!(!offers("Created_Time"));
}

#[rstest]
#[case::leads("Leads")]
#[case::contacts("Contacts")]
#[case::accounts("Accounts")]
#[case::vendors("Vendors")]
#[case::guests("Event_Guests")]
#[tokio::test]
async fn every_input_and_output_is_listed_even_if_no_field_suits(#[case] module: &str) {
    let simulator = quiet().await;
    for (kind, inputs, outputs) in [("personal", 6, 9), ("organization", 3, 26)] {
        let path = format!("{CONFIGURATION}/allowed_field_mappings?module={module}&type={kind}");

        let answer = get(&simulator, &path).await.json();

        let allowed = answer["allowed_field_mappings"].as_object().unwrap();
        let keys: Vec<&String> = allowed.keys().collect();
        assert_eq!(keys, [INPUTS, OUTPUTS]);
        assert_eq!(allowed[INPUTS].as_array().unwrap().len(), inputs);
        assert_eq!(allowed[OUTPUTS].as_array().unwrap().len(), outputs);
    }
}

#[rstest]
#[case::nothing("", "REQUIRED_PARAM_MISSING", json!({"param_name": "module"}))]
#[case::no_module("?type=personal", "REQUIRED_PARAM_MISSING", json!({"param_name": "module"}))]
#[case::no_type("?module=Leads", "REQUIRED_PARAM_MISSING", json!({"param_name": "type"}))]
#[case::type_(
    "?module=Leads&type=people",
    "INVALID_DATA",
    json!({"param": "type", "supported_values": ["organization", "personal"]})
)]
#[case::no_such_module(
    "?module=Unheard_Of&type=personal",
    "INVALID_DATA",
    json!({"param_name": "module"})
)]
#[case::not_enriched(
    "?module=Deals&type=personal",
    "INVALID_DATA",
    json!({"param_name": "module"})
)]
#[tokio::test]
async fn what_may_be_mapped_needs_a_module_and_a_type(
    #[case] query: &str,
    #[case] code: &str,
    #[case] details: Value,
) {
    let path = format!("{CONFIGURATION}/allowed_field_mappings{query}");

    let answer = get(&quiet().await, &path).await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], code);
    assert_eq!(answer.json()["details"], details);
}

#[tokio::test]
async fn what_may_be_mapped_is_only_read() {
    let simulator = quiet().await;
    let path = format!("{CONFIGURATION}/allowed_field_mappings?module=Leads&type=personal");

    let put = call(&simulator, "PUT", &path, "").await;
    let old = get(&simulator, &path.replace("/v7/", "/v2.1/")).await;

    assert_eq!(put.json()["code"], "INVALID_REQUEST_METHOD");
    assert_eq!(old.json()["code"], "API_NOT_SUPPORTED");
}

#[rstest]
#[case("ZohoCRM.Zia.enrichment.ALL", 200)]
#[case("ZohoCRM.zia.enrichment.READ", 200)]
#[case("ZohoCRM.zia.enrichment.UPDATE", 401)]
#[case("ZohoCRM.settings.fields.READ", 401)]
#[tokio::test]
async fn what_may_be_mapped_needs_the_scope(#[case] scope: &str, #[case] status: u16) {
    let simulator = quiet().await;
    let form = format!(
        "grant_type=authorization_code&client_id=1000.C&client_secret=s&code=code-with-scopes:{scope}"
    );
    let access = token(&simulator, &form).await.json()["access_token"].clone();
    let authorization = format!("Zoho-oauthtoken {}", access.as_str().unwrap());
    let path = format!("{CONFIGURATION}/allowed_field_mappings?module=Leads&type=personal");

    let answer = call_with(&simulator, ("GET", &path), Some(&authorization), "").await;

    assert_eq!(answer.status, status);
}

#[tokio::test]
async fn a_configuration_is_made_changed_and_deleted() {
    let simulator = quiet().await;
    let guest = json!({"email": "guest@acme.example"});
    let new = guests(&simulator).await;

    let made = send(&simulator, "POST", CONFIGURATION, new.clone()).await;
    let id = made.job_id();
    let one = format!("{CONFIGURATION}/{id}");

    assert_eq!(made.status, 201);
    assert_eq!(made.item()["message"], "Enrichment created successfully");
    assert_eq!(
        made.item()["details"]["created_by"]["name"],
        "Robin Castellan"
    );
    let enriched = enrich_in(&simulator, "Event_Guests", guest.clone()).await;
    assert_eq!(enriched.status, 202);
    let again = send(&simulator, "POST", CONFIGURATION, new).await;
    assert_eq!(again.item()["code"], "DUPLICATE_DATA");

    let mut off = guests_changed(&simulator).await;
    off["id"] = json!(id);
    off["status"] = json!(false);
    let bulk = send(&simulator, "PUT", CONFIGURATION, off).await;
    assert_eq!(bulk.status, 200);
    assert_eq!(bulk.item()["message"], "enrichment updated successfully");
    assert!(bulk.item()["details"]["modified_time"].is_string());
    let refused = enrich_in(&simulator, "Event_Guests", guest.clone()).await;
    assert_eq!(refused.json()["code"], "NOT_ALLOWED");

    let mut on = guests_changed(&simulator).await;
    on["status"] = json!(true);
    assert_eq!(send(&simulator, "PUT", &one, on).await.status, 200);
    let enriched = enrich_in(&simulator, "Event_Guests", guest).await;
    assert_eq!(enriched.status, 202);

    let deleted = call(&simulator, "DELETE", &one, "").await;
    assert_eq!(deleted.item()["message"], "enrichment deleted Successfully");
    let gone = call(&simulator, "DELETE", &one, "").await;
    assert_eq!(gone.status, 400);
    assert_eq!(gone.json()["details"], json!({"resource_path_index": 3}));
    assert_eq!(get(&simulator, &one).await.status, 204);
}

#[tokio::test]
async fn a_change_replaces_both_mappings_and_leaves_the_status() {
    let simulator = quiet().await;
    let one = made(&simulator).await;
    let mut change = guests_changed(&simulator).await;
    change[INPUTS] = json!([mapped(&simulator, "org_name", "Company").await]);
    change[OUTPUTS] = json!([mapped(&simulator, "last_name", "Name").await]);

    let changed = send(&simulator, "PUT", &one, change).await;
    let now = get(&simulator, &one).await.item();

    assert_eq!(changed.status, 200);
    assert_eq!(now["status"], true);
    assert_eq!(entry(&now[INPUTS], "email")["crm_field"], Value::Null);
    let field = |mapping: &str, name: &str| entry(&now[mapping], name)["crm_field"].clone();
    assert_eq!(field(INPUTS, "org_name")["api_name"], "Company");
    assert_eq!(field(OUTPUTS, "last_name")["api_name"], "Name");
    assert_eq!(field(OUTPUTS, "last_name")["name"], "Event Guest Name");
    assert_eq!(field(OUTPUTS, "primary_email"), Value::Null);
}

/// What was read may be sent back as it is.
#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
#[case(3)]
#[case(4)]
#[tokio::test]
async fn the_mappings_that_are_there_may_be_sent_back(#[case] index: usize) {
    let simulator = quiet().await;
    let list = get(&simulator, CONFIGURATION).await.json();
    let id = list["data_enrichment"][index]["id"].as_str().unwrap();
    let one = format!("{CONFIGURATION}/{id}");
    let before = get(&simulator, &one).await.item();

    let same = json!({INPUTS: before[INPUTS], OUTPUTS: before[OUTPUTS]});
    let changed = send(&simulator, "PUT", &one, same).await;
    let after = get(&simulator, &one).await.item();

    assert_eq!(changed.status, 200, "{:?}", changed.json());
    for key in [INPUTS, OUTPUTS, "status", "created_time"] {
        assert_eq!(after[key], before[key], "{key}");
    }
}

#[rstest]
#[case("GET", json!(["Crm_Implied_Manage_Data_Enrichment", "Crm_Implied_View_Data_Enrichment"]))]
#[case("POST", json!(["Crm_Implied_Manage_Data_Enrichment"]))]
#[tokio::test]
async fn a_refused_configuration_names_the_permission(
    #[case] method: &str,
    #[case] permissions: Value,
) {
    let simulator = quiet().await;
    simulator.control().set_rules(Rules {
        may_manage: false,
        may_view: false,
        ..Rules::default()
    });

    let answer = call(&simulator, method, CONFIGURATION, "").await;

    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["details"]["permissions"], permissions);
}

#[tokio::test]
async fn what_may_be_mapped_needs_the_permission() {
    let simulator = quiet().await;
    simulator.control().set_rules(Rules {
        may_view: false,
        ..Rules::default()
    });
    let path = format!("{CONFIGURATION}/allowed_field_mappings?module=Leads&type=personal");

    let answer = get(&simulator, &path).await;

    assert_eq!(answer.status, 403);
    let permissions = &answer.json()["details"]["permissions"];
    assert_eq!(permissions.as_array().unwrap().len(), 2);
}
