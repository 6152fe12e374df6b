//! Files as programs and people really leave them: what is read, what is said, what becomes of the rows.

use proptest::prelude::*;
use rstest::rstest;

use super::UNITS;
use crate::bulk::plan::{Doubted, History, PlanReport, Planner, RowClass};
use crate::bulk::rows::{
    Mapping, MappingRequest, Punctuation, Reading, RowsError, Target, Unmapped, Unused,
};
use crate::bulk::{InputRow, ReadOptions, RowReader};
use crate::enrichment::{Field, Known};

/// All that is known of a file after it was planned.
struct Done {
    rows: Vec<InputRow>,
    classes: Vec<RowClass>,
    report: PlanReport,
    reading: Reading,
    mapped: Vec<(Target, String)>,
    unmapped: Vec<Unmapped>,
}

fn options() -> ReadOptions {
    let mapping = MappingRequest {
        module: "Leads".to_owned(),
        ..MappingRequest::default()
    };
    ReadOptions {
        mapping,
        ..ReadOptions::default()
    }
}

fn planned(file: &[u8], options: ReadOptions) -> Result<Done, RowsError> {
    let mut reader = RowReader::open(file, options)?;
    let mapped = reader.mapping().map(Mapping::lines).unwrap_or_default();
    let unmapped = reader.unmapped();
    let mut planner = Planner::new(Known::default()).with_doubtful(Doubted::LeftOut);
    let (mut rows, mut classes) = (Vec::new(), Vec::new());
    while let Some(row) = reader.next_row()? {
        classes.push(planner.judge(&row, History::New));
        rows.push(row);
    }
    Ok(Done {
        rows,
        classes,
        report: planner.report(UNITS),
        reading: reader.finish()?.reading,
        mapped,
        unmapped,
    })
}

fn plan(file: &str) -> Done {
    planned(file.as_bytes(), options()).unwrap()
}

const TWO: [&str; 2] = ["ada@acme.example", "bo@beta.example"];

fn mails(done: &Done) -> Vec<&str> {
    done.rows
        .iter()
        .map(|row| row.draft.email.as_str())
        .collect()
}

