//! Contract 9: what creating and changing a configuration refuses.

use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Answer, call, get, quiet};
use crate::configuration::{
    CONFIGURATION, INPUTS, OUTPUTS, guests, guests_changed, made, mapped, module, send,
};

#[rstest]
#[case::no_root(json!({}), "MANDATORY_NOT_FOUND")]
#[case::no_array(json!({"data_enrichment": {}}), "INVALID_DATA")]
#[case::empty(json!({"data_enrichment": []}), "INVALID_DATA")]
#[case::no_object(json!({"data_enrichment": [1]}), "INVALID_DATA")]
#[case::not_json(json!([]), "INVALID_DATA")]
#[tokio::test]
async fn a_body_that_holds_no_configuration_is_refused(
    #[case] body: Value,
    #[case] code: &str,
    #[values("POST", "PUT")] method: &str,
) {
    let answer = call(&quiet().await, method, CONFIGURATION, &body.to_string()).await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], code);
}

fn without(item: &mut Value, key: &str) {
    item.as_object_mut().unwrap().remove(key).unwrap();
}

/// `api_name` and `json_path` of details, below the item.
fn place(api_name: &str, below: &str) -> Value {
    let path = format!("$.data_enrichment[0].{below}");
    json!({"api_name": api_name, "json_path": path})
}

fn refused(answer: &Answer, (code, details): (&str, Value)) {
    let item = answer.item();
    assert_eq!(answer.status, 400, "{item}");
    assert_eq!(item["code"], code, "{item}");
    assert_eq!(item["details"], details, "{item}");
    assert_eq!(item["status"], "error");
}

#[rstest]
#[case::no_type(|item: &mut Value| without(item, "type"), "MANDATORY_NOT_FOUND", place("type", "type"))]
#[case::no_module(
    |item: &mut Value| without(item, "module"),
    "MANDATORY_NOT_FOUND",
    place("module", "module")
)]
#[case::no_module_id(
    |item: &mut Value| without(&mut item["module"], "id"),
    "MANDATORY_NOT_FOUND",
    place("id", "module.id")
)]
#[case::no_module_name(
    |item: &mut Value| without(&mut item["module"], "api_name"),
    "MANDATORY_NOT_FOUND",
    place("api_name", "module.api_name")
)]
#[case::no_inputs(
    |item: &mut Value| without(item, INPUTS),
    "MANDATORY_NOT_FOUND",
    place(INPUTS, INPUTS)
)]
#[case::no_outputs(
    |item: &mut Value| without(item, OUTPUTS),
    "MANDATORY_NOT_FOUND",
    place(OUTPUTS, OUTPUTS)
)]
#[case::status(
    |item: &mut Value| item["status"] = json!(true),
    "INVALID_DATA",
    place("status", "status")
)]
#[case::type_(
    |item: &mut Value| item["type"] = json!("x"),
    "INVALID_DATA",
    json!({
        "api_name": "type",
        "json_path": "$.data_enrichment[0].type",
        "supported_values": ["organization", "personal"],
    })
)]
#[case::module_text(
    |item: &mut Value| item["module"] = json!("Event_Guests"),
    "INVALID_DATA",
    json!({
        "expected_data_type": "jsonobject",
        "api_name": "module",
        "json_path": "$.data_enrichment[0].module",
    })
)]
#[case::module_nowhere(
    |item: &mut Value| item["module"]["id"] = json!("1"),
    "INVALID_DATA",
    place("module", "module")
)]
#[tokio::test]
async fn a_wrong_configuration_is_refused(
    #[case] change: fn(&mut Value),
    #[case] code: &str,
    #[case] details: Value,
) {
    let simulator = quiet().await;
    let mut item = guests(&simulator).await;
    change(&mut item);

    let answer = send(&simulator, "POST", CONFIGURATION, item).await;

    refused(&answer, (code, details));
}

#[tokio::test]
async fn a_module_that_cannot_be_enriched_or_is_two_is_refused() {
    let simulator = quiet().await;
    let mut item = guests(&simulator).await;
    let leads = module(&simulator, "Leads").await;

    item["module"]["id"] = leads["id"].clone();
    let two = send(&simulator, "POST", CONFIGURATION, item.clone()).await;
    item["module"] = module(&simulator, "Deals").await;
    let deals = send(&simulator, "POST", CONFIGURATION, item).await;

    let due_to = [
        place("api_name", "module.api_name"),
        place("id", "module.id"),
    ];
    let details = json!({ "ambiguity_due_to": due_to });
    refused(&two, ("AMBIGUITY_DURING_PROCESSING", details));
    refused(&deals, ("INVALID_DATA", place("module", "module")));
}

