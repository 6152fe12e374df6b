//! Small files as people have them, and what becomes of each row.

use proptest::prelude::*;
use rstest::rstest;

use super::{UNITS, mail, row};
use crate::base::RowNumber;
use crate::bulk::plan::{By, Doubted, History, PlanReport, Planner, RowClass, index};
use crate::bulk::rows::MappingRequest;
use crate::bulk::{ReadOptions, RowReader};
use crate::enrichment::identity::{KeyKind, Keys, Relation, relation};
use crate::enrichment::{DoubtWord, Field, Known};

fn plan(file: &str) -> (Vec<RowClass>, PlanReport) {
    let options = ReadOptions {
        mapping: MappingRequest {
            module: "Leads".to_owned(),
            ..MappingRequest::default()
        },
        ..ReadOptions::default()
    };
    let mut reader = RowReader::open(file.as_bytes(), options).unwrap();
    let mut planner = Planner::new(Known::default());
    let mut classes = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        classes.push(planner.judge(&row, History::New));
    }
    (classes, planner.report(UNITS))
}

fn repeats(of: i64, by: By) -> RowClass {
    let of = RowNumber(of);
    RowClass::Duplicate { of, by }
}

/// A class as a word: the doubt, or what kind of class it is.
fn word(class: &RowClass) -> &'static str {
    match class {
        RowClass::Ready => "ready",
        RowClass::Invalid(_) => "invalid",
        RowClass::Duplicate { .. } => "duplicate",
        RowClass::Doubtful(doubts) => doubts.first().map_or("", |doubt| doubt.word.as_str()),
        RowClass::Already => "already",
    }
}

#[test]
fn one_person_in_three_spellings_is_sent_once() {
    let (classes, report) = plan(
        "Email,LinkedIn,Website,Full Name\n\
         ada@acme.example,,,\n\
         ADA@ACME.EXAMPLE ,,,\n\
         mailto:ada@acme.example,,,\n\
         ,https://www.linkedin.com/in/ada,,\n\
         ,https://www.linkedin.com/in/ada/,,\n\
         ,linkedin.com/in/ada,,\n\
         ,,acme.example,Ada\n\
         ,,https://www.acme.example/,Ada\n\
         ,,http://acme.example,Ada\n",
    );

    let of = |of| repeats(of, By::Request);
    let ready = || RowClass::Ready;
    let expected = [
        ready(),
        of(1),
        of(1),
        ready(),
        of(4),
        of(4),
        ready(),
        of(7),
        of(7),
    ];
    assert_eq!(classes, expected);
    assert_eq!((report.ready, report.duplicates, report.shared), (3, 6, 0));
}

#[test]
fn what_is_no_address_is_doubtful_and_says_why() {
    let (classes, report) = plan(
        "Email\n\
         \"ada@acme.example\"\n\
         \"Ada Lovelace <ada@acme.example>\"\n\
         \"mailto:ada@acme.example\"\n\
         \"ADA@ACME.EXAMPLE\"\n\
         \"ada+news@acme.example\"\n\
         \"ada@acme\"\n\
         \"ada.acme.example\"\n\
         \"ada(at)acme.example\"\n\
         \"ada @acme.example\"\n\
         \"o'neil@acme.example\"\n\
         \"ada@m\u{fc}nchen.example\"\n\
         \"ada@acme.example.\"\n\
         \"<ada@acme.example>\"\n\
         \"ada@acme.example (home)\"\n\
         \"ada@@acme.example\"\n\
         \"+91 98765 43210\"\n\
         \"https://acme.example\"\n\
         \"test@test.com\"\n\
         \"noemail@noemail.com\"\n\
         \"none\"\n\
         \"N/A\"\n\
         \"-\"\n\
         \"---\"\n\
         \"unknown\"\n\
         \"'ada9@acme.example\"\n\
         \"\"\"ada10@acme.example\"\"\"\n\
         \"ada@acme.example\tx\"\n",
    );

    let words: Vec<_> = classes.iter().map(word).collect();
    assert_eq!(
        words,
        [
            "ready",
            "duplicate",
            "duplicate",
            "duplicate",
            "ready",
            "not_an_email",
            "not_an_email",
            "not_an_email",
            "not_an_email",
            "ready",
            "invalid",
            "duplicate",
            "duplicate",
            "email_with_more",
            "not_an_email",
            "telephone_as_email",
            "web_address_as_email",
            "test_mailbox",
            "test_mailbox",
            "invalid",
            "invalid",
            "invalid",
            "invalid",
            "invalid",
            "email_with_more",
            "email_with_more",
            "invalid",
        ]
    );
    assert_eq!(
        (
            report.ready,
            report.duplicates,
            report.doubtful,
            report.placeholders
        ),
        (3, 5, 12, 5)
    );
    assert_eq!(report.rows, 27);
    assert_eq!(
        report.problems.first().map(ToString::to_string).as_deref(),
        Some(
            "line 7, email: not_an_email: this is no e-mail address: one @ is needed, and a dot \
             somewhere behind it"
        )
    );
}

