use super::*;
use rstest::rstest;

fn draft(values: &[(Field, &str)]) -> Draft {
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    for (field, value) in values {
        draft.set(*field, value);
    }
    draft
}

fn first(draft: &Draft, known: &Known) -> Option<(FieldRef, ErrorCode, Severity)> {
    validate(draft, known)
        .into_iter()
        .next()
        .map(|v| (v.place, v.code, v.severity))
}

#[rstest]
#[case::nothing(&[], Some((FieldRef::Inputs, ErrorCode::ExpectedFieldMissing, Severity::Error)))]
#[case::email(&[(Field::Email, "a@b.example")], None)]
#[case::short(&[(Field::Email, "ab")], Some((FieldRef::Input(Field::Email), ErrorCode::InvalidData, Severity::Error)))]
#[case::name_alone(&[(Field::Name, "Ada")], Some((FieldRef::Input(Field::Company), ErrorCode::DependentFieldMissing, Severity::Error)))]
#[case::name_and_website(&[(Field::Name, "Ada"), (Field::Website, "acme.example")], None)]
#[case::company_alone(&[(Field::Company, "Acme")], Some((FieldRef::Input(Field::Name), ErrorCode::DependentFieldMissing, Severity::Warning)))]
#[case::accents(&[(Field::Email, "zoë@acme.example")], Some((FieldRef::Input(Field::Email), ErrorCode::InvalidData, Severity::Warning)))]
#[case::control(&[(Field::Email, "ada@acme.example\nBcc: x")], Some((FieldRef::Input(Field::Email), ErrorCode::InvalidData, Severity::Error)))]
#[case::tabulator(&[(Field::Email, "ada@acme.example\tx")], Some((FieldRef::Input(Field::Email), ErrorCode::InvalidData, Severity::Error)))]
#[case::escape(&[(Field::Linkedin, "linkedin.com/in/\u{1b}[2J")], Some((FieldRef::Input(Field::Linkedin), ErrorCode::InvalidData, Severity::Error)))]
#[case::delete(&[(Field::Email, "ada\u{7f}@acme.example")], Some((FieldRef::Input(Field::Email), ErrorCode::InvalidData, Severity::Error)))]
#[case::next_line(&[(Field::Email, "ada\u{85}@acme.example")], Some((FieldRef::Input(Field::Email), ErrorCode::InvalidData, Severity::Error)))]
#[case::break_at_the_end(&[(Field::Email, "ada@acme.example\r\n")], None)]
#[case::nbsp(&[(Field::Name, "Ada\u{a0}Lovelace"), (Field::Company, "Acme\u{200b}")], None)]
#[case::nothing_to_see(&[(Field::Email, "\u{a0}\u{200b}")], Some((FieldRef::Inputs, ErrorCode::ExpectedFieldMissing, Severity::Error)))]
#[case::blank_is_absent(&[(Field::Name, "  "), (Field::Email, "a@b.example")], None)]
fn a_draft_is_judged_as_the_documents_say(
    #[case] values: &[(Field, &str)],
    #[case] expected: Option<(FieldRef, ErrorCode, Severity)>,
) {
    assert_eq!(first(&draft(values), &Known::default()), expected);
}

#[rstest]
#[case(1_000, None)]
#[case(1_001, Some(ErrorCode::InvalidData))]
fn a_value_without_end_is_refused(#[case] chars: usize, #[case] expected: Option<ErrorCode>) {
    let draft = draft(&[(Field::Email, &"a".repeat(chars))]);

    assert_eq!(first(&draft, &Known::default()).map(|v| v.1), expected);
}

#[test]
fn a_module_or_a_record_with_a_control_character_is_refused() {
    for (module, record, place) in [
        ("Le\rads", "", FieldRef::Module),
        ("Leads", "12\n3", FieldRef::RecordId),
        ("Leads", "12\u{1b}", FieldRef::RecordId),
    ] {
        let mut draft = draft(&[(Field::Email, "a@b.example")]);
        (draft.module, draft.record_id) = (module.to_owned(), record.to_owned());

        assert_eq!(
            first(&draft, &Known::default()),
            Some((place, ErrorCode::InvalidData, Severity::Error))
        );
    }
}

