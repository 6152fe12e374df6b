//! What a change is worked out to be, and what is refused.

use super::*;
use crate::wire::mappings::{Allowed, CrmField};
use crate::wire::settings::read_configurations;
use rstest::rstest;
use serde_json::json;

fn field(id: &str, api_name: &str) -> CrmField {
    CrmField {
        id: id.to_owned(),
        api_name: api_name.to_owned(),
    }
}

fn allowed() -> AllowedMappings {
    let one = |name: &str, fields: &[(&str, &str)]| Allowed {
        name: name.to_owned(),
        label: name.to_owned(),
        fields: fields.iter().map(|(id, name)| field(id, name)).collect(),
    };
    AllowedMappings {
        inputs: vec![
            one("email", &[("31", "Email"), ("36", "Work_Email")]),
            one("twitter", &[("32", "Twitter")]),
            one("org_name", &[("33", "Company")]),
        ],
        outputs: vec![
            one("first_name", &[("34", "First_Name"), ("35", "Nickname")]),
            one("primary_email", &[("31", "Email"), ("36", "Work_Email")]),
        ],
    }
}

fn leads() -> There {
    let all = read_configurations(&json!({"data_enrichment": [{
        "id": "7", "type": "personal", "status": true,
        "module": {"id": "2", "api_name": "Leads"},
        "input_data_field_mapping": [
            {"enrich_field": {"name": "email"},
             "crm_field": {"id": "31", "api_name": "Email", "name": "Email"}},
            {"enrich_field": {"name": "twitter"}, "crm_field": null}],
        "output_data_field_mapping": [
            {"enrich_field": {"name": "first_name"},
             "crm_field": {"id": "34", "api_name": "First_Name", "name": "First Name"}},
            {"enrich_field": {"name": "skills"},
             "crm_field": {"id": "77", "api_name": "Skills", "name": "Skills"}}]}]}));
    There {
        own: all.unwrap().pop(),
        modules: None,
        module_id: None,
        allowed: allowed(),
        fields: Vec::new(),
    }
}

fn nothing() -> There {
    There {
        module_id: Some("9".to_owned()),
        allowed: allowed(),
        ..There::default()
    }
}

fn worked_out(there: &There, edit: &Edit) -> Result<Plan, OpsError> {
    let module = "Leads".parse().unwrap();
    let mut there = there.clone();
    // What the server does not list and the configuration has is no matter of this change.
    if let Some(own) = &there.own {
        for (name, at) in own.outputs.iter().filter(|(name, _)| name == "skills") {
            there.allowed.outputs.push(Allowed {
                name: name.clone(),
                label: name.clone(),
                fields: at.iter().map(|at| field("77", at)).collect(),
            });
        }
    }
    work_out(&there, (EnrichmentKind::People, &module), edit)
}

fn map(texts: &[&str]) -> Vec<Mapping> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn difference(what: &str, before: &str, after: &str) -> Difference {
    Difference::new(what, before, after)
}

#[test]
fn a_change_sends_both_mappings_whole_and_says_what_is_different() {
    let edit = Edit::Map(map(&[
        "twitter=Twitter",
        "company=Company",
        "primary_email=Work_Email",
    ]));
    let plan = worked_out(&leads(), &edit).unwrap();

    assert_eq!(
        plan.differences,
        [
            difference("twitter", "not mapped", "Twitter"),
            difference("org_name", "not mapped", "Company"),
            difference("output primary_email", "not mapped", "Work_Email"),
        ]
    );
    assert_eq!(
        plan.change,
        ConfigurationChange::Update(
            "7".to_owned(),
            json!({"id": "7", "input_data_field_mapping": [
                {"enrich_field": {"name": "email"}, "crm_field": {"id": "31", "api_name": "Email"}},
                {"enrich_field": {"name": "twitter"}, "crm_field": {"id": "32", "api_name": "Twitter"}},
                {"enrich_field": {"name": "org_name"}, "crm_field": {"id": "33", "api_name": "Company"}},
            ], "output_data_field_mapping": [
                {"enrich_field": {"name": "first_name"}, "crm_field": {"id": "34", "api_name": "First_Name"}},
                {"enrich_field": {"name": "skills"}, "crm_field": {"id": "77", "api_name": "Skills"}},
                {"enrich_field": {"name": "primary_email"}, "crm_field": {"id": "36", "api_name": "Work_Email"}},
            ]})
        )
    );
}