#[test]
fn an_id_that_a_spreadsheet_rounded_is_never_sent() {
    let (classes, report) = plan(
        "Record Id,Email,Full Name,Company\n\
         zcrm_5725767000003019012,ada@acme.example,Ada,Acme\n\
         5725767000003010000,bo@acme.example,Bo Bo,Acme\n\
         5.72577E+18,cy@acme.example,Cy Cy,Acme\n\
         '5725767000003019012,dd@acme.example,Dee Dee,Acme\n\
         =\"5725767000003019012\",ee@acme.example,Eee,Acme\n\
         5725767000003019012.0,ff@acme.example,Fff,Acme\n",
    );

    let words: Vec<_> = classes.iter().map(word).collect();
    assert_eq!(
        words,
        ["ready", "rounded_id", "invalid", "ready", "ready", "ready"]
    );
    let hints: Vec<_> = report.problems.iter().map(|p| p.hint.as_str()).collect();
    assert_eq!(hints.len(), 2);
    assert!(hints.iter().all(|hint| {
        hint.contains("rounded") && hint.ends_with("format the column as text and export again")
    }));
}

#[test]
fn a_cell_that_stands_for_nothing_is_empty() {
    let (classes, report) = plan(
        "Email,Full Name,Company\n\
         ada@acme.example,NULL,NULL\n\
         bo@beta.example,N/A,n/a\n\
         cy@x.example,#N/A,#REF!\n",
    );

    assert_eq!(classes, [RowClass::Ready, RowClass::Ready, RowClass::Ready]);
    assert_eq!((report.placeholders, report.risky), (6, 0));
}

#[test]
fn a_last_name_that_stands_for_nothing_is_left_out_of_the_name() {
    let file = "First Name,Last Name,Company\nAda,-,Acme\n,NULL,Acme\n";
    let mut reader = RowReader::open(file.as_bytes(), ReadOptions::default()).unwrap();
    let names: Vec<_> = std::iter::from_fn(|| reader.next_row().unwrap())
        .map(|row| (row.draft.value(Field::Name).to_owned(), row.placeholders))
        .collect();

    assert_eq!(names, [("Ada".to_owned(), 1), (String::new(), 1)]);
}

#[test]
fn a_blank_that_is_none_makes_no_row_foreign() {
    let (classes, _) = plan(
        "Email,Full Name,Company\n\
         ada@acme.example,Ada\u{a0}Lovelace,Acme\n\
         bo@acme.example\u{a0},Bo\u{a0}Bo,Acme\n",
    );

    assert_eq!(classes, [RowClass::Ready, RowClass::Ready]);
}

#[rstest]
#[case::other_record("1,ada@acme.example,\n2,ADA@acme.example,\n", By::Request)]
#[case::more_inputs(
    "1,ada@acme.example,\n1,ada@acme.example,@ada\n",
    By::Key(KeyKind::Email)
)]
#[case::fewer_inputs("1,ada@acme.example,@ada\n,,x.com/ada\n", By::Key(KeyKind::Twitter))]
fn the_same_person_is_a_duplicate_with_another_record_and_other_inputs(
    #[case] rows: &str,
    #[case] by: By,
) {
    let (classes, _) = plan(&format!("Record Id,Email,Twitter\n{rows}"));

    assert_eq!(classes, [RowClass::Ready, repeats(1, by)]);
}

#[test]
fn a_shared_mailbox_is_said_and_sent() {
    let (classes, report) = plan(
        "Email,Full Name,Company\n\
         info@acme.example,Ada Lovelace,Acme\n\
         info@acme.example,Lin Chen,Acme\n\
         info@acme.example,\"LOVELACE, ADA\",Acme\n\
         info@acme.example,,\n",
    );

    assert_eq!(
        classes,
        [
            RowClass::Ready,
            RowClass::Ready,
            repeats(1, By::Key(KeyKind::Email)),
            repeats(1, By::Key(KeyKind::Email)),
        ]
    );
    assert_eq!(report.shared, 1);
    let found = report.sharing.first().map(|s| (s.line, s.with, s.key));
    assert_eq!(found, Some((3, RowNumber(1), KeyKind::Email)));
}

