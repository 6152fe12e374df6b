use rstest::rstest;

use super::*;
use crate::enrichment::FieldRef;
use crate::tui::app::op::Payload;
use crate::tui::testing::records::{finding, page, record};
use crate::tui::testing::{Harness, ada};

fn shown(harness: &Harness) -> &Records {
    harness.app.popup().unwrap()
}

fn wanted(harness: &mut Harness) -> Vec<Wanted> {
    harness
        .ops()
        .into_iter()
        .filter_map(|ask| match ask {
            Op::LoadRecords { wanted, .. } => Some(wanted),
            _ => None,
        })
        .collect()
}

#[test]
fn opening_asks_for_the_modules_records() {
    let mut harness = Harness::at_work(80, 24);

    harness.press("Ctrl+F");

    assert_eq!(
        wanted(&mut harness),
        [Wanted::Page {
            word: None,
            place: RecordPlace::Page(1)
        }]
    );
    assert!(harness.text().contains("asking for the records of Leads"));
}

#[test]
fn the_record_id_of_the_form_is_looked_for_at_once() {
    let mut harness = Harness::at_work(80, 24);
    let mut draft = ada();
    draft.record_id = "42".to_owned();
    harness.fill(&draft);

    harness.press("Ctrl+F");

    assert_eq!(
        wanted(&mut harness),
        [Wanted::Record("42".parse().unwrap())]
    );
}

#[test]
fn typing_asks_nothing_until_enter() {
    let mut harness = finding(80, 24);

    harness.type_text("navy yard");
    assert!(wanted(&mut harness).is_empty());
    assert!(harness.text().contains("Enter searches"));

    harness.press("Enter Enter");
    assert_eq!(
        wanted(&mut harness),
        [Wanted::Page {
            word: Some("navy yard".to_owned()),
            place: RecordPlace::Page(1)
        }]
    );
    assert_eq!(harness.app.popups.len(), 1);
}

#[test]
fn enter_fills_the_form_and_what_it_held_can_be_restored() {
    let mut harness = finding(80, 24);
    let before = harness.draft();

    harness.press("Enter");

    let draft = harness.draft();
    assert!(harness.app.popups.is_empty());
    assert_eq!(draft.record_id, "5725767000001010663");
    assert_eq!(draft.value(Field::Company), "Analytical Engines");
    assert_eq!(draft.value(Field::Twitter), "twitter.com/ada");
    assert_eq!(draft.value(Field::Linkedin), "linkedin.com/in/ada");
    assert!(
        harness
            .toast()
            .contains("filled 2 from the record and overwrote 1"),
        "{}",
        harness.toast()
    );
    assert_eq!(harness.submits(), 0);
    harness.press("Ctrl+P").type_text("restore the form");
    harness.press("Enter");
    assert_eq!(harness.draft(), before);
}

#[test]
fn esc_leaves_the_form_as_it_is() {
    let mut harness = finding(80, 24);
    let before = harness.draft();

    harness.press("Down Esc");

    assert_eq!(harness.draft(), before);
}

#[test]
fn the_preview_tells_filled_overwritten_same_and_untouched_inputs_apart() {
    let harness = finding(120, 40);

    let records = shown(&harness);
    let changes = records.changes(records.list.selected().unwrap());

    let told: Vec<_> = changes.iter().map(|c| (c.label, c.becomes)).collect();
    assert_eq!(
        told,
        [
            ("Record id", Becomes::Filled),
            ("Name", Becomes::Same),
            ("Email", Becomes::Same),
            ("Company", Becomes::Overwritten),
            ("Twitter", Becomes::Filled),
        ]
    );
    let text = harness.text();
    assert!(text.contains("Acme → Analytical Engines"), "{text}");
    assert!(text.contains("as they are: Website, LinkedIn"), "{text}");
}

#[test]
fn only_what_stands_there_and_differs_is_overwritten() {
    let mut harness = Harness::at_work(120, 40);
    let mut form = ada();
    form.set(Field::Email, "ada@old.example");
    form.set(Field::Company, "Analytical Engines ");
    harness.fill(&form);
    harness.press("Ctrl+F");

    harness.reply(Payload::LoadRecords(page()));

    let text = harness.text();
    assert!(text.contains("ada@old.example → ada@acme.io"), "{text}");
    assert_eq!(text.matches("overwrites").count(), 1, "{text}");
}