/// Each is the same table of two people.
#[rstest]
#[case::commas_behind_rows(
    "Email,Full Name,Company\nada@acme.example,Ada Lovelace,Acme,\nbo@beta.example,Bo Beta,Beta,\n"
)]
#[case::many_behind_one(
    "Email,Full Name,Company\nada@acme.example,Ada Lovelace,Acme,,, ,\nbo@beta.example,Bo Beta,Beta\n"
)]
#[case::short(
    "Email,Full Name,Company,Note\nada@acme.example,Ada Lovelace,Acme\nbo@beta.example,Bo Beta,Beta,x\n"
)]
#[case::shorter("Email,Full Name,Company,Note\nada@acme.example\nbo@beta.example,Bo Beta,Beta,x\n")]
#[case::rows_of_commas(
    "Email,Full Name,Company\n,,\nada@acme.example,Ada Lovelace,Acme\n,,\n\nbo@beta.example,Bo Beta,Beta\n,,\n ,\u{a0},\n"
)]
#[case::rows_of_quotes(
    "Email,Company\nada@acme.example,Ada Lovelace\n\"\",\"\"\nbo@beta.example,Bo Beta\n"
)]
#[case::lines_of_blanks(
    "Email,Full Name,Company\nada@acme.example,Ada Lovelace,Acme\nbo@beta.example,Bo Beta,Beta\n   \n\n\t\n"
)]
#[case::semicolons_behind(
    "Email;Company\nada@acme.example;Ada Lovelace;;\nbo@beta.example;Bo Beta\n;;;\n"
)]
#[case::tabs_behind(
    "Email\tCompany\t\nada@acme.example\tAda Lovelace\t\t\nbo@beta.example\tBo Beta\n\t\t\t\n"
)]
#[case::ctrl_z("Email,Company\nada@acme.example,Ada Lovelace\nbo@beta.example,Bo Beta\n\u{1a}\n")]
#[case::ctrl_z_at_the_last_row(
    "Email,Company\r\nada@acme.example,Ada Lovelace\r\nbo@beta.example,Bo Beta\u{1a}"
)]
#[case::ctrl_z_and_a_block(
    "Email,Company\nada@acme.example,Ada Lovelace\nbo@beta.example,Bo Beta\n\u{1a}\0\0\0\0"
)]
#[case::sep_quoted(
    "\"sep=;\"\r\nEmail;Company\r\nada@acme.example;Ada Lovelace\r\nbo@beta.example;Bo Beta\r\n"
)]
#[case::sep_in_capitals(
    "SEP=;\nEmail;Company\nada@acme.example;Ada, Lovelace\nbo@beta.example;Bo Beta\n"
)]
#[case::sep_with_commas(
    "sep=,,,\nEmail,Full Name,Company,Note\nada@acme.example,Ada Lovelace,Acme,\nbo@beta.example,Bo Beta,Beta,x\n"
)]
#[case::sep_tab(
    "sep=\t\nEmail\tCompany\nada@acme.example\tAda Lovelace\nbo@beta.example\tBo Beta\n"
)]
#[case::sep_tab_spelled(
    "sep=\\t\nEmail\tCompany\nada@acme.example\tAda Lovelace\nbo@beta.example\tBo Beta\n"
)]
#[case::sep_alone("sep=\nEmail;Company\nada@acme.example;Ada Lovelace\nbo@beta.example;Bo Beta\n")]
#[case::sep_behind_a_mark(
    "\u{feff}sep=|\nEmail|Company\nada@acme.example|Ada Lovelace\nbo@beta.example|Bo Beta\n"
)]
#[case::sep_that_was_saved_otherwise(
    "sep=;,\nEmail,Company\nada@acme.example,Ada Lovelace\nbo@beta.example,Bo Beta\n"
)]
#[case::sep_of_another_sign(
    "sep=^\nEmail^Company\nada@acme.example^Ada Lovelace\nbo@beta.example^Bo Beta\n"
)]
#[case::quoted_whole(
    "\"Email,Full Name,Company\"\n\"ada@acme.example,Ada Lovelace,Acme\"\n\"bo@beta.example,Bo Beta,Beta\"\n"
)]
#[case::quoted_whole_with_columns(
    "\"Email,Full Name,Company\",,\n\"ada@acme.example,Ada Lovelace,Acme\",,\n\"bo@beta.example,\"\"Beta, Bo\"\",Beta\",,\n"
)]
#[case::quoted_whole_semicolons(
    "\"Email;Company\"\n\"ada@acme.example;Ada Lovelace\"\n\"bo@beta.example;Bo Beta\"\n"
)]
#[case::quoted_whole_under_a_title(
    "\"Leads, all\"\n\"Email,Company\"\n\"ada@acme.example,Ada Lovelace\"\n\"bo@beta.example,Bo Beta\"\n"
)]
#[case::nameless_columns(
    "Email,Company,,,,\nada@acme.example,Ada Lovelace,,,,\nbo@beta.example,Bo Beta,,,,\n"
)]
#[case::a_title(
    "Leads of November\nEmail,Company\nada@acme.example,Ada Lovelace\nbo@beta.example,Bo Beta\n"
)]
#[case::a_title_and_notes(
    "Leads of November; confidential,,\n\"made by: Robin, for Ada\",,\n,,\nEmail,Full Name,Company\nada@acme.example,Ada Lovelace,Acme\nbo@beta.example,Bo Beta,Beta\n"
)]
#[case::a_title_above_semicolons(
    "Leads, all, of 2026\n\nEmail;Company\nada@acme.example;Ada Lovelace\nbo@beta.example;Bo Beta\n"
)]
#[case::a_title_above_one_column("My contacts\nEmail\nada@acme.example\nbo@beta.example\n")]
#[case::a_broken_header(
    "\"E-mail\nAddress\",\"Company\r\nName\"\nada@acme.example,Ada Lovelace\nbo@beta.example,Bo Beta\n"
)]
fn a_table_is_the_same_however_a_program_left_it(#[case] file: &str) {
    let done = plan(file);

    assert_eq!(mails(&done), TWO);
    assert_eq!(
        done.classes,
        [RowClass::Ready, RowClass::Ready],
        "{:?}",
        done.report.kinds
    );
}

