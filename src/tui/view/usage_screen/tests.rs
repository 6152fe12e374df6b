use rstest::rstest;

use crate::tui::testing::usage::{at_usage, sheet};

#[rstest]
#[case("usage_120x40", 120, 40, 1_012)]
#[case("usage_80x24", 80, 24, 1_430)]
#[case("usage_60x15", 60, 15, 1_012)]
fn the_screen(#[case] name: &str, #[case] width: u16, #[case] height: u16, #[case] used: u64) {
    let bench = at_usage(width, height, sheet(used));

    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, bench.picture());
    });
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(1, 1), (60, 15), (99, 60), (100, 23), (500, 200)] {
        for keys in ["d", "G", "?"] {
            let mut bench = at_usage(width, height, sheet(1_012));
            bench.press(keys);
            bench.text();
        }
    }
}