#[test]
fn the_next_page_is_asked_for_once_and_put_behind() {
    let mut harness = finding(80, 24);

    harness.press("Down Down");
    let asked = wanted(&mut harness);
    harness.reply(Payload::LoadRecords(FoundPage {
        next: None,
        ..page()
    }));
    harness.press("Down");

    assert_eq!(
        asked,
        [Wanted::Page {
            word: None,
            place: RecordPlace::Page(2)
        }]
    );
    assert_eq!(shown(&harness).list.len(), 6);
    assert_eq!(shown(&harness).list.view.selected, 3);
    assert!(wanted(&mut harness).is_empty());
}

#[test]
fn a_late_answer_to_an_earlier_search_is_dropped() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("Ctrl+F");
    harness.type_text("navy").press("Enter");

    harness.reply_late(Payload::LoadRecords(page()));

    assert!(shown(&harness).list.is_empty());
    assert!(shown(&harness).pending.is_open());
}

#[test]
fn an_answer_after_esc_opens_nothing() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("Ctrl+F");

    harness.press("Esc");
    harness.reply(Payload::LoadRecords(page()));

    assert!(harness.app.popups.is_empty());
}

#[test]
fn nothing_found_is_said_in_the_words_of_the_search() {
    for (typed, told) in [
        ("zzz", "Leads has no record that holds zzz"),
        ("999", "Leads has no record 999"),
    ] {
        let mut harness = finding(80, 24);
        harness.type_text(typed).press("Enter");

        harness.reply(Payload::LoadRecords(FoundPage::default()));

        assert!(harness.text().contains(told), "{}", harness.text());
        harness.press("Enter");
        assert_eq!(harness.app.popups.len(), 1);
    }
}

#[test]
fn a_missing_scope_is_explained_and_enter_asks_again() {
    let mut harness = Harness::at_work(120, 40);
    harness.press("Ctrl+F");
    harness.effects.clear();

    let next_step = "sign in again with a grant code that has the scope";
    let failure = Failure::new("OAUTH_SCOPE_MISMATCH", next_step);
    harness.fail("LoadRecords", failure);

    let text = harness.text();
    assert!(
        text.contains("OAUTH_SCOPE_MISMATCH; sign in again"),
        "{text}"
    );
    harness.press("Enter");
    assert_eq!(wanted(&mut harness).len(), 1);
}

#[test]
fn a_form_without_a_module_is_asked_for_one() {
    let mut harness = Harness::at_work(80, 24);
    let form = &mut harness.app.screens.console.compose.form;
    form.set(FieldRef::Module, "");

    harness.press("Ctrl+F");

    assert!(harness.app.popups.is_empty());
    assert!(harness.app.screens.console.compose.is_at_module());
}

#[test]
fn a_full_worker_says_so_in_the_popup() {
    let mut harness = Harness::at_work(80, 24);
    harness.press("Ctrl+F");
    let ask = harness.ops().remove(0);

    harness.fail("LoadRecords", ask.full());

    assert!(harness.text().contains("nothing was asked, try again"));
}

#[rstest]
#[case(120, 40)]
#[case(80, 24)]
#[case(60, 15)]
fn the_records(#[case] width: u16, #[case] height: u16) {
    let harness = finding(width, height);

    let name = format!("records_{width}x{height}");
    harness.is_as_before(&name);
}

#[test]
fn hostile_text_of_a_record_never_reaches_a_cell() {
    let mut harness = Harness::at_work(120, 40);
    harness.press("Ctrl+F");
    let evil = "\u{1b}[2J\u{202e}evil";

    harness.reply(Payload::LoadRecords(FoundPage {
        records: vec![record(evil, &[(Field::Name, evil)])],
        next: None,
    }));

    let text = harness.text();
    assert!(text.contains("evil"));
    assert!(
        text.lines()
            .flat_map(str::chars)
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
}
