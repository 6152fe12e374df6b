use std::time::Duration;

use rstest::rstest;

use crate::tui::testing::Bench;
use crate::tui::testing::jobs::rows;

fn with_data(width: u16, height: u16, keys: &str) -> Bench {
    let (mut bench, mut asked) = Bench::at_jobs(width, height, rows());
    bench.press(keys);
    bench.answer_jobs(&rows(), &mut asked);
    bench.pass(Duration::from_secs(5), &rows(), &mut asked);
    bench
}

#[rstest]
#[case("jobs_120x40", 120, 40, "j")]
#[case("jobs_80x24", 80, 24, "j")]
#[case("jobs_data_80x24", 80, 24, "j Enter")]
#[case("jobs_60x15", 60, 15, "j")]
fn the_screen(#[case] name: &str, #[case] width: u16, #[case] height: u16, #[case] keys: &str) {
    let bench = with_data(width, height, keys);

    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, bench.picture());
    });
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(1, 1), (60, 15), (99, 60), (100, 23), (500, 200)] {
        for keys in ["j", "Enter", "f", "/", "y", "?"] {
            with_data(width, height, keys).text();
        }
    }
}
