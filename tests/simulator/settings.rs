//! Contract 3: modules, organisation, users, usage, configuration, records.

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::DataCenter;
use ziadeck::simulator::{Edition, Rules, SimulatorOptions};

use crate::client::{call, enrich_in, get, quiet, start};

const CONFIGURATION: &str = "/crm/v7/settings/zia/data_enrichment";

fn names(body: &Value, root: &str, key: &str) -> Vec<String> {
    let rows = body[root].as_array().unwrap();
    rows.iter()
        .map(|row| row[key].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_feature_name_filters_the_modules() {
    let simulator = quiet().await;

    let all = get(&simulator, "/crm/v7/settings/modules").await.json();
    let path = "/crm/v7/settings/modules?feature_name=people_enrichment";
    let enrichable = get(&simulator, path).await.json();
    let none = get(&simulator, "/crm/v7/settings/modules?feature_name=other").await;

    assert!(names(&all, "modules", "api_name").contains(&"Deals".to_owned()));
    assert_eq!(
        names(&enrichable, "modules", "api_name"),
        ["Leads", "Contacts", "Accounts", "Vendors", "Event_Guests"]
    );
    assert_eq!(enrichable["modules"][4]["generated_type"], "custom");
    assert_eq!(none.status, 204);
}

#[tokio::test]
async fn the_fields_of_a_module_tell_their_types() {
    let simulator = quiet().await;

    let path = "/crm/v8/settings/fields?module=Contacts";
    let fields = get(&simulator, path).await.json()["fields"].clone();

    let of = |name: &str| {
        let fields = fields.as_array().unwrap();
        fields
            .iter()
            .find(|f| f["api_name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(of("Email")["data_type"], "email");
    assert_eq!(
        of("Account_Name")["lookup"]["module"]["api_name"],
        "Accounts"
    );
    let missing = get(&simulator, "/crm/v8/settings/fields").await;
    assert_eq!(missing.json()["code"], "REQUIRED_PARAM_MISSING");
}

#[tokio::test]
async fn the_organisation_tells_its_edition() {
    let simulator = start(SimulatorOptions::for_data_center(DataCenter::Au)).await;

    let organisation = get(&simulator, "/crm/v8/org").await.json()["org"][0].clone();

    assert_eq!(organisation["company_name"], "Wattle & Sons Pty Ltd");
    assert_eq!(organisation["type"], "production");
    assert_eq!(organisation["license_details"]["paid_type"], "ultimate");
    assert_eq!(
        organisation["license_details"]["users_license_purchased"],
        12
    );
    assert_eq!(organisation["country_code"], "AU");
}

#[tokio::test]
async fn the_current_user_can_be_asked_for() {
    let user = get(&quiet().await, "/crm/v7/users?type=CurrentUser")
        .await
        .json();

    assert_eq!(user["users"][0]["full_name"], "Robin Castellan");
    let wrong = get(&quiet().await, "/crm/v7/users?type=Nobody").await;
    assert_eq!(wrong.json()["code"], "INVALID_DATA");
}

#[tokio::test]
async fn the_features_tell_the_usage() {
    let simulator = start(SimulatorOptions {
        limit: 100,
        used: 60,
        ..SimulatorOptions::default()
    })
    .await;

    let path = "/crm/v7/__features/data_enrichment";
    let feature = get(&simulator, path).await.json()["__features"][0].clone();
    simulator.control().set_edition(Edition::Standard);
    let lacking = get(&simulator, path).await;

    assert_eq!(
        feature["details"],
        json!({
            "limits": {"total": 100, "edition_limit": 100},
            "used_count": {"total": 60},
            "available_count": {"total": 40},
        })
    );
    assert_eq!(lacking.status, 204);
    assert_eq!(
        get(&simulator, "/crm/v7/__features/other").await.status,
        204
    );
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

#[tokio::test]
async fn a_configuration_is_made_changed_and_deleted() {
    let simulator = quiet().await;
    let guest = json!({"email": "guest@acme.example"});
    let new = json!({"data_enrichment": [{
        "type": "personal",
        "module": {"api_name": "Event_Guests"},
        "input_data_field_mapping": [
            {"enrich_field": {"name": "email"}, "crm_field": {"id": "1", "api_name": "Email"}},
            {"enrich_field": {"name": "org_name"}, "crm_field": null},
        ],
        "output_data_field_mapping": [],
    }]});

    let made = call(&simulator, "POST", CONFIGURATION, &new.to_string()).await;
    let id = made.job_id();
    let one = format!("{CONFIGURATION}/{id}");

    assert_eq!(made.status, 201);
    assert_eq!(made.item()["message"], "Enrichment created successfully");
    assert_eq!(
        made.item()["details"]["created_by"]["name"],
        "Robin Castellan"
    );
    assert_eq!(
        enrich_in(&simulator, "Event_Guests", guest.clone())
            .await
            .status,
        202
    );
    assert!(get(&simulator, &one).await.item()["output_data_field_mapping"].is_array());
    let again = call(&simulator, "POST", CONFIGURATION, &new.to_string()).await;
    assert_eq!(again.item()["code"], "DUPLICATE_DATA");

    let off = json!({"data_enrichment": [{"id": id, "status": false}]}).to_string();
    let bulk = call(&simulator, "PUT", CONFIGURATION, &off).await;
    assert_eq!(bulk.status, 200);
    assert_eq!(bulk.item()["message"], "enrichment updated successfully");
    assert!(bulk.item()["details"]["modified_time"].is_string());
    let refused = enrich_in(&simulator, "Event_Guests", guest.clone()).await;
    assert_eq!(refused.json()["code"], "NOT_ALLOWED");

    let on = json!({"data_enrichment": [{"status": true}]}).to_string();
    assert_eq!(call(&simulator, "PUT", &one, &on).await.status, 200);
    assert_eq!(
        enrich_in(&simulator, "Event_Guests", guest).await.status,
        202
    );

    let deleted = call(&simulator, "DELETE", &one, "").await;
    assert_eq!(deleted.item()["message"], "enrichment deleted Successfully");
    let gone = call(&simulator, "DELETE", &one, "").await;
    assert_eq!(gone.status, 400);
    assert_eq!(gone.json()["details"], json!({"resource_path_index": 3}));
    assert_eq!(get(&simulator, &one).await.status, 204);
}

/// A new configuration for Event_Guests with other values for some keys.
fn guests(changes: Value) -> Value {
    let mut item = json!({
        "type": "personal",
        "module": {"api_name": "Event_Guests"},
        "input_data_field_mapping": [],
    });
    for (key, value) in changes.as_object().unwrap() {
        item[key] = value.clone();
    }
    json!({ "data_enrichment": [item] })
}

#[rstest]
#[case::no_root(json!({}), "MANDATORY_NOT_FOUND")]
#[case::no_array(json!({"data_enrichment": {}}), "INVALID_DATA")]
#[case::no_module(json!({"data_enrichment": [{"type": "personal"}]}), "MANDATORY_NOT_FOUND")]
#[case::type_(guests(json!({"type": "x"})), "INVALID_DATA")]
#[case::module(guests(json!({"module": {"api_name": "Deals"}})), "INVALID_DATA")]
#[case::ambiguous(
    guests(json!({"module": {"api_name": "Event_Guests", "id": "5725767000000002172"}})),
    "AMBIGUITY_DURING_PROCESSING"
)]
#[case::mapping(guests(json!({"input_data_field_mapping": {}})), "INVALID_DATA")]
#[case::input(
    guests(json!({"input_data_field_mapping": [{"enrich_field": {"name": "shoe_size"}}]})),
    "INVALID_DATA"
)]
#[case::no_field_id(
    guests(json!({"input_data_field_mapping":
        [{"enrich_field": {"name": "email"}, "crm_field": {"api_name": "Email"}}]})),
    "EXPECTED_FIELD_MISSING"
)]
#[case::no_such_field(
    guests(json!({"input_data_field_mapping":
        [{"enrich_field": {"name": "email"}, "crm_field": {"id": "1", "api_name": "Fax"}}]})),
    "INVALID_DATA"
)]
#[tokio::test]
async fn a_wrong_configuration_is_refused(#[case] body: Value, #[case] code: &str) {
    let simulator = quiet().await;

    let answer = call(&simulator, "POST", CONFIGURATION, &body.to_string()).await;

    assert_eq!(answer.status, 400);
    let root = answer.json();
    let found = root
        .get("code")
        .unwrap_or_else(|| &root["data_enrichment"][0]["code"]);
    assert_eq!(found, code);
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
async fn records_come_in_pages_by_number_and_by_token() {
    let simulator = quiet().await;
    let page = |query: String| {
        let simulator = &simulator;
        async move {
            get(simulator, &format!("/crm/v7/Leads?fields=Email&{query}"))
                .await
                .json()
        }
    };

    let first = page("per_page=25".into()).await;
    let token = first["info"]["next_page_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let by_token = page(format!("per_page=25&page_token={token}")).await;
    let by_number = page("per_page=25&page=2".into()).await;

    assert_eq!(first["info"]["more_records"], true);
    assert_eq!(first["data"].as_array().unwrap().len(), 25);
    assert_eq!(by_token["data"], by_number["data"]);
    assert_eq!(by_token["data"].as_array().unwrap().len(), 15);
    assert_eq!(by_token["info"]["more_records"], false);
    let keys: Vec<&String> = first["data"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "Email"]);
}

#[rstest]
#[case("/crm/v7/Leads", "REQUIRED_PARAM_MISSING")]
#[case("/crm/v7/Unheard_Of?fields=id", "INVALID_MODULE")]
#[case("/crm/v7/Leads?fields=id&per_page=201", "INVALID_DATA")]
#[case("/crm/v7/Leads?fields=id&page_token=zzz", "INVALID_DATA")]
#[case("/crm/v7/Leads?fields=id&per_page=200&page=11", "INVALID_DATA")]
#[case("/crm/v7/Leads/search", "REQUIRED_PARAM_MISSING")]
#[case("/crm/v7/Leads/search?word=x", "INVALID_DATA")]
#[case("/crm/v7/Leads/search?criteria=(Nothing:equals:x)", "INVALID_QUERY")]
#[case("/crm/v7/Leads/search?criteria=Email", "INVALID_QUERY")]
#[tokio::test]
async fn a_record_call_that_cannot_be_is_refused(#[case] path: &str, #[case] code: &str) {
    let answer = get(&quiet().await, path).await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], code);
}

