use super::*;

#[test]
fn compose_again_refills_the_form_and_can_be_undone() {
    let mut harness = at_work();
    harness.press("F3 Down c");

    assert_eq!(harness.app.screens.console.pane, Pane::Compose);
    assert_eq!(harness.draft().value(Field::Name), "Test");
    assert_eq!(harness.submits(), 0);
    harness.press("Ctrl+P").type_text("restore").press("Enter");
    assert_eq!(harness.draft(), ada());
}

#[test]
fn space_in_the_module_field_opens_the_list() {
    let mut harness = at_work();
    harness.press("Up Up Space Down Enter");

    assert_eq!(harness.draft().module, "Contacts");
}

#[test]
fn a_module_that_no_list_names_may_be_typed() {
    let mut harness = at_work();
    harness
        .press("Up Up Ctrl+Space")
        .type_text("Partners")
        .press("Enter");

    assert_eq!(harness.draft().module, "Partners");
}

#[test]
fn without_a_profile_no_modules_are_awaited() {
    let mut harness = Harness::empty(120, 40);

    harness
        .press("Ctrl+P")
        .type_text("choose a module")
        .press("Enter");

    let text = harness.text();
    assert!(text.contains("the list is empty; type a name"), "{text}");
    assert!(!text.contains("asking the server"), "{text}");
}

#[test]
fn what_the_editor_saved_refills_the_form() {
    let mut harness = at_work();
    harness.press("F4");
    let text = match harness.effects.as_slice() {
        [Effect::OpenEditor(text)] => text.replace("Lovelace", "Byron"),
        other => panic!("{other:?}"),
    };

    harness.tell(Msg::Edited(Ok(text)));

    assert_eq!(harness.draft().value(Field::Name), "Ada Byron");
    assert_eq!(harness.submits(), 0);
}

#[test]
fn a_broken_document_leaves_the_form_alone() {
    let mut harness = at_work();

    harness.tell(Msg::Edited(Ok("{".to_owned())));

    assert_eq!(harness.draft(), ada());
    assert!(harness.toast().contains("line 1"), "{}", harness.toast());
}

/// A row of a spreadsheet is offered as fields; nothing changes before a yes.
#[test]
fn a_row_of_a_spreadsheet_is_offered_as_fields() {
    let mut harness = at_work();
    harness.paste("Grace Hopper\tgrace@navy.example\tUS Navy\n");
    let text = harness.text();
    for part in [
        "Fill the form with this row",
        "Grace Hopper",
        "grace@navy.example",
        "US Navy",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(harness.draft(), ada());

    harness.press("Esc");
    assert_eq!(harness.draft(), ada());
    harness.paste("Grace Hopper\tgrace@navy.example\tUS Navy\n");
    harness.press("y");

    let draft = harness.draft();
    assert_eq!(
        (draft.value(Field::Name), draft.value(Field::Company)),
        ("Grace Hopper", "US Navy")
    );
    assert_eq!(
        (draft.value(Field::Email), draft.module.as_str()),
        ("grace@navy.example", "Leads")
    );
    assert_eq!((draft.value(Field::Linkedin), harness.submits()), ("", 0));
}

#[test]
fn a_text_with_one_value_is_pasted_as_text() {
    let mut harness = at_work();
    harness.press("Ctrl+U");
    harness.paste("Grace\n");

    assert!(harness.app.popups.is_empty());
    assert_eq!(harness.draft().value(Field::Name), "Grace");
}

fn configured(harness: &mut Harness, held: Option<&[&str]>) {
    let found = configuration(held);
    harness.reply(found);
}

fn configuration(held: Option<&[&str]>) -> Payload {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Payload::LoadConfiguration(crate::ops::setup::Configured {
        configuration: crate::enrichment::validate::Configuration::Active {
            unmapped: Vec::new(),
            fills: names(&["First_Name", "City", "State", "Country", "Phone"]),
        },
        held: held.map(names),
    })
}

/// Before a unit is spent it is known where what is found will go, and what stands there.
#[test]
fn the_form_says_what_will_be_filled_and_what_the_record_holds() {
    let mut harness = at_work();
    configured(&mut harness, None);
    let text = harness.text();
    assert!(text.contains("record id into First_Name, City,"), "{text}");

    harness
        .press("Up")
        .type_text("5725767000003019012")
        .press("Tab");
    let ops = harness.ops();
    let asked = ops.iter().any(|op| {
        matches!(op, Op::LoadConfiguration { record, .. }
            if record.as_ref().is_some_and(|id| id.as_str() == "5725767000003019012"))
    });
    assert!(asked, "{ops:?}");
    configured(&mut harness, Some(&["First_Name"]));

    let text = harness.text();
    assert!(text.contains("→ Zia → fills City, State,"), "{text}");
    assert!(text.contains("First_Name"), "{text}");
}

/// What was told of the other kind's configuration says nothing of this one.
#[test]
fn the_configuration_of_another_kind_is_late() {
    let mut harness = at_work();
    harness.press("Esc p");

    harness.reply_late(configuration(None));

    let text = harness.text();
    assert!(!text.contains("First_Name"), "{text}");
}

// ---- the form itself

#[test]
fn a_draft_survives_the_form() {
    let mut draft = Draft::new(crate::base::EnrichmentKind::People, "Leads");
    draft.set(Field::Name, "Ada Lovelace");
    draft.set(Field::Company, "Acme");
    let mut harness = at_work();

    harness.fill(&draft);

    assert_eq!(harness.draft(), draft);
    assert!(harness.text().contains("✓ ready"));
}

#[test]
fn what_was_replaced_is_kept() {
    let mut harness = at_work();
    let mut first = Draft::new(crate::base::EnrichmentKind::People, "Leads");
    first.set(Field::Email, "ada@acme.io");
    harness.fill(&first);
    let empty = Draft::new(crate::base::EnrichmentKind::People, "Leads");
    harness.fill(&empty);
    assert_eq!(harness.draft(), empty);

    harness.press("Ctrl+P").type_text("restore").press("Enter");

    assert_eq!(harness.draft(), first);
}

#[test]
fn the_focus_goes_round() {
    let mut harness = at_work();
    let places = harness.app.screens.console.compose.form.keys();

    for _ in 0..places.len() {
        harness.press("Down");
    }
    let focus = |harness: &Harness| harness.app.screens.console.compose.focus();
    assert_eq!(focus(&harness), FieldRef::Input(Field::Name));
    harness.press("Up Up Up");
    assert_eq!(focus(&harness), FieldRef::Input(Field::Facebook));
    assert_eq!(places.last(), Some(&FieldRef::Input(Field::Facebook)));
}