#[rstest]
#[case::empty_rows("Email,Company\na@b.example,X Ltd\n,\n,\n", "2 empty rows left out")]
#[case::long(
    "Email\na@b.example,,\n",
    "1 row with more cells than the header: what is too much is empty, and left out"
)]
#[case::short(
    "Email,Note\na@b.example\n",
    "1 row with fewer cells than the header: what is missing is taken as empty"
)]
#[case::nameless(
    "Email,,\na@b.example,,\n",
    "2 columns without a name and without anything in them left out"
)]
#[case::quoted(
    "\"Email,Note\"\n\"a@b.example,x\"\n",
    "every line was in quotes as a whole: read as the line inside"
)]
#[case::above(
    "Hello\n\nthere\nEmail,Full Name\na@b.example,Ada Lovelace\n",
    "the header is line 4; what stands above it is left out: 2 lines"
)]
#[case::nbsp(
    "Email,Full Name\na@b.example,Ada\u{a0}Lovelace\n",
    "1 cell with a blank of another kind or an invisible sign: sent as a plain blank, or without it"
)]
#[case::zero_width(
    "Email\na\u{200b}@b.example\n",
    "1 cell with a blank of another kind or an invisible sign: sent as a plain blank, or without it"
)]
#[case::at_the_end(
    "Email\na@b.example\u{a0}\n",
    "1 cell with a blank of another kind or an invisible sign: sent as a plain blank, or without it"
)]
#[case::apostrophe(
    "Full Name,Company\nO\u{2019}Brien,Acme\n",
    "1 cell with a typographic apostrophe or dash, which may be refused: --ascii-punctuation sends ' or -"
)]
fn whatever_was_taken_differently_is_said_once(#[case] file: &str, #[case] said: &str) {
    assert_eq!(plan(file).reading.lines(), [said]);
}

#[test]
fn a_plain_table_says_nothing() {
    let done = plan("Email,Full Name\nada@acme.example,Ada Lovelace\nbo@beta.example,Bo Beta\n");

    assert_eq!(done.reading.lines(), Vec::<String>::new());
    assert_eq!(done.reading.header_line, 1);
}

/// Text in a column without a name is the user's, and stays.
#[test]
fn a_column_without_a_name_and_with_text_is_kept() {
    let done = plan("Email,,\na@b.example,x,\nb@b.example,,y\n");

    assert_eq!(done.reading.nameless_columns, 0);
    assert_eq!(done.rows[1].original, ["b@b.example", "", "y"]);
}

#[rstest]
#[case::long_with_text(
    "Email,Full Name\na@b.example,Lovelace, Ada\n",
    "line 2: the row has 3 cells, the header has 2; is a text with the separator not in quotes, or does the table begin further down (--header-row)?"
)]
#[case::no_header_there("Email\na@b.example\n", "")]
fn a_row_with_too_much_text_is_refused_with_its_line(#[case] file: &str, #[case] message: &str) {
    let error = planned(file.as_bytes(), options()).err();
    assert_eq!(
        error.map(|error| error.to_string()).unwrap_or_default(),
        message
    );
}

/// A cell is missing in the middle: what follows stands one column too far to the left.
#[rstest]
#[case::an_address_as_company(
    "Full Name,Company,Email\nAda Lovelace,ada@acme.example\n",
    Field::Company
)]
#[case::an_address_as_name("Full Name,Email,Company\nada@acme.example,Acme\n", Field::Name)]
#[case::a_page_as_email(
    "Full Name,Email,LinkedIn,Company\nAda,linkedin.com/in/ada,Acme\n",
    Field::Email
)]
#[case::a_company_as_email("Full Name,Email,Company\nAda Lovelace,Acme\n", Field::Email)]
fn a_short_row_whose_cells_look_shifted_is_invalid(#[case] file: &str, #[case] field: Field) {
    let done = plan(file);

    let RowClass::Invalid(violations) = &done.classes[0] else {
        panic!("{:?}", done.classes);
    };
    assert!(
        violations
            .iter()
            .any(|found| found.place.as_str() == field.as_str()
                && found.hint.contains("fewer cells")),
        "{violations:?}"
    );
    assert_eq!(done.report.problems[0].line, 2);
}

