mod mouse;

use rstest::rstest;

use super::*;
use crate::base::Outcome;
use crate::ledger::LogPage;
use crate::theme::{ColorDepth, SelectedRow, Themes};
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::Notice;
use crate::tui::app::op::Payload;
use crate::tui::data::profile::Profiles;
use crate::tui::testing::{Harness, picture, rows, theme, usage};
use crate::tui::ui::viewport::Turn;
use std::time::Duration;

#[rstest]
#[case(60, 15)]
#[case(80, 24)]
#[case(120, 40)]
fn the_header_and_the_tabs(#[case] width: u16, #[case] height: u16) {
    Harness::at_work(width, height).top_is_as_before(&format!("top_{width}x{height}"));
}

#[test]
fn the_console_at_the_comfortable_size() {
    let mut harness = Harness::at_work(120, 40);
    harness.press("F3 Down");
    harness.answer_all(1_012);

    harness.is_as_before("console_120x40");
}

#[test]
fn the_console_at_80x24() {
    Harness::at_work(80, 24).is_as_before("compose_80x24");
}

#[test]
fn the_log_at_80x24() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("F3");

    harness.is_as_before("log_80x24");
}

#[test]
fn the_smallest_console() {
    Harness::at_work(60, 15).is_as_before("compose_60x15");
}

#[test]
fn the_first_start() {
    let harness = Harness::with_profiles(80, 24, Profiles::default());

    harness.is_as_before("welcome_80x24");
}

#[test]
fn the_set_up_guide_at_the_code() {
    let harness = crate::tui::testing::setup::at_the_code(80, 24);

    harness.is_as_before("guide_80x24");
}

#[test]
fn the_question_at_the_limit() {
    let mut harness = Harness::at_work(80, 24);
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadUsage(usage(1_500)));
    harness.press("F5");

    harness.is_as_before("limit_80x24");
}

#[test]
fn below_the_smallest_size_there_is_a_polite_sentence() {
    let text = Harness::at_work(59, 14).text();

    assert!(
        text.contains("ziadeck needs 60x15 cells; there are 59x14."),
        "{text}"
    );
}

#[rstest]
#[case(1, 1)]
#[case(2, 2)]
#[case(1, 50)]
#[case(60, 15)]
#[case(61, 16)]
#[case(100, 22)]
#[case(99, 60)]
#[case(500, 200)]
fn every_size_can_be_drawn(#[case] width: u16, #[case] height: u16) {
    for keys in ["", "F3", "F3 F3", "F1", "Ctrl+P", "F3 f", "F8", "F3 /"] {
        let mut harness = Harness::at_work(width, height);
        harness.press(keys);

        harness.text();
    }
}

#[rstest]
#[case(60)]
#[case(80)]
#[case(120)]
fn the_selector_and_the_counter_never_leave_the_screen(#[case] width: u16) {
    for keys in ["", "F3", "F3 F3"] {
        let mut harness = Harness::at_work(width, 24);
        harness.press(keys);
        let text = harness.text();
        let header = text.lines().next().unwrap().replace(' ', "");

        for word in ["US●", "IN◐", "AU○", "CA○", "SA○", "1,012/1,500"] {
            assert!(header.contains(word), "{word} at {width}: {header}");
        }
    }
}

#[test]
fn a_simulated_profile_says_so_at_every_width() {
    for width in [60, 80, 120] {
        let mut harness = Harness::at_work(width, 24);
        for profile in harness.app.shared.profiles.iter_mut().flatten() {
            profile.server = crate::tui::data::profile::Server::Simulated;
        }

        let text = harness.text();

        assert!(text.lines().next().unwrap().contains("simulated"), "{text}");
    }
}

#[test]
fn the_selected_row_is_seen_without_colours() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("F3");
    let (buffer, _) = harness.buffer(&theme("mono", ColorDepth::Mono));

    let selected = picture(&buffer);

    assert!(selected.contains("▌14:02:11"));
    assert!(selected.contains("REVERSED"), "{selected}");
    assert!(!selected.contains("Rgb"));
}

#[test]
fn what_a_search_found_is_marked() {
    let mut harness = Harness::at_work(120, 40);
    harness.press("F3 /").type_text("grace").press("Enter");

    let picture = harness.picture();

    assert!(picture.contains("UNDERLINED"), "{picture}");
}

#[test]
fn the_cursor_stands_in_the_field_with_the_focus() {
    let mut harness = Harness::at_work(80, 24);
    let (buffer, cursor) = harness.buffer(&Theme::default());
    let cursor = cursor.unwrap();

    let row: String = (0..80).map(|x| buffer[(x, cursor.y)].symbol()).collect();
    assert!(row.contains("Ada Lovelace"), "{row}");
    harness.press("F3");
    assert_eq!(harness.buffer(&Theme::default()).1, None);
}

