//! What a change is worked out to be, and what is refused.

use super::*;
use crate::wire::settings::read_configurations;
use rstest::rstest;

fn all() -> Vec<EnrichmentConfiguration> {
    read_configurations(&json!({"data_enrichment": [{
        "id": "7", "type": "personal", "status": true,
        "module": {"id": "2", "api_name": "Leads"},
        "input_data_field_mapping": [
            {"enrich_field": {"name": "email"},
             "crm_field": {"id": "31", "api_name": "Email", "name": "Email"}},
            {"enrich_field": {"name": "twitter"}, "crm_field": null}]}]}))
    .unwrap()
}

fn planned(module: &str, edit: &Edit) -> Result<Plan, OpsError> {
    let module = module.parse().unwrap();
    work_out(&all(), (EnrichmentKind::People, &module), edit)
}

fn map(texts: &[&str]) -> Vec<Mapping> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn mapping_one_input_leaves_the_others_and_says_what_changes() {
    let plan = planned(
        "Leads",
        &Edit::Map(map(&["twitter=Email", "company=Company"])),
    )
    .unwrap();

    assert_eq!(
        plan.differences,
        [
            difference("twitter", "not mapped", "Email"),
            difference("org_name", "not mapped", "Company"),
        ]
    );
    assert_eq!(
        plan.change,
        ConfigurationChange::Update(
            "7".to_owned(),
            json!({"id": "7", "input_data_field_mapping": [
                {"enrich_field": {"name": "email"}, "crm_field": {"id": "31", "api_name": "Email"}},
                {"enrich_field": {"name": "twitter"}, "crm_field": {"id": "31", "api_name": "Email"}},
                {"enrich_field": {"name": "org_name"}, "crm_field": {"api_name": "Company"}},
            ]})
        )
    );
}

#[test]
fn switching_off_sends_the_status_alone() {
    let plan = planned("Leads", &Edit::Disable).unwrap();

    assert_eq!(
        plan.change,
        ConfigurationChange::Update("7".to_owned(), json!({"id": "7", "status": false}))
    );
}

#[rstest]
#[case::on_already("Leads", Edit::Enable, "like that already")]
#[case::mapped_already("Leads", Edit::Map(map(&["email=Email"])), "like that already")]
#[case::unmapped_already("Leads", Edit::Unmap(vec!["twitter".into()]), "like that already")]
#[case::there_already("Leads", Edit::Create(map(&["email=Email"])), "already")]
#[case::not_there("Contacts", Edit::Delete, "no configuration")]
#[case::nothing_given("Contacts", Edit::Create(Vec::new()), "at least one")]
#[case::no_input("Leads", Edit::Map(map(&["phone=Phone"])), "org_website")]
#[case::a_name("Leads", Edit::Map(map(&["name=Full_Name"])), "is not an input")]
fn what_cannot_be_is_refused_with_the_reason(
    #[case] module: &str,
    #[case] edit: Edit,
    #[case] word: &str,
) {
    let error = planned(module, &edit).unwrap_err().to_string();

    assert!(error.contains(word), "{error}");
}

#[rstest]
#[case("email")]
#[case("=Email")]
#[case("email=")]
#[case("email=E mail")]
fn a_mapping_has_two_sides(#[case] text: &str) {
    assert!(text.parse::<Mapping>().is_err());
}