#[test]
fn a_name_may_have_150_characters_and_no_more() {
    let with = |n: usize| {
        draft(&[
            (Field::Name, &"a".repeat(n)),
            (Field::Website, "acme.example"),
        ])
    };

    assert_eq!(first(&with(150), &Known::default()), None);
    assert_eq!(
        first(&with(151), &Known::default()).map(|v| v.1),
        Some(ErrorCode::InvalidData)
    );
}

#[rstest]
#[case(255, None)]
#[case(256, Some(ErrorCode::InvalidData))]
fn the_name_of_an_organisation_may_have_255_characters(
    #[case] chars: usize,
    #[case] expected: Option<ErrorCode>,
) {
    let mut draft = Draft::new(EnrichmentKind::Org, "Accounts");
    draft.set(Field::Name, &"a".repeat(chars));

    assert_eq!(first(&draft, &Known::default()).map(|v| v.1), expected);
}

#[test]
fn an_unmapped_input_is_marked() {
    let known = Known {
        modules: None,
        configuration: Some(Configuration::Active {
            fills: vec![],
            unmapped: vec!["facebook".into()],
        }),
    };
    let draft = draft(&[
        (Field::Email, "a@b.example"),
        (Field::Facebook, "facebook.com/a"),
    ]);

    assert_eq!(
        first(&draft, &known),
        Some((
            FieldRef::Input(Field::Facebook),
            ErrorCode::NotAllowed,
            Severity::Error
        ))
    );
}

#[rstest]
#[case("", None)]
#[case(" 4150868000003194003 ", None)]
#[case("41508680000031940031", Some((FieldRef::RecordId, ErrorCode::InvalidData, Severity::Error)))]
#[case("zcrm_4150868000003194003", None)]
#[case("5.72577E+18", Some((FieldRef::RecordId, ErrorCode::InvalidData, Severity::Error)))]
#[case("../settings", Some((FieldRef::RecordId, ErrorCode::InvalidData, Severity::Error)))]
fn a_record_id_is_a_number_or_absent(
    #[case] id: &str,
    #[case] expected: Option<(FieldRef, ErrorCode, Severity)>,
) {
    let mut draft = draft(&[(Field::Email, "a@b.example")]);
    draft.record_id = id.to_owned();

    assert_eq!(first(&draft, &Known::default()), expected);
}

#[rstest]
#[case(None, None)]
#[case(Some(Configuration::Active { unmapped: vec![], fills: vec![] }), None)]
#[case(Some(Configuration::Missing), Some((FieldRef::Module, ErrorCode::NotAllowed, Severity::Error)))]
#[case(Some(Configuration::Disabled), Some((FieldRef::Module, ErrorCode::NotAllowed, Severity::Error)))]
fn a_configuration_that_is_missing_or_off_is_marked_at_the_module(
    #[case] configuration: Option<Configuration>,
    #[case] expected: Option<(FieldRef, ErrorCode, Severity)>,
) {
    let known = Known {
        modules: None,
        configuration,
    };

    assert_eq!(
        first(&draft(&[(Field::Email, "a@b.example")]), &known),
        expected
    );
}

#[rstest]
#[case("", ErrorCode::RequiredParamMissing)]
#[case("Le ads", ErrorCode::InvalidData)]
#[case("Deals", ErrorCode::InvalidData)]
fn a_wrong_module_is_marked_first(#[case] module: &str, #[case] code: ErrorCode) {
    let known = Known {
        modules: Some(vec!["Leads".into()]),
        configuration: None,
    };
    let draft = Draft::new(EnrichmentKind::People, module);

    assert_eq!(
        first(&draft, &known),
        Some((FieldRef::Module, code, Severity::Error))
    );
}