/// Reports end with lines that are no rows.
#[rstest]
#[case::a_note("Email,Full Name,Company\na@b.example,Ada,Acme\nConfidential - do not distribute\n")]
#[case::a_quoted_note(
    "Company,Email\nAcme,a@b.example\n\"Copyright (c) 2026 acme.example, inc.\"\n"
)]
#[case::a_sum("Company,Email,Website\nAcme,a@b.example,\nTotal: 1\n")]
fn a_line_of_one_text_below_the_rows_is_invalid(#[case] file: &str) {
    let done = plan(file);

    assert_eq!(done.classes[0], RowClass::Ready);
    let RowClass::Invalid(violations) = &done.classes[1] else {
        panic!("{:?}", done.classes);
    };
    assert!(
        violations[0].hint.contains("is it a note"),
        "{violations:?}"
    );
}

#[rstest]
#[case(2, "Name,x\nEmail,Full Name\na@b.example,Ada Lovelace\n")]
#[case(4, "\n\nwhatever\nMy mail,Full Name\na@b.example,Ada Lovelace\n")]
fn the_line_of_the_header_can_be_said(#[case] line: u64, #[case] file: &str) {
    let options = ReadOptions {
        header_row: Some(line),
        ..options()
    };

    let done = planned(file.as_bytes(), options).unwrap();

    assert_eq!(done.reading.header_line, line);
    assert_eq!(done.rows.len(), 1);
    assert_eq!(done.rows[0].draft.name, "Ada Lovelace");
}

#[test]
fn a_header_that_is_not_there_is_an_error_with_its_line() {
    let options = ReadOptions {
        header_row: Some(7),
        ..options()
    };

    let error = planned(b"Email\na@b.example\n", options).err().unwrap();

    assert!(
        error.to_string().starts_with("line 7: no row begins here"),
        "{error}"
    );
}

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
    assert_eq!(done.rows[0].draft.facebook, "");
}

#[test]
fn typographic_signs_are_typed_where_that_was_said_and_nothing_else_is() {
    let file = "Full Name,Company\nO\u{2019}Brien,Acme\nAda\u{2013}Lovelace,Acme\nZo\u{eb} N\u{2018}Golo,Acme\n";
    let mut options = options();
    options.mapping.punctuation = Punctuation::Ascii;

    let done = planned(file.as_bytes(), options).unwrap();

    let names: Vec<&str> = done
        .rows
        .iter()
        .map(|row| row.draft.name.as_str())
        .collect();
    assert_eq!(names, ["O'Brien", "Ada-Lovelace", "Zo\u{eb} N'Golo"]);
    assert_eq!(
        done.rows[0].original[0], "O\u{2019}Brien",
        "the file is kept as it is"
    );
    assert_eq!((done.report.ready, done.report.invalid), (2, 1));
    assert_eq!(
        done.reading.lines(),
        ["3 cells with a typographic apostrophe or dash: sent as ' or -"]
    );
}

/// A thousand times the same is said once, with the first lines and all letters.
#[test]
fn problems_are_said_by_kind() {
    let names = ["Zo\u{eb}", "M\u{fc}ller", "\u{5c71}\u{7530}\u{592a}"];
    let rows: String = (0..1_000)
        .map(|n| format!("{},Acme\n", names[n % 3]))
        .collect();
    let mut file = format!("Full Name,Company\n{rows}Al,Acme\n");
    file.push_str("J\u{f6},Acme\n");
    // Each is somebody else.
    let file = file.replace(",Acme", ",Acme Ltd");

    let done = plan(&file);

    let said: Vec<String> = done.report.kinds.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "1,000 rows: name: INVALID_DATA: only English is accepted: \u{eb}, \u{fc}, \u{5c71}, \u{7530}, \u{592a} may be refused (lines 2, 3, 4, 5, 6 \u{2026})",
            "2 rows: name: INVALID_DATA: at least 3 characters are needed; this has 2 (lines 1002, 1003)",
        ]
    );
}

