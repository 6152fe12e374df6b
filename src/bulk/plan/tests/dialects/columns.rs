//! What leads where in the tables of other programs, and what must not.

use rstest::rstest;

use super::*;

/// What leads where in the tables of other programs, and what must not.
#[rstest]
#[case::apollo(
    "First Name,Last Name,Title,Company Name,Email,Email Status,Person Linkedin Url,Website,Company Linkedin Url,Facebook Url,Twitter Url",
    &["name=First Name + Last Name", "email=Email", "company=Company Name", "website=Website", "linkedin=Person Linkedin Url"]
)]
#[case::linkedin(
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    &["name=First Name + Last Name", "email=Email Address", "company=Company", "linkedin=URL"]
)]
#[case::hubspot(
    "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,LinkedIn URL,Website URL",
    &["name=First Name + Last Name", "email=Email", "company=Associated Company", "website=Website URL", "linkedin=LinkedIn URL", "record_id=Record ID"]
)]
#[case::salesforce(
    "Salutation,First Name,Last Name,Account Name,Email,Title,Mailing City,Website",
    &["name=First Name + Last Name", "email=Email", "company=Account Name", "website=Website"]
)]
#[case::outlook(
    "First Name,Last Name,Company,Job Title,Business Phone,E-mail Address,E-mail 2 Address,Web Page",
    &["name=First Name + Last Name", "email=E-mail Address", "company=Company", "website=Web Page"]
)]
#[case::google(
    "First Name,Middle Name,Last Name,Organization Name,Organization Title,E-mail 1 - Label,E-mail 1 - Value,Website 1 - Value",
    &["name=First Name + Last Name", "email=E-mail 1 - Value", "company=Organization Name", "website=Website 1 - Value"]
)]
#[case::zoho(
    "Record Id,Lead Owner,First Name,Last Name,Company,Email,Website,Twitter",
    &["name=First Name + Last Name", "email=Email", "company=Company", "website=Website", "twitter=Twitter", "record_id=Record Id"]
)]
#[case::a_report_of_salesforce(
    "Lead: First Name,Lead: Last Name,Account: Account Name,Contact: Email,Account: LinkedIn",
    &["name=Lead: First Name + Lead: Last Name", "email=Contact: Email", "company=Account: Account Name"]
)]
#[case::linkedin_in_german(
    "Vorname,Nachname,URL,E-Mail-Adresse,Unternehmen,Position,Connected On",
    &["name=Vorname + Nachname", "email=E-Mail-Adresse", "company=Unternehmen", "linkedin=URL"]
)]
#[case::two_notes("Note,Email,Note", &["email=Email"])]
#[case::zoominfo(
    "Contact Name,Company Name,Website,Email Address,LinkedIn Contact Profile URL,LinkedIn Company Profile URL",
    &["name=Contact Name", "email=Email Address", "company=Company Name", "website=Website", "linkedin=LinkedIn Contact Profile URL"]
)]
fn the_tables_of_other_programs_lead_where_they_should(
    #[case] header: &str,
    #[case] expected: &[&str],
) {
    let empty = ",".repeat(header.matches(',').count() - 1);
    let done = plan(&format!("{header}\nx{empty},y\n"));

    let mut mapped: Vec<String> = done
        .mapped
        .iter()
        .map(|(to, from)| format!("{to}={from}"))
        .collect();
    let mut expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
    if mapped.len() != expected.len() {
        // The row of this test has `x` as its id.
        expected.retain(|text| !text.starts_with("record_id"));
    }
    mapped.sort();
    expected.sort();
    assert_eq!(mapped, expected);
}

#[rstest]
#[case::hubspot("512345", false)]
#[case::salesforce("0035g00000ABCDEFGH", false)]
#[case::zoho("5725767000003019012", true)]
#[case::exported("zcrm_5725767000003019012", true)]
#[case::rounded("5.72577E+18", true)]
#[case::rounded_in_full("5725767000003010000", true)]
#[case::nothing("", true)]
fn ids_of_other_systems_are_no_records(#[case] id: &str, #[case] is_mapped: bool) {
    let done = plan(&format!("Record ID,Email\n{id},a@b.example\n"));

    let leads = done
        .mapped
        .iter()
        .any(|(target, _)| *target == Target::RecordId);
    assert_eq!(leads, is_mapped);
    let other = done
        .unmapped
        .iter()
        .any(|column| column.why == Unused::OtherIds);
    assert_eq!(other, !is_mapped);
}

