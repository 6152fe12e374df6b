//! What is pressed is what is drawn there.

use rstest::rstest;

use crate::enrichment::Field;
use crate::keymap::Context;
use crate::tui::app::cx::ScreenId;
use crate::tui::app::effect::Effect;
use crate::tui::app::msg::{MouseKind, Msg};
use crate::tui::app::op::Op;
use crate::tui::app::state::boot;
use crate::tui::popups::guide::Guide;
use crate::tui::screens::console::Pane;
use crate::tui::terminal::MouseMode;
use crate::tui::testing::jobs::rows as job_rows;
use crate::tui::testing::records::finding;
use crate::tui::testing::{Harness, runs, setup, unknowns};

/// Where a text begins on the screen, at its `nth` appearance.
fn find(harness: &Harness, text: &str, nth: usize) -> (u16, u16) {
    let screen = harness.text();
    let mut all = screen.lines().enumerate().flat_map(|(row, line)| {
        line.match_indices(text)
            .map(move |(at, _)| (line.get(..at).unwrap().chars().count(), row))
    });
    let (column, row) = all.nth(nth).unwrap_or_else(|| panic!("{text}:\n{screen}"));
    (column.try_into().unwrap(), row.try_into().unwrap())
}

fn press(harness: &mut Harness, text: &str) {
    harness.app.shared.has_mouse = true;
    let at = find(harness, text, 0);
    harness.click(at);
}

fn wheel_down(harness: &mut Harness, at: (u16, u16)) {
    harness.app.shared.has_mouse = true;
    harness.mouse(MouseKind::ScrollDown, at);
}

/// Whether the row with this text has the mark of the selected one.
fn is_selected(harness: &Harness, text: &str) -> bool {
    let screen = harness.text();
    let mut marked = screen.lines().filter_map(|line| line.split_once('▌'));
    marked.any(|(_, row)| row.contains(text))
}

fn active(harness: &Harness) -> String {
    let active = harness.app.shared.active.as_ref();
    active.map(ToString::to_string).unwrap_or_default()
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
#[case(60, 15)]
fn a_press_on_a_data_centre_switches_to_it(#[case] width: u16, #[case] height: u16) {
    for beside in [0, 2] {
        let mut harness = Harness::at_work(width, height);
        harness.app.shared.has_mouse = true;
        let (column, row) = find(&harness, "IN", 0);

        harness.click((column + beside, row));

        assert_eq!(active(&harness), "in-prod");
    }
}

#[test]
fn a_mouse_that_is_off_means_nothing() {
    let mut harness = Harness::at_work(80, 24);
    let at = find(&harness, "IN", 0);

    harness.click(at);

    assert_eq!(active(&harness), "us-prod");
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
fn a_press_on_a_screens_name_goes_there(#[case] width: u16, #[case] height: u16) {
    let mut harness = Harness::at_work(width, height);

    press(&mut harness, "4");
    assert_eq!(harness.app.screen, ScreenId::Usage);

    press(&mut harness, "Jobs");
    assert_eq!(harness.app.screen, ScreenId::Jobs);
}

#[test]
fn a_press_on_a_panes_tab_shows_the_pane() {
    let mut harness = Harness::at_work(80, 24);

    press(&mut harness, "Live log");
    assert_eq!(harness.app.screens.console.pane, Pane::Log);

    press(&mut harness, "Detail");
    assert_eq!(harness.app.screens.console.pane, Pane::Detail);
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
fn a_press_on_a_field_puts_the_focus_there(#[case] width: u16, #[case] height: u16) {
    let mut harness = Harness::at_work(width, height);

    press(&mut harness, "Record id");

    assert!(harness.text().contains("›Record id"));
    assert_eq!(harness.app.screens.console.pane, Pane::Compose);
}

#[test]
fn a_press_selects_a_row_of_the_log_and_another_one_opens_it() {
    let mut harness = Harness::at_work(80, 24);
    press(&mut harness, "Live log");

    press(&mut harness, "14:01:58");
    assert!(is_selected(&harness, "14:01:58"));
    assert_eq!(harness.app.screens.console.pane, Pane::Log);

    press(&mut harness, "14:01:58");
    assert_eq!(harness.app.screens.console.pane, Pane::Detail);
}

#[test]
fn a_press_means_the_row_that_was_drawn_although_others_came_above_it_since() {
    let mut harness = Harness::at_work(80, 24);
    press(&mut harness, "Live log");
    let at = find(&harness, "14:01:58", 0);
    // The frame that the person sees.
    harness.click(at);
    let hits = harness.app.hits.clone();
    let mut rows = crate::tui::testing::rows();
    let mut newest = rows[0].clone();
    newest.id = crate::base::AttemptId(1_205);
    rows.insert(0, newest);
    harness.tell(Msg::LedgerChanged);
    harness.reply(crate::tui::app::op::Payload::LoadLog(
        crate::ledger::LogPage {
            rows,
            more: false,
            total: None,
        },
    ));

    assert_eq!(harness.app.hits, hits);
    let (column, row) = at;
    let kind = MouseKind::Press;
    harness.tell(Msg::Mouse(crate::tui::app::msg::Mouse {
        kind,
        column,
        row,
    }));

    assert_eq!(harness.app.screens.console.pane, Pane::Detail);
    harness.press("Esc");
    assert!(is_selected(&harness, "14:01:58"));
}

#[test]
fn a_press_on_a_tab_of_the_detail_opens_it() {
    for (open, text) in [
        ("[Headers]", "Headers"),
        ("[Job]", " Job "),
        ("[Request]", "[Request]"),
    ] {
        let mut harness = Harness::at_work(120, 40);

        press(&mut harness, text);

        assert!(harness.text().contains(open), "{}", harness.text());
    }
}

#[test]
fn a_press_selects_a_job_and_another_one_opens_it() {
    let (mut harness, _) = Harness::at_jobs(80, 24, job_rows());

    press(&mut harness, "…3018995");
    assert!(is_selected(&harness, "…3018995"));
    assert!(!harness.app.contexts().contains(&Context::Job));

    press(&mut harness, "…3018995");
    assert!(harness.app.contexts().contains(&Context::Job));
}

#[test]
fn the_wheel_scrolls_the_pane_under_it_and_keeps_the_focus() {
    let mut harness = Harness::at_work(120, 40);
    let at = find(&harness, "14:02:11", 0);

    wheel_down(&mut harness, at);

    assert!(is_selected(&harness, "14:01:40"));
    assert_eq!(harness.app.screens.console.pane, Pane::Compose);
}

#[test]
fn a_press_selects_in_a_list_and_another_one_chooses() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("Ctrl+O");

    press(&mut harness, "in-prod");
    assert_eq!(harness.app.popups.len(), 1);

    press(&mut harness, "in-prod");
    assert!(harness.app.popups.is_empty());
    assert_eq!(active(&harness), "in-prod");
}

#[test]
fn presses_never_send() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("Ctrl+P").type_text("send the request");

    for _ in 0..3 {
        press(&mut harness, "Send the request");
    }

    assert_eq!(harness.submits(), 0);
    assert_eq!(harness.app.popups.len(), 1);
}

#[test]
fn a_press_takes_a_record_only_once_its_changes_were_shown() {
    let mut harness = finding(80, 24);

    press(&mut harness, "grace@navy.mil");
    assert_eq!(harness.draft().value(Field::Email), "ada@acme.io");
    assert!(harness.text().contains("Acme → Navy"));

    press(&mut harness, "grace@navy.mil");
    assert_eq!(harness.draft().value(Field::Email), "grace@navy.mil");
}

#[test]
fn a_press_in_the_filter_changes_its_row() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("Esc f");

    press(&mut harness, "unknown");

    assert!(harness.text().contains("[x] unknown"), "{}", harness.text());
}

