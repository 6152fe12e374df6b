use rstest::rstest;

use crate::bulk::rows::Unmapped;
use crate::ledger::RowState;
use crate::ops::bulk_plan::Planned;
use crate::tui::app::msg::Msg;
use crate::tui::app::op::Payload;
use crate::tui::testing::Harness;
use crate::tui::testing::runs::{answer, planned, running, runs};

#[rstest]
#[case(120, 40, "")]
#[case(80, 24, "")]
#[case(80, 24, "Enter")]
#[case(60, 15, "")]
#[case(60, 15, "Enter")]
fn the_runs(#[case] width: u16, #[case] height: u16, #[case] keys: &str) {
    let mut harness = running(width, height);
    harness.press("j");
    answer(&mut harness, &runs());
    harness.press(keys);

    let name = format!("runs_{width}x{height}{keys}");
    harness.is_as_before(&name);
}

fn reported(width: u16, height: u16) -> Harness {
    reported_as(width, height, planned())
}

fn reported_as(width: u16, height: u16, planned: Planned) -> Harness {
    let mut harness = running(width, height);
    harness.press("n").type_text("people.csv").press("F5");
    harness.reply(Payload::PlanRun(planned));
    harness
}

#[test]
fn the_report_of_an_export_says_that_it_is_one() {
    let mut planned = planned();
    planned.unmapped = vec![Unmapped::added("outcome")];

    let text = reported_as(120, 40, planned).text();

    assert!(text.contains("this is an export of ziadeck"), "{text}");
    assert!(!reported(120, 40).text().contains("this is an export"));
}

#[test]
fn a_report_without_room_is_told_short_and_says_that_there_is_more() {
    let harness = reported(60, 15);

    let text = harness.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.iter().any(|line| line.contains("uses ")), "{text}");
    assert!(lines[lines.len() - 3].contains('…'), "{text}");
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
fn the_report_of_a_plan(#[case] width: u16, #[case] height: u16) {
    let harness = reported(width, height);

    harness.is_as_before(&format!("planned_{width}x{height}"));
}

#[test]
fn no_runs_say_how_to_plan_one() {
    let mut harness = running(80, 24);
    harness.tell(Msg::LedgerChanged);
    answer(&mut harness, &[]);

    assert!(harness.text().contains("n plans one"));
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(1, 1), (60, 15), (61, 16), (99, 60), (100, 23), (300, 100)] {
        for keys in ["", "Enter", "n", "/", "f", "e", "w"] {
            let mut harness = running(width, height);
            harness.press(keys);

            harness.text();
        }
    }
}

#[test]
fn hostile_text_of_a_file_never_reaches_a_cell() {
    let hostile = "\u{1b}[2J\u{202e}evil";
    let mut harness = running(120, 40);
    let mut list = runs();
    list[0].run.file_name = hostile.to_owned();
    list[0].run.operator = hostile.to_owned();
    list[0].run.reason = Some(hostile.to_owned());
    harness.tell(Msg::LedgerChanged);
    answer(&mut harness, &list);
    let row = &mut harness.app.screens.runs.rows.list.rows[0].row;
    row.state = RowState::Skipped;
    row.reason = Some(hostile.to_owned());
    row.inputs = Some(serde_json::json!({ "name": hostile }).to_string());

    let text = harness.text();

    assert!(
        text.lines()
            .flat_map(str::chars)
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
    assert!(text.contains("evil"));
}
