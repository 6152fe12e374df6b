use rstest::rstest;

use super::*;
use crate::bulk::rows::Target;
use crate::ops::bulk_look::Column;
use crate::tui::app::cx::ScreenId;
use crate::tui::testing::Harness;
use crate::tui::testing::runs::{answer, asked, planned as report, running, runs};

fn form(harness: &Harness) -> &PlanPopup {
    harness.app.popup().unwrap()
}

fn head() -> FileLook {
    let column = |name: &str, cell: &str, target| Column {
        name: name.to_owned(),
        cells: vec![cell.to_owned()],
        target,
    };
    FileLook {
        columns: vec![
            column(
                "Full Name",
                "Ada Lovelace",
                Some(Target::Input(Input::Name)),
            ),
            column("Work mail", "ada@acme.io", None),
            column("Phone", "1", None),
        ],
        drafts: vec![crate::tui::testing::ada()],
        problem: None,
    }
}

/// A form whose file was looked at.
fn looked_at() -> Harness {
    looked_at_as(head())
}

fn looked_at_as(look: FileLook) -> Harness {
    let mut harness = running(120, 40);
    harness.press("n").type_text("people.csv").press("Enter");
    asked(&mut harness);
    harness.reply(Payload::LookAtFile(look));
    harness
}

#[test]
fn tab_completes_the_name_of_the_file() {
    let mut harness = running(120, 40);

    harness.press("n").type_text("/tmp/pe").press("Tab");

    assert_eq!(
        asked(&mut harness),
        [Op::CompletePath("/tmp/pe".to_owned())]
    );
    harness.reply(Payload::CompletePath(Completion {
        text: "/tmp/people-".to_owned(),
        names: vec!["people-a.csv".to_owned(), "people-b.csv".to_owned()],
    }));
    assert_eq!(form(&harness).path(), "/tmp/people-");
    assert!(harness.text().contains("people-b.csv"));
}

#[test]
fn leaving_the_name_reads_the_head_of_the_file() {
    let harness = looked_at();

    assert_eq!(form(&harness).form.keys().len(), 8);
    assert!(harness.text().contains("Work mail"));
}

#[test]
fn a_column_is_mapped_by_space_and_only_that_holds_then() {
    let mut harness = looked_at();
    harness.press("Down Down Down Down Down Space");

    let asks = asked(&mut harness);

    let Some(Op::LookAtFile { request, .. }) = asks.last() else {
        panic!("{asks:?}");
    };
    assert_eq!(request.others, crate::bulk::rows::Others::Unused);
    let said = request.columns.first().map(|said| said.text.as_str());
    assert_eq!(said, Some("Full Name + Work mail"));
}

#[test]
fn a_column_is_mapped_from_a_list() {
    let mut harness = looked_at();
    harness
        .press("Down Down Down Down Down Enter")
        .type_text("email")
        .press("Enter");

    let column = &form(&harness).look.as_ref().unwrap().columns[1];
    assert_eq!(column.target, Some(Target::Input(Input::Email)));
    assert!(matches!(
        asked(&mut harness).last(),
        Some(Op::LookAtFile { .. })
    ));
}

#[test]
fn a_late_look_at_another_file_is_dropped() {
    let mut harness = running(120, 40);
    harness.press("n").type_text("a.csv").press("Enter");
    // Leaving the module asks once more.
    harness.press("Up").type_text("x");

    harness.reply(Payload::LookAtFile(head()));
    harness.reply(Payload::LookAtFile(head()));

    assert_eq!(form(&harness).look, None);
}

#[test]
fn planning_needs_a_file_and_a_reserve_that_is_a_number() {
    let mut harness = running(120, 40);

    harness.press("n F5");
    assert!(
        form(&harness)
            .problem
            .as_ref()
            .unwrap()
            .contains("name the file")
    );
    harness
        .type_text("a.csv")
        .press("Down Down")
        .type_text("many")
        .press("F5");
    assert!(form(&harness).problem.as_ref().unwrap().contains("number"));

    assert!(
        !asked(&mut harness)
            .iter()
            .any(|ask| matches!(ask, Op::PlanRun(_)))
    );
}