#[test]
fn a_doubtful_row_hides_nobody_unless_it_is_sent() {
    let judged = |doubted| {
        let mut planner = Planner::new(Known::default()).with_doubtful(doubted);
        let mut rounded = mail(1, "ada@acme.example");
        rounded.draft.record_id = "5725767000003010000".to_owned();
        let rows = [
            rounded,
            mail(2, "ada@acme.example"),
            mail(3, "test@test.com"),
            mail(4, "TEST@test.com"),
        ];
        rows.each_ref().map(|row| planner.judge(row, History::New))
    };

    let [one, two, three, four] = judged(Doubted::LeftOut);
    assert_eq!((word(&one), word(&two)), ("rounded_id", "ready"));
    assert_eq!(word(&three), DoubtWord::TestMailbox.as_str());
    assert_eq!(four, repeats(3, By::Request));
    let [_, two, _, four] = judged(Doubted::Sent);
    assert_eq!(two, repeats(1, By::Request));
    assert_eq!(four, repeats(3, By::Request));
}

#[test]
fn a_mailbox_of_thousands_is_no_scan() {
    let mut planner = Planner::new(Known::default());
    for number in 1..=20_000 {
        let name = format!("Ada {}", "x".repeat(usize::try_from(number % 40).unwrap()));
        let handle = format!("@a{number}");
        let twitter = (number % 2 == 0).then_some((Field::Twitter, handle.as_str()));
        let mut values = vec![
            (Field::Email, "info@acme.example"),
            (Field::Name, name.as_str()),
            (Field::Company, "Acme"),
        ];
        values.extend(twitter);
        planner.judge(&row(number, &values), History::New);
    }

    let report = planner.report(UNITS);
    assert_eq!((report.ready, report.duplicates), (40, 19_960));
}

/// Few values, so that rows have much in common.
fn few() -> impl Strategy<Value = Vec<(Field, String)>> {
    let value = |texts: &'static [&'static str]| {
        proptest::option::weighted(0.6, proptest::sample::select(texts))
    };
    (
        value(&["ada@a.example", "lin@a.example", "info@a.example"]),
        value(&["Ada Lovelace", "Lovelace, Ada", "Lin Chen"]),
        value(&["linkedin.com/in/ada", "de.linkedin.com/in/lin/"]),
        value(&["@ada", "x.com/lin"]),
        value(&["Acme", "Beta"]),
    )
        .prop_map(|(email, name, linkedin, twitter, company)| {
            let fields = [
                (Field::Email, email),
                (Field::Name, name),
                (Field::Linkedin, linkedin),
                (Field::Twitter, twitter),
                (Field::Company, company),
            ];
            let given = fields.into_iter();
            given
                .filter_map(|(f, v)| Some((f, v?.to_owned())))
                .collect()
        })
}

proptest! {
    /// The index finds what a walk through all earlier rows would find.
    #[test]
    fn the_index_is_the_relation(rows in proptest::collection::vec(few(), 1..24)) {
        let mut planner = Planner::new(Known::default());
        let mut ready: Vec<(RowNumber, Keys)> = Vec::new();
        let mut shared = 0_u64;
        for (number, values) in (1..).zip(&rows) {
            let values: Vec<_> = values.iter().map(|(f, v)| (*f, v.as_str())).collect();
            let row = row(number, &values);
            let keys = index::keys_of(&row.draft);
            let related = |(of, earlier): &(RowNumber, Keys)| match relation(&keys, earlier) {
                Relation::SameInputs => Some((*of, By::Request)),
                Relation::SamePerson(key) => Some((*of, By::Key(key))),
                Relation::SharedKey { .. } | Relation::None => None,
            };
            let is_shared = |(_, earlier): &(RowNumber, Keys)| {
                matches!(relation(&keys, earlier), Relation::SharedKey { .. })
            };

            let class = planner.judge(&row, History::New);

            match class {
                RowClass::Duplicate { of, by } => {
                    prop_assert_eq!(ready.iter().find_map(related), Some((of, by)));
                }
                RowClass::Ready => {
                    prop_assert_eq!(ready.iter().find_map(related), None);
                    if ready.iter().any(is_shared) {
                        shared += 1;
                    }
                    ready.push((row.row, keys));
                }
                RowClass::Invalid(_) => {}
                RowClass::Doubtful(_) | RowClass::Already => prop_assert!(false),
            }
        }
        prop_assert_eq!(planner.report(UNITS).shared, shared);
    }
}
