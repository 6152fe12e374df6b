use super::*;
use rstest::rstest;

fn headers(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn request(columns: &[&str], constants: &[&str]) -> MappingRequest {
    let parse = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
    MappingRequest {
        kind: EnrichmentKind::People,
        module: "Leads".to_owned(),
        columns: parse(columns),
        constants: parse(constants),
        ..MappingRequest::default()
    }
}

#[rstest]
#[case("Full Name", Target::Input(Field::Name))]
#[case("E-mail", Target::Input(Field::Email))]
#[case("ORGANISATION", Target::Input(Field::Company))]
#[case("Company_Name", Target::Input(Field::Company))]
#[case("Web site", Target::Input(Field::Website))]
#[case("LinkedIn URL", Target::Input(Field::Linkedin))]
#[case("Twitter Handle", Target::Input(Field::Twitter))]
#[case("facebook", Target::Input(Field::Facebook))]
#[case("Record Id", Target::RecordId)]
#[case("Module", Target::Module)]
fn a_column_is_known_by_its_name(#[case] header: &str, #[case] target: Target) {
    let mapping = Mapping::resolve(
        &headers(&[header]),
        (Added::default(), Absent::IsAnError),
        &request(&[], &[]),
    )
    .unwrap();

    assert_eq!(mapping.lines(), [(target, header.to_owned())]);
    assert_eq!(mapping.unmapped(), []);
}

#[test]
fn a_row_becomes_a_draft() {
    let columns = headers(&["Kunde", "E-mail", "Record Id", "Note"]);
    let request = request(&["name=kunde"], &["company=Acme"]);
    let cells = headers(&[" Ada ", "ada@acme.example", "zcrm_42", "x"]);

    let draft = Mapping::of(&columns, (None, &[]), &request)
        .unwrap()
        .draft(&cells)
        .draft;

    let mut expected = Draft::new(EnrichmentKind::People, "Leads");
    expected.set(Field::Name, "Ada");
    expected.set(Field::Email, "ada@acme.example");
    expected.set(Field::Company, "Acme");
    "zcrm_42".clone_into(&mut expected.record_id);
    assert_eq!(draft, expected);
}

#[rstest]
#[case::by_name(&["First Name", "Last Name"], &[])]
#[case::as_said(&["Vorname", "Nachname"], &["name=Vorname + Nachname"])]
fn two_columns_make_one_name(#[case] columns: &[&str], #[case] said: &[&str]) {
    let mapping = Mapping::of(&headers(columns), (None, &[]), &request(said, &[])).unwrap();

    assert_eq!(
        mapping
            .draft(&headers(&["Ada", "Lovelace"]))
            .draft
            .value(Field::Name),
        "Ada Lovelace"
    );
    assert_eq!(
        mapping
            .draft(&headers(&["Ada", ""]))
            .draft
            .value(Field::Name),
        "Ada"
    );
}

#[test]
fn an_organisation_is_named_by_its_company_column() {
    let request = MappingRequest {
        kind: EnrichmentKind::Org,
        ..request(&[], &[])
    };

    let mapping = Mapping::of(&headers(&["Company Name"]), (None, &[]), &request).unwrap();

    assert_eq!(
        mapping.draft(&headers(&["Acme"])).draft.value(Field::Name),
        "Acme"
    );
}

#[test]
fn what_the_operator_says_wins_over_a_column() {
    let columns = headers(&["email", "company"]);

    let mapping = Mapping::of(&columns, (None, &[]), &request(&[], &["company=Acme"])).unwrap();

    assert_eq!(
        mapping
            .draft(&headers(&["a@b.example", "Other"]))
            .draft
            .value(Field::Company),
        "Acme"
    );
    assert_eq!(mapping.unmapped()[0].column, "company");
}

#[test]
fn an_empty_module_cell_leaves_the_module_of_the_run() {
    let mapping = Mapping::of(
        &headers(&["email", "module"]),
        (None, &[]),
        &request(&[], &[]),
    )
    .unwrap();

    assert_eq!(
        mapping.draft(&headers(&["a@b.example", ""])).draft.module,
        "Leads"
    );
    assert_eq!(
        mapping
            .draft(&headers(&["a@b.example", "Contacts"]))
            .draft
            .module,
        "Contacts"
    );
}

#[test]
fn an_unmapped_column_is_explained() {
    let columns = headers(&["email", "Compani", "Favourite colour"]);

    let unmapped = Mapping::of(&columns, (None, &[]), &request(&[], &[]))
        .unwrap()
        .unmapped();

    assert_eq!(unmapped[0].why, Unused::Near(Target::Input(Field::Company)));
    assert_eq!(unmapped[1].why, Unused::Unknown);
}

#[test]
fn what_has_its_column_was_not_meant_by_another() {
    let columns = headers(&["Email", "Email Status"]);

    let unmapped = Mapping::of(&columns, (None, &[]), &request(&[], &[]))
        .unwrap()
        .unmapped();

    assert_eq!(unmapped[0].why, Unused::Unknown);
}

#[rstest]
#[case::missing(&["Mail adress"], &["email=Mail address"], "there is no column \"Mail address\" for email; did you mean \"Mail adress\"?")]
#[case::two_claims(&["Work email", "Primary email"], &[], "columns \"Work email\" and \"Primary email\" could both be email: say --map email=\"Work email\"")]
#[case::twice(&["a", "b"], &["email=a", "email=b"], "email is given twice")]
#[case::nothing(&["a", "b"], &[], "no column leads to an input; the columns are a, b; name one with --map, such as --map email=\"Work mail\"")]
#[case::no_header(&["Ada", "ada@acme.example"], &[], "no column leads to an input; the columns are Ada, ada@acme.example; the first line must be a header, and this one reads like a row")]
fn columns_that_lead_nowhere_are_an_error_that_helps(
    #[case] columns: &[&str],
    #[case] said: &[&str],
    #[case] message: &str,
) {
    let error = Mapping::of(&headers(columns), (None, &[]), &request(said, &[])).unwrap_err();

    assert_eq!(error.to_string(), message);
}

#[test]
fn the_word_itself_is_no_guess() {
    let columns = headers(&["Primary email", "Email"]);

    let mapping = Mapping::of(&columns, (None, &[]), &request(&[], &[])).unwrap();

    assert_eq!(
        mapping.lines(),
        [(Target::Input(Field::Email), "Email".to_owned())]
    );
}

#[test]
fn an_input_of_the_other_kind_is_refused() {
    let request = MappingRequest {
        kind: EnrichmentKind::Org,
        ..request(&["linkedin=a"], &[])
    };

    let error = Mapping::of(&headers(&["a"]), (None, &[]), &request).unwrap_err();

    assert_eq!(
        error.to_string(),
        "linkedin is not an input of org enrichment"
    );
}

#[rstest]
#[case("name=Full Name", Ok((Target::Input(Field::Name), "Full Name")))]
#[case("record_id = Id", Ok((Target::RecordId, "Id")))]
#[case("fax=x", Err("\"fax\" cannot be mapped"))]
#[case("name", Err("\"name\" has no ="))]
fn an_assignment_is_read_or_explained(
    #[case] text: &str,
    #[case] expected: Result<(Target, &str), &str>,
) {
    match (text.parse::<Assignment>(), expected) {
        (Ok(said), Ok(wanted)) => assert_eq!((said.target, said.text.as_str()), wanted),
        (Err(error), Err(start)) => assert!(error.starts_with(start), "{error}"),
        (got, wanted) => panic!("{got:?} instead of {wanted:?}"),
    }
}

#[test]
fn columns_that_a_person_took_away_are_not_taken_by_their_name() {
    let headers = ["Name".to_owned(), "Email".to_owned()];
    let mut request = request(&["name=Name"], &[]);
    request.others = super::Others::Unused;

    let mapping = Mapping::of(&headers, (None, &[]), &request).unwrap();

    assert_eq!(mapping.lines().len(), 1);
    assert!(!mapping.is_used(1));
}
