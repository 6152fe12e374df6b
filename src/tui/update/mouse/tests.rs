use rstest::rstest;

use super::*;
use crate::enrichment::{Field, Place as Input};
use crate::tui::effects::Ask;
use crate::tui::model::detail::Tab as DetailTab;
use crate::tui::model::jobs::JobsFocus;
use crate::tui::model::runs::RunsFocus;
use crate::tui::model::setup::SetupFocus;
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
use crate::tui::testing::records::finding;

/// Where a text begins on the screen, at its `nth` appearance.
fn find(bench: &Bench, text: &str, nth: usize) -> (u16, u16) {
    let screen = bench.text();
    let mut all = screen.lines().enumerate().flat_map(|(row, line)| {
        line.match_indices(text)
            .map(move |(at, _)| (line.get(..at).unwrap().chars().count(), row))
    });
    let (column, row) = all.nth(nth).unwrap_or_else(|| panic!("{text}:\n{screen}"));
    (column.try_into().unwrap(), row.try_into().unwrap())
}

fn press(bench: &mut Bench, text: &str) {
    let (column, row) = find(bench, text, 0);
    bench.tell(Msg::Mouse(Mouse::Press { column, row }));
}

fn wheel_down(bench: &mut Bench, (column, row): (u16, u16)) {
    bench.tell(Msg::Mouse(Mouse::ScrollDown { column, row }));
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
#[case(60, 15)]
fn a_press_on_a_data_centre_switches_to_it(#[case] width: u16, #[case] height: u16) {
    let mut bench = Bench::at_work(width, height);

    press(&mut bench, "IN");

    assert_eq!(
        bench.model.shared.active.as_ref().map(ToString::to_string),
        Some("in-prod".to_owned())
    );
}

#[test]
fn the_selector_lies_where_it_is_drawn() {
    for (width, height) in [(120, 40), (80, 24), (60, 15)] {
        let bench = Bench::at_work(width, height);

        for (data_center, area) in layout::selector(width) {
            let (column, row) = find(&bench, data_center.code(), 0);
            let glyph = find(&bench, data_center.code(), 0).0 + 2;
            assert!(area.contains(Position::new(column, row)), "{data_center}");
            assert!(area.contains(Position::new(glyph, row)), "{data_center}");
        }
    }
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
fn a_press_on_a_screens_name_goes_there(#[case] width: u16, #[case] height: u16) {
    let mut bench = Bench::at_work(width, height);

    press(&mut bench, "4");
    assert_eq!(bench.model.place, Place::Usage);

    press(&mut bench, "Jobs");
    assert_eq!(bench.model.place, Place::Jobs);
}

#[test]
fn a_press_on_a_panes_tab_shows_the_pane() {
    let mut bench = Bench::at_work(80, 24);

    press(&mut bench, "Live log");
    assert_eq!(bench.model.pane, Pane::Log);

    press(&mut bench, "Detail");
    assert_eq!(bench.model.pane, Pane::Detail);
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
fn a_press_on_a_field_puts_the_focus_there(#[case] width: u16, #[case] height: u16) {
    let mut bench = Bench::at_work(width, height);

    press(&mut bench, "Record id");

    assert_eq!(bench.model.compose.focus, Input::RecordId);
    assert_eq!(bench.model.pane, Pane::Compose);
}

#[test]
fn a_press_selects_a_row_of_the_log_and_another_one_opens_it() {
    let mut bench = Bench::at_work(80, 24);
    press(&mut bench, "Live log");

    press(&mut bench, "14:01:58");
    assert_eq!(bench.model.log.view.selected, 2);
    assert_eq!(bench.model.pane, Pane::Log);

    press(&mut bench, "14:01:58");
    assert_eq!(bench.model.pane, Pane::Detail);
}

#[test]
fn a_press_on_a_tab_of_the_detail_opens_it() {
    for (tab, text) in [
        (DetailTab::Headers, "Headers"),
        (DetailTab::Job, " Job "),
        (DetailTab::Request, "[Request]"),
    ] {
        let mut bench = Bench::at_work(120, 40);

        press(&mut bench, text);

        assert_eq!(bench.model.detail.tab, tab);
    }
}

#[test]
fn a_press_selects_a_job_and_another_one_opens_it() {
    let (mut bench, _) = Bench::at_jobs(80, 24, crate::tui::testing::jobs::rows());
    let ids: Vec<String> = bench
        .model
        .jobs
        .lines
        .iter()
        .map(|line| crate::tui::model::log::short_id(line.row.id.as_str()))
        .collect();
    let tail: String = ids[1].chars().skip(1).collect();

    press(&mut bench, &tail);
    assert_eq!(bench.model.jobs.view.selected, 1);
    assert_eq!(bench.model.jobs.focus, JobsFocus::List);

    press(&mut bench, &tail);
    assert_eq!(bench.model.jobs.focus, JobsFocus::Data);
}

#[test]
fn the_wheel_scrolls_the_pane_under_it_and_keeps_the_focus() {
    let mut bench = Bench::at_work(120, 40);
    let at = find(&bench, "14:02:11", 0);

    wheel_down(&mut bench, at);

    assert_eq!(bench.model.log.view.selected, 3);
    assert_eq!(bench.model.pane, Pane::Compose);
}

#[test]
fn a_press_selects_in_a_list_and_another_one_chooses() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("Ctrl+O");

    press(&mut bench, "in-prod");
    assert_eq!(bench.model.popups.len(), 1);

    press(&mut bench, "in-prod");
    assert!(bench.model.popups.is_empty());
    assert_eq!(
        bench.model.shared.active.as_ref().map(ToString::to_string),
        Some("in-prod".to_owned())
    );
}

#[test]
fn presses_never_send() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("Ctrl+P").type_text("send the request");

    for _ in 0..3 {
        press(&mut bench, "Send the request");
    }

    assert_eq!(bench.submits(), 0);
    assert_eq!(bench.model.popups.len(), 1);
}

#[test]
fn a_press_takes_a_record_only_once_its_changes_were_shown() {
    let mut bench = finding(80, 24);

    press(&mut bench, "grace@navy.mil");
    assert_eq!(
        bench.model.compose.draft().value(Field::Email),
        "ada@acme.io"
    );
    assert!(bench.text().contains("Acme → Navy"));

    press(&mut bench, "grace@navy.mil");
    assert_eq!(
        bench.model.compose.draft().value(Field::Email),
        "grace@navy.mil"
    );
}

#[test]
fn a_press_in_the_filter_changes_its_row() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("Esc f");

    press(&mut bench, "unknown");

    assert!(bench.text().contains("[x] unknown"), "{}", bench.text());
}