#[test]
fn the_plan_is_reported_and_nothing_is_sent() {
    let mut harness = looked_at();
    harness.press("Down").type_text("100").press("F5");

    let asks = asked(&mut harness);
    let Some(Op::PlanRun(order)) = asks.last() else {
        panic!("{asks:?}");
    };
    assert_eq!(order.reserve, Some(100));
    harness.reply(Payload::PlanRun(report()));

    let text = harness.text();
    assert!(text.contains("uses 230 of 488 left, leaves 258"), "{text}");
    assert!(text.contains("planned before, as run 2"));
    harness.press("Enter");
    assert_eq!(harness.app.screen, ScreenId::Runs);
    let mut list = runs();
    list[1].run.id = crate::base::RunId(6);
    let others = answer(&mut harness, &list);
    assert!(harness.text().contains("Run 6"), "{}", harness.text());
    assert!(!others.iter().any(|ask| matches!(ask, Op::StartRun(_))));
}

#[test]
fn a_file_that_cannot_be_planned_keeps_what_was_typed() {
    let mut harness = looked_at();
    harness.press("F5");

    let why = "people.csv cannot be planned; nothing was sent:\n  line 3: 2 cells";
    harness.fail("PlanRun", Failure::new(why, ""));

    assert_eq!(form(&harness).path(), "people.csv");
    let text = harness.text();
    assert!(
        text.contains("line 3: 2 cells") && !text.contains('↵'),
        "{text}"
    );
}

#[rstest]
#[case(60, 15)]
#[case(80, 24)]
fn many_problems_cover_no_row_of_the_form(#[case] width: u16, #[case] height: u16) {
    let mut harness = running(width, height);
    harness.press("n").type_text("people.csv").press("Enter");
    asked(&mut harness);
    harness.reply(Payload::LookAtFile(head()));
    harness.press("F5");
    let lines: Vec<String> = (1..=9).map(|n| format!("line {n}: 2 cells")).collect();

    harness.fail("PlanRun", Failure::new(lines.join("\n"), "mend the file"));

    let text = harness.text();
    for shown in OWN
        .map(|(_, label, _)| label)
        .iter()
        .chain(&["line 1", "…", "F5 reads"])
    {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[test]
fn while_the_file_is_read_no_key_plans_it_again() {
    let mut harness = looked_at();

    harness.press("F5 F5 F5");

    let plans = asked(&mut harness);
    assert_eq!(plans.len(), 1);
}

fn columns(all: &[(&str, Option<Target>)]) -> FileLook {
    let column = |(name, target): &(&str, Option<Target>)| Column {
        name: (*name).to_owned(),
        cells: Vec::new(),
        target: *target,
    };
    FileLook {
        columns: all.iter().map(column).collect(),
        drafts: Vec::new(),
        problem: None,
    }
}

#[test]
fn until_a_person_changes_a_column_names_decide() {
    assert_eq!(form(&looked_at()).request().columns, []);
}

#[test]
fn two_columns_that_lead_to_one_input_are_joined() {
    let mail = ("Mail", Some(Target::Input(Input::Email)));
    let look = columns(&[mail, ("First", None), ("Last", None)]);
    let mut harness = looked_at_as(look);
    harness.press("Down Down Down Down Down Space Down Space");

    let said = form(&harness).request().columns;

    assert_eq!(said.len(), 2);
    assert_eq!(said[1].text, "First + Last");
}

#[test]
fn a_column_goes_round_all_that_it_can_lead_to() {
    let mut harness = looked_at();
    harness.press("Down Down Down Down");
    let target = |harness: &Harness| form(harness).look.as_ref().unwrap().columns[0].target;
    let count = form(&harness).targets().len();

    let mut seen = Vec::new();
    for _ in 0..count {
        harness.press("Space");
        seen.push(target(&harness));
    }

    assert_eq!(target(&harness), Some(Target::Input(Input::Name)));
    let all = form(&harness).targets();
    assert!(all.iter().all(|target| seen.contains(target)), "{seen:?}");
}
