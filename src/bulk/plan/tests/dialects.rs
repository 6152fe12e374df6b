//! Files as programs and people really leave them: what is read, what is said, what becomes of the rows.

mod columns;
mod readback;

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
        .map(|row| row.draft.value(Field::Email))
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
    assert_eq!(done.rows[0].draft.value(Field::Name), "Ada Lovelace");
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

#[test]
fn typographic_signs_are_typed_where_that_was_said_and_nothing_else_is() {
    let file = "Full Name,Company\nO\u{2019}Brien,Acme\nAda\u{2013}Lovelace,Acme\nZo\u{eb} N\u{2018}Golo,Acme\n";
    let mut options = options();
    options.mapping.punctuation = Punctuation::Ascii;

    let done = planned(file.as_bytes(), options).unwrap();

    let names: Vec<&str> = done
        .rows
        .iter()
        .map(|row| row.draft.value(Field::Name))
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
        .map(|row| {
            (
                row.draft.value(Field::Name),
                row.draft.value(Field::Company),
            )
        })
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
            done.rows[0].draft.value(Field::Name),
            done.rows[0].draft.value(Field::Company)
        ),
        ("Ada Love", "Acme")
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
