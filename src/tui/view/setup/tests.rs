use rstest::rstest;

use crate::tui::testing::setup::set_up;

#[rstest]
#[case(120, 40, "")]
#[case(80, 24, "")]
#[case(80, 24, "Tab")]
#[case(60, 15, "")]
fn the_set_up(#[case] width: u16, #[case] height: u16, #[case] keys: &str) {
    let mut bench = set_up(width, height);
    bench.press(keys);

    let name = format!("setup_{width}x{height}{keys}");
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, bench.picture());
    });
}

#[rstest]
#[case(60, 15)]
#[case(80, 24)]
#[case(120, 40)]
#[case(300, 80)]
fn the_environment_of_a_profile_is_told_whole(#[case] width: u16, #[case] height: u16) {
    let bench = set_up(width, height);

    let text = bench.text();
    let used = text.lines().find(|line| line.contains("in use")).unwrap();
    assert!(used.contains("production"), "{text}");
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(1, 1), (60, 15), (61, 16), (99, 60), (100, 23), (300, 100)] {
        for keys in ["", "Tab G", "i", "o"] {
            let mut bench = set_up(width, height);
            bench.press(keys);

            bench.text();
        }
    }
}

#[test]
fn hostile_text_of_the_server_never_reaches_a_cell() {
    let mut bench = set_up(120, 40);
    let mut overview = crate::tui::testing::setup::overview();
    overview.reached.org_name = Some("\u{1b}[2J\u{202e}evil".to_owned());
    let ticket = bench.model.setup.ticket;
    bench.tell(crate::tui::msg::Msg::Setup(
        crate::tui::msg::SetupMsg::Sheet {
            ticket,
            result: Ok(Box::new(overview)),
        },
    ));

    let text = bench.text();

    assert!(
        text.lines()
            .flat_map(str::chars)
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
    assert!(text.contains("evil"));
}
