mod dialects;
mod files;

use super::*;
use crate::base::EnrichmentKind;
use crate::base::limits::INPUT_CHARS_MAX;
use crate::enrichment::{Draft, Field};
use proptest::prelude::*;
use rstest::rstest;

fn row(number: i64, values: &[(Field, &str)]) -> InputRow {
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    for (field, value) in values {
        draft.set(*field, value);
    }
    InputRow {
        row: RowNumber(number),
        line: u64::try_from(number).unwrap() + 1,
        original: Vec::new(),
        draft,
        placeholders: 0,
        short: None,
        has_own_id: false,
        has_rounded_id: false,
        told: None,
    }
}

fn mail(number: i64, text: &str) -> InputRow {
    row(number, &[(Field::Email, text)])
}

const UNITS: Units = Units {
    used: 1_012,
    limit: 1_500,
    reserve: 0,
    is_asked: true,
};

#[test]
fn every_row_has_one_class() {
    let mut planner = Planner::new(Known::default());

    let classes = [
        planner.judge(&mail(1, "ada@acme.example"), History::New),
        planner.judge(&mail(2, " ADA@acme.example"), History::New),
        planner.judge(&mail(3, "lin@acme.example"), History::Enriched),
        planner.judge(&row(4, &[(Field::Company, "Acme")]), History::New),
        planner.judge(&mail(5, "kay@acme.example"), History::New),
    ];

    assert_eq!(
        classes,
        [
            RowClass::Ready,
            RowClass::Duplicate {
                of: RowNumber(1),
                by: By::Request,
            },
            RowClass::Already,
            RowClass::Ready,
            RowClass::Ready,
        ]
    );
    let report = planner.report(UNITS);
    assert_eq!((report.rows, report.ready, report.risky), (5, 3, 1));
    assert_eq!(
        (report.duplicates, report.already, report.invalid),
        (1, 1, 0)
    );
}

#[rstest]
#[case::short(&[(Field::Email, "ab")], "line 8, email: INVALID_DATA: at least 3 characters are needed; this has 2")]
#[case::no_company(&[(Field::Name, "Ada")], "line 8, company: DEPENDENT_FIELD_MISSING: a name needs a company: give a company name or website, or leave the name out")]
#[case::not_english(&[(Field::Email, "zoë@acme.example")], "line 8, email: INVALID_DATA: only English is accepted: ë may be refused")]
#[case::control(&[(Field::Email, "a\u{1b}[2Jb")], "line 8, email: INVALID_DATA: there is a control character or a line break in it")]
#[case::nothing(&[], "line 8, enrich_based_on: EXPECTED_FIELD_MISSING: give at least one input: a name with a company, an email, a company or a social page")]
fn a_row_that_would_be_refused_says_where_and_why(
    #[case] values: &[(Field, &str)],
    #[case] problem: &str,
) {
    let mut planner = Planner::new(Known::default());

    let class = planner.judge(&row(7, values), History::New);

    assert!(matches!(class, RowClass::Invalid(_)));
    assert_eq!(planner.report(UNITS).problems[0].to_string(), problem);
}

#[test]
fn a_text_without_end_is_refused_here_and_not_by_the_server() {
    let mut planner = Planner::new(Known::default());
    let end = "@acme.example";
    let longest = format!("{}{end}", "a".repeat(INPUT_CHARS_MAX - end.len()));
    let endless = format!("a{longest}");

    let class = planner.judge(&mail(1, &endless), History::New);

    assert!(matches!(class, RowClass::Invalid(_)));
    let class = planner.judge(&mail(2, &longest), History::New);
    assert_eq!(class, RowClass::Ready);
}

#[test]
fn the_first_twenty_problems_are_listed_and_all_are_counted() {
    let mut planner = Planner::new(Known::default());
    for number in 1..=30 {
        planner.judge(&mail(number, "x"), History::New);
    }

    let report = planner.report(UNITS);

    assert_eq!((report.invalid, report.problems.len()), (30, 20));
    assert_eq!(report.problems[0].row, RowNumber(1));
}

#[test]
fn an_invalid_row_makes_no_later_row_a_duplicate() {
    let mut planner = Planner::new(Known::default());
    planner.judge(&row(1, &[(Field::Name, "Ada")]), History::New);

    let class = planner.judge(&row(2, &[(Field::Name, "Ada")]), History::New);

    assert!(matches!(class, RowClass::Invalid(_)));
}

#[rstest]
#[case(340, 0, "uses 340 of 488 left, leaves 148")]
#[case(340, 100, "uses 340 of 488 left, leaves 148 (reserve of 100 kept)")]
#[case(488, 0, "uses 488 of 488 left, leaves 0")]
#[case(
    600,
    100,
    "needs 600, 488 left: sends 388, 212 must wait (reserve of 100 kept)"
)]
#[case(
    1,
    9_000,
    "needs 1, 488 left: sends 0, 1 must wait (reserve of 488 kept)"
)]
fn the_cost_is_said_in_one_line(#[case] ready: u64, #[case] reserve: u64, #[case] line: &str) {
    let units = Units { reserve, ..UNITS };

    assert_eq!(Cost::of(ready, units).to_string(), line);
}

proptest! {
    #[test]
    fn the_arithmetic_of_cost_holds(
        ready in any::<u64>(), used in any::<u64>(), limit in any::<u64>(), reserve in any::<u64>(),
        is_asked in any::<bool>(),
    ) {
        let cost = Cost::of(ready, Units { used, limit, reserve, is_asked });

        prop_assert_eq!(cost.sendable() + cost.missing(), ready);
        prop_assert_eq!(cost.left_after() + cost.sendable(), cost.left);
        prop_assert!(cost.left_after() >= cost.reserve);
        prop_assert_eq!(cost.known_left().is_some(), is_asked);
        prop_assert!(is_asked || cost.to_string().contains("? left") || cost.missing() > 0);
        prop_assert!(used >= limit || used + cost.sendable() <= limit);
    }

    #[test]
    fn the_classes_add_up_to_the_rows(handles in prop::collection::vec("[ab]{1,4}", 0..40)) {
        let mut planner = Planner::new(Known::default());
        let mut ready = std::collections::BTreeSet::new();
        for (index, text) in handles.iter().enumerate() {
            let number = i64::try_from(index).unwrap() + 1;
            let class = planner.judge(&row(number, &[(Field::Twitter, text)]), History::New);
            prop_assert_eq!(class == RowClass::Ready, text.len() >= 3 && ready.insert(text.clone()));
        }

        let report = planner.report(UNITS);

        prop_assert_eq!(report.rows, handles.len() as u64);
        prop_assert_eq!(report.ready, ready.len() as u64);
    }
}