#[test]
fn a_press_selects_an_unknown() {
    let mut harness = unknowns::settling(80, 24);

    press(&mut harness, "accepted");

    assert!(is_selected(&harness, "accepted"), "{}", harness.text());
}

#[test]
fn one_key_switches_the_mouse_and_another_program_does_not_keep_it() {
    let mut harness = Harness::at_work(80, 24);

    harness.press("Alt+m");
    assert!(harness.effects.contains(&Effect::Mouse(MouseMode::On)));

    for msg in [Msg::Resumed, Msg::Edited(Err("none".to_owned()))] {
        harness.effects.clear();
        harness.tell(msg);
        assert!(harness.effects.contains(&Effect::Mouse(MouseMode::On)));
    }

    harness.effects.clear();
    harness.press("Alt+m");
    harness.tell(Msg::Resumed);
    assert_eq!(
        harness.effects,
        [Effect::Mouse(MouseMode::Off), Effect::Redraw]
    );
}

#[test]
fn a_configured_mouse_is_on_from_the_start() {
    let mut harness = Harness::empty(80, 24);
    harness.app.shared.has_mouse = true;

    let effects = boot(&mut harness.app, &mut harness.env);

    assert!(matches!(
        effects.as_slice(),
        [
            Effect::Ask(_, Op::LoadProfiles),
            Effect::Mouse(MouseMode::On)
        ]
    ));
}

#[test]
fn a_press_selects_a_run_and_another_one_opens_its_rows() {
    let mut harness = runs::running(120, 40);

    press(&mut harness, "4 people-4.csv");
    assert!(is_selected(&harness, "people-4.csv"));
    assert!(!harness.app.contexts().contains(&Context::Rows));

    press(&mut harness, "4 people-4.csv");
    assert!(harness.app.contexts().contains(&Context::Rows));
}

#[test]
fn a_press_selects_a_profile_and_another_one_opens_it() {
    let mut harness = setup::set_up(120, 40);
    let (column, row) = find(&harness, "us-sandbox", 0);
    harness.app.shared.has_mouse = true;

    harness.click((column, row));
    assert!(is_selected(&harness, "us-sandbox"), "{}", harness.text());
    harness.effects.clear();

    harness.click((column, row));
    // What the server says is asked for once somebody looks closer.
    assert!(matches!(harness.ops().as_slice(), [Op::LoadSetup { .. }]));
}

#[test]
fn a_press_reaches_a_plans_fields_and_changes_what_is_left_out() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("F2 F2 n");

    press(&mut harness, "Units to leave");
    harness.type_text("7");
    press(&mut harness, "Duplicates");

    let text = harness.text();
    assert!(text.contains("leave  7"), "{text}");
    assert!(text.contains("[x] sent all the same"), "{text}");
}

#[test]
fn neither_the_wheel_nor_an_arrow_signs_in() {
    let mut harness = setup::at_the_code(80, 24);
    harness.type_text("1000.0123456789");

    wheel_down(&mut harness, (40, 12));
    harness.press("Down Tab");

    assert_eq!(harness.effects, []);
    assert!(harness.app.popup::<Guide>().is_some());
    assert!(harness.text().contains("› Grant code"));
    harness.press("Enter");
    assert!(matches!(harness.ops().as_slice(), [Op::SetUpProfile(_)]));
}