#[test]
fn hostile_text_never_reaches_a_cell() {
    let hostile = "\u{1b}[2J\u{1b}]52;c;AAAA\u{7}\u{202e}evil\u{200b}\r\n";
    let mut harness = Harness::at_work(120, 40);
    let mut all = rows();
    for row in &mut all {
        row.code = Some(hostile.to_owned());
        row.message = Some(hostile.to_owned());
        row.inputs = Some(serde_json::json!({ "email": hostile }).to_string());
        row.operator = hostile.to_owned();
        row.job_id = None;
    }
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadLog(LogPage {
        rows: all.clone(),
        more: false,
        total: None,
    }));
    let mut full = crate::tui::testing::attempt(all.remove(0));
    full.detail.response_body = Some(hostile.to_owned());
    full.detail.response_headers = vec![(hostile.to_owned(), hostile.to_owned())];
    full.detail.row.note = Some(hostile.to_owned());
    full.request.head.url = hostile.to_owned();
    for profile in harness.app.shared.profiles.iter_mut().flatten() {
        profile.organisation = Some(hostile.to_owned());
    }
    harness.tell(Msg::Notice(Notice::error(hostile)));
    harness.press("F3 F3");
    for _ in 0..4 {
        harness.app.screens.console.detail.attempt = Some(full.clone());
        harness.press("l");
        let (buffer, _) = harness.buffer(&Theme::default());
        for cell in &buffer.content {
            for c in cell.symbol().chars() {
                assert!(
                    !c.is_control() && c != '\u{202e}' && c != '\u{200b}',
                    "{c:?}"
                );
            }
        }
    }
}

#[test]
fn what_nobody_asked_the_server_is_shown_as_not_known() {
    let mut harness = Harness::at_work(120, 40);
    for profile in harness.app.shared.profiles.iter_mut().flatten() {
        profile.organisation = None;
    }
    let mut figures = usage(1_012);
    figures.usage.at = None;
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadUsage(figures));

    let text = harness.text();

    assert!(text.contains("us-prod · organisation not known"), "{text}");
    assert!(text.contains("? %"), "{text}");
    assert!(text.contains("  ? left"), "{text}");
}

#[test]
fn every_outcome_is_a_word_and_not_only_a_colour() {
    let mut harness = Harness::at_work(120, 40);
    let mut all = Vec::new();
    for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
        let mut row = rows().remove(0);
        row.id = crate::base::AttemptId(3_000 - i64::try_from(index).unwrap());
        row.outcome = outcome;
        all.push(row);
    }
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadLog(LogPage {
        rows: all,
        more: false,
        total: None,
    }));

    let text = harness.text();

    for outcome in Outcome::ALL {
        let word = outcome.as_str().split(' ').next().unwrap();
        assert!(text.contains(word), "{word}");
    }
    assert!(text.contains("accepted · "));
}

fn is_hurrying(harness: &Harness) -> bool {
    harness.app.screens.console.detail.rests_at.is_some()
}

/// How many cells of the screen a key changes.
fn changed(harness: &mut Harness, theme: &Theme, key: &str) -> usize {
    let before = harness.buffer(theme).0;
    harness.env.uptime += Duration::from_millis(33);
    harness.key(key);
    let after = harness.buffer(theme).0;
    let cells = before.content.iter().zip(&after.content);
    cells.filter(|(before, after)| before != after).count()
}

#[test]
fn over_a_far_line_a_held_key_moves_the_mark_alone_and_the_ground_follows_at_rest() {
    let theme = theme("default-dark", ColorDepth::TrueColor);
    let mut harness = Harness::at_work(120, 40);
    harness.app.shared.settings.turn = Turn::QuarterPage;
    harness.press("F3 Down");
    harness.answer_all(1_012);
    harness.env.uptime += Duration::from_millis(33);
    harness.key("Down");
    assert!(is_hurrying(&harness));

    assert_eq!(changed(&mut harness, &theme, "Down"), 2);

    let hurrying = harness.buffer(&theme).0;
    harness.env.uptime += Duration::from_secs(1);
    harness.tell(Msg::Tick);
    assert_ne!(harness.buffer(&theme).0, hurrying);
    assert!(!is_hurrying(&harness));
}

#[test]
fn a_selection_without_a_ground_moves_its_mark_alone_also_in_the_other_lists() {
    let bare = Themes {
        selected: SelectedRow::Bare,
        ..Themes::default()
    };
    let theme = bare.load("default-dark", ColorDepth::TrueColor).unwrap().0;
    let mut harness = Harness::at_work(120, 40);
    harness.press("Ctrl+O");

    // The sign, in two rows.
    assert_eq!(changed(&mut harness, &theme, "Down"), 2);
}
