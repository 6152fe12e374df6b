use rstest::rstest;

use crate::tui::testing::unknowns::settling;

#[rstest]
#[case(120, 40, "")]
#[case(80, 24, "")]
#[case(60, 15, "Tab")]
#[case(80, 24, "a")]
fn the_unknowns(#[case] width: u16, #[case] height: u16, #[case] keys: &str) {
    let mut bench = settling(width, height);
    bench.press(keys);

    let name = format!("unknowns_{width}x{height}{keys}");
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, bench.picture());
    });
}

#[test]
fn hostile_text_of_the_server_never_reaches_a_cell() {
    let mut bench = settling(120, 40);
    let mut list = crate::tui::testing::unknowns::unknowns();
    list[0].suspects[0].created_by = Some("\u{1b}[2J\u{202e}evil".to_owned());
    list[0].attempt.note = Some("\u{1b}]52;c;AAAA\u{7}".to_owned());
    let msg = crate::tui::testing::unknowns::answer(&bench, list);
    bench.tell(msg);

    let text = bench.text();

    assert!(
        text.lines()
            .flat_map(str::chars)
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
    assert!(text.contains("evil"));
}

#[test]
fn nothing_unknown_is_said_in_words() {
    let mut bench = settling(80, 24);
    let msg = crate::tui::testing::unknowns::answer(&bench, Vec::new());
    bench.tell(msg);

    assert!(bench.text().contains("every unit is accounted for"));
}