#[test]
fn switching_off_sends_what_is_mapped_with_the_status() {
    let plan = worked_out(&leads(), &Edit::Disable).unwrap();

    assert_eq!(plan.differences, [difference("status", "on", "off")]);
    let ConfigurationChange::Update(_, item) = &plan.change else {
        panic!("{:?}", plan.change);
    };
    assert_eq!(item["status"], false);
    assert_eq!(
        item["input_data_field_mapping"].as_array().unwrap().len(),
        2
    );
    assert_eq!(
        item["output_data_field_mapping"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn one_that_is_made_names_the_module_twice_and_has_no_status() {
    let edit = Edit::Create(map(&["email=Email", "first_name=First_Name"]));
    let plan = worked_out(&nothing(), &edit).unwrap();

    assert_eq!(
        plan.change,
        ConfigurationChange::Create(json!({
            "type": "personal",
            "module": {"id": "9", "api_name": "Leads"},
            "input_data_field_mapping": [
                {"enrich_field": {"name": "email"}, "crm_field": {"id": "31", "api_name": "Email"}},
                {"enrich_field": {"name": "twitter"}, "crm_field": null},
                {"enrich_field": {"name": "org_name"}, "crm_field": null},
            ],
            "output_data_field_mapping": [
                {"enrich_field": {"name": "first_name"}, "crm_field": {"id": "34", "api_name": "First_Name"}},
                {"enrich_field": {"name": "primary_email"}, "crm_field": null},
            ],
        }))
    );
    assert_eq!(
        plan.differences,
        [
            difference("configuration", "none", "made, on"),
            difference("email", "not mapped", "Email"),
            difference("output first_name", "not mapped", "First_Name"),
        ]
    );
}

#[test]
fn deleting_shows_all_that_goes() {
    let plan = worked_out(&leads(), &Edit::Delete).unwrap();

    assert_eq!(
        plan.differences,
        [
            difference("configuration", "on", "deleted"),
            difference("email", "Email", "gone"),
            difference("output first_name", "First_Name", "gone"),
            difference("output skills", "Skills", "gone"),
        ]
    );
}

#[rstest]
#[case::unmapped_output(Edit::Unmap(vec!["first_name".into()]), "output first_name")]
#[case::unmapped_by_its_side(Edit::Unmap(vec!["output.skills".into()]), "output skills")]
#[case::unmapped_input(Edit::Unmap(vec!["input.email".into()]), "email")]
fn what_is_unmapped_stays_in_the_list_without_a_field(#[case] edit: Edit, #[case] what: &str) {
    let plan = worked_out(&leads(), &edit).unwrap();

    assert_eq!(plan.differences.len(), 1);
    assert_eq!(
        (
            plan.differences[0].what.as_str(),
            plan.differences[0].after.as_str()
        ),
        (what, "not mapped")
    );
}

#[rstest]
#[case::there_already(true, Edit::Create(map(&["email=Email"])), "already")]
#[case::not_there(false, Edit::Delete, "no configuration")]
#[case::nothing_given(false, Edit::Create(Vec::new()), "at least one")]
#[case::outputs_alone(false, Edit::Create(map(&["first_name=First_Name"])), "at least one input")]
#[case::no_input(true, Edit::Map(map(&["phone=Phone"])), "the inputs are email, twitter, org_name")]
#[case::names_the_outputs(true, Edit::Map(map(&["phone=Phone"])), "the outputs are first_name, primary_email")]
#[case::a_name(true, Edit::Map(map(&["name=Full_Name"])), "is not an input")]
#[case::the_wrong_side(true, Edit::Map(map(&["input.first_name=First_Name"])), "is not an input")]
#[case::a_field_that_may_not(true, Edit::Map(map(&["email=Company"])), "the fields that may are Email, Work_Email")]
#[case::twice(true, Edit::Map(map(&["email=Email", "email=Work_Email"])), "given twice")]
#[case::a_slip(true, Edit::Map(map(&["email=Work_Emial"])), "did you mean Work_Email?")]
#[case::an_output_that_may_not(true, Edit::Map(map(&["first_name=Email"])), "output first_name: the fields that may are First_Name, Nickname")]
fn what_cannot_be_is_refused_with_the_reason(
    #[case] is_there: bool,
    #[case] edit: Edit,
    #[case] word: &str,
) {
    let there = if is_there { leads() } else { nothing() };
    let error = worked_out(&there, &edit).unwrap_err().to_string();

    assert!(error.contains(word), "{error}");
}

#[rstest]
#[case::on_already(Edit::Enable)]
#[case::mapped_already(Edit::Map(map(&["email=Email"])))]
#[case::unmapped_already(Edit::Unmap(vec!["twitter".into()]))]
fn nothing_is_different_where_it_is_like_that(#[case] edit: Edit) {
    assert_eq!(worked_out(&leads(), &edit).unwrap().differences, []);
}

/// A server that does not tell what may be mapped decides by itself.
#[test]
fn without_a_list_of_the_server_known_inputs_can_be_mapped() {
    let mut there = leads();
    there.allowed = AllowedMappings::default();
    there.fields = vec![("Website".to_owned(), "88".to_owned())];
    let module = "Leads".parse().unwrap();
    let place = (EnrichmentKind::People, &module);

    let plan = work_out(&there, place, &Edit::Map(map(&["website=Website"]))).unwrap();
    let wrong = work_out(&there, place, &Edit::Map(map(&["website=Web_site"]))).unwrap_err();

    assert_eq!(
        plan.differences,
        [difference("org_website", "not mapped", "Website")]
    );
    assert!(
        wrong.to_string().contains("did you mean Website?"),
        "{wrong}"
    );
}

#[rstest]
#[case("email")]
#[case("=Email")]
#[case("email=")]
#[case("email=E mail")]
fn a_mapping_has_two_sides(#[case] text: &str) {
    assert!(text.parse::<Mapping>().is_err());
}

#[test]
fn a_file_is_read_back_as_it_was_written() {
    let file = ConfigurationFile {
        configuration: vec![Entry {
            module: "Leads".to_owned(),
            kind: EnrichmentKind::People,
            active: Some(false),
            inputs: Some([("email".to_owned(), "Email".to_owned())].into()),
            outputs: Some([("first_name".to_owned(), "First_Name".to_owned())].into()),
        }],
    };

    assert_eq!(ConfigurationFile::read(&file.text()).unwrap(), file);
}

#[rstest]
#[case::nothing("# nothing\n", "no [[configuration]]")]
#[case::no_toml("x", "line 1")]
#[case::another_key(
    "[[configuration]]\nmodule = \"Leads\"\nkind = \"people\"\ncolour = 1\n",
    "line 4: unknown field"
)]
#[case::no_kind("[[configuration]]\nmodule = \"Leads\"\nkind = \"pets\"\n", "line 3")]
#[case::no_module(
    "[[configuration]]\nmodule = \"Le ads\"\nkind = \"people\"\n",
    "is no module"
)]
#[case::twice(
    "[[configuration]]\nmodule = \"Leads\"\nkind = \"people\"\n[[configuration]]\nmodule = \"Leads\"\nkind = \"people\"\n",
    "twice"
)]
fn a_file_that_cannot_be_read_says_where(#[case] text: &str, #[case] word: &str) {
    let error = ConfigurationFile::read(text).unwrap_err();

    assert!(error.contains(word), "{error}");
}