#[test]
fn a_page_of_the_company_says_so_and_how_it_is_sent_all_the_same() {
    let done = plan(
        "Email,Company Linkedin Url,Facebook Url\na@b.example,linkedin.com/company/x,fb.com/x\n",
    );

    let said: Vec<String> = done.unmapped.iter().map(Unmapped::sentence).collect();
    assert_eq!(
        said,
        [
            "Company Linkedin Url: a page of the company and not of the person; --map linkedin=\"Company Linkedin Url\" sends it all the same",
            "Facebook Url: a page of the company and not of the person; --map facebook=\"Facebook Url\" sends it all the same",
        ]
    );
    assert_eq!(done.rows[0].draft.value(Field::Facebook), "");
}

/// The ids of another module are those of other records.
#[rstest]
#[case::beside_its_own(
    "ID,Account ID,Email\n5725767000003019012,5725767000003019999,a@b.example\n",
    Some("5725767000003019012")
)]
#[case::its_own(
    "Lead Id,Contact Id,Email\n5725767000003019012,5725767000003019999,a@b.example\n",
    Some("5725767000003019012")
)]
#[case::anothers("Account Id,Email\n5725767000003019999,a@b.example\n", None)]
#[case::a_number("ID,Email\n7,a@b.example\n", None)]
fn a_record_is_of_the_module(#[case] file: &str, #[case] record: Option<&str>) {
    let done = plan(file);

    let found = done.rows[0].draft.record_id.as_str();
    assert_eq!(Some(found).filter(|id| !id.is_empty()), record);
}

#[test]
fn json_lines_take_no_id_of_something_else() {
    let done =
        plan("{\"Account Id\":\"5725767000003019999\",\"id\":7,\"email\":\"a@b.example\"}\n");

    assert_eq!(done.rows[0].draft.record_id, "");
}

/// One id may end in zeros; of several a program made numbers.
#[rstest]
#[case::printed(&["5725767000003019000", "5725767000003011000"], true)]
#[case::exact(&["5725767000003018752", "5725767000003010560"], true)]
#[case::one_alone(&["5725767000003019000"], false)]
#[case::one_of_two(&["5725767000003019000", "5725767000003019012"], false)]
#[case::the_same_twice(&["5725767000003019000", "5725767000003019000"], false)]
fn ids_that_a_program_took_for_numbers_are_doubted(
    #[case] ids: &[&str],
    #[case] are_doubted: bool,
) {
    let rows = ids
        .iter()
        .enumerate()
        .map(|(n, id)| format!("{id},a{n}@b.example\n"));
    let done = plan(&format!("Record Id,Email\n{}", rows.collect::<String>()));

    assert_eq!(
        done.report.doubtful > 0,
        are_doubted,
        "{:?}",
        done.report.kinds
    );
    assert_eq!(done.report.ready == 0, are_doubted);
}

/// Of a file of objects it is told where its keys lead, as of a table.
#[test]
fn the_keys_of_json_lines_are_told() {
    let file = "{\"email\":\"a@b.example\",\"company\":\"Acme\",\"nmae\":\"x\"}\n{\"Full Name\":\"Bo Boo\",\"company\":\"Beta\"}\n";
    let mut reader = RowReader::open(file.as_bytes(), options()).unwrap();
    while reader.next_row().unwrap().is_some() {}

    let keys = reader.finish().unwrap().keys;

    let mapped: Vec<String> = keys
        .mapped
        .iter()
        .map(|(to, from)| format!("{to}={from}"))
        .collect();
    assert_eq!(mapped, ["email=email", "company=company", "name=Full Name"]);
    let unmapped: Vec<String> = keys.unmapped.iter().map(Unmapped::sentence).collect();
    assert_eq!(unmapped, ["nmae; was name meant?"]);
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let file = b"{\"email\":\"a@a.example\",\"email\":\"b@a.example\"}\n";

    let error = planned(file, options()).err().unwrap();

    assert_eq!(
        error.to_string(),
        "line 1: \"email\" is in it twice: which one is meant?"
    );
}