#[rstest]
#[case::no_inputs(
    |item: &mut Value| without(item, INPUTS),
    "MANDATORY_NOT_FOUND",
    place(INPUTS, INPUTS)
)]
#[case::no_outputs(
    |item: &mut Value| without(item, OUTPUTS),
    "MANDATORY_NOT_FOUND",
    place(OUTPUTS, OUTPUTS)
)]
#[case::status(
    |item: &mut Value| item["status"] = json!("on"),
    "INVALID_DATA",
    json!({
        "expected_data_type": "boolean",
        "api_name": "status",
        "json_path": "$.data_enrichment[0].status",
    })
)]
#[case::type_(
    |item: &mut Value| item["type"] = json!("personal"),
    "INVALID_DATA",
    place("type", "type")
)]
#[tokio::test]
async fn a_wrong_change_is_refused_by_path_and_in_bulk(
    #[case] change: fn(&mut Value),
    #[case] code: &str,
    #[case] details: Value,
) {
    let simulator = quiet().await;
    let one = made(&simulator).await;
    let before = get(&simulator, &one).await.item();
    let mut item = guests_changed(&simulator).await;
    change(&mut item);

    let by_path = send(&simulator, "PUT", &one, item.clone()).await;
    item["id"] = before["id"].clone();
    let bulk = send(&simulator, "PUT", CONFIGURATION, item).await;

    refused(&by_path, (code, details.clone()));
    refused(&bulk, (code, details));
    assert_eq!(get(&simulator, &one).await.item(), before);
}

#[tokio::test]
async fn a_change_in_bulk_names_its_configuration() {
    let simulator = quiet().await;
    let mut item = guests_changed(&simulator).await;

    let without = send(&simulator, "PUT", CONFIGURATION, item.clone()).await;
    item["id"] = json!("1");
    let nobody = send(&simulator, "PUT", CONFIGURATION, item).await;

    refused(&without, ("MANDATORY_NOT_FOUND", place("id", "id")));
    refused(&nobody, ("INVALID_DATA", place("id", "id")));
}

/// Details of an entry of a mapping, by the path below it.
type Details = fn(&str) -> Value;

#[rstest]
#[case::no_array(
    |mapping: &mut Value| *mapping = json!({}),
    "INVALID_DATA",
    |_: &str| json!({
        "expected_data_type": "jsonarray",
        "api_name": "output_data_field_mapping || input_data_field_mapping",
        "json_path":
            "$.data_enrichment[0].(output_data_field_mapping || input_data_field_mapping)",
    })
)]
#[case::no_object(
    |mapping: &mut Value| mapping[0] = json!("email"),
    "INVALID_DATA",
    |key: &str| json!({
        "expected_data_type": "jsonobject",
        "api_name": key,
        "json_path": format!("$.data_enrichment[0].{key}[0]"),
    })
)]
#[case::no_enrich_field(
    |mapping: &mut Value| without(&mut mapping[0], "enrich_field"),
    "MANDATORY_NOT_FOUND",
    |key: &str| place("enrich_field", &format!("{key}[0].enrich_field"))
)]
#[case::no_name(
    |mapping: &mut Value| without(&mut mapping[0]["enrich_field"], "name"),
    "MANDATORY_NOT_FOUND",
    |key: &str| place("name", &format!("{key}[0].enrich_field.name"))
)]
#[case::unknown(
    |mapping: &mut Value| mapping[0]["enrich_field"]["name"] = json!("shoe_size"),
    "INVALID_DATA",
    |key: &str| place("name", &format!("{key}[0].enrich_field.name"))
)]
#[case::no_field(
    |mapping: &mut Value| without(&mut mapping[0], "crm_field"),
    "MANDATORY_NOT_FOUND",
    |key: &str| place("crm_field", &format!("{key}[0].crm_field"))
)]
#[case::field_text(
    |mapping: &mut Value| mapping[0]["crm_field"] = json!("Email"),
    "INVALID_DATA",
    |key: &str| json!({
        "expected_data_type": "jsonobject",
        "api_name": "crm_field",
        "json_path": format!("$.data_enrichment[0].{key}[0].crm_field"),
    })
)]
#[case::no_id(
    |mapping: &mut Value| without(&mut mapping[0]["crm_field"], "id"),
    "EXPECTED_FIELD_MISSING",
    |key: &str| json!({"expected_fields": [place("id", &format!("{key}[0].crm_field.id"))]})
)]
#[case::no_api_name(
    |mapping: &mut Value| without(&mut mapping[0]["crm_field"], "api_name"),
    "EXPECTED_FIELD_MISSING",
    |key: &str| json!({"expected_fields": [place("api_name", &format!("{key}[0].crm_field.api_name"))]})
)]
#[case::neither(
    |mapping: &mut Value| mapping[0]["crm_field"] = json!({}),
    "EXPECTED_FIELD_MISSING",
    |key: &str| json!({"expected_fields": [
        place("id", &format!("{key}[0].crm_field.id")),
        place("api_name", &format!("{key}[0].crm_field.api_name")),
    ]})
)]
#[case::no_such_field(
    |mapping: &mut Value| mapping[0]["crm_field"] = json!({"id": "1", "api_name": "Fax"}),
    "INVALID_MAPPING",
    |key: &str| place("crm_field", &format!("{key}[0].crm_field"))
)]
#[case::no_such_id(
    |mapping: &mut Value| mapping[0]["crm_field"]["id"] = json!("1"),
    "INVALID_MAPPING",
    |key: &str| place("crm_field", &format!("{key}[0].crm_field"))
)]
#[case::too_many(
    |mapping: &mut Value| *mapping = json!(vec![mapping[0].clone(); 51]),
    "LIMIT_EXCEEDED",
    |key: &str| json!({"limit": 50, "limit_due_to": [place(key, key)]})
)]
#[tokio::test]
async fn a_wrong_mapping_is_refused_on_either_side(
    #[case] change: fn(&mut Value),
    #[case] code: &str,
    #[case] details: Details,
    #[values(INPUTS, OUTPUTS)] key: &str,
) {
    let simulator = quiet().await;
    let mut new = guests(&simulator).await;
    change(&mut new[key]);
    let created = send(&simulator, "POST", CONFIGURATION, new).await;
    let one = made(&simulator).await;
    let mut item = guests_changed(&simulator).await;
    change(&mut item[key]);

    let changed = send(&simulator, "PUT", &one, item).await;

    refused(&created, (code, details(key)));
    refused(&changed, (code, details(key)));
}