#[tokio::test]
async fn a_record_is_found_by_email_word_and_criteria() {
    let simulator = quiet().await;
    let fields = "fields=Full_Name,Email,Company,Last_Name";
    let all = get(&simulator, &format!("/crm/v7/Leads?{fields}"))
        .await
        .json();
    let rows = all["data"].as_array().unwrap();
    let lead = rows
        .iter()
        .find(|row| row["Email"].is_string() && row["Company"].is_string())
        .unwrap();
    let email = lead["Email"].as_str().unwrap();
    let company = lead["Company"].as_str().unwrap().replace(' ', "%20");
    let search = |query: String| {
        let simulator = &simulator;
        async move {
            let path = format!("/crm/v7/Leads/search?{fields}&{query}");
            get(simulator, &path).await
        }
    };

    for query in [
        format!("email={email}"),
        format!("word={email}"),
        format!("criteria=(Email:equals:{email})"),
        format!("criteria=((Company:starts_with:{company})and(Email:equals:{email}))"),
        format!("criteria=(Company:equals:none)or(Email:equals:{email})"),
    ] {
        let found = search(query.clone()).await.json();
        let rows = found["data"].as_array().unwrap();
        assert!(rows.iter().any(|row| row["id"] == lead["id"]), "{query}");
        assert!(rows.len() < 40, "{query}");
    }
    assert_eq!(search("word=zzzzzz".into()).await.status, 204);
}

#[tokio::test]
async fn one_record_is_read_by_its_id() {
    let simulator = quiet().await;
    let contacts = get(&simulator, "/crm/v7/Contacts?fields=id").await.json();
    let id = contacts["data"][0]["id"].as_str().unwrap();

    let one = get(&simulator, &format!("/crm/v7/Contacts/{id}"))
        .await
        .json();

    assert_eq!(one["data"][0]["id"], id);
    assert!(one["data"][0]["Full_Name"].is_string());
    assert_eq!(get(&simulator, "/crm/v7/Contacts/12").await.status, 204);
}
