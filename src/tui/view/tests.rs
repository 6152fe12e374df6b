use rstest::rstest;

use super::*;
use crate::base::Outcome;
use crate::theme::{ColorDepth, SelectedRow, Themes};
use crate::tui::data::attempt::LogPage;
use crate::tui::msg::Msg;
use crate::tui::testing::{Bench, picture, rows, theme, usage};
use crate::tui::ui::viewport::Turn;
use std::time::Duration;

macro_rules! snapshot {
    ($name:literal, $bench:expr) => {
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $bench.picture());
        });
    };
}

#[test]
fn the_console_at_the_comfortable_size() {
    let mut bench = Bench::at_work(120, 40);
    bench.press("F3 Down");
    bench.answer_all(1_012);

    snapshot!("console_120x40", bench);
}

#[test]
fn the_console_at_80x24() {
    snapshot!("compose_80x24", Bench::at_work(80, 24));
}

#[test]
fn the_log_at_80x24() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("F3");

    snapshot!("log_80x24", bench);
}

#[test]
fn the_smallest_console() {
    snapshot!("compose_60x15", Bench::at_work(60, 15));
}

#[test]
fn the_first_start() {
    let mut bench = Bench::empty(80, 24);
    bench.tell(Msg::Profiles(Ok(Default::default())));

    snapshot!("welcome_80x24", bench);
}

#[test]
fn the_set_up_guide_at_the_code() {
    let bench = crate::tui::testing::setup::at_the_code(80, 24);

    snapshot!("guide_80x24", bench);
}

#[test]
fn the_question_at_the_limit() {
    let mut bench = Bench::at_work(80, 24);
    bench.tell(Msg::Usage {
        profile: "us-prod".parse().unwrap(),
        kind: crate::base::EnrichmentKind::People,
        result: Ok(Box::new(usage(1_500))),
    });
    bench.press("F5");

    snapshot!("limit_80x24", bench);
}

#[test]
fn below_the_smallest_size_there_is_a_polite_sentence() {
    let text = Bench::at_work(59, 14).text();

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
        let mut bench = Bench::at_work(width, height);
        bench.press(keys);

        bench.text();
    }
}

#[rstest]
#[case(60)]
#[case(80)]
#[case(120)]
fn the_selector_and_the_counter_never_leave_the_screen(#[case] width: u16) {
    for keys in ["", "F3", "F3 F3"] {
        let mut bench = Bench::at_work(width, 24);
        bench.press(keys);
        let text = bench.text();
        let header = text.lines().next().unwrap().replace(' ', "");

        for word in ["US●", "IN◐", "AU○", "CA○", "SA○", "1,012/1,500"] {
            assert!(header.contains(word), "{word} at {width}: {header}");
        }
    }
}

#[test]
fn a_simulated_profile_says_so_at_every_width() {
    for width in [60, 80, 120] {
        let mut bench = Bench::at_work(width, 24);
        for profile in bench.model.shared.profiles.iter_mut().flatten() {
            profile.server = crate::tui::data::profile::Server::Simulated;
        }

        let text = bench.text();

        assert!(text.lines().next().unwrap().contains("simulated"), "{text}");
    }
}

#[test]
fn the_selected_row_is_seen_without_colours() {
    let mut bench = Bench::at_work(80, 24);
    bench.press("F3");
    let (buffer, _) = bench.buffer(&theme("mono", ColorDepth::Mono));

    let selected = picture(&buffer);

    assert!(selected.contains("▌14:02:11"));
    assert!(selected.contains("REVERSED"), "{selected}");
    assert!(!selected.contains("Rgb"));
}

#[test]
fn what_a_search_found_is_marked() {
    let mut bench = Bench::at_work(120, 40);
    bench.press("F3 /").type_text("grace").press("Enter");

    let picture = bench.picture();

    assert!(picture.contains("UNDERLINED"), "{picture}");
}

#[test]
fn the_cursor_stands_in_the_field_with_the_focus() {
    let mut bench = Bench::at_work(80, 24);
    let (buffer, cursor) = bench.buffer(&Theme::default());
    let cursor = cursor.unwrap();

    let row: String = (0..80).map(|x| buffer[(x, cursor.y)].symbol()).collect();
    assert!(row.contains("Ada Lovelace"), "{row}");
    bench.press("F3");
    assert_eq!(bench.buffer(&Theme::default()).1, None);
}