#[test]
fn a_press_selects_an_unknown() {
    let mut bench = crate::tui::testing::unknowns::settling(80, 24);

    let (column, row) = find(&bench, "accepted", 0);
    bench.tell(Msg::Mouse(Mouse::Press { column, row }));

    let Some(Popup::Unknowns(unknowns)) = bench.model.popups.last() else {
        panic!("closed");
    };
    assert_eq!(unknowns.view.selected, 1);
}

#[test]
fn one_key_switches_the_mouse_and_another_program_does_not_keep_it() {
    let mut bench = Bench::at_work(80, 24);

    bench.press("Alt+m");
    assert!(bench.effects.contains(&Effect::Mouse(MouseMode::On)));

    for msg in [Msg::Resumed, Msg::Edited(Err("none".to_owned()))] {
        bench.effects.clear();
        bench.tell(msg);
        assert!(bench.effects.contains(&Effect::Mouse(MouseMode::On)));
    }

    bench.effects.clear();
    bench.press("Alt+m");
    bench.tell(Msg::Resumed);
    assert_eq!(
        bench.effects,
        [Effect::Mouse(MouseMode::Off), Effect::Redraw]
    );
}

#[test]
fn a_configured_mouse_is_on_from_the_start() {
    let mut bench = Bench::empty(80, 24);
    bench.model.shared.has_mouse = true;

    let effects = crate::tui::update::boot(&mut bench.model, &mut bench.env);

    assert_eq!(
        effects,
        [Effect::Ask(Ask::Profiles), Effect::Mouse(MouseMode::On)]
    );
}

#[test]
fn a_press_selects_a_run_and_another_one_opens_its_rows() {
    let mut bench = crate::tui::testing::runs::running(120, 40);
    let list = layout::runs_areas(&bench.model).list.map(layout::inside);
    let (column, row) = list.map(|area| (area.x + 1, area.y + 1)).unwrap();

    bench.tell(Msg::Mouse(Mouse::Press { column, row }));
    assert_eq!(bench.model.runs.view.selected, 1);

    bench.tell(Msg::Mouse(Mouse::Press { column, row }));
    assert_eq!(bench.model.runs.focus, RunsFocus::Rows);
}

#[test]
fn a_press_selects_a_profile_and_another_one_opens_it() {
    let mut bench = crate::tui::testing::setup::set_up(120, 40);
    let list = layout::setup_areas(&bench.model).list.map(layout::inside);
    let (column, row) = list.map(|area| (area.x + 1, area.y + 1)).unwrap();

    bench.tell(Msg::Mouse(Mouse::Press { column, row }));
    assert_eq!(bench.model.setup.view.selected, 1);
    assert_eq!(bench.model.setup.focus, SetupFocus::List);

    bench.tell(Msg::Mouse(Mouse::Press { column, row }));
    assert_eq!(bench.model.setup.focus, SetupFocus::Sheet);
}

#[test]
fn a_press_reaches_a_plans_fields_and_changes_what_is_left_out() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("F2 F2 n");

    press(&mut bench, "Units to leave");
    bench.type_text("7");
    press(&mut bench, "Duplicates");

    let text = bench.text();
    assert!(text.contains("leave  7"), "{text}");
    assert!(text.contains("[x] sent all the same"), "{text}");
}

#[test]
fn neither_the_wheel_nor_an_arrow_signs_in() {
    let mut bench = crate::tui::testing::setup::at_the_code(80, 24);
    bench.type_text("1000.0123456789");

    wheel_down(&mut bench, (40, 12));
    bench.press("Down Tab");

    assert_eq!(bench.effects, []);
    assert!(bench.text().contains("› Grant code"));
    bench.press("Enter");
    assert!(matches!(bench.asks().as_slice(), [Ask::SignIn(_)]));
}
