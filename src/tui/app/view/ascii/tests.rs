use proptest::prelude::*;
use ratatui::layout::Rect;
use ratatui::style::Style;
use rstest::rstest;

use super::*;
use crate::tui::data::charset::Charset;
use crate::tui::testing::records::finding;
use crate::tui::testing::{Harness, text};

fn plain(harness: &mut Harness) -> String {
    harness.app.shared.settings.charset = Charset::Ascii;
    harness.text()
}

fn line(from: &str) -> String {
    let width = u16::try_from(from.chars().count() * 2).unwrap();
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
    buffer.set_string(0, 0, from, Style::default());
    apply(&mut buffer);
    text(&buffer).trim_end().to_owned()
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
fn the_console_in_ascii(#[case] width: u16, #[case] height: u16) {
    let mut harness = Harness::at_work(width, height);
    harness.app.shared.settings.charset = Charset::Ascii;

    let name = format!("ascii_{width}x{height}");
    harness.is_as_before(&name);
}

#[test]
fn every_screen_and_popup_is_ascii_throughout() {
    for keys in [
        "", "F2", "F2 F2", "Ctrl+P", "Ctrl+O", "F1", "Esc f", "F8", "Alt+u",
    ] {
        let mut harness = Harness::at_work(120, 40);
        harness.press(keys);

        let screen = plain(&mut harness);

        let strange = screen.chars().find(|c| !c.is_ascii());
        assert_eq!(strange, None, "{keys}\n{screen}");
    }
}

#[test]
fn states_stay_apart_and_borders_stay_borders() {
    let mut harness = Harness::at_work(120, 40);

    let screen = plain(&mut harness);

    assert!(screen.contains("US *  IN ~  AU o"), "{screen}");
    assert!(
        screen.contains("+ Compose - us-prod - production ---"),
        "{screen}"
    );
    assert!(screen.contains(">1 Console"), "{screen}");
    assert!(screen.contains("1,012-> 1,013"), "{screen}");
    assert!(screen.contains(" ..3019012"), "{screen}");
}

#[test]
fn a_name_from_outside_becomes_question_marks_in_its_columns() {
    let mut harness = finding(80, 24);

    let screen = plain(&mut harness);

    assert!(screen.contains(" Lin ?  "), "{screen}");
}

#[rstest]
#[case("a long nam… 88 ms", "a long n... 88 ms")]
#[case("ok    …301", "ok  ...301")]
#[case("ok …301", "ok .301")]
#[case("x…   y", "x... y")]
#[case("1 → 2", "1-> 2")]
#[case("a→b", "a>b")]
#[case("│ab…", "|ab...")]
#[case("██▌░", "##=-")]
#[case("▌Ada", ">Ada")]
#[case("ok  …301", "ok ..301")]
#[case("▁▂▄▇█░", "_-=##-")]
#[case("é漢", "??")]
fn a_glyph_gets_a_likeness(#[case] from: &str, #[case] to: &str) {
    assert_eq!(line(from), to);
}

proptest! {
    #[test]
    fn whatever_is_on_the_screen_becomes_ascii(from in "[a-z …→≠é漢─█⠊👩]{1,30}") {
        prop_assert!(line(&from).is_ascii());
    }
}