#[test]
fn hostile_text_never_reaches_a_cell() {
    let hostile = "\u{1b}[2J\u{1b}]52;c;AAAA\u{7}\u{202e}evil\u{200b}\r\n";
    let mut bench = Bench::at_work(120, 40);
    let mut all = rows();
    for row in &mut all {
        row.code = Some(hostile.to_owned());
        row.message = Some(hostile.to_owned());
        row.inputs = vec![("email".to_owned(), hostile.to_owned())];
        row.operator = hostile.to_owned();
        row.job_id = None;
    }
    bench.tell(Msg::LedgerChanged);
    let ticket = bench.model.log.ticket;
    bench.tell(Msg::Log {
        ticket,
        result: Ok(LogPage {
            rows: all.clone(),
            has_more: false,
            total: None,
        }),
    });
    let mut full = crate::tui::testing::attempt(all.remove(0));
    full.response_body = Some(hostile.to_owned());
    full.response_headers = vec![(hostile.to_owned(), hostile.to_owned())];
    full.note = Some(hostile.to_owned());
    full.head.url = hostile.to_owned();
    for profile in bench.model.shared.profiles.iter_mut().flatten() {
        profile.organisation = Some(hostile.to_owned());
    }
    bench.tell(Msg::Notice {
        level: Level::Error,
        text: hostile.to_owned(),
    });
    bench.press("F3 F3");
    for _ in 0..4 {
        bench.model.detail.attempt = Some(Box::new(full.clone()));
        bench.press("l");
        let (buffer, _) = bench.buffer(&Theme::default());
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
    let mut bench = Bench::at_work(120, 40);
    for profile in bench.model.shared.profiles.iter_mut().flatten() {
        profile.organisation = None;
    }
    bench.model.shared.usage.as_mut().unwrap().usage.at = None;

    let text = bench.text();

    assert!(text.contains("us-prod · organisation not known"), "{text}");
    assert!(text.contains("? %"), "{text}");
    assert!(text.contains("  ? left"), "{text}");
}

#[test]
fn every_outcome_is_a_word_and_not_only_a_colour() {
    let mut bench = Bench::at_work(120, 40);
    let mut all = Vec::new();
    for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
        let mut row = rows().remove(0);
        row.id = crate::base::AttemptId(3_000 - i64::try_from(index).unwrap());
        row.outcome = outcome;
        all.push(row);
    }
    bench.tell(Msg::LedgerChanged);
    let ticket = bench.model.log.ticket;
    bench.tell(Msg::Log {
        ticket,
        result: Ok(LogPage {
            rows: all,
            has_more: false,
            total: None,
        }),
    });

    let text = bench.text();

    for outcome in Outcome::ALL {
        let word = outcome.as_str().split(' ').next().unwrap();
        assert!(text.contains(word), "{word}");
    }
    assert!(text.contains("accepted · "));
}

/// How many cells of the screen a key changes.
fn changed(bench: &mut Bench, theme: &Theme, key: &str) -> usize {
    let before = bench.buffer(theme).0;
    bench.env.uptime += Duration::from_millis(33);
    bench.key(key);
    let after = bench.buffer(theme).0;
    let cells = before.content.iter().zip(&after.content);
    cells.filter(|(before, after)| before != after).count()
}

#[test]
fn over_a_far_line_a_held_key_moves_the_mark_alone_and_the_ground_follows_at_rest() {
    let theme = theme("default-dark", ColorDepth::TrueColor);
    let mut bench = Bench::at_work(120, 40);
    bench.model.shared.settings.turn = Turn::QuarterPage;
    bench.press("F3 Down");
    bench.answer_all(1_012);
    bench.env.uptime += Duration::from_millis(33);
    bench.key("Down");
    assert!(bench.model.is_hurrying());

    assert_eq!(changed(&mut bench, &theme, "Down"), 2);

    let hurrying = bench.buffer(&theme).0;
    bench.env.uptime += Duration::from_secs(1);
    bench.tell(Msg::Tick);
    assert_ne!(bench.buffer(&theme).0, hurrying);
    assert!(!bench.model.is_hurrying());
}

#[test]
fn a_selection_without_a_ground_moves_its_mark_alone_also_in_the_other_lists() {
    let bare = Themes {
        selected: SelectedRow::Bare,
        ..Themes::default()
    };
    let theme = bare.load("default-dark", ColorDepth::TrueColor).unwrap().0;
    let mut bench = Bench::at_work(120, 40);
    bench.press("Ctrl+O");

    // The sign and the blank behind it, in two rows.
    assert_eq!(changed(&mut bench, &theme, "Down"), 4);
}
