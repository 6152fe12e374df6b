//! Contract 3: modules, organisation, users, usage, records.

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::DataCenter;
use ziadeck::simulator::{Edition, SimulatorOptions};

use crate::client::{get, quiet, start};

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
    assert_eq!(of("Phone")["data_type"], "phone");
    assert_eq!(of("Created_Time")["read_only"], true);
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