#[test]
fn a_repeated_person_is_named_with_the_line_of_the_first_and_how_they_match() {
    let done = plan(
        "Email,Full Name,LinkedIn\n\n\
         ada@acme.example,,\n\
         ADA@ACME.EXAMPLE,,linkedin.com/in/ada.b\n\
         ada@acme.example,,\n\
         ,,linkedin.com/in/ada\n\
         x@acme.example,,https://www.linkedin.com/in/ada/\n",
    );

    let said: Vec<String> = done
        .report
        .repeats
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "line 4: asks about the same as line 3, by email",
            "line 5: asks the same as line 3",
            "line 7: asks about the same as line 6, by linkedin",
        ]
    );
}

/// Titles and key-value lines that hold a name of a column, and headers that are repeated.
#[rstest]
#[case::a_key_and_a_value(
    "Company,Contacts Inc\nExported,2026-11-30\nFull Name,Company\nAda Love,Acme\n"
)]
#[case::a_title_with_a_name("LinkedIn,export\nFull Name,Company\nAda Love,Acme\n")]
#[case::a_title_in_the_first_column("Company,,\nFull Name,Company,Email\nAda Love,Acme,\n")]
#[case::a_title_that_is_longer("Report,Name,of us\nName,Company,Email\nAda Love,Acme,\n")]
#[case::two_headers("Full Name,Company\nName,Company Name\nAda Love,Acme\n")]
#[case::a_header_on_each_page(
    "Full Name,Company\nAda Love,Acme\nFull Name,Company\n\nfull name , COMPANY\n"
)]
fn the_header_is_the_line_with_most_names_and_no_row(#[case] file: &str) {
    let done = plan(file);

    let found: Vec<(&str, &str)> = done
        .rows
        .iter()
        .map(|row| (row.draft.name.as_str(), row.draft.company.as_str()))
        .collect();
    assert_eq!(found, [("Ada Love", "Acme")]);
}

