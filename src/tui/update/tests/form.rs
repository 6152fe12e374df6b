use super::*;

#[test]
fn compose_again_refills_the_form_and_can_be_undone() {
    let mut bench = at_work();
    bench.press("F3 Down c");

    assert_eq!(bench.model.pane, Pane::Compose);
    assert_eq!(bench.model.compose.draft().value(Field::Name), "Test");
    assert_eq!(bench.submits(), 0);
    bench.press("Ctrl+P").type_text("restore").press("Enter");
    assert_eq!(bench.model.compose.draft(), ada());
}

#[test]
fn space_in_the_module_field_opens_the_list() {
    let mut bench = at_work();
    bench.press("Up Up Space Down Enter");

    assert_eq!(bench.model.compose.draft().module, "Contacts");
}

#[test]
fn a_module_that_no_list_names_may_be_typed() {
    let mut bench = at_work();
    bench
        .press("Up Up Ctrl+Space")
        .type_text("Partners")
        .press("Enter");

    assert_eq!(bench.model.compose.draft().module, "Partners");
}

#[test]
fn what_the_editor_saved_refills_the_form() {
    let mut bench = at_work();
    bench.press("F4");
    let text = match bench.effects.as_slice() {
        [Effect::OpenEditor(text)] => text.replace("Lovelace", "Byron"),
        other => panic!("{other:?}"),
    };

    bench.tell(Msg::Edited(Ok(text)));

    assert_eq!(bench.model.compose.draft().value(Field::Name), "Ada Byron");
    assert_eq!(bench.submits(), 0);
}

#[test]
fn a_broken_document_leaves_the_form_alone() {
    let mut bench = at_work();

    bench.tell(Msg::Edited(Ok("{".to_owned())));

    assert_eq!(bench.model.compose.draft(), ada());
    assert!(bench.toast().contains("line 1"), "{}", bench.toast());
}

/// A row of a spreadsheet is offered as fields; nothing changes before a yes.
#[test]
fn a_row_of_a_spreadsheet_is_offered_as_fields() {
    let mut bench = at_work();
    bench.paste("Grace Hopper\tgrace@navy.example\tUS Navy\n");
    let text = bench.text();
    for part in [
        "Fill the form with this row",
        "Grace Hopper",
        "grace@navy.example",
        "US Navy",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(bench.model.compose.draft(), ada());

    bench.press("Esc");
    assert_eq!(bench.model.compose.draft(), ada());
    bench.paste("Grace Hopper\tgrace@navy.example\tUS Navy\n");
    bench.press("y");

    let draft = bench.model.compose.draft();
    assert_eq!(
        (draft.value(Field::Name), draft.value(Field::Company)),
        ("Grace Hopper", "US Navy")
    );
    assert_eq!(
        (draft.value(Field::Email), draft.module.as_str()),
        ("grace@navy.example", "Leads")
    );
    assert_eq!((draft.value(Field::Linkedin), bench.submits()), ("", 0));
}

#[test]
fn a_text_with_one_value_is_pasted_as_text() {
    let mut bench = at_work();
    bench.press("Ctrl+U");
    bench.paste("Grace\n");

    assert!(bench.model.popups.is_empty());
    assert_eq!(bench.model.compose.draft().value(Field::Name), "Grace");
}

fn configured(bench: &mut Bench, held: Option<&[&str]>) {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let of = bench.model.compose.configuration_of.clone();
    bench.tell(Msg::Configuration {
        profile: bench.model.shared.active.clone().unwrap(),
        kind: bench.model.shared.kind(),
        of,
        result: Ok(crate::ops::setup::Configured {
            configuration: crate::enrichment::validate::Configuration::Active {
                unmapped: Vec::new(),
                fills: names(&["First_Name", "City", "State", "Country", "Phone"]),
            },
            held: held.map(names),
        }),
    });
}

/// Before a unit is spent it is known where what is found will go, and what stands there.
#[test]
fn the_form_says_what_will_be_filled_and_what_the_record_holds() {
    let mut bench = at_work();
    configured(&mut bench, None);
    let text = bench.text();
    assert!(text.contains("record id into First_Name, City,"), "{text}");

    bench
        .press("Up")
        .type_text("5725767000003019012")
        .press("Tab");
    let asks = bench.asks();
    let asked = asks.iter().any(|ask| {
        matches!(ask, Ask::LoadConfiguration { of: (_, Some(id)), .. }
            if id.as_str() == "5725767000003019012")
    });
    assert!(asked, "{asks:?}");
    configured(&mut bench, Some(&["First_Name"]));

    let text = bench.text();
    assert!(text.contains("→ Zia → fills City, State,"), "{text}");
    assert!(text.contains("First_Name"), "{text}");
}
