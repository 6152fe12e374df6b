use super::*;
use crate::bulk::rows::Target;
use crate::enrichment::Field;
use crate::ops::bulk_look::Column;
use crate::tui::msg::{Msg, RunsMsg};
use crate::tui::testing::Bench;
use crate::tui::testing::runs::{asked, planned as report, running};

fn form(bench: &Bench) -> &PlanForm {
    match bench.model.popups.first() {
        Some(Popup::Plan(form)) => form,
        other => panic!("{other:?}"),
    }
}

pub(super) fn head() -> FileLook {
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
                Some(Target::Input(Field::Name)),
            ),
            column("Work mail", "ada@acme.io", None),
            column("Phone", "1", None),
        ],
        drafts: vec![crate::tui::testing::ada()],
        problem: None,
    }
}

/// A form whose file was looked at.
fn looked_at() -> Bench {
    let mut bench = running(120, 40);
    bench.press("n").type_text("people.csv").press("Enter");
    let ticket = form(&bench).ticket;
    asked(&mut bench);
    bench.tell(Msg::Runs(RunsMsg::Looked {
        ticket,
        result: Ok(head()),
    }));
    bench
}

#[test]
fn tab_completes_the_name_of_the_file() {
    let mut bench = running(120, 40);

    bench.press("n").type_text("/tmp/pe").press("Tab");

    let asks = asked(&mut bench);
    let [RunsAsk::Complete { ticket, text }] = asks.as_slice() else {
        panic!("{asks:?}");
    };
    assert_eq!(text, "/tmp/pe");
    bench.tell(Msg::Runs(RunsMsg::Completed {
        ticket: *ticket,
        completion: Completion {
            text: "/tmp/people-".to_owned(),
            names: vec!["people-a.csv".to_owned(), "people-b.csv".to_owned()],
        },
    }));
    assert_eq!(form(&bench).file.value(), "/tmp/people-");
    assert!(bench.text().contains("people-b.csv"));
}

#[test]
fn leaving_the_name_reads_the_head_of_the_file() {
    let bench = looked_at();

    assert_eq!(form(&bench).rows().len(), 8);
    assert!(bench.text().contains("Work mail"));
}

#[test]
fn a_column_is_mapped_by_space_and_only_that_holds_then() {
    let mut bench = looked_at();
    bench.press("Down Down Down Down Down Space");

    let asks = asked(&mut bench);

    let Some(RunsAsk::Look { request, .. }) = asks.last() else {
        panic!("{asks:?}");
    };
    assert_eq!(request.others, crate::bulk::rows::Others::Unused);
    let said = request.columns.first().map(|said| said.text.as_str());
    assert_eq!(said, Some("Full Name + Work mail"));
}

#[test]
fn a_column_is_mapped_from_a_list() {
    let mut bench = looked_at();
    bench
        .press("Down Down Down Down Down Enter")
        .type_text("email")
        .press("Enter");

    let column = &form(&bench).look.as_ref().unwrap().columns[1];
    assert_eq!(column.target, Some(Target::Input(Field::Email)));
    assert!(matches!(
        asked(&mut bench).last(),
        Some(RunsAsk::Look { .. })
    ));
}

#[test]
fn a_late_look_at_another_file_is_dropped() {
    let mut bench = running(120, 40);
    bench.press("n").type_text("a.csv").press("Enter");
    let ticket = form(&bench).ticket;
    bench.press("Up").type_text("x");

    bench.tell(Msg::Runs(RunsMsg::Looked {
        ticket,
        result: Ok(head()),
    }));

    assert_eq!(form(&bench).look, None);
}

#[test]
fn planning_needs_a_file_and_a_reserve_that_is_a_number() {
    let mut bench = running(120, 40);

    bench.press("n F5");
    assert!(
        form(&bench)
            .problem
            .as_ref()
            .unwrap()
            .contains("name the file")
    );
    bench
        .type_text("a.csv")
        .press("Down Down")
        .type_text("many")
        .press("F5");
    assert!(form(&bench).problem.as_ref().unwrap().contains("number"));

    assert!(
        !asked(&mut bench)
            .iter()
            .any(|ask| matches!(ask, RunsAsk::Plan(_)))
    );
}

#[test]
fn the_plan_is_reported_and_nothing_is_sent() {
    let mut bench = looked_at();
    bench.press("Down").type_text("100").press("F5");

    let asks = asked(&mut bench);
    let Some(RunsAsk::Plan(order)) = asks.last() else {
        panic!("{asks:?}");
    };
    assert_eq!(order.reserve, Some(100));
    bench.tell(Msg::Runs(RunsMsg::Planned {
        ticket: order.ticket,
        result: Ok(Box::new(report())),
    }));

    let text = bench.text();
    assert!(text.contains("uses 230 of 488 left, leaves 258"), "{text}");
    assert!(text.contains("planned before, as run 2"));
    bench.press("Enter");
    assert_eq!(bench.model.runs.wanted, Some(crate::base::RunId(6)));
    assert!(
        !asked(&mut bench)
            .iter()
            .any(|ask| matches!(ask, RunsAsk::Start(_)))
    );
}

#[test]
fn a_file_that_cannot_be_planned_keeps_what_was_typed() {
    let mut bench = looked_at();
    bench.press("F5");
    let ticket = form(&bench).ticket;

    bench.tell(Msg::Runs(RunsMsg::Planned {
        ticket,
        result: Err(Failure::new(
            "people.csv cannot be planned; nothing was sent:\n  line 3: 2 cells".to_owned(),
            "",
        )),
    }));

    assert_eq!(form(&bench).file.value(), "people.csv");
    let text = bench.text();
    assert!(
        text.contains("line 3: 2 cells") && !text.contains('↵'),
        "{text}"
    );
}

#[test]
fn while_the_file_is_read_no_key_plans_it_again() {
    let mut bench = looked_at();

    bench.press("F5 F5 F5");

    let plans = asked(&mut bench);
    assert_eq!(plans.len(), 1);
}