#[rstest]
#[case::input(INPUTS, "email", "Company")]
#[case::input_text(INPUTS, "org_name", "Email")]
#[case::output(OUTPUTS, "primary_email", "Name")]
#[case::output_text(OUTPUTS, "first_name", "Email")]
#[case::made_by_the_server(OUTPUTS, "last_name", "Created_Time")]
#[tokio::test]
async fn a_field_of_the_wrong_kind_is_refused(
    #[case] key: &str,
    #[case] name: &str,
    #[case] field: &str,
) {
    let simulator = quiet().await;
    let mut item = guests(&simulator).await;
    item[key] = json!([mapped(&simulator, name, field).await]);

    let answer = send(&simulator, "POST", CONFIGURATION, item).await;

    let details = place("crm_field", &format!("{key}[0].crm_field"));
    refused(&answer, ("INVALID_MAPPING", details));
}

#[rstest]
#[tokio::test]
async fn an_id_and_a_name_of_two_fields_are_ambiguous(#[values(INPUTS, OUTPUTS)] key: &str) {
    let simulator = quiet().await;
    let mut item = guests(&simulator).await;
    let other = mapped(&simulator, "org_name", "Company").await;
    item[key][0]["crm_field"]["id"] = other["crm_field"]["id"].clone();

    let answer = send(&simulator, "POST", CONFIGURATION, item).await;

    let at = format!("{key}[0].crm_field");
    let due_to = [
        place("api_name", &format!("{at}.api_name")),
        place("id", &format!("{at}.id")),
    ];
    let details = json!({ "ambiguity_due_to": due_to });
    refused(&answer, ("AMBIGUITY_DURING_PROCESSING", details));
}

#[tokio::test]
async fn fifty_configurations_at_once_are_the_most() {
    let simulator = quiet().await;
    let item = guests(&simulator).await;
    let body = |count| json!({ "data_enrichment": vec![item.clone(); count] }).to_string();

    let over = call(&simulator, "POST", CONFIGURATION, &body(51)).await;
    let within = call(&simulator, "POST", CONFIGURATION, &body(50)).await;

    let due_to = json!([{"api_name": "data_enrichment", "json_path": "$.data_enrichment"}]);
    let details = json!({"limit": 50, "limit_due_to": due_to});
    refused(&over, ("LIMIT_EXCEEDED", details));
    assert_eq!(within.status, 207);
    assert_eq!(within.item()["code"], "SUCCESS");
}