/// A row with a word for its name is no header, if people stand above it.
#[rstest]
#[case::an_address_above(
    "Col A,Col B,Col C\nAda Love,Acme,q@acme.example\n,Company,\nBo Boo,Beta,bo@beta.example\n"
)]
#[case::rows_above(
    "Jmeno,Podnik,Posta\nAda Love,Acme,x\nBo Boo,Beta,y\nName,Company,Email\nCy Coo,Gamma,z\n"
)]
fn no_row_is_taken_for_a_header(#[case] file: &str) {
    let error = planned(file.as_bytes(), options()).err().unwrap();
    assert!(
        error.to_string().contains("no column leads to an input"),
        "{error}"
    );
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

/// What a report ends with is nobody's name, wherever it stands.
#[rstest]
#[case("Page 1 of 2,Printed 2026-11-30")]
#[case("Total,2 records")]
#[case("Generated by Robin,2026-11-30 12:00")]
#[case("\"Copyright (c) 2000-2026 acme.example, inc. All rights reserved.\",Acme Ltd")]
#[case("Ada Love,Confidential Information - Do Not Distribute")]
fn a_line_of_a_report_is_doubtful(#[case] row: &str) {
    let done = plan(&format!(
        "Full Name,Company\n{row}\nAda Total,Page & Sons\n"
    ));

    assert!(
        matches!(done.classes[0], RowClass::Doubtful(_)),
        "{:?}",
        done.classes
    );
    assert_eq!(done.classes[1], RowClass::Ready);
}

#[test]
fn a_text_that_a_spreadsheet_wrote_as_a_formula_is_the_text() {
    let done = plan("Full Name,Company\n\"=\"\"Ada Love\"\"\",\"=\"\"Acme\"\"\"\n");

    assert_eq!(
        (
            done.rows[0].draft.name.as_str(),
            done.rows[0].draft.company.as_str()
        ),
        ("Ada Love", "Acme")
    );
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

/// What the operator says of the delimiter holds.
#[test]
fn a_line_without_quotes_is_not_cut_again() {
    let options = ReadOptions {
        delimiter: Some(','),
        ..options()
    };
    let error = planned(b"Full Name|Company\nAda Lovelace|Acme\n", options)
        .err()
        .unwrap();

    assert!(
        error.to_string().contains("no column leads to an input"),
        "{error}"
    );
}

/// A cell of a table: any text that a person may have in one, quotes and delimiters included.
fn cell() -> impl Strategy<Value = String> {
    "[a-zA-Z,;|\t\" '\n\u{e9}\u{5c71}@.-]{0,12}"
}

proptest! {
    /// What a program writes in whatever dialect is read back as it was, but for empty rows.
    #[test]
    fn a_table_is_read_back_from_every_dialect(
        rows in proptest::collection::vec((cell(), cell(), cell()), 1..8),
        delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        is_crlf in any::<bool>(),
        is_quoted in any::<bool>(),
        is_declared in any::<bool>(),
        nameless in 0_usize..3,
        is_titled in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(if is_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .terminator(if is_crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .flexible(true)
            .from_writer(Vec::new());
        if is_titled {
            writer.write_record(["Report"]).unwrap();
        }
        let pad = |mut cells: Vec<String>| {
            cells.resize(cells.len() + nameless, String::new());
            cells
        };
        let header = ["Email", "Full Name", "Company"].map(str::to_owned);
        writer.write_record(pad(header.to_vec())).unwrap();
        for (a, b, c) in &rows {
            writer.write_record(pad(vec![a.clone(), b.clone(), c.clone()])).unwrap();
        }
        let mut file = writer.into_inner().unwrap();
        if is_declared {
            let line = format!("sep={}\n", char::from(delimiter));
            file = [line.as_bytes(), &file].concat();
        }

        let done = planned(&file, options());

        let filled: Vec<Vec<String>> = rows
            .into_iter()
            .map(|(a, b, c)| vec![a, b, c])
            .filter(|cells| cells.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        match done {
            Ok(done) => {
                let read: Vec<Vec<String>> = done.rows.into_iter().map(|row| row.original).collect();
                prop_assert_eq!(read, filled);
            }
            Err(error) => prop_assert!(filled.is_empty(), "{}", error),
        }
    }

    /// In every encoding that is named, and with every mark.
    #[test]
    fn a_table_is_read_back_from_every_encoding(
        names in proptest::collection::vec("[a-zA-Z ]{1,12}", 1..6),
        label in prop_oneof![
            Just("utf-8"), Just("utf-16le"), Just("utf-16be"), Just("latin1"), Just("windows-1251"),
            Just("shift_jis"), Just("macintosh"), Just("gb18030"), Just("euc-kr"), Just("big5"),
            Just("iso-8859-2"), Just("koi8-r"), Just("windows-874"),
        ],
        has_mark in any::<bool>(),
    ) {
        let letters = match label {
            "windows-1251" | "koi8-r" => "\u{418}\u{432}\u{430}\u{43d}",
            "shift_jis" => "\u{5c71}\u{7530}\u{30c6}",
            "gb18030" | "big5" => "\u{674e}\u{5927}",
            "euc-kr" => "\u{ae40}\u{cca0}",
            "iso-8859-2" => "\u{141}\u{11b}",
            "windows-874" => "\u{e01}\u{e02}",
            _ => "\u{e9}\u{fc}\u{df}",
        };
        let names: Vec<String> = names.iter().map(|name| format!("x{name}{letters}")).collect();
        let text = format!("Full Name\n{}\n", names.join("\n"));
        let mark = if has_mark { "\u{feff}" } else { "" };
        let bytes: Vec<u8> = match label {
            "utf-16le" => format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => format!("{mark}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "utf-8" => format!("{mark}{text}").into_bytes(),
            _ => {
                let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
                encoding.encode(&text).0.into_owned()
            }
        };
        let options = ReadOptions { encoding: Some(label.parse().unwrap()), ..options() };

        let done = planned(&bytes, options).unwrap();

        let read: Vec<String> = done.rows.into_iter().map(|row| row.original[0].clone()).collect();
        prop_assert_eq!(read, names);
    }
}