/// A table that is not there leaves what it would name, and what is missing here stays as it is.
#[test]
fn a_file_changes_what_it_names_and_nothing_else() {
    let text = "[[configuration]]\nmodule = \"Leads\"\nkind = \"people\"\n\
                [configuration.outputs]\nfirst_name = \"Frist_Name\"\n";
    let file = ConfigurationFile::read(text).unwrap();
    let there = leads();
    let own = Shape::of(there.own.as_ref().unwrap());
    let names = shape::Names::of(EnrichmentKind::People, &there.allowed, there.own.as_ref());

    let (wanted, missing) = file.configuration[0].wanted(own.clone(), (&names, &there.allowed));

    assert_eq!((wanted.is_active, &wanted.inputs), (true, &own.inputs));
    assert_eq!(wanted.outputs[0], own.outputs[0], "its field is not here");
    assert_eq!(wanted.outputs[1].1, None, "the table does not name it");
    assert!(
        missing[0].contains("Frist_Name may not be mapped"),
        "{missing:?}"
    );
}

#[test]
fn a_module_that_is_not_there_is_told_before_anything_is_asked() {
    let module = "leads".parse().unwrap();
    let there = There {
        modules: Some(vec!["Leads".to_owned(), "Contacts".to_owned()]),
        ..There::default()
    };

    let error = work_out(
        &there,
        (EnrichmentKind::People, &module),
        &Edit::Create(map(&["email=Email"])),
    );

    let error = error.unwrap_err().to_string();
    assert!(error.contains("did you mean Leads?"), "{error}");
}
