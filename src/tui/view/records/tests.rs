use rstest::rstest;

use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
use crate::tui::testing::records::{finding, record, ticket};

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
#[case(60, 15)]
fn the_records(#[case] width: u16, #[case] height: u16) {
    let bench = finding(width, height);

    let name = format!("records_{width}x{height}");
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, bench.picture());
    });
}

#[test]
fn hostile_text_of_a_record_never_reaches_a_cell() {
    let mut bench = Bench::at_work(120, 40);
    bench.press("Ctrl+F");
    let ticket = ticket(&bench);
    let evil = "\u{1b}[2J\u{202e}evil";

    bench.tell(Msg::Records {
        ticket,
        result: Ok(crate::ops::prefill::FoundPage {
            records: vec![record(evil, &[(crate::enrichment::Field::Name, evil)])],
            next: None,
        }),
    });

    let text = bench.text();
    assert!(text.contains("evil"));
    assert!(
        text.lines()
            .flat_map(str::chars)
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
}
